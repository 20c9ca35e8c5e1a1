//! The order in which a file writes days and months: one for all of its rows.

use super::dates::{Known, Told, in_format, is_stand_in, read};
use super::report::Reading;
use super::table::{Row, Table};
use crate::Precision;

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
