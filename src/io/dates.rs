//! Dates as people and programs write them, in one order a file, with how exactly they are known.

use chrono::{Datelike, Months, NaiveDate, NaiveTime};

use super::report::Reading;
use super::table::{Row, Table, parse_date};
use crate::{PLAUSIBLE, Precision};

/// A date and how exactly it is known; of a month or a year the last day.
pub(crate) type Known = (NaiveDate, Precision);

/// What a text says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// It can be read in one way.
    One(Known),
    /// It is 3/4/2019: the day first, or the month first.
    Either(NaiveDate, NaiveDate),
    /// Only the day can be first.
    DayFirst(NaiveDate),
    /// Only the month can be first.
    MonthFirst(NaiveDate),
}

/// How the dates of a file are read.
pub(crate) struct DateStyle {
    /// Formats that were given; empty for any that is understood.
    formats: Vec<String>,
    month_first: bool,
    /// The line that tells the order.
    told_by: Option<u64>,
    /// Whether other lines tell another order.
    mixed: bool,
}

impl DateStyle {
    /// Decides in which order the days and months of all rows are written; a file that does not tell it is told so.
    pub(crate) fn of(table: &Table, columns: &[&str], formats: &[String], reading: &mut Reading<'_>) -> Self {
        let mut style = DateStyle::given(formats);
        if !formats.is_empty() {
            return style;
        }
        let mut first_either: Option<(Row<'_>, &str)> = None;
        for row in table.rows() {
            for column in columns {
                let text = row.text(column);
                // Only dates of three numbers with the year last can be read in two ways.
                if !text.get(..3).is_some_and(|begin| begin.contains(['/', '.', '-'])) {
                    continue;
                }
                match read(text) {
                    Some(Told::Either(..)) if first_either.is_none() => {
                        first_either = Some((row.again(), *column));
                    }
                    Some(told @ (Told::DayFirst(_) | Told::MonthFirst(_))) => {
                        let month_first = matches!(told, Told::MonthFirst(_));
                        if style.told_by.is_none() {
                            (style.month_first, style.told_by) = (month_first, Some(row.line));
                        } else if style.month_first != month_first {
                            style.mixed = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        if let (Some((row, column)), None) = (first_either, style.told_by) {
            let expected = "a date that can be read in one way; the file does not tell whether days or months come \
                            first, so days are taken to: give the format of its dates (%d/%m/%Y or %m/%d/%Y)";
            row.warn(column, expected, reading);
        }
        style
    }

    /// Formats that were given, before anything of a file is known.
    pub(crate) fn given(formats: &[String]) -> Self {
        DateStyle { formats: formats.to_vec(), month_first: false, told_by: None, mixed: false }
    }

    /// The date in a cell, or nothing where the cell is empty.
    pub(crate) fn day(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> Option<Known> {
        let text = row.text(column);
        if text.is_empty() {
            return None;
        }
        let found = self.read(text);
        match found {
            Ok((day, _)) if is_stand_in(day) => {
                row.warn(column, format!("a day; {day} mostly stands for an unknown one"), reading);
            }
            Ok(_) => {}
            Err(expected) => row.problem(column, expected, reading),
        }
        self.read(text).ok()
    }

    /// Whether a text is a date of the file.
    pub(crate) fn reads(&self, text: &str) -> bool {
        self.read(text).is_ok()
    }

    fn read(&self, text: &str) -> Result<Known, String> {
        if !self.formats.is_empty() {
            let known = self.formats.iter().find_map(|format| in_format(text, format));
            return known.ok_or_else(|| format!("a date as {}", self.formats.join(" or ")));
        }
        let order = if self.month_first { "month" } else { "day" };
        let line = self.told_by.unwrap_or_default();
        let other = || format!("a date with the {order} first, as on line {line}");
        match read(text) {
            Some(Told::One(known)) => Ok(known),
            Some(Told::Either(..)) if self.mixed => {
                Err("a date that can be read in one way; the file has both orders of days and months".to_owned())
            }
            Some(Told::Either(day_first, month_first)) => {
                Ok((if self.month_first { month_first } else { day_first }, Precision::Day))
            }
            Some(Told::DayFirst(day)) if !self.month_first => Ok((day, Precision::Day)),
            Some(Told::MonthFirst(day)) if self.month_first => Ok((day, Precision::Day)),
            Some(Told::DayFirst(_) | Told::MonthFirst(_)) => Err(other()),
            None => {
                Err("a date as 2020-01-31, 31-Jan-2020 or 31/01/2020, or a month or year; from 1850 to 2200".to_owned())
            }
        }
    }
}

/// Whether a text is a date in any order.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() >= 8 && read(text).is_some()
}

/// Days that programs write for a day they do not know.
pub(crate) fn is_stand_in(day: NaiveDate) -> bool {
    let early = [(1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1901, 1, 1), (1970, 1, 1)];
    let late = [(2099, 12, 31), (2100, 1, 1), (2200, 1, 1)];
    early.iter().chain(&late).any(|(y, m, d)| NaiveDate::from_ymd_opt(*y, *m, *d) == Some(day))
}

/// A date in one format; one without a day is of a month, one without a month of a year.
fn in_format(text: &str, format: &str) -> Option<Known> {
    let has = |letters: &[&str]| letters.iter().any(|letter| format.contains(letter));
    if has(&["%d", "%e", "%j", "%F", "%D", "%x"]) || format == super::table::EXCEL {
        return parse_date(text, format).map(|day| (day, Precision::Day));
    }
    if has(&["%m", "%b", "%B", "%h"]) {
        return month_end(parse_date(&format!("{text} 01"), &format!("{format} %d"))?);
    }
    year_end(parse_date(&format!("{text} 01 01"), &format!("{format} %m %d"))?)
}

fn month_end(day: NaiveDate) -> Option<Known> {
    let last = day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()?;
    Some((last, Precision::Month))
}

fn year_end(day: NaiveDate) -> Option<Known> {
    Some((NaiveDate::from_ymd_opt(day.year(), 12, 31)?, Precision::Year))
}

/// What a text says: a day (with a time, which is left away, as of the place where it was written), a month or a year.
fn read(text: &str) -> Option<Told> {
    let parts: Vec<&str> = without_time(text)?.split(['-', '/', '.', ' ', ',']).filter(|p| !p.is_empty()).collect();
    let is_day_of_week = |word: &str| {
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        word.len() >= 3 && days.iter().any(|day| day.starts_with(&word.to_lowercase()))
    };
    let parts = match parts.split_first() {
        Some((first, rest)) if is_day_of_week(first) => rest,
        _ => &parts[..],
    };
    let ymd = |y: i32, m: u32, d: u32| NaiveDate::from_ymd_opt(y, m, d).filter(|day| PLAUSIBLE.contains(day));
    let day = |y, m, d| ymd(y, m, d).map(|day| Told::One((day, Precision::Day)));
    match *parts {
        [whole] if whole.len() == 8 && number(whole).is_some() => {
            day(year(&whole[..4])?, number(&whole[4..6])?, number(&whole[6..])?)
        }
        [y] => year_end(ymd(year(y)?, 1, 1)?).map(Told::One),
        [a, b] => {
            let (y, m) = match (year(a), year(b)) {
                (Some(y), None) => (y, b),
                (None, Some(y)) => (y, a),
                _ => return None,
            };
            month_end(ymd(y, number(m).or_else(|| month(m))?, 1)?).map(Told::One)
        }
        [y, m, d] if year(y).is_some() => day(year(y)?, number(m).or_else(|| month(m))?, of_month(d)?),
        [d, m, y] if month(m).is_some() => day(year(y)?, month(m)?, of_month(d)?),
        [m, d, y] if month(m).is_some() => day(year(y)?, month(m)?, of_month(d)?),
        [a, b, y] => {
            let (a, b, y) = (number(a)?, number(b)?, year(y)?);
            match (ymd(y, b, a), ymd(y, a, b)) {
                (Some(one), Some(other)) if one == other => Some(Told::One((one, Precision::Day))),
                (Some(one), Some(other)) => Some(Told::Either(one, other)),
                (Some(one), None) => Some(Told::DayFirst(one)),
                (None, Some(other)) => Some(Told::MonthFirst(other)),
                (None, None) => None,
            }
        }
        _ => None,
    }
}

/// The date before a time of day, if what follows is one.
fn without_time(text: &str) -> Option<&str> {
    let Some(colon) = text.find(':') else { return Some(text) };
    let at = text[..colon].rfind(['T', 't', ' '])?;
    let time = text[at + 1..].trim().trim_end_matches(['Z', 'z']);
    // A zone says where it was: the day is that of the place.
    let time = time.split(['+', '-', ' ', '[']).next()?;
    let formats = ["%H:%M:%S%.f", "%H:%M"];
    formats.iter().any(|format| NaiveTime::parse_from_str(time, format).is_ok()).then(|| text[..at].trim())
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn year(text: &str) -> Option<i32> {
    number(text).filter(|_| text.len() == 4)?.try_into().ok()
}

/// A day of a month, as 31 or 31st.
fn of_month(text: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    number(digits).filter(|_| digits.len() <= 2)
}

fn month(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = text.to_lowercase();
    let place = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(&word))?;
    u32::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_others_write_them() {
        let known = |text: &str| match read(text) {
            Some(Told::One((day, precision))) => format!("{day} {}", precision.code()),
            Some(Told::DayFirst(day)) => format!("{day} d"),
            Some(Told::MonthFirst(day)) => format!("{day} m"),
            Some(Told::Either(..)) => "either".to_owned(),
            None => "none".to_owned(),
        };
        for (text, expected) in [
            ("2015", "2015-12-31 year"),
            ("2015-02", "2015-02-28 month"),
            ("Feb 2019", "2019-02-28 month"),
            ("September 2019", "2019-09-30 month"),
            ("31 January 2019", "2019-01-31 day"),
            ("31-Jan-2019", "2019-01-31 day"),
            ("Thursday 31st January, 2019", "2019-01-31 day"),
            ("January 31, 2019", "2019-01-31 day"),
            ("2015-01-31T00:00:00Z", "2015-01-31 day"),
            ("2015-07-01 00:00:00+01:00", "2015-07-01 day"),
            ("2015-01-31T00:00:00.000-05:00", "2015-01-31 day"),
            ("31/01/2019", "2019-01-31 d"),
            ("01/31/2019", "2019-01-31 m"),
            ("03/04/2019", "either"),
            ("04.04.2019", "2019-04-04 day"),
            ("20190131", "2019-01-31 day"),
            ("2015-02-30", "none"),
            ("31/01/19", "none"),
            ("43497", "none"),
            ("9999-12-31", "none"),
            ("2015-01-31T99:00", "none"),
            ("good", "none"),
            ("12:30", "none"),
            ("", "none"),
        ] {
            assert_eq!(known(text), expected, "{text}");
        }
        assert_eq!(in_format("02/2019", "%m/%Y").map(|k| k.0.to_string()).as_deref(), Some("2019-02-28"));
    }
}
