//! Grids of dates: steps of whole months.

use chrono::{Datelike, Months, NaiveDate};

use crate::Error;

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

impl Every {
    /// The dates, and the last day itself: for what is to be seen up to that day. None when it is before the first.
    ///
    /// ```
    /// use rating_history::trend::Every;
    /// let day = |text: &str| text.parse().unwrap();
    /// let dates = Every::YEAR.dates_to(day("2024-03-31"), day("2026-08-20"));
    /// assert_eq!(dates, ["2024-03-31", "2025-03-31", "2026-03-31", "2026-08-20"].map(day));
    /// ```
    pub fn dates_to(self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let mut dates = self.dates(first, last);
        if first <= last && dates.last() != Some(&last) {
            dates.push(last);
        }
        dates
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

/// Days in order, each once.
pub(crate) fn in_order(dates: &[NaiveDate]) -> Vec<NaiveDate> {
    let mut dates = dates.to_vec();
    dates.sort_unstable();
    dates.dedup();
    dates
}
