//! Files of others in, and the same facts out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rating_history::chrono::NaiveDate;
use rating_history::io::{Loaded, RatingColumns, ReadOptions, Source, write_atomic};
use rating_history::ofsted::{self, Area, Change, Grade, Precedence, RatingHistory};
use rating_history::ofsted::{Mapping, Tables, read_json, write_folder, write_json};
use rating_history::{Error, Severity};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

fn mapping() -> Mapping {
    serde_json::from_str(
        r#"{"authority": "Council", "start": "From", "end": "To", "published": "Published",
            "grades": {"overall_effectiveness": "Overall", "leadership": "Leaders", "help_and_protection": "Help",
                       "in_care": "Care", "care_leavers": "Leavers"},
            "dates": ["%d/%m/%Y", "%Y-%m-%d", "excel"], "words": {"RI": "requires_improvement", "n/a": null}}"#,
    )
    .unwrap()
}

const HEADER: &str = "Council,From,To,Published,Overall,Leaders,Help,Care,Leavers\n";

fn wide(rows: &str) -> Result<Loaded<RatingHistory>, Error> {
    let england = ofsted::england().unwrap();
    let options = ReadOptions::lenient().today(Some(day("2026-08-20")));
    let text = format!("{HEADER}{rows}");
    mapping().read(Source::new("list.csv", text.as_bytes()), england.authorities(), &options)
}

/// Rows of the scrapers' history (JT-39/ofsted-ilacs-scrape-tool, August 2026, MIT; facts from Ofsted's reports, Open
/// Government Licence v3.0; all rows of 16 authorities, inspectors' names replaced) that are known to be wrong, by authority and
/// year: what differs, and what cannot be read. By year of inspection, and of publication. Its other two differ in the kind only, which is read as it should be.
const WRONG: [(&str, &str); 6] = [
    ("derbyshire", "2019"),
    ("devon", "2024"),
    ("oxfordshire", "2018"),
    ("rochdale", "2018"),
    ("south-tyneside", "2022"),
    ("st-helens", "2023"),
];
const UNREAD: [(&str, &str); 5] = [
    ("brighton and hove", "24"),
    ("nottingham", "19"), // the inspection of 2018
    ("nottingham", "22"),
    ("redcar and cleveland", "22"),
    ("southend-on-sea", "19"),
];

#[test]
fn the_scraped_history_agrees_but_for_what_is_known_to_be_wrong() {
    let path = file("ilacs_history.csv");
    let england = ofsted::england().unwrap();
    let read = Mapping::ilacs_history().read(&path, england.authorities(), &ReadOptions::lenient()).unwrap();
    assert_eq!((read.report.rows, read.report.kept(), read.value.inspections().len()), (50, 27, 27));
    let differs = england.differences(&read.value).into_iter().filter(|d| {
        d.change != Change::Removed && !d.inspection.is_empty() && !["source", "also"].contains(&d.what.as_str())
    });
    let differs: BTreeSet<String> = differs.map(|d| d.inspection).collect();
    let differs: Vec<&str> = differs.iter().map(String::as_str).collect();
    assert_eq!(differs.len(), WRONG.len(), "{differs:?}");
    for (id, (name, year)) in differs.iter().zip(WRONG) {
        assert!(id.starts_with(&format!("{name}-{year}")), "{id}");
    }
    // Every row that was left out is named; those of ILACS are the known ones.
    let left_out: BTreeSet<u64> = read.report.problems.errors().map(|p| p.line.unwrap()).collect();
    assert_eq!(left_out.len(), read.report.left_out);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let mut unread = BTreeSet::new();
    for row in rows.records().map(Result::unwrap) {
        let graded = (9..14).any(|n| row[n].parse::<rating_history::ofsted::Grade>().is_ok());
        if left_out.contains(&row.position().unwrap().line()) && graded {
            unread.insert((row[1].to_owned(), row[4][6..].to_owned()));
        }
    }
    assert_eq!(unread, UNREAD.map(|(name, year)| (name.to_owned(), year.to_owned())).into());
    assert!(!serde_json::to_string(&read.value).unwrap().contains("Inspector"));
}

#[test]
fn every_rule_has_its_sentence() {
    let sound = "Slough,21/01/2019,01/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n";
    let cases = [
        (
            "Slogh,,01/02/2019,,RI,RI,RI,RI,n/a\n",
            "Council `Slogh`: expected the name or code of a known authority (did you mean `Slough`?)",
        ),
        (
            "Bristol,,01/02/2019,,RI,Gud,RI,RI,n/a\n",
            "Leaders `Gud`: expected one of inadequate, requires_improvement, good, outstanding",
        ),
        (
            "Slough,,2019-13-01,,RI,RI,RI,RI,n/a\n",
            "To `2019-13-01`: expected a date as 31/12/2019 or 2019-12-31 or a spreadsheet's number, or nothing",
        ),
        ("Slough,,,,RI,RI,RI,RI,n/a\n", "To ``: expected an end of fieldwork or a publication date"),
        (
            "Slough,02/02/2019,01/02/2019,,RI,RI,RI,RI,n/a\n",
            "To `01/02/2019`: expected a day not before the start, 2019-02-02",
        ),
        (
            "Slough,21/01/2019,01/02/2019,03/01/2019,RI,RI,RI,RI,n/a\n",
            "Published `03/01/2019`: expected a day not before the start, 2019-01-21",
        ),
        ("Slough,,01/02/1999,,RI,RI,RI,RI,n/a\n", "To `01/02/1999`: expected a day from 2000 on"),
        ("Slough,,01/02/2027,,RI,RI,RI,RI,RI\n", "To `01/02/2027`: expected a day not after today, 2026-08-20"),
        ("Slough,,01/02/2024,,RI,RI,RI,RI,\n", "Leavers ``: expected a grade of care leavers"),
        ("Dorset,,01/10/2018,,RI,RI,RI,RI,n/a\n", "a day in the life of Dorset"),
        (
            "Slough,21/01/2019,01/02/2019,04/03/2019,Good,RI,RI,RI,n/a\n",
            "as slough-2019-02-01-ilacs has it for the same day",
        ),
        ("Slough,,01/06/2018,,RI,RI,RI,RI,n/a\n", "To `01/06/2018`: expected a framework; two were in force"),
        (
            "Slough,,01/02/2012,,RI,RI,RI,RI,n/a\n",
            "To `01/02/2012`: expected a framework; two were in force before November 2013",
        ),
        ("Slough,21/01/2019\n", "row `Slough,21/01/2019`: expected 9 cells, as in the header"),
    ];
    for (row, sentence) in cases {
        let read = wide(&format!("{sound}{row}")).unwrap();
        let said: Vec<String> = read.report.problems.errors().map(ToString::to_string).collect();
        assert!(
            said.len() == 1 && said[0].starts_with("list.csv:3: ") && said[0].contains(sentence),
            "{row}: {said:?}"
        );
        assert_eq!((read.report.rows, read.report.left_out, read.value.inspections().len()), (2, 1, 1), "{row}");
    }
    let warnings = [
        (
            "Slough,21/01/2019,01/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n",
            "another inspection than slough-2019-02-01-ilacs, which says the same",
        ),
        (
            "Slough,30/01/2019,08/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n",
            "a day after slough-2019-02-01-ilacs had ended, 2019-02-01",
        ),
        (
            "Slough,21/01/2023,03/02/2023,27/01/2023,RI,RI,RI,RI,RI\n",
            "published `2023-01-27`: expected a day not before the end, 2023-02-03",
        ),
        ("Slough,21/01/2023,03/02/2023,17/03/2023,RI,RI,RI,RI,n/a\n", "judgements of care_leavers too, as ILACS gives"),
        ("Total: 1,,,,,,,,\n", "a record; this row of totals or notes is passed over"),
    ];
    for (row, sentence) in warnings {
        let read = wide(&format!("{sound}{row}")).unwrap();
        let said: Vec<String> = read.report.problems.0.iter().map(ToString::to_string).collect();
        assert!(said.len() == 1 && said[0].contains(sentence), "{row}: {said:?}");
        assert_eq!(read.report.problems.0[0].severity, Severity::Warning);
        assert_eq!(read.report.kept(), read.value.inspections().len());
    }
}

#[test]
fn habits_of_spreadsheets() {
    let england = ofsted::england().unwrap();
    let plain = wide("Slough,21/01/2019,01/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n").unwrap().value;
    let text = "Council;From;To;Published;Overall;Leaders;Help;Care;Leavers;;\r\n\r\n\
                \"Slough\r\n\";21/01/2019;43497;\"04/03/2019\";RI;ri;\"Requires improvement\";RI;n/a;;\r\n;;;;;;;;;;\r\n";
    let folder = tempfile::tempdir().unwrap();
    let utf_16 = |text: &str| {
        [0xfeff_u16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let files = [
        ("plain.csv", text.as_bytes().to_vec()),
        ("mark.csv", format!("\u{feff}{text}").into_bytes()),
        ("tabs.txt", text.replace(';', "\t").into_bytes()),
        ("utf-16.txt", utf_16(&text.replace(';', "\t"))),
    ];
    let mut mapping = mapping();
    mapping.words.insert("ri".to_owned(), Some("requires_improvement".to_owned()));
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let read = mapping.read(&path, england.authorities(), &ReadOptions::default()).unwrap();
        assert_eq!(read.value, plain, "{name}");
        assert_eq!((read.report.rows, read.report.left_out), (1, 0), "{name}");
    }
    // Windows-1252: a name that is no UTF-8.
    let tables = Tables::from_history(&england);
    let named = Tables { authorities: tables.authorities.replace("Durham", "Durh\u{e2}m"), ..tables };
    for (name, text) in named.files() {
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        std::fs::write(folder.path().join(name), latin).unwrap();
    }
    let read = rating_history::ofsted::read_folder(folder.path(), &ReadOptions::default()).unwrap().value;
    assert_eq!(read.find("E06000047").unwrap().name, "Durh\u{e2}m");
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_guarded_and_come_back() {
    let england = ofsted::england().unwrap();
    let mut inspections = england.inspections().to_vec();
    for (n, source) in ["=HYPERLINK(\"http://x\")", "+1", "-1", "@sum", "'=1", "'plain'"].iter().enumerate() {
        inspections[n].source = (*source).to_owned();
    }
    let history = england.into_builder().without_inspections().inspections(inspections).build().unwrap();
    let tables = Tables::from_history(&history);
    let mut rows = csv::Reader::from_reader(tables.inspections.as_bytes());
    for row in rows.records().map(Result::unwrap) {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    assert_eq!(tables.read(&ReadOptions::default()).unwrap().value, history);
}

#[test]
fn json_says_its_version_and_where_it_is_wrong() {
    let england = ofsted::england().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("england.json");
    write_json(&england, &path).unwrap();
    assert_eq!(read_json(&path, &ReadOptions::default()).unwrap().value, england);
    let text = std::fs::read_to_string(&path).unwrap();
    let says = |text: &str| {
        std::fs::write(&path, text).unwrap();
        read_json(&path, &ReadOptions::default()).unwrap_err().to_string()
    };
    assert!(says(&text.replacen("\"version\": 1", "\"version\": 2", 1)).contains("version `2`: expected 1; a later"));
    assert!(says(&text.replacen("\"ILACS\"", "\"ILAX\"", 1)).contains("unknown variant `ILAX`"));
    assert!(says(&text[..text.len() / 2]).contains("EOF"));
    let bad = text.replacen("\"gss_code\"", "\"x\"", 1).replacen("E06000039", "E06999999", 2);
    assert!(says(&bad).contains("the code of a known authority"), "{}", says(&bad));
    assert!(says(&"[".repeat(100_000)).contains("recursion limit") || says("[[").contains("expected"));
}

#[test]
fn a_merged_update_can_be_trusted() {
    let england = ofsted::england().unwrap();
    let (last, rest) = england.inspections().split_last().unwrap();
    let rebuilt = |inspections: Vec<rating_history::ofsted::Inspection>| {
        england.clone().into_builder().without_inspections().inspections(inspections).build().unwrap()
    };
    let base = rebuilt(rest.to_vec());
    // The update has the missing inspection, one correction, and one gap more.
    let mut changed = rest[..3].to_vec();
    changed[0].source = "https://example.org/corrected".to_owned();
    changed[1].source = String::new();
    changed.push(last.clone());
    let update = rebuilt(changed);
    let corrected = base.merge(&update, Precedence::Update).unwrap();
    let said = base.differences(&corrected);
    let said: Vec<(Change, &str)> = said.iter().map(|d| (d.change, d.what.as_str())).collect();
    assert_eq!(said, [(Change::Changed, "source"), (Change::Added, "inspection")]);
    let kept = base.merge(&update, Precedence::Base).unwrap();
    assert_eq!(kept, england);
    for history in [&corrected, &kept] {
        assert_eq!(&history.merge(&update, Precedence::Base).unwrap(), history, "twice is once");
    }
    assert_eq!(corrected.merge(&update, Precedence::Update).unwrap(), corrected);
    assert_eq!(england.merge(&england, Precedence::Update).unwrap(), england);
    assert_eq!(england.differences(&england), []);
    // Another id for the same inspection is the same inspection.
    let mut renamed = england.inspections().to_vec();
    let id = std::mem::replace(&mut renamed[7].id, "another-id".to_owned());
    let renamed = rebuilt(renamed);
    assert_eq!(england.differences(&renamed), []);
    assert_eq!(england.merge(&renamed, Precedence::Update).unwrap(), england);
    assert!(england.inspections().iter().any(|i| i.id == id));
    // The same inspection of another authority is a difference.
    let mut moved = england.inspections().to_vec();
    let slough = moved.iter_mut().find(|i| i.id == "slough-2019-02-01-ilacs").unwrap();
    slough.authority = england.find("Luton").unwrap().code.clone();
    let said: Vec<String> = england.differences(&rebuilt(moved)).iter().map(ToString::to_string).collect();
    assert_eq!(said, ["slough-2019-02-01-ilacs: gss_code changed: E06000039 -> E06000032"]);
}

#[test]
fn a_number_must_agree_with_the_name() {
    let england = ofsted::england().unwrap();
    let mapping = Mapping::default().urn("urn").end("end").grade(Area::OverallEffectiveness, "overall");
    let read = |urn: &str, name: &str| {
        let text = format!("urn,authority,end,overall\n{urn},{name},2024-02-01,good\n");
        mapping.read(Source::new("list.csv", text.as_bytes()), england.authorities(), &ReadOptions::default())
    };
    for (urn, name) in [("80553", "Slough"), ("80553", "Council of S."), ("", "Slough"), ("80553", "E06000039")] {
        let error = read(urn, name).err();
        assert!(error.is_none(), "{urn} {name}: {error:?}");
    }
    let error = read("80520", "Slough").unwrap_err().to_string();
    assert!(error.contains("urn `80520`: expected the number of Slough; this one is of "), "{error}");
}

#[test]
fn what_is_there_survives_what_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.txt");
    write_atomic(&path, b"old").unwrap();
    // A folder where a file should be, and a file where a folder should be.
    assert!(write_atomic(&path.join("child.txt"), b"new").is_err());
    assert!(write_atomic(folder.path(), b"new").is_err());
    assert!(write_folder(&ofsted::england().unwrap(), &path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn too_large_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    // A file of 1 GB that takes no space.
    std::fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let options = ReadOptions::default().most_bytes(1 << 20);
    let error = read_json(&path, &options).unwrap_err().to_string();
    assert!(error.contains("larger than 1048576 bytes"), "{error}");
    let columns = RatingColumns::new("a", "b", "c");
    let scale = Grade::scale();
    assert!(columns.read(&path, &scale, &options).is_err());
}

/// Every row is kept or left out with an error that names it, and what is kept is there.
fn accounts(read: &Loaded<RatingHistory>) {
    let history = &read.value;
    let judgements: usize = history.inspections().iter().map(|i| i.judgements.len()).sum();
    let neighbours: usize = history.all_neighbours().map(|(_, list)| list.len()).sum();
    let records =
        history.authorities().len() + history.inspections().len() + judgements + neighbours + history.events().len();
    let counts =
        (history.authorities().len(), history.inspections().len(), judgements, neighbours, history.events().len());
    assert_eq!(read.report.kept(), records, "{counts:?} {}", read.report);
    let named: BTreeSet<(&str, u64)> =
        read.report.problems.errors().map(|p| (p.file.as_deref().unwrap(), p.line.unwrap())).collect();
    assert_eq!(named.len(), read.report.left_out);
}

/// Some inspections of England as tables, with their authorities.
fn some(count: usize) -> Tables {
    let england = ofsted::england().unwrap();
    let inspections = england.inspections()[..count].to_vec();
    Tables::from_history(&england.into_builder().without_inspections().inspections(inspections).build().unwrap())
}

proptest! {
    #![proptest_config(crate::random_cases(64))]

    #[test]
    fn nothing_is_lost_in_silence(edits in prop::collection::vec((0usize..5, any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let tables = some(40);
        let mut texts = tables.files().map(|(_, text)| text.as_bytes().to_vec());
        for (file, place, byte) in edits {
            let text = &mut texts[file];
            if !text.is_empty() {
                let place = place.index(text.len());
                text[place] = byte;
            }
        }
        let [authorities, neighbours, inspections, judgements, events] =
            texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let tables = Tables { authorities, neighbours, inspections, judgements, events, ..Tables::default() };
        match tables.read(&ReadOptions::lenient()) {
            Ok(read) => accounts(&read),
            Err(Error::Invalid(problems)) => prop_assert!(problems.errors().next().is_some()),
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn wide_files_of_anything_do_not_panic(rows in "[a-zA-Z0-9,;\"\n\r\t=/ .'-]{0,300}") {
        if let Ok(read) = wide(&rows) {
            prop_assert!(read.report.kept() == read.value.inspections().len());
        }
        let _ = mapping().read(Source::new("any", rows.as_bytes()), &[], &ReadOptions::lenient());
    }
}

#[cfg(feature = "parquet")]
mod frames {
    use rating_history::io::{
        FrameFormat, Loaded, ReadOptions, read_frame, scan_ratings, write_ratings, write_ratings_folder,
    };
    use rating_history::polars::prelude::*;
    use rating_history::{Ratings, Scale};

    use super::*;

    #[test]
    fn files_of_other_tools_read_back_right() {
        let names = [
            "polars-enum.parquet",
            "polars-categorical.parquet",
            "polars.arrow",
            "polars.csv",
            "pandas.parquet",
            "pandas.feather",
            "duckdb.parquet",
            "duckdb.csv",
            "arrow-cpp.parquet",
            "pandas-null-category.feather",
            "pandas-zoned.parquet",
            "pandas-zoned.feather",
            "odd-columns.parquet",
            "odd-columns.feather",
        ];
        for name in names {
            let ratings = ofsted::scan_ratings(file(name), &ReadOptions::default());
            let ratings = ratings.unwrap_or_else(|e| panic!("{name}: {e}")).value;
            let rows = ratings.lazy().collect().unwrap();
            assert_eq!(rows.height(), 4, "{name}");
            let spells = ratings.clone().as_of(day("2026-06-01")).spells().rows().unwrap();
            let told: Vec<(&str, &str, String)> =
                spells.iter().map(|s| (s.authority.as_str(), s.grade.as_str(), s.start.to_string())).collect();
            let expected = [
                ("E06000039", "inadequate", "2011-05-31"),
                ("E06000039", "requires_improvement", "2019-02-01"),
                ("E08000025", "good", "2023-03-03"),
            ];
            assert_eq!(told, expected.map(|(a, g, s)| (a, g, s.to_owned())), "{name}");
            let position: Vec<Option<u32>> = rows.column("position").unwrap().u32().unwrap().iter().collect();
            assert_eq!(position, [Some(0), Some(0), Some(0), None], "{name}");
        }
    }

    /// What polars cannot read is not called damaged without a doubt.
    #[test]
    fn compressed_views_are_refused_with_advice() {
        let scale = Scale::new(["A", "B"]).unwrap();
        let read = scan_ratings(file("string-view.feather"), Some(&scale), &ReadOptions::default());
        let error = read.unwrap_err().to_string();
        let advice = "string_view, not all of which can be read; write them as plain texts, or without compression";
        assert!(error.contains("string-view.feather: ") && error.ends_with(advice), "{error}");
    }

    /// pandas keeps whole numbers with gaps as floats, forgets the order of words and the type of empty columns, and adds a
    /// column of its own.
    #[test]
    fn own_files_that_pandas_wrote_again_say_the_same() {
        let told = |ratings: &Ratings| {
            let columns = ["authority", "theme", "effect", "grade", "position", "inspection"];
            // As text, since words may stand in another order.
            let rows = ratings.lazy().select(columns.map(|name| col(name).cast(DataType::String)));
            rows.sort(columns, SortMultipleOptions::default()).collect().unwrap()
        };
        let ours = ofsted::england().unwrap().ratings().unwrap();
        let (expected, all) = (told(&ours), ours.lazy().collect().unwrap());
        let (gaps, height) = (all.column("position").unwrap().null_count(), all.height());
        assert!(gaps > 0 && gaps < height);
        let words = all.columns().iter().filter(|c| matches!(c.dtype(), DataType::Enum(..)));
        let words: Vec<Expr> = words.map(|c| col(c.name().clone()).cast(DataType::String)).collect();
        let numbers = |names: &[&str]| names.iter().map(|name| col(*name).cast(DataType::Float64)).collect::<Vec<_>>();
        let folder = tempfile::tempdir().unwrap();
        for floats in [&["position"][..], &["position", "body", "series"]] {
            let again = all.clone().lazy().with_columns([words.clone(), numbers(floats)].concat());
            let again = again.with_column(lit(NULL).alias("closed"));
            // The column of its own comes first.
            let again = again.select([col("effect").is_null().alias(""), col("*")]);
            let mut again = again.reverse().collect().unwrap();
            for ending in ["parquet", "arrow", "csv"] {
                let path = folder.path().join("again").with_extension(ending);
                let file = std::fs::File::create(&path).unwrap();
                match ending {
                    "parquet" => _ = ParquetWriter::new(file).finish(&mut again).unwrap(),
                    "arrow" => IpcWriter::new(file).finish(&mut again).unwrap(),
                    _ => CsvWriter::new(file).finish(&mut again).unwrap(),
                }
                let read =
                    ofsted::scan_ratings(&path, &ReadOptions::default()).unwrap_or_else(|e| panic!("{ending}: {e}"));
                assert_eq!((read.report.rows, read.report.left_out), (height, 0), "{ending}");
                for (found, expected) in told(&read.value).columns().iter().zip(expected.columns()) {
                    let odd = (0..height).find(|n| found.get(*n).unwrap() != expected.get(*n).unwrap());
                    let odd = odd.map(|n| (found.name(), found.get(n).unwrap(), expected.get(n).unwrap()));
                    assert_eq!(odd, None, "{ending}: {floats:?}");
                }
            }
        }
    }

    const ROWS: &str = "authority,effect,grade,published\nElm,2015-01-31,good,2015-03-01\nElm,2018-02-01,outstanding,\n\
                        Oak,2016-03-05,inadequate,\n";

    fn lenient(path: &std::path::Path) -> Loaded<Ratings> {
        scan_ratings(path, Some(&rating_history::ofsted::Grade::scale()), &ReadOptions::lenient()).unwrap()
    }

    fn rows(ratings: &Ratings) -> Vec<String> {
        let frame = ratings.lazy().collect().unwrap();
        let cell = |name: &str, row: usize| frame.column(name).unwrap().get(row).unwrap().str_value().into_owned();
        (0..frame.height()).map(|n| ["authority", "effect", "grade"].map(|c| cell(c, n)).join(" ")).collect()
    }

    const SOUND: [&str; 3] = ["Elm 2015-01-31 good", "Elm 2018-02-01 outstanding", "Oak 2016-03-05 inadequate"];

    #[test]
    fn own_columns_are_read_as_people_write_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("own.csv");
        let utf_16: Vec<u8> = [0xfeff_u16].into_iter().chain(ROWS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let semicolons = ROWS.replace(',', ";").replace("2015-01-31", "31/01/2015");
        let texts = [
            ROWS.to_owned().into_bytes(),
            utf_16,
            semicolons.clone().into_bytes(),
            format!("sep=;\n{semicolons}").into_bytes(),
            ROWS.replace('\n', "\r\n").into_bytes(),
            ROWS.replace('\n', "\r").into_bytes(),
            ROWS.replace("2018-02-01", "\"2018-02-01T00:00:00Z\"").into_bytes(),
            ROWS.replace(",good,", ", good ,").into_bytes(),
        ];
        for text in texts {
            std::fs::write(&at, &text).unwrap();
            let read = lenient(&at);
            assert_eq!(rows(&read.value), SOUND, "{}", String::from_utf8_lossy(&text));
            assert_eq!((read.report.rows, read.report.left_out), (3, 0));
            assert!(read.report.problems.0.is_empty());
        }
        let months = "authority,effect,grade\nElm,2015,good\nElm,Feb 2018,good\n";
        std::fs::write(&at, months).unwrap();
        let spells = lenient(&at).value.lazy().collect().unwrap();
        let precisions = spells.column("precision").unwrap().cast(&DataType::String).unwrap();
        assert_eq!(precisions.str().unwrap().iter().flatten().collect::<Vec<_>>(), ["year", "month"]);
    }

    #[test]
    fn what_is_wrong_with_own_columns_is_named_and_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let csv = folder.path().join("own.csv");
        let text = "authority,effect,grade,position,precision,published\n\
                    Elm,2015-01-31,good,1.5,day,\nOak,2016-13-05,inadequate,1,week,\n,2016-01-05,inadequate,1,day,\n\
                    Ash,,good,1,day,\nYew,2016-01-05,excellent,,,9999-12-31\nFir,2016-01-05\n\nBox,2016-01-05,good,,,\n";
        std::fs::write(&csv, text).unwrap();
        let read = lenient(&csv);
        assert_eq!(rows(&read.value), ["Box 2016-01-05 good"]);
        assert_eq!((read.report.rows, read.report.left_out), (7, 6));
        let named: Vec<String> =
            read.report.problems.errors().map(|p| format!("{} {}", p.line.unwrap(), p.column)).collect();
        let expected =
            ["7 row", "2 position", "3 effect", "3 precision", "4 authority", "5 effect", "6 grade", "6 published"];
        assert_eq!(named.iter().collect::<std::collections::BTreeSet<_>>().len(), 8);
        assert!(expected.iter().all(|one| named.iter().any(|name| name == one)), "{named:?}");
        let strict = scan_ratings(&csv, Some(&rating_history::ofsted::Grade::scale()), &ReadOptions::default());
        assert!(strict.unwrap_err().to_string().contains("own.csv:5: effect ``: expected a date"));

        // In a frame, rows have numbers.
        let far = chrono::NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
        let mut frame = df!(
            "authority" => [Some("Elm"), Some("Oak"), None],
            "effect" => [day("2015-01-31"), day("2016-03-05"), day("2016-03-05")],
            "grade" => ["good", "good", "good"],
            "published" => [Some(far), None, None],
        )
        .unwrap();
        let parquet = folder.path().join("own.parquet");
        ParquetWriter::new(std::fs::File::create(&parquet).unwrap()).finish(&mut frame).unwrap();
        let read = lenient(&parquet);
        assert_eq!(rows(&read.value), ["Oak 2016-03-05 good"]);
        let named: Vec<String> =
            read.report.problems.errors().map(|p| format!("{} {}", p.line.unwrap(), p.column)).collect();
        assert_eq!(named, ["1 published", "3 authority"]);
        write_ratings(&read.value, folder.path().join("far.csv")).unwrap();
    }

    #[test]
    fn many_files_and_folders_of_columns_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = ROWS.lines();
        let header = lines.next().unwrap();
        for (n, line) in lines.enumerate() {
            let text = format!("{header}\n{line}\n");
            std::fs::write(folder.path().join(format!("part-{n}.csv")), text).unwrap();
        }
        std::fs::write(folder.path().join("_SUCCESS"), "").unwrap();
        let read = lenient(folder.path());
        assert_eq!((rows(&read.value), read.report.rows), (SOUND.map(str::to_owned).to_vec(), 3));

        let hive = tempfile::tempdir().unwrap();
        for (name, days, grades) in [
            ("Elm", vec!["2015-01-31", "2018-02-01"], vec!["good", "outstanding"]),
            ("Oak%20Tree", vec!["2016-03-05"], vec!["inadequate"]),
        ] {
            let folder = hive.path().join(format!("authority={name}"));
            std::fs::create_dir(&folder).unwrap();
            let mut frame = df!("effect" => days.into_iter().map(day).collect::<Vec<_>>(), "grade" => grades).unwrap();
            let file = std::fs::File::create(folder.join("0.parquet")).unwrap();
            ParquetWriter::new(file).finish(&mut frame).unwrap();
        }
        let read = lenient(hive.path());
        assert_eq!(rows(&read.value), [SOUND[0], SOUND[1], "Oak Tree 2016-03-05 inadequate"]);
    }

    #[test]
    fn files_of_others_are_told_what_is_odd_whatever_their_kind() {
        let text = "authority,effect,grade\nYnys M\u{f4}n,1900-01-01,good\nElm,2015-01-01,good\nynys  m\u{f4}n,2016-01-01,good\n";
        let mut frame = CsvReader::new(std::io::Cursor::new(text)).finish().unwrap();
        let days = frame.column("effect").unwrap().str().unwrap().iter().flatten().map(day).collect::<Vec<_>>();
        frame.with_column(Column::new("effect".into(), days)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (ending, what, first) in
            [("parquet", "row", 1), ("arrow", "row", 1), ("csv", "line", 2), ("json", "row", 1)]
        {
            let path = folder.path().join("odd").with_extension(ending);
            let file = std::fs::File::create(&path).unwrap();
            match ending {
                "parquet" => _ = ParquetWriter::new(file).finish(&mut frame).unwrap(),
                "arrow" => IpcWriter::new(file).finish(&mut frame).unwrap(),
                "csv" => CsvWriter::new(file).finish(&mut frame).unwrap(),
                // As other programs write rows: an array of objects.
                _ => {
                    let rows = text.lines().skip(1).map(|line| {
                        let cells: Vec<&str> = line.split(',').collect();
                        format!(
                            "{{\"authority\": \"{}\", \"effect\": \"{}\", \"grade\": \"{}\"}}",
                            cells[0], cells[1], cells[2]
                        )
                    });
                    std::fs::write(&path, format!(" [{}]", rows.collect::<Vec<_>>().join(",\n"))).unwrap();
                }
            }
            let read = lenient(&path);
            assert_eq!((read.report.rows, read.report.left_out), (3, 0), "{ending}");
            let said: Vec<String> = read.report.problems.0.iter().map(ToString::to_string).collect();
            let (odd, alike) = (
                format!("odd.{ending}:{first}: effect `1900-01-01`"),
                format!("odd.{ending}:{}: authority", first + 2),
            );
            assert!(said.len() == 2 && said[0].contains(&odd) && said[1].contains(&alike), "{said:?}");
            assert!(said[1].contains(&format!("{what} {first} has `Ynys M\u{f4}n`: they are read as two")), "{said:?}");
        }
    }

    /// Damage of any kind is an error or an answer: nothing ends the process.
    #[test]
    fn damaged_arrow_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole.arrow");
        write_ratings(&ofsted::england().unwrap().ratings().unwrap(), &whole).unwrap();
        let files = [whole, file("polars.arrow"), file("pandas.feather"), file("pandas-null-category.feather")];
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let mut refused = 0;
        for whole in files {
            let bytes = std::fs::read(&whole).unwrap();
            let broken = folder.path().join("broken.arrow");
            for n in 0..150_usize {
                let mut bytes = bytes.clone();
                // The metadata at the end is hit more often than the rows.
                let near = bytes.len() - 1 - (n * 7919) % bytes.len().min(2500);
                let place = if n % 3 == 0 { (n * 104_729) % bytes.len() } else { near };
                match n % 5 {
                    0 => bytes[place] ^= 1 << (n % 8),
                    1 => bytes[place] = 0xff,
                    2 => bytes[place] = 0x7f,
                    3 => bytes.truncate(place),
                    _ => bytes[place..].iter_mut().take(8).for_each(|byte| *byte = 0x7f),
                }
                std::fs::write(&broken, bytes).unwrap();
                match read_frame(broken.as_path(), Some(&ofsted::Grade::scale()), &ReadOptions::default()) {
                    Ok(read) => assert!(read.report.rows < 1_000_000),
                    Err(error) => {
                        refused += 1;
                        assert!(error.to_string().contains("broken.arrow"), "{error}");
                    }
                }
            }
        }
        std::panic::set_hook(hook);
        assert!(refused > 100, "{refused}");
    }

    #[test]
    fn folders_of_frames_round_trip() {
        let england = ofsted::england().unwrap();
        let ratings = england.ratings().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for format in FrameFormat::ALL {
            let folder = folder.path().join(format.code());
            write_ratings_folder(&ratings, &folder, *format).unwrap();
            let again = ofsted::scan_ratings(&folder, &ReadOptions::default()).unwrap().value;
            let listed = |ratings: &Ratings| ratings.peer_groups().unwrap().list(ofsted::NEIGHBOURS);
            let same = |a: Option<LazyFrame>, b: Option<LazyFrame>| {
                a.unwrap().collect().unwrap().equals_missing(&b.unwrap().collect().unwrap())
            };
            assert!(same(Some(again.lazy()), Some(ratings.lazy())), "{format}");
            assert!(same(again.authorities(), ratings.authorities()), "{format}");
            assert!(same(listed(&again), listed(&ratings)), "{format}");
            assert!(same(again.successors(), ratings.successors()), "{format}");
            assert!(same(again.events(), ratings.events()), "{format}");
            assert_eq!(RatingHistory::inspections_in(&again).unwrap().len(), england.inspections().len());
        }
    }

    #[test]
    fn a_file_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let says = |name: &str| ofsted::scan_ratings(at(name), &ReadOptions::default()).unwrap_err().to_string();
        std::fs::write(at("text.parquet"), "authority,effect,grade\n").unwrap();
        assert!(says("text.parquet").contains("text.parquet"), "{}", says("text.parquet"));
        std::fs::write(at("short.csv"), "authority,grade\na,good\n").unwrap();
        assert!(says("short.csv").contains("short.csv:1: header `authority,grade`: expected a column `effect`"));
        std::fs::write(at("grade.csv"), "authority,effect,grade\na,2020-01-01,fine\n").unwrap();
        assert!(says("grade.csv").contains("fine"), "{}", says("grade.csv"));
        std::fs::write(at("date.csv"), "authority,effect,grade\na,31/02/2020,good\n").unwrap();
        assert!(says("date.csv").contains("date.csv:2: effect `31/02/2020`"), "{}", says("date.csv"));
        assert!(says("none.parquet").contains("No such file") || says("none.parquet").contains("cannot find"));
        assert!(says("name.txt").contains("unknown file format") || says("name.txt").contains("No such file"));
        std::fs::write(at("grades.csv"), "authority,effect,grade\na,2020-01-01,BBB\n").unwrap();
        let unknown = scan_ratings(at("grades.csv"), None, &ReadOptions::default()).unwrap_err().to_string();
        assert!(unknown.contains("grades.csv: it does not tell its grades"), "{unknown}");
        let star = at("a*.parquet");
        let ratings = ofsted::england().unwrap().ratings().unwrap();
        write_ratings(&ratings, &star).unwrap();
        assert!(scan_ratings(&star, None, &ReadOptions::default()).is_ok(), "a name is a name");
    }

    #[test]
    fn damaged_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole.parquet");
        write_ratings(&ofsted::england().unwrap().ratings().unwrap(), &whole).unwrap();
        let bytes = std::fs::read(&whole).unwrap();
        let broken = folder.path().join("broken.parquet");
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        for n in 0..80 {
            let mut bytes = bytes.clone();
            if n % 2 == 0 {
                bytes.truncate(bytes.len() * n / 80);
            } else {
                // The footer and the pages in turn.
                let place = if n % 4 == 1 { bytes.len() - 1 - n * 37 } else { n * bytes.len() / 81 };
                bytes[place] ^= 1 << (n % 8);
            }
            std::fs::write(&broken, bytes).unwrap();
            if let Err(error) = scan_ratings(&broken, None, &ReadOptions::default()) {
                assert!(error.to_string().contains("broken.parquet"), "{error}");
            }
        }
        std::panic::set_hook(hook);
    }
}

#[cfg(feature = "excel")]
mod workbooks {
    use std::io::Write;

    use super::*;

    #[test]
    fn workbooks_are_as_csv() {
        let england = ofsted::england().unwrap();
        let plain = wide(
            "Slough,21/01/2019,01/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n\
             Slough,23/01/2023,03/02/2023,17/03/2023,RI,Inadequate,RI,RI,RI\n",
        );
        for (name, last) in [("inspections.xlsx", 5), ("inspections.ods", 4)] {
            let read = mapping().sheet("Inspections").read(file(name), england.authorities(), &ReadOptions::default());
            let read = read.unwrap();
            assert_eq!(read.value, plain.as_ref().unwrap().value, "{name}");
            assert_eq!((read.report.rows, read.report.left_out), (3, 1), "{name}");
            assert_eq!(read.report.problems.0[0].line, Some(last), "{name}: the row of totals");
            let error = mapping().sheet("Inspection").read(file(name), &[], &ReadOptions::default());
            assert!(error.unwrap_err().to_string().contains("did you mean `Inspections`?"));
        }
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let options = ReadOptions::default().most_bytes(4 << 20);
            mapping().read(&path, &[], &options).unwrap_err().to_string()
        };
        let archive = |name: &str, content: &[u8]| {
            let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content).unwrap();
            archive.finish().unwrap().into_inner()
        };
        let bomb = archive("xl/sharedStrings.xml", &vec![b' '; 64 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert!(refused("bomb.xlsx", &bomb).contains("unpacks to more than 4194304 bytes"));
        let cell = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell \
                    table:number-columns-repeated=\"1000\" office:value-type=\"float\"/></table:table-row>";
        assert!(refused("bomb.ods", &archive("content.xml", cell.as_bytes())).contains("unfolds to 1000000000 cells"));
        assert!(refused("text.xlsx", b"no workbook").contains("expected a workbook"));
        let whole = std::fs::read(file("inspections.xlsx")).unwrap();
        for n in 1..40 {
            let mut bytes = whole.clone();
            bytes.truncate(whole.len() * n / 40);
            refused("short.xlsx", &bytes);
        }
    }
}

/// Writing when the disk is full (or, more exactly, when no file may grow beyond 2 kB), and when killed while writing.
#[cfg(all(unix, feature = "png", feature = "parquet"))]
#[test]
fn a_full_disk_leaves_the_old_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables");
    write_folder(&ofsted::england().unwrap(), &tables).unwrap();
    let ratings = crate::command("ratings", &[]).get_program().to_owned();
    for (name, deaf) in
        [("a.json", true), ("b.parquet", true), ("c.csv", true), ("d.json", false), ("e.parquet", false)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, b"old").unwrap();
        let trap = if deaf { "trap '' XFSZ;" } else { "" };
        let script = format!("{trap} ulimit -c 0; ulimit -f 4; exec \"$0\" \"$@\"");
        let mut command = std::process::Command::new("sh");
        let output =
            command.args(["-c", &script]).arg(&ratings).arg("convert").args([&tables, &path]).output().unwrap();
        assert!(!output.status.success(), "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), b"old", "{name}");
        if deaf {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("File too large"), "{name}: {said}");
            assert_eq!(output.status.code(), Some(2), "{name}: {said}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "{name}: nothing is left behind");
        }
        std::fs::remove_file(&path).unwrap();
        for left in std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
            std::fs::remove_file(left).unwrap();
        }
    }
}

/// Chains of rows that make each other bad, many times over: a pass or two, not one for each.
#[test]
fn many_bad_rows_take_no_longer_than_few() {
    let tables = some(5);
    let repeat = |text: &str, times: usize| {
        let (header, rows) = text.split_once('\n').unwrap();
        format!("{header}\n{}", rows.repeat(times))
    };
    let many = Tables {
        inspections: repeat(&tables.inspections, 2_000),
        judgements: repeat(&tables.judgements, 2_000),
        neighbours: repeat(&tables.neighbours, 5),
        ..tables.clone()
    };
    let read = many.read(&ReadOptions::lenient()).unwrap();
    assert_eq!(read.value, tables.read(&ReadOptions::default()).unwrap().value);
    accounts(&read);
    let slough = "Slough,21/01/2019,01/02/2019,04/03/2019,RI,RI,RI,RI,n/a\n";
    assert_eq!(wide(&slough.repeat(20_000)).unwrap().value.inspections().len(), 20_000);
    assert!(wide(&"x\n".repeat(200_000)).is_err(), "so many problems are none of one file");
}
