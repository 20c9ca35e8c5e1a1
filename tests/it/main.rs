//! One integration binary, so that polars links once.

#[cfg(all(feature = "dataset", feature = "png"))]
use std::process::{Command, Output};

#[cfg(feature = "dataset")]
mod asks;
#[cfg(feature = "dataset")]
mod awkward_cases;
#[cfg(all(feature = "dataset", feature = "png"))]
mod charts;
#[cfg(all(feature = "dataset", feature = "png"))]
mod claims;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod columns;
mod conservation;
#[cfg(all(feature = "dataset", feature = "png"))]
mod cookbook;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod damaged;
mod door;
#[cfg(feature = "dataset")]
mod embedded;
#[cfg(feature = "dataset")]
mod england;
mod errors;
mod estimates;
#[cfg(feature = "dataset")]
mod files;
#[cfg(all(feature = "dataset", feature = "png"))]
mod flags;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod forms;
#[cfg(all(feature = "dataset", feature = "indicators"))]
mod indicators;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod layouts;
mod oracle;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod other;
#[cfg(feature = "others")]
mod others;
#[cfg(feature = "dataset")]
mod plans;
#[cfg(feature = "dataset")]
mod published_figures;
#[cfg(all(feature = "dataset", feature = "png", feature = "files"))]
mod questions;
#[cfg(all(feature = "dataset", feature = "png"))]
mod ratings;
#[cfg(feature = "dataset")]
mod reference;
#[cfg(all(feature = "dataset", feature = "png"))]
mod refusals;
#[cfg(feature = "dataset")]
mod report_facts;
mod rooms;
#[cfg(all(feature = "dataset", feature = "png", feature = "files", feature = "indicators"))]
mod site;
#[cfg(feature = "dataset")]
mod sql;
#[cfg(all(feature = "dataset", feature = "png"))]
mod statements;
#[cfg(all(feature = "dataset", feature = "png"))]
mod trajectory;

/// An example that `cargo test` has built beside this binary.
#[cfg(all(feature = "dataset", feature = "png"))]
fn command(example: &str, arguments: &[&str]) -> Command {
    let here = std::env::current_exe().unwrap();
    let mut command = Command::new(here.parent().unwrap().parent().unwrap().join("examples").join(example));
    command.args(arguments);
    command
}

#[cfg(all(feature = "dataset", feature = "png"))]
fn example(name: &str, arguments: &[&str]) -> Output {
    command(name, arguments).output().unwrap()
}

/// The pictures that `ratings chart` draws.
#[cfg(all(feature = "dataset", feature = "png"))]
const PICTURES: [&str; 16] = [
    "trajectory",
    "comparison",
    "multiples",
    "ribbons",
    "distribution",
    "flow",
    "matrix",
    "survival",
    "peers",
    "forecast",
    "tile-map",
    "before-after",
    "groups",
    "aligned",
    "asked-again",
    "topics",
];
