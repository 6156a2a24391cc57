//! Changes made by hand, each with its sentence.

use crate::{
    files,
    format::exact,
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// A setting or a variable that has been set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SetReport {
    /// The lane with the new value: the fork where one was made.
    pub lane: String,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// The value before.
    pub old: Value,
    /// The value now; of a schedule, that in the next iteration.
    pub new: Value,
    /// The schedule that it follows, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Iterations done when it was set.
    pub t: u64,
    /// The lane that was forked, where the change was made in its past.
    pub forked_from: Option<String>,
    /// The t at which lanes were interrupted on the way back to where they were, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted_at: Option<u64>,
}

impl fmt::Display for SetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forked_from.is_some() {
            write!(f, "forked lane `{}` from here; ", self.lane)?;
        }
        let (old, new) = (self.old.flat(), self.new.flat());
        write!(f, "{}: {old} -> {new} at t = {}", self.name, self.t)?;
        if let Some(schedule) = &self.schedule {
            write!(f, ", from there on by {schedule}")?;
        }
        tell_interruption(f, self.interrupted_at)
    }
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
    /// The t at which the run without it was interrupted, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted_at: Option<u64>,
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = self.name.split('[').next().unwrap_or("");
        write!(f, "undid the edit of {variable} at t = {}", self.t)?;
        if let Some(other) = &self.same_as {
            write!(f, "; lane `{}` stays, the same as `{other}`", self.lane)?;
        }
        tell_interruption(f, self.interrupted_at)
    }
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

impl fmt::Display for Forked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "lane `{}` forks from `{}` at t = {}",
            self.lane, self.from, self.t
        )
    }
}

/// A lane that has been added.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Added {
    /// The new lane.
    pub lane: String,
    /// The name of its rule.
    pub rule: String,
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lane `{}` runs {}", self.lane, self.rule)
    }
}

/// A lane that has come into focus.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Focused {
    /// The lane.
    pub lane: String,
}

impl fmt::Display for Focused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lane `{}` in focus", self.lane)
    }
}

/// A lane that has been removed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Dropped {
    /// The lane.
    pub lane: String,
    /// The number of stops and displays that read it, and went with it.
    pub stops: usize,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dropped lane `{}`", self.lane)?;
        match self.stops {
            0 => Ok(()),
            1 => f.write_str(", and the stop or display that read it"),
            lost => write!(f, ", and the {lost} stops and displays that read it"),
        }
    }
}

/// Stops and displays by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StopSelection {
    /// The numbers, in ascending order.
    pub ids: Vec<u64>,
}

impl fmt::Display for StopSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.ids.iter().map(u64::to_string).collect();
        f.write_str(if ids.is_empty() { "none" } else { "" })?;
        f.write_str(&ids.join(", "))
    }
}

/// A stop whose next hits will be ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ignored {
    /// The number of the stop.
    pub id: u64,
    /// The number of hits.
    pub hits: u64,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, hits } = self;
        match hits {
            0 => write!(f, "stop {id} ignores no hits"),
            1 => write!(f, "stop {id} ignores its next hit"),
            _ => write!(f, "stop {id} ignores its next {hits} hits"),
        }
    }
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

impl fmt::Display for OptionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)?;
        tell_interruption(f, self.interrupted_at)
    }
}

/// Tells where lanes were interrupted when they ran anew, if they were.
fn tell_interruption(f: &mut fmt::Formatter<'_>, at: Option<u64>) -> fmt::Result {
    match at {
        Some(t) => write!(
            f,
            "; interrupted at t = {t} on the way back to where the lanes were"
        ),
        None => Ok(()),
    }
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

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) | Self::Off => f.write_str("off"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Number(value) => f.write_str(&exact(value.0)),
        }
    }
}

/// A session that has been written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Saved {
    /// The file.
    pub file: String,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name is no flag, whatever it begins with.
        let dot = if self.file.starts_with('-') { "./" } else { "" };
        let name = files::quoted(&self.file);
        write!(f, "saved; open it again with: eigenstep {dot}{name}")
    }
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

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("interrupted"),
            Self::Map => f.write_str("interrupted; there is no map"),
            Self::Lane(lane) => write!(f, "interrupted before lane `{lane}` was added"),
        }
    }
}
