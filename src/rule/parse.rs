//! Reads a `.rule` file, line by line.
//!
//! ```text
//! rule NAME "title"
//! cite "source"                                   any number of times
//! param NAME = EXPR in DOMAIN "doc"
//! state NAME = EXPR [as momentum|scale|count] "doc"
//! step
//!   NAME = EXPR                                   the lines of one iteration
//! show "label" = EXPR
//! ```
//! `#` starts a comment; blank lines are free.

use super::{Domain, Param, Role, Rule, Show, State, Statement};
use crate::lang::{
    error::{Error, Result},
    function::Place,
    graph::Graph,
    lower::{self, Scope, Value},
    parse::expression_within,
    source::{Source, Span},
    syntax::Expr,
};
use std::sync::Arc;

const KEYWORDS: [&str; 6] = ["rule", "cite", "param", "state", "step", "show"];

/// Names that mean something in every rule.
const RESERVED: [&str; 8] = ["t", "n", "pi", "and", "or", "not", "true", "false"];
/// Names of the columns of a trace, which a variable of a rule would hide.
const COLUMNS: [&str; 4] = ["lane", "loss", "grad", "alpha"];

/// Reads `source` as a rule.
///
/// # Errors
/// The first line that is not as the grammar above has it.
pub fn rule(source: &Arc<Source>) -> Result<Rule> {
    let mut reader = Reader {
        source,
        rule: Rule {
            name: String::new(),
            title: String::new(),
            cites: Vec::new(),
            params: Vec::new(),
            states: Vec::new(),
            step: Vec::new(),
            shows: Vec::new(),
            source: Arc::clone(source),
        },
        step: None,
        taken: Vec::new(),
    };
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let code = line_without_comment(line);
        let trimmed = code.trim();
        if !trimmed.is_empty() {
            let at = start + (code.len() - code.trim_start().len());
            let indented = code.starts_with([' ', '\t']);
            reader.line(Span::new(at, at + trimmed.len()), indented)?;
        }
        start += line.len();
    }
    reader.finish()
}

/// The line up to a `#` that stands outside of quotes.
fn line_without_comment(line: &str) -> &str {
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

struct Reader<'a> {
    source: &'a Arc<Source>,
    rule: Rule,
    /// Where `step` stands.
    step: Option<Span>,
    taken: Vec<(String, Span)>,
}

impl Reader<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(self.source, span, message)
    }

    fn line(&mut self, span: Span, indented: bool) -> Result<()> {
        let text = self.source.slice(span);
        let word = text
            .split(|c: char| c.is_whitespace() || c == '"')
            .next()
            .unwrap_or("");
        let rest = Span::new(span.start + word.len(), span.end);
        let in_step = self.step.is_some() && self.rule.shows.is_empty();
        if in_step && indented {
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
                let (_, text) = self.quoted(rest)?;
                self.rule.cites.push(text);
                Ok(())
            }
            "param" => self.param(rest),
            "state" => self.state(rest),
            "step" if !self.source.slice(rest).trim().is_empty() => {
                Err(self.error(rest, "`step` stands on a line of its own"))
            }
            "step" if self.step.is_some() => Err(self.error(span, "a rule has one `step`")),
            "step" => {
                self.step = Some(span);
                Ok(())
            }
            "show" => self.show(rest),
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

    fn heading(&mut self, rest: Span) -> Result<()> {
        if !self.rule.name.is_empty() {
            return Err(self.error(rest, "a file holds one rule"));
        }
        let (before, title) = self.quoted(rest)?;
        let name = self.source.slice(before).trim().to_owned();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(self
                .error(before, format!("`{name}` cannot name a rule"))
                .help("use letters, digits, _ - . and /"));
        }
        self.rule.name = name;
        self.rule.title = title;
        Ok(())
    }

    /// Splits `... "text"` into the part before the quotes and the text within.
    fn quoted(&self, span: Span) -> Result<(Span, String)> {
        let text = self.source.slice(span);
        let bounds = text
            .find('"')
            .zip(text.rfind('"'))
            .filter(|(open, close)| open < close);
        let Some((open, close)) = bounds else {
            let end = Span::new(span.end, span.end);
            return Err(self
                .error(end, "expected a description in double quotes")
                .help("say in a few words what it is: \"step size\""));
        };
        if !text[close + 1..].trim().is_empty() {
            let tail = Span::new(span.start + close + 1, span.end);
            return Err(self.error(tail, "nothing may follow the description"));
        }
        let words = text[open + 1..close].trim();
        if words.is_empty() {
            let place = Span::new(span.start + open, span.start + close + 1);
            return Err(self.error(place, "the description is empty"));
        }
        Ok((Span::new(span.start, span.start + open), words.to_owned()))
    }

    /// Splits `NAME = rest` and checks the name.
    fn assignment(&self, span: Span) -> Result<(String, Span, Span)> {
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

    fn declare(&mut self, name: &str, span: Span) -> Result<()> {
        if RESERVED.contains(&name) || name == "w" {
            return Err(self.error(
                span,
                format!("`{name}` means something already; choose another name"),
            ));
        }
        if let Some((_, first)) = self.taken.iter().find(|(taken, _)| taken == name) {
            let line = self.source.line_of(first.start);
            return Err(self.error(span, format!("`{name}` is declared on line {line} already")));
        }
        self.taken.push((name.to_owned(), span));
        Ok(())
    }

    /// Splits off what follows the last ` word ` (with spaces around) in `span`.
    fn split_at_word(&self, span: Span, word: &str) -> Option<(Span, Span)> {
        let text = self.source.slice(span);
        let pattern = format!(" {word} ");
        let at = text.rfind(&pattern)?;
        Some((
            Span::new(span.start, span.start + at),
            Span::new(span.start + at + pattern.len(), span.end),
        ))
    }

    fn param(&mut self, rest: Span) -> Result<()> {
        let (before, doc) = self.quoted(rest)?;
        let Some((left, domain_span)) = self.split_at_word(before, "in") else {
            return Err(self
                .error(before, "a param says which values it may take")
                .help("as in: param eta = 0.01 in (0, inf) \"step size\""));
        };
        let (name, span, value) = self.assignment(left)?;
        self.declare(&name, span)?;
        let domain_text = self.source.slice(domain_span).trim();
        let Some(domain) = Domain::parse(domain_text) else {
            return Err(self
                .error(domain_span, format!("`{domain_text}` is not a domain"))
                .help("write an interval like (0, inf) or [0, 1), or a choice like {0, 1}"));
        };
        let expr = expression_within(self.source, value)?;
        let default = constant(self.source, &expr)?;
        if !domain.contains(default) {
            return Err(self.error(
                expr.span,
                format!("the default of `{name}` lies outside its own domain {domain}"),
            ));
        }
        self.rule.params.push(Param {
            name,
            default,
            domain,
            doc,
        });
        Ok(())
    }

    fn state(&mut self, rest: Span) -> Result<()> {
        let (before, doc) = self.quoted(rest)?;
        let padded = Span::new(before.start, before.end);
        let (left, role) = match self.split_at_word(padded, "as") {
            Some((left, role_span)) => {
                let word = self.source.slice(role_span).trim();
                let Some(role) = Role::ALL.iter().find(|role| role.name() == word) else {
                    return Err(self
                        .error(role_span, format!("unknown role `{word}`"))
                        .suggest(word, "roles", Role::ALL.iter().map(|role| role.name())));
                };
                (left, Some(*role))
            }
            None => (before, None),
        };
        let (name, span, value) = self.assignment(left)?;
        if COLUMNS.contains(&name.as_str()) {
            return Err(self.error(
                span,
                format!("`{name}` is a column of every trace; choose another name"),
            ));
        }
        self.declare(&name, span)?;
        let initial = expression_within(self.source, value)?;
        self.rule.states.push(State {
            name,
            initial,
            role,
            doc,
        });
        Ok(())
    }

    fn statement(&mut self, span: Span) -> Result<()> {
        let (name, name_span, value) = self.assignment(span)?;
        let is_param = self.rule.params.iter().any(|param| param.name == name);
        if is_param || RESERVED.contains(&name.as_str()) || COLUMNS.contains(&name.as_str()) {
            let what = if is_param { "a setting" } else { "given" };
            return Err(self
                .error(
                    name_span,
                    format!("`{name}` is {what}; a rule cannot assign it"),
                )
                .help("assign another name"));
        }
        let expr = expression_within(self.source, value)?;
        self.rule.step.push(Statement {
            line: self.source.line_of(span.start),
            target: name,
            target_span: name_span,
            span,
            expr,
        });
        Ok(())
    }

    fn show(&mut self, rest: Span) -> Result<()> {
        let text = self.source.slice(rest);
        let bounds = text.find('"').and_then(|open| {
            let close = text[open + 1..].find('"')? + open + 1;
            Some((open, close))
        });
        let after = bounds.map(|(_, close)| &text[close + 1..]);
        let equals = after.and_then(|after| after.find('='));
        let (Some((open, close)), Some(equals)) = (bounds, equals) else {
            return Err(self
                .error(rest, "expected a label in quotes, `=` and an expression")
                .help("as in: show \"effective step size\" = eta/sqrt(s)"));
        };
        let value = Span::new(rest.start + close + 1 + equals + 1, rest.end);
        self.rule.shows.push(Show {
            label: text[open + 1..close].to_owned(),
            line: self.source.line_of(rest.start),
            expr: expression_within(self.source, value)?,
        });
        Ok(())
    }

    fn finish(self) -> Result<Rule> {
        let end = self.source.text.trim_end().len();
        let end = Span::new(end, end);
        if self.rule.name.is_empty() {
            return Err(self
                .error(end, "the file holds no rule")
                .help("start from a shipped one: eigenstep rules adam > my_adam.rule"));
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

/// The value of an expression that names nothing.
fn constant(source: &Arc<Source>, expr: &Expr) -> Result<f64> {
    struct Nothing;
    impl Scope for Nothing {
        fn name(&mut self, _: &mut Graph, _: &str, _: usize) -> Option<Value> {
            None
        }
        fn names(&self) -> Vec<String> {
            Vec::new()
        }
        fn dimension(&self) -> usize {
            0
        }
        fn place(&self) -> Place {
            Place::Anywhere
        }
        fn missing(&self, name: &str) -> Option<String> {
            Some(format!(
                "a default is a plain number and cannot depend on `{name}`"
            ))
        }
    }
    let mut graph = Graph::default();
    let value = lower::lower(&mut graph, &mut Nothing, source, expr)?;
    match graph.as_constant(value.id) {
        Some(constant) if !value.truth => Ok(constant),
        _ => Err(Error::new(source, expr.span, "a default is a plain number")),
    }
}
