//! Times queries on a Parquet file of ratings and prints their answers in short, for `benches/peers`; with `--streaming`
//! from the file itself, on the streaming engine.

use std::time::Instant;

use rating_history::chrono::NaiveDate;
use rating_history::polars::prelude::*;
use rating_history::{Error, Ratings, Theme, io, trend};
use serde_json::json;

/// What polars does most is to ask for large pieces of memory and to give them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RUNS: usize = 5;

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let streaming = arguments.iter().any(|a| a == "--streaming");
    let Some(path) = arguments.iter().find(|a| !a.starts_with('-')) else {
        eprintln!("usage: yardstick FILE.parquet [--streaming]");
        return std::process::ExitCode::from(2);
    };
    match run(path, streaming) {
        Ok(answer) => {
            println!("{answer}");
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run(path: &str, streaming: bool) -> Result<serde_json::Value, Error> {
    let scanned = io::scan_ratings(path, None)?;
    let (ratings, engine, runs) = if streaming {
        (scanned, Engine::Streaming, 1)
    } else {
        let columns = ["authority", "theme", "effect", "published", "grade"].map(col);
        let rows = scanned.lazy().select(columns).collect()?;
        (Ratings::new(rows.lazy(), scanned.scale().clone())?, Engine::InMemory, RUNS)
    };
    let ratings = ratings.themes(&[Theme::ALL[0]]);
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let (now, last) = (day(2030, 6, 30), day(2045, 12, 31));
    let rows = ratings.lazy().select([len()]).collect()?.columns()[0].get(0)?.extract::<u64>();
    let time = |query: LazyFrame| -> Result<serde_json::Value, Error> {
        let mut best = f64::INFINITY;
        let mut answer = (0, 0);
        for _ in 0..runs {
            let start = Instant::now();
            // From a file only the sums come back: the rows would not fit.
            answer = if streaming {
                let sums = query.clone().select([len().alias("rows"), col("days").cast(DataType::Int64).sum()]);
                let sums = sums.collect_with_engine(engine)?.unwrap_single();
                let value = |name: &str| Ok::<i64, Error>(sums.column(name)?.get(0)?.extract().unwrap_or(0));
                (value("rows")?, value("days")?)
            } else {
                let frame = query.clone().collect_with_engine(engine)?.unwrap_single();
                let days = frame.column("days")?.as_materialized_series().sum::<i64>()?;
                (frame.height() as i64, days)
            };
            best = best.min(start.elapsed().as_secs_f64());
        }
        Ok(json!({ "seconds": best, "rows": answer.0, "days": answer.1 }))
    };
    Ok(json!({
        "ratings": rows,
        "as_of": time(trend::as_of(&ratings, now))?,
        "spells": time(trend::spells(&ratings, last))?,
        "transitions": time(trend::transitions(&ratings, last))?,
    }))
}
