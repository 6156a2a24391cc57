//! What variables of a rule depend on, its switches being as they are set.

use crate::{
    lang::syntax::{Expr, ExprKind, Infix},
    rule::Rule,
};
use std::collections::BTreeSet;

/// The names that the steps of `rule` read on the way to what is `wanted`, that included; `setting` is the value of one that
/// has the same in all iterations.
pub(super) fn names_behind<'a>(
    rule: &'a Rule,
    wanted: impl Iterator<Item = &'a str>,
    setting: &dyn Fn(&str) -> Option<f64>,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = wanted.collect();
    loop {
        let before = names.len();
        for line in &rule.step {
            if names.contains(line.target.as_str()) {
                read(&line.expr, setting, &mut names);
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// Adds the names that `expr` reads; of a switch, those of the branch that is taken.
fn read<'a>(expr: &'a Expr, setting: &dyn Fn(&str) -> Option<f64>, names: &mut BTreeSet<&'a str>) {
    let mut more = |it: &'a Expr| read(it, setting, names);
    match &expr.kind {
        ExprKind::Name(name) => {
            names.insert(name);
        }
        ExprKind::Call(name, _, arguments) => match (name.as_str(), arguments.as_slice()) {
            ("where", [condition, yes, no]) => match holds(condition, setting) {
                Some(true) => more(yes),
                Some(false) => more(no),
                None => arguments.iter().for_each(more),
            },
            _ => arguments.iter().for_each(more),
        },
        _ => expr.parts().into_iter().for_each(more),
    }
}

/// Whether a setting is the number that `condition` compares it with, where that is what it does and the setting is known.
fn holds(condition: &Expr, setting: &dyn Fn(&str) -> Option<f64>) -> Option<bool> {
    let ExprKind::Chain(first, rest) = &condition.kind else {
        return None;
    };
    match (&first.kind, rest.as_slice()) {
        (ExprKind::Name(name), [(Infix::Equal, other)]) => match other.kind {
            ExprKind::Number(number) => Some(setting(name)?.total_cmp(&number).is_eq()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule;

    #[test]
    fn a_switch_hides_what_its_other_branch_reads() {
        let rule = rule::load("torch/adamw").unwrap();
        let behind = |amsgrad: Option<f64>| {
            let setting = |name: &str| amsgrad.filter(|_| name == "amsgrad");
            let wanted = ["w", "exp_avg", "exp_avg_sq"].into_iter();
            names_behind(&rule, wanted, &setting).contains("max_exp_avg_sq")
        };
        assert!(!behind(Some(0.0)));
        assert!(behind(Some(1.0)));
        // Not known, or not always the same.
        assert!(behind(None));
    }
}
