//! How charts look: light, dark and print, one palette for grades in each.

use std::str::FromStr;
use std::sync::LazyLock;

use chrono::NaiveDate;
use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

use super::notes;
use crate::code::{coded_enum, setters};
use crate::{Error, Ratings, Words};

coded_enum! {
    /// For what a chart is drawn.
    enum Mode: "style" {
        /// White paper.
        Light = "light" / "light",
        /// Screens with a dark ground.
        Dark = "dark" / "dark",
        /// Greys only, the worst grade darkest.
        Print = "print" / "print",
    }
}

/// What all charts have in common.
///
/// ```
/// use rating_history::chart::{Mode, Palette, Style};
/// let mut palette = Palette::of(Mode::Light, 4);
/// palette.grades[3] = "#00703c".parse()?;
/// let style = Style::default().palette(palette).font("GDS Transport").title("Twelve years in Slough").width(720);
/// assert_eq!(style.mode, Mode::Light);
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Style {
    /// For what it is drawn.
    pub mode: Mode,
    /// Width in pixels; `None` for what suits the chart.
    pub width: Option<u32>,
    /// The source line, without a full stop; `None` for that of the words.
    pub source: Option<String>,
    /// What things are called; `None` for the words of the ratings.
    pub words: Option<Words>,
    /// Sentences added below the picture.
    pub notes: Vec<String>,
    /// Of which bodies the picture is, where not of all: "London". The title begins with it.
    #[serde(default)]
    pub scope: Option<String>,
    /// The title; `None` for the finding, an empty one for a picture without, whose file still names the finding.
    pub title: Option<String>,
    /// The line below the title; `None` for that of the chart, an empty one for none.
    pub subtitle: Option<String>,
    /// What stands below the picture before the notes; `None` for the source and the explanations of the chart.
    pub caption: Option<String>,
    /// Without title, subtitle and what stands below, for a page that sets them as text; the file still names the finding.
    pub bare: bool,
    /// The colours; `None` for those of the mode.
    pub palette: Option<Palette>,
    /// A font family that SVG files name before the embedded one, as a list of CSS. Texts are measured with the embedded
    /// font, in which pictures of pixels are drawn; a font up to a tenth wider has room.
    pub font: Option<String>,
}

impl Default for Style {
    /// On white paper, as wide as suits the chart, in the words of the ratings.
    fn default() -> Self {
        Style {
            mode: Mode::Light,
            width: None,
            source: None,
            words: None,
            notes: Vec::new(),
            scope: None,
            title: None,
            subtitle: None,
            caption: None,
            bare: false,
            palette: None,
            font: None,
        }
    }
}

/// A colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub u8, pub u8, pub u8);

impl FromStr for Colour {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        number.map(Colour::hex).ok_or_else(|| Error::value("colour", text, "six hexadecimal digits, as #0b0c0c"))
    }
}

impl TryFrom<String> for Colour {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(Colour(r, g, b): Colour) -> String {
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

impl From<Colour> for RGBColor {
    fn from(Colour(r, g, b): Colour) -> Self {
        RGBColor(r, g, b)
    }
}

impl Colour {
    const fn hex(hex: u32) -> Self {
        Colour((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
    }

    /// The colour a part of the way to another, 0 to 1.
    pub(super) fn towards(self, other: Colour, part: f64) -> Self {
        let mix = |a: u8, b: u8| (f64::from(a) + part * (f64::from(b) - f64::from(a))).round() as u8;
        Colour(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}

/// The colours of charts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Palette {
    /// Text and what is drawn strongest.
    pub ink: Colour,
    /// Text and marks of less weight.
    pub quiet: Colour,
    /// Lines of grids, and what is absent.
    pub rule: Colour,
    /// The ground.
    pub paper: Colour,
    /// Marks of events.
    pub event: Colour,
    /// Bodies without a grade, in flows and shares.
    pub band: Colour,
    /// Of the grades, worst first; a scale of another length takes colours between them.
    pub grades: Vec<Colour>,
    /// Of lines that are told apart by name, in order; further lines begin again.
    pub lines: Vec<Colour>,
}

/// Four grades, worst first and darkest, each lighter than the one before. Worst and best are at least 20 apart
/// (CIEDE2000) as they are, to readers without one of the three cones, and in grey. In print they use the whole range to
/// near white; what is too light for its ground gets an outline.
fn four(mode: Mode) -> [Colour; 4] {
    match mode {
        Mode::Light => [0x42_08_33, 0x8A_2A_08, 0x18_7A_72, 0x5E_93_DE],
        Mode::Dark => [0xC3_29_81, 0xE3_80_49, 0xA0_D4_CE, 0xFF_FF_FF],
        Mode::Print => [0x2B_2B_2B, 0x6E_6E_6E, 0xAC_AC_AC, 0xF0_F0_F0],
    }
    .map(Colour::hex)
}

/// Lines that are told apart by name, none in the colour of a grade; in print all are black and differ by their dashes.
fn lines(mode: Mode) -> [Colour; 6] {
    match mode {
        Mode::Light => [0x0B_0C_0C, 0x2A_4F_D0, 0x4F_7A_12, 0x8A_45_C9, 0x77_73_6A, 0xC2_18_5B],
        Mode::Dark => [0xFF_E1_4D, 0x5B_9D_FF, 0x9B_E3_5A, 0xB7_8C_FF, 0x9A_A3_AB, 0xFF_9E_C6],
        Mode::Print => [0x00_00_00; 6],
    }
    .map(Colour::hex)
}

impl Style {
    /// The usual style with the words of some ratings and a note on how they were narrowed, for charts of what was
    /// estimated from them.
    pub fn of(ratings: &Ratings) -> Self {
        Style::default().telling(ratings)
    }

    /// The same style; without words of its own, with those of the ratings.
    pub fn or_words_of(mut self, ratings: &Ratings) -> Self {
        self.words.get_or_insert_with(|| ratings.words().clone());
        self
    }

    /// With the words of ratings, and a note on how they were narrowed.
    pub(super) fn telling(self, ratings: &Ratings) -> Self {
        let mut style = self.or_words_of(ratings);
        style.add(ratings.filtered());
        // A table that cannot be read fails in the query that the picture is made of.
        style.scope = ratings.scope().unwrap_or_default().or(style.scope);
        style
    }

    /// For a picture that names its bodies.
    pub(super) fn unscoped(mut self) -> Self {
        self.scope = None;
        self
    }

    /// A finding with the bodies that it is of.
    pub(super) fn scoped(&self, finding: String) -> String {
        match &self.scope {
            Some(scope) => format!("{scope}: {finding}"),
            None => finding,
        }
    }

    /// With what has to be said of the bodies that ratings were narrowed to, on the last of some days.
    pub(super) fn noting(mut self, ratings: &Ratings, dates: &[NaiveDate]) -> Self {
        let said = dates.last().map(|last| ratings.own_notices(*last)).unwrap_or_default();
        self.add(notes(said.iter().map(|n| (n.name.as_str(), n.text.as_str()))));
        self
    }

    /// Adds sentences that are not there yet.
    fn add(&mut self, sentences: Vec<String>) {
        let new: Vec<String> = sentences.into_iter().filter(|s| !self.notes.contains(s)).collect();
        self.notes.extend(new);
    }

    /// What things are called.
    pub(super) fn said(&self) -> &Words {
        static GENERAL: LazyLock<Words> = LazyLock::new(Words::default);
        self.words.as_ref().unwrap_or(&GENERAL)
    }

    /// The source line, without a full stop.
    pub(super) fn origin(&self) -> &str {
        self.source.as_ref().unwrap_or(&self.said().source)
    }

    /// The source line with that of other data beside it, without a full stop.
    pub(super) fn joined(&self, other: &str) -> String {
        match other.strip_prefix("Source: ").unwrap_or(other) {
            "" => self.origin().to_owned(),
            other => format!("{}. Indicators: {other}", self.origin()),
        }
    }

    /// The colour of the line at a place among several.
    pub(super) fn line(&self, n: usize) -> Colour {
        match self.palette.as_ref().map(|palette| palette.lines.as_slice()) {
            Some(own @ [_, ..]) => own[n % own.len()],
            _ => lines(self.mode)[n % 6],
        }
    }

    /// The colours for a scale of `k` grades.
    pub(super) fn paint(&self, k: usize) -> Palette {
        let mut palette = self.palette.clone().unwrap_or_else(|| Palette::of(self.mode, k));
        if palette.grades.len() != k && !palette.grades.is_empty() {
            palette.grades = (0..k).map(|i| between(&palette.grades, i, k)).collect();
        }
        palette
    }
}

setters!(Style {
    /// The same style for a mode.
    mode: Mode,
    /// The same style with a width in pixels.
    width: impl Into<Option<u32>>,
    /// The same style with a source line, without a full stop.
    source: impl Into<String> => Some,
    /// The same style with words for things.
    words: impl Into<Option<Words>>,
    /// The same style with these sentences below the picture.
    notes: Vec<String>,
    /// The same style with a title; an empty one leaves it out of the drawing.
    title: impl Into<String> => Some,
    /// The same style with a line below the title; an empty one leaves it out.
    subtitle: impl Into<String> => Some,
    /// The same style with what stands below the picture, before the notes.
    caption: impl Into<String> => Some,
    /// The same style with or without title, subtitle and what stands below.
    bare: bool,
    /// The same style with colours of its own.
    palette: impl Into<Option<Palette>>,
    /// The same style with a font family that SVG files name first.
    font: impl Into<String> => Some,
});

impl Palette {
    /// The colours of a mode, for a scale of `k` grades.
    pub fn of(mode: Mode, k: usize) -> Self {
        let four = four(mode);
        let grades = (0..k).map(|i| between(&four, i, k)).collect();
        let [ink, quiet, rule, paper, event, band] = match mode {
            Mode::Dark => [0xF3_F4_F5, 0xB4_BB_C1, 0x3A_41_47, 0x14_18_1C, 0xD0_D5_DA, 0x4A_52_59],
            Mode::Light | Mode::Print => [0x0B_0C_0C, 0x50_5A_5F, 0xD9_DC_DE, 0xFF_FF_FF, 0x3D_3D_3D, 0xC9_CD_D1],
        }
        .map(Colour::hex);
        Palette { ink, quiet, rule, paper, event, band, grades, lines: lines(mode).to_vec() }
    }
}

/// The colour of rank `i` of `k` on a line through these colours; light is mixed, so that one between two is never darker
/// than both.
fn between(colours: &[Colour], i: usize, k: usize) -> Colour {
    let place = i as f64 / (k.max(2) - 1) as f64 * (colours.len() - 1) as f64;
    let (low, high) = (linear(colours[place.floor() as usize]), linear(colours[place.ceil() as usize]));
    let [r, g, b] = [0, 1, 2].map(|n| {
        let light = low[n] + place.fract() * (high[n] - low[n]);
        let part = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
        (255.0 * part).round() as u8
    });
    Colour(r, g, b)
}

impl Palette {
    /// The colour of a grade by its rank, 0 for the worst.
    pub(super) fn grade(&self, rank: usize) -> Colour {
        self.grades.get(rank).copied().unwrap_or(self.quiet)
    }

    /// Whether a colour is that of a grade, and too light or too dark for its ground to be seen without an outline.
    pub(super) fn needs_outline(&self, colour: Colour) -> bool {
        self.grades.contains(&colour) && contrast(colour, self.paper) < 3.0
    }

    /// The colour of text on a colour: black or white, whichever is clearer.
    ///
    /// ```
    /// use rating_history::chart::{Colour, Palette};
    /// assert_eq!(Palette::text_on(Colour(255, 230, 0)), Colour(0x0B, 0x0C, 0x0C));
    /// ```
    pub fn text_on(colour: Colour) -> Colour {
        let (black, white) = (Colour::hex(0x0B_0C_0C), Colour::hex(0xFF_FF_FF));
        if contrast(colour, white) >= contrast(colour, black) { white } else { black }
    }
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: Colour) -> f64 {
    let [r, g, b] = linear(colour);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn linear(colour: Colour) -> [f64; 3] {
    [colour.0, colour.1, colour.2].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

/// Contrast of two colours, 1 to 21 (WCAG 2.2).
fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_enough() {
        for mode in Mode::ALL {
            let palette = Style::default().mode(*mode).paint(4);
            for rank in 0..4 {
                let colour = palette.grade(rank);
                assert!(
                    contrast(colour, palette.paper) >= 3.0 || palette.needs_outline(colour),
                    "{mode} {rank} on paper"
                );
                assert!(contrast(colour, Palette::text_on(colour)) >= 4.5, "{mode} text on {rank}");
            }
            for text in [palette.ink, palette.quiet] {
                assert!(contrast(text, palette.paper) >= 4.5, "{mode} text");
            }
        }
    }
}
