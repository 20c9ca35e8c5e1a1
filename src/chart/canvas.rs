//! Marks and text in one style: the palette, the embedded font with its measures, and a few drawing verbs.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, Color, DrawingArea, DrawingBackend, PathElement, Polygon, RGBColor, Rectangle, ShapeStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle, TextStyle, register_font};

use super::style::Palette;
use crate::Error;

/// The embedded font first, then what a browser has.
const FAMILY: &str = "Noto Sans, Arial, Liberation Sans, sans-serif";

/// Text without the control characters that no file format takes.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// A size of text, in SVG pixels.
#[derive(Clone, Copy)]
pub(super) struct Font {
    pub(super) px: f64,
    pub(super) bold: bool,
}

pub(super) const TITLE: Font = Font { px: 22.0, bold: true };
pub(super) const BODY: Font = Font { px: 14.0, bold: false };
pub(super) const STRONG: Font = Font { px: 14.0, bold: true };
pub(super) const SMALL: Font = Font { px: 12.5, bold: false };

impl Font {
    fn style(self, colour: RGBColor, pos: Pos) -> TextStyle<'static> {
        static REGISTER: Once = Once::new();
        REGISTER.call_once(|| {
            for (style, bytes) in [(FontStyle::Normal, notosans::REGULAR_TTF), (FontStyle::Bold, notosans::BOLD_TTF)] {
                let registered = register_font(FAMILY, style, bytes);
                debug_assert!(registered.is_ok(), "the embedded font parses");
            }
        });
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        // plotters' SVG backend writes sizes divided by 1.24.
        TextStyle {
            font: (FontFamily::Name(FAMILY), self.px * 1.24, style).into(),
            color: colour.to_backend_color(),
            pos,
        }
    }

    /// Width of a text in pixels, from the font's own metrics.
    pub(super) fn width(self, text: &str) -> i32 {
        // ab_glyph scales by ascent minus descent, which is 1.362 em in Noto Sans; 1.24 is in the style already.
        let mut style = self.style(RGBColor(0, 0, 0), Pos::default());
        style.font = style.font.resize(self.px * 1.362);
        style.font.box_size(&printable(text)).map_or(0, |(w, _)| w as i32 + 1)
    }

    /// Breaks a text into lines no wider than `width`, at spaces; a longer word stands alone.
    pub(super) fn wrap(self, text: &str, width: i32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}")) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }

    pub(super) fn line_height(self) -> i32 {
        (self.px * 1.35).round() as i32
    }
}

/// A place to draw, with its colours and errors as ours.
pub(super) struct Canvas<'a, DB: DrawingBackend> {
    pub(super) area: &'a DrawingArea<DB, Shift>,
    pub(super) palette: Palette,
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Chart(error.to_string())
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    pub(super) fn fill(&self, colour: RGBColor) -> Result<(), Error> {
        self.area.fill(&colour).map_err(failed)
    }

    /// One line of text, vertically centred on `y`.
    pub(super) fn text(&self, text: &str, font: Font, colour: RGBColor, h: HPos, at: (i32, i32)) -> Result<(), Error> {
        let style = font.style(colour, Pos::new(h, VPos::Center));
        self.area.draw_text(&printable(text), &style, at).map_err(failed)
    }

    /// Text on a patch of paper, so that lines behind it do not cross it.
    pub(super) fn text_on_paper(&self, text: &str, font: Font, at: (i32, i32)) -> Result<(), Error> {
        let half = font.width(text) / 2 + 2;
        let height = font.line_height() / 2;
        self.rect((at.0 - half, at.1 - height), (at.0 + half, at.1 + height), self.palette.paper)?;
        self.text(text, font, self.palette.ink, HPos::Center, at)
    }

    pub(super) fn line(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor, width: u32) -> Result<(), Error> {
        self.area.draw(&PathElement::new([from, to], ShapeStyle::from(&colour).stroke_width(width))).map_err(failed)
    }

    /// A vertical dashed line.
    pub(super) fn dashes(&self, x: i32, from: i32, to: i32, colour: RGBColor) -> Result<(), Error> {
        (from..to).step_by(7).try_for_each(|y| self.line((x, y), (x, (y + 4).min(to)), colour, 1))
    }

    pub(super) fn rect(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([from, to], colour.filled())).map_err(failed)
    }

    pub(super) fn frame(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([from, to], ShapeStyle::from(&colour).stroke_width(1))).map_err(failed)
    }

    /// A filled outline.
    pub(super) fn polygon(&self, points: Vec<(i32, i32)>, colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Polygon::new(points, colour.filled())).map_err(failed)
    }

    /// A line through points.
    pub(super) fn path(&self, points: Vec<(i32, i32)>, colour: RGBColor, width: u32) -> Result<(), Error> {
        self.area.draw(&PathElement::new(points, ShapeStyle::from(&colour).stroke_width(width))).map_err(failed)
    }

    /// A rectangle of diagonal lines: time or values that are not known.
    pub(super) fn hatch(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Error> {
        let (w, h) = (to.0 - from.0, to.1 - from.1);
        for offset in (-h..w).step_by(6) {
            let (a, b) = (offset.max(0), (offset + h).min(w));
            if a < b {
                self.line((from.0 + a, to.1 - (a - offset)), (from.0 + b, to.1 - (b - offset)), colour, 1)?;
            }
        }
        self.frame(from, to, colour)
    }

    /// A dot: filled where the day is known, open where only the month or year is.
    pub(super) fn dot(&self, at: (i32, i32), radius: i32, colour: RGBColor, filled: bool) -> Result<(), Error> {
        let circle = |r: i32, c: RGBColor| self.area.draw(&Circle::new(at, r, c.filled())).map_err(failed);
        circle(radius + 2, self.palette.paper)?;
        circle(radius, colour)?;
        if filled { Ok(()) } else { circle(radius - 3, self.palette.paper) }
    }

    pub(super) fn diamond(&self, at: (i32, i32), radius: i32, colour: RGBColor) -> Result<(), Error> {
        let (x, y) = at;
        self.polygon(vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)], colour)
    }
}
