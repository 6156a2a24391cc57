//! The bank that changed rules are put into as they are made.

use super::rule_patch::RulePatch;
use crate::{
    diff::{
        finding::{CauseKind, CauseNumber, CauseQuantity},
        rule_pattern::RulePattern,
    },
    value::Real,
};

/// A rule changed in one way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mutation {
    pub kind: CauseKind,
    /// The run's side of the difference, in words.
    pub run_has: String,
    /// The rule's side of the difference, in words.
    pub rule_has: String,
    /// Numbers of the difference that are no setting's.
    pub numbers: Vec<CauseNumber>,
    /// The changed rule.
    pub text: String,
    /// Settings with another value than the rule's own.
    pub set: Vec<(String, f64)>,
    /// A counter that each tensor or each coordinate advances: how many of them an iteration has.
    pub counts: Option<CounterUnit>,
    /// A setting whose value only the run can tell.
    pub open: Option<String>,
}

/// The unit that wrongly advances a counter, which should advance once an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CounterUnit {
    /// Each tensor.
    Tensors,
    /// Each coordinate.
    Coordinates,
}

/// The state in which a mutation keeps the number of a coordinate's tensor.
pub(super) const TENSOR: &str = "tensor_number";

/// The values of settings, by name.
pub(super) type Values<'a> = &'a dyn Fn(&str) -> Option<f64>;

/// Takes in mutations as they are made.
pub(super) struct Bank<'a> {
    pub anatomy: RulePattern<'a>,
    pub made: Vec<Mutation>,
}

impl<'a> Bank<'a> {
    pub fn edit(&self) -> RulePatch<'a> {
        RulePatch::new(self.anatomy.rule)
    }

    /// The initial value of a state, as the rule writes it.
    pub fn beginning(&self, state: &str) -> &'a str {
        let mut states = self.anatomy.rule.states.iter();
        let state = states.find(|it| it.name == state);
        state.map_or("0", |state| self.anatomy.text(state.initial.span))
    }

    pub fn add(
        &mut self,
        kind: CauseKind,
        run_has: impl Into<String>,
        rule_has: impl Into<String>,
        edit: RulePatch,
    ) {
        let gradient = self.anatomy.gradient.as_ref().map(|(line, _)| *line);
        self.made.push(Mutation {
            kind,
            run_has: run_has.into(),
            rule_has: rule_has.into(),
            numbers: Vec::new(),
            text: edit.text(gradient),
            set: Vec::new(),
            counts: None,
            open: None,
        });
    }

    /// Notes a number of the mutation that was made last, on the side of the run and on that of the rule.
    pub fn number(
        &mut self,
        quantity: CauseQuantity,
        run: impl Into<Option<f64>>,
        rule: impl Into<Option<f64>>,
    ) {
        let number = CauseNumber {
            quantity,
            run: run.into().map(Real),
            rule: rule.into().map(Real),
        };
        if let Some(made) = self.made.last_mut() {
            made.numbers.push(number);
        }
    }
}
