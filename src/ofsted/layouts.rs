//! Every kind of chart on real and hostile cases: sizes, themes, scales, names.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::{IntoLazy, df};
use rayon::prelude::*;

use super::{AskGroup, FOLLOWED, Story, Theme, england_tiles};
use crate::chart::tests::no_overlap;
use crate::chart::*;
use crate::estimate::{
    Bootstrap, CohortOptions, Exposures, ForecastOptions, Generator, IntervalScale, PairCounts, Snapshots, Study,
    Times, cohort_matrix, forecast, kaplan_meier,
};
use crate::trend::Every;
use crate::{Clock, Ratings, Scale};

fn styles() -> Vec<Style> {
    let widths = [None, Some(288), Some(360), Some(480), Some(768), Some(960), Some(8000)];
    let style = |(mode, width): (&Mode, Option<u32>)| Style { mode: *mode, width, ..Style::default() };
    Mode::ALL.iter().cycle().zip(widths).map(style).collect()
}

/// `count` ratings each of a few bodies with awkward names on a scale of `k` grades.
fn other(k: usize, count: i32) -> Ratings {
    let names =
        ["<&\"'> Ynys M\u{f4}n", "\u{6771}\u{4eac}", "Bournemouth, Christchurch and Poole and a good deal more", "x"];
    let rows: Vec<(usize, i32, usize)> =
        (0..names.len()).flat_map(|n| (0..count).map(move |i| (n, 2001 + i, (n + i as usize * 5) % k))).collect();
    let mut rows = rows;
    rows.sort_by_key(|r| (names[r.0], r.1));
    let labels: Vec<String> = (0..k).map(|n| format!("grade number {n}")).collect();
    let frame = df!(
        "authority" => rows.iter().map(|r| names[r.0]).collect::<Vec<_>>(),
        "effect" => rows.iter().map(|r| NaiveDate::from_ymd_opt(r.1, 6, 30).unwrap()).collect::<Vec<_>>(),
        "grade" => rows.iter().map(|r| labels[r.2].as_str()).collect::<Vec<_>>(),
    );
    Ratings::new(frame.unwrap().lazy(), Scale::new(labels.clone()).unwrap()).unwrap()
}

fn cases() -> Vec<(String, Ratings, Theme, NaiveDate)> {
    let england = super::england().unwrap();
    let ratings = england.ratings().unwrap();
    let mut cases: Vec<(String, Ratings, Theme, NaiveDate)> =
        [Theme::Headline, Theme::Care, Theme::Leadership, Theme::Lscb]
            .into_iter()
            .map(|t| (t.code().to_owned(), ratings.clone(), t, england.cut_off()))
            .collect();
    let one = ratings.clone().bodies_only(["E06000058"]).unwrap();
    cases.push(("one authority".to_owned(), one, Theme::Headline, england.cut_off()));
    let then = NaiveDate::from_ymd_opt(2012, 6, 30).unwrap();
    cases.push(("early".to_owned(), ratings, Theme::Headline, then));
    for (k, count) in [(2, 12), (3, 12), (7, 12), (20, 12), (25, 12), (4, 0), (4, 1), (5, 2)] {
        let end = NaiveDate::from_ymd_opt(2014, 12, 31).unwrap();
        cases.push((format!("{count} ratings, {k} grades"), other(k, count), Theme::Headline, end));
    }
    cases
}

#[cfg(feature = "others")]
#[test]
fn lanes_of_councils_do_not_overlap() {
    let england = super::england().unwrap();
    let rated = super::rated_of_councils(&england.ratings().unwrap()).unwrap();
    let names =
        ["Barnet", "Trafford", "Northamptonshire", "Bournemouth, Christchurch and Poole", "Liverpool", "Slough"];
    names.into_par_iter().for_each(|name| {
        let code = england.find(name).unwrap().code.as_str();
        for style in styles() {
            let lanes = super::council_lanes(&rated);
            let chart = Lanes::collect(name, code, lanes, style.clone()).unwrap();
            no_overlap(&chart, &format!("lanes of {name}, {:?} {:?}", style.mode, style.width));
        }
    });
}

#[test]
fn no_text_overlaps_or_is_cut() {
    cases().into_par_iter().for_each(|(name, ratings, theme, end)| {
        let of_theme = ratings.series(theme).unwrap();
        let first = NaiveDate::from_ymd_opt(2010, 3, 31).unwrap();
        let middle = NaiveDate::from_ymd_opt(2011, 6, 30).unwrap();
        let study = Study::until(end);
        let worst = ratings.scale().labels()[0].clone();
        for style in styles() {
            let name = |kind: &str| format!("{kind} of {name}, {:?} {:?}", style.mode, style.width);
            let dates = Every::QUARTER.dates(first, end);
            let chart = Distribution::collect(&of_theme, &dates, style.clone()).unwrap();
            no_overlap(&chart, &name("distribution"));
            let day = of_theme.clone().as_of(end);
            let chart = Ribbons::collect(&day, Some("Slough"), style.clone());
            let chart = chart.or_else(|_| Ribbons::collect(&day, None, style.clone())).unwrap();
            no_overlap(&chart, &name("ribbons"));
            no_overlap(&chart.clone().in_columns(3), &name("ribbons in columns"));
            if let Some(nearest) = chart.ribbons.last().map(|r| r.name.clone()) {
                let chart = chart.clone().in_columns(2).by_distance_to(&nearest).unwrap();
                no_overlap(&chart, &name("nearest ribbons"));
            }
            let dates = Every::YEAR.dates_to(first, end);
            if let Ok(chart) = GroupShares::collect(&of_theme, &dates, "region", style.clone()) {
                no_overlap(&chart, &name("groups"));
            }
            for on in [Align::Grade(worst.clone()), Align::Event("statutory_direction".to_owned())] {
                if let Some(chart) = Aligned::collect(&day, &on, style.clone()).ok().filter(|c| !c.ribbons.is_empty()) {
                    no_overlap(&chart, &name("aligned ribbons"));
                }
            }
            let before = BeforeAfter::collect(&ratings.clone().as_of(end), [theme], middle, style.clone()).unwrap();
            let most = if style.width.is_some_and(|width| width < 500) { 100 } else { 400 };
            if (1..=most).contains(&before.bodies.len()) {
                no_overlap(&before, &name("before and after"));
            }
            if ratings.authorities().is_some() {
                for dates in [&[end][..], &[first, end], &Every::YEAR.dates(first, end)] {
                    let tiles = england_tiles().unwrap();
                    let map = |name| TileMap::collect(&of_theme, dates, &tiles, name, style.clone());
                    no_overlap(&map(Some("Slough")).or_else(|_| map(None)).unwrap(), &name("tile map"));
                    no_overlap(&map(None).unwrap().named(), &name("tile map with names"));
                }
            }
            for ribbon in chart.ribbons.iter().take(4) {
                let drawn = Trajectory::collect(&ratings.clone().as_of(end), theme, &ribbon.id, style.clone()).unwrap();
                no_overlap(&drawn, &name(&format!("trajectory of {}", ribbon.name)));
            }
            let names: Vec<&str> = chart.ribbons.iter().map(|r| r.name.as_str()).collect();
            if !names.is_empty() {
                // More than a hundred panels below one another are more than a page holds.
                let panels = if style.width.is_some_and(|width| width < 500) { 100 } else { names.len() };
                let panels = SmallMultiples::new(&chart, &names[..names.len().min(panels)]).unwrap();
                no_overlap(&panels, &name("small multiples"));
                no_overlap(&Comparison::new(&chart, &names[..names.len().min(6)]).unwrap(), &name("comparison"));
            }
            let body = chart.ribbons.first().map_or("E06000058", |r| r.id.as_str());
            match PeerStrip::collect(&ratings.clone().as_of(end), body, "Somewhere", FOLLOWED, style.clone()) {
                Ok(strip) if strip.themes.is_empty() => {}
                Ok(strip) => _ = no_overlap(&strip, &name("peer strip")),
                Err(crate::Error::Frame(_)) if ratings.all_bodies("peers are compared with").is_err() => {}
                Err(error) => assert!(matches!(error, crate::Error::UnknownBody { .. }) && names.is_empty(), "{error}"),
            }
            let ended = chart.ribbons.iter().find(|r| r.timeline.spells.last().is_some_and(|s| s.rank.is_some()));
            if let Some(ribbon) = ended {
                let bootstrap = Bootstrap { replicates: 10, ..Bootstrap::default() };
                let options = ForecastOptions::default().shrinkage(0.0).bootstrap(bootstrap);
                let codes = of_theme.authorities().map(|a| a.collect().unwrap());
                let code = codes.and_then(|a| {
                    let names = a.column("name").unwrap().str().unwrap().clone();
                    let place = names.iter().position(|n| n == Some(ribbon.name.as_str()))?;
                    Some(a.column("authority").unwrap().str().unwrap().get(place)?.to_owned())
                });
                let code = code.unwrap_or_else(|| ribbon.name.clone());
                if let Ok(made) = forecast(&of_theme, &study, &code, 10, &options) {
                    no_overlap(&Fan::collect(&of_theme, made, style.clone()).unwrap(), &name("fan"));
                }
            }
            let chart = Flow::collect(&of_theme, &[first, middle, end], style.clone()).unwrap();
            no_overlap(&chart, &name("flow"));
            if names.is_empty() {
                continue;
            }
            let options = CohortOptions::default();
            let pairs = PairCounts::snapshots(&of_theme, &study, &Snapshots::default()).unwrap();
            let cohort = cohort_matrix(&pairs, &options).unwrap();
            no_overlap(&Matrix::new(cohort, &of_theme, style.clone()).unwrap(), &name("cohort matrix"));
            let generator = Generator::from_totals(&Exposures::collect(&of_theme, &study).unwrap()).unwrap();
            let matrix = generator.transition_matrix(2.5, 0.9).unwrap();
            no_overlap(&Matrix::new(matrix, &of_theme, style.clone()).unwrap(), &name("duration matrix"));
            let times = Times::collect(&of_theme, &study, &worst, None, None).unwrap();
            let curve = |t: &Times| kaplan_meier(&t.kinds, &t.durations, IntervalScale::LogLog, 0.95).unwrap();
            let curves: Vec<_> = times.iter().map(|t| ("all of them".to_owned(), curve(t))).collect();
            if curves.is_empty() {
                continue;
            }
            let chart = Survival::collect(&of_theme, &study, &worst, None, None, style.clone()).unwrap();
            no_overlap(&chart, &name("survival"));
            let twice = [curves.clone(), curves].concat();
            let chart = Survival::new(&worst, None, twice, style.clone());
            no_overlap(&chart, &name("two curves"));
            no_overlap(&chart.incidence(), &name("incidence"));
        }
    });
}

#[test]
fn too_small_says_the_least() {
    let england = super::england().unwrap();
    let ratings = england.ratings().unwrap();
    let style = Style { width: Some(287), ..Style::default() };
    let chart = Ribbons::collect(&ratings.series(Theme::Headline).unwrap(), None, style).unwrap();
    let message = chart.to_svg().unwrap_err().to_string();
    assert!(message.contains("a width of 287 pixels; a picture needs 288 to 8000"), "{message}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let england = super::england().unwrap();
    let ratings = england.ratings().unwrap();
    let make = || {
        let style = Style::default();
        Ribbons::collect(&ratings.series(Theme::Headline).unwrap(), None, style).unwrap().to_svg().unwrap()
    };
    assert_eq!(make(), make());
    assert!(make().len() < 300_000);
}

#[test]
fn every_authority_has_one_tile_of_its_own() {
    let england = super::england().unwrap();
    let ratings = england.ratings().unwrap();
    let map = TileMap::collect(
        &ratings.series(Theme::Headline).unwrap(),
        &[england.cut_off()],
        &england_tiles().unwrap(),
        None,
        Style::default(),
    )
    .unwrap();
    let places: BTreeSet<(i32, i32)> = map.tiles.iter().map(|t| (t.column, t.row)).collect();
    let letters: BTreeSet<&str> = map.tiles.iter().map(|t| t.letters.as_str()).collect();
    let tiles: BTreeSet<&str> = map.tiles.iter().map(|t| t.authority.as_str()).collect();
    let open = england.authorities().iter().filter(|a| a.closed.is_none()).map(|a| a.code.as_str());
    assert_eq!(tiles, open.collect());
    assert_eq!((places.len(), letters.len(), map.tiles.len()), (153, 153, 153));
    assert!(places.iter().all(|(x, y)| (0..14).contains(x) && (0..21).contains(y)));
    assert_eq!(map.without_tile, Vec::<String>::new());
}

#[test]
fn before_a_reorganisation_a_tile_shows_the_council_of_its_area() {
    let england = super::england().unwrap();
    let (headline, tiles) = (england.ratings().unwrap().series(Theme::Headline).unwrap(), england_tiles().unwrap());
    let at_the_end_of = |year| {
        let day = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        TileMap::collect(&headline, &[day], &tiles, None, Style::default()).unwrap()
    };
    let map = at_the_end_of(2019);
    let standing = |letters: &str| map.tiles.iter().find(|t| t.letters == letters).unwrap().standings[0];
    // Northamptonshire was inadequate from July 2019 until it was abolished.
    assert_eq!((standing("NNH"), standing("WNH")), (RatingState::Rated(0), RatingState::Rated(0)));
    let map = at_the_end_of(2015);
    let bcp = map.tiles.iter().find(|t| t.letters == "BCP").unwrap();
    assert_eq!(bcp.standings[0], RatingState::Absent);
    assert_eq!(map.without_tile, ["Bournemouth", "Poole"]);
}

fn check(story: Story) {
    let name = story.authority.name.clone();
    for style in [Style::default(), Style::default().width(288), Style::default().width(375)] {
        assert!(crate::chart::tests::no_overlap(&story.trajectory(style), &name) > 7, "{name}");
    }
}

#[test]
fn no_text_overlaps_or_is_cut_for_any_authority() {
    let england = super::england().unwrap();
    let day = |y| NaiveDate::from_ymd_opt(y, 8, 20).unwrap();
    for authority in england.authorities() {
        for (clock, as_of) in [(Clock::Effect, day(2026)), (Clock::Published, day(2016))] {
            check(Story::new(&england, &authority.code, clock, as_of).unwrap());
        }
    }
}

#[test]
fn hostile_names_and_sizes() {
    let england = super::england().unwrap();
    let slough = england.find("Slough").unwrap().code.clone();
    let mut story = Story::new(&england, &slough, Clock::Effect, england.cut_off()).unwrap();
    story.course.name = "<&\"'> Ynys Môn \u{1} 東京".to_owned();
    let svg = story.trajectory(Style::default()).to_svg().unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let title = document.descendants().find(|n| n.has_tag_name("title")).unwrap();
    assert!(title.text().unwrap().starts_with("<&\"'> Ynys Môn \u{FFFD} 東京, overall: inadequate"));
    let style = Style { width: Some(200), ..Style::default() };
    let error = story.trajectory(style).to_svg().unwrap_err().to_string();
    assert!(error.contains("a width of 200 pixels; a picture needs 288 to 8000"), "{error}");
}

/// What inspectors asked for, and marks of visits on a trajectory.
#[test]
fn what_was_asked_fits() {
    let england = super::england_with_reports().unwrap();
    let ratings = england.ratings().unwrap();
    let everything = england.asks(&ratings).unwrap();
    let names = ["Slough", "Bradford", "Croydon", "North Lincolnshire", "Isles of Scilly"];
    let texts: usize = styles()
        .into_par_iter()
        .map(|style| {
            let mut texts = 0;
            for name in names {
                let authority = england.find(name).unwrap();
                let own = ratings.clone().bodies_only([authority.code.as_str()]).unwrap();
                let grid = england.asks(&own).unwrap().grid(name, style.clone()).unwrap();
                texts += no_overlap(&grid, name);
                let story = Story::new(&england, &authority.code, Clock::Effect, england.cut_off()).unwrap();
                assert!(!story.visits.is_empty(), "{name}");
                texts += no_overlap(&story.trajectory(style.clone()), name);
            }
            let groups =
                [None, Some(AskGroup::Framework), Some(AskGroup::Grade(Theme::Headline)), Some(AskGroup::Year)];
            for by in groups {
                texts += no_overlap(&everything.dots(by, 10, &[], style.clone()).unwrap(), &format!("{by:?}"));
            }
            texts
        })
        .sum();
    assert!(texts > 1_500, "{texts}");
    let plain = super::england().unwrap();
    let code = &plain.find("Slough").unwrap().code;
    let story = Story::new(&plain, code, Clock::Effect, plain.cut_off()).unwrap();
    assert!(story.visits.is_empty() && story.self_assessments.is_empty());
    assert!(story.trajectory(Style::default()).lanes.iter().all(|lane| !lane.label.contains("visits")));
}

#[cfg(feature = "indicators")]
#[test]
fn no_text_about_indicators_overlaps_or_is_cut() {
    use crate::indicator::Moment;

    let england = super::england().unwrap();
    let all = super::england_indicators(&england).unwrap();
    let headline = england.ratings().unwrap().series(Theme::Headline).unwrap();
    let only = |ids: &[&str]| all.clone().only(ids).unwrap();
    let three = only(&["eet_19_21", "sw_agency", "cin_rate"]);
    for style in styles().into_iter().chain([Style::default().width(440), Style::default().width(360)]) {
        let drawn = |chart: &dyn Chart| no_overlap(chart, &format!("{} at {:?}", chart.title(), style.width));
        for name in ["Slough", "Isles of Scilly", "Cumberland", "Bournemouth, Christchurch and Poole"] {
            let code = england.find(name).unwrap().code.clone();
            drawn(&IndicatorPanel::collect(&three, &headline, code.as_str(), name, style.clone()).unwrap());
        }
        for id in ["sw_agency", "cin_rate", "sdq_score"] {
            let one = only(&[id]);
            drawn(&IndicatorByGrade::collect(&one, &headline, style.clone()).unwrap());
            for moment in [Moment::FallsTo("inadequate".to_owned()), Moment::Inspection] {
                drawn(&IndicatorAround::collect(&one, &headline, &moment, style.clone()).unwrap());
            }
        }
    }
}
