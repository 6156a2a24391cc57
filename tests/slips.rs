//! Optimisers of one's own with one slip each, recorded by a hook: the cause is named with its line, tensors and iterations.

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

/// The tensors: two matrices, which decay, and a bias, which does not.
const TENSORS: [(&str, usize, usize); 3] = [("a", 14, 5), ("b", 2, 5), ("c", 6, 1)];
const DECAYS: [f64; 3] = [0.1, 0.1, 0.0];

/// What one tensor has in an iteration.
struct Tensor {
    w: Vec<f64>,
    g: Vec<f64>,
    m: Vec<f64>,
    v: Vec<f64>,
    /// The largest second moment, or what else an optimiser keeps.
    more: Vec<f64>,
}

/// An optimiser's update: the iteration, its rate, and its tensors.
type Update<'a> = &'a mut dyn FnMut(u32, f64, &mut [Tensor]);

/// The rate of an iteration.
type Rate = fn(u32) -> f64;

const T: u32 = 40;

fn constant(_: u32) -> f64 {
    0.01
}

fn cosine(t: u32) -> f64 {
    0.005 * (1.0 + (0.07 * f64::from(t - 1)).cos())
}

fn warmed_up(t: u32) -> f64 {
    0.001 * f64::from(t.min(10))
}

fn by_tensor(all: &[Tensor], of: impl Fn(&Tensor) -> Vec<f64>) -> Value {
    let named = all.iter().zip(TENSORS).map(|(it, (name, rows, columns))| {
        let values = of(it);
        let value = if columns == 1 {
            json!(values)
        } else {
            json!(
                (0..rows)
                    .map(|row| &values[row * columns..(row + 1) * columns])
                    .collect::<Vec<_>>()
            )
        };
        (name.to_owned(), value)
    });
    Value::Object(named.collect())
}

/// The rows of a run of `update`, whose numbers `format` rounds; `more` names what it keeps beside its moments.
fn recorded(rate: Rate, more: Option<&str>, format: fn(f64) -> f64, update: Update) -> String {
    let groups: Vec<Value> = [0.1, 0.0]
        .iter()
        .zip([json!(["a", "b"]), json!(["c"])])
        .map(|(decay, params)| {
            json!({ "params": params, "lr": rate(1), "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": decay })
        })
        .collect();
    let is_single = format(0.1) != 0.1;
    let dtype = if is_single { "float32" } else { "float64" };
    let dtypes: serde_json::Map<String, Value> = TENSORS
        .iter()
        .map(|it| (it.0.to_owned(), json!(dtype)))
        .collect();
    let header =
        json!({ "hook": "pytorch", "optimizer": "Own", "groups": groups, "dtypes": dtypes });
    let mut all: Vec<Tensor> = TENSORS
        .iter()
        .zip(1_u32..)
        .map(|((_, rows, columns), number)| {
            let n = u32::try_from(rows * columns).unwrap();
            let w: Vec<f64> = (0..n)
                .map(|i| format((f64::from(i * 7 + number)).sin()))
                .collect();
            let none = vec![0.0; w.len()];
            Tensor {
                g: none.clone(),
                m: none.clone(),
                v: none.clone(),
                more: none,
                w,
            }
        })
        .collect();
    let start = json!({ "t": 0, "params": by_tensor(&all, |it| it.w.clone()) });
    let mut all_rows = vec![header, start];
    let mut last = rate(1);
    for t in 1..=T {
        for (number, it) in (1_u32..).zip(&mut all) {
            let gradients = (0_u32..).zip(&it.w).map(|(i, w)| {
                let phase = 0.9 * f64::from(t) + f64::from(i * 5 + number);
                format((0.3 * w + phase.sin() * 0.5_f64.powi((i % 4).try_into().unwrap())) * 0.1)
            });
            it.g = gradients.collect();
        }
        update(t, rate(t), &mut all);
        for it in &mut all {
            for values in [&mut it.w, &mut it.m, &mut it.v, &mut it.more] {
                for value in values {
                    *value = format(*value);
                }
            }
        }
        let counts: serde_json::Map<String, Value> = TENSORS
            .iter()
            .map(|it| (it.0.to_owned(), json!(t)))
            .collect();
        let mut state = json!({
            "step": counts,
            "exp_avg": by_tensor(&all, |it| it.m.clone()),
            "exp_avg_sq": by_tensor(&all, |it| it.v.clone()),
        });
        if let Some(more) = more {
            state[more] = by_tensor(&all, |it| it.more.clone());
        }
        let mut row = json!({
            "t": t,
            "params": by_tensor(&all, |it| it.w.clone()),
            "g": by_tensor(&all, |it| it.g.clone()),
            "state": state,
        });
        if rate(t).to_bits() != last.to_bits() {
            row["settings"] = json!({ "lr": [rate(t), rate(t)] });
        }
        last = rate(t);
        all_rows.push(row);
    }
    lines(&all_rows)
}

/// The rows of a run as a file has them.
fn lines(rows: &[Value]) -> String {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

fn double(value: f64) -> f64 {
    value
}

/// The moments of a tensor after its gradient.
fn smooth(it: &mut Tensor) {
    for i in 0..it.w.len() {
        it.m[i] = 0.9 * it.m[i] + 0.1 * it.g[i];
        it.v[i] = 0.999 * it.v[i] + 0.001 * it.g[i] * it.g[i];
    }
}

/// What AdamW takes from w, apart from its decay, where `v` is what it divides by before the correction.
fn step(t: u32, rate: f64, m: f64, v: f64) -> f64 {
    let t = i32::try_from(t).unwrap();
    rate / (1.0 - 0.9_f64.powi(t)) * m / (v.sqrt() / (1.0 - 0.999_f64.powi(t)).sqrt() + 1e-8)
}

/// AdamW as it should be, of the tensor with this number.
fn adamw(t: u32, rate: f64, number: usize, it: &mut Tensor) {
    smooth(it);
    for i in 0..it.w.len() {
        it.w[i] = (1.0 - rate * DECAYS[number]) * it.w[i] - step(t, rate, it.m[i], it.v[i]);
    }
}

/// The report on a run against the `rule` that its header states settings of, with the `given` ones in their place.
fn report(text: &str, rule: &str, given: &[&str]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, text).unwrap();
    let mut run = runs::open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
    let given: Vec<String> = given.iter().map(|it| (*it).to_owned()).collect();
    let subject = ConfiguredRule::noted_with(&mut run, Some(rule), &given).unwrap();
    let question = Question {
        by_format: text.contains("float32"),
        ..question()
    };
    examine(
        &mut run,
        &subject.unwrap(),
        &question,
        &mut Control::default(),
    )
    .unwrap()
}

/// True if all of the run is explained.
fn is_whole(report: &Report) -> bool {
    let found = report.diagnosis.as_ref();
    found.is_some_and(|it| {
        it.open.is_empty()
            && it
                .explanations
                .first()
                .is_some_and(|it| it.fails_at.is_none())
    })
}

#[test]
fn the_optimiser_without_a_slip_is_the_rule() {
    for rate in [constant, cosine] {
        let text = recorded(rate, None, double, &mut |t, rate, all| {
            for (number, it) in all.iter_mut().enumerate() {
                adamw(t, rate, number, it);
            }
        });
        let report = report(&text, "torch/adamw", &[]);
        assert!(report.same, "{report}");
    }
}

/// AMSGrad whose maximum `largest` takes, from t, the moments and the maximum before; it is divided by as it is or corrected.
fn amsgrad(largest: fn(i32, [f64; 3]) -> f64, is_corrected: bool) -> String {
    recorded(
        constant,
        Some("max_exp_avg_sq"),
        double,
        &mut |t, rate, all| {
            let count = i32::try_from(t).unwrap();
            for (number, it) in all.iter_mut().enumerate() {
                smooth(it);
                for i in 0..it.w.len() {
                    it.more[i] = largest(count, [it.m[i], it.v[i], it.more[i]]);
                    let scale = if is_corrected {
                        1.0 - 0.999_f64.powi(count)
                    } else {
                        1.0
                    };
                    let by = step(t, rate, it.m[i], it.more[i] * scale);
                    it.w[i] = (1.0 - rate * DECAYS[number]) * it.w[i] - by;
                }
            }
        },
    )
}

#[test]
fn a_maximum_of_another_moment_is_named() {
    let corrected = amsgrad(
        |t, [_, v, most]| most.max(v / (1.0 - 0.999_f64.powi(t))),
        true,
    );
    let found = report(&corrected, "torch/adamw", &["amsgrad=1"]);
    let said = found.to_string();
    assert!(
        is_whole(&found) && said.contains("the largest corrected `exp_avg_sq`"),
        "{said}"
    );
    assert!(!said.contains("is not corrected"), "{said}");
    let first = amsgrad(|_, [m, _, most]| most.max(m * m), false);
    let found = report(&first, "torch/adamw", &["amsgrad=1"]);
    let said = found.to_string();
    assert!(
        is_whole(&found) && said.contains("the largest `exp_avg^2`"),
        "{said}"
    );
    let newest = amsgrad(|_, [_, v, _]| v, false);
    let found = report(&newest, "torch/adamw", &["amsgrad=1"]);
    let said = found.to_string();
    assert!(is_whole(&found) && said.contains("no maximum"), "{said}");
}

#[test]
fn decay_by_the_largest_rate_of_a_schedule_is_named() {
    for schedule in [cosine, warmed_up] {
        let text = recorded(schedule, None, double, &mut |t, rate, all| {
            for (number, it) in all.iter_mut().enumerate() {
                smooth(it);
                for i in 0..it.w.len() {
                    let by = step(t, rate, it.m[i], it.v[i]);
                    it.w[i] = (1.0 - 0.01 * DECAYS[number]) * it.w[i] - by;
                }
            }
        });
        let found = report(&text, "torch/adamw", &[]);
        let said = found.to_string();
        assert!(is_whole(&found), "{said}");
        let words = "weight decay by the largest lr, 0.01, throughout";
        assert!(said.contains(words), "{said}");
        assert!(said.contains("in group 1 (a, b)"), "{said}");
    }
}

#[test]
fn steps_that_are_masked_where_they_lead_against_the_gradient_are_named() {
    /// The factor of what is left, from its share of a tensor of so many elements.
    type Scale = fn(f64, f64) -> f64;
    let scales: [(Scale, &str); 3] = [
        (|_, _| 1.0, "left out (a cautious step)"),
        (
            |share, _| 1.0 / share.max(1e-3),
            "over their share of the tensor",
        ),
        (
            |share, n| n / (share * n + 1.0),
            "over one more than their count",
        ),
    ];
    for (scale, words) in scales {
        let text = recorded(cosine, None, double, &mut |t, rate, all| {
            for (number, it) in all.iter_mut().enumerate() {
                smooth(it);
                #[expect(clippy::cast_precision_loss, reason = "a few elements")]
                let n = it.w.len() as f64;
                let along: Vec<f64> =
                    it.m.iter()
                        .zip(&it.g)
                        .map(|(m, g)| f64::from(u8::from(m * g > 0.0)))
                        .collect();
                let scale = scale(along.iter().sum::<f64>() / n, n);
                for (i, along) in along.iter().enumerate() {
                    let by = step(t, rate, it.m[i], it.v[i]) * along * scale;
                    it.w[i] = (1.0 - rate * DECAYS[number]) * it.w[i] - by;
                }
            }
        });
        let found = report(&text, "torch/adamw", &[]);
        let said = found.to_string();
        assert!(is_whole(&found) && said.contains(words), "{said}");
    }
}

/// AdamW with `more` done to the tensors after the step of an iteration.
fn and_then(
    rate: Rate,
    format: fn(f64) -> f64,
    more: &mut dyn FnMut(u32, &mut [Tensor]),
) -> String {
    recorded(rate, None, format, &mut |t, rate, all| {
        for (number, it) in all.iter_mut().enumerate() {
            adamw(t, rate, number, it);
        }
        more(t, all);
    })
}

#[test]
fn a_root_that_is_kept_away_from_0_in_place_of_an_eps_is_named() {
    // Of the two, the one acts on many elements and the other on a few.
    for least in [0.02, 0.003] {
        let text = recorded(constant, None, double, &mut |t, rate, all| {
            let count = i32::try_from(t).unwrap();
            for (number, it) in all.iter_mut().enumerate() {
                smooth(it);
                for i in 0..it.w.len() {
                    let root = (it.v[i] / (1.0 - 0.999_f64.powi(count))).sqrt().max(least);
                    let by = rate / (1.0 - 0.9_f64.powi(count)) * it.m[i] / root;
                    it.w[i] = (1.0 - rate * DECAYS[number]) * it.w[i] - by;
                }
            }
        });
        let found = report(&text, "torch/adamw", &[]);
        let said = found.to_string();
        let words = format!("the root in `denom` of at least {least}, and no eps");
        assert!(is_whole(&found) && said.contains(&words), "{said}");
    }
}

#[test]
fn one_tensor_that_is_rounded_to_half_precision_is_named() {
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    let single = |value: f64| f64::from(value as f32);
    // The nearest multiple of 2^-10 of its power of two.
    let half = |value: f64| {
        let unit = (value.abs().log2().floor() - 10.0).exp2();
        (value / unit).round_ties_even() * unit
    };
    for (at, name) in [(0, "a"), (1, "b")] {
        let text = and_then(cosine, single, &mut |_, all| {
            for w in &mut all[at].w {
                *w = half(*w);
            }
        });
        let found = report(&text, "torch/adamw", &[]);
        let said = found.to_string();
        assert!(
            is_whole(&found) && said.contains("w kept in float16"),
            "{said}"
        );
        assert!(said.contains(&format!("seen in {name};")), "{said}");
    }
}

#[test]
fn w_that_is_set_back_towards_what_it_was_now_and_then_is_named() {
    let mut slow: Vec<Vec<f64>> = Vec::new();
    let text = recorded(constant, None, double, &mut |t, rate, all| {
        if t == 1 {
            slow = all.iter().map(|it| it.w.clone()).collect();
        }
        for (number, it) in all.iter_mut().enumerate() {
            adamw(t, rate, number, it);
            if t % 6 == 0 {
                for (w, slow) in it.w.iter_mut().zip(&mut slow[number]) {
                    *slow += 0.3 * (*w - *slow);
                    *w = *slow;
                }
            }
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(
        is_whole(&found) && said.contains("slow + 0.3*(w - slow)"),
        "{said}"
    );
    assert!(
        said.contains("in iterations 6, 12, ... 36 (every 6th)"),
        "{said}"
    );
}

#[test]
fn a_moment_that_is_cleared_after_the_step_is_named() {
    let text = and_then(constant, double, &mut |t, all| {
        if t % 9 == 0 {
            all[0].m.fill(0.0);
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(is_whole(&found), "{said}");
    assert!(
        said.contains(
            "`exp_avg` set to its initial value after the step, in a, in iterations 9, 18, ... 36"
        ),
        "{said}"
    );
}

#[test]
fn gradients_that_are_clipped_by_the_norm_of_some_are_named() {
    // The norm of the first group, of two tensors, and that of one tensor.
    for (of, more, words) in [(&[0, 1][..], 0.0, "group 1 alone"), (&[2], 1e-6, "c alone")] {
        let text = recorded(constant, None, double, &mut |t, rate, all| {
            let squares: f64 = of.iter().flat_map(|at| &all[*at].g).map(|g| g * g).sum();
            let factor = (0.05 / (squares.sqrt() + more)).min(1.0);
            for (number, it) in all.iter_mut().enumerate() {
                let g = it.g.clone();
                for g in &mut it.g {
                    *g *= factor;
                }
                adamw(t, rate, number, it);
                it.g = g;
            }
        });
        let found = report(&text, "torch/adamw", &[]);
        let said = found.to_string();
        let words = format!("clipped to a norm of 0.05 by the norm of {words}");
        assert!(is_whole(&found) && said.contains(&words), "{said}");
    }
}

#[test]
fn a_switch_and_settings_that_meet_in_one_line_are_told_together() {
    // Momentum, where the header states none and the rule is asked with a switch.
    let text = recorded(constant, None, double, &mut |_, _, all| {
        for it in all {
            for i in 0..it.w.len() {
                it.m[i] = 0.9 * it.m[i] + it.g[i];
                it.w[i] -= 0.05 * it.m[i];
            }
        }
    });
    let mut rows: Vec<Value> = text
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    rows[0] = json!({ "hook": "pytorch", "optimizer": "Own", "dtypes": rows[0]["dtypes"] });
    for row in &mut rows[2..] {
        row["state"] = json!({ "momentum_buffer": row["state"]["exp_avg"] });
    }
    let found = report(&lines(&rows), "torch/sgd", &["nesterov=1"]);
    let said = found.to_string();
    assert!(is_whole(&found), "{said}");
    for words in ["momentum=0.9", "nesterov=0", "lr=0.05"] {
        assert!(said.contains(words), "{words} {said}");
    }
}

#[test]
fn the_norm_that_each_tensor_is_clipped_to_is_round_where_libraries_add_to_what_they_divide_by() {
    let text = recorded(constant, None, double, &mut |t, rate, all| {
        for (number, it) in all.iter_mut().enumerate() {
            let g = it.g.clone();
            let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
            for g in &mut it.g {
                *g *= (0.05 / (norm + 1e-6)).min(1.0);
            }
            adamw(t, rate, number, it);
            it.g = g;
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(
        is_whole(&found) && said.contains("clipped to a norm of 0.05,")
            || said.contains("clipped to a norm of 0.05 ("),
        "{said}"
    );
}

#[test]
fn updates_that_are_left_out_while_the_counter_goes_on_are_named() {
    let text = recorded(constant, None, double, &mut |t, rate, all| {
        for (number, it) in all.iter_mut().enumerate() {
            if t % 10 != 0 {
                adamw(t, rate, number, it);
            }
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(is_whole(&found), "{said}");
    let words = "no update: nothing moves, though the counter goes on, in iterations 10, 20,";
    assert!(said.contains(words), "{said}");
    // One tensor alone, for some time.
    let text = recorded(cosine, None, double, &mut |t, rate, all| {
        for (number, it) in all.iter_mut().enumerate() {
            if number != 2 || !(20..25).contains(&t) {
                adamw(t, rate, number, it);
            }
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(is_whole(&found), "{said}");
    assert!(said.contains("though the counter goes on, in"), "{said}");
    assert!(said.contains("iterations 20-24"), "{said}");
}

#[test]
fn parameters_that_are_cut_off_to_bfloat16_are_told_from_rounded_ones() {
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    let single = |value: f64| f64::from(value as f32);
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    let cut = |value: f64| f64::from(f32::from_bits((value as f32).to_bits() & 0xffff_0000));
    let text = and_then(cosine, single, &mut |_, all| {
        for w in all.iter_mut().flat_map(|it| &mut it.w) {
            *w = cut(*w);
        }
    });
    let report = report(&text, "torch/adamw", &[]);
    let said = report.to_string();
    assert!(
        !report.same && said.contains("w is kept in bfloat16"),
        "{said}"
    );
    assert!(
        said.contains("all of them are rounded towards 0 (truncated)"),
        "{said}"
    );
}

/// The rate with which the first step takes the fifth number of `c` to about 0, and a small one after the next.
fn to_zero(t: u32) -> f64 {
    if t <= 2 { 0.407_832_806 } else { 0.01 }
}

#[test]
fn a_setting_of_one_group_is_named_where_its_numbers_nearly_cancel() {
    #[expect(clippy::cast_possible_truncation, reason = "a run in 32 bits")]
    fn single(value: f64) -> f64 {
        f64::from(value as f32)
    }
    let text = recorded(to_zero, None, single, &mut |t, rate, all| {
        let count = i32::try_from(t).unwrap();
        // What is left of the first moment is mostly what each of its terms was rounded by.
        if t == 2 {
            all[2].g[4] = single(-9.0 * all[2].m[4] * (1.0 - 1e-4));
        }
        for (number, it) in all.iter_mut().enumerate() {
            let eps = if number == 2 { 1e-3 } else { 1e-8 };
            for i in 0..it.w.len() {
                it.m[i] = single(single(0.9) * it.m[i]) + single(single(0.1) * it.g[i]);
                it.v[i] = single(0.999 * it.v[i] + 0.001 * it.g[i] * it.g[i]);
                let root = (it.v[i] / (1.0 - 0.999_f64.powi(count))).sqrt() + eps;
                let by = rate / (1.0 - 0.9_f64.powi(count)) * single(it.m[i]) / root;
                it.w[i] = (1.0 - rate * DECAYS[number]) * it.w[i] - by;
            }
        }
    });
    let found = report(&text, "torch/adamw", &[]);
    let said = found.to_string();
    assert!(is_whole(&found), "{said}");
    assert!(said.contains("eps=0.001, in group 2 (c)"), "{said}");
}
