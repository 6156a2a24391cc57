//! `--plain` at a terminal: the terminal's own lines, Ctrl-C, the end.

use rustix::process::Signal;

use super::debugger::{debugger, home};
use super::harness::Terminal;

#[test]
fn ctrl_c_ends_a_run_and_at_the_prompt_gives_a_new_one() {
    let home = home();
    let flags = ["--plain", "--rule", "gd", "--set", "eta=1e-9"];
    let mut terminal = debugger(&home).arguments(&flags).start();
    terminal.wait_for("(eigenstep)");
    terminal.send("set max-run=1e12\r");
    terminal.wait_for("max-run = 1000000000000");
    for _ in 0..5 {
        terminal.send("continue\r");
        terminal.wait_for_quiet();
        let before = terminal.text().matches("interrupted").count();
        terminal.send("\x03");
        terminal.wait_until("interrupted", |screen| {
            screen.contents().matches("interrupted").count() > before
        });
    }
    terminal.wait_for_quiet();
    let before = terminal.text().matches("(eigenstep)").count();
    terminal.send("prin\x03");
    terminal.wait_until("a new prompt", |screen| {
        screen.contents().matches("(eigenstep)").count() > before
    });
    terminal.send("print 6*7\r");
    terminal.wait_for("6*7 = 42");
    // The end of the input.
    terminal.send("\x04");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    assert!(!terminal.bytes().contains(&b'\x1b'));
    assert!(terminal.is_cooked());
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_good_enough() {
    let home = home();
    let launch = debugger(&home).variable("TERM", "dumb");
    let mut refused = launch.clone().size(200, 24).start();
    assert_eq!(refused.wait_for_exit().code(), Some(2));
    refused.wait_for("--plain");
    assert!(!refused.bytes().contains(&b'\x1b'));
    let terminal = launch.arguments(&["--plain"]).start();
    terminal.wait_for("(eigenstep)");
    terminal.send("3n\r");
    terminal.wait_for("t = 3, loss = ");
}

#[test]
fn the_session_outlives_the_conversation() {
    let home = home();
    for (code, end) in [
        (143, Some(Signal::TERM)),
        (129, Some(Signal::HUP)),
        (129, None),
    ] {
        let mut terminal = debugger(&home).arguments(&["--plain"]).start();
        terminal.wait_for("(eigenstep)");
        terminal.send("9n\r");
        terminal.wait_for("t = 9, ");
        terminal.wait_for_quiet();
        match end {
            Some(signal) => Terminal::signal(terminal.pid(), signal),
            None => terminal.hang_up(),
        }
        assert_eq!(terminal.wait_for_exit().code(), Some(code));
        let again = debugger(&home).arguments(&["--plain", "--resume"]).start();
        again.wait_for("t = 9, ");
    }
}

#[test]
fn a_terminal_obeys_nothing_of_a_rule_that_is_printed() {
    let home = home();
    let rule = "rule evil \"a \u{1b}]0;title\u{7} of its own\"\n\nstep\n  w = w - 0.1*grad(w)\n";
    std::fs::write(home.path().join("evil.rule"), rule).unwrap();
    let mut terminal = debugger(&home)
        .folder(home.path())
        .arguments(&["rules", "evil.rule"])
        .start();
    terminal.wait_for("a \\u{1b}]0;title\\u{7} of its own");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    assert!(!terminal.bytes().contains(&0x1b));
}
