//! Made-up rating histories that behave like England's: grades go from inspection to inspection by its matrix, and the
//! days between inspections are drawn from its own.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use rating_history::chrono::NaiveDate;
use rating_history::estimate::{InspectionPairs, Study};
use rating_history::ofsted::{self, Grade, Theme};
use rating_history::polars::prelude::*;
use rating_history::{Error, Scale};
use rayon::prelude::*;

/// How histories are made.
pub struct Model {
    pub scale: Scale,
    /// Codes of the themes that every inspection judges, in order.
    pub themes: Vec<&'static str>,
    /// Inspections of each authority.
    pub inspections: u32,
    pub seed: u64,
    /// Running sums of the probabilities of the first grade, and of each grade after each.
    first: Vec<f64>,
    next: Vec<Vec<f64>>,
    /// Days between inspections, as often as they occurred.
    intervals: Vec<i32>,
}

/// The authorities made at once.
pub const BATCH: u64 = 50_000;
/// The first inspections fall into the four years from here.
const BEGIN: i32 = 14_245; // 1 January 2009

fn running(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let mut so_far = 0.0;
    weights
        .iter()
        .map(|w| {
            so_far += w / sum;
            so_far
        })
        .collect()
}

impl Model {
    /// The model of England's headline; for another scale than Ofsted's, grades that mostly stay and else move by one.
    pub fn new(scale: Scale, themes: usize, inspections: u32, seed: u64) -> Result<Self, Error> {
        let england = ofsted::england()?;
        let headline = england.ratings()?.series(Theme::Headline)?;
        let study = Study::until(england.cut_off());
        let k = scale.labels().len();
        let (first, next) = if scale == Grade::scale() {
            let totals = InspectionPairs::collect(&headline, &study)?;
            let mut counts = vec![vec![0.0; k]; k];
            for (row, total) in totals.rows.iter().flat_map(|r| r.counts.iter().enumerate()) {
                total.iter().enumerate().for_each(|(to, n)| counts[row][to] += n);
            }
            let exposure = totals.rows.iter().map(|r| r.exposure.clone());
            let first = exposure.fold(vec![0.0; k], |sum, e| sum.iter().zip(e).map(|(a, b)| a + b).collect());
            // Those that stay are the exposure less those that leave.
            for (row, at) in counts.iter_mut().enumerate() {
                let left: f64 = at.iter().enumerate().filter(|(to, _)| *to != row).map(|(_, n)| n).sum();
                at[row] = first[row] - left;
            }
            (first, counts)
        } else {
            let near = |row: usize, to: usize| match row.abs_diff(to) {
                0 => 6.0,
                1 => 1.0,
                _ => 0.0,
            };
            (vec![1.0; k], (0..k).map(|row| (0..k).map(|to| near(row, to)).collect()).collect())
        };
        let pairs = headline.transitions().lazy().select([col("days")]).collect()?;
        let intervals = pairs.column("days")?.i64()?.into_no_null_iter().map(|days| days as i32).collect();
        let mut themes: Vec<&str> = Theme::ALL[..themes.clamp(1, Theme::ALL.len())].iter().map(|t| t.code()).collect();
        themes.sort_unstable();
        let next = next.iter().map(|row| running(row)).collect();
        Ok(Model { scale, themes, inspections, seed, first: running(&first), next, intervals })
    }

    /// The ratings of some authorities, in a frame's order. Each authority has its own stream of random numbers, so that
    /// its history is the same in whatever batch it is made.
    pub fn frame(&self, authorities: std::ops::Range<u64>) -> Result<DataFrame, Error> {
        let per_theme = self.inspections as usize;
        let rows = per_theme * self.themes.len();
        let made: Vec<(Vec<i32>, Vec<u8>)> = authorities
            .clone()
            .into_par_iter()
            .map(|n| {
                let mut random = Pcg64Mcg::new(
                    (u128::from(self.seed) << 64 | u128::from(n)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
                );
                let mut day = BEGIN + random.random_range(0..1461);
                let mut days = Vec::with_capacity(per_theme);
                for _ in 0..per_theme {
                    days.push(day);
                    day += self.intervals[random.random_range(0..self.intervals.len())].max(1);
                }
                let mut grades = Vec::with_capacity(rows);
                for _ in &self.themes {
                    let mut row = &self.first;
                    for _ in 0..per_theme {
                        let chance: f64 = random.random();
                        let grade = row.partition_point(|sum| *sum < chance).min(self.next.len() - 1);
                        grades.push(grade as u8);
                        row = &self.next[grade];
                    }
                }
                (days, grades)
            })
            .collect();
        let days = made.iter().flat_map(|(days, _)| self.themes.iter().flat_map(move |_| days.iter().copied()));
        let days: Vec<i32> = days.collect();
        let published: Vec<i32> = days.iter().map(|day| day + 40).collect();
        let grades: Vec<u8> = made.into_iter().flat_map(|(_, grades)| grades).collect();
        let names: Vec<String> = authorities.map(|n| format!("A{n:010}")).collect();
        let authority = names.iter().flat_map(|name| std::iter::repeat_n(name.as_str(), rows));
        let theme = (0..names.len()).flat_map(|_| self.themes.iter().flat_map(|t| std::iter::repeat_n(*t, per_theme)));
        let labels = FrozenCategories::new(self.scale.labels().iter().map(String::as_str))?;
        let physical = UInt8Chunked::from_vec("grade".into(), grades);
        let grade = CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(
            physical,
            DataType::from_frozen_categories(labels),
        );
        let date = |name: &str, days: Vec<i32>| Int32Chunked::from_vec(name.into(), days).into_date().into_column();
        Ok(DataFrame::new_infer_height(vec![
            StringChunked::from_iter_values("authority".into(), authority).into_column(),
            StringChunked::from_iter_values("theme".into(), theme).into_column(),
            date("effect", days),
            date("published", published),
            grade.into_column(),
        ])?)
    }
}

/// The last day on which anything can have happened in histories of so many inspections.
#[allow(dead_code)]
pub fn end(inspections: u32) -> NaiveDate {
    NaiveDate::from_epoch_days(BEGIN + 1461 + 1300 * inspections as i32).unwrap_or(NaiveDate::MAX)
}
