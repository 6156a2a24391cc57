//! Stochastic gradients that are functions of (seed, iteration, call), so that every walk through time
//! meets the same ones.
//!
//! A gradient is taken over a batch of the loss's rows, gets Gaussian noise, and loses some of its
//! elements, each if it is asked for, in this order.

use super::{Evaluator, Loss};
use crate::lang::{
    number::Number,
    random::{gaussians, mix, stream, unit},
};

/// The difference between the gradients that a rule sees and those of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Noise {
    /// Standard deviation of what is added to each element; 0 adds nothing.
    pub sigma: f64,
    /// The seed.
    pub seed: u64,
    /// Rows that each gradient is taken over, drawn without repetition; 0 takes all, as does a loss
    /// without rows.
    pub batch: usize,
    /// The chance of each element to be 0 instead, as where most features are absent from most rows;
    /// elements that stay are not scaled up.
    pub dropout: f64,
}

impl Noise {
    /// True if gradients are exact.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.sigma == 0.0 && self.batch == 0 && self.dropout == 0.0
    }

    /// Makes the gradient of call `call` (from 0) in iteration `t` noisy, by the same noise in numbers of any kind.
    pub fn disturb<T: Number>(self, t: u64, call: u64, gradient: &mut [T]) {
        if self.sigma != 0.0 {
            self.add(t, call, gradient);
        }
        if self.dropout != 0.0 {
            self.drop_some(t, call, gradient);
        }
    }

    /// Adds normal noise to each element.
    fn add<T: Number>(self, t: u64, call: u64, gradient: &mut [T]) {
        let mut draw = stream(self.seed, t, call);
        for pair in gradient.chunks_mut(2) {
            let (first, second) = gaussians(draw(), draw());
            pair[0] = pair[0] + T::constant(self.sigma * first);
            if let Some(place) = pair.get_mut(1) {
                *place = *place + T::constant(self.sigma * second);
            }
        }
    }

    /// Puts 0 in the place of some elements.
    fn drop_some<T: Number>(self, t: u64, call: u64, gradient: &mut [T]) {
        let mut draw = stream(self.seed ^ DROPPED, t, call);
        for place in gradient {
            if unit(draw()) < self.dropout {
                *place = T::constant(0.0);
            }
        }
    }
}

/// Gives out gradients with [`Noise`] in them.
#[derive(Debug, Clone)]
pub struct Stochastic {
    noise: Noise,
    /// The numbers of all rows, in order between draws.
    pool: Vec<u32>,
    /// The partners in the draw under way.
    swaps: Vec<usize>,
}

impl Stochastic {
    /// For gradients of `loss`.
    #[must_use]
    pub fn new(noise: Noise, loss: &dyn Loss) -> Self {
        let rows = u32::try_from(loss.rows()).unwrap_or(u32::MAX);
        let batched = noise.batch > 0 && noise.batch < loss.rows();
        Self {
            noise,
            pool: if batched {
                (0..rows).collect()
            } else {
                Vec::new()
            },
            swaps: Vec::new(),
        }
    }

    /// The noise that is drawn.
    #[must_use]
    pub fn noise(&self) -> Noise {
        self.noise
    }

    /// Writes the gradient of call `call` (from 0) in iteration `t` at `w`; `exact` is the exact one there,
    /// where it is known.
    pub fn gradient(
        &mut self,
        evaluator: &mut dyn Evaluator,
        w: &[f64],
        exact: Option<&[f64]>,
        (t, call): (u64, u64),
        gradient: &mut [f64],
    ) {
        if !self.pool.is_empty() {
            self.draw(t, call);
            evaluator.batch_gradient(w, &self.pool[..self.noise.batch], gradient);
            self.put_back();
        } else if let Some(exact) = exact {
            gradient.copy_from_slice(exact);
        } else {
            evaluator.value_and_gradient(w, gradient);
        }
        self.noise.disturb(t, call, gradient);
    }

    /// Brings the rows of a draw to the front of the pool (Fisher & Yates 1938).
    fn draw(&mut self, t: u64, call: u64) {
        let mut draw = stream(self.noise.seed ^ ROWS, t, call);
        for at in 0..self.noise.batch {
            let left = self.pool.len() - at;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the product's upper half is below `left`"
            )]
            let partner = at + ((u128::from(draw()) * left as u128) >> 64) as usize;
            self.pool.swap(at, partner);
            self.swaps.push(partner);
        }
    }

    /// Undoes the last draw, so that the next one depends on its own numbers alone.
    fn put_back(&mut self) {
        for at in (0..self.swaps.len()).rev() {
            self.pool.swap(at, self.swaps[at]);
        }
        self.swaps.clear();
    }
}

/// Keeps draws of rows apart from those of noise.
const ROWS: u64 = 0x726f_7773;
/// Keeps draws of dropped elements apart from others.
const DROPPED: u64 = 0x6472_6f70;

/// Number `at` of the uniform numbers in (0, 1) of `seed`.
pub(super) fn uniform(seed: u64, at: u64) -> f64 {
    unit(mix(mix(seed) ^ at))
}
