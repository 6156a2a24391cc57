//! The objective functions: losses, their derivatives, and the places worth knowing about them.
//!
//! A [`Loss`] is a description that can be shared between threads; an [`Evaluator`] made from it does
//! the work and owns the scratch space. A [`Landscape`] is a loss with its name, where to start, which
//! window to look through, and its known minima.

pub mod data;
mod declared_minimum;
mod file;
mod file_reader;
mod fit;
mod formula;
mod limits;
mod linear;
mod logistic;
mod mlp;
mod model;
mod noise;
mod quadratic;
mod registry;

pub use data::{DataTable, Design};
pub use file::{Definition, LossFile};
pub use formula::Formula;
pub use limits::Limits;
pub use linear::Linear;
pub use logistic::Logistic;
pub use mlp::Mlp;
pub use model::{Model, ModelConfig, ModelSummary, Objective};
pub use noise::{Noise, Stochastic};
pub use quadratic::{
    Diagonal, DiagonalPair, PartialSums, Quadratic, plane_rotation, random_rotation,
};
pub use registry::{DEFAULT, embedded, find, is_file, landscape, load, names};

use crate::lang::{
    number::Number,
    program::Program,
    wide::{LANES, Wide},
};
use nalgebra::DMatrix;
use std::{fmt, sync::Arc};

/// A function of `n` parameters that can be differentiated.
pub trait Loss: fmt::Debug + Send + Sync {
    /// The number of parameters.
    fn dimension(&self) -> usize;
    /// A worker with scratch space of its own.
    fn evaluator(&self) -> Box<dyn Evaluator>;
    /// The minima that are known, if any.
    fn minima(&self) -> Vec<Vec<f64>>;
    /// True if the Hessian is constant.
    fn is_quadratic(&self) -> bool;
    /// True if the loss is convex, so that a local minimum is the global one.
    fn is_convex(&self) -> bool {
        false
    }
    /// The loss as an expression that can be read again; none where it has no formula, or too long a one.
    fn formula(&self) -> Option<String> {
        None
    }
    /// The loss in the notation of mathematics, for a person to read, where it has no formula or a long one.
    fn description(&self) -> Option<String> {
        None
    }
    /// The model that is fitted, where the loss is that of one.
    fn model(&self) -> Option<ModelSummary> {
        None
    }
    /// The eigenvalues of the Hessian where it is known to be diagonal: then `lambda_i` belongs to axis i.
    fn diagonal(&self) -> Option<&[f64]> {
        None
    }
    /// The loss as a program over `w` whose first line is its value and whose second is its gradient, to be run on any
    /// numbers; none where it has data.
    fn program(&self) -> Option<Arc<Program>> {
        None
    }
    /// The product of the Hessian with a vector as a program over `w` and the vector, whose only line it is; none where
    /// there is no [program](Loss::program).
    fn curvature(&self) -> Option<Arc<Program>> {
        None
    }
    /// The number of data rows of which the loss is the mean; 0 if it has no data.
    fn rows(&self) -> usize {
        0
    }
    /// False where nothing is known of it but what a recorded run says of the places where it has been.
    fn is_known(&self) -> bool {
        true
    }
}

/// Computes a loss and its derivatives. Vectors have length [`Loss::dimension`].
pub trait Evaluator: Send {
    /// The loss at `w`.
    fn value(&mut self, w: &[f64]) -> f64;

    /// Writes the gradient at `w` and returns the loss there.
    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64;

    /// Writes the gradient at `w` of the mean over these rows alone; losses without rows have one gradient.
    fn batch_gradient(&mut self, w: &[f64], rows: &[u32], gradient: &mut [f64]) {
        let _ = rows;
        self.value_and_gradient(w, gradient);
    }

    /// The loss as one that can be looked at part by part, where it is a sum over parameters of that kind.
    fn by_parts(&self) -> Option<&Diagonal> {
        None
    }

    /// Writes the gradient at `w`; returns the loss there and the gradient's Euclidean norm.
    fn measure(&mut self, w: &[f64], gradient: &mut [f64]) -> (f64, f64) {
        let value = self.value_and_gradient(w, gradient);
        (value, norm(gradient))
    }

    /// The same at several places at once, lane by lane.
    fn measure_wide(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
        let (mut loss, mut norm) = (Wide([0.0; LANES]), Wide([0.0; LANES]));
        let mut slope = vec![0.0; w.len()];
        for lane in 0..LANES {
            let place: Vec<f64> = Wide::lane(w, lane).collect();
            (loss.0[lane], norm.0[lane]) = self.measure(&place, &mut slope);
            Wide::put_lane(gradient, lane, &slope);
        }
        (loss, norm)
    }

    /// Writes the Hessian at `w` times `d`.
    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]);

    /// Writes the derivative of the Hessian at `w` along `e`, times `d`.
    ///
    /// The default is a central difference of [`Evaluator::hessian_product`] with a step of `cbrt(eps)` times
    /// the size of `w`: right to some ten digits where third derivatives are of the size of the second ones.
    /// It serves predictions for rules that ask for the Hessian, or for gradients away from `w`.
    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        let length = norm(e);
        if length == 0.0 {
            product.fill(0.0);
            return;
        }
        let step = libm::cbrt(f64::EPSILON) * (1.0 + norm(w)) / length;
        let along = |sign: f64| -> Vec<f64> {
            let moved = w.iter().zip(e).map(|(w, e)| w + sign * step * e);
            moved.collect()
        };
        let mut behind = vec![0.0; w.len()];
        self.hessian_product(&along(-1.0), d, &mut behind);
        self.hessian_product(&along(1.0), d, product);
        for (ahead, behind) in product.iter_mut().zip(&behind) {
            *ahead = (*ahead - behind) / (2.0 * step);
        }
    }

    /// The Hessian at `w`, symmetric to the last bit.
    fn hessian(&mut self, w: &[f64]) -> DMatrix<f64> {
        let n = w.len();
        let mut hessian = DMatrix::zeros(n, n);
        let mut unit = vec![0.0; n];
        let mut column = vec![0.0; n];
        for at in 0..n {
            unit[at] = 1.0;
            self.hessian_product(w, &unit, &mut column);
            hessian.column_mut(at).copy_from_slice(&column);
            unit[at] = 0.0;
        }
        (&hessian + hessian.transpose()) * 0.5
    }
}

/// A rectangle of the plane of two coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extents {
    /// From and to, horizontally.
    pub x: (f64, f64),
    /// From and to, vertically.
    pub y: (f64, f64),
}

/// A loss and what is known about it.
#[derive(Debug, Clone)]
pub struct Landscape {
    /// The name.
    pub name: String,
    /// The function.
    pub loss: Arc<dyn Loss>,
    /// The default start of a run, `[n]`.
    pub start: Vec<f64>,
    /// The default window, for two coordinates.
    pub window: Option<Extents>,
    /// A run has left when some `abs(w[i])` reaches this.
    pub bound: f64,
}

/// The Euclidean norm, by plain summation.
#[inline]
fn norm<T: Number>(v: &[T]) -> T {
    if let [a, b] = v {
        return (*a * *a + *b * *b).sqrt();
    }
    let (lanes, rest) = v.as_chunks::<8>();
    let zero = T::constant(0.0);
    let mut running = [zero; 8];
    for chunk in lanes {
        for (total, value) in running.iter_mut().zip(chunk) {
            *total = *total + *value * *value;
        }
    }
    let total = running.into_iter().fold(zero, |sum, it| sum + it);
    rest.iter()
        .fold(total, |total, value| total + *value * *value)
        .sqrt()
}
