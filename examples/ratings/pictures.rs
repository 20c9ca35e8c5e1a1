//! The command that draws.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rating_history::chart::{
    Align, Aligned, BeforeAfter, Chart, Comparison, Distribution, Fan, Flow, GroupShares, Matrix, Mode, Order,
    PeerStrip, Ribbons, SmallMultiples, Style, Survival, TileLayout, TileMap, Trajectory,
};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{
    Bootstrap, CohortOptions, ForecastOptions, PairCounts, Snapshots, Study, changes_known, cohort_matrix, forecast,
};
use rating_history::io::ReadOptions;
use rating_history::ofsted::{self, AuthorityCode, Story};
use rating_history::trend::Every;
use rating_history::{Clock, Error, Precision, SeriesId};

use crate::Common;
use crate::asks::By;
use crate::common::day;
use crate::data::{Asked, Groups, Question, label, mistake, only_for_ofsted, refusal};
use crate::output::Format;

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Picture {
    /// One body's inspections, spells, events and other judgements
    Trajectory,
    /// Up to six bodies in one picture
    Comparison,
    /// One body and its listed peers (statistical neighbours), or those named, each in a panel
    Multiples,
    /// Every body a ribbon
    Ribbons,
    /// Shares of grades over time
    Distribution,
    /// Who went where between dates
    Flow,
    /// Probabilities from grade to grade after a year
    Matrix,
    /// How long a grade lasts, and what comes after
    Survival,
    /// One body among its peers, series by series
    Peers,
    /// One body's past and chances
    Forecast,
    /// A map of equal tiles, on one day or more
    TileMap,
    /// What first inspections since a day changed, judgement by judgement
    BeforeAfter,
    /// Shares of groups over the years
    Groups,
    /// Every body a ribbon around the day of an event
    Aligned,
    /// What the inspections of one authority asked for, and what came back
    AskedAgain,
    /// Shares of inspections that asked for each of the ten topics most asked for, with intervals
    Topics,
    /// What all inspectorates say of one council: a lane for each, with its own scale
    Council,
}

#[derive(Args)]
pub struct Drawing {
    /// What to draw
    #[arg(value_enum)]
    picture: Picture,
    /// Name or code of the council (council)
    #[arg(value_name = "NAME|CODE")]
    council: Option<String>,
    /// File to write: .svg or .png
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// light, dark or print
    #[arg(long, default_value = "light")]
    style: Mode,
    /// Width in pixels
    #[arg(long, value_name = "PIXELS")]
    width: Option<u32>,
    /// Source line [default: that of the data]
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
    /// A list of the names behind the letters (tile-map of one day)
    #[arg(long)]
    names: bool,
    /// now: the best now first; end, start: those that ended or began alike together (ribbons)
    #[arg(long, default_value = "now", value_name = "now|end|start")]
    order: Order,
    /// Inspections from this day on (before-after)
    #[arg(long, value_name = "DATE", value_parser = day)]
    since: Option<NaiveDate>,
    /// A kind of event on whose first day ribbons are aligned; with --grade the first time at that grade instead (aligned)
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// Order ribbons by their distance to that of the one named
    #[arg(long)]
    nearest: bool,
    /// The grade whose lasting is shown (survival) [default: the worst]
    #[arg(long, value_name = "GRADE")]
    grade: Option<String>,
    /// Apart by a column of the bodies, the period in which spells began, or a kind of event (survival); groups of peers by
    /// columns (peers); framework, grade, region or year (topics) [default for topics: grade]
    #[arg(long, value_name = "region|type|period|EVENT")]
    by: Option<String>,
    #[command(flatten)]
    groups: Groups,
    /// The parts with an event of each kind instead of the part without any (survival)
    #[arg(long)]
    incidence: bool,
    /// Places of the tiles: a CSV file with code, row, column, label [default: England's authorities] (tile-map)
    #[arg(long, value_name = "FILE")]
    tiles: Option<PathBuf>,
    /// Visits between inspections and what reports said of self-assessments, as marks above (trajectory)
    #[arg(long)]
    visits: bool,
    /// Until this grade is reached (survival)
    #[arg(long, value_name = "GRADE")]
    to: Option<String>,
}

impl Drawing {
    pub fn draw(&self, common: Common) -> Result<(), Error> {
        self.refuse_format(&common)?;
        self.refuse_others()?;
        if self.picture == Picture::Council {
            return self.council(common);
        }
        if let (Picture::AskedAgain | Picture::Topics, Some(_)) = (self.picture, &common.set) {
            return Err(refusal(format!("{}: leave --set out", only_for_ofsted(&name(self.picture)))));
        }
        let clock = common.clock;
        let mut question = Question::new(common)?;
        let is_of_all = [Picture::Peers, Picture::BeforeAfter].contains(&self.picture);
        if is_of_all && question.series.is_empty() && !question.is_ofsted() {
            question.series = vec![Asked::All];
        }
        let mut style = Style::default().mode(self.style).width(self.width).words(question.words().clone());
        style.source = self.source.clone();
        let theme = &match question.series.as_slice() {
            [Asked::Judged(series)] => series.clone(),
            [] => question.main_series()?,
            [Asked::All] if is_of_all => SeriesId::default(),
            _ => return Err(refusal("a picture has one theme that is judged; give one --theme")),
        };
        let ratings = question.narrowed()?;
        let as_of = question.as_of;
        let begin = question.first_day()?;
        if as_of < begin {
            let begin = Precision::Day.write(begin);
            return Err(refusal(format!("there is nothing to draw on {as_of}: the data begin on {begin}")));
        }
        if let Some(days) = self.on.windows(2).find(|days| days[0] >= days[1]) {
            return Err(refusal(format!("--on {} does not come after --on {}", days[1], days[0])));
        }
        match self.picture {
            Picture::Trajectory => self.trajectory(&question, theme, clock, style),
            Picture::Comparison => {
                let all = Ribbons::of(&question.ratings()?.series(theme)?, codes(&question)?, style)?;
                refuse_absent(&question, theme, &all)?;
                self.save(&Comparison::new(&all, codes(&question)?)?)
            }
            Picture::Multiples => {
                let codes = with_neighbours(&question)?;
                let all = Ribbons::of(&question.ratings()?.series(theme)?, &codes, style)?;
                refuse_absent(&question, theme, &all)?;
                self.save(&SmallMultiples::new(&all, &codes)?)
            }
            Picture::Ribbons => {
                let body = focus(&question);
                let ratings = if body.is_some() { question.ratings()? } else { ratings };
                let ribbons = Ribbons::collect(&ratings.series(theme)?, body.as_deref(), style)?;
                let ribbons = ribbons.in_columns(self.abreast);
                let ribbons = if self.order == Order::Now { ribbons } else { ribbons.in_order(self.order) };
                match (body, self.nearest) {
                    (Some(body), true) => self.save(&ribbons.by_distance_to(&body)?),
                    (None, true) => {
                        let body = &question.words().body.one;
                        Err(refusal(format!("--nearest needs one {body}: name it with --authority")))
                    }
                    (_, false) => self.save(&ribbons),
                }
            }
            Picture::Distribution => {
                let first = self.from.map_or_else(|| question.first_day(), Ok)?;
                self.save(&Distribution::collect(
                    &ratings.series(theme)?,
                    &Every::MONTH.dates_to(first.min(as_of), as_of),
                    style,
                )?)
            }
            Picture::Flow => {
                let days = if self.on.is_empty() { question.flow_days()?.to_vec() } else { self.on.clone() };
                self.save(&Flow::collect(&ratings.series(theme)?, &days, style)?)
            }
            Picture::Matrix => {
                let options = CohortOptions::default();
                changes_known(&question.ratings()?.series(theme)?)?;
                let series = ratings.series(theme)?;
                let pairs = PairCounts::snapshots(&series, &Study::until(as_of), &Snapshots::default())?;
                let style = style.notes(question.notes()?);
                self.save(&Matrix::new(cohort_matrix(&pairs, &options)?, &series, style)?)
            }
            Picture::Survival => {
                let worst = ratings.scale().labels()[0].clone();
                let start = self.grade.as_ref().map_or(worst, |text| label(&ratings, text));
                let to = self.to.as_ref().map(|text| label(&ratings, text));
                changes_known(&question.ratings()?.series(theme)?)?;
                let (ratings, by) = self.groups.apart(ratings, self.by.as_deref())?;
                let series = ratings.series(theme)?;
                let style = style.notes(question.notes()?);
                let study = Study::until(as_of);
                let chart = Survival::collect(&series, &study, &start, to.as_deref(), by.as_ref(), style)?;
                self.save(&if self.incidence { chart.incidence() } else { chart })
            }
            Picture::AskedAgain => {
                let (code, history) = (question.one()?, question.with_reports()?);
                let asks = history.asks(&question.reports("asked-again", false)?)?;
                self.save(&asks.grid(&question.name(code), style)?)
            }
            Picture::Topics => {
                let by = self.by.as_deref().map_or(Ok(By::Grade), |by| {
                    By::from_str(by, true).map_err(|_| mistake("--by", by, "framework, grade, region or year"))
                })?;
                let history = question.with_reports()?;
                let asks = history.asks(&question.reports("topics", matches!(by, By::Grade))?)?;
                self.save(&asks.dots(Some(by.group(question.one_theme()?)), MOST_TOPICS, &[], style)?)
            }
            Picture::Peers => {
                let code = question.one()?;
                let by: Vec<String> = self.by.iter().flat_map(|by| by.split(',')).map(str::to_owned).collect();
                let ratings = question.grouped(question.all_themes()?, &by)?;
                let series: Vec<SeriesId> = match question.is_ofsted() {
                    _ if names_one(&question) => vec![theme.clone()],
                    true => ofsted::FOLLOWED.map(SeriesId::from).to_vec(),
                    false => {
                        let mut all: Vec<SeriesId> = question.every_series()?.into_iter().map(SeriesId::from).collect();
                        all.sort_by_key(|series| *series != SeriesId::default());
                        all
                    }
                };
                self.save(&PeerStrip::collect(&ratings, code, &question.name(code), series, style)?)
            }
            Picture::Forecast => {
                let code = question.one_existing()?;
                let options = ForecastOptions::default().bootstrap(Bootstrap::default());
                let series = question.forecast_series()?;
                let others: Vec<&str> = series.iter().skip(1).map(|(series, _)| series.as_str()).collect();
                if !others.is_empty() {
                    crate::common::note(format_args!(
                        "note: one of the judgements that are given; with --theme also {}",
                        others.join(", ")
                    ));
                }
                let Some((_, ratings)) = series.first() else {
                    return Err(refusal("no judgement is given on the day; say which with --theme"));
                };
                let made = forecast(ratings, &Study::until(as_of), code, 10, &options)?;
                self.save(&Fan::collect(ratings, made, style)?)
            }
            Picture::TileMap => {
                let days = if self.on.is_empty() { vec![as_of] } else { self.on.clone() };
                let body = focus(&question);
                let ratings = if body.is_some() { question.ratings()? } else { ratings };
                let tiles = match &self.tiles {
                    Some(file) => TileLayout::read(file, &ReadOptions::default())?.value,
                    None if question.is_of_councils() => ofsted::england_tiles()?,
                    None => {
                        let bodies = &question.words().body.many;
                        return Err(refusal(format!(
                            "there is no map of tiles for these {bodies}: --tiles is {TILES}"
                        )));
                    }
                };
                let map = TileMap::collect(&ratings.series(theme)?, &days, &tiles, body.as_deref(), style)?;
                self.save(&if self.names { map.named() } else { map })
            }
            Picture::BeforeAfter => {
                let since =
                    self.since.ok_or_else(|| refusal("--since is missing: the day from which inspections count"))?;
                self.save(&BeforeAfter::collect(
                    &question.narrow(question.all_themes()?)?,
                    self.parts(&question, theme)?,
                    since,
                    style,
                )?)
            }
            Picture::Groups => {
                let days = if self.on.is_empty() {
                    Every::YEAR.dates_to(question.rated_from()?, as_of)
                } else {
                    self.on.clone()
                };
                let by = self.by.as_deref().unwrap_or("region");
                self.save(&GroupShares::collect(&ratings.series(theme)?, &days, by, style)?)
            }
            Picture::Council => Err(refusal("a picture of a council is made from all that is rated of it")),
            Picture::Aligned => {
                let on = match (&self.event, &self.grade) {
                    (Some(kind), None) => Align::Event(question.event_kind(Some(kind))?),
                    (None, Some(grade)) => Align::Grade(label(&ratings, grade)),
                    _ => return Err(refusal("a picture is aligned on one thing: give --event or --grade")),
                };
                self.save(&Aligned::collect(&ratings.series(theme)?, &on, style)?)
            }
        }
    }

    fn council(&self, common: Common) -> Result<(), Error> {
        let asked = crate::council::Asked::new(self.council.as_deref(), "chart council", common)?;
        let mut style = Style::default().mode(self.style).width(self.width);
        style.source = self.source.clone();
        self.save(&asked.lanes(style)?)
    }

    /// The series asked for, or all that are followed but the headline.
    fn parts(&self, question: &Question, theme: &SeriesId) -> Result<Vec<SeriesId>, Error> {
        Ok(match question.is_ofsted() {
            _ if names_one(question) => vec![theme.clone()],
            true => ofsted::PARTS.map(SeriesId::from).to_vec(),
            false => question.every_series()?.into_iter().map(SeriesId::from).collect(),
        })
    }

    fn trajectory(&self, question: &Question, series: &SeriesId, clock: Clock, style: Style) -> Result<(), Error> {
        let body = question.one()?;
        match &question.history {
            Some(history) if question.series.is_empty() && !question.is_filtered() => {
                let with_visits = self.visits.then(|| question.with_reports()).transpose()?;
                let history = with_visits.as_ref().unwrap_or(history);
                let mut story = Story::new(history, &AuthorityCode::new(body)?, clock, question.as_of)?;
                let notices = question.everything.notices(question.as_of).filter(|n| n.body == body);
                story.course.notices = notices.map(|n| n.text.clone()).collect();
                self.save(&story.trajectory(style))
            }
            _ if self.visits => Err(refusal("--visits is for the overall grade of the whole data, not narrowed")),
            _ => {
                let ratings = question.all_themes()?;
                self.save(&Trajectory::collect(&ratings, series, body, style)?)
            }
        }
    }

    /// Refuses flags that this picture has no use for.
    fn refuse_others(&self) -> Result<(), Error> {
        let own: [(&str, bool, &[Picture]); 17] = [
            ("a name", self.council.is_some(), &[Picture::Council]),
            ("--on", !self.on.is_empty(), &[Picture::Flow, Picture::TileMap, Picture::Groups]),
            ("--order", self.order != Order::Now, &[Picture::Ribbons]),
            ("--names", self.names, &[Picture::TileMap]),
            ("--since", self.since.is_some(), &[Picture::BeforeAfter]),
            ("--event", self.event.is_some(), &[Picture::Aligned]),
            ("--from", self.from.is_some(), &[Picture::Distribution]),
            ("--abreast", self.abreast != 1, &[Picture::Ribbons]),
            ("--nearest", self.nearest, &[Picture::Ribbons]),
            ("--grade", self.grade.is_some(), &[Picture::Survival, Picture::Aligned]),
            ("--to", self.to.is_some(), &[Picture::Survival]),
            ("--by", self.by.is_some(), &[Picture::Survival, Picture::Peers, Picture::Groups, Picture::Topics]),
            ("--periods", !self.groups.periods.is_empty(), &[Picture::Survival]),
            ("--scope", self.groups.scope.is_some(), &[Picture::Survival]),
            ("--incidence", self.incidence, &[Picture::Survival]),
            ("--tiles", self.tiles.is_some(), &[Picture::TileMap]),
            ("--visits", self.visits, &[Picture::Trajectory]),
        ];
        for (flag, given, pictures) in own {
            if given && !pictures.contains(&self.picture) {
                let drawn = name(self.picture);
                let owners = pictures.iter().copied().map(name).collect::<Vec<_>>().join(" and ");
                return Err(refusal(format!("{flag} has no use with {drawn}: it is for {owners}")));
            }
        }
        Ok(())
    }

    /// A picture has no format of rows.
    fn refuse_format(&self, common: &Common) -> Result<(), Error> {
        match common.format {
            Format::Table if common.wide => Err(refusal("--wide has no use with chart: it is for tables")),
            Format::Table => Ok(()),
            _ => Err(refusal("--format has no use with chart: the name of the file says it, .svg or .png")),
        }
    }

    fn save(&self, chart: &impl Chart) -> Result<(), Error> {
        chart.save(&self.out)?;
        crate::common::warn_of_boxes(chart, &self.out)?;
        crate::common::note(format_args!("note: {}", chart.title()));
        crate::common::say(format_args!("written {}", self.out.display()))?;
        Ok(())
    }
}

/// What a picture is called.
fn name(picture: Picture) -> String {
    picture.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned())
}

/// Whether one series was asked for.
fn names_one(question: &Question) -> bool {
    matches!(question.series.as_slice(), [Asked::Judged(_)])
}

/// Refuses bodies asked for of whom there is nothing to draw: closed ones, and all where none has a grade.
fn refuse_absent(question: &Question, theme: &SeriesId, all: &Ribbons) -> Result<(), Error> {
    if let Some(closing) = question.closings()?.into_iter().next() {
        return Err(refusal(closing));
    }
    let absent = codes(question)?.iter().filter(|id| all.ribbons.iter().all(|ribbon| ribbon.id != **id));
    let absent: Vec<String> = absent.map(|id| question.name(id)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let (words, day) = (question.words(), Precision::Day.write(question.as_of));
    let (series, bodies) = (words.series(theme.as_str()), &words.body.many);
    Err(refusal(format!(
        "there is no {series} grade of {} up to {day}: name {bodies} that have one",
        absent.join(" or ")
    )))
}

/// The one authority asked for, to be highlighted among all.
fn focus(question: &Question) -> Option<String> {
    let one = question.only.as_deref().filter(|codes| codes.len() == 1);
    one.map(|codes| codes[0].clone())
}

fn codes(question: &Question) -> Result<&[String], Error> {
    let body = &question.words().body.one;
    match question.only.as_deref() {
        Some([]) => Err(refusal(format!(
            "no {body} is left: those named are not among the neighbours or in the region asked for; \
             chart multiples draws one with its neighbours by --authority alone"
        ))),
        Some(codes) => Ok(codes),
        None => Err(refusal(format!("expected one {body} or more: name them with --authority"))),
    }
}

/// The body asked for and its listed peers, as statistical neighbours; several, as they were named.
fn with_neighbours(question: &Question) -> Result<Vec<String>, Error> {
    let mut all = codes(question)?.to_vec();
    if let [code] = codes(question)? {
        all.extend(question.listed_peers(code)?);
    }
    Ok(all)
}

/// Topics in a picture of their shares.
const MOST_TOPICS: usize = 10;

const TILES: &str = "a CSV file with the places of the tiles: code, row, column, label";
