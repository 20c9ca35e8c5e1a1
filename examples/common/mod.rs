//! What the examples share.

mod say;

use rating_history::PLAUSIBLE;
use rating_history::chrono::{Local, NaiveDate};

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
