//! The evaluators of quadratics: along the axes, in the plane, of any symmetric matrix.

use crate::{
    lang::{
        number::{Number, each},
        wide::Wide,
    },
    loss::{Evaluator, norm},
};
use nalgebra::{DMatrix, DVector};
use pulp::{Arch, Simd, WithSimd};
use std::{array::from_fn, sync::Arc};

/// A quadratic along the axes: a sum over parameters, which can be looked at part by part.
#[derive(Debug, Clone)]
pub struct Diagonal {
    pub(super) diagonal: Arc<[f64]>,
    pub(super) minimum: Arc<[f64]>,
}

/// Twice the loss and the gradient's square, as far as they have been summed up.
#[derive(Debug, Clone, Copy)]
pub struct PartialSums<T = f64> {
    values: [T; LANES],
    squares: [T; LANES],
    /// Both, once a part has come whose length is no multiple of eight: it is the last.
    whole: Option<(T, T)>,
}

impl<T: Number> PartialSums<T> {
    /// Nothing yet.
    #[inline(always)]
    #[must_use]
    pub fn new() -> Self {
        let zeros = [T::constant(0.0); LANES];
        Self {
            values: zeros,
            squares: zeros,
            whole: None,
        }
    }

    /// Both joined. Apart from the sums themselves, which would otherwise be compiled for pairs, as they are joined here, not
    /// for eights.
    #[inline(never)]
    fn joined(&self) -> (T, T) {
        self.whole
            .unwrap_or_else(|| (joined(self.values), joined(self.squares)))
    }

    /// The loss and the gradient's norm.
    #[inline(always)]
    #[must_use]
    pub fn measure(&self) -> (T, T) {
        let (value, square) = self.joined();
        (T::constant(0.5) * value, square.sqrt())
    }
}

impl<T: Number> Default for PartialSums<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Elements that are summed side by side, so that long sums are neither slow nor inexact.
const LANES: usize = 8;

/// Adds the lanes in pairs.
#[inline(always)]
fn joined<T: Number>(lanes: [T; LANES]) -> T {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

impl Diagonal {
    /// The parameters.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.minimum.len()
    }

    /// Writes elements of the gradient, from `first` on, where these are the parameters from there on.
    #[inline(always)]
    pub fn slope<T: Number>(&self, first: usize, w: &[T], gradient: &mut [T]) {
        let (lambda, minimum) = self.part(first, w.len());
        let (w_lanes, w_rest) = w.as_chunks::<LANES>();
        let (minimum_lanes, minimum_rest) = minimum.as_chunks::<LANES>();
        let (lambda_lanes, lambda_rest) = lambda.as_chunks::<LANES>();
        let (lanes, rest) = gradient.as_chunks_mut::<LANES>();
        let all = w_lanes.iter().zip(minimum_lanes).zip(lambda_lanes);
        for (((w, minimum), lambda), place) in all.zip(lanes) {
            let d: [T; LANES] = each(|k| w[k] - T::constant(minimum[k]));
            *place = each(|k| T::constant(lambda[k]) * d[k]);
        }
        let all = w_rest.iter().zip(minimum_rest).zip(lambda_rest);
        for (((w, minimum), lambda), place) in all.zip(rest) {
            *place = T::constant(*lambda) * (*w - T::constant(*minimum));
        }
    }

    #[inline(always)]
    fn part(&self, first: usize, len: usize) -> (&[f64], &[f64]) {
        let part = first..first + len;
        (&self.diagonal[part.clone()], &self.minimum[part])
    }

    /// Adds up what the parameters from `first` on, which are these, contribute: parts come in order, each but the last a
    /// multiple of eight. Elements of the gradient go into `gradient` where they are to be `KEPT`. On the way `see` sees all
    /// parameters, some at a time.
    #[inline(always)]
    pub fn add_part<T: Number, const KEPT: bool>(
        &self,
        first: usize,
        w: &[T],
        gradient: &mut [T],
        sums: &mut PartialSums<T>,
        mut see: impl FnMut(&[T]),
    ) {
        let (diagonal, minimum) = self.part(first, w.len());
        let (w_lanes, w_rest) = w.as_chunks::<LANES>();
        let (minimum_lanes, minimum_rest) = minimum.as_chunks::<LANES>();
        let (diagonal_lanes, diagonal_rest) = diagonal.as_chunks::<LANES>();
        let (gradient_lanes, gradient_rest) = gradient.as_chunks_mut::<LANES>();
        let (mut places, mut gradient_rest) = (gradient_lanes.iter_mut(), gradient_rest.iter_mut());
        let (mut values, mut squares) = (sums.values, sums.squares);
        for ((w, minimum), lambda) in w_lanes.iter().zip(minimum_lanes).zip(diagonal_lanes) {
            let lambda: [T; LANES] = each(|k| T::constant(lambda[k]));
            let d: [T; LANES] = each(|k| w[k] - T::constant(minimum[k]));
            let slope: [T; LANES] = each(|k| lambda[k] * d[k]);
            values = each(|k| values[k] + lambda[k] * (d[k] * d[k]));
            squares = each(|k| squares[k] + slope[k] * slope[k]);
            see(w);
            if KEPT && let Some(place) = places.next() {
                *place = slope;
            }
        }
        (sums.values, sums.squares) = (values, squares);
        if w_rest.is_empty() {
            return;
        }
        see(w_rest);
        let (mut value, mut square) = sums.joined();
        for ((w, minimum), lambda) in w_rest.iter().zip(minimum_rest).zip(diagonal_rest) {
            let lambda = T::constant(*lambda);
            let d = *w - T::constant(*minimum);
            let slope = lambda * d;
            value = value + lambda * (d * d);
            square = square + slope * slope;
            if KEPT && let Some(place) = gradient_rest.next() {
                *place = slope;
            }
        }
        sums.whole = Some((value, square));
    }

    /// All of it in one part.
    #[inline(always)]
    fn pass<T: Number, const KEPT: bool>(&self, w: &[T], gradient: &mut [T]) -> PartialSums<T> {
        let mut sums = PartialSums::new();
        self.add_part::<T, KEPT>(0, w, gradient, &mut sums, |_| ());
        sums
    }

    /// Writes the gradient at `w`; returns the loss there and the gradient's norm.
    #[inline(always)]
    pub fn measure_any<T: Number>(&self, w: &[T], gradient: &mut [T]) -> (T, T) {
        match self.measure_plane(w, gradient) {
            Some(measured) => measured,
            None => self.pass::<T, true>(w, gradient).measure(),
        }
    }

    /// The same in two dimensions, which are what one looks at most: none in others.
    #[inline(always)]
    pub fn measure_plane<T: Number>(&self, w: &[T], gradient: &mut [T]) -> Option<(T, T)> {
        let (&[x, y], [g, h], Some(pair)) = (w, &mut *gradient, self.pair()) else {
            return None;
        };
        let (slope, measured) = pair.measure([x, y]);
        [*g, *h] = slope;
        Some(measured)
    }

    /// It itself, in two dimensions.
    #[inline(always)]
    #[must_use]
    pub fn pair(&self) -> Option<DiagonalPair> {
        Some(DiagonalPair {
            diagonal: (*self.diagonal).try_into().ok()?,
            minimum: (*self.minimum).try_into().ok()?,
        })
    }
}

/// The same in two dimensions.
#[derive(Debug, Clone, Copy)]
pub struct DiagonalPair {
    diagonal: [f64; 2],
    minimum: [f64; 2],
}

impl DiagonalPair {
    /// The gradient at `w`, and the loss there and the gradient's norm.
    #[inline(always)]
    #[must_use]
    pub fn measure<T: Number>(self, [x, y]: [T; 2]) -> ([T; 2], (T, T)) {
        let [a, b] = self.diagonal.map(T::constant);
        let [p, q] = self.minimum.map(T::constant);
        let (d, e) = (x - p, y - q);
        let (g, h) = (a * d, b * e);
        // The sums begin with 0 as those of any length do.
        let zero = T::constant(0.0);
        let value = zero + a * (d * d) + b * (e * e);
        let square = zero + g * g + h * h;
        ([g, h], (T::constant(0.5) * value, square.sqrt()))
    }
}

/// Loss and gradient on long vectors, with the instructions that the processor has.
struct DiagonalMeasure<'a>(&'a Diagonal, &'a [f64], &'a mut [f64]);

impl WithSimd for DiagonalMeasure<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (f64, f64) {
        self.0.measure_any(self.1, self.2)
    }
}

impl Evaluator for Diagonal {
    fn by_parts(&self) -> Option<&Diagonal> {
        Some(self)
    }

    fn value(&mut self, w: &[f64]) -> f64 {
        self.pass::<f64, false>(w, &mut []).measure().0
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.measure(w, gradient).0
    }

    fn measure(&mut self, w: &[f64], gradient: &mut [f64]) -> (f64, f64) {
        if w.len() < 2 * LANES {
            self.measure_any(w, gradient)
        } else {
            Arch::new().dispatch(DiagonalMeasure(self, w, gradient))
        }
    }

    fn measure_wide(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
        self.measure_any(w, gradient)
    }

    fn hessian_product(&mut self, _: &[f64], d: &[f64], product: &mut [f64]) {
        for ((product, d), lambda) in product.iter_mut().zip(d).zip(&*self.diagonal) {
            *product = lambda * d;
        }
    }

    fn hessian(&mut self, _: &[f64]) -> DMatrix<f64> {
        let n = self.dimension();
        // As products with the axes have it, to the sign of each 0.
        let entry = |i: usize, j: usize| self.diagonal[i] * f64::from(u8::from(i == j));
        DMatrix::from_fn(n, n, |i, j| (entry(i, j) + entry(j, i)) * 0.5)
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
}

impl PlanarQuadratic {
    /// The loss at `w`, and the gradient.
    #[inline]
    fn look<T: Number>(&self, w: &[T]) -> (T, [T; 2]) {
        let [a, b, c] = self.matrix.map(T::constant);
        let d: [T; 2] = from_fn(|at| w[at] - T::constant(self.minimum[at]));
        let h = [a * d[0] + b * d[1], b * d[0] + c * d[1]];
        (T::constant(0.5) * (d[0] * h[0] + d[1] * h[1]), h)
    }
}

impl Evaluator for PlanarQuadratic {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.look(w).0
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let (value, slope) = self.look(w);
        gradient.copy_from_slice(&slope);
        value
    }

    fn measure_wide(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
        let (value, slope) = self.look(w);
        gradient.copy_from_slice(&slope);
        (value, norm(gradient))
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
