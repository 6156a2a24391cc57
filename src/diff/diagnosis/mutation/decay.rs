//! Weight decay: with the gradient or apart from it, before or after the step, with or without the rate.

use crate::{
    diff::{
        diagnosis::{
            bank::{Bank, Values},
            rule_patch::RulePatch,
        },
        finding::{CauseKind, CauseQuantity},
    },
    format::exact,
};

/// The decay that is tried first where the rule has none.
const FIRST_GUESS: f64 = 0.01;

pub(super) fn add(bank: &mut Bank, values: Values) {
    let Some((line, gradient)) = bank.anatomy.gradient.clone() else {
        return;
    };
    let Some(rate) = bank.anatomy.rate.clone() else {
        return;
    };
    let own = bank.anatomy.decay.clone();
    let decay = own.clone().unwrap_or_else(|| "weight_decay".to_owned());
    let value = own.as_deref().and_then(values).unwrap_or(0.0);
    let rule = bank.anatomy.rule;
    let base = || {
        let edit = RulePatch::new(rule);
        match &own {
            Some(own) => edit.rename_from(0, own, "0"),
            None => edit.param(&decay, FIRST_GUESS, "[0, inf)"),
        }
    };
    let has = match (&own, value == 0.0) {
        (None, _) | (_, true) => "no weight decay",
        _ => "weight decay of another form",
    };
    let coupled = base()
        .line_after_gradient(format!("decayed_gradient = {gradient} + {decay}*w"))
        .rename_from(line + 1, &gradient, "decayed_gradient");
    let mut forms = vec![("weight decay added to the gradient (coupled)", coupled)];
    for (what, text, is_last) in [
        (
            "decoupled weight decay before the step",
            format!("w = w - {rate}*{decay}*w"),
            false,
        ),
        (
            "decoupled weight decay after the step",
            format!("w = w - {rate}*{decay}*w"),
            true,
        ),
        (
            "decoupled weight decay before the step, not scaled by the step size",
            format!("w = w - {decay}*w"),
            false,
        ),
        (
            "decoupled weight decay after the step, not scaled by the step size",
            format!("w = w - {decay}*w"),
            true,
        ),
        (
            "decoupled weight decay of the wrong sign (w grows)",
            format!("w = w + {rate}*{decay}*w"),
            false,
        ),
        (
            "decoupled weight decay of the wrong sign (w grows), not scaled by the step size",
            format!("w = w + {decay}*w"),
            false,
        ),
    ] {
        let edit = base();
        forms.push((
            what,
            if is_last {
                edit.line_last(text)
            } else {
                edit.line_after_gradient(text)
            },
        ));
    }
    for (what, edit) in forms {
        bank.add(CauseKind::Decay, what, has, edit);
        if let (true, Some(made)) = (value == 0.0, bank.made.last_mut()) {
            made.set.push((decay.clone(), FIRST_GUESS));
            made.open = Some(decay.clone());
        }
    }
    if value != 0.0 && own.is_some() {
        let edit = base();
        bank.add(CauseKind::Decay, "no weight decay", "weight decay", edit);
    }
}

/// The setting of the largest rate of a run.
const LARGEST: &str = "largest_rate";

/// Decoupled decay by the largest rate of a schedule in place of the one in force: that of a loop which noted the rate when it began.
pub(super) fn of_largest_rate(bank: &mut Bank, values: Values) {
    let (Some(rate), Some(decay)) = (bank.anatomy.rate.clone(), bank.anatomy.decay.clone()) else {
        return;
    };
    let (Some(largest), Some(amount)) = (values(&rate), values(&decay)) else {
        return;
    };
    let rule = bank.anatomy.rule;
    let mut decaying = rule.step.iter().enumerate();
    let decaying = decaying.find(|it| it.1.expr.mentions(&rate) && it.1.expr.mentions(&decay));
    let Some((line, statement)) = decaying.filter(|_| largest > 0.0 && amount != 0.0) else {
        return;
    };
    let moves_else = rule.step[..line]
        .iter()
        .any(|it| statement.expr.mentions(&it.target) && it.target != "w");
    let edit = bank.edit().param(LARGEST, largest, "[0, inf)");
    let edit = if moves_else {
        // The step that stands beside it keeps the rate in force.
        edit.rename_in(line, &decay, &format!("({decay}*{LARGEST}/{rate})"))
    } else {
        edit.rename_in(line, &rate, LARGEST)
    };
    let largest_text = exact(largest);
    let what = format!(
        "weight decay by the largest {rate}, {largest_text}, throughout (w shrinks by {largest_text}*{decay}*w)"
    );
    bank.add(
        CauseKind::Decay,
        what,
        format!("weight decay by the {rate} of the iteration"),
        edit,
    );
    bank.number(CauseQuantity::WeightDecay, largest * amount, None);
}
