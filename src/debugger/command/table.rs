//! A table of commands: the debugger's, and those that a front end has besides.

use super::{
    COMMANDS, Command,
    habits::{HABITS, Habit, Meaning},
    phrase::{Located, Phrase},
    reader,
    row::{CommandInfo, CommandRow, Effect},
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span, suggest},
    lang::parse::expression_within,
};
use serde::Serialize;
use std::{convert::Infallible, fmt, sync::Arc};

/// The debugger's commands and those of a front end, `E`: one table for names, help, completion and parsing.
pub struct CommandTable<E: 'static> {
    rows: &'static [CommandRow<E>],
    habits: &'static [Habit],
    explain: fn(&str) -> Option<String>,
}

/// A line as data: a command of the debugger, or one of the front end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyCommand<E> {
    /// The session does it.
    Debugger(Command),
    /// The front end does it.
    FrontEnd(E),
}

impl CommandTable<Infallible> {
    /// The debugger's commands alone.
    #[must_use]
    pub const fn debugger() -> Self {
        Self::with(&[], &[])
    }

    /// The command of a line; none where it is empty or a comment.
    ///
    /// # Errors
    /// As [`CommandTable::parse`].
    pub fn parse_debugger(&self, line: &Arc<Source>) -> Result<Option<Command>> {
        Ok(match self.parse(line)? {
            Some(AnyCommand::Debugger(command)) => Some(command),
            Some(AnyCommand::FrontEnd(never)) => match never {},
            None => None,
        })
    }

    /// The command of a line.
    ///
    /// # Errors
    /// As [`CommandTable::parse`]; a line that says nothing.
    pub fn parse_command(&self, line: &Arc<Source>) -> Result<Command> {
        self.parse_debugger(line)?.ok_or_else(|| {
            Error::plain(ErrorCode::Usage, "the line contains no command")
                .help("type `help` for all commands")
        })
    }
}

impl<E> CommandTable<E> {
    /// The debugger's commands and `rows`; `habits` are words for these.
    #[must_use]
    pub const fn with(rows: &'static [CommandRow<E>], habits: &'static [Habit]) -> Self {
        Self {
            rows,
            habits,
            explain: |_| None,
        }
    }

    /// The same, whose `help` has more words: `explain` gives a line on each.
    #[must_use]
    pub const fn explaining(self, explain: fn(&str) -> Option<String>) -> Self {
        Self { explain, ..self }
    }

    /// A line on a word of the front end.
    pub(in crate::debugger) fn front_end_word(&self, word: &str) -> Option<String> {
        (self.explain)(word)
    }

    /// All commands, in the order in which help shows them: those of the front end before `help`.
    pub fn infos(&self) -> impl Iterator<Item = &'static CommandInfo> {
        let help = COMMANDS.iter().position(|row| row.info.name == "help");
        let (first, last) = COMMANDS.split_at(help.unwrap_or(COMMANDS.len()));
        let own = self.rows.iter().map(|row| &row.info);
        let info = |row: &'static CommandRow<Command>| &row.info;
        first
            .iter()
            .map(info)
            .chain(own)
            .chain(last.iter().map(info))
    }

    /// The command that `word` names: in full, by an alias, or by a prefix that fits one command only. One that writes
    /// files may have a `!` behind it, which insists.
    ///
    /// # Errors
    /// No such command, with the nearest one, or a prefix of several; without a place.
    pub fn find(&self, word: &str) -> Result<&'static CommandInfo> {
        if let Some(info) = self.named(word).or_else(|| self.insistent(word)) {
            return Ok(info);
        }
        let starts: Vec<&CommandInfo> = self
            .infos()
            .filter(|info| info.name.starts_with(word))
            .collect();
        match starts[..] {
            [info] => Ok(info),
            [] => Err(self.unknown(word)),
            _ => {
                let names: Vec<&str> = starts.iter().map(|info| info.name).collect();
                let error = Error::plain(
                    ErrorCode::AmbiguousName,
                    format!("`{word}` may be {}", names.join(", ")),
                );
                Err(error.help("write one more letter"))
            }
        }
    }

    fn named(&self, word: &str) -> Option<&'static CommandInfo> {
        let is_it = |info: &&CommandInfo| info.name == word || info.aliases.contains(&word);
        self.infos().find(is_it)
    }

    /// The command that writes files whose name, with a `!` behind it, is `word`.
    fn insistent(&self, word: &str) -> Option<&'static CommandInfo> {
        let info = self.find(word.strip_suffix('!')?).ok()?;
        (info.effect == Effect::Writes).then_some(info)
    }

    fn unknown(&self, word: &str) -> Error {
        let error = Error::plain(
            ErrorCode::UnknownCommand,
            format!("unknown command `{word}`"),
        );
        if let Some(Meaning::Says(help)) = self.habit(&[word]) {
            return error.help(help);
        }
        let mut forms = self.infos().flat_map(|info| {
            let verb = |(form, _): &(&'static str, _)| form.split_whitespace().next();
            let verbs = info.forms.iter().filter_map(verb);
            verbs.map(move |verb| (info.name, verb))
        });
        if let Some((name, verb)) = forms.find(|(_, verb)| *verb == word) {
            return error.help(format!("did you mean `{name} {verb}`?"));
        }
        if word.parse::<f64>().is_ok() {
            let help = format!("`goto {word}` goes to iteration {word}, `step {word}` runs {word}");
            return Error::plain(ErrorCode::Usage, "a count needs a command").help(help);
        }
        let near = suggest::nearest(word, self.infos().map(|info| info.name));
        error.help(
            near.map_or("type `help` for all commands".to_owned(), |near| {
                format!("did you mean `{near}`?")
            }),
        )
    }

    /// The next thing to do where a line that is no command is a value, or gives a name one; none where its first word is a
    /// slip of a command's name, or a habit.
    fn help_on_value(&self, word: &Phrase, line: &Phrase) -> Option<String> {
        let names = || self.infos().map(|info| info.name);
        let is_slip = |near: &String| strsim::damerau_levenshtein(word.text(), near) == 1;
        if self.habit(&[word.text()]).is_some()
            || suggest::nearest(word.text(), names()).is_some_and(|near| is_slip(&near))
        {
            return None;
        }
        let text = line.text();
        let set = |name: &str, value: &str| format!("`set {name}={value}` changes a value");
        match text.split_once('=') {
            Some((name, value)) if is_name(name.trim()) && !value.starts_with('=') => {
                return Some(set(name.trim(), value.trim()));
            }
            _ => {}
        }
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            [name, value] if is_name(name) && value.parse::<f64>().is_ok() => {
                Some(set(name, value))
            }
            _ => expression_within(line.source(), line.span()).ok().map(|_| {
                format!(
                    "`print {text}` shows the value of an expression; `help` lists the commands"
                )
            }),
        }
    }

    /// The meaning of a habit of one word or two.
    fn habit(&self, words: &[&str]) -> Option<Meaning> {
        let words = words.join(" ");
        let mut habits = HABITS.iter().chain(self.habits);
        let habit = habits.find(|habit| habit.words.contains(&words.as_str()))?;
        Some(habit.means)
    }

    /// Parses a line; none where it is empty or a comment.
    ///
    /// # Errors
    /// What is wrong, at its place in the line.
    pub fn parse(&self, line: &Arc<Source>) -> Result<Option<AnyCommand<E>>> {
        self.parse_within(line, Span::new(0, line.text.len()))
    }

    /// Parses the part `within` of a text.
    ///
    /// # Errors
    /// As [`CommandTable::parse`].
    pub fn parse_within(&self, line: &Arc<Source>, within: Span) -> Result<Option<AnyCommand<E>>> {
        let parsed = self.parse_row(line, within)?;
        Ok(parsed.map(|(_, command)| command))
    }

    /// Parses the part `within` of a text, and tells of the command's row too.
    ///
    /// # Errors
    /// As [`CommandTable::parse`].
    pub fn parse_row(
        &self,
        line: &Arc<Source>,
        within: Span,
    ) -> Result<Option<(&'static CommandInfo, AnyCommand<E>)>> {
        let whole = Phrase::at(line, within).trimmed();
        // Out of habit, some type the colon that has opened the prompt.
        let whole = match whole.text().strip_prefix(':') {
            Some(rest) => whole.part(1, 1 + rest.len()).trimmed(),
            None => whole,
        };
        if whole.text().is_empty() || whole.text().starts_with('#') {
            return Ok(None);
        }
        let (count, rest) = split_count(&whole)?;
        let word = first_word(&rest);
        let second = first_word(&rest.part(word.text().len(), rest.text().len()).trimmed());
        let end = rest.span().end;
        let located = |error: Error| error.located(line, word.span());
        let named = self.named(word.text());
        let (means, last) = match named {
            None => (self.habit(&[word.text()]), &word),
            Some(info) => (self.habit(&[info.name, second.text()]), &second),
        };
        if let Some(Meaning::Runs(meant)) = means {
            return self.parse_meant(
                meant,
                &Phrase::at(line, Span::new(last.span().end, end)),
                count,
            );
        }
        let info = named
            .map_or_else(|| self.find(word.text()), Ok)
            .map_err(|error| match self.help_on_value(&word, &rest) {
                Some(help) if error.code() == ErrorCode::UnknownCommand => error.help(help),
                _ => error,
            })
            .map_err(located)?;
        self.read(info, line, word.span(), end, count).map(Some)
    }

    /// Parses the words that a habit means, before the rest of the line that they stand for.
    fn parse_meant(
        &self,
        meant: &'static str,
        rest: &Phrase,
        count: Option<Located<u64>>,
    ) -> Result<Option<(&'static CommandInfo, AnyCommand<E>)>> {
        let (name, more) = meant.split_once(' ').unwrap_or((meant, ""));
        let info = self.find(name)?;
        if more.is_empty() {
            let start = rest.span().start;
            let word = Span::new(start, start);
            let parsed = self.read(info, rest.source(), word, rest.span().end, count);
            return parsed.map(Some);
        }
        if !rest.trimmed().text().is_empty() {
            let error = rest.trimmed().error("nothing may follow here");
            return Err(error.help(format!("`{meant}` on its own")));
        }
        let line = Source::new("<command>", meant);
        self.parse_row(&line, Span::new(0, meant.len()))
    }

    fn read(
        &self,
        info: &'static CommandInfo,
        line: &Arc<Source>,
        word: Span,
        end: usize,
        count: Option<Located<u64>>,
    ) -> Result<(&'static CommandInfo, AnyCommand<E>)> {
        let mut own = self.rows.iter();
        let parsed = if let Some(row) = own.find(|row| row.info.name == info.name) {
            row.parse(line, word, end, count).map(AnyCommand::FrontEnd)
        } else {
            let mut rows = COMMANDS.iter();
            let row = rows.find(|row| row.info.name == info.name);
            let row = row.unwrap_or(&COMMANDS[0]);
            row.parse(line, word, end, count).map(AnyCommand::Debugger)
        };
        Ok((info, parsed?))
    }
}

/// The number that stands before a command, and the rest; one that stands alone is a command's name.
fn split_count(whole: &Phrase) -> Result<(Option<Located<u64>>, Phrase)> {
    let text = whole.text();
    let digits = reader::leading_count(text);
    if digits == 0 || text[digits..].trim().is_empty() {
        return Ok((None, whole.clone()));
    }
    let number = whole.part(0, digits);
    let count = Located::at(reader::count(&number)?, number);
    Ok((Some(count), whole.part(digits, text.len()).trimmed()))
}

/// True for the name of a setting or a variable, with its lane or its element.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "_.[]".contains(c))
}

fn first_word(phrase: &Phrase) -> Phrase {
    let text = phrase.text();
    phrase.part(0, text.find(char::is_whitespace).unwrap_or(text.len()))
}

impl<E> From<Command> for AnyCommand<E> {
    fn from(command: Command) -> Self {
        Self::Debugger(command)
    }
}

impl<E: fmt::Display> fmt::Display for AnyCommand<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Debugger(command) => command.fmt(f),
            Self::FrontEnd(command) => command.fmt(f),
        }
    }
}
