//! The edge of stability: the factor on the curvature at which an iteration becomes unstable.
//!
//! The Hessian is imagined c times as large as it is, everywhere. The edge is the least c at which a mode
//! reaches |z| = 1, those apart that grow without changing sides: they leave a direction that curves
//! downward, which any step size does. For gradient descent that is eta*lambda_max*c = 2, for heavy ball 2 + 2*beta; with the
//! scales P of an adaptive rule held it is the largest eigenvalue of P^-1/2 H P^-1/2 that counts, whose
//! limit for Adam is (2 + 2*beta1)/((1 - beta1)*eta): 38/eta at 0.9 (Cohen et al. 2022).

use super::{
    Boundary, Curvature, Moving,
    decoupled::{Blocks, Decoupled},
    felt, modes,
};
use crate::{
    analysis::{Known, Unknown},
    loss::Evaluator,
};
use nalgebra::{Complex, DMatrix};
use std::sync::Arc;

/// The edge of stability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The curvature as a share of the largest stable one, 1/c: stable below 1.
    pub share: f64,
    /// The largest eigenvalue that the Hessian could have: c*lambda_max.
    pub curvature: f64,
}

/// A mode may exceed modulus 1 by this much and still count as on it.
const SLACK: f64 = 1e-9;
/// A mode is known to this share of the largest one.
const BESIDE: f64 = 64.0 * f64::EPSILON;
/// A mode counts as real where its imaginary part is this small a share of it.
const REAL: f64 = 1e-6;
/// The curvature is varied by up to this factor, either way.
const REACH: f64 = 1e30;
/// The edge is found to this share of itself, or less finely where each look takes long.
const PRECISION: f64 = 1e-10;
const ROUGH: f64 = 1e-4;
/// So large a matrix takes long.
const LARGE: usize = 16;

/// The edge for the iteration after `at`, or one like those that follow.
pub(super) fn find(
    moving: &mut Moving,
    evaluator: &mut dyn Evaluator,
    at: Boundary,
    curvature: &Arc<Curvature>,
) -> Known<Edge> {
    let blocks = moving.blocks(evaluator, at, curvature)?;
    let Blocks {
        flat, there, slope, ..
    } = &*blocks;
    let Curvature { hessian, spectrum } = &**curvature;
    let spectrum = spectrum.as_ref().ok_or(Unknown::NotFinite)?;
    let recurring = moving.recurring(evaluator, at);
    let at = recurring.boundary(at.settings);
    let w = moving.w(at);
    let twice = moving.at(evaluator, at, 2.0);
    if twice.iter().any(|entry| !entry.is_finite()) {
        return Err(Unknown::NotFinite);
    }
    if hessian.amax() > 0.0 && is_blind(there, slope, w.len()) {
        let moves = w.iter().zip(&recurring.next).any(|(w, next)| {
            let step = (next - w).abs();
            step > UNFELT * (1.0 + w.abs())
        });
        return Err(if moves {
            Unknown::SizeBlind
        } else {
            Unknown::Unfelt
        });
    }
    // A gradient taken after a gradient step would make it a polynomial in c.
    let scale = twice.amax().max(1.0);
    let is_affine = (there + slope - &twice).amax() <= 1e-9 * scale;
    // Where errors keep to their directions, each is looked at alone: faster, and without rounding between
    // large and small ones.
    let parts = blocks.parts.as_ref().filter(|_| is_affine);
    let is_rough = parts.is_none() && flat.nrows() > LARGE;
    let precision = if is_rough { ROUGH } else { PRECISION };
    let mut is_stable = |c: f64| match parts {
        Some(parts) => parts.within(c),
        None if is_affine => within(&(flat + slope * c)),
        None => within(&moving.at(evaluator, at, c)),
    };
    if !is_stable(1.0 / REACH)? {
        return Err(Unknown::NeverStable);
    }
    if is_stable(REACH)? {
        return Err(Unknown::AlwaysStable);
    }
    let (mut low, mut high) = (1.0, 1.0);
    if is_stable(1.0)? {
        high = 2.0;
        while is_stable(high)? {
            (low, high) = (high, 2.0 * high);
            if high > REACH {
                return Err(Unknown::AlwaysStable);
            }
        }
    } else {
        low = 0.5;
        while !is_stable(low)? {
            (low, high) = (0.5 * low, low);
        }
    }
    while high - low > precision * high {
        let middle = 0.5 * (low + high);
        if is_stable(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    let polished = match parts {
        Some(parts) => {
            let critical = parts.critical(high)?;
            polish(low, precision, |c| Some(parts.along(c * critical)))
        }
        None if is_affine => polish(low, precision, |c| Some(flat + slope * c)),
        None => polish(low, precision, |c| Some(moving.at(evaluator, at, c))),
    };
    let c = polished.unwrap_or(low);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let rounding = ROUNDING * w.len() as f64;
    let is_one = (c - 1.0).abs() <= rounding;
    let c = if is_one { 1.0 } else { c };
    Ok(Edge {
        share: 1.0 / c,
        curvature: c * spectrum.largest(),
    })
}

/// A step this small a share of `w` may be rounding.
const UNFELT: f64 = 1e-14;
/// A share this near to 1, for each parameter, cannot be told from it.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// The crossing near `c`, to rounding: where a mode comes to -1, the root of det(I + J); else that of |z| - 1
/// for the largest mode. Bisection alone stops at [`SLACK`].
fn polish(
    c: f64,
    precision: f64,
    mut jacobian: impl FnMut(f64) -> Option<DMatrix<f64>>,
) -> Option<f64> {
    let there = modes(&jacobian(c)?)?;
    let first = there.iter().find(|z| !leaves(z))?;
    let flips = first.re < 0.0 && first.im.abs() <= REAL * first.norm();
    let mut gap = |c: f64| {
        let jacobian = jacobian(c)?;
        if flips {
            let size = jacobian.nrows();
            return Some((jacobian + DMatrix::identity(size, size)).determinant());
        }
        let modes = modes(&jacobian)?;
        Some(modes.iter().find(|z| !leaves(z))?.norm() - 1.0)
    };
    let reach = precision.max(SLACK) * 100.0;
    let (mut a, mut b) = (c * (1.0 - reach), c);
    let (mut at_a, mut at_b) = (gap(a)?, gap(b)?);
    for _ in 0..SECANTS {
        let next = b - at_b * (b - a) / (at_b - at_a);
        if !next.is_finite() || (next - b).abs() <= f64::EPSILON * b {
            break;
        }
        (a, at_a) = (b, at_b);
        (b, at_b) = (next, gap(next)?);
    }
    ((b - c).abs() <= reach * c).then_some(b)
}

/// Steps of the secant method.
const SECANTS: usize = 8;

/// True if no entry that reaches `w` (the first `n` numbers) changes with the curvature.
fn is_blind(there: &DMatrix<f64>, slope: &DMatrix<f64>, n: usize) -> bool {
    let felt = felt(there, n);
    felt.iter()
        .all(|row| felt.iter().all(|column| slope[(*row, *column)] == 0.0))
}

/// True if no mode grows but those that leave a direction of negative curvature.
fn within(jacobian: &DMatrix<f64>) -> Known<bool> {
    let modes = modes(jacobian).ok_or(Unknown::NoEigenvalues)?;
    Ok(are_within(&modes))
}

/// True if none of these modes, the largest first, grows but those that leave a direction of negative curvature.
fn are_within(modes: &[Complex<f64>]) -> bool {
    // Beside a large mode a small one is rounding.
    let largest = modes.first().map_or(0.0, |z| z.norm());
    let most = 1.0 + SLACK + BESIDE * largest;
    modes.iter().all(|z| z.norm() <= most || leaves(z))
}

/// The modes of [[a, b], [c, d]], the largest first; none where they are out of the range of numbers.
fn modes_of_two([[a, b], [c, d]]: [[f64; 2]; 2]) -> Option<[Complex<f64>; 2]> {
    let (middle, apart) = (0.5 * (a + d), 0.5 * (a - d));
    let square = apart * apart + b * c;
    let root = square.abs().sqrt();
    if !root.is_finite() || !middle.is_finite() {
        return None;
    }
    Some(if square < 0.0 {
        [root, -root].map(|it| Complex::new(middle, it))
    } else {
        let root = root.copysign(middle);
        [middle + root, middle - root].map(Complex::from)
    })
}

/// True for a mode that leaves a direction of negative curvature: it grows, if it does, without changing sides.
pub(super) fn leaves(z: &Complex<f64>) -> bool {
    z.re > 0.0 && z.im.abs() <= REAL * z.re
}

impl Decoupled {
    /// The curvature whose modes grow most under `c` times the Hessian.
    fn critical(&self, c: f64) -> Known<f64> {
        let mut critical = Err(Unknown::Flat);
        let mut most = 0.0;
        for curvature in &self.curvatures {
            let modes = modes(&self.along(c * curvature)).ok_or(Unknown::NoEigenvalues)?;
            let size = modes.iter().find(|z| !leaves(z)).map_or(0.0, |z| z.norm());
            if size > most {
                (critical, most) = (Ok(*curvature), size);
            }
        }
        critical
    }

    /// True if no mode of any direction grows under `c` times the Hessian.
    fn within(&self, c: f64) -> Known<bool> {
        for curvature in &self.curvatures {
            let few = self.few_modes(c * curvature);
            let is_within = match few {
                Some(modes) => are_within(&modes),
                None => within(&self.along(c * curvature))?,
            };
            if !is_within {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The modes along a direction of this curvature, the largest first, where the iteration there is of two numbers.
    fn few_modes(&self, curvature: f64) -> Option<[Complex<f64>; 2]> {
        if self.flat.nrows() != 2 {
            return None;
        }
        let entry = |row: usize, column: usize| {
            self.flat[(row, column)] + self.slope[(row, column)] * curvature
        };
        modes_of_two([[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_modes_of_two_numbers_are_those_of_their_matrix(
            entries in prop::array::uniform4(-2.0..2.0_f64),
            scale in prop::sample::select(&[1.0, 1e-4, 1e5][..]),
        ) {
            let [a, b, c, d] = entries;
            let (b, c) = (b * scale, c / scale);
            let known = modes(&DMatrix::from_row_slice(2, 2, &[a, b, c, d])).unwrap();
            let found = modes_of_two([[a, b], [c, d]]).unwrap();
            // Those that nearly coincide are known to half of the digits.
            let apart = (known[0] - known[1]).norm().max(1e-7);
            let tolerance = 1e-14 * (1.0 + (b * c).abs()) / apart;
            for (known, found) in known.iter().zip(&found) {
                let is_one_of_two = known.norm() - found.norm();
                prop_assert!(is_one_of_two.abs() <= tolerance, "{known} {found}");
            }
            let product = found[0] * found[1];
            prop_assert!((product.re - (a * d - b * c)).abs() <= 1e-13 * (1.0 + (b * c).abs()));
            prop_assert!((found[0].re + found[1].re - (a + d)).abs() <= 1e-14 * (a.abs() + d.abs() + 1.0));
        }
    }
}
