//! One authority's overall rating as a story: its inspections, its spells, and what they say in plain words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{count, number};
use crate::trend::{EndedBy, Spell};
use crate::{
    Authority, AuthorityCode, Clock, Error, Event, Grade, Inspection, Precision, RatingHistory, Ratings, Reported,
    Span, Theme,
};

/// The overall rating of one authority over time, as seen on a day.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Clock, Story};
/// let england = rating_history::dataset::england()?;
/// let slough = england.find("slough")?.code.clone();
/// let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
/// assert_eq!(story.title(), "Slough: inadequate for almost eight years, then requires improvement");
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Story {
    /// The authority.
    pub authority: Authority,
    /// Which date of an inspection counts.
    pub clock: Clock,
    /// The day from which it is seen.
    pub as_of: NaiveDate,
    /// The inspections that count by then, in order of the clock.
    pub inspections: Vec<Inspection>,
    /// The spells of the overall grade.
    pub spells: Vec<StorySpell>,
    /// The events begun by then.
    pub events: Vec<Event>,
}

/// A spell of the overall grade with the words it is told in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StorySpell {
    /// The grade.
    pub grade: Grade,
    /// The grade in the words of the time: "Adequate" where no inspection of the spell said otherwise.
    pub label: String,
    /// First day, and how exactly it is known.
    pub start: NaiveDate,
    /// How exactly `start` is known.
    pub start_precision: Precision,
    /// The day it ended, or the as-of date.
    pub end: NaiveDate,
    /// How exactly `end` is known.
    pub end_precision: Precision,
    /// Days from start to end.
    pub days: i64,
    /// Inspections in a row.
    pub inspections: u32,
    /// Why it ends.
    pub ended_by: EndedBy,
}

impl StorySpell {
    /// Years, months and days from start to end.
    pub fn span(&self) -> Span {
        Span::between(self.start, self.end)
    }

    /// Whether a bound is known less exactly than to the day.
    pub fn is_about(&self) -> bool {
        self.start_precision != Precision::Day || self.end_precision != Precision::Day
    }

    /// "about 7 years 8 months"
    pub fn length(&self) -> String {
        format!("{}{}", if self.is_about() { "about " } else { "" }, self.span())
    }

    fn runs(&self) -> bool {
        self.ended_by == EndedBy::AsOf
    }
}

impl Story {
    /// The story of an authority, by its current or a former code.
    ///
    /// # Errors
    /// [`Error::UnknownAuthority`], or [`Error::Polars`] when the spells query fails.
    pub fn new(
        history: &RatingHistory,
        authority: &AuthorityCode,
        clock: Clock,
        as_of: NaiveDate,
    ) -> Result<Self, Error> {
        let trajectory = history.trajectory(authority)?;
        let authority = trajectory.authority.clone();
        let ratings = Ratings::from_history(history)?
            .authorities_only(&[authority.code.as_str()])
            .themes(&[Theme::Headline])
            .clock(clock);
        let mut inspections: Vec<Inspection> =
            trajectory.inspections.iter().filter(|i| i.dates.on(clock) <= as_of).cloned().collect();
        inspections.sort_by_key(|i| i.dates.on(clock));
        let spells = Spell::collect(&ratings, as_of)?
            .into_iter()
            .map(|spell| StorySpell::new(spell, &inspections, clock))
            .collect::<Result<_, Error>>()?;
        let events = history.events_of(&authority.code).filter(|e| e.start <= as_of).cloned().collect();
        Ok(Story { authority, clock, as_of, inspections, spells, events })
    }

    /// The finding in one line, for a chart's title.
    pub fn title(&self) -> String {
        let name = &self.authority.name;
        let Some((last, earlier)) = self.spells.split_last() else {
            return format!("{name}: no overall grade by {}", Precision::Day.write(self.as_of));
        };
        let grade = last.label.to_lowercase();
        let start = Precision::Month.max(last.start_precision).write(last.start);
        let end = Precision::Month.max(last.end_precision).write(last.end);
        let before = earlier.last().filter(|s| s.end == last.start);
        match (last.ended_by, before) {
            (EndedBy::Closed, None) => format!("{name}: {grade} until it was abolished in {end}"),
            (EndedBy::Closed, Some(before)) => format!(
                "{name}: {} for {}, then {grade} until abolished in {end}",
                before.label.to_lowercase(),
                before.span().rounded_years()
            ),
            (EndedBy::NotReported, None) => format!("{name}: {grade} until {end}, no overall grade since"),
            (EndedBy::NotReported, Some(before)) => {
                format!("{name}: from {} to {grade}, and no overall grade since {end}", before.label.to_lowercase())
            }
            (_, None) => format!("{name}: {grade} since {start}"),
            (_, Some(before)) => {
                format!("{name}: {} for {}, then {grade}", before.label.to_lowercase(), before.span().rounded_years())
            }
        }
    }

    /// What happened, in one plain sentence: the latest spell and the one before it, with their lengths.
    pub fn sentence(&self) -> String {
        let name = &self.authority.name;
        let as_of = Precision::Day.write(self.as_of);
        let Some((last, earlier)) = self.spells.split_last() else {
            let note = match self.inspections.len() {
                0 => "no inspection".to_owned(),
                n => format!("{}, none with an overall grade", count(n as u32, "inspection")),
            };
            return format!("{name} has had no overall grade by {as_of} ({note}).");
        };
        let month = |date: NaiveDate, precision: Precision| Precision::Month.max(precision).write(date);
        let inspections = |n: u32| match n {
            1 => "one inspection".to_owned(),
            n => format!("{} inspections in a row", number(n)),
        };
        let ended = |s: &StorySpell| {
            format!(
                "{} ({} to {}, {})",
                s.length(),
                month(s.start, s.start_precision),
                month(s.end, s.end_precision),
                inspections(s.inspections)
            )
        };
        let grade = last.label.to_lowercase();
        let after = match last.ended_by {
            EndedBy::Closed => ", until the council was abolished",
            EndedBy::NotReported => "; its inspection then gave no overall grade, as none has since April 2026",
            _ => "",
        };
        match earlier.last().filter(|s| s.end == last.start) {
            Some(before) => {
                let start = format!("{name} was rated {} for {}", before.label.to_lowercase(), ended(before));
                if last.runs() {
                    let length = format!("{} to {as_of}", last.length());
                    format!("{start} and has been rated {grade} since, {length}.")
                } else {
                    format!("{start} and then {grade} for {}{after}.", ended(last))
                }
            }
            None if last.runs() => format!(
                "{name} has been rated {grade} since {}, {} to {as_of} ({}).",
                month(last.start, last.start_precision),
                last.length(),
                inspections(last.inspections)
            ),
            None => format!("{name} was rated {grade} for {}{after}.", ended(last)),
        }
    }
}

impl StorySpell {
    fn new(spell: Spell, inspections: &[Inspection], clock: Clock) -> Result<Self, Error> {
        let on = |date: NaiveDate| inspections.iter().filter(move |i| i.dates.on(clock) == date);
        let precision = |date: NaiveDate| {
            on(date)
                .filter(|i| i.reported(Theme::Headline) != Reported::Absent)
                .map(|i| i.dates.precision_on(clock))
                .next()
                .unwrap_or(Precision::Day)
        };
        let grade: Grade = spell.grade.parse()?;
        let words: Vec<&str> = inspections
            .iter()
            .filter(|i| {
                let date = i.dates.on(clock);
                spell.start <= date && (date < spell.end || spell.ended_by == EndedBy::AsOf)
            })
            .filter(|i| matches!(i.reported(Theme::Headline), Reported::Graded { .. }))
            .map(|i| i.framework.grade_label(grade))
            .collect();
        let label = match (words.contains(&"Adequate"), words.contains(&grade.label())) {
            (true, true) => "Adequate or requires improvement",
            (true, false) => "Adequate",
            _ => grade.label(),
        };
        Ok(StorySpell {
            grade,
            label: label.to_owned(),
            start_precision: precision(spell.start),
            start: spell.start,
            end_precision: match spell.ended_by {
                EndedBy::AsOf | EndedBy::Closed => Precision::Day,
                _ => precision(spell.end),
            },
            end: spell.end,
            days: spell.days,
            inspections: spell.inspections,
            ended_by: spell.ended_by,
        })
    }
}
