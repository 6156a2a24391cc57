//! Text of rows on its way out: numbers are written where they stay, and a page at a time is handed on.

use crate::format::{non_finite, shortest};
use std::io::{self, Write};

/// Bytes that are handed on at once, at least.
const PAGE: usize = 1 << 16;
/// Texts of numbers that are remembered: a row has some of the row before, and some twice.
const REMEMBERED: usize = 64;
/// The longest text of a number.
const LONGEST: usize = 24;

/// Text that is written to `out`.
#[derive(Debug)]
pub(super) struct Page<W> {
    out: W,
    /// The text is the first `len` of these.
    bytes: Vec<u8>,
    len: usize,
    /// Texts of numbers by their bits, each in the one place where it may be.
    known: Vec<Known>,
    number: String,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    bits: u64,
    len: usize,
    text: [u8; LONGEST],
}

impl<W: Write> Page<W> {
    pub fn new(out: W) -> Self {
        let zero = Known {
            bits: 0,
            len: 3,
            text: *b"0.0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        };
        Self {
            out,
            bytes: vec![0; 2 * PAGE],
            len: 0,
            known: vec![zero; REMEMBERED],
            number: String::new(),
        }
    }

    /// Appends `text`.
    #[inline]
    pub fn push(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        if end > self.bytes.len() {
            self.bytes.resize(2 * end, 0);
        }
        copy(text, &mut self.bytes[self.len..end]);
        self.len = end;
    }

    /// Appends a whole number.
    pub fn count(&mut self, mut count: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (count % 10) as u8;
            count /= 10;
            if count == 0 {
                break;
            }
        }
        self.push(&digits[at..]);
    }

    /// Appends the shortest text of a number, or the name of one that has none, within `quotes`.
    pub fn number(&mut self, value: f64, quotes: &[u8]) {
        if let Some(name) = non_finite(value) {
            self.push(quotes);
            self.push(name.as_bytes());
            self.push(quotes);
            return;
        }
        let bits = value.to_bits();
        let at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % REMEMBERED;
        if self.known[at].bits != bits {
            self.number.clear();
            shortest(&mut self.number, value);
            let text = self.number.as_bytes();
            let known = &mut self.known[at];
            copy(text, &mut known.text[..text.len()]);
            (known.bits, known.len) = (bits, text.len());
        }
        let Known { len, text, .. } = self.known[at];
        // All of the room for a text is copied, however long the text is.
        if self.bytes.len() < self.len + LONGEST {
            self.bytes.resize(2 * (self.len + LONGEST), 0);
        }
        self.bytes[self.len..self.len + LONGEST].copy_from_slice(&text);
        self.len += len;
    }

    /// Hands on what is there, where that is a page.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn end_row(&mut self) -> io::Result<()> {
        if self.len < PAGE {
            return Ok(());
        }
        self.hand_on()
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let text = &self.bytes[..std::mem::take(&mut self.len)];
        self.out.write_all(text)
    }

    /// Hands on everything.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn end(&mut self) -> io::Result<()> {
        self.hand_on()?;
        self.out.flush()
    }
}

/// Copies bytes between places of one length: most texts are short, and a call would take longer than they do.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    fn ends<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk::<N>()?;
        *to.last_chunk_mut::<N>()? = *from.last_chunk::<N>()?;
        Some(())
    }
    let copied = match from.len() {
        1 => ends::<1>(from, to),
        2..4 => ends::<2>(from, to),
        4..8 => ends::<4>(from, to),
        8..16 => ends::<8>(from, to),
        16..=32 => ends::<16>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_and_numbers_that_repeat_are_written_as_they_are() {
        let mut page = Page::new(Vec::new());
        let mut expected = Vec::new();
        let text: Vec<u8> = (b'a'..=b'z').cycle().take(200).collect();
        for round in 0..40_u64 {
            for len in 0..text.len() {
                page.push(&text[..len]);
                expected.extend_from_slice(&text[..len]);
            }
            for value in [0.0, -0.0, 1.5, 1e-5 / 3.0, f64::NAN, f64::NEG_INFINITY] {
                page.number(value, b"'");
                match non_finite(value) {
                    Some(name) => expected.extend_from_slice(format!("'{name}'").as_bytes()),
                    None => expected.extend_from_slice(format!("{value:?}").as_bytes()),
                }
            }
            for count in [0, round, 10 * round, u64::MAX] {
                page.count(count);
                expected.extend_from_slice(count.to_string().as_bytes());
            }
            page.end_row().unwrap();
        }
        page.end().unwrap();
        assert!(page.out == expected);
    }
}
