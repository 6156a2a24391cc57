//! The transient growth of errors: how far they grow before they shrink.
//!
//! A spectral radius below 1 is a word about the long run. Where modes are not orthogonal, as at the double roots of
//! heavy ball's optimum, the powers J^k are larger at first: an error at rest grows to sup ||(J^k)_ww|| times itself.
//! For heavy ball at its optimum that is about 0.37 sqrt(kappa).

use super::{Boundary, Moving, Stability, modes, observed};
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
        let moving = self.held.as_mut().unwrap_or(&mut self.whole);
        let recurring = moving.recurring(evaluator, at);
        moving.growth(evaluator, recurring.boundary(at.settings))
    }
}

impl Moving {
    fn growth(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<Growth> {
        let n = self.jacobian.compiled().dimension();
        let blocks = self.blocks(evaluator, at)?;
        // Errors that keep to their directions are looked at one by one; scaled, where the rule scales them.
        let parts: Vec<(DMatrix<f64>, usize)> = match blocks.decouple() {
            Some(parts) => {
                let along = |it: &f64| (parts.along(*it), 1);
                parts.curvatures.iter().map(along).collect()
            }
            None if blocks.there.nrows() <= LARGE => vec![(blocks.there, n)],
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
    // A direction without curvature stays as it is.
    if radius > 1.0 + super::regime::NEAR {
        return Err(Unknown::NotSettling);
    }
    let most = if n == 1 { MOST } else { FEW };
    // A double root peaks after 1/(1 - radius) iterations; e^-6 is left of the slowest mode after six times as many.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "clamped first"
    )]
    let count = (6.0 / (1.0 - radius)).clamp(1.0, most as f64) as u64;
    let mut most = Growth {
        factor: 1.0,
        after: 0,
    };
    let mut power = DMatrix::identity(felt.nrows(), felt.nrows());
    for after in 1..=count {
        power = &felt * power;
        let block = power.view((0, 0), (n, n));
        let factor = match n {
            1 => power[(0, 0)].abs(),
            _ => block.into_owned().singular_values().max(),
        };
        if factor > most.factor {
            most = Growth { factor, after };
        }
    }
    Ok(most)
}
