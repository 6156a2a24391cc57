//! Trajectories computed elsewhere: the essay's formulas in plain floats, PyTorch, optax.

use eigenstep::{
    debugger::{Lane, Position},
    loss::landscape,
    rule,
};
use serde_json::Value;
use std::{collections::BTreeMap, fs};

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
    let compiled = rule::load(name).unwrap().compile(start.len()).unwrap();
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
