//! Figures that Ofsted has published come out of the queries.

use rating_history::chrono::NaiveDate;
use rating_history::frame::columns::FRAMEWORK;
use rating_history::ofsted::{self, Framework, Theme};
use rating_history::polars::prelude::*;
use rating_history::{Ratings, Series};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// "Latest SIF or ILACS ended by one day, published by another."
fn latest(theme: Theme, published_by: &str) -> Series {
    ofsted::england()
        .unwrap()
        .ratings()
        .unwrap()
        .series(theme)
        .unwrap()
        .only(FRAMEWORK, [Framework::Sif, Framework::Ilacs])
        .unwrap()
        .published_by(day(published_by))
}

/// Counts from inadequate to outstanding, then not reported and not rated, of all or of one group.
fn counts(ratings: &Ratings, on: &str, group: Option<(&str, &str)>) -> Vec<u32> {
    let mut frame = ratings.distribution(&[day(on)], group.map(|g| g.0)).lazy();
    if let Some((column, value)) = group {
        frame = frame.filter(col(column).eq(lit(value)));
    }
    frame.collect().unwrap().column("count").unwrap().u32().unwrap().into_no_null_iter().collect()
}

fn good(counts: &[u32]) -> (u32, u32) {
    (counts[2] + counts[3], counts[..4].iter().sum())
}

/// "Main findings: children's social care in England 2019", as at 31 March 2019: 46% good or outstanding, 13%
/// inadequate, help and protection 35%, of 152 authorities.
#[test]
fn as_at_31_march_2019() {
    let overall = counts(&latest(Theme::Headline, "2019-04-30"), "2019-03-31", None);
    assert_eq!((good(&overall), overall[0]), ((70, 152), 20));
    let help = counts(&latest(Theme::HelpAndProtection, "2019-04-30"), "2019-03-31", None);
    assert_eq!(good(&help), (53, 152));
}

/// As at 31 August 2019, published by 30 September: 49% good or outstanding, leaders 56%, London 79%, West Midlands
/// 21%, of the 149 inspected (Dorset and Bournemouth, Christchurch and Poole were new).
#[test]
fn as_at_31_august_2019() {
    let overall = latest(Theme::Headline, "2019-09-30");
    let england = counts(&overall, "2019-08-31", None);
    assert_eq!(good(&england), (73, 149));
    assert_eq!(england[4..], [0, 2]);
    assert_eq!(good(&counts(&latest(Theme::Leadership, "2019-09-30"), "2019-08-31", None)), (84, 149)); // 56.4%, with Cumbria good in 2018
    assert_eq!(good(&counts(&overall, "2019-08-31", Some(("region", "London")))), (26, 33));
    assert_eq!(good(&counts(&overall, "2019-08-31", Some(("region", "West Midlands")))), (3, 14));
}

/// As at 31 March 2024: 60% good or outstanding, help and protection 54%, London 85%, North West 36%; of 65
/// authorities with more than one ILACS 26 did better than the time before, 12 worse, 15 stayed good or outstanding.
#[test]
fn as_at_31_march_2024() {
    let overall = latest(Theme::Headline, "2024-05-31");
    let percent = |(part, all): (u32, u32)| (1000.0 * f64::from(part) / f64::from(all)).round() / 10.0;
    assert_eq!(percent(good(&counts(&overall, "2024-03-31", None))), 60.3);
    let help = counts(&latest(Theme::HelpAndProtection, "2024-05-31"), "2024-03-31", None);
    assert_eq!(percent(good(&help)), 54.3);
    assert_eq!(percent(good(&counts(&overall, "2024-03-31", Some(("region", "London"))))), 84.8);
    assert_eq!(percent(good(&counts(&overall, "2024-03-31", Some(("region", "North West"))))), 36.4);

    let again = latest(Theme::Headline, "2024-05-31")
        .only(FRAMEWORK, [Framework::Ilacs])
        .unwrap()
        .as_of(day("2024-03-31"))
        .transitions()
        .lazy()
        .group_by([col("authority")])
        .agg([col("to").last(), col("direction").last()])
        .collect()
        .unwrap();
    let direction = again.column("direction").unwrap().cast(&DataType::String).unwrap();
    let direction = direction.str().unwrap();
    let to = again.column("to").unwrap().cast(&DataType::String).unwrap();
    let to = to.str().unwrap();
    let count = |keep: &dyn Fn(&str, &str) -> bool| {
        direction.no_null_iter().zip(to.no_null_iter()).filter(|(d, g)| keep(d, g)).count()
    };
    assert_eq!(again.height(), 65);
    assert_eq!(count(&|d, _| d == "improved"), 26);
    assert_eq!(count(&|d, _| d == "declined"), 12);
    assert_eq!(count(&|d, g| d == "unchanged" && ["good", "outstanding"].contains(&g)), 15);
}

/// Annual report of 2015: SIF published by 30 June 2015: 14 good, 31 requires improvement, 14 inadequate; by 30
/// November 2015 17, 38, 19.
#[test]
fn sif_in_2015() {
    for (by, expected) in [("2015-06-30", [14, 31, 14, 0]), ("2015-11-30", [19, 38, 17, 0])] {
        let counts = counts(&latest(Theme::Headline, by), by, None);
        assert_eq!(counts[..4], expected, "{by}");
    }
}

/// Outcomes as at 31 March 2025, reports to 30 June 2025: 19, 31, 67, 36 of 153.
#[test]
fn as_at_31_march_2025() {
    let counts = counts(&latest(Theme::Headline, "2025-06-30"), "2025-03-31", None);
    assert_eq!(counts, [19, 31, 67, 36, 0, 0]);
}
