//! Ofsted's four grades.

use serde::{Deserialize, Serialize};

use crate::code::fold;
use crate::{Error, Scale};

/// Ofsted's four grades, worst first, so that `<` means worse.
///
/// Until November 2013 the second was called "Adequate": the same rank under another label, which
/// [`Framework::grade_label`](crate::ofsted::Framework::grade_label) gives back. `not_judged` is no grade.
///
/// ```
/// use rating_history::ofsted::Grade;
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

    /// The scale of these grades, by their codes.
    ///
    /// ```
    /// assert_eq!(rating_history::ofsted::Grade::scale().labels()[0], "inadequate");
    /// ```
    pub fn scale() -> Scale {
        Scale::of(Grade::ALL.iter().map(|g| g.code()))
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

impl AsRef<str> for Grade {
    fn as_ref(&self) -> &str {
        self.code()
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
