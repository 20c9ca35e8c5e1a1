#![doc = include_str!("england/README.md")]

#[cfg(feature = "dataset")]
mod england;
mod mappings;
#[cfg(feature = "dataset")]
pub use england::*;
pub use mappings::{ILACS_HISTORY, Layout, MAPPINGS, mapping};
