//! Reading runs that were recorded elsewhere.

use eigenstep::{
    debugger::{Control, Session},
    diff::{ConfiguredRule, led_lane},
    error::Source,
    runs::{self, FieldMeaning, ReadOptions, Run},
};
use serde_json::json;
use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// A file with `text` in a folder that goes with the test.
struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        std::fs::write(&path, text).unwrap();
        Self {
            _folder: folder,
            path,
        }
    }

    fn open(&self, options: &ReadOptions) -> Run {
        runs::open(self.path.to_str().unwrap(), options).unwrap_or_else(|error| panic!("{error}"))
    }

    fn error(&self, options: &ReadOptions) -> String {
        match runs::open(self.path.to_str().unwrap(), options) {
            Ok(run) => panic!("it opens: {:?}", run.fields),
            Err(error) => error
                .to_string()
                .replace(self.path.to_str().unwrap(), "run"),
        }
    }
}

fn read(run: &mut Run, row: usize, field: &str) -> Vec<f64> {
    let at = run.field(field).unwrap_or_else(|| panic!("no {field}"));
    let mut values = Vec::new();
    if run.read(row, at, &mut values).unwrap() {
        values
    } else {
        Vec::new()
    }
}

#[test]
fn json_lines_keep_every_field_under_its_name() {
    let file = File::new(
        "{\"t\":3,\"w\":[1,2],\"g\":[0.5,-1e-3],\"loss\":7,\"note\":\"ok\",\"ema\":{\"m\":[3,4]}}\n\n\
         {\"t\": 5, \"w\": [1.5, NaN], \"g\": [\"-inf\", Infinity], \"loss\": null, \"ema\": {\"m\": [null, 4]}, \"on\": true}\r\n",
    );
    let mut run = file.open(&ReadOptions::default());
    assert_eq!(
        (run.rows, run.first, run.last, run.dimension()),
        (2, 3, 5, 2)
    );
    assert_eq!(read(&mut run, 0, "g"), [0.5, -1e-3]);
    assert_eq!(read(&mut run, 0, "loss"), [7.0]);
    assert_eq!(read(&mut run, 1, "loss"), [] as [f64; 0]);
    assert_eq!(read(&mut run, 0, "on"), [] as [f64; 0]);
    assert_eq!(read(&mut run, 1, "on"), [1.0]);
    assert_eq!(read(&mut run, 1, "g"), [f64::NEG_INFINITY, f64::INFINITY]);
    assert!(read(&mut run, 1, "w")[1].is_nan() && read(&mut run, 1, "ema.m")[0].is_nan());
    assert_eq!(run.row_at(4).unwrap(), Some(0));
    assert_eq!(run.row_at(2).unwrap(), None);
    assert_eq!(run.row_at(99).unwrap(), Some(1));
}

#[test]
fn several_tensors_become_one_vector_with_the_names_of_their_coordinates() {
    let file = File::new(
        "{\"t\":1,\"params\":{\"layer.weight\":[[1,2],[3,4]],\"bias\":[5]},\"g\":{\"layer.weight\":[[6,7],[8,9]],\"bias\":[10]},\
         \"state\":{\"layer.weight\":{\"exp_avg\":[[1,1],[1,1]],\"step\":1},\"bias\":{\"exp_avg\":[2],\"step\":1}}}\n",
    );
    let mut run = file.open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "w"), [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(read(&mut run, 0, "g"), [6.0, 7.0, 8.0, 9.0, 10.0]);
    assert_eq!(read(&mut run, 0, "exp_avg"), [1.0, 1.0, 1.0, 1.0, 2.0]);
    assert_eq!(read(&mut run, 0, "step"), [1.0, 1.0]);
    let exp_avg = run.field("exp_avg").unwrap();
    assert_eq!(run.coordinate(0, 2), "layer.weight[2,1]");
    assert_eq!(run.coordinate(exp_avg, 4), "exp_avg.bias[1]");
    assert_eq!(run.tensors[0].shape, [2, 2]);
}

#[test]
fn what_is_kept_of_rows_and_columns_stands_for_their_elements() {
    let file = File::new(
        "{\"t\":1,\"params\":{\"a\":[[1,2],[3,4]],\"b\":[[1,2,3],[4,5,6]],\"c\":[5]},\"state\":{\
         \"row_var\":{\"a\":[[1],[2]],\"b\":[[3],[4]]},\"col_var\":{\"a\":[[1,2]],\"b\":[[3,4,5]]},\
         \"v_row\":{\"a\":[1,2],\"b\":[3,4],\"c\":[0]},\"v_col\":{\"a\":[1,2],\"b\":[3,4,5],\"c\":[0]},\
         \"other\":{\"a\":[1,2],\"b\":[3,4],\"c\":[0]},\"more\":{\"a\":[1,2,3],\"b\":[3,4],\"c\":[0]}}}\n",
    );
    let mut run = file.open(&ReadOptions::default());
    let (rows, columns) = (
        [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0, 4.0],
        [1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 3.0, 4.0, 5.0],
    );
    let kept = read(&mut run, 0, "row_var");
    assert_eq!(kept[..10], rows);
    // A tensor that has none.
    assert!(kept[10].is_nan());
    assert_eq!(read(&mut run, 0, "col_var")[..10], columns);
    // Without an axis: of a square one, the name says which is gone.
    assert_eq!(read(&mut run, 0, "v_row"), [&rows[..], &[0.0]].concat());
    assert_eq!(read(&mut run, 0, "v_col"), [&columns[..], &[0.0]].concat());
    let v_row = run.field("v_row").unwrap();
    assert_eq!(run.coordinate(v_row, 9), "v_row.b[2,3]");
    // What does not say it, or fits no axis, is kept as it is.
    for name in ["other.a", "other.b", "more.a", "more.b"] {
        assert!(run.field(name).is_some(), "{name}");
    }
}

#[test]
fn csv_columns_with_indices_are_arrays() {
    for text in [
        "t,loss,w[1],w[2],\"A[1,1]\",\"A[1,2]\"\n0,2.5,1,2,3,4\n1,,1.5,nan,,\n",
        "t,loss,w.0,w.1,\"A[1,1]\",\"A[1,2]\"\r\n0,2.5,1,2,3,4\r\n1,,1.5,NaN,,\r\n",
        "\u{feff}t\tloss\tw.0\tw.1\tA.0\tA.1\n0\t2.5\t1\t2\t3\t4\n1\t\t1.5\tNaN\t\t\n",
    ] {
        let mut run = File::new(text).open(&ReadOptions::default());
        assert_eq!(read(&mut run, 0, "w"), [1.0, 2.0]);
        assert_eq!(read(&mut run, 0, "A"), [3.0, 4.0]);
        assert!(read(&mut run, 1, "w")[1].is_nan());
        assert_eq!(read(&mut run, 1, "loss"), [] as [f64; 0]);
    }
}

#[test]
fn csv_columns_numbered_as_the_parameters_are_arrays() {
    let text = "t,w2,w1,g1,g2,m1,m2,lr1,acc3\n0,2,1,3,4,5,6,7,8\n1,2,1,3,4,5,6,7,8\n";
    let mut run = File::new(text).open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "w"), [1.0, 2.0]);
    assert_eq!(read(&mut run, 0, "g"), [3.0, 4.0]);
    assert_eq!(read(&mut run, 0, "m"), [5.0, 6.0]);
    // Numbered otherwise, they are names that end in a number.
    assert_eq!(read(&mut run, 0, "lr1"), [7.0]);
    assert_eq!(read(&mut run, 0, "acc3"), [8.0]);
    // From 0, too; a gap is none.
    let mut run = File::new("t,x0,x1\n0,1,2\n").open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "w"), [1.0, 2.0]);
    let gap = File::new("t,w1,w3\n0,1,2\n").error(&ReadOptions::default());
    assert!(gap.contains("no parameters"), "{gap}");
    // Where there is a `w`, `w1` is something else.
    let mut run = File::new("t,w,w1,w2\n0,1,2,3\n").open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "w"), [1.0]);
}

/// The loss after each iteration, as a log of metrics has it.
fn losses(text: &str) -> Vec<(u64, f64)> {
    let mut run = File::new(text).open(&ReadOptions::default());
    assert!(!run.has_parameters(), "{text}");
    assert!(run.need_parameters().is_err(), "{text}");
    let loss = run.meaning(FieldMeaning::Loss).expect("a loss");
    let mut values = Vec::new();
    let rows = 0..run.rows;
    let row = |at| {
        let known = run.read(at, loss, &mut values).unwrap();
        (run.t(at).unwrap(), if known { values[0] } else { f64::NAN })
    };
    rows.map(row).collect()
}

#[test]
fn logs_of_metrics_are_read_without_parameters() {
    // TensorBoard's export of a scalar.
    let text = "Wall time,Step,Value\n1700000000.5,0,2.5\n1700000009.5,10,1.5\n";
    assert_eq!(losses(text), [(0, 2.5), (10, 1.5)]);
    // Weights & Biases' export of a panel.
    let text = "\"Step\",\"fox-1 - train/loss\",\"fox-1 - train/loss__MIN\",\"fox-1 - val/loss\"\n\
        \"0\",\"2.5\",\"2.4\",\"3\"\n\"1\",\"1.5\",\"1.4\",\"\"\n";
    assert_eq!(losses(text), [(0, 2.5), (1, 1.5)]);
    // Keras' CSVLogger.
    let text = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,2.5,0.4,2.6\n1,0.7,1.5,0.6,1.9\n";
    assert_eq!(losses(text), [(0, 2.5), (1, 1.5)]);
    // Lightning's metrics.csv: an iteration may have several rows.
    let text = "epoch,step,train_loss,val_loss\n0,9,2.5,\n0,9,,2.6\n1,19,1.5,\n";
    assert_eq!(losses(text), [(9, 2.5), (19, 1.5)]);
    let mut run = File::new(text).open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "val_loss"), [2.6]);
    // The state of a Hugging Face trainer: one document, whatever its lines.
    let document = r#"{"best_metric": null, "log_history": [
            {"epoch": 0.1, "loss": 2.5, "step": 10},
            {"epoch": 0.1, "eval_loss": 2.6, "step": 10, "name": "text"},
            {"epoch": 0.2, "loss": 1.5, "step": 20},
            {"epoch": 1, "step": 20, "train_loss": 2.0}
        ]}"#;
    for text in [document.to_owned(), document.replace('\n', " ")] {
        assert_eq!(losses(&text), [(10, 2.5), (20, 1.5)]);
        // Numbers as Python writes them; within a text they are none.
        let text = text
            .replace("1.5", "NaN")
            .replace("\"text\"", r#""a \" NaN""#);
        let found = losses(&text);
        assert!(found.len() == 2 && found[1].1.is_nan(), "{found:?}");
    }
}

#[test]
fn the_loss_and_the_counter_of_a_log_are_whole_words() {
    let text = "Step,val_loss,interval/latest_loss\n0,3,2.5\n1,3,1.5\n";
    assert_eq!(losses(text), [(0, 2.5), (1, 1.5)]);
    let text = "step,Loss/validation,Loss/train\n0,3,2.5\n1,3,1.5\n";
    assert_eq!(losses(text), [(0, 2.5), (1, 1.5)]);
    // A temperature is no iteration, and a counter has its name once.
    let mut run =
        File::new("step,T,Step,loss\n0,300,7,2\n1,200,8,1\n").open(&ReadOptions::default());
    assert_eq!((run.first, run.last), (0, 1));
    assert_eq!(read(&mut run, 1, "T"), [200.0]);
    assert_eq!(read(&mut run, 1, "Step"), [8.0]);
}

#[test]
fn a_log_that_says_two_things_of_an_iteration_or_has_no_loss_is_refused() {
    let twice = File::new("step,loss\n1,2\n1,3\n").error(&ReadOptions::default());
    assert!(twice.contains("t = 1 does not come after t = 1"), "{twice}");
    let row = File::new("{\"step\":1,\"loss\":1}\n{\"step\":1,\"a\":1,\"a\":[1,2]}\n");
    let twice = row.error(&ReadOptions::default());
    assert!(twice.contains("t = 1 does not come after t = 1"), "{twice}");
    let none = File::new("step,accuracy\n1,2\n2,3\n").error(&ReadOptions::default());
    assert!(none.contains("no parameters"), "{none}");
    // What has parameters has an iteration once, however its rows could be joined.
    let run = File::new("t,w,loss\n1,2,\n1,,3\n").error(&ReadOptions::default());
    assert!(run.contains("does not come after"), "{run}");
}

#[test]
fn what_says_nothing_of_a_run_is_left_out_of_csv() {
    for (text, fields) in [
        // A quote within quotes, as every writer of CSV has it.
        (
            "t,w[1],note\n0,0.5,\"say \"\"hi\"\", twice\"\n1,0.25,\"\"\"\"\n",
            vec!["w"],
        ),
        (
            "t,w[1],\"a \"\"b\"\"\"\n0,0.5,3\n1,0.25,4\n",
            vec!["w", "a \"b\""],
        ),
        // The number of the row, as data frames write it.
        (",t,w[1],w[2]\n0,0,1,1\n1,1,0.5,0.5\n", vec!["w"]),
        ("t;w[1];phase\n0;1;warm up\n1;0.5;warm up\n", vec!["w"]),
        ("t,w[1],phase\n0,1,\n1,0.5,3\n", vec!["w", "phase"]),
    ] {
        let run = File::new(text).open(&ReadOptions::default());
        let names: Vec<&str> = run.fields.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, fields, "{text}");
        assert_eq!(run.rows, 2);
    }
    for (text, place) in [
        ("t,w[1],note\n0,0.5,7\n1,0.25,x\n", ":3:8"),
        ("t,w[1]\n0,half\n", ":2:3"),
        ("t,w[1],loss\n0,1,none yet\n", ":2:5"),
        ("t,w[1],w[2]\n0,1,x\n", ":2:5"),
        ("t,w[1]\nfirst,1\n", ":2:1"),
        ("t,w[1],a\n0,1,\"never \"\"closed\n", ":2:5"),
    ] {
        let error = File::new(text).error(&ReadOptions::default());
        assert!(error.contains(place), "{text}: {error}");
    }
}

#[test]
fn gzip_reads_like_plain_text() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed
        .write_all(b"{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[2]}\n")
        .unwrap();
    let mut run = File::new(packed.finish().unwrap()).open(&ReadOptions::default());
    assert_eq!(run.rows, 2);
    assert_eq!(read(&mut run, 1, "w"), [2.0]);
}

#[test]
fn of_a_packed_run_whose_process_was_killed_all_rows_are_there() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut sizes = Vec::new();
    for t in 0..5 {
        writeln!(packed, "{{\"t\":{t},\"w\":[{}]}}", 0.1 * f64::from(t)).unwrap();
        // As the recorders do.
        packed.flush().unwrap();
        sizes.push(packed.get_ref().len());
    }
    let bytes = packed.get_ref();
    let run = File::new(bytes).open(&ReadOptions::default());
    assert_eq!((run.rows, run.skipped), (5, 0));
    // One within its last row.
    let run = File::new(&bytes[..sizes[3] + 2]).open(&ReadOptions::default());
    assert_eq!(run.rows, 4);
}

#[test]
fn what_is_too_large_to_be_held_reads_the_same_through_its_index() {
    use std::fmt::Write;
    let mut text = String::new();
    for t in 0..10_000_u32 {
        let x = f64::from(t) * 0.37;
        let _ = writeln!(
            text,
            "{{\"t\":{},\"lane\":\"{}\",\"w\":[{x},{}]}}",
            t / 2,
            if t % 2 == 0 { "a" } else { "b" },
            -x
        );
        if t % 1000 == 17 {
            text += "garbage\n";
        }
    }
    let file = File::new(text);
    let options = ReadOptions {
        lane: Some("b".into()),
        lenient: true,
        ..ReadOptions::default()
    };
    let mut held = file.open(&options);
    let mut indexed = file.open(&ReadOptions {
        held: 20_000,
        ..options
    });
    assert_eq!((held.rows, held.skipped), (5000, 10));
    assert_eq!((indexed.rows, indexed.skipped), (5000, 10));
    for row in [4999, 0, 1023, 1024, 1025, 3000, 2999, 17] {
        assert_eq!(held.t(row).unwrap(), indexed.t(row).unwrap());
        assert_eq!(read(&mut held, row, "w"), read(&mut indexed, row, "w"));
        let t = held.t(row).unwrap();
        assert_eq!(indexed.row_at(t).unwrap(), Some(row));
    }
}

#[test]
fn a_row_that_names_no_lane_belongs_to_any() {
    use std::fmt::Write;
    let mut text = String::new();
    for t in 0..6000_u32 {
        let lane = ["\"lane\":\"a\",", "\"lane\":\"b\",", ""][t as usize % 3];
        let _ = writeln!(text, "{{\"t\":{t},{lane}\"w\":[{t}]}}");
    }
    let file = File::new(text);
    for (lane, first) in [("a", [0.0, 2.0, 3.0]), ("b", [1.0, 2.0, 4.0])] {
        for held in [ReadOptions::default().held, 2000] {
            let mut run = file.open(&ReadOptions {
                lane: Some(lane.into()),
                held,
                ..ReadOptions::default()
            });
            assert_eq!(run.rows, 4000, "{lane}");
            let found = [0, 1, 2].map(|row| read(&mut run, row, "w")[0]);
            assert_eq!(found, first, "{lane}");
            assert_eq!(read(&mut run, 3999, "w"), [5999.0], "{lane}");
        }
    }
}

#[test]
fn the_first_row_may_be_renumbered() {
    let file = File::new("{\"step\":101,\"w\":[1]}\n{\"step\":104,\"w\":[2]}\n");
    let options = ReadOptions {
        first: Some(0),
        ..ReadOptions::default()
    };
    let mut run = file.open(&options);
    assert_eq!((run.first, run.last), (0, 3));
    assert_eq!(run.t(1).unwrap(), 3);
}

/// A file that is no run, and what the error says, its place and the way out included.
const MALFORMED: &[(&str, &[&str])] = &[
    ("", &["has no rows"]),
    ("\n\n", &["has no rows"]),
    ("[1,2]\n", &["a row is a JSON object", "run:1:1"]),
    (
        "{\"t\":1,\"w\":[1,]}\n",
        &["a value is missing here", "run:1:15", "--lenient"],
    ),
    (
        "{\"t\":1,\"w\":[1,2}\n",
        &["a `,` or `]` is expected here", "run:1:16"],
    ),
    (
        "{\"t\":1,\"w\":[1,2]\n",
        &["the line ends here, within an object"],
    ),
    (
        "{\"t\":1,\"w\":[1]}\n{\"t\":2,\"w\":[1,2]}\n",
        &[
            "`w` has an array of 2 numbers here, but an array of 1 number before",
            "run:2:12",
        ],
    ),
    (
        "{\"t\":1,\"w\":[[1,2],[3]]}\n",
        &["the rows of this array have different lengths"],
    ),
    (
        "{\"t\":1,\"w\":[1,[2]]}\n",
        &["the rows of this array have different lengths"],
    ),
    (
        "{\"t\":1,\"w\":[1]}\n{\"t\":1,\"w\":[1]}\n",
        &["t = 1 does not come after t = 1", "run:2:6", "--lane"],
    ),
    (
        "{\"t\":1.5,\"w\":[1]}\n",
        &["`t` is a whole number from 0", "run:1:6"],
    ),
    ("{\"t\":-1,\"w\":[1]}\n", &["`t` is a whole number from 0"]),
    (
        "{\"t\":1,\"w\":[1]}\n{\"w\":[1]}\n",
        &["this row has no `t`", "run:2:1"],
    ),
    (
        "{\"t\":1,\"w\":[1]} {\"t\":2}\n",
        &["something follows the object"],
    ),
    (
        "{\"t\":1,\"w\":[one]}\n",
        &["this is not a number", "run:1:13"],
    ),
    (
        "{\"t\":1,\"w\":[\"one\"]}\n",
        &["this text is not a number"],
    ),
    (
        "{\"t\":1,w:[1]}\n",
        &["a name in double quotes is expected here", "run:1:8"],
    ),
    (
        "{\"t\":1,\"w\":[1],\"w\":[2]}\n",
        &["`w` stands in this row twice"],
    ),
    (
        "{\"t\":1,\"m\":[1]}\n",
        &[
            "have no parameters",
            "call them `w`",
            "or log a `loss` alone",
            "there is m",
        ],
    ),
    (
        "{\"t\":1,\"lane\":\"a\",\"w\":[1]}\n{\"t\":1,\"lane\":\"b\",\"w\":[1]}\n",
        &["several lanes: a, b", "choose one with --lane"],
    ),
    (
        "{\"t\":1,\"w\":[],\"g\":[]}\n",
        &["the parameters of", "have no elements"],
    ),
    (
        "t,w[1]\n0,1\n1\n",
        &["this row has 1 cells, the line of names 2", "run:3:1"],
    ),
    ("t,w[1]\n0,one\n", &["this is not a number", "run:2:3"]),
    ("t,w[1],w[1]\n0,1,2\n", &["there are two columns `w[1]`"]),
    (
        "0,1,2\n1,2,3\n",
        &["the first line of CSV names its columns"],
    ),
    ("t,\"w\n0,1\n", &["this cell has no closing quote"]),
];

#[test]
fn what_is_no_run_is_refused_with_its_place_and_a_way_out() {
    for (text, says) in MALFORMED {
        let error = File::new(text).error(&ReadOptions::default());
        for says in *says {
            assert!(error.contains(says), "{text:?}:\n{error}");
        }
    }
}

#[test]
fn lenient_reading_skips_and_counts() {
    let file = File::new(
        "{\"t\":0,\"w\":[1]}\nhm\n{\"t\":1,\"w\":[1,2]}\n{\"t\":2,\"w\":[3]}\n{\"t\":2,\"w\":[3]}\n{\"t\":4,\"w\":[5]}",
    );
    let options = ReadOptions {
        lenient: true,
        ..ReadOptions::default()
    };
    let mut run = file.open(&options);
    assert_eq!((run.rows, run.skipped), (3, 3));
    assert_eq!(read(&mut run, 2, "w"), [5.0]);
    let first = run.first_skipped.as_ref().unwrap().to_string();
    assert!(first.contains(":2:1"), "{first}");
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let seed = b"{\"t\":1,\"params\":{\"a\":[[1,2],[3,4]]},\"g\":{\"a\":[[1,NaN],[\"inf\",null]]},\"s\":[{\"m\":1}]}\n";
    let mut state = 1_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for _ in 0..600 {
        let mut bytes = seed.to_vec();
        for _ in 0..=draw() % 3 {
            let at = draw() % bytes.len();
            match draw() % 3 {
                0 => bytes[at] = b"{}[]\",:\\nN1e\xff"[draw() % 13],
                1 => {
                    bytes.remove(at);
                }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let file = File::new(&bytes);
        let _ = runs::open(file.path.to_str().unwrap(), &ReadOptions::default());
    }
}

/// A session on a run alone, from its first row on.
fn session(run: Run) -> Session {
    let first = run.first;
    let (lane, landscape) = runs::lane(run, None).unwrap_or_else(|error| panic!("{error}"));
    let lanes = vec![("recorded".to_owned(), lane.from_row(first))];
    Session::new(landscape, None, lanes, String::new()).unwrap()
}

fn ask(session: &mut Session, command: &str) -> String {
    let line = Source::new("<test>", command);
    let answer = session.execute(&line, &mut Control::default());
    answer.map_or_else(|error| error.to_string(), |answer| answer.to_string())
}

#[test]
fn iterations_that_have_no_row_are_not_walked() {
    // Walked one by one, these would take hours.
    let rows = "t,w[1],w[2]\n1000000000000,0,0\n2000000000000,0.5,0.25\n2000000000001,1,2\n";
    let mut session = session(File::new(rows).open(&ReadOptions::default()));
    assert_eq!(session.position().t, 1_000_000_000_000);
    assert!(ask(&mut session, "back").contains("the beginning"));
    ask(&mut session, "last");
    assert_eq!(session.position().t, 2_000_000_000_001);
    assert_eq!(
        ask(&mut session, "print w - prev(w)"),
        "w - prev(w) = [0.5, 1.75]"
    );
    // Between two rows there is nothing to show.
    ask(&mut session, "goto 1500000000000");
    assert_eq!(session.position().t, 2_000_000_000_000);
    assert_eq!(ask(&mut session, "print w"), "w = [0.5, 0.25]");
    ask(&mut session, "first");
    assert_eq!(session.position().t, 1_000_000_000_000);
}

#[test]
fn a_file_that_is_cut_while_it_is_open_is_no_run_that_diverged() {
    use std::fmt::Write;
    let mut text = String::from("t,w[1]\n");
    for t in 0..5000 {
        let _ = writeln!(text, "{t},{t}.5");
    }
    let file = File::new(&text);
    let mut session = session(file.open(&ReadOptions {
        held: 1000,
        ..ReadOptions::default()
    }));
    ask(&mut session, "goto 100");
    std::fs::write(&file.path, &text[..100]).unwrap();
    let said = ask(&mut session, "goto 3000");
    assert!(
        said.contains("recorded: the rest of the recording cannot be read: `")
            && said.contains("has changed since it was opened"),
        "{said}"
    );
    let refused = session.ask("print w[1]").unwrap_err().to_string();
    assert!(refused.contains("cannot be read"), "{refused}");
    let said = ask(&mut session, "goto 100");
    assert!(said.starts_with("t = 100"), "{said}");
}

#[test]
fn a_row_that_is_rewritten_in_place_while_the_file_is_open_is_told() {
    let rows: Vec<String> = (0..5000).map(|t| format!("{t},{}", t % 9)).collect();
    let mut text = format!("t,w[1]\n{}\n", rows.join("\n"));
    let file = File::new(&text);
    let mut session = session(file.open(&ReadOptions {
        held: 1000,
        ..ReadOptions::default()
    }));
    ask(&mut session, "goto 100");
    // As many bytes as before.
    let row = text.find("3000,").unwrap();
    text.replace_range(row..row + 6, "3000,7");
    std::fs::write(&file.path, &text).unwrap();
    let said = ask(&mut session, "goto 3000");
    assert!(said.contains("has changed since it was opened"), "{said}");
    let said = ask(&mut session, "goto 200");
    assert!(said.starts_with("t = 200"), "{said}");
}

/// Appends to a file what a trainer would write.
fn append(path: &std::path::Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

fn growing(file: &File, options: &ReadOptions) -> Run {
    let path = file.path.to_str().unwrap();
    runs::open_growing(path, options, &mut || false).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn rows_come_in_as_they_are_written_whole() {
    let json = |t: u64| format!("{{\"t\":{t},\"w\":[{t},1],\"loss\":{t}}}\n");
    let csv = |t: u64| format!("{t},{t},1,{t}\n");
    let forms: [(&str, &dyn Fn(u64) -> String); 2] =
        [("{\"hook\":\"x\"}\n", &json), ("t,w1,w2,loss\n", &csv)];
    for held in [usize::MAX, 0] {
        let options = ReadOptions {
            held,
            ..ReadOptions::default()
        };
        for (head, row) in forms {
            let file = File::new(format!("{head}{}{}", row(0), row(1)));
            let mut run = growing(&file, &options);
            assert!(run.is_followed());
            let mut w = Vec::new();
            let mut last = 1;
            for t in 2..9000 {
                let line = row(t);
                // Half a row is no row.
                let (begin, end) = line.split_at(line.len() / 2);
                let is_looked_at = t % 1500 == 0;
                append(&file.path, begin.as_bytes());
                if is_looked_at {
                    assert_eq!(run.grow().unwrap().rows as u64, t - 1 - last);
                    last = t - 1;
                }
                append(&file.path, end.as_bytes());
            }
            let new = run.grow().unwrap();
            assert_eq!((new.rows as u64, run.last), (8999 - last, 8999));
            assert_eq!(run.grow().unwrap().rows, 0);
            for at in [0, 1, 4096, 8999, 17] {
                assert!(run.read(at, 0, &mut w).unwrap());
                assert_eq!(w, [f64::from(u32::try_from(at).unwrap()), 1.0]);
            }
        }
    }
}

#[test]
fn names_that_come_later_and_rows_that_are_none_are_told() {
    let row = |t: u64, more: &str| format!("{{\"t\":{t},\"w\":[1,2]{more}}}\n");
    let file = File::new(row(0, "") + &row(1, ""));
    let mut run = growing(&file, &ReadOptions::default());
    append(&file.path, row(2, ",\"g\":[1,1]").as_bytes());
    let new = run.grow().unwrap();
    assert_eq!((new.rows, new.unknown), (1, vec!["g".to_owned()]));
    append(&file.path, b"no row\n");
    assert!(run.grow().is_err());
    // What has been read stays, and nothing is added.
    append(&file.path, row(3, "").as_bytes());
    assert_eq!((run.grow().unwrap().rows, run.rows), (0, 3));
    assert!(!run.is_followed());
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let rows = "{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[2]}\n";
    let file = File::new(rows);
    let mut run = growing(&file, &ReadOptions::default());
    std::fs::write(&file.path, "{\"t\":0,\"w\":[1]}\n").unwrap();
    let error = run.grow().unwrap_err().to_string();
    assert!(error.contains("has changed since"), "{error}");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows.as_bytes()).unwrap();
    let file = File::new(packed.finish().unwrap());
    let path = file.path.to_str().unwrap();
    let refused = runs::open_growing(path, &ReadOptions::default(), &mut || false);
    let error = refused.err().unwrap().to_string();
    assert!(
        error.contains("is compressed, and cannot be followed"),
        "{error}"
    );
    // Nobody waits for the second row of this one.
    let file = File::new("");
    let path = file.path.to_str().unwrap();
    let mut asked = 0;
    let waited = runs::open_growing(path, &ReadOptions::default(), &mut || {
        asked += 1;
        asked < 3
    });
    assert!(waited.is_err());
    assert_eq!(asked, 3);
}

#[test]
fn a_rate_that_changes_while_a_run_is_followed_is_heeded() {
    let header = json!({"hook": "pytorch", "rule": "torch/sgd", "settings": {"lr": 0.1},
        "groups": [{"params": ["a"], "lr": 0.1}, {"params": ["b"], "lr": 0.1}]});
    let (mut w, mut text) = ([1.0, -2.0], format!("{header}\n"));
    let mut rows = Vec::new();
    for t in 0..12 {
        let lr: [f64; 2] = if t < 6 { [0.1, 0.1] } else { [0.05, 0.2] };
        let g = w;
        if t > 0 {
            (0..2).for_each(|i| w[i] -= lr[i] * g[i]);
        }
        let mut row = json!({"t": t, "params": {"a": [w[0]], "b": [w[1]]}});
        if t > 0 {
            row["g"] = json!({"a": [g[0]], "b": [g[1]]});
        }
        if t == 6 {
            row["settings"] = json!({ "lr": lr });
        }
        rows.push(format!("{row}\n"));
    }
    text += &rows[..4].concat();
    for held in [usize::MAX, 0] {
        let file = File::new(&text);
        let options = ReadOptions {
            held,
            ..ReadOptions::default()
        };
        let run = growing(&file, &options);
        let subject = ConfiguredRule::of_hook(&run).unwrap().unwrap();
        let run = Arc::new(Mutex::new(run));
        let recorded = runs::shared_lane(&run, None).unwrap();
        let led = led_lane(&run, &subject, None, None, &recorded.landscape).unwrap();
        let lanes = vec![
            ("sgd".to_owned(), led),
            ("recorded".to_owned(), recorded.lane),
        ];
        let mut session = Session::new(recorded.landscape, None, lanes, String::new()).unwrap();
        ask(&mut session, "continue");
        append(&file.path, rows[4..].concat().as_bytes());
        assert_eq!(session.grow().unwrap().rows, 8);
        ask(&mut session, "continue");
        assert_eq!(session.position().t, 11);
        for entry in session.lanes().entries() {
            let off = entry.lane().machine().w()[1] - w[1];
            assert!(off.abs() < 1e-12, "{off}");
        }
    }
}

#[test]
fn commas_are_points_where_others_separate_cells() {
    for text in [
        "t;w[1,1];w[1,2];loss\n0;0,5;-0,25;1\n",
        "t\tw[1,1]\tw[1,2]\tloss\n0\t0,5\t-0,25\t1\n",
        "t,\"w[1,1]\",\"w[1,2]\",loss\n0,0.5,\"-0,25\",1\n",
    ] {
        let file = File::new(text);
        if text.contains('"') {
            let error = file.error(&ReadOptions::default());
            assert!(error.contains("this is not a number"), "{error}");
            continue;
        }
        let mut run = file.open(&ReadOptions::default());
        assert_eq!(read(&mut run, 0, "w"), [0.5, -0.25], "{text}");
    }
    let error = File::new("t;loss\n0;1,234.5\n").error(&ReadOptions::default());
    assert!(error.contains("this is not a number"), "{error}");
}

#[test]
fn digits_beyond_64_bits_are_refused_and_not_infinite() {
    for (text, place) in [
        ("{\"t\":0,\"w\":[1e400]}\n", "run:1:13"),
        ("t,w[1]\n0,-1e400\n", "run:2:3"),
    ] {
        let error = File::new(text).error(&ReadOptions::default());
        assert!(error.contains("64 bits end at 1.8e308"), "{error}");
        assert!(
            error.contains(place) && error.contains("`Infinity`"),
            "{error}"
        );
    }
    let mut run = File::new("{\"t\":0,\"w\":[-Infinity]}\n").open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "w"), [f64::NEG_INFINITY]);
}

#[test]
fn the_first_row_that_was_skipped_is_told_with_its_place() {
    let text = "{\"t\":0,\"w\":[1]}\n{\"t\":1,\"w\":[2]}\n{\"t\":2,\"w\":[";
    let run = File::new(text).open(&ReadOptions::default());
    let note = run.skipped_note().unwrap();
    assert!(
        note.starts_with("skipped 1 row that could not be read, the first in line 3: "),
        "{note}"
    );
    assert_eq!(
        File::new(&text[..32])
            .open(&ReadOptions::default())
            .skipped_note(),
        None
    );
}

#[test]
fn buffers_are_of_the_tensor_whose_name_says_most() {
    let run = File::new(
        "{\"t\":0,\"params\":{\"a\":[1],\"b\":[2],\"x.a\":[3]},\"m\":{\"a\":[4],\"b\":[5],\"x.a\":[6]}}\n",
    );
    let mut run = run.open(&ReadOptions::default());
    assert_eq!(read(&mut run, 0, "m"), [4.0, 5.0, 6.0]);
    let run = File::new("{\"t\":0,\"params\":{\"x.a\":[3],\"a\":[1]},\"x.a.m\":[6],\"a.m\":[4]}\n");
    assert_eq!(
        read(&mut run.open(&ReadOptions::default()), 0, "m"),
        [6.0, 4.0]
    );
}
