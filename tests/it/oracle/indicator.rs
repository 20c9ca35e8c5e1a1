//! Indicators beside the ratings.

use proptest::prelude::*;
use rating_history::chrono::Datelike;
use rating_history::indicator::{
    Contrast, DayOfYear, Indicator, IndicatorValue, Indicators, Moment, Note, Total, Unit,
};

use super::*;

const YEARS: std::ops::RangeInclusive<i32> = 2009..=2026;
const DAYS: [(&str, &str); 2] = [("spring", "31 March"), ("autumn", "30 September")];

type Cell = (u8, u8);

fn value(body: String, indicator: &str, year: i32, (kind, size): Cell) -> IndicatorValue {
    let found = f64::from(size % 101);
    let (value, note) = match kind {
        0 => (None, Some(Note::Suppressed)),
        1 => (Some(found), Some(Note::Joint)),
        _ => (Some(found), None),
    };
    let numerator = value.map(|_| f64::from(size % 41));
    IndicatorValue { body, indicator: indicator.to_owned(), year, value, numerator, denominator: Some(40.0), note }
}

prop_compose! {
    fn indicators()(
        cells in prop::collection::vec((0..12u8, any::<u8>()), (AUTHORITIES + 3) * 2 * 18),
    ) -> Indicators {
        let totals = [("all", None), ("east", Some(Region::SouthEast)), ("town", Some(Region::London))];
        let mut cells = cells.into_iter();
        let mut values = Vec::new();
        let ids = (0..AUTHORITIES).map(|n| code_of(n).to_string()).chain(totals.map(|(id, _)| id.to_owned()));
        for id in ids {
            for (indicator, _) in DAYS {
                values.extend(YEARS.map(|year| value(id.clone(), indicator, year, cells.next().unwrap())));
            }
        }
        let list = DAYS.map(|(id, day)| {
            let mut indicator = Indicator::new(id, id, Unit::Percent, day.parse().unwrap());
            indicator.proportion = id == "spring";
            indicator
        });
        let totals = totals.map(|(id, region): (&str, Option<Region>)| Total {
            id: id.to_owned(),
            name: id.to_owned(),
            region: region.map(|r| r.code().to_owned()),
        });
        Indicators::new(list, values, totals).unwrap().leaving_out([code_of(6).to_string()])
    }
}

fn stands_on(indicators: &Indicators, value: &IndicatorValue) -> NaiveDate {
    indicators.get(&value.indicator).unwrap().stands_on.in_year(value.year)
}

fn owner<'a>(history: &'a RatingHistory, body: &str) -> Option<&'a Authority> {
    history.authorities().iter().find(|a| a.code.as_str() == body)
}

/// The values of bodies that count in means.
fn counted(indicators: &Indicators) -> Vec<&IndicatorValue> {
    let is_total = |id: &str| ["all", "east", "town"].contains(&id);
    let all = indicators.values().iter().filter(|v| v.value.is_some() && v.note.is_none());
    all.filter(|v| !is_total(&v.body) && v.body != code_of(6).as_str()).collect()
}

/// The series of a body as far as it counts on a day.
fn by(history: &RatingHistory, body: &Authority, theme: Theme, clock: Clock, day: NaiveDate) -> Vec<Rating> {
    series(history, body, theme, clock, day)
}

fn quartile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = part * (values.len() - 1) as f64;
    let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
    below + (above - below) * (at - at.floor())
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A number of an indicator under a grade: body, year, rank, value.
type Graded = (String, i32, f64, f64);

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// What is left of a column when others, each at right angles to the rest, are taken out of it; twice, as once rounds.
fn left_of(column: &[f64], others: &[Vec<f64>]) -> Vec<f64> {
    let mut left = column.to_vec();
    for other in others.iter().chain(others) {
        let part = dot(&left, other) / dot(other, other);
        left.iter_mut().zip(other).for_each(|(l, o)| *l -= part * o);
    }
    left
}

/// The coefficient of the rank beside a column of 0 and 1 for each group of some kinds, and its clustered t: least squares by
/// columns at right angles, loop by loop.
fn slope(rows: &[Graded], kinds: &[&dyn Fn(&Graded) -> String]) -> Option<(f64, f64)> {
    let mut effects: Vec<Vec<f64>> = Vec::new();
    for kind in kinds {
        let groups: std::collections::BTreeSet<String> = rows.iter().map(kind).collect();
        for group in groups {
            let column: Vec<f64> = rows.iter().map(|r| f64::from(u8::from(kind(r) == group))).collect();
            let left = left_of(&column, &effects);
            if dot(&left, &left) > 1e-9 * dot(&column, &column) {
                effects.push(left);
            }
        }
    }
    let step = left_of(&rows.iter().map(|r| r.2).collect::<Vec<_>>(), &effects);
    let bodies: std::collections::BTreeSet<&String> = rows.iter().map(|r| &r.0).collect();
    let (n, k, g) = (rows.len(), effects.len() + 1, bodies.len());
    let size = dot(&step, &step);
    if n <= k || g < 2 || size < 1e-9 {
        return None;
    }
    let values: Vec<f64> = rows.iter().map(|r| r.3).collect();
    let found = dot(&step, &values) / size;
    let rest = left_of(&values, &[effects, vec![step.clone()]].concat());
    let mut spread = 0.0;
    for body in bodies {
        let own = rows.iter().zip(step.iter().zip(&rest)).filter(|(r, _)| r.0 == *body);
        spread += own.map(|(_, (s, r))| s * r).sum::<f64>().powi(2);
    }
    let (n, k, g) = (n as f64, k as f64, g as f64);
    let error = (g / (g - 1.0) * (n - 1.0) / (n - k) * spread).sqrt() / size;
    (error > 1e-7).then_some((found, found / error))
}

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn a_step_between_and_within_bodies_is_what_loops_find(
        history in history(), indicators in indicators(), at in 3000..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let mut graded: std::collections::BTreeMap<String, Vec<Graded>> = Default::default();
        for value in counted(&indicators) {
            let (date, owner) = (stands_on(&indicators, value), owner(&history, &value.body).unwrap());
            let known = by(&history, owner, Theme::Headline, clock, date);
            let Some(grade) = known.last().and_then(|r| r.grade).filter(|_| date <= as_of && owner.exists_on(date))
            else { continue };
            let line = (value.body.clone(), value.year, f64::from(grade.rank()), value.value.unwrap());
            graded.entry(value.indicator.clone()).or_default().push(line);
        }
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        if let Ok(headline) = ratings.series(Theme::Headline) {
            let rows = indicators.grade_differences(&headline).rows().unwrap();
            let steps: Vec<_> = rows.iter().filter(|r| r.contrast == Contrast::PerStep).collect();
            prop_assert_eq!(steps.len(), graded.len());
            for step in steps {
                let own = &graded[&step.indicator];
                let (year, body) = (|r: &Graded| r.1.to_string(), |r: &Graded| r.0.clone());
                let expected = [slope(own, &[&year]), slope(own, &[&year, &body])];
                let found = [step.between.zip(step.between_t), step.within.zip(step.within_t)];
                for (expected, found) in expected.into_iter().zip(found) {
                    match (expected, found) {
                        (None, None) => {}
                        (Some((slope, t)), Some((b, own_t))) => {
                            prop_assert!((slope - b).abs() < 1e-6 * (1.0 + slope.abs()), "{} {}", slope, b);
                            prop_assert!((t - own_t).abs() < 1e-5 * (1.0 + t.abs()), "{} {}", t, own_t);
                        }
                        // Residuals of nothing but rounding have no error to speak of.
                        (expected, found) => prop_assert!(
                            expected.or(found).is_some_and(|(_, t)| t.abs() > 1e5), "{:?} {:?}", expected, found
                        ),
                    }
                }
                prop_assert_eq!(step.n as usize, own.len());
            }
        }
    }

    #[test]
    fn values_stand_beside_the_grade_of_their_day(
        history in history(), indicators in indicators(), at in 0..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let all = each_series(&history, clock, as_of);
        let mut expected = Vec::new();
        for value in indicators.values() {
            let (date, Some(owner)) = (stands_on(&indicators, value), owner(&history, &value.body)) else { continue };
            if date > as_of || !owner.exists_on(date) {
                continue;
            }
            for theme in themes(&all) {
                let known = by(&history, owner, theme, clock, date);
                let last = known.last().map(|r| r.date);
                let mut line = row([value.body.as_str(), theme.code(), &value.indicator, &value.year.to_string()]);
                line.extend([date.to_string(), number(value.value), state(&known), or_null(last)]);
                expected.push(line);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        let columns = ["authority", "theme", "indicator", "year", "day", "value", "grade", "judged"];
        prop_assert_eq!(rows(indicators.beside(&ratings), &columns), sorted(expected));
    }

    #[test]
    fn judgements_stand_beside_the_values_around_them(
        history in history(), indicators in indicators(), at in 0..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let mut expected = Vec::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (rating, indicator) in series.iter().flat_map(|r| indicators.list().iter().map(move |i| (r, i))) {
                let Some(grade) = rating.grade else { continue };
                let known: Vec<&IndicatorValue> = indicators
                    .of(owner.code.as_str(), &indicator.id)
                    .filter(|v| stands_on(&indicators, v) <= as_of)
                    .collect();
                let before = |v: &&&IndicatorValue| stands_on(&indicators, v) < rating.date;
                let latest = known.iter().filter(before).rfind(|v| v.value.is_some());
                let this = indicator.stands_on.in_year(rating.date.year());
                let year = if this < rating.date { rating.date.year() } else { rating.date.year() - 1 };
                let at = |offset: i32| known.iter().find(|v| v.year == year + offset).and_then(|v| v.value);
                let mut line = row([owner.code.as_str(), theme.code(), grade.code(), &rating.date.to_string()]);
                line.extend([indicator.id.clone(), or_null(latest.map(|v| v.year)), year.to_string()]);
                line.push(number(latest.and_then(|v| v.value)));
                line.extend((-3..=3).map(|offset| number(at(offset))));
                expected.push(line);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        let columns = [
            "authority", "theme", "grade", "date", "indicator", "latest_year", "year", "latest", "before_3", "before_2",
            "before_1", "value", "after_1", "after_2", "after_3",
        ];
        prop_assert_eq!(rows(indicators.beside_judgements(&ratings), &columns), sorted(expected));
    }

    #[test]
    fn indicators_by_grade_are_what_a_loop_finds(
        history in history(), indicators in indicators(), at in 0..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        type Group = (String, Option<i32>, Grade);
        // A value, and its difference from the totals of the region and of all.
        type Found = (f64, Option<f64>, Option<f64>);
        let mut groups: std::collections::BTreeMap<Group, Vec<Found>> = Default::default();
        for value in counted(&indicators) {
            let (date, owner) = (stands_on(&indicators, value), owner(&history, &value.body).unwrap());
            let known = by(&history, owner, Theme::Headline, clock, date);
            let Some(grade) = known.last().and_then(|r| r.grade).filter(|_| date <= as_of && owner.exists_on(date))
            else { continue };
            let of = |total: &str| indicators.value(total, &value.indicator, value.year).and_then(|v| v.value);
            let region = of(if owner.region == Region::London { "town" } else { "east" });
            let found = value.value.unwrap();
            for year in [Some(value.year), None] {
                let less = |total: Option<f64>| total.map(|t| found - t);
                let group = groups.entry((value.indicator.clone(), year, grade)).or_default();
                group.push((found, less(region), less(of("all"))));
            }
        }
        let mut expected = Vec::new();
        for ((indicator, year, grade), values) in groups {
            let own: Vec<f64> = values.iter().map(|v| v.0).collect();
            let part = |of: fn(&Found) -> Option<f64>| {
                mean(&values.iter().filter_map(of).collect::<Vec<_>>())
            };
            let mut line = row([indicator, or_null(year), grade.code().to_owned(), own.len().to_string()]);
            let quartiles = [0.5, 0.25, 0.75].map(|q| number(Some(quartile(&own, q))));
            line.push(number(mean(&own)));
            line.extend(quartiles);
            line.extend([number(part(|v| v.1)), number(part(|v| v.2))]);
            expected.push(line);
        }
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        let columns = [
            "indicator", "year", "grade", "n", "mean", "median", "lower_quartile", "upper_quartile", "against_region",
            "against_all",
        ];
        if let Ok(headline) = ratings.series(Theme::Headline) {
            prop_assert_eq!(rows(indicators.by_grade(&headline), &columns), sorted(expected));
        }
    }

}

proptest! {
    // Each case is a loop over moments, bodies and years.
    #![proptest_config(crate::random_cases(16))]

    #[test]
    fn indicators_around_moments_are_what_a_loop_finds(
        history in history(), indicators in indicators(), at in 3000..6500u64, which in 0..6usize,
    ) {
        let as_of = day(at);
        let ratings = history.ratings().unwrap().as_of(as_of);
        let Ok(headline) = ratings.series(Theme::Headline) else { return Ok(()) };
        let kind = EventKind::TrustEstablished;
        let moment = [
            Moment::FallsTo("inadequate".into()), Moment::Leaves("inadequate".into()), Moment::Improves,
            Moment::Declines, Moment::Inspection, Moment::Event(kind.code().into()),
        ][which].clone();
        let of = |owner: &Authority, until: NaiveDate| series(&history, owner, Theme::Headline, Clock::Effect, until);
        let about = history.events().iter().any(|e| e.kind == kind && e.scope == EventScope::Children);
        let events: Vec<&Event> = history
            .events()
            .iter()
            .filter(|e| e.kind == kind && (!about || e.scope == EventScope::Children) && e.start <= as_of)
            .collect();
        // Body, day, grade before.
        let mut moments: Vec<(&Authority, NaiveDate, Option<Grade>)> = Vec::new();
        for owner in history.authorities() {
            for pair in of(owner, as_of).windows(2) {
                let (Some(from), Some(to)) = (pair[0].grade, pair[1].grade) else { continue };
                let counts = match moment {
                    Moment::FallsTo(_) => to == Grade::Inadequate && from > to,
                    Moment::Leaves(_) => from == Grade::Inadequate && to > from,
                    Moment::Improves => to > from,
                    Moment::Declines => to < from,
                    Moment::Inspection => true,
                    _ => false,
                };
                moments.extend(counts.then_some((owner, pair[1].date, Some(from))));
            }
            if which == 5 {
                for event in events.iter().filter(|e| e.authority == owner.code) {
                    moments.push((owner, event.start, of(owner, event.start).last().and_then(|r| r.grade)));
                }
            }
        }
        let counted = counted(&indicators);
        let mut expected = Vec::new();
        for indicator in indicators.list() {
            let stands: DayOfYear = indicator.stands_on;
            let all = |year: i32| counted.iter().filter(move |v| v.indicator == indicator.id && v.year == year);
            let means: std::collections::HashMap<i32, f64> = YEARS
                .filter_map(|year| Some((year, mean(&all(year).filter_map(|v| v.value).collect::<Vec<_>>())?)))
                .collect();
            let apart = |body: &str, year: i32| -> Option<f64> {
                let own = all(year).find(|v| v.body == body)?.value?;
                Some(own - means.get(&year)?)
            };
            let window = |body: &str, year: i32| -> Option<Vec<f64>> {
                (-1..=2).map(|offset| apart(body, year + offset)).collect()
            };
            let mut cases = Vec::new();
            let mut used = std::collections::HashSet::new();
            for (owner, on, from) in &moments {
                let year = stands.last_before(*on);
                let Some(own) = window(owner.code.as_str(), year) else { continue };
                let zero = stands.in_year(year);
                let (start, end) = (stands.in_year(year - 1), stands.in_year(year + 2));
                let is_control = |other: &&Authority| {
                    let within = |date: NaiveDate| date > start && date <= end;
                    let series = of(other, as_of);
                    let happened = match moment {
                        Moment::Event(_) => moments.iter().any(|m| m.0.code == other.code),
                        Moment::Inspection => series.iter().any(|r| within(r.date)),
                        _ => series.windows(2).any(|p| {
                            let both = p[0].grade.is_some() && p[1].grade.is_some();
                            both && p[0].grade != p[1].grade && within(p[1].date)
                        }),
                    };
                    let stood = of(other, zero).last().and_then(|r| r.grade);
                    let there = other.exists_on(zero) && zero <= as_of;
                    other.code != owner.code && there && !happened && from.is_some() && stood == *from
                };
                let others: Vec<(&Authority, Vec<f64>)> = history
                    .authorities()
                    .iter()
                    .filter(is_control)
                    .filter_map(|other| Some((other, window(other.code.as_str(), year)?)))
                    .collect();
                used.extend(others.iter().map(|(other, _)| other.code.clone()));
                let control = |n: usize| mean(&others.iter().map(|(_, values)| values[n]).collect::<Vec<_>>());
                cases.push((owner.code.clone(), own, [0, 1, 2, 3].map(control)));
            }
            for n in (0..4).filter(|_| !cases.is_empty()) {
                let bodies: std::collections::HashSet<_> = cases.iter().map(|c| &c.0).collect();
                let own: Vec<f64> = cases.iter().map(|c| c.1[n]).collect();
                let pairs: Vec<(f64, f64)> = cases.iter().filter_map(|c| Some((c.1[n], c.2[n]?))).collect();
                let mut line = row([indicator.id.clone(), (n as i32 - 1).to_string(), cases.len().to_string()]);
                line.extend(row([bodies.len(), pairs.len(), used.len()]));
                line.push(number(mean(&own)));
                line.push(number(mean(&pairs.iter().map(|p| p.1).collect::<Vec<_>>())));
                line.push(number(mean(&pairs.iter().map(|p| p.0 - p.1).collect::<Vec<_>>())));
                expected.push(line);
            }
        }
        let columns = [
            "indicator", "offset", "cases", "bodies", "compared", "controls", "mean", "control_mean", "difference",
        ];
        let answer = indicators.around(&headline, &moment).collect().unwrap();
        prop_assert_eq!(rows(answer.lazy(), &columns), sorted(expected));
    }

}

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn gaps_to_peers_are_what_a_loop_finds(
        history in history(), indicators in indicators(), at in 0..6500u64, n in 0..AUTHORITIES,
    ) {
        let as_of = day(at);
        let own = owner(&history, code_of(n).as_str()).unwrap();
        let ratings = history.ratings().unwrap().as_of(as_of);
        let counted = counted(&indicators);
        let mut expected = Vec::new();
        for indicator in indicators.list() {
            for value in indicators.of(own.code.as_str(), &indicator.id).filter(|v| stands_on(&indicators, v) <= as_of) {
                let limits = value.value.zip(value.numerator).filter(|_| indicator.proportion).map(|(_, part)| {
                    rating_history::estimate::ProportionInterval::Wilson.of(part, 40.0, 1, 0.95).unwrap()
                });
                for group in ["neighbours", "region", "england"] {
                    let is_peer = |body: &str| match group {
                        "neighbours" => history.neighbours(&own.code).iter().any(|c| c.as_str() == body),
                        "region" => body != own.code.as_str() && owner(&history, body).unwrap().region == own.region,
                        _ => body != own.code.as_str(),
                    };
                    let peers: Vec<f64> = counted
                        .iter()
                        .filter(|v| v.indicator == indicator.id && v.year == value.year && is_peer(&v.body))
                        .filter_map(|v| v.value)
                        .collect();
                    let total = match group {
                        "neighbours" => None,
                        "region" => Some(if own.region == Region::London { "town" } else { "east" }),
                        _ => Some("all"),
                    };
                    let published = total.and_then(|t| indicators.value(t, &indicator.id, value.year)?.value);
                    let against = published.or(mean(&peers));
                    let mut line = row([indicator.id.clone(), value.year.to_string(), group.to_owned()]);
                    line.extend([number(value.value), number(limits.map(|l| 100.0 * l.0))]);
                    line.extend([number(limits.map(|l| 100.0 * l.1)), peers.len().to_string(), number(mean(&peers))]);
                    let some = |q: f64| number((!peers.is_empty()).then(|| quartile(&peers, q)));
                    line.extend([some(0.25), some(0.75), number(published)]);
                    line.push(number(value.value.zip(against).map(|(value, against)| value - against)));
                    expected.push(line);
                }
            }
        }
        let columns = [
            "indicator", "year", "peer_group", "value", "lower", "upper", "peers", "mean", "lower_quartile", "upper_quartile",
            "published", "gap",
        ];
        prop_assert_eq!(rows(indicators.gap(&ratings, own.code.as_str()), &columns), sorted(expected));
    }
}
