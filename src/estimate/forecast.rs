//! What comes next: the grade at the next inspection and over the years.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::changes::changes_known;
use super::generator::Generator;
use super::matrix::Rows;
use super::semi_markov::{Course, age, check_bounds, totals_by_time};
use super::study::{AfterLast, EXIT_YEARS, Study, stay_plan};
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
    /// The years for which a grade has stood at which its rates change; none where rates have no memory.
    #[serde(default)]
    pub time_stood: Vec<f64>,
    /// How much all of the data weighs in a stratum, of bodies or of the time that a grade has stood: as if this many years
    /// in each grade, and this many inspections after each grade, had gone as on average.
    pub shrinkage: f64,
    /// Resampling for the bands.
    pub bootstrap: Bootstrap,
}

setters!(ForecastOptions {
    /// Column of the authorities that makes the strata, as `region`; `None` for one stratum.
    stratum: impl Into<Option<String>>,
    /// The years for which a grade has stood at which its rates change; none where rates have no memory.
    time_stood: Vec<f64>,
    /// How much all of the data weighs in a stratum, of bodies or of the time that a grade has stood: as if this many years
    /// in each grade, and this many inspections after each grade, had gone as on average.
    shrinkage: f64,
    /// Resampling for the bands.
    bootstrap: Bootstrap,
});

impl Default for ForecastOptions {
    /// One stratum, as regions were found to add next to nothing ([`backtest`](fn@super::backtest) of England: scores less than
    /// 1% lower); rates that change when a grade has stood for two and for four years, which was found to help
    /// ([`time_stood`](fn@super::time_stood)); in strata the average weighs as 50 years; 90% bands from 500 replicates.
    fn default() -> Self {
        let bootstrap = Bootstrap { replicates: 500, seed: 1, level: 0.9 };
        ForecastOptions { stratum: None, time_stood: vec![2.0, 4.0], shrinkage: 50.0, bootstrap }
    }
}

/// The past of every authority: what rates and matrices of inspections are made from.
pub(super) struct Past {
    labels: Vec<String>,
    pub(super) authorities: Vec<String>,
    pub(super) strata: Vec<Option<String>>,
    durations: Exposures,
    bounds: Vec<f64>,
    /// The same apart by how long the grade had stood.
    by_time: Vec<Exposures>,
    inspections: InspectionPairs,
}

impl Past {
    pub(super) fn learn(series: &Series, study: &Study, options: &ForecastOptions) -> Result<Past, Error> {
        if !(options.shrinkage >= 0.0 && options.shrinkage.is_finite()) {
            return Err(Error::value("shrinkage", options.shrinkage, "a number, at least 0"));
        }
        check_bounds(&options.time_stood)?;
        let durations = Exposures::collect(series, study)?;
        let bounds = options.time_stood.clone();
        let by_time = if bounds.is_empty() { Vec::new() } else { totals_by_time(series, study, &durations, &bounds)? };
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
        Ok(Past { labels, authorities, strata, durations, bounds, by_time, inspections })
    }

    pub(super) fn stratum(&self, authority: &str) -> Option<&String> {
        let place = self.authorities.iter().position(|a| a == authority);
        place.and_then(|n| self.strata[n].as_ref())
    }

    /// A stratum added up, with the average of everything mixed in; without a stratum, everything.
    fn mixed<U: Unit>(&self, of: &Totals<U>, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Total {
        self.within(of, of.sum(|n| weight[n]), stratum, weight, shrinkage)
    }

    /// The same where what all say is known.
    fn within<U: Unit>(
        &self,
        of: &Totals<U>,
        all: Total,
        stratum: Option<&String>,
        weight: &[f64],
        shrinkage: f64,
    ) -> Total {
        let Some(stratum) = stratum else { return all };
        let mut own = of.sum(|n| if self.strata[n].as_ref() == Some(stratum) { weight[n] } else { 0.0 });
        add_average(&mut own, &all, shrinkage);
        own
    }

    /// Where grades lead over some horizons.
    pub(super) fn course(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64, horizons: &[u32]) -> Course {
        if self.by_time.is_empty() {
            return self.memoryless(stratum, weight, shrinkage, horizons);
        }
        let all = self.durations.sum(|n| weight[n]);
        let of_time = |totals: &Exposures| {
            let mut of_all = totals.sum(|n| weight[n]);
            add_average(&mut of_all, &all, shrinkage);
            Generator::from_total(&self.labels, &self.within(totals, of_all, stratum, weight, shrinkage))
        };
        Course::semi_markov(&self.bounds, &self.by_time.iter().map(of_time).collect::<Vec<_>>(), horizons)
    }

    /// The same by rates that do not know how long a grade has stood.
    pub(super) fn memoryless(
        &self,
        stratum: Option<&String>,
        weight: &[f64],
        shrinkage: f64,
        horizons: &[u32],
    ) -> Course {
        let total = self.mixed(&self.durations, stratum, weight, shrinkage);
        Course::markov(&Generator::from_total(&self.labels, &total), horizons)
    }

    /// Whether anybody has left a grade.
    fn is_left(&self, rank: usize) -> bool {
        self.durations.rows.iter().any(|row| row.counts[rank].iter().sum::<f64>() > 0.0)
    }

    /// Refuses a grade that nobody has left: that it stays is then all that its rates can say.
    fn know_leaving(&self, series: &Series, rank: usize) -> Result<(), Error> {
        if self.is_left(rank) {
            return Ok(());
        }
        let words = series.words();
        let there = self.durations.rows.iter().filter(|row| row.exposure[rank] > 0.0).count();
        Err(Error::Asked(format!(
            "nothing is known of what follows the {} grade {}: none of the {} that stood there has left it",
            words.series(series.id().as_str()),
            words.grade(&self.labels[rank]),
            words.body.count(there),
        )))
    }

    /// The distribution at the next inspection after each grade; after a grade never followed by another, the grade.
    pub(super) fn next(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Rows {
        let total = self.mixed(&self.inspections, stratum, weight, shrinkage);
        let k = self.labels.len();
        let after = |rank: usize| match total.exposure[rank] {
            n if n > 0.0 => (0..k).map(|j| total.counts[rank][j] / n).collect(),
            _ => certain(k, rank),
        };
        (0..k).map(after).collect()
    }
}

/// Adds what all data say, as so much time at risk.
fn add_average(own: &mut Total, all: &Total, shrinkage: f64) {
    let k = own.exposure.len();
    for i in (0..k).filter(|i| all.exposure[*i] > 0.0) {
        own.exposure[i] += shrinkage;
        (0..k).for_each(|j| own.counts[i][j] += shrinkage * all.counts[i][j] / all.exposure[i]);
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
    /// Years for which it has stood; `None` where the rates do not know it.
    #[serde(default)]
    pub years_stood: Option<f64>,
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
/// present one; with a stratum from those of its stratum, mixed with those of all. Rates change with the years for which a grade
/// has stood, as [`ForecastOptions::time_stood`] says; when the next inspection is due does not count. The bands are about the rates, not about the luck of one
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
    let past = past(series, study, years, options)?;
    let mut now = standing_on(series, study)?;
    let now = now.remove(authority).ok_or_else(|| series.no_grade(authority, study.to))?;
    changes_known(series)?;
    past.know_leaving(series, now.rank)?;
    let start = Start { stratum: past.stratum(authority), rank: now.rank, years: now.years };
    let steps = steps(&past, &[&start], years, options, progress)?.swap_remove(0);
    Ok(told(series, study, options, &past, authority, &start, steps))
}

/// The forecasts of all bodies that have a grade at the end of a study which others have left, by their ids: as
/// [`forecast`](fn@forecast), but what many have in common is learnt and resampled once.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{Bootstrap, ForecastOptions, Study, forecast, forecasts};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let leadership = england.ratings()?.series(Theme::Leadership)?;
/// let options = ForecastOptions::default().bootstrap(Bootstrap::default().replicates(20));
/// let study = Study::until(england.cut_off());
/// let all = forecasts(&leadership, &study, 3, &options)?;
/// let slough = all.iter().find(|made| made.authority == "E06000039").unwrap();
/// assert_eq!(*slough, forecast(&leadership, &study, "E06000039", 3, &options)?);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`forecast`](fn@forecast), but for bodies.
pub fn forecasts(
    series: &Series,
    study: &Study,
    years: u32,
    options: &ForecastOptions,
) -> Result<Vec<Forecast>, Error> {
    let past = past(series, study, years, options)?;
    changes_known(series)?;
    let mut standing: Vec<(String, Standing)> = standing_on(series, study)?.into_iter().collect();
    let left: Vec<bool> = (0..past.labels.len()).map(|rank| past.is_left(rank)).collect();
    standing.retain(|(_, now)| left[now.rank]);
    standing.sort_by(|a, b| a.0.cmp(&b.0));
    let starts: Vec<Start<'_>> = standing
        .iter()
        .map(|(body, now)| Start { stratum: past.stratum(body), rank: now.rank, years: now.years })
        .collect();
    let mut places = HashMap::new();
    let mut distinct: Vec<&Start<'_>> = Vec::new();
    let place_of: Vec<usize> = starts
        .iter()
        .map(|start| {
            let key = (start.stratum, start.rank, age(&options.time_stood, start.years));
            *places.entry(key).or_insert_with(|| {
                distinct.push(start);
                distinct.len() - 1
            })
        })
        .collect();
    if distinct.is_empty() {
        return Ok(Vec::new());
    }
    let steps = steps(&past, &distinct, years, options, &|_| ())?;
    let each = standing.iter().zip(&starts).zip(place_of);
    Ok(each
        .map(|(((body, _), start), place)| told(series, study, options, &past, body, start, steps[place].clone()))
        .collect())
}

/// From where a forecast is made.
struct Start<'a> {
    stratum: Option<&'a String>,
    rank: usize,
    years: f64,
}

fn past(series: &Series, study: &Study, years: u32, options: &ForecastOptions) -> Result<Past, Error> {
    series.all_bodies("a forecast works with")?;
    match (1..=100).contains(&years) {
        true => Past::learn(series, study, options),
        false => Err(Error::value("years", years, "1 to 100")),
    }
}

/// What comes after each of some starts.
fn steps(
    past: &Past,
    starts: &[&Start<'_>],
    years: u32,
    options: &ForecastOptions,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Vec<Vec<ForecastStep>>, Error> {
    let horizons: Vec<u32> = (1..=years).collect();
    let numbers = |weight: &[f64]| {
        let mut ahead = HashMap::new();
        let mut numbers = Vec::new();
        for start in starts {
            let (next, course) = ahead.entry(start.stratum).or_insert_with(|| {
                let next = past.next(start.stratum, weight, options.shrinkage);
                (next, past.course(start.stratum, weight, options.shrinkage, &horizons))
            });
            numbers.extend_from_slice(&next[start.rank]);
            (0..horizons.len()).for_each(|n| numbers.extend_from_slice(course.at(n, start.rank, start.years)));
        }
        numbers
    };
    let estimate = numbers(&vec![1.0; past.authorities.len()]);
    let mut spread = options.bootstrap.run_watched(past.authorities.len(), |weight| Some(numbers(weight)), progress)?;
    // Where all replicates say the same, a move that nobody made, they say nothing of how sure that is.
    for (interval, error) in spread.intervals.iter_mut().zip(&mut spread.standard_error) {
        if interval.is_some_and(|(lower, upper)| upper - lower < 1e-12) {
            (*interval, *error) = (None, None);
        }
    }
    let (k, of_one) = (past.labels.len(), years as usize + 1);
    let step = |n: usize| {
        let cells = n * k..(n + 1) * k;
        let intervals = &spread.intervals[cells.clone()];
        ForecastStep {
            years: Some(n % of_one).filter(|years| *years > 0).map(|years| years as f64),
            probability: estimate[cells.clone()].to_vec(),
            lower: intervals.iter().map(|i| i.map(|i| i.0)).collect(),
            upper: intervals.iter().map(|i| i.map(|i| i.1)).collect(),
            standard_error: spread.standard_error[cells].to_vec(),
        }
    };
    Ok((0..starts.len()).map(|start| (start * of_one..(start + 1) * of_one).map(step).collect()).collect())
}

fn told(
    series: &Series,
    study: &Study,
    options: &ForecastOptions,
    past: &Past,
    body: &str,
    start: &Start<'_>,
    steps: Vec<ForecastStep>,
) -> Forecast {
    Forecast {
        authority: body.to_owned(),
        series: series.id().clone(),
        as_of: study.to,
        grade: past.labels[start.rank].clone(),
        years_stood: (!options.time_stood.is_empty()).then_some(start.years),
        steps,
        stratum: start.stratum.cloned(),
        labels: past.labels.clone(),
        options: options.clone(),
    }
}

/// What is known of a body at the end of a study.
pub(super) struct Standing {
    pub(super) rank: usize,
    /// Years for which the grade has stood.
    pub(super) years: f64,
    /// Years for which it had stood at the last judgement.
    pub(super) judged: f64,
}

/// Where every body stands at the end of a study, and since when.
pub(super) fn standing_on(series: &Series, study: &Study) -> Result<HashMap<String, Standing>, Error> {
    let number = |day: &str| col(day).cast(DataType::Int32);
    let judged = (number(LATEST) - number(SPELL_START)).cast(DataType::Float64) / lit(365.25);
    let columns = [col(AUTHORITY), rank(col(GRADE)), col(EXIT_YEARS), judged.alias("judged")];
    let frame = series.collect(running(series, study)?.select(columns))?;
    let (body, rank) = (frame.column(AUTHORITY)?.str()?, frame.column(GRADE)?.u32()?);
    let (years, judged) = (frame.column(EXIT_YEARS)?.f64()?, frame.column("judged")?.f64()?);
    let known = |n: usize| {
        let standing = Standing { rank: rank.get(n)? as usize, years: years.get(n)?, judged: judged.get(n)? };
        Some((body.get(n)?.to_owned(), standing))
    };
    Ok((0..frame.height()).filter_map(known).collect())
}

/// The stays that go on at the end of a study.
fn running(series: &Series, study: &Study) -> Result<LazyFrame, Error> {
    let whole = Study { from: None, after_last: AfterLast::Count, ..study.clone() };
    Ok(stay_plan(series, &whole)?.filter(col(ENDED_BY).eq(lit(EndedBy::AsOf.code()))))
}

/// Ranks of the grades that stand at the end of a study.
pub(super) fn grades_on(series: &Series, study: &Study) -> Result<HashMap<String, usize>, Error> {
    let frame = series.collect(running(series, study)?.select([col(AUTHORITY), rank(col(GRADE))]))?;
    let pairs = frame.column(AUTHORITY)?.str()?.iter().zip(frame.column(GRADE)?.u32()?.iter());
    Ok(pairs.filter_map(|(a, r)| Some((a?.to_owned(), r? as usize))).collect())
}
