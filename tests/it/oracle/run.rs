//! Spells, streaks and standings.

use proptest::prelude::*;
use rating_history::ofsted::{Authority, Grade, Theme};
use rating_history::trend::Condition;

use super::*;

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn spells_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), clock(published));
        let mut expected = Vec::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (first, last) in runs(&series, |g| g) {
                let Rating { date: start, grade, .. } = series[first];
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
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = ["authority", "name", "theme", "grade", "start", "end", "days", "inspections", "ended_by"];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).spells(), &columns), sorted(expected));
    }

    #[test]
    fn streaks_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, published in any::<bool>(), above in any::<bool>(), bound in 0..4usize,
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let bound = Grade::ALL[bound];
        let condition = if above { Condition::AtOrAbove(bound.code().into()) } else { Condition::AtOrBelow(bound.code().into()) };
        let meets = |g: Option<Grade>| g.map(|g| if above { g >= bound } else { g <= bound });
        let mut expected = Vec::new();
        for (owner, theme, series) in each_series(&history, clock, as_of) {
            for (first, last) in runs(&series, meets) {
                let Rating { date: start, grade, .. } = series[first];
                if meets(grade) != Some(true) {
                    continue;
                }
                let (end, why) = end(&series, last, &owner, as_of);
                expected.push(vec![
                    owner.code.to_string(), theme.code().into(), code(grade), code(series[last].grade), start.to_string(),
                    end.to_string(), (end - start).num_days().to_string(), (last - first + 1).to_string(), why.into(),
                ]);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns =
            ["authority", "theme", "first_grade", "last_grade", "start", "end", "days", "inspections", "ended_by"];
        let streaks = ratings.clone().as_of(as_of).streaks(&condition);
        prop_assert_eq!(rows(streaks, &columns), sorted(expected));
    }

    #[test]
    fn standings_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), clock(published));
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
                        let Rating { date: since, grade, .. } = series[*first];
                        [
                            if grade.is_some() { "rated" } else { "not_reported" }.to_owned(),
                            code(grade),
                            since.to_string(),
                            (last - first + 1).to_string(),
                            (as_of - since).num_days().to_string(),
                            series[*last].date.to_string(),
                        ]
                    }
                });
                expected.push(row);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = ["authority", "theme", "status", "grade", "since", "inspections", "days", "latest"];
        prop_assert_eq!(rows(ratings.clone().as_of(as_of).standing(), &columns), sorted(expected));
    }
}
