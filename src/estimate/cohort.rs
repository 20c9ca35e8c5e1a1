//! The cohort estimator: grades at one snapshot against grades at the next.

use nalgebra::{DMatrix, DVector};

use super::interval::{IntervalScale, ProportionInterval, check_level, z};
use super::matrix::{EstimateSettings, TransitionMatrix, square, to_matrix, to_rows};
use super::totals::PairCounts;
use crate::Error;
use crate::code::setters;

/// Options of [`cohort_matrix`].
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct CohortOptions {
    /// Snapshots from the first state to the second; more than one multiplies the matrix of one by itself.
    pub periods: u32,
    /// Level of the intervals.
    pub level: f64,
    /// Kind of the intervals; they are for one period.
    pub interval: ProportionInterval,
    /// Rank of a state that nobody leaves.
    pub absorbing: Option<usize>,
}

setters!(CohortOptions {
    /// Snapshots from the first state to the second; more than one multiplies the matrix of one by itself.
    periods: u32,
    /// Level of the intervals.
    level: f64,
    /// Kind of the intervals; they are for one period.
    interval: ProportionInterval,
    /// Rank of a state that nobody leaves.
    absorbing: impl Into<Option<usize>>,
});

impl Default for CohortOptions {
    /// From one snapshot to the next, 95% Wilson intervals.
    fn default() -> Self {
        let interval = ProportionInterval::Wilson;
        CohortOptions { periods: 1, level: 0.95, interval, absorbing: None }
    }
}

/// The probability of each grade a year (or another period) after each grade: p = N(i, j) / N(i) over all pairs of
/// consecutive snapshots, N(i) being the pairs that begin in i.
///
/// A state never seen at the first snapshot of a pair has no estimate, and stays as it is when periods are multiplied.
/// An absorbing state has probability 1 of itself. Over several periods the intervals are by the delta method on the
/// logit scale, the pairs that begin in one state being multinomial. Each authority counts as often as its weight says.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{CohortOptions, PairCounts, Snapshots, Study, cohort_matrix};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let pairs = PairCounts::snapshots(&headline, &Study::until(england.cut_off()), &Snapshots::default())?; // a year apart
/// let matrix = cohort_matrix(&pairs, &CohortOptions::default())?;
/// assert!(matrix.probability[0][0].unwrap() > 0.5); // inadequate a year on: mostly still
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for no periods, a level outside 0 to 1, a grid that does not divide the year or an absorbing rank that
/// no state has.
pub fn cohort_matrix(totals: &PairCounts, options: &CohortOptions) -> Result<TransitionMatrix, Error> {
    cohort_matrix_weighted(totals, options, |_| 1.0)
}

/// The same where each body counts as often as the weight of its place says, as in a bootstrap.
///
/// # Errors
/// As [`cohort_matrix`].
pub fn cohort_matrix_weighted(
    totals: &PairCounts,
    options: &CohortOptions,
    weight: impl Fn(usize) -> f64,
) -> Result<TransitionMatrix, Error> {
    let pooled = totals.pooled(weight)?;
    let k = totals.labels.len();
    let level = check_level(options.level)?;
    let snapshots = totals.grid();
    let years = f64::from(snapshots.months()?) * f64::from(options.periods) / 12.0;
    if let Some(absorbing) = options.absorbing.filter(|a| *a >= k) {
        return Err(Error::value("rank of the absorbing state", absorbing, format!("one of 0 to {}", k.max(1) - 1)));
    }
    if options.periods == 0 {
        return Err(Error::value("periods", 0, "at least one"));
    }
    let counts = &pooled.counts;
    let observed = |i: usize| options.absorbing == Some(i) || pooled.exposure[i] > 0.0;
    let one = |i: usize, j: usize| match pooled.exposure[i] {
        _ if options.absorbing == Some(i) => f64::from(u8::from(i == j)),
        n if n > 0.0 => counts[i][j] / n,
        _ => f64::from(u8::from(i == j)),
    };
    let step = square(k, one);
    let power = to_rows(&to_matrix(&step).pow(options.periods));
    let single = options.periods == 1;
    let variance = (!single).then(|| {
        variance_of_power(&to_matrix(&step), options.periods, &|i| match options.absorbing {
            Some(absorbing) if absorbing == i => 0.0,
            _ => pooled.exposure[i],
        })
    });
    // Never left so far: Wilson's bound of staying, period after period.
    let never_left = |i: usize| counts[i][i] == pooled.exposure[i];
    let least =
        |i: usize| options.interval.of(counts[i][i], pooled.exposure[i], k, level).0.powi(options.periods as i32);
    let z = z(level);
    let interval = |i: usize, j: usize| match (single, options.absorbing == Some(i)) {
        (_, true) => Some((power[i][j], power[i][j])),
        _ if !observed(i) => Some((0.0, 1.0)),
        (true, false) => Some(options.interval.of(counts[i][j], pooled.exposure[i], k, level)),
        (false, false) if never_left(i) && i == j => Some((least(i), 1.0)),
        (false, false) if never_left(i) => Some((0.0, 1.0 - least(i))),
        (false, false) => {
            let spread = variance.as_ref().map_or(0.0, |v| v[(i, j)].sqrt());
            Some(IntervalScale::Logit.interval(power[i][j], spread, z))
        }
    };
    Ok(TransitionMatrix {
        labels: totals.labels.clone(),
        probability: square(k, |i, j| observed(i).then_some(power[i][j])),
        lower: square(k, |i, j| interval(i, j).map(|x| x.0)),
        upper: square(k, |i, j| interval(i, j).map(|x| x.1)),
        count: counts.clone(),
        settings: EstimateSettings {
            estimator: "cohort".to_owned(),
            years,
            level,
            interval: if single { options.interval.label() } else { "delta method, logit scale" }.to_owned(),
            notes: std::iter::once(format!(
                "{} a year, counted {}, withdrawn ratings {}",
                crate::calendar::count(snapshots.per_year, "snapshot"),
                snapshots.anchor,
                snapshots.withdrawn
            ))
            .chain(totals.study.iter().map(ToString::to_string))
            .collect(),
        },
    })
}

/// Variances of a power of a matrix whose row i is made from `n(i)` multinomial draws (delta method); rows of no draws
/// are certain.
fn variance_of_power(step: &DMatrix<f64>, periods: u32, n: &dyn Fn(usize) -> f64) -> DMatrix<f64> {
    let k = step.nrows();
    let mut powers = vec![DMatrix::identity(k, k)];
    (1..periods as usize).for_each(|m| powers.push(&powers[m - 1] * step));
    let mut variance = DMatrix::zeros(k, k);
    for i in (0..k).filter(|i| n(*i) > 0.0) {
        let row = step.row(i).transpose();
        for r in 0..k {
            for s in 0..k {
                // How the power's element changes with each element of row i.
                let mut slope = DVector::zeros(k);
                for (before, after) in powers.iter().zip(powers.iter().rev()) {
                    slope += after.column(s) * before[(r, i)];
                }
                let mean = slope.dot(&row);
                variance[(r, s)] += (slope.component_mul(&slope).dot(&row) - mean * mean).max(0.0) / n(i);
            }
        }
    }
    variance
}
