//! Years between days, for many pairs of them.

use chrono::{Datelike, NaiveDate};

use super::study::TimeBasis;

/// Years between days that lie in some range, by arithmetic on tables of their years. A year here begins in March, so that 29
/// February is its last day.
pub(super) struct YearsBetween {
    basis: TimeBasis,
    first: i32,
    /// The year of each day, as a place in `before`, and its place in that year, from 1.
    days: Vec<(u16, u16)>,
    /// The day before each year.
    before: Vec<i32>,
}

impl YearsBetween {
    /// For days of a range, as days since 1970.
    pub(super) fn new(basis: TimeBasis, first: i32, last: i32) -> Self {
        let year = |day: i32| {
            let date = NaiveDate::from_epoch_days(day).unwrap_or_default();
            date.year() - i32::from(date.month() < 3)
        };
        let march = |year: i32| NaiveDate::from_ymd_opt(year, 3, 1).map_or(i32::MAX, |date| date.to_epoch_days());
        // The anniversary before the first day's year and the one after the last day's.
        let before: Vec<i32> = (year(first) - 1..=year(last) + 2).map(|year| march(year) - 1).collect();
        let mut place = 0;
        let of_day = |day: i32| {
            while before[place + 1] < day {
                place += 1;
            }
            (place as u16, (day - before[place]) as u16)
        };
        let days = (first..=last).map(of_day).collect();
        YearsBetween { basis, first, days, before }
    }

    /// Years from one day to another, not before it, as [`with_years`](super::study::with_years) has them.
    pub(super) fn between(&self, start: i32, end: i32) -> f64 {
        if self.basis == TimeBasis::Days365_25 {
            // As polars divides by a number.
            return f64::from(end - start) * (1.0 / 365.25);
        }
        let of_day = |day: i32| self.days[(day - self.first) as usize];
        let ((begun, place), (ended, _)) = (of_day(start), of_day(end));
        // 28 February for 29 February where there is none.
        let anniversary = |year: u16| {
            let year = usize::from(year);
            (self.before[year] + i32::from(place)).min(self.before[year + 1])
        };
        let last = if anniversary(ended) > end { ended - 1 } else { ended };
        let (on, next) = (anniversary(last), anniversary(last + 1));
        f64::from(last - begun) + f64::from(end - on) / f64::from(next - on)
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::estimate::study::with_years;

    #[test]
    fn years_are_those_of_the_plan() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap().to_epoch_days();
        let (first, last) = (day("1896-02-27"), day("2104-03-02"));
        let mut pairs = Vec::new();
        for start in (first..last).step_by(23) {
            pairs.extend((start..=last).step_by(997).map(|end| (start, end)));
        }
        // Around leap days, all pairs.
        let leaps = ["1896-02-29", "1900-02-28", "2000-02-29", "2004-02-29", "2100-02-28"].map(day);
        let near: Vec<i32> = leaps.iter().flat_map(|leap| leap - 2..=leap + 2).collect();
        for start in &near {
            pairs.extend(near.iter().filter(|end| *end >= start).map(|end| (*start, *end)));
        }
        assert!(pairs.len() > 100_000);
        let column = |name: &str, days: Vec<i32>| Column::new(name.into(), days).cast(&DataType::Date).unwrap();
        let (starts, ends) = pairs.iter().copied().unzip();
        let frame = DataFrame::new_infer_height(vec![column("start", starts), column("end", ends)]).unwrap();
        for basis in [TimeBasis::Anniversary, TimeBasis::Days365_25] {
            let planned = with_years(frame.clone().lazy(), &[["start", "end", "years"]], basis).collect().unwrap();
            let years = YearsBetween::new(basis, first, last);
            for ((start, end), planned) in pairs.iter().zip(planned.column("years").unwrap().f64().unwrap().iter()) {
                assert_eq!(Some(years.between(*start, *end)), planned, "{start} to {end}");
            }
        }
    }
}
