//! Commands about indicators beside the ratings.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rating_history::chart::{Chart, IndicatorAround, IndicatorByGrade, IndicatorPanel, Mode, Style};
use rating_history::frame::columns::{AUTHORITY, CLOSED, OPENED};
use rating_history::indicator::{Indicators, KnownBody, Moment, ReleaseMapping, TidyIndicators};
use rating_history::io::{ReadOptions, Source};
use rating_history::ofsted;
use rating_history::polars::prelude::*;
use rating_history::{Error, Precision};

use crate::common::note;
use crate::data::{Question, label, mistake, refusal, tell};
use crate::output::Format;
use crate::{Common, List, PLAIN};

#[derive(Subcommand)]
pub enum Asked {
    /// Which indicators are there, in what unit, of which years?
    #[command(name = "list", after_help = "Example: ratings indicators list --format csv")]
    Listed {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        list: List,
    },
    /// Each value with the grade that stood on its day; or each judgement with the values before and after it
    #[command(after_help = "Example: ratings indicators beside --authority Slough --indicator eet_19_21")]
    Beside {
        /// One row a judgement, with the latest value before it and three years before and after
        #[arg(long)]
        judgements: bool,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        list: List,
    },
    /// Mean, median and quartiles by the grade on the indicator's day; or the differences between grades
    #[command(after_help = "Example: ratings indicators by-grade --indicator sw_agency --differences")]
    ByGrade {
        /// Only all years together, not each year too
        #[arg(long, conflicts_with = "differences")]
        all_years: bool,
        /// Differences between grades: with effects of years, and within authorities
        #[arg(long)]
        differences: bool,
        #[command(flatten)]
        picture: Drawn,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        list: List,
    },
    /// An indicator before and after something that happened, beside authorities to which it did not
    #[command(after_help = "Example: ratings indicators around falls-to --grade inadequate --indicator sw_agency")]
    Around {
        /// falls-to or leaves (a --grade), improves, declines, inspection, or event (of a --kind)
        #[arg(value_name = "MOMENT")]
        moment: MomentName,
        /// The grade fallen to or left [default: the worst]
        #[arg(long, value_name = "GRADE")]
        grade: Option<String>,
        /// Kind of event [default: trust_established]
        #[arg(long)]
        kind: Option<String>,
        #[command(flatten)]
        picture: Drawn,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        list: List,
    },
    /// One authority's indicators against its neighbours, its region and England over the years
    #[command(after_help = "Example: ratings indicators gap --authority Slough --indicator eet_19_21")]
    Gap {
        /// Only this group
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        picture: Drawn,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        list: List,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum MomentName {
    FallsTo,
    Leaves,
    Improves,
    Declines,
    Inspection,
    Event,
}

/// A picture instead of a table.
#[derive(Args)]
pub struct Drawn {
    /// Draws a picture instead, in a file .svg or .png: gap of one to three indicators, by-grade and around of one
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["sort", "top"])]
    out: Option<PathBuf>,
    /// light, dark or print
    #[arg(long, requires = "out")]
    style: Option<Mode>,
    /// Width in pixels
    #[arg(long, value_name = "PIXELS", requires = "out")]
    width: Option<u32>,
}

impl Drawn {
    fn save(&self, out: &Path, chart: &impl Chart) -> Result<(), Error> {
        chart.save(out)?;
        note(format_args!("note: {}", chart.title()));
        crate::common::say(format_args!("written {}", out.display()))
    }
}

/// Which indicators.
#[derive(Args)]
pub struct Which {
    /// Only these indicators: keys as `ratings indicators list` gives them [default: all]
    #[arg(long, value_name = "KEY,...", value_delimiter = ',')]
    indicator: Vec<String>,
    /// Folder with indicator_list.csv and indicators.csv of your own; with --release a file as a statistical office publishes
    /// it [default: the embedded ones, of England]
    #[arg(long, value_name = "FOLDER|FILE")]
    indicators: Option<PathBuf>,
    /// How such a file is read: a mapping as JSON, with indicator_list.csv beside it. `ratings layouts
    /// explore-education-statistics` gives one to begin with
    #[arg(long, value_name = "MAPPING", requires = "indicators")]
    release: Option<PathBuf>,
}

impl Which {
    pub fn read(&self, question: &Question) -> Result<Indicators, Error> {
        let options = ReadOptions::default();
        if let (Some(file), None) = (self.indicators.as_ref().filter(|file| file.is_file()), &self.release) {
            let expected = "a folder; or say how this file is read with --release, a mapping";
            return Err(mistake("--indicators", file.display(), expected));
        }
        let read = match (&question.history, &self.indicators) {
            (Some(history), None) => return self.of(ofsted::england_indicators(history)?),
            (None, None) => {
                return Err(refusal(
                    "the embedded indicators are of England; give those of your data with --indicators",
                ));
            }
            (Some(history), Some(file)) => match &self.release {
                Some(release) => {
                    let (mapping, list) = mapping_and_list(release)?;
                    ofsted::read_release(history, Source::from(list), Source::from(file.clone()), &mapping, &options)?
                }
                None => ofsted::read_indicators(history, file, &options)?,
            },
            (None, Some(file)) => {
                let layout = TidyIndicators::new(AUTHORITY).known(known_bodies(question)?);
                let inside = |name: &str| Source::from(file.join(name));
                match &self.release {
                    Some(release) => {
                        let (mapping, list) = mapping_and_list(release)?;
                        layout.read_release(Source::from(list), Source::from(file.clone()), &mapping, &options)?
                    }
                    None => layout.read(inside("indicator_list.csv"), inside("indicators.csv"), &options)?,
                }
            }
        };
        if let Some(file) = &self.indicators {
            tell(file, &read.report);
        }
        self.of(read.value)
    }

    fn of(&self, all: Indicators) -> Result<Indicators, Error> {
        if self.indicator.is_empty() { Ok(all) } else { all.only(&self.indicator) }
    }
}

/// A mapping of releases, and the file with the list of indicators beside it.
fn mapping_and_list(file: &Path) -> Result<(ReleaseMapping, PathBuf), Error> {
    let text = std::fs::read_to_string(file).map_err(|source| Error::Io { path: file.to_owned(), source })?;
    let mapping = serde_json::from_str(&text)
        .map_err(|e| mistake("--release", file.display(), &format!("a mapping as JSON: {e}")))?;
    Ok((mapping, file.with_file_name("indicator_list.csv")))
}

fn known_bodies(question: &Question) -> Result<Vec<KnownBody>, Error> {
    let Some(register) = question.everything.authorities() else { return Ok(Vec::new()) };
    let register = register.select([AUTHORITY, OPENED, CLOSED].map(col)).collect()?;
    let day = |name: &str, row: usize| -> Result<_, Error> {
        let days = register.column(name)?.date()?.phys.get(row);
        Ok(days.and_then(rating_history::chrono::NaiveDate::from_epoch_days))
    };
    let body = |(row, id): (usize, Option<&str>)| -> Result<KnownBody, Error> {
        let id = id.unwrap_or_default().to_owned();
        Ok(KnownBody { id, also: Vec::new(), opened: day(OPENED, row)?, closed: day(CLOSED, row)? })
    };
    register.column(AUTHORITY)?.str()?.iter().enumerate().map(body).collect()
}

/// What no such table shows.
fn caution(question: &Question) {
    let who = if question.is_ofsted() { "inspectors" } else { "those who rate" };
    note(format_args!(
        "note: not adjusted for deprivation or need; {who} see such numbers too, so that a grade may follow the number"
    ));
    note(format_args!(
        "note: series break, and values are not missing at random; `ratings indicators list` has the definitions"
    ));
}

/// Who is left out of means.
fn left_out(question: &Question, indicators: &Indicators) {
    let names: Vec<String> = indicators.left_out().map(|id| question.name(id)).collect();
    let joint = format!("figures that stand for several {} together", question.words().body.many);
    match names.as_slice() {
        [] => note(format_args!("note: left out: {joint}")),
        names => note(format_args!("note: left out: {} and {joint}", names.join(", "))),
    }
}

impl Asked {
    /// Refuses flags that a command has no use for: the list is of no ratings, and a gap is one of numbers, beside which only
    /// sentences speak of grades.
    pub fn check(&self, common: &Common) -> Result<(), Error> {
        let always = [&PLAIN[..], &["--data", "--words", "--format", "--wide"]].concat();
        match self {
            Asked::Listed { .. } => common.only("indicators list", &always),
            Asked::Gap { .. } => {
                let own = ["--authority", "--region", "--neighbours-of", "--theme", "--clock", "--as-of"];
                common.only("indicators gap", &[&always[..], &own].concat())
            }
            _ => Ok(()),
        }
    }

    /// Draws instead of answering, if that was asked for.
    pub fn draw(&self, question: &Question) -> Result<bool, Error> {
        let (Asked::ByGrade { picture, which, .. }
        | Asked::Around { picture, which, .. }
        | Asked::Gap { picture, which, .. }) = self
        else {
            return Ok(false);
        };
        let Some(out) = &picture.out else { return Ok(false) };
        if !matches!(question.format, Format::Table) || question.wide() {
            return Err(refusal(
                "--format and --wide have no use with a picture: the name of the file says it, .svg or .png",
            ));
        }
        let indicators = which.read(question)?;
        let style = Style::default().mode(picture.style.unwrap_or(Mode::Light)).width(picture.width);
        match self {
            Asked::ByGrade { all_years: true, .. } | Asked::ByGrade { differences: true, .. } => {
                return Err(refusal("--all-years and --differences have no use with a picture: it shows each year"));
            }
            Asked::Gap { group: Some(_), .. } => {
                return Err(refusal("--group has no use with a picture: it shows the neighbours and all"));
            }
            Asked::ByGrade { .. } => {
                let series = question.one_series_narrowed()?;
                picture.save(out, &IndicatorByGrade::collect(&indicators, &series, style)?)?;
            }
            Asked::Around { moment, grade, kind, .. } => {
                let moment = moment_of(question, *moment, grade.as_deref(), kind.as_deref())?;
                let series = question.one_series_narrowed()?;
                picture.save(out, &IndicatorAround::collect(&indicators, &series, &moment, style)?)?;
            }
            _ => {
                let one = question.one()?;
                let (series, name) = (question.one_series()?, question.name(one));
                picture.save(out, &IndicatorPanel::collect(&indicators, &series, one, &name, style)?)?;
            }
        }
        Ok(true)
    }

    pub fn answer(&self, question: &Question) -> Result<DataFrame, Error> {
        match self {
            Asked::Listed { which, list } => {
                let indicators = which.read(question)?;
                if !indicators.source().is_empty() {
                    note(format_args!("note: {}", indicators.source()));
                }
                Ok(list.of(indicators.list_frame()?.lazy())?.collect()?)
            }
            Asked::Beside { judgements, which, list } => {
                let indicators = which.read(question)?;
                let ratings = question.narrowed()?;
                let answer = match judgements {
                    true => indicators.beside_judgements(&ratings).plan()?,
                    false => indicators.beside(&ratings).plan()?,
                };
                let answer = list.of(answer)?.collect()?;
                caution(question);
                joint(&answer)?;
                Ok(answer)
            }
            Asked::ByGrade { all_years, differences, which, list, .. } => {
                let indicators = which.read(question)?;
                let series = question.one_series_narrowed()?;
                let answer = match differences {
                    true => indicators.grade_differences(&series).plan()?,
                    false => {
                        let answer = indicators.by_grade(&series).plan()?;
                        if *all_years { answer.filter(col("year").is_null()) } else { answer }
                    }
                };
                let answer = list.of(answer)?.collect()?;
                left_out(question, &indicators);
                if let (true, Ok(tests)) = (*differences, answer.column("tests")) {
                    let tests = tests.u32()?.get(0).unwrap_or(0);
                    let by_chance = f64::from(tests) / 20.0;
                    let about =
                        if by_chance < 0.5 { "fewer than one".to_owned() } else { format!("about {by_chance:.0}") };
                    note(format_args!(
                        "note: {tests} tests in all, of which one in twenty falls below p = 0.05 by chance: {about}"
                    ));
                    let body = &question.words().body;
                    note(format_args!(
                        "note: between compares {} in the same year; within compares each with itself; intervals at 95%, \
                         clustered by {} (CR1)",
                        body.many, body.one
                    ));
                }
                caution(question);
                Ok(answer)
            }
            Asked::Around { moment, grade, kind, which, list, .. } => {
                let moment = moment_of(question, *moment, grade.as_deref(), kind.as_deref())?;
                if question.only.is_some() {
                    return Err(refusal("around looks at all authorities: it has no use for some of them"));
                }
                let indicators = which.read(question)?;
                let answer = list.of(indicators.around(&question.one_series()?, &moment).plan()?)?.collect()?;
                left_out(question, &indicators);
                note(format_args!(
                    "note: points against the mean of all in the same year; year 0 ends before the day; intervals at 95%, \
                     clustered by {} (CR1)",
                    question.words().body.one
                ));
                note(format_args!(
                    "note: that nothing happened to those compared is known only afterwards; they are a yardstick, no experiment"
                ));
                caution(question);
                Ok(answer)
            }
            Asked::Gap { group, which, list, .. } => {
                let (indicators, one) = (which.read(question)?, question.one()?);
                let ratings = question.all_themes()?;
                let answer = indicators.gap(&ratings, one).plan()?;
                let answer = match group {
                    Some(group) => {
                        let known: Vec<String> = ratings.peer_groups()?.iter().map(|g| g.name().to_owned()).collect();
                        let group = crate::data::chosen("peer group", group, &known)?;
                        answer.filter(col("peer_group").cast(DataType::String).eq(lit(group.as_str())))
                    }
                    None => answer,
                };
                let answer = list.of(answer)?.collect()?;
                if let [indicator] = indicators.list() {
                    for sentence in indicators.story(&question.one_series()?, one, &indicator.id)?.sentences() {
                        note(format_args!("{sentence}"));
                    }
                }
                note(format_args!(
                    "note: lower and upper: Wilson's interval at 95% of a proportion with numerator and denominator, as of \
                     {}",
                    Precision::Day.write(question.as_of)
                ));
                joint(&answer)?;
                caution(question);
                Ok(answer)
            }
        }
    }
}

/// Says that a joint figure is no evidence about one.
fn joint(answer: &DataFrame) -> Result<(), Error> {
    let notes = answer.column("note")?.cast(&DataType::String)?;
    if notes.str()?.iter().flatten().any(|n| n == "joint") {
        note(format_args!("note: a joint figure stands under each of several; it is no evidence about one of them"));
    }
    Ok(())
}

fn moment_of(question: &Question, name: MomentName, grade: Option<&str>, kind: Option<&str>) -> Result<Moment, Error> {
    let takes_grade = matches!(name, MomentName::FallsTo | MomentName::Leaves);
    if let Some(grade) = grade.filter(|_| !takes_grade) {
        return Err(mistake("--grade", grade, "none: only falls-to and leaves are about a grade"));
    }
    if let Some(kind) = kind.filter(|_| !matches!(name, MomentName::Event)) {
        return Err(mistake("--kind", kind, "none: only an event has a kind"));
    }
    let worst = || question.everything.scale().labels()[0].clone();
    let grade = || grade.map_or_else(worst, |grade| label(&question.everything, grade));
    Ok(match name {
        MomentName::FallsTo => Moment::FallsTo(grade()),
        MomentName::Leaves => Moment::Leaves(grade()),
        MomentName::Improves => Moment::Improves,
        MomentName::Declines => Moment::Declines,
        MomentName::Inspection => Moment::Inspection,
        MomentName::Event => Moment::Event(question.event_kind(kind)?),
    })
}
