//! Trend queries: methods of [`Ratings`] that plan native polars expressions, each a [`Query`] with its own type of row.
//!
//! Rows are sorted, so neighbours are one shift away and a run of equal grades begins where a row differs from the
//! one before it. No query uses a window, a join per row or a Rust closure, and all give the same answer on polars'
//! streaming engine.
//!
//! | question | method | row |
//! |---|---|---|
//! | what was judged, and when | [`Ratings::judgements`] | [`Judgement`] |
//! | how each stands on a day, and since when | [`Ratings::standing`] | [`Standing`] |
//! | how long each grade lasted | [`Ratings::spells`] | [`Spell`] |
//! | how long it was at or below a grade | [`Ratings::streaks`] | [`Streak`] |
//! | days in each grade | [`Ratings::time_in_grade`] | [`TimeInGrade`] |
//! | from one judgement to the next | [`Ratings::transitions`] | [`Transition`] |
//! | days between inspections | [`Ratings::inspection_intervals`] | [`InspectionInterval`] |
//! | how many stand at each grade | [`Ratings::distribution`] | [`Share`] |
//! | how many went from each grade to each other | [`Ratings::flows`] | [`FlowCount`] |
//! | who moved | [`Ratings::movers`] | [`Mover`] |
//! | what each year's inspections gave | [`Ratings::inspections_in`] | [`PeriodOutcome`] |
//! | one body beside its peers | [`Ratings::peers`] | [`Peer`] |
//! | its rank among them over time | [`Ratings::peer_standing`] | [`PeerStanding`] |
//! | what came after an event | [`Ratings::around_events`] | [`AroundEvent`] |
//!
//! The [day](Ratings::day) as of which a query looks is that of the ratings: `ratings.as_of(day).spells()`.
//!
//! Rules shared by all: a judgement counts from its day on (date <= as-of), by the clock of the [`Ratings`]; days are
//! end minus start; a closed authority's series end on its closing date. A date that may be known to the month or
//! year only has a column beside it, named `..._precision`, with a [`Precision`] code.

pub(crate) mod calendar;
mod change;
pub(crate) mod count;
mod event;
mod every;
mod first;
mod narrative;
mod outcome;
mod peer;
mod period;
pub(crate) mod run;
mod timeline;

pub use change::{Direction, InspectionInterval, Mover, PublicationLag, Since, TimeInGrade, Transition};
pub use count::{CLOSED_STATE, FlowCount, OPENED_STATE, Share};
pub use event::AroundEvent;
pub use every::Every;
#[cfg(feature = "chart")]
pub(crate) use every::in_order;
pub use first::FirstOutcome;
pub use narrative::Narrative;
pub use outcome::PeriodOutcome;
pub use peer::{Peer, PeerStanding};
pub(crate) use peer::{members, published_of};
pub use period::{Period, Year};
pub use run::{Condition, EndedBy, Spell, Standing, Status, Streak};
pub use timeline::{Stretch, Timeline};

use chrono::NaiveDate;
use polars::prelude::*;

use crate::frame::columns::*;
pub(crate) use crate::frame::expr::*;
pub(crate) use crate::frame::query::plausible;
use crate::frame::query::{codes, row};
use crate::frame::{Query, Row};
use crate::{Clock, Precision, Ratings, SeriesId};

/// Column names of the answers, beside those of [`columns`](crate::frame::columns).
pub mod columns {
    /// First day of a spell, streak or standing (`Date`).
    pub const SPELL_START: &str = "start";
    /// Day a spell or streak ended, or the as-of date while it runs (`Date`).
    pub const SPELL_END: &str = "end";
    /// Days from start to end (`Int64`).
    pub const DAYS: &str = "days";
    /// Inspections in a row (`UInt32`).
    pub const INSPECTIONS: &str = "inspections";
    /// Code of an [`EndedBy`](super::EndedBy) (`Enum`).
    pub const ENDED_BY: &str = "ended_by";
    /// Code of a [`Status`](super::Status) (`Enum`).
    pub const STATUS: &str = "status";
    /// Start of the current spell (`Date`).
    pub const SINCE: &str = "since";
    /// Date of the latest inspection of the series (`Date`).
    pub const LATEST: &str = "latest";
    /// Grade of a streak's first judgement (`Enum`).
    pub const FIRST_GRADE: &str = "first_grade";
    /// Grade of a streak's last judgement (`Enum`).
    pub const LAST_GRADE: &str = "last_grade";
    /// Grade before (`Enum`).
    pub const FROM: &str = "from";
    /// Grade after (`Enum`).
    pub const TO: &str = "to";
    /// Date of the judgement before (`Date`).
    pub const PREVIOUS: &str = "previous";
    /// Date of a judgement (`Date`).
    pub const ON: &str = "on";
    /// Framework of the judgement before (`Enum`).
    pub const FROM_FRAMEWORK: &str = "from_framework";
    /// Framework of a judgement (`Enum`).
    pub const TO_FRAMEWORK: &str = "to_framework";
    /// Ranks moved, up positive (`Int32`).
    pub const STEPS: &str = "steps";
    /// Code of a [`Direction`](super::Direction) (`Enum`).
    pub const DIRECTION: &str = "direction";
    /// How many (`UInt32`).
    pub const COUNT: &str = "count";
    /// Bodies in existence (`UInt32`).
    pub const OPEN: &str = "open";
    /// Bodies with a grade (`UInt32`).
    pub const RATED: &str = "rated";
    /// Part of those in existence, 0 to 1 (`Float64`).
    pub const SHARE: &str = "share";
    /// Part of those with a grade, 0 to 1 (`Float64`).
    pub const SHARE_RATED: &str = "share_rated";
    /// Spells counted (`UInt32`).
    pub const SPELLS: &str = "spells";
    /// Days since the latest inspection of the series (`Int64`).
    pub const WAIT: &str = "wait";
    /// Group of peers (`Enum` of `own` and the names of the groups).
    pub const PEER_GROUP: &str = "peer_group";
    /// Code of a concern (`Enum`).
    pub const CONCERN: &str = "concern";
    /// Themes, joined by `;` (`String`).
    pub const THEMES: &str = "themes";
    /// Name of a period (`String`).
    pub const PERIOD: &str = "period";
    /// How exactly `date` is known: `day`, `month` or `year` (`Enum`).
    pub const DATE_PRECISION: &str = "date_precision";
    /// How exactly `start` is known: `day`, `month` or `year` (`Enum`).
    pub const START_PRECISION: &str = "start_precision";
    /// How exactly `end` is known (`Enum`).
    pub const END_PRECISION: &str = "end_precision";
    /// How exactly `since` is known (`Enum`).
    pub const SINCE_PRECISION: &str = "since_precision";
    /// How exactly `latest` is known (`Enum`).
    pub const LATEST_PRECISION: &str = "latest_precision";
    /// How exactly `previous` is known (`Enum`).
    pub const PREVIOUS_PRECISION: &str = "previous_precision";
    /// How exactly `on` is known (`Enum`).
    pub const ON_PRECISION: &str = "on_precision";
}
use columns::*;

/// The columns of a row, in their order.
pub(crate) fn fields<R: Row>() -> Vec<Expr> {
    R::FIELDS.iter().map(|field| col(field.name)).collect()
}

/// How many rows hold, null counting as not.
fn tally(keep: Expr, name: &str) -> Expr {
    keep.fill_null(lit(false)).sum().cast(DataType::UInt32).alias(name)
}

/// The judgements that count by `as_of`: in a series, known by then, in their authority's life; `precision` says how
/// exactly `date` is known.
pub(crate) fn counted(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    match counts(ratings, as_of) {
        Some(counts) => dated(ratings).filter(counts),
        None => dated(ratings),
    }
}

/// Whether a judgement counts by `as_of`, as [`counted`]; none where all do. Those of a series that do not are its last.
fn counts(ratings: &Ratings, as_of: NaiveDate) -> Option<Expr> {
    // What the door found out need not be asked of each row.
    let conditions = [
        ratings.has_outsiders().then(|| col(SERIES).is_not_null()),
        ratings.goes_past(as_of).then(|| col(DATE).lt_eq(day(as_of))),
        ratings.tells_closings().then(|| col(CLOSED).is_null().or(col(DATE).lt(col(CLOSED)))),
    ];
    conditions.into_iter().flatten().reduce(Expr::and)
}

/// All rows; `precision` says how exactly `date` is known.
fn dated(ratings: &Ratings) -> LazyFrame {
    match ratings.counted_by() {
        Clock::Effect => ratings.lazy(),
        // The day of a publication is known, if the day of the inspection may not be.
        Clock::Published => {
            let known = col(PUBLISHED).is_not_null().and(col(END).is_not_null());
            ratings.lazy().with_column(when(known).then(to_the_day()).otherwise(col(PRECISION)).alias(PRECISION))
        }
    }
}

/// A code of a closed vocabulary, as an `Enum` of all its codes.
pub(crate) fn coded<'a>(code: &str, all: impl IntoIterator<Item = &'a str>) -> Expr {
    lit(code).cast(words_type(all))
}

/// The precision of a day that is known.
pub(crate) fn to_the_day() -> Expr {
    coded(Precision::Day.code(), Precision::ALL.iter().map(|p| p.code()))
}

/// The themes that anybody has been judged in by `as_of`.
fn judged_themes(ratings: &Ratings, as_of: NaiveDate) -> LazyFrame {
    // A series has a judgement that counts when its first one does.
    let first = ratings.lazy().filter(begins_series().and(counts(ratings, as_of).unwrap_or(lit(true))));
    first.filter(col(SERIES).is_not_null()).group_by([col(THEME)]).agg([]).cache()
}

row! {
    /// A judgement as it counts by a day: a row of [`Ratings::judgements`].
    struct Judgement {
        /// Id of the body.
        authority: String,
        /// Its name, where known.
        name: Option<String>,
        /// The series.
        theme: SeriesId,
        /// The grade; null when the judgement is no longer reported.
        grade: Option<String> as Grade,
        /// The day from which it counts, by the clock of the ratings.
        date: NaiveDate,
        /// Publication of the report, where known.
        published: Option<NaiveDate>,
        /// Rules under which it was given.
        framework: Option<String> as Word,
        /// Kind of the inspection.
        kind: Option<String> as Word,
        /// What was judged, as reported.
        area: Option<String> as Word,
        /// First day of fieldwork, where known.
        start_date: Option<NaiveDate>,
        /// Last day of fieldwork, where known.
        end_date: Option<NaiveDate>,
        /// Id of the inspection.
        inspection: Option<String>,
        /// Where it is stated.
        source: Option<String>,
        /// How exactly `date` is known.
        date_precision: Precision,
    }
}

impl Ratings {
    /// The judgements themselves as they count by the day of the ratings, in the words of the frame.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::{Ratings, trend};
    /// use rating_history::ofsted::Theme;
    /// let england = rating_history::ofsted::england()?;
    /// let slough = england.ratings()?.series(Theme::Headline)?.bodies_only(["E06000039"])?;
    /// assert_eq!(slough.judgements().collect()?.height(), 5);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn judgements(&self) -> Query<Judgement> {
        let counted = counted(self, self.day()).with_column(col(PRECISION).alias(DATE_PRECISION));
        Query::new(self, named(self, counted, &[NAME]).select(fields::<Judgement>()))
    }
}

pub(crate) fn days(start: Expr, end: Expr) -> Expr {
    (end.cast(DataType::Int32) - start.cast(DataType::Int32)).cast(DataType::Int64).alias(DAYS)
}

/// Adds columns of the register to rows with the number of their body, in the frame's order; nulls where there is none.
pub(crate) fn named(ratings: &Ratings, frame: LazyFrame, wanted: &[&str]) -> LazyFrame {
    named_by(ratings, frame, BODY, wanted)
}

/// As [`named`], by the number or the id of bodies.
pub(crate) fn named_by(ratings: &Ratings, frame: LazyFrame, key: &str, wanted: &[&str]) -> LazyFrame {
    match ratings.authorities() {
        Some(authorities) => {
            let columns: Vec<Expr> = std::iter::once(key).chain(wanted.iter().copied()).map(col).collect();
            let known = authorities.filter(col(key).is_not_null()).select(columns);
            frame.join(known, [col(key)], [col(key)], in_left_order())
        }
        None => {
            frame.with_columns(wanted.iter().map(|c| lit(NULL).cast(DataType::String).alias(*c)).collect::<Vec<_>>())
        }
    }
}
