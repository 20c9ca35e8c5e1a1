//! What other inspectorates say of the same place.

use crate::facts::{Body, Facts};

/// The section's HTML; empty where nothing is known.
pub fn of(_facts: &Facts, _body: &Body) -> String {
    String::new()
}
