//! Training runs as a hook records them: AdamW with two groups, of which one has no decay, and a rate that warms up.

use serde_json::json;
use std::fmt::Write;

/// What an optimiser does otherwise than the run says of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// The decay is added to the gradient.
    Coupled,
    /// eps stands below the root.
    EpsInside,
    /// The second moment is not corrected for its start at 0.
    SecondUncorrected,
    /// The second moment of the second group averages otherwise.
    SecondBeta,
    /// The rate is the last one from the beginning on.
    NoWarmUp,
    /// The second group's rate is ten times as large.
    Rate,
    /// The iteration does nothing.
    Skips(i32),
    /// The gradient is multiplied by 1024.
    Scaled,
    /// The recorded gradient is clipped to a norm of 2 before it is used.
    Clips,
    /// All states begin again.
    Resets(i32),
    /// The gradient of the iteration before is used.
    Stale(i32),
    /// The weights move by themselves.
    Drifts,
}

/// What a run is like.
#[derive(Debug, Clone, Copy)]
pub struct Training {
    /// The decay that the second group's tensor is given; its group says 0.
    pub decay: f64,
    /// The iteration before which `exp_avg` of the first tensor is set to 0.
    pub forgets_at: Option<i32>,
    /// The first iteration whose gradient is not a number.
    pub fails_at: Option<i32>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Rows are written where t is a multiple of this, and before those.
    pub every: i32,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            decay: 0.0,
            forgets_at: None,
            fails_at: None,
            fault: None,
            every: 1,
        }
    }
}

/// The rate in iteration `t`.
pub fn rate(t: i32) -> f64 {
    0.01 * f64::from(t.min(5)) / 5.0
}

impl Training {
    /// 20 iterations on the tensors `fc.weight`, 2 by 2, and `fc.bias`.
    pub fn lines(self) -> String {
        let (beta1, beta2, eps) = (0.9_f64, 0.999_f64, 1e-8);
        let settings = |decay: f64| json!({"lr": rate(1), "betas": [beta1, beta2], "eps": eps, "weight_decay": decay});
        let group = |name: &str, decay: f64| {
            let mut group = settings(decay);
            group["params"] = json!([name]);
            group
        };
        let header = json!({"hook": "pytorch", "optimizer": "AdamW", "settings": settings(0.1),
            "groups": [group("fc.weight", 0.1), group("fc.bias", 0.0)]});
        let split = |x: &[f64; 5]| {
            let text = |it: &f64| {
                if it.is_finite() {
                    json!(it)
                } else {
                    json!("NaN")
                }
            };
            let x: Vec<_> = x.iter().map(text).collect();
            json!({"fc.weight": [x[..2], x[2..4]], "fc.bias": [x[4]]})
        };
        let mut w = [0.9, -0.4, 0.3, 1.1, 0.7];
        let (mut m, mut v, mut step) = ([0.0; 5], [0.0; 5], 0);
        let mut before = [0.0; 5];
        let mut text = format!(
            "{header}\n{}\n",
            json!({"t": 0, "params": split(&w), "loss": 3.0})
        );
        for t in 1..=20 {
            if self.forgets_at == Some(t) {
                m[..4].fill(0.0);
            }
            let curvature = [1.0, 2.0, 3.0, 4.0, 5.0];
            let mut g: [f64; 5] =
                std::array::from_fn(|i| curvature[i] * w[i] + 0.3 * w[(i + 1) % 5]);
            if self.fails_at.is_some_and(|at| t >= at) {
                g[1] = f64::NAN;
            }
            let is = |fault: Fault| self.fault == Some(fault);
            let recorded = g;
            if is(Fault::Scaled) {
                g = g.map(|it| 1024.0 * it);
            }
            if is(Fault::Clips) {
                let norm = g.iter().map(|it| it * it).sum::<f64>().sqrt();
                g = g.map(|it| (2.0 / (norm + 1e-6)).min(1.0) * it);
            }
            if is(Fault::Stale(t)) {
                g = before;
            }
            if is(Fault::Resets(t)) {
                (m, v, step) = ([0.0; 5], [0.0; 5], 0);
            }
            before = recorded;
            let skips = is(Fault::Skips(t));
            step += i32::from(!skips);
            for i in (0..5).filter(|_| !skips) {
                let decay = if i < 4 { 0.1 } else { self.decay };
                let mut lr = rate(if is(Fault::NoWarmUp) { 20 } else { t });
                let mut beta2 = beta2;
                if i == 4 && is(Fault::Rate) {
                    lr *= 10.0;
                }
                if i == 4 && is(Fault::SecondBeta) {
                    beta2 = 0.99;
                }
                if is(Fault::Coupled) {
                    g[i] += decay * w[i];
                } else {
                    w[i] *= 1.0 - lr * decay;
                }
                m[i] = beta1 * m[i] + (1.0 - beta1) * g[i];
                v[i] = beta2 * v[i] + (1.0 - beta2) * g[i] * g[i];
                let root = if is(Fault::SecondUncorrected) {
                    v[i].sqrt()
                } else {
                    v[i].sqrt() / (1.0 - beta2.powi(step)).sqrt()
                };
                let denominator = if is(Fault::EpsInside) {
                    (root * root + eps).sqrt()
                } else {
                    root + eps
                };
                w[i] -= lr / (1.0 - beta1.powi(step)) * m[i] / denominator;
                if i < 4 && is(Fault::Drifts) {
                    w[i] += 1e-3 * f64::from(t * t % 7 + i32::try_from(i).unwrap() * t % 5);
                }
            }
            let mut row = json!({"t": t, "params": split(&w), "g": split(&recorded), "loss": 3.0 / f64::from(t + 1),
                "state": {"step": {"fc.weight": step, "fc.bias": step}, "exp_avg": split(&m), "exp_avg_sq": split(&v)}});
            if t > 1 && t <= 5 || t % self.every == 0 && self.every > 1 {
                row["settings"] = json!({"lr": [rate(t), rate(t)]});
            }
            if t % self.every == 0 || (t + 1) % self.every == 0 {
                writeln!(text, "{row}").unwrap();
            }
        }
        text
    }
}
