//! From drawing calls to a file: SVG with its title and description, PNG of the same picture.

use std::path::Path;

use plotters::prelude::{IntoDrawingArea, SVGBackend};
#[cfg(feature = "png")]
use resvg::{tiny_skia, usvg};

use super::escape;
use super::font::FAMILY;
use super::picture::Picture;
use crate::Error;
use crate::code::coded_enum;
use crate::io::write_atomic;

coded_enum! {
    /// A picture's file format.
    enum PictureFormat: "picture format" {
        /// Scalable, with real text.
        Svg = "svg" / "SVG",
        /// Pixels, twice the SVG's size.
        Png = "png" / "PNG",
    }
}

/// Pixels of a PNG per unit of its SVG.
#[cfg(feature = "png")]
const PNG_SCALE: f32 = 2.0;

/// Draws an SVG with `role="img"`, a title and a description, whose ids begin with `prefix`; texts name a font before
/// the embedded one.
pub(super) fn svg(
    prefix: &str,
    font: Option<&str>,
    picture: &Picture,
    title: &str,
    description: &str,
) -> Result<String, Error> {
    let mut body = String::new();
    {
        let area = SVGBackend::with_string(&mut body, picture.size()).into_drawing_area();
        picture.draw(&area)?;
        area.present().map_err(|e| Error::Chart(e.to_string()))?;
    }
    if let Some(font) = font {
        body = body.replace(&format!("\"{FAMILY}\""), &format!("\"{}, {FAMILY}\"", escape(font)));
    }
    let prefix = escape(prefix);
    let head = format!(
        "<svg role=\"img\" aria-labelledby=\"{prefix}title\" aria-describedby=\"{prefix}desc\"{}<title id=\"{prefix}title\">{}</title>\n\
         <desc id=\"{prefix}desc\">{}</desc>\n",
        body.find('>').map_or("", |end| &body[4..=end]),
        escape(&name(title)),
        escape(description)
    );
    Ok(head + body.find('>').map_or("", |end| body[end + 1..].trim_start_matches('\n')))
}

/// Most characters of an accessible name: screen readers say it whole.
const NAME: usize = 199;

/// A title that a screen reader can say in one breath: where it is longer, its first words.
fn name(title: &str) -> String {
    if title.chars().count() <= NAME {
        return title.to_owned();
    }
    let begun: String = title.chars().take(NAME - 1).collect();
    let whole = begun.rsplit_once(' ').map_or(begun.as_str(), |(whole, _)| whole);
    format!("{whole}\u{2026}")
}

/// Rasterises an SVG with the embedded font.
#[cfg(feature = "png")]
pub(super) fn png(svg: &str) -> Result<Vec<u8>, Error> {
    let failed = |e: &dyn std::fmt::Display| Error::Chart(e.to_string());
    let mut options = usvg::Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(notosans::REGULAR_TTF.to_vec());
    fonts.load_font_data(notosans::BOLD_TTF.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| failed(&e))?;
    let size = tree.size().to_int_size().scale_by(PNG_SCALE).ok_or_else(|| failed(&"no size"))?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| failed(&"no memory"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(PNG_SCALE, PNG_SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| failed(&e))
}

/// Writes a picture; the extension of `path` decides the format.
pub(super) fn save(path: &Path, svg: &str) -> Result<(), Error> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    match extension.parse()? {
        PictureFormat::Svg => write_atomic(path, svg.as_bytes()),
        #[cfg(feature = "png")]
        PictureFormat::Png => write_atomic(path, &png(svg)?),
        #[cfg(not(feature = "png"))]
        PictureFormat::Png => Err(Error::Chart("PNG needs the feature \"png\" of the crate; SVG does not".to_owned())),
    }
}
