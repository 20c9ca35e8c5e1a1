//! The timelines of a study, and their sequences of states.

use chrono::{Months, NaiveDate};

use super::sequence::Sequence;
use super::study::{ENTRY, Study, stay_plan};
use crate::frame::columns::*;
use crate::frame::expr::ranks;
use crate::trend::columns::*;
use crate::trend::{Stretch, Timeline};
use crate::{Error, Series};

/// The timeline of every body as a study observes it, by id: the days from its first day of observation on, the grades
/// up to the absorbing one. Several series must be narrowed to one first. Precisions and inspections are not told.
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn timelines(series: &Series, study: &Study) -> Result<Vec<(String, Timeline)>, Error> {
    let frame = series.collect(stay_plan(series, study)?)?;
    let body = frame.column(AUTHORITY)?.str()?;
    let (start, end) = (frame.column(ENTRY)?.date()?, frame.column(SPELL_END)?.date()?);
    let day = |days: Option<i32>| days.and_then(NaiveDate::from_epoch_days);
    let ranks = ranks(&frame, GRADE)?;
    let mut all: Vec<(String, Timeline)> = Vec::new();
    for n in 0..frame.height() {
        let (Some(body), Some(rank), Some(start), Some(end)) =
            (body.get(n), ranks.get(n), day(start.phys.get(n)), day(end.phys.get(n)))
        else {
            continue;
        };
        if all.last().is_none_or(|(a, _)| a != body) {
            all.push((body.to_owned(), Timeline::default()));
        }
        if let Some((_, line)) = all.last_mut() {
            line.spells.push(Stretch::new(start, end, Some(rank as usize)));
        }
    }
    Ok(all)
}

/// The grades of a timeline at steps of `step` days from `from` on, before `to`, as far as there are any; days count
/// from 1 January 1970.
///
/// # Errors
/// [`Error::Value`] when there is no grade at any step, or a step is shorter than a day.
pub fn sequence(line: &Timeline, from: i32, to: i32, step: f64, alphabet: usize) -> Result<Sequence, Error> {
    if !(step >= 1.0 && step.is_finite()) {
        return Err(Error::value("step", step, "at least one day"));
    }
    let day = |n: u32| from + (f64::from(n) * step).floor() as i32;
    let days = (0..).map(day).take_while(|d| *d < to);
    Sequence::new(days.filter_map(|d| line.at(NaiveDate::from_epoch_days(d)?)).collect(), alphabet)
}

/// The grades of a timeline by calendar months from a day on, before another: on its day of each month, or the last day
/// of a month that is shorter.
///
/// # Errors
/// [`Error::Value`] when there is no grade on any of these days.
pub fn monthly_sequence(
    line: &Timeline,
    from: NaiveDate,
    until: NaiveDate,
    alphabet: usize,
) -> Result<Sequence, Error> {
    let days = (0..).map_while(|n| from.checked_add_months(Months::new(n))).take_while(|day| *day < until);
    Sequence::new(days.filter_map(|day| line.at(day)).collect(), alphabet)
}
