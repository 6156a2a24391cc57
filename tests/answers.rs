//! Answers as data: what `--json` writes keeps to its schema and has numbers where there are numbers.

#[path = "schema/check.rs"]
mod check;

use check::Schema;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

fn exec(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    command.arg("exec").args(arguments).output().unwrap()
}

fn schema() -> Schema {
    let output = exec(&["--schema"]);
    assert_eq!(output.status.code(), Some(0));
    Schema::new(serde_json::from_slice(&output.stdout).unwrap())
}

/// The lines of `exec --json` for `commands`.
fn lines(flags: &str, commands: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["--json"];
    arguments.extend(flags.split_whitespace());
    for command in commands {
        arguments.extend(["-e", command]);
    }
    let output = exec(&arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The answers to `commands`, without their kinds.
fn answers(flags: &str, commands: &[&str]) -> Vec<Value> {
    let lines = lines(flags, commands);
    assert_eq!(lines.len(), commands.len() + 1, "{lines:?}");
    let answers = lines[1..].iter().map(|line| {
        let answer = line["answer"].as_object();
        answer.unwrap().values().next().unwrap().clone()
    });
    answers.collect()
}

/// Sessions that between them have every kind of answer, and most of their forms.
const STORIES: &[(&str, &[&str])] = &[
    (
        "--rule adam --rule gd --set gd.eta=1.5*eta_max",
        &[
            "break loss < 1e-3 ignore 2",
            "break line 2 if t > 4 once",
            "watch w[1]",
            "trace gd.loss",
            "display w",
            "display loss < 1",
            "continue",
            "step 3",
            "line 2",
            "info stops",
            "disable 3",
            "enable all",
            "ignore 1 2",
            "delete 3 4",
            "goto 5",
            "set eta=0.5",
            "set w[2]=0.25",
            "info edits",
            "info settings",
            "rcontinue",
            "undo",
            "fork half",
            "lane gd",
            "lane",
            "info lanes",
            "info variables",
            "info tensors",
            "info loss",
            "info rule",
            "info prediction",
            "info claims",
            "info options",
            "info",
            "set tolerance=1e-3",
            "set bound=off",
            "set mouse=on",
            "set max-run=100",
            "lane add momentum as m set beta=0.5",
            "drop half",
            "delete all",
            "continue",
            "until t > 1000",
            "first",
            "back",
            "help",
            "view zoom 2",
            "view plane 1 2 through w",
            "view pane loss",
            "list",
            "print w",
            "print w < 1",
            "print 1/0",
            "print eye(2)",
            "explain m",
        ],
    ),
    (
        "--rule adagrad_full --loss rosenbrock --noise 0.1",
        &[
            "info variables",
            "step 3",
            "info variables",
            "explain w",
            "explain S",
            "info prediction",
            "info claims",
            "info loss",
            "set w=0",
            "explain w",
        ],
    ),
    (
        "--rule gd --loss rosenbrock --set eta=10*eta_max",
        &["set bound=off", "continue", "info lanes", "print w"],
    ),
    (
        "--rule momentum",
        &[
            "sweep eta=1e-4..1:log:4 beta=0..0.9:3 steps 50",
            "sweep eta=1e-4..1:log:4 measure rate steps 50",
            "info prediction",
            "info claims",
            "save /no-such-folder/x",
        ],
    ),
    ("--rule gd --noise 0.1", &["info prediction", "print 1 +"]),
    (
        "--rule torch/adam --set amsgrad=1",
        &[
            "step",
            "info settings",
            "info variables",
            "plot exp_avg, g log",
        ],
    ),
    ("--rule gd --loss mlp", &["info loss"]),
    ("--rule gd", &["quit"]),
    ("--rule nothing", &["step"]),
];

#[test]
fn every_answer_keeps_to_the_schema() {
    let schema = schema();
    let mut kinds = BTreeSet::new();
    for (flags, commands) in STORIES {
        for line in lines(flags, commands) {
            schema
                .check(&line)
                .unwrap_or_else(|flaw| panic!("{flags}: {flaw}\n{line}"));
            match &line["answer"] {
                Value::Object(answer) => kinds.extend(answer.keys().cloned()),
                Value::String(kind) => drop(kinds.insert(kind.clone())),
                _ => {}
            }
        }
    }
    // Of all kinds there is an answer above, but for those that need time or a file.
    let known = exec(&["--help"]);
    let help = String::from_utf8(known.stdout).unwrap();
    let listed = help
        .lines()
        .skip_while(|line| !line.ends_with("Kinds:"))
        .skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let listed: BTreeSet<String> = listed
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect();
    assert!(listed.len() > 25, "{help}");
    let rare: BTreeSet<String> = ["interrupted", "nothing", "saved"]
        .map(str::to_owned)
        .into();
    let missing: Vec<_> = listed
        .difference(&kinds)
        .filter(|it| !rare.contains(*it))
        .collect();
    assert!(missing.is_empty(), "no answer of kind {missing:?}");
    assert!(kinds.is_subset(&listed), "{kinds:?} beside {listed:?}");
}

#[test]
fn a_line_that_is_not_so_is_refused() {
    let schema = schema();
    for wrong in [
        json!({"command": "step"}),
        json!({"command": "step", "answer": {"stopped": {"t": 1}}}),
        json!({"command": "step", "answer": {"nonsense": {}}}),
        json!({"command": "print w", "answer": {"printed": {"text": "w", "value": "one"}}}),
        json!({"eigenstep": "1", "version": "0.1.0"}),
        json!({"error": {"code": "no-such-code", "message": "", "file": null, "line": null,
            "column": null, "help": null}}),
        json!("quit"),
    ] {
        assert!(schema.check(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn variables_are_buffers() {
    let told = answers(
        "--rule adagrad_full",
        &["info variables", "step", "info variables"],
    );
    let find = |table: &Value, name: &str| -> Value {
        let mut rows = table.as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap().clone()
    };
    let w = find(&told[0], "w");
    assert_eq!(
        w,
        json!({"name": "w", "role": "parameters", "shape": [2], "value": [0.0, 0.0]})
    );
    let s = find(&told[2], "S");
    assert_eq!(s["shape"], json!([2, 2]));
    assert!(
        s["value"][0][1].is_number() && s["value"][1][1].is_number(),
        "{s}"
    );
    let temporary = |table: &Value| {
        let mut rows = table.as_array().unwrap().iter();
        rows.find(|row| row["role"] == "temporary").unwrap()["value"].clone()
    };
    assert_eq!(temporary(&told[0]), Value::Null, "no line has run yet");
    assert!(!temporary(&told[2]).is_null());
}

#[test]
fn the_end_of_a_lane_has_its_place_and_its_value() {
    let flags = "--rule gd --loss rosenbrock --set eta=10*eta_max";
    let told = answers(flags, &["set bound=off", "continue", "info lanes"]);
    let end = &told[1]["why"]["ended"][0];
    assert_eq!(end["lane"], "gd");
    let found = &end["reason"]["not_finite"];
    assert!(found["t"].is_u64() && found["line"].is_u64(), "{end}");
    assert!(found["variable"].is_string(), "{end}");
    let value = found["value"].as_str().unwrap();
    assert!(["NaN", "Infinity", "-Infinity"].contains(&value), "{end}");
    assert_eq!(told[2][0]["end"], end["reason"]);
    let told = answers(flags, &["continue"]);
    let out = &told[0]["why"]["ended"][0]["reason"]["out_of_bounds"];
    assert_eq!(out["variable"], "w");
    assert!(out["value"].as_f64().unwrap().abs() >= out["bound"].as_f64().unwrap());
}

/// Gathers the names of an expression, each of which has a number.
fn walk(term: &Value, names: &mut Vec<String>) {
    match term {
        Value::Object(fields) => {
            if term["kind"] == "name" {
                assert!(term["value"].is_number(), "{term}");
                names.push(term["name"].as_str().unwrap().to_owned());
            }
            fields.values().for_each(|it| walk(it, names));
        }
        Value::Array(items) => items.iter().for_each(|it| walk(it, names)),
        _ => {}
    }
}

#[test]
fn a_fitted_model_is_data() {
    let model = |flags: &str| {
        let told = answers(flags, &["info loss"]);
        assert_eq!(told[0]["formula"], Value::Null, "{flags}");
        told[0]["model"].clone()
    };
    let network = model("--loss mlp --hidden 4,3 --ridge 0.1");
    assert_eq!(network["name"], "mlp");
    assert_eq!(network["objective"], "logistic");
    assert_eq!(network["rows"], 150);
    assert_eq!(network["features"].as_array().unwrap().len(), 6);
    assert_eq!(network["target"], "survived");
    assert_eq!(network["hidden"], json!([4, 3]));
    assert_eq!(network["ridge"], 0.1);
    let line = model("--loss linear");
    assert_eq!(
        (&line["objective"], &line["hidden"]),
        (&json!("squares"), &json!([]))
    );
    assert_eq!(model("--loss logistic")["target"], "survived");
    let formula = answers("--loss rosenbrock", &["info loss"]);
    assert!(formula[0]["formula"].is_string() && formula[0]["model"].is_null());
}

#[test]
fn an_explanation_is_a_tree_of_numbers() {
    let told = answers("--rule momentum", &["step 3", "explain m", "print m"]);
    let element = &told[1]["elements"][0];
    assert_eq!(element["value"], told[2]["value"][0], "to the last bit");
    assert_eq!(element["expression"]["kind"], "chain");
    let mut names = Vec::new();
    walk(&element["expression"], &mut names);
    assert!(
        names.contains(&"beta".to_owned()) && names.contains(&"m".to_owned()),
        "{names:?}"
    );
}

#[test]
fn regimes_are_identifiers_and_modes_are_numbers() {
    let told = answers("--rule momentum --set eta=eta_opt", &["info prediction"]);
    let directions = told[0]["directions"].as_array().unwrap();
    let ringing = directions
        .iter()
        .find(|it| it["regime"] == "ringing")
        .unwrap();
    let mode = &ringing["modes"][0];
    let (argument, period) = (mode["argument"].as_f64(), mode["period"].as_f64());
    let (argument, period) = (argument.unwrap(), period.unwrap());
    assert!((argument.abs() * period - 2.0 * std::f64::consts::PI).abs() < 1e-12);
    assert!(mode["modulus"].as_f64().unwrap() < 1.0);
}

#[test]
fn a_setting_says_where_its_value_comes_from() {
    let told = answers(
        "--rule momentum --set eta=eta_opt",
        &[
            "step 2",
            "set beta=0.5",
            "info settings",
            "goto 1",
            "info settings",
        ],
    );
    let origins = |table: &Value| -> Vec<(String, Value)> {
        let rows = table.as_array().unwrap().iter();
        let told = |row: &Value| {
            (
                row["name"].as_str().unwrap().to_owned(),
                row["origin"].clone(),
            )
        };
        rows.map(told).collect()
    };
    let now = origins(&told[2]);
    assert!(now.contains(&("eta".into(), json!("scenario"))), "{now:?}");
    assert!(
        now.contains(&("beta".into(), json!({"edit": {"t": 2}}))),
        "{now:?}"
    );
    let before = origins(&told[4]);
    assert!(
        before.contains(&("beta".into(), json!("default"))),
        "{before:?}"
    );
}
