//! Runs that are almost those of what is found: a sentence on all iterations is told of those that bear it out, and the others are
//! named.

#[path = "foreign/question.rs"]
mod question;

use eigenstep::{
    Control,
    diff::{ConfiguredRule, Question, Report, examine},
    runs::{self, ReadOptions},
};
use question::question;
use serde_json::{Value, json};
use std::fs;

/// The report on a run of these rows against `rule` with `settings`.
fn report(text: &str, rule: &str, settings: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, text).unwrap();
    let mut run = runs::open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
    let mut start = Vec::new();
    assert!(run.read(0, 0, &mut start).unwrap());
    let settings: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
    let subject = ConfiguredRule::new(rule, &settings, None, &start).unwrap();
    let by_format = text.contains("float32");
    let question = Question {
        by_format,
        ..question()
    };
    examine(&mut run, &subject, &question, &mut Control::default()).unwrap()
}

fn line(row: &Value) -> String {
    format!("{row}\n")
}

fn wave(i: u32, t: u32) -> f64 {
    0.2 * (0.7 * f64::from(t) * (1.0 + 0.01 * f64::from(i))).sin()
}

/// Momentum in 32 bits with the rate inside the velocity, which is not recorded, as Keras has it; `rate` is that of an iteration.
fn velocity(n: u32, rate: &dyn Fn(u32) -> f32) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    let mut w: Vec<f32> = (0..n)
        .map(|i| (0.5 * (1.0 + f64::from(i)).sin()) as f32)
        .collect();
    let mut v = vec![0.0_f32; w.len()];
    let mut text = line(&json!({ "dtypes": { "a": "float32" } }));
    text += &line(&json!({ "t": 0, "params": { "a": w } }));
    for t in 1..=60 {
        let lr = rate(t);
        let mut g = Vec::new();
        for (i, w) in w.iter_mut().enumerate() {
            let i = u32::try_from(i).unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
            let own = 0.6 * *w + wave(i, t) as f32;
            let v = &mut v[usize::try_from(i).unwrap()];
            *v = 0.9 * *v - lr * own;
            *w += 0.9 * *v - lr * own;
            g.push(own);
        }
        text += &line(&json!({ "t": t, "params": { "a": w }, "g": { "a": g } }));
    }
    text
}

#[test]
fn the_rounding_of_a_velocity_that_was_not_recorded_is_no_difference() {
    let settings = ["lr=0.05", "momentum=0.9", "nesterov=1"];
    let right = report(&velocity(200, &|_| 0.05), "torch/sgd", &settings);
    assert!(right.same, "{right}");
    // What differs is said, and nothing that was fitted to noise.
    let other = report(
        &velocity(20, &|t| if t < 20 { 0.05 } else { 0.02 }),
        "torch/sgd",
        &settings,
    );
    assert!(
        !other.same && !other.to_string().contains("weight_decay"),
        "{other}"
    );
}

/// Adam in 64 bits with a step of one's own: from t, the coordinate, the moments and w.
fn adam(step: &dyn Fn(u32, usize, [f64; 3]) -> f64) -> String {
    const N: usize = 24;
    let mut w: Vec<f64> = (1..=24).map(|i| f64::from(i).sin()).collect();
    let (mut m, mut v) = (vec![0.0; N], vec![0.0; N]);
    let by_tensor = |all: &[f64]| json!({ "a": all[..16], "b": all[16..] });
    let row = |t: u32, [w, m, v]: [&[f64]; 3]| json!({ "t": t, "params": by_tensor(w), "exp_avg": by_tensor(m), "exp_avg_sq": by_tensor(v) });
    let mut text = line(&row(0, [&w, &m, &v]));
    for t in 1..=60 {
        let mut g = Vec::new();
        for i in 0..N {
            let small = if i % 8 == 7 { 1e-4 } else { 1.0 };
            let own = small * (0.4 * w[i] + wave(u32::try_from(i).unwrap(), t));
            m[i] = 0.9 * m[i] + 0.1 * own;
            v[i] = 0.999 * v[i] + 0.001 * own * own;
            w[i] = step(t, i, [m[i], v[i], w[i]]);
            g.push(own);
        }
        let mut next = row(t, [&w, &m, &v]);
        next["g"] = by_tensor(&g);
        text += &line(&next);
    }
    text
}

#[test]
fn a_number_that_another_line_does_not_lead_to_is_named() {
    let uncorrected = |t: u32, i: usize, [m, v, w]: [f64; 3]| {
        let next = w - 0.01 * m / (v.sqrt() + 1e-8);
        if (t, i) == (37, 20) { -next } else { next }
    };
    let said = report(&adam(&uncorrected), "torch/adam", &["lr=0.01"]).to_string();
    assert!(said.contains("no bias correction"), "{said}");
    assert!(
        said.contains("b in iteration 37, element [5] from"),
        "{said}"
    );
    assert!(said.contains("its sign is flipped"), "{said}");
}

#[test]
fn iterations_of_another_line_are_not_said_to_match() {
    // In one iteration nothing of a step is that of the others.
    let odd = |t: u32, i: usize, [m, v, w]: [f64; 3]| {
        let own = 0.01 * m / (v.sqrt() + 1e-8);
        if t == 37 {
            w + 1e-3 * wave(7, u32::try_from(3 * i).unwrap())
        } else {
            w - own
        }
    };
    let told = report(&adam(&odd), "torch/adam", &["lr=0.01"]);
    let said = told.to_string();
    assert!(
        said.contains("59 of 60 iterations") && said.contains("not in 37"),
        "{said}"
    );
    let best = &told.diagnosis.as_ref().unwrap().explanations[0];
    assert_eq!(
        (best.explained, best.told, best.fails_at),
        (59, 60, Some(37))
    );
}

/// What an Adam of one's own has of a coordinate after its moments.
struct Coordinate {
    t: i32,
    at: usize,
    g: f64,
    m: f64,
    v: f64,
    w: f64,
    most: f64,
}

impl Coordinate {
    /// What Adam takes from w, where it divides by this corrected second moment.
    fn step(&self, corrected: f64) -> f64 {
        0.01 * self.m / (1.0 - 0.9_f64.powi(self.t)) / (corrected.sqrt() + 1e-8)
    }

    fn corrected(&self) -> f64 {
        self.v / (1.0 - 0.999_f64.powi(self.t))
    }
}

/// Adam on tensors `a` and `b`, each number rounded by `format`: `gradient` makes a gradient of what was recorded as one, `update` the
/// new w and the new maximum.
fn own_adam(
    format: fn(f64) -> f64,
    recorded: fn(i32, usize, f64) -> f64,
    used: fn(f64) -> f64,
    update: fn(&Coordinate) -> (f64, f64),
) -> String {
    const N: usize = 24;
    let by_tensor = |all: &[f64]| json!({ "a": all[..16], "b": all[16..] });
    let mut w: Vec<f64> = (1..=24).map(|i| format(f64::from(i).sin())).collect();
    let mut states = vec![vec![0.0; N]; 3];
    let kept = |text: &mut String, t: i32, w: &[f64], states: &[Vec<f64>], g: Option<&[f64]>| {
        let mut row = json!({ "t": t, "params": by_tensor(w), "exp_avg": by_tensor(&states[0]) });
        row["exp_avg_sq"] = by_tensor(&states[1]);
        row["max_exp_avg_sq"] = by_tensor(&states[2]);
        if let Some(g) = g {
            row["g"] = by_tensor(g);
        }
        *text += &line(&row);
    };
    let dtype = if format(0.1) == 0.1 {
        "float64"
    } else {
        "float32"
    };
    let mut text = line(&json!({ "dtypes": { "a": dtype, "b": dtype } }));
    kept(&mut text, 0, &w, &states, None);
    for t in 1..=60_i32 {
        let mut noted = Vec::new();
        for at in 0..N {
            let i = u32::try_from(at).unwrap();
            let g = 0.4 * w[at] + wave(i, t.unsigned_abs());
            noted.push(format(recorded(t, at, g)));
            let g = used(noted[at]);
            let m = format(0.9 * states[0][at] + 0.1 * g);
            let v = format(0.999 * states[1][at] + 0.001 * g * g);
            let most = states[2][at];
            let now = Coordinate {
                t,
                at,
                g,
                m,
                v,
                w: w[at],
                most,
            };
            let (next, most) = update(&now);
            w[at] = format(next);
            states[0][at] = m;
            states[1][at] = v;
            states[2][at] = format(most);
        }
        kept(&mut text, t, &w, &states, Some(&noted));
    }
    text
}

fn double(value: f64) -> f64 {
    value
}

#[test]
fn tensors_of_another_rule_are_told_where_their_gradients_die() {
    let text = own_adam(
        double,
        |t, at, g| if at >= 16 && t > 15 { 0.0 } else { g },
        |g| g,
        |it| {
            let step = if it.at < 16 {
                -it.step(it.corrected())
            } else {
                0.05 * it.g
            };
            (it.w + step, 0.0)
        },
    );
    let said = report(&text, "torch/adam", &["lr=0.01"]).to_string();
    assert!(
        said.contains("another rule on b: there w = w + 0.05*g"),
        "{said}"
    );
    assert!(said.contains("on a the rule holds"), "{said}");
}

#[test]
fn nothing_is_said_of_a_correction_where_what_is_divided_by_has_no_line() {
    let text = own_adam(
        double,
        |_, _, g| g,
        |g| g,
        |it| {
            let most = (0.97 * it.most).max(it.corrected());
            (it.w - it.step(most), most)
        },
    );
    let said = report(&text, "torch/adam", &["lr=0.01", "amsgrad=1"]).to_string();
    assert!(
        said.contains("Open: the line of `max_exp_avg_sq`"),
        "{said}"
    );
    assert!(!said.contains("correction"), "{said}");
}

#[test]
fn a_scale_of_gradients_is_told_in_round_numbers() {
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    let single = |value: f64| f64::from(value as f32);
    let text = own_adam(
        single,
        |_, _, g| 1024.0 * g,
        |g| g / 1024.0,
        |it| (it.w - it.step(it.corrected()), 0.0),
    );
    let said = report(&text, "torch/adam", &["lr=0.01"]).to_string();
    assert!(
        said.contains("a factor 0.0009765625 (divided by 1024)"),
        "{said}"
    );
}

#[test]
fn momentum_that_rises_is_told_as_the_weight_of_what_is_kept() {
    let mut w: Vec<f64> = (1..=24).map(|i| f64::from(i).sin()).collect();
    let mut buffer = vec![0.0; w.len()];
    let mut text =
        line(&json!({ "t": 0, "params": { "a": w }, "momentum_buffer": { "a": buffer } }));
    for t in 1..=60 {
        let kept = (0.5 + 0.01 * f64::from(t)).min(0.9);
        let g: Vec<f64> = (0..24_u32)
            .zip(&w)
            .map(|(i, w)| 0.4 * w + wave(i, t))
            .collect();
        for ((w, buffer), g) in w.iter_mut().zip(&mut buffer).zip(&g) {
            *buffer = kept * *buffer + g;
            *w -= 0.05 * *buffer;
        }
        text += &line(
            &json!({ "t": t, "params": { "a": w }, "momentum_buffer": { "a": buffer }, "g": { "a": g } }),
        );
    }
    let settings = ["lr=0.05", "momentum=0.9"];
    let said = report(&text, "torch/sgd", &settings).to_string();
    assert!(
        said.contains("the weight of old values in `momentum_buffer`"),
        "{said}"
    );
    assert!(said.contains("0.9") && said.contains("0.52"), "{said}");
}
