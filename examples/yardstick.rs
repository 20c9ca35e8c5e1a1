//! Times queries on a Parquet file of ratings and prints their answers in short, for `benches/peers`; with `--streaming`
//! from the file itself, on the streaming engine.

#[path = "common/say.rs"]
mod say;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{IntervalScale, Study, TimeBasis, Times, calendar_aalen_johansen, kaplan_meier};
use rating_history::ofsted::{Grade, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::Condition;
use rating_history::{Error, Ratings, Series, io};
use serde_json::json;

/// What polars does most is to ask for large pieces of memory and to give them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;

/// The last day that is looked at, 31 December 2045, in days since 1970.
const LAST: i32 = 27_758;

/// Times queries on a Parquet file of ratings and prints their answers in short, as JSON.
#[derive(Parser)]
#[command(name = "yardstick", after_help = "Example: cargo run --release --example yardstick -- ratings.parquet")]
struct Arguments {
    /// Ratings, as `synthesise` writes them
    file: PathBuf,
    /// From the file itself, on the streaming engine
    #[arg(long)]
    streaming: bool,
}

fn main() -> ExitCode {
    say::run(|arguments: Arguments| run(&arguments).and_then(|answer| say::say(format_args!("{answer}"))))
}

fn run(arguments: &Arguments) -> Result<serde_json::Value, Error> {
    let streaming = arguments.streaming;
    let scanned = io::scan_ratings(&arguments.file, None, &io::ReadOptions::default())?.value;
    let ratings = if streaming {
        scanned
    } else {
        let columns = ["authority", "theme", "effect", "published", "grade"].map(col);
        // As for the other tools, what is later is left out before the clock starts.
        let rows = scanned.lazy().filter(col("effect").lt_eq(lit(LAST).cast(DataType::Date)));
        let rows = rows.select(columns).collect()?;
        Ratings::new(rows.lazy(), scanned.scale().clone())?
    };
    let ratings = ratings.engine(Engine::Streaming).series(Theme::Headline)?;
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let (before, now, last) = (day(2020, 6, 30), day(2030, 6, 30), day(2045, 12, 31));
    let rows = ratings.lazy().select([len()]).collect()?.columns()[0].get(0)?.extract::<u64>();
    let by_days = |query: LazyFrame| {
        let days = col("days").cast(DataType::Int64).sum();
        if streaming { from_file(query, days) } else { in_memory(query, days) }
    };
    let mut answers = json!({
        "ratings": rows,
        "as_of": by_days(ratings.clone().as_of(now).standing().lazy())?,
        "spells": by_days(ratings.clone().as_of(last).spells().lazy())?,
        "transitions": by_days(ratings.clone().as_of(last).transitions().lazy())?,
    });
    if !streaming {
        let not_yet_good = Condition::AtOrBelow(Grade::RequiresImprovement.code().into());
        let count = col("count").cast(DataType::Int64);
        answers["streaks"] = by_days(ratings.clone().as_of(last).streaks(&not_yet_good).lazy())?;
        answers["flows"] = in_memory(ratings.flows(before, now).lazy(), (count.clone() * count).sum())?;
        answers["kaplan_meier"] = timed(RUNS, || survival(&ratings, last))?;
        answers["aalen_johansen"] = timed(RUNS, || probabilities(&ratings, day(2013, 1, 1), now))?;
    }
    Ok(answers)
}

/// Best seconds of a few runs, and the answer.
fn timed(runs: usize, run: impl Fn() -> Result<Vec<f64>, Error>) -> Result<serde_json::Value, Error> {
    let mut best = f64::INFINITY;
    let mut answer = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        answer = run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(json!({ "seconds": best, "answer": answer }))
}

fn number(frame: &DataFrame, column: &str) -> Result<f64, Error> {
    Ok(frame.column(column)?.get(0)?.extract().unwrap_or(f64::NAN))
}

/// All rows of an answer, and one sum over them.
fn in_memory(query: LazyFrame, sum: Expr) -> Result<serde_json::Value, Error> {
    timed(RUNS, || {
        let frame = query.clone().collect_with_engine(Engine::Streaming)?.unwrap_single();
        let rows = frame.height() as f64;
        Ok(vec![rows, number(&frame.lazy().select([sum.clone().alias("sum")]).collect()?, "sum")?])
    })
}

/// Only the sums: the rows would not fit.
fn from_file(query: LazyFrame, sum: Expr) -> Result<serde_json::Value, Error> {
    timed(1, || {
        let sums = query.clone().select([len().alias("rows"), sum.clone().alias("sum")]);
        let sums = sums.collect_with_engine(Engine::Streaming)?.unwrap_single();
        Ok(vec![number(&sums, "rows")?, number(&sums, "sum")?])
    })
}

/// How long bodies stay inadequate: stays, ends of stays, and the part still there after five years.
fn survival(ratings: &Series, last: NaiveDate) -> Result<Vec<f64>, Error> {
    let study = Study::until(last).basis(TimeBasis::Days365_25);
    let times = Times::collect(ratings, &study, Grade::Inadequate.code(), None, None)?.remove(0);
    let curve = kaplan_meier(&times.kinds, &times.durations, IntervalScale::LogLog, 0.95)?;
    let at = curve.times.partition_point(|time| *time <= 5.0).saturating_sub(1);
    let first = curve.at_risk.first().copied().unwrap_or_default();
    Ok(vec![first, curve.events.iter().flatten().sum(), curve.survival.get(at).copied().unwrap_or(1.0)])
}

/// The probabilities of each grade at the end, for each grade at the start, row by row.
fn probabilities(ratings: &Series, from: NaiveDate, to: NaiveDate) -> Result<Vec<f64>, Error> {
    let estimate = calendar_aalen_johansen(ratings, &Study::until(to).from(from), from, to)?;
    Ok(estimate.probability.last().into_iter().flatten().flatten().copied().collect())
}
