//! A Parquet file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::scan_ratings;

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fuzz.parquet");
    std::fs::write(&file, data).unwrap();
    let _ = scan_ratings(&file, None);
});
