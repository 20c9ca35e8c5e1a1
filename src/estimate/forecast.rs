//! What comes next: the grade at the next inspection and over the years, and how well such forecasts did.

use std::collections::{HashMap, HashSet};

use chrono::{Months, NaiveDate};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::generator::Generator;
use super::interval::check_level;
use super::study::{AfterLast, Study, judged_pairs, stays};
use super::totals::{Total, Totals};
use crate::frame::columns::*;
use crate::trend::columns::*;
use crate::trend::{EndedBy, rank, ranks};
use crate::{Clock, Error, Ratings};

/// How a forecast learns from the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastOptions {
    /// Column of the authorities that makes the strata, as `region`; `None` for one stratum.
    pub stratum: Option<String>,
    /// How much all of the data weighs in a stratum: as if this many years in each grade, and this many inspections
    /// after each grade, had gone as on average.
    pub shrinkage: f64,
    /// Resampling for the bands.
    pub bootstrap: Bootstrap,
}

impl Default for ForecastOptions {
    /// By region, with the average weighing as 50 years, 90% bands from 500 replicates.
    fn default() -> Self {
        let bootstrap = Bootstrap { replicates: 500, seed: 1, level: 0.9 };
        ForecastOptions { stratum: Some(REGION.to_owned()), shrinkage: 50.0, bootstrap }
    }
}

/// The past of every authority: what rates and matrices of inspections are made from.
struct Past {
    labels: Vec<String>,
    authorities: Vec<String>,
    strata: Vec<Option<String>>,
    durations: Totals,
    inspections: Totals,
}

impl Past {
    fn learn(ratings: &Ratings, study: &Study, options: &ForecastOptions) -> Result<Past, Error> {
        if !(options.shrinkage >= 0.0 && options.shrinkage.is_finite()) {
            return Err(Error::value("shrinkage", options.shrinkage, "a number, at least 0"));
        }
        let durations = Totals::durations(ratings, study)?;
        let labels = durations.labels.clone();
        let k = labels.len();
        let authorities: Vec<String> = durations.rows.iter().map(|t| t.authority.clone()).collect();
        let mut steps: HashMap<String, Total> =
            Totals::inspections(ratings, study)?.rows.into_iter().map(|t| (t.authority.clone(), t)).collect();
        let none = || Total { authority: String::new(), exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] };
        let rows = authorities.iter().map(|a| steps.remove(a).unwrap_or_else(none)).collect();
        let inspections = Totals { labels: labels.clone(), rows, study: None };
        let strata = match &options.stratum {
            None => vec![None; authorities.len()],
            Some(column) => {
                let strata = strata(ratings, column)?;
                authorities.iter().map(|a| strata.get(a).cloned()).collect()
            }
        };
        Ok(Past { labels, authorities, strata, durations, inspections })
    }

    fn stratum(&self, authority: &str) -> Option<&String> {
        let place = self.authorities.iter().position(|a| a == authority);
        place.and_then(|n| self.strata[n].as_ref())
    }

    /// A stratum added up, with the average of everything mixed in; without a stratum, everything.
    fn mixed(&self, of: &Totals, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Total {
        let all = of.pooled(|n| weight[n]);
        let Some(stratum) = stratum else { return all };
        let mut own = of.pooled(|n| if self.strata[n].as_ref() == Some(stratum) { weight[n] } else { 0.0 });
        let k = self.labels.len();
        for i in (0..k).filter(|i| all.exposure[*i] > 0.0) {
            own.exposure[i] += shrinkage;
            (0..k).for_each(|j| own.counts[i][j] += shrinkage * all.counts[i][j] / all.exposure[i]);
        }
        own
    }

    fn generator(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64) -> Generator {
        Generator::from_total(&self.labels, &self.mixed(&self.durations, stratum, weight, shrinkage))
    }

    /// The distribution at the next inspection after each grade; after a grade never followed by another, the grade.
    fn next(&self, stratum: Option<&String>, weight: &[f64], shrinkage: f64, rank: usize) -> Vec<f64> {
        let total = self.mixed(&self.inspections, stratum, weight, shrinkage);
        let k = self.labels.len();
        match total.exposure[rank] {
            n if n > 0.0 => (0..k).map(|j| total.counts[rank][j] / n).collect(),
            _ => certain(k, rank),
        }
    }
}

fn certain(k: usize, rank: usize) -> Vec<f64> {
    (0..k).map(|j| f64::from(u8::from(j == rank))).collect()
}

fn strata(ratings: &Ratings, column: &str) -> Result<HashMap<String, String>, Error> {
    let table = ratings.grouping(column)?.select([col(AUTHORITY), col(column).cast(DataType::String)]).collect()?;
    let (authority, stratum) = (table.column(AUTHORITY)?.str()?, table.column(column)?.str()?);
    let pairs = authority.iter().zip(stratum.iter());
    Ok(pairs.filter_map(|(a, s)| Some((a?.to_owned(), s?.to_owned()))).collect())
}

/// Probabilities of each grade with their bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastStep {
    /// Years from the day of the forecast; `None` for the next inspection, whenever it comes.
    pub years: Option<f64>,
    /// Probability of each grade.
    pub probability: Vec<f64>,
    /// Lower ends of the bands.
    pub lower: Vec<Option<f64>>,
    /// Upper ends.
    pub upper: Vec<Option<f64>>,
}

/// A forecast of one authority's grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Code.
    pub authority: String,
    /// The day it is made from.
    pub as_of: NaiveDate,
    /// The grade on that day.
    pub grade: String,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The next inspection, then each whole year.
    pub steps: Vec<ForecastStep>,
    /// What it was made with.
    pub options: ForecastOptions,
}

impl Forecast {
    /// Rows: `horizon` (`String`: `next_inspection`, `1y`, ...), `years` (null for the next inspection), `grade`
    /// (`String`), `probability`, `lower`, `upper` (`Float64`).
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
/// The years come from the rates of the authority's stratum ([`Generator`]), the next inspection from the grades that
/// followed the present one; both mixed with those of all authorities. A rate has no memory: how long the grade has
/// stood and when the next inspection is due do not count. The bands are about the rates, not about the luck of one
/// authority. Narrow the ratings to one theme first. [`backtest`] says how much such a forecast has been worth: beyond
/// three years, and at the next inspection, no more than the average of all authorities.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, estimate::{Bootstrap, ForecastOptions, Study, forecast}};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let bootstrap = Bootstrap { replicates: 20, ..Default::default() };
/// let options = ForecastOptions { bootstrap, ..Default::default() };
/// let slough = forecast(&headline, &Study::until(england.cut_off()), "E06000039", 10, &options, &|_| ())?;
/// assert_eq!(slough.steps.len(), 11);
/// assert!((slough.steps[3].probability.iter().sum::<f64>() - 1.0).abs() < 1e-12);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when the authority has no grade at the end of the study, or an option is out of bounds;
/// [`Error::Frame`] when the authorities lack the stratum's column.
pub fn forecast(
    ratings: &Ratings,
    study: &Study,
    authority: &str,
    years: u32,
    options: &ForecastOptions,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Forecast, Error> {
    let past = Past::learn(ratings, study, options)?;
    let rank = grades_on(ratings, study)?
        .get(authority)
        .copied()
        .ok_or_else(|| Error::value("authority", authority, format!("one with a grade on {}", study.to)))?;
    if !(1..=100).contains(&years) {
        return Err(Error::value("years", years, "1 to 100"));
    }
    let stratum = past.stratum(authority);
    let numbers = |weight: &[f64]| {
        let generator = past.generator(stratum, weight, options.shrinkage);
        let mut numbers = past.next(stratum, weight, options.shrinkage, rank);
        (1..=years).for_each(|y| numbers.extend(&generator.probability(f64::from(y))[rank]));
        numbers
    };
    let estimate = numbers(&vec![1.0; past.authorities.len()]);
    let spread = options.bootstrap.run(past.authorities.len(), progress, |weight| Some(numbers(weight)))?;
    let k = past.labels.len();
    let step = |n: usize| ForecastStep {
        years: (n > 0).then_some(n as f64),
        probability: estimate[n * k..(n + 1) * k].to_vec(),
        lower: spread.intervals[n * k..(n + 1) * k].iter().map(|i| i.map(|i| i.0)).collect(),
        upper: spread.intervals[n * k..(n + 1) * k].iter().map(|i| i.map(|i| i.1)).collect(),
    };
    Ok(Forecast {
        authority: authority.to_owned(),
        as_of: study.to,
        grade: past.labels[rank].clone(),
        steps: (0..=years as usize).map(step).collect(),
        labels: past.labels,
        options: options.clone(),
    })
}

/// Ranks of the grades that stand at the end of a study.
fn grades_on(ratings: &Ratings, study: &Study) -> Result<HashMap<String, usize>, Error> {
    let whole = Study { from: None, after_last: AfterLast::Count, ..study.clone() };
    let running = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
    let standing = stays(ratings, &whole)?.filter(running).select([col(AUTHORITY), rank(col(GRADE))]);
    let frame = ratings.collect(standing)?;
    let pairs = frame.column(AUTHORITY)?.str()?.iter().zip(frame.column(GRADE)?.u32()?.iter());
    Ok(pairs.filter_map(|(a, r)| Some((a?.to_owned(), r? as usize))).collect())
}

/// How a backtest is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BacktestOptions {
    /// Days from which forecasts are made, each with what was published by then.
    pub origins: Vec<NaiveDate>,
    /// Horizons in whole years.
    pub horizons: Vec<u32>,
    /// How the forecast learns; its bootstrap is for the intervals of the skill.
    pub forecast: ForecastOptions,
    /// The grade whose being reached the calibration is about.
    pub threshold: String,
}

/// How well one model did at one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// `1 year`, `3 years`, `next inspection`.
    pub target: String,
    /// `forecast`, `stays_as_it_is`, `national_average`.
    pub model: String,
    /// Forecasts judged.
    pub n: usize,
    /// Mean ranked probability score: 0 for certain and right, 1 for certain and as wrong as can be.
    pub rps: f64,
    /// Skill over "stays as it is": 1 - score / its score; above 0 is better. `None` for itself.
    pub skill_over_stays: Option<f64>,
    /// Interval of that skill, by bootstrap over authorities.
    pub skill_over_stays_interval: Option<(f64, f64)>,
    /// Skill over "the average of all authorities". `None` for itself.
    pub skill_over_average: Option<f64>,
    /// Interval of that skill.
    pub skill_over_average_interval: Option<(f64, f64)>,
}

/// Forecast probabilities against what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Target.
    pub target: String,
    /// Model.
    pub model: String,
    /// Lower end of the forecast probabilities in this bin.
    pub from: f64,
    /// Upper end.
    pub to: f64,
    /// Forecasts in it.
    pub n: usize,
    /// Their mean probability.
    pub forecast: f64,
    /// The part that came true.
    pub observed: f64,
}

/// What a backtest finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// A row a target and model.
    pub scores: Vec<Score>,
    /// Calibration of reaching the threshold, in fifths of probability; empty bins left out.
    pub calibration: Vec<CalibrationBin>,
    /// How it was run.
    pub options: BacktestOptions,
}

const MODELS: [&str; 3] = ["forecast", "stays_as_it_is", "national_average"];

/// One forecast of each model and what happened.
struct Case {
    target: usize,
    authority: String,
    forecasts: [Vec<f64>; 3],
    happened: usize,
}

/// The ranked probability score of a forecast, between 0 and 1 (Epstein 1969, divided by the grades less one); 0 with
/// fewer than two grades.
///
/// ```
/// use rating_history::estimate::ranked_probability_score;
/// assert_eq!(ranked_probability_score(&[0.0, 1.0, 0.0], 1), 0.0);
/// assert_eq!(ranked_probability_score(&[1.0, 0.0, 0.0], 2), 1.0);
/// assert_eq!(ranked_probability_score(&[0.5, 0.5, 0.0], 0), 0.125);
/// ```
pub fn ranked_probability_score(forecast: &[f64], happened: usize) -> f64 {
    if forecast.len() < 2 {
        return 0.0;
    }
    let mut below = 0.0;
    let mut score = 0.0;
    for (rank, p) in forecast.iter().enumerate().take(forecast.len() - 1) {
        below += p;
        score += (below - f64::from(u8::from(happened <= rank))).powi(2);
    }
    score / (forecast.len() - 1) as f64
}

/// Makes the forecasts of the past again, each from what had been published by its day, and scores them against what
/// came, beside two that know nothing of rates: that everything stays as it is, and that each authority is like the
/// average of all on that day.
///
/// # Errors
/// As [`forecast`]; [`Error::Value`] without an origin or horizon, or when nothing can be scored.
pub fn backtest(
    ratings: &Ratings,
    study: &Study,
    options: &BacktestOptions,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Backtest, Error> {
    check_level(options.forecast.bootstrap.level)?;
    let ratings = ratings.clone().clock(Clock::Published);
    let threshold = ratings.scale().position(&options.threshold)?;
    let mut origins = options.origins.clone();
    origins.sort_unstable();
    if origins.is_empty() || options.horizons.is_empty() {
        return Err(Error::value("backtest", "nothing", "at least one origin and one horizon"));
    }
    if let Some(years) = options.horizons.iter().find(|years| !(1..=100).contains(*years)) {
        return Err(Error::value("horizon", years, "1 to 100 years"));
    }
    let (next, k) = (options.horizons.len(), ratings.scale().labels().len());
    let inspected = inspected(&ratings, study)?;
    let mut cases = Vec::new();
    for (n, origin) in origins.iter().enumerate() {
        let known = Study { to: *origin, ..study.clone() };
        let past = Past::learn(&ratings, &known, &options.forecast)?;
        let weight = vec![1.0; past.authorities.len()];
        let now = grades_on(&ratings, &known)?;
        let mut average = vec![0.0; k];
        now.values().for_each(|r| average[*r] += 1.0);
        let all: f64 = average.iter().sum();
        if all == 0.0 {
            continue;
        }
        average.iter_mut().for_each(|p| *p /= all);
        let shrinkage = options.forecast.shrinkage;
        let strata: HashSet<Option<&String>> = past.strata.iter().map(Option::as_ref).chain([None]).collect();
        let generators: HashMap<Option<&String>, Generator> =
            strata.into_iter().map(|s| (s, past.generator(s, &weight, shrinkage))).collect();
        for (target, years) in options.horizons.iter().enumerate() {
            let end = origin.checked_add_months(Months::new(12 * years)).filter(|e| *e <= study.to);
            let Some(end) = end else { continue };
            let then = grades_on(&ratings, &Study { to: end, ..study.clone() })?;
            let probabilities: HashMap<Option<&String>, Vec<Vec<f64>>> =
                generators.iter().map(|(s, generator)| (*s, generator.probability(f64::from(*years)))).collect();
            cases.extend(now.iter().filter_map(|(authority, rank)| {
                let (rank, happened) = (*rank, *then.get(authority)?);
                let forecast = probabilities.get(&past.stratum(authority))?[rank].clone();
                let forecasts = [forecast, certain(k, rank), average.clone()];
                Some(Case { target, authority: authority.clone(), forecasts, happened })
            }));
        }
        let until = origins.get(n + 1).copied().unwrap_or(study.to);
        let after = |own: &&[(String, NaiveDate, usize)]| own.iter().find(|(_, on, _)| origin < on).cloned();
        let coming = inspected.chunk_by(|a, b| a.0 == b.0).filter_map(|own| after(&own));
        for (authority, _, happened) in coming.filter(|(_, on, _)| *on <= until) {
            let Some(from) = now.get(&authority).copied() else { continue };
            let forecasts =
                [past.next(past.stratum(&authority), &weight, shrinkage, from), certain(k, from), average.clone()];
            cases.push(Case { target: next, authority, forecasts, happened });
        }
    }
    if cases.is_empty() {
        return Err(Error::value("backtest", format!("{origins:?}"), "origins with a horizon inside the study"));
    }
    cases.sort_by(|a, b| (a.target, &a.authority, a.happened).cmp(&(b.target, &b.authority, b.happened)));
    let names: Vec<String> = options
        .horizons
        .iter()
        .map(|y| format!("{y} year{}", if *y == 1 { "" } else { "s" }))
        .chain(["next inspection".to_owned()])
        .collect();
    let mut result = Backtest { scores: Vec::new(), calibration: Vec::new(), options: options.clone() };
    for of_target in cases.chunk_by(|a, b| a.target == b.target) {
        let name = &names[of_target[0].target];
        result.scores.extend(scores(name, of_target, &options.forecast.bootstrap, progress)?);
        for (m, model) in MODELS.iter().enumerate() {
            result.calibration.extend(calibration(name, model, of_target, m, threshold));
        }
    }
    Ok(result)
}

impl std::fmt::Display for Backtest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header = ["target", "model", "n", "score", "skill over stays", "skill over average"].map(str::to_owned);
        let percent = |skill: Option<f64>| skill.map_or("-".to_owned(), |s| format!("{:.0}%", 100.0 * s));
        let row = |s: &Score| {
            let words = vec![s.target.clone(), s.model.clone(), s.n.to_string(), format!("{:.4}", s.rps)];
            [words, vec![percent(s.skill_over_stays), percent(s.skill_over_average)]].concat()
        };
        super::table::write_table(f, &header, &self.scores.iter().map(row).collect::<Vec<_>>())
    }
}

/// Every judgement that followed another: authority, date, grade; by authority, then date.
fn inspected(ratings: &Ratings, study: &Study) -> Result<Vec<(String, NaiveDate, usize)>, Error> {
    let frame = ratings.collect(judged_pairs(ratings, study)?)?;
    let (authority, on, to) = (frame.column(AUTHORITY)?.str()?, frame.column(ON)?.date()?, ranks(&frame, TO)?);
    let row = |n: usize| {
        let on = NaiveDate::from_epoch_days(on.phys.get(n)?)?;
        Some((authority.get(n)?.to_owned(), on, to.get(n)? as usize))
    };
    Ok((0..frame.height()).filter_map(row).collect())
}

fn scores(
    target: &str,
    cases: &[Case],
    bootstrap: &Bootstrap,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Vec<Score>, Error> {
    // Sums of scores per authority and model: what is resampled.
    let sums: Vec<[f64; 3]> = cases
        .chunk_by(|a, b| a.authority == b.authority)
        .map(|own| {
            let sum = |m: usize| own.iter().map(|c| ranked_probability_score(&c.forecasts[m], c.happened)).sum();
            [sum(0), sum(1), sum(2)]
        })
        .collect();
    let total = |weight: &[f64]| -> [f64; 3] {
        let sum = |m: usize| sums.iter().zip(weight).map(|(s, w)| w * s[m]).sum();
        [sum(0), sum(1), sum(2)]
    };
    let pairs: Vec<(usize, usize)> = (0..3).flat_map(|m| [(m, 1), (m, 2)]).filter(|(m, b)| m != b).collect();
    let skills = |weight: &[f64]| -> Option<Vec<f64>> {
        let total = total(weight);
        let skill = |(m, b): &(usize, usize)| if total[*b] > 0.0 { 1.0 - total[*m] / total[*b] } else { f64::NAN };
        Some(pairs.iter().map(skill).collect())
    };
    let all = vec![1.0; sums.len()];
    let (overall, point) = (total(&all), skills(&all));
    let spread = bootstrap.run(sums.len(), progress, skills)?;
    let skill = |m: usize, baseline: usize| {
        let place = pairs.iter().position(|p| *p == (m, baseline));
        let value = place.and_then(|n| point.as_ref().map(|p| p[n])).filter(|skill| skill.is_finite());
        (value, place.and_then(|n| spread.intervals[n]))
    };
    let score = |m: usize| {
        let ((over_stays, stays_interval), (over_average, average_interval)) = (skill(m, 1), skill(m, 2));
        Score {
            target: target.to_owned(),
            model: MODELS[m].to_owned(),
            n: cases.len(),
            rps: overall[m] / cases.len() as f64,
            skill_over_stays: over_stays,
            skill_over_stays_interval: stays_interval,
            skill_over_average: over_average,
            skill_over_average_interval: average_interval,
        }
    };
    Ok((0..3).map(score).collect())
}

fn calibration(target: &str, model: &str, cases: &[Case], m: usize, threshold: usize) -> Vec<CalibrationBin> {
    const BINS: usize = 5;
    let mut bins = [(0usize, 0.0, 0.0); BINS];
    for case in cases {
        let p: f64 = case.forecasts[m][threshold..].iter().sum();
        let bin = &mut bins[((p * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += 1;
        bin.1 += p;
        bin.2 += f64::from(u8::from(case.happened >= threshold));
    }
    let edge = |n: usize| n as f64 / BINS as f64;
    let filled = bins.iter().enumerate().filter(|(_, bin)| bin.0 > 0);
    let row = |(n, (count, forecast, observed)): (usize, &(usize, f64, f64))| CalibrationBin {
        target: target.to_owned(),
        model: model.to_owned(),
        from: edge(n),
        to: edge(n + 1),
        n: *count,
        forecast: forecast / *count as f64,
        observed: observed / *count as f64,
    };
    filled.map(row).collect()
}

impl Backtest {
    /// The scores as rows: `target`, `model`, `n`, `rps`, `skill_over_stays`, `stays_lower`, `stays_upper`,
    /// `skill_over_average`, `average_lower`, `average_upper`.
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let s = &self.scores;
        let end = |of: fn(&Score) -> Option<(f64, f64)>, upper: bool| -> Vec<Option<f64>> {
            s.iter().map(|s| of(s).map(|i| if upper { i.1 } else { i.0 })).collect()
        };
        Ok(df!(
            "target" => s.iter().map(|s| s.target.as_str()).collect::<Vec<_>>(),
            "model" => s.iter().map(|s| s.model.as_str()).collect::<Vec<_>>(),
            "n" => s.iter().map(|s| s.n as u32).collect::<Vec<_>>(),
            "rps" => s.iter().map(|s| s.rps).collect::<Vec<_>>(),
            "skill_over_stays" => s.iter().map(|s| s.skill_over_stays).collect::<Vec<_>>(),
            "stays_lower" => end(|s| s.skill_over_stays_interval, false),
            "stays_upper" => end(|s| s.skill_over_stays_interval, true),
            "skill_over_average" => s.iter().map(|s| s.skill_over_average).collect::<Vec<_>>(),
            "average_lower" => end(|s| s.skill_over_average_interval, false),
            "average_upper" => end(|s| s.skill_over_average_interval, true),
        )?)
    }

    /// The calibration as rows: `target`, `model`, `from`, `to`, `n`, `forecast`, `observed`.
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn calibration_frame(&self) -> Result<DataFrame, Error> {
        let c = &self.calibration;
        Ok(df!(
            "target" => c.iter().map(|c| c.target.as_str()).collect::<Vec<_>>(),
            "model" => c.iter().map(|c| c.model.as_str()).collect::<Vec<_>>(),
            "from" => c.iter().map(|c| c.from).collect::<Vec<_>>(),
            "to" => c.iter().map(|c| c.to).collect::<Vec<_>>(),
            "n" => c.iter().map(|c| c.n as u32).collect::<Vec<_>>(),
            "forecast" => c.iter().map(|c| c.forecast).collect::<Vec<_>>(),
            "observed" => c.iter().map(|c| c.observed).collect::<Vec<_>>(),
        )?)
    }
}
