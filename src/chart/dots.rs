//! Shares with their intervals, thing by thing and group by group.

use plotters::style::text_anchor::HPos;

use super::font::{BODY, SMALL};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::{Colour, Style};
use super::{Chart, Table, capital};
use crate::Error;

/// A share of one group, with its interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Dot {
    /// How many.
    pub part: u32,
    /// Of how many.
    pub of: u32,
    /// Lower limit of the share, 0 to 1.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Dot {
    /// The share, 0 to 1; 0 of nothing.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 0.0 } else { f64::from(self.part) / f64::from(self.of) }
    }

    fn percent(&self) -> String {
        format!("{:.0}%", 100.0 * self.share())
    }
}

/// Shares of some groups as dots with their intervals as lines, thing by thing.
///
/// ```
/// use rating_history::chart::{Chart, Dot, DotPlot, Style};
/// let dot = |part| Dot { part, of: 40, lower: 0.1, upper: 0.9 };
/// let groups = vec!["good".to_owned(), "poor".to_owned()];
/// let rows = vec![("Records".to_owned(), vec![dot(10), dot(30)])];
/// let plot = DotPlot::new("Share of homes by grade", groups, rows, Style::default())?;
/// assert_eq!(plot.title(), "Records: 25% of 40 (good), 75% of 40 (poor)");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DotPlot {
    /// What the shares are of, for the line below the title.
    pub about: String,
    /// The groups, in order.
    pub groups: Vec<String>,
    /// Whether the groups are the grades of the scale, worst first, and have their colours.
    pub are_grades: bool,
    /// The rows: a thing and the share of each group.
    pub rows: Vec<(String, Vec<Dot>)>,
    /// How it is drawn.
    pub style: Style,
}

const LANE: i32 = 14;
const BETWEEN: i32 = 14;
const AXIS: i32 = 22;

impl DotPlot {
    /// A plot of these shares.
    ///
    /// # Errors
    /// [`Error::Chart`] without a row or a group, or when a row has not a share for each group.
    pub fn new(
        about: impl Into<String>,
        groups: Vec<String>,
        rows: Vec<(String, Vec<Dot>)>,
        style: Style,
    ) -> Result<Self, Error> {
        if groups.is_empty() || rows.is_empty() {
            return Err(Error::Chart("no share to draw".to_owned()));
        }
        if let Some((row, dots)) = rows.iter().find(|(_, dots)| dots.len() != groups.len()) {
            return Err(Error::Chart(format!("`{row}` has {} shares for {} groups", dots.len(), groups.len())));
        }
        Ok(DotPlot { about: about.into(), groups, are_grades: false, rows, style })
    }

    /// The same plot, its groups in the colours of the grades, worst first.
    #[must_use]
    pub fn of_grades(mut self) -> Self {
        self.are_grades = true;
        self
    }

    fn caption(&self) -> String {
        format!("Dots: shares; lines: 95% intervals. {}.", self.style.origin())
    }

    /// The name of a group with how many it has, where that is the same in every row.
    fn called(&self, group: usize) -> String {
        let of = self.rows[0].1[group].of;
        let same = self.rows.iter().all(|(_, dots)| dots[group].of == of);
        if same { format!("{} ({of})", self.groups[group]) } else { self.groups[group].clone() }
    }
}

impl Chart for DotPlot {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let (label, dots) = &self.rows[0];
        let told = |n: usize| format!("{} of {} ({})", dots[n].percent(), dots[n].of, self.groups[n]);
        match self.groups.len() {
            1 => format!("{label}: {} of {}", dots[0].percent(), dots[0].of),
            n => format!("{label}: {}, {}", told(0), told(n - 1)),
        }
    }

    fn alt_text(&self) -> String {
        let row = |(label, dots): &(String, Vec<Dot>)| {
            let each = self.groups.iter().zip(dots).map(|(group, dot)| format!("{group} {} of {}", dot.part, dot.of));
            format!("{label}: {}", each.collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = self.rows.iter().map(row).collect();
        format!("Dots of shares with intervals. {}. {}. {}.", self.title(), self.about, rows.join(". "))
    }

    fn table(&self) -> Table {
        let rows = self.rows.iter().flat_map(|(label, dots)| {
            self.groups.iter().zip(dots).map(move |(group, dot)| {
                let percent = |share: f64| format!("{:.1}%", 100.0 * share);
                let numbers = [dot.part.to_string(), dot.of.to_string()];
                let shares = [percent(dot.share()), percent(dot.lower), percent(dot.upper)];
                [vec![label.clone(), group.clone()], numbers.to_vec(), shares.to_vec()].concat()
            })
        });
        Table::new(["what", "group", "number", "of", "share", "from", "to"], rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let labels = self.rows.iter().map(|(label, _)| BODY.width(label)).max().unwrap_or(0);
        let least = MARGIN + labels + 20 + 240 + MARGIN;
        let texts = (self.title(), capital(&self.about), self.caption());
        let page = Page::new(&self.style, (least, 900), (&texts.0, &texts.1, &texts.2))?;
        // On a narrow page the names stand above their dots.
        let lines = |label: &str| BODY.wrap(label, page.room() - 4);
        let above = self.rows.iter().map(|(label, _)| lines(label).len() as i32).max().unwrap_or(1);
        let (left, above) = if page.narrow { (page.margin + 16, 20 * above.max(1)) } else { (MARGIN + labels + 20, 0) };
        let right = page.right() - 24;
        let swatch = |n: usize| if self.are_grades { Swatch::Grade(n) } else { Swatch::Line(n) };
        let key = Key::new((0..self.groups.len()).map(|n| (swatch(n), self.called(n))).collect(), &page);
        let top = page.top() + key.height() + AXIS;
        let block = LANE * self.groups.len() as i32 + BETWEEN + above;
        let bottom = top + block * self.rows.len() as i32;
        let canvas = page.open(self.style.paint(self.groups.len()), bottom)?;
        let palette = &canvas.palette;
        let colour =
            |group: usize| -> Colour { if self.are_grades { palette.grade(group) } else { self.style.line(group) } };
        key.draw(&canvas, &self.style, page.top());
        let place = |share: f64| left + (f64::from(right - left) * share).round() as i32;
        for tenth in [0, 25, 50, 75, 100] {
            let x = place(f64::from(tenth) / 100.0);
            canvas.line((x, top), (x, bottom), palette.rule, 1);
            canvas.text(&format!("{tenth}%"), SMALL, palette.quiet, HPos::Center, (x, top - 12));
        }
        for (n, (label, dots)) in (0..).zip(&self.rows) {
            let begin = top + n * block;
            if n > 0 {
                canvas.line((page.margin, begin), (right, begin), palette.rule, 1);
            }
            if page.narrow {
                for (line, text) in (0..).zip(lines(label)) {
                    let middle = page.margin + BODY.width(&text) / 2 + 2;
                    canvas.text_on_paper(&text, BODY, (middle, begin + 14 + 20 * line));
                }
            } else {
                canvas.text(label, BODY, palette.ink, HPos::Left, (MARGIN, begin + block / 2));
            }
            for (g, dot) in dots.iter().enumerate() {
                let y = begin + above + BETWEEN / 2 + LANE * g as i32 + LANE / 2;
                let dashes = if self.are_grades { 0 } else { g };
                let (lower, upper) = (place(dot.lower), place(dot.upper));
                if palette.needs_outline(colour(g)) {
                    canvas.rect((lower, y - 2), (upper, y + 2), colour(g));
                } else {
                    canvas.stroke(&[(lower, y), (upper, y)], colour(g), 2, dashes);
                }
                canvas.dot((place(dot.share()), y), 5, colour(g), true);
            }
        }
        Ok(canvas.finish())
    }
}
