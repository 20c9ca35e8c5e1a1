//! Shares of grades over time, stacked.

use chrono::NaiveDate;
use plotters::style::text_anchor::HPos;
use polars::prelude::*;

use super::axis::{TimeAxis, spread};
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, Page, Swatch};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table, better_words, capital, labels_of, several_days};
use crate::frame::columns::*;
use crate::frame::expr::words;
use crate::trend::columns::*;
use crate::{Error, Precision, Series, Words};

/// Height of the stack.
const HEIGHT: i32 = 420;
const NARROW_HEIGHT: i32 = 300;
/// Height of the strip of frameworks.
const STRIP: i32 = 24;
/// Days that two compared days are apart at least.
const LEAST_COMPARED: i64 = 365;

/// Shares of grades over time: the parts of all bodies in existence, one grade upon the other, the worst at the
/// bottom. Those whose latest inspection no longer gives the judgement are hatched, those not rated yet are left blank,
/// so that neither looks like a grade. A strip says under which rules (the column `framework`) the inspections were.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Distribution, Style};
/// use rating_history::{Ratings, trend::Every};
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let dates = Every::QUARTER.dates_to("2010-03-31".parse().unwrap(), england.cut_off());
/// let chart = Distribution::collect(&england.ratings()?.series(Theme::Headline)?, &dates, Style::default())?;
/// assert!(chart.title().contains("had the overall grade good or outstanding on "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Distribution {
    /// The days, in order.
    pub dates: Vec<NaiveDate>,
    /// The grades, worst first.
    pub labels: Vec<String>,
    /// The rank at which the better part of them begins.
    pub better_from: usize,
    /// How many stand at each grade, by day.
    pub counts: Vec<Vec<u32>>,
    /// How many have a latest inspection without the judgement, by day.
    pub not_reported: Vec<u32>,
    /// How many have not been inspected, by day.
    pub not_rated: Vec<u32>,
    /// How many stand at a grade that may be compared with those of the last day, by day.
    pub comparable: Vec<u32>,
    /// The first day under each set of rules up to the last of the days, and its code.
    pub eras: Vec<(NaiveDate, String)>,
    /// What is graded, as "overall".
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

impl Distribution {
    /// Counts the grades of a series on these days.
    ///
    /// # Errors
    /// [`Error::Asked`] with fewer than two days.
    pub fn collect(series: &Series, dates: &[NaiveDate], style: Style) -> Result<Self, Error> {
        let dates = several_days(dates)?;
        let style = style.telling(series).noting(series, &dates);
        let frame = series.distribution(&dates, None).collect()?;
        let labels = labels_of(series, &style);
        let k = labels.len();
        let count: Vec<u32> = frame.column(COUNT)?.u32()?.into_no_null_iter().collect();
        // A day on which nobody existed, or before the first judgement of all, has no rows.
        let mut by_day: Vec<Vec<u32>> = vec![vec![0; k + 2]; dates.len()];
        let days = frame.column(DATE)?.date()?;
        for (row, counts) in count.chunks(k + 2).enumerate() {
            let day = days.phys.get(row * (k + 2)).and_then(NaiveDate::from_epoch_days);
            if let Some(place) = day.and_then(|day| dates.binary_search(&day).ok()) {
                by_day[place] = counts.to_vec();
            }
        }
        let of = |n: usize| by_day.iter().map(|day| day[n]).collect::<Vec<u32>>();
        let counts = by_day.iter().map(|day| day[..k].to_vec()).collect();
        let eras = series
            .lazy()
            .filter(col(GRADE).is_not_null().or(col(AREA).is_null()))
            .group_by([col(FRAMEWORK)])
            .agg([col(DATE).min()])
            .sort([DATE], SortMultipleOptions::default())
            .collect()?;
        let rules = words(&eras, FRAMEWORK)?;
        let names = rules.iter().map(|f| f.unwrap_or_default().to_owned());
        let days = eras.column(DATE)?.date()?.phys.iter().map(|d| d.and_then(NaiveDate::from_epoch_days));
        let eras = days.zip(names).filter_map(|(day, name)| Some((day?, name)));
        let last = dates[dates.len() - 1];
        let eras: Vec<(NaiveDate, String)> = eras.filter(|(day, name)| !name.is_empty() && *day <= last).collect();
        Ok(Distribution {
            comparable: comparable(series, &dates, &eras, style.said())?,
            dates,
            labels,
            counts,
            not_reported: of(k),
            not_rated: of(k + 1),
            eras,
            better_from: style.said().better_rank(series.scale().labels()),
            what: style.said().series(series.id().as_str()),
            style,
        })
    }

    /// Share of those in existence that stand in the better part of the scale, as the picture shows it, in hundredths.
    fn better(&self, n: usize) -> u32 {
        (100.0 * f64::from(self.good(n)) / f64::from(self.open(n).max(1))).round() as u32
    }

    /// Those in the better part of the scale.
    fn good(&self, n: usize) -> u32 {
        self.counts[n][self.better_from..].iter().sum()
    }

    /// Whether more than a few of those in existence are not rated.
    fn lacks_many(&self, n: usize) -> bool {
        20 * self.not_rated[n] > self.open(n)
    }

    fn open(&self, n: usize) -> u32 {
        self.counts[n].iter().sum::<u32>() + self.not_reported[n] + self.not_rated[n]
    }

    /// The first day on which 95% of those in existence have a comparable grade, if there is one a year or more before the
    /// last and the same holds on the last.
    fn compared(&self) -> Option<usize> {
        let last = self.dates.len() - 1;
        let holds = |n: &usize| self.open(*n) > 0 && 100 * self.comparable[*n] >= 95 * self.open(*n);
        let long = |n: &usize| (self.dates[last] - self.dates[*n]).num_days() >= LEAST_COMPARED;
        (0..last).find(holds).filter(|first| long(first) && holds(&last))
    }

    /// Those in existence without a grade on a day, where they are more than a few.
    fn without(&self, n: usize) -> String {
        let (gone, never) = (self.not_reported[n], self.not_rated[n]);
        let verb = if gone == 1 { "has" } else { "have" };
        let gone = if gone > 0 { format!("; {gone} {verb} none any more") } else { String::new() };
        let never = if self.lacks_many(n) { format!("; {never} {}", self.style.said().blank) } else { String::new() };
        format!("{gone}{never}")
    }

    fn subtitle(&self) -> String {
        let (first, last) = (self.dates[0], self.dates[self.dates.len() - 1]);
        let day = |d| Precision::Day.write(d);
        format!(
            "{} by their latest {} grade, share of those in existence, {} to {}",
            capital(&self.style.said().body.many),
            self.what,
            day(first),
            day(last)
        )
    }

    fn caption(&self) -> String {
        let mut notes = vec![format!("{}.", self.style.origin())];
        if self.not_reported.iter().any(|n| *n > 0) {
            notes.push(format!("Hatched: {}.", self.style.said().hatch));
        }
        if self.not_rated.iter().any(|n| *n > 0) {
            notes.push(format!("Blank: {}.", self.style.said().blank));
        }
        if self.eras.len() > 1 {
            let era = |(day, rules): &(NaiveDate, String)| {
                format!("{} from {}", self.style.said().code(rules), Precision::Month.write(*day))
            };
            notes.push(format!("Below the axis: {}.", self.eras.iter().map(era).collect::<Vec<_>>().join(", ")));
            notes.extend(self.style.said().rules.clone());
        }
        notes.join(" ")
    }

    /// What is no grade, as a name.
    fn state(&self, code: &str) -> String {
        capital(&self.style.said().grade(code))
    }

    /// What stands beside the bands: names of grades and of what is no grade, best first, with their last counts.
    fn names(&self) -> Vec<(Swatch, String)> {
        let last = self.dates.len() - 1;
        let mut names = Vec::new();
        if self.not_rated[last] > 0 {
            names.push((Swatch::Blank, format!("{} {}", self.state("not_rated"), self.not_rated[last])));
        }
        if self.not_reported[last] > 0 {
            names.push((Swatch::Hatch, format!("{} {}", self.state("not_reported"), self.not_reported[last])));
        }
        for (rank, label) in self.labels.iter().enumerate().rev() {
            names.push((Swatch::Grade(rank), format!("{} {}", capital(label), self.counts[last][rank])));
        }
        names
    }

    fn layout(&self) -> Result<Layout, Error> {
        let labels = self.names().iter().map(|(_, name)| STRONG.width(name)).max().unwrap_or(0) + 14;
        let texts = (self.title(), self.subtitle(), self.caption());
        let least = (labels + 360).max(520);
        let page = Page::new(&self.style, (least, 1080), (&texts.0, &texts.1, &texts.2))?;
        let key = Key::new(if page.narrow { self.names() } else { Vec::new() }, &page);
        let left = page.margin + BODY.width("100%") + 10;
        let right = page.right() - if page.narrow { 0 } else { labels };
        let axis = TimeAxis { first: self.dates[0], last: self.dates[self.dates.len() - 1], left, right };
        let top = page.top() + key.height() + if page.narrow { 8 } else { 0 };
        let least = if page.narrow { 0 } else { self.labels.len() as i32 * STRONG.line_height() + 40 };
        let high = if page.narrow { NARROW_HEIGHT } else { HEIGHT.max(least) };
        Ok(Layout { page, key, axis, top, foot: top + high })
    }
}

struct Layout {
    page: Page,
    key: Key,
    axis: TimeAxis,
    top: i32,
    foot: i32,
}

/// How many stand on each day at a grade under the rules that were in force on the last of them, or under ones alike.
fn comparable(
    series: &Series,
    dates: &[NaiveDate],
    eras: &[(NaiveDate, String)],
    words: &Words,
) -> Result<Vec<u32>, Error> {
    let narrowed = match eras.last() {
        Some((_, rules)) => series.clone().only(FRAMEWORK, words.alike(rules))?,
        None => series.clone(),
    };
    let frame = narrowed.distribution(dates, None).plan()?.group_by([col(DATE)]).agg([col(RATED).first()]).collect()?;
    let (days, rated) = (frame.column(DATE)?.date()?, frame.column(RATED)?.u32()?);
    let mut by_day = vec![0; dates.len()];
    for (day, rated) in days.phys.iter().zip(rated.iter()) {
        let place = day.and_then(NaiveDate::from_epoch_days).and_then(|day| dates.binary_search(&day).ok());
        if let Some(place) = place {
            by_day[place] = rated.unwrap_or_default();
        }
    }
    Ok(by_day)
}

impl Chart for Distribution {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let better = better_words(&self.labels, self.better_from);
        let bodies = &self.style.said().body.many;
        let day = |n: usize| Precision::Day.write(self.dates[n]);
        let last = self.dates.len() - 1;
        let (to, what) = (self.better(last), &self.what);
        let now = match self.style.said().coverage {
            // Of data that hold a part, a share of all would be none.
            Some(_) if self.lacks_many(last) => {
                let (good, rated) = (self.good(last), self.counts[last].iter().sum::<u32>());
                let them = self.style.said().body.count(rated as usize);
                format!("{good} of {them} with the {what} grade had {better} on {}", day(last))
            }
            _ => format!("{to}% of {bodies} had the {what} grade {better} on {}", day(last)),
        };
        match self.compared().map(|first| (first, self.better(first))) {
            None => format!("{now}{}", self.without(last)),
            Some((first, from)) => match to.cmp(&from) {
                std::cmp::Ordering::Equal => format!("{now}, as on {}", day(first)),
                std::cmp::Ordering::Greater => format!("{now}, up from {from}% on {}", day(first)),
                std::cmp::Ordering::Less => format!("{now}, down from {from}% on {}", day(first)),
            },
        }
    }

    fn alt_text(&self) -> String {
        let day = |n: usize| {
            let parts: Vec<String> =
                self.labels.iter().zip(&self.counts[n]).map(|(label, count)| format!("{label} {count}")).collect();
            let others = match (self.not_reported[n], self.not_rated[n]) {
                (0, 0) => String::new(),
                (a, b) => {
                    let words = self.style.said();
                    format!(", {} {a}, {} {b}", words.grade("not_reported"), words.grade("not_rated"))
                }
            };
            format!("{}: {}{others}", Precision::Day.write(self.dates[n]), parts.join(", "))
        };
        let shown = [0, self.dates.len() / 2, self.dates.len() - 1].map(day);
        format!("Stacked areas of shares by grade over time. {}. {}.", self.title(), shown.join("; "))
    }

    fn table(&self) -> Table {
        let columns = ["day".to_owned()].into_iter().chain(self.labels.iter().cloned());
        let rows = (0..self.dates.len()).map(|n| {
            let counts = self.counts[n].iter().chain([&self.not_reported[n], &self.not_rated[n]]);
            std::iter::once(self.dates[n].to_string()).chain(counts.map(u32::to_string)).collect()
        });
        let others = ["not_reported", "not_rated"].map(|state| self.style.said().grade(state));
        Table::new(columns.chain(others), rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let Layout { page, key, axis, top, foot: bottom } = self.layout()?;
        let canvas = page.open(self.style.paint(self.labels.len()), bottom + 34 + STRIP)?;
        key.draw(&canvas, &self.style, page.top());
        let y = |share: f64| bottom - (share * f64::from(bottom - top)).round() as i32;
        for percent in (0..=100).step_by(25) {
            let at = y(f64::from(percent) / 100.0);
            canvas.line((axis.left, at), (axis.right, at), canvas.palette.rule, 1);
            canvas.text(&format!("{percent}%"), BODY, canvas.palette.quiet, HPos::Right, (axis.left - 8, at));
        }
        // Upper edges, day by day, of each grade in the stack and of those not reported.
        let stacked = |n: usize, parts: usize| {
            let below: u32 = self.counts[n].iter().chain([&self.not_reported[n]]).take(parts).sum();
            f64::from(below) / f64::from(self.open(n).max(1))
        };
        let edge = |parts: usize| -> Vec<(i32, i32)> {
            let mut points: Vec<(i32, i32)> = Vec::new();
            for (n, date) in self.dates.iter().enumerate() {
                let (x, y) = (axis.x(*date), y(stacked(n, parts)));
                if let Some((_, before)) = points.last().copied().filter(|(_, before)| *before != y) {
                    points.push((x, before));
                    points.push((x, y));
                } else if points.is_empty() {
                    points.push((x, y));
                }
            }
            points.extend(points.last().map(|(_, y)| (axis.right, *y)));
            points
        };
        for rank in 0..self.labels.len() {
            let mut outline = edge(rank + 1);
            outline.extend(edge(rank).into_iter().rev());
            canvas.polygon(outline, canvas.palette.grade(rank));
        }
        (1..self.labels.len()).for_each(|rank| self.part(&canvas, &axis, rank, &|n, parts| y(stacked(n, parts))));
        self.draw_not_reported(&canvas, &axis, &|n, parts| y(stacked(n, parts)));
        axis.draw(&canvas, bottom);
        self.draw_eras(&canvas, &axis, bottom + 34);

        if page.narrow {
            return Ok(canvas.finish());
        }
        let last = self.dates.len() - 1;
        let k = self.labels.len();
        let names = self.names();
        let middle = |(swatch, _): &(Swatch, String)| match swatch {
            Swatch::Grade(rank) => (y(stacked(last, *rank)) + y(stacked(last, rank + 1))) / 2,
            Swatch::Blank => (y(stacked(last, k + 1)) + top) / 2,
            _ => (y(stacked(last, k)) + y(stacked(last, k + 1))) / 2,
        };
        let wanted: Vec<i32> = names.iter().map(middle).collect();
        let places = spread(&wanted, STRONG.line_height(), (top - 10, bottom + 10));
        for ((swatch, name), place) in names.iter().zip(places) {
            let x = axis.right + 10;
            let (from, to) = ((x - 7, place - 6), (x + 5, place + 6));
            match swatch {
                Swatch::Grade(rank) => {
                    canvas.rect(from, (x - 2, place + 6), canvas.palette.grade(*rank));
                    canvas.text(name, STRONG, canvas.palette.ink, HPos::Left, (x + 4, place));
                    continue;
                }
                Swatch::Blank => canvas.frame(from, to, canvas.palette.rule),
                _ => canvas.hatch(from, to, canvas.palette.quiet),
            }
            canvas.text(name, BODY, canvas.palette.quiet, HPos::Left, (x + 11, place));
        }
        Ok(canvas.finish())
    }
}

impl Distribution {
    /// From where to where a day reaches.
    fn reach(&self, axis: &TimeAxis, n: usize) -> (i32, i32) {
        (axis.x(self.dates[n]), self.dates.get(n + 1).map_or(axis.right, |d| axis.x(*d)))
    }

    /// Parts a grade from the one below it by a line of paper that lies in the thicker of the two, so that the thinner
    /// keeps its height.
    fn part(&self, canvas: &Canvas, axis: &TimeAxis, rank: usize, y: &dyn Fn(usize, usize) -> i32) {
        let mut line: Vec<(i32, i32)> = Vec::new();
        for n in 0..self.dates.len() {
            let below = (0..rank).rev().find(|r| self.counts[n][*r] > 0);
            let Some(below) = below.filter(|_| self.counts[n][rank] > 0) else {
                canvas.path(std::mem::take(&mut line), canvas.palette.paper, 2);
                continue;
            };
            let edge = y(n, rank);
            let shift = if edge - y(n, rank + 1) < y(n, below) - edge { 1 } else { -1 };
            let (from, to) = self.reach(axis, n);
            line.extend([(from, edge + shift), (to, edge + shift)]);
        }
        canvas.path(line, canvas.palette.paper, 2);
    }

    /// Hatches what is no longer reported, between its edges.
    fn draw_not_reported(&self, canvas: &Canvas, axis: &TimeAxis, y: &dyn Fn(usize, usize) -> i32) {
        let (k, quiet) = (self.labels.len(), canvas.palette.quiet);
        let days: Vec<usize> = (0..self.dates.len()).filter(|n| self.not_reported[*n] > 0).collect();
        for days in days.chunk_by(|a, b| a + 1 == *b) {
            let (mut upper, mut lower) = (Vec::new(), Vec::new());
            for n in days {
                let (from, to) = self.reach(axis, *n);
                let (high, low) = (y(*n, k + 1), y(*n, k));
                canvas.hatching((from, high), (to, low), quiet);
                upper.extend([(from, high), (to, high)]);
                lower.extend([(from, low), (to, low)]);
            }
            lower.reverse();
            let outline = [upper.as_slice(), &lower, &upper[..1]].concat();
            canvas.path(outline, quiet, 1);
        }
    }

    /// The strip of frameworks under the axis.
    fn draw_eras(&self, canvas: &Canvas, axis: &TimeAxis, top: i32) {
        let palette = &canvas.palette;
        for (n, (day, name)) in self.eras.iter().enumerate() {
            let from = axis.x((*day).max(axis.first));
            let to = self.eras.get(n + 1).map_or(axis.right, |(next, _)| axis.x((*next).max(axis.first)));
            canvas.line((from, top), (from, top + STRIP - 4), palette.quiet, 1);
            let label = &self.style.said().code(name);
            let wide = SMALL.width(label);
            if wide + 8 <= to - from {
                canvas.text(label, SMALL, palette.quiet, HPos::Left, (from + 5, top + STRIP / 2));
            } else if n + 1 == self.eras.len() && axis.right + 5 + wide <= canvas.width() {
                canvas.text(label, SMALL, palette.quiet, HPos::Left, (axis.right + 5, top + STRIP / 2));
            }
        }
    }
}
