//! Generators of gradings that are only seen at inspections: panel likelihood.

use std::collections::BTreeMap;

use nalgebra::{Complex, ComplexField, DMatrix, DVector, Schur};
use polars::prelude::*;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::generator::{Generator, frechet};
use super::interval::{IntervalScale, check_level, z};
use super::kaplan_meier::IntervalEstimate;
use super::matrix::{TransitionMatrix, never_at_risk, square, to_matrix, to_rows};
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

/// A generator by panel likelihood.
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
    /// Whether the search came to the top: what a further step would gain is below 1e-8. If not, the rates are the best
    /// found, and no estimate.
    pub converged: bool,
    /// States at none of the judgements: nothing is known of them, moves pass over them.
    pub never_seen: Vec<String>,
}

impl PanelEstimate {
    /// The matrix at a horizon, with intervals by the delta method on the logit scale. A state from which no move is
    /// allowed stays.
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1 or a negative horizon.
    pub fn transition_matrix(&self, years: f64, level: f64) -> Result<TransitionMatrix, Error> {
        let level = check_level(level)?;
        let given = Generator { exposure: Vec::new(), count: Vec::new(), ..self.generator.clone() };
        let mut matrix = given.transition_matrix(years, level)?;
        matrix.count = self.generator.count.clone();
        let k = matrix.labels.len();
        let scaled = to_matrix(&self.generator.rate) * years;
        matrix.standard_error = square(k, |_, _| None);
        let slopes: Vec<DMatrix<f64>> = self.moves.iter().map(|(i, j)| slope(&scaled, *i, *j)).collect();
        for r in 0..k {
            for s in 0..k {
                let Some(p) = matrix.probability[r][s] else { continue };
                let at: Vec<f64> = slopes.iter().map(|slope| slope[(r, s)]).collect();
                let row = |u: usize| self.covariance[u].iter().zip(&at).map(|(c, x)| c * x).sum::<f64>();
                let variance: f64 = at.iter().enumerate().map(|(u, x)| x * row(u)).sum();
                let seen = self.generator.count[r].iter().sum();
                let (lower, upper) = IntervalScale::Logit.interval(p, variance.max(0.0).sqrt(), seen, level);
                (matrix.lower[r][s], matrix.upper[r][s]) = (Some(lower), Some(upper));
                matrix.standard_error[r][s] = Some(variance.max(0.0).sqrt());
            }
        }
        let unseen = |r: usize| self.generator.exposure[r] <= 0.0;
        for r in (0..k).filter(|r| unseen(*r)) {
            matrix.probability[r].fill(None);
            matrix.lower[r].fill(Some(0.0));
            matrix.upper[r].fill(Some(1.0));
            matrix.standard_error[r].fill(None);
        }
        let absorbing = |r: usize| self.moves.iter().all(|(from, _)| *from != r) && !self.is_never_seen(r);
        for r in (0..k).filter(|r| absorbing(*r)) {
            let stays: Vec<Option<f64>> = (0..k).map(|s| Some(f64::from(u8::from(r == s)))).collect();
            (matrix.probability[r], matrix.lower[r], matrix.upper[r]) = (stays.clone(), stays.clone(), stays);
            matrix.standard_error[r].fill(Some(0.0));
        }
        matrix.settings.estimator = "panel".to_owned();
        matrix.settings.notes.extend(never_at_risk(&matrix.labels, |r| unseen(r) && !absorbing(r)));
        matrix.settings.interval = "delta method, logit scale".to_owned();
        matrix.settings.standard_error = "delta method, from the expected information".to_owned();
        matrix.settings.notes.push(self.search());
        Ok(matrix)
    }
}

impl PanelEstimate {
    /// The mean years of a stay in each state, with intervals by the delta method on the scale of logarithms; nothing for a
    /// state that is never left.
    ///
    /// ```
    /// use rating_history::estimate::{PanelPair, neighbouring_moves, panel_generator};
    /// let pair = |from, to, weight| PanelPair { from, to, years: 1.0, weight };
    /// let pairs = [pair(0, 0, 80.0), pair(0, 1, 20.0), pair(1, 0, 10.0), pair(1, 1, 90.0)];
    /// let labels = ["low".to_owned(), "high".to_owned()];
    /// let estimate = panel_generator(&labels, &pairs, &neighbouring_moves(2))?;
    /// let stay = estimate.mean_stay_interval(0.95)?[0];
    /// assert!(stay.lower < stay.value && stay.value < stay.upper && stay.standard_error.is_some());
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1.
    pub fn mean_stay_interval(&self, level: f64) -> Result<Vec<IntervalEstimate>, Error> {
        let z = z(check_level(level)?);
        let stay = |(i, value): (usize, Option<f64>)| {
            let part = |u: usize| match self.moves[u] {
                (from, to) if from == i => value.unwrap_or_default() * self.generator.rate[from][to],
                _ => 0.0,
            };
            let all = || 0..self.moves.len();
            let variance: f64 = all()
                .flat_map(|u| all().map(move |v| (u, v)))
                .map(|(u, v)| part(u) * self.covariance[u][v] * part(v))
                .sum();
            let spread = value.map(|stay| (stay, variance.max(0.0).sqrt())).filter(|(_, spread)| *spread > 0.0);
            IntervalEstimate {
                value,
                lower: spread.map(|(stay, spread)| stay * (-z * spread).exp()),
                upper: spread.map(|(stay, spread)| stay * (z * spread).exp()),
                standard_error: spread.map(|(stay, spread)| stay * spread),
            }
        };
        Ok(self.generator.mean_stay().into_iter().enumerate().map(stay).collect())
    }

    fn is_never_seen(&self, state: usize) -> bool {
        self.never_seen.contains(&self.generator.labels[state])
    }

    /// How the search went, in a sentence.
    pub fn search(&self) -> String {
        let found = format!("log likelihood {:.4} after {} steps", self.log_likelihood, self.steps);
        if self.converged { found } else { format!("WARNING: the search did not reach the most likely rates; {found}") }
    }
}

impl std::fmt::Display for PanelEstimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.generator)?;
        writeln!(f, "{}", self.search())
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
/// with snapshots, obstype 1), maximised by their scoring on the logarithms of the allowed rates, damped as Levenberg and
/// Marquardt do. Derivatives are exact, from the eigenvalues of the rates.
///
/// A state at none of the inspections is passed over: a move that would lead through it leads to the next. Rates are
/// kept within what the data can tell from 0 and from at once.
///
/// ```
/// use rating_history::estimate::{PanelPair, neighbouring_moves, panel_generator};
/// let pair = |from, to, weight| PanelPair { from, to, years: 1.0, weight };
/// let pairs = [pair(0, 0, 80.0), pair(0, 1, 20.0), pair(1, 0, 10.0), pair(1, 1, 90.0)];
/// let labels = ["low".to_owned(), "high".to_owned()];
/// let estimate = panel_generator(&labels, &pairs, &neighbouring_moves(2))?;
/// let yearly = estimate.generator.probability(1.0)?; // two states: the observed parts come out
/// assert!((yearly[0][1] - 0.2).abs() < 1e-9 && (yearly[1][0] - 0.1).abs() < 1e-9);
/// assert!(estimate.converged);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without pairs, for states outside the labels, times not above 0, weights that are negative or no
/// numbers, moves that are not of as many states as there are labels, or a pair that the allowed moves cannot explain.
pub fn panel_generator(labels: &[String], pairs: &[PanelPair], allowed: &[Vec<bool>]) -> Result<PanelEstimate, Error> {
    let k = labels.len();
    if allowed.len() != k || allowed.iter().any(|row| row.len() != k) {
        let expected = format!("{k} rows of {k}, as many as there are labels");
        return Err(Error::value("allowed moves", format!("of {} states", allowed.len()), expected));
    }
    if pairs.iter().all(|p| p.weight <= 0.0) {
        return Err(Error::value("panel", pairs.len(), "at least one pair of judgements"));
    }
    for pair in pairs {
        let sound = pair.years > 0.0 && pair.years.is_finite() && pair.weight >= 0.0 && pair.weight.is_finite();
        if pair.from >= k || pair.to >= k || !sound {
            let expected = "known states, a time above 0, a weight not negative";
            return Err(Error::value("pair of judgements", format!("{pair:?}"), expected));
        }
    }
    let mut times: BTreeMap<u64, DMatrix<f64>> = BTreeMap::new();
    let mut exposure = vec![0.0; k];
    let mut count = vec![vec![0.0; k]; k];
    for pair in pairs.iter().filter(|pair| pair.weight > 0.0) {
        times.entry(pair.years.to_bits()).or_insert_with(|| DMatrix::zeros(k, k))[(pair.from, pair.to)] += pair.weight;
        exposure[pair.from] += pair.weight * pair.years;
        count[pair.from][pair.to] += pair.weight;
    }
    let seen: Vec<bool> = (0..k).map(|i| exposure[i] > 0.0 || count.iter().any(|row| row[i] > 0.0)).collect();
    let moves = passing_over(allowed, &seen);
    let times: Vec<(f64, DMatrix<f64>)> = times.into_iter().map(|(t, n)| (f64::from_bits(t), n)).collect();
    let panel = Panel { k, moves, times };
    let found = panel.search(exposure.iter().sum::<f64>(), &count)?;
    let rate = panel.rates(&found.logs);
    let none = DMatrix::zeros(found.logs.len(), found.logs.len());
    let covariance = if found.logs.is_empty() { none } else { found.information.pseudo_inverse(1e-12).unwrap_or(none) };
    let mut standard_error = vec![vec![0.0; k]; k];
    for (n, (i, j)) in panel.moves.iter().enumerate() {
        standard_error[*i][*j] = covariance[(n, n)].max(0.0).sqrt() * rate[(*i, *j)];
    }
    let generator =
        Generator { labels: labels.to_vec(), rate: to_rows(&rate), exposure, count, series: None, study: None };
    Ok(PanelEstimate {
        generator,
        standard_error,
        moves: panel.moves,
        covariance: to_rows(&covariance),
        log_likelihood: found.likelihood,
        steps: found.steps,
        converged: found.converged,
        never_seen: (0..k).filter(|i| !seen[*i]).map(|i| labels[i].clone()).collect(),
    })
}

/// The allowed moves between states that were seen; one that leads to a state never seen leads on to where that one does.
fn passing_over(allowed: &[Vec<bool>], seen: &[bool]) -> Vec<(usize, usize)> {
    let k = seen.len();
    let mut open = allowed.to_vec();
    for over in (0..k).filter(|i| !seen[*i]) {
        let onwards = open[over].clone();
        for row in open.iter_mut().filter(|row| row[over]) {
            row.iter_mut().zip(&onwards).for_each(|(open, on)| *open |= on);
        }
    }
    let moves = (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
    moves.filter(|(i, j)| i != j && seen[*i] && seen[*j] && open[*i][*j]).collect()
}

struct Panel {
    k: usize,
    /// Allowed moves; their log rates are the parameters.
    moves: Vec<(usize, usize)>,
    /// Counts of pairs by time between them.
    times: Vec<(f64, DMatrix<f64>)>,
}

/// Where a search ended.
struct Found {
    logs: DVector<f64>,
    likelihood: f64,
    information: DMatrix<f64>,
    steps: u32,
    converged: bool,
}

impl Panel {
    fn search(&self, total: f64, count: &[Vec<f64>]) -> Result<Found, Error> {
        let n = self.moves.len();
        let moved: f64 = count.iter().enumerate().map(|(i, row)| row.iter().sum::<f64>() - row[i]).sum();
        let begin = (moved.max(0.5) * self.k as f64 / (total * n.max(1) as f64)).ln();
        let shortest = self.times.first().map_or(1.0, |(t, _)| *t);
        let (least, most) = ((1e-9 / total).ln().min(begin), (30.0 / shortest).ln().max(begin));
        let mut logs = DVector::from_element(n, begin);
        let mut likelihood = self.likelihood(&logs);
        if !likelihood.is_finite() {
            let expected = "moves that explain every pair";
            return Err(Error::value("allowed moves", format!("{:?}", self.moves), expected));
        }
        let (mut steps, mut converged, mut damping) = (0, n == 0, 1e-3);
        let (mut gradient, mut information) = self.derivatives(&logs);
        while steps < 1_000 && !converged {
            steps += 1;
            // A rate at its bound that would go further stays there.
            let stuck = |u: usize| (logs[u] <= least && gradient[u] < 0.0) || (logs[u] >= most && gradient[u] > 0.0);
            let free: Vec<usize> = (0..n).filter(|u| !stuck(*u)).collect();
            let slope = DVector::from_fn(free.len(), |a, _| gradient[free[a]]);
            let largest = information.diagonal().max();
            let damped = DMatrix::from_fn(free.len(), free.len(), |a, b| {
                let (u, v) = (free[a], free[b]);
                let own = if a == b { damping * information[(u, u)] + 1e-14 * largest + 1e-300 } else { 0.0 };
                information[(u, v)] + own
            });
            let Some(direction) = damped.cholesky().map(|c| c.solve(&slope)) else {
                damping *= 10.0;
                if damping > 1e12 {
                    break;
                }
                continue;
            };
            let mut tried = logs.clone();
            free.iter()
                .zip(direction.iter())
                .for_each(|(u, x)| tried[*u] = (logs[*u] + x.clamp(-3.0, 3.0)).clamp(least, most));
            let gain = (&tried - &logs).dot(&gradient);
            let reached = self.likelihood(&tried);
            if reached >= likelihood {
                let small = gain < 1e-9 && damping <= 1e-3;
                (logs, likelihood) = (tried, reached);
                (gradient, information) = self.derivatives(&logs);
                damping = f64::max(damping / 5.0, 1e-9);
                converged = small;
            } else if gain < 1e-9 && likelihood - reached < 1e-9 * (1.0 + likelihood.abs()) {
                converged = true;
            } else {
                damping *= 4.0;
                if damping > 1e12 {
                    break;
                }
            }
        }
        Ok(Found { logs, likelihood, information, steps, converged })
    }

    fn rates(&self, logs: &DVector<f64>) -> DMatrix<f64> {
        let mut rates = DMatrix::zeros(self.k, self.k);
        for ((i, j), log) in self.moves.iter().zip(logs.iter()) {
            rates[(*i, *j)] = log.exp();
            rates[(*i, *i)] -= log.exp();
        }
        rates
    }

    fn likelihood(&self, logs: &DVector<f64>) -> f64 {
        let rates = self.rates(logs);
        let way = Way::of(&rates);
        let part = |(t, counts): &(f64, DMatrix<f64>)| -> f64 {
            let probability = way.probability(&rates, *t);
            counts.zip_map(&probability, |n, p| if n > 0.0 { n * p.max(0.0).ln() } else { 0.0 }).sum()
        };
        let parts: Vec<f64> = self.times.par_iter().map(part).collect();
        parts.iter().sum()
    }

    /// Gradient and expected information of the log rates.
    fn derivatives(&self, logs: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        let rates = self.rates(logs);
        let way = Way::of(&rates);
        let n = self.moves.len();
        let zero = || (DVector::zeros(n), DMatrix::zeros(n, n));
        let add = |(mut gradient, mut information): (DVector<f64>, DMatrix<f64>), (t, counts): &(f64, DMatrix<f64>)| {
            let probability = way.probability(&rates, *t);
            let begun = (0..self.k).filter(|r| counts.row(*r).sum() > 0.0).collect::<Vec<_>>();
            for (r, slopes) in begun.iter().zip(way.slopes(&rates, *t, &self.moves, &begun)) {
                let all = counts.row(*r).sum();
                let mut scaled = slopes.clone();
                for s in 0..self.k {
                    let (seen, p) = (counts[(*r, s)], probability[(*r, s)].max(0.0));
                    if seen > 0.0 {
                        gradient.axpy(seen / p.max(1e-300), &slopes.column(s), 1.0);
                    }
                    scaled.column_mut(s).scale_mut(if p > 1e-12 { all / p } else { 0.0 });
                }
                information.gemm(1.0, &scaled, &slopes.transpose(), 1.0);
            }
            (gradient, information)
        };
        let parts: Vec<_> = self.times.par_chunks(64).map(|chunk| chunk.iter().fold(zero(), add)).collect();
        parts.into_iter().fold(zero(), |(g, i), (dg, di)| (g + dg, i + di))
    }
}

/// How the exponential of the rates and its derivatives are found.
enum Way {
    /// Moves between neighbours both ways: symmetric after scaling.
    Symmetric(Spectrum<f64>),
    /// Any other rates with well-separated eigenvectors.
    General(Spectrum<Complex<f64>>),
    /// One exponential at a time.
    Slow,
}

impl Way {
    fn of(rates: &DMatrix<f64>) -> Way {
        match (symmetric(rates), general(rates)) {
            (Some(spectrum), _) => Way::Symmetric(spectrum),
            (None, Some(spectrum)) => Way::General(spectrum),
            (None, None) => Way::Slow,
        }
    }

    fn probability(&self, rates: &DMatrix<f64>, t: f64) -> DMatrix<f64> {
        match self {
            Way::Symmetric(spectrum) => spectrum.probability(t),
            Way::General(spectrum) => spectrum.probability(t),
            Way::Slow => (rates * t).exp(),
        }
    }

    /// How some rows of the probabilities change with the logarithm of each rate: a matrix a row, one row a move.
    fn slopes(&self, rates: &DMatrix<f64>, t: f64, moves: &[(usize, usize)], rows: &[usize]) -> Vec<DMatrix<f64>> {
        match self {
            Way::Symmetric(spectrum) => spectrum.slopes(rates, t, moves, rows),
            Way::General(spectrum) => spectrum.slopes(rates, t, moves, rows),
            Way::Slow => {
                let scaled = rates * t;
                let all: Vec<DMatrix<f64>> = moves.iter().map(|(i, j)| slope(&scaled, *i, *j)).collect();
                let row = |r: &usize| DMatrix::from_fn(moves.len(), rates.nrows(), |u, s| all[u][(*r, s)]);
                rows.iter().map(row).collect()
            }
        }
    }
}

/// Rates Q = V diag(values) V^-1.
struct Spectrum<T> {
    values: DVector<T>,
    vectors: DMatrix<T>,
    inverse: DMatrix<T>,
}

/// The spectrum of chains that move between neighbours in both directions: scaled by the square roots of their
/// equilibrium they are symmetric. `None` for other structures, or where the scaling would cost accuracy.
fn symmetric(rates: &DMatrix<f64>) -> Option<Spectrum<f64>> {
    let k = rates.nrows();
    let mut scale = vec![1.0f64; k];
    for i in 0..k {
        if (0..k).any(|j| i.abs_diff(j) > 1 && rates[(i, j)] != 0.0) {
            return None;
        }
        if i + 1 < k {
            scale[i + 1] = scale[i] * (rates[(i, i + 1)] / rates[(i + 1, i)]).sqrt();
            if !(1e-4..=1e4).contains(&scale[i + 1]) {
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

/// The spectrum of any rates, by a complex Schur form; `None` where the eigenvectors are not apart enough to be exact.
fn general(rates: &DMatrix<f64>) -> Option<Spectrum<Complex<f64>>> {
    let k = rates.nrows();
    let complex = rates.map(|x| Complex::new(x, 0.0));
    let (unitary, upper) = Schur::try_new(complex.clone(), f64::EPSILON, 10_000)?.unpack();
    let values = upper.diagonal();
    let mut own = DMatrix::<Complex<f64>>::identity(k, k);
    for a in 0..k {
        for i in (0..a).rev() {
            let sum: Complex<f64> = (i + 1..=a).map(|j| upper[(i, j)] * own[(j, a)]).sum();
            let apart = values[a] - values[i];
            if apart.norm() < 1e-12 {
                // One value twice may still have two vectors.
                if sum.norm() > 1e-14 {
                    return None;
                }
                continue;
            }
            own[(i, a)] = sum / apart;
        }
        let length = own.column(a).norm();
        own.column_mut(a).unscale_mut(length);
    }
    let vectors = unitary * own;
    let inverse = vectors.clone().try_inverse()?;
    let again = &vectors * DMatrix::from_diagonal(&values) * &inverse;
    let exact = (again - complex).iter().all(|x| x.norm() < 1e-11 * (1.0 + rates.amax()));
    let size = vectors.norm() * inverse.norm();
    (exact && size < 1e5).then_some(Spectrum { values, vectors, inverse })
}

impl<T: ComplexField<RealField = f64> + Copy> Spectrum<T> {
    fn grown(&self, t: f64) -> DVector<T> {
        self.values.map(|value| value.scale(t).exp())
    }

    fn probability(&self, t: f64) -> DMatrix<f64> {
        let mut scaled = self.vectors.clone();
        for (mut column, grown) in scaled.column_iter_mut().zip(self.grown(t).iter()) {
            column *= *grown;
        }
        (scaled * &self.inverse).map(|p| p.real())
    }

    fn slopes(&self, rates: &DMatrix<f64>, t: f64, moves: &[(usize, usize)], rows: &[usize]) -> Vec<DMatrix<f64>> {
        let k = self.values.len();
        let grown = self.grown(t);
        let between = DMatrix::from_fn(k, k, |a, b| match self.values[a] - self.values[b] {
            apart if (apart.scale(t)).modulus() < 1e-5 => {
                (self.values[a] + self.values[b]).scale(t / 2.0).exp().scale(t)
            }
            apart => (grown[a] - grown[b]) / apart,
        });
        let of_row = |r: &usize| {
            // From r to i in the eigenvalues' terms, for each i.
            let reached = DMatrix::from_fn(k, k, |i, a| self.vectors[(*r, a)] * self.inverse[(a, i)]) * &between;
            let inner = DMatrix::from_fn(moves.len(), k, |u, b| {
                let (i, j) = moves[u];
                (reached[(i, b)] * (self.vectors[(j, b)] - self.vectors[(i, b)])).scale(rates[(i, j)])
            });
            (inner * &self.inverse).map(|x| x.real())
        };
        rows.iter().map(of_row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_the_exponential_agree() {
        let neighbours = [
            vec![-0.5, 0.5, 0.0, 0.0],
            vec![0.2, -0.9, 0.7, 0.0],
            vec![0.0, 0.1, -0.4, 0.3],
            vec![0.0, 0.0, 0.6, -0.6],
        ];
        // A cycle has complex eigenvalues.
        let cycle = [
            vec![-1.0, 1.0, 0.0, 0.0],
            vec![0.1, -0.9, 0.8, 0.0],
            vec![0.0, 0.0, -1.2, 1.2],
            vec![0.9, 0.0, 0.0, -0.9],
        ];
        let moves = [(0, 1), (1, 0), (2, 3), (3, 2)];
        for (rates, is_symmetric) in [(to_matrix(&neighbours), true), (to_matrix(&cycle), false)] {
            assert_eq!(symmetric(&rates).is_some(), is_symmetric);
            let mut ways = vec![Way::General(general(&rates).unwrap())];
            ways.extend(symmetric(&rates).map(Way::Symmetric));
            for (way, t) in ways.iter().flat_map(|way| [0.01, 1.0, 7.5].map(|t| (way, t))) {
                assert!((way.probability(&rates, t) - Way::Slow.probability(&rates, t)).amax() < 1e-12);
                let rows = [0, 2];
                let (found, slow) = (way.slopes(&rates, t, &moves, &rows), Way::Slow.slopes(&rates, t, &moves, &rows));
                found.iter().zip(&slow).for_each(|(a, b)| assert!((a - b).amax() < 1e-10));
            }
        }
    }

    #[test]
    fn moves_pass_over_states_never_seen() {
        let allowed = neighbouring_moves(5);
        let moves = passing_over(&allowed, &[true, false, false, true, true]);
        assert_eq!(moves, [(0, 3), (3, 0), (3, 4), (4, 3)]);
    }
}
