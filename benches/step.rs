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
use std::{
    array::from_fn,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

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
        let (c1, c2) = self.corrections();
        let (w, w_rest) = self.w.as_chunks_mut::<LANES>();
        let (m, m_rest) = self.m.as_chunks_mut::<LANES>();
        let (s, s_rest) = self.s.as_chunks_mut::<LANES>();
        let (g, g_rest) = self.g.as_chunks_mut::<LANES>();
        let (m_hat, m_hat_rest) = self.m_hat.as_chunks_mut::<LANES>();
        let (s_hat, s_hat_rest) = self.s_hat.as_chunks_mut::<LANES>();
        let (gradient, gradient_rest) = self.gradient.as_chunks_mut::<LANES>();
        let (eigenvalues, eigenvalues_rest) = self.eigenvalues.as_chunks::<LANES>();
        let (minimum, minimum_rest) = self.minimum.as_chunks::<LANES>();
        let (mut loss, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for at in 0..w.len() {
            let buffers = [&mut w[at], &mut m[at], &mut s[at], &mut g[at]];
            let more = [&mut m_hat[at], &mut s_hat[at], &mut gradient[at]];
            fused(
                buffers,
                more,
                [&eigenvalues[at], &minimum[at]],
                [c1, c2],
                &mut loss,
                &mut squares,
            );
        }
        for at in 0..w_rest.len() {
            let buffers = [
                &mut w_rest[at],
                &mut m_rest[at],
                &mut s_rest[at],
                &mut g_rest[at],
            ];
            let more = [
                &mut m_hat_rest[at],
                &mut s_hat_rest[at],
                &mut gradient_rest[at],
            ];
            let quadratic = [&eigenvalues_rest[at], &minimum_rest[at]];
            let one = |it| std::array::from_mut(it);
            fused(
                buffers.map(one),
                more.map(one),
                quadratic.map(std::array::from_ref),
                [c1, c2],
                one(&mut loss[at]),
                one(&mut squares[at]),
            );
        }
        (
            0.5 * loss.iter().sum::<f64>(),
            squares.iter().sum::<f64>().sqrt(),
        )
    }
}

const LANES: usize = 8;

/// Step and measurement on `N` elements.
#[inline]
fn fused<const N: usize>(
    [w, m, s, g]: [&mut [f64; N]; 4],
    [m_hat, s_hat, gradient]: [&mut [f64; N]; 3],
    [eigenvalues, minimum]: [&[f64; N]; 2],
    [c1, c2]: [f64; 2],
    loss: &mut [f64; N],
    squares: &mut [f64; N],
) {
    let new_m: [f64; N] = from_fn(|k| BETA1 * m[k] + (1.0 - BETA1) * gradient[k]);
    let new_s: [f64; N] = from_fn(|k| BETA2 * s[k] + (1.0 - BETA2) * (gradient[k] * gradient[k]));
    *g = *gradient;
    (*m, *s) = (new_m, new_s);
    *m_hat = from_fn(|k| new_m[k] / c1);
    *s_hat = from_fn(|k| new_s[k] / c2);
    let roots: [f64; N] = from_fn(|k| (s_hat[k] + DELTA).sqrt());
    let new_w: [f64; N] = from_fn(|k| w[k] - ETA * m_hat[k] / roots[k]);
    *w = new_w;
    let d: [f64; N] = from_fn(|k| new_w[k] - minimum[k]);
    let slope: [f64; N] = from_fn(|k| eigenvalues[k] * d[k]);
    *gradient = slope;
    *loss = from_fn(|k| loss[k] + slope[k] * d[k]);
    *squares = from_fn(|k| squares[k] + slope[k] * slope[k]);
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

/// Iterations after which a run begins anew: near the minimum all numbers turn into denormal ones, which
/// take many times as long.
const STRETCH: u64 = 2000;
/// Iterations of each run that are not timed: all memory has been touched by then.
const WARM_UP: u64 = 32;

/// Times `count` iterations of runs that `begin` starts.
fn stretches<T>(count: u64, begin: impl Fn() -> T, step: impl Fn(&mut T)) -> Duration {
    let mut left = count;
    let mut total = Duration::ZERO;
    while left > 0 {
        let mut run = begin();
        for _ in 0..WARM_UP {
            step(&mut run);
        }
        let now = left.min(STRETCH);
        let start = Instant::now();
        for _ in 0..now {
            step(&mut run);
        }
        total += start.elapsed();
        left -= now;
    }
    total
}

fn adam(c: &mut Criterion) {
    let mut group = c.benchmark_group("one iteration of adam");
    for n in [2, 1_000, 1_000_000] {
        if n > 100_000 {
            group
                .sample_size(10)
                .measurement_time(Duration::from_secs(5));
        }
        group.bench_function(BenchmarkId::new("by hand, bare", n), |b| {
            b.iter_custom(|count| {
                stretches(
                    count,
                    || ByHand::new(n),
                    |it| {
                        it.bare();
                        black_box(it.w[0]);
                    },
                )
            });
        });
        group.bench_function(BenchmarkId::new("by hand, measured", n), |b| {
            b.iter_custom(|count| {
                stretches(
                    count,
                    || ByHand::new(n),
                    |it| {
                        black_box(it.measured());
                    },
                )
            });
        });
        group.bench_function(BenchmarkId::new("eigenstep", n), |b| {
            b.iter_custom(|count| {
                stretches(
                    count,
                    || lane(n),
                    |it| {
                        it.iterate();
                        black_box(it.machine().loss());
                    },
                )
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
