//! Excel and OpenDocument workbooks as tables of text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Xlsx};

use super::wide::Mapping;
use crate::Error;
use crate::error::{Problem, Problems};
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::report::Loaded;
use crate::io::table::{MOST_COLUMNS, Maker};
use crate::ofsted::{Authority, RatingHistory};

/// Cells by row, then column, counted from 0.
type Cells = BTreeMap<u32, BTreeMap<u32, String>>;

impl Mapping {
    /// Reads a sheet of a workbook.
    pub(super) fn read_workbook(
        &self,
        source: Source<'_>,
        register: &[Authority],
        options: &ReadOptions,
    ) -> Result<Loaded<RatingHistory>, Error> {
        let (name, extension, sheet) = (source.name(), source.extension(), self.sheet.as_deref());
        let bytes = source.bytes(options)?;
        let damaged = |reason: String| {
            let problem = Problem::new("workbook", "", format!("a workbook: {reason}"));
            Error::Invalid(Problems(vec![problem.at(&name, None)]))
        };
        check_unpacked(&bytes, options.most_bytes).map_err(&damaged)?;
        let cells = catch_unwind(AssertUnwindSafe(|| match extension.as_str() {
            "ods" => of_ods(&bytes, sheet, options.most_bytes),
            _ => of_xlsx(&bytes, sheet),
        }));
        let cells = match cells {
            Ok(Ok(cells)) => cells,
            Ok(Err(Failure::Known(error))) => return Err(error),
            Ok(Err(Failure::Damaged(reason))) => return Err(damaged(reason)),
            Err(_) => return Err(damaged("it is damaged".to_owned())),
        };
        // The days of date cells are written out as ISO dates.
        let mut mapping = self.clone();
        mapping.dates.push("%Y-%m-%d".to_owned());
        // Rows of a sheet are all as wide as the widest.
        let last = cells.values().filter_map(|cells| cells.last_key_value()).map(|(column, _)| *column as usize).max();
        let width = last.unwrap_or(0).min(MOST_COLUMNS) + 1;
        mapping.read_tables(register, options, |shape, reading| {
            let mut table = Maker::new(&name);
            for (row, cells) in &cells {
                let mut line = vec![""; width];
                for (column, cell) in cells {
                    if let Some(place) = line.get_mut(*column as usize) {
                        *place = cell;
                    }
                }
                table.row(u64::from(*row) + 1, line, None, shape, reading);
            }
            table.finish(reading)
        })
    }
}

enum Failure {
    Known(Error),
    Damaged(String),
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Damaged(error.to_string())
}

/// Unpacks every part of a workbook and throws it away, to see that it is no bomb.
fn check_unpacked(bytes: &[u8], most: u64) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut left = most;
    for n in 0..archive.len() {
        let part = archive.by_index(n).map_err(|e| e.to_string())?;
        let read =
            std::io::copy(&mut part.take(left.saturating_add(1)), &mut std::io::sink()).map_err(|e| e.to_string())?;
        left = left.checked_sub(read).ok_or_else(|| format!("it unpacks to more than {most} bytes"))?;
    }
    Ok(())
}

fn choose(names: &[String], sheet: Option<&str>) -> Result<String, Failure> {
    match sheet {
        Some(sheet) if names.iter().any(|n| n == sheet) => Ok(sheet.to_owned()),
        Some(sheet) => Err(Failure::Known(Error::unknown("sheet", sheet, names.iter().map(String::as_str)))),
        None => names.first().cloned().ok_or_else(|| failed("it has no sheet")),
    }
}

fn of_xlsx(bytes: &[u8], sheet: Option<&str>) -> Result<Cells, Failure> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    let sheet = choose(&workbook.sheet_names(), sheet)?;
    // Cell by cell: a sheet with one cell in its last corner is a small one.
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(failed)?;
    let mut cells = Cells::new();
    while let Some(cell) = reader.next_cell().map_err(failed)? {
        let (row, column) = cell.get_position();
        let text = match cell.get_value() {
            DataRef::String(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Int(n) => n.to_string(),
            DataRef::Float(x) => x.to_string(),
            DataRef::Bool(b) => b.to_string(),
            DataRef::DateTime(time) => day(time),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.chars().take(10).collect(),
            DataRef::Error(error) => error.to_string(),
            _ => continue,
        };
        cells.entry(row).or_default().insert(column, text.trim().to_owned());
    }
    Ok(cells)
}

fn of_ods(bytes: &[u8], sheet: Option<&str>, most: u64) -> Result<Cells, Failure> {
    check_repeats(bytes, most)?;
    let mut workbook: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(failed)?;
    let sheet = choose(&workbook.sheet_names(), sheet)?;
    let range = workbook.worksheet_range(&sheet).map_err(failed)?;
    let (top, left) = range.start().unwrap_or_default();
    let mut cells = Cells::new();
    for (row, column, value) in range.used_cells() {
        let text = match value {
            Data::Empty => continue,
            Data::DateTime(time) => day(time),
            Data::DateTimeIso(text) | Data::DurationIso(text) => text.chars().take(10).collect(),
            value => value.to_string(),
        };
        let place = (top + u32::try_from(row).unwrap_or(u32::MAX), left + u32::try_from(column).unwrap_or(u32::MAX));
        cells.entry(place.0).or_default().insert(place.1, text.trim().to_owned());
    }
    Ok(cells)
}

/// A day as an ISO date; a time without one as its number.
fn day(time: &ExcelDateTime) -> String {
    time.as_datetime().map_or_else(|| time.as_f64().to_string(), |t| t.date().to_string())
}

/// OpenDocument says "this cell a million times" in a few bytes: refuses what would unfold to more than a cell in four
/// bytes. Empty cells at the end of a row or sheet, as every file has them, do not count.
fn check_repeats(bytes: &[u8], most: u64) -> Result<(), Failure> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut content = String::new();
    let part = archive.by_name("content.xml").map_err(failed)?;
    part.take(most).read_to_string(&mut content).map_err(failed)?;
    let number = |tag: &str, name: &str| -> u64 {
        let value =
            tag.split_once(name).and_then(|(_, rest)| rest.get(2..)).and_then(|rest| rest.split(['"', '\'']).next());
        value.and_then(|v| v.parse().ok()).unwrap_or(1)
    };
    let (mut rows, mut pending, mut unfolded) = (1, 0u64, 0u64);
    for tag in content.split('<') {
        if tag.starts_with("table:table-row") {
            (rows, pending) = (number(tag, "number-rows-repeated"), 0);
        } else if tag.starts_with("table:table-cell") || tag.starts_with("table:covered-table-cell") {
            pending = pending.saturating_add(number(tag, "number-columns-repeated"));
            // A cell with a value makes those before it real.
            if tag.contains("value-type") || !tag.trim_end().ends_with("/>") {
                unfolded = unfolded.saturating_add(pending.saturating_mul(rows));
                pending = 0;
            }
        }
    }
    if unfolded > most / 4 { Err(failed(format!("it unfolds to {unfolded} cells"))) } else { Ok(()) }
}
