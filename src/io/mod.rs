//! Files in and out.
//!
//! Ratings of anything, with the columns of a [frame](crate::frame::columns), go to Parquet, Arrow IPC and CSV files that
//! may be larger than memory (`write_ratings`, `scan_ratings`, feature `files`). Plain CSV files, one row with a body, a
//! date and a rating, come in by [`RatingColumns::read`], the register of the bodies by [`Register::read`].
//!
//! All readers have one shape: a [`Source`] (a path, or anything that can be read) and [`ReadOptions`] go in, a
//! [`Loaded`] value comes out. Its [`Report`] says everything that is wrong; all rows are kept or, when lenient, the good
//! ones. Only `scan_ratings` is another thing: it opens a file and leaves the rows there. Everything is written whole
//! or not at all ([`write_atomic`]).

#[cfg(feature = "files")]
mod arrow;
#[cfg(feature = "files")]
mod bounds;
pub(crate) mod dates;
#[cfg(feature = "files")]
mod frames;
#[cfg(feature = "files")]
mod json;
mod meanings;
pub(crate) mod options;
mod order;
#[cfg(feature = "files")]
mod plain;
mod ratings;
mod register;
pub(crate) mod report;
#[cfg(feature = "files")]
mod rows;
mod source;
pub(crate) mod table;
pub(crate) mod text;
mod words;
pub(crate) mod write;

#[cfg(feature = "files")]
pub use frames::{
    FrameFormat, read_frame, read_through, scale_of, scan_ratings, write_batches, write_ratings, write_ratings_folder,
};
#[cfg(feature = "files")]
pub use json::has_rows;
pub use options::{ReadOptions, Strictness};
pub use ratings::RatingColumns;
pub use register::Register;
pub use report::{Loaded, Report};
pub use source::Source;
pub use words::read_words;
pub use write::{clean_up, guarded, in_place, write_atomic};
