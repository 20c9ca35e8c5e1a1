//! Files in and out.
//!
//! Ratings of anything, with the columns of a [frame](crate::frame::columns), go to Parquet, Arrow IPC and CSV files that
//! may be larger than memory (`write_ratings`, `scan_ratings`, feature `files`). Plain CSV files, one row with a body, a
//! date and a rating, come in by [`read_ratings`], the register of the bodies by [`read_register`].
//!
//! Readers say everything that is wrong in one [`Report`], and keep all or, when lenient, the good rows
//! ([`ReadOptions`]). Everything is written whole or not at all ([`write_atomic`]).

#[cfg(feature = "files")]
mod frames;
pub(crate) mod options;
mod ratings;
mod register;
pub(crate) mod report;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod write;

#[cfg(feature = "files")]
pub use frames::{
    FrameFormat, scale_of, scan_ratings, scan_report, write_batches, write_ratings, write_ratings_folder,
};
pub use options::{ReadOptions, Strictness};
pub use ratings::{RatingColumns, read_ratings};
pub use register::{Register, read_register};
pub use report::{Loaded, Report};
pub use write::{guarded, write_atomic};
