//! The lines of a rule.

use super::table::table;
use crate::value::{Real, Value};
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
            let cursor = match (line.next, line.off) {
                (true, _) => '>',
                (_, Some(_)) => '!',
                _ => ' ',
            };
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
    /// The deviation of its result from what was recorded, where it is the first line that has one; relative to the largest
    /// number recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<Real>,
    /// The variable that it assigns.
    pub name: String,
    /// The value of the variable here; null where it has none yet.
    pub values: Option<Value>,
}
