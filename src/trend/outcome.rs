//! What the inspections of each period gave.

use std::collections::HashSet;

use polars::prelude::*;

use super::change::with_previous;
use super::count::{is_grade, state_of_grade};
use super::{Period, Status, columns::*, fields, judged_themes, left, plausible, rank, row, tally};
use crate::frame::{FIRST_DAY, Query, columns::*, state_type};
use crate::{Error, Ratings, SeriesId};

row! {
    /// What the inspections of a period gave: a row of [`Ratings::inspections_in`].
    struct PeriodOutcome {
        /// Name of the period.
        period: String,
        /// The series.
        theme: SeriesId,
        /// A grade, or `not_reported`.
        grade: String as State,
        /// Judgements that gave it.
        count: u32,
        /// Part of the period's grades, 0 to 1; null for `not_reported`, and where there is none.
        share: Option<f64>,
        /// Those with a worse grade before.
        improved: u32,
        /// Those with the same grade before.
        unchanged: u32,
        /// Those with a better grade before.
        declined: u32,
        /// Those of bodies that had never been inspected before.
        first: u32,
        /// Those of bodies inspected before, but without a grade in this series to compare with.
        not_compared: u32,
    }
}

impl Ratings {
    /// What the inspections of each period gave: counts by grade, and against each authority's judgement before.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let year = trend::Year::Financial.of("2019-03-31".parse().unwrap());
    /// let outcomes = headline.inspections_in(&[year]).collect()?;
    /// assert_eq!(outcomes.column("grade")?.cast(&rating_history::polars::prelude::DataType::String)?.str()?.get(0),
    ///     Some("inadequate"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] without a period, when one ends before it begins, or begins after the day of the ratings. A period
    /// given twice counts once; one that goes on after the day of the ratings is counted to that day.
    pub fn inspections_in(&self, periods: &[Period]) -> Query<PeriodOutcome> {
        Query::planned(self, || {
            let Some(last) = periods.iter().map(|p| p.last).max() else {
                return Err(Error::value("periods", "", "at least one period"));
            };
            if let Some(reversed) = periods.iter().find(|p| p.last < p.first) {
                let expected = format!("a day not before its first, {}", reversed.first);
                return Err(Error::value("last day of a period", reversed.last, expected));
            }
            self.tell_of(periods.iter().map(|p| p.first))?;
            plausible(periods.iter().map(|p| p.last))?;
            let last = self.not_after(last);
            let mut seen = HashSet::new();
            let periods: Vec<&Period> = periods.iter().filter(|p| seen.insert(*p)).collect();
            let table = df!(
                PERIOD => periods.iter().map(|p| p.label.as_str()).collect::<Vec<_>>(),
                "first_day" => periods.iter().map(|p| p.first).collect::<Vec<_>>(),
                "last_day" => periods.iter().map(|p| p.last).collect::<Vec<_>>(),
            )?
            .lazy();
            let state = state_type(self.scale())?;
            let change = rank(col(TO)).cast(DataType::Int32) - rank(col(FROM)).cast(DataType::Int32);
            let keys = ["first_day", PERIOD, THEME, GRADE].map(col);
            let first_day = col(ON).eq(col(FIRST_DAY));
            let counts = with_previous(self, last)
                .join(self.first_days(), [AUTHORITY, THEME].map(col), [AUTHORITY, THEME].map(col), left())
                .cross_join(table.clone(), None)
                .filter(col("first_day").lt_eq(col(ON)).and(col(ON).lt_eq(col("last_day"))))
                .with_columns([change.alias(STEPS), state_of_grade(col(TO), &state).alias(GRADE)])
                .group_by(keys.clone())
                .agg([
                    len().cast(DataType::UInt32).alias(COUNT),
                    tally(col(STEPS).gt(lit(0)), "improved"),
                    tally(col(STEPS).eq(lit(0)), "unchanged"),
                    tally(col(STEPS).lt(lit(0)), "declined"),
                    tally(col(STEPS).is_null().and(first_day.clone()), "first"),
                    tally(col(STEPS).is_null().and(first_day.not()), "not_compared"),
                ]);
            let themes = judged_themes(self, last);
            let labels = self.scale().labels().iter().map(String::as_str).chain([Status::NotReported.code()]);
            let grades = df!(GRADE => labels.collect::<Vec<_>>())?.lazy().with_column(col(GRADE).cast(state));
            let zero = |name: &str| col(name).fill_null(lit(0u32));
            let all = table
                .cross_join(themes, None)
                .cross_join(grades, None)
                .join(counts, keys.clone(), keys.clone(), left())
                .with_columns([COUNT, "improved", "unchanged", "declined", "first", "not_compared"].map(zero));
            let graded = is_grade(self.scale(), GRADE);
            let of_period = ["first_day", PERIOD, THEME].map(col);
            let totals =
                all.clone().filter(graded.clone()).group_by(of_period.clone()).agg([col(COUNT).sum().alias("graded")]);
            let share = col(COUNT).cast(DataType::Float64) / col("graded").cast(DataType::Float64);
            Ok(all
                .join(totals, of_period.clone(), of_period, left())
                .with_column(when(graded.and(col("graded").gt(lit(0)))).then(share).otherwise(lit(NULL)).alias(SHARE))
                .sort_by_exprs(keys, SortMultipleOptions::default())
                .select(fields::<PeriodOutcome>()))
        })
    }
}
