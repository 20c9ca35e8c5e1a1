//! Rates that depend on how long a grade has stood: a semi-Markov chain.

use std::collections::HashMap;

use polars::prelude::*;

use super::generator::Generator;
use super::matrix::{Rows, to_rows};
use super::study::{ENTRY_YEARS, EXIT_YEARS, Study, stay_plan};
use super::totals::{Exposures, Total};
use crate::frame::columns::*;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::{Error, Series};

/// Steps of a year in which the chain is followed.
const STEPS: usize = 12;

/// Checks the years at which the rates of a grade change.
pub(super) fn check_bounds(bounds: &[f64]) -> Result<(), Error> {
    let sound = bounds.is_sorted_by(|a, b| a < b) && bounds.iter().all(|years| *years > 0.0 && *years <= 100.0);
    match sound {
        true => Ok(()),
        false => Err(Error::value("years stood", format!("{bounds:?}"), "years from 0 to 100 that rise, as 2, 4")),
    }
}

/// The place of the stratum in which a grade is that has stood for some years.
pub(super) fn stratum_of(bounds: &[f64], years: f64) -> usize {
    bounds.partition_point(|bound| *bound <= years)
}

/// The years between two ages that fall into a stratum.
fn years_within(bounds: &[f64], stratum: usize, from: f64, to: f64) -> f64 {
    let begin = stratum.checked_sub(1).map_or(0.0, |n| bounds[n]);
    let end = bounds.get(stratum).copied().unwrap_or(f64::INFINITY);
    (to.min(end) - from.max(begin)).max(0.0)
}

/// The age in half steps from which on nothing changes.
fn last_age(bounds: &[f64]) -> usize {
    bounds.last().map_or(0, |years| (2.0 * years * STEPS as f64).ceil() as usize)
}

/// The age in half steps of a grade that has stood for some years; all that have one age go on alike.
pub(super) fn age(bounds: &[f64], stood: f64) -> usize {
    ((2.0 * stood * STEPS as f64).round() as usize).min(last_age(bounds))
}

/// The time at risk and the moves of each of some bodies, apart by how long the grade had stood.
pub(super) fn totals_by_time(
    series: &Series,
    study: &Study,
    all: &Exposures,
    bounds: &[f64],
) -> Result<Vec<Exposures>, Error> {
    let k = all.labels.len();
    let places: HashMap<&str, usize> =
        all.rows.iter().enumerate().map(|(n, row)| (row.authority.as_str(), n)).collect();
    let none =
        |row: &Total| Total { authority: row.authority.clone(), exposure: vec![0.0; k], counts: vec![vec![0.0; k]; k] };
    let mut strata: Vec<Vec<Total>> = vec![all.rows.iter().map(none).collect(); bounds.len() + 1];
    let columns = [AUTHORITY, GRADE, TO, ENTRY_YEARS, EXIT_YEARS].map(col);
    let frame = series.collect(stay_plan(series, study)?.select(columns))?;
    let (body, from, to) = (frame.column(AUTHORITY)?.str()?, ranks(&frame, GRADE)?, ranks(&frame, TO)?);
    let (entry, exit) = (frame.column(ENTRY_YEARS)?.f64()?, frame.column(EXIT_YEARS)?.f64()?);
    for n in 0..frame.height() {
        let place = body.get(n).and_then(|body| places.get(body));
        let (Some(place), Some(i), Some(entry), Some(exit)) = (place, from.get(n), entry.get(n), exit.get(n)) else {
            continue;
        };
        for (stratum, totals) in strata.iter_mut().enumerate() {
            totals[*place].exposure[i as usize] += years_within(bounds, stratum, entry, exit);
        }
        if let Some(j) = to.get(n) {
            strata[stratum_of(bounds, exit)][*place].counts[i as usize][j as usize] += 1.0;
        }
    }
    strata.into_iter().map(|rows| Exposures::new(all.labels.clone(), rows)).collect()
}

/// Where grades lead over some horizons in whole years.
pub(super) struct Course {
    k: usize,
    bounds: Vec<f64>,
    /// By horizon: the distribution after each age in half steps and each grade.
    ahead: Vec<Vec<f64>>,
}

impl Course {
    /// By rates that have no memory.
    pub(super) fn markov(generator: &Generator, horizons: &[u32]) -> Self {
        let ahead = horizons.iter().map(|years| to_rows(&generator.exponential(f64::from(*years))).concat()).collect();
        Course { k: generator.labels.len(), bounds: Vec::new(), ahead }
    }

    /// By rates that change when a grade has stood for some years: those of each stratum. The chain goes in steps of a month.
    /// A grade that begins within a step is half a step old at its end; what it missed of that step is made up for in its
    /// first whole one.
    pub(super) fn semi_markov(bounds: &[f64], strata: &[Generator], horizons: &[u32]) -> Self {
        let (k, ages) = (strata[0].labels.len(), last_age(bounds) + 1);
        let steps: Vec<Step> = (0..=ages).map(|place| Step::of(place, ages, bounds, strata)).collect();
        let most = horizons.iter().copied().max().unwrap_or_default();
        let mut ahead = vec![Vec::new(); horizons.len()];
        // Backwards: where each grade of each age leads in so many steps, first in none.
        let own = |cell: usize| (0..k).map(move |j| f64::from(u8::from(j == cell % k)));
        let mut leads: Vec<f64> = (0..steps.len() * k).flat_map(own).collect();
        for years in 1..=most {
            for _ in 0..STEPS {
                leads = one_step_more(&leads, &steps, k);
            }
            for (_, ahead) in horizons.iter().zip(&mut ahead).filter(|(horizon, _)| **horizon == years) {
                // The first place is that of grades that have just begun within a step.
                *ahead = leads[k * k..].to_vec();
                for row in ahead.chunks_mut(k) {
                    let all: f64 = row.iter().sum();
                    row.iter_mut().for_each(|p| *p /= all);
                }
            }
        }
        Course { k, bounds: bounds.to_vec(), ahead }
    }

    /// The distribution at a horizon, by its place, of one that has stood at a grade for some years.
    pub(super) fn at(&self, horizon: usize, rank: usize, stood: f64) -> &[f64] {
        let cell = age(&self.bounds, stood) * self.k + rank;
        &self.ahead[horizon][cell * self.k..(cell + 1) * self.k]
    }
}

/// What comes after the next step.
struct Step {
    /// Probability of each grade (the own one: of staying), by grade.
    rows: Rows,
    /// Where those go on that stay.
    next: usize,
}

impl Step {
    /// That of a place: 0 for a grade that has just begun, then by age in half steps, of which there are so many.
    fn of(place: usize, ages: usize, bounds: &[f64], strata: &[Generator]) -> Self {
        let k = strata[0].labels.len();
        let begin = place.saturating_sub(1) as f64 / 2.0;
        let end = begin + if place == 0 { 1.5 } else { 1.0 };
        let hazard = |i: usize, j: usize| -> f64 {
            let within = |(n, rates): (usize, &Generator)| {
                rates.rate[i][j] * years_within(bounds, n, begin / STEPS as f64, end / STEPS as f64)
            };
            strata.iter().enumerate().map(within).sum()
        };
        let row = |i: usize| {
            let leaving = -hazard(i, i);
            let left = -(-leaving).exp_m1();
            let to = |j: usize| if leaving > 0.0 { left * hazard(i, j) / leaving } else { 0.0 };
            (0..k).map(|j| if i == j { 1.0 - left } else { to(j) }).collect()
        };
        let next = if place == 0 { 4 } else { place + 2 };
        Step { rows: (0..k).map(row).collect(), next: next.min(ages) }
    }
}

/// Where each grade of each place leads in one step more.
fn one_step_more(leads: &[f64], steps: &[Step], k: usize) -> Vec<f64> {
    let mut more = vec![0.0; leads.len()];
    for (cell, into) in more.chunks_mut(k).enumerate() {
        let (step, i) = (&steps[cell / k], cell % k);
        for (j, p) in step.rows[i].iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let from = (if i == j { step.next } else { 0 }) * k + j;
            into.iter_mut().zip(&leads[from * k..(from + 1) * k]).for_each(|(into, lead)| *into += p * lead);
        }
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generator(scale: f64) -> Generator {
        let rates = [[-0.5, 0.4, 0.1], [0.2, -0.3, 0.1], [0.0, 0.6, -0.6]];
        Generator::new(["a", "b", "c"], rates.map(|row| row.map(|rate| scale * rate).to_vec()).to_vec()).unwrap()
    }

    /// Steps of a month are exact to their second order: at these high rates to 3 in 10,000.
    #[test]
    fn alike_rates_have_no_memory() {
        let horizons = [1, 3, 10];
        let same = Course::semi_markov(&[1.0, 3.5], &[generator(1.0), generator(1.0), generator(1.0)], &horizons);
        let exact = Course::markov(&generator(1.0), &horizons);
        for (rank, stood) in [(0, 0.0), (1, 0.4), (2, 2.0), (1, 50.0)] {
            for horizon in 0..horizons.len() {
                let (found, expected) = (same.at(horizon, rank, stood), exact.at(horizon, rank, stood));
                found.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 3e-4, "{found:?} {expected:?}"));
                assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }
    }

    /// Two grades, of which the second is never left: what remains of the first is the survival of its own rates.
    #[test]
    fn time_stood_counts() {
        let rates = |rate: f64| Generator::new(["a", "b"], vec![vec![-rate, rate], vec![0.0, 0.0]]).unwrap();
        let course = Course::semi_markov(&[2.0], &[rates(0.1), rates(0.5)], &[1, 3]);
        let stays = |stood: f64| (0..2).map(|horizon| course.at(horizon, 0, stood)[0]).collect::<Vec<_>>();
        let close = |found: Vec<f64>, hazards: [f64; 2]| {
            found.iter().zip(hazards).for_each(|(p, hazard)| assert!((p - (-hazard).exp()).abs() < 1e-6, "{found:?}"));
        };
        close(stays(0.0), [0.1, 0.2 + 0.5]);
        close(stays(1.5), [0.05 + 0.25, 0.05 + 1.25]);
        close(stays(7.0), [0.5, 1.5]);
    }
}
