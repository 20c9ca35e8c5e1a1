//! What can be said of one body's indicator around a change of its grade, in words.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

use super::{Indicator, IndicatorValue, Indicators, Note};
use crate::estimate::ProportionInterval;
use crate::trend::Transition;
use crate::{Error, Series};

/// A value in a year, with that of all bodies beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Point {
    /// The year in which the period ends.
    pub year: i32,
    /// The value.
    pub value: f64,
    /// What was counted, where told.
    pub numerator: Option<f64>,
    /// What it is a part of, where told.
    pub denominator: Option<f64>,
    /// The published figure of all bodies in that year, where there is one.
    pub whole: Option<f64>,
}

impl Point {
    /// The part and the number that it is of, where the indicator is a proportion.
    fn part(&self, indicator: &Indicator) -> Option<(f64, f64)> {
        self.numerator.zip(self.denominator).filter(|(_, all)| indicator.proportion && *all > 0.0)
    }
}

/// A difference of two proportions, with Newcombe's interval at 95% (1998, method 10: of two Wilson intervals), in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Move {
    /// The later less the earlier.
    pub points: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Move {
    /// Whether the interval leaves out that nothing moved.
    pub fn is_clear(&self) -> bool {
        self.lower > 0.0 || self.upper < 0.0
    }

    fn numbers(&self) -> String {
        format!("{:+.0} points, 95% interval {:+.0} to {:+.0}", self.points, self.lower, self.upper)
    }

    fn between(indicator: &Indicator, earlier: &Point, later: &Point) -> Option<Self> {
        let (one, other) = (earlier.part(indicator)?, later.part(indicator)?);
        let limits = |(part, all): (f64, f64)| {
            let (lower, upper) = ProportionInterval::Wilson.of(part, all, 1, 0.95).ok()?;
            Some((part / all, lower, upper))
        };
        let ((p, lower, upper), (q, later_lower, later_upper)) = (limits(one)?, limits(other)?);
        let points = q - p;
        let below = ((q - later_lower).powi(2) + (upper - p).powi(2)).sqrt();
        let above = ((later_upper - q).powi(2) + (p - lower).powi(2)).sqrt();
        Some(Move { points: 100.0 * points, lower: 100.0 * (points - below), upper: 100.0 * (points + above) })
    }
}

/// A change of grade with the indicator before and after it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoryChange {
    /// The judgement and the one before it.
    pub change: Transition,
    /// The value of the indicator's last day before the judgement.
    pub before: Point,
    /// The value of the first day on or after it.
    pub after: Point,
    /// Their difference, of proportions.
    pub moved: Option<Move>,
    /// The first later value that has gone back: not clearly different from that before any more, and on the same side of
    /// the figure of all bodies again (where the move did not cross it: with half of the move gone). Only where the move
    /// was clear.
    pub faded: Option<(Point, Move)>,
}

/// One body's indicator beside its grade: made by [`Indicators::story`], told by [`sentences`](IndicatorStory::sentences).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IndicatorStory {
    /// The body's name, or its id.
    pub name: String,
    /// The indicator.
    pub indicator: Indicator,
    /// What all bodies together are called, where there is a figure of them.
    pub whole: Option<String>,
    /// The series of the grades.
    pub series: String,
    /// The body's values, in order of years; joint ones are not among them.
    pub points: Vec<Point>,
    /// The changes of grade with a value on both sides.
    pub changes: Vec<StoryChange>,
    /// Whether the body is one of so few people that it is left out of means.
    pub is_tiny: bool,
    /// Why years have no value of the body's own, each reason with its years.
    pub missing: Vec<(Note, Vec<i32>)>,
    /// The words for the grades.
    grades: crate::Words,
}

impl Indicators {
    /// What can be said of one indicator of one body up to the day of the ratings: its values beside those of all bodies,
    /// before and after each change of grade in a series, and whether a clear move lasted.
    ///
    /// ```
    /// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
    /// use rating_history::ofsted::{self, Theme};
    /// let england = ofsted::england()?;
    /// let indicators = ofsted::england_indicators(&england)?;
    /// let story = indicators.story(&england.ratings()?.series(Theme::Headline)?, "E06000039", "eet_19_21")?;
    /// let told = story.sentences().join(" ");
    /// assert!(told.contains("38% (34 of 89) in the year to 31 March 2018, 59% (51 of 87) in the year to 31 March 2019"));
    /// assert!(told.contains("England 51% and 52%"));
    /// assert!(told.contains("It did not last: 49% (49 of 100) in the year to 31 March 2021"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unknown`] for an indicator that is not there, [`Error::UnknownBody`] for such a body.
    pub fn story(&self, series: &Series, body: &str, indicator: &str) -> Result<IndicatorStory, Error> {
        let indicator = self.get(indicator)?;
        series.know_bodies(&[body])?;
        let as_of = series.day();
        let total = self.total();
        let of_all = |year: i32| total.and_then(|t| self.value(&t.id, &indicator.id, year)).and_then(|v| v.value);
        let known = || self.of(body, &indicator.id).filter(|v| indicator.stands_on.in_year(v.year) <= as_of);
        let point = |v: &IndicatorValue| {
            let value = v.value.filter(|_| v.note.is_none())?;
            let (numerator, denominator, whole) = (v.numerator, v.denominator, of_all(v.year));
            Some(Point { year: v.year, value, numerator, denominator, whole })
        };
        let points: Vec<Point> = known().filter_map(point).collect();
        let mut missing: Vec<(Note, Vec<i32>)> = Vec::new();
        for (note, year) in known().filter_map(|v| Some((v.note?, v.year))) {
            match missing.iter_mut().find(|(known, _)| *known == note) {
                Some((_, years)) => years.push(year),
                None => missing.push((note, vec![year])),
            }
        }
        let own = series.clone().bodies_only([body])?;
        let judged = own.transitions().rows()?;
        let named = own.standing().rows()?.into_iter().find_map(|standing| standing.name);
        let changes = judged.into_iter().filter(|t| t.steps != 0).filter_map(|change| {
            let year = indicator.stands_on.last_before(change.on);
            let at = |year: i32| points.iter().find(|p| p.year == year).cloned();
            let (before, after) = (at(year)?, at(year + 1)?);
            let moved = Move::between(indicator, &before, &after);
            let faded = moved.filter(Move::is_clear).and_then(|_| {
                let later = points.iter().filter(|p| p.year > after.year && is_back(&before, &after, p));
                let mut moves = later.filter_map(|p| Some((p.clone(), Move::between(indicator, &before, p)?)));
                moves.find(|(_, moved)| !moved.is_clear())
            });
            Some(StoryChange { change, before, after, moved, faded })
        });
        Ok(IndicatorStory {
            name: named.unwrap_or_else(|| body.to_owned()),
            whole: total.map(|t| t.name.clone()),
            series: series.words().series(series.id().as_str()),
            changes: changes.collect(),
            is_tiny: self.left_out().any(|id| id == body),
            indicator: indicator.clone(),
            points,
            missing,
            grades: series.words().clone(),
        })
    }
}

/// Whether a later value has gone back after a move.
fn is_back(before: &Point, after: &Point, later: &Point) -> bool {
    let way = (after.value - before.value).signum();
    let apart = |point: &Point| point.whole.map(|whole| way * (point.value - whole));
    match (apart(before), apart(after), apart(later)) {
        (Some(before), Some(after), Some(later)) if before < 0.0 && after > 0.0 => later < 0.0,
        _ => way * (later.value - before.value) <= way * (after.value - before.value) / 2.0,
    }
}

impl Indicator {
    /// The period of a value in words: "in the year to 31 March 2019", "on 30 September 2019".
    pub fn period(&self, year: i32) -> String {
        match self.is_of_a_year() {
            true if self.day.contains("year ending") => format!("in the year to {} {year}", self.stands_on),
            true => format!("in the year {}/{:02}", year - 1, year.rem_euclid(100)),
            false => format!("on {} {year}", self.stands_on),
        }
    }

    /// How many of the twelve months of a value's year lie before a day within it.
    fn months_before(&self, year: i32, date: NaiveDate) -> Option<i32> {
        let start = self.stands_on.in_year(year - 1).succ_opt()?;
        let months = 12 * (date.year() - start.year()) + date.month() as i32 - start.month() as i32;
        let whole = months - i32::from(date.day() < start.day());
        (self.day.contains("year ending") && (1..=12).contains(&whole)).then_some(whole)
    }
}

impl IndicatorStory {
    fn value(&self, point: &Point) -> String {
        match (point.numerator, point.denominator) {
            (Some(part), Some(all)) if self.indicator.proportion => {
                format!("{} ({part} of {all})", self.indicator.write(point.value))
            }
            _ => self.indicator.write(point.value),
        }
    }

    /// A value with its period.
    fn told(&self, point: &Point) -> String {
        format!("{} {}", self.value(point), self.indicator.period(point.year))
    }

    /// The figures of all bodies for some values: "; England 51% and 52%".
    fn beside(&self, points: &[&Point]) -> String {
        let figures: Option<Vec<String>> =
            points.iter().map(|p| p.whole.map(|whole| self.indicator.write(whole))).collect();
        match (&self.whole, figures) {
            (Some(name), Some(figures)) => format!("; {name} {}", figures.join(" and ")),
            _ => String::new(),
        }
    }

    /// The story as sentences, each true by itself: the numbers, what lies beside them, and what they do not carry.
    pub fn sentences(&self) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        let label = &self.indicator.label;
        match (self.points.as_slice(), self.changes.as_slice()) {
            ([], _) => said.push(format!("{}. {label}: no value of its own.", self.name)),
            ([only], _) => said.push(format!(
                "{}. {label}: {}{}. One value shows no course.",
                self.name,
                self.told(only),
                self.beside(&[only])
            )),
            ([first, .., last], []) => {
                said.push(format!(
                    "{}. {label}: {}, {}{}.",
                    self.name,
                    self.told(first),
                    self.told(last),
                    self.beside(&[first, last])
                ));
                said.extend(self.chance(Move::between(&self.indicator, first, last)));
                said.push(format!("No change of grade ({}) has a value on both sides.", self.series));
            }
            ([.., last], changes) => {
                for (n, change) in changes.iter().enumerate() {
                    said.extend(self.of_change(n, change));
                }
                if changes.iter().all(|c| c.after.year < last.year) {
                    said.push(format!("The latest: {}{}.", self.told(last), self.beside(&[last])));
                }
            }
        }
        if self.is_tiny && !self.points.is_empty() {
            said.push("So few people that a percentage says little: left out of all means here.".to_owned());
        }
        for (note, years) in &self.missing {
            let span = match years.as_slice() {
                [one] => one.to_string(),
                [first, .., last] if years.len() as i32 == last - first + 1 => format!("{first} to {last}"),
                several => several.iter().map(i32::to_string).collect::<Vec<_>>().join(", "),
            };
            said.push(match note {
                Note::Joint => {
                    format!("{span}: one figure for several together, which is no evidence about {} alone.", self.name)
                }
                note => format!("{span}: no value ({}).", note.label()),
            });
        }
        said
    }

    fn of_change(&self, n: usize, told: &StoryChange) -> Vec<String> {
        let StoryChange { change, before, after, moved, faded } = told;
        let (from, to) = (self.grades.grade(&change.from), self.grades.grade(&change.to));
        let subject = match n {
            0 => format!("{}. {}: ", self.name, self.indicator.label),
            _ => String::new(),
        };
        let mut said = vec![
            format!("{subject}{}, {}{}.", self.told(before), self.told(after), self.beside(&[before, after])),
            format!(
                "Between the two days the grade ({}) went from {from} to {to} ({}).",
                self.series,
                change.on_precision.write(change.on)
            ),
        ];
        if let Some(months) = self.indicator.months_before(after.year, change.on) {
            said.push(format!(
                "{months} of the 12 months to {} {} lie before that.",
                self.indicator.stands_on, after.year
            ));
        }
        said.extend(self.chance(*moved));
        if let Some((point, moved)) = faded {
            said.push(format!(
                "It did not last: {}{}. The difference from {} ({}) is no more than chance may do.",
                self.told(point),
                self.beside(&[point]),
                self.indicator.write(before.value),
                moved.numbers()
            ));
        }
        said
    }

    /// Whether a move is more than chance does to groups of this size.
    fn chance(&self, moved: Option<Move>) -> Option<String> {
        let moved = moved?;
        let numbers = moved.numbers();
        Some(match moved.is_clear() {
            true => format!("The difference ({numbers}) is more than chance does to groups of this size."),
            false => format!("The difference ({numbers}) is no more than chance may do to groups of this size."),
        })
    }
}

impl std::fmt::Display for IndicatorStory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentences().join(" "))
    }
}
