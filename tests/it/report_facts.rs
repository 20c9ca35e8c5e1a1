//! Visits, improvements and self-assessments: read, checked, written, compared and merged.

use std::sync::LazyLock;

use rating_history::io::{ReadOptions, Strictness};
use rating_history::ofsted::{
    self, Change, Precedence, RatingHistory, ReportFacts, ReportTables, Tables, VisitKind, read_folder, read_json,
    write_folder, write_json,
};

fn england() -> RatingHistory {
    static ENGLAND: LazyLock<RatingHistory> = LazyLock::new(|| ofsted::england_with_reports().unwrap());
    ENGLAND.clone()
}

fn tables(reports: ReportTables) -> Tables {
    Tables { reports, ..ofsted::england_tables() }
}

/// The first problem of the embedded tables after a change of one text.
fn problem(change: impl Fn(&mut ReportTables)) -> String {
    let mut reports = ofsted::england_report_tables();
    change(&mut reports);
    let error = tables(reports).read(&ReadOptions::default()).unwrap_err();
    error.problems()[0].to_string()
}

#[test]
fn the_embedded_tables_are_what_the_writer_makes_of_them() {
    let reports = ofsted::england_report_tables();
    assert_eq!(Tables::from_history(&england()).reports, reports);
    assert_eq!(reports.files().len(), 6);
    assert!(ofsted::england().unwrap().report_facts().is_empty());
}

#[test]
fn a_folder_and_json_hold_the_same_facts() {
    let folder = tempfile::tempdir().unwrap();
    let (tables, json) = (folder.path().join("tables"), folder.path().join("england.json"));
    write_folder(&england(), &tables).unwrap();
    write_json(&england(), &json).unwrap();
    assert_eq!(read_folder(&tables, &ReadOptions::default()).unwrap().value, england());
    assert_eq!(read_json(json.as_path(), &ReadOptions::default()).unwrap().value, england());
    // Written again without them, the folder has none: those of another history would contradict it.
    write_folder(&ofsted::england().unwrap(), &tables).unwrap();
    assert!(!tables.join("visits.csv").exists());
    let read = read_folder(&tables, &ReadOptions::default()).unwrap().value;
    assert_eq!(read, ofsted::england().unwrap());
    assert!(read != england());
}

#[test]
fn what_is_not_known_is_in_no_json() {
    let json = serde_json::to_string(&ofsted::england().unwrap()).unwrap();
    assert!(!json.contains("report_facts"));
}

#[test]
fn each_table_may_be_missing() {
    for file in ReportTables::FILES {
        let mut reports = ofsted::england_report_tables();
        match file {
            "visits.csv" => reports.visits.clear(),
            "visit_coverage.csv" => reports.visit_coverage.clear(),
            "self_assessments.csv" => reports.self_assessments.clear(),
            "improvements.csv" => reports.improvements.clear(),
            // Nothing may point to a table that is not there.
            "improvement_topics.csv" => {
                reports.improvement_topics.clear();
                reports.improvements.clear();
            }
            "coded_inspections.csv" => {
                reports.coded_inspections.clear();
                reports.improvements.clear();
                reports.self_assessments.clear();
            }
            other => panic!("a new file {other}"),
        }
        assert!(tables(reports).read(&ReadOptions::default()).is_ok(), "without {file}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    type Wrong<'a> = &'a dyn Fn(&mut ReportTables);
    let cases: [(Wrong<'_>, &str); 10] = [
        (&|r| r.visits = r.visits.replacen(",focused,", ",focussed,", 1), "visits.csv:2: kind `focussed`"),
        (
            &|r| r.visits = r.visits.replacen("2020-03-04,2020-03-05", "2020-03-06,2020-03-05", 1),
            "visits.csv:2: end_date `2020-03-05`: expected a day not before the start, 2020-03-06",
        ),
        (
            &|r| r.visits = r.visits.replacen("E06000001", "E06999999", 1),
            "visits.csv:2: gss_code `E06999999`: expected the code of a known authority",
        ),
        (
            &|r| r.visits = r.visits.replacen("children_in_need_or_plan", "early_help", 1),
            "visits.csv:2: topic `early_help`: expected one of front_door",
        ),
        (
            &|r| r.improvements = r.improvements.replacen(",recording,", ",recordings,", 1),
            "improvements.csv:2: topic `recordings`: expected a topic of the list of topics",
        ),
        (
            &|r| r.improvements = r.improvements.replacen("-sif,2,", "-sif,1,", 1),
            "improvements.csv:3: number `1`: expected a whole number from 1, each once in an inspection",
        ),
        (
            &|r| r.improvements = r.improvements.replacen("-sif,1,,", "-sif,1,in_care,", 1),
            "improvements.csv:2: area `in_care`: expected nothing, or one of",
        ),
        (
            &|r| r.improvements = r.improvements.replacen("hartlepool-2013-12-11-sif,1", "hartlepool-2012-sif,1", 1),
            "improvements.csv:2: inspection_id `hartlepool-2012-sif`: expected the id of a known inspection",
        ),
        (
            &|r| r.coded_inspections = r.coded_inspections.replacen("hartlepool-2013-12-11-sif\n", "", 1),
            "improvements.csv:2: inspection_id `hartlepool-2013-12-11-sif`: expected an inspection that is listed as read",
        ),
        (
            &|r| r.visit_coverage = r.visit_coverage.replacen("2026-02-03,all", "2026-02-03,most", 1),
            "visit_coverage.csv:2: which `most`: expected latest, all, or nothing",
        ),
    ];
    for (wrong, expected) in cases {
        let told = problem(wrong);
        let (place, expected) = expected.split_once(": ").unwrap();
        assert!(told.starts_with(place) && told.contains(expected), "{told}\nexpected {place}: {expected}");
    }
    let told = problem(|r| r.self_assessments = r.self_assessments.replacen(",accurate", ",acurate", 1));
    assert!(told.contains("view `acurate`") && told.contains("did you mean `accurate`"), "{told}");
}

#[test]
fn a_lenient_reader_leaves_out_what_points_nowhere() {
    let mut reports = ofsted::england_report_tables();
    reports.coded_inspections = reports.coded_inspections.replacen("hartlepool-2013-12-11-sif\n", "", 1);
    let options = ReadOptions::default().strictness(Strictness::Lenient);
    let read = tables(reports).read(&options).unwrap();
    let facts = read.value.report_facts();
    let of_report =
        |facts: &ReportFacts| facts.improvements.iter().filter(|i| i.inspection == "hartlepool-2013-12-11-sif").count();
    let (asked, all) = (of_report(england().report_facts()), england().report_facts().improvements.len());
    assert!(asked > 0);
    assert_eq!(facts.improvements.len(), all - asked);
    assert!(read.report.left_out >= asked);
}

/// England with one visit's topic changed, one improvement and one self-assessment gone.
fn otherwise() -> RatingHistory {
    let mut facts = england().report_facts().clone();
    facts.visits[0].topic = Some(rating_history::ofsted::VisitTopic::CareLeavers);
    facts.improvements.remove(0);
    facts.self_assessments.remove(0);
    england().into_builder().report_facts(facts).build().unwrap()
}

#[test]
fn differences_are_told_fact_by_fact() {
    assert!(england().differences(&england()).is_empty());
    let found = england().differences(&otherwise());
    let mut told: Vec<(Change, &str)> = found.iter().map(|d| (d.change, d.what.as_str())).collect();
    told.sort();
    assert_eq!(
        told,
        [(Change::Removed, "improvement"), (Change::Removed, "self_assessment"), (Change::Changed, "visit")]
    );
    let visit = found.iter().find(|d| d.what == "visit").unwrap();
    assert_eq!(visit.authority.as_str(), "E06000001");
    assert!(visit.old.as_ref().unwrap().contains("topic children_in_need_or_plan"), "{visit}");
}

#[test]
fn a_table_that_one_version_lacks_is_one_difference() {
    let found = ofsted::england().unwrap().differences(&england());
    let told: Vec<(&str, Option<&str>)> = found.iter().map(|d| (d.what.as_str(), d.new.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("improvement", Some("4613 rows")),
            ("read", Some("489 rows")),
            ("self_assessment", Some("217 rows")),
            ("topic", Some("56 rows")),
            ("visit", Some("536 rows")),
            ("visit_coverage", Some("3 rows")),
        ]
    );
}

#[test]
fn merging_fills_adds_and_changes_nothing_twice() {
    let plain = ofsted::england().unwrap();
    for precedence in [Precedence::Base, Precedence::Update] {
        assert_eq!(plain.merge(&england(), precedence).unwrap(), england());
        assert_eq!(england().merge(&plain, precedence).unwrap(), england());
    }
    let base = england().merge(&otherwise(), Precedence::Base).unwrap();
    assert_eq!(base, england());
    // What an inspection asked for comes from one reading: the list of the preferred version is not mixed with the other.
    let update = england().merge(&otherwise(), Precedence::Update).unwrap();
    assert_eq!(update.report_facts().improvements, otherwise().report_facts().improvements);
    assert_eq!(update.merge(&otherwise(), Precedence::Update).unwrap(), update);
}

#[test]
fn merged_facts_follow_the_id_that_stays() {
    let england = england();
    let old = "hartlepool-2013-12-11-sif";
    let mut inspections = england.inspections().to_vec();
    inspections.iter_mut().filter(|i| i.id == old).for_each(|i| i.id = "new-id".into());
    let mut facts = england.report_facts().clone();
    let rename = |id: &mut String| {
        if id == old {
            *id = "new-id".into();
        }
    };
    facts.read.iter_mut().for_each(rename);
    facts.improvements.iter_mut().for_each(|i| rename(&mut i.inspection));
    facts.self_assessments.iter_mut().for_each(|s| rename(&mut s.inspection));
    let builder = england.clone().into_builder().without_inspections().inspections(inspections);
    let newer = builder.report_facts(facts).build().unwrap();
    assert!(england.differences(&newer).iter().all(|d| d.what != "improvement"));
    assert_eq!(england.merge(&newer, Precedence::Update).unwrap(), england);
}

#[test]
fn coverage_is_a_fact_of_each_kind() {
    let england = england();
    let facts = england.report_facts();
    let day = |text: &str| text.parse().unwrap();
    let covered = |kind, from, to| facts.coverage(kind).unwrap().is_complete(day(from), day(to));
    assert!(covered(VisitKind::Monitoring, "2022-03-10", "2025-03-26"));
    assert!(!covered(VisitKind::Monitoring, "2022-03-09", "2025-03-26"));
    assert!(!covered(VisitKind::Focused, "2018-01-01", "2026-02-04"));
    assert!(!covered(VisitKind::Jtai, "2026-01-01", "2026-01-02"));
    assert!(ReportFacts::default().coverage(VisitKind::Focused).is_none());
}
