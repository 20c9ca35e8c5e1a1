//! A history as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::{ReadOptions, Source};
use rating_history::ofsted::read_json;

fuzz_target!(|data: &[u8]| {
    let _ = read_json(Source::new("fuzz", data), &ReadOptions::default());
});
