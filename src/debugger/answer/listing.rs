//! The lines of a rule.

use super::table::table;
use crate::value::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The lines of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Listing(pub Vec<ListedLine>);

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|line| {
            let cursor = if line.next { '>' } else { ' ' };
            let value = line.values.as_ref().map_or(String::new(), Value::brief);
            format!("{cursor} {:>2}  {:<40} {value}", line.number, line.text)
        });
        table(f, rows, "")
    }
}

/// A line of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ListedLine {
    /// The number, from 1.
    pub number: usize,
    /// The text.
    pub text: String,
    /// True for the line that is about to run.
    pub next: bool,
    /// The variable that it assigns.
    pub name: String,
    /// The value of the variable here; null where it has none yet.
    pub values: Option<Value>,
}
