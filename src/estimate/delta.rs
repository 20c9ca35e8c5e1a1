//! Standard errors of probabilities that follow from many counts: the delta method.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// The standard errors of every cell of a matrix that is a function of independent Poisson counts: the root of the sum of
/// count x (change of the cell with the count) squared. Pairs that begin in one state are multinomial; as a function of
/// counts whose row is divided by its sum they have the same errors. What was never seen adds nothing.
///
/// `slope` gives how the matrix changes with a count (from, to).
pub(super) fn errors(
    estimate: &DMatrix<f64>,
    counts: &[((usize, usize), f64)],
    slope: impl Fn((usize, usize)) -> DMatrix<f64> + Sync,
) -> DMatrix<f64> {
    let seen: Vec<_> = counts.iter().filter(|(_, count)| *count > 0.0).collect();
    let mut variance = DMatrix::zeros(estimate.nrows(), estimate.ncols());
    // In pieces, for the sum to have one order and not all matrices to be kept.
    for piece in seen.chunks(64) {
        let parts = piece.par_iter().map(|(cell, count)| slope(*cell).map(|change| count * change * change));
        parts.collect::<Vec<_>>().into_iter().for_each(|part| variance += part);
    }
    // What cannot be or must be does not vary, but for rounding.
    estimate.zip_map(&variance, |p, variance| if p <= 0.0 || p >= 1.0 { 0.0 } else { variance.sqrt() })
}

/// Powers of a matrix and how they change with it.
pub(super) struct Powers {
    /// The matrix to the powers 1, 2, 4, ... and, where the binary form of the exponent has this digit, the product of the
    /// smaller ones that it has too.
    steps: Vec<(DMatrix<f64>, Option<DMatrix<f64>>)>,
}

impl Powers {
    pub(super) fn of(matrix: &DMatrix<f64>, exponent: u32) -> Self {
        let (mut square, mut product) = (matrix.clone(), DMatrix::identity(matrix.nrows(), matrix.nrows()));
        let mut steps = Vec::new();
        let digits = u32::BITS - exponent.leading_zeros();
        for digit in 0..digits {
            let has = exponent >> digit & 1 == 1;
            let next = has.then(|| &product * &square);
            steps.push((square.clone(), has.then_some(product.clone())));
            product = next.unwrap_or(product);
            if digit + 1 < digits {
                square = &square * &square;
            }
        }
        Powers { steps }
    }

    /// How the power changes when the matrix changes in a direction.
    pub(super) fn slope(&self, direction: &DMatrix<f64>) -> DMatrix<f64> {
        let mut of_square = direction.clone();
        let mut of_product = DMatrix::zeros(direction.nrows(), direction.ncols());
        for (n, (square, product)) in self.steps.iter().enumerate() {
            if let Some(product) = product {
                of_product = of_product * square + product * &of_square;
            }
            if n + 1 < self.steps.len() {
                of_square = &of_square * square + square * &of_square;
            }
        }
        of_product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_of_powers_are_those_of_small_steps() {
        let matrix = DMatrix::from_row_slice(3, 3, &[0.7, 0.2, 0.1, 0.3, 0.5, 0.2, 0.0, 0.4, 0.6]);
        let direction = DMatrix::from_row_slice(3, 3, &[0.0, 0.0, 0.0, 1.0, -0.5, -0.5, 0.0, 0.0, 0.0]);
        for exponent in [1, 2, 3, 7, 12, 100] {
            let slope = Powers::of(&matrix, exponent).slope(&direction);
            let moved = |by: f64| (&matrix + &direction * by).pow(exponent);
            let expected = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((slope - expected).amax() < 1e-8, "{exponent}");
        }
    }
}
