//! A forecast: what was, then what may be.

use chrono::{Datelike, Months, NaiveDate};
use plotters::style::text_anchor::HPos;

use super::axis::{TimeAxis, spread};
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::ribbons::{Ribbon, Ribbons};
use super::style::{Palette, Style};
use super::{Chart, Table, capital, notes};
use crate::estimate::{Forecast, ForecastStep};
use crate::{Error, Precision, Series};

const HEIGHT: i32 = 320;
/// Height of the bar of the next inspection.
const BAR: i32 = 34;
/// Height of the line above the key of a narrow page.
const SAID: i32 = 22;

/// A forecast of one body's grade: on the left the grades it had, each certain and so the whole height; from the
/// day of the forecast on the chances of each grade, one upon the other, worst at the bottom; below, the chances at the
/// next inspection, whenever it comes.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Fan, Style};
/// use rating_history::estimate::{Bootstrap, ForecastOptions, Study, forecast};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let leadership = england.ratings()?.series(Theme::Leadership)?;
/// let options = ForecastOptions::default().bootstrap(Bootstrap::default().replicates(20));
/// let slough = forecast(&leadership, &Study::until(england.cut_off()), "E06000039", 10, &options)?;
/// let chart = Fan::collect(&leadership, slough, Style::default())?;
/// assert!(chart.title().starts_with("Slough, leadership: "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Fan {
    /// The forecast.
    pub forecast: Forecast,
    /// The past.
    pub past: Ribbon,
    /// What is graded, as "leadership".
    pub what: String,
    /// How it is drawn.
    pub style: Style,
}

fn percent(p: f64) -> String {
    format!("{:.0}%", 100.0 * p)
}

/// A chance that is not nought: "45%", "under 1%".
fn some_percent(p: f64) -> String {
    let text = percent(p);
    if text == "0%" { "under 1%".to_owned() } else { text }
}

/// The chance of a grade with its band: "45% (38% to 52%)".
fn banded(step: &ForecastStep, rank: usize) -> String {
    let chance = percent(step.probability[rank]);
    match (step.lower[rank], step.upper[rank]) {
        (Some(lower), Some(upper)) => format!("{chance} ({} to {})", percent(lower), percent(upper)),
        _ => chance,
    }
}

impl Fan {
    /// The chart of a forecast that was made of this series, after what the series says of the past.
    ///
    /// # Errors
    /// [`Error::Value`] for a forecast of another series; [`Error::NoGrade`] when the body has no grade to draw.
    pub fn collect(series: &Series, forecast: Forecast, style: Style) -> Result<Self, Error> {
        if forecast.series != *series.id() {
            let expected = format!("the series of the forecast, {}", forecast.series);
            return Err(Error::value("series", series.id(), expected));
        }
        let of_one = series.clone().as_of(forecast.as_of).bodies_only([forecast.authority.as_str()])?;
        let Ribbons { ribbons, what, style, .. } = Ribbons::collect(&of_one, None, style)?;
        let past = ribbons.into_iter().find(|ribbon| ribbon.id == forecast.authority);
        let past = past.ok_or_else(|| series.no_grade(&forecast.authority, forecast.as_of))?;
        Ok(Fan { forecast, past, what, style: style.unscoped() })
    }

    fn years(&self) -> Vec<&ForecastStep> {
        self.forecast.steps.iter().filter(|s| s.years.is_some()).collect()
    }

    fn next(&self) -> Option<&ForecastStep> {
        self.forecast.steps.iter().find(|s| s.years.is_none())
    }

    /// The day so many years after the forecast's.
    fn day(&self, years: f64) -> NaiveDate {
        let months = Months::new((12.0 * years).round() as u32);
        self.forecast.as_of.checked_add_months(months).unwrap_or(self.forecast.as_of)
    }

    fn subtitle(&self) -> String {
        let day = Precision::Day.write(self.forecast.as_of);
        let (what, level) = (capital(&self.what), 100.0 * self.forecast.options.bootstrap.level);
        format!(
            "{what} grades it had, and from {day} on the chance of each, by how often grades have moved before; in brackets \
             {level:.0}% bands of the rates"
        )
    }

    fn caption(&self) -> String {
        let bodies = &self.style.said().body.many;
        let strata = match (&self.forecast.options.stratum, &self.forecast.stratum) {
            (Some(column), Some(_)) => format!("its {column} and all {bodies}"),
            (Some(column), None) => format!("all {bodies}, as its {column} is not known"),
            (None, _) => format!("all {bodies}"),
        };
        let memory = match self.forecast.years_stood {
            Some(_) => ", by how long a grade has stood",
            None => "; they have no memory of how long a grade has stood",
        };
        let said = notes(self.past.said());
        let made = format!(
            "{}. Chances from the rates of {strata}{memory}. Not a plan and not a verdict.",
            self.style.origin()
        );
        [vec![made], said].concat().join(" ")
    }

    fn layout(&self) -> Result<Layout, Error> {
        let names = self
            .forecast
            .labels
            .iter()
            .map(|l| STRONG.width(&format!("{} 100% (100% to 100%)", capital(&self.style.said().grade(l)))))
            .max();
        let labels = names.unwrap_or(0) + 16;
        let texts = (self.title(), self.subtitle(), self.caption());
        let number = BODY.width("100%").max(BODY.width(&self.style.said().inspection.one)) + 12;
        let page = Page::new(&self.style, (2 * MARGIN + number + 340 + labels, 960), (&texts.0, &texts.1, &texts.2))?;
        let left = page.margin + if page.narrow { BODY.width("100%") + 8 } else { number };
        let right = page.right() - if page.narrow { 0 } else { labels };
        let last = self.years().last().copied().filter(|_| page.narrow);
        let entry = |(rank, label): (usize, &String)| {
            let chance = last.map_or(String::new(), |step| banded(step, rank));
            (Swatch::Grade(rank), format!("{} {chance}", capital(&self.style.said().grade(label))))
        };
        let labels: &[String] = if page.narrow { &self.forecast.labels } else { &[] };
        let key = Key::new(labels.iter().enumerate().rev().map(entry).collect(), &page);
        let begin = self.past.timeline.spells.first().map_or(self.forecast.as_of, |s| s.start.min(self.forecast.as_of));
        let first = NaiveDate::from_ymd_opt(begin.year(), 1, 1).unwrap_or(begin);
        let last = self.day(self.years().last().and_then(|s| s.years).unwrap_or(1.0));
        let said = if page.narrow { SAID } else { 0 };
        let top = page.top() + said + key.height() + 22;
        // As high as the names beside it, which may go a little over its ends.
        let names = self.forecast.labels.len() as i32 * STRONG.line_height() - 24;
        let foot = top + if page.narrow { HEIGHT } else { HEIGHT.max(names) };
        let axis = TimeAxis { first, last, left, right };
        let below = self.below(&axis, (page.right() - left) * 9 / 10);
        let lines = below.len().max(1) as i32;
        let bottom = foot + 34 + if self.next().is_some() { BAR + 22 + lines * SMALL.line_height() } else { 0 };
        Ok(Layout { axis, page, key, top, foot, below, bottom })
    }
}

struct Layout {
    page: Page,
    key: Key,
    axis: TimeAxis,
    top: i32,
    foot: i32,
    /// What stands below the bar of the next inspection, line by line.
    below: Vec<String>,
    bottom: i32,
}

/// A part of the bar of the next inspection: the rank, the edges, and what stands in it where that has room.
type Part = (usize, (i32, i32), Option<String>);

impl Chart for Fan {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let name = &self.past.name;
        let years = self.years();
        let step = years.get(2).or(years.last());
        let likeliest = step.and_then(|step| {
            let best = step.probability.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
            Some((self.style.said().grade(&self.forecast.labels[best.0]), banded(step, best.0), step.years?))
        });
        match likeliest {
            Some((label, chance, years)) => {
                let noun = if years == 1.0 { "year" } else { "years" };
                format!("{name}, {}: {chance} chance of {label} in {years} {noun}", self.what)
            }
            None => format!("{name}: what may come"),
        }
    }

    fn alt_text(&self) -> String {
        let list = |step: &ForecastStep| {
            let parts = self.forecast.labels.iter().zip(&step.probability);
            parts.map(|(l, p)| format!("{} {}", self.style.said().grade(l), percent(*p))).collect::<Vec<_>>().join(", ")
        };
        let inspection = &self.style.said().inspection.one;
        let next = self.next().map(|s| format!(" At the next {inspection}: {}.", list(s))).unwrap_or_default();
        let last = self.years().last().map(|s| {
            let years = s.years.unwrap_or(0.0);
            let noun = if years == 1.0 { "year" } else { "years" };
            format!(" In {years} {noun}: {}.", list(s))
        });
        let now = Precision::Day.write(self.forecast.as_of);
        let grade = self.style.said().grade(&self.forecast.grade);
        format!("Forecast. {}. On {now}: {grade}.{next}{}", self.title(), last.unwrap_or_default())
    }

    fn table(&self) -> Table {
        let words = self.style.said();
        let columns = ["when", "grade", "chance", "lower", "upper"];
        let rows = self.forecast.steps.iter().flat_map(|step| {
            let when = match step.years {
                Some(years) => format!("in {years} {}", if years == 1.0 { "year" } else { "years" }),
                None => format!("next {}", words.inspection.one),
            };
            (0..self.forecast.labels.len()).map(move |rank| {
                let number = |p: Option<f64>| p.map_or(String::new(), |p| format!("{p:.4}"));
                let chance = number(Some(step.probability[rank]));
                let (lower, upper) = (number(step.lower[rank]), number(step.upper[rank]));
                vec![when.clone(), words.grade(&self.forecast.labels[rank]), chance, lower, upper]
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.forecast.labels.len()), at.bottom)?;
        let palette = &canvas.palette;
        if let Some(years) = self.years().last().and_then(|s| s.years).filter(|_| at.page.narrow) {
            let text = format!("Chances in {years} {}:", if years == 1.0 { "year" } else { "years" });
            canvas.text(&text, STRONG, palette.ink, HPos::Left, (at.page.margin, at.page.top() + 5));
        }
        let said = if at.page.narrow { SAID } else { 0 };
        at.key.draw(&canvas, &self.style, at.page.top() + said);
        let y = |share: f64| at.foot - (share * f64::from(at.foot - at.top)).round() as i32;
        for level in (0..=100).step_by(25) {
            let height = y(f64::from(level) / 100.0);
            canvas.line((at.axis.left, height), (at.axis.right, height), palette.rule, 1);
            canvas.text(&format!("{level}%"), BODY, palette.quiet, HPos::Right, (at.axis.left - 8, height));
        }
        let now = at.axis.x(self.forecast.as_of);
        for spell in &self.past.timeline.spells {
            let (from, to) = (at.axis.x(spell.start), at.axis.x(spell.end.min(self.forecast.as_of)));
            match &spell.rank {
                Some(rank) => canvas.rect((from, at.top), (to - 1, at.foot), canvas.palette.grade(*rank)),
                None => canvas.hatch((from, at.top), (to.max(from + 8), at.foot), palette.quiet),
            }
        }
        let k = self.forecast.labels.len();
        let start = self.forecast.labels.iter().position(|l| *l == self.forecast.grade).unwrap_or(0);
        let below = |step: &ForecastStep, ranks: usize| step.probability[..ranks].iter().sum::<f64>();
        let edge = |ranks: usize| -> Vec<(i32, i32)> {
            let begin = (now + 3, y(f64::from(u8::from(start < ranks))));
            let years = self.years();
            let points = years.iter().map(|s| (at.axis.x(self.day(s.years.unwrap_or(0.0))), y(below(s, ranks))));
            std::iter::once(begin).chain(points).collect()
        };
        for rank in 0..k {
            let mut outline = edge(rank + 1);
            outline.extend(edge(rank).into_iter().rev());
            canvas.polygon(outline, canvas.palette.grade(rank));
        }
        for rank in 1..k {
            canvas.path(edge(rank), palette.paper, 2);
        }
        canvas.rect((now, at.top - 4), (now + 3, at.foot), palette.ink);
        let text = Precision::Day.write_short(self.forecast.as_of);
        let half = SMALL.width(&text) / 2;
        let middle = now.clamp(at.page.margin + half, at.page.right() - half);
        canvas.text(&text, SMALL, palette.ink, HPos::Center, (middle, at.top - 13));
        at.axis.draw(&canvas, at.foot);
        if let Some(last) = self.years().last().filter(|_| !at.page.narrow) {
            let order: Vec<usize> = (0..k).rev().collect();
            let wanted: Vec<i32> = order.iter().map(|r| (y(below(last, *r)) + y(below(last, r + 1))) / 2).collect();
            let places = spread(&wanted, STRONG.line_height(), (at.top - 12, at.foot + 12));
            for (rank, place) in order.into_iter().zip(places) {
                let grade = capital(&self.style.said().grade(&self.forecast.labels[rank]));
                let text = format!("{grade} {}", banded(last, rank));
                canvas.rect((at.axis.right + 4, place - 6), (at.axis.right + 9, place + 6), canvas.palette.grade(rank));
                canvas.text(&text, STRONG, palette.ink, HPos::Left, (at.axis.right + 13, place));
            }
        }
        if let Some(next) = self.next() {
            self.draw_next(&canvas, &at, next);
        }
        Ok(canvas.finish())
    }
}

impl Fan {
    /// The bar of chances at the next inspection.
    fn draw_next(&self, canvas: &Canvas, at: &Layout, next: &ForecastStep) {
        let top = at.foot + 52;
        let quiet = canvas.palette.quiet;
        let inspection = &self.style.said().inspection.one;
        if at.page.narrow {
            let text = at.page.fit(BODY, &format!("Next {inspection}"), at.axis.right - at.axis.left);
            canvas.text(&text, BODY, quiet, HPos::Left, (at.axis.left, top - 8));
        } else {
            let label = at.axis.left - 8;
            canvas.text("Next", BODY, quiet, HPos::Right, (label, top + BAR / 2 - 9));
            canvas.text(inspection, BODY, quiet, HPos::Right, (label, top + BAR / 2 + 9));
        }
        for (rank, (from, to), text) in self.parts(&at.axis, next).into_iter().filter(|(_, (from, to), _)| from < to) {
            let colour = canvas.palette.grade(rank);
            canvas.rect((from, top), ((to - 2).max(from + 1), top + BAR), colour);
            let middle = ((from + to) / 2, top + BAR / 2);
            canvas.text(&text.unwrap_or_default(), SMALL, Palette::text_on(colour), HPos::Center, middle);
        }
        for (n, line) in (0..).zip(&at.below) {
            let y = top + BAR + n * SMALL.line_height() + SMALL.line_height() / 2 + 2;
            canvas.text(line, SMALL, quiet, HPos::Left, (at.axis.left, y));
        }
    }

    /// A grade and its chance: "good 45%".
    fn chance(&self, step: &ForecastStep, rank: usize) -> String {
        let grade = self.style.said().grade(&self.forecast.labels[rank]);
        format!("{grade} {}", some_percent(step.probability[rank]))
    }

    /// The parts of the bar of the next inspection.
    fn parts(&self, axis: &TimeAxis, next: &ForecastStep) -> Vec<Part> {
        let wide = f64::from(axis.right - axis.left);
        let mut left = 0.0;
        let part = |(rank, p): (usize, &f64)| {
            let (from, to) = (axis.left + (left * wide) as i32, axis.left + ((left + p) * wide) as i32);
            left += p;
            let texts = [self.chance(next, rank), percent(*p)];
            (rank, (from, to), texts.into_iter().find(|text| SMALL.width(text) + 10 <= to - from))
        };
        next.probability.iter().enumerate().map(part).collect()
    }

    /// The chances at the next inspection that have no room in its bar, in lines; none that is nought.
    fn below(&self, axis: &TimeAxis, room: i32) -> Vec<String> {
        let Some(next) = self.next() else { return Vec::new() };
        let parts = self.parts(axis, next).into_iter();
        let untold = parts.filter(|(rank, _, text)| text.is_none() && next.probability[*rank] > 0.0);
        let untold: Vec<String> = untold.map(|(rank, ..)| self.chance(next, rank)).collect();
        SMALL.wrap(&untold.join(", "), room)
    }
}
