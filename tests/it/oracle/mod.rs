//! The queries against plain loops over random histories.

use proptest::prelude::*;
use rating_history::chrono::{Days, NaiveDate};
use rating_history::polars::prelude::{AnyValue, DataFrame, DataType, IntoLazy, LazyFrame, SortMultipleOptions, col};
use rating_history::trend::{self, Condition};
use rating_history::{
    Area, Authority, AuthorityCode, AuthorityType, Clock, Dates, Framework, Grade, Inspection, Judgement, Precision,
    RatingHistory, Ratings, Region, Reported, Theme,
};

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 1, 1).unwrap() + Days::new(offset)
}

fn authority(n: usize) -> Authority {
    Authority {
        code: AuthorityCode::new(format!("E0600000{n}")).unwrap(),
        la_code: None,
        urn: None,
        name: format!("Authority {n}"),
        region: Region::London,
        authority_type: AuthorityType::Unitary,
        opened: (n == 2).then(|| day(2000)),
        closed: (n == 1).then(|| day(4000)),
        successors: vec![],
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
    let judgements: Vec<Judgement> = framework
        .areas()
        .iter()
        .filter(|a| framework != Framework::Ilacs || **a != Area::InCareAndCareLeavers || !split)
        .filter(|a| framework != Framework::Ilacs || ![Area::InCare, Area::CareLeavers].contains(a) || split)
        .zip(grades)
        .filter(|(_, g)| *g < 6)
        .map(|(area, g)| Judgement { area: *area, grade: Grade::ALL.get(usize::from(g)).copied() })
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

prop_compose! {
    fn history()(
        raw in prop::collection::vec(
            (0..4usize, 0..7usize, 0..6400u64, prop::option::of(0..200u64), any::<bool>(),
             prop::collection::vec(0..8u8, 7)),
            0..40,
        )
    ) -> RatingHistory {
        let mut seen = std::collections::HashSet::new();
        let inspections: Vec<Inspection> = raw
            .into_iter()
            .enumerate()
            .filter_map(|(n, r)| inspection(n, r))
            .filter(|i| seen.insert((i.authority.clone(), i.framework, i.dates.effect())))
            .collect();
        RatingHistory::builder()
            .authorities((0..4).map(authority))
            .inspections(inspections)
            .cut_off(day(6500))
            .build()
            .unwrap()
    }
}

/// One judgement of a series; no grade when not reported.
type Rating = (NaiveDate, Option<Grade>);

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
            Some((i.dates.on(clock), i.dates.published(), i.id.clone(), grade))
        })
        .filter(|r| r.0 <= as_of && owner.closed.is_none_or(|c| r.0 < c))
        .collect();
    rows.sort();
    rows.into_iter().map(|r| (r.0, r.3)).collect()
}

/// Runs of one key: first and last place in the series.
fn runs<K: PartialEq>(series: &[Rating], key: impl Fn(Option<Grade>) -> K) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (n, rating) in series.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if key(series[run.0].1) == key(rating.1) => run.1 = n,
            _ => runs.push((n, n)),
        }
    }
    runs
}

fn end(series: &[Rating], last: usize, owner: &Authority, as_of: NaiveDate) -> (NaiveDate, &'static str) {
    match (series.get(last + 1), owner.closed.filter(|c| *c <= as_of)) {
        (Some((date, Some(_))), _) => (*date, "changed"),
        (Some((date, None)), _) => (*date, "not_reported"),
        (None, Some(closed)) => (closed, "closed"),
        (None, None) => (as_of, "as_of"),
    }
}

fn code(grade: Option<Grade>) -> String {
    grade.map_or("null".to_owned(), |g| g.code().to_owned())
}

/// Every row as text, ordered.
fn rows(frame: LazyFrame, columns: &[&str]) -> Vec<Vec<String>> {
    let frame: DataFrame =
        frame.select(columns.iter().map(|c| col(*c).cast(DataType::String)).collect::<Vec<_>>()).collect().unwrap();
    let mut rows: Vec<Vec<String>> = (0..frame.height())
        .map(|n| {
            frame
                .columns()
                .iter()
                .map(|c| match c.get(n).unwrap() {
                    AnyValue::Null => "null".to_owned(),
                    value => value.get_str().unwrap().to_owned(),
                })
                .collect()
        })
        .collect();
    rows.sort();
    rows
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
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spells_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), if published { Clock::Published } else { Clock::Effect });
        let mut expected = Vec::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (first, last) in runs(&series, |g| g) {
                let (start, grade) = series[first];
                if grade.is_none() {
                    continue;
                }
                let (end, why) = end(&series, last, &owner, as_of);
                expected.push(vec![
                    owner.code.to_string(), owner.name.clone(), theme.code().into(), code(grade), start.to_string(),
                    end.to_string(), (end - start).num_days().to_string(), (last - first + 1).to_string(), why.into(),
                ]);
            }
        }
        let ratings = Ratings::from_history(&history).unwrap().clock(clock);
        let columns = ["authority", "name", "theme", "grade", "start", "end", "days", "inspections", "ended_by"];
        prop_assert_eq!(rows(trend::spells(&ratings, as_of), &columns), sorted(expected));
    }

    #[test]
    fn streaks_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, published in any::<bool>(), above in any::<bool>(), bound in 0..4usize,
    ) {
        let (as_of, clock) = (day(at), if published { Clock::Published } else { Clock::Effect });
        let bound = Grade::ALL[bound];
        let condition = if above { Condition::AtOrAbove(bound.into()) } else { Condition::AtOrBelow(bound.into()) };
        let meets = |g: Option<Grade>| g.map(|g| if above { g >= bound } else { g <= bound });
        let mut expected = Vec::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (first, last) in runs(&series, meets) {
                let (start, grade) = series[first];
                if meets(grade) != Some(true) {
                    continue;
                }
                let (end, why) = end(&series, last, &owner, as_of);
                expected.push(vec![
                    owner.code.to_string(), theme.code().into(), code(grade), code(series[last].1), start.to_string(),
                    end.to_string(), (end - start).num_days().to_string(), (last - first + 1).to_string(), why.into(),
                ]);
            }
        }
        let ratings = Ratings::from_history(&history).unwrap().clock(clock);
        let columns =
            ["authority", "theme", "first_grade", "last_grade", "start", "end", "days", "inspections", "ended_by"];
        let streaks = trend::streaks(&ratings, &condition, as_of).unwrap();
        prop_assert_eq!(rows(streaks, &columns), sorted(expected));
    }

    #[test]
    fn standings_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), if published { Clock::Published } else { Clock::Effect });
        let all = each_series(&history, clock, as_of);
        let open = |owner: &Authority| owner.exists_on(as_of);
        let mut expected = Vec::new();
        for theme in Theme::ALL {
            let of_theme = || all.iter().filter(|(owner, t, _)| t == theme && open(owner));
            if of_theme().all(|(_, _, series)| series.is_empty()) {
                continue;
            }
            for (owner, _, series) in of_theme() {
                let mut row = vec![owner.code.to_string(), theme.code().to_owned()];
                row.extend(match runs(series, |g| g).last() {
                    None => ["not_rated", "null", "null", "null", "null", "null"].map(str::to_owned),
                    Some((first, last)) => {
                        let (since, grade) = series[*first];
                        [
                            if grade.is_some() { "rated" } else { "not_reported" }.to_owned(),
                            code(grade),
                            since.to_string(),
                            (last - first + 1).to_string(),
                            (as_of - since).num_days().to_string(),
                            series[*last].0.to_string(),
                        ]
                    }
                });
                expected.push(row);
            }
        }
        let ratings = Ratings::from_history(&history).unwrap().clock(clock);
        let columns = ["authority", "theme", "status", "grade", "since", "inspections", "days", "latest"];
        prop_assert_eq!(rows(trend::as_of(&ratings, as_of), &columns), sorted(expected));
    }

    #[test]
    fn frames_json_and_tables_hold_the_history(history in history()) {
        let inspections = Ratings::from_history(&history).unwrap().inspections().unwrap();
        let again = history.clone().into_builder().without_inspections().inspections(inspections).build().unwrap();
        prop_assert_eq!(&again, &history);
        let json = serde_json::to_string(&history).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RatingHistory>(&json).unwrap(), &history);
        let tables = rating_history::io::Tables::from_history(&history);
        if let Ok(read) = tables.parse() {
            prop_assert_eq!(read.inspections(), history.inspections());
        } else {
            prop_assert!(history.inspections().is_empty());
        }
    }

    #[test]
    fn a_frame_from_a_history_is_in_order(history in history()) {
        let ratings = Ratings::from_history(&history).unwrap();
        let series = ratings.lazy().filter(col("theme").is_not_null());
        prop_assert!(Ratings::new(series.clone(), ratings.scale().clone()).is_ok());
        let back = series.collect().unwrap().lazy().sort(["date"], SortMultipleOptions::default().with_order_descending(true));
        if back.clone().collect().unwrap().height() > 20 {
            prop_assert!(Ratings::new(back, ratings.scale().clone()).is_err());
        }
    }
}
