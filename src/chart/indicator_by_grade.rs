//! An indicator by grade, year by year.

use plotters::style::text_anchor::HPos;

use super::axis::round_step;
use super::font::{BODY, SMALL};
use super::page::{Key, MARGIN, Page};
use super::picture::Picture;
use super::style::Style;
use super::{Chart, Table};
use crate::indicator::{ByGrade, Indicator, Indicators, NOT_SHOWN};
use crate::{Error, Noun, Precision, Series};

const HEIGHT: i32 = 300;

/// One indicator by the grade that stood on its day: each year, and each grade in it, a dot for the median and a bar for the
/// middle half of the bodies.
///
/// ```
/// # #[cfg(all(feature = "dataset", feature = "indicators"))] {
/// use rating_history::chart::{Chart, IndicatorByGrade, Style};
/// use rating_history::ofsted::{self, Theme};
/// let england = ofsted::england()?;
/// let indicators = ofsted::england_indicators(&england)?.only(["sw_agency"])?;
/// let headline = england.ratings()?.series(Theme::Headline)?;
/// let chart = IndicatorByGrade::collect(&indicators, &headline, Style::default())?;
/// assert_eq!(chart.title(), "Agency social workers: mean 27.6% under inadequate, 8% under outstanding, 2017 to 2025 together");
/// # }
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct IndicatorByGrade {
    /// The indicator.
    pub indicator: Indicator,
    /// Its values by year and grade, and of all years together.
    pub rows: Vec<ByGrade>,
    /// The ids of the grades, worst first.
    pub grades: Vec<String>,
    /// The series of the grades, in words.
    pub what: String,
    /// The day as of which it is.
    pub as_of: chrono::NaiveDate,
    /// How many bodies are left out of all means, as they are of so few people.
    pub left_out: usize,
    /// Where the values are from.
    pub source: String,
    /// How it is drawn.
    pub style: Style,
}

impl IndicatorByGrade {
    /// The chart of the one indicator of a set.
    ///
    /// # Errors
    /// [`Error::Value`] for a set of several, or where no value has a grade beside it; else as [`Indicators::by_grade`].
    pub fn collect(indicators: &Indicators, series: &Series, style: Style) -> Result<Self, Error> {
        let [indicator] = indicators.list() else {
            return Err(Error::value("indicators of a picture", indicators.list().len(), "one"));
        };
        let rows = indicators.by_grade(series).rows()?;
        if rows.is_empty() {
            return Err(Error::value("indicator", &indicator.id, "one with values beside grades"));
        }
        let style = style.telling(series);
        Ok(IndicatorByGrade {
            indicator: indicator.clone(),
            rows,
            grades: series.scale().labels().to_vec(),
            what: style.said().series(series.id().as_str()),
            as_of: series.day(),
            left_out: indicators.left_out().count(),
            source: indicators.source().to_owned(),
            style,
        })
    }

    fn years(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.rows.iter().filter_map(|row| row.year).collect();
        years.sort_unstable();
        years.dedup();
        years
    }

    fn of(&self, year: Option<i32>, rank: usize) -> Option<&ByGrade> {
        self.rows.iter().find(|row| row.year == year && row.grade == self.grades[rank])
    }

    /// The worst and the best grade that have values, over all years.
    fn ends(&self) -> Option<(&ByGrade, &ByGrade)> {
        let known = || (0..self.grades.len()).filter_map(|rank| self.of(None, rank));
        known().next().zip(known().next_back())
    }

    fn subtitle(&self) -> String {
        let words = self.style.said();
        format!(
            "By the grade ({}) on {} of each year. Dot: median; bar: middle half of the {}; bars of fewer than five are left out",
            self.what, self.indicator.stands_on, words.body.many
        )
    }

    fn caption(&self) -> String {
        let counts: Vec<String> = (0..self.grades.len())
            .filter_map(|rank| {
                Some(format!("{} {}", self.style.said().grade(&self.grades[rank]), self.of(None, rank)?.n))
            })
            .collect();
        format!(
            "{}. Values of all years: {}. Unweighted. {} A difference between grades is no effect of a grade. {NOT_SHOWN} As of {}.",
            self.style.joined(&self.source),
            counts.join(", "),
            left_out(self.left_out, &self.style.said().body),
            Precision::Day.write(self.as_of)
        )
    }
}

/// Who is left out of means.
pub(super) fn left_out(tiny: usize, body: &Noun) -> String {
    match tiny {
        0 => format!("Left out: figures that stand for several {} together.", body.many),
        n => format!("Left out: {} of very few people, and figures that stand for several together.", body.count(n)),
    }
}

impl Chart for IndicatorByGrade {
    fn style(&self) -> &Style {
        &self.style
    }

    fn finding(&self) -> String {
        let years = self.years();
        let span = match (years.first(), years.last()) {
            (Some(first), Some(last)) if first < last => format!(", {first} to {last} together"),
            (Some(first), _) => format!(", {first}"),
            _ => String::new(),
        };
        let told =
            |row: &ByGrade| format!("{} under {}", self.indicator.write(row.mean), self.style.said().grade(&row.grade));
        match self.ends() {
            Some((worst, best)) if worst.grade != best.grade => {
                format!("{}: mean {}, {}{span}", self.indicator.label, told(worst), told(best))
            }
            Some((only, _)) => format!("{}: mean {}{span}", self.indicator.label, told(only)),
            None => self.indicator.label.clone(),
        }
    }

    fn alt_text(&self) -> String {
        let told = (0..self.grades.len()).filter_map(|rank| {
            let row = self.of(None, rank)?;
            let (grade, mean) = (self.style.said().grade(&row.grade), self.indicator.write(row.mean));
            Some(format!("{grade}: mean {mean}, median {}, {} values", self.indicator.write(row.median), row.n))
        });
        format!("Indicator by grade. {}. {}.", self.title(), told.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let columns = ["year", "grade", "values", "lower quartile", "median", "upper quartile", "mean"];
        let rows = self.rows.iter().map(|row| {
            let year = row.year.map_or_else(|| "all".to_owned(), |year| year.to_string());
            let numbers =
                [row.lower_quartile, row.median, row.upper_quartile, row.mean].map(|n| self.indicator.write(n));
            let head = [year, self.style.said().grade(&row.grade), row.n.to_string()];
            head.into_iter().chain(numbers).collect()
        });
        Table::new(columns, rows.collect())
    }

    fn picture(&self) -> Result<Picture, Error> {
        let labels: Vec<String> = self.grades.iter().map(|label| self.style.said().grade(label)).collect();
        let (years, k) = (self.years(), self.grades.len() as i32);
        let texts = (self.title(), self.subtitle(), self.caption());
        let number = BODY.width("1,000%") + 8;
        let least = 2 * MARGIN + number + years.len() as i32 * (7 * k + 6);
        let page_with = |caption: &str| Page::new(&self.style, (least, 960), (&texts.0, &texts.1, caption));
        let mut page = page_with(&texts.2)?;
        // A narrow page shows the latest years, as many as have room, and says so.
        let left = page.margin + number;
        let fits = ((page.right() - left) / (7 * k + 6)).max(1) as usize;
        let drawn = &years[years.len().saturating_sub(fits)..];
        if let ([first, ..], true) = (drawn, drawn.len() < years.len()) {
            page = page_with(&format!("{} Drawn: the years from {first} on.", texts.2))?;
        }
        let years = drawn;
        let key = Key::grades(&labels, &page);
        let top = page.top() + key.height() + 12;
        let (foot, right) = (top + HEIGHT, page.right());
        let canvas = page.open(self.style.paint(labels.len()), foot + 30)?;
        key.draw(&canvas, &self.style, page.top());
        let palette = &canvas.palette;
        let shown = || self.rows.iter().filter(|row| row.year.is_some() && row.n >= 5);
        let high = shown().map(|row| row.upper_quartile).chain(self.rows.iter().map(|r| r.median)).fold(0.0, f64::max);
        let step = round_step(high.max(0.1), 5);
        let high = (high / step).ceil() * step;
        let y = |value: f64| foot - (value / high * f64::from(HEIGHT)).round() as i32;
        for n in 0..=(high / step).round() as i32 {
            let level = f64::from(n) * step;
            canvas.line((left, y(level)), (right, y(level)), palette.rule, 1);
            canvas.text(&self.indicator.write(level), BODY, palette.quiet, HPos::Right, (left - 8, y(level)));
        }
        let wide = f64::from(right - left) / years.len().max(1) as f64;
        // The last year is written, and of the others as many as have room, evenly.
        let every = (f64::from(SMALL.width("2026") + 6) / wide).ceil().max(1.0) as usize;
        for (n, year) in years.iter().enumerate() {
            let middle = left + ((n as f64 + 0.5) * wide).round() as i32;
            if (years.len() - 1 - n).is_multiple_of(every) {
                canvas.text(&year.to_string(), SMALL, palette.quiet, HPos::Center, (middle, foot + 14));
            }
            let apart = (wide * 0.75 / f64::from(k)).round() as i32;
            for rank in 0..self.grades.len() {
                let Some(row) = self.of(Some(*year), rank).filter(|row| row.n >= 5) else { continue };
                let x = middle + (2 * rank as i32 - k + 1) * apart / 2;
                let colour = palette.grade(rank);
                canvas.rect((x - 2, y(row.upper_quartile)), (x + 2, y(row.lower_quartile)), colour);
                canvas.dot((x, y(row.median)), 4, colour, true);
            }
        }
        Ok(canvas.finish())
    }
}
