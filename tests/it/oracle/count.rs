//! Distributions and flows.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn distributions_are_what_a_loop_finds(
        history in history(), days in prop::collection::vec(0..6500u64, 1..4), by in 0..3usize,
        published in any::<bool>(),
    ) {
        let clock = clock(published);
        let by = [None, Some("region"), Some("type")][by];
        let group = |a: &Authority| match by {
            Some("region") => a.region.code(),
            Some(_) => a.authority_type.code(),
            None => "",
        };
        let mut dates: Vec<NaiveDate> = days.into_iter().map(day).collect();
        let last = *dates.iter().max().unwrap();
        let judged = themes(&each_series(&history, clock, last));
        let mut groups: Vec<&str> = history.authorities().iter().map(group).collect();
        groups.sort_unstable();
        groups.dedup();
        let mut expected = Vec::new();
        let given = dates.clone();
        dates.sort_unstable();
        dates.dedup();
        for date in dates {
            let all = each_series(&history, clock, date);
            for (name, theme) in groups.iter().flat_map(|g| judged.iter().map(move |t| (*g, *t))) {
                let of_group = |a: &Authority| a.exists_on(date) && group(a) == name;
                let states: Vec<String> =
                    all.iter().filter(|(a, t, _)| *t == theme && of_group(a)).map(|(_, _, s)| state(s)).collect();
                if states.is_empty() {
                    continue;
                }
                let count = |grade: &str| states.iter().filter(|s| *s == grade).count();
                let rated: usize = Grade::ALL.iter().map(|g| count(g.code())).sum();
                for grade in Grade::ALL.iter().map(|g| g.code()).chain(["not_reported", "not_rated"]) {
                    let share_rated =
                        if grade.starts_with("not_") { number(None) } else { ratio(count(grade), rated) };
                    let mut cells = row([
                        &date.to_string(), theme.code(), grade, &count(grade).to_string(), &states.len().to_string(),
                        &rated.to_string(), &ratio(count(grade), states.len()), &share_rated,
                    ]);
                    cells.extend(by.map(|_| name.to_owned()));
                    expected.push(cells);
                }
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let mut columns = vec!["date", "theme", "grade", "count", "open", "rated", "share", "share_rated"];
        columns.extend(by);
        prop_assert_eq!(rows(ratings.distribution(&given, by), &columns), sorted(expected));
    }

    #[test]
    fn first_outcomes_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, framework in 0..7usize, by in any::<bool>(), published in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let ratings = history.ratings().unwrap().clock(clock).as_of(as_of);
        let framework = Framework::ALL[framework % Framework::ALL.len()];
        let mut first: BTreeMap<(String, &str), Vec<Grade>> = BTreeMap::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            let group = if by { owner.region.code().to_owned() } else { String::new() };
            let graded = series.iter().find(|r| r.framework == framework && r.grade.is_some());
            if let Some(grade) = graded.and_then(|r| r.grade) {
                first.entry((group, theme.code())).or_default().push(grade);
            }
        }
        let expected = first.iter().flat_map(|((group, theme), grades)| {
            Grade::ALL.iter().map(move |grade| {
                let count = grades.iter().filter(|g| *g == grade).count();
                let mut cells = row([
                    theme, grade.code(), &count.to_string(), &grades.len().to_string(), &ratio(count, grades.len()),
                ]);
                cells.extend(by.then(|| group.clone()));
                cells
            })
        });
        let answer = ratings.first_under(framework, by.then_some("region"));
        let mut columns = vec!["theme", "grade", "count", "rated", "share_rated"];
        columns.extend(by.then_some("region"));
        match answer.plan() {
            Ok(plan) => prop_assert_eq!(rows(plan, &columns), sorted(expected.collect())),
            // A framework that no rating is under is refused.
            Err(_) => prop_assert!(history.inspections().iter().all(|i| i.framework != framework)),
        }
    }

    #[test]
    fn flows_are_what_a_loop_finds(
        history in history(), first in 0..6500u64, length in 0..4000u64, published in any::<bool>(),
    ) {
        let clock = clock(published);
        let (from, to) = (day(first), day((first + length).min(6500)));
        let (then, now) = (each_series(&history, clock, from), each_series(&history, clock, to));
        let judged = themes(&now);
        let mut counts: BTreeMap<[String; 3], usize> = BTreeMap::new();
        for ((owner, theme, before), (_, _, after)) in then.iter().zip(&now) {
            let (existed, exists) = (owner.exists_on(from), owner.exists_on(to));
            if !judged.contains(theme) || !(existed || exists) {
                continue;
            }
            let before = if existed { state(before) } else { "opened".to_owned() };
            let after = if exists { state(after) } else { "closed".to_owned() };
            *counts.entry([theme.code().to_owned(), before, after]).or_default() += 1;
        }
        let expected = counts.into_iter().map(|([theme, from, to], n)| vec![theme, from, to, n.to_string()]);
        let ratings = history.ratings().unwrap().clock(clock);
        let flows = ratings.flows(from, to);
        prop_assert_eq!(rows(flows, &["theme", "from", "to", "count"]), sorted(expected.collect()));
    }
}
