//! One CSV table: rows that know their file and line, cells that parse or say what they should have been.

use std::str::FromStr;

use chrono::NaiveDate;

use crate::Error;
use crate::code::nearest;
use crate::error::{Problem, Problems};

pub(super) struct Table {
    file: String,
    headers: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
}

pub(super) struct Row<'a> {
    table: &'a Table,
    pub(super) line: u64,
    record: &'a csv::StringRecord,
}

impl Table {
    /// Reads a table whose header must have the `required` columns and may have the `optional` ones.
    pub(super) fn parse(
        file: &str,
        text: &str,
        required: &[&str],
        optional: &[&str],
        problems: &mut Problems,
    ) -> Option<Table> {
        let mut problem = |line, column: &str, value: &str, expected: String| {
            problems.0.push(Problem {
                file: Some(file.to_owned()),
                line,
                record: String::new(),
                column: column.to_owned(),
                value: value.to_owned(),
                expected,
            });
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headers: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|h| h.trim().to_owned()).collect(),
            Err(e) => {
                problem(Some(1), "header", "", e.to_string());
                return None;
            }
        };
        let mut sound = true;
        for (i, header) in headers.iter().enumerate() {
            let known = || required.iter().chain(optional).copied();
            if headers[..i].contains(header) {
                sound = false;
                problem(Some(1), "header", header, "each column once".to_owned());
            } else if !known().any(|c| c == header) {
                sound = false;
                let hint = nearest(header, known()).map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
                problem(Some(1), "header", header, format!("one of {}{hint}", required.join(", ")));
            }
        }
        for column in required {
            if !headers.iter().any(|h| h == column) {
                sound = false;
                problem(Some(1), "header", &headers.join(","), format!("a column `{column}`"));
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.len() == headers.len() {
                        rows.push((line, record));
                    } else {
                        let cells = record.iter().collect::<Vec<_>>().join(",");
                        problem(Some(line), "row", &cells, format!("{} cells, as in the header", headers.len()));
                    }
                }
                Err(e) => problem(e.position().map(csv::Position::line), "row", "", e.to_string()),
            }
        }
        sound.then(|| Table { file: file.to_owned(), headers, rows })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }
}

impl<'a> Row<'a> {
    /// The cell's text without spaces around it; empty when the table lacks the column.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let at = self.table.headers.iter().position(|h| h == column);
        at.and_then(|i| self.record.get(i)).unwrap_or("").trim()
    }

    pub(super) fn problem(&self, column: &str, expected: impl Into<String>, problems: &mut Problems) {
        problems.0.push(Problem {
            file: Some(self.table.file.clone()),
            line: Some(self.line),
            record: String::new(),
            column: column.to_owned(),
            value: self.text(column).to_owned(),
            expected: expected.into(),
        });
    }

    /// A cell that must hold a value.
    pub(super) fn value<T: FromStr<Err = Error>>(&self, column: &str, problems: &mut Problems) -> Option<T> {
        match self.text(column).parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(column, error.expectation(), problems);
                None
            }
        }
    }

    /// A whole number, or nothing where the cell is empty.
    pub(super) fn number<T: FromStr>(&self, column: &str, problems: &mut Problems) -> Option<T> {
        let text = self.text(column);
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            self.problem(column, "a whole number, or nothing", problems);
        }
        number
    }

    /// A date, or nothing where the cell is empty.
    pub(super) fn date(&self, column: &str, problems: &mut Problems) -> Option<NaiveDate> {
        let text = self.text(column);
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        if date.is_none() && !text.is_empty() {
            self.problem(column, "a date as YYYY-MM-DD, or nothing", problems);
        }
        date
    }

    /// Values separated by `;`.
    pub(super) fn list<T: FromStr<Err = Error>>(&self, column: &str, problems: &mut Problems) -> Vec<T> {
        let cell = self.text(column);
        let mut values = Vec::new();
        for part in cell.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            match part.parse::<T>() {
                Ok(value) => values.push(value),
                Err(error) => self.problem(column, error.expectation(), problems),
            }
        }
        values
    }
}
