//! Confidence intervals.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

use crate::Error;
use crate::code::coded_enum;

/// Checks a level of confidence and takes it as a part of 1.
pub(super) fn check_level(level: f64) -> Result<f64, Error> {
    if level > 0.0 && level < 1.0 {
        Ok(level)
    } else {
        Err(Error::value("level", level, "between 0 and 1, as in 0.95"))
    }
}

/// The two-sided normal quantile of a level: 1.96 for 0.95.
pub(super) fn z(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// The probability of a larger chi-squared value.
pub(super) fn chi_squared_p(value: f64, df: usize) -> f64 {
    ChiSquared::new(df.max(1) as f64).map_or(f64::NAN, |d| d.sf(value))
}

/// The two-sided probability of a larger normal deviate.
pub(super) fn normal_p(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}

/// The chi-squared quantile with one degree of freedom.
fn chi_squared_1(probability: f64) -> f64 {
    let z = Normal::standard().inverse_cdf(0.5 + probability / 2.0);
    z * z
}

coded_enum! {
    /// Intervals of a proportion.
    enum ProportionInterval: "interval" {
        /// Wilson's score interval, each proportion by itself.
        Wilson = "wilson" / "Wilson",
        /// Goodman's (1965), simultaneous for the proportions of one row.
        Goodman = "goodman" / "Goodman, simultaneous within a row",
    }
}

impl ProportionInterval {
    /// The interval of `part` of `all`, one of `k` proportions that add up to 1. With `all` 0: 0 to 1.
    ///
    /// ```
    /// use rating_history::estimate::ProportionInterval;
    /// let (lower, upper) = ProportionInterval::Wilson.of(8.0, 10.0, 4, 0.95);
    /// assert!((lower - 0.4901625).abs() < 1e-6 && (upper - 0.9433178).abs() < 1e-6);
    /// assert_eq!(ProportionInterval::Wilson.of(0.0, 0.0, 4, 0.95), (0.0, 1.0));
    /// ```
    pub fn of(self, part: f64, all: f64, k: usize, level: f64) -> (f64, f64) {
        if all <= 0.0 {
            return (0.0, 1.0);
        }
        let z2 = match self {
            ProportionInterval::Wilson => chi_squared_1(level),
            ProportionInterval::Goodman => chi_squared_1(1.0 - (1.0 - level) / k as f64),
        };
        let p = part / all;
        let centre = (p + z2 / (2.0 * all)) / (1.0 + z2 / all);
        let half = (z2 * (p * (1.0 - p) / all + z2 / (4.0 * all * all))).sqrt() / (1.0 + z2 / all);
        let lower = if part <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
        let upper = if part >= all { 1.0 } else { (centre + half).min(1.0) };
        (lower, upper)
    }
}

/// The scale on which an interval of a probability is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalScale {
    /// The probability itself, cut at 0 and 1.
    Plain,
    /// Its logarithm, cut at 1 (R survival's default).
    Log,
    /// log(-log): stays between 0 and 1 (lifelines' default, and ours).
    #[default]
    LogLog,
    /// The logit: stays between 0 and 1.
    Logit,
}

impl IntervalScale {
    /// The interval around `p` with standard error `se`. Without spread it is `p` itself.
    pub(super) fn interval(self, p: f64, se: f64, z: f64) -> (f64, f64) {
        if se <= 0.0 || (self != IntervalScale::Plain && (p <= 0.0 || p >= 1.0)) {
            return (p, p);
        }
        let (lower, upper) = match self {
            IntervalScale::Plain => (p - z * se, p + z * se),
            IntervalScale::Log => (p * (-z * se / p).exp(), p * (z * se / p).exp()),
            IntervalScale::LogLog => {
                let theta = z * se / (p * p.ln());
                (p.powf((-theta).exp()), p.powf(theta.exp()))
            }
            IntervalScale::Logit => {
                let logit = (p / (1.0 - p)).ln();
                let width = z * se / (p * (1.0 - p));
                let back = |x: f64| 1.0 / (1.0 + (-x).exp());
                (back(logit - width), back(logit + width))
            }
        };
        (lower.max(0.0), upper.min(1.0))
    }

    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            IntervalScale::Plain => "plain",
            IntervalScale::Log => "log",
            IntervalScale::LogLog => "log-log",
            IntervalScale::Logit => "logit",
        }
    }
}
