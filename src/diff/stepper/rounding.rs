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
}

/// Runs an iteration in which line `changed` is.
pub(super) fn iterate_with(machine: &mut Machine, changed: usize, change: LineRounding) {
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
            LineRounding::Settings => {
                let settings = 0..compiled.settings.len();
                let own: Vec<f64> = settings.map(|at| machine.setting(at)).collect();
                for (at, value) in own.iter().enumerate() {
                    machine.set(at, single(*value));
                }
                machine.line();
                for (at, value) in own.into_iter().enumerate() {
                    machine.set(at, value);
                }
            }
        }
    }
}

/// The nearest 32-bit float.
#[must_use]
pub fn single(value: f64) -> f64 {
    f64::from(lang::single::single(value))
}
