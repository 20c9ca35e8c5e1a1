//! Intervals of probabilities that follow from many counts, by the limits of each count.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::interval::gamma_limits;

/// The intervals of every cell of a matrix that is a function of independent counts: each count goes to its exact Poisson
/// limits (Garwood 1936) while the others stay, and the squares of what that does to the cell add up, apart for each
/// side (MOVER, the method of variance estimates recovery; Zou and Donner 2008). A move never seen still may happen: its
/// upper limit is 3.7 moves at 95%.
///
/// `with` gives the matrix when one count (from, to) is another number.
pub(super) fn limits(
    estimate: &DMatrix<f64>,
    counts: &[((usize, usize), f64)],
    level: f64,
    with: impl Fn((usize, usize), f64) -> DMatrix<f64> + Sync,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let zero = DMatrix::zeros(estimate.nrows(), estimate.ncols());
    let (mut below, mut above) = (zero.clone(), zero);
    // In pieces, for the sums to have one order and not all matrices to be kept.
    for piece in counts.chunks(64) {
        let moved = piece.par_iter().map(|(cell, count)| {
            let (lower, upper) = gamma_limits(*count, level);
            let shift = |to: f64| {
                if to == *count {
                    DMatrix::zeros(estimate.nrows(), estimate.ncols())
                } else {
                    with(*cell, to) - estimate
                }
            };
            let (down, up) = (shift(lower), shift(upper));
            let largest = |sign: f64| down.zip_map(&up, |a, b| f64::max(0.0, (sign * a).max(sign * b)).powi(2));
            (largest(-1.0), largest(1.0))
        });
        for (down, up) in moved.collect::<Vec<_>>() {
            below += down;
            above += up;
        }
    }
    let lower = estimate.zip_map(&below, |p, square| (p - square.sqrt()).max(0.0));
    let upper = estimate.zip_map(&above, |p, square| (p + square.sqrt()).min(1.0));
    (lower, upper)
}

/// What a note says of these intervals.
pub(super) const METHOD: &str = "exact Poisson limits of each count (Garwood), combined by MOVER (Zou and Donner 2008)";
