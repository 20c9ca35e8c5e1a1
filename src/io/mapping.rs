//! A mapping: what the columns and words of any file of ratings mean.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize};

use super::order::check_formats;
use crate::code::{coded_enum, setters};
use crate::{Error, Words};

/// What the columns and words of a file of ratings mean, whoever made it: written as JSON, or in code. Only `id`, a date,
/// a rating and a scale are needed.
///
/// A file has a row a rating (`rating`, of one series, or with columns that name the `series`), or a row with the ratings
/// of several series side by side (`ratings`). A rating takes effect on its `date`; without one at the `end`, the
/// publication, the `start` or in the `year`, whichever is told first in this order. A month takes effect on its last day,
/// a year on 31 December, but never after publication.
///
/// ```
/// use rating_history::io::{Mapping, ReadOptions, Source};
/// let mapping: Mapping = serde_json::from_str(r#"{
///     "id": "URN", "name": "Home", "groups": {"region": "Region"},
///     "date": "Inspected", "published": "Published",
///     "ratings": {"headline": "Overall", "leadership": "Leaders"},
///     "scale": ["inadequate", "requires improvement", "good", "outstanding"],
///     "words": {"Adequate": "requires improvement", "-": "not_rated", "n/a": null},
///     "no_date": ["-"], "keep": {"Type": ["Children's home"]}, "footer": ["Source"],
///     "nouns": {"body": {"one": "home", "many": "homes"}, "source": "Source: the inspectorate's list of homes"}
/// }"#).unwrap();
/// let file = "Homes in 2016,,,,,,,\n\
///             URN,Home,Type,Region,Inspected,Published,Overall,Leaders\n\
///             1,Elm,Children's home,North,31/01/2016,01/03/2016,Adequate,Good\n\
///             2,Oak,Children's home,South,-,-,-,n/a\n\
///             3,Ash,School,South,31/01/2016,01/03/2016,Good,Good\n\
///             Source: the inspectorate,,,,,,,\n";
/// let read = mapping.read(Source::new("homes.csv", file.as_bytes()), &ReadOptions::default())?;
/// assert_eq!((read.report.rows, read.report.left_out), (4, 2)); // a school, and the source
/// let overall = read.value.series("headline")?.standing().rows()?;
/// assert_eq!(overall.len(), 2); // Elm, and Oak without a rating
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Mapping {
    /// Column with the rated body's id, or its name where it has no id.
    pub id: String,
    /// Column with the body's name.
    pub name: Option<String>,
    /// Columns by which bodies are grouped, by the names that they get: `region` and `type` are those of the flags.
    pub groups: BTreeMap<String, String>,
    /// Column with the day on which a rating takes effect.
    pub date: Option<String>,
    /// Column with the first day of an inspection.
    pub start: Option<String>,
    /// Column with the last day of an inspection.
    pub end: Option<String>,
    /// Column with the day of publication.
    pub published: Option<String>,
    /// Column with a year, where nothing more is known.
    pub year: Option<String>,
    /// Column that says how exactly the date is known: day, month or year. Without it, as it is written.
    pub precision: Option<String>,
    /// Column with the rating, where a row has one.
    pub rating: Option<String>,
    /// Columns with the ratings of several series, by the names of the series; that of the main one is `headline`.
    pub ratings: BTreeMap<String, String>,
    /// Columns that name the series of the one rating; the words of several are put together: a rater and what it rates.
    #[serde(deserialize_with = "one_or_many")]
    pub series: Vec<String>,
    /// The grades, worst first.
    pub scale: Vec<String>,
    /// The grades of series that have others, by the series, or a word of one that is put together.
    pub scales: BTreeMap<String, Vec<String>>,
    /// How dates are written, in the words of [`chrono::format::strftime`]; `excel`, `days_since_1970` (R) or
    /// `days_since_1960` (Stata, SAS) for numbers of days; `day_first` or `month_first` for the order of dates as people
    /// write them. The first that fits is taken; without one, dates are understood as people write them, in the order that
    /// the file tells.
    pub dates: Vec<String>,
    /// Cells that stand for no date, beside empty ones: `-`, `NA`, `1900-01-01`, `9999-12-31`.
    pub no_date: Vec<String>,
    /// What words in the columns of ratings mean, beside the grades of the scale; `""` is an empty cell. Without that, an
    /// empty cell is an error in a column `rating`, and not given in the columns `ratings`.
    pub words: BTreeMap<String, Meaning>,
    /// The line, or the row of a sheet, with the names of the columns. Without it, the first that has them.
    pub header: Option<u64>,
    /// How the first row below the table begins; it and those after it are passed over.
    pub footer: Vec<String>,
    /// The sheet of a workbook. Without it, the first with a row that has the columns.
    pub sheet: Option<String>,
    /// Only rows with one of these values in a column; capitals do not matter.
    pub keep: BTreeMap<String, Vec<String>>,
    /// Column with a body's first day.
    pub opened: Option<String>,
    /// Column with the first day on which a body no longer exists.
    pub closed: Option<String>,
    /// Column with the ids of those that followed a body, separated by `;`.
    pub successor: Option<String>,
    /// File with the register of the bodies, as [`Register::read`](crate::io::Register::read) reads it, in the place of these
    /// three columns; what it tells counts before `name` and `groups`.
    pub register: Option<PathBuf>,
    /// Column that says where a rating is stated.
    pub source: Option<String>,
    /// How long a rating stands.
    pub ends: Ends,
    /// What the data call things in tables, messages and pictures, with the source line of pictures.
    pub nouns: Words,
    /// What else series of another scale call things, by the series as in `scales`: only what differs from `nouns`.
    pub nouns_of: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
}

coded_enum! {
    /// How long a body's last rating stands.
    enum Ends: "end of ratings" {
        /// Until it is replaced or withdrawn, or the body closes.
        Replaced = "replaced" / "until it is replaced",
        /// On the day of its row only, unless that is the last day of the data: who is no longer there has gone.
        LastRow = "last_row" / "with the last row",
    }
}

impl Default for Ends {
    /// Until it is replaced.
    fn default() -> Self {
        Ends::Replaced
    }
}

/// What a word in a column of ratings means. In JSON a grade of the scale, `"not_rated"`, `"not_given"` (or null) or
/// `"withdrawn"`.
///
/// ```
/// use rating_history::io::Meaning;
/// assert_eq!(serde_json::from_str::<Meaning>("null").unwrap(), Meaning::NotGiven);
/// assert_eq!(Meaning::from("good"), Meaning::Grade("good".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "Option<String>")]
pub enum Meaning {
    /// A grade, by its label of the scale.
    Grade(String),
    /// The body has no rating yet: it is in the register, and counts as not rated until it has one.
    NotRated,
    /// No rating this time: what was rated before stands.
    NotGiven,
    /// There is no rating any more from that day on.
    Withdrawn,
}

impl From<&str> for Meaning {
    fn from(word: &str) -> Self {
        match word {
            "not_rated" => Meaning::NotRated,
            "not_given" => Meaning::NotGiven,
            "withdrawn" => Meaning::Withdrawn,
            grade => Meaning::Grade(grade.to_owned()),
        }
    }
}

impl From<Option<String>> for Meaning {
    fn from(word: Option<String>) -> Self {
        word.as_deref().map_or(Meaning::NotGiven, Meaning::from)
    }
}

impl From<Meaning> for Option<String> {
    fn from(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Grade(label) => Some(label),
            Meaning::NotRated => Some("not_rated".to_owned()),
            Meaning::NotGiven => None,
            Meaning::Withdrawn => Some("withdrawn".to_owned()),
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

setters!(Mapping {
    /// Column with the body's name.
    name: impl Into<String> => Some,
    /// Column with the day on which a rating takes effect.
    date: impl Into<String> => Some,
    /// Column with the first day of an inspection.
    start: impl Into<String> => Some,
    /// Column with the last day of an inspection.
    end: impl Into<String> => Some,
    /// Column with the day of publication.
    published: impl Into<String> => Some,
    /// Column with a year.
    year: impl Into<String> => Some,
    /// Column that says how exactly the date is known.
    precision: impl Into<String> => Some,
    /// Column with the rating.
    rating: impl Into<String> => Some,
    /// The line with the names of the columns.
    header: u64 => Some,
    /// The sheet of a workbook.
    sheet: impl Into<String> => Some,
    /// Column with a body's first day.
    opened: impl Into<String> => Some,
    /// Column with the first day on which a body no longer exists.
    closed: impl Into<String> => Some,
    /// Column with the ids of those that followed a body.
    successor: impl Into<String> => Some,
    /// File with the register of the bodies.
    register: impl Into<PathBuf> => Some,
    /// Column that says where a rating is stated.
    source: impl Into<String> => Some,
    /// How long a rating stands.
    ends: Ends,
    /// What the data call things.
    nouns: Words,
});

fn owned(words: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    words.into_iter().map(Into::into).collect()
}

impl Mapping {
    /// A mapping with the column of the body's id.
    pub fn new(id: impl Into<String>) -> Self {
        Mapping { id: id.into(), ..Mapping::default() }
    }

    /// Adds a column to group bodies by, with the name it gets.
    #[must_use]
    pub fn group(mut self, name: impl Into<String>, column: impl Into<String>) -> Self {
        self.groups.insert(name.into(), column.into());
        self
    }

    /// Adds a column with the ratings of a series.
    #[must_use]
    pub fn rating_of(mut self, series: impl Into<String>, column: impl Into<String>) -> Self {
        self.ratings.insert(series.into(), column.into());
        self
    }

    /// The columns that name the series of the one rating.
    #[must_use]
    pub fn series(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.series = owned(columns);
        self
    }

    /// The grades, worst first.
    #[must_use]
    pub fn scale(mut self, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scale = owned(labels);
        self
    }

    /// The grades of a series that has others.
    #[must_use]
    pub fn scale_of(mut self, series: impl Into<String>, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scales.insert(series.into(), owned(labels));
        self
    }

    /// How dates are written.
    #[must_use]
    pub fn dates(mut self, formats: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dates = owned(formats);
        self
    }

    /// Cells that stand for no date.
    #[must_use]
    pub fn no_date(mut self, cells: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.no_date = owned(cells);
        self
    }

    /// Adds a word of the file and its meaning.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>, meaning: Meaning) -> Self {
        self.words.insert(word.into(), meaning);
        self
    }

    /// How the first row below the table begins.
    #[must_use]
    pub fn footer(mut self, begins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.footer = owned(begins);
        self
    }

    /// Keeps only rows with one of these values in a column.
    #[must_use]
    pub fn keep(mut self, column: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keep.insert(column.into(), owned(values));
        self
    }

    /// The columns with dates.
    pub(super) fn days(&self) -> Vec<&str> {
        [&self.date, &self.start, &self.end, &self.published].into_iter().flatten().map(String::as_str).collect()
    }

    /// The columns with ratings.
    pub(super) fn rated(&self) -> impl Iterator<Item = &str> {
        self.rating.iter().chain(self.ratings.values()).map(String::as_str)
    }

    /// The columns that it names, each once.
    pub(super) fn columns(&self) -> Vec<&str> {
        let optional =
            [&self.name, &self.year, &self.precision, &self.opened, &self.closed, &self.successor, &self.source];
        let mut columns = vec![self.id.as_str()];
        columns.extend(self.days());
        columns.extend(self.rated());
        columns.extend(self.series.iter().chain(optional.into_iter().flatten()).map(String::as_str));
        columns.extend(self.groups.values().chain(self.keep.keys()).map(String::as_str));
        let mut met = std::collections::HashSet::new();
        columns.retain(|column| met.insert(*column));
        columns
    }

    /// The columns whose cells no row may lack.
    pub(super) fn needed(&self) -> Vec<&str> {
        let first = self.days().into_iter().next().or(self.year.as_deref());
        let mut needed: Vec<&str> = std::iter::once(self.id.as_str()).chain(first).collect();
        needed.extend(self.rating.iter().chain(&self.series).map(String::as_str));
        needed
    }

    /// Whether it tells more of the bodies than their ids.
    pub(super) fn tells_bodies(&self) -> bool {
        let told = [&self.name, &self.opened, &self.closed, &self.successor];
        !self.groups.is_empty() || told.into_iter().any(Option::is_some)
    }

    /// What a series, or all of its scale, calls things.
    pub(super) fn nouns_of(&self, series: &str) -> Result<Words, Error> {
        let Some(own) = self.nouns_of.get(series) else { return Ok(self.nouns.clone()) };
        let wrong = |error: serde_json::Error| Error::value("nouns of the series", series, error.to_string());
        let mut all = match serde_json::to_value(&self.nouns).map_err(wrong)? {
            serde_json::Value::Object(all) => all,
            _ => serde_json::Map::new(),
        };
        all.extend(own.clone());
        serde_json::from_value(all.into()).map_err(wrong)
    }

    /// Refuses a mapping that cannot be right.
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |value: &str, expected: &str| Err(Error::value("mapping", value, expected));
        if self.id.is_empty() {
            return wrong("id", "the column with the ids of the bodies");
        }
        if self.days().is_empty() && self.year.is_none() {
            return wrong("date", "a column `date`, `end`, `published`, `start` or `year`");
        }
        match (&self.rating, self.ratings.is_empty()) {
            (None, true) => return wrong("rating", "a column `rating`, or columns in `ratings`"),
            (Some(_), false) => return wrong("ratings", "either `rating` or `ratings`"),
            (None, false) if !self.series.is_empty() => {
                return wrong("series", "no `series` with `ratings`, whose series have names");
            }
            _ => {}
        }
        if self.scale.is_empty() && self.scales.is_empty() {
            return wrong("scale", "the grades in `scale`, worst first");
        }
        for series in self.nouns_of.keys() {
            if !self.scales.contains_key(series) {
                return wrong(series, "in `nouns_of` a series that has grades of its own in `scales`");
            }
            self.nouns_of(series)?;
        }
        if self.register.is_some() && [&self.opened, &self.closed, &self.successor].into_iter().any(Option::is_some) {
            return wrong("register", "either a file `register`, or columns `opened`, `closed` and `successor`");
        }
        check_formats(&self.dates)
    }
}
