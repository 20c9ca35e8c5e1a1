//! The cohort estimator: grades at one snapshot against grades at the next.

use super::delta::{self, Powers};
use super::generator::stochastic;
use super::interval::{ProportionInterval, check_level};
use super::matrix::{EstimateSettings, TransitionMatrix, never_at_risk, square, to_matrix, to_rows};
use super::mover;
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
    /// From one snapshot to the next, 95% intervals by the modified Wilson method.
    fn default() -> Self {
        let interval = ProportionInterval::ModifiedWilson;
        CohortOptions { periods: 1, level: 0.95, interval, absorbing: None }
    }
}

/// The probability of each grade a year (or another period) after each grade: p = N(i, j) / N(i) over all pairs of
/// consecutive snapshots, N(i) being the pairs that begin in i.
///
/// A state never seen at the first snapshot of a pair has no estimate, and stays as it is when periods are multiplied.
/// An absorbing state has probability 1 of itself. Over several periods each count of pairs goes to its exact limits and
/// what that does to the product is combined (MOVER; Zou and Donner 2008). Each authority counts as often as its weight
/// says.
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
    let power = to_rows(&stochastic(to_matrix(&step).pow(options.periods)));
    let single = options.periods == 1;
    let absorbed = |i: usize| options.absorbing == Some(i);
    let cells = (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
    let free: Vec<_> =
        cells.filter(|(i, _)| !absorbed(*i) && observed(*i)).map(|(i, j)| ((i, j), counts[i][j])).collect();
    let several = (!single).then(|| {
        let step = to_matrix(&step);
        mover::limits(&to_matrix(&power), &free, level, |(i, j), count| {
            let mut step = step.clone();
            // The row as counts, one of which changes: pairs that begin in one state are multinomial.
            step[(i, j)] = count / pooled.exposure[i];
            let sum = step.row(i).sum();
            if sum > 0.0 {
                step.row_mut(i).iter_mut().for_each(|p| *p /= sum);
            }
            stochastic(step.pow(options.periods))
        })
    });
    let errors = (!single).then(|| {
        let step = to_matrix(&step);
        let powers = Powers::of(&step, options.periods);
        delta::errors(&to_matrix(&power), &free, |(i, j)| {
            let mut direction = step.scale(0.0);
            let own = |to: usize| f64::from(u8::from(to == j)) - step[(i, to)];
            (0..k).for_each(|to| direction[(i, to)] = own(to) / pooled.exposure[i]);
            powers.slope(&direction)
        })
    });
    let error = |i: usize, j: usize| match &errors {
        _ if absorbed(i) => Some(0.0),
        _ if !observed(i) => None,
        None => Some((power[i][j] * (1.0 - power[i][j]) / pooled.exposure[i]).sqrt()),
        Some(errors) => Some(errors[(i, j)]),
    };
    let interval = |i: usize, j: usize| match &several {
        _ if absorbed(i) => Some((power[i][j], power[i][j])),
        _ if !observed(i) => Some((0.0, 1.0)),
        None => Some(options.interval.limits(counts[i][j], pooled.exposure[i], k, level)),
        Some((lower, upper)) => Some((lower[(i, j)], upper[(i, j)])),
    };
    Ok(TransitionMatrix {
        labels: totals.labels.clone(),
        probability: square(k, |i, j| observed(i).then_some(power[i][j])),
        lower: square(k, |i, j| interval(i, j).map(|x| x.0)),
        upper: square(k, |i, j| interval(i, j).map(|x| x.1)),
        count: counts.clone(),
        standard_error: square(k, error),
        settings: EstimateSettings {
            estimator: "cohort".to_owned(),
            series: totals.series.clone(),
            years,
            level,
            interval: if single { options.interval.label() } else { mover::METHOD }.to_owned(),
            standard_error: if single { "binomial" } else { "delta method, from multinomial rows" }.to_owned(),
            notes: std::iter::once(format!(
                "{} a year, counted {}, withdrawn ratings {}",
                crate::calendar::count(snapshots.per_year, "snapshot"),
                snapshots.anchor,
                snapshots.withdrawn
            ))
            .chain(totals.study.iter().map(ToString::to_string))
            .chain(never_at_risk(&totals.labels, |i| !observed(i)))
            .collect(),
        },
    })
}
