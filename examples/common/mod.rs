//! What the examples share.

use std::process::ExitCode;

use rating_history::Error;
use rating_history::chrono::{Local, NaiveDate};

/// A day as people type it.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    match text {
        "today" => Ok(Local::now().date_naive()),
        text => text.parse().map_err(|_| "expected a date as YYYY-MM-DD, or today".to_owned()),
    }
}

/// One line on standard error and code 2 for a mistake.
pub fn finish(done: Result<(), Error>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
