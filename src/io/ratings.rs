//! Any rated history: one CSV file with a body, a date and a rating a row.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::meanings::Meanings;
use super::options::ReadOptions;
use super::order::DateStyle;
use super::report::{Loaded, read_text};
use super::source::Source;
use super::table::{Shape, Table};
use super::text::alike;
use crate::error::Problem;
use crate::frame::columns::*;
use crate::{Error, Precision, Ratings, Scale};

/// Which columns of a plain file of ratings hold what.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RatingColumns {
    /// The rated body's id or name.
    pub id: String,
    /// The day the rating takes effect.
    pub date: String,
    /// The rating.
    pub rating: String,
    /// Ratings that say that there is none from that day on.
    #[serde(default)]
    pub withdrawn: Vec<String>,
    /// How dates are written, in the words of [`chrono::format::strftime`]; `excel` for a spreadsheet's serial numbers.
    /// The first that fits is taken; without one, dates are understood as people write them.
    #[serde(default)]
    pub dates: Vec<String>,
}

impl RatingColumns {
    /// The columns with a body's id or name, the day and the rating; no rating is a withdrawn one.
    pub fn new(id: impl Into<String>, date: impl Into<String>, rating: impl Into<String>) -> Self {
        RatingColumns {
            id: id.into(),
            date: date.into(),
            rating: rating.into(),
            withdrawn: Vec::new(),
            dates: Vec::new(),
        }
    }

    /// The ratings that say that there is none from that day on.
    #[must_use]
    pub fn withdrawn(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.withdrawn = words.into_iter().map(Into::into).collect();
        self
    }

    /// How dates are written, in the words of [`chrono::format::strftime`]; `excel` for a spreadsheet's serial numbers.
    #[must_use]
    pub fn dates(mut self, formats: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dates = formats.into_iter().map(Into::into).collect();
        self
    }

    /// Reads ratings of any scale from CSV with a header: a rating stands until the next row of the same id, of several
    /// on one day the last in the file, and a warning names both lines. Rows may come in any order; dates are written
    /// 2020-01-31, 31-Jan-2020 or 31/01/2020, with a time or without, or as a month or year, of which the last day counts;
    /// other columns are passed over. Whether days or months come first is decided for the whole file, and a warning says
    /// so where the file does not tell it. Separators and encodings are found out; rows of totals and notes are passed
    /// over with a warning; ids that look alike bring one.
    ///
    /// ```
    /// use rating_history::Scale;
    /// use rating_history::io::{RatingColumns, ReadOptions, Source};
    /// let file = "ID;Date;Rating\na;31/01/2020;B\na;31/01/2021;A\nb;30/06/2020;A\nb;30/06/2021;NR\n";
    /// let columns = RatingColumns::new("ID", "Date", "Rating").withdrawn(["NR"]);
    /// let scale = Scale::new(["D", "B", "A"])?;
    /// let read = columns.read(Source::new("ratings.csv", file.as_bytes()), &scale, &ReadOptions::default())?;
    /// assert_eq!(read.report.rows, 4);
    /// assert_eq!(read.value.as_of("2022-01-01".parse().unwrap()).spells().rows()?.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] for what cannot be read or is too large; [`Error::Invalid`] with every row that lacks an id, a date
    /// or a rating of the scale, with its line, unless the reading is lenient; [`Error::Value`] for a withdrawn rating
    /// that is on the scale.
    pub fn read<'a>(
        &self,
        source: impl Into<Source<'a>>,
        scale: &Scale,
        options: &ReadOptions,
    ) -> Result<Loaded<Ratings>, Error> {
        read_text(source.into(), options, |name, text, reading| {
            if let Some(word) = self.withdrawn.iter().find(|word| scale.rank(word).is_some()) {
                return Err(Error::value("word for no rating", word, "a word that is not on the scale too"));
            }
            let words = Meanings::new(scale, &self.withdrawn);
            let needed = [self.id.as_str(), &self.date, &self.rating];
            let bare = DateStyle::given(&self.dates);
            let holds = |column: &str, cell: &str| {
                column == self.date && bare.reads(cell) || column == self.rating && words.of(cell).is_some()
            };
            let shape = Shape { needed: &needed, holds: Some(&holds) };
            let Some(table) = Table::parse_as(name, text, &shape, reading) else { return Err(reading.invalid()) };
            if !table.has(&needed, reading) {
                return Err(reading.invalid());
            }
            let style = DateStyle::of(&table, &[&self.date], &self.dates, reading);
            let (mut ids, mut days, mut grades, mut lines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let mut precisions = Vec::new();
            // Where the row of a body on a day stands; of several the last counts.
            let mut places: HashMap<(String, NaiveDate), (usize, u64)> = HashMap::new();
            let mut spellings = Spellings::default();
            for row in table.rows() {
                if reading.is_full() {
                    break;
                }
                let (id, rating) = (row.text(&self.id), row.text(&self.rating));
                let known = style.day(&row, &self.date, reading);
                let grade = words.of(rating);
                if id.is_empty() {
                    row.problem(&self.id, "an id", reading);
                }
                if row.text(&self.date).is_empty() {
                    row.problem(&self.date, "a date", reading);
                }
                if grade.is_none()
                    && let Err(error) = scale.position(rating)
                {
                    row.wrong(&self.rating, &error, reading);
                }
                let (Some((day, precision)), Some(grade)) = (known, grade) else { continue };
                let id = spellings.of(id, row.line, options.join_alike);
                let grade = grade.map(|g| scale.labels()[g].as_str());
                let line = format!("line {:010}", row.line);
                match places.get_mut(&(id.clone(), day)) {
                    Some((place, before)) => {
                        let same = grades[*place] == grade;
                        let expected = match same {
                            true => format!("one row for {id} on {day}; line {before} says the same"),
                            false => {
                                format!("one rating for {id} on {day}; line {before} says otherwise, the later counts")
                            }
                        };
                        row.warn(&self.rating, expected, reading);
                        reading.passed_over += 1;
                        (grades[*place], lines[*place], *before) = (grade, line, row.line);
                        precisions[*place] = precision.code();
                    }
                    None => {
                        places.insert((id.clone(), day), (ids.len(), row.line));
                        ids.push(id);
                        days.push(day);
                        grades.push(grade);
                        lines.push(line);
                        precisions.push(precision.code());
                    }
                }
            }
            if reading.problems.errors().next().is_some() {
                return Err(reading.invalid());
            }
            for (first, line, other, other_line) in &spellings.apart {
                let became = if options.join_alike { "they are read as one" } else { "they are read as two" };
                let expected = format!("one spelling of an id; line {line} has `{}`: {became}", first.escape_debug());
                let value = other.escape_debug().to_string();
                reading.add(Problem::new(&self.id, &value, expected).warning().at(name, Some(*other_line)));
            }
            let inexact = precisions.iter().any(|code| *code != Precision::Day.code());
            let mut frame = df!(AUTHORITY => ids, EFFECT => days, GRADE => grades, INSPECTION => lines)?;
            if inexact {
                frame.with_column(Column::new(PRECISION.into(), precisions))?;
            }
            Ratings::unordered(frame.lazy(), scale.clone())
        })
    }
}

/// Ids as they are spelled, and those that look alike.
#[derive(Default)]
struct Spellings {
    /// The first spelling and its line.
    first: HashMap<String, (String, u64)>,
    /// Spellings that were met.
    known: HashMap<String, String>,
    /// A first spelling with its line, and another one with its.
    apart: Vec<(String, u64, String, u64)>,
}

impl Spellings {
    /// The id, or the first spelling that looks like it.
    fn of(&mut self, id: &str, line: u64, join: bool) -> String {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let (first, first_line) = self.first.entry(alike(id)).or_insert_with(|| (id.to_owned(), line)).clone();
        if first != id {
            self.apart.push((first.clone(), first_line, id.to_owned(), line));
        }
        let kept = if join { first } else { id.to_owned() };
        self.known.insert(id.to_owned(), kept.clone());
        kept
    }
}
