//! One integration binary, so that polars links once.

#[cfg(feature = "dataset")]
mod awkward_cases;
#[cfg(feature = "dataset")]
mod embedded;
mod errors;
mod oracle;
#[cfg(feature = "dataset")]
mod published_figures;
#[cfg(all(feature = "dataset", feature = "chart"))]
mod trajectory;
