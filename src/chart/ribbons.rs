//! Every body a ribbon, coloured by its grade over time.

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::axis::TimeAxis;
use super::canvas::Canvas;
use super::font::{Font, SMALL, STRONG};
use super::page::{Key, MARGIN, Page};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, capital, drawn, labels_of, notes};
use crate::frame::columns::*;
use crate::trend::Timeline;
use crate::trend::columns::DAYS;
use crate::{Error, Precision, Series};

/// Height of a ribbon with its gap, and of a group's heading.
const ROW: i32 = 16;
const HEADING: i32 = 26;
/// Space between columns, least width of the time in one, and the most there are.
const GAP: i32 = 36;
const LEAST: i32 = 240;
const COLUMNS: i32 = 6;

/// One body's ribbon.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Ribbon {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its group, as a region.
    pub group: String,
    /// Its grades over time.
    pub timeline: Timeline,
    /// What has to be said of it on the day, without a capital and a full stop.
    pub notices: Vec<String>,
}

/// Every body one horizontal ribbon, coloured by grade over time: within each group the best now first, then those
/// longest at their grade; or all of them by their distance to one. One may be highlighted. In two columns, 153 of them
/// are readable on a page of A4.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Ribbons, Style};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let chart = Ribbons::collect(&headline, Some("Slough"), Style::default())?;
/// assert!(chart.to_svg()?.len() < 300_000);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Ribbons {
    /// The ribbons, group by group.
    pub ribbons: Vec<Ribbon>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// Last day shown.
    pub as_of: NaiveDate,
    /// What is graded, as "overall".
    pub what: String,
    /// Name of the one highlighted.
    pub highlight: Option<String>,
    /// Name of the one from which the others' distances order them, if they do.
    pub nearest_to: Option<String>,
    /// Their distances, where they are ordered by them; none for those that share too little time, or nothing.
    pub distances: Vec<Option<f64>>,
    /// Columns side by side, at least 1.
    pub columns: u32,
    /// How it is drawn.
    pub style: Style,
}

impl Ribbon {
    /// What has to be said of it, with its name.
    pub(super) fn said(&self) -> impl Iterator<Item = (&str, &str)> {
        self.notices.iter().map(|text| (self.name.as_str(), text.as_str()))
    }
}

impl Ribbons {
    /// The ribbons of all bodies in existence on a day, grouped by region where that is known.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails.
    pub fn collect(series: &Series, highlight: Option<&str>, style: Style) -> Result<Self, Error> {
        let (style, as_of) = (style.telling(series), series.day());
        let standing = series.standing().collect()?;
        let region = match series.authorities() {
            Some(table) => table.select([col(AUTHORITY), col(REGION)]).collect()?,
            None => standing.clone().lazy().select([col(AUTHORITY), lit("").alias(REGION)]).collect()?,
        };
        let order = [col(REGION), col(GRADE), col(DAYS), col(NAME)];
        let descending = SortMultipleOptions::default().with_order_descending_multi([false, true, true, false]);
        let keys = [col(AUTHORITY)];
        let rows = standing
            .lazy()
            .join(region.lazy(), keys.clone(), keys, JoinArgs::new(JoinType::Left))
            .sort_by_exprs(order, descending.with_nulls_last(true))
            .collect()?;
        let mut timelines = Timeline::collect(series)?;
        let text = |frame: &DataFrame, name: &str, row: usize| -> Result<String, Error> {
            Ok(frame.column(name)?.str()?.get(row).unwrap_or_default().to_owned())
        };
        let mut ribbons = Vec::new();
        for row in 0..rows.height() {
            let id = text(&rows, AUTHORITY, row)?;
            let timeline = timelines.remove(&id).unwrap_or_default();
            let name = text(&rows, NAME, row)?;
            let name = if name.is_empty() { id.clone() } else { name };
            let notices = series.notices(as_of).filter(|n| n.body == id).map(|n| n.text.clone()).collect();
            ribbons.push(Ribbon { id, name, group: text(&rows, REGION, row)?, timeline, notices });
        }
        drawn(highlight, &style.said().body.one, ribbons.iter().map(|r| (r.id.as_str(), r.name.as_str())))?;
        Ok(Ribbons {
            ribbons,
            labels: labels_of(series, &style),
            as_of,
            what: style.said().series(series.id().as_str()),
            highlight: highlight.map(str::to_owned),
            nearest_to: None,
            distances: Vec::new(),
            columns: 1,
            style,
        })
    }

    /// The same ribbons side by side in so many columns.
    pub fn in_columns(mut self, columns: u32) -> Self {
        self.columns = columns;
        self
    }

    /// The same ribbons without groups, the trajectories most like one authority's first: by the mean difference in
    /// ranks over the days on which both had a grade ([`Timeline::distance`]). Those that share less than half of
    /// its days come last.
    ///
    /// # Errors
    /// [`Error::Unknown`] when no ribbon has this name.
    pub fn by_distance_to(mut self, name: &str) -> Result<Self, Error> {
        let Some(focus) = self.ribbons.iter().find(|r| r.name == name) else {
            return Err(Error::unknown("ribbon", name, self.ribbons.iter().map(|r| r.name.as_str())));
        };
        let focus = focus.timeline.clone();
        let days: i64 = focus.graded().map(|(spell, _)| spell.days()).sum();
        let order = |ribbon: &Ribbon| {
            let (distance, shared) =
                ribbon.timeline.distance(&focus, i32::MIN, i32::MAX, 0).unwrap_or((f64::INFINITY, 0));
            (ribbon.name != name, i64::from(2 * shared) < days, distance)
        };
        self.ribbons.sort_by(|a, b| {
            let (a, b) = (order(a), order(b));
            (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
        });
        self.distances = self.ribbons.iter().map(|r| Some(order(r)).filter(|o| !o.1).map(|o| o.2)).collect();
        self.ribbons.iter_mut().for_each(|r| r.group.clear());
        self.highlight = Some(name.to_owned());
        self.nearest_to = Some(name.to_owned());
        Ok(self)
    }

    fn current(&self, ribbon: &Ribbon) -> Option<usize> {
        ribbon.timeline.current(self.as_of)
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.as_of);
        let order = match &self.nearest_to {
            Some(name) => format!("those most like {name} first"),
            None => "best now first".to_owned(),
        };
        let body = &self.style.said().body.one;
        format!("{} grade of each {body} over time, {order}, to {day}", capital(&self.what))
    }

    fn caption(&self) -> String {
        let words = self.style.said();
        let hatched = self.ribbons.iter().flat_map(|r| &r.timeline.spells).any(|s| s.rank.is_none());
        let hatched = if hatched { format!(" Hatched: {}.", words.hatch) } else { String::new() };
        let made = format!("{}.{hatched} Blank: {}. Gaps: a new grade.", self.style.origin(), words.blank);
        let said = notes(self.ribbons.iter().flat_map(Ribbon::said));
        [vec![made], said].concat().join(" ")
    }

    /// Whose trajectories were most like one's: by name, or how many where they cannot be told apart.
    fn nearest_title(&self, name: &str) -> String {
        let others = self.ribbons.iter().zip(&self.distances).skip(1);
        let near: Vec<(&str, f64)> = others.filter_map(|(r, d)| Some((r.name.as_str(), (*d)?))).collect();
        let Some((_, least)) = near.first() else { return format!("None shares enough years with {name}") };
        let (what, tied) = (&self.what, near.iter().filter(|(_, d)| d == least).count());
        if tied > 3 {
            let bodies = &self.style.said().body.many;
            return format!(
                "{tied} {bodies} are equally like {name} in {what} grades, over the days that both had one"
            );
        }
        let names: Vec<&str> = near.iter().take(3).map(|(name, _)| *name).collect();
        format!("Most like {name} in {what} grades: {}", names.join("; "))
    }

    /// The groups in order, each with its ribbons.
    fn groups(&self) -> Vec<(&str, Vec<&Ribbon>)> {
        let mut groups: Vec<(&str, Vec<&Ribbon>)> = Vec::new();
        for ribbon in &self.ribbons {
            match groups.last_mut() {
                Some((name, own)) if *name == ribbon.group => own.push(ribbon),
                _ => groups.push((&ribbon.group, vec![ribbon])),
            }
        }
        groups
    }

    /// The lines from top to bottom, column by column; a group that goes on in the next has its heading there again.
    fn lines(&self) -> Vec<Vec<Line<'_>>> {
        let groups = self.groups();
        let total: i32 =
            groups.iter().map(|(name, own)| own.len() as i32 * ROW + if name.is_empty() { 0 } else { HEADING }).sum();
        let columns = (self.columns.clamp(1, COLUMNS as u32)) as i32;
        let most = (total + columns - 1) / columns;
        let mut lines = vec![Vec::new()];
        let mut used = 0;
        for (name, own) in groups {
            for (n, ribbon) in own.into_iter().enumerate() {
                // A heading stays with its first ribbon.
                let next = if n == 0 && !name.is_empty() { HEADING + ROW } else { ROW };
                if used > 0 && used + next > most && (lines.len() as i32) < columns {
                    lines.push(Vec::new());
                    used = 0;
                }
                let Some(column) = lines.last_mut() else { continue };
                let mut add = vec![Line::Ribbon(ribbon)];
                if !name.is_empty() && (n == 0 || column.is_empty()) {
                    let continued = if n == 0 { String::new() } else { ", continued".to_owned() };
                    add.insert(0, Line::Heading(format!("{name}{continued}")));
                }
                used += add.iter().map(Line::height).sum::<i32>();
                column.extend(add);
            }
        }
        lines
    }

    fn layout(&self) -> Result<Layout<'_>, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let lines = self.lines();
        let columns = lines.len() as i32;
        let names = self.ribbons.iter().map(|r| Font { bold: true, ..SMALL }.width(&r.name)).max().unwrap_or(0) + 12;
        let headings = lines.iter().flatten().map(|l| match l {
            Line::Heading(text) => STRONG.width(text),
            Line::Ribbon(_) => 0,
        });
        let least = (names + LEAST).max(headings.max().unwrap_or(0));
        let least = 2 * MARGIN + (columns * (least + GAP) - GAP).max(Key::least(&self.labels));
        let usual = if columns == 1 { 840 } else { 2 * MARGIN + columns * (names + LEAST + 80 + GAP) - GAP };
        let page = Page::new(&self.style, (least, usual), (&texts.0, &texts.1, &texts.2))?;
        let begin =
            self.ribbons.iter().filter_map(|r| r.timeline.spells.first().map(|s| s.start)).min().unwrap_or(self.as_of);
        let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
        let last = self.as_of.max(first + chrono::Days::new(30));
        let wide = (page.width - 2 * MARGIN + GAP) / columns;
        let axis = |n: i32| {
            let left = MARGIN + n * wide;
            TimeAxis { first, last, left: left + names, right: left + wide - GAP }
        };
        let key = Key::new(&self.labels, page.width - 2 * MARGIN);
        let top = page.top() + key.height();
        let most = lines.iter().map(|column| column.iter().map(Line::height).sum::<i32>()).max().unwrap_or(0);
        Ok(Layout { page, names, columns: (0..).map(axis).zip(lines).collect(), key, top, bottom: top + most + 28 })
    }
}

/// What stands in one line.
enum Line<'a> {
    Heading(String),
    Ribbon(&'a Ribbon),
}

impl Line<'_> {
    fn height(&self) -> i32 {
        match self {
            Line::Heading(_) => HEADING,
            Line::Ribbon(_) => ROW,
        }
    }
}

struct Layout<'a> {
    page: Page,
    /// Width of the names.
    names: i32,
    columns: Vec<(TimeAxis, Vec<Line<'a>>)>,
    key: Key,
    top: i32,
    bottom: i32,
}

impl Chart for Ribbons {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        if let Some(name) = &self.nearest_to {
            return self.nearest_title(name);
        }
        let worst = self.ribbons.iter().filter(|r| self.current(r) == Some(0)).count();
        let best = self.ribbons.iter().filter(|r| self.current(r) == Some(self.labels.len() - 1)).count();
        let (low, high) = (&self.labels[0], &self.labels[self.labels.len() - 1]);
        let rated = self.ribbons.iter().filter(|r| self.current(r).is_some()).count();
        let (bodies, what, day) = (&self.style.said().body, &self.what, Precision::Day.write(self.as_of));
        let counts = format!("{best} {high}, {worst} {low} on {day}");
        if rated == self.ribbons.len() {
            format!("{}, {what} grade: {counts}", bodies.count(rated))
        } else {
            let verb = if rated == 1 { "has" } else { "have" };
            format!("{rated} of {} {verb} the {what} grade: {counts}", bodies.count(self.ribbons.len()))
        }
    }

    fn alt_text(&self) -> String {
        let groups = self.groups().into_iter().map(|(name, own)| {
            let counts = (0..self.labels.len()).rev().map(|rank| {
                let n = own.iter().filter(|r| self.current(r) == Some(rank)).count();
                format!("{n} {}", self.labels[rank])
            });
            format!("{name}: {}", counts.collect::<Vec<_>>().join(", "))
        });
        format!(
            "One ribbon for each {}, coloured by grade. {}. {}.",
            self.style.said().body.one,
            self.title(),
            groups.collect::<Vec<_>>().join("; ")
        )
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom);
        let palette = &canvas.palette;
        at.key.draw(&canvas, &self.labels, at.page.top());
        for (axis, lines) in &at.columns {
            let mut y = at.top;
            for line in lines {
                match line {
                    Line::Heading(text) => {
                        let left = axis.left - at.names;
                        canvas.text(text, STRONG, palette.ink, HPos::Left, (left, y + HEADING / 2 + 3));
                        y += HEADING;
                    }
                    Line::Ribbon(ribbon) => {
                        self.draw_ribbon(&canvas, axis, ribbon, y);
                        y += ROW;
                    }
                }
            }
            axis.draw(&canvas, at.bottom - 24);
        }
        Ok(canvas.finish())
    }
}

impl Ribbons {
    fn draw_ribbon(&self, canvas: &Canvas, axis: &TimeAxis, ribbon: &Ribbon, y: i32) {
        let palette = &canvas.palette;
        let middle = y + ROW / 2;
        let focus = self.highlight.as_deref() == Some(ribbon.name.as_str());
        let font = if focus { Font { bold: true, ..SMALL } } else { SMALL };
        let colour = if focus { palette.ink } else { palette.quiet };
        canvas.text(&ribbon.name, font, colour, HPos::Right, (axis.left - 8, middle));
        for spell in &ribbon.timeline.spells {
            let (from, to) = (axis.x(spell.start), axis.x(spell.end).max(axis.x(spell.start) + 2));
            match &spell.rank {
                Some(rank) => canvas.rect((from, y + 2), (to - 1, y + ROW - 2), palette.grade(*rank)),
                None => canvas.hatch((from, y + 2), (to, y + ROW - 2), palette.quiet),
            }
        }
        if focus {
            let start = ribbon.timeline.spells.first().map_or(axis.left, |s| axis.x(s.start));
            canvas.frame((start - 2, y), (axis.right + 3, y + ROW), palette.ink);
        }
    }
}
