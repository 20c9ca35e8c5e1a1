//! One authority's trajectory: events, the overall grade as a step line, and the other judgements below it.

use chrono::{Datelike, NaiveDate};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, DrawingBackend};
use plotters::style::text_anchor::HPos;

use super::axis::{TimeAxis, spread};
use super::canvas::{BODY, Canvas, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::style::Style;
use super::{Chart, capital};
use crate::trend::EndedBy;
use crate::{
    Area, Clock, Error, Event, EventKind, Framework, Grade, Inspection, Precision, Reported, Scope, Story, StorySpell,
    Theme,
};

/// Height of one grade's row.
const ROW: i32 = 58;
/// Height of one event row and of one cell of the grid.
const LANE: i32 = 20;
const CELL: i32 = 26;
/// The least width of an inspection's column: its date at small size.
const COLUMN: i32 = 88;
/// Height of the fan of lines from the dots to the columns.
const FAN: i32 = 46;

/// The rows of the grid.
const THEMES: [Theme; 6] =
    [Theme::HelpAndProtection, Theme::Leadership, Theme::Care, Theme::CareLeavers, Theme::Adoption, Theme::Lscb];

/// How a [`Trajectory`] is drawn.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct TrajectoryOptions {
    /// Colours, width, source.
    pub style: Style,
    /// The scopes of events shown. Default: children's services.
    pub scopes: Vec<Scope>,
}

impl Default for TrajectoryOptions {
    fn default() -> Self {
        TrajectoryOptions { style: Style::default(), scopes: vec![Scope::Children] }
    }
}

/// The trajectory of one authority.
///
/// A step line follows the overall grade; each dot is an inspection, open where only the month or year is known,
/// and leads to a column with its framework, date and other grades. Each spell carries its length.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::{Clock, Story, chart::{self, Chart}};
/// let england = rating_history::dataset::england()?;
/// let slough = england.find("Slough")?.code.clone();
/// let chart = chart::Trajectory::new(Story::new(&england, &slough, Clock::Effect, england.cut_off())?);
/// assert!(chart.to_svg()?.contains("<title id=\"title\">Slough: inadequate for almost eight years"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trajectory {
    story: Story,
    options: TrajectoryOptions,
}

/// One event in its lane.
struct Mark {
    lane: usize,
    from: i32,
    to: i32,
    text: String,
    /// Left edge of the text.
    text_at: i32,
}

struct Lane {
    label: String,
}

struct Layout {
    page: Page,
    left: i32,
    right: i32,
    lanes: Vec<Lane>,
    marks: Vec<Mark>,
    lanes_top: i32,
    steps_top: i32,
    steps_bottom: i32,
    grid_top: i32,
    columns: Vec<i32>,
    column_width: i32,
    rows: Vec<Theme>,
    bottom: i32,
    axis: TimeAxis,
}

impl Layout {
    fn x(&self, date: NaiveDate) -> i32 {
        self.axis.x(date)
    }

    fn y(&self, grade: Grade) -> i32 {
        self.steps_top + ROW * (3 - i32::from(grade.rank())) + ROW / 2
    }
}

fn letter(framework: Framework, grade: Grade) -> &'static str {
    match framework.grade_label(grade) {
        "Adequate" => "A",
        "Inadequate" => "I",
        "Requires improvement" => "RI",
        "Good" => "G",
        _ => "O",
    }
}

impl Chart for Trajectory {
    fn title(&self) -> String {
        self.story.title()
    }

    /// The picture in words: the finding, each spell, and how many inspections there were.
    fn alt_text(&self) -> String {
        let spells: Vec<String> = self
            .story
            .spells
            .iter()
            .map(|s| {
                let start = s.start_precision.write(s.start);
                format!("{} from {start} for {}", s.label.to_lowercase(), s.length())
            })
            .collect();
        format!(
            "Step chart of the overall grade. {} {}{} inspections by {}.",
            self.story.sentence(),
            if spells.is_empty() { String::new() } else { format!("In order: {}. ", spells.join("; ")) },
            self.story.inspections.len(),
            Precision::Day.write(self.story.as_of)
        )
    }

    fn size(&self) -> Result<(u32, u32), Error> {
        let layout = self.layout()?;
        Ok(layout.page.size(layout.bottom))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error> {
        let layout = self.layout()?;
        let canvas = layout.page.open(area, self.options.style.palette(Grade::ALL.len()), layout.bottom)?;
        self.draw_axis(&canvas, &layout)?;
        self.draw_events(&canvas, &layout)?;
        self.draw_steps(&canvas, &layout)?;
        self.draw_grid(&canvas, &layout)
    }
}

impl Trajectory {
    /// The chart of a story.
    pub fn new(story: Story) -> Self {
        Trajectory { story, options: TrajectoryOptions::default() }
    }

    /// With other options.
    pub fn options(mut self, options: TrajectoryOptions) -> Self {
        self.options = options;
        self
    }

    /// The story told.
    pub fn story(&self) -> &Story {
        &self.story
    }

    fn shown_events(&self) -> Vec<&Event> {
        self.story.events.iter().filter(|e| self.options.scopes.contains(&e.scope)).collect()
    }

    fn not_reported_since(&self) -> Option<NaiveDate> {
        let ended = |i: &&Inspection| i.reported(Theme::Headline) == Reported::NotReported;
        self.story.inspections.iter().find(ended).map(|i| i.dates.on(self.story.clock))
    }

    fn layout(&self) -> Result<Layout, Error> {
        let story = &self.story;
        let rows: Vec<Theme> =
            THEMES.into_iter().filter(|t| story.inspections.iter().any(|i| cell(i, *t).is_some())).collect();
        let lane_kinds = self.lane_kinds();
        let left_labels = Grade::ALL
            .iter()
            .map(|g| STRONG.width(&row_label(*g)))
            .chain(rows.iter().map(|t| BODY.width(t.label())))
            .chain(lane_kinds.iter().map(|k| BODY.width(&capital(k.label()))))
            .chain([BODY.width(NO_OVERALL)])
            .max()
            .unwrap_or(0);
        let left = MARGIN + left_labels + 16;
        let least = (left + MARGIN + COLUMN * story.inspections.len() as i32).max(640);
        let texts = (story.title(), self.subtitle(), self.caption());
        let page = Page::new(&self.options.style, (least, 1080), (&texts.0, &texts.1, &texts.2))?;
        let right = page.width - MARGIN;

        let dates = story
            .inspections
            .iter()
            .map(|i| i.dates.on(story.clock))
            .chain(self.shown_events().into_iter().map(|e| e.start))
            .chain(story.authority.opened.filter(|d| *d <= story.as_of));
        let year = dates.min().unwrap_or(story.as_of).year();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(story.as_of);
        let last = story.as_of.max(first + chrono::Days::new(30));

        let lanes_top = page.top();
        let axis = TimeAxis { first, last, left, right };
        let (lanes, marks) = self.lanes(&lane_kinds, &axis);
        let steps_top = lanes_top + lanes.len() as i32 * LANE + if lanes.is_empty() { 0 } else { 10 };
        let extra = if self.not_reported_since().is_some() { ROW } else { 0 };
        let steps_bottom = steps_top + 4 * ROW + extra;
        let grid_top = steps_bottom + 28 + FAN;
        let count = story.inspections.len().max(1) as i32;
        let column_width = ((right - left) / count).min(130);
        let columns = spread(
            &story.inspections.iter().map(|i| axis.x(i.dates.on(story.clock))).collect::<Vec<_>>(),
            column_width,
            (left, right),
        );
        let header = if story.inspections.is_empty() { 0 } else { 2 * BODY.line_height() + 4 };
        let bottom = grid_top + header + rows.len() as i32 * CELL;
        Ok(Layout {
            page,
            left,
            right,
            lanes,
            marks,
            lanes_top,
            steps_top,
            steps_bottom,
            grid_top,
            columns,
            column_width,
            rows,
            bottom,
            axis,
        })
    }

    fn subtitle(&self) -> String {
        let counts = match self.story.clock {
            Clock::Effect => "from the last day of each inspection",
            Clock::Published => "from the publication of each report",
        };
        format!(
            "Overall grade of children's services given by Ofsted, {counts} until the next, to {}",
            Precision::Day.write(self.story.as_of)
        )
    }

    fn caption(&self) -> String {
        let story = &self.story;
        let mut notes = vec![format!("{}.", self.options.style.source)];
        if story.inspections.iter().any(|i| i.dates.precision_on(story.clock) != Precision::Day) {
            notes.push("Open dots: only the month or year is known; about: a length from such a date.".to_owned());
        }
        if story.inspections.iter().any(|i| publication_stands_in(i, story.clock)) {
            notes.push("*: day of publication; the end of the inspection is not known.".to_owned());
        }
        let adequate = |i: &Inspection| {
            i.framework.says_adequate() && i.judgements.iter().any(|j| j.grade == Some(Grade::RequiresImprovement))
        };
        if story.inspections.iter().any(adequate) {
            notes.push("Adequate (A) was the second grade before November 2013.".to_owned());
        }
        if story
            .inspections
            .iter()
            .any(|i| i.framework == Framework::Slac && i.grade(Area::SafeguardingOverall).is_some())
        {
            notes.push("SLAC: overall grade of safeguarding.".to_owned());
        }
        if story.inspections.iter().any(|i| i.grade(Area::InCareAndCareLeavers).is_some()) {
            notes.push("A tall cell is one grade for children in care and care leavers together.".to_owned());
        }
        let not_judged = |i: &Inspection| i.judgements.iter().any(|j| j.grade.is_none());
        if story.inspections.iter().any(not_judged) {
            notes.push("Hatched cell: not judged.".to_owned());
        }
        if self.not_reported_since().is_some() {
            notes.push("Ofsted has given no overall grade since April 2026.".to_owned());
        }
        notes.join(" ")
    }

    fn draw_axis<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, at: &Layout) -> Result<(), Error> {
        for grade in Grade::ALL {
            let y = at.y(*grade);
            canvas.line((at.left, y), (at.right, y), canvas.palette.rule, 1)?;
            canvas.text(&row_label(*grade), STRONG, canvas.palette.ink, HPos::Right, (at.left - 14, y))?;
        }
        at.axis.draw(canvas, at.steps_bottom)
    }

    /// The kinds of event shown, each a lane or more.
    fn lane_kinds(&self) -> Vec<EventKind> {
        let shown = self.shown_events();
        EventKind::ALL.iter().copied().filter(|k| shown.iter().any(|e| e.kind == *k)).collect()
    }

    fn lanes(&self, kinds: &[EventKind], axis: &TimeAxis) -> (Vec<Lane>, Vec<Mark>) {
        let mut lanes: Vec<Lane> = Vec::new();
        let mut marks = Vec::new();
        let mut add = |label: &str, items: Vec<(NaiveDate, Option<NaiveDate>, String)>| {
            let mut free: Vec<i32> = Vec::new();
            for (start, end, text) in items {
                let from = axis.x(start);
                let to = end.map_or(from, |e| axis.x(e.min(axis.last)));
                let wide = SMALL.width(&text) + 8;
                let (text_at, begin, finish) = if wide + 8 < to - from {
                    ((from + to - wide) / 2 + 4, from, to)
                } else if to + 6 + wide <= axis.right + MARGIN {
                    (to + 10, from - 6, to + 8 + wide)
                } else {
                    (from - 2 - wide, from - 8 - wide, to + 6)
                };
                let n = free.iter().position(|f| *f <= begin).unwrap_or(free.len());
                match free.get_mut(n) {
                    Some(f) => *f = finish + 4,
                    None => {
                        free.push(finish + 4);
                        lanes.push(Lane { label: if n == 0 { label.to_owned() } else { String::new() } });
                    }
                }
                let lane = lanes.len() - free.len() + n;
                marks.push(Mark { lane, from, to, text, text_at });
            }
        };
        let mut life = Vec::new();
        let authority = &self.story.authority;
        if let Some(opened) = authority.opened.filter(|d| *d >= axis.first && *d <= self.story.as_of) {
            life.push((opened, None, format!("created {}", Precision::Day.write_short(opened))));
        }
        if let Some(closed) = authority.closed.filter(|d| *d <= self.story.as_of) {
            life.push((closed, None, format!("abolished {}", Precision::Day.write_short(closed))));
        }
        if !life.is_empty() {
            add("Council", life);
        }
        for kind in kinds {
            let events = self.shown_events().into_iter().filter(|e| e.kind == *kind);
            let items = events.map(|e| {
                let start = month_or_year(e.precision, e.start);
                let text = match e.end.filter(|end| *end <= self.story.as_of) {
                    Some(end) => format!("{start} to {}", month_or_year(e.precision, end)),
                    None => start,
                };
                (e.start, e.end, text)
            });
            add(&capital(kind.label()), items.collect());
        }
        (lanes, marks)
    }

    fn draw_events<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, at: &Layout) -> Result<(), Error> {
        let middle = |lane: usize| at.lanes_top + lane as i32 * LANE + LANE / 2;
        for (n, lane) in at.lanes.iter().enumerate() {
            canvas.text(&lane.label, BODY, canvas.palette.quiet, HPos::Right, (at.left - 14, middle(n)))?;
        }
        for mark in &at.marks {
            canvas.dashes(mark.from, middle(mark.lane), at.steps_bottom, canvas.palette.band)?;
        }
        for mark in &at.marks {
            let y = middle(mark.lane);
            if mark.to > mark.from {
                canvas.rect((mark.from, y - 8), (mark.to, y + 8), canvas.palette.band)?;
            } else {
                canvas.diamond((mark.from, y), 6, canvas.palette.event)?;
            }
            let wide = SMALL.width(&mark.text);
            if mark.text_at > mark.to || mark.text_at < mark.from {
                canvas.rect((mark.text_at - 2, y - 9), (mark.text_at + wide + 2, y + 9), canvas.palette.paper)?;
            }
            canvas.text(&mark.text, SMALL, canvas.palette.ink, HPos::Left, (mark.text_at, y))?;
        }
        Ok(())
    }

    fn draw_steps<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, at: &Layout) -> Result<(), Error> {
        let story = &self.story;
        if let Some(since) = self.not_reported_since() {
            let y = at.steps_bottom - ROW / 2;
            canvas.text(NO_OVERALL, BODY, canvas.palette.ink, HPos::Right, (at.left - 14, y))?;
            let x = at.x(since);
            canvas.hatch((x, y - 11), (at.right.max(x + LEAST_HATCH), y + 11), canvas.palette.quiet)?;
            let text = format!("none since {}", Precision::Day.write_short(since));
            canvas.text_on_paper(&text, SMALL, (x - 10 - SMALL.width(&text) / 2, y))?;
        }
        for inspection in &story.inspections {
            if let Reported::Graded { grade, .. } = inspection.reported(Theme::Headline) {
                let x = at.x(inspection.dates.on(story.clock));
                canvas.line((x, at.y(grade)), (x, at.steps_bottom), canvas.palette.rule, 1)?;
            }
        }
        for pair in story.spells.windows(2) {
            if pair[0].end == pair[1].start {
                let x = at.x(pair[1].start);
                canvas.line((x, at.y(pair[0].grade)), (x, at.y(pair[1].grade)), canvas.palette.quiet, 1)?;
            }
        }
        if let (Some(since), Some(last)) = (self.not_reported_since(), story.spells.last()) {
            let x = at.x(since);
            canvas.line((x, at.y(last.grade)), (x, at.steps_bottom - ROW / 2 - 11), canvas.palette.quiet, 1)?;
        }
        for (n, spell) in story.spells.iter().enumerate() {
            let (from, to, y) = (at.x(spell.start), at.x(spell.end), at.y(spell.grade));
            canvas.rect((from, y - 3), (to.max(from + 2), y + 3), canvas.palette.grade(spell.grade.rank().into()))?;
            if spell.ended_by == EndedBy::Closed {
                canvas.rect((to - 1, y - 10), (to + 2, y + 10), canvas.palette.event)?;
            }
            let before = n.checked_sub(1).map(|p| story.spells[p].grade);
            let after = story.spells.get(n + 1).map(|s| s.grade);
            self.draw_length(canvas, at, spell, before, after)?;
        }
        for (n, inspection) in story.inspections.iter().enumerate() {
            let date = inspection.dates.on(story.clock);
            let x = at.x(date);
            let day = inspection.dates.precision_on(story.clock) == Precision::Day;
            let (y, colour) = match inspection.reported(Theme::Headline) {
                Reported::Graded { grade, .. } => (at.y(grade), canvas.palette.grade(grade.rank().into())),
                Reported::NotReported => (at.steps_bottom - ROW / 2, canvas.palette.quiet),
                Reported::Absent => (at.steps_bottom, canvas.palette.quiet),
            };
            canvas.dot((x, y), 6, colour, day)?;
            let column = at.columns[n];
            let (top, bottom) = (at.steps_bottom + 28, at.grid_top - 4);
            canvas.line((x, top), (column, bottom), canvas.palette.band, 1)?;
        }
        Ok(())
    }

    /// A spell's length, above its line, or below when the line's neighbours rise beside it.
    fn draw_length<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        at: &Layout,
        spell: &StorySpell,
        before: Option<Grade>,
        after: Option<Grade>,
    ) -> Result<(), Error> {
        let (from, to) = (at.x(spell.start), at.x(spell.end));
        let room = to - from - 20;
        let long = spell.length();
        let short = format!("{}{}", if spell.is_about() { "~" } else { "" }, spell.span().compact());
        let (text, fits) = [(long, true), (short, false)]
            .into_iter()
            .find(|(text, long)| !long || SMALL.width(text) <= room)
            .unwrap_or_default();
        let wide = SMALL.width(&text);
        let rises = |other: Option<Grade>| other.is_some_and(|g| g > spell.grade);
        let crowded = !fits && wide > room && (rises(before) || rises(after));
        let y = at.y(spell.grade) + if crowded { 18 } else { -18 };
        let middle = ((from + to) / 2).clamp(at.left + wide / 2, at.right + MARGIN - 6 - wide / 2);
        canvas.text_on_paper(&text, SMALL, (middle, y))
    }

    fn draw_grid<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, at: &Layout) -> Result<(), Error> {
        let story = &self.story;
        let half = at.column_width / 2 - 3;
        let cells_top = at.grid_top + 2 * BODY.line_height() + 4;
        let top_of = |row: usize| cells_top + row as i32 * CELL;
        for (row, theme) in at.rows.iter().enumerate() {
            canvas.text(
                theme.label(),
                BODY,
                canvas.palette.ink,
                HPos::Right,
                (at.left - 14, top_of(row) + CELL / 2),
            )?;
        }
        for (n, inspection) in story.inspections.iter().enumerate() {
            let x = at.columns[n];
            let line = BODY.line_height();
            canvas.text(
                inspection.framework.label(),
                STRONG,
                canvas.palette.ink,
                HPos::Center,
                (x, at.grid_top + line / 2),
            )?;
            let date = inspection.dates.on(story.clock);
            let mut date = inspection.dates.precision_on(story.clock).write_short(date);
            if publication_stands_in(inspection, story.clock) {
                date.push('*');
            }
            canvas.text(&date, SMALL, canvas.palette.quiet, HPos::Center, (x, at.grid_top + line + line / 2))?;
            for (row, theme) in at.rows.iter().enumerate() {
                let combined = |t: Theme| {
                    matches!(cell(inspection, t), Some(Cell::Grade { area: Area::InCareAndCareLeavers, .. }))
                };
                let above = row.checked_sub(1).and_then(|r| at.rows.get(r));
                if combined(*theme) && above.is_some_and(|t| combined(*t)) {
                    continue;
                }
                let spans = combined(*theme) && at.rows.get(row + 1).is_some_and(|t| combined(*t));
                let (top, bottom) = (top_of(row) + 2, top_of(row + usize::from(spans)) + CELL - 2);
                let (from, to, middle) = ((x - half, top), (x + half, bottom), (x, (top + bottom) / 2));
                match cell(inspection, *theme) {
                    Some(Cell::Grade { grade, .. }) => {
                        canvas.rect(from, to, canvas.palette.grade(grade.rank().into()))?;
                        let letter = letter(inspection.framework, grade);
                        canvas.text(
                            letter,
                            STRONG,
                            canvas.palette.text_on(canvas.palette.grade(grade.rank().into())),
                            HPos::Center,
                            middle,
                        )?;
                    }
                    Some(Cell::NotJudged) => canvas.hatch(from, to, canvas.palette.band)?,
                    None => canvas.line((x - 5, middle.1), (x + 5, middle.1), canvas.palette.band, 1)?,
                }
            }
        }
        Ok(())
    }
}

const NO_OVERALL: &str = "No overall grade";
/// The least width of hatched time, so that a gap of weeks is seen beside its dot; it fits the margin.
const LEAST_HATCH: i32 = MARGIN - 4;

enum Cell {
    Grade { grade: Grade, area: Area },
    NotJudged,
}

/// Whether the publication date stands in for an unknown end of fieldwork.
fn publication_stands_in(inspection: &Inspection, clock: Clock) -> bool {
    clock == Clock::Effect && inspection.dates.end().is_none()
}

/// What an inspection shows in a theme's row; `None` when it does not judge it.
fn cell(inspection: &Inspection, theme: Theme) -> Option<Cell> {
    match inspection.reported(theme) {
        Reported::Graded { grade, area } => Some(Cell::Grade { grade, area }),
        _ => {
            let listed = |j: &&crate::Judgement| theme.areas(inspection.framework).contains(&j.area);
            inspection.judgements.iter().find(listed).map(|_| Cell::NotJudged)
        }
    }
}

fn row_label(grade: Grade) -> String {
    let letters = match grade {
        Grade::Inadequate => "I",
        Grade::RequiresImprovement => "RI",
        Grade::Good => "G",
        Grade::Outstanding => "O",
    };
    format!("{grade} ({letters})")
}

fn month_or_year(precision: Precision, date: NaiveDate) -> String {
    Precision::Month.max(precision).write_short(date)
}

#[cfg(all(test, feature = "dataset"))]
mod tests {
    use super::*;

    fn check(story: Story) {
        let name = story.authority.name.clone();
        assert!(crate::chart::tests::no_overlap(&Trajectory::new(story), &name) > 7, "{name}");
    }

    #[test]
    fn no_text_overlaps_or_is_cut_for_any_authority() {
        let england = crate::dataset::england().unwrap();
        let day = |y| NaiveDate::from_ymd_opt(y, 8, 20).unwrap();
        for authority in england.authorities() {
            for (clock, as_of) in [(Clock::Effect, day(2026)), (Clock::Published, day(2016))] {
                check(Story::new(&england, &authority.code, clock, as_of).unwrap());
            }
        }
    }

    #[test]
    fn hostile_names_and_sizes() {
        let england = crate::dataset::england().unwrap();
        let slough = england.find("Slough").unwrap().code.clone();
        let mut story = Story::new(&england, &slough, Clock::Effect, england.cut_off()).unwrap();
        story.authority.name = "<&\"'> Ynys Môn \u{1} 東京".to_owned();
        let svg = Trajectory::new(story.clone()).to_svg().unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let title = document.descendants().find(|n| n.has_tag_name("title")).unwrap();
        assert!(title.text().unwrap().starts_with("<&\"'> Ynys Môn \u{FFFD} 東京: inadequate"));
        let style = Style { width: Some(200), ..Style::default() };
        let narrow = TrajectoryOptions { style, ..TrajectoryOptions::default() };
        let error = Trajectory::new(story).options(narrow).to_svg().unwrap_err().to_string();
        assert!(error.contains("a width of 200 pixels; this chart needs 7"), "{error}");
    }
}
