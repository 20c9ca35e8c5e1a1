//! A drawn picture: marks and texts at their places, for any plotters backend.

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, Color, DrawingArea, DrawingBackend, PathElement, Polygon, RGBColor, Rectangle, ShapeStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::font::{Font, RASTER_UNITS, SVG_UNITS};
use super::style::Colour;
use crate::Error;

/// One thing on a picture, in pixels.
#[derive(Clone)]
pub(super) enum Mark {
    Text { text: String, font: Font, colour: Colour, anchor: HPos, at: (i32, i32) },
    Path { points: Vec<(i32, i32)>, colour: Colour, width: u32 },
    Rectangle { from: (i32, i32), to: (i32, i32), colour: Colour, filled: bool },
    Polygon { points: Vec<(i32, i32)>, colour: Colour, opacity: f64 },
    Disc { at: (i32, i32), radius: i32, colour: Colour },
}

impl Mark {
    /// The mark with so many pixels for one; texts grow by quarters of a pixel.
    pub(super) fn enlarged(self, times: f64) -> Self {
        let long = |length: i32| (f64::from(length) * times).round() as i32;
        let place = |at: (i32, i32)| (long(at.0), long(at.1));
        let places = |points: Vec<(i32, i32)>| points.into_iter().map(place).collect();
        match self {
            Mark::Text { text, font, colour, anchor, at } => {
                let font = Font { px: (4.0 * font.px * times).floor() / 4.0, ..font };
                Mark::Text { text, font, colour, anchor, at: place(at) }
            }
            Mark::Path { points, colour, width } => {
                Mark::Path { points: places(points), colour, width: (f64::from(width) * times).round() as u32 }
            }
            Mark::Rectangle { from, to, colour, filled } => {
                Mark::Rectangle { from: place(from), to: place(to), colour, filled }
            }
            Mark::Polygon { points, colour, opacity } => Mark::Polygon { points: places(points), colour, opacity },
            Mark::Disc { at, radius, colour } => Mark::Disc { at: place(at), radius: long(radius), colour },
        }
    }
}

/// What a [chart](super::Chart) draws: marks and texts on paper of a size. It can be drawn on any plotters backend.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use plotters::prelude::{IntoDrawingArea, SVGBackend};
/// use rating_history::Clock;
/// use rating_history::chart::{Chart, Style};
/// use rating_history::ofsted::Story;
/// let england = rating_history::ofsted::england()?;
/// let slough = england.find("Slough")?.code.clone();
/// let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
/// let charts: Vec<Box<dyn Chart>> = vec![Box::new(story.trajectory(Style::default()))];
/// for chart in &charts {
///     let picture = chart.picture()?;
///     let mut svg = String::new();
///     picture.draw(&SVGBackend::with_string(&mut svg, picture.size()).into_drawing_area())?;
///     assert!(svg.contains("Slough"));
/// }
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Picture {
    size: (u32, u32),
    paper: Colour,
    marks: Vec<Mark>,
}

/// A colour as plotters has it.
fn plain(colour: &Colour) -> RGBColor {
    (*colour).into()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Chart(error.to_string())
}

impl Picture {
    pub(super) fn new(size: (u32, u32), paper: Colour, marks: Vec<Mark>) -> Self {
        Picture { size, paper, marks }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// All of its texts.
    pub(super) fn text(&self) -> String {
        let texts = self.marks.iter().filter_map(|mark| match mark {
            Mark::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }

    /// Draws on an area of a plotters backend, at its top left; the whole area gets the ground of the picture. Texts have
    /// their size on plotters' SVG backend and on those that leave the drawing of glyphs to plotters, as its bitmaps.
    ///
    /// # Errors
    /// [`Error::Chart`] when the area is smaller than the picture or the backend fails.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error> {
        let ((width, height), (wide, high)) = (self.size, area.dim_in_pixel());
        if wide < width || high < height {
            let message = format!("an area of {wide} x {high} pixels is too small; it needs {width} x {height}");
            return Err(Error::Chart(message));
        }
        // The SVG backend is the one that leaves texts to its reader.
        let svg = std::any::type_name::<DB>().contains("SVGBackend");
        let units = if svg { SVG_UNITS } else { RASTER_UNITS };
        area.fill(&plain(&self.paper)).map_err(failed)?;
        for mark in &self.marks {
            match mark {
                Mark::Text { text, font, colour, anchor, at } => {
                    let style = font.style(units, *colour, Pos::new(*anchor, VPos::Center));
                    // Glyphs of plotters stand higher than half a capital above the middle.
                    let lower = if svg { 0 } else { (font.px * 0.14).round() as i32 };
                    area.draw_text(text, &style, (at.0, at.1 + lower)).map_err(failed)
                }
                Mark::Path { points, colour, width } => area
                    .draw(&PathElement::new(points.clone(), ShapeStyle::from(&plain(colour)).stroke_width(*width)))
                    .map_err(failed),
                Mark::Rectangle { from, to, colour, filled } => {
                    let style =
                        if *filled { plain(colour).filled() } else { ShapeStyle::from(&plain(colour)).stroke_width(1) };
                    area.draw(&Rectangle::new([*from, *to], style)).map_err(failed)
                }
                Mark::Polygon { points, colour, opacity } => {
                    area.draw(&Polygon::new(points.clone(), plain(colour).mix(*opacity))).map_err(failed)
                }
                Mark::Disc { at, radius, colour } => {
                    area.draw(&Circle::new(*at, *radius, plain(colour).filled())).map_err(failed)
                }
            }?;
        }
        Ok(())
    }
}
