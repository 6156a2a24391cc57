//! The terminal layer on a real pseudo-terminal: what it shows, what it costs, and how it ends.
#![cfg(target_os = "linux")]

#[path = "pty/debugger.rs"]
mod debugger;
#[path = "pty/drawing.rs"]
mod drawing;
#[path = "pty/ending.rs"]
mod ending;
#[path = "pty/harness.rs"]
mod harness;
#[path = "pty/input.rs"]
mod input;
#[path = "pty/keeping.rs"]
mod keeping;
#[path = "pty/losing.rs"]
mod losing;
#[path = "pty/plain.rs"]
mod plain;
#[path = "pty/refusing.rs"]
mod refusing;
#[path = "pty/stopping.rs"]
mod stopping;
#[path = "pty/storms.rs"]
mod storms;

use std::os::unix::process::ExitStatusExt;

use harness::{Launch, Terminal, example};

fn probe() -> Launch {
    Launch::new(example("terminal_probe"))
}

/// Starts the probe and waits for its first frame.
fn started(launch: Launch) -> Terminal {
    let terminal = launch.start();
    terminal.wait_for("count 0 end");
    terminal.wait_for_quiet();
    terminal
}

/// Asserts that `end` makes the probe exit with `code`, drawing no more than what was due, and restore what terminal
/// there still is.
fn assert_ends(launch: &Launch, code: i32, end: impl Fn(&mut Terminal)) {
    assert_ends_after(launch, |_| {}, code, end);
}

/// The same after `prepare`, which takes its time.
fn assert_ends_after(
    launch: &Launch,
    prepare: impl Fn(&mut Terminal),
    code: i32,
    end: impl Fn(&mut Terminal),
) {
    let mut terminal = started(launch.clone());
    prepare(&mut terminal);
    let before = terminal.frames();
    end(&mut terminal);
    let status = terminal.wait_for_exit();
    let drawn = terminal.frames() - before;
    assert!(drawn <= 1, "{drawn} frames on the way out");
    assert_eq!(
        status.code(),
        Some(code),
        "{status:?}, signal {:?}",
        status.signal()
    );
    if terminal.is_read() {
        terminal.assert_restored();
    }
}
