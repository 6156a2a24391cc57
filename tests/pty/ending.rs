//! However the program ends, the terminal is restored at once and the exit code tells why.

use std::{fs, os::unix::process::ExitStatusExt};

use rustix::process::Signal;

use super::harness::{Terminal, Under};
use super::{assert_ends, assert_ends_after, probe, started};

fn signalled(signal: Signal) -> impl Fn(&mut Terminal) {
    move |terminal| Terminal::signal(terminal.pid(), signal)
}

#[test]
fn quitting_restores_the_terminal() {
    assert_ends(&probe().arguments(&["--mouse", "--paste"]), 0, |terminal| {
        terminal.send("q");
    });
}

#[test]
fn signals_restore_the_terminal_and_count_from_128() {
    let launch = probe().arguments(&["--mouse", "--paste"]);
    assert_ends(&launch, 128 + 1, signalled(Signal::HUP));
    assert_ends(&launch, 128 + 2, signalled(Signal::INT));
    assert_ends(&launch, 128 + 15, signalled(Signal::TERM));
    for signal in [
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::XCPU,
        Signal::USR1,
        Signal::USR2,
    ] {
        assert_ends(&launch, 128 + signal.as_raw(), signalled(signal));
    }
}

#[test]
fn an_abort_restores_the_terminal() {
    let mut terminal = started(probe().arguments(&["--mouse", "--paste"]));
    terminal.send("A");
    let status = terminal.wait_for_exit();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    terminal.assert_restored();
}

#[test]
fn an_abort_does_not_wait_for_a_terminal_that_takes_no_output() {
    let mut terminal = started(probe());
    terminal.freeze();
    Terminal::signal(terminal.pid(), Signal::ABORT);
    let status = terminal.wait_for_exit();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
}

#[test]
fn a_lost_terminal_ends_the_program() {
    assert_ends(&probe(), 128 + 1, Terminal::hang_up);
}

#[test]
fn a_lost_terminal_ends_a_program_that_is_not_told_by_a_signal() {
    assert_ends(
        &probe().under(Under::NoJobControl),
        128 + 1,
        Terminal::hang_up,
    );
}

#[test]
fn a_lost_terminal_ends_a_program_whose_parent_ignores_hang_ups() {
    let launch = probe().under(Under::Shell(r#"trap "" HUP; exec "$0" "$@""#));
    assert_ends(&launch, 128 + 1, Terminal::hang_up);
}

#[test]
fn a_lost_terminal_ends_a_program_that_is_drawing() {
    assert_ends(&probe(), 128 + 1, |terminal| {
        terminal.send("F");
        terminal.hang_up();
    });
}

#[test]
fn the_session_is_saved_on_the_way_out() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("saved");
    let launch = probe().arguments(&["--on-exit", file.to_str().unwrap()]);
    let saved = |code, end: &dyn Fn(&mut Terminal)| {
        assert_ends(&launch, code, end);
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_file(&file).unwrap();
        text
    };
    assert_eq!(saved(128 + 15, &signalled(Signal::TERM)), "Signal(15)");
    assert_eq!(saved(101, &|terminal| terminal.send("P")), "Panic");
    let lost = saved(128 + 1, &Terminal::hang_up);
    assert!(lost == "HangUp" || lost == "Signal(1)", "{lost}");
}

#[test]
fn saving_that_never_returns_does_not_keep_the_program() {
    let launch = probe().arguments(&["--stubborn"]);
    assert_ends(&launch, 128 + 15, signalled(Signal::TERM));
    assert_ends(&launch, 101, |terminal| terminal.send("P"));
}

#[test]
fn a_terminal_that_takes_no_more_output_does_not_delay_the_exit() {
    let flooded = |terminal: &mut Terminal| {
        terminal.freeze();
        terminal.send("F");
        terminal.wait_until_idle();
    };
    assert_ends_after(&probe(), flooded, 128 + 15, |terminal| {
        signalled(Signal::TERM)(terminal);
        terminal.wait_for_exit();
        assert!(terminal.is_cooked(), "the line discipline needs no output");
    });
}

#[test]
fn a_panic_is_readable_on_the_restored_screen() {
    for (key, message) in [
        ("P", "the main thread is wounded"),
        ("T", "a worker is wounded"),
    ] {
        let mut terminal = started(probe());
        terminal.send(key);
        assert_eq!(terminal.wait_for_exit().code(), Some(101));
        terminal.wait_for(message);
        terminal.assert_restored();
        let bytes = terminal.bytes();
        let text = String::from_utf8_lossy(&bytes);
        let (_, after) = text.split_once("\x1b[?1049l").unwrap();
        assert!(
            !after.contains('\x1b'),
            "nothing is drawn over it: {after:?}"
        );
    }
}
