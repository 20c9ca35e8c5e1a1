//! Grades: Ofsted's four, and any other ordered scale.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::fold;

/// Ofsted's four grades, worst first, so that `<` means worse.
///
/// Until November 2013 the second was called "Adequate": the same rank under another label, which
/// [`Framework::grade_label`](crate::Framework::grade_label) gives back. `not_judged` is no grade.
///
/// ```
/// use rating_history::Grade;
/// assert!(Grade::Inadequate < Grade::Good);
/// assert_eq!(" Requires improvement to be good ".parse::<Grade>()?, Grade::RequiresImprovement);
/// assert_eq!("Adequate".parse::<Grade>()?, Grade::RequiresImprovement);
/// assert_eq!(Grade::from_ofsted_number(1)?, Grade::Outstanding);
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Widespread or serious failures.
    Inadequate,
    /// Not yet good; called "Adequate" before November 2013.
    RequiresImprovement,
    /// Good.
    Good,
    /// Outstanding.
    Outstanding,
}

impl Grade {
    /// Every grade, worst first.
    pub const ALL: &'static [Grade] = &[Grade::Inadequate, Grade::RequiresImprovement, Grade::Good, Grade::Outstanding];

    /// The code used in files, JSON and frames.
    pub const fn code(self) -> &'static str {
        match self {
            Grade::Inadequate => "inadequate",
            Grade::RequiresImprovement => "requires_improvement",
            Grade::Good => "good",
            Grade::Outstanding => "outstanding",
        }
    }

    /// The words used in tables and charts.
    pub const fn label(self) -> &'static str {
        match self {
            Grade::Inadequate => "Inadequate",
            Grade::RequiresImprovement => "Requires improvement",
            Grade::Good => "Good",
            Grade::Outstanding => "Outstanding",
        }
    }

    /// Rank from 0 (inadequate) to 3 (outstanding).
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// Ofsted's own number code, which runs the other way: 1 is outstanding, 4 inadequate.
    pub const fn ofsted_number(self) -> u8 {
        4 - self as u8
    }

    /// From Ofsted's number code, 1 (outstanding) to 4 (inadequate).
    ///
    /// # Errors
    /// [`Error::Value`] for any other number.
    pub fn from_ofsted_number(number: u8) -> Result<Self, Error> {
        Grade::ALL
            .iter()
            .copied()
            .find(|g| g.ofsted_number() == number)
            .ok_or_else(|| Error::value("Ofsted grade number", number, "1 (outstanding) to 4 (inadequate)"))
    }
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.label())
    }
}

impl std::str::FromStr for Grade {
    type Err = Error;

    /// Reads every spelling met in reports and tables; case, spaces, hyphens and underscores do not matter.
    /// Ofsted's numbers are not words: use [`Grade::from_ofsted_number`].
    fn from_str(value: &str) -> Result<Self, Error> {
        Ok(match fold(value).as_str() {
            "inadequate" => Grade::Inadequate,
            "requires_improvement"
            | "require_improvement"
            | "requires_improvement_to_be_good"
            | "ri"
            | "adequate"
            | "satisfactory" => Grade::RequiresImprovement,
            "good" => Grade::Good,
            "outstanding" => Grade::Outstanding,
            _ => return Err(Error::unknown("grade", value, Grade::ALL.iter().map(|g| g.code()))),
        })
    }
}

/// An ordered list of grade labels, worst first: Ofsted's, another inspectorate's, a credit agency's.
///
/// ```
/// use rating_history::Scale;
/// let credit = Scale::new(["D", "CCC", "B", "BB", "BBB", "A", "AA", "AAA"])?;
/// assert_eq!(credit.rank("BBB"), Some(4));
/// assert!(Scale::new(["A", "A"]).is_err());
/// assert_eq!(Scale::ofsted().labels()[0], "inadequate");
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

    /// Ofsted's four grades by their codes.
    pub fn ofsted() -> Self {
        Scale(Grade::ALL.iter().map(|g| g.code().to_owned()).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for word in
            ["RI", "Require improvement", "requires  improvement to be good", "REQUIRES_IMPROVEMENT", "adequate"]
        {
            assert_eq!(word.parse::<Grade>().unwrap(), Grade::RequiresImprovement, "{word}");
        }
        let error = "inadequat".parse::<Grade>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown grade `inadequat` (did you mean `inadequate`?); expected one of: inadequate, requires_improvement, good, outstanding"
        );
        assert!("not_judged".parse::<Grade>().is_err());
    }

    #[test]
    fn ofsted_numbers_run_the_other_way() {
        for grade in Grade::ALL {
            assert_eq!(Grade::from_ofsted_number(grade.ofsted_number()).unwrap(), *grade);
        }
        assert!(Grade::from_ofsted_number(0).is_err());
    }
}
