//! The embedded font: its sizes, its measures, and how plotters is told of it.

use std::sync::Once;

use plotters::style::text_anchor::Pos;
use plotters::style::{Color, FontFamily, FontStyle, RGBColor, TextStyle, register_font};

use super::style::Colour;

/// The embedded font first, then what a browser has.
pub(super) const FAMILY: &str = "Noto Sans, Arial, Liberation Sans, sans-serif";

/// Text without the characters that no file format takes, as those of control.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if crate::code::is_odd(c) { '\u{FFFD}' } else { c }).collect()
}

/// Units of plotters per pixel of text where it draws glyphs itself: its font library scales by ascent minus descent,
/// which is 1.362 em in Noto Sans.
pub(super) const RASTER_UNITS: f64 = 1.362;
/// The same for its SVG backend, which writes sizes divided by this.
pub(super) const SVG_UNITS: f64 = 1.24;

/// A size of text, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Font {
    pub(super) px: f64,
    pub(super) bold: bool,
}

pub(super) const TITLE: Font = Font { px: 22.0, bold: true };
pub(super) const BODY: Font = Font { px: 14.0, bold: false };
pub(super) const STRONG: Font = Font { px: 14.0, bold: true };
pub(super) const SMALL: Font = Font { px: 12.5, bold: false };

impl Font {
    /// The style of plotters at so many of its units per pixel.
    pub(super) fn style(self, units: f64, colour: Colour, pos: Pos) -> TextStyle<'static> {
        static REGISTER: Once = Once::new();
        REGISTER.call_once(|| {
            for (style, bytes) in [(FontStyle::Normal, notosans::REGULAR_TTF), (FontStyle::Bold, notosans::BOLD_TTF)] {
                let registered = register_font(FAMILY, style, bytes);
                debug_assert!(registered.is_ok(), "the embedded font parses");
            }
        });
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        TextStyle {
            font: (FontFamily::Name(FAMILY), self.px * units, style).into(),
            color: RGBColor::from(colour).to_backend_color(),
            pos,
        }
    }

    /// Width of a text in pixels, from the font's own metrics.
    pub(super) fn width(self, text: &str) -> i32 {
        let style = self.style(RASTER_UNITS, Colour(0, 0, 0), Pos::default());
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
