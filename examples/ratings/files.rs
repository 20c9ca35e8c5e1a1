//! Commands that read and write files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rating_history::chrono::Local;
use rating_history::frame::columns;
use rating_history::io::{
    Ends, FrameFormat, Loaded, Meaning, ReadOptions, Register, Report, Source, Strictness, has_rows, in_place,
    read_through, scan_ratings, write_ratings, write_ratings_folder,
};
use rating_history::ofsted::{
    self, AuthorityCode, Difference, Precedence, RatingHistory, Trust, UpdateKind, read_folder, read_json,
    write_folder, write_json,
};
use rating_history::polars::prelude::*;
use rating_history::{Error, Ratings, Scale};

use crate::Common;
use crate::data::{called, mistake, refusal, text_values};
use crate::layout::{Layout, by_register, known_layout, known_layouts, layout_of, of_columns};
use crate::output::{self, Format};

#[derive(Args, Clone, Default)]
pub struct Reading {
    /// Layout of a file that others made: its name (ratings layouts lists them), or a mapping as JSON
    #[arg(long, global = true, value_name = "NAME|FILE")]
    pub layout: Option<String>,
    /// Sheet of a workbook [default: the first that has the columns]
    #[arg(long, global = true, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Line with the names of the columns [default: the first that has them]
    #[arg(long, global = true, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    pub header: Option<u64>,
    /// Keep the good rows and say which were left out [default: all or nothing]
    #[arg(long, global = true, conflicts_with = "strict")]
    pub lenient: bool,
    /// All or nothing: the default
    #[arg(long, global = true)]
    pub strict: bool,
    /// Files with more bytes are refused [default: 256 MiB]
    #[arg(long, global = true, value_name = "BYTES")]
    pub most_bytes: Option<u64>,
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
    },
    /// What a newer version of some data says otherwise
    #[command(after_help = "Example: ratings diff tables-of-may tables-of-june --format csv")]
    Diff {
        /// Older version
        old: PathBuf,
        /// Newer version
        new: PathBuf,
        /// End with status 1 when they differ
        #[arg(long)]
        exit_code: bool,
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
        /// Remove what only the base has, of the kinds and days of the update: its publisher has withdrawn it
        #[arg(long)]
        remove_missing: bool,
    },
    /// The month's routine: a newer sheet of inspections makes a new folder of tables out of the data, and says what it adds,
    /// corrects and contradicts
    #[command(
        after_help = "Example: ratings update outcomes-2026-09.ods data-2026-09 --data data-2026-08 --layout ofsted-la-outcomes"
    )]
    Update {
        /// The sheet; without --layout, a workbook is Ofsted's list of outcomes, and a CSV file that of the scrapers
        #[arg(value_name = "SHEET")]
        list: PathBuf,
        /// Folder to write, which must not be there yet; without it, the changes are only told
        output: Option<PathBuf>,
        /// Take the facts of a list that nobody has checked; every picture of them says so
        #[arg(long)]
        accept_unchecked: bool,
        /// End with status 1 when the sheet says anything new
        #[arg(long)]
        exit_code: bool,
    },
    /// The layouts of files of others that are known, for --layout; with a name, its mapping as JSON
    #[command(after_help = "Example: ratings layouts food-hygiene > mapping.json")]
    Layouts {
        /// One of them
        #[arg(value_name = "NAME")]
        known: Option<String>,
    },
}

/// What a file holds.
pub enum Contents {
    History(RatingHistory),
    Ratings(Box<Ratings>),
    /// Ratings of several scales, each by itself.
    Scales(Vec<Ratings>),
}

impl Contents {
    fn ratings(self) -> Result<Ratings, Error> {
        match self {
            Contents::History(history) => history.ratings(),
            Contents::Ratings(ratings) => Ok(*ratings),
            Contents::Scales(all) => of_one_scale(all, &[], KEEP),
        }
    }
}

/// What else a file with several scales can be asked with.
pub const KEEP: &str = "; or keep one with --keep";

/// The ratings of the one scale that the series asked for have; `otherwise` says what else would work.
pub fn of_one_scale(all: Vec<Ratings>, asked: &[String], otherwise: &str) -> Result<Ratings, Error> {
    let (mut named, mut found) = (Vec::new(), Vec::new());
    for ratings in all {
        let known = text_values(&ratings, columns::THEME)?;
        named.push(known.join(", "));
        if asked.iter().any(|text| called(ratings.words(), text, &known).is_some()) {
            found.push(ratings);
        }
    }
    let named = named.join("; or ");
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => {
            let asked = asked.join(", ");
            Err(refusal(format!("{asked} have different scales: name series of one scale with --theme: {named}")))
        }
        (None, _) => {
            Err(refusal(format!("the series have several scales: say which with --theme: {named}{otherwise}")))
        }
    }
}

impl Files {
    pub fn run(&self, common: &Common) -> Result<(), Error> {
        match self {
            Files::Layouts { known: None } => {
                for (name, what, _) in known_layouts() {
                    crate::common::say(format_args!("{name:30}{what}"))?;
                }
                Ok(())
            }
            Files::Layouts { known: Some(name) } => {
                crate::common::say(format_args!("{}", known_layout(name)?.trim_end()))
            }
            Files::Convert { input, output, folder } => {
                let Loaded { value, report } = common.reading.open(input, common)?;
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
            Files::Update { list, output, accept_unchecked, exit_code } => {
                update(list, output.as_deref(), *accept_unchecked, *exit_code, common)
            }
            Files::Diff { old, new, exit_code } => {
                let reading = &common.reading;
                let (old, new) = (reading.history(old, common)?, reading.history(new, common)?);
                let found = old.differences(&new);
                output::print(differences(&found, &old, &new)?, common.format, &ofsted::words(), common.wide)?;
                if *exit_code && !found.is_empty() {
                    crate::common::differs();
                }
                Ok(())
            }
            Files::Merge { base, update, output, precedence, remove_missing } => {
                let reading = &common.reading;
                let (base, update) = (reading.history(base, common)?, reading.history(update, common)?);
                let missing = base.missing_in(&update);
                let merged = match remove_missing {
                    true => base.without_missing(&update)?.merge(&update, *precedence)?,
                    false => base.merge(&update, *precedence)?,
                };
                let found = base.differences(&merged);
                output::print(differences(&found, &base, &merged)?, common.format, &ofsted::words(), common.wide)?;
                for fact in missing.iter().filter(|fact| !*remove_missing || fact.what != "inspection") {
                    let record = if fact.inspection.is_empty() { fact.authority.as_str() } else { &fact.inspection };
                    let told = fact.old.as_deref().unwrap_or_default();
                    crate::common::note(format_args!(
                        "note: only the base has, and it stays: {record}: {} {told}",
                        fact.what
                    ));
                }
                write(Contents::History(merged), output)?;
                crate::common::note(format_args!("written {}", output.display()));
                Ok(())
            }
        }
    }
}

/// The report on a file, with every rule.
fn report(path: &Path, common: &Common) -> Result<Report, Error> {
    let reading = &common.reading;
    match (Reading { lenient: !reading.strict, ..reading.clone() }).open(path, common) {
        Ok(Loaded { value, report }) => {
            match &value {
                Contents::Ratings(ratings) => read_through(ratings, path)?,
                Contents::Scales(all) => all.iter().try_for_each(|ratings| read_through(ratings, path))?,
                Contents::History(_) => {}
            }
            Ok(report)
        }
        Err(Error::Invalid(problems)) => {
            let mut report = Report::default();
            report.problems = problems;
            Ok(report)
        }
        Err(error) => Err(error),
    }
}

/// An error where a report has some.
fn sound(report: &Report, path: &Path) -> Result<(), Error> {
    match report.problems.errors().count() {
        0 => Ok(()),
        1 => Err(refusal(format!("{} has an error", path.display()))),
        n => Err(refusal(format!("{} has {n} errors", path.display()))),
    }
}

/// Notes the report on a file beside an answer; an error when rows cannot be kept.
pub fn check(path: &Path, common: &Common) -> Result<(), Error> {
    let report = report(path, common)?;
    crate::common::note(format_args!("{report}"));
    sound(&report, path)
}

/// The report on a file; an error when rows cannot be kept.
pub fn validate(path: &Path, common: &Common) -> Result<(), Error> {
    let report = report(path, common)?;
    let text = match common.format {
        Format::Table => format!("{report}\n"),
        Format::Csv => report.to_csv(),
        Format::Json => serde_json::to_string_pretty(&report).map(|json| json + "\n").unwrap_or_default(),
    };
    crate::common::say(format_args!("{}", text.trim_end_matches('\n')))?;
    sound(&report, path)
}

impl Reading {
    fn options(&self) -> ReadOptions {
        let strictness = if self.lenient { Strictness::Lenient } else { Strictness::Strict };
        let usual = ReadOptions::default();
        let most_bytes = self.most_bytes.unwrap_or(usual.most_bytes);
        ReadOptions::default().strictness(strictness).today(Local::now().date_naive()).most_bytes(most_bytes)
    }

    /// How the columns are understood: by a layout, or the columns that are named, and the flags beside them.
    fn mapping(&self, common: &Common) -> Result<Option<Layout>, Error> {
        let layout = match (&self.layout, common.columns.as_slice()) {
            (None, []) => None,
            (Some(layout), []) => Some(layout_of(layout)?),
            (Some(_), _) => return Err(refusal("--columns has no use with --layout, which names the columns")),
            (None, columns) => Some(Layout::Any(Box::new(of_columns(columns)?))),
        };
        let given: [(&str, bool); 7] = [
            ("--name", common.name.is_some()),
            ("--series", !common.series.is_empty()),
            ("--groups", !common.groups.is_empty()),
            ("--keep", !common.keep.is_empty()),
            ("--withdrawn", !common.withdrawn.is_empty()),
            ("--dates", !common.dates.is_empty()),
            ("--join-ids", common.join_ids),
        ];
        let unused = given.into_iter().find(|(_, given)| *given);
        let mut layout = match (layout, unused) {
            (None, None) => return Ok(None),
            (None, Some((flag, _))) => {
                return Err(refusal(format!(
                    "{flag} has no use without --layout or --columns, which say what a file holds"
                )));
            }
            (Some(layout), _) => layout,
        };
        match &mut layout {
            Layout::Ofsted(mapping) => {
                if let Some((flag, _)) = unused.filter(|(flag, _)| !["--keep", "--dates"].contains(flag)) {
                    return Err(refusal(format!("{flag} has no use with this layout, of Ofsted's inspections")));
                }
                mapping.sheet = self.sheet.clone().or(mapping.sheet.take());
                mapping.header = self.header.or(mapping.header);
                if !common.dates.is_empty() {
                    mapping.dates.clone_from(&common.dates);
                }
                for (column, value) in &common.keep {
                    mapping.keep.entry(column.clone()).or_default().push(value.clone());
                }
            }
            Layout::Any(mapping) => {
                mapping.sheet = self.sheet.clone().or(mapping.sheet.take());
                mapping.header = self.header.or(mapping.header);
                mapping.name = common.name.clone().or(mapping.name.take());
                if !common.dates.is_empty() {
                    mapping.dates.clone_from(&common.dates);
                }
                if !common.series.is_empty() {
                    mapping.series.clone_from(&common.series);
                }
                if !common.scale.is_empty() {
                    mapping.scale.clone_from(&common.scale);
                }
                if let Some(register) = &common.register {
                    by_register(mapping, register);
                }
                if common.ends_with_last_row {
                    mapping.ends = Ends::LastRow;
                }
                mapping.groups.extend(common.groups.iter().cloned());
                for (column, value) in &common.keep {
                    mapping.keep.entry(column.clone()).or_default().push(value.clone());
                }
                for word in &common.withdrawn {
                    mapping.words.insert(word.clone(), Meaning::Withdrawn);
                }
            }
        }
        Ok(Some(layout))
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
            Contents::Ratings(mut ratings) if common.columns.is_empty() && self.layout.is_none() => {
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
            // The mapping has both.
            contents => contents,
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
        let mapping = self.mapping(common)?;
        if let Some(layout) = mapping {
            return self.by_layout(layout, path, &extension, &options.join_alike(common.join_ids));
        }
        match extension.as_str() {
            _ if path.is_dir() && has_tables(path) => Ok(history(read_folder(path, &options)?)),
            "json" if !has_rows(path)? => Ok(history(read_json(path.as_path(), &options)?)),
            "xlsx" | "xlsm" | "ods" => Err(refusal(format!("{} needs {LAYOUTS}", path.display()))),
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

    /// Reads a file whose columns are told.
    fn by_layout(
        &self,
        layout: Layout,
        path: &Path,
        extension: &str,
        options: &ReadOptions,
    ) -> Result<Loaded<Contents>, Error> {
        const FRAMES: [&str; 4] = ["parquet", "arrow", "ipc", "feather"];
        let is_text = ["csv", "tsv", "txt"].contains(&extension);
        let is_book = ["xlsx", "xlsm", "ods"].contains(&extension);
        let is_frame = FRAMES.contains(&extension) || extension == "json" && has_rows(path)?;
        if path.is_dir() || !(is_text || is_book || is_frame) {
            let told = if self.layout.is_some() { "--layout" } else { "--columns" };
            let expected = "no columns: only a file of rows has them named: .csv, .xlsx, .ods, .parquet, .arrow";
            return Err(mistake(told, path.display(), expected));
        }
        if is_book && cfg!(not(feature = "excel")) {
            let expected = "no workbook, or `cargo run --features excel ...`, which reads them";
            return Err(mistake("file", path.display(), expected));
        }
        Ok(match layout {
            Layout::Ofsted(mapping) => {
                let read = mapping.read(path, ofsted::england()?.authorities(), options)?;
                Loaded { value: Contents::History(read.value), report: read.report }
            }
            Layout::Any(mapping) => {
                let Loaded { mut value, report } = mapping.read_by_scale(path, options)?;
                let value = match (value.pop(), value.is_empty()) {
                    (Some(one), true) => Contents::Ratings(Box::new(one)),
                    (last, _) => Contents::Scales(value.into_iter().chain(last).collect()),
                };
                Loaded { value, report }
            }
        })
    }
}

const LAYOUTS: &str =
    "--layout (its name, as ilacs-history, or a mapping as JSON), or for any rated history --columns and --scale";
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
        Contents::Scales(all) => history_of(Contents::Ratings(Box::new(of_one_scale(all, &[], KEEP)?))),
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
        Contents::Scales(_) => false,
    };
    if is_history && ["", "json"].contains(&extension) {
        let left_out = match &contents {
            Contents::History(_) | Contents::Scales(_) => Vec::new(),
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
    let has_reports = matches!(&contents, Contents::History(history) if !history.report_facts().is_empty());
    let (ratings, format) = (contents.ratings()?, FrameFormat::of(output)?);
    write_ratings(&ratings, output)?;
    let reports = has_reports.then(|| "what reports and letters say beside the grades".to_owned());
    Ok(format.leaves_out(&ratings, false).into_iter().chain(reports).collect())
}

/// The name of an authority in either of two histories.
fn name_in(code: &AuthorityCode, old: &RatingHistory, new: &RatingHistory) -> Option<String> {
    new.authority(code).or_else(|| old.authority(code)).map(|authority| authority.name.clone())
}

fn differences(found: &[Difference], old: &RatingHistory, new: &RatingHistory) -> Result<DataFrame, Error> {
    Ok(df!(
        "change" => found.iter().map(|d| d.change.code()).collect::<Vec<_>>(),
        "authority" => found.iter().map(|d| d.authority.as_str()).collect::<Vec<_>>(),
        "name" => found.iter().map(|d| name_in(&d.authority, old, new)).collect::<Vec<_>>(),
        "inspection" => found.iter().map(|d| d.inspection.as_str()).collect::<Vec<_>>(),
        "what" => found.iter().map(|d| d.what.as_str()).collect::<Vec<_>>(),
        "old" => found.iter().map(|d| d.old.as_deref()).collect::<Vec<_>>(),
        "new" => found.iter().map(|d| d.new.as_deref()).collect::<Vec<_>>(),
    )?)
}

/// Brings the data up to date with a sheet, into a new folder, and says what is new.
fn update(
    sheet: &Path,
    output: Option<&Path>,
    accept_unchecked: bool,
    exit_code: bool,
    common: &Common,
) -> Result<(), Error> {
    const SCRAPED: &str = "ilacs-history";
    if let Some(output) = output.filter(|output| output.exists()) {
        return Err(mistake("folder", output.display(), "a new folder, as one with the month in its name"));
    }
    let base = match &common.data {
        // A layout is that of the sheet.
        Some(data) => {
            history_of(Reading::default().open(data, &Common { reading: Reading::default(), ..common.clone() })?.value)?
        }
        None => ofsted::england_with_reports()?,
    };
    let is_book = ["xlsx", "xlsm", "ods"].contains(&Source::from(sheet).extension().as_str());
    let usual = if is_book { "ofsted-la-outcomes" } else { SCRAPED };
    let layout = common.reading.layout.clone().unwrap_or_else(|| usual.to_owned());
    let is_scraped = layout == SCRAPED;
    // Rows that nobody could read are no reason to tell nothing of the others.
    let lenient = common.reading.lenient || is_scraped && !common.reading.strict;
    let reading = Reading { layout: Some(layout), lenient, ..common.reading.clone() };
    let Loaded { value, report } = reading.open(sheet, common)?;
    let errors = report.problems.errors().count();
    if errors > 0 {
        let file = sheet.display();
        crate::common::note(format_args!(
            "note: {file}: {errors} errors, whose rows are left out; `validate` names them"
        ));
    }
    let trust = match (is_scraped, accept_unchecked) {
        (true, true) => Trust::Accepted,
        (true, false) => Trust::Unchecked,
        (false, true) => {
            return Err(refusal("--accept-unchecked is for the list of the scrapers; this one is Ofsted's own"));
        }
        (false, false) => Trust::Official,
    };
    let sheet_history = history_of(value)?;
    let name = sheet.file_stem().and_then(|name| name.to_str()).unwrap_or("sheet").replace(['_', ' '], "-");
    let updated = base.update(&sheet_history, trust, &name)?;
    let found = &updated.found;
    let answer = df!(
        "change" => found.iter().map(|f| f.kind.code()).collect::<Vec<_>>(),
        "authority" => found.iter().map(|f| f.authority.as_str()).collect::<Vec<_>>(),
        "name" => found.iter().map(|f| name_in(&f.authority, &base, &updated.history)).collect::<Vec<_>>(),
        "inspection" => found.iter().map(|f| f.inspection.as_str()).collect::<Vec<_>>(),
        "what" => found.iter().map(|f| f.what.as_str()).collect::<Vec<_>>(),
        "old" => found.iter().map(|f| f.old.as_deref()).collect::<Vec<_>>(),
        "new" => found.iter().map(|f| f.new.as_deref()).collect::<Vec<_>>(),
    )?;
    output::print(answer, common.format, &ofsted::words(), common.wide)?;
    let count = |kind| found.iter().filter(|f| f.kind == kind).count();
    let told = UpdateKind::ALL.iter().map(|kind| format!("{} {}", count(*kind), kind.label())).collect::<Vec<_>>();
    crate::common::note(format_args!("note: {}", told.join(", ")));
    if trust == Trust::Unchecked && !found.is_empty() {
        crate::common::note(format_args!(
            "note: the list of the scrapers is wrong in one row of 25: nothing of it is taken without --accept-unchecked"
        ));
    }
    if let Some(output) = output {
        write_folder(&updated.history, output)?;
        crate::common::note(format_args!("written {}", output.display()));
        for notice in updated.history.notices() {
            crate::common::note(format_args!("note: {}: {}; the folder does not say so", notice.name, notice.text));
        }
    }
    if exit_code && !found.is_empty() {
        crate::common::differs();
    }
    Ok(())
}
