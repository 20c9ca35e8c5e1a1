//! Time until a grade is left or reached: Kaplan-Meier, Nelson-Aalen, competing ends, log-rank tests.

use std::fmt;

use nalgebra::{DMatrix, DVector};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::aalen_johansen::{Stay, aalen_johansen};
use super::interval::{Transform, check_level, chi_squared_p, z};
use super::table::write_table;
use crate::Error;

/// One time to an event: at risk over (entry, exit], then an event of some kind, or censored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duration {
    /// When it begins to be observed, 0 unless it enters late.
    pub entry: f64,
    /// When the event happened, or it was last observed.
    pub exit: f64,
    /// The kind of event; `None` when censored.
    pub event: Option<usize>,
    /// How many such durations.
    pub weight: f64,
}

/// A Kaplan-Meier curve, with its cumulative hazard and, for several kinds of event, their cumulative incidences.
///
/// Vectors have one entry a distinct time at which anything ended, events before censorings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCurve {
    /// The kinds of event.
    pub kinds: Vec<String>,
    /// The times.
    pub times: Vec<f64>,
    /// At risk just before.
    pub at_risk: Vec<f64>,
    /// Events of each kind (outer: time).
    pub events: Vec<Vec<f64>>,
    /// Censored.
    pub censored: Vec<f64>,
    /// Part without an event yet: the product of 1 - events / at risk.
    pub survival: Vec<f64>,
    /// Its standard error (Greenwood).
    pub standard_error: Vec<f64>,
    /// Lower end of its interval; `None` where nobody is left, and nothing is known of the spread.
    pub lower: Vec<Option<f64>>,
    /// Upper end.
    pub upper: Vec<Option<f64>>,
    /// Cumulative hazard (Nelson-Aalen): the sum of events / at risk.
    pub hazard: Vec<f64>,
    /// Its standard error: root of the sum of events / at risk squared.
    pub hazard_error: Vec<f64>,
    /// Part with an event of each kind so far (Aalen-Johansen; outer: time).
    pub incidence: Vec<Vec<f64>>,
    /// Its standard errors.
    pub incidence_error: Vec<Vec<f64>>,
    /// Level of the intervals.
    pub level: f64,
    /// Scale of the intervals.
    pub transform: Transform,
}

/// An estimate with its interval; `None` where it is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounded {
    /// The estimate.
    pub value: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// Estimates a survival curve (Kaplan and Meier 1958).
///
/// At risk is who entered before and has not left before: a duration of no length is never at risk and does not count.
///
/// ```
/// use rating_history::estimate::{Duration, Transform, kaplan_meier};
/// let at = |exit, event| Duration { entry: 0.0, exit, event, weight: 1.0 };
/// let durations = [at(1.0, Some(0)), at(2.0, None), at(3.0, Some(0)), at(3.0, None)];
/// let curve = kaplan_meier(&["left".to_owned()], &durations, Transform::LogLog, 0.95)?;
/// assert_eq!(curve.survival, [0.75, 0.75, 0.375]);
/// assert_eq!(curve.median().value, Some(3.0));
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for an unknown kind of event, times that are no numbers or run backwards, or a level outside 0 to
/// 1.
pub fn kaplan_meier(
    kinds: &[String],
    durations: &[Duration],
    transform: Transform,
    level: f64,
) -> Result<SurvivalCurve, Error> {
    let z = z(check_level(level)?);
    let stay =
        |d: &Duration| Stay { entry: d.entry, exit: d.exit, from: 0, to: d.event.map(|e| e + 1), weight: d.weight };
    let stays: Vec<Stay> = durations.iter().map(stay).collect();
    let states: Vec<String> = std::iter::once("at_risk".to_owned()).chain(kinds.iter().cloned()).collect();
    let first = durations.iter().map(|d| d.entry).fold(f64::INFINITY, f64::min).min(0.0);
    let last = durations.iter().map(|d| d.exit).fold(first, f64::max);
    let estimate = aalen_johansen(&states, &stays, first, last)?;

    let mut ends: Vec<(f64, f64)> = durations
        .iter()
        .filter(|d| d.entry < d.exit)
        .map(|d| (d.exit, if d.event.is_none() { d.weight } else { 0.0 }))
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut entries: Vec<(f64, f64)> =
        durations.iter().filter(|d| d.entry < d.exit).map(|d| (d.entry, d.weight)).collect();
    entries.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut curve = SurvivalCurve {
        kinds: kinds.to_vec(),
        times: Vec::new(),
        at_risk: Vec::new(),
        events: Vec::new(),
        censored: Vec::new(),
        survival: Vec::new(),
        standard_error: Vec::new(),
        lower: Vec::new(),
        upper: Vec::new(),
        hazard: Vec::new(),
        hazard_error: Vec::new(),
        incidence: Vec::new(),
        incidence_error: Vec::new(),
        level,
        transform,
    };
    let (mut entered, mut present, mut gone) = (0, 0.0, 0.0);
    let (mut hazard, mut hazard_variance) = (0.0, 0.0);
    let mut place = 0;
    for group in ends.chunk_by(|a, b| a.0 == b.0) {
        let time = group[0].0;
        while let Some((_, weight)) = entries.get(entered).filter(|e| e.0 < time) {
            present += weight;
            entered += 1;
        }
        let mut events = vec![0.0; kinds.len()];
        if estimate.times.get(place) == Some(&time) {
            estimate.moves[place].iter().for_each(|(_, to, n)| events[to - 1] += n);
            place += 1;
        }
        let censored: f64 = group.iter().map(|g| g.1).sum();
        let happened: f64 = events.iter().sum();
        let at_risk = present - gone;
        gone += censored + happened;
        if happened > 0.0 {
            hazard += happened / at_risk;
            hazard_variance += happened / (at_risk * at_risk);
        }
        let (probability, variance) = estimate.at(time);
        let (survival, error) = (probability[0][0], variance[0][0].sqrt());
        let interval = (survival > 0.0).then(|| transform.interval(survival, error, z));
        curve.times.push(time);
        curve.at_risk.push(at_risk);
        curve.events.push(events);
        curve.censored.push(censored);
        curve.survival.push(survival);
        curve.standard_error.push(error);
        curve.lower.push(interval.map(|i| i.0));
        curve.upper.push(interval.map(|i| i.1));
        curve.hazard.push(hazard);
        curve.hazard_error.push(hazard_variance.sqrt());
        curve.incidence.push(probability[0][1..].to_vec());
        curve.incidence_error.push(variance[0][1..].iter().map(|v| v.sqrt()).collect());
    }
    Ok(curve)
}

impl SurvivalCurve {
    /// The time by which a part `p` has had its event, with its interval from those of the curve (Brookmeyer and
    /// Crowley 1982). Where the curve is flat at exactly 1 - p, the middle of that stretch.
    pub fn quantile(&self, p: f64) -> Bounded {
        let level = 1.0 - p;
        let tolerance = 1e-12;
        let crossing = |curve: &[Option<f64>]| {
            let reached = curve.iter().position(|s| s.is_some_and(|s| s <= level + tolerance))?;
            let below = curve.iter().position(|s| s.is_some_and(|s| s < level - tolerance));
            match below {
                Some(below) if below > reached => Some((self.times[reached] + self.times[below]) / 2.0),
                None if curve[reached].is_some_and(|s| (s - level).abs() <= tolerance) => {
                    Some((self.times[reached] + self.times[self.times.len() - 1]) / 2.0)
                }
                _ => Some(self.times[reached]),
            }
        };
        let survival: Vec<Option<f64>> = self.survival.iter().copied().map(Some).collect();
        Bounded { value: crossing(&survival), lower: crossing(&self.lower), upper: crossing(&self.upper) }
    }

    /// The interval of the part with an event of a kind by a time, both by their places, on the curve's scale.
    ///
    /// ```
    /// use rating_history::estimate::{Duration, Transform, kaplan_meier};
    /// let at = |exit, event| Duration { entry: 0.0, exit, event, weight: 1.0 };
    /// let curve = kaplan_meier(&["left".to_owned()], &[at(1.0, Some(0)), at(2.0, None)], Transform::Plain, 0.95)?;
    /// assert_eq!(curve.incidence[0][0], 0.5);
    /// assert_eq!(curve.incidence_interval(0, 0), Some((0.0, 1.0)));
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn incidence_interval(&self, time: usize, kind: usize) -> Option<(f64, f64)> {
        let (part, error) = (*self.incidence.get(time)?.get(kind)?, *self.incidence_error.get(time)?.get(kind)?);
        Some(self.transform.interval(part, error, z(self.level)))
    }

    /// The median time to the event.
    pub fn median(&self) -> Bounded {
        self.quantile(0.5)
    }

    /// The mean time to the event or `until`, whichever is first: the area under the curve, with a plain interval.
    /// Nothing for a negative time.
    pub fn restricted_mean(&self, until: f64) -> Bounded {
        if !(until >= 0.0 && until.is_finite()) {
            return Bounded { value: None, lower: None, upper: None };
        }
        let mut area = 0.0;
        let (mut time, mut survival) = (0.0, 1.0);
        let mut areas = Vec::new();
        for (n, next) in self.times.iter().enumerate().take_while(|(_, t)| **t < until) {
            area += survival * (next - time);
            areas.push((n, area));
            (time, survival) = (*next, self.survival[n]);
        }
        area += survival * (until - time);
        let mut variance = 0.0;
        for (n, before) in areas {
            let events: f64 = self.events[n].iter().sum();
            let left = self.at_risk[n] - events;
            if events > 0.0 && left > 0.0 {
                variance += (area - before).powi(2) * events / (self.at_risk[n] * left);
            }
        }
        let half = z(self.level) * variance.sqrt();
        Bounded { value: Some(area), lower: Some((area - half).max(0.0)), upper: Some((area + half).min(until)) }
    }

    /// The curve as rows: `time`, `at_risk`, `events`, `censored`, `survival`, `lower`, `upper`, `standard_error`,
    /// `hazard`, `hazard_error`, and for each kind `KIND` (events), `KIND_incidence`, `KIND_error` (all `Float64`).
    ///
    /// # Errors
    /// [`Error::Polars`] when two kinds have one name.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let total: Vec<f64> = self.events.iter().map(|e| e.iter().sum()).collect();
        let column = |name: &str, values: Vec<f64>| Column::new(name.into(), values);
        let bound = |name: &str, values: &[Option<f64>]| Column::new(name.into(), values.to_vec());
        let mut columns = vec![
            column("time", self.times.clone()),
            column("at_risk", self.at_risk.clone()),
            column("events", total),
            column("censored", self.censored.clone()),
            column("survival", self.survival.clone()),
            bound("lower", &self.lower),
            bound("upper", &self.upper),
            column("standard_error", self.standard_error.clone()),
            column("hazard", self.hazard.clone()),
            column("hazard_error", self.hazard_error.clone()),
        ];
        for (n, kind) in self.kinds.iter().enumerate() {
            let each = |of: &[Vec<f64>]| of.iter().map(|row| row[n]).collect::<Vec<_>>();
            columns.push(column(kind, each(&self.events)));
            columns.push(column(&format!("{kind}_incidence"), each(&self.incidence)));
            columns.push(column(&format!("{kind}_error"), each(&self.incidence_error)));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

impl fmt::Display for SurvivalCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["time", "at risk", "events", "censored", "survival", "lower", "upper"].map(str::to_owned);
        let row = |n: usize| {
            let events: f64 = self.events[n].iter().sum();
            let counts = [self.at_risk[n], events, self.censored[n]].map(|x| x.to_string());
            let parts = [Some(self.survival[n]), self.lower[n], self.upper[n]]
                .map(|x| x.map_or("-".to_owned(), |x| format!("{x:.3}")));
            [vec![format!("{:.2}", self.times[n])], counts.to_vec(), parts.to_vec()].concat()
        };
        write_table(f, &header, &(0..self.times.len()).map(row).collect::<Vec<_>>())?;
        writeln!(f, "{:.0}% intervals, {} scale", 100.0 * self.level, self.transform.name())
    }
}

/// A test whether groups have one and the same survival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
/// use rating_history::estimate::{Duration, log_rank};
/// let at = |exit, event| Duration { entry: 0.0, exit, event, weight: 1.0 };
/// let early = vec![at(1.0, Some(0)), at(2.0, Some(0))];
/// let late = vec![at(3.0, Some(0)), at(4.0, None)];
/// let test = log_rank(&[early, late], 0.0);
/// assert_eq!((test.df, test.observed[0]), (1, 2.0));
/// assert!((test.expected[0] - (2.0 / 4.0 + 1.0 / 3.0)).abs() < 1e-12);
/// ```
pub fn log_rank(groups: &[Vec<Duration>], rho: f64) -> LogRank {
    let k = groups.len();
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
    LogRank { observed, expected, chi_squared, df, p, rho }
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

/// A time to an event known to lie in (after, by], or only to lie after `after`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bracket {
    /// When it was last seen not to have happened.
    pub after: f64,
    /// When it was first seen to have happened; `None` when it never was.
    pub by: Option<f64>,
    /// How many such.
    pub weight: f64,
}

/// The probability left after each of the intervals that the data can tell apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntervalCurve {
    /// Intervals (from, to] within which the probability of an event lies; how it lies inside, the data do not say.
    /// `None`: at some time later than all.
    pub intervals: Vec<(f64, Option<f64>)>,
    /// Probability of each.
    pub mass: Vec<f64>,
    /// Part without an event after each.
    pub survival: Vec<f64>,
}

impl IntervalCurve {
    /// The curve as rows: `after`, `time` (null: later than all), `probability`, `survival` (`Float64`).
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        Ok(df!(
            "time" => self.intervals.iter().map(|i| i.1).collect::<Vec<_>>(),
            "after" => self.intervals.iter().map(|i| i.0).collect::<Vec<_>>(),
            "probability" => self.mass.clone(),
            "survival" => self.survival.clone(),
        )?)
    }
}

impl fmt::Display for IntervalCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["after", "until", "probability", "survival"].map(str::to_owned);
        let row = |n: usize| {
            let (after, by) = self.intervals[n];
            let by = by.map_or("-".to_owned(), |by| format!("{by:.2}"));
            vec![format!("{after:.2}"), by, format!("{:.3}", self.mass[n]), format!("{:.3}", self.survival[n])]
        };
        write_table(f, &header, &(0..self.mass.len()).map(row).collect::<Vec<_>>())
    }
}

/// The survival curve of events seen only to have happened between two inspections (Turnbull 1976): the probabilities
/// on the innermost intervals that make the data most likely, by self-consistency. The time a bracket counts from is
/// itself an inspection, and late entry is not allowed for.
///
/// ```
/// use rating_history::estimate::{Bracket, turnbull};
/// let bracket = |after, by| Bracket { after, by, weight: 1.0 };
/// let curve = turnbull(&[bracket(0.0, Some(2.0)), bracket(1.0, Some(3.0)), bracket(4.0, None)])?;
/// assert_eq!(curve.intervals, [(1.0, Some(2.0)), (4.0, None)]);
/// assert!((curve.survival[0] - 1.0 / 3.0).abs() < 1e-9);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for times that are no numbers or run backwards.
pub fn turnbull(brackets: &[Bracket]) -> Result<IntervalCurve, Error> {
    for b in brackets {
        if !b.after.is_finite() || b.by.is_some_and(|by| !by.is_finite() || by < b.after) || b.weight < 0.0 {
            return Err(Error::value(
                "bracket",
                format!("{b:?}"),
                "an end not before the beginning, no negative weight",
            ));
        }
    }
    let end = |b: &Bracket| b.by.unwrap_or(f64::INFINITY);
    // An exactly known time t is the bracket [t, t]: its beginning sorts before ends at t, others' after them.
    let mut marks: Vec<(f64, u8)> = Vec::new();
    for b in brackets.iter().filter(|b| b.weight > 0.0) {
        let exact = end(b) == b.after;
        marks.push((b.after, if exact { 0 } else { 2 }));
        marks.push((end(b), 1));
    }
    marks.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    marks.dedup();
    let mut intervals: Vec<(f64, f64, bool)> = Vec::new();
    for pair in marks.windows(2) {
        if pair[0].1 != 1 && pair[1].1 == 1 {
            intervals.push((pair[0].0, pair[1].0, pair[0].1 == 0));
        }
    }
    let mut patterns: Vec<(usize, usize, f64)> = Vec::new();
    for b in brackets.iter().filter(|b| b.weight > 0.0) {
        let exact = end(b) == b.after;
        let inside = |i: &(f64, f64, bool)| {
            let begins = if exact { i.0 >= b.after } else { i.0 > b.after || (i.0 == b.after && !i.2) };
            begins && i.1 <= end(b)
        };
        let first = intervals.iter().position(inside).unwrap_or(0);
        let count = intervals[first..].iter().take_while(|i| inside(i)).count();
        patterns.push((first, first + count, b.weight));
    }
    patterns.sort_by_key(|p| (p.0, p.1));
    let merged: Vec<(usize, usize, f64)> = patterns
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .map(|same| (same[0].0, same[0].1, same.iter().map(|p| p.2).sum()))
        .collect();
    let all: f64 = merged.iter().map(|p| p.2).sum();
    let m = intervals.len();
    let mut mass = vec![1.0 / m.max(1) as f64; m];
    for _ in 0..200_000 {
        let mut next = vec![0.0; m];
        for (from, to, weight) in &merged {
            let sum: f64 = mass[*from..*to].iter().sum();
            if sum > 0.0 {
                (*from..*to).for_each(|n| next[n] += weight * mass[n] / sum);
            }
        }
        next.iter_mut().for_each(|p| *p /= all);
        let change = next.iter().zip(&mass).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        mass = next;
        if change < 1e-12 {
            break;
        }
    }
    let mut left = 1.0;
    let survival = mass.iter().map(|p| {
        left -= p;
        f64::max(left, 0.0)
    });
    Ok(IntervalCurve {
        survival: survival.collect(),
        intervals: intervals.iter().map(|(from, to, _)| (*from, to.is_finite().then_some(*to))).collect(),
        mass,
    })
}
