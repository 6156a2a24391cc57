//! From a key to its frame, by loss and size, on a real pseudo-terminal: `cargo bench --bench frames [FILTER]`.
//!
//! `first` is from the start of the program to the end of its first frame, `by then` what all of it has computed until that,
//! `refined` until nothing more is drawn. Of twenty
//! steps each, `key` is the time to the end of the frame, and `computing` what the program has computed by then, its other
//! threads included; `busy` is the time to the answer to a key that comes while theory of the step before is looked for. Of
//! four programs each, `at once` is the time from a key right after the first frame until its step is on the screen, whatever
//! is looked for by then. Data are drawn anew from a fixed seed.

#[path = "../tests/pty/harness.rs"]
#[expect(dead_code, reason = "the tests need more of a terminal than this")]
mod harness;

use harness::{Launch, Terminal};
use std::{
    fmt::Write,
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

const SIZES: [(u16, u16); 2] = [(120, 36), (200, 60)];
const END_FRAME: &[u8] = b"\x1b[?2026l";
const STEPS: usize = 20;
const STARTS: usize = 4;
/// So long after a step the next key comes while theory is looked for, if that takes longer.
const MEANWHILE: Duration = Duration::from_millis(8);

fn main() {
    let home = tempfile::tempdir().expect("a directory");
    let data = |rows: usize| {
        let path = home.path().join(format!("{rows}.csv"));
        fs::write(&path, table(rows, 30)).expect("a table");
        path.display().to_string()
    };
    let (some, many) = (data(5000), data(20_000));
    let logistic = |path: &str| -> Vec<String> {
        let flags = ["--loss", "logistic", "--data", path, "--target", "y"];
        flags.map(str::to_owned).to_vec()
    };
    let quadratic = |n: usize| -> Vec<String> {
        let values = format!("1..100:log:{n}");
        let mut flags = vec!["--eigenvalues".to_owned(), values];
        if n <= 100 {
            flags.extend(["--rotation-seed".to_owned(), "3".to_owned()]);
        }
        if n == 100_000 {
            flags.extend(["--set".to_owned(), "eta=1e-4".to_owned()]);
        }
        flags
    };
    // More eigenvalues than a law has are those of a file.
    let million = {
        let path = home.path().join("million.toml");
        let values: Vec<String> = (0..1_000_000)
            .map(|at| format!("{:.4}", 1.0 + 99e-6 * f64::from(at)))
            .collect();
        let text = format!(
            "rule = \"adam\"\neigenvalues = [{}]\n\n[set]\neta = 1e-4\n",
            values.join(", ")
        );
        fs::write(&path, text).expect("a scenario");
        vec![path.display().to_string()]
    };
    let formula = {
        let path = home.path().join("long.loss");
        let zeros = vec!["0"; 1000].join(", ");
        let text = format!(
            "loss long \"of 1000\"\nformula = sum((w - 1)^2) + sum(w^4)/1000\nstart = {zeros}\n"
        );
        fs::write(&path, text).expect("a loss");
        vec!["--loss".to_owned(), path.display().to_string()]
    };
    let mlp = ["--loss", "mlp"].map(str::to_owned).to_vec();
    let wide: Vec<String> = ["--hidden", "20"].map(str::to_owned).to_vec();
    let losses = [
        ("valley", Vec::new()),
        ("mlp 20", [mlp.clone(), wide].concat()),
        ("mlp", mlp),
        ("logistic 5000x30", logistic(&some)),
        ("logistic 20000x30", logistic(&many)),
        ("n = 66", quadratic(66)),
        ("formula, n = 1000", formula),
        ("n = 1e5", quadratic(100_000)),
        ("n = 1e6", million),
    ];
    println!(
        "{:<20} {:>8}  {:>8} {:>8} {:>8}  {:>13}  {:>10}  {:>13}  {:>13}   (ms; median and worst)",
        "loss", "size", "first", "by then", "refined", "key", "computing", "busy", "at once"
    );
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    for (name, flags) in &losses {
        if !wanted.is_empty() && !wanted.iter().any(|it| name.contains(it.as_str())) {
            continue;
        }
        for size in SIZES {
            report(home.path(), name, flags, size);
        }
    }
}

fn report(home: &Path, name: &str, flags: &[String], (columns, rows): (u16, u16)) {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let start = || {
        Launch::new(env!("CARGO_BIN_EXE_eigenstep"))
            .variable("HOME", home.to_str().unwrap_or("/"))
            .variable("XDG_CONFIG_HOME", "")
            .variable("LC_ALL", "C.UTF-8")
            // This terminal answers no question about its background, which would be waited for.
            .variable("COLORFGBG", "15;0")
            .arguments(&flags)
            .size(columns, rows)
            .start()
    };
    let at_once = (0..STARTS).map(|_| step_at_once(&start()));
    let at_once: Vec<Duration> = at_once.collect();
    let begun = Instant::now();
    let terminal = start();
    let first = frame(&terminal, 0, begun);
    let by_then = Terminal::cpu_time(terminal.pid());
    let refined = rest(&terminal, begun);
    let (mut keys, mut computed, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STEPS {
        let (before, cpu) = (terminal.bytes().len(), Terminal::cpu_time(terminal.pid()));
        let sent = Instant::now();
        terminal.send(" ");
        keys.push(frame(&terminal, before, sent));
        computed.push(Terminal::cpu_time(terminal.pid()).saturating_sub(cpu));
        rest(&terminal, sent);
    }
    for _ in 0..STEPS {
        let sent = Instant::now();
        terminal.send(" ");
        thread::sleep(MEANWHILE);
        let (before, sent) = (terminal.bytes().len(), {
            terminal.send(" ");
            Instant::now().max(sent)
        });
        busy.push(frame(&terminal, before, sent));
        rest(&terminal, sent);
    }
    let pair = |times: Vec<Duration>| {
        let (median, worst) = spread(times);
        format!("{median:>6.1} {worst:>6.1}")
    };
    let size = format!("{columns}x{rows}");
    println!(
        "{name:<20} {size:>8}  {:>8.1} {:>8.1} {:>8.1}  {}  {:>10.1}  {}  {}",
        milliseconds(first),
        milliseconds(by_then),
        milliseconds(refined),
        pair(keys),
        spread(computed).0,
        pair(busy),
        pair(at_once)
    );
}

/// The time from a key right after the first frame until its step is on the screen.
fn step_at_once(terminal: &Terminal) -> Duration {
    let begun = Instant::now();
    frame(terminal, 0, begun);
    let sent = Instant::now();
    terminal.send(" ");
    while !terminal.screen(|screen| screen.contents().contains(" t 1 ")) {
        thread::sleep(Duration::from_millis(1));
    }
    sent.elapsed()
}

/// The time from `since` to the end of the first frame among the bytes from `before` on.
fn frame(terminal: &Terminal, before: usize, since: Instant) -> Duration {
    loop {
        let bytes = terminal.bytes();
        if (bytes[before.min(bytes.len())..].windows(END_FRAME.len())).any(|it| it == END_FRAME) {
            return since.elapsed();
        }
        thread::sleep(Duration::from_micros(200));
    }
}

/// The time from `since` to the last byte before it has been quiet for a while.
fn rest(terminal: &Terminal, since: Instant) -> Duration {
    let (mut known, mut last) = (terminal.bytes().len(), Instant::now());
    while last.elapsed() < Duration::from_millis(300) {
        thread::sleep(Duration::from_millis(1));
        let now = terminal.bytes().len();
        if now != known {
            (known, last) = (now, Instant::now());
        }
    }
    last.saturating_duration_since(since)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The median and the longest, in milliseconds.
fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let median = times[times.len() / 2];
    (
        milliseconds(median),
        times.last().copied().map_or(0.0, milliseconds),
    )
}

/// A table of so many rows and features, and a class that depends on some of them.
fn table(rows: usize, features: usize) -> String {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bits = u32::try_from(state >> 40).unwrap_or(0);
        f64::from(bits) / f64::from(1 << 24)
    };
    let names: Vec<String> = (0..features).map(|at| format!("x{at}")).collect();
    let mut text = names.join(",") + ",y\n";
    for _ in 0..rows {
        let mut sum = uniform() - 0.5;
        for at in 0..features {
            let x = 4.0 * uniform() - 2.0;
            if at < 4 {
                sum += x / 4.0;
            }
            let _ = write!(text, "{x:.4},");
        }
        text.push_str(if sum > 0.0 { "1\n" } else { "0\n" });
    }
    text
}
