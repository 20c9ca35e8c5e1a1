//! The picture of a story.

use super::{
    Area, AreaJudgement, EventKind, EventScope, Framework, Grade, Inspection, Reported, SelfAssessment,
    SelfAssessmentView, Story, Theme, VisitKind,
};
use crate::chart::{EventLane, EventMark, GridCell, InspectionColumn, RatingState, Style, Trajectory, span_text};
use crate::{Clock, Precision};

/// The rows of the grid.
const ROWS: [Theme; 6] =
    [Theme::HelpAndProtection, Theme::Leadership, Theme::Care, Theme::CareLeavers, Theme::Adoption, Theme::Lscb];

impl Story {
    /// The picture of the story, with the events in children's services.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// use rating_history::Clock;
    /// use rating_history::chart::{Chart, Style};
    /// use rating_history::ofsted::{self, Story};
    /// let england = ofsted::england()?;
    /// let slough = england.find("Slough")?.code.clone();
    /// let story = Story::new(&england, &slough, Clock::Effect, england.cut_off())?;
    /// let svg = story.trajectory(Style::default()).to_svg()?;
    /// assert!(svg.contains("<title id=\"title\">Slough, overall: inadequate for almost eight years"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn trajectory(&self, style: Style) -> Trajectory {
        self.trajectory_with(&[EventScope::Children], style)
    }

    /// The picture of the story, with the events of these scopes.
    pub fn trajectory_with(&self, scopes: &[EventScope], mut style: Style) -> Trajectory {
        let words = style.words.get_or_insert_with(|| self.course.words.clone()).clone();
        let mut course = self.course.clone();
        course.words = words;
        let rows: Vec<Theme> =
            ROWS.into_iter().filter(|t| self.inspections.iter().any(|i| cell(i, *t).is_some())).collect();
        let column = |i: &Inspection| InspectionColumn {
            date: i.dates.on(self.clock),
            precision: i.dates.precision_on(self.clock),
            mark: if self.publication_stands_in(i) { "*".to_owned() } else { String::new() },
            heading: i.framework.label().to_owned(),
            main: match i.reported(Theme::Headline) {
                Reported::Graded { grade, .. } => RatingState::Rated(grade.rank().into()),
                Reported::NotReported => RatingState::NotReported,
                Reported::Absent => RatingState::Absent,
            },
            cells: rows.iter().map(|t| cell(i, *t)).collect(),
        };
        let grade = |g: &Grade| (g.label().to_lowercase(), Some(letters(g.label()).to_owned()));
        Trajectory {
            grades: Grade::ALL.iter().map(grade).collect(),
            subtitle: self.subtitle(),
            columns: self.inspections.iter().map(column).collect(),
            rows: rows.iter().map(|t| t.label().to_owned()).collect(),
            lanes: self.lanes(scopes),
            notes: self.notes(),
            course,
            style,
        }
    }

    /// Whether the publication date stands in for an unknown end of fieldwork.
    fn publication_stands_in(&self, inspection: &Inspection) -> bool {
        self.clock == Clock::Effect && inspection.dates.end().is_none()
    }

    fn subtitle(&self) -> String {
        let counts = match self.clock {
            Clock::Effect => "from the last day of each inspection",
            Clock::Published => "from the publication of each report",
        };
        let day = Precision::Day.write(self.as_of);
        format!("Overall grade of children's services given by Ofsted, {counts} until the next, to {day}")
    }

    fn notes(&self) -> Vec<String> {
        let any = |holds: &dyn Fn(&Inspection) -> bool| self.inspections.iter().any(holds);
        let adequate = |i: &Inspection| {
            i.framework.says_adequate() && i.judgements.iter().any(|j| j.grade == Some(Grade::RequiresImprovement))
        };
        let notes = [
            (
                any(&|i| i.dates.precision_on(self.clock) != Precision::Day),
                "Open dots: only the month or year is known; about: a length from such a date.",
            ),
            (any(&|i| self.publication_stands_in(i)), "*: day of publication; the end of the inspection is not known."),
            (any(&adequate), "Adequate (A) was the second lowest grade before November 2013."),
            (
                any(&|i| i.framework == Framework::Slac && i.grade(Area::SafeguardingOverall).is_some()),
                "SLAC: overall grade of safeguarding.",
            ),
            (
                any(&|i| i.grade(Area::InCareAndCareLeavers).is_some()),
                "A tall cell is one grade for children in care and care leavers together.",
            ),
            (any(&|i| i.judgements.iter().any(|j| j.grade.is_none())), "Hatched cell: not judged."),
            (
                any(&|i| i.reported(Theme::Headline) == Reported::NotReported),
                "Ofsted has given no overall grade since April 2026.",
            ),
            (!self.visits.is_empty(), "A visit that is not drawn may have been made: not all are known."),
            (
                !self.self_assessments.is_empty(),
                "Self-assessment: what the report said of it, coded by the makers of these data.",
            ),
        ];
        notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note.to_owned()).collect()
    }

    fn lanes(&self, scopes: &[EventScope]) -> Vec<EventLane> {
        let life = [(self.authority.opened, "created"), (self.authority.closed, "abolished")];
        let mark = |(day, what): (Option<chrono::NaiveDate>, &str)| {
            let start = day.filter(|d| *d <= self.as_of)?;
            Some(EventMark { start, end: None, text: format!("{what} {}", Precision::Day.write_short(start)) })
        };
        let life = EventLane { label: "Council".to_owned(), marks: life.into_iter().filter_map(mark).collect() };
        let of_kind = |kind: &EventKind| {
            let events = self.events.iter().filter(|e| e.kind == *kind && scopes.contains(&e.scope));
            let mark = |e: &super::Event| {
                let text = span_text(e.precision, e.start, e.end.filter(|end| *end <= self.as_of));
                EventMark { start: e.start, end: e.end, text }
            };
            let mut label = kind.label().to_owned();
            label[..1].make_ascii_uppercase();
            EventLane { label, marks: events.map(mark).collect() }
        };
        let lanes = std::iter::once(life).chain(EventKind::ALL.iter().map(of_kind)).chain(self.reported());
        lanes.filter(|lane| !lane.marks.is_empty()).collect()
    }
}

impl Story {
    /// Visits, each kind a lane of marks without words, and what inspections said of self-assessments.
    fn reported(&self) -> impl Iterator<Item = EventLane> {
        let visits = |kind: &VisitKind| {
            let days = self.visits.iter().filter(|v| v.kind == *kind).filter_map(|v| v.day_on(self.clock));
            let marks = days.map(|start| EventMark { start, end: None, text: String::new() }).collect();
            let label = match kind {
                VisitKind::Focused => "Focused visits",
                VisitKind::Monitoring => "Monitoring visits",
                VisitKind::Jtai => "Joint inspections",
            };
            EventLane { label: label.to_owned(), marks }
        };
        let said = |s: &SelfAssessment| {
            let inspection = self.inspections.iter().find(|i| i.id == s.inspection)?;
            let text = match s.view {
                SelfAssessmentView::Neutral => "not judged".to_owned(),
                view => view.label().to_owned(),
            };
            Some(EventMark { start: inspection.dates.on(self.clock), end: None, text })
        };
        let marks = self.self_assessments.iter().filter_map(said).collect();
        let said = EventLane { label: "Self-assessment".to_owned(), marks };
        VisitKind::ALL.iter().map(visits).chain([said])
    }
}

/// What an inspection shows in a theme's row; `None` when it does not judge it.
fn cell(inspection: &Inspection, theme: Theme) -> Option<GridCell> {
    match inspection.reported(theme) {
        Reported::Graded { grade, area } => Some(GridCell::Grade {
            rank: grade.rank().into(),
            letters: letters(inspection.framework.grade_label(grade)).to_owned(),
            together: area == Area::InCareAndCareLeavers,
        }),
        _ => {
            let listed = |j: &&AreaJudgement| theme.areas(inspection.framework).contains(&j.area);
            inspection.judgements.iter().find(listed).map(|_| GridCell::NotJudged)
        }
    }
}

fn letters(label: &str) -> &'static str {
    match label {
        "Adequate" => "A",
        "Inadequate" => "I",
        "Requires improvement" => "RI",
        "Good" => "G",
        _ => "O",
    }
}
