//! A map of equal tiles, one for each body.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::layout::{TileHeading, TileLayout};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::{Palette, Style};
use super::{Chart, Table, better_words, capital, labels_of, meant, notes};
use crate::frame::Notice;
use crate::frame::columns::*;
use crate::frame::expr::{ranks, words};
use crate::trend::columns::*;
use crate::trend::{Status, in_order};
use crate::{Error, Precision, Series, Words};

/// Side of a tile that holds its letters, and of one in a strip of maps: least and usual.
const LETTERED: (i32, i32) = (36, 42);
const SMALL_TILE: (i32, i32) = (6, 14);
/// Most maps in a row, and the space between two.
const ABREAST: i32 = 5;
const GAP: i32 = 28;
/// A narrower page has no room for its title.
const LEAST_WIDTH: i32 = 520;

/// How a body stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatingState {
    /// At the grade of this rank, 0 for the worst.
    Rated(usize),
    /// Its latest inspection no longer gave this judgement.
    NotReported,
    /// It has not been judged yet.
    NotRated,
    /// There was no such body, nor one that stood for all of it.
    Absent,
}

impl RatingState {
    /// The state in words: the grade, or why there is none; nothing where there is no body.
    pub(super) fn called(self, words: &Words, grade: impl FnOnce(usize) -> String) -> String {
        match self {
            RatingState::Rated(rank) => grade(rank),
            RatingState::NotReported => words.grade(Status::NotReported.code()),
            RatingState::NotRated => words.grade(Status::NotRated.code()),
            RatingState::Absent => String::new(),
        }
    }
}

/// A body's place on the map, and how it stands on each day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Tile {
    /// Its id.
    pub authority: String,
    /// A few letters, as "SLO".
    pub letters: String,
    /// Its name, or its id.
    pub name: String,
    /// Its region; empty when the ratings do not tell.
    pub region: String,
    /// Column from the left.
    pub column: i32,
    /// Row from the top.
    pub row: i32,
    /// How it stands, day by day.
    pub standings: Vec<RatingState>,
}

/// A map on which each body is one tile near its true place, so that a small one counts as much as a large one; for several
/// days a strip of small maps. Before a body was opened its tile shows the one that stood for all of it, where the
/// [`TileLayout`] names one.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Style, TileMap};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let day = ["2026-03-31".parse().unwrap()];
/// let tiles = rating_history::ofsted::england_tiles()?;
/// let map = TileMap::collect(&headline, &day, &tiles, Some("Slough"), Style::default())?;
/// assert_eq!(map.tiles.len(), 153);
/// assert!(map.title().starts_with("Overall grade good or outstanding: "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct TileMap {
    /// The days, in order.
    pub dates: Vec<NaiveDate>,
    /// The tiles, row by row from the top.
    pub tiles: Vec<Tile>,
    /// The names of parts.
    pub headings: Vec<TileHeading>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The rank at which the better part of them begins.
    pub better_from: usize,
    /// How many bodies stand in the better part of the scale, and how many have a grade: day by day, of all.
    pub all: Vec<(usize, usize)>,
    /// The same of each region, by its name; empty where regions are not known.
    pub regions: BTreeMap<String, Vec<(usize, usize)>>,
    /// Names of bodies that are rated on one of the days and have no tile.
    pub without_tile: Vec<String>,
    /// What is graded, as "overall".
    pub what: String,
    /// Id of the one highlighted.
    pub highlight: Option<String>,
    /// Whether a list below the map says which name each tile's letters stand for.
    pub names: bool,
    /// What has to be said of bodies on the map.
    pub notices: Vec<Notice>,
    /// How it is drawn.
    pub style: Style,
}

impl TileMap {
    /// The map of the grades of a series on one day or more.
    ///
    /// # Errors
    /// [`Error::Value`] without a day; [`Error::Chart`] when no body has a tile.
    pub fn collect(
        series: &Series,
        dates: &[NaiveDate],
        layout: &TileLayout,
        highlight: Option<&str>,
        style: Style,
    ) -> Result<Self, Error> {
        let dates = in_order(dates);
        series.tell_of(dates.iter().copied())?;
        if dates.is_empty() {
            return Err(Error::value("dates", 0, "at least one day"));
        }
        let style = style.telling(series);
        let known = match series.authorities() {
            Some(table) => table.select([col(AUTHORITY), col(NAME), col(REGION)]).collect()?,
            None => DataFrame::empty(),
        };
        let known = match known.height() {
            0 => HashMap::new(),
            _ => {
                let text = |name: &str| Ok::<_, Error>(known.column(name)?.str()?.iter());
                let rows = text(AUTHORITY)?.zip(text(NAME)?).zip(text(REGION)?);
                let own = |t: Option<&str>| t.unwrap_or_default().to_owned();
                rows.map(|((code, name), region)| (own(code), (own(name), own(region)))).collect()
            }
        };
        let standings = dates.iter().map(|date| standings(series, *date)).collect::<Result<Vec<_>, Error>>()?;
        let mut shown = BTreeSet::new();
        let mut tiles = Vec::new();
        for place in layout.places() {
            let (code, before) = (place.code.as_str(), place.before.as_deref());
            let (name, region) = known.get(code).cloned().unwrap_or_default();
            let on = |day: &HashMap<String, RatingState>| {
                let own = day.get(code).or_else(|| day.get(before?));
                own.copied().unwrap_or(RatingState::Absent)
            };
            tiles.push(Tile {
                authority: code.to_owned(),
                letters: place.label.clone(),
                name: if name.is_empty() { code.to_owned() } else { name },
                region,
                column: place.column as i32,
                row: place.row as i32,
                standings: standings.iter().map(on).collect(),
            });
            shown.extend([Some(code), before].into_iter().flatten());
        }
        let places = tiles.iter().map(|t| (t.authority.as_str(), t.name.as_str()));
        let highlight = highlight.map(|body| meant(body, &style.said().body.one, places)).transpose()?;
        let highlight = highlight.map(|place| tiles[place].authority.clone());
        if tiles.iter().flat_map(|t| &t.standings).all(|s| *s == RatingState::Absent) {
            let body = &style.said().body.one;
            return Err(Error::Chart(format!("no {body} of the map is rated; the layout knows other ids")));
        }
        let rated = standings.iter().flatten().filter(|(_, s)| !matches!(s, RatingState::NotRated));
        let without: BTreeSet<String> = rated
            .filter(|(code, _)| !shown.contains(code.as_str()))
            .map(|(code, _)| known.get(code).map_or(code, |(name, _)| name).clone())
            .collect();
        let better_from = style.said().better_rank(series.scale().labels());
        let count = |keep: &dyn Fn(&str) -> bool| -> Vec<(usize, usize)> {
            let of_day = |day: &HashMap<String, RatingState>| {
                let kept = day.iter().filter(|(code, _)| keep(code)).filter_map(|(_, standing)| match standing {
                    RatingState::Rated(rank) => Some(*rank),
                    _ => None,
                });
                kept.fold((0, 0), |(better, all), rank| (better + usize::from(rank >= better_from), all + 1))
            };
            standings.iter().map(of_day).collect()
        };
        let names: BTreeSet<&str> = known.values().map(|(_, r)| r.as_str()).filter(|r| !r.is_empty()).collect();
        let region_of = |code: &str| known.get(code).map_or("", |(_, region)| region.as_str());
        let regions = names.iter().map(|name| ((*name).to_owned(), count(&|code| region_of(code) == *name))).collect();
        let all = count(&|_| true);
        let last = dates[dates.len() - 1];
        let said = series.notices(last).filter(|n| tiles.iter().any(|t| t.authority == n.body)).cloned();
        Ok(TileMap {
            notices: said.collect(),
            dates,
            tiles,
            headings: layout.headings().to_vec(),
            better_from,
            all,
            regions,
            labels: labels_of(series, &style),
            without_tile: without.into_iter().collect(),
            what: style.said().series(series.id().as_str()),
            highlight,
            names: false,
            style,
        })
    }

    /// The same map with a list below it of which name each tile's letters stand for, where it is of one day and has room for
    /// letters.
    #[must_use]
    pub fn named(mut self) -> Self {
        self.names = true;
        self
    }

    /// The letters of each tile with its name, by letters.
    fn listed(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tiles.iter().map(|t| format!("{} {}", t.letters, t.name)).collect();
        names.sort();
        names
    }

    fn columns(&self) -> i32 {
        self.tiles.iter().map(|t| t.column + 1).max().unwrap_or(1)
    }

    fn rows(&self) -> i32 {
        self.tiles.iter().map(|t| t.row + 1).max().unwrap_or(1)
    }

    /// How far the name of a part reaches beyond the tiles at their usual size.
    fn beyond(&self, heading: &TileHeading) -> i32 {
        let wide = SMALL.width(&heading.text) + 8;
        let free = (f64::from(self.columns()) - heading.column).max(0.0) * f64::from(LETTERED.0);
        if heading.to_the_left { 0 } else { (wide - free as i32).max(0) }
    }

    fn has(&self, standing: RatingState) -> bool {
        self.tiles.iter().any(|t| t.standings.contains(&standing))
    }

    /// The tile that is highlighted.
    fn framed(&self) -> Option<&Tile> {
        self.tiles.iter().find(|t| self.highlight.as_ref() == Some(&t.authority))
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.dates[0]);
        let what = capital(&self.what);
        let framed = self.framed().map(|tile| format!(". Framed: {}", tile.name)).unwrap_or_default();
        let tiles = "one tile each, near its place on the map";
        let body = &self.style.said().body.one;
        if self.dates.len() == 1 {
            return format!("{what} grade of each {body} on {day}, {tiles}{framed}");
        }
        let better = better_words(&self.labels, self.better_from);
        format!("{what} grade of each {body}, {tiles}. Numbers: {better}, of those with a grade{framed}")
    }

    fn caption(&self) -> String {
        let mut said = vec![format!("{}.", self.style.origin())];
        if self.has(RatingState::NotReported) {
            said.push(format!("Hatched: {}.", self.style.said().hatch));
        }
        if self.has(RatingState::NotRated) {
            said.push(format!("Blank: {}.", self.style.said().blank));
        }
        if self.has(RatingState::Absent) {
            said.push(format!("Dots: no such {} then.", self.style.said().body.one));
        }
        if self.dates.len() == 1 && (self.has(RatingState::NotReported) || self.has(RatingState::NotRated)) {
            said.push("Numbers: of those with a grade.".to_owned());
        }
        if !self.without_tile.is_empty() {
            said.push(format!("Not on the map: {}.", self.without_tile.join(", ")));
        }
        said.extend(notes(self.notices.iter().map(|n| (n.name.as_str(), n.text.as_str()))));
        said.join(" ")
    }

    fn layout(&self) -> Result<Layout, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let (columns, rows_of_tiles) = (self.columns(), self.rows());
        let maps = self.dates.len() as i32;
        let single = maps == 1;
        // The names of regions reach this far beyond the tiles.
        let beyond = if single { self.headings.iter().map(|h| self.beyond(h)).max().unwrap_or(0) } else { 0 };
        let (least, usual) = if single { LETTERED } else { SMALL_TILE };
        let header = self.dates.iter().map(|d| STRONG.width(&Precision::Day.write(*d))).max().unwrap_or(0);
        let panel = |side: i32| (columns * side + beyond).max(if single { 0 } else { header });
        let abreast = maps.min(ABREAST);
        let least = 2 * MARGIN + panel(least);
        let wanted = (2 * MARGIN + abreast * (panel(usual) + GAP) - GAP).max(LEAST_WIDTH);
        let page = Page::new(&self.style, (least, wanted), (&texts.0, &texts.1, &texts.2))?;
        let room = page.room();
        // A narrow map has small tiles, without letters and without the names of parts beside them.
        let beyond = if page.narrow { 0 } else { beyond };
        let abreast = abreast.min((room + GAP) / (panel(SMALL_TILE.0) + GAP)).max(1);
        let side = ((room + GAP) / abreast - GAP - beyond) / columns;
        let most = if single && !page.narrow { 2 * usual } else { LETTERED.0 - 1 };
        let side = side.min(most).max(1);
        let others = [
            (RatingState::NotReported, Swatch::Hatch, self.style.said().grade("not_reported")),
            (RatingState::NotRated, Swatch::Blank, self.style.said().grade("not_rated")),
            (RatingState::Absent, Swatch::Dot, format!("no such {} then", self.style.said().body.one)),
        ];
        let others =
            others.into_iter().filter(|(state, _, _)| self.has(*state)).map(|(_, swatch, text)| (swatch, text));
        let key = Key::new(Key::of(&self.labels).into_iter().chain(others).collect(), &page);
        let top = page.top() + key.height() + 4;
        let head = if single { 0 } else { 2 * STRONG.line_height() };
        let rows = (maps + abreast - 1) / abreast;
        let listed = if self.names && single && side >= LETTERED.0 { self.listed() } else { Vec::new() };
        let widest = listed.iter().map(|name| SMALL.width(name)).max().unwrap_or(0) + 16;
        let list = NameList { columns: (room / widest).max(1), wide: widest, names: listed };
        let high = head + rows_of_tiles * side + if single { 0 } else { 14 };
        Ok(Layout {
            wide: (room + GAP) / abreast,
            page,
            key,
            abreast,
            side,
            top,
            head,
            high,
            bottom: top + rows * high + list.height(),
            list,
        })
    }

    fn draw_tile(&self, canvas: &Canvas, tile: &Tile, day: usize, (x, y): (i32, i32), side: i32) {
        let palette = &canvas.palette;
        let gap = if side >= 12 { 1 } else { 0 };
        let (from, to) = ((x + gap, y + gap), (x + side - 1, y + side - 1));
        let middle = (x + side / 2, y + side / 2);
        let lettered = side >= LETTERED.0;
        match tile.standings[day] {
            RatingState::Rated(rank) => {
                let colour = palette.grade(rank);
                canvas.rect(from, to, colour);
                if lettered {
                    canvas.text(&tile.letters, SMALL, Palette::text_on(colour), HPos::Center, middle);
                }
                return;
            }
            RatingState::NotReported if lettered => canvas.hatch(from, to, palette.quiet),
            // Too small for a hatch that can be told from a fill.
            RatingState::NotReported => {
                canvas.frame(from, to, palette.quiet);
                canvas.line((from.0, to.1), (to.0, from.1), palette.quiet, 1);
            }
            RatingState::NotRated => canvas.frame(from, to, palette.rule),
            RatingState::Absent => {
                let half = (side / 10).max(1);
                let (from, to) = ((middle.0 - half, middle.1 - half), (middle.0 + half, middle.1 + half));
                return canvas.rect(from, to, palette.rule);
            }
        }
        if lettered {
            canvas.text_on_paper(&tile.letters, SMALL, middle);
        }
    }

    /// Lines between tiles of different regions.
    fn draw_borders(&self, canvas: &Canvas, (left, top): (i32, i32), side: i32) {
        let places: HashMap<(i32, i32), &str> =
            self.tiles.iter().map(|t| ((t.column, t.row), t.region.as_str())).collect();
        let mut borders = Vec::new();
        for tile in &self.tiles {
            let (x, y) = (left + tile.column * side, top + tile.row * side);
            let other = |column, row| places.get(&(column, row)).is_some_and(|region| *region != tile.region);
            if other(tile.column + 1, tile.row) {
                borders.push(((x + side, y), (x + side, y + side)));
            }
            if other(tile.column, tile.row + 1) {
                borders.push(((x, y + side), (x + side, y + side)));
            }
        }
        let wide = if side >= LETTERED.0 { 2 } else { 1 };
        let under = borders.iter().map(|border| (border, canvas.palette.paper, wide + 4));
        let over = borders.iter().map(|border| (border, canvas.palette.ink, wide));
        under.chain(over).for_each(|((from, to), colour, wide)| canvas.line(*from, *to, colour, wide));
    }
}

/// How every body open on a day stands, by its id.
fn standings(series: &Series, date: NaiveDate) -> Result<HashMap<String, RatingState>, Error> {
    let frame = series.clone().as_of(date).standing().collect()?;
    let (ranks, status) = (ranks(&frame, GRADE)?, words(&frame, STATUS)?);
    let rows = frame.column(AUTHORITY)?.str()?.iter().zip(status.iter()).enumerate();
    let standing = |(row, (code, status)): (usize, (Option<&str>, Option<&str>))| {
        let standing = match ranks.get(row) {
            Some(rank) => RatingState::Rated(rank as usize),
            None if status == Some(Status::NotReported.code()) => RatingState::NotReported,
            None => RatingState::NotRated,
        };
        Some((code?.to_owned(), standing))
    };
    Ok(rows.filter_map(standing).collect())
}

struct Layout {
    page: Page,
    key: Key,
    abreast: i32,
    /// Side of a tile.
    side: i32,
    top: i32,
    /// Height of the lines over a map, and of a map with them.
    head: i32,
    high: i32,
    /// From one map to the next.
    wide: i32,
    list: NameList,
    bottom: i32,
}

/// Names below a map, in columns.
struct NameList {
    names: Vec<String>,
    columns: i32,
    /// Width of a column.
    wide: i32,
}

impl NameList {
    fn rows(&self) -> i32 {
        (self.names.len() as i32 + self.columns - 1) / self.columns
    }

    fn height(&self) -> i32 {
        if self.names.is_empty() { 0 } else { self.rows() * SMALL.line_height() + 18 }
    }

    fn draw(&self, canvas: &Canvas, (left, bottom): (i32, i32)) {
        let top = bottom - self.rows() * SMALL.line_height();
        for (n, name) in (0..).zip(&self.names) {
            let at = (left + n / self.rows() * self.wide, top + n % self.rows() * SMALL.line_height());
            canvas.text(name, SMALL, canvas.palette.ink, HPos::Left, (at.0, at.1 + SMALL.line_height() / 2));
        }
    }
}

impl Chart for TileMap {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let better = format!("{} grade {}", capital(&self.what), better_words(&self.labels, self.better_from));
        let last = self.dates.len() - 1;
        if last > 0 {
            let on = |day: usize| {
                let (better, all) = self.all[day];
                format!("{better} of {all} in {}", Precision::Month.write(self.dates[day]))
            };
            return format!("{better}: {}, {}", on(0), on(last));
        }
        let mut shares: Vec<(&str, (usize, usize))> =
            self.regions.iter().map(|(name, counts)| (name.as_str(), counts[0])).collect();
        shares.retain(|(_, (_, all))| *all > 0);
        shares.sort_by(|(_, a), (_, b)| (b.0 * a.1).cmp(&(a.0 * b.1)));
        match shares.as_slice() {
            [(most, a), .., (least, b)] if a.0 * b.1 != b.0 * a.1 => {
                format!("{better}: {most} {} of {}, {least} {} of {}", a.0, a.1, b.0, b.1)
            }
            _ => {
                let (good, all) = self.all[0];
                format!("{better}: {good} of {}", self.style.said().body.count(all))
            }
        }
    }

    fn alt_text(&self) -> String {
        let better = better_words(&self.labels, self.better_from);
        let days = self.dates.iter().enumerate().map(|(n, date)| {
            let regions = self.regions.iter().map(|(name, counts)| {
                let (better, all) = counts[n];
                format!("{name} {better} of {all}")
            });
            let all = self.all[n];
            let parts = [format!("all {} of {}", all.0, all.1)].into_iter().chain(regions).collect::<Vec<_>>();
            format!("{better} on {}: {}", Precision::Day.write(*date), parts.join(", "))
        });
        let words = self.style.said();
        let place = words.place.as_ref().map(|place| format!(" of {place}")).unwrap_or_default();
        format!(
            "Map{place}, an equal tile for each {}, coloured by grade. {}. {}.",
            words.body.one,
            self.title(),
            days.collect::<Vec<_>>().join(". ")
        )
    }

    fn table(&self) -> Table {
        let columns = [self.style.said().body.one.as_str(), "region", "day", "grade", "letters"];
        let rows = self.tiles.iter().flat_map(|tile| {
            self.dates.iter().zip(&tile.standings).map(|(date, standing)| {
                let grade = standing.called(self.style.said(), |rank| self.labels[rank].clone());
                let letters = tile.letters.clone();
                vec![tile.name.clone(), tile.region.clone(), date.to_string(), grade, letters]
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        let palette = &canvas.palette;
        at.key.draw(&canvas, &self.style, at.page.top());
        for (day, date) in self.dates.iter().enumerate() {
            let (across, down) = (day as i32 % at.abreast, day as i32 / at.abreast);
            let (left, top) = (at.page.margin + across * at.wide, at.top + down * at.high);
            if at.head > 0 {
                let line = STRONG.line_height();
                canvas.text(&Precision::Day.write(*date), STRONG, palette.ink, HPos::Left, (left, top + line / 2));
                let (better, all) = self.all[day];
                let share = format!("{better} of {all}");
                canvas.text(&share, BODY, palette.quiet, HPos::Left, (left, top + line + line / 2));
            }
            let (left, top) = (left, top + at.head);
            let place = |tile: &Tile| (left + tile.column * at.side, top + tile.row * at.side);
            for tile in &self.tiles {
                self.draw_tile(&canvas, tile, day, place(tile), at.side);
            }
            self.draw_borders(&canvas, (left, top), at.side);
            if let Some((x, y)) = self.framed().map(place) {
                for (out, colour) in [(0, palette.paper), (1, palette.ink), (2, palette.ink), (3, palette.paper)] {
                    canvas.frame((x - out, y - out), (x + at.side + out, y + at.side + out), colour);
                }
            }
            if at.head == 0 && !at.page.narrow && self.tiles.iter().any(|t| !t.region.is_empty()) {
                for heading in &self.headings {
                    let x = left + (heading.column * f64::from(at.side)).round() as i32;
                    let y = top + heading.row as i32 * at.side + at.side / 2;
                    let side = if heading.to_the_left { HPos::Right } else { HPos::Left };
                    canvas.text(&heading.text, SMALL, palette.quiet, side, (x, y));
                }
            }
        }
        at.list.draw(&canvas, (at.page.margin, at.bottom));
        Ok(canvas.finish())
    }
}
