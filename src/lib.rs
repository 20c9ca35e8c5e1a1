#![cfg_attr(all(feature = "dataset", feature = "chart"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "dataset", feature = "chart")),
    doc = "Rating histories: model, trend queries in polars, charts."
)]
#![warn(missing_docs)]
#![forbid(unsafe_code)]

mod calendar;
mod code;
mod error;
mod scale;
mod series;
mod words;

#[cfg(feature = "chart")]
pub mod chart;
pub mod dataset;
pub mod estimate;
pub mod frame;
pub mod indicator;
pub mod io;
pub mod ofsted;
pub mod trend;

pub use calendar::{Clock, PLAUSIBLE, Precision, Span};
pub use code::{nearest, visible};
pub use error::{Error, Position, Problem, ProblemKind, Problems, Severity};
pub use frame::{Query, Ratings, Series};
pub use scale::Scale;
pub use series::SeriesId;
pub use words::{Noun, Words};

pub use chrono;
#[cfg(feature = "chart")]
pub use plotters;
pub use polars;
