//! `eigenstep check WALK...`: whether walks are still true.

use super::{
    flags::RightsArgs,
    outcome::{ExitStatus, Failure},
};
use crate::{
    error::Error,
    record::{check::check, playback_target::PlaybackEnd, tours, walk::narration},
    text,
};
use clap::Args;
use std::{
    io::{self, Write},
    sync::Arc,
};

/// Play walks without a screen; exit with 1 at the first expectation that fails
#[derive(Debug, Args)]
#[command(after_help = narration::help())]
pub(super) struct CheckArgs {
    /// Tours by name or number, or files of walks [default: all tours]
    #[arg(value_name = "WALK")]
    walks: Vec<String>,
    #[command(flatten)]
    rights: RightsArgs,
}

/// Checks one walk after the other, and writes a line on each that is true.
pub(super) fn run(args: &CheckArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let tours = tours::names().into_iter().map(str::to_owned).collect();
    let names: &Vec<String> = if args.walks.is_empty() {
        &tours
    } else {
        &args.walks
    };
    for name in names {
        let mut walk = Arc::unwrap_or_clone(tours::load(name)?);
        walk.rights = args.rights.rights();
        let walk = Arc::new(walk);
        match check(&walk) {
            Ok(checked) => {
                let things = match checked.expectations {
                    1 => "1 expectation holds".to_owned(),
                    count => format!("{count} expectations hold"),
                };
                writeln!(out, "{}: {things}", walk.source.name)?;
            }
            Err(fault) => return refuse(fault),
        }
    }
    Ok(ExitStatus::Done)
}

/// The outcome of a walk that stops early.
pub(super) fn refuse(fault: PlaybackEnd) -> Result<ExitStatus, Failure> {
    match fault {
        PlaybackEnd::Unmet(error) => {
            // Where this cannot be said, the exit code says it.
            let error = error.to_string();
            let _ = writeln!(io::stderr().lock(), "{}", text::visible(&error));
            Ok(ExitStatus::No)
        }
        PlaybackEnd::Broken(error) => Err(Error::into(error)),
        PlaybackEnd::Target(error) => Err(error.into()),
    }
}
