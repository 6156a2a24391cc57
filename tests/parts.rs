//! Runs in which some tensors follow one rule and the rest another.

use flate2::read::GzDecoder;
use program::fed;
use serde_json::{Value, json};
use std::{
    fs,
    io::Read,
    process::{Command, Output},
};

#[path = "program/fed.rs"]
mod program;

/// The runs that a library made, each with its header.
fn recorded(library: &str) -> Vec<String> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let packed = fs::read(format!("{folder}/tests/parts/{library}.jsonl.gz")).unwrap();
    let mut text = String::new();
    let mut file = GzDecoder::new(&packed[..]);
    file.read_to_string(&mut text).unwrap();
    let mut runs: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.starts_with("{\"t\"") {
            runs.push(String::new());
        }
        runs.last_mut().unwrap().push_str(line);
    }
    runs
}

/// The program with `arguments` in a folder with `run`.
fn told(run: &str, arguments: &[&str], commands: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.jsonl"), run).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    command
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .args(arguments);
    fed(&mut command, commands)
}

/// What is said on both streams.
fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|it| String::from_utf8_lossy(it).into_owned())
        .concat()
}

fn diffed(run: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let output = told(run, &[&["diff", "run.jsonl"], arguments].concat(), "");
    (said(&output), output.status.code())
}

/// What `diff --json` says.
fn reported(run: &str) -> Value {
    let output = told(run, &["diff", "run.jsonl", "--json"], "");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The number of a reply to `print TEXT`.
fn value(said: &str, text: &str) -> f64 {
    let start = format!("{text} = ");
    let mut lines = said.lines().filter_map(|line| line.strip_prefix(&start));
    let value = lines.next().unwrap_or_else(|| panic!("{text}:\n{said}"));
    value.parse().unwrap_or_else(|_| panic!("{value}:\n{said}"))
}

/// The same run with another header.
fn with_header(run: &str, change: impl FnOnce(&mut Value)) -> String {
    let (first, rest) = run.split_once('\n').unwrap();
    let mut header: Value = serde_json::from_str(first).unwrap();
    change(&mut header);
    format!("{header}\n{rest}")
}

#[test]
fn every_tensor_is_judged_by_its_own_rule() {
    for (library, count) in [("torch", 12), ("optax", 8)] {
        let runs = recorded(library);
        assert_eq!(runs.len(), count);
        for run in runs {
            let report = reported(&run);
            let header = run.lines().next().unwrap();
            assert_eq!(report["same"], true, "{header}\n{report}");
            let parts = report["parts"].as_array().unwrap();
            assert!(parts.len() > 1, "{header}");
            let moves = |it: &&Value| it["against"]["rule"] != "optax/set_to_zero";
            for part in parts.iter().filter(moves) {
                assert!(part["moved"].as_u64() > Some(3), "{part}");
            }
            // What torch keeps in 32 bits all the same, as the product of momenta, is rounded so.
            let is_wide = header.contains("float64") && !header.contains("NAdam");
            let worst = report["worst"].as_f64().unwrap();
            assert!(!is_wide || worst < 1e-12, "{worst}: {header}");
        }
    }
}

#[test]
fn groups_that_are_added_later_are_judged_with_the_rest() {
    let runs = recorded("late");
    assert_eq!(runs.len(), 4);
    for run in &runs {
        let report = reported(run);
        assert_eq!(report["same"], true, "{report}");
        assert_eq!(report["compared"], 12, "{report}");
        let is_wide = run.lines().next().unwrap().contains("float64");
        assert!(!is_wide || report["worst"].as_f64().unwrap() < 1e-12);
    }
    // The rate of a group is that of its tensors, from its first step on.
    let rate = "\"group_2\":{\"lr\":0.006,";
    assert!(runs[0].contains(rate));
    let (text, status) = diffed(
        &runs[0].replace(rate, "\"group_2\":{\"lr\":0.007,"),
        &["--no-diagnosis"],
    );
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("first difference: t = 8, 0.weight[1,1] of w"),
        "{text}"
    );
    // Without what they began with, the rows before them are left out, and that is said.
    let mut lost = runs[0].clone();
    for line in runs[0].lines().filter(|it| it.contains("params_before")) {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().remove("params_before");
        lost = lost.replace(line, &row.to_string());
    }
    let (text, status) = diffed(&lost, &[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("8 rows before t = 8 without parameters: left out"),
        "{text}"
    );
    // In the debugger they are there from the first row, with the weights that they wait with.
    let told = told(
        &runs[0],
        &["open", "run.jsonl", "--plain"],
        "print w[\"0.weight\"][1,1]\nstep 7\nprint w[\"0.weight\"][1,1]\nstep\nprint w[\"0.weight\"][1,1]\n",
    );
    let text = said(&told);
    let values: Vec<&str> = text.lines().filter(|it| it.contains("][1,1] = ")).collect();
    assert_eq!(values.len(), 3, "{text}");
    assert!(values[0] == values[1] && values[1] != values[2], "{text}");
}

#[test]
fn a_wrong_setting_is_named_with_the_tensors_it_is_wrong_for() {
    let runs = recorded("torch");
    let run = with_header(&runs[0], |header| {
        header["groups"][1]["weight_decay"] = json!(0.2);
    });
    let (said, code) = diffed(&run, &[]);
    assert_eq!(code, Some(1), "{said}");
    for says in [
        "0.weight, 2.weight against torch/muon lr=0.02: same",
        "match torch/adamw with weight_decay=0.1; torch/adamw itself has weight_decay=0.2",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn rules_are_named_for_tensors() {
    let run = with_header(&recorded("torch")[0], |header| {
        header.as_object_mut().unwrap().remove("optimizer");
        for group in header["groups"].as_array_mut().unwrap() {
            group.as_object_mut().unwrap().remove("rule");
        }
    });
    let named = [
        "--against",
        "torch/muon on *.weight",
        "--against",
        "torch/adamw",
    ];
    let set = [
        "--set",
        "torch_muon.lr=0.02",
        "--set",
        "torch/adamw.lr=0.01",
        "--set",
        "amsgrad=0",
    ];
    let decay = ["--set", "torch_adamw.weight_decay=0.1"];
    let (told, code) = diffed(&run, &[&named[..], &set, &decay].concat());
    assert_eq!(code, Some(0), "{told}");
    for (arguments, says) in [
        (&named[..2], "0.bias of `run.jsonl`: no rule steps it"),
        (
            &["--against", "torch/muon on *.wight", "--against", "gd"],
            "has no tensor `*.wight`",
        ),
        (
            &["--against", "gd", "--against", "adam"],
            "names a second rule for all tensors",
        ),
        (
            &[&named[..], &["--set", "rate=1"]].concat(),
            "has no setting `rate`",
        ),
    ] {
        let (told, code) = diffed(&run, arguments);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(says), "{says}:\n{told}");
    }
    let rules = ["--rule", "torch/muon on *.weight", "--rule", "torch/adamw"];
    let arguments = [&["open", "run.jsonl", "--plain"], &rules[..], &set, &decay].concat();
    let output = told_open(
        &run,
        &arguments,
        "9n\nprint norm_inf(w[\"2.weight\"] - recorded.w[\"2.weight\"])\n",
    );
    assert!(
        value(
            &output,
            "norm_inf(w[\"2.weight\"] - recorded.w[\"2.weight\"])"
        ) < 1e-15,
        "{output}"
    );
}

fn told_open(run: &str, arguments: &[&str], commands: &str) -> String {
    said(&told(run, arguments, commands))
}

#[test]
fn each_rule_is_a_lane_that_steps_its_own_tensors() {
    let run = &recorded("torch")[0];
    let commands = "4n\ninfo tensors\nlane torch_adamw\n2s\nexplain d_p\nbreak line 5 if t > 7\nc\nprint norm_inf(w - recorded.w)\n3n\n";
    let said = told_open(run, &["open", "run.jsonl", "--plain"], commands);
    let row = |name: &str| {
        let mut rows = said.lines().filter(|it| it.starts_with(name));
        let row = rows.next().unwrap_or_else(|| panic!("{said}"));
        row.split_whitespace().collect::<Vec<_>>()
    };
    // One buffer of the first rule, three of the second, then the rate.
    let told = |it: &[&str], rate: usize| format!("{} {}", it[5], it[rate]);
    assert_eq!(told(&row("0.weight"), 7), "torch_muon 0.02", "{said}");
    assert_eq!(told(&row("2.bias"), 9), "torch_adamw 0.01", "{said}");
    // What another rule steps, here the matrices, is not explained.
    let explained = said.lines().filter(|it| it.starts_with("d_p"));
    let names: Vec<&str> = explained.filter_map(|it| it.split(' ').next()).collect();
    let biases = [
        "0.bias[1]",
        "0.bias[2]",
        "0.bias[3]",
        "2.bias[1]",
        "2.bias[2]",
    ];
    assert_eq!(names, biases.map(|it| format!("d_p.{it}")), "{said}");
    assert!(!said.contains("more elements"), "{said}");
    assert!(
        said.contains("break 1: line 5; t = 8, 4 lines done, torch_adamw"),
        "{said}"
    );
}

#[test]
fn a_header_that_contradicts_itself_is_told_so() {
    let run = "{\"rule\":\"torch/adam\",\"settings\":{\"lr\":0.1},\"groups\":[{\"params\":[\"a\"],\"lr\":0.01}]}\n{\"t\":0,\"params\":{\"a\":[1]}}\n{\"t\":1,\"params\":{\"a\":[0.99]},\"g\":{\"a\":[2]}}\n";
    // What was recorded is shown all the same.
    for (arguments, code) in [
        (&["diff", "run.jsonl"][..], 2),
        (&["open", "run.jsonl", "--plain"], 0),
    ] {
        let output = told(run, arguments, "q\n");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(
            said.contains("the first line of `run.jsonl` contradicts itself: `settings` has lr = 0.1, `groups` have lr = 0.01"),
            "{said}"
        );
    }
}
