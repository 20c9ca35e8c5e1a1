//! From a matrix of probabilities back to rates: is there a generator, and which valid one is nearest?

use nalgebra::{DMatrix, Schur};
use serde::{Deserialize, Serialize};

use super::generator::{Generator, frechet};
use super::matrix::{check_square, to_matrix, to_rows};
use crate::Error;
use crate::code::coded_enum;

/// Why a matrix can have no generator (Israel, Rosenthal and Wei 2001).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotEmbeddable {
    /// The determinant is not positive.
    Determinant {
        /// Its value.
        determinant: f64,
    },
    /// The determinant exceeds the product of the diagonal.
    Diagonal {
        /// The determinant.
        determinant: f64,
        /// The product.
        product: f64,
    },
    /// A state can be reached from another in several steps, but not in one.
    Accessible {
        /// The state it cannot be reached from in one step.
        from: String,
        /// The state.
        to: String,
    },
}

/// What is known of a matrix's generator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Embedding {
    /// Conditions broken, each of which rules a generator out.
    pub obstacles: Vec<NotEmbeddable>,
    /// The principal logarithm over the matrix's time, where it exists as a real matrix.
    pub logarithm: Option<Vec<Vec<f64>>>,
    /// Whether that logarithm is a generator: no negative rates off the diagonal.
    pub valid: bool,
}

/// Checks whether a matrix over `years` has a generator.
///
/// ```
/// use rating_history::estimate::embedding;
/// let labels = ["low".to_owned(), "high".to_owned()];
/// assert!(embedding(&labels, &[vec![0.9, 0.1], vec![0.2, 0.8]], 1.0)?.valid);
/// assert!(!embedding(&labels, &[vec![0.1, 0.9], vec![0.9, 0.1]], 1.0)?.obstacles.is_empty());
/// # Ok::<(), rating_history::Error>(())
/// ```
///
/// # Errors
/// [`Error::Value`] unless the matrix is square with rows of probabilities and the time is positive.
pub fn embedding(labels: &[String], probability: &[Vec<f64>], years: f64) -> Result<Embedding, Error> {
    check_stochastic(labels, probability, years)?;
    let k = labels.len();
    let matrix = to_matrix(probability);
    let determinant = matrix.determinant();
    let product: f64 = (0..k).map(|i| probability[i][i]).product();
    let mut obstacles = Vec::new();
    if determinant <= 0.0 {
        obstacles.push(NotEmbeddable::Determinant { determinant });
    } else if determinant > product * (1.0 + 1e-12) {
        obstacles.push(NotEmbeddable::Diagonal { determinant, product });
    }
    let reach = (&matrix + DMatrix::identity(k, k)).pow(k as u32);
    for i in 0..k {
        for j in (0..k).filter(|j| reach[(i, *j)] > 0.0 && probability[i][*j] == 0.0) {
            obstacles.push(NotEmbeddable::Accessible { from: labels[i].clone(), to: labels[j].clone() });
        }
    }
    let logarithm = logarithm(&matrix).map(|l| l / years);
    let valid = logarithm.as_ref().is_some_and(|l| {
        let mut rates = (0..k).flat_map(|i| (0..k).filter(move |j| *j != i).map(move |j| (i, j)));
        rates.all(|(i, j)| l[(i, j)] >= -1e-12)
    });
    Ok(Embedding { obstacles, logarithm: logarithm.as_ref().map(to_rows), valid })
}

coded_enum! {
    /// How the nearest generator is found.
    enum Regularisation: "method" {
        /// Negative rates become 0, the diagonal takes what is missing (diagonal adjustment; Israel et al. 2001).
        Diagonal = "diagonal" / "diagonal adjustment",
        /// Negative rates become 0, the other rates of the row share what is missing by their size; the diagonal stays
        /// (weighted adjustment as in R's `ctmcd`).
        Weighted = "weighted" / "weighted adjustment",
        /// As above, with the diagonal taking its share too (weighted adjustment as in Israel et al. 2001).
        WeightedAll = "weighted_all" / "weighted adjustment with the diagonal",
        /// Each row becomes the nearest row of a generator (quasi-optimisation; Kreinin and Sidelnikova 2001).
        QuasiOptimal = "quasi_optimal" / "quasi-optimisation",
    }
}

/// The valid generator nearest to the logarithm of a matrix over `years`.
///
/// # Errors
/// [`Error::Value`] as [`embedding`], when the matrix has no real logarithm, or (weighted) when what is left is no
/// generator.
pub fn nearest_generator(
    labels: &[String],
    probability: &[Vec<f64>],
    years: f64,
    method: Regularisation,
) -> Result<Generator, Error> {
    let Some(mut rates) = embedding(labels, probability, years)?.logarithm else {
        return Err(Error::value("matrix", "given", "one with a real logarithm: no eigenvalue at or below 0"));
    };
    for (i, row) in rates.iter_mut().enumerate() {
        match method {
            Regularisation::Diagonal => {
                row.iter_mut().enumerate().filter(|(j, _)| *j != i).for_each(|(_, x)| *x = x.max(0.0));
                row[i] = 0.0;
                row[i] = -row.iter().sum::<f64>();
            }
            Regularisation::Weighted | Regularisation::WeightedAll => {
                let with_diagonal = method == Regularisation::WeightedAll;
                let others = || row.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, x)| *x);
                let missing: f64 = others().map(|x| (-x).max(0.0)).sum();
                let sharing =
                    others().map(|x| x.max(0.0)).sum::<f64>() + if with_diagonal { row[i].abs() } else { 0.0 };
                for (j, x) in row.iter_mut().enumerate().filter(|(j, _)| *j != i || with_diagonal) {
                    if j != i && *x < 0.0 {
                        *x = 0.0;
                    } else if sharing > 0.0 {
                        *x -= missing * x.abs() / sharing;
                    }
                }
            }
            Regularisation::QuasiOptimal => nearest_row(row, i),
        }
    }
    Generator::new(labels.to_vec(), balanced(rates))
}

/// Projects a row on those of generators: least squares with sum 0 and no negative entry off the diagonal. Entries that
/// turn negative leave the set over which the excess is shared (Michelot's algorithm).
fn nearest_row(row: &mut [f64], i: usize) {
    let mut kept: Vec<usize> = (0..row.len()).collect();
    loop {
        let excess = kept.iter().map(|j| row[*j]).sum::<f64>() / kept.len() as f64;
        let (stay, leave): (Vec<usize>, Vec<usize>) = kept.iter().partition(|j| **j == i || row[**j] - excess >= 0.0);
        leave.iter().for_each(|j| row[*j] = 0.0);
        if leave.is_empty() {
            kept.iter().for_each(|j| row[*j] -= excess);
            return;
        }
        kept = stay;
    }
}

/// Rows that add up to exactly 0.
fn balanced(mut rates: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for (i, row) in rates.iter_mut().enumerate() {
        row[i] = 0.0;
        row[i] = -row.iter().sum::<f64>();
    }
    rates
}

/// The generator that makes counts over equal periods most likely, by expectation maximisation (Bladt and Sorensen
/// 2005), from a start of equal rates between all states that occur.
///
/// # Errors
/// [`Error::Value`] unless the counts are square, finite and not negative and the time is positive, or when a state
/// is not seen at all: leave it out. One that is entered and never followed further counts as absorbing (as R's `ctmcd` has it).
pub fn generator_from_counts(labels: &[String], counts: &[Vec<f64>], years: f64) -> Result<Generator, Error> {
    check_square("counts", labels, counts)?;
    if let Some(x) = counts.iter().flatten().find(|x| **x < 0.0) {
        return Err(Error::value("count", x, "at least 0"));
    }
    check_years(years)?;
    let k = labels.len();
    let unseen = |i: usize| counts.iter().all(|row| row[i] == 0.0) && counts[i].iter().all(|n| *n == 0.0);
    if let Some(i) = (0..k).find(|i| unseen(*i)) {
        let expected = "counts from or to each state; leave out a state that is never seen";
        return Err(Error::value("counts of", &labels[i], expected));
    }
    let seen: Vec<bool> = counts.iter().map(|row| row.iter().any(|n| *n > 0.0)).collect();
    let counts = to_matrix(counts);
    let mut rates = DMatrix::from_fn(k, k, |i, j| if i != j && seen[i] { 1.0 / (k as f64 * years) } else { 0.0 });
    let balance = |rates: &mut DMatrix<f64>| {
        for i in 0..k {
            rates[(i, i)] = 0.0;
            rates[(i, i)] = -rates.row(i).sum();
        }
    };
    balance(&mut rates);
    for _ in 0..20_000 {
        let probability = (&rates * years).exp();
        let weights = counts.zip_map(&probability, |n, p| if n > 0.0 { n / p.max(1e-300) } else { 0.0 });
        // The integral of exp(Q' u) C exp(Q' (t - u)) holds every expected move and stay.
        let integral = frechet(&(rates.transpose() * years), &(weights * years));
        let mut next = DMatrix::from_fn(k, k, |i, j| match integral[(i, i)] {
            time if time > 0.0 && i != j => rates[(i, j)] * integral[(i, j)] / time,
            _ => 0.0,
        });
        balance(&mut next);
        let change = (&next - &rates).amax();
        rates = next;
        if change < 1e-13 {
            break;
        }
    }
    Generator::new(labels.to_vec(), balanced(to_rows(&rates)))
}

fn check_years(years: f64) -> Result<(), Error> {
    if years.is_finite() && years > 0.0 {
        Ok(())
    } else {
        Err(Error::value("time", years, "a positive number of years"))
    }
}

fn check_stochastic(labels: &[String], probability: &[Vec<f64>], years: f64) -> Result<(), Error> {
    check_square("matrix", labels, probability)?;
    check_years(years)?;
    for row in probability {
        let sum: f64 = row.iter().sum();
        if let Some(p) = row.iter().find(|p| !(-1e-12..=1.0 + 1e-12).contains(*p)) {
            return Err(Error::value("probability", p, "between 0 and 1"));
        }
        if (sum - 1.0).abs() > 1e-6 {
            return Err(Error::value("sum of a row", sum, "1"));
        }
    }
    Ok(())
}

/// The principal logarithm, by inverse scaling and squaring: square roots (product form of Denman and Beavers) until
/// the matrix is close to the identity, then Gauss-Legendre quadrature of log(I + X) = integral of X (I + s X)^-1
/// (Higham 2008). `None` when there is no real one.
fn logarithm(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let k = matrix.nrows();
    let identity = DMatrix::identity(k, k);
    let eigenvalues = Schur::try_new(matrix.clone(), f64::EPSILON, 10_000)?.complex_eigenvalues();
    if eigenvalues.iter().any(|e| e.im.abs() < 1e-14 && e.re <= 1e-14) {
        return None;
    }
    let mut root = matrix.clone();
    let mut halvings = 0;
    while (&root - &identity).norm() > 0.25 {
        if halvings == 60 {
            return None;
        }
        root = square_root(&root)?;
        halvings += 1;
    }
    let x = root - &identity;
    let mut sum = DMatrix::zeros(k, k);
    for (node, weight) in GAUSS_LEGENDRE_8 {
        for side in [-1.0, 1.0] {
            let s = (1.0 + side * node) / 2.0;
            sum += (&identity + &x * s).try_inverse()? * (weight / 2.0);
        }
    }
    let logarithm = x * sum * 2f64.powi(halvings);
    ((logarithm.clone().exp() - matrix).amax() < 1e-8).then_some(logarithm)
}

fn square_root(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let identity = DMatrix::identity(matrix.nrows(), matrix.nrows());
    let (mut product, mut root) = (matrix.clone(), matrix.clone());
    for _ in 0..100 {
        let inverse = product.clone().try_inverse()?;
        root = &root * (&identity + &inverse) * 0.5;
        product = (&identity + (&product + &inverse) * 0.5) * 0.5;
        if (&product - &identity).norm() < 1e-15 * identity.norm() {
            break;
        }
    }
    root.iter().all(|x| x.is_finite()).then_some(root)
}

/// Positive nodes and weights of the 16-point rule on -1 to 1 (Abramowitz and Stegun, table 25.4).
const GAUSS_LEGENDRE_8: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];
