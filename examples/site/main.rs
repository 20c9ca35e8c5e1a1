//! Makes a static site: a page of every body, a page of all, their pictures and their data.

mod body;
mod check;
#[path = "../common/mod.rs"]
mod common;
mod council;
mod facts;
mod html;
mod index;
#[path = "../common/layout.rs"]
mod layout;
mod map;
mod others;
mod source;
mod stated;
mod style;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use common::day;
use facts::{Body, Facts};
use html::{File, Page, Section};
use rating_history::chrono::NaiveDate;
use rating_history::trend::Stretch;
use rating_history::{Error, Precision, io};
use rayon::prelude::*;

/// A static site of ratings: a page of every body and one of all, to be put on any server.
#[derive(Parser)]
#[command(name = "site", after_help = "Example: cargo run --example site -- --authority \"Tower Hamlets\"")]
struct Arguments {
    /// Only the page of this one, by its name, GSS code or former code, or any id of the data; give it again for more
    /// [default: all pages]
    #[arg(long, alias = "body", value_name = "NAME|CODE")]
    authority: Vec<String>,
    #[command(flatten)]
    data: source::Data,
    /// The series that pages are about [default: headline, or the only one]
    #[arg(long, value_name = "SERIES")]
    series: Option<String>,
    /// The day from which to look: YYYY-MM-DD or today [default: the day the data end]
    #[arg(long, value_parser = day)]
    as_of: Option<NaiveDate>,
    /// Folder for the site
    #[arg(long, default_value = "site")]
    out: PathBuf,
    /// Checks a site that was made instead: links, ids, sizes, and that nothing is fetched from elsewhere
    #[arg(long, value_name = "DIR", exclusive = true)]
    check: Option<PathBuf>,
}

/// Bytes of stack of a thread that makes pages.
const STACK: usize = 32 << 20;

fn main() -> ExitCode {
    common::run(|arguments| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    if let Some(folder) = &arguments.check {
        return check::check(folder);
    }
    progress("the data");
    let facts = Facts::gather(arguments.data.read()?, arguments.series.as_deref(), arguments.as_of)?;
    let asked = arguments.authority.iter().map(|text| find(&facts, text)).collect::<Result<Vec<_>, Error>>()?;
    let bodies: Vec<&Body> = if asked.is_empty() { facts.bodies.iter().collect() } else { asked };
    let done = AtomicUsize::new(0);
    let write = |body: &&Body| -> Result<(PathBuf, String), Error> {
        let page = body::BodyPage { facts: &facts, body };
        let (lead, sections) = page.made()?;
        let title = title_of(&facts, body);
        let path = write_page(&facts, &arguments.out, &body.stem, &title, &lead, &sections)?;
        let n = done.fetch_add(1, Ordering::Relaxed) + 1;
        if n.is_multiple_of(10) || n == bodies.len() {
            progress(&format!("{n} of {} pages", bodies.len()));
        }
        Ok((path, lead))
    };
    // Queries walk deep plans, for which the stack of an ordinary thread may be too small.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    let pool = pool.map_err(|e| Error::Asked(format!("no threads can be started: {e}")))?;
    let written = pool.install(|| bodies.par_iter().map(write).collect::<Result<Vec<_>, Error>>())?;
    if arguments.authority.is_empty() {
        progress("the page of all");
        let (lead, sections) = index::made(&facts)?;
        let path = write_page(&facts, &arguments.out, "index", &title(&facts), &lead, &sections)?;
        common::say(format_args!("{lead}"))?;
        common::say(format_args!("written {} and {} pages beside it", path.display(), written.len()))?;
    } else {
        for (path, lead) in written {
            common::say(format_args!("{lead}"))?;
            common::say(format_args!("written {}", path.display()))?;
        }
    }
    Ok(())
}

/// What is being done, for those who wait.
pub fn progress(what: &str) {
    common::note(format_args!("… {what}"));
}

fn find<'a>(facts: &'a Facts, text: &str) -> Result<&'a Body, Error> {
    if let Some(history) = &facts.history {
        let code = history.find(text)?.code.clone();
        return facts.body(code.as_str()).ok_or_else(|| Error::Asked(format!("`{text}` has no page")));
    }
    let is = |known: &str| known.eq_ignore_ascii_case(text.trim());
    let found = facts.body(text).or_else(|| facts.bodies.iter().find(|b| is(&b.name)));
    found.ok_or_else(|| {
        let known = facts.bodies.iter().flat_map(|b| [b.id.as_str(), b.name.as_str()]);
        let suggestions = rating_history::nearest(text, known).map(str::to_owned).into_iter().collect();
        Error::UnknownBody { noun: facts.words().body.one.clone(), query: text.to_owned(), suggestions }
    })
}

/// What pages are about.
fn subject(facts: &Facts) -> String {
    match &facts.history {
        Some(_) => "children's services ratings".to_owned(),
        None => format!("{} grades", facts.words().series(facts.main.id().as_str())),
    }
}

/// The title of a body's page.
pub fn title_of(facts: &Facts, body: &Body) -> String {
    format!("{}: {}", body.name, subject(facts))
}

/// The title of the page of all.
pub fn title(facts: &Facts) -> String {
    match &facts.history {
        Some(_) => "Children's services ratings in England".to_owned(),
        None => match &facts.words().about {
            Some(about) => format!("Grades of {about}"),
            None => format!("Grades of {} {}", facts.bodies.len(), facts.words().body.of(facts.bodies.len())),
        },
    }
}

fn write_page(
    facts: &Facts,
    folder: &Path,
    stem: &str,
    title: &str,
    lead: &str,
    sections: &[Section],
) -> Result<PathBuf, Error> {
    let is_index = stem == "index";
    let home = html::link(&format!("All {}", facts.words().body.many), "index.html");
    let source = facts.words().source.trim_end_matches('.');
    let footer = html::paragraph(&format!("Data to {}. {source}.", facts.day()));
    let style = if is_index {
        format!("{}{}", style::INDEX, map::style(facts.main.scale().labels().len()))
    } else {
        String::new()
    };
    let page = Page {
        title,
        lead,
        sections,
        footer: &footer,
        home: if is_index { "" } else { &home },
        style: &style,
        script: if is_index { style::SCRIPT } else { "" },
    };
    for File { path, bytes } in sections.iter().flat_map(|section| &section.files) {
        io::write_atomic(&folder.join(path), bytes)?;
    }
    let path = folder.join(format!("{stem}.html"));
    io::write_atomic(&path, page.html().as_bytes())?;
    Ok(path)
}

/// How to cite a page by its title, of which version and day it is, and under which licence.
pub fn cite(facts: &Facts, title: &str, file: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let licence = match facts.is_embedded {
        true => "Contains public sector information licensed under the Open Government Licence v3.0. ",
        false => "",
    };
    let text = format!(
        "Made with rating-history {version} from data to {}. {licence}To cite: “{title}”, rating-history {version}, data to {}, {file}.",
        facts.day(),
        facts.day()
    );
    html::paragraph(&text)
}

pub fn written(date: NaiveDate) -> String {
    Precision::Day.write(date)
}

pub fn percent(part: f64) -> String {
    minus(format!("{:.0}%", 100.0 * part))
}

/// A number with its sign.
pub fn signed(number: f64) -> String {
    minus(format!("{number:+.1}"))
}

/// A written number with a real minus, or without a sign where it is nought.
fn minus(text: String) -> String {
    match text.trim_start_matches(['-', '+']) {
        nought @ ("0%" | "0.0") => nought.to_owned(),
        _ => text.replace('-', "\u{2212}"),
    }
}

/// The time from a day to another in years and months.
pub fn time_to(from: NaiveDate, to: NaiveDate) -> String {
    Stretch::new(from, to, None).length()
}
