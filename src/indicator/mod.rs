//! Published indicators beside the ratings: what is measured of a body year by year, laid beside its grades.
//!
//! [`Indicators`] hold a list of [`Indicator`]s and their values: a body, an indicator, a year, a value with numerator and
//! denominator, or the reason why there is none. They come from files in the [tidy layout](TidyIndicators), or from those of a
//! [statistical release](ReleaseMapping).
//!
//! **What such numbers do not show.** They are not adjusted for need or deprivation. Inspectors see them too, so a grade may
//! follow the number. Series break, and values are not missing at random. A difference between grades is no effect of a
//! grade, and no effect on it.

/// What such numbers do not show, said beside every picture of them.
pub const NOT_SHOWN: &str = "Not adjusted for deprivation or need; those who grade see such numbers too, so that a grade may follow \
                             the number. Series break, and values are not missing at random.";

mod around;
mod beside;
mod by_grade;
mod files;
mod gap;
mod model;
mod regression;
mod release;
mod set;
mod story;

pub use around::{AroundMoment, Moment};
pub use beside::{Beside, BesideJudgement};
pub use by_grade::{ByGrade, Contrast, GradeDifference};
pub use files::TidyIndicators;
pub use gap::Gap;
pub use model::{Better, DayOfYear, Indicator, IndicatorValue, KnownBody, Note, Total, Unit};
pub use release::{Measure, ReleaseMapping};
pub use set::Indicators;
pub use story::{IndicatorStory, Move, Point, StoryChange};

/// Column names of indicators and their answers, beside those of [`columns`](crate::frame::columns).
pub mod columns {
    /// Key of an indicator (`Enum`).
    pub const INDICATOR: &str = "indicator";
    /// Year in which the period of a value ends (`Int32`).
    pub const YEAR: &str = "year";
    /// The day on which a value stands beside a grade (`Date`).
    pub const DAY: &str = "day";
    /// The value in the unit of its indicator (`Float64`).
    pub const VALUE: &str = "value";
    /// What was counted (`Float64`).
    pub const NUMERATOR: &str = "numerator";
    /// What it is a part of (`Float64`).
    pub const DENOMINATOR: &str = "denominator";
    /// Why there is no value, or that it is a joint one (`Enum`).
    pub const NOTE: &str = "note";
}
