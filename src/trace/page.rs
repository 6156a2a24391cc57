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
        }
    }

    /// Appends `text`.
    #[inline(always)]
    pub fn push(&mut self, text: &[u8]) {
        copy(text, self.room(text.len()));
        self.len += text.len();
    }

    /// The room for so many bytes more.
    #[inline(always)]
    fn room(&mut self, len: usize) -> &mut [u8] {
        if self.bytes.len() - self.len < len {
            self.grow(len);
        }
        &mut self.bytes[self.len..self.len + len]
    }

    #[cold]
    fn grow(&mut self, len: usize) {
        self.bytes.resize(2 * (self.len + len), 0);
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
    #[inline]
    pub fn number(&mut self, value: f64, quotes: &[u8]) {
        let bits = value.to_bits();
        let at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % REMEMBERED;
        let known = &self.known[at];
        if known.bits == bits {
            // All of the room for a text is copied, however long the text is.
            let Known { len, text, .. } = *known;
            self.room(LONGEST).copy_from_slice(&text);
            self.len += len;
        } else {
            self.new_number(value, at, quotes);
        }
    }

    fn new_number(&mut self, value: f64, at: usize, quotes: &[u8]) {
        if let Some(name) = non_finite(value) {
            self.push(quotes);
            self.push(name.as_bytes());
            self.push(quotes);
            return;
        }
        let start = self.len;
        shortest(value, |part| self.push(part.as_bytes()));
        let text = &self.bytes[start..self.len];
        let known = &mut self.known[at];
        copy(text, &mut known.text[..text.len()]);
        (known.bits, known.len) = (value.to_bits(), text.len());
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
