//! Every flag of the example `ratings` is honoured or refused, by every command and every picture.

use std::path::Path;

use rating_history::ofsted::Theme;

use crate::england::england;
use crate::example;

/// What a run says: whether it succeeded, and its answer; for a picture, the picture.
fn run(arguments: &[&str], picture: Option<&Path>) -> (bool, String) {
    let output = example("ratings", arguments);
    let stdout = String::from_utf8(output.stdout).unwrap();
    match picture {
        Some(file) if output.status.success() => (true, std::fs::read_to_string(file).unwrap()),
        _ => (output.status.success(), stdout),
    }
}

/// Flags with values that must change an answer about England as it was on 31 May 2023.
const FLAGS: [&[&str]; 10] = [
    &["--authority", "Birmingham"],
    &["--region", "London"],
    &["--theme", "leadership"],
    &["--neighbours-of", "Slough"],
    &["--area", "care_leavers"],
    &["--clock", "published"],
    &["--framework", "sif"],
    &["--published-by", "2019-03-31"],
    &["--lineage"],
    &["--format", "csv"],
];

const DAY: [&str; 2] = ["--as-of", "2023-05-31"];

#[test]
fn every_command_honours_or_refuses_every_flag() {
    let commands: &[&[&str]] = &[
        &["history"],
        &["as-of"],
        &["spells"],
        &["streaks", "--at-or-below", "RI"],
        &["time-in-grade"],
        &["transitions"],
        &["flows", "--from", "2018-12-31"],
        &["distribution"],
        &["movers"],
        &["profile"],
        &["concerns"],
        &["year"],
        &["intervals"],
        &["events"],
        &["matrix"],
        &["survival", "--from", "good"],
        &["rates"],
        &["measures"],
        &["trend", "--from", "2012-03-31"],
        &["asks", "list"],
        &["asks", "again"],
        &["asks", "topics", "--by", "grade"],
        &["asks", "by-grade"],
        &["visits"],
        &["visits", "--after-inadequate"],
        &["indicators", "beside", "--indicator", "cin_rate"],
        &["indicators", "by-grade", "--indicator", "cin_rate"],
        &["indicators", "around", "improves", "--indicator", "cin_rate"],
    ];
    let mut ignored = Vec::new();
    for command in commands {
        let usual = [command, &DAY[..]].concat();
        let (done, before) = run(&usual, None);
        assert!(done, "{command:?}");
        for flag in FLAGS {
            let (done, after) = run(&[&usual, flag].concat(), None);
            // No spell of "good" was left by those that a new council can follow.
            let no_effect = flag == ["--lineage"] && ["survival", "events", "trend"].contains(&command[0]);
            if done && before == after && !no_effect {
                ignored.push(format!("{command:?} {flag:?}"));
            }
        }
    }
    assert!(ignored.is_empty(), "{}", ignored.join("\n"));
}

#[test]
fn every_picture_honours_or_refuses_every_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.svg");
    let one = ["--authority", "Dorset"];
    let kinds: &[(&str, &[&str])] = &[
        ("trajectory", &one),
        ("comparison", &one),
        ("multiples", &one),
        ("ribbons", &[]),
        ("distribution", &[]),
        ("flow", &["--on", "2012-12-31", "--on", "2020-12-31"]),
        ("matrix", &[]),
        ("survival", &["--grade", "good"]),
        ("peers", &one),
        ("forecast", &one),
        ("tile-map", &[]),
        ("before-after", &["--since", "2014-01-01"]),
        ("groups", &["--on", "2014-12-31", "--on", "2020-12-31"]),
        ("aligned", &["--grade", "inadequate"]),
        ("asked-again", &one),
        ("topics", &[]),
    ];
    let mut ignored = Vec::new();
    for (kind, arguments) in kinds {
        let usual = [&["chart", kind, "-o", file.to_str().unwrap()], *arguments, &DAY].concat();
        let (done, before) = run(&usual, Some(&file));
        assert!(done, "{kind}");
        for flag in FLAGS {
            let (done, after) = run(&[&usual, flag].concat(), Some(&file));
            // Dorset is in no region but the South West: nobody is left.
            if done && before == after {
                ignored.push(format!("{kind} {flag:?}"));
            }
        }
    }
    assert!(ignored.is_empty(), "{}", ignored.join("\n"));
}

#[test]
fn flags_of_one_picture_are_refused_by_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.svg");
    let own: [(&[&str], &[&str]); 16] = [
        (&["--on", "2020-01-01"], &["flow", "tile-map", "groups"]),
        (&["--order", "start"], &["ribbons"]),
        (&["--names"], &["tile-map"]),
        (&["--since", "2020-01-01"], &["before-after"]),
        (&["--event", "trust_established"], &["aligned"]),
        (&["--from", "2014-01-31"], &["distribution"]),
        (&["--abreast", "2"], &["ribbons"]),
        (&["--nearest"], &["ribbons"]),
        (&["--grade", "good"], &["survival", "aligned"]),
        (&["--to", "good"], &["survival"]),
        (&["--by", "region"], &["survival", "peers", "groups", "topics"]),
        (&["--periods", "2014"], &["survival"]),
        (&["--scope", "children"], &["survival"]),
        (&["--incidence"], &["survival"]),
        (&["--tiles", "x.csv"], &["tile-map"]),
        (&["--visits"], &["trajectory"]),
    ];
    for (flag, owners) in own {
        for picture in crate::PICTURES.iter().filter(|picture| !owners.contains(picture)) {
            let usual = ["chart", picture, "-o", file.to_str().unwrap(), "--authority", "Slough"];
            let output = example("ratings", &[&usual, flag].concat());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{picture} {flag:?}");
            let told = format!("error: {} has no use with {picture}: it is for {}\n", flag[0], owners.join(" and "));
            assert_eq!(said, told);
            assert!(!file.exists(), "{picture} {flag:?}");
        }
    }
}

/// A mistake is told in one line, whoever finds it.
#[test]
fn mistakes_are_one_line() {
    let wrong: [&[&str]; 12] = [
        &["peers"],
        &["peers", "--authority", "Slough", "--authority", "Brent"],
        &["matrix", "--level", "abc"],
        &["movers", "--top", "x"],
        &["streaks"],
        &["spels"],
        &["year", "--from", "2030-01-01"],
        &["backtest", "--from", "2030-01-01"],
        &["survival", "--from", "good", "--periods", "2014"],
        &["history", "--theme", "care,practice_profile"],
        &["chart", "ribbons"],
        &["forecast", "--authority", "Northamptonshire"],
    ];
    for arguments in wrong {
        let output = example("ratings", arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        for word in ["`none`", "`given`", "`several`", "`nothing`", "``", "invalid digit", "float literal"] {
            assert!(!said.contains(word), "{arguments:?}: {said}");
        }
    }
    let closed =
        String::from_utf8(example("ratings", &["forecast", "--authority", "Northamptonshire"]).stderr).unwrap();
    assert!(closed.contains("closed on 1 April 2021; it was followed by"), "{closed}");
}

/// A table fits the width that the terminal has; `--wide` has every column.
#[test]
fn tables_fit_the_terminal() {
    let print = |arguments: &[&str]| {
        let output = crate::command("ratings", arguments).env("COLUMNS", "100").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for command in [&["profile"][..], &["events"], &["movers"], &["history"], &["intervals"]] {
        let table = print(command);
        assert!(table.lines().all(|line| line.chars().count() <= 100), "{command:?}");
        assert!(table.lines().count() > 5, "{command:?}");
    }
    assert!(print(&["profile", "--wide"]).lines().any(|line| line.chars().count() > 200));
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("own.csv");
    std::fs::write(&csv, "id,day,grade\na,2020-01-01,B\na,2021-01-01,A\n").unwrap();
    let own = ["--data", csv.to_str().unwrap(), "--columns", "id,day,grade", "--scale", "B,A"];
    let json = folder.path().join("own.json");
    std::fs::write(&json, "{}").unwrap();
    let error = |arguments: &[&str]| {
        let output = example("ratings", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    // The embedded data tell who exists; a register is for own ratings.
    assert!(error(&["spells", "--register", csv.to_str().unwrap()]).contains("your own ratings in --data"));
    assert!(error(&["spells", "--ends-with-last-row"]).contains("your own ratings in --data"));
    // How a file is read has no use without one.
    for flag in [&["--header", "1"][..], &["--most-bytes", "9"], &["--lenient"], &["--strict"], &["--layout", "x.json"]]
    {
        for set in [&[][..], &["--set", "peel"]] {
            let said = error(&[&["spells"], set, flag].concat());
            assert!(said.contains(&format!("{} is for a file in --data", flag[0])), "{said}");
        }
    }
    for flag in [["--keep", "a=b"], ["--name", "a"], ["--series", "a"], ["--groups", "a"]] {
        assert!(error(&[&["spells"], &flag[..]].concat()).contains("is for a file in --data"), "{flag:?}");
    }
    for reading in ["--strict", "--lenient"] {
        assert!(example("ratings", &[&["spells", reading], &own[..]].concat()).status.success(), "{reading}");
    }
    let on_own = |more: &[&str]| error(&[&["spells"], &own[..], more].concat());
    assert!(on_own(&["--framework", "sif"]).contains("the data do not tell under which rules"));
    assert!(on_own(&["--clock", "published"]).contains("the data tell no day of publication"));
    assert!(on_own(&["--region", "London"]).contains("no region"));
    let named = error(&["spells", "--data", json.to_str().unwrap(), "--columns", "a,b,c", "--scale", "B,A"]);
    assert!(named.contains("only a file of rows has them named"), "{named}");
    let file = json.to_str().unwrap();
    assert!(error(&["validate", file, "--authority", "Slough"]).contains("--authority has no use with validate FILE"));
    assert!(error(&["convert", file, "x.json", "--as-of", "2020-01-01"]).contains("--as-of"));
    assert!(
        error(&["forecast", "--authority", "Slough", "--theme", "headline"])
            .contains("a judgement that inspections give")
    );
    assert!(error(&["forecast", "--authority", "Slough", "--theme", "lscb", "--as-of", "2019-01-01"]).contains("lscb"));
}

/// What was published by a day tells how things stood on that day.
#[test]
fn published_by_moves_the_day() {
    let answer = |more: &[&str]| {
        let output = example("ratings", &[&["as-of", "--authority", "Slough", "--format", "csv"], more].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        answer(&["--published-by", "2016-06-30"]),
        answer(&["--published-by", "2016-06-30", "--as-of", "2016-06-30"])
    );
    assert!(
        answer(&["--published-by", "2016-06-30", "--as-of", "2018-06-30"]) != answer(&["--published-by", "2016-06-30"])
    );
}

/// A reader that has gone away is no error; a device that is full is one line and code 2, in every binary.
#[cfg(target_os = "linux")]
#[test]
fn closed_and_full_outputs_are_met_calmly() {
    use std::process::Stdio;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (out, svg, big) = (at("out"), at("x.svg"), at("big.parquet"));
    let runs: &[(&str, &[&str])] = &[
        ("trajectory", &["Slough", "--out", &out, "--format", "svg"]),
        ("site", &["--authority", "Isles of Scilly", "--out", &out]),
        ("gallery", &["--out", &out]),
        ("synthesise", &["--ratings", "1000", "-o", &big]),
        ("embed", &["--help"]),
        ("yardstick", &["--help"]),
        ("coverage", &["--help"]),
        ("ratings", &["chart", "flow", "-o", &svg]),
        ("ratings", &["history", "--theme", "all", "--format", "csv"]),
        ("ratings", &["history", "--theme", "all", "--format", "json"]),
        ("ratings", &["history", "--theme", "all"]),
    ];
    for (name, arguments) in runs {
        let mut child = crate::command(name, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !said.contains("panicked"), "{name} {arguments:?}: {said}");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = crate::command(name, arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name} {arguments:?}: {said}");
        assert!(said.lines().last().unwrap().starts_with("error: standard output: "), "{name} {arguments:?}: {said}");
    }
}

/// What is wrong with arguments is said in one line, by every binary.
#[test]
fn wrong_arguments_are_told_in_one_line() {
    for name in ["ratings", "trajectory", "site", "gallery", "synthesise", "embed", "yardstick", "coverage"] {
        let output = example(name, &["--no-such-flag"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.lines().count() == 1 && said.contains("--no-such-flag"), "{name}: {said}");
    }
}

/// Who stood at a grade on a day, and what became of them.
#[test]
fn lists_are_asked_about_those_at_a_grade() {
    let of = |arguments: &[&str]| {
        let output = example("ratings", &[arguments, &["--at-grade", "inadequate", "--on", "2016-03-31"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rows = csv::Reader::from_reader(output.stdout.as_slice()).into_records().map(Result::unwrap);
        (rows.collect::<Vec<_>>(), String::from_utf8(output.stderr).unwrap())
    };
    let then = england().ratings().unwrap().as_of("2016-03-31".parse().unwrap()).series(Theme::Headline).unwrap();
    let standing = then.standing().rows().unwrap();
    let mut inadequate: Vec<&str> =
        standing.iter().filter(|s| s.grade.as_deref() == Some("inadequate")).map(|s| s.authority.as_str()).collect();
    inadequate.sort_unstable();
    let (moves, said) = of(&["movers", "--since", "2016-03-31", "--format", "csv"]);
    let mut found: Vec<&str> = moves.iter().map(|row| &row[0]).collect();
    found.sort_unstable();
    assert!(found.len() > 20 && found.iter().all(|id| inadequate.contains(id)), "{found:?}");
    assert!(moves.iter().all(|row| &row[4] == "inadequate"));
    let told =
        format!("only the {} authorities with the grade inadequate (overall) on 31 March 2016", inadequate.len());
    assert!(said.contains(&told), "{said}");
    // Those that no longer exist are told with their successors.
    assert_eq!(found.len() + said.matches(" closed on ").count(), inadequate.len(), "{said}");
    for wrong in
        [&["--at-grade", "inadequate"][..], &["--at-grade", "god", "--on", "2016-03-31"], &["--on", "2016-03-31"]]
    {
        assert_eq!(example("ratings", &[&["as-of"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
    let later = ["as-of", "--as-of", "2016-01-01", "--at-grade", "good", "--on", "2016-03-31"];
    assert_eq!(example("ratings", &later).status.code(), Some(2));
}

#[test]
fn days_out_of_all_bounds_are_refused() {
    for flag in ["--as-of", "--published-by"] {
        let output = example("ratings", &["as-of", flag, "9999-12-31"]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("expected a day from 1850-01-01 to 2200-12-31"), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("own.csv");
    std::fs::write(&csv, "id,day,grade\na,2201-01-01,B\n").unwrap();
    let own = ["spells", "--data", csv.to_str().unwrap(), "--columns", "id,day,grade", "--scale", "B,A"];
    assert_eq!(example("ratings", &own).status.code(), Some(2));
}

#[test]
fn lists_are_sorted_and_cut() {
    let said = |arguments: &[&str]| {
        let output = example("ratings", arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let column = |csv: &str, name: &str| -> Vec<String> {
        let at = csv.lines().next().unwrap().split(',').position(|header| header == name).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
    };
    for list in ["as-of", "spells", "time-in-grade"] {
        let days = |sort: &str| -> Vec<i64> {
            let csv = said(&[list, "--sort", sort, "--top", "7", "--format", "csv"]);
            column(&csv, "days").iter().map(|days| days.parse().unwrap_or(i64::MIN)).collect()
        };
        let (least, most) = (days("days"), days("-days"));
        assert!(least.len() == 7 && least.is_sorted(), "{list}: {least:?}");
        assert!(most.len() == 7 && most.iter().rev().is_sorted(), "{list}: {most:?}");
        assert!(most[6] > least[6]);
    }
    let declined = said(&["transitions", "--direction", "declined", "--format", "csv"]);
    assert!(column(&declined, "direction").iter().all(|direction| direction == "declined"));
    let wrong = example("ratings", &["as-of", "--sort", "dys"]);
    let told = String::from_utf8(wrong.stderr).unwrap();
    assert!(told.starts_with("error: unknown column of the answer `dys` (did you mean `days`?); expected"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

/// What has no effect is refused, and so is what cannot be answered.
#[test]
fn impossible_questions_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("x.svg");
    let odd = folder.path().join("x.foo");
    std::fs::write(&odd, "x").unwrap();
    let (picture, odd) = (picture.to_str().unwrap(), odd.to_str().unwrap());
    let told: [(&[&str], &str); 8] = [
        (&["spells", "--scale", "A,B"], "error: --scale is for your own ratings in --data"),
        (&["distribution", "--by", "opened"], "error: column to group by `opened`: expected"),
        (&["as-of", "--authority", ""], "error: a name or an id is empty"),
        (&["as-of", "--framework", "foo"], "expected one of: SLAC, APC, LAC, SIF, LSCB, ILACS, ILACS2026"),
        (&["chart", "ribbons", "--as-of", "1900-01-01", "-o", picture], "there is nothing to draw on 1900-01-01"),
        (
            &["chart", "flow", "--on", "2024-01-01", "--on", "2020-01-01", "-o", picture],
            "error: --on 2020-01-01 does not come after --on 2024-01-01",
        ),
        (&["movers", "--top", "0"], "0 is not in 1.."),
        (&["validate", odd], "expected a folder, .json, .csv"),
    ];
    for (arguments, expected) in told {
        let output = example("ratings", arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expected) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    assert!(!std::path::Path::new(picture).exists());
    let twice = example("ratings", &["as-of", "--authority", "Slough", "--authority", "871", "--format", "csv"]);
    assert_eq!(String::from_utf8(twice.stdout).unwrap().lines().count(), 2);
}

/// A program that is told to end while it writes leaves nothing behind.
#[cfg(unix)]
#[test]
fn a_program_told_to_end_leaves_no_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.parquet");
    let arguments = ["--out", file.to_str().unwrap(), "--ratings", "200000000"];
    let mut program = crate::command("synthesise", &arguments).stderr(std::process::Stdio::null()).spawn().unwrap();
    let count = || std::fs::read_dir(folder.path()).unwrap().count();
    let waited = std::time::Instant::now();
    while count() == 0 && waited.elapsed().as_secs() < 60 && program.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(count(), 1, "a temporary file");
    let told = std::process::Command::new("kill").arg(program.id().to_string()).status().unwrap();
    assert!(told.success());
    assert!(!program.wait().unwrap().success());
    assert_eq!(count(), 0);
}
