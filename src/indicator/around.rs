//! An indicator before and after something that happened to a body, beside bodies to which it did not happen.

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::Indicators;
use super::beside::{as_of_join, with_grades, year_before};
use super::columns::*;
use super::regression::{Coefficient, clustered_mean, numbered};
use crate::frame::Query;
use crate::frame::columns::*;
use crate::frame::expr::{day, words_type};
use crate::frame::query::row;
use crate::trend::columns::{FROM, ON, STEPS, TO};
use crate::trend::{counted, fields};
use crate::{Error, Series, SeriesId};

/// Years beside year 0 that must all have a value.
const OFFSETS: [i32; 4] = [-1, 0, 1, 2];
const CASE: &str = "case";
const START_DAY: &str = "start_day";
const END_DAY: &str = "end_day";

/// What happened to a body, around which an indicator is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Moment {
    /// A judgement with this grade after one with a better grade.
    FallsTo(String),
    /// A judgement with a better grade after one with this grade.
    Leaves(String),
    /// A judgement with a better grade than the one before.
    Improves,
    /// A judgement with a worse grade than the one before.
    Declines,
    /// Any judgement after another.
    Inspection,
    /// An event of this kind, of those that the ratings [count](crate::Ratings::events_about).
    Event(String),
}

row! {
    /// An indicator some years from a moment, in points against the mean of all bodies in that year: a row of
    /// [`Indicators::around`].
    struct AroundMoment {
        /// The series.
        theme: SeriesId,
        /// Key of the indicator.
        indicator: String as Word,
        /// Years from year 0, which is that of the indicator's last day before the moment: -1, 0, 1 or 2.
        offset: i32 as Year,
        /// Moments with a value in each of the four years.
        cases: u32,
        /// Bodies that they are of, by which errors are clustered.
        bodies: u32,
        /// Mean of value less the mean of all bodies in that year.
        mean: f64,
        /// Lower limit at 95%; null with fewer than two bodies.
        mean_lower: Option<f64>,
        /// Upper limit at 95%.
        mean_upper: Option<f64>,
        /// Moments that have somebody to compare with: the same grade on the indicator's day of year 0, four values, and no
        /// such moment from the year before to two years after.
        compared: u32,
        /// Bodies that they are compared with.
        controls: u32,
        /// Mean of those, each moment counting the same; null without any.
        control_mean: Option<f64>,
        /// Mean difference of the moments that are compared.
        difference: Option<f64>,
        /// Lower limit at 95%.
        difference_lower: Option<f64>,
        /// Upper limit at 95%.
        difference_upper: Option<f64>,
    }
}

impl Indicators {
    /// Each indicator around a moment: one year before, in year 0, one and two years after, as mean difference from the mean
    /// of all bodies in the same year. Year 0 is that of the indicator's last day before the moment. Only moments with all
    /// four values count, so that the same bodies stand in each year. Beside them stand bodies with the same grade on that
    /// day and no such moment in those years: no other grade ([`FallsTo`](Moment::FallsTo) to
    /// [`Declines`](Moment::Declines)), no judgement ([`Inspection`](Moment::Inspection)), no such event at any time
    /// ([`Event`](Moment::Event)). Who they are is known only afterwards: they are a yardstick, no experiment.
    ///
    /// Values of bodies [left out](Indicators::leaving_out) and joint ones count nowhere, in the mean of the year neither.
    /// Intervals are those of a mean with errors clustered by body (CR1), t with one degree less than bodies.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::indicator::Moment;
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?.only(["sw_agency"])?;
    /// let headline = england.ratings()?.series(Theme::Headline)?;
    /// let falls = indicators.around(&headline, &Moment::FallsTo("inadequate".into())).rows()?;
    /// let tenths: Vec<f64> = falls.iter().skip(1).map(|r| (10.0 * r.mean).round() / 10.0).collect();
    /// assert_eq!(tenths, [5.6, 12.2, 11.5]); // points of agency workers above the mean of that year
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for a grade that the scale lacks; as [`Ratings::around_events`](crate::Ratings::around_events) for an
    /// event. [`Error::Frame`] when the ratings were narrowed to some bodies: ask before.
    pub fn around(&self, series: &Series, moment: &Moment) -> Query<AroundMoment> {
        Query::planned(series, || {
            series.all_bodies("they are compared with the mean of")?;
            let moments = moments(series, moment)?;
            let windows = self.windows()?;
            let pairs = [(AUTHORITY, AUTHORITY), (INDICATOR, INDICATOR), (YEAR, YEAR)];
            let keys = || pairs.map(|(left, _)| col(left));
            let cases = moments
                .clone()
                .cross_join(self.days()?, None)
                .with_column(year_before(ON).alias(YEAR))
                .join(windows.clone(), keys(), keys(), JoinArgs::new(JoinType::Inner))
                .sort_by_exprs([INDICATOR, AUTHORITY, ON].map(col), SortMultipleOptions::default())
                .with_row_index(CASE, None);
            let controls = controls(series, moment, windows, &moments)?;
            let of_case = [INDICATOR, YEAR, FROM].map(col);
            let sums = OFFSETS.map(|offset| col(name("control", offset)).mean());
            let compared = cases
                .clone()
                .select([CASE, AUTHORITY, INDICATOR, YEAR, FROM].map(col))
                .join(controls, of_case.clone(), of_case, JoinArgs::new(JoinType::Inner))
                .filter(col(AUTHORITY).neq(col("control_body")));
            let means = compared.clone().group_by([col(CASE)]).agg(sums);
            let cases = cases.join(means, [col(CASE)], [col(CASE)], JoinArgs::new(JoinType::Left));
            let counts = compared.group_by([col(INDICATOR)]).agg([col("control_body").n_unique().alias("controls")]);
            let cases = series.collect(cases.sort([CASE], SortMultipleOptions::default()))?;
            let counts = series.collect(counts)?;
            Ok(self.answer(series, &cases, &counts)?.lazy())
        })
    }

    /// The four values around each year that has them, as differences from the mean of the year: authority, indicator, year,
    /// `own_-1` to `own_2`, and the days of the first and the last.
    fn windows(&self) -> Result<LazyFrame, Error> {
        let of_year = [INDICATOR, YEAR].map(col);
        let values = self.counted()?.select([AUTHORITY, INDICATOR, YEAR, DAY, VALUE].map(col));
        let means = values.clone().group_by(of_year.clone()).agg([col(VALUE).mean().alias("mean")]);
        let apart = values
            .join(means, of_year.clone(), of_year, JoinArgs::new(JoinType::Inner))
            .with_column((col(VALUE) - col("mean")).alias(VALUE));
        let keys = [AUTHORITY, INDICATOR, YEAR].map(col);
        let at = |offset: i32| {
            let mut columns = vec![
                col(AUTHORITY),
                col(INDICATOR),
                (col(YEAR) - lit(offset)).alias(YEAR),
                col(VALUE).alias(name("own", offset)),
            ];
            match offset {
                -1 => columns.push(col(DAY).alias(START_DAY)),
                0 => columns.push(col(DAY)),
                2 => columns.push(col(DAY).alias(END_DAY)),
                _ => {}
            }
            apart.clone().select(columns)
        };
        let [first, others @ ..] = OFFSETS;
        let inner = || JoinArgs::new(JoinType::Inner);
        Ok(others.into_iter().fold(at(first), |all, offset| all.join(at(offset), keys.clone(), keys.clone(), inner())))
    }

    fn answer(&self, series: &Series, cases: &DataFrame, counts: &DataFrame) -> Result<DataFrame, Error> {
        let mut rows: Vec<(String, i32, Summary)> = Vec::new();
        let (ids, numbers) = (counts.column(INDICATOR)?.cast(&DataType::String)?, counts.column("controls")?.idx()?);
        let ids = ids.str()?;
        for part in cases.partition_by_stable([INDICATOR], true)? {
            let Some(id) = part.column(INDICATOR)?.cast(&DataType::String)?.str()?.get(0).map(str::to_owned) else {
                continue;
            };
            let bodies: Vec<String> = part.column(AUTHORITY)?.str()?.iter().flatten().map(str::to_owned).collect();
            let at = (0..ids.len()).find(|row| ids.get(*row) == Some(id.as_str()));
            let controls = at.and_then(|row| numbers.get(row)).unwrap_or(0);
            for offset in OFFSETS {
                let numbers = |of: &str| -> Result<Vec<Option<f64>>, Error> {
                    Ok(part.column(&name(of, offset))?.f64()?.iter().collect())
                };
                let summary = summary(&bodies, &numbers("own")?, &numbers("control")?, controls);
                rows.push((id.clone(), offset, summary));
            }
        }
        let place = |id: &str| self.list().iter().position(|i| i.id == id);
        rows.sort_by_key(|(id, offset, _)| (place(id), *offset));
        let count = |of: &dyn Fn(&Summary) -> usize| rows.iter().map(|r| of(&r.2) as u32).collect::<Vec<_>>();
        let number = |of: &dyn Fn(&Summary) -> Option<f64>| rows.iter().map(|r| of(&r.2)).collect::<Vec<_>>();
        let limits = |of: Option<Coefficient>| of.map(Coefficient::limits);
        let theme = series.id().as_str();
        let frame = df!(
            THEME => vec![theme; rows.len()],
            INDICATOR => rows.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(),
            "offset" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
            "cases" => count(&|s| s.cases),
            "bodies" => count(&|s| s.bodies),
            "mean" => rows.iter().map(|r| r.2.mean).collect::<Vec<_>>(),
            "mean_lower" => number(&|s| limits(s.own).map(|l| l.0)),
            "mean_upper" => number(&|s| limits(s.own).map(|l| l.1)),
            "compared" => count(&|s| s.compared),
            "controls" => count(&|s| s.controls),
            "control_mean" => number(&|s| s.control_mean),
            "difference" => number(&|s| s.difference_mean),
            "difference_lower" => number(&|s| limits(s.difference).map(|l| l.0)),
            "difference_upper" => number(&|s| limits(s.difference).map(|l| l.1)),
        )?;
        let typed = [col(THEME).cast(words_type([theme])), col(INDICATOR).cast(self.word())];
        Ok(frame.lazy().with_columns(typed).select(fields::<AroundMoment>()).collect()?)
    }
}

/// A column of values some years from year 0.
fn name(of: &str, offset: i32) -> String {
    format!("{of}_{offset}")
}

/// The moments up to the day of the ratings: authority, on, from (the grade before).
fn moments(series: &Series, moment: &Moment) -> Result<LazyFrame, Error> {
    let columns = [AUTHORITY, ON, FROM].map(col);
    let transitions = || series.transitions().plan();
    let is = |column: &str, grade: &String| -> Result<Expr, Error> {
        series.scale().position(grade)?;
        Ok(col(column).eq(lit(grade.as_str())))
    };
    Ok(match moment {
        Moment::FallsTo(grade) => transitions()?.filter(is(TO, grade)?.and(col(STEPS).lt(lit(0)))),
        Moment::Leaves(grade) => transitions()?.filter(is(FROM, grade)?.and(col(STEPS).gt(lit(0)))),
        Moment::Improves => transitions()?.filter(col(STEPS).gt(lit(0))),
        Moment::Declines => transitions()?.filter(col(STEPS).lt(lit(0))),
        Moment::Inspection => transitions()?,
        Moment::Event(kind) => {
            let as_of = series.day();
            let events = series.events_of(kind)?.filter(col(EVENT_DATE).lt_eq(day(as_of)));
            let events = events.select([col(AUTHORITY), col(EVENT_DATE).alias(ON)]);
            let judged = counted(series, as_of).select([col(AUTHORITY), col(DATE), col(GRADE).alias(FROM)]);
            as_of_join(events, ON, judged, DATE, &[AUTHORITY], true)
        }
    }
    .select(columns))
}

/// Bodies without such a moment around a year: control_body, indicator, year, from (their grade on its day), `control_-1` to
/// `control_2`.
fn controls(series: &Series, moment: &Moment, windows: LazyFrame, moments: &LazyFrame) -> Result<LazyFrame, Error> {
    let happened = match moment {
        Moment::Event(_) => moments.clone(),
        Moment::Inspection => counted(series, series.day()).select([col(AUTHORITY), col(DATE).alias(ON)]),
        _ => {
            let changes = series.transitions().plan()?.filter(col(STEPS).neq(lit(0)));
            changes.select([AUTHORITY, ON].map(col))
        }
    };
    let during = match moment {
        Moment::Event(_) => lit(true),
        _ => col(ON).gt(col(START_DAY)).and(col(ON).lt_eq(col(END_DAY))),
    };
    let keys = [AUTHORITY, INDICATOR, YEAR].map(col);
    let happened = windows
        .clone()
        .join(
            happened.select([AUTHORITY, ON].map(col)),
            [col(AUTHORITY)],
            [col(AUTHORITY)],
            JoinArgs::new(JoinType::Inner),
        )
        .filter(during)
        .select(keys.clone())
        .unique(None, UniqueKeepStrategy::Any);
    let grade = series.scale().labels().len() as u32;
    let own = OFFSETS.map(|offset| col(name("own", offset)).alias(name("control", offset)));
    let standing = with_grades(series, windows)?.filter(crate::frame::expr::rank(col(GRADE)).lt(lit(grade)));
    let kept = standing.join(happened, keys.clone(), keys, JoinArgs::new(JoinType::Anti));
    let from = col(GRADE).cast(DataType::String).cast(crate::frame::grade_type(series.scale())?).alias(FROM);
    let columns = [col(AUTHORITY).alias("control_body"), col(INDICATOR), col(YEAR), from];
    Ok(kept.select([&columns[..], &own].concat()))
}

/// The values of some moments in one year.
struct Summary {
    cases: usize,
    bodies: usize,
    mean: f64,
    own: Option<Coefficient>,
    compared: usize,
    controls: usize,
    control_mean: Option<f64>,
    difference_mean: Option<f64>,
    difference: Option<Coefficient>,
}

fn summary(bodies: &[String], own: &[Option<f64>], control: &[Option<f64>], controls: IdxSize) -> Summary {
    let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let values: Vec<f64> = own.iter().flatten().copied().collect();
    let (clusters, count) = numbered(bodies);
    let pairs = || own.iter().zip(control).zip(bodies).filter_map(|((o, c), body)| Some(((*o)?, (*c)?, body)));
    let differences: Vec<f64> = pairs().map(|(own, control, _)| own - control).collect();
    let others: Vec<f64> = pairs().map(|(_, control, _)| control).collect();
    let (compared_clusters, compared_count) = numbered(pairs().map(|(_, _, body)| body));
    let some = |numbers: &[f64]| (!numbers.is_empty()).then(|| mean(numbers));
    Summary {
        cases: values.len(),
        bodies: count,
        mean: mean(&values),
        own: clustered_mean(&values, (&clusters, count)),
        compared: differences.len(),
        controls: controls as usize,
        control_mean: some(&others),
        difference_mean: some(&differences),
        difference: clustered_mean(&differences, (&compared_clusters, compared_count)),
    }
}
