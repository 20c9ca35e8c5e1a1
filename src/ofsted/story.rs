//! One authority's overall rating as a story: its inspections, its spells, and what they say in plain words.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::words::words;
use super::{
    Authority, AuthorityCode, Event, Grade, Inspection, PARTS, RatingHistory, Reported, SelfAssessment, Theme, Visit,
};
use crate::trend::{Narrative, Stretch, Timeline};
use crate::{Clock, Error, Precision};

/// The overall rating of one authority over time, as seen on a day.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::Clock;
/// use rating_history::ofsted::{self, Story};
/// let england = ofsted::england()?;
/// let slough = england.find("slough")?.code.clone();
/// let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
/// assert_eq!(story.title(), "Slough, overall: inadequate for almost eight years, then requires improvement");
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
    /// The overall grade over time; a spell is called "adequate" where no inspection of it said otherwise.
    pub course: Narrative,
    /// The events begun by then.
    pub events: Vec<Event>,
    /// The visits between inspections by then, where the history knows any.
    #[serde(default)]
    pub visits: Vec<Visit>,
    /// What these inspections said of the authority's assessment of itself, where the history knows it.
    #[serde(default)]
    pub self_assessments: Vec<SelfAssessment>,
}

impl Story {
    /// The story of an authority, by its current or a former code.
    ///
    /// # Errors
    /// [`Error::UnknownBody`], or [`Error::Polars`] when the spells query fails.
    pub fn new(
        history: &RatingHistory,
        authority: &AuthorityCode,
        clock: Clock,
        as_of: NaiveDate,
    ) -> Result<Self, Error> {
        let Some(authority) = history.authority(authority).cloned() else {
            let known: Vec<_> =
                history.authorities().iter().map(|a| (a.code.to_string(), Some(a.name.clone()))).collect();
            return Err(Error::unknown_body("authority", authority.as_str(), &known));
        };
        let headline = history.ratings()?.series(Theme::Headline)?;
        let headline = headline.bodies_only([authority.code.as_str()])?.clock(clock).as_of(as_of);
        let timeline = Timeline::collect(&headline)?.remove(authority.code.as_str());
        Ok(Self::with(history, authority, timeline.unwrap_or_default(), clock, as_of))
    }

    /// The stories of all authorities, with one query for all of them.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::Clock;
    /// use rating_history::ofsted::{self, Story};
    /// let england = ofsted::england()?;
    /// let stories = Story::all(&england, Clock::Effect, england.cut_off())?;
    /// assert_eq!(stories.len(), england.authorities().len());
    /// let slough = england.find("Slough")?.code.clone();
    /// assert_eq!(stories[&slough], Story::new(&england, &slough, Clock::Effect, england.cut_off())?);
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Polars`] when the spells query fails.
    pub fn all(
        history: &RatingHistory,
        clock: Clock,
        as_of: NaiveDate,
    ) -> Result<BTreeMap<AuthorityCode, Story>, Error> {
        let headline = history.ratings()?.series(Theme::Headline)?.clock(clock).as_of(as_of);
        let mut timelines = Timeline::collect(&headline)?;
        let story = |authority: &Authority| {
            let timeline = timelines.remove(authority.code.as_str()).unwrap_or_default();
            (authority.code.clone(), Self::with(history, authority.clone(), timeline, clock, as_of))
        };
        Ok(history.authorities().iter().map(story).collect())
    }

    fn with(history: &RatingHistory, authority: Authority, timeline: Timeline, clock: Clock, as_of: NaiveDate) -> Self {
        let mut inspections: Vec<Inspection> =
            history.inspections_of(&authority.code).iter().filter(|i| i.dates.on(clock) <= as_of).cloned().collect();
        inspections.sort_by_key(|i| i.dates.on(clock));
        let labels = Grade::ALL.iter().map(|g| g.label().to_lowercase()).collect();
        let what = words().series(Theme::Headline.code());
        let mut course = Narrative::new(&authority.name, what, timeline, labels, as_of, words());
        course.told = course.timeline.spells.iter().map(|s| told(s, &inspections, clock)).collect();
        course.inspections = inspections.len();
        course.withdrawn = Some("as none has since April 2026".to_owned());
        course.lead = lead(&authority.name, &inspections, clock);
        course.notices = history.notices_of(&authority.code, as_of);
        let events = history.events_of(&authority.code).filter(|e| e.start <= as_of).cloned().collect();
        let facts = history.report_facts();
        let is_by_then = |v: &&Visit| v.day_on(clock).is_some_and(|day| day <= as_of);
        let visits =
            facts.visits.iter().filter(|v| v.authority == authority.code).filter(is_by_then).cloned().collect();
        let is_of_it = |s: &&SelfAssessment| inspections.iter().any(|i| i.id == s.inspection);
        let self_assessments = facts.self_assessments.iter().filter(is_of_it).cloned().collect();
        Story { authority, clock, as_of, inspections, course, events, visits, self_assessments }
    }

    /// The spells of the overall grade, each with what it was called then: "adequate" before November 2013.
    pub fn spells(&self) -> Vec<(&Stretch, &str)> {
        self.course.spells()
    }

    /// The finding in one line, for a chart's title.
    pub fn title(&self) -> String {
        self.course.title()
    }

    /// What happened, in one plain sentence: the latest spell and the one before it, with their lengths.
    pub fn sentence(&self) -> String {
        self.course.sentence()
    }
}

/// What the latest inspection judged, where it gave no overall grade: as a title and as a sentence.
fn lead(name: &str, inspections: &[Inspection], clock: Clock) -> Option<(String, String)> {
    let latest = inspections.last().filter(|i| i.reported(Theme::Headline) == Reported::NotReported)?;
    let of_grade = |grade: Grade| -> Option<String> {
        let graded =
            |t: &&Theme| matches!(latest.reported(**t), Reported::Graded { grade: given, .. } if given == grade);
        let themes: Vec<String> = PARTS.iter().filter(graded).map(|t| t.label().to_lowercase()).collect();
        let (last, others) = themes.split_last()?;
        let list = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
        Some(format!("{} in {list}", grade.label().to_lowercase()))
    };
    let told: Vec<String> = Grade::ALL.iter().filter_map(|g| of_grade(*g)).collect();
    if told.is_empty() {
        return None;
    }
    let on = Precision::Month.max(latest.dates.precision_on(clock)).write(latest.dates.on(clock));
    let told = told.join(", ");
    Some((format!("{name}: {told} in {on}"), format!("{name} was judged {told} in {on}, without an overall grade")))
}

/// The grade of a spell in the words of its inspections.
fn told(spell: &Stretch, inspections: &[Inspection], clock: Clock) -> String {
    let Some(grade) = spell.rank.and_then(|rank| Grade::ALL.get(rank)).copied() else { return String::new() };
    let said = |i: &&Inspection| {
        let date = i.dates.on(clock);
        let within = spell.start <= date && (date < spell.end || spell.runs());
        within && matches!(i.reported(Theme::Headline), Reported::Graded { .. })
    };
    let labels: Vec<&str> = inspections.iter().filter(said).map(|i| i.framework.grade_label(grade)).collect();
    match (labels.contains(&"Adequate"), labels.contains(&grade.label())) {
        (true, true) => "adequate or requires improvement".to_owned(),
        (true, false) => "adequate".to_owned(),
        _ => grade.label().to_lowercase(),
    }
}
