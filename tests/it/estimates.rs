//! Estimates where they are easy to get wrong: ties, states never left or entered, no data, many states.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rating_history::chrono::{Days, NaiveDate};
use rating_history::estimate::{
    AfterLast, Anchor, Bootstrap, CohortOptions, Exposures, Generator, IntervalScale, PairCounts, PanelPair,
    ProportionInterval, Sequence, SnapshotPairs, Snapshots, Stay, Study, TimeBasis, TimeToEvent, Total,
    TransitionMatrix, Withdrawn, aalen_johansen, calendar_aalen_johansen, calendar_stays, cohort_matrix, embedding,
    entropy_of_times, generator_from_counts, homogeneity, kaplan_meier, landmark_aalen_johansen, log_rank,
    monotone_trend, monthly_sequence, neighbouring_moves, optimal_matching, panel_generator, panel_pairs,
    ranked_probability_score, timelines, turnbull,
};
use rating_history::polars::prelude::{Engine, IntoLazy, df};
use rating_history::{Ratings, Scale, Series};

/// The streaming engine comes with the files.
const ENGINES: &[Engine] =
    if cfg!(feature = "parquet") { &[Engine::InMemory, Engine::Streaming] } else { &[Engine::InMemory] };

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + Days::new(offset)
}

fn labels(k: usize) -> Vec<String> {
    (0..k).map(|i| format!("s{i:02}")).collect()
}

/// Ratings from (body, day, rank), in any order: each of another inspection, so that several on a day count.
fn ratings(k: usize, rows: &[(usize, u64, usize)]) -> Series {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|r| (r.0, r.1));
    let frame = df!(
        "authority" => rows.iter().map(|r| format!("body {:03}", r.0)).collect::<Vec<_>>(),
        "effect" => rows.iter().map(|r| day(r.1)).collect::<Vec<_>>(),
        "grade" => rows.iter().map(|r| format!("s{:02}", r.2)).collect::<Vec<_>>(),
        "inspection" => (0..rows.len()).map(|n| format!("inspection {n:06}")).collect::<Vec<_>>(),
    );
    Ratings::new(frame.unwrap().lazy(), Scale::new(labels(k)).unwrap()).unwrap().only_series().unwrap()
}

fn until(offset: u64) -> Study {
    Study::until(day(offset)).basis(TimeBasis::Days365_25)
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} for {expected}");
}

/// Grades at yearly judgements of 100 bodies, 20 each, that stay or go on by one of these steps.
fn yearly_pairs(k: usize, steps: &[isize]) -> Vec<PanelPair> {
    let mut random = Pcg64::seed_from_u64(k as u64);
    let mut pairs = Vec::new();
    for body in 0..100 {
        let mut grade = body % k;
        for _ in 1..20 {
            let step = steps[random.random_range(0..steps.len())];
            let to = (grade as isize + step).clamp(0, k as isize - 1) as usize;
            let years = 0.5 + random.random_range(0..4) as f64 / 4.0;
            pairs.push(PanelPair { from: grade, to, years, weight: 1.0 });
            grade = to;
        }
    }
    pairs
}

/// The state of a body on a day: its last rating on or before it, later rows of one day after earlier ones.
fn state(rows: &[(usize, u64, usize)], body: usize, at: u64) -> Option<usize> {
    let mut own: Vec<&(usize, u64, usize)> = rows.iter().filter(|r| r.0 == body && r.1 <= at).collect();
    own.sort_by_key(|r| r.1);
    own.last().map(|r| r.2)
}

/// Every kind of matrix of some ratings, where it has one.
fn every_matrix(ratings: &Series, study: &Study) -> Vec<(&'static str, TransitionMatrix)> {
    let mut found = Vec::new();
    let grid = Snapshots::default().per_year(2);
    if let Ok(pairs) = PairCounts::snapshots(ratings, study, &grid) {
        for (what, periods) in [("cohort", 1), ("cohort of three periods", 3)] {
            found.push((what, cohort_matrix(&pairs, &CohortOptions::default().periods(periods)).unwrap()));
        }
    }
    if let Ok(generator) = Generator::from_totals(&Exposures::collect(ratings, study).unwrap()) {
        found.push(("duration", generator.transition_matrix(1.5, 0.95).unwrap()));
    }
    let estimate = calendar_aalen_johansen(ratings, study, day(500), study.to).unwrap();
    let time = f64::from(study.to.to_epoch_days());
    for (what, scale) in
        [("Aalen-Johansen, beta", IntervalScale::Beta), ("Aalen-Johansen, log-log", IntervalScale::LogLog)]
    {
        found.push((what, estimate.transition_matrix(time, scale, 0.95).unwrap()));
    }
    if let Ok(panel) =
        panel_generator(ratings.scale().labels(), &panel_pairs(ratings, study).unwrap(), &neighbouring_moves(4))
    {
        found.push(("panel", panel.transition_matrix(1.5, 0.95).unwrap()));
    }
    found
}

fn raw() -> impl Strategy<Value = Vec<(usize, u64, usize)>> {
    prop::collection::vec((0..6usize, 0..3000u64, 0..3usize), 1..40)
}

proptest! {
    #![proptest_config(crate::random_cases(64))]

    /// Day by day: time in a state is days spent in it, a move is a day that begins in another state.
    #[test]
    fn totals_and_snapshots_are_what_days_say(rows in raw(), end in 0..3200u64, from in prop::option::of(0..3000u64)) {
        let ratings = ratings(3, &rows);
        let begin = from.map_or(0, |f| f.min(end));
        let study = until(end).from(from.map(|f| day(f.min(end))));
        let (mut time, mut moves) = ([0.0; 3], [[0.0; 3]; 3]);
        for body in 0..6 {
            for at in begin..end {
                let (Some(now), Some(next)) = (state(&rows, body, at), state(&rows, body, at + 1)) else { continue };
                time[now] += 1.0 / 365.25;
                if now != next {
                    moves[now][next] += 1.0;
                }
            }
        }
        let total = Exposures::collect(&ratings, &study).unwrap().pooled(|_| 1.0).unwrap();
        for i in 0..3 {
            close(total.exposure[i], time[i]);
            (0..3).filter(|j| *j != i).for_each(|j| close(total.counts[i][j], moves[i][j]));
        }

        if rows.iter().all(|r| r.1 > end) {
            return Ok(());
        }
        for anchor in [Anchor::Start, Anchor::End] {
            let grid = Snapshots::default().per_year(2).anchor(anchor).withdrawn(Withdrawn::Exclude);
            let first = from.map_or_else(|| rows.iter().map(|r| r.1).min().unwrap(), |f| f.min(end));
            let dates = grid.dates(day(first), day(end)).unwrap();
            let mut pairs = [[0.0; 3]; 3];
            for body in 0..6 {
                for pair in dates.windows(2) {
                    let at = |d: NaiveDate| state(&rows, body, (d - day(0)).num_days() as u64);
                    if let (Some(a), Some(b)) = (at(pair[0]), at(pair[1])) {
                        pairs[a][b] += 1.0;
                    }
                }
            }
            let found = PairCounts::snapshots(&ratings, &study, &grid).unwrap().pooled(|_| 1.0).unwrap();
            for (i, row) in pairs.iter().enumerate() {
                (0..3).for_each(|j| close(found.counts[i][j], row[j]));
                close(found.exposure[i], row.iter().sum());
            }
        }
    }

    /// Rows are distributions, variances are not negative, and P(s, t) = P(s, u) P(u, t).
    #[test]
    fn transition_probabilities_multiply(rows in raw(), middle in 500..2500u64) {
        let ratings = ratings(3, &rows);
        let stays = calendar_stays(&ratings, &until(3000)).unwrap();
        let at = |d: u64| f64::from(day(d).to_epoch_days());
        let p = |s: u64, t: u64| aalen_johansen(&labels(3), &stays, at(s), at(t)).unwrap().at(at(t)).unwrap();
        let (whole, variance) = p(200, 3000);
        let (first, second) = (p(200, middle).0, p(middle, 3000).0);
        for i in 0..3 {
            close(whole[i].iter().sum(), 1.0);
            for j in 0..3 {
                prop_assert!(variance[i][j] >= 0.0 && whole[i][j] >= -1e-12);
                close((0..3).map(|u| first[i][u] * second[u][j]).sum(), whole[i][j]);
            }
        }
    }

    /// Stays counted by day give what the stays themselves give, on every engine there is.
    #[test]
    fn counted_stays_estimate_the_same(
        rows in raw(),
        days in (0..3000u64, 0..3000u64),
        from in prop::option::of(0..3000u64),
        drop in any::<bool>(),
    ) {
        let ratings = ratings(3, &rows);
        let (s, t) = (day(days.0.min(days.1)), day(days.0.max(days.1)));
        let after_last = if drop { AfterLast::Drop } else { AfterLast::Count };
        let study = until(3000).from(from.map(day)).after_last(after_last);
        let time = |date: NaiveDate| f64::from(date.to_epoch_days());
        let listed = aalen_johansen(&labels(3), &calendar_stays(&ratings, &study).unwrap(), time(s), time(t)).unwrap();
        for engine in ENGINES {
            let ratings = ratings.clone().engine(*engine);
            let mut counted = calendar_aalen_johansen(&ratings, &study, s, t).unwrap();
            let of = counted.series.take();
            prop_assert_eq!(of.as_ref(), Some(ratings.id()));
            prop_assert_eq!(&counted, &listed);
        }
    }

    /// Without censoring and late entry the curve is the part that lasts longer.
    #[test]
    fn complete_survival_is_the_empirical_one(times in prop::collection::vec(1..50u32, 1..60)) {
        let durations: Vec<TimeToEvent> = times
            .iter()
            .map(|t| TimeToEvent { entry: 0.0, exit: f64::from(*t), event: Some((*t % 2) as usize), weight: 1.0 })
            .collect();
        let curve = kaplan_meier(&labels(2), &durations, IntervalScale::LogLog, 0.95).unwrap();
        for (n, time) in curve.times.iter().enumerate() {
            let part = |keep: &dyn Fn(u32) -> bool| {
                times.iter().filter(|t| keep(**t)).count() as f64 / times.len() as f64
            };
            close(curve.survival[n], part(&|t| f64::from(t) > *time));
            close(curve.incidence[n][0], part(&|t| f64::from(t) <= *time && t % 2 == 0));
            close(curve.survival[n] + curve.incidence[n].iter().sum::<f64>(), 1.0);
        }
    }

    /// Rows add up to 1, limits are within 0 to 1 and hold the estimate, errors are numbers; of what nobody was at risk of
    /// nothing is said; no number is 1.0000000000000002 or -0.
    #[test]
    fn matrices_are_sound(rows in raw(), end in 1000..3200u64) {
        let (ratings, study) = (ratings(4, &rows), until(end));
        for (what, matrix) in every_matrix(&ratings, &study) {
            for i in 0..4 {
                let known: Vec<f64> = matrix.probability[i].iter().flatten().copied().collect();
                if known.is_empty() {
                    prop_assert!(matrix.lower[i].iter().all(|x| *x == Some(0.0)), "{} {:?}", what, matrix);
                    prop_assert!(matrix.upper[i].iter().all(|x| *x == Some(1.0)), "{} {:?}", what, matrix);
                    prop_assert!(matrix.standard_error[i].iter().all(Option::is_none), "{} {:?}", what, matrix);
                    let said = |note: &String| note.contains("never at risk") && note.contains(&labels(4)[i]);
                    prop_assert!(matrix.settings.notes.iter().any(said), "{} {:?}", what, matrix);
                    continue;
                }
                close(known.iter().sum(), 1.0);
                for (j, p) in known.iter().enumerate() {
                    let (lower, upper) = (matrix.lower[i][j].unwrap(), matrix.upper[i][j].unwrap());
                    let error = matrix.standard_error[i][j].unwrap();
                    prop_assert!(0.0 <= lower && lower <= *p && *p <= upper && upper <= 1.0, "{} {:?}", what, matrix);
                    // The delta method knows no bound where the likelihood is flat.
                    prop_assert!(error >= 0.0 && (error <= 1.0 || what == "panel"), "{} {:?}", what, matrix);
                    let noise = |x: f64| x.is_sign_negative() || (x > 0.0 && x < 1e-15) || (x < 1.0 && x > 1.0 - 1e-15);
                    prop_assert!(!noise(*p) && !lower.is_sign_negative() && !error.is_sign_negative(), "{} {:?}", what, matrix);
                }
            }
        }
    }

    /// Four times as many bodies of the same kind: intervals are narrower.
    #[test]
    fn more_data_make_intervals_narrower(rows in raw()) {
        let many: Vec<(usize, u64, usize)> =
            (0..4).flat_map(|n| rows.iter().map(move |(body, day, rank)| (body + 6 * n, *day, *rank))).collect();
        let width = |rows: &[(usize, u64, usize)]| -> Vec<f64> {
            let found = every_matrix(&ratings(4, rows), &until(3200));
            let of = |m: &TransitionMatrix| m.upper.iter().flatten().zip(m.lower.iter().flatten()).map(|(u, l)| u.unwrap() - l.unwrap()).sum();
            found.iter().map(|(_, matrix)| of(matrix)).collect()
        };
        for (few, many) in width(&rows).iter().zip(width(&many)) {
            prop_assert!(many <= few + 1e-9, "{few} {many}");
        }
    }

    /// Curves fall, and their limits hold them, on every scale.
    #[test]
    fn curves_are_sound(times in prop::collection::vec((1..40u32, 0..20u32, any::<bool>()), 1..40)) {
        let time = |(exit, entry, event): &(u32, u32, bool)| TimeToEvent {
            entry: f64::from((*entry).min(*exit)), exit: f64::from(*exit), event: event.then_some(0), weight: 1.0,
        };
        let durations: Vec<TimeToEvent> = times.iter().map(time).collect();
        for scale in [IntervalScale::Plain, IntervalScale::Log, IntervalScale::LogLog, IntervalScale::Logit, IntervalScale::Beta] {
            let curve = kaplan_meier(&labels(1), &durations, scale, 0.95).unwrap();
            prop_assert!(curve.survival.is_sorted_by(|a, b| a >= b));
            for (n, survival) in curve.survival.iter().enumerate() {
                prop_assert!((0.0..=1.0).contains(survival) && !survival.is_sign_negative() && curve.standard_error[n] >= 0.0);
                let (Some(lower), Some(upper)) = (curve.lower[n], curve.upper[n]) else { continue };
                prop_assert!(0.0 <= lower && lower <= *survival && *survival <= upper && upper <= 1.0, "{scale:?} {n} {curve:?}");
            }
            let last = curve.times.last().copied().unwrap_or(0.0);
            let gone = curve.survival.last() == Some(&0.0);
            prop_assert_eq!(curve.at(last + 1.0).unwrap().is_some(), gone);
            prop_assert_eq!(curve.restricted_mean(last + 1.0).unwrap().value.is_some(), gone);
        }
    }

    #[test]
    fn sequences_turn_into_each_other_at_a_metric_cost(
        a in prop::collection::vec(0..4usize, 1..20), b in prop::collection::vec(0..4usize, 1..20),
        c in prop::collection::vec(0..4usize, 1..20),
    ) {
        let sequence = |s: &Vec<usize>| Sequence::new(s.clone(), 4).unwrap();
        let (a, b, c) = (sequence(&a), sequence(&b), sequence(&c));
        let cost = |a: &Sequence, b: &Sequence| optimal_matching(a, b, 1.0, 0.5).unwrap();
        prop_assert_eq!(cost(&a, &a), 0.0);
        prop_assert_eq!(cost(&a, &b), cost(&b, &a));
        prop_assert!(cost(&a, &c) <= cost(&a, &b) + cost(&b, &c) + 1e-12);
    }

    /// As many as a set of all subsequences holds.
    #[test]
    fn subsequences_are_counted_once(states in prop::collection::vec(0..3usize, 1..10)) {
        let sequence = Sequence::new(states, 3).unwrap();
        let spells = sequence.spells();
        let all: std::collections::HashSet<Vec<usize>> = (0..1u32 << spells.len())
            .map(|mask| (0..spells.len()).filter(|n| mask >> n & 1 == 1).map(|n| spells[n].0).collect())
            .collect();
        prop_assert_eq!(sequence.distinct_subsequences(), all.len() as f64);
    }
}

/// Events and censorings at one time: events first, all at once, never jittered.
#[test]
fn ties_are_exact() {
    let at = |exit, event| TimeToEvent { entry: 0.0, exit, event, weight: 1.0 };
    let durations = [at(1.0, Some(0)), at(1.0, Some(0)), at(1.0, None), at(2.0, Some(0)), at(2.0, None)];
    let curve = kaplan_meier(&labels(1), &durations, IntervalScale::LogLog, 0.95).unwrap();
    assert_eq!(curve.at_risk, [5.0, 2.0]);
    close(curve.survival[0], 3.0 / 5.0);
    close(curve.survival[1], 3.0 / 10.0);
    let mut reversed = durations;
    reversed.reverse();
    assert_eq!(kaplan_meier(&labels(1), &reversed, IntervalScale::LogLog, 0.95).unwrap(), curve);
    // Weights are counts.
    let weighted = [TimeToEvent { weight: 2.0, ..at(1.0, Some(0)) }, durations[2], durations[3], durations[4]];
    assert_eq!(kaplan_meier(&labels(1), &weighted, IntervalScale::LogLog, 0.95).unwrap().survival, curve.survival);
}

#[test]
fn a_subject_alone_and_nobody() {
    let one = ratings(2, &[(0, 0, 0), (0, 731, 1)]);
    let totals = Exposures::collect(&one, &until(1096)).unwrap();
    let generator = Generator::from_totals(&totals).unwrap();
    close(generator.rate[0][1], 365.25 / 731.0);
    assert_eq!(generator.mean_stay()[1], None); // never left
    close(generator.stationary().unwrap()[1], 1.0);
    assert_eq!(generator.first_passage(&["s00"]).unwrap(), [Some(0.0), None]);
    let nothing = kaplan_meier(&labels(1), &[], IntervalScale::LogLog, 0.95).unwrap();
    assert!(nothing.times.is_empty() && nothing.median().value.is_none());
    assert_eq!(nothing.restricted_mean(5.0).unwrap().value, None);
    assert_eq!(log_rank(&[vec![], vec![]], 0.0).unwrap().df, 0);
    assert!(aalen_johansen(&labels(2), &[], 0.0, 1.0).unwrap().times.is_empty());
    assert!(turnbull(&[]).is_err());
    let before = Exposures::collect(&ratings(2, &[(0, 50, 0)]), &until(10)).unwrap();
    assert!(before.rows.is_empty());
    assert!(PairCounts::snapshots(&ratings(2, &[(0, 50, 0)]), &until(10), &Snapshots::default()).is_err());
}

/// A state never entered has no estimate; one never left stays; an absorbing one is never left whatever follows.
#[test]
fn states_never_entered_never_left_absorbing() {
    let rows = [(0, 0, 1), (0, 400, 2), (1, 0, 1), (1, 800, 2), (1, 1200, 1)];
    let ratings = ratings(4, &rows);
    let study = until(2000);
    let options = CohortOptions::default();
    let matrix = cohort_matrix(&PairCounts::snapshots(&ratings, &study, &Snapshots::default()).unwrap(), &options);
    let matrix = matrix.unwrap();
    assert_eq!(matrix.probability[0], [None; 4]);
    assert_eq!((matrix.lower[0][1], matrix.upper[0][1]), (Some(0.0), Some(1.0)));
    let generator = Generator::from_totals(&Exposures::collect(&ratings, &study).unwrap()).unwrap();
    assert_eq!(generator.transition_matrix(1.0, 0.95).unwrap().probability[0], [None; 4]);

    let absorbed = study.clone().absorbing(Some("s02".to_owned()));
    let totals = Exposures::collect(&ratings, &absorbed).unwrap();
    let pooled = totals.pooled(|_| 1.0).unwrap();
    assert_eq!((pooled.counts[1][2], pooled.counts[2][1]), (2.0, 0.0));
    close(pooled.exposure[2], (1600.0 + 1200.0) / 365.25);
    let options = options.absorbing(Some(2)).periods(3);
    let snapshots = PairCounts::snapshots(&ratings, &absorbed, &Snapshots::default()).unwrap();
    let matrix = cohort_matrix(&snapshots, &options).unwrap();
    assert_eq!(matrix.probability[2], [Some(0.0), Some(0.0), Some(1.0), Some(0.0)]);
    assert!(Exposures::collect(&ratings, &study.absorbing(Some("x".to_owned()))).is_err());
    let none = PairCounts::counted_in(SnapshotPairs::Snapshots(Snapshots::default()), Vec::<String>::new(), vec![]);
    assert!(cohort_matrix(&none.unwrap(), &CohortOptions::default().absorbing(Some(0))).is_err());
}

/// R: five uncensored times have a median of 3 with no upper limit, a single one has no limits.
#[test]
fn nothing_is_certain_when_nobody_is_left() {
    let at = |exit| TimeToEvent { entry: 0.0, exit, event: Some(0), weight: 1.0 };
    let curve = kaplan_meier(&labels(1), &[1.0, 2.0, 3.0, 4.0, 5.0].map(at), IntervalScale::LogLog, 0.95).unwrap();
    let median = curve.median();
    assert_eq!((median.value, median.lower, median.upper), (Some(3.0), Some(1.0), None));
    let median = kaplan_meier(&labels(1), &[at(3.0)], IntervalScale::LogLog, 0.95).unwrap().median();
    assert_eq!((median.value, median.lower, median.upper), (Some(3.0), None, None));
    // Never left in five years: the chance to stay one is not certain.
    let one = Exposures::collect(&ratings(2, &[(0, 0, 0)]), &until(1826)).unwrap();
    let matrix = Generator::from_totals(&one).unwrap().transition_matrix(1.0, 0.95).unwrap();
    assert!((matrix.lower[0][0].unwrap() - 0.025f64.powf(365.25 / 1826.0)).abs() < 1e-12);
    let tied = log_rank(&[vec![at(1.0)], vec![at(1.0)]], 0.0).unwrap();
    assert_eq!((tied.chi_squared, tied.p), (0.0, 1.0));
}

/// Pairs of inspections: of several on one day the last, none after an absorbing state.
#[test]
fn pairs_follow_the_study() {
    let rows = [(0, 0, 2), (0, 400, 1), (0, 400, 0), (0, 800, 2), (0, 1200, 1)];
    let pairs = |study: &Study| {
        let pairs = rating_history::estimate::panel_pairs(&ratings(3, &rows), study).unwrap();
        pairs.iter().map(|p| (p.from, p.to)).collect::<Vec<_>>()
    };
    assert_eq!(pairs(&until(2000)), [(0, 2), (2, 0), (2, 1)]);
    assert_eq!(pairs(&until(2000).absorbing(Some("s00".to_owned()))), [(2, 0)]);
    assert_eq!(pairs(&until(2000).from(Some(day(700)))), [(2, 1)]);
}

/// On the day of a change the new grade counts.
#[test]
fn similar_counts_from_the_day_itself() {
    let rows = [(0, 0, 0), (0, 1000, 1), (1, 0, 1), (1, 700, 0), (2, 0, 0), (2, 600, 1)];
    let options = |at| rating_history::estimate::SimilarOptions::at(day(at));
    let find =
        |at| rating_history::estimate::similar(&ratings(2, &rows), &until(2000), "body 000", &options(at)).unwrap();
    let on_change = find(1000);
    assert_eq!(on_change.iter().map(|s| s.on).collect::<Vec<_>>().len(), 2);
    assert!(on_change.iter().any(|s| s.authority == "body 002" && s.on == day(600)));
    assert!(find(999).iter().any(|s| s.authority == "body 001" && s.on == day(1699)));
}

/// A cyclic matrix has no logarithm, and saying so takes no for ever.
#[test]
fn cycles_have_no_generator() {
    for k in [3, 4, 6, 8] {
        let cycle: Vec<Vec<f64>> =
            (0..k).map(|i| (0..k).map(|j| f64::from(u8::from(j == (i + 1) % k))).collect()).collect();
        let found = embedding(&labels(k), &cycle, 1.0).unwrap();
        assert!(!found.valid && !found.obstacles.is_empty(), "{k}");
    }
}

/// Two ratings on one day: the last counts, and no stay has zero length.
#[test]
fn zero_length_stays() {
    let ratings = ratings(3, &[(0, 0, 0), (0, 100, 1), (0, 100, 2), (0, 200, 0), (0, 300, 1), (0, 300, 0)]);
    let total = Exposures::collect(&ratings, &until(400)).unwrap().pooled(|_| 1.0).unwrap();
    assert_eq!((total.counts[0][2], total.counts[0][1], total.counts[2][0]), (1.0, 0.0, 1.0));
    close(total.exposure[0], 300.0 / 365.25);
    // A rating on the last day itself: moved, but not at risk in the new state.
    let total = Exposures::collect(&ratings, &until(200)).unwrap().pooled(|_| 1.0).unwrap();
    assert_eq!((total.counts[2][0], total.exposure[0]), (1.0, 100.0 / 365.25));
    let stay = Stay { entry: 5.0, exit: 5.0, from: 0, to: Some(1), weight: 1.0 };
    assert!(aalen_johansen(&labels(2), &[stay], 0.0, 9.0).unwrap().times.is_empty());
}

#[test]
fn time_after_the_last_rating_counts_or_not() {
    let ratings = ratings(2, &[(0, 0, 0), (0, 100, 1), (0, 300, 1)]);
    let total = |after_last| {
        let study = until(1000).after_last(after_last);
        Exposures::collect(&ratings, &study).unwrap().pooled(|_| 1.0).unwrap().exposure[1] * 365.25
    };
    close(total(AfterLast::Count), 900.0);
    close(total(AfterLast::Drop), 200.0);
}

/// Years by anniversaries: 29 February has its anniversaries on 28 February.
#[test]
fn years_by_anniversaries() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let years = |from: &str, to: &str| {
        let frame = df!("authority" => ["a"], "effect" => [date(from)], "grade" => ["s00"]).unwrap();
        let ratings = Ratings::new(frame.lazy(), Scale::new(labels(2)).unwrap()).unwrap().only_series().unwrap();
        Exposures::collect(&ratings, &Study::until(date(to))).unwrap().pooled(|_| 1.0).unwrap().exposure[0]
    };
    close(years("2019-02-01", "2026-08-20"), 7.0 + 200.0 / 365.0);
    close(years("2020-02-29", "2021-02-28"), 1.0);
    close(years("2019-03-01", "2020-02-29"), 365.0 / 366.0);
    close(years("2019-06-30", "2024-06-30"), 5.0);
    close(years("2019-06-30", "2019-06-30"), 0.0);
}

/// Twenty states in a row, each left at the same rate: Poisson probabilities, by every route.
#[test]
fn twenty_states() {
    let k = 20;
    let mut rates = vec![vec![0.0; k]; k];
    (0..k - 1).for_each(|i| (rates[i][i], rates[i][i + 1]) = (-0.7, 0.7));
    let generator = Generator::new(labels(k), rates).unwrap();
    let yearly = generator.probability(2.0).unwrap();
    let poisson = |n: u32| (-1.4f64).exp() * 1.4f64.powi(n as i32) / (1..=n).map(f64::from).product::<f64>();
    (0..10).for_each(|n| close(yearly[0][n as usize], poisson(n)));
    close(yearly[5].iter().sum(), 1.0);
    close(generator.first_passage(&[&labels(k)[k - 1]]).unwrap()[0].unwrap(), 19.0 / 0.7);
    assert!(generator.first_passage(&["other"]).is_err());
    close(generator.expected_years(3.0).unwrap()[0].iter().sum(), 3.0);
    let again = embedding(&labels(k), &yearly, 2.0).unwrap().logarithm.unwrap();
    (0..k - 1).for_each(|i| assert!((again[i][i + 1] - 0.7).abs() < 1e-6));
    let rows: Vec<(usize, u64, usize)> = (0..k).flat_map(|i| [(i, 0, i), (i, 100 + i as u64, (i + 7) % k)]).collect();
    let ratings = ratings(k, &rows);
    let stays = calendar_stays(&ratings, &until(1000)).unwrap();
    let p = aalen_johansen(&labels(k), &stays, f64::from(day(0).to_epoch_days()), f64::from(day(1000).to_epoch_days()));
    let matrix =
        p.unwrap().transition_matrix(f64::from(day(1000).to_epoch_days()), IntervalScale::Plain, 0.95).unwrap();
    assert_eq!(matrix.to_frame().unwrap().height(), k * k);
}

#[test]
fn intervals_of_proportions() {
    // Goodman's are wider than Wilson's, and both hold the proportion.
    for (part, all) in [(0.0, 5.0), (3.0, 10.0), (10.0, 10.0), (500.0, 1000.0)] {
        let wilson = ProportionInterval::Wilson.of(part, all, 4, 0.95).unwrap();
        let goodman = ProportionInterval::Goodman.of(part, all, 4, 0.95).unwrap();
        assert!(goodman.0 <= wilson.0 && wilson.0 <= part / all && part / all <= wilson.1 && wilson.1 <= goodman.1);
    }
    // Goodman's formula by hand for 30 of 100 in three classes: chi squared (1 - 0.05 / 3, one degree) is 5.7311,
    // (60 + 5.7311 +- sqrt(5.7311 (5.7311 + 4 x 30 x 70 / 100))) / (2 x 105.7311).
    let (lower, upper) = ProportionInterval::Goodman.of(30.0, 100.0, 3, 0.95).unwrap();
    let (c, root) = (5.731_1f64, (5.731_1f64 * (5.731_1 + 84.0)).sqrt());
    assert!((lower - (60.0 + c - root) / (2.0 * (100.0 + c))).abs() < 1e-5, "{lower}");
    assert!((upper - (60.0 + c + root) / (2.0 * (100.0 + c))).abs() < 1e-5, "{upper}");
}

/// One to three of more than 50, as many of up to 50 but three: half the 5% points of chi squared with 2, 4 and 6 degrees of
/// freedom, 0.1026, 0.7107 and 1.6354, over all (Brown, Cai and DasGupta 2001).
#[test]
fn rare_ends_are_within_modified_wilson_intervals() {
    let of = |interval: ProportionInterval, part: f64, all: f64| interval.of(part, all, 4, 0.95).unwrap();
    for (part, limit) in [(1.0, 0.051_293), (2.0, 0.355_362), (3.0, 0.817_691)] {
        let (lower, upper) = of(ProportionInterval::ModifiedWilson, part, 100.0);
        assert!((lower - limit / 100.0).abs() < 1e-8, "{part}: {lower}");
        assert_eq!(upper, of(ProportionInterval::Wilson, part, 100.0).1);
        let (other, above) = of(ProportionInterval::ModifiedWilson, 100.0 - part, 100.0);
        assert!((above - (1.0 - limit / 100.0)).abs() < 1e-8, "{part}: {above}");
        assert_eq!(other, of(ProportionInterval::Wilson, 100.0 - part, 100.0).0);
    }
    for (part, all) in [(0.0, 100.0), (4.0, 100.0), (50.0, 100.0), (3.0, 50.0)] {
        assert_eq!(of(ProportionInterval::ModifiedWilson, part, all), of(ProportionInterval::Wilson, part, all));
    }
}

/// A state that is entered at the last instant tells nothing of what follows.
#[test]
fn entered_at_the_last_instant_is_not_certain() {
    let stay = |exit, to| Stay { entry: 0.0, exit, from: 0, to, weight: 1.0 };
    let estimate = aalen_johansen(&labels(2), &[stay(3.0, Some(1)), stay(3.0, None)], 0.0, 3.0).unwrap();
    for scale in [IntervalScale::Plain, IntervalScale::LogLog, IntervalScale::Beta] {
        let matrix = estimate.transition_matrix(3.0, scale, 0.95).unwrap();
        assert_eq!(
            (matrix.probability[1][1], matrix.lower[1][1], matrix.upper[1][1]),
            (Some(1.0), Some(0.0), Some(1.0))
        );
        assert_eq!((matrix.lower[1][0], matrix.upper[1][0]), (Some(0.0), Some(1.0)));
        assert!(matrix.settings.notes.iter().any(|note| note.contains("never at risk") && note.contains("s01")));
    }
}

/// Where all leave nothing is left, and no probability is above 1.
#[test]
fn probabilities_have_no_noise() {
    for all in 3..60 {
        let stay = |n: usize| Stay { entry: 0.0, exit: 1.0, from: 0, to: Some(1 + n % 3), weight: 1.0 };
        let stays: Vec<Stay> = (0..all).map(stay).collect();
        let (probability, _) = aalen_johansen(&labels(4), &stays, 0.0, 2.0).unwrap().at(2.0).unwrap();
        assert_eq!(probability[0][0], 0.0, "{all}");
        let counts = vec![vec![1.0, all as f64, 2.0], vec![3.0, 7.0, all as f64], vec![0.0, 0.0, 1.0]];
        let exposure = counts.iter().map(|row| row.iter().sum()).collect();
        let total = Total { authority: "a".to_owned(), exposure, counts };
        let snapshots = SnapshotPairs::Snapshots(Snapshots::default());
        let pairs = PairCounts::counted_in(snapshots, labels(3), vec![total]).unwrap();
        for periods in [1, 2, 7, 100] {
            let matrix = cohort_matrix(&pairs, &CohortOptions::default().periods(periods)).unwrap();
            assert!(matrix.numbers().iter().all(|p| (0.0..=1.0).contains(p)), "{all} {periods}");
            assert_eq!(matrix.probability[2], [Some(0.0), Some(0.0), Some(1.0)]);
        }
    }
    // Nobody leaves the worst grade, whatever the other rates may be.
    let rows = [(0, 0, 1), (0, 500, 0), (1, 0, 2), (1, 700, 1), (1, 900, 0), (2, 0, 2)];
    let study = until(1500).absorbing(Some("s00".to_owned()));
    let generator = Generator::from_totals(&Exposures::collect(&ratings(3, &rows), &study).unwrap()).unwrap();
    for years in [0.1, 1.0, 3.0, 10.0] {
        let matrix = generator.transition_matrix(years, 0.95).unwrap();
        let sure = vec![Some(1.0), Some(0.0), Some(0.0)];
        assert_eq!((&matrix.probability[0], &matrix.lower[0], &matrix.upper[0]), (&sure, &sure, &sure));
    }
}

/// A row that too few replicates know keeps the limits it has without them.
#[test]
fn rows_unknown_to_a_bootstrap_keep_their_limits() {
    let totals = Exposures::collect(&ratings(2, &[(0, 0, 0), (0, 400, 1), (1, 0, 0)]), &until(900)).unwrap();
    let matrix = Generator::from_totals(&totals).unwrap().transition_matrix(1.0, 0.95).unwrap();
    let known = |weight: &[f64]| if weight[0] >= 2.0 { matrix.numbers() } else { vec![0.5, 0.5, f64::NAN, f64::NAN] };
    let spread = Bootstrap::default().replicates(40).run(2, |weight| Some(known(weight))).unwrap();
    assert_eq!(spread.intervals[2], None);
    let wider = matrix.clone().with_spread(&spread).unwrap();
    assert_eq!((&wider.lower[1], &wider.upper[1]), (&matrix.lower[1], &matrix.upper[1]));
    assert!(wider.lower[1][0].unwrap() < wider.upper[1][0].unwrap());
}

#[test]
fn a_leap_year_has_twelve_months() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    for (from, to, months) in
        [("2016-01-01", "2016-12-31", 12), ("2015-12-31", "2016-12-31", 12), ("2016-02-29", "2017-02-28", 12)]
    {
        let frame = df!("authority" => ["a"], "effect" => [date(from)], "grade" => ["s00"]).unwrap();
        let series = Ratings::new(frame.lazy(), Scale::new(labels(2)).unwrap()).unwrap().only_series().unwrap();
        let lines = timelines(&series, &Study::until(date(to))).unwrap();
        let sequence = monthly_sequence(&lines[0].1, date(from), date(to), 2).unwrap();
        assert_eq!(sequence.states().len(), months, "{from} to {to}");
    }
}

/// A thousand years of fifty grades: powers by squaring, and what every row comes to.
#[test]
fn long_horizons_of_many_grades() {
    let k = 50;
    let pairs = |i: usize, j: usize| [20.0, 5.0].get(i.abs_diff(j)).copied().unwrap_or(0.0);
    let counts: Vec<Vec<f64>> = (0..k).map(|i| (0..k).map(|j| pairs(i, j)).collect()).collect();
    let exposure = counts.iter().map(|row| row.iter().sum()).collect();
    let total = Total { authority: "a".to_owned(), exposure, counts };
    let snapshots = SnapshotPairs::Snapshots(Snapshots::default());
    let pairs = PairCounts::counted_in(snapshots, labels(k), vec![total]).unwrap();
    let matrix = cohort_matrix(&pairs, &CohortOptions::default().periods(1_000_000)).unwrap();
    // In balance as the number of pairs that begin in each: 25 at both ends, 30 between.
    let all = 2.0 * 25.0 + 48.0 * 30.0;
    for row in matrix.complete().unwrap() {
        assert!((row[0] - 25.0 / all).abs() < 1e-9 && (row[7] - 30.0 / all).abs() < 1e-9);
    }
    assert_eq!(matrix.settings.years, 1_000_000.0);
}

#[test]
fn a_bootstrap_is_repeatable_and_holds_the_estimate() {
    let rows: Vec<(usize, u64, usize)> =
        (0..40).flat_map(|b| [(b, 0, b % 2), (b, 300 + 20 * b as u64, (b + 1) % 2)]).collect();
    let totals = Exposures::collect(&ratings(2, &rows), &until(2000)).unwrap();
    let estimate = |weight: &[f64]| {
        Some(Generator::from_weighted_totals(&totals, |n| weight[n]).ok()?.probability(1.0).ok()?.concat())
    };
    let bootstrap = Bootstrap::default().replicates(200).seed(7).level(0.95);
    let spread = bootstrap.run(totals.rows.len(), estimate).unwrap();
    assert_eq!(spread, bootstrap.run(totals.rows.len(), estimate).unwrap());
    assert_ne!(spread, bootstrap.seed(8).run(totals.rows.len(), estimate).unwrap());
    for (p, interval) in estimate(&[1.0; 40]).unwrap().iter().zip(&spread.intervals) {
        let (lower, upper) = interval.unwrap();
        assert!(lower <= *p && *p <= upper && lower < upper);
    }
    assert!(bootstrap.replicates(5).run(3, estimate).is_err());
    assert!(bootstrap.run(40, |_| None).is_err());
}

/// Worked by hand: AABBBA, three spells of 2, 3 and 1; of four states two are visited.
#[test]
fn measures_of_a_sequence_by_hand() {
    let sequence = Sequence::new(vec![0, 0, 1, 1, 1, 0], 4).unwrap();
    close(sequence.entropy(), 0.5); // half and half, of four
    assert_eq!(sequence.distinct_subsequences(), 7.0); // none, A, B, AB, BA, AA, ABA
    // Variance of 2, 3, 1 is 2/3; the largest is (3 - 1)(1 - 2)^2 = 2.
    close(sequence.turbulence(), (7.0f64 * 3.0 / (2.0 / 3.0 + 1.0)).log2());
    // With two spells of no length the mean is 6/5: variance (0.64 + 3.24 + 0.04 + 2 x 1.44) / 5 = 1.36; the largest
    // has two unvisited: (2 x 0.04 + (4 - 1.2)^2 + 2 x 1.44) / 5 = 2.16.
    close(sequence.turbulence_with_unvisited(), (7.0f64 * 3.16 / 2.36).log2());
    close(sequence.complexity(), (2.0f64 / 5.0 * 0.5).sqrt());
    let constant = Sequence::new(vec![2; 12], 4).unwrap();
    assert_eq!((constant.entropy(), constant.turbulence(), constant.complexity()), (0.0, 1.0, 0.0));
    close(constant.turbulence_with_unvisited(), 1.0);
    close(entropy_of_times(&[1.0, 1.0, 0.0, 0.0]).unwrap(), 0.5);
    assert!(Sequence::new(vec![], 4).is_err() && Sequence::new(vec![4], 4).is_err());
}

#[test]
fn likely_generators_of_sure_things() {
    // Everybody stays: rates go to 0 without a number that is none.
    let stay = |n: usize| PanelPair { from: n, to: n, years: 1.0, weight: 50.0 };
    let estimate = panel_generator(&labels(3), &[stay(0), stay(1), stay(2)], &neighbouring_moves(3)).unwrap();
    assert!(estimate.generator.rate.iter().flatten().all(|r| r.is_finite() && r.abs() < 1e-3));
    let jump = PanelPair { from: 2, to: 0, years: 1.0, weight: 1.0 };
    let downwards_only = [vec![false, true, false], vec![false, false, true], vec![false; 3]];
    assert!(panel_generator(&labels(3), &[stay(0), jump], &downwards_only).is_err());
    let counts = vec![vec![10.0, 0.0], vec![0.0, 10.0]];
    let generator = generator_from_counts(&labels(2), &counts, 1.0).unwrap();
    assert!(generator.rate.iter().flatten().all(|r| r.abs() < 1e-3));
}

#[test]
fn what_cannot_be_estimated_is_refused() {
    assert!(Generator::new(labels(2), vec![vec![-1.0, 0.5], vec![0.0, 0.0]]).is_err());
    assert!(Generator::new(labels(2), vec![vec![1.0, -1.0], vec![0.0, 0.0]]).is_err());
    assert!(Generator::new(labels(1), vec![vec![0.0]]).is_err());
    let generator = Generator::new(labels(2), vec![vec![-1.0, 1.0], vec![0.0, 0.0]]).unwrap();
    assert!(generator.transition_matrix(1.0, 1.5).is_err() && generator.transition_matrix(-1.0, 0.95).is_err());
    assert!(embedding(&labels(2), &[vec![0.5, 0.6], vec![0.0, 1.0]], 1.0).is_err());
    assert!(monotone_trend(&[(0.0, 1.0), (1.0, 2.0)], 0.95).is_err());
    assert!(monotone_trend(&[(0.0, 1.0), (0.0, 2.0), (0.0, 3.0)], 0.95).is_err());
    let backwards = TimeToEvent { entry: 2.0, exit: 1.0, event: None, weight: 1.0 };
    assert!(kaplan_meier(&labels(1), &[backwards], IntervalScale::LogLog, 0.95).is_err());
    let unknown = TimeToEvent { entry: 0.0, exit: 1.0, event: Some(3), weight: 1.0 };
    assert!(kaplan_meier(&labels(1), &[unknown], IntervalScale::LogLog, 0.95).is_err());
    assert!(Snapshots::default().per_year(5).dates(day(0), day(9)).is_err());
}

#[test]
fn results_keep_their_settings_through_json() {
    let totals =
        Exposures::collect(&ratings(2, &[(0, 0, 0), (0, 400, 1), (1, 0, 1), (1, 500, 0)]), &until(900)).unwrap();
    let generator = Generator::from_totals(&totals).unwrap();
    let matrix = generator.transition_matrix(2.0, 0.9).unwrap();
    let again: rating_history::estimate::TransitionMatrix =
        serde_json::from_str(&serde_json::to_string(&matrix).unwrap()).unwrap();
    assert_eq!((&again.settings, &again.labels), (&matrix.settings, &matrix.labels));
    close(again.probability[0][1].unwrap(), matrix.probability[0][1].unwrap());
    assert_eq!((matrix.settings.years, matrix.settings.level), (2.0, 0.9));
    assert!(matrix.to_string().contains("days / 365.25"));
    let again: Generator = serde_json::from_str(&serde_json::to_string(&generator).unwrap()).unwrap();
    assert_eq!(again.study, generator.study);
    assert_eq!(totals.to_frame().unwrap().height(), 2);
}

/// Calls that used to give a plausible number.
#[test]
fn wrong_calls_say_what_would_be_right() {
    #[track_caller]
    fn refused<T>(found: Result<T, rating_history::Error>, said: &str) {
        let message = found.err().expect("an error").to_string();
        assert!(message.contains(said), "{message}");
    }
    let stay = |entry, exit, from, to| Stay { entry, exit, from, to, weight: 1.0 };
    let stays = [stay(0.0, 1.0, 0, Some(1)), stay(1.0, 3.0, 1, None)];
    let estimate = aalen_johansen(&labels(2), &stays, 0.0, 3.0).unwrap();
    refused(estimate.at(1_096.0), "one from 0 to 3, in the unit of the stays");
    refused(estimate.transition_matrix(-1.0, IntervalScale::Beta, 0.95), "one from 0 to 3");
    refused(estimate.transition_matrix(3.0, IntervalScale::Beta, 95.0), "between 0 and 1, as in 0.95");
    refused(landmark_aalen_johansen(&labels(2), &[stays.to_vec()], 7, 0.0, 3.0), "a state from 0 to 1");
    refused(Generator::from_totals(&Exposures::new(labels(2), vec![]).unwrap()), "time in at least one state");
    for wrong in [-1.0, f64::NAN] {
        assert!(generator_from_counts(&labels(2), &[vec![1.0, wrong], vec![1.0, 1.0]], 1.0).is_err());
    }
    refused(generator_from_counts(&labels(2), &[vec![3.0, 0.0], vec![0.0, 0.0]], 1.0), "leave out a state");
    let generator = Generator::new(labels(2), vec![vec![-1.0, 1.0], vec![0.0, 0.0]]).unwrap();
    refused(generator.probability(-1.0), "at least 0");
    refused(generator.expected_years(f64::NAN), "at least 0");
    let at = |exit, weight| TimeToEvent { entry: 0.0, exit, event: Some(0), weight };
    let curve = kaplan_meier(&labels(1), &[at(1.0, 1.0), at(2.0, 1.0)], IntervalScale::LogLog, 0.95).unwrap();
    refused(curve.quantile(50.0), "between 0 and 1, as 0.5 for the median");
    refused(curve.at(-1.0), "at least 0");
    refused(curve.restricted_mean(-5.0), "at least 0");
    refused(ProportionInterval::Wilson.of(12.0, 10.0, 2, 0.95), "a part from 0 to all of it");
    refused(ProportionInterval::Wilson.of(1.0, 10.0, 2, 95.0), "as in 0.95");
    refused(log_rank(&[vec![at(1.0, 0.5)], vec![at(2.0, 1.0)]], 0.0), "whole numbers of observations");
    let (a, b) = (Sequence::new(vec![0, 1], 2).unwrap(), Sequence::new(vec![0, 1], 3).unwrap());
    refused(optimal_matching(&a, &b, 1.0, 1.0), "one and the same alphabet");
    refused(entropy_of_times(&[1.0, f64::NAN]), "at least 0");
    refused(ranked_probability_score(&[0.7, 0.7], 0), "`1.4`: expected 1");
    refused(ranked_probability_score(&[-0.2, 1.2], 0), "between 0 and 1");
    let pair = PanelPair { from: 0, to: 1, years: 1.0, weight: 1.0 };
    refused(panel_generator(&labels(2), &[pair], &neighbouring_moves(5)), "2 rows of 2");
    let bootstrap = Bootstrap::default().replicates(20).level(0.9);
    let spread = bootstrap.run(3, |_| Some(vec![0.5; 4])).unwrap();
    let one = Exposures::collect(&ratings(2, &[(0, 0, 0), (0, 400, 1)]), &until(900)).unwrap();
    let matrix = Generator::from_totals(&one).unwrap().transition_matrix(1.0, 0.95).unwrap();
    refused(matrix.clone().with_spread(&spread), "the level of this matrix, 0.95");
    let spread = bootstrap.level(0.95).run(3, |_| Some(vec![0.5; 9])).unwrap();
    refused(matrix.with_spread(&spread), "4 numbers");
    let known =
        ratings(2, &[(0, 0, 0), (1, 0, 0), (1, 400, 1)]).into_ratings().with_cut_off(day(500)).only_series().unwrap();
    refused(Exposures::collect(&known, &until(900)), "to which the ratings are complete");
    let narrowed = known.bodies_only(["body 001"]).unwrap();
    let options = rating_history::estimate::SimilarOptions::at(day(450));
    refused(rating_history::estimate::similar(&narrowed, &until(500), "body 001", &options), "ask before narrowing");
    let options = rating_history::estimate::ForecastOptions::default().stratum(None::<String>);
    refused(
        rating_history::estimate::forecast(&narrowed, &until(500), "body 001", 1, &options),
        "ask before narrowing",
    );
    let twice = rating_history::estimate::BacktestOptions::new(vec![day(100), day(100)], vec![1], "s01");
    refused(rating_history::estimate::backtest(&narrowed, &until(500), &twice), "ask before narrowing");
    let all = ratings(2, &[(0, 0, 0), (1, 0, 0), (1, 400, 1)]);
    refused(rating_history::estimate::backtest(&all, &until(500), &twice), "each day once");
}

/// Without censoring the beta product is Clopper and Pearson's interval: 3 of 5, by R's `binom.test(3, 5)`.
#[test]
fn beta_product_without_censoring_is_clopper_and_pearsons() {
    let at = |exit| TimeToEvent { entry: 0.0, exit, event: Some(0), weight: 1.0 };
    let times = [at(1.0), at(1.0), at(3.0), at(4.0), at(5.0)];
    let curve = kaplan_meier(&labels(1), &times, IntervalScale::Beta, 0.95).unwrap();
    let (lower, upper) = curve.interval_at(1.0).unwrap().unwrap();
    assert!((lower - 0.146_632_8).abs() < 1e-6 && (upper - 0.947_255_05).abs() < 1e-6, "{lower} {upper}");
}

/// A search that ends, and passes over grades that nobody had.
#[test]
fn panels_of_long_scales() {
    let pair = |from, to, weight| PanelPair { from, to, years: 1.0, weight };
    let pairs = [
        pair(0, 0, 60.0),
        pair(0, 7, 12.0),
        pair(7, 0, 9.0),
        pair(7, 7, 50.0),
        pair(7, 9, 6.0),
        pair(9, 7, 4.0),
        pair(9, 9, 20.0),
    ];
    let long = panel_generator(&labels(12), &pairs, &neighbouring_moves(12)).unwrap();
    let place = |n: usize| match n {
        0 => 0,
        7 => 1,
        _ => 2,
    };
    let short: Vec<PanelPair> =
        pairs.iter().map(|p| PanelPair { from: place(p.from), to: place(p.to), ..*p }).collect();
    let short = panel_generator(&labels(3), &short, &neighbouring_moves(3)).unwrap();
    assert!(long.converged && short.converged);
    close(long.log_likelihood, short.log_likelihood);
    assert_eq!(long.never_seen.len(), 9);
    assert!(long.generator.rate.iter().flatten().all(|rate| rate.abs() < 10.0));
    assert_eq!(long.transition_matrix(1.0, 0.95).unwrap().probability[3], [None; 12]);
}

/// Of 30 grades 21 are seen: the top that is found is that of the 21 alone, and no rate runs away.
#[test]
fn grades_never_seen_change_no_likelihood() {
    let short = yearly_pairs(21, &[-1, 0, 0, 1]);
    let shifted: Vec<PanelPair> = short.iter().map(|p| PanelPair { from: p.from + 4, to: p.to + 4, ..*p }).collect();
    let long = panel_generator(&labels(30), &shifted, &neighbouring_moves(30)).unwrap();
    let short = panel_generator(&labels(21), &short, &neighbouring_moves(21)).unwrap();
    assert!(long.converged && short.converged);
    close(long.log_likelihood, short.log_likelihood);
    assert_eq!(long.never_seen.len(), 9);
    assert!(long.generator.rate.iter().flatten().all(|rate| rate.abs() < 100.0));
    assert!(long.generator.rate[2].iter().all(|rate| *rate == 0.0));
}

/// 20 grades with moves to neighbours, 8 with moves to all, of 100 bodies with 20 judgements each: the search ends, at a top.
#[test]
fn panel_searches_end_at_the_top() {
    let all_moves = vec![vec![true; 8]; 8];
    let cases = [
        (yearly_pairs(20, &[-1, 0, 0, 1]), neighbouring_moves(20)),
        (yearly_pairs(8, &[-3, -2, -1, 0, 0, 0, 0, 1, 2, 3]), all_moves),
    ];
    for (pairs, allowed) in cases {
        let k = allowed.len();
        let estimate = panel_generator(&labels(k), &pairs, &allowed).unwrap();
        assert!(estimate.converged, "{k}");
        // No step of a single rate to either side is more likely.
        for (i, j) in estimate.moves.iter().copied().filter(|(i, j)| estimate.generator.rate[*i][*j] > 1e-6) {
            for factor in [0.99, 1.01] {
                let mut rate = estimate.generator.rate.clone();
                let more = rate[i][j] * (factor - 1.0);
                rate[i][j] += more;
                rate[i][i] -= more;
                let other = Generator::new(labels(k), rate).unwrap();
                let likelihood: f64 = [0.5, 0.75, 1.0, 1.25]
                    .iter()
                    .map(|years| {
                        let p = other.probability(*years).unwrap();
                        let own = pairs.iter().filter(|pair| pair.years == *years);
                        own.map(|pair| p[pair.from][pair.to].ln()).sum::<f64>()
                    })
                    .sum();
                assert!(likelihood <= estimate.log_likelihood + 1e-6, "{k}: {i} to {j}, {factor}");
            }
        }
    }
}

/// A body withdrawn before its first snapshot is without a grade at it.
#[test]
fn withdrawn_before_the_first_snapshot_is_not_rated() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let frame = df!(
        "authority" => ["a", "a", "a", "b"],
        "effect" => ["2001-03-02", "2001-09-15", "2002-02-19", "2000-06-01"].map(date),
        "grade" => [Some("s00"), None, Some("s01"), Some("s00")],
    );
    let series = Ratings::new(frame.unwrap().lazy(), Scale::new(labels(2)).unwrap()).unwrap().only_series().unwrap();
    let grid = Snapshots::default().withdrawn(Withdrawn::OwnState);
    let pairs = rating_history::estimate::snapshot_pairs(&series, &Study::until(date("2003-12-31")), &grid);
    let own: Vec<_> = pairs.rows().unwrap().into_iter().filter(|p| p.authority == "a").collect();
    let found: Vec<_> = own.iter().map(|p| (p.from.as_str(), p.to.as_str(), p.count)).collect();
    assert_eq!(found, [("s01", "s01", 1), ("not_rated", "s01", 1)]);
}

/// Of pairs of snapshots, against sums by hand: a period alike in one state and not in the other.
#[test]
fn periods_are_tested_for_homogeneity() {
    let period = |counts: [[f64; 2]; 2]| {
        let exposure = counts.iter().map(|row| row.iter().sum()).collect();
        let counts = counts.map(|row| row.to_vec()).to_vec();
        let total = Total { authority: "a".to_owned(), exposure, counts };
        PairCounts::counted_in(SnapshotPairs::Snapshots(Snapshots::default()), ["low", "high"], vec![total]).unwrap()
    };
    let test = homogeneity(&[period([[8.0, 2.0], [5.0, 15.0]]), period([[16.0, 4.0], [1.0, 19.0]])]).unwrap();
    assert!(test.states[0].g_squared < 1e-12 && (test.states[0].p.unwrap() - 1.0).abs() < 1e-6);
    let terms = [(5.0, 0.25, 0.15), (15.0, 0.75, 0.85), (1.0, 0.05, 0.15), (19.0, 0.95, 0.85)];
    let by_hand: f64 = terms.iter().map(|(n, own, all): &(f64, f64, f64)| 2.0 * n * (own / all).ln()).sum();
    assert!((test.states[1].g_squared - by_hand).abs() < 1e-12 && test.states[1].df == 1);
    // chi squared with one degree of freedom beyond 3.3827
    assert!((by_hand - 3.3827).abs() < 1e-4 && (test.states[1].p.unwrap() - 0.06588).abs() < 1e-5);
    assert_eq!(test.all.df, 2);
    assert!(homogeneity(&[period([[1.0; 2]; 2])]).is_err());
}

/// Against the grades on the days and powers of the yearly matrix.
#[cfg(feature = "dataset")]
#[test]
fn prevalence_is_what_a_loop_finds() {
    use std::collections::BTreeMap;

    use rating_history::estimate::prevalence;
    let headline = crate::england::headline();
    let days: [NaiveDate; 2] = ["2016-12-31", "2019-12-31"].map(|day| day.parse().unwrap());
    let study = Study::until("2026-08-20".parse().unwrap());
    let rates = Generator::from_totals(&Exposures::collect(&headline, &study).unwrap()).unwrap();
    let found = prevalence(&headline, &study, &rates, &days).unwrap();
    let grades = days.map(|day| {
        let standing = headline.clone().as_of(day).standing().rows().unwrap();
        standing.into_iter().filter_map(|s| Some((s.authority, s.grade?))).collect::<BTreeMap<String, String>>()
    });
    let yearly = rates.probability((days[1] - days[0]).num_days() as f64 / 365.25).unwrap();
    let rank = |label: &String| rates.labels.iter().position(|l| l == label).unwrap();
    let both: Vec<(usize, usize)> =
        grades[0].iter().filter_map(|(id, from)| Some((rank(from), rank(grades[1].get(id)?)))).collect();
    assert!(both.len() > 140);
    for (state, row) in found[4..].iter().enumerate() {
        let expected: f64 = both.iter().map(|(from, _)| yearly[*from][state]).sum();
        assert!((row.expected - expected).abs() < 1e-9 && row.bodies == both.len());
        assert_eq!(row.observed, both.iter().filter(|(_, to)| *to == state).count());
    }
    for wrong in [&[][..], &[days[1], days[0]], &["2026-12-31".parse().unwrap()]] {
        assert!(prevalence(&headline, &study, &rates, wrong).is_err());
    }
}

/// Pairs of snapshots are counted by a plan, which streams, and by loops; England knows closings and grades no longer given.
#[cfg(feature = "dataset")]
#[test]
fn pairs_of_the_loops_are_those_of_the_plan() {
    use rating_history::estimate::snapshot_pairs;
    let england = rating_history::ofsted::england().unwrap();
    let (series, date) = (england.ratings().unwrap(), |text: &str| text.parse::<NaiveDate>().unwrap());
    let series = series.series(rating_history::ofsted::Theme::Headline).unwrap();
    let whole = Study::until(date("2026-08-20"));
    let studies = [
        whole.clone(),
        whole.clone().from(date("2014-06-30")).to(date("2026-06-30")),
        whole.clone().absorbing("outstanding".to_owned()),
        whole.after_last(AfterLast::Drop),
    ];
    let mut compared = 0;
    for study in &studies {
        for withdrawn in [Withdrawn::Exclude, Withdrawn::OwnState, Withdrawn::CarryForward] {
            for grid in [1, 4, 12].map(|n| Snapshots::default().per_year(n).withdrawn(withdrawn)) {
                let Ok(rows) = snapshot_pairs(&series, study, &grid).rows() else {
                    assert!(PairCounts::snapshots(&series, study, &grid).is_err());
                    continue;
                };
                let looped = PairCounts::snapshots(&series, study, &grid).unwrap();
                let mut found = Vec::new();
                for total in &looped.rows {
                    for (i, from) in looped.labels.iter().enumerate() {
                        for (j, to) in looped.labels.iter().enumerate().filter(|(j, _)| total.counts[i][*j] > 0.0) {
                            found.push((total.authority.clone(), from.clone(), to.clone(), total.counts[i][j] as u32));
                        }
                    }
                    let exposure: Vec<f64> = total.counts.iter().map(|row| row.iter().sum()).collect();
                    assert_eq!(total.exposure, exposure);
                }
                let planned: Vec<_> = rows.into_iter().map(|r| (r.authority, r.from, r.to, r.count)).collect();
                assert_eq!(found, planned, "{study} {grid:?}");
                let pooled = PairCounts::pooled_snapshots(&series, study, &grid).unwrap();
                assert_eq!(pooled.rows[0].counts, looped.pooled(|_| 1.0).unwrap().counts);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 30);
}

/// Years and moves of the loops are those of the stays, body by body and of all together.
#[cfg(feature = "dataset")]
#[test]
fn exposures_are_sums_of_the_stays() {
    use rating_history::estimate::stays;
    let england = rating_history::ofsted::england().unwrap();
    let series = england.ratings().unwrap().series(rating_history::ofsted::Theme::Headline).unwrap();
    let whole = Study::until(england.cut_off());
    for study in [whole.clone(), whole.clone().basis(TimeBasis::Days365_25).after_last(AfterLast::Drop)] {
        let labels = series.scale().labels().to_vec();
        let place = |grade: &str| labels.iter().position(|label| label == grade).unwrap();
        let mut expected: Vec<Total> = Vec::new();
        for stay in stays(&series, &study).rows().unwrap() {
            if expected.last().is_none_or(|total| total.authority != stay.authority) {
                let (exposure, counts) = (vec![0.0; 4], vec![vec![0.0; 4]; 4]);
                expected.push(Total { authority: stay.authority.clone(), exposure, counts });
            }
            let total = expected.last_mut().unwrap();
            total.exposure[place(&stay.grade)] += stay.years;
            if let Some(to) = &stay.to {
                total.counts[place(&stay.grade)][place(to)] += 1.0;
            }
        }
        let found = Exposures::collect(&series, &study).unwrap();
        assert_eq!(found.rows, expected);
        let all = Exposures::pooled_stays(&series, &study).unwrap();
        let sum = found.pooled(|_| 1.0).unwrap();
        assert_eq!((all.rows.len(), &all.rows[0].counts), (1, &sum.counts));
        all.rows[0].exposure.iter().zip(&sum.exposure).for_each(|(found, sum)| close(*found, *sum));
    }
}
