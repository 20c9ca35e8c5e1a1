//! Transitions, intervals, time in grade, movers, years.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rating_history::trend::{Since, Year};

use super::*;

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn transitions_and_intervals_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let mut expected = Vec::new();
        let mut intervals: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for pair in series.windows(2) {
                let (Some(from), Some(to)) = (pair[0].grade, pair[1].grade) else { continue };
                let days = (pair[1].date - pair[0].date).num_days();
                let direction = match steps(from, to) {
                    0 => "unchanged",
                    1.. => "improved",
                    _ => "declined",
                };
                expected.push(row([
                    owner.code.as_str(), theme.code(), from.code(), to.code(), &pair[0].date.to_string(),
                    &pair[1].date.to_string(), &days.to_string(), &steps(from, to).to_string(), direction,
                    pair[0].framework.code(), pair[1].framework.code(), owner.region.code(),
                ]));
                intervals.entry((theme.code(), pair[0].framework.code(), from.code())).or_default().push(days);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = [
            "authority", "theme", "from", "to", "previous", "on", "days", "steps", "direction", "from_framework",
            "to_framework", "region",
        ];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).transitions(), &columns), sorted(expected));

        let expected = intervals.into_iter().map(|((theme, framework, from), days)| {
            let sum: i64 = days.iter().sum();
            let (least, most) = (days.iter().min().unwrap().to_string(), days.iter().max().unwrap().to_string());
            row([
                theme, framework, from, &days.len().to_string(), &number(median(days.clone())),
                &number(Some(sum as f64 / days.len() as f64)), &least, &most,
            ])
        });
        let columns =
            ["theme", "from_framework", "from", "count", "median_days", "mean_days", "least_days", "most_days"];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).inspection_intervals(), &columns), sorted(expected.collect()));
    }

    #[test]
    fn lags_of_publication_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), clock(published));
        let mut lags: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        for inspection in history.inspections() {
            let owner = history.authority(&inspection.authority).unwrap();
            let (dates, counts) = (&inspection.dates, inspection.dates.on(clock));
            let (Some(end), Some(published)) = (dates.end(), dates.published()) else { continue };
            if counts > as_of || owner.closed.is_some_and(|c| counts >= c) || dates.precision() != Precision::Day {
                continue;
            }
            for theme in Theme::ALL {
                let Reported::Graded { grade, .. } = inspection.reported(*theme) else { continue };
                let key = (theme.code(), inspection.framework.code(), grade.code());
                lags.entry(key).or_default().push((published - end).num_days());
            }
        }
        let expected = lags.into_iter().map(|((theme, framework, grade), days)| {
            let mean = days.iter().sum::<i64>() as f64 / days.len() as f64;
            let (least, most) = (days.iter().min().unwrap().to_string(), days.iter().max().unwrap().to_string());
            row([
                theme, framework, grade, &days.len().to_string(), &number(median(days.clone())), &number(Some(mean)),
                &least, &most,
            ])
        });
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        let columns = ["theme", "framework", "grade", "count", "median_days", "mean_days", "least_days", "most_days"];
        prop_assert_eq!(rows(ratings.publication_lags(), &columns), sorted(expected.collect()));
    }

    #[test]
    fn time_in_grade_is_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), clock(published));
        let mut times: BTreeMap<_, (i64, usize, usize)> = BTreeMap::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (first, last) in runs(&series, |g| g) {
                let Some(grade) = series[first].grade else { continue };
                let time = times.entry((owner.code.to_string(), theme.code(), grade.code())).or_default();
                time.0 += (end(&series, last, &owner, as_of).0 - series[first].date).num_days();
                time.1 += 1;
                time.2 += last - first + 1;
            }
        }
        let expected = times.into_iter().map(|((authority, theme, grade), (days, spells, inspections))| {
            row([&authority, theme, grade, &days.to_string(), &spells.to_string(), &inspections.to_string()])
        });
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = ["authority", "theme", "grade", "days", "spells", "inspections"];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).time_in_grade(), &columns), sorted(expected.collect()));
    }

    #[test]
    fn movers_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, before in prop::option::of(0..6500u64), published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let before = before.map(|b| day(b.min(at)));
        let now = each_series(&history, clock, as_of);
        let then = before.map(|b| each_series(&history, clock, b));
        // On an earlier day only the themes of the present count, and those of that day are among them.
        let judged = themes(&now);
        let mut expected = Vec::new();
        for (n, (owner, theme, series)) in now.iter().enumerate() {
            // A theme that only abolished authorities have been judged in does not show.
            let shown = now.iter().any(|(o, t, s)| t == theme && o.exists_on(as_of) && !s.is_empty());
            if !owner.exists_on(as_of) || !judged.contains(theme) || !shown {
                continue;
            }
            let from = match (before, &then) {
                (Some(date), _) if owner.opened.is_some_and(|o| o > date) => "opened".to_owned(),
                (Some(_), Some(then)) => state(&then[n].2),
                _ => state(&series[..series.len().saturating_sub(1)]),
            };
            let to = state(series);
            let change = from.parse::<Grade>().ok().zip(to.parse::<Grade>().ok()).map(|(from, to)| steps(from, to));
            let direction = change.map(|c| match c { 0 => "unchanged", 1.. => "improved", _ => "declined" });
            let since = runs(series, |g| g).last().map(|(first, _)| series[*first].date);
            let latest = series.last().map(|r| r.date);
            let days = |date: Option<NaiveDate>| or_null(date.map(|d| (as_of - d).num_days()));
            expected.push(row([
                owner.code.as_str(), theme.code(), &from, &to, &or_null(change), &or_null(direction), &or_null(since),
                &days(since), &or_null(latest), &days(latest),
            ]));
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let since = before.map_or(Since::PreviousInspection, Since::Date);
        let columns = ["authority", "theme", "from", "to", "steps", "direction", "since", "days", "latest", "wait"];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).movers(since), &columns), sorted(expected));
    }

    #[test]
    fn years_are_what_a_loop_finds(
        history in history(), from in 0..6500u64, length in 0..1500u64, kind in 0..3usize, published in any::<bool>(),
    ) {
        let (kind, clock) = (Year::ALL[kind], clock(published));
        let periods = kind.between(day(from), day((from + length).min(6500)));
        // A period that goes on after the cut-off is counted to that day.
        let last = periods.last().unwrap().last.min(day(6500));
        let all = each_series(&history, clock, last);
        let mut expected = Vec::new();
        // Where each inspection judges one series, each series has a first inspection of its own.
        let judged = |i: &&Inspection| {
            let told = |t: &&Theme| matches!(i.reported(**t), Reported::Graded { .. } | Reported::NotReported);
            Theme::ALL.iter().filter(told).count() > 1
        };
        let together = history.inspections().iter().any(|i| judged(&i));
        for period in &periods {
            for theme in themes(&all) {
                let mut tallies: BTreeMap<String, [usize; 6]> = BTreeMap::new();
                for (owner, _, series) in all.iter().filter(|(_, t, _)| *t == theme) {
                    let own = history.inspections_of(&owner.code);
                    let of_body = own.iter().map(|i| i.dates.on(clock)).min();
                    let first = if together { of_body } else { series.first().map(|rating| rating.date) };
                    for (n, rating) in series.iter().enumerate() {
                        if rating.date < period.first || rating.date > period.last {
                            continue;
                        }
                        let tally = tallies.entry(state(&[*rating])).or_default();
                        tally[0] += 1;
                        let before = n.checked_sub(1).and_then(|n| series[n].grade);
                        tally[match before.zip(rating.grade).map(|(from, to)| steps(from, to)) {
                            Some(1..) => 1,
                            Some(0) => 2,
                            Some(_) => 3,
                            None if Some(rating.date) == first => 4,
                            None => 5,
                        }] += 1;
                    }
                }
                let graded: usize = Grade::ALL.iter().filter_map(|g| tallies.get(g.code())).map(|t| t[0]).sum();
                for grade in Grade::ALL.iter().map(|g| g.code()).chain(["not_reported"]) {
                    let tally = tallies.get(grade).copied().unwrap_or_default();
                    let share = if grade == "not_reported" { number(None) } else { ratio(tally[0], graded) };
                    let mut cells = row([period.label.as_str(), theme.code(), grade, &share]);
                    cells.extend(row(tally));
                    expected.push(cells);
                }
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns =
            ["period", "theme", "grade", "share", "count", "improved", "unchanged", "declined", "first", "not_compared"];
        prop_assert_eq!(rows(ratings.inspections_in(&periods), &columns), sorted(expected));
    }
}
