//! How far an iteration is from instability.
//!
//! The Hessian is imagined c times as large as it is, everywhere. The edge is the least c at which a mode
//! reaches |z| = 1, those apart that grow without changing sides: they leave a direction that curves
//! downward, which any step size does. For gradient descent that is eta*lambda_max*c = 2, for heavy ball 2 + 2*beta; with the
//! scales P of an adaptive rule held it is the largest eigenvalue of P^-1/2 H P^-1/2 that counts, whose
//! limit for Adam is (2 + 2*beta1)/((1 - beta1)*eta): 38/eta at 0.9 (Cohen et al. 2022).

use super::{Boundary, Moving, modes};
use crate::{analysis::Spectrum, loss::Evaluator};
use nalgebra::{Complex, DMatrix};

/// Where the edge is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The curvature as a share of the largest stable one, 1/c: stable below 1.
    pub share: f64,
    /// The largest eigenvalue that the Hessian could have: c*lambda_max.
    pub curvature: f64,
}

/// A mode may exceed modulus 1 by this much and still count as on it.
const SLACK: f64 = 1e-9;
/// A mode counts as real where its imaginary part is this small a share of it.
const REAL: f64 = 1e-6;
/// The curvature is varied by up to this factor, either way.
const REACH: f64 = 1e30;
/// The edge is found to this share of itself, or less finely where each look takes long.
const PRECISION: f64 = 1e-8;
const ROUGH: f64 = 1e-4;
/// So large a matrix takes long.
const LARGE: usize = 16;

/// The edge for the iteration after `at`; `None` if every curvature is stable, as where all directions curve
/// downward, or none is.
pub(super) fn find(
    moving: &mut Moving,
    evaluator: &mut dyn Evaluator,
    at: Boundary,
) -> Option<Edge> {
    let w = &at.kept[..moving.jacobian.compiled().dimension()];
    let spectrum = Spectrum::of(&evaluator.hessian(w))?;
    let flat = moving.at(evaluator, at, 0.0);
    let there = moving.at(evaluator, at, 1.0);
    let twice = moving.at(evaluator, at, 2.0);
    let slope = &there - &flat;
    // A gradient taken after a gradient step would make it a polynomial in c.
    let scale = twice.amax().max(1.0);
    let is_affine = (&there + &slope - &twice).amax() <= 1e-9 * scale;
    // Where errors keep to their directions, each is looked at alone, which is much faster.
    let parts = is_affine
        .then(|| {
            let flat = moving.blocks(&flat, &spectrum)?;
            Some((flat, moving.blocks(&slope, &spectrum)?))
        })
        .flatten();
    let leaves = |z: &Complex<f64>| z.re > 0.0 && z.im.abs() <= REAL * z.re;
    let within = |jacobian: &DMatrix<f64>| {
        let modes = modes(jacobian);
        modes.is_some_and(|it| it.iter().all(|z| z.norm() <= 1.0 + SLACK || leaves(z)))
    };
    let precision = if parts.is_some() || flat.nrows() <= LARGE {
        PRECISION
    } else {
        ROUGH
    };
    let mut is_stable = |c: f64| {
        if let Some((flat, slope)) = &parts {
            let mut both = flat.iter().zip(slope);
            return both.all(|(flat, slope)| within(&(flat + slope * c)));
        }
        let jacobian: DMatrix<f64> = if is_affine {
            &flat + &slope * c
        } else {
            moving.at(evaluator, at, c)
        };
        within(&jacobian)
    };
    if !is_stable(1.0 / REACH) || is_stable(REACH) {
        return None;
    }
    let (mut low, mut high) = (1.0, 1.0);
    if is_stable(1.0) {
        high = 2.0;
        while is_stable(high) {
            (low, high) = (high, 2.0 * high);
        }
    } else {
        low = 0.5;
        while !is_stable(low) {
            (low, high) = (0.5 * low, low);
        }
    }
    while high - low > precision * high {
        let middle = 0.5 * (low + high);
        if is_stable(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(Edge {
        share: 1.0 / low,
        curvature: low * spectrum.largest(),
    })
}
