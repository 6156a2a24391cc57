//! Answers to commands, as data: every front end shows them in its own way.
//!
//! An answer has numbers, names and identifiers, and no sentences; [`fmt::Display`] writes it for people
//! (in `text`), [`serde::Serialize`] for programs, and [`schema`] describes what programs get.
//!
//! [`fmt::Display`]: std::fmt::Display

mod changed;
mod prediction;
mod report;
mod schema;
mod stopped;
mod tables;
mod text;

pub use changed::{
    Added, Dropped, Focused, Forked, Ignored, Missing, OptionSet, OptionValue, Saved, SetReport,
    StopSelection, Undone,
};
pub use prediction::{
    Convergence, DirectionReport, EdgeReport, IterationReport, Method, ModeReport,
    PredictionReport, Reached,
};
pub use report::{
    LossReport, MinimumOrigin, MinimumReport, NoiseReport, OptionsReport, RuleReport,
};
pub use schema::{AnswerHeader, JSON_VERSION, kinds, schema};
pub use stopped::{DisplayValue, LaneEnd, Log, PassedEdit, Stopped, Why};
pub use tables::{
    DomainReport, EditReport, EditTable, LaneReport, LaneTable, ListedLine, Listing, PlotReport,
    SettingOrigin, SettingReport, SettingTable, StopReport, StopTable, StopType, VariableReport,
    VariableTable,
};

use super::{explain::Explanation, sweep::Map};
use crate::value::Value;
use schemars::JsonSchema;
use serde::Serialize;

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A run or a jump has ended.
    Stopped(Stopped),
    /// The value of an expression.
    Printed {
        /// The expression.
        text: String,
        /// The value.
        value: Value,
    },
    /// The line that produced a value, with the values of its names.
    Explained(Explanation),
    /// The ends of runs over one or two settings.
    Swept(Box<Map>),
    /// The lines of the rule in focus.
    Lines(Listing),
    /// The stops and displays.
    Stops(StopTable),
    /// The lanes side by side.
    Lanes(LaneTable),
    /// The settings of the rule in focus.
    Settings(SettingTable),
    /// The variables of the rule in focus and their values.
    Variables(VariableTable),
    /// The edits of the lane in focus.
    Edits(EditTable),
    /// The loss, its minimum and its spectrum.
    Loss(Box<LossReport>),
    /// The rule in focus.
    Rule(RuleReport),
    /// The options of the session.
    Options(OptionsReport),
    /// The predictions of theory for the lane in focus.
    Prediction(Box<PredictionReport>),
    /// A stop has been made.
    Stop(StopReport),
    /// A display has been made.
    Display(DisplayValue),
    /// A plot has been made.
    Plot(PlotReport),
    /// Stops or displays have been deleted.
    Deleted(StopSelection),
    /// Stops have been enabled.
    Enabled(StopSelection),
    /// Stops have been disabled.
    Disabled(StopSelection),
    /// The next hits of a stop will be ignored.
    Ignored(Ignored),
    /// A setting or a variable has been set.
    Set(SetReport),
    /// An option has been set.
    OptionSet(OptionSet),
    /// The last edit has been undone.
    Undone(Undone),
    /// A lane has been forked.
    Forked(Forked),
    /// A lane has been added.
    Added(Added),
    /// Another lane is in focus.
    Focused(Focused),
    /// A lane has been removed.
    Dropped(Dropped),
    /// The session has been saved.
    Saved(Saved),
    /// The command was interrupted, and this is missing.
    Interrupted(Missing),
    /// A page of help.
    Text(String),
    /// There was nothing to do: a comment, or an empty line.
    Nothing,
    /// The end of the session.
    Quit,
}

impl Answer {
    /// True where something has been changed by hand, rather than told or run.
    #[must_use]
    pub fn is_change(&self) -> bool {
        match self {
            Self::Stop(_)
            | Self::Display(_)
            | Self::Plot(_)
            | Self::Deleted(_)
            | Self::Enabled(_)
            | Self::Disabled(_)
            | Self::Ignored(_)
            | Self::Set(_)
            | Self::OptionSet(_)
            | Self::Undone(_)
            | Self::Forked(_)
            | Self::Added(_)
            | Self::Focused(_)
            | Self::Dropped(_) => true,
            Self::Stopped(_)
            | Self::Printed { .. }
            | Self::Explained(_)
            | Self::Swept(_)
            | Self::Lines(_)
            | Self::Stops(_)
            | Self::Lanes(_)
            | Self::Settings(_)
            | Self::Variables(_)
            | Self::Edits(_)
            | Self::Loss(_)
            | Self::Rule(_)
            | Self::Options(_)
            | Self::Prediction(_)
            | Self::Saved(_)
            | Self::Interrupted(_)
            | Self::Text(_)
            | Self::Nothing
            | Self::Quit => false,
        }
    }

    /// True where there is nothing to write for a person.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Nothing | Self::Quit => true,
            _ => false,
        }
    }
}
