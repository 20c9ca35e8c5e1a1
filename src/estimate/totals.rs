//! Sufficient statistics per body: years at risk in each grade and moves between grades.

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::study::{Study, YEARS, stays};
use crate::frame::columns::*;
use crate::frame::expr::rank;
use crate::trend::columns::*;
use crate::{Error, Ratings};

/// Years in each grade and moves between grades, per authority and theme: the one small frame from which matrices and
/// generators of any subset, region, resample, coarser grades and horizon follow without reading the ratings again.
///
/// Schema: `authority`, `theme`, `time:GRADE` for each grade (`Float64`, years observed in it), `FROM>TO` for each
/// ordered pair (`UInt32`, moves); ordered by authority, theme. The idea is MATLAB's `idTotals`.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Study, totals}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series_only([Theme::Headline]).bodies_only(["E06000039"]);
/// let totals = totals(&slough, &Study::until(england.cut_off()))?.collect()?;
/// assert_eq!(totals.column("inadequate>requires_improvement")?.u32()?.get(0), Some(1));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn totals(ratings: &Ratings, study: &Study) -> Result<LazyFrame, Error> {
    let labels = ratings.scale().labels();
    let k = labels.len();
    let is = |column: &str, state: usize| rank(col(column)).eq(lit(state as u32)).fill_null(lit(false));
    let time = (0..k).map(|i| col(YEARS).filter(is(GRADE, i)).sum().alias(time_of(&labels[i])));
    let moves = pairs(k).map(|(i, j)| {
        let both = is(GRADE, i).and(is(TO, j));
        both.sum().cast(DataType::UInt32).alias(move_of(&labels[i], &labels[j]))
    });
    Ok(stays(ratings, study)?
        .group_by([col(AUTHORITY), col(THEME)])
        .agg(time.chain(moves).collect::<Vec<_>>())
        .sort_by_exprs([col(AUTHORITY), col(THEME)], SortMultipleOptions::default()))
}

fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |i| (0..k).filter(move |j| *j != i).map(move |j| (i, j)))
}

fn time_of(label: &str) -> String {
    format!("time:{label}")
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

/// Totals of many authorities, with the states that they are about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The states, worst grade first.
    pub labels: Vec<String>,
    /// One an authority.
    pub rows: Vec<Total>,
    /// What was observed, where they come from ratings.
    pub study: Option<Study>,
}

impl Totals {
    /// Runs [`totals`] and takes its rows; several themes of one authority are added up.
    ///
    /// # Errors
    /// As [`totals`].
    pub fn durations(ratings: &Ratings, study: &Study) -> Result<Self, Error> {
        let frame = ratings.collect(totals(ratings, study)?)?;
        let labels = ratings.scale().labels().to_vec();
        let k = labels.len();
        let mut totals = Totals::empty(labels, study, frame.column(AUTHORITY)?.str()?.iter());
        let rows = totals.places(frame.column(AUTHORITY)?.str()?);
        for i in 0..k {
            let time = frame.column(&time_of(&totals.labels[i]))?.f64()?;
            for (row, time) in rows.iter().zip(time.iter()) {
                totals.rows[*row].exposure[i] += time.unwrap_or_default();
            }
        }
        for (i, j) in pairs(k) {
            let moves = frame.column(&move_of(&totals.labels[i], &totals.labels[j]))?.u32()?;
            for (row, moves) in rows.iter().zip(moves.iter()) {
                totals.rows[*row].counts[i][j] += f64::from(moves.unwrap_or_default());
            }
        }
        Ok(totals)
    }

    pub(super) fn empty<'a>(
        labels: Vec<String>,
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
        Totals { labels, rows, study: Some(study.clone()) }
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
            study: self.study.clone(),
        }
    }

    /// Coarser states: `group[i]` is the new state of state `i`; moves within a group are no moves.
    ///
    /// ```
    /// use rating_history::estimate::{Total, Totals};
    /// let total = Total { authority: "a".into(), exposure: vec![1.0, 2.0, 3.0], counts: vec![vec![0.0, 1.0, 0.0]; 3] };
    /// let totals = Totals { labels: ["D", "B", "A"].map(String::from).to_vec(), rows: vec![total], study: None };
    /// let coarse = totals.coarsen(["low", "high"], &[0, 1, 1])?;
    /// assert_eq!(coarse.rows[0].exposure, [1.0, 5.0]);
    /// assert_eq!(coarse.rows[0].counts, [[0.0, 1.0], [0.0, 0.0]]);
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
                for (j, gj) in group.iter().enumerate().filter(|(_, gj)| *gj != gi) {
                    counts[*gi][*gj] += total.counts[i][j];
                }
            }
            Total { authority: total.authority.clone(), exposure, counts }
        };
        Ok(Totals { labels, rows: self.rows.iter().map(coarse).collect(), study: self.study.clone() })
    }

    /// All authorities added up, each as often as its weight says.
    pub fn pooled(&self, weight: impl Fn(usize) -> f64) -> Total {
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
