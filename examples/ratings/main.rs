//! Asks every trend query from the command line.

mod ask;
mod asks;
#[path = "../common/mod.rs"]
mod common;
mod council;
mod data;
mod estimates;
mod files;
mod indicators;
#[path = "../common/layout.rs"]
mod layout;
mod output;
mod pictures;
mod sql;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use rating_history::chrono::NaiveDate;
use rating_history::polars::prelude::*;
use rating_history::trend::{Every, Year};
use rating_history::{Clock, Error, Words};

use common::day;
use output::Format;

/// Trend queries over rating histories: English children's services by default, or your own tables.
///
/// Answers go to standard output, as a table, CSV or JSON; notes go to standard error.
#[derive(Parser)]
#[command(name = "ratings", after_help = "Example: cargo run --example ratings -- spells --authority Slough")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Clone)]
#[command(next_help_heading = "Data and output")]
struct Common {
    /// Folder of tables, .json, .parquet or .arrow to read, or with --layout, or --columns and --scale, any file of ratings
    /// [default: the embedded inspections of England]
    #[arg(long, global = true, value_name = "PATH")]
    data: Option<PathBuf>,
    /// An embedded set of another inspectorate: peel, send, adult-social-care
    #[arg(long, global = true, value_name = "SET", conflicts_with_all = ["data", "columns", "name", "series", "groups", "keep"])]
    set: Option<String>,
    #[command(flatten)]
    reading: files::Reading,
    /// Columns of your own file
    #[arg(long, global = true, value_name = "ID,DATE,RATING", value_delimiter = ',', requires = "scale")]
    columns: Vec<String>,
    /// Column with the names of the bodies
    #[arg(long, global = true, value_name = "COLUMN")]
    name: Option<String>,
    /// Columns that name the series of a rating, as its rater
    #[arg(long, global = true, value_name = "COLUMN,...", value_delimiter = ',')]
    series: Vec<String>,
    /// Columns to group the bodies by, with the names they get: region=Area,type=Kind; or their own names: Area,Kind
    #[arg(long, global = true, value_name = "NAME=COLUMN,...", value_delimiter = ',', value_parser = group)]
    groups: Vec<(String, String)>,
    /// Only rows with a value in a column; give it again for more values, or more columns
    #[arg(long, global = true, value_name = "COLUMN=VALUE", value_parser = pair)]
    keep: Vec<(String, String)>,
    /// Ratings of a file that does not tell them itself, worst first
    #[arg(long, global = true, value_name = "WORST,...,BEST", value_delimiter = ',')]
    scale: Vec<String>,
    /// Words of the file for having no rating any more
    #[arg(long, global = true, value_name = "WORD,...", value_delimiter = ',')]
    withdrawn: Vec<String>,
    /// How the file writes dates, as %d/%m/%Y or %m/%d/%Y, day_first or month_first; excel for a spreadsheet's numbers
    #[arg(long, global = true, value_name = "FORMAT,...", value_delimiter = ',')]
    dates: Vec<String>,
    /// Take ids of the file that look alike, but for capitals, spaces and accents, for one body
    #[arg(long, global = true)]
    join_ids: bool,
    /// Register of the bodies in your own ratings: a CSV file with id, and name, opened, closed, successors (ids separated by
    /// ;) and columns to group by, as far as known
    #[arg(long, global = true, value_name = "FILE")]
    register: Option<PathBuf>,
    /// The ratings of a body end with its last row, unless that is of the last day of the data
    #[arg(long, global = true)]
    ends_with_last_row: bool,
    /// What the data call things: a JSON file with the nouns for a body and an inspection, and more
    #[arg(long, global = true, value_name = "FILE")]
    words: Option<PathBuf>,
    /// Name, GSS code or former code, or any id of the data; give it again for more [default: all]
    #[arg(long, alias = "body", global = true, value_name = "NAME|CODE")]
    authority: Vec<String>,
    /// Only those of these regions
    #[arg(long, global = true, value_delimiter = ',')]
    region: Vec<String>,
    /// Series: headline, help_and_protection, care, care_leavers, leadership, adoption, lscb, all; or computed:
    /// practice_profile, short_inspection_rule; of other data, a series of theirs, by its id or as pictures call it [default:
    /// headline, or the only one]
    #[arg(long, global = true, value_delimiter = ',')]
    theme: Vec<String>,
    /// Only the listed neighbours of this one
    #[arg(long, global = true, value_name = "NAME|CODE")]
    neighbours_of: Option<String>,
    /// Only judgements of these areas as reported, of those in the themes asked for: care_leavers leaves the combined
    /// judgement in_care_and_care_leavers out of --theme care_leavers
    #[arg(long, global = true, value_delimiter = ',', value_name = "AREA,...")]
    area: Vec<String>,
    /// Which date of an inspection counts: effect (end of fieldwork) or published
    #[arg(long, global = true, default_value = "effect")]
    clock: Clock,
    /// Only inspections under these: SLAC, APC, LAC, SIF, LSCB, ILACS, ILACS2026, in capitals or not
    #[arg(long, global = true, value_delimiter = ',', value_name = "F,F")]
    framework: Vec<String>,
    /// Only inspections published by this day
    #[arg(long, global = true, value_name = "DATE", value_parser = day)]
    published_by: Option<NaiveDate>,
    /// Carry an abolished authority's last grade to its successors until their first inspection
    #[arg(long, global = true)]
    lineage: bool,
    /// The day from which to look: YYYY-MM-DD or today [default: the day the data ends]
    #[arg(long, global = true, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// How to print the answer
    #[arg(long, global = true, value_enum, default_value = "table")]
    format: Format,
    /// All columns of a table, however wide; without it a table on a terminal fits the terminal
    #[arg(long, global = true)]
    wide: bool,
}

impl Common {
    /// The flags that were given, in order.
    fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--data", self.data.is_some()),
            ("--set", self.set.is_some()),
            ("--layout", self.reading.layout.is_some()),
            ("--sheet", self.reading.sheet.is_some()),
            ("--header", self.reading.header.is_some()),
            ("--lenient", self.reading.lenient),
            ("--strict", self.reading.strict),
            ("--most-bytes", self.reading.most_bytes.is_some()),
            ("--columns", !self.columns.is_empty()),
            ("--name", self.name.is_some()),
            ("--series", !self.series.is_empty()),
            ("--groups", !self.groups.is_empty()),
            ("--keep", !self.keep.is_empty()),
            ("--scale", !self.scale.is_empty()),
            ("--withdrawn", !self.withdrawn.is_empty()),
            ("--dates", !self.dates.is_empty()),
            ("--join-ids", self.join_ids),
            ("--register", self.register.is_some()),
            ("--ends-with-last-row", self.ends_with_last_row),
            ("--words", self.words.is_some()),
            ("--authority", !self.authority.is_empty()),
            ("--region", !self.region.is_empty()),
            ("--neighbours-of", self.neighbours_of.is_some()),
            ("--area", !self.area.is_empty()),
            ("--theme", !self.theme.is_empty()),
            ("--clock", self.clock != Clock::Effect),
            ("--framework", !self.framework.is_empty()),
            ("--published-by", self.published_by.is_some()),
            ("--lineage", self.lineage),
            ("--as-of", self.as_of.is_some()),
            ("--format", !matches!(self.format, Format::Table)),
            ("--wide", self.wide),
        ];
        given.into_iter().filter(|(_, is)| *is).map(|(flag, _)| flag).collect()
    }

    /// Refuses flags that a command has no use for.
    fn only(&self, command: &str, useful: &[&str]) -> Result<(), Error> {
        match self.given().into_iter().find(|flag| !useful.contains(flag)) {
            Some(flag) => Err(data::refusal(format!("{flag} has no use with {command}"))),
            None => Ok(()),
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// What was judged, and when? Every judgement of each authority, as reported; `spells` puts equal ones together
    #[command(after_help = "Example: ratings history --authority Slough --theme all")]
    History {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
        #[command(flatten)]
        words: Adequate,
    },
    /// How does each authority stand on a day, and since when? One row each; `distribution` counts them
    #[command(after_help = "Example: ratings as-of --as-of 2019-03-31 --format csv")]
    AsOf {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
        #[command(flatten)]
        words: Adequate,
    },
    /// How long did a grade stand? Runs of inspections with one grade; `streaks` joins grades on one side of a bound
    #[command(after_help = "Example: ratings spells --authority Slough --theme leadership")]
    Spells {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// How long at or below (or above) a grade? Runs on one side of it; `spells` has one grade a run
    #[command(after_help = "Example: ratings streaks --at-or-below requires_improvement")]
    Streaks {
        #[command(flatten)]
        bound: Bound,
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// How many days in each grade, in all? One row an authority and grade; `spells` has each run apart
    #[command(after_help = "Example: ratings time-in-grade --authority Slough --theme all")]
    TimeInGrade {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// What did each inspection change? From one judgement to the next, all of them; `movers` has the present only
    #[command(after_help = "Example: ratings transitions --framework ilacs --direction declined --sort -on --top 10")]
    Transitions {
        /// Only those that moved this way
        #[arg(long)]
        direction: Option<rating_history::trend::Direction>,
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// How many went from each grade to each other between two days? Counts; `movers` gives the names
    #[command(after_help = "Example: ratings flows --from 2018-12-31 --to 2023-12-31")]
    Flows {
        /// First day
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: NaiveDate,
        /// Second day [default: the as-of day]
        #[arg(long, value_name = "DATE", value_parser = day)]
        to: Option<NaiveDate>,
        #[command(flatten)]
        words: Adequate,
    },
    /// How many stand at each grade, on one or many days? Counts and shares; `as-of` gives the names
    #[command(
        after_help = "Example: ratings distribution --on 2024-03-31 --framework sif,ilacs --published-by 2024-05-31 --by region"
    )]
    Distribution {
        #[command(flatten)]
        days: Days,
        /// What each was given by its first inspection under these rules, whenever that was, instead of a day
        #[arg(long, value_name = "FRAMEWORK", conflicts_with_all = ["on", "from", "framework"])]
        after_first: Option<String>,
        /// Count apart by a column of the authorities
        #[arg(long, value_name = "region|type")]
        by: Option<String>,
        #[command(flatten)]
        words: Adequate,
    },
    /// Who improved, declined or stayed; who has waited longest? Names; `flows` counts them
    #[command(after_help = "Example: ratings movers --since 2020-01-01 --direction declined --top 10")]
    Movers {
        /// Compare with a day, or with the previous inspection
        #[arg(long, value_name = "DATE|previous", default_value = "previous", value_parser = ask::since)]
        since: rating_history::trend::Since,
        /// Order by the size of the move, the length of the current spell, or the wait since the last inspection
        #[arg(long, value_enum, default_value = "steps")]
        sort: ask::Sort,
        /// Only those that moved this way
        #[arg(long)]
        direction: Option<rating_history::trend::Direction>,
        /// Only the first so many
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        top: Option<u32>,
        #[command(flatten)]
        stood: Stood,
    },
    /// One authority beside its statistical neighbours, its region and England, or a body beside the groups of the data
    #[command(after_help = "Example: ratings peers --authority Slough --group neighbours")]
    Peers {
        /// Only this group
        #[arg(long)]
        group: Option<String>,
        /// Groups of the same value in these columns, instead of those of the data
        #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
        by: Vec<String>,
        #[command(flatten)]
        list: List,
    },
    /// How far is one authority from its peers, over time? Rank, percentile and gap; `peers` names them
    #[command(after_help = "Example: ratings standing --authority Slough --from 2014-12-31 --every 1y")]
    Standing {
        #[command(flatten)]
        days: Days,
        /// Groups of the same value in these columns, instead of those of the data
        #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
        by: Vec<String>,
    },
    /// Which judgement drags? All themes of an authority side by side; `as-of` has one theme a row
    #[command(after_help = "Example: ratings profile --authority Slough --authority Bradford")]
    Profile {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// Who gives concern, and since when? Inadequate, systemic failure, persistent failure
    #[command(after_help = "Example: ratings concerns --as-of 2016-06-30")]
    Concerns {
        #[command(flatten)]
        list: List,
        #[command(flatten)]
        stood: Stood,
    },
    /// What did the inspections of each year give? Counts by calendar, financial or inspection year; `distribution` counts all who stand
    #[command(after_help = "Example: ratings year --kind financial --from 2018-04-01 --to 2019-03-31")]
    Year {
        /// calendar, financial (to 31 March) or inspection (to 31 August)
        #[arg(long, default_value = "financial")]
        kind: Year,
        /// A day in the first year [default: the first inspection]
        #[arg(long, value_name = "DATE", value_parser = day)]
        from: Option<NaiveDate>,
        /// A day in the last year [default: the as-of day]
        #[arg(long, value_name = "DATE", value_parser = day)]
        to: Option<NaiveDate>,
    },
    /// How long until the next inspection? Days between them by the grade and framework before; `movers --sort wait` says who waits
    #[command(after_help = "Example: ratings intervals --framework ilacs")]
    Intervals {
        /// Days from the end of an inspection to its publication instead
        #[arg(long)]
        to_publication: bool,
    },
    /// What came after a trust or direction? Beside authorities with the same grade and no such event; `survival --by EVENT` has the curves
    #[command(after_help = "Example: ratings events --kind trust_established")]
    Events {
        /// Kind of event [default: trust_established]
        #[arg(long)]
        kind: Option<String>,
        /// What the events are about: children, send, council [default: children; of a kind that never is, any]
        #[arg(long, value_name = "SCOPE")]
        scope: Option<String>,
    },
    /// What did inspectors ask for, again and again? Topics coded from the reports
    #[command(subcommand)]
    Asks(asks::Asked),
    /// Who looked in between inspections? Focused and monitoring visits, joint targeted area inspections
    #[command(after_help = "Example: ratings visits --authority Slough")]
    Visits(asks::Visits),
    /// Official indicators beside the ratings: list, beside, by-grade, around, gap
    #[command(subcommand, after_help = "Example: ratings indicators gap --authority Slough --indicator eet_19_21")]
    Indicators(indicators::Asked),
    /// What do all inspectorates say of one council? Children's services, SEND, adult social care side by side, nothing added up
    #[command(after_help = "Example: ratings council \"Barnet\"")]
    Council(council::Council),
    #[command(flatten)]
    Estimate(estimates::Estimate),
    /// Spells, standings and totals as standard SQL, for ratings that a database holds
    #[command(subcommand)]
    Sql(sql::Asked),
    /// Draws a chart
    #[command(after_help = "Example: ratings chart ribbons --authority Slough -o ribbons.svg")]
    Chart(pictures::Drawing),
    /// Reads a file of any layout and reports every problem; without a file, counts what the data holds
    #[command(after_help = "Example: ratings validate history.csv --layout ilacs-history --format csv")]
    Validate {
        /// Folder of tables, .json, .parquet, .arrow, .csv, .xlsx or .ods
        file: Option<PathBuf>,
    },
    #[command(flatten)]
    Files(files::Files),
}

/// Who is asked about: those at a grade on a day.
#[derive(Args)]
struct Stood {
    /// Only those at this grade on the day of --on: who stood there, and what became of them
    #[arg(long, value_name = "GRADE", requires = "on")]
    at_grade: Option<String>,
    /// The day of --at-grade
    #[arg(long, value_name = "DATE", value_parser = day, requires = "at_grade")]
    on: Option<NaiveDate>,
}

/// In which words grades are counted.
#[derive(Args)]
struct Adequate {
    /// Count "adequate", the second grade before November 2013, apart from requires improvement
    #[arg(long)]
    adequate_apart: bool,
}

impl Command {
    /// Who is asked about, where the command can be asked of some.
    fn stood(&self) -> Option<(&str, NaiveDate)> {
        let stood = match self {
            Command::History { stood, .. }
            | Command::AsOf { stood, .. }
            | Command::Spells { stood, .. }
            | Command::Streaks { stood, .. }
            | Command::TimeInGrade { stood, .. }
            | Command::Transitions { stood, .. }
            | Command::Movers { stood, .. }
            | Command::Profile { stood, .. }
            | Command::Concerns { stood, .. } => stood,
            _ => return None,
        };
        Some((stood.at_grade.as_deref()?, stood.on?))
    }

    /// Its name, where it is about Ofsted's inspections of children's services alone.
    fn of_ofsted(&self) -> Option<&'static str> {
        match self {
            Command::Profile { .. } => Some("profile"),
            Command::Concerns { .. } => Some("concerns"),
            Command::Asks(_) => Some("asks"),
            Command::Visits(_) => Some("visits"),
            _ => None,
        }
    }

    /// Whether "adequate" is a grade of its own.
    fn tells_adequate(&self) -> bool {
        match self {
            Command::History { words, .. }
            | Command::AsOf { words, .. }
            | Command::Flows { words, .. }
            | Command::Distribution { words, .. } => words.adequate_apart,
            _ => false,
        }
    }
}

/// Which rows of a list, and in which order.
#[derive(Args)]
struct List {
    /// Order by a column of the answer, smallest, first or worst at the top; with a minus before it (-days) the other way
    /// round
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Only the first so many rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
}

impl List {
    /// The rows of an answer, in this order.
    fn of(&self, mut answer: LazyFrame) -> Result<LazyFrame, Error> {
        if let Some(sort) = &self.sort {
            let (column, descending) = sort.strip_prefix('-').map_or((sort.as_str(), false), |column| (column, true));
            let names: Vec<String> = answer.collect_schema()?.iter_names().map(ToString::to_string).collect();
            let column = data::chosen("column of the answer", column, &names)?;
            let order = SortMultipleOptions::default().with_order_descending(descending);
            answer = answer.sort([column.as_str()], order.with_nulls_last(true).with_maintain_order(true));
        }
        Ok(match self.top {
            Some(top) => answer.limit(top),
            None => answer,
        })
    }
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Bound {
    /// This grade or a worse one
    #[arg(long, value_name = "GRADE")]
    at_or_below: Option<String>,
    /// This grade or a better one
    #[arg(long, value_name = "GRADE")]
    at_or_above: Option<String>,
}

#[derive(Args)]
pub struct Days {
    /// A day; give it again for more [default: the as-of day]
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with_all = ["from", "to", "every"])]
    on: Vec<NaiveDate>,
    /// First day of a row of days
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Last day of the row [default: the as-of day]
    #[arg(long, value_name = "DATE", value_parser = day, requires = "from")]
    to: Option<NaiveDate>,
    /// Step between the days: 1mo, 1q, 1y [default: 1y]
    #[arg(long, requires = "from")]
    every: Option<Every>,
}

/// The flags that say what a file of ratings holds, and how it is read.
const PLAIN: [&str; 17] = [
    "--layout",
    "--sheet",
    "--header",
    "--lenient",
    "--strict",
    "--most-bytes",
    "--columns",
    "--name",
    "--series",
    "--groups",
    "--keep",
    "--scale",
    "--withdrawn",
    "--dates",
    "--join-ids",
    "--register",
    "--ends-with-last-row",
];

/// A column, and the name by which bodies are grouped by it.
fn group(text: &str) -> Result<(String, String), String> {
    if text.contains('=') { pair(text) } else { Ok((text.to_owned(), text.to_owned())) }
}

/// A name and what it is equal to.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected two names with = between them".to_owned()),
    }
}

fn main() -> ExitCode {
    common::run(run)
}

fn run(arguments: Arguments) -> Result<(), Error> {
    match &arguments.command {
        Command::Chart(drawing) => drawing.draw(arguments.common),
        Command::Council(council) => council.answer(arguments.common),
        Command::Sql(asked) => asked.print(&arguments.common),
        Command::Files(files) => {
            let useful: &[&str] = match files {
                files::Files::Convert { .. } => &PLAIN,
                files::Files::Layouts { .. } => &[],
                files::Files::Update { .. } => &[&PLAIN[..6], &["--data", "--format", "--wide"]].concat(),
                _ => &[&PLAIN[..15], &["--format", "--wide"]].concat(),
            };
            let common = &arguments.common;
            common.only("a command that reads and writes files", useful).and_then(|()| files.run(common))
        }
        Command::Validate { file: Some(file) } => {
            let (common, useful) = (&arguments.common, [&PLAIN[..], &["--format", "--wide"]].concat());
            common.only("validate FILE", &useful).and_then(|()| files::validate(file, common))
        }
        // A file of your own is gone through, with every rule.
        Command::Validate { file: None } if arguments.common.data.as_deref().is_some_and(|data| data.is_file()) => {
            let data = arguments.common.data.clone().unwrap_or_default();
            let common = Common { data: None, ..arguments.common.clone() };
            files::check(&data, &common)?;
            ask::answer(&arguments.command, arguments.common)
        }
        command => {
            if let Command::Estimate(estimate) = command
                && let Some(answer) = estimate.of_totals(&arguments.common)
            {
                let common = &arguments.common;
                return output::print(answer?, common.format, &Words::default(), common.wide);
            }
            if let Command::Indicators(asked) = command {
                asked.check(&arguments.common)?;
            }
            ask::answer(command, arguments.common)
        }
    }
}
