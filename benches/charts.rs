//! Drawing every kind of chart of England's data, as SVG and as PNG: `cargo bench --bench charts`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rating_history::chart::{
    Chart, Comparison, Distribution, Fan, Flow, Matrix, PeerStrip, Ribbons, SmallMultiples, Style, Survival, TileMap,
};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{CohortOptions, ForecastOptions, PairCounts, Snapshots, Study, cohort_matrix, forecast};
use rating_history::ofsted::{self, Story, Theme};
use rating_history::trend::Every;
use rating_history::{Clock, Error};

fn measure(criterion: &mut Criterion, name: &str, chart: &impl Chart) {
    criterion.bench_function(&format!("svg/{name}"), |b| b.iter(|| black_box(chart.to_svg())));
    let mut group = criterion.benchmark_group("png");
    group.sample_size(10).bench_function(name, |b| b.iter(|| black_box(chart.to_png())));
}

fn charts(criterion: &mut Criterion) {
    draw(criterion).expect("England's charts can be drawn");
}

fn draw(criterion: &mut Criterion) -> Result<(), Error> {
    let england = ofsted::england()?;
    let ratings = england.ratings()?;
    let headline = ratings.series(Theme::Headline)?;
    let (end, style) = (england.cut_off(), Style::default);
    let slough = england.find("Slough")?.code.clone();
    let first = NaiveDate::from_ymd_opt(2010, 1, 31).unwrap_or(end);
    let study = Study::until(end);

    measure(criterion, "trajectory", &Story::new(&england, &slough, Clock::Effect, end)?.trajectory(style()));
    let months = Every::MONTH.dates(first, end);
    measure(criterion, "distribution", &Distribution::collect(&headline, &months, style())?);
    let ribbons = Ribbons::collect(&headline.clone().as_of(end), Some("Slough"), style())?;
    let names: Vec<&str> = ribbons.ribbons.iter().take(12).map(|r| r.name.as_str()).collect();
    measure(criterion, "small multiples", &SmallMultiples::new(&ribbons, &names).unwrap());
    measure(criterion, "comparison", &Comparison::new(&ribbons, &names[..6]).unwrap());
    measure(criterion, "ribbons", &ribbons.clone().in_columns(2));
    measure(criterion, "flow", &Flow::collect(&headline, &[first, end], style())?);
    let tiles = ofsted::england_tiles()?;
    let map = TileMap::collect(&headline, &[end], &tiles, Some("Slough"), style())?;
    measure(criterion, "tile map", &map);
    let years: Vec<NaiveDate> = (2012..=2026).filter_map(|year| NaiveDate::from_ymd_opt(year, 3, 31)).collect();
    measure(criterion, "tile maps", &TileMap::collect(&headline, &years, &tiles, None, style())?);
    let strip = PeerStrip::collect(&ratings.clone().as_of(end), slough.as_str(), "Slough", ofsted::FOLLOWED, style())?;
    measure(criterion, "peers", &strip);
    let options = CohortOptions::default();
    let pairs = PairCounts::snapshots(&headline, &study, &Snapshots::default())?;
    measure(criterion, "matrix", &Matrix::new(cohort_matrix(&pairs, &options)?, &headline, style())?);
    let survival = Survival::collect(&headline, &study, "inadequate", None, None, style())?;
    measure(criterion, "survival", &survival);
    measure(criterion, "incidence", &survival.incidence());
    let made = forecast(&headline, &study, slough.as_str(), 10, &ForecastOptions::default())?;
    measure(criterion, "forecast", &Fan::collect(&headline, made, style())?);
    Ok(())
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(1))
        .warm_up_time(std::time::Duration::from_millis(300));
    targets = charts
}
criterion_main!(benches);
