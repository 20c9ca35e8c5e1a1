//! Times until a grade is left, or another is reached.

use chrono::NaiveDate;
use polars::prelude::*;

use super::kaplan_meier::TimeToEvent;
use super::study::{ENTRY, ENTRY_YEARS, EXIT_YEARS, Study, judgements, stay_plan, with_years};
use super::turnbull::Bracket;
use crate::frame::expr::{left, rank};
use crate::frame::query::row;
use crate::frame::{Query, columns::*};
use crate::trend::columns::*;
use crate::trend::run::{KEY, runs_of};
use crate::trend::{EndedBy, fields};
use crate::{Error, Series, SeriesId};

/// Years from the start to the last judgement before the event (`Float64`).
pub const SEEN_YEARS: &str = "seen_years";
/// What ended it: `improved`, `declined`, `reached`, or null when censored (`String`).
pub const EVENT_KIND: &str = "ended";
/// The group compared (`String`).
pub const GROUP: &str = "group";

/// Years at the grade before the clock starts, where it starts later than that (`Float64`).
pub(super) const BEFORE_YEARS: &str = "before_years";
/// What a time weighs, where times do not all weigh the same (`Float64`).
pub(super) const WEIGHT: &str = "weight";

const IMPROVED: &str = "improved";
const DECLINED: &str = "declined";
const REACHED: &str = "reached";

row! {
    /// The time from coming to stand at a grade until an event: a row of [`time_to`].
    struct ObservedTime {
        /// Id of the body.
        authority: String,
        /// The series.
        theme: SeriesId,
        /// The day it came to stand at the grade.
        start: NaiveDate,
        /// Years from then to the first day observed.
        entry_years: f64,
        /// Years from then to the last judgement before the end.
        seen_years: f64,
        /// Years from then to the end.
        exit_years: f64,
        /// `improved` or `declined`, with a target `reached`; null when censored.
        ended: Option<String>,
        /// The group, where there are groups and it is known.
        group: Option<String>,
    }
}

/// Times from an authority's coming to stand at a grade until it leaves it, or until it reaches another.
///
/// Ordered by authority, theme, start.
///
/// With a target `to` above `from`, the time runs from the first judgement at `from` until the first at `to` or above,
/// through any grades below it; with one below, until the first at `to` or below. The groups come from a column of the
/// authorities: `region` or `type`. [`Times::by_period`] and [`Times::by_event`] compare otherwise.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Study, time_to}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
/// let times = time_to(&slough, &Study::until(england.cut_off()), "inadequate", Some("good"), None).rows()?;
/// assert_eq!(times.len(), 1);
/// assert_eq!(times[0].ended, None); // not good yet
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// The query fails with [`Error::Unknown`] for a grade outside the scale, [`Error::Value`] when both are one,
/// [`Error::Frame`] when the authorities lack the column.
pub fn time_to(series: &Series, study: &Study, from: &str, to: Option<&str>, by: Option<&str>) -> Query<ObservedTime> {
    Query::planned(series, || plan(series, study, from, to, by))
}

fn plan(series: &Series, study: &Study, from: &str, to: Option<&str>, by: Option<&str>) -> Result<LazyFrame, Error> {
    let spans = [ENTRY, LATEST, SPELL_END].into_iter().zip([ENTRY_YEARS, SEEN_YEARS, EXIT_YEARS]);
    let spans: Vec<_> = spans.map(|(end, years)| [SPELL_START, end, years]).collect();
    let times = with_years(spells(series, study, from, to)?, &spans, study.basis);
    let grouped = match by {
        None => times.with_column(lit(NULL).cast(DataType::String).alias(GROUP)),
        Some(by) => {
            let table = series.grouping(by)?.select([col(AUTHORITY), col(by).cast(DataType::String).alias(GROUP)]);
            let join = JoinArgs { maintain_order: MaintainOrderJoin::Left, ..left() };
            times.join(table, [col(AUTHORITY)], [col(AUTHORITY)], join)
        }
    };
    Ok(grouped.select(fields::<ObservedTime>()))
}

/// The spells of [`time_to`] with their days: `start`, `entry`, `latest`, `end`, and what ended them.
pub(super) fn spells(series: &Series, study: &Study, from: &str, to: Option<&str>) -> Result<LazyFrame, Error> {
    let begin = series.scale().position(from)?;
    let at_from = rank(col(GRADE)).eq(lit(begin as u32));
    let days = [AUTHORITY, THEME, SPELL_START, ENTRY, LATEST, SPELL_END, EVENT_KIND].map(col);
    match to.map(|to| series.scale().position(to)).transpose()? {
        None => {
            let better = rank(col(TO)).gt(rank(col(GRADE)));
            let ended = when(col(TO).is_null())
                .then(lit(NULL))
                .when(better)
                .then(lit(IMPROVED))
                .otherwise(lit(DECLINED))
                .cast(DataType::String);
            Ok(stay_plan(series, study)?.filter(at_from).with_column(ended.alias(EVENT_KIND)).select(days))
        }
        Some(target) if target == begin => {
            Err(Error::value("target", from, "another grade than the one to start from"))
        }
        Some(target) => {
            let bound = lit(target as u32);
            let met = if target > begin { rank(col(GRADE)).gt_eq(bound) } else { rank(col(GRADE)).lt_eq(bound) };
            let keys = [col(AUTHORITY), col(THEME)];
            let judged = judgements(series, study)?;
            let short = runs_of(series, judged.clone(), None, met, col(KEY).not(), study.to);
            let at = judged.filter(at_from).select([col(AUTHORITY), col(THEME), col(DATE)]);
            let run = [col(AUTHORITY), col(THEME), col(SPELL_START)];
            let begun = short
                .clone()
                .select(run.clone())
                .join(at, keys.clone(), keys, JoinArgs::new(JoinType::Inner))
                .filter(col(DATE).gt_eq(col(SPELL_START)))
                .group_by(run.clone())
                .agg([col(DATE).min()]);
            let reached = col(ENDED_BY).eq(lit(EndedBy::Changed.code()));
            let counted = short
                .join(
                    begun,
                    run.clone(),
                    run,
                    JoinArgs { maintain_order: MaintainOrderJoin::Left, ..JoinArgs::new(JoinType::Inner) },
                )
                // A run may begin at another grade; what counts begins with the first judgement at `from`, which must
                // lie in this run and not in a later one.
                .filter(col(DATE).lt_eq(col(LATEST)))
                .with_column(col(DATE).alias(SPELL_START));
            let ended = when(reached).then(lit(REACHED)).otherwise(lit(NULL)).cast(DataType::String);
            Ok(study.observed(counted).with_column(ended.alias(EVENT_KIND)).select(days))
        }
    }
}

/// The rows of [`time_to`], by group.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Times {
    /// The group; `None` without groups.
    pub group: Option<String>,
    /// The kinds of event that the times end by: `improved` and `declined`, with a target `reached`.
    pub kinds: Vec<String>,
    /// Whose each time is.
    pub authorities: Vec<String>,
    /// The times, for [`kaplan_meier`](super::kaplan_meier): the grade stands until the next inspection.
    pub durations: Vec<TimeToEvent>,
    /// Years at the grade before the clock started; 0 where it starts with the grade.
    #[serde(default)]
    pub before: Vec<f64>,
    /// The same times as brackets, for [`turnbull`](super::turnbull): the event lies between two inspections.
    pub brackets: Vec<Bracket>,
}

impl Times {
    /// The kinds of event that times end by, with a target grade or without one.
    pub fn kinds_of(to: Option<&str>) -> Vec<String> {
        match to {
            None => vec![IMPROVED.to_owned(), DECLINED.to_owned()],
            Some(_) => vec![REACHED.to_owned()],
        }
    }

    /// Runs [`time_to`] and takes its rows, one group after the other, in order of their names. Times of an unknown
    /// group are left out.
    ///
    /// # Errors
    /// As [`time_to`].
    pub fn collect(
        series: &Series,
        study: &Study,
        from: &str,
        to: Option<&str>,
        by: Option<&str>,
    ) -> Result<Vec<Times>, Error> {
        let times = plan(series, study, from, to, by)?;
        let groups = SortMultipleOptions::default().with_maintain_order(true);
        let frame = series.collect(if by.is_some() { times.sort_by_exprs([col(GROUP)], groups) } else { times })?;
        Times::of_frame(&frame, to, by.is_some())
    }

    /// Takes the rows of a frame with the columns of [`ObservedTime`], ordered by group, and perhaps their weights.
    pub(super) fn of_frame(frame: &DataFrame, to: Option<&str>, grouped: bool) -> Result<Vec<Times>, Error> {
        let kinds = Times::kinds_of(to);
        let text = |name: &str| -> Result<&StringChunked, Error> { Ok(frame.column(name)?.str()?) };
        let number = |name: &str| -> Result<&Float64Chunked, Error> { Ok(frame.column(name)?.f64()?) };
        let (group, authority, ended) = (text(GROUP)?, text(AUTHORITY)?, text(EVENT_KIND)?);
        let (entry, seen, exit) = (number(ENTRY_YEARS)?, number(SEEN_YEARS)?, number(EXIT_YEARS)?);
        let optional = |name: &str| frame.column(name).ok().map(|column| column.f64()).transpose();
        let (weights, before) = (optional(WEIGHT)?, optional(BEFORE_YEARS)?);
        let mut all: Vec<Times> = Vec::new();
        for n in 0..frame.height() {
            let name = group.get(n).map(str::to_owned);
            if name.is_none() && grouped {
                continue;
            }
            if all.last().is_none_or(|t| t.group != name) {
                let authorities = Vec::new();
                let (durations, before, brackets) = (Vec::new(), Vec::new(), Vec::new());
                all.push(Times { group: name, kinds: kinds.clone(), authorities, durations, before, brackets });
            }
            let (Some(times), Some(entry), Some(seen), Some(exit)) =
                (all.last_mut(), entry.get(n), seen.get(n), exit.get(n))
            else {
                continue;
            };
            let weight = weights.and_then(|weights| weights.get(n)).unwrap_or(1.0);
            let event = ended.get(n).and_then(|e| kinds.iter().position(|k| k == e));
            times.authorities.push(authority.get(n).unwrap_or_default().to_owned());
            times.durations.push(TimeToEvent { entry, exit, event, weight });
            times.before.push(before.and_then(|before| before.get(n)).unwrap_or(0.0));
            times.brackets.push(Bracket { after: seen, by: event.map(|_| exit), weight });
        }
        Ok(all)
    }

    /// How many bodies the times are of.
    pub fn bodies(&self) -> usize {
        self.authorities.iter().collect::<std::collections::HashSet<_>>().len()
    }
}
