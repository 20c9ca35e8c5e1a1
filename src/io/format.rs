//! The formats of files with ratings.

use std::path::Path;

use chrono::NaiveDate;

use super::source::extension;
use crate::code::coded_enum;
use crate::{Error, Ratings, Words};

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
    pub(super) fn read_as(path: &Path) -> Result<Self, Error> {
        match FrameFormat::ending(&extension(path))? {
            FrameFormat::Csv => Ok(FrameFormat::Csv),
            _ => FrameFormat::of(path),
        }
    }

    /// Parquet files where the crate was built without them.
    pub(super) fn needs_feature() -> Error {
        Error::unknown(
            "format",
            "parquet",
            ["arrow, csv or json; Parquet files need the feature `parquet`"].into_iter(),
        )
    }

    fn ending(ending: &str) -> Result<Self, Error> {
        match ending {
            "parquet" if !cfg!(feature = "parquet") => Err(FrameFormat::needs_feature()),
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
