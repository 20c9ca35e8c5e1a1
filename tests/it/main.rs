//! One integration binary, so that polars links once.

/// The fuzz targets name the crate of the fuzzer.
#[cfg(feature = "dataset")]
extern crate self as libfuzzer_sys;

#[cfg(all(feature = "dataset", feature = "png"))]
use std::process::{Command, Output};

use proptest::test_runner::{Config as ProptestConfig, RngSeed};

#[cfg(feature = "dataset")]
mod asks;
#[cfg(feature = "dataset")]
mod awkward_cases;
#[cfg(all(feature = "dataset", feature = "png"))]
mod charts;
#[cfg(all(feature = "dataset", feature = "png"))]
mod claims;
mod clicks;
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
mod columns;
mod conservation;
#[cfg(all(feature = "dataset", feature = "png"))]
mod cookbook;
#[cfg(feature = "dataset")]
mod damage;
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
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
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
mod forms;
#[cfg(feature = "dataset")]
mod fuzz;
#[cfg(all(feature = "dataset", feature = "indicators"))]
mod indicators;
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
mod layouts;
mod oracle;
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
mod other;
#[cfg(all(feature = "others", feature = "dataset", feature = "png", feature = "parquet"))]
mod others;
#[cfg(feature = "dataset")]
mod plans;
#[cfg(feature = "dataset")]
mod published_figures;
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet"))]
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
#[cfg(all(feature = "dataset", feature = "png", feature = "parquet", feature = "indicators"))]
mod site;
#[cfg(feature = "dataset")]
mod sql;
#[cfg(all(feature = "dataset", feature = "png"))]
mod statements;
#[cfg(all(feature = "dataset", feature = "png"))]
mod trajectory;

/// The same random cases every time; others with `PROPTEST_RNG_SEED=7`.
fn random_cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_RNG_SEED") {
        Some(_) => default,
        None => ProptestConfig { rng_seed: RngSeed::Fixed(1), ..default },
    }
}

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
const PICTURES: [&str; 17] = [
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
    "council",
];
