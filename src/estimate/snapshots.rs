//! Pairs of grades, counted: at consecutive snapshots, and at consecutive inspections.

use chrono::NaiveDate;
use polars::prelude::*;

use super::grid::{Snapshots, Withdrawn};
use super::study::{AfterLast, ENTRY, StayArrays, Study, judged_pairs, judgements, numbered_stays};
use super::totals::{InspectionPairs, Inspections, PairCounts, SnapshotPairs, Total, Totals, Unit};
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
    /// The pairs of [`snapshot_pairs`], body by body.
    ///
    /// # Errors
    /// As [`snapshot_pairs`].
    pub fn snapshots(series: &Series, study: &Study, grid: &Snapshots) -> Result<Self, Error> {
        let stays = SnapshotStays::collect(series, study, grid)?;
        let bodies = stays.arrays.bodies()?;
        let mut rows = Vec::new();
        stays.each_body(|body, held, begun| {
            let mut counts = stays.no_counts();
            stays.count(held, begun, &mut counts);
            rows.extend(total_of(&bodies[body], counts));
        })?;
        Ok(stays.totals(series, study, grid, rows))
    }

    /// As [`snapshots`](PairCounts::snapshots), but of all authorities together, as one row without a name: for many millions
    /// of ratings, where nothing is asked about a part of them.
    ///
    /// # Errors
    /// As [`snapshot_pairs`].
    pub fn pooled_snapshots(series: &Series, study: &Study, grid: &Snapshots) -> Result<Self, Error> {
        let stays = SnapshotStays::collect(series, study, grid)?;
        let mut counts = stays.no_counts();
        stays.each_body(|_, held, begun| stays.count(held, begun, &mut counts))?;
        let rows = total_of("", counts).into_iter().collect();
        Ok(stays.totals(series, study, grid, rows))
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

/// A row of pairs, which begin as often as they are counted; none without a pair.
fn total_of(authority: &str, counts: Vec<Vec<f64>>) -> Option<Total> {
    let exposure: Vec<f64> = counts.iter().map(|row| row.iter().sum()).collect();
    let any = exposure.iter().any(|pairs| *pairs > 0.0);
    any.then(|| Total { authority: authority.to_owned(), exposure, counts })
}

/// The stays of a study and its snapshots, for loops over many of them.
struct SnapshotStays {
    arrays: StayArrays,
    withdrawn: Withdrawn,
    labels: Vec<String>,
    snapshots: usize,
    /// The first day of all, and from it on for each day the place of the first snapshot not before it.
    first: i32,
    places: Vec<usize>,
}

/// A stay by the places of its first snapshot and of the first after it.
struct Held {
    begin: usize,
    end: usize,
    grade: usize,
}

impl SnapshotStays {
    fn collect(series: &Series, study: &Study, grid: &Snapshots) -> Result<Self, Error> {
        let held = held_stays(series, study, grid)?;
        let dates = snapshot_dates(series, study, grid)?;
        let arrays = StayArrays::of(series, held)?;
        let (first, last) = arrays.days().unwrap_or_default();
        let mut place = 0;
        let place_of = |day: i32| {
            while dates.get(place).is_some_and(|date| date.to_epoch_days() < day) {
                place += 1;
            }
            place
        };
        let places = (first..=last).map(place_of).collect();
        let (labels, snapshots, withdrawn) = (state_labels(series, grid), dates.len(), grid.withdrawn);
        Ok(SnapshotStays { arrays, withdrawn, labels, snapshots, first, places })
    }

    fn no_counts(&self) -> Vec<Vec<f64>> {
        vec![vec![0.0; self.labels.len()]; self.labels.len()]
    }

    fn totals(self, series: &Series, study: &Study, grid: &Snapshots, rows: Vec<Total>) -> PairCounts {
        let (series, study) = (Some(series.id().clone()), Some(study.clone()));
        Totals { labels: self.labels, rows, series, study, unit: SnapshotPairs::Snapshots(*grid) }
    }

    /// The bodies by their numbers: the stays of each that hold a snapshot, and the first snapshot since its first judgement.
    fn each_body(&self, mut give: impl FnMut(usize, &mut Vec<Held>, Option<usize>)) -> Result<(), Error> {
        let place = |day: i32| self.places[(day - self.first) as usize];
        let (mut held, mut begun, mut body, mut series) = (Vec::new(), None, 0, None);
        for stay in self.arrays.iter()? {
            if series.is_some_and(|series| series != stay.series) {
                give(body, &mut held, begun.take());
                held.clear();
                body += 1;
            }
            series = Some(stay.series);
            let begin = place(stay.entry);
            if begin >= self.snapshots {
                continue;
            }
            begun = begun.or(Some(begin));
            let stands_on = self.withdrawn == Withdrawn::CarryForward && stay.to.is_none();
            let end = if stands_on { self.snapshots } else { place(stay.exit) };
            if begin < end {
                held.push(Held { begin, end, grade: stay.grade });
            }
        }
        if series.is_some() {
            give(body, &mut held, begun);
        }
        Ok(())
    }

    /// Counts the pairs of one body, by the rules of [`counted_pairs`]; the last state is having no grade, where that is one.
    fn count(&self, held: &mut Vec<Held>, begun: Option<usize>, counts: &mut [Vec<f64>]) {
        // Of two stays that hold one snapshot the later counts.
        for n in 1..held.len() {
            held[n - 1].end = held[n - 1].end.min(held[n].begin);
        }
        held.retain(|held| held.begin < held.end);
        let none = counts.len() - 1;
        let gaps_count = self.withdrawn == Withdrawn::OwnState;
        for (n, own) in held.iter().enumerate() {
            let next = held.get(n + 1);
            counts[own.grade][own.grade] += (own.end - own.begin - 1) as f64;
            if let Some(next) = next.filter(|next| next.begin == own.end) {
                counts[own.grade][next.grade] += 1.0;
            }
            let back = next.map_or(self.snapshots, |next| next.begin);
            if gaps_count && back > own.end {
                counts[own.grade][none] += 1.0;
                counts[none][none] += (back - own.end - 1) as f64;
                next.into_iter().for_each(|next| counts[none][next.grade] += 1.0);
            }
        }
        // Withdrawn before its first snapshot: without a grade from that one on.
        let back = held.first().map_or(self.snapshots, |first| first.begin);
        if let Some(begun) = begun.filter(|begun| gaps_count && back > *begun) {
            counts[none][none] += (back - begun - 1) as f64;
            held.first().into_iter().for_each(|first| counts[none][first.grade] += 1.0);
        }
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
    Query::planned(series, || counted_pairs(series, study, grid))
}

/// The labels of the states that snapshots know.
fn state_labels(series: &Series, grid: &Snapshots) -> Vec<String> {
    let mut labels = series.scale().labels().to_vec();
    if grid.withdrawn == Withdrawn::OwnState {
        labels.push(NOT_RATED.to_owned());
    }
    labels
}

/// The stays of a study with the first day whose snapshot they do not hold as their end.
fn held_stays(series: &Series, study: &Study, grid: &Snapshots) -> Result<LazyFrame, Error> {
    if study.after_last == AfterLast::Drop && grid.withdrawn != Withdrawn::Exclude {
        let expected = "excluded, when the time after the last judgement is not observed";
        return Err(Error::value("withdrawn ratings", grid.withdrawn.code(), expected));
    }
    let unfinished = match study.after_last {
        AfterLast::Count => col(ENDED_BY).eq(lit(EndedBy::AsOf.code())),
        AfterLast::Drop => col(TO).is_null().and(col(ENDED_BY).neq(lit(EndedBy::NotReported.code()))),
    };
    // A stay that is still observed on its last day holds a snapshot on that day.
    let day_after = (col(SPELL_END).cast(DataType::Int32) + lit(1)).cast(DataType::Date);
    let end = when(unfinished).then(day_after).otherwise(col(SPELL_END));
    Ok(numbered_stays(series, study)?.select([
        col(AUTHORITY),
        col(SERIES),
        col(THEME),
        col(GRADE),
        col(TO),
        col(ENTRY),
        end.alias(SPELL_END),
    ]))
}

/// The pairs of consecutive snapshots of each body, counted by their grades. A stay holds the snapshots from the first
/// not before its beginning to the last before its end, so they are counted without being listed.
fn counted_pairs(series: &Series, study: &Study, grid: &Snapshots) -> Result<LazyFrame, Error> {
    let held = held_stays(series, study, grid)?;
    let dates = snapshot_dates(series, study, grid)?;
    let state = state_type(series.scale())?;
    let all = dates.len() as u32;
    let calendar = Calendar::new(&dates);
    let begun = calendar.with_place(held, ENTRY, BEGIN)?;
    let placed = calendar.with_place(begun, SPELL_END, END)?.filter(col(BEGIN).lt(lit(all)));
    let placed = match grid.withdrawn {
        Withdrawn::CarryForward => {
            placed.with_column(when(col(TO).is_null()).then(lit(all)).otherwise(col(END)).alias(END))
        }
        _ => placed,
    };
    let begun = [SERIES, AUTHORITY].map(col);
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
        own.clone().filter(keep).select([col(AUTHORITY), from.alias(FROM), to.alias(TO), count])
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
            joined.clone().filter(keep).select([col(AUTHORITY), without.clone().alias(FROM), to.alias(TO), count])
        };
        let waited = col(BEGIN).fill_null(lit(all)) - col(FIRST) - lit(1u32);
        parts.push(late(lit(true), without.clone(), waited));
        parts.push(late(col(BEGIN).is_not_null(), col(GRADE), lit(1u32)));
    }
    let order = [AUTHORITY, FROM, TO].map(col);
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
