//! A whole history as one JSON document, with the version of its schema.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{Problem, Problems};
use crate::io::options::ReadOptions;
use crate::io::write::write_atomic;
use crate::io::{Loaded, Report, Source};
use crate::ofsted::{HistoryBuilder, RatingHistory};

const FORMAT: &str = "rating-history";
/// The version of the schema that is written.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    version: u32,
    history: &'a RatingHistory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    history: HistoryBuilder,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// Writes a history as JSON, whole or not at all; reading it gives the same history, its cut-off included.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::io::ReadOptions;
/// use rating_history::ofsted::{read_json, write_json};
/// let england = rating_history::ofsted::england()?;
/// let folder = tempfile::tempdir().unwrap();
/// let file = folder.path().join("england.json");
/// write_json(&england, &file)?;
/// assert_eq!(read_json(&file, &ReadOptions::default())?.value, england);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`]; an existing file is then untouched.
pub fn write_json(history: &RatingHistory, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    let written = Written { format: FORMAT, version: VERSION, history };
    let mut json = serde_json::to_vec_pretty(&written).map_err(|e| Error::io(path)(e.into()))?;
    json.push(b'\n');
    write_atomic(path, &json)
}

/// Reads a history from JSON, all of it or nothing. The report counts inspections and judgements as rows and says what is
/// [odd](RatingHistory::warnings) in them.
///
/// # Errors
/// [`Error::Io`] for what cannot be read or is too large; [`Error::Invalid`] with line and column where it is no
/// JSON of this schema, has another version, or breaks a rule of [`HistoryBuilder::build`].
pub fn read_json<'a>(source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<RatingHistory>, Error> {
    let (name, text, odd) = source.into().text(options)?;
    let fail = |problem: Problem| Error::Invalid(Problems(vec![problem]));
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        let later = serde_json::from_str::<Head>(&text).ok().filter(|head| head.version != VERSION);
        if let Some(head) = later {
            return fail(unsupported(&head.version.to_string()).at(&name, None));
        }
        let (line, column) = (error.line() as u64, error.column());
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let place = format!("column {column}");
        fail(Problem::new("JSON", &place, format!("version {VERSION} of the schema: {reason}")).at(&name, Some(line)))
    })?;
    if document.format != FORMAT {
        return fail_with(Problem::new("format", &document.format, FORMAT).at(&name, None));
    }
    if document.version != VERSION {
        return fail_with(unsupported(&document.version.to_string()).at(&name, None));
    }
    let value = document.history.build().map_err(|error| match error {
        Error::Invalid(Problems(found)) => {
            Error::Invalid(Problems(found.into_iter().map(|p| p.at(&name, None)).collect()))
        }
        other => other,
    })?;
    let rows = value.inspections().iter().map(|i| 1 + i.judgements.len()).sum();
    let problems = Problems(odd.into_iter().chain(value.warnings().0).collect());
    let report = Report { rows, problems, ..Report::default() };
    Ok(Loaded { value, report })
}

fn fail_with<T>(problem: Problem) -> Result<T, Error> {
    Err(Error::Invalid(Problems(vec![problem])))
}

fn unsupported(version: &str) -> Problem {
    Problem::new("version", version, format!("{VERSION}; a later version needs a later release of this crate"))
}
