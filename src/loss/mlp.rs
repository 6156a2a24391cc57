//! A small network: layers of tanh, then one linear output z (Rumelhart, Hinton & Williams 1986).
//!
//! The parameters of a layer are, for each of its units, a bias and a weight for each unit below. Targets
//! of 0 and 1 are fitted by the logistic loss ln(1 + e^z) - y z, all others by (z - y)^2/2. The backward
//! pass is written for any number type: on dual numbers its result is the Hessian times a vector
//! (Pearlmutter 1994), on hyper-dual ones the third derivative along two.

mod tangents;

use super::{
    Design, Evaluator, Loss,
    model::{Model, ModelSummary, Objective},
    noise::uniform,
};
use crate::{lang::smooth, value::Real};
use nalgebra::DMatrix;
use num_dual::{Dual64, HyperDual64};
use std::sync::Arc;
use tangents::{DIRECTIONS, Tangents, Unit};

/// A network on the rows of a table.
#[derive(Debug, Clone)]
pub struct Mlp {
    shape: Arc<Architecture>,
}

#[derive(Debug)]
struct Architecture {
    design: Design,
    /// Units of each layer, from the features to the output.
    sizes: Vec<usize>,
    ridge: f64,
    binary: bool,
}

impl Architecture {
    fn parameters(&self) -> usize {
        self.layers()
            .map(|(below, units)| units * (1 + below))
            .sum()
    }

    /// For each layer the units below it and its own.
    fn layers(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator + '_ {
        self.sizes.windows(2).map(|pair| (pair[0], pair[1]))
    }
}

impl Mlp {
    /// A network with hidden layers of these sizes.
    #[must_use]
    pub fn new(design: Design, hidden: &[usize], ridge: f64) -> Self {
        let mut sizes = vec![design.features.len()];
        sizes.extend(hidden);
        sizes.push(1);
        Self {
            shape: Arc::new(Architecture {
                binary: design.is_binary(),
                design,
                sizes,
                ridge,
            }),
        }
    }

    /// A place to start from: biases 0, weights uniform within sqrt(6/(below + units)) (Glorot & Bengio
    /// 2010, equation 16), a function of `seed`.
    #[must_use]
    pub fn start(&self, seed: u64) -> Vec<f64> {
        let mut w = Vec::with_capacity(self.shape.parameters());
        for (below, units) in self.shape.layers() {
            #[expect(clippy::cast_precision_loss, reason = "layers are small")]
            let bound = (6.0 / (below + units) as f64).sqrt();
            for _ in 0..units {
                let weight = |at: usize| bound * (2.0 * uniform(seed, at as u64) - 1.0);
                let first = w.len();
                w.extend(
                    (first..=first + below).map(|at| if at == first { 0.0 } else { weight(at) }),
                );
            }
        }
        w
    }
}

impl Loss for Mlp {
    fn dimension(&self) -> usize {
        self.shape.parameters()
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(MlpEvaluator {
            shape: Arc::clone(&self.shape),
            plain: Pass::default(),
            dual: Pass::default(),
            tangents: Pass::default(),
            hyper: Pass::default(),
        })
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn model(&self) -> Option<ModelSummary> {
        let design = &self.shape.design;
        let hidden = &self.shape.sizes[1..self.shape.sizes.len() - 1];
        Some(ModelSummary {
            name: Model::Mlp,
            objective: if self.shape.binary {
                Objective::Logistic
            } else {
                Objective::Squares
            },
            rows: design.rows(),
            features: design.features.clone(),
            target: design.target.clone(),
            hidden: hidden.to_vec(),
            ridge: Real(self.shape.ridge),
        })
    }

    fn rows(&self) -> usize {
        self.shape.design.rows()
    }
}

/// Scratch space of a forward and a backward pass.
#[derive(Debug)]
struct Pass<T> {
    /// The activation of every unit, the features first.
    units: Vec<T>,
    /// The loss's derivative by what every unit takes in.
    slopes: Vec<T>,
    gradient: Vec<T>,
    w: Vec<T>,
}

impl<T> Default for Pass<T> {
    fn default() -> Self {
        Self {
            units: Vec::new(),
            slopes: Vec::new(),
            gradient: Vec::new(),
            w: Vec::new(),
        }
    }
}

impl<T: Unit> Pass<T> {
    /// The loss at `self.w`.
    fn value(&mut self, shape: &Architecture) -> T {
        let zero = T::constant(0.0);
        let mut total = zero;
        for row in 0..shape.design.rows() {
            let (x, y) = shape.design.row(row);
            let z = self.forward(shape, &x[1..]);
            total = total + row_loss(shape, z, y).0;
        }
        let mut squares = zero;
        let mut weights = &*self.w;
        for (below, units) in shape.layers() {
            for _ in 0..units {
                let (unit, rest) = weights.split_at(1 + below);
                squares = unit[1..].iter().fold(squares, |sum, w| sum + *w * *w);
                weights = rest;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "no table has 2^53 rows")]
        let weight = T::constant(1.0 / shape.design.rows() as f64);
        total * weight + T::constant(shape.ridge) * squares * T::constant(0.5)
    }

    /// Writes the gradient at `self.w` and returns the loss, over `rows` or over all.
    fn run(&mut self, shape: &Architecture, rows: Option<&[u32]>) -> T {
        let zero = T::constant(0.0);
        self.gradient.clear();
        self.gradient.resize(self.w.len(), zero);
        let mut total = zero;
        let mut count = 0_u32;
        let mut visit = |row: usize| {
            let (x, y) = shape.design.row(row);
            let z = self.forward(shape, &x[1..]);
            let (loss, slope) = row_loss(shape, z, y);
            total = total + loss;
            count += 1;
            self.backward(shape, slope);
        };
        match rows {
            Some(rows) => rows.iter().for_each(|row| visit(*row as usize)),
            None => (0..shape.design.rows()).for_each(visit),
        }
        let weight = T::constant(1.0 / f64::from(count));
        let ridge = T::constant(shape.ridge);
        let mut squares = zero;
        let mut at = 0;
        for (below, units) in shape.layers() {
            for _ in 0..units {
                for weight_of in 0..=below {
                    let (w, g) = (self.w[at], &mut self.gradient[at]);
                    *g = *g * weight;
                    if weight_of > 0 {
                        *g = *g + ridge * w;
                        squares = squares + w * w;
                    }
                    at += 1;
                }
            }
        }
        total * weight + ridge * squares * T::constant(0.5)
    }

    /// The output for the features `x`.
    fn forward(&mut self, shape: &Architecture, x: &[f64]) -> T {
        self.units.clear();
        self.units.extend(x.iter().map(|x| T::constant(*x)));
        let mut from = 0;
        let mut at = 0;
        let last = shape.layers().len().saturating_sub(1);
        for (layer, (below, units)) in shape.layers().enumerate() {
            for _ in 0..units {
                let mut sum = self.w[at];
                let weights = &self.w[at + 1..=at + below];
                for (weight, unit) in weights.iter().zip(&self.units[from..from + below]) {
                    sum = sum + *weight * *unit;
                }
                at += 1 + below;
                self.units.push(if layer == last {
                    sum
                } else {
                    sum.smooth(&smooth::TANH)
                });
            }
            from += below;
        }
        self.units.last().copied().unwrap_or(T::constant(0.0))
    }

    /// Adds the gradient of one row, whose loss has this slope by the output.
    fn backward(&mut self, shape: &Architecture, slope: T) {
        let zero = T::constant(0.0);
        let one = T::constant(1.0);
        self.slopes.clear();
        self.slopes.resize(self.units.len(), zero);
        if let Some(last) = self.slopes.last_mut() {
            *last = slope;
        }
        let mut at = self.w.len();
        let mut to = self.units.len();
        for (below, units) in shape.layers().rev() {
            at -= units * (1 + below);
            let own = to - units;
            let under = own - below;
            for unit in 0..units {
                let slope = self.slopes[own + unit];
                let place = at + unit * (1 + below);
                self.gradient[place] = self.gradient[place] + slope;
                for k in 0..below {
                    let weight = place + 1 + k;
                    self.gradient[weight] = self.gradient[weight] + slope * self.units[under + k];
                    self.slopes[under + k] = self.slopes[under + k] + slope * self.w[weight];
                }
            }
            // tanh' = 1 - tanh^2; the features below the first layer need no slope.
            for k in under..own {
                let unit = self.units[k];
                self.slopes[k] = self.slopes[k] * (one - unit * unit);
            }
            to = own;
        }
    }
}

/// The loss of a row whose output is `z`, and its slope.
fn row_loss<T: Unit>(shape: &Architecture, z: T, y: f64) -> (T, T) {
    if shape.binary {
        logistic(z, y)
    } else {
        let off = z - T::constant(y);
        (off * off * T::constant(0.5), off)
    }
}

/// ln(1 + e^z) - y z and its slope, without overflow.
fn logistic<T: Unit>(z: T, y: f64) -> (T, T) {
    let one = T::constant(1.0);
    let rest = T::constant(y) * z;
    if z.real() >= 0.0 {
        let e = (-z).smooth(&smooth::EXP);
        (
            z + (one + e).smooth(&smooth::LN) - rest,
            one / (one + e) - T::constant(y),
        )
    } else {
        let e = z.smooth(&smooth::EXP);
        (
            (one + e).smooth(&smooth::LN) - rest,
            e / (one + e) - T::constant(y),
        )
    }
}

struct MlpEvaluator {
    shape: Arc<Architecture>,
    plain: Pass<f64>,
    dual: Pass<Dual64>,
    tangents: Pass<Tangents>,
    hyper: Pass<HyperDual64>,
}

impl MlpEvaluator {
    fn plain(&mut self, w: &[f64], rows: Option<&[u32]>, gradient: &mut [f64]) -> f64 {
        self.plain.w.clear();
        self.plain.w.extend(w);
        let value = self.plain.run(&self.shape, rows);
        gradient.copy_from_slice(&self.plain.gradient);
        value
    }
}

impl Evaluator for MlpEvaluator {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.plain.w.clear();
        self.plain.w.extend(w);
        self.plain.value(&self.shape)
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.plain(w, None, gradient)
    }

    fn batch_gradient(&mut self, w: &[f64], rows: &[u32], gradient: &mut [f64]) {
        self.plain(w, Some(rows), gradient);
    }

    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        self.dual.w.clear();
        let w = w.iter().zip(d);
        self.dual.w.extend(w.map(|(w, d)| Dual64::new(*w, *d)));
        self.dual.run(&self.shape, None);
        for (product, g) in product.iter_mut().zip(&self.dual.gradient) {
            *product = g.eps;
        }
    }

    /// Activations are computed once for some directions.
    fn hessian(&mut self, w: &[f64]) -> DMatrix<f64> {
        let n = w.len();
        let mut hessian = DMatrix::zeros(n, n);
        for first in (0..n).step_by(DIRECTIONS) {
            let along = w.iter().enumerate();
            let along = along.map(|(at, w)| Tangents::along(*w, at.checked_sub(first)));
            self.tangents.w.clear();
            self.tangents.w.extend(along);
            self.tangents.run(&self.shape, None);
            for (at, g) in self.tangents.gradient.iter().enumerate() {
                for (direction, eps) in (first..n).zip(g.eps) {
                    hessian[(at, direction)] = eps;
                }
            }
        }
        (&hessian + hessian.transpose()) * 0.5
    }

    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        self.hyper.w.clear();
        let w = w.iter().zip(d).zip(e);
        let w = w.map(|((w, d), e)| HyperDual64::new(*w, *d, *e, 0.0));
        self.hyper.w.extend(w);
        self.hyper.run(&self.shape, None);
        for (product, g) in product.iter_mut().zip(&self.hyper.gradient) {
            *product = g.eps1eps2;
        }
    }
}
