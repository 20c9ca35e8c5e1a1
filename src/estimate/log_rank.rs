//! Whether groups differ in their survival: log-rank tests.

use std::fmt;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::interval::chi_squared_p;
use super::kaplan_meier::TimeToEvent;
use super::table::write_table;
use crate::Error;

/// A test whether groups have one and the same survival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogRank {
    /// Events in each group.
    pub observed: Vec<f64>,
    /// Events expected in each, had all the same hazard.
    pub expected: Vec<f64>,
    /// The test's statistic.
    pub chi_squared: f64,
    /// Degrees of freedom: groups with anybody at risk, less one.
    pub df: usize,
    /// The probability of a larger statistic if all were the same.
    pub p: f64,
    /// Weight of a time: survival just before, to this power (0: log-rank; 1: Peto and Peto).
    pub rho: f64,
}

/// The log-rank test, weighted by survival to the power of `rho` (Harrington and Fleming 1982; R's `survdiff`). Any
/// kind of event counts.
///
/// ```
/// use rating_history::estimate::{TimeToEvent, log_rank};
/// let at = |exit, event| TimeToEvent { entry: 0.0, exit, event, weight: 1.0 };
/// let early = vec![at(1.0, Some(0)), at(2.0, Some(0))];
/// let late = vec![at(3.0, Some(0)), at(4.0, None)];
/// let test = log_rank(&[early, late], 0.0)?;
/// assert_eq!((test.df, test.observed[0]), (1, 2.0));
/// assert!((test.expected[0] - (2.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-12);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for fewer than two groups; times that are no numbers or run backwards; weights that are not whole, as
/// of the times beside an event: they are not so many observations, and p would be wrong; or a rho that is no number, or
/// negative.
pub fn log_rank(groups: &[Vec<TimeToEvent>], rho: f64) -> Result<LogRank, Error> {
    let k = groups.len();
    if k < 2 {
        return Err(Error::value("groups to compare", k, "at least two"));
    }
    if !(rho.is_finite() && rho >= 0.0) {
        return Err(Error::value("rho", rho, "a number, at least 0"));
    }
    for time in groups.iter().flatten() {
        if !(time.entry.is_finite() && time.exit.is_finite() && time.entry <= time.exit) {
            return Err(Error::value("time", format!("{time:?}"), "an entry not after the exit"));
        }
        if !(time.weight >= 0.0 && time.weight.is_finite() && time.weight.fract() == 0.0) {
            let expected = "whole numbers of observations; compare weighted times by `survival_difference`";
            return Err(Error::value("weight", time.weight, expected));
        }
    }
    let mut exits: Vec<(f64, usize, f64, bool)> = Vec::new();
    let mut entries: Vec<(f64, usize, f64)> = Vec::new();
    for (group, durations) in groups.iter().enumerate() {
        for d in durations.iter().filter(|d| d.entry < d.exit) {
            exits.push((d.exit, group, d.weight, d.event.is_some()));
            entries.push((d.entry, group, d.weight));
        }
    }
    exits.sort_by(|a, b| a.0.total_cmp(&b.0));
    entries.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut at_risk = vec![0.0; k];
    let (mut observed, mut expected) = (vec![0.0; k], vec![0.0; k]);
    let mut difference = DVector::<f64>::zeros(k);
    let mut variance = DMatrix::<f64>::zeros(k, k);
    let (mut entered, mut survival) = (0, 1.0f64);
    for ties in exits.chunk_by(|a, b| a.0 == b.0) {
        while let Some((_, group, weight)) = entries.get(entered).filter(|e| e.0 < ties[0].0) {
            at_risk[*group] += weight;
            entered += 1;
        }
        let mut events = vec![0.0; k];
        ties.iter().filter(|t| t.3).for_each(|(_, group, weight, _)| events[*group] += weight);
        let (all, happened): (f64, f64) = (at_risk.iter().sum(), events.iter().sum());
        if happened > 0.0 {
            let weight = survival.powf(rho);
            for i in 0..k {
                let share = happened * at_risk[i] / all;
                observed[i] += weight * events[i];
                expected[i] += weight * share;
                difference[i] += weight * (events[i] - share);
                for j in 0..k {
                    let same = f64::from(u8::from(i == j));
                    let hypergeometric = if all > 1.0 { (all - happened) / (all - 1.0) } else { 0.0 };
                    let part = at_risk[i] / all * (same - at_risk[j] / all);
                    variance[(i, j)] += weight * weight * happened * part * hypergeometric;
                }
            }
            survival *= 1.0 - happened / all;
        }
        ties.iter().for_each(|(_, group, weight, _)| at_risk[*group] -= weight);
    }
    let used: Vec<usize> = (0..k).filter(|i| expected[*i] > 0.0).collect();
    let df = used.len().saturating_sub(1);
    let kept = &used[..df];
    let difference = DVector::from_fn(df, |a, _| difference[kept[a]]);
    let variance = DMatrix::from_fn(df, df, |a, b| variance[(kept[a], kept[b])]);
    let (chi_squared, p) = match df {
        0 => (0.0, 1.0),
        _ => {
            // Groups that leave no spread between them, as two tied subjects, do not differ.
            let chi_squared =
                variance.pseudo_inverse(1e-12).map_or(0.0, |inverse| difference.dot(&(inverse * &difference)));
            (chi_squared, chi_squared_p(chi_squared, df))
        }
    };
    Ok(LogRank { observed, expected, chi_squared, df, p, rho })
}

impl fmt::Display for LogRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["group", "observed", "expected"].map(str::to_owned);
        let row = |n: usize| {
            vec![(n + 1).to_string(), format!("{:.2}", self.observed[n]), format!("{:.2}", self.expected[n])]
        };
        write_table(f, &header, &(0..self.observed.len()).map(row).collect::<Vec<_>>())?;
        let Self { chi_squared, df, p, rho, .. } = self;
        writeln!(f, "chi squared {chi_squared:.3} on {df} degrees of freedom, p {p:.4}, rho {rho}")
    }
}
