//! Answers to a rule's questions on dual numbers: derivatives of a loss along the derivatives of its
//! argument.
//!
//! ```text
//! f(w + eps d) = f + eps g.d      g(w + eps d) = g + eps H d      H(w + eps e) d = H d + eps T(e) d
//! ```

use crate::{lang::eval::Answers, loss::Evaluator};
use num_dual::Dual64;

/// Asks `evaluator`, never with noise, and scales what depends on the curvature.
pub struct DualAnswers<'a> {
    /// Computes the loss.
    pub evaluator: &'a mut dyn Evaluator,
    /// The Hessian counts so many times as an answer's derivative; 1 for the loss as it is.
    pub curvature: f64,
    /// Gradients given out so far in this iteration; that at its start counts as one.
    pub calls: usize,
    /// The gradient (by its number, from 0) and the element of it that is a variable besides.
    pub nudge: Option<(usize, usize)>,
}

impl<'a> DualAnswers<'a> {
    /// For one iteration of a rule.
    pub fn new(evaluator: &'a mut dyn Evaluator, curvature: f64) -> Self {
        Self {
            evaluator,
            curvature,
            calls: 1,
            nudge: None,
        }
    }
}

fn split(v: &[Dual64]) -> (Vec<f64>, Vec<f64>) {
    v.iter().map(|v| (v.re, v.eps)).unzip()
}

impl Answers<Dual64> for DualAnswers<'_> {
    fn value(&mut self, v: &[Dual64]) -> Dual64 {
        let (w, d) = split(v);
        let mut gradient = vec![0.0; w.len()];
        let value = self.evaluator.value_and_gradient(&w, &mut gradient);
        Dual64::new(value, gradient.iter().zip(&d).map(|(g, d)| g * d).sum())
    }

    fn gradient(&mut self, v: &[Dual64], out: &mut [Dual64]) {
        let (w, d) = split(v);
        let (mut gradient, mut product) = (vec![0.0; w.len()], vec![0.0; w.len()]);
        self.evaluator.value_and_gradient(&w, &mut gradient);
        if d.iter().any(|d| *d != 0.0) {
            self.evaluator.hessian_product(&w, &d, &mut product);
        }
        for ((out, re), eps) in out.iter_mut().zip(gradient).zip(product) {
            *out = Dual64::new(re, self.curvature * eps);
        }
        if let Some((call, element)) = self.nudge
            && call == self.calls
        {
            out[element].eps += 1.0;
        }
        self.calls += 1;
    }

    fn hessian_product(&mut self, v: &[Dual64], d: &[Dual64], out: &mut [Dual64]) {
        let (w, e) = split(v);
        let (d, d_eps) = split(d);
        let n = w.len();
        let (mut plain, mut along, mut third) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        self.evaluator.hessian_product(&w, &d, &mut plain);
        self.evaluator.hessian_product(&w, &d_eps, &mut along);
        self.evaluator.third_product(&w, &d, &e, &mut third);
        for (at, out) in out.iter_mut().enumerate() {
            *out = Dual64::new(plain[at], self.curvature * (along[at] + third[at]));
        }
    }
}
