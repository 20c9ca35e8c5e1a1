//! What inspectors asked to be improved, and what they said of an authority's assessment of itself.

use serde::{Deserialize, Serialize};

use crate::code::coded_enum;
use crate::error::Problems;
use crate::ofsted::{Area, Theme};

/// What can be asked for: a topic of the coding, which is not Ofsted's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its code, as `private_fostering`.
    pub code: String,
    /// Its name in words.
    pub label: String,
    /// What belongs to it.
    pub definition: String,
    /// Where it mostly belongs; the place it is asked for is the [`area`](Improvement::area).
    pub theme: Theme,
}

coded_enum! {
    /// How soon something is to be done: the two headings of SIF reports up to March 2015.
    enum Urgency: "urgency" {
        /// Immediately.
        Immediate = "immediate" / "immediate",
        /// Not at once.
        Standard = "standard" / "standard",
    }
}

/// One thing that an inspection asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Improvement {
    /// The inspection's id.
    pub inspection: String,
    /// Its place in the report, from 1; in SIF reports the authority's list comes first, then the safeguarding board's.
    pub number: u32,
    /// The judgement under which the report lists it; `None` in one undivided list, as in all ILACS reports. `lscb` is the
    /// list of the safeguarding board.
    pub area: Option<Area>,
    /// Its heading in SIF reports up to March 2015.
    pub urgency: Option<Urgency>,
    /// Code of the topic.
    pub topic: String,
    /// Code of a second topic.
    pub second_topic: Option<String>,
}

impl Improvement {
    /// Whether it is asked of the safeguarding board, not of the authority.
    pub fn is_for_board(&self) -> bool {
        self.area == Some(Area::Lscb)
    }

    /// The topic, and the second one.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.topic.as_str()).chain(self.second_topic.as_deref())
    }

    /// What messages call it.
    pub(super) fn record(&self) -> String {
        format!("{}, number {}", self.inspection, self.number)
    }
}

coded_enum! {
    /// What inspectors said of the authority's own assessment of itself, coded from the report's text.
    enum SelfAssessmentView: "view" {
        /// Accurate, realistic, honest or matching what they found; also "broadly", where nothing is named that it missed.
        Accurate = "accurate" / "accurate",
        /// Right as far as it goes, but it missed something, or was not critical enough.
        Partly = "partly" / "partly accurate",
        /// Too optimistic, wrong, or not what inspectors found.
        Inaccurate = "inaccurate" / "inaccurate",
        /// Mentioned or used, and not judged.
        Neutral = "neutral" / "mentioned, not judged",
    }
}

/// What a report says of the authority's assessment of itself. A report that was read and has none does not mention it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfAssessment {
    /// The inspection's id.
    pub inspection: String,
    /// How often the text speaks of it, from 1.
    pub mentioned: u32,
    /// What it says.
    pub view: SelfAssessmentView,
}

impl SelfAssessment {
    /// What messages call it.
    pub(super) fn record(&self) -> String {
        format!("{}, self-assessment", self.inspection)
    }
}

impl Topic {
    /// What is wrong with the topic by itself.
    pub(super) fn check(&self, problems: &mut Problems) {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.code.is_empty() || !self.code.chars().all(is_plain) {
            problems.add(&self.code, "topic", &self.code, "a code of small letters, digits and _");
        }
        if self.label.trim().is_empty() {
            problems.add(&self.code, "label", &self.label, "a name");
        }
    }
}
