//! A series of one body as a value: its spells, one after the other.

use chrono::NaiveDate;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::run::{KEY, runs};
use super::{EndedBy, columns::*, ranks, words};
use crate::frame::columns::*;
use crate::{Error, Precision, Series, Span};

/// A spell on a [`Timeline`]: a stretch of time at one grade, or without the judgement.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stretch {
    /// First day.
    pub start: NaiveDate,
    /// How exactly `start` is known.
    pub start_precision: Precision,
    /// The day it ended, or the as-of date.
    pub end: NaiveDate,
    /// How exactly `end` is known.
    pub end_precision: Precision,
    /// Rank of the grade, 0 for the worst; `None` for time in which the judgement is no longer given.
    pub rank: Option<usize>,
    /// Inspections in a row.
    pub inspections: u32,
    /// Why it ends.
    pub ended_by: EndedBy,
}

impl Stretch {
    /// A stretch between two days known to the day, of one inspection, ended by the next judgement.
    pub fn new(start: NaiveDate, end: NaiveDate, rank: Option<usize>) -> Self {
        let (start_precision, end_precision) = (Precision::Day, Precision::Day);
        Stretch { start, start_precision, end, end_precision, rank, inspections: 1, ended_by: EndedBy::Changed }
    }

    /// Years, months and days from start to end.
    pub fn span(&self) -> Span {
        Span::between(self.start, self.end)
    }

    /// Days from start to end.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days()
    }

    /// Whether a bound is known less exactly than to the day.
    pub fn is_about(&self) -> bool {
        self.start_precision != Precision::Day || self.end_precision != Precision::Day
    }

    /// "about 7 years 8 months"
    pub fn length(&self) -> String {
        format!("{}{}", if self.is_about() { "about " } else { "" }, self.span())
    }

    /// Whether it is still running on the as-of date.
    pub fn runs(&self) -> bool {
        self.ended_by == EndedBy::AsOf
    }

    fn bounds(&self) -> (i32, i32) {
        (self.start.to_epoch_days(), self.end.to_epoch_days())
    }
}

/// One series of one body over time: constant from one day to another, with gaps where there is no grade.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::trend::Timeline;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
/// let lines = Timeline::collect(&slough)?;
/// assert_eq!(lines["E06000039"].spells[0].length(), "about 7 years 8 months");
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timeline {
    /// The spells in order.
    pub spells: Vec<Stretch>,
}

impl Timeline {
    /// The timeline of every body that has been judged in a series by a day, by its id.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails.
    pub fn collect(series: &Series) -> Result<std::collections::BTreeMap<String, Timeline>, Error> {
        let as_of = series.day();
        let runs = series.collect(runs(series, col(GRADE), lit(true), as_of))?;
        let ranks = ranks(&runs, KEY)?;
        let text = |name: &str| words(&runs, name);
        let (body, ended_by) = (text(AUTHORITY)?, text(ENDED_BY)?);
        let (start_precision, end_precision) = (text(START_PRECISION)?, text(END_PRECISION)?);
        let (start, end) = (runs.column(SPELL_START)?.date()?, runs.column(SPELL_END)?.date()?);
        let inspections = runs.column(INSPECTIONS)?.u32()?;
        let day = |days: Option<i32>| days.and_then(NaiveDate::from_epoch_days).unwrap_or(as_of);
        let precision = |code: Option<&str>| code.map_or(Ok(Precision::Day), str::parse);
        let mut all: std::collections::BTreeMap<String, Timeline> = std::collections::BTreeMap::new();
        for n in 0..runs.height() {
            let spell = Stretch {
                start: day(start.phys.get(n)),
                start_precision: precision(start_precision.get(n))?,
                end: day(end.phys.get(n)),
                end_precision: precision(end_precision.get(n))?,
                rank: ranks.get(n).map(|r| r as usize),
                inspections: inspections.get(n).unwrap_or_default(),
                ended_by: ended_by.get(n).unwrap_or_default().parse()?,
            };
            all.entry(body.get(n).unwrap_or_default().to_owned()).or_default().spells.push(spell);
        }
        Ok(all)
    }

    /// The rank on a day.
    pub fn at(&self, day: NaiveDate) -> Option<usize> {
        self.spells.iter().find(|s| s.start <= day && day < s.end).and_then(|s| s.rank)
    }

    /// The rank on the last day of all, the as-of date, if the last spell runs to it.
    pub fn current(&self, as_of: NaiveDate) -> Option<usize> {
        self.spells.last().filter(|s| s.end >= as_of).and_then(|s| s.rank)
    }

    /// The spells with a grade.
    pub fn graded(&self) -> impl DoubleEndedIterator<Item = (&Stretch, usize)> {
        self.spells.iter().filter_map(|s| Some((s, s.rank?)))
    }

    /// The first day without the judgement after all grades, if it is no longer given.
    pub fn not_reported_since(&self) -> Option<NaiveDate> {
        self.spells.last().filter(|s| s.rank.is_none()).map(|s| s.start)
    }

    /// The mean difference in ranks to another, over the days of [from, to) on which both have a grade, and how many
    /// days these are; the other is moved `shift` days later. Days count from 1 January 1970. `None` when there is no
    /// such day.
    ///
    /// ```
    /// use rating_history::trend::{Stretch, Timeline};
    /// let day = |n| rating_history::chrono::NaiveDate::from_epoch_days(n).unwrap();
    /// let line = |spells: &[(i32, i32, usize)]| Timeline {
    ///     spells: spells.iter().map(|(start, end, rank)| Stretch::new(day(*start), day(*end), Some(*rank))).collect(),
    /// };
    /// let (a, b) = (line(&[(0, 10, 0), (10, 20, 1)]), line(&[(0, 20, 2)]));
    /// assert_eq!(a.distance(&b, 0, 20, 0), Some((1.5, 20)));
    /// assert_eq!(a.distance(&b, 0, 20, 15), Some((1.0, 5))); // b begins on day 15
    /// ```
    pub fn distance(&self, other: &Timeline, from: i32, to: i32, shift: i32) -> Option<(f64, i32)> {
        let (mut area, mut days) = (0.0, 0);
        for (a_spell, a) in self.graded() {
            let (a_start, a_end) = a_spell.bounds();
            for (b_spell, b) in other.graded() {
                let (b_start, b_end) = b_spell.bounds();
                let start = from.max(a_start).max(b_start.saturating_add(shift));
                let end = to.min(a_end).min(b_end.saturating_add(shift));
                if start < end {
                    area += f64::from(end - start) * a.abs_diff(b) as f64;
                    days += end - start;
                }
            }
        }
        (days > 0).then(|| (area / f64::from(days), days))
    }
}
