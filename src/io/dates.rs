//! Dates as people and programs write them, and how exactly they are known.

use chrono::{Datelike, Months, NaiveDate, NaiveTime, TimeDelta};

use crate::{PLAUSIBLE, Precision};

/// A date and how exactly it is known; of a month or a year the last day.
pub(crate) type Known = (NaiveDate, Precision);

/// What a text says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It can be read in one way.
    One(Known),
    /// It is 3/4/2019: the day first, or the month first.
    Either(NaiveDate, NaiveDate),
    /// Only the day can be first.
    DayFirst(NaiveDate),
    /// Only the month can be first.
    MonthFirst(NaiveDate),
}

/// Formats of days that are numbers: Excel's since 1900, those of R and Python since 1970, those of Stata and SAS since 1960.
const NUMBERS: [(&str, NaiveDate, std::ops::RangeInclusive<i64>); 3] = [
    // Day 1 is 1 January 1900; Excel counts a 29 February 1900 that never was, so day 61 is 1 March.
    ("excel", NaiveDate::from_ymd_opt(1899, 12, 30).unwrap(), 61..=2_958_465),
    ("days_since_1970", NaiveDate::from_ymd_opt(1970, 1, 1).unwrap(), i64::MIN..=i64::MAX),
    ("days_since_1960", NaiveDate::from_ymd_opt(1960, 1, 1).unwrap(), i64::MIN..=i64::MAX),
];

/// Whether a format is that of days that are numbers.
pub(super) fn is_number_format(format: &str) -> bool {
    NUMBERS.iter().any(|(name, ..)| *name == format)
}

/// A date in a chrono format, or a serial number; nothing else than the date, and a [plausible](PLAUSIBLE) one.
pub(crate) fn parse_date(text: &str, format: &str) -> Option<NaiveDate> {
    if let Some((_, epoch, range)) = NUMBERS.iter().find(|(name, ..)| *name == format) {
        let days: i64 = text.split_once('.').map_or(text, |(days, _)| days).parse().ok()?;
        let day = epoch.checked_add_signed(TimeDelta::try_days(days)?)?;
        return (range.contains(&days) && PLAUSIBLE.contains(&day)).then_some(day);
    }
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    // Years of four digits are written with four.
    let whole = !format.contains("%Y") || text.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() == 4);
    (whole && PLAUSIBLE.contains(&date)).then_some(date)
}

/// Whether a text is a date in any order.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() >= 8 && read(text).is_some()
}

/// Days that programs write for a day they do not know.
pub(crate) const STAND_INS: [NaiveDate; 8] = [
    NaiveDate::from_ymd_opt(1899, 12, 30).unwrap(),
    NaiveDate::from_ymd_opt(1899, 12, 31).unwrap(),
    NaiveDate::from_ymd_opt(1900, 1, 1).unwrap(),
    NaiveDate::from_ymd_opt(1901, 1, 1).unwrap(),
    NaiveDate::from_ymd_opt(1970, 1, 1).unwrap(),
    NaiveDate::from_ymd_opt(2099, 12, 31).unwrap(),
    NaiveDate::from_ymd_opt(2100, 1, 1).unwrap(),
    NaiveDate::from_ymd_opt(2200, 1, 1).unwrap(),
];

/// What a day that stands for an unknown one is told.
pub(super) fn stand_in(day: NaiveDate) -> Option<String> {
    STAND_INS.contains(&day).then(|| format!("a day; {day} mostly stands for an unknown one"))
}

/// A date in one format; one without a day is of a month, one without a month of a year.
pub(super) fn in_format(text: &str, format: &str) -> Option<Known> {
    let has = |letters: &[&str]| letters.iter().any(|letter| format.contains(letter));
    if has(&["%d", "%e", "%j", "%F", "%D", "%x"]) || is_number_format(format) {
        return parse_date(text, format).map(|day| (day, Precision::Day));
    }
    if has(&["%m", "%b", "%B", "%h"]) {
        return month_end(parse_date(&format!("{text} 01"), &format!("{format} %d"))?);
    }
    year_end(parse_date(&format!("{text} 01 01"), &format!("{format} %m %d"))?)
}

/// The last day of the month or year in which a day is that is known so exactly.
pub(super) fn last_day(day: NaiveDate, precision: Precision) -> NaiveDate {
    let last = match precision {
        Precision::Day => None,
        Precision::Month => month_end(day),
        Precision::Year => year_end(day),
    };
    last.map_or(day, |(day, _)| day)
}

/// The first of them.
pub(super) fn first_day(day: NaiveDate, precision: Precision) -> NaiveDate {
    let first = match precision {
        Precision::Day => None,
        Precision::Month => day.with_day(1),
        Precision::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    };
    first.unwrap_or(day)
}

/// A year by itself, as a number.
pub(super) fn in_year(text: &str) -> Option<Known> {
    let year = year(text.strip_suffix(".0").unwrap_or(text))?;
    year_end(NaiveDate::from_ymd_opt(year, 1, 1).filter(|day| PLAUSIBLE.contains(day))?)
}

fn month_end(day: NaiveDate) -> Option<Known> {
    let last = day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()?;
    Some((last, Precision::Month))
}

fn year_end(day: NaiveDate) -> Option<Known> {
    Some((NaiveDate::from_ymd_opt(day.year(), 12, 31)?, Precision::Year))
}

/// What a text says: a day (with a time, which is left away, as of the place where it was written), a month or a year.
pub(super) fn read(text: &str) -> Option<Told> {
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

    #[test]
    fn dates_in_a_format() {
        let day = |text: &str, format: &str| parse_date(text, format).map(|d| d.to_string());
        assert_eq!(day("1/2/2019", "%d/%m/%Y").as_deref(), Some("2019-02-01"));
        assert_eq!(day("01/02/19", "%d/%m/%y").as_deref(), Some("2019-02-01"));
        assert_eq!(day("01/02/19", "%d/%m/%Y"), None); // the year 19 is nobody's
        assert_eq!(day("43497", "excel").as_deref(), Some("2019-02-01"));
        assert_eq!(day("43497.75", "excel").as_deref(), Some("2019-02-01"));
        assert_eq!(day("60", "excel"), None); // the day that never was
        assert_eq!(day("17928", "days_since_1970").as_deref(), Some("2019-02-01"));
        assert_eq!(day("21581", "days_since_1960").as_deref(), Some("2019-02-01"));
        assert_eq!(day("2019-02-30", "%Y-%m-%d"), None);
    }
}
