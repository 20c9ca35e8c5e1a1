//! Files out: whole or not at all, and cells that no spreadsheet runs.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use crate::Error;

/// A cell that a spreadsheet would run begins with one of these.
pub(super) const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a cell, but for apostrophes before it, is one that a spreadsheet would run.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell as a spreadsheet shows it and does not run it: an apostrophe before what looks like a formula. Readers take it
/// away.
///
/// ```
/// use rating_history::io::guarded;
/// assert_eq!(guarded("=1+1"), "'=1+1");
/// assert_eq!(guarded("good"), "good");
/// ```
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// The cell again.
pub(crate) fn unguarded(cell: &str) -> &str {
    if is_formula(cell) { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

/// A table as CSV; cells that a spreadsheet would run are guarded by an apostrophe, which reading takes away.
pub(crate) fn write_table(columns: &[&str], mut rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut row = |cells: Vec<String>| writer.write_record(cells.iter().map(|c| guarded(c).into_owned()));
    let written = row(columns.iter().map(|c| (*c).to_owned()).collect()).and_then(|()| rows.try_for_each(row));
    let bytes = written.and_then(|()| writer.into_inner().map_err(|e| e.into_error().into()));
    String::from_utf8(bytes.expect("a table in memory takes every row")).expect("cells are UTF-8")
}

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
pub(super) fn temporary(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_come_off_again() {
        for cell in ["=1+1", "'=1", "''@x", "-", "plain", "'quoted'", "", "\tx"] {
            assert_eq!(unguarded(&guarded(cell)), cell);
            assert!(!guarded(cell).starts_with(FORMULA));
        }
    }
}
