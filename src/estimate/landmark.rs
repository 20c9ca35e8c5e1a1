//! Times set apart by what was known on the day their clock starts: the period they began in, or an event.

use std::collections::HashMap;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::interval::IntervalScale;
use super::kaplan_meier::{SurvivalCurve, TimeToEvent, kaplan_meier};
use super::study::{ENTRY, ENTRY_YEARS, EXIT_YEARS, Study, with_years};
use super::time_to::{BEFORE_YEARS, EVENT_KIND, GROUP, SEEN_YEARS, Times, WEIGHT, spells};
use crate::frame::columns::*;
use crate::trend::columns::*;
use crate::{Error, Series};

/// The group of those with the event.
pub const WITH: &str = "with";
/// The group of those without it.
pub const WITHOUT: &str = "without";

/// The day on which the clock of a time starts (`Date`).
const LANDMARK: &str = "landmark";

/// What times are set apart by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Apart {
    /// A column of the bodies, as `region`.
    Column(String),
    /// The period in which they began; the first years of all periods but the first.
    Period(Vec<i32>),
    /// A kind of event, before or within them.
    Event(String),
}

/// Bodies in a group of which an interval can be had by resampling.
const FEWEST: usize = 10;

/// A spell at the grade asked about, with its days.
struct Spell<'a> {
    body: &'a str,
    start: NaiveDate,
    end: NaiveDate,
}

impl Times {
    /// The times of [`time_to`](super::time_to), set apart.
    ///
    /// # Errors
    /// As [`Times::collect`], [`Times::by_period`] and [`Times::by_event`].
    pub fn apart(
        series: &Series,
        study: &Study,
        from: &str,
        to: Option<&str>,
        by: Option<&Apart>,
    ) -> Result<Vec<Times>, Error> {
        match by {
            None => Times::collect(series, study, from, to, None),
            Some(Apart::Column(column)) => Times::collect(series, study, from, to, Some(column)),
            Some(Apart::Period(years)) => Times::by_period(series, study, from, to, years),
            Some(Apart::Event(kind)) => Times::by_event(series, study, from, to, kind),
        }
    }

    /// The curve of the times (Kaplan-Meier). Where they weigh as parts of a whole, as those of one event, it has no
    /// intervals: they are not so many observations.
    ///
    /// # Errors
    /// As [`kaplan_meier`].
    pub fn curve(&self, transform: IntervalScale, level: f64) -> Result<SurvivalCurve, Error> {
        let mut curve = kaplan_meier(&self.kinds, &self.durations, transform, level)?;
        if self.weighs_parts() {
            curve.lower.fill(None);
            curve.upper.fill(None);
        }
        Ok(curve)
    }

    /// Whether the times weigh as parts of a whole.
    pub fn weighs_parts(&self) -> bool {
        self.durations.iter().any(|time| time.weight.fract() != 0.0)
    }

    /// The mean years that passed at the grade before the clock started, weighed as the times.
    pub fn mean_years_before(&self) -> Option<f64> {
        let weights: f64 = self.durations.iter().map(|time| time.weight).sum();
        let before = self.durations.iter().zip(&self.before).map(|(time, years)| time.weight * years).sum::<f64>();
        (weights > 0.0).then_some(before / weights)
    }

    /// The times of [`time_to`](super::time_to) by the period in which they began, the first period first: until the
    /// year before the first of `years`, from each of them on to the next. Periods without a time are left out.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::estimate::{Study, Times};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let study = Study::until(england.cut_off());
    /// let times = Times::by_period(&headline, &study, "inadequate", None, &[2014, 2018])?;
    /// let periods: Vec<_> = times.iter().filter_map(|t| t.group.as_deref()).collect();
    /// assert_eq!(periods, ["to 2013", "2014 to 2017", "since 2018"]);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`time_to`](super::time_to); [`Error::Value`] for no years, or years that do not rise.
    pub fn by_period(
        series: &Series,
        study: &Study,
        from: &str,
        to: Option<&str>,
        years: &[i32],
    ) -> Result<Vec<Times>, Error> {
        if years.is_empty() || !years.is_sorted_by(|a, b| a < b) {
            let given = years.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
            return Err(Error::value("years", given, "the first years of periods, each later than the one before"));
        }
        let period = |n: usize| match (n.checked_sub(1).map(|n| years[n]), years.get(n)) {
            (None, Some(next)) => format!("to {}", next - 1),
            (Some(first), Some(next)) if first + 1 == *next => first.to_string(),
            (Some(first), Some(next)) => format!("{first} to {}", next - 1),
            (first, None) => format!("since {}", first.unwrap_or_default()),
        };
        let spells = series.collect(spells(series, study, from, to)?)?;
        let starts = dates(&spells, SPELL_START)?;
        let mut rows: Vec<(usize, u32)> =
            starts.iter().zip(0..).map(|(day, row)| (years.partition_point(|y| *y <= day.year()), row)).collect();
        rows.sort_unstable();
        let (groups, rows): (Vec<String>, Vec<u32>) = rows.into_iter().map(|(n, row)| (period(n), row)).unzip();
        let mut frame = spells.take(&IdxCa::from_vec("".into(), rows))?;
        let start = frame.column(SPELL_START)?.clone().with_name(LANDMARK.into());
        frame.with_column(start)?;
        frame.with_column(Column::new(GROUP.into(), groups))?;
        clocked(series, frame, study, to)
    }

    /// Times from an event of a kind, of those that came before or within a time at the grade, and beside them the
    /// times of the others who stood at the grade on that day: a landmark comparison (Anderson and others 1983), which
    /// knows on the day itself who belongs to which group. Where the event came before, its clock starts when the
    /// grade does. The others are those that never have such an event, as in
    /// [`around_events`](crate::Ratings::around_events); those of one event weigh one together, and an event without
    /// others is left out. The groups are [`WITH`] and [`WITHOUT`]. Of ratings narrowed to some bodies, as those of a region,
    /// the others are these bodies too.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::estimate::{Study, Times, WITH};
    /// use rating_history::ofsted::{EventKind, Theme};
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let study = Study::until(england.cut_off());
    /// let times = Times::by_event(&headline, &study, "inadequate", None, EventKind::StatutoryDirection)?;
    /// let weights = |t: &Times| t.durations.iter().map(|d| d.weight).sum::<f64>();
    /// assert_eq!(times[0].group.as_deref(), Some(WITH));
    /// assert!((weights(&times[0]) - weights(&times[1])).abs() < 1e-9);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`time_to`](super::time_to); [`Error::Frame`] when the ratings have no events, [`Error::Unknown`] when
    /// none is of this kind.
    pub fn by_event(
        series: &Series,
        study: &Study,
        from: &str,
        to: Option<&str>,
        kind: impl AsRef<str>,
    ) -> Result<Vec<Times>, Error> {
        let events = series.events_of(kind.as_ref())?;
        let events = series.collect(events.select([col(AUTHORITY).cast(DataType::String), col(EVENT_DATE)]))?;
        let mut first: HashMap<&str, NaiveDate> = HashMap::new();
        for (body, day) in events.column(AUTHORITY)?.str()?.iter().zip(dates(&events, EVENT_DATE)?) {
            let Some(body) = body else { continue };
            first.entry(body).and_modify(|known| *known = day.min(*known)).or_insert(day);
        }
        let frame = series.collect(spells(series, study, from, to)?)?;
        let bodies = frame.column(AUTHORITY)?.str()?;
        let days = dates(&frame, SPELL_START)?.into_iter().zip(dates(&frame, SPELL_END)?);
        let spells: Vec<Spell<'_>> =
            bodies.iter().flatten().zip(days).map(|(body, (start, end))| Spell { body, start, end }).collect();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for (row, spell) in (0u32..).zip(&spells) {
            let Some(day) = first.get(spell.body).map(|day| spell.start.max(*day)) else { continue };
            if day >= spell.end || day > study.to {
                continue;
            }
            let stood = |other: &Spell<'_>| other.start <= day && day < other.end && !first.contains_key(other.body);
            let others: Vec<u32> = (0u32..).zip(&spells).filter(|(_, s)| stood(s)).map(|(n, _)| n).collect();
            let weight = 1.0 / others.len() as f64;
            if !others.is_empty() {
                with.push((row, day, 1.0, WITH));
                without.extend(others.into_iter().map(|row| (row, day, weight, WITHOUT)));
            }
        }
        with.append(&mut without);
        let mut taken = frame.take(&IdxCa::from_vec("".into(), with.iter().map(|row| row.0).collect()))?;
        taken.with_column(Column::new(LANDMARK.into(), with.iter().map(|row| row.1).collect::<Vec<_>>()))?;
        taken.with_column(Column::new(WEIGHT.into(), with.iter().map(|row| row.2).collect::<Vec<_>>()))?;
        taken.with_column(Column::new(GROUP.into(), with.iter().map(|row| row.3).collect::<Vec<_>>()))?;
        clocked(series, taken, study, to)
    }
}

/// The times of spells by clocks that start at their landmarks.
fn clocked(series: &Series, spells: DataFrame, study: &Study, to: Option<&str>) -> Result<Vec<Times>, Error> {
    let late = |name: &str| when(col(name).lt(col(LANDMARK))).then(col(LANDMARK)).otherwise(col(name)).alias(name);
    let from_landmark = [(ENTRY, ENTRY_YEARS), (LATEST, SEEN_YEARS), (SPELL_END, EXIT_YEARS)];
    let mut spans = from_landmark.map(|(end, years)| [LANDMARK, end, years]).to_vec();
    spans.push([SPELL_START, LANDMARK, BEFORE_YEARS]);
    let frame = spells.lazy().with_columns([late(ENTRY), late(LATEST), col(EVENT_KIND)]);
    Times::of_frame(&series.collect(with_years(frame, &spans, study.basis))?, to, true)
}

fn dates(frame: &DataFrame, column: &str) -> Result<Vec<NaiveDate>, Error> {
    let days = frame.column(column)?.date()?.phys.iter();
    Ok(days.map(|day| day.and_then(NaiveDate::from_epoch_days).unwrap_or_default()).collect())
}

/// How much longer those of the first of two groups go without their event than those of the second, within some years:
/// the difference of their restricted means.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SurvivalDifference {
    /// Years from the start of the clock: the most to which half of both groups are followed.
    pub years: f64,
    /// The mean years without an event within that time, in the first group; `None` where nobody is followed so long.
    pub first: Option<f64>,
    /// The same in the second group.
    pub second: Option<f64>,
    /// The first mean less the second.
    pub value: Option<f64>,
    /// Lower end of its interval; `None` where it is not known.
    pub lower: Option<f64>,
    /// Upper end of its interval.
    pub upper: Option<f64>,
    /// Level of the interval.
    pub level: f64,
}

impl SurvivalDifference {
    /// Whether the interval keeps clear of no difference; `None` where it is not known.
    pub fn is_clear(&self) -> Option<bool> {
        Some(self.lower? > 0.0 || self.upper? < 0.0)
    }
}

impl fmt::Display for SurvivalDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |x: f64| ((10.0 * x).round() / 10.0 + 0.0).to_string();
        let years = if self.years == 1.0 { "1 year".to_owned() } else { format!("{} years", self.years) };
        match (self.value, self.lower, self.upper) {
            (Some(value), Some(lower), Some(upper)) => {
                let (value, lower, upper) = (number(value), number(lower), number(upper));
                write!(f, "{value} of {years} ({:.0}% interval ", 100.0 * self.level)?;
                write!(f, "{lower} to {upper})")
            }
            (Some(value), ..) => {
                write!(f, "{} of {years} (too few for an interval)", number(value))
            }
            (None, ..) => f.write_str("unknown"),
        }
    }
}

/// The years to which half of every group are followed, as [`SurvivalCurve::followed`] has it: whole ones, below a year
/// tenths.
pub fn followed_years<'a>(curves: impl IntoIterator<Item = &'a SurvivalCurve>) -> f64 {
    let followed = curves.into_iter().map(|curve| curve.followed().unwrap_or(0.0)).fold(f64::INFINITY, f64::min);
    match followed {
        f64::INFINITY => 0.0,
        years if years >= 1.0 => years.floor(),
        years => (10.0 * years).floor() / 10.0,
    }
}

/// The difference between two groups of times (Kaplan-Meier), with an interval by resampling bodies, whose times are
/// drawn together; without one where a group has fewer than ten bodies, which is too few to resample.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::estimate::{Bootstrap, Study, Times, survival_difference};
/// use rating_history::ofsted::{EventKind, Theme};
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let study = Study::until(england.cut_off());
/// let times = Times::by_event(&headline, &study, "inadequate", None, EventKind::StatutoryDirection)?;
/// let difference = survival_difference(&times[0], &times[1], &Bootstrap::default().replicates(200))?;
/// assert!(difference.lower < difference.value && difference.value < difference.upper);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`Bootstrap::run`].
pub fn survival_difference(first: &Times, second: &Times, bootstrap: &Bootstrap) -> Result<SurvivalDifference, Error> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for body in first.authorities.iter().chain(&second.authorities) {
        let next = places.len();
        places.entry(body).or_insert(next);
    }
    let curve = |times: &Times, weights: &[f64]| {
        let weighed = |(time, body): (&TimeToEvent, &String)| {
            let weight = time.weight * weights[places[body.as_str()]];
            (weight > 0.0).then_some(TimeToEvent { event: time.event.map(|_| 0), weight, ..*time })
        };
        let times: Vec<TimeToEvent> = times.durations.iter().zip(&times.authorities).filter_map(weighed).collect();
        kaplan_meier(&["ended".to_owned()], &times, IntervalScale::Plain, bootstrap.level)
    };
    let all = vec![1.0; places.len()];
    let curves = [curve(first, &all)?, curve(second, &all)?];
    let years = followed_years(&curves);
    let [one, other] = [curves[0].restricted_mean(years)?.value, curves[1].restricted_mean(years)?.value];
    let difference = |weights: &[f64]| {
        let mean = |times| curve(times, weights).ok()?.restricted_mean(years).ok()?.value;
        Some(mean(first)? - mean(second)?)
    };
    let value = one.zip(other).map(|(one, other)| one - other);
    let few = first.bodies().min(second.bodies()) < FEWEST;
    let interval = match value {
        Some(_) if !few => {
            bootstrap.run(places.len(), |w| difference(w).map(|d| vec![d]))?.intervals.first().copied().flatten()
        }
        _ => None,
    };
    let (lower, upper) = interval.unzip();
    Ok(SurvivalDifference { years, first: one, second: other, value, lower, upper, level: bootstrap.level })
}
