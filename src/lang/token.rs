//! Text to tokens.
//!
//! ```text
//! number   12  0.5  .5  1e-3  2.5E+10
//! name     w  beta1  m_hat  adam.m_hat          (a dot joins a lane's name and a variable's)
//! operator + - * / @ ^ = < <= > >= == !=
//! other    ( ) [ ] , ..     and `#` starts a comment that runs to the end of the line
//! ```

use super::syntax::operators;
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// One word of the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A literal number.
    Number(f64),
    /// A name, perhaps with dots.
    Name(String),
    /// A name in double quotes, without them.
    Quoted(String),
    /// An operator or a bracket, as written.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Symbols, longest first so that `<=` is not read as `<`.
const SYMBOLS: [&str; 19] = [
    "..", "<=", ">=", "==", "!=", "+", "-", "*", "/", "@", "^", "(", ")", "[", "]", ",", "=", "<",
    ">",
];

/// A token and where it stands.
pub type Spanned = (Token, Span);

/// Splits the part `within` of `source` into tokens; the last is [`Token::End`].
///
/// # Errors
/// A character that belongs to no token, or a number that runs into a name (`2x`).
pub fn tokens(source: &Arc<Source>, within: Span) -> Result<Vec<Spanned>> {
    let text = source.slice(within);
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = text[at..].find('\n').map_or(text.len(), |end| at + end);
                continue;
            }
            b'0'..=b'9' | b'.' if !text[at..].starts_with("..") => {
                at = number_end(bytes, at);
                number(source, within.start, &text[start..at], start, &text[at..])?
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                at = name_end(bytes, at);
                Token::Name(text[start..at].to_owned())
            }
            b'"' if text[at + 1..].contains('"') => {
                let len = text[at + 1..].find('"').unwrap_or_default();
                at += len + 2;
                Token::Quoted(text[start + 1..at - 1].to_owned())
            }
            _ => {
                let rest = &text[at..];
                if rest.starts_with("**") {
                    let place = Span::new(within.start + at, within.start + at + 2);
                    let error = Error::new(ErrorCode::Syntax, source, place, "unexpected `**`");
                    return Err(error.help("write the power as `a^b`"));
                }
                let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) else {
                    return Err(unknown_character(source, within.start + at, rest));
                };
                at += symbol.len();
                Token::Symbol(symbol)
            }
        };
        found.push((token, Span::new(within.start + start, within.start + at)));
    }
    let end = within.start + text.len();
    found.push((Token::End, Span::new(end, end)));
    Ok(found)
}

fn number_end(bytes: &[u8], mut at: usize) -> usize {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    at = digits(at);
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1 + sign);
        }
    }
    at
}

fn name_end(bytes: &[u8], mut at: usize) -> usize {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    loop {
        while bytes.get(at).is_some_and(word) {
            at += 1;
        }
        let joins = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(word);
        if !joins {
            return at;
        }
        at += 1;
    }
}

fn number(
    source: &Arc<Source>,
    base: usize,
    digits: &str,
    start: usize,
    rest: &str,
) -> Result<Token> {
    let span = Span::new(base + start, base + start + digits.len());
    let value: f64 = digits
        .parse()
        .map_err(|_| Error::syntax(source, span, format!("`{digits}` is not a number")))?;
    if value.is_infinite() {
        return Err(Error::syntax(
            source,
            span,
            format!("`{digits}` is too large for a 64-bit number"),
        )
        .help("the largest is about 1.8e308"));
    }
    let next = rest.bytes().next();
    let runs_on = !rest.starts_with("..")
        && next.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if runs_on {
        let tail = &rest[..name_end(rest.as_bytes(), 0).max(1)];
        let whole = Span::new(span.start, span.end + tail.len());
        return Err(
            Error::syntax(source, whole, format!("`{digits}{tail}` is not a number"))
                .help(format!("to multiply, write `{digits}*{tail}`")),
        );
    }
    Ok(Token::Number(value))
}

/// A character as it is, where it can be seen; else its number.
fn visible(character: char) -> String {
    let escaped = character.escape_debug();
    // Quotes are escaped by a backslash before them, and can be seen all the same.
    if escaped.len() == 1 || matches!(character, '\'' | '"' | '\\') {
        character.to_string()
    } else {
        escaped.to_string()
    }
}

fn unknown_character(source: &Arc<Source>, at: usize, rest: &str) -> Error {
    let character = rest.chars().next().unwrap_or('\0');
    let span = Span::new(at, at + character.len_utf8());
    let shown = visible(character);
    let error = Error::syntax(source, span, format!("unexpected character `{shown}`"));
    match character {
        '&' => error.help("write `and`"),
        '|' => error.help("write `or`, or `abs(...)` for the absolute value"),
        '!' => error.help("write `not`, or `!=` for unequal"),
        '\'' => error.help("write the transpose of a matrix as `transpose(A)`"),
        '%' => error.help(format!(
            "the remainder of a division is `mod(a, b)`; the operators are {}",
            operators()
        )),
        '\u{b2}' => error.help("write the square as `a^2`"),
        '\u{b3}' => error.help("write the third power as `a^3`"),
        '\u{2212}' | '\u{2013}' => error.help("write the minus sign as `-`"),
        '\u{b7}' | '\u{d7}' => error.help("write the product as `*`"),
        _ => error,
    }
}
