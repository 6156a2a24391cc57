//! Source text with its name, and places in it.

use super::{Error, ErrorCode};
use crate::{
    files::{self, ReadError},
    text::{self, NoText},
};
use std::{path::Path, sync::Arc};

/// A named piece of text in the language: a rule file, a formula, a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name in errors: a file's path, or `<loss>`, `<prompt>` and the like.
    pub name: String,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// Wraps `text` under `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }

    /// Reads the file at `path`: a text of at most 16 MiB.
    ///
    /// # Errors
    /// A file that cannot be read, that is too large, or that is no text.
    pub fn read(path: &Path) -> super::Result<Arc<Self>> {
        Self::read_within(path, files::MOST_TEXT)
    }

    /// Reads the file at `path`: a text of at most `most` bytes.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_within(path: &Path, most: u64) -> super::Result<Arc<Self>> {
        let name = path.display().to_string();
        let bytes = files::read(path, most).map_err(|error| {
            let help = match error {
                ReadError::Failed(_) => "check the name and the folder",
                _ => "give a file of text",
            };
            Error::plain(
                ErrorCode::CannotRead,
                format!("cannot read `{name}`: {error}"),
            )
            .help(help)
        })?;
        let shown = LossyText::new(&bytes[..bytes.len().min(1 << 20)]);
        let error = match text::decode(bytes) {
            Ok(text) => return Ok(Self::new(name, text)),
            Err(NoText::Utf8(at)) => {
                let at = shown.offset(at);
                let source = Self::new(name, shown.text);
                let span = Span::new(at, at + '\u{fffd}'.len_utf8());
                let at = at + 1;
                Error::new(
                    ErrorCode::NotUtf8,
                    &source,
                    span,
                    format!("the file is not UTF-8 text: byte {at} is not"),
                )
            }
            Err(NoText::UnmarkedUtf16 | NoText::Utf16) => Error::plain(
                ErrorCode::NotUtf8,
                format!("`{name}` is UTF-16 that cannot be read"),
            ),
        };
        Err(error.help("save it as UTF-8"))
    }

    /// The text of `span`; empty when the span lies outside.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The smallest range of whole characters of the text that holds `span`, cut off at the end of the text.
    #[must_use]
    pub fn whole_characters(&self, span: Span) -> Span {
        let mut start = span.start.min(self.text.len());
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(start, end)
    }

    /// The line (1-based) on which byte `at` lies.
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        let upto = self.text.get(..at).unwrap_or(&self.text);
        upto.matches('\n').count() + 1
    }

    /// Line and column (both 1-based, the column in characters) of byte `at`.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        let upto = self.text.get(..at).unwrap_or(&self.text);
        let line_start = upto.rfind('\n').map_or(0, |newline| newline + 1);
        (self.line_of(at), upto[line_start..].chars().count() + 1)
    }
}

/// Text in which what is not UTF-8 is replaced by U+FFFD, and places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossyText {
    /// The text.
    pub text: String,
    /// Offsets of the pieces of UTF-8, in the bytes and in the text.
    pieces: Vec<(usize, usize)>,
}

impl LossyText {
    /// The text that `bytes` are.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut lossy = Self {
            text: String::with_capacity(bytes.len()),
            pieces: Vec::new(),
        };
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            lossy.pieces.push((at, lossy.text.len()));
            lossy.text.push_str(chunk.valid());
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                lossy.pieces.push((at, lossy.text.len()));
                lossy.text.push(char::REPLACEMENT_CHARACTER);
                at += chunk.invalid().len();
            }
        }
        lossy.pieces.push((at, lossy.text.len()));
        lossy
    }

    /// The offset in the text of byte `at` of the original.
    #[must_use]
    pub fn offset(&self, at: usize) -> usize {
        let piece = self.pieces.partition_point(|(from, _)| *from <= at);
        let (from, shown) = self.pieces[piece.saturating_sub(1)];
        let next = self.pieces.get(piece).map_or(shown, |(_, shown)| *shown);
        (shown + (at - from)).min(next)
    }
}

/// A byte range of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_in_bytes_become_offsets_in_the_text_that_is_shown() {
        let bytes = b"0,\xff1,\xe2\x82,\xc3\xa9!";
        let lossy = LossyText::new(bytes);
        assert_eq!(lossy.text, "0,\u{fffd}1,\u{fffd},\u{e9}!");
        let at = |byte: u8| bytes.iter().position(|it| *it == byte).unwrap();
        assert_eq!(&lossy.text[lossy.offset(at(b'1'))..][..2], "1,");
        assert_eq!(lossy.offset(2), 2);
        assert_eq!(&lossy.text[lossy.offset(at(b'!'))..], "!");
        assert_eq!(lossy.offset(bytes.len()), lossy.text.len());
        assert_eq!(lossy.offset(1000), lossy.text.len());
        assert_eq!(LossyText::new(b"").offset(0), 0);
    }

    #[test]
    fn spans_end_where_characters_end() {
        let source = Source::new("x", "a\u{e9}b");
        for (start, end, whole) in [
            (1, 2, (1, 3)),
            (2, 2, (1, 3)),
            (2, 9, (1, 4)),
            (9, 9, (4, 4)),
        ] {
            let span = source.whole_characters(Span::new(start, end));
            assert_eq!((span.start, span.end), whole, "{start}..{end}");
        }
    }
}
