//! The curvature that an iteration feeds on: that of the loss where it takes its gradients, which need not be at `w`.
//!
//! An error that grows without changing sides leaves a direction of negative curvature. Found here is that curvature, by
//! the Hessians themselves, and without the modes of the iteration.

use super::{Boundary, Stability};
use crate::{
    analysis::{Known, Spectrum, Unknown},
    loss::Evaluator,
};
use nalgebra::DMatrix;

/// The derivatives of the loss on which an iteration's own derivative depends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feeding {
    /// The least eigenvalue of the Hessians at the places where gradients are taken.
    pub least: f64,
    /// True if third derivatives count, as for a rule that divides by the Hessian.
    pub third: bool,
}

impl Stability {
    /// What the derivative of the iteration after `at` depends on.
    ///
    /// # Errors
    /// A Hessian is not finite.
    pub fn feeding(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<Feeding> {
        let moving = self.local();
        let recurring = moving.recurring(evaluator, at);
        let mut noted = Noted {
            evaluator,
            places: Vec::new(),
            third: false,
        };
        moving.at(&mut noted, recurring.boundary(at.settings), 1.0);
        let Noted { places, third, .. } = noted;
        let mut least = f64::INFINITY;
        for w in places {
            let spectrum = Spectrum::of(&evaluator.hessian(&w)).ok_or(Unknown::NoHessian)?;
            least = least.min(spectrum.smallest());
        }
        Ok(Feeding { least, third })
    }

    /// True if the step of the iteration after `at` depends on `w` itself: were gradients the same everywhere, it would
    /// be another one elsewhere.
    pub fn steps_by_w(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> bool {
        /// What rounding leaves of a step.
        const LEAST: f64 = 1e-9;
        let moving = self.local();
        let recurring = moving.recurring(evaluator, at);
        let flat = moving.at(evaluator, recurring.boundary(at.settings), 0.0);
        let n = moving.jacobian.compiled().dimension();
        (0..n).any(|i| {
            let moved = |j: usize| flat[(i, j)] - f64::from(u8::from(i == j));
            (0..n).any(|j| moved(j).abs() > LEAST)
        })
    }
}

/// A loss that notes what is asked of it.
struct Noted<'a> {
    evaluator: &'a mut dyn Evaluator,
    /// The places of the gradients, each once.
    places: Vec<Vec<f64>>,
    third: bool,
}

impl Evaluator for Noted<'_> {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.evaluator.value(w)
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        if !self.places.iter().any(|known| known == w) {
            self.places.push(w.to_vec());
        }
        self.evaluator.value_and_gradient(w, gradient)
    }

    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        self.evaluator.hessian_product(w, d, product);
    }

    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        self.third = true;
        self.evaluator.third_product(w, d, e, product);
    }

    fn hessian(&mut self, w: &[f64]) -> DMatrix<f64> {
        self.evaluator.hessian(w)
    }
}
