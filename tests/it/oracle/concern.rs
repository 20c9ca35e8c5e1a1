//! Profiles and concerns.

use proptest::prelude::*;
use rating_history::chrono::Months;
use rating_history::ofsted::{self, PARTS};

use super::*;

fn grade_on(history: &RatingHistory, owner: &Authority, theme: Theme, clock: Clock, date: NaiveDate) -> Option<Grade> {
    series(history, owner, theme, clock, date).last().and_then(|r| r.grade)
}

/// From which day on a condition has held without a break until `date`; it can only change on a judgement's day.
fn since(
    history: &RatingHistory,
    owner: &Authority,
    clock: Clock,
    date: NaiveDate,
    holds: impl Fn(NaiveDate) -> bool,
) -> Option<NaiveDate> {
    let mut days: Vec<NaiveDate> =
        Theme::ALL.iter().flat_map(|t| series(history, owner, *t, clock, date)).map(|r| r.date).collect();
    days.sort_unstable();
    days.into_iter().rev().take_while(|d| holds(*d)).last()
}

/// From which day on the headline, inadequate since without a break, has been so judged twice within five years.
fn persistent(history: &RatingHistory, owner: &Authority, clock: Clock, date: NaiveDate) -> Option<NaiveDate> {
    let series = series(history, owner, Theme::Headline, clock, date);
    let worst = |r: &&Rating| r.grade == Some(Grade::Inadequate);
    let (first, last) = *runs(&series, |g| g).last()?;
    series[first..=last].iter().filter(worst).map(|r| r.date).find(|d| {
        let five_years_before = *d - Months::new(60);
        series.iter().filter(worst).any(|r| r.date < *d && r.date >= five_years_before)
    })
}

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn profiles_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (as_of, clock) = (day(at), clock(published));
        let all = each_series(&history, clock, as_of);
        let mut expected = Vec::new();
        for owner in history.authorities().iter().filter(|a| a.exists_on(as_of)) {
            if all.iter().all(|(a, _, s)| !a.exists_on(as_of) || s.is_empty()) {
                break;
            }
            let grade = |t: Theme| grade_on(&history, owner, t, clock, as_of);
            let graded: Vec<(Theme, Grade)> = PARTS.iter().filter_map(|t| Some((*t, grade(*t)?))).collect();
            let least = graded.iter().map(|(_, g)| *g).min();
            let most = graded.iter().map(|(_, g)| *g).max();
            let list = |keep: &dyn Fn(Grade) -> bool| {
                let codes: Vec<&str> = graded.iter().filter(|(_, g)| keep(*g)).map(|(t, _)| t.code()).collect();
                if codes.is_empty() { "null".to_owned() } else { codes.join(";") }
            };
            let mut cells = row([owner.code.as_str()]);
            cells.extend(Theme::ALL.iter().map(|t| state(&series(&history, owner, *t, clock, as_of))));
            cells.push(list(&|g| least < most && Some(g) == least));
            cells.push(list(&|g| least < most && Some(g) == most));
            cells.push(list(&|g| grade(Theme::Headline).is_some_and(|h| g < h)));
            expected.push(cells);
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let mut columns = vec!["authority"];
        columns.extend(Theme::ALL.iter().map(|t| t.code()));
        columns.extend(["weakest", "strongest", "below_headline"]);
        prop_assert_eq!(rows(ofsted::profile(&ratings.clone().as_of(as_of)), &columns), sorted(expected));
    }

    #[test]
    fn concerns_are_what_a_loop_finds(history in history(), at in 0..6500u64, published in any::<bool>()) {
        let (date, clock) = (day(at), clock(published));
        let themes: Vec<Theme> = [Theme::Headline].into_iter().chain(PARTS).collect();
        let mut expected = Vec::new();
        for owner in history.authorities().iter().filter(|a| a.exists_on(date)) {
            let inadequate =
                |t: Theme, d: NaiveDate| grade_on(&history, owner, t, clock, d) == Some(Grade::Inadequate);
            let key = [Theme::HelpAndProtection, Theme::Care, Theme::Leadership];
            let listed: Vec<&str> = themes.iter().filter(|t| inadequate(**t, date)).map(|t| t.code()).collect();
            let in_themes = |holds: &dyn Fn(NaiveDate) -> bool| since(&history, owner, clock, date, holds);
            let persistent = persistent(&history, owner, clock, date).filter(|_| inadequate(Theme::Headline, date));
            for (concern, since) in [
                ("inadequate_overall", in_themes(&|d| inadequate(Theme::Headline, d))),
                ("inadequate_any", in_themes(&|d| themes.iter().any(|t| inadequate(*t, d)))),
                ("systemic_failure", in_themes(&|d| key.iter().all(|t| inadequate(*t, d)))),
                ("persistent_failure", persistent),
            ] {
                let Some(since) = since else { continue };
                let days = (date - since).num_days().to_string();
                expected.push(row([owner.code.as_str(), concern, &since.to_string(), &days, &listed.join(";")]));
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = ["authority", "concern", "since", "days", "themes"];
        prop_assert_eq!(rows(ofsted::concerns(&ratings.clone().as_of(date)), &columns), sorted(expected));
    }
}
