//! Stories of the command line: what one types, what comes out, and the exit code.

use serde_json::Value;
use std::{
    fs,
    process::{Command, Output, Stdio},
};

const EIGENSTEP: &str = env!("CARGO_BIN_EXE_eigenstep");

fn eigenstep(arguments: &[&str]) -> Output {
    Command::new(EIGENSTEP).args(arguments).output().unwrap()
}

/// What it prints when all goes well.
fn printed(arguments: &[&str]) -> String {
    let output = eigenstep(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    assert_eq!(errors, "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it complains about when the input is bad.
fn refused(arguments: &[&str]) -> String {
    let output = eigenstep(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn rows(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_trace_is_a_header_and_a_row_for_each_t() {
    let flags = "trace --rule adam --set eta=eta_opt --loss valley --steps 200";
    let lines = rows(&printed(&flags.split(' ').collect::<Vec<_>>()));
    assert_eq!(lines.len(), 202);
    assert_eq!(lines[0]["eigenstep"], 1);
    let scenario = &lines[0]["scenario"];
    assert_eq!(scenario["rule"][0], "adam");
    assert_eq!(scenario["loss"], "valley");
    assert_eq!(scenario["start"], serde_json::json!([0.0, 0.0]));
    assert_eq!(scenario["set"]["adam.eta"], 2.0 / 101.0);
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let columns = [
        "t", "lane", "loss", "w", "grad", "alpha", "m", "s", "g", "m_hat", "s_hat",
    ];
    assert_eq!(keys(&lines[1]), columns[..8], "no temporaries at t = 0");
    for (t, row) in lines[1..].iter().enumerate() {
        assert_eq!(row["t"], t);
        assert_eq!(row["lane"], "adam");
    }
    assert_eq!(keys(&lines[2]), columns);
    assert_eq!(
        lines[2]["g"], lines[1]["grad"],
        "the gradient used is that of the row before"
    );
    let first_small = lines[1..]
        .iter()
        .position(|row| row["loss"].as_f64().unwrap() <= 1e-6);
    assert_eq!(first_small, Some(116));
}

#[test]
fn csv_has_the_same_columns_and_numbers() {
    let flags = [
        "trace", "--rule", "adam", "--rule", "gd", "--loss", "valley", "--steps", "3",
    ];
    let objects = rows(&printed(&flags));
    let text = printed(&[&flags[..], &["--format", "csv"]].concat());
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let heads = table.headers().unwrap().clone();
    assert_eq!(
        heads.iter().collect::<Vec<_>>().join(" "),
        "t lane loss w[1] w[2] grad[1] grad[2] alpha[1] alpha[2] m[1] m[2] s[1] s[2] g[1] g[2] \
         m_hat[1] m_hat[2] s_hat[1] s_hat[2]"
    );
    let records: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 8);
    for (record, row) in records.iter().zip(&objects[1..]) {
        for (head, cell) in heads.iter().zip(record) {
            let (name, element) = head
                .trim_end_matches(']')
                .split_once('[')
                .unwrap_or((head, ""));
            let value = match element.parse::<usize>() {
                Ok(at) => row.get(name).map(|vector| &vector[at - 1]),
                Err(_) => row.get(name),
            };
            match value {
                None => assert_eq!(cell, "", "{head}"),
                Some(Value::String(text)) => assert_eq!(cell, text),
                Some(number) => assert_eq!(cell.parse::<f64>().unwrap(), number.as_f64().unwrap()),
            }
        }
    }
}

#[test]
fn every_keeps_multiples_and_the_last() {
    let ts = |flags: &[&str]| -> Vec<u64> {
        let lines = rows(&printed(flags));
        lines[1..]
            .iter()
            .map(|row| row["t"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(
        ts(&["trace", "--steps", "10", "--every", "4"]),
        [0, 4, 8, 10]
    );
    let until = ["trace", "--until", "loss <= 1e-6", "--every", "100"];
    assert_eq!(ts(&until), [0, 100, 116]);
}

#[test]
fn until_that_never_comes_is_a_no() {
    let output = eigenstep(&["trace", "--until", "loss < 0", "--steps", "5"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(rows(&String::from_utf8(output.stdout).unwrap()).len(), 7);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "`loss < 0` did not hold within 5 iterations\n");
}

#[test]
fn numbers_that_are_not_finite_have_names() {
    let flags = [
        "trace",
        "--rule",
        "gd",
        "--set",
        "eta=1e300",
        "--loss",
        "valley",
        "--steps",
        "3",
    ];
    let text = printed(&flags);
    let lines = rows(&text);
    assert_eq!(lines[2]["loss"], "Infinity");
    assert_eq!(lines[4]["loss"], "NaN");
    assert!(printed(&[&flags[..], &["--format", "csv"]].concat()).contains(",Infinity,"));
}

#[test]
fn alpha_is_null_where_there_is_no_minimum() {
    let flags = ["trace", "--loss", "x", "--start", "1", "--steps", "1"];
    assert_eq!(rows(&printed(&flags))[1]["alpha"], Value::Null);
    let csv = printed(&[&flags[..], &["--format", "csv"]].concat());
    // Further on there might be one: its column is there, and empty.
    assert!(
        csv.starts_with("t,lane,loss,w[1],grad[1],alpha[1],m[1],"),
        "{csv}"
    );
    assert!(csv.contains("\n0,adam,1.0,1.0,1.0,,0.0,"), "{csv}");
    // A quadratic without a minimum has none anywhere.
    let flat = ["--eigenvalues", "-1,1", "--steps", "1", "--format", "csv"];
    let csv = printed(&[&["trace", "--rule", "gd"], &flat[..]].concat());
    assert!(!csv.contains("alpha"), "{csv}");
}

#[test]
fn noise_is_a_function_of_its_seed() {
    let run = |seed: &str| printed(&["trace", "--noise", "0.1", "--seed", seed, "--steps", "20"]);
    assert_eq!(run("3"), run("3"));
    assert_ne!(run("3"), run("4"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for format in ["jsonl", "csv"] {
        let flags = ["trace", "--steps", "100000", "--format", format];
        let mut child = Command::new(EIGENSTEP)
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let head = Command::new("head")
            .args(["-n", "1"])
            .stdin(child.stdout.take().unwrap())
            .output()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let first = String::from_utf8(head.stdout).unwrap();
        assert_eq!(first.lines().count(), 1);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stderr, b"");
    }
}

#[test]
fn the_essays_counts_are_found_again() {
    let text = printed(&["essay"]);
    // Rule, t of arrival, the essay's count, stays from, within the radius at, predicted.
    let expected = [
        ("gd", "never 101 (leaves) never never 101 (leaves)"),
        ("gd", "419 420 419 691 419"),
        ("momentum", "136 137 160 269 136"),
        ("adam", "116 117 165 257 -"),
        ("nesterov", "96 97 96 218 96"),
        ("adagrad", "8 9 8 16 -"),
        ("rmsprop", "62 63 62 76 -"),
    ];
    let table: Vec<Vec<&str>> = text
        .lines()
        .skip(4)
        .take(expected.len())
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .collect()
        })
        .collect();
    for (cells, (rule, measured)) in table.iter().zip(expected) {
        assert_eq!(cells[0], rule);
        assert_eq!(cells[2..].join(" "), measured, "{rule}");
    }
    // What is claimed below the table is what `info claims` says of the same run.
    for (rule, setting, claimed) in [
        (
            "gd",
            "eta=1.01*eta_max",
            "diverges, not stable, predicted exactly",
        ),
        ("adagrad", "eta=0.5", "converged, settled, stable"),
        (
            "rmsprop",
            "eta=eta_opt",
            "converged, settled: unknown, not stable",
        ),
    ] {
        let line = format!("  {rule:<9} {claimed}");
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
        let run = ["exec", "--rule", rule, "--set", setting, "-e", "goto 10000"];
        let claims = printed(&[&run[..], &["-e", "info claims"]].concat());
        for word in claimed.split(", ") {
            let line = match word.split_once(": ").or(word.split_once(' ')) {
                Some((name, "unknown")) => format!("  {name}: unknown"),
                Some(("not", name)) => format!("  {name}: no"),
                _ => format!("  {word}: yes"),
            };
            assert!(claims.contains(&line), "{line}: {claims}");
        }
    }
}

#[test]
fn rules_are_listed_and_printed_verbatim() {
    let list = printed(&["rules"]);
    for name in [
        "gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "sign",
    ] {
        assert!(
            list.lines()
                .any(|line| line.starts_with(&format!("{name} "))),
            "{name}"
        );
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/adam.rule");
    assert_eq!(
        printed(&["rules", "adam"]),
        fs::read_to_string(path).unwrap()
    );
}

#[test]
fn a_loss_of_ones_own_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.loss");
    let shipped = printed(&["losses", "rosenbrock"]);
    // What is printed is a file that says the same.
    fs::write(&path, &shipped).unwrap();
    let name = path.to_str().unwrap();
    let run = |loss: &str| {
        let flags = [
            "trace", "--rule", "gd", "--set", "eta=1e-3", "--steps", "20", "--loss", loss,
        ];
        printed(&flags)
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(run(name), run("rosenbrock"));
    fs::write(&path, shipped.replace("(1-x)^2", "(1-u)^2")).unwrap();
    let error = refused(&["trace", "--steps", "1", "--loss", name]);
    assert!(
        error.contains("unknown name `u`") && error.contains("mine.loss:4:14"),
        "{error}"
    );
    // A scenario's file finds it beside itself.
    fs::write(&path, shipped).unwrap();
    let scenario = folder.path().join("run.toml");
    fs::write(&scenario, "rule = \"gd\"\nloss = \"mine.loss\"\n").unwrap();
    let text = printed(&["exec", scenario.to_str().unwrap(), "-e", "print loss"]);
    assert!(text.contains("loss = 24.19"), "{text}");
}

#[test]
fn losses_are_listed_and_described() {
    assert!(printed(&["losses"]).starts_with("valley "));
    assert!(printed(&["losses", "logistic"]).contains("by Newton's method from the start"));
    assert!(printed(&["losses", "mlp"]).contains("none was found from the start"));
    let deep = printed(&["losses", "deep"]);
    assert!(deep.contains(", 10.3642  kappa"), "x^2 + y^2: {deep}");
    let text = printed(&["losses", "rosenbrock"]);
    assert!(
        text.contains("\nformula = (1-x)^2 + 100*(y-x^2)^2\n"),
        "{text}"
    );
    assert!(
        text.contains("eigenvalues 0.399361, 1001.6  kappa 2508.01"),
        "{text}"
    );
}

#[test]
fn a_rule_of_ones_own_runs_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my_gd.rule");
    let text = printed(&["rules", "gd"]).replace("rule gd", "rule my_gd");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let mine = printed(&["trace", "--rule", path, "--steps", "9"]);
    let known = printed(&["trace", "--rule", "gd", "--steps", "9"]);
    let after_header = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(
        after_header(&mine).replace("my_gd", "gd"),
        after_header(&known)
    );
}

#[test]
fn the_debugger_wants_a_terminal() {
    let errors = refused(&[]);
    assert!(errors.contains("needs a terminal"), "{errors}");
    assert!(errors.contains("eigenstep trace"), "{errors}");
}

/// Flags of a trace, and what the complaint about them has to contain.
const BAD_FLAGS: &[(&[&str], &[&str])] = &[
    (
        &["--rule", "adm"],
        &[
            "there is no rule `adm`",
            "did you mean `adam`?",
            "--rule:1:1",
        ],
    ),
    (&["--rule", "no.rule"], &["cannot read `no.rule`"]),
    (
        &["--rule=gd"; 9],
        &["no room for `gd`", "8 lanes run at a time", "--rule:1:1"],
    ),
    (
        &["--loss", "valey"],
        &["there is no loss `valey`", "did you mean `valley`?"],
    ),
    (&["--loss", "x^2 +"], &["<loss>:1:6", "expected"]),
    (&["--loss", "x^2"], &["needs a start", "--start 0,0"]),
    (
        &["--loss", "x^2 + y", "--start", "1"],
        &["`y` is w[2], but w has 1 element"],
    ),
    (
        &["--loss", "x*w", "--start", "1,2"],
        &["a loss is one number"],
    ),
    (&["--loss", "2x", "--start", "1"], &["write `2*x`"]),
    (
        &["--loss", "rosenbrock", "--start", "1"],
        &["has 2 parameters", "--start:1:1"],
    ),
    (
        &["--loss", "valley", "--eigenvalues", "1,2"],
        &["belongs to a quadratic", "--eigenvalues:1:1"],
    ),
    (
        &["--loss", "x^2", "--rotate", "3", "--start", "1"],
        &["belongs to a quadratic"],
    ),
    (
        &["--rotate", "30", "--eigenvalues", "1,2,3"],
        &[
            "an angle turns a quadratic in two parameters",
            "n is 3: use --rotation-seed",
        ],
    ),
    (&["--rotate", "inf"], &["not a finite number"]),
    (
        &["--eigenvalues", "1,2", "--minimum", "1"],
        &["need a minimum of 2", "--minimum:1:1"],
    ),
    (&["--eigenvalues", "0,0"], &["the loss is flat"]),
    (&["--eigenvalues", ""], &["is given no number"]),
    (
        &["--eigenvalues", "1,,2"],
        &["a number is missing here", "--eigenvalues:1:3"],
    ),
    (
        &["--eigenvalues", "1,nan"],
        &["`nan` is not a finite number", "--eigenvalues:1:3"],
    ),
    (&["--minimum", "1,2,3"], &["give --eigenvalues too"]),
    (&["--start", ""], &["is given no number", "--start 0,0"]),
    (
        &["--start", "1,two"],
        &["`two` is not a number", "--start:1:3"],
    ),
    (
        &["--start", "1,2,3"],
        &["has 2 parameters, but the start has 3"],
    ),
    (&["--start", "-inf,0"], &["not a finite number"]),
    (&["--noise", "-1"], &["not a standard deviation"]),
    (&["--noise", "much"], &["`much` is not a number"]),
    (&["--seed", "1.5"], &["not a whole number"]),
    (&["--set", "eta"], &["NAME=EXPR"]),
    (
        &["--set", "etta=1"],
        &[
            "`adam` has no setting `etta`",
            "did you mean `eta`?",
            "beta1",
        ],
    ),
    (
        &["--set", "gd.eta=1"],
        &["there is no lane `gd`", "lanes: adam"],
    ),
    (
        &["--rule", "gd", "--rule", "sign", "--set", "x=1"],
        &["the rules have no setting `x`", "settings: eta"],
    ),
    (
        &["--set", "eta=-1"],
        &["`eta` cannot be -1", "(0, inf)", "--set:1:5"],
    ),
    (&["--set", "beta1=1"], &["[0, 1)"]),
    (&["--set", "eta=1/0"], &["`eta` cannot be inf"]),
    (&["--set", "eta=0/0"], &["`eta` cannot be NaN"]),
    (&["--set", "eta=etaopt"], &["did you mean `eta_opt`?"]),
    (
        &["--set", "eta=lambda"],
        &["one number, but this is a vector"],
    ),
    (&["--set", "eta=1<2"], &["a truth value"]),
    (&["--set", "eta=lambda[3]"], &["3"]),
    (
        &["--loss", "x", "--start", "1", "--set", "eta=eta_opt"],
        &["no minimum", "give a number"],
    ),
    (
        &["--until", "loss"],
        &["a condition must be a single truth value", "--until:1:1"],
    ),
    (&["--until", "los < 1"], &["did you mean `loss`?"]),
    (&["--steps", "-1"], &["--steps"]),
    (&["--every", "0"], &["--every"]),
    (&["--format", "xml"], &["jsonl"]),
    (&["nosuch.toml"], &["cannot read `nosuch.toml`"]),
];

#[test]
fn bad_input_is_refused_with_its_place_and_the_next_step() {
    for (flags, wanted) in BAD_FLAGS {
        let mut arguments = vec!["trace"];
        arguments.extend_from_slice(flags);
        if !flags.contains(&"--steps") {
            arguments.extend(["--steps", "1"]);
        }
        let errors = refused(&arguments);
        assert!(errors.starts_with("error: "), "{flags:?}: {errors}");
        for part in *wanted {
            assert!(errors.contains(part), "{flags:?} lacks `{part}`:\n{errors}");
        }
    }
    assert!(refused(&["trace"]).contains("--until 'loss < 1e-6'"));
    assert!(refused(&["trce"]).contains("did you mean `eigenstep trace`?"));
    assert!(refused(&["rules", "adm"]).contains("did you mean `adam`?"));
    assert!(refused(&["losses", "rosenbrok"]).contains("did you mean `rosenbrock`?"));
}

#[test]
fn bad_files_are_refused_with_line_and_caret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    let table = [
        (
            "los = \"valley\"",
            "unknown key `los`",
            ":1:1",
            "did you mean `loss`?",
        ),
        (
            "loss = \"valley\"\nstart = [0, \"x\"]",
            "expected a number",
            ":2:13",
            "^^^",
        ),
        (
            "charset = \"braile\"",
            "`braile` is not a choice here",
            ":1:11",
            "did you mean `braille`?",
        ),
        ("start = []", "this list is empty", ":1:9", "^^"),
        ("start = 1", "list of numbers", ":1:9", "[0, 0]"),
        ("noise = nan", "finite number", ":1:9", "^^^"),
        ("rule = 3", "a string in quotes", ":1:8", "^"),
        (
            "rule = [\"adam\", \"gdd\"]",
            "no rule `gdd`",
            ":1:17",
            "did you mean `gd`?",
        ),
        ("set = 3", "settings are a table", ":1:7", "[set]"),
        (
            "[set]\netta = 1",
            "no setting `etta`",
            ":2:1",
            "did you mean `eta`?",
        ),
        (
            "[set]\neta = \"2*etaopt\"",
            "unknown name `etaopt`",
            ":2:10",
            "did you mean `eta_opt`?",
        ),
        (
            "[set]\nadam.beta1 = 2",
            "`beta1` cannot be 2",
            ":2:14",
            "[0, 1)",
        ),
        ("seed = -1", "whole number", ":1:8", "^^"),
        (
            "loss = \"valley\"\neigenvalues = [1, 2]",
            "belongs to a quadratic",
            ":2:15",
            "^^^^^^",
        ),
        ("rotate = = 3", "", ":1:10", "^"),
        ("noise = 1\nnoise = 2", "duplicate key", ":2:1", "^^^^^"),
    ];
    for (text, message, place, more) in table {
        fs::write(&path, text).unwrap();
        let errors = refused(&["trace", path.to_str().unwrap(), "--steps", "1"]);
        for part in [message, &format!("bad.toml{place}"), more] {
            assert!(errors.contains(part), "{text:?} lacks `{part}`:\n{errors}");
        }
    }
}

#[test]
fn every_command_has_help() {
    let all = eigenstep(&["--help"]);
    assert_eq!(all.status.code(), Some(0));
    let text = String::from_utf8(all.stdout).unwrap();
    let (_, commands) = text.split_once("Commands:").unwrap();
    let names: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.starts_with("Options"))
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let help = eigenstep(&[name, "--help"]);
        let code = if name == "help" { Some(2) } else { Some(0) };
        assert!(help.status.code() == code || name == "help", "{name}");
    }
}

#[test]
fn what_is_resumed_takes_no_flags_of_a_scenario() {
    for flag in eigenstep::scenario::flag_names() {
        let output = eigenstep(&["--resume", &format!("--{flag}"), "1"]);
        assert_eq!(output.status.code(), Some(2), "{flag}");
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(
            errors.contains("'--resume [<N|list>]' cannot be used with"),
            "{errors}"
        );
    }
}

/// Command lines that newcomers guess, and what they are told.
const GUESSES: &[(&[&str], &str)] = &[
    (&["hook", "keras"], "no module records it"),
    (&["hook", "tensorflow"], "`eigenstep open`"),
    (&["adam"], "--rule adam"),
    (&["adam"], "eigenstep tour adam"),
    (&["torch/adam"], "--rule torch/adam"),
    (&["rosenbrock"], "--loss rosenbrock"),
    (&["momentum"], "eigenstep tour momentum"),
    (&["run", "adam"], "eigenstep --rule adam"),
    (&["play", "adam"], "eigenstep tour NAME"),
    (&["demo"], "eigenstep tour"),
    (&["learn"], "eigenstep tour"),
    (&["tutorial"], "eigenstep tour"),
    (&["manual"], "eigenstep man"),
    (&["version"], "eigenstep --version"),
    (&["step"], "eigenstep exec -e step"),
    (&["trac"], "did you mean `eigenstep trace`?"),
    (&["my.walk"], "eigenstep tour my.walk"),
    (&["nosuch.jsonl"], "eigenstep open nosuch.jsonl"),
    (&["--lr", "0.1"], "--set lr=0.1"),
    (&["--lr=0.1"], "--set lr=0.1"),
    (&["--learning-rate", "0.1"], "--set eta=0.1"),
    (&["--eta", "0.1"], "--set eta="),
    (
        &["--rule", "torch/adam", "--eps", "0.1"],
        "a setting of torch/adam",
    ),
    (&["--optimizer", "adam"], "--rule adam"),
    (&["--steps", "10"], "trace --steps 10"),
    (&["--no-color"], "--color never"),
    (&["--ascii"], "--charset ascii"),
    (&["--chraset", "ascii"], "did you mean `--charset`?"),
    (&["trace", "--stesp", "3"], "did you mean `--steps`?"),
    (&["trace", "--start", "1", "1"], "--start 1,1"),
    (&["trace", "--steps", "1", "--rule", "sgd"], "`torch/sgd`"),
    (
        &["trace", "--steps", "1", "--rule", "adamw"],
        "`optax/adamw`, `torch/adamw`",
    ),
    (
        &["trace", "--steps", "1", "--set", "lr=0.1"],
        "the step size is `eta` here",
    ),
    (
        &[
            "trace",
            "--steps",
            "1",
            "--rule",
            "torch/sgd",
            "--set",
            "eta=1",
        ],
        "the step size is `lr` here",
    ),
    (
        &["trace", "--steps", "1", "--loss", "x**2", "--start", "1"],
        "write the power as `a^b`",
    ),
    (
        &["trace", "--steps", "1", "--loss", "x\u{b2}", "--start", "1"],
        "write the square as `a^2`",
    ),
    (
        &["trace", "--steps", "1", "--loss", "banana"],
        "it is called `rosenbrock`",
    ),
    (&["record", "adam.cast"], "-o adam.cast"),
    (&["plot", "-o", "p.png"], ".svg"),
    (&["record", "adam", "-o", "r.gif"], ".cast"),
    (&["snapshot", "-o", "x.png"], ".svg"),
    (
        &["snapshot", "run.csv", "--start", "1,1"],
        "leave it out; --rule",
    ),
    (&["help", "stpe"], "did you mean `step`?"),
    (&["--weight-decay", "0.1"], "--set weight_decay=VALUE"),
    (&["--step_size", "0.1"], "--set eta=0.1"),
    (&["--max_iter", "10"], "trace --steps 10"),
    (&["--dtype", "f32"], "--precision f32"),
    (&["trace", "--steps", "1", "-o", "r.csv"], "> NAME"),
    (
        &["trace", "--steps", "1", "--rule", "muon"],
        "say of which library: `torch/muon`",
    ),
    (
        &["trace", "--steps", "1", "--rule", "L-BFGS"],
        "`torch/lbfgs`",
    ),
];

#[test]
fn first_guesses_are_answered_with_the_right_word() {
    for (line, says) in GUESSES {
        let told = refused(line);
        assert!(told.contains(says), "{line:?}: {told}");
        assert!(!told.contains("to pass '"), "{line:?}: {told}");
    }
}

#[test]
fn names_may_be_spelt_as_their_libraries_have_them() {
    let value = |rule: &str| printed(&["exec", "--rule", rule, "-e", "info settings"]);
    assert_eq!(value("Adam"), value("adam"));
    for name in [
        "pytorch/adam",
        "torch.optim.Adam",
        "torch.adam",
        "Torch/Adam",
    ] {
        assert_eq!(value(name), value("torch/adam"), "{name}");
    }
    assert_eq!(value("asgd"), value("torch/asgd"), "only torch has it");
    let loss = |name: &str| printed(&["exec", "--loss", name, "-e", "print loss"]);
    assert_eq!(loss("Styblinski-Tang"), loss("styblinski_tang"));
    let quadratic = [
        "exec",
        "--loss",
        "quadratic",
        "--eigenvalues",
        "3,47",
        "-e",
        "print loss",
    ];
    let plain = ["exec", "--eigenvalues", "3,47", "-e", "print loss"];
    assert_eq!(printed(&quadratic), printed(&plain));
}

#[test]
fn no_function_is_offered_for_another() {
    for (name, says) in [
        ("erf", "functions: "),
        ("gamma", "functions: "),
        ("softmax", "write `exp(v)/sum(exp(v))`"),
        ("arccos", "write `2*atan("),
        ("log10", "write `ln(a)/ln(10)`"),
        ("round", "write `floor(a + 0.5)`"),
    ] {
        let told = refused_by_exec(&format!("print {name}(w[1])"));
        assert!(!told.contains("did you mean"), "{told}");
        assert!(told.contains(says), "{told}");
    }
    assert!(refused_by_exec("print sinn(w[1])").contains("did you mean `sin`?"));
    assert!(refused_by_exec("print sigmod(w[1])").contains("did you mean `sigmoid`?"));
    assert!(refused_by_exec("print pow(w[1], 2)").contains("`a^b`"));
    assert!(refused_by_exec("print theta").contains("the parameters are `w`"));
    assert!(refused_by_exec("set lr=0.1").contains("called `eta` here"));
    assert!(refused_by_exec("print epsilon").contains("`delta`"));
}

fn refused_by_exec(command: &str) -> String {
    let output = eigenstep(&["exec", "-e", command]);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_walks_own_words_are_meant_where_they_are_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.walk");
    for (line, meant) in [
        ("sya \"hello\"", "say"),
        ("playy 3", "play"),
        ("stpe", "step"),
        ("makr \"one\"", "mark"),
    ] {
        fs::write(&path, line).unwrap();
        let told = refused(&["check", path.to_str().unwrap()]);
        assert!(told.contains(&format!("did you mean `{meant}`?")), "{told}");
    }
}

#[test]
fn the_shells_help_knows_the_debuggers_words() {
    assert!(printed(&["help", "step"]).contains("run N iterations"));
    assert!(printed(&["help", "functions"]).contains("square root"));
    assert!(printed(&["--help"]).contains("Examples:"));
}

#[test]
fn a_rules_step_size_is_its_own_wherever_nothing_is_set() {
    let eta = |flags: &[&str]| {
        let mut line = vec!["exec"];
        line.extend(flags);
        line.extend(["-e", "print eta"]);
        printed(&line)
    };
    for loss in [
        &["--loss", "logistic"][..],
        &["--eigenvalues", "0.0001,0.01"],
        &["--loss", "x^4+y^4", "--start", "1,1"],
        &["--start", "1,1"],
    ] {
        assert_eq!(eta(loss), "eta = 0.001\n", "{loss:?}");
        let mut named = vec!["--rule", "adam"];
        named.extend(loss);
        assert_eq!(eta(&named), eta(loss));
    }
    // What opens without a word has a setting that is set.
    assert_eq!(eta(&[]), eta(&["--rule", "adam", "--set", "eta=eta_opt"]));
}

#[test]
fn runs_are_opened_and_compared_on_any_loss() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let run = path.to_str().unwrap();
    let same = |loss: &[&str]| {
        let mut trace = vec!["trace", "--rule", "gd", "--set", "eta=0.01", "--steps", "9"];
        trace.extend(loss);
        let text = printed(&trace);
        // As from elsewhere: without the header.
        let rows: Vec<&str> = text.lines().skip(1).collect();
        fs::write(&path, rows.join("\n")).unwrap();
        let mut diff = vec!["diff", run, "--against", "gd", "--set", "eta=0.01"];
        diff.extend(loss);
        assert!(printed(&diff).contains("same"), "{loss:?}");
        let mut open = vec!["open", run, "--plain", "--rule", "gd", "--set", "eta=0.01"];
        open.extend(loss);
        assert_eq!(eigenstep(&open).status.code(), Some(0), "{loss:?}");
    };
    same(&["--eigenvalues", "1,10"]);
    same(&[
        "--eigenvalues",
        "1,10",
        "--rotate",
        "20",
        "--minimum",
        "1,2",
    ]);
    same(&["--loss", "linear", "--target", "height_cm"]);
    same(&["--loss", "mlp", "--hidden", "2", "--ridge", "0.1"]);
    same(&["--loss", "beale"]);
}

#[test]
fn the_essays_figures_are_one_picture() {
    let picture = printed(&["plot", "--essay"]);
    assert!(
        picture.contains("width=\"1560\" height=\"800\""),
        "three panels in a row, two rows"
    );
    for title in ["1 - eta*lambda", "momentum", "adam"] {
        assert!(picture.contains(title), "{title}");
    }
}

#[test]
fn a_picture_is_what_the_name_of_its_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    for (name, begins) in [("a.svg", "<svg"), ("a.txt", "eigenstep")] {
        let path = file(name);
        printed(&["snapshot", "-o", path.to_str().unwrap()]);
        let text = fs::read_to_string(path).unwrap();
        assert!(
            text.trim_start().starts_with(begins),
            "{name}: {}",
            &text[..60]
        );
    }
    let csv = file("map.csv");
    let line = [
        "sweep",
        "--rule",
        "gd",
        "--over",
        "eta=0.01..0.02:3",
        "--steps",
        "50",
        "-o",
    ];
    printed(&[&line[..], &[csv.to_str().unwrap()]].concat());
    assert!(fs::read_to_string(csv).unwrap().contains(','));
    let cast = file("adam.cast");
    printed(&[
        "record",
        "adam",
        "--size",
        "80x24",
        "-o",
        cast.to_str().unwrap(),
    ]);
    let header = fs::read_to_string(cast).unwrap();
    assert!(header.starts_with("{\"version\":2,"), "{}", &header[..60]);
}

/// A scenario in a file of its own.
fn scenario_file(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn view_commands_of_a_scenario_arrange_the_screen() {
    let max = scenario_file("max.toml", "commands = ['step 3', 'view max contour']");
    let plain = scenario_file("plain.toml", "commands = ['step 3']");
    let titles = |file: &str| {
        let shown = printed(&["snapshot", "--charset", "ascii", "--size", "120x36", file]);
        (shown.contains("contour"), shown.contains("adam.rule"))
    };
    assert_eq!(titles(&plain), (true, true));
    assert_eq!(titles(&max), (true, false), "one pane has all the room");
}

#[test]
fn a_scenario_has_no_command_that_is_for_a_person_at_the_screen() {
    for command in ["view play", "view lane 1", "record x.cast", "tour adam"] {
        let file = scenario_file("person.toml", &format!("commands = ['step', '{command}']"));
        let told = refused(&["snapshot", "--allow-writes", &file]);
        assert!(
            told.contains(&format!("`{command}` is for the prompt")),
            "{told}"
        );
        assert!(told.contains("person.toml:1:"), "{told}");
    }
}

#[test]
fn flags_before_a_command_are_told_where_they_belong() {
    for (arguments, says) in [
        (
            ["--plain", "tour", "adam"],
            "flags of a command stand behind it: eigenstep tour adam --plain",
        ),
        (
            ["--plain", "trace", "--rule=gd"],
            "flags of a command stand behind it: eigenstep trace --rule=gd --plain",
        ),
    ] {
        let output = eigenstep(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says), "{told}");
    }
}
