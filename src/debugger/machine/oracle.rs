//! Answers to a rule's calls to `grad`, `loss`, `hvp` and `hess`.

use crate::{
    lang::eval::Answers,
    loss::{Evaluator, Stochastic},
};

/// Answers the rule's questions, with noise where the run has some.
pub(super) struct LossOracle {
    pub evaluator: Box<dyn Evaluator>,
    pub stochastic: Option<Stochastic>,
    /// The exact gradient at the start of the iteration, kept apart where the rule sees a noisy one.
    pub exact: Option<Vec<f64>>,
    pub t: u64,
    /// Gradients given out in this iteration; that at its start counts as call 0.
    pub call: u64,
    /// The points, `[n]` each, of this iteration's gradients, while it runs line by line.
    pub probes: Vec<Vec<f64>>,
    /// True where it runs line by line.
    pub by_lines: bool,
}

impl Answers<f64> for LossOracle {
    fn value(&mut self, v: &[f64]) -> f64 {
        self.evaluator.value(v)
    }

    #[inline(always)]
    fn gradient(&mut self, v: &[f64], gradient: &mut [f64]) {
        if let Some(loss) = self.evaluator.by_parts()
            && self.stochastic.is_none()
            && !self.by_lines
            && loss.measure_plane(v, gradient).is_some()
        {
            return;
        }
        self.gradient_apart(v, gradient);
    }

    fn hessian_product(&mut self, v: &[f64], d: &[f64], product: &mut [f64]) {
        self.evaluator.hessian_product(v, d, product);
    }

    fn hessian(&mut self, v: &[f64], hessian: &mut [f64]) {
        // Symmetric, so rows are columns.
        hessian.copy_from_slice(self.evaluator.hessian(v).as_slice());
    }
}

impl LossOracle {
    #[inline(never)]
    fn gradient_apart(&mut self, v: &[f64], gradient: &mut [f64]) {
        if self.by_lines {
            self.probes.push(v.to_vec());
        }
        let evaluator = self.evaluator.as_mut();
        if let Some(stochastic) = &mut self.stochastic {
            self.call += 1;
            stochastic.gradient(evaluator, v, None, (self.t, self.call), gradient);
        } else {
            evaluator.value_and_gradient(v, gradient);
        }
    }
}
