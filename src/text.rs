//! Text from outside, on its way in and on its way to people.
//!
//! [`decode`] is the way in: UTF-8 and UTF-16 with a mark are text, anything else is refused by its name. [`visible`] is
//! the way out: what a terminal would obey, or what would turn the order of the letters around, is shown instead.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Write},
    ops::Deref,
    sync::LazyLock,
};

/// A text that is made when somebody first reads it.
pub struct LazyText(LazyLock<String, Box<dyn FnOnce() -> String + Send>>);

impl LazyText {
    /// The text that `make` makes.
    #[must_use]
    pub fn new(make: impl FnOnce() -> String + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(make)))
    }
}

impl From<String> for LazyText {
    fn from(text: String) -> Self {
        Self::new(move || text)
    }
}

impl Deref for LazyText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LazyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyText").finish_non_exhaustive()
    }
}

/// A count with its noun, whose plural ends in s: `1 row`, `2 rows`.
#[must_use]
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    match count.try_into() {
        Ok(1) => format!("1 {noun}"),
        Ok(count) => format!("{count} {noun}s"),
        Err(_) => format!("many {noun}s"),
    }
}

/// The mark that some programs put before UTF-8.
pub const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// A reason why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoText {
    /// This byte, from 0, is not UTF-8.
    Utf8(usize),
    /// Apparently UTF-16 without a byte order mark.
    UnmarkedUtf16,
    /// UTF-16 with an invalid code unit.
    Utf16,
}

/// The encoding that the beginning of a file tells of, if it is not UTF-8.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || is_unmarked_utf16(bytes)
}

fn is_unmarked_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0, a, 0, b, ..] | [a, 0, b, 0, ..] if *a != 0 && *b != 0)
}

/// The text that the bytes of a file are, without a mark, its lines ended by `\n` alone.
///
/// # Errors
/// [`NoText`].
pub fn decode(bytes: Vec<u8>) -> Result<String, NoText> {
    let text = match &bytes[..] {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        unmarked if is_unmarked_utf16(unmarked) => return Err(NoText::UnmarkedUtf16),
        _ => {
            let text = String::from_utf8(bytes);
            text.map_err(|error| NoText::Utf8(error.utf8_error().valid_up_to()))?
        }
    };
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Ok(if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NoText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NoText::Utf16);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.map_err(|_| NoText::Utf16)
}

/// True for a character that acts on the text around it: controls, direction marks, separators.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c,
            // Overrides and isolates of the direction of writing, and its marks.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
            // Line and paragraph separators, and the mark of the order of bytes.
            | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// `text` as people may be shown it: what a terminal would obey is written out, like `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_obeyed(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A writer for people: everything that goes through it is [`visible`].
#[derive(Debug)]
pub struct Visible<W> {
    out: W,
    /// The beginning of a character whose end is still to come.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    /// A way to `out` for text.
    pub fn new(out: W) -> Self {
        Self {
            out,
            begun: Vec::new(),
        }
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = std::mem::take(&mut self.begun);
        text.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&text) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => text.len(),
        };
        self.begun = text.split_off(whole);
        let text = String::from_utf8_lossy(&text);
        self.out.write_all(visible(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_no_rows() {
        assert_eq!(counted(1_usize, "row"), "1 row");
        assert_eq!(counted(0_u64, "row"), "0 rows");
        assert_eq!(counted(7_i32, "row"), "7 rows");
    }

    #[test]
    fn text_is_read_in_the_encodings_that_it_may_have() {
        let utf16 = |mark: [u8; 2], order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = "a\u{e9}\r\n\u{1f600}".encode_utf16().flat_map(order);
            mark.into_iter().chain(units).collect()
        };
        let text = Ok("a\u{e9}\n\u{1f600}".to_owned());
        assert_eq!(decode("a\u{e9}\r\n\u{1f600}".as_bytes().to_vec()), text);
        assert_eq!(
            decode("\u{feff}a\u{e9}\n\u{1f600}".as_bytes().to_vec()),
            text
        );
        assert_eq!(decode(utf16([0xff, 0xfe], u16::to_le_bytes)), text);
        assert_eq!(decode(utf16([0xfe, 0xff], u16::to_be_bytes)), text);
        assert_eq!(decode(b"ab\xff".to_vec()), Err(NoText::Utf8(2)));
        assert_eq!(decode(b"\xff\xfea".to_vec()), Err(NoText::Utf16));
        assert_eq!(decode(b"\xff\xfe\x00\xd8".to_vec()), Err(NoText::Utf16));
        assert_eq!(decode(b"a\0b\0".to_vec()), Err(NoText::UnmarkedUtf16));
        assert_eq!(decode(Vec::new()), Ok(String::new()));
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_however_it_is_cut() {
        let text = "\u{1b}]0;x\u{7}\tb\u{e9}\u{202e}c\u{9b}\nd\u{2028}";
        let shown = "\\u{1b}]0;x\\u{7}\tb\u{e9}\\u{202e}c\\u{9b}\nd\\u{2028}";
        assert_eq!(visible(text), shown);
        for size in 1..text.len() {
            let mut out = Vec::new();
            let mut writer = Visible::new(&mut out);
            for piece in text.as_bytes().chunks(size) {
                writer.write_all(piece).unwrap();
            }
            assert_eq!(
                String::from_utf8(out).unwrap(),
                shown,
                "in pieces of {size}"
            );
        }
    }
}
