//! What a set of ratings calls its things: the nouns, names and notes of tables, messages and pictures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::code::setters;

/// A noun for one and for several.
///
/// ```
/// use rating_history::Noun;
/// let bridge = Noun::new("bridge", "bridges");
/// assert_eq!((bridge.count(1), bridge.count(3)), ("1 bridge".to_owned(), "3 bridges".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noun {
    /// For one.
    pub one: String,
    /// For several.
    pub many: String,
}

impl Noun {
    /// A noun.
    pub fn new(one: impl Into<String>, many: impl Into<String>) -> Self {
        Noun { one: one.into(), many: many.into() }
    }

    /// The noun for so many: "bridge", "bridges".
    pub fn of(&self, n: usize) -> &str {
        if n == 1 { &self.one } else { &self.many }
    }

    /// How many of them: "1 bridge", "3 bridges".
    pub fn count(&self, n: usize) -> String {
        format!("{n} {}", self.of(n))
    }
}

/// The better part of a scale, from a rank on, in words: "good or outstanding".
pub(crate) fn better_words(labels: &[String], from: usize) -> String {
    match labels.get(from..).unwrap_or_default() {
        [first, second] => format!("{first} or {second}"),
        [only] => only.clone(),
        better => format!("{} or better", better.first().cloned().unwrap_or_default()),
    }
}

/// "Dudley, Hertfordshire and Slough"
#[cfg(feature = "chart")]
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// What a set of ratings calls its things. Every table, message and picture of the ratings speaks in these words; files
/// and JSON keep the names of columns and the codes.
///
/// As JSON, every field may be left out:
///
/// ```
/// use rating_history::Words;
/// let words: Words = serde_json::from_str(r#"{
///     "body": {"one": "bridge", "many": "bridges"},
///     "inspection": {"one": "survey", "many": "surveys"},
///     "grades": {"1": "poor", "2": "fair", "3": "sound"},
///     "source": "Source: bridge surveys of the county"
/// }"#).unwrap();
/// assert_eq!(words.body.many, "bridges");
/// assert_eq!(words.grade("3"), "sound");
/// assert_eq!(words.grade("not_rated"), "not rated");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Words {
    /// What is rated.
    pub body: Noun,
    /// What gives a rating.
    pub inspection: Noun,
    /// What the grades are called in running text, by their labels of the scale; a label without a word stands for
    /// itself.
    pub grades: BTreeMap<String, String>,
    /// What the series are called, by their ids.
    pub series: BTreeMap<String, String>,
    /// What other codes are called: kinds of event, sets of rules.
    pub codes: BTreeMap<String, String>,
    /// The codes that a column may hold, by its name, whether or not any row has them: a choice of such a code is empty
    /// rather than wrong.
    pub vocabularies: BTreeMap<String, Vec<String>>,
    /// The grade at which the better part of the scale begins; without it, the middle of the scale.
    pub better_from: Option<String>,
    /// What ratings are about and who gives them, after "grade of": "care homes, given by the inspectorate".
    pub about: Option<String>,
    /// What happened to a body that no longer exists: "closed".
    pub closed: String,
    /// The same as a clause: "it was closed".
    pub closing: String,
    /// The source line of pictures, without a full stop.
    pub source: String,
    /// What blank space means in a picture.
    pub blank: String,
    /// What hatched space means in a picture.
    pub hatch: String,
    /// What a map shows: "England".
    pub place: Option<String>,
    /// Sets of rules whose grades may be compared with each other, by their codes; a set named nowhere stands for itself.
    pub rules_alike: Vec<Vec<String>>,
    /// A sentence about grades that were given under different rules, where a picture shows several.
    pub rules: Option<String>,
    /// Whether a rating tells of its day only, as one that is given once: no grade is said to stand since then.
    pub once: bool,
    /// What part of all there is the ratings are, and what else has to be known of them, as sentences: below every picture.
    pub coverage: Option<String>,
}

impl Default for Words {
    /// Words that are true of any ratings.
    fn default() -> Self {
        Words {
            body: Noun::new("body", "bodies"),
            inspection: Noun::new("rating", "ratings"),
            grades: BTreeMap::new(),
            series: BTreeMap::new(),
            codes: BTreeMap::new(),
            vocabularies: BTreeMap::new(),
            better_from: None,
            about: None,
            closed: "closed".to_owned(),
            closing: "it was closed".to_owned(),
            source: "Source: own data".to_owned(),
            blank: "not rated yet".to_owned(),
            hatch: "no such grade at that time".to_owned(),
            place: None,
            rules_alike: Vec::new(),
            rules: None,
            once: false,
            coverage: None,
        }
    }
}

setters!(Words {
    /// What is rated.
    body: Noun,
    /// What gives a rating.
    inspection: Noun,
    /// What the grades are called.
    grades: BTreeMap<String, String>,
    /// What other codes are called.
    codes: BTreeMap<String, String>,
    /// The codes that columns may hold.
    vocabularies: BTreeMap<String, Vec<String>>,
    /// The grade at which the better part of the scale begins.
    better_from: impl Into<String> => Some,
    /// What ratings are about and who gives them.
    about: impl Into<String> => Some,
    /// What happened to a body that no longer exists.
    closed: impl Into<String>,
    /// The same as a clause.
    closing: impl Into<String>,
    /// The source line of pictures.
    source: impl Into<String>,
    /// What blank space means in a picture.
    blank: impl Into<String>,
    /// What hatched space means in a picture.
    hatch: impl Into<String>,
    /// What a map shows.
    place: impl Into<String> => Some,
    /// Sets of rules whose grades may be compared with each other.
    rules_alike: Vec<Vec<String>>,
    /// A sentence about grades under different rules.
    rules: impl Into<String> => Some,
    /// Whether a rating tells of its day only.
    once: bool,
    /// What part of all there is the ratings are.
    coverage: impl Into<String> => Some,
});

impl Words {
    /// What the series are called, by their ids.
    #[must_use]
    pub fn series_called(mut self, series: BTreeMap<String, String>) -> Self {
        self.series = series;
        self
    }

    /// A grade, or a state without one, as it is written: its word, or its label with spaces for `_`.
    pub fn grade(&self, label: &str) -> String {
        self.grades.get(label).cloned().unwrap_or_else(|| spaced(label))
    }

    /// A series as it is written.
    pub fn series(&self, id: &str) -> String {
        self.series
            .get(id)
            .cloned()
            .unwrap_or_else(|| if id == crate::SeriesId::MAIN { "overall".into() } else { spaced(id) })
    }

    /// Another code as it is written.
    pub fn code(&self, code: &str) -> String {
        self.codes.get(code).cloned().unwrap_or_else(|| spaced(code))
    }

    /// The sets of rules whose grades may be compared with those under one.
    pub fn alike(&self, rules: &str) -> Vec<String> {
        let family = self.rules_alike.iter().find(|family| family.iter().any(|code| code == rules));
        family.cloned().unwrap_or_else(|| vec![rules.to_owned()])
    }

    /// The rank at which the better part of a scale begins, by its labels.
    pub fn better_rank(&self, labels: &[String]) -> usize {
        let named = self.better_from.as_ref().and_then(|from| labels.iter().position(|l| l == from));
        named.unwrap_or(labels.len() / 2)
    }

    /// The better part of a scale in words, by its labels: "good or outstanding", "BBB or better".
    ///
    /// ```
    /// use rating_history::Words;
    /// let labels = ["poor", "fair", "good", "very_good"].map(String::from);
    /// assert_eq!(Words::default().better(&labels), "good or very good");
    /// ```
    pub fn better(&self, labels: &[String]) -> String {
        let said: Vec<String> = labels.iter().map(|label| self.grade(label)).collect();
        better_words(&said, self.better_rank(labels))
    }
}

/// A code as words: "requires improvement".
fn spaced(code: &str) -> String {
    code.replace('_', " ")
}
