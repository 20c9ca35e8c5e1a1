//! Lineage and the series across the reform.

use proptest::prelude::*;
use rating_history::Ratings;
use rating_history::ofsted;

use super::*;

const PRACTICE: [Theme; 3] = [Theme::HelpAndProtection, Theme::Care, Theme::CareLeavers];

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn lineage_is_what_a_loop_finds(history in history(), published in any::<bool>()) {
        let clock = clock(published);
        let mut expected = Vec::new();
        let end = day(7000);
        for (owner, theme, own) in each_series(&history, clock, end) {
            let line = |date: NaiveDate, grade: Option<Grade>| {
                row([owner.code.as_str(), theme.code(), &date.to_string(), &code(grade)])
            };
            expected.extend(own.iter().map(|r| line(r.date, r.grade)));
            let Some(opened) = owner.opened else { continue };
            let carried: Vec<Option<Grade>> = history
                .authorities()
                .iter()
                .filter(|a| a.closed == Some(opened) && a.successors.contains(&owner.code))
                .filter_map(|a| series(&history, a, theme, clock, end).last().map(|r| r.grade))
                .collect();
            if !carried.is_empty() {
                expected.push(line(opened, carried.into_iter().flatten().min()));
            }
        }
        let ratings = history.ratings().unwrap().clock(clock).lineage().unwrap();
        let in_life = ratings.lazy().filter(
            col("theme").is_not_null().and(col("closed").is_null().or(col("date").lt(col("closed")))),
        );
        prop_assert_eq!(rows(in_life, &["authority", "theme", "date", "grade"]), sorted(expected));
        let again = Ratings::new(ratings.clock(Clock::Effect).lazy(), history.ratings().unwrap().scale().clone());
        prop_assert!(again.is_ok(), "{:?}", again.err());
    }

    #[test]
    fn series_across_the_reform_are_what_a_loop_finds(history in history(), published in any::<bool>()) {
        let clock = clock(published);
        let (mut profile, mut rule) = (Vec::new(), Vec::new());
        for inspection in history.inspections() {
            let grade = |t: Theme| match inspection.reported(t) {
                Reported::Graded { grade, .. } => Some(grade),
                _ => None,
            };
            let practice: Option<Vec<Grade>> = PRACTICE.iter().map(|t| grade(*t)).collect();
            let (Some(practice), Some(leaders)) = (practice, grade(Theme::Leadership)) else { continue };
            let good = practice.iter().filter(|g| **g >= Grade::Good).count();
            let led = leaders >= Grade::Good;
            let (authority, date) = (inspection.authority.as_str(), inspection.dates.on(clock).to_string());
            profile.push(row([authority, "practice_profile", &date, &(good + usize::from(led)).to_string()]));
            let met = if led && good >= 2 { "met" } else { "not_met" };
            rule.push(row([authority, "short_inspection_rule", &date, met]));
        }
        let ratings = || history.ratings().unwrap().clock(clock);
        let columns = ["authority", "theme", "date", "grade"];
        prop_assert_eq!(rows(ofsted::practice_profile(&ratings()).unwrap().lazy(), &columns), sorted(profile));
        prop_assert_eq!(rows(ofsted::short_inspection_rule(&ratings()).unwrap().lazy(), &columns), sorted(rule));
    }
}
