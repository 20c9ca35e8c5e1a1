//! A file in the scrapers' layout.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::{ReadOptions, Source};
use rating_history::ofsted::Mapping;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let england = rating_history::ofsted::england().unwrap();
    let options = ReadOptions::lenient();
    if let Ok(read) = Mapping::ilacs_history().read(Source::new("fuzz", text.as_bytes()), england.authorities(), &options) {
        assert_eq!(read.report.kept(), read.value.inspections().len());
    }
});
