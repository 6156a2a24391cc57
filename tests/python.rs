//! The Python package, with this program on its path.
#![cfg(unix)]

#[path = "foreign/python.rs"]
mod python;

use std::{env, path::Path, process::Command};

/// What a user does in Python, and what has to come of it.
const STORY: &str = r#"
import concurrent.futures, eigenstep, io, os, pathlib, subprocess, sys
run = pathlib.Path("run.csv")
run.write_text("t,w[1]\n0,1\n1,0.5\n2,0.25\n")
same = eigenstep.diff(run, against="gd", set={"eta": 0.5}, loss="0.5*x^2")
assert same and same.same and same.compared == 2 and same.worst == 0 and not same.differences, same
other = eigenstep.diff(run, against="gd", set={"eta": 0.4}, loss="0.5*x^2")
first = other.differences[0]
assert not other and (first.t, first.coordinate, first.recorded, first.expected) == (1, "w[1]", 0.5, 0.6), other
assert other.against == "gd eta=0.4" and not same.explanations, other
recorded = os.path.join(os.environ["RUNS"], "adam-lr.jsonl.gz")
found = eigenstep.diff(recorded, against="torch/adam", set={"lr": 0.02}).explanations[0]
cause = found.causes[0]
assert (cause.kind, cause.setting, cause.run, cause.rule) == ("settings", "lr", 0.03, 0.02), found
assert found.share == 1.0 and "lr=0.03" in str(found), found
try:
    eigenstep.diff(run, against="gdd")
    raise SystemExit("a rule that is not there")
except eigenstep.EigenstepError as error:
    assert "did you mean `gd`?" in str(error), error
still = eigenstep.show(commands=["break loss < 1"], rule=["gd", "adam"], t=40, eigenvalues=[1, 10])
assert still._repr_html_().startswith("<svg") and "t 40" in str(still), still
still = eigenstep.show(run, t=2, loss="0.5*x^2")
assert "recorded" in str(still) and "t 2" in str(still) and "0.25" in str(still), still
grid = {"eta": "0.5..2.5:9", "beta": "0..0.8:4"}
flags = dict(rule="momentum", eigenvalues=[1], minimum=[0], start=[1], steps=100)
alone = eigenstep.sweep(grid, **flags)
assert len(alone) == 36 and alone[0].keys() == {"eta", "beta", "iterations", "outcome"}, alone[0]
assert alone.best["iterations"] == min(row["iterations"] or 999 for row in alone) and "best: " in str(alone)
assert {row["outcome"] for row in alone} >= {"reached", "diverged"}, str(alone)
for executor in concurrent.futures.ThreadPoolExecutor(3), concurrent.futures.ProcessPoolExecutor(2):
    with executor:
        spread = eigenstep.sweep(grid, executor=executor, parts=7, **flags)
        assert list(spread) == list(alone) and spread._repr_html_() == alone._repr_html_()
        try:
            eigenstep.sweep({"etta": "0.1..1"}, executor=executor, parts=2)
            raise SystemExit("a setting that is not there")
        except eigenstep.EigenstepError as error:
            assert "did you mean `eta`?" in str(error), error
from eigenstep_hooks.rows import _places
assert _places({"a": [0, -1], "b": slice(None, None, 2)}, {"a": 6, "b": 4}) == {"a": [0, 5], "b": [0, 2]}
for wrong, says in ({"c": [0]}, "names 'c', which is not recorded; these are: 'a'"), ({"a": [6]}, "no element 6, but 6"), ({"a": []}, "names no element"):
    try:
        _places(wrong, {"a": 6})
        raise SystemExit(f"taken: {wrong}")
    except ValueError as error:
        assert says in str(error), error
told = subprocess.run([sys.executable, "-m", "eigenstep", "rules"], capture_output=True, text=True)
assert told.returncode == 0 and "adam" in told.stdout, told
"#;

#[test]
fn runs_are_compared_and_shown_from_python() {
    let Some(python) = python::python() else {
        return;
    };
    let program = Path::new(env!("CARGO_BIN_EXE_eigenstep"));
    let folder = tempfile::tempdir().unwrap();
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        env::var("PATH").unwrap()
    );
    let output = Command::new(python)
        .args(["-c", STORY])
        .env("PATH", path)
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env(
            "RUNS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"),
        )
        .current_dir(&folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
