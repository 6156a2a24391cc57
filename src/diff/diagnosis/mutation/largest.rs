//! Mutations of the largest second moment so far: taken of another quantity, or not kept.

use crate::diff::{
    diagnosis::bank::{Bank, Values},
    finding::CauseKind,
};
use crate::{
    lang::syntax::{Expr, ExprKind},
    rule::{Domain, StateRole},
};

/// The maximum of a state and what enters it: the line, the state, and the name of what enters.
struct Largest {
    line: usize,
    state: String,
    enters: String,
}

pub(super) fn add(bank: &mut Bank, values: Values) {
    // A switch that is off has nothing come of the maximum.
    let rule = bank.anatomy.rule;
    let is_off = |name: &str| values(name) == Some(0.0);
    let mut switches = rule.params.iter();
    let has_no_use = switches.any(|it| {
        matches!(it.domain, Domain::Choice(_)) && it.name == "amsgrad" && is_off(&it.name)
    });
    let Some(scale) = bank.anatomy.scale.clone().filter(|_| !has_no_use) else {
        return;
    };
    for Largest {
        line,
        state,
        enters,
    } in largest(bank)
    {
        let span = rule.step[line].expr.span;
        let has = format!("`{state}`, the largest `{enters}`");
        let add = |bank: &mut Bank, what: String, of: &str, used: Option<String>| {
            let mut edit = bank.edit().replace(span, of);
            if let Some(used) = used {
                edit = edit.rename_from(line + 1, &state, &used);
            }
            bank.add(CauseKind::Scale, what, has.clone(), edit);
        };
        if let Some(second) = bank.anatomy.second_correction().map(str::to_owned) {
            if enters == scale.state {
                // What is divided by the correction after the maximum has been before it.
                let what = format!(
                    "`{state}`, the largest corrected `{enters}`: the bias correction comes before the maximum"
                );
                add(
                    bank,
                    what,
                    &format!("max({state}, {enters}/({second}))"),
                    Some(format!("({state}*({second}))")),
                );
            } else {
                let what = format!(
                    "`{state}`, the largest `{}` before its bias correction",
                    scale.state
                );
                add(
                    bank,
                    what,
                    &format!("max({state}, {})", scale.state),
                    Some(format!("({state}/({second}))")),
                );
            }
        }
        if let Some(first) = bank.anatomy.momentum.as_ref().map(|it| it.state.clone()) {
            let what = format!("`{state}`, the largest `{first}^2`: of the first moment");
            add(bank, what, &format!("max({state}, {first}^2)"), None);
        }
        add(
            bank,
            format!("`{state}`, the newest `{enters}`: no maximum"),
            &enters,
            None,
        );
    }
}

/// The lines `state = max(state, name)`, where the state scales.
fn largest(bank: &Bank) -> Vec<Largest> {
    let name = |expr: &Expr| match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    let rule = bank.anatomy.rule;
    let scales = |name: &str| {
        let mut states = rule.states.iter();
        states.any(|it| it.name == name && it.role == Some(StateRole::Scale))
    };
    let found = rule.step.iter().enumerate().filter_map(|(line, it)| {
        let ExprKind::Call(function, _, arguments) = &it.expr.kind else {
            return None;
        };
        let ("max", [one, other]) = (function.as_str(), arguments.as_slice()) else {
            return None;
        };
        let state = name(one).filter(|it_name| *it_name == it.target && scales(it_name))?;
        Some(Largest {
            line,
            state,
            enters: name(other)?,
        })
    });
    found.collect()
}
