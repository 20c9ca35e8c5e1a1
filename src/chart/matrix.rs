//! Transition matrices as heat maps.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{BODY, Font, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::{Colour, Mode, Palette, Style};
use super::{Chart, Table, capital};
use crate::estimate::TransitionMatrix;
use crate::{Error, Series};

/// Probabilities of each grade (column) some time after each grade (row): better in blue, worse in orange, the darker
/// the likelier, staying on a quiet diagonal; each cell with its probability, its interval, drawn and written, and what was
/// counted.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Matrix, Style};
/// use rating_history::estimate::{CohortOptions, Study, PairCounts, Snapshots, cohort_matrix};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let options = CohortOptions::default();
/// let pairs = PairCounts::snapshots(&headline, &Study::until(england.cut_off()), &Snapshots::default())?;
/// let chart = Matrix::new(cohort_matrix(&pairs, &options)?, &headline, Style::default())?;
/// assert!(chart.to_svg()?.contains("requires improvement"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Matrix {
    /// The probabilities.
    pub matrix: TransitionMatrix,
    /// The series, as its title names it.
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

/// On a narrow page up to so many grades have a panel of coloured cells each; more have a plain table.
const PANELS: i32 = 7;
/// Height of what surrounds the heading of a panel.
const AROUND: i32 = 15;
const LARGE: Font = Font { px: 18.0, bold: true };

/// Neither nothing nor all where it is only nearly so.
fn percent(p: f64) -> String {
    match 100.0 * p {
        p if p > 0.0 && p < 0.05 => "under 0.1%".to_owned(),
        p if p > 99.95 && p < 100.0 => "over 99.9%".to_owned(),
        p if p > 0.0 && p < 0.95 || p > 99.05 && p < 100.0 => format!("{p:.1}%"),
        p => format!("{p:.0}%"),
    }
}

impl Matrix {
    /// The heat map of a matrix that was estimated from this series, or of numbers that were given.
    ///
    /// # Errors
    /// [`Error::Value`] for a matrix of another series.
    pub fn new(matrix: TransitionMatrix, series: &Series, style: Style) -> Result<Self, Error> {
        if let Some(other) = matrix.settings.series.as_ref().filter(|id| *id != series.id()) {
            return Err(Error::value("series", series.id(), format!("the series of the matrix, {other}")));
        }
        let style = style.telling(series);
        Ok(Matrix { matrix, what: style.said().series(series.id().as_str()), style })
    }

    fn years(&self) -> String {
        match self.matrix.settings.years {
            1.0 => "one year".to_owned(),
            years => format!("{} years", (years * 10.0).round() / 10.0),
        }
    }

    /// Few cells have room for their intervals.
    fn detailed(&self) -> bool {
        self.matrix.labels.len() <= 6
    }

    fn subtitle(&self) -> String {
        let detail = if self.detailed() { ", with its interval and the moves counted" } else { "" };
        format!("Probability of each {} grade {} after each grade{detail}", self.what, self.years())
    }

    fn caption(&self) -> String {
        let settings = &self.matrix.settings;
        let level = 100.0 * settings.level;
        let drawn = if self.detailed() {
            " Bars: the interval, from 0% at the left edge of a cell to 100% at the right."
        } else {
            ""
        };
        let made = format!("{}, {level:.0}% intervals: {}.", capital(&settings.estimator), settings.interval);
        let notes: String = settings.notes.iter().map(|n| format!(" {}.", capital(n))).collect();
        format!("{}. {made}{drawn}{notes}", self.style.origin())
    }

    fn layout(&self) -> Result<Layout, Error> {
        let k = self.matrix.labels.len() as i32;
        let labels = self.matrix.labels.iter().map(|l| STRONG.width(&self.style.said().grade(l))).max().unwrap_or(0);
        let left = MARGIN + labels + 16;
        let (cell, high) = if self.detailed() { (labels.max(118) + 12, 92) } else { (52, 34) };
        let texts = (self.title(), self.subtitle(), self.caption());
        let least = (left + k * cell + MARGIN).max(420);
        let page = Page::new(&self.style, (least, least), (&texts.0, &texts.1, &texts.2))?;
        // Many columns carry their numbers only; their names are those of the rows, in the same order.
        if page.narrow {
            let (high, top, cell) = (if k <= PANELS { 52 } else { 20 }, page.top(), page.room());
            let head = (0..k as usize).map(|i| self.heading(i, cell).len() as i32).max().unwrap_or(1);
            let head = AROUND + head * STRONG.line_height();
            return Ok(Layout { left: page.margin, top, cell, high, head, bottom: top + k * (head + k * high), page });
        }
        let top = page.top() + 52;
        Ok(Layout { left, top, cell, high, head: 0, bottom: top + k * high, page })
    }

    /// The heading of a panel, in at most two lines.
    fn heading(&self, i: usize, room: i32) -> Vec<String> {
        let grade = capital(&self.style.said().grade(&self.matrix.labels[i]));
        let lines = STRONG.wrap(&format!("{grade}, {} later:", self.years()), room);
        if lines.len() <= 2 { lines } else { vec![STRONG.fit(&grade, room), format!("{} later:", self.years())] }
    }

    /// A colour between paper and the hue of the direction.
    fn colour(&self, i: usize, j: usize, p: f64, paper: Colour) -> Colour {
        let full = match (self.style.mode, i.cmp(&j)) {
            (_, std::cmp::Ordering::Equal) => Colour(0x8A, 0x93, 0x9B),
            (Mode::Print, _) => Colour(0x50, 0x50, 0x50),
            (Mode::Dark, std::cmp::Ordering::Less) => Colour(0x6B, 0xAC, 0xE6),
            (_, std::cmp::Ordering::Less) => Colour(0x12, 0x43, 0x6D),
            (_, std::cmp::Ordering::Greater) => Colour(0xC0, 0x42, 0x12),
        };
        // Half of all colour is reached at a fifth: moves are rarer than staying.
        let part = if i == j { 0.5 * p } else { p.sqrt() };
        paper.towards(full, part)
    }
}

struct Layout {
    page: Page,
    left: i32,
    top: i32,
    cell: i32,
    high: i32,
    /// Height of the heading of a panel, where there are panels.
    head: i32,
    bottom: i32,
}

impl Chart for Matrix {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let (label, what) = (self.style.said().grade(&self.matrix.labels[0]), &self.what);
        match self.matrix.probability[0][0] {
            Some(stay) => {
                let sure = match (self.matrix.lower[0][0], self.matrix.upper[0][0]) {
                    // Few cases tell little: the title says how little.
                    (Some(lower), Some(upper)) if upper - lower > 0.5 => {
                        format!(" ({} to {})", percent(1.0 - upper), percent(1.0 - lower))
                    }
                    _ => String::new(),
                };
                let left = percent(1.0 - stay);
                format!("{left}{sure} of those with the {what} grade {label} no longer had it {} later", self.years())
            }
            None => format!("From {} grade to grade in {}", self.what, self.years()),
        }
    }

    fn alt_text(&self) -> String {
        let words = self.style.said();
        let rows = self.matrix.labels.iter().zip(&self.matrix.probability).map(|(from, row)| {
            let cells = self
                .matrix
                .labels
                .iter()
                .zip(row)
                .map(|(to, p)| format!("{} {}", words.grade(to), p.map_or("no estimate".to_owned(), percent)));
            format!("from {}: {}", words.grade(from), cells.collect::<Vec<_>>().join(", "))
        });
        format!("Heat map. {}. {}.", self.title(), rows.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let number = |p: Option<f64>| p.map_or(String::new(), |p| format!("{p:.4}"));
        let (words, matrix, k) = (self.style.said(), &self.matrix, self.matrix.labels.len());
        let rows = (0..k).flat_map(|i| (0..k).map(move |j| (i, j))).map(|(i, j)| {
            let (from, to) = (words.grade(&matrix.labels[i]), words.grade(&matrix.labels[j]));
            let [p, lower, upper] = [matrix.probability[i][j], matrix.lower[i][j], matrix.upper[i][j]].map(number);
            vec![from, to, p, lower, upper, format!("{:.0}", matrix.count[i][j])]
        });
        let later = format!("grade {} later", self.years());
        Table::new(["grade", &later, "probability", "lower", "upper", "counted"], rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(4), at.bottom)?;
        if at.page.narrow {
            self.draw_panels(&canvas, &at);
            return Ok(canvas.finish());
        }
        let palette = &canvas.palette;
        let half = at.cell / 2;
        let after = format!("Grade {} later", self.years());
        canvas.text(&after, BODY, palette.quiet, HPos::Left, (at.left, at.top - 38));
        canvas.text("Grade", BODY, palette.quiet, HPos::Right, (at.left - 12, at.top - 16));
        for (n, label) in (0..).zip(&self.matrix.labels) {
            let label = &self.style.said().grade(label);
            let (x, y) = (at.left + n * at.cell + half, at.top + n * at.high + at.high / 2);
            if self.detailed() {
                canvas.text(label, STRONG, palette.ink, HPos::Center, (x, at.top - 16));
            } else {
                canvas.text(&(n + 1).to_string(), BODY, palette.quiet, HPos::Center, (x, at.top - 14));
            }
            let row = if self.detailed() { label.clone() } else { format!("{label} {}", n + 1) };
            canvas.text(&row, STRONG, palette.ink, HPos::Right, (at.left - 12, y));
        }
        let k = self.matrix.labels.len();
        for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))) {
            let (x, y) = (at.left + j as i32 * at.cell, at.top + i as i32 * at.high);
            let (from, to) = ((x + 1, y + 1), (x + at.cell - 1, y + at.high - 1));
            let Some(p) = self.matrix.probability[i][j] else {
                canvas.hatch(from, to, palette.band);
                continue;
            };
            let colour = self.colour(i, j, p, palette.paper);
            canvas.rect(from, to, colour);
            let ink = Palette::text_on(colour);
            let middle = y + at.high / 2 - if self.detailed() { 7 } else { 0 };
            if !self.detailed() {
                let text = if p >= 0.005 { format!("{:.0}", 100.0 * p) } else { String::new() };
                canvas.text(&text, SMALL, ink, HPos::Center, (x + half, middle));
                continue;
            }
            canvas.text(&percent(p), LARGE, ink, HPos::Center, (x + half, middle - 20));
            if let (Some(lower), Some(upper)) = (self.matrix.lower[i][j], self.matrix.upper[i][j]) {
                let text = format!("{} to {}", percent(lower), percent(upper));
                canvas.text(&text, SMALL, ink, HPos::Center, (x + half, middle + 3));
                draw_interval(&canvas, ((from.0, to.0), to.1 - 9), (lower, p, upper), ink);
            } else {
                canvas.text("interval unknown", SMALL, ink, HPos::Center, (x + half, middle + 3));
            }
            if i != j || self.matrix.count[i][j] > 0.0 {
                let text = format!("{:.0} counted", self.matrix.count[i][j]);
                canvas.text(&text, SMALL, ink, HPos::Center, (x + half, middle + 22));
            }
        }
        Ok(canvas.finish())
    }
}

/// An interval on a line from 0 to 1 between two edges, with a mark at the estimate.
fn draw_interval(
    canvas: &Canvas,
    ((left, right), y): ((i32, i32), i32),
    (lower, p, upper): (f64, f64, f64),
    ink: Colour,
) {
    let x = |p: f64| left + 4 + (p * f64::from(right - left - 8)).round() as i32;
    canvas.line((x(lower), y), (x(upper), y), ink, 1);
    for end in [lower, upper] {
        canvas.line((x(end), y - 3), (x(end), y + 3), ink, 1);
    }
    canvas.rect((x(p) - 2, y - 2), (x(p) + 2, y + 2), ink);
}

impl Matrix {
    /// A panel for each grade: what came of it, one line below another.
    fn draw_panels(&self, canvas: &Canvas, at: &Layout) {
        let (palette, words, matrix) = (&canvas.palette, self.style.said(), &self.matrix);
        let k = matrix.labels.len();
        let right = at.left + at.cell;
        for i in 0..k {
            let top = at.top + i as i32 * (at.head + k as i32 * at.high);
            for (n, line) in (1..).zip(self.heading(i, at.cell).iter().rev()) {
                let y = top + at.head + 5 - n * STRONG.line_height();
                canvas.text(line, STRONG, palette.ink, HPos::Left, (at.left, y));
            }
            for j in 0..k {
                let y = top + at.head + j as i32 * at.high;
                let chance = matrix.probability[i][j].map_or("no estimate".to_owned(), percent);
                let mut ink = palette.ink;
                if k as i32 <= PANELS {
                    let (from, to) = ((at.left, y + 1), (right, y + at.high - 1));
                    match matrix.probability[i][j] {
                        Some(p) => {
                            let colour = self.colour(i, j, p, palette.paper);
                            canvas.rect(from, to, colour);
                            ink = Palette::text_on(colour);
                        }
                        None => canvas.frame(from, to, palette.band),
                    }
                    let interval = match (matrix.lower[i][j], matrix.upper[i][j]) {
                        (Some(lower), Some(upper)) => format!("{} to {}", percent(lower), percent(upper)),
                        _ => "interval unknown".to_owned(),
                    };
                    let counted = format!("{:.0} counted", matrix.count[i][j]);
                    canvas.text(&counted, SMALL, ink, HPos::Left, (at.left + 8, y + 32));
                    canvas.text(&interval, SMALL, ink, HPos::Right, (right - 8, y + 32));
                    if let (Some(lower), Some(p), Some(upper)) =
                        (matrix.lower[i][j], matrix.probability[i][j], matrix.upper[i][j])
                    {
                        draw_interval(canvas, ((at.left, right), to.1 - 5), (lower, p, upper), ink);
                    }
                }
                let room = at.cell - 28 - STRONG.width(&chance);
                let label = BODY.fit(&words.grade(&matrix.labels[j]), room);
                canvas.text(&label, BODY, ink, HPos::Left, (at.left + 8, y + 12));
                canvas.text(&chance, STRONG, ink, HPos::Right, (right - 8, y + 12));
            }
        }
    }
}
