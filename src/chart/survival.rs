//! How long a grade lasts: survival curves with their intervals and the numbers behind them.

use plotters::coord::Shift;
use plotters::prelude::{Color, DrawingArea, DrawingBackend, Polygon, RGBColor};
use plotters::style::text_anchor::HPos;

use super::Chart;
use super::axis::{round_step, spread};
use super::canvas::{BODY, Canvas, SMALL, STRONG};
use super::page::{MARGIN, Page};
use super::style::{Mode, Style};
use crate::Error;
use crate::estimate::SurvivalCurve;

const HEIGHT: i32 = 360;
/// Height of a row of numbers under the axis.
const ROW: i32 = 20;
/// Most groups in one picture.
const GROUPS: usize = 6;

/// Survival curves: the part without an event so far, a step line a group with its interval shaded, a tick where
/// somebody was censored, the median marked; below the axis, in line with it, the numbers at risk, of events and of
/// censored so far (the layout of KMunicate; Morris and others 2019).
///
/// ```
/// # #[cfg(feature = "dataset")] {
/// use rating_history::chart::{Chart, Style, Survival};
/// use rating_history::estimate::{Study, Times, Transform, kaplan_meier};
/// use rating_history::{Ratings, Theme};
/// let england = rating_history::dataset::england()?;
/// let headline = Ratings::from_history(&england)?.themes(&[Theme::Headline]);
/// let times = Times::collect(&headline, &Study::until(england.cut_off()), "inadequate", None, None)?.remove(0);
/// let curve = kaplan_meier(&Times::kinds(None), &times.durations, Transform::LogLog, 0.95)?;
/// let chart = Survival::new("inadequate", None, vec![("England".into(), curve)], Style::default());
/// assert!(chart.title().starts_with("Half of those inadequate"));
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
    /// How it is drawn.
    pub style: Style,
}

impl Survival {
    /// The chart of some curves.
    pub fn new(from: &str, to: Option<&str>, curves: Vec<(String, SurvivalCurve)>, style: Style) -> Self {
        Survival { from: from.to_owned(), to: to.map(str::to_owned), curves, style }
    }

    fn most(&self) -> f64 {
        let last = self.curves.iter().filter_map(|(_, c)| c.times.last().copied()).fold(0.0, f64::max);
        if last > 0.0 { last } else { 1.0 }
    }

    fn ended(&self) -> String {
        match &self.to {
            Some(to) => format!("were {}", super::words(to)),
            None => "had left that grade".to_owned(),
        }
    }

    fn subtitle(&self) -> String {
        let what = match &self.to {
            Some(to) => format!("not yet {}", super::words(to)),
            None => "still at the grade".to_owned(),
        };
        let from = super::words(&self.from);
        format!(
            "Share of authorities {what}, by years since first judged {from}; a grade stands until the next inspection"
        )
    }

    fn caption(&self) -> String {
        let level = self.curves.first().map_or(0.95, |(_, c)| c.level);
        let interval = format!("Shaded: {:.0}% interval.", 100.0 * level);
        let method = "Kaplan-Meier; ticks: still so when last seen (censored).";
        format!("{}. {method} {interval} Dashed: the median.", self.style.source)
    }

    /// Dark blue and its fellows of the Analysis Function's palette; on a dark ground, lighter ones.
    fn colour(&self, n: usize) -> RGBColor {
        let colours = match self.style.mode {
            Mode::Light => [0x12436D, 0x28A197, 0x801650, 0xC04212, 0x3D3D3D, 0x7C5FB0],
            Mode::Dark => [0x6BACE6, 0x7FE0D4, 0xE57AB5, 0xF7A46B, 0xD0D5DA, 0xB9A3E3],
            Mode::Print => [0x000000, 0x666666, 0x333333, 0x8C8C8C, 0x1A1A1A, 0x4D4D4D],
        };
        let hex: u32 = colours[n % GROUPS];
        RGBColor((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
    }

    fn layout(&self) -> Result<Layout, Error> {
        if self.curves.is_empty() || self.curves.len() > GROUPS {
            let message = format!("{} curves; this chart needs 1 to {GROUPS}", self.curves.len());
            return Err(Error::Chart(message));
        }
        let names = self.curves.iter().map(|(name, _)| STRONG.width(name)).max().unwrap_or(0);
        let left = MARGIN + 38 + BODY.width("Censored so far").max(STRONG.width("100%")).max(names);
        let right_labels = if self.curves.len() > 1 { names + 14 } else { 16 };
        let texts = (self.title(), self.subtitle(), self.caption());
        let least = left + right_labels + MARGIN + 360;
        let page = Page::new(&self.style, (least, 960), (&texts.0, &texts.1, &texts.2))?;
        let right = page.width - MARGIN - right_labels;
        let top = page.top();
        let foot = top + HEIGHT;
        let block = 3 * ROW + if self.curves.len() > 1 { ROW } else { 0 } + 6;
        let bottom = foot + 52 + block * self.curves.len() as i32;
        Ok(Layout { page, left, right, top, foot, block, bottom })
    }
}

struct Layout {
    page: Page,
    left: i32,
    right: i32,
    top: i32,
    /// The axis.
    foot: i32,
    /// Height of one group's numbers.
    block: i32,
    bottom: i32,
}

/// Years in words: "3.2 years".
fn years(t: f64) -> String {
    format!("{t:.1} years")
}

impl Chart for Survival {
    fn title(&self) -> String {
        let from = super::words(&self.from);
        match self.curves.as_slice() {
            [(_, curve)] => match curve.median().value {
                Some(median) => {
                    format!("Half of those {from} {} within {}", self.ended(), years(median))
                }
                None => format!("Fewer than half of those {from} {} so far", self.ended()),
            },
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
                    _ => format!("How long authorities stay {from}"),
                }
            }
        }
    }

    fn alt_text(&self) -> String {
        let of = |(name, curve): &(String, SurvivalCurve)| {
            let at = |year: f64| {
                let place = curve.times.partition_point(|t| *t <= year);
                100.0 * place.checked_sub(1).map_or(1.0, |n| curve.survival[n])
            };
            let median = curve.median().value.map_or("not reached".to_owned(), years);
            let shares: Vec<String> =
                [1.0, 3.0, 5.0].iter().map(|y| format!("{:.0}% after {y} years", at(*y))).collect();
            format!("{name}: {}; median {median}", shares.join(", "))
        };
        let curves: Vec<String> = self.curves.iter().map(of).collect();
        format!("Survival curves. {}. {}.", self.title(), curves.join(". "))
    }

    fn size(&self) -> Result<(u32, u32), Error> {
        let layout = self.layout()?;
        Ok(layout.page.size(layout.bottom))
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Result<(), Error> {
        let at = self.layout()?;
        let canvas = at.page.open(area, self.style.palette(4), at.bottom)?;
        let palette = &canvas.palette;
        let most = self.most();
        let x = |t: f64| at.left + ((t / most).min(1.0) * f64::from(at.right - at.left)).round() as i32;
        let y = |s: f64| at.foot - (s * f64::from(at.foot - at.top)).round() as i32;
        for percent in (0..=100).step_by(25) {
            let level = y(f64::from(percent) / 100.0);
            canvas.line((at.left, level), (at.right, level), palette.rule, 1)?;
            canvas.text(&format!("{percent}%"), BODY, palette.quiet, HPos::Right, (at.left - 10, level))?;
        }
        canvas.line((at.left, at.foot), (at.right, at.foot), palette.quiet, 1)?;
        let step = round_step(most, ((at.right - at.left) / 64).max(1) as usize);
        let ticks: Vec<f64> = (0..).map(|n| f64::from(n) * step).take_while(|t| *t <= most).collect();
        for tick in &ticks {
            canvas.line((x(*tick), at.foot), (x(*tick), at.foot + 5), palette.quiet, 1)?;
            let text = format!("{}", (tick * 1000.0).round() / 1000.0);
            canvas.text(&text, BODY, palette.quiet, HPos::Center, (x(*tick), at.foot + 16))?;
        }
        canvas.text("years", BODY, palette.quiet, HPos::Right, (at.left - 26, at.foot + 16))?;

        for (n, (_, curve)) in self.curves.iter().enumerate() {
            let mut upper = vec![(at.left, y(1.0))];
            let mut lower = upper.clone();
            for (i, time) in curve.times.iter().enumerate() {
                for (edge, value) in [(&mut upper, curve.upper[i]), (&mut lower, curve.lower[i])] {
                    let value = value.unwrap_or(curve.survival[i]);
                    let before = edge.last().map_or(y(1.0), |p: &(i32, i32)| p.1);
                    edge.push((x(*time), before));
                    edge.push((x(*time), y(value)));
                }
            }
            upper.extend(lower.into_iter().rev());
            let shade = self.colour(n).mix(0.16);
            area.draw(&Polygon::new(upper, shade)).map_err(|e| Error::Chart(e.to_string()))?;
        }
        let mut ends = Vec::new();
        for (n, (_, curve)) in self.curves.iter().enumerate() {
            let colour = self.colour(n);
            let mut line = vec![(at.left, y(1.0))];
            for (i, time) in curve.times.iter().enumerate() {
                let before = line.last().map_or(y(1.0), |p| p.1);
                line.push((x(*time), before));
                line.push((x(*time), y(curve.survival[i])));
            }
            let end = line.last().copied().unwrap_or((at.left, y(1.0)));
            canvas.path(line, colour, 3)?;
            for (i, time) in curve.times.iter().enumerate().filter(|(i, _)| curve.censored[*i] > 0.0) {
                let level = y(curve.survival[i]);
                canvas.line((x(*time), level - 5), (x(*time), level + 5), colour, 1)?;
            }
            if let Some(median) = curve.median().value {
                canvas.dashes(x(median), y(0.5), at.foot, colour)?;
            }
            ends.push(end.1);
        }
        if self.curves.len() > 1 {
            self.draw_names(&canvas, &at, &ends)?;
        } else if let Some(median) = self.curves.first().and_then(|(_, c)| c.median().value) {
            let text = format!("median {}", years(median));
            let beside = x(median) + 8 + SMALL.width(&text) <= at.right;
            let (pos, shift) = if beside { (HPos::Left, 8) } else { (HPos::Right, -8) };
            canvas.text(&text, SMALL, palette.ink, pos, (x(median) + shift, at.foot - 12))?;
        }
        self.draw_numbers(&canvas, &at, &ticks, &x)
    }
}

impl Survival {
    /// The groups' names at the ends of their curves.
    fn draw_names<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, at: &Layout, ends: &[i32]) -> Result<(), Error> {
        let mut order: Vec<usize> = (0..ends.len()).collect();
        order.sort_by_key(|n| ends[*n]);
        let wanted: Vec<i32> = order.iter().map(|n| ends[*n]).collect();
        for (n, place) in order.into_iter().zip(spread(&wanted, STRONG.line_height(), (at.top - 10, at.foot))) {
            canvas.rect((at.right + 4, place - 6), (at.right + 8, place + 6), self.colour(n))?;
            canvas.text(&self.curves[n].0, STRONG, canvas.palette.ink, HPos::Left, (at.right + 13, place))?;
        }
        Ok(())
    }

    /// At risk, events so far, censored so far: in line with the axis.
    fn draw_numbers<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        at: &Layout,
        ticks: &[f64],
        x: &dyn Fn(f64) -> i32,
    ) -> Result<(), Error> {
        let mut top = at.foot + 44;
        for (n, (name, curve)) in self.curves.iter().enumerate() {
            let mut row = top;
            if self.curves.len() > 1 {
                let x = at.left - 26 - STRONG.width(name);
                canvas.rect((x - 10, row - 6), (x - 6, row + 6), self.colour(n))?;
                canvas.text(name, STRONG, canvas.palette.ink, HPos::Right, (at.left - 26, row))?;
                row += ROW;
            }
            let so_far = |t: f64, of: &dyn Fn(usize) -> f64| -> f64 {
                (0..curve.times.partition_point(|time| *time <= t)).map(of).sum()
            };
            let at_risk = |t: f64| {
                let next = curve.times.partition_point(|time| *time < t);
                curve.at_risk.get(next).copied().unwrap_or(0.0)
            };
            for (place, label) in ["At risk", "Events so far", "Censored so far"].into_iter().enumerate() {
                canvas.text(label, BODY, canvas.palette.quiet, HPos::Right, (at.left - 26, row))?;
                for tick in ticks {
                    let number = match place {
                        0 => at_risk(*tick),
                        1 => so_far(*tick, &|i| curve.events[i].iter().sum()),
                        _ => so_far(*tick, &|i| curve.censored[i]),
                    };
                    let number = format!("{:.0}", number.max(0.0) + 0.0);
                    canvas.text(&number, BODY, canvas.palette.ink, HPos::Center, (x(*tick), row))?;
                }
                row += ROW;
            }
            top += at.block;
        }
        Ok(())
    }
}
