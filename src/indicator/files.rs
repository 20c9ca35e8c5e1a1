//! The tidy layout: a list of indicators, and a table of values.

use std::collections::HashMap;

use super::columns::*;
use super::model::{Better, DayOfYear, Indicator, IndicatorValue, KnownBody, Note, Total, Unit};
use super::set::{check, nearest_indicator};
use super::{Indicators, ReleaseMapping};
use crate::Error;
use crate::code::nearest;
use crate::error::Problem;
use crate::frame::columns::{LABEL, SOURCE, THEME};
use crate::io::Source;
use crate::io::options::ReadOptions;
use crate::io::report::{Loaded, Reading, read, read_text};
use crate::io::table::{Row, Shape, Table};
use crate::io::write::write_table;

const UNIT: &str = "unit";
const BETTER: &str = "better";
const STANDS_ON: &str = "stands_on";
const PROPORTION: &str = "proportion";
const DEFINITION: &str = "definition";
const FIRST: &str = "first";
const LAST: &str = "last";
const FILTER: &str = "filter";

const LIST_COLUMNS: [&str; 7] = [INDICATOR, LABEL, UNIT, BETTER, DAY, DEFINITION, THEME];
const LIST_OPTIONAL: [&str; 6] = [SOURCE, FIRST, LAST, FILTER, STANDS_ON, PROPORTION];
const VALUE_COLUMNS: [&str; 6] = [INDICATOR, YEAR, VALUE, NUMERATOR, DENOMINATOR, NOTE];

/// The tidy layout of indicators: two tables, in CSV.
///
/// | table | one row is | columns |
/// |---|---|---|
/// | list | an indicator | indicator, label, unit (percent, per_10000, number, score), better (higher, lower, neither), day (in words), definition, theme; and source, first, last, filter, stands_on, proportion where known |
/// | values | a body, an indicator, a year | the id, indicator, year (in which the period ends), value, numerator, denominator, note |
///
/// `stands_on` is the day of the year on which a value stands beside a grade, as `31 March`; without it, it is the first one
/// that `day` names, else the first one in the definition. `proportion` is `yes` where a value is a part of people or other
/// cases that come one by one, so that it has an interval; without the column, where the unit is percent.
///
/// Values are of known bodies, by any id that they have had, and within their life; or of totals. Where no body is told, any
/// id is taken.
///
/// ```
/// use rating_history::indicator::TidyIndicators;
/// use rating_history::io::{ReadOptions, Source};
/// let list = "indicator,label,unit,better,day,definition,theme\nfalls,Falls,per_10000,lower,31 March,Falls of a year,care\n";
/// let values = "id,indicator,year,value,numerator,denominator,note\nElm,falls,2024,12.5,,,\nElm,falls,2025,,,,low\n\
///               Elm,falls,2025,3,,,\n";
/// let read = |values: &'static str| {
///     let (list, values) = (Source::new("list.csv", list.as_bytes()), Source::new("values.csv", values.as_bytes()));
///     TidyIndicators::new("id").read(list, values, &ReadOptions::default())
/// };
/// let error = read(values).unwrap_err().to_string();
/// assert!(error.contains("values.csv:4: year `2025`: expected one value of Elm, falls and a year; line 3 has it"), "{error}");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TidyIndicators {
    id: String,
    known: Vec<KnownBody>,
    totals: Vec<Total>,
}

impl TidyIndicators {
    /// The layout with the ids of bodies in a column of this name.
    pub fn new(id: impl Into<String>) -> Self {
        TidyIndicators { id: id.into(), ..TidyIndicators::default() }
    }

    /// The bodies that values may be of.
    #[must_use]
    pub fn known(mut self, bodies: impl IntoIterator<Item = KnownBody>) -> Self {
        self.known = bodies.into_iter().collect();
        self
    }

    /// The totals that values may be of.
    #[must_use]
    pub fn totals(mut self, totals: impl IntoIterator<Item = Total>) -> Self {
        self.totals = totals.into_iter().collect();
        self
    }

    /// Reads the two tables.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read; [`Error::Invalid`] with every problem (file, line, column, value, what
    /// would be right) when strict; when lenient, if a header is wrong.
    pub fn read(
        &self,
        list: Source<'_>,
        values: Source<'_>,
        options: &ReadOptions,
    ) -> Result<Loaded<Indicators>, Error> {
        let (list, values) = (list.text(options)?, values.text(options)?);
        let odd: Vec<Problem> = [list.2, values.2].into_iter().flatten().collect();
        let (list, values) = ((list.0, list.1), (values.0, values.1));
        read(options, |reading| {
            odd.iter().for_each(|warning| reading.add(warning.clone()));
            let list = read_list(&list.0, &list.1, reading);
            let values = self.read_values(&values.0, &values.1, &list, reading);
            if reading.problems.errors().next().is_some() {
                return Err(reading.invalid());
            }
            Indicators::new(list, values, self.totals.clone())
        })
    }

    /// Reads the list in this layout, and the values from a file of a statistical release by its mapping.
    ///
    /// # Errors
    /// As [`read`](TidyIndicators::read) and [`ReleaseMapping::read`].
    pub fn read_release(
        &self,
        list: Source<'_>,
        release: Source<'_>,
        mapping: &ReleaseMapping,
        options: &ReadOptions,
    ) -> Result<Loaded<Indicators>, Error> {
        let list = read_text(list, options, |name, text, reading| {
            let list = read_list(name, text, reading);
            if reading.errors() > 0 { Err(reading.invalid()) } else { Ok(list) }
        })?;
        let Loaded { value, mut report } = mapping.read(release, &list.value, &self.known, &self.totals, options)?;
        report.problems.0.splice(0..0, list.report.problems.0);
        Ok(Loaded { value: Indicators::new(list.value, value, self.totals.clone())?, report })
    }

    fn read_values(
        &self,
        file: &str,
        text: &str,
        list: &[Indicator],
        reading: &mut Reading<'_>,
    ) -> Vec<IndicatorValue> {
        let columns: Vec<&str> = std::iter::once(self.id.as_str()).chain(VALUE_COLUMNS).collect();
        // Notes at the end of a row may lack.
        let shape = Shape { needed: &columns[..6], ..Shape::default() };
        let Some(table) = Table::parse_as(file, text, &shape, reading) else { return Vec::new() };
        if !table.has_only(&columns, &[], reading) {
            return Vec::new();
        }
        let indicators: HashMap<&str, &Indicator> = list.iter().map(|i| (i.id.as_str(), i)).collect();
        let bodies = Indicators::ids(&self.known);
        let mut lines: HashMap<(String, &str, i32), u64> = HashMap::new();
        let mut kept = Vec::new();
        for row in table.rows() {
            if reading.is_full() {
                break;
            }
            let Some(indicator) = indicators.get(row.text(INDICATOR)).copied() else {
                let near = nearest_indicator(list, row.text(INDICATOR));
                row.wrong_near(INDICATOR, "one of the list", near, reading);
                continue;
            };
            let year: Option<i32> = row.number(YEAR, reading);
            let Some(year) = year else {
                if row.text(YEAR).is_empty() {
                    row.problem(YEAR, "the year in which the period ends", reading);
                }
                continue;
            };
            let Some(body) = self.body(&row, &bodies, indicator, year, reading) else { continue };
            let Some(value) = value(&row, body, indicator, year, reading) else { continue };
            match lines.get(&(value.body.clone(), indicator.id.as_str(), year)) {
                Some(line) => {
                    let expected =
                        format!("one value of {}, {} and a year; line {line} has it", value.body, indicator.id);
                    row.problem(YEAR, expected, reading);
                }
                None => {
                    lines.insert((value.body.clone(), indicator.id.as_str(), year), row.line);
                    kept.push(value);
                }
            }
        }
        kept
    }

    /// The present id of a row's body, if it existed on the day of the value.
    fn body(
        &self,
        row: &Row<'_>,
        bodies: &HashMap<&str, &KnownBody>,
        indicator: &Indicator,
        year: i32,
        reading: &mut Reading<'_>,
    ) -> Option<String> {
        let id = row.text(&self.id);
        if id.is_empty() {
            row.problem(&self.id, "an id", reading);
            return None;
        }
        if self.known.is_empty() || self.totals.iter().any(|t| t.id == id) {
            return Some(id.to_owned());
        }
        let Some(body) = bodies.get(id) else {
            let near = nearest(id, bodies.keys().copied()).map(str::to_owned);
            row.wrong_near(&self.id, "the id of a known body or total", near, reading);
            return None;
        };
        let day = indicator.stands_on.in_year(year);
        if let Some(opened) = body.opened.filter(|opened| day < *opened) {
            row.problem(YEAR, format!("a year from {opened} on, when {id} opened"), reading);
            return None;
        }
        if let Some(closed) = body.closed.filter(|closed| day >= *closed) {
            row.problem(YEAR, format!("a year that ended before {closed}, when {id} closed"), reading);
            return None;
        }
        Some(body.id.clone())
    }
}

/// The value of a row, if it is sound.
fn value(
    row: &Row<'_>,
    body: String,
    indicator: &Indicator,
    year: i32,
    reading: &mut Reading<'_>,
) -> Option<IndicatorValue> {
    let mut sound = true;
    let mut number = |column: &str, expected: &str| {
        let text = row.text(column);
        let number = text.parse().ok().filter(|n: &f64| n.is_finite());
        if number.is_none() && !text.is_empty() {
            sound = false;
            row.problem(column, expected, reading);
        }
        number
    };
    let told = "a number, or nothing where the note says why";
    let (found, numerator) = (number(VALUE, told), number(NUMERATOR, "a number, or nothing"));
    let denominator = number(DENOMINATOR, "a number, or nothing");
    let note = match row.text(NOTE) {
        "" => None,
        _ => Some(row.value::<Note>(NOTE, reading)?),
    };
    if !sound {
        return None;
    }
    let value =
        IndicatorValue { body, indicator: indicator.id.clone(), year, value: found, numerator, denominator, note };
    if let Err((column, _, expected)) = check(&value, Some(indicator)) {
        row.problem(column, expected, reading);
        return None;
    }
    Some(value)
}

fn read_list(file: &str, text: &str, reading: &mut Reading<'_>) -> Vec<Indicator> {
    let shape = Shape { needed: &LIST_COLUMNS, ..Shape::default() };
    let Some(table) = Table::parse_as(file, text, &shape, reading) else { return Vec::new() };
    if !table.has_only(&LIST_COLUMNS, &LIST_OPTIONAL, reading) {
        return Vec::new();
    }
    let has = |column: &str| table.headers().any(|h| h == column);
    let (tells_day, tells_proportion) = (has(STANDS_ON), has(PROPORTION));
    let mut lines: HashMap<&str, u64> = HashMap::new();
    let mut kept = Vec::new();
    for row in table.rows() {
        let id = row.text(INDICATOR);
        match lines.get(id) {
            _ if id.is_empty() => row.problem(INDICATOR, "a key", reading),
            Some(line) => row.problem(INDICATOR, format!("a key used once; line {line} has it"), reading),
            None => _ = lines.insert(id, row.line),
        }
        if row.text(LABEL).is_empty() {
            row.problem(LABEL, "what the indicator is called", reading);
        }
        let (unit, better) = (row.value::<Unit>(UNIT, reading), row.value::<Better>(BETTER, reading));
        let stands_on = match tells_day {
            true => row.value::<DayOfYear>(STANDS_ON, reading),
            false => {
                let named = [DAY, DEFINITION].iter().find_map(|column| DayOfYear::named_in(row.text(column)));
                if named.is_none() {
                    row.problem(DAY, "words with a day and a month, as year ending 31 March", reading);
                }
                named
            }
        };
        let proportion = match row.text(PROPORTION) {
            "yes" => true,
            "no" => false,
            "" if !tells_proportion => unit == Some(Unit::Percent),
            _ => {
                row.problem(PROPORTION, "yes or no", reading);
                false
            }
        };
        let years: [Option<i32>; 2] = [row.number(FIRST, reading), row.number(LAST, reading)];
        if let [Some(first), Some(last)] = years
            && last < first
        {
            row.problem(LAST, format!("a year not before the first, {first}"), reading);
        }
        let (Some(unit), Some(better), Some(stands_on)) = (unit, better, stands_on) else { continue };
        let text = |column: &str| row.text(column).to_owned();
        kept.push(Indicator {
            id: text(INDICATOR),
            label: text(LABEL),
            unit,
            better,
            day: text(DAY),
            stands_on,
            proportion,
            definition: text(DEFINITION),
            theme: text(THEME),
            source: text(SOURCE),
            first: years[0],
            last: years[1],
            filter: text(FILTER),
        });
    }
    kept
}

impl Indicators {
    /// The two tables of the tidy layout, the list and the values, with the ids of bodies in a column of this name. Reading
    /// them gives the same indicators again.
    pub fn to_tidy(&self, id: &str) -> (String, String) {
        let optional = |year: Option<i32>| year.map(|y| y.to_string()).unwrap_or_default();
        let list = self.list().iter().map(|i| {
            vec![
                i.id.clone(),
                i.label.clone(),
                i.unit.code().to_owned(),
                i.better.code().to_owned(),
                i.day.clone(),
                i.definition.clone(),
                i.theme.clone(),
                i.source.clone(),
                optional(i.first),
                optional(i.last),
                i.filter.clone(),
                i.stands_on.to_string(),
                if i.proportion { "yes" } else { "no" }.to_owned(),
            ]
        });
        let number = |n: Option<f64>| n.map(|n| n.to_string()).unwrap_or_default();
        let values = self.values().iter().map(|v| {
            vec![
                v.body.clone(),
                v.indicator.clone(),
                v.year.to_string(),
                number(v.value),
                number(v.numerator),
                number(v.denominator),
                v.note.map_or("", Note::code).to_owned(),
            ]
        });
        let columns: Vec<&str> = std::iter::once(id).chain(VALUE_COLUMNS).collect();
        (write_table(&[&LIST_COLUMNS[..], &LIST_OPTIONAL].concat(), list), write_table(&columns, values))
    }
}
