//! Generators of gradings that are only seen at inspections: panel likelihood.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};
use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::generator::{Generator, frechet};
use super::interval::{IntervalScale, z};
use super::matrix::{TransitionMatrix, to_matrix, to_rows};
use super::study::{Study, judged_pairs, with_years};
use crate::code::coded_enum;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::{Error, Series};

coded_enum! {
    /// What an inspection is taken to tell about the time before it.
    enum Observation: "reading" {
        /// The grade stands until the next inspection: what changes is the *rated* grade, on the day of an inspection.
        Step = "step" / "a grade stands until the next judgement",
        /// The grade changed at some time between two inspections, if they differ, and may have changed and come back
        /// if they do not: what changes is the quality behind the grades.
        Interval = "interval" / "a grade changed at some time between two judgements",
    }
}

/// Two consecutive inspections of one body.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PanelPair {
    /// State at the first.
    pub from: usize,
    /// State at the second.
    pub to: usize,
    /// Years between them.
    pub years: f64,
    /// How many such pairs.
    pub weight: f64,
}

/// The pairs of consecutive inspections of a study, equal ones counted together; of several on one day the last, none
/// after the absorbing grade.
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn panel_pairs(series: &Series, study: &Study) -> Result<Vec<PanelPair>, Error> {
    let keys = [col(FROM), col(TO), col("years")];
    let pairs = with_years(judged_pairs(series, study)?, &[[PREVIOUS, ON, "years"]], study.basis)
        .group_by(keys.clone())
        .agg([len().cast(DataType::UInt32).alias(COUNT)])
        .sort_by_exprs(keys, SortMultipleOptions::default());
    let frame = series.collect(pairs)?;
    let (from, to, years, count) =
        (ranks(&frame, FROM)?, ranks(&frame, TO)?, frame.column("years")?.f64()?, frame.column(COUNT)?.u32()?);
    let pair = |n: usize| {
        let weight = f64::from(count.get(n)?);
        Some(PanelPair { from: from.get(n)? as usize, to: to.get(n)? as usize, years: years.get(n)?, weight })
    };
    Ok((0..frame.height()).filter_map(pair).collect())
}

/// Moves between neighbouring grades only: the usual structure for grades that pass through each other.
pub fn neighbouring_moves(k: usize) -> Vec<Vec<bool>> {
    (0..k).map(|i| (0..k).map(|j| i.abs_diff(j) == 1).collect()).collect()
}

/// A generator by panel likelihood. Moves between neighbouring grades only, both ways, are fast: such rates have real
/// eigenvalues, found once a step. For any other structure each step takes a matrix exponential of twice the number of
/// states for each allowed move and distinct time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PanelEstimate {
    /// The rates; `count` holds pairs of inspections, `exposure` the years between them by first state.
    pub generator: Generator,
    /// Standard errors of the rates, from the expected information; 0 for moves that are not allowed.
    pub standard_error: Vec<Vec<f64>>,
    /// Moves that are allowed: from, to.
    pub moves: Vec<(usize, usize)>,
    /// Covariances of the logarithms of their rates, in the same order (inverse of the expected information).
    pub covariance: Vec<Vec<f64>>,
    /// The log likelihood reached.
    pub log_likelihood: f64,
    /// Steps of the search.
    pub steps: u32,
}

impl PanelEstimate {
    /// The matrix at a horizon, with intervals by the delta method on the logit scale. A state from which no move is
    /// allowed stays.
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1 or a negative horizon.
    pub fn transition_matrix(&self, years: f64, level: f64) -> Result<TransitionMatrix, Error> {
        let mut matrix = self.generator.transition_matrix(years, level)?;
        let k = matrix.labels.len();
        let scaled = to_matrix(&self.generator.rate) * years;
        let slopes: Vec<DMatrix<f64>> = self.moves.iter().map(|(i, j)| slope(&scaled, *i, *j)).collect();
        let z = z(level);
        for r in 0..k {
            for s in 0..k {
                let Some(p) = matrix.probability[r][s] else { continue };
                let at: Vec<f64> = slopes.iter().map(|slope| slope[(r, s)]).collect();
                let row = |u: usize| self.covariance[u].iter().zip(&at).map(|(c, x)| c * x).sum::<f64>();
                let variance: f64 = at.iter().enumerate().map(|(u, x)| x * row(u)).sum();
                let (lower, upper) = IntervalScale::Logit.interval(p, variance.max(0.0).sqrt(), z);
                (matrix.lower[r][s], matrix.upper[r][s]) = (Some(lower), Some(upper));
            }
        }
        for r in (0..k).filter(|r| self.moves.iter().all(|(from, _)| from != r)) {
            let stays: Vec<Option<f64>> = (0..k).map(|s| Some(f64::from(u8::from(r == s)))).collect();
            (matrix.probability[r], matrix.lower[r], matrix.upper[r]) = (stays.clone(), stays.clone(), stays);
        }
        matrix.settings.estimator = "panel".to_owned();
        matrix.settings.notes.push(format!("log likelihood {:.4} after {} steps", self.log_likelihood, self.steps));
        Ok(matrix)
    }
}

impl std::fmt::Display for PanelEstimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.generator)?;
        writeln!(f, "log likelihood {:.4} after {} steps", self.log_likelihood, self.steps)
    }
}

/// How exp(A) changes with the logarithm of one rate in A.
fn slope(scaled: &DMatrix<f64>, i: usize, j: usize) -> DMatrix<f64> {
    let mut direction = DMatrix::zeros(scaled.nrows(), scaled.nrows());
    direction[(i, j)] = scaled[(i, j)];
    direction[(i, i)] = -scaled[(i, j)];
    frechet(scaled, &direction)
}

/// The rates that make the grades at consecutive inspections most likely, when moves may happen at any time in between:
/// the likelihood is the product of exp(Q t)(r, s) over pairs of inspections (Kalbfleisch and Lawless 1985; R's `msm`
/// with snapshots, obstype 1), maximised by Fisher scoring on the logarithms of the allowed rates.
///
/// ```
/// use rating_history::estimate::{PanelPair, neighbouring_moves, panel_generator};
/// let pair = |from, to, weight| PanelPair { from, to, years: 1.0, weight };
/// let pairs = [pair(0, 0, 80.0), pair(0, 1, 20.0), pair(1, 0, 10.0), pair(1, 1, 90.0)];
/// let labels = ["low".to_owned(), "high".to_owned()];
/// let estimate = panel_generator(&labels, &pairs, &neighbouring_moves(2))?;
/// let yearly = estimate.generator.probability(1.0); // two states: the observed parts come out
/// assert!((yearly[0][1] - 0.2).abs() < 1e-9 && (yearly[1][0] - 0.1).abs() < 1e-9);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without pairs, for states outside the labels, times not above 0, or a pair that the allowed moves
/// cannot explain.
pub fn panel_generator(labels: &[String], pairs: &[PanelPair], allowed: &[Vec<bool>]) -> Result<PanelEstimate, Error> {
    let k = labels.len();
    if pairs.iter().all(|p| p.weight <= 0.0) {
        return Err(Error::value("panel", pairs.len(), "at least one pair of judgements"));
    }
    for pair in pairs {
        if pair.from >= k || pair.to >= k || !(pair.years > 0.0 && pair.years.is_finite()) {
            return Err(Error::value("pair of judgements", format!("{pair:?}"), "known states, a time above 0"));
        }
    }
    let moves: Vec<(usize, usize)> = (0..k)
        .flat_map(|i| (0..k).map(move |j| (i, j)))
        .filter(|(i, j)| i != j && allowed.get(*i).and_then(|row| row.get(*j)).copied().unwrap_or(false))
        .collect();
    let mut times: BTreeMap<u64, DMatrix<f64>> = BTreeMap::new();
    let mut exposure = vec![0.0; k];
    let mut count = vec![vec![0.0; k]; k];
    for pair in pairs {
        times.entry(pair.years.to_bits()).or_insert_with(|| DMatrix::zeros(k, k))[(pair.from, pair.to)] += pair.weight;
        exposure[pair.from] += pair.weight * pair.years;
        count[pair.from][pair.to] += pair.weight;
    }
    let panel = Panel { k, moves, times: times.into_iter().map(|(t, n)| (f64::from_bits(t), n)).collect() };
    let total: f64 = exposure.iter().sum();
    let moved: f64 =
        (0..k).flat_map(|i| (0..k).filter(move |j| i != *j).map(move |j| (i, j))).map(|(i, j)| count[i][j]).sum();
    let begin = (moved.max(0.5) * k as f64 / (total * panel.moves.len().max(1) as f64)).ln();
    let mut logs = DVector::from_element(panel.moves.len(), begin);
    let mut likelihood = panel.likelihood(&logs);
    if !likelihood.is_finite() {
        return Err(Error::value("allowed moves", format!("{:?}", panel.moves), "moves that explain every pair"));
    }
    let mut steps = 0;
    while steps < 500 && !logs.is_empty() {
        steps += 1;
        let (gradient, information) = panel.derivatives(&logs);
        // A little ridge for rates on their way to 0, where the information vanishes.
        let ridge = 1e-12 * information.diagonal().max();
        let ridged = &information + DMatrix::identity(information.nrows(), information.ncols()) * ridge;
        let Some(direction) = ridged.lu().solve(&gradient) else { break };
        let direction = direction.map(|x| x.clamp(-2.0, 2.0));
        let mut scale = 1.0;
        let better = loop {
            let tried = &logs + &direction * scale;
            let reached = panel.likelihood(&tried);
            if reached > likelihood {
                break Some((tried, reached));
            }
            scale /= 2.0;
            if scale < 1e-8 {
                break None;
            }
        };
        let Some((tried, reached)) = better else { break };
        let gain = reached - likelihood;
        (logs, likelihood) = (tried, reached);
        if gain < 1e-13 * (1.0 + likelihood.abs()) && direction.amax() * scale < 1e-9 {
            break;
        }
    }
    let rate = panel.rates(&logs);
    let (_, information) = panel.derivatives(&logs);
    let none = DMatrix::zeros(logs.len(), logs.len());
    let covariance = if logs.is_empty() { none } else { information.pseudo_inverse(1e-12).unwrap_or(none) };
    let mut standard_error = vec![vec![0.0; k]; k];
    for (n, (i, j)) in panel.moves.iter().enumerate() {
        standard_error[*i][*j] = covariance[(n, n)].max(0.0).sqrt() * rate[(*i, *j)];
    }
    let generator = Generator { labels: labels.to_vec(), rate: to_rows(&rate), exposure, count, study: None };
    let (moves, covariance) = (panel.moves, to_rows(&covariance));
    Ok(PanelEstimate { generator, standard_error, moves, covariance, log_likelihood: likelihood, steps })
}

struct Panel {
    k: usize,
    /// Allowed moves; their log rates are the parameters.
    moves: Vec<(usize, usize)>,
    /// Counts of pairs by time between them.
    times: Vec<(f64, DMatrix<f64>)>,
}

impl Panel {
    fn rates(&self, logs: &DVector<f64>) -> DMatrix<f64> {
        let mut rates = vec![vec![0.0; self.k]; self.k];
        for ((i, j), log) in self.moves.iter().zip(logs.iter()) {
            rates[*i][*j] = log.exp();
            rates[*i][*i] -= log.exp();
        }
        to_matrix(&rates)
    }

    fn likelihood(&self, logs: &DVector<f64>) -> f64 {
        let rates = self.rates(logs);
        let spectrum = Spectrum::of(&rates);
        let parts: Vec<f64> = self
            .times
            .par_iter()
            .map(|(t, counts)| {
                let probability = spectrum.as_ref().map_or_else(|| (&rates * *t).exp(), |s| s.probability(*t));
                counts.zip_map(&probability, |n, p| if n > 0.0 { n * p.max(0.0).ln() } else { 0.0 }).sum()
            })
            .collect();
        parts.iter().sum()
    }

    /// Gradient and expected information of the log rates.
    fn derivatives(&self, logs: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        let rates = self.rates(logs);
        let spectrum = Spectrum::of(&rates);
        let n = self.moves.len();
        let parts: Vec<(DVector<f64>, DMatrix<f64>)> = self
            .times
            .par_iter()
            .map(|(t, counts)| {
                let scaled = &rates * *t;
                let (probability, slopes): (DMatrix<f64>, Vec<DMatrix<f64>>) = match &spectrum {
                    Some(s) => (s.probability(*t), s.slopes(*t, &self.moves, &rates)),
                    None => (scaled.exp(), self.moves.iter().map(|(i, j)| slope(&scaled, *i, *j)).collect()),
                };
                let share = counts.zip_map(&probability, |n, p| if n > 0.0 { n / p } else { 0.0 });
                let gradient = DVector::from_fn(n, |u, _| share.component_mul(&slopes[u]).sum());
                let weight = DMatrix::from_fn(self.k, self.k, |r, s| match probability[(r, s)] {
                    p if p > 1e-12 => counts.row(r).sum() / p,
                    _ => 0.0,
                });
                let columns: Vec<f64> = slopes.iter().flat_map(|slope| slope.iter().copied()).collect();
                let slopes = DMatrix::from_vec(self.k * self.k, n, columns);
                let mut weighted = slopes.clone();
                for (mut row, weight) in weighted.row_iter_mut().zip(weight.iter()) {
                    row *= *weight;
                }
                let information = slopes.transpose() * weighted;
                (gradient, information)
            })
            .collect();
        let zero = (DVector::zeros(n), DMatrix::zeros(n, n));
        parts.into_iter().fold(zero, |(g, i), (dg, di)| (g + dg, i + di))
    }
}

/// Rates Q = V diag(values) V^-1 with real eigenvalues, for chains that move between neighbours in both directions:
/// scaled by the square roots of their equilibrium they are symmetric (Kalbfleisch and Lawless 1985 use the spectrum
/// likewise).
struct Spectrum {
    values: DVector<f64>,
    vectors: DMatrix<f64>,
    inverse: DMatrix<f64>,
}

impl Spectrum {
    /// `None` for other structures, or where the scaling would cost accuracy.
    fn of(rates: &DMatrix<f64>) -> Option<Spectrum> {
        let k = rates.nrows();
        let mut scale = vec![1.0f64; k];
        for i in 0..k {
            if (0..k).any(|j| i.abs_diff(j) > 1 && rates[(i, j)] != 0.0) {
                return None;
            }
            if i + 1 < k {
                scale[i + 1] = scale[i] * (rates[(i, i + 1)] / rates[(i + 1, i)]).sqrt();
                if !(1e-6..=1e6).contains(&scale[i + 1]) {
                    return None;
                }
            }
        }
        let symmetric = DMatrix::from_fn(k, k, |i, j| rates[(i, j)] * scale[i] / scale[j]);
        let eigen = symmetric.symmetric_eigen();
        let vectors = DMatrix::from_fn(k, k, |i, a| eigen.eigenvectors[(i, a)] / scale[i]);
        let inverse = DMatrix::from_fn(k, k, |a, i| eigen.eigenvectors[(i, a)] * scale[i]);
        Some(Spectrum { values: eigen.eigenvalues, vectors, inverse })
    }

    fn probability(&self, t: f64) -> DMatrix<f64> {
        let scaled = DMatrix::from_fn(self.values.len(), self.values.len(), |i, a| {
            self.vectors[(i, a)] * (self.values[a] * t).exp()
        });
        scaled * &self.inverse
    }

    /// How the probabilities change with the logarithm of each rate.
    fn slopes(&self, t: f64, moves: &[(usize, usize)], rates: &DMatrix<f64>) -> Vec<DMatrix<f64>> {
        let k = self.values.len();
        let grown = self.values.map(|v| (v * t).exp());
        let between = DMatrix::from_fn(k, k, |a, b| match self.values[a] - self.values[b] {
            apart if (apart * t).abs() < 1e-7 => t * ((self.values[a] + self.values[b]) / 2.0 * t).exp(),
            apart => (grown[a] - grown[b]) / apart,
        });
        let slope = |(i, j): &(usize, usize)| {
            let inner = DMatrix::from_fn(k, k, |a, b| {
                self.inverse[(a, *i)] * (self.vectors[(*j, b)] - self.vectors[(*i, b)]) * between[(a, b)]
            });
            &self.vectors * inner * &self.inverse * rates[(*i, *j)]
        };
        moves.iter().map(slope).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_the_exponential_agree() {
        let rates = to_matrix(&[
            vec![-0.5, 0.5, 0.0, 0.0],
            vec![0.2, -0.9, 0.7, 0.0],
            vec![0.0, 0.1, -0.4, 0.3],
            vec![0.0, 0.0, 0.6, -0.6],
        ]);
        let spectrum = Spectrum::of(&rates).unwrap();
        for t in [0.01, 1.0, 7.5] {
            let scaled = &rates * t;
            assert!((spectrum.probability(t) - scaled.clone().exp()).amax() < 1e-12);
            let moves = [(0, 1), (1, 0), (2, 3), (3, 2)];
            for (found, (i, j)) in spectrum.slopes(t, &moves, &rates).iter().zip(moves) {
                assert!((found - slope(&scaled, i, j)).amax() < 1e-12);
            }
        }
        assert!(Spectrum::of(&to_matrix(&[vec![-1.0, 1.0], vec![0.0, 0.0]])).is_none());
    }
}
