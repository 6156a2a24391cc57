//! `eigenstep record WALK -o OUT.cast`: a walk as an asciicast, without a terminal and without a clock.

use super::{Answer, Failure, RightsArgs, check::refuse, looks::Wanted, stills::LooksArgs};
use crate::{
    lang::error::Error,
    record::{cast::Version, film::film, palette::Palette, saved, tours, walk::narration},
};
use clap::Args;
use ratatui::layout::Size;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

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
    /// Where to; without it, to stdout
    #[arg(short, long, value_name = "FILE.cast")]
    output: Option<PathBuf>,
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
    write(args.output.as_deref(), &cast, out)?;
    Ok(Answer::Done)
}

/// Writes to a file, or to `out` if none is given.
pub(super) fn write(
    path: Option<&Path>,
    bytes: &[u8],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let Some(path) = path else {
        out.write_all(bytes)?;
        return Ok(());
    };
    fs::write(path, bytes).map_err(|error| {
        let name = path.display();
        Failure::Input(Error::plain(format!("cannot write `{name}`: {error}")))
    })
}
