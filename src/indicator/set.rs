//! A set of indicators: the list, the values, the totals.

use std::collections::{BTreeSet, HashMap, HashSet};

use polars::prelude::*;
use serde::Serialize;

use super::columns::*;
use super::model::{Better, Indicator, IndicatorValue, KnownBody, Note, Total};
use crate::code::nearest;
use crate::error::Problems;
use crate::frame::columns::*;
use crate::frame::expr::words_type;
use crate::{Error, PLAUSIBLE};

/// Indicators with their values, sorted by body, indicator and year: each key once, a value or a reason for each.
///
/// ```
/// use rating_history::indicator::{Indicator, IndicatorValue, Indicators, Unit};
/// let agency = Indicator::new("agency", "Agency staff", Unit::Percent, "30 September".parse()?);
/// let value = |year, value| IndicatorValue {
///     body: "Elm".into(), indicator: "agency".into(), year, value: Some(value), numerator: None, denominator: None,
///     note: None,
/// };
/// let set = Indicators::new([agency.clone()], [value(2020, 12.5), value(2019, 10.0)], [])?;
/// assert_eq!(set.of("Elm", "agency").map(|v| v.year).collect::<Vec<_>>(), [2019, 2020]);
/// let wrong = Indicators::new([agency], [value(2019, 110.0)], []).unwrap_err();
/// assert!(wrong.to_string().contains("value `110`: expected a number from 0 to 100"), "{wrong}");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Indicators {
    list: Vec<Indicator>,
    values: Vec<IndicatorValue>,
    totals: Vec<Total>,
    left_out: BTreeSet<String>,
    source: String,
}

impl Indicators {
    /// A set of indicators, checked: keys unique, indicators known, values in the range of their unit, a value or a reason
    /// for each.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every problem.
    pub fn new(
        list: impl IntoIterator<Item = Indicator>,
        values: impl IntoIterator<Item = IndicatorValue>,
        totals: impl IntoIterator<Item = Total>,
    ) -> Result<Self, Error> {
        let (list, mut values): (Vec<_>, Vec<_>) = (list.into_iter().collect(), values.into_iter().collect());
        let mut problems = Problems::default();
        let mut ids = HashSet::new();
        for indicator in list.iter().filter(|i| !ids.insert(i.id.as_str())) {
            problems.add(&indicator.id, "indicator", &indicator.id, "a key used once");
        }
        let known: HashMap<&str, &Indicator> = list.iter().map(|i| (i.id.as_str(), i)).collect();
        for value in &values {
            if let Err((column, found, expected)) = check(value, known.get(value.indicator.as_str()).copied()) {
                problems.add(key(value), column, found, expected);
            }
        }
        values.sort_by(|a, b| (&a.body, &a.indicator, a.year).cmp(&(&b.body, &b.indicator, b.year)));
        let same =
            |a: &IndicatorValue, b: &IndicatorValue| a.body == b.body && a.indicator == b.indicator && a.year == b.year;
        for pair in values.windows(2).filter(|pair| same(&pair[0], &pair[1])) {
            problems.add(key(&pair[1]), "year", pair[1].year, "one value of a body, an indicator and a year");
        }
        problems.into_result()?;
        let totals = totals.into_iter().collect();
        Ok(Indicators { list, values, totals, left_out: BTreeSet::new(), source: String::new() })
    }

    /// Leaves bodies out of means, quartiles and differences, as those of a handful of people whose percentages say
    /// nothing. They are still shown by themselves.
    #[must_use]
    pub fn leaving_out<S: Into<String>>(mut self, bodies: impl IntoIterator<Item = S>) -> Self {
        self.left_out = bodies.into_iter().map(Into::into).collect();
        self
    }

    /// Says where the values are from, for the source line of pictures and pages.
    #[must_use]
    pub fn from_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Keeps some indicators.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is no such indicator; the error names the nearest.
    pub fn only<S: AsRef<str>>(mut self, ids: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let ids: Vec<String> = ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
        for id in &ids {
            self.get(id)?;
        }
        self.list.retain(|i| ids.contains(&i.id));
        self.values.retain(|v| ids.contains(&v.indicator));
        Ok(self)
    }

    /// The indicators, in their order.
    pub fn list(&self) -> &[Indicator] {
        &self.list
    }

    /// The values, by body, indicator and year; those of totals among them.
    pub fn values(&self) -> &[IndicatorValue] {
        &self.values
    }

    /// The totals.
    pub fn totals(&self) -> &[Total] {
        &self.totals
    }

    /// The bodies left out of means.
    pub fn left_out(&self) -> impl Iterator<Item = &str> {
        self.left_out.iter().map(String::as_str)
    }

    /// Where the values are from; empty when not told.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// An indicator by its key.
    ///
    /// # Errors
    /// [`Error::Unknown`] when there is none; the error names the nearest.
    pub fn get(&self, id: &str) -> Result<&Indicator, Error> {
        let found = self.list.iter().find(|i| i.id == id);
        found.ok_or_else(|| Error::unknown("indicator", id, self.list.iter().map(|i| i.id.as_str())))
    }

    /// The values of one body and indicator, by year.
    pub fn of(&self, body: &str, indicator: &str) -> impl Iterator<Item = &IndicatorValue> {
        let key = |v: &IndicatorValue| (v.body.as_str(), v.indicator.as_str()).cmp(&(body, indicator));
        let start = self.values.partition_point(|v| key(v).is_lt());
        let end = self.values.partition_point(|v| key(v).is_le());
        self.values[start..end].iter()
    }

    /// The value of one body, indicator and year.
    pub fn value(&self, body: &str, indicator: &str, year: i32) -> Option<&IndicatorValue> {
        self.of(body, indicator).find(|v| v.year == year)
    }

    /// The total of all bodies, where there is one.
    pub fn total(&self) -> Option<&Total> {
        self.totals.iter().find(|t| t.region.is_none())
    }

    /// The values as a frame, those of totals among them: `authority`, `indicator` (`Enum`), `year` (`Int32`), `day`
    /// (`Date`), `value`, `numerator`, `denominator` (`Float64`), `note` (`Enum`).
    ///
    /// # Errors
    /// [`Error::Polars`] if the frame cannot be built.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let days: HashMap<&str, _> = self.list.iter().map(|i| (i.id.as_str(), i.stands_on)).collect();
        let number = |of: &dyn Fn(&IndicatorValue) -> Option<f64>| self.values.iter().map(of).collect::<Vec<_>>();
        let mut frame = df!(
            AUTHORITY => self.values.iter().map(|v| v.body.as_str()).collect::<Vec<_>>(),
            INDICATOR => self.values.iter().map(|v| v.indicator.as_str()).collect::<Vec<_>>(),
            YEAR => self.values.iter().map(|v| v.year).collect::<Vec<_>>(),
            DAY => self.values.iter().map(|v| days.get(v.indicator.as_str()).map(|d| d.in_year(v.year))).collect::<Vec<_>>(),
            VALUE => number(&|v| v.value),
            NUMERATOR => number(&|v| v.numerator),
            DENOMINATOR => number(&|v| v.denominator),
            NOTE => self.values.iter().map(|v| v.note.map(Note::code)).collect::<Vec<_>>(),
        )?;
        frame.with_column(frame.column(INDICATOR)?.cast(&self.word())?)?;
        frame.with_column(frame.column(NOTE)?.cast(&words_type(Note::ALL.iter().map(|n| n.code())))?)?;
        Ok(frame)
    }

    /// The list as a frame: `indicator`, `label`, `unit`, `better`, `day`, `theme`, `first`, `last`, `values` (how many, of
    /// bodies), `definition`, `source`.
    ///
    /// # Errors
    /// [`Error::Polars`] if the frame cannot be built.
    pub fn list_frame(&self) -> Result<DataFrame, Error> {
        let text = |of: &dyn Fn(&Indicator) -> String| self.list.iter().map(of).collect::<Vec<_>>();
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let is_total = |id: &str| self.totals.iter().any(|t| t.id == id);
        for value in self.values.iter().filter(|v| v.value.is_some() && !is_total(&v.body)) {
            *counts.entry(&value.indicator).or_default() += 1;
        }
        Ok(df!(
            INDICATOR => text(&|i| i.id.clone()),
            LABEL => text(&|i| i.label.clone()),
            "unit" => text(&|i| i.unit.code().to_owned()),
            "better" => text(&|i: &Indicator| Better::code(i.better).to_owned()),
            DAY => text(&|i| i.day.clone()),
            THEME => text(&|i| i.theme.clone()),
            "first" => self.list.iter().map(|i| i.first).collect::<Vec<_>>(),
            "last" => self.list.iter().map(|i| i.last).collect::<Vec<_>>(),
            "values" => self.list.iter().map(|i| counts.get(i.id.as_str()).copied().unwrap_or(0)).collect::<Vec<_>>(),
            "definition" => text(&|i| i.definition.clone()),
            SOURCE => text(&|i| i.source.clone()),
        )?)
    }

    /// The dtype of a column of indicators.
    pub(super) fn word(&self) -> DataType {
        words_type(self.list.iter().map(|i| i.id.as_str()))
    }

    /// The values of bodies that count in means: no total, none left out, none that is a joint one.
    pub(super) fn counted(&self) -> Result<LazyFrame, Error> {
        let apart: Vec<&str> = self.totals.iter().map(|t| t.id.as_str()).chain(self.left_out()).collect();
        let apart = df!(AUTHORITY => apart)?.lazy();
        let joint = col(NOTE).cast(DataType::String).eq_missing(lit(Note::Joint.code()));
        Ok(self.frame()?.lazy().filter(col(VALUE).is_not_null().and(joint.not())).join(
            apart,
            [col(AUTHORITY)],
            [col(AUTHORITY)],
            JoinArgs::new(JoinType::Anti),
        ))
    }

    /// The values of totals: indicator, year, region (null for all), value.
    pub(super) fn of_totals(&self) -> Result<LazyFrame, Error> {
        let totals = df!(
            AUTHORITY => self.totals.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(),
            REGION => self.totals.iter().map(|t| t.region.as_deref()).collect::<Vec<_>>(),
        )?;
        let key = [col(AUTHORITY)];
        let joined = self.frame()?.lazy().join(totals.lazy(), key.clone(), key, JoinArgs::new(JoinType::Inner));
        Ok(joined.select([INDICATOR, YEAR, REGION, VALUE].map(col)))
    }

    /// Bodies by every id that they go by.
    pub(super) fn ids(known: &[KnownBody]) -> HashMap<&str, &KnownBody> {
        known.iter().flat_map(|b| std::iter::once(&b.id).chain(&b.also).map(move |id| (id.as_str(), b))).collect()
    }
}

/// A value's key for messages.
fn key(value: &IndicatorValue) -> String {
    format!("{}, {}, {}", value.body, value.indicator, value.year)
}

/// What is wrong with a value: the column, what stands there, what would be right.
type Wrong = (&'static str, String, String);

/// Checks a value by itself.
pub(super) fn check(value: &IndicatorValue, indicator: Option<&Indicator>) -> Result<(), Wrong> {
    let told = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
    let Some(indicator) = indicator else {
        return Err(("indicator", value.indicator.clone(), "one of the list".to_owned()));
    };
    let (first, last) = (PLAUSIBLE.start(), PLAUSIBLE.end());
    if !PLAUSIBLE.contains(&indicator.stands_on.in_year(value.year)) {
        return Err(("year", value.year.to_string(), format!("a year from {first} to {last}")));
    }
    match (value.value, value.note) {
        (Some(found), note) => {
            indicator.range(found).map_err(|expected| ("value", found.to_string(), expected.to_owned()))?;
            if let Some(note) = note.filter(|note| !note.is_beside_value()) {
                return Err(("note", note.code().to_owned(), "nothing, or joint, as there is a value".to_owned()));
            }
        }
        (None, None) => return Err(("value", String::new(), "a number, or in `note` why there is none".to_owned())),
        (None, Some(note)) if note.is_beside_value() => {
            return Err(("value", String::new(), "a number, as the note stands beside one".to_owned()));
        }
        (None, Some(_)) => {}
    }
    for (column, number) in [("numerator", value.numerator), ("denominator", value.denominator)] {
        if number.is_some_and(|n| !(n.is_finite() && n >= 0.0)) {
            return Err((column, told(number), "a number from 0 on, or nothing".to_owned()));
        }
    }
    if let (true, Some(part), Some(all)) = (indicator.proportion, value.numerator, value.denominator)
        && part > all
    {
        return Err(("numerator", part.to_string(), format!("at most the denominator, {all}")));
    }
    Ok(())
}

/// The indicator most alike to a key, for messages.
pub(super) fn nearest_indicator(list: &[Indicator], id: &str) -> Option<String> {
    nearest(id, list.iter().map(|i| i.id.as_str())).map(str::to_owned)
}
