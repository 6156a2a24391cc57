//! `eigenstep diff` and `eigenstep hook` as a user calls them.

#[path = "schema/check.rs"]
mod check;
#[path = "program/fed.rs"]
mod program;
#[path = "foreign/python.rs"]
mod python;

use check::Schema;
use python::python;
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

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
fn a_setting_alone_changes_what_the_header_states() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let rows = r#"{"hook":"pytorch","optimizer":"SGD","settings":{"lr":0.5}}
{"t":0,"params":[1.0,2.0]}
{"t":1,"params":[0.5,1.75],"g":[1.0,0.5]}
{"t":2,"params":[0.25,1.5],"g":[0.5,0.5]}
"#;
    std::fs::write(&path, rows).unwrap();
    let path = path.to_str().unwrap();
    assert!(reported(0, &[path]).contains(": same"));
    assert!(reported(0, &[path, "--set", "momentum=0"]).contains(": same"));
    let report = reported(1, &[path, "--set", "lr=0.4"]);
    assert!(
        report.contains("against torch/sgd lr=0.4: differs"),
        "{report}"
    );
    // With a rule, what is not set is the rule's own.
    let named = [path, "--against", "torch/sgd", "--set", "momentum=0"];
    let report = reported(1, &named);
    let note = "the header states lr=0.5: without --against, that is taken";
    assert!(report.contains(note), "{report}");
    let error = run(&[path, "--set", "rho=1"]);
    assert_eq!(error.status.code(), Some(2));
    // The rule of a trace has the settings that it was run with.
    let traced = run(&["trace", "--rule", "gd", "--steps", "3"]);
    std::fs::write(path, traced.stdout).unwrap();
    let error = run(&["diff", path, "--set", "eta=0.4"]);
    assert_eq!(error.status.code(), Some(2));
    let error = text(&error.stderr);
    for says in ["`--set eta=0.4` sets nothing", "--against NAME"] {
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_rule_that_fails_on_a_run_is_not_the_same_whatever_rounding_may_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let row = |t: i32| format!("{{\"t\":{t},\"w\":[{},1.25],\"g\":[0.25,0.5]}}\n", 9 - t);
    let rows = (0..4).map(row);
    std::fs::write(&path, rows.collect::<String>()).unwrap();
    let path = path.to_str().unwrap();
    // Its products of matrices run off to infinity.
    let off = ["--against", "torch/muon", "--set", "ns_coefficient2=0.001"];
    let report = reported(1, &[&[path, "--no-diagnosis"][..], &off].concat());
    assert!(report.contains("inf"), "{report}");
}

#[test]
fn the_rule_that_the_header_names_has_its_settings_when_it_is_asked_for_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    // Rows say what has changed: the first step is that of the header.
    let rows = r#"{"hook":"pytorch","optimizer":"SGD","settings":{"lr":0.5},"groups":[{"params":["a"],"lr":0.5},{"params":["b"],"lr":0.5}]}
{"t":0,"params":{"a":[1.0],"b":[2.0]}}
{"t":1,"params":{"a":[0.5],"b":[1.5]},"g":{"a":[1.0],"b":[1.0]}}
{"t":2,"params":{"a":[0.25],"b":[1.25]},"g":{"a":[1.0],"b":[1.0]},"settings":{"lr":[0.25,0.25]}}
"#;
    std::fs::write(&path, rows).unwrap();
    let path = path.to_str().unwrap();
    for more in [&[][..], &["--set", "momentum=0"]] {
        let report = reported(0, &[&[path, "--against", "torch/sgd"], more].concat());
        assert!(report.contains("lr of each iteration is taken"), "{report}");
    }
    // Groups that differ have no one value, and nothing is said to be taken from them.
    let differ = rows.replace("[0.25,0.25]", "[0.25,0.125]");
    std::fs::write(path, differ).unwrap();
    let with = ["--against", "torch/sgd", "--set", "momentum=0"];
    let report = reported(1, &[&[path, "--no-diagnosis"][..], &with].concat());
    assert!(!report.contains("is taken"), "{report}");
}

#[test]
fn a_setting_that_counts_is_named_as_a_whole_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let rule = "torch/lookahead(torch/sgd)";
    let set = ["--set", "lr=0.05", "--set", "momentum=0.9", "--set"];
    let trace = [
        "trace",
        "--loss",
        "x^2 + 3*y^2 + x*y",
        "--start",
        "1,2",
        "--steps",
        "40",
        "--rule",
        rule,
    ];
    let made = run(&[&trace[..], &set, &["lookahead_k=4"]].concat());
    std::fs::write(&path, made.stdout).unwrap();
    let path = path.to_str().unwrap();
    let against = [path, "--against", rule];
    let report = reported(1, &[&against[..], &set, &["lookahead_k=5"]].concat());
    let named = "match torch/lookahead(torch/sgd) with lookahead_k=4; torch/lookahead(torch/sgd) itself has lookahead_k=5";
    assert!(report.contains(named), "{report}");
    let output = run(&[&["diff"], &against[..], &set, &["lookahead_k=2.5"]].concat());
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    for says in ["--set:1:13", "lies in {1, 2, ...}"] {
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_header_with_a_part_of_a_count_is_refused() {
    for (header, row) in [
        (r#""settings":{"lr":0.5,"precondition_frequency":2.5}"#, ""),
        (
            r#""settings":{"lr":0.5},"groups":[{"params":["a","b"],"precondition_frequency":2}]"#,
            r#","settings":{"precondition_frequency":[3.5]}"#,
        ),
    ] {
        let header = format!(r#"{{"hook":"pytorch","rule":"torch/soap",{header}}}"#);
        let row = format!("{}{row}}}", ROW.strip_suffix('}').unwrap());
        let [(code, error), (_, opened)] = both(&header, &row);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("lies in {1, 2, ...}"), "{error}");
        assert!(opened.contains("precondition_frequency="), "{opened}");
    }
}

/// A header, and two rows of it.
const HEADER: &str = r#"{"hook":"pytorch","optimizer":"SGD","settings":{"lr":0.5},"groups":[{"params":["a","b"],"lr":0.5}],"dtypes":{"a":"float64"}}"#;
const ROW: &str = r#"{"t":1,"params":{"a":[0.5,1],"b":[1]},"g":{"a":[1,2],"b":[2]}}"#;

/// What `diff` and `open` say of a run with this header and this row after the first, with their exit codes.
fn both(header: &str, row: &str) -> [(Option<i32>, String); 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let start = r#"{"t":0,"params":{"a":[1,2],"b":[2]}}"#;
    std::fs::write(&path, format!("{header}\n{start}\n{row}\n")).unwrap();
    let path = path.to_str().unwrap();
    [&["diff", path][..], &["open", path, "--plain"]].map(|arguments| {
        let output = run(arguments);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    })
}

/// What stands in the place of something in a row, and what is said of it.
const BAD_ROWS: &[(&str, &str, &str)] = &[
    (
        r#""g":{"a":[1,2],"b":[2]}"#,
        r#""g":{"a":[1,2],"c":[2]}"#,
        "`g` has `c`, and no tensor is called that",
    ),
    (
        r#""g":{"a":[1,2],"b":[2]}"#,
        r#""g":{"a":[1],"b":[2]}"#,
        "`params.a` has an array of 2 numbers",
    ),
    (
        r#""g":{"a":[1,2],"b":[2]}"#,
        r#""g":[1,2]"#,
        "the parameters have 3",
    ),
    (
        r#""g":{"a":[1,2],"b":[2]}"#,
        r#""g":"none""#,
        "this text is not a number",
    ),
    (
        "}}",
        r#"},"params_before":{"c":[1]}}"#,
        "`params_before` has `c`",
    ),
    (
        "}}",
        r#"},"params_before":{"a":[1]}}"#,
        "`params_before.a` has an array of 1 number",
    ),
    (
        "}}",
        r#"},"params_before":{"a":[[1,2]]}}"#,
        "an array of 1 x 2",
    ),
    (
        "}}",
        r#"},"params_before":[1,2]}"#,
        "`params_before` has an array of 2 numbers",
    ),
    (
        "}}",
        r#"},"params_before":0.5}"#,
        "`params_before` has one number",
    ),
    (
        "}}",
        r#"},"params_before":{"a":"x"}}"#,
        "this text is not a number",
    ),
    (
        "}}",
        r#"},"loss":[1,2]}"#,
        "`loss` has an array of 2 numbers",
    ),
    ("}}", r#"},"loss":"low"}"#, "this text is not a number"),
    (
        "}}",
        r#"},"settings":{"lr":[0.5,0.1]}}"#,
        "2 numbers in a row, and the header has 1 group",
    ),
    ("}}", r#"},"settings":[0.5]}"#, "settings have names"),
    ("}}", r#"},"settings":"lr"}"#, "this text is not a number"),
];

/// The same in a header.
const BAD_HEADERS: &[(&str, &str, &str)] = &[
    (
        r#""settings":{"lr":0.5}"#,
        r#""settings":[0.5]"#,
        "`settings` is no object: [0.5]",
    ),
    (
        r#""settings":{"lr":0.5}"#,
        r#""settings":{"lr":{"a":1}}"#,
        "lr of `settings` is an object",
    ),
    (
        r#""settings":{"lr":0.5}"#,
        r#""settings":{"lr":0.5},"settings":{}"#,
        "`settings` twice",
    ),
    (
        r#"["a","b"]"#,
        r#"["a","c"]"#,
        "`params` of group 1 of `groups` has `c`, which no row has",
    ),
    (r#"["a","b"]"#, r#"["a","a"]"#, "has a again"),
    (r#"["a","b"]"#, r#""a""#, "is no list of names"),
    (r#"["a","b"]"#, "[1]", "is no name of a tensor: 1"),
    (
        r#""params":["a","b"],"#,
        "",
        "group 1 of `groups` has no `params`",
    ),
    (
        r#"{"params":["a","b"],"lr":0.5}"#,
        "1",
        "group 1 of `groups` is no object",
    ),
    (
        r#"{"a":"float64"}"#,
        r#"{"c":"float64"}"#,
        "`dtypes` has `c`",
    ),
    (
        r#"{"a":"float64"}"#,
        r#"{"a":"floaty"}"#,
        "is no type of numbers",
    ),
    (r#"{"a":"float64"}"#, "1", "`dtypes` is no object"),
    (r#""SGD""#, "1", "`optimizer` is no name: 1"),
    (
        r#""SGD""#,
        r#""SGD","rule":true"#,
        "`rule` is no name: true",
    ),
    (r#""SGD""#, r#""SGD","every":0"#, "`every` is no count: 0"),
    (
        r#""SGD""#,
        r#""SGD","norms":"yes""#,
        "`norms` is neither true nor false",
    ),
    (
        r#""SGD""#,
        r#""SGD","coordinates":{"a":[-1]}"#,
        "`coordinates` is no list of elements for each tensor",
    ),
    (
        r#""SGD""#,
        r#""SGD","shards":{"a":"half"}"#,
        "`shards` is no shape for each tensor",
    ),
];

#[test]
fn what_cannot_be_meant_as_its_name_says_is_a_bad_file() {
    for (from, to, says) in BAD_ROWS {
        let row = ROW.replacen(from, to, 1);
        for (code, said) in both(HEADER, &row) {
            assert_eq!(code, Some(2), "{row}: {said}");
            for says in [says, "help: "] {
                assert!(said.contains(says), "{row}: {said}");
            }
            assert!(
                said.contains(":3:") || says.contains("group"),
                "{row}: {said}"
            );
        }
    }
    for (from, to, says) in BAD_HEADERS {
        let header = HEADER.replacen(from, to, 1);
        for (code, said) in both(&header, ROW) {
            assert_eq!(code, Some(2), "{header}: {said}");
            for says in [says, "help: "] {
                assert!(said.contains(says), "{header}: {said}");
            }
        }
    }
    let [diff, open] = both(HEADER, ROW);
    assert_eq!((diff.0, open.0), (Some(0), Some(0)), "{}{}", diff.1, open.1);
}

#[test]
fn settings_that_only_groups_have_hold() {
    let [(code, said), _] = both(&HEADER.replacen(r#""settings":{"lr":0.5},"#, "", 1), ROW);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn settings_of_rows_hold_whatever_libraries_allow() {
    let row = r#"{"t":1,"params":{"a":[1.5,3],"b":[3]},"g":{"a":[1,2],"b":[2]},"settings":{"lr":[-0.5]}}"#;
    let [(code, said), _] = both(HEADER, row);
    assert_eq!(code, Some(0), "{said}");
    let [(code, said), _] = both(HEADER, &row.replace("-0.5", "-0.4"));
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn a_run_whose_rule_is_not_known_is_shown_without_it() {
    let cases = [
        (
            r#""SGD""#,
            r#""Sophia""#,
            "was made by torch/sophia, which is no rule here",
        ),
        (
            r#""lr":0.5}"#,
            r#""lr":"fast"}"#,
            "was made by torch/sgd with lr=fast: unknown name `fast`",
        ),
        (
            r#""settings":{"lr":0.5}"#,
            r#""settings":{"lr":0.4}"#,
            "contradicts itself",
        ),
        (
            r#""lr":0.5}],"#,
            r#""lr":0.5,"rule":"torch/sophia"}],"#,
            "made by torch/sophia",
        ),
    ];
    for (from, to, says) in cases {
        let [diff, open] = both(&HEADER.replacen(from, to, 1), ROW);
        assert_eq!(diff.0, Some(2), "{}", diff.1);
        assert!(
            diff.1.contains(says) && diff.1.contains("--against"),
            "{}",
            diff.1
        );
        assert_eq!(open.0, Some(0), "{}", open.1);
        for says in [
            says,
            "without its rule",
            "--rule",
            "recorded on unknown loss: t = 0",
        ] {
            assert!(open.1.contains(says), "{}", open.1);
        }
    }
}

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

/// What `diff --json` writes, which has to come with this exit code and keep to the schema.
fn reported_json(code: i32, arguments: &[&str]) -> Value {
    let text = reported(code, &[arguments, &["--json"]].concat());
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(report["eigenstep"], 1);
    let schema = Schema::new(serde_json::from_str(&reported(0, &["--schema"])).unwrap());
    let held = schema.check(&report);
    held.unwrap_or_else(|flaw| panic!("{arguments:?}: {flaw}\n{report}"));
    report
}

/// The first cause of the best explanation.
fn first_cause(report: &Value) -> &Value {
    &report["diagnosis"]["explanations"][0]["causes"][0]
}

#[test]
fn settings_are_numbers_in_json() {
    let report = reported_json(1, &[&["adam-lr.jsonl.gz"], &ADAM[..]].concat());
    assert_eq!(report["same"], false);
    assert_eq!(report["differences"][0]["coordinate"], "w[1]");
    assert_eq!(report["against"]["rule"], "torch/adam");
    assert_eq!(report["against"]["settings"]["lr"], 0.02);
    assert_eq!(report["against"]["settings"]["beta1"], 0.9);
    assert_eq!(report["diagnosis"]["explanations"][0]["share"], 1.0);
    let cause = first_cause(&report);
    assert_eq!(cause["kind"], "settings");
    assert_eq!(cause["setting"], "lr");
    assert_eq!(
        (&cause["run"], &cause["rule"]),
        (&json!(0.03), &json!(0.02))
    );
    let claims = &report["claims"];
    assert_eq!(
        (&claims[0]["kind"], &claims[0]["verdict"]),
        (&"same".into(), &"fails".into())
    );
    assert_eq!(
        (&claims[1]["kind"], &claims[1]["verdict"]),
        (&"explained_by".into(), &"holds".into())
    );
}

#[test]
fn a_run_that_never_moves_is_not_just_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("still.jsonl");
    let rows = (0..12).map(|t| {
        format!("{{\"t\":{t},\"w\":[1.2345678901234567,0.5678901234567891],\"g\":[0,0]}}\n")
    });
    std::fs::write(&file, rows.collect::<String>()).unwrap();
    let path = file.display().to_string();
    let told = run(&[
        "diff",
        &path,
        "--against",
        "torch/sgd",
        "--set",
        "lr=0.05",
        "--json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let verdict = &report["claims"][0]["verdict"]["unknown"];
    assert_eq!(verdict, "nothing_moved", "{report}");
    let told = reported(0, &[&path, "--against", "torch/sgd", "--set", "lr=0.05"]);
    assert!(told.contains("same, but w never moves"), "{told}");
    assert!(!told.contains("the rule is right"), "{told}");
}

#[test]
fn rows_before_the_first_parameters_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("late.jsonl").display().to_string();
    let rows = (1..6).map(|t| {
        let w = 1.0 - 0.1 * f64::from(t);
        format!("{{\"t\":{t},\"w\":[{w},{w}],\"g\":[1,1]}}\n")
    });
    let text = "{\"t\":0,\"loss\":1}\n".to_owned() + &rows.collect::<String>();
    std::fs::write(&path, &text).unwrap();
    let gd = |lr: &'static str| [&path, "--against", "gd", "--set", lr];
    let report = reported_json(0, &gd("eta=0.1"));
    let remark = json!({"kind": "begins_later", "rows": 1, "t": 1});
    assert_eq!(
        (&report["remarks"][0], &report["compared"]),
        (&remark, &json!(4))
    );
    for more in [&[][..], &["--replay"], &["--loss", "x + y"]] {
        let report = reported(1, &[&gd("eta=0.2"), more].concat());
        for says in [
            "1 row before t = 1 without parameters: left out",
            "t = 2, w[1]",
        ] {
            assert!(report.contains(says), "{report}");
        }
    }
    let apart =
        "{\"t\":0,\"params\":{\"a\":[1]}}\n{\"t\":1,\"params\":{\"b\":[1]},\"g\":{\"b\":[1]}}\n";
    std::fs::write(&path, apart).unwrap();
    let told = reported_json(2, &gd("eta=0.1"));
    assert_eq!(told["error"]["code"], "insufficient-data", "{told}");
}

#[test]
fn a_step_that_a_gradient_scaler_skips_is_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scaled.jsonl");
    let file = file.to_str().unwrap();
    let rows = |stays: &str| {
        let rows = [
            r#"{"t":0,"w":[1.0,2.0]}"#.to_owned(),
            format!(r#"{{"t":1,"w":{stays},"g":["inf",1.0]}}"#),
            r#"{"t":2,"w":[0.9,1.9],"g":[1.0,1.0]}"#.to_owned(),
        ];
        std::fs::write(file, rows.join("\n")).unwrap();
    };
    let sgd = [file, "--against", "torch/sgd", "--set", "lr=0.1"];
    rows("[1.0,2.0]");
    let report = reported(0, &sgd);
    let says =
        "1 step skipped, as gradient scalers do: the gradient is not finite, and nothing moved";
    assert!(report.contains(says), "{report}");
    assert!(report.contains("1 row compared"), "{report}");
    // Where nothing else is there, nothing was compared.
    let only = "{\"t\":0,\"w\":[1.0]}\n{\"t\":1,\"w\":[1.0],\"g\":[\"inf\"]}\n";
    std::fs::write(file, only).unwrap();
    let report = reported(1, &sgd);
    assert!(report.contains("nothing could be compared"), "{report}");
    // Half of it moved.
    rows("[1.0,1.9]");
    reported(1, &sgd);
    // States, and a counter for each tensor, that are made in the step which is skipped.
    let text = r#"{"t":0,"params":{"a":[1.0],"b":[2.0]}}
{"t":1,"params":{"a":[1.0],"b":[2.0]},"g":{"a":["nan"],"b":[1.0]},"state":{"step":{"a":0,"b":0},"exp_avg":{"a":[0],"b":[0]},"exp_avg_sq":{"a":[0],"b":[0]}}}
{"t":2,"params":{"a":[0.9],"b":[1.9]},"g":{"a":[1.0],"b":[1.0]},"state":{"step":{"a":1,"b":1},"exp_avg":{"a":[0.1],"b":[0.1]},"exp_avg_sq":{"a":[0.001],"b":[0.001]}}}"#;
    std::fs::write(file, text).unwrap();
    let adam = [
        file,
        "--against",
        "torch/adam",
        "--set",
        "lr=0.1",
        "--rtol",
        "1e-7",
    ];
    reported(0, &adam);
}

#[test]
fn what_nearly_cancels_carries_the_rounding_of_what_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("decayed.jsonl");
    let (lr, decay) = (0.01_f32, 0.1_f32);
    // Each gradient stands in the row that it led to, or in the one at whose `w` it is.
    let rows = |decay: f32, is_ahead: bool| {
        let mut w = [0.3_f32, -0.7, 0.11, 0.5, 0.23, -0.9, 0.77, -0.41];
        let mut sum = [0.0_f32; 8];
        let exact = |numbers: [f32; 8]| format!("{:?}", numbers.map(f64::from));
        let row = |t: u8, w, sum, g: Option<[f32; 8]>| {
            let g = g.map_or_else(String::new, |g| format!(r#","g":{}"#, exact(g)));
            let (w, sum) = (exact(w), exact(sum));
            format!(r#"{{"t":{t},"w":{w},"state":{{"sum":{sum}}}{g}}}"#)
        };
        let (mut lines, mut used) = (Vec::new(), None);
        for t in 0_u8..6 {
            // The loss pulls nearly as much as the decay pushes.
            let g = w.map(|w| -0.1_f32 * w * (1.0 + 1e-5 * f32::from(t + 1)));
            lines.push(row(t, w, sum, if is_ahead { Some(g) } else { used }));
            used = Some(g);
            for ((w, sum), g) in w.iter_mut().zip(&mut sum).zip(g) {
                let g = g + decay * *w;
                *sum += g * g;
                *w -= lr * g / (sum.sqrt() + 1e-10);
            }
        }
        std::fs::write(&file, lines.join("\n")).unwrap();
    };
    let file = file.to_str().unwrap();
    let settings = ["--set", "lr=0.01", "--set", "weight_decay=0.1"];
    let how = [&[file, "--against", "torch/adagrad"], &settings[..]].concat();
    for is_ahead in [false, true] {
        rows(decay, is_ahead);
        let report = reported(0, &how);
        assert!(report.contains("float32"), "{report}");
        assert_eq!(report.contains("gradient of a row"), is_ahead, "{report}");
        rows(0.1001, is_ahead);
        reported(1, &how);
    }
}

#[test]
fn reports_of_every_form_keep_to_the_schema() {
    let sgd = [
        "--against",
        "torch/sgd",
        "--set",
        "lr=0.0005",
        "--set",
        "momentum=0.9",
    ];
    let with = |file: &'static str, rule: &[&'static str]| [&[file], rule].concat();
    // A schedule has its values by iteration, a buffer's line its coefficients.
    let late = reported_json(1, &with("adam-late-lr.jsonl.gz", &ADAM));
    let schedule = first_cause(&late)["schedule"].as_array().unwrap();
    assert_eq!(schedule[0][0], 1);
    assert!(schedule.iter().all(|it| it[1].is_number()), "{schedule:?}");
    let slow = reported_json(1, &with("adam-beta2.jsonl.gz", &ADAM));
    assert!(first_cause(&slow)["run"].is_number(), "{slow}");
    for file in [
        "adam-uncorrected.jsonl.gz",
        "adam-coupled.jsonl.gz",
        "adam-sum.jsonl.gz",
        "adam-clip.jsonl.gz",
    ] {
        let report = reported_json(1, &with(file, &ADAM));
        assert!(first_cause(&report)["text"]["run"].is_string(), "{report}");
    }
    let single = reported_json(0, &with("adam-single.jsonl.gz", &ADAM));
    assert_eq!(single["remarks"][0]["format"], "float32");
    let before = reported_json(0, &with("adam-logged-before.jsonl.gz", &ADAM));
    assert_eq!(before["remarks"][0]["kind"], "logged_before");
    reported_json(1, &with("none-random.jsonl.gz", &sgd));
    let runs = reported_json(1, &["adam.jsonl.gz", "adam-late-lr.jsonl.gz"]);
    assert_eq!(runs["against"], json!({"run": "adam-late-lr.jsonl.gz"}));
    assert_eq!(runs["mode"], "runs");
}

#[test]
fn errors_are_objects_in_json() {
    for (arguments, code) in [
        (&["no-such-file"][..], "cannot-read"),
        (
            &["adam.jsonl.gz", "--against", "torch/adamm"],
            "unknown-rule",
        ),
        (
            &["adam.jsonl.gz", "--against", "torch/adam", "--set", "lr=-1"],
            "invalid-value",
        ),
        (&["adam.jsonl.gz", "--bogus"], "unknown-flag"),
        (
            &["adam.jsonl.gz", "--against", "torch/adam", "--map", "v"],
            "usage",
        ),
    ] {
        let told = reported_json(2, arguments);
        assert_eq!(told["error"]["code"], code, "{told}");
    }
}

/// Leaves in `report` the fields that `shown` has, and as many items.
fn thin(report: &mut Value, shown: &Value) {
    if let (Value::Object(fields), Value::Object(kept)) = (report, shown) {
        fields.retain(|name, _| kept.contains_key(name));
        for (name, value) in fields {
            if let (Value::Array(items), Some(Value::Array(few))) = (&mut *value, kept.get(name)) {
                items.truncate(few.len());
                items
                    .iter_mut()
                    .zip(few)
                    .for_each(|(item, few)| thin(item, few));
            } else {
                thin(value, &kept[name]);
            }
        }
    }
}

#[test]
fn the_document_shows_what_diff_writes() {
    let document = include_str!("../docs/answers.md");
    let section = document.split("## Reports of `diff`").nth(1).unwrap();
    let shown = section.split("```json\n").nth(1).unwrap();
    let shown: Value = serde_json::from_str(shown.split("```").next().unwrap()).unwrap();
    let mut report = reported_json(1, &[&["adam-lr.jsonl.gz"], &ADAM[..]].concat());
    thin(&mut report, &shown);
    assert_eq!(report, shown, "{report:#}");
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
) -> Option<(tempfile::TempDir, String, String)> {
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
    Some((folder, path, text(&output.stdout)))
}

#[test]
fn a_header_that_names_no_rule_of_ours_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let rows = "{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[2],\"g\":[1]}\n";
    for (header, says) in [
        (
            "\"hook\":\"jax\",\"rule\":\"optax/none\"",
            "was made by optax/none, which is no rule here",
        ),
        (
            "\"hook\":\"pytorch\",\"optimizer\":\"None\"",
            "was made by torch/none, which is no rule here",
        ),
        ("\"hook\":\"other\"", "does not say which rule made it"),
    ] {
        std::fs::write(&path, format!("{{{header},\"settings\":{{}}}}\n{rows}")).unwrap();
        let output = run(&["diff", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains(says),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn the_hook_for_torch_records_what_diff_reads() {
    let script = include_str!("foreign/torch_use.py");
    let read = include_str!("../docs/runs.md").split("```python\n").nth(1);
    let read = read.unwrap().split("```").next().unwrap();
    let told = "print(len(rows), rows[-1]['t'], len(rows[-1]['g.weight']), layouts[0]['hook'])";
    let script = format!("{script}\n{read}\n{told}");
    let stubs = [
        ("torch.py", include_str!("foreign/torch_stub.py")),
        ("numpy.py", include_str!("foreign/numpy_stub.py")),
    ];
    let Some((_folder, path, said)) = hooked("pytorch", &stubs, &script) else {
        return;
    };
    assert_eq!(said.trim(), "21 [20] 3 pytorch");
    let settings = ["--set", "lr=0.1", "--set", "momentum=0.9"];
    for ending in ["jsonl", "eig", "eig.gz"] {
        let path = path.replace("jsonl", ending);
        let report = reported(
            0,
            &[&[&path, "--against", "torch/sgd"], &settings[..]].concat(),
        );
        assert!(report.contains("20 rows compared"), "{report}");
    }
    let last = reported(
        0,
        &[
            &[
                &path.replace("run.jsonl", "last.eig"),
                "--against",
                "torch/sgd",
            ],
            &settings[..],
        ]
        .concat(),
    );
    assert!(last.contains("2 rows compared"), "{last}");
    // Of what a trainer has around an optimiser, and of a class derived from one of torch's, the rule is known. The step
    // that was not recorded leaves the buffer where the row after it does not follow from it.
    let derived = reported(1, &[&path.replace("run.jsonl", "wrapped.jsonl")]);
    let says = "wrapped.jsonl against torch/sgd lr=0.1 momentum=0.9: differs";
    assert!(derived.contains(says), "{derived}");
    let says = "note: the optimiser is Mine, whose class is derived from what it is held against";
    assert!(derived.contains(says), "{derived}");
}

#[test]
fn the_hook_for_jax_records_what_diff_reads() {
    let stubs = [
        ("jax.py", include_str!("foreign/jax_stub.py")),
        ("numpy.py", include_str!("foreign/numpy_stub.py")),
    ];
    let script = include_str!("foreign/jax_use.py");
    let Some((_folder, path, _)) = hooked("jax", &stubs, script) else {
        return;
    };
    for path in [&path, &path.replace("jsonl", "eig")] {
        let report = reported(0, &[path]);
        assert!(report.contains("20 rows compared"), "{report}");
    }
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
        "drop torch_adam\nstep 3\nback 2\nprint exp_avg[1]\nbreak loss < 4\ncontinue\nrcontinue\ngoto 299\nstep 9\nprint prev(w)\n",
    );
    for says in [
        "inferred from all 301 rows (drop torch_adam refuses it): torch/adam lr=0.02",
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
        "drop torch_adam\nline\nlineback\nstep 4\nlineback 2\nlineback 0\ngoto 3 1\nset w[1] = 3\nfork\nexplain exp_avg\nbreak line 1\ninfo prediction\nsave x\n",
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

/// More than a pipe holds: once it is taken, the comparison is under way, and waits for the rest.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_comparison_with_a_sentence() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::{fmt::Write as _, io::Write};
    let mut rows = String::new();
    for t in 0..40_000 {
        let _ = writeln!(rows, "{{\"t\":{t},\"w\":[{t}.5,0.25],\"g\":[1,2]}}");
    }
    for json in [false, true] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
        command.args(["diff", "-", "--against", "gd"]);
        if json {
            command.arg("--json");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(rows.as_bytes()).unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(130), "{out}{errors}");
        assert!(
            errors.contains("interrupted; nothing has been compared"),
            "{errors}"
        );
        if json {
            let line: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(line["error"]["code"], "interrupted", "{out}");
        } else {
            assert_eq!(out, "");
        }
    }
}

#[test]
fn a_header_may_state_a_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let run_with = |schedule: &str| {
        let mut text = json!({"rule": "torch/sgd", "settings": {"lr": schedule}}).to_string();
        let mut w = [1.0, 2.0];
        for t in 1..40 {
            let g = [w[0], 10.0 * w[1]];
            let lr = 0.1 * libm::pow(0.5, f64::from(t) / 20.0);
            w = [w[0] - lr * g[0], w[1] - lr * g[1]];
            let row = json!({"t": t, "w": w, "g": g}).to_string();
            text.extend(["\n", &row]);
        }
        let file = folder.path().join("run.jsonl");
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let report = reported(0, &[&run_with("0.1*0.5^(t/20)")]);
    assert!(
        report.contains("torch/sgd lr=0.1*0.5^(t/20): same"),
        "{report}"
    );
    let report = reported(1, &[&run_with("0.1*0.5^(t/10)")]);
    assert!(report.contains("differs"), "{report}");
    let output = run(&["diff", &run_with("0.1*tt*t")]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(
        told.contains("with lr=0.1*tt*t: unknown name `tt`")
            && told.contains("help: a setting is a number, or a schedule"),
        "{told}"
    );
}

/// A run of gradient descent with two tensors and no loss, as a file.
fn two_tensors(folder: &Path) -> String {
    let path = folder.join("run.jsonl");
    let mut rows = String::new();
    for t in 0..5 {
        let w = 1.0 - 0.25 * f64::from(t);
        let params = format!("\"fc.weight\":[[{w},2],[3,4]],\"fc.bias\":[{w},5]");
        let gradient = "\"fc.weight\":[[1,0],[0,0]],\"fc.bias\":[1,0]";
        let row = format!("{{\"t\":{t},\"params\":{{{params}}},\"g\":{{{gradient}}}}}\n");
        rows.push_str(&row);
    }
    let header = "{\"rule\":\"gd\",\"settings\":{\"eta\":0.25}}\n";
    std::fs::write(&path, header.to_owned() + &rows).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn tensors_are_explained_and_set_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let run = two_tensors(folder.path());
    let said = opened(
        &[&run],
        "step 2\ninfo tensors\nexplain fc.weight[1,1]\nexplain w[\"fc.bias\"]\nexplain recorded.fc.bias\nexplain fc.weigt\nexplain fc.bias[3]\n\
         explain fc.bias[1,1]\nlane add gd as mine\nset mine.fc.weight = 7\nset mine.w[\"fc.weight\"][2,1]=8\ninfo edits\nprint fc.weight\n\
         print transpose(fc.weight) @ fc.bias\nprint transpose(fc.bias)\n",
    );
    for says in [
        "|dw|/|g|",
        "\nfc.weight[1,1] = w - eta*g = 0.75 - 0.25*1 = 0.5\n",
        "\nfc.bias[1] = w - eta*g = 0.75 - 0.25*1 = 0.5\nfc.bias[2] = w - eta*g = 5 - 0.25*0 = 5\n",
        "`w` was recorded: no line assigns it",
        "did you mean `fc.weight`?",
        "there is no element 3 of 2",
        "`fc.bias` is a vector of 2, and no matrix",
        "\nfc.weight: [1, 2, 3, 4] -> [7, 7, 7, 7] at t = 0",
        "\nfc.weight[2,1]: 7 -> 8 at t = 0",
        "t = 0        fc.weight[2,1] = 8",
        "fc.weight = [7, 7, 8, 7]",
        "transpose(fc.weight) @ fc.bias = [47, 42]",
        "`fc.bias` is a vector of 2, where a matrix is needed",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn what_was_not_recorded_is_unknown_and_what_is_no_number_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let said = opened(&[&two_tensors(folder.path())], "step\n");
    assert!(
        said.contains("|g| = ") && !said.contains("loss ="),
        "{said}"
    );
    let path = folder.path().join("nan.jsonl");
    let rows = "{\"t\":0,\"w\":[1,2],\"g\":[3,4],\"loss\":1}\n{\"t\":1,\"w\":[1,2],\"g\":[3,4],\"loss\":NaN}\n{\"t\":2,\"w\":[1,2]}\n";
    std::fs::write(&path, rows).unwrap();
    let said = opened(&[path.to_str().unwrap()], "step\nstep\n");
    for says in [
        "t = 1, loss = NaN, |g| = 5",
        "t = 2, loss = unknown, |g| = unknown",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn settings_that_a_rule_does_not_have_are_known_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let rows = "{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[0.5],\"g\":[1]}\n";
    let diffed = |rule: &str, settings: &str| {
        let header = format!("{{\"rule\":\"{rule}\",\"settings\":{{{settings}}}}}");
        std::fs::write(&path, format!("{header}\n{rows}")).unwrap();
        let output = run(&["diff", path.to_str().unwrap()]);
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code(), said)
    };
    // Where they change no update, they are passed over.
    for (rule, settings) in [
        (
            "torch/sgd",
            "\"lr\":0.5,\"foreach\":true,\"fused\":null,\"initial_lr\":0.5,\"differentiable\":false",
        ),
        (
            "keras/sgd",
            "\"learning_rate\":0.5,\"use_ema\":true,\"ema_momentum\":0.9,\"ema_overwrite_frequency\":null",
        ),
        (
            "keras/sgd",
            "\"learning_rate\":0.5,\"loss_scale_factor\":1.0,\"gradient_accumulation_steps\":null",
        ),
        (
            "optax/sgd",
            "\"learning_rate\":0.5,\"weight_decay\":0,\"momentum\":null,\"clipnorm\":null",
        ),
    ] {
        let (code, said) = diffed(rule, settings);
        assert!(code == Some(0) && !said.contains("passed over"), "{said}");
    }
    // Where they do, there is something to do.
    for (rule, settings, says) in [
        (
            "keras/sgd",
            "\"learning_rate\":0.5,\"ema_overwrite_frequency\":100",
            ["ema_overwrite_frequency=100", "params_before"],
        ),
        (
            "keras/sgd",
            "\"learning_rate\":0.5,\"loss_scale_factor\":128",
            ["loss_scale_factor=128", "divided by"],
        ),
        (
            "keras/sgd",
            "\"learning_rate\":0.5,\"gradient_accumulation_steps\":4",
            ["gradient_accumulation_steps=4", "a row for each update"],
        ),
        (
            "optax/sgd",
            "\"learning_rate\":0.5,\"weight_decay\":0.1",
            ["which optax/sgd does not have", "--against"],
        ),
        (
            "optax/muon",
            "\"learning_rate\":0.5,\"preconditioning\":\"schatten\"",
            ["preconditioning=schatten", "eigenstep rules optax/muon"],
        ),
        (
            "torch/soap",
            "\"lr\":0.5,\"merge_dims\":true",
            ["merge_dims=1", "no axes are taken together"],
        ),
    ] {
        let (code, said) = diffed(rule, settings);
        assert_eq!(code, Some(2), "{said}");
        assert!(says.iter().all(|it| said.contains(it)), "{says:?}: {said}");
    }
    // Of others, nothing is known.
    let (code, said) = diffed(
        "torch/sgd",
        "\"lr\":0.5,\"warp\":3,\"word\":\"x\",\"none\":null",
    );
    assert_eq!(code, Some(0), "{said}");
    let says = "the header has warp=3, word=x, which the rule does not have: passed over";
    assert!(said.contains(says), "{said}");
}

#[test]
fn a_run_without_an_iteration_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let header = r#"{"hook":"pytorch","optimizer":"Adam","groups":[{"params":["a"],"lr":0.01}]}"#;
    std::fs::write(
        &path,
        format!("{header}\n{{\"t\":0,\"params\":{{\"a\":[1]}}}}\n"),
    )
    .unwrap();
    let output = run(&["diff", path.to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("has no iteration: one row, t = 0"), "{said}");
}
