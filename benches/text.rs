//! Runs as text, out and in: `cargo bench --bench text`.
//!
//! A trace of 100 000 iterations of Adam with n = 2, written to nowhere, beside the same numbers by `{:?}`; then the file of
//! it, read as `open` and `diff` read it, beside typed `serde_json`. Sides take turns; what is told is the median of the
//! ratios of neighbours.

use eigenstep::{
    debugger::Control,
    diff::{Tolerance, compare_runs},
    runs::{self, ReadOptions},
    scenario::Scenario,
    trace::{self, Csv, Jsonl, Sink, TraceRange},
};
use serde::Deserialize;
use std::{
    fmt::Write as _,
    fs,
    hint::black_box,
    io::{BufRead, BufReader, Write as _, sink},
    time::Instant,
};

const ROWS: u64 = 100_000;
const ROUNDS: usize = 15;

/// A row as whoever knows its columns reads it.
#[derive(Deserialize)]
struct Row {
    t: u64,
    lane: String,
    loss: f64,
    w: Vec<f64>,
    grad: Vec<f64>,
    alpha: Vec<f64>,
    g: Vec<f64>,
    m: Vec<f64>,
    s: Vec<f64>,
    m_hat: Vec<f64>,
    s_hat: Vec<f64>,
}

impl Row {
    fn numbers(&self) -> impl Iterator<Item = &f64> {
        let vectors = [
            &self.w,
            &self.grad,
            &self.alpha,
            &self.g,
            &self.m,
            &self.s,
            &self.m_hat,
            &self.s_hat,
        ];
        std::iter::once(&self.loss).chain(vectors.into_iter().flatten())
    }
}

fn write(sink: &mut dyn Sink) {
    let flags = [("rule", "adam"), ("set", "eta=5e-7")];
    let scenario = Scenario::from_flags(&flags).expect("a scenario");
    let setup = scenario.open().expect("a setup");
    let range = TraceRange {
        steps: ROWS - 1,
        every: 1,
        until: None,
    };
    trace::run(setup, range, sink).expect("a trace");
}

/// Reads `path` as text of rows, and looks at each.
fn typed(path: &str, look: &mut dyn FnMut(Row)) {
    let file = BufReader::with_capacity(1 << 20, fs::File::open(path).expect("the file"));
    for line in file.lines().skip(1) {
        let line = line.expect("a line");
        // Before the first iteration there is no g.
        if let Ok(row) = serde_json::from_str::<Row>(&line) {
            look(row);
        }
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let path = path.to_str().expect("text");
    write(&mut Jsonl::new(fs::File::create(path).expect("a file")));
    let size = fs::metadata(path).expect("the file").len();
    let mut rows = Vec::new();
    typed(path, &mut |row| rows.push(row));
    let naive = || {
        let mut out = sink();
        let mut text = String::new();
        for row in &rows {
            text.clear();
            for number in row.numbers() {
                let _ = write!(text, "{number:?},");
            }
            let _ = out.write_all(text.as_bytes());
        }
        black_box(&text);
    };
    let read = || {
        let typed_sum = &mut 0.0;
        typed(path, &mut |row| {
            *typed_sum += row.numbers().sum::<f64>() + f64::from(u32::try_from(row.t).unwrap_or(0));
            black_box(&row.lane);
        });
        black_box(*typed_sum);
    };
    row(
        "trace, JSON lines | {:?} of its numbers",
        size,
        || write(&mut Jsonl::new(sink())),
        naive,
    );
    row(
        "trace, CSV | {:?} of its numbers",
        size,
        || write(&mut Csv::new(sink())),
        naive,
    );
    row(
        "open | typed serde_json",
        size,
        || {
            black_box(runs::open(path, &ReadOptions::default()).expect("a run"));
        },
        read,
    );
    row(
        "diff of two runs | typed serde_json, twice",
        2 * size,
        || {
            let open = || runs::open(path, &ReadOptions::default()).expect("a run");
            let (mut one, mut other) = (open(), open());
            let tolerance = Tolerance {
                relative: 1e-9,
                absolute: 0.0,
            };
            let control = &mut Control::default();
            let compared = compare_runs(&mut one, &mut other, &[], tolerance, control);
            black_box(compared.expect("a comparison"));
        },
        || {
            read();
            read();
        },
    );
    row("typed serde_json | itself", size, read, read);
}

/// Prints what `ours` takes beside `theirs`, for a file of so many bytes.
fn row(name: &str, size: u64, ours: impl Fn(), theirs: impl Fn()) {
    let time = |act: &dyn Fn()| {
        let begun = Instant::now();
        act();
        begun.elapsed().as_secs_f64()
    };
    let pairs: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|round| {
            if round % 2 == 0 {
                let ours = time(&ours);
                [ours, time(&theirs)]
            } else {
                let theirs = time(&theirs);
                [time(&ours), theirs]
            }
        })
        .collect();
    let median = |of: &dyn Fn(&[f64; 2]) -> f64| {
        let mut all: Vec<f64> = pairs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let seconds = median(&|pair| pair[0]);
    #[expect(clippy::cast_precision_loss, reason = "small files")]
    let (rows, bytes) = (ROWS as f64, size as f64);
    println!(
        "{name:<42} {:>6.2} M rows/s {:>7.0} MB/s   ratio {:.2}",
        rows / seconds / 1e6,
        bytes / seconds / 1e6,
        median(&|pair| pair[0] / pair[1])
    );
}
