//! The tables as one history, and back.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use chrono::NaiveDate;

use super::authority::name_key;
use super::report_tables::{FactLines, ReportTables, located};
use crate::Error;
use crate::error::Problem;
use crate::io::Source;
use crate::io::dates::is_date;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read};
use crate::io::table::{Row, Shape, Table};
use crate::io::write::{in_place, write_atomic, write_table, write_together};
use crate::ofsted::{
    Area, AreaJudgement, Authority, AuthorityCode, Dates, Event, Framework, Grade, Inspection, RatingHistory,
};

const AUTHORITIES: &str = "authorities.csv";
const NEIGHBOURS: &str = "neighbours.csv";
const INSPECTIONS: &str = "inspections.csv";
const JUDGEMENTS: &str = "judgements.csv";
const EVENTS: &str = "events.csv";

const AUTHORITY_COLUMNS: &[&str] =
    &["gss_code", "la_code", "urn", "name", "region", "type", "opened", "closed", "successors", "former_codes"];
const NEIGHBOUR_COLUMNS: &[&str] = &["gss_code", "rank", "neighbour_gss_code"];
const INSPECTION_COLUMNS: &[&str] = &[
    "inspection_id",
    "gss_code",
    "framework",
    "kind",
    "start_date",
    "end_date",
    "published",
    "date_precision",
    "source",
    "also",
];
const JUDGEMENT_COLUMNS: &[&str] = &["inspection_id", "area", "grade"];
const EVENT_COLUMNS: &[&str] = &["gss_code", "kind", "scope", "start_date", "end_date", "precision", "label", "source"];

const NOT_JUDGED: &str = "not_judged";

/// The text of the five tables.
///
/// ```
/// use rating_history::io::ReadOptions;
/// use rating_history::ofsted::Tables;
/// let tables = Tables {
///     authorities: "gss_code,la_code,urn,name,region,type,opened,closed,successors,former_codes\n\
///                   E06000039,871,80553,Slough,South East,unitary,,,,\n".into(),
///     inspections: "inspection_id,gss_code,framework,kind,start_date,end_date,published,date_precision,source,also\n\
///                   slough-2019,E06000039,ILACS,standard,2019-01-21,2019-02-01,2019-03-04,day,,\n".into(),
///     judgements: "inspection_id,area,grade\nslough-2019,overall_effectiveness,requires_improvment\n".into(),
///     ..Tables::default()
/// };
/// let error = tables.read(&ReadOptions::default()).unwrap_err().to_string();
/// assert!(error.contains("judgements.csv:2: grade `requires_improvment`: expected one of"), "{error}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// `authorities.csv`
    pub authorities: String,
    /// `neighbours.csv`; empty for none.
    pub neighbours: String,
    /// `inspections.csv`
    pub inspections: String,
    /// `judgements.csv`
    pub judgements: String,
    /// `events.csv`; empty for none.
    pub events: String,
    /// What reports and letters say beside grades; empty for nothing known.
    pub reports: ReportTables,
}

/// Reads a folder of tables, as [`Tables::read`] does.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be read (`neighbours.csv`, `events.csv` and those of [`ReportTables`] may be
/// missing), else as [`Tables::read`].
pub fn read_folder(folder: impl AsRef<Path>, options: &ReadOptions) -> Result<Loaded<RatingHistory>, Error> {
    let (tables, odd) = Tables::of_files(folder.as_ref(), options)?;
    let mut read = tables.read(options)?;
    read.report.problems.0.splice(..0, odd);
    Ok(read)
}

/// Writes a history as a folder of tables, all of them or none: beside the old folder, which is then exchanged for the
/// new one. Other files in the old folder are kept. Where no folder can be made beside it, or this program works in it, the
/// files are moved into it one by one. Reading it gives the same history when
/// its cut-off is the default one.
///
/// # Errors
/// [`Error::Io`] for the first file that cannot be written; the old folder is then untouched.
pub fn write_folder(history: &RatingHistory, folder: impl AsRef<Path>) -> Result<(), Error> {
    let tables = Tables::from_history(history);
    // Tables of this history's reports alone: those of another would contradict it.
    let own = ReportTables::FILES.map(std::path::PathBuf::from);
    write_together(folder.as_ref(), &own, |new| {
        tables
            .files()
            .into_iter()
            .chain(tables.reports.files())
            .try_for_each(|(file, text)| write_atomic(&new.join(file), text.as_bytes()))
    })
}

impl Tables {
    /// The text of the files of a folder, in any of the encodings that spreadsheets write.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read or is too large (`neighbours.csv`, `events.csv` and those of
    /// [`ReportTables`] may be missing).
    pub fn of_folder(folder: impl AsRef<Path>, options: &ReadOptions) -> Result<Self, Error> {
        Tables::of_files(folder.as_ref(), options).map(|(tables, _)| tables)
    }

    /// The text of the files, and a warning for each that has odd bytes.
    fn of_files(folder: &Path, options: &ReadOptions) -> Result<(Self, Vec<Problem>), Error> {
        let folder = in_place(folder);
        let mut odd = Vec::new();
        let mut read = |file: &str, must: bool| -> Result<String, Error> {
            if !must && !folder.join(file).exists() {
                return Ok(String::new());
            }
            let (_, text, warning) = Source::from(folder.join(file)).text(options)?;
            odd.extend(warning.map(|warning| Problem { file: Some(file.to_owned()), ..warning }));
            Ok(text)
        };
        let tables = Tables {
            authorities: read(AUTHORITIES, true)?,
            neighbours: read(NEIGHBOURS, false)?,
            inspections: read(INSPECTIONS, true)?,
            judgements: read(JUDGEMENTS, true)?,
            events: read(EVENTS, false)?,
            reports: ReportTables::of(|file| read(file, false))?,
        };
        Ok((tables, odd))
    }

    /// The names of the five files with their texts; [`reports`](Tables::reports) has those beside them.
    pub fn files(&self) -> [(&'static str, &str); 5] {
        [
            (AUTHORITIES, &self.authorities),
            (NEIGHBOURS, &self.neighbours),
            (INSPECTIONS, &self.inspections),
            (JUDGEMENTS, &self.judgements),
            (EVENTS, &self.events),
        ]
    }

    /// Reads the tables into a history, whose cut-off is the latest day on which one of its judgements became known. The
    /// report says every problem, and the [`warnings`](RatingHistory::warnings) about what was kept. An inspection that
    /// is left out takes its judgements with it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem of every table (file, line, column, value, what would be right) when strict;
    /// when lenient, if a header is wrong or nothing is left.
    pub fn read(&self, options: &ReadOptions) -> Result<Loaded<RatingHistory>, Error> {
        read(options, |p| self.pass(p))
    }

    fn pass(&self, p: &mut Reading<'_>) -> Result<RatingHistory, Error> {
        let authorities = read_authorities(&self.authorities, p);
        let by_code: Known<'_> = authorities
            .iter()
            .flat_map(|(_, a)| std::iter::once(&a.code).chain(&a.former_codes).map(move |c| (c, a)))
            .collect();
        let inspections = read_inspections(&self.inspections, &by_code, p);
        let judgements = read_judgements(&self.judgements, &inspections, p);
        let neighbours = read_neighbours(&self.neighbours, &by_code, p);
        let events = read_events(&self.events, &by_code, p);
        let (report_facts, fact_lines) = self.reports.read(p);
        if p.problems.errors().next().is_some() {
            return Err(Error::Invalid(std::mem::take(&mut p.problems)));
        }
        let lines = Lines {
            facts: fact_lines,
            authorities: authorities.iter().map(|(line, a)| (a.code.to_string(), *line)).collect(),
            inspections: inspections.iter().map(|(line, i)| (i.id.clone(), *line)).collect(),
            judgements: inspections
                .iter()
                .zip(&judgements)
                .flat_map(|((_, i), own)| own.iter().map(|(line, j)| ((i.id.clone(), j.area.code()), *line)))
                .collect(),
        };
        let mut builder = RatingHistory::builder()
            .authorities(authorities.into_iter().map(|(_, a)| a))
            .inspections(inspections.into_iter().zip(judgements).map(|((_, mut inspection), judgements)| {
                inspection.judgements = judgements.into_iter().map(|(_, j)| j).collect();
                inspection
            }))
            .events(events)
            .report_facts(report_facts);
        for (code, list) in neighbours {
            builder = builder.neighbours(code, list.into_values().collect());
        }
        let history = builder.build().map_err(|error| lines.locate_all(error))?;
        p.problems.0.extend(history.warnings().0.into_iter().map(|problem| lines.locate(problem)));
        Ok(history)
    }

    /// The tables of a history, in its order.
    pub fn from_history(history: &RatingHistory) -> Self {
        let codes = |list: &[AuthorityCode]| list.iter().map(AuthorityCode::as_str).collect::<Vec<_>>().join(";");
        let authorities = history.authorities().iter().map(|a| {
            vec![
                a.code.to_string(),
                optional(a.la_code),
                optional(a.urn),
                a.name.clone(),
                a.region.code().into(),
                a.authority_type.code().into(),
                optional(a.opened),
                optional(a.closed),
                codes(&a.successors),
                codes(&a.former_codes),
            ]
        });
        let neighbours = history.all_neighbours().flat_map(|(code, list)| {
            list.iter().enumerate().map(move |(i, n)| vec![code.to_string(), (i + 1).to_string(), n.to_string()])
        });
        let inspections = history.inspections().iter().map(|i| {
            vec![
                i.id.clone(),
                i.authority.to_string(),
                i.framework.code().into(),
                i.kind.code().into(),
                optional(i.dates.start()),
                optional(i.dates.end()),
                optional(i.dates.published()),
                i.dates.precision().code().into(),
                i.source.clone(),
                i.also.clone(),
            ]
        });
        let judgements = history.inspections().iter().flat_map(|i| {
            i.judgements.iter().map(move |j| {
                let grade = j.grade.map_or(NOT_JUDGED, |g| i.framework.grade_code(g));
                vec![i.id.clone(), j.area.code().into(), grade.into()]
            })
        });
        let events = history.events().iter().map(|e| {
            vec![
                e.authority.to_string(),
                e.kind.code().into(),
                e.scope.code().into(),
                e.start.to_string(),
                optional(e.end),
                e.precision.code().into(),
                e.label.clone(),
                e.source.clone(),
            ]
        });
        Tables {
            authorities: write_table(AUTHORITY_COLUMNS, authorities),
            neighbours: write_table(NEIGHBOUR_COLUMNS, neighbours),
            inspections: write_table(INSPECTION_COLUMNS, inspections),
            judgements: write_table(JUDGEMENT_COLUMNS, judgements),
            events: write_table(EVENT_COLUMNS, events),
            reports: ReportTables::from_history(history),
        }
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// Authorities by their codes, current and former.
type Known<'a> = HashMap<&'a AuthorityCode, &'a Authority>;

/// Where the records of a history stand in its files.
struct Lines {
    facts: FactLines,
    authorities: HashMap<String, u64>,
    inspections: HashMap<String, u64>,
    /// By inspection and area; of one area twice, the last.
    judgements: HashMap<(String, &'static str), u64>,
}

impl Lines {
    /// Adds file and line to the problems that the history's own checks found.
    fn locate_all(&self, error: Error) -> Error {
        let Error::Invalid(mut problems) = error else { return error };
        problems.0 = problems.0.into_iter().map(|problem| self.locate(problem)).collect();
        Error::Invalid(problems)
    }

    fn locate(&self, problem: Problem) -> Problem {
        if let Some((file, line)) = located(&problem, &self.facts) {
            return problem.at(file, Some(line));
        }
        let Problem { record, column, value, .. } = &problem;
        let area = value.split(' ').next().and_then(|word| word.parse::<Area>().ok()).filter(|_| column == "area");
        if let Some(line) = area.and_then(|area| self.judgements.get(&(record.clone(), area.code()))) {
            let other = |id: &str| self.judgements.get(&(id.to_owned(), area?.code())).copied();
            return problem.at(JUDGEMENTS, Some(*line)).beside(other);
        }
        if let Some(line) = self.inspections.get(record) {
            return problem.at(INSPECTIONS, Some(*line)).beside(|id| self.inspections.get(id).copied());
        }
        match self.authorities.get(record) {
            Some(line) => problem.at(AUTHORITIES, Some(*line)),
            None => problem,
        }
    }
}

/// A table with only these columns.
fn table(file: &str, text: &str, columns: &[&str], optional: &[&str], p: &mut Reading<'_>) -> Option<Table> {
    let last = |column: &&str| ["successors", "former_codes", "source", "also", "urn", "authority"].contains(column);
    let needed: Vec<&str> = columns.iter().copied().filter(|column| !last(column)).collect();
    let holds = |column: &str, cell: &str| match column {
        "grade" => cell.parse::<Grade>().is_ok(),
        column => column.contains("date") && is_date(cell),
    };
    let shape = Shape { needed: &needed, holds: Some(&holds), ..Shape::default() };
    let table = Table::parse_as(file, text, &shape, p)?;
    table.has_only(columns, optional, p).then_some(table)
}

fn read_authorities(text: &str, p: &mut Reading<'_>) -> Vec<(u64, Authority)> {
    let Some(table) = table(AUTHORITIES, text, AUTHORITY_COLUMNS, &[], p) else { return Vec::new() };
    let mut codes = HashSet::new();
    let mut read = |row: Row, p: &mut Reading<'_>| {
        if p.is_full() {
            return None;
        }
        let code: Option<AuthorityCode> = row.value("gss_code", p);
        if code.clone().is_some_and(|code| !codes.insert(code)) {
            row.problem("gss_code", "a code, current or former, used once", p);
        }
        let region = row.value("region", p);
        let authority_type = row.value("type", p);
        Some((
            row.line,
            Authority {
                la_code: row.number("la_code", p),
                urn: row.number("urn", p),
                name: row.text("name").to_owned(),
                opened: row.date("opened", p),
                closed: row.date("closed", p),
                successors: row.list("successors", p),
                former_codes: row.list("former_codes", p),
                code: code?,
                region: region?,
                authority_type: authority_type?,
            },
        ))
    };
    table.rows().filter_map(|row| read(row, p)).collect()
}

/// The neighbours of each authority by their rank.
type Neighbours = BTreeMap<AuthorityCode, BTreeMap<u32, AuthorityCode>>;

fn read_neighbours(text: &str, authorities: &Known<'_>, p: &mut Reading<'_>) -> Neighbours {
    let mut neighbours = Neighbours::new();
    let mut pairs = HashSet::new();
    if text.is_empty() {
        return neighbours;
    }
    let Some(table) = table(NEIGHBOURS, text, NEIGHBOUR_COLUMNS, &[], p) else { return neighbours };
    for row in table.rows() {
        if p.is_full() {
            break;
        }
        let code: Option<AuthorityCode> = row.value("gss_code", p);
        let neighbour: Option<AuthorityCode> = row.value("neighbour_gss_code", p);
        let rank: Option<u32> = row.number("rank", p);
        let Some(rank) = rank.filter(|r| *r > 0) else {
            row.problem("rank", "a whole number from 1", p);
            continue;
        };
        let (Some(code), Some(neighbour)) = (code, neighbour) else { continue };
        let mut current = |column: &str, code: &AuthorityCode| {
            let known = authorities.get(code).map(|a| a.code.clone());
            if known.is_none() {
                row.problem(column, "the code of a known authority", p);
            }
            known
        };
        let pair = (current("gss_code", &code), current("neighbour_gss_code", &neighbour));
        let (Some(code), Some(neighbour)) = pair else { continue };
        if code == neighbour || !pairs.insert((code.clone(), neighbour.clone())) {
            row.problem("neighbour_gss_code", "another authority, each once", p);
            continue;
        }
        match neighbours.entry(code).or_default().entry(rank) {
            Entry::Vacant(place) => _ = place.insert(neighbour),
            Entry::Occupied(_) => row.problem("rank", "each rank once for an authority", p),
        }
    }
    neighbours
}

fn read_inspections(text: &str, authorities: &Known<'_>, p: &mut Reading<'_>) -> Vec<(u64, Inspection)> {
    let optional = &["urn", "authority"];
    let Some(table) = table(INSPECTIONS, text, INSPECTION_COLUMNS, optional, p) else { return Vec::new() };
    let mut ids = HashSet::new();
    let mut read = |row: Row, p: &mut Reading<'_>| {
        if p.is_full() {
            return None;
        }
        if !ids.insert(row.text("inspection_id").to_owned()) {
            row.problem("inspection_id", "an id, each used once", p);
        }
        let authority: Option<AuthorityCode> = row.value("gss_code", p);
        let framework = row.value("framework", p);
        let kind = row.value("kind", p);
        let precision = row.value("date_precision", p);
        let before = p.problems.0.len();
        let (start, end, published) = (row.date("start_date", p), row.date("end_date", p), row.date("published", p));
        for (column, date) in [("start_date", start), ("end_date", end), ("published", published)] {
            row.is_plausible(column, date, p);
        }
        if p.problems.0.len() > before {
            return None;
        }
        let dates = match Dates::new(start, end, published, precision?) {
            Ok(dates) => dates,
            Err(error) => {
                let column = if let Error::Value { what, .. } = &error { what } else { "end_date" };
                row.wrong(column, &error, p);
                return None;
            }
        };
        let authority = authority?;
        if let Some(known) = authorities.get(&authority) {
            let name = row.text("authority");
            if !name.is_empty() && name_key(name) != name_key(&known.name) {
                row.problem("authority", format!("{}, the name of {authority}", known.name), p);
            }
            let urn: Option<u32> = row.number("urn", p);
            if urn.is_some() && urn != known.urn {
                row.problem("urn", format!("{}, the number of {}", optional_text(known.urn), known.name), p);
            }
        }
        Some((
            row.line,
            Inspection {
                id: row.text("inspection_id").to_owned(),
                authority,
                framework: framework?,
                kind: kind?,
                dates,
                judgements: Vec::new(),
                source: row.text("source").to_owned(),
                also: row.text("also").to_owned(),
            },
        ))
    };
    table.rows().filter_map(|row| read(row, p)).collect()
}

fn optional_text(urn: Option<u32>) -> String {
    urn.map_or_else(|| "nothing".to_owned(), |u| u.to_string())
}

/// The judgements of each inspection, in the inspections' order, with their lines.
fn read_judgements(
    text: &str,
    inspections: &[(u64, Inspection)],
    p: &mut Reading<'_>,
) -> Vec<Vec<(u64, AreaJudgement)>> {
    let mut judgements = vec![Vec::new(); inspections.len()];
    let Some(table) = table(JUDGEMENTS, text, JUDGEMENT_COLUMNS, &[], p) else { return judgements };
    let mut areas = HashSet::new();
    let index: HashMap<&str, usize> = inspections.iter().enumerate().map(|(n, (_, i))| (i.id.as_str(), n)).collect();
    for row in table.rows() {
        if p.is_full() {
            break;
        }
        let area = row.value("area", p);
        let at = index.get(row.text("inspection_id")).copied();
        if at.is_none() {
            row.problem("inspection_id", "the id of a sound row of inspections.csv", p);
        }
        let word = row.text("grade");
        let grade = if word == NOT_JUDGED { Some(None) } else { row.value::<Grade>("grade", p).map(Some) };
        let (Some(area), Some(at), Some(grade)) = (area, at, grade) else { continue };
        let framework: Framework = inspections[at].1.framework;
        if word == "adequate" && !framework.says_adequate() {
            row.problem("grade", format!("requires_improvement: {framework} has no grade adequate"), p);
            continue;
        }
        if !areas.insert((at, area)) {
            row.problem("area", "each area once in an inspection", p);
            continue;
        }
        judgements[at].push((row.line, AreaJudgement { area, grade }));
    }
    judgements
}

fn read_events(text: &str, authorities: &Known<'_>, p: &mut Reading<'_>) -> Vec<Event> {
    if text.is_empty() {
        return Vec::new();
    }
    let Some(table) = table(EVENTS, text, EVENT_COLUMNS, &[], p) else { return Vec::new() };
    let read = |row: Row, p: &mut Reading<'_>| {
        if p.is_full() {
            return None;
        }
        let authority: Option<AuthorityCode> = row.value("gss_code", p);
        if authority.as_ref().is_some_and(|code| !authorities.contains_key(code)) {
            row.problem("gss_code", "the code of a known authority", p);
        }
        let kind = row.value("kind", p);
        let scope = row.value("scope", p);
        let precision = row.value("precision", p);
        let start: Option<NaiveDate> = row.date("start_date", p);
        if start.is_none() && row.text("start_date").is_empty() {
            row.problem("start_date", "a date as YYYY-MM-DD", p);
        }
        row.is_plausible("start_date", start, p);
        let end = row.date("end_date", p);
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            row.problem("end_date", format!("a day not before the start, {start}"), p);
        }
        Some(Event {
            end,
            label: row.text("label").to_owned(),
            source: row.text("source").to_owned(),
            authority: authority?,
            kind: kind?,
            scope: scope?,
            start: start?,
            precision: precision?,
        })
    };
    table.rows().filter_map(|row| read(row, p)).collect()
}
