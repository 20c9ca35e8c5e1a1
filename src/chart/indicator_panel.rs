//! Indicators of one body under its grades, on one axis of time.

use chrono::{Datelike, NaiveDate};
use plotters::style::text_anchor::HPos;

use super::axis::{TimeAxis, round_step, spread};
use super::canvas::Canvas;
use super::font::{BODY, STRONG};
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table};
use crate::frame::Members;
use crate::indicator::{Gap, Indicator, Indicators, NOT_SHOWN, Note, Unit};
use crate::trend::Timeline;
use crate::{Error, Precision, Series};

/// Height of the strip of grades, of a panel, and of its head beside the lines of its label.
const STRIP: i32 = 26;
const PANEL: i32 = 150;
const HEAD: i32 = 23;

/// A year of an indicator in a panel.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PanelYear {
    /// The year in which the period ends.
    pub year: i32,
    /// The day on which the value stands.
    pub day: NaiveDate,
    /// The body's value; a joint figure is none.
    pub value: Option<f64>,
    /// Wilson's interval at 95% of a proportion.
    pub limits: Option<(f64, f64)>,
    /// The published figure of all bodies.
    pub whole: Option<f64>,
    /// The middle half of the listed neighbours.
    pub band: Option<(f64, f64)>,
    /// Whether the figure stands for several bodies together.
    pub is_joint: bool,
}

/// The values of one indicator.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct IndicatorYears {
    /// The indicator.
    pub indicator: Indicator,
    /// Its years, in order.
    pub years: Vec<PanelYear>,
}

/// One to three indicators of a body under its grades, on the same axis of time: its own values with a line, broken where
/// there is none, and with intervals where they are proportions; the published figure of all bodies; the middle half of its
/// listed neighbours.
///
/// ```
/// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
/// use rating_history::chart::{Chart, IndicatorPanel, Style};
/// use rating_history::ofsted::{self, Theme};
/// let england = ofsted::england()?;
/// let indicators = ofsted::england_indicators(&england)?.only(["eet_19_21"])?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let panel = IndicatorPanel::collect(&indicators, &headline, "E06000039", "Slough", Style::default())?;
/// let title = "Slough: 54% of care leavers aged 19 to 21 in education, employment or training in the year to 31 March 2025; England 54%";
/// assert_eq!(panel.title(), title);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct IndicatorPanel {
    /// The body's name.
    pub name: String,
    /// Its grades.
    pub past: Timeline,
    /// The series of the grades, in words.
    pub what: String,
    /// The labels of the scale, worst first.
    pub labels: Vec<String>,
    /// The indicators.
    pub panels: Vec<IndicatorYears>,
    /// What all bodies together are called, where there are figures of them.
    pub whole: Option<String>,
    /// What the listed neighbours are called, where there are any.
    pub band: Option<String>,
    /// Whether it is of so few people that it is left out of means.
    pub is_tiny: bool,
    /// The day as of which it is.
    pub as_of: NaiveDate,
    /// Where the values are from.
    pub source: String,
    /// How it is drawn.
    pub style: Style,
}

impl IndicatorPanel {
    /// The chart of all indicators of a set, at most three, up to the day of the ratings.
    ///
    /// # Errors
    /// [`Error::Value`] for none or more than three indicators, or a body without a value; else as [`Indicators::gap`].
    pub fn collect(
        indicators: &Indicators,
        series: &Series,
        body: &str,
        name: &str,
        style: Style,
    ) -> Result<Self, Error> {
        let n = indicators.list().len();
        if !(1..=3).contains(&n) {
            return Err(Error::value("indicators of a picture", n, "one to three"));
        }
        let groups = series.peer_groups()?;
        let named = |keep: &dyn Fn(&Members) -> bool| groups.iter().find(|g| keep(g.members()));
        let listed = named(&|members| matches!(members, Members::Listed(_)));
        let others = named(&|members| matches!(members, Members::Others));
        let rows = indicators.gap(series, body).rows()?;
        let panel = |indicator: &Indicator| {
            let mut years: Vec<PanelYear> = Vec::new();
            for row in rows.iter().filter(|row| row.indicator == indicator.id) {
                if years.last().is_none_or(|last| last.year != row.year) {
                    years.push(year_of(row));
                }
                let Some(year) = years.last_mut() else { continue };
                if others.is_some_and(|g| g.name() == row.peer_group) {
                    year.whole = row.published;
                }
                if listed.is_some_and(|g| g.name() == row.peer_group) {
                    year.band = row.lower_quartile.zip(row.upper_quartile);
                }
            }
            IndicatorYears { indicator: indicator.clone(), years }
        };
        let panels: Vec<IndicatorYears> = indicators.list().iter().map(panel).collect();
        if !panels.iter().flat_map(|p| &p.years).any(|year| year.value.is_some()) {
            return Err(Error::value("indicators of a picture", name, "one with a value of its own"));
        }
        let own = series.clone().bodies_only([body])?;
        let style = style.telling(series).unscoped().noting(&own, &[series.day()]);
        Ok(IndicatorPanel {
            name: name.to_owned(),
            past: Timeline::collect(&own)?.remove(body).unwrap_or_default(),
            what: style.said().series(series.id().as_str()),
            labels: super::labels_of(series, &style),
            panels,
            whole: indicators.total().map(|t| t.name.clone()),
            band: listed.map(|g| g.label().to_owned()),
            is_tiny: indicators.left_out().any(|id| id == body),
            as_of: series.day(),
            source: indicators.source().to_owned(),
            style,
        })
    }

    fn subtitle(&self) -> String {
        let whole = self.whole.as_ref().map(|name| format!(", grey: {name}")).unwrap_or_default();
        let band =
            self.band.as_ref().map(|label| format!(", band: the middle half of its {label}")).unwrap_or_default();
        let limits = match self.panels.iter().flat_map(|p| &p.years).any(|y| y.limits.is_some()) {
            true => ", upright lines: 95% intervals",
            false => "",
        };
        format!("Top: its grade ({}). Below: its own values{limits}{whole}{band}", self.what)
    }

    fn caption(&self) -> String {
        let joint = self.panels.iter().flat_map(|p| &p.years).any(|y| y.is_joint);
        let tiny = if self.is_tiny { " So few people that a percentage says little." } else { "" };
        let hatch = match self.past.spells.iter().any(|spell| spell.rank.is_none()) {
            true => format!(" Hatched: {}.", self.style.said().hatch),
            false => String::new(),
        };
        let joint = if joint { " Figures for several together are left out." } else { "" };
        format!(
            "{}. As of {}. A value stands on the last day of its period.{joint}{tiny} {NOT_SHOWN}{hatch}",
            self.style.joined(&self.source),
            Precision::Day.write(self.as_of)
        )
    }

    /// The latest value of the first indicator that has one.
    fn latest(&self) -> Option<(&Indicator, &PanelYear, f64)> {
        let of = |panel: &'_ IndicatorYears| panel.years.iter().rev().find_map(|y| Some((y.year, y.value?)));
        let panel = self.panels.iter().find(|panel| of(panel).is_some())?;
        let (year, value) = of(panel)?;
        Some((&panel.indicator, panel.years.iter().find(|y| y.year == year)?, value))
    }

    fn layout(&self) -> Result<Layout, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let number = BODY.width("1,000%") + 8;
        let names = [Some(self.name.as_str()), self.whole.as_deref()];
        let room = names.iter().flatten().map(|n| STRONG.width(n)).max().unwrap_or(0) + 16;
        let page = Page::new(&self.style, (2 * MARGIN + number + 230 + room, 960), (&texts.0, &texts.1, &texts.2))?;
        let left = page.margin + number;
        // Without room for names at the ends of lines, the key tells the body's own.
        let own = page.narrow.then(|| (Swatch::Line(0), self.name.clone()));
        let key = Key::new(Key::of(&self.labels).into_iter().chain(own).collect(), &page);
        let days = self.panels.iter().flat_map(|p| p.years.iter().map(|y| y.day));
        let begin = days.min().unwrap_or(self.as_of);
        let first = NaiveDate::from_ymd_opt(begin.year() - 1, 1, 1).unwrap_or(begin);
        let axis = TimeAxis { first, last: self.as_of, left, right: page.right() - if page.narrow { 8 } else { room } };
        let strip = page.top() + key.height() + 6;
        let heads = self.panels.iter().map(|panel| STRONG.wrap(&panel.indicator.label, page.room()).len() as i32);
        let bottom = strip + STRIP + heads.map(|lines| lines * STRONG.line_height() + HEAD + PANEL).sum::<i32>() + 34;
        Ok(Layout { page, key, axis, strip, bottom })
    }

    fn draw_grades(&self, canvas: &Canvas, at: &Layout) {
        for spell in self.past.spells.iter().filter(|spell| spell.end > at.axis.first) {
            let (from, to) = (at.axis.x(spell.start.max(at.axis.first)), at.axis.x(spell.end.min(self.as_of)));
            match &spell.rank {
                Some(rank) => {
                    canvas.rect(
                        (from, at.strip),
                        ((to - 1).max(from + 1), at.strip + STRIP),
                        canvas.palette.grade(*rank),
                    );
                }
                None => canvas.hatch((from, at.strip), (to, at.strip + STRIP), canvas.palette.quiet),
            }
        }
    }

    /// Draws a panel, and says where it ends.
    fn draw_panel(&self, canvas: &Canvas, at: &Layout, panel: &IndicatorYears, top: i32) -> i32 {
        let palette = &canvas.palette;
        let label = STRONG.wrap(&panel.indicator.label, at.page.room());
        let head = top + HEAD + label.len() as i32 * STRONG.line_height();
        let (foot, end) = (head + PANEL - 12, head + PANEL);
        for (line, n) in label.iter().zip(0..) {
            canvas.text(line, STRONG, palette.ink, HPos::Left, (at.page.margin, top + 18 + n * STRONG.line_height()));
        }
        let all = panel.years.iter().flat_map(|y| {
            let pair = |p: Option<(f64, f64)>| p.map_or([None, None], |(a, b)| [Some(a), Some(b)]);
            [vec![y.value, y.whole], pair(y.limits).to_vec(), pair(y.band).to_vec()].concat()
        });
        let (low, high) =
            all.flatten().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            canvas.text("no value", BODY, palette.quiet, HPos::Left, (at.axis.left, (head + foot) / 2));
            return end;
        }
        let step = round_step((high - low).max(1.0), 4);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        let high = if high > low { high } else { low + step };
        let y = |value: f64| foot - ((value - low) / (high - low) * f64::from(foot - head)).round() as i32;
        for n in 0..=((high - low) / step).round() as i32 {
            let level = low + f64::from(n) * step;
            canvas.line((at.axis.left, y(level)), (at.axis.right, y(level)), palette.rule, 1);
            let text = panel.indicator.write(level);
            canvas.text(&text, BODY, palette.quiet, HPos::Right, (at.axis.left - 8, y(level)));
        }
        for run in runs(&panel.years, |year| year.band) {
            let edge = |upper: bool| {
                run.iter().map(move |(day, band)| (at.axis.x(*day), y(if upper { band.1 } else { band.0 })))
            };
            canvas.veil(edge(true).chain(edge(false).rev()).collect(), palette.quiet, 0.22);
        }
        let own = self.style.line(0);
        for (values, colour, width) in
            [(runs(&panel.years, |year| year.whole), palette.quiet, 2), (runs(&panel.years, |year| year.value), own, 3)]
        {
            for run in values {
                canvas.path(run.iter().map(|(day, value)| (at.axis.x(*day), y(*value))).collect(), colour, width);
            }
        }
        for year in &panel.years {
            let x = at.axis.x(year.day);
            if let Some((lower, upper)) = year.limits {
                canvas.line((x, y(lower)), (x, y(upper)), own, 1);
            }
            if let Some(value) = year.value {
                canvas.dot((x, y(value)), 4, own, true);
            }
        }
        if !at.page.narrow {
            self.draw_names(canvas, at, panel, &y, (head - 8, foot + 8));
        }
        end
    }

    /// The names of the lines at their ends.
    fn draw_names(
        &self,
        canvas: &Canvas,
        at: &Layout,
        panel: &IndicatorYears,
        y: &dyn Fn(f64) -> i32,
        edges: (i32, i32),
    ) {
        let last = |of: fn(&PanelYear) -> Option<f64>| panel.years.iter().rev().find_map(of);
        let own = last(|year| year.value).map(|value| (y(value), self.name.as_str(), self.style.line(0), STRONG));
        let whole = last(|year| year.whole)
            .zip(self.whole.as_deref())
            .map(|(value, name)| (y(value), name, canvas.palette.quiet, BODY));
        let mut names: Vec<_> = own.into_iter().chain(whole).collect();
        names.sort_by_key(|name| name.0);
        let wanted: Vec<i32> = names.iter().map(|name| name.0).collect();
        let places = spread(&wanted, STRONG.line_height(), edges);
        for ((_, name, colour, font), place) in names.into_iter().zip(places) {
            canvas.text(name, font, colour, HPos::Left, (at.axis.right + 10, place));
        }
    }
}

fn year_of(row: &Gap) -> PanelYear {
    let is_joint = row.note == Some(Note::Joint);
    PanelYear {
        year: row.year,
        day: row.day,
        value: row.value.filter(|_| !is_joint),
        limits: row.lower.zip(row.upper).filter(|_| !is_joint),
        whole: None,
        band: None,
        is_joint,
    }
}

/// Years that follow each other and have something, with their days.
fn runs<T>(years: &[PanelYear], of: impl Fn(&PanelYear) -> Option<T>) -> Vec<Vec<(NaiveDate, T)>> {
    let mut runs: Vec<Vec<(NaiveDate, T)>> = Vec::new();
    let mut last = None;
    for year in years {
        let Some(value) = of(year) else { continue };
        match runs.last_mut() {
            Some(run) if last == Some(year.year - 1) => run.push((year.day, value)),
            _ => runs.push(vec![(year.day, value)]),
        }
        last = Some(year.year);
    }
    runs
}

struct Layout {
    page: Page,
    key: Key,
    axis: TimeAxis,
    strip: i32,
    bottom: i32,
}

impl Chart for IndicatorPanel {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let Some((indicator, year, value)) = self.latest() else { return format!("{}: no value", self.name) };
        let whole = self.whole.as_ref().zip(year.whole).filter(|_| !self.is_tiny);
        let whole = whole.map(|(name, value)| format!("; {name} {}", indicator.write(value))).unwrap_or_default();
        let period = indicator.period(year.year);
        let written = indicator.write(value);
        // A label that says that it is of a year needs to be told only which.
        let label = indicator.label.strip_suffix(" in the year").filter(|_| period.starts_with("in the year"));
        let mut chars = label.unwrap_or(&indicator.label).chars();
        let small = chars.next().map(|c| c.to_lowercase().chain(chars).collect::<String>()).unwrap_or_default();
        match indicator.unit {
            Unit::Percent if self.is_of_people(indicator) => {
                format!("{}: {written} of {small} {period}{whole}", self.name)
            }
            _ => format!("{}: {small}, {written} {period}{whole}", self.name),
        }
    }

    fn alt_text(&self) -> String {
        let told = |panel: &IndicatorYears| {
            let values =
                panel.years.iter().filter_map(|y| Some(format!("{} {}", y.year, panel.indicator.write(y.value?))));
            format!("{}: {}", panel.indicator.label, values.collect::<Vec<_>>().join(", "))
        };
        let panels: Vec<String> = self.panels.iter().map(told).collect();
        format!("Indicators under the grades of {}. {}. {}.", self.name, self.title(), panels.join(". "))
    }

    fn table(&self) -> Table {
        let whole = self.whole.clone().unwrap_or_else(|| "all".to_owned());
        let band = self.band.clone().unwrap_or_else(|| "neighbours".to_owned());
        let columns = [
            "indicator".to_owned(),
            "day".to_owned(),
            self.name.clone(),
            "lower".to_owned(),
            "upper".to_owned(),
            whole,
            format!("{band}, lower quartile"),
            format!("{band}, upper quartile"),
        ];
        let number = |n: Option<f64>| n.map(|n| format!("{}", (10.0 * n).round() / 10.0)).unwrap_or_default();
        let rows = self.panels.iter().flat_map(|panel| {
            panel.years.iter().map(|y| {
                let pairs = [
                    y.value,
                    y.limits.map(|l| l.0),
                    y.limits.map(|l| l.1),
                    y.whole,
                    y.band.map(|b| b.0),
                    y.band.map(|b| b.1),
                ];
                [panel.indicator.label.clone(), y.day.to_string()].into_iter().chain(pairs.map(number)).collect()
            })
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let at = self.layout()?;
        let canvas = at.page.open(self.style.paint(self.labels.len()), at.bottom)?;
        at.key.draw(&canvas, &self.style, at.page.top());
        self.draw_grades(&canvas, &at);
        let mut top = at.strip + STRIP;
        for panel in &self.panels {
            top = self.draw_panel(&canvas, &at, panel, top);
        }
        at.axis.draw(&canvas, top);
        Ok(canvas.finish())
    }
}

impl IndicatorPanel {
    /// Whether "54% of ..." can be said: the label begins with those of whom it is a part.
    fn is_of_people(&self, indicator: &Indicator) -> bool {
        indicator.proportion && [" in ", " with ", " who ", " the "].iter().any(|word| indicator.label.contains(word))
    }
}
