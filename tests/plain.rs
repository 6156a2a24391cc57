//! `eigenstep --plain`: commands from a pipe, answers in lines of text; and what is refused before anything is drawn.

use std::process::{Command, Output};
use tempfile::TempDir;

#[path = "program/fed.rs"]
mod program;

/// The program with nothing of the user's around it, fed with `input`.
fn run(home: &TempDir, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    command
        .args(arguments)
        .env("HOME", home.path())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME")
        .env("TERM", "xterm");
    program::fed(&mut command, input)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The conversation on `input`, which has to end well and without an escape sequence.
fn conversation(arguments: &[&str], input: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let arguments: Vec<&str> = [&["--plain"], arguments].concat();
    let output = run(&home, &arguments, input);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert!(!output.stdout.contains(&b'\x1b'));
    text(&output.stdout).to_owned()
}

#[test]
fn a_conversation_reads_as_it_was_held() {
    let said = conversation(
        &[],
        "12n\n\nline 2\nbreak los\nbreak loss < 1\nc\nprint w\nview fit\ndisplay loss\nback\nrestart\nquit\nstep\n",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn lanes_are_told_side_by_side() {
    let said = conversation(&[], "lane add momentum set eta=0.175*eta_opt\n20n\n");
    assert!(
        said.contains("t = 20, momentum: loss = 2.396") && said.contains("; adam: loss = 2.67"),
        "{said}"
    );
}

#[test]
fn long_vectors_are_left_to_print() {
    let said = conversation(&["--eigenvalues", "1,2,3,4,5"], "step\n");
    assert!(
        said.contains("t = 1, loss = ") && !said.contains("w = ["),
        "{said}"
    );
}

#[test]
fn what_would_move_a_cursor_is_not_passed_on() {
    let said = conversation(&[], "print \x1b[2J\n\u{9b}2J\n");
    assert!(said.contains("error"), "{said}");
}

#[test]
fn a_file_s_commands_come_first() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("walk.toml");
    std::fs::write(&file, "commands = [\"5n\", \"break loss < 1\"]\n").unwrap();
    let said = conversation(&[file.to_str().unwrap()], "info stops\n");
    assert!(said.starts_with("adam on valley: t = 5"), "{said}");
    assert!(said.contains("break loss < 1"), "{said}");
}

#[test]
fn errors_in_a_command_go_on_and_errors_at_the_start_end_with_2() {
    let home = tempfile::tempdir().unwrap();
    let output = run(&home, &["--plain", "--rule", "adma"], "step\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `adam`?"));
    assert!(output.stdout.is_empty());
}

#[test]
fn without_a_terminal_the_alternatives_are_named() {
    let home = tempfile::tempdir().unwrap();
    let output = run(&home, &[], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = text(&output.stderr);
    for alternative in ["eigenstep trace", "eigenstep exec", "--plain"] {
        assert!(said.contains(alternative), "{alternative}: {said}");
    }
    assert!(!said.contains('\x1b'));
}

#[test]
fn a_mistake_in_the_configuration_is_shown_before_the_screen() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/eigenstep");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    std::fs::write(&file, "[keys]\nn = \"stepp\"\n").unwrap();
    let output = run(&home, &[], "");
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("config.toml:2:6") && said.contains("^^^^^"),
        "{said}"
    );
    assert!(said.contains("did you mean `step`?"), "{said}");

    std::fs::write(&file, "[screen]\ncharset = \"ascii\"\n").unwrap();
    let output = run(&home, &["--config", "/nowhere/at.all"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/at.all"));
}

#[test]
fn the_manuals_configuration_is_one() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/terminal.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n[keys]").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    std::fs::write(&file, format!("[keys]{block}")).unwrap();
    let output = run(&home, &["--config", file.to_str().unwrap(), "--plain"], "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
