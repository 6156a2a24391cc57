//! The errors alpha of the coming iterations, from powers of one iteration's derivative.
//!
//! Where the rule is linear in (w, states) and the loss quadratic, x(t+k) = x* + J^k (x(t) - x*) holds
//! exactly. That is found out by trial: the derivative has to be the same at places far apart and an
//! iteration later, and has to map their differences as the iteration itself does.

use super::{Boundary, Moving, Stability, moving::Stride};
use crate::{
    analysis::{Reference, Spectrum},
    loss::Evaluator,
};
use nalgebra::{DMatrix, DVector};

/// The predicted course of a run from a boundary on.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// True if it is exact; otherwise it holds for small errors under the present scales.
    pub exact: bool,
    /// `alpha[k]`, `[n]`: the errors along the eigenvectors after k more iterations; `alpha[0]` is now.
    pub alpha: Vec<Vec<f64>>,
    /// The loss that goes with each, by the quadratic around the minimum; empty where the loss is not like
    /// that.
    pub loss: Vec<f64>,
}

impl Prediction {
    /// The first k at which the loss is at most `tolerance`.
    #[must_use]
    pub fn first_within(&self, tolerance: f64) -> Option<usize> {
        self.loss.iter().position(|loss| *loss <= tolerance)
    }

    /// Ends the path where the gradient along a coordinate that moves by steps independent of its size changes its sign: there
    /// they turn. A rule with a memory may turn them at any time, so that no more than two are known.
    fn end_where_steps_turn(&mut self, spectrum: &Spectrum, stride: &Stride, remembers: bool) {
        let n = spectrum.len();
        let turned = |i: usize| stride.own[i] * stride.next[i] < 0.0;
        let basis: Vec<Vec<f64>> = (0..n).map(|k| spectrum.eigenvector(k)).collect();
        let gradient = |alpha: &[f64], i: usize| -> f64 {
            let parts = (0..n).map(|k| spectrum.eigenvalues[k] * alpha[k] * basis[k][i]);
            parts.sum()
        };
        let turns = |i: usize| {
            if turned(i) || remembers {
                return Some(if turned(i) { 1 } else { 2 });
            }
            let start = gradient(self.alpha.first()?, i);
            let mut later = self.alpha.iter().skip(1);
            later
                .position(|alpha| gradient(alpha, i) * start <= 0.0)
                .map(|at| at + 1)
        };
        let strides = (0..n).filter(|i| stride.strides[*i]);
        if let Some(last) = strides.filter_map(turns).min() {
            self.alpha.truncate(last + 1);
            self.loss.truncate(last + 1);
        }
    }

    fn with_loss(mut self, is_known: bool) -> Self {
        if !is_known {
            self.loss.clear();
        }
        self
    }
}

/// Iterations over which a derivative with held scales is brought up to date with t.
const CHANGING: usize = 6;
/// Relative tolerance within which two derivatives count as equal.
const SAME: f64 = 1e-9;

impl Stability {
    /// The errors in the `count` iterations after `at`, in the eigenbasis of `reference`; `None` where
    /// there is no such basis or the derivative is not finite.
    ///
    /// `share` is that of the gradient's elements which are not dropped at random: errors are means then.
    pub fn predict(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        reference: &Reference,
        count: usize,
        share: f64,
    ) -> Option<Prediction> {
        let spectrum = reference.eigenbasis()?;
        let mut path = PredictionBuilder {
            reference,
            spectrum,
            prediction: Prediction {
                exact: true,
                alpha: Vec::with_capacity(count + 1),
                loss: Vec::with_capacity(count + 1),
            },
        };
        let w = &at.kept[..reference.minimum.len()];
        path.push(w);
        let loss = evaluator.value(w);
        // The first iteration may differ from all later ones: it is run, not predicted.
        let first = self.whole.at(evaluator, at, share);
        let next = self.whole.jacobian.next().to_vec();
        let after = Boundary {
            t: at.t + 1,
            kept: &next,
            ..at
        };
        if let Some(mut linear) = self.whole.linear(evaluator, after) {
            let fixed = self.whole.fixed_point(evaluator, after, reference);
            let mut x = self.whole.pick(&next);
            path.prediction.exact = share == 1.0 || fixed.is_some();
            if let Some(star) = fixed.as_ref().filter(|_| share < 1.0) {
                // The mean of an error that is multiplied at random is that of the mean factors.
                let start = DVector::from_vec(self.whole.pick(at.kept));
                x = (star + first * (start - star)).as_slice().to_vec();
                linear.jacobian = self.whole.at(evaluator, after, share);
            }
            path.follow(&linear, x, fixed, count);
            // A rule may be linear on both sides of a kink.
            let is_it = path.is_like(loss, EQUAL);
            return Some(path.prediction.with_loss(is_it));
        }
        let is_like_it = path.is_like(loss, LIKE);
        path.prediction.exact = false;
        let moving = self.held.as_mut().unwrap_or(&mut self.whole);
        let jacobian = moving.at(evaluator, at, share);
        if jacobian.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        let start = DVector::from_vec(moving.pick(at.kept));
        let next = DVector::from_vec(moving.pick(moving.jacobian.next()));
        let fixed = moving.fixed_point(evaluator, at, reference);
        let expected = fixed.map(|star| (&star + &jacobian * (&start - &star), star));
        let size = 1.0 + next.amax();
        let (first, fixed) = match expected {
            // Linear about the minimum: errors are exact however small they are.
            Some((first, star)) if (&first - &next).amax() <= 1e-6 * size => (first, Some(star)),
            // Elsewhere each step is J times the one before.
            _ => (next, None),
        };
        let origin = fixed.clone().unwrap_or_else(|| DVector::zeros(first.len()));
        let mut linear = AffineMap {
            step: &first - &start,
            jacobian,
        };
        let mut x = first;
        // A rule may count iterations, as bias corrections do.
        let changing = count.min(CHANGING);
        for later in 1..=changing as u64 {
            path.push(&x.as_slice()[..reference.minimum.len()]);
            let then = Boundary {
                t: at.t + later,
                ..at
            };
            let jacobian = moving.at(evaluator, then, share);
            if jacobian.iter().any(|entry| !entry.is_finite()) {
                return None;
            }
            linear.jacobian = jacobian;
            linear.step = &linear.jacobian * linear.step;
            x = if fixed.is_some() {
                &origin + &linear.jacobian * (&x - &origin)
            } else {
                x + &linear.step
            };
        }
        let is_about_it = fixed.is_some();
        path.follow(&linear, x.as_slice().to_vec(), fixed, count - changing);
        if !is_about_it {
            let moving = self.held.as_mut().unwrap_or(&mut self.whole);
            let recurring = moving.recurring(evaluator, at);
            if let Some(stride) = moving.stride(evaluator, &recurring, at.settings) {
                let remembers = moving.places.len() > reference.minimum.len();
                path.prediction
                    .end_where_steps_turn(spectrum, &stride, remembers);
            }
        }
        Some(path.prediction.with_loss(is_like_it))
    }
}

impl Stability {
    /// The loss after `count` iterations from `at`, and after one less, of a linear rule on a quadratic: by a power of
    /// the whole affine map, which is formed by squaring.
    ///
    /// That is another way than the one by which [`Stability::predict`] gets there.
    pub fn losses_by_powers(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        count: u64,
    ) -> Option<[f64; 2]> {
        // The first iteration may differ from all later ones.
        self.whole.at(evaluator, at, 1.0);
        let next = self.whole.jacobian.next().to_vec();
        let after = Boundary {
            t: at.t + 1,
            kept: &next,
            ..at
        };
        let linear = self.whole.linear(evaluator, after)?;
        let size = self.whole.places.len();
        let start = DVector::from_vec(self.whole.pick(&next));
        // x -> J x + c as one matrix on (x, 1).
        let constant = &start + &linear.step - &linear.jacobian * &start;
        let mut map = DMatrix::identity(size + 1, size + 1);
        map.view_mut((0, 0), (size, size))
            .copy_from(&linear.jacobian);
        map.view_mut((0, size), (size, 1)).copy_from(&constant);
        let start = start.push(1.0);
        let n = self.whole.jacobian.compiled().dimension();
        let mut loss = |count: u64| match count.checked_sub(1) {
            None => evaluator.value(&at.kept[..n]),
            Some(more) => evaluator.value(&(power(&map, more) * &start).as_slice()[..n]),
        };
        Some([loss(count.saturating_sub(1)), loss(count)])
    }
}

/// `matrix` to the power of `exponent`.
fn power(matrix: &DMatrix<f64>, mut exponent: u64) -> DMatrix<f64> {
    let size = matrix.nrows();
    let (mut power, mut square) = (DMatrix::identity(size, size), matrix.clone());
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = &square * power;
        }
        exponent >>= 1;
        if exponent > 0 {
            square = &square * &square;
        }
    }
    power
}

/// x -> J x + c, by J and the first step from where it was found.
pub(super) struct AffineMap {
    jacobian: DMatrix<f64>,
    step: DVector<f64>,
}

impl Moving {
    /// The iteration after `at` as a linear one, if it is.
    pub(super) fn linear(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
    ) -> Option<AffineMap> {
        let jacobian = self.at(evaluator, at, 1.0);
        if jacobian.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        let here = DVector::from_vec(self.pick(at.kept));
        let step = DVector::from_vec(self.pick(self.jacobian.next())) - &here;
        let reach = 10.0 * (1.0 + here.amax());
        let scale = jacobian.amax().max(1.0);
        // On a plain the curvature is too small to be seen in an iteration, and may change all the same.
        let bend = bend(evaluator, self.w(at));
        for (later, side) in [(0, 1.0), (1, -1.0)] {
            let mut kept = at.kept.to_vec();
            for (k, place) in self.places.iter().enumerate() {
                kept[*place] += side * reach * generic(k);
            }
            let there = Boundary {
                t: at.t + later,
                kept: &kept,
                ..at
            };
            let other = self.at(evaluator, there, 1.0);
            let alike = (&other - &jacobian).amax() <= SAME * scale;
            let moved = DVector::from_vec(self.pick(&kept)) - &here;
            let expected = &here + &step + &jacobian * moved;
            let found = DVector::from_vec(self.pick(self.jacobian.next()));
            let mapped = (&found - &expected).amax() <= SAME * (1.0 + found.amax());
            let bend_there = self::bend(evaluator, self.w(there));
            let bends = (&bend_there - &bend).amax() > SAME * bend.amax().max(bend_there.amax());
            if bends || !(alike && mapped && other.iter().all(|entry| entry.is_finite())) {
                return None;
            }
        }
        Some(AffineMap { jacobian, step })
    }

    /// The minimum with all moving states 0, if an iteration leaves that as it is.
    pub(super) fn fixed_point(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        reference: &Reference,
    ) -> Option<DVector<f64>> {
        let mut kept = at.kept.to_vec();
        for place in &self.places {
            kept[*place] = 0.0;
        }
        kept[..reference.minimum.len()].copy_from_slice(&reference.minimum);
        let star = DVector::from_vec(self.pick(&kept));
        self.at(evaluator, Boundary { kept: &kept, ..at }, 1.0);
        let next = DVector::from_vec(self.pick(self.jacobian.next()));
        ((next - &star).amax() <= 1e-12 * (1.0 + star.amax())).then_some(star)
    }
}

/// A number from 0.5 to 1 for each `k`, without a pattern.
fn generic(k: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let k = k as f64;
    0.5 + 0.5 * (k * 0.618).fract()
}

/// The Hessian at `w` along a direction that is no eigenvector's.
fn bend(evaluator: &mut dyn Evaluator, w: &[f64]) -> DVector<f64> {
    let mut product = DVector::zeros(w.len());
    let direction: Vec<f64> = (1..=w.len()).map(generic).collect();
    evaluator.hessian_product(w, &direction, product.as_mut_slice());
    product
}

/// A prediction under way.
struct PredictionBuilder<'a> {
    reference: &'a Reference,
    spectrum: &'a Spectrum,
    prediction: Prediction,
}

/// The quadratic around a minimum may be off by this share of the loss above it and still count as like it.
const LIKE: f64 = 0.5;
/// By no more than this share where it is the loss itself.
const EQUAL: f64 = 1e-6;

impl PredictionBuilder<'_> {
    /// True if `loss`, at the start of the path, is that of the quadratic model around the minimum but for this share.
    fn is_like(&self, loss: f64, share: f64) -> bool {
        let by_model = self.prediction.loss.first();
        let off = by_model.map_or(f64::NAN, |by_model| (by_model - loss).abs());
        // Terms of a formula may cancel near the minimum.
        let most = |of: &[f64]| of.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
        let size = 1.0 + most(&self.reference.minimum);
        let terms = most(&self.spectrum.eigenvalues) * size * size;
        let rounding = 1e-12 * loss.abs() + 64.0 * f64::EPSILON * terms;
        off <= share * (loss - self.reference.value).abs() + rounding
    }

    fn push(&mut self, w: &[f64]) {
        let mut alpha = vec![0.0; self.reference.minimum.len()];
        let minimum = &self.reference.minimum;
        self.spectrum.components(w, minimum, &mut alpha);
        self.push_alpha(alpha);
    }

    fn push_alpha(&mut self, alpha: Vec<f64>) {
        let terms = self.spectrum.eigenvalues.iter().zip(&alpha);
        let above: f64 = terms
            .map(|(lambda, alpha)| 0.5 * lambda * alpha * alpha)
            .sum();
        self.prediction.loss.push(self.reference.value + above);
        self.prediction.alpha.push(alpha);
    }

    /// Applies `linear` again and again to `x`, where the run is after the first iteration.
    fn follow(
        &mut self,
        linear: &AffineMap,
        x: Vec<f64>,
        fixed: Option<DVector<f64>>,
        count: usize,
    ) {
        let n = self.reference.minimum.len();
        let mut x = DVector::from_vec(x);
        if let Some(star) = fixed {
            // Errors themselves shrink, so that small ones stay exact.
            let origin = vec![0.0; n];
            x -= star;
            for _ in 0..count {
                let mut alpha = vec![0.0; n];
                let error = &x.as_slice()[..n];
                self.spectrum.components(error, &origin, &mut alpha);
                self.push_alpha(alpha);
                x = &linear.jacobian * x;
            }
            return;
        }
        let mut step = linear.step.clone();
        for _ in 0..count {
            self.push(&x.as_slice()[..n]);
            x += &step;
            step = &linear.jacobian * step;
        }
    }
}
