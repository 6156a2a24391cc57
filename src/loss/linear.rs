//! Linear regression: least squares (Legendre 1805), a quadratic whose minimum is known.

use super::{
    Design, Evaluator, Loss,
    fit::{LinearPredictor, Link},
    model::{Model, ModelSummary, Objective},
};
use crate::value::Real;
use nalgebra::DVector;
use std::sync::Arc;

/// Mean of (z - y)^2/2 over the rows, with a ridge.
#[derive(Debug, Clone)]
pub struct Linear {
    design: Arc<Design>,
    ridge: f64,
}

impl Linear {
    /// Fits the targets by a line in the features.
    #[must_use]
    pub fn new(design: Design, ridge: f64) -> Self {
        Self {
            design: design.into(),
            ridge,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Squares;

impl Link for Squares {
    #[inline]
    fn loss_and_slope(z: f64, y: f64) -> (f64, f64) {
        let off = z - y;
        (0.5 * off * off, off)
    }

    #[inline]
    fn bend(_: f64) -> f64 {
        1.0
    }

    #[inline]
    fn twist(_: f64) -> f64 {
        0.0
    }
}

impl Loss for Linear {
    fn dimension(&self) -> usize {
        self.design.width()
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(LinearPredictor::<Squares>::new(&self.design, self.ridge))
    }

    /// The solution of the normal equations, where there is just one.
    fn minima(&self) -> Vec<Vec<f64>> {
        let n = self.dimension();
        let mut evaluator = self.evaluator();
        let (mut w, mut gradient) = (DVector::zeros(n), DVector::zeros(n));
        let Some(factors) = evaluator.hessian(w.as_slice()).cholesky() else {
            return Vec::new();
        };
        // The second step takes off the rounding of the first.
        for _ in 0..2 {
            evaluator.value_and_gradient(w.as_slice(), gradient.as_mut_slice());
            w -= factors.solve(&gradient);
        }
        vec![w.as_slice().to_vec()]
    }

    fn is_quadratic(&self) -> bool {
        true
    }

    fn is_convex(&self) -> bool {
        true
    }

    fn model(&self) -> Option<ModelSummary> {
        Some(ModelSummary {
            name: Model::Linear,
            objective: Objective::Squares,
            rows: self.design.rows(),
            features: self.design.features.clone(),
            target: self.design.target.clone(),
            hidden: Vec::new(),
            ridge: Real(self.ridge),
        })
    }

    fn rows(&self) -> usize {
        self.design.rows()
    }
}
