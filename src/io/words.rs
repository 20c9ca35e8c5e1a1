//! What own data call things, as JSON.

use super::options::ReadOptions;
use super::report::{Loaded, Report};
use super::source::Source;
use crate::error::{Problem, Problems};
use crate::{Error, Words};

/// Reads [`Words`] from JSON; fields that are left out are those of any data.
///
/// ```
/// use rating_history::io::{ReadOptions, Source, read_words};
/// let json = r#"{"body": {"one": "bridge", "many": "bridges"}}"#;
/// let words = read_words(Source::new("words.json", json.as_bytes()), &ReadOptions::default())?.value;
/// assert_eq!(words.body.count(2), "2 bridges");
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] for what cannot be read; [`Error::Invalid`] with the line of what is no such words.
pub fn read_words<'a>(source: impl Into<Source<'a>>, options: &ReadOptions) -> Result<Loaded<Words>, Error> {
    let (name, text, odd) = source.into().text(options)?;
    let value = serde_json::from_str(&text).map_err(|error| {
        let place = format!("column {}", error.column());
        let problem = Problem::new("JSON", &place, format!("the fields of words: {error}"));
        Error::Invalid(Problems(vec![problem.at(&name, Some(error.line() as u64))]))
    })?;
    Ok(Loaded { value, report: Report { problems: Problems(odd.into_iter().collect()), ..Report::default() } })
}
