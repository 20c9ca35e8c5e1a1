#![doc = include_str!("england/README.md")]

use crate::io::Tables;
use crate::{Error, RatingHistory};

/// Ofsted's inspections of every English authority, 2009 to the cut-off of 20 August 2026.
///
/// ```
/// let england = rating_history::dataset::england()?;
/// assert_eq!(england.cut_off().to_string(), "2026-08-20");
/// assert!(england.inspections().len() > 700);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Invalid`], as for a user's own file: every row goes through the same checks.
pub fn england() -> Result<RatingHistory, Error> {
    england_tables().parse()
}

/// The embedded tables as text.
pub fn england_tables() -> Tables {
    Tables {
        authorities: include_str!("england/authorities.csv").into(),
        neighbours: include_str!("england/neighbours.csv").into(),
        inspections: include_str!("england/inspections.csv").into(),
        judgements: include_str!("england/judgements.csv").into(),
        events: include_str!("england/events.csv").into(),
    }
}
