//! Makes up rating histories of any size, for tests of speed.

mod model;
#[path = "../common/say.rs"]
mod say;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use model::{BATCH, Model};
use rating_history::ofsted::Grade;
use rating_history::{Error, Scale, io};

/// Made-up histories that behave like England's: the same seed gives the same file.
#[derive(Parser)]
#[command(
    name = "synthesise",
    after_help = "Example: cargo run --release --example synthesise -- --ratings 10000000 -o big.parquet"
)]
struct Arguments {
    /// Ratings to make, as many as make whole authorities
    #[arg(long, default_value_t = 1_000_000)]
    ratings: u64,
    /// Inspections of each authority
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    inspections: u32,
    /// Themes that every inspection judges
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=7))]
    themes: u64,
    /// Grades, worst first [default: Ofsted's]
    #[arg(long, value_name = "WORST,...,BEST", value_delimiter = ',')]
    scale: Vec<String>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// File to write: .parquet or .csv
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

fn main() -> ExitCode {
    say::run(|arguments| run(&arguments))
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let scale = if arguments.scale.is_empty() { Grade::scale() } else { Scale::new(arguments.scale.clone())? };
    let model = Model::new(scale, arguments.themes as usize, arguments.inspections, arguments.seed)?;
    let authorities = arguments.ratings / (u64::from(arguments.inspections) * arguments.themes);
    let batches = (0..authorities.div_ceil(BATCH)).map(|n| model.frame(n * BATCH..((n + 1) * BATCH).min(authorities)));
    let rows = io::write_batches(&arguments.out, &model.scale, batches)?;
    say::say(format_args!("written {}: {rows} ratings of {authorities} authorities", arguments.out.display()))
}
