//! What the debugger costs a slow link and an idle machine, on a real pseudo-terminal; beside it what others cost.
//!
//! ```text
//! cargo bench --bench bytes
//! ```
//!
//! Bytes are those that the terminal receives. A step is one key and one frame: from the key to the end of the
//! synchronized output. Others have no such mark; for them it is all that comes until it has been quiet for a while.
//! Those that are not installed are left out.

#[path = "../tests/pty/harness.rs"]
#[expect(dead_code, reason = "the tests need more of a terminal than this")]
mod harness;

use eigenstep::{debugger::Control, error::Source, scenario::Scenario};
use harness::{Launch, Terminal};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];
const END_FRAME: &[u8] = b"\x1b[?2026l";

fn main() {
    let home = tempfile::tempdir().expect("a directory");
    println!("bytes per key on the default screen, median and mean over the first 100");
    println!(
        "{:>9}  {:<9} {:>6} {:>6}  {:>6}  {:>11}",
        "size", "charset", "step", "mean", "line", "first frame"
    );
    for size in SIZES {
        for (charset, locale) in [
            ("ascii", "C"),
            ("unicode", "C.UTF-8"),
            ("braille", "C.UTF-8"),
        ] {
            let launch = || {
                debugger(&home, locale)
                    .arguments(&["--charset", charset])
                    .size(size.0, size.1)
            };
            let first = opened(launch()).bytes().len();
            let steps = frames(&opened(launch()), " ", 100);
            let lines = frames(&opened(launch()), "s", 60);
            let mean = steps.iter().sum::<usize>() / steps.len();
            let name = format!("{}x{}", size.0, size.1);
            println!(
                "{name:>9}  {charset:<9} {:>6} {mean:>6}  {:>6}  {first:>11}",
                median(steps),
                median(lines)
            );
        }
    }
    let terminal = opened(debugger(&home, "C"));
    terminal.answer("5n");
    report_idle("eigenstep", &terminal);
    drop(terminal);
    report_step_time(&home);
    report_keeping();
    println!();
    others(&home);
}

/// The program with nothing of the user's around it.
fn debugger(home: &TempDir, locale: &str) -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_eigenstep"))
        .variable("HOME", home.path().to_str().unwrap_or("/"))
        .variable("XDG_CONFIG_HOME", "")
        .variable("LC_ALL", locale)
}

fn opened(launch: Launch) -> Terminal {
    let terminal = launch.start();
    terminal.wait_for("adam on valley");
    terminal.wait_for_quiet();
    terminal
}

/// The bytes of the frame that each `key` gives.
fn frames(terminal: &Terminal, key: &str, times: usize) -> Vec<usize> {
    let mut sizes = Vec::new();
    for _ in 0..times {
        let before = terminal.bytes().len();
        terminal.send(key);
        while !terminal.bytes()[before..].ends_with(END_FRAME) {
            thread::sleep(Duration::from_micros(200));
        }
        sizes.push(terminal.bytes().len() - before);
    }
    sizes
}

fn median(mut sizes: Vec<usize>) -> usize {
    sizes.sort_unstable();
    sizes[sizes.len() / 2]
}

/// Five seconds in which nothing happens.
fn report_idle(name: &str, terminal: &Terminal) {
    terminal.wait_for_quiet();
    let pid = terminal.pid();
    let (bytes, time) = (terminal.bytes().len(), Terminal::cpu_time(pid));
    thread::sleep(Duration::from_secs(5));
    let bytes = terminal.bytes().len() - bytes;
    let time = Terminal::cpu_time(pid).saturating_sub(time);
    println!("{name:<28} 5 s of idling: {bytes} bytes, {time:?} of CPU");
}

/// From the key to the end of its frame, and the time that the program computes for it; first what the terminal and this
/// bench cost by themselves: from a key to the echo of a terminal in which `cat` waits.
fn report_step_time(home: &TempDir) {
    let echo = Launch::new("cat").size(120, 36).start();
    echo.wait_for_quiet();
    let times = timed(|| {
        let before = echo.bytes().len();
        echo.send("x");
        while echo.bytes().len() == before {
            thread::sleep(Duration::from_micros(200));
        }
    });
    println!("{:<28} key to echo: median {times:?}", "cat");
    drop(echo);
    let lanes: [&[&str]; 2] = [&[], &LANES];
    for (arguments, (columns, rows), goal) in [(lanes[0], (120, 36), 5), (lanes[1], (200, 60), 15)]
    {
        let terminal = debugger(home, "C.UTF-8")
            .arguments(arguments)
            .size(columns, rows)
            .start();
        terminal.wait_for(" on valley");
        terminal.wait_for_quiet();
        let computed = Terminal::cpu_time(terminal.pid());
        let median = timed(|| {
            frames(&terminal, " ", 1);
        });
        let computed = (Terminal::cpu_time(terminal.pid()).saturating_sub(computed)) / STEPS;
        let count = (arguments.len() / 2).max(1);
        println!(
            "{:<28} key to frame at {columns}x{rows}, lanes {count}: median {median:?} of {goal} ms, mean computing time {computed:?}",
            "eigenstep"
        );
    }
}

/// Four lanes.
const LANES: [&str; 8] = [
    "--rule", "gd", "--rule", "momentum", "--rule", "nesterov", "--rule", "adam",
];
/// The steps that are timed.
const STEPS: u32 = 50;

/// The median time of an action.
fn timed(mut act: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..STEPS)
        .map(|_| {
            let start = Instant::now();
            act();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// What it costs after each step to have the session's text at hand should the terminal be lost.
fn report_keeping() {
    for edits in [0_u32, 10, 100] {
        let mut session = Scenario::default().session().expect("the default");
        let mut always = |_| true;
        for _ in 0..edits {
            for command in ["step", "set beta1=0.9"] {
                let line = Source::new("<bench>", command);
                let _ = session.execute(&line, &mut Control::asking(&mut always));
            }
        }
        let start = Instant::now();
        for _ in 0..1000 {
            std::hint::black_box(session.to_text());
        }
        println!(
            "{:<28} text of the session after {edits} edits: {:?}",
            "eigenstep",
            start.elapsed() / 1000
        );
    }
}

/// A program beside ours: how it is started, the text that shows that it has, and what is typed.
struct Other {
    program: &'static str,
    arguments: Vec<String>,
    ready: &'static str,
    before: &'static [&'static str],
    keys: &'static [(&'static str, &'static str)],
}

fn others(home: &TempDir) {
    let text = home.path().join("text");
    let lines: Vec<String> = (0..500)
        .map(|i| format!("line {i}: {}", "word ".repeat(i % 12)))
        .collect();
    fs::write(&text, lines.join("\n")).expect("a text");
    let text = text.display().to_string();
    let mut list = vec![
        Other {
            program: "vim",
            arguments: vec!["-u".into(), "NONE".into(), "-N".into(), text.clone()],
            ready: "line 3",
            before: &[],
            keys: &[
                ("j", "cursor down"),
                ("\x05", "scroll by a line"),
                ("\x06", "page down"),
            ],
        },
        Other {
            program: "less",
            arguments: vec![text],
            ready: "line 3",
            before: &[],
            keys: &[("j", "scroll by a line"), (" ", "page down")],
        },
        Other {
            program: "htop",
            arguments: Vec::new(),
            ready: "PID",
            before: &[],
            keys: &[("\x1b[B", "cursor down, and what it refreshes meanwhile")],
        },
    ];
    if let Some(program) = debuggee(home) {
        list.push(Other {
            program: "gdb",
            arguments: vec![
                "-q".into(),
                "-nx".into(),
                "-tui".into(),
                program.display().to_string(),
            ],
            ready: "(gdb)",
            before: &["set pagination off\r", "break main\r", "run\r"],
            keys: &[("next\r", "next")],
        });
    }
    for other in list {
        let Some(path) = found(other.program) else {
            println!("{:<28} not installed", other.program);
            continue;
        };
        let arguments: Vec<&str> = other.arguments.iter().map(String::as_str).collect();
        for (columns, rows) in [SIZES[0], SIZES[1]] {
            let terminal = Launch::new(&path)
                .arguments(&arguments)
                .variable("LC_ALL", "C")
                .size(columns, rows)
                .start();
            terminal.wait_for(other.ready);
            for line in other.before {
                terminal.answer(line);
            }
            for (key, what) in other.keys {
                let median = terminal.bytes_per_frame(key, 12);
                let name = format!("{} {columns}x{rows}", other.program);
                println!("{name:<28} {what}: median {median}");
            }
            if columns == 80 {
                report_idle(other.program, &terminal);
            }
        }
    }
}

/// A program of many lines for gdb, if there is a compiler.
fn debuggee(home: &TempDir) -> Option<PathBuf> {
    let (source, program) = (home.path().join("loop.c"), home.path().join("loop"));
    let text = "#include <math.h>\nint main(void) {\n  double w[2] = {0, 0}, g[2];\n  for (int t = 0; t < 100; t++) {\n    g[0] = w[0] - 0.8;\n    g[1] = 100 * (w[1] - 0.6);\n    w[0] -= 0.0198 * g[0];\n    w[1] -= 0.0198 * g[1];\n  }\n  return 0;\n}\n";
    fs::write(&source, text).ok()?;
    let done = Command::new("cc")
        .args(["-g", "-O0", "-o"])
        .arg(&program)
        .arg(&source)
        .status();
    done.is_ok_and(|status| status.success()).then_some(program)
}

fn found(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| Path::is_file(file))
}
