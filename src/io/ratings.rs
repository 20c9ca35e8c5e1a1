//! Any rated history: one CSV file with a body, a date and a rating a row.

use super::mapping::{Mapping, Meaning};
use super::options::ReadOptions;
use super::report::Loaded;
use super::source::Source;
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
        self.mapping(scale).read(source, options)
    }

    /// The [`Mapping`] that these columns are, with a scale.
    pub fn mapping(&self, scale: &Scale) -> Mapping {
        let mapping =
            Mapping::new(&self.id).date(&self.date).rating(&self.rating).scale(scale.labels()).dates(&self.dates);
        self.withdrawn.iter().fold(mapping, |mapping, word| mapping.word(word, Meaning::Withdrawn))
    }
}
