//! The five tables, cut at NUL bytes: what is kept and what is left out is everything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rating_history::io::ReadOptions;
use rating_history::ofsted::Tables;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.split('\0').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let tables = Tables {
        authorities: next(),
        neighbours: next(),
        inspections: next(),
        judgements: next(),
        events: next(),
        ..Tables::default()
    };
    if let Ok(read) = tables.read(&ReadOptions::lenient()) {
        let history = &read.value;
        let judgements: usize = history.inspections().iter().map(|i| i.judgements.len()).sum();
        let neighbours: usize = history.all_neighbours().map(|(_, list)| list.len()).sum();
        let records = history.authorities().len() + history.inspections().len() + history.events().len();
        assert_eq!(read.report.kept(), records + judgements + neighbours);
        assert_eq!(Tables::from_history(history).read(&ReadOptions::default()).unwrap().value.inspections(), history.inspections());
    }
});
