//! Trends of a series of numbers: Mann-Kendall and Theil-Sen.

use serde::{Deserialize, Serialize};

use super::interval::{check_level, normal_p, z};
use crate::Error;

/// A monotone trend.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MonotoneTrend {
    /// How many points.
    pub n: usize,
    /// Pairs that rise less pairs that fall.
    pub s: f64,
    /// Its variance were there no trend, with ties in value taken into account.
    pub variance: f64,
    /// Kendall's tau-b.
    pub tau: f64,
    /// S, less 1 towards 0, over its standard deviation.
    pub z: f64,
    /// Two-sided probability of a larger |z| were there no trend.
    pub p: f64,
    /// Median of the slopes between all pairs of points (Theil 1950, Sen 1968), per unit of time.
    pub slope: f64,
    /// Lower end of the slope's interval (Sen's).
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Median of the values less slope times median of the times.
    pub intercept: f64,
}

impl std::fmt::Display for MonotoneTrend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { n, tau, z, p, slope, lower, upper, .. } = self;
        writeln!(f, "{n} points: tau {tau:.3}, z {z:.2}, p {p:.4}; slope {slope:.4} ({lower:.4} to {upper:.4})")
    }
}

/// Tests a series of (time, value) for a monotone trend (Mann 1945, Kendall 1975) and estimates its slope. Times need
/// not be equally far apart; points at one time make no pair.
///
/// Successive shares of the same authorities are not independent: p is smaller than it should be. It describes; it does
/// not prove.
///
/// ```
/// use rating_history::estimate::monotone_trend;
/// let points = [(2016.0, 0.30), (2017.0, 0.34), (2018.0, 0.34), (2020.0, 0.45)];
/// let trend = monotone_trend(&points, 0.95)?;
/// assert_eq!(trend.s, 5.0);
/// assert!((trend.slope - 0.0375).abs() < 1e-3);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Asked`] for fewer than three points; [`Error::Value`] for numbers that are not finite, or a level outside 0
/// to 1.
pub fn monotone_trend(points: &[(f64, f64)], level: f64) -> Result<MonotoneTrend, Error> {
    let z_level = z(check_level(level)?);
    let n = points.len();
    if n < 3 {
        return Err(Error::Asked(format!("a trend needs at least 3 points, not {n}")));
    }
    if let Some((t, y)) = points.iter().find(|(t, y)| !t.is_finite() || !y.is_finite()) {
        return Err(Error::value("point of a trend", format!("{t}, {y}"), "two finite numbers"));
    }
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut s, mut slopes) = (0.0, Vec::new());
    for (i, (t, y)) in points.iter().enumerate() {
        for (u, x) in points[i + 1..].iter().filter(|(u, _)| u > t) {
            s += f64::from(i8::from(x > y) - i8::from(x < y));
            slopes.push((x - y) / (u - t));
        }
    }
    if slopes.is_empty() {
        return Err(Error::value("number of times of a trend", 1, "at least 2"));
    }
    slopes.sort_by(f64::total_cmp);
    let ties = |mut values: Vec<f64>| -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values.chunk_by(|a, b| a == b).map(|run| run.len() as f64).collect()
    };
    let by_value = ties(points.iter().map(|p| p.1).collect());
    let by_time = ties(points.iter().map(|p| p.0).collect());
    let n_f = n as f64;
    // Kendall's variance with ties in both; without ties in time the two last terms are 0.
    let sum = |ties: &[f64], f: fn(f64) -> f64| ties.iter().map(|t| f(*t)).sum::<f64>();
    let cube = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let two = |t: f64| t * (t - 1.0);
    let three = |t: f64| t * (t - 1.0) * (t - 2.0);
    let variance = (cube(n_f) - sum(&by_value, cube) - sum(&by_time, cube)) / 18.0
        + sum(&by_value, three) * sum(&by_time, three) / (9.0 * n_f * (n_f - 1.0) * (n_f - 2.0))
        + sum(&by_value, two) * sum(&by_time, two) / (2.0 * n_f * (n_f - 1.0));
    let z = if s == 0.0 || variance <= 0.0 { 0.0 } else { (s - s.signum()) / variance.sqrt() };
    let pairs = n_f * (n_f - 1.0) / 2.0;
    let comparable = ((pairs - sum(&by_value, two) / 2.0) * (pairs - sum(&by_time, two) / 2.0)).sqrt();
    let median = |ordered: &[f64]| super::bootstrap::quantile(ordered, 0.5);
    let mut values: Vec<f64> = points.iter().map(|p| p.1).collect();
    values.sort_by(f64::total_cmp);
    let times: Vec<f64> = points.iter().map(|p| p.0).collect();
    let slope = median(&slopes);
    // Sen's interval: the slopes that lie half of z standard deviations of S from the middle.
    let half = z_level * variance.max(0.0).sqrt();
    let place = |x: f64| (x.round().max(0.0) as usize).min(slopes.len() - 1);
    let lower = slopes[place((slopes.len() as f64 - half) / 2.0 - 1.0)];
    let upper = slopes[place((slopes.len() as f64 + half) / 2.0)];
    Ok(MonotoneTrend {
        n,
        s,
        variance,
        tau: if comparable > 0.0 { s / comparable } else { 0.0 },
        z,
        p: normal_p(z),
        slope,
        lower,
        upper,
        intercept: median(&values) - slope * median(&times),
    })
}
