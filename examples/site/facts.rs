//! What all pages are made of: every query is asked once, for all bodies.

use std::collections::{BTreeMap, HashMap, HashSet};

use rating_history::chart::{Ribbons, Style, TileLayout};
use rating_history::chrono::{Datelike, NaiveDate};
use rating_history::estimate::{self, Backtest, BacktestOptions, Forecast, ForecastOptions, Study, backtest};
use rating_history::frame::columns;
use rating_history::ofsted::{self, AuthorityCode, RatingHistory, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::{Every, Judgement, Standing, Status, Timeline};
use rating_history::{Error, Precision, Ratings, Series, SeriesId, Words};

use crate::council::Councils;
use crate::others::Others;
use crate::source::Read;

/// Years forecast.
const YEARS: u32 = 10;

/// One body that has a page.
pub struct Body {
    pub id: String,
    pub name: String,
    pub region: Option<String>,
    /// Stem of the names of its files.
    pub stem: String,
    pub opened: Option<NaiveDate>,
    pub closed: Option<NaiveDate>,
    pub predecessors: Vec<String>,
    pub successors: Vec<String>,
}

/// By series and body.
type Forecasts = HashMap<(String, String), Forecast>;

pub struct Facts {
    pub history: Option<RatingHistory>,
    /// Every series, as of the day.
    pub ratings: Ratings,
    /// The series that pages are about.
    pub main: Series,
    pub as_of: NaiveDate,
    pub style: Style,
    pub tiles: Option<TileLayout>,
    pub is_embedded: bool,
    pub bodies: Vec<Body>,
    places: HashMap<String, usize>,
    /// The main series of all.
    pub all: Ribbons,
    pub lines: BTreeMap<String, Timeline>,
    standing: HashMap<String, Vec<Standing>>,
    judged: HashMap<String, Vec<Judgement>>,
    /// Listed peers, most alike first.
    peers: HashMap<String, Vec<String>>,
    pub study: Study,
    /// By series and body.
    forecasts: Forecasts,
    /// Why there is no forecast of a series.
    pub unforeseen: Option<String>,
    pub worth: Option<Backtest>,
    pub councils: Option<Councils>,
    pub others: Option<Others>,
}

impl Facts {
    pub fn gather(read: Read, series: Option<&str>, day: Option<NaiveDate>) -> Result<Self, Error> {
        let Read { history, ratings, tiles, is_embedded } = read;
        let as_of = day.unwrap_or(ratings.cut_off());
        let ratings = ratings.as_of(as_of);
        let main = main_series(&ratings, series)?;
        let style = Style::of(&ratings);
        crate::progress("the bodies and how they stand");
        let bodies = bodies(history.as_ref(), &ratings)?;
        let places = bodies.iter().enumerate().map(|(n, body)| (body.id.clone(), n)).collect();
        let standing = by_body(ratings.standing().rows()?, |s| &s.authority);
        let judged = by_body(ratings.judgements().rows()?, |j| &j.authority);
        let peers = listed(&ratings)?;
        let all = Ribbons::collect(&main, None, style.clone())?;
        let lines = Timeline::collect(&main)?;
        let study = Study::until(as_of);
        let given: Vec<SeriesId> = match &history {
            None => vec![main.id().clone()],
            Some(_) if Theme::Headline.given_on(as_of) => vec![Theme::Headline.into()],
            Some(_) => ofsted::PARTS.map(SeriesId::from).into(),
        };
        crate::progress("forecasts, and what they have been worth");
        let (forecasts, unforeseen) = forecasts(&ratings, &given, &study)?;
        let worth = worth(&main, &study, as_of)?;
        let councils = history.as_ref().map(|history| Councils::gather(history, &ratings, is_embedded));
        let councils = councils.transpose()?;
        let others = history.is_some().then(|| Others::gather(&ratings)).transpose()?;
        Ok(Facts {
            history,
            ratings,
            main,
            as_of,
            style,
            tiles,
            is_embedded,
            bodies,
            places,
            all,
            lines,
            standing,
            judged,
            peers,
            study,
            forecasts,
            unforeseen,
            worth,
            councils,
            others,
        })
    }

    pub fn words(&self) -> &Words {
        self.ratings.words()
    }

    pub fn body(&self, id: &str) -> Option<&Body> {
        self.places.get(id).map(|place| &self.bodies[*place])
    }

    /// A link to a body's page.
    pub fn cell(&self, id: &str) -> crate::html::Cell {
        match self.body(id) {
            Some(body) => crate::html::Cell::link(body.name.clone(), format!("{}.html", body.stem)),
            None => id.into(),
        }
    }

    /// How a body stands in a series, if it exists and was judged in it.
    pub fn stands(&self, id: &str, series: &str) -> Option<&Standing> {
        self.standing_of(id).iter().find(|s| s.theme.as_str() == series)
    }

    pub fn standing_of(&self, id: &str) -> &[Standing] {
        self.standing.get(id).map_or(&[], Vec::as_slice)
    }

    pub fn judged(&self, id: &str) -> &[Judgement] {
        self.judged.get(id).map_or(&[], Vec::as_slice)
    }

    pub fn peers(&self, id: &str) -> &[String] {
        self.peers.get(id).map_or(&[], Vec::as_slice)
    }

    /// The series that are followed on pages, the main one first.
    pub fn followed(&self) -> Result<Vec<SeriesId>, Error> {
        if self.history.is_some() {
            return Ok(ofsted::FOLLOWED.map(SeriesId::from).into());
        }
        let others = self.ratings.series_ids()?.into_iter().filter(|id| id != self.main.id());
        Ok(std::iter::once(self.main.id().clone()).chain(others).take(6).collect())
    }

    /// The forecasts of a body, of the series that are given.
    pub fn forecasts(&self, id: &str) -> Vec<Forecast> {
        let own = |standing: &Standing| {
            let key = (standing.theme.as_str().to_owned(), id.to_owned());
            self.forecasts.get(&key).cloned()
        };
        self.standing_of(id).iter().filter_map(own).collect()
    }

    /// A grade as readers know it.
    pub fn grade(&self, label: &str) -> String {
        crate::common::capital(&self.words().grade(label))
    }

    /// How somebody stands, in a word.
    pub fn state(&self, standing: Option<&Standing>) -> String {
        match standing {
            Some(Standing { grade: Some(grade), .. }) => self.grade(grade),
            Some(Standing { status: Status::NotReported, .. }) => "No longer given".to_owned(),
            _ => String::new(),
        }
    }

    pub fn day(&self) -> String {
        Precision::Day.write(self.as_of)
    }
}

fn by_body<T>(rows: Vec<T>, of: impl Fn(&T) -> &String) -> HashMap<String, Vec<T>> {
    let mut found: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        found.entry(of(&row).clone()).or_default().push(row);
    }
    found
}

fn main_series(ratings: &Ratings, asked: Option<&str>) -> Result<Series, Error> {
    let known = ratings.series_ids()?;
    match (asked, known.as_slice()) {
        (Some(asked), _) => ratings.series(asked),
        (None, [only]) => ratings.series(only.clone()),
        (None, _) if known.iter().any(|id| id.as_str() == SeriesId::MAIN) => ratings.series(SeriesId::default()),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(SeriesId::as_str).collect();
            Err(Error::Asked(format!("say which series the pages are about with --series: {}", names.join(", "))))
        }
    }
}

/// The texts and days of some columns of a table.
fn texts(table: &DataFrame, name: &str) -> Result<Vec<Option<String>>, Error> {
    let text = table.column(name)?.cast(&DataType::String)?;
    Ok(text.str()?.iter().map(|t| t.map(str::to_owned)).collect())
}

fn dates(table: &DataFrame, name: &str) -> Result<Vec<Option<NaiveDate>>, Error> {
    let days = table.column(name)?.date()?.clone();
    Ok((0..table.height()).map(|row| days.phys.get(row).and_then(NaiveDate::from_epoch_days)).collect())
}

fn bodies(history: Option<&RatingHistory>, ratings: &Ratings) -> Result<Vec<Body>, Error> {
    let mut followed: HashMap<String, Vec<String>> = HashMap::new();
    let mut bodies: Vec<Body> = Vec::new();
    if let Some(history) = history {
        let texts = |codes: &[AuthorityCode]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        for a in history.authorities() {
            followed.insert(a.code.to_string(), texts(&a.successors));
            bodies.push(body(
                a.code.to_string(),
                Some(a.name.clone()),
                Some(a.region.label().to_owned()),
                a.opened,
                a.closed,
            ));
        }
    } else if let Some(register) = ratings.authorities() {
        let wanted = [columns::AUTHORITY, columns::NAME, columns::REGION, columns::OPENED, columns::CLOSED];
        let table = register.select(wanted.map(col)).collect()?;
        let named = texts(&table, columns::NAME)?.into_iter().zip(texts(&table, columns::REGION)?);
        let lives = dates(&table, columns::OPENED)?.into_iter().zip(dates(&table, columns::CLOSED)?);
        let rows = texts(&table, columns::AUTHORITY)?.into_iter().zip(named).zip(lives);
        bodies.extend(
            rows.filter_map(|((id, (name, region)), (opened, closed))| Some(body(id?, name, region, opened, closed))),
        );
        if let Some(table) = ratings.successors() {
            let table = table.collect()?;
            let pairs = texts(&table, columns::AUTHORITY)?.into_iter().zip(texts(&table, columns::SUCCESSOR)?);
            pairs
                .filter_map(|(from, to)| Some((from?, to?)))
                .for_each(|(from, to)| followed.entry(from).or_default().push(to));
        }
    } else {
        let names = ratings.standing().rows()?;
        bodies.extend(
            names
                .into_iter()
                .map(|s| (s.authority, s.name))
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .map(|(id, name)| body(id, name, None, None, None)),
        );
    }
    bodies.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    let mut taken = HashSet::from(["index".to_owned()]);
    for body in &mut bodies {
        body.stem = stem(&body.name, &body.id, &mut taken);
        body.successors = followed.get(&body.id).cloned().unwrap_or_default();
        body.predecessors =
            followed.iter().filter(|(_, to)| to.contains(&body.id)).map(|(from, _)| from.clone()).collect();
        body.predecessors.sort();
    }
    Ok(bodies)
}

fn body(
    id: String,
    name: Option<String>,
    region: Option<String>,
    opened: Option<NaiveDate>,
    closed: Option<NaiveDate>,
) -> Body {
    let name = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| id.clone());
    Body { id, name, region, stem: String::new(), opened, closed, predecessors: Vec::new(), successors: Vec::new() }
}

/// A name of files that nobody else has: letters and digits of the name joined by hyphens, with those of the id or a number
/// where another has it already.
fn stem(name: &str, id: &str, taken: &mut HashSet<String>) -> String {
    let words = |text: &str| {
        let plain = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase);
        let joined = plain.collect::<Vec<_>>().join("-");
        joined.chars().take(80).collect::<String>()
    };
    let first = Some(words(name)).filter(|w| !w.is_empty()).unwrap_or_else(|| "page".to_owned());
    let with_id = format!("{first}-{}", words(id));
    let numbered = (2u32..).map(|n| format!("{first}-{n}"));
    let found = [first.clone(), with_id].into_iter().chain(numbered).find(|stem| !taken.contains(stem));
    let stem = found.unwrap_or(first);
    taken.insert(stem.clone());
    stem
}

fn listed(ratings: &Ratings) -> Result<HashMap<String, Vec<String>>, Error> {
    let groups = ratings.peer_groups()?;
    let Some(list) = groups.iter().find_map(|group| groups.list(group.name())) else { return Ok(HashMap::new()) };
    let list = list.sort([columns::AUTHORITY, columns::PLACE], SortMultipleOptions::default()).collect()?;
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    let pairs = texts(&list, columns::AUTHORITY)?.into_iter().zip(texts(&list, columns::NEIGHBOUR)?);
    pairs
        .filter_map(|(own, peer)| Some((own?, peer?)))
        .for_each(|(own, peer)| found.entry(own).or_default().push(peer));
    Ok(found)
}

/// The forecasts of each series and body, and why there are none of a series whose data tell of no change.
fn forecasts(ratings: &Ratings, given: &[SeriesId], study: &Study) -> Result<(Forecasts, Option<String>), Error> {
    let (mut all, mut unforeseen) = (HashMap::new(), None);
    for id in given {
        let series = ratings.series(id.clone())?;
        match estimate::forecasts(&series, study, YEARS, &ForecastOptions::default()) {
            Ok(made) => {
                all.extend(made.into_iter().map(|made| ((id.as_str().to_owned(), made.authority.clone()), made)))
            }
            Err(Error::Asked(why)) => _ = unforeseen.get_or_insert(why),
            Err(error) => return Err(error),
        }
    }
    Ok((all, unforeseen))
}

/// What forecasts of the main series would have been worth, made at the end of every year since 2014; nothing where there are
/// too few years of data.
fn worth(main: &Series, study: &Study, as_of: NaiveDate) -> Result<Option<Backtest>, Error> {
    let first = NaiveDate::from_ymd_opt(2014, 12, 31).filter(|day| day.year() + 6 <= as_of.year());
    let Some(first) = first else { return Ok(None) };
    let labels = main.scale().labels();
    let threshold = labels[main.words().better_rank(labels).min(labels.len() - 1)].clone();
    let options = BacktestOptions::new(Every::YEAR.dates(first, as_of), vec![1, 3, 5], threshold);
    // Data that tell too little to test a forecast have none to print.
    Ok(backtest(main, study, &options).ok())
}
