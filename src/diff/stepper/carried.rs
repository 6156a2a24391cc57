//! What the rounding of states that were not recorded amounts to: each iteration takes along what the ones before have left.

use super::{Stepper, add_distances};
use std::sync::Arc;

/// How far states that were not recorded may be from those of a run, for rounding alone.
#[derive(Debug, Default)]
pub(super) struct CarriedRounding {
    /// The share of its size by which an iteration rounds a number.
    unit: f64,
    /// For each number of the states that are carried, how far it may be off.
    states: Vec<f64>,
    /// How far that may have moved each number of the last iteration.
    moved: Vec<f64>,
}

impl Stepper {
    /// Keeps account, from here on, of the rounding of states that were not recorded: by a share `unit` of their size in every
    /// iteration.
    #[must_use]
    pub fn that_rounds(mut self, unit: f64) -> Self {
        self.rounded = (!self.carried.is_empty()).then(|| CarriedRounding {
            unit,
            ..CarriedRounding::default()
        });
        self
    }

    /// Forgets what was rounded: the states are those of a start.
    pub(super) fn begin_rounding(&mut self) {
        if let Some(rounded) = &mut self.rounded {
            rounded.states.clear();
            rounded.moved.clear();
        }
    }

    /// Takes in the iteration from `t` on that has just been gone through.
    pub(super) fn take_rounding(&mut self, t: u64, steps: u64, gradient: Option<&Vec<f64>>) {
        let Some(mut rounded) = self.rounded.take() else {
            return;
        };
        let compiled = Arc::clone(self.machine.compiled());
        let begin = self.variables.clone();
        let result = self.machine.variables().to_vec();
        rounded.states.resize(result.len(), 0.0);
        rounded.moved.clear();
        rounded.moved.resize(result.len(), 0.0);
        for at in self.carried.clone() {
            let range = compiled.variables[at].range.clone();
            let off = &rounded.states[range.clone()];
            if off.iter().all(|it| *it == 0.0) {
                continue;
            }
            for (value, off) in self.variables[range].iter_mut().zip(off) {
                *value += off;
            }
            self.run(t, steps, gradient);
            add_distances(&mut rounded.moved, self.machine.variables(), &result);
            self.variables.clone_from(&begin);
        }
        self.machine.restore(t + steps, &result);
        for it in &mut rounded.moved {
            *it = if it.is_finite() { *it } else { 0.0 };
        }
        for at in &self.carried {
            for at in compiled.variables[*at].range.clone() {
                // What goes into a sum may be larger than what comes of it.
                let size = begin[at].abs() + result[at].abs();
                let own = if size.is_finite() { size } else { 0.0 };
                rounded.states[at] = rounded.moved[at] + rounded.unit * own;
            }
        }
        self.rounded = Some(rounded);
    }

    /// How far an element of `variable` may have been moved in the last iteration by what states that were not recorded had been
    /// rounded before it.
    pub(super) fn moved_by_rounding(&self, variable: usize, element: usize) -> f64 {
        let rounded = self.rounded.as_ref();
        let range = &self.machine.compiled().variables[variable].range;
        let moved = rounded.and_then(|it| it.moved.get(range.clone())?.get(element));
        moved.copied().unwrap_or(0.0)
    }
}
