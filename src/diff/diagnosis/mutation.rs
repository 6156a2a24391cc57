//! A rule changed in one way that people change it in by mistake.

mod correction;
mod decay;
mod guard;
mod moment;
mod start;

use super::{anatomy::Anatomy, edit::Edit};
use crate::rule::{Domain, Rule};
use serde::Serialize;

/// What a mutation is about; two of one kind exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Where eps is added.
    Eps,
    /// Bias correction.
    Correction,
    /// The iteration's number that it uses.
    Counter,
    /// The first moment or the velocity.
    Momentum,
    /// The second moment.
    Scale,
    /// Weight decay.
    Decay,
    /// How states begin.
    Start,
    /// Which line comes first.
    Order,
    /// A switch of the rule.
    Switch,
    /// The gradient that goes in.
    Gradient,
    /// Values of settings.
    Settings,
    /// Another rule altogether.
    Rule,
    /// The precision of the arithmetic.
    Precision,
}

impl Kind {
    /// A run that tells variants of this kind apart.
    #[must_use]
    pub fn probe(self) -> &'static str {
        match self {
            Self::Eps => {
                "gradients as small as eps would tell: scale the loss until abs(g) is about 1e-8, or set eps=1e-2"
            }
            Self::Correction | Self::Counter => {
                "the first iterations would tell, with a first gradient unlike those after it: log from t = 0"
            }
            Self::Momentum => {
                "gradients that change from one iteration to the next, with their buffer logged, would tell"
            }
            Self::Scale => "gradients whose size changes from one iteration to the next would tell",
            Self::Decay => "a weight decay of 0.1 and parameters far from 0 would tell",
            Self::Start => "the first iterations would tell: log from t = 0, with the buffers",
            Self::Order => "gradients that change sign from one iteration to the next would tell",
            Self::Switch => {
                "a run in which the switch matters would tell: gradients that first grow and then shrink"
            }
            Self::Gradient => "gradients larger than the limit would tell",
            Self::Settings => "a longer run, with gradients of several sizes, would tell",
            Self::Rule => "another loss, with gradients of several sizes, would tell",
            Self::Precision => "a run logged with all its digits would tell",
        }
    }
}

/// A rule changed in one way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mutation {
    pub kind: Kind,
    /// What the run has, if it follows this.
    pub run_has: String,
    /// What the rule has instead.
    pub rule_has: String,
    /// The changed rule.
    pub text: String,
    /// Settings with another value than the rule's own.
    pub set: Vec<(String, f64)>,
    /// A counter that each tensor or each coordinate advances: how many of them an iteration has.
    pub counts: Option<Counts>,
    /// A setting whose value only the run can tell.
    pub open: Option<String>,
}

/// What advances a counter that should advance once an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
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
struct Bank<'a> {
    anatomy: Anatomy<'a>,
    made: Vec<Mutation>,
}

impl<'a> Bank<'a> {
    fn edit(&self) -> Edit<'a> {
        Edit::new(self.anatomy.rule)
    }

    /// What a state begins with, as the rule has it.
    fn beginning(&self, state: &str) -> &'a str {
        let mut states = self.anatomy.rule.states.iter();
        let state = states.find(|it| it.name == state);
        state.map_or("0", |state| self.anatomy.text(state.initial.span))
    }

    fn add(
        &mut self,
        kind: Kind,
        run_has: impl Into<String>,
        rule_has: impl Into<String>,
        edit: Edit,
    ) {
        let gradient = self.anatomy.gradient.as_ref().map(|(line, _)| *line);
        self.made.push(Mutation {
            kind,
            run_has: run_has.into(),
            rule_has: rule_has.into(),
            text: edit.text(gradient),
            set: Vec::new(),
            counts: None,
            open: None,
        });
    }
}

/// All that can be changed about `rule`, whose settings have `values`.
pub(super) fn mutations(rule: &Rule, values: Values) -> Vec<Mutation> {
    let mut bank = Bank {
        anatomy: Anatomy::of(rule),
        made: Vec::new(),
    };
    guard::add(&mut bank, values);
    correction::add(&mut bank);
    moment::add(&mut bank);
    decay::add(&mut bank, values);
    start::add(&mut bank, values);
    switches(&mut bank, values);
    let base = rule.source.text.as_str();
    bank.made.retain(|it| it.text != base || !it.set.is_empty());
    bank.made
}

/// Settings that are 0 or 1, turned.
fn switches(bank: &mut Bank, values: Values) {
    for param in &bank.anatomy.rule.params {
        let Domain::Choice(choices) = &param.domain else {
            continue;
        };
        let now = values(&param.name).unwrap_or(param.default);
        for &choice in choices
            .iter()
            .filter(|choice| choice.to_bits() != now.to_bits())
        {
            bank.made.push(Mutation {
                kind: Kind::Switch,
                run_has: format!("{}={choice}", param.name),
                rule_has: format!("{}={now}", param.name),
                text: bank.anatomy.rule.source.text.clone(),
                set: vec![(param.name.clone(), choice)],
                counts: None,
                open: None,
            });
        }
    }
}
