//! A rule with a bound on what one of its lines makes: clipped gradients, steps that are kept short, roots kept away from 0.

use super::{FreeNumber, FreeValues, Hypothesis, LocatedRule, LocatedSearch, SolvedStep};
use crate::{
    diff::{
        diagnosis::rule_patch::RulePatch,
        finding::{CauseKind, CauseQuantity},
        rule_pattern::{Guard, RATES, RulePattern},
    },
    error::Source,
    format::exact,
    lang::syntax::ExprKind,
    rule::{Rule, StateRole},
};
use std::sync::Arc;

/// The name of the bound among the settings of such a rule.
pub(super) const NAME: &str = "bound_of_a_line";
/// Bounds to begin from. What a bound that is too narrow leaves tells how far it has to be.
pub(super) const STARTS: [f64; 6] = [1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0];
/// The bound as long as none is known.
const NONE: f64 = 1e30;

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bounded {
    /// The size of every number of a line.
    Size,
    /// Every number of a line, from below.
    Below,
    /// A root, from below, in place of an eps that is added to it.
    Root,
    /// The size of every number of the gradient.
    Gradient,
    /// How far every coordinate of w moves.
    Step,
    /// The same over the learning rate.
    StepOverRate,
    /// The norm of each tensor's gradient.
    GradientNorm,
    /// The norm of each tensor's update, and whether that is before the learning rate.
    UpdateNorm(bool),
}

/// A rule with a bound.
pub(super) struct BoundedRule {
    /// Its place among the rules.
    pub rule: usize,
    bounded: Bounded,
    /// The variable of the line.
    of: String,
}

impl BoundedRule {
    /// What is said of it with the value `bound`.
    pub fn hypothesis(&self, number: FreeNumber, bound: f64, solved: &[SolvedStep]) -> Hypothesis {
        let (of, at) = (self.of.as_str(), exact(bound));
        let (run_has, rule_has) = match self.bounded {
            Bounded::Size => (
                format!("each number of `{of}` clipped to [-{at}, {at}]"),
                format!("`{of}` as it is"),
            ),
            Bounded::Below => (
                format!("`{of}` of at least {at}"),
                format!("`{of}` as it is"),
            ),
            Bounded::Root => (
                format!("the root in `{of}` of at least {at}, and no eps"),
                "eps added to the root".to_owned(),
            ),
            Bounded::Gradient => (
                format!("each number of the gradient clipped to [-{at}, {at}]"),
                "the recorded gradient".to_owned(),
            ),
            Bounded::Step => (
                format!(
                    "each element of the update clipped: no coordinate of w moves by more than {at}"
                ),
                "the update as it is".to_owned(),
            ),
            Bounded::StepOverRate => (
                format!(
                    "each element of the update clipped to [-{at}, {at}] before the learning rate"
                ),
                "the update as it is".to_owned(),
            ),
            Bounded::GradientNorm => (
                format!("the gradient of each tensor clipped to a norm of {at}"),
                "the recorded gradient".to_owned(),
            ),
            Bounded::UpdateNorm(is_before) => {
                let before = if is_before {
                    " before the learning rate"
                } else {
                    ""
                };
                (
                    format!("the update of each tensor clipped to a norm of {at}{before}"),
                    "the update as it is".to_owned(),
                )
            }
        };
        let kind = match self.bounded {
            Bounded::Gradient | Bounded::GradientNorm => CauseKind::Gradient,
            Bounded::Below | Bounded::Root => CauseKind::Scale,
            _ => CauseKind::Order,
        };
        let quantity = match self.bounded {
            Bounded::Step => CauseQuantity::StepLimit,
            _ => CauseQuantity::ClippingLimit,
        };
        Hypothesis {
            rule: self.rule,
            free: Some((number, FreeValues::Constant(bound))),
            solved: solved.to_vec(),
            quantity: Some((quantity, bound)),
            fitted: 1,
            ..Hypothesis::new(kind, run_has, rule_has)
        }
    }
}

impl LocatedSearch<'_> {
    /// Makes the rules with a bound, unless they are there.
    pub(super) fn make_bounded(&mut self) {
        if self.bounded.is_some() {
            return;
        }
        let written = Arc::clone(&self.rules[0].written);
        let mut made = Vec::new();
        for (bounded, of, text) in self.bounded_texts(&written) {
            let source = Source::new(written.source.name.as_str(), text.as_str());
            let Ok(rule) = Rule::parse(&source).map(Arc::new) else {
                continue;
            };
            let rule = LocatedRule::new(&rule, self.subject, self.pairing, self.run, &self.rows);
            if let Some(rule) = rule {
                self.rules.push(rule);
                let rule = self.rules.len() - 1;
                made.push(BoundedRule { rule, bounded, of });
            }
        }
        self.bounded = Some(made);
    }

    /// The texts of the rules with a bound, with what is bounded and the variable of the line.
    fn bounded_texts(&self, rule: &Rule) -> Vec<(Bounded, String, String)> {
        let pattern = RulePattern::of(rule);
        let gradient = pattern.gradient.as_ref();
        let rate = rule
            .params
            .iter()
            .find(|it| RATES.contains(&it.name.as_str()));
        let compiled = &self.rules[0].subject.compiled;
        let width = self.rows.width();
        let is_vector = |name: &str| {
            let mut variables = compiled.variables.iter();
            variables.any(|it| it.name == name && it.range.len() == width)
        };
        let counts = |name: &str| {
            let mut states = rule.states.iter();
            states.any(|it| it.name == name && it.role == Some(StateRole::Count))
        };
        let patch = || RulePatch::new(rule).param(NAME, NONE, "(0, inf)");
        let mut all = Vec::new();
        let mut add = |bounded, of: &str, patch: RulePatch| {
            all.push((bounded, of.to_owned(), patch.text(gradient.map(|it| it.0))));
        };
        if let Some((_, g)) = gradient {
            let line = format!("{g} = clamp({g}, -{NAME}, {NAME})");
            add(Bounded::Gradient, g, patch().line_after_gradient(line));
            // PyTorch divides by a little more than the norm.
            for more in ["", " + 1e-6"] {
                let line = format!("{g} = {g}*min(1, {NAME}/(norm_by_tensor({g}){more}))");
                add(Bounded::GradientNorm, g, patch().line_after_gradient(line));
            }
        }
        for (at, line) in rule.step.iter().enumerate() {
            let of = line.target.as_str();
            let is_gradient = gradient.is_some_and(|it| it.0 == at);
            if is_gradient || !is_vector(of) || counts(of) {
                continue;
            }
            let text = rule.source.slice(line.expr.span);
            if of == "w" {
                let step = format!("w + clamp({text} - w, -{NAME}, {NAME})");
                add(Bounded::Step, of, patch().replace(line.expr.span, step));
                let rate = rate.filter(|it| line.expr.mentions(&it.name));
                let limits = rate.map(|it| format!("{}*{NAME}", it.name));
                for limit in std::iter::once(NAME.to_owned()).chain(limits.clone()) {
                    let step =
                        format!("w + ({text} - w)*min(1, {limit}/norm_by_tensor({text} - w))");
                    let bounded = Bounded::UpdateNorm(limits.as_ref() == Some(&limit));
                    add(bounded, of, patch().replace(line.expr.span, step));
                }
                if let Some(rate) = rate {
                    let rate = rate.name.as_str();
                    let step = format!("w + {rate}*clamp(({text} - w)/{rate}, -{NAME}, {NAME})");
                    add(
                        Bounded::StepOverRate,
                        of,
                        patch().replace(line.expr.span, step),
                    );
                }
                continue;
            }
            let size = format!("clamp({text}, -{NAME}, {NAME})");
            add(Bounded::Size, of, patch().replace(line.expr.span, size));
            let mut has_root = false;
            line.expr.walk(&mut |it| {
                has_root |= matches!(&it.kind, ExprKind::Call(name, ..) if name == "sqrt");
            });
            let within = |it: &&Guard| {
                let (own, all) = (it.span, line.expr.span);
                !it.is_inside && all.start <= own.start && own.end <= all.end
            };
            for guard in pattern.guards.iter().filter(within) {
                let below = format!("max({}, {NAME})", pattern.text(guard.guarded));
                add(Bounded::Root, of, patch().replace(guard.span, below));
            }
            if has_root {
                let below = format!("max({text}, {NAME})");
                add(Bounded::Below, of, patch().replace(line.expr.span, below));
            }
        }
        all
    }
}
