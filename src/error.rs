//! One error type: every variant says what is wrong, where, and what would be right.

use std::fmt;
use std::path::PathBuf;

use chrono::NaiveDate;

use crate::Precision;
use crate::code::{coded_enum, nearest, visible};

/// Anything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word outside its vocabulary (a grade, a series, ...).
    #[error("unknown {what} `{value}`{}; expected one of: {expected}", did_you_mean(.nearest))]
    Unknown {
        /// What the word should have named.
        what: &'static str,
        /// The word as given.
        value: String,
        /// The allowed words.
        expected: String,
        /// The allowed word most alike, if one is close.
        nearest: Option<String>,
    },
    /// No body has this name or id.
    #[error("unknown {noun} `{query}`{}", suggest(.suggestions))]
    UnknownBody {
        /// What the data call a body.
        noun: String,
        /// The name or id as given.
        query: String,
        /// Names of those most alike, best first; empty when none is close.
        suggestions: Vec<String>,
    },
    /// A body has no grade on a day.
    #[error("{body}: no grade on {}", written(.day))]
    NoGrade {
        /// The body's id, with its name where it is known.
        body: String,
        /// The day.
        day: NaiveDate,
    },
    /// A value breaks a rule, outside any file.
    #[error("{what} `{value}`: expected {expected}")]
    Value {
        /// What the value is.
        what: &'static str,
        /// The value as given.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// A question that cannot be answered as it was asked.
    #[error("{0}")]
    Asked(String),
    /// Records that break the rules of the domain; nothing of the collection is kept.
    #[error("{0}")]
    Invalid(Problems),
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A frame does not have the columns, types or order that ratings need.
    #[error("{0}")]
    Frame(String),
    /// A query failed in polars.
    #[error("query: {0}")]
    Polars(#[from] polars::error::PolarsError),
    /// A chart cannot be drawn as asked.
    #[error("chart: {0}")]
    Chart(String),
}

/// Where in a file something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position<'a> {
    /// The file.
    pub file: &'a str,
    /// The line, counted from 1, where it is known.
    pub line: Option<u64>,
    /// The column or field; empty when it is the file as a whole.
    pub column: &'a str,
}

impl Error {
    /// Whether what was named is not there: a body, a word of a vocabulary, a file.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// assert!(england.find("Slogh").unwrap_err().is_not_found());
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn is_not_found(&self) -> bool {
        match self {
            Error::Unknown { .. } | Error::UnknownBody { .. } => true,
            Error::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// Every problem of the records that were refused, in the order found; none for other errors.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Error::Invalid(Problems(problems)) => problems,
            _ => &[],
        }
    }

    /// Where the first problem stands, when it stands in a file.
    ///
    /// ```
    /// use rating_history::io::{ReadOptions, Register, Source};
    /// let source = Source::new("homes.csv", "id,closed\nElm,soon\n".as_bytes());
    /// let error = Register::read(source, &ReadOptions::default()).unwrap_err();
    /// let at = error.position().unwrap();
    /// assert_eq!((at.file, at.line, at.column), ("homes.csv", Some(2), "closed"));
    /// ```
    pub fn position(&self) -> Option<Position<'_>> {
        match self {
            Error::Invalid(Problems(problems)) => {
                let first = problems.iter().find(|p| p.severity == Severity::Error)?;
                Some(Position { file: first.file.as_deref()?, line: first.line, column: &first.column })
            }
            Error::Io { path, .. } => Some(Position { file: path.to_str()?, line: None, column: "" }),
            _ => None,
        }
    }

    pub(crate) fn unknown<'a>(what: &'static str, value: &str, allowed: impl Iterator<Item = &'a str> + Clone) -> Self {
        Error::Unknown {
            what,
            value: value.to_owned(),
            expected: allowed.clone().collect::<Vec<_>>().join(", "),
            nearest: nearest(value, allowed).map(str::to_owned),
        }
    }

    /// An id that none of these bodies has, with the ids most like it, or whose names are.
    pub(crate) fn unknown_body(noun: &str, query: &str, known: &[(String, Option<String>)]) -> Self {
        let told = |(id, name): &(String, Option<String>)| match name {
            Some(name) => format!("{id} ({name})"),
            None => id.clone(),
        };
        let words = known.iter().flat_map(|(id, name)| [Some(id.as_str()), name.as_deref()]).flatten();
        let near = nearest(query, words);
        let is_near = |(id, name): &&(String, Option<String>)| near == Some(id.as_str()) || near == name.as_deref();
        let suggestions = known.iter().filter(|_| near.is_some()).filter(is_near).map(told).take(1).collect();
        Error::UnknownBody { noun: noun.to_owned(), query: query.to_owned(), suggestions }
    }

    pub(crate) fn value(what: &'static str, value: impl ToString, expected: impl Into<String>) -> Self {
        Error::Value { what, value: value.to_string(), expected: expected.into() }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Error::Io { path, source }
    }

    /// What would have been right, without repeating the value, and what is most like the value.
    pub(crate) fn expectation(&self) -> (String, Option<String>) {
        match self {
            Error::Unknown { expected, nearest, .. } => (format!("one of {expected}"), nearest.clone()),
            Error::UnknownBody { noun, suggestions, .. } => {
                (format!("the name or code of a known {noun}"), suggestions.first().cloned())
            }
            Error::Value { expected, .. } => (expected.clone(), None),
            other => (other.to_string(), None),
        }
    }
}

fn written(day: &NaiveDate) -> String {
    Precision::Day.write(*day)
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default()
}

fn suggest(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(", ")),
    }
}

coded_enum! {
    /// How bad a problem is.
    enum Severity: "severity" {
        /// The record cannot be kept.
        Error = "error" / "error",
        /// The record is kept, but somebody should look at it.
        Warning = "warning" / "warning",
    }
}

coded_enum! {
    /// What a problem is about, for programs that treat some in their own way.
    enum ProblemKind: "kind of problem" {
        /// A value, a row or a rule between rows.
        Value = "value" / "value",
        /// A row that says again what another says, or is replaced by one; it is counted as left out.
        Repeated = "repeated" / "repeated row",
        /// A row that is no record, or is not asked for, as a total; it is counted as left out.
        PassedOver = "passed_over" / "row passed over",
        /// A date that mostly stands for an unknown one.
        StandIn = "stand_in" / "date that stands for an unknown one",
        /// Bytes that are no text in the encoding of the file.
        Encoding = "encoding" / "encoding",
    }
}

impl ProblemKind {
    /// Whether the report counts the row among those left out without an error.
    pub const fn is_counted(self) -> bool {
        matches!(self, ProblemKind::Repeated | ProblemKind::PassedOver)
    }
}

impl Default for ProblemKind {
    /// About a value.
    fn default() -> Self {
        ProblemKind::Value
    }
}

/// One broken rule: where it is, what stands there, what would be right.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    #[serde(default)]
    pub kind: ProblemKind,
    /// The file, where the record came from one.
    pub file: Option<String>,
    /// Line in the file, counted from 1.
    pub line: Option<u64>,
    /// The record: an inspection's id or an authority's code; empty when it has none.
    pub record: String,
    /// The column or field.
    pub column: String,
    /// The value found there; the beginning of a very long one.
    pub value: String,
    /// What would be right.
    pub expected: String,
    /// The allowed value most like it, if one is close.
    pub nearest: Option<String>,
}

impl Problem {
    /// Characters of a value that are kept.
    const VALUE: usize = 200;

    pub(crate) fn new(column: &str, value: &str, expected: impl Into<String>) -> Self {
        let end = value.char_indices().nth(Self::VALUE).map(|(at, _)| at);
        Problem {
            severity: Severity::Error,
            kind: ProblemKind::Value,
            file: None,
            line: None,
            record: String::new(),
            column: column.to_owned(),
            value: end.map_or_else(|| value.to_owned(), |end| format!("{}...", &value[..end])),
            expected: expected.into(),
            nearest: None,
        }
    }

    pub(crate) fn at(mut self, file: &str, line: Option<u64>) -> Self {
        self.file = Some(file.to_owned());
        self.line = line;
        self
    }

    pub(crate) fn of(mut self, record: impl Into<String>) -> Self {
        self.record = record.into();
        self
    }

    /// Adds the line of another record that is named beside this one.
    pub(crate) fn beside(mut self, line_of: impl Fn(&str) -> Option<u64>) -> Self {
        if let Some(line) = self.expected.split([' ', ',', ';']).find_map(line_of) {
            self.expected = format!("{} (line {line})", self.expected);
        }
        self
    }

    pub(crate) fn near(mut self, nearest: Option<impl Into<String>>) -> Self {
        self.nearest = nearest.map(Into::into);
        self
    }

    pub(crate) fn kind(mut self, kind: ProblemKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.severity == Severity::Warning {
            write!(f, "warning: ")?;
        }
        if let Some(file) = &self.file {
            write!(f, "{}:", visible(file))?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            write!(f, " ")?;
        }
        if !self.record.is_empty() {
            write!(f, "{}: ", visible(&self.record))?;
        }
        let (column, value, expected) = (visible(&self.column), visible(&self.value), visible(&self.expected));
        write!(f, "{column} `{value}`: expected {expected}{}", did_you_mean(&self.nearest))
    }
}

/// All problems of one collection, in the order found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Problems beyond this number are counted in the message, not printed.
    pub const PRINTED: usize = 50;

    /// Those that keep a record out.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter().filter(|p| p.severity == Severity::Error)
    }

    pub(crate) fn add(
        &mut self,
        record: impl Into<String>,
        column: &str,
        value: impl ToString,
        expected: impl Into<String>,
    ) {
        self.0.push(Problem::new(column, &value.to_string(), expected).of(record));
    }

    pub(crate) fn into_result(self) -> Result<(), Error> {
        if self.errors().next().is_none() { Ok(()) } else { Err(Error::Invalid(self)) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0.len();
        write!(f, "{n} problem{}", if n == 1 { "" } else { "s" })?;
        for problem in self.0.iter().take(Self::PRINTED) {
            write!(f, "\n  {problem}")?;
        }
        if n > Self::PRINTED {
            write!(f, "\n  and {} more", n - Self::PRINTED)?;
        }
        Ok(())
    }
}
