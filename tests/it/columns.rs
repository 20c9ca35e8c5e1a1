//! The manual's tables of columns, the answers' headers and the types of their rows are the same.

use rating_history::frame::{Field, Row};
use rating_history::{ofsted, trend};

use crate::example;

/// The columns that the manual promises of a command: of its row, those that always are there.
fn promised(command: &str) -> Vec<String> {
    let readme = include_str!("../../examples/ratings/README.md");
    let mut rows = readme.lines().filter(|line| line.starts_with(&format!("| `{command}`")));
    let row = rows.next().unwrap_or_else(|| panic!("{command} is not in the manual"));
    let columns = row.trim_end_matches('|').rsplit('|').next().unwrap();
    columns
        .replace("(group,) ", "")
        .split(", ")
        .map(str::trim)
        .filter(|column| !column.starts_with('(') && !column.ends_with(')') && !column.contains(' '))
        .map(str::to_owned)
        .collect()
}

/// The first line of an answer as CSV.
fn header(arguments: &[&str]) -> Vec<String> {
    let output = example("ratings", &[arguments, &["--format", "csv"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let first = text.lines().next().unwrap_or_else(|| panic!("{arguments:?} answers nothing"));
    first.split(',').map(str::to_owned).collect()
}

/// The columns of a row that people see: not how exactly a date is known, nor the state that stands in the grade's column.
fn shown(fields: &[Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.name).filter(|n| *n != "status" && !n.contains("precision")).collect()
}

#[test]
fn the_readme_names_the_columns_of_the_rows() {
    let rows: [(&str, &[&str], &[Field]); 16] = [
        ("history", &["--authority", "Slough"], trend::Judgement::FIELDS),
        ("as-of", &[], trend::Standing::FIELDS),
        ("spells", &[], trend::Spell::FIELDS),
        ("streaks", &["--at-or-below", "RI"], trend::Streak::FIELDS),
        ("time-in-grade", &[], trend::TimeInGrade::FIELDS),
        ("transitions", &[], trend::Transition::FIELDS),
        ("flows", &["--from", "2018-12-31"], trend::FlowCount::FIELDS),
        ("distribution", &["--by", "region"], trend::Share::FIELDS),
        ("movers", &[], trend::Mover::FIELDS),
        ("peers", &["--authority", "Slough"], trend::Peer::FIELDS),
        ("standing", &["--authority", "Slough"], trend::PeerStanding::FIELDS),
        ("profile", &[], ofsted::Profile::FIELDS),
        ("concerns", &[], ofsted::ConcernStanding::FIELDS),
        ("year", &[], trend::PeriodOutcome::FIELDS),
        ("intervals", &[], trend::InspectionInterval::FIELDS),
        ("events", &[], trend::AroundEvent::FIELDS),
    ];
    for (command, arguments, fields) in rows {
        let answered = header(&[&[command], arguments].concat());
        let answered: Vec<&str> = answered.iter().map(String::as_str).filter(|n| !n.contains("precision")).collect();
        let (mut of_row, mut of_answer) = (shown(fields), answered.clone());
        of_row.sort_unstable();
        of_answer.sort_unstable();
        assert_eq!(of_answer, of_row, "{command}: the answer's columns against the row's");
        let told = promised(command);
        let told: Vec<&str> = told.iter().map(String::as_str).filter(|n| *n != "a column a theme").collect();
        let answered: Vec<&str> =
            answered.into_iter().filter(|n| told.contains(n) || command != "profile" && *n != "group").collect();
        assert_eq!(told, answered, "{command}: the manual's columns against the answer's");
    }
}

#[test]
fn the_readme_names_the_columns_of_the_estimates() {
    let rows: [(&str, &[&str]); 7] = [
        ("matrix", &[]),
        ("rates", &[]),
        ("similar", &["--authority", "Slough", "--at", "2016-06-30"]),
        ("forecast", &["--authority", "Slough"]),
        ("backtest", &["--horizons", "1"]),
        ("measures", &[]),
        ("trend", &["--from", "2012-03-31"]),
    ];
    let other: [(&str, &[&str]); 2] = [
        ("intervals` `--to-publication", &["intervals", "--to-publication"]),
        ("distribution` `--after-first F", &["distribution", "--after-first", "ilacs"]),
    ];
    for (command, arguments) in other {
        assert_eq!(promised(command), header(arguments), "{command}");
    }
    let council = header(&["council", "Slough"]);
    let shown: Vec<&String> = council.iter().filter(|name| !name.contains("precision")).collect();
    assert_eq!(promised("council NAME"), shown.into_iter().cloned().collect::<Vec<_>>());
    for (command, arguments) in rows {
        let (answered, told) = (header(&[&[command], arguments].concat()), promised(command));
        let named: Vec<&String> = answered.iter().filter(|name| told.contains(name)).collect();
        assert_eq!(told.iter().collect::<Vec<_>>(), named, "{command}");
    }
}
