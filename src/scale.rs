//! Scales: ordered lists of grades.

use serde::{Deserialize, Serialize};

use crate::Error;

/// An ordered list of grade labels, worst first: an inspectorate's, a credit agency's, a surveyor's.
///
/// ```
/// use rating_history::Scale;
/// let credit = Scale::new(["D", "CCC", "B", "BB", "BBB", "A", "AA", "AAA"])?;
/// assert_eq!(credit.rank("BBB"), Some(4));
/// assert!(Scale::new(["A", "A"]).is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Scale(Vec<String>);

impl Scale {
    /// The largest number of labels a scale may have.
    pub const MAX: usize = 250;

    /// Words for having no grade, which no label may be.
    pub const RESERVED: [&str; 4] = ["not_reported", "not_rated", "opened", "closed"];

    /// A scale from labels, worst first.
    ///
    /// # Errors
    /// [`Error::Value`] for fewer than two or more than [`Scale::MAX`] labels, an empty label, a repeated one, or one
    /// of [`Scale::RESERVED`].
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        if !(2..=Self::MAX).contains(&labels.len()) {
            return Err(Error::value("scale", labels.join(","), "2 to 250 labels, worst first"));
        }
        for (i, label) in labels.iter().enumerate() {
            if label.trim().is_empty() || labels[..i].contains(label) || Self::RESERVED.contains(&label.as_str()) {
                let expected = "a non-empty label, each once, none of not_reported, not_rated, opened, closed";
                return Err(Error::value("scale label", label, expected));
            }
        }
        Ok(Scale(labels))
    }

    /// A scale of labels known to be good.
    pub(crate) fn of(labels: impl Iterator<Item = &'static str>) -> Self {
        Scale(labels.map(str::to_owned).collect())
    }

    /// The labels, worst first.
    pub fn labels(&self) -> &[String] {
        &self.0
    }

    /// The rank of a label, 0 for the worst; `None` when the scale lacks it.
    pub fn rank(&self, label: &str) -> Option<usize> {
        self.0.iter().position(|l| l == label)
    }

    /// The rank of a label, 0 for the worst.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the scale lacks it.
    pub fn position(&self, label: &str) -> Result<usize, Error> {
        self.rank(label).ok_or_else(|| Error::unknown("grade", label, self.0.iter().map(String::as_str)))
    }
}

impl TryFrom<Vec<String>> for Scale {
    type Error = Error;
    fn try_from(labels: Vec<String>) -> Result<Self, Error> {
        Scale::new(labels)
    }
}

impl From<Scale> for Vec<String> {
    fn from(scale: Scale) -> Self {
        scale.0
    }
}
