//! Charts: a chart is a value, drawn on any plotters backend or saved as SVG or PNG.
//!
//! The SVG has real text, a title and a description; the PNG is that same SVG at twice the size, drawn with the
//! embedded font, so both are one picture on every machine. Colours and rules follow the Government Analysis
//! Function's guidance on charts (<https://analysisfunction.civilservice.gov.uk/policy-store/data-visualisation-charts/>).

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};

use crate::Error;

mod canvas;
mod output;
mod page;
mod style;
mod trajectory;

pub use output::Format;
pub use style::{Mode, Style};
pub use trajectory::{Trajectory, TrajectoryOptions};

/// What every chart can do.
pub trait Chart {
    /// The finding, as the picture's title says it.
    fn title(&self) -> String;

    /// The picture in words, for those who do not see it.
    fn alt_text(&self) -> String;

    /// Width and height in pixels.
    ///
    /// # Errors
    /// [`Error::Chart`] when the width asked for is too small, with the least one.
    fn size(&self) -> Result<(u32, u32), Error>;

    /// Draws on a plotters area of at least [`size`](Chart::size), of any backend.
    ///
    /// # Errors
    /// [`Error::Chart`] when the area is too small or the backend fails.
    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error>;

    /// The chart as an SVG document.
    ///
    /// # Errors
    /// [`Error::Chart`] when it cannot be drawn at the width asked for.
    fn to_svg(&self) -> Result<String, Error> {
        output::svg(self.size()?, &self.title(), &self.alt_text(), |area| self.draw(area))
    }

    /// The chart as a PNG of twice the SVG's size.
    ///
    /// # Errors
    /// As [`to_svg`](Chart::to_svg).
    fn to_png(&self) -> Result<Vec<u8>, Error> {
        output::png(&self.to_svg()?)
    }

    /// Writes `.svg` or `.png`, by the extension, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another extension, [`Error::Chart`], [`Error::Io`].
    fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        output::save(path.as_ref(), &self.to_svg()?)
    }
}
