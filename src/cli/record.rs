//! `eigenstep record WALK -o OUT.cast`: a walk as an asciicast, without a terminal and without a clock.

use super::{
    Answer, Failure, RightsArgs, check::refuse, looks::Wanted, output::OutputArgs,
    stills::LooksArgs,
};
use crate::{
    lang::error::Error,
    record::{cast::Version, film::film, palette::Palette, saved, tours, walk::narration},
};
use clap::Args;
use ratatui::layout::Size;
use std::{io::Write, path::PathBuf, sync::Arc};

/// Records a walk, or what a saved session did, as an asciicast
#[derive(Debug, Args)]
#[command(after_help = narration::help())]
pub(super) struct RecordArgs {
    /// A tour by name or number, or the file of a walk
    #[arg(value_name = "WALK", required_unless_present = "from_session")]
    walk: Option<String>,
    /// Records what this saved session did
    #[arg(long, value_name = "FILE", conflicts_with = "walk")]
    from_session: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// Writes version 2 of the format, for older tools
    #[arg(long)]
    v2: bool,
    /// The screen [default: the walk's, else 120x36]
    #[arg(long, value_name = "COLSxROWS", value_parser = narration::parse_size)]
    size: Option<Size>,
    #[command(flatten)]
    rights: RightsArgs,
    #[command(flatten)]
    looks: LooksArgs,
}

/// Films the walk and writes the cast.
pub(super) fn run(args: &RecordArgs, out: &mut impl Write) -> Result<Answer, Failure> {
    args.output.check()?;
    let walk = match (&args.from_session, &args.walk) {
        (Some(file), _) => saved::walk(file)?,
        (None, Some(name)) => tours::load(name)?,
        (None, None) => return Err(Error::plain("there is nothing to record").into()),
    };
    let mut walk = Arc::unwrap_or_clone(walk);
    walk.rights = args.rights.rights();
    if let Some(size) = args.size {
        walk.size = size;
    }
    let walk = Arc::new(walk);
    let wanted = Wanted::of(&walk.scenario)?;
    let film = match film(&walk, args.looks.looks(wanted)) {
        Ok(film) => film,
        Err(fault) => return refuse(fault),
    };
    let version = if args.v2 {
        Version::Two
    } else {
        Version::Three
    };
    let cast = film.cast(version, &walk.title, Palette::on(args.looks.ground(wanted)))?;
    args.output.write(&cast, out)
}
