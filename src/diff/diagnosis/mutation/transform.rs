//! What wrappers and slips make of any line: gradients and parameters transformed, branches that are always taken, other numbers in
//! comparisons, factors left out, counters that are read too early or too late.

use crate::{
    diff::{diagnosis::bank::Bank, finding::CauseKind},
    error::Span,
    lang::syntax::{Expr, ExprKind, Infix},
    rule::{Domain, StateRole},
};

pub(super) fn add(bank: &mut Bank) {
    transforms(bank);
    factors(bank);
    branches(bank);
    thresholds(bank);
    counters(bank);
}

/// The gradient transformed before the rule sees it, and the parameters after the step.
fn transforms(bank: &mut Bank) {
    // What optax adds to the norm it divides by.
    let by_norm = ["", " + 1e-6"];
    let of_all = by_norm.map(|more| {
        (
            "the gradient divided by the norm of all tensors",
            format!("{{g}}/(norm_of_all({{g}}){more})"),
        )
    });
    let of_each = by_norm.map(|more| {
        (
            "the gradient of each tensor divided by its norm",
            format!("{{g}}/(norm_by_tensor({{g}}){more})"),
        )
    });
    let others = [
        (
            "the gradient of each matrix centralized: the mean of each row taken from it",
            "where(ndim(w) > 1, {g} - row_mean({g}), {g})".to_owned(),
        ),
        ("the sign of the gradient", "sign({g})".to_owned()),
    ];
    if let Some((_, gradient)) = bank.anatomy.gradient.clone() {
        for (what, text) in of_all.into_iter().chain(of_each).chain(others) {
            let text = text.replace("{g}", &gradient);
            let line = format!("{gradient} = {text}");
            let mut edit = bank.edit().line_after_gradient(line);
            if text.contains("ndim") {
                edit = edit.for_each_tensor();
            }
            bank.add(CauseKind::Gradient, what, "the gradient as it is", edit);
        }
    }
    let edit = bank.edit().line_last("w = max(w, 0)");
    let what = "w kept at or above 0 after the step";
    bank.add(CauseKind::Order, what, "w as the step leaves it", edit);
}

/// Branches that are always taken. Those of switches are settings.
fn branches(bank: &mut Bank) {
    let rule = bank.anatomy.rule;
    let is_switch = |name: &str| {
        let mut params = rule.params.iter();
        params.any(|it| it.name == name && matches!(it.domain, Domain::Choice(_)))
    };
    for line in &rule.step {
        let mut found = Vec::new();
        line.expr.walk(&mut |expr| {
            if let ExprKind::Call(name, _, arguments) = &expr.kind
                && let ("where", [condition, yes, no]) = (name.as_str(), arguments.as_slice())
                && !mentions(condition, &is_switch)
            {
                found.push((expr.span, condition.span, yes.span, "does not hold"));
                found.push((expr.span, condition.span, no.span, "holds"));
            }
        });
        for (whole, condition, branch, even) in found {
            let text = |span| bank.anatomy.text(span);
            let (branch, condition) = (text(branch), text(condition));
            let target = line.target.as_str();
            let what = format!("`{branch}` in `{target}` even where `{condition}` {even}");
            let has = format!("`{}`", text(whole));
            let is_number = branch.parse::<f64>().is_ok();
            let branch = if is_number {
                branch.to_owned()
            } else {
                format!("({branch})")
            };
            let edit = bank.edit().replace(whole, branch);
            bank.add(CauseKind::Order, what, has, edit);
        }
    }
}

fn mentions(expr: &Expr, is_wanted: &impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    expr.walk(&mut |it| found |= matches!(&it.kind, ExprKind::Name(name) if is_wanted(name)));
    found
}

/// A comparison, the number in it, and where both stand.
type Threshold = (String, f64, Vec<(Span, Span)>);

/// Numbers that something is compared with, one more and one less.
fn thresholds(bank: &mut Bank) {
    const COMPARES: [Infix; 4] = [
        Infix::Less,
        Infix::LessEqual,
        Infix::Greater,
        Infix::GreaterEqual,
    ];
    let rule = bank.anatomy.rule;
    let mut found: Vec<Threshold> = Vec::new();
    for line in &rule.step {
        line.expr.walk(&mut |expr| {
            if let ExprKind::Chain(_, rest) = &expr.kind
                && let [(infix, number)] = rest.as_slice()
                && let ExprKind::Number(value) = number.kind
                && COMPARES.contains(infix)
                // Signs and shapes are no thresholds.
                && value > 1.0
            {
                let text = bank.anatomy.text(expr.span).to_owned();
                let spans = (expr.span, number.span);
                match found.iter_mut().find(|it| it.0 == text) {
                    Some(known) => known.2.push(spans),
                    None => found.push((text, value, vec![spans])),
                }
            }
        });
    }
    for (text, value, spans) in found {
        for other in [value - 1.0, value + 1.0] {
            let mut edit = bank.edit();
            for (_, number) in &spans {
                edit = edit.replace(*number, format!("{other:?}"));
            }
            let Some((whole, number)) = spans.first() else {
                continue;
            };
            let told = format!("`{}{other}`", &text[..number.start - whole.start]);
            bank.add(CauseKind::Order, told, format!("`{text}`"), edit);
        }
    }
}

/// Factors that norms give, which are 1 throughout, or at most that.
fn factors(bank: &mut Bank) {
    const REDUCES: [&str; 3] = ["norm", "mean", "norm_by_tensor"];
    let reduces = |expr: &Expr| {
        let mut found = false;
        expr.walk(&mut |it| {
            found |=
                matches!(&it.kind, ExprKind::Call(name, ..) if REDUCES.contains(&name.as_str()));
        });
        found
    };
    let rule = bank.anatomy.rule;
    let is_state = |name: &str| rule.states.iter().any(|it| it.name == name);
    for line in &rule.step {
        let target = line.target.as_str();
        let mut bounds = Vec::new();
        line.expr.walk(&mut |expr| {
            if let ExprKind::Call(name, _, arguments) = &expr.kind
                && let ("max" | "min", [one, other]) = (name.as_str(), arguments.as_slice())
                && let ExprKind::Number(1.0) = one.kind
                && reduces(other)
            {
                bounds.push((expr.span, other.span));
            }
        });
        for (whole, other) in bounds {
            let text = bank.anatomy.text(whole);
            let has = format!("`{text}`");
            let edit = bank.edit().replace(whole, "1");
            bank.add(
                CauseKind::Order,
                format!("1 in place of `{text}`"),
                has.clone(),
                edit,
            );
            let other = bank.anatomy.text(other);
            let edit = bank.edit().replace(whole, format!("({other})"));
            bank.add(
                CauseKind::Order,
                format!("`{other}` without a bound of 1"),
                has,
                edit,
            );
        }
        if target == "w" || is_state(target) || !reduces(&line.expr) {
            continue;
        }
        let span = line.expr.span;
        let has = format!("`{target}` as it is");
        let edit = bank.edit().replace(span, "1");
        bank.add(
            CauseKind::Order,
            format!("`{target}` of 1 throughout"),
            has.clone(),
            edit,
        );
        let text = format!("min(1, {})", bank.anatomy.text(span));
        let edit = bank.edit().replace(span, text);
        bank.add(
            CauseKind::Order,
            format!("`{target}` of at most 1"),
            has,
            edit,
        );
    }
}

/// A counter that one line reads one ahead or behind. Bias corrections have causes of their own.
fn counters(bank: &mut Bank) {
    let rule = bank.anatomy.rule;
    let counts = rule.states.iter();
    let counts = counts.filter(|it| it.role == Some(StateRole::Count));
    for count in counts.map(|it| it.name.as_str()) {
        for (at, line) in rule.step.iter().enumerate() {
            let within =
                |span: Span| line.expr.span.start <= span.start && span.end <= line.expr.span.end;
            let corrects = bank.anatomy.corrections.iter().any(|it| within(it.span));
            if line.target == count || corrects || !line.expr.mentions(count) {
                continue;
            }
            for (by, which) in [("+ 1", "after"), ("- 1", "before")] {
                let edit = bank.edit().rename_in(at, count, &format!("({count} {by})"));
                let target = line.target.as_str();
                bank.add(
                    CauseKind::Counter,
                    format!("`{target}` with the `{count}` of the update {which}"),
                    format!("`{target}` with the `{count}` of the update itself"),
                    edit,
                );
            }
        }
    }
}
