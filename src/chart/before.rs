//! Before and after: what the first inspections since a day changed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::letters::grade_letters;
use super::page::{Key, MARGIN, Page};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table, capital, labels_of, notes};
use crate::{Error, Precision, Ratings, SeriesId};

/// Height of a body, and of one with its name above on a narrow page.
const ROW: i32 = 26;
const NARROW_ROW: i32 = 38;
/// Height of what stands above the bodies: names of series, tallies, letters of grades.
const HEAD: i32 = 82;
/// Space between panels, and the least width of one.
const GAP: i32 = 28;
const LEAST: i32 = 130;

/// A grade and the one before it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// The rank, 0 for the worst.
    pub rank: usize,
    /// The rank of the judgement before and its day; `None` where there is none.
    pub before: Option<(usize, NaiveDate)>,
}

impl Step {
    /// Ranks moved, up positive; `None` without a grade before.
    pub fn moved(&self) -> Option<i64> {
        self.before.map(|(before, _)| self.rank as i64 - before as i64)
    }
}

/// A body with the judgements of its first inspection since a day.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Changed {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The day of the inspection.
    pub on: NaiveDate,
    /// How exactly that is known.
    pub precision: Precision,
    /// One for each series; `None` where the inspection did not judge it.
    pub steps: Vec<Option<Step>>,
    /// What has to be said of it on the day, without a capital and a full stop.
    pub notices: Vec<String>,
}

/// A dumbbell for each judgement that the first inspection of a body since a day gave: a ring at the grade before, a dot at
/// the grade now, a line between them; a panel for each series, those that rose most first.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{BeforeAfter, Chart, Style};
/// use rating_history::ofsted::PARTS;
/// let england = rating_history::ofsted::england()?;
/// let chart = BeforeAfter::collect(&england.ratings()?, PARTS, "2026-04-01".parse().unwrap(), Style::default())?;
/// let said = "First inspections of 11 authorities since 1 April 2026: 26 grades higher than before, 5 lower, 13 the same";
/// assert_eq!(chart.title(), said);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct BeforeAfter {
    /// The bodies, those whose grades rose most first.
    pub bodies: Vec<Changed>,
    /// The series, as "Leadership".
    pub series: Vec<String>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The day from which inspections count.
    pub since: NaiveDate,
    /// The last day.
    pub as_of: NaiveDate,
    /// How it is drawn.
    pub style: Style,
}

impl BeforeAfter {
    /// The judgements of the first day since `since` on which a body was given a grade in any of some series.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a series that is not there; [`Error::Value`] for a day after that of the ratings;
    /// [`Error::Polars`] when the query fails.
    pub fn collect(
        ratings: &Ratings,
        series: impl IntoIterator<Item = impl Into<SeriesId>>,
        since: NaiveDate,
        style: Style,
    ) -> Result<Self, Error> {
        let series: Vec<SeriesId> = series.into_iter().map(Into::into).collect();
        let (style, as_of) = (style.telling(ratings), ratings.day());
        ratings.tell_of([since])?;
        let scale = ratings.scale();
        let mut bodies: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for row in ratings.clone().series_only(series.iter().cloned())?.judgements().rows()? {
            bodies.entry(row.authority.clone()).or_default().push(row);
        }
        let changed = |(id, rows): (String, Vec<crate::trend::Judgement>)| {
            let on = rows.iter().filter(|r| r.date >= since && r.grade.is_some()).map(|r| r.date).min()?;
            let rank = |grade: &Option<String>| grade.as_deref().and_then(|g| scale.rank(g));
            let step = |id: &SeriesId| {
                let own = || rows.iter().filter(move |r| r.theme == *id);
                let rank_on = own().rev().find(|r| r.date == on).and_then(|r| rank(&r.grade))?;
                let before = own().rev().find(|r| r.date < on).and_then(|r| Some((rank(&r.grade)?, r.date)));
                Some(Step { rank: rank_on, before })
            };
            let name = rows.iter().find_map(|r| r.name.clone()).unwrap_or_else(|| id.clone());
            let precision = rows.iter().find(|r| r.date == on).map_or(Precision::Day, |r| r.date_precision);
            let notices = ratings.notices(as_of).filter(|n| n.body == id).map(|n| n.text.clone()).collect();
            Some(Changed { steps: series.iter().map(step).collect(), id, name, on, precision, notices })
        };
        let mut bodies: Vec<Changed> = bodies.into_iter().filter_map(changed).collect();
        let rise = |body: &Changed| body.steps.iter().flatten().filter_map(Step::moved).sum::<i64>();
        bodies.sort_by(|a, b| rise(b).cmp(&rise(a)).then_with(|| a.name.cmp(&b.name)));
        Ok(BeforeAfter {
            bodies,
            series: series.iter().map(|id| capital(&style.said().series(id.as_str()))).collect(),
            labels: labels_of(ratings, &style),
            since,
            as_of,
            style,
        })
    }

    /// How many judgements of a series, or of all, rose, fell, stayed, and had none before.
    fn tally(&self, series: Option<usize>) -> [usize; 4] {
        let mut tally = [0; 4];
        for body in &self.bodies {
            let of_series = body.steps.iter().enumerate().filter(|(n, _)| series.is_none_or(|s| s == *n));
            for step in of_series.filter_map(|(_, step)| step.as_ref()) {
                let place = match step.moved() {
                    Some(1..) => 0,
                    Some(..=-1) => 1,
                    Some(0) => 2,
                    None => 3,
                };
                tally[place] += 1;
            }
        }
        tally
    }

    fn subtitle(&self) -> String {
        let (since, as_of) = (Precision::Day.write(self.since), Precision::Day.write(self.as_of));
        let inspection = &self.style.said().inspection.one;
        format!("Dot: the grade of the first {inspection} from {since} to {as_of}; ring: the grade before it")
    }

    fn caption(&self) -> String {
        let alone = if self.tally(None)[2] > 0 { " A dot without a ring: the same grade as before." } else { "" };
        let new = if self.tally(None)[3] > 0 { " A square: no grade before." } else { "" };
        let made = format!("{}.{alone}{new}", self.style.origin());
        let said = self.bodies.iter().flat_map(|b| b.notices.iter().map(|text| (b.name.as_str(), text.as_str())));
        [vec![made], notes(said)].concat().join(" ")
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.bodies.is_empty() {
            let (words, since) = (self.style.said(), Precision::Day.write(self.since));
            return Err(Error::Chart(format!("no {} since {since} gave a grade", words.inspection.one)));
        }
        let texts = (self.title(), self.subtitle(), self.caption());
        let names = self.bodies.iter().map(|b| SMALL.width(&b.name)).max().unwrap_or(0) + 16;
        let panels = self.series.len() as i32;
        let least = 2 * MARGIN + names + panels * (LEAST + GAP) - GAP;
        let usual = 2 * MARGIN + names + panels * (190 + GAP) - GAP;
        let page = Page::new(&self.style, (least, usual), (&texts.0, &texts.1, &texts.2))?;
        let entries = Key::of(&self.labels).into_iter().zip(grade_letters(&self.labels));
        let entries = entries.map(|((swatch, label), letters)| (swatch, format!("{letters} {label}")));
        let key = Key::new(entries.collect(), &page);
        let top = page.top() + key.height() + 4;
        let (row, names) = if page.narrow { (NARROW_ROW, 0) } else { (ROW, names) };
        let high = HEAD + self.bodies.len() as i32 * row;
        let left = page.margin + names;
        let panel = |n: i32| {
            let wide = (page.right() - left + GAP) / panels - GAP;
            match page.narrow {
                true => (page.margin, page.right(), top + n * (high + 14)),
                false => (left + n * (wide + GAP), left + n * (wide + GAP) + wide, top),
            }
        };
        let panels: Vec<_> = (0..panels).map(panel).collect();
        let bottom = panels.last().map_or(top, |(_, _, top)| top + high);
        Ok(Layout { key, panels, names, row, bottom, page })
    }
}

struct Layout {
    page: Page,
    key: Key,
    /// Left, right and top of the panel of each series.
    panels: Vec<(i32, i32, i32)>,
    /// Width of the names; none where they stand above.
    names: i32,
    row: i32,
    bottom: i32,
}

impl Chart for BeforeAfter {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let (words, since) = (self.style.said(), Precision::Day.write(self.since));
        let [up, down, same, new] = self.tally(None);
        if up + down + same == 0 {
            let (inspections, bodies) = (&words.inspection.many, words.body.count(self.bodies.len()));
            return format!("First {inspections} of {bodies} since {since}, none with a grade before to compare with");
        }
        let new = if new > 0 { format!(", {new} without one before") } else { String::new() };
        let grades = if up == 1 { "grade" } else { "grades" };
        format!(
            "First {} of {} since {since}: {up} {grades} higher than before, {down} lower, {same} the same{new}",
            words.inspection.many,
            words.body.count(self.bodies.len())
        )
    }

    fn alt_text(&self) -> String {
        let series = self.series.iter().enumerate().map(|(n, name)| format!("{name}: {}", said(self.tally(Some(n)))));
        format!("Grades before and after. {}. {}.", self.title(), series.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let body = self.style.said().body.one.as_str();
        let columns = [body, "judgement", "before", "day before", "after", "day"];
        let rows = self.bodies.iter().flat_map(|b| {
            b.steps.iter().zip(&self.series).filter_map(move |(step, series)| {
                let step = step.as_ref()?;
                let before = step.before.map(|(rank, day)| (self.labels[rank].clone(), day.to_string()));
                let (before, previous) = before.unwrap_or_default();
                let after = self.labels[step.rank].clone();
                Some(vec![b.name.clone(), series.clone(), before, previous, after, b.precision.write(b.on)])
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        at.key.draw(&canvas, &self.style, at.page.top());
        (0..self.series.len()).for_each(|n| self.draw_panel(&canvas, &at, n));
        Ok(canvas.finish())
    }
}

/// "6 up, 1 down, 4 the same"
fn said([up, down, same, new]: [usize; 4]) -> String {
    let new = if new > 0 { format!(", {new} new") } else { String::new() };
    format!("{up} up, {down} down, {same} same{new}")
}

impl BeforeAfter {
    fn draw_panel(&self, canvas: &Canvas, at: &Layout, n: usize) {
        let palette = &canvas.palette;
        let ((left, right, top), k) = (at.panels[n], self.labels.len());
        let name = STRONG.fit(&self.series[n], right - left);
        canvas.text(&name, STRONG, palette.ink, HPos::Left, (left, top + 22));
        let tally = SMALL.fit(&said(self.tally(Some(n))), right - left);
        canvas.text(&tally, SMALL, palette.quiet, HPos::Left, (left, top + 41));
        let letters = grade_letters(&self.labels);
        let room = letters.iter().map(|l| BODY.width(l)).max().unwrap_or(0);
        let (first, last) = (left + room / 2 + 4, right - room / 2 - 4);
        let x = |rank: usize| first + (last - first) * rank as i32 / (k.max(2) as i32 - 1);
        let all = (last - first) / (k.max(2) as i32 - 1) > room + 4;
        let foot = top + HEAD + self.bodies.len() as i32 * at.row;
        for (rank, letters) in letters.iter().enumerate() {
            if all || rank == 0 || rank + 1 == k {
                canvas.text(letters, BODY, palette.quiet, HPos::Center, (x(rank), top + 64));
                canvas.line((x(rank), top + HEAD - 6), (x(rank), foot), palette.rule, 1);
            }
        }
        for (row, body) in (0..).zip(&self.bodies) {
            let mut y = top + HEAD + row * at.row + at.row / 2;
            if at.names == 0 {
                let name = SMALL.fit(&body.name, right - left - 6);
                let half = SMALL.width(&name) / 2 + 2;
                canvas.text_on_paper(&name, SMALL, (left + half, y - 9));
                y += 8;
            } else if n == 0 {
                canvas.text(&body.name, SMALL, palette.ink, HPos::Right, (left - 12, y));
            }
            let Some(step) = &body.steps[n] else { continue };
            let colour = palette.grade(step.rank);
            match step.before {
                Some((before, _)) if before != step.rank => {
                    canvas.line((x(before), y), (x(step.rank), y), palette.quiet, 2);
                    canvas.dot((x(before), y), 6, palette.grade(before), false);
                    canvas.dot((x(step.rank), y), 6, colour, true);
                }
                Some(_) => canvas.dot((x(step.rank), y), 6, colour, true),
                None => canvas.rect((x(step.rank) - 5, y - 5), (x(step.rank) + 5, y + 5), colour),
            }
        }
    }
}
