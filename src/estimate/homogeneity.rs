//! Whether grades move alike in several periods.

use serde::{Deserialize, Serialize};

use super::interval::chi_squared_p;
use super::totals::{Total, Totals, Unit};
use crate::Error;

/// A likelihood ratio test of one state, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RatioTest {
    /// Twice the difference of the log likelihoods (G squared).
    pub g_squared: f64,
    /// Degrees of freedom.
    pub df: usize,
    /// The probability of a larger statistic if the periods were alike; `None` without a degree of freedom.
    pub p: Option<f64>,
}

/// A test whether several periods have the same probabilities, or rates, of moving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Homogeneity {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// The test of the moves from each.
    pub states: Vec<RatioTest>,
    /// The test of all of them.
    pub all: RatioTest,
}

impl RatioTest {
    fn of(g_squared: f64, df: usize) -> Self {
        // A sum of logarithms of ratios that are 1 may come out below 0.
        let g_squared = g_squared.max(0.0);
        RatioTest { g_squared, df, p: (df > 0).then(|| chi_squared_p(g_squared, df)) }
    }
}

/// Tests whether periods are alike by their [pairs of snapshots](super::PairCounts) (Anderson and Goodman 1957), or by
/// their [times at risk and moves](super::Exposures): 2 times the sum of n ln(p of the period / p of all), where p is a
/// probability or a rate. A move seen in no period is no degree of freedom, nor is a period that nobody begins in the
/// state (Bickenbach and Bode 2003). Bodies are taken to move by themselves; with few moves p is only rough.
///
/// ```
/// use rating_history::estimate::{Exposures, Total, homogeneity};
/// let period = |years, moves| {
///     let total = Total { authority: "a".into(), exposure: vec![years, 50.0], counts: vec![vec![0.0, moves], vec![0.0; 2]] };
///     Exposures::new(["low", "high"], vec![total])
/// };
/// let test = homogeneity(&[period(100.0, 10.0)?, period(100.0, 30.0)?])?;
/// // 2 (10 ln(0.1 / 0.2) + 30 ln(0.3 / 0.2))
/// assert!((test.all.g_squared - 10.4650).abs() < 1e-4 && test.all.df == 1);
/// assert!(test.states[1].p.is_none()); // nobody left
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for fewer than two periods, periods with other states, or moves without time at risk.
pub fn homogeneity<U: Unit>(periods: &[Totals<U>]) -> Result<Homogeneity, Error> {
    let [first, _, ..] = periods else { return Err(Error::value("number of periods", periods.len(), "at least 2")) };
    let labels = first.labels.clone();
    if let Some(other) = periods.iter().find(|period| period.labels != labels) {
        return Err(Error::value("states of a period", other.labels.join(", "), labels.join(", ")));
    }
    let sums: Vec<Total> = periods.iter().map(|period| period.sum(|_| 1.0)).collect();
    let all = |of: &dyn Fn(&Total) -> f64| sums.iter().map(of).sum::<f64>();
    for (sum, i) in sums.iter().flat_map(|sum| (0..labels.len()).map(move |i| (sum, i))) {
        if sum.exposure[i] <= 0.0 && sum.counts[i].iter().any(|n| *n > 0.0) {
            return Err(Error::value("time at risk", sum.exposure[i], "above 0, as moves follow"));
        }
    }
    let test = |i: usize| {
        let years = all(&|sum| sum.exposure[i]);
        let (mut g_squared, mut moves) = (0.0, 0);
        for j in (0..labels.len()).filter(|j| U::COUNTS_STAYING || *j != i) {
            let seen = all(&|sum| sum.counts[i][j]);
            if seen > 0.0 {
                moves += 1;
            }
            for sum in sums.iter().filter(|sum| sum.counts[i][j] > 0.0) {
                let (n, own) = (sum.counts[i][j], sum.exposure[i]);
                g_squared += 2.0 * n * (n / own / (seen / years)).ln();
            }
        }
        let periods = sums.iter().filter(|sum| sum.exposure[i] > 0.0).count();
        // Probabilities add up to 1, rates do not.
        let free = if U::COUNTS_STAYING { usize::saturating_sub(moves, 1) } else { moves };
        RatioTest::of(g_squared, periods.saturating_sub(1) * free)
    };
    let states: Vec<RatioTest> = (0..labels.len()).map(test).collect();
    let all = RatioTest::of(states.iter().map(|s| s.g_squared).sum(), states.iter().map(|s| s.df).sum());
    Ok(Homogeneity { labels, states, all })
}
