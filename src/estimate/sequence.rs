//! Measures of one trajectory: how varied, how turbulent, how complex.

use serde::{Deserialize, Serialize};

use crate::Error;

/// A trajectory as states at equal steps (months), after TraMineR.
///
/// The measures depend on the step, which is the caller's to state; [`entropy_of_times`] does not.
///
/// ```
/// use rating_history::estimate::Sequence;
/// let sequence = Sequence::new(vec![0, 0, 1, 1, 1, 2], 4)?;
/// assert_eq!(sequence.transitions(), 2);
/// assert_eq!(sequence.distinct_subsequences(), 8.0); // of 0, 1, 2, with the empty one
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    states: Vec<usize>,
    alphabet: usize,
}

/// Entropy of the time spent in each state, between 0 (all in one) and 1 (the same in each of the states that there
/// are, visited or not).
///
/// ```
/// use rating_history::estimate::entropy_of_times;
/// assert_eq!(entropy_of_times(&[3.5, 0.0])?, 0.0);
/// assert!((entropy_of_times(&[2.0, 2.0])? - 1.0).abs() < 1e-15);
/// assert!(entropy_of_times(&[2.0, f64::NAN]).is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for a time that is no number or negative, or when no time was spent anywhere.
pub fn entropy_of_times(times: &[f64]) -> Result<f64, Error> {
    if let Some(time) = times.iter().find(|time| !(time.is_finite() && **time >= 0.0)) {
        return Err(Error::value("time", time, "a number, at least 0"));
    }
    match times.iter().sum::<f64>() > 0.0 {
        true => Ok(entropy(times)),
        false => Err(Error::value("times", format!("{times:?}"), "time in at least one state")),
    }
}

fn entropy(times: &[f64]) -> f64 {
    let all: f64 = times.iter().sum();
    if all <= 0.0 || times.len() < 2 {
        return 0.0;
    }
    let shares = times.iter().filter(|t| **t > 0.0).map(|t| t / all);
    let entropy = -shares.map(|p| p * p.ln()).sum::<f64>() / (times.len() as f64).ln();
    entropy.max(0.0) + 0.0 // not -0
}

impl Sequence {
    /// A sequence of ranks below the size of the alphabet: the number of grades there are, visited or not.
    ///
    /// # Errors
    /// [`Error::Value`] for an empty sequence, an alphabet below 2, or a state outside it.
    pub fn new(states: Vec<usize>, alphabet: usize) -> Result<Self, Error> {
        if states.is_empty() || alphabet < 2 {
            return Err(Error::value("sequence", states.len(), "at least one state, of at least two"));
        }
        match states.iter().find(|s| **s >= alphabet) {
            Some(state) => Err(Error::value("state", state, format!("below {alphabet}"))),
            None => Ok(Sequence { states, alphabet }),
        }
    }

    /// The states.
    pub fn states(&self) -> &[usize] {
        &self.states
    }

    /// Distinct successive states with their lengths in steps.
    pub fn spells(&self) -> Vec<(usize, usize)> {
        self.states.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect()
    }

    /// Changes of state.
    pub fn transitions(&self) -> usize {
        self.spells().len() - 1
    }

    /// Entropy of the steps spent in each state, over that of the alphabet: TraMineR's normalised longitudinal entropy.
    pub fn entropy(&self) -> f64 {
        let mut times = vec![0.0; self.alphabet];
        self.states.iter().for_each(|s| times[*s] += 1.0);
        entropy(&times)
    }

    /// How many different subsequences the distinct successive states have, the empty one among them (Elzinga 2005). As
    /// a float: it grows as 2 to the power of their number.
    pub fn distinct_subsequences(&self) -> f64 {
        let spells = self.spells();
        let mut counts = vec![1.0; spells.len() + 1];
        for n in 1..=spells.len() {
            let earlier = (1..n).rev().find(|m| spells[m - 1].0 == spells[n - 1].0);
            counts[n] = 2.0 * counts[n - 1] - earlier.map_or(0.0, |m| counts[m - 1]);
        }
        counts[spells.len()]
    }

    /// Turbulence (Elzinga and Liefbroer 2007): log2 of the distinct subsequences times (largest variance of the
    /// spells' lengths + 1) / (their variance + 1).
    pub fn turbulence(&self) -> f64 {
        let spells = self.spells();
        let number = spells.len() as f64;
        let mean = self.states.len() as f64 / number;
        let variance = spells.iter().map(|(_, n)| (*n as f64 - mean).powi(2)).sum::<f64>() / number;
        let largest = (number - 1.0) * (1.0 - mean).powi(2);
        (self.distinct_subsequences() * (largest + 1.0) / (variance + 1.0)).log2()
    }

    /// Turbulence with the states not visited counted as spells of no length (Ritschard 2023, type 2).
    pub fn turbulence_with_unvisited(&self) -> f64 {
        let spells = self.spells();
        let (number, length) = (spells.len() as f64, self.states.len() as f64);
        let unvisited = (0..self.alphabet).filter(|s| !self.states.contains(s)).count() as f64;
        let mean = length / (number + unvisited);
        let squares: f64 = spells.iter().map(|(_, n)| (*n as f64 - mean).powi(2)).sum();
        let variance = (squares + unvisited * mean * mean) / (number + unvisited);
        let most = self.alphabet as f64 - if spells.len() == 1 { 1.0 } else { 2.0 };
        let mean = length / (number + most);
        let largest =
            ((number - 1.0) * (1.0 - mean).powi(2) + (length - number + 1.0 - mean).powi(2) + most * mean * mean)
                / (number + most);
        (self.distinct_subsequences() * (largest + 1.0) / (variance + 1.0)).log2()
    }

    /// Complexity (Gabadinho et al. 2011): the geometric mean of changes over the most there could be, and entropy.
    pub fn complexity(&self) -> f64 {
        match self.states.len() {
            1 => 0.0,
            length => (self.transitions() as f64 / (length - 1) as f64 * self.entropy()).sqrt(),
        }
    }
}

/// Optimal matching: the least cost of turning one sequence into another by inserting or deleting a step (`indel`) and
/// by substituting one state for another (`substitution` a rank of difference).
///
/// With `substitution` a rank apart at `2 x indel` or more, a substitution is never cheaper than deleting and
/// inserting.
///
/// ```
/// use rating_history::estimate::{Sequence, optimal_matching};
/// let a = Sequence::new(vec![0, 0, 1], 4)?;
/// let b = Sequence::new(vec![0, 1, 1], 4)?;
/// assert_eq!(optimal_matching(&a, &b, 1.0, 1.0)?, 1.0);
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] for sequences of two alphabets, or a cost that is no number or negative.
pub fn optimal_matching(a: &Sequence, b: &Sequence, indel: f64, substitution: f64) -> Result<f64, Error> {
    if a.alphabet != b.alphabet {
        let found = format!("{} and {} states", a.alphabet, b.alphabet);
        return Err(Error::value("sequences of", found, "one and the same alphabet"));
    }
    if let Some(cost) = [indel, substitution].into_iter().find(|cost| !(cost.is_finite() && *cost >= 0.0)) {
        return Err(Error::value("cost", cost, "a number, at least 0"));
    }
    let mut row: Vec<f64> = (0..=b.states.len()).map(|n| n as f64 * indel).collect();
    for (n, x) in a.states.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (n + 1) as f64 * indel;
        for (m, y) in b.states.iter().enumerate() {
            let replaced = diagonal + x.abs_diff(*y) as f64 * substitution;
            diagonal = row[m + 1];
            row[m + 1] = replaced.min(row[m] + indel).min(diagonal + indel);
        }
    }
    Ok(row[b.states.len()])
}
