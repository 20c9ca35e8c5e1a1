#![doc = include_str!("england/README.md")]

/// The layout of the public ILACS history scrapers, as a [`Mapping`](crate::ofsted::Mapping) in JSON.
pub const ILACS_HISTORY: &str = include_str!("mappings/ilacs_history.json");

#[cfg(feature = "dataset")]
mod england;
#[cfg(feature = "dataset")]
pub use england::*;
