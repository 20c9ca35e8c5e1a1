//! Distances between trajectories, and the nearest ones to a given authority's.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::sequence::optimal_matching;
use super::study::Study;
use super::timelines::{sequence, timelines};
use crate::code::{coded_enum, setters};
use crate::trend::Stretch;
use crate::{Error, Series};

coded_enum! {
    /// How far apart two trajectories are.
    enum Distance: "distance" {
        /// The mean difference in ranks over the days on which both have a grade.
        Rank = "rank" / "mean difference in ranks",
        /// Optimal matching of months: the least cost per month of shifting (1 a month) and regrading (1 a rank).
        Matching = "matching" / "optimal matching of months",
    }
}

/// Days of a month, where months are steps.
const MONTH: f64 = 365.25 / 12.0;

/// What to look for with [`similar`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SimilarOptions {
    /// The day on which the given authority is looked at.
    pub at: NaiveDate,
    /// How many years before it are compared.
    pub years: f64,
    /// How far apart two trajectories are.
    pub distance: Distance,
}

setters!(SimilarOptions {
    /// How many years before it are compared.
    years: f64,
    /// How far apart two trajectories are.
    distance: Distance,
});

impl SimilarOptions {
    /// Ten years before a day, by the mean difference in ranks.
    pub fn at(at: NaiveDate) -> Self {
        SimilarOptions { at, years: 10.0, distance: Distance::Rank }
    }
}

/// An authority that once stood where the given one stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Similar {
    /// Its code.
    pub authority: String,
    /// The day on which it had stood at the grade for as long as the given one.
    pub on: NaiveDate,
    /// How far apart the years before were.
    pub distance: f64,
    /// Years on which both had a grade.
    pub overlap_years: f64,
    /// The grade that came next; `None` while it stands.
    pub next: Option<String>,
    /// When.
    pub next_on: Option<NaiveDate>,
    /// The first better grade after that day.
    pub better: Option<String>,
    /// When.
    pub better_on: Option<NaiveDate>,
    /// The grade on the study's last day, or its last one.
    pub latest: String,
}

/// Who stood where an authority stood on a day, and what became of them: every other authority that has stood at the
/// same grade for as long, looked at on the day when it had, nearest years before first (then the longest overlap).
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Ratings, estimate::{SimilarOptions, Study, similar}};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let options = SimilarOptions::at("2016-06-30".parse().unwrap());
/// let alike = similar(&headline, &Study::until(england.cut_off()), "E06000039", &options)?;
/// assert!(alike.iter().any(|a| a.authority == "E08000025")); // Birmingham
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoGrade`] when the authority has none on the day; [`Error::Value`] when no years are to be compared;
/// [`Error::Frame`] when the ratings were narrowed to some bodies.
pub fn similar(
    series: &Series,
    study: &Study,
    authority: &str,
    options: &SimilarOptions,
) -> Result<Vec<Similar>, Error> {
    series.know_bodies(&[authority])?;
    series.all_bodies("a search for the similar works with")?;
    let labels = series.scale().labels();
    let lines = timelines(series, study)?;
    let at = options.at.to_epoch_days();
    let own = lines.iter().find(|(a, _)| a == authority).map(|(_, line)| line);
    let standing = own.and_then(|line| line.graded().rev().find(|(s, _)| s.start <= options.at && options.at <= s.end));
    let (Some(own), Some((spell, rank))) = (own, standing) else {
        return Err(series.no_grade(authority, options.at));
    };
    if !(options.years > 0.0 && options.years <= 200.0) {
        return Err(Error::value("years to compare", options.years, "more than 0, at most 200"));
    }
    let (age, first) = (at - spell.start.to_epoch_days(), at - (options.years * 365.25).round() as i32);
    let date = |day: i32| NaiveDate::from_epoch_days(day).unwrap_or(study.to);
    let mut found: Vec<Similar> = Vec::new();
    for (code, other) in lines.iter().filter(|(code, _)| code != authority) {
        let mut candidates = Vec::new();
        let spells: Vec<(&Stretch, usize)> = other.graded().collect();
        for (place, (spell, grade)) in spells.iter().enumerate() {
            let (on, ended) = (spell.start.to_epoch_days().saturating_add(age), spell.end.to_epoch_days());
            let last = place + 1 == spells.len();
            if *grade != rank || on > ended || (on == ended && !last) || on > study.to.to_epoch_days() {
                continue;
            }
            let shift = at - on;
            // With no years to compare, as on the day of a first grade, all are alike.
            let (mean, days) = own.distance(other, first, at, shift).unwrap_or((0.0, 0));
            let distance = match options.distance {
                Distance::Rank => mean,
                Distance::Matching => {
                    let a = sequence(own, first, at, MONTH, labels.len());
                    let b = sequence(other, first - shift, on, MONTH, labels.len());
                    let (Ok(a), Ok(b)) = (a, b) else { continue };
                    optimal_matching(&a, &b, 1.0, 1.0)? / a.states().len().max(b.states().len()) as f64
                }
            };
            let next = spells.get(place + 1);
            let better = spells[place + 1..].iter().find(|(_, g)| *g > rank);
            let grade = |spell: Option<&(&Stretch, usize)>| spell.map(|(_, g)| labels[*g].clone());
            candidates.push(Similar {
                authority: code.clone(),
                on: date(on),
                distance,
                overlap_years: f64::from(days) / 365.25,
                next: grade(next),
                next_on: next.map(|(s, _)| s.start),
                better: grade(better),
                better_on: better.map(|(s, _)| s.start),
                latest: grade(spells.last()).unwrap_or_default(),
            });
        }
        let nearest = |a: &Similar, b: &Similar| {
            a.distance.total_cmp(&b.distance).then(b.overlap_years.total_cmp(&a.overlap_years))
        };
        found.extend(candidates.into_iter().min_by(nearest));
    }
    found.sort_by(|a, b| {
        let overlap = b.overlap_years.total_cmp(&a.overlap_years);
        a.distance.total_cmp(&b.distance).then(overlap).then_with(|| a.authority.cmp(&b.authority))
    });
    Ok(found)
}
