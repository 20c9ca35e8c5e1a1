//! One table of text: rows that know their file and line, cells that parse or say what they should have been.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;

use super::dates::{is_date, parse_date};
use super::report::Reading;
use super::text::{alike, plain, separator, told_separator};
use super::write::unguarded;
use crate::Error;
use crate::code::nearest;
use crate::error::{Problem, ProblemKind};

/// A header and its rows.
pub(crate) struct Table {
    file: String,
    /// The line of the header.
    line: u64,
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
    /// Reads text with cells separated by comma, semicolon, tab or bar, every row with as many cells as the header.
    #[cfg(any(test, feature = "dataset"))]
    pub(crate) fn parse(file: &str, text: &str, reading: &mut Reading<'_>) -> Option<Table> {
        Table::parse_as(file, text, &Shape::default(), reading)
    }

    /// Reads text with cells separated by comma, semicolon, tab, bar or what a first line `sep=` says. Blank lines, and
    /// columns without a name or a value at the end, are passed over; rows of empty cells are counted; a row with other
    /// cells than the header is a problem, and so is one that has swallowed others.
    pub(crate) fn parse_as(file: &str, text: &str, shape: &Shape<'_>, reading: &mut Reading<'_>) -> Option<Table> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (separator, begin) = beginning(text, shape);
        for (line, content) in (1..).zip(text.split(['\n', '\r'])) {
            // Refused before it takes the memory of so many cells.
            if content.bytes().filter(|byte| *byte == separator).count() > 100 * MOST_COLUMNS {
                let problem = Problem::new("row", content, format!("at most {MOST_COLUMNS} columns"));
                reading.refuse(problem.at(file, Some(line)));
                return None;
            }
        }
        let mut csv = csv::ReaderBuilder::new();
        let csv = csv.flexible(true).has_headers(false).delimiter(separator);
        let mut reader = csv.from_reader(&text.as_bytes()[begin..]);
        let mut table = Maker::new(file);
        let mut record = csv::StringRecord::new();
        let (mut line, mut counted) = (1, 0);
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let at = |byte: u64| begin + usize::try_from(byte).unwrap_or(text.len());
                    let start = record.position().map_or(0, |p| at(p.byte())).clamp(counted, text.len());
                    // Where a record begins, the reader may not have passed the end of the line before, nor blank lines.
                    let ends = text.as_bytes()[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
                    let start = start + ends;
                    line += breaks(text.as_bytes(), counted..start);
                    counted = start;
                    let raw = text.get(start..at(reader.position().byte())).unwrap_or_default();
                    let torn = torn(raw.trim_end_matches(['\r', '\n']), separator, table.width());
                    let cells: Vec<&str> = record.iter().take(MOST_COLUMNS + 1).map(|c| unguarded(c.trim())).collect();
                    table.row(line, cells, torn, shape, reading);
                }
                Ok(false) => return table.finish(reading),
                Err(error) => {
                    let line = error.position().map(csv::Position::line);
                    reading.refuse(Problem::new("row", "", error.to_string()).at(file, line));
                }
            }
            if reading.is_full() || reading.is_refused() {
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
            reading.refuse(problem.near(nearest(header, known())).at(&self.file, Some(self.line)));
        }
        let given: Vec<&str> = optional.iter().copied().filter(|c| self.headers.iter().any(|h| h == c)).collect();
        self.has(&[required, &given].concat(), reading) && sound
    }

    /// Whether the table has each of these columns once; others do not matter.
    pub(crate) fn has(&self, required: &[&str], reading: &mut Reading<'_>) -> bool {
        let mut sound = true;
        for column in required {
            if !self.headers.iter().any(|h| h == column) {
                sound = false;
                let near = nearest(column, self.headers.iter().map(String::as_str));
                let problem = Problem::new("header", &self.headers.join(","), format!("a column `{column}`"));
                reading.refuse(problem.near(near).at(&self.file, Some(self.line)));
            }
            let mut places = (1..).zip(&self.headers).filter(|(_, h)| h == column).skip(1);
            if let Some((place, _)) = places.next() {
                sound = false;
                let problem = Problem::new("header", column, format!("each column once; this is column {place}"));
                reading.refuse(problem.at(&self.file, Some(self.line)));
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

/// What stands between the cells, and where the header begins: on the line that is told, or in the first row that has the
/// columns, or most of them.
fn beginning(text: &str, shape: &Shape<'_>) -> (u8, usize) {
    let told = told_separator(text);
    let (usual, begin) = told.unwrap_or_else(|| (separator(text), 0));
    if let Some(line) = shape.header {
        let bytes = text.as_bytes();
        let ends =
            (0..bytes.len()).filter(|n| bytes[*n] == b'\n' || bytes[*n] == b'\r' && bytes.get(n + 1) != Some(&b'\n'));
        let before = usize::try_from(line).unwrap_or(usize::MAX).checked_sub(2);
        let start = before.map_or(Some(0), |n| ends.map(|end| end + 1).nth(n)).unwrap_or(text.len());
        return (told.map_or_else(|| separator(&text[start..]), |(told, _)| told), start.max(begin));
    }
    found(text, shape.columns).map_or((usual, begin), |(_, at)| at)
}

/// The row that has the columns, or most of them: how many, what stands between its cells, and where it begins.
fn found(text: &str, columns: &[&str]) -> Option<(usize, (u8, usize))> {
    let told = told_separator(text);
    let (usual, begin) = told.unwrap_or_else(|| (separator(text), 0));
    let others = [b',', b';', b'\t', b'|'].into_iter().filter(|other| *other != usual && told.is_none());
    let mut best: Option<(usize, (u8, usize))> = None;
    for separator in std::iter::once(usual).chain(others) {
        let mut csv = csv::ReaderBuilder::new();
        let csv = csv.flexible(true).has_headers(false).delimiter(separator);
        let records = csv.from_reader(&text.as_bytes()[begin..]).into_records().map_while(Result::ok);
        let at = |record: &csv::StringRecord| {
            let byte = record.position().map_or(0, csv::Position::byte);
            (separator, begin + usize::try_from(byte).unwrap_or(0))
        };
        let rows = records.map(|record| (at(&record), record.iter().map(str::to_owned).collect::<Vec<_>>()));
        match header_among(rows, columns) {
            Some((n, at)) if n == columns.len() => return Some((n, at)),
            Some((n, at)) if best.is_none_or(|(most, _)| n > most) => best = Some((n, at)),
            _ => {}
        }
    }
    best
}

/// The line that looks like the header, where the one that is told lacks columns which that one has.
pub(crate) fn header_elsewhere(text: &str, shape: &Shape<'_>) -> Option<u64> {
    let (separator, begin) = beginning(text, shape);
    let mut csv = csv::ReaderBuilder::new();
    let csv = csv.flexible(true).has_headers(false).delimiter(separator);
    let told = csv.from_reader(&text.as_bytes()[begin..]).into_records().next().and_then(Result::ok);
    let told = told.map_or(0, |record| columns_in(record.iter(), shape.columns));
    let (_, (_, at)) = found(text, shape.columns).filter(|(n, _)| *n > told)?;
    let ends = text.as_bytes()[at..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
    Some(1 + breaks(text.as_bytes(), 0..at + ends))
}

/// How many of some columns are among some cells.
pub(crate) fn columns_in<'a>(cells: impl Iterator<Item = &'a str>, columns: &[&str]) -> usize {
    let cells: Vec<String> = cells.take(MOST_COLUMNS).map(plain).collect();
    columns.iter().filter(|column| cells.iter().any(|cell| cell == *column)).count()
}

/// Of the first rows the one with most of some columns, and how many it has; none where no row has any.
pub(crate) fn header_among<T: Copy>(
    rows: impl Iterator<Item = (T, Vec<String>)>,
    columns: &[&str],
) -> Option<(usize, T)> {
    const FIRST: usize = 100;
    let mut best = None;
    for (at, cells) in rows.take(FIRST) {
        if columns.is_empty() {
            return None;
        }
        let found = columns_in(cells.iter().map(String::as_str), columns);
        if found == columns.len() {
            return Some((found, at));
        }
        if found > best.map_or(0, |(most, _)| most) {
            best = Some((found, at));
        }
    }
    best
}

/// Ends of lines in a part of a text, as any system writes them.
fn breaks(text: &[u8], part: std::ops::Range<usize>) -> u64 {
    let ends = |n: &usize| text[*n] == b'\n' || (text[*n] == b'\r' && text.get(n + 1) != Some(&b'\n'));
    part.filter(ends).count() as u64
}

/// Whether a cell of a column holds something.
pub(crate) type Holds<'a> = &'a dyn Fn(&str, &str) -> bool;

/// What the rows of a table must hold.
#[derive(Default)]
pub(crate) struct Shape<'a> {
    /// Columns whose cells no row may lack; without one, all of them. Other cells at the end of a row may lack.
    pub(crate) needed: &'a [&'a str],
    /// Whether a cell of a column holds a date or a rating, so that its row is no total and no note; without it, no row is.
    pub(crate) holds: Option<Holds<'a>>,
    /// Columns that the header has, by which it is found; without one, the first line is the header.
    pub(crate) columns: &'a [&'a str],
    /// The line of the header, where that is told.
    pub(crate) header: Option<u64>,
    /// The table ends at a row that begins so.
    pub(crate) footer: &'a [String],
}

/// What quotation marks have made of a record.
pub(crate) enum Torn {
    /// It ends with the file, inside a quoted cell.
    Open,
    /// It has several lines that look like rows.
    Rows(u64),
    /// It has several lines with as many cells as a row, and no date in them.
    Lines(u64),
}

/// Whether a record of several lines, without the end of its last, has swallowed others.
fn torn(raw: &str, separator: u8, width: Option<usize>) -> Option<Torn> {
    if !raw.contains('"') {
        return None;
    }
    // Within a cell, a quotation mark is one like any other; at its beginning it quotes.
    let (mut begins, mut quoted) = (true, false);
    let mut bytes = raw.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => _ = bytes.next(),
            b'"' if quoted => quoted = false,
            b'"' if begins => quoted = true,
            _ => {}
        }
        begins = byte == separator && !quoted;
    }
    if quoted {
        return Some(Torn::Open);
    }
    let width = width.filter(|width| *width > 1 && raw.contains(['\r', '\n']))?;
    let bare = |cell: &str| is_date(cell.trim_matches(|c: char| c == '"' || c.is_whitespace()));
    let lines = raw.split(['\r', '\n']).map(|line| line.split(char::from(separator)));
    let like: Vec<bool> =
        lines.filter(|cells| cells.clone().count() == width).map(|mut cells| cells.any(bare)).collect();
    let dated = like.iter().filter(|dated| **dated).count();
    match (dated, like.len()) {
        (2.., n) => Some(Torn::Rows(n as u64)),
        (_, n @ 2..) => Some(Torn::Lines(n as u64)),
        _ => None,
    }
}

/// Words with which rows begin that are no records: totals, and the notes below a table.
const NO_RECORD: [&str; 16] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub-total",
    "sum",
    "average",
    "mean",
    "source",
    "sources",
    "note",
    "notes",
    "footnote",
    "footnotes",
    "copyright",
    "end of file",
];

pub(super) fn is_no_record(begin: &str) -> bool {
    let begin = plain(begin).to_lowercase();
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
    begin.starts_with('\u{a9}')
        || NO_RECORD.iter().any(|word| {
            begin.strip_prefix(word).is_some_and(|rest| {
                ends(rest)
                    && (rest.is_empty()
                        || !rest.starts_with(' ')
                        || rest.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '(')
                        || ["of", "for", "number"].iter().any(|next| rest.trim_start().starts_with(next)))
            })
        })
}

/// Makes a table of lines, the first of which is the header.
pub(crate) struct Maker {
    file: String,
    line: u64,
    headers: Option<Vec<String>>,
    cells: Cells,
    sound: bool,
    /// Whether the table has ended, and notes follow.
    ended: bool,
}

impl Maker {
    pub(crate) fn new(file: &str) -> Self {
        Maker { file: file.to_owned(), line: 1, headers: None, cells: Cells::default(), sound: true, ended: false }
    }

    /// How many columns it has, once that is known.
    fn width(&self) -> Option<usize> {
        self.headers.as_ref().map(Vec::len)
    }

    /// Takes the cells of a line.
    pub(crate) fn row(
        &mut self,
        line: u64,
        mut cells: Vec<&str>,
        torn: Option<Torn>,
        shape: &Shape<'_>,
        reading: &mut Reading<'_>,
    ) {
        if cells.iter().all(|c| c.is_empty()) {
            // A line without any cell is no row at all.
            reading.blank += usize::from(cells.len() > 1);
            return;
        }
        let Some(headers) = &self.headers else { return self.header(line, cells, torn, reading) };
        reading.rows += 1;
        while cells.len() > headers.len() && cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        if reading.skips(&self.file, line) {
            return;
        }
        let begin = cells.iter().find(|c| !c.is_empty()).copied().unwrap_or_default();
        if self.ended
            || !shape.footer.is_empty() && shape.footer.iter().any(|end| alike(begin).starts_with(&alike(end)))
        {
            reading.passed_over += 1;
            if !self.ended {
                let expected = "a record; the table ends here, and this row and those below are passed over";
                let problem = Problem::new(&headers[0], begin, expected).warning().kind(ProblemKind::PassedOver);
                reading.add(problem.at(&self.file, Some(line)));
            }
            self.ended = true;
            return;
        }
        let problem = |expected: String| Problem::new("row", &cells.join(","), expected).at(&self.file, Some(line));
        match torn {
            Some(Torn::Open) => {
                let expected = "a closing quotation mark; without it, the cell goes on to the end of the file";
                return reading.add(problem(expected.to_owned()));
            }
            Some(Torn::Rows(n)) => {
                let expected = format!(
                    "one row; a quoted cell holds {n} lines that look like rows, so a quotation mark is missing or too many"
                );
                return reading.add(problem(expected));
            }
            Some(Torn::Lines(n)) => {
                let expected = format!("one row; a quoted cell makes one of {n} lines with as many cells as a row");
                reading.add(problem(expected).warning());
            }
            None => {}
        }
        if let Some(holds) = shape.holds.filter(|_| is_no_record(begin))
            && !headers.iter().zip(&cells).any(|(column, cell)| !cell.is_empty() && holds(column, cell))
        {
            reading.passed_over += 1;
            let expected = "a record; this row of totals or notes is passed over";
            let problem = Problem::new(&headers[0], begin, expected).warning().kind(ProblemKind::PassedOver);
            return reading.add(problem.at(&self.file, Some(line)));
        }
        let lacks = |column: &&&str| headers.iter().position(|h| h == **column).is_some_and(|at| at >= cells.len());
        let is_short = match shape.needed {
            [] => cells.len() < headers.len(),
            needed => needed.iter().any(|column| lacks(&column)),
        };
        if is_short || cells.len() > headers.len() {
            return reading.add(problem(format!("{} cells, as in the header", headers.len())));
        }
        let lacking = headers.len() - cells.len();
        self.cells.push(line, cells.into_iter().chain(std::iter::repeat_n("", lacking)));
    }

    fn header(&mut self, line: u64, mut cells: Vec<&str>, torn: Option<Torn>, reading: &mut Reading<'_>) {
        while cells.last().is_some_and(|c| c.is_empty()) {
            cells.pop();
        }
        let mut problem = |value: &str, expected: String| {
            self.sound = false;
            reading.refuse(Problem::new("header", value, expected).at(&self.file, Some(line)));
        };
        if cells.len() > MOST_COLUMNS {
            problem(&cells.join(","), format!("at most {MOST_COLUMNS} columns"));
        } else if let Some(Torn::Open) = torn {
            problem(&cells.join(","), "a closing quotation mark".to_owned());
        }
        self.line = line;
        self.headers = Some(cells.into_iter().map(plain).collect());
    }

    pub(crate) fn finish(self, reading: &mut Reading<'_>) -> Option<Table> {
        let Some(headers) = self.headers else {
            let expected = "a first line with the names of the columns";
            reading.refuse(Problem::new("header", "", expected).at(&self.file, Some(1)));
            return None;
        };
        self.sound.then_some(Table { file: self.file, line: self.line, headers, cells: self.cells })
    }
}

impl<'a> Row<'a> {
    /// The cell's text without spaces around it; empty when the table lacks the column.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        let at = self.table.headers.iter().position(|h| h == column);
        at.map_or("", |i| self.table.cells.get(self.first + i))
    }

    /// The row again.
    pub(crate) fn again(&self) -> Row<'a> {
        Row { table: self.table, line: self.line, first: self.first }
    }

    pub(crate) fn problem(&self, column: &str, expected: impl Into<String>, reading: &mut Reading<'_>) {
        reading.add(Problem::new(column, self.text(column), expected).at(&self.table.file, Some(self.line)));
    }

    /// Whether it has one of some values in each of these columns; if not, it is passed over.
    pub(crate) fn is_among(&self, keep: &BTreeMap<String, Vec<String>>, reading: &mut Reading<'_>) -> bool {
        let other = self.other(keep);
        if let Some((column, values)) = other {
            self.passed_over(column, format!("{}; other rows are passed over", values.join(" or ")), reading);
        }
        other.is_none()
    }

    /// Whether it has one of some values in each of these columns.
    pub(crate) fn has_one_of(&self, keep: &BTreeMap<String, Vec<String>>) -> bool {
        self.other(keep).is_none()
    }

    /// The first of some columns in which it has none of some values.
    fn other<'k>(&self, keep: &'k BTreeMap<String, Vec<String>>) -> Option<(&'k String, &'k Vec<String>)> {
        keep.iter().find(|(column, values)| {
            let cell = alike(self.text(column));
            !values.iter().any(|value| alike(value) == cell)
        })
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

    /// Warns of a date that stands for an unknown one.
    pub(crate) fn stand_in(&self, column: &str, expected: impl Into<String>, reading: &mut Reading<'_>) {
        self.remark(ProblemKind::StandIn, column, expected, reading);
    }

    /// Says that the row is left out, without anything being wrong with it.
    pub(crate) fn passed_over(&self, column: &str, expected: impl Into<String>, reading: &mut Reading<'_>) {
        reading.passed_over += 1;
        self.remark(ProblemKind::PassedOver, column, expected, reading);
    }

    /// A warning of a kind.
    pub(crate) fn remark(
        &self,
        kind: ProblemKind,
        column: &str,
        expected: impl Into<String>,
        reading: &mut Reading<'_>,
    ) {
        let problem = Problem::new(column, self.text(column), expected).warning().kind(kind);
        reading.add(problem.at(&self.table.file, Some(self.line)));
    }

    /// A cell that must hold a value.
    pub(crate) fn value<T: FromStr<Err = Error>>(&self, column: &str, reading: &mut Reading<'_>) -> Option<T> {
        self.text(column).parse().map_err(|error| self.wrong(column, &error, reading)).ok()
    }

    /// A whole number, or nothing where the cell is empty.
    pub(crate) fn number<T: FromStr>(&self, column: &str, reading: &mut Reading<'_>) -> Option<T> {
        let text = self.text(column);
        // As programs write whole numbers that some rows lack.
        let number = text.strip_suffix(".0").unwrap_or(text).parse().ok();
        if number.is_none() && !text.is_empty() {
            self.problem(column, "a whole number, or nothing", reading);
        }
        number
    }

    /// An ISO date, or nothing where the cell is empty.
    pub(crate) fn date(&self, column: &str, reading: &mut Reading<'_>) -> Option<NaiveDate> {
        let text = self.text(column);
        let date = parse_date(text, "%Y-%m-%d");
        if date.is_none() && !text.is_empty() {
            self.problem(column, "a date as YYYY-MM-DD, or nothing", reading);
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
}
