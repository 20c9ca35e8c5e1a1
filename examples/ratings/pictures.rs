//! The command that draws.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rating_history::chart::{
    Chart, Comparison, Distribution, Fan, Flow, Matrix, Mode, PeerStrip, Ribbons, SmallMultiples, Style, Survival,
    TileMap, Trajectory, TrajectoryOptions,
};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{
    Bootstrap, CohortOptions, ForecastOptions, Study, Times, Totals, Transform, cohort_matrix, forecast, kaplan_meier,
};
use rating_history::trend::Every;
use rating_history::{AuthorityCode, Clock, Error, Story, Theme};

use crate::Common;
use crate::common::day;
use crate::data::{Question, grouped_by, label, mistake};

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Picture {
    /// One authority's inspections, spells, events and other judgements
    Trajectory,
    /// Up to six authorities in one picture
    Comparison,
    /// One authority and its statistical neighbours, or those named, each in a panel
    Multiples,
    /// Every authority a ribbon
    Ribbons,
    /// Shares of grades over time
    Distribution,
    /// Who went where between dates
    Flow,
    /// Probabilities from grade to grade after a year
    Matrix,
    /// How long a grade lasts, and what comes after
    Survival,
    /// One authority among its peers, theme by theme
    Peers,
    /// One authority's past and chances
    Forecast,
    /// England as a map of equal tiles, on one day or more
    TileMap,
}

#[derive(Args)]
pub struct Drawing {
    /// What to draw
    #[arg(value_enum)]
    picture: Picture,
    /// File to write: .svg or .png
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// light, dark or print
    #[arg(long, default_value = "light")]
    style: Mode,
    /// Width in pixels
    #[arg(long, value_name = "PIXELS")]
    width: Option<u32>,
    /// Source line [default: Ofsted's reports]
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Days of a flow or of tile maps; give it again for more
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Vec<NaiveDate>,
    /// First day of a distribution [default: the first inspection]
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<NaiveDate>,
    /// Ribbons in so many columns side by side
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=6))]
    abreast: u32,
    /// Order ribbons by their distance to the authority's own
    #[arg(long)]
    nearest: bool,
    /// The grade whose lasting is shown (survival) [default: the worst]
    #[arg(long, value_name = "GRADE")]
    grade: Option<String>,
    /// Apart by a column of the authorities, or with and without a kind of event (survival)
    #[arg(long, value_name = "region|type|EVENT")]
    by: Option<String>,
    /// The parts with an event of each kind instead of the part without any (survival)
    #[arg(long)]
    incidence: bool,
    /// Until this grade is reached (survival)
    #[arg(long, value_name = "GRADE")]
    to: Option<String>,
}

impl Drawing {
    pub fn draw(&self, common: Common) -> Result<(), Error> {
        let (clock, themes) = (common.clock, common.theme.clone());
        let question = Question::new(common)?;
        let mut style = Style { mode: self.style, width: self.width, ..Style::default() };
        if let Some(source) = &self.source {
            style.source.clone_from(source);
        } else if question.history.is_none() {
            style.source = "Source: own data".to_owned();
        }
        let theme = match themes.as_slice() {
            [crate::data::Series::Judged(theme)] => *theme,
            [] => Theme::Headline,
            _ => return Err(mistake("--theme", "several", "one judged theme for a picture")),
        };
        let ratings = question.narrowed()?;
        let as_of = question.as_of;
        match self.picture {
            Picture::Trajectory => self.trajectory(&question, clock, style),
            Picture::Comparison => {
                let (all, names) = (everyone(&question, theme, style)?, names(&question)?);
                self.save(&Comparison::new(&all, &names.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            Picture::Multiples => {
                let all = everyone(&question, theme, style)?;
                let names = with_neighbours(&question)?;
                self.save(&SmallMultiples::new(&all, &names.iter().map(String::as_str).collect::<Vec<_>>()))
            }
            Picture::Ribbons => {
                let name = focus(&question);
                let ratings = if name.is_some() { question.ratings()? } else { ratings };
                let ribbons = Ribbons::collect(&ratings, theme, as_of, name.as_deref(), style)?;
                let ribbons = ribbons.in_columns(self.abreast);
                match (name, self.nearest) {
                    (Some(name), true) => self.save(&ribbons.by_distance_to(&name)?),
                    (None, true) => Err(mistake("--nearest", "no authority", "one authority, with --authority")),
                    (_, false) => self.save(&ribbons),
                }
            }
            Picture::Distribution => {
                let first = self.from.map_or_else(|| question.first_day(), Ok)?;
                self.save(&Distribution::collect(&ratings, theme, &Every::MONTH.dates(first, as_of), style)?)
            }
            Picture::Flow => {
                let days = if self.on.is_empty() { vec![question.first_day()?, as_of] } else { self.on.clone() };
                self.save(&Flow::collect(&ratings, theme, &days, style)?)
            }
            Picture::Matrix => {
                let options = CohortOptions::default();
                let pairs = Totals::snapshots(&ratings, &Study::until(as_of), &options.snapshots)?;
                self.save(&Matrix::new(cohort_matrix(&pairs, &options, |_| 1.0)?, style))
            }
            Picture::Survival => {
                let worst = ratings.scale().labels()[0].clone();
                let start = self.grade.as_ref().map_or(worst, |text| label(&ratings, text));
                let to = self.to.as_ref().map(|text| label(&ratings, text));
                let (ratings, by) = match &self.by {
                    Some(by) => (grouped_by(ratings, by)?, Some(by.as_str())),
                    None => (ratings, None),
                };
                let times = Times::collect(&ratings, &Study::until(as_of), &start, to.as_deref(), by)?;
                let kinds = Times::kinds(to.as_deref());
                let curve = |t: &Times| kaplan_meier(&kinds, &t.durations, Transform::LogLog, 0.95);
                let name = |t: &Times| t.group.clone().unwrap_or_else(|| "all".to_owned());
                let curves = times.iter().map(|t| Ok((name(t), curve(t)?))).collect::<Result<_, Error>>()?;
                let chart = Survival::new(&start, to.as_deref(), curves, style);
                self.save(&if self.incidence { chart.incidence() } else { chart })
            }
            Picture::Peers => {
                let code = question.one()?;
                self.save(&PeerStrip::collect(&question.all_themes()?, code, &question.name(code), as_of, style)?)
            }
            Picture::Forecast => {
                let code = question.one()?;
                let stratum = question.history.is_some().then(|| "region".to_owned());
                let options = ForecastOptions { stratum, shrinkage: 50.0, bootstrap: Bootstrap::default() };
                let made = forecast(&question.ratings()?, &Study::until(as_of), code, 10, &options, &|_| ())?;
                let name = question.name(code);
                let all = everyone(&question, theme, style.clone())?;
                let past = all.ribbons.into_iter().find(|r| r.name == name);
                let past = past.ok_or_else(|| mistake("--authority", &name, "one in existence on the day"))?;
                self.save(&Fan::new(made, past, style))
            }
            Picture::TileMap => {
                let days = if self.on.is_empty() { vec![as_of] } else { self.on.clone() };
                let name = focus(&question);
                let ratings = if name.is_some() { question.ratings()? } else { ratings };
                self.save(&TileMap::collect(&ratings, theme, &days, name.as_deref(), style)?)
            }
        }
    }

    fn trajectory(&self, question: &Question, clock: Clock, style: Style) -> Result<(), Error> {
        let Some(history) = &question.history else {
            return Err(mistake("trajectory", "a CSV file", "a folder of inspections; try comparison"));
        };
        let code = AuthorityCode::new(question.one()?)?;
        let story = Story::new(history, &code, clock, question.as_of)?;
        self.save(&Trajectory::new(story).options(TrajectoryOptions { style, ..TrajectoryOptions::default() }))
    }

    fn save(&self, chart: &impl Chart) -> Result<(), Error> {
        chart.save(&self.out)?;
        eprintln!("note: {}", chart.title());
        println!("written {}", self.out.display());
        Ok(())
    }
}

/// The one authority asked for, to be highlighted among all.
fn focus(question: &Question) -> Option<String> {
    let one = question.only.as_deref().filter(|codes| codes.len() == 1);
    one.map(|codes| question.name(&codes[0]))
}

fn everyone(question: &Question, theme: Theme, style: Style) -> Result<Ribbons, Error> {
    Ribbons::collect(&question.ratings()?, theme, question.as_of, None, style)
}

fn codes(question: &Question) -> Result<&[String], Error> {
    question.only.as_deref().ok_or_else(|| mistake("--authority", "none", "one authority or more"))
}

fn names(question: &Question) -> Result<Vec<String>, Error> {
    Ok(codes(question)?.iter().map(|code| question.name(code)).collect())
}

/// The authority asked for and its statistical neighbours; several, as they were named.
fn with_neighbours(question: &Question) -> Result<Vec<String>, Error> {
    let mut names = names(question)?;
    if let ([code], Some(history)) = (codes(question)?, &question.history) {
        let code = AuthorityCode::new(code.as_str())?;
        names.extend(history.neighbours(&code).iter().map(|n| question.name(n.as_str())));
    }
    Ok(names)
}
