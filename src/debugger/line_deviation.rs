//! The line at which a rule that is led along a recorded run first leads elsewhere.

use super::{Session, lanes::NamedLane};
use crate::{
    lang::number::is_absent,
    rule::{Variable, VariableKind},
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::ops::Range;

/// Units of the last place of the recorded numbers that rounding may take.
const ROUNDING: f64 = 64.0;
/// The least deviation that is one, relative to the largest number.
const LEAST: f64 = 1e-12;

/// A line of a rule whose result is not what was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct LineDeviation {
    /// The line of the step, from 1.
    pub line: usize,
    /// The largest difference, relative to the largest number recorded.
    pub relative: Real,
}

impl Session {
    /// The recording along which the rule in focus is led, if it is.
    #[must_use]
    pub fn recording_beside(&self) -> Option<&NamedLane> {
        let is_recorded = |it: &&NamedLane| !it.lane.can_be_changed();
        let is_recording = |it: &&NamedLane| is_recorded(it) && it.compiled().lines.is_empty();
        let own = Some(self.lanes.focused()).filter(is_recorded);
        own.filter(|it| !is_recording(it))?;
        self.lanes.entries.iter().find(is_recording)
    }

    /// What was recorded as `variable` of the rule in focus, where that rule has come to the end of an iteration; empty where
    /// nothing was.
    #[must_use]
    pub fn recorded_value(&self, variable: &Variable) -> &[f64] {
        let Some(recorded) = self.recording_beside().filter(|it| self.is_level(it)) else {
            return &[];
        };
        let own = recorded.compiled().variable(&variable.name);
        let own = own.filter(|it| it.range.len() == variable.range.len());
        own.map_or(&[], |own| recorded.lane.machine().value(own))
    }

    /// True if the rule in focus has come to the end of an iteration, and `other` to the end of the same.
    fn is_level(&self, other: &NamedLane) -> bool {
        let here = self.lanes.focused().lane.position();
        here.line == 0 && other.lane.position() == here
    }

    /// The first line of the rule in focus whose variable is, after the iteration, not what was recorded under its name;
    /// of a rule that is not led along a run, and within an iteration, none.
    #[must_use]
    pub fn first_deviation(&self) -> Option<LineDeviation> {
        let entry = self.lanes.focused();
        let compiled = entry.compiled();
        let recorded = self.recording_beside().filter(|it| self.is_level(it))?;
        let lines = compiled.lines.iter().enumerate().filter(|(at, line)| {
            let mut later = compiled.lines[at + 1..].iter();
            let variable = &compiled.variables[line.variable];
            // A line that is assigned over shows no result.
            variable.kind != VariableKind::Temporary
                && !later.any(|it| it.variable == line.variable)
        });
        let both = lines.filter_map(|(at, line)| {
            let variable = &compiled.variables[line.variable];
            let own = entry.lane.machine().value(variable);
            let theirs = recorded.compiled().variable(&variable.name)?;
            let theirs = recorded.lane.machine().value(theirs);
            (own.len() == theirs.len()).then_some((at, own, theirs))
        });
        let both: Vec<(usize, &[f64], &[f64])> = both.collect();
        // Tensors may have numbers of different types.
        let tensors = self.lanes.tensors();
        let n = tensors.last().map_or(0, |it| it.range.end);
        let coarsest = unit(both.iter().flat_map(|it| it.2));
        let units = tensors.iter().map(|tensor| {
            let own = both.iter().filter(|it| it.2.len() == n);
            unit(own.flat_map(|it| &it.2[tensor.range.clone()]))
        });
        let units: Vec<f64> = units.collect();
        both.iter().find_map(|(at, own, theirs)| {
            let size = largest(theirs);
            let is_off = |range: Range<usize>, unit: f64| {
                let relative = deviation(&own[range.clone()], &theirs[range], size);
                (relative > LEAST.max(ROUNDING * unit)).then_some(relative)
            };
            let relative = if theirs.len() == n {
                let parts = tensors.iter().zip(&units);
                let parts = parts.filter_map(|(it, unit)| is_off(it.range.clone(), *unit));
                parts.reduce(f64::max)
            } else {
                is_off(0..own.len(), coarsest)
            };
            relative.map(|relative| LineDeviation {
                line: at + 1,
                relative: Real(relative),
            })
        })
    }
}

impl Session {
    /// The element, from 0, in which the first line of the rule in focus that deviates does so most; none where that is a line of
    /// one number, or of other numbers than the parameters.
    #[must_use]
    pub fn deviating_element(&self) -> Option<usize> {
        let line = self.first_deviation()?.line;
        let entry = self.lanes.focused();
        let compiled = entry.compiled();
        let variable = &compiled.variables[compiled.lines[line - 1].variable];
        let own = entry.lane.machine().value(variable);
        let recorded = self.recorded_value(variable);
        let n = self.lanes.tensors().last().map_or(0, |it| it.range.end);
        if n == 0 || [own.len(), recorded.len()] != [n, n] {
            return None;
        }
        let both = own.iter().zip(recorded).enumerate();
        let known = both.filter(|(_, (a, b))| !is_absent(**a) && !is_absent(**b));
        let off = known.map(|(at, (a, b))| (at, distance(*a, *b)));
        // Of equal ones the first.
        let most = off.reduce(|most, it| if it.1 > most.1 { it } else { most });
        most.map(|it| it.0)
    }
}

/// The largest of these numbers that are finite.
fn largest(numbers: &[f64]) -> f64 {
    let sizes = numbers.iter().filter(|it| it.is_finite());
    sizes.fold(0.0_f64, |most, it| most.max(it.abs()))
}

/// The largest difference, relative to `size`; 0 where nothing can be compared.
fn deviation(own: &[f64], recorded: &[f64], size: f64) -> f64 {
    let both = own.iter().zip(recorded);
    let known = both.filter(|(a, b)| !is_absent(**a) && !is_absent(**b));
    let off = known.map(|(a, b)| distance(*a, *b)).fold(0.0, f64::max);
    if off == 0.0 { 0.0 } else { off / size }
}

/// How far two numbers are apart: those that fail alike are not, and one that fails alone is endlessly far.
fn distance(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        return 0.0;
    }
    let off = (a - b).abs();
    if off.is_nan() { f64::INFINITY } else { off }
}

/// The unit in the last place, relative to a number, of the coarsest format that has all of these.
fn unit<'a>(numbers: impl Iterator<Item = &'a f64>) -> f64 {
    const MANTISSA: u32 = 52;
    let told = numbers.filter(|it| it.is_finite() && **it != 0.0);
    let zeros = told
        .map(|it| it.to_bits().trailing_zeros().min(MANTISSA))
        .min();
    libm::ldexp(1.0, i32::try_from(zeros.unwrap_or(0)).unwrap_or(0) - 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_in_one_of_two_is_a_deviation() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let deviation = |own: &[f64], recorded: &[f64]| deviation(own, recorded, largest(recorded));
        assert_eq!(deviation(&[1.0, nan, inf], &[1.0, nan, inf]), 0.0);
        assert_eq!(deviation(&[1.0, nan], &[1.0, 2.0]), inf);
        assert_eq!(deviation(&[1.0, 2.0], &[1.0, inf]), inf);
        assert_eq!(deviation(&[1.0, 2.5], &[1.0, 2.0]), 0.25);
        assert_eq!(deviation(&[1.0], &[0.0]), inf);
    }
}
