//! A rule changed in one way that people change it in by mistake.

mod correction;
mod decay;
mod guard;
mod largest;
mod mask;
mod moment;
mod start;
mod transform;

use super::bank::{Bank, Mutation, Values};
use crate::{
    diff::{finding::CauseKind, rule_pattern::RulePattern},
    rule::{Domain, Rule},
};

/// All that can be changed about `rule`, whose settings have `values`; what wrappers and slips make of any line where they are
/// `wanted`, too.
pub(super) fn mutations(rule: &Rule, values: Values, wanted: bool) -> Vec<Mutation> {
    let mut bank = Bank {
        anatomy: RulePattern::of(rule),
        made: Vec::new(),
    };
    guard::add(&mut bank, values);
    correction::add(&mut bank);
    moment::add(&mut bank, values);
    decay::add(&mut bank, values);
    start::add(&mut bank, values);
    largest::add(&mut bank, values);
    if wanted {
        transform::add(&mut bank);
        mask::add(&mut bank);
        decay::of_largest_rate(&mut bank, values);
    }
    switches(&mut bank, values);
    let base = rule.source.text.as_str();
    bank.made.retain(|it| it.text != base || !it.set.is_empty());
    // The same change is told once, in the words that came first.
    let mut known = std::collections::BTreeSet::new();
    bank.made
        .retain(|it| !it.set.is_empty() || it.open.is_some() || known.insert(it.text.clone()));
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
                kind: CauseKind::Switch,
                run_has: format!("{}={choice}", param.name),
                rule_has: format!("{}={now}", param.name),
                numbers: Vec::new(),
                text: bank.anatomy.rule.source.text.clone(),
                set: vec![(param.name.clone(), choice)],
                counts: None,
                open: None,
            });
        }
    }
}
