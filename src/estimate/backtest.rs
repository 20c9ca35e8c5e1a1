//! How well forecasts did: made again from what was known on days of the past.

use std::collections::{HashMap, HashSet};

use chrono::{Months, NaiveDate};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::forecast::{ForecastOptions, Past, certain, grades_on, standing_on};
use super::interval::check_level;
use super::matrix::Rows;
use super::semi_markov::Course;
use super::study::{Study, judged_pairs};
use crate::code::setters;
use crate::frame::columns::*;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::{Clock, Error, Series};

/// How a backtest is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl BacktestOptions {
    /// Forecasts from these days, over horizons in whole years; the calibration is about reaching a grade.
    pub fn new(origins: Vec<NaiveDate>, horizons: Vec<u32>, threshold: impl Into<String>) -> Self {
        BacktestOptions { origins, horizons, forecast: ForecastOptions::default(), threshold: threshold.into() }
    }
}

setters!(BacktestOptions {
    /// How the forecast learns; its bootstrap is for the intervals of the skill.
    forecast: ForecastOptions,
});

/// How well one model did at one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BacktestScore {
    /// `1 year`, `3 years`, `next inspection`.
    pub target: String,
    /// `forecast`, `stays_as_it_is`, `national_average`.
    pub model: String,
    /// Forecasts judged.
    pub n: usize,
    /// Mean ranked probability score: 0 for certain and right, 1 for certain and as wrong as can be.
    pub rps: f64,
    /// Mean Brier score, which does not know that grades have an order: 0 for certain and right, 2 for certain and wrong.
    pub brier: f64,
    /// Skill over "stays as it is": 1 - score / its score; above 0 is better. `None` for itself.
    pub skill_over_stays: Option<f64>,
    /// Interval of that skill: bodies and origins are resampled, each by themselves (Owen 2007), as the years to come will
    /// differ like those that were.
    pub skill_over_stays_interval: Option<(f64, f64)>,
    /// Skill over "the average of all authorities". `None` for itself.
    pub skill_over_average: Option<f64>,
    /// Interval of that skill.
    pub skill_over_average_interval: Option<(f64, f64)>,
    /// Standard error of the skill over "stays as it is": the standard deviation of the replicates.
    #[serde(default)]
    pub skill_over_stays_error: Option<f64>,
    /// Standard error of the skill over "the average of all authorities".
    #[serde(default)]
    pub skill_over_average_error: Option<f64>,
}

/// How well the forecasts made on one day did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OriginScore {
    /// Target.
    pub target: String,
    /// The day they were made from.
    pub origin: NaiveDate,
    /// Forecasts judged.
    pub n: usize,
    /// Mean ranked probability score.
    pub rps: f64,
    /// Mean Brier score.
    pub brier: f64,
    /// Skill over "stays as it is": below 0 the forecasts were worse. `None` where that was right throughout.
    pub skill_over_stays: Option<f64>,
    /// Skill over "the average of all authorities".
    pub skill_over_average: Option<f64>,
}

/// Forecast probabilities against what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Backtest {
    /// A row a target and model.
    pub scores: Vec<BacktestScore>,
    /// A row a target and origin, of the forecasts themselves.
    pub origins: Vec<OriginScore>,
    /// Calibration of reaching the threshold, in fifths of probability; empty bins left out.
    pub calibration: Vec<CalibrationBin>,
    /// How it was run.
    pub options: BacktestOptions,
}

/// What sets the random numbers of origins apart from those of bodies.
pub(super) const ORIGINS: u64 = 0x5851_F42D_4C95_7F2D;

const MODELS: [&str; 3] = ["forecast", "stays_as_it_is", "national_average"];

/// One forecast of each model and what happened.
struct Case {
    target: usize,
    origin: usize,
    authority: String,
    forecasts: [Vec<f64>; 3],
    happened: usize,
}

/// The ranked probability score of a forecast, between 0 and 1 (Epstein 1969, divided by the grades less one); 0 with
/// fewer than two grades.
///
/// ```
/// use rating_history::estimate::ranked_probability_score;
/// assert_eq!(ranked_probability_score(&[0.0, 1.0, 0.0], 1)?, 0.0);
/// assert_eq!(ranked_probability_score(&[1.0, 0.0, 0.0], 2)?, 1.0);
/// assert_eq!(ranked_probability_score(&[0.5, 0.5, 0.0], 0)?, 0.125);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when what happened is none of the grades forecast, or the forecast is no distribution: a number outside
/// 0 to 1, or a sum other than 1 (to 1e-6).
pub fn ranked_probability_score(forecast: &[f64], happened: usize) -> Result<f64, Error> {
    check_forecast(forecast, happened)?;
    Ok(score_of(forecast, happened))
}

/// The Brier score of a forecast of several grades: the sum of squares by which the probabilities miss what happened
/// (Brier 1950), 0 to 2.
///
/// ```
/// use rating_history::estimate::brier_score;
/// assert_eq!(brier_score(&[0.0, 1.0, 0.0], 1)?, 0.0);
/// assert_eq!(brier_score(&[1.0, 0.0, 0.0], 2)?, 2.0); // as wrong as next to it
/// assert_eq!(brier_score(&[0.5, 0.5, 0.0], 0)?, 0.5);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`ranked_probability_score`].
pub fn brier_score(forecast: &[f64], happened: usize) -> Result<f64, Error> {
    check_forecast(forecast, happened)?;
    Ok(brier_of(forecast, happened))
}

fn check_forecast(forecast: &[f64], happened: usize) -> Result<(), Error> {
    if happened >= forecast.len() {
        let expected = format!("a grade of the {} forecast, counted from 0", forecast.len());
        return Err(Error::value("what happened", happened, expected));
    }
    if let Some(p) = forecast.iter().find(|p| !(-1e-9..=1.0 + 1e-9).contains(*p)) {
        return Err(Error::value("probability", p, "between 0 and 1"));
    }
    let sum: f64 = forecast.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        return Err(Error::value("sum of the forecast's probabilities", sum, "1"));
    }
    Ok(())
}

pub(super) fn brier_of(forecast: &[f64], happened: usize) -> f64 {
    forecast.iter().enumerate().map(|(rank, p)| (p - f64::from(u8::from(rank == happened))).powi(2)).sum()
}

pub(super) fn score_of(forecast: &[f64], happened: usize) -> f64 {
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
/// As [`forecast`](fn@super::forecast); [`Error::Value`] without an origin or horizon, for an origin given twice, or
/// when nothing can be scored.
pub fn backtest(series: &Series, study: &Study, options: &BacktestOptions) -> Result<Backtest, Error> {
    backtest_watched(series, study, options, &|_| ())
}

/// The same; `progress` is told of every replicate that is done.
///
/// # Errors
/// As [`backtest`](fn@backtest).
pub fn backtest_watched(
    series: &Series,
    study: &Study,
    options: &BacktestOptions,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Backtest, Error> {
    let origins = checked_origins(series, options)?;
    let series = series.clone().clock(Clock::Published);
    let threshold = series.scale().position(&options.threshold)?;
    let (next, k) = (options.horizons.len(), series.scale().labels().len());
    let inspected = inspected(&series, study)?;
    let mut cases = Vec::new();
    for (n, origin) in origins.iter().enumerate() {
        let known = Study { to: *origin, ..study.clone() };
        let past = Past::learn(&series, &known, &options.forecast)?;
        let weight = vec![1.0; past.authorities.len()];
        let now = standing_on(&series, &known)?;
        let mut average = vec![0.0; k];
        now.values().for_each(|now| average[now.rank] += 1.0);
        let all: f64 = average.iter().sum();
        if all == 0.0 {
            continue;
        }
        average.iter_mut().for_each(|p| *p /= all);
        let shrinkage = options.forecast.shrinkage;
        let strata: HashSet<Option<&String>> = past.strata.iter().map(Option::as_ref).chain([None]).collect();
        let ahead: HashMap<Option<&String>, (Rows, Course)> = strata
            .into_iter()
            .map(|s| {
                let course = past.course(s, &weight, shrinkage, &options.horizons);
                (s, (past.next(s, &weight, shrinkage), course))
            })
            .collect();
        for (target, years) in options.horizons.iter().enumerate() {
            let end = origin.checked_add_months(Months::new(12 * years)).filter(|e| *e <= study.to);
            let Some(end) = end else { continue };
            let then = grades_on(&series, &Study { to: end, ..study.clone() })?;
            cases.extend(now.iter().filter_map(|(authority, now)| {
                let (rank, happened) = (now.rank, *then.get(authority)?);
                let forecast = ahead.get(&past.stratum(authority))?.1.at(target, rank, now.years).to_vec();
                let forecasts = [forecast, certain(k, rank), average.clone()];
                Some(Case { target, origin: n, authority: authority.clone(), forecasts, happened })
            }));
        }
        let until = origins.get(n + 1).copied().unwrap_or(study.to);
        let after = |own: &&[(String, NaiveDate, usize)]| own.iter().find(|(_, on, _)| origin < on).cloned();
        let coming = inspected.chunk_by(|a, b| a.0 == b.0).filter_map(|own| after(&own));
        for (authority, _, happened) in coming.filter(|(_, on, _)| *on <= until) {
            let Some(from) = now.get(&authority).map(|now| now.rank) else { continue };
            let Some((after, _)) = ahead.get(&past.stratum(&authority)) else { continue };
            let forecasts = [after[from].clone(), certain(k, from), average.clone()];
            cases.push(Case { target: next, origin: n, authority, forecasts, happened });
        }
    }
    if cases.is_empty() {
        return Err(Error::value("backtest", format!("{origins:?}"), "origins with a horizon inside the study"));
    }
    cases.sort_by(|a, b| (a.target, &a.authority, a.origin).cmp(&(b.target, &b.authority, b.origin)));
    let names = target_names(&options.horizons);
    let mut result =
        Backtest { scores: Vec::new(), origins: Vec::new(), calibration: Vec::new(), options: options.clone() };
    for of_target in cases.chunk_by(|a, b| a.target == b.target) {
        let name = &names[of_target[0].target];
        result.scores.extend(scores(name, of_target, &options.forecast.bootstrap, progress)?);
        result.origins.extend(by_origin(name, of_target, &origins));
        for (m, model) in MODELS.iter().enumerate() {
            result.calibration.extend(calibration(name, model, of_target, m, threshold));
        }
    }
    Ok(result)
}

/// The days from which forecasts are to be made, in order.
pub(super) fn checked_origins(series: &Series, options: &BacktestOptions) -> Result<Vec<NaiveDate>, Error> {
    check_level(options.forecast.bootstrap.level)?;
    series.all_bodies("a backtest works with")?;
    let mut origins = options.origins.clone();
    origins.sort_unstable();
    if let Some(twice) = origins.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::value("origin", twice[0], "each day once; its forecasts would count twice"));
    }
    if origins.is_empty() || options.horizons.is_empty() {
        return Err(Error::value("backtest", "nothing", "at least one origin and one horizon"));
    }
    match options.horizons.iter().find(|years| !(1..=100).contains(*years)) {
        Some(years) => Err(Error::value("horizon", years, "1 to 100 years")),
        None => Ok(origins),
    }
}

/// What is forecast: the grade after so many years, and at the next inspection.
pub(super) fn target_names(horizons: &[u32]) -> Vec<String> {
    let years = horizons.iter().map(|y| format!("{y} year{}", if *y == 1 { "" } else { "s" }));
    years.chain(["next inspection".to_owned()]).collect()
}

impl std::fmt::Display for Backtest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header = ["target", "model", "n", "score", "skill over stays", "skill over average"].map(str::to_owned);
        let percent = |skill: Option<f64>| skill.map_or("-".to_owned(), |s| format!("{:.0}%", 100.0 * s));
        let row = |s: &BacktestScore| {
            let words = vec![s.target.clone(), s.model.clone(), s.n.to_string(), format!("{:.4}", s.rps)];
            [words, vec![percent(s.skill_over_stays), percent(s.skill_over_average)]].concat()
        };
        super::table::write_table(f, &header, &self.scores.iter().map(row).collect::<Vec<_>>())
    }
}

/// Every judgement that followed another: authority, date, grade; by authority, then date.
fn inspected(series: &Series, study: &Study) -> Result<Vec<(String, NaiveDate, usize)>, Error> {
    let frame = series.collect(judged_pairs(series, study)?)?;
    let (authority, on, to) = (frame.column(AUTHORITY)?.str()?, frame.column(ON)?.date()?, ranks(&frame, TO)?);
    let row = |n: usize| {
        let on = NaiveDate::from_epoch_days(on.phys.get(n)?)?;
        Some((authority.get(n)?.to_owned(), on, to.get(n)? as usize))
    };
    Ok((0..frame.height()).filter_map(row).collect())
}

/// Scores of each model added up.
fn sums<'a>(cases: impl Iterator<Item = &'a Case>, of: fn(&[f64], usize) -> f64) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for case in cases {
        sums.iter_mut().zip(&case.forecasts).for_each(|(sum, forecast)| *sum += of(forecast, case.happened));
    }
    sums
}

/// What one score is better than another by; nothing over one that is never wrong.
pub(super) fn skill(score: f64, baseline: f64) -> Option<f64> {
    (baseline > 0.0).then(|| 1.0 - score / baseline)
}

/// The forecasts of each origin by themselves.
fn by_origin(target: &str, cases: &[Case], origins: &[NaiveDate]) -> Vec<OriginScore> {
    let row = |(place, origin): (usize, &NaiveDate)| {
        let own = || cases.iter().filter(move |case| case.origin == place);
        let n = own().count();
        let (rps, brier) = (sums(own(), score_of), sums(own(), brier_of)[0]);
        (n > 0).then(|| OriginScore {
            target: target.to_owned(),
            origin: *origin,
            n,
            rps: rps[0] / n as f64,
            brier: brier / n as f64,
            skill_over_stays: skill(rps[0], rps[1]),
            skill_over_average: skill(rps[0], rps[2]),
        })
    };
    origins.iter().enumerate().filter_map(row).collect()
}

fn scores(
    target: &str,
    cases: &[Case],
    bootstrap: &Bootstrap,
    progress: &(dyn Fn(u32) + Sync),
) -> Result<Vec<BacktestScore>, Error> {
    // Sums of scores per authority, origin and model: what is resampled.
    let bodies: Vec<&[Case]> = cases.chunk_by(|a, b| a.authority == b.authority).collect();
    let mut origins: Vec<usize> = cases.iter().map(|case| case.origin).collect();
    origins.sort_unstable();
    origins.dedup();
    let cells: Vec<(usize, usize, [f64; 3])> = bodies
        .iter()
        .enumerate()
        .flat_map(|(body, own)| own.chunk_by(|a, b| a.origin == b.origin).map(move |own| (body, own)))
        .map(|(body, own)| (body, origins.partition_point(|o| *o < own[0].origin), sums(own.iter(), score_of)))
        .collect();
    let pairs: Vec<(usize, usize)> = (0..3).flat_map(|m| [(m, 1), (m, 2)]).filter(|(m, b)| m != b).collect();
    let skills = |total: [f64; 3]| -> Vec<f64> {
        pairs.iter().map(|(m, b)| skill(total[*m], total[*b]).unwrap_or(f64::NAN)).collect()
    };
    let (overall, brier) = (sums(cases.iter(), score_of), sums(cases.iter(), brier_of));
    let point = skills(overall);
    let of_origins = bootstrap.seed(bootstrap.seed.wrapping_add(ORIGINS));
    let drawn = |replicate: u32, of_body: &[f64]| {
        let of_origin = of_origins.weights(origins.len(), replicate);
        let mut total = [0.0; 3];
        for (body, origin, sums) in &cells {
            let weight = of_body[*body] * of_origin[*origin];
            total.iter_mut().zip(sums).for_each(|(total, sum)| *total += weight * sum);
        }
        Some(skills(total))
    };
    let spread = bootstrap.run_numbered(bodies.len(), drawn, progress)?;
    let over = |m: usize, baseline: usize| {
        let place = pairs.iter().position(|p| *p == (m, baseline));
        let value = place.map(|n| point[n]).filter(|skill| skill.is_finite());
        (value, place.and_then(|n| spread.intervals[n]), place.and_then(|n| spread.standard_error[n]))
    };
    let score = |m: usize| {
        let (over_stays, stays_interval, stays_error) = over(m, 1);
        let (over_average, average_interval, average_error) = over(m, 2);
        BacktestScore {
            target: target.to_owned(),
            model: MODELS[m].to_owned(),
            n: cases.len(),
            rps: overall[m] / cases.len() as f64,
            brier: brier[m] / cases.len() as f64,
            skill_over_stays: over_stays,
            skill_over_stays_interval: stays_interval,
            skill_over_average: over_average,
            skill_over_average_interval: average_interval,
            skill_over_stays_error: stays_error,
            skill_over_average_error: average_error,
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
    /// The scores as rows: `target`, `model`, `n`, `rps`, `brier`, `skill_over_stays`, `stays_lower`, `stays_upper`,
    /// `skill_over_average`, `average_lower`, `average_upper`, and the standard errors of the skills `stays_error`,
    /// `average_error`.
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let s = &self.scores;
        let end = |of: fn(&BacktestScore) -> Option<(f64, f64)>, upper: bool| -> Vec<Option<f64>> {
            s.iter().map(|s| of(s).map(|i| if upper { i.1 } else { i.0 })).collect()
        };
        Ok(df!(
            "target" => s.iter().map(|s| s.target.as_str()).collect::<Vec<_>>(),
            "model" => s.iter().map(|s| s.model.as_str()).collect::<Vec<_>>(),
            "n" => s.iter().map(|s| s.n as u32).collect::<Vec<_>>(),
            "rps" => s.iter().map(|s| s.rps).collect::<Vec<_>>(),
            "brier" => s.iter().map(|s| s.brier).collect::<Vec<_>>(),
            "skill_over_stays" => s.iter().map(|s| s.skill_over_stays).collect::<Vec<_>>(),
            "stays_lower" => end(|s| s.skill_over_stays_interval, false),
            "stays_upper" => end(|s| s.skill_over_stays_interval, true),
            "skill_over_average" => s.iter().map(|s| s.skill_over_average).collect::<Vec<_>>(),
            "average_lower" => end(|s| s.skill_over_average_interval, false),
            "average_upper" => end(|s| s.skill_over_average_interval, true),
            "stays_error" => s.iter().map(|s| s.skill_over_stays_error).collect::<Vec<_>>(),
            "average_error" => s.iter().map(|s| s.skill_over_average_error).collect::<Vec<_>>(),
        )?)
    }

    /// The scores of each origin as rows: `target`, `origin`, `n`, `rps`, `brier`, `skill_over_stays`,
    /// `skill_over_average`.
    ///
    /// # Errors
    /// [`Error::Polars`].
    pub fn origin_frame(&self) -> Result<DataFrame, Error> {
        let o = &self.origins;
        Ok(df!(
            "target" => o.iter().map(|o| o.target.as_str()).collect::<Vec<_>>(),
            "origin" => o.iter().map(|o| o.origin).collect::<Vec<_>>(),
            "n" => o.iter().map(|o| o.n as u32).collect::<Vec<_>>(),
            "rps" => o.iter().map(|o| o.rps).collect::<Vec<_>>(),
            "brier" => o.iter().map(|o| o.brier).collect::<Vec<_>>(),
            "skill_over_stays" => o.iter().map(|o| o.skill_over_stays).collect::<Vec<_>>(),
            "skill_over_average" => o.iter().map(|o| o.skill_over_average).collect::<Vec<_>>(),
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
