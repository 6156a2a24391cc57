//! The transient growth of errors: how far they grow before they shrink.
//!
//! A spectral radius below 1 is a word about the long run. Where modes are not orthogonal, as at the double roots of
//! heavy ball's optimum, the powers J^k are larger at first: an error at rest grows to sup ||(J^k)_ww|| times itself.
//! For heavy ball at its optimum that is about 0.37 sqrt(kappa).

use super::{Blocks, Boundary, Stability, modes, observed};
use crate::{
    analysis::{Known, Unknown},
    loss::Evaluator,
};
use nalgebra::DMatrix;

/// The largest growth of an error whose states are at rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// The largest factor of an error's length, at least 1.
    pub factor: f64,
    /// The iterations until then.
    pub after: u64,
}

/// A factor that is worth telling.
const WORTH: f64 = 1.05;

impl Growth {
    /// True where an error visibly grows before it shrinks.
    #[must_use]
    pub fn is_worth_telling(self) -> bool {
        self.factor > WORTH
    }
}

/// Iterations that are looked at, at most.
const MOST: u64 = 10_000;
/// The same where errors mix, and each look takes longer.
const FEW: u64 = 500;
/// A matrix of more rows takes too long.
const LARGE: usize = 16;

impl Stability {
    /// The transient growth under the iterations after `at`, scales held.
    ///
    /// # Errors
    /// Errors do not shrink in the long run, or the iteration is too large to raise to powers.
    pub fn growth(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<Growth> {
        let curvature = self.curvature(evaluator, self.whole.w(at));
        self.local().blocks(evaluator, at, &curvature)?.growth()
    }
}

impl Blocks {
    fn growth(&self) -> Known<Growth> {
        let n = self.size();
        // Errors that keep to their directions are looked at one by one; scaled, where the rule scales them.
        let parts: Vec<(DMatrix<f64>, usize)> = match &self.parts {
            Some(parts) => parts.curved().map(|it| (parts.along(it), 1)).collect(),
            None if self.there.nrows() <= LARGE => vec![(self.there.clone(), n)],
            None => return Err(Unknown::TooMany),
        };
        let mut most = Growth {
            factor: 1.0,
            after: 0,
        };
        for (part, rows) in parts {
            let growth = of_powers(&part, rows)?;
            if growth.factor > most.factor {
                most = growth;
            }
        }
        Ok(most)
    }
}

/// The largest norm of the first `n` rows and columns of the powers of `iteration`.
fn of_powers(iteration: &DMatrix<f64>, n: usize) -> Known<Growth> {
    let felt = observed(iteration, n);
    let modes = modes(&felt).ok_or(Unknown::NoEigenvalues)?;
    let radius = modes.first().map_or(0.0, |z| z.norm());
    if radius > 1.0 + super::regime::NEAR {
        return Err(Unknown::NotSettling);
    }
    let count = if n == 1 { MOST } else { FEW };
    let mut most = Growth {
        factor: 1.0,
        after: 0,
    };
    // The largest norm of a power: no later one grows by more than that.
    let mut reach = 1.0_f64;
    let mut power = DMatrix::identity(felt.nrows(), felt.nrows());
    for after in 1..=count {
        power = &felt * power;
        let block = power.view((0, 0), (n, n));
        let factor = match n {
            1 => power[(0, 0)].abs(),
            _ => spectral_norm(&block.into_owned()).ok_or(Unknown::NotFinite)?,
        };
        if factor > most.factor {
            most = Growth { factor, after };
        }
        let size = power.norm();
        if !size.is_finite() {
            return Err(Unknown::NotFinite);
        }
        reach = reach.max(size);
        if reach * size <= most.factor {
            break;
        }
    }
    Ok(most)
}

/// The largest singular value; `None` where it is not a finite number, as that of a power that overflows.
fn spectral_norm(matrix: &DMatrix<f64>) -> Option<f64> {
    // The values of a matrix that is not finite are NaN, which nalgebra cannot sort.
    let is_finite = matrix.iter().all(|entry| entry.is_finite());
    let largest = is_finite.then(|| matrix.singular_values_unordered().max());
    largest.filter(|it| it.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_growth_of_powers_that_overflow_is_unknown() {
        for corner in [f64::MAX, -1e308] {
            let iteration = DMatrix::from_row_slice(2, 2, &[0.9, corner, 0.0, 0.9]);
            assert_eq!(
                of_powers(&iteration, 2),
                Err(Unknown::NotFinite),
                "{corner}"
            );
        }
        let iteration = DMatrix::from_row_slice(2, 2, &[0.5, f64::NAN, 0.0, 0.5]);
        assert_eq!(of_powers(&iteration, 2), Err(Unknown::NoEigenvalues));
        let far = of_powers(&DMatrix::from_row_slice(2, 2, &[0.5, 1e100, 0.0, 0.5]), 2).unwrap();
        assert!(far.factor >= 1e100 && far.factor.is_finite(), "{far:?}");
    }
}
