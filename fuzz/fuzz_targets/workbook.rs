//! A workbook, as both kinds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::ReadOptions;
use rating_history::ofsted::Mapping;

fuzz_target!(|data: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let options = ReadOptions { most_bytes: 1 << 24, ..ReadOptions::lenient() };
    for name in ["fuzz.xlsx", "fuzz.ods"] {
        let file = folder.path().join(name);
        std::fs::write(&file, data).unwrap();
        let _ = Mapping::ilacs_history().read_workbook(&file, None, &[], &options);
    }
});
