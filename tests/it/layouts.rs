//! Files of others by one mapping: the layouts that are known, headers found, words and dates understood, rules told.

use rating_history::io::{Ends, Loaded, Mapping, Meaning, ReadOptions, Source, scan_ratings};
use rating_history::ofsted::{self, Area, Grade, RatingHistory, Trust, UpdateKind};
use rating_history::{Error, Precision, Ratings, Scale, dataset};

use crate::example;

fn known(name: &str) -> Mapping {
    serde_json::from_str(dataset::mapping(name).unwrap()).unwrap()
}

fn read(mapping: &Mapping, text: &str) -> Result<Loaded<Ratings>, Error> {
    mapping.read(Source::new("list.csv", text.as_bytes()), &ReadOptions::default())
}

/// Small files in the layouts that are known: the layout, how its files begin, the series asked for, and of how many bodies
/// that has ratings; rows left out.
pub const SMALL: [(&str, &str, &str, usize, usize); 7] = [
    (
        "ofsted-childrens-homes-2015",
        "Web link,URN,Provision type,Setting Name,Region,Local authority,Sector,Inspection Date,Overall effectiveness,\
         Outcomes for children and young people,Quality of care,The safety of children and young people,Leadership and management\n\
         page,SC1,Children's Home,Elm,London,Havering,Private,26/03/2015,Adequate,Good,Good,Adequate,Adequate\n\
         page,SC2,Residential Special School,Oak,London,Havering,Private,26/03/2015,Good,Good,Good,Good,Good\n",
        "headline",
        1,
        1,
    ),
    (
        "ofsted-childrens-homes-2016",
        "Provider information,,,,,,,Latest Full Inspection information,,,,,\n\
         URN,Provision type,Name,Government Office Region,Local authority,Sector,Inspection date,Overall effectiveness,\
         Outcomes for children and young people,Quality of care,Safeguarding children and young people,Leadership and management\n\
         1,Children's home,Elm,London,Islington,Voluntary,13/01/2016,Requires improvement,,,Requires Improvement,Satisfactory\n",
        "help_and_protection",
        1,
        0,
    ),
    (
        "ofsted-childrens-homes-2023",
        "Children's homes in 2023,,,,,,,,,,,\n\"This sheet has one table, which begins below.\",,,,,,,,,,,\n\n\
         URN,Provision type,Registration date,Name,Ofsted region,Local authority,Sector,Latest full inspection date,\
         Latest full inspection publication date,Overall experiences and progress of children and young people,\
         How well children and young people are helped and protected,The effectiveness of leaders and managers,,\n\
         1,Children's home,13/02/2002,Elm,North West,Bolton,Voluntary,26/06/2019,16/09/2019,Inadequate,Inadequate,\
         Requires improvement to be good,,\n",
        "leadership",
        1,
        0,
    ),
    (
        "cqc-home-care",
        ",reportdate,overall,ownership,locationid,location_start_2025,location_end_2025,good,rating\n\
         1,2014-10-10,Good,For-profit,1-1,19176,22272,1,Good\n\
         2,2014-10-28,Good,Third sector,1-2,18653,NA,1,Requires improvement\n",
        "headline",
        2,
        0,
    ),
    (
        "food-hygiene",
        "FHRSID,BusinessType,RatingValue,RatingDate,NewRatingPending\n1,Mobile caterer,5,2019-03-09,False\n\
         2,Mobile caterer,AwaitingInspection,,False\n3,Mobile caterer,Exempt,2016-10-19,False\n",
        "headline",
        1,
        1,
    ),
    (
        "sovereign-ratings",
        "date;country;rating;agency;grade;outlook\n2016-02-05;elmland;B+;standardPoors;highly speculative;stable\n\
         2014-10-10;elmland;B;fitch;highly speculative;positive\n2015-10-10;elmland;50;analyst;NA;NA\n",
        "fitch",
        1,
        1,
    ),
    (
        "bank-ratings",
        "bankName,periodEnding,ratingScore,issuerName\nElm,1996-03-31 00:00:00,4,Fitch\nElm,1996-03-31 00:00:00,3,Moody's\n\
         Elm,1996-06-30 00:00:00,3,Fitch\n",
        "Moody's",
        1,
        0,
    ),
];

#[test]
fn every_known_layout_reads_files_of_its_form() {
    for (layout, text, series, rated, left_out) in SMALL {
        let Loaded { value, report } = read(&known(layout), text).unwrap_or_else(|e| panic!("{layout}: {e}"));
        assert_eq!(report.left_out, left_out, "{layout}: {report}");
        let series = value.series(series).unwrap();
        let standing = series.as_of("2026-01-01".parse().unwrap()).standing().rows().unwrap();
        let with_grade = standing.iter().filter(|row| row.grade.is_some()).count();
        let closed = usize::from(layout == "cqc-home-care"); // The first service closed in 2020.
        assert_eq!(with_grade, rated - closed, "{layout}: {standing:?}");
        assert_ne!(value.words().body.one, "body", "{layout}");
    }
    let homes = read(&known("ofsted-childrens-homes-2016"), SMALL[1].1).unwrap().value;
    let grades: Vec<String> =
        homes.spells().rows().unwrap().into_iter().map(|s| format!("{} {}", s.theme, s.grade)).collect();
    assert_eq!(grades.len(), 3, "{grades:?}");
    assert!(grades.iter().all(|grade| grade.ends_with("requires_improvement")), "{grades:?}");
}

#[test]
fn the_command_line_takes_layouts_by_name_and_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("homes.csv");
    std::fs::write(&file, SMALL[2].1).unwrap();
    let file = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let output = example("ratings", arguments);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {text}");
        text
    };
    let told = run(&["validate", file, "--layout", "ofsted-childrens-homes-2023"]);
    assert!(told.contains("1 row read, 1 kept, 0 left out; 0 errors, 0 warnings"), "{told}");
    let mapping = folder.path().join("own.json");
    std::fs::write(&mapping, run(&["layouts", "ofsted-childrens-homes-2023"])).unwrap();
    let mapping = mapping.to_str().unwrap();
    for layout in ["ofsted-childrens-homes-2023", mapping] {
        let told = run(&["spells", "--data", file, "--layout", layout, "--theme", "leadership", "--format", "csv"]);
        assert!(told.contains("1,Elm,leadership,requires_improvement,2019-06-26"), "{told}");
    }
    run(&["as-of", "--data", file, "--layout", mapping]);
    // One rating tells nothing of how grades change.
    let refused = example("ratings", &["matrix", "--data", file, "--layout", mapping]);
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("of 1 home with a grade none was rated more than once"), "{refused}");
    let picture = folder.path().join("homes.svg");
    run(&["chart", "distribution", "--data", file, "--layout", mapping, "-o", picture.to_str().unwrap()]);
    let picture = std::fs::read_to_string(picture).unwrap();
    assert!(picture.contains("Source: Ofsted, children's social care data") || picture.contains("social care data"));
    // The same facts by flags.
    let flags =
        ["--columns", "URN,Latest full inspection date,The effectiveness of leaders and managers", "--name", "Name"];
    let scale =
        ["--scale", "Inadequate,Requires improvement to be good,Good,Outstanding", "--groups", "region=Ofsted region"];
    let keep = ["--keep", "Provision type=children's home", "--format", "csv"];
    let told = run(&[&["spells", "--data", file], &flags[..], &scale, &keep].concat());
    assert!(told.contains("1,Elm,headline,Requires improvement to be good,2019-06-26"), "{told}");
    let unknown = example("ratings", &["validate", file, "--layout", "ofsted-childrens-home-2023"]);
    let unknown = String::from_utf8(unknown.stderr).unwrap();
    assert!(
        unknown.contains("unknown layout `ofsted-childrens-home-2023` (did you mean `ofsted-childrens-homes-2023`?)"),
        "{unknown}"
    );
}

#[test]
fn headers_are_found_or_the_line_like_one_is_named() {
    let mapping = Mapping::new("id").date("day").rating("grade").scale(["B", "A"]);
    let table = "id;day;grade\nx;2020-01-31;B\n";
    let titles = "Ratings, as at 31 March 2020, all of them\nsee also: notes, sources\n\n";
    let found = read(&mapping, &format!("{titles}{table}")).unwrap();
    assert_eq!((found.report.rows, found.value.spells().rows().unwrap().len()), (1, 1));
    let wrong = read(&mapping, &format!("{titles}id;day;rating\nx;2020-01-31;B\n")).unwrap_err().to_string();
    assert!(wrong.contains("list.csv:4: header `id,day,rating`: expected a column `grade`"), "{wrong}");
    // A line that is told is the header, whatever stands above it.
    let twice = format!("id;day;grade\nold;2019-01-31;A\n{table}");
    let told = read(&mapping.clone().header(3), &twice).unwrap();
    assert_eq!(told.report.rows, 1);
    // One that is told wrongly is refused with the line that looks like it.
    for (line, text, right) in
        [(1, format!("{titles}{table}"), 4), (5, format!("{titles}{table}"), 4), (9, table.into(), 1)]
    {
        let elsewhere = read(&mapping.clone().header(line), &text).unwrap_err().to_string();
        let said =
            format!("header `{line}`: expected the line with the names of the columns; line {right} looks like it");
        assert!(elsewhere.contains(&said), "{elsewhere}");
    }
    // A bad row has its own line.
    let bad = read(&mapping, &format!("{titles}{table}y;2020-01-31;C\n")).unwrap_err().to_string();
    assert!(bad.contains("list.csv:6: grade `C`"), "{bad}");
    let footer = mapping.clone().footer(["Contact"]);
    let ended = read(&footer, &format!("{table}Contact: me\nanything;else\n")).unwrap();
    assert_eq!((ended.report.rows, ended.report.left_out), (3, 2));
    assert!(read(&mapping, &format!("{table}Contact: me\n")).is_err());
}

#[test]
fn words_dates_and_series_mean_what_the_mapping_says() {
    let scales: Mapping = serde_json::from_str(
        r#"{"id": "bank", "year": "year", "rating": "rating", "series": ["rater", "what"],
            "scales": {"Moody's": ["C", "Aa", "Aaa"], "Fitch": ["C", "AA", "AAA"]},
            "words": {"WR": "withdrawn", "n/a": null}, "nouns": {"body": {"one": "bank", "many": "banks"}}}"#,
    )
    .unwrap();
    let text = "bank,year,rater,what,rating\na,2015,Moody's,long,Aa\na,2017,Moody's,long,WR\na,2015,Fitch,long,AAA\n\
                a,2016,Fitch,long,n/a\n";
    assert!(read(&scales, text).unwrap_err().to_string().contains("keep the series of one"));
    let all = scales.read_by_scale(Source::new("list.csv", text.as_bytes()), &ReadOptions::default()).unwrap();
    assert_eq!((all.value.len(), all.report.left_out), (2, 1));
    let moodys = all.value.iter().find(|ratings| ratings.scale().rank("Aa").is_some()).unwrap();
    let spells = moodys.series("Moody's long").unwrap().spells().rows().unwrap();
    assert_eq!((spells[0].start.to_string().as_str(), spells[0].start_precision), ("2015-12-31", Precision::Year));
    let only = scales.clone().keep("rater", ["fitch"]);
    assert_eq!(read(&only, text).unwrap().value.scale(), &Scale::new(["C", "AA", "AAA"]).unwrap());
    // A month takes effect on its last day, but not after publication; capitals of grades do not matter.
    let monthly =
        Mapping::new("id").date("day").published("out").precision("how").rating("grade").scale(["poor", "good"]);
    let text = "id,day,out,how,grade\na,2019-02-01,2019-02-20,month,GOOD\nb,2019-02-01,,month,Poor\n";
    let rows = read(&monthly, text).unwrap().value.spells().rows().unwrap();
    assert_eq!(rows.iter().map(|row| row.start.to_string()).collect::<Vec<_>>(), ["2019-02-20", "2019-02-28"]);
    // Stand-ins bring a warning, and none where the mapping says that they are no date.
    let living = Mapping::new("id").date("day").rating("grade").scale(["poor", "good"]).opened("born").closed("gone");
    let text = "id,day,grade,born,gone\na,2019-02-01,good,1900-01-01,9999-12-31\n";
    let warned = read(&living, text).unwrap();
    assert_eq!(warned.report.problems.0.len(), 2, "{}", warned.report);
    let quiet = read(&living.clone().no_date(["1900-01-01", "9999-12-31"]), text).unwrap();
    assert_eq!(quiet.report.problems.0.len(), 0, "{}", quiet.report);
    // Who has no more rows has gone, where the mapping says so.
    let panel = Mapping::new("id").year("year").rating("grade").scale(["poor", "good"]).ends(Ends::LastRow);
    let text = "id,year,grade\na,2019,good\na,2020,good\nb,2019,poor\n";
    assert_eq!(read(&panel, text).unwrap().value.standing().rows().unwrap().len(), 1);
    let odd = Mapping::new("id")
        .date("day")
        .rating("grade")
        .scale(["poor", "good"])
        .word("x", Meaning::Grade("fine".to_owned()));
    assert!(read(&odd, "id,day,grade\n").unwrap_err().to_string().contains("not `fine`"));
}

#[test]
fn rules_between_rows_are_told_with_their_lines() {
    let mapping = Mapping::new("id").start("from").end("to").published("out").rating("grade").scale(["poor", "good"]);
    let header = "id,from,to,out,grade\n";
    let told = |rows: &str| match read(&mapping, &format!("{header}{rows}")) {
        Ok(read) => read.report.to_string(),
        Err(error) => error.to_string(),
    };
    let overlap = told("a,2020-01-01,2020-01-10,,good\na,2020-01-05,2020-01-20,,poor\nb,2020-01-05,2020-01-20,,poor\n");
    assert!(
        overlap.contains("list.csv:3: from `2020-01-05`: expected a day after the inspection of line 2 had ended"),
        "{overlap}"
    );
    assert_eq!(overlap.matches("warning:").count(), 1, "{overlap}");
    assert!(
        told("a,2020-01-05,2020-01-01,,good\n")
            .contains("list.csv:2: to `2020-01-01`: expected a day not before the start")
    );
    assert!(
        told("a,2020-01-05,2020-01-09,2020-01-01,good\n")
            .contains("out `2020-01-01`: expected a day not before the start")
    );
    let early = told("a,2020-01-05,2020-01-09,2020-01-07,good\n");
    assert!(early.contains("warning: list.csv:2: out `2020-01-07`: expected a day not before the end"), "{early}");
    // Files of a frame have the same rules.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.csv");
    let scale = Scale::new(["poor", "good"]).unwrap();
    let header = "authority,effect,grade,start_date,end_date\n";
    let scanned = |rows: &str| {
        std::fs::write(&file, format!("{header}{rows}")).unwrap();
        match scan_ratings(&file, Some(&scale), &ReadOptions::default()) {
            Ok(read) => read.report.to_string(),
            Err(error) => error.to_string(),
        }
    };
    let overlap = scanned("a,2020-01-10,good,2020-01-01,2020-01-10\na,2020-01-20,poor,2020-01-05,2020-01-20\n");
    assert!(
        overlap.contains("own.csv:3: start_date `2020-01-05`: expected a day after the inspection of line 2"),
        "{overlap}"
    );
    let reversed = scanned("a,2020-01-10,good,2020-01-10,2020-01-01\n");
    assert!(reversed.contains("own.csv:2: end_date `2020-01-01`: expected a day not before the start"), "{reversed}");
}

#[test]
fn repeats_across_files_are_named_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.csv"), "authority,effect,grade\na,2020-01-31,good\nb,2020-01-31,good\n")
        .unwrap();
    std::fs::write(folder.path().join("2.csv"), "authority,effect,grade\na,2020-01-31,poor\n").unwrap();
    let scale = Scale::new(["poor", "good"]).unwrap();
    let read = scan_ratings(folder.path(), Some(&scale), &ReadOptions::default()).unwrap();
    assert_eq!((read.report.rows, read.report.left_out), (3, 1));
    let told = read.report.problems.0[0].to_string();
    assert!(
        told.contains("1.csv:2: effect `2020-01-31`") && told.contains("line 2 of ") && told.contains("2.csv"),
        "{told}"
    );
}

pub const OUTCOMES: &str = "Local authority area code,Local authority name,Inspection date,Publication date,Inspection type,\
    Overall effectiveness,The impact of leaders on social work practice with children and families,\
    The experiences and progress of children who need help and protection,\
    The experiences and progress of children in care,The experiences and progress of care leavers\n";

fn outcomes(rows: &str) -> RatingHistory {
    let layout = dataset::mapping("ofsted-la-outcomes").unwrap().replace("\"ILACS_inspection_history\"", "null");
    let mapping: ofsted::Mapping = serde_json::from_str(&layout).unwrap();
    let england = ofsted::england().unwrap();
    let text = format!("ILACS inspection history,,,,,,,,,\n{OUTCOMES}{rows}");
    mapping
        .read(Source::new("list.csv", text.as_bytes()), england.authorities(), &ReadOptions::default())
        .unwrap()
        .value
}

/// Inspections as Ofsted's own sheet of 2025 has them (Open Government Licence v3.0).
pub const BARKING: &str = "E09000002,Barking and Dagenham,18/02/2019,01/04/2019,ILACS Standard Inspection,\
    Requires improvement to be good,Requires improvement to be good,Requires improvement to be good,\
    Requires improvement to be good,\n";
pub const BLACKPOOL: &str = "E06000009,Blackpool,05/12/2022,01/02/2023,ILACS Standard Inspection,Requires improvement to be good,\
    Requires improvement to be good,Requires improvement to be good,Good,\n";

#[test]
fn care_is_split_by_the_start_of_fieldwork() {
    let none = "E06000063,Cumberland,-,-,-,Not yet inspected,-,-,-,-\n";
    let sheet = outcomes(&format!("{BARKING}{BLACKPOOL}{none}"));
    assert_eq!(sheet.inspections().len(), 2);
    let blackpool = sheet.inspections().iter().find(|i| i.id.starts_with("blackpool")).unwrap();
    assert_eq!(blackpool.grade(Area::InCareAndCareLeavers), Some(Grade::Good)); // begun in 2022, published in 2023
    assert_eq!(blackpool.grade(Area::InCare), None);
}

#[test]
fn a_sheet_adds_corrects_and_contradicts() {
    let england = ofsted::england().unwrap();
    let rebuilt = |inspections: Vec<ofsted::Inspection>| {
        england.clone().into_builder().without_inspections().inspections(inspections).build().unwrap()
    };
    let is = |i: &ofsted::Inspection, name: &str, year: &str| {
        i.id.starts_with(name) && i.id.contains(year) && i.id.ends_with("ilacs")
    };
    let mut older: Vec<_> = england.inspections().to_vec();
    let own = older.iter().position(|i| is(i, "barking", "-2019-")).unwrap();
    let barking = older.remove(own);
    let wrong = older.iter_mut().find(|i| is(i, "blackpool", "-2022-")).unwrap();
    wrong.judgements.iter_mut().for_each(|j| j.grade = Some(Grade::Inadequate));
    let id = wrong.id.clone();
    let older = rebuilt(older);
    let sheet = outcomes(&format!("{BARKING}{BLACKPOOL}"));
    let updated = older.update(&sheet, Trust::Official, "outcomes").unwrap();
    let count = |kind| updated.found.iter().filter(|f| f.kind == kind).count();
    assert_eq!((count(UpdateKind::Added), count(UpdateKind::Corrected)), (1, 4));
    let corrected = updated.history.inspections().iter().find(|i| i.id == id).unwrap();
    let true_one = england.inspections().iter().find(|i| i.id == id).unwrap();
    assert_eq!((corrected.dates, &corrected.judgements), (true_one.dates, &true_one.judgements));
    assert_eq!(corrected.also, "official:outcomes");
    let added = updated.history.inspections().iter().find(|i| is(i, "barking", "-2019-")).unwrap();
    assert_eq!(added.judgements, barking.judgements);
    // Twice is once, and what is there already says nothing.
    let again = updated.history.update(&sheet, Trust::Official, "outcomes").unwrap();
    assert!(again.found.iter().all(|f| f.kind == UpdateKind::Contradicted), "{:?}", again.found);
    assert_eq!(again.history, updated.history);
    // A list that nobody has checked only tells; if it is taken, the source line says so.
    let told = older.update(&sheet, Trust::Unchecked, "list").unwrap();
    assert_eq!(told.history, older);
    assert_eq!(told.found.iter().filter(|f| f.kind == UpdateKind::Pending).count(), 1);
    let taken = older.update(&sheet, Trust::Accepted, "list").unwrap().history;
    assert_eq!(taken.unchecked(), 2);
    assert!(taken.ratings().unwrap().words().source.ends_with("2 inspections from a list that nobody has checked"));
    assert_eq!(england.unchecked(), 0);
}

#[test]
fn a_merge_with_a_changed_code_is_done_once() {
    use rating_history::ofsted::{AuthorityCode, Precedence};
    let england = ofsted::england().unwrap();
    // An authority with events, under a code that it did not have.
    let old = england.events()[0].authority.clone();
    let code = AuthorityCode::new("E06000999").unwrap();
    let mut authorities = england.authorities().to_vec();
    let own = authorities.iter_mut().find(|a| a.code == old).unwrap();
    own.former_codes.push(std::mem::replace(&mut own.code, code.clone()));
    let newer = RatingHistory::builder().authorities(authorities).inspections(england.inspections().to_vec());
    let newer =
        england.all_neighbours().fold(newer, |builder, (code, list)| builder.neighbours(code.clone(), list.to_vec()));
    let newer = newer.events(england.events().to_vec()).cut_off(england.cut_off()).build().unwrap();
    for (base, update) in [(&england, &newer), (&newer, &england)] {
        for precedence in [Precedence::Base, Precedence::Update] {
            let merged = base.merge(update, precedence).unwrap();
            assert_eq!(merged.events().len(), england.events().len());
            assert_eq!(merged.inspections().len(), england.inspections().len());
            assert_eq!(merged.authority(&old).unwrap().code, code);
            assert_eq!(merged.merge(update, precedence).unwrap(), merged);
        }
    }
    let said: Vec<String> =
        england.differences(&newer).iter().filter(|d| d.inspection.is_empty()).map(|d| d.what.clone()).collect();
    assert_eq!(said.iter().filter(|what| *what == "event").count(), 0, "{said:?}");
    assert!(said.contains(&"gss_code".to_owned()), "{said:?}");
    // How exactly the days of an event are known is a fact.
    let mut events = england.events().to_vec();
    events[0].precision = Precision::Year;
    let builder = RatingHistory::builder().authorities(england.authorities().to_vec()).events(events);
    let builder = england.all_neighbours().fold(builder, |b, (code, list)| b.neighbours(code.clone(), list.to_vec()));
    let vaguer = builder.inspections(england.inspections().to_vec()).cut_off(england.cut_off()).build().unwrap();
    assert_eq!(england.differences(&vaguer).len(), 2);
}

#[test]
fn the_month_s_routine_writes_a_new_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let sheet = path("outcomes.csv");
    std::fs::write(&sheet, format!("{OUTCOMES}{BARKING}{BLACKPOOL}")).unwrap();
    let layout = path("outcomes.json");
    let mapping = dataset::mapping("ofsted-la-outcomes").unwrap().replace("\"ILACS_inspection_history\"", "null");
    std::fs::write(&layout, mapping).unwrap();
    let run = |more: &[&str]| {
        example("ratings", &[&["update", &sheet, "--layout", &layout, "--format", "csv"], more].concat())
    };
    let new = path("data-2026-09");
    let output = run(&[&new, "--exit-code"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("change,authority,name,inspection,what,old,new\n"), "{text}");
    let said = text.lines().count() - 1;
    assert_eq!(output.status.code(), Some(i32::from(said > 0)), "{text}");
    // What the month before knew is still there, and what a folder cannot hold is said.
    let read = ofsted::read_folder(&new, &ReadOptions::default()).unwrap().value;
    let before = ofsted::england_with_reports().unwrap();
    assert!(!before.report_facts().is_empty());
    assert_eq!(read.report_facts(), before.report_facts());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("Slough: ") && told.contains("the folder does not say so"), "{told}");
    let again = run(&[&new]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8(again.stderr).unwrap().contains("a new folder"));
}

#[test]
fn a_mapping_names_its_register() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let list = write("list.csv", "home,day,rater,grade\nElm,2020-01-31,a,B\nOak,2020-06-30,b,good\n");
    write("homes.csv", "id,region,closed,successors\nElm,North,2023-03-31,Oak\nOak,South,,\nAsh,South,,\n");
    let other = write("other.csv", "id,closed\nElm,\nOak,\n");
    let json = r#"{"id": "home", "date": "day", "rating": "grade", "series": "rater", "register": "homes.csv",
                   "scales": {"a": ["B", "A"], "b": ["poor", "good"]}}"#;
    // The register is beside the mapping, wherever the program runs; a flag counts before it.
    let layout = write("mapping.json", json);
    let standing = |more: &[&str]| {
        let asked =
            ["as-of", "--as-of", "2024-01-01", "--data", &list, "--layout", &layout, "--theme", "a", "--format", "csv"];
        let output = example("ratings", &[&asked[..], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!standing(&[]).contains("Elm"), "Elm closed");
    assert!(standing(&["--register", &other]).contains("Elm"));
    let both = write("both.json", &json.replace("homes.csv\"", "homes.csv\", \"closed\": \"gone\""));
    let refused = example("ratings", &["validate", &list, "--layout", &both]);
    assert_eq!(refused.status.code(), Some(2));
    let missing = write("missing.json", &json.replace("homes.csv", "none.csv"));
    let refused = example("ratings", &["validate", &list, "--layout", &missing]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("none.csv"));
}

#[test]
fn a_row_is_left_out_when_none_of_its_ratings_counts() {
    let mapping = Mapping::new("id").date("day").rating_of("headline", "a").rating_of("care", "b").scale(["B", "A"]);
    let text = "id,day,a,b\nx,2020-01-31,B,B\nx,2020-01-31,A,\n";
    let half = read(&mapping, text).unwrap();
    assert_eq!((half.report.rows, half.report.left_out), (2, 0));
    let whole = read(&mapping, &format!("{text}x,2020-01-31,B,A\n")).unwrap();
    assert_eq!((whole.report.rows, whole.report.left_out), (3, 2));
}
