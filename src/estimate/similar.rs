//! Distances between trajectories, and the nearest ones to a given authority's.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::sequence::{Sequence, optimal_matching};
use super::study::{Study, stays};
use crate::code::coded_enum;
use crate::frame::columns::*;
use crate::trend::columns::*;
use crate::trend::ranks;
use crate::{Error, Ratings};

/// A grade over time: constant from one day to another, with gaps where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepFunction {
    /// Pieces in order: first day, day after the last, rank of the grade; days since 1 January 1970.
    pub pieces: Vec<(i32, i32, usize)>,
}

impl StepFunction {
    /// The rank on a day.
    pub fn at(&self, day: i32) -> Option<usize> {
        self.pieces.iter().find(|(start, end, _)| *start <= day && day < *end).map(|(_, _, rank)| *rank)
    }

    /// The mean difference in ranks to another, over the days of [from, to) on which both have a grade, and how many
    /// days these are; the other is moved `shift` days later. `None` when there is no such day.
    ///
    /// ```
    /// use rating_history::estimate::StepFunction;
    /// let a = StepFunction { pieces: vec![(0, 10, 0), (10, 20, 1)] };
    /// let b = StepFunction { pieces: vec![(0, 20, 2)] };
    /// assert_eq!(a.distance(&b, 0, 20, 0), Some((1.5, 20)));
    /// assert_eq!(a.distance(&b, 0, 20, 15), Some((1.0, 5))); // b begins on day 15
    /// ```
    pub fn distance(&self, other: &StepFunction, from: i32, to: i32, shift: i32) -> Option<(f64, i32)> {
        let (mut area, mut days) = (0.0, 0);
        for (a_start, a_end, a) in &self.pieces {
            for (b_start, b_end, b) in &other.pieces {
                let start = from.max(*a_start).max(b_start.saturating_add(shift));
                let end = to.min(*a_end).min(b_end.saturating_add(shift));
                if start < end {
                    area += f64::from(end - start) * a.abs_diff(*b) as f64;
                    days += end - start;
                }
            }
        }
        (days > 0).then(|| (area / f64::from(days), days))
    }

    /// The grades at steps of `step` days from `from` on, before `to`, as far as there are any.
    ///
    /// # Errors
    /// [`Error::Value`] when there is no grade at any step, or a step is shorter than a day.
    pub fn sequence(&self, from: i32, to: i32, step: f64, alphabet: usize) -> Result<Sequence, Error> {
        if !(step >= 1.0 && step.is_finite()) {
            return Err(Error::value("step", step, "at least one day"));
        }
        let day = |n: u32| from + (f64::from(n) * step).floor() as i32;
        let days = (0..).map(day).take_while(|d| *d < to);
        Sequence::new(days.filter_map(|d| self.at(d)).collect(), alphabet)
    }
}

/// The step function of every authority: code, name and pieces. Several themes must be narrowed to one first.
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn step_functions(ratings: &Ratings, study: &Study) -> Result<Vec<(String, StepFunction)>, Error> {
    let frame = ratings.collect(stays(ratings, study)?)?;
    let authority = frame.column(AUTHORITY)?.str()?;
    let days =
        |name: &str| -> Result<Vec<i32>, Error> { Ok(frame.column(name)?.date()?.phys.iter().flatten().collect()) };
    let (start, end) = (days(super::study::ENTRY)?, days(SPELL_END)?);
    let ranks = ranks(&frame, GRADE)?;
    let mut all: Vec<(String, StepFunction)> = Vec::new();
    for n in 0..frame.height() {
        let (Some(authority), Some(rank)) = (authority.get(n), ranks.get(n)) else { continue };
        if all.last().is_none_or(|(a, _)| a != authority) {
            all.push((authority.to_owned(), StepFunction { pieces: Vec::new() }));
        }
        if let Some((_, function)) = all.last_mut() {
            function.pieces.push((start[n], end[n], rank as usize));
        }
    }
    Ok(all)
}

coded_enum! {
    /// How far apart two trajectories are.
    enum Distance: "distance" {
        /// The mean difference in ranks over the days on which both have a grade.
        Rank = "rank" / "mean difference in ranks",
        /// Optimal matching of months: the least cost per month of shifting (1 a month) and regrading (1 a rank).
        Matching = "matching" / "optimal matching of months",
    }
}

/// Days of a month, where months are steps.
const MONTH: f64 = 365.25 / 12.0;

/// What to look for with [`similar`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarOptions {
    /// The day on which the given authority is looked at.
    pub at: NaiveDate,
    /// How many years before it are compared.
    pub years: f64,
    /// How far apart two trajectories are.
    pub distance: Distance,
}

impl SimilarOptions {
    /// Ten years before a day, by the mean difference in ranks.
    pub fn at(at: NaiveDate) -> Self {
        SimilarOptions { at, years: 10.0, distance: Distance::Rank }
    }
}

/// An authority that once stood where the given one stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Similar {
    /// Its code.
    pub authority: String,
    /// The day on which it had stood at the grade for as long as the given one.
    pub on: NaiveDate,
    /// How far apart the years before were.
    pub distance: f64,
    /// Years on which both had a grade.
    pub overlap_years: f64,
    /// The grade that came next; `None` while it stands.
    pub next: Option<String>,
    /// When.
    pub next_on: Option<NaiveDate>,
    /// The first better grade after that day.
    pub better: Option<String>,
    /// When.
    pub better_on: Option<NaiveDate>,
    /// The grade on the study's last day, or its last one.
    pub latest: String,
}

/// Who stood where an authority stood on a day, and what became of them: every other authority that has stood at the
/// same grade for as long, looked at on the day when it had, nearest years before first (then the longest overlap).
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, estimate::{SimilarOptions, Study, similar}};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let options = SimilarOptions::at("2016-06-30".parse().unwrap());
/// let alike = similar(&headline, &Study::until(england.cut_off()), "E06000039", &options)?;
/// assert!(alike.iter().any(|a| a.authority == "E08000025")); // Birmingham
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when the authority has no grade on the day, or no years are to be compared.
pub fn similar(
    ratings: &Ratings,
    study: &Study,
    authority: &str,
    options: &SimilarOptions,
) -> Result<Vec<Similar>, Error> {
    let labels = ratings.scale().labels();
    let functions = step_functions(ratings, study)?;
    let at = options.at.to_epoch_days();
    let own = functions.iter().find(|(a, _)| a == authority).map(|(_, f)| f);
    let piece = own.and_then(|f| f.pieces.iter().rev().find(|(start, end, _)| *start <= at && at <= *end));
    let (Some(own), Some((start, _, rank))) = (own, piece) else {
        return Err(Error::value("day", options.at, format!("a day on which {authority} has a grade")));
    };
    if !(options.years > 0.0 && options.years <= 200.0) {
        return Err(Error::value("years to compare", options.years, "more than 0, at most 200"));
    }
    let (age, first) = (at - start, at - (options.years * 365.25).round() as i32);
    let date = |day: i32| NaiveDate::from_epoch_days(day).unwrap_or(study.to);
    let mut found: Vec<Similar> = Vec::new();
    for (code, other) in functions.iter().filter(|(code, _)| code != authority) {
        let mut candidates = Vec::new();
        for (place, (began, ended, grade)) in other.pieces.iter().enumerate() {
            let on = began.saturating_add(age);
            let last = place + 1 == other.pieces.len();
            if grade != rank || on > *ended || (on == *ended && !last) || on > study.to.to_epoch_days() {
                continue;
            }
            let shift = at - on;
            // With no years to compare, as on the day of a first grade, all are alike.
            let (mean, days) = own.distance(other, first, at, shift).unwrap_or((0.0, 0));
            let distance = match options.distance {
                Distance::Rank => mean,
                Distance::Matching => {
                    let a = own.sequence(first, at, MONTH, labels.len());
                    let b = other.sequence(first - shift, on, MONTH, labels.len());
                    let (Ok(a), Ok(b)) = (a, b) else { continue };
                    optimal_matching(&a, &b, 1.0, 1.0) / a.states().len().max(b.states().len()) as f64
                }
            };
            let next = other.pieces.get(place + 1);
            let better = other.pieces[place + 1..].iter().find(|(_, _, g)| g > rank);
            let grade = |piece: Option<&(i32, i32, usize)>| piece.map(|(_, _, g)| labels[*g].clone());
            candidates.push(Similar {
                authority: code.clone(),
                on: date(on),
                distance,
                overlap_years: f64::from(days) / 365.25,
                next: grade(next),
                next_on: next.map(|p| date(p.0)),
                better: grade(better),
                better_on: better.map(|p| date(p.0)),
                latest: grade(other.pieces.last()).unwrap_or_default(),
            });
        }
        let nearest = |a: &Similar, b: &Similar| {
            a.distance.total_cmp(&b.distance).then(b.overlap_years.total_cmp(&a.overlap_years))
        };
        found.extend(candidates.into_iter().min_by(nearest));
    }
    found.sort_by(|a, b| {
        let overlap = b.overlap_years.total_cmp(&a.overlap_years);
        a.distance.total_cmp(&b.distance).then(overlap).then_with(|| a.authority.cmp(&b.authority))
    });
    Ok(found)
}
