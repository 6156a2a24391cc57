//! `eigenstep [SCENARIO | flags]`: the debugger in the terminal.

use super::{Answer, Failure, ScenarioArgs};
use crate::lang::error::Error;
use std::io::{self, IsTerminal};

/// Opens the debugger on the scenario of `args`.
pub(super) fn run(args: &ScenarioArgs) -> Result<Answer, Failure> {
    args.scenario()?.open()?;
    if !io::stdout().is_terminal() {
        let error = Error::plain("the debugger needs a terminal, and stdout is none")
            .help("`eigenstep trace` writes a run to a file or a pipe");
        return Err(error.into());
    }
    Ok(Answer::Done)
}
