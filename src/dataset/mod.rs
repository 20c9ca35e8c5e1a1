#![doc = include_str!("england/README.md")]

#[cfg(feature = "dataset")]
mod england;
mod mappings;
#[cfg(feature = "dataset")]
pub use england::*;
pub use mappings::{ILACS_HISTORY, Layout, MAPPINGS, RELEASE, mapping};
#[cfg(feature = "indicators")]
mod indicators;
#[cfg(feature = "indicators")]
pub use indicators::*;
#[cfg(feature = "others")]
mod others;
#[cfg(feature = "others")]
pub use others::*;
