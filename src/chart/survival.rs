//! How long a grade lasts and what comes after: survival and incidence curves with their intervals and the numbers
//! behind them.

use std::collections::HashSet;

use plotters::style::text_anchor::HPos;

use super::axis::{round_step, spread};
use super::canvas::Canvas;
use super::font::{BODY, SMALL, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table, capital, listed};
use crate::calendar::count;
use crate::estimate::{
    Apart, Bootstrap, IntervalScale, Study, SurvivalCurve, SurvivalDifference, Times, WITH, followed_years, log_rank,
    survival_difference,
};
use crate::trend::Direction;
use crate::{Error, Series};

const HEIGHT: i32 = 360;
const NARROW_HEIGHT: i32 = 260;
/// Height of a row of numbers under the axis.
const ROW: i32 = 20;
/// Most lines in one picture.
const LINES: usize = 6;
/// Fewer spells than these say too little for a title.
const FEWEST: usize = 10;

/// Survival curves: the part without an event so far, a step line a group with its interval shaded, a tick where
/// somebody was censored, the median marked; below the axis, in line with it, the numbers at risk, of events and of
/// censored so far (the layout of KMunicate; Morris and others 2019). Or cumulative incidence: the part with an event of
/// each kind so far, where one kind keeps the others from happening.
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Style, Survival};
/// use rating_history::estimate::Study;
/// use rating_history::ofsted::Theme;
/// let england = rating_history::ofsted::england()?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let chart = Survival::collect(&headline, &Study::until(england.cut_off()), "inadequate", None, None, Style::default())?;
/// assert!(chart.title().starts_with("Half of those with the overall grade inadequate had left it within "));
/// assert!(chart.incidence().title().starts_with("Of those with the overall grade inadequate, within "));
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
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
    /// On which side of the grade reached others count as well; `None` when there are none, or it is not known.
    pub beyond: Option<Direction>,
    /// The series, as its title names it; nothing where it is not known.
    pub what: String,
    /// What the curves are of.
    pub counted: Option<Counted>,
    /// What the groups are set apart by. By an event, the time of the first group runs from it, that of the other from the
    /// same days.
    pub by: Option<Apart>,
    /// The mean years at the grade before the clock started, a group each; empty where it starts with the grade.
    pub before: Vec<f64>,
    /// How much longer those of the first of two groups go without an event.
    pub difference: Option<SurvivalDifference>,
    /// Whether the parts with an event of each kind are shown instead of the part without any.
    pub incidence: bool,
    /// How it is drawn.
    pub style: Style,
}

/// How many times are behind the curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Counted {
    /// Times that bodies stood at the grade.
    pub spells: usize,
    /// Bodies that stood there.
    pub bodies: usize,
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

    /// Its interval; `None` where there is none, as when nobody is left.
    fn bounds(&self, i: usize) -> Option<(f64, f64)> {
        match self.kind {
            Some(kind) => self.curve.incidence_interval(i, kind),
            None => self.curve.lower[i].zip(self.curve.upper[i]),
        }
    }

    /// The interval as it is drawn: nothing is shaded where there is none.
    fn shaded(&self, i: usize) -> (f64, f64) {
        self.bounds(i).unwrap_or((self.value(i), self.value(i)))
    }

    /// The value at a time; `None` after the last follow-up.
    fn at(&self, time: f64) -> Option<f64> {
        let place = self.curve.times.partition_point(|t| *t <= time);
        let value = place.checked_sub(1).map_or(self.origin(), |i| self.value(i));
        self.curve.value(time).map(|_| value)
    }

    fn median(&self) -> Option<f64> {
        if self.kind.is_some() { None } else { self.curve.median().value }
    }
}

impl Survival {
    /// The chart of some curves; the style says in which words ([`Style::of`]).
    pub fn new(from: &str, to: Option<&str>, curves: Vec<(String, SurvivalCurve)>, style: Style) -> Self {
        Survival {
            from: from.to_owned(),
            to: to.map(str::to_owned),
            curves,
            p: None,
            beyond: None,
            what: String::new(),
            counted: None,
            by: None,
            before: Vec::new(),
            difference: None,
            incidence: false,
            style,
        }
    }

    /// The chart of a series, perhaps set apart by a column, a period or an event: curves with 95% intervals on the log-log
    /// scale; groups that are told apart before the clock starts are tested.
    ///
    /// # Errors
    /// As [`Times::apart`]; [`Error::Chart`] when nobody was at the grade.
    pub fn collect(
        series: &Series,
        study: &Study,
        from: &str,
        to: Option<&str>,
        by: Option<&Apart>,
        style: Style,
    ) -> Result<Self, Error> {
        let style = style.telling(series);
        let words = style.said();
        let times = Times::apart(series, study, from, to, by)?;
        if times.is_empty() {
            let bodies = &words.body.many;
            let had = match by {
                Some(Apart::Event(kind)) => format!(" with the event ({}) before or during it,", words.code(kind)),
                _ => String::new(),
            };
            return Err(Error::Chart(format!("no {bodies} at {}{had} in this time", words.grade(from))));
        }
        let event = match by {
            Some(Apart::Event(kind)) => Some(words.code(kind)),
            _ => None,
        };
        let name = |times: &Times| match (times.group.as_deref(), &event) {
            (Some(WITH), Some(event)) => format!("with {event}"),
            (Some(_), Some(_)) => "without".to_owned(),
            (Some(group), None) => match by {
                Some(Apart::Period(_)) => format!("begun {group}"),
                _ => group.to_owned(),
            },
            (None, _) => "all".to_owned(),
        };
        let curve = |t: &Times| Ok((name(t), t.curve(IntervalScale::LogLog, 0.95)?));
        let curves = times.iter().map(curve).collect::<Result<Vec<_>, Error>>()?;
        let own = if event.is_some() { &times[..1] } else { &times[..] };
        let bodies: HashSet<&String> = own.iter().flat_map(|t| &t.authorities).collect();
        let counted = Counted { spells: own.iter().map(|t| t.durations.len()).sum(), bodies: bodies.len() };
        let mut chart = Survival::new(from, to, curves, style);
        chart.what = chart.style.said().series(series.id().as_str());
        chart.counted = Some(counted);
        let ranks = [Some(from), to].map(|label| label.and_then(|label| series.scale().rank(label)));
        chart.beyond = match ranks {
            [Some(from), Some(to)] if to > from && to + 1 < series.scale().labels().len() => Some(Direction::Improved),
            [Some(from), Some(to)] if to < from && to > 0 => Some(Direction::Declined),
            _ => None,
        };
        chart.by = by.cloned();
        match (event, times.as_slice()) {
            (Some(_), [with, without]) => {
                chart.difference = Some(survival_difference(with, without, &Bootstrap::default())?);
                chart.before = times.iter().filter_map(Times::mean_years_before).collect();
            }
            (None, [_, _, ..]) => {
                let groups: Vec<_> = times.iter().map(|t| t.durations.clone()).collect();
                chart.p = Some(log_rank(&groups, 0.0)?.p);
            }
            _ => {}
        }
        Ok(chart)
    }

    /// With the outcome of a log-rank test between the groups.
    ///
    /// # Errors
    /// [`Error::Value`] unless it is from 0 to 1.
    pub fn tested(mut self, p: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::value("p", p, "a probability, from 0 to 1"));
        }
        self.p = Some(p);
        Ok(self)
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
            let happens = |kind: &usize| curve.events.iter().any(|events| events[*kind] > 0.0);
            let any = (0..curve.kinds.len()).any(|kind| happens(&kind));
            for (kind, of_kind) in curve.kinds.iter().enumerate().filter(|(kind, _)| happens(kind) || !any) {
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

    /// Years to which half are followed in every group.
    fn horizon(&self) -> f64 {
        followed_years(self.curves.iter().map(|(_, curve)| curve))
    }

    /// The event that the time runs from, in words.
    fn event(&self) -> Option<String> {
        match &self.by {
            Some(Apart::Event(kind)) => Some(self.style.said().code(kind)),
            _ => None,
        }
    }

    /// What is said of spells that are too few to say how long they last.
    fn too_few(&self) -> Option<String> {
        let Counted { spells, .. } = self.counted.filter(|counted| counted.spells < FEWEST)?;
        let (bodies, spells) = (&self.style.said().body.many, count(spells as u32, "spell"));
        Some(format!("How long {bodies} keep {}: too few to say ({spells})", self.grade()))
    }

    /// "those with the overall grade inadequate"
    fn those(&self) -> String {
        format!("those with {}", self.grade())
    }

    /// "the overall grade inadequate"
    fn grade(&self) -> String {
        let what = if self.what.is_empty() { String::new() } else { format!("{} ", self.what) };
        format!("the {what}grade {}", self.style.said().grade(&self.from))
    }

    fn ended(&self) -> String {
        match &self.to {
            Some(to) => format!("were {}", self.reached(to)),
            None => "had left it".to_owned(),
        }
    }

    /// A grade, or one that counts as well: "good or better".
    fn reached(&self, to: &str) -> String {
        let name = self.style.said().grade(to);
        match self.beyond {
            Some(Direction::Improved) => format!("{name} or better"),
            Some(Direction::Declined) => format!("{name} or worse"),
            _ => name,
        }
    }

    fn subtitle(&self) -> String {
        let what = match (&self.to, self.incidence) {
            (Some(to), true) => format!("{} by then", self.reached(to)),
            (None, true) => "that had gone to a better or to a worse grade".to_owned(),
            (Some(to), false) => format!("not yet {}", self.reached(to)),
            (None, false) => "still at the grade".to_owned(),
        };
        let words = self.style.said();
        let (from, inspection) = (words.grade(&self.from), &words.inspection.one);
        let them = match self.counted {
            Some(Counted { spells, bodies }) if spells > bodies => "spells",
            _ => words.body.many.as_str(),
        };
        let since = match self.event() {
            Some(event) => format!(
                "by years since the event ({event}), or since first judged {from} where it came before; others from the same days"
            ),
            None => format!("by years since first judged {from}"),
        };
        let counted = self.counted.map_or(String::new(), |Counted { spells, bodies }| {
            format!("; {} of {}", count(spells as u32, "spell"), words.body.count(bodies))
        });
        format!("Share of {them} {what}, {since}; a grade stands until the next {inspection}{counted}")
    }

    fn caption(&self) -> String {
        let level = self.curves.first().map_or(0.95, |(_, c)| c.level);
        let interval = format!("Shaded: {:.0}% interval.", 100.0 * level);
        let method = if self.incidence {
            "Cumulative incidence (Aalen-Johansen); ticks: when somebody was last seen at the grade (censored)."
        } else {
            "Kaplan-Meier; ticks: still so when last seen (censored)."
        };
        let mut text = format!("{}. {method} {interval}", self.style.origin());
        if !self.incidence && self.lines().iter().any(|line| line.median().is_some()) {
            text += " Thin dashes down to the axis: the median.";
        }
        if self.event().is_some() {
            let bodies = &self.style.said().body.many;
            text += &format!(
                " Without: {bodies} at the grade on the same day that never had one; those beside one event count as one."
            );
            if let [with, without] = self.before[..] {
                let (with, without) = (years(with), years(without));
                text += &format!(" At the grade already: {with} on average, the others {without}.");
            }
        }
        if let Some(difference) = self.difference {
            let bodies = &self.style.said().body.many;
            text += &format!(" Difference: {difference}, by resampling of {bodies}.");
        }
        text
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
            let message =
                format!("{} curves; this chart needs 1 to {LINES}: leave out some, or ask for a table", lines.len());
            return Err(Error::Chart(message));
        }
        let groups = self.curves.iter().map(|(name, _)| STRONG.width(name)).max().unwrap_or(0);
        let rows: Vec<Vec<(String, Count)>> = self.curves.iter().map(|(_, curve)| self.rows(curve)).collect();
        let labels = rows.iter().flatten().map(|(label, _)| BODY.width(label)).max().unwrap_or(0);
        let left = MARGIN + 38 + labels.max(STRONG.width("100%")).max(groups);
        let names = lines.iter().enumerate().map(|(n, line)| STRONG.width(&numbered(n, line))).max().unwrap_or(0);
        let right_labels = if lines.len() > 1 { names + 39 } else { 16 };
        let texts = (self.title(), self.subtitle(), self.caption());
        let least = left + right_labels + MARGIN + 360;
        let page = Page::new(&self.style, (least, 960), (&texts.0, &texts.1, &texts.2))?;
        let narrow = page.narrow;
        let left = if narrow { page.margin + BODY.width("100%") + 10 } else { left };
        let right = page.right() - if narrow { 16 } else { right_labels };
        // On a narrow page the names stand in a key above, and those of the rows of numbers above their row.
        let entry = |(n, line): (usize, &Line<'_>)| (Swatch::Line(n), numbered(n, line));
        let named = if narrow && lines.len() > 1 { lines.as_slice() } else { &[] };
        let key = Key::new(named.iter().enumerate().map(entry).collect(), &page);
        let top = page.top() + key.height() + if narrow { 8 } else { 0 };
        let foot = top + if narrow { NARROW_HEIGHT } else { HEIGHT };
        let heading = if self.curves.len() > 1 { ROW } else { 0 };
        let row = if narrow { 2 * ROW } else { ROW };
        let blocks: i32 = rows.iter().map(|rows| rows.len() as i32 * row + heading + 6).sum();
        Ok(Layout { page, key, left, right, top, foot, bottom: foot + 52 + blocks })
    }
}

/// The number and the name of a line among several.
fn numbered(n: usize, line: &Line<'_>) -> String {
    format!("{} {}", n + 1, line.name)
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
    key: Key,
    left: i32,
    right: i32,
    top: i32,
    /// The axis.
    foot: i32,
    bottom: i32,
}

/// A number to one decimal where it has one.
fn whole(number: f64) -> String {
    ((10.0 * number.max(0.0)).round() / 10.0 + 0.0).to_string()
}

/// Years in words: "3.2 years".
fn years(t: f64) -> String {
    format!("{t:.1} years")
}

/// "1 year", "3 years", "0.5 years"
fn whole_years(n: f64) -> String {
    format!("{n} {}", if n == 1.0 { "year" } else { "years" })
}

fn percent(part: f64) -> String {
    format!("{:.0}%", 100.0 * part)
}

impl Survival {
    fn incidence_title(&self) -> String {
        let horizon = self.horizon();
        let within = format!("Of {}, within {}", self.those(), whole_years(horizon));
        let lines = self.lines();
        let part = |line: &Line<'_>| line.at(horizon).map_or("an unknown part".to_owned(), percent);
        match (&self.to, lines.as_slice()) {
            (Some(to), [line]) => format!("{within} {} were {}", part(line), self.reached(to)),
            (Some(to), _) => {
                let parts: Vec<String> = lines.iter().map(|line| format!("{} ({})", part(line), line.name)).collect();
                format!("{within} {} were {}", parts.join(", "), self.reached(to))
            }
            (None, _) if self.curves.len() == 1 => {
                let parts: Vec<String> =
                    lines.iter().map(|line| format!("{} had {}", part(line), line.name.to_lowercase())).collect();
                format!("{within} {}", parts.join(", "))
            }
            (None, _) => {
                let parts: Vec<String> = lines.iter().map(|line| format!("{} ({})", part(line), line.name)).collect();
                format!("{within}: {}", parts.join(", "))
            }
        }
    }

    /// What is said of two groups whose clock starts at an event.
    fn event_title(&self, event: &str) -> String {
        let (name, bodies) = (capital(event), &self.style.said().body.many);
        let means = self.difference.and_then(|d| Some((d, d.first?, d.second?)));
        let Some((difference, with, without)) = means else {
            return format!("{name}: how long {bodies} stay at {}", self.grade());
        };
        let compared = match difference.is_clear() {
            Some(true) => "",
            Some(false) => ": no clear difference",
            None => return format!("{name}: too few {bodies} to compare with others at {}", self.grade()),
        };
        let (state, others) = match &self.to {
            Some(to) => (format!("not yet {}", self.reached(to)), "others in that position then"),
            None => (format!("at {}", self.grade()), "others at that grade then"),
        };
        let next = match difference.years {
            1.0 => "of the next year".to_owned(),
            years => format!("years of the next {years}"),
        };
        format!("{name}: {with:.1} {next} {state}, {without:.1} for {others}{compared}")
    }
}

impl Chart for Survival {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        if let Some(event) = self.event().filter(|_| !self.incidence) {
            return self.event_title(&event);
        }
        if let Some(few) = self.too_few() {
            return few;
        }
        if self.incidence {
            return self.incidence_title();
        }
        let those = self.those();
        let how_long = match &self.to {
            Some(to) => {
                format!("How long {} take from {} to {}", self.style.said().body.many, self.grade(), self.reached(to))
            }
            None => format!("How long {} keep {}", self.style.said().body.many, self.grade()),
        };
        match self.curves.as_slice() {
            [(_, curve)] => match curve.median().value {
                Some(median) => format!("Half of {those} {} within {}", self.ended(), years(median)),
                None => format!("Fewer than half of {those} {} so far", self.ended()),
            },
            curves if self.p.is_none_or(|p| p >= 0.05) => {
                let names: Vec<&str> = curves.iter().map(|(name, _)| name.as_str()).collect();
                let outcome = self.p.map(|p| format!(": no clear difference (p = {p:.2})")).unwrap_or_default();
                match self.by {
                    Some(Apart::Period(_)) => format!("{how_long}, by the period in which it began{outcome}"),
                    _ => format!("{how_long}, {}{outcome}", listed(&names)),
                }
            }
            curves => {
                let mut medians: Vec<(f64, &str)> =
                    curves.iter().filter_map(|(name, c)| Some((c.median().value?, name.as_str()))).collect();
                medians.sort_by(|a, b| a.0.total_cmp(&b.0));
                match (medians.first(), medians.last()) {
                    (Some(fast), Some(slow)) if fast.1 != slow.1 => format!(
                        "Half of {those} {} within {} ({}) to {} ({})",
                        self.ended(),
                        years(fast.0),
                        fast.1,
                        years(slow.0),
                        slow.1
                    ),
                    _ => how_long,
                }
            }
        }
    }

    fn alt_text(&self) -> String {
        let of = |line: &Line<'_>| {
            let shares: Vec<String> = [1.0, 3.0, 5.0]
                .iter()
                .filter_map(|y| Some(format!("{} after {}", percent(line.at(*y)?), whole_years(*y))))
                .collect();
            let shares = if shares.is_empty() { vec!["not followed for a year".to_owned()] } else { shares };
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

    fn table(&self) -> Table {
        let columns = ["curve", "years", "share", "lower", "upper", "at risk", "events so far", "censored so far"];
        let mut rows = Vec::new();
        for line in self.lines() {
            let count = line.kind.map_or(Count::Events, Count::Kind);
            for (i, time) in line.curve.times.iter().enumerate() {
                let (lower, upper) = line.bounds(i).unzip();
                let number = |p: Option<f64>| p.map_or(String::new(), |p| format!("{p:.4}"));
                let numbers = [Some(line.value(i)), lower, upper].map(number);
                let counts = [Count::AtRisk, count, Count::Censored].map(|c| whole(c.at(line.curve, *time)));
                let head = [line.name.clone(), format!("{time:.3}")];
                rows.push(head.into_iter().chain(numbers).chain(counts).collect());
            }
        }
        Table::new(columns, rows)
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(4), at.bottom)?;
        at.key.draw(&canvas, &self.style, at.page.top());
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
        let step = round_step(most, ((at.right - at.left) / self.number_width(at.page.narrow)).max(1) as usize);
        let ticks: Vec<f64> = (0..).map(|n| f64::from(n) * step).take_while(|t| *t <= most).collect();
        let years_at = at.left - if at.page.narrow { 12 } else { 26 };
        canvas.text("years", BODY, palette.quiet, HPos::Right, (years_at, at.foot + 16));
        for tick in &ticks {
            canvas.line((x(*tick), at.foot), (x(*tick), at.foot + 5), palette.quiet, 1);
            let text = format!("{}", (tick * 1000.0).round() / 1000.0);
            canvas.text(&text, BODY, palette.quiet, HPos::Center, (x(*tick), at.foot + 16));
        }

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
            let mut outline = steps(line, &|i| line.shaded(i).1);
            outline.extend(steps(line, &|i| line.shaded(i).0).into_iter().rev());
            canvas.veil(outline, self.style.line(n), 0.16);
        }
        let mut ends = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            let colour = self.style.line(n);
            let corners = steps(line, &|i| line.value(i));
            ends.push(corners[corners.len() - 1].1);
            canvas.stroke(&corners, colour, 3, n);
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
                    // A curve only falls: right of the median, above its band, there is nothing.
                    let band = line.curve.times.iter().position(|t| *t >= median).map_or(0.5, |i| line.shaded(i).1);
                    let beside = x(median) + 8 + SMALL.width(&text) <= at.right;
                    let (pos, place) = match beside {
                        true => (HPos::Left, (x(median) + 8, (y(band) - 10).max(at.top + 8))),
                        false => (HPos::Right, (x(median) - 8, at.foot - 12)),
                    };
                    canvas.text(&text, SMALL, palette.ink, pos, place);
                }
            }
            lines => {
                self.draw_names(&canvas, &at, lines, &ends);
                self.draw_first_numbers(&canvas, lines, &x, &y);
            }
        }
        self.draw_numbers(&canvas, &at, &ticks, &x);
        Ok(canvas.finish())
    }
}

impl Survival {
    /// Room for the widest number under the axis.
    fn number_width(&self, narrow: bool) -> i32 {
        let counts = [(Count::AtRisk, 0.0), (Count::Events, f64::INFINITY), (Count::Censored, f64::INFINITY)];
        let of = |curve: &SurvivalCurve| counts.map(|(count, time)| BODY.width(&whole(count.at(curve, time))));
        let widest = self.curves.iter().flat_map(|(_, curve)| of(curve)).max().unwrap_or(0);
        (widest + 12).max(if narrow { 32 } else { 64 })
    }

    /// The lines' names at their ends.
    fn draw_names(&self, canvas: &Canvas, at: &Layout, lines: &[Line<'_>], ends: &[i32]) {
        let mut order: Vec<usize> = (0..ends.len()).collect();
        order.sort_by_key(|n| ends[*n]);
        let wanted: Vec<i32> = order.iter().map(|n| ends[*n]).collect();
        for (n, place) in order.into_iter().zip(spread(&wanted, STRONG.line_height(), (at.top - 10, at.foot))) {
            if at.page.narrow {
                canvas.text(&(n + 1).to_string(), STRONG, canvas.palette.ink, HPos::Left, (at.right + 6, place));
                continue;
            }
            canvas.stroke(&[(at.right + 4, place), (at.right + 32, place)], self.style.line(n), 3, n);
            let name = numbered(n, &lines[n]);
            canvas.text(&name, STRONG, canvas.palette.ink, HPos::Left, (at.right + 38, place));
        }
    }

    /// The lines' numbers near their beginning, where they are far enough apart or, failing that, furthest apart: all begin
    /// at one point.
    fn draw_first_numbers(&self, canvas: &Canvas, lines: &[Line<'_>], x: &dyn Fn(f64) -> i32, y: &dyn Fn(f64) -> i32) {
        let high = STRONG.line_height();
        // The lines from the top down, and the least space between two.
        let levels = |time: f64| -> Option<(i32, Vec<(i32, usize)>)> {
            let level = |(n, line): (usize, &Line<'_>)| line.at(time).map(|value| (y(value), n));
            let mut levels = lines.iter().enumerate().map(level).collect::<Option<Vec<_>>>()?;
            levels.sort_unstable();
            let least = levels.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(0);
            Some((least.min(high), levels))
        };
        let times = (2..=12).rev().map(|n| self.most() * f64::from(n) / 24.0);
        let found =
            times.filter_map(|time| levels(time).map(|found| (time, found))).max_by_key(|(_, (least, _))| *least);
        let Some((time, (_, levels))) = found else { return };
        let wanted: Vec<i32> = levels.iter().map(|(level, _)| *level).collect();
        for ((_, n), place) in levels.iter().zip(spread(&wanted, high, (y(1.0) - high / 2, y(0.0)))) {
            let (text, half) = ((n + 1).to_string(), 6);
            canvas.rect((x(time) - half, place - half), (x(time) + half, place + half), canvas.palette.paper);
            canvas.text(&text, STRONG, self.style.line(*n), HPos::Center, (x(time), place));
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
                if at.page.narrow {
                    let numbered = format!("{} {name}", first + 1);
                    let name = at.page.fit(STRONG, if kinds(curve) == 1 { &numbered } else { name }, at.page.room());
                    canvas.text(&name, STRONG, canvas.palette.ink, HPos::Left, (at.page.margin, row));
                } else {
                    if kinds(curve) == 1 {
                        canvas.rect((left - 10, row - 6), (left - 6, row + 6), self.style.line(first));
                    }
                    canvas.text(name, STRONG, canvas.palette.ink, HPos::Right, (at.left - 26, row));
                }
                row += ROW;
            }
            first += kinds(curve);
            for (label, count) in self.rows(curve) {
                if at.page.narrow {
                    let label = at.page.fit(BODY, &label, at.page.room());
                    canvas.text(&label, BODY, canvas.palette.quiet, HPos::Left, (at.page.margin, row));
                    row += ROW;
                } else {
                    canvas.text(&label, BODY, canvas.palette.quiet, HPos::Right, (at.left - 26, row));
                }
                for tick in ticks {
                    let number = whole(count.at(curve, *tick));
                    canvas.text(&number, BODY, canvas.palette.ink, HPos::Center, (x(*tick), row));
                }
                row += ROW;
            }
            row += 6;
        }
    }
}
