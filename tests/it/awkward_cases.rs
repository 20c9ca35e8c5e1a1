//! One test for each awkward case of England's data.

use rating_history::chrono::NaiveDate;
use rating_history::ofsted::{
    self, Area, EventKind, Framework, Grade, Inspection, InspectionKind, RatingHistory, Reported, Theme,
};
use rating_history::{Clock, Precision};

fn england() -> RatingHistory {
    ofsted::england().unwrap()
}

fn inspection<'a>(history: &'a RatingHistory, id: &str) -> &'a Inspection {
    history.inspections().iter().find(|i| i.id == id).unwrap_or_else(|| panic!("no inspection {id}"))
}

fn day(text: &str) -> Option<NaiveDate> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn count(history: &RatingHistory, keep: impl Fn(&Inspection) -> bool) -> usize {
    history.inspections().iter().filter(|i| keep(i)).count()
}

/// Counts of an area's grades, worst first.
fn grades<'a>(inspections: impl Iterator<Item = &'a Inspection>, area: Area) -> [usize; 4] {
    let mut counts = [0; 4];
    for grade in inspections.filter_map(|i| i.grade(area)) {
        counts[usize::from(grade.rank())] += 1;
    }
    counts
}

#[test]
fn every_fact_is_there() {
    let england = england();
    assert_eq!(england.cut_off(), day("2026-08-20").unwrap());
    assert_eq!(england.inspections().len(), 717);
    assert_eq!(england.inspections().iter().map(|i| i.judgements.len()).sum::<usize>(), 3024);
    assert_eq!(england.authorities().len(), 158);
    assert_eq!(england.authorities().iter().filter(|a| a.exists_on(england.cut_off())).count(), 153);
    assert_eq!(england.all_neighbours().map(|(_, n)| n.len()).sum::<usize>(), 1530);
    assert!(england.all_neighbours().all(|(_, n)| n.len() == 10));
    assert_eq!(england.events().len(), 154);
    let by_framework = [163, 51, 5, 173, 1, 313, 11];
    for (framework, expected) in Framework::ALL.iter().zip(by_framework) {
        assert_eq!(count(&england, |i| i.framework == *framework), expected, "{framework}");
    }
}

#[test]
fn counts_equal_ofsteds() {
    let england = england();
    let of = |framework, kind| england.inspections().iter().filter(move |i| (i.framework, i.kind) == (framework, kind));
    assert_eq!(grades(of(Framework::Sif, InspectionKind::Full), Area::OverallEffectiveness), [33, 65, 51, 3]);
    assert_eq!(grades(of(Framework::Slac, InspectionKind::Full), Area::SafeguardingOverall), [24, 66, 57, 5]);
}

#[test]
fn two_periods_of_fieldwork_are_first_start_to_last_end() {
    let england = england();
    for (id, start, end) in [
        ("sheffield-2014-01-30-sif", "2013-11-19", "2014-01-30"),
        ("derbyshire-2019-08-08-ilacs", "2019-07-08", "2019-08-08"),
        ("south-tyneside-2023-02-15-ilacs", "2022-12-05", "2023-02-15"),
        ("devon-2025-01-16-ilacs", "2024-09-30", "2025-01-16"),
        ("coventry-2014-02-05-sif", "2014-01-28", "2014-02-05"),
        ("city-of-london-2016-07-28-sif", "", "2016-07-28"),
    ] {
        let dates = inspection(&england, id).dates;
        assert_eq!((dates.start(), dates.end()), (day(start), day(end)), "{id}");
        assert_eq!(dates.effect(), day(end).unwrap(), "{id}");
    }
}

#[test]
fn not_judged_is_no_grade_and_no_part_of_a_series() {
    let england = england();
    let not_judged: Vec<(&str, Area)> = england
        .inspections()
        .iter()
        .flat_map(|i| i.judgements.iter().filter(|j| j.grade.is_none()).map(|j| (i.id.as_str(), j.area)))
        .collect();
    let scilly = "isles-of-scilly-2016-04-28-sif";
    assert_eq!(not_judged.len(), 4);
    for case in [
        ("city-of-london-2016-07-28-sif", Area::Adoption),
        (scilly, Area::ChildrenLookedAfter),
        (scilly, Area::Adoption),
        (scilly, Area::CareLeavers),
    ] {
        assert!(not_judged.contains(&case), "{case:?}");
    }
    assert_eq!(inspection(&england, scilly).reported(Theme::Care), Reported::Absent);
}

#[test]
fn the_printed_publication_date_is_used() {
    let england = england();
    for (id, published) in [
        ("norfolk-2015-07-30-sif", "2015-10-19"),
        ("kingston-upon-hull-2014-12-10-sif", "2015-02-03"),
        ("hackney-2016-07-28-sif", "2016-09-20"),
        ("manchester-2014-07-16-sif", "2014-09-01"),
        ("stoke-on-trent-2015-06-25-sif", "2015-08-10"),
        ("west-berkshire-2015-03-25-sif", "2015-05-13"),
        ("slough-2013-12-11-sif", "2014-02-14"),
        ("nottingham-2022-07-22-ilacs", "2022-09-05"),
    ] {
        assert_eq!(inspection(&england, id).dates.published(), day(published), "{id}");
    }
}

#[test]
fn covers_count_where_footers_contradict_them() {
    let england = england();
    for (id, end) in [
        ("york-2022-03-18-ilacs", "2022-03-18"),
        ("durham-2022-05-20-ilacs", "2022-05-20"),
        ("gateshead-2024-12-06-ilacs", "2024-12-06"),
        ("westminster-2024-11-15-ilacs", "2024-11-15"),
        ("nottingham-2022-07-22-ilacs", "2022-07-22"),
        ("somerset-2026-05-01-ilacs2026", "2026-05-01"),
    ] {
        assert_eq!(inspection(&england, id).dates.end(), day(end), "{id}");
    }
}

#[test]
fn odd_tables_of_reports_were_read_right() {
    use Grade::*;
    let england = england();
    for (id, area, grade) in [
        ("wirral-2016-07-28-sif", Area::Leadership, Inadequate),
        ("wirral-2016-07-28-sif", Area::ChildrenLookedAfter, RequiresImprovement),
        ("wakefield-2018-06-15-ilacs", Area::Leadership, Inadequate),
        ("wakefield-2018-06-15-ilacs", Area::InCareAndCareLeavers, Inadequate),
        ("oldham-2015-06-18-sif", Area::Adoption, Good),
        ("oldham-2015-06-18-sif", Area::Lscb, RequiresImprovement),
        ("merton-2022-03-04-ilacs", Area::HelpAndProtection, Good),
    ] {
        assert_eq!(inspection(&england, id).grade(area), Some(grade), "{id} {area}");
    }
}

#[test]
fn earlier_words_became_adequate_and_keep_their_label() {
    let england = england();
    for (id, area) in [
        ("bury-2012-05-slac", Area::SafeguardingOverall),
        ("bury-2012-05-slac", Area::LookedAfterOverall),
        ("leicestershire-2012-05-slac", Area::SafeguardingOverall),
        ("redcar-and-cleveland-2012-07-slac", Area::SafeguardingOverall),
        ("cheshire-west-and-chester-2010-11-slac", Area::LookedAfterOverall),
    ] {
        let inspection = inspection(&england, id);
        let grade = inspection.grade(area).unwrap();
        assert_eq!(grade, Grade::RequiresImprovement, "{id}");
        assert_eq!(inspection.framework.grade_label(grade), "Adequate", "{id}");
        assert_eq!(inspection.framework.grade_code(grade), "adequate", "{id}");
    }
}

#[test]
fn one_grade_for_both_is_given_to_both_except_worcestershire() {
    let england = england();
    for id in [
        "bradford-2012-05-slac",
        "enfield-2010-05-slac",
        "isles-of-scilly-2012-05-slac",
        "nottingham-2010-12-slac",
        "southampton-2012-04-slac",
    ] {
        let inspection = inspection(&england, id);
        let (a, b) = (inspection.grade(Area::SafeguardingOverall), inspection.grade(Area::LookedAfterOverall));
        assert!(a.is_some() && a == b, "{id}");
    }
    let worcestershire = inspection(&england, "worcestershire-2010-10-slac");
    assert_eq!(worcestershire.grade(Area::SafeguardingOverall), Some(Grade::Inadequate));
    assert_eq!(worcestershire.grade(Area::LookedAfterOverall), Some(Grade::RequiresImprovement));
}

#[test]
fn coventry_2011_has_no_overall_effectiveness() {
    let england = england();
    let coventry = inspection(&england, "coventry-2011-03-slac");
    assert_eq!(coventry.judgements.len(), 2);
    assert_eq!(coventry.grade(Area::OverallEffectiveness), None);
}

#[test]
fn birmingham_2010_is_known_to_the_year_and_judged_capacity_too() {
    let england = england();
    let birmingham = inspection(&england, "birmingham-2010-slac");
    assert_eq!(birmingham.dates.precision(), Precision::Year);
    assert_eq!(birmingham.dates.to_string(), "2010");
    assert_eq!(birmingham.dates.effect(), day("2010-07-16").unwrap());
    assert!(birmingham.grade(Area::SafeguardingCapacity).is_some());
    assert!(birmingham.grade(Area::LookedAfterCapacity).is_some());
    assert_eq!(count(&england, |i| i.dates.precision() == Precision::Year), 3);
}

#[test]
fn frameworks_inferred_from_what_was_judged() {
    let england = england();
    for (id, framework) in [
        ("essex-2011-10-slac", Framework::Slac),
        ("nottinghamshire-2011-09-slac", Framework::Slac),
        ("gloucestershire-2012-02-slac", Framework::Slac),
        ("worcestershire-2012-03-slac", Framework::Slac),
        ("suffolk-2013-06-apc", Framework::Apc),
        ("isle-of-wight-2012-11-apc", Framework::Apc),
    ] {
        let inspection = inspection(&england, id);
        assert_eq!(inspection.framework, framework, "{id}");
        assert_eq!(inspection.judgements.len(), 1, "{id}");
    }
}

#[test]
fn months_that_reports_contradict_are_the_first_stated() {
    let england = england();
    for (id, text) in [
        ("isle-of-wight-2012-11-apc", "November 2012"),
        ("isle-of-wight-2010-09-slac", "September 2010"),
        ("portsmouth-2011-05-slac", "May 2011"),
        ("rochdale-2010-07-slac", "July 2010"),
        ("suffolk-2013-06-apc", "June 2013"),
        ("gloucestershire-2012-02-slac", "February 2012"),
        ("kent-2013-07-19-lac", "19 July 2013"),
    ] {
        assert_eq!(inspection(&england, id).dates.to_string(), text, "{id}");
    }
}

#[test]
fn publication_stands_in_for_unknown_fieldwork() {
    let england = england();
    for (id, date) in [
        ("essex-2011-10-slac", "2011-09-29"),
        ("blackpool-2012-07-13-apc", "2012-07-13"),
        ("northamptonshire-2019-07-29-ilacs", "2019-07-29"),
        ("cumbria-2022-11-15-ilacs", "2022-11-15"),
    ] {
        let dates = inspection(&england, id).dates;
        assert_eq!(dates.end(), None, "{id}");
        assert_eq!((dates.effect(), dates.known()), (day(date).unwrap(), day(date).unwrap()), "{id}");
        assert!(dates.to_string().starts_with("published "), "{id}");
    }
    assert!(england.inspections().iter().all(|i| i.dates.published().is_some() || i.dates.end().is_some()));
}

#[test]
fn imprecise_inspections_count_no_later_than_their_publication() {
    let england = england();
    let early = |i: &Inspection| i.dates.end().is_some_and(|end| i.dates.effect() < end);
    assert_eq!(count(&england, early), 73);
    for inspection in england.inspections().iter().filter(|i| early(i)) {
        assert_ne!(inspection.dates.precision(), Precision::Day);
        assert_eq!(Some(inspection.dates.on(Clock::Effect)), inspection.dates.published());
    }
}

#[test]
fn warrington_was_inspected_twice_on_one_day() {
    let england = england();
    let warrington = england.find("Warrington").unwrap().code.clone();
    let same_day: Vec<&Inspection> =
        england.inspections_of(&warrington).iter().filter(|i| i.dates.effect() == day("2011-02-25").unwrap()).collect();
    assert_eq!(same_day.len(), 2);
    assert_eq!(same_day[0].grade(Area::LookedAfterOverall), same_day[1].grade(Area::LookedAfterOverall));
}

#[test]
fn second_sif_inspections_are_reinspections_whatever_their_title() {
    let england = england();
    for id in
        ["slough-2015-12-17-sif", "leicester-2017-07-13-sif", "lambeth-2018-02-22-sif", "darlington-2018-03-22-sif"]
    {
        assert_eq!(inspection(&england, id).kind, InspectionKind::Reinspection, "{id}");
    }
    assert_eq!(count(&england, |i| (i.framework, i.kind) == (Framework::Sif, InspectionKind::Reinspection)), 21);
}

#[test]
fn short_inspections_follow_a_good_or_outstanding_grade() {
    let england = england();
    let mut checked = 0;
    for pair in england.inspections().windows(2) {
        let earlier = pair[0].grade(Area::OverallEffectiveness);
        if pair[1].framework == Framework::Ilacs && pair[1].kind == InspectionKind::Short && earlier.is_some() {
            assert!(earlier >= Some(Grade::Good), "{}", pair[1].id);
            checked += 1;
        }
    }
    assert!(checked > 100);
    let wiltshire = inspection(&england, "wiltshire-2019-06-19-ilacs");
    let scilly = inspection(&england, "isles-of-scilly-2023-07-13-ilacs");
    let merton = inspection(&england, "merton-2022-03-04-ilacs");
    assert_eq!(
        (wiltshire.kind, scilly.kind, merton.kind),
        (InspectionKind::Standard, InspectionKind::Short, InspectionKind::Short)
    );
}

#[test]
fn care_and_care_leavers_are_one_grade_before_2023() {
    let england = england();
    let combined = |i: &Inspection| i.grade(Area::InCareAndCareLeavers).is_some();
    assert_eq!(count(&england, combined), 168);
    assert_eq!(count(&england, |i| i.framework == Framework::Ilacs && i.grade(Area::InCare).is_some()), 145);
    let straddling = inspection(&england, "south-tyneside-2023-02-15-ilacs");
    assert!(combined(straddling));
    assert_eq!(straddling.reported(Theme::Care), straddling.reported(Theme::CareLeavers));
}

#[test]
fn no_overall_grade_since_april_2026() {
    let england = england();
    let april = day("2026-04-01").unwrap();
    for inspection in england.inspections() {
        let ended = inspection.reported(Theme::Headline) == Reported::NotReported;
        assert_eq!(ended, inspection.dates.effect() >= april, "{}", inspection.id);
    }
}

#[test]
fn the_one_review_of_a_board_alone_is_no_headline() {
    let england = england();
    let surrey = inspection(&england, "surrey-2015-06-17-lscb");
    assert_eq!(surrey.kind, InspectionKind::LscbReview);
    assert_eq!(surrey.reported(Theme::Headline), Reported::Absent);
    assert!(matches!(surrey.reported(Theme::Lscb), Reported::Graded { area: Area::Lscb, .. }));
    let late = inspection(&england, "surrey-2014-11-12-sif").dates;
    assert_eq!((late.known() - late.effect()).num_days(), 203);
}

#[test]
fn shared_boards_appear_under_each_authority() {
    let england = england();
    for (a, b) in [
        ("cornwall-2016-05-06-sif", "isles-of-scilly-2016-04-28-sif"),
        ("city-of-london-2016-07-28-sif", "hackney-2016-07-28-sif"),
    ] {
        let (a, b) = (inspection(&england, a).grade(Area::Lscb), inspection(&england, b).grade(Area::Lscb));
        assert!(a.is_some() && a == b);
    }
}

#[test]
fn abolished_councils_have_an_end_and_successors() {
    let england = england();
    for (name, closed, successors) in [
        ("Bournemouth", "2019-04-01", &["E06000058"][..]),
        ("Poole", "2019-04-01", &["E06000058"]),
        ("Dorset (county, to 2019)", "2019-04-01", &["E06000058", "E06000059"]),
        ("Northamptonshire", "2021-04-01", &["E06000061", "E06000062"]),
        ("Cumbria", "2023-04-01", &["E06000063", "E06000064"]),
    ] {
        let authority = england.find(name).unwrap();
        let codes: Vec<&str> = authority.successors.iter().map(|s| s.as_str()).collect();
        assert_eq!((authority.closed, codes.as_slice()), (day(closed), successors), "{name}");
        let last = england.inspections_of(&authority.code).last().unwrap();
        assert!(Some(last.dates.known()) < authority.closed, "{name}");
        for successor in &authority.successors {
            let successor = england.authority(successor).unwrap();
            let first = &england.inspections_of(&successor.code)[0];
            assert!(successor.opened.unwrap() >= authority.closed.unwrap(), "{name}");
            assert!(first.dates.effect() > successor.opened.unwrap(), "{name}: a successor starts unrated");
        }
    }
}

#[test]
fn a_former_code_finds_the_council() {
    let england = england();
    for (former, name) in [
        ("E10000002", "Buckinghamshire"),
        ("E10000027", "Somerset"),
        ("E10000023", "North Yorkshire"),
        ("E08000016", "Barnsley"),
        ("E08000019", "Sheffield"),
        ("E08000020", "Gateshead"),
        ("E06000048", "Northumberland"),
    ] {
        assert_eq!(england.find(former).unwrap().name, name);
    }
    for (part, name) in
        [("Hull", "Kingston upon Hull"), ("Telford", "Telford and Wrekin"), ("871", "Slough"), ("Wok", "Wokingham")]
    {
        assert_eq!(england.find(part).unwrap().name, name);
    }
    for part in ["Cheshire", "Sou", "x", "", "Berkshire", "London", "Kingston", "40"] {
        assert!(england.find(part).is_err(), "{part}");
    }
}

#[test]
fn before_june_2013_only_overall_grades_are_known() {
    let england = england();
    let june = day("2013-06-01").unwrap();
    for inspection in england.inspections().iter().filter(|i| i.dates.effect() < june) {
        assert!(inspection.reported(Theme::HelpAndProtection) == Reported::Absent, "{}", inspection.id);
        assert!(inspection.reported(Theme::Leadership) == Reported::Absent, "{}", inspection.id);
    }
}

#[test]
fn parts_below_the_overall_grade_are_possible() {
    let england = england();
    let slough = inspection(&england, "slough-2023-02-03-ilacs");
    assert_eq!(slough.grade(Area::OverallEffectiveness), Some(Grade::RequiresImprovement));
    assert_eq!(slough.grade(Area::Leadership), Some(Grade::Inadequate));
}

#[test]
fn events_keep_their_precision_and_scope() {
    let england = england();
    let slough = england.find("Slough").unwrap().code.clone();
    let trust = england.events_of(&slough).find(|e| e.label.contains("Trust takes over")).unwrap();
    assert_eq!((Some(trust.start), trust.end), (day("2015-10-01"), day("2021-04-01")));
    assert_eq!(england.events().iter().map(|e| &e.authority).collect::<std::collections::HashSet<_>>().len(), 52);
    let notices = england.events().iter().filter(|e| e.kind == EventKind::ImprovementNotice);
    assert_eq!(notices.count(), 26);
}
