//! Any rated history in a CSV file.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use rating_history::Scale;
use rating_history::io::{RatingColumns, ReadOptions, read_ratings};

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(data).unwrap();
    let columns = RatingColumns { id: "ID".into(), date: "Date".into(), rating: "Rating".into() };
    let scale = Scale::new(["D", "B", "A"]).unwrap();
    if let Ok(read) = read_ratings(file.path(), &columns, &scale, &["NR".into()], &ReadOptions::lenient()) {
        assert_eq!(read.report.kept(), read.value.lazy().collect().unwrap().height());
    }
});
