//! Counts: how the authorities stand on given days, and how they moved between two of them.

use chrono::NaiveDate;
use polars::prelude::*;

use super::calendar::Calendar;
use super::every::in_order;
use super::run::{KEY, runs};
use super::{
    EndedBy, Status, begins_body, begins_series, columns::*, counts, dated, day, ends_series, exists_on, judged_themes,
    left, left_with_nulls, next, previous, rank, row,
};
use crate::frame::{Query, columns::*, state_type};
use crate::{Error, Ratings, Scale, SeriesId};

/// State of an authority that did not exist yet (`from` of [`Ratings::flows`]).
pub const OPENED_STATE: &str = "opened";
/// State of an authority that no longer exists (`to` of [`Ratings::flows`]).
pub const CLOSED_STATE: &str = "closed";

/// Whether a state is a grade of the scale.
pub(super) fn is_grade(scale: &Scale, state: &str) -> Expr {
    rank(col(state)).lt(lit(scale.labels().len() as u32))
}

pub(super) fn frame_of_dates(dates: &[NaiveDate]) -> Result<LazyFrame, Error> {
    Ok(df!(DATE => in_order(dates))?.lazy())
}

/// Grade or status of a standing as one state.
pub(crate) fn state_of_standing(state_type: &DataType) -> Expr {
    let rated = col(STATUS).eq(lit(Status::Rated.code()));
    let text = |name: &str| col(name).cast(DataType::String);
    when(rated).then(text(GRADE)).otherwise(text(STATUS)).cast(state_type.clone())
}

/// A grade as a state: null is `not_reported`.
pub(super) fn state_of_grade(grade: Expr, state_type: &DataType) -> Expr {
    grade.cast(DataType::String).fill_null(lit(Status::NotReported.code())).cast(state_type.clone())
}

/// The rated bodies: those given, or those that have a rating.
pub(crate) fn register(ratings: &Ratings) -> LazyFrame {
    let null = |name: &str, dtype: DataType| lit(NULL).cast(dtype).alias(name);
    ratings.authorities().unwrap_or_else(|| {
        ratings.lazy().filter(begins_body()).select([
            col(BODY),
            col(AUTHORITY),
            null(NAME, DataType::String),
            null(REGION, DataType::String),
            null(TYPE, DataType::String),
            null(OPENED, DataType::Date),
            col(CLOSED),
        ])
    })
}

/// The states of every series on each day: `date`, `authority`, `theme`, `grade` (state), for those ever judged.
pub(super) fn states(ratings: &Ratings, dates: &LazyFrame, last: NaiveDate) -> Result<LazyFrame, Error> {
    let during = col(SPELL_START)
        .lt_eq(col(DATE))
        .and(col(DATE).lt(col(SPELL_END)).or(col(ENDED_BY).eq(lit(EndedBy::AsOf.code()))));
    Ok(runs(ratings, col(GRADE), lit(true), last).cross_join(dates.clone(), None).filter(during).select([
        col(DATE),
        col(BODY),
        col(AUTHORITY),
        col(THEME),
        state_of_grade(col(KEY), &state_type(ratings.scale())?).alias(GRADE),
    ]))
}

row! {
    /// How many bodies stand at a grade on a day: a row of [`Ratings::distribution`]. In a frame the column `group` has the
    /// name of the column that bodies are grouped by, or is not there.
    struct Share {
        /// The day.
        date: NaiveDate,
        /// The group of bodies, where they are counted by one; null also for those whose group is not known.
        group: Option<String>,
        /// The series.
        theme: SeriesId,
        /// A grade, `not_reported` or `not_rated`.
        grade: String as State,
        /// Bodies that stand there.
        count: u32,
        /// Bodies in existence on the day.
        open: u32,
        /// Those of them with a grade.
        rated: u32,
        /// Part of those in existence, 0 to 1.
        share: f64,
        /// Part of those with a grade, 0 to 1; null for what is no grade, and where nobody has one.
        share_rated: Option<f64>,
    }
}

row! {
    /// How many bodies went from one state to another between two days: a row of [`Ratings::flows`].
    #[derive(Eq)]
    struct FlowCount {
        /// The series.
        theme: SeriesId,
        /// The state on the first day: a grade, `not_reported`, `not_rated`, or `opened` for those created since.
        from: String as State,
        /// The state on the second day: a grade, `not_reported`, `not_rated`, or `closed` for those that ended before it.
        to: String as State,
        /// Bodies that went this way.
        count: u32,
    }
}

impl Ratings {
    /// How many authorities stand at each grade on each day.
    ///
    /// The group is a column of the authorities: `region`, `type`, or any other.
    ///
    /// Ofsted's cut-off rule, "latest SIF or ILACS ended by one day and published by another", is
    /// [`Ratings::only`] and [`Ratings::published_by`] before this query:
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::frame::columns::FRAMEWORK;
    /// use rating_history::ofsted::{Framework, Theme};
    /// use rating_history::trend;
    /// let england = rating_history::ofsted::england()?;
    /// let day = |text: &str| text.parse().unwrap();
    /// let ratings = england.ratings()?
    ///     .series(Theme::Headline)?
    ///     .only(FRAMEWORK, [Framework::Sif, Framework::Ilacs])?
    ///     .published_by(day("2024-05-31"));
    /// let counts = ratings.distribution(&[day("2024-03-31")], None).collect()?;
    /// let count: Vec<_> = counts.column("count")?.u32()?.into_no_null_iter().collect();
    /// assert_eq!(count.iter().sum::<u32>(), 153);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] without a date, or with one after the day of the ratings; [`Error::Frame`] when the authorities lack
    /// the grouping column, or it tells nothing.
    pub fn distribution(&self, dates: &[NaiveDate], by: Option<&str>) -> Query<Share> {
        Query::planned(self, || {
            let last = *dates.iter().max().ok_or_else(|| Error::value("dates", "", "at least one date"))?;
            self.tell_of(dates.iter().copied())?;
            let calendar = Calendar::new(dates);
            let state = state_type(self.scale())?;
            let group: Vec<Expr> = by.map(col).into_iter().collect();
            let keys = |first: &[&str]| -> Vec<Expr> { first.iter().map(|c| col(*c)).chain(group.clone()).collect() };
            let known = self.authorities().is_some();
            let register = match by {
                Some(by) => self.grouping(by)?,
                None => register(self),
            };
            let open = register
                .clone()
                .select([keys(&[]), vec![col(OPENED).alias(SPELL_START), col(CLOSED).alias(SPELL_END)]].concat());
            let opened = calendar
                .standing(open, &keys(&[]))?
                .filter(col(COUNT).gt(lit(0)))
                .rename([COUNT], [OPEN], true)
                .with_column(col(OPEN).cast(DataType::UInt32));
            let themes = judged_themes(self, last);
            let still = col(ENDED_BY).eq(lit(EndedBy::AsOf.code()));
            let spans = runs(self, col(GRADE), lit(true), last).select([
                col(BODY),
                col(THEME),
                col(KEY),
                col(SPELL_START),
                when(still).then(lit(NULL)).otherwise(col(SPELL_END)).alias(SPELL_END),
            ]);
            // A judgement counts while its authority exists; without a register each exists while it has one.
            let spans = if known {
                let life = register.select([keys(&[BODY]), vec![col(OPENED), col(CLOSED)]].concat());
                spans.join(life, [col(BODY)], [col(BODY)], JoinArgs::new(JoinType::Inner)).with_columns([
                    when(col(OPENED).gt(col(SPELL_START)))
                        .then(col(OPENED))
                        .otherwise(col(SPELL_START))
                        .alias(SPELL_START),
                    when(col(SPELL_END).is_null().or(col(CLOSED).lt(col(SPELL_END))))
                        .then(col(CLOSED))
                        .otherwise(col(SPELL_END))
                        .alias(SPELL_END),
                ])
            } else {
                spans
            };
            let judged = calendar.standing(spans, &keys(&[THEME, KEY]))?;
            let judged = judged.with_column(state_of_grade(col(KEY), &state).alias(GRADE));
            let labels: Vec<&str> = self.scale().labels().iter().map(String::as_str).collect();
            let standing = [Status::NotReported, Status::NotRated].map(Status::code);
            let all_states = df!(GRADE => [labels.as_slice(), &standing].concat())?
                .lazy()
                .with_column(col(GRADE).cast(state.clone()));
            let unrated = col(OPEN).cast(DataType::Int64) - col(COUNT);
            let not_rated = opened
                .clone()
                .cross_join(themes.clone(), None)
                .join(
                    judged.clone().group_by(keys(&[DATE, THEME])).agg([col(COUNT).sum()]),
                    keys(&[DATE, THEME]),
                    keys(&[DATE, THEME]),
                    left_with_nulls(),
                )
                .with_column(col(COUNT).fill_null(lit(0)))
                .select(
                    [
                        keys(&[DATE, THEME]),
                        vec![lit(Status::NotRated.code()).cast(state).alias(GRADE), unrated.alias(COUNT)],
                    ]
                    .concat(),
                );
            let columns = [keys(&[DATE, THEME, GRADE]), vec![col(COUNT)]].concat();
            let counts = concat([judged.select(columns.clone()), not_rated.select(columns)], UnionArgs::default())?
                .with_column(col(COUNT).cast(DataType::UInt32));
            let is_grade = is_grade(self.scale(), GRADE);
            let all = opened.cross_join(themes, None).cross_join(all_states, None);
            let counted = all
                .join(counts, keys(&[DATE, THEME, GRADE]), keys(&[DATE, THEME, GRADE]), left_with_nulls())
                .with_column(col(COUNT).fill_null(lit(0u32)));
            let rated = counted
                .clone()
                .filter(is_grade.clone())
                .group_by(keys(&[DATE, THEME]))
                .agg([col(COUNT).sum().cast(DataType::UInt32).alias(RATED)]);
            let share = |of: &str| col(COUNT).cast(DataType::Float64) / col(of).cast(DataType::Float64);
            let order: Vec<Expr> = [&[col(DATE)], group.as_slice(), &[col(THEME), col(GRADE)]].concat();
            Ok(counted
                .join(rated, keys(&[DATE, THEME]), keys(&[DATE, THEME]), left_with_nulls())
                .with_columns([
                    share(OPEN).alias(SHARE),
                    when(is_grade.and(col(RATED).gt(lit(0u32))))
                        .then(share(RATED))
                        .otherwise(lit(NULL))
                        .alias(SHARE_RATED),
                ])
                .sort_by_exprs(order.clone(), SortMultipleOptions::default())
                .select([order, [COUNT, OPEN, RATED, SHARE, SHARE_RATED].map(col).to_vec()].concat()))
        })
        .grouped_by(by)
    }
}

impl Ratings {
    /// How many authorities went from each state to each other between two days.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let day = |text: &str| text.parse().unwrap();
    /// let flows = headline.flows(day("2018-12-31"), day("2023-12-31")).collect()?;
    /// assert_eq!(flows.column("count")?.u32()?.into_no_null_iter().sum::<u32>(), 158); // 152 then, six created since
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] when the second day is before the first, or after the day of the ratings.
    pub fn flows(&self, from: NaiveDate, to: NaiveDate) -> Query<FlowCount> {
        Query::planned(self, || {
            if to < from {
                return Err(Error::value("second day", to, format!("a day not before the first, {from}")));
            }
            self.tell_of([from, to])?;
            let state = state_type(self.scale())?;
            let keys = [THEME, EXISTED, EXISTS].map(col);
            let life = |body: LazyFrame| {
                body.with_columns([exists_on(day(from)).alias(EXISTED), exists_on(day(to)).alias(EXISTS)])
            };
            let lives = col(EXISTED).or(col(EXISTS));
            let bodies = register(self);
            let judged = standing_twice(self, from, to);
            let judged = match self.authorities() {
                None => judged.with_column(lit(NULL).cast(DataType::Date).alias(OPENED)),
                Some(_) => judged.drop(cols([CLOSED])).join(
                    bodies.clone().select([BODY, OPENED, CLOSED].map(col)),
                    [col(BODY)],
                    [col(BODY)],
                    JoinArgs::new(JoinType::Inner),
                ),
            };
            let pairs = [keys.as_slice(), &[col(BEGUN), col(FROM), col(GRADE)]].concat();
            let judged = life(judged).group_by(pairs).agg([len().cast(DataType::Int64).alias(COUNT)]).cache();
            let themes = judged.clone().group_by([col(THEME)]).agg([]);
            let judged = judged.filter(lives.clone());
            let label = |text: &str| lit(text).cast(state.clone());
            let graded = |grade: &str| state_of_grade(col(grade), &state);
            let not_rated = label(Status::NotRated.code());
            // Of those in existence, who has never been judged.
            let never = life(bodies)
                .filter(lives)
                .group_by([EXISTED, EXISTS].map(col))
                .agg([len().cast(DataType::Int64).alias("bodies")])
                .cross_join(themes, None)
                .join(judged.clone().group_by(keys.clone()).agg([col(COUNT).sum()]), keys.clone(), keys.clone(), left())
                .with_column((col("bodies") - col(COUNT).fill_null(lit(0))).alias(COUNT))
                .with_columns([not_rated.clone().alias(FROM), not_rated.clone().alias(TO)]);
            let judged = judged.with_columns([
                when(col(BEGUN)).then(graded(FROM)).otherwise(not_rated).alias(FROM),
                graded(GRADE).alias(TO),
            ]);
            let columns = [THEME, EXISTED, EXISTS, FROM, TO, COUNT].map(col);
            Ok(concat([judged.select(columns.clone()), never.select(columns)], UnionArgs::default())?
                .select([
                    col(THEME),
                    when(col(EXISTED)).then(col(FROM)).otherwise(label(OPENED_STATE)).alias(FROM),
                    when(col(EXISTS)).then(col(TO)).otherwise(label(CLOSED_STATE)).alias(TO),
                    col(COUNT),
                ])
                .group_by([col(THEME), col(FROM), col(TO)])
                .agg([col(COUNT).sum().cast(DataType::UInt32)])
                .filter(col(COUNT).gt(lit(0u32)))
                .sort_by_exprs([col(THEME), col(FROM), col(TO)], SortMultipleOptions::default()))
        })
    }
}

const EXISTED: &str = "existed";
const EXISTS: &str = "exists";
const BEGUN: &str = "begun";
const STAGE: &str = "stage";
const LAST: &str = "last";

/// The judged series at the second day: `body`, `theme`, `closed`, `grade` then, `begun` (judged by the first day)
/// and `from`, the grade on the first day.
fn standing_twice(ratings: &Ratings, from: NaiveDate, to: NaiveDate) -> LazyFrame {
    let by_to = counts(ratings, to).unwrap_or(lit(true));
    let by_from = by_to.clone().and(col(DATE).lt_eq(day(from)));
    // 2 up to the first day, 1 up to the second, 0 for what does not count: it never grows within a series.
    let stage = by_to.cast(DataType::UInt8) + by_from.cast(DataType::UInt8);
    // Of a series only the rows that stand on one of the days: two at most.
    let stands = col(STAGE).gt(lit(0u8)).and(ends_series().or(next(STAGE).lt(col(STAGE))));
    let standing = dated(ratings)
        .with_column(stage.fill_null(lit(0u8)).alias(STAGE))
        .select([BODY, SERIES, THEME, STAGE, GRADE, CLOSED].map(col))
        .filter(stands);
    let (early, before) = (col(STAGE).eq(lit(2u8)), begins_series().not());
    let grade = when(early.clone()).then(col(GRADE)).when(before.clone()).then(previous(GRADE)).otherwise(lit(NULL));
    standing
        .with_columns([early.or(before).alias(BEGUN), grade.alias(FROM), ends_series().alias(LAST)])
        .filter(col(LAST))
        .select([BODY, THEME, CLOSED, GRADE, BEGUN, FROM].map(col))
}
