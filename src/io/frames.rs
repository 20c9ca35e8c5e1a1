//! Ratings in Parquet, Arrow IPC and CSV files: scanned lazily, written from the streaming engine.

use std::fs::File;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use polars::io::utils::sync_on_close::SyncOnCloseType;
use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::bounds::Claims;
use super::json::Document;
use super::options::ReadOptions;
use super::plain::is_plain;
use super::report::{Loaded, Reading, Report, read, read_text};
use super::source::{Source, extension};
use super::table::Table;
use super::write::{FORMULA, in_place, temporary, write_together};
use super::{arrow, json, rows};
use crate::code::coded_enum;
use crate::error::{Problem, Problems};
use crate::frame::{Members, Notice, PeerGroup, PeerGroups, Repeat, columns::*, conform, conform_days};
use crate::{Clock, Error, Ratings, Scale, Words};

coded_enum! {
    /// A file format for ratings, by the extension of the file's name.
    enum FrameFormat: "file format" {
        /// Parquet, compressed with zstd.
        Parquet = "parquet" / "Parquet",
        /// An Arrow IPC file (Feather version 2).
        Ipc = "arrow" / "Arrow IPC",
        /// Comma-separated text with a header.
        Csv = "csv" / "CSV",
        /// JSON with an object a row, under `rows`.
        Json = "json" / "JSON",
    }
}

impl FrameFormat {
    /// The format of a file, by its name.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another extension than parquet, arrow, ipc, feather, csv or json.
    pub fn of(path: impl AsRef<Path>) -> Result<Self, Error> {
        let extension = path.as_ref().extension().and_then(|e| e.to_str()).unwrap_or_default();
        FrameFormat::ending(&extension.to_lowercase())
    }

    /// The format of a file that is read: also of a CSV file that is packed by gzip.
    fn read_as(path: &Path) -> Result<Self, Error> {
        match FrameFormat::ending(&extension(path))? {
            FrameFormat::Csv => Ok(FrameFormat::Csv),
            _ => FrameFormat::of(path),
        }
    }

    fn ending(ending: &str) -> Result<Self, Error> {
        match ending {
            "ipc" | "feather" => Ok(FrameFormat::Ipc),
            other => other.parse(),
        }
    }
}

impl FrameFormat {
    /// What a file of this format, or a folder of such files, leaves out of what some ratings hold, in words.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::io::FrameFormat;
    /// let ratings = rating_history::ofsted::england()?.ratings()?;
    /// assert!(FrameFormat::Parquet.leaves_out(&ratings, true).is_empty());
    /// assert_eq!(FrameFormat::Parquet.leaves_out(&ratings, false).len(), 4);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn leaves_out(self, ratings: &Ratings, folder: bool) -> Vec<String> {
        let bodies = &ratings.words().body.many;
        let beside = [
            (ratings.authorities().is_some(), format!("names and other facts of the {bodies}")),
            (ratings.successors().is_some(), format!("which {bodies} followed which")),
            (ratings.events().is_some(), "events".to_owned()),
            (ratings.listed_peers().is_some(), format!("which {bodies} are compared with which")),
        ];
        let notices = ratings.notices(NaiveDate::MAX).count();
        let marked = [
            (true, format!("the order of the grades: {}", ratings.scale().labels().join(", "))),
            (*ratings.words() != Words::default(), "what the data call things".to_owned()),
            (ratings.known_to().is_some(), format!("that the data are complete to {}", ratings.cut_off())),
            (ratings.given_peers().is_some(), format!("the groups that {bodies} are compared with")),
            (notices > 0, format!("what has to be said of {notices} {bodies}")),
        ];
        let beside = beside.into_iter().filter(|_| !folder);
        let marked = marked.into_iter().filter(|_| self == FrameFormat::Csv);
        beside.chain(marked).filter(|(there, _)| *there).map(|(_, what)| what).collect()
    }
}

/// What a file says of itself.
#[derive(Serialize, Deserialize)]
struct Mark {
    /// Version of the columns.
    version: u32,
    /// The grades, worst first.
    scale: Vec<String>,
    /// The columns that order the rows.
    order: Vec<String>,
    /// What the data call things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<Words>,
    /// The groups of peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    peers: Vec<Group>,
    /// What the events that count are about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events_about: Option<String>,
    /// The day to which the ratings are complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut_off: Option<NaiveDate>,
    /// What has to be said of bodies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Notice>,
}

/// A group of peers; the list of a listed one is a table beside the ratings.
#[derive(Serialize, Deserialize)]
struct Group {
    name: String,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    of: Of,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    Others,
    Same(String),
    Listed,
}

impl Mark {
    fn new(scale: &Scale) -> Self {
        let order = [AUTHORITY, THEME, EFFECT, PUBLISHED, INSPECTION].map(str::to_owned).to_vec();
        let scale = scale.labels().to_vec();
        Mark {
            version: VERSION,
            scale,
            order,
            words: None,
            peers: Vec::new(),
            events_about: None,
            cut_off: None,
            notices: Vec::new(),
        }
    }

    /// What ratings say of themselves.
    fn of(ratings: &Ratings) -> Self {
        let group = |g: &PeerGroup| Group {
            name: g.name().to_owned(),
            label: g.label().to_owned(),
            note: g.note().map(str::to_owned),
            of: match g.members() {
                Members::Others => Of::Others,
                Members::Same(column) => Of::Same(column.clone()),
                Members::Listed(_) => Of::Listed,
            },
        };
        Mark {
            words: Some(ratings.words().clone()).filter(|w| *w != Words::default()),
            peers: ratings.given_peers().map(|groups| groups.iter().map(group).collect()).unwrap_or_default(),
            events_about: ratings.about().map(str::to_owned),
            cut_off: ratings.known_to(),
            notices: ratings.notices(NaiveDate::MAX).cloned().collect(),
            ..Mark::new(ratings.scale())
        }
    }

    /// Gives ratings what their file says of them; `listed` are the peers of the listed group.
    fn give(&self, mut ratings: Ratings, listed: Option<LazyFrame>) -> Result<Ratings, Error> {
        if let Some(words) = &self.words {
            ratings = ratings.with_words(words.clone());
        }
        if let Some(about) = &self.events_about {
            ratings = ratings.mainly_about(about);
        }
        if let Some(day) = self.cut_off {
            ratings = ratings.with_cut_off(day);
        }
        ratings = ratings.with_notices(self.notices.clone());
        if self.peers.is_empty() {
            return Ok(ratings);
        }
        let mut groups = PeerGroups::new();
        for Group { name, label, note, of } in &self.peers {
            groups = match (of, &listed) {
                (Of::Others, _) => groups.others(name, label)?,
                (Of::Same(column), _) => groups.same(name, label, column)?,
                (Of::Listed, Some(table)) => groups.listed(name, label, table.clone())?,
                (Of::Listed, None) => continue,
            };
            if let Some(note) = note {
                groups = groups.noted(note);
            }
        }
        ratings.with_peers(groups)
    }

    /// The mark in a file's metadata.
    fn read(text: &str) -> Result<Self, Error> {
        let mark: Mark = serde_json::from_str(text).map_err(|e| Error::Frame(format!("metadata `{KEY}`: {e}")))?;
        if mark.version > VERSION {
            let reason = "it needs a later release of this crate";
            return Err(Error::Frame(format!("version {} of the columns; {reason}", mark.version)));
        }
        Ok(mark)
    }

    fn text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|e| Error::Frame(e.to_string()))
    }

    fn metadata(&self) -> Result<KeyValueMetadata, Error> {
        Ok(KeyValueMetadata::from_static(vec![(KEY.to_owned(), self.text()?)]))
    }
}

/// Key of the mark in a file's metadata.
const KEY: &str = "rating-history";
const VERSION: u32 = 2;

/// A table beside the ratings: its name, and how it is taken from and given to them.
type Beside = (&'static str, fn(&Ratings) -> Option<LazyFrame>, fn(Ratings, LazyFrame) -> Result<Ratings, Error>);

/// The list of peers beside the ratings, and the group it makes where the ratings do not say.
const PEERS: &str = "neighbours";

/// The tables that a folder holds beside the ratings.
const BESIDE: [Beside; 3] = [
    ("authorities", |ratings| Some(ratings.authorities()?.drop(cols([BODY]))), Ratings::with_authorities),
    ("successors", Ratings::successors, Ratings::with_successors),
    ("events", Ratings::events, Ratings::with_events),
];

/// Writes the rows of ratings to one file, by its extension: streaming, whole or not at all. Grades are an ordered
/// `Enum` (Arrow: dictionary), dates are dates; a Parquet file carries the scale, the order of the rows and the version
/// of its columns in its metadata under `rating-history`. In CSV, cells that a spreadsheet would run are guarded by an
/// apostrophe.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, io};
/// let ratings = rating_history::ofsted::england()?.ratings()?;
/// let folder = tempfile::tempdir().unwrap();
/// for name in ["england.parquet", "england.arrow", "england.csv", "england.json"] {
///     let file = folder.path().join(name);
///     io::write_ratings(&ratings, &file)?;
///     let again = io::scan_ratings(&file, Some(ratings.scale()), &io::ReadOptions::default())?.value;
///     assert!(again.lazy().collect()?.equals_missing(&ratings.lazy().collect()?));
/// }
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Unknown`] for another extension, [`Error::Io`], [`Error::Polars`]; an existing file is then untouched.
pub fn write_ratings(ratings: &Ratings, path: impl AsRef<Path>) -> Result<(), Error> {
    let ratings = ratings.clone().clock(Clock::Effect);
    sink(stored(ratings.lazy(), FrameFormat::of(&path)?), path.as_ref(), Some(&Mark::of(&ratings)))
}

/// The columns of rows that a file holds; the numbers are of no use in text.
fn stored(rows: LazyFrame, format: FrameFormat) -> LazyFrame {
    match format {
        FrameFormat::Csv | FrameFormat::Json => rows.drop(cols([DATE, BODY, SERIES])),
        _ => rows.drop(cols([DATE])),
    }
}

/// Writes ratings with the tables beside them (authorities, neighbours: the listed peers, successors, events) as files of one format in a
/// folder: `ratings.parquet`, `authorities.parquet`, ... All are written or none: beside the old folder, which is then
/// exchanged for the new one. Where no folder can be made beside it, or this program works in it, the files are moved into
/// it one by one.
///
/// # Errors
/// As [`write_ratings`], for the first file that cannot be written; the old folder is then untouched.
pub fn write_ratings_folder(ratings: &Ratings, folder: impl AsRef<Path>, format: FrameFormat) -> Result<(), Error> {
    let names = [PEERS, "ratings"].into_iter().chain(BESIDE.map(|(name, ..)| name));
    let own: Vec<PathBuf> = names
        .flat_map(|name| FrameFormat::ALL.iter().map(move |format| Path::new(name).with_extension(format.code())))
        .collect();
    write_together(folder.as_ref(), &own, |new| {
        let file = |name: &str| new.join(name).with_extension(format.code());
        write_ratings(ratings, file("ratings"))?;
        for (name, table, _) in BESIDE {
            if let Some(table) = table(ratings) {
                sink(table, &file(name), None)?;
            }
        }
        match ratings.listed_peers() {
            Some((_, table)) => sink(table, &file(PEERS), None),
            None => Ok(()),
        }
    })
}

/// Ratings from a Parquet, Arrow IPC or CSV file, or from a folder written by [`write_ratings_folder`]: lazily, so that a
/// file may be larger than memory; only the columns that tell the order are read once, to check it.
///
/// Needed are `authority`, `effect` (a date) and `grade`; the other [`columns`](crate::frame::columns) may be there.
/// Text in dictionaries, dates with a time and other whole numbers are converted; columns of types that no column here has,
/// as lists, are left out. The scale is the one given, or that of the file ([`scale_of`]). A file of another maker may have
/// its rows in any order and is sorted when it is read. A Parquet or Arrow file of ours also tells its [`Words`], its
/// groups of peers and which events count.
///
/// A CSV file that is not as this crate writes it (other separators, encodings, ways to write dates, rows of notes) is read
/// into memory, row by row, as [`RatingColumns::read`](crate::io::RatingColumns::read) does; so is any file with something
/// wrong in it, so that each problem names its row. Those of a lenient reading leave their rows out.
///
/// A folder without a file `ratings` holds its rows in many files of one format, also in folders named `column=value`.
///
/// # Errors
/// [`Error::Io`] when there is no file, [`Error::Unknown`] for another extension, [`Error::Invalid`] with every row that is
/// wrong, [`Error::Frame`] when the file is damaged, of a later version, or lacks columns, types or a scale.
pub fn scan_ratings(
    path: impl AsRef<Path>,
    scale: Option<&Scale>,
    options: &ReadOptions,
) -> Result<Loaded<Ratings>, Error> {
    let path = &in_place(path.as_ref());
    if !path.is_dir() {
        let (read, mark) = scan_file(path, scale, options)?;
        return read.and_then(|ratings| match mark {
            Some(mark) => mark.give(ratings, None),
            None => Ok(ratings),
        });
    }
    let file = |name: &str| {
        let named = FrameFormat::ALL.iter().map(|format| path.join(name).with_extension(format.code()));
        named.into_iter().find(|file| file.is_file())
    };
    let Ok(main) = main_file(path) else { return many_files(path, scale, options) };
    let (read, mark) = scan_file(&main, scale, options)?;
    read.and_then(|mut ratings| {
        for (name, _, give) in BESIDE {
            if let Some(file) = file(name) {
                ratings = give(ratings, table(&file)?)?;
            }
        }
        let listed = file(PEERS).map(|file| table(&file)).transpose()?;
        match (mark, listed) {
            (Some(mark), listed) => mark.give(ratings, listed),
            (None, None) => Ok(ratings),
            (None, Some(listed)) => {
                let groups = PeerGroups::new().listed(PEERS, PEERS, listed)?;
                let rest = ratings.peer_groups()?;
                ratings.with_peers(groups.and(&rest)?)
            }
        }
    })
}

/// Reads ratings into memory from Parquet, Arrow IPC or CSV with the columns of a [frame](crate::frame::columns), by the
/// ending of the source's name. What [`scan_ratings`] says of files, scales and repeated rows holds here too.
///
/// ```
/// use rating_history::io::{ReadOptions, Source, read_frame};
/// let text = "authority,effect,grade\nElm,2020-01-31,B\nElm,2021-01-31,A\nElm,2021-01-31,B\n";
/// let scale = rating_history::Scale::new(["B", "A"])?;
/// let read = read_frame(Source::new("homes.csv", text.as_bytes()), Some(&scale), &ReadOptions::default())?;
/// assert_eq!((read.report.rows, read.report.left_out), (3, 1));
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// As [`scan_ratings`]; [`Error::Io`] also for what is larger than [`most_bytes`](ReadOptions::most_bytes).
pub fn read_frame<'a>(
    source: impl Into<Source<'a>>,
    scale: Option<&Scale>,
    options: &ReadOptions,
) -> Result<Loaded<Ratings>, Error> {
    let source = source.into();
    if let Some(path) = source.file() {
        let size = std::fs::metadata(path).map_err(Error::io(path))?.len();
        if size > options.most_bytes {
            return Err(options.too_large(path));
        }
        let read = scan_ratings(path, scale, options)?;
        return read.and_then(|ratings| undamaged(path, || ratings.in_memory()));
    }
    let name = source.name();
    let format = FrameFormat::read_as(name.as_ref())?;
    let mut file =
        tempfile::Builder::new().suffix(&format!(".{}", format.code())).tempfile().map_err(Error::io(&name))?;
    file.write_all(&source.bytes(options)?).map_err(Error::io(&name))?;
    let place = file.path().display().to_string();
    let named = |problems: Problems| {
        let named = |problem: Problem| Problem { file: problem.file.map(|_| name.clone()), ..problem };
        Problems(problems.0.into_iter().map(named).collect())
    };
    let Loaded { value, mut report } = read_frame(file.path(), scale, options).map_err(|error| match error {
        Error::Frame(message) => Error::Frame(message.replace(&place, &name)),
        Error::Invalid(problems) => Error::Invalid(named(problems)),
        other => other,
    })?;
    report.problems = named(report.problems);
    Ok(Loaded { value, report })
}

/// Reads every column of ratings that were [scanned](scan_ratings), and keeps none: an error where the file is damaged in a
/// column that has not been looked at.
///
/// # Errors
/// [`Error::Frame`] with the file's name.
pub fn read_through(ratings: &Ratings, path: impl AsRef<Path>) -> Result<(), Error> {
    undamaged(path.as_ref(), || {
        ratings.lazy().select([all().as_expr().null_count()]).collect_with_engine(Engine::Streaming)?;
        Ok(())
    })
}

/// What is to say of a file that was scanned: how many rows it has, and a warning for each of those left out because a
/// later row of the same body, series and day counts; its line where the rows tell theirs.
fn report(ratings: &Ratings, path: &Path, lines: Option<&[u64]>) -> Result<Report, Error> {
    let (name, format) = (path.display().to_string(), FrameFormat::read_as(path)?);
    let rows = ratings.lazy().select([len()]).collect_with_engine(Engine::Streaming)?.unwrap_single();
    let kept = rows.columns()[0].get(0)?.extract::<usize>().unwrap_or(0);
    let line = |row: usize| match lines {
        Some(lines) => lines[row - 1],
        None => row as u64 + u64::from(format == FrameFormat::Csv),
    };
    let what = if format == FrameFormat::Csv { "line" } else { "row" };
    let problem = |repeat: &Repeat| {
        let said = if repeat.same { "says the same" } else { "says otherwise, and counts as it is later" };
        let Repeat { body, series, day, .. } = repeat;
        let counts = line(repeat.counts);
        let expected = format!("one row for {body} ({series}) on {day}; {what} {counts} {said}");
        Problem::new(EFFECT, &day.to_string(), expected).at(&name, Some(line(repeat.row))).warning()
    };
    let problems = Problems(ratings.repeats().iter().map(problem).collect());
    let (rows, left_out) = (kept + ratings.left_out(), ratings.left_out());
    Ok(Report { rows, left_out, problems, ..Report::default() })
}

/// The file with the ratings of a path: itself, or that in a folder.
fn main_file(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let mut named = FrameFormat::ALL.iter().map(|format| path.join("ratings").with_extension(format.code()));
    named.find(|file| file.is_file()).ok_or_else(|| {
        let source =
            std::io::Error::new(std::io::ErrorKind::NotFound, "no ratings.parquet, .arrow, .csv or .json in it");
        Error::Io { path: path.to_owned(), source }
    })
}

/// A file, or that with the ratings in a folder, or the first of many there.
fn first_file(path: &Path) -> Result<PathBuf, Error> {
    main_file(path).or_else(|none| files_in(path)?.into_iter().next().ok_or(none))
}

/// The scale that a file, or a folder's file of ratings, tells by itself: in the metadata of a Parquet or Arrow file, or as
/// the categories of its column of grades. `None` where it tells none.
///
/// # Errors
/// As [`scan_ratings`].
pub fn scale_of(path: impl AsRef<Path>) -> Result<Option<Scale>, Error> {
    let path = first_file(path.as_ref())?;
    File::open(&path).map_err(Error::io(&path))?;
    match FrameFormat::read_as(&path)? {
        FrameFormat::Csv => Ok(None),
        _ => undamaged(&path, || open(&path)?.scale()),
    }
}

/// A file's ratings with what is to say of its rows, and its mark.
fn scan_file(
    path: &Path,
    scale: Option<&Scale>,
    options: &ReadOptions,
) -> Result<(Loaded<Ratings>, Option<Mark>), Error> {
    if FrameFormat::read_as(path)? == FrameFormat::Csv && !is_plain(path)? {
        return Ok((by_rows(path, None, scale, options)?, None));
    }
    let mut opened = undamaged(path, || open(path))?;
    let own = if scale.is_none() { undamaged(path, || opened.scale())? } else { None };
    let scale = scale.or(own.as_ref());
    let Opened { rows, mark } = opened;
    let scanned = undamaged(path, || Ratings::of_file(conform(rows.clone(), scale)?, scale.cloned()));
    let read = match scanned {
        Ok(value) => {
            let report = report(&value, path, None)?;
            Loaded { value, report }
        }
        Err(why @ (Error::Io { .. } | Error::Value { .. })) => return Err(why),
        Err(_) if FrameFormat::read_as(path)? == FrameFormat::Csv => by_rows(path, None, scale, options)?,
        // Damage, and what is too large to be gone through, is told as it was found.
        Err(why) => match undamaged(path, || few_as_text(rows)) {
            Ok(Some(text)) => by_rows(path, Some(&text), scale, options)?,
            _ => return Err(why),
        },
    };
    Ok((read, mark))
}

/// Reads a file row by row: the text of a CSV file, or the cells of another as text.
fn by_rows(
    path: &Path,
    cells: Option<&DataFrame>,
    scale: Option<&Scale>,
    options: &ReadOptions,
) -> Result<Loaded<Ratings>, Error> {
    let Loaded { value: (typed, lines), report: said } = typed_rows(path, cells, &rows::NEEDED, scale, options)?;
    let value = Ratings::of_file(conform(typed.lazy(), scale)?, scale.cloned()).map_err(|error| match error {
        Error::Frame(reason) => Error::Frame(format!("{}: {reason}", path.display())),
        error => error,
    })?;
    let mut all = report(&value, path, Some(&lines))?;
    all.rows = said.rows;
    all.left_out += said.left_out;
    all.blank = said.blank;
    all.problems.0.splice(..0, said.problems.0);
    Ok(Loaded { value, report: all })
}

/// The rows of a file, each column in its type, and their lines.
fn typed_rows(
    path: &Path,
    cells: Option<&DataFrame>,
    needed: &[&str],
    scale: Option<&Scale>,
    options: &ReadOptions,
) -> Result<Loaded<(DataFrame, Vec<u64>)>, Error> {
    let typed = |table: Option<Table>, reading: &mut Reading<'_>| match table {
        Some(table) => {
            let lines = table.rows().map(|row| row.line).collect();
            Ok((rows::typed(&table, needed, scale, reading)?, lines))
        }
        None => Err(reading.invalid()),
    };
    match cells {
        Some(cells) => {
            let name = path.display().to_string();
            read(options, |reading| typed(rows::of_frame(&name, cells, reading)?, reading))
        }
        None => read_text(Source::from(path), options, |name, text, reading| {
            typed(rows::read(name, text, scale, reading), reading)
        }),
    }
}

/// The columns of a frame as text, if its rows are few enough for memory.
fn few_as_text(frame: LazyFrame) -> Result<Option<DataFrame>, Error> {
    const FEW: u64 = 5_000_000;
    let rows = frame.clone().select([len()]).collect_with_engine(Engine::Streaming)?.unwrap_single();
    if rows.columns()[0].get(0)?.extract::<u64>().unwrap_or(0) > FEW {
        return Ok(None);
    }
    let mut frame = conform_days(frame)?;
    let schema = frame.collect_schema()?;
    let text = schema.iter_names().map(|name| col(name.clone()).cast(DataType::String));
    Ok(Some(frame.clone().select(text.collect::<Vec<_>>()).collect()?))
}

/// Ratings in many files of one format, in any folders below one; those named `column=value` tell a column.
fn many_files(folder: &Path, scale: Option<&Scale>, options: &ReadOptions) -> Result<Loaded<Ratings>, Error> {
    let files = files_in(folder)?;
    let Some(first) = files.first() else {
        return main_file(folder).and_then(|file| scan_ratings(file, scale, options));
    };
    let format = FrameFormat::read_as(first)?;
    if let Some(other) = files.iter().find(|file| FrameFormat::read_as(file).is_ok_and(|other| other != format)) {
        let expected = format!("files of one format, as {}", first.display());
        return Err(Error::value("file", other.display(), &expected));
    }
    let (mut parts, mut said) = (Vec::new(), Report::default());
    for file in &files {
        let rows = match format {
            FrameFormat::Csv => {
                let read = typed_rows(file, None, &[], scale, options)?;
                said = said.and(read.report);
                read.value.0.lazy()
            }
            _ => undamaged(file, || open(file))?.rows,
        };
        let part = undamaged(file, || {
            let mut part = conform(rows, scale)?;
            let schema = part.collect_schema()?;
            let told = file.strip_prefix(folder).into_iter().flat_map(Path::components);
            let told = told.filter_map(|part| part.as_os_str().to_str()?.split_once('='));
            let told = told.filter(|(column, _)| !schema.contains(column));
            let told: Vec<Expr> = told.map(|(column, value)| lit(decoded(value)).alias(column)).collect();
            conform(part.with_columns(told), scale)
        })?;
        parts.push(part);
    }
    let all = undamaged(folder, || Ratings::of_file(one_frame(parts)?, scale.cloned()))?;
    let whole = report(&all, first, None)?;
    let report = Report { rows: whole.rows + said.left_out, left_out: whole.left_out + said.left_out, ..said };
    Ok(Loaded { value: all, report })
}

/// Frames below each other, with the columns of all; those that one lacks are unknown in it.
fn one_frame(mut parts: Vec<LazyFrame>) -> Result<LazyFrame, Error> {
    let mut all = Schema::default();
    for part in &mut parts {
        for (name, dtype) in part.collect_schema()?.iter() {
            let dtype = if dtype.is_enum() { &DataType::String } else { dtype };
            if !all.contains(name) {
                all.insert(name.clone(), dtype.clone());
            }
        }
    }
    for part in &mut parts {
        let own = part.collect_schema()?;
        let column = |(name, dtype): (&PlSmallStr, &DataType)| match own.contains(name) {
            true => col(name.clone()).strict_cast(dtype.clone()),
            false => lit(NULL).cast(dtype.clone()).alias(name.clone()),
        };
        *part = part.clone().select(all.iter().map(column).collect::<Vec<_>>());
    }
    Ok(concat(parts, UnionArgs::default())?)
}

/// A value in the name of a folder, where odd characters are written as %20.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The files of ratings in a folder and those below it, in the order of their names.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    files_below(folder, &mut files, 0)?;
    files.sort();
    Ok(files)
}

/// The files of ratings in a folder and those below it; names with a dot or a line before them are left out.
fn files_below(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<(), Error> {
    const DEEPEST: usize = 8;
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let is_hidden = path.file_name().and_then(|n| n.to_str()).is_none_or(|name| name.starts_with(['.', '_']));
        match () {
            () if is_hidden => {}
            () if path.is_dir() && depth < DEEPEST => files_below(&path, files, depth + 1)?,
            () if path.is_file() && FrameFormat::read_as(&path).is_ok_and(|f| f != FrameFormat::Json) => {
                files.push(path)
            }
            () => {}
        }
    }
    Ok(())
}

/// What polars says of a file that is not what its name says, and panics where it does not expect damage, as an error
/// with the file's name.
fn undamaged<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let named = |reason: &str| Error::Frame(format!("{}: {reason}", path.display()));
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Err(Error::Polars(error))) => Err(named(&error.to_string())),
        Ok(Err(Error::Frame(reason))) => Err(named(&reason)),
        Ok(done) => done,
        Err(_) => Err(named("damaged: it cannot be read to its end")),
    }
}

/// A file that is opened: its rows, which stay where they are, and what it says of itself.
struct Opened {
    rows: LazyFrame,
    mark: Option<Mark>,
}

impl Opened {
    /// The scale that it tells.
    fn scale(&mut self) -> Result<Option<Scale>, Error> {
        if let Some(mark) = &self.mark {
            return Scale::new(mark.scale.clone()).map(Some);
        }
        match self.rows.collect_schema()?.get(GRADE) {
            Some(DataType::Enum(categories, _)) => {
                let labels = categories.categories();
                Scale::new(labels.iter().flatten().map(str::to_owned)).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn reference(path: &Path) -> Result<PlRefPath, Error> {
    let absolute = std::path::absolute(path).map_err(Error::io(path))?;
    Ok(PlRefPath::try_from_pathbuf(absolute)?)
}

/// A table beside the ratings.
fn table(path: &Path) -> Result<LazyFrame, Error> {
    match FrameFormat::read_as(path)? {
        FrameFormat::Csv => {
            let read =
                read_text(Source::from(path), &ReadOptions::default(), |name, text, reading| {
                    match Table::parse(name, text, reading) {
                        Some(table) => rows::typed(&table, &[], None, reading),
                        None => Err(reading.invalid()),
                    }
                })?;
            Ok(read.value.lazy())
        }
        _ => undamaged(path, || conform(open(path)?.rows, None)),
    }
}

/// Opens a file lazily, once it is known to claim no more than it can hold; a name is a name, also with `*` in it.
fn open(path: &Path) -> Result<Opened, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let place = reference(path)?;
    let (rows, mark) = match FrameFormat::read_as(path)? {
        FrameFormat::Parquet => {
            let size = file.metadata().map_err(Error::io(path))?.len();
            let mut reader = ParquetReader::new(file);
            let metadata = reader.get_metadata()?;
            let pairs = metadata.key_value_metadata().iter().flatten();
            let mark = pairs.filter(|pair| pair.key == KEY).find_map(|pair| pair.value.clone());
            let mut claims = Claims::of_file(size);
            claims.rows(i64::try_from(metadata.num_rows).unwrap_or(i64::MAX))?;
            for group in &metadata.row_groups {
                let columns = group.parquet_columns().iter();
                if columns.map(|column| column.byte_range()).any(|range| range.end > size || range.start > range.end) {
                    return Err(Error::Frame("damaged: a column lies outside the file".to_owned()));
                }
                claims.bytes(i64::try_from(group.total_byte_size()).unwrap_or(i64::MAX))?;
            }
            let rows = match left_out_of(&*reader.schema()?) {
                None => LazyFrame::scan_parquet(place, ScanArgsParquet { glob: false, ..ScanArgsParquet::default() })?,
                Some(names) => {
                    let names = names.iter().map(ToString::to_string).collect();
                    reader.with_columns(Some(names)).finish()?.lazy()
                }
            };
            (rows, mark)
        }
        FrameFormat::Ipc => {
            let metadata = arrow::check(path)?;
            let own = metadata.custom_schema_metadata.as_ref();
            let mark = own.and_then(|own| own.get(KEY)).map(ToString::to_string);
            let has_words =
                || metadata.schema.iter_values().any(|field| matches!(field.dtype, ArrowDataType::Dictionary(..)));
            let rows = match left_out_of(&metadata.schema) {
                None if mark.is_some() || !has_words() => {
                    let unified = UnifiedScanArgs { glob: false, ..UnifiedScanArgs::default() };
                    LazyFrame::scan_ipc(place, IpcScanOptions::default(), unified)?
                }
                kept => {
                    let names = kept.unwrap_or_else(|| metadata.schema.iter_names().cloned().collect());
                    arrow::columns(path, &metadata, &names)?.lazy()
                }
            };
            (rows, mark)
        }
        FrameFormat::Csv => {
            // Every column as text; `conform` makes dates and numbers of it.
            let text = LazyCsvReader::new(place).with_glob(false).with_infer_schema_length(Some(0)).finish()?;
            (unguarded(text)?, None)
        }
        FrameFormat::Json => {
            let mut document = Document::read(path, &ReadOptions::default())?;
            let mark = document.mark.take().map(|mark| mark.to_string());
            (document.frame()?.lazy(), mark)
        }
    };
    Ok(Opened { rows, mark: mark.as_deref().map(Mark::read).transpose()? })
}

/// The names of the columns that can be columns here, where there are others.
fn left_out_of(schema: &ArrowSchema) -> Option<Vec<PlSmallStr>> {
    let kept: Vec<_> = schema.iter_values().filter(|field| is_simple(&field.dtype)).map(|f| f.name.clone()).collect();
    (kept.len() < schema.len()).then_some(kept)
}

/// Whether a type is that of a number, a text, a day, a time or a yes or no.
fn is_simple(dtype: &ArrowDataType) -> bool {
    use ArrowDataType::*;
    match dtype {
        Dictionary(_, words, _) => matches!(**words, Utf8 | LargeUtf8 | Utf8View),
        Null | Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 | Float32 | Float64 => true,
        Utf8 | LargeUtf8 | Utf8View | Date32 | Date64 | Timestamp(..) => true,
        _ => false,
    }
}

/// Writes ratings that come in batches, more than fit in memory, to Parquet or CSV, whole or not at all: each batch as [`Ratings::new`]
/// wants it, each beginning after the last body of the one before. Returns the number of rows. In Parquet the words of a
/// closed vocabulary, as the names of series, are those of the first batch; give them as `Enum` columns where later batches
/// have others.
///
/// ```
/// use rating_history::polars::prelude::*;
/// use rating_history::{Error, Scale, io};
/// # use rating_history::chrono::NaiveDate;
/// let scale = Scale::new(["poor", "good"])?;
/// # let folder = tempfile::tempdir().unwrap();
/// # let file = folder.path().join("batches.parquet");
/// let day = NaiveDate::from_ymd_opt(2020, 1, 31).unwrap();
/// let batch = |name: &str| Ok(df!("authority" => [name], "effect" => [day], "grade" => ["good"])?);
/// assert_eq!(io::write_batches(&file, &scale, ["a", "b"].into_iter().map(batch))?, 2);
/// assert!(io::write_batches(&file, &scale, ["b", "a"].into_iter().map(batch)).is_err());
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// Those of a batch; [`Error::Frame`] when it is not as [`Ratings::new`] wants it; as [`write_ratings`].
pub fn write_batches(
    path: impl AsRef<Path>,
    scale: &Scale,
    batches: impl IntoIterator<Item = Result<DataFrame, Error>>,
) -> Result<u64, Error> {
    let path = path.as_ref();
    let format = FrameFormat::of(path)?;
    let mut file = temporary(path).map_err(Error::io(path))?;
    let mut writer: Option<BatchWriter<'_>> = None;
    let (mut rows, mut last) = (0, String::new());
    let mut numbered: Option<(SchemaRef, [u32; 2])> = None;
    for batch in batches {
        let ratings = Ratings::new(batch?.lazy(), scale.clone())?;
        let frame = stored(ratings.lazy(), format);
        let frame = match (format, &numbered) {
            (FrameFormat::Csv, _) => guarded(frame)?.collect()?,
            (_, None) => frame.collect()?,
            (_, Some((schema, next))) => following(frame, schema, *next)?,
        };
        let authority = frame.column(AUTHORITY)?.str()?;
        let (Some(begin), Some(end)) = (authority.first(), authority.last()) else { continue };
        if rows > 0 && begin <= last.as_str() {
            return Err(Error::Frame(format!("a batch begins with `{begin}`; expected a body after `{last}`")));
        }
        last = end.to_owned();
        rows += frame.height() as u64;
        if format != FrameFormat::Csv {
            let [body, series] = [BODY, SERIES].map(|name| frame.column(name).map(|c| c.u32().map(|n| n.max())));
            let before = numbered.map_or([0, 0], |(_, next)| next);
            let next = [body??.map_or(before[0], |n| n + 1), series??.map_or(before[1], |n| n + 1)];
            numbered = Some((frame.schema().clone(), next));
        }
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(BatchWriter::new(format, file.as_file(), &frame, &Mark::new(scale))?),
        };
        writer.write(&frame)?;
    }
    match writer {
        Some(writer) => writer.finish()?,
        None => return Err(Error::Frame("no ratings; expected at least one batch with rows".to_owned())),
    }
    file.as_file_mut().sync_all().map_err(Error::io(path))?;
    file.persist(path).map_err(|e| Error::io(path)(e.error))?;
    Ok(rows)
}

/// A batch with the numbers that follow those before it, in the words of the first one.
fn following(frame: LazyFrame, schema: &SchemaRef, next: [u32; 2]) -> Result<DataFrame, Error> {
    let words = schema.iter().filter(|(_, dtype)| dtype.is_enum());
    let words = words.map(|(name, dtype)| col(name.clone()).cast(DataType::String).strict_cast(dtype.clone()));
    let numbers = [BODY, SERIES].into_iter().zip(next).map(|(name, next)| col(name) + lit(next));
    let columns: Vec<Expr> = words.chain(numbers).collect();
    frame.with_columns(columns).collect().map_err(|e| {
        let expected = "words of the first batch, or columns of the same Enum in all";
        Error::Frame(format!("a batch has other words in its columns than the first: {e}; expected {expected}"))
    })
}

/// A file being written batch by batch.
enum BatchWriter<'a> {
    Parquet(Box<polars::io::parquet::write::BatchedWriter<&'a File>>),
    Csv(polars::io::csv::write::BatchedWriter<&'a File>),
}

impl<'a> BatchWriter<'a> {
    fn new(format: FrameFormat, file: &'a File, first: &DataFrame, mark: &Mark) -> Result<Self, Error> {
        let schema = first.schema();
        Ok(match format {
            FrameFormat::Parquet => {
                let writer = ParquetWriter::new(file).with_key_value_metadata(Some(mark.metadata()?));
                BatchWriter::Parquet(Box::new(writer.batched(schema)?))
            }
            FrameFormat::Ipc | FrameFormat::Json => {
                let formats = [FrameFormat::Parquet, FrameFormat::Csv].into_iter().map(FrameFormat::code);
                return Err(Error::unknown("format of a file in batches", format.code(), formats));
            }
            FrameFormat::Csv => BatchWriter::Csv(CsvWriter::new(file).batched(schema)?),
        })
    }

    fn write(&mut self, batch: &DataFrame) -> Result<(), Error> {
        match self {
            BatchWriter::Parquet(writer) => writer.write_batch(batch)?,
            BatchWriter::Csv(writer) => writer.write_batch(batch)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        match self {
            BatchWriter::Parquet(writer) => _ = writer.finish()?,
            BatchWriter::Csv(mut writer) => writer.finish()?,
        }
        Ok(())
    }
}

/// Writes an Arrow file with a mark, from memory.
fn write_arrow(frame: LazyFrame, path: &Path, mark: &Mark) -> Result<(), Error> {
    let mut rows = frame.collect_with_engine(Engine::Streaming)?.unwrap_single();
    let mut file = temporary(path).map_err(Error::io(path))?;
    let mut writer = IpcWriter::new(file.as_file_mut());
    let text = (KEY.into(), mark.text()?.into());
    writer.set_custom_schema_metadata(Arc::new([text].into_iter().collect()));
    writer.finish(&mut rows)?;
    file.as_file_mut().sync_all().map_err(Error::io(path))?;
    file.persist(path).map_err(|e| Error::io(path)(e.error))?;
    Ok(())
}

/// Writes to a temporary name beside the file, synced, then renames.
fn sink(frame: LazyFrame, path: &Path, mark: Option<&Mark>) -> Result<(), Error> {
    let format = FrameFormat::of(path)?;
    match (format, mark) {
        (FrameFormat::Ipc, Some(mark)) => return write_arrow(frame, path, mark),
        (FrameFormat::Json, _) => return json::write(frame, path, mark.map(Mark::text).transpose()?.as_deref()),
        _ => {}
    }
    let place = temporary(path).map_err(Error::io(path))?.into_temp_path();
    let (frame, written) = match format {
        FrameFormat::Parquet => {
            let key_value_metadata = mark.map(Mark::metadata).transpose()?;
            let options = ParquetWriteOptions { key_value_metadata, ..ParquetWriteOptions::default() };
            (frame, FileWriteFormat::Parquet(Arc::new(options)))
        }
        FrameFormat::Ipc => (frame, FileWriteFormat::Ipc(IpcWriterOptions::default())),
        _ => (guarded(frame)?, FileWriteFormat::Csv(CsvWriterOptions::default())),
    };
    let target = SinkDestination::File { target: SinkTarget::Path(reference(&place)?) };
    let arguments = UnifiedSinkArgs { sync_on_close: SyncOnCloseType::All, ..UnifiedSinkArgs::default() };
    frame.sink(target, written, arguments)?.collect_with_engine(Engine::Streaming)?;
    place.persist(path).map_err(|e| Error::io(path)(e.error))
}

/// Whether a cell, but for apostrophes before it, is one that a spreadsheet would run.
fn is_formula(column: &str) -> Expr {
    let bare = col(column).str().strip_chars_start(lit("'"));
    let begins = |c: &char| bare.clone().str().starts_with(lit(c.to_string()));
    FORMULA.iter().map(begins).reduce(Expr::or).unwrap_or_else(|| lit(false))
}

/// Columns of text that may hold anything; the others hold codes.
const FREE_TEXT: [&str; 8] = [AUTHORITY, INSPECTION, SOURCE, ALSO, NAME, LABEL, NEIGHBOUR, SUCCESSOR];

/// Every column of free text with an apostrophe before what a spreadsheet would run.
fn guarded(frame: LazyFrame) -> Result<LazyFrame, Error> {
    with_text(frame, |name| concat_str([lit("'"), col(name)], "", false))
}

/// The cells again.
fn unguarded(frame: LazyFrame) -> Result<LazyFrame, Error> {
    with_text(frame, |name| col(name).str().strip_prefix(lit("'")))
}

fn with_text(mut frame: LazyFrame, changed: impl Fn(&str) -> Expr) -> Result<LazyFrame, Error> {
    let schema = frame.collect_schema()?;
    let is_free = |name: &str| FREE_TEXT.contains(&name);
    let text = schema.iter().filter(|(name, dtype)| **dtype == DataType::String && is_free(name));
    let text = text.map(|(name, _)| name.as_str());
    let change = |name: &str| when(is_formula(name)).then(changed(name)).otherwise(col(name)).alias(name);
    Ok(frame.clone().with_columns(text.map(change).collect::<Vec<_>>()))
}
