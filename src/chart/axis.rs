//! Axes: time from left to right, numbers with round ticks.

use chrono::{Datelike, Months, NaiveDate};
use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::font::BODY;
use crate::Precision;

/// Days on a line of pixels.
#[derive(Clone, Copy)]
pub(super) struct TimeAxis {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) left: i32,
    pub(super) right: i32,
}

impl TimeAxis {
    pub(super) fn x(&self, date: NaiveDate) -> i32 {
        let all = (self.last - self.first).num_days().max(1) as f64;
        let part = (date - self.first).num_days() as f64 / all;
        self.left + (part * f64::from(self.right - self.left)).round() as i32
    }

    /// The line at `y` with a tick a year, as many years written as fit.
    pub(super) fn draw(&self, canvas: &Canvas, y: i32) {
        let quiet = canvas.palette.quiet;
        canvas.line((self.left, y), (self.right, y), quiet, 1);
        let begins = |year: &i32| NaiveDate::from_ymd_opt(*year, 1, 1).is_some_and(|day| day >= self.first);
        let begun = (self.first.year()..=self.last.year()).filter(begins).count();
        if (self.last - self.first).num_days() < 366 || begun < 2 {
            return self.draw_months(canvas, y);
        }
        let years = self.last.year() - self.first.year() + 1;
        let fits = (self.right - self.left) / (BODY.width("2026") + 12);
        let every = (1..).find(|e| years / e <= fits.max(1)).unwrap_or(1);
        for year in (self.first.year()..=self.last.year()).filter(|y| (y - self.first.year()) % every == 0) {
            let Some(date) = NaiveDate::from_ymd_opt(year, 1, 1).filter(|d| *d >= self.first) else { continue };
            let x = self.x(date);
            canvas.line((x, y), (x, y + 5), quiet, 1);
            let half = BODY.width("2026") / 2;
            if x + half <= canvas.width() - 4 {
                canvas.text(&year.to_string(), BODY, quiet, HPos::Center, (x.max(half + 2), y + 16));
            }
        }
    }
}

impl TimeAxis {
    /// A tick a month, as many of them written as fit, and the last day where there is room.
    fn draw_months(&self, canvas: &Canvas, y: i32) {
        let quiet = canvas.palette.quiet;
        let months = (0..25).filter_map(|n| self.first.with_day(1)?.checked_add_months(Months::new(n)));
        let days = std::iter::once(self.first).chain(months.filter(|d| *d > self.first && *d <= self.last));
        let mut free = 4;
        for date in days {
            let (x, text) = (self.x(date), Precision::Day.write_short(date));
            canvas.line((x, y), (x, y + 5), quiet, 1);
            let half = BODY.width(&text) / 2;
            if x - half >= free && x + half <= canvas.width() - 4 {
                canvas.text(&text, BODY, quiet, HPos::Center, (x, y + 16));
                free = x + half + 12;
            }
        }
    }
}

/// Round steps from 0 that divide `most` into at most `count` parts.
pub(super) fn round_step(most: f64, count: usize) -> f64 {
    let rough = (most / count.max(1) as f64).max(1e-9);
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(power)
}

/// Moves labels of a height apart, in their order, staying inside the edges; as near as can be to where they want to
/// be.
pub(super) fn spread(wanted: &[i32], height: i32, (top, bottom): (i32, i32)) -> Vec<i32> {
    let mut places = wanted.to_vec();
    let mut least = top + height / 2;
    for place in &mut places {
        *place = (*place).max(least);
        least = *place + height;
    }
    let mut most = bottom - height / 2;
    for place in places.iter_mut().rev() {
        *place = (*place).min(most);
        most = *place - height;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(round_step(100.0, 5), 20.0);
        assert_eq!(round_step(13.2, 8), 2.0);
        assert_eq!(round_step(0.7, 7), 0.1);
    }

    #[test]
    fn labels_stay_in_order_and_inside() {
        assert_eq!(spread(&[100, 105, 500], 100, (100, 600)), [150, 250, 500]);
        assert_eq!(spread(&[590, 595, 598], 100, (100, 600)), [350, 450, 550]);
    }
}
