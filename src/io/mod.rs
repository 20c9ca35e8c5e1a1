//! Files in and out.
//!
//! Ratings of anything, with the columns of a [frame](crate::frame::columns), go to Parquet, Arrow IPC and CSV files that
//! may be larger than memory (`write_ratings`, `scan_ratings`, feature `files`). Files of any other form come in by a
//! [`Mapping`], of which [`RatingColumns`] is the short form for a body, a date and a rating a row, the register of the
//! bodies by [`Register::read`].
//!
//! All readers have one shape: a [`Source`] (a path, or anything that can be read) and [`ReadOptions`] go in, a
//! [`Loaded`] value comes out. Its [`Report`] says everything that is wrong; all rows are kept or, when lenient, the good
//! ones. Only `scan_ratings` is another thing: it opens a file and leaves the rows there. Everything is written whole
//! or not at all ([`write_atomic`]).

#[cfg(feature = "files")]
mod arrow;
mod bodies;
#[cfg(feature = "files")]
mod bounds;
pub(crate) mod dates;
mod fieldwork;
#[cfg(feature = "files")]
mod format;
#[cfg(feature = "files")]
mod frames;
#[cfg(feature = "files")]
mod guard;
#[cfg(feature = "files")]
mod json;
mod mapped;
mod mapping;
#[cfg(feature = "files")]
mod mark;
mod meanings;
#[cfg(feature = "files")]
mod open;
pub(crate) mod options;
pub(crate) mod order;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "files")]
mod plain;
mod ratings;
mod register;
pub(crate) mod report;
#[cfg(feature = "files")]
mod rows;
pub(crate) mod sheet;
#[cfg(feature = "files")]
mod sink;
mod source;
pub(crate) mod table;
pub(crate) mod text;
mod words;
#[cfg(feature = "excel")]
mod workbook;
pub(crate) mod write;

#[cfg(feature = "files")]
pub use format::FrameFormat;
#[cfg(feature = "files")]
pub use frames::{read_frame, read_through, scale_of, scan_ratings};
#[cfg(feature = "files")]
pub use json::has_rows;
pub use mapping::{Ends, Mapping, Meaning};
#[cfg(feature = "files")]
pub use open::read_columns;
pub use options::{ReadOptions, Strictness};
pub use ratings::RatingColumns;
pub use register::Register;
pub use report::{Loaded, Report};
#[cfg(feature = "files")]
pub use sink::{write_batches, write_ratings, write_ratings_folder};
pub use source::Source;
pub use words::read_words;
pub use write::{clean_up, guarded, in_place, write_atomic};
