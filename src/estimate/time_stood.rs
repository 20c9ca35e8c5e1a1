//! Whether it helps a forecast to know how long a grade has stood.

use chrono::{Months, NaiveDate};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::backtest::{BacktestOptions, ORIGINS, brier_of, checked_origins, score_of, skill, target_names};
use super::forecast::{ForecastOptions, Past, grades_on, standing_on};
use super::matrix::Rows;
use super::semi_markov::{Course, stratum_of};
use super::study::{Study, judged_pairs};
use crate::frame::columns::*;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::{Clock, Error, Series};

/// How forecasts that know how long a grade has stood did beside those that do not: a row of [`time_stood`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeStood {
    /// `1 year`, `next inspection`.
    pub target: String,
    /// `rps`, `brier`, or `log` (minus the logarithm of the probability of what came, a hundredth of which all grades share).
    pub score: String,
    /// The day they were made from; `None` for all days.
    pub origin: Option<NaiveDate>,
    /// Forecasts judged.
    pub n: usize,
    /// Mean score of the forecasts that do not know it; less is better.
    pub without: f64,
    /// Mean score of those that do.
    pub with: f64,
    /// One less `with` over `without`: above 0 knowing helps. `None` where those without it were never wrong.
    pub gain: Option<f64>,
    /// Interval of the gain over all days: bodies and days are resampled, both forecasts alike.
    pub interval: Option<(f64, f64)>,
    /// Its standard error: the standard deviation of the replicates.
    pub standard_error: Option<f64>,
}

/// The score of a forecast, whose chances are told, and what came.
type Score = fn(&[f64], usize) -> f64;

const SCORES: [(&str, Score); 3] = [("rps", score_of), ("brier", brier_of), ("log", log_of)];

/// Minus the logarithm of the probability of what came, of which one part in a hundred is shared by all grades: early
/// forecasts give no chance to moves that nobody had seen yet.
fn log_of(forecast: &[f64], happened: usize) -> f64 {
    -(0.99 * forecast[happened] + 0.01 / forecast.len() as f64).ln()
}

/// Chances at the next inspection by how long the grade had stood at the last one: stratum, grade, next grade. What all data
/// say weighs as so many inspections.
fn next_by_time(series: &Series, study: &Study, past: &Past, options: &ForecastOptions) -> Result<Vec<Rows>, Error> {
    let (bounds, shrinkage, k) = (&options.time_stood, options.shrinkage, series.scale().labels().len());
    let mut next = vec![vec![vec![0.0; k]; k]; bounds.len() + 1];
    let frame = series.collect(judged_pairs(series, study)?.select([AUTHORITY, FROM, TO, PREVIOUS, ON].map(col)))?;
    let (body, from, to) = (frame.column(AUTHORITY)?.str()?, ranks(&frame, FROM)?, ranks(&frame, TO)?);
    let (before, on) = (frame.column(PREVIOUS)?.date()?, frame.column(ON)?.date()?);
    let mut since = 0;
    for n in 0..frame.height() {
        let (Some(i), Some(j), Some(day)) = (from.get(n), to.get(n), before.phys.get(n)) else { continue };
        let goes_on = n.checked_sub(1).is_some_and(|last| {
            body.get(last) == body.get(n) && on.phys.get(last) == Some(day) && from.get(last) == to.get(last)
        });
        if !goes_on {
            since = day;
        }
        next[stratum_of(bounds, f64::from(day - since) / 365.25)][i as usize][j as usize] += 1.0;
    }
    let weight = vec![1.0; past.authorities.len()];
    for (i, average) in past.next(None, &weight, 0.0).iter().enumerate() {
        for row in next.iter_mut().map(|next| &mut next[i]) {
            let all = row.iter().sum::<f64>() + shrinkage;
            let mixed = |(n, p): (&f64, &f64)| if all > 0.0 { (n + shrinkage * p) / all } else { *p };
            *row = row.iter().zip(average).map(mixed).collect();
        }
    }
    Ok(next)
}

/// One forecast without and with knowing, and what happened.
struct Case {
    target: usize,
    origin: usize,
    body: String,
    forecasts: [Vec<f64>; 2],
    happened: usize,
}

/// Whether it helps a forecast to know how long a grade has stood: the forecasts of a [backtest](fn@super::backtest) by rates
/// without memory, beside those by rates that change with the years for which the grade has stood
/// ([`ForecastOptions::time_stood`]); at the next inspection by those for which it had stood at the last one, which forecasts
/// do not use. All bodies are one stratum.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{BacktestOptions, Study, time_stood};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let origins = vec!["2017-12-31".parse().unwrap(), "2021-12-31".parse().unwrap()];
/// let options = BacktestOptions::new(origins, vec![3], "good");
/// let found = time_stood(&headline, &Study::until(england.cut_off()), &options)?;
/// let of_both = found.iter().find(|row| row.score == "brier" && row.origin.is_none()).unwrap();
/// assert!(of_both.gain > Some(0.0)); // three years on it helps
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`backtest`](fn@super::backtest); [`Error::Value`] where the options say no years at which rates change.
pub fn time_stood(series: &Series, study: &Study, options: &BacktestOptions) -> Result<Vec<TimeStood>, Error> {
    let bounds = &options.forecast.time_stood;
    if bounds.is_empty() {
        return Err(Error::value("years stood", "none", "years at which rates change, as 2, 4"));
    }
    let origins = checked_origins(series, options)?;
    let learning = options.forecast.clone().stratum(None::<String>);
    let series = series.clone().clock(Clock::Published);
    let frame = series.collect(judged_pairs(&series, study)?.select([AUTHORITY, TO, ON].map(col)))?;
    let (body, to, on) = (frame.column(AUTHORITY)?.str()?, ranks(&frame, TO)?, frame.column(ON)?.date()?);
    let mut cases = Vec::new();
    for (n, origin) in origins.iter().enumerate() {
        let known = Study { to: *origin, ..study.clone() };
        let past = Past::learn(&series, &known, &learning)?;
        if past.authorities.is_empty() {
            continue;
        }
        let weight = vec![1.0; past.authorities.len()];
        let without = past.memoryless(None, &weight, 0.0, &options.horizons);
        let with = past.course(None, &weight, learning.shrinkage, &options.horizons);
        let next = past.next(None, &weight, 0.0);
        let next_by_time = next_by_time(&series, &known, &past, &learning)?;
        let now = standing_on(&series, &known)?;
        for (target, years) in options.horizons.iter().enumerate() {
            let end = origin.checked_add_months(Months::new(12 * years)).filter(|end| *end <= study.to);
            let Some(end) = end else { continue };
            let then = grades_on(&series, &Study { to: end, ..study.clone() })?;
            cases.extend(now.iter().filter_map(|(body, now)| {
                let of = |course: &Course| course.at(target, now.rank, now.years).to_vec();
                let forecasts = [of(&without), of(&with)];
                Some(Case { target, origin: n, body: body.clone(), forecasts, happened: *then.get(body)? })
            }));
        }
        let until = origins.get(n + 1).copied().unwrap_or(study.to);
        let mut last = None;
        for (row, body) in body.iter().enumerate() {
            let day = on.phys.get(row).and_then(NaiveDate::from_epoch_days);
            let (Some(body), Some(day), Some(happened)) = (body, day, to.get(row)) else { continue };
            if day <= *origin || last == Some(body) {
                continue;
            }
            last = Some(body);
            let Some(now) = now.get(body).filter(|_| day <= until) else { continue };
            let with = next_by_time[stratum_of(bounds, now.judged)][now.rank].clone();
            let forecasts = [next[now.rank].clone(), with];
            let (target, body) = (options.horizons.len(), body.to_owned());
            cases.push(Case { target, origin: n, body, forecasts, happened: happened as usize });
        }
    }
    if cases.is_empty() {
        return Err(Error::value("backtest", format!("{origins:?}"), "origins with a horizon inside the study"));
    }
    cases.sort_by(|a, b| (a.target, &a.body, a.origin).cmp(&(b.target, &b.body, b.origin)));
    let names = target_names(&options.horizons);
    let mut rows = Vec::new();
    for of_target in cases.chunk_by(|a, b| a.target == b.target) {
        for (score, of) in SCORES {
            rows.extend(compared(&names[of_target[0].target], score, of, of_target, &origins, options)?);
        }
    }
    Ok(rows)
}

/// The scores of one target over all days, then of each.
fn compared(
    target: &str,
    score: &str,
    of: Score,
    cases: &[Case],
    origins: &[NaiveDate],
    options: &BacktestOptions,
) -> Result<Vec<TimeStood>, Error> {
    let scored = |case: &Case| case.forecasts.each_ref().map(|forecast| of(forecast, case.happened));
    let row = |origin: Option<usize>| {
        let own: Vec<[f64; 2]> = cases.iter().filter(|c| origin.is_none_or(|o| c.origin == o)).map(scored).collect();
        let mean = |model: usize| own.iter().map(|scores| scores[model]).sum::<f64>() / own.len() as f64;
        let (target, score) = (target.to_owned(), score.to_owned());
        let (origin, n, without, with) = (origin.map(|o| origins[o]), own.len(), mean(0), mean(1));
        let gain = skill(with, without).filter(|gain| gain.is_finite());
        (n > 0).then_some(TimeStood {
            target,
            score,
            origin,
            n,
            without,
            with,
            gain,
            interval: None,
            standard_error: None,
        })
    };
    let mut rows: Vec<TimeStood> = std::iter::once(None).chain((0..origins.len()).map(Some)).filter_map(row).collect();
    let bodies: Vec<&[Case]> = cases.chunk_by(|a, b| a.body == b.body).collect();
    let mut days: Vec<usize> = cases.iter().map(|case| case.origin).collect();
    days.sort_unstable();
    days.dedup();
    let cells: Vec<(usize, usize, [f64; 2])> = bodies
        .iter()
        .enumerate()
        .flat_map(|(body, own)| own.iter().map(move |case| (body, case)))
        .map(|(body, case)| (body, days.partition_point(|day| *day < case.origin), scored(case)))
        .collect();
    let bootstrap = options.forecast.bootstrap;
    let of_days = bootstrap.seed(bootstrap.seed.wrapping_add(ORIGINS));
    let drawn = |replicate: u32, of_body: &[f64]| {
        let of_day = of_days.weights(days.len(), replicate);
        let mut total = [0.0; 2];
        for (body, day, scores) in &cells {
            let weight = of_body[*body] * of_day[*day];
            if weight > 0.0 {
                total.iter_mut().zip(scores).for_each(|(total, score)| *total += weight * score);
            }
        }
        Some(vec![skill(total[1], total[0]).unwrap_or(f64::NAN)])
    };
    let spread = bootstrap.run_numbered(bodies.len(), drawn, &|_| ())?;
    if let Some(all) = rows.first_mut().filter(|all| all.gain.is_some()) {
        (all.interval, all.standard_error) = (spread.intervals[0], spread.standard_error[0]);
    }
    Ok(rows)
}
