//! An indicator and its values.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::coded_enum;
use crate::frame::query::codes;

coded_enum! {
    /// What an indicator counts in.
    enum Unit: "unit" {
        /// A part of 100, from 0 to 100.
        Percent = "percent" / "%",
        /// How many to 10,000, from 0 on.
        Per10000 = "per_10000" / "per 10,000",
        /// A number, from 0 on.
        Number = "number" / "number",
        /// Points of a scale, from 0 on.
        Score = "score" / "points",
    }
}

coded_enum! {
    /// Which way of an indicator is usually read as better.
    enum Better: "better way" {
        /// More is better.
        Higher = "higher" / "higher",
        /// Less is better.
        Lower = "lower" / "lower",
        /// Neither: it describes need or policy.
        Neither = "neither" / "neither",
    }
}

coded_enum! {
    /// What is said of a value: why it is missing, or, of [`Joint`](Note::Joint), what it is.
    enum Note: "note" {
        /// Withheld to protect confidentiality.
        Suppressed = "suppressed" / "suppressed",
        /// Not supplied, not collected or too unreliable to publish.
        NotAvailable = "not_available" / "not available",
        /// There is nothing that it could be of.
        NotApplicable = "not_applicable" / "not applicable",
        /// Above zero, but rounded to zero.
        Low = "low" / "low",
        /// One figure for several bodies, that stands under each: it is no evidence about one of them.
        Joint = "joint" / "joint",
    }
}

codes!(Unit);
codes!(Better);
codes!(Note);

impl Note {
    /// Whether it stands beside a value; the others stand instead of one.
    pub const fn is_beside_value(self) -> bool {
        matches!(self, Note::Joint)
    }
}

/// A day of the year, as 31 March.
///
/// ```
/// use rating_history::indicator::DayOfYear;
/// let day: DayOfYear = "30 September".parse()?;
/// assert_eq!(day.in_year(2019).to_string(), "2019-09-30");
/// assert_eq!(day.to_string(), "30 September");
/// assert!("31 June".parse::<DayOfYear>().is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayOfYear {
    month: u32,
    day: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl DayOfYear {
    /// The day in a year; of 29 February in a common year the 28th.
    pub fn in_year(self, year: i32) -> NaiveDate {
        let of = |day| NaiveDate::from_ymd_opt(year, self.month, day);
        of(self.day).or_else(|| of(self.day - 1)).unwrap_or_default()
    }

    /// The year of the last such day before a date.
    pub fn last_before(self, date: NaiveDate) -> i32 {
        if self.in_year(date.year()) < date { date.year() } else { date.year() - 1 }
    }

    /// The month, from 1, and the day.
    pub fn parts(self) -> (u32, u32) {
        (self.month, self.day)
    }

    /// The first day of the year that a text names, as in "year ending 31 March".
    pub(crate) fn named_in(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        words.windows(2).find_map(|pair| format!("{} {}", pair[0], pair[1]).parse().ok())
    }
}

impl std::fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.day, MONTHS[self.month as usize - 1])
    }
}

impl std::str::FromStr for DayOfYear {
    type Err = Error;

    /// Reads "31 March".
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::value("day of the year", text, "a day and a month, as 31 March");
        let (day, month) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month.trim())).ok_or_else(wrong)? as u32 + 1;
        let day: u32 = day.parse().map_err(|_| wrong())?;
        NaiveDate::from_ymd_opt(2024, month, day).ok_or_else(wrong)?;
        Ok(DayOfYear { month, day })
    }
}

impl TryFrom<String> for DayOfYear {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<DayOfYear> for String {
    fn from(day: DayOfYear) -> Self {
        day.to_string()
    }
}

/// A published measure of bodies, one value a body and year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Indicator {
    /// Its key.
    pub id: String,
    /// What it is called.
    pub label: String,
    /// What it counts in.
    pub unit: Unit,
    /// Which way is usually read as better.
    pub better: Better,
    /// What its day or year is, in words: "year ending 31 March".
    pub day: String,
    /// The day of a year on which a value stands beside a grade: the day itself, or the last one of the year.
    pub stands_on: DayOfYear,
    /// Whether a value is a proportion of people, or of other cases that come one by one: only then is there an interval.
    pub proportion: bool,
    /// What it is, in full.
    pub definition: String,
    /// The series of grades that it is nearest to.
    pub theme: String,
    /// Where it is published.
    pub source: String,
    /// The first year with a value, where told.
    pub first: Option<i32>,
    /// The last one.
    pub last: Option<i32>,
    /// Which rows and columns of the source were taken.
    pub filter: String,
}

impl Indicator {
    /// An indicator, of which the rest may be set.
    pub fn new(id: impl Into<String>, label: impl Into<String>, unit: Unit, stands_on: DayOfYear) -> Self {
        Indicator {
            id: id.into(),
            label: label.into(),
            unit,
            better: Better::Neither,
            day: stands_on.to_string(),
            stands_on,
            proportion: false,
            definition: String::new(),
            theme: String::new(),
            source: String::new(),
            first: None,
            last: None,
            filter: String::new(),
        }
    }

    /// Whether a value is of a whole year, not of its last day.
    pub fn is_of_a_year(&self) -> bool {
        self.day.contains("year")
    }

    /// A value as it is written: `38%`, `12.5`.
    ///
    /// ```
    /// use rating_history::indicator::{Indicator, Unit};
    /// let agency = Indicator::new("agency", "Agency staff", Unit::Percent, "30 September".parse()?);
    /// assert_eq!(agency.write(8.0), "8%");
    /// assert_eq!(agency.write(31.94), "31.9%");
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn write(&self, value: f64) -> String {
        let rounded = (10.0 * value).round() / 10.0;
        match self.unit {
            Unit::Percent => format!("{rounded}%"),
            _ => rounded.to_string(),
        }
    }

    /// Whether a value can be one of it, and if not what would be.
    pub(crate) fn range(&self, value: f64) -> Result<(), &'static str> {
        match self.unit {
            Unit::Percent if !(0.0..=100.0).contains(&value) => Err("a number from 0 to 100"),
            _ if !(value.is_finite() && value >= 0.0) => Err("a number from 0 on"),
            _ => Ok(()),
        }
    }
}

/// A value of an indicator, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorValue {
    /// Id of the body, or of the [total](Total).
    pub body: String,
    /// Key of the indicator.
    pub indicator: String,
    /// The year in which its period ends.
    pub year: i32,
    /// The value in the unit of the indicator.
    pub value: Option<f64>,
    /// What was counted, where told.
    pub numerator: Option<f64>,
    /// What it is a part of, where told.
    pub denominator: Option<f64>,
    /// Why there is no value; or that it is a joint one.
    pub note: Option<Note>,
}

/// A published figure for many bodies together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The id under which its values stand.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The region that it is the total of, as bodies have it in their column `region`; none for all bodies.
    pub region: Option<String>,
}

/// A body that values may be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBody {
    /// Its id.
    pub id: String,
    /// Ids that it had before, or that others call it by.
    pub also: Vec<String>,
    /// Its first day, where it has one.
    pub opened: Option<NaiveDate>,
    /// The first day on which it no longer exists.
    pub closed: Option<NaiveDate>,
}
