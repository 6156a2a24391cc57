//! The places near a minimum where runs count as converged on it.

use super::{Origin, Reference};
use crate::analysis::Spectrum;

/// Off a quadratic a gradient's square may be so many times curvature times height.
const STEEP: f64 = 16.0;

/// The places near a minimum that count as converged on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basin {
    floor: f64,
    above: f64,
    is_known: bool,
    /// The largest square of a gradient so near to the minimum.
    steepest: f64,
}

impl Basin {
    /// Losses up to `above`, where no minimum is known.
    #[must_use]
    pub fn level(above: f64) -> Self {
        Self {
            floor: 0.0,
            above,
            is_known: false,
            steepest: f64::INFINITY,
        }
    }

    /// The loss at the minimum.
    #[must_use]
    pub fn floor(self) -> f64 {
        self.floor
    }

    /// True if a run with this loss and gradient norm has converged: the loss is near that of the minimum,
    /// and not below it, and the gradient no larger than curvature allows there. Where no minimum is known
    /// the loss is held against 0, and may be below it.
    #[must_use]
    #[inline]
    pub fn holds(self, loss: f64, gradient_norm: f64) -> bool {
        let is_low = loss <= self.floor + self.above;
        let is_own = loss >= self.floor - self.above || !self.is_known;
        is_low && is_own && self.may_be_near(gradient_norm)
    }

    /// True if a gradient of this norm is small enough for a `w` so close to a minimum of about this
    /// curvature.
    #[must_use]
    #[inline]
    pub fn may_be_near(self, gradient_norm: f64) -> bool {
        gradient_norm * gradient_norm <= self.steepest
    }
}

impl Reference {
    /// The region in which a run counts as converged on this minimum: losses up to `above` over its own.
    #[must_use]
    pub fn basin(&self, above: f64) -> Basin {
        let floor = self.floor();
        let most = |spectrum: &Spectrum| spectrum.largest().abs().max(spectrum.smallest().abs());
        // A degenerate minimum says nothing of gradients near it; a place that is none has to be flat.
        let is_known = self.origin != Origin::Here;
        let curvature = self.spectrum.as_ref().map(most);
        let curvature = curvature.filter(|it| *it > 0.0 || !is_known && *it == 0.0);
        Basin {
            floor,
            above,
            is_known,
            // |g|^2 <= 2 lambda_max (loss - minimum) on a quadratic.
            steepest: curvature.map_or(f64::INFINITY, |curvature| {
                STEEP * curvature * (above + 1e-12 * floor.abs())
            }),
        }
    }
}
