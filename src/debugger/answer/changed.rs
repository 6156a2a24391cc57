//! Changes made by hand.

use crate::value::{Real, Value};
use schemars::JsonSchema;
use serde::Serialize;

/// A setting or a variable that has been set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SetReport {
    /// The lane with the new value: the fork where one was made.
    pub lane: String,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// The value before.
    pub old: Value,
    /// The value now.
    pub new: Value,
    /// Iterations done when it was set.
    pub t: u64,
    /// The lane that was forked, where the change was made in its past.
    pub forked_from: Option<String>,
}

/// An edit that has been undone.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Undone {
    /// The lane.
    pub lane: String,
    /// The setting, the variable, or the element of one that had been set.
    pub name: String,
    /// Iterations done when it had been set.
    pub t: u64,
    /// A lane with the same run from then on, as a fork has that of its parent.
    pub same_as: Option<String>,
}

/// A lane that has been forked off another one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Forked {
    /// The new lane.
    pub lane: String,
    /// The lane whose past it shares.
    pub from: String,
    /// The iterations that they share.
    pub t: u64,
}

/// A lane that has been added.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Added {
    /// The new lane.
    pub lane: String,
    /// The name of its rule.
    pub rule: String,
}

/// A lane that has come into focus.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Focused {
    /// The lane.
    pub lane: String,
}

/// A lane that has been removed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Dropped {
    /// The lane.
    pub lane: String,
    /// The number of stops and displays that read it, and went with it.
    pub stops: usize,
}

/// Stops and displays by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StopSelection {
    /// The numbers; null for all of them.
    pub ids: Option<Vec<u64>>,
}

/// A stop whose next hits will be ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ignored {
    /// The number of the stop.
    pub id: u64,
    /// The number of hits.
    pub hits: u64,
}

/// An option that has been set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OptionSet {
    /// The option.
    pub name: String,
    /// The value now.
    pub value: OptionValue,
    /// The t at which the rerun under the new value was interrupted, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted_at: Option<u64>,
}

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OptionValue {
    /// On or off.
    Switch(bool),
    /// A count.
    Count(u64),
    /// A number.
    Number(Real),
    /// Off, where the option is a number otherwise.
    Off,
}

/// A session that has been written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Saved {
    /// The file.
    pub file: String,
}

/// The result that is missing because a command was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The value of an expression.
    Value,
    /// The map of a sweep.
    Map,
    /// The lane of this name.
    Lane(String),
}
