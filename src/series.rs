//! Names of series.

use serde::{Deserialize, Serialize};

/// The id of a series of ratings, as it stands in the column `theme`: many bodies are rated in several respects, each a
/// series of its own.
///
/// ```
/// use rating_history::SeriesId;
/// let series: SeriesId = "leadership".into();
/// assert_eq!(series.as_str(), "leadership");
/// assert_eq!(SeriesId::default().as_str(), "headline"); // of ratings that have one series only
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeriesId(String);

impl SeriesId {
    /// The series of ratings that have only one.
    pub const MAIN: &'static str = "headline";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for SeriesId {
    fn default() -> Self {
        SeriesId(SeriesId::MAIN.to_owned())
    }
}

impl From<&str> for SeriesId {
    fn from(id: &str) -> Self {
        SeriesId(id.to_owned())
    }
}

impl From<String> for SeriesId {
    fn from(id: String) -> Self {
        SeriesId(id)
    }
}

impl From<&SeriesId> for SeriesId {
    fn from(id: &SeriesId) -> Self {
        id.clone()
    }
}

impl AsRef<str> for SeriesId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SeriesId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}
