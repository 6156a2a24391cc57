//! What a command answers: typed, so that every front end can show it in its own way.

mod changed;
mod json;
mod prediction;
mod stopped;
mod told;

pub use changed::{Forked, Set, Undone};
pub use prediction::{Convergence, Direction, Edge, How, Prediction, Reached};
pub use stopped::{Display, Edited, Log, Stopped, Why};
pub use told::{Edit, Edits, Lane, Lanes, Line, Listing, Setting, Settings, Stop, StopKind, Stops};

use super::{explain::Explanation, sweep::Map, view_command::ViewCommand};
use crate::value::Value;
use serde::Serialize;
use std::fmt;

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
    /// How runs end over one or two settings.
    Swept(Box<Map>),
    /// The lines of the rule in focus.
    Lines(Listing),
    /// The stops and displays.
    Stops(Stops),
    /// The lanes side by side.
    Lanes(Lanes),
    /// The settings of the rule in focus.
    Settings(Settings),
    /// What was set by hand in the lane in focus.
    Edits(Edits),
    /// What theory says of the lane in focus.
    Prediction(Box<Prediction>),
    /// A stop has been made.
    Stop(Stop),
    /// A display has been made.
    Display(Display),
    /// A setting or a variable has been set.
    Set(Set),
    /// The last edit has been taken back.
    Undone(Undone),
    /// A lane has been forked.
    Forked(Forked),
    /// Something to read.
    Text(String),
    /// Done; one line on what was done.
    Done(String),
    /// Something for the screen to do.
    View(ViewCommand),
    /// The end of the session.
    Quit,
}

impl Answer {
    /// Whether something has been changed by hand, rather than told or run.
    #[must_use]
    pub fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Stop(_)
                | Self::Display(_)
                | Self::Set(_)
                | Self::Undone(_)
                | Self::Forked(_)
                | Self::Done(_)
        )
    }

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

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped(stopped) => stopped.fmt(f),
            Self::Printed { text, value } => write!(f, "{text} = {value}"),
            Self::Explained(explanation) => explanation.fmt(f),
            Self::Swept(map) => map.fmt(f),
            Self::Lines(lines) => lines.fmt(f),
            Self::Stops(stops) => stops.fmt(f),
            Self::Lanes(lanes) => lanes.fmt(f),
            Self::Settings(settings) => settings.fmt(f),
            Self::Edits(edits) => edits.fmt(f),
            Self::Prediction(prediction) => prediction.fmt(f),
            Self::Stop(stop) => stop.fmt(f),
            Self::Display(display) => display.fmt(f),
            Self::Set(set) => set.fmt(f),
            Self::Undone(undone) => undone.fmt(f),
            Self::Forked(forked) => forked.fmt(f),
            Self::Text(text) | Self::Done(text) => f.write_str(text),
            Self::View(_) | Self::Quit => Ok(()),
        }
    }
}
