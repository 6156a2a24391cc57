//! `eigenstep tour [NAME]`: a walk in the debugger, caption by caption.

use super::{
    debug::{self, ScreenArgs},
    flags::RightsArgs,
    outcome::{ExitStatus, Failure},
    plain,
};
use crate::record::tours;
use clap::Args;
use std::{io::Write, sync::Arc};

/// Play a tour in the debugger, or list the tours
#[derive(Debug, Args)]
pub(super) struct TourArgs {
    /// A tour by name or number, or the file of a walk
    name: Option<String>,
    /// Tell it in lines of text instead of drawing a screen
    #[arg(long, requires = "name")]
    plain: bool,
    #[command(flatten)]
    rights: RightsArgs,
    #[command(flatten)]
    looks: ScreenArgs,
}

/// Plays the tour; without a name, writes a line on each.
pub(super) fn run(args: &TourArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    if let Some(name) = &args.name {
        let mut walk = Arc::unwrap_or_clone(tours::load(name)?);
        walk.rights = args.rights.rights();
        if args.plain {
            return plain::tour::tell(&Arc::new(walk), out);
        }
        return debug::tour(Arc::new(walk), &args.looks);
    }
    for (number, name, title) in tours::titles() {
        writeln!(out, "{number:>2}  {name:<12} {title}")?;
    }
    Ok(ExitStatus::Done)
}
