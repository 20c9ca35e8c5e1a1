//! What a reader says about a file: every problem in one report, and how much of the file was kept.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::{ReadOptions, Strictness};
use super::source::Source;
use super::write::write_table;
use crate::error::{Problem, Problems};
use crate::{Error, Severity};

/// What was read, and what is to say about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loaded<T> {
    /// What was read.
    pub value: T,
    /// What is to say about it.
    pub report: Report,
}

/// Every problem of the files read: as text (`Display`), JSON (serde) or [`CSV`](Report::to_csv).
///
/// ```
/// use rating_history::io::ReadOptions;
/// use rating_history::ofsted::Tables;
/// let tables = Tables {
///     authorities: "gss_code,la_code,urn,name,region,type,opened,closed,successors,former_codes\n\
///                   E06000039,871,80553,Slough,South East,unitary,,,,\n".into(),
///     inspections: "inspection_id,gss_code,framework,kind,start_date,end_date,published,date_precision,source,also\n\
///                   slough-2019,E06000039,ILACS,standard,2019-01-21,2019-02-01,2019-03-04,day,,\n".into(),
///     judgements: "inspection_id,area,grade\nslough-2019,leadership,god\nslough-2019,in_care,fine\n\
///                  slough-2019,help_and_protection,good\n".into(),
///     ..Tables::default()
/// };
/// let read = tables.read(&ReadOptions::lenient())?;
/// assert_eq!((read.report.rows, read.report.left_out), (5, 2));
/// assert_eq!(
///     read.report.to_csv().lines().nth(1).unwrap(),
///     "error,judgements.csv,2,grade,god,\"one of inadequate, requires_improvement, good, outstanding\",good"
/// );
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// Rows read, beside headers and blank lines.
    pub rows: usize,
    /// Rows left out; each has an error, or a warning that it is no record, among the problems.
    pub left_out: usize,
    /// Rows of empty cells, which are not among the rows.
    #[serde(default)]
    pub blank: usize,
    /// The problems, in the order found. Equal warnings about several rows are one, which says how many and where.
    pub problems: Problems,
}

impl Report {
    /// Rows kept.
    pub fn kept(&self) -> usize {
        self.rows.saturating_sub(self.left_out)
    }

    /// The problems as a CSV file, to send back to whoever made the data: severity, file, line, column, value,
    /// expected, nearest.
    pub fn to_csv(&self) -> String {
        let rows = self.problems.0.iter().map(|p| {
            vec![
                p.severity.code().to_owned(),
                p.file.clone().unwrap_or_default(),
                p.line.map(|l| l.to_string()).unwrap_or_default(),
                p.column.clone(),
                p.value.clone(),
                p.expected.clone(),
                p.nearest.clone().unwrap_or_default(),
            ]
        });
        write_table(&["severity", "file", "line", "column", "value", "expected", "nearest"], rows)
    }

    /// Both reports as one.
    #[cfg(feature = "files")]
    pub(crate) fn and(mut self, other: Report) -> Report {
        self.problems.0.extend(other.problems.0);
        Report {
            rows: self.rows + other.rows,
            left_out: self.left_out + other.left_out,
            blank: self.blank + other.blank,
            problems: self.problems,
        }
    }
}

#[cfg(feature = "files")]
impl<T> Loaded<T> {
    /// What is made of the value, with the same report.
    pub(crate) fn and_then<U>(self, make: impl FnOnce(T) -> Result<U, Error>) -> Result<Loaded<U>, Error> {
        Ok(Loaded { value: make(self.value)?, report: self.report })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.problems.errors().count();
        let warnings = self.problems.0.len() - errors;
        for problem in &self.problems.0 {
            writeln!(f, "{problem}")?;
        }
        let many = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let (rows, errors, warnings) = (many(self.rows, "row"), many(errors, "error"), many(warnings, "warning"));
        write!(f, "{rows} read, {} kept, {} left out", self.kept(), self.left_out)?;
        if self.blank > 0 {
            write!(f, ", {} blank", self.blank)?;
        }
        write!(f, "; {errors}, {warnings}")
    }
}

/// With more problems a file is not read on.
const MOST_PROBLEMS: usize = 100_000;

/// What depends on what is a few steps deep: a file that needs more passes is not read on.
const MOST_PASSES: usize = 50;

/// One pass over some files: collects problems, passes over the rows that an earlier pass found bad.
pub(crate) struct Reading<'a> {
    pub(crate) options: &'a ReadOptions,
    pub(crate) problems: Problems,
    pub(crate) rows: usize,
    /// Rows that are no records, as totals.
    pub(crate) passed_over: usize,
    /// Rows of empty cells.
    pub(crate) blank: usize,
    /// How many of the problems are errors.
    errors: usize,
    /// Whether the whole is of no use, as for a wrong header.
    refused: bool,
    skipped: &'a HashSet<(String, u64)>,
}

impl Reading<'_> {
    pub(crate) fn skips(&self, file: &str, line: u64) -> bool {
        !self.skipped.is_empty() && self.skipped.contains(&(file.to_owned(), line))
    }

    /// Takes a problem, unless there are too many.
    pub(crate) fn add(&mut self, problem: Problem) {
        if !self.is_full() {
            self.errors += usize::from(problem.severity == Severity::Error);
            self.problems.0.push(problem);
        }
    }

    /// How many errors there are so far.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there are so few errors that looking for what was meant among all ids takes no long time.
    pub(crate) fn suggests(&self) -> bool {
        self.errors < 100
    }

    /// Takes a problem of the whole, which no row that is left out can mend.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.refused = true;
        self.add(problem);
    }

    /// Whether the whole is of no use.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }

    /// The problems so far as an error.
    pub(crate) fn invalid(&mut self) -> Error {
        Error::Invalid(std::mem::take(&mut self.problems))
    }

    /// Whether there are so many problems that the file is something else than it was taken for.
    pub(crate) fn is_full(&self) -> bool {
        self.problems.0.len() >= MOST_PROBLEMS
    }
}

/// [Passes](read) over the text of a source, which gets its name too; odd bytes in it are told.
pub(crate) fn read_text<T>(
    source: Source<'_>,
    options: &ReadOptions,
    mut pass: impl FnMut(&str, &str, &mut Reading<'_>) -> Result<T, Error>,
) -> Result<Loaded<T>, Error> {
    let (name, text, odd) = source.text(options)?;
    read(options, |reading| {
        odd.iter().for_each(|warning| reading.add(warning.clone()));
        pass(&name, &text, reading)
    })
}

/// Passes over files until no row left in them is bad: leaving out a row may make others bad, as the judgements of an
/// inspection that is left out.
pub(crate) fn read<T>(
    options: &ReadOptions,
    mut pass: impl FnMut(&mut Reading<'_>) -> Result<T, Error>,
) -> Result<Loaded<T>, Error> {
    let mut skipped = HashSet::new();
    let mut found = Problems::default();
    for _ in 0..MOST_PASSES {
        let problems = Problems::default();
        let mut reading = Reading {
            options,
            problems,
            rows: 0,
            passed_over: 0,
            blank: 0,
            errors: 0,
            refused: false,
            skipped: &skipped,
        };
        let value = match pass(&mut reading) {
            Ok(value) => Some(value),
            Err(Error::Invalid(problems)) => {
                reading.problems.0.extend(problems.0);
                None
            }
            Err(error) => return Err(error),
        };
        let full = reading.is_full();
        let Reading { problems, rows, passed_over, blank, refused, .. } = reading;
        if full {
            return Err(Error::Invalid(problems));
        }
        let bad = |p: &Problem| Some((p.file.clone()?, p.line.filter(|_| !refused)?));
        let lines: Option<Vec<(String, u64)>> = problems.errors().map(bad).collect();
        match (value, lines) {
            (Some(value), Some(lines)) if lines.is_empty() => {
                found.0.extend(problems.0);
                let left_out = skipped.len() + passed_over;
                return Ok(Loaded { value, report: Report { rows, left_out, blank, problems: grouped(found) } });
            }
            (_, Some(lines)) if options.strictness == Strictness::Lenient && !lines.is_empty() => {
                found.0.extend(problems.0.into_iter().filter(|p| p.severity == Severity::Error));
                let before = skipped.len();
                skipped.extend(lines);
                if skipped.len() == before {
                    return Err(Error::Invalid(found));
                }
            }
            _ => {
                found.0.extend(problems.0);
                return Err(Error::Invalid(grouped(found)));
            }
        }
        if found.0.len() >= MOST_PROBLEMS {
            break;
        }
    }
    Err(Error::Invalid(found))
}

/// Equal warnings as one, with the lines of the others.
pub(crate) fn grouped(problems: Problems) -> Problems {
    const NAMED: usize = 10;
    let mut places: HashMap<(Option<String>, String, String, String, String), usize> = HashMap::new();
    let mut kept: Vec<(Problem, Vec<u64>, usize)> = Vec::new();
    for problem in problems.0 {
        if problem.severity == Severity::Error {
            kept.push((problem, Vec::new(), 0));
            continue;
        }
        let Problem { file, record, column, value, expected, .. } = problem.clone();
        match places.get(&(file.clone(), record.clone(), column.clone(), value.clone(), expected.clone())) {
            Some(place) => {
                let (_, lines, more) = &mut kept[*place];
                *more += 1;
                lines.extend(problem.line.filter(|_| lines.len() < NAMED));
            }
            None => {
                places.insert((file, record, column, value, expected), kept.len());
                kept.push((problem, Vec::new(), 0));
            }
        }
    }
    let told = |(mut problem, lines, more): (Problem, Vec<u64>, usize)| {
        if more > 0 && problem.line.is_some() {
            let named = lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
            let rest = if more > lines.len() { format!(" and {} more", more - lines.len()) } else { String::new() };
            problem.expected =
                format!("{}; also on line{} {named}{rest}", problem.expected, if more == 1 { "" } else { "s" });
        }
        problem
    };
    Problems(kept.into_iter().map(told).collect())
}
