//! A program that is given its whole input at once.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// The output of `command` on `input`, of which it reads what it likes: one that refuses to begin reads nothing.
pub fn fed(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
