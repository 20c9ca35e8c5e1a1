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

pub(crate) mod dates;
#[cfg(feature = "files")]
mod frames;
pub(crate) mod options;
mod order;
mod ratings;
mod register;
pub(crate) mod report;
mod source;
pub(crate) mod table;
pub(crate) mod text;
mod words;
pub(crate) mod write;

#[cfg(feature = "files")]
pub use frames::{
    FrameFormat, read_frame, scale_of, scan_ratings, scan_report, write_batches, write_ratings, write_ratings_folder,
};
pub use options::{ReadOptions, Strictness};
pub use ratings::RatingColumns;
pub use register::Register;
pub use report::{Loaded, Report};
pub use source::Source;
pub use words::read_words;
pub use write::{guarded, write_atomic};
