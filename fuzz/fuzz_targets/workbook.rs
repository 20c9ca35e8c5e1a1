//! A workbook, as both kinds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::{ReadOptions, Source};
use rating_history::ofsted::Mapping;

fuzz_target!(|data: &[u8]| {
    let options = ReadOptions::lenient().most_bytes(1 << 24);
    for name in ["fuzz.xlsx", "fuzz.ods"] {
        let _ = Mapping::ilacs_history().read(Source::new(name, data), &[], &options);
    }
});
