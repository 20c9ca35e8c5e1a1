//! From one judgement to the next: transitions and the time between inspections.

use chrono::NaiveDate;
use polars::prelude::*;

use super::count::{OPENED_STATE, is_grade, register, state_of_grade, state_of_standing};
use super::run::{precision, standing as standing_on};
use super::{
    begins_series, coded, codes, columns::*, counted, counts, day, days, ends_series, fields, left, named, previous,
    rank, row, to_the_day,
};
use crate::code::coded_enum;
use crate::frame::{Query, columns::*, state_type};
use crate::{Error, Precision, Ratings, SeriesId};

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

codes!(Direction);

row! {
    /// A judgement after another one: a row of [`Ratings::transitions`].
    #[derive(Eq)]
    struct Transition {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// Its region, where known.
        region: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade before.
        from: String as Grade,
        /// The grade.
        to: String as Grade,
        /// The day of the judgement before.
        previous: NaiveDate,
        /// The day of the judgement.
        on: NaiveDate,
        /// Days between them.
        days: i64,
        /// Ranks moved, up positive.
        steps: i32,
        /// Which way it moved.
        direction: Direction,
        /// Rules of the judgement before.
        from_framework: Option<String> as Word,
        /// Rules of the judgement.
        to_framework: Option<String> as Word,
        /// How exactly `previous` is known.
        previous_precision: Precision,
        /// How exactly `on` is known.
        on_precision: Precision,
    }
}

row! {
    /// The time between inspections after a grade: a row of [`Ratings::inspection_intervals`].
    struct InspectionInterval {
        /// The series.
        theme: SeriesId,
        /// The grade before.
        from: String as Grade,
        /// Rules of the judgement before.
        from_framework: Option<String> as Word,
        /// Intervals that have ended.
        count: u32,
        /// Their median, in days.
        median_days: f64,
        /// Their mean, in days.
        mean_days: f64,
        /// The shortest, in days.
        least_days: i64,
        /// The longest, in days.
        most_days: i64,
    }
}

row! {
    /// The time from the end of an inspection to its publication: a row of [`Ratings::publication_lags`].
    struct PublicationLag {
        /// The series.
        theme: SeriesId,
        /// The grade that was given.
        grade: String as Grade,
        /// Rules of the judgement.
        framework: Option<String> as Word,
        /// Judgements of which both days are known.
        count: u32,
        /// The median time, in days.
        median_days: f64,
        /// The mean, in days.
        mean_days: f64,
        /// The shortest, in days.
        least_days: i64,
        /// The longest, in days.
        most_days: i64,
    }
}

row! {
    /// The time of a body in a grade: a row of [`Ratings::time_in_grade`].
    #[derive(Eq)]
    struct TimeInGrade {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade.
        grade: String as Grade,
        /// Days in it, in all.
        days: i64,
        /// Spells in it.
        spells: u32,
        /// Inspections that gave it.
        inspections: u32,
    }
}

row! {
    /// How a body moved: a row of [`Ratings::movers`].
    #[derive(Eq)]
    struct Mover {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// Its region, where known.
        region: Option<String>,
        /// The series.
        theme: SeriesId,
        /// How it stood then: a grade, `not_reported`, `not_rated` or `opened`.
        from: String as State,
        /// How it stands now: a grade, `not_reported` or `not_rated`.
        to: String as State,
        /// Ranks moved, up positive; null unless both are grades.
        steps: Option<i32>,
        /// Which way it moved; null unless both are grades.
        direction: Option<Direction>,
        /// Start of the current spell.
        since: Option<NaiveDate>,
        /// Days since then.
        days: Option<i64>,
        /// Day of the latest judgement.
        latest: Option<NaiveDate>,
        /// Days since then.
        wait: Option<i64>,
        /// How exactly `since` is known.
        since_precision: Option<Precision>,
        /// How exactly `latest` is known.
        latest_precision: Option<Precision>,
    }
}

impl Ratings {
    /// Consecutive judgements of a series, up to the day of the ratings: one row per judgement that has one before it.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let transitions = slough.transitions().collect()?;
    /// let directions: Vec<_> = transitions.column("steps")?.i32()?.into_no_null_iter().map(i32::signum).collect();
    /// assert_eq!(directions, [0, 0, 1, 0]); // unchanged, unchanged, improved, unchanged
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn transitions(&self) -> Query<Transition> {
        let rank = |grade: Expr| rank(grade).cast(DataType::Int32);
        let follows = begins_series().not().and(col(GRADE).is_not_null()).and(previous(GRADE).is_not_null());
        let pairs = counted(self, self.day())
            .select([
                col(BODY),
                col(AUTHORITY),
                col(THEME),
                previous(GRADE).alias(FROM),
                col(GRADE).alias(TO),
                previous(DATE).alias(PREVIOUS),
                col(DATE).alias(ON),
                precision(self, previous(PRECISION)).alias(PREVIOUS_PRECISION),
                precision(self, col(PRECISION)).alias(ON_PRECISION),
                previous(FRAMEWORK).alias(FROM_FRAMEWORK),
                col(FRAMEWORK).alias(TO_FRAMEWORK),
                follows.alias(FOLLOWS),
            ])
            .filter(col(FOLLOWS))
            .with_columns([days(col(PREVIOUS), col(ON)), (rank(col(TO)) - rank(col(FROM))).alias(STEPS)]);
        let pairs = pairs.with_column(direction(col(STEPS)).alias(DIRECTION));
        Query::new(self, named(self, pairs, &[NAME, REGION]).select(fields::<Transition>()))
    }
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

/// How many times there are, and how long in the middle, on average, at least and at most.
fn summary_of_days() -> [Expr; 5] {
    [
        len().cast(DataType::UInt32).alias(COUNT),
        col(DAYS).median().alias("median_days"),
        col(DAYS).mean().alias("mean_days"),
        col(DAYS).min().alias("least_days"),
        col(DAYS).max().alias("most_days"),
    ]
}

fn direction(steps: Expr) -> Expr {
    let code = |direction: Direction| coded(direction.code(), Direction::ALL.iter().map(|d| d.code()));
    when(steps.clone().gt(lit(0)))
        .then(code(Direction::Improved))
        .when(steps.lt(lit(0)))
        .then(code(Direction::Declined))
        .otherwise(code(Direction::Unchanged))
}

impl Ratings {
    /// Days from the last day of an inspection to the publication of its report, by grade and framework. Judgements of
    /// which either day is unknown, or the inspection is known to the month or year only, are not counted.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let lags = headline.publication_lags().rows()?;
    /// let ilacs = lags.iter().filter(|row| row.framework.as_deref() == Some("ILACS"));
    /// assert!(ilacs.clone().count() == 4 && ilacs.map(|row| row.median_days).all(|days| days > 20.0 && days < 60.0));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn publication_lags(&self) -> Query<PublicationLag> {
        let keys = [col(THEME), col(FRAMEWORK), col(GRADE)];
        let exact = col(PRECISION).eq(to_the_day()).and(col(END).is_not_null()).and(col(PUBLISHED).is_not_null());
        // The precision of the inspection, also where the day of publication counts.
        let counts = counts(self, self.day()).unwrap_or(lit(true));
        let lags = self
            .lazy()
            .filter(counts.and(exact).and(col(GRADE).is_not_null()))
            .with_column(days(col(END), col(PUBLISHED)))
            .group_by(keys.clone())
            .agg(summary_of_days())
            .sort_by_exprs(keys, SortMultipleOptions::default());
        Query::new(self, lags.select(fields::<PublicationLag>()))
    }

    /// Days between the inspections of a series, by the grade and framework before: how long until the next visit.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let intervals = headline.inspection_intervals().collect()?;
    /// assert!(intervals.column("count")?.u32()?.into_no_null_iter().sum::<u32>() > 400);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn inspection_intervals(&self) -> Query<InspectionInterval> {
        let keys = [col(THEME), col(FROM_FRAMEWORK), col(FROM)];
        let intervals = self
            .transitions()
            .lazy()
            .group_by(keys.clone())
            .agg(summary_of_days())
            .sort_by_exprs(keys, SortMultipleOptions::default())
            .select(fields::<InspectionInterval>());
        Query::new(self, intervals)
    }
}

impl Ratings {
    /// Days that each authority has spent in each grade of a series, up to the day of the ratings.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let times = slough.time_in_grade().collect()?;
    /// let days: Vec<_> = times.column("days")?.i64()?.into_no_null_iter().collect();
    /// assert_eq!(days, [2803, 2757]); // inadequate, requires improvement
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn time_in_grade(&self) -> Query<TimeInGrade> {
        let keys = [col(AUTHORITY), col(NAME), col(THEME), col(GRADE)];
        let times = self
            .spells()
            .lazy()
            .group_by(keys.clone())
            .agg([col(DAYS).sum(), len().cast(DataType::UInt32).alias(SPELLS), col(INSPECTIONS).sum()])
            .sort_by_exprs(keys, SortMultipleOptions::default());
        Query::new(self, times)
    }
}

/// What the present is compared with in [`Ratings::movers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// How each stood on a day.
    Date(NaiveDate),
    /// The judgement before its latest one.
    PreviousInspection,
}

impl Ratings {
    /// Who improved, declined or stayed, and how long each has stood and waited: one row per authority in existence on
    /// the day of the ratings and theme.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let since = trend::Since::Date("2016-06-30".parse().unwrap());
    /// let movers = headline.movers(since).collect()?;
    /// assert_eq!(movers.column("steps")?.i32()?.get(0), Some(3)); // the biggest: from inadequate to outstanding
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] when the day to compare with is after that of the ratings.
    pub fn movers(&self, since: Since) -> Query<Mover> {
        Query::planned(self, || {
            let as_of = self.day();
            let state_type = state_type(self.scale())?;
            let label = |text: &str| lit(text).cast(state_type.clone());
            let standing = |date: NaiveDate, name: &str| {
                standing_on(self, date).with_column(state_of_standing(&state_type).alias(name))
            };
            let now = standing(as_of, TO);
            let keys = [col(AUTHORITY), col(THEME)];
            let compared = match since {
                Since::Date(date) if date > as_of => {
                    return Err(Error::value("day to compare with", date, format!("a day not after {as_of}")));
                }
                Since::Date(date) => {
                    let opened = register(self).select([col(AUTHORITY), col(OPENED)]);
                    let then = standing(date, FROM).select([col(AUTHORITY), col(THEME), col(FROM)]);
                    let absent =
                        when(col(OPENED).gt(day(date))).then(label(OPENED_STATE)).otherwise(label("not_rated"));
                    now.join(then, keys.clone(), keys, left())
                        .join(opened, [col(AUTHORITY)], [col(AUTHORITY)], left())
                        .with_column(when(col(FROM).is_null()).then(absent).otherwise(col(FROM)).alias(FROM))
                }
                Since::PreviousInspection => {
                    let last = with_previous(self, as_of).filter(ends_series()).select([
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
            let graded = |name: &str| is_grade(self.scale(), name);
            let steps = rank(col(TO)).cast(DataType::Int32) - rank(col(FROM)).cast(DataType::Int32);
            let moved = compared
                .with_column(when(graded(FROM).and(graded(TO))).then(steps).otherwise(lit(NULL)).alias(STEPS))
                .with_columns([
                    when(col(STEPS).is_null()).then(lit(NULL)).otherwise(direction(col(STEPS))).alias(DIRECTION),
                    days(col(LATEST), day(as_of)).alias(WAIT),
                ])
                .sort_by_exprs(
                    [col(THEME), col(STEPS), col(AUTHORITY)],
                    SortMultipleOptions::default()
                        .with_order_descending_multi([false, true, false])
                        .with_nulls_last(true),
                );
            Ok(moved.select(fields::<Mover>()))
        })
    }
}
