//! What is read: a file, or anything else that can be read.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::options::ReadOptions;
use super::text::{Decoded, decode};
use crate::Error;
use crate::error::{Problem, ProblemKind};

/// With these, gzip files begin.
const GZIP: &[u8] = b"\x1f\x8b";

/// The ending of a file's name in lower case, without one that says that it is packed.
pub(crate) fn extension(path: &Path) -> String {
    let of = |path: &Path| path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    match of(path).as_str() {
        "gz" => of(Path::new(path.file_stem().unwrap_or_default())),
        ending => ending.to_owned(),
    }
}

/// What is read: a file by its path, or [anything that can be read](Source::new), with a name for messages. Every reader
/// of the crate takes one, its options, and gives a [`Loaded`](crate::io::Loaded) value with its report.
///
/// ```
/// use rating_history::io::{ReadOptions, Register, Source};
/// let text = "id,region\nElm,North\nElm,South\n";
/// let error = Register::read(Source::new("homes.csv", text.as_bytes()), &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "1 problem\n  homes.csv:3: id `Elm`: expected an id used once; line 2 has it");
/// assert!(Register::read("no/such/homes.csv", &ReadOptions::default()).unwrap_err().is_not_found());
/// ```
pub struct Source<'a> {
    path: PathBuf,
    reader: Option<Box<dyn Read + 'a>>,
}

impl<'a> Source<'a> {
    /// Anything that can be read: bytes in memory, the standard input, an answer from the web. Messages call it by
    /// `name`, whose ending tells the format where a reader knows several.
    pub fn new(name: impl AsRef<Path>, reader: impl Read + 'a) -> Self {
        Source { path: name.as_ref().to_owned(), reader: Some(Box::new(reader)) }
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The ending of its name in lower case, empty for none; of `ratings.csv.gz` it is `csv`.
    ///
    /// ```
    /// use rating_history::io::Source;
    /// assert_eq!(Source::from("Homes.CSV.gz").extension(), "csv");
    /// assert_eq!(Source::from("tables").extension(), "");
    /// ```
    pub fn extension(&self) -> String {
        extension(&self.path)
    }

    /// The path of a file; `None` for what is read otherwise.
    #[cfg(feature = "files")]
    pub(crate) fn file(&self) -> Option<&Path> {
        self.reader.is_none().then_some(&self.path)
    }

    /// Its bytes, if they are not too many; those of a gzip file unpacked.
    pub(crate) fn bytes(self, options: &ReadOptions) -> Result<Vec<u8>, Error> {
        let path = self.path;
        let read = || -> std::io::Result<Vec<u8>> {
            let reader = match self.reader {
                Some(reader) => reader,
                None => Box::new(File::open(&path)?),
            };
            let mut bytes = Vec::new();
            // One more than allowed tells that it is too large, also where it has no size, as a pipe.
            let most = options.most_bytes.saturating_add(1);
            reader.take(most).read_to_end(&mut bytes)?;
            if !bytes.starts_with(GZIP) {
                return Ok(bytes);
            }
            let mut unpacked = Vec::new();
            flate2::read::MultiGzDecoder::new(&bytes[..]).take(most).read_to_end(&mut unpacked)?;
            Ok(unpacked)
        };
        let bytes = read().map_err(Error::io(&path))?;
        if bytes.len() as u64 > options.most_bytes {
            return Err(options.too_large(&path));
        }
        Ok(bytes)
    }

    /// Its name and its text, in any of the encodings that spreadsheets write, and a warning where it has odd bytes.
    pub(crate) fn text(self, options: &ReadOptions) -> Result<(String, String, Option<Problem>), Error> {
        let name = self.name();
        let Decoded { text, odd } = decode(&self.bytes(options)?);
        let told = |(line, value, expected): (u64, String, String)| {
            Problem::new("encoding", &value, expected).warning().kind(ProblemKind::Encoding).at(&name, Some(line))
        };
        let odd = odd.map(told);
        Ok((name, text, odd))
    }
}

impl<P: AsRef<Path>> From<P> for Source<'_> {
    /// The file of a path.
    fn from(path: P) -> Self {
        Source { path: path.as_ref().to_owned(), reader: None }
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.path).finish()
    }
}
