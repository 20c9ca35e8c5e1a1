//! Where something is stated: the texts of sources as links.

use crate::common::address;
use crate::html::Cell;

/// Sites whose documents are called reports and letters; others are called by the name of the site.
const OFFICIAL: [&str; 3] = ["ofsted.gov.uk", "cqc.org.uk", "justiceinspectorates.gov.uk"];

pub fn is_address(text: &str) -> bool {
    let is_whole = !text.contains(|c: char| c.is_whitespace() || c == ';');
    is_whole && (text.starts_with("https://") || text.starts_with("http://"))
}

/// A source as links, one for each of its parts: "GOV.UK: https://x; end: CYP Now: https://y". What an inspectorate
/// publishes is called as told.
pub fn stated(source: &str, called: &str) -> Cell {
    let mut parts = source.split("; ").map(str::trim).filter(|part| !part.is_empty()).map(|part| one(part, called));
    let Some(mut first) = parts.next() else { return Cell::default() };
    first.also = parts.collect();
    if first.also.iter().any(|part| part.text.starts_with("end: ")) {
        first.text = format!("begun: {}", first.text);
    }
    first
}

/// A part of a source: a link by its name, where it has an address.
fn one(part: &str, called: &str) -> Cell {
    // A letter with a name needs no number.
    let part = part.split(": letter:").next().unwrap_or(part);
    let begins = ["https://", "http://", "github:"].iter().filter_map(|begin| part.find(*begin)).min();
    let Some((name, place)) = begins.map(|at| part.split_at(at)) else { return part.into() };
    let to = address(place);
    if !is_address(&to) {
        return part.into();
    }
    let site = site(&to);
    let text = match name.trim_end_matches([' ', ':']) {
        "" if place.starts_with("github:") => "list".to_owned(),
        "" if OFFICIAL.iter().any(|official| site.ends_with(official)) => called.to_owned(),
        "" => site.to_owned(),
        // What the part is about, as "outcome".
        word if word.chars().all(char::is_lowercase) => format!("{word}: {site}"),
        name => name.to_owned(),
    };
    Cell::link(text, to)
}

/// The name of the site of an address: "fenews.co.uk".
fn site(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}
