//! Changes to the text of a rule.

use crate::{
    error::Span,
    lang::syntax::{Expr, ExprKind},
    rule::Rule,
};

/// The line that begins an iteration, without tensors and with them.
const STEPS: [&str; 2] = ["\nstep\n", "\nstep for each tensor\n"];

/// A rule's text with pieces of it replaced.
#[derive(Debug, Clone)]
pub(super) struct RulePatch<'a> {
    rule: &'a Rule,
    pieces: Vec<(Span, String)>,
    settings: Vec<String>,
    states: Vec<String>,
    first: Vec<String>,
    last: Vec<String>,
    is_for_each_tensor: bool,
}

impl<'a> RulePatch<'a> {
    pub fn new(rule: &'a Rule) -> Self {
        Self {
            rule,
            pieces: Vec::new(),
            settings: Vec::new(),
            states: Vec::new(),
            first: Vec::new(),
            last: Vec::new(),
            is_for_each_tensor: false,
        }
    }

    /// Puts `text` in the place of what stands at `span`.
    pub fn replace(mut self, span: Span, text: impl Into<String>) -> Self {
        self.pieces.push((span, text.into()));
        self
    }

    /// Puts `text` in the place of `name` wherever line `line` (from 0) and those after it read it.
    pub fn rename_from(mut self, line: usize, name: &str, text: &str) -> Self {
        for statement in self.rule.step.iter().skip(line) {
            for span in mentions(&statement.expr, name) {
                self.pieces.push((span, text.to_owned()));
            }
        }
        self
    }

    /// Puts `text` in the place of `name` wherever line `line` (from 0) reads it.
    pub fn rename_in(mut self, line: usize, name: &str, text: &str) -> Self {
        if let Some(statement) = self.rule.step.get(line) {
            for span in mentions(&statement.expr, name) {
                self.pieces.push((span, text.to_owned()));
            }
        }
        self
    }

    /// Declares a setting.
    pub fn param(mut self, name: &str, default: f64, domain: &str) -> Self {
        self.settings
            .push(format!("param {name} = {default:?} in {domain} \"added\""));
        self
    }

    /// Declares a state.
    pub fn state(mut self, name: &str, initial: &str) -> Self {
        self.states
            .push(format!("state {name} = {initial} \"added\""));
        self
    }

    /// Adds a line after the one that asks for the gradient.
    pub fn line_after_gradient(mut self, text: impl Into<String>) -> Self {
        self.first.push(text.into());
        self
    }

    /// Writes the lines for each tensor, so that they know its shape.
    pub fn for_each_tensor(mut self) -> Self {
        self.is_for_each_tensor = true;
        self
    }

    /// Adds a line at the end.
    pub fn line_last(mut self, text: impl Into<String>) -> Self {
        self.last.push(text.into());
        self
    }

    /// Moves line `line` (from 0) to the end.
    pub fn move_last(mut self, line: usize) -> Self {
        if let Some(statement) = self.rule.step.get(line) {
            self.last
                .push(self.rule.source.slice(statement.span).to_owned());
            self.pieces
                .push((statement.span, "# moved to the end".to_owned()));
        }
        self
    }

    /// The changed text, without what the rule shows. `gradient` is the line that asks for the gradient.
    pub fn text(mut self, gradient: Option<usize>) -> String {
        let source = &self.rule.source.text;
        // At one start the longer piece comes first, and hides those within it.
        self.pieces
            .sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let line_end = |span: Span| {
            source[span.end..]
                .find('\n')
                .map_or(source.len(), |at| span.end + at)
        };
        let place = gradient
            .and_then(|at| self.rule.step.get(at))
            .map(|it| line_end(it.span));
        let end = self
            .rule
            .step
            .last()
            .map_or(source.len(), |it| line_end(it.span));
        let mut text = String::new();
        let mut at = 0;
        // The added lines go in once, with the stretch of unchanged text that reaches over their place.
        let mut first = Some(self.first);
        let mut copy = |text: &mut String, at: usize, to: usize| match place {
            Some(place) if at <= place && place <= to && to > at => {
                text.push_str(&source[at..place]);
                for line in first.take().unwrap_or_default() {
                    text.push_str("\n  ");
                    text.push_str(&line);
                }
                text.push_str(&source[place..to]);
            }
            _ => text.push_str(&source[at..to]),
        };
        for (span, replacement) in &self.pieces {
            // A piece within one that is replaced already is gone; what the rule shows, below the step, is left out.
            if span.start < at || span.start > end {
                continue;
            }
            copy(&mut text, at, span.start);
            text.push_str(replacement);
            at = span.end;
        }
        copy(&mut text, at, end.max(at));
        for line in &self.last {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text.push('\n');
        if self.is_for_each_tensor {
            text = text.replacen(STEPS[0], STEPS[1], 1);
        }
        let declarations: Vec<String> = self.settings.into_iter().chain(self.states).collect();
        if !declarations.is_empty()
            && let Some(step) = STEPS.iter().find_map(|it| text.find(it))
        {
            text.insert_str(step, &format!("\n{}\n", declarations.join("\n")));
        }
        text
    }
}

/// The places where `expr` reads `name`.
fn mentions(expr: &Expr, name: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    expr.walk(&mut |it| {
        if matches!(&it.kind, ExprKind::Name(known) if known == name) {
            spans.push(it.span);
        }
    });
    spans
}
