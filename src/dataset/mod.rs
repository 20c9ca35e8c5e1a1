#![doc = include_str!("england/README.md")]

/// The layout of the Department for Education's files of statistics, without the filters and measures of any of them, as a
/// [`ReleaseMapping`](crate::indicator::ReleaseMapping) in JSON.
pub const EXPLORE_EDUCATION_STATISTICS: &str = include_str!("mappings/explore_education_statistics.json");

#[cfg(feature = "dataset")]
mod england;
mod mappings;
#[cfg(feature = "dataset")]
pub use england::*;
pub use mappings::{ILACS_HISTORY, Layout, MAPPINGS, mapping};
#[cfg(feature = "indicators")]
mod indicators;
#[cfg(feature = "indicators")]
pub use indicators::*;
#[cfg(feature = "others")]
mod others;
#[cfg(feature = "others")]
pub use others::*;
