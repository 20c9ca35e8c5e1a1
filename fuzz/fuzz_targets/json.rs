//! A history as JSON.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use rating_history::io::ReadOptions;
use rating_history::ofsted::read_json;

fuzz_target!(|data: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(data).unwrap();
    let _ = read_json(file.path(), &ReadOptions::default());
});
