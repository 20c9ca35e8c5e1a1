//! Ratings in Parquet, Arrow IPC, CSV and JSON files: scanned lazily, or read row by row where they are odd.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::dates::{STAND_INS, stand_in};
use super::fieldwork::Fieldwork;
use super::format::FrameFormat;
use super::mark::{BESIDE, Mark, PEERS};
use super::open::{Opened, few_as_text, open, undamaged};
use super::options::ReadOptions;
use super::plain::is_plain;
use super::report::{Loaded, Reading, Report, grouped, read, read_text};
use super::rows;
use super::source::Source;
use super::table::Table;
use super::text::alike;
use super::write::in_place;
use crate::error::{Problem, ProblemKind, Problems};
use crate::frame::{PeerGroups, Repeat, columns::*, conform, is_date};
use crate::{Error, Precision, Ratings, Scale};

/// Ratings from a Parquet, Arrow IPC or CSV file, or from a folder written by [`write_ratings_folder`](crate::io::write_ratings_folder): lazily, so that a
/// file may be larger than memory; only the columns that tell the order are read once, to check it.
///
/// Needed are `authority`, `effect` (a date) and `grade`; the other [`columns`](crate::frame::columns) may be there.
/// Text in dictionaries, dates with a time and other whole numbers are converted; columns of types that no column here has,
/// as lists, are left out. The scale is the one given, or that of the file ([`scale_of`]). A file of another maker may have
/// its rows in any order and is sorted when it is read. A Parquet or Arrow file of ours also tells its [`Words`](crate::Words), its
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

/// Column with the number of a row, from 1.
const ROW: &str = "row of the file";

/// Where a row stands.
struct Place {
    file: String,
    line: u64,
    /// Whether it is a line of text, or a row of another file.
    what: &'static str,
}

impl Place {
    /// The place of a row of a file, from 1; its line where the rows tell theirs.
    fn of(path: &Path, row: usize, lines: Option<&[u64]>) -> Place {
        let is_text = FrameFormat::read_as(path).is_ok_and(|format| format == FrameFormat::Csv);
        let line = match lines {
            Some(lines) => lines.get(row - 1).copied().unwrap_or_default(),
            None => row as u64 + u64::from(is_text),
        };
        Place { file: path.display().to_string(), line, what: if is_text { "line" } else { "row" } }
    }
}

/// What is to say of ratings that were scanned: how many rows there are, and a warning for each of those left out because a
/// later row of the same body, series and day counts.
fn report(ratings: &Ratings, place: impl Fn(usize) -> Place) -> Result<Report, Error> {
    let rows = ratings.lazy().select([len()]).collect_with_engine(Engine::Streaming)?.unwrap_single();
    let kept = rows.columns()[0].get(0)?.extract::<usize>().unwrap_or(0);
    let problem = |repeat: &Repeat| {
        let said = if repeat.same { "says the same" } else { "says otherwise, and counts as it is later" };
        let Repeat { body, series, day, .. } = repeat;
        let (own, counts) = (place(repeat.row), place(repeat.counts));
        let elsewhere = if own.file == counts.file { String::new() } else { format!(" of {}", counts.file) };
        let Place { line, what, .. } = counts;
        let expected = format!("one row for {body} ({series}) on {day}; {what} {line}{elsewhere} {said}");
        let problem = Problem::new(EFFECT, &day.to_string(), expected).warning().kind(ProblemKind::Repeated);
        problem.at(&own.file, Some(own.line))
    };
    let problems = Problems(ratings.repeats().iter().map(problem).collect());
    let (rows, left_out) = (kept + ratings.left_out(), ratings.left_out());
    Ok(Report { rows, left_out, problems, ..Report::default() })
}

/// Warnings of the rules between the rows of a file: inspections of a body under one framework do not overlap.
fn overlaps(mut rows: LazyFrame, path: &Path, lines: Option<&[u64]>) -> Result<Vec<Problem>, Error> {
    let schema = rows.collect_schema()?;
    if [START, END].iter().any(|name| schema.get(name) != Some(&DataType::Date)) {
        return Ok(Vec::new());
    }
    let text = |name: &str| match schema.contains(name) {
        true => col(name).cast(DataType::String).fill_null(lit("")),
        false => lit("").alias(name),
    };
    let exact = text(PRECISION).eq(lit(Precision::Day.code())).or(text(PRECISION).eq(lit("")));
    let known = col(START).is_not_null().and(col(END).is_not_null()).and(exact);
    let keys = [text(AUTHORITY), text(FRAMEWORK), col(START), col(END)];
    let found = rows.with_row_index(ROW, Some(1)).filter(known).group_by(keys).agg([col(ROW).min()]);
    let found =
        found.sort([ROW], SortMultipleOptions::default()).collect_with_engine(Engine::Streaming)?.unwrap_single();
    let (body, framework) = (found.column(AUTHORITY)?.str()?, found.column(FRAMEWORK)?.str()?);
    let (start, end, row) = (found.column(START)?.date()?, found.column(END)?.date()?, found.column(ROW)?.idx()?);
    let day = |days: &DateChunked, row: usize| days.phys.get(row).and_then(chrono::NaiveDate::from_epoch_days);
    let mut fieldwork = Fieldwork::default();
    for n in 0..found.height() {
        let whose = format!("{}\n{}", body.get(n).unwrap_or_default(), framework.get(n).unwrap_or_default());
        let place = Place::of(path, row.get(n).unwrap_or(1) as usize, lines);
        fieldwork.take(&whose, day(start, n), day(end, n), place.line);
    }
    Ok(fieldwork.overlaps(START, &path.display().to_string()))
}

/// Warnings of days that mostly stand for unknown ones.
fn stand_ins(mut rows: LazyFrame, path: &Path) -> Result<Vec<Problem>, Error> {
    const MOST: IdxSize = 10_000;
    let schema = rows.collect_schema()?;
    let days: Vec<PlSmallStr> = schema
        .iter()
        .filter(|(name, dtype)| is_date(name) && **dtype == DataType::Date)
        .map(|(n, _)| n.clone())
        .collect();
    let is_one = |name: &PlSmallStr| STAND_INS.map(|day| col(name.clone()).eq(lit(day)));
    let Some(any) = days.iter().flat_map(is_one).reduce(Expr::or) else { return Ok(Vec::new()) };
    let columns: Vec<Expr> = [ROW.into()].iter().chain(&days).map(|name: &PlSmallStr| col(name.clone())).collect();
    let found = rows.with_row_index(ROW, Some(1)).filter(any).limit(MOST).select(columns);
    let found = found.collect_with_engine(Engine::Streaming)?.unwrap_single();
    let row = found.column(ROW)?.idx()?;
    let mut problems = Problems::default();
    for name in &days {
        for (n, day) in found.column(name)?.date()?.phys.iter().enumerate() {
            let Some(day) = day.and_then(chrono::NaiveDate::from_epoch_days) else { continue };
            let Some(expected) = stand_in(day) else { continue };
            let place = Place::of(path, row.get(n).unwrap_or(1) as usize, None);
            let problem = Problem::new(name, &day.to_string(), expected).warning().kind(ProblemKind::StandIn);
            problems.0.push(problem.at(&place.file, Some(place.line)));
        }
    }
    Ok(grouped(problems).0)
}

/// Warnings of ids that look alike.
fn look_alikes(rows: LazyFrame, path: &Path, lines: Option<&[u64]>) -> Result<Vec<Problem>, Error> {
    let ids = rows.with_row_index(ROW, Some(1)).group_by([col(AUTHORITY)]).agg([col(ROW).min()]);
    let ids = ids.sort([ROW], SortMultipleOptions::default()).collect_with_engine(Engine::Streaming)?.unwrap_single();
    let (ids, row) = (ids.column(AUTHORITY)?.str()?, ids.column(ROW)?.idx()?);
    let mut first: HashMap<String, (&str, usize)> = HashMap::new();
    let mut problems = Vec::new();
    for (id, row) in ids.iter().zip(row.iter()).filter_map(|(id, row)| Some((id?, row? as usize))) {
        let (spelling, other) = *first.entry(alike(id)).or_insert((id, row));
        if spelling != id {
            let (own, other) = (Place::of(path, row, lines), Place::of(path, other, lines));
            let (spelling, what, line) = (spelling.escape_debug(), other.what, other.line);
            let expected = format!("one spelling of an id; {what} {line} has `{spelling}`: they are read as two");
            let problem = Problem::new(AUTHORITY, &id.escape_debug().to_string(), expected);
            problems.push(problem.warning().at(&own.file, Some(own.line)));
        }
    }
    Ok(problems)
}

/// Whether any row ends or is published before it begins.
fn has_odd_days(ratings: &Ratings) -> Result<bool, Error> {
    let odd = col(END).lt(col(START)).or(col(PUBLISHED).lt(col(START))).any(true).alias("odd");
    let odd = ratings.lazy().select([odd]).collect_with_engine(Engine::Streaming)?.unwrap_single();
    Ok(odd.column("odd")?.bool()?.get(0) == Some(true))
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
    let scanned = undamaged(path, || {
        let rows = conform(rows.clone(), scale)?;
        let ratings = Ratings::of_file(rows.clone(), scale.cloned())?;
        let is_odd = has_odd_days(&ratings)?;
        Ok((rows, ratings, is_odd))
    });
    let read = match scanned {
        Ok((rows, value, false)) => {
            let mut report = report(&value, |row| Place::of(path, row, None))?;
            report.problems.0.extend(undamaged(path, || overlaps(rows.clone(), path, None))?);
            // What this crate has written was looked at when it was read.
            if mark.is_none() {
                report.problems.0.extend(undamaged(path, || stand_ins(rows.clone(), path))?);
                report.problems.0.extend(undamaged(path, || look_alikes(rows, path, None))?);
            }
            Loaded { value, report }
        }
        Err(why @ (Error::Io { .. } | Error::Value { .. })) => return Err(why),
        _ if FrameFormat::read_as(path)? == FrameFormat::Csv => by_rows(path, None, scale, options)?,
        // Damage, and what is too large to be gone through, is told as it was found.
        other => match undamaged(path, || few_as_text(rows)) {
            Ok(Some(text)) => by_rows(path, Some(&text), scale, options)?,
            _ => match other {
                Err(why) => return Err(why),
                Ok(_) => {
                    let reason = "rows end or are published before they begin, and there are too many to name them";
                    return Err(Error::Frame(format!("{}: {reason}", path.display())));
                }
            },
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
    let rows = conform(typed.lazy(), scale)?;
    let value = Ratings::of_file(rows.clone(), scale.cloned()).map_err(|error| match error {
        Error::Frame(reason) => Error::Frame(format!("{}: {reason}", path.display())),
        error => error,
    })?;
    let mut all = report(&value, |row| Place::of(path, row, Some(&lines)))?;
    all.problems.0.extend(overlaps(rows.clone(), path, Some(&lines))?);
    all.problems.0.extend(look_alikes(rows, path, Some(&lines))?);
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
    let (mut parts, mut said, mut lines_of) = (Vec::new(), Report::default(), Vec::new());
    for file in &files {
        let (rows, lines) = match format {
            FrameFormat::Csv => {
                let read = typed_rows(file, None, &[], scale, options)?;
                said = said.and(read.report);
                (read.value.0.lazy(), Some(read.value.1))
            }
            _ => (undamaged(file, || open(file))?.rows, None),
        };
        lines_of.push(lines);
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
    let all = undamaged(folder, || Ratings::of_file(one_frame(parts.clone())?, scale.cloned()))?;
    let mut ends = Vec::new();
    for part in parts.iter().filter(|_| !all.repeats().is_empty()) {
        let rows = part.clone().select([len()]).collect_with_engine(Engine::Streaming)?.unwrap_single();
        let before = ends.last().copied().unwrap_or(0);
        ends.push(before + rows.columns()[0].get(0)?.extract::<usize>().unwrap_or(0));
    }
    let whole = report(&all, |row| {
        let file = ends.partition_point(|end| *end < row).min(files.len() - 1);
        let before = file.checked_sub(1).map_or(0, |before| ends[before]);
        Place::of(&files[file], row - before, lines_of[file].as_deref())
    })?;
    said.problems.0.extend(whole.problems.0);
    for ((part, file), lines) in parts.into_iter().zip(&files).zip(&lines_of) {
        said.problems.0.extend(undamaged(file, || overlaps(part, file, lines.as_deref()))?);
    }
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
