//! What a file may claim to hold: no more than a sound file of its size could.

use crate::Error;

/// Rows that a small file may hold.
const FEW_ROWS: u64 = 10_000_000;
/// Bytes that a small file may take in memory.
const FEW_BYTES: u64 = 1 << 30;

/// What a file claims, and the most that it may.
pub(super) struct Claims {
    rows: u64,
    bytes: u64,
    most_rows: u64,
    most_bytes: u64,
}

impl Claims {
    /// The bounds of a file with so many bytes: 100 rows and 256 bytes of memory for each of them, or those of a small file.
    pub(super) fn of_file(size: u64) -> Self {
        let most_rows = size.saturating_mul(100).max(FEW_ROWS);
        Claims { rows: 0, bytes: 0, most_rows, most_bytes: size.saturating_mul(256).max(FEW_BYTES) }
    }

    pub(super) fn rows(&mut self, more: i64) -> Result<(), Error> {
        self.rows = self.rows.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        within("rows", self.rows, self.most_rows)
    }

    /// Values of one column in one part of the file.
    pub(super) fn value_count(&self, values: i64) -> Result<(), Error> {
        within("values of a column", u64::try_from(values).unwrap_or(u64::MAX), self.most_rows)
    }

    pub(super) fn bytes(&mut self, more: i64) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        within("bytes in memory", self.bytes, self.most_bytes)
    }
}

fn within(what: &str, claimed: u64, most: u64) -> Result<(), Error> {
    if claimed <= most {
        return Ok(());
    }
    Err(Error::Frame(format!("it claims more {what} than a file of its size can hold: expected at most {most}")))
}
