//! Trajectories computed elsewhere: the essay's formulas in plain floats, PyTorch, optax, Keras.

use eigenstep::{
    Control,
    debugger::{Lane, Position},
    diff::{ConfiguredRule, Mode, Question, Report, Tolerance, examine},
    loss::landscape,
    rule,
    runs::{self, ReadOptions, Run},
};
use flate2::read::GzDecoder;
use serde_json::Value;
use std::{collections::BTreeMap, fs, io::Read};

fn cases(file: &str) -> Value {
    let path = format!("{}/tests/reference/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(elements) => elements.iter().map(|it| it.as_f64().unwrap()).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

fn assert_close(ours: &[f64], theirs: &Value, tolerance: f64, what: &str) {
    let theirs = numbers(theirs);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(&theirs) {
        let off = (a - b).abs() / b.abs().max(1e-300);
        assert!(
            off <= tolerance || (a - b).abs() < 1e-300,
            "{what}: {a} against {b}, off by {off:e}"
        );
    }
}

/// A lane of `name` with `settings` on `loss`.
fn lane(name: &str, loss: &str, start: &[f64], settings: &BTreeMap<String, f64>) -> Lane {
    let mut rule = rule::load(name).unwrap_or_else(|error| panic!("{error}"));
    let mut settings = settings.clone();
    // What decides on the lines is set when the rule is loaded.
    let fixed = rule.known_at_load().map(|it| it.name.clone());
    for name in fixed.collect::<Vec<_>>() {
        if let Some(value) = settings.remove(&name) {
            rule = rule.with_value(&name, &value.to_string()).unwrap();
        }
    }
    let compiled = rule.compile(start.len()).unwrap();
    let values = compiled
        .settings
        .iter()
        .map(|setting| {
            settings
                .get(&setting.name)
                .copied()
                .unwrap_or(setting.default)
        })
        .collect();
    for name in settings.keys() {
        assert!(compiled.setting(name).is_some(), "no setting {name}");
    }
    let landscape = landscape(loss, Some(start)).unwrap_or_else(|error| panic!("{error}"));
    Lane::new(compiled.into(), &landscape, None, values)
}

#[test]
fn the_essays_rules_follow_its_formulas() {
    let file = cases("essay");
    let all = file["cases"].as_array().unwrap();
    assert_eq!(all.len(), 7);
    for case in all {
        let name = case["rule"].as_str().unwrap();
        let settings: BTreeMap<String, f64> = serde_json::from_value(case["set"].clone()).unwrap();
        let mut lane = lane(name, "valley", &[0.0, 0.0], &settings);
        for row in case["rows"].as_array().unwrap() {
            let t = row["t"].as_u64().unwrap();
            lane.seek(Position::at(t), |_| true);
            let what = format!("{name} at t = {t}");
            let machine = lane.machine();
            assert_close(machine.w(), &row["w"], 1e-13, &format!("{what}, w"));
            for (state, value) in row["state"].as_object().unwrap() {
                let variable = machine.compiled().variable(state).unwrap();
                assert_close(
                    machine.value(variable),
                    value,
                    1e-13,
                    &format!("{what}, {state}"),
                );
            }
        }
    }
}

/// Settings that a library gives as one, and the names that they have in a rule.
const TUPLES: [(&str, &[&str]); 1] = [("betas", &["beta1", "beta2"])];

/// Arguments of a recorded case as settings of a rule; truth values become 0 or 1.
fn settings(arguments: &Value) -> BTreeMap<String, f64> {
    let mut settings = BTreeMap::new();
    for (name, value) in arguments.as_object().unwrap() {
        let tuple = TUPLES.iter().find(|(tuple, _)| tuple == name);
        let names = tuple.map_or(vec![name.as_str()], |(_, names)| names.to_vec());
        let values = match value {
            Value::Bool(on) => vec![f64::from(u8::from(*on))],
            other => numbers(other),
        };
        assert_eq!(names.len(), values.len(), "{name}");
        settings.extend(names.iter().map(|it| (*it).to_owned()).zip(values));
    }
    settings
}

/// What has come down to this share of the largest that its quantity has been carries the rounding of its
/// past, and is held against that.
const SPENT: f64 = 0.003;

/// Runs every case of `library` in `file`; each recorded number has to agree to 1e-12 of itself, or of the largest
/// that its quantity has been where it is all but spent.
fn follow(library: &str, file: &str) {
    let file = cases(file);
    for case in file["cases"].as_array().unwrap() {
        let optimizer = || case["optimizer"].as_str().unwrap().to_lowercase();
        let of_library = || format!("{library}/{}", optimizer());
        let name = case["rule"].as_str().map_or_else(of_library, str::to_owned);
        let start = numbers(&case["start"]);
        let formula = case["loss"].as_str().unwrap();
        let mut lane = lane(&name, formula, &start, &settings(&case["args"]));
        let mut worst = 0.0_f64;
        let mut sizes: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in case["rows"].as_array().unwrap() {
            let t = row["t"].as_u64().unwrap();
            lane.seek(Position::at(t), |_| true);
            let machine = lane.machine();
            let states = row["state"].as_object().unwrap();
            let recorded = states.iter().map(|(name, value)| (name.as_str(), value));
            for (variable, value) in recorded.chain([("w", &row["w"])]) {
                let place = machine.compiled().variable(variable);
                let place = place.unwrap_or_else(|| panic!("{name} has no {variable}"));
                let (ours, theirs) = (machine.value(place), numbers(value));
                assert_eq!(ours.len(), theirs.len(), "{name}: {variable}");
                let sizes = sizes
                    .entry(variable.to_owned())
                    .or_insert(vec![0.0; ours.len()]);
                for ((ours, theirs), size) in ours.iter().zip(&theirs).zip(sizes) {
                    *size = size.max(theirs.abs());
                    let is_spent = theirs.abs() < SPENT * *size;
                    let against = if is_spent { *size } else { theirs.abs() };
                    let off = (ours - theirs).abs() / against.max(f64::MIN_POSITIVE);
                    worst = worst.max(off);
                    assert!(
                        off <= 1e-12,
                        "{name} {}, {variable} at t = {t}: {ours} against {theirs}, off by {off:e}",
                        case["args"]
                    );
                }
            }
        }
        println!("{name} {}: {worst:.1e}", case["args"]);
    }
}

#[test]
fn torch_rules_follow_torch() {
    follow("torch", "torch");
}

#[test]
fn optax_rules_follow_optax() {
    follow("optax", "optax");
    follow("optax", "optax_switches");
}

#[test]
fn wrappers_follow_those_of_torch_and_optax() {
    follow("", "wrappers");
}

/// One update of a Keras optimiser, as its source has it; `s` holds its slots.
type Update = fn(t: i32, g: f64, w: &mut f64, s: &mut [f64; 3]);

#[test]
fn keras_rules_follow_keras() {
    let cases: [(&str, &str, [&str; 3], Update); 5] = [
        (
            "keras/sgd",
            "learning_rate=0.005 momentum=0.9 nesterov=1",
            ["momentums", "", ""],
            |_, g, w, s| {
                s[0] = -g * 0.005 + s[0] * 0.9;
                *w += -g * 0.005 + s[0] * 0.9;
            },
        ),
        (
            "keras/adagrad",
            "learning_rate=0.5",
            ["accumulator", "", ""],
            |t, g, w, s| {
                s[0] = if t == 1 { 0.1 } else { s[0] } + g * g;
                *w -= 0.5 * g / (s[0] + 1e-7).sqrt();
            },
        ),
        (
            "keras/rmsprop",
            "momentum=0.8 centered=1",
            ["velocity", "average_gradient", "momentums"],
            |_, g, w, s| {
                s[0] = 0.9 * s[0] + (1.0 - 0.9) * g * g;
                s[1] = 0.9 * s[1] + (1.0 - 0.9) * g;
                s[2] = 0.8 * s[2] + 0.001 * g / (s[0] - s[1] * s[1] + 1e-7).sqrt();
                *w -= s[2];
            },
        ),
        (
            "keras/adam",
            "learning_rate=0.02",
            ["momentum", "velocity", ""],
            |t, g, w, s| {
                let alpha = 0.02 * (1.0 - 0.999_f64.powi(t)).sqrt() / (1.0 - 0.9_f64.powi(t));
                s[0] += (g - s[0]) * (1.0 - 0.9);
                s[1] += (g * g - s[1]) * (1.0 - 0.999);
                *w -= s[0] * alpha / (s[1].sqrt() + 1e-7);
            },
        ),
        (
            "keras/adam",
            "learning_rate=0.02 amsgrad=1",
            ["momentum", "velocity", "velocity_hat"],
            |t, g, w, s| {
                let alpha = 0.02 * (1.0 - 0.999_f64.powi(t)).sqrt() / (1.0 - 0.9_f64.powi(t));
                s[0] += (g - s[0]) * (1.0 - 0.9);
                s[1] += (g * g - s[1]) * (1.0 - 0.999);
                s[2] = s[2].max(s[1]);
                *w -= s[0] * alpha / (s[2].sqrt() + 1e-7);
            },
        ),
    ];
    for (name, settings, slots, update) in cases {
        let settings = settings.split(' ').map(|it| it.split_once('=').unwrap());
        let settings = settings
            .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
            .collect();
        let mut lane = lane(name, "valley", &[0.0, 0.0], &settings);
        let (mut w, mut s) = ([0.0, 0.0], [[0.0; 3]; 2]);
        for t in 1..=200 {
            lane.iterate();
            for (at, (lambda, minimum)) in [(1.0, 0.8), (100.0, 0.6)].into_iter().enumerate() {
                update(t, lambda * (w[at] - minimum), &mut w[at], &mut s[at]);
            }
            let machine = lane.machine();
            for at in 0..2 {
                assert!(
                    (machine.w()[at] - w[at]).abs() <= 1e-12,
                    "{name} at t = {t}"
                );
                for (slot, theirs) in slots.iter().zip(s[at]).filter(|(slot, _)| !slot.is_empty()) {
                    let ours = machine.value(machine.compiled().variable(slot).unwrap())[at];
                    let off = (ours - theirs).abs() / theirs.abs().max(1.0);
                    assert!(
                        off <= 1e-12,
                        "{name}, {slot} at t = {t}: {ours} against {theirs}"
                    );
                }
            }
        }
    }
}

/// Whether a torch case is plain SGD of this kind at one step size all along.
fn is_sgd(case: &Value, wanted: &[&str]) -> bool {
    let arguments = case["args"].as_object().unwrap();
    let mut names: Vec<&str> = arguments.keys().map(String::as_str).collect();
    names.sort_unstable();
    case["optimizer"] == "SGD" && names == wanted
}

/// Runs `name` beside a torch case and checks `w` and, against `-lr` times torch's buffer, the velocity.
fn follow_torch(case: &Value, name: &str) {
    let lr = case["args"]["lr"].as_f64().unwrap();
    let mut settings = BTreeMap::from([("eta".to_owned(), lr)]);
    if let Some(beta) = case["args"]["momentum"].as_f64() {
        settings.insert("beta".to_owned(), beta);
    }
    let start = numbers(&case["start"]);
    let mut lane = lane(name, case["loss"].as_str().unwrap(), &start, &settings);
    for row in case["rows"].as_array().unwrap() {
        let t = row["t"].as_u64().unwrap();
        lane.seek(Position::at(t), |_| true);
        let what = format!("{name} on {} at t = {t}", case["loss_name"]);
        let machine = lane.machine();
        assert_close(machine.w(), &row["w"], 1e-12, &what);
        if let Some(velocity) = machine.compiled().variable("m") {
            let Some(theirs) = row["state"].get("momentum_buffer") else {
                assert_eq!(t, 0);
                continue;
            };
            let buffer: Vec<f64> = machine.value(velocity).iter().map(|m| m / -lr).collect();
            assert_close(&buffer, theirs, 1e-12, &what);
        }
    }
}

#[test]
fn gradient_descent_and_momentum_follow_torch_at_a_constant_step() {
    let file = cases("torch");
    let all = file["cases"].as_array().unwrap();
    let kinds: [(&str, &[&str]); 2] = [("gd", &["lr"]), ("momentum", &["lr", "momentum"])];
    for (name, arguments) in kinds {
        let matching: Vec<&Value> = all.iter().filter(|case| is_sgd(case, arguments)).collect();
        assert!(!matching.is_empty(), "{name}");
        for case in matching {
            follow_torch(case, name);
        }
    }
}

/// The runs of `library` as `tests/reference/generate.py` has recorded them.
fn recorded(library: &str) -> Vec<Run> {
    changed(library, str::to_owned)
}

/// The runs of `library`, each line of them `changed`.
fn changed(library: &str, change: impl Fn(&str) -> String) -> Vec<Run> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let packed = fs::read(format!("{folder}/tests/reference/{library}_runs.jsonl.gz")).unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    let mut texts: Vec<String> = Vec::new();
    for line in text.lines() {
        if !line.starts_with("{\"t\"") {
            texts.push(String::new());
        }
        let last = texts.last_mut().unwrap();
        *last += &change(line);
        last.push('\n');
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |(at, text): (usize, &String)| {
        let path = folder.path().join(format!("{at}.jsonl"));
        fs::write(&path, text).unwrap();
        let run = runs::open(path.to_str().unwrap(), &ReadOptions::default());
        run.unwrap_or_else(|error| panic!("{error}"))
    };
    texts.iter().enumerate().map(run).collect()
}

/// `run` against `subject`: to 1e-12 where all of it is in 64 bits, else to within its own rounding.
fn held(run: &mut Run, subject: &ConfiguredRule, is_single: bool) -> Report {
    let question = Question {
        mode: Mode::Free,
        tolerance: Tolerance {
            relative: if is_single {
                1e-9
            } else if subject.compiled.rule.name == "torch/shampoo" {
                // A root of sums whose eigenvalues are 10^4 apart.
                1e-11
            } else {
                1e-12
            },
            // Products that nearly cancel, beside those that do not.
            absolute: if subject.compiled.rule.name == "torch/shampoo" {
                1e-11
            } else {
                0.0
            },
        },
        by_format: is_single,
        map: Vec::new(),
        convention: None,
        diagnose: false,
    };
    examine(run, subject, &question, &mut Control::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Every run is that of the rule that its header names, buffer by buffer; and is not where a setting is 1 % off.
fn are_the_rules(library: &str) {
    let mut rules = Vec::new();
    for mut run in recorded(library) {
        let mut subject = ConfiguredRule::of_trace(&run, None).unwrap_or_else(|it| panic!("{it}"));
        let dtypes = run.header.as_ref().unwrap()["dtypes"].to_string();
        // Keras's Muon takes a norm in 32 bits, in an order of its own; SOAP decomposes in 32 bits.
        let decomposes = |settings: &[f64]| {
            let mut all = subject.compiled.settings.iter().zip(settings);
            all.any(|it| it.0.name == "precondition_frequency" && *it.1 < 24.0)
        };
        let rounds = subject.compiled.rule.name == "keras/muon" && library != "exact"
            || decomposes(&subject.settings);
        let is_single = dtypes.contains("float32") || rounds;
        let report = held(&mut run, &subject, is_single);
        assert!(report.same && report.compared == run.rows - 1, "{report}");
        // Numbers of a setting that optax keeps among the states, and buffers shaped as the sides of their tensors, or as
        // all tensors together.
        let is_known = |it: &&String| {
            let lbfgs = [
                "func_evals",
                "prev_loss",
                "state_t",
                "d.",
                "prev_flat_grad.",
            ];
            let soap = ["precondition_frequency", "shampoo_beta"];
            *it == "ns_coeffs"
                || *it == "iteration"
                || soap.contains(&it.as_str())
                || lbfgs.iter().any(|own| it.starts_with(own))
        };
        assert!(!report.to_string().contains("passed over"), "{report}");
        let others = report.not_compared.iter().filter(|it| !is_known(it));
        assert_eq!(others.count(), 0, "{report}");
        subject.settings[0] *= 1.01;
        let report = held(&mut run, &subject, is_single);
        assert!(!report.same, "{report}");
        rules.push(subject.compiled.rule.name.clone());
    }
    // Some settings, each in two precisions.
    assert!(rules.len() >= 4);
}

#[test]
fn recorded_runs_of_torch_are_those_of_its_rules() {
    are_the_rules("torch");
}

#[test]
fn recorded_runs_of_optax_are_those_of_its_rules() {
    are_the_rules("optax");
}

#[test]
fn recorded_runs_with_filters_as_matrices_are_those_of_their_rule() {
    are_the_rules("filters");
}

#[test]
fn recorded_runs_of_wrapped_rules_are_those_of_both() {
    are_the_rules("wrappers");
}

#[test]
fn recorded_runs_with_means_over_rows_and_columns_are_those_of_their_rules() {
    are_the_rules("factored");
}

#[test]
fn recorded_runs_with_products_of_matrices_are_those_of_their_rules() {
    are_the_rules("matrices");
}

#[test]
fn recorded_runs_whose_norms_no_order_of_sums_changes_are_those_of_their_rule() {
    are_the_rules("exact");
}

#[test]
fn recorded_runs_in_the_eigenbases_of_sums_are_those_of_their_rule() {
    are_the_rules("soap");
}

#[test]
fn recorded_runs_of_keras_with_clipped_gradients_are_those_of_its_rules() {
    are_the_rules("clips");
}

#[test]
fn recorded_runs_with_all_other_switches_are_those_of_their_rules() {
    are_the_rules("switches");
}

/// Every file of runs that the maker writes and a test above holds.
const HELD: [&str; 11] = [
    "torch", "optax", "factored", "matrices", "keras", "clips", "closures", "switches", "soap",
    "filters", "sparse",
];

/// Settings of one value: another one is refused.
const REFUSED: [(&str, &str); 2] = [
    ("torch/lbfgs", "line_search_fn"),
    ("torch/soap", "merge_dims"),
];

#[test]
fn every_setting_of_a_librarys_rule_is_in_a_recorded_run_of_each_precision() {
    let mut recorded_values: BTreeMap<(String, String, bool), Vec<f64>> = BTreeMap::new();
    for library in HELD {
        for run in recorded(library) {
            let subject = ConfiguredRule::of_trace(&run, None).unwrap_or_else(|it| panic!("{it}"));
            let header = run.header.as_ref().unwrap();
            let is_single = header["dtypes"].to_string().contains("float32");
            let rule = &subject.compiled.rule;
            let settings = subject.compiled.settings.iter().zip(&subject.settings);
            let mut values: Vec<(String, f64)> = settings
                .map(|(it, value)| (it.name.clone(), *value))
                .collect();
            // What decides on the lines is none of the settings that remain.
            for it in rule.known_at_load() {
                let value = rule.schedule(&it.name).and_then(|it| it.parse().ok());
                values.extend(value.map(|value| (it.name.clone(), value)));
            }
            for (name, value) in values {
                let key = (rule.name.clone(), name, is_single);
                recorded_values.entry(key).or_default().push(value);
            }
        }
    }
    let mut missing = Vec::new();
    let libraries = rule::names().into_iter().filter(|it| it.contains('/'));
    for name in libraries.filter(|it| *it != "optax/set_to_zero") {
        for param in &rule::load(name).unwrap().params {
            let is_refused = REFUSED.contains(&(name, param.name.as_str()));
            for is_single in [false, true].into_iter().filter(|_| !is_refused) {
                let key = (name.to_owned(), param.name.clone(), is_single);
                let values = recorded_values.get(&key).map_or(&[][..], Vec::as_slice);
                let others = values.iter().filter(|it| **it != param.default);
                if others.count() == 0 {
                    let bits = if is_single { 32 } else { 64 };
                    missing.push(format!("{name} {} in {bits} bits", param.name));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn recorded_evaluations_of_closures_are_those_of_their_rule() {
    are_the_rules("closures");
}

#[test]
fn what_rings_that_nobody_recorded_were_rounded_to_is_no_difference() {
    // A weight that is some units in the last place off, in an iteration that goes by the past ones.
    let nudged = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        if row["t"] == 9 {
            let weight = &mut row["params"]["fc.weight"][0][0];
            let value = weight.as_f64().unwrap() * (1.0 + 3e-5);
            #[expect(clippy::cast_possible_truncation, reason = "a run of such numbers")]
            let value = f64::from(value as f32);
            *weight = value.into();
        }
        row.to_string()
    };
    let mut runs = changed("closures", nudged);
    let mut single = runs.swap_remove(3);
    let mut double = runs.swap_remove(2);
    for (run, is_single, says) in [
        (&mut double, false, ": differs"),
        (&mut single, true, ": not told apart from rounding"),
    ] {
        let subject = ConfiguredRule::of_trace(run, None).unwrap_or_else(|it| panic!("{it}"));
        let report = held(run, &subject, is_single);
        assert!(
            !report.same && report.to_string().contains(says),
            "{report}"
        );
    }
    // In the first iteration there is no past.
    let mut subject = ConfiguredRule::of_trace(&single, None).unwrap_or_else(|it| panic!("{it}"));
    subject.settings[0] *= 1.001;
    let report = held(&mut single, &subject, true).to_string();
    assert!(report.contains(": differs"), "{report}");
}

/// What evaluates at points that no row has is refused by its name.
#[test]
fn a_run_with_a_line_search_is_refused() {
    let mut run = recorded("closures").swap_remove(0);
    let header = run.header.as_mut().unwrap();
    header["settings"]["line_search_fn"] = "strong_wolfe".into();
    let error = ConfiguredRule::of_trace(&run, None)
        .err()
        .map(|it| it.to_string());
    let error = error.unwrap();
    for says in [
        "line_search_fn=strong_wolfe",
        "torch/lbfgs does not have",
        "--against",
    ] {
        assert!(error.contains(says), "{error}");
    }
    // A word of the library for a number of the rule.
    let mut run = recorded("matrices").swap_remove(0);
    run.header.as_mut().unwrap()["settings"]["adjust_lr_fn"] = "match_rms_adamw".into();
    let subject = ConfiguredRule::of_trace(&run, None).unwrap_or_else(|it| panic!("{it}"));
    let at = subject
        .compiled
        .settings
        .iter()
        .position(|it| it.name == "adjust_lr_fn");
    assert_eq!(subject.settings[at.unwrap()], 1.0);
}

#[test]
fn a_wrong_setting_of_a_rule_that_multiplies_matrices_is_named() {
    let mut run = recorded("matrices").swap_remove(0);
    let mut subject = ConfiguredRule::of_trace(&run, None).unwrap_or_else(|it| panic!("{it}"));
    assert_eq!(subject.compiled.rule.name, "torch/muon");
    for (at, value, told) in [(0, 0.002, "lr=0.001"), (1, 0.2, "weight_decay=0.1")] {
        let right = std::mem::replace(&mut subject.settings[at], value);
        let question = Question {
            mode: Mode::Free,
            tolerance: Tolerance {
                relative: 1e-9,
                absolute: 0.0,
            },
            by_format: true,
            map: Vec::new(),
            convention: None,
            diagnose: true,
        };
        let report = examine(&mut run, &subject, &question, &mut Control::default());
        let report = report.unwrap_or_else(|error| panic!("{error}")).to_string();
        assert!(
            report.contains(&format!("match torch/muon with {told}")),
            "{report}"
        );
        subject.settings[at] = right;
    }
}

#[test]
fn recorded_runs_of_keras_are_those_of_its_rules() {
    are_the_rules("keras");
}

#[test]
fn recorded_runs_with_sparse_gradients_are_those_of_their_rules() {
    are_the_rules("sparse");
}

#[test]
fn recorded_runs_in_which_tensors_rest_are_those_of_their_rules() {
    are_the_rules("torch_resting");
}

#[test]
fn numbers_that_torch_keeps_in_32_bits_are_allowed_for_in_64() {
    for mut run in recorded("torch_mixed") {
        let mut subject = ConfiguredRule::of_trace(&run, None).unwrap_or_else(|it| panic!("{it}"));
        let report = held(&mut run, &subject, true);
        assert!(
            report.same && report.to_string().contains(": same"),
            "{report}"
        );
        subject.settings[0] *= 1.00001;
        let report = held(&mut run, &subject, true);
        assert!(!report.same, "{report}");
    }
}
