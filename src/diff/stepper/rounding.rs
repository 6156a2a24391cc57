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

/// The nearest 32-bit float.
#[must_use]
pub fn single(value: f64) -> f64 {
    f64::from(lang::single::single(value))
}
