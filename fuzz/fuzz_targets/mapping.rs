//! A file in any layout that is known: the first byte says which. The rows that are kept are in the output.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use rating_history::dataset;
use rating_history::io::{Mapping, Meaning, ReadOptions, Source};

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let (_, _, json) = dataset::MAPPINGS[usize::from(*first) % dataset::MAPPINGS.len()];
    let Ok(mapping) = serde_json::from_str::<Mapping>(json) else { return };
    let Ok(read) = mapping.read_by_scale(Source::new("fuzz", text), &ReadOptions::lenient()) else { return };
    let mut lines = BTreeSet::new();
    for ratings in &read.value {
        let frame = ratings.lazy().collect().unwrap();
        let column = frame.column("inspection").unwrap();
        lines.extend((0..frame.height()).map(|row| column.get(row).unwrap().str_value().into_owned()));
    }
    // A body that is not rated yet is in the register alone.
    match mapping.words.values().any(|meaning| *meaning == Meaning::NotRated) {
        true => assert!(lines.len() <= read.report.kept()),
        false => assert_eq!(lines.len(), read.report.kept()),
    }
});
