//! What the examples share.

use rating_history::chrono::{Local, NaiveDate};

/// A day as people type it.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    match text {
        "today" => Ok(Local::now().date_naive()),
        text => text.parse().map_err(|_| "expected a date as YYYY-MM-DD, or today".to_owned()),
    }
}
