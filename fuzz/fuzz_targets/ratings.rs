//! Any rated history in a CSV file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::Scale;
use rating_history::io::{RatingColumns, ReadOptions, Source};

fuzz_target!(|data: &[u8]| {
    let columns = RatingColumns::new("ID", "Date", "Rating").withdrawn(["NR"]);
    let scale = Scale::new(["D", "B", "A"]).unwrap();
    if let Ok(read) = columns.read(Source::new("fuzz", data), &scale, &ReadOptions::lenient()) {
        assert_eq!(read.report.kept(), read.value.lazy().collect().unwrap().height());
    }
});
