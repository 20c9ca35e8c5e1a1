//! The folder form of ratings answers as the data that it was made of; a file alone says what it lacks.

use std::path::Path;

use rating_history::io::{FrameFormat, write_ratings, write_ratings_folder};
use rating_history::ofsted;

use crate::example;

/// Every command, with what it needs.
const COMMANDS: &[&[&str]] = &[
    &["history", "--authority", "Slough", "--theme", "all"],
    &["as-of"],
    &["as-of", "--authority", "Slough", "--region", "London"],
    &["spells", "--theme", "all"],
    &["spells", "--lineage", "--authority", "Dorset"],
    &["streaks", "--at-or-below", "RI"],
    &["time-in-grade"],
    &["transitions", "--clock", "published"],
    &["flows", "--from", "2018-12-31"],
    &["distribution", "--by", "region"],
    &["distribution", "--framework", "sif,ilacs", "--published-by", "2024-05-31", "--on", "2024-03-31"],
    &["movers", "--theme", "care"],
    &["peers", "--authority", "Slough"],
    &["standing", "--authority", "Slough"],
    &["profile"],
    &["profile", "--authority", "Trafford"],
    &["concerns"],
    &["year"],
    &["intervals"],
    &["events"],
    &["matrix"],
    &["survival", "--from", "inadequate", "--by", "region"],
    &["similar", "--authority", "Slough"],
    &["forecast", "--authority", "Slough"],
    &["measures"],
    &["trend", "--from", "2012-03-31"],
    &["spells", "--theme", "practice_profile"],
];

const PICTURES: &[&[&str]] = &[
    &["trajectory", "--authority", "Slough"],
    &["comparison", "--authority", "Dorset"],
    &["multiples", "--authority", "Slough"],
    &["ribbons", "--region", "London"],
    &["distribution"],
    &["flow"],
    &["matrix"],
    &["survival", "--grade", "good"],
    &["peers", "--authority", "Slough"],
    &["forecast", "--authority", "Slough"],
    &["tile-map"],
];

/// What a command answers, prints beside it, and draws.
fn run(arguments: &[&str], picture: Option<&Path>) -> (Option<i32>, String, String, Option<String>) {
    let output = example("ratings", arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let drawn = picture.and_then(|file| std::fs::read_to_string(file).ok());
    (output.status.code(), text(output.stdout), text(output.stderr), drawn)
}

#[test]
fn the_folder_form_answers_as_the_embedded_data() {
    let ratings = ofsted::england().unwrap().ratings().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (data, picture) = (folder.path().join("england"), folder.path().join("picture.svg"));
    let mut different = Vec::new();
    for format in [FrameFormat::Parquet, FrameFormat::Ipc] {
        write_ratings_folder(&ratings, &data, format).unwrap();
        let from = ["--data", data.to_str().unwrap()];
        for command in COMMANDS {
            let embedded = run(command, None);
            assert_eq!(embedded.0, Some(0), "{command:?}: {}", embedded.2);
            if run(&[command, &from[..]].concat(), None) != embedded {
                different.push(format!("{format}: {command:?}"));
            }
        }
        for kind in PICTURES {
            let drawing = [&["chart"], *kind, &["-o", picture.to_str().unwrap()]].concat();
            let embedded = run(&drawing, Some(&picture));
            assert_eq!(embedded.0, Some(0), "{kind:?}: {}", embedded.2);
            std::fs::remove_file(&picture).unwrap();
            if run(&[&drawing[..], &from].concat(), Some(&picture)) != embedded {
                different.push(format!("{format}: chart {kind:?}"));
            }
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
