//! The debugger loses its terminal, or is told to end: it ends at once, and the session is not lost.

use std::fs;

use rustix::process::Signal;
use tempfile::TempDir;

use super::debugger::{debugger, home, iteration, opened};
use super::harness::{Launch, Terminal, Under};

fn signalled(signal: Signal) -> impl Fn(&mut Terminal) {
    move |terminal| Terminal::signal(terminal.pid(), signal)
}

pub fn saved(home: &TempDir) -> Option<String> {
    let folder = fs::read_dir(home.path().join(".local/state/eigenstep")).ok()?;
    let files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    assert!(files.len() <= 1, "{files:?}");
    fs::read_to_string(files.first()?).ok()
}

/// Asserts that `end` makes the program exit with `code`, restore what terminal there still is, and save a session that
/// `--resume` opens where it was.
fn assert_saved(launch: impl Fn(&TempDir) -> Launch, code: i32, end: impl Fn(&mut Terminal)) {
    assert_saved_after("", "|g|", launch, code, end);
}

/// The same after `keys` have brought up `sight`.
fn assert_saved_after(
    keys: &str,
    sight: &str,
    launch: impl Fn(&TempDir) -> Launch,
    code: i32,
    end: impl Fn(&mut Terminal),
) {
    let home = home();
    let mut terminal = opened(launch(&home));
    terminal.answer("12n");
    terminal.answer(":break loss < 1e-3\r");
    terminal.send(keys);
    terminal.wait_for(sight);
    end(&mut terminal);
    let status = terminal.wait_for_exit();
    assert_eq!(status.code(), Some(code), "{status:?}");
    if terminal.is_read() {
        terminal.assert_restored();
        if code != 128 + 1 {
            terminal.wait_for("`eigenstep --resume` goes on");
        }
    }
    let text = saved(&home).expect("a saved session");
    assert!(text.contains("break loss < 1e-3"), "{text}");

    let again = opened(debugger(&home).arguments(&["--resume"]));
    // A run under way has gone on from there.
    assert!(iteration(&again) >= 12);
    if keys.is_empty() {
        assert_eq!(iteration(&again), 12);
    }
    again.send(":info stops\r");
    again.wait_for("loss < 1e-3");
}

#[test]
fn signals_end_it_with_128_and_their_number() {
    assert_saved(debugger, 128 + 1, signalled(Signal::HUP));
    assert_saved(debugger, 128 + 2, signalled(Signal::INT));
    assert_saved(debugger, 128 + 3, signalled(Signal::QUIT));
    assert_saved(debugger, 128 + 15, signalled(Signal::TERM));
}

#[test]
fn a_lost_terminal_ends_it() {
    assert_saved(debugger, 128 + 1, Terminal::hang_up);
}

#[test]
fn a_lost_terminal_ends_it_without_any_signal() {
    let launch = |home: &TempDir| debugger(home).under(Under::NoJobControl);
    assert_saved(launch, 128 + 1, Terminal::hang_up);
}

#[test]
fn a_lost_terminal_ends_the_child_of_a_parent_that_ignores_hang_ups() {
    let script = r#"trap "" HUP; exec "$0" "$@""#;
    let launch = move |home: &TempDir| debugger(home).under(Under::Shell(script));
    assert_saved(launch, 128 + 1, Terminal::hang_up);
}

#[test]
fn a_run_under_way_does_not_delay_the_end() {
    let endless = ["--rule", "gd", "--set", "eta=1e-9"];
    let launch = move |home: &TempDir| debugger(home).arguments(&endless);
    let (keys, sight) = (":set max-run=1e12\rc", "running, t = ");
    let terminate = signalled(Signal::TERM);
    assert_saved_after(keys, sight, launch, 128 + 15, terminate);
    assert_saved_after(keys, sight, launch, 128 + 1, Terminal::hang_up);
}

#[test]
fn quitting_saves_nothing_and_there_is_nothing_to_resume() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    terminal.answer(" ");
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    assert_eq!(saved(&home), None);
    let mut terminal = debugger(&home)
        .arguments(&["--resume"])
        .size(200, 24)
        .start();
    assert_eq!(terminal.wait_for_exit().code(), Some(2));
    terminal.wait_for("save FILE");
    assert!(!terminal.bytes().contains(&b'\x1b'));
}

#[test]
fn ctrl_z_gives_the_shell_back_and_fg_the_screen() {
    let home = home();
    let launch = debugger(&home).under(Under::Bash);
    let mut terminal = launch.start();
    terminal.wait_for("$ ");
    terminal.send("$PROGRAM\r");
    terminal.wait_for("|g|");
    terminal.wait_for_quiet();
    terminal.send("\x1a");
    terminal.assert_on_the_shells_screen();
    terminal.wait_for("Stopped");
    terminal.send("fg\r");
    terminal.wait_until("the screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("|g|")
    });
    terminal.wait_for_quiet();
    terminal.send("9n");
    terminal.wait_for(" t 9 ");
    terminal.send("q");
    terminal.wait_for_prompt();
    terminal.send("exit\r");
    terminal.wait_for_exit();
}

#[test]
fn ctrl_z_stops_a_run_as_well() {
    let home = home();
    let mut terminal = debugger(&home).under(Under::Bash).start();
    terminal.wait_for("$ ");
    terminal.send("$PROGRAM --rule gd --set eta=1e-9\r");
    terminal.wait_for("|g|");
    terminal.wait_for_quiet();
    terminal.send(":set max-run=1e12\rc");
    terminal.wait_for("running, t = ");
    terminal.send("\x1a");
    terminal.wait_for("Stopped");
    terminal.wait_for_prompt();
    terminal.send("fg\r");
    terminal.wait_for("interrupted");
    terminal.send("q");
    terminal.wait_for_prompt();
    terminal.send("exit\r");
    terminal.wait_for_exit();
}

#[test]
fn ctrl_z_as_the_leader_of_a_session_only_says_so() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.send("\x1a");
    terminal.wait_for("no shell");
    terminal.send("4n");
    terminal.wait_for(" t 4 ");
}
