//! Many small trajectories on one scale, and several in one picture.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;

use super::axis::{TimeAxis, spread};
use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::ribbons::{Ribbon, Ribbons};
use super::style::Style;
use super::{Chart, SPELLS, Table, capital, listed, meant, notes, spell_grade, spell_rows};
use crate::{Error, Precision};

/// Space between panels, and the least height of a grade's row in one.
const GAP: i32 = 22;
const STEP: i32 = 17;

/// The span of days of some ribbons: from the year of the first to the last day.
fn span(ribbons: &[Ribbon], as_of: NaiveDate) -> (NaiveDate, NaiveDate) {
    let begin = ribbons.iter().filter_map(|r| r.timeline.spells.first().map(|s| s.start)).min().unwrap_or(as_of);
    let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
    (first, as_of.max(first + chrono::Days::new(30)))
}

/// The grade on a day, if there is one.
fn grade_on(ribbon: &Ribbon, day: NaiveDate) -> Option<usize> {
    ribbon.timeline.spells.iter().rev().find(|s| s.start <= day && s.end >= day).and_then(|s| s.rank)
}

/// One small trajectory for each body, all on one scale, the focus first.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Ribbons, SmallMultiples, Style};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let ratings = england.ratings()?;
/// let all = Ribbons::collect(&ratings.series(Theme::Headline)?, None, Style::default())?;
/// let chart = SmallMultiples::new(&all, &["Slough", "Hounslow", "Hillingdon", "Luton"])?;
/// assert_eq!(chart.title(), "Slough: 3 of 3 others stand higher in overall grade"); // good and outstanding
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct SmallMultiples {
    /// The trajectories, the focus first.
    pub ribbons: Vec<Ribbon>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// Last day shown.
    pub as_of: NaiveDate,
    /// What is graded, as "overall".
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

impl SmallMultiples {
    /// The trajectories of these bodies, in this order: each by its id, or by a name that no other has.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] for one that is not among the trajectories, [`Error::Value`] for a name of several.
    pub fn new(all: &Ribbons, bodies: &[impl AsRef<str>]) -> Result<Self, Error> {
        let noun = &all.style.said().body.one;
        let shown = all.ribbons.iter().map(|r| (r.id.as_str(), r.name.as_str()));
        let find = |body: &str| meant(body, noun, shown.clone()).map(|place| all.ribbons[place].clone());
        Ok(SmallMultiples {
            ribbons: bodies.iter().map(|body| find(body.as_ref())).collect::<Result<_, _>>()?,
            labels: all.labels.clone(),
            as_of: all.as_of,
            what: all.what.clone(),
            style: all.style.clone().unscoped(),
        })
    }

    fn layout(&self) -> Result<Panels, Error> {
        if self.ribbons.is_empty() {
            return Err(Error::Chart("no trajectory to draw".to_owned()));
        }
        let names = self.ribbons.iter().map(|r| STRONG.width(&r.name)).max().unwrap_or(0);
        let texts = (self.title(), self.subtitle(), self.caption());
        let wide = names.max(190);
        let keys = self.labels.iter().map(|l| SMALL.width(l)).max().unwrap_or(0) + 8;
        let page = Page::new(&self.style, (2 * MARGIN + keys + wide, 1080), (&texts.0, &texts.1, &texts.2))?;
        // On a narrow page the names of the grades stand in a key above.
        let key = Key::grades(if page.narrow { &self.labels } else { &[] }, &page);
        let keys = if page.narrow { 0 } else { keys };
        let room = page.room() - keys;
        let columns = ((room + GAP) / (wide + GAP)).max(1).min(self.ribbons.len() as i32);
        let wide = if page.narrow { room } else { ((room + GAP) / columns - GAP).min(names.max(320)) };
        let rows = (self.ribbons.len() as i32 + columns - 1) / columns;
        let high = 24 + self.labels.len() as i32 * STEP + 26;
        let top = page.top() + key.height();
        Ok(Panels { page, key, keys, columns, wide, high, top, bottom: top + rows * (high + 10) })
    }

    /// The grades of each, with the year from which it stood.
    fn courses(&self) -> String {
        let each = self.ribbons.iter().map(|ribbon| {
            let spells = ribbon.timeline.spells.iter().map(|spell| {
                let grade = spell_grade(spell.rank, &self.labels, self.style.said());
                format!("{grade} from {}", spell.start.year())
            });
            format!("{}: {}", ribbon.name, spells.collect::<Vec<_>>().join(", "))
        });
        each.collect::<Vec<_>>().join("; ")
    }

    fn said(&self) -> Vec<String> {
        notes(self.ribbons.iter().flat_map(Ribbon::said))
    }

    fn subtitle(&self) -> String {
        format!("{} grade over time, to {}", capital(&self.what), Precision::Day.write(self.as_of))
    }

    fn caption(&self) -> String {
        let hatched = self.ribbons.iter().flat_map(|r| &r.timeline.spells).any(|s| s.rank.is_none());
        let hatched = if hatched { format!(" Hatched: {}.", self.style.said().hatch) } else { String::new() };
        let made = format!("{}. All on one scale, the best grade at the top.{hatched}", self.style.origin());
        [vec![made], self.said()].concat().join(" ")
    }
}

struct Panels {
    page: Page,
    key: Key,
    /// Width of the grades' names at the left.
    keys: i32,
    columns: i32,
    wide: i32,
    high: i32,
    top: i32,
    bottom: i32,
}

impl Chart for SmallMultiples {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let Some((focus, others)) = self.ribbons.split_first() else { return "Trajectories".to_owned() };
        let own = grade_on(focus, self.as_of);
        let rated: Vec<(usize, &str)> =
            others.iter().filter_map(|r| Some((grade_on(r, self.as_of)?, r.name.as_str()))).collect();
        let none = match others.len() - rated.len() {
            0 => String::new(),
            n => format!("; {n} with no grade on the day"),
        };
        match (own, rated.as_slice()) {
            (Some(own), [(one, name)]) => {
                let stands = match own.cmp(one) {
                    Ordering::Less => "a lower grade than",
                    Ordering::Equal => "the same grade as",
                    Ordering::Greater => "a higher grade than",
                };
                format!("{}: {stands} {name}, {}{none}", focus.name, self.what)
            }
            (Some(own), [_, ..]) => {
                let higher = rated.iter().filter(|(grade, _)| *grade > own).count();
                let verb = if higher == 1 { "stands" } else { "stand" };
                format!("{}: {higher} of {} others {verb} higher in {} grade{none}", focus.name, rated.len(), self.what)
            }
            _ if others.is_empty() => format!("{}: {} grade over time", focus.name, self.what),
            _ if others.len() == 1 => format!("{} and one other: {} grade over time", focus.name, self.what),
            _ => format!("{} and {} others: {} grade over time", focus.name, others.len(), self.what),
        }
    }

    fn alt_text(&self) -> String {
        format!("Small step charts. {}. {}.", self.title(), self.courses())
    }

    fn table(&self) -> Table {
        let body = self.style.said().body.one.as_str();
        Table::new([body].into_iter().chain(SPELLS), spell_rows(&self.ribbons, &self.labels, self.style.said()))
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        at.key.draw(&canvas, &self.style, at.page.top());
        let palette = &canvas.palette;
        let (first, last) = span(&self.ribbons, self.as_of);
        let k = self.labels.len() as i32;
        for (n, ribbon) in (0..).zip(&self.ribbons) {
            let left = at.page.margin + at.keys + n % at.columns * (at.wide + GAP);
            let top = at.top + n / at.columns * (at.high + 10);
            let axis = TimeAxis { first, last, left, right: left + at.wide };
            let y = |rank: usize| top + 24 + (k - 1 - rank as i32) * STEP + STEP / 2;
            let font = if n == 0 { STRONG } else { BODY };
            canvas.text(&at.page.fit(font, &ribbon.name, at.wide), font, palette.ink, HPos::Left, (left, top + 10));
            for (rank, label) in self.labels.iter().enumerate() {
                canvas.line((left, y(rank)), (axis.right, y(rank)), palette.rule, 1);
                if n % at.columns == 0 && at.keys > 0 {
                    canvas.text(label, SMALL, palette.quiet, HPos::Right, (left - 8, y(rank)));
                }
            }
            let foot = top + 24 + k * STEP;
            let mut before: Option<usize> = None;
            for spell in &ribbon.timeline.spells {
                let (from, to) = (axis.x(spell.start), axis.x(spell.end).max(axis.x(spell.start) + 2));
                let rank = &spell.rank;
                if let (Some(a), Some(b)) = (before, rank) {
                    canvas.line((from, y(a)), (from, y(*b)), palette.quiet, 1);
                }
                if let Some(rank) = rank {
                    canvas.rect((from, y(*rank) - 3), (to, y(*rank) + 3), palette.grade(*rank));
                } else {
                    canvas.hatch((from, top + 24), (to.max(from + 8), foot), palette.quiet);
                }
                before = *rank;
            }
            canvas.line((left, foot), (axis.right, foot), palette.quiet, 1);
            let mut years = vec![first.year(), (first.year() + last.year()) / 2, last.year()];
            years.dedup();
            if years.len() == 1 {
                let end = Precision::Month.write_short(last);
                canvas.text(&end, SMALL, palette.quiet, HPos::Right, (axis.right, foot + 13));
            }
            for year in years.iter().copied() {
                let Some(day) = NaiveDate::from_ymd_opt(year, 1, 1).filter(|d| *d >= first && *d <= last) else {
                    continue;
                };
                let x = axis.x(day);
                canvas.line((x, foot), (x, foot + 4), palette.quiet, 1);
                let half = SMALL.width("2026") / 2;
                let x = x.clamp(left + half, axis.right - half);
                if year == years[0] || at.wide > 3 * SMALL.width("2026") + 20 {
                    canvas.text(&year.to_string(), SMALL, palette.quiet, HPos::Center, (x, foot + 13));
                }
            }
        }
        Ok(canvas.finish())
    }
}

/// Several trajectories in one picture: step lines side by side where they meet, each named at its end.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Comparison, Ribbons, Style};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let ratings = england.ratings()?;
/// let all = Ribbons::collect(&ratings.series(Theme::Headline)?, None, Style::default())?;
/// let title = Comparison::new(&all, &["Slough", "Hounslow"])?.title();
/// assert_eq!(title, "Overall grade on 20 August 2026: Hounslow good; Slough requires improvement");
/// assert!(Comparison::new(&all, &["Slogh"]).unwrap_err().to_string().contains("did you mean E06000039 (Slough)?"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The trajectories and how they are drawn.
    pub of: SmallMultiples,
}

/// Height of a grade's row, and the most lines.
const ROW: i32 = 92;
const LINES: usize = 6;

/// Room for the number at an end of a line.
const NUMBER: i32 = 18;

struct Lines {
    page: Page,
    key: Key,
    axis: TimeAxis,
    top: i32,
    foot: i32,
}

/// The number and the name of a line.
fn numbered(n: usize, ribbon: &Ribbon) -> String {
    format!("{} {}", n + 1, end_label(ribbon))
}

/// The name at a line's end; a line that ends because the judgement is no longer given says so.
fn end_label(ribbon: &Ribbon) -> String {
    match ribbon.timeline.not_reported_since() {
        Some(_) => format!("{}*", ribbon.name),
        None => ribbon.name.clone(),
    }
}

impl Comparison {
    /// The trajectories of these bodies, in this order.
    ///
    /// # Errors
    /// As [`SmallMultiples::new`].
    pub fn new(all: &Ribbons, bodies: &[impl AsRef<str>]) -> Result<Self, Error> {
        Ok(Comparison { of: SmallMultiples::new(all, bodies)? })
    }

    fn layout(&self) -> Result<Lines, Error> {
        let ribbons = &self.of.ribbons;
        if ribbons.is_empty() || ribbons.len() > LINES {
            let message = format!("{} trajectories; this chart needs 1 to {LINES}", ribbons.len());
            return Err(Error::Chart(message));
        }
        let texts = (self.title(), self.of.subtitle(), self.caption());
        let names = ribbons.iter().map(|r| STRONG.width(&end_label(r))).max().unwrap_or(0) + 43 + NUMBER;
        let grades = self.of.labels.iter().map(|l| STRONG.width(&capital(l))).max().unwrap_or(0) + 16 + NUMBER;
        let least = 2 * MARGIN + names + grades + 320;
        let page = Page::new(&self.of.style, (least, 1080), (&texts.0, &texts.1, &texts.2))?;
        let (first, last) = span(ribbons, self.of.as_of);
        let names = if page.narrow { 8 + NUMBER } else { names };
        let left = page.margin + if page.narrow { NUMBER } else { grades };
        let axis = TimeAxis { first, last, left, right: page.right() - names };
        let entry = |(n, ribbon)| (Swatch::Line(n), numbered(n, ribbon));
        let shown = if page.narrow { ribbons.as_slice() } else { &[] };
        let key = Key::new(shown.iter().enumerate().map(entry).collect(), &page);
        let top = page.top() + key.height();
        let foot = top + self.of.labels.len() as i32 * ROW;
        Ok(Lines { page, key, axis, top, foot })
    }

    fn caption(&self) -> String {
        let ended = self.of.ribbons.iter().any(|r| r.timeline.not_reported_since().is_some());
        let inspection = &self.of.style.said().inspection.one;
        let note = if ended { format!(" *: its latest {inspection} gives no such grade.") } else { String::new() };
        let source = self.of.style.origin();
        let made = format!(
            "{source}. Dots: a new grade. Each line has its number at both ends; lines at one grade lie side by side.{note}"
        );
        [vec![made], self.of.said()].concat().join(" ")
    }
}

impl Chart for Comparison {
    fn style(&self) -> &Style {
        &self.of.style
    }

    fn finding(&self) -> String {
        let of = &self.of;
        let at = |rank: Option<usize>| -> Vec<&str> {
            of.ribbons.iter().filter(|r| grade_on(r, of.as_of) == rank).map(|r| r.name.as_str()).collect()
        };
        let groups = (0..of.labels.len()).rev().map(|rank| (of.labels[rank].as_str(), at(Some(rank))));
        let groups = groups.chain([("no such grade", at(None))]).filter(|(_, names)| !names.is_empty());
        let said: Vec<String> = groups.map(|(grade, names)| format!("{} {grade}", listed(&names))).collect();
        let day = Precision::Day.write(of.as_of);
        if said.is_empty() {
            return "Trajectories".to_owned();
        }
        format!("{} grade on {day}: {}", capital(&of.what), said.join("; "))
    }

    fn alt_text(&self) -> String {
        format!("Step lines in one picture. {}. {}.", self.title(), self.of.courses())
    }

    fn table(&self) -> Table {
        self.of.table()
    }

    fn picture(&self) -> Result<Picture, Error> {
        let Lines { page, key, axis, top, foot } = self.layout()?;
        let canvas = page.open(self.of.style.paint(self.of.labels.len()), foot + 30)?;
        key.draw(&canvas, &self.of.style, page.top());
        let palette = &canvas.palette;
        let k = self.of.labels.len() as i32;
        // On a narrow page the name of a grade stands above its lines.
        let lower = if page.narrow { 8 } else { 0 };
        let row = |rank: usize| top + (k - 1 - rank as i32) * ROW + ROW / 2;
        let count = self.of.ribbons.len() as i32;
        let lane = |n: usize| (2 * n as i32 - (count - 1)) * 6;
        for (rank, label) in self.of.labels.iter().enumerate() {
            canvas.line((axis.left, row(rank) + ROW / 2), (axis.right, row(rank) + ROW / 2), palette.rule, 1);
            if !page.narrow {
                canvas.text(&capital(label), STRONG, palette.ink, HPos::Right, (axis.left - 12 - NUMBER, row(rank)));
            }
        }
        let mut ends = Vec::new();
        for (n, ribbon) in self.of.ribbons.iter().enumerate() {
            let y = |rank: usize| row(rank) + lower + lane(n);
            let colour = self.of.style.line(n);
            let mut points: Vec<(i32, i32)> = Vec::new();
            for spell in &ribbon.timeline.spells {
                let (from, to) = (axis.x(spell.start), axis.x(spell.end).max(axis.x(spell.start) + 2));
                match spell.rank {
                    Some(rank) => points.extend([(from, y(rank)), (to, y(rank))]),
                    None => canvas.stroke(&std::mem::take(&mut points), colour, 4, n),
                }
            }
            canvas.stroke(&points, colour, 4, n);
            for (spell, rank) in ribbon.timeline.graded() {
                canvas.dot((axis.x(spell.start), y(rank)), 5, colour, true);
            }
            if let Some((spell, rank)) = ribbon.timeline.graded().next() {
                let at = (axis.x(spell.start) - 9, y(rank));
                canvas.text(&(n + 1).to_string(), SMALL, palette.ink, HPos::Right, at);
            }
            let last = ribbon.timeline.spells.iter().rev().find_map(|s| s.rank);
            ends.push(last.map_or(foot, y));
        }
        for (rank, label) in self.of.labels.iter().enumerate().filter(|_| page.narrow) {
            let label = page.fit(STRONG, &capital(label), page.room() - 4);
            let middle = page.margin + STRONG.width(&label) / 2 + 2;
            canvas.text_on_paper(&label, STRONG, (middle, row(rank) - ROW / 2 + 12));
        }
        let mut order: Vec<usize> = (0..ends.len()).collect();
        order.sort_by_key(|n| ends[*n]);
        let wanted: Vec<i32> = order.iter().map(|n| ends[*n]).collect();
        for (n, place) in order.into_iter().zip(spread(&wanted, STRONG.line_height(), (top, foot))) {
            if page.narrow {
                canvas.text(&(n + 1).to_string(), STRONG, palette.ink, HPos::Left, (axis.right + 8, place));
                continue;
            }
            canvas.stroke(&[(axis.right + 5, place), (axis.right + 33, place)], self.of.style.line(n), 4, n);
            let name = numbered(n, &self.of.ribbons[n]);
            canvas.text(&name, STRONG, palette.ink, HPos::Left, (axis.right + 39, place));
        }
        axis.draw(&canvas, foot);
        Ok(canvas.finish())
    }
}
