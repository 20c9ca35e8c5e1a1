//! The queries on made-up ratings, beside one pass over the same columns, and the row-wise ones beside a plain loop that
//! fills the same columns: `cargo bench --bench large`. How many ratings: `RATINGS=1000000,10000000 cargo bench --bench
//! large`; which: `cargo bench --bench large -- spells`.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, measurement::WallTime};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{
    CohortOptions, IntervalScale, PairCounts, Snapshots, Study, Times, calendar_aalen_johansen, cohort_matrix,
    kaplan_meier,
};
use rating_history::ofsted::Grade;
use rating_history::polars::prelude::*;
use rating_history::trend::{Condition, Every};
use rating_history::{Error, Ratings, io};

/// What polars does most is to ask for large pieces of memory and to give them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod loops;
#[path = "../../examples/synthesise/model.rs"]
mod model;

use loops::Rows;

const INSPECTIONS: u32 = 10;

/// One pass over the columns of text, date and grade: the unit of all that is measured here.
fn memory_scan(frame: &DataFrame) -> Result<u64, Error> {
    let authority = frame.column("authority")?.str()?;
    let effect = frame.column("effect")?.date()?;
    let grade = frame.column("grade")?.cat8()?;
    let text: u64 = authority.downcast_iter().flat_map(|a| a.views().iter()).map(|v| u64::from(v.buffer_idx)).sum();
    let days: u64 = effect.phys.downcast_iter().flat_map(|a| a.values().iter()).map(|d| *d as u64).sum();
    let grades: u64 = grade.physical().downcast_iter().flat_map(|a| a.values().iter()).map(|g| u64::from(*g)).sum();
    Ok(text.wrapping_add(days).wrapping_add(grades))
}

/// Checks that a loop's answer is the query's.
fn same(answer: &DataFrame, query: LazyFrame) -> Result<(), Error> {
    let rows = query.collect_with_engine(Engine::Streaming)?.unwrap_single();
    let null = |frame: &DataFrame, name: &str| frame.column(name).is_ok_and(|c| c.null_count() == frame.height());
    for column in rows.columns() {
        let (name, own) = (column.name().as_str(), answer.column(column.name())?);
        assert!(null(&rows, name) && null(answer, name) || own.equals_missing(column), "{name}");
    }
    Ok(())
}

type Bench<'a> = (&'static str, Box<dyn Fn() -> Result<(), Error> + 'a>);

fn run(group: &mut BenchmarkGroup<'_, WallTime>, ratings: u64) -> Result<Vec<&'static str>, Error> {
    let model = model::Model::new(Grade::scale(), 1, INSPECTIONS, 1)?;
    let authorities = ratings / u64::from(INSPECTIONS);
    let frame = model.frame(0..authorities)?;
    let held = Ratings::new(frame.clone().lazy(), Grade::scale())?.engine(Engine::Streaming);
    let folder = std::env::temp_dir().join("rating-history-bench");
    let file = |name: &str| folder.join(format!("{ratings}.{name}"));
    for name in ["parquet", "csv"] {
        let batches = (0..authorities.div_ceil(model::BATCH))
            .map(|n| model.frame(n * model::BATCH..((n + 1) * model::BATCH).min(authorities)));
        io::write_batches(file(name), &Grade::scale(), batches)?;
    }
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let last = held.cut_off();
    // In the middle of the histories, so that authorities stand everywhere.
    let (now, before) = (day(2030, 6, 30), day(2020, 6, 30));
    let months = Every::MONTH.dates(day(2015, 7, 31), now);
    let study = Study::until(last);
    let not_yet_good = Condition::AtOrBelow(Grade::RequiresImprovement.code().into());
    let held = held.only_series()?;
    let (held, now_held) = (&held, &held.clone().as_of(now));
    let rows = &Rows::new(held)?;
    same(&rows.as_of(now)?, now_held.standing().lazy())?;
    same(&rows.spells(last)?, held.spells().lazy())?;
    same(&rows.transitions(last)?, held.transitions().lazy())?;
    same(&rows.streaks(last, 1)?, held.streaks(&not_yet_good).lazy())?;
    let moved: u32 = rows.flows(before, now).as_flattened().iter().sum();
    let flows = held.flows(before, now).collect()?;
    assert_eq!(Some(moved), Some(flows.column("count")?.u32()?.into_no_null_iter().sum()), "flows");
    let take = |frame: LazyFrame| {
        let rows = frame.collect_with_engine(Engine::Streaming).map_err(Error::from)?.unwrap_single();
        _ = black_box(rows.height());
        Ok(())
    };
    let benches: Vec<Bench<'_>> = vec![
        ("memory_scan", Box::new(|| memory_scan(&frame).map(|sum| _ = black_box(sum)))),
        ("door", Box::new(|| Ratings::new(frame.clone().lazy(), Grade::scale()).map(|r| _ = black_box(r)))),
        ("as_of", Box::new(|| take(now_held.standing().lazy()))),
        ("as_of, loop", Box::new(move || rows.as_of(now).map(|f| _ = black_box(f)))),
        ("spells", Box::new(move || take(held.spells().lazy()))),
        ("spells, loop", Box::new(move || rows.spells(last).map(|f| _ = black_box(f)))),
        ("transitions", Box::new(move || take(held.transitions().lazy()))),
        ("transitions, loop", Box::new(move || rows.transitions(last).map(|f| _ = black_box(f)))),
        ("streaks", Box::new(|| take(held.streaks(&not_yet_good).lazy()))),
        ("streaks, loop", Box::new(move || rows.streaks(last, 1).map(|f| _ = black_box(f)))),
        ("flows", Box::new(move || take(held.flows(before, now).lazy()))),
        ("flows, loop", Box::new(move || Ok(_ = black_box(rows.flows(before, now))))),
        ("distribution, 180 months", Box::new(|| take(held.distribution(&months, None).lazy()))),
        (
            "cohort matrix",
            Box::new(|| {
                let options = CohortOptions::default();
                let pairs = PairCounts::pooled_snapshots(held, &study, &Snapshots::default())?;
                cohort_matrix(&pairs, &options).map(|m| _ = black_box(m))
            }),
        ),
        (
            "Kaplan-Meier",
            Box::new(|| {
                let times = Times::collect(held, &study, "inadequate", None, None)?.remove(0);
                kaplan_meier(&times.kinds, &times.durations, IntervalScale::LogLog, 0.95).map(|c| _ = black_box(c))
            }),
        ),
        (
            "Aalen-Johansen",
            Box::new(|| calendar_aalen_johansen(held, &study, day(1970, 1, 1), last).map(|a| _ = black_box(a))),
        ),
        (
            "read Parquet",
            Box::new(|| take(io::scan_ratings(file("parquet"), None, &io::ReadOptions::default())?.value.lazy())),
        ),
        ("read CSV", Box::new(|| take(io::scan_ratings(file("csv"), None, &io::ReadOptions::default())?.value.lazy()))),
    ];
    let wanted = std::env::args().nth(1).filter(|a| !a.starts_with('-')).unwrap_or_default();
    let mut names = Vec::new();
    for (name, bench) in benches.iter().filter(|(name, _)| name.contains(&wanted) || *name == "memory_scan") {
        bench()?;
        group.bench_function(BenchmarkId::new(*name, ratings), |b| b.iter(bench));
        names.push(*name);
    }
    Ok(names)
}

/// Mean seconds of a bench of this run.
fn seconds(name: &str, ratings: u64) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = target.join("criterion/large").join(name.replace(' ', "_")).join(ratings.to_string());
    let folder =
        if folder.exists() { folder } else { target.join("criterion/large").join(name).join(ratings.to_string()) };
    let text = std::fs::read_to_string(folder.join("new/estimates.json")).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(json.get("mean")?.get("point_estimate")?.as_f64()? / 1e9)
}

fn main() {
    let sizes = std::env::var("RATINGS").unwrap_or_else(|_| "1000000,10000000".to_owned());
    let sizes: Vec<u64> = sizes.split(',').filter_map(|n| n.parse().ok()).collect();
    let mut criterion = Criterion::default();
    let mut names = Vec::new();
    {
        let mut group = criterion.benchmark_group("large");
        group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(3));
        for size in &sizes {
            names = run(&mut group, *size).expect("made-up ratings are sound");
        }
    }
    println!("\n{:<28}{:>14}{:>12}{:>8}", "query", "ratings", "ms", "scans");
    for size in sizes {
        let scan = seconds("memory_scan", size);
        for (name, time) in names.iter().filter_map(|name| Some((name, seconds(name, size)?))) {
            let ratio = scan.map_or(f64::NAN, |scan| time / scan);
            println!("{name:<28}{size:>14}{:>12.1}{ratio:>8.1}", time * 1000.0);
        }
    }
}
