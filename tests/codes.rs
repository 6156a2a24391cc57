//! Codes of errors: wrong inputs of every kind, given to `exec --json` and to `serve`.

use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

#[path = "program/fed.rs"]
mod program;

/// Flags and commands, the last of which is wrong where the flags are right, with the code of what is wrong.
const WRONG: &[(&str, &[&str], &str)] = &[
    // The command line.
    ("--bogus", &["step"], "unknown-flag"),
    ("--steps 3", &["step"], "unknown-flag"),
    ("--rule nothing", &["step"], "unknown-rule"),
    ("--loss nothing", &["step"], "unknown-loss"),
    ("--loss x^2", &["step"], "usage"),
    ("--loss x^^2 --start 1", &["step"], "syntax"),
    ("--loss [x] --start 1", &["step"], "syntax"),
    ("--set eta", &["step"], "usage"),
    ("--set eta=1+", &["step"], "syntax"),
    ("--set eta=-1", &["step"], "invalid-value"),
    ("--set etta=1", &["step"], "unknown-setting"),
    ("--set other.eta=1", &["step"], "unknown-lane"),
    ("--start 1,2,3", &["step"], "shape-mismatch"),
    ("--start one", &["step"], "invalid-value"),
    ("--minimum 1,2,3", &["step"], "shape-mismatch"),
    ("--eigenvalues 1,inf", &["step"], "invalid-value"),
    ("--loss rosenbrock --rotate 3", &["step"], "conflict"),
    ("--loss valley --hidden 3", &["step"], "conflict"),
    ("--loss linear --hidden 3", &["step"], "conflict"),
    ("--loss DATA/two.loss", &["step"], "conflict"),
    ("--loss DATA/short.loss", &["step"], "shape-mismatch"),
    ("--loss DATA/slope.loss", &["step"], "invalid-value"),
    ("--noise -1", &["step"], "invalid-value"),
    ("--grad-dropout 2", &["step"], "invalid-value"),
    ("--seed x", &["step"], "invalid-value"),
    ("no-such-file.toml", &["step"], "cannot-read"),
    ("--rule no-such-file.rule", &["step"], "cannot-read"),
    (
        "--loss linear --data DATA/words.csv --target a",
        &["step"],
        "invalid-data",
    ),
    (
        "--loss linear --data DATA/numbers.csv --target c",
        &["step"],
        "unknown-column",
    ),
    ("--loss linear --data DATA/numbers.csv", &["step"], "usage"),
    (
        "--loss linear --data DATA/numbers.csv --target a --batch 9",
        &["step"],
        "invalid-value",
    ),
    (
        "--loss linear --data DATA/latin.csv --target a",
        &["step"],
        "not-utf8",
    ),
    // Commands.
    ("", &["stepp"], "unknown-command"),
    ("", &["di 3"], "ambiguous-name"),
    ("", &["step 1 2"], "usage"),
    ("", &["step -1"], "invalid-value"),
    ("", &["3 print w"], "usage"),
    ("", &["2"], "usage"),
    ("", &["break"], "usage"),
    ("", &["break line 99"], "invalid-value"),
    ("", &["break w"], "invalid-value"),
    ("", &["print los"], "unknown-name"),
    ("", &["print sin"], "unknown-name"),
    ("", &["print 1 +"], "syntax"),
    ("", &["print sin("], "syntax"),
    ("", &["print \"w"], "syntax"),
    ("", &["print 1 ** 2"], "syntax"),
    ("", &["print sinus(1)"], "unknown-function"),
    ("", &["print exp(1, 2)"], "usage"),
    ("", &["print w + lambda[3]"], "invalid-value"),
    ("", &["print w @ w"], "shape-mismatch"),
    ("", &["print sum(i, 1, 1e9, i)"], "limit-reached"),
    ("", &["set eta"], "usage"),
    ("", &["set etta=1"], "unknown-name"),
    ("", &["set eta=-1"], "invalid-value"),
    ("", &["line", "set eta=1"], "not-allowed"),
    ("", &["undo"], "not-available"),
    ("", &["explain v"], "unknown-variable"),
    ("", &["explain w"], "not-available"),
    ("", &["lane nobody"], "unknown-lane"),
    ("", &["lane add nothing"], "unknown-rule"),
    ("", &["lane add adam as a-b"], "invalid-value"),
    ("", &["lane add adam set eta"], "usage"),
    ("", &["lane add adam set etta=1"], "unknown-setting"),
    ("", &["fork add"], "name-taken"),
    ("", &["drop gd"], "not-allowed"),
    ("", &["delete 3"], "unknown-stop"),
    ("", &["delete"], "usage"),
    ("", &["sweep eta=2..1"], "invalid-value"),
    ("", &["sweep etta=1..2"], "unknown-setting"),
    ("", &["sweep eta=1..2 eta=1..2"], "conflict"),
    ("", &["info nonsense"], "unknown-topic"),
    ("", &["help nonsense"], "unknown-topic"),
    ("", &["view pane nothing"], "invalid-value"),
    ("", &["record x.cast"], "needs-screen"),
    ("", &["tour adam"], "needs-screen"),
    ("", &["save DATA/none/x.toml"], "cannot-write"),
];

/// Files that are right and wrong, in a folder of their own.
fn data() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("codes");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("numbers.csv"), "a,b\n1,2\n3,4\n").unwrap();
    std::fs::write(folder.join("words.csv"), "a,b\n1,2\n3,four\n").unwrap();
    std::fs::write(folder.join("latin.csv"), b"a,b\n1,2\n3,\xe9\n").unwrap();
    for (name, lines) in [
        ("two.loss", "formula = x^2\nquadratic = 1\nstart = 1\n"),
        ("short.loss", "formula = x^2\nstart = 1\nminimum = 0, 0\n"),
        ("slope.loss", "formula = x^2\nstart = 1\nminimum = 3\n"),
    ] {
        std::fs::write(folder.join(name), format!("loss a \"b\"\n{lines}")).unwrap();
    }
    folder
}

/// The exit code of `eigenstep` with `arguments`, and the JSON lines that it writes.
fn run(arguments: &[String], input: &str) -> (Option<i32>, Vec<Value>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    let output = program::fed(command.args(arguments), input);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (output.status.code(), lines.collect())
}

#[test]
fn an_error_has_the_code_of_its_kind_in_exec_and_in_serve() {
    let folder = data();
    let here = |text: &str| text.replace("DATA", folder.to_str().unwrap());
    let mut wrong = Vec::new();
    for &(flags, commands, code) in WRONG {
        let rule = if flags.contains("--rule") {
            ""
        } else {
            "--rule gd"
        };
        let flags = format!("{rule} {flags}");
        let flags: Vec<String> = flags.split_whitespace().map(here).collect();

        let mut exec = vec!["exec".to_owned(), "--json".into()];
        exec.extend(flags.clone());
        exec.extend(commands.iter().flat_map(|it| ["-e".into(), here(it)]));
        let (exit, lines) = run(&exec, "");
        assert_eq!(exit, Some(2), "{exec:?}");
        assert_eq!(lines[0]["eigenstep"], 1, "{exec:?}");
        let executed = lines.last().unwrap()["error"]["code"].clone();

        let mut serve = vec!["serve".to_owned()];
        serve.extend(flags);
        let requests = commands.iter();
        let requests: Vec<String> = requests
            .map(|it| json!({"id": 1, "command": here(it)}).to_string() + "\n")
            .collect();
        let (exit, lines) = run(&serve, &requests.concat());
        let was_open = lines.iter().any(|line| line["id"] == 1);
        assert_eq!(exit, Some(if was_open { 0 } else { 2 }), "{serve:?}");
        assert_eq!(lines[0]["eigenstep"], 1, "{serve:?}");
        let served = lines.last().unwrap()["error"]["code"].clone();

        if executed != code || served != code {
            wrong.push((exec[2..].join(" "), code, executed, served));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_complaint_that_nobody_can_read_is_still_an_exit_code() {
    for arguments in [
        &["--bogus"][..],
        &["exec", "--start"],
        &["exec", "-e", "stepp"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(writer)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_read_is_not_told_as_something_to_write() {
    let folder = std::fs::File::open(data()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .args(["--plain", "--rule", "gd"])
        .stdin(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.starts_with("error: cannot read standard input"),
        "{told}"
    );
}
