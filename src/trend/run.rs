//! Runs of equal grades: spells, streaks, and how every series stands on a day.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{
    begins_series, coded, columns::*, counted, day, days, exists_on, left, named, next, previous, rank, to_the_day,
};
use crate::code::coded_enum;
use crate::frame::columns::*;
use crate::{Error, Ratings};

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
const LAST_DATE: &str = "last_date";
const LAST_PRECISION: &str = "last_precision";
pub(crate) const NEXT_GRADE: &str = "next_grade";

/// Maximal runs of consecutive judgements of a series with one `key`: body, authority, series, theme, key, start, end,
/// days, inspections, ended_by, latest, first and last grade, precision of the dates, and the grade of the next judgement.
/// Runs of judgements not reported have a null grade.
///
/// Runs cover all rows, so that only the first row of each is kept before anything is computed: what a run ends with
/// stands beside the first row of the next one. The last row of all is kept too, for the last run.
pub(crate) fn runs(ratings: &Ratings, key: Expr, as_of: NaiveDate) -> LazyFrame {
    runs_of(ratings, counted(ratings, as_of), key, as_of)
}

/// The runs of some judgements of these ratings, in their order.
pub(crate) fn runs_of(ratings: &Ratings, judgements: LazyFrame, key: Expr, as_of: NaiveDate) -> LazyFrame {
    let first = begins_series().or(col(KEY).neq_missing(previous(KEY)));
    let edges = judgements
        .with_column(key.alias(KEY))
        .with_row_index(ROW, None)
        .with_columns([
            first.alias(FIRST),
            previous(DATE).alias(LAST_DATE),
            previous(PRECISION).alias(LAST_PRECISION),
            previous(GRADE).alias(LAST_GRADE),
            next(SERIES).is_null().alias("last"),
        ])
        .filter(col(FIRST).or(col("last")));
    // After a run come the first row of the next one, the last row of all, or nothing.
    let begun = || next(FIRST);
    let followed = || begun().and(next(SERIES).eq(col(SERIES)));
    let of_last = |before: &str, name: &str| {
        when(begun()).then(next(before)).when(begun().not()).then(next(name)).otherwise(col(name))
    };
    let rows = (next(ROW) - col(ROW) + begun().not().cast(DataType::UInt32)).fill_null(lit(1u32));
    let gone = || match ratings.tells_closings() {
        true => col(CLOSED).lt_eq(day(as_of)).fill_null(lit(false)),
        false => lit(false),
    };
    let ends = when(followed()).then(next(DATE)).when(gone()).then(col(CLOSED)).otherwise(day(as_of));
    let by = |ended: EndedBy| coded(ended.code(), EndedBy::ALL.iter().map(|e| e.code()));
    let ended_by = when(followed().and(next(GRADE).is_not_null()))
        .then(by(EndedBy::Changed))
        .when(followed())
        .then(by(EndedBy::NotReported))
        .when(gone())
        .then(by(EndedBy::Closed))
        .otherwise(by(EndedBy::AsOf));
    edges
        .with_columns([
            ends.alias(SPELL_END),
            rows.alias(INSPECTIONS),
            ended_by.alias(ENDED_BY),
            of_last(LAST_DATE, DATE).alias(LATEST),
            of_last(LAST_PRECISION, PRECISION).alias(LATEST_PRECISION),
            of_last(LAST_GRADE, GRADE).alias(LAST_GRADE),
            when(followed()).then(next(PRECISION)).otherwise(to_the_day()).alias(END_PRECISION),
            when(followed()).then(next(GRADE)).otherwise(lit(NULL)).alias(NEXT_GRADE),
        ])
        .filter(col(FIRST))
        .select(
            [
                [BODY, AUTHORITY, SERIES, THEME, KEY].map(col).as_slice(),
                &[
                    col(GRADE).alias(FIRST_GRADE),
                    col(LAST_GRADE),
                    col(DATE).alias(SPELL_START),
                    col(SPELL_END),
                    days(col(DATE), col(SPELL_END)),
                    col(PRECISION).alias(START_PRECISION),
                ],
                &[INSPECTIONS, ENDED_BY, LATEST, END_PRECISION, LATEST_PRECISION, NEXT_GRADE].map(col),
            ]
            .concat(),
        )
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
/// let spells = trend::spells(&slough).collect()?;
/// assert_eq!(spells.column("days")?.i64()?.get(0), Some(2803)); // 31 May 2011 to 1 February 2019
/// assert_eq!(spells.column("inspections")?.u32()?.get(0), Some(3));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn spells(ratings: &Ratings) -> LazyFrame {
    let graded = runs(ratings, col(GRADE), ratings.day()).filter(col(KEY).is_not_null());
    named(ratings, graded, &[NAME]).select([
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
/// let streaks = trend::streaks(&slough, &not_yet_good)?.collect()?;
/// assert_eq!(streaks.column("inspections")?.u32()?.get(0), Some(5)); // since May 2011
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unknown`] when the scale lacks the condition's label.
pub fn streaks(ratings: &Ratings, condition: &Condition) -> Result<LazyFrame, Error> {
    let (Condition::AtOrBelow(label) | Condition::AtOrAbove(label)) = condition;
    let bound = ratings.scale().position(label)?;
    let meets = match condition {
        Condition::AtOrBelow(_) => rank(col(GRADE)).lt_eq(lit(bound as u32)),
        Condition::AtOrAbove(_) => rank(col(GRADE)).gt_eq(lit(bound as u32)),
    };
    let met = runs(ratings, meets, ratings.day()).filter(col(KEY));
    Ok(named(ratings, met, &[NAME]).select([
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
/// let now = trend::as_of(&headline).collect()?;
/// assert_eq!(now.height(), 153); // every authority in existence
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
pub fn as_of(ratings: &Ratings) -> LazyFrame {
    let columns = [AUTHORITY, NAME, THEME, STATUS, GRADE, SINCE, INSPECTIONS, DAYS, LATEST];
    let precisions = [SINCE_PRECISION, LATEST_PRECISION];
    standing(ratings, ratings.day())
        .select([&columns[..], &precisions].concat().into_iter().map(col).collect::<Vec<_>>())
}

/// How every series stands on a day: beside the columns of [`as_of`], `body` and `region`.
pub(crate) fn standing(ratings: &Ratings, date: NaiveDate) -> LazyFrame {
    let status = |status: Status| coded(status.code(), Status::ALL.iter().map(|s| s.code()));
    let reported = when(col(KEY).is_null()).then(status(Status::NotReported)).otherwise(status(Status::Rated));
    let judged = runs(ratings, col(GRADE), date).filter(col(ENDED_BY).eq(lit(EndedBy::AsOf.code()))).select([
        col(BODY),
        col(AUTHORITY),
        col(THEME),
        reported.alias(STATUS),
        col(KEY).alias(GRADE),
        col(SPELL_START).alias(SINCE),
        col(INSPECTIONS),
        col(DAYS),
        col(LATEST),
        col(START_PRECISION).alias(SINCE_PRECISION),
        col(LATEST_PRECISION),
    ]);
    let Some(authorities) = ratings.authorities() else { return named(ratings, judged, &[NAME, REGION]) };
    let themes = judged.clone().group_by([col(THEME)]).agg([]);
    let every = authorities.filter(exists_on(day(date))).select([BODY, AUTHORITY, NAME, REGION].map(col));
    let keys = [BODY, THEME].map(col);
    let without = when(col(STATUS).is_null()).then(status(Status::NotRated)).otherwise(col(STATUS));
    every
        .cross_join(themes, None)
        .join(judged.drop(cols([AUTHORITY])), keys.clone(), keys, left())
        .with_column(without.alias(STATUS))
        .sort_by_exprs([AUTHORITY, THEME].map(col), SortMultipleOptions::default())
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
    pub fn collect(ratings: &Ratings) -> Result<Vec<Spell>, Error> {
        let words = [THEME, GRADE, ENDED_BY].map(|name| col(name).cast(DataType::String));
        let frame = spells(ratings).with_columns(words).collect()?;
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
