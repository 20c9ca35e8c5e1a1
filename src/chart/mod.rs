//! Charts: a chart is a value, drawn on any plotters backend or saved as SVG or PNG.
//!
//! The SVG has real text, a title and a description; the PNG is that same SVG at twice the size, drawn with the
//! embedded font, so both are one picture on every machine. Colours and rules follow the Government Analysis
//! Function's guidance on charts (<https://analysisfunction.civilservice.gov.uk/policy-store/data-visualisation-charts/>).

mod canvas;
mod output;
mod trajectory;

pub use output::Format;
pub use trajectory::{Trajectory, TrajectoryOptions};
