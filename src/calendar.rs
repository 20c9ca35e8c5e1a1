//! Dates as they are known: to the day, the month or the year; and the length of time between two of them.

use std::ops::RangeInclusive;

use chrono::{Datelike, Months, NaiveDate};

use crate::code::coded_enum;

/// The days that ratings, flags and pictures may be about: 1850 to 2200.
pub const PLAUSIBLE: RangeInclusive<NaiveDate> =
    NaiveDate::from_ymd_opt(1850, 1, 1).unwrap()..=NaiveDate::from_ymd_opt(2200, 12, 31).unwrap();

coded_enum! {
    /// How exactly a date is known.
    ///
    /// ```
    /// use rating_history::Precision;
    /// let end_of_may = chrono::NaiveDate::from_ymd_opt(2011, 5, 31).unwrap();
    /// assert_eq!(Precision::Month.write(end_of_may), "May 2011");
    /// assert_eq!(Precision::Day.write(end_of_may), "31 May 2011");
    /// ```
    enum Precision: "precision" {
        /// The day is known.
        Day = "day" / "day",
        /// Only the month is known.
        Month = "month" / "month",
        /// Only the year is known.
        Year = "year" / "year",
    }
}

coded_enum! {
    /// Which of a judgement's two dates counts.
    enum Clock: "clock" {
        /// It takes effect on the last day of the inspection (publication when that is unknown).
        Effect = "effect" / "effect",
        /// It is known from publication (effect date when that is unknown).
        Published = "published" / "published",
    }
}

impl Default for Precision {
    /// To the day.
    fn default() -> Self {
        Precision::Day
    }
}

impl Precision {
    /// Writes a date as far as it is known: "1 February 2019", "May 2011", "2010".
    pub fn write(self, date: NaiveDate) -> String {
        date.format(match self {
            Precision::Day => "%-d %B %Y",
            Precision::Month => "%B %Y",
            Precision::Year => "%Y",
        })
        .to_string()
    }

    /// As [`Precision::write`], with the month cut to three letters: "1 Feb 2019", "May 2011".
    pub fn write_short(self, date: NaiveDate) -> String {
        date.format(match self {
            Precision::Day => "%-d %b %Y",
            Precision::Month => "%b %Y",
            Precision::Year => "%Y",
        })
        .to_string()
    }
}

/// The length of time between two days: whole years, then whole months, then days, counted by anniversaries.
///
/// ```
/// use rating_history::Span;
/// let day = |y, m, d| chrono::NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// let span = Span::between(day(2011, 5, 31), day(2019, 2, 1));
/// assert_eq!((span.years, span.months, span.days), (7, 8, 1));
/// assert_eq!(span.to_string(), "7 years 8 months");
/// assert_eq!(span.rounded_years(), "almost eight years");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Whole years.
    pub years: u32,
    /// Whole months after the years, 0 to 11.
    pub months: u32,
    /// Days after the months, 0 to 30.
    pub days: u32,
}

impl Span {
    /// From `start` to `end`; zero when `end` is not after `start`. An anniversary that a month lacks falls on
    /// that month's last day.
    pub fn between(start: NaiveDate, end: NaiveDate) -> Self {
        let guess = (end.year() - start.year()) * 12 + end.month() as i32 - start.month() as i32;
        let reached = |m: u32| start.checked_add_months(Months::new(m)).filter(|d| *d <= end);
        let months = (0..=u32::try_from(guess).unwrap_or(0)).rev().find(|m| reached(*m).is_some());
        let Some((months, anniversary)) = months.and_then(|m| Some((m, reached(m)?))) else {
            return Span { years: 0, months: 0, days: 0 };
        };
        Span {
            years: months / 12,
            months: months % 12,
            days: u32::try_from((end - anniversary).num_days()).unwrap_or(0),
        }
    }

    /// For a headline: "almost eight years", "more than four years", "about two and a half years", "five months".
    pub fn rounded_years(self) -> String {
        let years = |n: u32| format!("{} {}", number(n), if n == 1 { "year" } else { "years" });
        match (self.years, self.months) {
            (0, 0) if self.days < 14 => count(self.days, "day"),
            (0, 0) => "less than a month".to_owned(),
            (0, m) if m < 8 => format!("{} {}", number(m), if m == 1 { "month" } else { "months" }),
            (y, 0) if self.days == 0 => years(y),
            (y, m) if m < 1 => format!("about {}", years(y)),
            (y, m) if m < 4 => format!("more than {}", years(y)),
            (y, m) if m < 8 => format!("about {} and a half years", number(y)),
            (y, _) => format!("almost {}", years(y + 1)),
        }
    }

    /// The shortest form, for a chart: "7y 8m", "5m", "12d".
    pub fn compact(self) -> String {
        match (self.years, self.months) {
            (0, 0) => format!("{}d", self.days),
            (0, m) => format!("{m}m"),
            (y, 0) => format!("{y}y"),
            (y, m) => format!("{y}y {m}m"),
        }
    }
}

/// "7 years 8 months"; days only when there is no whole month.
impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match (self.years, self.months) {
            (0, 0) => count(self.days, "day"),
            (0, m) => count(m, "month"),
            (y, 0) => count(y, "year"),
            (y, m) => format!("{} {}", count(y, "year"), count(m, "month")),
        };
        f.pad(&text)
    }
}

/// "1 inspection", "3 inspections".
pub(crate) fn count(n: u32, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Numbers up to twelve in words, as prose has them.
pub(crate) fn number(n: u32) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n as usize).map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn spans_count_by_anniversaries() {
        let cases = [
            (day(2011, 5, 31), day(2019, 2, 1), (7, 8, 1)),
            (day(2019, 2, 1), day(2026, 8, 20), (7, 6, 19)),
            (day(2020, 2, 29), day(2021, 2, 28), (1, 0, 0)),
            (day(2020, 1, 31), day(2020, 2, 29), (0, 1, 0)),
            (day(2020, 1, 31), day(2020, 2, 28), (0, 0, 28)),
            (day(2020, 1, 2), day(2020, 1, 1), (0, 0, 0)),
        ];
        for (start, end, (years, months, days)) in cases {
            assert_eq!(Span::between(start, end), Span { years, months, days }, "{start} to {end}");
        }
    }

    #[test]
    fn headline_lengths() {
        let words = |years, months, days| Span { years, months, days }.rounded_years();
        assert_eq!(words(7, 8, 1), "almost eight years");
        assert_eq!(words(4, 2, 0), "more than four years");
        assert_eq!(words(2, 6, 0), "about two and a half years");
        assert_eq!(words(1, 0, 3), "about one year");
        assert_eq!(words(0, 5, 0), "five months");
        assert_eq!(words(0, 0, 3), "3 days");
    }
}
