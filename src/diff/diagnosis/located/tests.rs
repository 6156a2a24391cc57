//! How much a search does.

use super::{Effort, LocateOptions, located};
use crate::{
    debugger::Control,
    diff::{
        configured_rule::ConfiguredRule,
        difference::Tolerance,
        finding::Diagnosis,
        pairing::pair,
        row_alignment::{GradientTiming, RowAlignment},
    },
    rule,
    runs::{ReadOptions, open},
};
use std::{fmt::Write, rc::Rc, sync::Arc};

/// Parameters of the one tensor of [`training`], and its iterations.
const N: u32 = 144;
const STEPS: u32 = 24;

/// A run of SGD with momentum, whose buffers `change` changes before iteration `t`.
fn training(change: impl Fn(u32, &mut [f64])) -> String {
    let number = |t: u32, at: u32| f64::from((7 * t + 5 * at) % 23) / 16.0 - 0.7;
    let text = |values: &[f64]| {
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        format!("{{\"a\":[{}]}}", values.join(","))
    };
    let mut w: Vec<f64> = (0..N).map(|at| number(3, at)).collect();
    let mut m = vec![0.0; w.len()];
    let mut lines = String::from("{\"hook\":\"pytorch\",\"optimizer\":\"SGD\"}\n");
    writeln!(lines, "{{\"t\":0,\"params\":{}}}", text(&w)).unwrap();
    for t in 1..=STEPS {
        change(t, &mut m);
        let g: Vec<f64> = (0..N).map(|at| number(t, at)).collect();
        for ((w, m), g) in w.iter_mut().zip(&mut m).zip(&g) {
            *m = 0.9 * *m + g;
            *w -= 0.01 * *m;
        }
        let state = format!("{{\"momentum_buffer\":{}}}", text(&m));
        let (params, g) = (text(&w), text(&g));
        let row = format!("\"t\":{t},\"params\":{params},\"g\":{g},\"state\":{state}");
        writeln!(lines, "{{{row}}}").unwrap();
    }
    lines
}

/// What is said of the run in which `failing` iterations are not the rule's, by a search of so much work at `most`; and how much
/// it did.
fn search(text: &str, failing: &[u32], most: usize) -> (Diagnosis, usize) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let mut run = open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
    let rule = rule::load("torch/sgd").unwrap().over(&run.tensors);
    let compiled = Arc::new(rule.compile(run.dimension()).unwrap());
    let value = |name: &str| match name {
        "lr" => Some(0.01),
        "momentum" => Some(0.9),
        _ => None,
    };
    let settings = compiled.settings.iter();
    let settings = settings.map(|it| value(&it.name).unwrap_or(it.default));
    let subject = ConfiguredRule::without_loss(Arc::clone(&compiled), settings.collect());
    let pairing = pair(&run, &compiled, &[]).unwrap();
    let failing: Vec<(u64, usize)> = failing.iter().map(|t| (u64::from(*t), 0)).collect();
    let effort = Rc::new(Effort::up_to(most));
    let options = LocateOptions {
        alignment: RowAlignment {
            convention: GradientTiming::Used,
            first_is_start: false,
        },
        tolerance: Tolerance {
            relative: 1e-9,
            absolute: 1e-300,
        },
        rounding: None,
        first: failing[0].0,
        failing: &failing,
        places: &[],
        are_few: failing.len() == 1,
        by_tensor: false,
        effort: &effort,
    };
    let mut control = Control::default();
    let found = located(&mut run, &subject, &pairing, &options, &mut control).unwrap();
    (found.unwrap(), effort.spent())
}

/// A run whose buffers are something else in every iteration.
fn noisy() -> (String, Vec<u32>) {
    let text = training(|t, m| {
        for (at, m) in (0..).zip(m) {
            *m += f64::from((11 * t + 3 * at) % 19);
        }
    });
    (text, (1..=STEPS).collect())
}

#[test]
fn numbers_too_few_to_bear_anything_out_are_not_searched_for() {
    let flipped = training(|t, m| m[5] *= if t == 10 { -1.0 } else { 1.0 });
    let (found, few) = search(&flipped, &[10], usize::MAX);
    assert!(found.explanations.is_empty());
    assert!(
        found.text[0].contains("too few numbers"),
        "{:?}",
        found.text
    );
    let (text, failing) = noisy();
    let (_, many) = search(&text, &failing, usize::MAX);
    assert!(50 * few < many, "{few} {many}");
}

#[test]
fn several_things_together_are_looked_for_up_to_the_bound_and_the_rest_is_told() {
    let (text, failing) = noisy();
    let (found, all) = search(&text, &failing, usize::MAX);
    assert!(!found.text[0].contains("not tried"), "{:?}", found.text);
    let most = all / 2;
    let (found, spent) = search(&text, &failing, most);
    assert!(found.text[0].contains("were not tried"), "{:?}", found.text);
    // What was under way is two walks through the run at most, to see whether it leads there and then to where; a look at which rows
    // fail is about as much as one.
    let (_, walk) = search(&text, &failing, 0);
    assert!(spent < most + 2 * walk, "{spent} {most} {walk}");
}
