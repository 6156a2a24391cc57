//! Causes as data: whatever number a diagnosis tells in words is a field of it.

#[path = "foreign/question.rs"]
mod question;
#[path = "foreign/told.rs"]
mod told;

use eigenstep::{
    Control,
    diff::{CauseQuantity, ConfiguredRule, Report, examine},
    runs::{self, ReadOptions},
};
use question::question;
use serde_json::{Value, json};
use std::fs;
use told::{check_numbers, is_doubted};

const ROWS: u32 = 120;
const TENSORS: [(&str, usize); 2] = [("a", 3), ("b", 3)];

/// The rate in an iteration, for a tensor.
type Rate<'a> = &'a dyn Fn(u32, usize) -> f64;

/// Adam as people write it, with room for what they get wrong.
struct Loop<'a> {
    rate: Rate<'a>,
    /// The gradient that goes in, from the one that is recorded.
    gradient: &'a dyn Fn(u32, &[f64]) -> Vec<f64>,
    /// The counter of the corrections.
    counter: &'a dyn Fn(u32) -> u32,
    /// The most that a coordinate moves.
    bound: f64,
    /// The least and the most rate of a coordinate.
    between: Option<(f64, f64)>,
    /// Iterations in which nothing is updated.
    skips: &'a dyn Fn(u32) -> bool,
    /// Iterations before which the first moment is lost.
    loses: &'a dyn Fn(u32) -> bool,
    betas: [f64; 2],
    eps: f64,
    eps_is_inside: bool,
    /// A number that is added to each coordinate.
    constant: f64,
    /// Decoupled weight decay.
    decay: f64,
}

impl Default for Loop<'_> {
    fn default() -> Self {
        Self {
            rate: &|_, _| 0.01,
            gradient: &|_, g| g.to_vec(),
            counter: &|t| t,
            bound: f64::INFINITY,
            between: None,
            skips: &|_| false,
            loses: &|_| false,
            betas: [0.9, 0.999],
            eps: 1e-8,
            eps_is_inside: false,
            constant: 0.0,
            decay: 0.0,
        }
    }
}

fn by_tensor(values: &[f64]) -> Value {
    let (a, b) = values.split_at(TENSORS[0].1);
    json!({ TENSORS[0].0: a, TENSORS[1].0: b })
}

impl Loop<'_> {
    fn rows(&self) -> String {
        let n = TENSORS[0].1 + TENSORS[1].1;
        let mut w: Vec<f64> = (0..6).map(|i| 0.7 - 0.3 * f64::from(i)).collect();
        let (mut m, mut v) = (vec![0.0; n], vec![0.0; n]);
        let row = |t: u32, w: &[f64], m: &[f64], v: &[f64], g: Option<&[f64]>| {
            let mut row = json!({ "t": t, "params": by_tensor(w), "exp_avg": by_tensor(m), "exp_avg_sq": by_tensor(v) });
            if let Some(g) = g {
                row["g"] = by_tensor(g);
            }
            format!("{row}\n")
        };
        let mut text = row(0, &w, &m, &v, None);
        for t in 1..=ROWS {
            let wave = |i: usize| {
                0.2 * (f64::from(t) * (0.7 + 0.1 * f64::from(u32::try_from(i).unwrap()))).sin()
            };
            let g: Vec<f64> = (0..n).map(|i| 0.4 * w[i] + wave(i)).collect();
            if !(self.skips)(t) {
                let used = (self.gradient)(t, &g);
                let count = i32::try_from((self.counter)(t)).unwrap();
                let [one, two] = self.betas;
                for i in 0..n {
                    let kept = if (self.loses)(t) { 0.0 } else { m[i] };
                    m[i] = one * kept + (1.0 - one) * used[i];
                    v[i] = two * v[i] + (1.0 - two) * used[i] * used[i];
                    let (first, second) = (1.0 - one.powi(count), 1.0 - two.powi(count));
                    let below = if self.eps_is_inside {
                        (v[i] / second + self.eps).sqrt()
                    } else {
                        (v[i] / second).sqrt() + self.eps
                    };
                    let rate = (self.rate)(t, usize::from(i >= TENSORS[0].1));
                    let mut step = rate * (m[i] / first) / below;
                    if let Some((low, high)) = self.between {
                        step = (rate / first / below).clamp(low, high) * m[i];
                    }
                    w[i] *= 1.0 - rate * self.decay;
                    w[i] += self.constant - step.clamp(-self.bound, self.bound);
                }
            }
            text += &row(t, &w, &m, &v, Some(&g));
        }
        text
    }

    /// The report against Adam with a rate of 0.01, all of its numbers checked, and the number of those in words.
    fn report(&self) -> (Report, usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        fs::write(&path, self.rows()).unwrap();
        let mut run = runs::open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
        let mut start = Vec::new();
        assert!(run.read(0, 0, &mut start).unwrap());
        let subject =
            ConfiguredRule::new("torch/adam", &["lr=0.01".to_owned()], None, &start).unwrap();
        let report = examine(&mut run, &subject, &question(), &mut Control::default()).unwrap();
        let told = check_numbers(&serde_json::to_value(&report.diagnosis).unwrap());
        let doubted = is_doubted(&serde_json::to_value(&report).unwrap());
        assert_eq!(doubted, self.between.is_some(), "{report}");
        assert_eq!(doubted, report.to_string().contains("Each row by itself"));
        (report, told)
    }
}

/// The numbers of this quantity in the run, by whichever cause has them.
fn found(report: &Report, quantity: CauseQuantity) -> Vec<f64> {
    let diagnosis = report.diagnosis.as_ref().unwrap();
    let explained = diagnosis.explanations.iter().flat_map(|it| &it.causes);
    explained
        .chain(&diagnosis.partial)
        .flat_map(|it| &it.numbers)
        .filter(|it| it.quantity == quantity)
        .filter_map(|it| it.run.map(|it| it.0))
        .collect()
}

fn clipped(limit: f64, g: &[f64]) -> Vec<f64> {
    let norm = g.iter().map(|it| it * it).sum::<f64>().sqrt();
    g.iter().map(|it| it * (limit / norm).min(1.0)).collect()
}

#[test]
fn numbers_that_are_no_settings_are_fields() {
    let cases: [(Loop, CauseQuantity, f64); 6] = [
        (
            Loop {
                gradient: &|_, g| clipped(0.25, g),
                ..Loop::default()
            },
            CauseQuantity::ClippingLimit,
            0.25,
        ),
        (
            Loop {
                gradient: &|_, g| g.iter().map(|it| it * 0.125).collect(),
                ..Loop::default()
            },
            CauseQuantity::GradientFactor,
            0.125,
        ),
        (
            Loop {
                counter: &|t| t.min(40),
                ..Loop::default()
            },
            CauseQuantity::CounterLimit,
            40.0,
        ),
        (
            Loop {
                counter: &|t| if t > 90 { t - 90 } else { t },
                ..Loop::default()
            },
            CauseQuantity::CounterReset,
            90.0,
        ),
        (
            Loop {
                counter: &|t| t + 1,
                ..Loop::default()
            },
            CauseQuantity::CounterStart,
            2.0,
        ),
        (
            Loop {
                bound: 0.004,
                ..Loop::default()
            },
            CauseQuantity::StepLimit,
            0.004,
        ),
    ];
    for (run, quantity, expected) in cases {
        let (report, told) = run.report();
        let found = found(&report, quantity);
        assert!(
            found
                .iter()
                .any(|it| (it - expected).abs() < 1e-6 * expected),
            "{quantity:?}: {found:?}\n{report}"
        );
        assert!(told > 0, "{report}");
    }
}

#[test]
fn iterations_curves_and_groups_are_fields() {
    let skipping = Loop {
        skips: &|t| t % 4 != 0,
        counter: &|t| t / 4,
        ..Loop::default()
    };
    let (report, told) = skipping.report();
    let text = serde_json::to_string(report.diagnosis.as_ref().unwrap()).unwrap();
    assert!(
        text.contains(r#""iterations":[{"from":4,"to":120,"every":4}]"#),
        "{text}"
    );
    assert!(told > 0);

    let losing = Loop {
        loses: &|t| t == 50 || t == 51 || t == 90,
        ..Loop::default()
    };
    let (report, _) = losing.report();
    let text = serde_json::to_string(report.diagnosis.as_ref().unwrap()).unwrap();
    assert!(
        text.contains(
            r#""iterations":[{"from":50,"to":51,"every":1},{"from":90,"to":90,"every":1}]"#
        ),
        "{text}"
    );

    let rates: [(Rate, &str); 4] = [
        (
            &|t, _| 0.01 * (1.0 - f64::from(t) / 200.0),
            r#""shape":"linear""#,
        ),
        (
            &|t, _| 0.01 * 0.98_f64.powi(i32::try_from(t).unwrap()),
            r#""shape":"exponential","factor":0."#,
        ),
        (&|t, _| if t > 60 { 0.001 } else { 0.01 }, r#""ratio":0."#),
        (
            &|_, tensor| if tensor == 0 { 0.01 } else { 0.03 },
            r#""groups":[{"tensors":["a"]"#,
        ),
    ];
    for (rate, says) in rates {
        let (report, told) = Loop {
            rate,
            ..Loop::default()
        }
        .report();
        let text = serde_json::to_string(report.diagnosis.as_ref().unwrap()).unwrap();
        assert!(text.contains(says), "{says}: {text}");
        assert!(told > 0);
    }
}

#[test]
fn weight_decay_is_told_in_units_of_the_runs_own_rate() {
    for rate in [0.01, 0.03] {
        let (report, _) = Loop {
            rate: &|_, _| rate,
            decay: 0.2,
            ..Loop::default()
        }
        .report();
        let explained = &report.diagnosis.as_ref().unwrap().explanations[0];
        let decay = explained.causes.iter().find_map(|cause| {
            (cause.setting.as_deref() == Some("weight_decay")).then_some(cause.run?.0)
        });
        assert_eq!(decay, Some(0.2), "{report}");
    }
}

#[test]
fn what_leads_from_row_to_row_alone_is_not_known_to_explain_a_run() {
    let bounded = Loop {
        between: Some((0.02, 0.05)),
        ..Loop::default()
    };
    let (report, _) = bounded.report();
    let text = report.to_string();
    assert!(text.contains("as AdaBound does"), "{text}");
    assert!(
        text.contains(
            "on its own steps it cannot be checked: what was found leads on from recorded rows only"
        ),
        "{text}"
    );
}

#[test]
fn a_counter_goes_on_through_skipped_iterations_or_stands_still() {
    for (counter, said) in [
        (
            &(|t| t) as &dyn Fn(u32) -> u32,
            "though the counter goes on",
        ),
        (&|t| if t > 6 { t - 1 } else { t }, "nor does the counter"),
    ] {
        let (report, _) = Loop {
            skips: &|t| t == 7,
            counter,
            ..Loop::default()
        }
        .report();
        let diagnosis = report.diagnosis.unwrap();
        let causes: Vec<_> = diagnosis
            .explanations
            .iter()
            .flat_map(|it| &it.causes)
            .collect();
        assert_eq!(causes.len(), 1, "{diagnosis}");
        assert!(causes[0].text.run.ends_with(said), "{diagnosis}");
    }
}

#[test]
fn every_number_in_words_is_a_field_whatever_else_is_wrong() {
    let zero = |_: u32, _: &[f64]| vec![0.0; 6];
    let runs = [
        Loop {
            betas: [0.8, 0.99],
            ..Loop::default()
        },
        Loop {
            betas: [0.999, 0.9],
            ..Loop::default()
        },
        Loop {
            eps: 1e-3,
            ..Loop::default()
        },
        Loop {
            eps: 1e-3,
            eps_is_inside: true,
            ..Loop::default()
        },
        Loop {
            constant: 1e-3,
            ..Loop::default()
        },
        Loop {
            counter: &|_| 1,
            ..Loop::default()
        },
        Loop {
            counter: &|_| 1_000_000,
            ..Loop::default()
        },
        Loop {
            skips: &|t| t == 7 || (20..30).contains(&t),
            ..Loop::default()
        },
        Loop {
            gradient: &zero,
            ..Loop::default()
        },
        Loop {
            gradient: &|t, g| if t < 50 { g.to_vec() } else { clipped(0.1, g) },
            ..Loop::default()
        },
        Loop {
            gradient: &|t, g| g.iter().map(|it| it * f64::from(t % 7)).collect(),
            ..Loop::default()
        },
        Loop {
            rate: &|t, tensor| {
                if tensor == 0 {
                    0.01 / f64::from(t).sqrt()
                } else {
                    0.02
                }
            },
            ..Loop::default()
        },
        Loop {
            rate: &|t, _| 0.01 / f64::from(t).sqrt(),
            ..Loop::default()
        },
        Loop {
            rate: &|t, _| 0.01 * (f64::from(t) / 9.0).sin().abs(),
            ..Loop::default()
        },
    ];
    let told: usize = runs.iter().map(|run| run.report().1).sum();
    assert!(told > 40, "{told}");
}

/// Averaged SGD whose rate is a 32-bit float, which no double-precision rule follows.
#[test]
fn a_line_that_reads_as_the_rules_is_no_difference() {
    let rate = |t: u32| {
        f64::from(0.05f32 / (1.0 + 1e-4 * 0.05 * f32::from(u16::try_from(t).unwrap())).powf(0.75))
    };
    let mut w = [0.7, -0.4, 1.1];
    let row = |t: u32, w: &[f64], g: &[f64]| json!({ "t": t, "w": w, "g": g, "ax": w, "eta": rate(t), "mu": 1.0 });
    let mut text = format!("{}\n", json!({ "t": 0, "w": w }));
    for t in 1..=14 {
        let eta = rate(t - 1);
        let g: Vec<f64> = w
            .iter()
            .map(|it| it * (1.0 + 0.3 * f64::from(t).sin()))
            .collect();
        for (w, g) in w.iter_mut().zip(&g) {
            *w = (1.0 - 1e-4 * eta) * *w - eta * g;
        }
        text += &(row(t, &w, &g).to_string() + "\n");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let mut run = runs::open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
    let settings = ["lr=0.05".to_owned()];
    let subject = ConfiguredRule::new("torch/asgd", &settings, None, &[0.7, -0.4, 1.1]).unwrap();
    let asked = examine(&mut run, &subject, &question(), &mut Control::default());
    let said = asked.unwrap().to_string();
    let (_, said) = said.split_once("\n\n").unwrap();
    let said = said.split_once("\n\n").map_or(said, |it| it.1);
    assert!(!said.contains("`ax`"), "{said}");
}

/// Nesterov's step is a switch that does nothing while momentum is 0, as it is by default.
#[test]
fn a_switch_is_found_with_the_setting_that_it_needs() {
    let curvature = [1.0, 10.0, 3.0];
    let (mut w, mut buffer) = ([1.0, -0.7, 0.4], [0.0; 3]);
    let mut text = format!("{}\n", json!({ "t": 0, "w": w }));
    for t in 1..=24 {
        let g: Vec<f64> = w.iter().zip(&curvature).map(|(w, k)| w * k).collect();
        for i in 0..3 {
            buffer[i] = 0.9 * buffer[i] + g[i];
            w[i] -= 0.01 * (g[i] + 0.9 * buffer[i]);
        }
        text += &(json!({ "t": t, "w": w, "g": g }).to_string() + "\n");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    for (rule, rate) in [
        ("torch/sgd", "lr"),
        ("optax/sgd", "learning_rate"),
        ("keras/sgd", "learning_rate"),
    ] {
        let mut run = runs::open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
        let settings = [format!("{rate}=0.01")];
        let subject = ConfiguredRule::new(rule, &settings, None, &[1.0, -0.7, 0.4]).unwrap();
        let report = examine(&mut run, &subject, &question(), &mut Control::default()).unwrap();
        let said = report.to_string();
        assert!(
            said.contains(&format!("match {rule} with nesterov=1 and momentum=0.9")),
            "{said}"
        );
    }
}

/// What something else does to w and the velocity after an iteration.
type Between<'a> = &'a dyn Fn(u32, &mut [f64; 6], &mut [f64; 6]);

/// SGD with momentum, as `torch/sgd` has it, on two tensors; `between` may change w, the velocity or both after an iteration.
fn interfered(between: Between, is_noted: bool, moves: &dyn Fn(usize) -> bool) -> Report {
    let by_name = |all: &[f64; 6]| json!({ "a": all[..3], "b": all[3..] });
    let (mut w, mut buffer) = ([0.9, -0.7, 0.4, 0.8, -0.3, 0.6], [0.0; 6]);
    let header = json!({ "hook": "pytorch", "optimizer": "SGD", "settings": { "lr": 0.02, "momentum": 0.9 } });
    let mut text = format!("{header}\n{}\n", json!({ "t": 0, "params": by_name(&w) }));
    let mut before = w;
    for t in 1..=60 {
        let mut g = w;
        for (g, i) in g.iter_mut().zip(0u8..) {
            let i = f64::from(i);
            *g = *g * (1.0 + i) + (f64::from(t) * 0.9 + i).sin();
        }
        let mut row = json!({ "t": t, "g": by_name(&g) });
        if is_noted && before != w {
            row["params_before"] = by_name(&w);
        }
        for i in 0..6 {
            buffer[i] = 0.9 * buffer[i] + g[i];
            w[i] -= if moves(i) { 0.02 * buffer[i] } else { 0.0 };
        }
        row["params"] = by_name(&w);
        row["state"] = json!({ "momentum_buffer": by_name(&buffer) });
        text += &(row.to_string() + "\n");
        before = w;
        between(t, &mut w, &mut buffer);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let mut run = runs::open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
    let settings = ["lr=0.02".to_owned(), "momentum=0.9".to_owned()];
    let start = run.start().unwrap();
    let subject = ConfiguredRule::new("torch/sgd", &settings, None, &start).unwrap();
    examine(&mut run, &subject, &question(), &mut Control::default()).unwrap()
}

/// What an optimiser did not do is not held against it where the rows say so, and suspected where they do not.
#[test]
fn weights_that_something_else_changes_are_told_from_steps() {
    let clamp = |_: u32, w: &mut [f64; 6], _: &mut [f64; 6]| {
        for w in w {
            *w = w.clamp(-0.05, 0.05);
        }
    };
    let noted = interfered(&clamp, true, &|_| true);
    assert!(noted.same, "{noted}");
    let said = noted.to_string();
    assert!(said.contains("a clamp to [-0.05, 0.05]"), "{said}");
    let silent = interfered(&clamp, false, &|_| true);
    assert!(!silent.same);
    let said = silent.to_string();
    assert!(said.contains("a clamp to [-0.05, 0.05]"), "{said}");
    assert!(said.contains("as if numbers had been changed"), "{said}");
    check_numbers(&serde_json::to_value(&silent.diagnosis).unwrap());
    let none = interfered(&|_, _, _| {}, true, &|_| true);
    assert!(none.same && none.remarks.is_empty(), "{none}");
}

#[test]
fn one_number_that_is_another_is_named_with_its_iteration_and_values() {
    let flip = |t: u32, _: &mut [f64; 6], buffer: &mut [f64; 6]| {
        if t == 33 {
            buffer[4] = -buffer[4];
        }
    };
    let report = interfered(&flip, false, &|_| true);
    let said = report.to_string();
    let place = "momentum_buffer.b before iteration 34, element [2] from ";
    assert!(said.contains(place), "{said}");
    assert!(said.contains("its sign is flipped"), "{said}");
    check_numbers(&serde_json::to_value(&report.diagnosis).unwrap());
}

#[test]
fn tensors_that_no_update_reaches_are_named() {
    let report = interfered(&|_, _, _| {}, false, &|i| i < 3);
    let said = report.to_string();
    assert!(
        said.contains("match torch/sgd with b that never moves"),
        "{said}"
    );
    let best = &report.diagnosis.as_ref().unwrap().explanations[0];
    assert_eq!(best.causes[0].tensors, ["b"]);
}

/// One number that several rules lead to is no sign of any of them.
#[test]
fn one_number_tells_no_rules_apart() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let rows = [
        json!({ "t": 0, "w": [0.5], "g": [0.3] }),
        json!({ "t": 1, "w": [0.499], "g": [0.3] }),
    ];
    fs::write(file.path(), rows.map(|it| it.to_string() + "\n").concat()).unwrap();
    let mut run = runs::open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
    let settings = ["lr=0.01".to_owned()];
    let subject = ConfiguredRule::new("torch/adam", &settings, None, &[0.5]).unwrap();
    let report = examine(&mut run, &subject, &question(), &mut Control::default()).unwrap();
    let said = report.to_string();
    assert!(
        said.contains("Too few numbers to tell rules apart: 1 number"),
        "{said}"
    );
    assert!(report.diagnosis.unwrap().explanations.is_empty());
}

/// What is found of 50 iterations in 32 bits, of gradients as small as 1e-4, against `rule`; `step` takes the gradient and
/// the moments of iteration t, which rows call `names`, to what is subtracted of w.
fn small_gradients(
    rule: &str,
    settings: &[&str],
    names: [&str; 2],
    step: &dyn Fn(i32, f32, [f32; 2]) -> f32,
) -> String {
    let (mut w, mut m, mut v) = ([0.1_f32, -0.2, 0.3], [0.0_f32; 3], [0.0_f32; 3]);
    let mut lines = json!({ "t": 0, "w": w }).to_string();
    for t in 1..=50_i16 {
        let at = f32::from(t);
        let g = [(at * 0.7).sin(), (at * 0.4).cos(), 0.2].map(|it| it * 1e-4);
        for k in 0..3 {
            m[k] = 0.9 * m[k] + 0.1 * g[k];
            v[k] = 0.99 * v[k] + 0.01 * (g[k] * g[k]);
            w[k] -= step(t.into(), g[k], [m[k], v[k]]);
        }
        let mut row = json!({ "t": t, "w": w, "g": g });
        for (name, values) in names.iter().zip([m, v]).filter(|it| !it.0.is_empty()) {
            row[*name] = json!(values);
        }
        lines.push('\n');
        lines += &row.to_string();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), lines).unwrap();
    let mut run = runs::open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
    let settings: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
    let subject = ConfiguredRule::new(rule, &settings, None, &[0.0; 3]).unwrap();
    let found = examine(&mut run, &subject, &question(), &mut Control::default());
    found.unwrap().to_string()
}

#[test]
fn eps_stands_where_it_is_likeliest_to_stand() {
    let adam = |t: i32, _: f32, [m, v]: [f32; 2]| {
        let [one, two] = [0.9_f32, 0.99].map(|beta| 1.0 - beta.powi(t));
        0.01 * two.sqrt() / one * (m / (v.sqrt() + 1e-7))
    };
    let settings = ["lr=0.01", "beta2=0.99"];
    let said = small_gradients("torch/adam", &settings, ["exp_avg", "exp_avg_sq"], &adam);
    let place = "with eps added to the root before the bias correction and an eps of 1e-7; torch/adam itself has eps added to the corrected root";
    assert!(said.contains(place), "{said}");
}
