#![cfg_attr(all(feature = "dataset", feature = "chart"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "dataset", feature = "chart")),
    doc = "Rating histories: model, trend queries in polars, charts."
)]
#![warn(missing_docs)]
#![forbid(unsafe_code)]

mod authority;
mod calendar;
mod code;
mod error;
mod event;
mod framework;
mod grade;
mod history;
mod inspection;
mod revision;
mod story;
mod warning;

#[cfg(feature = "chart")]
pub mod chart;
#[cfg(feature = "dataset")]
pub mod dataset;
pub mod estimate;
pub mod frame;
pub mod io;
pub mod trend;

pub use authority::{Authority, AuthorityCode, AuthorityType, Region};
pub use calendar::{Precision, Span};
pub use error::{Error, Problem, Problems, Severity};
pub use event::{Event, EventKind, Scope};
pub use frame::Ratings;
pub use framework::{Area, Framework, Kind, Theme};
pub use grade::{Grade, Scale};
pub use history::{Builder, RatingHistory, Trajectory};
pub use inspection::{Clock, Dates, Inspection, Judgement, Reported};
pub use revision::{Change, Difference, Precedence};
pub use story::{Story, StorySpell};

pub use chrono;
#[cfg(feature = "chart")]
pub use plotters;
pub use polars;
