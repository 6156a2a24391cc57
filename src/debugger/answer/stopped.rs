//! The end of a run: the place, the reason, and the log of the way there.

mod text;

use crate::{
    debugger::{
        lanes::HaltReason,
        machine::Position,
        stop::{Hit, HitKind},
        watch::NoValue,
    },
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The place where a run has stopped, and the reason.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Stopped {
    /// The lane in focus.
    pub lane: String,
    /// Iterations done.
    pub t: u64,
    /// Lines done of the iteration under way.
    pub line: usize,
    /// The reason.
    pub why: StopReason,
    /// The ends of all lanes, where none can go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<LaneEnd>,
    /// The log of `trace` on the way, its newest entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Log>,
    /// The number of older entries of the log that there is no room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub logs_dropped: u64,
    /// The values of all displays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub displays: Vec<DisplayValue>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_nothing(number: &f64) -> bool {
    *number == 0.0
}

/// An edit made at the boundary that a run comes by.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PassedEdit {
    /// The lane in which it was made.
    pub lane: String,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// The value from then on.
    pub new: Value,
}

/// An expression that is shown at every stop.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DisplayValue {
    /// The number of the display.
    pub id: u64,
    /// The expression.
    pub text: String,
    /// The value here; none where a long look into the past was interrupted.
    pub value: Option<Value>,
    /// The quantity that is not known, where the value depends on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<NoValue>,
}

/// An entry of the log of `trace`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Log {
    /// The number of the stop.
    pub id: u64,
    /// Iterations done.
    pub t: u64,
    /// The expression.
    #[serde(serialize_with = "shared")]
    #[schemars(with = "String")]
    pub text: Arc<str>,
    /// The value.
    pub value: Value,
    /// The quantity that is not known, where the value depends on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<NoValue>,
}

/// A text that several answers share.
fn shared<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// The reason why a run has stopped.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The command is done.
    Done,
    /// Stops were hit.
    Hits(Vec<Hit>),
    /// The condition of `until` holds.
    Until(String),
    /// The loss of these lanes has come down to the tolerance.
    Tolerance {
        /// The lanes.
        lanes: Vec<String>,
        /// The tolerance, above the least loss.
        tolerance: f64,
        /// The least loss, where that is not 0.
        #[serde(skip_serializing_if = "is_nothing")]
        #[schemars(default)]
        floor: f64,
    },
    /// Edits were made at this boundary, when the run came here first.
    Edited(Vec<PassedEdit>),
    /// These lanes cannot go on.
    Ended(Vec<LaneEnd>),
    /// No lane can go on.
    NothingRuns,
    /// As many iterations have run as one command may run.
    MaxRun(u64),
    /// The beginning has been reached, going back.
    Beginning,
    /// Somebody interrupted it.
    Interrupted,
}

/// The end of a lane's run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LaneEnd {
    /// The lane.
    pub lane: String,
    /// The boundary at which it ended: iterations done.
    pub t: u64,
    /// The reason.
    #[serde(serialize_with = "reason")]
    #[schemars(with = "EndReason")]
    pub reason: HaltReason,
}

/// The reason why a lane cannot go on, as data.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EndReason {
    /// A recording ends: this is its last row.
    RecordingEnds,
    /// The rows of a recording cannot be read any more: why.
    Unreadable(String),
    /// A value became NaN or infinite.
    NotFinite(FirstNotFinite),
    /// A parameter has left the loss's bounds.
    OutOfBounds {
        /// The variable: `w`.
        variable: &'static str,
        /// The coordinate, from 1.
        coordinate: usize,
        /// The value.
        value: Real,
        /// The bound on its magnitude.
        bound: Real,
    },
}

/// The first value of a run that is not finite.
#[derive(Serialize, JsonSchema)]
pub(super) struct FirstNotFinite {
    /// The iteration that made it, from 1; 0 where the run starts with it.
    t: u64,
    /// The line of the step, from 1; null where the start has it.
    line: Option<usize>,
    /// The variable, or `loss` where all variables are finite.
    variable: String,
    /// The element, from 1, of a vector.
    coordinate: Option<usize>,
    /// The value: NaN or an infinity.
    value: Real,
    /// False where the hunt for the first one was interrupted; absent where it is the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_first: Option<bool>,
}

impl From<&HaltReason> for EndReason {
    fn from(reason: &HaltReason) -> Self {
        match reason {
            HaltReason::RecordingEnds => Self::RecordingEnds,
            HaltReason::Unreadable(why) => Self::Unreadable(why.to_string()),
            HaltReason::NotFinite(found) => Self::NotFinite(FirstNotFinite {
                t: found.t,
                line: found.line,
                variable: found.variable.clone(),
                coordinate: found.coordinate,
                value: Real(found.value),
                is_first: (!found.is_first).then_some(false),
            }),
            HaltReason::OutOfBounds {
                coordinate,
                value,
                bound,
            } => Self::OutOfBounds {
                variable: "w",
                coordinate: *coordinate,
                value: Real(*value),
                bound: Real(*bound),
            },
        }
    }
}

pub(super) fn reason<S: serde::Serializer>(reason: &HaltReason, to: S) -> Result<S::Ok, S::Error> {
    EndReason::from(reason).serialize(to)
}

/// A hit as data.
#[derive(Serialize, JsonSchema)]
pub(super) struct HitReport<'a> {
    /// The number of the stop.
    id: u64,
    /// The event at it.
    #[serde(flatten)]
    event: HitEvent<'a>,
}

/// An event at a stop, as data.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HitEvent<'a> {
    /// This condition became true.
    BecameTrue(&'a str),
    /// This line of the step, from 1, is about to run.
    Line(usize),
    /// A value changed.
    Changed {
        /// The expression.
        expression: &'a str,
        /// The value before.
        old: &'a Value,
        /// The value now.
        new: &'a Value,
    },
}

impl Serialize for Hit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = match &self.what {
            HitKind::Became(text) => HitEvent::BecameTrue(text),
            HitKind::Line(line) => HitEvent::Line(*line),
            HitKind::Changed { text, old, new } => HitEvent::Changed {
                expression: text,
                old,
                new,
            },
        };
        HitReport { id: self.id, event }.serialize(serializer)
    }
}

impl JsonSchema for Hit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hit".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        HitReport::json_schema(generator)
    }
}

impl StopReason {
    /// True where this is a stop that somebody should look at, rather than the end of what was asked.
    #[must_use]
    pub fn is_event(&self) -> bool {
        !matches!(self, Self::Done)
    }
}

impl Stopped {
    /// The place.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            t: self.t,
            line: self.line,
        }
    }
}
