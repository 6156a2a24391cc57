//! The evaluators of quadratics: along the axes, in the plane, of any symmetric matrix.

use crate::loss::Evaluator;
use nalgebra::{DMatrix, DVector};
use std::{array::from_fn, sync::Arc};

pub(super) struct Diagonal {
    pub diagonal: Arc<[f64]>,
    pub minimum: Arc<[f64]>,
}

/// Elements that are summed side by side, so that long sums are neither slow nor inexact.
const LANES: usize = 8;

/// Adds the lanes in pairs.
fn joined(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

impl Diagonal {
    /// Twice the loss and the gradient's square, in one pass; `keep` is given the gradient piece by piece.
    #[inline]
    fn pass(&self, w: &[f64], mut keep: impl FnMut(usize, &[f64])) -> (f64, f64) {
        let (minimum, diagonal) = (&self.minimum[..w.len()], &self.diagonal[..w.len()]);
        let (w_lanes, w_rest) = w.as_chunks::<LANES>();
        let (minimum_lanes, minimum_rest) = minimum.as_chunks::<LANES>();
        let (diagonal_lanes, diagonal_rest) = diagonal.as_chunks::<LANES>();
        let (mut values, mut squares) = ([0.0; LANES], [0.0; LANES]);
        let mut at = 0;
        for ((w, minimum), lambda) in w_lanes.iter().zip(minimum_lanes).zip(diagonal_lanes) {
            let d: [f64; LANES] = from_fn(|k| w[k] - minimum[k]);
            let slope: [f64; LANES] = from_fn(|k| lambda[k] * d[k]);
            values = from_fn(|k| values[k] + lambda[k] * (d[k] * d[k]));
            squares = from_fn(|k| squares[k] + slope[k] * slope[k]);
            keep(at, &slope);
            at += LANES;
        }
        let (mut value, mut square) = (joined(values), joined(squares));
        for ((w, minimum), lambda) in w_rest.iter().zip(minimum_rest).zip(diagonal_rest) {
            let d = w - minimum;
            let slope = lambda * d;
            value += lambda * (d * d);
            square += slope * slope;
            keep(at, &[slope]);
            at += 1;
        }
        (value, square)
    }
}

impl Evaluator for Diagonal {
    fn value(&mut self, w: &[f64]) -> f64 {
        0.5 * self.pass(w, |_, _| {}).0
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.measure(w, gradient).0
    }

    fn measure(&mut self, w: &[f64], gradient: &mut [f64]) -> (f64, f64) {
        let (value, square) = self.pass(w, |at, slope| {
            gradient[at..at + slope.len()].copy_from_slice(slope);
        });
        (0.5 * value, square.sqrt())
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

pub(super) struct PlanarQuadratic {
    pub matrix: [f64; 3],
    pub minimum: [f64; 2],
}

impl PlanarQuadratic {
    fn times(&self, d: [f64; 2]) -> [f64; 2] {
        let [a, b, c] = self.matrix;
        [a * d[0] + b * d[1], b * d[0] + c * d[1]]
    }

    fn error(&self, w: &[f64]) -> [f64; 2] {
        [w[0] - self.minimum[0], w[1] - self.minimum[1]]
    }
}

impl Evaluator for PlanarQuadratic {
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

pub(super) struct DenseQuadratic {
    pub matrix: Arc<DMatrix<f64>>,
    pub minimum: DVector<f64>,
    /// w - w*, where it was last looked at.
    pub error: DVector<f64>,
    /// H (w - w*) there.
    pub slope: DVector<f64>,
}

impl DenseQuadratic {
    /// The loss at `w`, with its error and slope.
    fn look(&mut self, w: &[f64]) -> f64 {
        for (error, (w, minimum)) in self.error.iter_mut().zip(w.iter().zip(&self.minimum)) {
            *error = w - minimum;
        }
        self.slope.gemv(1.0, &self.matrix, &self.error, 0.0);
        0.5 * self.error.dot(&self.slope)
    }
}

impl Evaluator for DenseQuadratic {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.look(w)
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let value = self.look(w);
        gradient.copy_from_slice(self.slope.as_slice());
        value
    }

    fn hessian_product(&mut self, _: &[f64], d: &[f64], product: &mut [f64]) {
        let slope = &*self.matrix * DVector::from_row_slice(d);
        product.copy_from_slice(slope.as_slice());
    }

    fn third_product(&mut self, _: &[f64], _: &[f64], _: &[f64], product: &mut [f64]) {
        product.fill(0.0);
    }

    fn hessian(&mut self, _: &[f64]) -> DMatrix<f64> {
        (*self.matrix).clone()
    }
}
