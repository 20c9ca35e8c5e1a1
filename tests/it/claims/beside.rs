//! Pictures of what inspectors asked for and of indicators, and the pages of the example `site`.

use std::collections::{BTreeMap, BTreeSet};

use rating_history::chart::{Chart, IndicatorAround, IndicatorByGrade, IndicatorPanel, Style};
use rating_history::indicator::{Moment, Note};
use rating_history::ofsted::{self, AskGroup, RatingHistory, Reported, Theme};
use rating_history::{Clock, Precision};

use super::bodies::Stretch;
use super::said::{length, sound, texts};
use super::{Case, Narrowed, capital, day, england_case};

#[test]
fn grids_of_what_was_asked_again_are_counted_by_a_loop() {
    let england = ofsted::england_with_reports().unwrap();
    let facts = england.report_facts();
    let mut checked = 0;
    for authority in england.authorities().iter().step_by(9) {
        let own = england.ratings().unwrap().bodies_only([authority.code.as_str()]).unwrap();
        let Ok(grid) = england.asks(&own).unwrap().grid(&authority.name, Style::default()) else { continue };
        let mut inspections: Vec<_> = england.inspections_of(&authority.code).iter().collect();
        inspections.retain(|i| i.framework.code() != "LSCB");
        inspections.sort_by_key(|i| i.dates.effect());
        let topics = |id: &str| -> Option<BTreeSet<&str>> {
            facts.read.iter().any(|read| read == id).then(|| {
                let asked = facts.improvements.iter().filter(|i| i.inspection == id && !i.is_for_board());
                asked.flat_map(|i| [Some(i.topic.as_str()), i.second_topic.as_deref()]).flatten().collect()
            })
        };
        let asked: Vec<Option<BTreeSet<&str>>> = inspections.iter().map(|i| topics(&i.id)).collect();
        let pairs: Vec<String> = asked
            .windows(2)
            .filter_map(|pair| match pair {
                [Some(before), Some(after)] => {
                    Some(format!("{} of {}", before.intersection(after).count(), before.len()))
                }
                _ => None,
            })
            .collect();
        let (title, alt) = (grid.title(), grid.alt_text());
        let name = &authority.name;
        let topics = if pairs.last().is_some_and(|pair| pair.ends_with(" of 1")) { "topic" } else { "topics" };
        let expected = match pairs.as_slice() {
            [] => format!("{name}: topics asked for, inspection by inspection"),
            [one] => format!("{name}: {one} {topics} came back at the next inspection"),
            [first @ .., last] => {
                format!("{name}: {} and {last} {topics} came back at the next inspection", first.join(", "))
            }
        };
        assert_eq!(title, expected);
        assert!(alt.contains(&title));
        let text = texts(&grid.to_svg().unwrap());
        for said in [&title, &alt, &text] {
            sound(said, name, Some(england.cut_off()));
        }
        checked += 1;
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn shares_of_topics_are_counted_by_a_loop() {
    let england = ofsted::england_with_reports().unwrap();
    let facts = england.report_facts();
    let plot = england.asks(&england.ratings().unwrap()).unwrap();
    let plot = plot.dots(Some(AskGroup::Grade(Theme::Headline)), 10, &[], Style::default()).unwrap();
    let mut counts: BTreeMap<(String, String), [u32; 2]> = BTreeMap::new();
    let grade_of = |i: &ofsted::Inspection| match i.reported(Theme::Headline) {
        Reported::Graded { grade, .. } => Some(grade.label().to_lowercase()),
        _ => None,
    };
    for topic in &facts.topics {
        for inspection in england.inspections().iter().filter(|i| facts.read.contains(&i.id)) {
            let closed = england.authority(&inspection.authority).unwrap().closed;
            if inspection.framework.code() == "LSCB" || closed.is_some_and(|closed| inspection.dates.effect() >= closed)
            {
                continue;
            }
            let Some(grade) = grade_of(inspection) else { continue };
            let mut asked = facts.improvements.iter().filter(|i| i.inspection == inspection.id && !i.is_for_board());
            let asked = asked.any(|i| i.topic == topic.code || i.second_topic.as_deref() == Some(&topic.code));
            let count = counts.entry((topic.label.clone(), grade)).or_default();
            *count = [count[0] + u32::from(asked), count[1] + 1];
        }
    }
    for (label, _) in &plot.rows {
        let grades = ["inadequate", "requires improvement", "good", "outstanding"];
        let each = grades.map(|grade| {
            let [part, of] = counts[&(label.clone(), grade.to_owned())];
            format!("{grade} {part} of {of}")
        });
        let said = format!("{label}: {}", each.join(", "));
        assert!(plot.alt_text().contains(&said), "{said}: {}", plot.alt_text());
    }
    let share = |grade: &str| {
        let [part, of] = counts[&(plot.rows[0].0.clone(), grade.to_owned())];
        format!("{:.0}% of {of} ({grade})", 100.0 * f64::from(part) / f64::from(of))
    };
    assert_eq!(plot.title(), format!("{}: {}, {}", plot.rows[0].0, share("inadequate"), share("outstanding")));
    sound(&plot.alt_text(), "topics", Some(england.cut_off()));
    sound(&texts(&plot.to_svg().unwrap()), "topics", None);
}

#[test]
fn pictures_of_indicators_say_what_a_loop_finds() {
    let england = ofsted::england().unwrap();
    let all = ofsted::england_indicators(&england).unwrap();
    let mut checked = 0;
    for as_of in ["2021-06-30", "2026-08-20"].map(day) {
        let case = england_case(&england, Theme::Headline, Clock::Effect, Narrowed::Not, as_of);
        for id in ["sw_agency", "eet_19_21", "placements_3plus", "sw_caseload"] {
            let Ok(indicators) = all.clone().only([id]) else { continue };
            let indicator = &indicators.list()[0];
            let rows = indicators.beside(&case.series).rows().unwrap();
            // Each value beside the grade that stood on its day.
            let mut values: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
            for row in &rows {
                let body = case.bodies.iter().find(|body| body.id == row.authority).unwrap();
                let rank = body.rank(row.day);
                let said = rank.map(|rank| case.series.scale().labels()[rank].as_str());
                assert_eq!(Some(row.grade.as_str()).filter(|s| case.series.scale().rank(s).is_some()), said, "{row:?}");
                let left_out = all.left_out().any(|out| out == row.authority);
                let left_out = left_out || row.note == Some(Note::Joint);
                if let (Some(rank), Some(value), false) = (rank, row.value, left_out) {
                    values.entry(rank).or_default().push(value);
                }
            }
            let chart = IndicatorByGrade::collect(&indicators, &case.series, Style::default()).unwrap();
            let (title, alt, text) = case.said(&chart);
            for (rank, values) in &values {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let label = &case.labels[*rank];
                let said = format!("{label}: mean {}", indicator.write(mean));
                assert!(alt.contains(&said) && alt.contains(&format!("{} values", values.len())), "{said}: {alt}");
                assert!(text.contains(&format!("{label} {}", values.len())), "{text}");
            }
            let (worst, best) = (values.first_key_value().unwrap(), values.last_key_value().unwrap());
            for (rank, values) in [worst, best] {
                let mean = indicator.write(values.iter().sum::<f64>() / values.len() as f64);
                assert!(title.contains(&format!("{mean} under {}", case.labels[*rank])), "{title}");
            }
            let falls = Moment::FallsTo("inadequate".into());
            if let Ok(around) = IndicatorAround::collect(&indicators, &case.series, &falls, Style::default()) {
                let (title, alt, _) = case.said(&around);
                for year in &around.years {
                    assert!(alt.contains(&format!("year {:+}: {:+.1}", year.offset, year.mean)), "{alt}");
                }
                for year in [&around.years[1], &around.years[3]] {
                    let way = if year.mean < 0.0 { "below" } else { "above" };
                    assert!(title.contains(&format!("{:.1}", year.mean.abs())) && title.contains(way), "{title}");
                }
                checked += 1;
            }
            for name in ["Slough", "Trafford", "Cumberland", "Isles of Scilly"] {
                let code = england.find(name).unwrap().code.clone();
                let panel = IndicatorPanel::collect(&indicators, &case.series, code.as_str(), name, Style::default());
                let Ok(panel) = panel else { continue };
                let (title, alt, _) = case.told(&panel, None, Some(as_of));
                let own = rows.iter().filter(|row| row.authority == code.as_str());
                let mut own: Vec<_> = own.filter_map(|row| Some((row.year, row.value?))).collect();
                own.sort_by_key(|(year, _)| *year);
                for (year, value) in &own {
                    assert!(alt.contains(&format!("{year} {}", indicator.write(*value))), "{name}, {year}: {alt}");
                }
                let (year, value) = own.last().unwrap();
                let said = [indicator.write(*value), indicator.period(*year)];
                assert!(said.iter().all(|said| title.contains(said)), "{said:?}: {title}");
                checked += 1;
            }
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked}");
}

/// The texts of a page outside its pictures, element after element.
fn read(html: &str) -> (Vec<String>, Vec<String>) {
    let document = roxmltree::Document::parse(html.split_once('\n').unwrap().1).unwrap();
    let inside = |node: &roxmltree::Node, name: &str| node.ancestors().any(|n| n.has_tag_name(name));
    let kept = document.descendants().filter(|n| n.is_text() && !inside(n, "svg") && !inside(n, "style"));
    let page = kept.map(|n| n.text().unwrap().split_whitespace().collect::<Vec<_>>().join(" "));
    let drawn = document.descendants().filter(|n| n.has_tag_name("desc")).filter_map(|n| n.text());
    let files = document.descendants().filter_map(|n| n.attribute("alt"));
    let pictures: BTreeSet<String> = drawn.chain(files).map(str::to_owned).collect();
    (page.filter(|text| !text.is_empty()).collect(), pictures.into_iter().collect())
}

/// The rows of a table of a page, below its heading.
fn rows_of(html: &str, id: &str) -> Vec<Vec<String>> {
    let document = roxmltree::Document::parse(html.split_once('\n').unwrap().1).unwrap();
    let table = document.descendants().find(|n| n.has_tag_name("table") && n.attribute("id") == Some(id)).unwrap();
    let text = |cell: roxmltree::Node| -> String {
        cell.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect::<String>().trim().to_owned()
    };
    let rows = table.descendants().filter(|n| n.has_tag_name("tr")).skip(1);
    rows.map(|row| row.children().filter(|n| n.is_element()).map(text).collect()).collect()
}

/// "about 7 years 8 months"
fn length_of(stretch: &Stretch) -> String {
    let about = if stretch.start.1 == Precision::Day && stretch.end.1 == Precision::Day { "" } else { "about " };
    format!("{about}{}", length(stretch.start.0, stretch.end.0))
}

/// The tables of what stands, of the spells and of the inspections have each row and each number that the history gives.
fn tables_agree(history: &RatingHistory, html: &str, name: &str) {
    let as_of = history.cut_off();
    let case = |theme| england_case(history, theme, Clock::Effect, Narrowed::Not, as_of);
    let stretches = |case: &Case| case.bodies.iter().find(|body| body.name == name).unwrap().stretches(as_of);
    let standing = rows_of(html, "standing");
    let mut graded = 0;
    for theme in ofsted::FOLLOWED {
        let case = case(theme);
        let row = standing.iter().find(|row| row[0] == theme.label());
        let all = stretches(&case);
        let Some((last, rank)) = all.last().and_then(|last| Some((last, last.rank?))) else {
            assert!(row.is_none_or(|row| row[1] == "No longer given"), "{name}, {theme}: {row:?}");
            continue;
        };
        let body = case.bodies.iter().find(|body| body.name == name).unwrap();
        let within: Vec<_> = body.rows.iter().filter(|row| row.date >= last.start.0 && row.rank.is_some()).collect();
        let latest = within.last().unwrap();
        let grade = capital(&case.labels[rank]);
        let (since, judged) = (last.start.1.write(last.start.0), latest.precision.write(latest.date));
        let expected = [theme.label().to_owned(), grade, since, length_of(last), within.len().to_string(), judged];
        assert_eq!(row.map(Vec::as_slice), Some(&expected[..]), "{name}");
        graded += 1;
    }
    assert!(graded > 3, "{name}");
    let case = case(Theme::Headline);
    let spells = rows_of(html, "spells").into_iter().map(|row| row[..4].to_vec());
    let expected = stretches(&case).into_iter().filter_map(|s| {
        let [from, to] = [s.start, s.end].map(|(date, precision)| precision.write(date));
        Some(vec![capital(&case.labels[s.rank?]), from, to, length_of(&s)])
    });
    assert_eq!(spells.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{name}");
    let code = &history.find(name).unwrap().code;
    let inspections = rows_of(html, "inspections");
    assert_eq!(inspections.len(), history.inspections_of(code).len(), "{name}");
    for inspection in history.inspections_of(code) {
        let day = inspection.dates.precision_on(Clock::Effect).write(inspection.dates.effect());
        let row = inspections.iter().find(|row| row[0] == day).unwrap_or_else(|| panic!("{name}: {day}"));
        for (theme, cell) in ofsted::FOLLOWED.iter().zip(&row[4..]) {
            match inspection.reported(*theme) {
                Reported::Graded { grade, .. } => assert_eq!(*cell, inspection.framework.grade_label(grade)),
                Reported::NotReported => assert_eq!(cell, "no longer given", "{name}, {day}"),
                _ => assert!(!case.labels.contains(&cell.to_lowercase()), "{name}, {day}, {theme}: {cell}"),
            }
        }
    }
}

#[test]
fn pages_say_what_a_loop_finds() {
    let england = ofsted::england().unwrap();
    let as_of = england.cut_off();
    let case = england_case(&england, Theme::Headline, Clock::Effect, Narrowed::Not, as_of);
    let folder = tempfile::tempdir().unwrap();
    let names = ["Slough", "Trafford", "Birmingham"];
    let asked = names.map(|name| ["--authority", name]).concat();
    let output = crate::example("site", &[&asked[..], &["--out", folder.path().to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in names {
        let file = folder.path().join(name.to_lowercase()).with_extension("html");
        let html = std::fs::read_to_string(file).unwrap();
        tables_agree(&england, &html, name);
        let (page, pictures) = read(&html);
        for text in page.iter().chain(&pictures) {
            sound(text, name, None);
        }
        let whole = page.join(" ");
        assert!(whole.contains(&Precision::Day.write(as_of)), "{name}");
        // Each judgement of the overall grade stands on the page with its date.
        let body = case.bodies.iter().find(|body| body.name == name).unwrap();
        for row in &body.rows {
            let date = row.precision.write(row.date);
            assert!(whole.contains(&date), "{name}: {date}");
        }
        // Where the latest inspection gave no overall grade, the judgements that it gave come first.
        let code = england.find(name).unwrap().code.clone();
        let latest = england.inspections_of(&code).iter().max_by_key(|i| i.dates.effect()).unwrap();
        if latest.reported(Theme::Headline) == Reported::NotReported {
            for theme in ofsted::PARTS {
                let Reported::Graded { grade, .. } = latest.reported(theme) else { continue };
                let (grade, theme) = (grade.label().to_lowercase(), theme.label().to_lowercase());
                let lead = page.iter().find(|text| text.contains("without an overall grade")).unwrap();
                let at = lead.find(&format!("{grade} in ")).unwrap_or_else(|| panic!("{grade}: {lead}"));
                assert!(lead[at..].contains(&theme), "{theme}: {lead}");
            }
        }
        assert!(pictures.len() >= 4, "{name}: {pictures:?}");
    }
}

/// Those who are said to be equally near are so in the table, and no more are named as nearest than are.
#[test]
fn what_is_said_of_ties_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let names = ["Isles of Scilly", "City of London", "Cumberland"].map(|name| ["--authority", name]).concat();
    let output = crate::example("site", &[&names[..], &["--out", out]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for stem in ["isles-of-scilly", "city-of-london", "cumberland"] {
        let html = std::fs::read_to_string(folder.path().join(stem).with_extension("html")).unwrap();
        let rows = rows_of(&html, "alike-table");
        let near: Vec<&[String]> = rows.iter().map(|row| &row[2..4]).collect();
        let tied = near.iter().rev().take_while(|other| **other == near[near.len() - 1]).count();
        let (page, _) = read(&html);
        let said = page.iter().find(|text| text.contains("equally near")).map(String::as_str).unwrap_or_default();
        let expected = match tied {
            n if n == near.len() => "All of these are equally near".to_owned(),
            n => format!("The last {n} of these are equally near"),
        };
        assert!(said.starts_with(&expected), "{stem}: {expected}: {said}");
        let whole = page.join(" ");
        assert_eq!(whole.contains("most like its own come first"), tied < near.len(), "{stem}");
        assert!(!whole.contains("ten years before") || near.iter().all(|near| near[1] == "10.0"), "{stem}");
        assert_eq!(whole.contains("since been judged worse"), stem == "city-of-london", "{stem}");
    }
}
