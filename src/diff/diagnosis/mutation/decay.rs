//! Weight decay: with the gradient or apart from it, before or after the step, with or without the rate.

use crate::diff::{
    diagnosis::{
        bank::{Bank, Values},
        rule_patch::RulePatch,
    },
    finding::CauseKind,
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
