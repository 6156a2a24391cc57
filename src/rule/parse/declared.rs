//! Declarations: one reader for each kind of line before `step` and after it.

use super::RuleReader;
use crate::{
    columns::is_column,
    error::{Result, Span},
    format::exact,
    lang::{
        declaration::{constant, quoted, trimmed},
        parse::expression_within,
        syntax::{Expr, ExprKind},
    },
    rule::{
        PlotSpec,
        definition::{Param, Schedule, Show, State, StateRole, Statement},
        domain::Domain,
    },
};

/// Iterations in which a schedule of whole numbers is seen to be one.
const COUNTED: u16 = 64;

/// Names that mean something in every text of the language.
const RESERVED: [&str; 8] = ["t", "n", "pi", "and", "or", "not", "true", "false"];

/// True if a rule cannot have a variable called `name`: the name means something in every rule, or is a column of
/// every trace, which the variable would hide.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || is_column(name)
}

impl RuleReader<'_> {
    pub(super) fn heading(&mut self, rest: Span) -> Result<()> {
        if !self.rule.name.is_empty() {
            return Err(self.error(rest, "a file holds one rule"));
        }
        let (before, title) = quoted(self.source, rest)?;
        let name = self.source.slice(before).trim().to_owned();
        let fits =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '(' | ')');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(self
                .error(before, format!("`{name}` cannot name a rule"))
                .help("use letters, digits, _ - . and /"));
        }
        self.rule.name = name;
        self.rule.title = title;
        Ok(())
    }

    pub(super) fn param(&mut self, rest: Span) -> Result<()> {
        let (before, doc) = quoted(self.source, rest)?;
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
                .help("write an interval like (0, inf) or [0, 1), a choice like {0, 1}, or whole numbers like {1, 2, ...}"));
        };
        let value = trimmed(self.source, value);
        let expr = expression_within(self.source, value)?;
        if expr.mentions("t") {
            return self.schedule(name, span, expr, domain, doc);
        }
        let default = constant(self.source, value, &[], "a default")?;
        let param = Param {
            name,
            default,
            domain,
            doc,
            value,
        };
        self.check_default(&param)?;
        self.rule.params.push(param);
        Ok(())
    }

    /// A setting that follows `t` is a line that begins each iteration.
    fn schedule(
        &mut self,
        name: String,
        at: Span,
        expr: Expr,
        domain: Domain,
        doc: String,
    ) -> Result<()> {
        let rule = &mut self.rule;
        let params = rule.params.iter().map(|it| (it.name.as_str(), it.default));
        let earlier = rule.schedules.iter().map(|it| (it.name.as_str(), it.first));
        let mut known: Vec<(&str, f64)> = params.chain(earlier).collect();
        let value = expr.span;
        let what = "what a schedule makes of `t` and the settings before it";
        // What counts is a whole number not in its first iteration alone.
        let seen = if domain.is_continuous() { 1 } else { COUNTED };
        let mut first = f64::NAN;
        for t in 1..=seen {
            known.push(("t", f64::from(t)));
            let there = constant(self.source, value, &known, what)?;
            known.pop();
            if t == 1 {
                first = there;
            }
            if !domain.contains(there) {
                let message = format!(
                    "`{name}` is {} at t = {t}, outside of {domain}",
                    exact(there)
                );
                let error = self.error(value, message);
                return Err(if domain.is_continuous() {
                    error
                } else {
                    error.help("round it: floor(...)")
                });
            }
        }
        let line = Statement {
            line: self.number,
            target: name.clone(),
            span: at.to(value),
            expr,
        };
        rule.step.insert(rule.schedules.len(), line);
        rule.schedules.push(Schedule {
            name,
            first,
            domain,
            doc,
            value,
        });
        Ok(())
    }

    pub(super) fn state(&mut self, rest: Span) -> Result<()> {
        let (before, doc) = quoted(self.source, rest)?;
        let padded = Span::new(before.start, before.end);
        let (left, role) = match self.split_at_word(padded, "as") {
            Some((left, role_span)) => {
                let word = self.source.slice(role_span).trim();
                let Some(role) = StateRole::ALL.iter().find(|role| role.name() == word) else {
                    return Err(self
                        .error(role_span, format!("unknown role `{word}`"))
                        .suggest(word, "roles", StateRole::ALL.iter().map(|role| role.name())));
                };
                (left, Some(*role))
            }
            None => (before, None),
        };
        let (name, span, value) = self.assignment(left)?;
        if is_column(&name) && name != "w" && name != "t" {
            return Err(self.error(
                span,
                format!("`{name}` is a column of every trace; choose another name"),
            ));
        }
        self.declare(&name, span)?;
        let initial = expression_within(self.source, value)?;
        if let ExprKind::Call(function, _, arguments) = &initial.kind
            && function == "ring"
            && let Some(Expr {
                kind: ExprKind::Name(kept),
                span,
            }) = arguments.first()
            && self.rule.declaration(kept).is_some()
        {
            self.counted(kept, *span, "how much is kept")?;
        }
        self.rule.states.push(State {
            name,
            initial,
            role,
            doc,
        });
        Ok(())
    }

    pub(super) fn statement(&mut self, span: Span) -> Result<()> {
        let (name, name_span, value) = self.assignment(span)?;
        let is_param = self.rule.declaration(&name).is_some();
        if is_param || (is_reserved(&name) && name != "w") {
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
            line: self.number,
            target: name,
            span,
            expr,
        });
        Ok(())
    }

    pub(super) fn show(&mut self, rest: Span) -> Result<()> {
        let show = self.seen(rest, "show \"effective step size\" = eta/sqrt(s)")?;
        self.rule.shows.push(show);
        Ok(())
    }

    pub(super) fn arrow(&mut self, rest: Span) -> Result<()> {
        let arrow = self.seen(rest, "arrow \"step\" = w - prev(w)")?;
        self.rule.arrows.push(arrow);
        Ok(())
    }

    /// Reads `"label" = EXPR`; `example` is a line as it could be.
    fn seen(&self, rest: Span, example: &str) -> Result<Show> {
        let Some((label, value)) = self.labelled(rest) else {
            return Err(self
                .error(rest, "expected a label in quotes, `=` and an expression")
                .help(format!("as in: {example}")));
        };
        Ok(Show {
            label,
            expr: expression_within(self.source, value)?,
        })
    }

    pub(super) fn plot(&mut self, rest: Span) -> Result<()> {
        let Some((title, value)) = self.labelled(rest) else {
            return Err(self
                .error(rest, "expected a title in quotes, `=` and expressions")
                .help("as in: plot \"first moment\" = m, m_hat"));
        };
        let plot = PlotSpec::parse(self.source, value, Some(&title))?;
        self.rule.plots.push(plot);
        Ok(())
    }

    /// Splits `"label" = rest`.
    fn labelled(&self, span: Span) -> Option<(String, Span)> {
        let text = self.source.slice(span);
        let open = text.find('"')?;
        let close = text[open + 1..].find('"')? + open + 1;
        let equals = text[close + 1..].find('=')? + close + 1;
        let value = Span::new(span.start + equals + 1, span.end);
        Some((text[open + 1..close].to_owned(), value))
    }

    fn declare(&mut self, name: &str, span: Span) -> Result<()> {
        if RESERVED.contains(&name) || name == "w" {
            return Err(self.error(
                span,
                format!("`{name}` means something already; choose another name"),
            ));
        }
        if let Some(first) = self.taken.get(name) {
            let line = self.source.line_of(first.start);
            return Err(self.error(span, format!("`{name}` is declared on line {line} already")));
        }
        self.taken.insert(name.to_owned(), span);
        Ok(())
    }
}
