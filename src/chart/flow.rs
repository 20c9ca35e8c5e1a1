//! Who went where between dates: an alluvial diagram.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::{Colour, Style};
use super::{Chart, Table, capital, labels_of, several_days};
use crate::trend::columns::*;
use crate::trend::{CLOSED_STATE, OPENED_STATE};
use crate::{Error, Precision, Scale, Series};

const HEIGHT: i32 = 460;
/// Least height of a state with the space below it.
const STATE: i32 = 34;
/// Width of a node, and space between two.
const NODE: i32 = 18;
const GAP: i32 = 22;
/// A band of less height has no line at its edge.
const THIN: f64 = 3.0;
/// On a narrow page each step is a panel: the height of its bands, and space between two panels.
const PANEL: i32 = 240;
const BETWEEN: i32 = 30;

/// Flows between grades from date to date: nodes are states, bands the bodies that went from one to the next,
/// their counts written on all but the thinnest. Not rated and not reported are nodes of their own, in grey; those opened
/// or closed between two dates have theirs between them.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Flow, Style};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let dates = ["2014-03-31", "2019-03-31", "2026-03-31"].map(|d| d.parse().unwrap());
/// let chart = Flow::collect(&england.ratings()?.series(Theme::Headline)?, &dates, Style::default())?;
/// assert!(chart.title().contains(" moves up and "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Flow {
    /// The dates, in order.
    pub dates: Vec<NaiveDate>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// Between each date and the next: state before, state after, how many.
    pub steps: Vec<Vec<(String, String, u32)>>,
    /// What is graded, as "overall".
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

impl Flow {
    /// Counts the flows of the grades of a series between dates.
    ///
    /// # Errors
    /// [`Error::Asked`] with fewer than two dates.
    pub fn collect(series: &Series, dates: &[NaiveDate], style: Style) -> Result<Self, Error> {
        let dates = several_days(dates)?;
        let style = style.telling(series).noting(series, &dates);
        let labels = labels_of(series, &style);
        let step = |pair: &[NaiveDate]| -> Result<Vec<(String, String, u32)>, Error> {
            let text = |name: &str| col(name).cast(DataType::String);
            let flows = series.flows(pair[0], pair[1]).plan()?.select([text(FROM), text(TO), col(COUNT)]).collect()?;
            let (from, to) = (flows.column(FROM)?.str()?, flows.column(TO)?.str()?);
            let rows = from.iter().zip(to.iter()).zip(flows.column(COUNT)?.u32()?.into_no_null_iter());
            Ok(rows.filter_map(|((a, b), n)| Some((style.said().grade(a?), style.said().grade(b?), n))).collect())
        };
        Ok(Flow {
            steps: dates.windows(2).map(step).collect::<Result<_, _>>()?,
            dates,
            labels,
            what: style.said().series(series.id().as_str()),
            style,
        })
    }

    /// Place of a state from the top: the best grade first, then what is no grade.
    fn place(&self, state: &str) -> usize {
        let k = self.labels.len();
        match self.labels.iter().position(|l| l == state) {
            Some(rank) => k - 1 - rank,
            None => k + Scale::RESERVED.iter().position(|r| self.style.said().grade(r) == state).unwrap_or(0),
        }
    }

    fn name(&self, place: usize) -> String {
        let k = self.labels.len();
        match place.checked_sub(k) {
            None => capital(&self.labels[k - 1 - place]),
            Some(n) => capital(&self.style.said().grade(Scale::RESERVED.get(n).copied().unwrap_or_default())),
        }
    }

    /// Counts by place at each date: what arrives, or what leaves where more does.
    fn nodes(&self, n: usize) -> BTreeMap<usize, (u32, u32)> {
        let mut nodes: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
        if let Some(step) = n.checked_sub(1).and_then(|n| self.steps.get(n)) {
            step.iter().for_each(|(_, to, count)| nodes.entry(self.place(to)).or_default().0 += count);
        }
        if let Some(step) = self.steps.get(n) {
            step.iter().for_each(|(from, _, count)| nodes.entry(self.place(from)).or_default().1 += count);
        }
        nodes
    }

    fn subtitle(&self) -> String {
        let bodies = capital(&self.style.said().body.many);
        format!("{bodies} by {} grade, and how they moved between these dates", self.what)
    }

    fn caption(&self) -> String {
        let bodies = &self.style.said().body.many;
        let net = "A move is the difference between one date and the next, whatever came between.";
        format!("{}. Bands: {bodies} that stood at one grade, then at the other. {net}", self.style.origin())
    }

    fn layout(&self) -> Result<Layout, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let places = (0..self.dates.len()).flat_map(|n| self.nodes(n).into_keys().collect::<Vec<_>>());
        let label = |p: usize| STRONG.width(&format!("{} 999", self.name(p)));
        let labels = places.map(label).max().unwrap_or(0) + 12;
        let columns = self.dates.len() as i32;
        let least = 2 * MARGIN + 2 * labels + (columns - 1) * 190;
        let page = Page::new(&self.style, (least, 1080), (&texts.0, &texts.1, &texts.2))?;
        if page.narrow {
            return Ok(self.narrow_layout(page));
        }
        let top = page.top() + 28 + if columns > 2 { SMALL.line_height() } else { 0 };
        let (left, right) = (MARGIN + labels, page.width - MARGIN - labels);
        let most = (0..self.dates.len()).map(|n| self.nodes(n)).map(|nodes| {
            let count: u32 = nodes.values().map(|(a, b)| *a.max(b)).sum();
            (count, nodes.len() as i32)
        });
        let (count, nodes) = most.fold((1, 1), |(a, b), (c, d)| (a.max(c), b.max(d)));
        let high = HEIGHT.max(STATE * nodes);
        let scale = f64::from(high - GAP * (nodes - 1)) / f64::from(count);
        let (key, panels) = (Key::new(Vec::new(), &page), Vec::new());
        Ok(Layout { page, key, panels, left, right, top, scale, bottom: top + high + 4 })
    }

    /// How far from its day the node of those opened or closed between two days stands, when these are so far apart.
    fn inset(&self, place: usize, apart: i32) -> i32 {
        let state = place.checked_sub(self.labels.len()).and_then(|n| Scale::RESERVED.get(n).copied());
        if state == Some(OPENED_STATE) || state == Some(CLOSED_STATE) { apart * 3 / 10 } else { 0 }
    }

    /// The same on a narrow page, where the names of both stand side by side.
    fn aside(&self, place: usize, apart: i32) -> i32 {
        self.inset(place, apart) * 2 / 3
    }

    fn colour(&self, canvas: &Canvas, place: usize) -> Colour {
        match self.labels.len().checked_sub(place + 1) {
            Some(rank) => canvas.palette.grade(rank),
            None => canvas.palette.band,
        }
    }
}

struct Layout {
    page: Page,
    key: Key,
    /// The steps of a narrow page, one below another.
    panels: Vec<Panel>,
    left: i32,
    right: i32,
    top: i32,
    /// Pixels a body.
    scale: f64,
    bottom: i32,
}

/// A band between two nodes: left and right edges, each from top to bottom, as a smooth outline.
fn band(x: (i32, i32), left: (f64, f64), right: (f64, f64)) -> Vec<(i32, i32)> {
    const PARTS: i32 = 24;
    let curve = |from: f64, to: f64| {
        (0..=PARTS).map(move |n| {
            let t = f64::from(n) / f64::from(PARTS);
            let smooth = t * t * (3.0 - 2.0 * t);
            (x.0 + (t * f64::from(x.1 - x.0)).round() as i32, (from + smooth * (to - from)).round() as i32)
        })
    };
    let mut outline: Vec<(i32, i32)> = curve(left.0, right.0).collect();
    outline.extend(curve(left.1, right.1).collect::<Vec<_>>().into_iter().rev());
    outline
}

impl Chart for Flow {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let rank = |state: &str| self.labels.iter().position(|l| l == state);
        let tally = |keep: &dyn Fn(usize, usize) -> bool| -> u32 {
            let graded = self.steps.iter().flatten().filter_map(|(a, b, n)| Some((rank(a)?, rank(b)?, *n)));
            graded.filter(|(a, b, _)| keep(*a, *b)).map(|(_, _, n)| n).sum()
        };
        let (up, down) = (tally(&|a, b| b > a), tally(&|a, b| b < a));
        let day = |n: usize| Precision::Day.write(self.dates[n]);
        let (first, last) = (day(0), day(self.dates.len() - 1));
        let (body, what) = (&self.style.said().body, &self.what);
        if self.dates.len() == 2 {
            match (up, down) {
                (0, 0) => {
                    let none = format!("No {} stood at another {what} grade on {last} than on {first}", body.one);
                    let new = self.steps.iter().flatten().filter(|(a, b, _)| rank(a).is_none() && rank(b).is_some());
                    match new.map(|(_, _, n)| n).sum::<u32>() {
                        0 => none,
                        n => format!("{none}; {n} had none before"),
                    }
                }
                _ => {
                    let bodies = body.count(up as usize);
                    format!("{bodies} stood at a higher {what} grade on {last} than on {first}, {down} at a lower one")
                }
            }
        } else {
            let (ups, downs) = (if up == 1 { "move" } else { "moves" }, if down == 1 { "move" } else { "moves" });
            format!("{up} {ups} up and {down} {downs} down in {what} grades between {first} and {last}")
        }
    }

    fn alt_text(&self) -> String {
        let steps = self.steps.iter().zip(self.dates.windows(2)).map(|(step, pair)| {
            let flows = step.iter().map(|(a, b, n)| format!("{n} from {a} to {b}"));
            let (from, to) = (Precision::Day.write(pair[0]), Precision::Day.write(pair[1]));
            let flows = flows.collect::<Vec<_>>().join(", ");
            let flows =
                if flows.is_empty() { format!("no {} was rated by then", self.style.said().body.one) } else { flows };
            format!("From {from} to {to}: {flows}")
        });
        format!("Flow diagram. {}. {}.", self.title(), steps.collect::<Vec<_>>().join(". "))
    }

    fn table(&self) -> Table {
        let columns = ["from day", "to day", "from grade", "to grade", self.style.said().body.many.as_str()];
        let rows = self.steps.iter().zip(self.dates.windows(2)).flat_map(|(step, pair)| {
            step.iter().map(|(from, to, count)| {
                vec![pair[0].to_string(), pair[1].to_string(), from.clone(), to.clone(), count.to_string()]
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        if at.page.narrow {
            at.key.draw(&canvas, &self.style, at.page.top());
            at.panels
                .iter()
                .zip(self.dates.windows(2))
                .for_each(|(panel, pair)| self.draw_panel(&canvas, &at, panel, pair));
            return Ok(canvas.finish());
        }
        let columns = self.dates.len();
        let apart = (at.right - at.left - NODE) / (columns as i32 - 1);
        let x = |n: usize| at.left + (at.right - at.left - NODE) * n as i32 / (columns as i32 - 1);
        // Tops of the nodes.
        let tops: Vec<BTreeMap<usize, f64>> = (0..columns)
            .map(|n| {
                let mut y = f64::from(at.top);
                let stack = |(place, (a, b)): (usize, (u32, u32))| {
                    let top = y;
                    y += f64::from(a.max(b)) * at.scale + f64::from(GAP);
                    (place, top)
                };
                self.nodes(n).into_iter().map(stack).collect()
            })
            .collect();
        for (n, step) in self.steps.iter().enumerate() {
            let (mut leaving, mut arriving) = (tops[n].clone(), tops[n + 1].clone());
            let mut flows: Vec<(usize, usize, u32)> =
                step.iter().map(|(a, b, count)| (self.place(a), self.place(b), *count)).collect();
            flows.sort_unstable();
            let mut texts = Vec::new();
            for (from, to, count) in flows {
                let thick = f64::from(count) * at.scale;
                let (Some(left), Some(right)) = (leaving.get_mut(&from), arriving.get_mut(&to)) else { continue };
                let edges = (x(n) + NODE + self.inset(from, apart), x(n + 1) - self.inset(to, apart));
                let outline = band(edges, (*left, *left + thick), (*right, *right + thick));
                self.draw_band(&canvas, outline, from, thick);
                if thick >= f64::from(SMALL.line_height()) {
                    texts.push((count, edges.0 + 14, (*left + thick / 2.0).round() as i32));
                }
                *left += thick;
                *right += thick;
            }
            for (count, x, y) in texts {
                canvas.text(&count.to_string(), SMALL, canvas.palette.ink, HPos::Center, (x, y));
            }
        }
        for (n, tops) in tops.iter().enumerate() {
            let date = Precision::Day.write(self.dates[n]);
            let middle = x(n) + NODE / 2;
            let half = BODY.width(&date) / 2;
            let middle = middle.clamp(MARGIN + half, at.page.width - MARGIN - half);
            canvas.text(&date, BODY, canvas.palette.quiet, HPos::Center, (middle, at.page.top() + 12));
            for (place, (a, b)) in self.nodes(n) {
                let top = tops[&place];
                let bottom = top + f64::from(a.max(b)) * at.scale;
                let (top, bottom) = (top.round() as i32, (bottom.round() as i32).max(top.round() as i32 + 2));
                // Those opened later did not exist on the day, nor those closed by it.
                let aside = self.inset(place, apart);
                let left = x(n) + if a > b { -aside } else { aside };
                canvas.rect((left, top), (left + NODE, bottom), self.colour(&canvas, place));
                let text = format!("{} {}", self.name(place), a.max(b));
                let y = (top + bottom) / 2;
                if aside == 0 && n == 0 {
                    canvas.text(&text, STRONG, canvas.palette.ink, HPos::Right, (left - 8, y));
                } else if aside == 0 && n + 1 == columns {
                    canvas.text(&text, STRONG, canvas.palette.ink, HPos::Left, (left + NODE + 8, y));
                } else {
                    let room = if aside == 0 { apart - 24 } else { apart * 2 / 5 - 4 };
                    let text = SMALL.fit(&text, room);
                    let above = (left + NODE / 2, top - SMALL.line_height() / 2 - 1);
                    canvas.text_on_paper(&text, SMALL, above);
                }
            }
        }
        Ok(canvas.finish())
    }
}

/// One step on a narrow page.
struct Panel {
    top: i32,
    /// Names and counts of the places left and right, broken into lines, and the tops of their nodes.
    nodes: [Vec<Node>; 2],
    /// Place before, place after, how many: in order.
    flows: Vec<(usize, usize, u32)>,
}

struct Node {
    place: usize,
    count: u32,
    name: Vec<String>,
    top: f64,
}

impl Flow {
    fn narrow_layout(&self, page: Page) -> Layout {
        let entry = |(rank, label): (usize, &String)| (Swatch::Grade(rank), label.clone());
        let graded = self.labels.iter().enumerate().map(entry);
        let placed = |state: &String| self.place(state);
        let others = self.steps.iter().flatten().any(|(a, b, _)| placed(a).max(placed(b)) >= self.labels.len());
        let other = others.then(|| (Swatch::Other, "no grade".to_owned()));
        let key = Key::new(graded.chain(other).collect(), &page);
        let most = self.steps.iter().map(|step| step.iter().map(|(_, _, n)| n).sum::<u32>()).max().unwrap_or(0);
        let scale = f64::from(PANEL) / f64::from(most.max(1));
        let half = page.room() / 2 - 6;
        let mut top = page.top() + key.height() + 8;
        let mut panels = Vec::new();
        for step in &self.steps {
            let mut flows: Vec<(usize, usize, u32)> =
                step.iter().map(|(a, b, count)| (self.place(a), self.place(b), *count)).collect();
            flows.sort_unstable();
            let mut bottom = top;
            let mut side = |of: &dyn Fn(&(usize, usize, u32)) -> usize| -> Vec<Node> {
                let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
                flows.iter().for_each(|flow| *counts.entry(of(flow)).or_default() += flow.2);
                let mut y = f64::from(top + 24);
                let node = |(place, count): (usize, u32)| {
                    let apart = page.room() - NODE;
                    let room = if self.inset(place, apart) == 0 { half } else { apart * 3 / 10 - 8 };
                    let name = SMALL.wrap(&format!("{} {count}", self.name(place)), room);
                    let node_top = y + f64::from(name.len() as i32 * SMALL.line_height() + 2);
                    y = node_top + (f64::from(count) * scale).max(2.0) + 6.0;
                    bottom = bottom.max(y.ceil() as i32);
                    Node { place, count, name, top: node_top }
                };
                counts.into_iter().map(node).collect()
            };
            let nodes = [side(&|flow| flow.0), side(&|flow| flow.1)];
            panels.push(Panel { top, nodes, flows });
            top = bottom + BETWEEN;
        }
        let (left, right, start) = (page.margin, page.right(), page.top());
        Layout { key, panels, left, right, top: start, scale, bottom: top - BETWEEN, page }
    }

    /// One step of a narrow page: the days, the bands, and each node with its name and count above it.
    fn draw_panel(&self, canvas: &Canvas, at: &Layout, panel: &Panel, pair: &[NaiveDate]) {
        let palette = &canvas.palette;
        let sides = [(at.left, HPos::Left), (at.right - NODE, HPos::Right)];
        let tops = |nodes: &[Node]| nodes.iter().map(|node| (node.place, node.top)).collect::<BTreeMap<_, _>>();
        let (mut leaving, mut arriving) = (tops(&panel.nodes[0]), tops(&panel.nodes[1]));
        let mut counts = Vec::new();
        for (from, to, count) in &panel.flows {
            let thick = f64::from(*count) * at.scale;
            let (Some(left), Some(right)) = (leaving.get_mut(from), arriving.get_mut(to)) else { continue };
            let apart = at.right - at.left - NODE;
            let edges = (at.left + NODE + self.aside(*from, apart), at.right - NODE - self.aside(*to, apart));
            self.draw_band(canvas, band(edges, (*left, *left + thick), (*right, *right + thick)), *from, thick);
            if thick >= f64::from(SMALL.line_height()) {
                counts.push((count.to_string(), (edges.0 + 14, (*left + thick / 2.0).round() as i32)));
            }
            *left += thick;
            *right += thick;
        }
        for (n, (x, anchor)) in sides.into_iter().enumerate() {
            let edge = if n == 0 { at.left } else { at.right };
            let day = Precision::Day.write_short(pair[n]);
            canvas.text(&day, STRONG, palette.ink, anchor, (edge, panel.top + 10));
            for node in &panel.nodes[n] {
                let aside = self.aside(node.place, at.right - at.left - NODE) * if n == 0 { 1 } else { -1 };
                let (x, edge) = (x + aside, edge + aside);
                let top = node.top.round() as i32;
                let bottom = (node.top + f64::from(node.count) * at.scale).round() as i32;
                canvas.rect((x, top), (x + NODE, bottom.max(top + 2)), self.colour(canvas, node.place));
                for (line, text) in (0..).zip(node.name.iter().rev()) {
                    let y = top - 2 - SMALL.line_height() / 2 - line * SMALL.line_height();
                    let half = SMALL.width(text) / 2 + 1;
                    let middle = if n == 0 { edge + half } else { edge - half };
                    canvas.text_on_paper(text, SMALL, (middle, y));
                }
            }
        }
        for (text, place) in counts {
            canvas.text(&text, SMALL, palette.ink, HPos::Center, place);
        }
    }

    /// A band that what is below shines through, parted from those it touches where it is thick enough to lose a line.
    fn draw_band(&self, canvas: &Canvas, outline: Vec<(i32, i32)>, from: usize, thick: f64) {
        let colour = self.colour(canvas, from);
        let upper = outline[..outline.len() / 2].to_vec();
        canvas.veil(outline, colour, 0.42);
        if thick >= THIN && !canvas.palette.needs_outline(colour) {
            canvas.path(upper, canvas.palette.paper, 1);
        }
    }
}
