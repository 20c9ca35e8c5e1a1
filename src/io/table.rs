//! One table of text: rows that know their file and line, cells that parse or say what they should have been.

use std::str::FromStr;

use chrono::{Days, NaiveDate};

use super::report::Reading;
use super::text::separator;
use super::write::unguarded;
use crate::code::nearest;
use crate::error::Problem;
use crate::{Error, PLAUSIBLE};

/// A header and its rows.
pub(crate) struct Table {
    file: String,
    headers: Vec<String>,
    cells: Cells,
}

pub(crate) struct Row<'a> {
    table: &'a Table,
    pub(crate) line: u64,
    /// Place of its first cell.
    first: usize,
}

/// The cells of many rows in one text, so that a file of tiny cells takes little more than itself.
#[derive(Default)]
struct Cells {
    text: String,
    /// Where each cell ends.
    ends: Vec<usize>,
    /// Line and place of the first cell.
    rows: Vec<(u64, usize)>,
}

impl Cells {
    fn push<'a>(&mut self, line: u64, cells: impl Iterator<Item = &'a str>) {
        self.rows.push((line, self.ends.len()));
        for cell in cells {
            self.text.push_str(cell);
            self.ends.push(self.text.len());
        }
    }

    fn get(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[place]]
    }
}

/// A table with more columns is not one of ours.
pub(crate) const MOST_COLUMNS: usize = 1_000;

impl Table {
    /// Reads text with cells separated by comma, semicolon, tab or bar. Blank lines, and columns without a name or a
    /// value at the end, are passed over; a row with other cells than the header is a problem.
    pub(crate) fn parse(file: &str, text: &str, reading: &mut Reading<'_>) -> Option<Table> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let separator = separator(text);
        for (line, content) in (1..).zip(text.split(['\n', '\r'])) {
            // Refused before it takes the memory of so many cells.
            if content.bytes().filter(|byte| *byte == separator).count() > 100 * MOST_COLUMNS {
                let problem = Problem::new("row", content, format!("at most {MOST_COLUMNS} columns"));
                reading.add(problem.at(file, Some(line)));
                return None;
            }
        }
        let mut csv = csv::ReaderBuilder::new();
        let csv = csv.flexible(true).has_headers(false).delimiter(separator);
        let mut reader = csv.from_reader(text.as_bytes());
        let mut table = Maker::new(file);
        let mut record = csv::StringRecord::new();
        let (mut line, mut counted) = (1, 0);
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let start = record.position().map_or(0, |p| p.byte() as usize).clamp(counted, text.len());
                    // Where a record begins, the reader may not have passed the end of the line before, nor blank lines.
                    let ends = text.as_bytes()[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
                    let start = start + ends;
                    line += breaks(text.as_bytes(), counted..start);
                    counted = start;
                    let cells: Vec<&str> = record.iter().take(MOST_COLUMNS + 1).map(|c| unguarded(c.trim())).collect();
                    table.row(line, cells, reading);
                }
                Ok(false) => return table.finish(reading),
                Err(error) => {
                    let line = error.position().map(csv::Position::line);
                    reading.add(Problem::new("row", "", error.to_string()).at(file, line));
                }
            }
            if reading.is_full() {
                return None;
            }
        }
    }

    /// Whether the table has these columns; the others must be among the `optional` ones.
    pub(crate) fn has_only(&self, required: &[&str], optional: &[&str], reading: &mut Reading<'_>) -> bool {
        let known = || required.iter().chain(optional).copied();
        let mut sound = true;
        for header in self.headers.iter().filter(|h| !known().any(|c| c == *h)) {
            sound = false;
            let problem = Problem::new("header", header, format!("one of {}", required.join(", ")));
            reading.add(problem.near(nearest(header, known())).at(&self.file, Some(1)));
        }
        self.has(required, reading) && sound
    }

    /// Whether the table has these columns.
    pub(crate) fn has(&self, required: &[&str], reading: &mut Reading<'_>) -> bool {
        let mut sound = true;
        for column in required {
            if !self.headers.iter().any(|h| h == column) {
                sound = false;
                let near = nearest(column, self.headers.iter().map(String::as_str));
                let problem = Problem::new("header", &self.headers.join(","), format!("a column `{column}`"));
                reading.add(problem.near(near).at(&self.file, Some(1)));
            }
        }
        sound
    }

    /// The names of the columns.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(String::as_str)
    }

    /// The name it goes by.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.cells.rows.iter().map(|(line, first)| Row { table: self, line: *line, first: *first })
    }
}

/// Ends of lines in a part of a text, as any system writes them.
fn breaks(text: &[u8], part: std::ops::Range<usize>) -> u64 {
    let ends = |n: &usize| text[*n] == b'\n' || (text[*n] == b'\r' && text.get(n + 1) != Some(&b'\n'));
    part.filter(ends).count() as u64
}

/// Makes a table of lines, the first of which is the header.
pub(crate) struct Maker {
    file: String,
    headers: Option<Vec<String>>,
    cells: Cells,
    sound: bool,
}

impl Maker {
    pub(crate) fn new(file: &str) -> Self {
        Maker { file: file.to_owned(), headers: None, cells: Cells::default(), sound: true }
    }

    /// Takes the cells of a line.
    pub(crate) fn row(&mut self, line: u64, mut cells: Vec<&str>, reading: &mut Reading<'_>) {
        if cells.iter().all(|c| c.is_empty()) {
            return;
        }
        let Some(headers) = &self.headers else { return self.header(cells, reading) };
        reading.rows += 1;
        while cells.len() > headers.len() && cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        if reading.skips(&self.file, line) {
            return;
        }
        if cells.len() == headers.len() {
            self.cells.push(line, cells.into_iter());
        } else {
            let expected = format!("{} cells, as in the header", headers.len());
            reading.add(Problem::new("row", &cells.join(","), expected).at(&self.file, Some(line)));
        }
    }

    fn header(&mut self, mut cells: Vec<&str>, reading: &mut Reading<'_>) {
        while cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        let mut problem = |value: &str, expected: String| {
            self.sound = false;
            reading.add(Problem::new("header", value, expected).at(&self.file, Some(1)));
        };
        if cells.len() > MOST_COLUMNS {
            problem(&cells.join(","), format!("at most {MOST_COLUMNS} columns"));
        } else {
            for (i, header) in cells.iter().enumerate().filter(|(i, header)| cells[..*i].contains(header)) {
                problem(header, format!("each column once; this is column {}", i + 1));
            }
        }
        self.headers = Some(cells.into_iter().map(str::to_owned).collect());
    }

    pub(crate) fn finish(self, reading: &mut Reading<'_>) -> Option<Table> {
        let Some(headers) = self.headers else {
            let expected = "a first line with the names of the columns";
            reading.add(Problem::new("header", "", expected).at(&self.file, Some(1)));
            return None;
        };
        self.sound.then_some(Table { file: self.file, headers, cells: self.cells })
    }
}

impl<'a> Row<'a> {
    /// The cell's text without spaces around it; empty when the table lacks the column.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        let at = self.table.headers.iter().position(|h| h == column);
        at.map_or("", |i| self.table.cells.get(self.first + i))
    }

    /// The first cell that is not empty.
    pub(crate) fn begin(&self) -> &'a str {
        let cells = (0..self.table.headers.len()).map(|i| self.table.cells.get(self.first + i));
        cells.into_iter().find(|c| !c.is_empty()).unwrap_or_default()
    }

    pub(crate) fn problem(&self, column: &str, expected: impl Into<String>, reading: &mut Reading<'_>) {
        reading.add(Problem::new(column, self.text(column), expected).at(&self.table.file, Some(self.line)));
    }

    /// What a value's own error says of a cell.
    pub(crate) fn wrong(&self, column: &str, error: &Error, reading: &mut Reading<'_>) {
        let (expected, near) = error.expectation();
        self.wrong_near(column, &expected, near, reading);
    }

    pub(crate) fn wrong_near(&self, column: &str, expected: &str, near: Option<String>, reading: &mut Reading<'_>) {
        let problem = Problem::new(column, self.text(column), expected).near(near);
        reading.add(problem.at(&self.table.file, Some(self.line)));
    }

    pub(crate) fn warn(&self, column: &str, expected: impl Into<String>, reading: &mut Reading<'_>) {
        let problem = Problem::new(column, self.text(column), expected).warning();
        reading.add(problem.at(&self.table.file, Some(self.line)));
    }

    /// A cell that must hold a value.
    pub(crate) fn value<T: FromStr<Err = Error>>(&self, column: &str, reading: &mut Reading<'_>) -> Option<T> {
        self.text(column).parse().map_err(|error| self.wrong(column, &error, reading)).ok()
    }

    /// A whole number, or nothing where the cell is empty.
    pub(crate) fn number<T: FromStr>(&self, column: &str, reading: &mut Reading<'_>) -> Option<T> {
        let text = self.text(column);
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            self.problem(column, "a whole number, or nothing", reading);
        }
        number
    }

    /// An ISO date, or nothing where the cell is empty.
    pub(crate) fn date(&self, column: &str, reading: &mut Reading<'_>) -> Option<NaiveDate> {
        self.date_as(column, &["%Y-%m-%d"], "a date as YYYY-MM-DD, or nothing", reading)
    }

    /// A date in one of some formats, or nothing where the cell is empty.
    pub(crate) fn date_as(
        &self,
        column: &str,
        formats: &[&str],
        expected: &str,
        reading: &mut Reading<'_>,
    ) -> Option<NaiveDate> {
        let text = self.text(column);
        let date = formats.iter().find_map(|format| parse_date(text, format));
        if date.is_none() && !text.is_empty() {
            self.problem(column, expected, reading);
        }
        date
    }

    /// Whether an inspection or event can have been on a day: not before 2000, not after today.
    pub(crate) fn is_plausible(&self, column: &str, date: Option<NaiveDate>, reading: &mut Reading<'_>) -> bool {
        let Some(date) = date else { return true };
        if date < EARLIEST {
            self.problem(column, "a day from 2000 on; there were no such inspections before", reading);
            return false;
        }
        if let Some(today) = reading.options.today.filter(|today| date > *today) {
            self.problem(column, format!("a day not after today, {today}"), reading);
            return false;
        }
        true
    }

    /// Values separated by `;`.
    pub(crate) fn list<T: FromStr<Err = Error>>(&self, column: &str, reading: &mut Reading<'_>) -> Vec<T> {
        let parts = self.text(column).split(';').map(str::trim).filter(|p| !p.is_empty());
        parts.filter_map(|part| part.parse().map_err(|error| self.wrong(column, &error, reading)).ok()).collect()
    }
}

const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();

/// A format that stands for Excel's days since 1900.
pub(crate) const EXCEL: &str = "excel";

/// A date in a chrono format, or a serial number; nothing else than the date, and a [plausible](PLAUSIBLE) one.
pub(crate) fn parse_date(text: &str, format: &str) -> Option<NaiveDate> {
    if format == EXCEL {
        // Day 1 is 1 January 1900; Excel counts a 29 February 1900 that never was, so day 61 is 1 March.
        let days: u64 = text.split_once('.').map_or(text, |(days, _)| days).parse().ok()?;
        let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?;
        return (61..=2_958_465).contains(&days).then(|| epoch.checked_add_days(Days::new(days)))?;
    }
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    // Years of four digits are written with four.
    let whole = !format.contains("%Y") || text.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() == 4);
    (whole && PLAUSIBLE.contains(&date)).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_file() {
        let lines = |text: &str| {
            let options = crate::io::options::ReadOptions::default();
            let read = crate::io::report::read(&options, |reading| {
                Ok(Table::parse("f", text, reading).map(|t| t.rows().map(|row| row.line).collect::<Vec<_>>()))
            });
            read.unwrap().value.unwrap()
        };
        assert_eq!(lines("a,b\r\n1,2\r\n3,4\r\n"), [2, 3]);
        assert_eq!(lines("a,b\n\n1,2\n\r\n\n3,4"), [3, 6]);
        assert_eq!(lines("a,b\r\n1,2\n3,4\r5,6\r\n7,8"), [2, 3, 4, 5]);
        assert_eq!(lines("a,b\r\n\"1\r\n1\",2\r\n3,4"), [2, 4]);
    }

    #[test]
    fn dates_as_people_write_them() {
        let day = |text: &str, format: &str| parse_date(text, format).map(|d| d.to_string());
        assert_eq!(day("1/2/2019", "%d/%m/%Y").as_deref(), Some("2019-02-01"));
        assert_eq!(day("01/02/19", "%d/%m/%y").as_deref(), Some("2019-02-01"));
        assert_eq!(day("01/02/19", "%d/%m/%Y"), None); // the year 19 is nobody's
        assert_eq!(day("43497", EXCEL).as_deref(), Some("2019-02-01"));
        assert_eq!(day("43497.75", EXCEL).as_deref(), Some("2019-02-01"));
        assert_eq!(day("60", EXCEL), None); // the day that never was
        assert_eq!(day("2019-02-30", "%Y-%m-%d"), None);
    }
}
