//! Captions: text with numbers in it that the session computes.
//!
//! `{EXPR}` is written short, `{EXPR:.3}` with three decimals, `{EXPR:.1e}` as 1.2e-6; vectors element by
//! element. `{{` and `}}` are braces.

use super::reader::plain;
use crate::{
    debugger::{Control, Session, interrupted, watch::ExpectedType},
    error::{Error, Result, Source, Span},
    format::Notation,
    lang::parse::expression_within,
};
use std::sync::Arc;

/// A caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a caption.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text as it is.
    Plain(String),
    /// The value of the expression at this place.
    Value(Span, Notation),
}

impl Text {
    /// Reads the text at `within`.
    ///
    /// # Errors
    /// A brace without its other one, something between them that is no expression, an unknown format.
    pub fn parse(source: &Arc<Source>, within: Span) -> Result<Self> {
        let mut parts = Vec::new();
        let mut run = String::new();
        let text = source.slice(within);
        let mut at = 0;
        while let Some(character) = text[at..].chars().next() {
            let rest = &text[at..];
            let place = within.start + at;
            if rest.starts_with("{{") || rest.starts_with("}}") {
                run.push(character);
                at += 2;
            } else if character == '{' {
                let Some(len) = rest.find('}') else {
                    let brace = Span::new(place, place + 1);
                    return Err(Error::syntax(source, brace, "this brace is never closed")
                        .help("write {{ for a brace itself"));
                };
                parts.push(Part::Plain(std::mem::take(&mut run)));
                parts.push(value(source, Span::new(place + 1, place + len))?);
                at += len + 1;
            } else if character == '}' {
                let brace = Span::new(place, place + 1);
                return Err(Error::syntax(source, brace, "this brace closes nothing")
                    .help("write }} for a brace itself"));
            } else {
                run.push(character);
                at += character.len_utf8();
            }
        }
        parts.push(Part::Plain(run));
        Ok(Self { parts })
    }

    /// The text with the numbers as they are where the session is.
    ///
    /// # Errors
    /// A name that the session lacks, at its place in the walk.
    pub fn render(&self, source: &Arc<Source>, session: &mut Session) -> Result<String> {
        let mut raw = String::new();
        for part in &self.parts {
            match part {
                Part::Plain(text) => raw.push_str(text),
                Part::Value(span, notation) => {
                    let mut watch = session.watch(source, *span, ExpectedType::Any)?;
                    let value = session.value(&mut watch, &mut Control::default());
                    raw.push_str(&value.ok_or_else(interrupted)?.caption(*notation));
                }
            }
        }
        Ok(plain(&raw))
    }
}

/// Reads what stands between braces.
fn value(source: &Arc<Source>, within: Span) -> Result<Part> {
    let text = source.slice(within);
    let (len, notation) = match text.rfind(':') {
        None => (text.len(), Notation::Short),
        Some(colon) => {
            let span = Span::new(within.start + colon + 1, within.end);
            let notation = Notation::parse(source.slice(span).trim()).ok_or_else(|| {
                Error::syntax(source, span, "this is no format")
                    .help(".3 is three decimals, .1e a power of ten")
            })?;
            (colon, notation)
        }
    };
    let span = Span::new(within.start, within.start + len);
    if source.slice(span).trim().is_empty() {
        return Err(Error::syntax(source, span, "an expression is missing here"));
    }
    expression_within(source, span)?;
    Ok(Part::Value(span, notation))
}
