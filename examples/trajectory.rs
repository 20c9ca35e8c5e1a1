//! Draws one authority's trajectory and tells its story.

#[path = "common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use common::day;
use rating_history::chart::{Chart, PictureFormat, Style};
use rating_history::chrono::NaiveDate;
use rating_history::ofsted::{self, Reported, Story, Theme};
use rating_history::{Clock, Error, Precision};

/// The rating history of one English authority's children's services: inspections, spells, a sentence and a chart.
#[derive(Parser)]
#[command(
    name = "trajectory",
    after_help = "Example: cargo run --example trajectory -- \"Tower Hamlets\" --out charts --format svg,png"
)]
struct Arguments {
    /// Name, GSS code or former code of the authority
    #[arg(default_value = "Slough")]
    authority: String,
    /// Folder for the pictures
    #[arg(long, default_value = "charts")]
    out: PathBuf,
    /// Picture formats: svg, png
    #[arg(long, value_delimiter = ',', default_value = "svg,png")]
    format: Vec<PictureFormat>,
    /// The day from which to look: YYYY-MM-DD or today [default: the dataset's cut-off]
    #[arg(long, value_parser = day)]
    as_of: Option<NaiveDate>,
    /// Which date of an inspection counts: effect (end of fieldwork) or published
    #[arg(long, default_value = "effect")]
    clock: Clock,
}

fn main() -> ExitCode {
    common::run(|arguments| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let england = ofsted::england()?;
    let authority = england.find(&arguments.authority)?;
    let as_of = arguments.as_of.unwrap_or(england.cut_off());
    if as_of > england.cut_off() {
        common::note(format_args!(
            "note: the data ends on {}; nothing later is known",
            Precision::Day.write(england.cut_off())
        ));
    }
    let story = Story::new(&england, &authority.code, arguments.clock, as_of)?;
    let chart = story.trajectory(Style::default());
    let files: Vec<PathBuf> = arguments
        .format
        .iter()
        .map(|f| arguments.out.join(format!("{}.{}", authority.file_stem(), f.code())))
        .collect();
    for file in &files {
        chart.save(file)?;
        common::warn_of_boxes(&chart, file)?;
    }
    print(&story)?;
    for file in &files {
        common::say(format_args!("written {}", file.display()))?;
    }
    Ok(())
}

fn print(story: &Story) -> Result<(), Error> {
    common::say(format_args!("{} ({})", story.authority.name, story.authority.code))?;
    common::say(format_args!(""))?;
    common::say(format_args!("{:<28}{:<20}{:<14}{:<15}overall", "inspected", "published", "framework", "kind"))?;
    for inspection in &story.inspections {
        let overall = match inspection.reported(Theme::Headline) {
            Reported::Graded { grade, .. } => inspection.framework.grade_label(grade),
            Reported::NotReported => "not reported",
            _ => "-",
        };
        let (framework, kind) = (inspection.framework, inspection.kind);
        let dates = inspection.dates;
        let fieldwork = dates.end().map_or("-".to_owned(), |_| dates.to_string());
        let published = dates.published().map_or("-".to_owned(), |d| dates.precision_on(Clock::Published).write(d));
        common::say(format_args!("{fieldwork:<28}{published:<20}{framework:<14}{kind:<15}{overall}"))?;
    }
    common::say(format_args!(""))?;
    common::say(format_args!(
        "{:<36}{:<20}{:<20}{:<26}{:<14}ended by",
        "spell", "from", "to", "length", "inspections"
    ))?;
    for (spell, told) in story.spells() {
        common::say(format_args!(
            "{:<36}{:<20}{:<20}{:<26}{:<14}{}",
            common::capital(told),
            spell.start_precision.write(spell.start),
            spell.end_precision.write(spell.end),
            spell.length(),
            spell.inspections,
            story.course.ended(spell)
        ))?;
    }
    common::say(format_args!(""))?;
    common::say(format_args!("{}", story.sentence()))?;
    common::say(format_args!("As of {}, by {} date.", Precision::Day.write(story.as_of), story.clock))?;
    common::say(format_args!(""))
}
