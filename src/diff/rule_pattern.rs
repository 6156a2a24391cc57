//! The parts of a rule that people get wrong: found by what the lines look like, not by the rule's name.

use crate::{
    error::Span,
    lang::syntax::{Expr, ExprKind, Infix},
    rule::{Rule, StateRole},
};

/// Names that step sizes go by.
pub(super) const RATES: [&str; 4] = ["lr", "eta", "learning_rate", "step_size"];
/// Names of what keeps a root away from 0.
pub(super) const EPSILONS: [&str; 3] = ["eps", "epsilon", "delta"];
/// Names that weight decay goes by.
pub(super) const DECAYS: [&str; 2] = ["weight_decay", "wd"];

/// A state that smooths something, and the line that updates it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    /// The state.
    pub state: String,
    /// The line of the step, from 0.
    pub line: usize,
    /// The setting that says how much is kept.
    pub beta: String,
    /// The sum of both.
    pub whole: Span,
    /// The term `beta*state`.
    pub kept: Span,
    /// The term that is added, with its sign.
    pub added: Span,
    /// The operator before what is added.
    pub sign: &'static str,
    /// The factor `(1 - beta)`, where it is an average.
    pub share: Option<Span>,
}

/// A bias correction: `1 - beta^count`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Correction {
    /// All of it.
    pub span: Span,
    /// The setting.
    pub beta: String,
    /// The exponent.
    pub count: Span,
}

/// An eps that keeps a root or quotient away from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Guard {
    /// `sqrt(x) + eps`, or `sqrt(x + eps)`.
    pub span: Span,
    /// `sqrt(x)` in the first form, `x` in the second.
    pub guarded: Span,
    /// The setting.
    pub eps: String,
    /// True if eps stands inside the root.
    pub is_inside: bool,
}

/// A rule taken apart.
pub(super) struct RulePattern<'a> {
    pub rule: &'a Rule,
    /// The step size.
    pub rate: Option<String>,
    /// Weight decay.
    pub decay: Option<String>,
    /// The line that asks for the gradient, and the name it gives it.
    pub gradient: Option<(usize, String)>,
    pub momentum: Option<Moment>,
    pub scale: Option<Moment>,
    pub corrections: Vec<Correction>,
    pub guards: Vec<Guard>,
}

impl<'a> RulePattern<'a> {
    pub fn of(rule: &'a Rule) -> Self {
        let param = |names: &[&str]| {
            let mut params = rule.params.iter();
            params
                .find(|it| names.contains(&it.name.as_str()))
                .map(|it| it.name.clone())
        };
        let mut corrections = Vec::new();
        let mut guards = Vec::new();
        for statement in &rule.step {
            statement.expr.walk(&mut |expr| {
                corrections.extend(correction(rule, expr));
                guards.extend(guard(rule, expr));
            });
        }
        Self {
            rate: param(&RATES),
            decay: param(&DECAYS),
            gradient: gradient(rule),
            momentum: moment(rule, StateRole::Momentum),
            scale: moment(rule, StateRole::Scale),
            corrections,
            guards,
            rule,
        }
    }

    /// The text at `span`.
    pub fn text(&self, span: Span) -> &'a str {
        self.rule.source.slice(span)
    }

    /// The correction of the second moment, as text.
    pub fn second_correction(&self) -> Option<&'a str> {
        let beta = &self.scale.as_ref()?.beta;
        let found = self.corrections.iter().find(|it| it.beta == *beta)?;
        Some(self.text(found.span))
    }
}

fn name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

fn is_param(rule: &Rule, name: &str) -> bool {
    rule.params.iter().any(|param| param.name == name)
}

fn gradient(rule: &Rule) -> Option<(usize, String)> {
    let mut lines = rule.step.iter().enumerate();
    let asks = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(name, ..) if name == "grad");
    lines
        .find(|(_, line)| asks(&line.expr))
        .map(|(at, line)| (at, line.target.clone()))
}

fn correction(rule: &Rule, expr: &Expr) -> Option<Correction> {
    let ExprKind::Chain(first, rest) = &expr.kind else {
        return None;
    };
    let ([(Infix::Minus, power)], ExprKind::Number(1.0)) = (rest.as_slice(), &first.kind) else {
        return None;
    };
    let ExprKind::Chain(base, exponent) = &power.kind else {
        return None;
    };
    let [(Infix::Power, count)] = exponent.as_slice() else {
        return None;
    };
    let beta = name(base).filter(|name| is_param(rule, name))?;
    Some(Correction {
        span: expr.span,
        beta: beta.to_owned(),
        count: count.span,
    })
}

fn guard(rule: &Rule, expr: &Expr) -> Option<Guard> {
    let has_root = |expr: &Expr| {
        let mut found = false;
        expr.walk(&mut |it| {
            found |= matches!(&it.kind, ExprKind::Call(name, ..) if name == "sqrt");
        });
        found
    };
    let sum = |expr: &Expr| -> Option<(Span, String)> {
        let ExprKind::Chain(first, rest) = &expr.kind else {
            return None;
        };
        let [(Infix::Plus, eps)] = rest.as_slice() else {
            return None;
        };
        let eps = name(eps).filter(|name| EPSILONS.contains(name) && is_param(rule, name))?;
        Some((first.span, eps.to_owned()))
    };
    if let ExprKind::Call(function, _, arguments) = &expr.kind
        && let ("sqrt", [inside]) = (function.as_str(), arguments.as_slice())
        && let Some((guarded, eps)) = sum(inside)
    {
        return Some(Guard {
            span: expr.span,
            guarded,
            eps,
            is_inside: true,
        });
    }
    if let ExprKind::Chain(first, _) = &expr.kind
        && has_root(first)
        && let Some((guarded, eps)) = sum(expr)
    {
        return Some(Guard {
            span: expr.span,
            guarded,
            eps,
            is_inside: false,
        });
    }
    None
}

/// The line `state = beta*state + ...`, wherever in it that sum stands.
fn moment(rule: &Rule, kind: StateRole) -> Option<Moment> {
    let states = rule.states.iter().filter(|state| state.role == Some(kind));
    let mut found = None;
    for state in states {
        for (line, statement) in rule.step.iter().enumerate() {
            if statement.target != state.name {
                continue;
            }
            statement.expr.walk(&mut |expr| {
                if found.is_none() {
                    found = smoothing(rule, expr, &state.name, line);
                }
            });
        }
        if found.is_some() {
            break;
        }
    }
    found
}

fn smoothing(rule: &Rule, expr: &Expr, state: &str, line: usize) -> Option<Moment> {
    let ExprKind::Chain(first, rest) = &expr.kind else {
        return None;
    };
    let [(sign @ (Infix::Plus | Infix::Minus), second)] = rest.as_slice() else {
        return None;
    };
    let (kept, added) = if second.mentions(state) && *sign == Infix::Plus {
        (second, &**first)
    } else {
        (&**first, second)
    };
    let ExprKind::Chain(beta, times) = &kept.kind else {
        return None;
    };
    let [(Infix::Times, variable)] = times.as_slice() else {
        return None;
    };
    let beta = name(beta).filter(|name| is_param(rule, name))?;
    if name(variable) != Some(state) {
        return None;
    }
    let mut share = None;
    added.walk(&mut |it| {
        if let ExprKind::Chain(first, rest) = &it.kind
            && let ([(Infix::Minus, other)], ExprKind::Number(1.0)) = (rest.as_slice(), &first.kind)
            && name(other) == Some(beta)
        {
            share = Some(it.span);
        }
    });
    Some(Moment {
        state: state.to_owned(),
        line,
        beta: beta.to_owned(),
        whole: expr.span,
        kept: kept.span,
        added: added.span,
        sign: sign.symbol(),
        share,
    })
}
