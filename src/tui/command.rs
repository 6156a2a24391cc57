//! The commands of the screen, beside the debugger's: one table for prompt, keys, walks and scripts.

use super::{
    panes::Pane,
    playback_command::{RecordCommand, TOUR_WORDS, TourCommand},
    tours,
    view_command::{USAGE, ViewCommand},
};
use crate::{
    debugger::{
        command::{
            AnyCommand, Argument, CommandInfo, CommandRow, CommandTable, Completes, Effect, Habit,
            Meaning, MinimumUse,
        },
        session::{FrontEndOption, FrontEndValue, Session},
    },
    error::{Error, ErrorCode, Result},
    scenario,
};
use serde::Serialize;
use std::fmt;

/// A command that only a screen can follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenCommand {
    /// Changes what is shown.
    View(ViewCommand),
    /// Records the screen.
    Record(RecordCommand),
    /// Leads through a walk.
    Tour(TourCommand),
}

/// A line of the prompt, of a key or of a walk, as data.
pub type Line = AnyCommand<ScreenCommand>;

/// Every command that a line may have.
pub static TABLE: CommandTable<ScreenCommand> =
    CommandTable::with(ROWS, HABITS).explaining(flag_word);

/// A line on a flag of the scenario.
fn flag_word(word: &str) -> Option<String> {
    let flag = scenario::find_flag(word)?;
    Some(format!("--{} {}: {}", flag.name, flag.value, flag.doc))
}

/// The option by which a screen heeds the mouse.
pub const MOUSE: FrontEndOption = FrontEndOption {
    name: "mouse",
    doc: "on or off: respond to mouse clicks",
    value: FrontEndValue::Switch(false),
};

/// The option that says how fast a run plays.
pub const SPEED: FrontEndOption = FrontEndOption {
    name: "speed",
    doc: "iterations per second while playing, 0.1 to 100",
    value: FrontEndValue::Number {
        value: 5.0,
        range: [0.1, 100.0],
    },
};

/// Adds the options of a screen to a session: one without a screen takes and keeps them, too.
pub fn offer_options(session: &mut Session) {
    session.offer(MOUSE);
    session.offer(SPEED);
}

/// True for the command that copies what is shown, and so leaves it there.
pub(super) fn copies(line: &Line) -> bool {
    matches!(
        line,
        AnyCommand::FrontEnd(ScreenCommand::View(ViewCommand::Copy))
    )
}

const ROWS: &[CommandRow<ScreenCommand>] = &[
    CommandRow {
        info: CommandInfo {
            name: "view",
            aliases: &["v"],
            grammar: "...",
            doc: "change what the screen shows (help view)",
            completes: Completes::Forms(named),
            repeats: false,
            effect: Effect::Shows,
            minimum: MinimumUse::ByArgument,
            forms: USAGE,
        },
        read: |reader| ViewCommand::read(reader).map(ScreenCommand::View),
    },
    CommandRow {
        info: CommandInfo {
            name: "record",
            aliases: &["rec"],
            grammar: "FILE | stop",
            doc: "record the screen into an asciicast, or stop; record! replaces a file",
            completes: Completes::File(&["stop"]),
            repeats: false,
            effect: Effect::Writes,
            minimum: MinimumUse::Asked,
            forms: &[],
        },
        read: |reader| RecordCommand::read(reader).map(ScreenCommand::Record),
    },
    CommandRow {
        info: CommandInfo {
            name: "tour",
            aliases: &[],
            grammar: "[NAME | next | back | answer EXPR | resume | end]",
            doc: "list tours; begin, advance, resume or end one",
            completes: Completes::Words(|| {
                let words = TOUR_WORDS.into_iter().chain(tours::names());
                words.map(str::to_owned).collect()
            }),
            repeats: false,
            effect: Effect::Shows,
            minimum: MinimumUse::Asked,
            forms: &[],
        },
        read: |reader| TourCommand::read(reader).map(ScreenCommand::Tour),
    },
];

/// Habits of editors.
const HABITS: &[Habit] = &[
    Habit {
        words: &["shell", "!", "suspend"],
        means: Meaning::Runs("view suspend"),
    },
    Habit {
        words: &["keys", "map"],
        means: Meaning::Runs("view keys"),
    },
    Habit {
        words: &["copy", "yank", "clipboard"],
        means: Meaning::Runs("view copy"),
    },
    Habit {
        words: &["redraw", "refresh"],
        means: Meaning::Runs("view redraw"),
    },
    Habit {
        words: &["up", "down"],
        means: Meaning::Says(
            "`lane NAME` switches to a lane; the keys up and down move the source's cursor",
        ),
    },
    Habit {
        words: &["layout", "tui", "winheight"],
        means: Meaning::Says(
            "`view pane NAME` shows a pane, `view max` one alone; `help view` lists what `view` can do",
        ),
    },
    Habit {
        words: &["history"],
        means: Meaning::Says("up recalls the earlier lines of the prompt; `save FILE` writes them"),
    },
    Habit {
        words: &["cd", "pwd", "make"],
        means: Meaning::Says("there is no shell here; ctrl-z suspends the debugger"),
    },
];

/// The names of what stands in capitals in a form of `view`.
fn named(what: &str) -> Vec<String> {
    match what {
        "NAME" => Pane::by_key()
            .into_iter()
            .map(|pane| pane.row().name.to_owned())
            .collect(),
        _ => Vec::new(),
    }
}

/// The change of the screen that a scenario's command asks for.
///
/// # Errors
/// A command that is for a person at the screen: it plays, records, leads through a tour, or acts on the session by way
/// of the screen.
pub fn arrangement(command: &ScreenCommand) -> Result<ViewCommand> {
    match command {
        ScreenCommand::View(view) if view.arranges() => Ok(view.clone()),
        _ => {
            let message = format!("`{command}` is for the prompt and for keys, not for a scenario");
            Err(Error::plain(ErrorCode::NotAllowed, message)
                .help("a scenario may zoom, show panes, choose a plane; for the session it has commands of its own"))
        }
    }
}

impl ScreenCommand {
    /// The row of the table.
    #[must_use]
    pub fn info(&self) -> &'static CommandInfo {
        match self {
            Self::View(_) => &ROWS[0].info,
            Self::Record(_) => &ROWS[1].info,
            Self::Tour(_) => &ROWS[2].info,
        }
    }

    /// True where it may ask where the minimum is.
    #[must_use]
    pub fn asks_minimum(&self) -> bool {
        match (self.info().minimum, self) {
            (MinimumUse::Unasked, _) => false,
            (MinimumUse::ByArgument, Self::View(command)) => command.asks_minimum(),
            (MinimumUse::Asked | MinimumUse::ByArgument, _) => true,
        }
    }

    /// The command that a count before it asks for.
    ///
    /// # Errors
    /// It takes no count.
    pub fn counted(&self, count: u64) -> Result<Self> {
        let counted = match self {
            Self::View(command) => command.times(count).map(Self::View),
            Self::Record(_) | Self::Tour(_) => None,
        };
        counted.ok_or_else(|| {
            let error = Error::plain(ErrorCode::Usage, format!("`{self}` takes no count"));
            error.help("esc clears a count that was typed by mistake")
        })
    }
}

impl fmt::Display for ScreenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = match self {
            Self::View(command) => command.written(),
            Self::Record(command) => command.written(),
            Self::Tour(command) => command.written(),
        };
        let bang = match self {
            Self::Record(command) if command.insists() => "!",
            _ => "",
        };
        let line = format!("{}{bang} {arguments}", self.info().name);
        f.write_str(line.trim_end())
    }
}

/// The line that a count before it asks for.
///
/// # Errors
/// Its command takes no count.
pub fn counted(line: &Line, count: u64) -> Result<Line> {
    match line {
        AnyCommand::Debugger(command) => command.counted(count).map(AnyCommand::Debugger),
        AnyCommand::FrontEnd(command) => command.counted(count).map(AnyCommand::FrontEnd),
    }
}
