//! What the inspections of a year gave: calendar, financial or inspection years.

use chrono::{Datelike, Months, NaiveDate};
use polars::prelude::*;

use super::change::with_previous;
use super::count::is_grade;
use super::{Status, columns::*, judged_themes, left, rank, tally};
use crate::code::coded_enum;
use crate::frame::{columns::*, state_type};
use crate::{Error, Ratings};

coded_enum! {
    /// The three years by which inspections are counted.
    enum Year: "year" {
        /// 1 January to 31 December.
        Calendar = "calendar" / "calendar year",
        /// 1 April to 31 March.
        Financial = "financial" / "financial year",
        /// 1 September to 31 August, Ofsted's inspection year.
        Inspection = "inspection" / "inspection year",
    }
}

/// A named stretch of time, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Period {
    /// Name, as "2019" or "2018/19".
    pub label: String,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl Year {
    /// The year of this kind in which a day lies.
    ///
    /// ```
    /// use rating_history::trend::Year;
    /// let day = "2019-02-01".parse().unwrap();
    /// let year = Year::Financial.of(day);
    /// assert_eq!(year.label, "2018/19");
    /// assert_eq!((year.first.to_string(), year.last.to_string()), ("2018-04-01".into(), "2019-03-31".into()));
    /// assert_eq!(Year::Calendar.of(day).label, "2019");
    /// ```
    pub fn of(self, date: NaiveDate) -> Period {
        let month = match self {
            Year::Calendar => 1,
            Year::Financial => 4,
            Year::Inspection => 9,
        };
        let year = date.year() - i32::from(date.month() < month);
        let begin = |year| NaiveDate::from_ymd_opt(year, month, 1);
        let first = begin(year).unwrap_or(NaiveDate::MIN);
        let last = begin(year + 1).and_then(|d| d.pred_opt()).unwrap_or(NaiveDate::MAX);
        let label = match self {
            Year::Calendar => year.to_string(),
            _ => format!("{year}/{:02}", (year + 1).rem_euclid(100)),
        };
        Period { label, first, last }
    }

    /// Every year of this kind from the one with `first` to the one with `last`.
    ///
    /// ```
    /// use rating_history::trend::Year;
    /// let years = Year::Inspection.between("2018-09-01".parse().unwrap(), "2020-08-31".parse().unwrap());
    /// assert_eq!(years.iter().map(|y| y.label.as_str()).collect::<Vec<_>>(), ["2018/19", "2019/20"]);
    /// ```
    pub fn between(self, first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        let next = |p: &Period| p.last.succ_opt().map(|d| self.of(d));
        std::iter::successors(Some(self.of(first)), next).take_while(|p| p.first <= last).collect()
    }
}

/// A step of whole months between the dates of a grid, as "1mo", "1q" or "2y".
///
/// ```
/// use rating_history::trend::Every;
/// let quarter: Every = "1q".parse()?;
/// let day = |text: &str| text.parse().unwrap();
/// let dates = quarter.dates(day("2019-03-31"), day("2019-12-31"));
/// assert_eq!(dates, ["2019-03-31", "2019-06-30", "2019-09-30", "2019-12-31"].map(day));
/// assert!("1w".parse::<Every>().is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Every {
    months: u32,
}

impl Every {
    /// One year.
    pub const YEAR: Every = Every { months: 12 };
    /// One quarter.
    pub const QUARTER: Every = Every { months: 3 };
    /// One month.
    pub const MONTH: Every = Every { months: 1 };

    pub(crate) const fn months(months: u32) -> Every {
        Every { months }
    }

    /// The dates from `first` on, one step apart, not after `last`. A month's last day steps to the last day of the
    /// others, so that a grid of month ends stays one; any other day that a month lacks becomes that month's last.
    pub fn dates(self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let month_end = first.succ_opt().is_none_or(|next| next.day() == 1);
        let at = |n: u32| {
            let day = first.checked_add_months(Months::new(n.checked_mul(self.months)?))?;
            let last_day = u32::from(day.num_days_in_month());
            if month_end { day.with_day(last_day) } else { Some(day) }
        };
        (0..).map_while(at).take_while(|d| *d <= last).collect()
    }
}

impl std::fmt::Display for Every {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.months {
            m if m % 12 == 0 => write!(f, "{}y", m / 12),
            m if m % 3 == 0 => write!(f, "{}q", m / 3),
            m => write!(f, "{m}mo"),
        }
    }
}

impl std::str::FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (number, unit) = text.trim().split_at(text.trim().bytes().take_while(u8::is_ascii_digit).count());
        let unit = match unit {
            "mo" => 1,
            "q" => 3,
            "y" => 12,
            _ => 0,
        };
        let months = number.parse::<u32>().ok().and_then(|n| n.checked_mul(unit));
        match months {
            Some(months @ 1..=1200) => Ok(Every { months }),
            _ => Err(Error::value("step", text, "a number and mo, q or y, at most 100 years, as in 1mo, 1q, 1y")),
        }
    }
}

impl TryFrom<String> for Every {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        every.to_string()
    }
}

/// What the inspections of each period gave: counts by grade, and against each authority's judgement before.
///
/// Schema: `period` (`String`), `theme`, `grade` (`Enum` of the scale's labels, then `not_reported`), `count`
/// (`UInt32`), `share` (of the period's graded judgements in the theme; null for `not_reported` and where there is
/// none), `improved`, `unchanged`, `declined`, `first` (`UInt32`: no grade before to compare with; the four add up to
/// `count`, for `not_reported` all but `first` are 0); every grade is a row, also where the count is 0; ordered by
/// the period's first day, theme, grade. A theme appears when any judgement of it counts by the last day.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let year = trend::Year::Financial.of("2019-03-31".parse().unwrap());
/// let outcomes = trend::inspections_in(&headline, &[year])?.collect()?;
/// assert_eq!(outcomes.column("grade")?.cast(&rating_history::polars::prelude::DataType::String)?.str()?.get(0),
///     Some("inadequate"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without a period, or when one ends before it begins.
pub fn inspections_in(ratings: &Ratings, periods: &[Period]) -> Result<LazyFrame, Error> {
    let Some(last) = periods.iter().map(|p| p.last).max() else {
        return Err(Error::value("periods", "", "at least one period"));
    };
    if let Some(reversed) = periods.iter().find(|p| p.last < p.first) {
        let expected = format!("a day not before its first, {}", reversed.first);
        return Err(Error::value("last day of a period", reversed.last, expected));
    }
    let table = df!(
        PERIOD => periods.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(),
        "first_day" => periods.iter().map(|p| p.first).collect::<Vec<_>>(),
        "last_day" => periods.iter().map(|p| p.last).collect::<Vec<_>>(),
    )?
    .lazy();
    let state = state_type(ratings.scale())?;
    let change = rank(col(TO)).cast(DataType::Int32) - rank(col(FROM)).cast(DataType::Int32);
    let keys = ["first_day", PERIOD, THEME, GRADE].map(col);
    let counts = with_previous(ratings, last)
        .cross_join(table.clone(), None)
        .filter(col("first_day").lt_eq(col(ON)).and(col(ON).lt_eq(col("last_day"))))
        .with_columns([
            change.alias(STEPS),
            col(TO).cast(DataType::String).fill_null(lit(Status::NotReported.code())).cast(state.clone()).alias(GRADE),
        ])
        .group_by(keys.clone())
        .agg([
            len().cast(DataType::UInt32).alias(COUNT),
            tally(col(STEPS).gt(lit(0)), "improved"),
            tally(col(STEPS).eq(lit(0)), "unchanged"),
            tally(col(STEPS).lt(lit(0)), "declined"),
            tally(col(STEPS).is_null(), "first"),
        ]);
    let themes = judged_themes(ratings, last);
    let labels = ratings.scale().labels().iter().map(String::as_str).chain([Status::NotReported.code()]);
    let grades = df!(GRADE => labels.collect::<Vec<_>>())?.lazy().with_column(col(GRADE).cast(state));
    let zero = |name: &str| col(name).fill_null(lit(0u32));
    let all = table
        .cross_join(themes, None)
        .cross_join(grades, None)
        .join(counts, keys.clone(), keys.clone(), left())
        .with_columns([COUNT, "improved", "unchanged", "declined", "first"].map(zero));
    let graded = is_grade(ratings.scale(), GRADE);
    let of_period = ["first_day", PERIOD, THEME].map(col);
    let totals = all.clone().filter(graded.clone()).group_by(of_period.clone()).agg([col(COUNT).sum().alias("graded")]);
    let share = col(COUNT).cast(DataType::Float64) / col("graded").cast(DataType::Float64);
    Ok(all
        .join(totals, of_period.clone(), of_period, left())
        .with_column(when(graded.and(col("graded").gt(lit(0)))).then(share).otherwise(lit(NULL)).alias(SHARE))
        .sort_by_exprs(keys, SortMultipleOptions::default())
        .select([PERIOD, THEME, GRADE, COUNT, SHARE, "improved", "unchanged", "declined", "first"].map(col)))
}
