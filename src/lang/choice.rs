//! Choices among a few words: of a flag, of a key in a file, of an argument.

use crate::error::{Error, ErrorCode, Result};

/// A type whose values have a word each.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each word, its value, and what it means.
    const WORDS: &'static [(&'static str, Self, &'static str)];

    /// The value that `word` stands for.
    ///
    /// # Errors
    /// A word that stands for none; the error has no place yet.
    fn named(word: &str) -> Result<Self> {
        let known = Self::WORDS.iter().find(|row| row.0 == word);
        known.map(|row| row.1).ok_or_else(|| {
            let words = Self::WORDS.iter().map(|row| row.0);
            Error::plain(
                ErrorCode::InvalidValue,
                format!("`{word}` is not a choice here"),
            )
            .suggest(word, "choices", words)
        })
    }
}
