//! What an edit changes, and how it is told.

use super::{answer::exact, watch::Value};
use crate::rule::Compiled;

/// What an edit changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A setting gets a value.
    Setting {
        /// Which setting, by its number.
        setting: usize,
        /// Its new value.
        value: f64,
    },
    /// Elements of a variable are overwritten.
    State {
        /// Which variable, by its number.
        variable: usize,
        /// From which element (0-based).
        from: usize,
        /// With what.
        values: Vec<f64>,
    },
}

impl Change {
    /// It as `set` takes it: `eta = 0.1`.
    #[must_use]
    pub fn tell(&self, compiled: &Compiled) -> String {
        match self {
            Self::Setting { setting, value } => {
                format!("{} = {}", compiled.settings[*setting].name, exact(*value))
            }
            Self::State {
                variable,
                from,
                values,
            } => {
                let variable = &compiled.variables[*variable];
                let place = if values.len() == variable.extent.len() {
                    String::new()
                } else {
                    format!("[{}]", from + 1)
                };
                let values = match &values[..] {
                    [value] => exact(*value),
                    values => Value::Vector(values.to_vec()).to_string(),
                };
                format!("{}{place} = {values}", variable.name)
            }
        }
    }
}
