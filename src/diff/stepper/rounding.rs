//! Rules in 32-bit floats: each assignment is rounded.

use crate::{debugger::Machine, lang};
use std::sync::Arc;

/// The format that assignments are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Nothing: 64-bit floats.
    Double,
    /// 32-bit floats.
    Single,
}

/// Runs an iteration, each assignment rounded.
pub(super) fn iterate(machine: &mut Machine, rounding: Rounding) {
    if rounding == Rounding::Double {
        machine.iterate();
        return;
    }
    let compiled = Arc::clone(machine.compiled());
    for line in &compiled.lines {
        machine.line();
        let variable = &compiled.variables[line.variable];
        let exact = machine.value(variable).iter();
        let rounded: Vec<f64> = exact.map(|value| single(*value)).collect();
        machine.write(line.variable, 0, &rounded);
    }
}

/// A change of one line of an iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LineRounding {
    /// Its result by this share of its size.
    Result(f64),
    /// Its settings to 32-bit floats.
    Settings,
    /// Each of its numbers by a share of the largest, some up and the others down, or just the other way round: as in
    /// another order of sums. Where a later line rounds what is made of them, it may round to the other side.
    Entries {
        /// The share.
        share: f64,
        /// The other way round.
        is_turned: bool,
    },
}

/// Runs an iteration in which line `changed` is; states that are `held` are settings with values of their own.
pub(super) fn iterate_with(
    machine: &mut Machine,
    changed: usize,
    change: LineRounding,
    held: &[(usize, Vec<f64>)],
) {
    let compiled = Arc::clone(machine.compiled());
    for (at, line) in compiled.lines.iter().enumerate() {
        match change {
            _ if at != changed => {
                machine.line();
            }
            LineRounding::Result(share) => {
                machine.line();
                let exact = machine.value(&compiled.variables[line.variable]).iter();
                let values: Vec<f64> = exact.map(|value| value * (1.0 + share)).collect();
                machine.write(line.variable, 0, &values);
            }
            LineRounding::Entries { share, is_turned } => {
                machine.line();
                let exact = machine.value(&compiled.variables[line.variable]);
                let most = exact.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
                let moved = |(at, value): (usize, &f64)| {
                    let is_up = is_up(at) != is_turned;
                    value + if is_up { share } else { -share } * most
                };
                let values: Vec<f64> = exact.iter().enumerate().map(moved).collect();
                machine.write(line.variable, 0, &values);
            }
            LineRounding::Settings => {
                let settings = 0..compiled.settings.len();
                let own: Vec<f64> = settings.map(|at| machine.setting(at)).collect();
                for (at, value) in own.iter().enumerate() {
                    machine.set(at, single(*value));
                }
                for (variable, values) in held {
                    let rounded: Vec<f64> = values.iter().map(|it| single(*it)).collect();
                    machine.write(*variable, 0, &rounded);
                }
                machine.line();
                for (variable, values) in held {
                    machine.write(*variable, 0, values);
                }
                for (at, value) in own.into_iter().enumerate() {
                    machine.set(at, value);
                }
            }
        }
    }
}

/// A side for each number of a line, without a pattern that rows or columns could share.
fn is_up(at: usize) -> bool {
    (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0
}

/// The nearest 32-bit float.
#[must_use]
pub fn single(value: f64) -> f64 {
    f64::from(lang::single::single(value))
}
