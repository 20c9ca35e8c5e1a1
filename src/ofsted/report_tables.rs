//! The tables of what reports and letters say beside grades, each of which a folder may lack.

use std::collections::HashMap;

use crate::error::Problem;
use crate::io::report::Reading;
use crate::io::table::{Row, Shape, Table};
use crate::io::write::write_table;
use crate::ofsted::report_facts::{coverage_record, read_record, yes_or_no};
use crate::ofsted::{
    AuthorityCode, Improvement, RatingHistory, ReportFacts, SelfAssessment, Topic, Visit, VisitCoverage,
};

const VISITS: &str = "visits.csv";
const VISIT_COVERAGE: &str = "visit_coverage.csv";
const IMPROVEMENTS: &str = "improvements.csv";
const TOPICS: &str = "improvement_topics.csv";
const SELF_ASSESSMENTS: &str = "self_assessments.csv";
const READ: &str = "coded_inspections.csv";

const VISIT_COLUMNS: &[&str] = &[
    "visit_id",
    "gss_code",
    "kind",
    "start_date",
    "end_date",
    "published",
    "date_precision",
    "topic",
    "topic_from",
    "priority_action",
    "source",
    "also",
];
const COVERAGE_COLUMNS: &[&str] = &["kind", "from", "to", "which", "note"];
const IMPROVEMENT_COLUMNS: &[&str] = &["inspection_id", "number", "area", "urgency", "topic", "topic2"];
const TOPIC_COLUMNS: &[&str] = &["topic", "label", "definition", "theme"];
const SELF_ASSESSMENT_COLUMNS: &[&str] = &["inspection_id", "mentioned", "view"];
const READ_COLUMNS: &[&str] = &["inspection_id"];

/// The text of the tables beside the five: what reports and letters say beside grades. Each may be empty: then nothing is
/// known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportTables {
    /// `visits.csv`
    pub visits: String,
    /// `visit_coverage.csv`
    pub visit_coverage: String,
    /// `improvements.csv`
    pub improvements: String,
    /// `improvement_topics.csv`
    pub improvement_topics: String,
    /// `self_assessments.csv`
    pub self_assessments: String,
    /// `coded_inspections.csv`
    pub coded_inspections: String,
}

/// Where the facts stand in the files, by what messages call them.
pub(super) type FactLines = HashMap<String, (&'static str, u64)>;

impl ReportTables {
    /// The names of the files.
    pub const FILES: [&'static str; 6] = [VISITS, VISIT_COVERAGE, IMPROVEMENTS, TOPICS, SELF_ASSESSMENTS, READ];

    /// File names with their texts, those that are not empty.
    pub fn files(&self) -> Vec<(&'static str, &str)> {
        let texts = [
            &self.visits,
            &self.visit_coverage,
            &self.improvements,
            &self.improvement_topics,
            &self.self_assessments,
            &self.coded_inspections,
        ];
        let named = Self::FILES.into_iter().zip(texts);
        named.filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.as_str())).collect()
    }

    /// The tables of which `text` has the text by the name of the file, empty where there is none.
    pub(super) fn of<E>(mut text: impl FnMut(&'static str) -> Result<String, E>) -> Result<Self, E> {
        Ok(ReportTables {
            visits: text(VISITS)?,
            visit_coverage: text(VISIT_COVERAGE)?,
            improvements: text(IMPROVEMENTS)?,
            improvement_topics: text(TOPICS)?,
            self_assessments: text(SELF_ASSESSMENTS)?,
            coded_inspections: text(READ)?,
        })
    }

    /// Reads the tables; they are checked against the inspections when the history is built.
    pub(super) fn read(&self, p: &mut Reading<'_>) -> (ReportFacts, FactLines) {
        let mut lines = FactLines::new();
        let mut facts = ReportFacts::default();
        let rows = |file: &'static str, text: &str, columns: &[&str], optional: &[&str], p: &mut Reading<'_>| {
            if text.is_empty() { None } else { table(file, text, columns, optional, p) }
        };
        if let Some(table) = rows(VISITS, &self.visits, VISIT_COLUMNS, &["authority"], p) {
            for row in table.rows() {
                if let Some(visit) = visit(&row, p) {
                    lines.insert(visit.id.clone(), (VISITS, row.line));
                    facts.visits.push(visit);
                }
            }
        }
        if let Some(table) = rows(VISIT_COVERAGE, &self.visit_coverage, COVERAGE_COLUMNS, &[], p) {
            for row in table.rows() {
                if let Some(coverage) = coverage(&row, p) {
                    lines.insert(coverage_record(coverage.kind), (VISIT_COVERAGE, row.line));
                    facts.visit_coverage.push(coverage);
                }
            }
        }
        if let Some(table) = rows(TOPICS, &self.improvement_topics, TOPIC_COLUMNS, &[], p) {
            for row in table.rows() {
                let theme = row.value("theme", p);
                let (code, label) = (row.text("topic").to_owned(), row.text("label").to_owned());
                let definition = row.text("definition").to_owned();
                lines.insert(code.clone(), (TOPICS, row.line));
                facts.topics.extend(theme.map(|theme| Topic { code, label, definition, theme }));
            }
        }
        if let Some(table) = rows(READ, &self.coded_inspections, READ_COLUMNS, &[], p) {
            for row in table.rows() {
                let id = row.text("inspection_id").to_owned();
                lines.insert(read_record(&id), (READ, row.line));
                facts.read.push(id);
            }
        }
        if let Some(table) = rows(IMPROVEMENTS, &self.improvements, IMPROVEMENT_COLUMNS, &[], p) {
            for row in table.rows() {
                if let Some(asked) = improvement(&row, p) {
                    lines.insert(asked.record(), (IMPROVEMENTS, row.line));
                    facts.improvements.push(asked);
                }
            }
        }
        if let Some(table) = rows(SELF_ASSESSMENTS, &self.self_assessments, SELF_ASSESSMENT_COLUMNS, &[], p) {
            for row in table.rows() {
                let (mentioned, view) = (whole(&row, "mentioned", p), row.value("view", p));
                if let (Some(mentioned), Some(view)) = (mentioned, view) {
                    let said = SelfAssessment { inspection: row.text("inspection_id").to_owned(), mentioned, view };
                    lines.insert(said.record(), (SELF_ASSESSMENTS, row.line));
                    facts.self_assessments.push(said);
                }
            }
        }
        (facts, lines)
    }

    /// The tables of a history, in its order; of what it does not know, none.
    pub(super) fn from_history(history: &RatingHistory) -> Self {
        let facts = history.report_facts();
        let text = |columns: &[&str], rows: Vec<Vec<String>>| {
            if rows.is_empty() { String::new() } else { write_table(columns, rows.into_iter()) }
        };
        let optional = |value: Option<String>| value.unwrap_or_default();
        let day = |date: Option<chrono::NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
        let visits = facts.visits.iter().map(|v| {
            vec![
                v.id.clone(),
                v.authority.to_string(),
                v.kind.code().into(),
                day(v.start),
                day(v.end),
                day(v.published),
                v.precision.code().into(),
                v.topic.map_or("", |t| t.code()).into(),
                v.topic_from.map_or("", |t| t.code()).into(),
                v.priority_action.map_or("", yes_or_no).into(),
                v.source.clone(),
                v.also.clone(),
            ]
        });
        let coverage = facts.visit_coverage.iter().map(|c| {
            let which = if c.only_latest { LATEST } else { ALL };
            vec![c.kind.code().into(), day(c.from), c.to.to_string(), which.into(), c.note.clone()]
        });
        let topics = facts
            .topics
            .iter()
            .map(|t| vec![t.code.clone(), t.label.clone(), t.definition.clone(), t.theme.code().into()]);
        let improvements = facts.improvements.iter().map(|i| {
            vec![
                i.inspection.clone(),
                i.number.to_string(),
                i.area.map_or("", |a| a.code()).into(),
                i.urgency.map_or("", |u| u.code()).into(),
                i.topic.clone(),
                optional(i.second_topic.clone()),
            ]
        });
        let said = facts
            .self_assessments
            .iter()
            .map(|s| vec![s.inspection.clone(), s.mentioned.to_string(), s.view.code().into()]);
        ReportTables {
            visits: text(VISIT_COLUMNS, visits.collect()),
            visit_coverage: text(COVERAGE_COLUMNS, coverage.collect()),
            improvements: text(IMPROVEMENT_COLUMNS, improvements.collect()),
            improvement_topics: text(TOPIC_COLUMNS, topics.collect()),
            self_assessments: text(SELF_ASSESSMENT_COLUMNS, said.collect()),
            coded_inspections: text(READ_COLUMNS, facts.read.iter().map(|id| vec![id.clone()]).collect()),
        }
    }
}

const ALL: &str = "all";
const LATEST: &str = "latest";

/// A table with only these columns.
fn table(file: &str, text: &str, columns: &[&str], optional: &[&str], p: &mut Reading<'_>) -> Option<Table> {
    let table = Table::parse_as(file, text, &Shape::default(), p)?;
    table.has_only(columns, optional, p).then_some(table)
}

/// A cell that may be empty.
fn told<T: std::str::FromStr<Err = crate::Error>>(row: &Row<'_>, column: &str, p: &mut Reading<'_>) -> Option<T> {
    if row.text(column).is_empty() { None } else { row.value(column, p) }
}

/// A whole number that must be there.
fn whole(row: &Row<'_>, column: &str, p: &mut Reading<'_>) -> Option<u32> {
    if row.text(column).is_empty() {
        row.problem(column, "a whole number", p);
    }
    row.number(column, p)
}

/// One of two words, or nothing.
fn either(row: &Row<'_>, column: &str, (yes, no): (&str, &str), p: &mut Reading<'_>) -> Option<bool> {
    match row.text(column) {
        text if text.eq_ignore_ascii_case(yes) => Some(true),
        text if text.eq_ignore_ascii_case(no) => Some(false),
        text => {
            if !text.is_empty() {
                row.problem(column, format!("{yes}, {no}, or nothing"), p);
            }
            None
        }
    }
}

fn visit(row: &Row<'_>, p: &mut Reading<'_>) -> Option<Visit> {
    let before = p.problems.0.len();
    let authority: Option<AuthorityCode> = row.value("gss_code", p);
    let (kind, precision) = (row.value("kind", p), row.value("date_precision", p));
    let (start, end, published) = (row.date("start_date", p), row.date("end_date", p), row.date("published", p));
    for (column, date) in [("start_date", start), ("end_date", end), ("published", published)] {
        row.is_plausible(column, date, p);
    }
    let visit = Visit {
        id: row.text("visit_id").to_owned(),
        topic: told(row, "topic", p),
        topic_from: told(row, "topic_from", p),
        priority_action: either(row, "priority_action", ("yes", "no"), p),
        source: row.text("source").to_owned(),
        also: row.text("also").to_owned(),
        authority: authority?,
        kind: kind?,
        precision: precision?,
        start,
        end,
        published,
    };
    (p.problems.0.len() == before).then_some(visit)
}

fn coverage(row: &Row<'_>, p: &mut Reading<'_>) -> Option<VisitCoverage> {
    let (kind, from, to) = (row.value("kind", p), row.date("from", p), row.date("to", p));
    if to.is_none() && row.text("to").is_empty() {
        row.problem("to", "a date as YYYY-MM-DD", p);
    }
    let only_latest = either(row, "which", (LATEST, ALL), p);
    if only_latest.is_none() && row.text("which").is_empty() {
        row.problem("which", format!("{LATEST} or {ALL}"), p);
    }
    Some(VisitCoverage { kind: kind?, from, to: to?, only_latest: only_latest?, note: row.text("note").to_owned() })
}

fn improvement(row: &Row<'_>, p: &mut Reading<'_>) -> Option<Improvement> {
    let before = p.problems.0.len();
    let number = whole(row, "number", p);
    let asked = Improvement {
        inspection: row.text("inspection_id").to_owned(),
        area: told(row, "area", p),
        urgency: told(row, "urgency", p),
        topic: row.text("topic").to_owned(),
        second_topic: Some(row.text("topic2").to_owned()).filter(|topic| !topic.is_empty()),
        number: number?,
    };
    (p.problems.0.len() == before).then_some(asked)
}

/// Where a problem of a fact stands in the files.
pub(super) fn located(problem: &Problem, lines: &FactLines) -> Option<(&'static str, u64)> {
    lines.get(&problem.record).copied()
}
