//! Everyday tasks with the public interface alone: no type of polars, at most six lines each; and wrong calls.

use rating_history::chart::{Chart, Distribution, Ribbons, Style, TileMap};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{CohortOptions, PairCounts, Snapshots, Study, Times, cohort_matrix, kaplan_meier};
use rating_history::estimate::{
    Exposures, ForecastOptions, Generator, IntervalScale, SimilarOptions, forecast, ranked_probability_score, similar,
    stays,
};
use rating_history::frame::{PeerGroups, Rating};
use rating_history::io::{RatingColumns, ReadOptions, Source};
use rating_history::ofsted::{self, Area, Grade, Mapping, RatingHistory, Theme};
use rating_history::trend::{Condition, Every, Since};
use rating_history::{Clock, Error, Ratings, Scale, Series};

use crate::england::{england, headline};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_grade_on_a_day() {
    let england = england();
    let slough = england.course("Slough").unwrap();
    assert_eq!(slough.grade_on(Theme::Headline, day("2015-01-01")), Some(Grade::Inadequate));
    assert_eq!(slough.latest(Theme::Headline).unwrap().grade, Some(Grade::RequiresImprovement));
}

#[test]
fn the_spells_of_one_body() {
    let england = england();
    let spells = england.course("Slough").unwrap().spells(Theme::Headline);
    let told: Vec<_> = spells.iter().map(|s| (s.grade(), s.days(), s.inspections)).collect();
    assert_eq!(told, [(Grade::Inadequate, 2803, 3), (Grade::RequiresImprovement, 2757, 2)]);
}

#[test]
fn shares_by_region_over_years() {
    let days = Every::YEAR.dates(day("2018-03-31"), day("2026-03-31"));
    let shares = headline().distribution(&days, Some("region")).rows().unwrap();
    let of = |region| {
        move |s: &&rating_history::trend::Share| s.group.as_deref() == Some(region) && s.date == day("2026-03-31")
    };
    let good: f64 = shares
        .iter()
        .filter(of("London"))
        .filter(|s| s.grade == "good" || s.grade == "outstanding")
        .map(|s| s.share_rated.unwrap())
        .sum();
    assert_eq!((100.0 * good).round(), 91.0);
}

#[test]
fn how_long_a_grade_lasts() {
    let study = Study::until(day("2026-08-20"));
    let times = Times::collect(&headline(), &study, "inadequate", None, None).unwrap().remove(0);
    let curve = kaplan_meier(&times.kinds, &times.durations, IntervalScale::LogLog, 0.95).unwrap();
    assert!((1.0..4.0).contains(&curve.median().value.unwrap()));
}

#[test]
fn a_matrix_for_next_year_with_intervals() {
    let (study, options) = (Study::until(day("2026-08-20")), CohortOptions::default());
    let pairs = PairCounts::snapshots(&headline(), &study, &Snapshots::default()).unwrap();
    let matrix = cohort_matrix(&pairs, &options).unwrap();
    let (p, lower, upper) =
        (matrix.probability[0][0].unwrap(), matrix.lower[0][0].unwrap(), matrix.upper[0][0].unwrap());
    assert!(lower < p && p < upper && p > 0.5);
}

#[test]
fn who_moved() {
    let movers = headline().movers(Since::Date(day("2016-06-30"))).rows().unwrap();
    let most = movers.iter().max_by_key(|m| m.steps).unwrap();
    assert_eq!((most.from.as_str(), most.to.as_str(), most.steps), ("inadequate", "outstanding", Some(3)));
}

#[test]
fn one_body_among_its_peers() {
    let england = england();
    let slough = england.find("Slough").unwrap().code.as_str();
    let peers = headline().peers(slough).rows().unwrap();
    assert_eq!(peers.iter().filter(|p| p.peer_group == ofsted::NEIGHBOURS).count(), 10);
}

#[test]
fn own_rows() {
    let row = |bridge: &str, date: &str, grade: &str| Rating::new(bridge, day(date), grade);
    let rows = [row("b1", "2015-05-01", "fair"), row("b1", "2021-05-01", "poor"), row("b2", "2016-09-30", "sound")];
    let ratings = Ratings::from_rows(rows, &Scale::new(["poor", "fair", "sound"]).unwrap()).unwrap();
    let moves = ratings.transitions().rows().unwrap();
    assert_eq!((moves[0].from.as_str(), moves[0].to.as_str(), moves.len()), ("fair", "poor", 1));
}

#[test]
fn own_list_on_any_scale() {
    let homes = "home,day,rating\nElm,31/01/2020,B\nOak,30/06/2020,A\nOak,30/06/2024,NR\n";
    let columns = RatingColumns::new("home", "day", "rating").withdrawn(["NR"]);
    let scale = Scale::new(["B", "A"]).unwrap();
    let read = columns.read(Source::new("homes.csv", homes.as_bytes()), &scale, &ReadOptions::default()).unwrap();
    assert_eq!(read.value.spells().rows().unwrap()[1].days, 1461);
}

#[test]
fn own_sheet_of_inspections() {
    let sheet = "Council;Inspected to;Overall\nSlough;01/02/2019;RI\nSlow;17/03/2023;RI\n";
    let mapping = Mapping::default().authority("Council").end("Inspected to").dates(["%d/%m/%Y"]);
    let mapping = mapping.grade(Area::OverallEffectiveness, "Overall").word("RI", Some("requires_improvement"));
    let read =
        mapping.read(Source::new("list.csv", sheet.as_bytes()), england().authorities(), &ReadOptions::lenient());
    let read = read.unwrap();
    assert_eq!((read.value.inspections().len(), read.report.left_out), (1, 1));
}

#[test]
fn streaks_below_good() {
    let streaks =
        headline().streaks(&Condition::AtOrBelow(Grade::RequiresImprovement.code().to_owned())).rows().unwrap();
    let longest = streaks.iter().max_by_key(|s| s.days).unwrap();
    assert!(longest.days > 4000, "{longest:?}");
}

#[test]
fn as_it_was_known_then() {
    let then = headline().published_by(day("2016-03-31")).clock(Clock::Published).standing().rows().unwrap();
    assert_eq!(then.len(), 152);
}

#[test]
fn a_chart_in_house_style() {
    let days = Every::YEAR.dates(day("2018-03-31"), day("2026-03-31"));
    let style = Style::default().source("Our own source");
    let svg = Distribution::collect(&headline(), &days, style).unwrap().to_svg().unwrap();
    assert!(svg.contains("Our own source"));
}

/// Wrong calls that types cannot refuse name what was given, and the nearest.
#[test]
fn wrong_names_are_refused() {
    let ratings = england().ratings().unwrap();
    let headline = headline();
    let (study, options) = (Study::until(day("2026-08-20")), ForecastOptions::default());
    let (scale, tiles) = (Scale::new(["B", "A"]).unwrap(), ofsted::england_tiles().unwrap());
    let exposures = Exposures::collect(&headline, &study).unwrap();
    let refused: Vec<(&str, Result<(), Error>)> = vec![
        ("unknown series `leadrship` (did you mean `leadership`?)", ratings.series("leadrship").map(drop)),
        ("unknown series `x`", ratings.clone().series_only(["x"]).map(drop)),
        ("expected one; name it with `series`", ratings.only_series().map(drop)),
        ("did you mean E06000039 (Slough)?", ratings.clone().bodies_only(["Slough"]).map(drop)),
        ("did you mean E06000039 (Slough)?", headline.peers("Slough").rows().map(drop)),
        ("did you mean E06000039 (Slough)?", headline.peers("Slough").collect().map(drop)),
        ("did you mean E06000039 (Slough)?", headline.peers("Slough").lazy().collect().map(drop).map_err(Error::from)),
        ("did you mean E06000039 (Slough)?", headline.peer_standing("Slough", &[day("2020-01-01")]).rows().map(drop)),
        ("did you mean E06000039 (Slough)?", forecast(&headline, &study, "Slough", 1, &options).map(drop)),
        (
            "did you mean E06000039 (Slough)?",
            similar(&headline, &study, "Slough", &SimilarOptions::at(day("2020-01-01"))).map(drop),
        ),
        ("series `none`: expected at least one", ratings.clone().series_only(Vec::<&str>::new()).map(drop)),
        ("values `none`: expected at least one", ratings.clone().only("framework", Vec::<&str>::new()).map(drop)),
        ("dates ``: expected at least one", headline.distribution(&[], None).rows().map(drop)),
        (
            "day `1700-01-01`: expected one from 1850",
            headline.clone().as_of(day("1700-01-01")).spells().rows().map(drop),
        ),
        (
            "day `1700-01-01`: expected one from 1850",
            headline.distribution(&[day("1700-01-01")], None).rows().map(drop),
        ),
        ("(did you mean `trust_established`?)", headline.around_events("trust_establishd").rows().map(drop)),
        ("unknown scope of events `childen`", ratings.clone().events_about("childen").map(drop)),
        ("first day observed `2030-01-01`", stays(&headline, &study.clone().from(day("2030-01-01"))).rows().map(drop)),
        ("weight `-1`: expected a number, at least 0", Generator::from_weighted_totals(&exposures, |_| -1.0).map(drop)),
        (
            "unknown state `god` (did you mean `good`?)",
            Generator::from_totals(&exposures).unwrap().first_passage(&["god"]).map(drop),
        ),
        ("what happened `7`", ranked_probability_score(&[0.5, 0.5], 7).map(drop)),
        (
            "unknown authority `Slugh`; did you mean E06000039 (Slough)?",
            Ribbons::collect(&headline, Some("Slugh"), Style::default()).map(drop),
        ),
        (
            "unknown authority `Slugh`; did you mean E06000039 (Slough)?",
            TileMap::collect(&headline, &[day("2020-01-01")], &tiles, Some("Slugh"), Style::default()).map(drop),
        ),
        ("years ``: expected the first years", Times::by_period(&headline, &study, "good", None, &[]).map(drop)),
        ("without a body", Ratings::from_rows([Rating::new("", day("2020-01-01"), "A")], &scale).map(drop)),
        ("(did you mean `A`?)", Ratings::from_rows([Rating::new("x", day("2020-01-01"), "a")], &scale).map(drop)),
        ("did you mean `framework`?", ratings.clone().only("framwork", ["sif"]).map(drop)),
        ("unknown framework `siff` (did you mean `SIF`?)", ratings.clone().only("framework", ["siff"]).map(drop)),
        ("did you mean `region`?", headline.distribution(&[day("2020-01-01")], Some("regoin")).rows().map(drop)),
        (
            "unknown grade `god` (did you mean `good`?)",
            headline.streaks(&Condition::AtOrAbove("god".into())).rows().map(drop),
        ),
        (
            "a column `regoin`",
            PeerGroups::new()
                .same("r", "r", "regoin")
                .and_then(|g| ratings.clone().with_peers(g)?.series(Theme::Headline))
                .and_then(|s| s.peers("E06000039").rows().map(drop)),
        ),
    ];
    for (told, result) in refused {
        let message = result.expect_err(told).to_string();
        assert!(message.contains(told) || (told == "a column `regoin`" && message.contains("regoin")), "{message}");
    }
}

/// One authority's plain values are the rows of the queries.
#[test]
fn courses_are_the_queries() {
    let england = england();
    let bound = Grade::RequiresImprovement;
    for clock in [Clock::Effect, Clock::Published] {
        for as_of in ["2013-06-30", "2021-05-01", "2026-08-20"].map(day) {
            let ratings = england.ratings().unwrap().clock(clock).as_of(as_of);
            let (spells, judgements) = (ratings.spells().rows().unwrap(), ratings.judgements().rows().unwrap());
            let streaks = ratings.streaks(&Condition::AtOrBelow(bound.code().to_owned())).rows().unwrap();
            let standing = ratings.standing().rows().unwrap();
            let mut seen = 0;
            for authority in england.authorities() {
                let code = authority.code.as_str();
                let course = england.course(code).unwrap().clock(clock).as_of(as_of);
                for theme in Theme::ALL.iter().copied() {
                    let own =
                        |body: &str, series: &rating_history::SeriesId| body == code && series.as_str() == theme.code();
                    let told = course.spells(theme);
                    let rows: Vec<_> = spells.iter().filter(|s| own(&s.authority, &s.theme)).collect();
                    assert_eq!(told.len(), rows.len(), "{code} {theme}");
                    for (a, b) in told.iter().zip(rows) {
                        assert_eq!(
                            (a.grade().code(), a.start, a.end, a.days()),
                            (b.grade.as_str(), b.start, b.end, b.days)
                        );
                        assert_eq!((a.inspections, a.ended_by), (b.inspections, b.ended_by), "{code} {theme}");
                        assert_eq!((a.start_precision, a.end_precision), (b.start_precision, b.end_precision));
                        assert_eq!(course.grade_on(theme, a.start), Some(a.grade()));
                        seen += 1;
                    }
                    let told: Vec<_> =
                        course.streaks(theme, |g| g <= bound).iter().map(|s| (s.start, s.end, s.inspections)).collect();
                    let rows: Vec<_> = streaks
                        .iter()
                        .filter(|s| own(&s.authority, &s.theme))
                        .map(|s| (s.start, s.end, s.inspections))
                        .collect();
                    assert_eq!(told, rows, "{code} {theme}");
                    let told: Vec<_> = course
                        .judgements(theme)
                        .iter()
                        .map(|j| (j.grade.map(Grade::code), j.date, j.inspection.id.clone()))
                        .collect();
                    let rows = judgements.iter().filter(|j| own(&j.authority, &j.theme));
                    let rows: Vec<_> =
                        rows.map(|j| (j.grade.as_deref(), j.date, j.inspection.clone().unwrap())).collect();
                    assert_eq!(
                        told.iter().map(|(g, d, i)| (*g, *d, i.to_string())).collect::<Vec<_>>(),
                        rows,
                        "{code} {theme}"
                    );
                    let row = standing.iter().find(|s| own(&s.authority, &s.theme));
                    let grade = row.and_then(|s| s.grade.as_deref());
                    assert_eq!(course.grade_on(theme, as_of).map(Grade::code), grade, "{code} {theme} {as_of}");
                }
            }
            assert!(seen > 100);
        }
    }
}

/// What is handed from one thread to another.
#[test]
fn values_are_sent_and_shared() {
    fn both<T: Send + Sync>() {}
    both::<rating_history::Ratings>();
    both::<Series>();
    both::<rating_history::Query<rating_history::trend::Spell>>();
    both::<RatingHistory>();
    both::<rating_history::ofsted::Course<'static>>();
    both::<Error>();
    both::<Style>();
}
