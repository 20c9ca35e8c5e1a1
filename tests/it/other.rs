//! Ratings of other things, made up: credit, care homes, bridges. Every general command and chart speaks in their own nouns.

use std::path::{Path, PathBuf};

use rating_history::chrono::{Datelike, Days, NaiveDate};
use rating_history::frame::PeerGroups;
use rating_history::io::{FrameFormat, write_ratings_folder};
use rating_history::polars::prelude::*;
use rating_history::{Noun, Ratings, Scale, Words};

/// Words that no picture, table or message about other ratings may hold.
const FOREIGN: [&str; 11] = [
    "ofsted",
    "england",
    "english",
    "council",
    "april 2026",
    "framework",
    "statistical neighbour",
    "department for education",
    "children",
    "authorit",
    "inspection",
];

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// A row: body, series, day, rank of the grade or none.
type Row = (String, &'static str, NaiveDate, Option<usize>);

/// A simple generator of numbers, so that the sets are the same on every machine.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Bodies rated every so many days, each step up, down or none.
fn walks(
    bodies: &[&str],
    series: &[&'static str],
    k: usize,
    every: (u64, u64),
    from: NaiveDate,
    seed: u64,
) -> Vec<Row> {
    let mut number = numbers(seed);
    let mut rows = Vec::new();
    for body in bodies {
        let mut ranks: Vec<usize> = series.iter().map(|_| number(k as u64) as usize).collect();
        let mut day = from + Days::new(number(400));
        while day < date(2024, 12, 31) {
            for (series, rank) in series.iter().zip(&mut ranks) {
                match number(4) {
                    0 => *rank = rank.saturating_sub(1),
                    1 => *rank = (*rank + 1).min(k - 1),
                    _ => {}
                }
                rows.push(((*body).to_owned(), *series, day, Some(*rank)));
            }
            day = day + Days::new(every.0 + number(every.1));
        }
    }
    rows
}

fn ratings(mut rows: Vec<Row>, labels: &[&str], rules: Option<[&str; 2]>) -> Ratings {
    rows.sort();
    let grade = |row: &Row| row.3.map(|rank| labels[rank]);
    let mut frame = df!(
        "authority" => rows.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(),
        "theme" => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        "effect" => rows.iter().map(|r| r.2).collect::<Vec<_>>(),
        "grade" => rows.iter().map(grade).collect::<Vec<_>>(),
        "inspection" => rows.iter().map(|r| format!("{} {}", r.0, r.2)).collect::<Vec<_>>(),
    )
    .unwrap();
    if let Some([before, since]) = rules {
        let of = |r: &Row| if r.2.year() < 2018 { before } else { since };
        frame.with_column(Column::new("framework".into(), rows.iter().map(of).collect::<Vec<_>>())).unwrap();
    }
    Ratings::unordered(frame.lazy(), Scale::new(labels.to_vec()).unwrap()).unwrap()
}

const ISSUERS: [&str; 10] = ["alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine"];

/// Credit ratings: one series, eight grades, some withdrawn, issuers of sectors.
fn credit() -> Ratings {
    let labels = ["D", "CCC", "B", "BB", "BBB", "A", "AA", "AAA"];
    let mut rows = walks(&ISSUERS, &["headline"], labels.len(), (300, 400), date(2006, 1, 1), 7);
    rows.retain(|r| !(r.0 == "elm" && r.2.year() > 2018));
    rows.push(("elm".to_owned(), "headline", date(2019, 5, 6), None));
    let register = df!(
        "authority" => ISSUERS,
        "name" => ISSUERS.map(|i| format!("{} plc", i.to_uppercase())),
        "sector" => ["wood", "wood", "paper", "paper", "paper", "wood", "wood", "paper", "paper", "wood"],
    );
    let words = Words::default()
        .body(Noun::new("issuer", "issuers"))
        .inspection(Noun::new("review", "reviews"))
        .source("Source: a made-up agency")
        .hatch("the rating was withdrawn")
        .blank("not reviewed yet");
    let peers = PeerGroups::new().same("sector", "its sector", "sector").unwrap();
    ratings(rows, &labels, None)
        .with_authorities(register.unwrap().lazy())
        .unwrap()
        .with_words(words)
        .with_peers(peers.others("all", "all others").unwrap())
        .unwrap()
}

const HOMES: [&str; 8] = ["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8"];

/// Care homes: three series, the same four grades as another inspectorate's, regions, openings, closures, events.
fn care_homes() -> Ratings {
    let labels = ["inadequate", "requires_improvement", "good", "outstanding"];
    let series = ["headline", "safe", "caring"];
    let mut rows = walks(&HOMES, &series, labels.len(), (500, 300), date(2012, 1, 1), 11);
    rows.retain(|r| (r.0 != "H7" || r.2 < date(2020, 4, 1)) && (r.0 != "H8" || r.2 >= date(2020, 4, 1)));
    let register = df!(
        "authority" => HOMES,
        "name" => ["Ash House", "Bay View", "Copper Beech", "Dale Court", "Elm Lodge", "Fern Bank", "Gable End", "Hill Top"],
        "region" => ["North", "North", "North", "South", "South", "South", "North", "North"],
        "type" => ["nursing", "residential", "nursing", "nursing", "residential", "residential", "nursing", "nursing"],
        "opened" => [None, None, None, None, None, None, None, Some(date(2020, 4, 1))],
        "closed" => [None, None, None, None, None, None, Some(date(2020, 4, 1)), None],
    );
    let successors = df!("authority" => ["H7"], "successor" => ["H8"]);
    let events = df!(
        "authority" => ["H1", "H4", "H5"],
        "event" => ["new_owner", "new_owner", "closed_to_admissions"],
        "event_date" => [date(2016, 5, 1), date(2018, 2, 1), date(2019, 1, 7)],
        "event_end" => [None, None, Some(date(2019, 6, 3))],
        "event_precision" => [Some("month"), Some("month"), None],
        "label" => ["Sold", "Sold", "No new residents"],
    );
    let words = Words::default()
        .body(Noun::new("home", "homes"))
        .inspection(Noun::new("visit", "visits"))
        .about("care homes, given by their inspectors")
        .better_from("good")
        .source("Source: made-up visits")
        .blank("not visited yet")
        .rules("Grades under two sets of rules are not one measure.");
    ratings(rows, &labels, Some(["KLOE", "SAF"]))
        .with_authorities(register.unwrap().lazy())
        .unwrap()
        .with_successors(successors.unwrap().lazy())
        .unwrap()
        .with_events(events.unwrap().lazy())
        .unwrap()
        .with_words(words)
}

const BRIDGES: [&str; 6] = ["b1", "b2", "b3", "b4", "b5", "b6"];

/// Bridges: three grades that are numbers in the data and words in pictures, surveyed twice a year, with listed peers.
fn bridges() -> Ratings {
    let rows = walks(&BRIDGES, &["headline"], 3, (150, 60), date(2005, 1, 1), 3);
    let register = df!("authority" => BRIDGES, "name" => BRIDGES.map(|b| format!("Bridge {}", &b[1..])));
    let alike = df!(
        "authority" => ["b1", "b1", "b2"],
        "neighbour" => ["b2", "b3", "b1"],
        "place" => [1u32, 2, 1],
    );
    let grades = [("1", "poor"), ("2", "fair"), ("3", "sound")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    let words = Words::default()
        .body(Noun::new("bridge", "bridges"))
        .inspection(Noun::new("survey", "surveys"))
        .grades(grades.into())
        .source("Source: made-up surveys")
        .blank("not surveyed yet")
        .place("a made-up river");
    let peers = PeerGroups::new().listed("alike", "bridges most alike", alike.unwrap().lazy()).unwrap();
    ratings(rows, &["1", "2", "3"], None)
        .with_authorities(register.unwrap().lazy())
        .unwrap()
        .with_words(words)
        .with_peers(peers.others("all", "all other bridges").unwrap())
        .unwrap()
}

struct Set {
    name: &'static str,
    folder: PathBuf,
    body: &'static str,
    noun: &'static str,
    grade: &'static str,
    tiles: PathBuf,
}

fn sets(root: &Path) -> Vec<Set> {
    let set = |name: &'static str, ratings: Ratings, ids: &[&str], body, noun, grade| {
        let folder = root.join(name);
        write_ratings_folder(&ratings, &folder, FrameFormat::Parquet).unwrap();
        let tiles = root.join(format!("{name}.csv"));
        let rows = ids.iter().enumerate().map(|(n, id)| format!("{id},{},{},T{n}\n", n / 3, n % 3));
        std::fs::write(&tiles, format!("code,row,column,label\n{}", rows.collect::<String>())).unwrap();
        Set { name, folder, body, noun, grade, tiles }
    };
    vec![
        set("credit", credit(), &ISSUERS, "CEDAR plc", "issuer", "B"),
        set("homes", care_homes(), &HOMES, "Bay View", "home", "good"),
        set("bridges", bridges(), &BRIDGES, "b1", "bridge", "2"),
    ]
}

/// Fails when a text about other ratings speaks of England's.
fn speaks_for_itself(what: &str, text: &str) {
    let text = text.replace("--authority", "--body").to_lowercase();
    for word in FOREIGN {
        if let Some(at) = text.find(word) {
            let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
            panic!("{what} speaks of {word}: {}", text[line..].lines().next().unwrap_or_default());
        }
    }
}

impl Set {
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let data = ["--data", self.folder.to_str().unwrap()];
        let output = crate::example("ratings", &[arguments, &data[..]].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn answer(&self, arguments: &[&str]) -> String {
        let (done, text) = self.run(arguments);
        assert!(done, "{} {arguments:?}: {text}", self.name);
        speaks_for_itself(&format!("{} {arguments:?}", self.name), &text);
        text
    }
}

#[test]
fn every_general_command_speaks_in_the_nouns_of_the_data() {
    let root = tempfile::tempdir().unwrap();
    for set in sets(root.path()) {
        let (body, grade) = (["--body", set.body], set.grade);
        let commands: &[&[&str]] = &[
            &["history"],
            &["as-of"],
            &["spells"],
            &["streaks", "--at-or-below", grade],
            &["time-in-grade"],
            &["transitions"],
            &["flows", "--from", "2012-12-31"],
            &["distribution", "--from", "2010-12-31", "--every", "2y"],
            &["movers", "--since", "2018-01-01"],
            &["year", "--kind", "calendar", "--from", "2015-01-01"],
            &["intervals"],
            &["matrix", "--bootstrap", "20"],
            &["matrix", "--estimator", "duration"],
            &["matrix", "--estimator", "aalen-johansen", "--from", "2012-01-01"],
            &["matrix", "--estimator", "panel"],
            &["survival", "--from", grade],
            &["backtest", "--bootstrap", "20", "--horizons", "1"],
            &["rates"],
            &["measures"],
            &["trend", "--from", "2014-12-31"],
            &["validate"],
            &["peers", body[0], body[1]],
            &["standing", body[0], body[1], "--from", "2015-12-31"],
            &["similar", body[0], body[1]],
            &["forecast", body[0], body[1], "--bootstrap", "20"],
        ];
        for command in commands {
            let text = set.answer(command);
            assert!(text.lines().count() > 1, "{} {command:?}: {text}", set.name);
        }
        assert!(set.answer(&["spells"]).starts_with(set.noun), "{}", set.answer(&["spells"]));
    }
}

#[test]
fn csv_and_json_keep_their_columns() {
    let root = tempfile::tempdir().unwrap();
    for set in sets(root.path()) {
        let (done, csv) = set.run(&["spells", "--format", "csv"]);
        assert!(done && csv.starts_with("authority,name,theme,grade,start,end,days,inspections,ended_by"), "{csv}");
        let (done, json) = set.run(&["as-of", "--format", "json"]);
        let first = &serde_json::from_str::<serde_json::Value>(&json).unwrap()[0];
        assert!(done && first["authority"].is_string() && first["inspections"].is_number(), "{first}");
    }
}

#[test]
fn every_chart_speaks_in_the_nouns_of_the_data() {
    let root = tempfile::tempdir().unwrap();
    for set in sets(root.path()) {
        let (body, tiles) = (["--body", set.body], set.tiles.to_str().unwrap());
        let by = if set.name == "credit" { "sector" } else { "region" };
        let groups = ["--on", "2012-12-31", "--on", "2018-12-31", "--by", by];
        let pictures: &[(&str, &[&str])] = &[
            ("groups", &groups),
            ("trajectory", &body),
            ("comparison", &body),
            ("multiples", &body),
            ("ribbons", &[]),
            ("ribbons", &body),
            ("distribution", &[]),
            ("flow", &["--on", "2012-12-31", "--on", "2018-12-31"]),
            ("matrix", &[]),
            ("survival", &["--grade", set.grade]),
            ("survival", &["--grade", set.grade, "--incidence"]),
            ("peers", &body),
            ("forecast", &body),
            ("before-after", &["--since", "2014-01-01"]),
            ("aligned", &["--grade", set.grade]),
            ("tile-map", &["--tiles", tiles]),
            ("tile-map", &["--tiles", tiles, "--on", "2012-12-31", "--on", "2020-12-31"]),
        ];
        // Bridges are in no groups.
        for (n, (kind, arguments)) in pictures.iter().enumerate().filter(|(n, _)| *n > 0 || set.name != "bridges") {
            let file = root.path().join(format!("{}-{n}-{kind}.svg", set.name));
            set.answer(&[&["chart", kind, "-o", file.to_str().unwrap()], *arguments].concat());
            let svg = std::fs::read_to_string(&file).unwrap();
            speaks_for_itself(&format!("the {kind} of {}", set.name), &svg);
            let document = roxmltree::Document::parse(&svg).unwrap();
            assert!(document.descendants().filter(|n| n.has_tag_name("text")).count() > 8, "{kind}");
        }
    }
}

#[test]
fn mistakes_about_other_data_are_explained_in_their_nouns() {
    let root = tempfile::tempdir().unwrap();
    for set in sets(root.path()) {
        let error = |arguments: &[&str]| {
            let (done, text) = set.run(arguments);
            assert!(!done, "{} {arguments:?}: {text}", set.name);
            assert_eq!(text.lines().count(), 1, "{} {arguments:?}: {text}", set.name);
            text
        };
        let own = |arguments: &[&str]| {
            let text = error(arguments);
            speaks_for_itself(&format!("{} {arguments:?}", set.name), &text);
            text
        };
        assert!(own(&["peers"]).contains(&format!("expected one {}", set.noun)));
        assert!(own(&["spells", "--body", "Xyzzy"]).contains(&format!("unknown {} `Xyzzy`", set.noun)));
        assert!(own(&["distribution", "--by", "colour"]).contains("no column `colour`"));
        assert!(own(&["spells", "--theme", "nothing"]).contains("unknown series `nothing`; expected one of: "));
        let svg = root.path().join("x.svg");
        assert!(own(&["chart", "tile-map", "-o", svg.to_str().unwrap()]).contains("--tiles"));
        // What only makes sense for children's services.
        for only in [&["concerns"][..], &["profile"], &["as-of", "--theme", "practice_profile"]] {
            assert!(error(only).contains("only for Ofsted's ratings of children's services"), "{only:?}");
        }
    }
}

/// A register tells when a body closed, also where the rows do not.
#[test]
fn the_series_of_a_closed_body_ends_on_its_day() {
    let homes = care_homes().bodies_only(["H7"]).unwrap().series("headline").unwrap();
    let spells = homes.clone().as_of(date(2024, 12, 31)).spells().rows().unwrap();
    let last = spells.last().unwrap();
    assert_eq!((last.end, last.ended_by.code()), (date(2020, 4, 1), "closed"));
    let course = &rating_history::chart::Trajectory::collect(
        &care_homes().as_of(date(2024, 12, 31)),
        "headline",
        "H7",
        rating_history::chart::Style::default(),
    );
    let course = &course.as_ref().unwrap().course;
    assert!(
        course.title().contains(" until ") && course.title().contains("closed in April 2020"),
        "{}",
        course.title()
    );
    assert!(course.sentence().ends_with(", until it was closed."), "{}", course.sentence());
}

#[test]
fn a_parquet_file_keeps_its_words_and_peers() {
    let root = tempfile::tempdir().unwrap();
    for set in sets(root.path()) {
        let again = rating_history::io::scan_ratings(&set.folder, None, &rating_history::io::ReadOptions::default())
            .unwrap()
            .value;
        let first = match set.name {
            "credit" => credit(),
            "homes" => care_homes(),
            _ => bridges(),
        };
        assert_eq!(again.words(), first.words());
        let names = |r: &Ratings| r.peer_groups().unwrap().iter().map(|g| g.label().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&again), names(&first), "{}", set.name);
    }
}

/// A rating that was withdrawn and came back: the gap ends where the next rating begins, and what was bad before it is told.
#[test]
fn what_was_bad_before_a_gap_is_told() {
    use rating_history::chart::{Chart, Style, Trajectory};
    let rows = [(2015, Some(0)), (2017, None), (2019, Some(2))];
    let rows = rows.map(|(year, rank)| ("a".to_owned(), "headline", date(year, 3, 1), rank)).to_vec();
    let own = ratings(rows, &["poor", "fair", "sound"], None);
    let chart = Trajectory::collect(&own.clone().as_of(date(2022, 1, 1)), "headline", "a", Style::default()).unwrap();
    assert_eq!(chart.title(), "a, overall: sound since March 2019; poor for two years until March 2017");
    assert!(chart.to_svg().unwrap().contains("Hatched: no such grade at that time."));
    assert!(!chart.to_svg().unwrap().contains("none since"));
}

/// What is written for another scale is read back, in every form.
#[test]
fn what_convert_writes_for_another_scale_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("homes.csv");
    std::fs::write(&file, "home,day,rating\nElm,2020-01-31,fair\nOak,2019-06-30,good\nElm,2021-02-28,good\n").unwrap();
    let own = ["--columns", "home,day,rating", "--scale", "poor,fair,good"];
    let answer = |arguments: &[&str]| {
        let output = crate::example("ratings", &[&["spells", "--format", "csv", "--data"], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let expected = answer(&[&[file.to_str().unwrap()], &own[..]].concat());
    assert_eq!(expected.lines().count(), 4);
    for name in ["h.csv", "h.arrow", "h.parquet", "h.json", "h"] {
        let to = folder.path().join(name);
        let arguments = [&["convert", file.to_str().unwrap(), to.to_str().unwrap()], &own[..]].concat();
        let output = crate::example("ratings", &arguments);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let scale: &[&str] = if name == "h.csv" { &own[2..] } else { &[] };
        assert_eq!(answer(&[&[to.to_str().unwrap()], scale].concat()), expected, "{name}");
    }
}
