//! Every query is native polars through and through, and streams.

use polars_plan::prelude::{AExpr, FunctionIR, IR};
use rating_history::chrono::NaiveDate;
use rating_history::frame::columns::FRAMEWORK;
use rating_history::frame::{Field, FieldKind, Query, Row};
use rating_history::ofsted::{self, EventKind, Framework, Theme};
use rating_history::polars::prelude::{DataType, LazyFrame};
use rating_history::trend::{Condition, Since, Year};
use rating_history::{Clock, Ratings};
use serde::Serialize;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A query with what its type says of it.
struct Asked {
    name: &'static str,
    plan: LazyFrame,
    fields: &'static [Field],
    group: Option<&'static str>,
    rows: serde_json::Value,
}

fn asked<R: Row + Serialize>(name: &'static str, query: impl Fn() -> Query<R>) -> Asked {
    let rows = serde_json::to_value(query().rows().unwrap()).unwrap();
    Asked { name, plan: query().plan().unwrap(), fields: R::FIELDS, group: None, rows }
}

/// Every query, on England.
fn queries(ratings: &Ratings) -> Vec<Asked> {
    let now = ratings.clone().as_of(day("2026-08-20"));
    let days = ["2014-12-31", "2019-03-31", "2026-08-20"].map(day);
    let slough = "E06000039";
    let worst = Condition::AtOrBelow(ratings.scale().labels()[0].clone());
    let by_region = asked("distribution by region", || now.distribution(&days, Some("region")));
    let mut queries = vec![
        asked("judgements", || now.judgements()),
        asked("as_of", || now.standing()),
        asked("spells", || now.spells()),
        asked("streaks", || now.streaks(&worst)),
        asked("time_in_grade", || now.time_in_grade()),
        asked("transitions", || now.transitions()),
        asked("inspection_intervals", || now.inspection_intervals()),
        asked("distribution", || now.distribution(&days, None)),
        Asked { group: Some("region"), ..by_region },
        asked("flows", || now.flows(days[0], days[2])),
        asked("movers", || now.movers(Since::Date(days[1]))),
        asked("movers since the previous inspection", || now.movers(Since::PreviousInspection)),
        asked("peers", || now.peers(slough)),
        asked("peer_standing", || now.peer_standing(slough, &days)),
        asked("inspections_in", || now.inspections_in(&Year::Financial.between(days[0], days[2]))),
        asked("publication_lags", || now.publication_lags()),
        asked("first_under", || now.first_under(Framework::Sif, None)),
        asked("around_events", || now.around_events(EventKind::TrustEstablished)),
    ];
    // Of one series, or a computed one with its own scale, these two make no sense.
    if ofsted::profile(ratings).plan().is_ok() {
        queries.push(asked("profile", || ofsted::profile(&now)));
        queries.push(asked("concerns", || ofsted::concerns(&ratings.clone().as_of(days[1]))));
    }
    queries
}

/// Ratings narrowed and changed in every way.
fn all_ratings() -> Vec<(&'static str, Ratings)> {
    let england = ofsted::england().unwrap().ratings().unwrap();
    let cut_off =
        england.clone().only(FRAMEWORK, [Framework::Sif, Framework::Ilacs]).unwrap().published_by(day("2024-05-31"));
    vec![
        ("one theme", england.series(Theme::Headline).unwrap().into_ratings()),
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
        for Asked { name: query, plan, .. } in queries(&ratings) {
            assert_eq!(opaque(&plan), Vec::<String>::new(), "{query} of {name}");
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

#[cfg(feature = "parquet")]
#[test]
fn every_query_streams_to_the_same_result() {
    use rating_history::polars::prelude::Engine;
    for (name, ratings) in all_ratings() {
        for Asked { name: query, plan: frame, .. } in queries(&ratings) {
            let at_once = frame.clone().collect_with_engine(Engine::InMemory).unwrap().unwrap_single();
            let streamed = frame.collect_with_engine(Engine::Streaming).unwrap().unwrap_single();
            assert!(at_once.height() > 0 || name == "practice profile" || name == "short inspection rule", "{query}");
            assert!(at_once.equals_missing(&streamed), "{query} of {name}:\n{at_once}\n{streamed}");
        }
    }
}

/// Names and types of every answer's columns: an interface.
#[test]
fn schemas() {
    let ratings = ofsted::england().unwrap().ratings().unwrap();
    let mut text = String::new();
    for Asked { name: query, mut plan, .. } in queries(&ratings) {
        let schema = plan.collect_schema().unwrap();
        let columns: Vec<String> = schema.iter().map(|(name, dtype)| format!("  {name}: {dtype}")).collect();
        text += &format!("{query}\n{}\n", columns.join("\n"));
    }
    insta::assert_snapshot!(text);
}

/// A type of row says its columns, their types and which may be null; its values are those of the frame.
#[test]
fn rows_are_what_their_type_says() {
    let ratings = ofsted::england().unwrap().ratings().unwrap();
    for Asked { name, plan, fields, group, rows } in queries(&ratings) {
        let frame = plan.collect().unwrap();
        let in_frame = |field: &&Field| field.name != "group" || frame.column("group").is_ok() || group.is_some();
        let fields: Vec<&Field> = fields.iter().filter(in_frame).collect();
        assert_eq!(frame.width(), fields.len(), "{name}");
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), frame.height(), "{name}");
        for (field, column) in fields.into_iter().zip(frame.columns()) {
            let called = if field.name == "group" { group.unwrap_or("group") } else { field.name };
            assert_eq!(called, column.name().as_str(), "{name}");
            let dtype = column.dtype();
            let fits = match field.kind {
                FieldKind::Grade => labels(dtype) == ratings.scale().labels(),
                FieldKind::State => {
                    let states = ["not_reported", "not_rated", "opened", "closed"].map(str::to_owned);
                    labels(dtype) == [ratings.scale().labels(), &states].concat()
                }
                kind => format!("{dtype:?}").starts_with(kind.dtype()),
            };
            assert!(fits, "{name}: {} is {dtype:?}", field.name);
            assert!(field.optional || column.null_count() == 0, "{name}: {}", field.name);
            assert!(!field.doc.is_empty(), "{name}: {}", field.name);
            for (n, row) in rows.iter().enumerate() {
                let (typed, cell) = (&row[field.name], column.get(n).unwrap());
                let same = match typed {
                    serde_json::Value::Null => cell.is_null(),
                    serde_json::Value::String(text) => {
                        cell.get_str().map_or_else(|| cell.to_string(), str::to_owned) == *text
                    }
                    number => number.as_f64() == cell.extract::<f64>(),
                };
                assert!(same, "{name}: {} in row {n} is {typed}, not {cell:?}", field.name);
            }
        }
    }
}

/// The labels of an `Enum`, in order.
fn labels(dtype: &DataType) -> Vec<String> {
    match dtype {
        DataType::Enum(categories, _) => categories.categories().iter().flatten().map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}
