//! Where there is no terminal, not a byte is written and the alternatives are named.

use std::process::{Command, Stdio};

use super::harness::{Under, example};
use super::probe;

fn assert_names_the_alternatives(text: &str) {
    for alternative in ["eigenstep trace", "eigenstep exec", "--plain"] {
        assert!(text.contains(alternative), "{alternative}: {text}");
    }
}

#[test]
fn a_pipe_is_refused_before_a_byte_is_written() {
    let output = Command::new(example("terminal_probe"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_names_the_alternatives(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_refused() {
    for term in ["dumb", ""] {
        let mut terminal = probe().variable("TERM", term).size(200, 24).start();
        assert_eq!(terminal.wait_for_exit().code(), Some(2));
        terminal.wait_for("--plain");
        assert!(!terminal.bytes().contains(&b'\x1b'));
        assert_names_the_alternatives(&terminal.text());
        assert!(terminal.is_cooked());
    }
}

#[test]
fn a_terminal_without_a_keyboard_is_refused() {
    let mut terminal = probe()
        .without_input()
        .under(Under::NoJobControl)
        .size(200, 24)
        .start();
    assert_eq!(terminal.wait_for_exit().code(), Some(2));
    terminal.wait_for("/dev/tty");
    terminal.wait_for("--plain");
    assert!(!terminal.bytes().contains(&b'\x1b'));
}
