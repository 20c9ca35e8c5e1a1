//! Whether it helps a forecast to know how long a grade has stood.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::backtest::{BacktestOptions, ORIGINS, brier_of, checked_origins, score_of, skill, target_names};
use super::forecast::{Past, grades_on};
use super::study::{AfterLast, ENTRY_YEARS, EXIT_YEARS, Study, judged_pairs, stay_plan};
use crate::frame::columns::*;
use crate::frame::expr::{rank, ranks};
use crate::trend::EndedBy;
use crate::trend::columns::*;
use crate::{Clock, Error, Series};

/// How forecasts that know how long a grade has stood did beside those that do not: a row of [`time_stood`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TimeStood {
    /// `1 year`, `next inspection`.
    pub target: String,
    /// `rps`, `brier`, or `log` (minus the logarithm of the probability of what came).
    pub score: String,
    /// The day they were made from; `None` for all days.
    pub origin: Option<NaiveDate>,
    /// Forecasts judged.
    pub n: usize,
    /// Mean score of the forecasts that do not know it; less is better.
    pub without: f64,
    /// Mean score of those that do.
    pub with: f64,
    /// One less `with` over `without`: above 0 knowing helps. `None` where either gave no chance to what came.
    pub gain: Option<f64>,
    /// Interval of the gain over all days: bodies and days are resampled, both forecasts alike.
    pub interval: Option<(f64, f64)>,
    /// Its standard error: the standard deviation of the replicates.
    pub standard_error: Option<f64>,
}

/// Steps of a year in which rates that change with time are followed.
const STEPS: usize = 52;

const SCORES: [(&str, fn(&[f64], usize) -> f64); 3] = [("rps", score_of), ("brier", brier_of), ("log", log_of)];

/// Minus the logarithm of the probability of what came.
fn log_of(forecast: &[f64], happened: usize) -> f64 {
    -forecast[happened].ln()
}

/// The strata of the years that a grade has stood.
struct Strata<'a>(&'a [f64]);

impl Strata<'_> {
    fn count(&self) -> usize {
        self.0.len() + 1
    }

    fn of(&self, years: f64) -> usize {
        self.0.partition_point(|bound| *bound <= years)
    }

    /// Years between two that fall into a stratum.
    fn within(&self, stratum: usize, from: f64, to: f64) -> f64 {
        let begin = stratum.checked_sub(1).map_or(0.0, |n| self.0[n]);
        let end = self.0.get(stratum).copied().unwrap_or(f64::INFINITY);
        (to.min(end) - from.max(begin)).max(0.0)
    }
}

/// What is known of a body on the day of a forecast.
struct Standing {
    rank: usize,
    /// Years for which the grade has stood.
    years: f64,
    /// Years for which it had stood at the last judgement.
    judged: f64,
}

/// Rates (first dimension: stratum) and chances at the next inspection, by how long the grade has stood.
struct Memory {
    rates: Vec<Vec<Vec<f64>>>,
    next: Vec<Vec<Vec<f64>>>,
}

impl Memory {
    /// Learns from what was known at the end of a study; in each stratum what all data say weighs as so many years, or
    /// inspections.
    fn learn(series: &Series, study: &Study, past: &Past, strata: &Strata<'_>, shrinkage: f64) -> Result<Self, Error> {
        let k = series.scale().labels().len();
        let weight = vec![1.0; past.authorities.len()];
        let all = past.generator(None, &weight, 0.0);
        let mut rates = vec![vec![vec![0.0; k]; k]; strata.count()];
        let mut exposure = vec![vec![shrinkage; k]; strata.count()];
        let frame = series.collect(stay_plan(series, study)?.select([GRADE, TO, ENTRY_YEARS, EXIT_YEARS].map(col)))?;
        let (from, to) = (ranks(&frame, GRADE)?, ranks(&frame, TO)?);
        let (entry, exit) = (frame.column(ENTRY_YEARS)?.f64()?, frame.column(EXIT_YEARS)?.f64()?);
        for (n, from) in from.iter().enumerate() {
            let (Some(from), Some(entry), Some(exit)) = (from, entry.get(n), exit.get(n)) else { continue };
            let years = exposure.iter_mut().enumerate();
            years.for_each(|(stratum, years)| years[from as usize] += strata.within(stratum, entry, exit));
            if let Some(to) = to.get(n) {
                rates[strata.of(exit)][from as usize][to as usize] += 1.0;
            }
        }
        for (rates, exposure) in rates.iter_mut().zip(&exposure) {
            for i in 0..k {
                let moves = |j: usize, seen: f64| if i == j { 0.0 } else { seen + shrinkage * all.rate[i][j] };
                let rate = |j: usize, seen: f64| if exposure[i] > 0.0 { moves(j, seen) / exposure[i] } else { 0.0 };
                rates[i].iter_mut().enumerate().for_each(|(j, seen)| *seen = rate(j, *seen));
            }
        }
        let mut next = vec![vec![vec![0.0; k]; k]; strata.count()];
        let judged = [AUTHORITY, FROM, TO, PREVIOUS, ON].map(col);
        let frame = series.collect(judged_pairs(series, study)?.select(judged))?;
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
            next[strata.of(f64::from(day - since) / 365.25)][i as usize][j as usize] += 1.0;
        }
        for i in 0..k {
            let average = past.next(None, &weight, 0.0, i);
            for row in next.iter_mut().map(|next| &mut next[i]) {
                let all = row.iter().sum::<f64>() + shrinkage;
                let mixed = |(n, p): (&f64, &f64)| if all > 0.0 { (n + shrinkage * p) / all } else { *p };
                *row = row.iter().zip(&average).map(mixed).collect();
            }
        }
        Ok(Memory { rates, next })
    }

    /// The probabilities of each grade some years on, by the grade and the steps for which it has stood.
    fn probabilities(&self, strata: &Strata<'_>, years: u32) -> Vec<Vec<Vec<f64>>> {
        let (k, step) = (self.rates[0].len(), 1.0 / STEPS as f64);
        let ages = ages(strata);
        let at = |age: usize| &self.rates[strata.of((age as f64 + 0.5) * step)];
        let unit = |i: usize| (0..k).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
        let mut later: Vec<Vec<Vec<f64>>> = (0..k).map(|i| vec![unit(i); ages]).collect();
        for _ in 0..years as usize * STEPS {
            let row = |i: usize, age: usize| {
                let rates = &at(age)[i];
                let all: f64 = rates.iter().sum();
                let left = if all > 0.0 { -(-all * step).exp_m1() } else { 0.0 };
                let mut row: Vec<f64> = later[i][(age + 1).min(ages - 1)].iter().map(|p| p * (1.0 - left)).collect();
                for (j, rate) in rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
                    row.iter_mut().zip(&later[j][0]).for_each(|(p, after)| *p += left * rate / all * after);
                }
                row
            };
            later = (0..k).map(|i| (0..ages).map(|age| row(i, age)).collect()).collect();
        }
        later
    }
}

/// Steps up to the last stratum.
fn ages(strata: &Strata<'_>) -> usize {
    (strata.0.last().copied().unwrap_or_default() * STEPS as f64).ceil() as usize + 1
}

/// Where every body stands at the end of a study, and since when.
fn standing(series: &Series, study: &Study) -> Result<HashMap<String, Standing>, Error> {
    let whole = Study { from: None, after_last: AfterLast::Count, ..study.clone() };
    let running = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
    let number = |day: &str| col(day).cast(DataType::Int32);
    let judged = (number(LATEST) - number(SPELL_START)).cast(DataType::Float64) / lit(365.25);
    let columns = [col(AUTHORITY), rank(col(GRADE)), col(EXIT_YEARS), judged.alias("judged")];
    let frame = series.collect(stay_plan(series, &whole)?.filter(running).select(columns))?;
    let (body, rank) = (frame.column(AUTHORITY)?.str()?, frame.column(GRADE)?.u32()?);
    let (years, judged) = (frame.column(EXIT_YEARS)?.f64()?, frame.column("judged")?.f64()?);
    let known = |n: usize| {
        let standing = Standing { rank: rank.get(n)? as usize, years: years.get(n)?, judged: judged.get(n)? };
        Some((body.get(n)?.to_owned(), standing))
    };
    Ok((0..frame.height()).filter_map(known).collect())
}

/// One forecast without and with knowing, and what happened.
struct Case {
    target: usize,
    origin: usize,
    body: String,
    forecasts: [Vec<f64>; 2],
    happened: usize,
}

/// Whether it helps a forecast to know how long a grade has stood: the forecasts of a [backtest](fn@super::backtest) without
/// strata, beside those by rates that differ with the years for which the grade has stood, and at the next inspection with
/// those for which it had stood at the last judgement. `bounds` are the years at which one stratum ends and the next begins.
/// In each stratum what all data say weighs as `shrinkage` of the forecast's options has it.
///
/// # Errors
/// As [`backtest`](fn@super::backtest); [`Error::Value`] for bounds that are none, not above 0 or do not rise.
pub fn time_stood(
    series: &Series,
    study: &Study,
    options: &BacktestOptions,
    bounds: &[f64],
) -> Result<Vec<TimeStood>, Error> {
    let sound = !bounds.is_empty() && bounds.is_sorted_by(|a, b| a < b) && bounds[0] > 0.0;
    if !sound || bounds.iter().any(|bound| *bound > 100.0) {
        return Err(Error::value("years stood", format!("{bounds:?}"), "years above 0 that rise, as 2, 4"));
    }
    let origins = checked_origins(series, options)?;
    let (strata, shrinkage) = (Strata(bounds), options.forecast.shrinkage);
    let series = series.clone().clock(Clock::Published);
    let frame = series.collect(judged_pairs(&series, study)?.select([AUTHORITY, TO, ON].map(col)))?;
    let (body, to, on) = (frame.column(AUTHORITY)?.str()?, ranks(&frame, TO)?, frame.column(ON)?.date()?);
    let mut cases = Vec::new();
    for (n, origin) in origins.iter().enumerate() {
        let known = Study { to: *origin, ..study.clone() };
        let past = Past::learn(&series, &known, &options.forecast)?;
        if past.authorities.is_empty() {
            continue;
        }
        let memory = Memory::learn(&series, &known, &past, &strata, shrinkage)?;
        let weight = vec![1.0; past.authorities.len()];
        let rates = past.generator(None, &weight, 0.0);
        let now = standing(&series, &known)?;
        for (target, years) in options.horizons.iter().enumerate() {
            let end = origin.checked_add_months(Months::new(12 * years)).filter(|end| *end <= study.to);
            let Some(end) = end else { continue };
            let then = grades_on(&series, &Study { to: end, ..study.clone() })?;
            let (without, with) = (rates.exponential(f64::from(*years)), memory.probabilities(&strata, *years));
            cases.extend(now.iter().filter_map(|(body, now)| {
                let age = ((now.years * STEPS as f64) as usize).min(ages(&strata) - 1);
                let without = without.row(now.rank).iter().copied().collect();
                let forecasts = [without, with[now.rank][age].clone()];
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
            let with = memory.next[strata.of(now.judged)][now.rank].clone();
            let forecasts = [past.next(None, &weight, 0.0, now.rank), with];
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
    of: fn(&[f64], usize) -> f64,
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
