//! Files of frames, opened lazily once they are known to claim no more than they can hold.

use std::fs::File;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::prelude::*;

use super::arrow;
use super::format::FrameFormat;
use super::guard::unguarded;
use super::json::Document;
use super::mark::{KEY, Mark};
use super::options::ReadOptions;
use super::source::Source;
use crate::frame::{columns::*, conform_days};
use crate::{Error, Scale};

/// What polars says of a file that is not what its name says, and panics where it does not expect damage, as an error
/// with the file's name.
pub(super) fn undamaged<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let named = |reason: &str| Error::Frame(format!("{}: {reason}", path.display()));
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Err(Error::Polars(error))) => Err(named(&error.to_string())),
        Ok(Err(Error::Frame(reason))) => Err(named(&reason)),
        Ok(done) => done,
        Err(_) if arrow::has_compressed_views(path) => Err(named(
            "it cannot be read to its end: it is damaged, or has compressed texts of the kind string_view, not all of which \
             can be read; write them as plain texts, or without compression",
        )),
        Err(_) => Err(named("damaged: it cannot be read to its end")),
    }
}

/// A file that is opened: its rows, which stay where they are, and what it says of itself.
pub(super) struct Opened {
    pub(super) rows: LazyFrame,
    pub(super) mark: Option<Mark>,
}

impl Opened {
    /// The scale that it tells.
    pub(super) fn scale(&mut self) -> Result<Option<Scale>, Error> {
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

pub(super) fn reference(path: &Path) -> Result<PlRefPath, Error> {
    let absolute = std::path::absolute(path).map_err(Error::io(path))?;
    Ok(PlRefPath::try_from_pathbuf(absolute)?)
}

/// Opens a file lazily, once it is known to claim no more than it can hold; a name is a name, also with `*` in it.
pub(super) fn open(path: &Path) -> Result<Opened, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let place = reference(path)?;
    let (rows, mark) = match FrameFormat::read_as(path)? {
        #[cfg(feature = "parquet")]
        FrameFormat::Parquet => super::parquet::open(path, file, place)?,
        #[cfg(not(feature = "parquet"))]
        FrameFormat::Parquet => return Err(FrameFormat::needs_feature()),
        FrameFormat::Ipc => {
            let metadata = arrow::check(path)?;
            let own = metadata.custom_schema_metadata.as_ref();
            let mark = own.and_then(|own| own.get(KEY)).map(ToString::to_string);
            let has_words =
                || metadata.schema.iter_values().any(|field| matches!(field.dtype, ArrowDataType::Dictionary(..)));
            let rows = match arrow::left_out_of(&metadata.schema) {
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

/// The columns of any table in a Parquet, Arrow, CSV or JSON file, by the ending of its name; of a CSV file all are text.
///
/// ```no_run
/// use rating_history::estimate::{Exposures, Generator, Years};
/// let totals = Exposures::from_frame(Years::Years, &rating_history::io::read_columns("totals.csv")?)?;
/// let matrix = Generator::from_totals(&totals)?.transition_matrix(1.0, 0.95)?;
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] when it cannot be opened; [`Error::Frame`] with its name when it is of another kind, or damaged.
pub fn read_columns(path: impl AsRef<Path>) -> Result<DataFrame, Error> {
    let path = path.as_ref();
    undamaged(path, || Ok(open(path)?.rows.collect()?))
}

/// The columns of a frame as text, if its rows are few enough for memory.
pub(super) fn few_as_text(frame: LazyFrame) -> Result<Option<DataFrame>, Error> {
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

/// The rows of a file as text, with its header as row 0.
pub(super) fn cells(source: Source<'_>, options: &ReadOptions) -> Result<Vec<(u64, Vec<String>)>, Error> {
    let name = source.name();
    let mut copy = None;
    let path = match source.file() {
        Some(path) => path.to_owned(),
        None => {
            let suffix = format!(".{}", source.extension());
            let mut file = tempfile::Builder::new().suffix(&suffix).tempfile().map_err(Error::io(&name))?;
            file.write_all(&source.bytes(options)?).map_err(Error::io(&name))?;
            copy.insert(file).path().to_owned()
        }
    };
    if std::fs::metadata(&path).map_err(Error::io(&path))?.len() > options.most_bytes {
        return Err(options.too_large(&path));
    }
    let text = undamaged(&path, || few_as_text(open(&path)?.rows))?;
    let frame = text.ok_or_else(|| options.too_large(&path))?;
    let columns: Vec<&StringChunked> = frame.columns().iter().map(Column::str).collect::<PolarsResult<_>>()?;
    // As programs write whole numbers that some rows lack.
    let all_whole = |column: &&StringChunked| column.iter().flatten().all(|cell| cell.ends_with(".0"));
    let whole: Vec<bool> = columns.iter().map(all_whole).collect();
    let cell = |n: usize, row: usize| {
        let cell = columns[n].get(row).unwrap_or_default().trim();
        cell.strip_suffix(".0").filter(|_| whole[n]).unwrap_or(cell).to_owned()
    };
    let header = (0, frame.get_column_names().into_iter().map(ToString::to_string).collect());
    let row = |row: usize| (row as u64 + 1, (0..columns.len()).map(|n| cell(n, row)).collect());
    Ok(std::iter::once(header).chain((0..frame.height()).map(row)).collect())
}
