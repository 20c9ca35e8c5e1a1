//! One body's trajectory: events, the main series as a step line, and its other series as a grid below.

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::{TimeAxis, spread};
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::{Palette, Style};
use super::{Chart, RatingState, Table, capital, notes};
use crate::trend::{EndedBy, Narrative, Stretch};
use crate::{Error, Precision};

/// Most and least height of one grade's row, and the height that all of them are to have at most.
const ROW: i32 = 58;
const LEAST_ROW: i32 = 26;
const STEPS: i32 = 440;
/// Height of one event row and of one cell of the grid.
const LANE: i32 = 20;
const CELL: i32 = 26;
/// The least width of an inspection's column: its date at small size.
const COLUMN: i32 = 88;
/// With more inspections there is no column for each.
const MOST_COLUMNS: usize = 14;
/// Height of a grade's row on a narrow page, where its name stands above the line, and of a line of the list there.
const NARROW_ROW: i32 = 56;
const LISTED: i32 = 24;
/// Height of the fan of lines from the dots to the columns.
const FAN: i32 = 46;

/// An inspection: a dot on the step line, and a column of the grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectionColumn {
    /// The day that counts.
    pub date: NaiveDate,
    /// How exactly it is known.
    pub precision: Precision,
    /// A mark after the date, explained in the notes: `*`.
    pub mark: String,
    /// What stands over the column, as the rules of the inspection.
    pub heading: String,
    /// What it says in the main series; [`RatingState::Absent`] for nothing.
    pub main: RatingState,
    /// What it says in each row of the grid; `None` for nothing.
    pub cells: Vec<Option<GridCell>>,
}

/// What an inspection says in one row of the grid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridCell {
    /// A grade.
    Grade {
        /// Its rank.
        rank: usize,
        /// A few letters for it.
        letters: String,
        /// Whether it is one grade together with that of a neighbouring row that says so as well.
        together: bool,
    },
    /// Looked at, and not judged.
    NotJudged,
}

/// Events of one kind: a lane above the step line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLane {
    /// The kind, as "Trust set up".
    pub label: String,
    /// The events.
    pub marks: Vec<EventMark>,
}

impl EventLane {
    /// The kind and its events in words: "Trust set up: Oct 2015 to Apr 2021"; of marks without words how many, and in which
    /// years: "Focused visits: 4 (2020, 2022, 2024)".
    fn told(&self) -> String {
        if self.marks.iter().any(|mark| !mark.text.is_empty()) {
            let texts: Vec<&str> = self.marks.iter().map(|mark| mark.text.as_str()).collect();
            return format!("{}: {}", self.label, texts.join(", "));
        }
        let mut years: Vec<i32> = self.marks.iter().map(|mark| mark.start.year()).collect();
        years.sort_unstable();
        years.dedup();
        let years: Vec<String> = years.iter().map(i32::to_string).collect();
        format!("{}: {} ({})", self.label, self.marks.len(), years.join(", "))
    }
}

/// One event in its lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMark {
    /// First day.
    pub start: NaiveDate,
    /// Last day, where it is stated.
    pub end: Option<NaiveDate>,
    /// What is written beside it.
    pub text: String,
}

/// The trajectory of one body.
///
/// A step line follows its main series; each dot is an inspection, open where only the month or year is known, and leads
/// to a column with its date and its grades in the other series. Each spell carries its length. With more than 14
/// inspections there is no column for each.
///
/// ```
/// use rating_history::chart::{Chart, Style, Trajectory};
/// use rating_history::polars::prelude::*;
/// use rating_history::{Noun, Ratings, Scale, SeriesId, Words};
/// let day = |y| rating_history::chrono::NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
/// let frame = df!(
///     "authority" => ["Mill Lane"; 3],
///     "effect" => [day(2011), day(2019), day(2025)],
///     "grade" => ["poor", "fair", "fair"],
/// )?;
/// let words = Words::default().body(Noun::new("bridge", "bridges"));
/// let bridges = Ratings::new(frame.lazy(), Scale::new(["poor", "fair", "sound"])?)?.with_words(words);
/// let chart = Trajectory::collect(&bridges.clone().as_of(day(2026)), SeriesId::default(), "Mill Lane", Style::default())?;
/// assert_eq!(chart.title(), "Mill Lane, overall: poor for eight years, then fair");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trajectory {
    /// The main series and the words for it.
    pub course: Narrative,
    /// The grades, worst first: what they are called, and a few letters for them in the grid, if they are used there.
    pub grades: Vec<(String, Option<String>)>,
    /// The line under the title.
    pub subtitle: String,
    /// The inspections, in order.
    pub columns: Vec<InspectionColumn>,
    /// The names of the rows of the grid.
    pub rows: Vec<String>,
    /// The lanes of events.
    pub lanes: Vec<EventLane>,
    /// Sentences below the picture, after its source.
    pub notes: Vec<String>,
    /// How it is drawn.
    pub style: Style,
}

/// One event, placed.
struct Placed {
    lane: usize,
    from: i32,
    to: i32,
    text: String,
    /// Left edge of the text.
    text_at: i32,
}

struct Layout {
    page: Page,
    left: i32,
    right: i32,
    /// The labels of the lanes, and the events in them.
    lanes: Vec<String>,
    marks: Vec<Placed>,
    lanes_top: i32,
    steps_top: i32,
    steps_bottom: i32,
    /// Height of a grade's row, and of what is no longer given.
    row: i32,
    grades: i32,
    grid_top: i32,
    /// Middles of the columns; none when there are too many inspections.
    columns: Vec<i32>,
    column_width: i32,
    bottom: i32,
    axis: TimeAxis,
}

impl Layout {
    fn x(&self, date: NaiveDate) -> i32 {
        self.axis.x(date)
    }

    fn y(&self, rank: usize) -> i32 {
        self.steps_top + self.row * (self.grades - 1 - rank as i32) + self.row / 2
    }

    /// The middle of the row of what is no longer given.
    fn none(&self) -> i32 {
        self.steps_bottom - self.row / 2
    }
}

impl Chart for Trajectory {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        self.course.title()
    }

    /// The picture in words: the finding, each spell, and how many inspections there were.
    fn alt_text(&self) -> String {
        let Narrative { what, words, as_of, .. } = &self.course;
        let spell = |(s, told): (&Stretch, &str)| {
            format!("{told} from {} for {}", s.start_precision.write(s.start), s.length())
        };
        let spells: Vec<String> = self.course.spells().into_iter().map(spell).collect();
        format!(
            "Step chart of the {what} grade. {} {}{} by {}.",
            self.course.sentence(),
            if spells.is_empty() { String::new() } else { format!("In order: {}. ", spells.join("; ")) },
            words.inspection.count(self.columns.len()),
            Precision::Day.write(*as_of)
        )
    }

    /// The inspections with their grades, then the events.
    fn table(&self) -> Table {
        let columns = ["day", "what", self.course.what.as_str()].into_iter().map(str::to_owned);
        let standing = |state: RatingState| state.called(&self.course.words, |rank| self.grades[rank].0.clone());
        let inspections = self.columns.iter().map(|column| {
            let head = [column.precision.write(column.date), column.heading.clone(), standing(column.main)];
            let cells = column.cells.iter().map(|cell| match cell {
                Some(GridCell::Grade { rank, .. }) => self.grades[*rank].0.clone(),
                Some(GridCell::NotJudged) => "not judged".to_owned(),
                None => String::new(),
            });
            head.into_iter().chain(cells).collect::<Vec<String>>()
        });
        let width = 3 + self.rows.len();
        let events = self.lanes.iter().flat_map(|lane| {
            lane.marks.iter().map(move |mark| {
                let mut row = vec![mark.text.clone(), lane.label.clone()];
                row.resize(width, String::new());
                row
            })
        });
        Table::new(columns.chain(self.rows.iter().cloned()), inspections.chain(events).collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let layout = self.layout()?;
        let canvas = layout.page.open(self.style.paint(self.grades.len()), layout.bottom)?;
        self.draw_axis(&canvas, &layout);
        self.draw_events(&canvas, &layout);
        self.draw_steps(&canvas, &layout);
        if layout.page.narrow {
            self.draw_names(&canvas, &layout);
            self.draw_list(&canvas, &layout);
        } else {
            self.draw_grid(&canvas, &layout);
        }
        Ok(canvas.finish())
    }
}

impl Trajectory {
    /// The stretches of time in which the judgement was not given any more.
    fn gaps(&self) -> Vec<&Stretch> {
        self.course.timeline.spells.iter().filter(|s| s.rank.is_none()).collect()
    }

    fn no_grade(&self) -> String {
        format!("No {} grade", self.course.what)
    }

    fn caption(&self) -> String {
        let mut said = vec![format!("{}.", self.style.origin())];
        said.extend(self.notes.iter().cloned());
        if self.too_many() {
            let inspections = self.course.words.inspection.count(self.columns.len());
            said.push(format!("{inspections}: too many for a column each."));
        }
        let name = self.course.name.as_str();
        said.extend(notes(self.course.notices.iter().map(|text| (name, text.as_str()))));
        said.join(" ")
    }

    fn too_many(&self) -> bool {
        self.columns.len() > MOST_COLUMNS
    }

    /// The inspections that have a column of their own.
    fn shown_columns(&self) -> &[InspectionColumn] {
        if self.too_many() { &[] } else { &self.columns }
    }

    fn grade_label(&self, rank: usize) -> String {
        match &self.grades[rank] {
            (label, Some(letters)) if letters != label => format!("{} ({letters})", capital(label)),
            (label, _) => capital(label),
        }
    }

    fn layout(&self) -> Result<Layout, Error> {
        let shown = self.shown_columns();
        let rows: &[String] = if shown.is_empty() { &[] } else { &self.rows };
        let left_labels = (0..self.grades.len())
            .map(|rank| STRONG.width(&self.grade_label(rank)))
            .chain(rows.iter().map(|row| BODY.width(row)))
            .chain(self.lanes.iter().map(|lane| BODY.width(&lane.label)))
            .chain([BODY.width(&self.no_grade())])
            .max()
            .unwrap_or(0);
        let left = MARGIN + left_labels + 16;
        let least = (left + MARGIN + COLUMN * shown.len() as i32).max(640);
        let texts = (self.title(), self.caption());
        let page = Page::new(&self.style, (least, 1080), (&texts.0, &self.subtitle, &texts.1))?;
        let (left, right) = if page.narrow { (page.margin, page.right() - 8) } else { (left, page.right()) };

        let as_of = self.course.as_of;
        let marks = self.lanes.iter().flat_map(|lane| &lane.marks);
        let dates = self.columns.iter().map(|c| c.date).chain(marks.map(|m| m.start));
        let year = dates.min().unwrap_or(as_of).year();
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(as_of);
        let last = as_of.max(first + chrono::Days::new(30));

        let lanes_top = page.top();
        let axis = TimeAxis { first, last, left, right };
        let (lanes, marks) =
            if page.narrow { self.list_events(&axis, page.spared(page.room())) } else { self.place_events(&axis) };
        let steps_top = lanes_top + lanes.len() as i32 * LANE + if lanes.is_empty() { 0 } else { 10 };
        let grades = self.grades.len() as i32;
        let row = if page.narrow { NARROW_ROW } else { (STEPS / grades.max(1)).clamp(LEAST_ROW, ROW) };
        let extra = if self.gaps().is_empty() { 0 } else { row };
        let steps_bottom = steps_top + grades * row + extra;
        let grid_top = steps_bottom + 28 + if self.too_many() || page.narrow { 0 } else { FAN };
        let count = shown.len().max(1) as i32;
        let column_width = ((right - left) / count).min(130);
        let columns = spread(&shown.iter().map(|c| axis.x(c.date)).collect::<Vec<_>>(), column_width, (left, right));
        let header = if shown.is_empty() { 0 } else { 2 * BODY.line_height() + 4 };
        let bottom = match page.narrow {
            true => {
                grid_top + self.listed().iter().map(|(_, cells)| (cells.len() as i32 + 1) * LISTED + 8).sum::<i32>()
            }
            false => grid_top + header + rows.len() as i32 * CELL,
        };
        Ok(Layout {
            page,
            left,
            right,
            lanes,
            marks,
            lanes_top,
            steps_top,
            steps_bottom,
            row,
            grades,
            grid_top,
            columns,
            column_width,
            bottom,
            axis,
        })
    }

    fn draw_axis(&self, canvas: &Canvas, at: &Layout) {
        for rank in 0..self.grades.len() {
            let y = at.y(rank);
            canvas.line((at.left, y), (at.right, y), canvas.palette.rule, 1);
            if at.page.narrow {
                continue;
            }
            canvas.text(&self.grade_label(rank), STRONG, canvas.palette.ink, HPos::Right, (at.left - 14, y));
        }
        at.axis.draw(canvas, at.steps_bottom)
    }

    /// The rows that the lanes take, and the events in them so that no text lies on another.
    fn place_events(&self, axis: &TimeAxis) -> (Vec<String>, Vec<Placed>) {
        let mut lanes: Vec<String> = Vec::new();
        let mut marks = Vec::new();
        for lane in &self.lanes {
            let mut free: Vec<i32> = Vec::new();
            for EventMark { start, end, text } in &lane.marks {
                let from = axis.x(*start);
                let to = end.map_or(from, |e| axis.x(e.min(axis.last)));
                let wide = SMALL.width(text) + 8;
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
                        lanes.push(if n == 0 { lane.label.clone() } else { String::new() });
                    }
                }
                marks.push(Placed { lane: lanes.len() - free.len() + n, from, to, text: text.clone(), text_at });
            }
        }
        (lanes, marks)
    }

    fn draw_events(&self, canvas: &Canvas, at: &Layout) {
        let middle = |lane: usize| at.lanes_top + lane as i32 * LANE + LANE / 2;
        for (n, label) in at.lanes.iter().enumerate() {
            if at.page.narrow {
                canvas.text(label, SMALL, canvas.palette.ink, HPos::Left, (at.left, middle(n)));
                continue;
            }
            canvas.text(label, BODY, canvas.palette.quiet, HPos::Right, (at.left - 14, middle(n)));
        }
        for mark in &at.marks {
            canvas.dashes(mark.from, middle(mark.lane), at.steps_bottom, canvas.palette.band);
        }
        for mark in &at.marks {
            let y = middle(mark.lane);
            if mark.to > mark.from {
                canvas.rect((mark.from, y - 8), (mark.to, y + 8), canvas.palette.band);
            } else {
                canvas.diamond((mark.from, y), 6, canvas.palette.event);
            }
            if mark.text.is_empty() {
                continue;
            }
            let wide = SMALL.width(&mark.text);
            if mark.text_at > mark.to || mark.text_at < mark.from {
                canvas.rect((mark.text_at - 2, y - 9), (mark.text_at + wide + 2, y + 9), canvas.palette.paper);
            }
            canvas.text(&mark.text, SMALL, canvas.palette.ink, HPos::Left, (mark.text_at, y));
        }
    }

    fn draw_steps(&self, canvas: &Canvas, at: &Layout) {
        let (gaps, last) = (self.gaps(), self.course.timeline.not_reported_since());
        if !gaps.is_empty() && !at.page.narrow {
            canvas.text(&self.no_grade(), BODY, canvas.palette.ink, HPos::Right, (at.left - 14, at.none()));
        }
        for gap in &gaps {
            let (x, y, ends) = (at.x(gap.start), at.none(), last != Some(gap.start));
            let (end, least) = if ends { (at.x(gap.end), 4) } else { (at.right, LEAST_HATCH) };
            canvas.hatch((x, y - 11), (end.max(x + least), y + 11), canvas.palette.quiet);
            if !ends {
                let text = format!("none since {}", Precision::Day.write_short(gap.start));
                let half = SMALL.width(&text) / 2;
                canvas.text_on_paper(&text, SMALL, ((x - 10 - half).max(at.page.margin + half), y));
            }
        }
        for column in self.shown_columns() {
            if let RatingState::Rated(rank) = column.main {
                let x = at.x(column.date);
                canvas.line((x, at.y(rank)), (x, at.steps_bottom), canvas.palette.rule, 1);
            }
        }
        let spells: Vec<(&Stretch, usize)> = self.course.timeline.graded().collect();
        for pair in spells.windows(2) {
            if pair[0].0.end == pair[1].0.start {
                let x = at.x(pair[1].0.start);
                canvas.line((x, at.y(pair[0].1)), (x, at.y(pair[1].1)), canvas.palette.quiet, 1);
            }
        }
        for gap in &gaps {
            if let Some((_, rank)) = spells.iter().find(|(s, _)| s.end == gap.start) {
                let x = at.x(gap.start);
                canvas.line((x, at.y(*rank)), (x, at.none() - 11), canvas.palette.quiet, 1);
            }
        }
        let mut written = Vec::new();
        for (n, (spell, rank)) in spells.iter().enumerate() {
            let (from, to, y) = (at.x(spell.start), at.x(spell.end), at.y(*rank));
            canvas.rect((from, y - 3), (to.max(from + 2), y + 3), canvas.palette.grade(*rank));
            if spell.ended_by == EndedBy::Closed {
                canvas.rect((to - 1, y - 10), (to + 2, y + 10), canvas.palette.event);
            }
            let rises = |other: Option<&(&Stretch, usize)>| other.is_some_and(|(_, other)| other > rank);
            let beside = rises(n.checked_sub(1).and_then(|p| spells.get(p))) || rises(spells.get(n + 1));
            draw_length(canvas, at, (spell, *rank), beside, &mut written);
        }
        for (n, column) in self.columns.iter().enumerate() {
            let x = at.x(column.date);
            let (y, colour) = match column.main {
                RatingState::Rated(rank) => (at.y(rank), canvas.palette.grade(rank)),
                RatingState::NotReported => (at.none(), canvas.palette.quiet),
                _ => (at.steps_bottom, canvas.palette.quiet),
            };
            let radius = if self.too_many() { 3 } else { 6 };
            canvas.dot((x, y), radius, colour, column.precision == Precision::Day);
            if let Some(column) = at.columns.get(n).filter(|_| !at.page.narrow) {
                let (top, bottom) = (at.steps_bottom + 28, at.grid_top - 4);
                canvas.line((x, top), (*column, bottom), canvas.palette.band, 1);
            }
        }
    }

    fn draw_grid(&self, canvas: &Canvas, at: &Layout) {
        let half = at.column_width / 2 - 3;
        let cells_top = at.grid_top + 2 * BODY.line_height() + 4;
        let top_of = |row: usize| cells_top + row as i32 * CELL;
        let columns = self.shown_columns();
        if columns.is_empty() {
            return;
        }
        for (row, name) in self.rows.iter().enumerate() {
            canvas.text(name, BODY, canvas.palette.ink, HPos::Right, (at.left - 14, top_of(row) + CELL / 2));
        }
        for (column, x) in columns.iter().zip(at.columns.iter().copied()) {
            let line = BODY.line_height();
            canvas.text(&column.heading, STRONG, canvas.palette.ink, HPos::Center, (x, at.grid_top + line / 2));
            let date = format!("{}{}", column.precision.write_short(column.date), column.mark);
            canvas.text(&date, SMALL, canvas.palette.quiet, HPos::Center, (x, at.grid_top + line + line / 2));
            let together = |row: Option<usize>| {
                matches!(row.and_then(|r| column.cells.get(r)), Some(Some(GridCell::Grade { together: true, .. })))
            };
            for (row, cell) in column.cells.iter().enumerate() {
                if together(Some(row)) && together(row.checked_sub(1)) {
                    continue;
                }
                let spans = together(Some(row)) && together(Some(row + 1));
                let (top, bottom) = (top_of(row) + 2, top_of(row + usize::from(spans)) + CELL - 2);
                let (from, to, middle) = ((x - half, top), (x + half, bottom), (x, (top + bottom) / 2));
                match cell {
                    Some(GridCell::Grade { rank, letters, .. }) => {
                        let colour = canvas.palette.grade(*rank);
                        canvas.rect(from, to, colour);
                        canvas.text(letters, STRONG, Palette::text_on(colour), HPos::Center, middle);
                    }
                    Some(GridCell::NotJudged) => canvas.hatch(from, to, canvas.palette.band),
                    None => canvas.line((x - 5, middle.1), (x + 5, middle.1), canvas.palette.band, 1),
                }
            }
        }
    }
}

/// A spell's length, above its line, or below when the line's neighbours rise beside it; not where it would lie on
/// another.
fn draw_length(
    canvas: &Canvas,
    at: &Layout,
    (spell, rank): (&Stretch, usize),
    beside: bool,
    written: &mut Vec<(i32, i32, i32)>,
) {
    let (from, to) = (at.x(spell.start), at.x(spell.end));
    let room = to - from - 20;
    let short = format!("{}{}", if spell.is_about() { "~" } else { "" }, spell.span().compact());
    let (text, fits) = [(spell.length(), true), (short, false)]
        .into_iter()
        .find(|(text, long)| !long || SMALL.width(text) <= room)
        .unwrap_or_default();
    let wide = SMALL.width(&text);
    let crowded = !fits && wide > room && beside;
    let y = at.y(rank) + if crowded || at.page.narrow { 18 } else { -18 };
    let middle = ((from + to) / 2).min(at.page.width - 6 - wide / 2).max(at.left + wide / 2);
    let own = (middle - wide / 2 - 2, middle + wide / 2 + 2, y);
    let free = |other: &(i32, i32, i32)| {
        own.1 <= other.0 || other.1 <= own.0 || (own.2 - other.2).abs() >= SMALL.line_height()
    };
    if !written.iter().all(free) {
        return;
    }
    written.push(own);
    canvas.text_on_paper(&text, SMALL, (middle, y))
}

/// The least width of hatched time, so that a gap of weeks is seen beside its dot; it fits the margin.
const LEAST_HATCH: i32 = MARGIN - 4;

impl Trajectory {
    /// The lanes of a narrow page: the kind and the days of its events in words, then the marks.
    fn list_events(&self, axis: &TimeAxis, room: i32) -> (Vec<String>, Vec<Placed>) {
        let (mut lanes, mut marks) = (Vec::new(), Vec::new());
        for lane in &self.lanes {
            lanes.extend(SMALL.wrap(&lane.told(), room));
            lanes.push(String::new());
            marks.extend(lane.marks.iter().map(|mark| {
                let from = axis.x(mark.start);
                let to = mark.end.map_or(from, |end| axis.x(end.min(axis.last)));
                Placed { lane: lanes.len() - 1, from, to, text: String::new(), text_at: from }
            }));
        }
        (lanes, marks)
    }

    /// The names of the grades above their lines, on a narrow page.
    fn draw_names(&self, canvas: &Canvas, at: &Layout) {
        let name = |text: &str, y: i32| {
            let text = at.page.fit(STRONG, text, at.page.room() - 8);
            canvas.text_on_paper(&text, STRONG, (at.left + STRONG.width(&text) / 2 + 2, y));
        };
        (0..self.grades.len()).for_each(|rank| name(&self.grade_label(rank), at.y(rank) - 19));
        if !self.gaps().is_empty() {
            name(&capital(&self.no_grade()), at.none() - 21);
        }
    }

    /// The inspections of the list of a narrow page: what stands above each, and its names and cells.
    fn listed(&self) -> Vec<(String, Vec<(&str, &GridCell)>)> {
        let listed = self.shown_columns().iter().map(|column| {
            let heading = format!("{}, {}{}", column.heading, column.precision.write(column.date), column.mark);
            let cells =
                self.rows.iter().zip(&column.cells).filter_map(|(row, cell)| Some((row.as_str(), cell.as_ref()?)));
            (heading, cells.collect::<Vec<_>>())
        });
        listed.filter(|(_, cells)| !cells.is_empty()).collect()
    }

    /// The inspections one below another, each with its grades.
    fn draw_list(&self, canvas: &Canvas, at: &Layout) {
        let palette = &canvas.palette;
        let letters = self.listed().into_iter().flat_map(|(_, cells)| cells).map(|(_, cell)| match cell {
            GridCell::Grade { letters, .. } => STRONG.width(letters),
            GridCell::NotJudged => 0,
        });
        let wide = (letters.max().unwrap_or(0) + 12).clamp(36, at.page.room() / 2);
        let mut y = at.grid_top;
        for (heading, cells) in self.listed() {
            let heading = at.page.fit(STRONG, heading.trim_start_matches(", "), at.page.room());
            canvas.text(&heading, STRONG, palette.ink, HPos::Left, (at.page.margin, y + LISTED / 2));
            y += LISTED;
            let together = |n: Option<usize>| {
                matches!(n.and_then(|n| cells.get(n)), Some((_, GridCell::Grade { together: true, .. })))
            };
            for (n, (row, cell)) in cells.iter().enumerate() {
                let second = together(Some(n)) && together(n.checked_sub(1));
                let tall = if together(Some(n)) && together(Some(n + 1)) { LISTED } else { 0 };
                let (from, to) = ((at.page.margin, y + 1), (at.page.margin + wide, y + tall + LISTED - 1));
                match cell {
                    // It is drawn with the one above.
                    _ if second => {}
                    GridCell::Grade { rank, letters, .. } => {
                        let colour = palette.grade(*rank);
                        canvas.rect(from, to, colour);
                        let letters = STRONG.fit(letters, wide - 6);
                        let middle = (at.page.margin + wide / 2, y + (tall + LISTED) / 2);
                        canvas.text(&letters, STRONG, Palette::text_on(colour), HPos::Center, middle);
                    }
                    GridCell::NotJudged => canvas.hatch(from, to, palette.band),
                }
                let row = at.page.fit(BODY, row, at.page.room() - wide - 10);
                canvas.text(&row, BODY, palette.ink, HPos::Left, (to.0 + 10, y + LISTED / 2));
                y += LISTED;
            }
            y += 8;
        }
    }
}
