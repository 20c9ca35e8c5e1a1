//! What stands in a file before it is a table: text, or rows of cells.

use super::options::ReadOptions;
use super::report::Reading;
use super::source::Source;
use super::table::{Maker, Shape, Table, columns_in, header_among, header_elsewhere};
use crate::Error;
use crate::error::Problem;

/// The content of a file.
pub(crate) enum Sheet {
    /// Text with cells between separators.
    Text { name: String, text: String, odd: Option<Problem> },
    /// Rows with their numbers.
    #[cfg_attr(
        not(any(feature = "files", feature = "excel")),
        allow(dead_code, reason = "made by readers of features")
    )]
    Rows { name: String, rows: Vec<(u64, Vec<String>)> },
}

impl Sheet {
    /// Reads CSV; with the feature `excel` a sheet of a workbook, by its name, or the first that has these columns; with the
    /// feature `files` the rows of a Parquet, Arrow or JSON file.
    ///
    /// # Errors
    /// [`Error::Io`] for what cannot be read or is too large; [`Error::Unknown`] for a sheet that is not there, or a
    /// workbook without the feature; [`Error::Invalid`] for a file that is no workbook.
    pub(crate) fn read(
        source: Source<'_>,
        sheet: Option<&str>,
        columns: &[&str],
        options: &ReadOptions,
    ) -> Result<Self, Error> {
        let extension = source.extension();
        let is_book = ["xlsx", "xlsm", "ods"].contains(&extension.as_str());
        if let Some(sheet) = sheet.filter(|_| !is_book) {
            return Err(Error::value("sheet", sheet, format!("no sheet: {} is no workbook", source.name())));
        }
        match extension.as_str() {
            #[cfg(feature = "excel")]
            _ if is_book => {
                let name = source.name();
                Ok(Sheet::Rows { name, rows: super::workbook::rows(source, sheet, columns, options)? })
            }
            #[cfg(not(feature = "excel"))]
            book if is_book => {
                let _ = columns;
                Err(Error::unknown("format", book, ["csv; workbooks need the feature `excel`"].into_iter()))
            }
            #[cfg(feature = "files")]
            "parquet" | "arrow" | "ipc" | "feather" | "json" => {
                let name = source.name();
                Ok(Sheet::Rows { name, rows: super::open::cells(source, options)? })
            }
            _ => {
                let (name, text, odd) = source.text(options)?;
                Ok(Sheet::Text { name, text, odd })
            }
        }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Sheet::Text { name, .. } | Sheet::Rows { name, .. } => name,
        }
    }

    /// The line that looks like the header, where the one that is told does not.
    fn header_elsewhere(&self, shape: &Shape<'_>) -> Option<u64> {
        let told = shape.header?;
        match self {
            Sheet::Text { text, .. } => header_elsewhere(text, shape),
            Sheet::Rows { rows, .. } => {
                let told = rows.iter().find(|(line, cells)| *line >= told && cells.iter().any(|cell| !cell.is_empty()));
                let told = told.map_or(0, |(_, cells)| columns_in(cells.iter().map(String::as_str), shape.columns));
                let found = header_among(rows.iter().map(|(line, cells)| (*line, cells.clone())), shape.columns);
                found.filter(|(n, _)| *n > told).map(|(_, line)| line)
            }
        }
    }

    /// Its rows below the header.
    pub(crate) fn table(&self, shape: &Shape<'_>, reading: &mut Reading<'_>) -> Option<Table> {
        if let (Some(told), Some(line)) = (shape.header, self.header_elsewhere(shape)) {
            let expected = format!("the line with the names of the columns; line {line} looks like it");
            reading.refuse(Problem::new("header", &told.to_string(), expected).at(self.name(), Some(told)));
            return None;
        }
        let (name, rows) = match self {
            Sheet::Text { name, text, odd } => {
                odd.iter().for_each(|warning| reading.add(warning.clone()));
                return Table::parse_as(name, text, shape, reading);
            }
            Sheet::Rows { name, rows } => (name, rows),
        };
        let found = || header_among(rows.iter().map(|(line, cells)| (*line, cells.clone())), shape.columns);
        let header = shape.header.or_else(|| found().map(|(_, line)| line)).unwrap_or(0);
        let mut table = Maker::new(name);
        for (line, cells) in rows.iter().filter(|(line, _)| *line >= header) {
            if reading.is_full() || reading.is_refused() {
                return None;
            }
            table.row(*line, cells.iter().map(String::as_str).collect(), None, shape, reading);
        }
        table.finish(reading)
    }
}
