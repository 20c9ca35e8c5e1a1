//! Time until a grade is left or reached: Kaplan-Meier, Nelson-Aalen, competing ends.

use std::fmt;

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::aalen_johansen::{Stay, aalen_johansen};
use super::interval::{IntervalScale, beta_quantile, check_level, normal_p, z};
use super::table::write_table;
use crate::Error;

/// One time to an event: at risk over (entry, exit], then an event of some kind, or censored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeToEvent {
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
#[non_exhaustive]
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
    pub transform: IntervalScale,
}

/// An estimate with its interval; `None` where it is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IntervalEstimate {
    /// The estimate.
    pub value: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Its standard error, where there is one: a quantile has none.
    #[serde(default)]
    pub standard_error: Option<f64>,
}

/// Estimates a survival curve (Kaplan and Meier 1958).
///
/// At risk is who entered before and has not left before: a duration of no length is never at risk and does not count.
///
/// ```
/// use rating_history::estimate::{TimeToEvent, IntervalScale, kaplan_meier};
/// let at = |exit, event| TimeToEvent { entry: 0.0, exit, event, weight: 1.0 };
/// let durations = [at(1.0, Some(0)), at(2.0, None), at(3.0, Some(0)), at(3.0, None)];
/// let curve = kaplan_meier(&["left".to_owned()], &durations, IntervalScale::LogLog, 0.95)?;
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
    durations: &[TimeToEvent],
    transform: IntervalScale,
    level: f64,
) -> Result<SurvivalCurve, Error> {
    check_level(level)?;
    let condensed = condensed(kinds.len(), durations);
    let durations = condensed.as_deref().unwrap_or(durations);
    let stay =
        |d: &TimeToEvent| Stay { entry: d.entry, exit: d.exit, from: 0, to: d.event.map(|e| e + 1), weight: d.weight };
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
    let mut product = BetaProduct::default();
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
        let (probability, variance) = estimate.at(time)?;
        let (survival, error) = (probability[0][0], variance[0][0].sqrt());
        let entering = entries[entered..].iter().take_while(|e| e.0 == time).map(|e| e.1).sum::<f64>();
        if happened > 0.0 {
            product = product.times(at_risk - happened + 1.0, happened);
        }
        let left = at_risk - happened - censored + entering;
        let interval = match transform {
            // Who comes after nobody was left cannot bring the curve back.
            IntervalScale::Beta => {
                let (lower, upper) = product.limits(left, level);
                Some((lower.min(survival), upper.max(survival)))
            }
            // No event yet, and an error of 0 says nothing.
            _ if survival >= 1.0 => Some(product.limits(left, level)),
            _ => (survival > 0.0).then(|| transform.interval(survival, error, at_risk, level)),
        };
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

/// The different durations with how many there are of each; none where they are few, or anything is wrong with one, or they weigh
/// parts of one, whose sums depend on their order.
fn condensed(kinds: usize, durations: &[TimeToEvent]) -> Option<Vec<TimeToEvent>> {
    const MANY: usize = 10_000;
    let sound = |d: &TimeToEvent| {
        let times = d.entry.is_finite() && d.exit.is_finite() && d.entry <= d.exit;
        times && d.weight == 1.0 && d.event.is_none_or(|kind| kind < kinds)
    };
    if durations.len() < MANY || !durations.iter().all(sound) {
        return None;
    }
    // Hashing as polars has it: with the standard library's it would take longer than sorting them all.
    let mut place_of: PlHashMap<(u64, u64, usize), usize> = PlHashMap::default();
    let mut all: Vec<TimeToEvent> = Vec::new();
    for duration in durations {
        let key = (duration.entry.to_bits(), duration.exit.to_bits(), duration.event.unwrap_or(kinds));
        let place = *place_of.entry(key).or_insert(all.len());
        match all.get_mut(place) {
            Some(same) => same.weight += 1.0,
            None => all.push(*duration),
        }
    }
    Some(all)
}

/// The product of independent beta variables, by its first two moments: what is known of a survival curve before and
/// after its events (the beta product confidence procedure of Fay, Brittain and Proschan 2013; R's `bpcp` with its
/// default method of moments). Without censoring it is Clopper and Pearson's interval.
struct BetaProduct {
    mean: f64,
    square: f64,
}

impl Default for BetaProduct {
    fn default() -> Self {
        BetaProduct { mean: 1.0, square: 1.0 }
    }
}

impl BetaProduct {
    fn times(&self, a: f64, b: f64) -> Self {
        let mean = a / (a + b);
        BetaProduct { mean: self.mean * mean, square: self.square * mean * (a + 1.0) / (a + b + 1.0) }
    }

    fn quantile(&self, p: f64) -> f64 {
        let variance = self.square - self.mean * self.mean;
        if variance <= 0.0 {
            return self.mean;
        }
        let size = self.mean * (1.0 - self.mean) / variance - 1.0;
        beta_quantile(self.mean * size, (1.0 - self.mean) * size, p)
    }

    /// The limits while so many are left: the next of them might have its event at once.
    fn limits(&self, left: f64, level: f64) -> (f64, f64) {
        let tail = (1.0 - level) / 2.0;
        let lower = if left > 0.0 { self.times(left, 1.0).quantile(tail) } else { 0.0 };
        (lower, self.quantile(1.0 - tail))
    }
}

impl SurvivalCurve {
    /// The time by which a part `p` has had its event, with its interval from those of the curve (Brookmeyer and
    /// Crowley 1982). Where the curve is flat at exactly 1 - p, the middle of that stretch.
    ///
    /// # Errors
    /// [`Error::Value`] for a part that is not between 0 and 1.
    pub fn quantile(&self, p: f64) -> Result<IntervalEstimate, Error> {
        match p > 0.0 && p < 1.0 {
            true => Ok(self.crossings(p)),
            false => Err(Error::value("part with an event", p, "between 0 and 1, as 0.5 for the median")),
        }
    }

    fn crossings(&self, p: f64) -> IntervalEstimate {
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
        let (value, mut lower, upper) = (crossing(&survival), crossing(&self.lower), crossing(&self.upper));
        // Before any event the limits are those of as many as are at risk, from the beginning on.
        let eventless = |time: f64| self.value(time).is_none_or(|survival| survival >= 1.0);
        let begin = self.at_risk.first().map(|left| BetaProduct::default().limits(*left, self.level).0);
        if lower.is_some_and(eventless) && begin.is_some_and(|begin| begin <= level) {
            lower = Some(0.0);
        }
        IntervalEstimate { value, lower, upper, standard_error: None }
    }

    /// The interval of the part with an event of a kind by a time, both by their places, on the curve's scale.
    ///
    /// ```
    /// use rating_history::estimate::{TimeToEvent, IntervalScale, kaplan_meier};
    /// let at = |exit, event| TimeToEvent { entry: 0.0, exit, event, weight: 1.0 };
    /// let curve = kaplan_meier(&["left".to_owned()], &[at(1.0, Some(0)), at(2.0, None)], IntervalScale::Plain, 0.95)?;
    /// assert_eq!(curve.incidence[0][0], 0.5);
    /// assert_eq!(curve.incidence_interval(0, 0), Some((0.0, 1.0)));
    /// assert_eq!(curve.incidence_interval(5, 0), None); // no such time
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn incidence_interval(&self, time: usize, kind: usize) -> Option<(f64, f64)> {
        let (part, error) = (*self.incidence.get(time)?.get(kind)?, *self.incidence_error.get(time)?.get(kind)?);
        let (survival, spread) = (self.survival[time], self.standard_error[time]);
        let seen = if spread > 0.0 { survival * (1.0 - survival) / (spread * spread) } else { self.at_risk[time] };
        Some(self.transform.interval(part, error, seen, self.level))
    }

    /// The median time to the event.
    pub fn median(&self) -> IntervalEstimate {
        self.crossings(0.5)
    }

    /// The median follow-up: the time by which half would have been lost from sight, had no event ended the watching
    /// (reverse Kaplan-Meier; Schemper and Smith 1996), as R's `survfit` of the censorings has it: they come before events of
    /// the same time, and where exactly half are watched it is the middle of that stretch. `None` where more than half are
    /// followed to the end.
    ///
    /// ```
    /// use rating_history::estimate::{TimeToEvent, IntervalScale, kaplan_meier};
    /// let at = |exit, event| TimeToEvent { entry: 0.0, exit, event, weight: 1.0 };
    /// let times = [at(1.0, Some(0)), at(2.0, None), at(3.0, Some(0)), at(4.0, None), at(5.0, None)];
    /// let curve = kaplan_meier(&["left".to_owned()], &times, IntervalScale::LogLog, 0.95)?;
    /// assert_eq!(curve.median_follow_up(), Some(4.0)); // 3/4 still watched after 2 years, 3/8 after 4
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn median_follow_up(&self) -> Option<f64> {
        let mut watched = 1.0;
        let mut reached = None;
        for ((time, at_risk), censored) in self.times.iter().zip(&self.at_risk).zip(&self.censored) {
            watched *= 1.0 - censored / at_risk;
            match reached {
                None if watched < 0.5 - 1e-12 => return Some(*time),
                None if watched <= 0.5 + 1e-12 => reached = Some(*time),
                Some(half) if watched < 0.5 - 1e-12 => return Some((half + time) / 2.0),
                _ => {}
            }
        }
        Some((reached? + self.times.last()?) / 2.0)
    }

    /// The first of so many times by which half are lost from sight.
    fn half_watched(&self, times: usize) -> Option<f64> {
        let mut watched = 1.0;
        for (n, time) in self.times[..times].iter().enumerate() {
            let events: f64 = self.events[n].iter().sum();
            let left = self.at_risk[n] - events;
            if left > 0.0 {
                watched *= 1.0 - self.censored[n] / left;
            }
            if watched <= 0.5 + 1e-12 {
                return Some(*time);
            }
        }
        None
    }

    /// The time to which half are followed: the median of the times to being lost from sight, where an event ends the
    /// watching (reverse Kaplan-Meier; Schemper and Smith 1996), but not after fewer than a tenth are left at risk
    /// (Pocock, Clayton and Altman 2002). `None` without anybody.
    pub fn followed(&self) -> Option<f64> {
        let most = self.at_risk.iter().copied().fold(0.0, f64::max);
        let enough = self.at_risk.iter().take_while(|at_risk| **at_risk >= most / 10.0).count();
        let half = self.half_watched(enough);
        half.or_else(|| enough.checked_sub(1).map(|last| self.times[last]))
    }

    /// The part without an event by a time; `None` after the last follow-up, where the curve has not come to nobody.
    ///
    /// # Errors
    /// [`Error::Value`] unless the time is a number, at least 0.
    pub fn at(&self, time: f64) -> Result<Option<f64>, Error> {
        match time >= 0.0 && time.is_finite() {
            true => Ok(self.value(time)),
            false => Err(Error::value("time", time, "a number, at least 0")),
        }
    }

    /// The interval of the part without an event by a time; before the first time that of as many as are at risk then.
    /// `None` where [`at`](Self::at) is, or nothing is known of the spread.
    ///
    /// ```
    /// use rating_history::estimate::{TimeToEvent, IntervalScale, kaplan_meier};
    /// let at = |exit| TimeToEvent { entry: 0.0, exit, event: Some(0), weight: 1.0 };
    /// let curve = kaplan_meier(&["left".to_owned()], &[at(1.0), at(2.0)], IntervalScale::Beta, 0.95)?;
    /// let (lower, upper) = curve.interval_at(0.5)?.unwrap();
    /// assert!((lower - 0.025f64.sqrt()).abs() < 1e-9 && upper == 1.0); // both of two are left
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`at`](Self::at).
    pub fn interval_at(&self, time: f64) -> Result<Option<(f64, f64)>, Error> {
        if self.at(time)?.is_none() {
            return Ok(None);
        }
        Ok(match self.times.partition_point(|t| *t <= time).checked_sub(1) {
            Some(n) => self.lower[n].zip(self.upper[n]),
            None => self.at_risk.first().map(|left| BetaProduct::default().limits(*left, self.level)),
        })
    }

    pub(crate) fn value(&self, time: f64) -> Option<f64> {
        let place = self.times.partition_point(|t| *t <= time);
        let survival = place.checked_sub(1).map_or(1.0, |n| self.survival[n]);
        let followed = self.times.last().is_some_and(|last| time <= *last);
        (followed || (place > 0 && survival <= 1e-12)).then_some(survival)
    }

    /// The mean time to the event or `until`, whichever is first: the area under the curve, with a plain interval.
    /// Nothing where nobody is followed so long while some are left. No interval without an event before: nothing tells
    /// then how sure the mean is.
    ///
    /// # Errors
    /// [`Error::Value`] unless the time is a number, at least 0.
    pub fn restricted_mean(&self, until: f64) -> Result<IntervalEstimate, Error> {
        let Some((area, error)) = self.area(until)? else {
            return Ok(IntervalEstimate { value: None, lower: None, upper: None, standard_error: None });
        };
        let half = z(self.level) * error;
        let interval = (half > 0.0).then(|| ((area - half).max(0.0), (area + half).min(until)));
        let (lower, upper) = interval.unzip();
        Ok(IntervalEstimate { value: Some(area), lower, upper, standard_error: (error > 0.0).then_some(error) })
    }

    /// The standard error of the [restricted mean](Self::restricted_mean); `None` where that has no interval.
    ///
    /// # Errors
    /// [`Error::Value`] unless the time is a number, at least 0.
    pub fn restricted_mean_error(&self, until: f64) -> Result<Option<f64>, Error> {
        Ok(self.area(until)?.map(|(_, error)| error).filter(|error| *error > 0.0))
    }

    /// The area under the curve up to a time, and its standard error.
    fn area(&self, until: f64) -> Result<Option<(f64, f64)>, Error> {
        if self.at(until)?.is_none() {
            return Ok(None);
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
        Ok(Some((area, variance.sqrt())))
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

/// By how much the restricted means of two groups differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeanDifference {
    /// The mean of the first less that of the second.
    pub difference: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end of its interval.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The two-sided probability of a larger difference, were there none.
    pub p: f64,
}

/// The difference of the means up to a time of two curves whose bodies have nothing to do with each other, with its interval
/// at the level of the first and the test that it is 0 (Royston and Parmar 2013; R's `survRM2`). `None` where either has no
/// mean so far on, or no standard error.
///
/// ```
/// use rating_history::estimate::{IntervalScale, TimeToEvent, kaplan_meier, restricted_mean_difference};
/// let curve = |times: &[f64]| {
///     let at = |exit: &f64| TimeToEvent { entry: 0.0, exit: *exit, event: Some(0), weight: 1.0 };
///     kaplan_meier(&["left".to_owned()], &times.iter().map(at).collect::<Vec<_>>(), IntervalScale::LogLog, 0.95)
/// };
/// // Without censoring: the means of min(time, 4), and the variances of those over n.
/// let found = restricted_mean_difference(&curve(&[2.0, 3.0, 4.0, 5.0])?, &curve(&[1.0, 1.0, 2.0, 6.0])?, 4.0)?.unwrap();
/// assert!((found.difference - (3.25 - 2.0)).abs() < 1e-12);
/// assert!((found.standard_error - ((0.6875 + 1.5) / 4.0f64).sqrt()).abs() < 1e-12);
/// assert!(found.lower < 0.0 && found.p > 0.05);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] unless the time is a number, at least 0.
pub fn restricted_mean_difference(
    first: &SurvivalCurve,
    second: &SurvivalCurve,
    until: f64,
) -> Result<Option<MeanDifference>, Error> {
    let (Some((a, error_a)), Some((b, error_b))) = (first.area(until)?, second.area(until)?) else { return Ok(None) };
    let (difference, standard_error) = (a - b, error_a.hypot(error_b));
    if error_a <= 0.0 || error_b <= 0.0 {
        return Ok(None);
    }
    let half = z(first.level) * standard_error;
    let (lower, upper) = (difference - half, difference + half);
    Ok(Some(MeanDifference { difference, standard_error, lower, upper, p: normal_p(difference / standard_error) }))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Many durations are counted before they are sorted; those that weigh two are not.
    #[test]
    fn the_curve_of_many_is_that_of_half_as_many_that_weigh_two() {
        let kinds = ["up", "down"].map(str::to_owned);
        let one = |n: u32| {
            let entry = if n.is_multiple_of(3) { f64::from(n % 7) / 10.0 } else { 0.0 };
            let exit = entry + f64::from(n * 7919 % 1461) / 365.25;
            TimeToEvent { entry, exit, event: [None, Some(0), Some(1)][n as usize % 3], weight: 1.0 }
        };
        let many: Vec<TimeToEvent> = (0..24_000).map(|n| one(n / 2)).collect();
        assert!(condensed(2, &many).is_some_and(|all| all.len() < 8_000));
        let double: Vec<TimeToEvent> = (0..12_000).map(|n| TimeToEvent { weight: 2.0, ..one(n) }).collect();
        assert!(condensed(2, &double).is_none());
        let curve = |durations: &[TimeToEvent]| kaplan_meier(&kinds, durations, IntervalScale::LogLog, 0.95).unwrap();
        assert_eq!(curve(&many), curve(&double));
    }
}
