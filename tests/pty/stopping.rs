//! Stopping and going on, under a shell and without one.

use rustix::process::Signal;

use super::harness::{Terminal, Under};
use super::{probe, started};

/// Ctrl-Z, a word from the shell, `fg`, and the counter goes on.
const JOB: &str = r#"set -m; "$0" "$@"; echo "stopped $?"; read line; fg; echo "code $?""#;

#[test]
fn ctrl_z_stops_the_job_and_fg_brings_it_back() {
    let mut terminal = started(probe().arguments(&["--paste"]).under(Under::Shell(JOB)));
    terminal.send(" \x1a");
    terminal.wait_for("stopped 148");
    terminal.assert_restored();
    terminal.send("\r");
    terminal.wait_for("count 1 end");
    terminal.wait_for("last suspended true");
    assert!(terminal.screen(|screen| screen.alternate_screen()
        && screen.hide_cursor()
        && screen.bracketed_paste()));
    assert!(!terminal.is_cooked());
    terminal.send(" ");
    terminal.wait_for("count 2 end");
    terminal.send("q");
    terminal.wait_for("code 0");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    terminal.assert_restored();
}

/// A bash with the probe as its stopped job. Its saving takes as long as it may: no other stop must cut it short.
fn stopped_under_bash() -> Terminal {
    let terminal = probe().under(Under::Bash).start();
    terminal.wait_for("$ ");
    terminal.send("$PROGRAM --stubborn\r");
    terminal.wait_for("count 0 end");
    terminal.send("\x1a");
    terminal.wait_for("Stopped");
    terminal.assert_on_the_shells_screen();
    terminal
}

#[test]
fn in_the_background_it_stops_again() {
    let terminal = stopped_under_bash();
    terminal.send("clear; bg; sleep 1; jobs\r");
    terminal.wait_until("stopped again", |screen| {
        let text = screen.contents();
        text.contains("--stubborn &") && text.contains("Stopped")
    });
    terminal.send("fg\r");
    terminal.wait_for("last suspended true");
    terminal.send(" ");
    terminal.wait_for("count 1 end");
}

#[test]
fn a_stopped_job_can_be_killed() {
    for before in ["", "bg; sleep 1; "] {
        let terminal = stopped_under_bash();
        terminal.send(&format!("clear; {before}kill %1; sleep 1; jobs\r"));
        terminal.wait_for("Exit 143");
        terminal.assert_on_the_shells_screen();
    }
}

#[test]
fn a_leader_of_a_session_is_not_stopped() {
    let terminal = started(probe());
    terminal.send("\x1a");
    terminal.wait_for("last suspended false");
    terminal.send(" ");
    terminal.wait_for("count 1 end");
}

#[test]
fn a_group_without_a_shell_above_it_goes_on() {
    let terminal = started(probe().under(Under::Shell(r#""$0" "$@"; exit $?"#)));
    terminal.send("\x1a");
    terminal.wait_for("last suspended true");
    terminal.send(" ");
    terminal.wait_for("count 1 end");
}

#[test]
fn a_stop_without_warning_is_repaired_when_the_job_goes_on() {
    let mut terminal = started(probe().under(Under::Shell(
        r#"set -m; "$0" "$@"; stty sane; clear; echo "stopped $?"; read line; fg; echo "code $?""#,
    )));
    Terminal::signal(terminal.job(), Signal::STOP);
    terminal.wait_for("stopped");
    assert!(terminal.is_cooked());
    terminal.send("\r");
    terminal.wait_for("count 0 end");
    assert!(!terminal.is_cooked());
    terminal.send("q");
    terminal.wait_for("code 0");
    terminal.wait_for_exit();
    terminal.assert_restored();
}

#[test]
fn a_stop_from_outside_gives_the_shell_back_and_fg_the_screen() {
    for arguments in [&["--paste"][..], &["--paste", "--mouse"]] {
        let mut terminal = started(probe().arguments(arguments).under(Under::Shell(JOB)));
        terminal.send(" ");
        terminal.wait_for("count 1 end");
        Terminal::signal(terminal.job(), Signal::TSTP);
        terminal.wait_for("stopped 148");
        terminal.assert_restored();
        terminal.send("\r");
        terminal.wait_for("count 1 end");
        assert!(!terminal.is_cooked());
        terminal.send(" ");
        terminal.wait_for("count 2 end");
        terminal.send("q");
        terminal.wait_for("code 0");
        terminal.wait_for_exit();
        terminal.assert_restored();
    }
}

#[test]
fn a_stop_from_outside_without_a_shell_is_no_stop() {
    let terminal = started(probe());
    for count in 1..4 {
        Terminal::signal(terminal.pid(), Signal::TSTP);
        terminal.send(" ");
        terminal.wait_for(&format!("count {count} end"));
        assert!(terminal.screen(vt100::Screen::alternate_screen));
    }
}
