//! An indicator around a moment, beside those to whom it did not happen.

use plotters::style::text_anchor::HPos;

use super::axis::{round_step, spread};
use super::font::{BODY, STRONG};
use super::indicator_by_grade::left_out;
use super::page::{Key, MARGIN, Page, Swatch};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table};
use crate::calendar::count;
use crate::indicator::{AroundMoment, Indicator, Indicators, Moment, NOT_SHOWN, Unit};
use crate::{Error, Precision, Series};

const HEIGHT: i32 = 300;

/// One indicator a year before, in and up to two years after the year 0 of a moment, in points against the mean of all bodies
/// in the same year, with 95% intervals; beside it bodies with the same grade in year 0 to which it did not happen.
///
/// ```
/// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
/// use rating_history::chart::{Chart, IndicatorAround, Style};
/// use rating_history::indicator::Moment;
/// use rating_history::ofsted::{self, Theme};
/// let england = ofsted::england()?;
/// let indicators = ofsted::england_indicators(&england)?.only(["sw_agency"])?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let falls = Moment::FallsTo("inadequate".into());
/// let chart = IndicatorAround::collect(&indicators, &headline, &falls, Style::default())?;
/// let title = "Agency social workers: 5.6 points above the mean before a fall to inadequate, 11.5 above it two years later";
/// assert_eq!(chart.title(), title);
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct IndicatorAround {
    /// The indicator.
    pub indicator: Indicator,
    /// What happened.
    pub moment: Moment,
    /// The four years.
    pub years: Vec<AroundMoment>,
    /// The series of the grades, in words.
    pub what: String,
    /// The day as of which it is.
    pub day: chrono::NaiveDate,
    /// How many bodies are left out of all means, as they are of so few people.
    pub left_out: usize,
    /// Where the values are from.
    pub source: String,
    /// How it is drawn.
    pub style: Style,
}

impl IndicatorAround {
    /// The chart of the one indicator of a set.
    ///
    /// # Errors
    /// [`Error::Value`] for a set of several, or where nobody has the four values; else as [`Indicators::around`].
    pub fn collect(indicators: &Indicators, series: &Series, moment: &Moment, style: Style) -> Result<Self, Error> {
        let [indicator] = indicators.list() else {
            return Err(Error::value("indicators of a picture", indicators.list().len(), "one"));
        };
        let years = indicators.around(series, moment).rows()?;
        if years.len() != 4 {
            return Err(Error::value("indicator", &indicator.id, "one with values around such a moment"));
        }
        let style = style.telling(series);
        Ok(IndicatorAround {
            indicator: indicator.clone(),
            moment: moment.clone(),
            years,
            what: style.said().series(series.id().as_str()),
            day: series.day(),
            left_out: indicators.left_out().count(),
            source: indicators.source().to_owned(),
            style,
        })
    }

    fn happened(&self) -> String {
        let words = self.style.said();
        match &self.moment {
            Moment::FallsTo(grade) => format!("a fall to {}", words.grade(grade)),
            Moment::Leaves(grade) => format!("leaving {}", words.grade(grade)),
            Moment::Improves => "a better grade".to_owned(),
            Moment::Declines => "a worse grade".to_owned(),
            Moment::Inspection => format!("an {}", words.inspection.one).replace("an rating", "a rating"),
            Moment::Event(kind) => format!("the event: {}", words.code(kind)),
        }
    }

    /// "5.6 points above"
    fn apart(&self, mean: f64) -> String {
        let points = if self.indicator.unit == Unit::Percent { " points" } else { "" };
        let way = if mean < 0.0 { "below" } else { "above" };
        format!("{:.1}{points} {way}", mean.abs())
    }

    fn subtitle(&self) -> String {
        let words = self.style.said();
        let first = &self.years[0];
        format!(
            "Mean difference from the mean of all {many} in the same year; {} of {}, all with the four values. Upright lines: 95% \
             intervals; dashed: when it happened. Grey: {many} with the same grade ({}) to which it did not happen in these years",
            count(first.cases, "case"),
            words.body.count(first.bodies as usize),
            self.what,
            many = words.body.many
        )
    }

    fn caption(&self) -> String {
        format!(
            "{}. Year 0 is that of the last {} before the day. Intervals clustered by {} (CR1). That nothing happened to those in grey is \
             known only afterwards: a yardstick, no experiment. {} {NOT_SHOWN} As of {}.",
            self.style.joined(&self.source),
            self.indicator.stands_on,
            self.style.said().body.one,
            left_out(self.left_out, &self.style.said().body),
            Precision::Day.write(self.day)
        )
    }
}

impl Chart for IndicatorAround {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let (zero, last) = (&self.years[1], &self.years[3]);
        format!(
            "{}: {} the mean before {}, {} it two years later",
            self.indicator.label,
            self.apart(zero.mean),
            self.happened(),
            self.apart(last.mean).replace(" points", "")
        )
    }

    fn alt_text(&self) -> String {
        let told = self.years.iter().map(|y| {
            let control = y.control_mean.map(|mean| format!(" (compared: {mean:+.1})")).unwrap_or_default();
            format!("year {:+}: {:+.1}{control}", y.offset, y.mean)
        });
        format!("Indicator around {}. {}. {}.", self.happened(), self.title(), told.collect::<Vec<_>>().join(", "))
    }

    fn table(&self) -> Table {
        let columns = ["year", "cases", "mean", "lower", "upper", "compared with", "their mean"];
        let number = |n: Option<f64>| n.map(|n| format!("{n:.1}")).unwrap_or_default();
        let rows = self.years.iter().map(|y| {
            vec![
                y.offset.to_string(),
                y.cases.to_string(),
                number(Some(y.mean)),
                number(y.mean_lower),
                number(y.mean_upper),
                y.controls.to_string(),
                number(y.control_mean),
            ]
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let texts = (self.title(), self.subtitle(), self.caption());
        let names = [format!("{} cases", self.years[0].cases), format!("{} others", self.years[0].controls)];
        let room = names.iter().map(|n| STRONG.width(n)).max().unwrap_or(0) + 22;
        let number = BODY.width("mean") + 10;
        let page = Page::new(&self.style, (2 * MARGIN + number + 260 + room, 800), (&texts.0, &texts.1, &texts.2))?;
        let left = page.margin + number;
        let own = page.narrow.then(|| (Swatch::Line(0), names[0].clone()));
        let key = Key::new(own.into_iter().collect(), &page);
        let (top, right) = (page.top() + key.height() + 10, page.right() - if page.narrow { 0 } else { room });
        let foot = top + HEIGHT;
        let canvas = page.open(self.style.paint(4), foot + 46)?;
        key.draw(&canvas, &self.style, page.top());
        let palette = &canvas.palette;
        let numbers =
            self.years.iter().flat_map(|y| [Some(y.mean), y.mean_lower, y.mean_upper, y.control_mean, Some(0.0)]);
        let (low, high) = numbers.flatten().fold((0f64, 0f64), |(low, high), n| (low.min(n), high.max(n)));
        let step = round_step((high - low).max(0.1), 6);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        let y = |n: f64| foot - ((n - low) / (high - low) * f64::from(HEIGHT)).round() as i32;
        for n in 0..=((high - low) / step).round() as i32 {
            let level = low + f64::from(n) * step;
            let level = if level.abs() < step / 1e6 { 0.0 } else { level };
            canvas.line((left, y(level)), (right, y(level)), if level == 0.0 { palette.ink } else { palette.rule }, 1);
            let places = usize::from(step < 1.0);
            let text = if level == 0.0 { "mean".to_owned() } else { format!("{level:+.places$}") };
            canvas.text(&text, BODY, palette.quiet, HPos::Right, (left - 8, y(level)));
        }
        let x = |n: usize| left + 40 + (right - left - 70) * n as i32 / 3;
        let own = self.style.line(0);
        canvas.dashes((x(1) + x(2)) / 2, top, foot, palette.quiet);
        canvas.path(
            self.years.iter().enumerate().filter_map(|(n, row)| Some((x(n), y(row.control_mean?)))).collect(),
            palette.quiet,
            2,
        );
        canvas.path(self.years.iter().enumerate().map(|(n, row)| (x(n), y(row.mean))).collect(), own, 3);
        for (n, row) in self.years.iter().enumerate() {
            if let Some((lower, upper)) = row.mean_lower.zip(row.mean_upper) {
                canvas.line((x(n), y(lower)), (x(n), y(upper)), own, 1);
            }
            if let Some(mean) = row.control_mean {
                canvas.dot((x(n), y(mean)), 3, palette.quiet, true);
            }
            canvas.dot((x(n), y(row.mean)), 4, own, true);
            let text = if row.offset == 0 { "year 0".to_owned() } else { format!("{:+}", row.offset) };
            canvas.text(&text, BODY, palette.quiet, HPos::Center, (x(n), foot + 18));
        }
        if page.narrow {
            return Ok(canvas.finish());
        }
        let last = &self.years[3];
        let mut ends = vec![(y(last.mean), names[0].as_str(), own)];
        ends.extend(last.control_mean.map(|mean| (y(mean), names[1].as_str(), palette.quiet)));
        ends.sort_by_key(|end| end.0);
        let places = spread(&ends.iter().map(|e| e.0).collect::<Vec<_>>(), STRONG.line_height(), (top - 8, foot + 8));
        for ((_, name, colour), place) in ends.into_iter().zip(places) {
            canvas.text(name, STRONG, colour, HPos::Left, (right + 10, place));
        }
        Ok(canvas.finish())
    }
}
