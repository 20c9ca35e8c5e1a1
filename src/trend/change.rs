//! From one judgement to the next: transitions and the time between inspections.

use chrono::NaiveDate;
use polars::prelude::*;

use super::count::{OPENED_STATE, is_grade, register, state_of_grade, state_of_standing};
use super::run::{precision, standing as standing_on};
use super::{begins_series, coded, columns::*, counted, day, days, ends_series, left, named, previous, rank, spells};
use crate::code::coded_enum;
use crate::frame::{columns::*, state_type};
use crate::{Error, Ratings};

coded_enum! {
    /// Which way a grade moved.
    enum Direction: "direction" {
        /// To a worse grade.
        Declined = "declined" / "declined",
        /// To the same grade.
        Unchanged = "unchanged" / "unchanged",
        /// To a better grade.
        Improved = "improved" / "improved",
    }
}

/// Consecutive judgements of a series, up to the day of the ratings: one row per judgement that has one before it.
///
/// Schema: `authority`, `name`, `region`, `theme`, `from`, `to` (`Enum`), `previous` (date of the one before), `on`
/// (its date), `days` between them, `steps` (ranks up, negative down; `Int32`), `direction` (code of a [`Direction`]),
/// `from_framework`, `to_framework`, `previous_precision`, `on_precision`; ordered by authority, theme, date. A
/// judgement no longer reported has no transition to it.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series_only([Theme::Headline]).bodies_only(["E06000039"]);
/// let transitions = trend::transitions(&slough).collect()?;
/// let directions: Vec<_> = transitions.column("steps")?.i32()?.into_no_null_iter().map(i32::signum).collect();
/// assert_eq!(directions, [0, 0, 1, 0]); // unchanged, unchanged, improved, unchanged
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn transitions(ratings: &Ratings) -> LazyFrame {
    let rank = |grade: Expr| rank(grade).cast(DataType::Int32);
    let follows = begins_series().not().and(col(GRADE).is_not_null()).and(previous(GRADE).is_not_null());
    let pairs = counted(ratings, ratings.day())
        .select([
            col(BODY),
            col(AUTHORITY),
            col(THEME),
            previous(GRADE).alias(FROM),
            col(GRADE).alias(TO),
            previous(DATE).alias(PREVIOUS),
            col(DATE).alias(ON),
            precision(ratings, previous(PRECISION)).alias(PREVIOUS_PRECISION),
            precision(ratings, col(PRECISION)).alias(ON_PRECISION),
            previous(FRAMEWORK).alias(FROM_FRAMEWORK),
            col(FRAMEWORK).alias(TO_FRAMEWORK),
            follows.alias(FOLLOWS),
        ])
        .filter(col(FOLLOWS))
        .with_columns([days(col(PREVIOUS), col(ON)), (rank(col(TO)) - rank(col(FROM))).alias(STEPS)]);
    named(ratings, pairs, &[NAME, REGION]).select([
        col(AUTHORITY),
        col(NAME),
        col(REGION),
        col(THEME),
        col(FROM),
        col(TO),
        col(PREVIOUS),
        col(ON),
        col(DAYS),
        col(STEPS),
        direction(col(STEPS)).alias(DIRECTION),
        col(FROM_FRAMEWORK),
        col(TO_FRAMEWORK),
        col(PREVIOUS_PRECISION),
        col(ON_PRECISION),
    ])
}

const FIRST: &str = "first";
const FOLLOWS: &str = "follows";

/// Every judgement of a series up to `as_of` with the one before it, null for the first.
pub(super) fn with_previous(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    let first = begins_series();
    let before = |name: &str| when(first.clone()).then(lit(NULL)).otherwise(previous(name));
    counted(ratings, as_of).select([
        col(BODY),
        col(AUTHORITY),
        col(SERIES),
        col(THEME),
        before(GRADE).alias(FROM),
        col(GRADE).alias(TO),
        before(DATE).alias(PREVIOUS),
        col(DATE).alias(ON),
        before(PRECISION).alias(PREVIOUS_PRECISION),
        col(PRECISION).alias(ON_PRECISION),
        before(FRAMEWORK).alias(FROM_FRAMEWORK),
        col(FRAMEWORK).alias(TO_FRAMEWORK),
        first.alias(FIRST),
    ])
}

fn direction(steps: Expr) -> Expr {
    let code = |direction: Direction| coded(direction.code(), Direction::ALL.iter().map(|d| d.code()));
    when(steps.clone().gt(lit(0)))
        .then(code(Direction::Improved))
        .when(steps.lt(lit(0)))
        .then(code(Direction::Declined))
        .otherwise(code(Direction::Unchanged))
}

/// Days between the inspections of a series, by the grade and framework before: how long until the next visit.
///
/// Schema: `theme`, `from`, `from_framework`, `count` (`UInt32`), `median_days`, `mean_days` (`Float64`), `least_days`,
/// `most_days` (`Int64`); ordered by theme, framework, grade. Only intervals that have ended by the day of the ratings count: waits
/// still running are longer than these on average.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series_only([Theme::Headline]);
/// let intervals = trend::inspection_intervals(&headline).collect()?;
/// assert!(intervals.column("count")?.u32()?.into_no_null_iter().sum::<u32>() > 400);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn inspection_intervals(ratings: &Ratings) -> LazyFrame {
    let keys = [col(THEME), col(FROM_FRAMEWORK), col(FROM)];
    transitions(ratings)
        .group_by(keys.clone())
        .agg([
            len().cast(DataType::UInt32).alias(COUNT),
            col(DAYS).median().alias("median_days"),
            col(DAYS).mean().alias("mean_days"),
            col(DAYS).min().alias("least_days"),
            col(DAYS).max().alias("most_days"),
        ])
        .sort_by_exprs(keys, SortMultipleOptions::default())
        .select([
            col(THEME),
            col(FROM),
            col(FROM_FRAMEWORK),
            col(COUNT),
            col("median_days"),
            col("mean_days"),
            col("least_days"),
            col("most_days"),
        ])
}

/// Days that each authority has spent in each grade of a series, up to the day of the ratings.
///
/// Schema: `authority`, `name`, `theme`, `grade`, `days` (`Int64`), `spells`, `inspections` (`UInt32`); ordered by
/// authority, theme, grade.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series_only([Theme::Headline]).bodies_only(["E06000039"]);
/// let times = trend::time_in_grade(&slough).collect()?;
/// let days: Vec<_> = times.column("days")?.i64()?.into_no_null_iter().collect();
/// assert_eq!(days, [2803, 2757]); // inadequate, requires improvement
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn time_in_grade(ratings: &Ratings) -> LazyFrame {
    let keys = [col(AUTHORITY), col(NAME), col(THEME), col(GRADE)];
    spells(ratings)
        .group_by(keys.clone())
        .agg([col(DAYS).sum(), len().cast(DataType::UInt32).alias(SPELLS), col(INSPECTIONS).sum()])
        .sort_by_exprs(keys, SortMultipleOptions::default())
}

/// What the present is compared with in [`movers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// How each stood on a day.
    Date(NaiveDate),
    /// The judgement before its latest one.
    PreviousInspection,
}

/// Who improved, declined or stayed, and how long each has stood and waited: one row per authority in existence on
/// the day of the ratings and theme.
///
/// Schema: `authority`, `name`, `region`, `theme`, `from`, `to` (`Enum` of the scale's labels, then `not_reported`,
/// `not_rated`, `opened`, `closed`), `steps` (ranks up, negative down; `Int32`), `direction` (both null unless both
/// ends are grades), `since` and `days` (the current spell), `latest` (the latest inspection), `wait` (days since
/// then), `since_precision`, `latest_precision`; the biggest improvements first, then by authority; null steps last.
/// Sort by `days` for the longest current spells, by `wait` for the longest waits.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series_only([Theme::Headline]);
/// let since = trend::Since::Date("2016-06-30".parse().unwrap());
/// let movers = trend::movers(&headline, since)?.collect()?;
/// assert_eq!(movers.column("steps")?.i32()?.get(0), Some(3)); // the biggest: from inadequate to outstanding
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] when the day to compare with is after that of the ratings.
pub fn movers(ratings: &Ratings, since: Since) -> Result<LazyFrame, Error> {
    let as_of = ratings.day();
    let state_type = state_type(ratings.scale())?;
    let label = |text: &str| lit(text).cast(state_type.clone());
    let standing = |date: NaiveDate, name: &str| {
        standing_on(ratings, date).with_column(state_of_standing(&state_type).alias(name))
    };
    let now = standing(as_of, TO);
    let keys = [col(AUTHORITY), col(THEME)];
    let compared = match since {
        Since::Date(date) if date > as_of => {
            return Err(Error::value("day to compare with", date, format!("a day not after {as_of}")));
        }
        Since::Date(date) => {
            let opened = register(ratings).select([col(AUTHORITY), col(OPENED)]);
            let then = standing(date, FROM).select([col(AUTHORITY), col(THEME), col(FROM)]);
            let absent = when(col(OPENED).gt(day(date))).then(label(OPENED_STATE)).otherwise(label("not_rated"));
            now.join(then, keys.clone(), keys, left())
                .join(opened, [col(AUTHORITY)], [col(AUTHORITY)], left())
                .with_column(when(col(FROM).is_null()).then(absent).otherwise(col(FROM)).alias(FROM))
        }
        Since::PreviousInspection => {
            let last = with_previous(ratings, as_of).filter(ends_series()).select([
                col(AUTHORITY),
                col(THEME),
                col(FROM),
                col(FIRST),
            ]);
            let before = when(col(FIRST).fill_null(lit(true)))
                .then(label("not_rated"))
                .otherwise(state_of_grade(col(FROM), &state_type));
            now.join(last, keys.clone(), keys, left()).with_column(before.alias(FROM))
        }
    };
    let graded = |name: &str| is_grade(ratings.scale(), name);
    let steps = rank(col(TO)).cast(DataType::Int32) - rank(col(FROM)).cast(DataType::Int32);
    let moved = compared
        .with_column(when(graded(FROM).and(graded(TO))).then(steps).otherwise(lit(NULL)).alias(STEPS))
        .with_columns([
            when(col(STEPS).is_null()).then(lit(NULL)).otherwise(direction(col(STEPS))).alias(DIRECTION),
            days(col(LATEST), day(as_of)).alias(WAIT),
        ])
        .sort_by_exprs(
            [col(THEME), col(STEPS), col(AUTHORITY)],
            SortMultipleOptions::default().with_order_descending_multi([false, true, false]).with_nulls_last(true),
        );
    let columns = [AUTHORITY, NAME, REGION, THEME, FROM, TO, STEPS, DIRECTION, SINCE, DAYS, LATEST, WAIT];
    let precisions = [SINCE_PRECISION, LATEST_PRECISION];
    Ok(moved.select([&columns[..], &precisions].concat().into_iter().map(col).collect::<Vec<_>>()))
}
