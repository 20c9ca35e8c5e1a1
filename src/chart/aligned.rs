//! Ribbons aligned on an event: the years before it and after it.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::canvas::Canvas;
use super::font::{BODY, SMALL};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::ribbons::{Ribbon, Ribbons};
use super::style::Style;
use super::{Chart, Table, capital, notes, spell_grade};
use crate::frame::columns::*;
use crate::frame::expr::words;
use crate::{Error, Precision, Series};

/// Height of a ribbon with its gap, and of its name above it on a narrow page.
const ROW: i32 = 18;
const ABOVE: i32 = 16;
/// Years shown before and after.
const BEFORE: u32 = 5;
const AFTER: u32 = 8;
/// Years after which grades are compared.
const THEN: u32 = 3;

/// What ribbons are aligned on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Align {
    /// The first event of a kind that a body had, as `statutory_direction`.
    Event(String),
    /// The first time a body came to a grade from another.
    Grade(String),
}

/// Every body that had an event a ribbon, coloured by grade, all on one scale of years from the event; those that stood at
/// the worst grade on the day first, then those that left their grade soonest.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Align, Aligned, Chart, Style};
/// use rating_history::ofsted::{EventKind, Theme};
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let direction = Align::Event(EventKind::StatutoryDirection.code().to_owned());
/// let chart = Aligned::collect(&headline, &direction, Style::default())?;
/// assert!(chart.title().starts_with("Three years after their first statutory direction, "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Aligned {
    /// The ribbons, each with the day of its event.
    pub ribbons: Vec<(Onset, Ribbon)>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// Last day known.
    pub as_of: NaiveDate,
    /// What is graded, as "overall".
    pub what: String,
    /// What they are aligned on.
    pub on: Align,
    /// How it is drawn.
    pub style: Style,
}

/// When something happened, as exactly as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Onset {
    /// The day; of a month or a year of which no more is known, the day that stands for it.
    pub day: NaiveDate,
    /// How exactly the day is known.
    pub precision: Precision,
}

impl Onset {
    fn write(self) -> String {
        match self.precision {
            Precision::Day => format!("on {}", self.precision.write(self.day)),
            _ => format!("in {}", self.precision.write(self.day)),
        }
    }
}

impl Aligned {
    /// The ribbons of all bodies in existence on the day of a series that had the event by then.
    ///
    /// # Errors
    /// [`Error::Frame`] when the ratings have no events, [`Error::Unknown`] for a kind of event or a grade that is not
    /// known; [`Error::Polars`] when a query fails.
    pub fn collect(series: &Series, on: &Align, style: Style) -> Result<Self, Error> {
        let all = Ribbons::collect(series, None, style)?;
        let as_of = all.as_of;
        let days: HashMap<String, Onset> = match on {
            Align::Event(kind) => first_events(series, kind, as_of)?,
            Align::Grade(grade) => {
                let rank = series.scale().rank(grade).ok_or_else(|| {
                    Error::unknown("grade", grade, series.scale().labels().iter().map(String::as_str))
                })?;
                all.ribbons.iter().filter_map(|r| Some((r.id.clone(), first_arrival(r, rank)?))).collect()
            }
        };
        let ribbons = all.ribbons.into_iter().filter_map(|r| Some((*days.get(&r.id)?, r)));
        let mut ribbons: Vec<(Onset, Ribbon)> = ribbons.collect();
        let order = |(Onset { day, .. }, ribbon): &(Onset, Ribbon)| {
            let grade = ribbon.timeline.at(*day);
            let left = ribbon.timeline.spells.iter().find(|s| s.start > *day).map(|s| (s.start - *day).num_days());
            (grade.is_none(), grade, left.unwrap_or(i64::MAX))
        };
        ribbons.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.1.name.cmp(&b.1.name)));
        Ok(Aligned { ribbons, labels: all.labels, as_of, what: all.what, on: on.clone(), style: all.style })
    }

    /// "their first statutory direction"
    fn event(&self) -> String {
        let words = self.style.said();
        match &self.on {
            Align::Event(kind) => format!("their first {}", words.code(kind)),
            Align::Grade(grade) => format!("they first came to {} from another grade", words.grade(grade)),
        }
    }

    /// Of those with a grade on the day of their event and some years later: how many stood higher, lower, and at all.
    fn moved(&self) -> (usize, usize, usize) {
        let pairs = self.ribbons.iter().filter_map(|(Onset { day, .. }, ribbon)| {
            let then = day.checked_add_months(Months::new(12 * THEN)).filter(|then| *then <= self.as_of)?;
            let timeline = &ribbon.timeline;
            let later = if then == self.as_of { timeline.current(then) } else { timeline.at(then) };
            Some((timeline.at(*day)?, later?))
        });
        pairs.fold((0, 0, 0), |(up, down, all), (a, b)| (up + usize::from(b > a), down + usize::from(b < a), all + 1))
    }

    fn subtitle(&self) -> String {
        let (bodies, day) = (&self.style.said().body, Precision::Day.write(self.as_of));
        let (count, event) = (bodies.count(self.ribbons.len()), self.event());
        format!("{} grade of {count} in the years before and after {event}, as known on {day}", capital(&self.what))
    }

    fn caption(&self) -> String {
        let words = self.style.said();
        let hatched = self.ribbons.iter().flat_map(|(_, r)| &r.timeline.spells).any(|s| s.rank.is_none());
        let hatched = if hatched { format!(" Hatched: {}.", words.hatch) } else { String::new() };
        let followed = match self.moved().2 {
            0 => String::new(),
            all => format!(" A grade on the day and three years later: {}.", words.body.count(all)),
        };
        let made = format!(
            "{}.{hatched} Blank: {}, or not yet come.{followed} Only {} in existence on the day. What came after need not have \
             come from it.",
            self.style.origin(),
            words.blank,
            words.body.many
        );
        [vec![made], notes(self.ribbons.iter().flat_map(|(_, r)| r.said()))].concat().join(" ")
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.ribbons.is_empty() {
            let words = self.style.said();
            let (body, what) = (&words.body.one, &self.what);
            return Err(Error::Chart(match &self.on {
                Align::Event(_) => format!("no {body} had this event"),
                Align::Grade(grade) => {
                    format!("no {body} came to the {what} grade {} from another", words.grade(grade))
                }
            }));
        }
        let texts = (self.title(), self.subtitle(), self.caption());
        let names = self.ribbons.iter().map(|(_, r)| SMALL.width(&r.name)).max().unwrap_or(0) + 12;
        let page = Page::new(&self.style, (2 * MARGIN + names + 360, 900), (&texts.0, &texts.1, &texts.2))?;
        let (names, row) = if page.narrow { (0, ROW + ABOVE) } else { (names, ROW) };
        let hatched = self.ribbons.iter().flat_map(|(_, r)| &r.timeline.spells).any(|s| s.rank.is_none());
        let hatch = hatched.then(|| (Swatch::Hatch, spell_grade(None, &self.labels, self.style.said())));
        let key = Key::new(Key::of(&self.labels).into_iter().chain(hatch).collect(), &page);
        let top = page.top() + key.height() + 22;
        let foot = top + self.ribbons.len() as i32 * row;
        Ok(Layout { left: page.margin + names, right: page.right(), key, names, row, top, foot, page })
    }
}

/// The first day of an event of a kind for each body that had one by a day.
fn first_events(series: &Series, kind: &str, as_of: NaiveDate) -> Result<HashMap<String, Onset>, Error> {
    let events = series.events_of(kind)?.filter(col(EVENT_DATE).lt_eq(lit(as_of)));
    let events = series.collect(events.select([AUTHORITY, EVENT_DATE, EVENT_PRECISION].map(col)))?;
    let days = events.column(EVENT_DATE)?.date()?.phys.iter().map(|d| d.and_then(NaiveDate::from_epoch_days));
    let bodies = events.column(AUTHORITY)?.str()?.iter();
    let mut first: HashMap<String, Onset> = HashMap::new();
    let precisions = words(&events, EVENT_PRECISION)?;
    for ((body, day), precision) in bodies.zip(days).zip(precisions.iter()) {
        let (Some(body), Some(day)) = (body, day) else { continue };
        let onset = Onset { day, precision: precision.map_or(Ok(Precision::Day), str::parse)? };
        let known = first.entry(body.to_owned()).or_insert(onset);
        if (onset.day, onset.precision) < (known.day, known.precision) {
            *known = onset;
        }
    }
    Ok(first)
}

/// The first day at a grade after another one.
fn first_arrival(ribbon: &Ribbon, rank: usize) -> Option<Onset> {
    let graded: Vec<_> = ribbon.timeline.graded().collect();
    let arrived = graded.windows(2).find(|pair| pair[0].1 != rank && pair[1].1 == rank).map(|pair| pair[1].0);
    arrived.map(|spell| Onset { day: spell.start, precision: spell.start_precision })
}

struct Layout {
    page: Page,
    key: Key,
    left: i32,
    right: i32,
    /// Width of the names; none where they stand above.
    names: i32,
    row: i32,
    top: i32,
    foot: i32,
}

impl Layout {
    /// The place of a day so many days after the event.
    fn x(&self, days: f64) -> i32 {
        let years = (days / 365.25).clamp(-f64::from(BEFORE), f64::from(AFTER));
        let part = (years + f64::from(BEFORE)) / f64::from(BEFORE + AFTER);
        self.left + (part * f64::from(self.right - self.left)).round() as i32
    }
}

impl Chart for Aligned {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let ((up, down, all), what) = (self.moved(), &self.what);
        let bodies = self.style.said().body.count(all);
        match all {
            0 => format!("{} grades before and after {}", capital(what), self.event()),
            _ => format!(
                "Three years after {}, {up} of {bodies} stood at a higher {what} grade than on the day, {down} at a lower one",
                self.event()
            ),
        }
    }

    fn alt_text(&self) -> String {
        let each = self.ribbons.iter().map(|(onset, ribbon)| {
            let grade = ribbon.timeline.at(onset.day).map_or("no grade", |rank| self.labels[rank].as_str());
            format!("{} {}: {grade}", ribbon.name, onset.write())
        });
        format!("Ribbons aligned on an event. {}. {}.", self.title(), each.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let body = self.style.said().body.one.as_str();
        let columns =
            [body, "event", "grade", "from", "until", "years after the event from", "years after the event until"];
        let rows = self.ribbons.iter().flat_map(|(event, ribbon)| {
            ribbon.timeline.spells.iter().map(move |spell| {
                let years = |day: NaiveDate| format!("{:.2}", (day - event.day).num_days() as f64 / 365.25);
                let grade = spell_grade(spell.rank, &self.labels, self.style.said());
                let days = [spell.start_precision.write(spell.start), spell.end_precision.write(spell.end)];
                let head = [ribbon.name.clone(), event.precision.write(event.day), grade];
                head.into_iter().chain(days).chain([years(spell.start), years(spell.end)]).collect()
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.foot + 44)?;
        let palette = &canvas.palette;
        at.key.draw(&canvas, &self.style, at.page.top());
        for (n, (onset, ribbon)) in (0..).zip(&self.ribbons) {
            self.draw_ribbon(&canvas, &at, onset.day, ribbon, at.top + n * at.row);
        }
        let quiet = palette.quiet;
        canvas.line((at.left, at.foot + 2), (at.right, at.foot + 2), quiet, 1);
        let every = if at.page.narrow { 2 } else { 1 };
        for year in (-(BEFORE as i32)..=AFTER as i32).filter(|year| year % every == 0) {
            let x = at.x(365.25 * f64::from(year));
            canvas.line((x, at.foot + 2), (x, at.foot + 7), quiet, 1);
            let text = if year > 0 { format!("+{year}") } else { year.to_string().replace('-', "\u{2212}") };
            let half = BODY.width(&text) / 2;
            let place = x.clamp(at.page.margin + half, at.page.right() - half);
            canvas.text(&text, BODY, quiet, HPos::Center, (place, at.foot + 18));
        }
        canvas.text("years from the event", SMALL, quiet, HPos::Center, ((at.left + at.right) / 2, at.foot + 37));
        let zero = at.x(0.0);
        canvas.line((zero, at.top - 10), (zero, at.foot + 2), palette.paper, 4);
        canvas.line((zero, at.top - 10), (zero, at.foot + 2), palette.ink, 2);
        for (n, (_, ribbon)) in (0..).zip(&self.ribbons).filter(|_| at.names == 0) {
            let name = at.page.fit(SMALL, &ribbon.name, at.right - at.left - 6);
            let middle = at.left + SMALL.width(&name) / 2 + 2;
            canvas.text_on_paper(&name, SMALL, (middle, at.top + n * at.row + 8));
        }
        Ok(canvas.finish())
    }
}

impl Aligned {
    fn draw_ribbon(&self, canvas: &Canvas, at: &Layout, day: NaiveDate, ribbon: &Ribbon, top: i32) {
        let palette = &canvas.palette;
        if at.names > 0 {
            canvas.text(&ribbon.name, SMALL, palette.quiet, HPos::Right, (at.left - 8, top + ROW / 2));
        }
        let y = top + at.row - ROW;
        for spell in &ribbon.timeline.spells {
            let [from, to] = [spell.start, spell.end].map(|d| at.x((d - day).num_days() as f64));
            if from == to && (from == at.left || from == at.right) {
                continue;
            }
            match spell.rank {
                Some(rank) => canvas.rect((from, y + 2), ((to - 2).max(from + 1), y + ROW - 2), palette.grade(rank)),
                None => canvas.hatch((from, y + 2), (to.max(from + 8), y + ROW - 2), palette.quiet),
            }
        }
    }
}
