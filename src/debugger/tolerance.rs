//! The loss that counts as converged.

use std::fmt;

/// The convergence threshold, measured above the lowest attainable loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossTolerance {
    /// The distance above, more than 0.
    pub above: f64,
    /// The loss at the minimum that the start leads to; 0 where none is known.
    pub floor: f64,
}

impl LossTolerance {
    /// The distance above the least loss, unless it is set.
    pub const ABOVE: f64 = 1e-6;
}

/// Unless it is set, above a floor of 0.
impl Default for LossTolerance {
    fn default() -> Self {
        Self {
            above: Self::ABOVE,
            floor: 0.0,
        }
    }
}

impl LossTolerance {
    /// The loss itself.
    #[must_use]
    #[inline]
    pub fn loss(self) -> f64 {
        self.floor + self.above
    }
}

/// The bound on the loss: `1e-6`, or `min + 1e-6` where the least loss is not 0.
impl fmt::Display for LossTolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let min = if self.floor == 0.0 { "" } else { "min + " };
        write!(f, "{min}{:?}", self.above)
    }
}
