//! Runs of equal grades: spells, streaks, and how every series stands on a day.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{begins_series, columns::*, counted, day, days, exists_on, named, next, previous, rank};
use crate::code::coded_enum;
use crate::frame::columns::*;
use crate::{Error, Precision, Ratings};

coded_enum! {
    /// Why a spell or streak ends.
    enum EndedBy: "end of spell" {
        /// A judgement with another grade (spells), or one outside the condition (streaks).
        Changed = "changed" / "next judgement",
        /// It is still running on the as-of date.
        AsOf = "as_of" / "still running",
        /// The body no longer exists.
        Closed = "closed" / "closed",
        /// An inspection came without this judgement.
        NotReported = "not_reported" / "no longer reported",
    }
}

coded_enum! {
    /// Whether a body has a grade in a series.
    enum Status: "status" {
        /// It has a grade.
        Rated = "rated" / "rated",
        /// Its latest inspection no longer gave this judgement.
        NotReported = "not_reported" / "not reported",
        /// No inspection has given it a grade yet.
        NotRated = "not_rated" / "not rated",
    }
}

pub(crate) const KEY: &str = "key";
const ROW: &str = "row";
const FIRST: &str = "first";
const LAST: &str = "last";
const SERIES_BEGIN: &str = "series_begin";
const SERIES_END: &str = "series_end";
const NEXT_DATE: &str = "next_date";
const NEXT_PRECISION: &str = "next_precision";
pub(crate) const NEXT_GRADE: &str = "next_grade";

/// Maximal runs of consecutive judgements of a series with one `key`, up to `as_of`: authority, theme, key, start,
/// end, inspections, ended_by, latest, first and last grade, precision of the dates. Runs of judgements not reported
/// have a null grade.
pub(crate) fn runs(ratings: &Ratings, key: Expr, as_of: NaiveDate) -> LazyFrame {
    runs_of(counted(ratings, as_of), key, as_of)
}

/// The runs of these judgements, in the frame's order; beside the above, the grade of the next judgement.
pub(crate) fn runs_of(counted: LazyFrame, key: Expr, as_of: NaiveDate) -> LazyFrame {
    let counted = counted
        .select([col(AUTHORITY), col(THEME), col(DATE), col(PRECISION), col(GRADE), col(CLOSED), key.alias(KEY)])
        .with_row_index(ROW, None);
    let before_next = |first: &str| col(first).shift_and_fill(lit(-1), lit(true));
    let flagged = counted
        .with_columns([
            begins_series().alias(SERIES_BEGIN),
            begins_series().or(col(KEY).neq_missing(previous(KEY))).alias(FIRST),
        ])
        .with_columns([
            before_next(FIRST).alias(LAST),
            before_next(SERIES_BEGIN).alias(SERIES_END),
            next(DATE).alias(NEXT_DATE),
            next(PRECISION).alias(NEXT_PRECISION),
            next(GRADE).alias(NEXT_GRADE),
        ]);
    // Between the first and the last row of a run nothing is needed, so its last row is its first or the next one.
    let of_last = |name: &str| when(col(LAST)).then(col(name)).otherwise(next(name));
    let edges = flagged.filter(col(FIRST).or(col(LAST))).with_columns([
        (of_last(ROW) - col(ROW) + lit(1u32)).cast(DataType::UInt32).alias(INSPECTIONS),
        of_last(DATE).alias(LATEST),
        of_last(PRECISION).alias(LATEST_PRECISION),
        of_last(GRADE).alias(LAST_GRADE),
        of_last(SERIES_END).alias(SERIES_END),
        of_last(NEXT_DATE).alias(NEXT_DATE),
        of_last(NEXT_PRECISION).alias(NEXT_PRECISION),
        of_last(NEXT_GRADE).alias(NEXT_GRADE),
    ]);
    let gone = col(CLOSED).lt_eq(day(as_of)).fill_null(lit(false));
    let code = |e: EndedBy| lit(e.code());
    edges
        .filter(col(FIRST))
        .select([
            col(AUTHORITY),
            col(THEME),
            col(KEY),
            col(GRADE).alias(FIRST_GRADE),
            col(LAST_GRADE),
            col(DATE).alias(SPELL_START),
            when(col(SERIES_END).not())
                .then(col(NEXT_DATE))
                .when(gone.clone())
                .then(col(CLOSED))
                .otherwise(day(as_of))
                .alias(SPELL_END),
            col(INSPECTIONS),
            when(col(SERIES_END).not().and(col(NEXT_GRADE).is_not_null()))
                .then(code(EndedBy::Changed))
                .when(col(SERIES_END).not())
                .then(code(EndedBy::NotReported))
                .when(gone)
                .then(code(EndedBy::Closed))
                .otherwise(code(EndedBy::AsOf))
                .alias(ENDED_BY),
            col(LATEST),
            col(PRECISION).alias(START_PRECISION),
            when(col(SERIES_END).not())
                .then(col(NEXT_PRECISION))
                .otherwise(lit(Precision::Day.code()))
                .alias(END_PRECISION),
            col(LATEST_PRECISION),
            when(col(SERIES_END)).then(lit(NULL)).otherwise(col(NEXT_GRADE)).alias(NEXT_GRADE),
        ])
        .with_column(days(col(SPELL_START), col(SPELL_END)))
}

/// Spells: maximal runs of consecutive judgements of a series with one grade, as seen on `as_of`.
///
/// Schema: `authority`, `name`, `theme`, `grade`, `start`, `end` (the as-of date while it runs), `days`,
/// `inspections`, `ended_by`, `start_precision`, `end_precision`; ordered by authority, theme, start.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series_only([Theme::Headline]).bodies_only(["E06000039"]);
/// let spells = trend::spells(&slough, england.cut_off()).collect()?;
/// assert_eq!(spells.column("days")?.i64()?.get(0), Some(2803)); // 31 May 2011 to 1 February 2019
/// assert_eq!(spells.column("inspections")?.u32()?.get(0), Some(3));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn spells(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    let graded = runs(ratings, col(GRADE), as_of).filter(col(KEY).is_not_null());
    named(ratings, graded).select([
        col(AUTHORITY),
        col(NAME),
        col(THEME),
        col(KEY).alias(GRADE),
        col(SPELL_START),
        col(SPELL_END),
        col(DAYS),
        col(INSPECTIONS),
        col(ENDED_BY),
        col(START_PRECISION),
        col(END_PRECISION),
    ])
}

/// The condition of a streak, by a label of the scale.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// This grade or a worse one: "not yet good" is at or below requires improvement.
    AtOrBelow(String),
    /// This grade or a better one.
    AtOrAbove(String),
}

/// Streaks: maximal runs of consecutive judgements of a series that meet a condition, whatever the grades within.
///
/// Schema: `authority`, `name`, `theme`, `first_grade`, `last_grade`, `start`, `end`, `days`, `inspections`,
/// `ended_by`, `start_precision`, `end_precision`; ordered by authority, theme, start.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::{Grade, Theme};
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series_only([Theme::Headline]).bodies_only(["E06000039"]);
/// let not_yet_good = trend::Condition::AtOrBelow(Grade::RequiresImprovement.into());
/// let streaks = trend::streaks(&slough, &not_yet_good, england.cut_off())?.collect()?;
/// assert_eq!(streaks.column("inspections")?.u32()?.get(0), Some(5)); // since May 2011
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the condition's label.
pub fn streaks(ratings: &Ratings, condition: &Condition, as_of: NaiveDate) -> Result<LazyFrame, Error> {
    let (Condition::AtOrBelow(label) | Condition::AtOrAbove(label)) = condition;
    let bound = ratings.scale().position(label)?;
    let meets = match condition {
        Condition::AtOrBelow(_) => rank(col(GRADE)).lt_eq(lit(bound as u32)),
        Condition::AtOrAbove(_) => rank(col(GRADE)).gt_eq(lit(bound as u32)),
    };
    let met = runs(ratings, meets, as_of).filter(col(KEY));
    Ok(named(ratings, met).select([
        col(AUTHORITY),
        col(NAME),
        col(THEME),
        col(FIRST_GRADE),
        col(LAST_GRADE),
        col(SPELL_START),
        col(SPELL_END),
        col(DAYS),
        col(INSPECTIONS),
        col(ENDED_BY),
        col(START_PRECISION),
        col(END_PRECISION),
    ]))
}

/// How every series stands on a day: one row per authority in existence and theme that it has been judged in.
///
/// Schema: `authority`, `name`, `theme`, `status`, `grade` (null unless rated), `since` (start of the current spell;
/// of the gap, when not reported), `inspections` (in that spell), `days` (since then), `latest` (inspection date),
/// `since_precision`, `latest_precision`; ordered by authority, theme. With a register of authorities, those open on
/// the day and never judged in a theme that any authority has been judged in by then have status `not_rated` and nulls.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, trend};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series_only([Theme::Headline]);
/// let now = trend::as_of(&headline, england.cut_off()).collect()?;
/// assert_eq!(now.height(), 153); // every authority in existence
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn as_of(ratings: &Ratings, date: NaiveDate) -> LazyFrame {
    let judged = runs(ratings, col(GRADE), date).filter(col(ENDED_BY).eq(lit(EndedBy::AsOf.code()))).select([
        col(AUTHORITY),
        col(THEME),
        when(col(KEY).is_null())
            .then(lit(Status::NotReported.code()))
            .otherwise(lit(Status::Rated.code()))
            .alias(STATUS),
        col(KEY).alias(GRADE),
        col(SPELL_START).alias(SINCE),
        col(INSPECTIONS),
        col(DAYS),
        col(LATEST),
        col(START_PRECISION).alias(SINCE_PRECISION),
        col(LATEST_PRECISION),
    ]);
    let standing = match ratings.authorities() {
        None => judged,
        Some(authorities) => {
            let themes = judged.clone().group_by([col(THEME)]).agg([]);
            let every = authorities.filter(exists_on(day(date))).select([col(AUTHORITY)]).cross_join(themes, None);
            let keys = [col(AUTHORITY), col(THEME)];
            every
                .join(judged, keys.clone(), keys.clone(), JoinArgs::new(JoinType::Left))
                .with_column(col(STATUS).fill_null(lit(Status::NotRated.code())))
                .sort_by_exprs(keys, SortMultipleOptions::default())
        }
    };
    named(ratings, standing).select([
        col(AUTHORITY),
        col(NAME),
        col(THEME),
        col(STATUS),
        col(GRADE),
        col(SINCE),
        col(INSPECTIONS),
        col(DAYS),
        col(LATEST),
        col(SINCE_PRECISION),
        col(LATEST_PRECISION),
    ])
}

/// A spell as a value: one row of [`spells`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Spell {
    /// Authority code.
    pub authority: String,
    /// Theme code.
    pub theme: String,
    /// Grade label of the scale.
    pub grade: String,
    /// First day.
    pub start: NaiveDate,
    /// Last day, exclusive; the as-of date while it runs.
    pub end: NaiveDate,
    /// Days from start to end.
    pub days: i64,
    /// Inspections in a row.
    pub inspections: u32,
    /// Why it ends.
    pub ended_by: EndedBy,
}

impl Spell {
    /// Runs the [`spells`] query and takes its rows.
    ///
    /// # Errors
    /// [`Error::Polars`] when the query fails.
    pub fn collect(ratings: &Ratings, as_of: NaiveDate) -> Result<Vec<Spell>, Error> {
        let frame = spells(ratings, as_of).with_column(col(GRADE).cast(DataType::String)).collect()?;
        let text = |name: &str, row: usize| -> Result<String, Error> {
            Ok(frame.column(name)?.str()?.get(row).unwrap_or_default().to_owned())
        };
        let day = |name: &str, row: usize| -> Result<NaiveDate, Error> {
            let days = frame.column(name)?.date()?.phys.get(row);
            days.and_then(NaiveDate::from_epoch_days).ok_or_else(|| Error::Frame(format!("no {name} in row {row}")))
        };
        (0..frame.height())
            .map(|row| {
                Ok(Spell {
                    authority: text(AUTHORITY, row)?,
                    theme: text(THEME, row)?,
                    grade: text(GRADE, row)?,
                    start: day(SPELL_START, row)?,
                    end: day(SPELL_END, row)?,
                    days: frame.column(DAYS)?.i64()?.get(row).unwrap_or_default(),
                    inspections: frame.column(INSPECTIONS)?.u32()?.get(row).unwrap_or_default(),
                    ended_by: text(ENDED_BY, row)?.parse()?,
                })
            })
            .collect()
    }
}
