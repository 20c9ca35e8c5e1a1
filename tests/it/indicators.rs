//! England's indicators beside the inspections: the published figures, the files, the words.

use rating_history::indicator::{
    AroundMoment, Contrast, DayOfYear, GradeDifference, IndicatorStory, Indicators, Measure, Moment, Note,
    ReleaseMapping, TidyIndicators,
};
use rating_history::io::{ReadOptions, Source};
use rating_history::ofsted::{self, AuthorityCode, RatingHistory, Theme};
use rating_history::{Clock, Series, dataset};
use sha2::{Digest, Sha256};

fn england() -> (RatingHistory, Indicators, Series) {
    let england = ofsted::england().unwrap();
    let indicators = ofsted::england_indicators(&england).unwrap();
    let headline = england.ratings().unwrap().series(Theme::Headline).unwrap();
    (england, indicators, headline)
}

fn tenth(x: f64) -> f64 {
    (10.0 * x).round() / 10.0
}

#[test]
fn agency_share_and_care_leavers_by_grade() {
    let (_, indicators, headline) = england();
    let rows = indicators.by_grade(&headline).rows().unwrap();
    let of = |indicator: &str| -> Vec<(f64, u32)> {
        let all = rows.iter().filter(|r| r.indicator == indicator && r.year.is_none());
        all.map(|r| (tenth(r.mean), r.n)).collect()
    };
    assert_eq!(of("sw_agency"), [(27.6, 168), (17.2, 461), (14.3, 517), (8.0, 154)]);
    assert_eq!(of("eet_19_21"), [(50.6, 151), (52.7, 415), (55.7, 472), (56.3, 153)]);
    // Of all years together are those of each year.
    let n = |year: bool| rows.iter().filter(|r| r.year.is_some() == year).map(|r| r.n).sum::<u32>();
    assert_eq!(n(true), n(false));
}

/// The steps of an indicator: between and within, with their t.
fn step(rows: &[GradeDifference], indicator: &str) -> [f64; 4] {
    let row = rows.iter().find(|r| r.indicator == indicator && r.contrast == Contrast::PerStep).unwrap();
    [row.between, row.between_t, row.within, row.within_t].map(|x| tenth(x.unwrap()))
}

#[test]
fn differences_between_grades_with_and_without_effects_of_authorities() {
    let (_, indicators, headline) = england();
    let three = indicators.only(["sw_agency", "eet_19_21", "placements_3plus"]).unwrap();
    let rows = three.grade_differences(&headline).rows().unwrap();
    assert_eq!(step(&rows, "sw_agency"), [-6.0, -10.9, -4.8, -8.0]);
    assert_eq!(step(&rows, "eet_19_21"), [2.0, 3.8, 0.2, 0.5]);
    let placements = rows.iter().filter(|r| r.indicator == "placements_3plus");
    for row in placements {
        for p in [row.between_p, row.within_p] {
            assert!(p.unwrap() > 0.05, "no difference: {row:?}");
        }
    }
    // A step and three grades against good, of three indicators, each in two ways.
    assert!(rows.iter().all(|r| r.tests == 24) && rows.len() == 12);
    let lowest = rows.iter().find(|r| r.grade.as_deref() == Some("inadequate") && r.indicator == "sw_agency").unwrap();
    assert_eq!(lowest.reference.as_deref(), Some("good"));
    // numpy, with dummies of all years and authorities: 13.7 and 11.2.
    assert_eq!((tenth(lowest.between.unwrap()), tenth(lowest.within.unwrap())), (13.7, 11.2));
}

#[test]
fn agency_share_around_falls_to_and_leaving_inadequate() {
    let (_, indicators, headline) = england();
    let agency = indicators.only(["sw_agency"]).unwrap();
    let around = |moment: Moment| -> Vec<AroundMoment> { agency.around(&headline, &moment).rows().unwrap() };
    let falls = around(Moment::FallsTo("inadequate".to_owned()));
    let leaves = around(Moment::Leaves("inadequate".to_owned()));
    let means = |rows: &[AroundMoment]| rows.iter().map(|r| (r.offset, tenth(r.mean))).collect::<Vec<_>>();
    assert_eq!(means(&falls)[1..], [(0, 5.6), (1, 12.2), (2, 11.5)]);
    assert_eq!(means(&leaves)[1..], [(0, 9.7), (1, 5.7), (2, 4.4)]);
    assert!(falls.iter().all(|r| r.cases == 27 && r.mean_lower.unwrap() < r.mean && r.mean < r.mean_upper.unwrap()));
    assert!(leaves.iter().all(|r| r.cases == 31 && r.compared <= r.cases && r.controls > 0));
    let wrong = agency.around(&headline, &Moment::FallsTo("dire".to_owned())).rows().unwrap_err();
    assert!(wrong.to_string().contains("dire"), "{wrong}");
    let some = headline.bodies_only(["E06000039"]).unwrap();
    let wrong = agency.around(&some, &Moment::Improves).rows().unwrap_err();
    assert!(wrong.to_string().contains("narrowed to some"), "{wrong}");
}

#[test]
fn both_clocks_stand_beside_a_value() {
    let (_, indicators, headline) = england();
    let agency = indicators.only(["eet_19_21"]).unwrap();
    let slough = headline.bodies_only(["E06000039"]).unwrap();
    let judged = |series: &Series| {
        let rows = agency.beside(series).rows().unwrap();
        rows.into_iter().find(|r| r.year == 2019).map(|r| (r.grade, r.judged.unwrap().to_string())).unwrap()
    };
    // Fieldwork ended on 1 February, the report came on 4 March, both before 31 March 2019.
    assert_eq!(judged(&slough), ("requires_improvement".to_owned(), "2019-02-01".to_owned()));
    let published = slough.clock(Clock::Published);
    assert_eq!(judged(&published), ("requires_improvement".to_owned(), "2019-03-04".to_owned()));
    let then = published.as_of("2019-03-03".parse().unwrap());
    assert!(agency.beside(&then).rows().unwrap().iter().all(|r| r.year < 2019 && r.grade == "inadequate"));
}

fn story(body: &str, indicator: &str) -> IndicatorStory {
    let (england, indicators, headline) = england();
    let code: AuthorityCode = england.find(body).unwrap().code.clone();
    indicators.story(&headline, code.as_str(), indicator).unwrap()
}

#[test]
fn six_authorities_tried_aloud() {
    let six = ["Slough", "Doncaster", "Birmingham", "Isles of Scilly", "Kingston upon Thames", "Cumberland"];
    let told: Vec<String> = six
        .iter()
        .flat_map(|body| ["eet_19_21", "sw_agency"].map(|indicator| story(body, indicator).sentences().join("\n")))
        .collect();
    insta::assert_snapshot!("six authorities", told.join("\n\n"));
}

#[test]
fn a_move_lasts_until_it_is_back() {
    let slough = story("Slough", "eet_19_21");
    let [change] = slough.changes.as_slice() else { panic!("{slough}") };
    assert!(change.moved.unwrap().is_clear());
    let (back, moved) = change.faded.as_ref().unwrap();
    assert_eq!((back.year, back.value, back.whole, moved.is_clear()), (2021, 49.0, Some(52.0), false));
    // Newcombe's tenth method, worked out by hand from Wilson's limits of 34 of 89 and 49 of 100.
    let (p, q) = (34.0 / 89.0, 49.0 / 100.0);
    let of = |part, all| rating_history::estimate::ProportionInterval::Wilson.of(part, all, 1, 0.95).unwrap();
    let ((_, upper), (lower, _)) = (of(34.0, 89.0), of(49.0, 100.0));
    let limit = 100.0 * (q - p - f64::hypot(q - lower, upper - p));
    assert!((moved.lower - limit).abs() < 1e-9, "{moved:?}");
    // In Doncaster nothing moved by more than chance may do, so that nothing went back.
    assert!(story("Doncaster", "eet_19_21").changes.iter().all(|c| !c.moved.unwrap().is_clear() && c.faded.is_none()));
    // A joint figure is no value of one.
    let kingston = story("Kingston upon Thames", "sw_agency");
    assert!(kingston.points.is_empty() && kingston.missing[0].0 == Note::Joint);
}

#[test]
fn the_embedded_indicators_are_what_the_writer_makes_of_them() {
    let (england, indicators, _) = england();
    assert_eq!(indicators.values().len(), 29_486);
    assert_eq!(indicators.list().len(), 20);
    let autumn: Vec<&str> =
        indicators.list().iter().filter(|i| i.stands_on.to_string() != "31 March").map(|i| i.id.as_str()).collect();
    assert_eq!(autumn, ["sw_turnover", "sw_vacancy", "sw_agency", "sw_caseload"]);
    let checksum = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (list, values) = indicators.to_tidy("gss_code");
    let manifest = format!("{}  indicator_list.csv\n{}  indicators.csv\n", checksum(&list), checksum(&values));
    assert_eq!(manifest, dataset::INDICATOR_CHECKSUMS);
    let folder = tempfile::tempdir().unwrap();
    ofsted::write_indicators(&indicators, folder.path()).unwrap();
    let again = ofsted::read_indicators(&england, folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!((again.report.rows, again.report.left_out), (29_506, 0));
    // The source is what the list says of each.
    let first = "Source: Children looked after in England including adoptions; ";
    assert!(again.value.source().starts_with(first), "{}", again.value.source());
    assert_eq!(again.value.from_source(indicators.source()), indicators);
}

const LIST: &str = "indicator,label,unit,better,day,definition,theme\n\
                    share,A share,percent,lower,year ending 31 March,,care\n\
                    rate,A rate,per_10000,neither,30 September,,care\n";

/// What is wrong with some rows of values, as a history's reader tells it.
fn problems(values: &str) -> Vec<String> {
    let england = ofsted::england().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("indicator_list.csv"), LIST).unwrap();
    let values = format!("gss_code,indicator,year,value,numerator,denominator,note\n{values}");
    std::fs::write(folder.path().join("indicators.csv"), values).unwrap();
    match ofsted::read_indicators(&england, folder.path(), &ReadOptions::default()) {
        Ok(read) => panic!("nothing is wrong with {:?}", read.value.values()),
        Err(error) => error.problems().iter().map(|p| p.to_string().rsplit('/').next().unwrap().to_owned()).collect(),
    }
}

#[test]
fn bad_values_are_told_with_their_place() {
    let cases = [
        ("E06000039,share,2019,101,,,\n", "2: value `101`: expected a number from 0 to 100"),
        ("E06000039,share,2019,-1,,,\n", "2: value `-1`: expected a number from 0 to 100"),
        ("E06000039,rate,2019,NaN,,,\n", "2: value `NaN`: expected a number"),
        ("E06000039,share,2019,,,,\n", "2: value ``: expected a number, or in `note` why there is none"),
        ("E06000039,share,2019,5,,,low\n", "2: note `low`: expected nothing, or joint"),
        ("E06000039,share,2019,,,,joint\n", "2: value ``: expected a number, as the note stands beside one"),
        ("E06000039,share,2019,,,,supressed\n", "did you mean `suppressed`?"),
        ("E06000039,shares,2019,5,,,\n", "2: indicator `shares`: expected one of the list (did you mean `share`?)"),
        ("E06000038x,share,2019,5,,,\n", "2: gss_code `E06000038x`: expected the id of a known body or total"),
        ("E06000039,share,2019,50,6,5,\n", "2: numerator `6`: expected at most the denominator, 5"),
        ("E06000039,share,2019,50,-6,5,\n", "2: numerator `-6`: expected a number from 0 on, or nothing"),
        ("E06000039,share,soon,50,,,\n", "2: year `soon`: expected a whole number"),
        ("E06000039,share,20190,50,,,\n", "2: year `20190`: expected a year from"),
        // Barnsley by its former code and by its present one.
        (
            "E08000016,share,2019,5,,,\nE08000038,share,2019,5,,,\n",
            "3: year `2019`: expected one value of E08000038, share and a year; line 2 has it",
        ),
        // Cumbria ended on 31 March 2023, Cumberland began on the day after.
        ("E10000006,share,2024,5,,,\n", "2: year `2024`: expected a year that ended before 2023-04-01"),
        ("E06000063,share,2023,5,,,\n", "2: year `2023`: expected a year from 2023-04-01 on"),
    ];
    for (row, expected) in cases {
        let told = problems(row);
        assert!(told.len() == 1 && told[0].contains(expected), "{row}: {told:?}");
    }
    let list = "indicator,label,unit,better,day,definition,theme\nshare,,percents,low,soon,,care\n";
    let read = TidyIndicators::new("id").read(
        Source::new("list.csv", list.as_bytes()),
        Source::new("values.csv", "id,indicator,year,value,numerator,denominator,note\n".as_bytes()),
        &ReadOptions::default(),
    );
    let columns: Vec<String> = read.unwrap_err().problems().iter().map(|p| p.column.clone()).collect();
    assert_eq!(columns, ["label", "unit", "better", "day"]);
}

#[test]
fn a_lenient_reader_keeps_the_good_rows() {
    let values = "id,indicator,year,value,numerator,denominator,note\na,share,2019,5,,,\na,share,2020,500,,,\n";
    let read = TidyIndicators::new("id").read(
        Source::new("list.csv", LIST.as_bytes()),
        Source::new("values.csv", values.as_bytes()),
        &ReadOptions::lenient(),
    );
    let read = read.unwrap();
    assert_eq!((read.value.values().len(), read.report.left_out), (1, 1));
}

const RELEASE: &str = "time_period,time_identifier,geographic_level,country_code,region_code,region_name,old_la_code,\
                       new_la_code,la_name,care_leaver_age,breakdown,number,percentage\n";

/// A file of a release as the Department for Education has them, with these rows.
fn release(rows: &str) -> Result<Indicators, rating_history::Error> {
    let england = ofsted::england().unwrap();
    let text = format!("{RELEASE}{rows}");
    let measure = Measure::new("share", "percentage").numerator("number").denominator("number");
    let mapping = ofsted::explore_education_statistics()
        .unwrap()
        .keep("care_leaver_age", ["19 to 21 years"])
        .keep("breakdown", ["Total in education, employment or training"])
        .measure(measure.total("breakdown", ["Total"]));
    let again: ReleaseMapping = serde_json::from_str(&serde_json::to_string(&mapping).unwrap()).unwrap();
    assert_eq!(again, mapping);
    let (list, source) = (Source::new("list.csv", LIST.as_bytes()), Source::new("activity.csv", text.as_bytes()));
    ofsted::read_release(&england, list, source, &mapping, &ReadOptions::default()).map(|read| read.value)
}

const WORK: &str = "19 to 21 years,\"Total in education, employment or training\"";

#[test]
fn a_file_of_a_release_is_read_by_its_mapping() {
    let rows = [
        format!("2019,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},51,59"),
        "2019,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,19 to 21 years,Total,87,100".to_owned(),
        "2019,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,17 to 18 years,Total,5,100".to_owned(),
        // Two years, a former code, and the Department's own number where no code is given.
        format!("201819,Reporting year,Local authority,E92000001,E12000003,Y,370,E08000016,Barnsley,{WORK},40,50"),
        format!("2018/19,Reporting year,Local authority,E92000001,E12000006,E,881,z,Essex,{WORK},c,c"),
        format!("2019,Reporting year,Regional,E92000001,E12000008,South East,,,,{WORK},2550,54"),
        format!("2019,Reporting year,Regional,E92000001,E13000001,Inner London,,,,{WORK},999,99"),
        format!("2019,Reporting year,National,E92000001,,,,,,{WORK},15640,52"),
        format!("2019,Reporting year,Local authority,E92000001,E12000002,NW,942,E06000063,Cumberland,{WORK},x,x"),
        format!("2020,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},low,low"),
        format!("2021,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},z,z"),
        format!("2022,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},:,:"),
        format!("2023,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},u,u"),
        format!("2024,Reporting year,Local authority,E92000001,E12000008,South East,871,E06000039,Slough,{WORK},k,k"),
    ];
    let read = release(&rows.join("\n")).unwrap();
    let told: Vec<String> = read
        .values()
        .iter()
        .map(|v| {
            let number = |x: Option<f64>| x.map_or("-".to_owned(), |x| x.to_string());
            let note = v.note.map_or("", Note::code);
            format!(
                "{} {} {} {} {} {note}",
                v.body,
                v.year,
                number(v.value),
                number(v.numerator),
                number(v.denominator)
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "E06000039 2019 59 51 87 ",
            "E06000039 2020 - - - low",
            "E06000039 2021 - - - not_applicable",
            "E06000039 2022 - - - not_available",
            "E06000039 2023 - - - not_available",
            "E06000039 2024 - - - low",
            "E08000038 2019 50 40 - ",
            "E10000012 2019 - - - suppressed",
            "E12000008 2019 54 2550 - ",
            "E92000001 2019 52 15640 - ",
        ]
    );
}

#[test]
fn what_is_wrong_with_a_release_is_told_with_its_place() {
    let slough = |period: &str, code: &str, value: &str| {
        format!(
            "{period},Reporting year,Local authority,E92000001,E12000008,South East,871,{code},Slough,{WORK},5,{value}\n"
        )
    };
    let twice = [slough("2019", "E06000039", "5"), slough("201819", "E06000039", "6")].concat();
    for (rows, expected) in [
        (slough("20192", "E06000039", "5"), "activity.csv:2: time_period `20192`: expected a year as 2019"),
        (slough("201820", "E06000039", "5"), "activity.csv:2: time_period `201820`: expected a year as 2019"),
        (slough("2019", "E06000039", "c5"), "activity.csv:2: percentage `c5`: expected a number, or one of"),
        (slough("2019", "E06000039", "105"), "activity.csv:2: percentage `105`: expected a number from 0 to 100"),
        (slough("2019", "E06990039", "5"), "activity.csv:2: new_la_code `E06990039`: expected the id of a known body"),
        // Cumberland began on 1 April 2023.
        (
            slough("2019", "E06000063", "5"),
            "activity.csv:2: time_period `2019`: expected a period in which E06000063 existed",
        ),
        (twice, "activity.csv:3: time_period `201819`: expected one row of an area and a period; line 2 has it"),
    ] {
        let told = release(&rows).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    }
    let mapping = ofsted::explore_education_statistics().unwrap().measure(Measure::new("shares", "percentage"));
    let (list, source) = (Source::new("l", LIST.as_bytes()), Source::new("r", RELEASE.as_bytes()));
    let read = ofsted::read_release(&ofsted::england().unwrap(), list, source, &mapping, &ReadOptions::default());
    assert!(read.unwrap_err().to_string().contains("unknown indicator of a measure `shares` (did you mean `share`?)"));
}

#[test]
fn days_of_the_year() {
    let day: DayOfYear = "29 February".parse().unwrap();
    assert_eq!(day.in_year(2023).to_string(), "2023-02-28");
    let march: DayOfYear = "31 march".parse().unwrap();
    let before = |text: &str| march.last_before(text.parse().unwrap());
    assert_eq!([before("2019-03-31"), before("2019-04-01")], [2018, 2019]);
}

#[cfg(all(feature = "png", feature = "parquet"))]
mod command {
    use crate::example;

    fn asked(arguments: &[&str]) -> (String, String, bool) {
        let output = example("ratings", &[&["indicators"], arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.success())
    }

    #[test]
    fn the_sentence_about_slough_is_told_with_its_numbers() {
        let (table, notes, _) =
            asked(&["gap", "--authority", "Slough", "--indicator", "eet_19_21", "--group", "england"]);
        insta::assert_snapshot!("gap of Slough", format!("{table}\n{notes}"));
    }

    #[test]
    fn every_command_of_indicators_as_a_table() {
        let tables: [(&str, &[&str]); 6] = [
            ("list", &["list", "--indicator", "eet_19_21,sw_agency"]),
            ("beside", &["beside", "--authority", "Slough", "--indicator", "sw_agency"]),
            ("judgements", &["beside", "--judgements", "--authority", "Slough", "--indicator", "sw_agency"]),
            ("by grade", &["by-grade", "--indicator", "sw_agency", "--all-years"]),
            ("differences", &["by-grade", "--indicator", "sw_agency,eet_19_21", "--differences"]),
            ("around", &["around", "falls-to", "--indicator", "sw_agency"]),
        ];
        for (name, arguments) in tables {
            let (table, notes, success) = asked(arguments);
            assert!(success, "{name}: {notes}");
            insta::assert_snapshot!(format!("indicators {name}"), format!("{table}\n{notes}"));
        }
    }

    #[test]
    fn the_readme_names_the_columns() {
        let readme = include_str!("../../examples/ratings/README.md");
        for (row, arguments) in [
            ("list`", &["list"][..]),
            ("beside`", &["beside", "--authority", "Slough"]),
            ("beside --judgements`", &["beside", "--judgements", "--authority", "Slough"]),
            ("by-grade` ", &["by-grade", "--indicator", "sw_agency"]),
            ("by-grade --differences`", &["by-grade", "--differences", "--indicator", "sw_agency"]),
            ("around ", &["around", "improves", "--indicator", "sw_agency"]),
            ("gap ", &["gap", "--authority", "Slough", "--indicator", "sw_agency"]),
        ] {
            let of_command = |line: &&str| line.starts_with(&format!("| `indicators {row}"));
            let told = readme.lines().find(of_command).unwrap().trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let (answer, _, _) = asked(&[arguments, &["--format", "csv"]].concat());
            let header = answer.lines().next().unwrap();
            let shown: Vec<&str> = header.split(',').filter(|name| !name.ends_with("_precision")).collect();
            assert_eq!(told.split(", ").collect::<Vec<_>>(), shown, "{row}");
        }
    }

    #[test]
    fn pictures_are_drawn_where_they_were_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.svg");
        let out = ["--indicator", "sw_agency", "-o", file.to_str().unwrap()];
        for (arguments, title) in [
            (
                &["gap", "--authority", "Slough"][..],
                "Slough: agency social workers, 20% on 30 September 2025; England 13%",
            ),
            (
                &["around", "falls-to"][..],
                "Agency social workers: 5.6 points above the mean before a fall to inadequate, 11.5 above it two years later",
            ),
            (
                &["by-grade"][..],
                "Agency social workers: mean 27.6% under inadequate, 8% under outstanding, 2017 to 2025 together",
            ),
        ] {
            let (_, said, success) = asked(&[arguments, &out[..]].concat());
            assert!(success && said.contains(title), "{said}");
            assert!(std::fs::read_to_string(&file).unwrap().contains(&format!(">{title}</title>")));
        }
        let (_, error, _) = asked(&[&["by-grade", "--differences"], &out[..]].concat());
        assert!(error.contains("have no use with a picture"), "{error}");
        let none = ["gap", "--authority", "Kingston upon Thames"];
        let (_, error, _) = asked(&[&none, &out[..]].concat());
        assert!(error.contains("expected one with a value of its own"), "{error}");
    }

    #[test]
    fn what_cannot_be_asked_is_told() {
        let refused = [
            (&["gap", "--indicator", "eet_19_21"][..], "expected one authority: name it with --authority"),
            (&["gap", "--authority", "Slough", "--indicator", "eet_19"][..], "did you mean `eet_19_21`?"),
            (&["around", "improves", "--grade", "good"][..], "only falls-to and leaves are about a grade"),
            (&["around", "improves", "--kind", "partnership"][..], "only an event has a kind"),
            (&["around", "improves", "--region", "London"][..], "around looks at all authorities"),
            (&["around", "falls-to", "--grade", "dire"][..], "dire"),
            (&["by-grade", "--theme", "all"][..], "expected one theme with this command"),
            (&["list", "--indicators", "no/such/folder"][..], "no/such/folder/indicator_list.csv"),
        ];
        for (arguments, expected) in refused {
            let (table, error, success) = asked(arguments);
            assert!(!success && table.is_empty() && error.contains(expected), "{arguments:?}: {error}");
            assert_eq!(error.trim_end().lines().count(), 1, "{arguments:?}: {error}");
        }
    }

    #[test]
    fn own_ratings_take_their_own_indicators() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("homes.csv", "home,day,rating\nElm,2019-05-01,C\nElm,2021-05-01,A\nOak,2019-05-01,B\n");
        file(
            "indicator_list.csv",
            "indicator,label,unit,better,day,definition,theme\nfalls,Falls,number,lower,31 March,,\n",
        );
        let values =
            "authority,indicator,year,value,numerator,denominator,note\nElm,falls,2020,9,,,\nElm,falls,2022,4,,,\n";
        file("indicators.csv", values);
        let homes = folder.path().join("homes.csv");
        let here = folder.path().to_str().unwrap();
        let own = ["--data", homes.to_str().unwrap(), "--columns", "home,day,rating", "--scale", "C,B,A"];
        let (answer, _, success) =
            asked(&[&["beside", "--indicators", here, "--as-of", "2023-01-01", "--format", "csv"], &own[..]].concat());
        assert!(success);
        let grades: Vec<&str> = answer.lines().skip(1).map(|line| line.split(',').nth(11).unwrap()).collect();
        assert_eq!(grades, ["C", "A"], "{answer}");
        let (_, error, _) = asked(&[&["beside"], &own[..]].concat());
        assert!(error.contains("give those of your data with --indicators"), "{error}");
    }

    #[test]
    fn files_of_a_release_are_asked_about_by_their_mapping() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let file = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
        let known: serde_json::Value = serde_json::from_str(rating_history::dataset::RELEASE.2).unwrap();
        let mapping = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut mapping = known.clone();
            change(&mut mapping);
            file("mapping.json", &mapping.to_string());
        };
        let list = "indicator,label,unit,better,day,definition,theme,source\n\
                    work,In work,percent,higher,year ending 31 March,,care_leavers,Activity of care leavers: a.csv\n\
                    young,In work when younger,percent,higher,year ending 31 March,,care_leavers,\n";
        file("indicator_list.csv", list);
        let rows = "Activity of care leavers in England;;;;;;;;;\n\
                    time_period;geographic_level;country_code;region_code;old_la_code;new_la_code;age;breakdown;number;percentage\n\
                    201819;Local authority;E92000001;E12000008;871;E06000039;19 to 21;In work;51;59\n\
                    201819;Local authority;E92000001;E12000008;871;E06000039;19 to 21;Total;87;100\n\
                    201819;Local authority;E92000001;E12000008;871;E06000039;17 to 18;In work;c;c\n\
                    201819;National;E92000001;;;;19 to 21;In work;15640;52\n\
                    201819;National;E92000001;;;;19 to 21;Total;30000;100\n\
                    201819;Provider;E92000001;;;;19 to 21;In work;1;2\n\
                    201819;Regional;E92000001;E13000001;;;19 to 21;In work;1;2\n\
                    Source: a release;;;;;;;;;\n";
        file("activity.csv", rows);
        let measures = serde_json::json!([
            {"indicator": "work", "value": "percentage", "numerator": "number", "denominator": "number",
             "keep": {"age": ["19 to 21"]}, "total": {"breakdown": ["total"]}},
            {"indicator": "young", "value": "percentage", "keep": {"age": ["17 to 18"]}},
        ]);
        mapping(&|mapping| {
            mapping["keep"] = serde_json::json!({"breakdown": ["In work"]});
            mapping["measures"] = measures.clone();
        });
        let (activity, release) = (path("activity.csv"), path("mapping.json"));
        let own = ["--indicators", &activity, "--release", &release];
        let gap = [&["gap", "--authority", "Slough", "--format", "csv", "--group", "region"], &own[..]].concat();
        let (answer, said, success) = asked(&gap);
        assert!(success, "{said}");
        let cells = |line: usize| answer.lines().nth(line).unwrap().split(',').take(7).collect::<Vec<_>>().join(",");
        assert_eq!(
            (cells(1), cells(2)),
            ("work,2019,2019-03-31,59.0,51.0,87.0,".into(), "young,2019,2019-03-31,,,,suppressed".into())
        );
        // Two levels that nothing is asked of, and the source; totals are no values, but used.
        assert!(said.contains("3 of 8 rows left out"), "{said}");
        let (answer, said, _) = asked(&[&["list", "--format", "csv"], &own[..]].concat());
        assert!(
            answer.lines().count() == 3 && said.contains("note: Source: Activity of care leavers\n"),
            "{answer}{said}"
        );
        // The same in a workbook of rows, as JSON.
        let json = r#"[{"time_period": 2019, "geographic_level": "Local authority", "country_code": "E92000001",
            "region_code": "E12000008", "old_la_code": 871, "new_la_code": "E06000039", "age": "19 to 21", "breakdown": "In work", "number": 5, "percentage": 52.5}]"#;
        file("activity.json", json);
        let json = path("activity.json");
        let (answer, said, success) = asked(&["list", "--indicators", &json, "--release", &release, "--format", "csv"]);
        assert!(success && answer.lines().nth(1).unwrap().contains(",1,"), "{answer}{said}");

        let refused = |change: &dyn Fn(&mut serde_json::Value), expected: &str| {
            mapping(change);
            let (_, said, success) = asked(&gap);
            assert!(!success && said.contains(expected), "{said}");
            assert_eq!(said.lines().filter(|line| line.starts_with("error")).count(), 1, "{said}");
        };
        refused(&|_| (), "mapping `measures`: expected a measure");
        refused(&|mapping| mapping["years"] = "x".into(), "unknown field `years`");
        refused(
            &|mapping| {
                mapping["measures"] = measures.clone();
                mapping["header"] = 1.into();
            },
            "activity.csv:1: header `1`: expected the line with the names of the columns; line 2 looks like it",
        );
        refused(
            &|mapping| {
                mapping["measures"] = measures.clone();
                mapping["keep"] = serde_json::json!({"breakdown": ["In work", "Total"]});
            },
            "one row of an area and a period; line 3 has it, so that `keep` lacks a column",
        );
        refused(
            &|mapping| mapping["measures"] = serde_json::json!([{"indicator": "work", "value": "percent"}]),
            "`percentage`",
        );
        let (_, said, _) = asked(&["list", "--indicators", &activity]);
        assert!(said.contains("expected a folder; or say how this file is read with --release"), "{said}");
        let (_, said, _) = asked(&["list", "--release", &release]);
        assert!(said.contains("--indicators"), "{said}");
        let plain = example("ratings", &["as-of", "--data", &activity, "--layout", "explore-education-statistics"]);
        let said = String::from_utf8(plain.stderr).unwrap();
        assert!(said.contains("this one is of indicators, for `ratings indicators` with --release"), "{said}");
        let shown = example("ratings", &["layouts", "explore-education-statistics"]);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&shown.stdout).unwrap(), known);
    }
}
