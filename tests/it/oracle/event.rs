//! What came after events.

use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn outcomes_of_events_are_what_a_loop_finds(
        history in history(), at in 0..6500u64, published in any::<bool>(), trust in any::<bool>(),
    ) {
        let (as_of, clock) = (day(at), clock(published));
        let kind = if trust { EventKind::TrustEstablished } else { EventKind::Partnership };
        let all = each_series(&history, clock, as_of);
        let about = history.events().iter().any(|e| e.kind == kind && e.scope == EventScope::Children);
        let of_kind = |e: &&Event| e.kind == kind && (!about || e.scope == EventScope::Children);
        let had_one = |a: &Authority| history.events_of(&a.code).any(|e| of_kind(&e));
        let mut expected = Vec::new();
        for event in history.events().iter().filter(of_kind).filter(|e| e.start <= as_of) {
            // The next judgement and the first better one, with the days until then.
            let before = |owner: &Authority, theme: Theme| {
                let alive = owner.closed.is_none_or(|c| event.start < c);
                let series = series(&history, owner, theme, clock, event.start);
                series.last().and_then(|r| r.grade).filter(|_| alive)
            };
            let after = |series: &[Rating], than: Option<Grade>| {
                let later = || series.iter().filter(|r| r.date > event.start && r.grade.is_some());
                let better = later().find(|r| than.is_some() && r.grade > than).copied();
                (later().next().copied(), better)
            };
            let days = |r: Rating| (r.date - event.start).num_days();
            for theme in themes(&all) {
                let of_theme = || all.iter().filter(|(_, t, _)| *t == theme);
                let (owner, _, own) = of_theme().find(|(a, _, _)| a.code == event.authority).unwrap();
                let own_before = before(owner, theme);
                let (next, better) = after(own, own_before);
                let controls: Vec<_> = of_theme()
                    .filter(|(a, t, _)| !had_one(a) && own_before.is_some() && before(a, *t) == own_before)
                    .map(|(_, _, s)| after(s, own_before))
                    .collect();
                let waits: Vec<i64> = controls.iter().map(|(_, b)| b.map_or(i64::MAX / 4, days)).collect();
                let met = controls.iter().filter(|(_, b)| b.is_some()).count();
                let wait = median(waits).filter(|_| 2 * met > controls.len());
                let cells = |r: Option<Rating>| {
                    [code(r.and_then(|r| r.grade)), or_null(r.map(|r| r.date)), or_null(r.map(days))]
                };
                let mut line = row([owner.code.as_str(), theme.code(), &event.start.to_string(), &code(own_before)]);
                line.extend(cells(next));
                line.extend(cells(better));
                line.extend(row([controls.len(), controls.iter().filter(|(n, _)| n.is_some()).count(), met]));
                line.push(number(wait));
                expected.push(line);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = [
            "authority", "theme", "event_date", "before", "next", "next_on", "next_days", "better", "better_on",
            "better_days", "controls", "controls_judged", "controls_better", "control_better_days",
        ];
        let answer = ratings.clone().as_of(as_of).around_events(kind);
        prop_assert_eq!(rows(answer, &columns), sorted(expected));
    }
}
