//! The line that `diff --json` writes, and its JSON schema.

use super::Report;
use crate::{
    debugger::answer::AnswerHeader,
    error::{Error, ErrorReport},
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;

/// The one object that `diff --json` writes: the header's fields, then those of a report, or an error.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DiffLine {
    /// The version of the format and that of the program.
    #[serde(flatten)]
    header: AnswerHeader,
    /// The report or the error.
    #[serde(flatten)]
    outcome: DiffOutcome,
}

/// The outcome of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
enum DiffOutcome {
    /// What was found.
    Report(Box<Report>),
    /// Nothing could be compared.
    Error {
        /// The error.
        error: ErrorReport,
    },
}

impl From<Report> for DiffLine {
    fn from(report: Report) -> Self {
        Self {
            header: AnswerHeader::default(),
            outcome: DiffOutcome::Report(Box::new(report)),
        }
    }
}

impl From<&Error> for DiffLine {
    fn from(error: &Error) -> Self {
        let error = ErrorReport::from(error);
        Self {
            header: AnswerHeader::default(),
            outcome: DiffOutcome::Error { error },
        }
    }
}

/// The schema of what `diff --json` writes, in JSON Schema 2020-12.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<DiffLine>();
    schema.insert(
        "title".to_owned(),
        "What eigenstep diff --json writes".into(),
    );
    schema
}
