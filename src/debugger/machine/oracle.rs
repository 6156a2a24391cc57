//! Answers to a rule's calls to `grad`, `loss`, `hvp` and `hess`.

use super::as_number;
use crate::{
    lang::eval::Answers,
    loss::{Diagonal, Evaluator, Stochastic},
    rule::Compiled,
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
    /// Readies the arena for iteration `t`.
    #[inline(always)]
    pub fn begin(&mut self, t: u64, compiled: &Compiled, arena: &mut [f64]) {
        arena[compiled.t] = as_number(t);
        self.t = t;
        self.call = 0;
        if let Some(stochastic) = &mut self.stochastic
            && let Ok([w, gradient]) = arena.get_disjoint_mut(compiled.places())
        {
            let exact = self.exact.as_deref();
            stochastic.gradient(self.evaluator.as_mut(), w, exact, (t, 0), gradient);
        }
    }

    /// Writes the gradient where the arena is; returns the loss there and the gradient's norm. Within the caller where the loss
    /// is one that is looked at by `parts`.
    #[inline(always)]
    pub fn measure(
        &mut self,
        compiled: &Compiled,
        arena: &mut [f64],
        parts: Option<&Diagonal>,
    ) -> (f64, f64) {
        let Ok([w, gradient]) = arena.get_disjoint_mut(compiled.places()) else {
            return (f64::NAN, f64::NAN);
        };
        let gradient = self.exact.as_deref_mut().unwrap_or(gradient);
        match parts {
            Some(loss) => loss.measure_any(w, gradient),
            None => self.evaluator.measure(w, gradient),
        }
    }

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
