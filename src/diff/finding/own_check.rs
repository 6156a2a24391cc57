//! The check of what was found from row to row: the same on its own steps, held against all of the record.

use crate::{analysis::claim::Unchecked, lang::number::is_absent, value::Real};
use schemars::JsonSchema;
use serde::Serialize;

/// The deviation of a variant that goes its own way, with the recorded gradients where there are any.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct OwnSteps {
    /// The largest deviation of a parameter, relative to how large it has been.
    pub found: Real,
    /// The most that rounding makes of it.
    pub most: Real,
    /// Iterations that it went on its own.
    pub iterations: usize,
}

/// The outcome of letting a variant go its own way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OwnCheck {
    /// It went, and deviated so far.
    Led(OwnSteps),
    /// It could not, for this reason.
    Unchecked(Unchecked),
}

impl OwnCheck {
    /// True if it went, and deviated by no more than rounding that has grown.
    pub(in crate::diff) fn holds(self) -> bool {
        matches!(self, Self::Led(it) if it.found.0 <= it.most.0)
    }
}

/// Rounding of the numbers of a format may grow to its root on the way along a run, and to so many times that.
const GROWN: f64 = 16.0;

/// The deviation from recorded parameters, row by row.
#[derive(Debug, Default)]
pub(in crate::diff) struct OwnTrack {
    sizes: Vec<f64>,
    found: f64,
    iterations: usize,
}

impl OwnTrack {
    /// Begins at recorded parameters.
    pub fn begin(&mut self, recorded: &[f64]) {
        self.sizes.resize(recorded.len(), 0.0);
        for (size, value) in self.sizes.iter_mut().zip(recorded) {
            *size = size.max(value.abs());
        }
    }

    /// Takes in where an iteration led, beside what was recorded.
    pub fn hold(&mut self, recorded: &[f64], own: &[f64]) {
        self.begin(recorded);
        self.iterations += 1;
        for ((a, b), size) in recorded.iter().zip(own).zip(&self.sizes) {
            let is_same = a == b || is_absent(*a) || (a.is_nan() && b.is_nan());
            if !is_same && *size > 0.0 {
                let off = (a - b).abs() / size;
                // One that fails alone is endlessly far away.
                let off = if off.is_nan() { f64::INFINITY } else { off };
                self.found = self.found.max(off);
            }
        }
    }

    /// The outcome, for numbers whose neighbours near 1 are `unit` apart; `otherwise` where no iteration was gone.
    pub fn outcome(&self, unit: f64, otherwise: Unchecked) -> OwnCheck {
        if self.iterations == 0 {
            return OwnCheck::Unchecked(otherwise);
        }
        OwnCheck::Led(OwnSteps {
            found: Real(self.found),
            most: Real(GROWN * unit.sqrt()),
            iterations: self.iterations,
        })
    }
}
