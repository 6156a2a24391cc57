//! The spectral radius of an iteration: what it multiplies errors by in the long run.
//!
//! Where the rule is linear and the loss quadratic that holds from everywhere, and nothing has to be run: an
//! error grows for good where the radius is above 1, and shrinks where it is below. Directions without
//! curvature, along which nothing moves, are left out.

use super::{Blocks, Boundary, Stability, modes, observed};
use crate::{
    analysis::{Known, Reference, Unknown},
    loss::Evaluator,
};
use nalgebra::{Complex, DMatrix};

impl Stability {
    /// True where the iteration after `at` leaves `w` and all states as they are.
    pub fn rests(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> bool {
        self.whole.at(evaluator, at, 1.0);
        let next = self.whole.jacobian.next();
        at.kept.get(..next.len()) == Some(next)
    }

    /// The radius of the iterations after `at`, of a linear rule on a quadratic.
    ///
    /// # Errors
    /// They are not linear, or nothing curves.
    pub fn radius(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<f64> {
        let curvature = self.curvature(evaluator, self.whole.w(at));
        let moving = &mut self.whole;
        // The first iteration may differ from all later ones.
        let there = moving.at(evaluator, at, 1.0);
        let next = moving.jacobian.next().to_vec();
        let after = Boundary {
            t: at.t + 1,
            kept: &next,
            ..at
        };
        moving.linear(evaluator, after).ok_or(Unknown::NotLinear)?;
        moving.recurring_after(evaluator, at, there, next);
        moving.blocks(evaluator, at, &curvature)?.radius()
    }

    /// The radius at the minimum of `reference`, with states of 0: of small errors, for a smooth rule.
    ///
    /// # Errors
    /// The rule keeps a scale, or does not rest there.
    pub fn radius_at_minimum(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        reference: &Reference,
    ) -> Known<f64> {
        if self.held.is_some() {
            return Err(Unknown::NotLinear);
        }
        reference.eigenbasis().ok_or(Unknown::NoMinimum)?;
        let moving = &mut self.whole;
        let recurring = moving.recurring(evaluator, at);
        let at = recurring.boundary(at.settings);
        let fixed = moving.fixed_point(evaluator, at, reference);
        let fixed = fixed.ok_or(Unknown::NotSettling)?;
        let mut kept = at.kept.to_vec();
        for (place, value) in moving.places.iter().zip(fixed.iter()) {
            kept[*place] = *value;
        }
        let there = Boundary { kept: &kept, ..at };
        let curvature = self.curvature(evaluator, self.whole.w(there));
        self.whole.blocks(evaluator, there, &curvature)?.radius()
    }
}

impl Blocks {
    fn radius(&self) -> Known<f64> {
        let Some(parts) = &self.parts else {
            return largest(&observed(&self.there, self.size()));
        };
        let mut radius = Err(Unknown::Flat);
        for curvature in parts.curved() {
            let along = largest(&observed(&parts.along(curvature), 1))?;
            radius = Ok(radius.map_or(along, |so_far: f64| so_far.max(along)));
        }
        radius
    }
}

/// The largest modulus of the modes of `matrix`.
fn largest(matrix: &DMatrix<f64>) -> Known<f64> {
    let modes = modes(matrix).ok_or(Unknown::NoEigenvalues)?;
    modes
        .first()
        .map(|z: &Complex<f64>| z.norm())
        .ok_or(Unknown::Flat)
}
