//! Answers to commands, as data: every front end shows them in its own way.
//!
//! An answer has numbers, names and identifiers, and no sentences; [`fmt::Display`] writes it for people, [`serde::Serialize`] for programs, and [`schema`] describes what programs get.
//!
//! [`fmt::Display`]: std::fmt::Display

mod changed;
mod explained;
mod lanes;
mod listing;
mod prediction;
mod report;
mod schema;
mod settings;
mod stopped;
mod stops;
mod table;
mod tensors;
mod variables;

pub use changed::{
    Added, Dropped, Focused, Forked, Ignored, Missing, OptionSet, OptionValue, Saved, SetReport,
    StopSelection, Undone,
};
pub use lanes::{LaneReport, LaneTable};
pub use listing::{ListedLine, Listing};
pub use prediction::{
    ClaimTable, Convergence, DirectionReport, EdgeReport, GrowthReport, IterationReport, Method,
    ModeReport, PredictionReport, Reached,
};
pub use report::{
    LossReport, MinimumOrigin, MinimumReport, NoiseReport, OptionsReport, RuleReport,
};
pub use schema::{AnswerHeader, JSON_VERSION, kinds, schema};
pub use settings::{DomainReport, SettingOrigin, SettingReport, SettingTable};
pub use stopped::{DisplayValue, LaneEnd, Log, PassedEdit, StopReason, Stopped};
pub use stops::{CurveReport, PlotReport, StopReport, StopTable, StopType};
pub use tensors::{BufferNorm, TensorColumn, TensorReport, TensorTable};
pub use variables::{EditReport, EditTable, VariableReport, VariableTable};

use super::{command::for_each_command, explain::Explanation, sweep::Map, watch::NoValue};
use crate::value::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Declares the answers that several commands give, and those of the rows of commands.
macro_rules! answers {
    ($($variant:ident $(($argument:ty))? = $info:tt does |$($used:tt),+| $does:block
        $(answers $answer:ident($data:ty) $sentence:literal $about:literal)*;)*) => {
        /// The answer to a command.
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Answer {
            /// A run or a jump has ended.
            Stopped(Stopped),
            /// A stop has been made.
            Stop(StopReport),
            /// The stops and displays.
            Stops(StopTable),
            /// The lanes side by side.
            Lanes(LaneTable),
            /// The settings of the rule in focus.
            Settings(SettingTable),
            /// The variables of the rule in focus and their values.
            Variables(VariableTable),
            /// The tensors of the lane in focus.
            Tensors(TensorTable),
            /// The edits of the lane in focus.
            Edits(EditTable),
            /// The loss, its minimum and its spectrum.
            Loss(Box<LossReport>),
            /// The rule in focus.
            Rule(RuleReport),
            /// The options of the session.
            Options(OptionsReport),
            /// The claims about the run in focus, each with its premises and an independent check.
            Claims(ClaimTable),
            /// The predictions of theory for the lane in focus.
            Prediction(Box<PredictionReport>),
            $($(#[doc = $about] $answer($data),)*)*
            /// The value of an expression.
            Printed {
                /// The expression.
                text: String,
                /// The value.
                value: Value,
                /// The quantity that is not known, where the value depends on one.
                #[serde(skip_serializing_if = "Option::is_none")]
                unknown: Option<NoValue>,
            },
            /// The command was interrupted, and this is missing.
            Interrupted(Missing),
            /// A page of help.
            Text(String),
            /// There was nothing to do: a comment, or an empty line.
            Nothing,
            /// The end of the session.
            Quit,
        }

        impl fmt::Display for Answer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Stopped(stopped) => stopped.fmt(f),
                    Self::Stop(stop) => stop.fmt(f),
                    Self::Stops(table) => table.fmt(f),
                    Self::Lanes(table) => table.fmt(f),
                    Self::Settings(table) => table.fmt(f),
                    Self::Variables(table) => table.fmt(f),
                    Self::Tensors(table) => table.fmt(f),
                    Self::Edits(table) => table.fmt(f),
                    Self::Loss(report) => report.fmt(f),
                    Self::Rule(report) => report.fmt(f),
                    Self::Options(report) => report.fmt(f),
                    Self::Claims(table) => table.fmt(f),
                    Self::Prediction(report) => report.fmt(f),
                    $($(Self::$answer(data) => write!(f, $sentence, data),)*)*
                    Self::Printed { text, value, unknown } => match unknown {
                        Some(why) => write!(f, "{text} = {}", why.instead_of(text)),
                        None => write!(f, "{text} = {value}"),
                    },
                    Self::Interrupted(missing) => missing.fmt(f),
                    Self::Text(text) => f.write_str(text),
                    Self::Nothing | Self::Quit => Ok(()),
                }
            }
        }
    };
}

for_each_command!(answers);

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
