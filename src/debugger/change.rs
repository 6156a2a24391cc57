//! Changes made by hand.

use super::machine::Position;
use crate::{
    rule::{Compiled, Tensor, part_name},
    value::Value,
};

/// A change made by hand, at the position where it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The place in time at which it was made.
    pub position: Position,
    /// The change.
    pub change: Change,
    /// The numbers that it replaced.
    pub old: Vec<f64>,
}

/// The setting or the elements that an edit changes, with their new values.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A setting gets a value.
    Setting {
        /// The number of the setting.
        setting: usize,
        /// The new value.
        value: f64,
    },
    /// Elements of a variable are overwritten.
    State {
        /// The number of the variable.
        variable: usize,
        /// From which element (0-based).
        from: usize,
        /// With what.
        values: Vec<f64>,
    },
}

impl Edit {
    /// The name of what it changes: `eta`, `m`, `w[2]`, `S[1, 2]`; of a part of the vectors that `tensors` are in, by them.
    #[must_use]
    pub fn name(&self, compiled: &Compiled, tensors: &[Tensor]) -> String {
        match &self.change {
            Change::Setting { setting, .. } => compiled.settings[*setting].name.clone(),
            Change::State {
                variable,
                from,
                values,
            } => {
                let variable = &compiled.variables[*variable];
                let part = *from..*from + values.len();
                part_name(&variable.name, variable.extent, tensors, part)
            }
        }
    }

    /// The values before and after it.
    #[must_use]
    pub fn values(&self, compiled: &Compiled) -> (Value, Value) {
        match &self.change {
            Change::Setting { value, .. } => (Value::Scalar(self.old[0]), Value::Scalar(*value)),
            Change::State {
                variable, values, ..
            } => {
                let variable = &compiled.variables[*variable];
                let shaped = |values: &[f64]| match values {
                    [_] => variable.element(values[0]),
                    values => variable.value(values),
                };
                (shaped(&self.old), shaped(values))
            }
        }
    }
}
