//! Files of a statistical release: one column a measure, one row a period, an area and the values of some filters.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::model::{Indicator, IndicatorValue, KnownBody, Note, Total};
use super::set::check;
use crate::Error;
use crate::code::nearest;
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read};
use crate::io::sheet::Sheet;
use crate::io::table::{Row, Shape, Table};

type Keep = BTreeMap<String, Vec<String>>;

/// How a release's file is read: which columns hold the period, the area and the measures, and which rows are taken.
///
/// It is written as JSON, one object with these fields. `keep`, `words`, `header`, `footer` and `sheet` mean what they do in
/// [`io::Mapping`](crate::io::Mapping), and the file may be of any kind that it reads. `ofsted::explore_education_statistics`
/// has the columns, levels and symbols of the Department for Education's files; what to keep and the measures are those of a
/// file.
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
/// let measure = Measure::new("work", "percentage").numerator("number").denominator("number").total("breakdown", ["Total"]);
/// let mapping = ofsted::explore_education_statistics()?
///     .keep("age", ["19 to 21"])
///     .measure(measure.keep("breakdown", ["In work"]));
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
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ReleaseMapping {
    /// The column of the period: a year as `2019`, or two as `201819` or `2018/19`; it is that in which the period ends.
    pub year: String,
    /// The column of the level of a row's area.
    pub level: String,
    /// By level, the columns of the area's id: the first one that holds one. Rows of other levels are passed over.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Ids of areas that are passed over.
    pub no_body: Vec<String>,
    /// What stands for a missing value, and why it is missing.
    pub words: BTreeMap<String, Note>,
    /// Only rows with one of these values in a column; capitals do not matter.
    pub keep: BTreeMap<String, Vec<String>>,
    /// The measures.
    pub measures: Vec<Measure>,
    /// The line, or the row of a sheet, with the names of the columns. Without it, the first that has them.
    pub header: Option<u64>,
    /// How the first row below the table begins; it and those after it are passed over.
    pub footer: Vec<String>,
    /// The sheet of a workbook. Without it, the first with a row that has the columns.
    pub sheet: Option<String>,
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
    /// Only rows with one of these values in a column, beside what the mapping keeps.
    #[serde(default)]
    pub keep: BTreeMap<String, Vec<String>>,
    /// What the row of the denominator has instead in a column, where that is another row.
    #[serde(default)]
    pub total: BTreeMap<String, Vec<String>>,
}

fn owned(words: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    words.into_iter().map(Into::into).collect()
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

    /// Keeps only rows with one of these values in a column.
    #[must_use]
    pub fn keep(mut self, column: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keep.insert(column.into(), owned(values));
        self
    }

    /// Takes the denominator from the row with one of these values in a column.
    #[must_use]
    pub fn total(mut self, column: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.total.insert(column.into(), owned(values));
        self
    }

    /// The columns of its numbers.
    fn numbers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.value).chain(&self.numerator).chain(&self.denominator).map(String::as_str)
    }
}

/// A measure, the rows that it takes, and those of its denominators where these are others.
struct Taken<'a> {
    measure: &'a Measure,
    indicator: &'a Indicator,
    keep: Keep,
    total: Option<Keep>,
}

/// What rows of totals say, by measure, area and year.
type Denominators = HashMap<(usize, String, i32), f64>;

impl ReleaseMapping {
    /// Keeps only rows with one of these values in a column.
    #[must_use]
    pub fn keep(mut self, column: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keep.insert(column.into(), owned(values));
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
    /// A row that no measure takes is passed over, and so is an empty row of a body that did not exist on its day; a value of
    /// such a body is a problem.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read, [`Error::Value`] for a mapping that cannot be right, [`Error::Unknown`]
    /// for a measure of no indicator of the list, [`Error::Invalid`] with every problem when strict; when lenient, if a
    /// header is wrong.
    pub fn read(
        &self,
        source: Source<'_>,
        list: &[Indicator],
        known: &[KnownBody],
        totals: &[Total],
        options: &ReadOptions,
    ) -> Result<Loaded<Vec<IndicatorValue>>, Error> {
        self.check()?;
        let taken = self.measures.iter().map(|measure| self.taken(measure, list)).collect::<Result<Vec<_>, Error>>()?;
        let areas = Areas { known: super::Indicators::ids(known), totals, free: known.is_empty() };
        let columns = self.columns();
        let sheet = Sheet::read(source, self.sheet.as_deref(), &columns, options)?;
        let holds = |column: &str, cell: &str| column == self.year && year_of(cell).is_some();
        let shape = Shape {
            needed: &[self.year.as_str(), self.level.as_str()],
            holds: Some(&holds),
            columns: &columns,
            header: self.header,
            footer: &self.footer,
        };
        read(options, |reading| {
            let Some(table) = sheet.table(&shape, reading) else { return Err(reading.invalid()) };
            if !table.has(&columns, reading) {
                return Err(reading.invalid());
            }
            let denominators = self.denominators(&table, &taken, &areas, reading);
            let values = self.values(&table, &taken, &denominators, &areas, reading);
            if reading.errors() > 0 {
                return Err(reading.invalid());
            }
            Ok(values)
        })
    }

    /// Refuses a mapping that cannot be right.
    fn check(&self) -> Result<(), Error> {
        let wrong = |value: &str, expected: &str| Err(Error::value("mapping", value, expected));
        let mut met = HashSet::new();
        match self {
            _ if self.year.is_empty() => wrong("year", "the column with the year in which a period ends"),
            _ if self.level.is_empty() => wrong("level", "the column with the level of an area"),
            _ if self.ids.values().all(Vec::is_empty) => wrong("ids", "by level, the columns with the ids of areas"),
            _ if self.measures.is_empty() => {
                wrong("measures", "a measure: its `indicator` and the column of its `value`")
            }
            _ => match self.measures.iter().find(|measure| !met.insert(&measure.indicator)) {
                Some(twice) => wrong(&twice.indicator, "one measure an indicator"),
                None => Ok(()),
            },
        }
    }

    fn taken<'a>(&self, measure: &'a Measure, list: &'a [Indicator]) -> Result<Taken<'a>, Error> {
        let found = list.iter().find(|i| i.id == measure.indicator);
        let indicator = found.ok_or_else(|| {
            Error::unknown("indicator of a measure", &measure.indicator, list.iter().map(|i| i.id.as_str()))
        })?;
        let with = |keep: &Keep, more: &Keep| -> Keep { keep.clone().into_iter().chain(more.clone()).collect() };
        let keep = with(&self.keep, &measure.keep);
        let total = Some(with(&keep, &measure.total)).filter(|total| *total != keep && measure.denominator.is_some());
        Ok(Taken { measure, indicator, keep, total })
    }

    /// Every column that is needed.
    fn columns(&self) -> Vec<&str> {
        let of_measures = self.measures.iter().flat_map(|measure| {
            measure.numbers().chain(measure.keep.keys().chain(measure.total.keys()).map(String::as_str))
        });
        let own = [&self.year, &self.level].into_iter().chain(self.ids.values().flatten()).chain(self.keep.keys());
        let mut met = HashSet::new();
        own.map(String::as_str).chain(of_measures).filter(|column| met.insert(*column)).collect()
    }

    fn denominators(
        &self,
        table: &Table,
        taken: &[Taken<'_>],
        areas: &Areas<'_>,
        reading: &mut Reading<'_>,
    ) -> Denominators {
        let mut found = HashMap::new();
        let elsewhere: Vec<_> = taken
            .iter()
            .enumerate()
            .filter_map(|(place, taken)| Some((place, taken.total.as_ref()?, taken.measure.denominator.as_ref()?)))
            .collect();
        if elsewhere.is_empty() {
            return found;
        }
        for row in table.rows() {
            if reading.is_full() {
                break;
            }
            let of_row: Vec<_> = elsewhere.iter().filter(|(_, total, _)| row.has_one_of(total)).collect();
            if of_row.is_empty() {
                continue;
            }
            let Area::Id(area) = self.area(&row, areas, reading) else { continue };
            let Some(year) = self.year(&row, reading) else { continue };
            for (place, _, column) in of_row {
                if let (Some(all), _) = self.number(&row, column, reading) {
                    found.insert((*place, area.clone(), year), all);
                }
            }
        }
        found
    }

    fn values(
        &self,
        table: &Table,
        taken: &[Taken<'_>],
        denominators: &Denominators,
        areas: &Areas<'_>,
        reading: &mut Reading<'_>,
    ) -> Vec<IndicatorValue> {
        let mut values = Vec::new();
        let mut lines: HashMap<(usize, String, i32), u64> = HashMap::new();
        for row in table.rows() {
            if reading.is_full() {
                break;
            }
            let of_row: Vec<(usize, &Taken<'_>)> =
                taken.iter().enumerate().filter(|(_, taken)| row.has_one_of(&taken.keep)).collect();
            if of_row.is_empty() {
                if !taken.iter().any(|taken| taken.total.as_ref().is_some_and(|total| row.has_one_of(total))) {
                    row.passed_over(&self.year, "a row of a measure; others are passed over", reading);
                }
                continue;
            }
            let body = match self.area(&row, areas, reading) {
                Area::Id(body) => body,
                Area::PassedOver => {
                    row.passed_over(&self.level, "the level of a known body or total; others are passed over", reading);
                    continue;
                }
                Area::Unknown => continue,
            };
            let Some(year) = self.year(&row, reading) else { continue };
            let before = (values.len(), reading.errors());
            for (place, taken) in of_row {
                let denominator = denominators.get(&(place, body.clone(), year)).copied();
                let Some(found) = self.value(&row, taken, &body, year, denominator, areas, reading) else { continue };
                match lines.insert((place, body.clone(), year), row.line) {
                    Some(line) => {
                        let expected = format!(
                            "one row of an area and a period; line {line} has it, so that `keep` lacks a column"
                        );
                        row.problem(&self.year, expected, reading);
                    }
                    None => values.push(found),
                }
            }
            if before == (values.len(), reading.errors()) {
                let expected = format!("a period in which {body} existed; a row without a value is passed over");
                row.passed_over(&self.year, expected, reading);
            }
        }
        values
    }

    /// What a row says of a measure, if that is sound.
    #[expect(clippy::too_many_arguments, reason = "what is known of the row")]
    fn value(
        &self,
        row: &Row<'_>,
        taken: &Taken<'_>,
        body: &str,
        year: i32,
        of_total: Option<f64>,
        areas: &Areas<'_>,
        reading: &mut Reading<'_>,
    ) -> Option<IndicatorValue> {
        let Taken { measure, indicator, total, .. } = taken;
        let (value, note) = self.number(row, &measure.value, reading);
        if !areas.exists(body, indicator, year) {
            if value.is_some() {
                row.problem(&self.year, format!("a period in which {body} existed"), reading);
            }
            return None;
        }
        let mut own = |column: &Option<String>| column.as_ref().and_then(|column| self.number(row, column, reading).0);
        let numerator = own(&measure.numerator);
        let denominator = if total.is_some() { of_total } else { own(&measure.denominator) };
        let (body, indicator_id) = (body.to_owned(), indicator.id.clone());
        let found = IndicatorValue { body, indicator: indicator_id, year, value, numerator, denominator, note };
        if let Err((column, _, expected)) = check(&found, Some(indicator)) {
            let column = match column {
                "numerator" => measure.numerator.as_deref().unwrap_or(column),
                "year" => &self.year,
                _ => &measure.value,
            };
            row.problem(column, expected, reading);
            return None;
        }
        Some(found)
    }

    /// The present id of a row's area.
    fn area(&self, row: &Row<'_>, areas: &Areas<'_>, reading: &mut Reading<'_>) -> Area {
        let Some(columns) = self.ids.get(row.text(&self.level)) else { return Area::PassedOver };
        let is_id = |column: &&String| {
            let id = row.text(column);
            !id.is_empty() && !self.words.contains_key(id)
        };
        let Some(column) = columns.iter().find(is_id) else {
            if let Some(first) = columns.first() {
                row.problem(first, "the id of the area", reading);
            }
            return Area::Unknown;
        };
        let id = row.text(column);
        if self.no_body.iter().any(|other| other == id) {
            return Area::PassedOver;
        }
        match areas.find(id) {
            Some(id) => Area::Id(id),
            None => {
                let near = nearest(id, areas.known.keys().copied()).map(str::to_owned);
                row.wrong_near(column, "the id of a known body or total", near, reading);
                Area::Unknown
            }
        }
    }

    /// The year in which a row's period ends.
    fn year(&self, row: &Row<'_>, reading: &mut Reading<'_>) -> Option<i32> {
        let year = year_of(row.text(&self.year));
        if year.is_none() {
            row.problem(&self.year, "a year as 2019, or two that follow each other as 201819", reading);
        }
        year
    }

    /// The number in a cell, or why there is none.
    fn number(&self, row: &Row<'_>, column: &str, reading: &mut Reading<'_>) -> (Option<f64>, Option<Note>) {
        let text = row.text(column);
        if let Some(note) = self.words.get(text) {
            return (None, Some(*note));
        }
        let number = text.replace(',', "").parse().ok().filter(|n: &f64| n.is_finite());
        match number {
            Some(number) => (Some(number), None),
            None if text.is_empty() => (None, Some(Note::NotAvailable)),
            None => {
                let words: Vec<&str> = self.words.keys().map(String::as_str).collect();
                row.problem(column, format!("a number, or one of {}", words.join(" ")), reading);
                (None, Some(Note::NotAvailable))
            }
        }
    }
}

/// What a row says of its area.
enum Area {
    /// The present id of a body or total.
    Id(String),
    /// It is of a level, or an area, that nothing is asked of.
    PassedOver,
    /// It is no area that is known: a problem, which is told.
    Unknown,
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
    let text = text.strip_suffix(".0").unwrap_or(text);
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
