//! Files of declarations, as rules and losses are: one per line, `#` starts a comment, blank lines are free.

use super::{
    function::CallContext,
    graph::Graph,
    lower::{Scope, TypedNode, lower},
    parse::expression_within,
};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// A line that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclarationLine {
    /// The place of the text, without the blanks around it and its comment.
    pub span: Span,
    /// The blanks before it.
    pub indent: usize,
    /// The number of the line, from 1.
    pub number: usize,
}

/// The lines of `source` that say something.
#[must_use]
pub fn lines(source: &Source) -> Vec<DeclarationLine> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, line) in source.text.split_inclusive('\n').enumerate() {
        let number = at + 1;
        let code = without_comment(line);
        let trimmed = code.trim();
        if !trimmed.is_empty() {
            let at = start + (code.len() - code.trim_start().len());
            lines.push(DeclarationLine {
                span: Span::new(at, at + trimmed.len()),
                indent: code.len() - code.trim_start_matches([' ', '\t']).len(),
                number,
            });
        }
        start += line.len();
    }
    lines
}

/// The line up to a `#` that stands outside of quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

/// `span` without the blanks around it.
#[must_use]
pub fn trimmed(source: &Source, span: Span) -> Span {
    let text = source.slice(span);
    let start = span.start + text.len() - text.trim_start().len();
    Span::new(start, start + text.trim().len())
}

/// Splits a line into its first word and what follows it.
#[must_use]
pub fn keyword(source: &Source, line: Span) -> (&str, Span) {
    let text = source.slice(line);
    let end = |c: char| c.is_whitespace() || matches!(c, '"' | '=' | '[');
    let word = text.split(end).next().unwrap_or("");
    (word, Span::new(line.start + word.len(), line.end))
}

/// Splits `... "text"` into the part before the quotes and the text within.
///
/// # Errors
/// A text that does not end in words in quotes.
pub fn quoted(source: &Arc<Source>, span: Span) -> Result<(Span, String)> {
    let text = source.slice(span);
    let bounds = text
        .find('"')
        .zip(text.rfind('"'))
        .filter(|(open, close)| open < close);
    let Some((open, close)) = bounds else {
        let end = Span::new(span.end, span.end);
        return Err(Error::new(
            ErrorCode::Syntax,
            source,
            end,
            "expected a description in double quotes",
        )
        .help("say in a few words what it is: \"step size\""));
    };
    if !text[close + 1..].trim().is_empty() {
        let tail = Span::new(span.start + close + 1, span.end);
        return Err(Error::new(
            ErrorCode::Syntax,
            source,
            tail,
            "nothing may follow the description",
        ));
    }
    let words = text[open + 1..close].trim();
    if words.is_empty() {
        let place = Span::new(span.start + open, span.start + close + 1);
        return Err(Error::new(
            ErrorCode::Syntax,
            source,
            place,
            "the description is empty",
        ));
    }
    Ok((Span::new(span.start, span.start + open), words.to_owned()))
}

/// The number that the part `within` of `source` is, an expression that may name `known` and `pi`.
/// `what` says in an error what it is: "a default".
///
/// # Errors
/// What is no expression, or not one number that is known when the file is read.
pub fn constant(
    source: &Arc<Source>,
    within: Span,
    known: &[(&str, f64)],
    what: &str,
) -> Result<f64> {
    match evaluated(source, within, known, what)? {
        (Some(constant), false, _) => Ok(constant),
        (.., place) => {
            let message = format!("{what} is a plain number");
            Err(Error::new(ErrorCode::InvalidValue, source, place, message))
        }
    }
}

/// The truth value that the part `within` of `source` is, likewise.
///
/// # Errors
/// What is no expression, or not one truth value that is known when the file is read.
pub fn constant_truth(
    source: &Arc<Source>,
    within: Span,
    known: &[(&str, f64)],
    what: &str,
) -> Result<bool> {
    match evaluated(source, within, known, what)? {
        (Some(constant), true, _) => Ok(constant != 0.0),
        (.., place) => {
            let message = format!("{what} is a truth value");
            let error = Error::new(ErrorCode::InvalidValue, source, place, message);
            Err(error.help("compare a setting: `if clipnorm > 0`"))
        }
    }
}

/// What an expression is that may name `known`, if it is known; whether it is a truth value, and its place.
fn evaluated(
    source: &Arc<Source>,
    within: Span,
    known: &[(&str, f64)],
    what: &str,
) -> Result<(Option<f64>, bool, Span)> {
    let expr = expression_within(source, within)?;
    let mut graph = Graph::default();
    let mut scope = ConstantScope { known, what };
    let value = lower(&mut graph, &mut scope, source, &expr)?;
    Ok((graph.as_constant(value.id), value.truth, expr.span))
}

/// The names of a constant: those that are given, and no others.
struct ConstantScope<'a> {
    known: &'a [(&'a str, f64)],
    what: &'a str,
}

impl Scope for ConstantScope<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        let (_, value) = self.known.iter().find(|(known, _)| *known == name)?;
        Some(TypedNode::number(graph.constant(*value)))
    }
    fn names(&self) -> Vec<String> {
        self.known
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }
    fn dimension(&self) -> usize {
        0
    }
    fn place(&self) -> CallContext {
        CallContext::Anywhere
    }
    fn missing(&self, name: &str) -> Option<String> {
        let what = self.what;
        Some(format!(
            "{what} is known when the file is read, and cannot depend on `{name}`"
        ))
    }
}
