//! The queries on England's data, against answers worked out by hand from the reports.

use rating_history::Series;
use rating_history::chrono::NaiveDate;
use rating_history::ofsted::{
    self, Area, AreaJudgement, Dates, EventKind, Framework, Grade, Inspection, InspectionKind, RatingHistory, Story,
    Theme,
};
use rating_history::polars::prelude::*;
use rating_history::trend::{Since, Year};
use rating_history::{Clock, Precision};

const SLOUGH: &str = "E06000039";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn england() -> RatingHistory {
    ofsted::england().unwrap()
}

pub fn headline() -> Series {
    england().ratings().unwrap().series(Theme::Headline).unwrap()
}

fn now() -> NaiveDate {
    england().cut_off()
}

/// The rows with `value` in `column`, as text.
fn rows(frame: impl Into<LazyFrame>, (column, value): (&str, &str), columns: &[&str]) -> Vec<String> {
    let text = |c: &&str| col(*c).cast(DataType::String).fill_null(lit("-"));
    let only = frame.into().filter(col(column).cast(DataType::String).eq(lit(value)));
    let frame = only.select(columns.iter().map(text).collect::<Vec<_>>()).collect().unwrap();
    let cell = |c: &Column, row: usize| c.str().unwrap().get(row).unwrap_or_default().to_owned();
    (0..frame.height()).map(|row| frame.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join(" ")).collect()
}

fn of_slough(frame: impl Into<LazyFrame>, columns: &[&str]) -> Vec<String> {
    rows(frame, ("authority", SLOUGH), columns)
}

#[test]
fn slough_in_every_query() {
    let ratings = headline();
    let transitions = of_slough(ratings.transitions(), &["from", "to", "on", "days", "steps"]);
    assert_eq!(
        transitions,
        [
            "inadequate inadequate 2013-12-11 925 0",
            "inadequate inadequate 2015-12-17 736 0",
            "inadequate requires_improvement 2019-02-01 1142 1",
            "requires_improvement requires_improvement 2023-02-03 1463 0",
        ]
    );
    let times = of_slough(ratings.time_in_grade(), &["grade", "days", "spells", "inspections"]);
    assert_eq!(times, ["inadequate 2803 1 3", "requires_improvement 2757 1 2"]);
    let movers = ratings.movers(Since::Date(day("2016-06-30")));
    let columns = ["from", "to", "steps", "since", "latest", "wait"];
    assert_eq!(of_slough(movers, &columns), ["inadequate requires_improvement 1 2019-02-01 2023-02-03 1294"]);
    let movers = ratings.movers(Since::PreviousInspection);
    assert_eq!(
        of_slough(movers, &["from", "to", "direction"]),
        ["requires_improvement requires_improvement unchanged"]
    );
    let judgements = of_slough(ratings.judgements(), &["date", "date_precision", "framework"]);
    assert_eq!(judgements[0], "2011-05-31 month SLAC");
}

#[test]
fn those_created_or_abolished_since_are_no_movers() {
    let movers = || headline().as_of(day("2023-12-31")).movers(Since::Date(day("2018-12-31")));
    let columns = ["from", "to", "steps", "direction"];
    assert_eq!(rows(movers(), ("name", "Cumberland"), &columns), ["opened not_rated - -"]);
    assert_eq!(rows(movers(), ("name", "Dorset"), &columns), ["opened good - -"]);
    assert!(rows(movers(), ("name", "Northamptonshire"), &columns).is_empty());
}

/// Slough's neighbours by the Department for Education's model, and their reports.
#[test]
fn slough_among_its_peers() {
    let peers = || headline().peers(SLOUGH);
    let neighbours =
        rows(peers(), ("peer_group", "neighbours"), &["place", "name", "status", "grade", "since", "steps"]);
    assert_eq!(
        neighbours,
        [
            "5 Redbridge rated outstanding 2019-05-03 2",
            "2 Hillingdon rated outstanding 2023-10-06 2",
            "1 Hounslow rated good 2018-10-12 1",
            "9 Waltham Forest rated good 2019-02-08 1",
            "4 Ealing rated good 2024-05-03 1",
            "3 Luton rated good 2026-01-30 1",
            "10 Leicester rated requires_improvement 2024-09-27 0",
            "8 Peterborough rated inadequate 2023-12-08 -1",
            "6 Harrow rated inadequate 2025-01-24 -1",
            "7 Brent not_reported - 2026-05-01 -",
        ]
    );
    assert_eq!(rows(peers(), ("peer_group", "own"), &["name", "grade"]), ["Slough requires_improvement"]);
    assert_eq!(rows(peers(), ("peer_group", "region"), &["name"]).len(), 18);
    // Of nine neighbours with a grade six stand higher, one the same, two lower: (2 + 1/2) / 9.
    let standing = headline().peer_standing(SLOUGH, &[now()]);
    let standing =
        standing.lazy().with_columns([col("percentile").cast(DataType::Int32), col("share_at_or_above") * lit(9)]);
    let columns = ["grade", "peers", "rated", "above", "same", "below", "rank", "percentile", "share_at_or_above"];
    assert_eq!(rows(standing, ("peer_group", "neighbours"), &columns), ["requires_improvement 10 9 6 1 2 7 27 7.0"]);
}

#[test]
fn profiles_by_hand() {
    let ratings = england().ratings().unwrap();
    let columns = ["headline", "care_leavers", "leadership", "weakest", "strongest", "below_headline"];
    let profile = |name: &str| rows(ofsted::profile(&ratings), ("name", name), &columns);
    assert_eq!(
        profile("Slough"),
        [
            "requires_improvement requires_improvement inadequate leadership help_and_protection;care;care_leavers leadership"
        ]
    );
    // January 2026: overall requires improvement, leaders good, help and care requires improvement, leavers good.
    assert_eq!(
        profile("Bradford"),
        ["requires_improvement good good help_and_protection;care care_leavers;leadership -"]
    );
    assert_eq!(profile("Brent"), ["not_reported good good - - -"]); // May 2026, without an overall grade
}

/// Slough: May 2011 safeguarding inadequate, looked after adequate; December 2013 and 2015 everything inadequate.
#[test]
fn slough_as_a_cause_for_concern() {
    let ratings = england().ratings().unwrap();
    let columns = ["concern", "since", "days", "since_precision"];
    let on = |date: &str| of_slough(ofsted::concerns(&ratings.clone().as_of(day(date))), &columns);
    assert_eq!(on("2013-12-10"), ["inadequate_any 2011-05-31 924 month", "inadequate_overall 2011-05-31 924 month"]);
    assert_eq!(
        on("2016-06-30"),
        [
            "inadequate_any 2011-05-31 1857 month",
            "inadequate_overall 2011-05-31 1857 month",
            "persistent_failure 2013-12-11 932 day",
            "systemic_failure 2013-12-11 932 day",
        ]
    );
    assert!(on("2019-02-01").is_empty());
    assert_eq!(on("2026-08-20"), ["inadequate_any 2023-02-03 1294 day"]); // leaders, February 2023
}

/// Bradford: inadequate in September 2018 and again in December 2022, within five years.
#[test]
fn bradford_failed_persistently() {
    let ratings = england().ratings().unwrap();
    let concerns = ofsted::concerns(&ratings.clone().as_of(day("2025-12-31")));
    let columns = ["concern", "since", "themes"];
    let everything = "headline;help_and_protection;care;care_leavers;leadership";
    assert_eq!(
        rows(concerns, ("name", "Bradford"), &columns),
        [
            format!("inadequate_any 2018-09-28 {everything}"),
            format!("inadequate_overall 2018-09-28 {everything}"),
            format!("persistent_failure 2022-12-02 {everything}"),
            format!("systemic_failure 2022-12-02 {everything}"),
        ]
    );
}

/// Fieldwork that ended from April 2018 to March 2019, counted from the table of inspections: 10, 16, 20, 5.
#[test]
fn inspections_of_a_financial_year() {
    let year = Year::Financial.of(day("2018-04-01"));
    let frame = headline().inspections_in(&[year]);
    assert_eq!(
        rows(frame, ("period", "2018/19"), &["grade", "count", "improved", "unchanged", "declined", "first"]),
        [
            "inadequate 10 0 2 8 0",
            "requires_improvement 16 6 9 1 0",
            "good 20 13 7 0 0",
            "outstanding 5 5 0 0 0",
            "not_reported 0 0 0 0 0",
        ]
    );
}

/// Counted from the table of inspections: after a good ILACS the next came after 1,569 days in the median of 62.
#[test]
fn intervals_after_ilacs() {
    let frame = headline().inspection_intervals();
    assert_eq!(
        rows(frame, ("from_framework", "ILACS"), &["from", "count", "median_days"]),
        ["inadequate 21 1323.0", "requires_improvement 49 1463.0", "good 62 1569.0", "outstanding 25 1666.0"]
    );
}

/// Slough's trust took over on 1 October 2015: inadequate 77 days later, requires improvement on 1 February 2019.
#[test]
fn slough_and_its_trust() {
    let frame = headline().around_events(EventKind::TrustEstablished);
    let columns = ["event_date", "before", "next", "next_days", "better", "better_on", "better_days"];
    assert_eq!(
        of_slough(frame, &columns),
        ["2015-10-01 inadequate inadequate 77 requires_improvement 2019-02-01 1219"]
    );
}

/// Northamptonshire was inadequate at its end in 2021, Cumbria required improvement at its end in 2023.
#[test]
fn successors_carry_a_grade_only_when_asked() {
    let opening = |name: &'static str, on: &str| {
        let columns = ["status", "grade", "since", "inspections"];
        let own = rows(headline().as_of(day(on)).standing(), ("name", name), &columns);
        assert_eq!(own, ["not_rated - - -"], "{name}");
        rows(headline().lineage().unwrap().as_of(day(on)).standing(), ("name", name), &columns)
    };
    assert_eq!(opening("West Northamptonshire", "2021-04-01"), ["rated inadequate 2021-04-01 1"]);
    assert_eq!(opening("Cumberland", "2023-04-01"), ["rated requires_improvement 2023-04-01 1"]);
    // First own inspection: October 2022, requires improvement.
    let spells = headline().lineage().unwrap().spells();
    assert_eq!(
        rows(spells, ("name", "West Northamptonshire"), &["grade", "start", "end", "ended_by"])[0],
        "inadequate 2021-04-01 2022-10-14 changed"
    );
}

/// Brent, February 2023: all four judgements good, and overall; May 2026: all four good, and no overall grade.
#[test]
fn a_trend_goes_on_across_the_reform() {
    let profile = ofsted::practice_profile(&england().ratings().unwrap()).unwrap();
    let columns = ["grade", "since", "latest"];
    assert_eq!(rows(profile.standing(), ("name", "Brent"), &columns), ["4 2023-02-24 2026-05-01"]);
    let rule = ofsted::short_inspection_rule(&england().ratings().unwrap()).unwrap();
    assert_eq!(of_slough(rule.standing(), &columns), ["not_met 2013-12-11 2023-02-03"]);
}

/// What is known of an inspection without its grades is said from its last day on, of its authority only.
#[test]
fn an_inspection_known_without_its_grades_is_said_wherever_its_authority_is_spoken_of() {
    const SAID: &str = "as known on 20 August 2026; inspected again in July 2026, grades not in these data";
    let england = england();
    let story = |name: &str, day: &str| {
        let code = england.find(name).unwrap().code.clone();
        Story::new(&england, &code, Clock::Effect, day.parse().unwrap()).unwrap()
    };
    for name in ["Dudley", "Hertfordshire", "Slough"] {
        let told = story(name, "2026-07-17").sentence();
        assert!(told.ends_with(&format!(" ({SAID}).")), "{told}");
        assert!(!story(name, "2026-07-16").sentence().contains("inspected again"), "{name}");
        assert!(story(name, "2026-08-20").course.notices == [SAID], "{name}");
    }
    assert!(!story("Luton", "2026-08-20").sentence().contains("inspected again"));
    // A user's own data say nothing of what they do not know, and know it when they have the inspection.
    let folder = tempfile::tempdir().unwrap();
    rating_history::ofsted::write_folder(&england, folder.path()).unwrap();
    assert!(
        rating_history::ofsted::read_folder(folder.path(), &rating_history::io::ReadOptions::default())
            .unwrap()
            .value
            .pending()
            .is_empty()
    );
    let slough = england.find("Slough").unwrap().code.clone();
    let day = NaiveDate::from_ymd_opt(2026, 7, 17);
    let newer = Inspection {
        id: "slough-2026".to_owned(),
        authority: slough.clone(),
        framework: Framework::Ilacs2026,
        kind: InspectionKind::Standard,
        dates: Dates::new(None, day, day, Precision::Day).unwrap(),
        judgements: vec![AreaJudgement { area: Area::Leadership, grade: Some(Grade::Good) }],
        source: String::new(),
        also: String::new(),
    };
    let known = england.clone().into_builder().inspections([newer]).build().unwrap();
    assert!(known.pending().iter().all(|p| p.authority != slough) && known.pending().len() == 2);
}

#[cfg(feature = "png")]
#[test]
fn every_picture_of_such_an_authority_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = |name: &str, kind: &str, more: &[&str]| {
        let file = folder.path().join("x.svg");
        let picture = ["chart", kind, "--authority", name, "-o", file.to_str().unwrap()];
        let output = crate::example("ratings", &[&picture[..], more].concat());
        assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
        let svg = std::fs::read_to_string(file).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text());
        let text = texts.map(str::trim).collect::<Vec<_>>().join(" ");
        let sentence =
            text.split(". ").find(|s| s.contains("as known on 20 August 2026; inspected again in July 2026"));
        sentence.is_some_and(|s| s.contains(name))
    };
    for kind in crate::PICTURES {
        let more: &[&str] = match kind {
            "survival" | "aligned" => &["--grade", "good"],
            "before-after" => &["--since", "2014-01-01"],
            _ => &[],
        };
        assert!(said("Hertfordshire", kind, more), "{kind}");
    }
    assert!(said("Slough", "ribbons", &["--nearest"]));
    assert!(!said("Slough", "trajectory", &["--as-of", "2026-07-16"]));
    assert!(!said("Birmingham", "trajectory", &[]));
    let page = crate::example("site", &["--authority", "Dudley", "--out", folder.path().to_str().unwrap()]);
    assert!(page.status.success());
    let html = std::fs::read_to_string(folder.path().join("dudley.html")).unwrap();
    assert!(html.matches("inspected again in July 2026").count() >= 3, "{}", html.len());
}
