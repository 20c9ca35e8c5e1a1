//! Runs of equal grades: spells, streaks, and how every series stands on a day.

use chrono::NaiveDate;
use polars::prelude::*;

use super::{
    begins_series, coded, codes, columns::*, counts, dated, day, days, ends_series, exists_on, fields, left, named,
    next, previous, rank, row, to_the_day,
};
use crate::code::coded_enum;
use crate::frame::{Query, columns::*};
use crate::{Precision, Ratings, SeriesId};

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

codes!(EndedBy);
codes!(Status);

pub(crate) const KEY: &str = "key";
const ROW: &str = "row";
const FIRST: &str = "first";
const LAST: &str = "last";
const COUNTS: &str = "counts";
const FOLLOWED: &str = "followed";
const NEXT_DATE: &str = "next_date";
const NEXT_PRECISION: &str = "next_precision";
const LAST_DATE: &str = "last_date";
const LAST_PRECISION: &str = "last_precision";
pub(crate) const NEXT_GRADE: &str = "next_grade";

/// Whether a run is followed by another one of its series.
pub(crate) fn followed() -> Expr {
    col(FOLLOWED)
}

/// Maximal runs of consecutive judgements of a series with one `key`: body, authority, series, theme, key, start, end,
/// days, inspections, ended_by, latest, first and last grade, precision of the dates, and the grade of the next judgement.
/// Runs of judgements not reported have a null grade. Only runs that meet `keep` are worked out; it may speak of the key
/// and of [`followed`].
pub(crate) fn runs(ratings: &Ratings, key: Expr, keep: Expr, as_of: NaiveDate) -> LazyFrame {
    runs_of(ratings, dated(ratings), counts(ratings, as_of), key, keep, as_of)
}

/// A precision, where any date is known less exactly than to the day.
pub(super) fn precision(ratings: &Ratings, known: Expr) -> Expr {
    if ratings.is_inexact() { known } else { to_the_day() }
}

/// Rows with a column that says whether they count, and whether one is the last of its series that does.
fn counted_ends(rows: LazyFrame, counts: Option<Expr>) -> (LazyFrame, Expr) {
    match counts {
        None => (rows.with_column(lit(true).alias(COUNTS)), ends_series()),
        Some(counts) => {
            let goes_on = next(SERIES).eq_missing(col(SERIES)).and(next(COUNTS)).fill_null(lit(false));
            (rows.with_column(counts.alias(COUNTS)), goes_on.not().and(col(COUNTS)))
        }
    }
}

/// The runs of those rows of the ratings that count, in their order.
///
/// Runs cover all that counts, so that only the first row of each is kept before anything is worked out: what a run ends
/// with stands beside the first row of the next one, or in the last row that counts of its series. That row is kept too;
/// where all rows count only the last of all, as else a next run begins right after it.
pub(crate) fn runs_of(
    ratings: &Ratings,
    rows: LazyFrame,
    counts: Option<Expr>,
    key: Expr,
    keep: Expr,
    as_of: NaiveDate,
) -> LazyFrame {
    let begins = begins_series().or(col(KEY).neq_missing(previous(KEY)));
    let rows = rows.with_column(key.clone().alias(KEY)).with_row_index(ROW, None);
    let (rows, first, last) = match counts {
        None => (rows, begins, next(SERIES).is_null()),
        Some(_) => {
            let (rows, ends) = counted_ends(rows, counts);
            (rows, begins.and(col(COUNTS)), ends)
        }
    };
    let edges = rows
        .with_columns([
            first.alias(FIRST),
            last.alias(LAST),
            previous(DATE).alias(LAST_DATE),
            previous(PRECISION).alias(LAST_PRECISION),
            previous(GRADE).alias(LAST_GRADE),
        ])
        .filter(col(FIRST).or(col(LAST)))
        .with_column(key.alias(KEY));
    let of_last = |before: &str, name: &str| {
        when(col(LAST)).then(col(name)).when(next(FIRST)).then(next(before)).otherwise(next(name))
    };
    let to_next = next(ROW) - col(ROW) + next(FIRST).not().cast(DataType::UInt32);
    let edges = edges
        .with_columns([
            next(FIRST).and(next(SERIES).eq(col(SERIES))).fill_null(lit(false)).alias(FOLLOWED),
            when(col(LAST)).then(lit(1u32)).otherwise(to_next).alias(INSPECTIONS),
            of_last(LAST_DATE, DATE).alias(LATEST),
            of_last(LAST_PRECISION, PRECISION).alias(LATEST_PRECISION),
            of_last(LAST_GRADE, GRADE).alias(LAST_GRADE),
            next(DATE).alias(NEXT_DATE),
            next(PRECISION).alias(NEXT_PRECISION),
            next(GRADE).alias(NEXT_GRADE),
        ])
        .filter(col(FIRST).and(keep));
    let closed = || ratings.tells_closings().then(|| col(CLOSED).lt_eq(day(as_of)).fill_null(lit(false)));
    let end = match closed() {
        Some(closed) => when(closed).then(col(CLOSED)).otherwise(day(as_of)),
        None => day(as_of),
    };
    let code = |ended: EndedBy| coded(ended.code(), EndedBy::ALL.iter().map(|e| e.code()));
    let still = match closed() {
        Some(closed) => when(closed).then(code(EndedBy::Closed)).otherwise(code(EndedBy::AsOf)),
        None => code(EndedBy::AsOf),
    };
    let ended_by = when(followed().not())
        .then(still)
        .when(col(NEXT_GRADE).is_null())
        .then(code(EndedBy::NotReported))
        .otherwise(code(EndedBy::Changed));
    edges
        .with_columns([
            when(followed()).then(col(NEXT_DATE)).otherwise(end).alias(SPELL_END),
            ended_by.alias(ENDED_BY),
            precision(ratings, when(followed()).then(col(NEXT_PRECISION)).otherwise(to_the_day())).alias(END_PRECISION),
            when(followed()).then(col(NEXT_GRADE)).otherwise(lit(NULL)).alias(NEXT_GRADE),
        ])
        .select(
            [
                [BODY, AUTHORITY, SERIES, THEME, KEY].map(col).as_slice(),
                &[col(GRADE).alias(FIRST_GRADE), col(DATE).alias(SPELL_START), days(col(DATE), col(SPELL_END))],
                &[SPELL_END, INSPECTIONS, ENDED_BY, LATEST, LAST_GRADE, NEXT_GRADE].map(col),
                &[
                    precision(ratings, col(PRECISION)).alias(START_PRECISION),
                    col(END_PRECISION),
                    precision(ratings, col(LATEST_PRECISION)).alias(LATEST_PRECISION),
                ],
            ]
            .concat(),
        )
}

row! {
    /// A run of inspections of a series with one grade: a row of [`Ratings::spells`].
    #[derive(Eq)]
    struct Spell {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade.
        grade: String as Grade,
        /// The first judgement's day.
        start: NaiveDate,
        /// The day of the next other judgement, or of the body's end; the as-of day while it runs.
        end: NaiveDate,
        /// Days from start to end.
        days: i64,
        /// Inspections in a row.
        inspections: u32,
        /// Why it ends.
        ended_by: EndedBy,
        /// How exactly `start` is known.
        start_precision: Precision,
        /// How exactly `end` is known.
        end_precision: Precision,
    }
}

row! {
    /// A run of inspections of a series that meet a condition: a row of [`Ratings::streaks`].
    #[derive(Eq)]
    struct Streak {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The first judgement's grade.
        first_grade: String as Grade,
        /// The last judgement's grade.
        last_grade: String as Grade,
        /// The first judgement's day.
        start: NaiveDate,
        /// The day of the next judgement that does not meet the condition, or of the body's end; the as-of day while it runs.
        end: NaiveDate,
        /// Days from start to end.
        days: i64,
        /// Inspections in a row.
        inspections: u32,
        /// Why it ends.
        ended_by: EndedBy,
        /// How exactly `start` is known.
        start_precision: Precision,
        /// How exactly `end` is known.
        end_precision: Precision,
    }
}

row! {
    /// How a series of a body stands on a day: a row of [`Ratings::standing`].
    #[derive(Eq)]
    struct Standing {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// Whether it has a grade.
        status: Status,
        /// The grade; null unless rated.
        grade: Option<String> as Grade,
        /// Start of the current spell, or of the time without the judgement when it is no longer reported.
        since: Option<NaiveDate>,
        /// Inspections since then.
        inspections: Option<u32>,
        /// Days since then.
        days: Option<i64>,
        /// Day of the latest judgement.
        latest: Option<NaiveDate>,
        /// How exactly `since` is known.
        since_precision: Option<Precision>,
        /// How exactly `latest` is known.
        latest_precision: Option<Precision>,
    }
}

impl Ratings {
    /// Spells: maximal runs of consecutive judgements of a series with one grade, as seen on the day of the ratings.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let spells = slough.spells().collect()?;
    /// assert_eq!(spells.column("days")?.i64()?.get(0), Some(2803)); // 31 May 2011 to 1 February 2019
    /// assert_eq!(spells.column("inspections")?.u32()?.get(0), Some(3));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn spells(&self) -> Query<Spell> {
        let graded = runs(self, col(GRADE), col(KEY).is_not_null(), self.day());
        let graded = graded.with_column(col(KEY).alias(GRADE));
        Query::new(self, named(self, graded, &[NAME]).select(fields::<Spell>()))
    }
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

impl Ratings {
    /// Streaks: maximal runs of consecutive judgements of a series that meet a condition, whatever the grades within.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::{Grade, Theme};
    /// let england = rating_history::ofsted::england()?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let not_yet_good = trend::Condition::AtOrBelow(Grade::RequiresImprovement.code().into());
    /// let streaks = slough.streaks(&not_yet_good).collect()?;
    /// assert_eq!(streaks.column("inspections")?.u32()?.get(0), Some(5)); // since May 2011
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unknown`](crate::Error::Unknown) when the scale lacks the condition's label.
    pub fn streaks(&self, condition: &Condition) -> Query<Streak> {
        Query::planned(self, || {
            let (Condition::AtOrBelow(label) | Condition::AtOrAbove(label)) = condition;
            let bound = self.scale().position(label)?;
            let meets = match condition {
                Condition::AtOrBelow(_) => rank(col(GRADE)).lt_eq(lit(bound as u32)),
                Condition::AtOrAbove(_) => rank(col(GRADE)).gt_eq(lit(bound as u32)),
            };
            let met = runs(self, meets, col(KEY), self.day());
            Ok(named(self, met, &[NAME]).select(fields::<Streak>()))
        })
    }
}

impl Ratings {
    /// How every series stands on a day: one row per authority in existence and theme that it has been judged in.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let now = headline.standing().collect()?;
    /// assert_eq!(now.height(), 153); // every authority in existence
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn standing(&self) -> Query<Standing> {
        Query::new(self, standing(self, self.day()).select(fields::<Standing>()))
    }
}

/// How every series stands on a day: beside the columns of [`Standing`], `body` and `region`.
pub(crate) fn standing(ratings: &Ratings, date: NaiveDate) -> LazyFrame {
    let status = |status: Status| coded(status.code(), Status::ALL.iter().map(|s| s.code()));
    let reported = when(col(GRADE).is_null()).then(status(Status::NotReported)).otherwise(status(Status::Rated));
    let open = match ratings.tells_closings() {
        true => col(CLOSED).is_null().or(col(CLOSED).gt(day(date))),
        false => lit(true),
    };
    // The last judgement of a series that counts, and before it the first one with that grade, if it is another.
    let (rows, ends) = counted_ends(dated(ratings), counts(ratings, date));
    let begins = begins_series().or(col(GRADE).neq_missing(previous(GRADE)));
    let of_first = |name: &str| when(col(FIRST)).then(col(name)).otherwise(previous(name));
    let judged = rows
        .with_row_index(ROW, None)
        .with_columns([begins.alias(FIRST), ends.alias(LAST)])
        .filter(col(FIRST).and(col(COUNTS)).or(col(LAST)))
        .with_columns([
            of_first(DATE).alias(SINCE),
            of_first(PRECISION).alias(SINCE_PRECISION),
            (col(ROW) - of_first(ROW) + lit(1u32)).alias(INSPECTIONS),
        ])
        .filter(col(LAST).and(open))
        .select([
            col(BODY),
            col(AUTHORITY),
            col(THEME),
            reported.alias(STATUS),
            col(GRADE),
            col(SINCE),
            col(INSPECTIONS),
            days(col(SINCE), day(date)),
            col(DATE).alias(LATEST),
            precision(ratings, col(SINCE_PRECISION)).alias(SINCE_PRECISION),
            precision(ratings, col(PRECISION)).alias(LATEST_PRECISION),
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
