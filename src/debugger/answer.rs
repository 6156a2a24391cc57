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
use std::fmt;

/// Declares the answers: the data of each, whether something has been changed by hand or told, its sentence, and what
/// it is.
macro_rules! answers {
    ($($variant:ident($data:ty), $effect:ident, $sentence:literal, $doc:literal;)*) => {
        /// The answer to a command.
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Answer {
            $(#[doc = $doc] $variant($data),)*
            /// The value of an expression.
            Printed {
                /// The expression.
                text: String,
                /// The value.
                value: Value,
            },
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
                    $(Self::$variant(_) => answers!($effect),)*
                    Self::Printed { .. } | Self::Nothing | Self::Quit => false,
                }
            }
        }

        impl fmt::Display for Answer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant(data) => write!(f, $sentence, data),)*
                    Self::Printed { text, value } => write!(f, "{text} = {value}"),
                    Self::Nothing | Self::Quit => Ok(()),
                }
            }
        }
    };
    (changes) => { true };
    (tells) => { false };
}

#[rustfmt::skip]
answers! {
    Stopped(Stopped), tells, "{}", "A run or a jump has ended.";
    Explained(Explanation), tells, "{}", "The line that produced a value, with the values of its names.";
    Swept(Box<Map>), tells, "{}", "The ends of runs over one or two settings.";
    Lines(Listing), tells, "{}", "The lines of the rule in focus.";
    Stops(StopTable), tells, "{}", "The stops and displays.";
    Lanes(LaneTable), tells, "{}", "The lanes side by side.";
    Settings(SettingTable), tells, "{}", "The settings of the rule in focus.";
    Variables(VariableTable), tells, "{}", "The variables of the rule in focus and their values.";
    Edits(EditTable), tells, "{}", "The edits of the lane in focus.";
    Loss(Box<LossReport>), tells, "{}", "The loss, its minimum and its spectrum.";
    Rule(RuleReport), tells, "{}", "The rule in focus.";
    Options(OptionsReport), tells, "{}", "The options of the session.";
    Prediction(Box<PredictionReport>), tells, "{}", "The predictions of theory for the lane in focus.";
    Stop(StopReport), changes, "{}", "A stop has been made.";
    Display(DisplayValue), changes, "{}", "A display has been made.";
    Plot(PlotReport), changes, "{}", "A plot has been made.";
    Deleted(StopSelection), changes, "deleted: {}", "Stops or displays have been deleted.";
    Enabled(StopSelection), changes, "enabled: {}", "Stops have been enabled.";
    Disabled(StopSelection), changes, "disabled: {}", "Stops have been disabled.";
    Ignored(Ignored), changes, "{}", "The next hits of a stop will be ignored.";
    Set(SetReport), changes, "{}", "A setting or a variable has been set.";
    OptionSet(OptionSet), changes, "{}", "An option has been set.";
    Undone(Undone), changes, "{}", "The last edit has been undone.";
    Forked(Forked), changes, "{}", "A lane has been forked.";
    Added(Added), changes, "{}", "A lane has been added.";
    Focused(Focused), changes, "{}", "Another lane is in focus.";
    Dropped(Dropped), changes, "{}", "A lane has been removed.";
    Saved(Saved), tells, "{}", "The session has been saved.";
    Interrupted(Missing), tells, "{}", "The command was interrupted, and this is missing.";
    Text(String), tells, "{}", "A page of help.";
}

impl Answer {
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
