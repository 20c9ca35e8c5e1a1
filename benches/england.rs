//! England's data: loading, the queries, the estimates. `cargo bench --bench england`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rating_history::Error;
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{
    Bootstrap, CohortOptions, Exposures, Generator, IntervalScale, PairCounts, SimilarOptions, Snapshots, Study, Times,
    calendar_aalen_johansen, cohort_matrix, kaplan_meier, similar,
};
use rating_history::ofsted::{self, Grade, Theme};
use rating_history::polars::prelude::LazyFrame;
use rating_history::trend::{Condition, Every};

type Bench<'a> = (&'static str, Box<dyn Fn() -> Result<(), Error> + 'a>);

fn england(criterion: &mut Criterion) {
    let history = ofsted::england().expect("the embedded dataset is sound");
    let ratings =
        &history.ratings().expect("a history makes a frame").series(Theme::Headline).expect("England has a headline");
    let now = history.cut_off();
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let (before, months) = (day(2018, 12, 31), Every::MONTH.dates(day(2010, 1, 31), day(2026, 8, 31)));
    let study = &Study::until(now);
    let not_yet_good = &Condition::AtOrBelow(Grade::RequiresImprovement.code().into());
    let take = |frame: LazyFrame| -> Result<(), Error> {
        _ = black_box(frame.collect()?);
        Ok(())
    };
    let benches: Vec<Bench<'_>> = vec![
        ("load", Box::new(|| ofsted::england().map(|h| _ = black_box(h)))),
        ("frame", Box::new(|| history.ratings().map(|r| _ = black_box(r)))),
        ("as_of", Box::new(move || take(ratings.clone().as_of(now).standing().lazy()))),
        ("spells", Box::new(move || take(ratings.clone().as_of(now).spells().lazy()))),
        ("transitions", Box::new(move || take(ratings.clone().as_of(now).transitions().lazy()))),
        ("streaks", Box::new(move || take(ratings.clone().as_of(now).streaks(not_yet_good).lazy()))),
        ("flows", Box::new(move || take(ratings.flows(before, now).lazy()))),
        ("distribution, 200 months", Box::new(|| take(ratings.distribution(&months, None).lazy()))),
        (
            "cohort matrix",
            Box::new(|| {
                let totals = PairCounts::snapshots(ratings, study, &Snapshots::default())?;
                cohort_matrix(&totals, &CohortOptions::default()).map(|m| _ = black_box(m))
            }),
        ),
        (
            "Kaplan-Meier",
            Box::new(|| {
                let times = Times::collect(ratings, study, Grade::Inadequate.code(), None, None)?.remove(0);
                let kinds = Times::kinds_of(None);
                kaplan_meier(&kinds, &times.durations, IntervalScale::LogLog, 0.95).map(|c| _ = black_box(c))
            }),
        ),
        (
            "Aalen-Johansen",
            Box::new(|| calendar_aalen_johansen(ratings, study, day(1970, 1, 1), now).map(|a| _ = black_box(a))),
        ),
        (
            "similarity, one against all",
            Box::new(|| {
                let options = SimilarOptions::at(day(2016, 6, 30));
                similar(ratings, study, "E06000039", &options).map(|s| _ = black_box(s))
            }),
        ),
        (
            "bootstrap of a generator, 1,000 replicates",
            Box::new(|| {
                let totals = Exposures::collect(ratings, study)?;
                let rates = |weights: &[f64]| {
                    let generator = Generator::from_weighted_totals(&totals, |n| weights[n]).ok()?;
                    Some(generator.probability(1.0).ok()?.into_iter().flatten().collect())
                };
                let spread = Bootstrap::default().run(totals.rows.len(), rates)?;
                _ = black_box(spread);
                Ok(())
            }),
        ),
    ];
    for (name, bench) in &benches {
        bench().expect("England's data answers every question");
        criterion.bench_function(name, |b| b.iter(bench));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    targets = england
}
criterion_main!(benches);
