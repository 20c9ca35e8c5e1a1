//! Nothing lost, nothing invented: every record of a file is kept, reported or counted as blank.

use std::collections::BTreeSet;

use proptest::prelude::*;

use rating_history::io::{Loaded, RatingColumns, ReadOptions, Register, Report, Source};
use rating_history::{Error, Problem, Ratings, Scale, Severity};

fn columns() -> RatingColumns {
    RatingColumns::new("id", "date", "grade").withdrawn(["NR"])
}

fn read_as(columns: &RatingColumns, text: &[u8], options: &ReadOptions) -> Result<Loaded<Ratings>, Error> {
    columns.read(Source::new("f.csv", text), &Scale::new(["C", "B", "A"]).unwrap(), options)
}

fn lenient(text: &str) -> Loaded<Ratings> {
    read_as(&columns(), text.as_bytes(), &ReadOptions::lenient()).unwrap()
}

/// Body, day, precision and grade of every row that was kept.
fn rows(ratings: &Ratings) -> Vec<String> {
    let frame = ratings.lazy().collect().unwrap();
    let cell = |name: &str, row: usize| frame.column(name).unwrap().get(row).unwrap().str_value().into_owned();
    (0..frame.height()).map(|n| ["authority", "effect", "precision", "grade"].map(|c| cell(c, n)).join(" ")).collect()
}

fn said<T>(read: &Loaded<T>) -> Vec<String> {
    read.report.problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn rows_of_mixed_line_ends_are_told_apart() {
    let read = lenient("id,date,grade\r\na,2020-01-01,X\r\nb,2020-01-02,A\nc,2020-01-03,A\n\n\rd,2020-01-04,X\n");
    assert_eq!(rows(&read.value), ["b 2020-01-02 day A", "c 2020-01-03 day A"]);
    assert_eq!((read.report.rows, read.report.kept(), read.report.left_out), (4, 2, 2));
    let lines: Vec<_> = read.report.problems.0.iter().map(|p| p.line.unwrap()).collect();
    assert_eq!(lines, [2, 7]);
}

#[test]
fn a_quoted_cell_that_swallows_rows_is_reported() {
    let closed = "id,date,grade,note\na,2020-01-01,A,\"x\nb,2020-02-01,B,y\nc,2020-03-01,A,z\"\nd,2020-01-01,A,\n";
    let read = lenient(closed);
    assert_eq!(rows(&read.value), ["d 2020-01-01 day A"]);
    assert!(said(&read)[0].starts_with("f.csv:2: row") && said(&read)[0].contains("3 lines that look like rows"));
    let open = "id,date,grade,note\nd,2020-01-01,A,\na,2020-01-01,A,\"x\nb,2020-02-01,B,y\n";
    let read = lenient(open);
    assert_eq!(rows(&read.value), ["d 2020-01-01 day A"]);
    assert!(said(&read)[0].starts_with("f.csv:3: row") && said(&read)[0].contains("a closing quotation mark"));
    assert!(read_as(&columns(), open.as_bytes(), &ReadOptions::default()).is_err());
    let sound = lenient("id,date,grade,note\na,2020-01-01,A,\"x\n\"\"y\"\", z\"\nb,2020-01-01,A,5\" pipe\n");
    assert_eq!((rows(&sound.value).len(), said(&sound)), (2, vec![]));
}

#[test]
fn a_row_without_a_needed_cell_is_an_error_and_other_cells_may_lack() {
    let read =
        lenient("id,date,grade,note\na,2020-01-01,A\nb,2020-01-01\nc\nd,,A,x\n,2020-01-01,A,x\ne,2020-01-01,,x\n");
    assert_eq!(rows(&read.value), ["a 2020-01-01 day A"]);
    let lines: BTreeSet<_> = read.report.problems.errors().map(|p| p.line.unwrap()).collect();
    assert_eq!(lines, BTreeSet::from([3, 4, 5, 6, 7]));
}

#[test]
fn dates_are_read_with_their_precision() {
    let text = "id,date,grade\na,2015,A\nb,2015-01,A\nc,Feb 2019,A\nd,31 January 2019,A\ne,2015-01-31T00:00:00Z,A\n\
                f,2015-07-01T00:00:00+01:00,A\ng,42000,A\n";
    let read = lenient(text);
    let expected = [
        "a 2015-12-31 year A",
        "b 2015-01-31 month A",
        "c 2019-02-28 month A",
        "d 2019-01-31 day A",
        "e 2015-01-31 day A",
        "f 2015-07-01 day A",
    ];
    assert_eq!(rows(&read.value), expected);
    // A spreadsheet's serial is a date only where that is said.
    assert!(said(&read)[0].contains("f.csv:8: date `42000`"), "{:?}", said(&read));
    let serials = read_as(&columns().dates(["excel"]), b"id,date,grade\ng,42000,A\n", &ReadOptions::default());
    assert_eq!(rows(&serials.unwrap().value), ["g 2014-12-27 day A"]);
    for wrong in ["D/M/Y", "day first", "%Q", "%d/%m/%", ""] {
        let read = read_as(&columns().dates([wrong]), text.as_bytes(), &ReadOptions::lenient());
        assert!(read.unwrap_err().to_string().contains("expected a format as %d/%m/%Y"), "{wrong}");
    }
    let register = Register::read(Source::new("r.csv", "id,opened\na,42000\n".as_bytes()), &ReadOptions::default());
    assert!(register.unwrap_err().to_string().contains("opened `42000`"));
}

#[test]
fn a_file_has_one_order_of_days_and_months() {
    let told = |text: &str| {
        let read = lenient(text);
        (rows(&read.value), said(&read))
    };
    let (kept, warnings) = told("id,date,grade\na,03/04/2020,A\nb,01/31/2020,A\n");
    assert_eq!((kept, warnings), (vec!["a 2020-03-04 day A".to_owned(), "b 2020-01-31 day A".to_owned()], vec![]));
    let (kept, warnings) = told("id,date,grade\na,03/04/2020,A\nb,05/06/2020,A\n");
    assert_eq!(kept, ["a 2020-04-03 day A", "b 2020-06-05 day A"]);
    assert!(warnings.len() == 1 && warnings[0].contains("does not tell whether days or months come first"));
    let (kept, errors) = told("id,date,grade\na,31/04/2020,A\nb,31/01/2020,A\nc,01/31/2020,A\nd,03/04/2020,A\n");
    assert_eq!(kept, ["b 2020-01-31 day A"]);
    assert!(
        errors
            .iter()
            .any(|e| e.contains("f.csv:4: date `01/31/2020`: expected a date with the day first, as on line 3"))
    );
    assert!(errors.iter().any(|e| e.contains("the file has both orders")), "{errors:?}");
    let given = columns().dates(["%m/%d/%Y"]);
    let read = read_as(&given, b"id,date,grade\na,03/04/2020,A\n", &ReadOptions::default()).unwrap();
    assert_eq!((rows(&read.value), said(&read)), (vec!["a 2020-03-04 day A".to_owned()], vec![]));
}

#[test]
fn odd_bytes_are_told_and_change_nothing_else() {
    let read =
        read_as(&columns(), b"id,date,grade\nM\xc3\xb4n,2020-01-01,A\nM\xf4n,2021-01-01,A\n", &ReadOptions::default());
    let read = read.unwrap();
    assert_eq!(rows(&read.value), ["Môn 2020-01-01 day A", "Môn 2021-01-01 day A"]);
    let expected =
        "warning: f.csv:3: encoding `byte F4 at character 2`: expected UTF-8; such bytes are read as Windows-1252";
    assert_eq!(said(&read), [expected]);
}

#[test]
fn ids_that_look_alike_are_named_or_joined() {
    let text = "id,date,grade\nYnys Môn,2020-01-01,A\nYnys\u{a0}Mo\u{302}n,2021-01-01,B\nynys  môn,2022-01-01,C\n";
    let read = lenient(text);
    let bodies = |read: &Loaded<Ratings>| {
        rows(&read.value).iter().map(|r| r.split(" 20").next().unwrap().to_owned()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((bodies(&read), said(&read).len()), (3, 2));
    assert!(said(&read)[0].starts_with("warning: f.csv:3: id") && said(&read)[0].contains("line 2 has `Ynys Môn`"));
    let joined = read_as(&columns(), text.as_bytes(), &ReadOptions::default().join_alike(true)).unwrap();
    assert_eq!((bodies(&joined), rows(&joined.value).len()), (1, 3));
    // Grades match through such spaces.
    let scale = Scale::new(["not good", "good"]).unwrap();
    let text = "id,date,grade\na,2020-01-01,not\u{a0}good\nb,2020-01-01,\u{200b}good\n";
    let read = columns().read(Source::new("f.csv", text.as_bytes()), &scale, &ReadOptions::default()).unwrap();
    assert_eq!(rows(&read.value), ["a 2020-01-01 day not good", "b 2020-01-01 day good"]);
}

#[test]
fn days_that_stand_for_none_and_days_of_nowhere() {
    let read = lenient("id,date,grade\na,1900-01-01,A\nb,1900-01-01,A\nc,9999-12-31,A\nd,1700-01-01,A\n");
    assert_eq!(rows(&read.value), ["a 1900-01-01 day A", "b 1900-01-01 day A"]);
    let (warnings, errors): (Vec<_>, Vec<_>) =
        read.report.problems.0.iter().partition(|p| p.severity == Severity::Warning);
    assert!(warnings.len() == 1 && warnings[0].expected.contains("also on line 3"), "{warnings:?}");
    assert_eq!(errors.iter().map(|p| p.line.unwrap()).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn totals_and_notes_are_passed_over_only_when_they_hold_nothing() {
    let text = "sep=;\nid;x;date;grade;x\na;1;2020-01-01;A;2\nTotal;;;1;\nSource: a survey\nTotal;;2020-01-01;A;\nSum of parts Ltd;;2021-01-01;B;\n;;;;\n";
    let read = lenient(text);
    assert_eq!(
        rows(&read.value),
        ["Sum of parts Ltd 2021-01-01 day B", "Total 2020-01-01 day A", "a 2020-01-01 day A"]
    );
    assert_eq!((read.report.rows, read.report.left_out, read.report.blank), (5, 2, 1));
    assert_eq!(read.report.problems.0.iter().map(|p| p.line.unwrap()).collect::<Vec<_>>(), [4, 5]);
}

#[cfg(feature = "dataset")]
#[test]
fn a_folder_of_tables_is_replaced_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables");
    let history = rating_history::ofsted::england().unwrap();
    std::fs::create_dir(&tables).unwrap();
    std::fs::write(tables.join("notes.txt"), "mine").unwrap();
    rating_history::ofsted::write_folder(&history, &tables).unwrap();
    assert_eq!(std::fs::read_to_string(tables.join("notes.txt")).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(&tables).unwrap().count(), 6);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    // A writer cut short between two renames left the old folder under its other name.
    std::fs::rename(&tables, folder.path().join("tables.rating-history-old")).unwrap();
    let again = rating_history::ofsted::Tables::of_folder(&tables, &ReadOptions::default()).unwrap();
    assert_eq!(again, rating_history::ofsted::Tables::from_history(&history));
}

/// How many lines the report names for rows that are not in the output: errors, rows passed over, rows of a day that has a
/// later one.
fn lines_told_of_rows_left_out(report: &Report) -> usize {
    let errors: BTreeSet<_> = report.problems.errors().map(|p| p.line.unwrap()).collect();
    let leaves_one_out = |p: &&Problem| {
        ["is passed over", "says the same", "says otherwise, the later counts"]
            .iter()
            .any(|why| p.expected.contains(why))
    };
    let of = |p: &Problem| {
        let also = p.expected.split("; also on line").nth(1).unwrap_or_default();
        let (named, more) = also.split_once(" and ").unwrap_or((also, "0 more"));
        let more: usize = more.trim_end_matches(" more").parse().unwrap();
        1 + more + named.split(',').filter(|line| line.chars().any(|c| c.is_ascii_digit())).count()
    };
    let warnings = report.problems.0.iter().filter(|p| p.severity == Severity::Warning);
    errors.len() + warnings.filter(leaves_one_out).map(of).sum::<usize>()
}

proptest! {
    #![proptest_config(crate::random_cases(300))]

    /// Whatever the rows are, each is kept, left out with a line, or blank.
    #[test]
    fn every_record_is_accounted_for(
        records in prop::collection::vec(
            (prop::sample::select(vec!["a", "b", "B", "c\u{a0}d", "", "Total"]),
             prop::sample::select(vec!["2020-01-01", "2015", "Feb 2019", "03/04/2020", "31/01/2020", "01/31/2020", "1900-01-01", "never", ""]),
             prop::sample::select(vec!["A", "B", "NR", "X", ""]),
             0..3usize,
             prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])), 0..30)) {
        let mut text = "id,date,grade,note\r\n".to_owned();
        let (mut written, mut blank) = (0, 0);
        for (id, date, grade, cells, end) in &records {
            text += &match cells { 0 => format!("{id},{date},{grade}"), 1 => format!("{id},{date},{grade},"), _ => format!("{id},{date},{grade},\"a, \"\"b\"\"\"") };
            text += end;
            let is_blank = *cells < 2 && id.is_empty() && date.is_empty() && grade.is_empty();
            written += usize::from(!is_blank);
            blank += usize::from(is_blank);
        }
        let read = read_as(&columns(), text.as_bytes(), &ReadOptions::lenient()).unwrap();
        prop_assert_eq!((read.report.rows, read.report.blank), (written, blank));
        prop_assert_eq!(read.report.kept(), rows(&read.value).len());
        prop_assert_eq!(lines_told_of_rows_left_out(&read.report), read.report.left_out, "{:?}", said(&read));
    }
}
