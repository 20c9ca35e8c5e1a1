//! Rows of a frame, cell by cell: what a file of this crate's columns holds when it is not as this crate writes it.

use polars::prelude::*;

use super::dates;
use super::fieldwork::Inspection;
use super::meanings::{Meanings, Told};
use super::order::DateStyle;
use super::report::Reading;
use super::table::{Maker, Row, Shape, Table};
use crate::frame::{NUMBERS, columns::*, is_date};
use crate::{Error, Precision, Scale};

/// The columns that no row may lack.
pub(super) const NEEDED: [&str; 3] = [AUTHORITY, EFFECT, GRADE];

/// Reads the rows of a CSV file; those of totals and notes hold no day and no grade of the scale.
pub(super) fn read(name: &str, text: &str, scale: Option<&Scale>, reading: &mut Reading<'_>) -> Option<Table> {
    let meanings = scale.map(|scale| Meanings::new(scale, []));
    let is_grade = |cell: &str| meanings.as_ref().is_none_or(|meanings| meanings.of(cell).is_some());
    let holds = |column: &str, cell: &str| match column {
        GRADE => is_grade(cell),
        column => is_date(column) && dates::is_date(cell),
    };
    Table::parse_as(name, text, &Shape { needed: &NEEDED, holds: Some(&holds), ..Shape::default() }, reading)
}

/// The rows of a frame as text; their lines are their numbers, from 1.
pub(super) fn of_frame(name: &str, frame: &DataFrame, reading: &mut Reading<'_>) -> Result<Option<Table>, Error> {
    let columns: Vec<Column> =
        frame.columns().iter().map(|c| c.cast(&DataType::String)).collect::<PolarsResult<_>>()?;
    let columns: Vec<&StringChunked> = columns.iter().map(Column::str).collect::<PolarsResult<_>>()?;
    let shape = Shape { needed: &NEEDED, holds: Some(&|_, _| true), ..Shape::default() };
    let mut table = Maker::new(name);
    table.row(0, frame.get_column_names().into_iter().map(|name| name.as_str()).collect(), None, &shape, reading);
    for row in 0..frame.height() {
        if reading.is_full() || reading.is_refused() {
            return Ok(None);
        }
        let cells = columns.iter().map(|column| column.get(row).unwrap_or_default().trim()).collect();
        table.row(row as u64 + 1, cells, None, &shape, reading);
    }
    Ok(table.finish(reading))
}

/// The columns of the rows that have nothing wrong, each in its type; a problem for each other row.
pub(super) fn typed(
    table: &Table,
    needed: &[&str],
    scale: Option<&Scale>,
    reading: &mut Reading<'_>,
) -> Result<DataFrame, Error> {
    let named: Vec<&str> = table.headers().filter(|header| !header.is_empty() && !needed.contains(header)).collect();
    if !table.has(&[needed, &named].concat(), reading) {
        return Err(reading.invalid());
    }
    // Numbers that were made here are made again.
    let made_here = |header: &&str| {
        let is_number = |cell: &str| cell.is_empty() || cell.parse::<f64>().is_ok();
        [BODY, SERIES].contains(header) && table.rows().all(|row| is_number(row.text(header)))
    };
    let headers: Vec<&str> = table.headers().filter(|header| !header.is_empty() && !made_here(header)).collect();
    let days: Vec<&str> = headers.iter().copied().filter(|header| is_date(header)).collect();
    let style = DateStyle::of(table, &days, &[], reading);
    let mut columns: Vec<(&str, Cells<'_>)> = headers.iter().map(|header| (*header, Cells::of(header))).collect();
    let grades = scale.map(|scale| (scale, Meanings::new(scale, [])));
    let mut precisions = Vec::new();
    for row in table.rows() {
        if reading.is_full() {
            break;
        }
        let before = reading.errors();
        let exactly = take_row(&row, &mut columns, grades.as_ref(), &style, reading);
        if reading.errors() > before {
            columns.iter_mut().for_each(|(_, cells)| cells.take_back(precisions.len()));
        } else {
            precisions.push(exactly.code());
        }
    }
    if reading.errors() > 0 {
        return Err(reading.invalid());
    }
    let mut made = DataFrame::new_infer_height(columns.into_iter().map(|(name, cells)| cells.column(name)).collect())?;
    let inexact = precisions.iter().any(|code| *code != Precision::Day.code());
    if inexact && !headers.contains(&PRECISION) {
        made.with_column(Column::new(PRECISION.into(), precisions))?;
    }
    Ok(made)
}

/// Takes the cells of a row, and says how exactly its day is known.
fn take_row<'a>(
    row: &Row<'a>,
    columns: &mut [(&str, Cells<'a>)],
    grades: Option<&(&'a Scale, Meanings)>,
    style: &DateStyle,
    reading: &mut Reading<'_>,
) -> Precision {
    let mut exactly = Precision::Day;
    let mut inspection = Inspection { start: None, end: None, published: None, exact: true };
    for (name, cells) in columns {
        let cell = row.text(name);
        match cells {
            Cells::Days(days) => {
                let known = style.day(row, name, reading);
                if *name == EFFECT {
                    match known {
                        Some((_, precision)) => exactly = precision,
                        None if cell.is_empty() => row.problem(name, "a date", reading),
                        None => {}
                    }
                }
                let day = known.map(|(day, _)| day);
                match *name {
                    START => inspection.start = day,
                    END => inspection.end = day,
                    PUBLISHED => inspection.published = day,
                    _ => {}
                }
                days.push(day);
            }
            Cells::Numbers(numbers) => numbers.push(row.number(name, reading)),
            Cells::Words(words) => {
                let mut word = Some(cell).filter(|cell| !cell.is_empty());
                match (*name, grades) {
                    (AUTHORITY, _) if cell.is_empty() => row.problem(name, "an id", reading),
                    (GRADE, Some((scale, meanings))) if !cell.is_empty() => match meanings.of(cell) {
                        Some(Told::Grade(rank)) => word = Some(scale.labels()[rank].as_str()),
                        _ => _ = scale.position(cell).inspect_err(|error| row.wrong(name, error, reading)),
                    },
                    (PRECISION, _) if !cell.is_empty() => _ = row.value::<Precision>(name, reading),
                    _ => {}
                }
                words.push(word);
            }
        }
    }
    let told = row.text(PRECISION);
    inspection.exact = exactly == Precision::Day && (told.is_empty() || told == Precision::Day.code());
    inspection.check(row, [END, PUBLISHED], reading);
    exactly
}

/// The cells of a column.
enum Cells<'a> {
    Days(Vec<Option<chrono::NaiveDate>>),
    Numbers(Vec<Option<u32>>),
    Words(Vec<Option<&'a str>>),
}

impl Cells<'_> {
    fn of(column: &str) -> Self {
        match column {
            column if is_date(column) => Cells::Days(Vec::new()),
            column if NUMBERS.contains(&column) => Cells::Numbers(Vec::new()),
            _ => Cells::Words(Vec::new()),
        }
    }

    /// Keeps only the first ones.
    fn take_back(&mut self, kept: usize) {
        match self {
            Cells::Days(days) => days.truncate(kept),
            Cells::Numbers(numbers) => numbers.truncate(kept),
            Cells::Words(words) => words.truncate(kept),
        }
    }

    fn column(self, name: &str) -> Column {
        match self {
            Cells::Days(days) => Column::new(name.into(), days),
            Cells::Numbers(numbers) => Column::new(name.into(), numbers),
            Cells::Words(words) => Column::new(name.into(), words),
        }
    }
}
