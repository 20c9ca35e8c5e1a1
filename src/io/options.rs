//! How a file is read.

use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::{coded_enum, setters};

coded_enum! {
    /// What happens to a file with bad rows.
    enum Strictness: "strictness" {
        /// Nothing of it is kept.
        Strict = "strict" / "strict",
        /// The good rows are kept, the bad ones left out and reported.
        Lenient = "lenient" / "lenient",
    }
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// What happens to a file with bad rows.
    pub strictness: Strictness,
    /// The day after which nothing can have happened; `None` to accept any.
    pub today: Option<NaiveDate>,
    /// Larger files are refused. Reading takes up to 24 times a file's size in memory, and 100 MB for problems.
    pub most_bytes: u64,
    /// Whether ids of own ratings that look alike, but for capitals, spaces and ways to write an accent, are one body by
    /// its first spelling. Without it they are several, and a warning names them.
    pub join_alike: bool,
}

setters!(ReadOptions {
    /// What happens to a file with bad rows.
    strictness: Strictness,
    /// The day after which nothing can have happened; `None` to accept any.
    today: impl Into<Option<NaiveDate>>,
    /// Larger files are refused. Reading takes up to 24 times a file's size in memory, and 100 MB for problems.
    most_bytes: u64,
    /// Whether ids of own ratings that look alike, but for capitals, spaces and ways to write an accent, are one body by
    /// its first spelling. Without it they are several, and a warning names them.
    join_alike: bool,
});

impl Default for ReadOptions {
    /// Strict, any day, at most 256 MiB.
    fn default() -> Self {
        ReadOptions { strictness: Strictness::Strict, today: None, most_bytes: 256 << 20, join_alike: false }
    }
}

impl ReadOptions {
    /// Keeps the good rows of a file.
    pub fn lenient() -> Self {
        ReadOptions { strictness: Strictness::Lenient, ..ReadOptions::default() }
    }

    /// What is said of a file that is larger than allowed.
    pub(crate) fn too_large(&self, path: &Path) -> Error {
        let reason = format!("larger than {} bytes; raise the limit or scan it as Parquet", self.most_bytes);
        Error::io(path)(std::io::Error::new(std::io::ErrorKind::FileTooLarge, reason))
    }
}
