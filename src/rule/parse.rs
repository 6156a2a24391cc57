//! Reads a `.rule` file, line by line.
//!
//! ```text
//! rule NAME "title"
//! cite "source"                                   any number of times
//! param NAME = EXPR in DOMAIN "doc"               a setting; one that reads `t` is a schedule
//! state NAME = EXPR [as momentum|scale|count] "doc"
//! step [for each tensor]
//!   NAME = EXPR                                   the lines of one iteration
//!   repeat K                                      the lines below it that are indented further, K times
//!   if EXPR                                       those lines, where settings that are known are so
//! show "label" = EXPR
//! arrow "label" = EXPR                            a vector drawn at the current point
//! plot "title" = EXPR ["label"], ... [log|symlog] [band N]
//! ```
//! `#` starts a comment; blank lines are free.

mod declared;
mod parts;
mod repeat;

pub use declared::is_reserved;

use super::definition::Rule;
use crate::{
    error::{Error, Result, Source, Span},
    lang::declaration::{self, keyword, quoted},
};
use repeat::Repeat;
use std::{collections::HashMap, sync::Arc};

const KEYWORDS: [&str; 8] = [
    "rule", "cite", "param", "state", "step", "show", "arrow", "plot",
];

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// What is wrong with the text, with its place. Shapes are checked by [`Rule::compile`].
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let mut reader = RuleReader {
            source,
            rule: Rule {
                name: String::new(),
                title: String::new(),
                cites: Vec::new(),
                params: Vec::new(),
                schedules: Vec::new(),
                fixed: Vec::new(),
                recorded: Vec::new(),
                states: Vec::new(),
                is_for_each_tensor: false,
                tensors: Arc::default(),
                step: Vec::new(),
                shows: Vec::new(),
                arrows: Vec::new(),
                plots: Vec::new(),
                source: Arc::clone(source),
            },
            step: None,
            repeats: Vec::new(),
            taken: HashMap::new(),
            number: 1,
        };
        for line in declaration::lines(source) {
            reader.number = line.number;
            reader.line(line.span, line.indent)?;
        }
        reader.finish()
    }
}

struct RuleReader<'a> {
    source: &'a Arc<Source>,
    rule: Rule,
    /// The place of the word `step`.
    step: Option<Span>,
    /// The blocks of `repeat` that are open, outermost first.
    repeats: Vec<Repeat>,
    taken: HashMap<String, Span>,
    /// The number of the line that is read.
    number: usize,
}

impl RuleReader<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::syntax(self.source, span, message)
    }

    fn line(&mut self, span: Span, indent: usize) -> Result<()> {
        self.close_repeats(indent)?;
        let (word, rest) = keyword(self.source, span);
        let in_step = self.step.is_some()
            && self.rule.shows.is_empty()
            && self.rule.arrows.is_empty()
            && self.rule.plots.is_empty();
        if in_step && indent > 0 {
            if word == "repeat" && !self.source.slice(rest).trim_start().starts_with('=') {
                return self.repeat(span, rest, indent);
            }
            if word == "if" && !self.source.slice(rest).trim_start().starts_with('=') {
                return self.condition(span, rest, indent);
            }
            return self.statement(span);
        }
        if self.rule.name.is_empty() && word != "rule" {
            return Err(self
                .error(span, "a rule file starts with its name and title")
                .help("write: rule my_rule \"what it is\""));
        }
        match word {
            "rule" => self.heading(rest),
            "cite" => {
                let (_, text) = quoted(self.source, rest)?;
                self.rule.cites.push(text);
                Ok(())
            }
            "param" => self.param(rest),
            "state" => self.state(rest),
            "step" if self.step.is_some() => Err(self.error(span, "`step` is given twice")),
            "step" => {
                let words: Vec<&str> = self.source.slice(rest).split_whitespace().collect();
                self.rule.is_for_each_tensor = words == ["for", "each", "tensor"];
                if !words.is_empty() && !self.rule.is_for_each_tensor {
                    return Err(self
                        .error(rest, "`step` must be on its own line")
                        .help("or write: step for each tensor"));
                }
                self.step = Some(span);
                Ok(())
            }
            "show" => self.show(rest),
            "arrow" => self.arrow(rest),
            "plot" => self.plot(rest),
            _ if in_step => Err(self
                .error(span, "the lines of `step` are indented")
                .help("put two spaces before it")),
            _ => Err(self
                .error(
                    Span::new(span.start, rest.start),
                    format!("unknown keyword `{word}`"),
                )
                .suggest(word, "keywords", KEYWORDS)),
        }
    }

    fn finish(mut self) -> Result<Rule> {
        self.close_repeats(0)?;
        let end = self.source.text.trim_end().len();
        let end = Span::new(end, end);
        if self.rule.name.is_empty() {
            return Err(self
                .error(end, "the file contains no rule")
                .help("start from a bundled one: eigenstep rules adam > my_adam.rule"));
        }
        let Some(step) = self.step else {
            return Err(self
                .error(end, "the rule has no `step`")
                .help("write `step`, then the lines of one iteration, indented"));
        };
        if !self
            .rule
            .step
            .iter()
            .any(|statement| statement.target == "w")
        {
            return Err(self
                .error(step, "the rule never assigns `w`, so it would never move")
                .help("end the step with a line like: w = w - eta*g"));
        }
        Ok(self.rule)
    }
}
