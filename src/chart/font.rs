//! The embedded font: its sizes, its measures, and how plotters is told of it.

use std::sync::{LazyLock, Once};

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
/// Of a narrow page.
pub(super) const SMALL_TITLE: Font = Font { px: 18.0, bold: true };
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

    /// Breaks a text into lines no wider than `width`, at spaces, a word longer than a line within it.
    pub(super) fn wrap(self, text: &str, width: i32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace().flat_map(|word| self.pieces(word, width)) {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}")) <= width => {
                    line.push(' ');
                    line.push_str(&word);
                }
                _ => lines.push(word),
            }
        }
        lines
    }

    /// As [`Font::wrap`], in as many lines, but all of about one length: no last word stands alone.
    pub(super) fn wrap_evenly(self, text: &str, width: i32) -> Vec<String> {
        let lines = self.wrap(text, width);
        let longest = text.split_whitespace().map(|word| self.width(word)).max().unwrap_or(0);
        let (mut narrow, mut wide) = ((width / 2).max(longest - 1), width);
        while lines.len() > 1 && wide - narrow > 1 {
            let middle = narrow.midpoint(wide);
            if self.wrap(text, middle).len() == lines.len() {
                wide = middle;
            } else {
                narrow = middle;
            }
        }
        self.wrap(text, wide)
    }

    /// A word in pieces no wider than `width`.
    fn pieces(self, word: &str, width: i32) -> Vec<String> {
        if self.width(word) <= width {
            return vec![word.to_owned()];
        }
        let mut pieces = vec![String::new()];
        for letter in word.chars() {
            let last = pieces.len() - 1;
            if !pieces[last].is_empty() && self.width(&format!("{}{letter}", pieces[last])) > width {
                pieces.push(letter.to_string());
            } else {
                pieces[last].push(letter);
            }
        }
        pieces
    }

    /// How many bytes of a text fit, at least one character.
    fn fitting(self, text: &str, width: i32) -> usize {
        let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        let fit = ends.partition_point(|end| self.width(&text[..*end]) <= width);
        ends.get(fit.saturating_sub(1)).copied().unwrap_or(text.len())
    }

    /// The text, or its beginning with an ellipsis where all of it has no room.
    pub(super) fn fit(self, text: &str, width: i32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let room = width - self.width("\u{2026}");
        format!("{}\u{2026}", text[..self.fitting(text, room)].trim_end())
    }

    pub(super) fn line_height(self) -> i32 {
        (self.px * 1.35).round() as i32
    }
}

/// The characters of a text that the embedded font cannot draw, each once, in order.
pub(super) fn undrawable(text: &str) -> Vec<char> {
    static FACE: LazyLock<Option<ttf_parser::Face<'static>>> =
        LazyLock::new(|| ttf_parser::Face::parse(notosans::REGULAR_TTF, 0).ok());
    let Some(face) = FACE.as_ref() else { return Vec::new() };
    let mut missing: Vec<char> =
        printable(text).chars().filter(|c| !c.is_whitespace() && face.glyph_index(*c).is_none()).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_long_names_shortened() {
        let word = "w".repeat(300);
        let even = BODY.wrap_evenly("one two three four five six seven eight nine ten", 250);
        assert_eq!(even.len(), BODY.wrap("one two three four five six seven eight nine ten", 250).len());
        assert!(even.iter().all(|line| line.contains(' ')), "{even:?}");
        let lines = BODY.wrap(&format!("a {word} b"), 200);
        assert!(lines.iter().all(|line| BODY.width(line) <= 200), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), format!("a{word}b"));
        assert!(BODY.width(&BODY.fit(&word, 90)) <= 90);
        assert_eq!(BODY.fit("Slough", 90), "Slough");
    }

    #[test]
    fn characters_that_the_font_lacks_are_known() {
        assert_eq!(undrawable("Ynys M\u{f4}n \u{6771}\u{4eac}\u{6771}"), ['\u{4eac}', '\u{6771}']);
    }
}
