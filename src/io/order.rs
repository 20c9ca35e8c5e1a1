//! How a file writes its dates: in one order of days and months for all of its rows.

use std::fmt::Write;

use chrono::NaiveDate;
use chrono::format::{Item, StrftimeItems};

use super::dates::{Known, Told, in_format, is_number_format, read, stand_in};
use super::report::Reading;
use super::table::{Row, Table};
use crate::{Error, Precision};

/// Words that stand among formats for dates as people write them, in one order.
const ORDERS: [&str; 2] = ["day_first", "month_first"];

/// Refuses a format that no date can have.
pub(crate) fn check_formats(formats: &[String]) -> Result<(), Error> {
    let is_known = |format: &&String| {
        let mut items = StrftimeItems::new(format);
        let is_sound = format.contains('%') && !items.any(|item| matches!(item, Item::Error));
        is_sound || is_number_format(format) || ORDERS.contains(&format.as_str())
    };
    match formats.iter().find(|format| !is_known(format)) {
        Some(format) => {
            let expected = "a format as %d/%m/%Y or %Y-%m-%d, an order (day_first or month_first), or numbers of days \
                            (excel, days_since_1970 or days_since_1960)";
            Err(Error::value("format of dates", format, expected))
        }
        None => Ok(()),
    }
}

/// How the dates of a file are read.
pub(crate) struct DateStyle {
    /// Formats that were given, those that read more of the file first.
    formats: Vec<String>,
    /// Whether dates are also read as people write them.
    freely: bool,
    month_first: bool,
    /// Whether the order was given.
    given: bool,
    /// The line that tells the order.
    told_by: Option<u64>,
    /// Whether other lines tell another order.
    mixed: bool,
    /// Cells that stand for no date.
    none: Vec<String>,
}

impl DateStyle {
    /// Decides in which order the days and months of all rows are written; a file that does not tell it is told so.
    pub(crate) fn of(table: &Table, columns: &[&str], formats: &[String], reading: &mut Reading<'_>) -> Self {
        DateStyle::given(formats).decided(table, columns, reading)
    }

    /// As it was given, before anything of a file is known.
    pub(crate) fn given(formats: &[String]) -> Self {
        let (orders, formats): (Vec<String>, Vec<String>) =
            formats.iter().cloned().partition(|format| ORDERS.contains(&format.as_str()));
        DateStyle {
            freely: formats.is_empty() || !orders.is_empty(),
            month_first: orders.first().is_some_and(|order| order == ORDERS[1]),
            given: !orders.is_empty(),
            formats,
            told_by: None,
            mixed: false,
            none: Vec::new(),
        }
    }

    /// Takes some cells for no date.
    pub(crate) fn without(mut self, none: &[String]) -> Self {
        self.none = none.to_vec();
        self
    }

    /// Decides what the rows of a table tell.
    pub(crate) fn decided(mut self, table: &Table, columns: &[&str], reading: &mut Reading<'_>) -> Self {
        if self.formats.len() > 1 {
            self.decide_formats(table, columns, reading);
        }
        if self.freely && !self.given {
            self.decide_order(table, columns, reading);
        }
        self
    }

    /// Where some dates can be read by two formats in different ways, the one that reads more of the file comes first, and
    /// a file that does not decide it is told so.
    fn decide_formats(&mut self, table: &Table, columns: &[&str], reading: &mut Reading<'_>) {
        let mut fits = vec![0; self.formats.len()];
        let mut odd: Option<(Row<'_>, &str, usize, usize)> = None;
        for row in table.rows() {
            for column in columns {
                let days: Vec<_> = self.formats.iter().map(|format| in_format(row.text(column), format)).collect();
                let read: Vec<usize> = (0..days.len()).filter(|n| days[*n].is_some()).collect();
                let Some((one, others)) = read.split_first() else { continue };
                match others.iter().find(|other| days[**other] != days[*one]) {
                    Some(other) => _ = odd.get_or_insert((row.again(), *column, *one, *other)),
                    None => read.iter().for_each(|n| fits[*n] += 1),
                }
            }
        }
        let Some((row, column, one, other)) = odd else { return };
        match (fits[one] > 0, fits[other] > 0) {
            (false, true) => self.formats.swap(one, other),
            (true, false) => {}
            (told, _) => {
                let (one, other) = (&self.formats[one], &self.formats[other]);
                let why = if told { "the file has both" } else { "the file does not tell which" };
                let expected =
                    format!("a date that can be read in one way; {why} of {one} and {other}, {one} is taken");
                row.warn(column, expected, reading);
            }
        }
    }

    fn decide_order(&mut self, table: &Table, columns: &[&str], reading: &mut Reading<'_>) {
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
                        if self.told_by.is_none() {
                            (self.month_first, self.told_by) = (month_first, Some(row.line));
                        } else if self.month_first != month_first {
                            self.mixed = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        if let (Some((row, column)), None) = (first_either, self.told_by) {
            let expected = "a date that can be read in one way; the file does not tell whether days or months come \
                            first, so days are taken to: give the format of its dates (%d/%m/%Y or %m/%d/%Y)";
            row.warn(column, expected, reading);
        }
    }

    /// Whether a cell stands for no date, with or without a time.
    pub(crate) fn is_none(&self, text: &str) -> bool {
        let stands = |none: &String| {
            text.strip_prefix(none.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', 'T']))
        };
        text.is_empty() || self.none.iter().any(stands)
    }

    /// The date in a cell, or nothing where the cell is empty or stands for none.
    pub(crate) fn day(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> Option<Known> {
        self.told(row, column, "", reading)
    }

    /// As [`day`](DateStyle::day), of a cell that may be empty.
    pub(crate) fn day_or_nothing(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> Option<Known> {
        self.told(row, column, ", or nothing", reading)
    }

    /// A day on which a body opened or closed; one of the year 9999 stands for none.
    pub(crate) fn day_of_life(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> Option<NaiveDate> {
        let text = row.text(column);
        if text.contains("9999") && !self.is_none(text) && self.read(text).is_err() {
            row.stand_in(column, "a day, or nothing; this stands for none and is read so", reading);
            return None;
        }
        self.day(row, column, reading).map(|(day, _)| day)
    }

    fn told(&self, row: &Row<'_>, column: &str, or: &str, reading: &mut Reading<'_>) -> Option<Known> {
        let text = row.text(column);
        if self.is_none(text) {
            return None;
        }
        match self.read(text) {
            Ok(known) => {
                if let Some(expected) = stand_in(known.0) {
                    row.stand_in(column, expected, reading);
                }
                Some(known)
            }
            Err(expected) => {
                row.problem(column, expected + or, reading);
                None
            }
        }
    }

    /// Whether a text is a date of the file, and no bare number of days.
    pub(crate) fn reads(&self, text: &str) -> bool {
        let bare = |format: &&String| !is_number_format(format);
        self.formats.iter().filter(bare).any(|format| in_format(text, format).is_some())
            || self.freely && self.read_freely(text).is_ok()
    }

    fn read(&self, text: &str) -> Result<Known, String> {
        let known = self.formats.iter().find_map(|format| in_format(text, format));
        match known {
            Some(known) => Ok(known),
            None if self.freely => self.read_freely(text),
            None => {
                let examples: Vec<String> = self.formats.iter().map(|format| example(format)).collect();
                Err(format!("a date as {}", examples.join(" or ")))
            }
        }
    }

    fn read_freely(&self, text: &str) -> Result<Known, String> {
        let order = if self.month_first { "month" } else { "day" };
        let other = || match self.told_by {
            Some(line) => format!("a date with the {order} first, as on line {line}"),
            None => format!("a date with the {order} first"),
        };
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

/// A day in a format, as people know it.
fn example(format: &str) -> String {
    let mut text = String::new();
    let day = NaiveDate::from_ymd_opt(2019, 12, 31).unwrap_or_default();
    match format {
        "excel" => "a spreadsheet's number".to_owned(),
        format if is_number_format(format) => format!("a number of {}", format.replace('_', " ")),
        // A format that chrono does not know stands for itself.
        format => {
            if write!(text, "{}", day.format(format)).is_ok() {
                text
            } else {
                format.to_owned()
            }
        }
    }
}
