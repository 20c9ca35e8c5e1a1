//! Loading and querying England's data: `cargo bench`.

use criterion::{Criterion, criterion_group, criterion_main};
use rating_history::{Ratings, dataset, trend};

fn england(criterion: &mut Criterion) {
    let history = dataset::england().expect("the embedded dataset is sound");
    let ratings = Ratings::from_history(&history).expect("a history makes a frame");
    let cut_off = history.cut_off();
    criterion.bench_function("load", |b| b.iter(dataset::england));
    criterion.bench_function("frame", |b| b.iter(|| Ratings::from_history(&history)));
    criterion.bench_function("spells", |b| b.iter(|| trend::spells(&ratings, cut_off).collect()));
    criterion.bench_function("as_of", |b| b.iter(|| trend::as_of(&ratings, cut_off).collect()));
}

criterion_group!(benches, england);
criterion_main!(benches);
