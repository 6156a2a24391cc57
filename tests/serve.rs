//! `eigenstep serve`: a story told by a client in Python, and what is not a request.

#[path = "schema/check.rs"]
mod check;
#[path = "foreign/python.rs"]
mod python;

use check::Schema;
use eigenstep::debugger::command::COMMANDS;
use python::python;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

const EIGENSTEP: &str = env!("CARGO_BIN_EXE_eigenstep");

struct Dialogue {
    child: Child,
    stdin: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
}

impl Dialogue {
    fn open(flags: &str) -> Self {
        let mut child = Command::new(EIGENSTEP)
            .arg("serve")
            .args(flags.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut dialogue = Self {
            stdin: child.stdin.take(),
            out: BufReader::new(child.stdout.take().unwrap()),
            child,
        };
        assert_eq!(dialogue.receive()["eigenstep"], 1);
        dialogue
    }

    fn send(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.send(request.to_string().as_bytes());
        self.receive()
    }

    /// The exit code after the end of the input, and what was still written.
    fn end(mut self) -> (Option<i32>, String) {
        self.stdin = None;
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

#[test]
fn a_client_in_python_goes_through_a_story() {
    let Some(python) = python() else {
        return;
    };
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/serve/client.py");
    let output = Command::new(python)
        .args([client, EIGENSTEP])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done");
}

#[test]
fn a_line_that_is_no_request_is_answered_and_the_dialogue_goes_on() {
    let mut dialogue = Dialogue::open("--rule gd");
    let long = format!(r#"{{"id":9,"command":"{}"}}"#, "x".repeat(2 << 20));
    let wrong: [(&[u8], Value, &str); 13] = [
        (b"step", Value::Null, "invalid-request"),
        (b"{\"id\":1,", Value::Null, "invalid-request"),
        (b"[1]", Value::Null, "invalid-request"),
        (b"{\"id\":1}", json!(1), "invalid-request"),
        (
            b"{\"id\":{},\"command\":\"step\"}",
            Value::Null,
            "invalid-request",
        ),
        (
            b"{\"id\":2,\"comand\":\"step\"}",
            json!(2),
            "invalid-request",
        ),
        (b"{\"id\":3,\"command\":7}", json!(3), "invalid-request"),
        (
            b"{\"id\":4,\"command\":\"step\\nstep\"}",
            json!(4),
            "invalid-request",
        ),
        (
            b"{\"id\":5,\"command\":\"step\",\"interrupt\":1}",
            json!(5),
            "invalid-request",
        ),
        (b"{\"id\":6,\"interrupt\":77}", json!(6), "not-available"),
        (b"{\"id\":7,\"command\":\"\xff\"}", Value::Null, "not-utf8"),
        (long.as_bytes(), Value::Null, "request-too-long"),
        (
            b"{\"id\":8,\"command\":\"tour adam\"}",
            json!(8),
            "needs-screen",
        ),
    ];
    for (line, id, code) in wrong {
        let shown = String::from_utf8_lossy(&line[..line.len().min(60)]);
        dialogue.send(line);
        let reply = dialogue.receive();
        assert_eq!(reply["id"], id, "{shown}: {reply}");
        assert_eq!(reply["error"]["code"], code, "{shown}: {reply}");
    }
    let reply = dialogue.ask(&json!({"id": 9, "command": {"nonsense": 1}}));
    assert_eq!(reply["error"]["code"], "invalid-request", "{reply}");
    dialogue.send(b"");
    let reply = dialogue.ask(&json!({"id": "last", "command": "step 2"}));
    assert_eq!(reply["id"], "last");
    assert_eq!(reply["answer"]["stopped"]["t"], 2);
    assert_eq!(dialogue.end(), (Some(0), String::new()));
}

#[test]
fn a_command_may_be_data() {
    let mut dialogue = Dialogue::open("--rule gd");
    let stopped = dialogue.ask(&json!({"id": 1, "command": {"step": 3}}));
    assert_eq!(stopped["answer"]["stopped"]["t"], 3);
    let set = dialogue.ask(&json!({"id": 2, "command": {"set": {"name": "eta", "value": "0.1"}}}));
    assert_eq!(set["answer"]["set"]["new"], 0.1, "{set}");
    let wrong = dialogue.ask(&json!({"id": 3, "command": {"print": "los"}}));
    assert_eq!(wrong["error"]["code"], "unknown-name", "{wrong}");
    let printed = dialogue.ask(&json!({"id": 4, "command": {"print": "t"}}));
    assert_eq!(printed["answer"]["printed"]["value"], 3.0);
}

#[test]
fn the_field_that_is_wrong_is_named() {
    let mut dialogue = Dialogue::open("--rule gd");
    for (command, says) in [
        (
            json!({"step": "x"}),
            "at `step`: invalid type: string \"x\", expected a whole number",
        ),
        (
            json!({"ignore": {"id": 1, "count": "x"}}),
            "at `ignore.count`: ",
        ),
        (json!({"delete": [1, "a"]}), "at `delete[1]`: "),
        (
            json!({"delete": {"ids": 1}}),
            "expected an array of numbers, or \"all\"",
        ),
        (
            json!({"plot": {"curves": [{"value": "loss"}, {"valu": "t"}]}}),
            "at `plot.curves[1].valu`: ",
        ),
        (
            json!({"plot": {"curves": [], "scale": "x"}}),
            "at `plot.scale`: ",
        ),
        (
            json!({"lane": {"add": {"rule": "gd", "set": [{"name": "eta", "valu": 1}]}}}),
            "at `lane.add.set[0].valu`: ",
        ),
        (
            json!({"sweep": {"axes": [{"name": "eta"}]}}),
            "at `sweep.axes[0]`: missing field `from`",
        ),
        (json!({"s": 3}), "as data it is named in full, `line`"),
        (json!({"view": "zoom in"}), "`view` has no form as data"),
        (json!({"step": 1, "back": 1}), "it has several names"),
        (json!({"stepp": 1}), "unknown command `stepp`"),
    ] {
        let reply = dialogue.ask(&json!({"id": 1, "command": command}));
        assert_eq!(
            reply["error"]["code"], "invalid-request",
            "{command}: {reply}"
        );
        let message = reply["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{command}: {message}");
        // The names of types mean nothing to whoever wrote the request.
        assert!(
            !message.contains("struct") && !message.contains("enum"),
            "{message}"
        );
    }
}

#[test]
fn all_that_is_deleted_is_told() {
    let mut dialogue = Dialogue::open("--rule gd");
    for command in ["break t >= 5", "watch w[1]", "display w", "plot loss"] {
        dialogue.ask(&json!({"id": 1, "command": command}));
    }
    let disabled = dialogue.ask(&json!({"id": 2, "command": {"disable": "all"}}));
    assert_eq!(disabled["answer"]["disabled"]["ids"], json!([1, 2]));
    let deleted = dialogue.ask(&json!({"id": 3, "command": {"delete": "all"}}));
    assert_eq!(deleted["answer"]["deleted"]["ids"], json!([1, 2, 3, 4]));
    let none = dialogue.ask(&json!({"id": 4, "command": "delete all"}));
    assert_eq!(none["answer"]["deleted"]["ids"], json!([]));
}

#[test]
fn all_requests_are_answered_before_the_end_of_the_input_ends_it() {
    let mut dialogue = Dialogue::open("--rule gd");
    for id in 1..=50 {
        dialogue.send(json!({"id": id, "command": "step"}).to_string().as_bytes());
    }
    // The last line has no end.
    let stdin = dialogue.stdin.as_mut().unwrap();
    stdin
        .write_all(br#"{"id":51,"command":"print t"}"#)
        .unwrap();
    let (code, rest) = dialogue.end();
    let lines: Vec<Value> = rest
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(code, Some(0));
    assert_eq!(lines.len(), 51);
    assert_eq!(lines[50]["answer"]["printed"]["value"], 50.0);
}

#[test]
fn a_signal_ends_the_run_and_then_the_program() {
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let mut dialogue = Dialogue::open("--rule gd --noise 0.1");
        assert_eq!(dialogue.ask(&json!({"id": 1, "command": "step"}))["id"], 1);
        dialogue.send(br#"{"id":2,"command":"goto 100000000000000"}"#);
        dialogue.send(br#"{"id":3,"command":"step"}"#);
        let pid = rustix::process::Pid::from_child(&dialogue.child);
        rustix::process::kill_process(pid, signal).unwrap();
        let mut rest = String::new();
        dialogue.out.read_to_string(&mut rest).unwrap();
        // The signal may come before the run has begun.
        for line in rest.lines() {
            let reply: Value = serde_json::from_str(line).unwrap();
            assert_eq!(reply["id"], 2, "what waits is not begun");
            assert_eq!(reply["answer"]["stopped"]["why"], "interrupted");
        }
        assert_eq!(dialogue.child.wait().unwrap().code(), Some(1));
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut dialogue = Dialogue::open("--rule gd");
    drop(std::mem::replace(&mut dialogue.out, {
        let mut other = Command::new(EIGENSTEP)
            .arg("--version")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        other.wait().unwrap();
        BufReader::new(other.stdout.take().unwrap())
    }));
    dialogue.send(br#"{"id":1,"command":"step"}"#);
    assert_eq!(dialogue.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_scenario_that_is_wrong_is_an_answer_too() {
    let output = Command::new(EIGENSTEP)
        .args(["serve", "--rule", "nothing"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    let reply: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert_eq!(reply["id"], Value::Null);
    assert_eq!(reply["error"]["code"], "unknown-rule");
    assert!(!output.stderr.is_empty());
}

/// The schemas of requests and of answers.
fn schemas() -> (Schema, Schema) {
    let output = Command::new(EIGENSTEP)
        .args(["serve", "--schema"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut schemas: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut schema = |name: &str| Schema::new(schemas[name].take());
    (schema("request"), schema("answer"))
}

/// The commands as data of docs/serve.md.
fn documented() -> Vec<Value> {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/serve.md");
    let text = std::fs::read_to_string(docs).unwrap();
    let table = text.split("```text\n").nth(2).unwrap();
    let table = table.split("```").next().unwrap();
    let mut found = Vec::new();
    for line in table.lines() {
        let mut rest = line;
        while rest.starts_with(['{', '"']) {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            found.push(values.next().unwrap().unwrap());
            rest = rest[values.byte_offset()..]
                .trim_start_matches(',')
                .trim_start();
        }
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

#[test]
fn every_documented_command_keeps_to_the_schema_and_is_understood() {
    let (request, answer) = schemas();
    let mut dialogue = Dialogue::open("--rule gd");
    for (id, command) in documented().into_iter().enumerate() {
        if command.get("save").is_some() {
            continue;
        }
        let line = json!({"id": id, "command": command});
        request
            .check(&line)
            .unwrap_or_else(|flaw| panic!("{flaw}\n{line}"));
        let told = dialogue.ask(&line);
        answer
            .check(&told)
            .unwrap_or_else(|flaw| panic!("{flaw}\n{told}"));
        assert_ne!(told["error"]["code"], "invalid-request", "{line}: {told}");
    }
    for row in COMMANDS {
        // Every command is known as data: it lacks no more than its arguments.
        let line = json!({"id": 1, "command": row.info.name});
        request.check(&line).unwrap();
    }
}

#[test]
fn what_is_no_request_does_not_keep_to_the_schema() {
    let (request, answer) = schemas();
    let mut dialogue = Dialogue::open("--rule gd");
    for wrong in [
        json!({"id": 1}),
        json!({"id": [1], "command": "step"}),
        json!({"id": 1, "command": "step", "and": 2}),
        json!({"id": 1, "command": {"stepp": 3}}),
        json!({"id": 1, "command": {"step": "three"}}),
        json!({"id": 1, "command": {"break": {"wen": "t > 3"}}}),
        json!({"id": 1, "command": {"goto": {"line": 2}}}),
        json!({"id": 1, "command": {"lane": {"add": {"as": "slow"}}}}),
        json!("step"),
    ] {
        assert!(request.check(&wrong).is_err(), "{wrong}");
        let told = dialogue.ask(&wrong);
        assert_eq!(told["error"]["code"], "invalid-request", "{wrong}: {told}");
        answer.check(&told).unwrap();
    }
}
