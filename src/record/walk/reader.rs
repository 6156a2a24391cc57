//! Reads the arguments of a line of a walk: words, texts in quotes, numbers.

use crate::error::{Error, Result, Source, Span};
use std::sync::Arc;

/// A place in a walk, and what can be read from there on.
pub struct WalkReader<'a> {
    source: &'a Arc<Source>,
    at: usize,
}

impl<'a> WalkReader<'a> {
    pub fn new(source: &'a Arc<Source>) -> Self {
        Self { source, at: 0 }
    }

    pub fn source(&self) -> &'a Arc<Source> {
        self.source
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn slice(&self, span: Span) -> &'a str {
        self.source.slice(span)
    }

    pub fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn rest(&self) -> &'a str {
        self.source.text.get(self.at..).unwrap_or("")
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let is_blank = |c: char| c.is_whitespace() && c != '\n';
        self.at += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// Goes to the next line that says something; false at the end.
    pub fn next_line(&mut self) -> bool {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if self.rest().is_empty() {
                return false;
            }
            if !self.rest().starts_with('#') {
                return true;
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// The word here, without going on.
    pub fn word_span(&self) -> Span {
        let rest = self.rest();
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        Span::new(self.at, self.at + len)
    }

    /// The rest of the line, without blanks around it.
    pub fn rest_of_line(&mut self) -> Span {
        self.skip_blanks();
        let rest = self.rest();
        let len = rest.find('\n').unwrap_or(rest.len());
        let span = Span::new(self.at, self.at + rest[..len].trim_end().len());
        self.at += len;
        span
    }

    /// True if the line goes on.
    pub fn has_more(&mut self) -> bool {
        self.skip_blanks();
        !self.rest().is_empty() && !self.rest().starts_with('\n')
    }

    /// True if a text in quotes comes next.
    pub fn has_quote(&mut self) -> bool {
        self.skip_blanks();
        self.rest().starts_with('"')
    }

    /// The next word of the line; `what` says what is missing if there is none.
    pub fn word(&mut self, what: &str) -> Result<Span> {
        if !self.has_more() {
            return Err(self.missing(what));
        }
        let span = self.word_span();
        self.at = span.end;
        Ok(span)
    }

    /// A text in double quotes, which may run over several lines: the span between the quotes.
    pub fn quoted(&mut self, what: &str) -> Result<Span> {
        if !self.has_more() {
            return Err(self.missing(what));
        }
        let open = self.at;
        if !self.rest().starts_with('"') {
            let message = format!("{what} must be in double quotes");
            return Err(Error::syntax(self.source, self.word_span(), message));
        }
        let mut escaped = false;
        for (at, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.at = open + at + 1;
                    return Ok(Span::new(open + 1, open + at));
                }
                _ => {}
            }
        }
        let quote = Span::new(open, open + 1);
        Err(Error::syntax(self.source, quote, "this text has no end")
            .help("close it with another double quote"))
    }

    /// A text in double quotes as it is meant: breaks of lines are blanks.
    pub fn text(&mut self, what: &str) -> Result<String> {
        let span = self.quoted(what)?;
        Ok(plain(self.slice(span)))
    }

    /// A number above zero.
    pub fn number(&mut self, what: &str) -> Result<f64> {
        let span = self.word(what)?;
        let word = self.slice(span);
        match word.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
            _ => Err(Error::syntax(
                self.source,
                span,
                format!("`{word}` is not {what}"),
            )),
        }
    }

    /// Refuses anything more on the line.
    pub fn finish(&mut self, name: &str) -> Result<()> {
        if !self.has_more() {
            return Ok(());
        }
        let span = self.rest_of_line();
        let message = format!("nothing may follow here in `{name}`");
        Err(Error::syntax(self.source, span, message))
    }

    fn missing(&self, what: &str) -> Error {
        let here = Span::new(self.at, self.at);
        Error::syntax(self.source, here, format!("{what} is missing here"))
    }
}

/// A text without its escapes, with single blanks for breaks of lines.
pub fn plain(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            character if character.is_whitespace() => {
                if !out.is_empty() && !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            character => out.push(character),
        }
    }
    out.trim_end().to_owned()
}
