//! What inspectors asked for and who looked in between: the figures of the analysis, and every query against plain loops.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rating_history::chrono::NaiveDate;
use rating_history::estimate::ProportionInterval;
use rating_history::ofsted::{
    self, Area, AskGroup, AskPair, AskStatus, AskedAgain, Asks, Covered, Framework, Grade, Inspection, PriorityAction,
    RatingHistory, SelfAssessmentView, Theme, VisitKind,
};
use rating_history::{Clock, Ratings};

static ENGLAND: LazyLock<RatingHistory> = LazyLock::new(|| ofsted::england_with_reports().unwrap());

fn england() -> &'static RatingHistory {
    &ENGLAND
}

fn asks(ratings: Ratings) -> Asks {
    england().asks(&ratings).unwrap()
}

fn all() -> Ratings {
    england().ratings().unwrap()
}

fn ilacs() -> Ratings {
    all().only("framework", ["ILACS"]).unwrap()
}

fn both_ilacs() -> Ratings {
    all().only("framework", ["ILACS", "ILACS2026"]).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An inspection as the loops see it.
struct Seen {
    inspection: Inspection,
    date: NaiveDate,
    topics: Option<BTreeSet<String>>,
    asks: u32,
}

/// The inspections that some ratings count, authority by authority, in order; boards' reviews left out.
fn seen(ratings: &Ratings, keep: &dyn Fn(&Inspection) -> bool) -> Vec<Vec<Seen>> {
    let england = england();
    let facts = england.report_facts();
    let clock = ratings.counted_by();
    let mut by_authority: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for inspection in england.inspections() {
        let date = inspection.dates.on(clock);
        let closed = england.authority(&inspection.authority).unwrap().closed;
        let counts = date <= ratings.day() && closed.is_none_or(|closed| date < closed);
        if inspection.framework == Framework::Lscb || !counts || !keep(inspection) {
            continue;
        }
        let own: Vec<_> = facts.improvements.iter().filter(|i| i.inspection == inspection.id).collect();
        let own: Vec<_> = own.into_iter().filter(|i| i.area != Some(Area::Lscb)).collect();
        let topics = own.iter().flat_map(|i| [Some(i.topic.clone()), i.second_topic.clone()]).flatten().collect();
        by_authority.entry(inspection.authority.to_string()).or_default().push(Seen {
            date,
            topics: facts.read.contains(&inspection.id).then_some(topics),
            asks: own.len() as u32,
            inspection: inspection.clone(),
        });
    }
    for list in by_authority.values_mut() {
        list.sort_by(|a, b| {
            let key = |s: &Seen| (s.date, s.inspection.dates.published(), s.inspection.id.clone());
            key(a).cmp(&key(b))
        });
    }
    by_authority.into_values().collect()
}

fn family(framework: Framework) -> Framework {
    if framework == Framework::Ilacs2026 { Framework::Ilacs } else { framework }
}

/// Runs of inspections that were all read.
fn runs(lists: &[Vec<Seen>], length: usize, within: bool) -> Vec<Vec<&Seen>> {
    let mut found = Vec::new();
    for list in lists {
        for from in 0..list.len() {
            let run: Vec<&Seen> = list[from..].iter().take(length).collect();
            let first = family(run[0].inspection.framework);
            let alike = run.iter().all(|s| !within || family(s.inspection.framework) == first);
            if run.len() == length && alike && run.iter().all(|s| s.topics.is_some()) {
                found.push(run);
            }
        }
    }
    found
}

fn asked(seen: &Seen, topic: &str) -> bool {
    seen.topics.as_ref().is_some_and(|topics| topics.contains(topic))
}

fn again_by_loops(lists: &[Vec<Seen>], length: usize, within: bool) -> BTreeMap<String, [u32; 6]> {
    let runs = runs(lists, length, within);
    let mut counts = BTreeMap::new();
    for topic in &england().report_facts().topics {
        let mut row = [0; 6];
        for run in &runs {
            let (last, before) = run.split_last().unwrap();
            let (before, last) = (before.iter().all(|s| asked(s, &topic.code)), asked(last, &topic.code));
            row[0] += 1;
            row[1] += u32::from(before);
            row[2] += u32::from(before && last);
            row[3] += u32::from(before && !last);
            row[4] += u32::from(!before);
            row[5] += u32::from(!before && last);
        }
        if row[0] > 0 {
            counts.insert(topic.code.clone(), row);
        }
    }
    counts
}

fn counts(rows: &[AskedAgain]) -> BTreeMap<String, [u32; 6]> {
    let of = |r: &AskedAgain| (r.topic.clone(), [r.runs, r.asked, r.again, r.dropped, r.not_asked, r.newly]);
    rows.iter().map(of).collect()
}

fn row<'a>(rows: &'a [AskedAgain], topic: &str) -> &'a AskedAgain {
    rows.iter().find(|r| r.topic == topic).unwrap()
}

fn percent(share: f64) -> i64 {
    (100.0 * share).round() as i64
}

/// Whether limits are Wilson's as the estimates have them.
fn is_wilson(part: u32, all: u32, lower: f64, upper: f64) -> bool {
    let (low, high) = ProportionInterval::Wilson.of(f64::from(part), f64::from(all), 1, 0.95).unwrap();
    (low - lower).abs() < 1e-9 && (high - upper).abs() < 1e-9
}

#[test]
fn asked_again_as_the_analysis_found() {
    let rows = asks(all()).again(2, false).rows().unwrap();
    let figures = |topic: &str| {
        let r = row(&rows, topic);
        (r.runs, r.again, r.asked, percent(r.share_again.unwrap()), percent(r.share_new.unwrap()))
    };
    assert_eq!(figures("management_oversight_supervision"), (335, 126, 218, 58, 38));
    assert_eq!(figures("plans"), (335, 98, 212, 46, 43));
    assert_eq!(figures("assessments"), (335, 67, 178, 38, 22));
    assert_eq!(figures("exploitation_missing"), (335, 46, 154, 30, 20));
    assert_eq!(figures("placement_sufficiency"), (335, 34, 106, 32, 20));
    assert_eq!(figures("care_leaver_offer"), (335, 34, 105, 32, 24));
    assert_eq!(figures("permanence"), (335, 32, 107, 30, 15));
    assert_eq!(figures("private_fostering"), (335, 21, 83, 25, 14));
    let three = asks(all()).again(3, false).rows().unwrap();
    let oversight = row(&three, "management_oversight_supervision");
    assert_eq!((oversight.again, oversight.runs), (48, 184));
    let ilacs = asks(both_ilacs()).again(2, false).rows().unwrap();
    let oversight = row(&ilacs, "management_oversight_supervision");
    assert_eq!((oversight.again, oversight.asked, oversight.runs), (48, 92, 168));
    let pairs = asks(all()).pairs(false).rows().unwrap();
    assert_eq!((pairs.len(), pairs.iter().filter(|p| p.again > 0).count()), (335, 274));
    let pairs = asks(both_ilacs()).pairs(false).rows().unwrap();
    assert_eq!((pairs.len(), pairs.iter().filter(|p| p.again > 0).count()), (168, 121));
    let most = pairs.iter().max_by_key(|p| p.again).unwrap();
    assert_eq!((most.name.as_deref(), most.again), (Some("Bradford"), 9));
}

#[test]
fn by_grade_as_the_analysis_found() {
    let rows = asks(all()).by_grade(Theme::Headline).rows().unwrap();
    let of = |framework| rows.iter().filter(move |r| r.framework == framework);
    let mean = |value: f64| format!("{value:.1}");
    let any: Vec<String> = of(Framework::Ilacs).map(|r| mean(r.mean_of_any.unwrap())).collect();
    assert_eq!(any, ["9.9", "6.3", "3.6", "1.8"]);
    assert_eq!(mean(of(Framework::Ilacs).next_back().unwrap().mean), "1.7");
    let sif: Vec<String> = of(Framework::Sif).map(|r| mean(r.mean)).collect();
    assert_eq!(sif, ["19.9", "15.5", "8.9", "3.7"]);
    let ranges: Vec<(u32, u32)> = of(Framework::Ilacs).map(|r| (r.least, r.most)).collect();
    assert_eq!(ranges, [(6, 15), (4, 13), (1, 7), (0, 4)]);
    let views: Vec<[u32; 6]> = of(Framework::Ilacs)
        .map(|r| [r.inspections, r.accurate, r.partly, r.inaccurate, r.neutral, r.not_mentioned])
        .collect();
    assert_eq!(views, [[34, 2, 7, 7, 0, 18], [78, 16, 13, 2, 2, 45], [127, 60, 9, 0, 3, 55], [71, 46, 0, 0, 1, 24]]);
}

#[test]
fn lists_do_not_tell_a_fall() {
    let signs = asks(all()).before_falls(Theme::Headline, Grade::RequiresImprovement).rows().unwrap();
    let topics = signs.iter().filter(|s| !s.sign.starts_with("self_assessment")).count();
    assert_eq!(topics, 49);
    assert!(signs.iter().all(|s| (s.with + s.without, s.with_fell + s.without_fell) == (264, 50)));
    let apart: Vec<&str> = signs
        .iter()
        .filter(|s| s.difference_lower > 0.0 || s.difference_upper < 0.0)
        .map(|s| s.sign.as_str())
        .collect();
    assert!(apart.contains(&"equality_identity") && apart.len() <= 3, "{apart:?}");
    let signs = asks(both_ilacs()).before_falls(Theme::Headline, Grade::Good).rows().unwrap();
    assert_eq!(signs.iter().filter(|s| !s.sign.starts_with("self_assessment")).count(), 18);
    let quality = signs.iter().find(|s| s.sign == "quality_assurance").unwrap();
    assert_eq!((quality.with_fell, quality.with, quality.without_fell, quality.without), (4, 9, 11, 78));
    assert!(asks(all()).before_falls(Theme::Headline, Grade::Inadequate).rows().is_err());
}

#[test]
fn topics_by_grade_as_the_analysis_found() {
    let rows = asks(ilacs()).topics(Some(AskGroup::Grade(Theme::Headline))).rows().unwrap();
    let of = |topic: &str| -> Vec<(u32, u32)> {
        let own = rows.iter().filter(|r| r.topic == topic);
        own.map(|r| (r.asked, r.inspections)).collect()
    };
    assert_eq!(of("management_oversight_supervision"), [(34, 34), (56, 78), (47, 127), (13, 71)]);
    assert_eq!(of("care_leaver_offer"), [(15, 34), (25, 78), (30, 127), (10, 71)]);
    assert_eq!(of("permanence"), [(15, 34), (25, 78), (12, 127), (4, 71)]);
    let shares = |from: &str, to: &str, topic: &str| {
        let rows = asks(both_ilacs()).between(Some(day(from)), Some(day(to))).topics(None).rows().unwrap();
        let row = rows.into_iter().find(|r| r.topic == topic).unwrap();
        (row.inspections, percent(row.share))
    };
    assert_eq!(shares("2018-01-01", "2020-12-31", "care_leaver_offer"), (101, 21));
    assert_eq!(shares("2023-01-01", "2026-12-31", "care_leaver_offer"), (157, 31));
    assert_eq!(shares("2018-01-01", "2020-12-31", "plans").1, 62);
    assert_eq!(shares("2023-01-01", "2026-12-31", "plans").1, 32);
}

#[test]
fn asked_again_is_what_loops_count() {
    let published = || all().clock(Clock::Published).as_of(day("2022-06-30"));
    type Kept<'a> = &'a dyn Fn(&Inspection) -> bool;
    let cases: [(Ratings, Kept<'_>); 3] =
        [(all(), &|_| true), (ilacs(), &|i| i.framework == Framework::Ilacs), (published(), &|_| true)];
    for (ratings, keep) in cases {
        let lists = seen(&ratings, keep);
        for (length, within) in [(2, false), (2, true), (3, false), (4, true)] {
            let rows = asks(ratings.clone()).again(length, within).rows().unwrap();
            assert_eq!(counts(&rows), again_by_loops(&lists, length, within), "{length} {within}");
            for r in &rows {
                if let (Some(lower), Some(upper)) = (r.share_again_lower, r.share_again_upper) {
                    assert!(is_wilson(r.again, r.asked, lower, upper), "{}", r.topic);
                }
                assert_eq!(r.share_again.is_none(), r.asked == 0);
            }
        }
        let pairs = asks(ratings.clone()).pairs(false).rows().unwrap();
        let told: Vec<(String, String, u32, u32, u32)> = pairs
            .iter()
            .map(|p| (p.previous_inspection.clone(), p.inspection.clone(), p.again, p.dropped, p.newly))
            .collect();
        let by_loops: Vec<(String, String, u32, u32, u32)> = runs(&lists, 2, false)
            .into_iter()
            .map(|run| {
                let (a, b) = (run[0].topics.as_ref().unwrap(), run[1].topics.as_ref().unwrap());
                let count = |n: usize| n as u32;
                (
                    run[0].inspection.id.clone(),
                    run[1].inspection.id.clone(),
                    count(a.intersection(b).count()),
                    count(a.difference(b).count()),
                    count(b.difference(a).count()),
                )
            })
            .collect();
        assert_eq!(told, by_loops);
    }
    assert!(asks(all()).again(1, false).rows().is_err());
}

#[test]
fn the_course_is_what_loops_find() {
    let lists = seen(&all(), &|_| true);
    let mut by_loops = BTreeSet::new();
    for list in &lists {
        for (n, now) in list.iter().enumerate() {
            let Some(topics) = &now.topics else { continue };
            let before = n.checked_sub(1).and_then(|n| list[n].topics.as_ref());
            let empty = BTreeSet::new();
            for topic in topics.union(before.unwrap_or(&empty)) {
                let status = match (before.map(|b| b.contains(topic)), topics.contains(topic)) {
                    (None, _) => AskStatus::Asked,
                    (Some(true), true) => AskStatus::Again,
                    (Some(true), false) => AskStatus::Dropped,
                    (Some(false), _) => AskStatus::New,
                };
                by_loops.insert((now.inspection.id.clone(), topic.clone(), status));
            }
        }
    }
    let rows = asks(all()).course().rows().unwrap();
    let told: BTreeSet<_> = rows.iter().map(|r| (r.inspection.clone(), r.topic.clone(), r.status)).collect();
    assert_eq!(rows.len(), told.len());
    assert_eq!(told, by_loops);
    let again: u32 = asks(all()).pairs(false).rows().unwrap().iter().map(|p| p.again).sum();
    assert_eq!(rows.iter().filter(|r| r.status == AskStatus::Again).count(), again as usize);
}

#[test]
fn topics_are_what_loops_count() {
    let england = england();
    let region = |s: &Seen| england.authority(&s.inspection.authority).unwrap().region.code().to_owned();
    let grade = |s: &Seen| s.inspection.grade(Area::Leadership).map(|g| g.code().to_owned());
    type Group<'a> = &'a dyn Fn(&Seen) -> Option<String>;
    let cases: [(Option<AskGroup>, Group<'_>); 5] = [
        (None, &|_| Some(String::new())),
        (Some(AskGroup::Framework), &|s| Some(s.inspection.framework.code().to_owned())),
        (Some(AskGroup::Grade(Theme::Leadership)), &grade),
        (Some(AskGroup::Region), &|s| Some(region(s))),
        (Some(AskGroup::Year), &|s| Some(s.date.format("%Y").to_string())),
    ];
    let lists = seen(&all(), &|_| true);
    for (by, group) in cases {
        let mut by_loops: BTreeMap<(String, String), (u32, u32)> = BTreeMap::new();
        for seen in lists.iter().flatten().filter(|s| s.topics.is_some()) {
            let Some(group) = group(seen) else { continue };
            for topic in &england.report_facts().topics {
                let count = by_loops.entry((group.clone(), topic.code.clone())).or_default();
                count.0 += u32::from(asked(seen, &topic.code));
                count.1 += 1;
            }
        }
        let rows = asks(all()).topics(by).rows().unwrap();
        let told = rows.iter().map(|r| {
            assert!(is_wilson(r.asked, r.inspections, r.share_lower, r.share_upper));
            ((r.group.clone().unwrap_or_default(), r.topic.clone()), (r.asked, r.inspections))
        });
        assert_eq!(told.collect::<BTreeMap<_, _>>(), by_loops, "{by:?}");
    }
}

#[test]
fn grades_and_signs_are_what_loops_count() {
    let england = england();
    let facts = england.report_facts();
    let view = |id: &str| facts.self_assessments.iter().find(|s| s.inspection == id).map(|s| s.view);
    let lists = seen(&all(), &|_| true);
    let mut by_loops: BTreeMap<(Framework, Grade), [u32; 5]> = BTreeMap::new();
    for seen in lists.iter().flatten().filter(|s| s.topics.is_some()) {
        let Some(grade) = seen.inspection.grade(Area::HelpAndProtection) else { continue };
        let row = by_loops.entry((seen.inspection.framework, grade)).or_default();
        let view = view(&seen.inspection.id);
        row[0] += 1;
        row[1] += seen.asks;
        row[2] += u32::from(seen.asks == 0);
        row[3] += u32::from(view == Some(SelfAssessmentView::Accurate));
        row[4] += u32::from(view.is_none());
    }
    let rows = asks(all()).by_grade(Theme::HelpAndProtection).rows().unwrap();
    let told = rows.iter().map(|r| {
        let grade: Grade = r.grade.parse().unwrap();
        ((r.framework, grade), [r.inspections, r.asks, r.without, r.accurate, r.not_mentioned])
    });
    assert_eq!(told.collect::<BTreeMap<_, _>>(), by_loops);

    let mut signs: BTreeMap<String, [u32; 4]> = BTreeMap::new();
    for run in runs(&lists, 2, false) {
        let grade = |s: &Seen| s.inspection.grade(Area::OverallEffectiveness);
        let (Some(before), Some(after)) = (grade(run[0]), grade(run[1])) else { continue };
        if before < Grade::RequiresImprovement {
            continue;
        }
        let fell = u32::from(after < before);
        let said = view(&run[0].inspection.id).map_or("not_mentioned", |v| v.code());
        let views = SelfAssessmentView::ALL.iter().map(|v| v.code()).chain(["not_mentioned"]);
        let views = views.map(|view| (format!("self_assessment {view}"), said == view));
        let topics = facts.topics.iter().map(|t| (t.code.clone(), asked(run[0], &t.code)));
        for (sign, is) in topics.chain(views) {
            let row = signs.entry(sign).or_default();
            let at = if is { 0 } else { 2 };
            row[at] += 1;
            row[at + 1] += fell;
        }
    }
    signs.retain(|_, row| row[0] >= 8 && row[2] >= 8);
    let rows = asks(all()).before_falls(Theme::Headline, Grade::RequiresImprovement).rows().unwrap();
    let told = rows.iter().map(|r| (r.sign.clone(), [r.with, r.with_fell, r.without, r.without_fell]));
    assert_eq!(told.collect::<BTreeMap<_, _>>(), signs);
    for r in &rows {
        assert_eq!(r.tests as usize, rows.len());
        assert!(is_wilson(r.with_fell, r.with, r.share_with_lower, r.share_with_upper));
        let (p, q) = (r.share_with, r.share_without);
        let below = ((p - r.share_with_lower).powi(2) + (r.share_without_upper - q).powi(2)).sqrt();
        let above = ((r.share_with_upper - p).powi(2) + (q - r.share_without_lower).powi(2)).sqrt();
        assert!((r.difference_lower - (p - q - below)).abs() < 1e-12);
        assert!((r.difference_upper - (p - q + above)).abs() < 1e-12);
    }
}

#[test]
fn the_list_is_all_that_was_asked() {
    let england = england();
    let rows = asks(all()).list().rows().unwrap();
    let told: BTreeSet<_> = rows.iter().map(|r| (r.inspection.clone(), r.number, r.topic.clone())).collect();
    let facts = england.report_facts();
    let all_of: BTreeSet<_> =
        facts.improvements.iter().map(|i| (i.inspection.clone(), i.number, i.topic.clone())).collect();
    assert_eq!(told, all_of);
    let numbers: Vec<u32> = rows.iter().filter(|r| r.inspection == "slough-2013-12-11-sif").map(|r| r.number).collect();
    assert_eq!(numbers, (1..=27).collect::<Vec<u32>>()); // 21 of the authority, 6 of the board
    let plain = ofsted::england().unwrap();
    assert!(plain.asks(&all()).is_err() && plain.between_inspections(&all()).is_err());
}

fn slough() -> Vec<AskPair> {
    asks(all().bodies_only(["E06000039"]).unwrap()).pairs(false).rows().unwrap()
}

#[test]
fn slough_is_asked_again() {
    let pairs = slough();
    let counts: Vec<u32> = pairs.iter().map(|p| p.again).collect();
    assert_eq!(counts, [12, 5, 2]);
    let topics = |n: usize| -> BTreeSet<&str> { pairs[n].topics_again.as_deref().unwrap().split(';').collect() };
    let five = [
        "exploitation_missing",
        "placement_sufficiency",
        "plans",
        "strategy_meetings_enquiries",
        "workforce_stability",
    ];
    assert_eq!(topics(1), five.into());
    assert_eq!(topics(2), ["homeless_16_17", "private_fostering"].into());
    let views: Vec<_> = pairs.iter().map(|p| p.view).collect();
    assert_eq!(views, [None, Some(SelfAssessmentView::Accurate), Some(SelfAssessmentView::Partly)]);
}

#[cfg(all(feature = "png", feature = "parquet"))]
#[test]
fn the_command_says_so_of_slough() {
    let output = crate::example("ratings", &["asks", "again", "--authority", "Slough", "--format", "csv"]);
    assert!(output.status.success());
    let table = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[1].starts_with("E06000039,Slough,2013-12-11,2015-12-17,12,11,8,,"), "{table}");
    assert!(lines[2].starts_with("E06000039,Slough,2015-12-17,2019-02-01,5,15,4,accurate,"), "{table}");
    assert!(lines[3].starts_with("E06000039,Slough,2019-02-01,2023-02-03,2,7,6,partly,"), "{table}");
    let said = String::from_utf8(output.stderr).unwrap();
    for sentence in [
        "note: Slough, 11 December 2013 and 17 December 2015: both asked for 12 topics (",
        "both asked for 5 topics (Strategy meetings and child protection enquiries; Quality and progress of plans;",
        "both asked for 2 topics (Private fostering; Homeless 16- and 17-year-olds); 7 topics of the earlier inspection were \
         not asked for again, 6 topics of the later one were new. The later report calls the self-assessment partly accurate.",
        "The later report does not mention the self-assessment.",
        "The later report calls the self-assessment accurate.",
        "note: Topics and views were coded from the reports by the makers of these data, not by Ofsted",
        "note: Lists became shorter",
        "note: Slough: as known on 20 August 2026; inspected again in July 2026",
    ] {
        assert!(said.contains(sentence), "{said}\nexpected {sentence}");
    }
}

#[cfg(all(feature = "png", feature = "parquet"))]
#[test]
fn commands_tell_what_is_not_known() {
    let said = |arguments: &[&str]| {
        let output = crate::example("ratings", arguments);
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (_, told) = said(&["asks", "list", "--authority", "North Lincolnshire"]);
    assert!(told.contains("North Lincolnshire: the inspection of 14 October 2022 asked for nothing."), "{told}");
    assert!(told.contains("not known, as their reports were not read: North Lincolnshire"), "{told}");
    let (_, told) = said(&["visits", "--authority", "Slough"]);
    assert!(told.contains("Focused visits: all from 1 January 2018 to 3 February 2026."), "{told}");
    assert!(told.contains("A visit without a row is unknown, not absent"), "{told}");
    let (done, told) = said(&["asks", "topics", "--topic", "planz"]);
    assert!(!done && told.contains("unknown topic `planz` (did you mean `plans`?)"), "{told}");
    let (done, told) = said(&["asks", "again", "--from", "2020-01-01", "--to", "2019-01-01"]);
    assert!(!done && told.contains("--to `2019-01-01`: expected a day not before 2020-01-01"), "{told}");
}

#[test]
fn visits_stand_between_the_inspections_that_loops_find() {
    let england = england();
    let ratings = all();
    let rows = england.between_inspections(&ratings).unwrap().visits().rows().unwrap();
    assert_eq!(rows.len(), england.report_facts().visits.len());
    for r in &rows {
        let visit = england.report_facts().visits.iter().find(|v| v.id == r.visit).unwrap();
        let of: Vec<&Inspection> = england
            .inspections()
            .iter()
            .filter(|i| i.authority == visit.authority && i.framework != Framework::Lscb)
            .collect();
        let date = visit.day().unwrap();
        let before = of.iter().rev().find(|i| i.dates.effect() <= date);
        let after = of.iter().find(|i| i.dates.effect() > date);
        assert_eq!(r.previous_inspection.as_deref(), before.map(|i| i.id.as_str()), "{}", r.visit);
        assert_eq!(r.next_inspection.as_deref(), after.map(|i| i.id.as_str()), "{}", r.visit);
        assert_eq!(r.days_since, before.map(|i| (date - i.dates.effect()).num_days()));
        assert_eq!(r.days_to, after.map(|i| (i.dates.effect() - date).num_days()));
    }
    let priority = rows.iter().filter(|r| r.priority_action == Some(PriorityAction::Yes));
    let count = |kind| priority.clone().filter(|r| r.kind == kind).count();
    assert_eq!((count(VisitKind::Focused), count(VisitKind::Jtai), count(VisitKind::Monitoring)), (22, 8, 0));
    let then = ratings.clone().published_by(day("2022-03-31"));
    let rows = england.between_inspections(&then).unwrap().visits().rows().unwrap();
    let known = england.report_facts().visits.iter().filter(|v| v.published.or(v.day()).unwrap() <= day("2022-03-31"));
    assert_eq!(rows.len(), known.count());
}

#[test]
fn after_inadequate_is_what_loops_find() {
    let england = england();
    let ratings = all();
    let rows = england.between_inspections(&ratings).unwrap().after_inadequate(Theme::Headline).rows().unwrap();
    let mut expected = 0;
    for authority in england.authorities() {
        let own: Vec<&Inspection> =
            england.inspections_of(&authority.code).iter().filter(|i| i.framework != Framework::Lscb).collect();
        for (n, inspection) in own.iter().enumerate() {
            let graded = ofsted::Reported::Graded {
                grade: Grade::Inadequate,
                area: match inspection.framework {
                    Framework::Slac => Area::SafeguardingOverall,
                    _ => Area::OverallEffectiveness,
                },
            };
            if inspection.reported(Theme::Headline) != graded {
                continue;
            }
            expected += 1;
            let row = rows.iter().find(|r| r.inspection == inspection.id).unwrap();
            let next = own.get(n + 1);
            assert_eq!(row.next_inspection.as_deref(), next.map(|i| i.id.as_str()));
            let from = inspection.dates.effect();
            assert_eq!(row.days, next.map(|i| (i.dates.effect() - from).num_days()));
            let closed = authority.closed.unwrap_or(NaiveDate::MAX);
            let until = next.map_or(england.cut_off().min(closed), |i| i.dates.effect());
            let (first, last) = (day("2022-03-10"), day("2025-03-26"));
            let covered = match (from >= first && until <= last, until <= first || from >= last) {
                (true, _) => Covered::All,
                (_, true) => Covered::None,
                _ => Covered::Part,
            };
            assert_eq!(row.covered, covered, "{}", row.inspection);
            let visits = england.report_facts().visits.iter().filter(|v| {
                v.authority == authority.code && v.kind == VisitKind::Monitoring && {
                    let day = v.day().unwrap();
                    day > from && day <= until
                }
            });
            let count = visits.count() as u32;
            assert_eq!(row.monitoring, (count > 0 || covered == Covered::All).then_some(count));
        }
    }
    assert_eq!(rows.len(), expected);
}
