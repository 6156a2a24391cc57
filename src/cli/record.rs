//! `eigenstep record WALK -o OUT.cast`: a walk as an asciicast or, by `-o OUT.html`, as a page that plays by itself;
//! without a terminal and without a clock.

use super::choice::read_with;
use super::{
    appearance::AppearanceChoices,
    check::refuse,
    flags::RightsArgs,
    outcome::{ExitStatus, Failure},
    output::OutputArgs,
    stills::LooksArgs,
    unknown_word::ends_in,
};
use crate::{
    error::{Error, ErrorCode},
    record::{
        cast::Version,
        headless_recorder::{play, record},
        page::Reel,
        palette::Palette,
        player::Player,
        saved, tours,
        walk::narration,
    },
};
use clap::Args;
use ratatui::layout::Size;
use std::{io::Write, path::PathBuf, sync::Arc};

/// Record a walk or a saved session as an asciicast, or as a web page that plays by itself
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
    /// Writes version 2 of asciicast, which every player reads; that is the default
    #[arg(long, hide = true, conflicts_with = "v3")]
    v2: bool,
    /// Writes version 3 of asciicast, which asciinema 3 and later read
    #[arg(long)]
    v3: bool,
    /// Size of the screen [default: the walk's, else 120x36]
    #[arg(long, value_name = "COLSxROWS", value_parser = read_with(narration::parse_size))]
    size: Option<Size>,
    /// Leaves the walk's captions out: the panes have their room
    #[arg(long, conflicts_with = "from_session")]
    no_captions: bool,
    #[command(flatten)]
    rights: RightsArgs,
    #[command(flatten)]
    looks: LooksArgs,
}

/// Films the walk and writes the cast.
pub(super) fn run(args: &RecordArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    args.output.check()?;
    let is_page = args.output.is_one_of(&[("cast", false), ("html", true)])?;
    if args.output.is_terminal() {
        return Err(
            Error::plain(ErrorCode::Usage, "a cast cannot be written to a terminal")
                .help(
                    "give it a file: -o NAME.cast, or -o NAME.html for a page that plays by itself",
                )
                .into(),
        );
    }
    let walk = match (&args.from_session, &args.walk) {
        (Some(file), _) => saved::walk(file)?,
        (None, Some(name)) if ends_in(name, "cast") => {
            return Err(Error::plain(
                ErrorCode::Usage,
                format!("`{name}` is an output file, not a walk"),
            )
            .help(format!(
                "name the walk, and give the file with -o: eigenstep record adam -o {name}"
            ))
            .into());
        }
        (None, Some(name)) => tours::load(name)?,
        (None, None) => {
            return Err(Error::plain(ErrorCode::Usage, "there is nothing to record").into());
        }
    };
    let mut walk = Arc::unwrap_or_clone(walk);
    walk.rights = args.rights.rights();
    if let Some(size) = args.size {
        walk.size = size;
    }
    let walk = Arc::new(walk);
    let mut player = Player::new(Arc::clone(&walk));
    if args.no_captions {
        player = player.uncaptioned();
    }
    let wanted = AppearanceChoices::of(&walk.scenario)?;
    let palette = Palette::on(args.looks.background(wanted));
    if is_page == Some(true) {
        let mut reel = Reel::new(walk.size);
        return match play(player, args.looks.looks(wanted), &mut reel) {
            Ok(()) => {
                let page = reel.page(&walk.title, palette);
                args.output.write(page.as_bytes(), out)
            }
            Err(fault) => refuse(fault),
        };
    }
    let recording = match record(player, args.looks.looks(wanted)) {
        Ok(recording) => recording,
        Err(fault) => return refuse(fault),
    };
    let version = if args.v3 {
        Version::Three
    } else {
        Version::Two
    };
    let cast = recording.cast(version, &walk.title, palette)?;
    args.output.write(&cast, out)
}
