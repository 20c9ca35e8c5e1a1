//! Excel and OpenDocument workbooks as rows of text.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Xlsx};

use super::options::ReadOptions;
use super::source::Source;
use super::table::{MOST_COLUMNS, header_among};
use crate::Error;
use crate::error::{Problem, Problems};

/// Cells by row, then column, counted from 0.
type Cells = BTreeMap<u32, BTreeMap<u32, String>>;

/// The rows of a sheet, by its name, or of the first that has some columns.
pub(super) fn rows(
    source: Source<'_>,
    sheet: Option<&str>,
    columns: &[&str],
    options: &ReadOptions,
) -> Result<Vec<(u64, Vec<String>)>, Error> {
    let (name, extension) = (source.name(), source.extension());
    let bytes = source.bytes(options)?;
    let damaged = |reason: String| {
        let problem = Problem::new("workbook", "", format!("a workbook: {reason}"));
        Error::Invalid(Problems(vec![problem.at(&name, None)]))
    };
    check_unpacked(&bytes, options.most_bytes).map_err(&damaged)?;
    let has_columns = |rows: &[(u64, Vec<String>)]| {
        let rows = rows.iter().map(|(line, cells)| (*line, cells.clone()));
        header_among(rows, columns).is_some_and(|(found, _)| found == columns.len())
    };
    let sheets = catch_unwind(AssertUnwindSafe(|| match extension.as_str() {
        "ods" => of_ods(&bytes, sheet, options.most_bytes, has_columns),
        _ => of_xlsx(&bytes, sheet, has_columns),
    }));
    match sheets {
        Ok(Ok(rows)) => Ok(rows),
        Ok(Err(Failure::Known(error))) => Err(error),
        Ok(Err(Failure::Damaged(reason))) => Err(damaged(reason)),
        Err(_) => Err(damaged("it is damaged".to_owned())),
    }
}

/// Rows of a sheet, all as wide as the widest, with their numbers.
fn filled(cells: &Cells) -> Vec<(u64, Vec<String>)> {
    let last = cells.values().filter_map(|cells| cells.last_key_value()).map(|(column, _)| *column as usize).max();
    let width = last.unwrap_or(0).min(MOST_COLUMNS) + 1;
    let row = |(row, cells): (&u32, &BTreeMap<u32, String>)| {
        let mut line = vec![String::new(); width];
        for (column, cell) in cells {
            if let Some(place) = line.get_mut(*column as usize) {
                place.clone_from(cell);
            }
        }
        (u64::from(*row) + 1, line)
    };
    cells.iter().map(row).collect()
}

/// The rows of the sheet that is named, or of the first that is the one looked for, or of the first of all.
fn first_of(
    names: &[String],
    sheet: Option<&str>,
    is_it: impl Fn(&[(u64, Vec<String>)]) -> bool,
    mut read: impl FnMut(&str) -> Result<Cells, Failure>,
) -> Result<Vec<(u64, Vec<String>)>, Failure> {
    if let Some(sheet) = sheet {
        return match names.iter().any(|name| name == sheet) {
            true => Ok(filled(&read(sheet)?)),
            false => Err(Failure::Known(Error::unknown("sheet", sheet, names.iter().map(String::as_str)))),
        };
    }
    let mut first = None;
    for name in names {
        let rows = filled(&read(name)?);
        if is_it(&rows) {
            return Ok(rows);
        }
        first.get_or_insert(rows);
    }
    first.ok_or_else(|| failed("it has no sheet"))
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

fn of_xlsx(
    bytes: &[u8],
    sheet: Option<&str>,
    is_it: impl Fn(&[(u64, Vec<String>)]) -> bool,
) -> Result<Vec<(u64, Vec<String>)>, Failure> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    first_of(&workbook.sheet_names(), sheet, is_it, |sheet| xlsx_cells(&mut workbook, sheet))
}

fn xlsx_cells(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Cells, Failure> {
    // Cell by cell: a sheet with one cell in its last corner is a small one.
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(failed)?;
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

fn of_ods(
    bytes: &[u8],
    sheet: Option<&str>,
    most: u64,
    is_it: impl Fn(&[(u64, Vec<String>)]) -> bool,
) -> Result<Vec<(u64, Vec<String>)>, Failure> {
    check_repeats(bytes, most)?;
    let mut workbook: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(failed)?;
    first_of(&workbook.sheet_names(), sheet, is_it, |sheet| ods_cells(&mut workbook, sheet))
}

fn ods_cells(workbook: &mut Ods<Cursor<&[u8]>>, sheet: &str) -> Result<Cells, Failure> {
    let range = workbook.worksheet_range(sheet).map_err(failed)?;
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
