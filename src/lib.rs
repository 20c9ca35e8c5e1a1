//! Rating histories of councils' children's services in England, and of anything else that is inspected and rated: a model
//! with the real rules, queries about trends in polars, and charts fit to publish.
//!
#![cfg_attr(all(feature = "dataset", feature = "chart", feature = "files"), doc = "```")]
#![cfg_attr(not(all(feature = "dataset", feature = "chart", feature = "files")), doc = "```ignore")]
//! # fn main() -> Result<(), rating_history::Error> {
//! use rating_history::{Clock, chart::{Chart, Style}, ofsted::{self, Story, Theme}};
//! let england = ofsted::england()?; // every inspection since 2009
//! let headline = england.ratings()?.series(Theme::Headline)?; // one series of everybody
//! let spells = headline.spells().rows()?; // values; .collect() gives a DataFrame, .lazy() a plan
//! assert!(spells.iter().any(|spell| spell.name.as_deref() == Some("Slough") && spell.days == 2803));
//! let slough = england.find("Slough")?.code.clone();
//! let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
//! assert_eq!(story.title(), "Slough, overall: inadequate for almost eight years, then requires improvement");
//! let picture = story.trajectory(Style::default()).to_svg()?; // .save("slough.png".as_ref()) draws a file
//! # assert!(picture.starts_with("<svg")); Ok(()) }
//! ```
//!
#![doc = "<div class=\"picture\"><style>.picture svg { max-width: 100%; height: auto }</style>"]
#![doc = include_str!("../examples/gallery/slough.svg")]
#![doc = "</div>\n"]
//! | if you want | look at |
//! |---|---|
#![cfg_attr(
    all(feature = "dataset", feature = "chart", feature = "files"),
    doc = r#"| to begin, from a file to a chart | [`guide`] |
| ratings by another inspectorate | [`guide::another`] |
| one of 25 tasks done in six lines | [`guide::cookbook`] |
| the formula and the source of an estimate | [`guide::methods`] |
| to know what R, MATLAB and TraMineR have | [`guide::comparison`] |
| to know how the crate is built, and how fast it is | [`guide::design`], [`guide::speed`] |"#
)]
//! | an answer about grades over time | [`trend`], methods of [`Ratings`] |
//! | to know how likely a grade is, how fast grades change, and what may come next | [`estimate`] |
#![cfg_attr(feature = "chart", doc = "| a picture | [`chart`] |")]
//! | your own ratings, from any file | [`io::Mapping`] |
//! | your own ratings, from values in your program | [`frame::Rating`] |
//! | England's grades, frameworks and authorities, or one council's story | [`ofsted`] |
//! | official figures beside the grades | [`indicator`] |
//! | the columns of the frame, your own nouns, groups of peers | [`frame`], [`Words`] |
//! | queries as SQL, for more ratings than one machine holds | [`sql`] |
//! | to know what is wrong with a file | [`io::Report`], [`Problem`] |
//!
//! # Features
//!
//! These are on by default: `dataset` (England's inspections), `chart` (pictures as SVG), `png` (pictures as PNG too), `files` (Arrow and
//! CSV files larger than memory), `parquet` (the same in Parquet) and `excel` (workbooks). These are off: `indicators` (official figures
//! of England) and `others` (ratings by three other inspectorates). With no feature at all, the model, the queries, the estimates and the
//! reading of CSV and JSON remain.
//!
//! In an unoptimised build, threads that walk deep plans (`lineage`) need a stack of 4 MB: `RUST_MIN_STACK=4194304`.
//!
//! # Versions
//!
//! `polars`, `chrono` and `plotters` are re-exported. Use the re-exports, so that the types are the same. A new major or 0.x version of
//! one of them is a new 0.x version of this crate. The oldest Rust that the crate compiles with is `rust-version` in `Cargo.toml`; it may
//! rise with a minor version, and the changelog then says so.
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
#[cfg(all(feature = "dataset", feature = "chart", feature = "files"))]
pub mod guide;
pub mod indicator;
pub mod io;
pub mod ofsted;
pub mod sql;
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

/// The README's code runs.
#[cfg(all(doctest, feature = "dataset", feature = "chart"))]
#[doc = include_str!("../README.md")]
struct Readme;
