//! Each value with the grade that stood on its day, and each judgement with the values before and after it.

use chrono::NaiveDate;
use polars::prelude::*;

use super::columns::*;
use super::{Indicators, Note};
use crate::frame::columns::*;
use crate::frame::expr::{day, exists_on, in_left_order};
use crate::frame::query::row;
use crate::frame::{Query, state_type};
use crate::trend::columns::{DATE_PRECISION, LATEST, STATUS};
use crate::trend::count::register;
use crate::trend::{Status, counted, fields, named_by};
use crate::{Error, Precision, Ratings, SeriesId};

const JUDGED: &str = "judged";
const JUDGED_PRECISION: &str = "judged_precision";
const LATEST_YEAR: &str = "latest_year";

row! {
    /// A value of an indicator with the grade that stood on its day: a row of [`Indicators::beside`].
    struct Beside {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// Its region, where known.
        region: Option<String>,
        /// The series of the grade.
        theme: SeriesId,
        /// Key of the indicator.
        indicator: String as Word,
        /// The year in which its period ends.
        year: i32 as Year,
        /// The day on which it stands beside a grade.
        day: NaiveDate,
        /// The value in the unit of the indicator; null where there is none.
        value: Option<f64>,
        /// What was counted, where told.
        numerator: Option<f64>,
        /// What it is a part of, where told.
        denominator: Option<f64>,
        /// Why there is no value, or that it is a joint one.
        note: Option<Note>,
        /// How the body stood on that day: a grade, `not_reported` or `not_rated`.
        grade: String as State,
        /// The day of the latest judgement by then.
        judged: Option<NaiveDate>,
        /// How exactly `judged` is known.
        judged_precision: Option<Precision>,
    }
}

row! {
    /// A judgement with an indicator before and after it: a row of [`Indicators::beside_judgements`].
    struct BesideJudgement {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade.
        grade: String as Grade,
        /// The day from which it counts, by the clock of the ratings.
        date: NaiveDate,
        /// Key of the indicator.
        indicator: String as Word,
        /// The year of the latest value before that day.
        latest_year: Option<i32> as Year,
        /// The latest value before that day.
        latest: Option<f64>,
        /// Year 0: that of the indicator's last day before the judgement, whether or not there is a value.
        year: i32 as Year,
        /// The value three years before year 0.
        before_3: Option<f64>,
        /// Two years before.
        before_2: Option<f64>,
        /// One year before.
        before_1: Option<f64>,
        /// The value of year 0.
        value: Option<f64>,
        /// Why there is none, or that it is a joint one.
        note: Option<Note>,
        /// One year after year 0: the first value on or after the day of the judgement.
        after_1: Option<f64>,
        /// Two years after.
        after_2: Option<f64>,
        /// Three years after.
        after_3: Option<f64>,
        /// How exactly `date` is known.
        date_precision: Precision,
    }
}

/// A join with the last row of the right side up to the day of the left one, by the same values of some columns; a row of
/// that very day counts if `same_day`.
pub(super) fn as_of_join(
    left: LazyFrame,
    on: &str,
    right: LazyFrame,
    right_on: &str,
    by: &[&str],
    same_day: bool,
) -> LazyFrame {
    let by: Vec<PlSmallStr> = by.iter().map(|name| (*name).into()).collect();
    let options = AsOfOptions {
        strategy: AsofStrategy::Backward,
        left_by: Some(by.clone()),
        right_by: Some(by),
        allow_eq: same_day,
        check_sortedness: false,
        ..AsOfOptions::default()
    };
    let in_order =
        |frame: LazyFrame, on: &str| frame.sort([on], SortMultipleOptions::default().with_maintain_order(true));
    in_order(left, on)
        .join_builder()
        .with(in_order(right, right_on))
        .left_on([col(on)])
        .right_on([col(right_on)])
        .how(JoinType::AsOf(Box::new(options)))
        .finish()
}

/// Values with a column of days, of bodies that existed then, each with the state of its body in each series on that day:
/// name, region, theme, grade (state), judged, judged_precision beside the columns of the values.
pub(super) fn with_grades(ratings: &Ratings, values: LazyFrame) -> Result<LazyFrame, Error> {
    let as_of = ratings.day();
    let judged = counted(ratings, as_of).select([
        col(AUTHORITY),
        col(THEME),
        col(DATE),
        col(DATE).alias(JUDGED),
        col(GRADE),
        col(PRECISION).alias(JUDGED_PRECISION),
    ]);
    // Asked for at once: polars 0.55 fails to plan a join of one plan with its own values where both are filtered alike.
    let themes = judged.clone().select([col(THEME)]).unique(None, UniqueKeepStrategy::Any);
    let themes = ratings.collect(themes)?.lazy();
    let bodies = register(ratings).select([AUTHORITY, NAME, REGION, OPENED, CLOSED].map(col));
    let key = [col(AUTHORITY)];
    let values = values
        .join(bodies, key.clone(), key, JoinArgs::new(JoinType::Inner))
        .filter(col(DAY).lt_eq(day(as_of)).and(exists_on(col(DAY))))
        .cross_join(themes, None);
    let state_type = state_type(ratings.scale())?;
    let status = when(col(JUDGED).is_null())
        .then(lit(Status::NotRated.code()))
        .otherwise(lit(Status::NotReported.code()))
        .alias(STATUS);
    let state = col(GRADE).cast(DataType::String).fill_null(col(STATUS)).cast(state_type).alias(GRADE);
    let joined = as_of_join(values, DAY, judged, DATE, &[AUTHORITY, THEME], true);
    Ok(joined.with_column(status).with_column(state))
}

impl Indicators {
    /// Each value of each indicator up to the day of the ratings, with the grade that stood on its own day, in each series.
    /// Both clocks: `ratings.clock(Clock::Published)` asks what was known on that day. A value itself is published months
    /// after its day.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["eet_19_21"])?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let beside = indicators.beside(&slough).rows()?;
    /// let told: Vec<_> = beside.iter().map(|b| (b.year, b.value.unwrap(), b.grade.as_str())).take(2).collect();
    /// assert_eq!(told, [(2018, 38.0, "inadequate"), (2019, 59.0, "requires_improvement")]);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn beside(&self, ratings: &Ratings) -> Query<Beside> {
        Query::planned(ratings, || {
            let order = [THEME, INDICATOR, AUTHORITY, YEAR].map(col);
            let answer =
                with_grades(ratings, self.frame()?.lazy())?.sort_by_exprs(order, SortMultipleOptions::default());
            Ok(answer.select(fields::<Beside>()))
        })
    }

    /// Each judgement up to the day of the ratings with each indicator: the latest value before it, and the values up to
    /// three years before and after.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["eet_19_21"])?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// let judgements = indicators.beside_judgements(&slough).rows()?;
    /// let of_2019 = judgements.iter().find(|j| j.date.to_string() == "2019-02-01").unwrap();
    /// assert_eq!((of_2019.latest_year, of_2019.latest, of_2019.after_1), (Some(2018), Some(38.0), Some(59.0)));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn beside_judgements(&self, ratings: &Ratings) -> Query<BesideJudgement> {
        Query::planned(ratings, || {
            let judgements = counted(ratings, ratings.day()).filter(col(GRADE).is_not_null()).select([
                col(AUTHORITY),
                col(THEME),
                col(GRADE),
                col(DATE),
                col(PRECISION).alias(DATE_PRECISION),
                col(INSPECTION),
            ]);
            let rows = judgements.cross_join(self.days()?, None).with_column(year_before(DATE).alias(YEAR));
            let values = self.frame()?.lazy().filter(col(DAY).lt_eq(day(ratings.day())));
            let published = values.clone().filter(col(VALUE).is_not_null()).select([
                col(AUTHORITY),
                col(INDICATOR),
                col(DAY),
                col(YEAR).alias(LATEST_YEAR),
                col(VALUE).alias(LATEST),
            ]);
            let mut rows = as_of_join(rows, DATE, published, DAY, &[AUTHORITY, INDICATOR], false);
            let names = [("before_3", -3), ("before_2", -2), ("before_1", -1), (VALUE, 0)];
            let names = names.into_iter().chain([("after_1", 1), ("after_2", 2), ("after_3", 3)]);
            for (name, offset) in names {
                let mut columns =
                    vec![col(AUTHORITY), col(INDICATOR), (col(YEAR) - lit(offset)).alias(YEAR), col(VALUE).alias(name)];
                columns.extend((offset == 0).then(|| col(NOTE)));
                let keys = [AUTHORITY, INDICATOR, YEAR].map(col);
                rows = rows.join(values.clone().select(columns), keys.clone(), keys, in_left_order());
            }
            let order = [THEME, AUTHORITY, DATE, INSPECTION, INDICATOR].map(col);
            let rows = rows.sort_by_exprs(order, SortMultipleOptions::default());
            Ok(named_by(ratings, rows, AUTHORITY, &[NAME]).select(fields::<BesideJudgement>()))
        })
    }

    /// The day of the year on which each indicator stands beside a grade: indicator, month, day_of_month.
    pub(super) fn days(&self) -> Result<LazyFrame, Error> {
        let parts: Vec<(u32, u32)> = self.list().iter().map(|i| i.stands_on.parts()).collect();
        let days = df!(
            INDICATOR => self.list().iter().map(|i| i.id.as_str()).collect::<Vec<_>>(),
            MONTH => parts.iter().map(|p| p.0 as i32).collect::<Vec<_>>(),
            DAY_OF_MONTH => parts.iter().map(|p| p.1 as i32).collect::<Vec<_>>(),
        )?;
        Ok(days.lazy().with_column(col(INDICATOR).cast(self.word())))
    }
}

const MONTH: &str = "month_of_year";
const DAY_OF_MONTH: &str = "day_of_month";

/// The year of the indicator's last day before a date, by the columns of [`Indicators::days`].
pub(super) fn year_before(date: &str) -> Expr {
    let (month, of_month) = (col(date).dt().month().cast(DataType::Int32), col(date).dt().day().cast(DataType::Int32));
    let earlier = col(MONTH).lt(month.clone()).or(col(MONTH).eq(month).and(col(DAY_OF_MONTH).lt(of_month)));
    when(earlier).then(col(date).dt().year()).otherwise(col(date).dt().year() - lit(1)).cast(DataType::Int32)
}
