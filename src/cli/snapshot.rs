//! `eigenstep snapshot`: one picture of the screen.

use super::choice::read_with;
use super::{
    appearance::AppearanceChoices,
    flags::{RightsArgs, ScenarioArgs},
    open::{OpenedRun, RunOpening},
    outcome::{ExitStatus, Failure},
    output::OutputArgs,
    stills::LooksArgs,
};
use crate::{
    debugger::{
        Control,
        command::{Command, Located, TimePoint},
    },
    error::{Source, Span},
    record::{
        screen,
        still::{self, SvgTheme},
        walk::{SIZE, narration},
    },
    tui::{command::TABLE, theme},
};
use clap::{Args, ValueEnum};
use ratatui::layout::Size;
use std::io::Write;

/// Write one picture of the screen, without a terminal
#[derive(Debug, Args)]
#[command(after_help = "\
A recorded run in the place of SCENARIO is opened as `eigenstep open` does it:
  eigenstep snapshot run.jsonl --at 40 -o run.svg")]
pub(super) struct SnapshotArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    picture: PictureArgs,
    /// Characters and background
    #[command(flatten)]
    looks: LooksArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Picture")]
struct PictureArgs {
    /// The iteration to show
    #[arg(long, value_name = "T", default_value_t = 0)]
    at: u64,
    /// Execute a command after that; may be repeated
    #[arg(short, long = "execute", value_name = "COMMAND")]
    execute: Vec<String>,
    /// Size of the screen
    #[arg(long, value_name = "COLSxROWS", default_value_t = Cells(SIZE), value_parser = read_with(Cells::parse))]
    size: Cells,
    /// Format [default: as the file's name ends, else text]
    #[arg(long, value_enum)]
    format: Option<PictureFormat>,
    /// SVG for the background of --background only, instead of for both
    #[arg(long, alias = "one-ground")]
    one_background: bool,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    rights: RightsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PictureFormat {
    /// Lines of text
    Text,
    /// Lines of text with the codes of a terminal
    Ansi,
    /// A vector picture
    Svg,
}

/// Endings of file names.
const ENDINGS: [(&str, PictureFormat); 4] = [
    ("txt", PictureFormat::Text),
    ("text", PictureFormat::Text),
    ("ansi", PictureFormat::Ansi),
    ("svg", PictureFormat::Svg),
];

/// A size as flags have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cells(pub Size);

impl Cells {
    fn parse(text: &str) -> crate::error::Result<Self> {
        narration::parse_size(text).map(Self)
    }
}

impl std::fmt::Display for Cells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.0.width, self.0.height)
    }
}

/// Runs to the iteration, executes the commands, and writes what the screen shows then.
pub(super) fn run(args: &SnapshotArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    args.picture.output.check()?;
    let format = match args.picture.format {
        Some(format) => format,
        None => args
            .picture
            .output
            .is_one_of(&ENDINGS)?
            .unwrap_or(PictureFormat::Text),
    };
    let mut flags = args.scenario.clone();
    let (mut app, wanted) = if let Some(run) = flags.take_run() {
        let OpenedRun { session, panes, .. } =
            RunOpening::new(run, flags.beside_run()?).session()?;
        let wanted = AppearanceChoices::default();
        let mut app = screen::show(session, args.looks.looks(wanted));
        app.look.begin_with(panes);
        (app, wanted)
    } else {
        let mut scenario = flags.scenario()?;
        scenario.rights = args.picture.rights.rights();
        let wanted = AppearanceChoices::of(&scenario)?;
        (screen::open(&scenario, args.looks.looks(wanted))?, wanted)
    };
    if args.picture.at > 0 {
        // Through all that lies before it, so that the curves have something to show.
        let (t, line) = (args.picture.at, Located::default());
        let goto = Command::Goto(TimePoint { t, line });
        app.perform(&goto.into(), &mut Control::default())?;
    }
    for text in &args.picture.execute {
        let source = Source::new("--execute", text.as_str());
        if let Some(line) = TABLE.parse(&source)? {
            let done = app.perform(&line, &mut Control::default());
            done.map_err(|error| error.located(&source, Span::new(0, text.len())))?;
        }
    }
    let (buffer, _) = screen::draw(&mut app, args.picture.size.0);
    let picture = match format {
        PictureFormat::Text => still::text(&buffer),
        PictureFormat::Ansi => still::ansi(&buffer),
        PictureFormat::Svg => {
            let background = match (args.picture.one_background, args.looks.background(wanted)) {
                (false, _) => SvgTheme::Both,
                (true, theme::Background::Dark) => SvgTheme::Dark,
                (true, theme::Background::Light) => SvgTheme::Light,
            };
            let lane = &app.session.lanes().focused().name;
            let title = format!(
                "eigenstep: {lane} on {} at t = {}",
                app.session.landscape().name,
                app.session.position().t
            );
            still::svg(&buffer, &title, background)
        }
    };
    args.picture.output.write(picture.as_bytes(), out)
}
