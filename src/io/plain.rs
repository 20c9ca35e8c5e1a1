//! Whether a CSV file is as this crate writes it, so that its rows may stay where they are.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chrono::NaiveDate;

use super::dates::STAND_INS;
use super::table::is_no_record;
use crate::frame::{NUMBERS, columns::*, is_date};
use crate::{Error, PLAUSIBLE, Precision};

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Id,
    Effect,
    Date,
    Number,
    Precision,
    Other,
}

/// A longer line is none of ours.
const LONGEST: u64 = 1 << 20;

/// Whether every row is as this crate writes it: in UTF-8, one line with as many cells as the header, separated by commas,
/// with an id, days as 2020-01-31, and no spaces around a cell. Other files are read into memory row by row.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be read.
pub(super) fn is_plain(path: &Path) -> Result<bool, Error> {
    let named = || Error::io(path);
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(named())?);
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| -> Result<bool, Error> {
        line.clear();
        file.by_ref().take(LONGEST).read_until(b'\n', line).map_err(named())?;
        let end = line.len() - usize::from(line.ends_with(b"\n"));
        line.truncate(end - usize::from(line[..end].ends_with(b"\r")));
        Ok(end > 0 || line.len() > end)
    };
    next(&mut line)?;
    let Some(kinds) = std::str::from_utf8(&line).ok().and_then(kinds) else { return Ok(false) };
    let mut days = Days::default();
    loop {
        let is_row = next(&mut line)?;
        if line.is_empty() {
            // Nothing may follow an empty line but the end.
            return Ok(!is_row && file.fill_buf().map_err(named())?.is_empty());
        }
        let sound = std::str::from_utf8(&line).is_ok_and(|line| is_row_of(line, &kinds, &mut days));
        if !sound {
            return Ok(false);
        }
    }
}

fn kinds(header: &str) -> Option<Vec<Kind>> {
    let names: Vec<&str> = header.strip_prefix('\u{feff}').unwrap_or(header).split(',').collect();
    let odd = |name: &&str| name.is_empty() || name.trim() != *name || name.contains('"');
    if names.iter().any(odd) || names.iter().enumerate().any(|(n, name)| names[..n].contains(name)) {
        return None;
    }
    [AUTHORITY, EFFECT, GRADE].iter().all(|needed| names.contains(needed)).then_some(())?;
    let kind = |name: &&str| match *name {
        AUTHORITY => Kind::Id,
        EFFECT => Kind::Effect,
        PRECISION => Kind::Precision,
        name if is_date(name) => Kind::Date,
        name if NUMBERS.contains(&name) => Kind::Number,
        _ => Kind::Other,
    };
    Some(names.iter().map(kind).collect())
}

fn is_row_of(line: &str, kinds: &[Kind], days: &mut Days) -> bool {
    if line.contains(['\r', '\0']) {
        return false;
    }
    let mut cells = Cells(Some(line));
    let mut first = true;
    for kind in kinds {
        let Some(cell) = cells.next() else { return false };
        let sound = match kind {
            Kind::Id => !cell.is_empty(),
            Kind::Effect => days.is_plain(cell),
            Kind::Date => cell.is_empty() || days.is_plain(cell),
            Kind::Number => cell.bytes().all(|byte| byte.is_ascii_digit()),
            Kind::Precision => cell.is_empty() || Precision::ALL.iter().any(|p| p.code() == cell),
            Kind::Other => true,
        };
        let spaced = |c: Option<char>| c.is_some_and(char::is_whitespace);
        if !sound || spaced(cell.chars().next()) || spaced(cell.chars().next_back()) {
            return false;
        }
        if first && is_no_record(cell) {
            return false;
        }
        first &= cell.is_empty();
    }
    cells.next().is_none() && !first
}

/// The cells of a line as they are written, with their quotation marks; one that does not end is the last, and there is
/// none after it.
struct Cells<'a>(Option<&'a str>);

impl<'a> Iterator for Cells<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.take()?;
        let mut end = 0;
        if rest.starts_with('"') {
            let mut quoted = false;
            for (at, byte) in rest.bytes().enumerate() {
                match byte {
                    b'"' => quoted = !quoted,
                    b',' if !quoted => {
                        self.0 = Some(&rest[at + 1..]);
                        return Some(&rest[..at]);
                    }
                    _ => end = at,
                }
            }
            return (!quoted && end < rest.len()).then_some(rest);
        }
        end = rest.find(',').unwrap_or(rest.len());
        self.0 = rest.get(end + 1..);
        Some(&rest[..end])
    }
}

/// Days that were met last: neighbours mostly have one of few.
#[derive(Default)]
struct Days(String);

impl Days {
    fn is_plain(&mut self, cell: &str) -> bool {
        if self.0 == cell {
            return true;
        }
        let digits = |cell: &str| cell.len() == 10 && cell.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day = Some(cell).filter(|cell| digits(cell)).and_then(|cell| cell.parse::<NaiveDate>().ok());
        if !day.is_some_and(|day| PLAUSIBLE.contains(&day) && !STAND_INS.contains(&day)) {
            return false;
        }
        cell.clone_into(&mut self.0);
        true
    }
}
