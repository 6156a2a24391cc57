//! A training run under the debugger: the lines of its rule on what was recorded, its tensors by their names.

use flate2::read::GzDecoder;
use program::fed;
use serde_json::{Value, json};
use std::{fs, io::Read, process::Command};
use training::{Training, rate};

#[path = "program/fed.rs"]
mod program;
#[path = "program/training.rs"]
mod training;

/// What the debugger says of `run` to `commands`.
fn opened(run: &str, arguments: &[&str], commands: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.jsonl"), run).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    command
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .args(["open", "run.jsonl", "--plain"])
        .args(arguments);
    let output = fed(&mut command, commands);
    [output.stdout, output.stderr]
        .map(|it| String::from_utf8(it).unwrap())
        .concat()
}

/// The value that `said` answers to `print TEXT`.
fn value(said: &str, text: &str) -> f64 {
    let start = format!("{text} = ");
    let mut lines = said.lines().filter_map(|line| line.strip_prefix(&start));
    let value = lines.next().unwrap_or_else(|| panic!("{text}:\n{said}"));
    value.parse().unwrap_or_else(|_| panic!("{value}:\n{said}"))
}

#[test]
fn the_lines_of_the_rule_run_on_what_was_recorded() {
    let run = Training::default().lines();
    let said = opened(
        &run,
        &[],
        "3n\ns\nprint max(abs(g - recorded.g))\ns\ns\ns\nexplain w\nprint lr\nS\nS\nS\nprint t\nbreak line 9 if step > 7\nc\nlast\nprint norm_inf(w - recorded.w)\n",
    );
    for says in [
        "next: step = step + 1",
        "next: exp_avg = beta1*exp_avg + (1 - beta1)*d_p",
        "t = 3",
        "break 1: line 9; t = 8, 8 lines done",
        "t = 20, torch_adamw",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
    // The iteration under way uses the gradient and the rate that its row has.
    assert!(value(&said, "max(abs(g - recorded.g))") > 1e-3, "{said}");
    assert_eq!(value(&said, "lr"), rate(4), "{said}");
    assert!(value(&said, "norm_inf(w - recorded.w)") < 1e-15, "{said}");
}

#[test]
fn tensors_have_their_names_in_expressions() {
    let run = Training::default().lines();
    let said = opened(
        &run,
        &[],
        "5n\nprint fc.weight[2,1] - w[3]\nprint exp_avg[\"fc.weight\"][1,2] - exp_avg[2]\nprint recorded.fc.bias[1] - recorded.w[5]\nprint norm(exp_avg_sq.fc.weight)\nprint norm(exp_avg_sq[1..4])\nprint weight_decay.fc.weight[4]\nprint weight_decay[\"fc.bias\"][1]\nprint fc.weight[3,1]\nprint fc.bias[1,1]\nprint w[\"fc.wight\"]\nprint conv.weight\nbreak fc.bias[1] < 0.6\nc\n",
    );
    for same in [
        "fc.weight[2,1] - w[3]",
        "exp_avg[\"fc.weight\"][1,2] - exp_avg[2]",
        "recorded.fc.bias[1] - recorded.w[5]",
    ] {
        assert_eq!(value(&said, same), 0.0, "{said}");
    }
    assert_eq!(
        value(&said, "norm(exp_avg_sq.fc.weight)"),
        value(&said, "norm(exp_avg_sq[1..4])")
    );
    assert_eq!(value(&said, "weight_decay.fc.weight[4]"), 0.1);
    assert_eq!(value(&said, "weight_decay[\"fc.bias\"][1]"), 0.0);
    for says in [
        "`fc.weight` is 2 x 2: there is no element 3 of 2",
        "`fc.bias` is a vector of 1, and no matrix",
        "there is no tensor `fc.wight`",
        "did you mean `fc.weight`?",
        "break 1: fc.bias[1] < 0.6",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn an_index_of_a_tensor_stays_within_it() {
    let run = Training::default().lines();
    let commands = [
        "5n",
        "print fc.bias[-1]",
        "print fc.bias[0]",
        "print fc.weight[2,0+3]",
        "print fc.weight[2*1,3-1] - w[4]",
        "print fc.weight[2^1] - w[2]",
        "print fc.weight[1.5]",
        "print fc.weight[t]",
        "print sum(i, 1, 2, fc.weight[i,i]) - (w[1] + w[4])",
        "print sum(i, 1, 4, fc.weight[i]) - sum(fc.weight)",
        "print sum(i, 1, 3, fc.weight[i,1])",
        "print sum(i, 1, 2, sum(j, i, 2, fc.weight[i,j])) - (w[1] + w[2] + w[4])",
        "print sum(i, 1, 5, fc.weight[i])",
    ];
    let said = opened(&run, &[], &(commands.join("\n") + "\n"));
    for says in [
        "`fc.bias` is 1: there is no element -1 of 1",
        "`fc.bias` is 1: there is no element 0 of 1",
        "`fc.weight` is 2 x 2: there is no element 3 of 2",
        "`fc.weight` is 2 x 2: there is no element 1.5 of 4",
        "an index or a bound has to be known when the text is loaded",
        "`fc.weight` is 2 x 2: there is no element 5 of 4",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
    let third = "there is no element 3 of 2";
    assert_eq!(said.matches(third).count(), 2, "{said}");
    for same in [4, 5, 8, 9, 11] {
        let text = commands[same].strip_prefix("print ").unwrap();
        assert!(value(&said, text).abs() < 1e-15, "{said}");
    }
}

#[test]
fn a_run_that_is_not_its_rules_stops_where_it_leaves_it() {
    let run = Training {
        forgets_at: Some(12),
        ..Training::default()
    };
    let said = opened(
        &run.lines(),
        &[],
        "break norm_inf(w - recorded.w) > 1e-9\nc\nprint norm_inf(exp_avg[\"fc.weight\"] - recorded.exp_avg[\"fc.weight\"])\nprint norm_inf(exp_avg[\"fc.bias\"] - recorded.exp_avg[\"fc.bias\"])\nn\nprint norm_inf(w - recorded.w) < 1e-12\n",
    );
    assert!(
        said.contains("break 1: norm_inf(w - recorded.w) > 1e-9; t = 12"),
        "{said}"
    );
    assert!(
        value(
            &said,
            "norm_inf(exp_avg[\"fc.weight\"] - recorded.exp_avg[\"fc.weight\"])"
        ) > 1e-3
    );
    assert!(
        value(
            &said,
            "norm_inf(exp_avg[\"fc.bias\"] - recorded.exp_avg[\"fc.bias\"])"
        ) < 1e-12
    );
    // The next iteration begins where the run was.
    assert!(
        said.contains("norm_inf(w - recorded.w) < 1e-12 = true"),
        "{said}"
    );
}

#[test]
fn the_first_line_that_is_not_what_was_recorded_is_marked() {
    let run = Training {
        forgets_at: Some(12),
        ..Training::default()
    };
    let says = "the first line whose result is not what was recorded: off by";
    let said = opened(&run.lines(), &[], "12n\nlist\nexplain exp_avg\nexplain w\n");
    assert!(said.contains("!  5  exp_avg"), "{said}");
    // The line of w comes after it.
    assert_eq!(said.matches(says).count(), 1, "{said}");
    let other = Training {
        decay: 0.1,
        ..Training::default()
    };
    let said = opened(&other.lines(), &[], "3n\nlist\nexplain w\n");
    assert!(said.contains("! 11  w "), "{said}");
    assert_eq!(said.matches(says).count(), 1, "{said}");
    for elsewhere in ["11n\nlist\n", "13n\nlist\n", "12n\ns\nlist\n"] {
        let said = opened(&run.lines(), &[], elsewhere);
        assert!(!said.contains("\n! "), "{elsewhere}:\n{said}");
    }
}

#[test]
fn what_the_type_of_a_tensor_rounds_off_is_no_line_that_leads_elsewhere() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for (run, is_marked) in [("two-types", false), ("two-types-rate", true)] {
        let path = format!("{folder}/tests/recordings/{run}-32.eig.gz");
        let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
        command.args(["open", &path, "--plain"]);
        let said = fed(&mut command, "9n\nlist\n");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert_eq!(said.contains("\n! "), is_marked, "{run}:\n{said}");
    }
}

#[test]
fn a_run_that_ends_in_nan_stops_there() {
    let run = Training {
        fails_at: Some(7),
        ..Training::default()
    };
    let said = opened(
        &run.lines(),
        &[],
        "c\nprint count_nonfinite(g)\nprint count_nonfinite(w)\nc\n",
    );
    assert!(
        said.contains("count_nonfinite(recorded.w) + count_nonfinite(recorded.g) > 0"),
        "{said}"
    );
    assert_eq!(value(&said, "count_nonfinite(g)"), 1.0, "{said}");
    assert_eq!(value(&said, "count_nonfinite(w)"), 1.0, "{said}");
    assert!(
        said.contains("t = 7, torch_adamw") && said.contains("t = 20"),
        "{said}"
    );
}

#[test]
fn rows_that_are_missing_are_passed_over() {
    let run = Training {
        every: 4,
        ..Training::default()
    };
    let said = opened(
        &run.lines(),
        &[],
        "until t == 8\nprint norm_inf(w - recorded.w) < 1e-14\ngoto 9\nprint loss\nback 5\nlast\nprint norm_inf(exp_avg - recorded.exp_avg) < 1e-15\n",
    );
    for says in [
        "norm_inf(w - recorded.w) < 1e-14 = true",
        // Iteration 9 has no row: the next one that has is 11.
        "t = 11, torch_adamw: loss = 0.25",
        "norm_inf(exp_avg - recorded.exp_avg) < 1e-15 = true",
    ] {
        assert!(said.contains(says), "{says}:\n{said}");
    }
}

#[test]
fn where_a_rule_leads_to_from_a_missing_row_is_not_known() {
    let lines = Training::default().lines();
    let mut kept: Vec<&str> = lines.lines().collect();
    kept.retain(|line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["t"].as_u64().is_none_or(|t| t % 5 == 0)
    });
    let alone = kept.join("\n") + "\n";
    let pairs = Training {
        every: 5,
        ..Training::default()
    };
    let ask = "print norm(w - recorded.w)\nprint count_nonfinite(w)\ninfo tensors\n";
    for (run, there) in [(&alone, 5), (&alone, 10), (&pairs.lines(), 9)] {
        for way in [format!("goto {there}"), format!("goto {there}\nback\nn")] {
            let said = opened(run, &[], &format!("{way}\n{ask}"));
            let unknown = "norm(w - recorded.w) = unknown, because w is: it was not recorded here";
            assert!(said.contains(unknown), "{way}:\n{said}");
            assert_eq!(value(&said, "count_nonfinite(w)"), 0.0, "{way}:\n{said}");
            let rows = said.lines().filter(|line| line.starts_with("fc."));
            // Nothing is off, and nothing right.
            let off = |row: &str| row.split_whitespace().rev().nth(2).map(str::to_owned);
            assert!(rows.clone().count() == 2, "{said}");
            for row in rows {
                assert_eq!(off(row).as_deref(), Some("-"), "{way}:\n{said}");
            }
        }
    }
    let said = opened(
        &pairs.lines(),
        &[],
        "goto 9\nn\nprint norm(w - recorded.w) < 1e-15\n",
    );
    assert!(
        said.contains("norm(w - recorded.w) < 1e-15 = true"),
        "{said}"
    );
}

#[test]
fn another_rule_may_be_led_along_the_run() {
    let run = Training::default().lines();
    let commands = "break norm_inf(w - recorded.w) > 1e-9\nc\nprint lr\ninfo settings\n";
    let said = opened(
        &run,
        &["--rule", "torch/adamw", "--set", "lr=0.002"],
        commands,
    );
    assert!(
        said.contains("break 1: norm_inf(w - recorded.w) > 1e-9; t = 1"),
        "{said}"
    );
    let said = opened(&run, &["--rule", "nesterov"], "");
    assert!(
        said.contains("asks for gradients at other places than w"),
        "{said}"
    );
    let said = opened(&run, &["--rule", "torch/adam", "--rule", "torch/sgd"], "");
    assert!(
        said.contains("several rules beside the recorded run need the loss"),
        "{said}"
    );
}

#[test]
fn tensors_stand_side_by_side() {
    let run = Training {
        forgets_at: Some(12),
        fails_at: Some(15),
        ..Training::default()
    };
    let said = opened(&run.lines(), &[], "12n\ninfo tensors\n3n\ninfo tensors\n");
    let rows: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("fc."))
        .collect();
    assert_eq!(rows.len(), 4, "{said}");
    let heading = said
        .lines()
        .find(|line| line.starts_with("tensor"))
        .unwrap();
    let words: Vec<&str> = heading.split_whitespace().collect();
    let cell = |row: &str, name: &str| -> String {
        let at = words.iter().position(|it| *it == name).unwrap();
        row.split_whitespace().nth(at).unwrap().to_owned()
    };
    assert_eq!(cell(rows[0], "shape"), "2x2", "{said}");
    assert_eq!(cell(rows[0], "rate"), "0.01", "{said}");
    // The weights are not where the rule leads to at t = 12; the bias is.
    let off = |row: &str| cell(row, "off").parse::<f64>().unwrap();
    assert!(off(rows[0]) > 1e-4 && off(rows[1]) < 1e-12, "{said}");
    assert!(
        rows[2].contains('-'),
        "norms of what is not finite are no numbers: {said}"
    );
    // The first weight is right; of the second, nothing is known.
    assert_eq!(cell(rows[2], "off"), "-", "{said}");
    assert_eq!(words.iter().filter(|it| **it == "finite").count(), 1);
}

#[test]
fn settings_of_rows_and_groups_are_among_the_settings() {
    let said = opened(
        &Training::default().lines(),
        &[],
        "3n\ninfo settings\nprint lr\n",
    );
    let rate = said.lines().find(|it| it.contains("lr  ")).unwrap();
    let own = format!("= {} by the rows", self::rate(3));
    assert!(
        rate.contains(&own) && rate.contains("learning rate"),
        "{said}"
    );
    // One group is decayed, the other one is not.
    let decay = said.lines().find(|it| it.starts_with("weight_decay"));
    assert!(decay.unwrap().contains("= 0.1, 0 by the rows"), "{said}");
}

#[test]
fn no_rule_is_led_along_norms() {
    let rows = |t: i32| {
        format!("{{\"t\":{t},\"params\":{{\"a\":1.5,\"b\":2.5}},\"g\":{{\"a\":1,\"b\":1}}}}\n")
    };
    let run = "{\"hook\":\"pytorch\",\"norms\":true}\n".to_owned() + &rows(0) + &rows(1);
    let said = opened(&run, &["--rule", "torch/sgd"], "");
    assert!(
        said.contains("has norms of tensors, not their elements"),
        "{said}"
    );
}

/// The lines of `said` that tell where the run is.
fn places(said: &str) -> Vec<&str> {
    let lines = said.lines().map(|it| it.trim_start_matches("(eigenstep) "));
    lines.filter(|it| it.starts_with("t = ")).collect()
}

#[test]
fn between_rows_nothing_is_shown_as_if_it_had_been_recorded() {
    let log = [(0, 2.5), (5, 2.1), (10, 1.8), (20, 1.2)];
    let rows = log.map(|(t, loss)| format!("{{\"t\":{t},\"loss\":{loss},\"grad_norm\":{t}}}\n"));
    let ask = "step\nstep\nback\ngoto 7\nprint prev(loss)\nprint mean_over(loss, 3)\nprint last_change(loss)\n\
               trace loss\nrestart\nstep 3\n";
    let said = opened(&rows.concat(), &[], ask);
    let told = places(&said);
    let at = [
        "t = 5, loss = 2.1, |g| = 5",
        "t = 10, loss = 1.8",
        "t = 5, loss = 2.1",
        "t = 10, loss = 1.8",
    ];
    for (told, at) in told.iter().zip(at) {
        assert!(told.starts_with(at), "{at}: {said}");
    }
    assert_eq!(value(&said, "prev(loss)"), 2.1);
    assert!((value(&said, "mean_over(loss, 3)") - 6.4 / 3.0).abs() < 1e-15);
    assert_eq!(value(&said, "last_change(loss)"), 10.0);
    let traced: Vec<&str> = said
        .lines()
        .filter_map(|it| {
            it.trim_start_matches("(eigenstep) ")
                .strip_prefix("trace 2: ")
        })
        .collect();
    assert_eq!(
        traced,
        [
            "t = 5: loss = 2.1",
            "t = 10: loss = 1.8",
            "t = 20: loss = 1.2"
        ],
        "{said}"
    );
}

#[test]
fn what_a_row_lacks_is_unknown() {
    let run = "{\"t\":0,\"loss\":2,\"lr\":0.1}\n{\"t\":3,\"lr\":0.2}\n";
    let said = opened(run, &[], "step\nprint loss\nprint lr\n");
    assert!(
        said.contains("loss = unknown, because it was not recorded here"),
        "{said}"
    );
    assert_eq!(value(&said, "lr"), 0.2);
}

/// Three steps of torch's SGD on two parameters, each row with the gradient and the loss of the step that led to it.
const USED: &str = r#"{"hook":"pytorch","optimizer":"SGD","groups":[{"params":["fc.weight"],"lr":0.1}]}
{"t":4,"params":{"fc.weight":[1,2]},"g":{"fc.weight":[3,4]},"loss":9}
{"t":5,"params":{"fc.weight":[0.4,1.2]},"g":{"fc.weight":[6,8]},"loss":8}
{"t":6,"params":{"fc.weight":[0.4,-0.3]},"g":{"fc.weight":[0,15]},"loss":7}
{"t":9,"params":{"fc.weight":[0.1,0.1]},"g":{"fc.weight":[5,12]},"loss":6}
"#;

#[test]
fn loss_and_gradient_are_those_of_one_row() {
    let said = opened(USED, &[], "step\ninfo tensors\nlast\n");
    let told = places(&said);
    assert!(told[0].contains("loss = 8, |g| = 10"), "{said}");
    assert!(told[1].contains("loss = 6, |g| = 13"), "{said}");
    let rows = said.lines().find(|line| line.starts_with("fc.weight"));
    assert_eq!(
        rows.unwrap().split_whitespace().nth(3),
        Some("10"),
        "{said}"
    );
}

#[test]
fn only_what_lines_led_to_is_explained() {
    let ask = "explain w[1]\nstep\nexplain w[1]\nlast\nexplain w[1]\n";
    let said = opened(USED, &[], ask);
    assert!(said.contains("no line has assigned `w` yet"), "{said}");
    assert!(said.contains("1 - 0.1*6 = 0.4"), "{said}");
    assert!(
        said.contains("the iteration before was not recorded"),
        "{said}"
    );
    assert!(!said.contains("NaN"), "{said}");
}

#[test]
fn the_name_of_a_tensor_is_its_norm_where_norms_were_recorded() {
    let rows = |t: i32| {
        format!(
            "{{\"t\":{t},\"params\":{{\"fc.weight\":1.5,\"b\":2.5}},\"g\":{{\"fc.weight\":1,\"b\":1}}}}\n"
        )
    };
    let run = "{\"hook\":\"pytorch\",\"optimizer\":\"SGD\",\"norms\":true}\n".to_owned()
        + &rows(0)
        + &rows(1);
    let ask = "print norm(fc.weight)\nbreak norm(fc.weight) > 1\nprint norm(g[\"fc.weight\"])\nprint fc.weigth\nlast\ninfo tensors\nexplain fc.weight\n";
    let said = opened(&run, &[], ask);
    // The norm is the same in both rows: the tensor may have turned.
    let row = said.lines().find(|it| it.starts_with("fc.weight")).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words, ["fc.weight", "1.5", "1", "-", "0", "-"], "{said}");
    assert_eq!(value(&said, "norm(fc.weight)"), 1.5, "{said}");
    assert_eq!(value(&said, "norm(g[\"fc.weight\"])"), 1.0, "{said}");
    assert!(said.contains("the name of a tensor is its norm"), "{said}");
    assert!(!said.contains("--rule"), "{said}");
    assert!(said.contains("did you mean `fc.weight`?"), "{said}");
}

/// A run of SGD's with two elements of a tensor of nine.
const SOME: &str = r#"{"hook":"pytorch","optimizer":"SGD","settings":{"lr":0.1},"groups":[{"params":["a"],"lr":0.1}],"coordinates":{"a":[0,5]}}
{"t":0,"params":{"a":[1,2]}}
{"t":1,"params":{"a":[0.9,1.9]},"g":{"a":[1,1]}}
"#;

#[test]
fn rules_that_take_tensors_whole_are_not_held_against_some_of_their_elements() {
    let said = opened(
        SOME,
        &[],
        "n
info tensors
",
    );
    assert!(
        said.contains(
            "some elements of `a` were recorded: they are counted, and norms are of these alone"
        ),
        "{said}"
    );
    assert!(
        said.contains("torch_sgd"),
        "each element by itself:\n{said}"
    );
    for rule in ["torch/muon", "optax/lamb", "torch/adafactor"] {
        let said = opened(SOME, &["--rule", rule], "");
        assert!(
            said.contains(&format!("{rule} makes an element of all")),
            "{said}"
        );
        let spread = SOME.replace(r#""coordinates":{"a":[0,5]}"#, r#""shards":{"a":[4]}"#);
        let said = opened(&spread, &["--rule", rule], "");
        assert!(said.contains("has some elements of `a`"), "{said}");
    }
}

#[test]
fn a_tensor_of_which_a_process_has_nothing_has_no_negative_norm() {
    let run = r#"{"hook":"pytorch","optimizer":"SGD","settings":{"lr":0.1},"groups":[{"params":["a","b"],"lr":0.1}],"shards":{"a":[4],"b":[1]}}
{"t":0,"params":{"a":[1,2],"b":[]}}
{"t":1,"params":{"a":[0.9,1.9],"b":[]},"g":{"a":[1,1],"b":[]}}
"#;
    let said = opened(run, &[], "n\ninfo tensors\n");
    assert!(said.contains("\nb ") && !said.contains("-0 "), "{said}");
    let (said, is_same) = diffed(run);
    assert!(is_same, "{said}");
}

/// A log that has its parameters from the second row on.
const LATE: &str = r#"{"t":0,"loss":1}
{"t":1,"w":[1,2],"g":[1,1]}
{"t":2,"w":[0.9,1.9],"g":[1,1]}
{"t":3,"w":[0.8,1.8],"g":[1,1]}
"#;

#[test]
fn a_run_may_have_its_parameters_from_a_later_row_on() {
    let gd = ["--rule", "gd", "--set", "eta=0.1"];
    let said = opened(
        LATE,
        &gd,
        "goto 2\nprint norm_inf(w - recorded.w) < 1e-15\n",
    );
    assert!(
        said.contains("norm_inf(w - recorded.w) < 1e-15 = true"),
        "{said}"
    );
    // Before that, where the rule leads to is not known.
    let said = opened(LATE, &gd, "print norm(w)\nn\nprint norm(w - recorded.w)\n");
    assert!(
        said.contains("norm(w) = unknown, because w is: it was not recorded here"),
        "{said}"
    );
    // A rule beside it begins where the run is first known to be.
    let beside = [&gd[..], &["--loss", "x + y"]].concat();
    let said = opened(LATE, &beside, "goto 0\nprint gd.w\n");
    assert!(said.contains("gd.w = [1, 2]"), "{said}");
    let apart = "{\"t\":0,\"params\":{\"a\":[1]}}\n{\"t\":1,\"params\":{\"b\":[1]}}\n";
    let said = opened(apart, &beside, "");
    assert!(
        said.contains("no row of `run.jsonl` has all parameters"),
        "{said}"
    );
    assert!(said.contains("log these in one row: a, b"), "{said}");
}

#[test]
fn the_stop_where_numbers_fail_knows_the_names_of_the_run() {
    let row = |t: u32, g: &str| format!("{{\"t\":{t},\"w\":[1,2],\"grad\":[{g},1]}}\n");
    let run: String = (0..6)
        .map(|t| row(t, if t < 3 { "1" } else { "NaN" }))
        .collect();
    let said = opened(&run, &[], "c\n");
    assert!(
        said.contains("break 1: count_nonfinite(grad_) > 0; t = 3"),
        "{said}"
    );
    // Beside it, the rule has a w of its own.
    let said = opened(&run, &["--rule", "gd"], "c\n");
    assert!(
        said.contains("break 1: count_nonfinite(recorded.grad_) > 0; t = 3"),
        "{said}"
    );
}

#[test]
fn metrics_of_any_name_are_drawn() {
    let row = |t: u32| {
        format!("{{\"step\":{t},\"loss\":1,\"alpha\":{t},\"train/acc\":1,\"train.acc\":2}}\n")
    };
    let run: String = (0..3).map(row).collect();
    let said = opened(&run, &[], "n\nprint alpha_\nprint train_acc + train_acc_\n");
    assert_eq!(value(&said, "alpha_"), 1.0, "{said}");
    assert_eq!(value(&said, "train_acc + train_acc_"), 3.0, "{said}");
    assert!(!said.contains("error"), "{said}");
}

#[test]
fn what_was_not_recorded_is_not_one_that_is_not_finite() {
    let log = "{\"step\":0,\"loss\":1}\n{\"step\":1,\"loss\":2,\"acc\":1}\n";
    let said = opened(
        log,
        &[],
        "info tensors\nprint count_nonfinite(w) + count_nonfinite(acc)\n",
    );
    assert_eq!(
        value(&said, "count_nonfinite(w) + count_nonfinite(acc)"),
        0.0,
        "{said}"
    );
    assert!(said.contains("no parameters were recorded"), "{said}");
    // A frozen tensor beside one whose gradient overflows.
    let row = |t: u32| {
        let g = if t < 4 { "1" } else { "Infinity" };
        format!("{{\"t\":{t},\"params\":{{\"a\":[1],\"b\":[2]}},\"g\":{{\"a\":[{g}]}}}}\n")
    };
    let run: String = (0..7).map(row).collect();
    let said = opened(&run, &[], "c\nprint count_nonfinite(g)\n");
    assert!(
        said.contains("break 1: count_nonfinite(g) > 0; t = 4"),
        "{said}"
    );
    assert_eq!(value(&said, "count_nonfinite(g)"), 1.0, "{said}");
}

/// Runs of Adam in 64 bits that torch made: `fc.weight` gets its first gradient in iteration 6; then, in another run, both
/// tensors take turns.
fn resting() -> [String; 2] {
    let folder = env!("CARGO_MANIFEST_DIR");
    let packed = fs::read(format!(
        "{folder}/tests/reference/torch_resting_runs.jsonl.gz"
    ))
    .unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..])
        .read_to_string(&mut text)
        .unwrap();
    let runs = text
        .split_inclusive('\n')
        .fold(Vec::new(), |mut runs, line| {
            if !line.starts_with("{\"t\"") {
                runs.push(String::new());
            }
            runs.last_mut().unwrap().push_str(line);
            runs
        });
    let is_wanted = |it: &&String| it.contains("\"Adam\"") && it.contains("float64");
    let mut adam = runs.iter().filter(is_wanted);
    [0, 1].map(|skipped| adam.nth(skipped).unwrap().clone())
}

#[test]
fn a_tensor_without_a_gradient_stays_and_counts_its_own_steps() {
    let [late, turns] = resting();
    let said = opened(
        &late,
        &[],
        "5n\nprint step[\"fc.weight\"][1]\nprint step[\"fc.bias\"][1]\nprint norm(exp_avg.fc.weight)\nn\nlast\n",
    );
    assert_eq!(value(&said, "step[\"fc.weight\"][1]"), 0.0, "{said}");
    assert_eq!(value(&said, "step[\"fc.bias\"][1]"), 5.0, "{said}");
    assert_eq!(value(&said, "norm(exp_avg.fc.weight)"), 0.0, "{said}");
    // What one tensor has is the length of the gradient; behind the last row there is none.
    let none = said.matches("|g| = unknown").count();
    assert_eq!(none, 1, "{said}");
    for (run, t, counts) in [(late, 24, "19 24"), (turns, 24, "12 12")] {
        let said = opened(
            &run,
            &[],
            &format!(
                "goto {t}\nprint norm_inf(w - recorded.w)\nprint norm_inf(exp_avg_sq - recorded.exp_avg_sq)\nprint step[\"fc.weight\"][1]\nprint step[\"fc.bias\"][1]\n"
            ),
        );
        assert!(value(&said, "norm_inf(w - recorded.w)") < 1e-15, "{said}");
        let second = value(&said, "norm_inf(exp_avg_sq - recorded.exp_avg_sq)");
        assert!(second < 1e-15, "{said}");
        let step = |of: &str| value(&said, &format!("step[\"{of}\"][1]"));
        assert_eq!(
            format!("{} {}", step("fc.weight"), step("fc.bias")),
            counts,
            "{said}"
        );
    }
}

#[test]
fn a_setting_is_named_where_a_tensor_was_unfrozen_late() {
    let [late, _] = resting();
    let (said, is_same) = diffed(&late.replace("[0.9,0.999]", "[0.9,0.99]"));
    assert!(!is_same, "{said}");
    assert!(
        said.contains("match torch/adam with beta2=0.999; torch/adam itself has beta2=0.99"),
        "{said}"
    );
    assert!(
        said.contains("note: fc.weight not stepped in some iterations")
            && !said.contains("not finite"),
        "{said}"
    );
}

/// What `diff` says of `run`, and whether it is the same.
fn diffed(run: &str) -> (String, bool) {
    diffed_with(run, &[])
}

fn diffed_with(run: &str, arguments: &[&str]) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, run).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    let output = command.arg("diff").arg(&path).args(arguments).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (said, output.status.code() == Some(0))
}

#[test]
fn what_is_set_stands_in_the_place_of_what_the_header_states_and_all_else_stays() {
    let run = Training::default().lines();
    let against = |set: &str| diffed_with(&run, &["--set", set]);
    // What is stated already, and what does not matter; the rates are those of the rows.
    for set in ["eps=1e-8", "beta2=0.999", "lr=0.01"] {
        let (said, is_same) = against(set);
        assert!(is_same, "{set}: {said}");
        assert!(
            said.contains("weight_decay is that of each group"),
            "{said}"
        );
    }
    let (said, is_same) = against("beta1=0.8");
    assert!(
        !is_same && said.contains("The run has beta1=0.9 ("),
        "{said}"
    );
    assert!(
        said.contains("torch/adamw was given beta1=0.8. With that, torch/adamw with the stated"),
        "{said}"
    );
    // It is set for all groups.
    let (said, is_same) = against("weight_decay=0.1");
    let cause = "no weight decay, in group 2 (fc.bias)";
    assert!(!is_same && said.contains(cause), "{said}");
    let (said, _) = against("rho=1");
    assert!(!said.contains("compared"), "{said}");
    let set = ["--set", "beta1=0.8"];
    let said = opened(&run, &set, "print beta1\nprint weight_decay.fc.bias[1]\n");
    assert_eq!(value(&said, "beta1"), 0.8);
    assert_eq!(value(&said, "weight_decay.fc.bias[1]"), 0.0);
    let said = opened(&run, &["--set", "beta1=2"], "");
    let is_refused = said.contains("error: `beta1` cannot be 2") && !said.contains("recorded on");
    assert!(is_refused, "{said}");
}

#[test]
fn a_counter_that_is_reset_is_named_however_many_weights_there_are() {
    let reset = counted_anew(16_000);
    let (said, _) = diffed(&reset);
    let cause = "The run has `step` reset to its initial value, in iteration 6";
    assert!(said.contains(cause), "{said}");
    assert!(said.contains("leads through all 10 iterations"), "{said}");
}

/// Ten iterations of Adam on two tensors, one of so many weights; the counters of both begin again in iteration 6.
fn counted_anew(n: usize) -> String {
    let group =
        json!({"params": ["weight", "bias"], "lr": 0.01, "betas": [0.9, 0.99], "eps": 1e-8});
    let header = json!({"hook": "pytorch", "optimizer": "Adam", "groups": [group]});
    let mut lines = header.to_string() + "\n";
    let (mut w, mut m, mut v) = (vec![0.5; n + 2], vec![0.0; n + 2], vec![0.0; n + 2]);
    let by_tensor = |all: &[f64]| json!({"weight": all[..n], "bias": all[n..]});
    for t in 0..=10 {
        let step = if t < 6 { t } else { t - 5 };
        let g = (0..n + 2).map(|at| f64::from(t % 3) - 0.5 + [0.3, 0.1, -0.4][at % 3]);
        let g: Vec<f64> = g.collect();
        if t > 0 {
            let correction = |beta: f64| 1.0 - beta.powi(step);
            for at in 0..n + 2 {
                m[at] = 0.9 * m[at] + (1.0 - 0.9) * g[at];
                v[at] = 0.99 * v[at] + (1.0 - 0.99) * g[at] * g[at];
                let root = v[at].sqrt() / correction(0.99).sqrt() + 1e-8;
                w[at] -= 0.01 / correction(0.9) * (m[at] / root);
            }
        }
        let state = json!({"step": {"weight": step, "bias": step}, "exp_avg": by_tensor(&m), "exp_avg_sq": by_tensor(&v)});
        let mut row = json!({"t": t, "params": by_tensor(&w), "state": state});
        if t > 0 {
            row["g"] = by_tensor(&g);
        }
        lines += &(row.to_string() + "\n");
    }
    lines
}

#[test]
fn a_run_that_goes_on_from_a_checkpoint_begins_with_what_that_has() {
    let run = Training::default().lines();
    let (header, rows) = run.split_once('\n').unwrap();
    let resumed = |change: &dyn Fn(&mut Value)| {
        let rows = rows
            .lines()
            .map(|row| serde_json::from_str::<Value>(row).unwrap());
        let rows = rows.skip(8).map(|mut row| {
            row["t"] = json!(row["t"].as_u64().unwrap() - 8);
            if row["t"] == 0 {
                row.as_object_mut().unwrap().remove("g");
                change(&mut row);
            }
            format!("{row}\n")
        });
        let header = header.replace("\"lr\":0.002", "\"lr\":0.01");
        diffed(&(header + "\n" + &rows.collect::<String>()))
    };
    let (said, is_same) = resumed(&|_| {});
    assert!(is_same, "{said}");
    assert!(said.contains("taken steps before the first row"), "{said}");
    // What it begins with has to be what it goes on with.
    let (said, is_same) = resumed(&|row| row["state"]["step"]["fc.weight"] = json!(3));
    assert!(!is_same, "{said}");
    // One number in all elements is how a rule begins: another rule.
    let (said, is_same) = resumed(&|row| {
        let sums = json!({"fc.weight": [[0.1, 0.1], [0.1, 0.1]], "fc.bias": [0.1]});
        row["state"] = json!({"exp_avg_sq": sums});
    });
    assert!(
        !is_same && said.contains("first difference: t = 0"),
        "{said}"
    );
}

#[test]
fn what_is_not_a_number_any_more_is_not_held_against_the_rule() {
    let header = json!({"hook": "pytorch", "optimizer": "SGD", "settings": {"lr": 0.5, "momentum": 0.0, "weight_decay": 0.0}});
    let run = |last: &str| {
        format!(
            "{header}\n{}\n{}\n{{\"t\":2,\"params\":{{\"a\":[\"-Infinity\",0]}},\"g\":{{\"a\":[\"Infinity\",2]}}}}\n{{\"t\":3,\"params\":{{\"a\":[\"-Infinity\",{last}]}},\"g\":{{\"a\":[0,2]}}}}\n",
            json!({"t": 0, "params": {"a": [1, 2]}}),
            json!({"t": 1, "params": {"a": [0.5, 1]}, "g": {"a": [1, 2]}})
        )
    };
    // 0 times infinity is not a number to a rule, and nothing to a library that leaves the decay out.
    let (said, is_same) = diffed(&run("-1"));
    assert!(is_same, "{said}");
    let (said, is_same) = diffed(&run("-2"));
    assert!(!is_same && said.contains("a[2] of w"), "{said}");
}

#[test]
fn settings_that_optax_keeps_among_its_states_hold_in_their_rows() {
    let run = |third: f64| {
        let mut w = 1.0;
        let mut text = format!("{}\n", json!({"rule": "optax/sgd", "settings": {}}));
        for t in 0..8 {
            let rate = if t == 3 { third } else { 0.125 * f64::from(t) };
            let used = 0.125 * f64::from(t);
            let g = if t == 0 {
                json!(null)
            } else {
                json!({"a": [w, 0.0]})
            };
            w -= used * if t == 0 { 0.0 } else { w };
            let mut row = json!({"t": t, "params": {"a": [w, 2.0]}, "state": {"hyperparams": {"learning_rate": rate}}});
            if t > 0 {
                row["g"] = g;
            }
            text += &row.to_string();
            text.push('\n');
        }
        text
    };
    let (said, is_same) = diffed(&run(0.375));
    assert!(
        is_same && said.contains("note: learning_rate of each iteration"),
        "{said}"
    );
    let (said, is_same) = diffed(&run(0.5));
    assert!(!is_same && said.contains("t = 3"), "{said}");
}

#[test]
fn tensors_whose_gradients_are_all_logged_now_and_then_do_not_rest() {
    let header =
        json!({"hook": "pytorch", "optimizer": "SGD", "settings": {"lr": 0.5, "momentum": 0.0}});
    let rows = (0..6).map(|t| {
        let w = 0.7 * 0.5_f64.powi(t);
        let mut row = json!({"t": t, "params": {"a": [w], "b": [2.0 * w]}});
        if t > 0 && t != 3 {
            row["g"] = json!({"a": [2.0 * w], "b": [4.0 * w]});
        }
        format!("{row}\n")
    });
    let run = format!("{header}\n{}", rows.collect::<String>());
    let (said, is_same) = diffed(&run);
    assert!(is_same && !said.contains("not stepped"), "{said}");
    assert!(said.contains("1 row cannot be told"), "{said}");
}

/// A run of SGD with 14000 weights in one group and two biases in another: the weights are stepped by twice the stated rate
/// and in iteration 19, if `strays`, one of them by less than that.
fn with_many_weights(strays: bool) -> String {
    const N: usize = 14_000;
    let shared = json!({"momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": false, "maximize": false});
    let group = |name: &str, lr: f64| {
        let mut group = shared.clone();
        group["params"] = json!([name]);
        group["lr"] = json!(lr);
        group
    };
    let groups = json!([group("weight", 0.125), group("bias", 0.25)]);
    let header = json!({"hook": "pytorch", "optimizer": "SGD", "groups": groups});
    let mut rows = vec![header];
    let mut w = [vec![1.0; N], vec![1.0, 2.0]];
    for t in 0..=20 {
        let sign = if t % 2 == 0 { 1.0 } else { -2.0 };
        let weights = (0..N).map(|at| sign * [1.0, 0.5, 0.25, 2.0, -1.0][at % 5]);
        let g = [weights.collect(), vec![sign, 0.5]];
        let mut row = json!({"t": t});
        if t > 0 {
            for (at, (w, g)) in w[0].iter_mut().zip(&g[0]).enumerate() {
                let is_other = strays && t == 19 && at == 9000;
                *w -= if is_other { 0.1875 } else { 0.25 } * g;
            }
            for (w, g) in w[1].iter_mut().zip(&g[1]) {
                *w -= 0.25 * g;
            }
            row["g"] = json!({"weight": g[0], "bias": g[1]});
        }
        row["params"] = json!({"weight": w[0], "bias": w[1]});
        rows.push(row);
    }
    let lines = rows.iter().map(|it| it.to_string() + "\n");
    lines.collect()
}

#[test]
fn a_cause_that_was_found_on_a_part_of_the_weights_is_held_against_all() {
    let cause = "The run has lr=0.25, in group 1 (weight)";
    let (said, _) = diffed(&with_many_weights(false));
    let whole = "leads through all 20 iterations.";
    assert!(said.contains(cause) && said.contains(whole), "{said}");
    let (said, _) = diffed(&with_many_weights(true));
    let part =
        "found on a part of the parameters: of all, it does not lead weight through iteration 19.";
    assert!(said.contains(cause) && said.contains(part), "{said}");
    assert!(said.contains("95.0 %") && !said.contains(whole), "{said}");
}

/// A run of AdamW that nothing says the rule of: rows of `w`, `g` and both moments, the last of them off by `slip`.
fn unnamed(rows: i32, slip: f64) -> String {
    let (lr, beta1, beta2, decay) = (0.02, 0.8, 0.95, 0.1);
    let mut w: Vec<f64> = (0..6).map(|at| f64::from(at) * 0.7 - 1.3).collect();
    let (mut m, mut v) = (vec![0.0; 6], vec![0.0; 6]);
    let mut lines = json!({"t": 0, "w": w}).to_string() + "\n";
    for t in 1..=rows {
        let g: Vec<f64> = w
            .iter()
            .zip(1..)
            .map(|(w, at)| w * f64::from(at) + 0.3)
            .collect();
        for at in 0..6 {
            w[at] *= 1.0 - lr * decay;
            m[at] = beta1 * m[at] + (1.0 - beta1) * g[at];
            v[at] = beta2 * v[at] + (1.0 - beta2) * g[at] * g[at];
            let corrected = m[at] / (1.0 - beta1.powi(t));
            let denom = (v[at] / (1.0 - beta2.powi(t))).sqrt() + 1e-8;
            w[at] -= lr * corrected / denom;
        }
        if t == rows {
            w[5] += slip;
        }
        let row = json!({"t": t, "w": w, "g": g, "exp_avg": m, "exp_avg_sq": v});
        lines += &(row.to_string() + "\n");
    }
    lines
}

#[test]
fn a_rule_that_nobody_names_is_inferred_where_it_explains_the_rows() {
    let said = opened(
        &unnamed(12, 0.0),
        &[],
        "9n\nexplain w[2]\nprint norm_inf(w - recorded.w)\ndrop torch_adamw\nprint norm_inf(w)\n",
    );
    let title = "inferred from all 13 rows (drop torch_adamw refuses it): torch/adamw lr=0.02 beta1=0.8 beta2=0.95 weight_decay=0.1";
    assert!(said.contains(title), "{said}");
    assert!(value(&said, "norm_inf(w - recorded.w)") < 1e-14, "{said}");
    assert!(value(&said, "norm_inf(w)") > 0.1, "{said}");
    // What one row says otherwise is no rule's.
    let said = opened(&unnamed(12, 1e-6), &[], "9n\nprint norm_inf(w)\n");
    assert!(
        said.contains("no rule inferred (--rule names one): none of "),
        "{said}"
    );
    assert!(value(&said, "norm_inf(w)") > 0.1, "{said}");
    let said = opened(&unnamed(3, 0.0), &[], "2n\n");
    assert!(said.contains("of 4 rows; 5 are needed"), "{said}");
    // Who names a rule gets that one.
    let said = opened(&unnamed(12, 0.0), &["--rule", "torch/adam"], "2n\n");
    assert!(
        !said.contains("inferred") && said.contains("torch_adam"),
        "{said}"
    );
}

#[test]
fn settings_that_the_rule_does_not_have_are_told_of_where_it_is_opened() {
    let with = |name: &str, value: Value| {
        let lines = Training::default().lines();
        let (header, rows) = lines.split_once('\n').unwrap();
        let mut header: Value = serde_json::from_str(header).unwrap();
        header["settings"][name] = value.clone();
        for group in header["groups"].as_array_mut().unwrap() {
            group[name] = value.clone();
        }
        opened(&format!("{header}\n{rows}"), &[], "3n\n")
    };
    let said = with("warp", json!(2));
    assert!(
        said.contains("the header has warp=2, which the rule does not have"),
        "{said}"
    );
    let said = with("loss_scale_factor", json!(8));
    assert!(
        said.contains("shown without its rule") && said.contains("loss_scale_factor=8"),
        "{said}"
    );
    let said = with("foreach", json!(true));
    assert!(
        said.contains("torch_adamw") && !said.contains("foreach"),
        "{said}"
    );
}
