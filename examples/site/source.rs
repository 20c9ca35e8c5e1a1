//! The data that pages are made of: England's, or any other.

use std::path::{Path, PathBuf};

use clap::Args;
use rating_history::chart::TileLayout;
use rating_history::io::{Loaded, ReadOptions, Register, Report, read_words};
use rating_history::ofsted::{self, RatingHistory};
use rating_history::{Error, Ratings, Scale};

use crate::common::note;
use crate::layout::{Layout, by_register, layout_of, of_columns};

#[derive(Args)]
pub struct Data {
    /// A folder of tables, .json, .parquet, .arrow, or with --layout any file of ratings [default: the embedded inspections of
    /// England]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Layout of a file that others made: its name (`ratings layouts` lists them), or a mapping as JSON
    #[arg(long, value_name = "NAME|FILE", requires = "data")]
    layout: Option<String>,
    /// Columns of a file of any ratings: the id of who is rated, the day and the rating; with --scale
    #[arg(long, value_name = "ID,DATE,RATING", value_delimiter = ',', requires = "data", conflicts_with = "layout")]
    columns: Vec<String>,
    /// Column with the names of who is rated
    #[arg(long, value_name = "COLUMN", requires = "columns")]
    name: Option<String>,
    /// Register of who is rated: a CSV file with id, and name, opened, closed, successors (ids separated by ;) and columns
    /// to group by, as far as known
    #[arg(long, value_name = "FILE", requires = "data")]
    register: Option<PathBuf>,
    /// Ratings of a file that does not tell them itself, worst first
    #[arg(long, value_name = "WORST,...,BEST", value_delimiter = ',', requires = "data")]
    scale: Vec<String>,
    /// What the data call things: a JSON file with the nouns for a body and an inspection, and more
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// Where the tiles of a map stand: a CSV file with code, row, column, label [default: for England its own; else no map]
    #[arg(long, value_name = "FILE")]
    tiles: Option<PathBuf>,
}

/// What was read.
pub struct Read {
    /// Where the data are Ofsted's of children's services.
    pub history: Option<RatingHistory>,
    pub ratings: Ratings,
    pub tiles: Option<TileLayout>,
    /// Whether they are the embedded ones.
    pub is_embedded: bool,
}

impl Data {
    pub fn read(&self) -> Result<Read, Error> {
        let (history, ratings) = match &self.data {
            None => {
                let england = ofsted::england_with_reports()?;
                let ratings = england.ratings()?;
                (Some(england), ratings)
            }
            Some(path) => self.open(path)?,
        };
        let ratings = match &self.words {
            Some(words) => ratings.with_words(read_words(words, &ReadOptions::default())?.value),
            None => ratings,
        };
        let tiles = match &self.tiles {
            Some(file) => Some(TileLayout::read(file, &ReadOptions::default())?.value),
            None if history.is_some() => Some(ofsted::england_tiles()?),
            None => None,
        };
        Ok(Read { history, ratings, tiles, is_embedded: self.data.is_none() })
    }

    fn open(&self, path: &Path) -> Result<(Option<RatingHistory>, Ratings), Error> {
        std::fs::metadata(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let options = ReadOptions::default();
        let of_history = |read: Loaded<RatingHistory>| {
            if let Some(register) = &self.register {
                return Err(Error::Value {
                    what: "--register",
                    value: register.display().to_string(),
                    expected: "no such flag: these data tell which authorities exist".to_owned(),
                });
            }
            tell(path, &read.report);
            let ratings = read.value.ratings()?;
            Ok((Some(read.value), ratings))
        };
        if let Some(layout) = self.mapping()? {
            return match layout {
                Layout::Ofsted(mapping) => {
                    of_history(mapping.read(path, ofsted::england()?.authorities(), &options)?)
                }
                Layout::Any(mut mapping) => {
                    if let Some(register) = &self.register {
                        by_register(&mut mapping, register);
                    }
                    let read = mapping.read_by_scale(path, &options)?;
                    tell(path, &read.report);
                    let mut all = read.value.into_iter();
                    match (all.next(), all.next()) {
                        (Some(one), None) => Ok((None, one)),
                        (Some(_), Some(_)) => Err(Error::Asked(format!(
                            "{} has series of several scales; expected one: keep one in the mapping",
                            path.display()
                        ))),
                        _ => Err(Error::Asked(format!("{} holds no ratings", path.display()))),
                    }
                }
            };
        }
        if path.is_dir() && path.join("inspections.csv").is_file() {
            return of_history(ofsted::read_folder(path, &options)?);
        }
        let ratings = if self.scale.is_empty() {
            ofsted::scan_ratings(path, &options)?
        } else {
            rating_history::io::scan_ratings(path, Some(&Scale::new(self.scale.clone())?), &options)?
        };
        tell(path, &ratings.report);
        let ratings = match &self.register {
            Some(register) => Register::read(register, &options)?.value.give(ratings.value)?,
            None => ratings.value,
        };
        // Ofsted's ratings with all that is beside them tell the history that they were made of.
        let is_ofsted = ratings.words().about == ofsted::words().about && ratings.authorities().is_some();
        let history = is_ofsted.then(|| RatingHistory::of_ratings(&ratings).ok()).flatten();
        Ok((history, ratings))
    }
}

impl Data {
    /// How the columns of the file are understood, where that is told.
    fn mapping(&self) -> Result<Option<Layout>, Error> {
        match (&self.layout, self.columns.as_slice()) {
            (Some(layout), _) => layout_of(layout).map(Some),
            (None, []) => Ok(None),
            (None, columns) => {
                let mut mapping = of_columns(columns)?;
                mapping.scale.clone_from(&self.scale);
                mapping.name.clone_from(&self.name);
                Ok(Some(Layout::Any(Box::new(mapping))))
            }
        }
    }
}

/// What has to be known of a file before its pages are believed.
fn tell(path: &Path, report: &Report) {
    if report.left_out > 0 {
        let (n, rows) = (report.left_out, report.rows);
        note(format_args!("note: {}: {n} of {rows} rows left out; `ratings validate` names them", path.display()));
    }
}
