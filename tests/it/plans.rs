//! Every query is native polars through and through, and streams.

use polars_plan::prelude::{AExpr, FunctionIR, IR};
use rating_history::chrono::NaiveDate;
use rating_history::frame::columns::FRAMEWORK;
use rating_history::ofsted::{self, EventKind, Framework, Grade, Theme};
use rating_history::polars::prelude::LazyFrame;
use rating_history::trend::{self, Condition, Since, Year};
use rating_history::{Clock, Ratings};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every query, on England.
fn queries(ratings: &Ratings) -> Vec<(&'static str, LazyFrame)> {
    let now = day("2026-08-20");
    let days = ["2014-12-31", "2019-03-31", "2026-08-20"].map(day);
    let slough = "E06000039";
    let worst = Condition::AtOrBelow(ratings.scale().labels()[0].clone());
    let mut queries = vec![
        ("judgements", trend::judgements(&ratings.clone().as_of(now))),
        ("as_of", trend::as_of(&ratings.clone().as_of(now))),
        ("spells", trend::spells(&ratings.clone().as_of(now))),
        ("streaks", trend::streaks(&ratings.clone().as_of(now), &worst).unwrap()),
        ("time_in_grade", trend::time_in_grade(&ratings.clone().as_of(now))),
        ("transitions", trend::transitions(&ratings.clone().as_of(now))),
        ("inspection_intervals", trend::inspection_intervals(&ratings.clone().as_of(now))),
        ("distribution", trend::distribution(ratings, &days, None).unwrap()),
        ("distribution by region", trend::distribution(ratings, &days, Some("region")).unwrap()),
        ("flows", trend::flows(ratings, days[0], days[2]).unwrap()),
        ("movers", trend::movers(&ratings.clone().as_of(now), Since::Date(days[1])).unwrap()),
        (
            "movers since the previous inspection",
            trend::movers(&ratings.clone().as_of(now), Since::PreviousInspection).unwrap(),
        ),
        ("peers", trend::peers(&ratings.clone().as_of(now), slough).unwrap()),
        ("peer_standing", trend::peer_standing(ratings, slough, &days).unwrap()),
        ("inspections_in", trend::inspections_in(ratings, &Year::Financial.between(days[0], days[2])).unwrap()),
        ("around_events", trend::around_events(&ratings.clone().as_of(now), EventKind::TrustEstablished).unwrap()),
    ];
    // Of the computed series, with their own scales, these two make no sense.
    if *ratings.scale() == Grade::scale() {
        queries.push(("profile", ofsted::profile(&ratings.clone().as_of(now)).unwrap()));
        queries.push(("concerns", ofsted::concerns(&ratings.clone().as_of(days[1])).unwrap()));
    }
    queries
}

/// Ratings narrowed and changed in every way.
fn all_ratings() -> Vec<(&'static str, Ratings)> {
    let england = ofsted::england().unwrap().ratings().unwrap();
    let cut_off = england.clone().only(FRAMEWORK, [Framework::Sif, Framework::Ilacs]).published_by(day("2024-05-31"));
    vec![
        ("one theme", england.clone().series_only([Theme::Headline])),
        ("published", england.clone().clock(Clock::Published)),
        ("cut off", cut_off),
        ("lineage", england.clone().lineage().unwrap()),
        ("practice profile", ofsted::practice_profile(&england.clone()).unwrap()),
        ("short inspection rule", ofsted::short_inspection_rule(&england.clone()).unwrap()),
        ("all", england),
    ]
}

/// What a plan holds that polars cannot see through: closures, and functions of another language.
fn opaque(query: &LazyFrame) -> Vec<String> {
    let mut found = Vec::new();
    for plan in [query.clone().to_alp().unwrap(), query.clone().to_alp_optimized().unwrap()] {
        for node in 0..plan.lp_arena.len() {
            match plan.lp_arena.get(polars_plan::prelude::Node(node)) {
                IR::MapFunction { function: FunctionIR::Opaque { .. }, .. } => found.push("map".to_owned()),
                IR::MapFunction { function, .. } if !matches!(function, FunctionIR::RowIndex { .. }) => {
                    found.push(format!("{function}"));
                }
                _ => {}
            }
        }
        for node in 0..plan.expr_arena.len() {
            let expression = plan.expr_arena.get(polars_plan::prelude::Node(node));
            if matches!(expression, AExpr::AnonymousFunction { .. } | AExpr::AnonymousAgg { .. }) {
                found.push(format!("{expression:?}"));
            }
        }
    }
    found
}

#[test]
fn no_plan_holds_an_opaque_function() {
    for (name, ratings) in all_ratings() {
        for (query, frame) in queries(&ratings) {
            assert_eq!(opaque(&frame), Vec::<String>::new(), "{query} of {name}");
        }
    }
}

#[test]
fn the_check_sees_a_closure() {
    use rating_history::polars::prelude::{Column, Field, IntoLazy, col, df};
    let frame = df!("a" => [1, 2]).unwrap().lazy();
    let mapped = col("a").map(|c: Column| Ok(c), |_, field: &Field| Ok(field.clone()));
    assert_eq!(opaque(&frame.select([mapped])).len(), 2);
}

#[cfg(feature = "files")]
#[test]
fn every_query_streams_to_the_same_result() {
    use rating_history::polars::prelude::Engine;
    for (name, ratings) in all_ratings() {
        for (query, frame) in queries(&ratings) {
            let at_once = frame.clone().collect_with_engine(Engine::InMemory).unwrap().unwrap_single();
            let streamed = frame.collect_with_engine(Engine::Streaming).unwrap().unwrap_single();
            assert!(at_once.height() > 0 || name == "practice profile" || name == "short inspection rule", "{query}");
            assert!(at_once.equals_missing(&streamed), "{query} of {name}:\n{at_once}\n{streamed}");
        }
    }
}

/// What another machine does with a query that it is sent.
#[cfg(feature = "plans")]
fn elsewhere(query: &LazyFrame) -> (usize, rating_history::polars::frame::DataFrame) {
    use polars_plan::prelude::DslPlan;
    let mut bytes = Vec::new();
    query.logical_plan.serialize_versioned(&mut bytes, Default::default()).unwrap();
    let plan = DslPlan::deserialize_versioned(bytes.as_slice()).unwrap();
    (bytes.len(), LazyFrame::from(plan).collect().unwrap())
}

#[cfg(feature = "plans")]
#[test]
fn every_plan_travels_and_answers_the_same() {
    let england = ofsted::england().unwrap().ratings().unwrap();
    for (query, frame) in queries(&england) {
        let (_, restored) = elsewhere(&frame);
        assert!(restored.equals_missing(&frame.collect().unwrap()), "{query}");
    }
}

#[cfg(all(feature = "plans", feature = "files"))]
#[test]
fn a_plan_over_files_is_small_and_takes_a_part_of_the_bodies() {
    use rating_history::io::{FrameFormat, scan_ratings, write_ratings_folder};
    let england = ofsted::england().unwrap().ratings().unwrap();
    let codes: Vec<String> =
        ofsted::england().unwrap().authorities().iter().map(|a| a.code.as_str().to_owned()).collect();
    let now = day("2026-08-20");
    let mut parts = Vec::new();
    for codes in codes.chunks(codes.len().div_ceil(3)) {
        let folder = tempfile::tempdir().unwrap();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        write_ratings_folder(&england.clone().bodies_only(&codes), folder.path(), FrameFormat::Parquet).unwrap();
        let scanned = scan_ratings(folder.path(), None).unwrap();
        let (bytes, answer) = elsewhere(&trend::spells(&scanned.clone().as_of(now)));
        assert!(bytes < 100_000, "{bytes}");
        parts.push(answer);
    }
    let whole = trend::spells(&england.clone().as_of(now)).collect().unwrap();
    let together = parts.into_iter().reduce(|a, b| a.vstack(&b).unwrap()).unwrap();
    assert!(together.equals_missing(&whole));
}

/// Names and types of every answer's columns: an interface.
#[test]
fn schemas() {
    let ratings = ofsted::england().unwrap().ratings().unwrap();
    let mut text = String::new();
    for (query, mut frame) in queries(&ratings) {
        let schema = frame.collect_schema().unwrap();
        let columns: Vec<String> = schema.iter().map(|(name, dtype)| format!("  {name}: {dtype}")).collect();
        text += &format!("{query}\n{}\n", columns.join("\n"));
    }
    insta::assert_snapshot!(text);
}
