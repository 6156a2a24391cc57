//! Moments and velocities: average or sum, step size inside or outside, look-ahead, stale, uncorrected.

use crate::{
    diff::{
        diagnosis::{
            bank::{Bank, Values},
            rule_patch::RulePatch,
        },
        finding::{CauseKind, CauseQuantity},
        rule_pattern::Moment,
    },
    error::Span,
};

pub(super) fn add(bank: &mut Bank, values: Values) {
    let (momentum, scale) = (bank.anatomy.momentum.clone(), bank.anatomy.scale.clone());
    if let Some(moment) = &momentum {
        gradient_itself(bank, moment);
        average(bank, moment, CauseKind::Momentum, "first moment");
        rate(bank, moment);
        look_ahead(bank, moment);
        stale(bank, moment, "first moment");
    }
    if let Some(moment) = &scale {
        average(bank, moment, CauseKind::Scale, "second moment");
        sizes(bank, moment);
        let kept = bank.anatomy.text(moment.kept);
        let sum = bank.edit().replace(moment.kept, moment.state.as_str());
        let what = format!(
            "a second moment that accumulates ({} in place of {kept})",
            moment.state
        );
        bank.add(CauseKind::Scale, what, "an average", sum);
        stale(bank, moment, "second moment");
        roots(bank);
    }
    if let (Some(momentum), Some(scale)) = (&momentum, &scale)
        && momentum.beta != scale.beta
    {
        let (a, b) = (&momentum.beta, &scale.beta);
        let edit = bank.edit().rename_from(0, a, b).rename_from(0, b, a);
        bank.add(
            CauseKind::Settings,
            format!("{a} and {b} swapped"),
            format!("{a} and {b} in their places"),
            edit,
        );
        bank.number(CauseQuantity::FirstBeta, values(b), values(a));
        bank.number(CauseQuantity::SecondBeta, values(a), values(b));
        let mut edit = bank.edit();
        let mut any = false;
        for it in bank.anatomy.corrections.iter().filter(|it| it.beta == *b) {
            let text = bank.anatomy.text(it.span).replacen(b.as_str(), a, 1);
            edit = edit.replace(it.span, text);
            any = true;
        }
        if any {
            let what = format!("the second moment corrected with {a}");
            bank.add(
                CauseKind::Correction,
                what,
                format!("the second moment corrected with {b}"),
                edit,
            );
            bank.number(CauseQuantity::SecondBeta, values(a), values(b));
        }
    }
    if let Some(rate) = bank.anatomy.rate.clone() {
        let edit = with_parameters(bank, bank.edit(), |edit, line| {
            edit.rename_in(line, &rate, &format!("(-{rate})"))
        });
        bank.add(
            CauseKind::Gradient,
            "steps uphill (the sign of the update is flipped)",
            "steps downhill",
            edit,
        );
    }
}

/// Applies `change` to each line that assigns `w`.
fn with_parameters<'a>(
    bank: &Bank<'a>,
    mut edit: RulePatch<'a>,
    change: impl Fn(RulePatch<'a>, usize) -> RulePatch<'a>,
) -> RulePatch<'a> {
    for (at, statement) in bank.anatomy.rule.step.iter().enumerate() {
        if statement.target == "w" {
            edit = change(edit, at);
        }
    }
    edit
}

/// The sum of a moment with `text` in the place of `span`: within its line, and as all of the line where
/// that treats the first iteration apart.
fn sums<'a>(bank: &Bank<'a>, moment: &Moment, span: Span, text: &str) -> Vec<RulePatch<'a>> {
    let mut edits = vec![bank.edit().replace(span, text)];
    let line = bank.anatomy.rule.step[moment.line].expr.span;
    if line != moment.whole {
        let old = bank.anatomy.text(moment.whole);
        let (from, to) = (
            span.start - moment.whole.start,
            span.end - moment.whole.start,
        );
        let new = format!("{}{text}{}", &old[..from], &old[to..]);
        edits.push(bank.edit().replace(line, new));
    }
    edits
}

/// An average made a sum, or the other way round.
fn average(bank: &mut Bank, moment: &Moment, kind: CauseKind, what: &str) {
    let Moment { beta, .. } = moment;
    if let Some(share) = moment.share {
        for edit in sums(bank, moment, share, "1") {
            let has = format!("an average, with the factor 1 - {beta}");
            bank.add(
                kind,
                format!("a {what} without the factor 1 - {beta}"),
                has,
                edit,
            );
        }
    } else {
        let added = bank.anatomy.text(moment.added);
        for edit in sums(
            bank,
            moment,
            moment.added,
            &format!("(1 - {beta})*({added})"),
        ) {
            let run_has = format!("a {what} that averages, with a factor 1 - {beta}");
            bank.add(kind, run_has, "a sum", edit);
        }
    }
}

/// The step size inside or outside of the velocity.
fn rate(bank: &mut Bank, moment: &Moment) {
    let Some(rate) = bank.anatomy.rate.clone() else {
        return;
    };
    let line = &bank.anatomy.rule.step[moment.line];
    if line.expr.mentions(&rate) {
        let mut edit = bank.edit().rename_in(moment.line, &rate, "1");
        let inside = format!("({rate}*{})", moment.state);
        for at in moment.line + 1..bank.anatomy.rule.step.len() {
            edit = edit.rename_in(at, &moment.state, &inside);
        }
        bank.add(
            CauseKind::Momentum,
            format!("{rate} outside the velocity"),
            format!("{rate} inside"),
            edit,
        );
    } else {
        let added = bank.anatomy.text(moment.added);
        for edit in sums(bank, moment, moment.added, &format!("{rate}*({added})")) {
            let edit = with_parameters(bank, edit, |edit, line| edit.rename_in(line, &rate, "1"));
            bank.add(
                CauseKind::Momentum,
                format!("{rate} inside the velocity"),
                format!("{rate} outside"),
                edit,
            );
        }
    }
}

/// Nesterov's step, rearranged so that the gradient is the one at `w`.
fn look_ahead(bank: &mut Bank, moment: &Moment) {
    let (beta, state) = (&moment.beta, &moment.state);
    let added = format!(
        "{}({})",
        moment.sign.replace('+', ""),
        bank.anatomy.text(moment.added)
    );
    let ahead = format!("({beta}*{state} + {added})");
    let mut any = false;
    let mut edit = bank.edit();
    for (at, statement) in bank
        .anatomy
        .rule
        .step
        .iter()
        .enumerate()
        .skip(moment.line + 1)
    {
        if statement.expr.mentions(state) && statement.target != *state {
            edit = edit.rename_in(at, state, &ahead);
            any = true;
        }
    }
    if any {
        bank.add(
            CauseKind::Momentum,
            "a Nesterov step (momentum applied once more, with the newest gradient)",
            "a plain momentum step",
            edit,
        );
    }
}

/// A moment that is no average: what would enter it stands in its place.
fn gradient_itself(bank: &mut Bank, moment: &Moment) {
    let Some(share) = moment.share else {
        return;
    };
    let added = bank.anatomy.text(moment.added);
    let from = share.start - moment.added.start;
    let to = share.end - moment.added.start;
    let sign = moment.sign.replace('+', "");
    let whole = format!("{sign}({}1{})", &added[..from], &added[to..]);
    let Moment { state, .. } = moment;
    let edit = bank.edit().replace(moment.whole, whole);
    bank.add(
        CauseKind::Momentum,
        format!("`{state}` that is the gradient itself"),
        format!("`{state}`, which averages gradients"),
        edit,
    );
}

/// A second moment of sizes in place of squares.
fn sizes(bank: &mut Bank, moment: &Moment) {
    let added = bank.anatomy.text(moment.added);
    let Some((before, after)) = added.rsplit_once("^2") else {
        return;
    };
    let is_named = |it: char| it.is_alphanumeric() || it == '_';
    let name = before.trim_end_matches(is_named).len();
    let (before, squared) = before.split_at(name);
    if squared.is_empty() {
        return;
    }
    let Moment { state, .. } = moment;
    let edit = bank
        .edit()
        .replace(moment.added, format!("{before}abs({squared}){after}"));
    bank.add(
        CauseKind::Scale,
        format!("`{state}` averaging |{squared}|: the square is missing"),
        format!("`{state}`, which averages {squared}^2"),
        edit,
    );
}

/// A moment that is updated after it has been used.
fn stale(bank: &mut Bank, moment: &Moment, what: &str) {
    let edit = bank.edit().move_last(moment.line);
    bank.add(
        CauseKind::Order,
        format!("the {what} updated after w, so that w uses the previous one"),
        "it updated before w",
        edit,
    );
}

/// The root left out.
fn roots(bank: &mut Bank) {
    for guard in bank.anatomy.guards.clone() {
        let inner = bank.anatomy.text(guard.guarded);
        let text = if guard.is_inside {
            format!("({inner} + {})", guard.eps)
        } else {
            format!("(({inner})^2 + {})", guard.eps)
        };
        let edit = bank.edit().replace(guard.span, text);
        bank.add(
            CauseKind::Scale,
            "no square root of the second moment",
            "a square root",
            edit,
        );
    }
}
