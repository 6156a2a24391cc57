//! Runs against rules and against each other.

use eigenstep::{
    Control, Error,
    analysis::claim::{ClaimKind, Doubt, Verdict},
    debugger::{Lane, Machine, Position, Progress},
    diff::{ConfiguredRule, Mode, Question, Report, Tolerance},
    error::{ErrorCode, Source},
    loss::{Landscape, landscape},
    rule::{self, Domain, Rule},
    runs::{self, ReadOptions, Run},
    scenario::Scenario,
    trace::{self, Csv, Jsonl, TraceRange},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write, fs, sync::Arc};
use told::{check_numbers, is_doubted};
use training::{Fault, Training};

#[path = "foreign/told.rs"]
mod told;

#[path = "program/training.rs"]
mod training;

fn examine(run: &mut Run, subject: &ConfiguredRule, question: &Question) -> Result<Report, Error> {
    eigenstep::diff::examine(run, subject, question, &mut Control::default())
}

fn open(text: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    fs::write(&path, text).unwrap();
    runs::open(path.to_str().unwrap(), &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn question(mode: Mode, relative: f64) -> Question {
    Question {
        mode,
        tolerance: Tolerance {
            relative,
            absolute: 0.0,
        },
        by_format: false,
        map: Vec::new(),
        convention: None,
        diagnose: false,
    }
}

#[test]
fn a_rule_for_another_number_of_parameters_is_refused() {
    let mut run = open(b"{\"t\":0,\"w\":[1,2]}\n{\"t\":1,\"w\":[1,1],\"g\":[0,1]}\n");
    let rule = ConfiguredRule::new("torch/sgd", &[], None, &[1.0]).unwrap();
    let error = examine(&mut run, &rule, &question(Mode::Replay, 1e-9)).unwrap_err();
    let says = "the rule is configured for 1 parameter, and ";
    assert!(error.to_string().contains(says), "{error}");
}

/// A trace of the scenario that `flags` describe.
fn traced(flags: &[(&str, String)], steps: u64, every: u64, csv: bool) -> Vec<u8> {
    let scenario = Scenario::from_flags(flags).unwrap();
    let setup = scenario.open().unwrap_or_else(|error| panic!("{error}"));
    let extent = TraceRange {
        steps,
        every,
        until: None,
    };
    let mut out = Vec::new();
    if csv {
        trace::run(setup, extent, &mut Csv::new(&mut out)).unwrap();
    } else {
        trace::run(setup, extent, &mut Jsonl::new(&mut out)).unwrap();
    }
    out
}

/// Rules with one switch turned or none, as flags.
fn settings() -> Vec<Vec<(&'static str, String)>> {
    let mut all = Vec::new();
    for name in rule::names() {
        all.push(vec![("rule", name.to_owned())]);
        for param in &rule::load(name).unwrap().params {
            let Domain::Choice(values) = &param.domain else {
                continue;
            };
            for value in values.iter().filter(|value| **value != param.default) {
                let set = format!("{}={value}", param.name);
                all.push(vec![("rule", name.to_owned()), ("set", set)]);
            }
        }
    }
    all
}

#[test]
fn a_trace_read_back_is_the_same_to_the_last_bit() {
    for flags in settings() {
        for (every, noise) in [(1, "0"), (7, "0"), (1, "0.1")] {
            let mut flags = flags.clone();
            flags.push(("loss", "rosenbrock".into()));
            flags.push(("noise", noise.into()));
            let mut run = open(&traced(&flags, 40, every, false));
            let subject =
                ConfiguredRule::of_trace(&run, None).unwrap_or_else(|error| panic!("{error}"));
            for mode in [Mode::Free, Mode::Replay] {
                let report = examine(&mut run, &subject, &question(mode, 0.0)).unwrap();
                assert!(
                    report.same && report.untold == 0,
                    "{flags:?} every {every}: {report}"
                );
                assert!(report.compared > 0);
            }
        }
    }
}

/// The rows of a trace in JSON lines as the binary format has them: its numbers, each row in a layout of its own.
fn as_binary(trace: &[u8]) -> Vec<u8> {
    let mut file = b"eigenrun\x01\0\0\0".to_vec();
    let mut chunk = |kind: u32, contents: &[u8]| {
        file.extend(kind.to_le_bytes());
        file.extend((contents.len() as u64).to_le_bytes());
        file.extend(contents);
    };
    let text = std::str::from_utf8(trace).unwrap();
    for (kind, line) in (0..).zip(text.lines()) {
        if kind == 0 {
            chunk(0, line.as_bytes());
            continue;
        }
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
        let (mut columns, mut numbers) = (Vec::new(), Vec::new());
        for (name, value) in &row {
            let all = value
                .as_array()
                .map_or(std::slice::from_ref(value), |it| it);
            let all: Option<Vec<f64>> = all.iter().map(serde_json::Value::as_f64).collect();
            let Some(all) = all else { continue };
            let shape: &[usize] = if value.is_array() { &[all.len()] } else { &[] };
            columns.push(serde_json::json!([name, "<f8", shape]));
            numbers.extend(all.into_iter().flat_map(f64::to_le_bytes));
        }
        let layout = serde_json::json!({ "columns": columns });
        chunk(0, layout.to_string().as_bytes());
        chunk(kind, &numbers);
    }
    file
}

#[test]
fn a_trace_of_every_rule_opens_and_is_the_same_in_every_format() {
    for name in rule::names() {
        let flags = [("rule", name.to_owned()), ("loss", "rosenbrock".to_owned())];
        let lines = traced(&flags, 12, 1, false);
        for (format, text) in [
            ("binary", as_binary(&lines)),
            ("JSON lines", lines),
            ("CSV", traced(&flags, 12, 1, true)),
        ] {
            let (lane, _) = runs::lane(open(&text), None)
                .unwrap_or_else(|error| panic!("{name}, {format}: {error}"));
            let names: Vec<&str> = lane
                .compiled()
                .variables
                .iter()
                .map(|it| it.name.as_str())
                .collect();
            assert!(
                !names.contains(&"grad_") && !names.contains(&"loss_"),
                "{names:?}"
            );
            let mut loss = Scenario::default();
            loss.apply("loss", "rosenbrock").unwrap();
            let subject = ConfiguredRule::new(name, &[], Some(loss), &[-1.2, 1.0]).unwrap();
            let report = examine(&mut open(&text), &subject, &question(Mode::Free, 0.0)).unwrap();
            assert!(report.same, "{name}, {format}: {report}");
            assert!(report.compared > 10, "{name}, {format}: {report}");
        }
    }
}

#[test]
fn a_recorded_field_may_be_called_as_a_column_of_a_trace() {
    let rows = "{\"t\":0,\"w\":[1,2],\"grad\":[3,4],\"alpha\":1}\n{\"t\":1,\"w\":[0,1],\"grad\":[3,4],\"alpha\":1}\n";
    let (lane, _) =
        runs::lane(open(rows.as_bytes()), None).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = lane
        .compiled()
        .variables
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["w", "grad_", "alpha_"]);
}

#[test]
fn lanes_of_a_trace_are_read_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let flags = [("rule", "adam".into()), ("rule", "torch/sgd".into())];
    fs::write(&path, traced(&flags, 30, 1, false)).unwrap();
    let open = |lane: Option<&str>| {
        let options = ReadOptions {
            lane: lane.map(str::to_owned),
            ..ReadOptions::default()
        };
        runs::open(path.to_str().unwrap(), &options)
    };
    for (lane, rule) in [("adam", "adam"), ("torch_sgd", "torch/sgd")] {
        let mut run = open(Some(lane)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(run.rows, 31);
        let subject = ConfiguredRule::of_trace(&run, Some(lane)).unwrap();
        assert_eq!(subject.compiled.rule.name, rule);
        let report = examine(&mut run, &subject, &question(Mode::Free, 0.0)).unwrap();
        assert!(report.same, "{report}");
    }
    let error = |lane| open(lane).map(|_| ()).unwrap_err().to_string();
    assert!(error(None).contains("several lanes: adam, torch_sgd"));
    assert!(error(Some("adm")).contains("did you mean `adam`"));
}

#[test]
fn a_trace_in_csv_is_the_same_when_its_rule_and_loss_are_named() {
    let flags = [
        ("rule", "torch/adam".into()),
        ("set", "lr=0.05".into()),
        ("loss", "beale".into()),
    ];
    let mut run = open(&traced(&flags, 200, 1, true));
    let mut start = Vec::new();
    run.read(0, 0, &mut start).unwrap();
    let scenario = Scenario::from_flags(&[("loss", "beale")]).unwrap();
    let subject =
        ConfiguredRule::new("torch/adam", &["lr=0.05".into()], Some(scenario), &start).unwrap();
    for mode in [Mode::Free, Mode::Replay] {
        let report = examine(&mut run, &subject, &question(mode, 0.0)).unwrap();
        assert!(report.same && report.compared == 200, "{report}");
    }
}

/// Arguments of a recorded case as settings of a rule.
fn arguments(case: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in case["args"].as_object().unwrap() {
        match value {
            Value::Bool(on) => all.push(format!("{name}={}", u8::from(*on))),
            Value::Array(betas) => {
                for (at, beta) in (1..).zip(betas) {
                    all.push(format!("beta{at}={beta}"));
                }
            }
            other => all.push(format!("{name}={other}")),
        }
    }
    all
}

#[test]
fn trajectories_of_torch_and_optax_are_those_of_their_rules() {
    for library in ["torch", "optax"] {
        let path = format!(
            "{}/tests/reference/{library}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let mut text = String::new();
            for row in case["rows"].as_array().unwrap() {
                writeln!(text, "{row}").unwrap();
            }
            let mut run = open(text.as_bytes());
            let rule = format!(
                "{library}/{}",
                case["optimizer"].as_str().unwrap().to_lowercase()
            );
            let start: Vec<f64> = serde_json::from_value(case["start"].clone()).unwrap();
            let mut scenario = Scenario::default();
            scenario
                .apply("loss", case["loss"].as_str().unwrap())
                .unwrap();
            for (scenario, mode) in [(Some(scenario), Mode::Free), (None, Mode::Replay)] {
                let has_loss = scenario.is_some();
                let subject =
                    ConfiguredRule::new(&rule, &arguments(case), scenario, &start).unwrap();
                let report = examine(&mut run, &subject, &question(mode, 1e-11)).unwrap();
                assert!(report.same, "{rule} {}: {report}", case["args"]);
                // Rows thin out after the first: without a loss the gaps cannot be bridged.
                assert!(report.compared >= 20, "{report}");
                assert_eq!(report.untold == 0, has_loss, "{report}");
            }
        }
    }
}

#[test]
fn two_runs_differ_where_one_of_them_was_changed() {
    let flags = [("rule", "adam".into()), ("loss", "valley".into())];
    let text = String::from_utf8(traced(&flags, 50, 1, false)).unwrap();
    let compare = |other: &str| {
        let tolerance = question(Mode::Free, 1e-9).tolerance;
        eigenstep::diff::compare_runs(
            &mut open(text.as_bytes()),
            &mut open(other.as_bytes()),
            &[],
            tolerance,
            &mut Control::default(),
        )
        .unwrap()
        .0
    };
    assert!(compare(&text).is_same());
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let s = lines[31]["s"][1].as_f64().unwrap();
    lines[31]["s"][1] = json!(s * 1.001);
    lines[40]["w"][0] = json!("NaN");
    let other: Vec<String> = lines.iter().map(Value::to_string).collect();
    let found = compare(&other.join("\n"));
    let places: Vec<(u64, &str)> = found
        .differences
        .iter()
        .map(|it| (it.t, it.coordinate.as_str()))
        .collect();
    assert_eq!(places, [(30, "s[2]"), (39, "w[1]")]);
    assert!((found.differences[0].relative - 0.001).abs() < 1e-5);
}

#[test]
fn rounding_that_grows_is_told_from_a_wrong_rule() {
    // A saddle amplifies the last bit of the start.
    let mut text = String::new();
    let (mut x, mut y) = (1.0_f64, 1e-6_f64);
    writeln!(text, "{}", json!({"t": 0, "w": [x, y]})).unwrap();
    for t in 1..=150 {
        let g = [x, y * y * y - y];
        (x, y) = (x - 0.2 * g[0], y - 0.2 * g[1]);
        if t == 1 {
            y *= 1.0 + 4.0 * f64::EPSILON;
        }
        writeln!(text, "{}", json!({"t": t, "w": [x, y], "g": g})).unwrap();
    }
    let mut run = open(text.as_bytes());
    let mut scenario = Scenario::default();
    scenario
        .apply("loss", "0.5*x^2 + 0.25*y^4 - 0.5*y^2")
        .unwrap();
    let subject =
        ConfiguredRule::new("gd", &["eta=0.2".into()], Some(scenario), &[1.0, 1e-6]).unwrap();
    let free = examine(&mut run, &subject, &question(Mode::Free, 1e-15)).unwrap();
    assert!(!free.same && free.replay_same == Some(true), "{free}");
}

#[test]
fn a_buffer_that_is_the_last_gradient_is_explained_by_its_one_term() {
    let mut text = String::new();
    let mut w = [0.7, -0.3, 1.2, 0.4];
    let rates = [1.0, 3.0, 0.5, 2.0];
    for t in 0..40 {
        let g: Vec<f64> = w.iter().zip(rates).map(|(w, rate)| rate * w).collect();
        let mut row = json!({"t": t, "w": w});
        if t > 0 {
            // The step has been done with the gradient of the row before.
            let before: Vec<f64> = w
                .iter()
                .zip(rates)
                .map(|(w, rate)| rate * w / (1.0 - 0.01 * rate))
                .collect();
            row["g"] = json!(before);
            row["momentum_buffer"] = json!(before);
        }
        writeln!(text, "{row}").unwrap();
        for (w, g) in w.iter_mut().zip(g) {
            *w -= 0.01 * g;
        }
    }
    let mut run = open(text.as_bytes());
    let settings = ["lr=0.01".into(), "momentum=0.9".into()];
    let subject =
        ConfiguredRule::new("torch/sgd", &settings, None, &[0.7, -0.3, 1.2, 0.4]).unwrap();
    let question = Question {
        diagnose: true,
        ..question(Mode::Replay, 1e-9)
    };
    let report = examine(&mut run, &subject, &question).unwrap();
    assert!(!report.same, "{report}");
    let explained = &report.diagnosis.as_ref().unwrap().explanations;
    assert!(explained[0].fails_at.is_none(), "{report}");
}

#[test]
fn numbers_of_32_bits_are_known_by_their_shortest_texts() {
    let rows = |written: &dyn Fn(f32) -> String| {
        let (mut w, mut text) = ([0.7_f32, -0.3], String::from("t,w[1],w[2],g[1],g[2]\n"));
        for t in 0..40 {
            let g = [w[0] - 0.123_456, 3.0 * w[1] + 0.2];
            let cells = [w[0], w[1], g[0], g[1]].map(written);
            writeln!(text, "{t},{}", cells.join(",")).unwrap();
            w = [w[0] - 0.05 * g[0], w[1] - 0.05 * g[1]];
        }
        let mut run = open(text.as_bytes());
        let subject = ConfiguredRule::new("gd", &["eta=0.05".into()], None, &[0.7, -0.3]).unwrap();
        let question = Question {
            by_format: true,
            ..question(Mode::Free, 1e-12)
        };
        examine(&mut run, &subject, &question).unwrap()
    };
    let shortest = rows(&|value| value.to_string());
    assert!(shortest.same, "{shortest}");
    assert!(shortest.to_string().contains("float32"), "{shortest}");
    let exact = rows(&|value| f64::from(value).to_string());
    assert!(exact.same, "{exact}");
    // Six digits are no number format, and say too little.
    let rounded = rows(&|value| format!("{value:.6}"));
    assert!(!rounded.same, "{rounded}");
}

#[test]
fn a_setting_of_the_rule_itself_explains_a_run_in_as_many_digits_as_it_takes() {
    for (rule, given, set, named) in [
        (
            "torch/rmsprop",
            "lr=0.01",
            "momentum=0.9",
            "momentum=0.9, to 0 ulp",
        ),
        (
            "optax/rmsprop",
            "learning_rate=0.01",
            "momentum=0.9",
            "momentum=0.9",
        ),
        (
            "keras/rmsprop",
            "learning_rate=0.01",
            "momentum=0.9",
            "momentum=0.9",
        ),
        // A rate of 0.01 that was kept in 32 bits.
        (
            "keras/adam",
            "learning_rate=0.01",
            "learning_rate=0.009999999776482582",
            "learning_rate=0.009999999",
        ),
    ] {
        let settings = [given, set].map(|it| ("set", it.to_owned()));
        let flags = [[("rule", rule.to_owned())].as_slice(), &settings].concat();
        let mut rows = String::new();
        for line in String::from_utf8(traced(&flags, 60, 1, false))
            .unwrap()
            .lines()
        {
            let row: Value = serde_json::from_str(line).unwrap();
            if row["t"].is_u64() {
                let row = serde_json::json!({ "t": row["t"], "w": row["w"], "g": row["grad"] });
                writeln!(rows, "{row}").unwrap();
            }
        }
        let subject = ConfiguredRule::new(rule, &[given.into()], None, &[0.0, 0.0]).unwrap();
        let question = Question {
            diagnose: true,
            ..question(Mode::Replay, 1e-9)
        };
        let report = examine(&mut open(rows.as_bytes()), &subject, &question).unwrap();
        let said = report.to_string();
        let words = format!("match {rule} with {named}");
        assert!(said.contains(&words), "{words}: {said}");
    }
}

#[test]
fn what_cannot_be_told_is_said() {
    let mut text = String::new();
    for t in 50..60 {
        writeln!(text, "{}", json!({"t": t, "w": [t, 1], "g": [1, 1]})).unwrap();
    }
    let mut run = open(text.as_bytes());
    let subject = ConfiguredRule::new("torch/adam", &[], None, &[50.0, 1.0]).unwrap();
    let report = examine(&mut run, &subject, &question(Mode::Replay, 1e-9)).unwrap();
    assert_eq!((report.same, report.compared, report.untold), (false, 0, 9));
    assert!(
        report
            .to_string()
            .contains("exp_avg, exp_avg_sq, max_exp_avg_sq was not recorded"),
        "{report}"
    );
    // Plain gradient descent keeps nothing, so each of its steps can be checked.
    let subject = ConfiguredRule::new("gd", &["eta=0.5".into()], None, &[50.0, 1.0]).unwrap();
    let report = examine(&mut run, &subject, &question(Mode::Replay, 1e-9)).unwrap();
    assert_eq!((report.compared, report.untold), (9, 0));
}

#[test]
fn an_examination_can_be_stopped_anywhere() {
    let text = traced(&[("rule", "momentum".to_owned())], 40, 1, false);
    let mut run = open(&text);
    let subject = ConfiguredRule::new("torch/adam", &[], None, &[0.0, 0.0]).unwrap();
    let question = Question {
        diagnose: true,
        ..question(Mode::Free, 1e-12)
    };
    let mut stopped_after = |polls: u64| {
        let mut asked = 0;
        let mut go_on = |_: Progress| {
            asked += 1;
            asked < polls
        };
        let mut control = Control::asking(&mut go_on);
        let report = eigenstep::diff::examine(&mut run, &subject, &question, &mut control);
        let code = report
            .map(|report| report.to_string())
            .map_err(|it| it.code());
        (code, asked)
    };
    let (whole, all) = stopped_after(u64::MAX);
    assert!(whole.is_ok() && all > 100, "{all} polls");
    for polls in (1..=all).step_by(1 + usize::try_from(all / 4).unwrap()) {
        let stopped = stopped_after(polls);
        assert_eq!(stopped, (Err(ErrorCode::Interrupted), polls));
    }
}

#[test]
fn a_comparison_of_two_runs_can_be_stopped_anywhere() {
    let text = traced(&[("rule", "momentum".to_owned())], 2000, 1, false);
    let mut asked = 0;
    let mut go_on = |_: Progress| {
        asked += 1;
        asked < 2
    };
    let stopped = eigenstep::diff::compare_runs(
        &mut open(&text),
        &mut open(&text),
        &[],
        question(Mode::Free, 0.0).tolerance,
        &mut Control::asking(&mut go_on),
    );
    let code = stopped.map(|_| ()).map_err(|it| it.code());
    assert_eq!((code, asked), (Err(ErrorCode::Interrupted), 2));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let mut run = open(b"{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[2]}\n");
    let mut error = |rule: &str, map: &[(&str, &str)]| {
        let subject = match ConfiguredRule::new(rule, &[], None, &[1.0]) {
            Ok(subject) => subject,
            Err(error) => return error.to_string(),
        };
        let map = map
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        let question = Question {
            map,
            ..question(Mode::Free, 0.0)
        };
        examine(&mut run, &subject, &question)
            .unwrap_err()
            .to_string()
    };
    assert!(error("gd", &[]).contains("has no gradients, and its loss is not known"));
    assert!(error("adma", &[]).contains("did you mean `adam`"));
    assert!(error("adam", &[("v", "s")]).contains("has no field `v`"));
}

/// The loss that mutated rules run on.
fn bowl() -> Landscape {
    landscape("rosenbrock", None).unwrap()
}

/// Runs both rules to the first iteration in which some variable differs, and names the first line that does.
fn parting(a: &Arc<Rule>, b: &Arc<Rule>, steps: u64) -> Option<(u64, String)> {
    let landscape = bowl();
    let mut lanes = [a, b].map(|rule| {
        let compiled = Arc::new(rule.compile(2).unwrap());
        let settings: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
        Lane::new(compiled, &landscape, None, settings)
    });
    let differs = |machines: [&Machine; 2], at: usize| {
        let [a, b] = machines.map(|it| it.value(&it.compiled().variables[at]));
        !a.iter()
            .zip(b)
            .all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
    };
    for t in 1..=steps {
        for lane in &mut lanes {
            lane.seek(Position::at(t), |_| true);
        }
        let machines = [lanes[0].machine(), lanes[1].machine()];
        let lines = &machines[0].compiled().lines;
        // A variable that is assigned twice counts where it is assigned last.
        let last = |at: usize| {
            !lines[at + 1..]
                .iter()
                .any(|line| line.variable == lines[at].variable)
        };
        let first = (0..lines.len()).find(|at| last(*at) && differs(machines, lines[*at].variable));
        if let Some(line) = first {
            let variable = &machines[0].compiled().variables[lines[line].variable];
            return Some((t, variable.name.clone()));
        }
    }
    None
}

/// Puts another operator, number or name in one place of one line of the step.
fn mutate(name: &str, line: usize, which: usize) -> Option<Arc<Rule>> {
    const SWAPS: [(&str, &str); 8] = [
        (" + ", " - "),
        (" - ", " + "),
        ("*", "/"),
        ("/", "*"),
        ("^2", "^3"),
        ("sqrt(", "abs("),
        ("1 - ", "2 - "),
        ("= ", "= 1.001*"),
    ];
    let source = rule::embedded(name)?;
    let parsed = Rule::parse(&source).ok()?;
    let statement = parsed.step.get(line % parsed.step.len())?;
    let text = source.slice(statement.span);
    let (from, to) = SWAPS[which % SWAPS.len()];
    let at = text.find(from)?;
    let changed = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
    let whole = format!(
        "{}{changed}{}",
        &source.text[..statement.span.start],
        &source.text[statement.span.end..]
    );
    let rule = Arc::new(Rule::parse(&Source::new(source.name.as_str(), whole)).ok()?);
    rule.compile(2).ok()?;
    Some(rule)
}

/// A run of `rule` at its defaults, with everything that it computes.
fn record(rule: &Arc<Rule>, steps: u64) -> String {
    let landscape = bowl();
    let compiled = Arc::new(rule.compile(2).unwrap());
    let settings: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
    let mut lane = Lane::new(Arc::clone(&compiled), &landscape, None, settings);
    let mut text = String::new();
    for t in 0..=steps {
        lane.seek(Position::at(t), |_| true);
        let machine = lane.machine();
        let mut row = BTreeMap::new();
        for variable in &compiled.variables {
            let values = machine.value(variable);
            if t > 0 || variable.kind != rule::VariableKind::Temporary {
                let numbers: Vec<Value> = values
                    .iter()
                    .map(|value| {
                        if value.is_finite() {
                            json!(value)
                        } else {
                            json!(value.to_string())
                        }
                    })
                    .collect();
                let value = if numbers.len() == 1 {
                    numbers[0].clone()
                } else {
                    json!(numbers)
                };
                row.insert(variable.name.clone(), value);
            }
        }
        row.insert("t".into(), json!(t));
        writeln!(text, "{}", json!(row)).unwrap();
    }
    text
}

/// Rules that ask for one gradient an iteration, at `w` or elsewhere.
fn with_one_gradient() -> Vec<&'static str> {
    let asks_once = |name: &&str| {
        let compiled = rule::load(name).unwrap().compile(2).unwrap();
        compiled.uses_gradient && compiled.further_gradients == 0
    };
    rule::names().into_iter().filter(asks_once).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn a_mutation_of_a_rule_is_found_where_it_acts_first(rule in 0usize..64, line in 0usize..16, which in 0usize..8) {
        let names = with_one_gradient();
        let name = names[rule % names.len()];
        let Some(mutant) = mutate(name, line, which) else { return Ok(()) };
        let original = rule::load(name).unwrap();
        let parting = parting(&original, &mutant, 12);
        let mut run = open(record(&mutant, 12).as_bytes());
        let landscape = bowl();
        let scenario = Scenario::from_flags(&[("loss", "rosenbrock")]).unwrap();
        let subject = ConfiguredRule::new(name, &[], Some(scenario), &landscape.start).unwrap();
        let report: Report = examine(&mut run, &subject, &question(Mode::Free, 0.0)).unwrap();
        let found = report.differences.first().map(|it| (it.t, it.field.clone()));
        prop_assert_eq!(found, parting, "{} line {} {}: {}", name, line, which, report);
    }
}

#[test]
fn settings_that_a_hook_notes_for_each_group_are_those_of_the_rule() {
    for mode in [Mode::Free, Mode::Replay] {
        let mut run = open(Training::default().lines().as_bytes());
        let subject = ConfiguredRule::of_trace(&run, None).unwrap();
        let report = examine(&mut run, &subject, &question(mode, 1e-12)).unwrap();
        assert!(report.same && report.compared == 20, "{report}");
        let text = report.to_string();
        assert!(
            text.contains("weight_decay is that of each group: 0.1 on 1 tensor, 0 on 1 tensor"),
            "{text}"
        );
        // A bias that shrinks although its group says that it does not.
        let run = Training {
            decay: 0.1,
            ..Training::default()
        };
        let mut run = open(run.lines().as_bytes());
        let report = examine(&mut run, &subject, &question(mode, 1e-12)).unwrap();
        assert!(!report.same, "{report}");
        assert_eq!(report.differences[0].coordinate, "fc.bias[1]", "{report}");
    }
}

#[test]
fn where_a_run_leaves_its_rule_is_told_by_row_tensor_and_field() {
    let run = Training {
        forgets_at: Some(12),
        ..Training::default()
    };
    let mut run = open(run.lines().as_bytes());
    let subject = ConfiguredRule::of_trace(&run, None).unwrap();
    for mode in [Mode::Free, Mode::Replay] {
        let report = examine(&mut run, &subject, &question(mode, 1e-12)).unwrap();
        assert!(!report.same, "{report}");
        let text = report.to_string();
        for says in [
            "exp_avg     differs in 1 row of 20, t = 12, in fc.weight of 2 tensors",
            "exp_avg_sq  holds in all 20 rows",
            "w           differs in 1 row of 20, t = 12, in fc.weight of 2 tensors",
        ] {
            assert!(text.contains(says), "{says}:\n{text}");
        }
    }
    // A bias that shrinks: the moments hold, the step of one tensor does not.
    let run = Training {
        decay: 0.1,
        ..Training::default()
    };
    let mut run = open(run.lines().as_bytes());
    let report = examine(&mut run, &subject, &question(Mode::Free, 1e-12)).unwrap();
    let text = report.to_string();
    assert!(
        text.contains("w           differs in all 20 rows, in fc.bias of 2 tensors"),
        "{text}"
    );
    assert!(text.contains("exp_avg     holds in all 20 rows"), "{text}");
}

#[test]
fn rows_without_parameters_are_passed_over_wherever_they_stand() {
    let row = |t: i32, w: &str| format!("{{\"t\":{t},{w}\"g\":[1,2]}}\n");
    for without in [1, 3] {
        let rows: String = (0..4)
            .map(|t| {
                let w = format!("\"w\":[{},{}],", 1.0 - 0.1 * f64::from(t), 2.5);
                row(t, if t == without { "\"w\":null," } else { &w })
            })
            .collect();
        let mut run = open(rows.as_bytes());
        let subject = ConfiguredRule::new("gd", &[], None, &[0.0, 0.0]).unwrap();
        let question = Question {
            diagnose: true,
            ..question(Mode::Replay, 1e-12)
        };
        let report = examine(&mut run, &subject, &question).unwrap();
        assert!(!report.same, "{report}");
    }
}

/// What is said of the cause in a run of AdamW with `fault`.
fn cause(training: Training) -> String {
    let mut run = open(training.lines().as_bytes());
    let subject = ConfiguredRule::of_trace(&run, None).unwrap();
    let question = Question {
        diagnose: true,
        ..question(Mode::Free, 1e-12)
    };
    let report = examine(&mut run, &subject, &question).unwrap();
    assert!(!report.same, "{report}");
    assert!(
        !is_doubted(&serde_json::to_value(&report).unwrap()),
        "{report}"
    );
    let diagnosis = report.diagnosis.unwrap();
    check_numbers(&serde_json::to_value(&diagnosis).unwrap());
    diagnosis.to_string()
}

/// Causes with what is said of them: what, where, when and in which line.
fn is_named(faults: &[(Fault, &[&str])]) {
    for (fault, says) in faults {
        let said = cause(Training {
            fault: Some(*fault),
            ..Training::default()
        });
        for says in *says {
            assert!(said.contains(says), "{fault:?}, {says}:\n{said}");
        }
        assert_eq!(said.matches("The run has").count(), 1, "{said}");
        let whole = "torch/adamw with the stated settings leads through all 20";
        assert!(said.contains(whole) && !said.contains("Open"), "{said}");
    }
}

#[test]
fn settings_that_are_not_those_of_the_group_are_named_with_it() {
    let said = cause(Training {
        decay: 0.1,
        ..Training::default()
    });
    for says in [
        "The run has weight_decay=0.1, in group 2 (fc.bias) (line 22: `w = (1 - lr*weight_decay)*w`)",
        "the run states weight_decay=0.",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
    is_named(&[
        (
            Fault::SecondBeta,
            &["beta2=0.99, in group 2 (fc.bias) (line 24"],
        ),
        (
            Fault::Rate,
            &[
                "lr 10 times what is stated, in group 2 (fc.bias)",
                "lr from 0.002 to 0.01",
            ],
        ),
        (
            Fault::NoWarmUp,
            &[
                "lr=0.01, in iterations 1-4 (line 22",
                "lr from 0.002 to 0.008",
            ],
        ),
    ]);
}

#[test]
fn two_settings_of_one_group_are_named_together() {
    // The one in the line of a buffer, the other in that of w; then both in that of w.
    for (fault, first, second) in [
        (
            Fault::SecondBeta,
            "beta2=0.99, in group 2 (fc.bias) (line 24",
            "weight_decay=0.05, in group 2 (fc.bias) (line 22",
        ),
        (
            Fault::Rate,
            "lr 10 times what is stated, in group 2 (fc.bias)",
            "weight_decay=0.05, in group 2 (fc.bias) (line 22",
        ),
    ] {
        let said = cause(Training {
            decay: 0.05,
            fault: Some(fault),
            ..Training::default()
        });
        for says in [first, second, "leads through all 20"] {
            assert!(said.contains(says), "{fault:?}, {says}:\n{said}");
        }
        assert_eq!(said.matches("The run has").count(), 2, "{said}");
        assert!(!said.contains("Open"), "{said}");
    }
}

#[test]
fn lines_that_are_not_the_rules_are_named_in_a_run_with_groups() {
    is_named(&[
        (
            Fault::Coupled,
            &["weight decay added to the gradient (coupled), in group 1 (fc.weight) (line 21"],
        ),
        (
            Fault::EpsInside,
            &["eps inside the square root (line 28: `denom"],
        ),
        (
            Fault::SecondUncorrected,
            &["bias correction of the first moment only (line 27"],
        ),
    ]);
}

#[test]
fn what_happens_in_one_iteration_is_named_with_it() {
    let said = cause(Training {
        forgets_at: Some(12),
        ..Training::default()
    });
    let says =
        "`exp_avg` reset to its initial value, in group 1 (fc.weight), in iteration 12 (line 23";
    assert!(said.contains(says), "{said}");
    is_named(&[
        (
            Fault::Skips(9),
            &["no update: nothing moves, in iteration 9;"],
        ),
        (
            Fault::Resets(7),
            &["`step`, `exp_avg` and `exp_avg_sq` reset to their initial values, in iteration 7 "],
        ),
        (
            Fault::Stale(6),
            &["the gradient of the iteration before, in iteration 6 (line 19"],
        ),
    ]);
}

#[test]
fn a_number_that_was_changed_is_named_where_the_rate_follows_a_schedule() {
    let group = json!({"params": ["a"], "lr": 0.01, "momentum": 0.9});
    let header = json!({"hook": "pytorch", "optimizer": "SGD", "settings": {"lr": 0.01, "momentum": 0.9}, "groups": [group]});
    let numbers = |t: u32| -> Vec<f64> {
        let number = |at: u32| f64::from((7 * t + 5 * at) % 23) / 16.0 - 0.7;
        (0..200).map(number).collect()
    };
    let (mut w, mut m) = (numbers(3), vec![0.0; 200]);
    let mut text = format!("{header}\n{}\n", json!({"t": 0, "params": {"a": w}}));
    for t in 1..=24 {
        let (lr, g) = (0.01 * (1.0 - f64::from(t) / 40.0), numbers(t));
        if t == 15 {
            m[5] = -m[5];
        }
        for ((w, m), g) in w.iter_mut().zip(&mut m).zip(&g) {
            *m = 0.9 * *m + g;
            *w -= lr * *m;
        }
        let row = json!({"t": t, "params": {"a": w}, "g": {"a": g}, "state": {"momentum_buffer": {"a": m}},
            "settings": {"lr": [lr]}});
        writeln!(text, "{row}").unwrap();
    }
    let mut run = open(text.as_bytes());
    let subject = ConfiguredRule::of_trace(&run, None).unwrap();
    let question = Question {
        diagnose: true,
        ..question(Mode::Free, 1e-12)
    };
    let report = examine(&mut run, &subject, &question).unwrap();
    let said = report.diagnosis.unwrap().to_string();
    for part in [
        "momentum_buffer",
        "before iteration 15, element [6]",
        "its sign is flipped",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn gradients_that_are_not_the_recorded_ones_are_named_in_a_run_with_groups() {
    is_named(&[
        (
            Fault::Scaled,
            &["the gradient times 1024 (line 19: `g = grad(w)`)"],
        ),
        (Fault::Clips, &["the gradient clipped to a norm of 2"]),
    ]);
    // What nothing explains is said to be open, and where.
    let said = cause(Training {
        fault: Some(Fault::Drifts),
        ..Training::default()
    });
    assert!(
        said.starts_with("Open: nothing that was tried explains in group 1 (fc.weight) where the run leaves torch/adamw"),
        "{said}"
    );
}

/// Holds the claims of a report against each other, and what explains a run against the run itself.
fn examine_claims(run: &mut Run, report: &Report, name: &str, told: &str) {
    let of = |kind| report.claims.iter().find(|it| it.kind == kind);
    let same = of(ClaimKind::Same).unwrap();
    assert_eq!(same.holds(), report.same && report.moved > 0, "{told}");
    assert_eq!(
        same.verdict == Verdict::Fails,
        !report.differences.is_empty(),
        "{told}"
    );
    let Some(explained) = of(ClaimKind::ExplainedBy) else {
        return;
    };
    let doubted = matches!(explained.verdict, Verdict::Unknown(Doubt::Check { .. }));
    let best = &report.diagnosis.as_ref().unwrap().explanations[0];
    // What leads through all rows one by one leads through them on its own, too.
    assert!(!doubted || best.fails_at.is_some(), "{told}");
    assert!(
        !same.holds() || best.causes.is_empty() || !explained.holds(),
        "{told}"
    );
    let settings = best.causes.iter().map(|cause| {
        let (setting, value) = (cause.setting.as_ref()?, cause.run?.0);
        Some(format!("{setting}={value:?}"))
    });
    let settings: Option<Vec<String>> = settings.collect();
    if let Some(settings) = settings.filter(|_| explained.holds() && best.fails_at.is_none()) {
        let subject = ConfiguredRule::new(name, &settings, None, &[0.0, 0.0]).unwrap();
        let again = examine(run, &subject, &question(Mode::Replay, 1e-6)).unwrap();
        assert!(again.same, "{settings:?}: {told} {again}");
    }
}

#[test]
fn no_two_claims_of_a_comparison_contradict_each_other() {
    let cases: [(&str, &str, &str); 9] = [
        ("gd", "eta=0.01", "eta=0.01"),
        ("gd", "eta=0.012", "eta=0.01"),
        ("momentum", "eta=0.003", "eta=0.003"),
        ("momentum", "beta=0.8", "beta=0.9"),
        ("adam", "beta1=0.7", "eta=0.01"),
        ("torch/adam", "lr=0.03", "lr=0.01"),
        ("torch/sgd", "momentum=0.9", "lr=0.001"),
        ("rmsprop", "beta=0.95", "eta=0.01"),
        ("adagrad", "eta=0.3", "eta=0.3"),
    ];
    for (name, made, assumed) in cases {
        for start in ["0,0", "0.8,0.6"] {
            let flags = [
                ("rule", name.to_owned()),
                ("set", made.to_owned()),
                ("start", start.to_owned()),
            ];
            let mut run = open(&traced(&flags, 24, 1, false));
            let subject =
                ConfiguredRule::new(name, &[assumed.to_owned()], None, &[0.0, 0.0]).unwrap();
            let asked = Question {
                diagnose: true,
                ..question(Mode::Free, 1e-9)
            };
            let report = examine(&mut run, &subject, &asked).unwrap();
            let told = format!("{name} {made} {assumed} {start}: {report}");
            examine_claims(&mut run, &report, name, &told);
        }
    }
}
