//! Estimates against R's reference implementations (survival, etm, msm, ctmcd, markovchain): the numbers in
//! `tests/reference`, made by the script beside them.

use std::collections::HashMap;

use rating_history::Series;
use rating_history::estimate::{
    Anchor, Bracket, CohortOptions, Exposures, Generator, IntervalScale, PairCounts, PanelPair, Regularisation,
    Snapshots, Stay, Study, TimeBasis, TimeToEvent, Times, TransitionMatrix, Withdrawn, aalen_johansen,
    calendar_aalen_johansen, calendar_stays, cohort_matrix, embedding, generator_from_counts, kaplan_meier, log_rank,
    monotone_trend, nearest_generator, neighbouring_moves, panel_generator, panel_pairs, restricted_mean_difference,
    turnbull,
};
use rating_history::ofsted::{self, Theme};

type Row = HashMap<String, String>;

fn table(name: &str) -> Vec<Row> {
    let path = format!("{}/tests/reference/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance * (1.0 + expected.abs()), "{what}: {found} for {expected}");
}

/// The cells of a long table: from, to, value, of the rows with these words.
fn cells(name: &str, of: &[(&str, &str)]) -> Vec<(String, String, f64)> {
    let kept = table(name).into_iter().filter(|row| of.iter().all(|(column, word)| row[*column] == *word));
    kept.map(|row| (row["from"].clone(), row["to"].clone(), number(&row, "value"))).collect()
}

/// A long table as a matrix, in the order of the labels.
fn matrix(name: &str, of: &[(&str, &str)], labels: &[String]) -> Vec<Vec<f64>> {
    let place = |label: &str| labels.iter().position(|l| l == label).unwrap();
    let mut matrix = vec![vec![f64::NAN; labels.len()]; labels.len()];
    for (from, to, value) in cells(name, of) {
        matrix[place(&from)][place(&to)] = value;
    }
    matrix
}

#[track_caller]
fn same(found: &[Vec<f64>], expected: &[Vec<f64>], tolerance: f64, what: &str) {
    for (i, row) in expected.iter().enumerate() {
        for (j, x) in row.iter().enumerate() {
            close(found[i][j], *x, tolerance, &format!("{what} {i} {j}"));
        }
    }
}

fn complete(matrix: &TransitionMatrix) -> Vec<Vec<f64>> {
    matrix.complete().unwrap()
}

fn headline() -> (Series, Study) {
    let england = ofsted::england().unwrap();
    let ratings = england.ratings().unwrap().series(Theme::Headline).unwrap();
    (ratings, Study::until(england.cut_off()).basis(TimeBasis::Days365_25))
}

fn labels() -> Vec<String> {
    ["inadequate", "requires_improvement", "good", "outstanding"].map(String::from).to_vec()
}

fn text(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

#[test]
fn generator_of_england() {
    let (ratings, study) = headline();
    let totals = Exposures::collect(&ratings, &study).unwrap();
    let generator = Generator::from_totals(&totals).unwrap();
    same(&generator.rate, &matrix("england_generator", &[("what", "rate")], &labels()), 1e-12, "rate");
    let five = matrix("england_generator", &[("what", "five_years")], &labels());
    same(&generator.probability(5.0).unwrap(), &five, 1e-12, "five years");
    same(&complete(&generator.transition_matrix(5.0, 0.95).unwrap()), &five, 1e-12, "matrix");
}

#[test]
fn cohort_of_england() {
    let (ratings, study) = headline();
    let grid = Snapshots::default().per_year(1).anchor(Anchor::End).withdrawn(Withdrawn::Exclude);
    let totals = PairCounts::snapshots(&ratings, &study, &grid).unwrap();
    let found = cohort_matrix(&totals, &CohortOptions::default()).unwrap();
    same(&found.count, &matrix("england_cohort", &[("what", "count")], &labels()), 0.0, "count");
    same(&complete(&found), &matrix("england_cohort", &[("what", "probability")], &labels()), 1e-12, "probability");
}

/// Standard errors by the delta method, from derivatives that R takes by differences; msm's covariances for the panel.
#[test]
fn standard_errors_of_england() {
    let (ratings, study) = headline();
    let grid = Snapshots::default().per_year(1).anchor(Anchor::End).withdrawn(Withdrawn::Exclude);
    let totals = PairCounts::snapshots(&ratings, &study, &grid).unwrap();
    let cohort = |periods| cohort_matrix(&totals, &CohortOptions::default().periods(periods)).unwrap();
    let generator = Generator::from_totals(&Exposures::collect(&ratings, &study).unwrap()).unwrap();
    let pairs = panel_pairs(&ratings, &study).unwrap();
    let panel = panel_generator(&labels(), &pairs, &neighbouring_moves(4)).unwrap();
    for (what, found, tolerance) in [
        ("cohort_1", cohort(1), 1e-8),
        ("cohort_5", cohort(5), 1e-8),
        ("duration", generator.transition_matrix(5.0, 0.95).unwrap(), 1e-8),
        ("panel", panel.transition_matrix(1.0, 0.95).unwrap(), 1e-5),
    ] {
        let errors: Vec<Vec<f64>> =
            found.standard_error.iter().map(|row| row.iter().map(|e| e.unwrap()).collect()).collect();
        same(&errors, &matrix("england_errors", &[("what", what)], &labels()), tolerance, what);
    }
    // Greenwood's are the roots of etm's variances.
    let day = |text: &str| text.parse().unwrap();
    let estimate = calendar_aalen_johansen(&ratings, &study, day("2018-01-01"), study.to).unwrap();
    let found = estimate.transition_matrix(f64::from(study.to.to_epoch_days()), IntervalScale::Beta, 0.95).unwrap();
    let variance = matrix("england_aalen_johansen", &[("what", "variance")], &labels());
    for (found, expected) in found.standard_error.iter().flatten().zip(variance.concat()) {
        close(found.unwrap(), expected.sqrt(), 1e-12, "Greenwood");
    }
}

#[test]
fn differences_of_restricted_means() {
    for row in table("restricted_means") {
        let all = durations(&row["case"]);
        let mut names: Vec<&String> = all.iter().map(|d| &d.0).collect();
        names.sort();
        names.dedup();
        let curve = |name: &String| {
            let own: Vec<TimeToEvent> = all.iter().filter(|d| d.0 == *name).map(|d| d.1).collect();
            kaplan_meier(&text(&["event"]), &own, IntervalScale::Log, 0.95).unwrap()
        };
        let [first, second] = [curve(names[0]), curve(names[1])];
        let found = restricted_mean_difference(&second, &first, number(&row, "until")).unwrap().unwrap();
        close(found.difference, number(&row, "difference"), 1e-10, &row["case"]);
        close(found.standard_error, number(&row, "error"), 1e-10, &row["case"]);
        close(found.p, number(&row, "p"), 1e-9, &row["case"]);
        for (curve, column) in [(first, "first_followed"), (second, "second_followed")] {
            assert_eq!(curve.median_follow_up(), row[column].parse().ok(), "{} {column}", row["case"]);
        }
    }
}

#[test]
fn aalen_johansen_of_england() {
    let (ratings, study) = headline();
    let from = f64::from(rating_history::chrono::NaiveDate::from_ymd_opt(2018, 1, 1).unwrap().to_epoch_days());
    let to = f64::from(study.to.to_epoch_days());
    let stays = calendar_stays(&ratings, &study).unwrap();
    let (probability, variance) = aalen_johansen(&labels(), &stays, from, to).unwrap().at(to).unwrap();
    same(&probability, &matrix("england_aalen_johansen", &[("what", "probability")], &labels()), 1e-12, "P");
    same(&variance, &matrix("england_aalen_johansen", &[("what", "variance")], &labels()), 1e-12, "variance");
    // A study that begins in 2018 sees the same.
    let late = study.from(rating_history::chrono::NaiveDate::from_ymd_opt(2018, 1, 1));
    let stays = calendar_stays(&ratings, &late).unwrap();
    same(&aalen_johansen(&labels(), &stays, from, to).unwrap().at(to).unwrap().0, &probability, 1e-14, "truncated");
}

/// etm's own data: pneumonia in intensive care, in and out, with ties of moves and censorings.
#[test]
fn aalen_johansen_of_intensive_care() {
    let states = text(&["0", "1", "2"]);
    let stays: Vec<Stay> = table("sir_stays")
        .iter()
        .map(|row| Stay {
            entry: number(row, "entry"),
            exit: number(row, "exit"),
            from: row["from"].parse().unwrap(),
            to: row["to"].parse().ok(),
            weight: 1.0,
        })
        .collect();
    let last = stays.iter().map(|s| s.exit).fold(0.0, f64::max);
    for s in ["0", "10"] {
        let name = format!("sir_aalen_johansen_{s}");
        let estimate = aalen_johansen(&states, &stays, s.parse().unwrap(), last).unwrap();
        let mut times: Vec<String> = table(&name).iter().map(|row| row["time"].clone()).collect();
        times.dedup();
        for time in times {
            let of = |what: &'static str| matrix(&name, &[("what", what), ("time", &time)], &states);
            let (probability, variance) = estimate.at(time.parse().unwrap()).unwrap();
            same(&probability, &of("probability"), 1e-12, &format!("P({s}, {time})"));
            same(&variance, &of("variance"), 1e-12, &format!("variance at {time}"));
        }
    }
}

fn durations(case: &str) -> Vec<(String, TimeToEvent)> {
    if case == "england_inadequate" {
        let (ratings, study) = headline();
        let times = Times::collect(&ratings, &study, "inadequate", None, None).unwrap().remove(0);
        let any = |d: TimeToEvent| TimeToEvent { event: d.event.map(|_| 0), ..d };
        return times.durations.into_iter().map(|d| (String::new(), any(d))).collect();
    }
    let rows = table("durations").into_iter().filter(|row| row["case"] == case);
    rows.map(|row| {
        let event = (row["event"] == "1").then_some(0);
        let duration = TimeToEvent { entry: number(&row, "entry"), exit: number(&row, "exit"), event, weight: 1.0 };
        (row["group"].clone(), duration)
    })
    .collect()
}

fn transform(conf: &str) -> IntervalScale {
    match conf {
        "log-log" => IntervalScale::LogLog,
        "log" => IntervalScale::Log,
        _ => IntervalScale::Plain,
    }
}

/// England's councils leaving inadequate; R's own data with ties, late entry and censoring.
#[test]
fn survival_curves() {
    let rows = table("curves");
    for case in ["england_inadequate", "lung", "heart", "aml"] {
        let durations: Vec<TimeToEvent> = durations(case).into_iter().map(|d| d.1).collect();
        for conf in ["log-log", "log", "plain"] {
            let curve = kaplan_meier(&text(&["event"]), &durations, transform(conf), 0.95).unwrap();
            let expected: Vec<&Row> = rows.iter().filter(|row| row["case"] == case && row["conf"] == conf).collect();
            assert_eq!(curve.times.len(), expected.len(), "{case}");
            for (n, row) in expected.iter().enumerate() {
                let what = format!("{case} {conf} {n}");
                let events = curve.events[n][0];
                let counts = [("at_risk", curve.at_risk[n]), ("events", events), ("censored", curve.censored[n])];
                counts.iter().for_each(|(column, x)| close(*x, number(row, column), 1e-12, &what));
                let parts = [("time", curve.times[n]), ("survival", curve.survival[n]), ("hazard", curve.hazard[n])];
                parts.iter().for_each(|(column, x)| close(*x, number(row, column), 1e-10, &what));
                close(curve.hazard_error[n], number(row, "hazard_error"), 1e-10, &what);
                for (found, column) in [(curve.lower[n], "lower"), (curve.upper[n], "upper")] {
                    match row[column].as_str() {
                        "" => assert!(found.is_none() || curve.survival[n] == 1.0, "{what} {column}: {found:?}"),
                        _ => close(found.unwrap(), number(row, column), 1e-10, &format!("{what} {column}")),
                    }
                }
            }
        }
    }
}

#[test]
fn medians_and_restricted_means() {
    for row in table("curve_scalars") {
        let durations: Vec<TimeToEvent> = durations(&row["case"]).into_iter().map(|d| d.1).collect();
        let curve = kaplan_meier(&text(&["event"]), &durations, transform(&row["conf"]), 0.95).unwrap();
        let median = curve.median();
        let what = format!("{} {}", row["case"], row["conf"]);
        for (found, column) in [(median.value, "median"), (median.lower, "lower"), (median.upper, "upper")] {
            match row[column].as_str() {
                "" => assert_eq!(found, None, "{what} {column}"),
                _ => close(found.unwrap(), number(&row, column), 1e-10, &format!("{what} {column}")),
            }
        }
        let mean = curve.restricted_mean(number(&row, "until")).unwrap();
        close(mean.value.unwrap(), number(&row, "mean"), 1e-10, &format!("{what} mean"));
        let half = mean.upper.unwrap() - mean.value.unwrap();
        if mean.upper.unwrap() < number(&row, "until") {
            close(half / 1.959963984540054, number(&row, "mean_error"), 1e-8, &format!("{what} error"));
        }
    }
}

#[test]
fn log_rank_tests() {
    let rows = table("log_rank");
    for tests in rows.chunk_by(|a, b| a["case"] == b["case"] && a["rho"] == b["rho"]) {
        let (case, rho) = (tests[0]["case"].as_str(), number(&tests[0], "rho"));
        let groups: Vec<Vec<TimeToEvent>> = if case == "england_requires_improvement" {
            let (ratings, study) = headline();
            let times = Times::collect(&ratings, &study, "requires_improvement", None, Some("region")).unwrap();
            tests
                .iter()
                .map(|row| times.iter().find(|t| t.group.as_deref() == Some(&row["group"])).unwrap().durations.clone())
                .collect()
        } else {
            let all = durations(case);
            let of = |group: &str| all.iter().filter(|d| d.0 == group).map(|d| d.1).collect();
            tests.iter().map(|row| of(&row["group"])).collect()
        };
        let test = log_rank(&groups, rho).unwrap();
        for (n, row) in tests.iter().enumerate() {
            let what = format!("{case} {rho} {}", row["group"]);
            close(test.observed[n], number(row, "observed"), 1e-9, &what);
            close(test.expected[n], number(row, "expected"), 1e-9, &what);
            close(test.chi_squared, number(row, "chi_squared"), 1e-9, &what);
            close(test.p, number(row, "p"), 1e-9, &what);
        }
    }
}

/// Requires improvement ends by improving or declining (etm).
#[test]
fn cumulative_incidence() {
    let (ratings, study) = headline();
    let times = Times::collect(&ratings, &study, "requires_improvement", None, None).unwrap().remove(0);
    let curve = kaplan_meier(&times.kinds, &times.durations, IntervalScale::LogLog, 0.95).unwrap();
    for row in table("england_incidence") {
        let time = number(&row, "time");
        let place = curve.times.partition_point(|t| *t <= time + 1e-9) - 1;
        for (kind, name) in ["improved", "declined"].into_iter().enumerate() {
            close(curve.incidence[place][kind], number(&row, name), 1e-10, name);
            let variance = curve.incidence_error[place][kind].powi(2);
            close(variance, number(&row, &format!("{name}_variance")), 1e-10, name);
        }
    }
}

/// R stops its iterations at 5e-5; on the worked set, where the brackets meet, both are exact.
#[test]
fn interval_censored_curves() {
    let (rows, expected) = (table("brackets"), table("turnbull"));
    for (case, tolerance) in [("worked", 1e-9), ("england", 2e-3)] {
        let bracket = |row: &Row| Bracket { after: number(row, "after"), by: row["by"].parse().ok(), weight: 1.0 };
        let brackets: Vec<Bracket> = rows.iter().filter(|row| row["case"] == case).map(bracket).collect();
        let curve = turnbull(&brackets).unwrap();
        for row in expected.iter().filter(|row| row["case"] == case) {
            let time = number(row, "time");
            // R puts a jump in the middle of its interval.
            let after = |i: &(f64, Option<f64>)| i.1.map_or(i.0, |by| (i.0 + by) / 2.0) <= time + 1e-9;
            let place = curve.intervals.iter().take_while(|i| after(i)).count();
            let survival = if place == 0 { 1.0 } else { curve.survival[place - 1] };
            if curve.intervals.get(place.wrapping_sub(1)).is_none_or(|i| i.1.is_some()) {
                close(survival, number(row, "survival"), tolerance, &format!("{case} at {time}"));
            }
        }
    }
    // Both readings of England come from one set of times.
    let (ratings, study) = headline();
    let times = Times::collect(&ratings, &study, "inadequate", None, None).unwrap().remove(0);
    let of = |row: &Row| (number(row, "after"), row["by"].parse::<f64>().ok());
    let mut given: Vec<_> = rows.iter().filter(|row| row["case"] == "england").map(of).collect();
    let mut found: Vec<_> = times.brackets.iter().map(|b| (b.after, b.by)).collect();
    let order = |a: &(f64, Option<f64>), b: &(f64, Option<f64>)| a.partial_cmp(b).unwrap();
    given.sort_by(order);
    found.sort_by(order);
    assert_eq!(given.len(), found.len());
    for (a, b) in given.iter().zip(&found) {
        close(b.0, a.0, 1e-12, "after");
        assert_eq!(a.1.is_some(), b.1.is_some());
    }
}

/// Turnbull's condition: no bracket pattern would gain likelihood from more mass anywhere.
#[test]
fn interval_censored_curves_are_most_likely() {
    for case in ["worked", "england"] {
        let rows = table("brackets");
        let bracket = |row: &Row| Bracket { after: number(row, "after"), by: row["by"].parse().ok(), weight: 1.0 };
        let brackets: Vec<Bracket> = rows.iter().filter(|row| row["case"] == case).map(bracket).collect();
        let curve = turnbull(&brackets).unwrap();
        let inside = |b: &Bracket, i: &(f64, Option<f64>)| {
            i.0 >= b.after && i.1.unwrap_or(f64::INFINITY) <= b.by.unwrap_or(f64::INFINITY)
        };
        let mass_of = |b: &Bracket| -> f64 {
            curve.intervals.iter().zip(&curve.mass).filter(|(i, _)| inside(b, i)).map(|(_, m)| m).sum()
        };
        for interval in &curve.intervals {
            let gain: f64 = brackets.iter().filter(|b| inside(b, interval)).map(|b| 1.0 / mass_of(b)).sum();
            assert!(gain <= brackets.len() as f64 * (1.0 + 1e-4), "{case} {interval:?}: {gain}");
        }
    }
}

/// msm on England's inspections, moves between neighbouring grades.
#[test]
fn panel_likelihood_of_england() {
    let (ratings, study) = headline();
    let pairs = panel_pairs(&ratings, &study).unwrap();
    let estimate = panel_generator(&labels(), &pairs, &neighbouring_moves(4)).unwrap();
    let expected = cells("england_panel", &[("what", "minus2loglik")])[0].2;
    assert!(-2.0 * estimate.log_likelihood <= expected + 1e-6, "{} {expected}", -2.0 * estimate.log_likelihood);
    same(&estimate.generator.rate, &matrix("england_panel", &[("what", "rate")], &labels()), 1e-5, "rate");
}

/// msm's own data: heart transplants, four states, the last absorbing.
#[test]
fn panel_likelihood_of_heart_transplants() {
    let states = text(&["1", "2", "3", "4"]);
    let rows = table("cav");
    let pairs: Vec<PanelPair> = rows
        .windows(2)
        .filter(|w| w[0]["PTNUM"] == w[1]["PTNUM"])
        .map(|w| PanelPair {
            from: w[0]["state"].parse::<usize>().unwrap() - 1,
            to: w[1]["state"].parse::<usize>().unwrap() - 1,
            years: number(&w[1], "years") - number(&w[0], "years"),
            weight: 1.0,
        })
        .collect();
    let allowed = [[false, true, false, true], [true, false, true, true], [false, true, false, true], [false; 4]];
    let estimate = panel_generator(&states, &pairs, &allowed.map(|row| row.to_vec())).unwrap();
    let expected = cells("cav_panel", &[("what", "minus2loglik")])[0].2;
    assert!(-2.0 * estimate.log_likelihood <= expected + 1e-6, "{} {expected}", -2.0 * estimate.log_likelihood);
    same(&estimate.generator.rate, &matrix("cav_panel", &[("what", "rate")], &states), 1e-5, "rate");
}

/// ctmcd's own data: a yearly matrix of credit ratings that has no generator.
#[test]
fn nearest_generators_of_credit_ratings() {
    let states: Vec<String> = cells("ctmcd", &[("what", "relative")]).iter().take(8).map(|c| c.0.clone()).collect();
    let of = |what: &'static str| matrix("ctmcd", &[("what", what)], &states);
    for (what, method) in [("DA", Regularisation::Diagonal), ("WA", Regularisation::Weighted)] {
        let generator = nearest_generator(&states, &of("relative"), 1.0, method).unwrap();
        same(&generator.rate, &of(what), 1e-8, what);
    }
    // ctmcd sets one rate of every row to 0, also of rows that need no change; those stay as they are here.
    let generator = nearest_generator(&states, &of("relative"), 1.0, Regularisation::QuasiOptimal).unwrap();
    let logarithm = embedding(&states, &of("relative"), 1.0).unwrap().logarithm.unwrap();
    let mut changed = 0;
    for (i, row) in logarithm.iter().enumerate() {
        let valid = row.iter().enumerate().all(|(j, x)| j == i || *x >= 0.0);
        changed += usize::from(!valid);
        let expected = if valid { row.clone() } else { of("QO")[i].clone() };
        expected.iter().enumerate().for_each(|(j, x)| close(generator.rate[i][j], *x, 1e-8, &format!("QO {i} {j}")));
    }
    assert!(changed > 2);
    let generator = generator_from_counts(&states, &of("absolute"), 1.0).unwrap();
    same(&generator.rate, &of("EM"), 1e-5, "EM");
}

/// The distribution that England's yearly matrix leaves as it is (markovchain).
#[test]
fn stationary_distribution() {
    let yearly = matrix("england_cohort", &[("what", "probability")], &labels());
    // P - I is a generator with the same stationary distribution.
    let mut rates = yearly;
    for (i, row) in rates.iter_mut().enumerate() {
        row[i] = 0.0;
        row[i] = -row.iter().sum::<f64>();
    }
    let found = Generator::new(labels(), rates).unwrap().stationary().unwrap();
    for row in table("england_steady") {
        let place = labels().iter().position(|l| *l == row["state"]).unwrap();
        close(found[place], number(&row, "value"), 1e-10, &row["state"]);
    }
}

/// Kendall's test with ties, continuity corrected, and Theil and Sen's slope, on irregular times.
#[test]
fn monotone_trends() {
    let rows = table("series");
    for expected in table("monotone") {
        let of = rows.iter().filter(|row| row["case"] == expected["case"]);
        let points: Vec<(f64, f64)> = of.map(|row| (number(row, "time"), number(row, "value"))).collect();
        let trend = monotone_trend(&points, 0.95).unwrap();
        for (found, column) in [(trend.tau, "tau"), (trend.z, "z"), (trend.p, "p"), (trend.slope, "slope")] {
            close(found, number(&expected, column), 1e-9, &format!("{} {column}", expected["case"]));
        }
        assert!(trend.lower <= trend.slope && trend.slope <= trend.upper);
    }
}
