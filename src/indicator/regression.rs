//! Least squares with effects of bodies and years, and errors clustered by body.

use std::collections::HashMap;
use std::hash::Hash;

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A coefficient with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coefficient {
    pub(super) estimate: f64,
    /// Cluster-robust standard error, CR1.
    pub(super) error: f64,
    /// Degrees of freedom: clusters less 1.
    pub(super) df: f64,
}

impl Coefficient {
    pub(super) fn t(self) -> f64 {
        self.estimate / self.error
    }

    /// The two-sided probability of a larger t.
    pub(super) fn p(self) -> f64 {
        StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, |t| 2.0 * t.sf(self.t().abs()))
    }

    /// The interval at 95%.
    pub(super) fn limits(self) -> (f64, f64) {
        let half = self.error * StudentsT::new(0.0, 1.0, self.df).map_or(f64::NAN, |t| t.inverse_cdf(0.975));
        (self.estimate - half, self.estimate + half)
    }
}

/// The number of each group, from 0 in the order of their first members, and how many there are.
pub(super) fn numbered<T: Hash + Eq>(groups: impl IntoIterator<Item = T>) -> (Vec<usize>, usize) {
    let mut known = HashMap::new();
    let numbers: Vec<usize> = groups
        .into_iter()
        .map(|group| {
            let next = known.len();
            *known.entry(group).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

/// A column less its mean in each group.
fn within(column: &[f64], groups: &[usize], count: usize) -> Vec<f64> {
    let (mut sums, mut sizes) = (vec![0.0; count], vec![0.0; count]);
    for (value, group) in column.iter().zip(groups) {
        sums[*group] += value;
        sizes[*group] += 1.0;
    }
    column.iter().zip(groups).map(|(value, group)| value - sums[*group] / sizes[*group]).collect()
}

/// Regresses `y` on some columns with an effect of each of some groups (absorbed) and further columns of effects, by ordinary
/// least squares; the coefficients of the first columns, `None` for one that the effects determine.
///
/// Errors are clustered, CR1: the sandwich times G / (G - 1) x (N - 1) / (N - K), where G is the number of clusters, N of
/// rows and K of all parameters, the absorbed effects among them (Cameron and Miller 2015, eq. 11 and 12); t with G - 1
/// degrees of freedom.
pub(super) fn least_squares(
    y: &[f64],
    columns: &[Vec<f64>],
    effects: &[Vec<f64>],
    absorbed: (&[usize], usize),
    clusters: (&[usize], usize),
) -> Vec<Option<Coefficient>> {
    let none = || vec![None; columns.len()];
    let (rows, width) = (y.len(), columns.len() + effects.len());
    let (groups, count) = absorbed;
    if rows == 0 || width == 0 || clusters.1 < 2 {
        return none();
    }
    let swept: Vec<Vec<f64>> = columns.iter().chain(effects).map(|column| within(column, groups, count)).collect();
    let design = DMatrix::from_fn(rows, width, |row, column| swept[column][row]);
    let outcome = DVector::from_vec(within(y, groups, count));
    let Some(svd) = design.clone().try_svd(true, true, f64::EPSILON, 0) else { return none() };
    let tolerance = svd.singular_values.max() * 1e-9;
    let rank = svd.rank(tolerance);
    let parameters = count + rank;
    if rank == 0 || rows <= parameters {
        return none();
    }
    let Ok(inverse) = svd.pseudo_inverse(tolerance) else { return none() };
    let estimates = &inverse * &outcome;
    let residuals = &outcome - &design * &estimates;
    // A coefficient is determined when its own place is in the row space of the design.
    let determined = &inverse * &design;
    let mut scores: DMatrix<f64> = DMatrix::zeros(width, clusters.1);
    for row in 0..rows {
        for column in 0..width {
            scores[(column, clusters.0[row])] += inverse[(column, row)] * residuals[row];
        }
    }
    let (g, n, k) = (clusters.1 as f64, rows as f64, parameters as f64);
    let factor = g / (g - 1.0) * (n - 1.0) / (n - k);
    // Residuals that are nothing but rounding tell no error.
    let least = 1e-12 * y.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    (0..columns.len())
        .map(|at| {
            let error = (factor * scores.row(at).norm_squared()).sqrt();
            let sound = (determined[(at, at)] - 1.0).abs() < 1e-6 && error > least;
            sound.then(|| Coefficient { estimate: estimates[at], error, df: g - 1.0 })
        })
        .collect()
}

/// The mean of some numbers, with an error clustered in the same way.
pub(super) fn clustered_mean(numbers: &[f64], clusters: (&[usize], usize)) -> Option<Coefficient> {
    let n = numbers.len() as f64;
    if clusters.1 < 2 {
        return None;
    }
    let mean = numbers.iter().sum::<f64>() / n;
    let mut sums = vec![0.0; clusters.1];
    for (number, cluster) in numbers.iter().zip(clusters.0) {
        sums[*cluster] += (number - mean) / n;
    }
    let g = clusters.1 as f64;
    let error = (g / (g - 1.0) * sums.iter().map(|sum| sum * sum).sum::<f64>()).sqrt();
    Some(Coefficient { estimate: mean, error, df: g - 1.0 })
}

/// A column of 1 where a group is one of these, for each but the first.
pub(super) fn dummies(groups: &[usize], count: usize) -> Vec<Vec<f64>> {
    (1..count).map(|level| groups.iter().map(|group| f64::from(u8::from(*group == level))).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_of_rounding_tell_no_error() {
        let grade = [vec![0.0, 1.0, 1.0, 2.0, 0.0, 2.0]];
        let clusters = [0, 0, 1, 1, 2, 2];
        let of = |y: [f64; 6]| least_squares(&y, &grade, &[], (&[0; 6], 1), (&clusters, 3));
        assert_eq!(of([0.3, 0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3])[0].map(|found| found.estimate), None);
        assert!(of([0.3, 0.4, 0.3, 0.5, 0.2, 0.6])[0].is_some());
    }
}
