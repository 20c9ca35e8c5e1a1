//! Days in order, and where other days stand among them.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{columns::*, day, every::in_order, left, left_with_nulls};
use crate::Error;
use crate::frame::columns::*;

/// Name of the column that numbers the days of a calendar.
const PLACE_OF_DAY: &str = "place_of_day";
/// One more or one less from a day on.
const STEP: &str = "step";
/// A day not before the first of a calendar.
const CLIPPED: &str = "clipped";

/// Some days in order, on which spans of time are counted: by their beginnings and ends, so that the work does not grow
/// with the number of days.
pub(crate) struct Calendar {
    dates: Vec<NaiveDate>,
}

impl Calendar {
    pub(crate) fn new(dates: &[NaiveDate]) -> Self {
        Calendar { dates: in_order(dates) }
    }

    /// Every day from the first to the last with the place of the first of the days that is not before it.
    fn places(&self, day: &str, place: &str) -> Result<LazyFrame, Error> {
        let (first, last) = (self.dates[0], self.dates[self.dates.len() - 1]);
        let days: Vec<NaiveDate> = first.iter_days().take_while(|d| *d <= last).collect();
        let places = days.iter().map(|d| self.dates.partition_point(|date| date < d) as u32);
        let places: Vec<u32> = places.collect();
        Ok(df!(day => days, place => places)?.lazy())
    }

    /// Adds the place of the first of the days that is not before a column's; their number where all are before.
    pub(crate) fn with_place(&self, frame: LazyFrame, column: &str, name: &str) -> Result<LazyFrame, Error> {
        let Some(first) = self.dates.first().copied() else { return Ok(frame.with_column(lit(0u32).alias(name))) };
        let clipped = when(col(column).lt(day(first))).then(day(first)).otherwise(col(column));
        let keys = [col(CLIPPED)];
        Ok(frame
            .with_column(clipped.alias(CLIPPED))
            .join(
                self.places(CLIPPED, name)?,
                keys.clone(),
                keys,
                JoinArgs { maintain_order: MaintainOrderJoin::Left, ..left() },
            )
            .with_column(col(name).fill_null(lit(self.dates.len() as u32)))
            .drop(cols([CLIPPED])))
    }

    /// How many spans hold on each of the days: `date`, the keys, `count` (`Int64`), for every combination of the keys
    /// that occurs. A span is from `start` (null: always) to before `end` (null: for ever).
    pub(super) fn standing(&self, spans: LazyFrame, keys: &[Expr]) -> Result<LazyFrame, Error> {
        let (first, last) = (self.dates[0], self.dates[self.dates.len() - 1]);
        // A span that ends before it begins, as one clipped to a life, is none.
        let reversed = col(SPELL_END).lt(col(SPELL_START)).fill_null(lit(false));
        let spans = spans.filter(reversed.not()).cache();
        let step = |edge: &str, step: i64, keep: Expr| {
            let from = when(col(edge).is_null().or(col(edge).lt(day(first)))).then(day(first)).otherwise(col(edge));
            let on = [keys, &[from.alias(DATE)]].concat();
            spans.clone().filter(keep).group_by(on).agg([(lit(step) * len().cast(DataType::Int64)).alias(STEP)])
        };
        let begun = step(SPELL_START, 1, col(SPELL_START).is_null().or(col(SPELL_START).lt_eq(day(last))));
        let ended = step(SPELL_END, -1, col(SPELL_END).lt_eq(day(last)));
        let steps = concat([begun, ended], UnionArgs::default())?;
        let places: Vec<u32> = (0..self.dates.len() as u32).collect();
        let every_day = self.places(DATE, PLACE_OF_DAY)?;
        let calendar = df!(DATE => self.dates.clone(), PLACE_OF_DAY => places)?.lazy();
        let on_place = [keys, &[col(PLACE_OF_DAY)]].concat();
        let steps = steps
            .join(every_day, [col(DATE)], [col(DATE)], JoinArgs::new(JoinType::Inner))
            .group_by(on_place.clone())
            .agg([col(STEP).sum()])
            .cache();
        let combinations = match keys {
            [] => df!("all" => [0])?.lazy(),
            keys => steps.clone().group_by(keys).agg([]),
        };
        let sums = col(STEP).fill_null(lit(0)).cum_sum(false);
        let sums = if keys.is_empty() { sums } else { sums.over(keys)? };
        Ok(combinations
            .cross_join(calendar, None)
            .join(steps, on_place.clone(), on_place.clone(), left_with_nulls())
            .sort_by_exprs(on_place, SortMultipleOptions::default())
            .with_column(sums.alias(COUNT))
            .select([&[col(DATE)], keys, &[col(COUNT)]].concat()))
    }
}
