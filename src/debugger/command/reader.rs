//! Reads what stands behind a command's name.

use super::{
    phrase::{Located, Name, Phrase},
    row::CommandInfo,
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::quote,
};
use std::sync::Arc;

/// The arguments of a command, and how far they have been read.
pub struct LineReader<'a> {
    line: &'a Arc<Source>,
    info: &'static CommandInfo,
    /// The command's name.
    word: Span,
    at: usize,
    end: usize,
    /// The count before the command, until it is taken.
    count: Option<Located<u64>>,
    /// True where a `!` stands behind the command's name, until it is taken.
    bang: bool,
}

impl<'a> LineReader<'a> {
    /// Before the arguments of the command called `word`, which run to `end`.
    pub(super) fn new(
        line: &'a Arc<Source>,
        info: &'static CommandInfo,
        word: Span,
        end: usize,
        count: Option<Located<u64>>,
    ) -> Self {
        let mut reader = Self {
            line,
            info,
            word,
            at: word.end,
            end,
            count,
            bang: line.slice(word).ends_with('!'),
        };
        reader.skip_blanks();
        reader
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        self.line.text.get(self.at..self.end).unwrap_or("")
    }

    fn go_to(&mut self, at: usize) {
        self.at = at;
        self.skip_blanks();
    }

    /// All that is left, with its place.
    #[must_use]
    pub fn left(&self) -> Phrase {
        Phrase::at(self.line, Span::new(self.at, self.end))
    }

    /// True where nothing is left.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at >= self.end
    }

    /// Leaves out the last `bytes` of what is left, and the blanks before them.
    pub(super) fn cut(&mut self, bytes: usize) {
        let rest = self.rest();
        let kept = rest[..rest.len() - bytes].trim_end().len();
        self.end = self.at + kept;
    }

    /// Goes to the end.
    pub(super) fn skip_all(&mut self) {
        self.at = self.end;
    }

    /// The count before the command, which is its own business from now on.
    pub fn take_count(&mut self) -> Option<Located<u64>> {
        self.count.take()
    }

    /// True where a `!` stands behind the command's name, which is its own business from now on.
    pub fn take_bang(&mut self) -> bool {
        std::mem::take(&mut self.bang)
    }

    /// The next word as it stands there, with its place; empty at the end.
    #[must_use]
    pub fn peek(&self) -> Phrase {
        let rest = self.rest();
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        Phrase::at(self.line, Span::new(self.at, self.at + len))
    }

    /// Goes on behind `word` where that comes next.
    pub fn keyword(&mut self, word: &str) -> bool {
        let next = self.peek();
        let found = next.text() == word;
        if found {
            self.go_to(next.span().end);
        }
        found
    }

    /// The next word up to a blank outside of quotes, with all its quotes.
    pub(super) fn raw_word(&mut self) -> Option<Phrase> {
        if self.is_done() {
            return None;
        }
        let len = quote::find(self.rest(), |rest| rest.starts_with(char::is_whitespace));
        let word = Phrase::at(self.line, Span::new(self.at, self.at + len));
        self.go_to(word.span().end);
        Some(word)
    }

    /// The text in quotes that comes next, if one does.
    ///
    /// # Errors
    /// It has no end, or something sticks to it.
    pub(super) fn quoted(&mut self) -> Result<Option<Phrase>> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Ok(None);
        }
        let Some(len) = quote::close(rest) else {
            let open = Span::new(self.at, self.at + 1);
            return Err(self
                .error(open, "this text has no end")
                .coded(ErrorCode::Syntax)
                .help("close it with another double quote"));
        };
        let whole = Phrase::at(self.line, Span::new(self.at, self.at + len));
        self.go_to(whole.span().end);
        Ok(Some(inside(&whole)))
    }

    /// The next word; one with blanks stands in quotes.
    ///
    /// # Errors
    /// Quotes that have no end.
    pub fn name(&mut self) -> Result<Option<Name>> {
        if let Some(quoted) = self.quoted()? {
            return Ok(Some(Name::of(quoted)));
        }
        if self.is_done() {
            return Ok(None);
        }
        let word = self.peek();
        self.go_to(word.span().end);
        Ok(Some(Name::of(word)))
    }

    /// The rest of the line, which may stand in quotes.
    ///
    /// # Errors
    /// There is none, or its quotes have no end.
    pub fn phrase(&mut self) -> Result<Phrase> {
        if self.is_done() {
            return Err(self.missing());
        }
        if let Some(quoted) = self.quoted()? {
            return Ok(quoted);
        }
        let rest = self.left();
        self.at = self.end;
        Ok(rest)
    }

    /// The next word as a count.
    ///
    /// # Errors
    /// It is none.
    pub fn number(&mut self) -> Result<Option<Located<u64>>> {
        if self.is_done() {
            return Ok(None);
        }
        let word = self.peek();
        let value = count(&word).map_err(|error| {
            let usage = self.info.usage();
            error.help(format!("{usage}; a count is like 100 or 1e6"))
        })?;
        self.go_to(word.span().end);
        Ok(Some(Located::at(value, word)))
    }

    /// An error at `span`.
    pub fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidValue, self.line, span, message)
    }

    /// An error about what is left, or about the command as a whole, with its usage.
    pub fn usage(&self, message: impl Into<String>) -> Error {
        let span = if self.is_done() {
            self.word
        } else {
            Span::new(self.at, self.end)
        };
        let error = self.error(span, message).coded(ErrorCode::Usage);
        error.help(self.info.usage())
    }

    /// The error for arguments that are not there.
    #[must_use]
    pub fn missing(&self) -> Error {
        let (name, grammar) = (self.info.name, self.info.grammar);
        self.usage(format!("`{name}` needs {grammar}"))
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// Something is.
    pub(super) fn finish(self) -> Result<()> {
        let name = self.info.name;
        if let Some(count) = &self.count {
            let error = count.error(format!("`{name}` takes no count"));
            return Err(error.coded(ErrorCode::Usage).help(self.info.usage()));
        }
        if self.is_done() {
            return Ok(());
        }
        Err(match self.info.grammar {
            "" => self.usage(format!("`{name}` takes no arguments")),
            "[N]" => self.usage("nothing may follow the count"),
            _ => self.usage(format!("nothing may follow here in `{name}`")),
        })
    }
}

/// The text between the quotes of `whole`.
fn inside(whole: &Phrase) -> Phrase {
    let inner = whole.part(1, whole.text().len() - 1);
    let text = quote::unquoted(inner.text());
    // Only a text without escapes stands in the line as it is meant.
    if text == inner.text() {
        inner
    } else {
        text.into()
    }
}

/// A part of a line that may stand in quotes as a whole.
pub(super) fn plain(part: &Phrase) -> Phrase {
    let part = part.trimmed();
    let text = part.text();
    if text.starts_with('"') && quote::close(text) == Some(text.len()) {
        inside(&part)
    } else {
        part
    }
}

/// The bytes of the count that stands before a command: `12` in `12n`.
pub(crate) fn leading_count(line: &str) -> usize {
    line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len()
}

/// A whole number that counts iterations: `100`, `1e6`, `10_000`.
///
/// # Errors
/// It is none.
pub(super) fn count(word: &Phrase) -> Result<u64> {
    let text = word.text();
    if let Ok(digits) = text.parse() {
        return Ok(digits);
    }
    let value: Option<f64> = text.replace('_', "").parse().ok();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    match value {
        Some(value) if value.fract() == 0.0 && (0.0..=1e15).contains(&value) => Ok(value as u64),
        _ => Err(word
            .error(format!("`{text}` is not a count"))
            .help("write a whole number, like 100 or 1e6")),
    }
}
