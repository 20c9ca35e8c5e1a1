//! Visits between inspections, and how far they are known.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::code::coded_enum;
use crate::error::Problems;
use crate::ofsted::AuthorityCode;
use crate::{Clock, Precision};

coded_enum! {
    /// What a visit between inspections was. Ofsted publishes a letter about each and gives no grade.
    enum VisitKind: "kind of visit" {
        /// A focused visit under ILACS: one part of the service, in an authority of any grade.
        Focused = "focused" / "focused visit",
        /// A monitoring visit to an authority judged inadequate.
        Monitoring = "monitoring" / "monitoring visit",
        /// A joint targeted area inspection: several inspectorates look at all local partners.
        Jtai = "jtai" / "joint targeted area inspection",
    }
}

coded_enum! {
    /// What a visit looked at: Ofsted's labels of focused and monitoring visits, then the themes of joint targeted area
    /// inspections.
    enum VisitTopic: "topic of a visit" {
        /// Front door.
        FrontDoor = "front_door" / "front door",
        /// Children in need or subject to a plan.
        ChildrenInNeedOrPlan = "children_in_need_or_plan" / "children in need or subject to a plan",
        /// Children in care.
        ChildrenInCare = "children_in_care" / "children in care",
        /// Care leavers.
        CareLeavers = "care_leavers" / "care leavers",
        /// Achieving permanence.
        AchievingPermanence = "achieving_permanence" / "achieving permanence",
        /// Vulnerable adolescents.
        VulnerableAdolescents = "vulnerable_adolescents" / "vulnerable adolescents",
        /// No single area; no label of Ofsted's. Nearly all are of the pandemic, when visits replaced inspections.
        Several = "several" / "several areas",
        /// Joint: abuse and neglect.
        AbuseAndNeglect = "abuse_and_neglect" / "abuse and neglect",
        /// Joint: domestic abuse.
        DomesticAbuse = "domestic_abuse" / "domestic abuse",
        /// Joint: sexual abuse in the family.
        SexualAbuseInFamily = "sexual_abuse_in_family" / "sexual abuse in the family",
        /// Joint: child exploitation.
        ChildExploitation = "child_exploitation" / "child exploitation",
        /// Joint: mental health.
        MentalHealth = "mental_health" / "mental health",
        /// Joint: how initial need and risk are met.
        InitialNeedAndRisk = "initial_need_and_risk" / "initial need and risk",
        /// Joint: early help.
        EarlyHelp = "early_help" / "early help",
        /// Joint: serious youth violence.
        SeriousYouthViolence = "serious_youth_violence" / "serious youth violence",
    }
}

impl VisitTopic {
    /// Whether visits of a kind have this topic.
    pub fn is_of(self, kind: VisitKind) -> bool {
        (self > VisitTopic::Several) == (kind == VisitKind::Jtai)
    }
}

coded_enum! {
    /// Who says what a visit looked at.
    enum TopicSource: "source of a topic" {
        /// Ofsted's label in its yearly list.
        Official = "official" / "Ofsted's list",
        /// Coded by the makers of these data from the scope that the letter states.
        Letter = "letter" / "letter",
        /// Stated in a later report.
        Report = "report" / "later report",
    }
}

/// A visit between inspections. It gives no grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Stable identifier, unique in a history.
    pub id: String,
    /// The authority visited.
    pub authority: AuthorityCode,
    /// Kind.
    pub kind: VisitKind,
    /// First day, where known; the first of the month at month precision.
    pub start: Option<NaiveDate>,
    /// Last day, where known; the last of the month at month precision.
    pub end: Option<NaiveDate>,
    /// Publication of the letter, where known.
    pub published: Option<NaiveDate>,
    /// How exactly the days are known.
    pub precision: Precision,
    /// What it looked at, where known.
    pub topic: Option<VisitTopic>,
    /// Who says so.
    pub topic_from: Option<TopicSource>,
    /// Whether the letter sets an area for priority action (of a joint inspection perhaps another partner's); `None` where
    /// it was not read, and for monitoring visits, which set none.
    pub priority_action: Option<bool>,
    /// Where it is stated.
    pub source: String,
    /// A second source; empty when there is none.
    pub also: String,
}

impl Visit {
    /// The day that counts: the last day, else the first, else publication; at month or year precision never later than
    /// publication. `None` where no day is known, which no history allows.
    pub fn day(&self) -> Option<NaiveDate> {
        let day = self.end.or(self.start).or(self.published)?;
        let early = self.published.filter(|_| self.precision != Precision::Day);
        Some(early.map_or(day, |published| day.min(published)))
    }

    /// The day that counts by a clock: by that of publication the letter's, where it is known.
    pub fn day_on(&self, clock: Clock) -> Option<NaiveDate> {
        match clock {
            Clock::Published => self.published.or_else(|| self.day()),
            Clock::Effect => self.day(),
        }
    }

    /// What is wrong with the visit by itself.
    pub(super) fn check(&self, problems: &mut Problems) {
        let mut wrong = |column: &str, value: String, expected: String| {
            problems.add(&self.id, column, value, expected);
        };
        if self.day().is_none() {
            wrong("end_date", String::new(), "a first, a last or a publication day".to_owned());
        }
        for (column, date) in [("end_date", self.end), ("published", self.published)] {
            if let (Some(start), Some(date)) = (self.start, date)
                && date < start
            {
                wrong(column, date.to_string(), format!("a day not before the start, {start}"));
            }
        }
        if let Some(topic) = self.topic.filter(|topic| !topic.is_of(self.kind)) {
            let all: Vec<&str> = VisitTopic::ALL.iter().filter(|t| t.is_of(self.kind)).map(|t| t.code()).collect();
            wrong("topic", topic.code().to_owned(), format!("one of {} for a {}", all.join(", "), self.kind));
        }
        if self.topic.is_some() != self.topic_from.is_some() {
            let told = self.topic_from.map(TopicSource::code).unwrap_or_default();
            wrong("topic_from", told.to_owned(), "who says the topic, where there is one".to_owned());
        }
        if self.kind == VisitKind::Monitoring && self.priority_action.is_some() {
            wrong("priority_action", "yes or no".to_owned(), "nothing: a monitoring visit sets none".to_owned());
        }
    }
}

/// How far the visits of a kind are known: beyond it a missing visit is unknown, not absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitCoverage {
    /// The kind of visit.
    pub kind: VisitKind,
    /// First day of the time in which all are known; `None` where that is never so.
    pub from: Option<NaiveDate>,
    /// Last day of that time, or of the collection.
    pub to: NaiveDate,
    /// Only the latest visit of each authority is known.
    pub only_latest: bool,
    /// What else is to be known, in a sentence; empty for nothing.
    pub note: String,
}

impl VisitCoverage {
    /// Whether every visit of this kind from one day to another is known.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::{self, VisitKind};
    /// let england = ofsted::england_with_reports()?;
    /// let coverage = england.report_facts().coverage(VisitKind::Focused).unwrap();
    /// let day = |text: &str| text.parse().unwrap();
    /// assert!(coverage.is_complete(day("2019-01-01"), day("2020-01-01")));
    /// assert!(!coverage.is_complete(day("2019-01-01"), day("2026-08-01")));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn is_complete(&self, from: NaiveDate, to: NaiveDate) -> bool {
        !self.only_latest && self.from.is_some_and(|first| first <= from) && to <= self.to
    }
}

/// In a sentence: "Focused visits: all from 1 January 2018 to 3 February 2026."
impl std::fmt::Display for VisitCoverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            VisitKind::Focused => "Focused visit",
            VisitKind::Monitoring => "Monitoring visit",
            VisitKind::Jtai => "Joint targeted area inspection",
        };
        let to = Precision::Day.write(self.to);
        match self.from.map(|from| Precision::Day.write(from)) {
            Some(from) if !self.only_latest => write!(f, "{kind}s: all from {from} to {to}.")?,
            _ if self.only_latest => write!(f, "{kind}s: the latest of each authority, to {to}.")?,
            _ => write!(f, "{kind}s: some, to {to}.")?,
        }
        if self.note.is_empty() { Ok(()) } else { write!(f, " {}", self.note) }
    }
}
