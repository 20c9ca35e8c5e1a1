use rating_history::dataset;
use rating_history::io::ReadOptions;
use rating_history::ofsted::{self, RatingHistory, Tables, read_folder, write_folder};
use sha2::{Digest, Sha256};

#[test]
fn the_embedded_tables_are_what_the_writer_makes_of_them() {
    let tables = ofsted::england_tables();
    assert_eq!(Tables::from_history(&tables.read(&ReadOptions::default()).unwrap().value), tables);
}

#[test]
fn the_manifest_names_every_file_of_the_set_with_its_checksum() {
    let files = dataset::ENGLAND.into_iter().chain(dataset::ENGLAND_REPORTS).chain([
        dataset::ENGLAND_PENDING,
        dataset::ENGLAND_TILES,
        dataset::ENGLAND_TILE_HEADINGS,
    ]);
    let mut lines: Vec<String> = files.map(|(name, text)| format!("{}  {name}", checksum(text))).collect();
    lines.sort_by(|a, b| a[66..].cmp(&b[66..]));
    let manifest: Vec<&str> = dataset::ENGLAND_CHECKSUMS.lines().collect();
    assert_eq!(manifest, lines);
}

fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a folder holds the facts that are embedded: by the command, on a copy of the set and on one that is changed.
#[cfg(feature = "png")]
#[test]
fn a_folder_is_checked_against_the_embedded_set() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(&ofsted::england().unwrap(), folder.path()).unwrap();
    let pending = folder.path().join("pending_inspections.csv");
    std::fs::write(&pending, dataset::ENGLAND_PENDING.1).unwrap();
    let check = || crate::example("embed", &["--check", folder.path().to_str().unwrap()]);
    let same = check();
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stderr));
    let events = folder.path().join("events.csv");
    let text = std::fs::read_to_string(&events).unwrap();
    std::fs::write(&events, text.replacen("2020-02-01", "2020-02-02", 1)).unwrap();
    let changed = check();
    assert_eq!(changed.status.code(), Some(1));
    let said = String::from_utf8(changed.stdout).unwrap();
    assert!(said.contains("events.csv: differs") && said.contains("inspections.csv: the same"), "{said}");
}

#[test]
fn a_folder_and_json_hold_the_same_history() {
    let england = ofsted::england().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_folder(&england, folder.path()).unwrap();
    assert_eq!(read_folder(folder.path(), &ReadOptions::default()).unwrap().value, england);
    let json = serde_json::to_string(&england).unwrap();
    assert_eq!(serde_json::from_str::<RatingHistory>(&json).unwrap(), england);
}

#[test]
fn the_frame_gives_every_inspection_back() {
    let england = ofsted::england().unwrap();
    let inspections = RatingHistory::inspections_in(&england.ratings().unwrap()).unwrap();
    let again = england.clone().into_builder().without_inspections().inspections(inspections).build().unwrap();
    assert_eq!(again, england);
}
