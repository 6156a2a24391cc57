//! One row of a table of commands, without the typed value that it reads.

use super::{phrase::Located, reader::LineReader};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// Everything about a command but its arguments: for the prompt, keys, scripts, help and the manual alike.
#[derive(Debug, Clone, Copy)]
pub struct CommandInfo {
    /// The name in full.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The arguments, as `help` shows them.
    pub grammar: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    /// The source of completions for its arguments.
    pub completes: Completes,
    /// True where an empty line does it again.
    pub repeats: bool,
    /// The most that it may change.
    pub effect: Effect,
    /// Whether it asks where the minimum is.
    pub minimum: MinimumUse,
    /// The forms, where `help` lists more than one.
    pub forms: &'static [(&'static str, &'static str)],
}

/// The most that a command may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it tells something.
    Looks,
    /// The time at which the lanes are.
    Moves,
    /// The session: a saved one has the command.
    Changes,
    /// Files.
    Writes,
    /// The screen.
    Shows,
    /// The session ends.
    Leaves,
}

/// Whether a command asks where the minimum is. On a screen it waits where that is still looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinimumUse {
    /// Never: it waits for nothing but t, or only shows something.
    Unasked,
    /// It may.
    Asked,
    /// As its [argument](Argument::asks_minimum) says.
    ByArgument,
}

/// The source of completions for the arguments of a command.
#[derive(Debug, Clone, Copy)]
pub enum Completes {
    /// None.
    Nothing,
    /// Names of variables, settings, quantities and functions.
    Expression,
    /// Names of variables that a line assigns.
    Variable,
    /// Everything that `set` changes.
    Setting,
    /// Lanes, and after `add` rules.
    Lane,
    /// Names of lanes.
    LaneName,
    /// Numbers of stops.
    Stop,
    /// Numbers of stops, or all.
    Stops,
    /// The topics of `info`.
    Info,
    /// Commands and topics.
    Topic,
    /// Settings of the rule, and what `sweep` takes besides.
    Sweep,
    /// The words of its forms; for one in capitals, those that the function gives.
    Forms(fn(&str) -> Vec<String>),
    /// These words.
    Words(fn() -> Vec<String>),
    /// Files, and these words.
    File(&'static [&'static str]),
}

/// A row: a command, and how its arguments are read.
pub struct CommandRow<C: 'static> {
    /// Everything about it but that.
    pub info: CommandInfo,
    /// Reads its arguments.
    pub read: fn(&mut LineReader) -> Result<C>,
}

/// The arguments of a command: read from a line, and written so that they read back the same.
pub trait Argument: Sized {
    /// Reads them.
    ///
    /// # Errors
    /// At the place of what is wrong, with what to write instead.
    fn read(reader: &mut LineReader) -> Result<Self>;

    /// The text behind the command's name; empty for none.
    fn written(&self) -> String;

    /// True where a `!` stands behind the command's name.
    fn insists(&self) -> bool {
        false
    }

    /// True where the command with these arguments may ask where the minimum is.
    fn asks_minimum(&self) -> bool {
        true
    }

    /// The arguments of a command that does so many times as much; none where it takes no count.
    fn times(&self, _count: u64) -> Option<Self> {
        None
    }
}

impl CommandInfo {
    /// The name and the arguments, as in `step [N]`.
    #[must_use]
    pub fn call(&self) -> String {
        format!("{} {}", self.name, self.grammar)
            .trim_end()
            .to_owned()
    }

    /// The help of an error about the arguments.
    #[must_use]
    pub fn usage(&self) -> String {
        format!("usage: {}", self.call())
    }

    /// The error with the usage where it is the text of the command that was refused and nothing better is known.
    pub(in crate::debugger) fn corrected(&self, error: Error) -> Error {
        match error.code() {
            ErrorCode::ShapeMismatch => error.or_help(|| {
                "`help NAME` says what a function takes, `info variables` what there is".to_owned()
            }),
            code if code.is_of_the_text() && !self.grammar.is_empty() => {
                error.or_help(|| self.usage())
            }
            _ => error,
        }
    }
}

impl<C> CommandRow<C> {
    /// Reads the arguments of `word` up to `end`, all of them.
    ///
    /// # Errors
    /// As [`Argument::read`]; anything that is left.
    pub(super) fn parse(
        &'static self,
        line: &Arc<Source>,
        word: Span,
        end: usize,
        count: Option<Located<u64>>,
    ) -> Result<C> {
        let mut reader = LineReader::new(line, &self.info, word, end, count);
        let command = (self.read)(&mut reader);
        command
            .and_then(|command| reader.finish().map(|()| command))
            .map_err(|error| self.info.corrected(error))
    }
}
