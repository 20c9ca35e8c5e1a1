//! Files out: whole or not at all, and cells that no spreadsheet runs.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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

/// Writes the files of a folder together: into a new folder beside it, which then takes its place, so that a reader sees
/// all of the old files or all of the new ones. Other files of the old folder than the `own` ones are kept. Where names cannot be exchanged
/// at once, the old folder is renamed first, and found again by [`in_place`] if the rest was cut short.
pub(crate) fn write_together(
    folder: &Path,
    own: &[PathBuf],
    write: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let named = || Error::io(folder);
    let folder = &std::path::absolute(folder).map_err(named())?;
    // The folder itself, also where its name is a link to it.
    let folder = &std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone());
    let parent = folder.parent().ok_or_else(|| named()(std::io::Error::other("a folder within another")))?;
    std::fs::create_dir_all(parent).map_err(named())?;
    sweep(parent);
    restore(folder);
    // A folder that somebody works in keeps its place, and so does one whose own folder cannot be written.
    let is_used = std::env::current_dir().is_ok_and(|here| here.starts_with(folder));
    let beside = if is_used { folder } else { parent };
    let beside = tempfile::Builder::new().prefix(&prefix(beside)).tempdir_in(beside);
    let new = match beside {
        Ok(new) => new,
        Err(_) if folder.is_dir() => {
            tempfile::Builder::new().prefix(&prefix(folder)).tempdir_in(folder).map_err(named())?
        }
        Err(error) => return Err(named()(error)),
    };
    write(new.path())?;
    if new.path().parent() == Some(folder) {
        return move_each(new.path(), folder).map_err(named());
    }
    let swap = || -> std::io::Result<()> {
        if !folder.exists() {
            readable(new.path(), None)?;
            return std::fs::rename(new.path(), folder);
        }
        readable(new.path(), Some(folder))?;
        for entry in std::fs::read_dir(folder)? {
            let (from, to) = {
                let entry = entry?;
                (entry.path(), new.path().join(entry.file_name()))
            };
            let is_own = own.iter().any(|name| from.file_name() == Some(name.as_os_str()));
            if !to.exists() && !is_own {
                keep(&from, &to)?;
            }
        }
        std::fs::File::open(new.path())?.sync_all().ok();
        exchange(new.path(), folder)
    };
    swap().map_err(named())?;
    // Now the name of the new folder is gone, or is that of the old one, which is removed.
    drop(new);
    Ok(())
}

/// Gives each new file its place in the folder.
fn move_each(new: &Path, folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(new)? {
        let entry = entry?;
        std::fs::rename(entry.path(), folder.join(entry.file_name()))?;
    }
    Ok(())
}

/// The beginning of the names of temporary files and folders.
const PREFIX: &str = ".rating-history-";
/// The end of the name of an old folder between two renames.
const OLD: &str = ".rating-history-old";

/// Temporary files and folders of writers of which nothing is known are left behind when they are older than this.
const ABANDONED: std::time::Duration = std::time::Duration::from_secs(3600);

/// Folders in which this process has made temporary files.
static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The beginning of the names of this process in a folder, which is kept in mind for [`clean_up`].
fn prefix(folder: &Path) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).insert(folder);
    own()
}

/// The beginning of the names of this process.
fn own() -> String {
    format!("{PREFIX}{}-{}-", here(), std::process::id())
}

/// Among which processes a number is that of one: those of this start of this machine that see each other.
#[cfg(target_os = "linux")]
fn here() -> String {
    let start = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default().display().to_string();
    start.chars().take(8).chain(space.chars().filter(char::is_ascii_digit)).collect()
}

#[cfg(not(target_os = "linux"))]
fn here() -> &'static str {
    "any"
}

/// Whether a name is that of a process here that is no more.
fn is_of_the_dead(name: &str) -> bool {
    let number = name.strip_prefix(&format!("{PREFIX}{}-", here())).and_then(|rest| rest.split('-').next());
    let number = number.and_then(|number| number.parse::<u32>().ok());
    cfg!(target_os = "linux") && number.is_some_and(|number| !Path::new("/proc").join(number.to_string()).exists())
}

/// Removes the temporary files and folders of this process, for a program that is told to end while it writes: whole files
/// and folders stay as they are. Call it where signals are handled, and end the process.
///
/// ```
/// rating_history::io::clean_up(); // nothing is being written
/// ```
pub fn clean_up() {
    let own = own();
    let folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for folder in folders {
        remove(&folder, |entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(&own)));
    }
}

fn remove(folder: &Path, is_waste: impl Fn(&std::fs::DirEntry) -> bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(is_waste) {
        let path = entry.path();
        // What cannot be removed is nobody's loss; a folder into which a file is just written can be a moment later.
        let is_gone =
            || if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.is_ok();
        let _ = (0..20).any(|_| is_gone());
    }
}

/// Removes what earlier writers left behind in a folder.
fn sweep(folder: &Path) {
    remove(folder, |entry| {
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        let is_old = || age().is_some_and(|age| age > ABANDONED);
        let name = entry.file_name();
        name.to_str().is_some_and(|name| name.starts_with(PREFIX) && (is_of_the_dead(name) || is_old()))
    });
}

fn readable(new: &Path, old: Option<&Path>) -> std::io::Result<()> {
    if let Some(old) = old {
        return std::fs::set_permissions(new, std::fs::metadata(old)?.permissions());
    }
    #[cfg(unix)]
    std::fs::set_permissions(new, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// Keeps another file or folder in its new place.
fn keep(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(|_| ()));
    }
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        keep(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Exchanges the names of two folders, at once where the system can do it.
fn exchange(new: &Path, folder: &Path) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::RenameFlags::EXCHANGE;
        if rustix::fs::renameat_with(rustix::fs::CWD, new, rustix::fs::CWD, folder, flags).is_ok() {
            return Ok(());
        }
    }
    let old = old(folder);
    std::fs::rename(folder, &old)?;
    std::fs::rename(new, folder).inspect_err(|_| restore(folder))?;
    std::fs::remove_dir_all(&old)
}

fn old(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(OLD);
    folder.with_file_name(name)
}

/// Gives an old folder its name again, if the new one did not get it.
fn restore(folder: &Path) {
    let old = old(folder);
    if old.exists() && !folder.exists() {
        let _ = std::fs::rename(&old, folder);
    }
}

/// Where a folder of tables is, also after its writer was cut short between two renames, on systems that cannot exchange two
/// names at once.
///
/// ```
/// let folder = std::path::Path::new("tables");
/// assert_eq!(rating_history::io::in_place(folder), folder); // nothing was cut short
/// ```
pub fn in_place(folder: &Path) -> PathBuf {
    let old = old(folder);
    if !folder.exists() && old.exists() { old } else { folder.to_owned() }
}

/// A temporary file in the folder of a path, which is made if it is missing, as readable as any other.
pub(super) fn temporary(path: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    sweep(folder);
    let mut builder = tempfile::Builder::new();
    let prefix = prefix(folder);
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_dead_left_is_swept_by_the_next_writer() {
        let mut process = std::process::Command::new("true").spawn().unwrap();
        let dead = process.id();
        process.wait().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let left = |number: u32| folder.path().join(format!("{PREFIX}{}-{number}-abc", here()));
        std::fs::create_dir(left(dead)).unwrap();
        std::fs::write(left(dead).join("judgements.csv"), "cut sh").unwrap();
        std::fs::write(left(std::process::id()), "being written").unwrap();
        std::fs::write(folder.path().join(format!("{PREFIX}elsewhere-{dead}-abc")), "of another machine").unwrap();
        write_atomic(&folder.path().join("new.json"), b"{}").unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(!left(dead).exists() && left(std::process::id()).exists());
    }

    #[test]
    fn guards_come_off_again() {
        for cell in ["=1+1", "'=1", "''@x", "-", "plain", "'quoted'", "", "\tx"] {
            assert_eq!(unguarded(&guarded(cell)), cell);
            assert!(!guarded(cell).starts_with(FORMULA));
        }
    }
}
