//! The sets of other inspectorates: published figures, what is left out, and what their notes say.

use std::collections::{BTreeMap, BTreeSet};

use rating_history::chart::{Chart, Distribution, LaneOf, Lanes, Style, Trajectory};
use rating_history::chrono::NaiveDate;
use rating_history::dataset::{self, OtherSet};
use rating_history::io::{Mapping, ReadOptions, Register, Source};
use rating_history::ofsted::{self, Theme};
use rating_history::polars::prelude::*;
use rating_history::trend::Every;
use rating_history::{Precision, Ratings, Series, estimate, frame::columns};

fn set(name: &str) -> &'static OtherSet {
    dataset::other(name).unwrap()
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap().cast(&DataType::String).unwrap();
    column.str().unwrap().iter().flatten().map(str::to_owned).collect()
}

/// Cells of the file itself, row by row.
fn rows(set: &OtherSet) -> Vec<BTreeMap<String, String>> {
    let text = set.text().unwrap();
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn rated(ratings: &Ratings) -> DataFrame {
    ratings.lazy().filter(col(columns::GRADE).is_not_null()).collect().unwrap()
}

#[test]
fn peel_has_its_published_pairs() {
    let peel = set("peel").read().unwrap();
    // One grade is worked out, two rounds gave none.
    assert_eq!((peel.report.rows, peel.report.left_out, peel.value.len()), (508, 3, 1));
    let pairs = peel.value[0].transitions().collect().unwrap();
    let (from, to) = (texts(&pairs, "from"), texts(&pairs, "to"));
    assert_eq!((from.len(), to.len()), (376, 376));
    let went = |a: &str, b: &str| from.iter().zip(&to).filter(|(from, to)| *from == a && *to == b).count();
    assert_eq!(went("requires_improvement", "good"), 48);
    assert_eq!(went("good", "requires_improvement"), 40);
}

#[test]
fn a_loop_over_the_file_of_peel_finds_the_same_pairs() {
    let mut courses: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for row in rows(set("peel")) {
        if row["grade"] != "not_judged" && !row["derived"].split(';').any(|field| field == "grade") {
            let key = (row["body_code"].clone(), row["series"].clone());
            courses.entry(key).or_default().push((row["published"].clone(), row["grade"].clone()));
        }
    }
    let mut looped = Vec::new();
    for ((body, series), mut course) in courses {
        course.sort();
        looped.extend(course.windows(2).map(|two| [body.clone(), series.clone(), two[0].1.clone(), two[1].1.clone()]));
    }
    let pairs = set("peel").read().unwrap().value[0].transitions().collect().unwrap();
    let [bodies, series, from, to] = ["authority", "theme", "from", "to"].map(|column| texts(&pairs, column));
    let mut asked: Vec<[String; 4]> =
        (0..bodies.len()).map(|i| [bodies[i].clone(), series[i].clone(), from[i].clone(), to[i].clone()]).collect();
    asked.sort();
    looped.sort();
    assert_eq!(asked, looped);
}

#[test]
fn nothing_of_a_file_is_lost_but_what_is_said_to_be() {
    for (set, scales) in dataset::OTHERS.iter().zip([1, 3, 2]) {
        let read = set.read().unwrap();
        let told: Vec<_> = rows(set)
            .into_iter()
            .filter(|row| !row["derived"].split(';').any(|field| field == "grade") && row["kind"] != "pilot")
            .collect();
        let graded = told.iter().filter(|row| row["grade"] != "not_judged").count();
        assert_eq!(read.value.len(), scales, "{}", set.name);
        assert_eq!(read.report.kept(), graded, "{}", set.name);
        assert_eq!(read.value.iter().map(|ratings| rated(ratings).height()).sum::<usize>(), graded, "{}", set.name);
        assert!(read.value.iter().all(|ratings| ratings.words().source.contains("Source: ")));
    }
}

#[test]
fn coverage_is_as_the_notes_say() {
    let bodies = |name: &str, series: &str| {
        let is_of = col(columns::THEME).cast(DataType::String).eq(lit(series));
        let all = set(name).read().unwrap().value;
        let of_series = all.iter().map(|ratings| rated(ratings).lazy().filter(is_of.clone()).collect().unwrap());
        of_series.flat_map(|frame| texts(&frame, "authority")).collect::<BTreeSet<_>>().len()
    };
    let says = |name: &str, text: String| assert!(set(name).notes.iter().any(|note| note.contains(&text)), "{text}");
    says("peel", format!("All {} territorial forces", bodies("peel", "efficiency")));
    says("send", format!("All {} areas", bodies("send", "SEND2016 inspection")));
    says("send", format!("{} of 153 areas", bodies("send", "SEND2023 inspection")));
    says("adult-social-care", format!("{} of 153 councils", bodies("adult-social-care", "overall")));
}

#[test]
fn coverage_names_what_is_missing() {
    let peel = rows(set("peel"));
    let all = |column: &str| peel.iter().map(|row| row[column].as_str()).collect::<BTreeSet<_>>();
    let there: BTreeSet<_> =
        peel.iter().map(|row| ["body", "framework", "series"].map(|column| row[column].as_str())).collect();
    let mut missing = Vec::new();
    for body in all("body") {
        for round in all("framework") {
            let pillars = all("series");
            missing.extend(pillars.iter().filter(|p| !there.contains(&[body, round, **p])).map(|p| [body, round, *p]));
        }
    }
    assert_eq!((there.len(), missing.len()), (508, 8));
    assert!(missing.contains(&["Derbyshire", "PEEL2017", "effectiveness"]));
    let coverage =
        |name: &str, scale: usize| set(name).read().unwrap().value[scale].words().coverage.clone().unwrap_or_default();
    let of_peel = coverage("peel", 0);
    for [body, round, _] in missing {
        for told in [set("peel").notes[0], of_peel.as_str()] {
            assert!(told.contains(body) && told.contains(&round[4..].replace('-', "/")), "{body} {round}: {told}");
        }
    }

    let send = rows(set("send"));
    let bodies = |kind: &str, grade: &str| {
        let of = |row: &&BTreeMap<String, String>| row["framework"] == "SEND2016" && row["kind"] == kind;
        let graded = send.iter().filter(of).filter(|row| row["grade"].contains(grade));
        graded.map(|row| row["body"].as_str()).collect::<BTreeSet<_>>()
    };
    let (required, revisited) = (bodies("inspection", "wsoa_required"), bodies("revisit", ""));
    assert!(revisited.is_subset(&required));
    let told = format!("{} of the {} areas that had to write", revisited.len(), required.len());
    assert!((0..3).any(|scale| coverage("send", scale).starts_with(&told)), "{told}");
    let inspected = bodies("inspection", "");
    for formed in ["Dorset", "North Northamptonshire", "West Northamptonshire"] {
        assert!(!inspected.contains(formed), "{formed}");
    }
    assert!(inspected.contains("Northamptonshire") && inspected.contains("Dorset (county, to 2019)"));
    assert!((0..3).any(|scale| coverage("send", scale).contains("inspected under the areas before them")));
}

/// Every series has words of its own: no code of many words is left to be read.
#[test]
fn series_are_called_in_words() {
    for ratings in dataset::OTHERS.iter().flat_map(|set| set.read().unwrap().value) {
        for id in ratings.series_ids().unwrap() {
            let called = ratings.words().series(id.as_str());
            assert!(ratings.words().series.contains_key(id.as_str()) || !called.contains(' '), "{called}");
        }
    }
}

/// The day that counts in a row: the end, else the publication, else the start.
fn day_of(row: &BTreeMap<String, String>) -> NaiveDate {
    let told = ["end_date", "published", "start_date"].map(|column| row[column].clone());
    told.iter().find(|day| !day.is_empty()).unwrap().parse().unwrap()
}

/// What the titles of lanes say of SEND and adult social care is in the files: the latest rating of each council, with its month.
#[test]
fn lanes_tell_the_latest_of_each_kind() {
    let england = ofsted::england().unwrap();
    let rated = ofsted::rated_of_councils(&england.ratings().unwrap()).unwrap();
    let (send, care) = (rows(set("send")), rows(set("adult-social-care")));
    let mut told = [0; 3];
    for authority in england.authorities().iter().step_by(3) {
        let code = authority.code.as_str();
        let latest = |name: &str| {
            let of = if name == "send" { &send } else { &care };
            let of = of.iter().filter(|row| {
                let graded = !row["derived"].split(';').any(|field| field == "grade") && row["kind"] != "pilot";
                row["body_code"] == code && graded && (name == "send" || row["series"] == "overall")
            });
            of.max_by_key(|row| (day_of(row), row["kind"] != "revisit"))
        };
        let lanes = ofsted::council_lanes(&rated);
        let chart = Lanes::collect(&authority.name, code, lanes, Style::default()).unwrap();
        let title = chart.title();
        assert!(title.starts_with(&format!("{}: ", authority.name)));
        let month = |row: &BTreeMap<String, String>| Precision::Month.write(day_of(row));
        match latest("adult-social-care") {
            Some(row) => {
                let grade = row["grade"].replace('_', " ");
                assert!(title.ends_with(&format!("adult social care {grade} ({})", month(row))), "{title}");
                told[0] += 1;
            }
            None => assert!(!title.contains("adult social care"), "{title}"),
        }
        match latest("send") {
            Some(row) => {
                let series = match (row["framework"].as_str(), row["kind"].as_str()) {
                    ("SEND2023", _) => "SEND (since 2023)",
                    (_, "revisit") => "SEND revisit",
                    _ => "SEND (2016 to 2022)",
                };
                let grade = match row["grade"].as_str() {
                    "wsoa_required" => "written statement of action required",
                    "no_wsoa" => "no written statement of action",
                    "sufficient_progress_none" => "sufficient progress on no weakness",
                    "sufficient_progress_some" => "sufficient progress on some weaknesses",
                    "sufficient_progress_all" => "sufficient progress on all weaknesses",
                    "systemic_failings" => "systemic failings",
                    "inconsistent" => "inconsistent experiences",
                    _ => "typically positive experiences",
                };
                assert!(title.contains(&format!("{series} {grade} ({})", month(row))), "{title}");
                told[1] += 1;
            }
            None => assert!(!title.contains("SEND"), "{title}"),
        }
        let course = england.course(code).unwrap();
        if let Some(grade) = course.grade_on(Theme::Headline, england.cut_off()) {
            assert!(title.contains(&format!("children's services {}", grade.code().replace('_', " "))), "{title}");
            told[2] += 1;
        }
        let coverage: Vec<&str> = chart.lanes.iter().filter_map(|lane| lane.coverage.as_deref()).collect();
        assert!(["71 of 153 councils", "96 of 153 areas"].iter().all(|part| coverage.join(" ").contains(part)));
    }
    assert!(told[0] > 15 && told[1] > 40 && told[2] > 40, "{told:?}");
}

/// A title of shares is not a comparison over days, and what is of part of England says so below the picture.
#[test]
fn pictures_of_sets_say_what_they_cover() {
    let send = set("send").read().unwrap().value;
    let of = |id: &str| {
        let holds = |ratings: &&Ratings| ratings.series_ids().unwrap().iter().any(|known| known.as_str() == id);
        send.iter().find(holds).unwrap().series(id).unwrap()
    };
    let chart = |series: &Series| {
        let days = Every::MONTH.dates_to("2016-05-31".parse().unwrap(), series.day());
        Distribution::collect(series, &days, Style::default()).unwrap()
    };
    let first = chart(&of("SEND2016 inspection"));
    assert_eq!(
        first.title(),
        "44% of areas had the SEND (2016 to 2022) grade no written statement of action on 21 June 2022"
    );
    let since = chart(&of("SEND2023 inspection"));
    assert!(since.title().ends_with("; 57 without one in these data"), "{}", since.title());
    assert!(since.to_svg().unwrap().contains("96 of 153 areas"));
    assert!(chart(&of("SEND2016 revisit")).title().contains("grade had sufficient progress on all weaknesses on"));
    for (series, said) in [
        (of("SEND2016 inspection"), "of 151 areas with a grade none was rated more than once"),
        (of("SEND2023 inspection"), "of 96 areas with a grade only 1 was rated more than once, with the same grade"),
    ] {
        let error = estimate::changes_known(&series).unwrap_err().to_string();
        assert!(error.ends_with(said), "{error}");
    }
    assert!(estimate::changes_known(&set("peel").read().unwrap().value[0].series("efficiency").unwrap()).is_ok());
}

#[test]
fn what_the_sets_do_not_know_is_not_said() {
    let ask = |args: &[&str]| {
        let output = crate::example("ratings", args);
        let [out, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code().unwrap(), out, said)
    };
    // Nobody has left this grade: that it stays for ever is nothing that was seen.
    let asked = ["forecast", "--set", "peel", "--theme", "legitimacy", "--authority", "Cleveland"];
    let (code, _, said) = ask(&asked);
    assert_eq!(code, 2);
    assert!(said.contains("none of the 1 force that stood there has left it"), "{said}");
    // Each pillar has a first round of its own.
    let asked = ["year", "--set", "peel", "--theme", "effectiveness", "--format", "csv"];
    let (code, out, _) = ask(&asked);
    assert_eq!(code, 0);
    let mut lines = out.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let [first, not_compared] = ["first", "not_compared"].map(|name| head.iter().position(|c| *c == name).unwrap());
    let sums = lines.map(|row| [first, not_compared].map(|at| row[at].parse::<u32>().unwrap()));
    let [first, not_compared] = sums.fold([0, 0], |all, row| [all[0] + row[0], all[1] + row[1]]);
    assert_eq!((first, not_compared), (43, 0));
    // A day of publication known to the month is not printed as a day.
    let asked = ["history", "--set", "adult-social-care", "--theme", "overall", "--authority", "Barnet"];
    let (_, out, _) = ask(&asked);
    assert!(out.contains("Jan 2025") && !out.contains("31 Jan 2025"), "{out}");
    // Who was rated once tells nothing of changes, and the matrix says so.
    let asked = ["matrix", "--set", "send", "--theme", "SEND2016 inspection", "--format", "csv"];
    let (code, out, said) = ask(&asked);
    assert_eq!(code, 0);
    assert!(out.lines().skip(1).all(|line| line.contains(",,0.0,1.0,")), "{out}");
    assert!(said.contains("of 151 areas with a grade none was rated more than once; intervals are 0 to 1"), "{said}");
}

#[test]
fn judgements_of_one_day_stand_in_one_column() {
    let peel = &set("peel").read().unwrap().value[0];
    for row in rows(set("peel")).iter().step_by(37) {
        let (body, mut days) = (row["body_code"].as_str(), BTreeSet::new());
        for row in rows(set("peel")).iter().filter(|row| row["body_code"] == body && row["grade"] != "not_judged") {
            if !row["derived"].split(';').any(|field| field == "grade") {
                days.insert(day_of(row));
            }
        }
        let chart = Trajectory::collect(peel, row["series"].as_str(), body, Style::default()).unwrap();
        assert_eq!(chart.columns.len(), days.len(), "{body}");
    }
}

/// A fourth set, made up, by the way of the guide's chapter: a mapping with words, and a register.
mod harbours {
    pub const FILE: &str = "\
code,harbour,checked,precision,what,mark,where
H1,Northport,2019-05-02,day,lights,dim,https://example.org/1
H1,Northport,2021-06-30,month,lights,bright,https://example.org/2
H2,Eastquay,2019-05-09,day,lights,bright,https://example.org/3
H2,Eastquay,2022-04-01,day,lights,dim,https://example.org/4
H3,Westbay,2020-01-31,day,lights,dim,https://example.org/5
H3,Westbay,2022-07-04,day,lights,bright,https://example.org/6
H1,Northport,2020-03-01,day,depth,3,https://example.org/7
H2,Eastquay,2020-03-02,day,depth,closed for works,https://example.org/8
H2,Eastquay,2021-03-02,day,depth,1,https://example.org/9
";
    pub const MAPPING: &str = r#"{
        "id": "code", "name": "harbour", "date": "checked", "precision": "precision",
        "rating": "mark", "series": "what", "source": "where",
        "scale": ["dim", "bright"], "scales": {"depth": ["1", "2", "3"]},
        "words": {"closed for works": null}, "dates": ["%Y-%m-%d"],
        "nouns": {
            "body": {"one": "harbour", "many": "harbours"}, "inspection": {"one": "check", "many": "checks"},
            "better_from": "bright", "blank": "not checked", "source": "Source: a made-up pilot's book",
            "coverage": "Part of the coast: 3 of 4 harbours."
        },
        "nouns_of": {"depth": {
            "grades": {"1": "shallow", "2": "middling", "3": "deep"}, "better_from": "3",
            "coverage": "Part of the coast: 2 of 4 harbours."
        }}
    }"#;
    pub const REGISTER: &str =
        "id,name,coast\nH1,Northport,north\nH2,Eastquay,south\nH3,Westbay,south\nH4,Southend,south\n";
}

#[test]
fn a_fourth_set_goes_by_the_chapter() {
    let mapping: Mapping = serde_json::from_str(harbours::MAPPING).unwrap();
    let options = ReadOptions::default();
    let read = mapping.read_by_scale(Source::new("harbours.csv", harbours::FILE.as_bytes()), &options).unwrap();
    assert_eq!((read.report.rows, read.report.left_out), (9, 1));
    let register = Register::read(Source::new("coast.csv", harbours::REGISTER.as_bytes()), &options).unwrap().value;
    let all: Vec<Ratings> = read.value.into_iter().map(|ratings| register.give(ratings).unwrap()).collect();
    let [lights, depth] = all.as_slice() else { panic!("{} scales", all.len()) };
    assert_eq!(lights.words().coverage.as_deref(), Some("Part of the coast: 3 of 4 harbours."));
    assert_eq!(depth.words().coverage.as_deref(), Some("Part of the coast: 2 of 4 harbours."));
    assert_eq!((depth.words().body.many.as_str(), depth.words().grade("3")), ("harbours", "deep".to_owned()));

    let lights = lights.series("lights").unwrap();
    let moves = lights.transitions().rows().unwrap();
    let steps: Vec<(&str, i32)> = moves.iter().map(|m| (m.authority.as_str(), m.steps)).collect();
    assert_eq!(steps, [("H1", 1), ("H2", -1), ("H3", 1)]);
    let on = [lights.day()];
    let shares = lights.distribution(&on, Some("coast")).rows().unwrap();
    let south = shares.iter().find(|s| s.group.as_deref() == Some("south") && s.grade == "bright").unwrap();
    assert_eq!((south.count, south.rated, south.open), (1, 2, 3));

    let days = Every::MONTH.dates_to("2019-05-31".parse().unwrap(), lights.day());
    let chart = Distribution::collect(&lights, &days, Style::default()).unwrap();
    assert_eq!(chart.title(), "2 of 3 harbours with the lights grade had bright on 4 July 2022; 1 not checked");
    let svg = chart.to_svg().unwrap();
    assert!(svg.contains("3 of 4 harbours") && svg.contains("made-up"), "{svg}");
    let lanes = [
        LaneOf::new("Lights", "the pilots", lights.clone()),
        LaneOf::new("Depth", "the port", depth.series("depth").unwrap()),
    ];
    for width in [None, Some(288)] {
        let chart = Lanes::collect("Northport", "H1", lanes.clone(), Style::default().width(width)).unwrap();
        assert_eq!(chart.title(), "Northport: lights bright (June 2021), depth deep (March 2020)");
        assert!(chart.to_svg().unwrap().contains("2 of 4"));
    }
}

/// The same from the command line, by files alone.
#[test]
fn a_fourth_set_is_asked_by_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (data, layout) = (write("harbours.csv", harbours::FILE), write("harbours.json", harbours::MAPPING));
    let register = write("coast.csv", harbours::REGISTER);
    let from = ["--data", &data, "--layout", &layout, "--register", &register];
    let run = |arguments: &[&str]| {
        let output = crate::example("ratings", &[arguments, &from].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let answer = run(&["as-of", "--theme", "lights", "--format", "csv"]);
    assert_eq!(answer.lines().count(), 5, "{answer}");
    assert!(answer.contains("H4,Southend,not_rated"), "{answer}");
    let picture = folder.path().join("ribbons.svg");
    run(&["chart", "ribbons", "--theme", "depth", "-o", picture.to_str().unwrap()]);
    assert!(std::fs::read_to_string(&picture).unwrap().contains("2 of 4 harbours"));
}

/// The answers about one council: each kind side by side, under its own code, with who came before and after.
#[test]
fn a_council_has_all_that_is_rated_of_it() {
    let ask = |arguments: &[&str]| {
        let output = crate::example("ratings", &[&["council"], arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (done, barnet, said) = ask(&["Barnet", "--format", "csv"]);
    assert!(done, "{said}");
    for row in [
        "E09000003,Barnet,Children's services,Ofsted,headline,good,2024-06-14,2024-07-23",
        "E09000003,Barnet,SEND,Ofsted and CQC,SEND2016 inspection,no_wsoa,2022-03-24,",
        "E09000003,Barnet,SEND,Ofsted and CQC,SEND2023 inspection,none_known,,",
        "E09000003,Barnet,Adult social care,CQC,overall,good,2025-01-31,",
    ] {
        assert!(barnet.lines().any(|line| line.starts_with(row)), "{row}: {barnet}");
    }
    // Coverage stands in its column, and in a table once; what was left out of a set is said beside the answer.
    assert!(!said.contains("of 153"), "{said}");
    let (_, table, _) = ask(&["Barnet"]);
    for (told, of) in [("71 of 153 councils", &table), ("96 of 153 areas", &table), ("71 of 153 councils", &barnet)] {
        assert_eq!(of.matches(told).count(), 1, "{told}: {of}");
    }
    assert!(table.contains("none: no statement was required"), "{table}");
    for told in
        ["Adult social care: Indicative ratings of pilots", "6 of 725 rows of cqc_adult_social_care.csv left out"]
    {
        assert!(ask(&["Suffolk"]).2.contains(told), "{told}");
    }
    for (name, row) in [
        ("Barnet", "E09000003,Barnet,SEND,Ofsted and CQC,SEND2016 revisit,no_statement_required,,"),
        ("Cumbria", "E10000006,Cumbria,SEND,Ofsted and CQC,SEND2016 revisit,none_known,,"),
        ("Cumbria", "E10000006,Cumbria,Adult social care,CQC,overall,not_in_existence_then,,"),
        ("Cumberland", "E06000063,Cumberland,SEND,Ofsted and CQC,SEND2016 inspection,not_in_existence_then,,"),
    ] {
        let (_, rows, _) = ask(&[name, "--format", "csv"]);
        assert!(rows.lines().any(|line| line.starts_with(row)), "{row}: {rows}");
    }
    assert!(ask(&["Cumbria"]).1.contains("not in existence then"));
    assert!(ask(&["Barnet", "--set", "send"]).2.contains("leave --set out"));
    let json: Vec<serde_json::Value> = serde_json::from_str(&ask(&["Barnet", "--format", "json"]).1).unwrap();
    assert_eq!(json.len(), barnet.lines().count() - 1);
    for (name, code, told) in [
        ("Northamptonshire", "E10000021", "followed by North Northamptonshire and West Northamptonshire"),
        ("Cumbria", "E10000006", "followed by Cumberland and Westmorland and Furness"),
        ("Bournemouth", "E06000028", "followed by Bournemouth, Christchurch and Poole"),
        ("Dorset", "E06000059", "what was rated before is under Dorset (county, to 2019)"),
        ("Cumberland", "E06000063", "what was rated before is under Cumbria"),
    ] {
        let (_, rows, said) = ask(&[name, "--format", "csv"]);
        assert!(rows.lines().skip(1).all(|row| row.starts_with(code)), "{name}: {rows}");
        assert!(said.contains(told), "{name}: {said}");
    }
    for wrong in [&[][..], &["Barnet", "--theme", "care"], &["Barnet", "--set", "peel"], &["Barnit"]] {
        let (done, _, said) = ask(wrong);
        assert!(!done && said.lines().count() == 1, "{wrong:?}: {said}");
    }
}

/// Forces have no places on a map; councils have England's.
#[test]
fn sets_have_the_maps_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("map.svg");
    let draw = |set: &str, theme: &str| {
        let arguments = ["chart", "tile-map", "--set", set, "--theme", theme, "-o", file.to_str().unwrap()];
        let output = crate::example("ratings", &arguments);
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (done, said) = draw("peel", "efficiency");
    assert!(!done && said.contains("there is no map of tiles for these forces"), "{said}");
    assert!(draw("adult-social-care", "overall").0);
    assert!(std::fs::read_to_string(&file).unwrap().contains("71 of 153 councils"));
}

fn run(arguments: &[&str]) -> (bool, String, String) {
    let output = crate::example("ratings", arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// What a set cannot be asked is refused in words that are true of it and name what would work.
#[test]
fn refusals_of_sets_say_what_would_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.svg");
    let file = file.to_str().unwrap();
    let since = ["--set", "send", "--theme", "SEND2023 inspection"];
    let drawn = |picture: &'static str, more: &[&'static str]| [&["chart", picture, "-o", file], more].concat();
    let two = [&since[..], &["--authority", "Barnet", "--authority", "Camden"]].concat();
    let only = "is only for Ofsted's ratings of children's services";
    let told: Vec<(Vec<&str>, String)> = [
        (vec!["spells", "--set", "peel", "--scale", "a,b"], "the embedded ones have their own grades".to_owned()),
        (vec!["spells", "--set", "peel", "--register", "x.csv"], "--register is for your own ratings".to_owned()),
        (vec!["spells", "--set", "peel", "--ends-with-last-row"], "not for embedded ones".to_owned()),
        (
            vec!["as-of", "--set", "adult-social-care", "--theme", "overall,safeguarding"],
            "overall, safeguarding have different scales".to_owned(),
        ),
        (
            vec!["as-of", "--set", "peel", "--theme", "efficiency", "--adequate-apart"],
            format!("--adequate-apart {only}"),
        ),
        (vec!["as-of", "--set", "peel"], "say which series with --theme: all, or one of effectiveness".to_owned()),
        (drawn("ribbons", &["--set", "peel"]), "say which series with --theme: one of effectiveness".to_owned()),
        (drawn("comparison", &two), "there is no SEND (since 2023) grade of Barnet or Camden up to ".to_owned()),
        (drawn("multiples", &two), "name areas that have one".to_owned()),
        (drawn("comparison", &["--authority", "Cumbria"]), "Cumbria closed on 1 April 2023".to_owned()),
        (
            drawn("multiples", &["--authority", "Slough", "--neighbours-of", "Slough"]),
            "draws one with its neighbours by --authority alone".to_owned(),
        ),
        (
            drawn("flow", &["--set", "peel", "--theme", "efficiency", "--on", "2018-01-01"]),
            "this picture needs at least two days, not 1".to_owned(),
        ),
        (vec!["trend", "--from", "2022-01-01", "--to", "2023-06-01"], "a trend needs at least three days".to_owned()),
        (
            [&["similar", "--authority", "Cornwall", "--at", "2022-10-04"], &since[..]].concat(),
            "no grade on 4 October 2022".to_owned(),
        ),
    ]
    .into();
    let of_ofsted = [
        ("profile", vec!["profile"]),
        ("concerns", vec!["concerns"]),
        ("asks", vec!["asks", "list"]),
        ("visits", vec!["visits"]),
        ("asked-again", drawn("asked-again", &[])),
        ("topics", drawn("topics", &[])),
    ];
    let of_ofsted = of_ofsted.into_iter().flat_map(|(name, arguments)| {
        ["peel", "send"]
            .map(|set| ([&arguments[..], &["--set", set]].concat(), format!("{name} {only}: leave --set out")))
    });
    for (arguments, expected) in told.into_iter().chain(of_ofsted) {
        let (done, _, said) = run(&arguments);
        assert!(!done && said.contains(&expected), "{arguments:?}: {said}");
    }
    let (done, _, said) = run(&["as-of", "--set", "send"]);
    assert!(!done && said.contains("say which with --theme: SEND2016") && !said.contains("--keep"), "{said}");
    for more in [&[][..], &["--theme", "all"]] {
        let (done, _, said) = run(&[&drawn("peers", &["--set", "peel", "--authority", "Kent"])[..], more].concat());
        assert!(done, "{more:?}: {said}");
    }
}

#[test]
fn areas_without_a_grade_are_told_as_such() {
    let asked = |theme: &str, name: &str| {
        run(&["as-of", "--set", "send", "--theme", theme, "--authority", name, "--format", "csv"])
    };
    let (_, rows, _) = asked("SEND2016 inspection", "North Northamptonshire");
    assert!(rows.contains("E06000061,North Northamptonshire,not_rated"), "{rows}");
    // A series goes by the name that pictures print, too.
    assert_eq!(asked("send (2016 to 2022)", "North Northamptonshire").1, rows);
    let (_, rows, said) = asked("SEND2016 inspection", "Northamptonshire");
    assert_eq!(rows.lines().count(), 1, "{rows}");
    let closed =
        "Northamptonshire closed on 1 April 2021; it was followed by North Northamptonshire and West Northamptonshire";
    assert!(said.contains(closed), "{said}");
}

#[test]
fn a_set_of_several_scales_is_counted_whole() {
    let send = rows(set("send"));
    let areas = send.iter().map(|row| &row["body_code"]).collect::<BTreeSet<_>>().len();
    let begin = format!("what,value\nauthorities,{areas}\nratings,{}\nfirst_rating,2016-", send.len());
    let (done, all, said) = run(&["validate", "--set", "send", "--format", "csv"]);
    assert!(done && all.starts_with(&begin) && all.contains("last_rating,2026-"), "{all}{said}");
    assert!(!said.contains("whatever was asked"), "{said}");
    let (_, one, said) = run(&["validate", "--set", "send", "--theme", "SEND2016 inspection", "--format", "csv"]);
    assert!(one == all && said.contains("whatever was asked for of them"), "{one}{said}");
}

/// A trend counts the better part of the scale as pictures do, and says which grades these are.
#[test]
fn trends_count_the_better_part_of_the_scale() {
    let days = ["--on", "2024-01-01", "--on", "2025-01-01", "--on", "2026-01-01", "--format", "csv"];
    let trend = |more: &[&str]| run(&[&["trend"], more, &days[..]].concat());
    let since = ["--set", "send", "--theme", "SEND2023 inspection"];
    let (_, usual, said) = trend(&since);
    assert!(said.contains("note: the share with the grade typically positive experiences\n"), "{said}");
    assert_eq!(usual, trend(&[&since[..], &["--at-or-above", "positive"]].concat()).1);
    let (_, england, said) = trend(&["--theme", "leadership"]);
    assert!(said.contains("note: the share with the grade good or better\n"), "{said}");
    assert_eq!(england, trend(&["--theme", "leadership", "--at-or-above", "good"]).1);
}
