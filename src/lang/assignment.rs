//! `NAME=EXPR`, the one form in which commands and flags give a value: `eta=0.1`, `w[1] = 2`, `adam.beta1=0.8`.

use super::quote;
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// The places of the name and of the value, without blanks around them.
///
/// Blanks may stand for the `=`, so that `set eta 0.1` means what it says; either part may be in quotes.
///
/// # Errors
/// No name, or no value.
pub fn assignment(source: &Arc<Source>, span: Span) -> Result<(Span, Span)> {
    let text = source.slice(span);
    let start = span.start + text.len() - text.trim_start().len();
    let text = text.trim();
    let len = if text.starts_with('"') {
        quote::close(text).unwrap_or(text.len())
    } else {
        target(text).0
    };
    let rest = text[len..].trim_start();
    let value = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    if len == 0 || value.is_empty() {
        let message = "expected NAME=EXPR";
        return Err(Error::new(ErrorCode::Usage, source, span, message)
            .help("as in eta=0.1 or adam.beta1=0.8"));
    }
    let end = start + text.len();
    let name = Span::new(start, start + len);
    Ok((name, Span::new(end - value.len(), end)))
}

/// The length of the target at the beginning of `text`, and whether its brackets are closed; blanks may stand within them,
/// and a name in quotes.
fn target(text: &str) -> (usize, bool) {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let mut len = text.find(|c: char| !fits(c)).unwrap_or(text.len());
    while text[len..].starts_with('[') {
        let mut is_quoted = false;
        let close = text[len..].char_indices().find(|(_, c)| {
            is_quoted ^= *c == '"';
            *c == ']' && !is_quoted
        });
        let Some((close, _)) = close else {
            let equals = text[len..].find('=');
            return (equals.map_or(text.len(), |at| len + at), false);
        };
        len += close + 1;
    }
    (len, true)
}

/// True where [`assignment`] finds all of `name` to be the name.
#[must_use]
pub fn is_target(name: &str) -> bool {
    !name.starts_with('"') && target(name) == (name.len(), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, String)> {
        let source = Source::new("test", text);
        let (name, value) = assignment(&source, Span::new(0, text.len())).ok()?;
        Some((source.slice(name).into(), source.slice(value).into()))
    }

    #[test]
    fn a_name_ends_at_its_equals_sign_or_at_a_blank() {
        for (text, name, value) in [
            ("eta=0.1", "eta", "0.1"),
            (" eta = 0.1 ", "eta", "0.1"),
            ("eta 0.1", "eta", "0.1"),
            ("w[1, 2]=x == y", "w[1, 2]", "x == y"),
            ("adam.beta1=1 - 1e-3", "adam.beta1", "1 - 1e-3"),
            ("torch/adam.lr=0.1", "torch/adam.lr", "0.1"),
            ("m[\"a]=b\"][1, 2] = 3", "m[\"a]=b\"][1, 2]", "3"),
            ("\"a = b\"=\"c d\"", "\"a = b\"", "\"c d\""),
        ] {
            assert_eq!(parts(text), Some((name.into(), value.into())), "{text}");
        }
        for text in ["", "eta", "eta=", "=0.1", "= ", "\"eta=0.1"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
