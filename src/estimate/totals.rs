//! Sufficient statistics per body: years at risk in each grade and moves between grades.

use std::collections::HashMap;

use polars::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::grid::Snapshots;
use super::study::{ArrayedStay, StayArrays, Study};
use super::years::YearsBetween;
use crate::frame::columns::*;
use crate::{Error, Series, SeriesId};

fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |i| (0..k).filter(move |j| *j != i).map(move |j| (i, j)))
}

/// A number in a column of text.
fn number(column: &str, (row, text): (usize, &str)) -> Result<f64, Error> {
    let row = row + 1;
    text.trim().parse().map_err(|_| {
        Error::Frame(format!("column `{column}` of the totals, row {row}: `{text}` is no number; expected one, as 2.5"))
    })
}

/// How the name of a column of time begins.
const TIME: &str = "time:";

fn time_of(label: &str) -> String {
    format!("{TIME}{label}")
}

fn move_of(from: &str, to: &str) -> String {
    format!("{from}>{to}")
}

/// The totals of one authority (or of one cluster of data that is resampled as a whole).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Whose.
    pub authority: String,
    /// Time at risk in each state: years (duration), or snapshots with a next one (cohort).
    pub exposure: Vec<f64>,
    /// Moves from each state to each other; the cohort's also from a state to itself.
    pub counts: Vec<Vec<f64>>,
}

/// Totals of many authorities, with the states that they are about and what their time is counted in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "U: Unit", try_from = "Unchecked<U>")]
#[non_exhaustive]
pub struct Totals<U: Unit> {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// One an authority.
    pub rows: Vec<Total>,
    /// The series, where they come from ratings.
    #[serde(default)]
    pub series: Option<SeriesId>,
    /// What was observed, where they come from ratings.
    pub study: Option<Study>,
    /// What time is counted in.
    pub unit: U,
}

/// Totals of time in years and of moves to other grades, for [`Generator::from_totals`](super::Generator::from_totals).
pub type Exposures = Totals<Years>;

/// Totals of pairs of snapshots, to the same grade too, for [`cohort_matrix`](super::cohort_matrix).
pub type PairCounts = Totals<SnapshotPairs>;

/// Totals of pairs of consecutive inspections, whatever the time between them. A matrix of a year cannot be made of them.
///
/// ```compile_fail,E0308
/// use rating_history::estimate::{CohortOptions, InspectionPairs, Study, cohort_matrix};
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(rating_history::ofsted::Theme::Headline)?;
/// let pairs = InspectionPairs::collect(&headline, &Study::until(england.cut_off()))?;
/// let matrix = cohort_matrix(&pairs, &CohortOptions::default());
/// # Ok::<(), rating_history::Error>(())
/// ```
pub type InspectionPairs = Totals<Inspections>;

/// What [`Totals`] count time in.
pub trait Unit: sealed::Sealed + Clone + Serialize + DeserializeOwned {
    /// Whether going from a state to itself is counted.
    const COUNTS_STAYING: bool;
}

/// Time at risk, in years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Years {
    /// Of 365.25 days.
    #[default]
    Years,
}

/// Pairs of consecutive snapshots that begin in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotPairs {
    /// Of these snapshots.
    Snapshots(Snapshots),
}

/// Pairs of consecutive inspections that begin in a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspections {
    /// One inspection later.
    #[default]
    Inspections,
}

impl Unit for Years {
    const COUNTS_STAYING: bool = false;
}

impl Unit for SnapshotPairs {
    const COUNTS_STAYING: bool = true;
}

impl Unit for Inspections {
    const COUNTS_STAYING: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Years {}
    impl Sealed for super::SnapshotPairs {}
    impl Sealed for super::Inspections {}
}

/// Totals as they are read: not looked at yet.
#[derive(Deserialize)]
#[serde(bound = "U: Unit")]
struct Unchecked<U> {
    labels: Vec<String>,
    rows: Vec<Total>,
    #[serde(default)]
    series: Option<SeriesId>,
    study: Option<Study>,
    unit: U,
}

impl<U: Unit> TryFrom<Unchecked<U>> for Totals<U> {
    type Error = Error;

    fn try_from(read: Unchecked<U>) -> Result<Self, Error> {
        let Unchecked { labels, rows, series, study, unit } = read;
        Totals::counted_in(unit, labels, rows).map(|totals| Totals { series, study, ..totals })
    }
}

impl Exposures {
    /// The time at risk and the moves of each body.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::estimate::{Exposures, Study};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let all = Exposures::collect(&headline, &Study::until(england.cut_off()))?.pooled(|_| 1.0)?;
    /// assert!(all.exposure.iter().sum::<f64>() > 1500.0); // years
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// Pairs of inspections are no time at risk: of them no generator can be made.
    ///
    /// ```compile_fail,E0308
    /// use rating_history::estimate::{Generator, InspectionPairs, Study};
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(rating_history::ofsted::Theme::Headline)?;
    /// let pairs = InspectionPairs::collect(&headline, &Study::until(england.cut_off()))?;
    /// let generator = Generator::from_totals(&pairs);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unknown`] when the scale lacks the absorbing grade.
    pub fn collect(series: &Series, study: &Study) -> Result<Self, Error> {
        let stays = StayArrays::collect(series, study)?;
        let labels = series.scale().labels().to_vec();
        let bodies = stays.bodies()?;
        let mut totals =
            Totals::empty(Years::Years, labels, series, study, bodies.iter().map(|body| Some(body.as_str())));
        let mut rows = totals.rows.iter_mut();
        let mut of: Option<(u32, &mut Total)> = None;
        let Some((first, last)) = stays.days() else { return Ok(totals) };
        let years = YearsBetween::new(study.basis, first, last);
        for stay in stays.iter()? {
            if of.as_ref().is_none_or(|(series, _)| *series != stay.series) {
                of = rows.next().map(|row| (stay.series, row));
            }
            if let Some((_, row)) = &mut of {
                row.observe(&stay, &years);
            }
        }
        Ok(totals)
    }

    /// As [`collect`](Exposures::collect), but of all authorities together, as one row without a name: for many millions of
    /// ratings, where nothing is asked about a part of them.
    ///
    /// # Errors
    /// As [`collect`](Exposures::collect).
    pub fn pooled_stays(series: &Series, study: &Study) -> Result<Self, Error> {
        let stays = StayArrays::collect(series, study)?;
        let labels = series.scale().labels().to_vec();
        let mut totals = Totals::empty(Years::Years, labels, series, study, std::iter::once(Some("")));
        let (Some(row), Some((first, last))) = (totals.rows.first_mut(), stays.days()) else { return Ok(totals) };
        let years = YearsBetween::new(study.basis, first, last);
        stays.iter()?.for_each(|stay| row.observe(&stay, &years));
        Ok(totals)
    }
}

impl Total {
    fn observe(&mut self, stay: &ArrayedStay, years: &YearsBetween) {
        self.exposure[stay.grade] += years.between(stay.entry, stay.exit);
        if let Some(to) = stay.to {
            self.counts[stay.grade][to] += 1.0;
        }
    }
}

impl<U: Unit + Default> Totals<U> {
    /// Totals of one row an authority, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Value`] when a row has not as many numbers as there are states, or one that is negative or no number.
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>, rows: Vec<Total>) -> Result<Self, Error> {
        Totals::counted_in(U::default(), labels, rows)
    }
}

impl<U: Unit> Totals<U> {
    /// As [`new`](Totals::new) where the unit is to be told: pairs of which snapshots they are.
    ///
    /// # Errors
    /// [`Error::Value`] when a row has not as many numbers as there are states, or one that is negative or no number.
    pub fn counted_in<S: Into<String>>(
        unit: U,
        labels: impl IntoIterator<Item = S>,
        rows: Vec<Total>,
    ) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        let k = labels.len();
        for row in &rows {
            let numbers = || row.exposure.iter().chain(row.counts.iter().flatten());
            if row.exposure.len() != k || row.counts.len() != k || row.counts.iter().any(|r| r.len() != k) {
                return Err(Error::value("totals of", &row.authority, format!("one number for each of {k} states")));
            }
            if let Some(wrong) = numbers().find(|n| !(n.is_finite() && **n >= 0.0)) {
                let found = format!("{wrong} of {}", row.authority);
                return Err(Error::value("total", found, "a number, at least 0"));
            }
        }
        Ok(Totals { labels, rows, series: None, study: None, unit })
    }

    pub(super) fn empty<'a>(
        unit: U,
        labels: Vec<String>,
        series: &Series,
        study: &Study,
        authorities: impl Iterator<Item = Option<&'a str>>,
    ) -> Self {
        let k = labels.len();
        let mut rows: Vec<Total> = Vec::new();
        for authority in authorities.flatten() {
            if rows.last().is_none_or(|r| r.authority != authority) {
                let authority = authority.to_owned();
                rows.push(Total { authority, exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] });
            }
        }
        Totals { labels, rows, series: Some(series.id().clone()), study: Some(study.clone()), unit }
    }

    /// The place in `rows` of each of these authorities, in the same order.
    pub(super) fn places(&self, authorities: &StringChunked) -> Vec<usize> {
        let mut place = 0;
        let mut find = |authority: &str| {
            while self.rows[place].authority != authority {
                place += 1;
            }
            place
        };
        authorities.iter().flatten().map(&mut find).collect()
    }

    /// Only some authorities.
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        Totals {
            labels: self.labels.clone(),
            rows: self.rows.iter().filter(|r| keep(&r.authority)).cloned().collect(),
            series: self.series.clone(),
            study: self.study.clone(),
            unit: self.unit.clone(),
        }
    }

    /// Coarser states: `group[i]` is the new state of state `i`. Moves within a group are no moves, but pairs within it are
    /// pairs that stay.
    ///
    /// ```
    /// use rating_history::estimate::{Exposures, InspectionPairs, Total};
    /// let total = Total { authority: "a".into(), exposure: vec![1.0, 2.0, 3.0], counts: vec![vec![0.0, 1.0, 0.0]; 3] };
    /// let totals = Exposures::new(["D", "B", "A"], vec![total])?;
    /// let coarse = totals.coarsen(["low", "high"], &[0, 1, 1])?;
    /// assert_eq!(coarse.rows[0].exposure, [1.0, 5.0]);
    /// assert_eq!(coarse.rows[0].counts, [[0.0, 1.0], [0.0, 0.0]]);
    ///
    /// let total = Total { authority: "a".into(), exposure: vec![2.0; 3], counts: vec![vec![1.0, 1.0, 0.0]; 3] };
    /// let pairs = InspectionPairs::new(["D", "B", "A"], vec![total])?.coarsen(["low", "high"], &[0, 1, 1])?;
    /// assert_eq!(pairs.rows[0].counts, [[1.0, 1.0], [2.0, 2.0]]); // nobody is lost
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] when a state has no group, or a group no label.
    pub fn coarsen<S: Into<String>>(
        &self,
        labels: impl IntoIterator<Item = S>,
        group: &[usize],
    ) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        let k = labels.len();
        if group.len() != self.labels.len() || group.iter().any(|g| *g >= k) {
            let expected = format!("one of 0 to {} for each of {} states", k.max(1) - 1, self.labels.len());
            return Err(Error::value("groups", format!("{group:?}"), expected));
        }
        let coarse = |total: &Total| {
            let mut exposure = vec![0.0; k];
            let mut counts = vec![vec![0.0; k]; k];
            for (i, gi) in group.iter().enumerate() {
                exposure[*gi] += total.exposure[i];
                for (j, gj) in group.iter().enumerate().filter(|(_, gj)| U::COUNTS_STAYING || *gj != gi) {
                    counts[*gi][*gj] += total.counts[i][j];
                }
            }
            Total { authority: total.authority.clone(), exposure, counts }
        };
        let rows = self.rows.iter().map(coarse).collect();
        let (series, study) = (self.series.clone(), self.study.clone());
        Ok(Totals { labels, rows, series, study, unit: self.unit.clone() })
    }

    /// All authorities added up, each as often as its weight says.
    ///
    /// # Errors
    /// [`Error::Value`] for a weight that is no number or negative.
    pub fn pooled(&self, weight: impl Fn(usize) -> f64) -> Result<Total, Error> {
        let wrong = (0..self.rows.len()).map(&weight).find(|weight| !(weight.is_finite() && *weight >= 0.0));
        match wrong {
            Some(weight) => Err(Error::value("weight", weight, "a number, at least 0")),
            None => Ok(self.sum(weight)),
        }
    }

    /// The sum by weights that are known to be sound.
    pub(super) fn sum(&self, weight: impl Fn(usize) -> f64) -> Total {
        let k = self.labels.len();
        let mut sum = Total { authority: String::new(), exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] };
        for (n, row) in self.rows.iter().enumerate() {
            let weight = weight(n);
            for i in 0..k {
                sum.exposure[i] += weight * row.exposure[i];
                for j in 0..k {
                    sum.counts[i][j] += weight * row.counts[i][j];
                }
            }
        }
        sum
    }

    /// The totals in a frame, as [`to_frame`](Totals::to_frame) or a query of [`sql`](crate::sql) makes it: `authority`, then a
    /// column `time:STATE` for each state, worst first, and a column `FROM>TO` for each ordered pair, of any numbers. Rows of one
    /// authority are added up. Of pairs, those that stay are the rest of those that begin.
    ///
    /// ```
    /// use rating_history::estimate::{Exposures, Total, Years};
    /// let total = Total { authority: "a".into(), exposure: vec![3.0, 5.5], counts: vec![vec![0.0, 1.0], vec![2.0, 0.0]] };
    /// let totals = Exposures::new(["low", "high"], vec![total])?;
    /// assert_eq!(Exposures::from_frame(Years::Years, &totals.to_frame()?)?, totals);
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Frame`] when a column is missing or of no numbers, a cell is empty or there are fewer than two states;
    /// [`Error::Value`] for a negative number or, of pairs, more that move than begin.
    pub fn from_frame(unit: U, frame: &DataFrame) -> Result<Self, Error> {
        let named: Vec<&str> = frame.get_column_names().into_iter().map(PlSmallStr::as_str).collect();
        let labels: Vec<String> = named.iter().filter_map(|name| name.strip_prefix(TIME)).map(str::to_owned).collect();
        let k = labels.len();
        if k < 2 {
            let found = named.join(", ");
            return Err(Error::Frame(format!(
                "totals have a column {TIME}GRADE for each grade, worst first; expected at least two of them, found {found}"
            )));
        }
        let column = |name: &str| match frame.column(name) {
            Ok(column) if column.null_count() == 0 => Ok(column),
            Ok(_) => Err(Error::Frame(format!("column `{name}` of the totals has an empty cell; expected a value"))),
            Err(_) => Err(Error::Frame(format!("totals lack the column `{name}`; found {}", named.join(", ")))),
        };
        let numbers = |name: String| -> Result<Vec<f64>, Error> {
            let column = column(&name)?;
            match column.dtype() {
                DataType::String => {
                    column.str()?.iter().flatten().enumerate().map(|cell| number(&name, cell)).collect()
                }
                dtype if dtype.is_primitive_numeric() => {
                    Ok(column.cast(&DataType::Float64)?.f64()?.iter().flatten().collect())
                }
                dtype => Err(Error::Frame(format!("column `{name}` of the totals is {dtype}; expected numbers"))),
            }
        };
        let authorities = column(AUTHORITY)?.cast(&DataType::String)?;
        let mut rows: Vec<Total> = Vec::new();
        let mut row_of: HashMap<&str, usize> = HashMap::new();
        let mut places = Vec::with_capacity(frame.height());
        for authority in authorities.str()?.iter().flatten() {
            places.push(*row_of.entry(authority).or_insert_with(|| {
                let authority = authority.to_owned();
                rows.push(Total { authority, exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] });
                rows.len() - 1
            }));
        }
        for (i, label) in labels.iter().enumerate() {
            for (row, time) in places.iter().zip(numbers(time_of(label))?) {
                rows[*row].exposure[i] += time;
            }
        }
        for (i, j) in pairs(k) {
            for (row, moves) in places.iter().zip(numbers(move_of(&labels[i], &labels[j]))?) {
                rows[*row].counts[i][j] += moves;
            }
        }
        if U::COUNTS_STAYING {
            for row in &mut rows {
                for i in 0..k {
                    row.counts[i][i] = row.exposure[i] - row.counts[i].iter().sum::<f64>();
                }
            }
        }
        rows.sort_by(|a, b| a.authority.cmp(&b.authority));
        Totals::counted_in(unit, labels, rows)
    }

    /// The frame again: `authority`, then `time:STATE` and `FROM>TO` columns (`Float64`).
    ///
    /// # Errors
    /// [`Error::Polars`] when two states have one label.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let k = self.labels.len();
        let authorities: Vec<&str> = self.rows.iter().map(|r| r.authority.as_str()).collect();
        let mut columns = vec![Column::new(AUTHORITY.into(), authorities)];
        for i in 0..k {
            let time: Vec<f64> = self.rows.iter().map(|r| r.exposure[i]).collect();
            columns.push(Column::new(time_of(&self.labels[i]).into(), time));
        }
        for (i, j) in pairs(k) {
            let moves: Vec<f64> = self.rows.iter().map(|r| r.counts[i][j]).collect();
            columns.push(Column::new(move_of(&self.labels[i], &self.labels[j]).into(), moves));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }
}
