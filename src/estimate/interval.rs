//! Confidence intervals.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
use statrs::function::{beta::inv_beta_reg, gamma::gamma_lr};

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

/// Exact limits of the mean of a Poisson count (Garwood 1936), also of one that is no whole number.
pub(super) fn gamma_limits(count: f64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let lower = if count > 0.0 { gamma_quantile(count, tail) } else { 0.0 };
    (lower, gamma_quantile(count + 1.0, 1.0 - tail))
}

/// The quantile of a gamma distribution of scale 1, by bisection.
fn gamma_quantile(shape: f64, p: f64) -> f64 {
    let (mut below, mut above) = (0.0, shape + 10.0 * shape.sqrt() + 50.0);
    for _ in 0..60 {
        let middle = (below + above) / 2.0;
        if gamma_lr(shape, middle) < p { below = middle } else { above = middle }
    }
    (below + above) / 2.0
}

/// The quantile of a beta distribution; 0 without a first shape, 1 without a second.
pub(super) fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    match (a > 0.0, b > 0.0) {
        (false, _) => 0.0,
        (true, false) => 1.0,
        (true, true) => inv_beta_reg(a, b, p),
    }
}

/// Exact limits of a probability seen as a part `p` of `n` (Clopper and Pearson 1934), where `n` may be an effective
/// number that is not whole (Korn and Graubard 1998). With `n` 0: 0 to 1.
pub(super) fn beta_limits(p: f64, n: f64, level: f64) -> (f64, f64) {
    let (tail, part) = ((1.0 - level) / 2.0, p * n);
    let lower = beta_quantile(part, n - part + 1.0, tail);
    let upper = beta_quantile(part + 1.0, n - part, 1.0 - tail);
    let lower = if lower < 1e-12 { 0.0 } else { lower };
    (lower.min(p), upper.max(p))
}

/// The chi-squared quantile with one degree of freedom.
fn chi_squared_1(probability: f64) -> f64 {
    let z = Normal::standard().inverse_cdf(0.5 + probability / 2.0);
    z * z
}

coded_enum! {
    /// Intervals of a proportion.
    enum ProportionInterval: "interval" {
        /// Wilson's, but from the exact limit of a Poisson count where at most three were seen, or all but so many (Brown,
        /// Cai and DasGupta 2001, 4.1.1): Wilson's own leave out what is rare too often.
        ModifiedWilson = "modified_wilson" / "modified Wilson (Brown, Cai and DasGupta 2001)",
        /// Wilson's score interval, each proportion by itself.
        Wilson = "wilson" / "Wilson",
        /// Goodman's (1965), simultaneous for the proportions of one row.
        Goodman = "goodman" / "Goodman, simultaneous within a row",
    }
}

impl ProportionInterval {
    /// The interval of `part` of `all`, one of `k` proportions that add up to 1, at a level as 0.95. With `all` 0: 0 to 1.
    ///
    /// ```
    /// use rating_history::estimate::ProportionInterval;
    /// let (lower, upper) = ProportionInterval::Wilson.of(8.0, 10.0, 4, 0.95)?;
    /// assert!((lower - 0.4901625).abs() < 1e-6 && (upper - 0.9433178).abs() < 1e-6);
    /// assert_eq!(ProportionInterval::Wilson.of(0.0, 0.0, 4, 0.95)?, (0.0, 1.0));
    /// assert!(ProportionInterval::Wilson.of(12.0, 10.0, 4, 0.95).is_err());
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] when the part is negative or more than all, a number is not finite, `k` is 0, or the level is not
    /// between 0 and 1.
    pub fn of(self, part: f64, all: f64, k: usize, level: f64) -> Result<(f64, f64), Error> {
        check_level(level)?;
        if !(all.is_finite() && 0.0 <= part && part <= all) {
            return Err(Error::value("part", format!("{part} of {all}"), "a part from 0 to all of it"));
        }
        if k == 0 {
            return Err(Error::value("proportions", k, "at least one that add up to 1"));
        }
        Ok(self.limits(part, all, k, level))
    }

    /// The interval of numbers known to be sound.
    pub(super) fn limits(self, part: f64, all: f64, k: usize, level: f64) -> (f64, f64) {
        if all <= 0.0 {
            return (0.0, 1.0);
        }
        let z2 = match self {
            ProportionInterval::Wilson | ProportionInterval::ModifiedWilson => chi_squared_1(level),
            ProportionInterval::Goodman => chi_squared_1(1.0 - (1.0 - level) / k as f64),
        };
        let p = part / all;
        let centre = (p + z2 / (2.0 * all)) / (1.0 + z2 / all);
        let half = (z2 * (p * (1.0 - p) / all + z2 / (4.0 * all * all))).sqrt() / (1.0 + z2 / all);
        let lower = if part <= 0.0 { 0.0 } else { (centre - half).max(0.0) };
        let upper = if part >= all { 1.0 } else { (centre + half).min(1.0) };
        if self != ProportionInterval::ModifiedWilson {
            return (lower, upper);
        }
        let few = if all > 50.0 { 3.0 } else { 2.0 };
        let rare = |count: f64| (count > 0.0 && count <= few).then(|| gamma_quantile(count, 1.0 - level) / all);
        (lower.min(rare(part).unwrap_or(1.0)), upper.max(1.0 - rare(all - part).unwrap_or(1.0)))
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
    /// No scale, but limits of beta distributions, which hold with few observed: for survival curves the beta product
    /// (Fay, Brittain and Proschan 2013), for other probabilities that of the effective number of observations (Korn and
    /// Graubard 1998).
    Beta,
}

impl IntervalScale {
    /// The interval around `p` with standard error `se`. Where nothing was seen to vary, and an error of 0 says nothing,
    /// it is the exact one of `seen` observations.
    pub(super) fn interval(self, p: f64, se: f64, seen: f64, level: f64) -> (f64, f64) {
        let z = z(level);
        let inside = p > 0.0 && p < 1.0;
        if se <= 0.0 || !inside {
            return beta_limits(p.clamp(0.0, 1.0), seen, level);
        }
        let (lower, upper) = match self {
            IntervalScale::Beta => beta_limits(p, p * (1.0 - p) / (se * se), level),
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
            IntervalScale::Beta => "beta",
        }
    }
}
