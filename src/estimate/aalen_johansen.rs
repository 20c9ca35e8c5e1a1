//! The Aalen-Johansen estimator of transition probabilities, with left truncation and right censoring.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use nalgebra::DMatrix;
use polars::prelude::*;
use rayon::slice::ParallelSliceMut;
use serde::{Deserialize, Serialize};

use super::interval::{IntervalScale, check_level};
use super::matrix::{EstimateSettings, Rows, TransitionMatrix, never_at_risk, square, to_rows};
use super::study::{ENTRY, StayArrays, Study, stay_plan};
use super::tally::Tally;
use crate::frame::columns::*;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::{Error, Series, SeriesId};

/// Time at risk in one state: over the interval (entry, exit], then perhaps a move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stay {
    /// When it begins to be observed; at risk after this.
    pub entry: f64,
    /// When it is left, or last observed; at risk up to and including this.
    pub exit: f64,
    /// The state.
    pub from: usize,
    /// The state moved to at `exit`; `None` when censored there.
    pub to: Option<usize>,
    /// How many such stays.
    pub weight: f64,
}

/// Transition probabilities P(s, t) for every t at which something moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AalenJohansen {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// The time s.
    pub from: f64,
    /// The time t, up to which moves are looked at.
    pub to: f64,
    /// Times after `from` at which something moved, in order.
    pub times: Vec<f64>,
    /// P(s, t) at each time.
    pub probability: Vec<Vec<Vec<f64>>>,
    /// Variances of these (Greenwood type; Andersen, Borgan, Gill and Keiding 1993, 4.4.19).
    pub variance: Vec<Vec<Vec<f64>>>,
    /// At risk in each state just before each time.
    pub at_risk: Vec<Vec<f64>>,
    /// Moves (from, to, how many) at each time.
    pub moves: Vec<Vec<(usize, usize, f64)>>,
    /// In each state just after s.
    pub initial: Vec<f64>,
    /// Time at risk in each state from s to t.
    pub exposure: Vec<f64>,
    /// The series, where the stays come from ratings.
    #[serde(default)]
    pub series: Option<SeriesId>,
}

/// Estimates P(s, t] from stays: the product over the times of moves in (s, t] of I + dA, where dA(i, j) = moves from i
/// to j over those at risk in i just before. All moves at one time are used at once; a stay that ends where it begins
/// is never at risk. Without the Markov property only the probabilities of being in a state stay consistent.
///
/// ```
/// use rating_history::estimate::{Stay, aalen_johansen};
/// let stay = |entry, exit, from, to| Stay { entry, exit, from, to, weight: 1.0 };
/// let stays = [stay(0.0, 1.0, 0, Some(1)), stay(1.0, 3.0, 1, None), stay(0.0, 2.0, 0, None)];
/// let labels = ["low".to_owned(), "high".to_owned()];
/// let estimate = aalen_johansen(&labels, &stays, 0.0, 3.0)?;
/// assert_eq!(estimate.probability[0], [[0.5, 0.5], [0.0, 1.0]]); // one of two at risk moved at time 1
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for a state outside the labels, times that are no numbers, a stay that ends before it begins, or t
/// before s.
pub fn aalen_johansen(labels: &[String], stays: &[Stay], s: f64, t: f64) -> Result<AalenJohansen, Error> {
    let k = labels.len();
    if !(s.is_finite() && t.is_finite() && s <= t) {
        return Err(Error::value("time", format!("{s} to {t}"), "two numbers, the first not after the second"));
    }
    for stay in stays {
        if stay.from >= k || stay.to.is_some_and(|to| to >= k || to == stay.from) {
            let expected = format!("states 0 to {}, a move to another", k.max(1) - 1);
            return Err(Error::value("stay", format!("{stay:?}"), expected));
        }
        if !(stay.entry.is_finite() && stay.exit.is_finite() && stay.entry <= stay.exit && stay.weight >= 0.0) {
            return Err(Error::value(
                "stay",
                format!("{stay:?}"),
                "an entry not after the exit, a weight not negative",
            ));
        }
    }
    let at_risk = || stays.iter().filter(|stay| stay.entry < stay.exit);
    let edge = |time, stay: &Stay, to| Edge { time, state: stay.from, to, weight: stay.weight };
    let ins = at_risk().map(|stay| edge(stay.entry, stay, None)).collect();
    let outs = at_risk().map(|stay| edge(stay.exit, stay, stay.to)).collect();
    let mut initial = vec![0.0; k];
    at_risk().filter(|stay| stay.entry <= s && s < stay.exit).for_each(|stay| initial[stay.from] += stay.weight);
    Ok(product_integral(labels, initial, ins, outs, s, t))
}

/// The beginning of time at risk in a state, or its end with the state moved to.
struct Edge {
    time: f64,
    state: usize,
    to: Option<usize>,
    weight: f64,
}

/// The estimate from the beginnings and the ends of all stays.
fn product_integral(
    labels: &[String],
    initial: Vec<f64>,
    mut ins: Vec<Edge>,
    mut outs: Vec<Edge>,
    s: f64,
    t: f64,
) -> AalenJohansen {
    ins.par_sort_by(|a, b| a.time.total_cmp(&b.time));
    outs.par_sort_by(|a, b| a.time.total_cmp(&b.time));
    let k = labels.len();
    let mut exposure = vec![0.0; k];
    ins.iter().for_each(|edge| exposure[edge.state] -= edge.weight * edge.time.clamp(s, t));
    outs.iter().for_each(|edge| exposure[edge.state] += edge.weight * edge.time.clamp(s, t));
    let mut estimate = AalenJohansen {
        labels: labels.to_vec(),
        from: s,
        to: t,
        times: Vec::new(),
        probability: Vec::new(),
        variance: Vec::new(),
        at_risk: Vec::new(),
        moves: Vec::new(),
        initial,
        exposure,
        series: None,
    };
    let mut probability = DMatrix::identity(k, k);
    let mut covariance = vec![DMatrix::zeros(k, k); k];
    let mut at_risk = vec![0.0; k];
    let mut entering = ins.iter().peekable();
    let mut left: &[Edge] = &[];
    for group in outs.chunk_by(|a, b| a.time == b.time).take_while(|group| group[0].time <= t) {
        let time = group[0].time;
        while let Some(edge) = entering.next_if(|edge| edge.time < time) {
            at_risk[edge.state] += edge.weight;
        }
        for edge in std::mem::replace(&mut left, group) {
            at_risk[edge.state] -= edge.weight;
        }
        let mut moves: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (edge, to) in group.iter().filter_map(|edge| Some((edge, edge.to?))) {
            *moves.entry((edge.state, to)).or_default() += edge.weight;
        }
        if time <= s || moves.is_empty() {
            continue;
        }
        moves.retain(|_, n| *n > 0.0);
        let mut increments: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for ((from, to), n) in &moves {
            let row = increments.entry(*from).or_insert_with(|| vec![0.0; k]);
            row[*to] += n / at_risk[*from];
            // Moves are added up before they are divided: where all leave, nothing is left.
            row[*from] -= n;
        }
        increments.iter_mut().for_each(|(from, row)| row[*from] /= at_risk[*from]);
        for (h, covariance) in covariance.iter_mut().enumerate() {
            add_columns(covariance, &increments);
            covariance.transpose_mut();
            add_columns(covariance, &increments);
            for (i, row) in &increments {
                let scale = f64::powi(probability[(h, *i)], 2) / at_risk[*i];
                let q = |j: usize| row[j] + f64::from(u8::from(j == *i));
                for j in (0..k).filter(|j| q(*j) != 0.0) {
                    for l in (0..k).filter(|l| q(*l) != 0.0) {
                        covariance[(j, l)] += scale * (if j == l { q(j) } else { 0.0 } - q(j) * q(l));
                    }
                }
            }
        }
        add_columns(&mut probability, &increments);
        estimate.times.push(time);
        estimate.probability.push(to_rows(&probability.map(|p| p.clamp(0.0, 1.0))));
        let variance = |h: usize, j: usize| covariance[h][(j, j)].max(0.0);
        estimate.variance.push(square(k, variance));
        estimate.at_risk.push(at_risk.clone());
        estimate.moves.push(moves.into_iter().map(|((from, to), n)| (from, to, n)).collect());
    }
    estimate
}

/// Multiplies by I + dA from the right, dA given by its rows that are not 0.
fn add_columns(matrix: &mut DMatrix<f64>, increments: &BTreeMap<usize, Vec<f64>>) {
    let left: Vec<_> = increments.iter().map(|(i, row)| (matrix.column(*i).into_owned(), row)).collect();
    for (column, row) in left {
        for (j, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            matrix.column_mut(j).axpy(*x, &column, 1.0);
        }
    }
}

/// Transition probabilities from one state at one time without the Markov property: Aalen-Johansen among those that
/// stood there at that time (landmark; Putter and Spitoni 2018), one group of stays a body.
///
/// ```
/// use rating_history::estimate::{Stay, landmark_aalen_johansen};
/// let stay = |entry, exit, from, to| Stay { entry, exit, from, to, weight: 1.0 };
/// let bodies = [vec![stay(0.0, 2.0, 0, Some(1)), stay(2.0, 9.0, 1, None)], vec![stay(0.0, 9.0, 1, None)]];
/// let labels = ["low".to_owned(), "high".to_owned()];
/// let estimate = landmark_aalen_johansen(&labels, &bodies, 0, 1.0, 9.0)?;
/// assert_eq!(estimate.at(9.0)?.0[0], [0.0, 1.0]);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`aalen_johansen`]; [`Error::Value`] for a state outside the labels.
pub fn landmark_aalen_johansen(
    labels: &[String],
    bodies: &[Vec<Stay>],
    from: usize,
    s: f64,
    t: f64,
) -> Result<AalenJohansen, Error> {
    if from >= labels.len() {
        let expected = format!("a state from 0 to {}", labels.len().max(1) - 1);
        return Err(Error::value("state of the landmark", from, expected));
    }
    let stands = |stay: &Stay| stay.from == from && stay.entry <= s && s < stay.exit;
    let stays: Vec<Stay> = bodies.iter().filter(|own| own.iter().any(stands)).flatten().copied().collect();
    aalen_johansen(labels, &stays, s, t)
}

impl AalenJohansen {
    /// The place of the last move at or before `time`.
    fn place(&self, time: f64) -> Option<usize> {
        self.times.partition_point(|t| *t <= time).checked_sub(1)
    }

    /// P(s, t) and its variances at a time from s to t; nothing has moved before the first time.
    ///
    /// ```
    /// use rating_history::estimate::{Stay, aalen_johansen};
    /// let stay = Stay { entry: 0.0, exit: 3.0, from: 0, to: Some(1), weight: 1.0 };
    /// let estimate = aalen_johansen(&["low".to_owned(), "high".to_owned()], &[stay], 0.0, 5.0)?;
    /// assert_eq!(estimate.at(4.0)?.0[0], [0.0, 1.0]);
    /// assert!(estimate.at(400.0).is_err() && estimate.at(-1.0).is_err());
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a time outside s to t, as one in another unit is.
    pub fn at(&self, time: f64) -> Result<(Rows, Rows), Error> {
        if !(self.from <= time && time <= self.to) {
            let expected = format!("one from {} to {}, in the unit of the stays", self.from, self.to);
            return Err(Error::value("time", time, expected));
        }
        let k = self.labels.len();
        Ok(match self.place(time) {
            Some(n) => (self.probability[n].clone(), self.variance[n].clone()),
            None => (to_rows(&DMatrix::identity(k, k)), vec![vec![0.0; k]; k]),
        })
    }

    /// How many observations each cell is worth: P (1 - P) over its variance, as if it were a part of so many (Korn and
    /// Graubard 1998). At most as many
    /// as the cell of staying is worth. Where nothing varied, the fewest of its row, else the mean number at risk in its
    /// state.
    fn effective(&self, probability: &[Vec<f64>], variance: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let span = self.to - self.from;
        let worth = |i: usize, j: usize| {
            let spread = probability[i][j] * (1.0 - probability[i][j]);
            (variance[i][j] > 0.0 && spread > 0.0).then(|| spread / variance[i][j])
        };
        let row = |i: usize| {
            let fewest = (0..self.labels.len()).filter_map(|j| worth(i, j)).fold(f64::INFINITY, f64::min);
            let at_risk = if span > 0.0 { self.exposure[i] / span } else { self.initial[i] };
            if fewest.is_finite() { fewest } else { at_risk }
        };
        let k = self.labels.len();
        let rows: Vec<f64> = (0..k).map(row).collect();
        // A rare end reached by common moves still rests on those who began in the row's state.
        let most = |i: usize| worth(i, i).unwrap_or(rows[i]);
        square(k, |i, j| worth(i, j).map_or(rows[i], |n| n.min(most(i))))
    }

    /// The part of the bodies in each state at each time, from how they stood at s; nothing when nobody stood anywhere.
    pub fn occupation(&self) -> Vec<Vec<f64>> {
        let all: f64 = self.initial.iter().sum();
        if all <= 0.0 {
            return Vec::new();
        }
        let k = self.labels.len();
        let part = |p: &Vec<Vec<f64>>, j: usize| (0..k).map(|i| self.initial[i] / all * p[i][j]).sum();
        self.probability.iter().map(|p| (0..k).map(|j| part(p, j)).collect()).collect()
    }

    /// Every P(s, t) as rows: `time`, `from`, `to` (`String`), `probability`, `variance`, `at_risk` (in `from`, just
    /// before).
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let k = self.labels.len();
        let cells = || (0..self.times.len()).flat_map(|n| (0..k * k).map(move |c| (n, c / k, c % k)));
        Ok(df!(
            "time" => cells().map(|(n, _, _)| self.times[n]).collect::<Vec<_>>(),
            FROM => cells().map(|(_, i, _)| self.labels[i].as_str()).collect::<Vec<_>>(),
            TO => cells().map(|(_, _, j)| self.labels[j].as_str()).collect::<Vec<_>>(),
            "probability" => cells().map(|(n, i, j)| self.probability[n][i][j]).collect::<Vec<_>>(),
            "variance" => cells().map(|(n, i, j)| self.variance[n][i][j]).collect::<Vec<_>>(),
            "at_risk" => cells().map(|(n, i, _)| self.at_risk[n][i]).collect::<Vec<_>>(),
        )?)
    }

    /// The matrix at a time, with intervals; [`IntervalScale::Beta`] are those that hold with few observed. Where nothing
    /// was seen to vary, on any scale, they are the exact ones of as many as were at risk. States in which nobody was ever
    /// at risk and which nobody moved to have no estimate.
    ///
    /// # Errors
    /// [`Error::Value`] for a level outside 0 to 1, or a time outside s to t.
    pub fn transition_matrix(
        &self,
        time: f64,
        transform: IntervalScale,
        level: f64,
    ) -> Result<TransitionMatrix, Error> {
        let level = check_level(level)?;
        let k = self.labels.len();
        let (probability, variance) = self.at(time)?;
        let effective = self.effective(&probability, &variance);
        let moved = self.place(time).map_or(0, |n| n + 1);
        let mut count = vec![vec![0.0; k]; k];
        for (from, to, n) in self.moves[..moved].iter().flatten() {
            count[*from][*to] += n;
        }
        let at_risk = |i: usize| self.initial[i] > 0.0 || self.exposure[i] > 0.0;
        let known = |i: usize| at_risk(i) || count.iter().any(|row: &Vec<f64>| row[i] > 0.0);
        let spread = |i: usize, j: usize| match transform {
            IntervalScale::Beta => (probability[i][j] * (1.0 - probability[i][j]) / effective[i][j]).sqrt(),
            _ => variance[i][j].sqrt(),
        };
        let interval = |i: usize, j: usize| match known(i) {
            true => transform.interval(probability[i][j], spread(i, j), effective[i][j], level),
            false => (0.0, 1.0),
        };
        let notes = never_at_risk(&self.labels, |i| !at_risk(i)).into_iter().collect();
        Ok(TransitionMatrix {
            labels: self.labels.clone(),
            probability: square(k, |i, j| known(i).then_some(probability[i][j])),
            lower: square(k, |i, j| Some(interval(i, j).0)),
            upper: square(k, |i, j| Some(interval(i, j).1)),
            standard_error: square(k, |i, j| known(i).then(|| variance[i][j].sqrt())),
            count,
            settings: EstimateSettings {
                estimator: "aalen-johansen".to_owned(),
                series: self.series.clone(),
                years: (time - self.from) / 365.25,
                level,
                interval: match transform {
                    IntervalScale::Beta => {
                        "beta limits of the effective number observed (Korn and Graubard 1998)".to_owned()
                    }
                    _ => format!("Greenwood, {} scale; exact around what never varied", transform.name()),
                },
                notes,
                standard_error: "Greenwood's".to_owned(),
            },
        })
    }
}

/// P(s, t).
impl std::fmt::Display for AalenJohansen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.transition_matrix(self.to, IntervalScale::Beta, 0.95) {
            Ok(matrix) => write!(f, "{matrix}"),
            Err(error) => write!(f, "{error}"),
        }
    }
}

/// [`aalen_johansen`] of a study's [`calendar_stays`] between two days, for any number of them: they are counted by day,
/// not listed.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Study, calendar_aalen_johansen}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let day = |text: &str| text.parse().unwrap();
/// let study = Study::until(day("2025-12-31"));
/// let estimate = calendar_aalen_johansen(&headline, &study, day("2013-12-31"), day("2025-12-31"))?;
/// let inadequate = &estimate.probability[estimate.times.len() - 1][0];
/// assert!((inadequate.iter().sum::<f64>() - 1.0).abs() < 1e-9);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade; [`Error::Value`] for a last day before the first.
pub fn calendar_aalen_johansen(
    series: &Series,
    study: &Study,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<AalenJohansen, Error> {
    if to < from {
        return Err(Error::value("last day", to, format!("a day not before the first, {from}")));
    }
    let stays = StayArrays::collect(series, study)?;
    let (s, t) = (f64::from(from.to_epoch_days()), f64::from(to.to_epoch_days()));
    let k = series.scale().labels().len();
    let mut initial = vec![0.0; k];
    let (mut ins, mut outs) = (Vec::new(), Vec::new());
    if let Some((first, last)) = stays.days() {
        let days = (last - first) as usize + 1;
        // Who begins, by day and state; who ends, by day, state and the state moved to, the one after the last for none.
        let (mut begun, mut ended) = (Tally::new(days * k), Tally::new(days * k * (k + 1)));
        for stay in stays.iter()?.filter(|stay| stay.entry < stay.exit) {
            begun.add((stay.entry - first) as usize * k + stay.grade);
            ended.add(((stay.exit - first) as usize * k + stay.grade) * (k + 1) + stay.to.unwrap_or(k));
        }
        let edge = |place: usize, to: Option<usize>, count: u32| {
            let time = f64::from(first) + (place / k) as f64;
            Edge { time, state: place % k, to, weight: f64::from(count) }
        };
        ins.extend(begun.counts().map(|(place, count)| edge(place, None, count)));
        let moved = |place: usize| Some(place % (k + 1)).filter(|to| *to < k);
        outs.extend(ended.counts().map(|(place, count)| edge(place / (k + 1), moved(place), count)));
        ins.iter().filter(|edge| edge.time <= s).for_each(|edge| initial[edge.state] += edge.weight);
        outs.iter().filter(|edge| edge.time <= s).for_each(|edge| initial[edge.state] -= edge.weight);
    }
    let estimate = product_integral(series.scale().labels(), initial, ins, outs, s, t);
    Ok(AalenJohansen { series: Some(series.id().clone()), ..estimate })
}

/// The stays of a study in calendar time (days since 1 January 1970), in the frame's order.
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn calendar_stays(series: &Series, study: &Study) -> Result<Vec<Stay>, Error> {
    rows(&series.collect(stay_plan(series, study)?.select([ENTRY, SPELL_END, GRADE, TO].map(col)))?)
}

/// The stays of a study in calendar time, apart for each authority: what a bootstrap resamples.
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn calendar_stays_by_authority(series: &Series, study: &Study) -> Result<Vec<Vec<Stay>>, Error> {
    let frame = series.collect(stay_plan(series, study)?.select([AUTHORITY, ENTRY, SPELL_END, GRADE, TO].map(col)))?;
    let authority = frame.column(AUTHORITY)?.str()?;
    let mut all: Vec<Vec<Stay>> = Vec::new();
    for (n, stay) in rows(&frame)?.into_iter().enumerate() {
        if n == 0 || authority.get(n) != authority.get(n - 1) {
            all.push(Vec::new());
        }
        all.last_mut().into_iter().for_each(|own| own.push(stay));
    }
    Ok(all)
}

fn rows(frame: &DataFrame) -> Result<Vec<Stay>, Error> {
    let (entry, exit) = (frame.column(ENTRY)?.date()?, frame.column(SPELL_END)?.date()?);
    let (from, to) = (ranks(frame, GRADE)?, ranks(frame, TO)?);
    let rows = entry.phys.iter().zip(exit.phys.iter()).zip(from.iter()).zip(to.iter());
    let stays = rows.filter_map(|(((entry, exit), from), to)| {
        let (entry, exit) = (f64::from(entry?), f64::from(exit?));
        Some(Stay { entry, exit, from: from? as usize, to: to.map(|to| to as usize), weight: 1.0 })
    });
    Ok(stays.collect())
}
