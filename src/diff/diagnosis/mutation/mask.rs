//! Steps that are left out element by element, as cautious optimisers do: where they would lead against the gradient.

use crate::{
    diff::{diagnosis::bank::Bank, finding::CauseKind},
    lang::syntax::{ExprKind, Infix},
};

pub(super) fn add(bank: &mut Bank) {
    let Some((_, gradient)) = bank.anatomy.gradient.clone() else {
        return;
    };
    let rule = bank.anatomy.rule;
    let Some(line) = rule.step.iter().rfind(|it| it.target == "w") else {
        return;
    };
    let ExprKind::Chain(first, rest) = &line.expr.kind else {
        return;
    };
    let (ExprKind::Name(w), [(Infix::Minus, step)]) = (&first.kind, rest.as_slice()) else {
        return;
    };
    // Of plain descent every step is along the gradient.
    let has_state = rule.states.iter().any(|it| line.expr.mentions(&it.name));
    if w != "w" || !(has_state || bank.anatomy.momentum.is_some()) {
        return;
    }
    let step_text = bank.anatomy.text(step.span);
    let along = format!("where(({step_text})*{gradient} > 0, 1, 0)");
    let forms = [
        ("", String::new()),
        (
            ", and the others over their share of the tensor",
            format!("/max(mean({along}), 1e-3)"),
        ),
        (
            ", and the others times the tensor's size over one more than their count",
            format!("*size(w)/(sum({along}) + 1)"),
        ),
    ];
    for (others, scale) in forms {
        let edit = bank
            .edit()
            .replace(line.expr.span, format!("w - ({step_text})*{along}{scale}"))
            .for_each_tensor();
        let what =
            format!("elements of the step against the gradient left out{others} (a cautious step)");
        bank.add(CauseKind::Order, what, "every element of the step", edit);
    }
}
