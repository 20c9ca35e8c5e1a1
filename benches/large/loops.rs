//! What a plain loop over the same arrays takes that fills the same columns: the yardstick of the row-wise queries.

use rating_history::chrono::NaiveDate;
use rating_history::polars::prelude::*;
use rating_history::{Error, Ratings};

const AS_OF: u8 = 1;
const CHANGED: u8 = 0;

/// The columns of made-up ratings: of one series a body, every row with a grade, nobody closed.
pub struct Rows {
    authority: StringChunked,
    series: Vec<u32>,
    date: Vec<i32>,
    grade: Vec<u8>,
    grades: DataType,
}

/// Some columns of runs, filled row by row.
#[derive(Default)]
struct Runs {
    first: Vec<IdxSize>,
    grade: Vec<u8>,
    start: Vec<i32>,
    end: Vec<i32>,
    days: Vec<i64>,
    inspections: Vec<u32>,
    ended_by: Vec<u8>,
    latest: Vec<i32>,
    last_grade: Vec<u8>,
}

impl Rows {
    pub fn new(ratings: &Ratings) -> Result<Self, Error> {
        let frame = ratings.lazy().select(["authority", "series", "date", "grade"].map(col)).collect()?;
        let days = frame.column("date")?.date()?.phys.clone();
        let grade = frame.column("grade")?.cat8()?.physical().clone();
        Ok(Rows {
            authority: frame.column("authority")?.str()?.clone(),
            series: frame.column("series")?.u32()?.into_no_null_iter().collect(),
            date: days.into_no_null_iter().collect(),
            grade: grade.into_no_null_iter().collect(),
            grades: frame.column("grade")?.dtype().clone(),
        })
    }

    /// Runs of rows up to a day with one `key`, those that meet `keep`, of each series only the last one or all.
    fn runs(&self, day: i32, key: impl Fn(u8) -> u8, keep: impl Fn(u8) -> bool, only_last: bool) -> Runs {
        let mut runs = Runs::default();
        let rows = self.series.len();
        let mut row = 0;
        while row < rows {
            let (first, series) = (row, self.series[row]);
            if self.date[row] > day {
                row += 1;
                continue;
            }
            let of_run = key(self.grade[row]);
            let counts = |row: usize| row < rows && self.series[row] == series && self.date[row] <= day;
            while counts(row) && key(self.grade[row]) == of_run {
                row += 1;
            }
            let followed = counts(row);
            if !keep(of_run) || only_last && followed {
                continue;
            }
            let end = if followed { self.date[row] } else { day };
            runs.first.push(first as IdxSize);
            runs.grade.push(self.grade[first]);
            runs.start.push(self.date[first]);
            runs.end.push(end);
            runs.days.push(i64::from(end - self.date[first]));
            runs.inspections.push((row - first) as u32);
            runs.ended_by.push(if followed { CHANGED } else { AS_OF });
            runs.latest.push(self.date[row - 1]);
            runs.last_grade.push(self.grade[row - 1]);
        }
        runs
    }

    fn named(&self, rows: Vec<IdxSize>) -> Result<Column, Error> {
        Ok(self.authority.take(&IdxCa::from_vec("".into(), rows))?.into_column())
    }

    fn graded(&self, name: &str, grades: Vec<u8>) -> Column {
        let physical = UInt8Chunked::from_vec(name.into(), grades);
        CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(physical, self.grades.clone()).into_column()
    }

    pub fn spells(&self, day: NaiveDate) -> Result<DataFrame, Error> {
        let runs = self.runs(day.to_epoch_days(), |grade| grade, |_| true, false);
        let rows = runs.first.len();
        frame(vec![
            self.named(runs.first)?,
            empty("name", rows),
            words("theme", vec![0; rows], &["headline"]),
            self.graded("grade", runs.grade),
            date("start", runs.start),
            date("end", runs.end),
            Column::new("days".into(), runs.days),
            UInt32Chunked::from_vec("inspections".into(), runs.inspections).into_column(),
            words("ended_by", runs.ended_by, &["changed", "as_of", "closed", "not_reported"]),
            exact("start_precision", rows),
            exact("end_precision", rows),
        ])
    }

    pub fn streaks(&self, day: NaiveDate, most: u8) -> Result<DataFrame, Error> {
        let runs = self.runs(day.to_epoch_days(), |grade| u8::from(grade <= most), |met| met == 1, false);
        let rows = runs.first.len();
        frame(vec![
            self.named(runs.first)?,
            empty("name", rows),
            words("theme", vec![0; rows], &["headline"]),
            self.graded("first_grade", runs.grade),
            self.graded("last_grade", runs.last_grade),
            date("start", runs.start),
            date("end", runs.end),
            Column::new("days".into(), runs.days),
            UInt32Chunked::from_vec("inspections".into(), runs.inspections).into_column(),
            words("ended_by", runs.ended_by, &["changed", "as_of", "closed", "not_reported"]),
            exact("start_precision", rows),
            exact("end_precision", rows),
        ])
    }

    pub fn as_of(&self, day: NaiveDate) -> Result<DataFrame, Error> {
        let runs = self.runs(day.to_epoch_days(), |grade| grade, |_| true, true);
        let rows = runs.first.len();
        frame(vec![
            self.named(runs.first)?,
            empty("name", rows),
            words("theme", vec![0; rows], &["headline"]),
            words("status", vec![0; rows], &["rated", "not_reported", "not_rated"]),
            self.graded("grade", runs.grade),
            date("since", runs.start),
            UInt32Chunked::from_vec("inspections".into(), runs.inspections).into_column(),
            Column::new("days".into(), runs.days),
            date("latest", runs.latest),
            exact("since_precision", rows),
            exact("latest_precision", rows),
        ])
    }

    pub fn transitions(&self, day: NaiveDate) -> Result<DataFrame, Error> {
        let day = day.to_epoch_days();
        let (mut on_row, mut from, mut to, mut previous, mut on) = (vec![], vec![], vec![], vec![], vec![]);
        let (mut days, mut steps, mut direction) = (vec![], vec![], vec![]);
        for row in 1..self.series.len() {
            if self.series[row] != self.series[row - 1] || self.date[row] > day {
                continue;
            }
            let step = i32::from(self.grade[row]) - i32::from(self.grade[row - 1]);
            on_row.push(row as IdxSize);
            from.push(self.grade[row - 1]);
            to.push(self.grade[row]);
            previous.push(self.date[row - 1]);
            on.push(self.date[row]);
            days.push(i64::from(self.date[row] - self.date[row - 1]));
            steps.push(step);
            direction.push((step.signum() + 1) as u8);
        }
        let rows = on_row.len();
        frame(vec![
            self.named(on_row)?,
            empty("name", rows),
            empty("region", rows),
            words("theme", vec![0; rows], &["headline"]),
            self.graded("from", from),
            self.graded("to", to),
            date("previous", previous),
            date("on", on),
            Column::new("days".into(), days),
            Int32Chunked::from_vec("steps".into(), steps).into_column(),
            words("direction", direction, &["declined", "unchanged", "improved"]),
            empty("from_framework", rows),
            empty("to_framework", rows),
            exact("previous_precision", rows),
            exact("on_precision", rows),
        ])
    }

    /// How many went from each grade to each other; the last row and column are those not rated.
    pub fn flows(&self, from: NaiveDate, to: NaiveDate) -> [[u32; 5]; 5] {
        let (from, to) = (from.to_epoch_days(), to.to_epoch_days());
        let mut counts = [[0; 5]; 5];
        let mut row = 0;
        while row < self.series.len() {
            let series = self.series[row];
            let (mut before, mut after) = (4, 4);
            while row < self.series.len() && self.series[row] == series {
                let grade = usize::from(self.grade[row]);
                before = if self.date[row] <= from { grade } else { before };
                after = if self.date[row] <= to { grade } else { after };
                row += 1;
            }
            counts[before][after] += 1;
        }
        counts
    }
}

fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    Ok(DataFrame::new_infer_height(columns)?)
}

fn date(name: &str, days: Vec<i32>) -> Column {
    Int32Chunked::from_vec(name.into(), days).into_date().into_column()
}

fn words(name: &str, codes: Vec<u8>, words: &[&str]) -> Column {
    let dtype = DataType::from_frozen_categories(FrozenCategories::new(words.iter().copied()).expect("each once"));
    let physical = UInt8Chunked::from_vec(name.into(), codes);
    CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(physical, dtype).into_column()
}

fn exact(name: &str, rows: usize) -> Column {
    words(name, vec![0; rows], &["day", "month", "year"])
}

fn empty(name: &str, rows: usize) -> Column {
    StringChunked::full_null(name.into(), rows).into_column()
}
