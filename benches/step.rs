//! One iteration of Adam, and one gradient: ours beside the same by hand, in one run.
//!
//! `by hand, bare` is what an optimiser does: gradient and step. `by hand, measured` does what a
//! debugger must do too: keep every variable of the rule, and the loss and the gradient's norm after
//! the step. `eigenstep` is [`Lane::iterate`], with its timeline.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use eigenstep::{
    debugger::Lane,
    loss::{Landscape, Quadratic, landscape},
    rule,
};
use std::{hint::black_box, sync::Arc, time::Duration};

const ETA: f64 = 1e-3;
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const DELTA: f64 = 1e-8;

/// A diagonal quadratic of `n` parameters.
fn quadratic(n: usize) -> (Vec<f64>, Vec<f64>) {
    let at = |k: usize| f64::from(u32::try_from(k % 97).unwrap_or(0));
    let eigenvalues = (0..n).map(|k| 1.0 + at(k)).collect();
    let minimum = (0..n).map(|k| 0.5 + at(k) / 97.0).collect();
    (eigenvalues, minimum)
}

/// Adam by hand.
struct ByHand {
    eigenvalues: Vec<f64>,
    minimum: Vec<f64>,
    w: Vec<f64>,
    m: Vec<f64>,
    s: Vec<f64>,
    g: Vec<f64>,
    m_hat: Vec<f64>,
    s_hat: Vec<f64>,
    gradient: Vec<f64>,
    /// beta1^t and beta2^t.
    powers: (f64, f64),
}

impl ByHand {
    fn new(n: usize) -> Self {
        let (eigenvalues, minimum) = quadratic(n);
        let zeros = || vec![0.0; n];
        let mut it = Self {
            gradient: zeros(),
            eigenvalues,
            minimum,
            w: zeros(),
            m: zeros(),
            s: zeros(),
            g: zeros(),
            m_hat: zeros(),
            s_hat: zeros(),
            powers: (1.0, 1.0),
        };
        for ((g, l), m) in it.gradient.iter_mut().zip(&it.eigenvalues).zip(&it.minimum) {
            *g = -l * m;
        }
        it
    }

    fn corrections(&mut self) -> (f64, f64) {
        self.powers.0 *= BETA1;
        self.powers.1 *= BETA2;
        (1.0 - self.powers.0, 1.0 - self.powers.1)
    }

    fn bare(&mut self) {
        let (c1, c2) = self.corrections();
        let buffers = self.w.iter_mut().zip(&mut self.m).zip(&mut self.s);
        let quadratic = self.eigenvalues.iter().zip(&self.minimum);
        for (((w, m), s), (l, minimum)) in buffers.zip(quadratic) {
            let g = l * (*w - minimum);
            *m = BETA1 * *m + (1.0 - BETA1) * g;
            *s = BETA2 * *s + (1.0 - BETA2) * (g * g);
            *w -= ETA * (*m / c1) / (*s / c2 + DELTA).sqrt();
        }
    }

    /// One pass over all buffers; returns the loss and the gradient's norm.
    fn measured(&mut self) -> (f64, f64) {
        const LANES: usize = 8;
        let (c1, c2) = self.corrections();
        let n = self.w.len();
        let mut loss = [0.0; LANES];
        let mut squares = [0.0; LANES];
        let mut from = 0;
        while from < n {
            let to = (from + LANES).min(n);
            let (w, m) = (&mut self.w[from..to], &mut self.m[from..to]);
            let (s, g) = (&mut self.s[from..to], &mut self.g[from..to]);
            let (m_hat, s_hat) = (&mut self.m_hat[from..to], &mut self.s_hat[from..to]);
            let gradient = &mut self.gradient[from..to];
            let (eigenvalues, minimum) = (&self.eigenvalues[from..to], &self.minimum[from..to]);
            for k in 0..to - from {
                g[k] = gradient[k];
                m[k] = BETA1 * m[k] + (1.0 - BETA1) * g[k];
                s[k] = BETA2 * s[k] + (1.0 - BETA2) * (g[k] * g[k]);
                m_hat[k] = m[k] / c1;
                s_hat[k] = s[k] / c2;
                w[k] -= ETA * m_hat[k] / (s_hat[k] + DELTA).sqrt();
                let d = w[k] - minimum[k];
                gradient[k] = eigenvalues[k] * d;
                loss[k] += eigenvalues[k] * (d * d);
                squares[k] += gradient[k] * gradient[k];
            }
            from = to;
        }
        (
            0.5 * loss.iter().sum::<f64>(),
            squares.iter().sum::<f64>().sqrt(),
        )
    }
}

fn lane(n: usize) -> Lane {
    let compiled = match rule::load("adam").and_then(|rule| rule.compile(n)) {
        Ok(compiled) => compiled,
        Err(error) => panic!("{error}"),
    };
    let settings = compiled.settings.iter().map(|it| it.default).collect();
    let (eigenvalues, minimum) = quadratic(n);
    let loss = match Quadratic::new(&eigenvalues, &minimum, 0.0) {
        Ok(loss) => loss,
        Err(error) => panic!("{error}"),
    };
    let landscape = Landscape {
        name: "bench".into(),
        loss: Arc::new(loss),
        start: vec![0.0; n],
        window: None,
        bound: f64::INFINITY,
    };
    Lane::new(Arc::new(compiled), &landscape, None, settings)
}

fn adam(c: &mut Criterion) {
    let mut group = c.benchmark_group("one iteration of adam");
    for n in [2, 1_000, 1_000_000] {
        if n > 100_000 {
            group
                .sample_size(10)
                .measurement_time(Duration::from_secs(5));
        }
        let mut it = ByHand::new(n);
        group.bench_function(BenchmarkId::new("by hand, bare", n), |b| {
            b.iter(|| {
                it.bare();
                black_box(it.w[0])
            });
        });
        let mut it = ByHand::new(n);
        group.bench_function(BenchmarkId::new("by hand, measured", n), |b| {
            b.iter(|| black_box(it.measured()));
        });
        let mut it = lane(n);
        group.bench_function(BenchmarkId::new("eigenstep", n), |b| {
            b.iter(|| {
                it.iterate();
                black_box(it.machine().loss())
            });
        });
    }
}

fn gradients(c: &mut Criterion) {
    let mut group = c.benchmark_group("rosenbrock with its gradient");
    let by_hand = |w: [f64; 2]| {
        let (a, b) = (1.0 - w[0], w[1] - w[0] * w[0]);
        (
            a * a + 100.0 * b * b,
            [-2.0 * a - 400.0 * w[0] * b, 200.0 * b],
        )
    };
    group.bench_function("by hand", |b| b.iter(|| by_hand(black_box([-1.2, 1.0]))));
    let rosenbrock = match landscape("rosenbrock", None) {
        Ok(landscape) => landscape,
        Err(error) => panic!("{error}"),
    };
    let mut evaluator = rosenbrock.loss.evaluator();
    let mut gradient = [0.0; 2];
    group.bench_function("eigenstep", |b| {
        b.iter(|| {
            let value = evaluator.value_and_gradient(black_box(&[-1.2, 1.0]), &mut gradient);
            black_box((value, gradient))
        });
    });
}

criterion_group!(benches, adam, gradients);
criterion_main!(benches);
