//! `eigenstep diff` and `eigenstep hook` as a user calls them.

#[path = "program/fed.rs"]
mod program;
#[path = "foreign/python.rs"]
mod python;

use python::python;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What `diff` prints, which has to come with this exit code.
fn reported(code: i32, arguments: &[&str]) -> String {
    let output = run(&[&["diff"], arguments].concat());
    let report = text(&output.stdout);
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{report}{errors}");
    report
}

/// Adam of PyTorch at the step size of the recorded runs.
const ADAM: [&str; 4] = ["--against", "torch/adam", "--set", "lr=0.02"];

#[test]
fn the_exit_code_tells_same_from_different_from_bad_input() {
    let code = |file: &str, more: &[&str]| {
        let arguments = [&["diff", file, "--quiet"], &ADAM[..], more].concat();
        let output = run(&arguments);
        (output.status.code().unwrap(), output.stdout.is_empty())
    };
    assert_eq!(code("adam.jsonl.gz", &[]), (0, true));
    assert_eq!(code("adam-uncorrected.jsonl.gz", &[]), (1, true));
    assert_eq!(
        code("adam-uncorrected.jsonl.gz", &["--rtol", "10"]),
        (0, true)
    );
    assert_eq!(code("no-such-file", &[]), (2, true));
    assert_eq!(code("adam.jsonl.gz", &["--map", "v"]), (2, true));
    assert_eq!(code("adam.jsonl.gz", &["--rtol", "NaN"]), (2, true));
}

#[test]
fn the_report_names_the_place_and_the_cause() {
    let report = reported(1, &[&["adam-uncorrected.jsonl.gz"], &ADAM[..]].concat());
    for says in [
        "adam-uncorrected.jsonl.gz against torch/adam lr=0.02: differs",
        "first difference: t = 1, w[1]\n",
        "100.0 %  Iterations 1-300 of the run match torch/adam with no bias correction; torch/adam itself has bias correction of both moments, by a counter that is 1 in the first update.",
    ] {
        assert!(report.contains(says), "{report}");
    }
}

#[test]
fn the_report_is_json_too() {
    let report = reported(1, &[&["adam-lr.jsonl.gz", "--json"], &ADAM[..]].concat());
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["same"], false);
    assert_eq!(report["differences"][0]["coordinate"], "w[1]");
    let best = &report["diagnosis"]["explanations"][0];
    assert_eq!(
        (best["share"].as_f64(), best["causes"][0]["run"].as_str()),
        (Some(1.0), Some("lr=0.03"))
    );
}

#[test]
fn two_runs_are_compared_at_equal_t() {
    let same = reported(0, &["adam.jsonl.gz", "adam-no-buffers.jsonl.gz"]);
    assert!(same.contains("not compared: exp_avg, exp_avg_sq"), "{same}");
    let other = reported(1, &["adam.jsonl.gz", "adam-late-lr.jsonl.gz"]);
    assert!(other.contains("first difference: t = 201"), "{other}");
}

#[test]
fn fields_of_any_name_can_be_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.csv");
    std::fs::write(
        &path,
        "t,w[1],g[1],smooth[1]\n0,1,,0\n1,0.9,1,1\n2,0.71,1,1.9\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let momentum = ["--set", "lr=0.1", "--set", "momentum=0.9"];
    let with = |more: &[&'static str]| {
        let against = [&[path, "--against", "torch/sgd"], &momentum[..]].concat();
        [&against[..], more].concat()
    };
    let plain = reported(0, &with(&[]));
    assert!(plain.contains("not compared: smooth"), "{plain}");
    let mapped = reported(0, &with(&["--map", "smooth=momentum_buffer"]));
    assert!(!mapped.contains("not compared"), "{mapped}");
    let wrong = run(&[&["diff"], &with(&["--map", "smooth=momentum_buffr"])[..]].concat());
    assert_eq!(wrong.status.code(), Some(2));
    let errors = text(&wrong.stderr);
    assert!(
        errors.contains("did you mean `momentum_buffer`"),
        "{errors}"
    );
}

/// Runs `script` in a folder that holds the hook for `library` and stand-ins for the libraries it imports.
fn hooked(
    library: &str,
    stubs: &[(&str, &str)],
    script: &str,
) -> Option<(tempfile::TempDir, String)> {
    let python = python()?;
    let folder = tempfile::tempdir().unwrap();
    let hook = run(&["hook", library]);
    assert_eq!(hook.status.code(), Some(0));
    std::fs::write(folder.path().join("eigenstep_hook.py"), &hook.stdout).unwrap();
    for (name, text) in stubs {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new(python)
        .current_dir(folder.path())
        .args(["-B", "-W", "error", "-c", script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let path = folder.path().join("run.jsonl").to_str().unwrap().to_owned();
    Some((folder, path))
}

#[test]
fn the_hook_for_torch_records_what_diff_reads() {
    let stub = include_str!("foreign/torch_stub.py");
    let script = include_str!("foreign/torch_use.py");
    let Some((_folder, path)) = hooked("pytorch", &[("torch.py", stub)], script) else {
        return;
    };
    let settings = ["--set", "lr=0.1", "--set", "momentum=0.9"];
    let report = reported(
        0,
        &[&[&path, "--against", "torch/sgd"], &settings[..]].concat(),
    );
    assert!(report.contains("20 rows compared"), "{report}");
}

#[test]
fn the_hook_for_jax_records_what_diff_reads() {
    let stubs = [
        ("jax.py", include_str!("foreign/jax_stub.py")),
        ("numpy.py", include_str!("foreign/numpy_stub.py")),
    ];
    let script = include_str!("foreign/jax_use.py");
    let Some((_folder, path)) = hooked("jax", &stubs, script) else {
        return;
    };
    let settings = ["--set", "learning_rate=0.1", "--set", "momentum=0.9"];
    let report = reported(
        0,
        &[&[&path, "--against", "optax/sgd"], &settings[..]].concat(),
    );
    assert!(report.contains("20 rows compared"), "{report}");
}

/// The answers of the debugger on a recorded run to `commands`.
fn opened(arguments: &[&str], commands: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"))
        .args([&["open", "--plain"], arguments].concat());
    let output = program::fed(&mut command, commands);
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn a_recorded_run_is_walked_watched_and_broken_into() {
    let said = opened(
        &["adam.jsonl.gz"],
        "step 3\nback 2\nprint exp_avg[1]\nbreak loss < 4\ncontinue\nrcontinue\ngoto 299\nstep 9\nprint prev(w)\n",
    );
    for says in [
        "recorded on unknown loss: t = 0, loss = 24.2",
        "t = 3, loss = 10.43",
        "t = 1, loss",
        "exp_avg[1] = -21.559999999999995",
        "break 1: loss < 4; t = 116, loss = 3.999",
        "recorded: the recording ends here; t = 300",
        "prev(w) = [-0.78",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn a_recorded_run_has_no_lines_and_cannot_be_changed() {
    let said = opened(
        &["adam.jsonl.gz"],
        "line\nlineback\nstep 4\nlineback 2\nlineback 0\ngoto 3 1\nset w[1] = 3\nfork\nexplain exp_avg\nbreak line 1\ninfo prediction\nsave x\n",
    );
    for says in [
        "t = 1, loss",
        "t = 0, loss",
        "t = 4, loss",
        "t = 2, loss",
        "goto 3 1\nerror: a recorded run has no lines",
        "`recorded` was recorded elsewhere and cannot be changed",
        "it cannot go on in another way",
        "`exp_avg` was recorded: no line assigns it",
        "a recorded run has no lines",
        "there is nothing to predict",
        "`drop` it to save the other lanes",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn a_recorded_run_goes_beside_live_lanes_in_lockstep() {
    let said = opened(
        &[
            "adam-late-lr.jsonl.gz",
            "--loss",
            "rosenbrock",
            "--rule",
            "torch/adam",
            "--set",
            "lr=0.02",
        ],
        "print norm(alpha) > 0\nbreak norm(w - torch_adam.w) > 1e-12\ncontinue\nprint torch_adam.t\nback\nprint w - torch_adam.w\n",
    );
    for says in [
        "norm(alpha) > 0 = true",
        "break 1: norm(w - torch_adam.w) > 1e-12; t = 201",
        "torch_adam.t = 201",
        "w - torch_adam.w = [0, 0]",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}
