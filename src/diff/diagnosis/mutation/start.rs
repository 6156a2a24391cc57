//! Mutations of the initial states, and of the gradient before the states see it.

use crate::{
    diff::{
        diagnosis::bank::{Bank, Values},
        finding::{CauseKind, CauseQuantity},
        rule_pattern::Moment,
    },
    rule::StateRole,
};

/// Values that accumulators begin with here and there.
const STARTS: [f64; 4] = [0.0, 0.1, 1.0, 1e-8];

pub(super) fn add(bank: &mut Bank, values: Values) {
    let rule = bank.anatomy.rule;
    for state in rule
        .states
        .iter()
        .filter(|state| state.role == Some(StateRole::Scale))
    {
        let text = bank.anatomy.text(state.initial.span).to_owned();
        let now = text.parse().ok().or_else(|| values(&text));
        for start in STARTS.iter().filter(|start| now != Some(**start)) {
            let edit = bank
                .edit()
                .replace(state.initial.span, format!("{start:?}"));
            bank.add(
                CauseKind::Start,
                format!("`{}` beginning at {start}", state.name),
                format!("`{}` beginning at {text}", state.name),
                edit,
            );
            bank.number(CauseQuantity::InitialValue, *start, now);
        }
    }
    let (momentum, scale) = (bank.anatomy.momentum.clone(), bank.anatomy.scale.clone());
    if let Some(moment) = &momentum {
        first(bank, moment, "");
    }
    if let Some(moment) = &scale {
        first(bank, moment, "square of the ");
    }
    let Some((line, gradient)) = bank.anatomy.gradient.clone() else {
        return;
    };
    for (what, text, limit) in [
        (
            "the gradient clipped by its norm",
            "min(1, clip/norm({g}))*{g}",
            1.0,
        ),
        (
            "each element of the gradient clipped",
            "clamp({g}, -clip, clip)",
            1.0,
        ),
        ("the gradient scaled by a factor", "clip*{g}", 0.5),
    ] {
        let edit = bank
            .edit()
            .param("clip", limit, "(0, inf)")
            .line_after_gradient(format!(
                "clipped_gradient = {}",
                text.replace("{g}", &gradient)
            ))
            .rename_from(line + 1, &gradient, "clipped_gradient");
        bank.add(CauseKind::Gradient, what, "the gradient as it is", edit);
        if let Some(made) = bank.made.last_mut() {
            made.open = Some("clip".to_owned());
        }
    }
}

/// A moment that begins with the first gradient in place of 0.
fn first(bank: &mut Bank, moment: &Moment, what: &str) {
    let line = &bank.anatomy.rule.step[moment.line];
    let added = bank.anatomy.text(moment.added);
    let whole = match moment.share {
        // The text of the share stands within that of what is added.
        Some(share) => {
            let from = share.start - moment.added.start;
            let to = share.end - moment.added.start;
            format!("{}1{}", &added[..from], &added[to..])
        }
        None => added.to_owned(),
    };
    let old = bank.anatomy.text(line.expr.span);
    let sign = moment.sign.replace('+', "");
    let edit = bank.edit().replace(
        line.expr.span,
        format!("where(t == 1, {sign}({whole}), {old})"),
    );
    let run_has = format!("`{}` beginning with the {what}first gradient", moment.state);
    let rule_has = format!(
        "`{}` beginning at {}",
        moment.state,
        bank.beginning(&moment.state)
    );
    let beginning = bank.beginning(&moment.state).parse().ok();
    bank.add(CauseKind::Start, run_has, rule_has, edit);
    bank.number(CauseQuantity::InitialValue, None, beginning);
}
