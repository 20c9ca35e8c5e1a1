//! Other people's layouts: one row an inspection, its grades side by side.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::authority::{by_part, name_key};
use super::history::FIRST_SPLIT;
use crate::code::{nearest, setters};
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::order::{DateStyle, check_formats};
use crate::io::report::{Loaded, Reading, read};
use crate::io::sheet::Sheet;
use crate::io::table::{Row, Shape, Table};
use crate::io::text::plain;
use crate::ofsted::{
    Area, AreaJudgement, Authority, Dates, Framework, Grade, HistoryBuilder, Inspection, InspectionKind, RatingHistory,
};
use crate::{Error, Precision};

/// How a file with one row an inspection is to be read: which column holds what, and what its words mean. Written as
/// JSON, or made in code from [`Mapping::ilacs_history`] or [`Mapping::default`].
///
/// ```
/// use rating_history::io::{ReadOptions, Source};
/// use rating_history::ofsted::Mapping;
/// let mapping: Mapping = serde_json::from_str(r#"{
///     "authority": "Council", "end": "Inspected to", "published": "Published",
///     "grades": {"overall_effectiveness": "Overall", "leadership": "Leaders", "help_and_protection": "Help",
///                "in_care": "Care", "care_leavers": "Leavers"},
///     "dates": ["%d/%m/%Y", "excel"], "words": {"RI": "requires_improvement", "n/a": null}
/// }"#).unwrap();
/// # use rating_history::ofsted::Area;
/// let in_code = Mapping::default().authority("Council").end("Inspected to").published("Published")
///     .grade(Area::OverallEffectiveness, "Overall").grade(Area::Leadership, "Leaders")
///     .grade(Area::HelpAndProtection, "Help").grade(Area::InCare, "Care").grade(Area::CareLeavers, "Leavers")
///     .dates(["%d/%m/%Y", "excel"]).word("RI", Some("requires_improvement")).word("n/a", None);
/// assert_eq!(in_code, mapping);
/// # #[cfg(feature = "dataset")] {
/// let file = "Council;Inspected to;Published;Overall;Leaders;Help;Care;Leavers\n\
///             Slough;01/02/2019;04/03/2019;RI;RI;RI;RI;n/a\n\
///             Slow;44960;17/03/2023;RI;Inadequate;RI;RI;RI\n\
///             Total: 2;;;;;;;\n";
/// let england = rating_history::ofsted::england()?;
/// let source = Source::new("list.csv", file.as_bytes());
/// let read = mapping.read(source, england.authorities(), &ReadOptions::lenient())?;
/// assert_eq!(read.value.inspections()[0].id, "slough-2019-02-01-ilacs");
/// let left_out = read.report.problems.errors().next().unwrap().to_string();
/// let said = "list.csv:3: Council `Slow`: expected the name or code of a known authority (did you mean `Slough`?)";
/// assert_eq!(left_out, said);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Mapping {
    /// Column with the authority's name or GSS code.
    pub authority: String,
    /// Column with Ofsted's number of the authority; it must agree with the name, or stands in for one not known.
    pub urn: Option<String>,
    /// Column with the first day of fieldwork.
    pub start: Option<String>,
    /// Column with the last day of fieldwork.
    pub end: Option<String>,
    /// Column with the day of publication.
    pub published: Option<String>,
    /// Column with the inspection's kind.
    pub kind: Option<String>,
    /// Column with the framework; without it, the framework in force on the day.
    pub framework: Option<String>,
    /// Column with the report's address.
    pub source: Option<String>,
    /// Columns with grades, by the area they are about. Before January 2023 `in_care` stands for the one grade for
    /// children in care and care leavers.
    pub grades: BTreeMap<Area, String>,
    /// How dates are written, in the words of [`chrono::format::strftime`]; `excel` for a spreadsheet's serial numbers.
    /// The first that fits is taken.
    pub dates: Vec<String>,
    /// What words in the columns of grades, kinds and frameworks mean, beside the crate's own codes and labels: another
    /// word, or null for no grade.
    pub words: BTreeMap<String, Option<String>>,
    /// Words that say that a row could not be read by whoever made the file.
    pub unreadable: Vec<String>,
    /// The sheet of a workbook; without it, the first with a row that has the columns.
    pub sheet: Option<String>,
    /// The line with the names of the columns; without it, the first that has them.
    pub header: Option<u64>,
    /// How the first row below the table begins; it and those after it are passed over.
    pub footer: Vec<String>,
    /// Only rows with one of these values in a column; capitals do not matter.
    pub keep: BTreeMap<String, Vec<String>>,
}

setters!(Mapping {
    /// Column with the authority's name or GSS code.
    authority: impl Into<String>,
    /// Column with Ofsted's number of the authority; it must agree with the name, or stands in for one not known.
    urn: impl Into<String> => Some,
    /// Column with the first day of fieldwork.
    start: impl Into<String> => Some,
    /// Column with the last day of fieldwork.
    end: impl Into<String> => Some,
    /// Column with the day of publication.
    published: impl Into<String> => Some,
    /// Column with the inspection's kind.
    kind: impl Into<String> => Some,
    /// Column with the framework; without it, the framework in force on the day.
    framework: impl Into<String> => Some,
    /// Column with the report's address.
    source: impl Into<String> => Some,
    /// The sheet of a workbook.
    sheet: impl Into<String> => Some,
});

impl Default for Mapping {
    /// A column `authority`, no other, and ISO dates.
    fn default() -> Self {
        Mapping {
            authority: "authority".to_owned(),
            urn: None,
            start: None,
            end: None,
            published: None,
            kind: None,
            framework: None,
            source: None,
            grades: BTreeMap::new(),
            dates: vec!["%Y-%m-%d".to_owned()],
            words: BTreeMap::new(),
            unreadable: Vec::new(),
            sheet: None,
            header: None,
            footer: Vec::new(),
            keep: BTreeMap::new(),
        }
    }
}

impl Mapping {
    /// The layout `ofsted_csc_ilacs_history.csv` of the public ILACS history scrapers. Inspectors' names are not kept.
    ///
    /// ```text
    /// urn,local_authority,inspection_link,pdf_filename,publication_date,inspection_framework,inspector_name,
    ///     inspection_start_date,inspection_end_date,overall_effectiveness_grade,impact_of_leaders_grade,
    ///     help_and_protection_grade,in_care_grade,care_leavers_grade,parser_version
    /// 80553,slough,https://...,report.pdf,04/03/19,standard,...,21/01/2019,01/02/2019,requires improvement,
    ///     requires improvement,requires improvement,requires improvement,inspection_pre_dates_judgement,1
    /// ```
    pub fn ilacs_history() -> Self {
        serde_json::from_str(crate::dataset::ILACS_HISTORY).expect("the embedded layout is a mapping")
    }

    /// Adds a column with the grades of an area.
    #[must_use]
    pub fn grade(mut self, area: Area, column: impl Into<String>) -> Self {
        self.grades.insert(area, column.into());
        self
    }

    /// How dates are written, in the words of [`chrono::format::strftime`]; `excel` for a spreadsheet's serial numbers.
    #[must_use]
    pub fn dates(mut self, formats: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dates = formats.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a word of the file, and the word it stands for; `None` for no grade.
    #[must_use]
    pub fn word(mut self, word: impl Into<String>, meaning: Option<&str>) -> Self {
        self.words.insert(word.into(), meaning.map(str::to_owned));
        self
    }

    /// Adds a word that says that a row could not be read by whoever made the file.
    #[must_use]
    pub fn unreadable_word(mut self, word: impl Into<String>) -> Self {
        self.unreadable.push(word.into());
        self
    }

    /// Reads CSV or, with the feature `excel`, a sheet of a workbook (`.xlsx`, `.xlsm`, `.ods`): then lines of the report
    /// are rows of the sheet, cells that are dates are understood in whatever way they are shown, and formulas count with
    /// the values they last had. The authorities of the history are those of `register`, the ids of the inspections are
    /// made of the authority's name, the day and the framework. Columns that are not named here are passed over.
    ///
    /// # Errors
    /// [`Error::Value`] for a format that no date can have; [`Error::Io`] for what cannot be read or is too large;
    /// [`Error::Unknown`] for a sheet that is not there, or a workbook without the feature; [`Error::Invalid`] for a file that is no workbook or unpacks to more than
    /// [`most_bytes`](ReadOptions::most_bytes), and with every bad row, when lenient only if the header is wrong or
    /// nothing is left.
    pub fn read<'a>(
        &self,
        source: impl Into<Source<'a>>,
        register: &[Authority],
        options: &ReadOptions,
    ) -> Result<Loaded<RatingHistory>, Error> {
        check_formats(&self.dates)?;
        let source = source.into();
        let known = Register::new(register);
        let mut formats = self.dates.clone();
        if ["xlsx", "xlsm", "ods"].contains(&source.extension().as_str()) {
            // The days of date cells are written out as ISO dates.
            formats.push("%Y-%m-%d".to_owned());
        }
        let columns = self.columns();
        let sheet = Sheet::read(source, self.sheet.as_deref(), &columns, options)?;
        let given = || DateStyle::given(&formats).without(&self.no_date());
        let (bare, needed) = (given(), self.needed());
        let holds = |column: &str, cell: &str| self.holds(column, cell, &bare);
        let shape = Shape {
            needed: &needed,
            holds: Some(&holds),
            columns: &columns,
            header: self.header,
            footer: &self.footer,
        };
        read(options, |reading| {
            let sound = sheet.table(&shape, reading).filter(|table| table.has(&columns, reading));
            let days: Vec<&str> =
                [&self.start, &self.end, &self.published].into_iter().flatten().map(String::as_str).collect();
            let style = match &sound {
                Some(table) => given().decided(table, &days, reading),
                None => given(),
            };
            let mut lines = HashMap::new();
            let mut stems: HashMap<String, u32> = HashMap::new();
            let mut inspections: Vec<Inspection> = Vec::new();
            for row in sound.iter().flat_map(Table::rows) {
                if reading.is_full() {
                    break;
                }
                let Some(mut inspection) = self.inspection(&row, &known, &style, reading) else { continue };
                let times = stems.entry(inspection.id.clone()).or_default();
                *times += 1;
                if *times > 1 {
                    inspection.id = format!("{}-{times}", inspection.id);
                }
                lines.insert(inspection.id.clone(), row.line);
                inspections.push(inspection);
            }
            if reading.errors() > 0 {
                return Err(reading.invalid());
            }
            let name = sheet.name();
            let history =
                HistoryBuilder::default().authorities(register.iter().cloned()).inspections(inspections).build();
            let history = history.map_err(|error| match error {
                Error::Invalid(mut problems) => {
                    let locate = |p: crate::Problem| match lines.get(&p.record) {
                        Some(line) => p.at(name, Some(*line)).beside(|id| lines.get(id).copied()),
                        None => p,
                    };
                    problems.0 = problems.0.into_iter().map(locate).collect();
                    Error::Invalid(problems)
                }
                other => other,
            })?;
            for warning in history.warnings().0 {
                let line = lines.get(&warning.record).copied();
                reading.add(warning.at(name, line).beside(|id| lines.get(id).copied()));
            }
            Ok(history)
        })
    }

    /// The columns it names.
    fn columns(&self) -> Vec<&str> {
        let optional = [&self.urn, &self.start, &self.end, &self.published, &self.kind, &self.framework, &self.source];
        std::iter::once(self.authority.as_str())
            .chain(optional.into_iter().flatten().map(String::as_str))
            .chain(self.grades.values().map(String::as_str))
            .collect()
    }

    /// The columns that no row may lack.
    fn needed(&self) -> Vec<&str> {
        let graded = self.grades.iter().filter(|(area, _)| **area != Area::CareLeavers).map(|(_, column)| column);
        let optional = [&self.start, &self.end, &self.published, &self.kind, &self.framework];
        std::iter::once(&self.authority)
            .chain(optional.into_iter().flatten())
            .chain(graded)
            .map(String::as_str)
            .collect()
    }

    /// Whether a cell holds a date or a grade, so that its row is no total.
    fn holds(&self, column: &str, cell: &str, style: &DateStyle) -> bool {
        let is = |named: &Option<String>| named.as_deref() == Some(column);
        let is_date = [&self.start, &self.end, &self.published].into_iter().any(is);
        let is_grade = self.grades.values().any(|named| named == column);
        is_date && !style.is_none(cell) && style.reads(cell)
            || is_grade && (cell.parse::<Grade>().is_ok() || matches!(self.words.get(cell), Some(Some(_))))
    }

    /// Words that stand for nothing, which a cell of a date may hold too.
    fn no_date(&self) -> Vec<String> {
        self.words.iter().filter(|(_, meaning)| meaning.is_none()).map(|(word, _)| word.clone()).collect()
    }

    /// Whether a row says of an authority that it has not been inspected: no date, and words for no grade.
    fn says_nothing(&self, row: &Row<'_>, style: &DateStyle) -> Option<&str> {
        let days = [&self.start, &self.end, &self.published].into_iter().flatten();
        let mut graded = self.grades.values();
        let nothing = |column: &String| {
            let text = row.text(column);
            text.is_empty() || self.words.get(text).or_else(|| self.words.get(&plain(text))) == Some(&None)
        };
        let is_said = self.grades.values().any(|column| !row.text(column).is_empty());
        let is_bare = days.clone().all(|column| style.is_none(row.text(column))) && graded.all(nothing) && is_said;
        is_bare.then(|| days.map(String::as_str).next().unwrap_or(&self.authority))
    }

    fn inspection(
        &self,
        row: &Row<'_>,
        known: &Register<'_>,
        style: &DateStyle,
        reading: &mut Reading<'_>,
    ) -> Option<Inspection> {
        if !row.is_among(&self.keep, reading) {
            return None;
        }
        if let Some(column) = self.says_nothing(row, style) {
            row.passed_over(column, "an inspection; this row says that there was none, and is passed over", reading);
            return None;
        }
        let unread = |column: &&str| self.unreadable.iter().any(|word| word == row.text(column));
        let unread: Vec<&str> = self.columns().into_iter().filter(unread).collect();
        if let Some((first, others)) = unread.split_first() {
            let more = if others.is_empty() { String::new() } else { format!(" here and in {}", others.join(", ")) };
            row.problem(first, format!("a value{more}; whoever made the file could not read it"), reading);
            return None;
        }
        let before = reading.errors();
        let name = row.text(&self.authority);
        let (named, numbered) = (known.named(name), self.urn.as_deref().and_then(|urn| known.numbered(row.text(urn))));
        let authority = numbered.filter(|_| !known.codes.contains_key(name)).or(named);
        match (named, numbered, &self.urn) {
            (None, None, _) => {
                let (expected, near) = known.suggest(name);
                row.wrong_near(&self.authority, expected, near, reading);
            }
            (Some(named), Some(numbered), Some(urn)) if name_key(&named.name) != name_key(&numbered.name) => {
                let expected = format!("the number of {}; this one is of {}", named.name, numbered.name);
                row.problem(urn, expected, reading);
            }
            _ => {}
        }
        let before_dates = reading.errors();
        let mut date = |column: &Option<String>| {
            let column = column.as_deref()?;
            let date = style.day_or_nothing(row, column, reading).map(|(day, _)| day);
            date.filter(|_| row.is_plausible(column, date, reading))
        };
        let (start, end, published) = (date(&self.start), date(&self.end), date(&self.published));
        if reading.errors() > before_dates {
            return None;
        }
        let dates = Dates::new(start, end, published, Precision::Day);
        if let Err(error) = &dates {
            let column = match error {
                Error::Value { what: "published", .. } => &self.published,
                _ => &self.end,
            };
            row.wrong(column.as_deref().unwrap_or(&self.authority), error, reading);
        }
        let dates = dates.ok()?;
        let kind = match &self.kind {
            Some(column) => self.meaning(row, column, reading),
            None => Some(None),
        };
        let framework = match &self.framework {
            Some(column) => self.meaning(row, column, reading)?,
            None => in_force(dates.start().unwrap_or(dates.effect()), dates.effect(), kind.flatten()),
        };
        if framework.is_none() {
            let column = self.framework.as_ref().or(self.end.as_ref()).or(self.published.as_ref());
            let expected = "a framework; two were in force before November 2013 and from January to August 2018, so \
                            the file has to say which";
            row.problem(column.unwrap_or(&self.authority), expected, reading);
        }
        let judgements = self.judgements(row, framework, &dates, reading);
        if reading.errors() > before {
            return None;
        }
        let (authority, framework, kind): (&Authority, Framework, Option<InspectionKind>) =
            (authority?, framework?, kind?);
        Some(Inspection {
            id: format!("{}-{}-{}", authority.file_stem(), dates.effect(), framework.code().to_lowercase()),
            authority: authority.code.clone(),
            framework,
            kind: kind.or_else(|| framework.kinds().first().copied())?,
            dates,
            judgements,
            source: self.source.as_deref().map_or("", |source| row.text(source)).to_owned(),
            also: String::new(),
        })
    }

    /// A word of a vocabulary, after the mapping's own words; `Some(None)` where it stands for nothing, `None` where it
    /// is unknown, which is a problem.
    fn meaning<T: std::str::FromStr<Err = Error>>(
        &self,
        row: &Row<'_>,
        column: &str,
        reading: &mut Reading<'_>,
    ) -> Option<Option<T>> {
        let text = row.text(column);
        let meant = match self.words.get(text).or_else(|| self.words.get(&plain(text))) {
            Some(None) => return Some(None),
            Some(Some(word)) => word.as_str(),
            None => text,
        };
        meant.parse().map(Some).map_err(|error| row.wrong(column, &error, reading)).ok()
    }

    fn judgements(
        &self,
        row: &Row<'_>,
        framework: Option<Framework>,
        dates: &Dates,
        reading: &mut Reading<'_>,
    ) -> Vec<AreaJudgement> {
        let Some(framework) = framework else { return Vec::new() };
        let together = framework == Framework::Ilacs && dates.begun() < FIRST_SPLIT;
        let mut judgements = Vec::new();
        for area in framework.areas() {
            let Some((listed, column)) = self.grades.get_key_value(match area {
                Area::InCareAndCareLeavers if together => &Area::InCare,
                Area::InCare if together => continue,
                area => area,
            }) else {
                continue;
            };
            if *area == Area::CareLeavers && together && row.text(column).is_empty() {
                continue;
            }
            if row.text(column).is_empty() {
                row.problem(column, format!("a grade of {}", listed.label().to_lowercase()), reading);
            } else if let Some(Some(grade)) = self.meaning::<Grade>(row, column, reading) {
                judgements.push(AreaJudgement { area: *area, grade: Some(grade) });
            }
        }
        judgements
    }
}

/// The framework of an inspection by its fieldwork, as far as the day and the kind tell: single inspections from
/// November 2013, ILACS from 2018, without an overall grade from April 2026. `None` where two were in use: before, and
/// until the last reinspection of 2018 (Lancashire in June, published in August).
fn in_force(start: NaiveDate, end: NaiveDate, kind: Option<InspectionKind>) -> Option<Framework> {
    let begins = |day: NaiveDate, year, month| Some(day) >= NaiveDate::from_ymd_opt(year, month, 1);
    let in_force = [
        (Framework::Sif, begins(end, 2013, 11) && !begins(end, 2018, 9)),
        (Framework::Ilacs, begins(end, 2018, 1) && !begins(start, 2026, 4)),
        (Framework::Ilacs2026, begins(start, 2026, 4)),
    ];
    let frameworks: Vec<Framework> = in_force.into_iter().filter_map(|(f, then)| then.then_some(f)).collect();
    match frameworks[..] {
        [one] => Some(one),
        _ => frameworks.into_iter().find(|f| kind.is_some_and(|kind| f.kinds().contains(&kind))),
    }
}

/// Authorities by code, name and number.
struct Register<'a> {
    codes: HashMap<&'a str, &'a Authority>,
    names: HashMap<String, &'a Authority>,
    urns: HashMap<u32, &'a Authority>,
}

impl<'a> Register<'a> {
    fn new(register: &'a [Authority]) -> Self {
        let codes = register.iter().flat_map(|a| std::iter::once(&a.code).chain(&a.former_codes).map(move |c| (c, a)));
        Register {
            codes: codes.map(|(code, a)| (code.as_str(), a)).collect(),
            // Where two go by one name, as a county and its successor, the one that is still there.
            names: register.iter().rev().map(|a| (name_key(&a.name), a)).collect(),
            urns: register.iter().filter_map(|a| Some((a.urn?, a))).collect(),
        }
    }

    fn named(&self, name: &str) -> Option<&'a Authority> {
        self.codes.get(name).copied().or_else(|| self.names.get(&name_key(name)).filter(|_| !name.is_empty()).copied())
    }

    fn numbered(&self, urn: &str) -> Option<&'a Authority> {
        urn.parse().ok().and_then(|urn: u32| self.urns.get(&urn)).copied()
    }

    fn suggest(&self, name: &str) -> (&'static str, Option<String>) {
        let part = by_part(self.names.values().copied(), &name_key(name)).map(|a| a.name.as_str());
        let near = part.or_else(|| nearest(name, self.names.values().map(|a| a.name.as_str())));
        ("the name or code of a known authority", near.map(str::to_owned))
    }
}
