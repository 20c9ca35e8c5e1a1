//! Remakes the embedded set of England from a folder of its tables, or says whether it is that of a folder.

#[path = "common/say.rs"]
mod say;

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use flate2::Compression;
use flate2::write::GzEncoder;
use rating_history::io::ReadOptions;
use rating_history::ofsted::{Tables, read_folder, read_indicators};
use rating_history::{Error, dataset, io};
use sha2::{Digest, Sha256};

/// Remakes the embedded set of England from a folder of its tables.
#[derive(Parser)]
#[command(name = "embed", after_help = "Example: cargo run --example embed -- --check FOLDER")]
struct Arguments {
    /// Folder with authorities.csv, neighbours.csv, inspections.csv, judgements.csv, events.csv and
    /// pending_inspections.csv, and what reports and letters say beside grades: visits.csv, improvements.csv,
    /// improvement_topics.csv, self_assessments.csv and coded_inspections.csv; with indicator_list.csv and indicators.csv, if those
    /// are to be remade too
    folder: PathBuf,
    /// Writes nothing; says of each file whether the folder's facts are those embedded, and fails when one differs
    #[arg(long)]
    check: bool,
}

const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dataset/england");
const MANIFEST: &str = "SHA256SUMS";

fn main() -> ExitCode {
    let mut is_same = true;
    let code = say::run(|Arguments { folder, check }| {
        is_same = if check { compare(&folder)? } else { remake(&folder).map(|()| true)? };
        Ok(())
    });
    if is_same { code } else { ExitCode::FAILURE }
}

fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn owned((name, text): (&str, &str)) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

/// The files of the set as a folder's facts make them.
fn made_from(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let tables = Tables::from_history(&read_folder(folder, &ReadOptions::default())?.value);
    let (pending, _) = dataset::ENGLAND_PENDING;
    let path = folder.join(pending);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    let mut files: Vec<(String, String)> =
        tables.files().into_iter().chain(tables.reports.files()).map(owned).collect();
    files.push((pending.to_owned(), text));
    Ok(files)
}

const INDICATORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dataset/indicators");
const INDICATOR_FILES: [&str; 2] = ["indicator_list.csv", "indicators.csv"];

/// The list and the values of the indicators of a folder, if it has them.
fn indicators_of(folder: &Path) -> Result<Option<[String; 2]>, Error> {
    if !INDICATOR_FILES.iter().all(|name| folder.join(name).exists()) {
        return Ok(None);
    }
    let options = ReadOptions::default();
    let history = read_folder(folder, &options)?.value;
    let (list, values) = read_indicators(&history, folder, &options)?.value.to_tidy("gss_code");
    Ok(Some([list, values]))
}

const OTHERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dataset/others");

/// The file of another inspectorate's set, if the folder has it in `other`.
fn other_of(folder: &Path, file: &str) -> Result<Option<String>, Error> {
    let path = folder.join("other").join(file);
    if !path.exists() {
        return Ok(None);
    }
    std::fs::read_to_string(&path).map(Some).map_err(|source| Error::Io { path, source })
}

fn remake_others(folder: &Path) -> Result<(), Error> {
    for set in dataset::OTHERS {
        let Some(text) = other_of(folder, set.file)? else { continue };
        let path = Path::new(OTHERS).join(format!("{}.gz", set.file));
        let packed = packed(&text).map_err(|source| Error::Io { path: path.clone(), source })?;
        io::write_atomic(&path, &packed)?;
        say::say(format_args!("written {}", set.file))?;
    }
    Ok(())
}

fn packed(text: &str) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes())?;
    packer.finish()
}

fn compare(folder: &Path) -> Result<bool, Error> {
    let listed = |name: &str, sum: &str| dataset::ENGLAND_CHECKSUMS.lines().any(|l| l == format!("{sum}  {name}"));
    let of_indicators = |name: &str, sum: &str| dataset::INDICATOR_CHECKSUMS.contains(&format!("{sum}  {name}\n"));
    let mut all = true;
    let mut told = |name: &str, same: bool| {
        all &= same;
        say::say(format_args!(
            "{name}: {}",
            if same { "the same facts as embedded" } else { "differs from what is embedded" }
        ))
    };
    for (name, text) in made_from(folder)? {
        told(&name, listed(&name, &checksum(&text)))?;
    }
    for (name, text) in INDICATOR_FILES.iter().zip(indicators_of(folder)?.iter().flatten()) {
        told(name, of_indicators(name, &checksum(text)))?;
    }
    for set in dataset::OTHERS {
        if let Some(text) = other_of(folder, set.file)? {
            told(set.file, text == set.text()?)?;
        }
    }
    if !all {
        say::note(format_args!(
            "error: the embedded set is not that of {}; remake it without --check",
            folder.display()
        ));
    }
    Ok(all)
}

fn remake(folder: &Path) -> Result<(), Error> {
    let target = Path::new(TARGET);
    let mut files = made_from(folder)?;
    for (name, text) in &files {
        io::write_atomic(&target.join(name), text.as_bytes())?;
        say::say(format_args!("written {name}"))?;
    }
    let made: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let kept = [dataset::ENGLAND_TILES, dataset::ENGLAND_TILE_HEADINGS].into_iter().chain(dataset::ENGLAND_REPORTS);
    // Of a table that the folder does not hold, what is embedded stays.
    files.extend(kept.filter(|(name, _)| !made.iter().any(|m| m == name)).map(owned));
    files.sort();
    let sums: String = files.iter().map(|(name, text)| format!("{}  {name}\n", checksum(text))).collect();
    io::write_atomic(&target.join(MANIFEST), sums.as_bytes())?;
    remake_indicators(folder)?;
    remake_others(folder)
}

/// The values are packed: unpacked they are five times as large.
fn remake_indicators(folder: &Path) -> Result<(), Error> {
    let Some([list, values]) = indicators_of(folder)? else { return Ok(()) };
    let target = Path::new(INDICATORS);
    let path = target.join("indicators.csv.gz");
    let packed = packed(&values).map_err(|source| Error::Io { path: path.clone(), source })?;
    io::write_atomic(&path, &packed)?;
    io::write_atomic(&target.join("indicator_list.csv"), list.as_bytes())?;
    let sums: String = INDICATOR_FILES
        .iter()
        .zip([&list, &values])
        .map(|(name, text)| format!("{}  {name}\n", checksum(text)))
        .collect();
    io::write_atomic(&target.join(MANIFEST), sums.as_bytes())?;
    INDICATOR_FILES.iter().try_for_each(|name| say::say(format_args!("written {name}")))
}
