//! The parts of a line: a name and what it is given, a word between.

use super::RuleReader;
use crate::error::{Result, Span};

impl RuleReader<'_> {
    /// Splits `NAME = rest` and checks the name.
    pub(super) fn assignment(&self, span: Span) -> Result<(String, Span, Span)> {
        let text = self.source.slice(span);
        let lead = text.len() - text.trim_start().len();
        let name_len = text[lead..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(text.len() - lead);
        let start = span.start + lead;
        let name_span = Span::new(start, start + name_len);
        let name = self.source.slice(name_span).to_owned();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error(span, "expected `name = expression`"));
        }
        let after = &text[lead + name_len..];
        let gap = after.len() - after.trim_start().len();
        let equals = after.trim_start();
        if equals.starts_with('[') {
            return Err(self
                .error(
                    name_span,
                    "a line assigns a whole variable, not one element",
                )
                .help("write it for all elements at once, with where(cond, a, b) to choose"));
        }
        if !equals.starts_with('=') || equals.starts_with("==") {
            let place = Span::new(name_span.end, span.end.max(name_span.end));
            return Err(self
                .error(place, format!("expected `=` after `{name}`"))
                .help(format!("write: {name} = expression")));
        }
        let value = Span::new(name_span.end + gap + 1, span.end);
        if self.source.slice(value).trim().is_empty() {
            return Err(self.error(value, format!("`{name}` is given no value")));
        }
        Ok((name, name_span, value))
    }

    /// Splits off what follows the last ` word ` (with spaces around) in `span`.
    pub(super) fn split_at_word(&self, span: Span, word: &str) -> Option<(Span, Span)> {
        let text = self.source.slice(span);
        let pattern = format!(" {word} ");
        let at = text.rfind(&pattern)?;
        Some((
            Span::new(span.start, span.start + at),
            Span::new(span.start + at + pattern.len(), span.end),
        ))
    }
}
