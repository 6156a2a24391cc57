//! The values of a TOML file, with an error at its place for each that is not what is wanted.

use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value of a file.
pub type Item<'a> = Spanned<DeValue<'a>>;

/// Said of what is no number.
const NUMBER: &str = "write it without quotes, like 0.1";

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub struct TomlFile<'a>(pub &'a Arc<Source>);

impl<'a> TomlFile<'a> {
    /// The table that the whole file is.
    ///
    /// # Errors
    /// A text that is not TOML.
    pub fn table(self) -> Result<Spanned<DeTable<'a>>> {
        DeTable::parse(&self.0.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            let span = Span::new(span.start, span.end);
            Error::new(ErrorCode::Syntax, self.0, span, error.message().trim())
        })
    }

    /// The place of a key or a value.
    #[must_use]
    pub fn span<T>(spanned: &Spanned<T>) -> Span {
        let span = spanned.span();
        Span::new(span.start, span.end)
    }

    /// The place of `text`, the value `item`, within its quotes; none where it does not stand in the file as it is read,
    /// for its escapes.
    #[must_use]
    pub fn inside(self, item: &Item, text: &str) -> Option<Span> {
        let whole = Self::span(item);
        let literal = self.0.slice(whole);
        let quotes = if literal.len() >= 6
            && (literal.starts_with("\"\"\"") || literal.starts_with("'''"))
        {
            3
        } else {
            1
        };
        let inner = literal.get(quotes..literal.len().checked_sub(quotes)?)?;
        // A line break right behind the quotes is none of the text.
        let start = quotes + inner.len() - inner.trim_start_matches(['\r', '\n']).len();
        [quotes, start].into_iter().find_map(|from| {
            let from = whole.start + from;
            let span = Span::new(from, from + text.len());
            (self.0.slice(span) == text && span.end + quotes == whole.end).then_some(span)
        })
    }

    /// `message` about the value `item`.
    #[must_use]
    pub fn error(self, item: &Item, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidValue, self.0, Self::span(item), message)
    }

    /// A text.
    ///
    /// # Errors
    /// Every other value.
    pub fn text<'i>(self, item: &'i Item) -> Result<&'i str> {
        match item.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self
                .error(item, "expected a string in quotes")
                .help("write it like \"valley\"")),
        }
    }

    /// A finite number.
    ///
    /// # Errors
    /// Every other value.
    pub fn number(self, item: &Item) -> Result<f64> {
        let value = match item.get_ref() {
            DeValue::Float(value) => value.as_str().parse().ok(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a whole number beyond 2^53 is read as the nearest float, as elsewhere"
            )]
            DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix())
                .ok()
                .map(|value| value as f64),
            _ => return Err(self.error(item, "expected a number").help(NUMBER)),
        };
        value
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| self.error(item, "expected a finite number").help(NUMBER))
    }

    /// A list of finite numbers, at least one.
    ///
    /// # Errors
    /// Every other value.
    pub fn numbers(self, item: &Item) -> Result<Vec<f64>> {
        match item.get_ref() {
            DeValue::Array(items) if items.is_empty() => Err(self
                .error(item, "this list is empty")
                .help("write it like [0, 0]")),
            DeValue::Array(items) => items.iter().map(|item| self.number(item)).collect(),
            _ => Err(self.error(item, "expected a list of numbers, like [0, 0]")),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Every other value.
    pub fn truth(self, item: &Item) -> Result<bool> {
        match item.get_ref() {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self
                .error(item, "expected true or false")
                .help("write it without quotes")),
        }
    }

    /// A whole number from 0; in quotes where it is too large for TOML.
    ///
    /// # Errors
    /// Every other value.
    pub fn count(self, item: &Item) -> Result<u64> {
        let count = match item.get_ref() {
            DeValue::Integer(value) => u64::from_str_radix(value.as_str(), value.radix()).ok(),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        };
        count.ok_or_else(|| {
            let error = self.error(item, "expected a whole number, 0 or more");
            error.help("write it like 3, or in quotes beyond 9223372036854775807")
        })
    }

    /// A list of whole numbers from 0.
    ///
    /// # Errors
    /// Every other value.
    pub fn counts(self, item: &Item) -> Result<Vec<u64>> {
        match item.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| self.count(item)).collect(),
            _ => Err(self.error(item, "expected a list of whole numbers, like [4, 3]")),
        }
    }
}
