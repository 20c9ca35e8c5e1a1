//! What reports and letters say beside grades, checked together.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::error::Problems;
use crate::ofsted::{
    Authority, AuthorityCode, Improvement, Inspection, SelfAssessment, Topic, Visit, VisitCoverage, VisitKind,
};

/// What is known of authorities from reports and letters beside grades: visits between inspections, what inspections asked
/// to be improved, and what they said of an authority's assessment of itself.
///
/// Each table may lack; then nothing is known of it. An inspection in [`read`](ReportFacts::read) without an improvement
/// asked for nothing; of one that is not there it is not known what it asked for.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// let england = rating_history::ofsted::england_with_reports()?;
/// let facts = england.report_facts();
/// assert_eq!((facts.read.len(), facts.improvements.len(), facts.visits.len()), (489, 4613, 536));
/// assert!(rating_history::ofsted::england()?.report_facts().is_empty()); // only when asked for
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportFacts {
    /// Visits, ordered by authority, day and id.
    pub visits: Vec<Visit>,
    /// How far the visits of each kind are known.
    pub visit_coverage: Vec<VisitCoverage>,
    /// The topics of the coding, in its order.
    pub topics: Vec<Topic>,
    /// What was asked for, ordered by inspection as these are, then number.
    pub improvements: Vec<Improvement>,
    /// What was said of self-assessments, ordered by inspection.
    pub self_assessments: Vec<SelfAssessment>,
    /// The ids of the inspections whose report was read for improvements and self-assessment, ordered as these are.
    pub read: Vec<String>,
}

/// One fact of a version, as two versions are compared.
pub(super) struct Told {
    /// The table.
    pub(super) what: &'static str,
    /// The authority; none for what is about none.
    pub(super) authority: Option<AuthorityCode>,
    /// The inspection's id; empty for none.
    pub(super) inspection: String,
    /// What tells it from others of its table.
    pub(super) key: String,
    /// All that is stated.
    pub(super) text: String,
}

impl ReportFacts {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == ReportFacts::default()
    }

    /// How far the visits of a kind are known; `None` where nothing says so.
    pub fn coverage(&self, kind: VisitKind) -> Option<&VisitCoverage> {
        self.visit_coverage.iter().find(|c| c.kind == kind)
    }

    /// The topic with this code.
    pub fn topic(&self, code: &str) -> Option<&Topic> {
        self.topics.iter().find(|t| t.code == code)
    }

    /// Orders the facts as the inspections are and checks them against these, which must be in order.
    pub(super) fn order_and_check(
        &mut self,
        inspections: &[Inspection],
        authorities: &HashMap<&AuthorityCode, &Authority>,
        problems: &mut Problems,
    ) {
        let known: HashMap<&str, (usize, &Inspection)> =
            inspections.iter().enumerate().map(|(n, i)| (i.id.as_str(), (n, i))).collect();
        let place = |id: &str| known.get(id).map_or(usize::MAX, |(n, _)| *n);
        self.visits.sort_by(|a, b| (&a.authority, a.day(), &a.id).cmp(&(&b.authority, b.day(), &b.id)));
        self.visit_coverage.sort_by_key(|c| c.kind);
        self.read.sort_by_key(|id| place(id));
        self.improvements.sort_by_key(|i| (place(&i.inspection), i.number));
        self.self_assessments.sort_by_key(|s| place(&s.inspection));
        self.check_visits(authorities, problems);
        let mut codes = HashSet::new();
        for topic in &self.topics {
            topic.check(problems);
            if !codes.insert(topic.code.as_str()) {
                problems.add(&topic.code, "topic", &topic.code, "each topic once");
            }
        }
        let mut read = HashSet::new();
        for id in &self.read {
            if !known.contains_key(id.as_str()) {
                problems.add(read_record(id), "inspection_id", id, KNOWN);
            }
            if !read.insert(id.as_str()) {
                problems.add(read_record(id), "inspection_id", id, "each inspection once");
            }
        }
        let check_id = |record: &str, id: &str, problems: &mut Problems| {
            if !known.contains_key(id) {
                problems.add(record, "inspection_id", id, KNOWN);
            } else if !read.contains(id) {
                problems.add(record, "inspection_id", id, "an inspection that is listed as read");
            }
        };
        let mut numbers = HashSet::new();
        for asked in &self.improvements {
            let record = asked.record();
            check_id(&record, &asked.inspection, problems);
            if asked.number == 0 || !numbers.insert((asked.inspection.as_str(), asked.number)) {
                problems.add(&record, "number", asked.number, "a whole number from 1, each once in an inspection");
            }
            for (column, topic) in [("topic", Some(&asked.topic)), ("topic2", asked.second_topic.as_ref())] {
                if let Some(topic) = topic.filter(|topic| !codes.contains(topic.as_str())) {
                    problems.add(&record, column, topic, "a topic of the list of topics");
                }
            }
            if asked.second_topic.as_ref() == Some(&asked.topic) {
                problems.add(&record, "topic2", &asked.topic, "another topic than the first, or nothing");
            }
            let Some((_, inspection)) = known.get(asked.inspection.as_str()) else { continue };
            if let Some(area) = asked.area.filter(|area| !inspection.framework.areas().contains(area)) {
                let areas: Vec<&str> = inspection.framework.areas().iter().map(|a| a.code()).collect();
                let expected = format!("nothing, or one of {} under {}", areas.join(", "), inspection.framework);
                problems.add(&record, "area", area.code(), expected);
            }
        }
        let mut assessed = HashSet::new();
        for assessment in &self.self_assessments {
            let record = assessment.record();
            check_id(&record, &assessment.inspection, problems);
            if !assessed.insert(assessment.inspection.as_str()) {
                problems.add(&record, "inspection_id", &assessment.inspection, "each inspection once");
            }
            if assessment.mentioned == 0 {
                problems.add(&record, "mentioned", 0, "a whole number from 1; what is not mentioned has no row");
            }
        }
    }

    fn check_visits(&self, authorities: &HashMap<&AuthorityCode, &Authority>, problems: &mut Problems) {
        let mut ids = HashSet::new();
        for visit in &self.visits {
            if visit.id.trim().is_empty() || !ids.insert(visit.id.as_str()) {
                problems.add(&visit.id, "visit_id", &visit.id, "an id, each used once");
            }
            visit.check(problems);
            if let (Some(authority), Some(day)) = (authorities.get(&visit.authority), visit.day())
                && !authority.exists_on(day)
            {
                problems.add(&visit.id, "end_date", day, format!("a day in the life of {}", authority.name));
            }
        }
        let mut kinds = BTreeSet::new();
        for coverage in &self.visit_coverage {
            let record = coverage_record(coverage.kind);
            if !kinds.insert(coverage.kind) {
                problems.add(&record, "kind", coverage.kind.code(), "each kind once");
            }
            if let Some(from) = coverage.from.filter(|from| *from > coverage.to) {
                problems.add(&record, "to", coverage.to, format!("a day not before the first, {from}"));
            }
        }
    }

    /// These facts, and from another version what they lack; `ids` are the other's ids of inspections that have another
    /// one here. What one inspection asked for comes from one reading of its report.
    pub(super) fn merged(&self, other: &ReportFacts, ids: &dyn Fn(&str) -> String) -> ReportFacts {
        let mut both = self.clone();
        let own: HashMap<String, usize> = both.visits.iter().enumerate().map(|(n, v)| (v.id.clone(), n)).collect();
        for visit in &other.visits {
            match own.get(&visit.id).map(|place| &mut both.visits[*place]) {
                Some(own) => fill(own, visit),
                None => both.visits.push(visit.clone()),
            }
        }
        let lacks = |kind: VisitKind| self.coverage(kind).is_none();
        both.visit_coverage.extend(other.visit_coverage.iter().filter(|c| lacks(c.kind)).cloned());
        both.topics.extend(other.topics.iter().filter(|t| self.topic(&t.code).is_none()).cloned());
        let read: HashSet<&str> = self.read.iter().map(String::as_str).collect();
        let is_new = |id: &String| !read.contains(id.as_str());
        both.read.extend(other.read.iter().map(|id| ids(id)).filter(is_new));
        let asked = |i: &Improvement| Improvement { inspection: ids(&i.inspection), ..i.clone() };
        both.improvements.extend(other.improvements.iter().map(asked).filter(|i| is_new(&i.inspection)));
        let said = |s: &SelfAssessment| SelfAssessment { inspection: ids(&s.inspection), ..s.clone() };
        both.self_assessments.extend(other.self_assessments.iter().map(said).filter(|s| is_new(&s.inspection)));
        both
    }

    /// Without what is said of inspections that are not kept.
    pub(super) fn only_of(mut self, is_kept: &dyn Fn(&str) -> bool) -> ReportFacts {
        self.read.retain(|id| is_kept(id));
        self.improvements.retain(|asked| is_kept(&asked.inspection));
        self.self_assessments.retain(|assessment| is_kept(&assessment.inspection));
        self
    }

    /// The same facts with other ids of inspections.
    pub(super) fn with_ids(&self, ids: &dyn Fn(&str) -> String) -> ReportFacts {
        ReportFacts::default().merged(self, ids)
    }

    /// Every fact in words, for a comparison; `authority_of` says whose an inspection is.
    pub(super) fn told(&self, authority_of: &dyn Fn(&str) -> Option<AuthorityCode>) -> Vec<Told> {
        let mut told = Vec::new();
        for v in &self.visits {
            let days = [v.start, v.end, v.published].map(|d| d.map_or("-".to_owned(), |d| d.to_string()));
            let topic = v.topic.map_or("-", |t| t.code());
            let from = v.topic_from.map_or("-", |t| t.code());
            let action = v.priority_action.map_or("-", yes_or_no);
            let [start, end, published] = days;
            let text = format!(
                "{} start {start}, end {end}, published {published}, precision {}, topic {topic} by {from}, \
                 priority action {action}, {} {}",
                v.id,
                v.precision.code(),
                v.source,
                v.also
            );
            let authority = Some(v.authority.clone());
            told.push(Told { what: "visit", authority, inspection: String::new(), key: v.id.clone(), text });
        }
        for c in &self.visit_coverage {
            let from = c.from.map_or("-".to_owned(), |d| d.to_string());
            let which = if c.only_latest { "latest" } else { "all" };
            let text = format!("{} from {from} to {} {which} {}", c.kind.code(), c.to, c.note);
            let (what, key) = ("visit_coverage", c.kind.code().to_owned());
            told.push(Told { what, authority: None, inspection: String::new(), key, text });
        }
        for t in &self.topics {
            let text = format!("{}: {}; {}; {}", t.code, t.label, t.definition, t.theme.code());
            told.push(Told { what: "topic", authority: None, inspection: String::new(), key: t.code.clone(), text });
        }
        let mut of_inspection = |what, id: &str, key: String, text: String| {
            told.push(Told { what, authority: authority_of(id), inspection: id.to_owned(), key, text });
        };
        for id in &self.read {
            of_inspection("read", id, id.clone(), "read".to_owned());
        }
        for i in &self.improvements {
            let topics: Vec<&str> = i.topics().collect();
            let area = i.area.map_or("-", |a| a.code());
            let urgency = i.urgency.map_or("-", |u| u.code());
            let text = format!("{} {} area {area}, urgency {urgency}", i.number, topics.join("; "));
            of_inspection("improvement", &i.inspection, i.record(), text);
        }
        for s in &self.self_assessments {
            let text = format!("{}, mentioned {}", s.view.code(), s.mentioned);
            of_inspection("self_assessment", &s.inspection, s.record(), text);
        }
        told
    }
}

const KNOWN: &str = "the id of a known inspection";

/// What messages call an inspection that was read.
pub(super) fn read_record(id: &str) -> String {
    format!("{id}, read")
}

/// What messages call the coverage of a kind.
pub(super) fn coverage_record(kind: VisitKind) -> String {
    format!("coverage of {}", kind.code())
}

pub(super) fn yes_or_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// Fills what a visit does not state from another version of it.
fn fill(own: &mut Visit, other: &Visit) {
    own.published = own.published.or(other.published.filter(|p| own.start.is_none_or(|start| start <= *p)));
    if own.topic.is_none() && other.topic.is_some_and(|topic| topic.is_of(own.kind)) {
        (own.topic, own.topic_from) = (other.topic, other.topic_from);
    }
    if own.kind != VisitKind::Monitoring {
        own.priority_action = own.priority_action.or(other.priority_action);
    }
    for (text, from) in [(&mut own.source, &other.source), (&mut own.also, &other.also)] {
        if text.is_empty() {
            text.clone_from(from);
        }
    }
}
