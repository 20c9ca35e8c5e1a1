//! Rows of a frame as JSON: what a file says of itself, and an object a row.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use polars::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::options::ReadOptions;
use super::source::Source;
use super::write::temporary;
use crate::Error;
use crate::error::{Problem, Problems};

/// A file of rows.
#[derive(Deserialize)]
pub(super) struct Document {
    /// What it says of itself, as in the metadata of other files.
    #[serde(default, rename = "rating-history")]
    pub(super) mark: Option<Value>,
    /// The names of its columns, in their order; others may follow.
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    rows: Vec<Map<String, Value>>,
}

impl Document {
    pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<Self, Error> {
        let (name, text, _) = Source::from(path).text(options)?;
        // As other programs write rows: an array of objects.
        let read = match text.trim_start().starts_with('[') {
            true => serde_json::from_str(&text).map(|rows| Document { mark: None, columns: Vec::new(), rows }),
            false => serde_json::from_str(&text),
        };
        read.map_err(|error| {
            let place = format!("column {}", error.column());
            let problem = Problem::new("JSON", &place, format!("an object with `rows`, or an array of rows: {error}"));
            Error::Invalid(Problems(vec![problem.at(&name, Some(error.line() as u64))]))
        })
    }

    /// The rows as columns of text; what a row lacks is unknown.
    pub(super) fn frame(self) -> Result<DataFrame, Error> {
        let mut names = self.columns;
        for name in self.rows.iter().flat_map(Map::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            value => Some(value.to_string()),
        };
        let column = |name: &String| {
            let cells: StringChunked = self.rows.iter().map(|row| row.get(name).and_then(text)).collect();
            cells.with_name(name.into()).into_column()
        };
        Ok(DataFrame::new(self.rows.len(), names.iter().map(column).collect())?)
    }
}

/// Writes rows with a mark, whole or not at all.
pub(super) fn write(frame: LazyFrame, path: &Path, mark: Option<&str>) -> Result<(), Error> {
    let rows = frame.collect_with_engine(Engine::Streaming)?.unwrap_single();
    let mut file = temporary(path).map_err(Error::io(path))?;
    let written = (|| -> std::io::Result<()> {
        let mut out = BufWriter::new(file.as_file_mut());
        let head = mark.map(|mark| format!("\"rating-history\": {mark},\n ")).unwrap_or_default();
        let columns = Value::from_iter(rows.get_column_names().into_iter().map(ToString::to_string));
        write!(out, "{{{head}\"columns\": {columns},\n \"rows\": [")?;
        for row in 0..rows.height() {
            let cells = rows.columns().iter().map(|column| (column.name().to_string(), value(column, row)));
            let object: Map<String, Value> = cells.filter(|(_, value)| !value.is_null()).collect();
            write!(out, "{}\n  {}", if row == 0 { "" } else { "," }, Value::Object(object))?;
        }
        writeln!(out, "\n]}}")?;
        out.flush()
    })();
    written.and_then(|()| file.as_file().sync_all()).map_err(Error::io(path))?;
    file.persist(path).map_err(|e| Error::io(path)(e.error))?;
    Ok(())
}

fn value(column: &Column, row: usize) -> Value {
    match column.get(row) {
        Err(_) | Ok(AnyValue::Null) => Value::Null,
        Ok(AnyValue::UInt32(number)) => number.into(),
        Ok(AnyValue::Int64(number)) => number.into(),
        Ok(AnyValue::Float64(number)) => number.into(),
        Ok(AnyValue::Boolean(is)) => is.into(),
        Ok(cell) => cell.get_str().map_or_else(|| cell.to_string(), str::to_owned).into(),
    }
}

/// Whether a JSON file holds rows of a frame.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be read.
pub fn has_rows(path: impl AsRef<Path>) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "rows")]
        _rows: Vec<serde::de::IgnoredAny>,
    }
    let path = path.as_ref();
    let mut file = BufReader::new(File::open(path).map_err(Error::io(path))?);
    let begin = file.fill_buf().map_err(Error::io(path))?.trim_ascii_start();
    Ok(begin.starts_with(b"[") || serde_json::from_reader::<_, Head>(file).is_ok())
}
