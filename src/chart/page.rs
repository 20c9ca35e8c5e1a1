//! What surrounds every chart: title, subtitle, caption, and the space between them.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{BODY, Font, SMALL, SMALL_TITLE, TITLE};
use super::style::{Palette, Style};
use crate::Error;

/// Space around everything, and around everything on a narrow page.
pub(super) const MARGIN: i32 = 32;
const SMALL_MARGIN: i32 = 12;
/// Pages of less width have small margins and titles, and texts that grow with them.
const SMALL_PAGE: i32 = 560;
/// The least width of every chart: that of the narrowest phones.
const LEAST_WIDTH: i32 = 288;
/// Wider pictures serve nobody and cost memory.
pub(super) const MAX_WIDTH: i32 = 8_000;
/// A higher picture is cut by browsers and cannot be printed. Small ones may grow by a quarter.
pub(super) const MAX_HEIGHT: i32 = 16_000;

/// The width that a picture of a width is laid out at. A small one is laid out narrower and enlarged, the more the wider
/// it is, up to a quarter: texts of 12 pixels at a width of 288 have 15 at 360.
pub(super) fn laid_out(width: i32) -> i32 {
    if width < SMALL_PAGE { (width * 4 / 5).clamp(LEAST_WIDTH.min(width), width) } else { width }
}

/// A page of a width, with its texts broken into lines.
pub(super) struct Page {
    pub(super) width: i32,
    /// How many pixels one of the page gets.
    enlarged: f64,
    /// Space around everything.
    pub(super) margin: i32,
    /// Whether the chart has its narrow form: the wide one has no room.
    pub(super) narrow: bool,
    heading: Font,
    title: Vec<String>,
    subtitle: Vec<String>,
    caption: Vec<String>,
}

impl Page {
    /// The width asked for, or what suits the chart. On less than `least` the chart takes its narrow form.
    pub(super) fn new(
        style: &Style,
        (least, usual): (i32, i32),
        (title, subtitle, caption): (&str, &str, &str),
    ) -> Result<Self, Error> {
        let width = match style.width.map(|w| i32::try_from(w).unwrap_or(i32::MAX)) {
            Some(width) if !(LEAST_WIDTH..=MAX_WIDTH).contains(&width) => {
                let message = format!("a width of {width} pixels; a picture needs {LEAST_WIDTH} to {MAX_WIDTH}");
                return Err(Error::Chart(message));
            }
            Some(width) => width,
            None => usual.max(least).min(MAX_WIDTH),
        };
        let small = width < SMALL_PAGE;
        let (drawn, width) = (width, laid_out(width));
        let (margin, heading) = if small { (SMALL_MARGIN, SMALL_TITLE) } else { (MARGIN, TITLE) };
        let caption = [&[style.caption.as_deref().unwrap_or(caption).to_owned()], style.notes.as_slice()].concat();
        let caption = caption.into_iter().chain(style.said().coverage.clone()).collect::<Vec<_>>().join(" ");
        let subtitle = style.subtitle.as_deref().unwrap_or(subtitle);
        // A tenth is left for the wider fonts of machines that lack ours.
        let room = (width - 2 * margin) * 9 / 10;
        let shown = |text: &str| if style.bare { String::new() } else { text.to_owned() };
        let title = if style.title.as_deref() == Some("") { "" } else { title };
        Ok(Page {
            width,
            enlarged: f64::from(drawn) / f64::from(width),
            margin,
            narrow: width < least,
            heading,
            title: heading.wrap_evenly(&shown(title), room),
            subtitle: BODY.wrap_evenly(&shown(subtitle), room),
            caption: SMALL.wrap(&shown(&caption), room),
        })
    }

    /// The width between the margins.
    pub(super) fn room(&self) -> i32 {
        self.width - 2 * self.margin
    }

    /// As [`Font::fit`]. On a narrow page, where texts end at the edge, some room is left for the wider fonts of machines that
    /// lack ours.
    pub(super) fn fit(&self, font: Font, text: &str, room: i32) -> String {
        font.fit(text, self.spared(room))
    }

    /// A room for text, on a narrow page less what wider fonts need.
    pub(super) fn spared(&self, room: i32) -> i32 {
        if self.narrow { room * 47 / 50 } else { room }
    }

    /// The left edge of the right margin.
    pub(super) fn right(&self) -> i32 {
        self.width - self.margin
    }

    /// Where the chart itself begins.
    pub(super) fn top(&self) -> i32 {
        let (title, subtitle) = (self.title.len() as i32, self.subtitle.len() as i32);
        self.margin + title * self.heading.line_height() + subtitle * BODY.line_height() + 18
    }

    /// Height of the page when the chart ends at `bottom`.
    fn height(&self, bottom: i32) -> i32 {
        bottom + 16 + self.caption.len() as i32 * SMALL.line_height() + self.margin.max(20) - 8
    }

    /// A canvas with the texts around a chart that ends at `bottom`, nothing else on it.
    ///
    /// # Errors
    /// [`Error::Chart`] for a picture that would be too high.
    pub(super) fn open(&self, palette: Palette, bottom: i32) -> Result<Canvas, Error> {
        let height = self.height(bottom);
        if height > MAX_HEIGHT {
            let [high, most] = [height, MAX_HEIGHT].map(|side| (f64::from(side) * self.enlarged).round() as i32);
            return Err(Error::Chart(format!(
                "a picture {high} pixels high, more than {most}; draw fewer, as one group or those named, or make it wider"
            )));
        }
        let canvas = Canvas::new(palette, (self.width as u32, height as u32), self.enlarged);
        let palette = &canvas.palette;
        let mut y = self.margin;
        for (lines, font, colour) in [(&self.title, self.heading, palette.ink), (&self.subtitle, BODY, palette.quiet)] {
            for line in lines {
                canvas.text(line, font, colour, HPos::Left, (self.margin, y + font.line_height() / 2));
                y += font.line_height();
            }
        }
        for (n, line) in (0..).zip(&self.caption) {
            let y = bottom + 16 + n * SMALL.line_height() + SMALL.line_height() / 2;
            canvas.text(line, SMALL, palette.quiet, HPos::Left, (self.margin, y));
        }
        Ok(canvas)
    }
}

/// What stands beside a text in a key.
#[derive(Clone, Copy)]
pub(super) enum Swatch {
    Grade(usize),
    /// Not known, or no longer given.
    Hatch,
    /// Nothing yet.
    Blank,
    /// No such body.
    Dot,
    /// A line among several.
    Line(usize),
    /// A state that is no grade.
    Other,
    /// A mark under a grade.
    Underlined,
}

/// Texts beside what they explain, in as many rows as they need.
pub(super) struct Key {
    entries: Vec<(Swatch, Vec<String>, (i32, i32))>,
    rows: i32,
}

impl Key {
    const ROW: i32 = 20;
    const MARK: i32 = 20;
    const LINE_MARK: i32 = 40;

    /// The grades by name.
    pub(super) fn grades(labels: &[String], page: &Page) -> Self {
        Key::new(Key::of(labels), page)
    }

    /// The entries of grades.
    pub(super) fn of(labels: &[String]) -> Vec<(Swatch, String)> {
        labels.iter().enumerate().map(|(rank, label)| (Swatch::Grade(rank), label.clone())).collect()
    }

    fn mark(swatch: Swatch) -> i32 {
        if let Swatch::Line(_) = swatch { Key::LINE_MARK } else { Key::MARK }
    }

    pub(super) fn new(entries: Vec<(Swatch, String)>, page: &Page) -> Self {
        let (mut x, mut row, mut used) = (0, 0, 0);
        let room = page.room();
        let place = |(swatch, text): (Swatch, String)| {
            let lines = BODY.wrap(&text, page.spared(room - Key::mark(swatch)));
            let text = lines.iter().map(|line| BODY.width(line)).max().unwrap_or(0);
            let wide = Key::mark(swatch) + text;
            if x > 0 && x + wide > room {
                (x, row, used) = (0, row + used, 0);
            }
            used = used.max(lines.len() as i32);
            let at = (page.margin + x, row);
            // A tenth more, as fonts that stand in for ours are wider.
            x += wide + text / 10 + 18;
            (swatch, lines, at)
        };
        let entries: Vec<_> = entries.into_iter().map(place).collect();
        let rows = entries.iter().map(|(_, lines, (_, row))| row + lines.len() as i32).max().unwrap_or(0);
        Key { entries, rows }
    }

    pub(super) fn height(&self) -> i32 {
        if self.rows == 0 { 0 } else { self.rows * Key::ROW + 6 }
    }

    pub(super) fn draw(&self, canvas: &Canvas, style: &Style, top: i32) {
        let palette = &canvas.palette;
        for (swatch, lines, (x, row)) in &self.entries {
            let y = top + row * Key::ROW + 7;
            let (from, to) = ((*x, y - 7), (x + 14, y + 7));
            match swatch {
                Swatch::Grade(rank) => canvas.rect(from, to, canvas.palette.grade(*rank)),
                Swatch::Hatch => canvas.hatch(from, to, palette.quiet),
                Swatch::Blank => canvas.frame(from, to, palette.rule),
                Swatch::Dot => canvas.rect((x + 5, y - 2), (x + 9, y + 2), palette.quiet),
                Swatch::Line(n) => canvas.stroke(&[(*x, y), (x + Key::LINE_MARK - 6, y)], style.line(*n), 3, *n),
                Swatch::Other => canvas.rect(from, to, palette.band),
                Swatch::Underlined => canvas.rect((*x, y + 2), (x + 14, y + 5), palette.ink),
            }
            for (n, line) in (0..).zip(lines) {
                let at = (x + Key::mark(*swatch), y + n * Key::ROW);
                canvas.text(line, BODY, palette.ink, HPos::Left, at);
            }
        }
    }
}
