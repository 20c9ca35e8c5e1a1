//! How long a grade lasts and what comes after: survival and incidence curves with their intervals and the numbers
//! behind them.

use plotters::style::text_anchor::HPos;

use super::axis::{round_step, spread};
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, capital, list};
use crate::Error;
use crate::estimate::SurvivalCurve;

const HEIGHT: i32 = 360;
/// Height of a row of numbers under the axis.
const ROW: i32 = 20;
/// Most lines in one picture.
const LINES: usize = 6;
/// Years after which the title of an incidence chart looks.
const HORIZON: f64 = 3.0;

/// Survival curves: the part without an event so far, a step line a group with its interval shaded, a tick where
/// somebody was censored, the median marked; below the axis, in line with it, the numbers at risk, of events and of
/// censored so far (the layout of KMunicate; Morris and others 2019). Or cumulative incidence: the part with an event of
/// each kind so far, where one kind keeps the others from happening.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Style, Survival};
/// use rating_history::estimate::{Study, Times, IntervalScale, kaplan_meier};
/// use rating_history::Ratings;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let times = Times::collect(&headline, &Study::until(england.cut_off()), "inadequate", None, None)?.remove(0);
/// let curve = kaplan_meier(&Times::kinds(None), &times.durations, IntervalScale::LogLog, 0.95)?;
/// let chart = Survival::new("inadequate", None, vec![("England".into(), curve)], Style::of(&headline));
/// assert!(chart.title().starts_with("Half of those inadequate"));
/// assert!(chart.incidence().title().starts_with("Within 3 years"));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Survival {
    /// The grade whose lasting is shown.
    pub from: String,
    /// The grade whose being reached ends it; `None` when leaving it does.
    pub to: Option<String>,
    /// Groups, each with its curve in years.
    pub curves: Vec<(String, SurvivalCurve)>,
    /// The probability of a difference between the groups as large as this if there were none (a log-rank test); `None`
    /// where it has not been tested, or where a test means nothing, as between groups known only afterwards. Without a
    /// clear difference the title claims none.
    pub p: Option<f64>,
    /// Whether the parts with an event of each kind are shown instead of the part without any.
    pub incidence: bool,
    /// How it is drawn.
    pub style: Style,
}

/// A step line with its interval, from its value at time 0.
struct Line<'a> {
    name: String,
    curve: &'a SurvivalCurve,
    /// The kind of event; `None` for the part without one.
    kind: Option<usize>,
}

impl Line<'_> {
    /// The value at time 0.
    fn origin(&self) -> f64 {
        if self.kind.is_some() { 0.0 } else { 1.0 }
    }

    fn value(&self, i: usize) -> f64 {
        self.kind.map_or(self.curve.survival[i], |kind| self.curve.incidence[i][kind])
    }

    fn bounds(&self, i: usize) -> (f64, f64) {
        let value = self.value(i);
        match self.kind {
            Some(kind) => self.curve.incidence_interval(i, kind).unwrap_or((value, value)),
            None => (self.curve.lower[i].unwrap_or(value), self.curve.upper[i].unwrap_or(value)),
        }
    }

    fn at(&self, time: f64) -> f64 {
        let place = self.curve.times.partition_point(|t| *t <= time);
        place.checked_sub(1).map_or(self.origin(), |i| self.value(i))
    }

    fn median(&self) -> Option<f64> {
        if self.kind.is_some() { None } else { self.curve.median().value }
    }
}

impl Survival {
    /// The chart of some curves; the style says in which words ([`Style::of`]).
    pub fn new(from: &str, to: Option<&str>, curves: Vec<(String, SurvivalCurve)>, style: Style) -> Self {
        Survival { from: from.to_owned(), to: to.map(str::to_owned), curves, p: None, incidence: false, style }
    }

    /// With the outcome of a log-rank test between the groups.
    pub fn tested(mut self, p: f64) -> Self {
        self.p = Some(p);
        self
    }

    /// The same curves as cumulative incidence.
    pub fn incidence(mut self) -> Self {
        self.incidence = true;
        self
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        for (name, curve) in &self.curves {
            if !self.incidence {
                lines.push(Line { name: name.clone(), curve, kind: None });
                continue;
            }
            for (kind, of_kind) in curve.kinds.iter().enumerate() {
                let name = match (self.curves.len(), curve.kinds.len()) {
                    (_, 1) => name.clone(),
                    (1, _) => capital(&self.style.said().code(of_kind)),
                    _ => format!("{name}, {}", self.style.said().code(of_kind)),
                };
                lines.push(Line { name, curve, kind: Some(kind) });
            }
        }
        lines
    }

    fn most(&self) -> f64 {
        let last = self.curves.iter().filter_map(|(_, c)| c.times.last().copied()).fold(0.0, f64::max);
        if last > 0.0 { last } else { 1.0 }
    }

    fn ended(&self) -> String {
        match &self.to {
            Some(to) => format!("were {}", self.style.said().grade(to)),
            None => "had left that grade".to_owned(),
        }
    }

    fn subtitle(&self) -> String {
        let what = match (&self.to, self.incidence) {
            (Some(to), true) => format!("{} by then", self.style.said().grade(to)),
            (None, true) => "that had gone to a better or to a worse grade".to_owned(),
            (Some(to), false) => format!("not yet {}", self.style.said().grade(to)),
            (None, false) => "still at the grade".to_owned(),
        };
        let words = self.style.said();
        let (from, bodies, inspection) = (words.grade(&self.from), &words.body.many, &words.inspection.one);
        format!(
            "Share of {bodies} {what}, by years since first judged {from}; a grade stands until the next {inspection}"
        )
    }

    fn caption(&self) -> String {
        let level = self.curves.first().map_or(0.95, |(_, c)| c.level);
        let interval = format!("Shaded: {:.0}% interval.", 100.0 * level);
        if self.incidence {
            let method =
                "Cumulative incidence (Aalen-Johansen); ticks: when somebody was last seen at the grade (censored).";
            return format!("{}. {method} {interval}", self.style.origin());
        }
        let method = "Kaplan-Meier; ticks: still so when last seen (censored).";
        format!("{}. {method} {interval} Dashed: the median.", self.style.origin())
    }

    /// The rows of numbers of one group below the axis.
    fn rows(&self, curve: &SurvivalCurve) -> Vec<(String, Count)> {
        let mut rows = vec![("At risk".to_owned(), Count::AtRisk)];
        if self.incidence && curve.kinds.len() > 1 {
            let kinds = curve.kinds.iter().enumerate();
            rows.extend(
                kinds.map(|(n, kind)| (format!("{} so far", capital(&self.style.said().code(kind))), Count::Kind(n))),
            );
        } else {
            rows.push(("Events so far".to_owned(), Count::Events));
        }
        rows.push(("Censored so far".to_owned(), Count::Censored));
        rows
    }

    fn layout(&self) -> Result<Layout, Error> {
        let lines = self.lines();
        if lines.is_empty() || lines.len() > LINES {
            let message = format!("{} curves; this chart needs 1 to {LINES}", lines.len());
            return Err(Error::Chart(message));
        }
        let groups = self.curves.iter().map(|(name, _)| STRONG.width(name)).max().unwrap_or(0);
        let rows: Vec<Vec<(String, Count)>> = self.curves.iter().map(|(_, curve)| self.rows(curve)).collect();
        let labels = rows.iter().flatten().map(|(label, _)| BODY.width(label)).max().unwrap_or(0);
        let left = MARGIN + 38 + labels.max(STRONG.width("100%")).max(groups);
        let names = lines.iter().map(|line| STRONG.width(&line.name)).max().unwrap_or(0);
        let right_labels = if lines.len() > 1 { names + 14 } else { 16 };
        let texts = (self.title(), self.subtitle(), self.caption());
        let least = left + right_labels + MARGIN + 360;
        let page = Page::new(&self.style, (least, 960), (&texts.0, &texts.1, &texts.2))?;
        let right = page.width - MARGIN - right_labels;
        let top = page.top();
        let foot = top + HEIGHT;
        let heading = if self.curves.len() > 1 { ROW } else { 0 };
        let blocks: i32 = rows.iter().map(|rows| rows.len() as i32 * ROW + heading + 6).sum();
        Ok(Layout { page, left, right, top, foot, bottom: foot + 52 + blocks })
    }
}

/// What a row of numbers counts.
#[derive(Clone, Copy)]
enum Count {
    AtRisk,
    Events,
    Kind(usize),
    Censored,
}

impl Count {
    fn at(self, curve: &SurvivalCurve, time: f64) -> f64 {
        if let Count::AtRisk = self {
            let next = curve.times.partition_point(|t| *t < time);
            return curve.at_risk.get(next).copied().unwrap_or(0.0);
        }
        let so_far = 0..curve.times.partition_point(|t| *t <= time);
        so_far
            .map(|i| match self {
                Count::Kind(kind) => curve.events[i][kind],
                Count::Censored => curve.censored[i],
                _ => curve.events[i].iter().sum(),
            })
            .sum()
    }
}

struct Layout {
    page: Page,
    left: i32,
    right: i32,
    top: i32,
    /// The axis.
    foot: i32,
    bottom: i32,
}

/// Years in words: "3.2 years".
fn years(t: f64) -> String {
    format!("{t:.1} years")
}

/// "1 year", "3 years"
fn whole_years(n: f64) -> String {
    format!("{n} {}", if n == 1.0 { "year" } else { "years" })
}

fn percent(part: f64) -> String {
    format!("{:.0}%", 100.0 * part)
}

impl Survival {
    fn incidence_title(&self) -> String {
        let horizon = HORIZON.min(self.most());
        let unit = if horizon == 1.0 { "year" } else { "years" };
        let within = format!(
            "Within {} {unit} of being judged {}",
            (10.0 * horizon).round() / 10.0,
            self.style.said().grade(&self.from)
        );
        let lines = self.lines();
        let parts = lines.iter().map(|line| (percent(line.at(horizon)), line.name.to_lowercase()));
        match (&self.to, lines.as_slice()) {
            (Some(to), [line]) => {
                format!("{within}, {} were {}", percent(line.at(horizon)), self.style.said().grade(to))
            }
            (Some(to), _) => {
                let parts: Vec<String> = parts.map(|(part, name)| format!("{part} ({name})")).collect();
                format!("{within}, {} were {}", parts.join(", "), self.style.said().grade(to))
            }
            (None, _) => {
                let parts: Vec<String> = parts.map(|(part, name)| format!("{part} had {name}")).collect();
                format!("{within}, {}", parts.join(", "))
            }
        }
    }
}

impl Chart for Survival {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let from = self.style.said().grade(&self.from);
        if self.incidence {
            return self.incidence_title();
        }
        match self.curves.as_slice() {
            [(_, curve)] => match curve.median().value {
                Some(median) => {
                    format!("Half of those {from} {} within {}", self.ended(), years(median))
                }
                None => format!("Fewer than half of those {from} {} so far", self.ended()),
            },
            curves if self.p.is_none_or(|p| p >= 0.05) => {
                let names: Vec<&str> = curves.iter().map(|(name, _)| name.as_str()).collect();
                let outcome = self.p.map(|p| format!(": no clear difference (p = {p:.2})")).unwrap_or_default();
                format!("How long {} stay {from}, {}{outcome}", self.style.said().body.many, list(&names))
            }
            curves => {
                let mut medians: Vec<(f64, &str)> =
                    curves.iter().filter_map(|(name, c)| Some((c.median().value?, name.as_str()))).collect();
                medians.sort_by(|a, b| a.0.total_cmp(&b.0));
                match (medians.first(), medians.last()) {
                    (Some(fast), Some(slow)) if fast.1 != slow.1 => format!(
                        "Half of those {from} {} within {} ({}) to {} ({})",
                        self.ended(),
                        years(fast.0),
                        fast.1,
                        years(slow.0),
                        slow.1
                    ),
                    _ => format!("How long {} stay {from}", self.style.said().body.many),
                }
            }
        }
    }

    fn alt_text(&self) -> String {
        let of = |line: &Line<'_>| {
            let shares: Vec<String> =
                [1.0, 3.0, 5.0].iter().map(|y| format!("{} after {}", percent(line.at(*y)), whole_years(*y))).collect();
            let median = match line.kind {
                None => format!("; median {}", line.median().map_or("not reached".to_owned(), years)),
                Some(_) => String::new(),
            };
            format!("{}: {}{median}", line.name, shares.join(", "))
        };
        let lines: Vec<String> = self.lines().iter().map(of).collect();
        let kind = if self.incidence { "Cumulative incidence" } else { "Survival" };
        format!("{kind} curves. {}. {}.", self.title(), lines.join(". "))
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(4), at.bottom);
        let palette = &canvas.palette;
        let lines = self.lines();
        let most = self.most();
        let x = |t: f64| at.left + ((t / most).min(1.0) * f64::from(at.right - at.left)).round() as i32;
        let y = |s: f64| at.foot - (s * f64::from(at.foot - at.top)).round() as i32;
        for percent in (0..=100).step_by(25) {
            let level = y(f64::from(percent) / 100.0);
            canvas.line((at.left, level), (at.right, level), palette.rule, 1);
            canvas.text(&format!("{percent}%"), BODY, palette.quiet, HPos::Right, (at.left - 10, level));
        }
        canvas.line((at.left, at.foot), (at.right, at.foot), palette.quiet, 1);
        let step = round_step(most, ((at.right - at.left) / 64).max(1) as usize);
        let ticks: Vec<f64> = (0..).map(|n| f64::from(n) * step).take_while(|t| *t <= most).collect();
        for tick in &ticks {
            canvas.line((x(*tick), at.foot), (x(*tick), at.foot + 5), palette.quiet, 1);
            let text = format!("{}", (tick * 1000.0).round() / 1000.0);
            canvas.text(&text, BODY, palette.quiet, HPos::Center, (x(*tick), at.foot + 16));
        }
        canvas.text("years", BODY, palette.quiet, HPos::Right, (at.left - 26, at.foot + 16));

        // The corners of a step line through these values.
        let steps = |line: &Line<'_>, value: &dyn Fn(usize) -> f64| -> Vec<(i32, i32)> {
            let mut corners = vec![(at.left, y(line.origin()))];
            for (i, time) in line.curve.times.iter().enumerate() {
                let before = corners[corners.len() - 1].1;
                corners.push((x(*time), before));
                corners.push((x(*time), y(value(i))));
            }
            corners
        };
        for (n, line) in lines.iter().enumerate() {
            let mut outline = steps(line, &|i| line.bounds(i).1);
            outline.extend(steps(line, &|i| line.bounds(i).0).into_iter().rev());
            canvas.veil(outline, self.style.line(n), 0.16);
        }
        let mut ends = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            let colour = self.style.line(n);
            let corners = steps(line, &|i| line.value(i));
            ends.push(corners[corners.len() - 1].1);
            canvas.path(corners, colour, 3);
            for (i, time) in line.curve.times.iter().enumerate().filter(|(i, _)| line.curve.censored[*i] > 0.0) {
                let level = y(line.value(i));
                canvas.line((x(*time), level - 5), (x(*time), level + 5), colour, 1);
            }
            if let Some(median) = line.median() {
                canvas.dashes(x(median), y(0.5), at.foot, colour);
            }
        }
        match lines.as_slice() {
            [line] => {
                if let Some(median) = line.median() {
                    let text = format!("median {}", years(median));
                    let beside = x(median) + 8 + SMALL.width(&text) <= at.right;
                    let (pos, shift) = if beside { (HPos::Left, 8) } else { (HPos::Right, -8) };
                    canvas.text(&text, SMALL, palette.ink, pos, (x(median) + shift, at.foot - 12));
                }
            }
            lines => self.draw_names(&canvas, &at, lines, &ends),
        }
        self.draw_numbers(&canvas, &at, &ticks, &x);
        Ok(canvas.finish())
    }
}

impl Survival {
    /// The lines' names at their ends.
    fn draw_names(&self, canvas: &Canvas, at: &Layout, lines: &[Line<'_>], ends: &[i32]) {
        let mut order: Vec<usize> = (0..ends.len()).collect();
        order.sort_by_key(|n| ends[*n]);
        let wanted: Vec<i32> = order.iter().map(|n| ends[*n]).collect();
        for (n, place) in order.into_iter().zip(spread(&wanted, STRONG.line_height(), (at.top - 10, at.foot))) {
            canvas.rect((at.right + 4, place - 6), (at.right + 8, place + 6), self.style.line(n));
            canvas.text(&lines[n].name, STRONG, canvas.palette.ink, HPos::Left, (at.right + 13, place));
        }
    }

    /// The numbers behind the curves, in line with the axis.
    fn draw_numbers(&self, canvas: &Canvas, at: &Layout, ticks: &[f64], x: &dyn Fn(f64) -> i32) {
        let mut row = at.foot + 44;
        let kinds = |curve: &SurvivalCurve| if self.incidence { curve.kinds.len() } else { 1 };
        let mut first = 0;
        for (name, curve) in &self.curves {
            if self.curves.len() > 1 {
                let left = at.left - 26 - STRONG.width(name);
                if kinds(curve) == 1 {
                    canvas.rect((left - 10, row - 6), (left - 6, row + 6), self.style.line(first));
                }
                canvas.text(name, STRONG, canvas.palette.ink, HPos::Right, (at.left - 26, row));
                row += ROW;
            }
            first += kinds(curve);
            for (label, count) in self.rows(curve) {
                canvas.text(&label, BODY, canvas.palette.quiet, HPos::Right, (at.left - 26, row));
                for tick in ticks {
                    let number = format!("{:.0}", count.at(curve, *tick).max(0.0) + 0.0);
                    canvas.text(&number, BODY, canvas.palette.ink, HPos::Center, (x(*tick), row));
                }
                row += ROW;
            }
            row += 6;
        }
    }
}
