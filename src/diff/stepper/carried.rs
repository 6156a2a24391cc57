//! What the rounding of states that were not recorded amounts to: each iteration takes along what the ones before have left.

use super::{Stepper, add_distances, dependence::names_behind};
use crate::lang::number::finite_size;
use std::ops::Range;

/// How far states that were not recorded may be from those of a run, for rounding alone.
#[derive(Debug, Default)]
pub(super) struct CarriedRounding {
    /// The share of its size by which an iteration rounds a number.
    unit: f64,
    /// The states that what is compared depends on.
    of: Vec<usize>,
    /// For each of the states that are carried, how far its numbers may be off; empty at a start.
    states: Vec<Vec<f64>>,
    /// How far that may have moved each number of the last iteration; empty where it moved none.
    moved: Vec<f64>,
}

impl Stepper {
    /// Keeps account, from here on, of the rounding of states that were not recorded: by a share `unit` of their size in every
    /// iteration. `setting` is the value of one that is the same in all.
    #[must_use]
    pub fn that_rounds(mut self, unit: f64, setting: &dyn Fn(&str) -> Option<f64>) -> Self {
        let compiled = self.machine.compiled();
        let name = |at: usize| compiled.variables[at].name.as_str();
        let wanted = self.pairs.iter().map(|it| name(it.variable));
        let names = names_behind(&compiled.rule, wanted, setting);
        let of = self.carried.iter().copied();
        let of: Vec<usize> = of.filter(|at| names.contains(name(*at))).collect();
        self.rounded = (!of.is_empty()).then(|| CarriedRounding {
            unit,
            of,
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
        let variables = &self.machine.compiled().variables;
        // Settings that have been given their values since are known.
        let count = rounded.of.len();
        rounded.of.retain(|at| self.carried.contains(at));
        if rounded.of.len() != count {
            rounded.states.clear();
        }
        let ranges = rounded.of.iter();
        let ranges: Vec<Range<usize>> = ranges.map(|at| variables[*at].range.clone()).collect();
        rounded.states.resize(ranges.len(), Vec::new());
        let sizes: Vec<Vec<f64>> = ranges.iter().map(|it| self.sizes(it.clone())).collect();
        self.move_by(&mut rounded, &ranges, (t, steps), gradient);
        for ((range, states), sizes) in ranges.iter().zip(&mut rounded.states).zip(sizes) {
            let moved = rounded.moved.get(range.clone()).unwrap_or(&[]);
            states.clear();
            let own = sizes.iter().map(|size| rounded.unit * size);
            states.extend(own);
            for (state, moved) in states.iter_mut().zip(moved) {
                *state += moved;
            }
        }
        self.rounded = Some(rounded);
    }

    /// What numbers of states are as large as in the last iteration: what goes into a sum may be larger than what comes of it.
    fn sizes(&self, range: Range<usize>) -> Vec<f64> {
        let (begin, result) = (&self.variables[range.clone()], self.machine.variables());
        let both = begin.iter().zip(&result[range]);
        let size = |(begin, result): (&f64, &f64)| finite_size(begin.abs() + result.abs());
        both.map(size).collect()
    }

    /// How far what the carried states are off by moves each number of the last iteration: nothing where that is 0.
    fn move_by(
        &mut self,
        rounded: &mut CarriedRounding,
        ranges: &[Range<usize>],
        (t, steps): (u64, u64),
        gradient: Option<&Vec<f64>>,
    ) {
        rounded.moved.clear();
        let is_off = |it: &Vec<f64>| it.iter().any(|it| *it != 0.0);
        if !rounded.states.iter().any(is_off) {
            return;
        }
        let begin = self.variables.clone();
        let result = self.machine.variables().to_vec();
        rounded.moved.resize(result.len(), 0.0);
        let states = ranges.iter().zip(&rounded.states);
        for (range, off) in states.filter(|it| is_off(it.1)) {
            for (value, off) in self.variables[range.clone()].iter_mut().zip(off) {
                *value += off;
            }
            self.run(t, steps, gradient);
            add_distances(&mut rounded.moved, self.machine.variables(), &result);
            self.variables.clone_from(&begin);
        }
        self.machine.restore(t + steps, &result);
        for it in &mut rounded.moved {
            *it = finite_size(*it);
        }
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
