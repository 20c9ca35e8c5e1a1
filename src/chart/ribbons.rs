//! Every body a ribbon, coloured by its grade over time.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::axis::TimeAxis;
use super::canvas::Canvas;
use super::font::{Font, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch, laid_out};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, SPELLS, Table, capital, labels_of, meant, notes, spell_grade, spell_rows};
use crate::code::coded_enum;
use crate::frame::columns::*;
use crate::trend::columns::DAYS;
use crate::trend::{Every, Timeline};
use crate::{Error, Precision, Series};

/// Height of a ribbon with its gap, of its name above it on a narrow page, and of a group's heading.
const ROW: i32 = 16;
const ABOVE: i32 = 15;
const HEADING: i32 = 26;
/// Space between columns, least width of the time in one, and the most there are.
const GAP: i32 = 36;
const LEAST: i32 = 240;
const COLUMNS: i32 = 6;

coded_enum! {
    /// What decides the order of ribbons within their groups.
    enum Order: "order" {
        /// The grade now, the best first, then the time at it, then the name.
        Now = "now" / "best now first",
        /// The grades from the last day back: those that ended alike stand together.
        End = "end" / "by their grades from the end back",
        /// The grades from the first day on: those that began alike stand together.
        Start = "start" / "by their grades from the start on",
    }
}

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
    /// Id of the one highlighted.
    pub highlight: Option<String>,
    /// Name of the one from which the others' distances order them, if they do.
    pub nearest_to: Option<String>,
    /// Their distances, where they are ordered by them; none for those that share too little time, or nothing.
    pub distances: Vec<Option<f64>>,
    /// What decides their order, unless their distances do.
    pub order: Order,
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
    /// The ribbons of all bodies in existence on a day, grouped by region where that is known; one may be highlighted, by its
    /// id or by a name that no other has.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] or [`Error::Value`] for one that is not among them, or not alone in its name;
    /// [`Error::Polars`] when a query fails.
    pub fn collect(series: &Series, highlight: Option<&str>, style: Style) -> Result<Self, Error> {
        Ribbons::gather(series, highlight, style.telling(series))
    }

    /// The ribbons of some bodies, by id, for pictures of these alone; it takes as long as they do.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] for an id that is not known; [`Error::Polars`] when a query fails.
    pub fn of<S: AsRef<str>>(series: &Series, ids: impl IntoIterator<Item = S>, style: Style) -> Result<Self, Error> {
        Ribbons::gather(&series.clone().bodies_only(ids)?, None, style.telling(series))
    }

    fn gather(series: &Series, highlight: Option<&str>, style: Style) -> Result<Self, Error> {
        let as_of = series.day();
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
        let mut notices: HashMap<String, Vec<String>> = HashMap::new();
        for notice in series.notices(as_of) {
            notices.entry(notice.body.clone()).or_default().push(notice.text.clone());
        }
        let mut ribbons = Vec::new();
        for row in 0..rows.height() {
            let id = text(&rows, AUTHORITY, row)?;
            let timeline = timelines.remove(&id).unwrap_or_default();
            let name = text(&rows, NAME, row)?;
            let name = if name.is_empty() { id.clone() } else { name };
            let notices = notices.remove(&id).unwrap_or_default();
            ribbons.push(Ribbon { id, name, group: text(&rows, REGION, row)?, timeline, notices });
        }
        let shown = ribbons.iter().map(|r| (r.id.as_str(), r.name.as_str()));
        let highlight = highlight.map(|body| meant(body, &style.said().body.one, shown)).transpose()?;
        let highlight = highlight.map(|place| ribbons[place].id.clone());
        Ok(Ribbons {
            ribbons,
            labels: labels_of(series, &style),
            as_of,
            what: style.said().series(series.id().as_str()),
            highlight,
            nearest_to: None,
            distances: Vec::new(),
            order: Order::Now,
            columns: 1,
            style,
        })
    }

    /// The same ribbons side by side in so many columns.
    pub fn in_columns(mut self, columns: u32) -> Self {
        self.columns = columns;
        self
    }

    /// The same ribbons in another order within their groups: by their grades from the last day back, or from the first day
    /// on, month by month, the best first and no grade last.
    pub fn in_order(mut self, order: Order) -> Self {
        let begin = self.ribbons.iter().filter_map(|r| Some(r.timeline.spells.first()?.start)).min();
        let months = Every::MONTH.dates(begin.unwrap_or(self.as_of), self.as_of);
        let key = |ribbon: &Ribbon| -> Vec<Option<usize>> {
            let now = ribbon.timeline.current(self.as_of);
            let then = months.iter().map(|day| ribbon.timeline.at(*day)).chain([now]);
            match order {
                Order::Now => vec![now],
                Order::Start => then.collect(),
                Order::End => then.rev().collect(),
            }
        };
        let days = |ribbon: &Ribbon| ribbon.timeline.spells.last().map_or(0, |s| s.days());
        let mut keyed: Vec<_> = self.ribbons.drain(..).map(|r| (key(&r), r)).collect();
        keyed.sort_by(|(a_key, a), (b_key, b)| {
            let better = b_key.cmp(a_key);
            a.group.cmp(&b.group).then(better).then(days(b).cmp(&days(a))).then_with(|| a.name.cmp(&b.name))
        });
        self.ribbons = keyed.into_iter().map(|(_, ribbon)| ribbon).collect();
        self.order = order;
        self
    }

    /// The same ribbons without groups, the trajectories most like one authority's first: by the mean difference in
    /// ranks over the days on which both had a grade ([`Timeline::distance`]). Those that share less than half of
    /// its days come last.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] or [`Error::Value`] for one that is not among them, by its id or its name, or not alone in its
    /// name.
    pub fn by_distance_to(mut self, body: &str) -> Result<Self, Error> {
        let shown = self.ribbons.iter().map(|r| (r.id.as_str(), r.name.as_str()));
        let Ribbon { id, name, timeline: focus, .. } =
            self.ribbons[meant(body, &self.style.said().body.one, shown)?].clone();
        let days: i64 = focus.graded().map(|(spell, _)| spell.days()).sum();
        let order = |ribbon: &Ribbon| {
            let (distance, shared) =
                ribbon.timeline.distance(&focus, i32::MIN, i32::MAX, 0).unwrap_or((f64::INFINITY, 0));
            (ribbon.id != id, i64::from(2 * shared) < days, distance)
        };
        self.ribbons.sort_by(|a, b| {
            let (a, b) = (order(a), order(b));
            (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
        });
        self.distances = self.ribbons.iter().map(|r| Some(order(r)).filter(|o| !o.1).map(|o| o.2)).collect();
        self.ribbons.iter_mut().for_each(|r| r.group.clear());
        self.highlight = Some(id);
        self.nearest_to = Some(name);
        Ok(self)
    }

    fn current(&self, ribbon: &Ribbon) -> Option<usize> {
        ribbon.timeline.current(self.as_of)
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.as_of);
        let order = match &self.nearest_to {
            Some(name) => format!("those most like {name} first"),
            None => self.order.label().to_owned(),
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
    fn lines(&self, columns: i32) -> Vec<Vec<Line<'_>>> {
        let groups = self.groups();
        let total: i32 =
            groups.iter().map(|(name, own)| own.len() as i32 * ROW + if name.is_empty() { 0 } else { HEADING }).sum();
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
                used += add.iter().map(|line| line.height(ROW)).sum::<i32>();
                column.extend(add);
            }
        }
        lines
    }

    fn layout(&self) -> Result<Layout<'_>, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let names = self.ribbons.iter().map(|r| Font { bold: true, ..SMALL }.width(&r.name)).max().unwrap_or(0) + 12;
        // As many columns as asked for, fewer where the page has no room.
        let fits = |columns: i32| {
            let given = self.style.width.and_then(|w| i32::try_from(w).ok()).map_or(i32::MAX, laid_out);
            2 * MARGIN + columns * (names + LEAST + GAP) - GAP <= given
        };
        let columns = (1..=self.columns.clamp(1, COLUMNS as u32) as i32).rev().find(|n| fits(*n)).unwrap_or(1);
        let lines = self.lines(columns);
        let columns = lines.len() as i32;
        let headings = lines.iter().flatten().map(|l| match l {
            Line::Heading(text) => STRONG.width(text),
            Line::Ribbon(_) => 0,
        });
        let least = (names + LEAST).max(headings.max().unwrap_or(0));
        let least = 2 * MARGIN + (columns * (least + GAP) - GAP);
        let usual = if columns == 1 { 840 } else { 2 * MARGIN + columns * (names + LEAST + 80 + GAP) - GAP };
        let page = Page::new(&self.style, (least, usual), (&texts.0, &texts.1, &texts.2))?;
        let begin =
            self.ribbons.iter().filter_map(|r| r.timeline.spells.first().map(|s| s.start)).min().unwrap_or(self.as_of);
        let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
        let last = self.as_of.max(first + chrono::Days::new(30));
        let columns = if page.narrow { 1 } else { columns };
        let lines = if page.narrow { self.lines(1) } else { lines };
        let (names, row) = if page.narrow { (0, ROW + ABOVE) } else { (names, ROW) };
        let wide = (page.room() + GAP) / columns;
        let margin = page.margin;
        let axis = |n: i32| {
            let left = margin + n * wide;
            TimeAxis { first, last, left: left + names, right: left + wide - GAP }
        };
        let not_reported = self.ribbons.iter().flat_map(|r| &r.timeline.spells).any(|s| s.rank.is_none());
        let hatch = not_reported.then(|| (Swatch::Hatch, spell_grade(None, &self.labels, self.style.said())));
        let key = Key::new(Key::of(&self.labels).into_iter().chain(hatch).collect(), &page);
        let top = page.top() + key.height();
        let most =
            lines.iter().map(|column| column.iter().map(|line| line.height(row)).sum::<i32>()).max().unwrap_or(0);
        Ok(Layout {
            page,
            names,
            row,
            columns: (0..).map(axis).zip(lines).collect(),
            key,
            top,
            bottom: top + most + 28,
        })
    }
}

/// What stands in one line.
enum Line<'a> {
    Heading(String),
    Ribbon(&'a Ribbon),
}

impl Line<'_> {
    /// Its height where a ribbon has one.
    fn height(&self, row: i32) -> i32 {
        match self {
            Line::Heading(_) => HEADING,
            Line::Ribbon(_) => row,
        }
    }
}

struct Layout<'a> {
    page: Page,
    /// Width of the names; none where they stand above.
    names: i32,
    /// Height of a ribbon with its name.
    row: i32,
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

    fn table(&self) -> Table {
        let body = self.style.said().body.one.as_str();
        Table::new([body].into_iter().chain(SPELLS), spell_rows(&self.ribbons, &self.labels, self.style.said()))
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        let palette = &canvas.palette;
        at.key.draw(&canvas, &self.style, at.page.top());
        for (axis, lines) in &at.columns {
            let mut y = at.top;
            for line in lines {
                match line {
                    Line::Heading(text) => {
                        let left = axis.left - at.names;
                        let text = at.page.fit(STRONG, text, axis.right - left);
                        canvas.text(&text, STRONG, palette.ink, HPos::Left, (left, y + HEADING / 2 + 3));
                        y += HEADING;
                    }
                    Line::Ribbon(ribbon) => {
                        self.draw_ribbon(&canvas, axis, ribbon, (y, at.row));
                        y += at.row;
                    }
                }
            }
            axis.draw(&canvas, at.bottom - 24);
        }
        Ok(canvas.finish())
    }
}

impl Ribbons {
    fn draw_ribbon(&self, canvas: &Canvas, axis: &TimeAxis, ribbon: &Ribbon, (y, row): (i32, i32)) {
        let palette = &canvas.palette;
        let focus = self.highlight.as_ref() == Some(&ribbon.id);
        let font = if focus { Font { bold: true, ..SMALL } } else { SMALL };
        let colour = if focus { palette.ink } else { palette.quiet };
        if row > ROW {
            let name = font.fit(&ribbon.name, axis.right - axis.left);
            canvas.text(&name, font, colour, HPos::Left, (axis.left, y + 8));
        } else {
            canvas.text(&ribbon.name, font, colour, HPos::Right, (axis.left - 8, y + ROW / 2));
        }
        let y = y + row - ROW;
        for spell in &ribbon.timeline.spells {
            let (from, to) = (axis.x(spell.start), axis.x(spell.end).max(axis.x(spell.start) + 2));
            match &spell.rank {
                Some(rank) => canvas.rect((from, y + 2), (to - 2, y + ROW - 2), canvas.palette.grade(*rank)),
                // A narrower hatch looks like a fill.
                None => canvas.hatch((from, y + 2), (to.max(from + 8), y + ROW - 2), palette.quiet),
            }
        }
        if focus {
            let start = ribbon.timeline.spells.first().map_or(axis.left, |s| axis.x(s.start));
            canvas.frame((start - 2, y), (axis.right + 3, y + ROW), palette.ink);
        }
    }
}
