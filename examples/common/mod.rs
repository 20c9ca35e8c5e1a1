//! What the examples share.

mod say;

use std::path::Path;

use rating_history::chart::Chart;
use rating_history::chrono::{Local, NaiveDate};
use rating_history::{Error, PLAUSIBLE};

pub use say::*;

/// A day as people type it.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let day: NaiveDate = match text {
        "today" => Local::now().date_naive(),
        text => text.parse().map_err(|_| "expected a date as YYYY-MM-DD, or today".to_owned())?,
    };
    let (first, last) = (PLAUSIBLE.start(), PLAUSIBLE.end());
    if PLAUSIBLE.contains(&day) { Ok(day) } else { Err(format!("expected a day from {first} to {last}")) }
}

/// Where a source can be looked up: `github:owner/name:path` or `github:owner/name@version:path` of the sets of
/// other inspectorates as an address.
#[allow(dead_code, reason = "not every example names sources")]
pub fn address(source: &str) -> String {
    match source.strip_prefix("github:").and_then(|place| place.split_once(':')) {
        Some((repository, path)) => {
            let (repository, version) = repository.split_once('@').unwrap_or((repository, "HEAD"));
            format!("https://github.com/{repository}/blob/{version}/{path}")
        }
        None => source.to_owned(),
    }
}

/// "Requires improvement"
#[allow(dead_code, reason = "not every example writes sentences")]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Says which characters of a chart a PNG file cannot draw, for the font lacks them.
#[allow(dead_code, reason = "not every example draws")]
pub fn warn_of_boxes(chart: &impl Chart, file: &Path) -> Result<(), Error> {
    if file.extension().is_some_and(|e| e.eq_ignore_ascii_case("png")) {
        let missing: Vec<String> = chart.undrawable()?.iter().map(char::to_string).collect();
        if !missing.is_empty() {
            note(format_args!(
                "warning: boxes stand for characters that the font of PNG files lacks: {}; an SVG keeps them",
                missing.join(" ")
            ));
        }
    }
    Ok(())
}
