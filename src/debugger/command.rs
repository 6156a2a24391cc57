//! The table of commands: one row each, for the prompt, keys, scripts, help and the README alike.

mod arguments;
mod complete;
mod edit;
mod explain;
mod help;
mod info;
mod inspect;
mod lane;
mod motion;
mod options;
mod prediction;
mod stage;
mod stops;
mod sweep;
mod target;

pub use arguments::Arguments;
pub use complete::{Completion, complete};
pub use explain::Subject;
pub use help::{table, topics};
pub use sweep::COUNTS;

use super::{answer::Answer, control::Control, session::Session};
use crate::lang::{
    error::{Error, ErrorCode, Result},
    source::{Source, Span},
};
use std::sync::Arc;

/// A command.
#[derive(Clone, Copy)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What it takes, as `help` shows it.
    pub arguments: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// What its arguments may be completed from.
    pub completes: Completes,
    /// Whether an empty line repeats it.
    pub repeats: bool,
    /// How a saved session has it.
    pub saved: Saved,
    /// Whether it writes files: text that somebody else may have written cannot do that unasked.
    pub writes: bool,
    /// What it does.
    pub run: fn(&mut Session, &Arguments, &mut Control) -> Result<Answer>,
}

/// What the arguments of a command may be completed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    /// Nothing.
    Nothing,
    /// Names of variables, settings, quantities and functions.
    Expression,
    /// Names of variables that a line assigns.
    Variable,
    /// What `set` changes.
    Setting,
    /// Lanes, and after `add` rules.
    Lane,
    /// A lane.
    LaneName,
    /// The number of a stop.
    Stop,
    /// Numbers of stops, or all.
    Stops,
    /// What `info` tells of.
    Info,
    /// Commands and topics.
    Topic,
    /// Settings of the rule, and what `sweep` takes besides.
    Sweep,
    /// What `view` does.
    View,
    /// Files.
    File,
}

/// How a saved session has a command.
#[derive(Debug, Clone, Copy)]
pub enum Saved {
    /// Not at all: it only looks or moves.
    Never,
    /// As it was typed.
    AsTyped,
    /// By this line, which does the same from any folder.
    As(fn(&Arguments) -> String),
}

impl Saved {
    /// The line for `arguments`.
    pub(super) fn line(self, arguments: &Arguments) -> Option<String> {
        match self {
            Self::Never => None,
            Self::AsTyped => Some(arguments.line().text.trim().to_owned()),
            Self::As(line) => Some(line(arguments)),
        }
    }
}

use Completes as C;
use Saved::{As, AsTyped, Never};

macro_rules! row {
    ($name:literal, $aliases:expr, $arguments:literal, $completes:expr, $repeats:literal, $saved:expr, $run:expr, $doc:literal) => {
        Command {
            name: $name,
            aliases: &$aliases,
            arguments: $arguments,
            doc: $doc,
            completes: $completes,
            repeats: $repeats,
            saved: $saved,
            writes: false,
            run: $run,
        }
    };
    (writes $($row:tt)*) => {
        Command {
            writes: true,
            ..row!($($row)*)
        }
    };
}

/// Every command, in the order in which help shows them.
#[rustfmt::skip]
pub const COMMANDS: &[Command] = &[
    row!("step", ["n", "next"], "[N]",
        C::Nothing, true, Never, motion::step, "run N iterations (1)"),
    row!("back", ["N", "prev"], "[N]",
        C::Nothing, true, Never, motion::back, "go back N iterations (1)"),
    row!("line", ["s"], "[N]",
        C::Nothing, true, Never, motion::line, "run N lines of the rule (1)"),
    row!("lineback", ["S"], "[N]",
        C::Nothing, true, Never, motion::line_back, "go back N lines (1)"),
    row!("continue", ["c", "cont"], "",
        C::Nothing, true, Never, motion::go_on, "run to the next stop"),
    row!("rcontinue", ["rc"], "",
        C::Nothing, true, Never, motion::go_back, "run back to the stop before"),
    row!("until", ["u"], "EXPR",
        C::Expression, true, Never, motion::until, "run until EXPR holds"),
    row!("goto", ["g"], "T [LINE]",
        C::Nothing, false, Never, motion::goto, "jump to iteration T (and LINE lines into the next)"),
    row!("first", ["0"], "",
        C::Nothing, false, Never, motion::first, "jump to t = 0"),
    row!("last", ["$"], "",
        C::Nothing, false, Never, motion::last, "jump to the newest iteration"),
    row!("restart", ["r"], "",
        C::Nothing, false, Never, motion::restart, "jump to t = 0, stops kept and their hits counted anew"),
    row!("break", ["b"], "EXPR | line N [if EXPR] [once] [ignore N]",
        C::Expression, false, AsTyped, stops::break_at, "stop when EXPR becomes true, or before line N runs"),
    row!("tbreak", ["tb"], "EXPR | line N [if EXPR]",
        C::Expression, false, AsTyped, stops::break_once, "stop there once"),
    row!("watch", ["wa"], "EXPR [once] [ignore N]",
        C::Expression, false, AsTyped, stops::watch, "stop when the value of EXPR changes"),
    row!("trace", ["tr"], "EXPR",
        C::Expression, false, AsTyped, stops::trace, "log t and EXPR at every iteration, without a stop"),
    row!("display", ["disp"], "EXPR",
        C::Expression, false, AsTyped, stops::display, "show EXPR at every stop"),
    row!("delete", ["d"], "ID... | all",
        C::Stops, false, AsTyped, stops::delete, "delete stops or displays"),
    row!("enable", ["en"], "ID... | all",
        C::Stops, false, AsTyped, stops::enable, "heed stops again"),
    row!("disable", ["dis"], "ID... | all",
        C::Stops, false, AsTyped, stops::disable, "keep stops but do not heed them"),
    row!("ignore", ["ign"], "ID N [hits M]",
        C::Stop, false, AsTyped, stops::ignore, "pass over the next N hits of a stop, that had M so far"),
    row!("print", ["p"], "EXPR",
        C::Expression, false, Never, inspect::print, "show the value of EXPR"),
    row!("explain", ["x"], "NAME",
        C::Variable, false, Never, explain::explain, "write out the line that made NAME (or NAME[I], LANE.NAME), with its numbers"),
    row!("list", ["l"], "",
        C::Nothing, false, Never, inspect::list, "show the lines of the rule and their values"),
    row!("info", ["i"], "[TOPIC]",
        C::Info, false, Never, info::info, "tell of stops, lanes, settings, the prediction, ... (info lists all)"),
    row!("set", [], "NAME=EXPR",
        C::Setting, false, AsTyped, edit::set, "change a setting, a variable or an option here (forks in the past)"),
    row!("undo", [], "",
        C::Nothing, false, AsTyped, edit::undo, "take the last edit of the lane back"),
    row!("fork", ["f"], "[NAME]",
        C::Nothing, false, AsTyped, lane::fork, "begin a new lane from here"),
    row!("lane", ["la"], "NAME | add RULE [as NAME] [set NAME=EXPR, ...]",
        C::Lane, false, As(lane::saved), lane::lane, "turn to a lane, or add one"),
    row!("drop", [], "NAME",
        C::LaneName, false, AsTyped, lane::drop_lane, "remove a lane"),
    row!("sweep", ["sw"], "NAME=LO..HI[:log][:COUNT]... [steps N] [measure rate]",
        C::Sweep, false, Never, sweep::sweep, "map how runs end over one or two settings"),
    row!(writes "save", [], "FILE",
        C::File, false, Never, inspect::save, "write a session that can be opened again; save! replaces a file"),
    row!("view", ["v"], "...",
        C::View, false, Never, inspect::view, "change what the screen shows (help view)"),
    row!(writes "record", ["rec"], "FILE | stop",
        C::File, false, Never, stage::record, "record the screen into an asciicast, or stop; record! replaces a file"),
    row!("tour", [], "[NAME | next | resume | end]",
        C::Nothing, false, Never, stage::tour, "list the tours, begin one, go on, return to it, or end it"),
    row!("help", ["h", "?"], "[TOPIC]",
        C::Topic, false, Never, help::help, "explain a command or a topic"),
    row!("quit", ["q", "exit"], "",
        C::Nothing, false, Never, inspect::quit, "leave"),
];

/// The command that `word` names: exactly, by an alias, or by a prefix that fits one command only. One that writes files
/// may have a `!` behind it, which insists.
///
/// # Errors
/// No such command, or a prefix of several; without a place.
pub fn find(word: &str) -> Result<&'static Command> {
    let exact = |row: &&Command| row.name == word || row.aliases.contains(&word);
    if let Some(row) = COMMANDS.iter().find(exact) {
        return Ok(row);
    }
    if let Some(row) = word.strip_suffix('!').and_then(|word| find(word).ok())
        && row.writes
    {
        return Ok(row);
    }
    let starts: Vec<&Command> = COMMANDS
        .iter()
        .filter(|row| row.name.starts_with(word))
        .collect();
    match starts[..] {
        [row] => Ok(row),
        [] => {
            let names = COMMANDS.iter().map(|row| row.name);
            let help = crate::lang::suggest::nearest(word, names)
                .map_or("type `help` for all commands".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
            Err(Error::plain(format!("unknown command `{word}`"))
                .coded(ErrorCode::UnknownCommand)
                .help(help))
        }
        _ => {
            let names: Vec<&str> = starts.iter().map(|row| row.name).collect();
            let message = format!("`{word}` may be {}", names.join(", "));
            Err(Error::plain(message).coded(ErrorCode::AmbiguousName))
        }
    }
}

/// Splits a line into its command and the rest. A number before the command is its count: `10 step`.
pub(super) fn parse(line: &Arc<Source>) -> Result<(&'static Command, Arguments)> {
    let text = line.text.trim_end();
    let mut start = text.len() - text.trim_start().len();
    let digits = text[start..].len()
        - text[start..]
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let mut count = None;
    let alone = text[start + digits..].trim().is_empty();
    if digits > 0 && !alone {
        let span = Span::new(start, start + digits);
        count = Some(arguments::count(line, span)?);
        start = text.len() - text[start + digits..].trim_start().len();
    }
    let word_len = text[start..]
        .find(|c: char| c.is_whitespace())
        .unwrap_or(text.len() - start);
    let word_span = Span::new(start, start + word_len);
    let row = find(line.slice(word_span)).map_err(|error| error.located(line, word_span))?;
    let rest = &text[word_span.end..];
    let gap = rest.len() - rest.trim_start().len();
    let rest = Span::new(word_span.end + gap, text.len().max(word_span.end + gap));
    Ok((row, Arguments::new(line, row, word_span, rest, count)))
}
