//! Files of a statistical release: one column a measure, one row a period, an area and the values of some filters.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::model::{Indicator, IndicatorValue, KnownBody, Note, Total};
use super::set::check;
use crate::Error;
use crate::code::nearest;
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read_text};
use crate::io::table::{Row, Shape, Table};

/// How a release's file is read: which columns hold the period, the area and the measures, and which rows are taken.
///
/// It is written as JSON, one object with these fields. `ofsted::explore_education_statistics` has the columns, levels and
/// symbols of the Department for Education's files; filters and measures are those of a file.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::indicator::Measure;
/// use rating_history::io::{ReadOptions, Source};
/// use rating_history::ofsted;
/// let text = "time_period,time_identifier,geographic_level,country_code,region_code,old_la_code,new_la_code,age,breakdown,number,percentage\n\
///             201819,Reporting year,Local authority,E92000001,E12000008,871,E06000039,19 to 21,In work,51,59\n\
///             201819,Reporting year,Local authority,E92000001,E12000008,871,E06000039,19 to 21,Total,87,100\n\
///             201819,Reporting year,National,E92000001,,,,19 to 21,In work,c,c\n";
/// let list = "indicator,label,unit,better,day,definition,theme\nwork,In work,percent,higher,year ending 31 March,,care\n";
/// let england = ofsted::england()?;
/// let measure = Measure::new("work", "percentage").numerator("number").denominator("number").total("breakdown", "Total");
/// let mapping = ofsted::explore_education_statistics()?
///     .only("age", "19 to 21")
///     .only("breakdown", "In work")
///     .measure(measure);
/// let list = Source::new("list.csv", list.as_bytes());
/// let release = Source::new("activity.csv", text.as_bytes());
/// let read = ofsted::read_release(&england, list, release, &mapping, &ReadOptions::default())?.value;
/// let slough = read.value("E06000039", "work", 2019).unwrap();
/// assert_eq!((slough.value, slough.numerator, slough.denominator), (Some(59.0), Some(51.0), Some(87.0)));
/// assert!(read.value("E92000001", "work", 2019).unwrap().value.is_none()); // suppressed
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReleaseMapping {
    /// The column of the period: a year as `2019`, or two as `201819` or `2018/19`; it is that in which the period ends.
    pub period: String,
    /// The column of the level of a row's area.
    pub level: String,
    /// By level, the columns of the area's id: the first one that holds one. Rows of other levels are passed over.
    pub levels: BTreeMap<String, Vec<String>>,
    /// Ids of areas that are passed over.
    #[serde(default)]
    pub passed_over: Vec<String>,
    /// What stands for a missing value, and why it is missing.
    pub symbols: BTreeMap<String, Note>,
    /// By column, the value that a row must have to be taken.
    #[serde(default, rename = "where")]
    pub filters: BTreeMap<String, String>,
    /// The measures.
    #[serde(default)]
    pub measures: Vec<Measure>,
}

/// A measure of a release: the columns of an indicator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Measure {
    /// Key of the indicator.
    pub indicator: String,
    /// The column of its value.
    pub value: String,
    /// The column of what was counted.
    #[serde(default)]
    pub numerator: Option<String>,
    /// The column of what it is a part of.
    #[serde(default)]
    pub denominator: Option<String>,
    /// Filters of the row that holds the denominator, where that is another one: these, instead of those of the same columns.
    #[serde(default)]
    pub denominator_where: BTreeMap<String, String>,
}

impl Measure {
    /// A measure with its value in a column.
    pub fn new(indicator: impl Into<String>, value: impl Into<String>) -> Self {
        Measure { indicator: indicator.into(), value: value.into(), ..Measure::default() }
    }

    /// Names the column of what was counted.
    #[must_use]
    pub fn numerator(mut self, column: impl Into<String>) -> Self {
        self.numerator = Some(column.into());
        self
    }

    /// Names the column of what it is a part of.
    #[must_use]
    pub fn denominator(mut self, column: impl Into<String>) -> Self {
        self.denominator = Some(column.into());
        self
    }

    /// Takes the denominator from the row with this value in a column.
    #[must_use]
    pub fn total(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.denominator_where.insert(column.into(), value.into());
        self
    }
}

impl ReleaseMapping {
    /// Takes only rows with a value in a column.
    #[must_use]
    pub fn only(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.insert(column.into(), value.into());
        self
    }

    /// Adds a measure.
    #[must_use]
    pub fn measure(mut self, measure: Measure) -> Self {
        self.measures.push(measure);
        self
    }

    /// Reads the values of a file, of known bodies by any of their ids, and of totals.
    ///
    /// An empty row of a body that did not exist on its day is passed over; a value of such a body is a problem.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read, [`Error::Value`] for a measure of no indicator of the list,
    /// [`Error::Invalid`] with every problem when strict; when lenient, if a header is wrong.
    pub fn read(
        &self,
        source: Source<'_>,
        list: &[Indicator],
        known: &[KnownBody],
        totals: &[Total],
        options: &ReadOptions,
    ) -> Result<Loaded<Vec<IndicatorValue>>, Error> {
        let indicator = |measure: &Measure| {
            let found = list.iter().find(|i| i.id == measure.indicator);
            found.ok_or_else(|| {
                Error::unknown("indicator of a measure", &measure.indicator, list.iter().map(|i| i.id.as_str()))
            })
        };
        let indicators = self.measures.iter().map(indicator).collect::<Result<Vec<_>, Error>>()?;
        let areas = Areas { known: super::Indicators::ids(known), totals, free: known.is_empty() };
        read_text(source, options, |name, text, reading| {
            let mut values = Vec::new();
            let shape = Shape { needed: &[self.period.as_str(), self.level.as_str()], ..Shape::default() };
            let table = Table::parse_as(name, text, &shape, reading);
            if let Some(table) = table.filter(|table| table.has(&self.columns(), reading)) {
                for (measure, indicator) in self.measures.iter().zip(&indicators) {
                    self.values_of(&table, measure, indicator, &areas, &mut values, reading);
                }
            }
            if reading.problems.errors().next().is_some() {
                return Err(reading.invalid());
            }
            Ok(values)
        })
    }

    /// Every column that is needed.
    fn columns(&self) -> Vec<&str> {
        let ids = self.levels.values().flatten();
        let of_measures = self.measures.iter().flat_map(|m| {
            let columns = std::iter::once(&m.value).chain(&m.numerator).chain(&m.denominator);
            columns.chain(m.denominator_where.keys())
        });
        let mut columns: Vec<&str> = [&self.period, &self.level]
            .into_iter()
            .chain(ids)
            .chain(self.filters.keys())
            .chain(of_measures)
            .map(String::as_str)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn values_of(
        &self,
        table: &Table,
        measure: &Measure,
        indicator: &Indicator,
        areas: &Areas<'_>,
        values: &mut Vec<IndicatorValue>,
        reading: &mut Reading<'_>,
    ) {
        let mut of_total = self.filters.clone();
        of_total.extend(measure.denominator_where.clone());
        let has = |row: &Row<'_>, filters: &BTreeMap<String, String>| {
            filters.iter().all(|(column, value)| row.text(column) == value)
        };
        let elsewhere = of_total != self.filters;
        let mut denominators: HashMap<(String, i32), f64> = HashMap::new();
        if let (true, Some(column)) = (elsewhere, &measure.denominator) {
            for row in table.rows().filter(|row| has(row, &of_total)) {
                let Some((area, year)) = self.area(&row, areas, reading).zip(self.year(&row, reading)) else {
                    continue;
                };
                if let Some(all) = self.number(&row, column, reading).0 {
                    denominators.insert((area, year), all);
                }
            }
        }
        let mut lines: HashMap<(String, i32), u64> = HashMap::new();
        for row in table.rows().filter(|row| has(row, &self.filters)) {
            if reading.is_full() {
                return;
            }
            let Some((body, year)) = self.area(&row, areas, reading).zip(self.year(&row, reading)) else { continue };
            let (value, note) = self.number(&row, &measure.value, reading);
            if !areas.exists(&body, indicator, year) {
                if value.is_some() {
                    row.problem(&self.period, format!("a period in which {body} existed"), reading);
                }
                continue;
            }
            let own = |column: &Option<String>, reading: &mut Reading<'_>| {
                column.as_ref().and_then(|column| self.number(&row, column, reading).0)
            };
            let numerator = own(&measure.numerator, reading);
            let denominator = match elsewhere {
                true => denominators.get(&(body.clone(), year)).copied(),
                false => own(&measure.denominator, reading),
            };
            let indicator_id = indicator.id.clone();
            let found = IndicatorValue { body, indicator: indicator_id, year, value, numerator, denominator, note };
            if let Err((column, _, expected)) = check(&found, Some(indicator)) {
                let column = match column {
                    "numerator" => measure.numerator.as_deref().unwrap_or(column),
                    "year" => &self.period,
                    _ => &measure.value,
                };
                row.problem(column, expected, reading);
                continue;
            }
            let key = (found.body.clone(), year);
            if let Some(line) = lines.insert(key, row.line) {
                let expected = format!("one row of an area and a period; line {line} has it, so that a filter lacks");
                row.problem(&self.period, expected, reading);
                continue;
            }
            values.push(found);
        }
    }

    /// The present id of a row's area; none for a level or an area that is passed over.
    fn area(&self, row: &Row<'_>, areas: &Areas<'_>, reading: &mut Reading<'_>) -> Option<String> {
        let columns = self.levels.get(row.text(&self.level))?;
        let is_id = |column: &&String| {
            let id = row.text(column);
            !id.is_empty() && !self.symbols.contains_key(id)
        };
        let Some(column) = columns.iter().find(is_id) else {
            if let Some(first) = columns.first() {
                row.problem(first, "the id of the area", reading);
            }
            return None;
        };
        let id = row.text(column);
        if self.passed_over.iter().any(|other| other == id) {
            return None;
        }
        let found = areas.find(id);
        if found.is_none() {
            let near = nearest(id, areas.known.keys().copied()).map(str::to_owned);
            row.wrong_near(column, "the id of a known body or total", near, reading);
        }
        found
    }

    /// The year in which a row's period ends.
    fn year(&self, row: &Row<'_>, reading: &mut Reading<'_>) -> Option<i32> {
        let year = year_of(row.text(&self.period));
        if year.is_none() {
            row.problem(&self.period, "a year as 2019, or two that follow each other as 201819", reading);
        }
        year
    }

    /// The number in a cell, or why there is none.
    fn number(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> (Option<f64>, Option<Note>) {
        let text = row.text(column);
        if let Some(note) = self.symbols.get(text) {
            return (None, Some(*note));
        }
        let number = text.replace(',', "").parse().ok().filter(|n: &f64| n.is_finite());
        match number {
            Some(number) => (Some(number), None),
            None if text.is_empty() => (None, Some(Note::NotAvailable)),
            None => {
                let symbols: Vec<&str> = self.symbols.keys().map(String::as_str).collect();
                row.problem(column, format!("a number, or one of {}", symbols.join(" ")), reading);
                (None, Some(Note::NotAvailable))
            }
        }
    }
}

/// The areas that values may be of.
struct Areas<'a> {
    known: HashMap<&'a str, &'a KnownBody>,
    totals: &'a [Total],
    /// Whether any id is taken.
    free: bool,
}

impl Areas<'_> {
    fn find(&self, id: &str) -> Option<String> {
        let body = self.known.get(id).map(|body| body.id.clone());
        let free = self.free || self.totals.iter().any(|t| t.id == id);
        body.or_else(|| free.then(|| id.to_owned()))
    }

    fn exists(&self, id: &str, indicator: &Indicator, year: i32) -> bool {
        let day = indicator.stands_on.in_year(year);
        self.known.get(id).is_none_or(|body| {
            body.opened.is_none_or(|opened| opened <= day) && body.closed.is_none_or(|closed| day < closed)
        })
    }
}

/// The year in which a period ends: 2019 of `2019`, `201819` and `2018/19`.
fn year_of(text: &str) -> Option<i32> {
    let digits: String = text.chars().filter(|c| !['/', '-'].contains(c)).collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let first: i32 = digits.get(..4)?.parse().ok()?;
    match digits.len() {
        4 => Some(first),
        6 => digits[4..].parse::<i32>().ok().filter(|last| (first + 1) % 100 == *last).map(|_| first + 1),
        _ => None,
    }
}
