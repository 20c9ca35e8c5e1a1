//! What pictures say in words, recomputed by plain loops over England's inspections.

use rating_history::chart::{Chart, Distribution, Flow, PeerStrip, Ribbons, SmallMultiples, Style, TileMap};
use rating_history::chrono::NaiveDate;
use rating_history::frame::columns::FRAMEWORK;
use rating_history::ofsted::{
    self, Authority, AuthorityCode, FOLLOWED, Framework, Grade, RatingHistory, Reported, Story, Theme,
};
use rating_history::{Clock, Precision, Ratings};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Days of all times and rules, also those around reorganisations and the reform.
fn days() -> Vec<NaiveDate> {
    [
        "2011-12-31",
        "2012-06-30",
        "2014-03-31",
        "2017-06-30",
        "2019-03-31",
        "2019-04-01",
        "2021-04-01",
        "2023-04-01",
        "2024-03-31",
        "2026-03-31",
        "2026-06-15",
        "2026-08-20",
    ]
    .map(day)
    .to_vec()
}

const THEMES: [Theme; 4] = [Theme::Headline, Theme::Leadership, Theme::Care, Theme::CareLeavers];

/// How an authority stands in a theme on a day: its grade, or that its latest inspection gives none any more.
fn standing(history: &RatingHistory, code: &AuthorityCode, theme: Theme, on: NaiveDate) -> Option<Result<Grade, ()>> {
    let own = history.inspections_of(code);
    let mut counting: Vec<_> = own.iter().filter(|i| i.dates.effect() <= on).collect();
    counting.sort_by_key(|i| (i.dates.effect(), i.dates.published(), i.id.clone()));
    counting.iter().rev().find_map(|i| match i.reported(theme) {
        Reported::Graded { grade, .. } => Some(Ok(grade)),
        Reported::NotReported => Some(Err(())),
        _ => None,
    })
}

fn open(history: &RatingHistory, on: NaiveDate) -> Vec<&Authority> {
    history.authorities().iter().filter(|a| a.exists_on(on)).collect()
}

/// The grades of those in existence that have one.
fn grades(history: &RatingHistory, theme: Theme, on: NaiveDate, keep: impl Fn(&Authority) -> bool) -> Vec<Grade> {
    let kept = open(history, on).into_iter().filter(|a| keep(a));
    kept.filter_map(|a| standing(history, &a.code, theme, on)?.ok()).collect()
}

fn better(grades: &[Grade]) -> usize {
    grades.iter().filter(|g| **g >= Grade::Good).count()
}

fn both() -> (RatingHistory, Ratings) {
    let england = ofsted::england().unwrap();
    let ratings = england.ratings().unwrap();
    (england, ratings)
}

#[test]
fn maps_count_authorities_and_not_tiles() {
    let (england, ratings) = both();
    let tiles = ofsted::england_tiles().unwrap();
    for theme in THEMES {
        for on in days() {
            let all = grades(&england, theme, on, |_| true);
            if all.is_empty() {
                continue;
            }
            let map = TileMap::collect(&ratings.series(theme).unwrap(), &[on], &tiles, None, Style::default()).unwrap();
            assert_eq!(map.all, [(better(&all), all.len())], "{theme} {on}");
            for (region, counts) in &map.regions {
                let own = grades(&england, theme, on, |a| a.region.code() == region);
                assert_eq!(counts[0], (better(&own), own.len()), "{theme} {on} {region}");
                let said = format!("{region} {} of {}", better(&own), own.len());
                assert!(map.alt_text().contains(&said), "{said}: {}", map.alt_text());
            }
        }
    }
    // The figure that the map of March 2014 was known to have wrong: tiles of councils formed later counted twice.
    let map = TileMap::collect(
        &ratings.series(Theme::Headline).unwrap(),
        &[day("2014-03-31")],
        &tiles,
        None,
        Style::default(),
    )
    .unwrap();
    assert!(map.alt_text().contains("all 63 of 152"), "{}", map.alt_text());
}

#[test]
fn shares_are_of_those_in_existence_on_the_last_day() {
    let (england, ratings) = both();
    let share = |theme: Theme, on: NaiveDate| {
        let (graded, all) = (grades(&england, theme, on, |_| true), open(&england, on).len());
        (100.0 * better(&graded) as f64 / all as f64).round() as u32
    };
    // Those with a latest grade under SIF or ILACS, of those in existence.
    let modern = |theme: Theme, on: NaiveDate| {
        let given = |code: &AuthorityCode| {
            let own = england.inspections_of(code);
            let modern = |f: Framework| matches!(f, Framework::Sif | Framework::Ilacs | Framework::Ilacs2026);
            let latest = own.iter().filter(|i| i.dates.effect() <= on && modern(i.framework));
            let mut reported = latest.map(|i| i.reported(theme)).filter(|r| *r != Reported::Absent);
            reported.next_back().is_some_and(|r| matches!(r, Reported::Graded { .. }))
        };
        let all = open(&england, on);
        let with = all.iter().filter(|a| given(&a.code)).count();
        20 * with >= 19 * all.len()
    };
    for theme in THEMES {
        for last in days().into_iter().filter(|d| *d >= day("2014-03-31")) {
            let dates: Vec<NaiveDate> = days().into_iter().filter(|d| *d <= last).collect();
            let title =
                Distribution::collect(&ratings.series(theme).unwrap(), &dates, Style::default()).unwrap().title();
            let on = Precision::Day.write(last);
            let what = theme.label().to_lowercase();
            let start =
                format!("{}% of authorities had the {what} grade good or outstanding on {on}", share(theme, last));
            assert!(title.starts_with(&start), "{start}: {title}");
            let compared = title.split_once(" from ").or_else(|| title.split_once(", as on "));
            // A year at least lies between the two.
            let first = dates.iter().find(|d| modern(theme, **d)).filter(|_| modern(theme, last));
            let first = first.filter(|d| (last - **d).num_days() >= 365);
            assert_eq!(compared.is_some(), first.is_some(), "{theme} {last}: {title}");
            if let Some(first) = first.filter(|_| last >= day("2018-01-01")) {
                let then = Precision::Day.write(*first);
                assert!(title.ends_with(&then), "{then}: {title}");
                if !title.contains(", as on ") {
                    assert!(title.contains(&format!(" from {}% on ", share(theme, *first))), "{title}");
                }
                let (was, is) = (share(theme, *first), share(theme, last));
                assert_eq!(title.contains("up from"), is > was, "{title}");
                assert_eq!(title.contains("down from"), is < was, "{title}");
            }
        }
    }
}

#[test]
fn ribbons_count_those_with_a_grade() {
    let (england, ratings) = both();
    for theme in THEMES {
        for on in days() {
            let (graded, all) = (grades(&england, theme, on, |_| true), open(&england, on).len());
            if graded.is_empty() {
                continue;
            }
            let title =
                Ribbons::collect(&ratings.series(theme).unwrap().as_of(on), None, Style::default()).unwrap().title();
            let count = |grade: Grade| graded.iter().filter(|g| **g == grade).count();
            let counts = format!(
                "{} outstanding, {} inadequate on {}",
                count(Grade::Outstanding),
                count(Grade::Inadequate),
                Precision::Day.write(on)
            );
            assert!(title.ends_with(&counts), "{counts}: {title}");
            let of =
                if graded.len() == all { format!("{all} authorities") } else { format!("{} of {all}", graded.len()) };
            assert!(title.starts_with(&of), "{of}: {title}");
        }
    }
}

#[test]
fn flows_count_moves_between_the_days() {
    let (england, ratings) = both();
    for theme in THEMES {
        for pair in days().windows(3).map(|w| [w[0], w[2]]) {
            let moves = england.authorities().iter().filter(|a| pair.iter().all(|d| a.exists_on(*d)));
            let grade = |a: &Authority, n: usize| standing(&england, &a.code, theme, pair[n])?.ok();
            let moves: Vec<(Grade, Grade)> = moves.filter_map(|a| Some((grade(a, 0)?, grade(a, 1)?))).collect();
            let (up, down) = (moves.iter().filter(|(a, b)| b > a).count(), moves.iter().filter(|(a, b)| b < a).count());
            let title = Flow::collect(&ratings.series(theme).unwrap(), &pair, Style::default()).unwrap().title();
            let [first, last] = pair.map(|d| Precision::Day.write(d));
            if up + down == 0 {
                let what = theme.label().to_lowercase();
                let graded = |a: &Authority, n: usize| a.exists_on(pair[n]) && grade(a, n).is_some();
                let new = england.authorities().iter().filter(|a| graded(a, 1) && !graded(a, 0)).count();
                let new = if new > 0 { format!("; {new} had none before") } else { String::new() };
                assert_eq!(title, format!("No authority stood at another {what} grade on {last} than on {first}{new}"));
                continue;
            }
            assert!(title.starts_with(&format!("{up} authorit")), "{up}: {title}");
            assert!(title.ends_with(&format!(", {down} at a lower one")), "{down}: {title}");
            assert!(title.contains(&format!("on {last} than on {first}")), "{title}");
        }
    }
}

#[test]
fn panels_and_peers_say_who_has_no_grade() {
    let (england, ratings) = both();
    for name in ["Slough", "Birmingham", "Trafford", "Isles of Scilly", "Cumberland"] {
        let authority = england.find(name).unwrap();
        for on in days().into_iter().filter(|d| authority.exists_on(*d)) {
            let neighbours: Vec<&Authority> =
                england.neighbours(&authority.code).iter().filter_map(|c| england.authority(c)).collect();
            let neighbours: Vec<&Authority> = neighbours.into_iter().filter(|a| a.exists_on(on)).collect();
            let grade = |a: &Authority, theme| standing(&england, &a.code, theme, on).and_then(Result::ok);

            let all =
                Ribbons::collect(&ratings.series(Theme::Headline).unwrap().as_of(on), None, Style::default()).unwrap();
            let names: Vec<&str> = [name].into_iter().chain(neighbours.iter().map(|a| a.name.as_str())).collect();
            let title = SmallMultiples::new(&all, &names).unwrap().title();
            let rated: Vec<Grade> = neighbours.iter().filter_map(|a| grade(a, Theme::Headline)).collect();
            if let (Some(own), false) = (grade(authority, Theme::Headline), rated.is_empty()) {
                let higher = rated.iter().filter(|g| **g > own).count();
                let none = neighbours.len() - rated.len();
                let stand = if higher == 1 { "stands" } else { "stand" };
                let mut said = format!("{name}: {higher} of {} others {stand} higher in overall grade", rated.len());
                if none > 0 {
                    said += &format!("; {none} with no grade on the day");
                }
                assert_eq!(title, said, "{on}");
            }

            let code = authority.code.as_str();
            let strip = PeerStrip::collect(&ratings.clone().as_of(on), code, name, FOLLOWED, Style::default()).unwrap();
            let judged = FOLLOWED
                .iter()
                .filter(|t| grade(authority, **t).is_some() && neighbours.iter().any(|a| grade(a, **t).is_some()));
            let judged: Vec<Theme> = judged.copied().collect();
            let behind = judged.iter().filter(|t| {
                let higher = neighbours.iter().filter(|a| grade(a, **t) > grade(authority, **t)).count();
                2 * higher > neighbours.len()
            });
            let (behind, all) = (behind.count(), judged.len());
            let noun = if all == 1 { "judgement" } else { "judgements" };
            let said = match (behind, all) {
                (_, 0) => format!("{name} among its peers"),
                (0, all) => format!("{name}: in none of {all} {noun} do most of its neighbours stand higher"),
                _ => format!("{name}: most of its neighbours stand higher in {behind} of {all} {noun}"),
            };
            if !strip.themes.is_empty() {
                assert_eq!(strip.title(), said, "{on}");
            }
        }
    }
}

/// The longest spell of inadequate is never left out, and after the reform the four judgements come first.
#[test]
fn stories_leave_nothing_bad_out() {
    let (england, _) = both();
    let as_of = england.cut_off();
    let (mut told, mut led) = (0, 0);
    for authority in england.authorities() {
        let story = Story::new(&england, &authority.code, Clock::Effect, as_of).unwrap();
        let (title, sentence) = (story.title(), story.sentence());
        let worst = story.spells().into_iter().filter(|(s, _)| s.rank == Some(0)).max_by_key(|(s, _)| s.days());
        if let Some((spell, _)) = worst {
            assert!(sentence.contains(&spell.length()), "{}: {} not in {sentence}", authority.name, spell.length());
            told += 1;
        }
        let latest = story.inspections.last();
        if latest.is_some_and(|i| i.reported(Theme::Headline) == Reported::NotReported) {
            let latest = latest.unwrap();
            for theme in ofsted::PARTS {
                let Reported::Graded { grade, .. } = latest.reported(theme) else { continue };
                let (grade, theme) = (grade.label().to_lowercase(), theme.label().to_lowercase());
                for text in [&title, &sentence] {
                    let at = text.find(&format!("{grade} in ")).unwrap_or_else(|| panic!("{grade}: {text}"));
                    assert!(text[at..].contains(&theme), "{theme}: {text}");
                }
            }
            led += 1;
        }
    }
    assert!(told > 60 && led == 11, "{told} {led}");
    let story = |name: &str| {
        Story::new(&england, &england.find(name).unwrap().code.clone(), Clock::Effect, as_of).unwrap().title()
    };
    assert!(story("Birmingham").contains("; inadequate for "), "{}", story("Birmingham"));
    assert!(story("Trafford").starts_with("Trafford: inadequate in "), "{}", story("Trafford"));
}

#[test]
fn pictures_say_how_the_data_were_narrowed() {
    let (england, ratings) = both();
    let narrowed = ratings.only(FRAMEWORK, [Framework::Sif, Framework::Ilacs]).unwrap().published_by(day("2024-05-31"));
    let svg = |chart: &dyn Fn(Style) -> String| chart(Style::default());
    let on = day("2024-03-31");
    let pictures = [
        svg(&|s| {
            Ribbons::collect(&narrowed.series(Theme::Headline).unwrap().as_of(on), None, s).unwrap().to_svg().unwrap()
        }),
        svg(&|s| {
            Distribution::collect(&narrowed.series(Theme::Headline).unwrap(), &[day("2018-03-31"), on], s)
                .unwrap()
                .to_svg()
                .unwrap()
        }),
        svg(&|s| {
            Flow::collect(&narrowed.series(Theme::Headline).unwrap(), &[day("2018-03-31"), on], s)
                .unwrap()
                .to_svg()
                .unwrap()
        }),
        svg(&|s| {
            let tiles = ofsted::england_tiles().unwrap();
            TileMap::collect(&narrowed.series(Theme::Headline).unwrap(), &[on], &tiles, None, s)
                .unwrap()
                .to_svg()
                .unwrap()
        }),
    ];
    // A style made of the same ratings says it once.
    let once =
        Ribbons::collect(&narrowed.series(Theme::Headline).unwrap().as_of(on), None, Style::of(&narrowed)).unwrap();
    assert_eq!(once.style.notes.len(), 2);
    for picture in pictures {
        let document = roxmltree::Document::parse(&picture).unwrap();
        let texts = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text());
        let text = texts.map(str::trim).collect::<Vec<_>>().join(" ");
        assert!(text.contains("Only inspections under SIF, ILACS."), "{text}");
        assert!(text.contains("Only what was published by 31 May 2024."), "{text}");
    }
    assert!(england.ratings().unwrap().filtered().is_empty());
}
