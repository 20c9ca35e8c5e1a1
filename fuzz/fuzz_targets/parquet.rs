//! A Parquet file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::{ReadOptions, read_frame};

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fuzz.parquet");
    std::fs::write(&file, data).unwrap();
    let _ = read_frame(&file, None, &ReadOptions::default());
});
