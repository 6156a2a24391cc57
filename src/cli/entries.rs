//! The ways in for bytes from outside, without a process around them: for `fuzz/`.

use super::{config, guess, serve};
use crate::{
    debugger::{Control, Session},
    error::{Result, Source},
    scenario::Scenario,
};
use std::{
    ffi::OsString,
    io::{self, Write},
};

/// Reads a configuration file.
///
/// # Errors
/// What is wrong in it, at its place.
pub fn config(text: &str) -> Result<()> {
    config::parse(&Source::new("config.toml", text)).map(drop)
}

/// Reads the arguments of the program, its name first: their scenario, where they are those of the debugger.
///
/// # Errors
/// What is wrong with them.
pub fn arguments(arguments: &[OsString]) -> Result<Option<Scenario>> {
    match guess::parse(arguments) {
        guess::Parsed::Line(cli) if cli.command.is_none() => cli.scenario.scenario().map(Some),
        guess::Parsed::Line(_) | guess::Parsed::Help(_) => Ok(None),
        guess::Parsed::Parser(error) => Err(guess::coded(&error)),
        guess::Parsed::Wrong(error) => Err(error),
    }
}

/// Answers requests of `eigenstep serve`, one after the other.
///
/// # Errors
/// `out` takes no more.
pub fn requests(
    bytes: &[u8],
    session: &mut Session,
    control: &mut Control,
    out: &mut impl Write,
) -> io::Result<()> {
    serve::answer_each(bytes, session, control, out)
}
