//! What is observed: from when, until when, and how time is counted; and the stays in a grade that follow from it.

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;

use crate::code::{coded_enum, setters};
use crate::frame::expr::{begins_series, day, in_left_order, next, previous, rank, ranks};
use crate::frame::query::row;
use crate::frame::{Query, columns::*};
use crate::trend::columns::*;
use crate::trend::run::{KEY, NEXT_GRADE, runs_of};
use crate::trend::{EndedBy, counted, fields};
use crate::{Error, Precision, Series, SeriesId};

coded_enum! {
    /// How days become years.
    enum TimeBasis: "time basis" {
        /// Whole years by anniversaries, then days over the length of the running anniversary year (MATLAB's
        /// `transprob`).
        Anniversary = "anniversary" / "years by anniversaries",
        /// Days over 365.25.
        Days365_25 = "365.25" / "days / 365.25",
    }
}

coded_enum! {
    /// Whether the time after a body's last judgement is observed.
    enum AfterLast: "time after the last judgement" {
        /// Its grade stands until the end of the study, or its closing.
        Count = "count" / "counted",
        /// Only the time up to the last judgement is observed.
        Drop = "drop" / "dropped",
    }
}

/// What is observed, and how time is counted.
///
/// ```
/// use rating_history::estimate::Study;
/// let until = "2026-08-20".parse().unwrap();
/// let ilacs = Study::until(until).from(chrono::NaiveDate::from_ymd_opt(2018, 1, 1));
/// assert_eq!(ilacs.to, until);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Study {
    /// Stays count from this day on; what began earlier enters late (left truncation). `None`: from the first
    /// judgement of each body.
    pub from: Option<NaiveDate>,
    /// The last day observed; what goes on is censored there.
    pub to: NaiveDate,
    /// How days become years.
    pub basis: TimeBasis,
    /// Whether the time after the last judgement counts.
    pub after_last: AfterLast,
    /// A grade that nobody leaves: what comes after it in a series does not count.
    pub absorbing: Option<String>,
}

setters!(Study {
    /// Stays count from this day on; what began earlier enters late (left truncation). `None`: from the first
    /// judgement of each body.
    from: impl Into<Option<NaiveDate>>,
    /// The last day observed; what goes on is censored there.
    to: NaiveDate,
    /// How days become years.
    basis: TimeBasis,
    /// Whether the time after the last judgement counts.
    after_last: AfterLast,
    /// A grade that nobody leaves: what comes after it in a series does not count.
    absorbing: impl Into<Option<String>>,
});

impl Study {
    /// Everything until a day, years by anniversaries, the last grade standing to the end.
    pub fn until(to: NaiveDate) -> Self {
        Study { from: None, to, basis: TimeBasis::Anniversary, after_last: AfterLast::Count, absorbing: None }
    }

    /// Of some runs, what is observed: their last day as far as it counts, and the day they are first seen; those over
    /// by then are left out.
    pub(super) fn observed(&self, runs: LazyFrame) -> LazyFrame {
        let unfinished = col(ENDED_BY).eq(lit(EndedBy::AsOf.code())).or(col(ENDED_BY).eq(lit(EndedBy::Closed.code())));
        let end = match self.after_last {
            AfterLast::Count => col(SPELL_END),
            AfterLast::Drop => when(unfinished).then(col(LATEST)).otherwise(col(SPELL_END)),
        };
        let entry = match self.from {
            None => col(SPELL_START),
            Some(from) => when(col(SPELL_START).lt(day(from))).then(day(from)).otherwise(col(SPELL_START)),
        };
        runs.with_columns([end.alias(SPELL_END), entry.alias(ENTRY)])
            .filter(col(ENTRY).lt(col(SPELL_END)).or(col(SPELL_START).eq(col(ENTRY))))
    }

    /// The rank of the absorbing grade.
    pub(super) fn absorbing_rank(&self, series: &Series) -> Result<Option<usize>, Error> {
        self.absorbing.as_deref().map(|label| series.scale().position(label)).transpose()
    }
}

/// "from 1 January 2018 to 20 August 2026, years by anniversaries, time after the last judgement counted".
impl std::fmt::Display for Study {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let to = Precision::Day.write(self.to);
        match self.from {
            Some(from) => write!(f, "from {} to {to}", Precision::Day.write(from))?,
            None => write!(f, "from the first judgement to {to}")?,
        }
        write!(f, ", {}, time after the last judgement {}", self.basis, self.after_last)?;
        self.absorbing.iter().try_for_each(|grade| write!(f, ", {grade} is never left"))
    }
}

/// First day of a stay that is observed (`Date`): its start, or the study's first day.
pub const ENTRY: &str = "entry";
/// Years from a stay's start to the day it is first observed (`Float64`).
pub const ENTRY_YEARS: &str = "entry_years";
/// Years from a stay's start to its end (`Float64`).
pub const EXIT_YEARS: &str = "exit_years";
/// Years observed (`Float64`).
pub const YEARS: &str = "years";

/// Adds years between days: each from the first day's column, the last day's, and its own name.
pub(super) fn with_years(frame: LazyFrame, spans: &[[&str; 3]], basis: TimeBasis) -> LazyFrame {
    let number = |name: &str| col(name).cast(DataType::Int32);
    let year = |name: &str| col(name).dt().year();
    let add = |frame: LazyFrame, make: &dyn Fn(&[&str; 3]) -> Expr| -> LazyFrame {
        frame.with_columns(spans.iter().map(make).collect::<Vec<_>>())
    };
    if basis == TimeBasis::Days365_25 {
        return add(frame, &|[start, end, years]| {
            ((number(end) - number(start)).cast(DataType::Float64) / lit(365.25)).alias(*years)
        });
    }
    let part = |years: &str, what: &str| format!("{years} {what}");
    // Each step needs the one before it more than once.
    let frame = add(frame, &|[start, end, years]| {
        let late = day_of_year(col(*start), year(end)).gt(number(end)).cast(DataType::Int32);
        (year(end) - late).alias(part(years, "last anniversary's year"))
    });
    let frame = add(frame, &|[start, _, years]| {
        let last = col(part(years, "last anniversary's year"));
        day_of_year(col(*start), last).alias(part(years, "last anniversary"))
    });
    add(frame, &|[start, end, years]| {
        let (in_year, on) = (col(part(years, "last anniversary's year")), col(part(years, "last anniversary")));
        let past = (number(end) - on.clone()).cast(DataType::Float64);
        let length = (day_of_year(col(*start), in_year.clone() + lit(1)) - on).cast(DataType::Float64);
        ((in_year - year(start)).cast(DataType::Float64) + past / length).alias(*years)
    })
}

/// The day of another year with a date's month and day, as days since 1970; 28 February for 29 February where there is
/// none.
fn day_of_year(date: Expr, year: Expr) -> Expr {
    let leaps = |year: Expr| year.clone() / lit(4) - year.clone() / lit(100) + year / lit(400);
    let before = year.clone() - lit(1);
    let days_before = before.clone() * lit(365) + leaps(before.clone()) - lit(NaiveDate::default().num_days_from_ce());
    let place = date.clone().dt().ordinal_day().cast(DataType::Int32);
    let leap_days = leaps(year) - leaps(before) - date.dt().is_leap_year().cast(DataType::Int32);
    // 29 February is the 60th day.
    let since_leap_day = place.clone().gt_eq(lit(60)).cast(DataType::Int32);
    days_before + place + since_leap_day * leap_days
}

/// The judgements of a study, of several on one day only the last, none after the absorbing grade.
pub(super) fn judgements(series: &Series, study: &Study) -> Result<LazyFrame, Error> {
    if let Some(from) = study.from.filter(|from| *from > study.to) {
        let expected = format!("a day not after the last, {}", study.to);
        return Err(Error::value("first day observed", from, expected));
    }
    if let Some(known) = series.known_to().filter(|known| study.to > *known) {
        let expected = format!("a day not after {known}, to which the ratings are complete");
        return Err(Error::value("last day observed", study.to, expected));
    }
    let another_day = [SERIES, DATE].map(|c| col(c).neq_missing(next(c))).into_iter().fold(lit(false), Expr::or);
    let rows = counted(series, study.to).filter(another_day);
    let Some(absorbing) = study.absorbing_rank(series)? else { return Ok(rows) };
    let keys = [col(SERIES)];
    let absorbed =
        rows.clone()
            .filter(rank(col(GRADE)).eq(lit(absorbing as u32)))
            .group_by(keys.clone())
            .agg([col(DATE).min().alias(ABSORBED)]);
    Ok(rows
        .join(absorbed, keys.clone(), keys, in_left_order())
        .filter(col(ABSORBED).is_null().or(col(DATE).lt_eq(col(ABSORBED)))))
}

/// Consecutive judgements of a study's series, up to the absorbing grade, one a day: authority, theme, from, to,
/// previous, on; those that begin before the study's first day are not in it.
pub(super) fn judged_pairs(series: &Series, study: &Study) -> Result<LazyFrame, Error> {
    let begun = study.from.map_or(lit(true), |from| col(PREVIOUS).gt_eq(day(from)));
    Ok(judgements(series, study)?
        .select([
            col(AUTHORITY),
            col(SERIES),
            col(THEME),
            previous(GRADE).alias(FROM),
            col(GRADE).alias(TO),
            previous(DATE).alias(PREVIOUS),
            col(DATE).alias(ON),
            begins_series().not().alias(FOLLOWS),
        ])
        .filter(col(FOLLOWS).and(col(FROM).is_not_null()).and(col(TO).is_not_null()).and(begun)))
}

const ABSORBED: &str = "absorbed";
const FOLLOWS: &str = "follows";

row! {
    /// A stay in a grade, as far as a study observes it: a row of [`stays`].
    struct ObservedStay {
        /// Id of the body.
        authority: String,
        /// The series.
        theme: SeriesId,
        /// The grade.
        grade: String as Grade,
        /// The grade it moves to; null while it does not move.
        to: Option<String> as Grade,
        /// The first judgement's day.
        start: NaiveDate,
        /// First day observed.
        entry: NaiveDate,
        /// Last day observed.
        end: NaiveDate,
        /// Day of the last judgement in the stay.
        latest: NaiveDate,
        /// Why it ends.
        ended_by: EndedBy,
        /// Years from the start to the first day observed.
        entry_years: f64,
        /// Years from the start to the last day observed.
        exit_years: f64,
        /// Years observed.
        years: f64,
    }
}

/// The stays in a grade that a study observes: maximal times during which a series stands at one grade.
///
/// Ordered by authority, theme, start. Of several judgements on one day the last counts. A stay has no length only when it
/// begins on the study's last day, or with a last judgement after which time is not observed.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{Study, stays}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
/// let stays = stays(&slough, &Study::until(england.cut_off())).rows()?;
/// let years = stays[0].years; // 31 May 2011 to 1 February 2019
/// assert!((years - (7.0 + 246.0 / 365.0)).abs() < 1e-12);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// The query fails with [`Error::Unknown`] when the scale lacks the absorbing grade.
pub fn stays(series: &Series, study: &Study) -> Query<ObservedStay> {
    Query::planned(series, || stay_plan(series, study))
}

/// The plan of [`stays`].
pub(super) fn stay_plan(series: &Series, study: &Study) -> Result<LazyFrame, Error> {
    Ok(numbered_stays(series, study)?.select(fields::<ObservedStay>()))
}

/// The stays of a study as arrays, in the frame's order: for loops over many of them.
pub(super) struct StayArrays {
    frame: DataFrame,
    series: UInt32Chunked,
    entry: Int32Chunked,
    exit: Int32Chunked,
    grade: UInt32Chunked,
    to: UInt32Chunked,
}

/// One of them, days counting from 1 January 1970, grades by their ranks.
pub(super) struct ArrayedStay {
    pub(super) series: u32,
    pub(super) entry: i32,
    pub(super) exit: i32,
    pub(super) grade: usize,
    pub(super) to: Option<usize>,
}

impl StayArrays {
    pub(super) fn collect(series: &Series, study: &Study) -> Result<Self, Error> {
        StayArrays::of(series, numbered_stays(series, study)?)
    }

    /// Those of a plan with the columns of [`numbered_stays`].
    pub(super) fn of(series: &Series, stays: LazyFrame) -> Result<Self, Error> {
        let columns = [AUTHORITY, SERIES, ENTRY, SPELL_END, GRADE, TO].map(col);
        let frame = series.collect(stays.select(columns))?;
        let days =
            |name: &str| -> Result<Int32Chunked, Error> { Ok(frame.column(name)?.date()?.phys.rechunk().into_owned()) };
        let ranks = |name: &str| -> Result<UInt32Chunked, Error> { Ok(ranks(&frame, name)?.rechunk().into_owned()) };
        let (entry, exit, grade, to) = (days(ENTRY)?, days(SPELL_END)?, ranks(GRADE)?, ranks(TO)?);
        let series = frame.column(SERIES)?.u32()?.rechunk().into_owned();
        Ok(StayArrays { series, entry, exit, grade, to, frame })
    }

    /// The first and the last day of all; none without stays.
    pub(super) fn days(&self) -> Option<(i32, i32)> {
        Some((self.entry.min()?, self.exit.max()?))
    }

    pub(super) fn iter(&self) -> Result<impl Iterator<Item = ArrayedStay>, Error> {
        let (series, entry, exit) = (self.series.cont_slice()?, self.entry.cont_slice()?, self.exit.cont_slice()?);
        let moves = self.grade.cont_slice()?.iter().zip(self.to.iter());
        let stays = series.iter().zip(entry).zip(exit).zip(moves);
        Ok(stays.map(|(((series, entry), exit), (grade, to))| ArrayedStay {
            series: *series,
            entry: *entry,
            exit: *exit,
            grade: *grade as usize,
            to: to.map(|to| to as usize),
        }))
    }

    /// The bodies, one after the other: the rows of each begin where the number of the series changes.
    pub(super) fn bodies(&self) -> Result<Vec<String>, Error> {
        let authority = self.frame.column(AUTHORITY)?.str()?.rechunk();
        let series = self.series.cont_slice()?;
        let begins = (0..series.len()).filter(|row| *row == 0 || series[row - 1] != series[*row]);
        Ok(begins.map(|row| authority.get(row).unwrap_or_default().to_owned()).collect())
    }
}

/// The [`stays`], with the number of their series.
pub(super) fn numbered_stays(series: &Series, study: &Study) -> Result<LazyFrame, Error> {
    let judgements = judgements(series, study)?;
    let graded = runs_of(series, judgements, None, col(GRADE), col(KEY).is_not_null(), study.to);
    let spans = [[SPELL_START, ENTRY, ENTRY_YEARS], [SPELL_START, SPELL_END, EXIT_YEARS], [ENTRY, SPELL_END, YEARS]];
    Ok(with_years(study.observed(graded), &spans, study.basis).select([
        col(AUTHORITY),
        col(SERIES),
        col(THEME),
        col(KEY).alias(GRADE),
        col(NEXT_GRADE).alias(TO),
        col(SPELL_START),
        col(ENTRY),
        col(SPELL_END),
        col(LATEST),
        col(ENDED_BY),
        col(ENTRY_YEARS),
        col(EXIT_YEARS),
        col(YEARS),
    ]))
}
