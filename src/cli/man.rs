//! `eigenstep man [COMMAND]`: the manual page of the program, or of one of its front ends, made of the command line.

use super::{
    command_line::CommandLine,
    outcome::{ExitStatus, Failure},
};
use crate::error::{Error, ErrorCode};
use clap::{Args, CommandFactory};
use std::io::Write;

/// Print the manual page of eigenstep, or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = "eigenstep man | man -l -      reads it
eigenstep man > ~/.local/share/man/man1/eigenstep.1      installs it")]
pub(super) struct ManArgs {
    /// A command, like trace [default: the program itself]
    command: Option<String>,
}

/// Prints the page, in roff.
pub(super) fn run(args: &ManArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let mut program = CommandLine::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => {
            let names: Vec<&str> = program
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            let Some(found) = program.find_subcommand(name) else {
                let message = format!("there is no command `{name}`");
                let error = Error::plain(ErrorCode::UnknownCommand, message);
                return Err(error.suggest(name, "commands", names).into());
            };
            found.clone().version(env!("CARGO_PKG_VERSION"))
        }
    };
    clap_mangen::Man::new(page).render(out)?;
    Ok(ExitStatus::Done)
}
