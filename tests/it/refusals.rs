//! Questions that ratings cannot answer: narrowed ones where all are needed, later days, registers with gaps.

use rating_history::chart::{Fan, Matrix, Style, Survival, TileMap};
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{Bootstrap, Exposures, ForecastOptions, Generator, Study, forecast};
use rating_history::frame::{PeerGroups, Rating};
use rating_history::ofsted::{self, Theme};
use rating_history::polars::prelude::{IntoLazy, NamedFrom, Series as Values, df};
use rating_history::trend::{Every, Year};
use rating_history::{Error, Ratings, Scale};

use crate::england::{england, headline};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What compares with all bodies, or needs all series or all rows, is refused of ratings that lack some.
#[test]
fn narrowed_ratings_are_refused_where_all_are_needed() {
    let ratings = england().ratings().unwrap();
    let slough = ratings.clone().bodies_only(["E06000039"]).unwrap();
    let one = headline().bodies_only(["E06000039"]).unwrap();
    let refused: Vec<(&str, Result<(), Error>)> = vec![
        ("peers are compared with all authorities", slough.peers("E06000039").rows().map(drop)),
        ("peers are compared", slough.peer_standing("E06000039", &[day("2020-01-01")]).rows().map(drop)),
        ("those of an event are compared", slough.around_events("trust_established").rows().map(drop)),
        ("grades are carried from predecessors", slough.clone().lineage().map(drop)),
        ("the last rows tell who has gone", slough.ending_with_last_rows().map(drop)),
        ("the last rows tell", ratings.clone().published_by(day("2020-01-01")).ending_with_last_rows().map(drop)),
        ("profile is about all judgements", ofsted::profile(&one).rows().map(drop)),
        ("concerns is about all judgements", ofsted::concerns(&headline()).rows().map(drop)),
        ("practice_profile is about all", ofsted::practice_profile(&headline()).map(drop)),
        ("short_inspection_rule is about all", ofsted::short_inspection_rule(&headline()).map(drop)),
        ("cannot be chosen by their grade", ratings.clone().only("grade", ["good"]).map(drop)),
        ("unknown value `nowhere`", ratings.clone().only("inspection", ["nowhere"]).map(drop)),
        ("did you mean E06000039 (Slough)?", ratings.clone().only("authority", ["Slough"]).map(drop)),
        ("unknown framework `section_114_notice`", ratings.only("framework", ["section_114_notice"]).map(drop)),
    ];
    for (told, result) in refused {
        let message = result.expect_err(told).to_string();
        assert!(message.contains(told), "{message}");
    }
}

/// Tables beside the ratings are about their bodies, by id: names are refused, and the error says whose id is meant.
#[test]
fn names_in_place_of_ids_are_refused() {
    let ratings = || england().ratings().unwrap();
    let events = |authority: &str| {
        let date = Values::new("event_date".into(), [day("2020-01-01")]);
        df!("authority" => [authority], "event" => ["fire"], "event_date" => date).unwrap().lazy()
    };
    let peers = |id: &str, neighbour: &str| {
        let members = df!("authority" => [id], "neighbour" => [neighbour], "place" => [1u32]).unwrap();
        ratings().with_peers(PeerGroups::new().listed("alike", "those most alike", members.lazy()).unwrap())
    };
    let successors = df!("authority" => ["E06000039"], "successor" => ["Bradford"]).unwrap().lazy();
    let refused = [
        ("events: ", "E06000039 (Slough)", ratings().with_events(events("Slough")).map(drop)),
        ("successors: ", "E08000032 (Bradford)", ratings().with_successors(successors).map(drop)),
        ("alike: ", "E06000039 (Slough)", peers("Slough", "E08000032").map(drop)),
        ("alike: ", "E08000032 (Bradford)", peers("E06000039", "Bradford").map(drop)),
    ];
    for (table, near, result) in refused {
        let message = result.expect_err(near).to_string();
        assert!(message.starts_with(table) && message.contains(near), "{message}");
    }
    assert!(ratings().with_events(events("E06000039")).is_ok() && peers("E06000039", "E08000032").is_ok());
    // Without a register, events may be about bodies that are not rated, but not all of them.
    let frame = df!("authority" => ["a", "b"], "effect" => Values::new("effect".into(), [day("2019-01-01"); 2]), "grade" => ["A", "B"]);
    let own = Ratings::new(frame.unwrap().lazy(), Scale::new(["B", "A"]).unwrap()).unwrap();
    assert!(own.clone().with_events(events("b")).is_ok());
    assert!(own.with_events(events("Bridge B")).is_err());
}

/// What was estimated from one series is not drawn as another.
#[test]
fn estimates_of_another_series_are_not_drawn() {
    let leadership = england().ratings().unwrap().series(Theme::Leadership).unwrap();
    let study = Study::until(england().cut_off());
    let options =
        ForecastOptions::default().stratum("region".to_owned()).bootstrap(Bootstrap::default().replicates(10));
    let made = forecast(&leadership, &study, "E06000039", 5, &options).unwrap();
    assert_eq!(made.stratum.as_deref(), Some("South East"));
    assert!(Fan::collect(&leadership, made.clone(), Style::default()).is_ok());
    let message = Fan::collect(&headline(), made, Style::default()).unwrap_err().to_string();
    assert!(message.contains("leadership"), "{message}");

    let matrix = Generator::from_totals(&Exposures::collect(&leadership, &study).unwrap()).unwrap();
    let matrix = matrix.transition_matrix(1.0, 0.95).unwrap();
    assert!(Matrix::new(matrix.clone(), &leadership, Style::default()).is_ok());
    let message = Matrix::new(matrix, &headline(), Style::default()).unwrap_err().to_string();
    assert!(message.contains("leadership"), "{message}");

    let curves = Survival::collect(&headline(), &study, "inadequate", None, None, Style::default()).unwrap();
    assert!(curves.clone().tested(f64::NAN).is_err() && curves.clone().tested(1.5).is_err());
    assert_eq!(curves.tested(0.25).unwrap().p, Some(0.25));
}

/// Dates up to a day that comes before the first are none.
#[test]
fn a_period_in_reverse_has_no_dates() {
    assert!(Every::MONTH.dates_to(day("2020-01-02"), day("2020-01-01")).is_empty());
    assert_eq!(Every::MONTH.dates_to(day("2020-01-01"), day("2020-01-01")), [day("2020-01-01")]);
}

/// Nothing is told of days after the one as of which ratings are looked at, or after that to which they are complete.
#[test]
fn nothing_is_told_of_later_days() {
    let (then, later) = (day("2015-06-30"), day("2020-01-01"));
    let past = headline().as_of(then);
    let beyond = day("2026-12-31"); // England's ratings are complete to 20 August 2026
    let period = |from: &str| Year::Calendar.of(day(from));
    let tiles = ofsted::england_tiles().unwrap();
    let refused: Vec<(&str, Result<(), Error>)> = vec![
        ("one not after 2015-06-30", past.distribution(&[then, later], None).rows().map(drop)),
        ("one not after 2015-06-30", past.flows(then, later).rows().map(drop)),
        ("one not after 2015-06-30", past.peer_standing("E06000039", &[later]).rows().map(drop)),
        ("one not after 2015-06-30", past.inspections_in(&[period("2016-01-01")]).rows().map(drop)),
        ("one not after 2015-06-30", TileMap::collect(&past, &[later], &tiles, None, Style::default()).map(drop)),
        ("one not after 2026-08-20", headline().distribution(&[beyond], None).rows().map(drop)),
        (
            "one not after 2014-01-01",
            headline().published_by(day("2014-01-01")).distribution(&[then], None).rows().map(drop),
        ),
    ];
    for (told, result) in refused {
        let message = result.expect_err(told).to_string();
        assert!(message.contains(told), "{message}");
    }
    // A year that goes on after the day is counted to it; a year asked for twice counts once.
    let half: u32 = past.inspections_in(&[period("2015-01-01")]).rows().unwrap().iter().map(|r| r.count).sum();
    let twice = [period("2015-01-01"), period("2015-01-01")];
    let again: u32 = past.inspections_in(&twice).rows().unwrap().iter().map(|r| r.count).sum();
    let whole: u32 = headline().inspections_in(&[period("2015-01-01")]).rows().unwrap().iter().map(|r| r.count).sum();
    assert!(half > 0 && half < whole && half == again, "{half} {again} {whole}");
}

/// A register has each rated body once, by its id; a group that is not known is counted by itself.
#[test]
fn registers_are_complete_and_groups_may_be_unknown() {
    let rows = || ["b1", "b2", "b3"].map(|b| Rating::new(b, day("2020-01-01"), if b == "b1" { "A" } else { "B" }));
    let ratings = || Ratings::from_rows(rows(), &Scale::new(["B", "A"]).unwrap()).unwrap();
    let register = |ids: &[&str], regions: &[Option<&str>]| {
        let columns = [Values::new("authority".into(), ids), Values::new("region".into(), regions)];
        ratings().with_authorities(df!("authority" => &columns[0], "region" => &columns[1]).unwrap().lazy())
    };
    let wrong = |ids: &[&str]| register(ids, &vec![None; ids.len()]).unwrap_err().to_string();
    assert!(wrong(&["b1", "b2", "b3", "b2"]).contains("`b2` has two rows, the second is row 4"));
    assert!(
        wrong(&["b1", "b2", "b3 "])
            .contains("authorities: no row for 1 of those rated: b3; did you mean b3 ?; expected every one of them")
    );
    let none = register(&["b1", "b2", "b3"], &[None; 3]).unwrap();
    let unknown = none.distribution(&[day("2021-01-01")], Some("region")).rows().unwrap_err().to_string();
    assert!(unknown.contains("the region of none of these bodies is known"), "{unknown}");
    let some = register(&["b1", "b2", "b3"], &[Some("north"), None, None]).unwrap();
    let shares = some.distribution(&[day("2021-01-01")], Some("region")).rows().unwrap();
    let told = |group: Option<&str>, grade: &str| {
        let row = shares.iter().find(|s| s.group.as_deref() == group && s.grade == grade).unwrap();
        (row.count, row.open, row.rated)
    };
    assert_eq!((told(None, "B"), told(None, "A"), told(None, "not_rated")), ((2, 2, 2), (0, 2, 2), (0, 2, 2)));
    assert_eq!(told(Some("north"), "A"), (1, 1, 1));
}
