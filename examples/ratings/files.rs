//! Commands that read and write files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rating_history::chrono::Local;
use rating_history::io::{
    FrameFormat, Loaded, RatingColumns, ReadOptions, Register, Report, Source, Strictness, has_rows, in_place,
    read_through, scan_ratings, write_ratings, write_ratings_folder,
};
use rating_history::ofsted::{
    self, Mapping, Precedence, RatingHistory, read_folder, read_json, write_folder, write_json,
};
use rating_history::polars::prelude::*;
use rating_history::{Error, Ratings, Scale};

use crate::Common;
use crate::data::{mistake, refusal};
use crate::output::{self, Format};

#[derive(Args, Clone, Default)]
pub struct Reading {
    /// Layout of a CSV file or workbook with one row an inspection: ilacs-history, or a mapping as JSON
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Keep the good rows and say which were left out [default: all or nothing]
    #[arg(long, conflicts_with = "strict")]
    lenient: bool,
    /// All or nothing: the default
    #[arg(long)]
    strict: bool,
    /// Files with more bytes are refused [default: 256 MiB]
    #[arg(long, value_name = "BYTES")]
    most_bytes: Option<u64>,
}

#[derive(Subcommand)]
pub enum Files {
    /// Reads a file of any layout and writes it as another: a folder of tables, .json, .parquet, .arrow or .csv
    #[command(after_help = "Example: ratings convert history.csv england.parquet --layout ilacs-history --lenient")]
    Convert {
        /// Folder of tables, .json, .parquet, .arrow, .csv, .xlsx or .ods
        input: PathBuf,
        /// File or folder to write
        output: PathBuf,
        /// Write a folder of ratings with the tables beside them, as parquet, arrow or csv files, which answers every
        /// command as the whole data do
        #[arg(long = "as", value_name = "FORMAT")]
        folder: Option<FrameFormat>,
        #[command(flatten)]
        reading: Reading,
    },
    /// What a newer version of some data says otherwise
    #[command(after_help = "Example: ratings diff tables-of-may tables-of-june --format csv")]
    Diff {
        /// Older version
        old: PathBuf,
        /// Newer version
        new: PathBuf,
        #[command(flatten)]
        reading: Reading,
    },
    /// Some data with an update: adds, corrects or fills gaps, removes nothing
    #[command(after_help = "Example: ratings merge tables update.json merged --precedence update")]
    Merge {
        /// What is there
        base: PathBuf,
        /// What comes
        update: PathBuf,
        /// File or folder to write
        output: PathBuf,
        /// Whose facts count where both state one: base or update
        #[arg(long)]
        precedence: Precedence,
        #[command(flatten)]
        reading: Reading,
    },
}

/// What a file holds.
pub enum Contents {
    History(RatingHistory),
    Ratings(Box<Ratings>),
}

impl Contents {
    fn ratings(self) -> Result<Ratings, Error> {
        match self {
            Contents::History(history) => history.ratings(),
            Contents::Ratings(ratings) => Ok(*ratings),
        }
    }
}

impl Files {
    pub fn run(&self, common: &Common) -> Result<(), Error> {
        match self {
            Files::Convert { input, output, folder, reading } => {
                let Loaded { value, report } = reading.open(input, common)?;
                crate::common::note(format_args!("{report}"));
                let left_out = match folder {
                    Some(format) => {
                        let ratings = value.ratings()?;
                        write_ratings_folder(&ratings, output, *format)?;
                        format.leaves_out(&ratings, true)
                    }
                    None => write(value, output)?,
                };
                if !left_out.is_empty() {
                    let (file, left_out) = (output.display(), left_out.join("; "));
                    crate::common::note(format_args!("note: {file} leaves out: {left_out}"));
                }
                crate::common::say(format_args!("written {}", output.display()))?;
                Ok(())
            }
            Files::Diff { old, new, reading } => {
                let (old, new) = (reading.history(old, common)?, reading.history(new, common)?);
                output::print(differences(&old, &new)?, common.format, &ofsted::words(), common.wide)
            }
            Files::Merge { base, update, output, precedence, reading } => {
                let (base, update) = (reading.history(base, common)?, reading.history(update, common)?);
                let merged = base.merge(&update, *precedence)?;
                output::print(differences(&base, &merged)?, common.format, &ofsted::words(), common.wide)?;
                write(Contents::History(merged), output)?;
                crate::common::note(format_args!("written {}", output.display()));
                Ok(())
            }
        }
    }
}

/// The report on a file; an error when rows cannot be kept.
pub fn validate(path: &Path, reading: &Reading, common: &Common) -> Result<(), Error> {
    let report = match (Reading { lenient: !reading.strict, ..reading.clone() }).open(path, common) {
        Ok(Loaded { value, report }) => {
            if let Contents::Ratings(ratings) = &value {
                read_through(ratings, path)?;
            }
            report
        }
        Err(Error::Invalid(problems)) => {
            let mut report = Report::default();
            report.problems = problems;
            report
        }
        Err(error) => return Err(error),
    };
    let text = match common.format {
        Format::Table => format!("{report}\n"),
        Format::Csv => report.to_csv(),
        Format::Json => serde_json::to_string_pretty(&report).map(|json| json + "\n").unwrap_or_default(),
    };
    crate::common::say(format_args!("{}", text.trim_end_matches('\n')))?;
    match report.problems.errors().count() {
        0 => Ok(()),
        1 => Err(refusal(format!("{} has an error", path.display()))),
        n => Err(refusal(format!("{} has {n} errors", path.display()))),
    }
}

impl Reading {
    fn options(&self) -> ReadOptions {
        let strictness = if self.lenient { Strictness::Lenient } else { Strictness::Strict };
        let usual = ReadOptions::default();
        let most_bytes = self.most_bytes.unwrap_or(usual.most_bytes);
        ReadOptions::default().strictness(strictness).today(Local::now().date_naive()).most_bytes(most_bytes)
    }

    fn mapping(&self) -> Result<Option<Mapping>, Error> {
        match self.layout.as_deref() {
            None => Ok(None),
            Some("ilacs-history") => Ok(Some(Mapping::ilacs_history())),
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|source| Error::Io { path: file.into(), source })?;
                let mapping = serde_json::from_str(&text);
                mapping.map(Some).map_err(|e| mistake("--layout", file, &format!("a mapping as JSON: {e}")))
            }
        }
    }

    fn history(&self, path: &Path, common: &Common) -> Result<RatingHistory, Error> {
        let Loaded { value, report } = self.open(path, common)?;
        for problem in report.problems.errors() {
            crate::common::note(format_args!("left out: {problem}"));
        }
        history_of(value)
    }

    /// Reads a file or folder by what its name and its beginning say, with what is told of its bodies.
    pub fn open(&self, path: &Path, common: &Common) -> Result<Loaded<Contents>, Error> {
        let Loaded { value, mut report } = self.contents(path, common)?;
        let told = if common.register.is_some() { "--register" } else { "--ends-with-last-row" };
        let value = match value {
            contents if common.register.is_none() && !common.ends_with_last_row => contents,
            Contents::History(_) => {
                return Err(mistake(told, path.display(), "no such flag: these data tell which authorities exist"));
            }
            Contents::Ratings(mut ratings) => {
                if let Some(register) = &common.register {
                    let register = Register::read(register, &self.options())?;
                    *ratings = register.value.give(*ratings)?;
                    report.problems.0.extend(register.report.problems.0);
                }
                if common.ends_with_last_row {
                    *ratings = ratings.ending_with_last_rows()?;
                }
                Contents::Ratings(ratings)
            }
        };
        Ok(Loaded { value, report })
    }

    fn contents(&self, path: &Path, common: &Common) -> Result<Loaded<Contents>, Error> {
        let path = &in_place(path);
        std::fs::metadata(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
        let options = self.options();
        let extension = Source::from(path.as_path()).extension();
        let history =
            |read: Loaded<RatingHistory>| Loaded { value: Contents::History(read.value), report: read.report };
        let mapping = self.mapping()?;
        match extension.as_str() {
            _ if path.is_dir() && has_tables(path) => Ok(history(read_folder(path, &options)?)),
            "json" if !has_rows(path)? => Ok(history(read_json(path.as_path(), &options)?)),
            "xlsx" | "xlsm" | "ods" => {
                let Some(mut mapping) = mapping else {
                    return Err(refusal(format!("{} needs {LAYOUTS}", path.display())));
                };
                if cfg!(not(feature = "excel")) {
                    let expected = "no workbook, or `cargo run --features excel ...`, which reads them";
                    return Err(mistake("file", path.display(), expected));
                }
                mapping.sheet = self.sheet.clone().or(mapping.sheet);
                Ok(history(mapping.read(path, ofsted::england()?.authorities(), &options)?))
            }
            "csv" | "tsv" | "txt" if mapping.is_some() => {
                let england = ofsted::england()?;
                let mapping = mapping.unwrap_or_default();
                Ok(history(mapping.read(path, england.authorities(), &options)?))
            }
            "csv" | "tsv" | "txt" if !common.columns.is_empty() => {
                let [id, date, rating] = common.columns.as_slice() else {
                    return Err(mistake("--columns", common.columns.join(","), "three names: ID,DATE,RATING"));
                };
                let columns = RatingColumns::new(id, date, rating).withdrawn(&common.withdrawn).dates(&common.dates);
                let options = options.join_alike(common.join_ids);
                let scale = Scale::new(common.scale.clone())?;
                let Loaded { value, report } = columns.read(path.as_path(), &scale, &options)?;
                Ok(Loaded { value: Contents::Ratings(Box::new(value)), report })
            }
            "csv" | "tsv" | "txt" if extension != "csv" || !is_own(path)? => {
                Err(refusal(format!("{} needs {LAYOUTS}", path.display())))
            }
            _ if !path.is_dir() && !KNOWN.contains(&extension.as_str()) => {
                let known = "a folder, .json, .csv, .tsv, .txt, .xlsx, .ods, .parquet, .arrow or .feather";
                Err(refusal(format!("{}: expected {known}", path.display())))
            }
            _ => {
                let scale = Some(&common.scale).filter(|s| !s.is_empty());
                let scale = scale.map(|labels| Scale::new(labels.clone())).transpose()?;
                let Loaded { value, report } = match &scale {
                    Some(scale) => scan_ratings(path, Some(scale), &options)?,
                    None => ofsted::scan_ratings(path, &options)?,
                };
                Ok(Loaded { value: Contents::Ratings(Box::new(value)), report })
            }
        }
    }
}

const LAYOUTS: &str = "--layout (ilacs-history, or a mapping as JSON), or for any rated history --columns and --scale";
/// Endings of files that hold ratings.
const KNOWN: [&str; 6] = ["json", "csv", "parquet", "arrow", "ipc", "feather"];

/// Whether a folder holds the five tables, instead of ratings with the tables beside them.
fn has_tables(folder: &Path) -> bool {
    folder.join("inspections.csv").is_file()
}

/// Whether a CSV file has the columns of the crate's own ratings.
fn is_own(path: &Path) -> Result<bool, Error> {
    let named = |source| Error::Io { path: path.to_owned(), source };
    let mut begin = Vec::new();
    File::open(path).map_err(named)?.take(1 << 16).read_to_end(&mut begin).map_err(named)?;
    if begin.starts_with(b"\x1f\x8b") {
        return Ok(true);
    }
    let text = String::from_utf8_lossy(&begin).replace('\0', "");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("sep="));
    let first = lines.next().unwrap_or_default();
    let quiet = |c: char| c == '"' || c == '\u{feff}' || c == '\u{fffd}' || c.is_whitespace();
    let names: Vec<&str> = first.split([',', ';', '\t', '|']).map(|name| name.trim_matches(quiet)).collect();
    Ok(["authority", "effect", "grade"].iter().all(|name| names.contains(name)))
}

/// The history in some contents; ratings alone are joined to England's authorities.
fn history_of(contents: Contents) -> Result<RatingHistory, Error> {
    match contents {
        Contents::History(history) => Ok(history),
        Contents::Ratings(ratings) if ratings.authorities().is_some() => RatingHistory::of_ratings(&ratings),
        Contents::Ratings(ratings) => {
            let england = ofsted::england()?;
            let builder = RatingHistory::builder().authorities(england.authorities().iter().cloned());
            builder.inspections(RatingHistory::inspections_in(&ratings)?).build()
        }
    }
}

/// Writes by the name of the file, and says what it leaves out.
fn write(contents: Contents, output: &Path) -> Result<Vec<String>, Error> {
    let extension = output.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let is_ofsted = |ratings: &Ratings| ratings.scale() == &ofsted::Grade::scale();
    if let Contents::Ratings(ratings) = &contents
        && extension.is_empty()
        && !is_ofsted(ratings)
    {
        write_ratings_folder(ratings, output, FrameFormat::Parquet)?;
        return Ok(FrameFormat::Parquet.leaves_out(ratings, true));
    }
    let is_history = match &contents {
        Contents::History(_) => true,
        Contents::Ratings(ratings) => is_ofsted(ratings),
    };
    if is_history && ["", "json"].contains(&extension) {
        let left_out = match &contents {
            Contents::History(_) => Vec::new(),
            Contents::Ratings(ratings) if ratings.authorities().is_some() => Vec::new(),
            Contents::Ratings(_) => vec!["events and neighbours, which the file does not hold".to_owned()],
        };
        let history = history_of(contents)?;
        if extension.is_empty() {
            write_folder(&history, output)?
        } else {
            write_json(&history, output)?
        }
        return Ok(left_out);
    }
    let (ratings, format) = (contents.ratings()?, FrameFormat::of(output)?);
    write_ratings(&ratings, output)?;
    Ok(format.leaves_out(&ratings, false))
}

fn differences(old: &RatingHistory, new: &RatingHistory) -> Result<DataFrame, Error> {
    let found = old.differences(new);
    let name = |code: &rating_history::ofsted::AuthorityCode| {
        let authority = new.authority(code).or_else(|| old.authority(code));
        authority.map(|a| a.name.clone())
    };
    Ok(df!(
        "change" => found.iter().map(|d| d.change.code()).collect::<Vec<_>>(),
        "authority" => found.iter().map(|d| d.authority.as_str()).collect::<Vec<_>>(),
        "name" => found.iter().map(|d| name(&d.authority)).collect::<Vec<_>>(),
        "inspection" => found.iter().map(|d| d.inspection.as_str()).collect::<Vec<_>>(),
        "what" => found.iter().map(|d| d.what.as_str()).collect::<Vec<_>>(),
        "old" => found.iter().map(|d| d.old.as_deref()).collect::<Vec<_>>(),
        "new" => found.iter().map(|d| d.new.as_deref()).collect::<Vec<_>>(),
    )?)
}
