//! Survival from events seen only to have happened between two inspections: Turnbull.

use std::fmt;

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::table::write_table;
use crate::Error;

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
#[non_exhaustive]
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
/// [`Error::Value`] for times that are no numbers or run backwards, a weight that is no number or negative, or when no
/// bracket has a weight above 0: there is no curve of nobody.
pub fn turnbull(brackets: &[Bracket]) -> Result<IntervalCurve, Error> {
    for b in brackets {
        if !b.after.is_finite()
            || b.by.is_some_and(|by| !by.is_finite() || by < b.after)
            || !(b.weight.is_finite() && b.weight >= 0.0)
        {
            return Err(Error::value(
                "bracket",
                format!("{b:?}"),
                "an end not before the beginning, no negative weight",
            ));
        }
    }
    if brackets.iter().all(|b| b.weight == 0.0) {
        return Err(Error::value("brackets", brackets.len(), "at least one with a weight above 0"));
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
    // What self-consistency leaves of an interval on its way to nothing.
    mass.iter_mut().filter(|p| **p < 1e-12).for_each(|p| *p = 0.0);
    let mut left = 1.0;
    let survival = mass.iter().map(|p| {
        left -= p;
        if left < 1e-12 { 0.0 } else { left }
    });
    Ok(IntervalCurve {
        survival: survival.collect(),
        intervals: intervals.iter().map(|(from, to, _)| (*from, to.is_finite().then_some(*to))).collect(),
        mass,
    })
}
