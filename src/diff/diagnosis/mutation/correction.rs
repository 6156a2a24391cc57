//! Bias correction: of which moment, and with which iteration's number.

use crate::diff::{
    diagnosis::bank::{Bank, CounterUnit, TENSOR},
    finding::{CauseKind, CauseQuantity},
    rule_pattern::{Correction, Moment},
};

pub(super) fn add(bank: &mut Bank) {
    let all = bank.anatomy.corrections.clone();
    if all.is_empty() {
        return;
    }
    let of = |moment: &Option<Moment>| -> Vec<Correction> {
        let beta = moment.as_ref().map(|moment| moment.beta.as_str());
        all.iter()
            .filter(|it| Some(it.beta.as_str()) == beta)
            .cloned()
            .collect()
    };
    let (first, second) = (of(&bank.anatomy.momentum), of(&bank.anatomy.scale));
    let without = |bank: &mut Bank, what: &str, left_out: &[Correction]| {
        if left_out.is_empty() {
            return;
        }
        let mut edit = bank.edit();
        for it in left_out {
            edit = edit.replace(it.span, "1");
        }
        let has = if first.is_empty() || second.is_empty() {
            "bias correction"
        } else {
            "bias correction of both moments"
        };
        bank.add(CauseKind::Correction, what, has, edit);
    };
    without(bank, "no bias correction", &all);
    if !first.is_empty() && !second.is_empty() {
        without(bank, "bias correction of the first moment only", &second);
        without(bank, "bias correction of the second moment only", &first);
    }
    if !second.is_empty() && !bank.anatomy.guards.is_empty() {
        let mut edit = bank.edit();
        for it in &second {
            edit = edit.replace(it.span, format!("({})^2", bank.anatomy.text(it.span)));
        }
        bank.add(
            CauseKind::Correction,
            "the root of the second moment divided by its correction without the root",
            "the root of the correction as well",
            edit,
        );
    }
    let counter = |bank: &mut Bank, what: &str, start: f64, text: &dyn Fn(&str) -> String| {
        let mut edit = bank.edit();
        for it in &all {
            edit = edit.replace(it.count, text(bank.anatomy.text(it.count)));
        }
        bank.add(
            CauseKind::Counter,
            what,
            "a counter that is 1 in the first update",
            edit,
        );
        bank.number(CauseQuantity::CounterStart, start, 1.0);
    };
    counter(
        bank,
        "a step counter that starts at 0 (the first update sees 0)",
        0.0,
        &|count| format!("({count} - 1)"),
    );
    counter(
        bank,
        "a step counter that starts at 2 (advanced before and after, or once too often)",
        2.0,
        &|count| format!("({count} + 1)"),
    );
    let stuck = "a step counter that never advances beyond 1";
    counter(bank, stuck, 1.0, &|_| "1".to_owned());
    bank.number(CauseQuantity::CounterLimit, 1.0, None);
    for (counts, what) in [
        (
            CounterUnit::Tensors,
            "a step counter that every tensor advances, shared by all of them",
        ),
        (
            CounterUnit::Coordinates,
            "a step counter that every coordinate advances, shared by all of them",
        ),
    ] {
        let mut edit = bank
            .edit()
            .state(TENSOR, "0*w")
            .state("tensors_in_all", "1");
        for it in &all {
            edit = edit.replace(it.count, format!("((t - 1)*tensors_in_all + {TENSOR} + 1)"));
        }
        bank.add(
            CauseKind::Counter,
            what,
            "one count for each iteration",
            edit,
        );
        if let Some(made) = bank.made.last_mut() {
            made.counts = Some(counts);
        }
    }
}
