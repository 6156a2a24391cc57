//! The topics of `info`.

use super::{reader::LineReader, row::Argument};
use crate::error::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that `info` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InfoTopic {
    /// Stops and displays.
    Stops,
    /// Lanes.
    Lanes,
    /// Settings of the rule in focus.
    Settings,
    /// Variables of the rule in focus.
    Variables,
    /// Tensors of the lane in focus.
    Tensors,
    /// Edits of the lane in focus.
    Edits,
    /// The loss.
    Loss,
    /// The rule in focus.
    Rule,
    /// Theory on the lane in focus.
    Prediction,
    /// Claims about the lane in focus.
    Claims,
    /// Options of the session.
    Options,
}

impl InfoTopic {
    /// Every topic with its name and a line on it.
    pub const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::Stops, "stops", "stops and displays, with their hits"),
        (Self::Lanes, "lanes", "the lanes side by side"),
        (
            Self::Settings,
            "settings",
            "the settings of the rule and their domains",
        ),
        (
            Self::Variables,
            "variables",
            "all variables and their values",
        ),
        (
            Self::Tensors,
            "tensors",
            "tensors: norms, relative steps, what is not finite, what differs from a recorded run",
        ),
        (Self::Edits, "edits", "edits made by hand, and when"),
        (
            Self::Loss,
            "loss",
            "the loss, its active minimum, its spectrum",
        ),
        (
            Self::Rule,
            "rule",
            "the rule's title, its sources and its lines",
        ),
        (
            Self::Prediction,
            "prediction",
            "what theory predicts: alpha, regimes, stability edge, convergence time",
        ),
        (
            Self::Claims,
            "claims",
            "what is claimed of the run, with premises and a check: converged, stable, exact, ...",
        ),
        (
            Self::Options,
            "options",
            "options that `set` changes besides settings",
        ),
    ];

    /// The names of all topics.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(_, name, _)| *name)
    }
}

impl Argument for InfoTopic {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let name = reader.name()?.ok_or_else(|| reader.missing())?;
        let word = name.text();
        let fits = |(_, topic, _): &&(Self, &str, &str)| topic.starts_with(word);
        let mut found = Self::ALL.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some((topic, ..)), None) => Ok(*topic),
            _ => Err(name
                .error(format!("there is no info topic `{word}`"))
                .suggest(word, "topics", Self::names())),
        }
    }

    fn written(&self) -> String {
        let row = Self::ALL.iter().find(|(topic, ..)| topic == self);
        row.map_or(String::new(), |(_, name, _)| (*name).to_owned())
    }
}
