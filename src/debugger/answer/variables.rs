//! The variables of a rule, and the edits of a lane.

use super::table::table;
use crate::value::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The variables of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct VariableTable(pub Vec<VariableReport>);

impl fmt::Display for VariableTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|variable| {
            let value = variable.value.as_ref();
            let value = value.map_or("no value yet".to_owned(), ToString::to_string);
            format!("{:<12} {:<10} {value}", variable.name, variable.role)
        });
        table(f, rows, "")
    }
}

/// A variable of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VariableReport {
    /// The name.
    pub name: String,
    /// The part it plays: `parameters`, `temporary`, `state`, or the role that the rule gives a state.
    pub role: String,
    /// The shape: empty for a number, the length of a vector, rows and columns of a matrix.
    pub shape: Vec<usize>,
    /// The elements, a matrix's by rows; null for a temporary before the first iteration.
    pub value: Option<Value>,
}

/// The edits of a lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct EditTable(pub Vec<EditReport>);

impl fmt::Display for EditTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .0
            .iter()
            .map(|edit| format!("t = {:<8} {} = {}", edit.t, edit.name, edit.new.flat()));
        table(f, rows, "no edits in this lane")
    }
}

/// A setting, a variable or an element that was set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EditReport {
    /// Iterations done when it was set.
    pub t: u64,
    /// Lines done of the next one.
    pub line: usize,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// The value before.
    pub old: Value,
    /// The value from then on.
    pub new: Value,
}
