//! Schedules: settings that follow `t`. In a rule's file each is a `param` whose value reads `t`, and runs as a line.

use super::{
    definition::{Rule, Schedule},
    domain::Domain,
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    format::exact,
    lang::{
        parse::expression_within,
        syntax::{Expr, ExprKind},
    },
};
use std::sync::Arc;

/// A setting, or one that follows a schedule, as a rule's file has it.
#[derive(Debug, Clone, Copy)]
pub struct DeclaredSetting<'a> {
    /// The name.
    pub name: &'a str,
    /// The values that it may take.
    pub domain: &'a Domain,
    /// The description.
    pub doc: &'a str,
    /// The place of its value.
    pub value: Span,
}

impl Rule {
    /// The same rule with the value of its setting or schedule `name` replaced by `text`, in its file too.
    ///
    /// # Errors
    /// A text that can be no value of it.
    pub fn with_value(&self, name: &str, text: &str) -> Result<Arc<Self>> {
        let Some(DeclaredSetting { value: place, .. }) = self.declaration(name) else {
            let message = format!("`{}` has no setting `{name}`", self.name);
            return Err(Error::plain(ErrorCode::UnknownSetting, message));
        };
        let file = &self.source;
        let (before, after) = (&file.text[..place.start], &file.text[place.end..]);
        let edited = Source::new(file.name.clone(), format!("{before}{text}{after}"));
        Ok(Arc::new(Self::parse(&edited)?).over(&self.tensors))
    }

    /// The part `within` of `source` as a schedule of `name` in this rule's file, if it reads `t`; none if it does not.
    ///
    /// Parts of it that read neither `t` nor a setting are computed once, by `number`, so that they may name what the
    /// rule does not know.
    ///
    /// # Errors
    /// What is no expression, and the errors of `number`.
    pub fn as_schedule(
        &self,
        name: &str,
        source: &Arc<Source>,
        within: Span,
        number: impl FnMut(Span) -> Result<f64>,
    ) -> Result<Option<String>> {
        let expr = expression_within(source, within)?;
        if !expr.mentions("t") {
            return Ok(None);
        }
        self.spelled(name, source, &expr, number).map(Some)
    }

    /// The expression that the schedule `name` follows, as its file has it.
    #[must_use]
    pub fn schedule(&self, name: &str) -> Option<&str> {
        let found = self.known_at_load().find(|it| it.name == name)?;
        Some(self.source.slice(found.value))
    }

    /// What its file says of settings that are another rule when they are set: schedules, and what decides on lines.
    pub fn known_at_load(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.iter().chain(&self.fixed)
    }

    /// Its settings, and then those that follow a schedule, as the file has them.
    pub fn declared(&self) -> impl Iterator<Item = DeclaredSetting<'_>> {
        let setting = |name, domain, doc, value| DeclaredSetting {
            name,
            domain,
            doc,
            value,
        };
        let params = self.params.iter();
        let params = params.map(move |it| setting(&*it.name, &it.domain, &*it.doc, it.value));
        let schedules = self.known_at_load();
        params.chain(schedules.map(move |it| setting(&*it.name, &it.domain, &*it.doc, it.value)))
    }

    /// The setting called `name`, or what follows a schedule under this name.
    #[must_use]
    pub fn declaration(&self, name: &str) -> Option<DeclaredSetting<'_>> {
        self.declared().find(|it| it.name == name)
    }

    /// `expr` on one line, its parts that need no rule and no `t` as numbers.
    fn spelled(
        &self,
        name: &str,
        source: &Arc<Source>,
        expr: &Expr,
        mut number: impl FnMut(Span) -> Result<f64>,
    ) -> Result<String> {
        let mut parts = Vec::new();
        self.constant_parts(name, expr, &mut parts);
        let mut text = String::new();
        let mut from = expr.span.start;
        for part in parts {
            let value = exact(number(part)?);
            text += &source.text[from..part.start];
            // A sign must not meet an operator.
            text.extend(if value.starts_with('-') {
                ["(", &value, ")"]
            } else {
                ["", &value, ""]
            });
            from = part.end;
        }
        text += &source.text[from..expr.span.end];
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The largest parts of `expr` that read something, but nothing that this rule's schedule `name` could.
    fn constant_parts(&self, name: &str, expr: &Expr, found: &mut Vec<Span>) {
        let (mut reads_own, mut reads_other) = (false, false);
        expr.walk(&mut |it| {
            if let ExprKind::Name(read) = &it.kind {
                let is_own = read == "t" || (read != name && self.declaration(read).is_some());
                reads_own |= is_own;
                reads_other |= !is_own && read != "pi";
            }
        });
        if !reads_other {
            return;
        }
        if !reads_own {
            found.push(expr.span);
            return;
        }
        match &expr.kind {
            ExprKind::Call(_, _, arguments) => {
                for argument in arguments {
                    self.constant_parts(name, argument, found);
                }
            }
            ExprKind::Prefix(_, operand) => self.constant_parts(name, operand, found),
            ExprKind::Chain(first, rest) => {
                self.constant_parts(name, first, found);
                for (_, operand) in rest {
                    self.constant_parts(name, operand, found);
                }
            }
            // An index that follows `t` into something that is no setting: the rule will say that it does not know it.
            _ => {}
        }
    }
}
