//! One inspection: when it was made and published, and what it judged.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ofsted::{Area, AuthorityCode, Framework, Grade, InspectionKind, Theme};
use crate::{Clock, Error, Precision};

/// An inspection's dates: at least an end of fieldwork or a publication, in order.
///
/// ```
/// use rating_history::Precision;
/// use rating_history::ofsted::Dates;
/// let day = |d, m, y| chrono::NaiveDate::from_ymd_opt(y, m, d);
/// let dates = Dates::new(day(1, 7, 2012), day(31, 7, 2012), day(27, 7, 2012), Precision::Month)?;
/// assert_eq!(dates.effect(), day(27, 7, 2012).unwrap()); // never later than publication
/// assert_eq!(dates.to_string(), "July 2012");
/// assert!(Dates::new(day(2, 2, 2019), day(1, 2, 2019), None, Precision::Day).is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawDates", into = "RawDates")]
pub struct Dates {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    published: Option<NaiveDate>,
    precision: Precision,
    effect: NaiveDate,
}

#[derive(Serialize, Deserialize)]
struct RawDates {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
    published: Option<NaiveDate>,
    precision: Precision,
}

impl Dates {
    /// Dates of an inspection. At month (year) precision `start` and `end` are the first and last day of the month
    /// (year) in which fieldwork lay.
    ///
    /// # Errors
    /// [`Error::Value`] when there is neither an end nor a publication, when the end is before the start, or when it
    /// was published before fieldwork began. (Published before fieldwork ended is odd, and one of
    /// [`RatingHistory::warnings`](crate::ofsted::RatingHistory::warnings).)
    pub fn new(
        start: Option<NaiveDate>,
        end: Option<NaiveDate>,
        published: Option<NaiveDate>,
        precision: Precision,
    ) -> Result<Self, Error> {
        let effect = match (end, published) {
            (Some(end), Some(published)) if precision != Precision::Day => end.min(published),
            (Some(end), _) => end,
            (None, Some(published)) => published,
            (None, None) => return Err(Error::value("end_date", "", "an end of fieldwork or a publication date")),
        };
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            return Err(Error::value("end_date", end, format!("a day not before the start, {start}")));
        }
        if let (Some(start), Some(published)) = (start, published)
            && published < start
        {
            return Err(Error::value("published", published, format!("a day not before the start, {start}")));
        }
        Ok(Dates { start, end, published, precision, effect })
    }

    /// First day of the first period of fieldwork.
    pub fn start(&self) -> Option<NaiveDate> {
        self.start
    }

    /// Last day of the last period of fieldwork.
    pub fn end(&self) -> Option<NaiveDate> {
        self.end
    }

    /// Publication of the report.
    pub fn published(&self) -> Option<NaiveDate> {
        self.published
    }

    /// The least exact of the dates.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The day the judgement takes effect: the end of fieldwork, at month or year precision never later than
    /// publication; publication when the end is unknown.
    pub fn effect(&self) -> NaiveDate {
        self.effect
    }

    /// The first day of fieldwork, or where that is unknown the day the judgement takes effect: by it the rules count.
    pub(crate) fn begun(&self) -> NaiveDate {
        self.start.unwrap_or(self.effect)
    }

    /// The day the judgement is known: publication, or the effect date when that is unknown.
    pub fn known(&self) -> NaiveDate {
        self.published.unwrap_or(self.effect)
    }

    /// The day that counts by `clock`.
    pub fn on(&self, clock: Clock) -> NaiveDate {
        match clock {
            Clock::Effect => self.effect(),
            Clock::Published => self.known(),
        }
    }

    /// How exactly the day that counts by `clock` is known: a stated publication beside imprecise fieldwork is
    /// known to the day.
    pub fn precision_on(&self, clock: Clock) -> Precision {
        match (clock, self.published, self.end) {
            (Clock::Published, Some(_), Some(_)) => Precision::Day,
            _ => self.precision,
        }
    }
}

/// The date a reader would quote: "1 February 2019", "May 2011", "published 13 July 2012".
impl std::fmt::Display for Dates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let date = self.precision.write(self.effect);
        f.pad(&if self.end.is_none() { format!("published {date}") } else { date })
    }
}

impl TryFrom<RawDates> for Dates {
    type Error = Error;
    fn try_from(raw: RawDates) -> Result<Self, Error> {
        Dates::new(raw.start, raw.end, raw.published, raw.precision)
    }
}

impl From<Dates> for RawDates {
    fn from(d: Dates) -> Self {
        RawDates { start: d.start, end: d.end, published: d.published, precision: d.precision }
    }
}

/// The grade of one area; `None` where the report lists the area but does not judge it (`not_judged`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AreaJudgement {
    /// The area as reported.
    pub area: Area,
    /// Its grade.
    pub grade: Option<Grade>,
}

/// What an inspection says about a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reported {
    /// A grade.
    Graded {
        /// The grade.
        grade: Grade,
        /// The area that carries it.
        area: Area,
    },
    /// This judgement is no longer given (headline, from April 2026).
    NotReported,
    /// Not part of this series.
    Absent,
}

/// One inspection of one authority.
///
/// A plain record; [`RatingHistory`](crate::ofsted::RatingHistory) checks it against the rules of its framework.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Stable identifier, unique in a history.
    pub id: String,
    /// The authority inspected.
    pub authority: AuthorityCode,
    /// The rules it was made under.
    pub framework: Framework,
    /// Its size or occasion.
    pub kind: InspectionKind,
    /// Fieldwork and publication.
    pub dates: Dates,
    /// What it judged, in the report's order.
    pub judgements: Vec<AreaJudgement>,
    /// Where the facts are stated: the report's address, or `prior:ID` for a later report that states them.
    pub source: String,
    /// A second source that filled in or settled a fact; empty when there is none.
    pub also: String,
}

impl Inspection {
    /// The grade of an area; `None` when it is not listed or not judged.
    pub fn grade(&self, area: Area) -> Option<Grade> {
        self.judgements.iter().find(|j| j.area == area).and_then(|j| j.grade)
    }

    /// What this inspection says about a theme.
    pub fn reported(&self, theme: Theme) -> Reported {
        let graded = theme.areas(self.framework).iter().find_map(|a| Some((*a, self.grade(*a)?)));
        match graded {
            Some((area, grade)) => Reported::Graded { grade, area },
            None if theme.not_reported_by(self.framework) => Reported::NotReported,
            None => Reported::Absent,
        }
    }
}
