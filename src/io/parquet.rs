//! Parquet files, opened once they are known to claim no more than they can hold.

use std::fs::File;
use std::path::Path;

use polars::prelude::*;

use super::arrow::left_out_of;
use super::bounds::Claims;
use super::mark::KEY;
use crate::Error;

/// The rows of a file, which stay where they are, and the mark that it carries.
pub(super) fn open(path: &Path, file: File, place: PlRefPath) -> Result<(LazyFrame, Option<String>), Error> {
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
    Ok((rows, mark))
}
