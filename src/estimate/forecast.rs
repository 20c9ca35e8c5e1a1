//! What comes next: the grade at the next inspection and over the years.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::generator::Generator;
use super::study::{AfterLast, Study, stay_plan};
use super::totals::{Exposures, InspectionPairs, Total, Totals, Unit};
use crate::code::setters;
use crate::frame::columns::*;
use crate::frame::expr::rank;
use crate::trend::EndedBy;
use crate::trend::columns::*;
use crate::{Error, Series, SeriesId};

/// How a forecast learns from the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForecastOptions {
    /// Column of the authorities that makes the strata, as `region`; `None` for one stratum.
    pub stratum: Option<String>,
    /// How much all of the data weighs in a stratum: as if this many years in each grade, and this many inspections
    /// after each grade, had gone as on average.
    pub shrinkage: f64,
    /// Resampling for the bands.
    pub bootstrap: Bootstrap,
}

setters!(ForecastOptions {
    /// Column of the authorities that makes the strata, as `region`; `None` for one stratum.
    stratum: impl Into<Option<String>>,
    /// How much all of the data weighs in a stratum: as if this many years in each grade, and this many inspections
    /// after each grade, had gone as on average.
    shrinkage: f64,
    /// Resampling for the bands.
    bootstrap: Bootstrap,
});

impl Default for ForecastOptions {
    /// One stratum, as regions were found to add nothing ([`backtest`](fn@super::backtest) of England: scores that differ by
    /// less than 1%, now one way, now the other); in strata the average would weigh as 50 years; 90% bands from 500
    /// replicates.
    fn default() -> Self {
        let bootstrap = Bootstrap { replicates: 500, seed: 1, level: 0.9 };
        ForecastOptions { stratum: None, shrinkage: 50.0, bootstrap }
    }
}

/// The past of every authority: what rates and matrices of inspections are made from.
pub(super) struct Past {
    labels: Vec<String>,
    pub(super) authorities: Vec<String>,
    pub(super) strata: Vec<Option<String>>,
    durations: Exposures,
    inspections: InspectionPairs,
}

impl Past {
    pub(super) fn learn(series: &Series, study: &Study, options: &ForecastOptions) -> Result<Past, Error> {
        if !(options.shrinkage >= 0.0 && options.shrinkage.is_finite()) {
            return Err(Error::value("shrinkage", options.shrinkage, "a number, at least 0"));
        }
        let durations = Exposures::collect(series, study)?;
        let labels = durations.labels.clone();
        let k = labels.len();
        let authorities: Vec<String> = durations.rows.iter().map(|t| t.authority.clone()).collect();
        let mut steps: HashMap<String, Total> =
            InspectionPairs::collect(series, study)?.rows.into_iter().map(|t| (t.authority.clone(), t)).collect();
        let none = || Total { authority: String::new(), exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] };
        let rows = authorities.iter().map(|a| steps.remove(a).unwrap_or_else(none)).collect();
        let inspections = InspectionPairs::new(labels.clone(), rows)?;
        let strata = match &options.stratum {
            None => vec![None; authorities.len()],
            Some(column) => {
                let strata = strata(series, column)?;
                authorities.iter().map(|a| strata.get(a).cloned()).collect()
            }
        };
        Ok(Past { labels, authorities, strata, durations, inspections })
    }

    pub(super) fn stratum(&self, authority: &str) -> Option<&String> {
        let place = self.authorities.iter().position(|a| a == authority);
        place.and_then(|n| self.strata[n].as_ref())
    }

    /// A stratum added up, with the average of everything mixed in; without a stratum, everything.
    fn mixed<U: Unit>(&self, of: &Totals<U>, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Total {
        let all = of.sum(|n| weight[n]);
        let Some(stratum) = stratum else { return all };
        let mut own = of.sum(|n| if self.strata[n].as_ref() == Some(stratum) { weight[n] } else { 0.0 });
        let k = self.labels.len();
        for i in (0..k).filter(|i| all.exposure[*i] > 0.0) {
            own.exposure[i] += shrinkage;
            (0..k).for_each(|j| own.counts[i][j] += shrinkage * all.counts[i][j] / all.exposure[i]);
        }
        own
    }

    pub(super) fn generator(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Generator {
        Generator::from_total(&self.labels, &self.mixed(&self.durations, stratum, weight, shrinkage))
    }

    /// The distribution at the next inspection after each grade; after a grade never followed by another, the grade.
    pub(super) fn next(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64, rank: usize) -> Vec<f64> {
        let total = self.mixed(&self.inspections, stratum, weight, shrinkage);
        let k = self.labels.len();
        match total.exposure[rank] {
            n if n > 0.0 => (0..k).map(|j| total.counts[rank][j] / n).collect(),
            _ => certain(k, rank),
        }
    }
}

pub(super) fn certain(k: usize, rank: usize) -> Vec<f64> {
    (0..k).map(|j| f64::from(u8::from(j == rank))).collect()
}

fn strata(series: &Series, column: &str) -> Result<HashMap<String, String>, Error> {
    let table = series.grouping(column)?.select([col(AUTHORITY), col(column).cast(DataType::String)]).collect()?;
    let (authority, stratum) = (table.column(AUTHORITY)?.str()?, table.column(column)?.str()?);
    let pairs = authority.iter().zip(stratum.iter());
    Ok(pairs.filter_map(|(a, s)| Some((a?.to_owned(), s?.to_owned()))).collect())
}

/// Probabilities of each grade with their bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForecastStep {
    /// Years from the day of the forecast; `None` for the next inspection, whenever it comes.
    pub years: Option<f64>,
    /// Probability of each grade.
    pub probability: Vec<f64>,
    /// Lower ends of the bands.
    pub lower: Vec<Option<f64>>,
    /// Upper ends.
    pub upper: Vec<Option<f64>>,
    /// Standard errors: standard deviations of the replicates.
    #[serde(default)]
    pub standard_error: Vec<Option<f64>>,
}

/// A forecast of one authority's grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Forecast {
    /// Code.
    pub authority: String,
    /// The series.
    pub series: SeriesId,
    /// The day it is made from.
    pub as_of: NaiveDate,
    /// The grade on that day.
    pub grade: String,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The next inspection, then each whole year.
    pub steps: Vec<ForecastStep>,
    /// The group whose rates it uses, as "South East"; `None` where none was asked for, or its group is not known.
    #[serde(default)]
    pub stratum: Option<String>,
    /// What it was made with.
    pub options: ForecastOptions,
}

impl Forecast {
    /// Rows: `horizon` (`String`: `next_inspection`, `1y`, ...), `years` (null for the next inspection), `grade`
    /// (`String`), `probability`, `lower`, `upper`, `standard_error` (`Float64`).
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let k = self.labels.len();
        let each = |of: fn(&ForecastStep) -> &Vec<Option<f64>>| -> Vec<Option<f64>> {
            self.steps.iter().flat_map(|s| of(s).clone()).collect()
        };
        let horizon = |s: &ForecastStep| s.years.map_or("next_inspection".to_owned(), |y| format!("{y}y"));
        Ok(df!(
            "horizon" => self.steps.iter().flat_map(|s| vec![horizon(s); k]).collect::<Vec<_>>(),
            "years" => self.steps.iter().flat_map(|s| vec![s.years; k]).collect::<Vec<_>>(),
            GRADE => self.steps.iter().flat_map(|_| self.labels.iter().map(String::as_str)).collect::<Vec<_>>(),
            "probability" => self.steps.iter().flat_map(|s| s.probability.clone()).collect::<Vec<_>>(),
            "lower" => each(|s| &s.lower),
            "upper" => each(|s| &s.upper),
            "standard_error" => each(|s| &s.standard_error),
        )?)
    }
}

impl std::fmt::Display for Forecast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header = std::iter::once("years".to_owned()).chain(self.labels.iter().cloned()).collect::<Vec<_>>();
        let row = |s: &ForecastStep| {
            let when = s.years.map_or("next inspection".to_owned(), |y| y.to_string());
            std::iter::once(when).chain(s.probability.iter().map(|p| format!("{:.1}%", 100.0 * p))).collect()
        };
        writeln!(f, "{}, {} on {}", self.authority, self.grade, self.as_of)?;
        super::table::write_table(f, &header, &self.steps.iter().map(row).collect::<Vec<_>>())
    }
}

/// Forecasts an authority's grade at its next inspection, and on each anniversary for `years`, from the grade it has at
/// the end of the study.
///
/// The years come from the rates of all authorities ([`Generator`]), the next inspection from the grades that followed the
/// present one; with a stratum from those of its stratum, mixed with those of all. A rate has no memory: how long the grade has
/// stood and when the next inspection is due do not count. The bands are about the rates, not about the luck of one
/// authority. Narrow the ratings to one theme first. [`backtest`](fn@super::backtest) says how much such a forecast has been worth: beyond
/// three years, and at the next inspection, no more than the average of all authorities.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Bootstrap, ForecastOptions, Study, forecast}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let options = ForecastOptions::default().bootstrap(Bootstrap::default().replicates(20));
/// let slough = forecast(&headline, &Study::until(england.cut_off()), "E06000039", 10, &options)?;
/// assert_eq!(slough.steps.len(), 11);
/// assert!((slough.steps[3].probability.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoGrade`] when the authority has none at the end of the study; [`Error::Value`] for an option out of bounds;
/// [`Error::Frame`] when the authorities lack the stratum's column, or the ratings were narrowed to some bodies.
pub fn forecast(
    series: &Series,
    study: &Study,
    authority: &str,
    years: u32,
    options: &ForecastOptions,
) -> Result<Forecast, Error> {
    forecast_watched(series, study, authority, years, options, &|_| ())
}

/// The same; `progress` is told of every replicate that is done.
///
/// # Errors
/// As [`forecast`](fn@forecast).
pub fn forecast_watched(
    series: &Series,
    study: &Study,
    authority: &str,
    years: u32,
    options: &ForecastOptions,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Forecast, Error> {
    series.know_bodies(&[authority])?;
    series.all_bodies("a forecast works with")?;
    let past = Past::learn(series, study, options)?;
    let rank = grades_on(series, study)?.get(authority).copied().ok_or_else(|| series.no_grade(authority, study.to))?;
    if !(1..=100).contains(&years) {
        return Err(Error::value("years", years, "1 to 100"));
    }
    let stratum = past.stratum(authority);
    let numbers = |weight: &[f64]| {
        let generator = past.generator(stratum, weight, options.shrinkage);
        let mut numbers = past.next(stratum, weight, options.shrinkage, rank);
        (1..=years).for_each(|y| numbers.extend(generator.exponential(f64::from(y)).row(rank).iter()));
        numbers
    };
    let estimate = numbers(&vec![1.0; past.authorities.len()]);
    let spread = options.bootstrap.run_watched(past.authorities.len(), |weight| Some(numbers(weight)), progress)?;
    let k = past.labels.len();
    let step = |n: usize| ForecastStep {
        years: (n > 0).then_some(n as f64),
        probability: estimate[n * k..(n + 1) * k].to_vec(),
        lower: spread.intervals[n * k..(n + 1) * k].iter().map(|i| i.map(|i| i.0)).collect(),
        upper: spread.intervals[n * k..(n + 1) * k].iter().map(|i| i.map(|i| i.1)).collect(),
        standard_error: spread.standard_error[n * k..(n + 1) * k].to_vec(),
    };
    Ok(Forecast {
        authority: authority.to_owned(),
        series: series.id().clone(),
        as_of: study.to,
        grade: past.labels[rank].clone(),
        steps: (0..=years as usize).map(step).collect(),
        stratum: stratum.cloned(),
        labels: past.labels,
        options: options.clone(),
    })
}

/// Ranks of the grades that stand at the end of a study.
pub(super) fn grades_on(series: &Series, study: &Study) -> Result<HashMap<String, usize>, Error> {
    let whole = Study { from: None, after_last: AfterLast::Count, ..study.clone() };
    let running = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
    let standing = stay_plan(series, &whole)?.filter(running).select([col(AUTHORITY), rank(col(GRADE))]);
    let frame = series.collect(standing)?;
    let pairs = frame.column(AUTHORITY)?.str()?.iter().zip(frame.column(GRADE)?.u32()?.iter());
    Ok(pairs.filter_map(|(a, r)| Some((a?.to_owned(), r? as usize))).collect())
}
