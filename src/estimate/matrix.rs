//! Transition matrices: probabilities with intervals and counts, however they were estimated.

use std::fmt;

use nalgebra::DMatrix;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, BootstrapSpread};
use super::table::write_table;
use crate::trend::columns::{COUNT, FROM, TO};
use crate::{Error, SeriesId};

/// How a matrix was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EstimateSettings {
    /// The estimator: `cohort`, `duration`, `aalen-johansen`, `panel`.
    pub estimator: String,
    /// The series that it was estimated from; `None` where the numbers were given.
    #[serde(default)]
    pub series: Option<SeriesId>,
    /// Years from the first state to the second; of calendar time, for Aalen-Johansen, the days from first to last
    /// over 365.25.
    pub years: f64,
    /// Level of the intervals, as 0.95.
    pub level: f64,
    /// How the intervals were made.
    pub interval: String,
    /// What else there is to know: the study, the snapshots.
    pub notes: Vec<String>,
    /// What the standard errors are, as `binomial`.
    #[serde(default)]
    pub standard_error: String,
}

/// Probabilities of standing at one grade some time after another.
///
/// A row without observations has no estimate: its probabilities are `None`, its intervals 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TransitionMatrix {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// Probability of each state (column) from each state (row).
    pub probability: Vec<Vec<Option<f64>>>,
    /// Lower ends of the intervals; `None` where there is none.
    pub lower: Vec<Vec<Option<f64>>>,
    /// Upper ends.
    pub upper: Vec<Vec<Option<f64>>>,
    /// Moves observed; for a cohort pairs of snapshots, for a panel pairs of inspections, and then also on the
    /// diagonal.
    pub count: Vec<Vec<f64>>,
    /// Standard errors of the probabilities; `None` where nothing is known of them. They are 0 where all that was seen went
    /// one way, which tells little: the intervals do not rest on them then.
    #[serde(default)]
    pub standard_error: Vec<Vec<Option<f64>>>,
    /// How it was made.
    pub settings: EstimateSettings,
}

impl TransitionMatrix {
    /// The matrix as rows: `from`, `to` (`String`), `probability`, `lower`, `upper`, `count`, `standard_error` (`Float64`).
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let k = self.labels.len();
        let cells = || (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
        let floats = |of: &Vec<Vec<Option<f64>>>| cells().map(|(i, j)| of[i][j]).collect::<Vec<_>>();
        Ok(df!(
            FROM => cells().map(|(i, _)| self.labels[i].as_str()).collect::<Vec<_>>(),
            TO => cells().map(|(_, j)| self.labels[j].as_str()).collect::<Vec<_>>(),
            "probability" => floats(&self.probability),
            "lower" => floats(&self.lower),
            "upper" => floats(&self.upper),
            COUNT => cells().map(|(i, j)| self.count[i][j]).collect::<Vec<_>>(),
            "standard_error" => cells().map(|(i, j)| *self.standard_error.get(i)?.get(j)?).collect::<Vec<_>>(),
        )?)
    }

    /// The probabilities as numbers, where every row has an estimate.
    pub fn complete(&self) -> Option<Vec<Vec<f64>>> {
        self.probability.iter().map(|row| row.iter().copied().collect()).collect()
    }

    /// The probabilities one after the other, NaN where there is no estimate: what a bootstrap resamples.
    pub fn numbers(&self) -> Vec<f64> {
        self.probability.iter().flatten().map(|p| p.unwrap_or(f64::NAN)).collect()
    }

    /// The same where nothing is known of how grades change, and why ([`changes_known`](super::changes_known)): no
    /// probabilities, intervals from 0 to 1. What was counted stays: that a grade stands until the next is a rule of counting.
    pub fn unknown(mut self, why: &str) -> Self {
        let cells = |value| square(self.labels.len(), |_, _| value);
        (self.probability, self.standard_error) = (cells(None), cells(None));
        (self.lower, self.upper) = (cells(Some(0.0)), cells(Some(1.0)));
        self.settings.notes.push(format!("{why}; intervals are 0 to 1"));
        self
    }

    /// Widens its intervals to those of a bootstrap of [`numbers`](Self::numbers). Resampling knows that judgements of one
    /// body resemble each other, but draws no move that was never seen; the exact limits know of that. The wider end of
    /// the two is taken on each side. The standard errors are those of the replicates, where enough of them have one.
    ///
    /// # Errors
    /// [`Error::Value`] when the bootstrap is not of as many numbers as the matrix has, or of another level.
    pub fn with_spread(mut self, spread: &BootstrapSpread) -> Result<Self, Error> {
        let k = self.labels.len();
        if spread.intervals.len() != k * k {
            let expected = format!("{} numbers, those of this matrix", k * k);
            return Err(Error::value("bootstrap of", spread.intervals.len(), expected));
        }
        let Bootstrap { replicates, seed, level } = spread.bootstrap;
        if level != self.settings.level {
            let expected = format!("the level of this matrix, {}", self.settings.level);
            return Err(Error::value("level of the bootstrap", level, expected));
        }
        for (n, interval) in spread.intervals.iter().enumerate() {
            let (Some((lower, upper)), Some(p)) = (interval, self.probability[n / k][n % k]) else { continue };
            let (lowest, highest) = (&mut self.lower[n / k][n % k], &mut self.upper[n / k][n % k]);
            *lowest = Some(lowest.unwrap_or(p).min(lower.min(p)));
            *highest = Some(highest.unwrap_or(p).max(upper.max(p)));
            if let (Some(own), Some(of_replicates)) = (self.standard_error.get_mut(n / k), spread.standard_error[n]) {
                own[n % k] = Some(of_replicates);
            }
        }
        self.settings.standard_error = "standard deviation of the replicates".to_owned();
        self.settings.interval = format!(
            "bootstrap of whole trajectories, {replicates} replicates, seed {seed}, nowhere narrower than {}",
            self.settings.interval
        );
        Ok(self)
    }
}

impl fmt::Display for TransitionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |p: Option<f64>| p.map_or("-".to_owned(), |p| format!("{:.1}%", 100.0 * p));
        let header = std::iter::once("from".to_owned()).chain(self.labels.iter().cloned());
        let row = |i: usize| {
            let cells = self.probability[i].iter().map(|p| percent(*p));
            std::iter::once(self.labels[i].clone()).chain(cells).collect()
        };
        write_table(f, &header.collect::<Vec<_>>(), &(0..self.labels.len()).map(row).collect::<Vec<_>>())?;
        let EstimateSettings { estimator, years, level, interval, notes, .. } = &self.settings;
        writeln!(f, "{estimator}, {years} years, {:.0}% intervals: {interval}", 100.0 * level)?;
        notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

/// The note on states that nobody was seen in.
pub(super) fn never_at_risk(labels: &[String], unseen: impl Fn(usize) -> bool) -> Option<String> {
    let unseen: Vec<&str> = (0..labels.len()).filter(|i| unseen(*i)).map(|i| labels[i].as_str()).collect();
    (!unseen.is_empty()).then(|| {
        format!("never at risk, so nothing is known and intervals are 0 to 1: {}", unseen.join(", ").replace('_', " "))
    })
}

/// The rows of a matrix of numbers.
pub(super) type Rows = Vec<Vec<f64>>;

/// A table of `k` by `k` cells.
pub(super) fn square<T>(k: usize, cell: impl Fn(usize, usize) -> T) -> Vec<Vec<T>> {
    (0..k).map(|i| (0..k).map(|j| cell(i, j)).collect()).collect()
}

pub(super) fn to_matrix(rows: &[Vec<f64>]) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), rows.len(), |i, j| rows[i][j])
}

pub(super) fn to_rows(matrix: &DMatrix<f64>) -> Vec<Vec<f64>> {
    (0..matrix.nrows()).map(|i| matrix.row(i).iter().copied().collect()).collect()
}

/// Checks that labels and rows make a square matrix of finite numbers.
pub(super) fn check_square(what: &'static str, labels: &[String], rows: &[Vec<f64>]) -> Result<(), Error> {
    let k = labels.len();
    if k < 2 || rows.len() != k || rows.iter().any(|r| r.len() != k) {
        let shape = format!("{} rows of {:?}", rows.len(), rows.iter().map(Vec::len).collect::<Vec<_>>());
        return Err(Error::value(what, shape, format!("{k} rows of {k} numbers, at least 2")));
    }
    match rows.iter().flatten().find(|x| !x.is_finite()) {
        Some(x) => Err(Error::value(what, x, "finite numbers")),
        None => Ok(()),
    }
}
