//! Any rated history: one CSV file with a body, a date and a rating a row.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::options::ReadOptions;
use super::report::{Loaded, Reading, read};
use super::source::Source;
use super::table::{EXCEL, Table};
use crate::frame::columns::*;
use crate::{Error, Ratings, Scale};

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
}

impl RatingColumns {
    /// The columns with a body's id or name, the day and the rating; no rating is a withdrawn one.
    pub fn new(id: impl Into<String>, date: impl Into<String>, rating: impl Into<String>) -> Self {
        RatingColumns { id: id.into(), date: date.into(), rating: rating.into(), withdrawn: Vec::new() }
    }

    /// The ratings that say that there is none from that day on.
    #[must_use]
    pub fn withdrawn(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.withdrawn = words.into_iter().map(Into::into).collect();
        self
    }

    /// Reads ratings of any scale from CSV with a header: a rating stands until the next row of the same id, of several
    /// on one day the last in the file, and a warning names both lines. Rows may come in any order; dates are written
    /// 2020-01-31, 31-Jan-2020, 31/01/2020 or as a spreadsheet's serial number; other columns are passed over. Separators
    /// and encodings are found out.
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
        let (name, text) = source.into().text(options)?;
        read(options, |reading| {
            let invalid = |reading: &mut Reading<'_>| Error::Invalid(std::mem::take(&mut reading.problems));
            if let Some(word) = self.withdrawn.iter().find(|word| scale.rank(word).is_some()) {
                return Err(Error::value("word for no rating", word, "a word that is not on the scale too"));
            }
            let Some(table) = Table::parse(&name, &text, reading) else { return Err(invalid(reading)) };
            if !table.has(&[&self.id, &self.date, &self.rating], reading) {
                return Err(invalid(reading));
            }
            let (mut ids, mut days, mut grades, mut lines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            // Where the row of a body on a day stands; of several the last counts.
            let mut places: HashMap<(String, NaiveDate), (usize, u64)> = HashMap::new();
            for row in table.rows() {
                if reading.is_full() {
                    break;
                }
                let (id, rating) = (row.text(&self.id), row.text(&self.rating));
                let day = row.date_as(&self.date, &DATES, "a date as 2020-01-31, 31-Jan-2020 or 31/01/2020", reading);
                let grade = scale.position(rating);
                let none = self.withdrawn.iter().any(|w| w == rating);
                if id.is_empty() {
                    row.problem(&self.id, "an id", reading);
                }
                if row.text(&self.date).is_empty() {
                    row.problem(&self.date, "a date", reading);
                }
                if let (Err(error), false) = (&grade, none) {
                    row.wrong(&self.rating, error, reading);
                }
                let Some(day) = day else { continue };
                let grade = grade.ok().map(|g| scale.labels()[g].as_str());
                let line = format!("line {:010}", row.line);
                match places.get_mut(&(id.to_owned(), day)) {
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
                    }
                    None => {
                        places.insert((id.to_owned(), day), (ids.len(), row.line));
                        ids.push(id.to_owned());
                        days.push(day);
                        grades.push(grade);
                        lines.push(line);
                    }
                }
            }
            if reading.problems.errors().next().is_some() {
                return Err(invalid(reading));
            }
            let frame = df!(AUTHORITY => ids, EFFECT => days, GRADE => grades, INSPECTION => lines)?;
            Ratings::unordered(frame.lazy(), scale.clone())
        })
    }
}

/// The dates that are understood.
pub(super) const DATES: [&str; 5] = ["%Y-%m-%d", "%d-%b-%Y", "%d/%m/%Y", "%d.%m.%Y", EXCEL];
