//! Pairs of grades, counted: at consecutive snapshots, and at consecutive inspections.

use chrono::NaiveDate;
use polars::prelude::*;

use super::grid::{Snapshots, Withdrawn};
use super::study::{AfterLast, ENTRY, Study, judged_pairs, judgements, numbered_stays};
use super::totals::{InspectionPairs, Inspections, PairCounts, SnapshotPairs, Totals, Unit};
use crate::frame::query::row;
use crate::frame::{Query, columns::*, expr::*, state_type};
use crate::trend::EndedBy;
use crate::trend::calendar::Calendar;
use crate::trend::columns::*;
use crate::{Error, Precision, Series};

impl InspectionPairs {
    /// Pairs of consecutive inspections: exposure counts the inspections that were followed by another.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the scale lacks the absorbing grade.
    pub fn collect(series: &Series, study: &Study) -> Result<Self, Error> {
        let keys = [col(AUTHORITY), col(FROM), col(TO)];
        let pairs = judged_pairs(series, study)?
            .group_by(keys.clone())
            .agg([len().cast(DataType::UInt32).alias(COUNT)])
            .sort_by_exprs(keys, SortMultipleOptions::default());
        let labels = series.scale().labels().to_vec();
        Totals::from_pairs(Inspections::Inspections, &series.collect(pairs)?, series, study, labels)
    }
}

impl PairCounts {
    /// Runs [`snapshot_pairs`] and takes its rows.
    ///
    /// # Errors
    /// As [`snapshot_pairs`].
    pub fn snapshots(series: &Series, study: &Study, grid: &Snapshots) -> Result<Self, Error> {
        let pairs = series.collect(counted_pairs(series, study, grid, &[AUTHORITY])?)?;
        Totals::from_pairs(SnapshotPairs::Snapshots(*grid), &pairs, series, study, state_labels(series, grid))
    }

    /// As [`snapshots`](PairCounts::snapshots), but of all authorities together, as one row without a name: for many millions
    /// of ratings, where nothing is asked about a part of them.
    ///
    /// # Errors
    /// As [`snapshot_pairs`].
    pub fn pooled_snapshots(series: &Series, study: &Study, grid: &Snapshots) -> Result<Self, Error> {
        let pairs = counted_pairs(series, study, grid, &[])?.with_column(lit("").alias(AUTHORITY));
        let pairs = series.collect(pairs)?;
        Totals::from_pairs(SnapshotPairs::Snapshots(*grid), &pairs, series, study, state_labels(series, grid))
    }

    /// The snapshots that the pairs are of.
    pub fn grid(&self) -> Snapshots {
        let SnapshotPairs::Snapshots(grid) = self.unit;
        grid
    }
}

impl<U: Unit> Totals<U> {
    /// Counts of `from` and `to` per authority, ordered by it; a state beyond the labels is the last of them.
    fn from_pairs(
        unit: U,
        frame: &DataFrame,
        series: &Series,
        study: &Study,
        labels: Vec<String>,
    ) -> Result<Self, Error> {
        let last = labels.len() - 1;
        let mut totals = Totals::empty(unit, labels, series, study, frame.column(AUTHORITY)?.str()?.iter());
        let rows = totals.places(frame.column(AUTHORITY)?.str()?);
        let (from, to, count) = (ranks(frame, FROM)?, ranks(frame, TO)?, frame.column(COUNT)?.u32()?);
        for (n, row) in rows.iter().enumerate() {
            let state = |r: Option<u32>| r.map_or(last, |r| r as usize).min(last);
            let count = f64::from(count.get(n).unwrap_or_default());
            let total = &mut totals.rows[*row];
            let (i, j) = (state(from.get(n)), state(to.get(n)));
            total.exposure[i] += count;
            total.counts[i][j] += count;
        }
        Ok(totals)
    }
}

const NOT_RATED: &str = "not_rated";

row! {
    /// How often a body went from one state to another from one snapshot to the next: a row of [`snapshot_pairs`].
    #[derive(Eq)]
    struct SnapshotPair {
        /// Id of the body.
        authority: String,
        /// The state on a snapshot: a grade, or `not_rated` for having none.
        from: String as State,
        /// The state on the next one.
        to: String as State,
        /// How often.
        count: u32,
    }
}

/// The grades at consecutive snapshots, counted per authority: the sufficient statistics of a cohort estimate.
///
/// Ordered by authority, from, to. The grid begins on the study's first day, or that of the first judgement.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Snapshots, Study, snapshot_pairs}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
/// let pairs = snapshot_pairs(&slough, &Study::until(england.cut_off()), &Snapshots::default()).rows()?;
/// let counts: Vec<u32> = pairs.iter().map(|p| p.count).collect();
/// assert_eq!(counts, [7, 1, 7]); // 20 August 2011 to 2026: inadequate, once to requires improvement, stayed there
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// The query fails with [`Error::Value`] for a grid that does not divide the year, without any rating in the study, or when
/// withdrawn ratings are to count although the time after the last judgement is not observed; with [`Error::Unknown`] when
/// the scale lacks the absorbing grade.
pub fn snapshot_pairs(series: &Series, study: &Study, grid: &Snapshots) -> Query<SnapshotPair> {
    Query::planned(series, || counted_pairs(series, study, grid, &[AUTHORITY]))
}

/// The labels of the states that snapshots know.
fn state_labels(series: &Series, grid: &Snapshots) -> Vec<String> {
    let mut labels = series.scale().labels().to_vec();
    if grid.withdrawn == Withdrawn::OwnState {
        labels.push(NOT_RATED.to_owned());
    }
    labels
}

/// The pairs of consecutive snapshots, counted by their grades and some keys. A stay holds the snapshots from the first
/// not before its beginning to the last before its end, so they are counted without being listed.
fn counted_pairs(series: &Series, study: &Study, grid: &Snapshots, keys: &[&str]) -> Result<LazyFrame, Error> {
    if study.after_last == AfterLast::Drop && grid.withdrawn != Withdrawn::Exclude {
        let expected = "excluded, when the time after the last judgement is not observed";
        return Err(Error::value("withdrawn ratings", grid.withdrawn.code(), expected));
    }
    let dates = snapshot_dates(series, study, grid)?;
    let state = state_type(series.scale())?;
    let all = dates.len() as u32;
    let unfinished = match study.after_last {
        AfterLast::Count => col(ENDED_BY).eq(lit(EndedBy::AsOf.code())),
        AfterLast::Drop => col(TO).is_null().and(col(ENDED_BY).neq(lit(EndedBy::NotReported.code()))),
    };
    // A stay that is still observed on its last day holds a snapshot on that day.
    let day_after = (col(SPELL_END).cast(DataType::Int32) + lit(1)).cast(DataType::Date);
    let end = when(unfinished).then(day_after).otherwise(col(SPELL_END));
    let held = numbered_stays(series, study)?.select([
        col(AUTHORITY),
        col(SERIES),
        col(THEME),
        col(GRADE),
        col(TO),
        col(ENTRY),
        end.alias(SPELL_END),
    ]);
    let calendar = Calendar::new(&dates);
    let begun = calendar.with_place(held, ENTRY, BEGIN)?;
    let placed = calendar.with_place(begun, SPELL_END, END)?.filter(col(BEGIN).lt(lit(all)));
    let placed = match grid.withdrawn {
        Withdrawn::CarryForward => {
            placed.with_column(when(col(TO).is_null()).then(lit(all)).otherwise(col(END)).alias(END))
        }
        _ => placed,
    };
    let begun = [SERIES].iter().chain(keys).map(|c| col(*c)).collect::<Vec<_>>();
    let first = placed.clone().group_by(begun.clone()).agg([col(BEGIN).min().alias(FIRST)]);
    // Of two stays that hold one snapshot the later counts.
    let until_next = when(ends_series().not().and(next(BEGIN).lt(col(END)))).then(next(BEGIN)).otherwise(col(END));
    let own = placed.filter(col(BEGIN).lt(col(END))).with_column(until_next.alias(END)).filter(col(BEGIN).lt(col(END)));
    let own = own
        .with_columns([
            when(ends_series().not()).then(next(BEGIN)).otherwise(lit(NULL)).alias(NEXT_BEGIN),
            when(ends_series().not()).then(next(GRADE)).otherwise(lit(NULL)).alias(TO),
        ])
        .cache();
    let pairs = |keep: Expr, from: Expr, to: Expr, count: Expr| {
        let count = count.cast(DataType::UInt32).alias(COUNT);
        let columns = keys.iter().map(|key| col(*key)).chain([from.alias(FROM), to.alias(TO), count]);
        own.clone().filter(keep).select(columns.collect::<Vec<_>>())
    };
    let stayed = col(END) - col(BEGIN) - lit(1u32);
    let moved = col(NEXT_BEGIN).eq(col(END));
    let mut parts =
        vec![pairs(lit(true), col(GRADE), col(GRADE), stayed), pairs(moved, col(GRADE), col(TO), lit(1u32))];
    if grid.withdrawn == Withdrawn::OwnState {
        let gap_end = col(NEXT_BEGIN).fill_null(lit(all));
        let gap = gap_end.clone().gt(col(END));
        let comes_back = col(NEXT_BEGIN).is_not_null();
        let without = when(lit(false)).then(col(GRADE)).otherwise(lit(NULL));
        parts.push(pairs(gap.clone(), col(GRADE), without.clone(), lit(1u32)));
        parts.push(pairs(gap.clone(), without.clone(), without.clone(), gap_end - col(END) - lit(1u32)));
        parts.push(pairs(gap.and(comes_back), without.clone(), col(TO), lit(1u32)));
        // Withdrawn before its first snapshot: without a grade from that one on.
        let held = own.clone().group_by([col(SERIES)]).agg([col(BEGIN).min(), col(GRADE).first()]);
        let joined = first
            .join(held, [col(SERIES)], [col(SERIES)], left())
            .filter(col(BEGIN).fill_null(lit(all)).gt(col(FIRST)));
        let late = |keep: Expr, to: Expr, count: Expr| {
            let count = count.cast(DataType::UInt32).alias(COUNT);
            let columns = keys.iter().map(|key| col(*key)).chain([without.clone().alias(FROM), to.alias(TO), count]);
            joined.clone().filter(keep).select(columns.collect::<Vec<_>>())
        };
        let waited = col(BEGIN).fill_null(lit(all)) - col(FIRST) - lit(1u32);
        parts.push(late(lit(true), without.clone(), waited));
        parts.push(late(col(BEGIN).is_not_null(), col(GRADE), lit(1u32)));
    }
    let order: Vec<Expr> = keys.iter().copied().chain([FROM, TO]).map(col).collect();
    let named = |column: &str| {
        let text = col(column).cast(DataType::String).fill_null(lit(NOT_RATED));
        text.cast(state.clone()).alias(column)
    };
    Ok(concat(parts, UnionArgs::default())?
        .filter(col(COUNT).gt(lit(0u32)))
        .group_by(order.clone())
        .agg([col(COUNT).sum().cast(DataType::UInt32)])
        .with_columns([named(FROM), named(TO)])
        .sort_by_exprs(order, SortMultipleOptions::default()))
}

/// Places among the snapshots: of the first in a stay, of the first after it, of the first in the next stay.
const BEGIN: &str = "begin";
const END: &str = "until";
const NEXT_BEGIN: &str = "next_begin";
/// Place of the first snapshot since its first judgement.
const FIRST: &str = "first_place";

/// The days of a study's snapshots.
///
/// # Errors
/// As [`snapshot_pairs`].
pub fn snapshot_dates(series: &Series, study: &Study, grid: &Snapshots) -> Result<Vec<NaiveDate>, Error> {
    let first = match study.from {
        Some(from) => Some(from),
        None => {
            let graded = judgements(series, study)?.filter(col(GRADE).is_not_null());
            let first = series.collect(graded.select([col(DATE).min()]))?;
            first.column(DATE)?.date()?.phys.get(0).and_then(NaiveDate::from_epoch_days)
        }
    };
    let first = first.ok_or_else(|| {
        let day = Precision::Day.write(study.to);
        Error::Frame(format!("none of these ratings counts by {day}; expected at least one"))
    })?;
    grid.dates(first, study.to)
}
