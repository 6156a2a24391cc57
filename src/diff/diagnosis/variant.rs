//! A rule that a run might follow.

use super::bank::{CounterUnit, Mutation, TENSOR};
use crate::{
    diff::{
        configured_rule::ConfiguredRule,
        finding::{CauseKind, CauseNumber},
        pairing::{Pair, Pairing, pair},
        stepper::{Rounding, single},
    },
    error::Source,
    rule::{Rule, StateRole, VariableKind},
    runs::Run,
};
use std::sync::Arc;

/// One difference of a variant from the rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VariantDifference {
    pub kind: CauseKind,
    /// The run's side of the difference, in words.
    pub run_has: String,
    /// The rule's side of the difference, in words.
    pub rule_has: String,
    /// Numbers of the difference that are no setting's.
    pub numbers: Vec<CauseNumber>,
    /// The one setting that makes the difference, with the run's value and the rule's; NaN where the rule has none.
    pub setting: Option<(String, f64, f64)>,
}

/// A rule that a run might follow.
#[derive(Clone)]
pub(super) struct Variant {
    pub subject: ConfiguredRule,
    pub pairs: Vec<Pair>,
    pub fixed: Vec<(usize, Vec<f64>)>,
    pub traits: Vec<VariantDifference>,
    pub rounding: Rounding,
    /// A setting whose value only the run can tell.
    pub open: Option<usize>,
}

impl Variant {
    /// The rule itself.
    pub fn of(subject: &ConfiguredRule, pairing: &Pairing) -> Self {
        Self {
            pairs: tested(subject, &pairing.pairs),
            subject: subject.clone(),
            fixed: Vec::new(),
            traits: Vec::new(),
            rounding: Rounding::Double,
            open: None,
        }
    }

    /// The variant in 32-bit arithmetic, its settings rounded too if they are.
    pub fn single(&self, settings_too: bool) -> Self {
        let mut variant = self.clone();
        variant.rounding = Rounding::Single;
        if settings_too {
            for value in &mut variant.subject.settings {
                *value = single(*value);
            }
        }
        variant
    }

    /// The variant changed as `mutation` says; `None` where that makes no rule.
    pub fn mutated(
        &self,
        mutation: &Mutation,
        run: &Run,
        map: &[(String, String)],
    ) -> Option<Self> {
        let old = &self.subject.compiled;
        let n = old.dimension();
        let source = Source::new(old.rule.source.name.as_str(), mutation.text.as_str());
        let rule = Arc::new(Rule::parse(&source).ok()?).over(&old.rule.tensors);
        let compiled = Arc::new(rule.compile(n).ok()?);
        let value = |name: &str, default: f64| {
            let set = mutation.set.iter().find(|(known, _)| known == name);
            let own = || old.settings.iter().position(|it| it.name == name);
            set.map(|(_, value)| *value)
                .or_else(|| own().map(|at| self.subject.settings[at]))
                .unwrap_or(default)
        };
        let settings = compiled
            .settings
            .iter()
            .map(|it| value(&it.name, it.default))
            .collect();
        let subject = ConfiguredRule {
            compiled,
            settings,
            ..self.subject.clone()
        };
        let mut fixed: Vec<(usize, Vec<f64>)> = Vec::new();
        // Numbers of tensors that an earlier mutation brought in stay.
        for (at, values) in &self.fixed {
            let name = &old.variables[*at].name;
            let variables = &subject.compiled.variables;
            fixed.extend(
                variables
                    .iter()
                    .position(|it| it.name == *name)
                    .map(|at| (at, values.clone())),
            );
        }
        if let Some(counts) = mutation.counts {
            fixed.extend(numbers(counts, run, &subject)?);
        }
        let pairing = pair(run, &subject.compiled, map).ok()?;
        let named = |name: &String| {
            subject
                .compiled
                .settings
                .iter()
                .position(|it| it.name == *name)
        };
        let open = mutation.open.as_ref().and_then(named);
        let setting = match mutation.set.as_slice() {
            [(name, value)] => {
                let before = old.settings.iter().position(|it| it.name == *name);
                let before = before.map_or(f64::NAN, |at| self.subject.settings[at]);
                Some((name.clone(), *value, before))
            }
            _ => None,
        };
        let mut traits = self.traits.clone();
        traits.push(VariantDifference {
            setting,
            kind: mutation.kind,
            numbers: mutation.numbers.clone(),
            run_has: mutation.run_has.clone(),
            rule_has: mutation.rule_has.clone(),
        });
        Some(Self {
            pairs: tested(&subject, &pairing.pairs),
            subject,
            fixed,
            traits,
            rounding: self.rounding,
            open,
        })
    }

    /// Settings as they are, by name.
    pub fn value(&self, name: &str) -> Option<f64> {
        let settings = self.subject.compiled.settings.iter();
        let at = settings.into_iter().position(|it| it.name == name)?;
        self.subject.settings.get(at).copied()
    }
}

/// The pairs that a variant is scored on: parameters and states, but not counters, whose origin is arbitrary.
fn tested(subject: &ConfiguredRule, pairs: &[Pair]) -> Vec<Pair> {
    let variables = &subject.compiled.variables;
    let counts = |pair: &&Pair| match variables[pair.variable].kind {
        VariableKind::Parameters => true,
        VariableKind::State(role) => role != Some(StateRole::Count),
        VariableKind::Temporary => false,
    };
    pairs.iter().filter(counts).copied().collect()
}

/// The number of each coordinate's tensor, from 0, and how many tensors there are.
fn numbers(
    counts: CounterUnit,
    run: &Run,
    subject: &ConfiguredRule,
) -> Option<[(usize, Vec<f64>); 2]> {
    let n = run.dimension();
    let count = |value: usize| u32::try_from(value).map_or(f64::NAN, f64::from);
    let (numbers, all) = match counts {
        CounterUnit::Tensors if run.tensors.len() > 1 => {
            let mut numbers = vec![0.0; n];
            for (at, tensor) in run.tensors.iter().enumerate() {
                numbers[tensor.range.clone()].fill(count(at));
            }
            (numbers, run.tensors.len())
        }
        CounterUnit::Coordinates if (2..=64).contains(&n) => ((0..n).map(count).collect(), n),
        _ => return None,
    };
    let place = |name: &str| {
        subject
            .compiled
            .variables
            .iter()
            .position(|it| it.name == name)
    };
    Some([
        (place(TENSOR)?, numbers),
        (place("tensors_in_all")?, vec![count(all)]),
    ])
}
