//! Charts: a chart is a value, drawn on any plotters backend or saved as SVG or PNG.
//!
//! The SVG has real text, a title and a description; the PNG is that same SVG at twice the size, drawn with the
//! embedded font, so both are one picture on every machine. Colours and rules follow the Government Analysis Function's
//! guidance on charts (<https://analysisfunction.civilservice.gov.uk/policy-store/data-visualisation-charts/>).

use std::path::Path;

use chrono::NaiveDate;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

use crate::trend::{Status, in_order};
use crate::words::{better_words, listed};
use crate::{Error, Ratings, Words};

mod aligned;
mod axis;
mod before;
mod canvas;
mod distribution;
mod dots;
mod fan;
mod flow;
mod font;
mod gather;
mod groups;
mod indicator_around;
mod indicator_by_grade;
mod indicator_panel;
mod lanes;
mod layout;
mod letters;
mod matrix;
mod multiples;
mod output;
mod page;
mod peers;
mod picture;
mod recurrence;
mod ribbons;
mod style;
mod survival;
mod table;
mod tile_map;
mod trajectory;

pub use aligned::{Align, Aligned, Onset};
pub use before::{BeforeAfter, Changed, Step};
pub use distribution::Distribution;
pub use dots::{Dot, DotPlot};
pub use fan::Fan;
pub use flow::Flow;
pub(crate) use gather::span_text;
pub use groups::{GroupShare, GroupShares};
pub use indicator_around::IndicatorAround;
pub use indicator_by_grade::IndicatorByGrade;
pub use indicator_panel::{IndicatorPanel, IndicatorYears, PanelYear};
pub use lanes::{Lane, LaneMark, LaneOf, Lanes};
pub use layout::{TileHeading, TileLayout, TilePlace};
pub use letters::grade_letters;
pub use matrix::Matrix;
pub use multiples::{Comparison, SmallMultiples};
pub use output::PictureFormat;
pub use peers::{PeerCounts, PeerStrip};
pub use picture::Picture;
pub use recurrence::{Occasion, Recurrences, Said};
pub use ribbons::{Order, Ribbon, Ribbons};
pub use style::{Colour, Mode, Palette, Style};
pub use survival::{Counted, Survival};
pub use table::Table;
pub use tile_map::{RatingState, Tile, TileMap};
pub use trajectory::{EventLane, EventMark, GridCell, InspectionColumn, Trajectory};

/// What every chart can do.
pub trait Chart {
    /// What the picture shows, in a sentence or a heading: its title, after the bodies that it is of where these are not
    /// all, unless the style has another.
    fn finding(&self) -> String;

    /// How it is drawn.
    fn style(&self) -> &Style;

    /// The title of the picture and of its file.
    fn title(&self) -> String {
        self.style()
            .title
            .clone()
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| self.style().scoped(self.finding()))
    }

    /// The picture in words, for those who do not see it.
    fn alt_text(&self) -> String;

    /// What the picture shows, as a table.
    fn table(&self) -> Table;

    /// The characters of the picture's texts that the embedded font lacks, in order: an SVG keeps them and a browser draws
    /// them, a PNG has boxes in their place.
    ///
    /// # Errors
    /// As [`picture`](Chart::picture).
    fn undrawable(&self) -> Result<Vec<char>, Error> {
        Ok(font::undrawable(&self.picture()?.text()))
    }

    /// The picture, to be drawn on any plotters backend.
    ///
    /// # Errors
    /// [`Error::Chart`] for a width of less than 288 or more than 8000 pixels, and for more than a picture holds.
    fn picture(&self) -> Result<Picture, Error>;

    /// Width and height in pixels.
    ///
    /// # Errors
    /// As [`picture`](Chart::picture).
    fn size(&self) -> Result<(u32, u32), Error> {
        Ok(self.picture()?.size())
    }

    /// Draws on a plotters area of at least [`size`](Chart::size), of any backend.
    ///
    /// # Errors
    /// [`Error::Chart`] when the area is too small or the backend fails.
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error>
    where
        Self: Sized,
    {
        self.picture()?.draw(area)
    }

    /// The chart as an SVG document.
    ///
    /// # Errors
    /// [`Error::Chart`] when it cannot be drawn at the width asked for.
    fn to_svg(&self) -> Result<String, Error> {
        self.to_inline_svg("")
    }

    /// The chart as an SVG element for a page with several of them: its ids begin with `prefix`, so that each is the
    /// page's only one.
    ///
    /// # Errors
    /// As [`to_svg`](Chart::to_svg).
    fn to_inline_svg(&self, prefix: &str) -> Result<String, Error> {
        output::svg(prefix, self.style().font.as_deref(), &self.picture()?, &self.title(), &self.alt_text())
    }

    /// The chart as a PNG of twice the SVG's size.
    ///
    /// # Errors
    /// As [`to_svg`](Chart::to_svg).
    #[cfg(feature = "png")]
    fn to_png(&self) -> Result<Vec<u8>, Error> {
        output::png(&self.to_svg()?)
    }

    /// Writes `.svg` or `.png`, by the extension, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another extension, [`Error::Chart`] also for PNG without the feature `png`, [`Error::Io`].
    fn save(&self, path: &Path) -> Result<(), Error> {
        output::save(path, &self.to_svg()?)
    }
}

/// Days in order, each once, at least two.
fn several_days(dates: &[NaiveDate]) -> Result<Vec<NaiveDate>, Error> {
    let dates = in_order(dates);
    match dates.len() {
        n @ ..2 => Err(Error::Asked(format!("this picture needs at least two days, not {n}"))),
        _ => Ok(dates),
    }
}

/// The grades of ratings as pictures call them, worst first.
fn labels_of(ratings: &Ratings, style: &Style) -> Vec<String> {
    ratings.scale().labels().iter().map(|label| style.said().grade(label)).collect()
}

/// What has to be said of some bodies, by name, as sentences: those of whom the same is to be said together.
fn notes<'a>(said: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut notes: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, text) in said {
        match notes.iter_mut().find(|(other, _)| *other == text) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => notes.push((text, vec![name])),
        }
    }
    notes.into_iter().map(|(text, names)| format!("{}: {text}.", listed(&names))).collect()
}

/// Text for XML and HTML.
fn escape(text: &str) -> String {
    font::printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The grade of a spell, or that there was none any more.
fn spell_grade(rank: Option<usize>, labels: &[String], words: &Words) -> String {
    rank.map_or_else(|| words.grade(Status::NotReported.code()), |rank| labels[rank].clone())
}

/// The rows of spells of some bodies, for tables.
fn spell_rows<'a>(ribbons: impl IntoIterator<Item = &'a Ribbon>, labels: &[String], words: &Words) -> Vec<Vec<String>> {
    let rows = ribbons.into_iter().flat_map(|ribbon| {
        ribbon.timeline.spells.iter().map(|spell| {
            let days = [spell.start_precision.write(spell.start), spell.end_precision.write(spell.end)];
            [ribbon.name.clone(), spell_grade(spell.rank, labels, words)].into_iter().chain(days).collect()
        })
    });
    rows.collect()
}

/// The headings of those rows.
const SPELLS: [&str; 3] = ["grade", "from", "until"];

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The place of the body that is meant among those in a picture: by its id, or by a name that no other has.
fn meant<'a>(
    wanted: &str,
    noun: &str,
    shown: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Result<usize, Error> {
    if let Some(place) = shown.clone().position(|(id, _)| id == wanted) {
        return Ok(place);
    }
    let named: Vec<_> = shown.clone().enumerate().filter(|(_, (_, name))| *name == wanted).collect();
    match named.as_slice() {
        [(place, _)] => Ok(*place),
        [] => {
            let told = |(id, name): (&str, &str)| (id.to_owned(), Some(name.to_owned()));
            Err(Error::unknown_body(noun, wanted, &shown.map(told).collect::<Vec<_>>()))
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|(_, (id, _))| *id).collect();
            Err(Error::value("name", wanted, format!("an id, as several are called so: {}", ids.join(", "))))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::font::Font;
    use super::*;

    /// Boxes of all texts of an SVG: left, top, right, bottom, text.
    fn text_boxes(svg: &str) -> Vec<(f64, f64, f64, f64, String)> {
        let document = roxmltree::Document::parse(svg).expect("the SVG is XML");
        let number = |n: &roxmltree::Node, name: &str| n.attribute(name).unwrap().parse::<f64>().unwrap();
        document
            .descendants()
            .filter(|n| n.has_tag_name("text"))
            .map(|n| {
                let text = n.text().unwrap_or_default().trim().to_owned();
                let font = Font { px: number(&n, "font-size"), bold: n.attribute("font-weight") == Some("bold") };
                let width = f64::from(font.width(&text));
                let left = match n.attribute("text-anchor") {
                    Some("middle") => number(&n, "x") - width / 2.0,
                    Some("end") => number(&n, "x") - width,
                    _ => number(&n, "x"),
                };
                let half = font.px * 0.45;
                (left, number(&n, "y") - half, left + width, number(&n, "y") + half, text)
            })
            .collect()
    }

    /// Fails when a text of a chart is cut or lies on another; gives the number of texts.
    pub(crate) fn no_overlap(chart: &dyn Chart, name: &str) -> usize {
        let (width, height) = chart.size().unwrap();
        let svg = chart.to_svg().unwrap();
        let table = chart.table();
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{name}: the rows of the table");
        let boxes = text_boxes(&svg);
        for (n, a) in boxes.iter().enumerate() {
            let inside = a.0 >= 0.0 && a.1 >= 0.0 && a.2 <= f64::from(width) && a.3 <= f64::from(height);
            assert!(inside, "{name}: `{}` is cut", a.4);
            for b in &boxes[..n] {
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{name}: `{}` overlaps `{}`", a.4, b.4);
            }
        }
        boxes.len()
    }
}
