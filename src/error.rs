//! Errors: a code for programs; for people a message, its place in a text, and the next thing to do.

mod code;
pub mod source;
pub mod suggest;

pub use code::ErrorCode;
pub use source::{Source, Span};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::{Serialize, Serializer};
use std::{fmt, sync::Arc};

/// Something that cannot be accepted, in a text or without one.
///
/// [`fmt::Display`] draws the offending line with a caret below it, in plain ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    code: ErrorCode,
    message: String,
    source: Option<Arc<Source>>,
    span: Span,
    label: String,
    help: Option<String>,
}

/// The result of everything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of the kind `code` in the text at `span`; `message` says what is wrong there.
    pub fn new(
        code: ErrorCode,
        source: &Arc<Source>,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self::plain(code, message).located(source, span)
    }

    /// `message` says where the text does not follow its grammar.
    pub fn syntax(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Syntax, source, span, message)
    }

    /// `message` says what keeps a table or a recorded run from being read.
    pub fn data(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidData, source, span, message)
    }

    /// An error of the kind `code` that has no place in a text.
    pub fn plain(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            source: None,
            span: Span::default(),
            label: String::new(),
            help: None,
        }))
    }

    /// Gives an error that has no place in a text the one at `span` of `source`.
    #[must_use]
    pub fn located(mut self, source: &Arc<Source>, span: Span) -> Self {
        if self.0.source.is_none() {
            self.0.source = Some(Arc::clone(source));
            self.0.span = source.whole_characters(span);
        }
        self
    }

    /// The error under a code of its own.
    #[must_use]
    pub fn coded(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The same error at another place: that of what led to it.
    #[must_use]
    pub fn moved(mut self, source: &Arc<Source>, span: Span) -> Self {
        self.0.source = Some(Arc::clone(source));
        self.0.span = source.whole_characters(span);
        self.0.label = String::new();
        self
    }

    /// The same error in `source`, which has the text of its origin from byte `start` on.
    #[must_use]
    pub fn within(mut self, source: &Arc<Source>, start: usize) -> Self {
        let span = Span::new(start + self.0.span.start, start + self.0.span.end);
        self.0.source = Some(Arc::clone(source));
        self.0.span = source.whole_characters(span);
        self
    }

    /// The same error, its message after what it happened to: `` `n` runs `step`: ... ``.
    #[must_use]
    pub fn context(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// A word or two to stand beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.0.label = label.into();
        self
    }

    /// The next thing to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// The next thing to do, unless there is one already.
    #[must_use]
    pub fn or_help(mut self, help: impl FnOnce() -> String) -> Self {
        self.0.help.get_or_insert_with(help);
        self
    }

    /// Adds "did you mean `x`?" when one of `candidates` is near to `name`, else lists what `kind` there is;
    /// the code is that of an unknown name of this kind.
    #[must_use]
    pub fn suggest<S: AsRef<str>>(
        self,
        name: &str,
        kind: &str,
        candidates: impl IntoIterator<Item = S>,
    ) -> Self {
        let error = match ErrorCode::of_unknown(kind) {
            Some(code) => self.coded(code),
            None => self,
        };
        match suggest::help(name, kind, candidates) {
            Some(help) => error.help(help),
            None => error,
        }
    }

    /// Adds a word to the help, in brackets.
    #[must_use]
    pub fn remark(mut self, remark: &str) -> Self {
        self.0.help = Some(match self.0.help.take() {
            Some(help) => format!("{help} ({remark})"),
            None => remark.to_owned(),
        });
        self
    }

    /// The message without its place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next thing to do, where there is one to name.
    #[must_use]
    pub fn next_step(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The place at fault.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The file, line and column (from 1) where it happened, if it has a place in a text.
    #[must_use]
    pub fn place(&self) -> Option<(&str, usize, usize)> {
        let source = self.0.source.as_ref()?;
        let (line, column) = source.position(self.0.span.start);
        Some((&source.name, line, column))
    }

    /// The text in which it happened, if it has a place.
    #[must_use]
    pub fn origin(&self) -> Option<&Arc<Source>> {
        self.0.source.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let Some(source) = &inner.source else {
            let report = Level::ERROR.primary_title(inner.message.as_str());
            let help = inner
                .help
                .iter()
                .map(|help| Level::HELP.message(help.as_str()));
            let report = annotate_snippets::Group::with_title(report).elements(help);
            return f.write_str(&Renderer::plain().render(&[report]));
        };
        let text = source.text.as_str();
        let annotation = AnnotationKind::Primary.span(inner.span.start..inner.span.end);
        let annotation = if inner.label.is_empty() {
            annotation
        } else {
            annotation.label(inner.label.as_str())
        };
        let snippet = Snippet::source(text)
            .path(source.name.as_str())
            .annotation(annotation);
        let mut report = Level::ERROR
            .primary_title(inner.message.as_str())
            .element(snippet);
        if let Some(help) = &inner.help {
            report = report.element(Level::HELP.message(help.as_str()));
        }
        f.write_str(&Renderer::plain().render(&[report]))
    }
}

impl std::error::Error for Error {}

/// An error as data: what `--json` and `serve` tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Error")]
pub struct ErrorReport {
    /// The kind of the error.
    pub code: ErrorCode,
    /// A sentence on what is wrong.
    pub message: String,
    /// The text at fault: a file's path, or a name like `-e` or `<stdin>`; null where the error has no place.
    pub file: Option<String>,
    /// The line in the source, from 1.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// The next thing to do.
    pub help: Option<String>,
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        let place = error.place();
        Self {
            code: error.code(),
            message: error.message().to_owned(),
            file: place.map(|(file, ..)| file.to_owned()),
            line: place.map(|(_, line, _)| line),
            column: place.map(|(.., column)| column),
            help: error.next_step().map(str::to_owned),
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        ErrorReport::from(self).serialize(serializer)
    }
}
