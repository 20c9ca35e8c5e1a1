//! The queries against plain loops over random histories.

mod change;
mod concern;
mod count;
mod derive;
mod event;
mod indicator;
mod peer;
mod run;

use proptest::prelude::*;
use rating_history::chrono::{Days, NaiveDate};
use rating_history::ofsted::{
    Area, AreaJudgement, Authority, AuthorityCode, AuthorityType, Dates, Event, EventKind, EventScope, Framework,
    Grade, Inspection, RatingHistory, Region, Reported, Theme,
};
use rating_history::polars::prelude::{AnyValue, DataFrame, IntoLazy, LazyFrame, SortMultipleOptions, col};
use rating_history::{Clock, Precision, Ratings};

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 1, 1).unwrap() + Days::new(offset)
}

fn code_of(n: usize) -> AuthorityCode {
    AuthorityCode::new(format!("E0600000{n}")).unwrap()
}

/// How many authorities: 1 and 3 close into 4 and 5, which open on that day; 2 opens earlier.
const AUTHORITIES: usize = 7;

fn authority(n: usize) -> Authority {
    Authority {
        code: code_of(n),
        la_code: None,
        urn: None,
        name: format!("Authority {n}"),
        region: if n.is_multiple_of(2) { Region::London } else { Region::SouthEast },
        authority_type: if n < 4 { AuthorityType::Unitary } else { AuthorityType::County },
        opened: match n {
            2 => Some(day(2000)),
            4 | 5 => Some(day(4000)),
            _ => None,
        },
        closed: [1, 3].contains(&n).then(|| day(4000)),
        successors: match n {
            1 => vec![code_of(4), code_of(5)],
            3 => vec![code_of(4)],
            _ => vec![],
        },
        former_codes: vec![],
    }
}

type Raw = (usize, usize, u64, Option<u64>, bool, Vec<u8>);

fn inspection(n: usize, (owner, framework, end, publication, by_month, grades): Raw) -> Option<Inspection> {
    let owner = authority(owner);
    let framework = Framework::ALL[framework % Framework::ALL.len()];
    let end = day(end);
    let precision = if by_month { Precision::Month } else { Precision::Day };
    let published = publication.map(|p| if by_month { end - Days::new(p % 30) } else { end + Days::new(p) });
    let dates = Dates::new(None, Some(end), published, precision).unwrap();
    let split = dates.effect() >= NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    let judgements: Vec<AreaJudgement> = framework
        .areas()
        .iter()
        .filter(|a| framework != Framework::Ilacs || **a != Area::InCareAndCareLeavers || !split)
        .filter(|a| framework != Framework::Ilacs || ![Area::InCare, Area::CareLeavers].contains(a) || split)
        .zip(grades)
        .filter(|(_, g)| *g < 6)
        .map(|(area, g)| AreaJudgement { area: *area, grade: Grade::ALL.get(usize::from(g)).copied() })
        .collect();
    (owner.exists_on(dates.effect()) && !judgements.is_empty()).then(|| Inspection {
        id: format!("i{n:03}"),
        authority: owner.code,
        framework,
        kind: framework.kinds()[0],
        dates,
        judgements,
        source: String::new(),
        also: String::new(),
    })
}

fn event((owner, kind, start, send): (usize, bool, u64, u8)) -> Event {
    Event {
        authority: code_of(owner),
        kind: if kind { EventKind::TrustEstablished } else { EventKind::Partnership },
        scope: if send == 0 { EventScope::Send } else { EventScope::Children },
        start: day(start),
        end: None,
        precision: Precision::Day,
        label: String::new(),
        source: String::new(),
    }
}

prop_compose! {
    fn history()(
        raw in prop::collection::vec(
            (0..AUTHORITIES, 0..7usize, 0..6400u64, prop::option::of(0..200u64), any::<bool>(),
             prop::collection::vec(0..8u8, 7)),
            0..60,
        ),
        events in prop::collection::vec((0..AUTHORITIES, any::<bool>(), 0..6600u64, 0..5u8), 0..6),
    ) -> RatingHistory {
        let mut seen = std::collections::HashSet::new();
        let inspections: Vec<Inspection> = raw
            .into_iter()
            .enumerate()
            .filter_map(|(n, r)| inspection(n, r))
            .filter(|i| seen.insert((i.authority.clone(), i.framework, i.dates.effect())))
            .collect();
        let neighbours = |n: usize| [1, 3, 4].map(|step| code_of((n + step) % AUTHORITIES)).to_vec();
        (0..AUTHORITIES)
            .fold(RatingHistory::builder(), |b, n| b.neighbours(code_of(n), neighbours(n)))
            .authorities((0..AUTHORITIES).map(authority))
            .inspections(inspections)
            .events(events.into_iter().map(event))
            .cut_off(day(6500))
            .build()
            .unwrap()
    }
}

/// One judgement of a series; no grade when not reported.
#[derive(Clone, Copy)]
struct Rating {
    date: NaiveDate,
    grade: Option<Grade>,
    framework: Framework,
}

fn series(history: &RatingHistory, owner: &Authority, theme: Theme, clock: Clock, as_of: NaiveDate) -> Vec<Rating> {
    let mut rows: Vec<_> = history
        .inspections()
        .iter()
        .filter(|i| i.authority == owner.code)
        .filter_map(|i| {
            let grade = match i.reported(theme) {
                Reported::Graded { grade, .. } => Some(grade),
                Reported::NotReported => None,
                _ => return None,
            };
            let rating = Rating { date: i.dates.on(clock), grade, framework: i.framework };
            Some((i.dates.published(), i.id.clone(), rating))
        })
        .filter(|(_, _, r)| r.date <= as_of && owner.closed.is_none_or(|c| r.date < c))
        .collect();
    rows.sort_by_key(|(published, id, r)| (r.date, *published, id.clone()));
    rows.into_iter().map(|r| r.2).collect()
}

/// Runs of one key: first and last place in the series.
fn runs<K: PartialEq>(series: &[Rating], key: impl Fn(Option<Grade>) -> K) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (n, rating) in series.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if key(series[run.0].grade) == key(rating.grade) => run.1 = n,
            _ => runs.push((n, n)),
        }
    }
    runs
}

fn end(series: &[Rating], last: usize, owner: &Authority, as_of: NaiveDate) -> (NaiveDate, &'static str) {
    match (series.get(last + 1), owner.closed.filter(|c| *c <= as_of)) {
        (Some(next), _) => (next.date, if next.grade.is_some() { "changed" } else { "not_reported" }),
        (None, Some(closed)) => (closed, "closed"),
        (None, None) => (as_of, "as_of"),
    }
}

fn code(grade: Option<Grade>) -> String {
    grade.map_or("null".to_owned(), |g| g.code().to_owned())
}

/// What a series is in after its last judgement.
fn state(series: &[Rating]) -> String {
    match series.last() {
        None => "not_rated".to_owned(),
        Some(rating) => rating.grade.map_or("not_reported".to_owned(), |g| g.code().to_owned()),
    }
}

fn steps(from: Grade, to: Grade) -> i32 {
    i32::from(to.rank()) - i32::from(from.rank())
}

fn number(x: Option<f64>) -> String {
    x.map_or("null".to_owned(), |x| format!("{x:.6}"))
}

fn ratio(part: usize, all: usize) -> String {
    number((all > 0).then(|| part as f64 / all as f64))
}

fn median(mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    let middle = |n: usize| values.get(n).map(|v| *v as f64);
    match values.len() {
        0 => None,
        n if n % 2 == 1 => middle(n / 2),
        n => Some((middle(n / 2 - 1)? + middle(n / 2)?) / 2.0),
    }
}

fn clock(published: bool) -> Clock {
    if published { Clock::Published } else { Clock::Effect }
}

fn row<T: ToString>(cells: impl IntoIterator<Item = T>) -> Vec<String> {
    cells.into_iter().map(|c| c.to_string()).collect()
}

fn or_null(value: Option<impl ToString>) -> String {
    value.map_or("null".to_owned(), |v| v.to_string())
}

/// The themes that anybody has been judged in.
fn themes(all: &[(Authority, Theme, Vec<Rating>)]) -> Vec<Theme> {
    let judged = |theme: &&Theme| all.iter().any(|(_, t, series)| t == *theme && !series.is_empty());
    Theme::ALL.iter().filter(judged).copied().collect()
}

/// Every row as text, ordered.
fn rows(frame: impl Into<LazyFrame>, columns: &[&str]) -> Vec<Vec<String>> {
    let frame: DataFrame = frame.into().select(columns.iter().map(|c| col(*c)).collect::<Vec<_>>()).collect().unwrap();
    let cell = |value: AnyValue| match value {
        AnyValue::Null => "null".to_owned(),
        AnyValue::Float64(x) => format!("{x:.6}"),
        value => value.get_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    let rows = (0..frame.height()).map(|n| frame.columns().iter().map(|c| cell(c.get(n).unwrap())).collect());
    sorted(rows.collect())
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}

fn each_series(history: &RatingHistory, clock: Clock, as_of: NaiveDate) -> Vec<(Authority, Theme, Vec<Rating>)> {
    let mut all = Vec::new();
    for owner in history.authorities() {
        for theme in Theme::ALL {
            all.push((owner.clone(), *theme, series(history, owner, *theme, clock, as_of)));
        }
    }
    all
}

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn frames_json_and_tables_hold_the_history(history in history()) {
        let inspections = RatingHistory::inspections_in(&history.ratings().unwrap()).unwrap();
        let again = history.clone().into_builder().without_inspections().inspections(inspections).build().unwrap();
        prop_assert_eq!(&again, &history);
        let json = serde_json::to_string(&history).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RatingHistory>(&json).unwrap(), &history);
        let tables = rating_history::ofsted::Tables::from_history(&history);
        if let Ok(read) = tables.read(&rating_history::io::ReadOptions::default()).map(|read| read.value) {
            prop_assert_eq!(read.inspections(), history.inspections());
        } else {
            prop_assert!(history.inspections().is_empty());
        }
    }

    #[test]
    fn a_frame_from_a_history_is_in_order(history in history()) {
        let ratings = history.ratings().unwrap();
        let series = ratings.lazy().filter(col("theme").is_not_null());
        prop_assert!(Ratings::new(series.clone(), ratings.scale().clone()).is_ok());
        let back = series.collect().unwrap().lazy().sort(["date"], SortMultipleOptions::default().with_order_descending(true));
        if back.clone().collect().unwrap().height() > 20 {
            prop_assert!(Ratings::new(back, ratings.scale().clone()).is_err());
        }
    }
}
