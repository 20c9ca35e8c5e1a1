//! What the inspections of each period gave.

use polars::prelude::*;

use super::change::with_previous;
use super::count::{is_grade, state_of_grade};
use super::{Period, Status, columns::*, judged_themes, left, rank, tally};
use crate::frame::{columns::*, state_type};
use crate::{Error, Ratings};

/// What the inspections of each period gave: counts by grade, and against each authority's judgement before.
///
/// Schema: `period` (`String`), `theme`, `grade` (`Enum` of the scale's labels, then `not_reported`), `count`
/// (`UInt32`), `share` (of the period's graded judgements in the theme; null for `not_reported` and where there is
/// none), `improved`, `unchanged`, `declined`, `first` (`UInt32`: no grade before to compare with; the four add up to
/// `count`, for `not_reported` all but `first` are 0); every grade is a row, also where the count is 0; ordered by
/// the period's first day, theme, grade. A theme appears when any judgement of it counts by the last day.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series_only([Theme::Headline]);
/// let year = trend::Year::Financial.of("2019-03-31".parse().unwrap());
/// let outcomes = trend::inspections_in(&headline, &[year])?.collect()?;
/// assert_eq!(outcomes.column("grade")?.cast(&rating_history::polars::prelude::DataType::String)?.str()?.get(0),
///     Some("inadequate"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] without a period, or when one ends before it begins.
pub fn inspections_in(ratings: &Ratings, periods: &[Period]) -> Result<LazyFrame, Error> {
    let Some(last) = periods.iter().map(|p| p.last).max() else {
        return Err(Error::value("periods", "", "at least one period"));
    };
    if let Some(reversed) = periods.iter().find(|p| p.last < p.first) {
        let expected = format!("a day not before its first, {}", reversed.first);
        return Err(Error::value("last day of a period", reversed.last, expected));
    }
    let table = df!(
        PERIOD => periods.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(),
        "first_day" => periods.iter().map(|p| p.first).collect::<Vec<_>>(),
        "last_day" => periods.iter().map(|p| p.last).collect::<Vec<_>>(),
    )?
    .lazy();
    let state = state_type(ratings.scale())?;
    let change = rank(col(TO)).cast(DataType::Int32) - rank(col(FROM)).cast(DataType::Int32);
    let keys = ["first_day", PERIOD, THEME, GRADE].map(col);
    let counts = with_previous(ratings, last)
        .cross_join(table.clone(), None)
        .filter(col("first_day").lt_eq(col(ON)).and(col(ON).lt_eq(col("last_day"))))
        .with_columns([change.alias(STEPS), state_of_grade(col(TO), &state).alias(GRADE)])
        .group_by(keys.clone())
        .agg([
            len().cast(DataType::UInt32).alias(COUNT),
            tally(col(STEPS).gt(lit(0)), "improved"),
            tally(col(STEPS).eq(lit(0)), "unchanged"),
            tally(col(STEPS).lt(lit(0)), "declined"),
            tally(col(STEPS).is_null(), "first"),
        ]);
    let themes = judged_themes(ratings, last);
    let labels = ratings.scale().labels().iter().map(String::as_str).chain([Status::NotReported.code()]);
    let grades = df!(GRADE => labels.collect::<Vec<_>>())?.lazy().with_column(col(GRADE).cast(state));
    let zero = |name: &str| col(name).fill_null(lit(0u32));
    let all = table
        .cross_join(themes, None)
        .cross_join(grades, None)
        .join(counts, keys.clone(), keys.clone(), left())
        .with_columns([COUNT, "improved", "unchanged", "declined", "first"].map(zero));
    let graded = is_grade(ratings.scale(), GRADE);
    let of_period = ["first_day", PERIOD, THEME].map(col);
    let totals = all.clone().filter(graded.clone()).group_by(of_period.clone()).agg([col(COUNT).sum().alias("graded")]);
    let share = col(COUNT).cast(DataType::Float64) / col("graded").cast(DataType::Float64);
    Ok(all
        .join(totals, of_period.clone(), of_period, left())
        .with_column(when(graded.and(col("graded").gt(lit(0)))).then(share).otherwise(lit(NULL)).alias(SHARE))
        .sort_by_exprs(keys, SortMultipleOptions::default())
        .select([PERIOD, THEME, GRADE, COUNT, SHARE, "improved", "unchanged", "declined", "first"].map(col)))
}
