use std::path::Path;

use rating_history::io::{Tables, read_folder, write_folder};
use rating_history::{RatingHistory, Ratings, dataset};

#[test]
fn the_embedded_tables_are_what_the_writer_makes_of_them() {
    let tables = dataset::england_tables();
    assert_eq!(Tables::from_history(&tables.parse().unwrap()), tables);
}

#[test]
fn the_embedded_tables_are_current_where_their_source_is_at_hand() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !source.join("inspections.csv").exists() {
        return;
    }
    let remade = Tables::from_history(&read_folder(source).unwrap());
    for ((file, remade), (_, embedded)) in remade.files().into_iter().zip(dataset::england_tables().files()) {
        assert!(remade == embedded, "{file} is not current: cargo run --example embed -- FOLDER");
    }
}

#[test]
fn a_folder_and_json_hold_the_same_history() {
    let england = dataset::england().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_folder(&england, folder.path()).unwrap();
    assert_eq!(read_folder(folder.path()).unwrap(), england);
    let json = serde_json::to_string(&england).unwrap();
    assert_eq!(serde_json::from_str::<RatingHistory>(&json).unwrap(), england);
}

#[test]
fn the_frame_gives_every_inspection_back() {
    let england = dataset::england().unwrap();
    let inspections = Ratings::from_history(&england).unwrap().inspections().unwrap();
    let again = england.clone().into_builder().without_inspections().inspections(inspections).build().unwrap();
    assert_eq!(again, england);
}
