//! What is asked at every stop: the derivative of an iteration, its outlook; and the gradient of a fit
//! beside the same by hand.

use criterion::{Criterion, criterion_group, criterion_main};
use eigenstep::{
    analysis::{Boundary, Jacobian, Reference, Stability},
    debugger::Machine,
    loss::{self, Design, Logistic, Loss},
    rule,
};
use std::{hint::black_box, sync::Arc};

/// The derivative, the modes and the edge of Adam after five iterations on a named loss.
fn derivatives(criterion: &mut Criterion) {
    for name in ["valley", "rosenbrock", "logistic"] {
        let Ok(landscape) = loss::load(name).and_then(|file| file.landscape(None)) else {
            continue;
        };
        let n = landscape.start.len();
        let Ok(compiled) = rule::load("adam").and_then(|rule| rule.compile(n)) else {
            continue;
        };
        let compiled = Arc::new(compiled);
        let settings: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
        let loss = &*landscape.loss;
        let mut machine = Machine::new(
            Arc::clone(&compiled),
            loss,
            None,
            &settings,
            &landscape.start,
        );
        (0..5).for_each(|_| machine.iterate());
        let at = Boundary {
            t: 5,
            settings: &settings,
            kept: machine.variables(),
        };
        let mut evaluator = loss.evaluator();
        let mut group = criterion.benchmark_group(format!("adam on {name}, n = {n}"));
        let mut jacobian = Jacobian::new(Arc::clone(&compiled));
        group.bench_function("jacobian", |b| {
            b.iter(|| black_box(jacobian.at(evaluator.as_mut(), at, 1.0)));
        });
        let Ok(mut stability) = Stability::new(&compiled) else {
            continue;
        };
        let reference = Reference::near(loss, machine.w());
        group.bench_function("outlook", |b| {
            b.iter(|| {
                black_box(stability.outlook(
                    evaluator.as_mut(),
                    at,
                    reference.spectrum.as_ref(),
                    1.0,
                ))
            });
        });
        group.bench_function("edge", |b| {
            b.iter(|| black_box(stability.edge(evaluator.as_mut(), at)));
        });
        group.bench_function("predict 200", |b| {
            b.iter(|| black_box(stability.predict(evaluator.as_mut(), at, &reference, 200, 1.0)));
        });
    }
}

const ROWS: u32 = 569;
const FEATURES: u32 = 30;

/// A table without any meaning, as large as a well-known one.
fn design() -> Design {
    let entry = |k: u32| 2.0 * (f64::from(k) * 0.618).fract() - 1.0;
    let wide = FEATURES + 1;
    let x = (0..ROWS * wide).map(|k| if k % wide == 0 { 1.0 } else { entry(k) });
    Design {
        features: (0..FEATURES).map(|k| k.to_string()).collect(),
        target: "y".into(),
        x: x.collect(),
        y: (0..ROWS).map(|k| f64::from(u8::from(k % 3 == 0))).collect(),
    }
}

/// Loss and gradient of logistic regression, as one writes them down.
fn by_hand(x: &[f64], y: &[f64], w: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut total = 0.0;
    for (x, y) in x.chunks_exact(w.len()).zip(y) {
        let z: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum();
        let chance = 1.0 / (1.0 + (-z).exp());
        total += z.max(0.0) + (-z.abs()).exp().ln_1p() - y * z;
        for (g, x) in gradient.iter_mut().zip(x) {
            *g += (chance - y) * x;
        }
    }
    let rows = f64::from(ROWS);
    for g in gradient {
        *g /= rows;
    }
    total / rows
}

fn gradients(criterion: &mut Criterion) {
    let design = design();
    let (x, y) = (design.x.clone(), design.y.clone());
    let w: Vec<f64> = (0..=FEATURES)
        .map(|k| (f64::from(k) * 0.414).fract() - 0.5)
        .collect();
    let mut gradient = vec![0.0; w.len()];
    let mut evaluator = Logistic::new(design, 0.01).evaluator();
    let mut group = criterion.benchmark_group("logistic regression, 569 x 30");
    group.bench_function("eigenstep", |b| {
        b.iter(|| black_box(evaluator.value_and_gradient(black_box(&w), &mut gradient)));
    });
    group.bench_function("by hand", |b| {
        b.iter(|| black_box(by_hand(&x, &y, black_box(&w), &mut gradient)));
    });
    group.finish();
}

criterion_group!(benches, derivatives, gradients);
criterion_main!(benches);
