//! Derivatives as limits, where a formula's own are `0 * inf` at the place itself.

use crate::lang::{eval::NoAnswers, expansion::Expansion, program::Program};
use std::sync::Arc;

/// The gradient of a loss around a place. Each method fills in the elements that are NaN, where it can.
#[derive(Debug, Clone)]
pub struct Limits {
    program: Arc<Program>,
    arena: Vec<Expansion>,
}

impl Limits {
    /// For a program whose first two variables are a loss and its gradient.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        let mut arena = program.arena();
        program.refresh(&mut arena);
        Self { program, arena }
    }

    /// The gradient at `w`: the mean of its limits on two sides; with a kink there it is a subgradient.
    pub fn gradient(&mut self, w: &[f64], gradient: &mut [f64]) {
        let limits = self.derivative(w, &generic(w.len()), 0);
        fill(gradient, &limits);
    }

    /// The Hessian at `w` times `d`, if there is one.
    pub fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        let along = self.derivative(w, d, 1);
        // What does not add up is not a matrix times a direction.
        let other = generic(w.len());
        let apart = self.derivative(w, &other, 1);
        let together = self.derivative(w, &sum(d, &other), 1);
        let adds_up =
            |at: usize| same(along[at] + apart[at], together[at]) || along[at].is_infinite();
        let limits: Vec<f64> = (0..w.len())
            .map(|at| if adds_up(at) { along[at] } else { f64::NAN })
            .collect();
        fill(product, &limits);
    }

    /// The third derivative at `w` along `d` and `e`, by its values along their sum and each of them.
    pub fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        let [both, first, second] = [&sum(d, e), d, e].map(|it| self.derivative(w, it, 2));
        let limits: Vec<f64> = (0..w.len())
            .map(|at| 0.5 * (both[at] - first[at] - second[at]))
            .collect();
        fill(product, &limits);
    }

    /// The derivative of the gradient along `d`, of this order.
    fn derivative(&mut self, w: &[f64], d: &[f64], order: u8) -> Vec<f64> {
        let ahead = self.on_one_side(w, d, order);
        let back: Vec<f64> = d.iter().map(|it| -it).collect();
        let behind = self.on_one_side(w, &back, order);
        let turned = if order == 1 { -1.0 } else { 1.0 };
        let mean = |(a, b): (&f64, &f64)| match (a.is_nan(), b.is_nan()) {
            (true, _) => turned * b,
            (_, true) => *a,
            _ if same(*a, turned * b) => *a,
            _ => 0.5 * (a + turned * b),
        };
        ahead.iter().zip(&behind).map(mean).collect()
    }

    fn on_one_side(&mut self, w: &[f64], d: &[f64], order: u8) -> Vec<f64> {
        for ((place, w), d) in self.arena[self.program.input(0)].iter_mut().zip(w).zip(d) {
            *place = Expansion::at(*w, *d);
        }
        self.program.run_all(&mut self.arena, &mut NoAnswers);
        let slopes = self.arena[self.program.variable(1)].iter();
        slopes.map(|it| it.derivative(order)).collect()
    }
}

fn fill(numbers: &mut [f64], limits: &[f64]) {
    for (number, limit) in numbers.iter_mut().zip(limits) {
        if number.is_nan() {
            *number = *limit;
        }
    }
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// A direction along which nothing cancels that does not do so everywhere.
fn generic(n: usize) -> Vec<f64> {
    let mut part = 0.0_f64;
    let next = |_| {
        part = (part + 0.618_033_988_749_894_9).fract();
        1.0 + part
    };
    (0..n).map(next).collect()
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}
