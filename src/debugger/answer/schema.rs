//! The JSON schema of answers, and the header that says which version of it follows.

use super::Answer;
use crate::error::ErrorReport;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;

/// The version of the JSON that answers are written as.
pub const JSON_VERSION: u32 = 1;

/// The first line of a stream of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AnswerHeader {
    /// The version of the format.
    #[schemars(range(min = 1))]
    pub eigenstep: u32,
    /// The version of the program.
    pub version: String,
}

impl Default for AnswerHeader {
    fn default() -> Self {
        Self {
            eigenstep: JSON_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// A line of `exec --json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is made")]
enum ExecLine {
    /// The first line.
    AnswerHeader(AnswerHeader),
    /// A command and its answer.
    Answer {
        /// The command.
        command: String,
        /// The answer: an object whose one key is its kind, or a string for kinds without data.
        answer: Answer,
    },
    /// An error; nothing follows.
    Error {
        /// The error.
        error: ErrorReport,
    },
}

/// The schema of a line of `exec --json`, in JSON Schema 2020-12.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<ExecLine>();
    schema.insert("title".to_owned(), "A line of eigenstep exec --json".into());
    schema
}

/// The kinds of answers as lines of help: each with the first sentence of its description.
#[must_use]
pub fn kinds() -> Vec<(String, String)> {
    let schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Answer>();
    let mut kinds = Vec::new();
    let variants = schema.get("oneOf").and_then(serde_json::Value::as_array);
    for variant in variants.into_iter().flatten() {
        let doc = variant["description"].as_str().unwrap_or_default();
        let doc = doc.split(". ").next().unwrap_or(doc).trim_end_matches('.');
        let names = [&variant["required"][0], &variant["const"]].into_iter();
        let names = names.chain(variant["enum"].as_array().into_iter().flatten());
        let names = names.filter_map(serde_json::Value::as_str);
        kinds.extend(names.map(|name| (name.to_owned(), doc.to_owned())));
    }
    kinds
}
