//! Damaged files of every layout: each ends with ratings or one error, and every row is kept, left out or blank.
//!
//! `DAMAGED_FILES=20000 cargo test --test it -- damaged` tries so many files a layout instead of a few, with
//! `DAMAGED_LAYOUT=xlsx` of this layout only.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use rating_history::io::{Mapping, Meaning, ReadOptions, Source};
use rating_history::polars::prelude::*;
use rating_history::{dataset, ofsted};

use crate::damage::{Chance, damaged};
use crate::layouts::{BARKING, BLACKPOOL, OUTCOMES, SMALL};

/// Reads a file, and says what is wrong with the answer; an error of the file is an answer.
type Reader = Box<dyn Fn(&[u8], &ReadOptions) -> Result<(), String>>;

/// Any ratings: the rows kept are those of the output, but for those that say that a body has no rating yet.
fn any(mapping: Mapping, file: &'static str) -> Reader {
    let only_rated = !mapping.words.values().any(|meaning| *meaning == Meaning::NotRated);
    Box::new(move |bytes, options| {
        let read = match mapping.read_by_scale(Source::new(file, bytes), options) {
            Ok(read) => read,
            Err(error) => return told(&error),
        };
        let mut lines = BTreeSet::new();
        for ratings in &read.value {
            let frame = ratings.lazy().collect().map_err(|error| error.to_string())?;
            let own = frame.column("inspection").and_then(|column| column.cast(&DataType::String)).unwrap();
            lines.extend(own.str().unwrap().iter().flatten().map(str::to_owned));
        }
        let kept = read.report.kept();
        match lines.len() == kept || !only_rated && lines.len() < kept {
            true => Ok(()),
            false => Err(format!("{} rows in the output, {}", lines.len(), read.report)),
        }
    })
}

/// Ofsted's inspections: the rows kept are those of the history.
fn inspections(layout: &str, file: &'static str) -> Reader {
    let json = dataset::mapping(layout).unwrap().replace("\"ILACS_inspection_history\"", "null");
    let mapping: ofsted::Mapping = serde_json::from_str(&json).unwrap();
    let england = ofsted::england().unwrap();
    Box::new(move |bytes, options| match mapping.read(Source::new(file, bytes), england.authorities(), options) {
        Ok(read) if read.report.kept() == read.value.inspections().len() => Ok(()),
        Ok(read) => Err(format!("{} inspections, {}", read.value.inspections().len(), read.report)),
        Err(error) => told(&error),
    })
}

/// The crate's own columns: what is read is collected.
fn frame(ending: &'static str) -> Reader {
    let folder = tempfile::tempdir().unwrap();
    Box::new(move |bytes, options| {
        let file = folder.path().join("input").with_extension(ending);
        std::fs::write(&file, bytes).unwrap();
        match ofsted::scan_ratings(&file, options) {
            Ok(read) => read.value.lazy().collect().map(drop).or(Ok(())),
            Err(error) => told(&error),
        }
    })
}

fn told(error: &rating_history::Error) -> Result<(), String> {
    match error.to_string() {
        said if said.is_empty() => Err("an error without a word".to_owned()),
        _ => Ok(()),
    }
}

/// Every layout: its name, a sound file, and how it is read.
fn layouts() -> Vec<(String, Vec<u8>, Reader)> {
    let file =
        |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)).unwrap();
    let known = |name: &str| serde_json::from_str::<Mapping>(dataset::mapping(name).unwrap()).unwrap();
    let own = b"id,day,rating\nElm,31/01/2020,good\nOak,2020-02-01,poor\nElm,Feb 2021,poor\nTotal,,2\n";
    let columns = Mapping::new("id").date("day").rating("rating").scale(["poor", "good"]);
    let mut all = vec![
        ("columns".to_owned(), own.to_vec(), any(columns, "list.csv")),
        ("ilacs-history".to_owned(), file("ilacs_history.csv"), inspections("ilacs-history", "list.csv")),
        (
            "ofsted-la-outcomes".to_owned(),
            format!("{OUTCOMES}{BARKING}{BLACKPOOL}").into_bytes(),
            inspections("ofsted-la-outcomes", "list.csv"),
        ),
        ("own CSV".to_owned(), file("polars.csv"), frame("csv")),
        ("own Parquet".to_owned(), file("polars-enum.parquet"), frame("parquet")),
        ("own Arrow".to_owned(), file("polars.arrow"), frame("arrow")),
    ];
    if cfg!(feature = "excel") {
        all.push(("xlsx".to_owned(), file("inspections.xlsx"), inspections("ilacs-history", "book.xlsx")));
        all.push(("ods".to_owned(), file("inspections.ods"), inspections("ilacs-history", "book.ods")));
    }
    let small = SMALL.iter().map(|(name, text, ..)| ((*name).to_owned(), text.as_bytes().to_vec()));
    all.extend(small.map(|(name, text)| (name.clone(), text, any(known(&name), "list.csv"))));
    all
}

#[test]
fn damaged_files_end_with_ratings_or_an_error() {
    const PATIENCE: Duration = Duration::from_secs(30);
    let runs = std::env::var("DAMAGED_FILES").map_or(60, |runs| runs.parse().unwrap());
    let mut wrong = Vec::new();
    let only = std::env::var("DAMAGED_LAYOUT").ok();
    for (name, seed, reader) in layouts().into_iter().filter(|(name, ..)| only.as_ref().is_none_or(|only| only == name))
    {
        assert_eq!(reader(&seed, &ReadOptions::lenient()), Ok(()), "{name}");
        let (mut chance, begin) = (Chance(runs), Instant::now());
        for run in 0..runs {
            let data = damaged(&seed, &mut chance);
            let options = if run % 2 == 0 { ReadOptions::lenient() } else { ReadOptions::default() };
            let start = Instant::now();
            let end = catch_unwind(AssertUnwindSafe(|| reader(&data, &options)));
            let end = end.unwrap_or_else(|_| Err("a panic".to_owned()));
            let end = end.and((start.elapsed() < PATIENCE).then_some(()).ok_or("too slow".to_owned()));
            if let Err(why) = end {
                wrong.push(format!("{name}, run {run}: {why}\n{:?}", String::from_utf8_lossy(&data)));
            }
        }
        println!("{name}: {runs} files in {:.0?}, {} wrong so far", begin.elapsed(), wrong.len());
    }
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(10)].join("\n\n"));
}
