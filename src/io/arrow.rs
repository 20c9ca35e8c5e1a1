//! Arrow IPC files: what they claim of themselves is held against their size before anything is read, and the columns of
//! other makers are read past those of types that no column here has.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use polars::prelude::*;
use polars_arrow::array::Array;
use polars_arrow::io::ipc::read::{FileMetadata, FileReader, read_file_dictionaries, read_file_metadata};
use polars_arrow_format::ipc::planus::ReadAsRoot;
use polars_arrow_format::ipc::{Block, MessageHeaderRef, MessageRef, RecordBatchRef};

use super::bounds::Claims;
use crate::Error;

/// The metadata of a file whose parts all lie within it, and that claims no more rows and bytes than it can hold.
///
/// # Errors
/// [`Error::Io`], or [`Error::Frame`] with what is wrong.
pub(super) fn check(path: &Path) -> Result<FileMetadata, Error> {
    let named = || Error::io(path);
    let mut file = File::open(path).map_err(named())?;
    let size = file.metadata().map_err(named())?.len();
    let mut magic = Vec::new();
    file.by_ref().take(6).read_to_end(&mut magic).map_err(named())?;
    if magic != *b"ARROW1" {
        let is_stream = magic.starts_with(b"\xff\xff\xff\xff");
        let is = if magic.starts_with(b"FEA1") {
            "Feather version 1"
        } else if is_stream {
            "an Arrow stream"
        } else {
            "no Arrow file"
        };
        return Err(damage(&format!("it is {is}; expected an Arrow file (Feather version 2)")));
    }
    file.rewind().map_err(named())?;
    let metadata = read_file_metadata(&mut file)?;
    let mut claims = Claims::of_file(size);
    for block in metadata.blocks.iter().chain(metadata.dictionaries.iter().flatten()) {
        block_claims(&mut file, size, block, &mut claims)?;
    }
    Ok(metadata)
}

/// Whether a file is one of Arrow with texts of the kind `string_view` in compressed parts. Polars 0.55 does not read those of
/// which a part is empty, as Arrow's own writers leave them.
pub(super) fn has_compressed_views(path: &Path) -> bool {
    let Ok(metadata) = check(path) else { return false };
    let Ok(mut file) = File::open(path) else { return false };
    let has_views = metadata.schema.iter_values().any(|field| matches!(field.dtype, ArrowDataType::Utf8View));
    let is_compressed = |block: &Block| {
        message(&mut file, block).is_ok_and(|message| {
            let batch = MessageRef::read_as_root(message_body(&message)).and_then(|message| message.header());
            let batch = match batch {
                Ok(Some(MessageHeaderRef::RecordBatch(batch))) => batch,
                _ => return false,
            };
            batch.compression().is_ok_and(|kind| kind.is_some())
        })
    };
    has_views && metadata.blocks.iter().any(is_compressed)
}

fn damage(reason: &str) -> Error {
    Error::Frame(reason.to_owned())
}

fn block_claims(file: &mut File, size: u64, block: &Block, claims: &mut Claims) -> Result<(), Error> {
    let outside = || damage("damaged: a part of it lies outside the file");
    let [offset, head, body] = [block.offset, block.meta_data_length.into(), block.body_length].map(u64::try_from);
    let (Ok(offset), Ok(head), Ok(body)) = (offset, head, body) else { return Err(outside()) };
    let start = offset.checked_add(head).ok_or_else(outside)?;
    if head < 8 || start.checked_add(body).is_none_or(|end| end > size) {
        return Err(outside());
    }
    let message = message(file, block)?;
    let wrong = |_| damage("damaged: a message cannot be read");
    let message = MessageRef::read_as_root(message_body(&message)).map_err(wrong)?;
    let batch = match message.header().map_err(wrong)? {
        Some(MessageHeaderRef::RecordBatch(batch)) => batch,
        Some(MessageHeaderRef::DictionaryBatch(batch)) => match batch.data().map_err(wrong)? {
            Some(batch) => batch,
            None => return Err(outside()),
        },
        _ => return Err(damage("damaged: a message is none with rows")),
    };
    batch_claims(file, batch, start, body, claims)
}

/// The bytes of a block's message.
fn message(file: &mut File, block: &Block) -> Result<Vec<u8>, Error> {
    let outside = |_| damage("damaged: a part of it lies outside the file");
    let unread = |error: std::io::Error| damage(&format!("it cannot be read: {error}"));
    let mut message = vec![0; usize::try_from(block.meta_data_length).map_err(outside)?];
    file.seek(SeekFrom::Start(u64::try_from(block.offset).map_err(outside)?)).map_err(unread)?;
    file.read_exact(&mut message).map_err(unread)?;
    Ok(message)
}

/// A message without its length. Files of before 2019 have no mark that a message goes on.
fn message_body(message: &[u8]) -> &[u8] {
    &message[if message.starts_with(b"\xff\xff\xff\xff") { 8 } else { 4 }..]
}

fn batch_claims(
    file: &mut File,
    batch: RecordBatchRef<'_>,
    start: u64,
    body: u64,
    claims: &mut Claims,
) -> Result<(), Error> {
    let wrong = |_| damage("damaged: a message cannot be read");
    let outside = || damage("damaged: a column lies outside the file");
    claims.rows(batch.length().map_err(wrong)?)?;
    for node in batch.nodes().map_err(wrong)?.into_iter().flatten() {
        claims.value_count(node.length())?;
    }
    let is_compressed = batch.compression().map_err(wrong)?.is_some();
    for buffer in batch.buffers().map_err(wrong)?.into_iter().flatten() {
        let (Ok(offset), Ok(length)) = (u64::try_from(buffer.offset()), u64::try_from(buffer.length())) else {
            return Err(outside());
        };
        if offset.checked_add(length).is_none_or(|end| end > body) {
            return Err(outside());
        }
        if is_compressed && length >= 8 {
            let mut whole = [0; 8];
            let read = file.seek(SeekFrom::Start(start + offset)).and_then(|_| file.read_exact(&mut whole));
            read.map_err(|_| outside())?;
            // -1 says that the buffer is not compressed.
            match i64::from_le_bytes(whole) {
                -1 => {}
                whole => claims.bytes(whole)?,
            }
        }
    }
    Ok(())
}

/// Reads the columns of some names, text out of its dictionaries.
///
/// # Errors
/// [`Error::Polars`] for what cannot be read.
pub(super) fn columns(path: &Path, metadata: &FileMetadata, names: &[PlSmallStr]) -> Result<DataFrame, Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let dictionaries = read_file_dictionaries(&mut file, metadata, &mut Vec::new(), Default::default())?;
    // A dictionary's keys are read as the numbers that they are: those of nulls may be any, as -1.
    let mut bare = metadata.clone();
    bare.dictionaries = None;
    let schema = Arc::make_mut(&mut bare.schema);
    let mut ids = Vec::new();
    for ((_, field), ipc) in schema.iter_mut().zip(&mut bare.ipc_schema.fields) {
        let key = match &field.dtype {
            ArrowDataType::Dictionary(key, ..) => Some(ArrowDataType::from(*key)),
            _ => None,
        };
        ids.push(key.as_ref().and(ipc.dictionary_id));
        if let Some(key) = key {
            (field.dtype, ipc.dictionary_id) = (key, None);
        }
    }
    let places: Vec<usize> = names.iter().filter_map(|name| bare.schema.index_of(name)).collect();
    let mut sorted = places.clone();
    sorted.sort_unstable();
    let fields: Vec<ArrowField> =
        sorted.iter().filter_map(|at| bare.schema.get_at_index(*at)).map(|(_, f)| f.clone()).collect();
    let mut frame = DataFrame::default();
    for batch in FileReader::new(file, bare, Some(sorted.clone()), None) {
        let batch = batch?;
        let arrays = batch.arrays().iter().zip(&fields).zip(&sorted);
        let made = arrays.map(|((array, field), at)| match ids[*at] {
            Some(id) => {
                let words = dictionaries.get(&id).ok_or_else(|| damage("damaged: a dictionary is missing"))?;
                Ok(words_of(&field.name, array.as_ref(), words.as_ref())?)
            }
            None => Ok(Series::try_from((field, array.clone()))?.into_column()),
        });
        let made = DataFrame::new_infer_height(made.collect::<Result<_, Error>>()?)?;
        if frame.width() == 0 { frame = made } else { _ = frame.vstack_mut(&made)? }
    }
    Ok(frame)
}

/// The words that keys stand for.
fn words_of(name: &PlSmallStr, keys: &dyn Array, words: &dyn Array) -> Result<Column, Error> {
    let series = |array: &dyn Array| Series::try_from((name.clone(), array.to_boxed()));
    let (keys, words) = (series(keys)?.cast(&DataType::Int64)?, series(words)?.cast(&DataType::String)?);
    let (keys, words) = (keys.i64()?, words.str()?);
    if keys.max().is_some_and(|most| most >= words.len() as i64) || keys.min().is_some_and(|least| least < 0) {
        return Err(damage("damaged: a word is not in its dictionary"));
    }
    let word = |key: Option<i64>| key.and_then(|key| words.get(usize::try_from(key).ok()?));
    let found: StringChunked = keys.iter().map(word).collect();
    Ok(found.with_name(name.clone()).into_column())
}

/// The names of the columns that can be columns here, where there are others.
pub(super) fn left_out_of(schema: &ArrowSchema) -> Option<Vec<PlSmallStr>> {
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
