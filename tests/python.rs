//! The Python package, with this program on its path.
#![cfg(unix)]

#[path = "foreign/python.rs"]
mod python;

use std::{env, path::Path, process::Command};

/// What a user does in Python, and what has to come of it.
const STORY: &str = r#"
import eigenstep, io, pathlib, subprocess, sys
run = pathlib.Path("run.csv")
run.write_text("t,w[1]\n0,1\n1,0.5\n2,0.25\n")
same = eigenstep.diff(run, against="gd", set={"eta": 0.5}, loss="0.5*x^2")
assert same and same.same and same.compared == 2 and same.worst == 0 and not same.differences, same
other = eigenstep.diff(run, against="gd", set={"eta": 0.4}, loss="0.5*x^2")
first = other.differences[0]
assert not other and (first.t, first.coordinate, first.recorded, first.expected) == (1, "w[1]", 0.5, 0.6), other
assert "weight decay" in str(other) and other.diagnosis
try:
    eigenstep.diff(run, against="gdd")
    raise SystemExit("a rule that is not there")
except eigenstep.EigenstepError as error:
    assert "did you mean `gd`?" in str(error), error
still = eigenstep.show("break loss < 1", rule=["gd", "adam"], t=40, eigenvalues=[1, 10])
assert still._repr_html_().startswith("<svg") and "t 40" in str(still), still
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
        .current_dir(&folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
