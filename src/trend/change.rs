//! From one judgement to the next: transitions and the time between inspections.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{columns::*, counted, days, named, previous, spells};
use crate::Ratings;
use crate::code::coded_enum;
use crate::frame::columns::*;

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

/// Consecutive judgements of a series, up to `as_of`: one row per judgement that has one before it.
///
/// Schema: `authority`, `name`, `region`, `theme`, `from`, `to` (`Enum`), `previous` (date of the one before), `on`
/// (its date), `days` between them, `steps` (ranks up, negative down; `Int32`), `direction` (code of a [`Direction`]),
/// `from_framework`, `to_framework`; ordered by authority, theme, date. A judgement no longer reported has no
/// transition to it.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let slough = Ratings::from_history(&england)?.themes(&[Theme::Headline]).authorities_only(&["E06000039"]);
/// let transitions = trend::transitions(&slough, england.cut_off()).collect()?;
/// let directions: Vec<_> = transitions.column("direction")?.str()?.no_null_iter().collect();
/// assert_eq!(directions, ["unchanged", "unchanged", "improved", "unchanged"]);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn transitions(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    let same_series = col(AUTHORITY).eq(previous(AUTHORITY)).and(col(THEME).eq(previous(THEME)));
    let rank = |grade: Expr| grade.to_physical().cast(DataType::Int32);
    let pairs = counted(ratings, as_of)
        .select([
            col(AUTHORITY),
            col(THEME),
            previous(GRADE).alias(FROM),
            col(GRADE).alias(TO),
            previous(DATE).alias(PREVIOUS),
            col(DATE).alias(ON),
            previous(FRAMEWORK).alias(FROM_FRAMEWORK),
            col(FRAMEWORK).alias(TO_FRAMEWORK),
            same_series.alias(SAME),
        ])
        .filter(col(SAME).and(col(FROM).is_not_null()).and(col(TO).is_not_null()))
        .with_columns([days(col(PREVIOUS), col(ON)), (rank(col(TO)) - rank(col(FROM))).alias(STEPS)]);
    named(ratings, pairs).select([
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
    ])
}

const SAME: &str = "same";

pub(super) fn direction(steps: Expr) -> Expr {
    when(steps.clone().gt(lit(0)))
        .then(lit(Direction::Improved.code()))
        .when(steps.lt(lit(0)))
        .then(lit(Direction::Declined.code()))
        .otherwise(lit(Direction::Unchanged.code()))
}

/// Days between the inspections of a series, by the grade and framework before: how long until the next visit.
///
/// Schema: `theme`, `from`, `from_framework`, `count` (`UInt32`), `median_days`, `mean_days` (`Float64`), `least_days`,
/// `most_days` (`Int64`); ordered by theme, framework, grade. Only intervals that have ended by `as_of` count: waits
/// still running are longer than these on average.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let intervals = trend::inspection_intervals(&headline, england.cut_off()).collect()?;
/// assert!(intervals.column("count")?.u32()?.into_no_null_iter().sum::<u32>() > 400);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn inspection_intervals(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    let keys = [col(THEME), col(FROM_FRAMEWORK), col(FROM)];
    transitions(ratings, as_of)
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

/// Days that each authority has spent in each grade of a series, up to `as_of`.
///
/// Schema: `authority`, `name`, `theme`, `grade`, `days` (`Int64`), `spells`, `inspections` (`UInt32`); ordered by
/// authority, theme, grade.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, Theme, trend};
/// let england = rating_history::dataset::england()?;
/// let slough = Ratings::from_history(&england)?.themes(&[Theme::Headline]).authorities_only(&["E06000039"]);
/// let times = trend::time_in_grade(&slough, england.cut_off()).collect()?;
/// let days: Vec<_> = times.column("days")?.i64()?.into_no_null_iter().collect();
/// assert_eq!(days, [2803, 2757]); // inadequate, requires improvement
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn time_in_grade(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    let keys = [col(AUTHORITY), col(NAME), col(THEME), col(GRADE)];
    spells(ratings, as_of)
        .group_by(keys.clone())
        .agg([col(DAYS).sum(), len().cast(DataType::UInt32).alias(SPELLS), col(INSPECTIONS).sum()])
        .sort_by_exprs(keys, SortMultipleOptions::default())
}
