//! One body's ratings on several scales: a lane a scale, all on one axis of time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::axis::TimeAxis;
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::{Colour, Style};
use super::{Chart, Table, capital, labels_of, notes};
use crate::trend::{EndedBy, Timeline};
use crate::{Error, Precision, Series};

/// Height of a grade's row, of one on a narrow page where its name stands above the line, and of the space between lanes.
const ROW: i32 = 22;
const NARROW_ROW: i32 = 36;
const GAP: i32 = 16;
/// How far the best grade of a further scale lies from its colour towards the ground.
const LIGHTEST: f64 = 0.55;

/// What a lane is to show: of what, by whom, and the series.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LaneOf {
    /// What is rated: "Children's homes".
    pub subject: String,
    /// Who rates it.
    pub by: String,
    /// The ratings, with the words of their data.
    pub series: Series,
    /// Whether it is a part of the subject, shown only where the lane before it of the same subject that is none has ended
    /// without a grade.
    pub is_part: bool,
    /// What every body got, where that was gathered.
    known: Option<Arc<Known>>,
}

/// The ratings and the grades over time, by body.
#[derive(Debug)]
struct Known {
    marks: HashMap<String, Vec<LaneMark>>,
    timelines: BTreeMap<String, Timeline>,
}

impl Known {
    fn collect(series: &Series) -> Result<Self, Error> {
        let mut marks: HashMap<String, Vec<LaneMark>> = HashMap::new();
        for judgement in series.judgements().rows()? {
            let rank = judgement.grade.and_then(|grade| series.scale().rank(&grade));
            let mark = LaneMark { date: judgement.date, precision: judgement.date_precision, rank };
            marks.entry(judgement.authority).or_default().push(mark);
        }
        Ok(Known { marks, timelines: Timeline::collect(series)? })
    }
}

impl LaneOf {
    /// The lane of a series.
    pub fn new(subject: impl Into<String>, by: impl Into<String>, series: Series) -> Self {
        LaneOf { subject: subject.into(), by: by.into(), series, is_part: false, known: None }
    }

    /// The same as a part of its subject.
    #[must_use]
    pub fn part(mut self) -> Self {
        self.is_part = true;
        self
    }

    /// The same with the ratings of all bodies, for pictures of many of them: the queries are made once. A body without
    /// ratings has an empty lane then.
    ///
    /// # Errors
    /// [`Error::Polars`] when a query fails.
    pub fn gathered(mut self) -> Result<Self, Error> {
        self.known = Some(Arc::new(Known::collect(&self.series)?));
        Ok(self)
    }
}

/// A rating in its lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneMark {
    /// The day that counts.
    pub date: NaiveDate,
    /// How exactly it is known.
    pub precision: Precision,
    /// Rank of the grade, 0 for the worst; `None` where the judgement was no longer given.
    pub rank: Option<usize>,
}

/// The ratings of one series, on its own scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// What is rated.
    pub subject: String,
    /// Who rates it.
    pub by: String,
    /// What is graded, as "overall".
    pub what: String,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The grades over time.
    pub timeline: Timeline,
    /// The ratings, in order.
    pub marks: Vec<LaneMark>,
    /// The day to which the data of the series go.
    pub until: NaiveDate,
    /// Where the ratings are from, without a full stop.
    pub source: String,
    /// What part of all there is the data are.
    pub coverage: Option<String>,
    /// What hatched time means.
    pub hatch: String,
    /// What happened where a lane ends with a black mark.
    pub closed: String,
}

/// One body's ratings by several raters, side by side in time: a lane a series, each with its own scale. Only equal scales
/// have the same colours, and nothing is added up or ranked across lanes.
///
/// ```
/// use rating_history::chart::{Chart, LaneOf, Lanes, Style};
/// use rating_history::polars::prelude::*;
/// use rating_history::{Ratings, Scale};
/// let day = |y| rating_history::chrono::NaiveDate::from_ymd_opt(y, 6, 30).unwrap();
/// let rated = |year, grade: &str, scale: [&str; 2]| {
///     let frame = df!("authority" => ["Mill Lane"], "effect" => [day(year)], "grade" => [grade])?;
///     Ratings::new(frame.lazy(), Scale::new(scale)?)?.only_series()
/// };
/// let lanes = [
///     LaneOf::new("Fire safety", "the county", rated(2019, "safe", ["unsafe", "safe"])?),
///     LaneOf::new("Kitchen", "the city", rated(2021, "C", ["C", "A"])?),
/// ];
/// let chart = Lanes::collect("Mill Lane", "Mill Lane", lanes, Style::default())?;
/// assert_eq!(chart.title(), "Mill Lane: fire safety safe (June 2019), kitchen C (June 2021)");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lanes {
    /// The body's name.
    pub name: String,
    /// The lanes, from top to bottom.
    pub lanes: Vec<Lane>,
    /// Last day shown: the last to which any of the data go.
    pub as_of: NaiveDate,
    /// Sentences below the picture, about the body.
    pub notes: Vec<String>,
    /// How it is drawn.
    pub style: Style,
}

impl Lane {
    fn collect(of: &LaneOf, body: &str, style: &Style) -> Result<Self, Error> {
        let LaneOf { subject, by, series, known, .. } = of;
        let known = match known {
            Some(known) => known.clone(),
            None => Arc::new(Known::collect(&series.clone().bodies_only([body])?)?),
        };
        let words = series.words().clone();
        Ok(Lane {
            subject: subject.clone(),
            by: by.clone(),
            what: words.series(series.id().as_str()),
            labels: labels_of(series, &style.clone().words(words.clone())),
            timeline: known.timelines.get(body).cloned().unwrap_or_default(),
            marks: known.marks.get(body).cloned().unwrap_or_default(),
            until: series.day(),
            source: words.source,
            coverage: words.coverage,
            hatch: words.hatch,
            closed: words.closed,
        })
    }

    /// Whether the name of the series says what is rated.
    fn says_all(&self) -> bool {
        self.what.to_lowercase().starts_with(&self.subject.to_lowercase())
    }

    /// What is rated and how it is called, in one.
    fn heading(&self) -> String {
        if self.says_all() { capital(&self.what) } else { format!("{}, {}", self.subject, self.what) }
    }

    /// The same in a sentence, without the series where the subject says enough.
    fn called(&self) -> String {
        let text = if self.says_all() { &self.what } else { &self.subject };
        let mut chars = text.chars();
        match (chars.next(), chars.clone().next()) {
            (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
            _ => text.clone(),
        }
    }

    fn grade(&self, rank: Option<usize>) -> &str {
        rank.map_or("no longer given", |rank| self.labels[rank].as_str())
    }

    /// Whether some rating no longer gave the grade: its row stands below those of the grades.
    fn has_gap(&self) -> bool {
        self.marks.iter().any(|mark| mark.rank.is_none())
    }

    /// The names of its rows, from top to bottom.
    fn rows(&self) -> Vec<String> {
        let gap = self.has_gap().then(|| format!("No {} grade", self.what));
        self.labels.iter().rev().map(|label| capital(label)).chain(gap).collect()
    }

    /// The place of a rating's row, from the top.
    fn row(&self, rank: Option<usize>) -> i32 {
        rank.map_or(self.labels.len(), |rank| self.labels.len() - 1 - rank) as i32
    }

    /// The heading with the rater, and how far the data go where that is not the end.
    fn title(&self, end: NaiveDate) -> String {
        let told = match (self.marks.is_empty(), self.until < end) {
            (true, _) => ": none known".to_owned(),
            (false, true) => format!("; data to {}", Precision::Month.write(self.until)),
            (false, false) => String::new(),
        };
        format!("{}, by {}{told}", self.heading(), self.by)
    }
}

/// A month, or the year where no more is known.
fn month(mark: &LaneMark) -> String {
    if mark.precision == Precision::Year { mark.precision } else { Precision::Month }.write(mark.date)
}

impl Lanes {
    /// The lanes of a body, each as of the day of its ratings; a part of a subject where the whole has no grade any more.
    ///
    /// # Errors
    /// [`Error::UnknownBody`] for a body that one of the series does not know; [`Error::Polars`] when a query fails.
    pub fn collect(
        name: &str,
        body: &str,
        lanes: impl IntoIterator<Item = LaneOf>,
        style: Style,
    ) -> Result<Self, Error> {
        // What is said of coverage is said lane by lane.
        let mut style = style.unscoped();
        style.words = style.words.map(|words| crate::Words { coverage: None, ..words });
        let (mut shown, mut drawn): (Vec<LaneOf>, Vec<Lane>) = (Vec::new(), Vec::new());
        for of in lanes {
            let whole = shown.iter().zip(&drawn).rfind(|(whole, _)| !whole.is_part && whole.subject == of.subject);
            let has_ended = |lane: &Lane| lane.marks.last().is_some_and(|mark| mark.rank.is_none());
            if !of.is_part || whole.is_some_and(|(_, lane)| has_ended(lane)) {
                drawn.push(Lane::collect(&of, body, &style)?);
                shown.push(of);
            }
        }
        let lanes = shown;
        let as_of = lanes.iter().map(|lane| lane.series.day()).max().unwrap_or_default();
        let said = lanes.iter().flat_map(|lane| lane.series.notices(lane.series.day()).filter(|n| n.body == body));
        let mut said: Vec<String> = notes(said.map(|notice| (name, notice.text.as_str())));
        let mut filters = Vec::new();
        for filter in lanes.iter().flat_map(|lane| lane.series.filtered()) {
            if !filters.contains(&filter) {
                filters.push(filter);
            }
        }
        said.extend(filters);
        Ok(Lanes { name: name.to_owned(), lanes: drawn, as_of, notes: said, style })
    }

    /// The latest rating of each subject in words, with its month. Where it no longer gives the grade of its lane, those of the
    /// subject's other lanes at that day are told.
    fn latest(&self) -> Vec<String> {
        let mut latest: Vec<(&Lane, &LaneMark)> = Vec::new();
        for lane in &self.lanes {
            let Some(mark) = lane.marks.last() else { continue };
            match latest.iter_mut().find(|(other, _)| other.subject == lane.subject) {
                Some(found) if found.1.date < mark.date => *found = (lane, mark),
                Some(_) => {}
                None => latest.push((lane, mark)),
            }
        }
        let told = |(lane, mark): (&Lane, &LaneMark)| match mark.rank {
            Some(rank) => format!("{} {} ({})", lane.called(), lane.labels[rank], month(mark)),
            None => {
                let given = self.lanes.iter().filter(|other| other.subject == lane.subject).filter_map(|other| {
                    let rank = other.marks.last().filter(|own| own.date == mark.date)?.rank?;
                    Some(format!("{} {}", other.what, other.labels[rank]))
                });
                let given: Vec<String> = given.collect();
                match given.is_empty() {
                    true => format!("{} without the {} grade ({})", lane.called(), lane.what, month(mark)),
                    false => format!("{} ({})", given.join(", "), month(mark)),
                }
            }
        };
        latest.into_iter().map(told).collect()
    }

    fn subtitle(&self) -> String {
        format!("Each lane: the ratings of one kind on their own scale, the best grade at the top, to {}", {
            Precision::Day.write(self.as_of)
        })
    }

    fn caption(&self) -> String {
        let mut said: Vec<String> = Vec::new();
        let mut add = |sentence: String| {
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        };
        match &self.style.source {
            Some(source) => add(format!("{source}.")),
            None => {
                let source = |lane: &Lane| lane.source.strip_prefix("Source: ").unwrap_or(&lane.source).to_owned();
                let mut sources: Vec<String> = Vec::new();
                for source in self.lanes.iter().map(source) {
                    if !sources.contains(&source) {
                        sources.push(source);
                    }
                }
                add(format!("Sources: {}.", sources.join("; ")));
            }
        }
        for lane in &self.lanes {
            if let Some(coverage) = &lane.coverage {
                add(format!("{}: {coverage}", capital(&lane.called())));
            }
        }
        add("Lanes answer different questions and are not comparable, not even where grades have the same names."
            .to_owned());
        add("A line goes on until the next rating of its lane, or to where its data end.".to_owned());
        if self.lanes.iter().flat_map(|lane| &lane.marks).any(|mark| mark.precision != Precision::Day) {
            add("Open dots: only the month or year is known.".to_owned());
        }
        for lane in &self.lanes {
            if lane.timeline.spells.iter().any(|spell| spell.rank.is_none()) {
                add(format!("Hatched: {}.", lane.hatch));
            }
            if lane.timeline.spells.iter().any(|spell| spell.ended_by == EndedBy::Closed) {
                add(format!("Black mark at an end: {}.", lane.closed));
            }
        }
        [said, self.notes.clone()].concat().join(" ")
    }

    /// The colours of each lane, worst first: those of grades for the first scale, for each further one steps of a line's.
    fn colours(&self) -> Vec<Vec<Colour>> {
        let mut scales: Vec<&[String]> = Vec::new();
        let of = |lane: &Lane, place: usize| {
            let k = lane.labels.len();
            if place == 0 {
                return self.style.paint(k).grades;
            }
            let (line, paper) = (self.style.line(place), self.style.paint(k).paper);
            let part = |rank: usize| LIGHTEST * rank as f64 / (k.max(2) - 1) as f64;
            (0..k).map(|rank| line.towards(paper, part(rank))).collect()
        };
        let mut all = Vec::new();
        for lane in &self.lanes {
            let place = scales.iter().position(|scale| *scale == lane.labels.as_slice()).unwrap_or_else(|| {
                scales.push(&lane.labels);
                scales.len() - 1
            });
            all.push(of(lane, place));
        }
        all
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.lanes.iter().all(|lane| lane.marks.is_empty()) {
            return Err(Error::Chart(format!("no rating of {} to draw", self.name)));
        }
        let texts = (self.title(), self.subtitle(), self.caption());
        let drawn = self.lanes.iter().filter(|lane| !lane.marks.is_empty());
        let labels = drawn.flat_map(Lane::rows).map(|label| SMALL.width(&label)).max().unwrap_or(0) + 14;
        let page = Page::new(&self.style, (2 * MARGIN + labels + 360, 1080), (&texts.0, &texts.1, &texts.2))?;
        let left = page.margin + if page.narrow { 6 } else { labels };
        let begin = self.lanes.iter().filter_map(|lane| Some(lane.marks.first()?.date)).min().unwrap_or(self.as_of);
        let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
        let last = self.as_of.max(first + chrono::Days::new(30));
        let axis = TimeAxis { first, last, left, right: page.right() - 6 };
        let (mut y, mut lanes) = (page.top(), Vec::new());
        let row = if page.narrow { NARROW_ROW } else { ROW };
        for lane in &self.lanes {
            let heading = STRONG.wrap(&lane.title(self.as_of), page.room() * 9 / 10);
            let top = y + heading.len() as i32 * STRONG.line_height() + 4;
            let rows = if lane.marks.is_empty() { 0 } else { lane.rows().len() as i32 * row };
            lanes.push((y, heading, top));
            y = top + rows + GAP;
        }
        Ok(Layout { page, axis, lanes, row, foot: y - GAP + 6 })
    }

    fn draw_lane(&self, canvas: &Canvas, at: &Layout, lane: &Lane, top: i32, colours: &[Colour]) {
        let (palette, axis) = (&canvas.palette, &at.axis);
        let below = if at.page.narrow { at.row - 8 } else { at.row / 2 };
        let y = |rank: Option<usize>| top + lane.row(rank) * at.row + below;
        let rows: Vec<(i32, String)> =
            (0..).zip(lane.rows()).map(|(n, label)| (top + n * at.row + below, label)).collect();
        rows.iter().for_each(|(y, _)| canvas.line((axis.left, *y), (axis.right, *y), palette.rule, 1));
        let mut before: Option<(NaiveDate, usize)> = None;
        for spell in &lane.timeline.spells {
            let (from, to) = (axis.x(spell.start), axis.x(spell.end).max(axis.x(spell.start) + 2));
            if let (Some((end, a)), Some(b)) = (before, spell.rank)
                && end == spell.start
            {
                canvas.line((from, y(Some(a))), (from, y(Some(b))), palette.quiet, 1);
            }
            match spell.rank {
                Some(rank) => canvas.rect((from, y(spell.rank) - 3), (to, y(spell.rank) + 3), colours[rank]),
                None => canvas.hatch((from, y(None) - 5), (to.max(from + 6), y(None) + 5), palette.quiet),
            }
            if spell.ended_by == EndedBy::Closed {
                canvas.rect((to - 1, y(spell.rank) - 8), (to + 2, y(spell.rank) + 8), palette.event);
            }
            before = spell.rank.map(|rank| (spell.end, rank));
        }
        for mark in &lane.marks {
            let colour = mark.rank.map_or(palette.quiet, |rank| colours[rank]);
            canvas.dot((axis.x(mark.date), y(mark.rank)), 6, colour, mark.precision == Precision::Day);
        }
        for (y, label) in rows {
            match at.page.narrow {
                true => {
                    let label = at.page.fit(SMALL, &label, at.page.room() - 8);
                    canvas.text_on_paper(&label, SMALL, (axis.left + SMALL.width(&label) / 2 + 2, y - 17));
                }
                false => canvas.text(&label, SMALL, palette.ink, HPos::Right, (axis.left - 10, y)),
            }
        }
    }
}

struct Layout {
    page: Page,
    axis: TimeAxis,
    /// Top, lines of the heading and top of the rows of each lane.
    lanes: Vec<(i32, Vec<String>, i32)>,
    row: i32,
    foot: i32,
}

impl Chart for Lanes {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        match self.latest().as_slice() {
            [] => format!("{}: no rating known", self.name),
            latest => format!("{}: {}", self.name, latest.join(", ")),
        }
    }

    fn alt_text(&self) -> String {
        let lanes = self.lanes.iter().map(|lane| {
            let marks = lane.marks.iter().map(|m| format!("{} {}", m.precision.write(m.date), lane.grade(m.rank)));
            let marks: Vec<String> = marks.collect();
            let told = if marks.is_empty() { String::new() } else { format!(": {}", marks.join(", ")) };
            format!("{}{told}", lane.title(self.as_of))
        });
        format!(
            "Step lines in lanes over one axis of time. {}. {}.",
            self.title(),
            lanes.collect::<Vec<_>>().join("; ")
        )
    }

    fn table(&self) -> Table {
        let columns = ["subject", "rated by", "series", "day", "grade", "scale, worst to best"].map(str::to_owned);
        let rows = self.lanes.iter().flat_map(|lane| {
            let row = |day: String, grade: &str| {
                let told = [&lane.subject, &lane.by, &lane.what].map(String::clone);
                told.into_iter().chain([day, grade.to_owned(), lane.labels.join(", ")]).collect::<Vec<_>>()
            };
            let mut rows: Vec<_> =
                lane.marks.iter().map(|mark| row(mark.precision.write(mark.date), lane.grade(mark.rank))).collect();
            if rows.is_empty() {
                rows.push(row(String::new(), "none known"));
            }
            rows
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(2), at.foot + BODY.line_height() + 6)?;
        for ((lane, colours), (y, heading, top)) in self.lanes.iter().zip(self.colours()).zip(&at.lanes) {
            for (n, line) in (0..).zip(heading) {
                let middle = y + n * STRONG.line_height() + STRONG.line_height() / 2;
                canvas.text(line, STRONG, canvas.palette.ink, HPos::Left, (at.page.margin, middle));
            }
            if !lane.marks.is_empty() {
                self.draw_lane(&canvas, &at, lane, *top, &colours);
            }
        }
        at.axis.draw(&canvas, at.foot);
        Ok(canvas.finish())
    }
}
