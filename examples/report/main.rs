//! Writes one authority's report: a self-contained HTML page with charts and their tables.

mod asks;
#[path = "../common/mod.rs"]
mod common;
mod html;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use common::day;
use html::{Section, figure, paragraph, table};
use rating_history::chart::{Fan, PeerStrip, Ribbons, SmallMultiples, Style};
use rating_history::chrono::{Datelike, NaiveDate};
use rating_history::estimate::{BacktestOptions, ForecastOptions, SimilarOptions, Study, backtest, forecast, similar};
use rating_history::ofsted::{self, Authority, Grade, RatingHistory, Reported, Story, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::{Every, Stretch};
use rating_history::{Clock, Error, Precision, Ratings, Series, io};

/// One authority's report: what happened, its parts, its peers, who once stood where it stands, and what may come.
#[derive(Parser)]
#[command(name = "report", after_help = "Example: cargo run --example report -- \"Tower Hamlets\" --out reports")]
struct Arguments {
    /// Name, GSS code or former code of the authority
    #[arg(default_value = "Slough")]
    authority: String,
    /// Folder for the page
    #[arg(long, default_value = "reports")]
    out: PathBuf,
    /// The day from which to look: YYYY-MM-DD or today [default: the dataset's cut-off]
    #[arg(long, value_parser = day)]
    as_of: Option<NaiveDate>,
}

/// Width of every chart, as wide as the page's text.
const WIDTH: u32 = 940;
/// Trajectories shown as similar ones.
const ALIKE: usize = 8;
/// Years forecast.
const YEARS: u32 = 10;

fn main() -> ExitCode {
    common::run(|arguments| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let england = ofsted::england_with_reports()?;
    let authority = england.find(&arguments.authority)?.clone();
    let as_of = arguments.as_of.unwrap_or(england.cut_off());
    let ratings = england.ratings()?.as_of(as_of);
    let headline = ratings.series(Theme::Headline)?;
    let style = Style::of(&ratings).width(WIDTH);
    let all = Ribbons::collect(&headline, None, style.clone())?;
    let report = Report { england, authority, as_of, ratings, headline, all, style };
    let story = Story::new(&report.england, &report.authority.code, Clock::Effect, as_of)?;
    let sentence = story.sentence();
    let beside = report.beside()?;
    let sections = [
        report.story(story)?,
        report.parts()?,
        beside.asked()?,
        beside.between()?,
        report.peers()?,
        report.alike()?,
        report.forecast()?,
        report.sources(),
    ];
    let title = format!("{}: children's services ratings", report.authority.name);
    let footer = format!("Data to {}. Ofsted inspection reports, Open Government Licence v3.0.", written(as_of));
    let page = html::page(&title, &sentence, &sections, &footer);
    let file = arguments.out.join(format!("{}.html", report.authority.file_stem()));
    io::write_atomic(&file, page.as_bytes())?;
    common::say(format_args!("{sentence}"))?;
    common::say(format_args!("written {}", file.display()))?;
    Ok(())
}

fn written(date: NaiveDate) -> String {
    Precision::Day.write(date)
}

/// A grade's code as a reader knows it.
fn grade(code: &str) -> String {
    code.parse::<Grade>().map_or_else(|_| code.replace('_', " "), |g| g.label().to_owned())
}

/// "Requires improvement"
fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(text.len().min(1));
    first.to_uppercase() + rest
}

fn percent(part: f64) -> String {
    format!("{:.0}%", 100.0 * part)
}

struct Report {
    england: RatingHistory,
    authority: Authority,
    as_of: NaiveDate,
    /// Every theme.
    ratings: Ratings,
    /// The overall grade alone.
    headline: Series,
    /// Everybody's overall grade over time.
    all: Ribbons,
    style: Style,
}

impl Report {
    fn beside(&self) -> Result<asks::Beside<'_>, Error> {
        let (england, authority, style) = (&self.england, &self.authority, self.style.clone());
        let ratings = self.ratings.clone().bodies_only([self.code()])?;
        Ok(asks::Beside { england, authority, ratings, style })
    }

    fn code(&self) -> &str {
        self.authority.code.as_str()
    }

    fn story(&self, story: Story) -> Result<Section, Error> {
        let inspection = |i: &rating_history::ofsted::Inspection| {
            let overall = match i.reported(Theme::Headline) {
                Reported::Graded { grade, .. } => i.framework.grade_label(grade).to_owned(),
                Reported::NotReported => "Not reported".to_owned(),
                _ => String::new(),
            };
            let published = i.dates.published().map(|d| i.dates.precision_on(Clock::Published).write(d));
            vec![i.dates.to_string(), published.unwrap_or_default(), i.framework.label().to_owned(), overall]
        };
        let inspections: Vec<Vec<String>> = story.inspections.iter().map(inspection).collect();
        let spell = |(s, told): (&Stretch, &str)| {
            let (start, end) = (s.start_precision.write(s.start), s.end_precision.write(s.end));
            let ended = story.course.ended(s);
            vec![capital(told), start, end, s.length(), s.inspections.to_string(), ended]
        };
        let spells: Vec<Vec<String>> = story.spells().into_iter().map(spell).collect();
        let event = |e: &rating_history::ofsted::Event| {
            vec![e.precision.write(e.start), e.kind.label().to_owned(), e.scope.label().to_owned(), e.label.clone()]
        };
        let events: Vec<Vec<String>> = story.events.iter().map(event).collect();
        let mut body = figure("trajectory", &story.trajectory(self.style.clone()))?;
        body += &table("Inspections", &["Inspected", "Published", "Framework", "Overall"], &inspections);
        let header = ["Grade", "From", "To", "Length", "Inspections", "Ended by"];
        body += &table("Spells of one overall grade", &header, &spells);
        if !events.is_empty() {
            body += &table("Events", &["Begun", "Kind", "About", "What happened"], &events);
        }
        Ok(Section { id: "story", heading: "What happened".to_owned(), body })
    }

    fn parts(&self) -> Result<Section, Error> {
        let heading = "Its parts".to_owned();
        let now = self.ratings.clone().bodies_only([self.code()])?.standing().collect()?;
        let now = cells(&now, &["theme", "status", "grade", "since", "inspections"])?;
        let rows = now.into_iter().filter_map(|row| {
            let [theme, status, own, since, inspections] = <[String; 5]>::try_from(row).ok()?;
            let theme = theme.parse::<Theme>().ok()?;
            let own = if own.is_empty() { status.replace('_', " ") } else { grade(&own) };
            Some(vec![theme.label().to_owned(), own, since, inspections])
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if rows.is_empty() {
            let body = paragraph(&format!("{} has no judgement on {}.", self.authority.name, written(self.as_of)));
            return Ok(Section { id: "parts", heading, body });
        }
        let name = &self.authority.name;
        let strip = PeerStrip::collect(&self.ratings, self.code(), name, ofsted::FOLLOWED, self.style.clone())?;
        let mut body = figure("parts", &strip)?;
        body += &paragraph(
            "A grade stands until the next inspection that gives the same judgement. Judgements that no inspection \
             makes any more keep their last grade.",
        );
        body += &table("Each judgement now", &["Judgement", "Grade", "Since", "Inspections in a row"], &rows);
        Ok(Section { id: "parts", heading, body })
    }

    fn peers(&self) -> Result<Section, Error> {
        let heading = "Its statistical neighbours".to_owned();
        let peers = self
            .headline
            .peers(self.code())
            .plan()?
            .filter(col("peer_group").cast(DataType::String).eq(lit(ofsted::NEIGHBOURS)))
            .sort(["place"], SortMultipleOptions::default())
            .collect()?;
        let rows = cells(&peers, &["name", "place", "grade", "since", "steps"])?;
        let mut names = vec![self.authority.name.as_str()];
        names.extend(rows.iter().map(|row| row[0].as_str()));
        let body = if rows.is_empty() {
            paragraph("No statistical neighbours are known of it on this day.")
        } else {
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|row| {
                    let own = if row[2].is_empty() { "no overall grade".to_owned() } else { grade(&row[2]) };
                    vec![row[0].clone(), row[1].clone(), own, row[3].clone(), row[4].clone()]
                })
                .collect();
            let mut body = figure("neighbours", &SmallMultiples::new(&self.all, &names)?)?;
            let header = ["Neighbour", "Place", "Overall", "Since", "Grades above"];
            body += &table("Statistical neighbours, the most alike first", &header, &rows);
            body + &paragraph(
                "Neighbours are alike in who lives there, by the Department for Education's model, not in how they \
                 are run. Grades above: by how many grades each stands above (below 0: below) this authority.",
            )
        };
        Ok(Section { id: "peers", heading, body })
    }

    fn alike(&self) -> Result<Section, Error> {
        let heading = "Who once stood where it stands".to_owned();
        let (study, options) = (Study::until(self.as_of), SimilarOptions::at(self.as_of));
        let alike = match similar(&self.headline, &study, self.code(), &options) {
            Ok(alike) if !alike.is_empty() => alike,
            Ok(_) => {
                let body = paragraph("No other authority has stood at this grade for as long.");
                return Ok(Section { id: "alike", heading, body });
            }
            Err(Error::NoGrade { .. }) => return Ok(self.without_grade("alike", heading)),
            Err(error) => return Err(error),
        };
        let name = |code: &str| self.england.authorities().iter().find(|a| a.code.as_str() == code).map(|a| &a.name);
        let when = |grade_then: &Option<String>, on: Option<NaiveDate>| match (grade_then, on) {
            (Some(code), Some(on)) => format!("{}, {}", grade(code), written(on)),
            _ => String::new(),
        };
        let shown = &alike[..alike.len().min(ALIKE)];
        let rows: Vec<Vec<String>> = shown
            .iter()
            .map(|a| {
                let next = when(&a.next, a.next_on);
                let next = if next.is_empty() { "still at that grade".to_owned() } else { next };
                let name = name(&a.authority).cloned().unwrap_or_else(|| a.authority.clone());
                vec![name, written(a.on), format!("{:.2}", a.distance), next, grade(&a.latest)]
            })
            .collect();
        let mut names = vec![self.authority.name.as_str()];
        names.extend(rows.iter().map(|row| row[0].as_str()));
        let improved = alike.iter().filter(|a| a.better.is_some()).count();
        let mut body = figure("alike", &SmallMultiples::new(&self.all, &names)?)?;
        body += &paragraph(&format!(
            "{} authorities have stood at this grade for as long as {} has; {improved} of them have since been judged \
             better. Those whose ten years before were most like its own come first.",
            alike.len(),
            self.authority.name
        ));
        let header = ["Authority", "Stood so on", "Distance", "Next other grade", "Latest grade"];
        body += &table("The nearest of them", &header, &rows);
        body += &paragraph(
            "Distance: the mean difference in grades over the years before. A few alike say little about causes.",
        );
        Ok(Section { id: "alike", heading, body })
    }

    fn forecast(&self) -> Result<Section, Error> {
        let heading = "What may come, and how far to trust it".to_owned();
        let study = Study::until(self.as_of);
        let given: &[Theme] = if Theme::Headline.given_on(self.as_of) { &[Theme::Headline] } else { &ofsted::PARTS };
        let made = given.iter().map(|theme| self.forecast_of(*theme, &study)).collect::<Result<Vec<_>, _>>()?;
        let mut body: String = made.into_iter().flatten().collect();
        if body.is_empty() {
            return Ok(self.without_grade("forecast", heading));
        }
        body += &paragraph(
            "Rates of change between grades, learnt from all authorities. They know nothing of what the council does, of \
             its staff or money, of how long it has stood where it stands, nor of when Ofsted plans to come.",
        );
        body += &self.worth(&study)?;
        Ok(Section { id: "forecast", heading, body })
    }

    /// The picture and table of one judgement; nothing where it has no grade in it.
    fn forecast_of(&self, theme: Theme, study: &Study) -> Result<Option<String>, Error> {
        let ratings = self.ratings.series(theme)?;
        let made = match forecast(&ratings, study, self.code(), YEARS, &ForecastOptions::default()) {
            Ok(made) => made,
            Err(Error::NoGrade { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let labels = made.labels.clone();
        let rows: Vec<Vec<String>> = made
            .steps
            .iter()
            .map(|step| {
                let horizon = step.years.map_or("Next inspection".to_owned(), |years| match years {
                    1.0 => "1 year".to_owned(),
                    years => format!("{years} years"),
                });
                let chance = |rank: usize| match (step.lower[rank], step.upper[rank]) {
                    (Some(low), Some(high)) => {
                        format!("{} ({} to {})", percent(step.probability[rank]), percent(low), percent(high))
                    }
                    _ => percent(step.probability[rank]),
                };
                std::iter::once(horizon).chain((0..labels.len()).rev().map(chance)).collect()
            })
            .collect();
        let picture = Fan::collect(&self.ratings.series(theme)?, made, self.style.clone())?;
        let grades: Vec<String> = labels.iter().rev().map(|l| grade(l)).collect();
        let header: Vec<&str> = std::iter::once("After").chain(grades.iter().map(String::as_str)).collect();
        let caption =
            format!("Probability of each grade, with 90% bands of the rates: {}", theme.label().to_lowercase());
        Ok(Some(figure(&format!("forecast-{}", theme.code()), &picture)? + &table(&caption, &header, &rows)))
    }

    /// What such forecasts would have been worth.
    fn worth(&self, study: &Study) -> Result<String, Error> {
        let Some(first) = NaiveDate::from_ymd_opt(2014, 12, 31).filter(|day| day.year() + 6 <= self.as_of.year())
        else {
            return Ok(paragraph("There are too few years of inspections by this day to test such forecasts."));
        };
        let options = BacktestOptions::new(Every::YEAR.dates(first, self.as_of), vec![1, 3, 5], Grade::Good.code());
        let scores = backtest(&self.headline, study, &options)?.scores;
        let skill = |skill: Option<f64>, interval: Option<(f64, f64)>| match (skill, interval) {
            (Some(skill), Some((low, high))) => {
                format!("{} ({} to {})", percent(skill), percent(low), percent(high))
            }
            _ => String::new(),
        };
        let rows: Vec<Vec<String>> = scores
            .iter()
            .filter(|s| s.model == "forecast")
            .map(|s| {
                vec![
                    s.target.clone(),
                    s.n.to_string(),
                    skill(s.skill_over_stays, s.skill_over_stays_interval),
                    skill(s.skill_over_average, s.skill_over_average_interval),
                ]
            })
            .collect();
        let header = ["Asked about", "Forecasts tested", "Better than “stays as it is”", "Better than the average"];
        let about = "How much better such forecasts would have been, made at the end of every year since 2014";
        Ok(table(about, &header, &rows)
            + &paragraph(
                "Skill by the ranked probability score, with its 90% interval. Where the interval reaches 0, the \
                 forecast is worth no more than the simple guess beside it.",
            ))
    }

    fn sources(&self) -> Section {
        let own = self.england.inspections().iter().filter(|i| i.authority == self.authority.code);
        let latest = own.filter(|i| i.dates.effect() <= self.as_of).max_by_key(|i| i.dates.effect());
        let mut body = paragraph(
            "Grades and dates: Ofsted's inspection reports of every English authority's children's services since \
             2009, Open Government Licence v3.0. A grade counts from the last day of fieldwork.",
        );
        body += &paragraph(
            "Frameworks differ: until 2013 the second lowest grade was called adequate, and from 2009 to 2018 \
             inspections asked other questions than later ones. From April 2026 on, Ofsted gives no overall grade. \
             Comparisons across these lines need care.",
        );
        body += &paragraph("Statistical neighbours: the Department for Education's local authority interactive tool.");
        if let Some(inspection) = latest.filter(|i| !i.source.is_empty()) {
            let source = self.england.source_of(&inspection.source);
            body += &paragraph(&format!("Its latest inspection here: {source}"));
        }
        Section { id: "sources", heading: "Sources and method".to_owned(), body }
    }

    fn without_grade(&self, id: &'static str, heading: String) -> Section {
        let (name, day) = (&self.authority.name, written(self.as_of));
        let body = paragraph(&format!("{name} has no overall grade on {day}, so nothing is said here."));
        Section { id, heading, body }
    }
}

/// The text of some columns, row by row; dates in words as far as they are known.
fn cells(frame: &DataFrame, columns: &[&str]) -> Result<Vec<Vec<String>>, Error> {
    let text = |name: &str, row: usize| -> Result<String, Error> {
        Ok(match frame.column(name)?.get(row)? {
            AnyValue::Null => String::new(),
            AnyValue::Date(days) => {
                let precision = frame
                    .column(&format!("{name}_precision"))
                    .and_then(|c| Ok(c.get(row)?.get_str().map(str::to_owned)));
                let precision = precision.ok().flatten().and_then(|p| p.parse().ok()).unwrap_or(Precision::Day);
                NaiveDate::from_epoch_days(days).map(|day| precision.write(day)).unwrap_or_default()
            }
            cell => cell.get_str().map_or_else(|| cell.to_string(), str::to_owned),
        })
    };
    (0..frame.height()).map(|row| columns.iter().map(|name| text(name, row)).collect()).collect()
}
