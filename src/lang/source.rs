//! Source text with its name, and places in it.

use std::{path::Path, sync::Arc};

/// A named piece of text in the language: a rule file, a formula, a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name in errors: a file's path, or `<loss>`, `<prompt>` and the like.
    pub name: String,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// Wraps `text` under `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not UTF-8.
    pub fn read(path: &Path) -> super::error::Result<Arc<Self>> {
        use super::error::Error;
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            Error::plain(format!("cannot read `{name}`: {error}"))
                .help("check the name and the folder")
        })?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let source = Self::new(name, String::from_utf8_lossy(error.as_bytes()));
                let message = format!("the file is not UTF-8 text: byte {} is not", at + 1);
                Err(
                    Error::new(&source, Span::new(at, at + '\u{fffd}'.len_utf8()), message)
                        .help("save it as UTF-8"),
                )
            }
        }
    }

    /// The text of `span`; empty when the span lies outside.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The line (1-based) on which byte `at` lies.
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        let upto = self.text.get(..at).unwrap_or(&self.text);
        upto.matches('\n').count() + 1
    }

    /// Line and column (both 1-based, the column in characters) of byte `at`.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        let upto = self.text.get(..at).unwrap_or(&self.text);
        let line_start = upto.rfind('\n').map_or(0, |newline| newline + 1);
        (self.line_of(at), upto[line_start..].chars().count() + 1)
    }
}

/// A byte range of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}
