//! Stories of `eigenstep exec`: commands in, answers out, and the exit code.

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Output, Stdio},
};

const EIGENSTEP: &str = env!("CARGO_BIN_EXE_eigenstep");

fn exec(arguments: &[&str]) -> Output {
    let output = Command::new(EIGENSTEP).arg("exec").args(arguments).output();
    output.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What it prints when all goes well.
fn printed(arguments: &[&str]) -> String {
    let output = exec(arguments);
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    text(&output.stdout)
}

/// The same as a process that can be talked with.
fn spawn(arguments: &[&str]) -> Child {
    Command::new(EIGENSTEP)
        .arg("exec")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What it has complained about when it ends.
fn complaint(child: &mut Child) -> String {
    let mut all = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut all).unwrap();
    all
}

/// `flags`, and after them each of `commands` as one of the command line.
fn with<'a>(flags: &[&'a str], commands: &[&'a str]) -> Vec<&'a str> {
    let commands = commands.iter().flat_map(|command| ["-e", *command]);
    flags.iter().copied().chain(commands).collect()
}

/// The objects that it prints after the header, one per line.
fn objects(out: &str) -> Vec<Value> {
    let object = |line| serde_json::from_str(line).unwrap();
    let mut objects: Vec<Value> = out.lines().map(object).collect();
    let header = objects.remove(0);
    assert_eq!(header["eigenstep"], 1, "{header}");
    objects
}

const MOMENTUM: [&str; 4] = ["--rule", "momentum", "--set", "eta=0.175*eta_opt"];

#[test]
fn answers_come_out_as_text() {
    let commands = ["break loss < 1e-6", "continue", "print t"];
    assert_eq!(
        printed(&with(&MOMENTUM, &commands)),
        "1: break loss < 1e-6\nt = 136: break 1: loss < 1e-6\nt = 136\n"
    );
}

#[test]
fn the_default_is_the_essays_adam() {
    assert_eq!(
        printed(&["-e", "continue"]),
        "t = 116: loss <= 1e-6: adam\n"
    );
}

#[test]
fn no_entry_of_a_trace_is_lost() {
    let commands = ["trace loss", "step 3000"];
    let out = printed(&with(&["--rule", "gd"], &commands));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3002);
    assert!(
        lines[1].starts_with("trace 1: t = 1: loss = "),
        "{}",
        lines[1]
    );
    assert_eq!(lines[3001], "t = 3000");
    let told = answers(&["--rule", "gd"], &commands);
    let stopped = &told[1]["stopped"];
    assert_eq!(stopped["logs"].as_array().unwrap().len(), 3000);
    assert_eq!(stopped["logs"][0]["text"], "loss");
    assert_eq!(stopped["logs_dropped"], Value::Null);
}

#[test]
fn a_script_has_comments_and_empty_lines() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("walk.eig");
    fs::write(
        &script,
        "# to 3\nstep 3\n\n   # and on\n  back\nquit\nnonsense\n",
    )
    .unwrap();
    let script = script.to_str().unwrap();
    assert_eq!(printed(&[script]), "t = 3\nt = 2\n");
    assert_eq!(printed(&["--rule", "gd", script]), "t = 3\nt = 2\n");
    let output = exec(&[script, "-e", "step"]);
    assert_eq!(output.status.code(), Some(2), "either a script or -e");
}

#[test]
fn the_first_error_ends_it_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("walk.eig");
    fs::write(&script, "step 3\n\n  print norm(w) + los\nstep\n").unwrap();
    let name = script.to_str().unwrap();
    let output = exec(&[name]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "t = 3\n");
    let complaint = text(&output.stderr);
    assert!(complaint.contains(&format!("{name}:3:19")), "{complaint}");
    assert!(complaint.contains("  print norm(w) + los\n"), "{complaint}");
    assert!(complaint.contains("                  ^^^"), "{complaint}");
    assert!(complaint.contains("did you mean `loss`?"), "{complaint}");
    // The second -e.
    let output = exec(&["-e", "step", "-e", "stepp"]);
    assert!(
        text(&output.stderr).contains("-e:2:1"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn bad_input_is_2() {
    for arguments in [
        &[][..],
        &["-e", "tour adam"],
        &["-e", "record x.cast"],
        &["no-such-script"],
        &["no-such.toml", "-e", "step"],
        &["--rule", "nothing", "-e", "step"],
        &["--json"],
    ] {
        let output = exec(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = text(&output.stdout);
        assert_eq!(told.is_empty(), arguments != ["--json"], "{told}");
        assert!(text(&output.stderr).contains("error"), "{arguments:?}");
    }
    assert!(text(&exec(&[]).stderr).contains("there is nothing to execute"));
}

#[test]
fn an_until_that_never_holds_is_1() {
    let output = exec(&["--rule", "gd", "-e", "until loss < 0", "-e", "print t"]);
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    assert_eq!(
        out,
        "t = 10000: ran 10000 iterations without a stop (set max-run to change that)\nt = 10000\n"
    );
    let too_far = ["--rule", "gd", "--set", "eta=1.01*eta_max"];
    let ended = exec(&with(&too_far, &["u loss < 0"]));
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stdout).starts_with("t = 101: gd: out of bounds"));
    // A continue that is not stopped by anything has no question to answer.
    let continued = exec(&["--rule", "gd", "-e", "set max-run=10", "-e", "continue"]);
    assert_eq!(continued.status.code(), Some(0));
}

#[test]
fn json_has_an_object_for_each_answer() {
    let commands = [
        "step 2",
        "print w",
        "print 1/0",
        "explain w",
        "list",
        "watch t",
        "c",
        "q",
    ];
    let lines = objects(&printed(&with(&["--json", "--rule", "gd"], &commands)));
    assert_eq!(lines.len(), commands.len());
    for (line, command) in lines.iter().zip(commands) {
        assert_eq!(line["command"], command);
    }
    assert_eq!(lines[0]["answer"]["stopped"]["t"], 2);
    assert_eq!(lines[0]["answer"]["stopped"]["why"], "done");
    let w = lines[1]["answer"]["printed"]["value"].as_array().unwrap();
    assert!(w.iter().all(Value::is_number));
    assert_eq!(lines[2]["answer"]["printed"]["value"], "Infinity");
    assert_eq!(
        lines[3]["answer"]["explained"]["elements"][1]["name"],
        "w[2]"
    );
    assert_eq!(
        lines[6]["answer"]["stopped"]["why"]["hits"][0]["changed"]["new"],
        3.0
    );
    assert_eq!(lines[7]["answer"], "quit");
}

/// The answers to `commands`, as JSON.
fn answers(flags: &[&str], commands: &[&str]) -> Vec<Value> {
    let out = printed(&with(&[&["--json"], flags].concat(), commands));
    let lines = objects(&out).into_iter();
    let answers: Vec<Value> = lines.map(|mut line| line["answer"].take()).collect();
    assert_eq!(answers.len(), commands.len(), "{out}");
    answers
}

#[test]
fn what_info_tells_is_typed() {
    let flags = ["--rule", "adam", "--rule", "gd", "--set", "gd.eta=eta_opt"];
    let told = answers(
        &flags,
        &[
            "break loss < 1e-3 ignore 2",
            "break line 2 if t > 4 once",
            "trace gd.loss",
            "display w",
            "step 3",
            "info stops",
            "info lanes",
            "lane",
            "info settings",
            "list",
            "info prediction",
        ],
    );
    assert_eq!(
        told[0],
        json!({"stop": {"id": 1, "kind": "break", "expression": "loss < 1e-3", "line": null,
            "lane": "adam", "in_focus": true, "enabled": true, "once": false, "ignore": 2, "hits": 0}})
    );
    assert_eq!(told[1]["stop"]["kind"], "line");
    assert_eq!(told[1]["stop"]["line"], 2);
    assert_eq!(told[1]["stop"]["expression"], "t > 4");
    assert_eq!(told[2]["stop"]["kind"], "trace");
    assert_eq!(
        told[3]["display"],
        json!({"id": 4, "text": "w", "value": [0.0, 0.0]})
    );
    let stops = &told[5]["stops"];
    assert_eq!(stops["stops"].as_array().unwrap().len(), 3);
    assert_eq!(stops["stops"][1]["once"], true);
    assert_eq!(stops["displays"][0]["id"], 4);
    let lanes = told[6]["lanes"].as_array().unwrap();
    assert_eq!(told[6], told[7]);
    assert_eq!(lanes[0]["focus"], true);
    assert_eq!(lanes[1]["name"], "gd");
    assert_eq!(lanes[1]["rule"], "gd");
    assert_eq!(lanes[1]["t"], 3);
    assert_eq!(lanes[1]["gradient_evaluations"], 3);
    assert_eq!(lanes[1]["touched"], Value::Null);
    assert!(lanes[1]["loss"].is_number() && lanes[1]["gradient_norm"].is_number());
    let eta = &told[8]["settings"][0];
    assert_eq!(eta["name"], "eta");
    assert_eq!(
        (&eta["default"], &eta["domain"]),
        (
            &json!(0.001),
            &json!({"interval": {"low": 0.0, "includes_low": false, "high": "Infinity",
                "includes_high": false}})
        )
    );
    assert!(eta["doc"].is_string() && eta["value"].is_number());
    let lines = told[9]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[1]["number"], 2);
    assert_eq!(lines[1]["name"], "m");
    assert_eq!(
        (&lines[0]["next"], &lines[1]["next"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(lines[1]["values"].as_array().unwrap().len(), 2);
    let prediction = &told[10]["prediction"];
    assert_eq!(prediction["lane"], "adam");
    assert_eq!(prediction["how"], "locally");
    assert_eq!(prediction["directions"][1]["lambda"], 100.0);
    assert!(prediction["directions"][1]["regime"].is_string());
    assert!(prediction["directions"][1]["modes"][0]["modulus"].is_number());
}

#[test]
fn what_is_changed_by_hand_is_typed() {
    let told = answers(
        &["--rule", "momentum"],
        &[
            "step 2",
            "set m=0",
            "set w[2]=0.25",
            "info edits",
            "undo",
            "step",
            "back",
            "set eta=0.5",
            "fork half",
        ],
    );
    let set = &told[1]["set"];
    assert_eq!(
        (&set["lane"], &set["name"]),
        (&json!("momentum"), &json!("m"))
    );
    assert_eq!((&set["t"], &set["forked_from"]), (&json!(2), &Value::Null));
    assert_eq!(set["new"], json!([0.0, 0.0]));
    assert_eq!(told[2]["set"]["name"], "w[2]");
    let edits = told[3]["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 2);
    assert_eq!(edits[0]["old"], set["old"]);
    assert_eq!(edits[1]["name"], "w[2]");
    assert_eq!(
        (&edits[1]["new"], &edits[1]["t"], &edits[1]["line"]),
        (&json!(0.25), &json!(2), &json!(0))
    );
    assert_eq!(told[4]["undone"]["name"], "w[2]");
    let forking = &told[7]["set"];
    assert_eq!(
        (&forking["forked_from"], &forking["lane"]),
        (&json!("momentum"), &json!("momentum_2"))
    );
    assert_eq!(
        told[8],
        json!({"forked": {"lane": "half", "from": "momentum_2", "t": 2}})
    );
}

#[test]
fn what_is_wrong_is_an_object_too() {
    let output = exec(&["--json", "--rule", "gd", "-e", "step", "-e", "print los"]);
    assert_eq!(output.status.code(), Some(2));
    let lines = objects(&text(&output.stdout));
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1],
        json!({"error": {"code": "unknown-name", "message": "unknown name `los`", "file": "-e", "line": 2, "column": 7,
            "help": "did you mean `loss`?"}})
    );
    assert!(text(&output.stderr).contains("-e:2:7"));
    let output = exec(&["--json"]);
    let error = objects(&text(&output.stdout)).remove(0);
    assert_eq!(error["error"]["message"], "there is nothing to execute");
    assert_eq!(error["error"]["code"], "usage");
    assert_eq!(error["error"]["line"], Value::Null);
}

#[test]
fn a_saved_session_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved.toml");
    let saved = saved.to_str().unwrap();
    let save = format!("save {saved}");
    let commands = [
        "goto 60",
        "goto 50",
        "fork half",
        "set beta=0.5",
        "goto 137",
        "print loss",
        "print momentum.loss",
        &save,
    ];
    let first = printed(&with(&MOMENTUM, &commands));
    let losses: Vec<&str> = first
        .lines()
        .filter(|line| line.contains("loss = "))
        .collect();
    assert_eq!(
        printed(&[saved, "-e", "print t"]),
        "t = 137\n",
        "in silence"
    );
    let again = printed(&with(&[saved], &["print loss", "print momentum.loss"]));
    assert_eq!(again.lines().collect::<Vec<_>>(), losses);
    let resaved = folder.path().join("again.toml");
    printed(&[saved, "-e", &format!("save {}", resaved.display())]);
    assert_eq!(fs::read(saved).unwrap(), fs::read(&resaved).unwrap());
    // With nothing else to do, its commands are the script.
    assert!(printed(&[saved]).ends_with("t = 137\n"));
    // A script may follow a scenario.
    let script = folder.path().join("walk.eig");
    fs::write(&script, "print t").unwrap();
    assert_eq!(printed(&[saved, script.to_str().unwrap()]), "t = 137\n");
}

#[test]
fn stdin_is_answered_line_by_line() {
    let mut child = spawn(&["--rule", "gd", "-"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    writeln!(stdin, "step 5").unwrap();
    assert_eq!(answers.next().unwrap().unwrap(), "t = 5");
    writeln!(stdin, "\n# a comment\nback 2").unwrap();
    assert_eq!(answers.next().unwrap().unwrap(), "t = 3");
    writeln!(stdin, "nonsense").unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(2));
    let complaint = complaint(&mut child);
    assert!(complaint.contains("<stdin>:5:1"), "{complaint}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = spawn(&["--rule", "gd", "-"]);
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // The child may be gone before it has read all.
    let _ = stdin.write_all("step\n".repeat(100).as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn ctrl_c_ends_a_run_cleanly() {
    let flags = ["--rule", "gd", "--noise", "0.1"];
    let mut child = spawn(&with(&flags, &["step", "goto 1e14", "print t"]));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "t = 1\n", "it runs");
    // Long enough for the next command to begin, on any machine that is not quite overloaded.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    if !rest.is_empty() {
        assert!(
            rest.starts_with("t = ") && rest.ends_with(": interrupted\n"),
            "{rest}"
        );
    }
    assert!(rest.lines().count() < 2, "nothing more is executed: {rest}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(complaint(&mut child), "");
}
