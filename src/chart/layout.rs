//! Layouts of tile maps: where the tile of each body stands.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::Problem;
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read_text};
use crate::io::table::{Row, Table};

/// Where the tile of a body stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TilePlace {
    /// The body's id.
    pub code: String,
    /// Row from the top, from 0.
    pub row: u32,
    /// Column from the left, from 0.
    pub column: u32,
    /// A few letters written on the tile.
    pub label: String,
    /// The id of a body that stood for all of this one before it was opened, if there was one.
    pub before: Option<String>,
}

/// The name of a part of a map, written beside its tiles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TileHeading {
    /// The name.
    pub text: String,
    /// Row from the top.
    pub row: u32,
    /// Where it begins, in columns from the left.
    pub column: f64,
    /// Whether it ends there instead, running to the left.
    pub to_the_left: bool,
}

impl TileHeading {
    /// Reads the names of parts from CSV with the columns `text`, `row`, `column` (a number) and `runs` (`left` or
    /// `right`).
    ///
    /// # Errors
    /// [`Error::Io`] for what cannot be read; [`Error::Invalid`] with every row that has no text, no place, or runs
    /// nowhere.
    pub fn read<'a>(source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<Vec<TileHeading>>, Error> {
        read_text(source.into(), options, |name, text, reading| Ok(headings(name, text, reading)))
    }
}

/// The places of all tiles of a map, and the names of its parts.
///
/// As a CSV file it has the columns `code`, `row`, `column` and `label`, and perhaps `before`:
///
/// ```
/// use rating_history::chart::TileLayout;
/// use rating_history::io::{ReadOptions, Source};
/// let read = |text: &'static str| TileLayout::read(Source::new("bridges.csv", text.as_bytes()), &ReadOptions::default());
/// let layout = read("code,row,column,label\nb1,0,0,MIL\nb2,1,0,ABB\n")?.value;
/// assert_eq!((layout.rows(), layout.columns()), (2, 1));
/// let error = read("code,row,column,label\nb1,0,0,MIL\nb2,0,0,ABB\n").unwrap_err();
/// assert!(error.to_string().contains("bridges.csv:3: row `0`: expected a place of its own; b1 stands there"), "{error}");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TileLayout {
    places: Vec<TilePlace>,
    headings: Vec<TileHeading>,
}

/// The most rows or columns of a map.
const MOST: u32 = 200;

impl TileLayout {
    /// Reads a layout from CSV, without names of parts.
    ///
    /// # Errors
    /// [`Error::Io`] for what cannot be read; [`Error::Invalid`] with every row that has no id, no place of its own or one
    /// beyond 200 rows or columns.
    pub fn read<'a>(source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<Self>, Error> {
        read_text(source.into(), options, |name, text, reading| {
            let places = places(name, text, reading);
            if places.is_empty() && reading.problems.errors().next().is_none() {
                reading.add(Problem::new("row", "", "at least one tile").at(name, None));
            }
            Ok(TileLayout { places, headings: Vec::new() })
        })
    }

    /// With other names of parts.
    #[must_use]
    pub fn with_headings(mut self, headings: Vec<TileHeading>) -> Self {
        self.headings = headings;
        self
    }

    /// The places, row by row.
    pub fn places(&self) -> &[TilePlace] {
        &self.places
    }

    /// The names of parts.
    pub fn headings(&self) -> &[TileHeading] {
        &self.headings
    }

    /// How many rows the map has.
    pub fn rows(&self) -> u32 {
        self.places.iter().map(|p| p.row + 1).max().unwrap_or(0)
    }

    /// How many columns the map has.
    pub fn columns(&self) -> u32 {
        self.places.iter().map(|p| p.column + 1).max().unwrap_or(0)
    }
}

fn places(name: &str, text: &str, reading: &mut Reading<'_>) -> Vec<TilePlace> {
    let Some(table) = Table::parse(name, text, reading) else { return Vec::new() };
    if !table.has(&["code", "row", "column", "label"], reading) {
        return Vec::new();
    }
    let mut places: Vec<TilePlace> = Vec::new();
    for row in table.rows() {
        let (Some(line), Some(column)) = (place(&row, "row", reading), place(&row, "column", reading)) else {
            continue;
        };
        let code = row.text("code");
        if code.is_empty() || places.iter().any(|p| p.code == code) {
            row.problem("code", "an id, each once", reading);
        }
        if let Some(other) = places.iter().find(|p| (p.row, p.column) == (line, column)) {
            row.problem("row", format!("a place of its own; {} stands there", other.code), reading);
        }
        let before = Some(row.text("before").to_owned()).filter(|b| !b.is_empty());
        places.push(TilePlace {
            code: code.to_owned(),
            row: line,
            column,
            label: row.text("label").to_owned(),
            before,
        });
    }
    places.sort_by_key(|p| (p.row, p.column));
    places
}

fn place(row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> Option<u32> {
    let place = row.text(column).parse().ok().filter(|n| *n < MOST);
    if place.is_none() {
        row.problem(column, format!("a whole number from 0 to {}", MOST - 1), reading);
    }
    place
}

fn headings(name: &str, text: &str, reading: &mut Reading<'_>) -> Vec<TileHeading> {
    let Some(table) = Table::parse(name, text, reading) else { return Vec::new() };
    if !table.has(&["text", "row", "column", "runs"], reading) {
        return Vec::new();
    }
    let mut headings = Vec::new();
    for row in table.rows() {
        let column = row.text("column").parse::<f64>().ok().filter(|c| (0.0..=f64::from(MOST)).contains(c));
        if column.is_none() {
            row.problem("column", format!("a number from 0 to {MOST}"), reading);
        }
        let runs = row.text("runs");
        if !["left", "right"].contains(&runs) {
            row.problem("runs", "left or right", reading);
        }
        if row.text("text").is_empty() {
            row.problem("text", "a name", reading);
        }
        if let (Some(line), Some(column)) = (place(&row, "row", reading), column) {
            let text = row.text("text").to_owned();
            headings.push(TileHeading { text, row: line, column, to_the_left: runs == "left" });
        }
    }
    headings
}
