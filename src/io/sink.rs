//! Ratings written to Parquet, Arrow IPC, CSV and JSON files from the streaming engine, whole or not at all.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::io::utils::sync_on_close::SyncOnCloseType;
use polars::prelude::*;

use super::format::FrameFormat;
use super::guard::guarded;
use super::json;
use super::mark::{BESIDE, KEY, Mark, PEERS};
use super::open::reference;
use super::write::{temporary, write_together};
use crate::frame::columns::*;
use crate::{Clock, Error, Ratings, Scale};

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
    #[cfg(feature = "parquet")]
    Parquet(Box<polars::io::parquet::write::BatchedWriter<&'a File>>),
    Csv(polars::io::csv::write::BatchedWriter<&'a File>),
}

impl<'a> BatchWriter<'a> {
    fn new(format: FrameFormat, file: &'a File, first: &DataFrame, mark: &Mark) -> Result<Self, Error> {
        let schema = first.schema();
        Ok(match format {
            #[cfg(feature = "parquet")]
            FrameFormat::Parquet => {
                let writer = ParquetWriter::new(file).with_key_value_metadata(Some(mark.metadata()?));
                BatchWriter::Parquet(Box::new(writer.batched(schema)?))
            }
            #[cfg(not(feature = "parquet"))]
            FrameFormat::Parquet => return Err(FrameFormat::needs_feature()),
            FrameFormat::Ipc | FrameFormat::Json => {
                let formats = [FrameFormat::Parquet, FrameFormat::Csv].into_iter().map(FrameFormat::code);
                return Err(Error::unknown("format of a file in batches", format.code(), formats));
            }
            FrameFormat::Csv => BatchWriter::Csv(CsvWriter::new(file).batched(schema)?),
        })
    }

    fn write(&mut self, batch: &DataFrame) -> Result<(), Error> {
        match self {
            #[cfg(feature = "parquet")]
            BatchWriter::Parquet(writer) => writer.write_batch(batch)?,
            BatchWriter::Csv(writer) => writer.write_batch(batch)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        match self {
            #[cfg(feature = "parquet")]
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
        #[cfg(feature = "parquet")]
        FrameFormat::Parquet => {
            let key_value_metadata = mark.map(Mark::metadata).transpose()?;
            let options = ParquetWriteOptions { key_value_metadata, ..ParquetWriteOptions::default() };
            (frame, FileWriteFormat::Parquet(Arc::new(options)))
        }
        #[cfg(not(feature = "parquet"))]
        FrameFormat::Parquet => return Err(FrameFormat::needs_feature()),
        FrameFormat::Ipc => (frame, FileWriteFormat::Ipc(IpcWriterOptions::default())),
        _ => (guarded(frame)?, FileWriteFormat::Csv(CsvWriterOptions::default())),
    };
    let target = SinkDestination::File { target: SinkTarget::Path(reference(&place)?) };
    let arguments = UnifiedSinkArgs { sync_on_close: SyncOnCloseType::All, ..UnifiedSinkArgs::default() };
    frame.sink(target, written, arguments)?.collect_with_engine(Engine::Streaming)?;
    place.persist(path).map_err(|e| Error::io(path)(e.error))
}
