//! One authority's ratings as plain values, without a frame.

use chrono::NaiveDate;

use super::{Authority, Grade, Inspection, RatingHistory, Reported, Theme};
use crate::trend::EndedBy;
use crate::{Clock, Error, Precision};

/// What an authority has been rated over time, made by [`RatingHistory::course`].
///
/// The answers are those of the queries of [`trend`](crate::trend) on its ratings.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::ofsted::{Grade, Theme};
/// let england = rating_history::ofsted::england()?;
/// let slough = england.course("Slough")?;
/// let day = |text: &str| text.parse().unwrap();
/// assert_eq!(slough.grade_on(Theme::Headline, day("2015-01-01")), Some(Grade::Inadequate));
/// let spells = slough.spells(Theme::Headline);
/// assert_eq!((spells[0].days(), spells[0].inspections), (2803, 3)); // 31 May 2011 to 1 February 2019
/// let not_yet_good = slough.streaks(Theme::Headline, |grade| grade < Grade::Good);
/// assert_eq!(not_yet_good[0].inspections, 5);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Course<'a> {
    /// The authority.
    pub authority: &'a Authority,
    /// All its inspections, in order of the day they took effect.
    pub inspections: &'a [Inspection],
    /// Which date of an inspection counts.
    pub clock: Clock,
    /// The day from which it is seen: what counts later is not known.
    pub as_of: NaiveDate,
}

/// A judgement of a series on a [`Course`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CourseJudgement<'a> {
    /// The grade; `None` where it is no longer reported.
    pub grade: Option<Grade>,
    /// The day from which it counts.
    pub date: NaiveDate,
    /// How exactly that is known.
    pub precision: Precision,
    /// The inspection.
    pub inspection: &'a Inspection,
}

/// A run of judgements of a series on a [`Course`]: a spell of one grade, or a streak of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct CourseRun {
    /// The first grade; of a spell the only one.
    pub first_grade: Grade,
    /// The last grade.
    pub last_grade: Grade,
    /// The first judgement's day.
    pub start: NaiveDate,
    /// How exactly `start` is known.
    pub start_precision: Precision,
    /// The day of the next judgement, or of the authority's end; the as-of day while it runs.
    pub end: NaiveDate,
    /// How exactly `end` is known.
    pub end_precision: Precision,
    /// Inspections in a row.
    pub inspections: u32,
    /// Why it ends.
    pub ended_by: EndedBy,
}

impl CourseRun {
    /// The grade of a spell.
    pub fn grade(&self) -> Grade {
        self.first_grade
    }

    /// Days from start to end.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days()
    }
}

impl RatingHistory {
    /// What one authority has been rated, by its name, code or a former code, as seen on the [cut-off](Self::cut_off).
    ///
    /// # Errors
    /// [`Error::UnknownBody`], with the names most alike.
    pub fn course(&self, name_or_code: &str) -> Result<Course<'_>, Error> {
        let authority = self.find(name_or_code)?;
        let inspections = self.inspections_of(&authority.code);
        Ok(Course { authority, inspections, clock: Clock::Effect, as_of: self.cut_off() })
    }
}

impl<'a> Course<'a> {
    /// Counts judgements by another clock.
    pub fn clock(self, clock: Clock) -> Self {
        Course { clock, ..self }
    }

    /// Looks as of a day.
    pub fn as_of(self, as_of: NaiveDate) -> Self {
        Course { as_of, ..self }
    }

    /// The judgements of a series that count by the as-of day, in order.
    pub fn judgements(&self, theme: Theme) -> Vec<CourseJudgement<'a>> {
        let clock = self.clock;
        let in_life = |date: NaiveDate| date <= self.as_of && self.authority.closed.is_none_or(|closed| date < closed);
        let judged = |inspection: &'a Inspection| {
            let grade = match inspection.reported(theme) {
                Reported::Graded { grade, .. } => Some(grade),
                Reported::NotReported => None,
                Reported::Absent => return None,
            };
            let (date, precision) = (inspection.dates.on(clock), inspection.dates.precision_on(clock));
            Some(CourseJudgement { grade, date, precision, inspection })
        };
        let mut all: Vec<CourseJudgement<'a>> =
            self.inspections.iter().filter_map(judged).filter(|j| in_life(j.date)).collect();
        all.sort_by(|a, b| {
            let key = |j: &CourseJudgement<'a>| (j.date, j.inspection.dates.published());
            key(a).cmp(&key(b)).then_with(|| a.inspection.id.cmp(&b.inspection.id))
        });
        all
    }

    /// The latest judgement of a series.
    pub fn latest(&self, theme: Theme) -> Option<CourseJudgement<'a>> {
        self.judgements(theme).pop()
    }

    /// The grade that stands on a day, as far as it is known on the as-of day; `None` before the first, after the
    /// authority's end, and where the judgement is no longer reported.
    pub fn grade_on(&self, theme: Theme, day: NaiveDate) -> Option<Grade> {
        let exists = self.authority.closed.is_none_or(|closed| day < closed);
        let counts = self.judgements(theme).into_iter().rev().find(|j| j.date <= day);
        counts.filter(|_| exists).and_then(|j| j.grade)
    }

    /// The spells of a series: maximal runs of judgements with one grade.
    pub fn spells(&self, theme: Theme) -> Vec<CourseRun> {
        self.runs(theme, |a, b| a == b)
    }

    /// The streaks of a series: maximal runs of judgements whose grade meets a condition.
    pub fn streaks(&self, theme: Theme, meets: impl Fn(Grade) -> bool) -> Vec<CourseRun> {
        let met = |grade: Option<Grade>| grade.map(&meets);
        let runs = self.runs(theme, |a, b| met(a) == met(b));
        runs.into_iter().filter(|run| meets(run.first_grade)).collect()
    }

    /// Runs of judgements of which each is like the one before it; those without a grade are left out.
    fn runs(&self, theme: Theme, alike: impl Fn(Option<Grade>, Option<Grade>) -> bool) -> Vec<CourseRun> {
        let judgements = self.judgements(theme);
        let mut chunks = judgements.chunk_by(|a, b| alike(a.grade, b.grade)).peekable();
        let mut runs = Vec::new();
        while let Some(run) = chunks.next() {
            let (first, last) = (run[0], run[run.len() - 1]);
            let (Some(first_grade), Some(last_grade)) = (first.grade, last.grade) else { continue };
            let closed = self.authority.closed.filter(|closed| *closed <= self.as_of);
            let (end, end_precision, ended_by) = match (chunks.peek(), closed) {
                (Some([next, ..]), _) if next.grade.is_none() => (next.date, next.precision, EndedBy::NotReported),
                (Some([next, ..]), _) => (next.date, next.precision, EndedBy::Changed),
                (_, Some(closed)) => (closed, Precision::Day, EndedBy::Closed),
                _ => (self.as_of, Precision::Day, EndedBy::AsOf),
            };
            runs.push(CourseRun {
                first_grade,
                last_grade,
                start: first.date,
                start_precision: first.precision,
                end,
                end_precision,
                inspections: run.len() as u32,
                ended_by,
            });
        }
        runs
    }
}
