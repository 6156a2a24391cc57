//! What a command answers: typed, so that every front end can show it in its own way.

mod json;

pub use json::Number;

use super::{
    explain::Explanation,
    lanes::{HaltReason, NotFinite},
    machine::Position,
    stop::{Hit, HitKind},
    sweep::Map,
    view_command::ViewCommand,
    watch::Value,
};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A run or a jump has ended.
    Stopped(Stopped),
    /// The value of an expression.
    Printed {
        /// The expression.
        text: String,
        /// Its value.
        value: Value,
    },
    /// The line that produced a value, numbers substituted.
    Explained(Explanation),
    /// How many runs end.
    Swept(Box<Map>),
    /// Something to read.
    Text(String),
    /// Done; one line on what was done.
    Done(String),
    /// Something for the screen to do.
    View(ViewCommand),
    /// The end of the session.
    Quit,
}

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
        /// The tolerance.
        tolerance: f64,
    },
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

impl Answer {
    /// Whether it has nothing to say.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Text(text) | Self::Done(text) => text.is_empty(),
            Self::View(_) | Self::Quit => true,
            _ => false,
        }
    }
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

/// A number as it is read back: the shortest text that parses to the same bits.
#[must_use]
pub fn exact(value: f64) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value == value.trunc() && value.abs() < 1e15 {
        format!("{value}")
    } else {
        format!("{value:?}")
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Elements of a long vector that are written out at each end.
        const ENDS: usize = 8;
        let list = |f: &mut fmt::Formatter<'_>, texts: Vec<String>| {
            if texts.len() <= 2 * ENDS + 1 {
                return write!(f, "[{}]", texts.join(", "));
            }
            let (head, tail) = (&texts[..ENDS], &texts[texts.len() - ENDS..]);
            let count = texts.len();
            write!(
                f,
                "[{}, ..., {}] ({count} elements)",
                head.join(", "),
                tail.join(", ")
            )
        };
        match self {
            Self::Truth(holds) => write!(f, "{holds}"),
            Self::Scalar(value) => f.write_str(&exact(*value)),
            Self::Vector(values) => list(f, values.iter().map(|value| exact(*value)).collect()),
            Self::Matrix(rows) => list(
                f,
                rows.iter()
                    .map(|row| Self::Vector(row.clone()).to_string())
                    .collect(),
            ),
            Self::Truths(values) => list(f, values.iter().map(ToString::to_string).collect()),
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
            Self::Tolerance { lanes, tolerance } => {
                write!(f, "loss <= {tolerance:?}: {}", lanes.join(", "))
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
            write!(f, "\n{}: {} = {}", display.id, display.text, display.value)?;
        }
        Ok(())
    }
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(stopped) => stopped.fmt(f),
            Self::Printed { text, value } => write!(f, "{text} = {value}"),
            Self::Explained(explanation) => explanation.fmt(f),
            Self::Swept(map) => map.fmt(f),
            Self::Text(text) | Self::Done(text) => f.write_str(text),
            Self::View(_) | Self::Quit => Ok(()),
        }
    }
}
