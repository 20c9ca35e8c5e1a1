//! The queries on England's data, against answers worked out by hand from the reports.

use rating_history::Ratings;
use rating_history::chrono::NaiveDate;
use rating_history::ofsted::{self, EventKind, RatingHistory, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::{self, Since, Year};

const SLOUGH: &str = "E06000039";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn england() -> RatingHistory {
    ofsted::england().unwrap()
}

fn headline() -> Ratings {
    england().ratings().unwrap().series_only([Theme::Headline])
}

fn now() -> NaiveDate {
    england().cut_off()
}

/// The rows with `value` in `column`, as text.
fn rows(frame: LazyFrame, (column, value): (&str, &str), columns: &[&str]) -> Vec<String> {
    let text = |c: &&str| col(*c).cast(DataType::String).fill_null(lit("-"));
    let only = frame.filter(col(column).cast(DataType::String).eq(lit(value)));
    let frame = only.select(columns.iter().map(text).collect::<Vec<_>>()).collect().unwrap();
    let cell = |c: &Column, row: usize| c.str().unwrap().get(row).unwrap_or_default().to_owned();
    (0..frame.height()).map(|row| frame.columns().iter().map(|c| cell(c, row)).collect::<Vec<_>>().join(" ")).collect()
}

fn of_slough(frame: LazyFrame, columns: &[&str]) -> Vec<String> {
    rows(frame, ("authority", SLOUGH), columns)
}

#[test]
fn slough_in_every_query() {
    let ratings = headline();
    let transitions = of_slough(trend::transitions(&ratings, now()), &["from", "to", "on", "days", "steps"]);
    assert_eq!(
        transitions,
        [
            "inadequate inadequate 2013-12-11 925 0",
            "inadequate inadequate 2015-12-17 736 0",
            "inadequate requires_improvement 2019-02-01 1142 1",
            "requires_improvement requires_improvement 2023-02-03 1463 0",
        ]
    );
    let times = of_slough(trend::time_in_grade(&ratings, now()), &["grade", "days", "spells", "inspections"]);
    assert_eq!(times, ["inadequate 2803 1 3", "requires_improvement 2757 1 2"]);
    let movers = trend::movers(&ratings, Since::Date(day("2016-06-30")), now()).unwrap();
    let columns = ["from", "to", "steps", "since", "latest", "wait"];
    assert_eq!(of_slough(movers, &columns), ["inadequate requires_improvement 1 2019-02-01 2023-02-03 1294"]);
    let movers = trend::movers(&ratings, Since::PreviousInspection, now()).unwrap();
    assert_eq!(
        of_slough(movers, &["from", "to", "direction"]),
        ["requires_improvement requires_improvement unchanged"]
    );
    let judgements = of_slough(trend::judgements(&ratings, now()), &["date", "date_precision", "framework"]);
    assert_eq!(judgements[0], "2011-05-31 month SLAC");
}

#[test]
fn those_created_or_abolished_since_are_no_movers() {
    let movers = || trend::movers(&headline(), Since::Date(day("2018-12-31")), day("2023-12-31")).unwrap();
    let columns = ["from", "to", "steps", "direction"];
    assert_eq!(rows(movers(), ("name", "Cumberland"), &columns), ["opened not_rated - -"]);
    assert_eq!(rows(movers(), ("name", "Dorset"), &columns), ["opened good - -"]);
    assert!(rows(movers(), ("name", "Northamptonshire"), &columns).is_empty());
}

/// Slough's neighbours by the Department for Education's model, and their reports.
#[test]
fn slough_among_its_peers() {
    let peers = || trend::peers(&headline(), SLOUGH, now()).unwrap();
    let neighbours = rows(peers(), ("group", "neighbours"), &["place", "name", "status", "grade", "since", "steps"]);
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
    assert_eq!(rows(peers(), ("group", "own"), &["name", "grade"]), ["Slough requires_improvement"]);
    assert_eq!(rows(peers(), ("group", "region"), &["name"]).len(), 18);
    // Of nine neighbours with a grade six stand higher, one the same, two lower: (2 + 1/2) / 9.
    let standing = trend::peer_standing(&headline(), SLOUGH, &[now()]).unwrap();
    let standing = standing.with_columns([col("percentile").cast(DataType::Int32), col("share_at_or_above") * lit(9)]);
    let columns = ["grade", "peers", "rated", "above", "same", "below", "rank", "percentile", "share_at_or_above"];
    assert_eq!(rows(standing, ("group", "neighbours"), &columns), ["requires_improvement 10 9 6 1 2 7 27 7.0"]);
}

#[test]
fn profiles_by_hand() {
    let ratings = england().ratings().unwrap();
    let columns = ["headline", "care_leavers", "leadership", "weakest", "strongest", "below_headline"];
    let profile = |name: &str| rows(ofsted::profile(&ratings, now()).unwrap(), ("name", name), &columns);
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
    let on = |date: &str| of_slough(ofsted::concerns(&ratings, day(date)).unwrap(), &columns);
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
    let concerns = ofsted::concerns(&ratings, day("2025-12-31")).unwrap();
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
    let frame = trend::inspections_in(&headline(), &[year]).unwrap();
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
    let frame = trend::inspection_intervals(&headline(), now());
    assert_eq!(
        rows(frame, ("from_framework", "ILACS"), &["from", "count", "median_days"]),
        ["inadequate 21 1323.0", "requires_improvement 49 1463.0", "good 62 1569.0", "outstanding 25 1666.0"]
    );
}

/// Slough's trust took over on 1 October 2015: inadequate 77 days later, requires improvement on 1 February 2019.
#[test]
fn slough_and_its_trust() {
    let frame = trend::around_events(&headline(), EventKind::TrustEstablished, now()).unwrap();
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
        let own = rows(trend::as_of(&headline(), day(on)), ("name", name), &columns);
        assert_eq!(own, ["not_rated - - -"], "{name}");
        rows(trend::as_of(&headline().lineage().unwrap(), day(on)), ("name", name), &columns)
    };
    assert_eq!(opening("West Northamptonshire", "2021-04-01"), ["rated inadequate 2021-04-01 1"]);
    assert_eq!(opening("Cumberland", "2023-04-01"), ["rated requires_improvement 2023-04-01 1"]);
    // First own inspection: October 2022, requires improvement.
    let spells = trend::spells(&headline().lineage().unwrap(), now());
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
    assert_eq!(rows(trend::as_of(&profile, now()), ("name", "Brent"), &columns), ["4 2023-02-24 2026-05-01"]);
    let rule = ofsted::short_inspection_rule(&england().ratings().unwrap()).unwrap();
    assert_eq!(of_slough(trend::as_of(&rule, now()), &columns), ["not_met 2013-12-11 2023-02-03"]);
}
