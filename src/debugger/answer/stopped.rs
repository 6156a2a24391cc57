//! Where a run has stopped, why, and what was logged on the way.

use super::json;
use crate::{
    debugger::{
        lanes::{HaltReason, NotFinite},
        machine::Position,
        stop::{Hit, HitKind},
        tolerance::Tolerance,
    },
    format::exact,
    value::Value,
};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// Where a run has stopped, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stopped {
    /// The lane in focus.
    pub lane: String,
    /// Whole iterations done.
    pub t: u64,
    /// Lines done of the iteration under way.
    pub line: usize,
    /// Why.
    pub why: Why,
    /// What `trace` logged on the way, the newest entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Log>,
    /// How many older entries of the log there is no room for.
    #[serde(skip_serializing_if = "is_zero")]
    pub logs_dropped: u64,
    /// The values of all displays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub displays: Vec<Display>,
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

/// Something that was set by hand at the boundary that a run comes by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edited {
    /// The lane in which it was set.
    pub lane: String,
    /// The setting, the variable, or the element of one.
    pub what: String,
    /// Its value from then on.
    pub new: Value,
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lane, what, new } = self;
        write!(f, "{what} = {} was set here: {lane}", new.flat())
    }
}

/// An expression that is shown at every stop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Display {
    /// Its number.
    pub id: u64,
    /// The expression.
    pub text: String,
    /// Its value here.
    pub value: Value,
}

/// An entry of the log of `trace`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Log {
    /// The stop's number.
    pub id: u64,
    /// When.
    pub t: u64,
    /// The expression.
    #[serde(serialize_with = "json::text")]
    pub text: Arc<str>,
    /// Its value.
    pub value: Value,
}

/// Why a run has stopped.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It has done what was asked.
    Done,
    /// Stops were hit.
    Hits(Vec<Hit>),
    /// The condition of `until` holds.
    Until(String),
    /// The loss of these lanes has come down to the tolerance.
    Tolerance {
        /// The lanes.
        lanes: Vec<String>,
        /// How far above the least loss that is.
        tolerance: f64,
        /// The least loss, where that is not 0.
        #[serde(skip_serializing_if = "is_nothing")]
        floor: f64,
    },
    /// What was set by hand at this boundary, when the run came here first.
    Edited(Vec<Edited>),
    /// These lanes cannot go on.
    Ended(Vec<(String, HaltReason)>),
    /// No lane can go on.
    NothingRuns,
    /// It has run as many iterations as one command may.
    MaxRun(u64),
    /// The beginning has been reached, going back.
    Beginning,
    /// It was told to stop.
    Interrupted,
}

impl Why {
    /// Whether this is a stop that somebody should look at, rather than the end of what was asked.
    #[must_use]
    pub fn is_event(&self) -> bool {
        !matches!(self, Self::Done)
    }
}

impl Stopped {
    /// Where.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            t: self.t,
            line: self.line,
        }
    }
}

impl fmt::Display for HaltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordingEnds => f.write_str("the recording ends here"),
            Self::OutOfBounds {
                coordinate,
                value,
                bound,
            } => write!(
                f,
                "out of bounds: w[{coordinate}] = {} has left abs(w) < {bound}",
                exact(*value)
            ),
            Self::NotFinite(NotFinite {
                t,
                line,
                variable,
                coordinate,
                value,
            }) => {
                let element = coordinate.map_or(String::new(), |at| format!("[{at}]"));
                write!(
                    f,
                    "not a number: {variable}{element} first became {value} in iteration {t}"
                )?;
                match line {
                    Some(line) => write!(f, ", line {line}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            HitKind::Became(text) => write!(f, "break {}: {text}", self.id),
            HitKind::Changed { text, old, new } => {
                write!(f, "watch {}: {text}: {old} -> {new}", self.id)
            }
            HitKind::Line(line) => write!(f, "break {}: line {line}", self.id),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => Ok(()),
            Self::Hits(hits) => {
                let hits: Vec<String> = hits.iter().map(ToString::to_string).collect();
                f.write_str(&hits.join("; "))
            }
            Self::Until(text) => write!(f, "until: {text}"),
            Self::Tolerance {
                lanes,
                tolerance,
                floor,
            } => {
                let (above, floor) = (*tolerance, *floor);
                let tolerance = Tolerance { above, floor };
                write!(f, "loss <= {tolerance}: {}", lanes.join(", "))
            }
            Self::Edited(edits) => {
                let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
                f.write_str(&edits.join("; "))
            }
            Self::Ended(ends) => {
                let ends: Vec<String> = ends
                    .iter()
                    .map(|(lane, why)| format!("{lane}: {why}"))
                    .collect();
                f.write_str(&ends.join("; "))
            }
            Self::NothingRuns => f.write_str("no lane can go on"),
            Self::MaxRun(count) => {
                write!(
                    f,
                    "ran {count} iterations without a stop (set max-run to change that)"
                )
            }
            Self::Beginning => f.write_str("the beginning"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl fmt::Display for Display {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} = {}", self.id, self.text, self.value)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.logs_dropped > 0 {
            writeln!(f, "trace: {} older entries not shown", self.logs_dropped)?;
        }
        for log in &self.logs {
            writeln!(
                f,
                "trace {}: t = {}: {} = {}",
                log.id, log.t, log.text, log.value
            )?;
        }
        write!(f, "t = {}", self.t)?;
        if self.line > 0 {
            write!(f, ", {} of the next iteration done", lines(self.line))?;
        }
        if self.why.is_event() {
            write!(f, ": {}", self.why)?;
        }
        for display in &self.displays {
            write!(f, "\n{display}")?;
        }
        Ok(())
    }
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}
