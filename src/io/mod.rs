//! Files in and out. The crate's own layout is a folder of five tidy tables:
//!
//! | file | one row is | columns |
//! |---|---|---|
//! | `authorities.csv` | an authority | gss_code, la_code, urn, name, region, type, opened, closed, successors, former_codes |
//! | `neighbours.csv` | a statistical neighbour | gss_code, rank (1 = most alike), neighbour_gss_code |
//! | `inspections.csv` | an inspection | inspection_id, gss_code, framework, kind, start_date, end_date, published, date_precision, source, also |
//! | `judgements.csv` | a judgement | inspection_id, area, grade (or `not_judged`) |
//! | `events.csv` | an event | gss_code, kind, scope, start_date, end_date, precision, label, source |
//!
//! UTF-8, comma-separated, ISO dates, empty = not stated, `;` between codes in one cell. `inspections.csv` may also
//! carry `urn` and `authority` (the name); they are checked against `authorities.csv` and not kept twice.
//! `neighbours.csv` and `events.csv` may be missing from a folder.
//!
//! One JSON document holds the same: [`write_json`], [`read_json`]. Ratings, with the columns of a
//! [frame](crate::frame::columns), go to Parquet, Arrow IPC and CSV files that may be larger than memory
//! (`write_ratings`, `scan_ratings`, feature `files`). Other people's layouts come in by a [`Mapping`], in CSV and, with the
//! feature `excel`, in workbooks; ratings of anything else, one row with a body, a date and a rating, by [`read_ratings`].
//!
//! Readers say everything that is wrong in one [`Report`], and keep all or, when lenient, the good rows
//! ([`ReadOptions`]). Everything is written whole or not at all ([`write_atomic`]).

mod folder;
#[cfg(feature = "files")]
mod frames;
mod json;
mod ratings;
mod report;
mod table;
mod text;
mod wide;
#[cfg(feature = "excel")]
mod workbook;

pub use folder::{Tables, read_folder, write_folder};
#[cfg(feature = "files")]
pub use frames::{FrameFormat, scan_ratings, write_batches, write_ratings, write_ratings_folder};
pub use json::{read_json, write_json};
pub use ratings::{RatingColumns, read_ratings};
pub use report::{Read, ReadOptions, Report, Strictness};
pub use wide::Mapping;

use std::io::Write;
use std::path::Path;

use crate::Error;

/// Writes a whole file or nothing: to a temporary name in the same folder, synced, then renamed. Missing folders
/// are made.
///
/// ```
/// let folder = tempfile::tempdir().unwrap();
/// let file = folder.path().join("new folder/note.txt");
/// rating_history::io::write_atomic(&file, b"all of it")?;
/// assert_eq!(std::fs::read(&file).unwrap(), b"all of it");
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`]; an existing file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> std::io::Result<()> {
        let mut file = temporary(path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(Error::io(path))
}

/// A temporary file in the folder of a path, which is made if it is missing, as readable as any other.
fn temporary(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
