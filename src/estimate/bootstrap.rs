//! Uncertainty by resampling authorities.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::interval::check_level;
use crate::Error;
use crate::code::setters;

/// A bootstrap by authority: each replicate draws as many authorities as there are, with replacement, and estimates
/// anew. Whole authorities are drawn because inspections of one council resemble each other.
///
/// The same seed gives the same intervals, on any number of threads.
///
/// ```
/// use rating_history::estimate::Bootstrap;
/// let values = [1.0, 2.0, 3.0, 4.0, 5.0];
/// let mean = |weights: &[f64]| {
///     let sum: f64 = weights.iter().zip(&values).map(|(w, x)| w * x).sum();
///     Some(vec![sum / weights.iter().sum::<f64>()])
/// };
/// let spread = Bootstrap::default().replicates(500).level(0.9).run(5, mean)?;
/// let (lower, upper) = spread.intervals[0].unwrap();
/// assert!(lower < 3.0 && 3.0 < upper);
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bootstrap {
    /// How many replicates, at least 10.
    pub replicates: u32,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Level of the intervals.
    pub level: f64,
}

setters!(Bootstrap {
    /// How many replicates, at least 10.
    replicates: u32,
    /// Seed of the random numbers.
    seed: u64,
    /// Level of the intervals.
    level: f64,
});

impl Default for Bootstrap {
    /// 1,000 replicates, seed 1, 95% intervals.
    fn default() -> Self {
        Bootstrap { replicates: 1_000, seed: 1, level: 0.95 }
    }
}

/// What a bootstrap finds for each number of an estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BootstrapSpread {
    /// Percentile intervals; `None` where fewer than half of the replicates had this number.
    pub intervals: Vec<Option<(f64, f64)>>,
    /// Standard deviations over the replicates that had the number.
    pub standard_error: Vec<Option<f64>>,
    /// Replicates without any estimate.
    pub failed: u32,
    /// The bootstrap that it is of.
    pub bootstrap: Bootstrap,
}

impl Bootstrap {
    /// How often each of `n` authorities is drawn in a replicate.
    pub fn weights(&self, n: usize, replicate: u32) -> Vec<f64> {
        let mut random =
            Pcg64::seed_from_u64(self.seed ^ (u64::from(replicate) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut weights = vec![0.0; n];
        for _ in 0..n {
            weights[random.random_range(0..n)] += 1.0;
        }
        weights
    }

    /// Estimates every replicate, in parallel; `estimate` takes the weight of each of the `n` authorities and gives all
    /// its numbers, the same count each time, NaN where one cannot be estimated, or `None` when none can.
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1, fewer than 10 replicates, no authority, or when fewer than half of
    /// the replicates had an estimate.
    pub fn run(
        &self,
        n: usize,
        estimate: impl Fn(&[f64]) -> Option<Vec<f64>> + Sync,
    ) -> Result<BootstrapSpread, Error> {
        self.run_watched(n, estimate, &|_| ())
    }

    /// The same; `progress` is told of every replicate that is done.
    ///
    /// # Errors
    /// As [`run`](Bootstrap::run).
    pub fn run_watched(
        &self,
        n: usize,
        estimate: impl Fn(&[f64]) -> Option<Vec<f64>> + Sync,
        progress: &(dyn Fn(u32) + Sync),
    ) -> Result<BootstrapSpread, Error> {
        self.run_numbered(n, |_, weight| estimate(weight), progress)
    }

    /// The same; `estimate` is told the number of the replicate too, to draw more by it.
    pub(super) fn run_numbered(
        &self,
        n: usize,
        estimate: impl Fn(u32, &[f64]) -> Option<Vec<f64>> + Sync,
        progress: &(dyn Fn(u32) + Sync),
    ) -> Result<BootstrapSpread, Error> {
        let level = check_level(self.level)?;
        if self.replicates < 10 || n == 0 {
            return Err(Error::value("bootstrap", self.replicates, "at least 10 replicates of at least one authority"));
        }
        let results: Vec<Option<Vec<f64>>> = (0..self.replicates)
            .into_par_iter()
            .map(|replicate| {
                let result = estimate(replicate, &self.weights(n, replicate));
                progress(replicate);
                result
            })
            .collect();
        let done: Vec<Vec<f64>> = results.into_iter().flatten().collect();
        let failed = self.replicates - done.len() as u32;
        if 2 * done.len() < self.replicates as usize {
            let expected = "an estimate in at least half of the replicates";
            return Err(Error::value("bootstrap", format!("{failed} of {} failed", self.replicates), expected));
        }
        let count = done.iter().map(Vec::len).min().unwrap_or_default();
        let mut spread =
            BootstrapSpread { intervals: Vec::new(), standard_error: Vec::new(), failed, bootstrap: *self };
        for place in 0..count {
            let mut values: Vec<f64> = done.iter().map(|numbers| numbers[place]).filter(|x| x.is_finite()).collect();
            if 2 * values.len() < self.replicates as usize {
                spread.intervals.push(None);
                spread.standard_error.push(None);
                continue;
            }
            values.sort_by(f64::total_cmp);
            let tail = (1.0 - level) / 2.0;
            spread.intervals.push(Some((quantile(&values, tail), quantile(&values, 1.0 - tail))));
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
            spread.standard_error.push(Some((squares / (values.len() - 1) as f64).sqrt()));
        }
        Ok(spread)
    }
}

/// A quantile of ordered values, between the two nearest by line (R's type 7).
pub(super) fn quantile(ordered: &[f64], p: f64) -> f64 {
    let place = p * (ordered.len() - 1) as f64;
    let below = ordered[place.floor() as usize];
    let above = ordered[place.ceil() as usize];
    below + (place - place.floor()) * (above - below)
}
