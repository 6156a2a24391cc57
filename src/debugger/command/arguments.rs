//! The arguments of a command, with their places in the line.

use super::Command;
use crate::lang::{
    error::{Error, ErrorCode, Result},
    source::{Source, Span},
};
use std::sync::Arc;

/// What follows a command's name.
pub struct Arguments {
    line: Arc<Source>,
    row: &'static Command,
    word: Span,
    rest: Span,
    count: Option<u64>,
}

impl Arguments {
    pub(super) fn new(
        line: &Arc<Source>,
        row: &'static Command,
        word: Span,
        rest: Span,
        count: Option<u64>,
    ) -> Self {
        Self {
            line: Arc::clone(line),
            row,
            word,
            rest,
            count,
        }
    }

    /// The whole line.
    pub fn line(&self) -> &Arc<Source> {
        &self.line
    }

    /// Where the command's name stands.
    pub fn word(&self) -> Span {
        self.word
    }

    /// Whether a file that is there already may be replaced: `save! FILE`.
    pub fn insists(&self) -> bool {
        self.row.writes && self.slice(self.word).ends_with('!')
    }

    /// Where the arguments stand.
    pub fn span(&self) -> Span {
        self.rest
    }

    /// The arguments as written.
    pub fn text(&self) -> &str {
        self.line.slice(self.rest)
    }

    /// The text of `span`.
    pub fn slice(&self, span: Span) -> &str {
        self.line.slice(span)
    }

    /// An error at `span`.
    pub fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(&self.line, span, message).coded(ErrorCode::InvalidValue)
    }

    /// An error about the command as a whole, with its usage.
    pub fn usage(&self, message: impl Into<String>) -> Error {
        self.error(self.whole(), message)
            .coded(ErrorCode::Usage)
            .help(
                format!("usage: {} {}", self.row.name, self.row.arguments)
                    .trim_end()
                    .to_owned(),
            )
    }

    /// All arguments, or the command's name where there are none.
    pub fn whole(&self) -> Span {
        if self.rest.start < self.rest.end {
            self.rest
        } else {
            self.word
        }
    }

    /// The words of the arguments, each with its place.
    pub fn words(&self) -> Vec<(Span, &str)> {
        words(&self.line, self.rest)
    }

    /// Refuses any argument.
    ///
    /// # Errors
    /// There is one.
    pub fn none(&self) -> Result<()> {
        if self.text().is_empty() && self.count.is_none() {
            return Ok(());
        }
        Err(self.usage(format!("`{}` takes no arguments", self.row.name)))
    }

    /// Requires an argument.
    ///
    /// # Errors
    /// There is none.
    pub fn some(&self) -> Result<()> {
        if self.text().is_empty() {
            return Err(self.usage(format!("`{}` needs {}", self.row.name, self.row.arguments)));
        }
        Ok(())
    }

    /// The count that stands before the command.
    pub fn times_before(&self) -> Option<u64> {
        self.count
    }

    /// How often: the count before the command, or the argument, or 1.
    ///
    /// # Errors
    /// Both are given, or what is given is no count.
    pub fn times(&self) -> Result<u64> {
        match (&self.words()[..], self.count) {
            ([], count) => Ok(count.unwrap_or(1)),
            ([(span, _)], None) => count(&self.line, *span),
            ([(span, _)], Some(_)) => Err(self
                .error(*span, "the count is given twice")
                .coded(ErrorCode::Usage)),
            ([_, (span, _), ..], _) => Err(self
                .error(*span, "nothing may follow the count")
                .coded(ErrorCode::Usage)),
        }
    }
}

/// The words within `span`, each with its place.
pub fn words(line: &Arc<Source>, span: Span) -> Vec<(Span, &str)> {
    let text = line.slice(span);
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = at + text[at..].find(word).unwrap_or(0);
        at = start + word.len();
        words.push((Span::new(span.start + start, span.start + at), word));
    }
    words
}

/// A whole number that counts iterations: `100`, `1e6`, `10_000`.
pub fn count(line: &Arc<Source>, span: Span) -> Result<u64> {
    let text = line.slice(span);
    let value: Option<f64> = text.replace('_', "").parse().ok();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    match value {
        Some(value) if value.fract() == 0.0 && (0.0..=1e15).contains(&value) => Ok(value as u64),
        _ => Err(Error::new(line, span, format!("`{text}` is not a count"))
            .help("write a whole number up to 1e15, like 100 or 1e6")),
    }
}
