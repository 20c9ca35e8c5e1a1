//! Own ratings, one value each.

use chrono::NaiveDate;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::*;
use crate::code::setters;
use crate::{Error, Precision, Ratings, Scale, SeriesId};

/// One rating of a body, as a plain value to make [`Ratings`] of.
///
/// ```
/// use rating_history::frame::Rating;
/// use rating_history::{Ratings, Scale};
/// let day = |text: &str| text.parse().unwrap();
/// let rows = [
///     Rating::new("bridge 1", day("2015-05-01"), "fair"),
///     Rating::new("bridge 1", day("2021-05-01"), "poor").published(day("2021-07-01")),
///     Rating::new("bridge 2", day("2016-09-30"), "sound"),
///     Rating::withdrawn("bridge 2", day("2022-09-30")),
/// ];
/// let ratings = Ratings::from_rows(rows, &Scale::new(["poor", "fair", "sound"])?)?.as_of(day("2023-01-01"));
/// let spells = ratings.spells().rows()?;
/// assert_eq!(spells.iter().map(|s| s.grade.as_str()).collect::<Vec<_>>(), ["fair", "poor", "sound"]);
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rating {
    /// The body's id.
    pub body: String,
    /// The series that it belongs to.
    #[serde(default)]
    pub series: SeriesId,
    /// The day it takes effect.
    pub date: NaiveDate,
    /// The day it became known; `None` when that is the day it takes effect, or unknown.
    #[serde(default)]
    pub published: Option<NaiveDate>,
    /// How exactly the day is known; of a month or year the date is the last day.
    #[serde(default)]
    pub precision: Precision,
    /// The grade; `None` says that there is none from that day on.
    pub grade: Option<String>,
}

setters!(Rating {
    /// The series that it belongs to; [`SeriesId::MAIN`] for ratings that have only one.
    series: impl Into<SeriesId>,
    /// The day it became known.
    published: impl Into<Option<NaiveDate>>,
    /// How exactly the day is known.
    precision: Precision,
});

impl Rating {
    /// A grade that a body has from a day on.
    pub fn new(body: impl Into<String>, date: NaiveDate, grade: impl Into<String>) -> Self {
        Rating { grade: Some(grade.into()), ..Rating::withdrawn(body, date) }
    }

    /// A body has no grade from a day on.
    pub fn withdrawn(body: impl Into<String>, date: NaiveDate) -> Self {
        Rating {
            body: body.into(),
            series: SeriesId::default(),
            date,
            published: None,
            precision: Precision::Day,
            grade: None,
        }
    }
}

impl Ratings {
    /// Ratings of a scale from plain values, in any order.
    ///
    /// # Errors
    /// [`Error::Frame`] for a grade that the scale lacks, with its body and day and the nearest; for two ratings of one
    /// body and series on one day, and a date before 1850 or after 2200.
    pub fn from_rows(rows: impl IntoIterator<Item = Rating>, scale: &Scale) -> Result<Ratings, Error> {
        let rows: Vec<Rating> = rows.into_iter().collect();
        for row in &rows {
            if row.body.is_empty() {
                return Err(Error::Frame(format!("a rating of {} without a body; expected its id", row.date)));
            }
            if let Some(grade) = &row.grade
                && let Err(error) = scale.position(grade)
            {
                return Err(Error::Frame(format!("{} on {}: {error}", row.body, row.date)));
            }
        }
        let texts = |text: fn(&Rating) -> Option<&str>| rows.iter().map(text).collect::<Vec<_>>();
        let frame = df!(
            AUTHORITY => texts(|r| Some(&r.body)),
            THEME => texts(|r| Some(r.series.as_str())),
            EFFECT => rows.iter().map(|r| r.date).collect::<Vec<_>>(),
            PUBLISHED => rows.iter().map(|r| r.published).collect::<Vec<_>>(),
            GRADE => texts(|r| r.grade.as_deref()),
            PRECISION => texts(|r| Some(r.precision.code())),
        )?;
        Ratings::unordered(frame.lazy(), scale.clone())
    }
}
