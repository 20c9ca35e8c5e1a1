//! Peers and standing among them.

use proptest::prelude::*;

use super::*;

/// The peers of an authority: group, place, peer.
fn members<'a>(history: &'a RatingHistory, own: &Authority) -> Vec<(&'static str, Option<usize>, &'a Authority)> {
    let neighbours = history.neighbours(&own.code);
    let mut members = Vec::new();
    for peer in history.authorities() {
        if peer.code == own.code {
            members.push(("own", None, peer));
            continue;
        }
        if let Some(place) = neighbours.iter().position(|n| *n == peer.code) {
            members.push(("neighbours", Some(place + 1), peer));
        }
        if peer.region == own.region {
            members.push(("region", None, peer));
        }
        members.push(("england", None, peer));
    }
    members
}

proptest! {
    #![proptest_config(crate::random_cases(48))]

    #[test]
    fn peers_are_what_a_loop_finds(
        history in history(), own in 0..AUTHORITIES, at in 0..6500u64, published in any::<bool>(),
    ) {
        let (as_of, clock, own) = (day(at), clock(published), authority(own));
        let mut expected = Vec::new();
        for theme in Theme::ALL {
            let series = |a: &Authority| series(&history, a, *theme, clock, as_of);
            let open = || history.authorities().iter().filter(|a| a.exists_on(as_of));
            if open().all(|a| series(a).is_empty()) {
                continue;
            }
            let own_grade = series(&own).last().and_then(|r| r.grade).filter(|_| own.exists_on(as_of));
            for (group, place, peer) in members(&history, &own) {
                if !peer.exists_on(as_of) {
                    continue;
                }
                let series = series(peer);
                let since = runs(&series, |g| g).last().map(|(first, _)| series[*first].date);
                let grade = series.last().and_then(|r| r.grade);
                let status = if grade.is_some() { "rated".to_owned() } else { state(&series) };
                expected.push(row([
                    group, &or_null(place), peer.code.as_str(), theme.code(), &status, &code(grade), &or_null(since),
                    &or_null(since.map(|s| (as_of - s).num_days())),
                    &or_null(own_grade.zip(grade).map(|(from, to)| steps(from, to))),
                ]));
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = ["peer_group", "place", "authority", "theme", "status", "grade", "since", "days", "steps"];
        let peers = ratings.clone().as_of(as_of).peers(own.code.as_str());
        prop_assert_eq!(rows(peers, &columns), sorted(expected));
    }

    #[test]
    fn standing_is_what_a_loop_finds(
        history in history(), own in 0..AUTHORITIES, days in prop::collection::hash_set(0..6500u64, 1..4),
        published in any::<bool>(),
    ) {
        let (clock, own) = (clock(published), authority(own));
        let dates: Vec<NaiveDate> = days.into_iter().map(day).collect();
        let last = *dates.iter().max().unwrap();
        let mut expected = Vec::new();
        for (date, theme) in
            dates.iter().flat_map(|d| themes(&each_series(&history, clock, last)).into_iter().map(move |t| (*d, t)))
        {
            let state_of = |a: &Authority| match (a.opened, a.closed) {
                (Some(opened), _) if date < opened => "opened".to_owned(),
                (_, Some(closed)) if closed <= date => "closed".to_owned(),
                _ => state(&series(&history, a, theme, clock, date)),
            };
            let own_state = state_of(&own);
            for name in ["neighbours", "region", "england"] {
                let peers: Vec<String> = members(&history, &own)
                    .into_iter()
                    .filter(|(group, _, peer)| *group == name && peer.exists_on(date))
                    .map(|(_, _, peer)| state_of(peer))
                    .collect();
                if peers.is_empty() {
                    continue;
                }
                let grades: Vec<Grade> = peers.iter().filter_map(|s| s.parse().ok()).collect();
                let mut cells =
                    row([&date.to_string(), name, theme.code(), &own_state, &peers.len().to_string(), &grades.len().to_string()]);
                cells.extend(match own_state.parse::<Grade>() {
                    Ok(grade) if !grades.is_empty() => {
                        let count = |keep: &dyn Fn(&Grade) -> bool| grades.iter().filter(|g| keep(g)).count();
                        let (above, same, below) =
                            (count(&|g| *g > grade), count(&|g| *g == grade), count(&|g| *g < grade));
                        let mean = grades.iter().map(|g| f64::from(g.rank())).sum::<f64>() / grades.len() as f64;
                        let percentile = 100.0 * (below as f64 + same as f64 / 2.0) / grades.len() as f64;
                        vec![
                            above.to_string(), same.to_string(), below.to_string(), (above + 1).to_string(),
                            number(Some(percentile)), ratio(above + same, grades.len()),
                            number(Some(f64::from(grade.rank()) - mean)),
                        ]
                    }
                    _ => vec!["null".to_owned(); 7],
                });
                let enough = |g: &Grade| 2 * grades.iter().filter(|other| *other >= g).count() >= grades.len();
                let median = grades.iter().copied().filter(enough).max();
                cells.push(code(median));
                expected.push(cells);
            }
        }
        let ratings = history.ratings().unwrap().clock(clock);
        let columns = [
            "date", "peer_group", "theme", "grade", "peers", "rated", "above", "same", "below", "rank", "percentile",
            "share_at_or_above", "gap", "median",
        ];
        let standing = ratings.peer_standing(own.code.as_str(), &dates);
        prop_assert_eq!(rows(standing, &columns), sorted(expected));
    }
}
