//! Generators: rates of moving from grade to grade, and what follows from them at any horizon.

use nalgebra::{DMatrix, DVector};
use polars::prelude::{DataFrame, df};
use serde::{Deserialize, Serialize};

use super::delta;
use super::interval::{check_level, gamma_limits};
use super::kaplan_meier::IntervalEstimate;
use super::matrix::{EstimateSettings, TransitionMatrix, check_square, never_at_risk, square, to_matrix, to_rows};
use super::mover;
use super::study::Study;
use super::table::write_table;
use super::totals::{Exposures, Total};
use crate::trend::columns::{COUNT, FROM, TO};
use crate::{Error, SeriesId};

/// Rates per year of moving between states, as a continuous-time Markov chain: every row adds up to 0.
///
/// ```
/// use rating_history::estimate::Generator;
/// let generator = Generator::new(["low", "high"], vec![vec![-0.5, 0.5], vec![0.25, -0.25]])?;
/// assert_eq!(generator.mean_stay(), [Some(2.0), Some(4.0)]); // years
/// let stationary = generator.stationary().unwrap();
/// assert!((stationary[0] - 1.0 / 3.0).abs() < 1e-12);
/// assert!((generator.probability(1.0)?[0][1] - (1.0 - (-0.75f64).exp()) * 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// Moves per year from each state (row) to each other; the diagonal is minus the sum of the others.
    pub rate: Vec<Vec<f64>>,
    /// Years at risk in each state behind the rates; empty when they were given.
    pub exposure: Vec<f64>,
    /// Moves behind the rates; empty when they were given.
    pub count: Vec<Vec<f64>>,
    /// The series, where the rates come from ratings.
    #[serde(default)]
    pub series: Option<SeriesId>,
    /// What was observed, where the rates come from ratings.
    pub study: Option<Study>,
}

impl Generator {
    /// A generator from given rates.
    ///
    /// # Errors
    /// [`Error::Value`] unless it is square, of finite numbers, with no negative rate off the diagonal and rows that
    /// add up to 0 (to 1e-8).
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>, rate: Vec<Vec<f64>>) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        check_square("generator", &labels, &rate)?;
        for (i, row) in rate.iter().enumerate() {
            if let Some((_, x)) = row.iter().enumerate().find(|(j, x)| *j != i && **x < 0.0) {
                return Err(Error::value("rate", x, "at least 0 off the diagonal"));
            }
            let sum: f64 = row.iter().sum();
            if sum.abs() > 1e-8 * (1.0 + row[i].abs()) {
                return Err(Error::value("sum of a generator's row", sum, "0"));
            }
        }
        Ok(Generator { labels, rate, exposure: Vec::new(), count: Vec::new(), series: None, study: None })
    }

    /// The maximum likelihood estimate from fully observed stays: rate(i, j) = moves from i to j / years in i (Lando
    /// and Skodeberg 2002). A state without time at risk has no moves and rates 0.
    ///
    /// This takes the grade to stand until the next inspection: it is the rate at which the *rated* grade moves.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, estimate::{Exposures, Generator, Study}};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let totals = Exposures::collect(&headline, &Study::until(england.cut_off()))?;
    /// let generator = Generator::from_totals(&totals)?;
    /// let to_good = generator.first_passage(&["good", "outstanding"])?;
    /// assert!(to_good[0].unwrap() > to_good[1].unwrap()); // from inadequate it takes longer
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] when nobody is at risk for any time: there are no rates then.
    pub fn from_totals(totals: &Exposures) -> Result<Self, Error> {
        Generator::of(totals, &totals.sum(|_| 1.0))
    }

    /// The same where each body counts as often as the weight of its place says, as in a bootstrap.
    ///
    /// # Errors
    /// [`Error::Value`] for a weight that is no number or negative, or when nobody is at risk for any time.
    pub fn from_weighted_totals(totals: &Exposures, weight: impl Fn(usize) -> f64) -> Result<Self, Error> {
        Generator::of(totals, &totals.pooled(weight)?)
    }

    fn of(totals: &Exposures, sum: &Total) -> Result<Self, Error> {
        if sum.exposure.iter().all(|years| *years <= 0.0) {
            let found = format!("0 in {} rows", totals.rows.len());
            return Err(Error::value(
                "years at risk",
                found,
                "time in at least one state, from which rates can follow",
            ));
        }
        let (series, study) = (totals.series.clone(), totals.study.clone());
        Ok(Generator { series, study, ..Generator::from_total(&totals.labels, sum) })
    }

    pub(super) fn from_total(labels: &[String], total: &Total) -> Self {
        let k = labels.len();
        let rate = |i: usize, j: usize| match total.exposure[i] {
            years if years > 0.0 && i != j => total.counts[i][j] / years,
            _ => 0.0,
        };
        let mut rows = square(k, rate);
        for (i, row) in rows.iter_mut().enumerate() {
            row[i] = -row.iter().sum::<f64>();
        }
        Generator {
            labels: labels.to_vec(),
            rate: rows,
            exposure: total.exposure.clone(),
            count: total.counts.clone(),
            series: None,
            study: None,
        }
    }

    fn matrix(&self) -> DMatrix<f64> {
        to_matrix(&self.rate)
    }

    /// The probability of each state (column) `years` after each state (row): exp(years x rates).
    ///
    /// # Errors
    /// [`Error::Value`] unless the time is a number of years, at least 0.
    pub fn probability(&self, years: f64) -> Result<Vec<Vec<f64>>, Error> {
        check_horizon(years)?;
        Ok(to_rows(&self.exponential(years)))
    }

    /// The same for a time known to be sound.
    pub(super) fn exponential(&self, years: f64) -> DMatrix<f64> {
        exponential(&self.matrix(), years)
    }

    /// The matrix at a horizon. For its intervals each count of moves goes to its exact Poisson limits, and what that does
    /// to the probabilities is combined (MOVER; Zou and Donner 2008): a move never seen may still happen. Given rates have
    /// no intervals. A state without time at risk has no estimate, but an absorbing one stays.
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1 or a negative horizon.
    pub fn transition_matrix(&self, years: f64, level: f64) -> Result<TransitionMatrix, Error> {
        let level = check_level(level)?;
        check_horizon(years)?;
        let k = self.labels.len();
        let estimate = self.exponential(years);
        let absorbing = self.study.as_ref().and_then(|s| s.absorbing.as_ref());
        let stays = |i: usize| absorbing == Some(&self.labels[i]);
        let known = |i: usize| self.exposure.is_empty() || self.exposure[i] > 0.0 || stays(i);
        let moves = (0..k).flat_map(|i| (0..k).filter(move |j| *j != i).map(move |j| (i, j)));
        let free = |i: usize| !stays(i) && !self.exposure.is_empty() && self.exposure[i] > 0.0;
        let counts: Vec<_> = moves.filter(|(i, _)| free(*i)).map(|(i, j)| ((i, j), self.count[i][j])).collect();
        let bounds = (!self.count.is_empty()).then(|| {
            mover::limits(&estimate, &counts, level, |(i, j), count| {
                let mut rates = self.matrix();
                let more = count / self.exposure[i] - rates[(i, j)];
                rates[(i, j)] += more;
                rates[(i, i)] -= more;
                exponential(&rates, years)
            })
        });
        let errors = (!self.count.is_empty()).then(|| {
            let scaled = self.matrix() * years;
            delta::errors(&estimate, &counts, |(i, j)| {
                let mut direction = scaled.scale(0.0);
                direction[(i, j)] = years / self.exposure[i];
                direction[(i, i)] = -years / self.exposure[i];
                frechet(&scaled, &direction)
            })
        });
        let interval = |i: usize, j: usize| match (&bounds, known(i)) {
            (None, _) => None,
            (Some(_), false) => Some((0.0, 1.0)),
            (Some((lower, upper)), true) => Some((lower[(i, j)], upper[(i, j)])),
        };
        let probability = to_rows(&estimate);
        Ok(TransitionMatrix {
            labels: self.labels.clone(),
            probability: square(k, |i, j| known(i).then_some(probability[i][j])),
            lower: square(k, |i, j| interval(i, j).map(|x| x.0)),
            upper: square(k, |i, j| interval(i, j).map(|x| x.1)),
            count: if self.count.is_empty() { vec![vec![0.0; k]; k] } else { self.count.clone() },
            standard_error: square(k, |i, j| errors.as_ref().filter(|_| known(i)).map(|errors| errors[(i, j)])),
            settings: EstimateSettings {
                estimator: "duration".to_owned(),
                series: self.series.clone(),
                years,
                level,
                interval: if bounds.is_some() { mover::METHOD } else { "none: the rates were given" }.to_owned(),
                standard_error: if errors.is_some() { "delta method, from Poisson counts" } else { "none" }.to_owned(),
                notes: self
                    .study
                    .iter()
                    .map(Study::to_string)
                    .chain(never_at_risk(&self.labels, |i| !known(i)))
                    .collect(),
            },
        })
    }

    /// The rates as rows: `from`, `to` (`String`), `rate` (a year), `count` (moves; null when the rates were given).
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let k = self.labels.len();
        let cells = || (0..k).flat_map(|i| (0..k).map(move |j| (i, j)));
        let count = |(i, j): (usize, usize)| self.count.get(i).map(|row| row[j]);
        Ok(df!(
            FROM => cells().map(|(i, _)| self.labels[i].as_str()).collect::<Vec<_>>(),
            TO => cells().map(|(_, j)| self.labels[j].as_str()).collect::<Vec<_>>(),
            "rate" => cells().map(|(i, j)| self.rate[i][j]).collect::<Vec<_>>(),
            COUNT => cells().map(count).collect::<Vec<_>>(),
        )?)
    }

    /// Mean years of a stay in each state: 1 / rate of leaving; `None` when it is never left.
    pub fn mean_stay(&self) -> Vec<Option<f64>> {
        (0..self.labels.len()).map(|i| self.rate[i][i]).map(|r| (r < 0.0).then(|| -1.0 / r)).collect()
    }

    /// The [mean stays](Self::mean_stay) with intervals from the exact limits of the moves seen (Garwood 1936): no upper end
    /// where a state was never left, nothing for a state without time at risk, no interval when the rates were given. The
    /// standard error is the delta method's, the stay over the root of the moves.
    ///
    /// ```
    /// use rating_history::estimate::{Exposures, Generator, Total};
    /// let total = Total { authority: "a".into(), exposure: vec![20.0, 5.0], counts: vec![vec![0.0, 10.0], vec![0.0, 0.0]] };
    /// let generator = Generator::from_totals(&Exposures::new(["low", "high"], vec![total])?)?;
    /// let stays = generator.mean_stay_interval(0.95)?;
    /// assert_eq!(stays[0].value, Some(2.0));
    /// // 20 years over 18.390 and 4.7954 moves.
    /// assert!((stays[0].lower.unwrap() - 1.08755).abs() < 1e-4 && (stays[0].upper.unwrap() - 4.17067).abs() < 1e-4);
    /// assert!(stays[1].lower.is_some() && stays[1].upper.is_none());
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1.
    pub fn mean_stay_interval(&self, level: f64) -> Result<Vec<IntervalEstimate>, Error> {
        let level = check_level(level)?;
        let interval = |i: usize| {
            let years = self.exposure.get(i).copied().filter(|years| *years > 0.0)?;
            let (fewest, most) = gamma_limits(self.count[i].iter().sum(), level);
            Some((years / most, (fewest > 0.0).then(|| years / fewest)))
        };
        let stay = |(i, value): (usize, Option<f64>)| {
            let interval = interval(i);
            let moves = self.count.get(i).map_or(0.0, |row| row.iter().sum::<f64>());
            let standard_error = value.filter(|_| moves > 0.0).map(|stay| stay / moves.sqrt());
            let (lower, upper) = (interval.map(|i| i.0), interval.and_then(|i| i.1));
            IntervalEstimate { value, lower, upper, standard_error }
        };
        Ok(self.mean_stay().into_iter().enumerate().map(stay).collect())
    }

    /// Expected years in each state (column) within `years` from each state (row): the integral of the probabilities.
    ///
    /// # Errors
    /// [`Error::Value`] unless the time is a number of years, at least 0.
    pub fn expected_years(&self, years: f64) -> Result<Vec<Vec<f64>>, Error> {
        check_horizon(years)?;
        let k = self.labels.len();
        let mut block = DMatrix::zeros(2 * k, 2 * k);
        block.view_mut((0, 0), (k, k)).copy_from(&(self.matrix() * years));
        block.view_mut((0, k), (k, k)).copy_from(&(DMatrix::identity(k, k) * years));
        Ok(to_rows(&block.exp().view((0, k), (k, k)).into_owned()))
    }

    /// Expected years until one of the `targets` is first reached, from each state: 0 in a target, `None` where it may
    /// never be reached.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a target that is no state; the error names the nearest.
    ///
    /// ```
    /// use rating_history::estimate::Generator;
    /// let rates = vec![vec![-1.0, 1.0, 0.0], vec![0.0, -0.5, 0.5], vec![0.0, 0.0, 0.0]];
    /// let generator = Generator::new(["D", "C", "A"], rates)?;
    /// assert_eq!(generator.first_passage(&["A"])?, [Some(3.0), Some(2.0), Some(0.0)]);
    /// assert_eq!(generator.first_passage(&["D"])?[2], None);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn first_passage(&self, targets: &[&str]) -> Result<Vec<Option<f64>>, Error> {
        let k = self.labels.len();
        let known = || self.labels.iter().map(String::as_str);
        if let Some(unknown) = targets.iter().find(|target| !known().any(|label| label == **target)) {
            return Err(Error::unknown("state", unknown, known()));
        }
        let is_target = |i: usize| targets.contains(&self.labels[i].as_str());
        let reaches = |from: &dyn Fn(usize) -> bool, through: &dyn Fn(usize) -> bool| -> Vec<bool> {
            let mut set: Vec<bool> = (0..k).map(from).collect();
            for _ in 0..k {
                for i in 0..k {
                    set[i] |= through(i) && (0..k).any(|j| j != i && set[j] && self.rate[i][j] > 0.0);
                }
            }
            set
        };
        let can = reaches(&is_target, &|_| true);
        // Sure to arrive: no way, outside the target, to a state that cannot reach it.
        let may_miss = reaches(&|i| !can[i], &|i| !is_target(i));
        let open: Vec<usize> = (0..k).filter(|i| !is_target(*i) && !may_miss[*i]).collect();
        let among = DMatrix::from_fn(open.len(), open.len(), |a, b| -self.rate[open[a]][open[b]]);
        let solve = || among.lu().solve(&DVector::from_element(open.len(), 1.0));
        let times = if open.is_empty() { None } else { solve() };
        let passage = |i: usize| match open.iter().position(|o| *o == i) {
            _ if is_target(i) => Some(0.0),
            Some(place) => times.as_ref().map(|t| t[place]),
            None => None,
        };
        Ok((0..k).map(passage).collect())
    }

    /// The distribution that does not change in time, among the states that were seen (all, when the rates were given);
    /// `None` when it is not unique (two or more closed classes).
    pub fn stationary(&self) -> Option<Vec<f64>> {
        let seen = |i: usize| {
            let entered = self.count.iter().any(|row| row[i] > 0.0);
            self.exposure.is_empty() || self.exposure[i] > 0.0 || entered
        };
        let kept: Vec<usize> = (0..self.labels.len()).filter(|i| seen(*i)).collect();
        let found =
            stationary(&kept.iter().map(|i| kept.iter().map(|j| self.rate[*i][*j]).collect()).collect::<Vec<_>>())?;
        let place = |i: usize| kept.iter().position(|k| *k == i);
        Some((0..self.labels.len()).map(|i| place(i).map_or(0.0, |n| found[n])).collect())
    }
}

/// The distribution that these rates leave as it is.
fn stationary(rates: &[Vec<f64>]) -> Option<Vec<f64>> {
    let k = rates.len();
    if k == 0 {
        return None;
    }
    // pi Q = 0 and pi 1 = 1, by least squares on the stacked system.
    let mut system = DMatrix::zeros(k + 1, k);
    system.view_mut((0, 0), (k, k)).copy_from(&to_matrix(rates).transpose());
    system.row_mut(k).fill(1.0);
    let mut right = DVector::zeros(k + 1);
    right[k] = 1.0;
    let svd = system.svd(true, true);
    let largest = svd.singular_values.max();
    if svd.singular_values.min() <= 1e-12 * largest {
        return None;
    }
    let solution = svd.solve(&right, 1e-14).ok()?;
    Some(solution.iter().map(|p| p.max(0.0)).collect())
}

impl std::fmt::Display for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header = std::iter::once("moves a year".to_owned()).chain(self.labels.iter().cloned());
        let row = |i: usize| {
            let cells = self.rate[i].iter().map(|r| format!("{r:.4}"));
            std::iter::once(self.labels[i].clone()).chain(cells).collect()
        };
        write_table(f, &header.collect::<Vec<_>>(), &(0..self.labels.len()).map(row).collect::<Vec<_>>())?;
        self.study.iter().try_for_each(|study| writeln!(f, "{study}"))
    }
}

fn check_horizon(years: f64) -> Result<(), Error> {
    match years.is_finite() && years >= 0.0 {
        true => Ok(()),
        false => Err(Error::value("horizon", years, "a number of years, at least 0")),
    }
}

/// exp(years x rates) without rounding errors: what cannot be reached has probability 0, and rows add up to 1.
fn exponential(rates: &DMatrix<f64>, years: f64) -> DMatrix<f64> {
    let k = rates.nrows();
    let mut reached = DMatrix::from_fn(k, k, |i, j| i == j || rates[(i, j)] > 0.0);
    for by in 0..k {
        for i in (0..k).filter(|i| *i != by) {
            (0..k).for_each(|j| reached[(i, j)] |= reached[(i, by)] && reached[(by, j)]);
        }
    }
    stochastic((rates * years).exp().zip_map(&reached, |p, reached| if reached { p } else { 0.0 }))
}

/// A stochastic matrix after rounding errors: no negative entries, rows that add up to 1.
pub(super) fn stochastic(mut matrix: DMatrix<f64>) -> DMatrix<f64> {
    for mut row in matrix.row_iter_mut() {
        row.iter_mut().for_each(|p| *p = p.max(0.0));
        let sum = row.sum();
        if sum > 0.0 {
            row.iter_mut().for_each(|p| *p = (*p / sum).min(1.0));
        }
    }
    matrix
}

/// The derivative of exp(A) in the direction E: the upper right block of exp([[A, E], [0, A]]) (Higham 2008).
pub(super) fn frechet(a: &DMatrix<f64>, e: &DMatrix<f64>) -> DMatrix<f64> {
    let k = a.nrows();
    let mut block = DMatrix::zeros(2 * k, 2 * k);
    block.view_mut((0, 0), (k, k)).copy_from(a);
    block.view_mut((k, k), (k, k)).copy_from(a);
    block.view_mut((0, k), (k, k)).copy_from(e);
    block.exp().view((0, k), (k, k)).into_owned()
}
