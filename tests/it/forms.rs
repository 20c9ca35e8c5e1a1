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
    &["rates"],
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
    &["before-after", "--since", "2026-04-01"],
    &["groups", "--on", "2017-12-31", "--on", "2026-03-31"],
    &["aligned", "--event", "statutory_direction"],
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

/// What a command answers about a file, or its one line of error.
fn told(arguments: &[&str]) -> Result<String, String> {
    let (code, answer, said, _) = run(arguments, None);
    match code {
        Some(0) => Ok(answer),
        _ => Err(said),
    }
}

#[test]
fn a_file_alone_answers_what_it_can_and_refuses_the_rest_in_one_line() {
    let ratings = ofsted::england().unwrap().ratings().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["england.parquet", "england.arrow", "england.csv"] {
        let file = folder.path().join(name);
        write_ratings(&ratings, &file).unwrap();
        let from = ["--data", file.to_str().unwrap(), "--format", "csv"];
        // But for the names, which the file does not hold, all is as in the embedded data.
        let nameless = |text: String| -> Vec<Vec<String>> {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            let named = |header: &str| ["name", "region"].contains(&header);
            let keep: Vec<bool> = rows.headers().unwrap().iter().map(|h| !named(h)).collect();
            let cells = |row: csv::StringRecord| {
                row.iter().zip(&keep).filter(|(_, k)| **k).map(|(c, _)| c.to_owned()).collect()
            };
            rows.records().map(|row| cells(row.unwrap())).collect()
        };
        let slough = ["--authority", "E06000039"];
        for command in [
            &["history", "--theme", "all"][..],
            &["spells", "--theme", "all"],
            &["streaks", "--at-or-below", "RI"],
            &["transitions", "--clock", "published"],
            &["time-in-grade"],
            &["intervals"],
            &["year"],
            &["profile", slough[0], slough[1]],
            &["matrix"],
            &["rates"],
            &["measures"],
        ] {
            let whole = nameless(told(&[command, &["--format", "csv"]].concat()).unwrap());
            assert_eq!(nameless(told(&[command, &from[..]].concat()).unwrap()), whole, "{name}: {command:?}");
        }
        for (command, reason) in [
            (&["distribution", "--by", "region"][..], "no register of the authorities"),
            (&["survival", "--from", "good", "--by", "region"], "or one of a register (--register)"),
            (&["peers", slough[0], slough[1]], "no register of the authorities"),
            (&["events"], "no events"),
            (&["spells", "--lineage"], "needs a register"),
            (&["spells", "--region", "London"], "no region"),
            (&["spells", "--authority", "Slough"], "unknown authority"),
        ] {
            let error = told(&[command, &from[..]].concat()).unwrap_err();
            assert!(error.contains(reason), "{name}: {command:?}: {error}");
            assert_eq!(error.trim_end().lines().count(), 1, "{name}: {command:?}: {error}");
        }
    }
}

#[test]
fn converting_says_what_the_format_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let england = ofsted::england().unwrap();
    ofsted::write_folder(&england, path("tables")).unwrap();
    let convert = |from: &str, arguments: &[&str]| {
        let (code, _, said, _) = run(&[&["convert", &path(from)], arguments].concat(), None);
        assert_eq!(code, Some(0), "{said}");
        said
    };
    let said = convert("tables", &[&path("england.parquet")]);
    assert!(said.contains("leaves out: names and other facts of the authorities; "), "{said}");
    assert!(!said.contains("complete to"), "{said}");
    let said = convert("tables", &[&path("england.csv")]);
    assert!(said.contains("that the data are complete to 2026-08-20"), "{said}");
    let said = convert("tables", &[&path("frames"), "--as", "parquet"]);
    assert!(!said.contains("leaves out"), "{said}");
    // Back to tables nothing is lost.
    let said = convert("frames", &[&path("again")]);
    assert!(!said.contains("leaves out"), "{said}");
    let options = rating_history::io::ReadOptions::default();
    let again = ofsted::read_folder(path("again"), &options).unwrap().value;
    assert_eq!(again, england);
}
