//! `0.5 (w - w*)' H (w - w*)`, with everything about it in closed form.

use super::{Evaluator, Loss};
use crate::lang::number::Number;
use nalgebra::DMatrix;
use std::sync::Arc;

/// A quadratic bowl or valley, given by the eigenvalues of its Hessian.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadratic {
    hessian: Hessian,
    eigenvalues: Vec<f64>,
    minimum: Arc<[f64]>,
    /// Degrees by which a plane quadratic is turned, counter-clockwise.
    degrees: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Hessian {
    Diagonal(Arc<[f64]>),
    /// The symmetric 2x2 matrix `[[a, b], [b, c]]`.
    Plane([f64; 3]),
}

impl Quadratic {
    /// Eigenvalues along the axes, and the minimum; turned by `degrees` about it when `n` is 2.
    ///
    /// # Errors
    /// No eigenvalue, one that is not finite, lengths that differ, a turn in other than two dimensions.
    pub fn new(eigenvalues: &[f64], minimum: &[f64], degrees: f64) -> Result<Self, String> {
        let n = eigenvalues.len();
        if n == 0 {
            return Err("a quadratic needs at least one eigenvalue".into());
        }
        if minimum.len() != n {
            return Err(format!(
                "{n} eigenvalues need a minimum of {n} coordinates, not {}",
                minimum.len()
            ));
        }
        if let Some(bad) = eigenvalues
            .iter()
            .chain(minimum)
            .find(|value| !value.is_finite())
        {
            return Err(format!("{bad} is not a finite number"));
        }
        if eigenvalues.iter().all(|value| *value == 0.0) {
            return Err("all eigenvalues are 0, so the loss is flat".into());
        }
        if !degrees.is_finite() {
            return Err(format!("{degrees} is not an angle in degrees"));
        }
        let hessian = if degrees == 0.0 {
            Hessian::Diagonal(eigenvalues.into())
        } else if n == 2 {
            Hessian::Plane(turned(eigenvalues, degrees))
        } else {
            return Err(format!(
                "only a plane can be turned by an angle, and n is {n}"
            ));
        };
        Ok(Self {
            hessian,
            eigenvalues: eigenvalues.to_vec(),
            minimum: minimum.into(),
            degrees,
        })
    }

    /// The eigenvalues as they were given.
    #[must_use]
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// The angle in degrees by which it is turned.
    #[must_use]
    pub fn degrees(&self) -> f64 {
        self.degrees
    }

    /// Where it is smallest (or stationary, if an eigenvalue is negative).
    #[must_use]
    pub fn minimum(&self) -> &[f64] {
        &self.minimum
    }
}

/// R diag(l) R' for the rotation R by `degrees`.
fn turned(eigenvalues: &[f64], degrees: f64) -> [f64; 3] {
    let angle = degrees.to_radians();
    let (c, s) = (Number::cos(angle), Number::sin(angle));
    let (first, second) = (eigenvalues[0], eigenvalues[1]);
    [
        first * c * c + second * s * s,
        (first - second) * s * c,
        first * s * s + second * c * c,
    ]
}

impl Loss for Quadratic {
    fn dimension(&self) -> usize {
        self.minimum.len()
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        match &self.hessian {
            Hessian::Diagonal(diagonal) => Box::new(Diagonal {
                diagonal: Arc::clone(diagonal),
                minimum: Arc::clone(&self.minimum),
            }),
            Hessian::Plane(matrix) => Box::new(Plane {
                matrix: *matrix,
                minimum: [self.minimum[0], self.minimum[1]],
            }),
        }
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        if self.eigenvalues.iter().all(|value| *value >= 0.0) {
            vec![self.minimum.to_vec()]
        } else {
            Vec::new()
        }
    }

    fn is_quadratic(&self) -> bool {
        true
    }

    fn formula(&self) -> String {
        let term =
            |at: usize, factor: f64| format!("{factor}*(w[{}]-{})^2", at + 1, self.minimum[at]);
        match &self.hessian {
            Hessian::Diagonal(diagonal) if diagonal.len() <= 8 => {
                let terms: Vec<String> = diagonal
                    .iter()
                    .enumerate()
                    .map(|(at, l)| term(at, *l))
                    .collect();
                format!("0.5*({})", terms.join(" + "))
            }
            Hessian::Diagonal(diagonal) => {
                format!("0.5*sum(lambda[i]*(w[i]-w*[i])^2), n = {}", diagonal.len())
            }
            Hessian::Plane([a, b, c]) => format!(
                "0.5*({} + {}*(w[1]-{})*(w[2]-{}) + {})",
                term(0, *a),
                2.0 * b,
                self.minimum[0],
                self.minimum[1],
                term(1, *c)
            ),
        }
    }

    fn diagonal(&self) -> Option<&[f64]> {
        match &self.hessian {
            Hessian::Diagonal(diagonal) => Some(diagonal),
            Hessian::Plane(_) => None,
        }
    }
}

struct Diagonal {
    diagonal: Arc<[f64]>,
    minimum: Arc<[f64]>,
}

impl Evaluator for Diagonal {
    fn value(&mut self, w: &[f64]) -> f64 {
        let terms = w.iter().zip(&*self.minimum).zip(&*self.diagonal);
        0.5 * sum(terms, |((w, minimum), lambda)| {
            let d = w - minimum;
            lambda * (d * d)
        })
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let terms = gradient
            .iter_mut()
            .zip(w)
            .zip(&*self.minimum)
            .zip(&*self.diagonal);
        0.5 * sum(terms, |(((gradient, w), minimum), lambda)| {
            let d = w - minimum;
            *gradient = lambda * d;
            lambda * (d * d)
        })
    }

    fn hessian_product(&mut self, _: &[f64], d: &[f64], product: &mut [f64]) {
        for ((product, d), lambda) in product.iter_mut().zip(d).zip(&*self.diagonal) {
            *product = lambda * d;
        }
    }

    fn third_product(&mut self, _: &[f64], _: &[f64], _: &[f64], product: &mut [f64]) {
        product.fill(0.0);
    }
}

/// Adds in four running sums, so that long sums are neither slow nor inexact; short ones in order.
#[inline]
fn sum<T>(mut terms: impl ExactSizeIterator<Item = T>, mut term: impl FnMut(T) -> f64) -> f64 {
    if terms.len() < 8 {
        return terms.fold(0.0, |total, it| total + term(it));
    }
    let mut running = [0.0; 4];
    let whole = terms.len() / 4;
    for _ in 0..whole {
        for total in &mut running {
            if let Some(it) = terms.next() {
                *total += term(it);
            }
        }
    }
    let joined = (running[0] + running[1]) + (running[2] + running[3]);
    terms.fold(joined, |total, it| total + term(it))
}

struct Plane {
    matrix: [f64; 3],
    minimum: [f64; 2],
}

impl Plane {
    fn times(&self, d: [f64; 2]) -> [f64; 2] {
        let [a, b, c] = self.matrix;
        [a * d[0] + b * d[1], b * d[0] + c * d[1]]
    }

    fn error(&self, w: &[f64]) -> [f64; 2] {
        [w[0] - self.minimum[0], w[1] - self.minimum[1]]
    }
}

impl Evaluator for Plane {
    fn value(&mut self, w: &[f64]) -> f64 {
        let d = self.error(w);
        let h = self.times(d);
        0.5 * (d[0] * h[0] + d[1] * h[1])
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let d = self.error(w);
        let h = self.times(d);
        gradient.copy_from_slice(&h);
        0.5 * (d[0] * h[0] + d[1] * h[1])
    }

    fn hessian_product(&mut self, _: &[f64], d: &[f64], product: &mut [f64]) {
        product.copy_from_slice(&self.times([d[0], d[1]]));
    }

    fn third_product(&mut self, _: &[f64], _: &[f64], _: &[f64], product: &mut [f64]) {
        product.fill(0.0);
    }

    fn hessian(&mut self, _: &[f64]) -> DMatrix<f64> {
        let [a, b, c] = self.matrix;
        DMatrix::from_row_slice(2, 2, &[a, b, b, c])
    }
}
