//! What surrounds every chart: title, subtitle, caption, and the space between them.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{BODY, SMALL, TITLE};
use super::style::{Palette, Style};
use crate::Error;

/// Space around everything.
pub(super) const MARGIN: i32 = 32;
/// Wider pictures serve nobody and cost memory.
pub(super) const MAX_WIDTH: i32 = 8_000;

/// A page of a width, with its texts broken into lines.
pub(super) struct Page {
    pub(super) width: i32,
    title: Vec<String>,
    subtitle: Vec<String>,
    caption: Vec<String>,
}

impl Page {
    /// The width asked for, or what suits the chart; refused when it is too small, with the least one.
    pub(super) fn new(
        style: &Style,
        (least, usual): (i32, i32),
        (title, subtitle, caption): (&str, &str, &str),
    ) -> Result<Self, Error> {
        let width = match style.width.map(|w| i32::try_from(w).unwrap_or(i32::MAX)) {
            Some(width) if width < least || width > MAX_WIDTH => {
                let message = format!("a width of {width} pixels; this chart needs {least} to {MAX_WIDTH}");
                return Err(Error::Chart(message));
            }
            Some(width) => width,
            None => usual.max(least),
        };
        let caption = style.caption.as_deref().unwrap_or(caption);
        // A tenth is left for the wider fonts of machines that lack ours.
        let room = (width - 2 * MARGIN) * 9 / 10;
        Ok(Page {
            width,
            title: TITLE.wrap(if style.title.as_deref() == Some("") { "" } else { title }, room),
            subtitle: BODY.wrap(style.subtitle.as_deref().unwrap_or(subtitle), room),
            caption: SMALL.wrap(&[&[caption.to_owned()], style.notes.as_slice()].concat().join(" "), room),
        })
    }

    /// Where the chart itself begins.
    pub(super) fn top(&self) -> i32 {
        let (title, subtitle) = (self.title.len() as i32, self.subtitle.len() as i32);
        MARGIN + title * TITLE.line_height() + subtitle * BODY.line_height() + 18
    }

    /// Height of the page when the chart ends at `bottom`.
    fn height(&self, bottom: i32) -> i32 {
        bottom + 16 + self.caption.len() as i32 * SMALL.line_height() + MARGIN - 8
    }

    /// A canvas with the texts around a chart that ends at `bottom`, nothing else on it.
    pub(super) fn open(&self, palette: Palette, bottom: i32) -> Canvas {
        let canvas = Canvas::new(palette, (self.width as u32, self.height(bottom) as u32));
        let palette = &canvas.palette;
        let mut y = MARGIN;
        for (lines, font, colour) in [(&self.title, TITLE, palette.ink), (&self.subtitle, BODY, palette.quiet)] {
            for line in lines {
                canvas.text(line, font, colour, HPos::Left, (MARGIN, y + font.line_height() / 2));
                y += font.line_height();
            }
        }
        for (n, line) in (0..).zip(&self.caption) {
            let y = bottom + 16 + n * SMALL.line_height() + SMALL.line_height() / 2;
            canvas.text(line, SMALL, palette.quiet, HPos::Left, (MARGIN, y));
        }
        canvas
    }
}

/// The grades' names beside their colours, best first, in as many rows as they need.
pub(super) struct Key {
    /// Left edge and row of each.
    places: Vec<(i32, i32)>,
}

impl Key {
    const ROW: i32 = 20;

    fn width(label: &str) -> i32 {
        BODY.width(label) + 20
    }

    /// The least width it needs.
    pub(super) fn least(labels: &[String]) -> i32 {
        labels.iter().map(|l| Key::width(l)).max().unwrap_or(0)
    }

    pub(super) fn new(labels: &[String], width: i32) -> Self {
        let (mut x, mut row) = (0, 0);
        let place = |label: &String| {
            let wide = Key::width(label);
            if x > 0 && x + wide > width {
                (x, row) = (0, row + 1);
            }
            let at = (MARGIN + x, row);
            x += wide + 18;
            at
        };
        Key { places: labels.iter().map(place).collect() }
    }

    pub(super) fn height(&self) -> i32 {
        self.places.iter().map(|(_, row)| row + 1).max().unwrap_or(0) * Key::ROW + 6
    }

    pub(super) fn draw(&self, canvas: &Canvas, labels: &[String], top: i32) {
        for ((rank, label), (x, row)) in labels.iter().enumerate().zip(&self.places) {
            let y = top + row * Key::ROW + 7;
            canvas.rect((*x, y - 7), (x + 14, y + 7), canvas.palette.grade(rank));
            canvas.text(label, BODY, canvas.palette.ink, HPos::Left, (x + 20, y));
        }
    }
}
