//! The cheapest way to move the cursor.
//!
//! An absolute move (`CSI row;column H`) costs up to ten bytes; on a screen where a few digits change, motion is most
//! of a frame. Relative moves, carriage return, line feed and backspace cost one to four. They assume raw mode, in
//! which a line feed keeps its column.

use std::cmp::Ordering;

use super::pen::write_number;

/// The position of the cursor, as far as the bytes written so far tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Column from 0; equal to the width when the last column has just been printed.
    pub(super) x: u16,
    /// Row from 0.
    pub(super) y: u16,
    /// True if every terminal agrees about `x`. They do not after a character whose width depends on the font, nor
    /// at the right margin: only moves to an absolute column are safe there.
    pub(super) exact: bool,
}

/// A move along one axis.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// None is needed.
    Stay,
    /// `CSI count final`, where a count of one stays unwritten.
    Control(u16, u8),
    /// A byte, so many times.
    Repeat(u8, u16),
    /// To the first column, and so many from there.
    Return(u16),
}

impl Way {
    /// The number of its bytes.
    fn len(self) -> usize {
        match self {
            Self::Stay => 0,
            Self::Control(count, _) => 3 + if count > 1 { digits(count) } else { 0 },
            Self::Repeat(_, count) => usize::from(count),
            Self::Return(0) => 1,
            Self::Return(count) => 1 + Self::Control(count, b'C').len(),
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Stay => {}
            Self::Control(count, last) => {
                out.extend_from_slice(b"\x1b[");
                if count > 1 {
                    write_number(count, out);
                }
                out.push(last);
            }
            Self::Repeat(byte, count) => out.resize(out.len() + usize::from(count), byte),
            Self::Return(count) => {
                out.push(b'\r');
                if count > 0 {
                    Self::Control(count, b'C').write(out);
                }
            }
        }
    }
}

/// Appends to `out` the shortest bytes that bring the cursor from `from` (`None`: from anywhere) to `(x, y)`.
pub(super) fn move_to(from: Option<Cursor>, x: u16, y: u16, out: &mut Vec<u8>) {
    let mut best = None;
    if let Some(from) = from {
        if (from.x, from.y) == (x, y) {
            return;
        }
        let mut least = length_of_absolute(x, y);
        for vertical in vertical(from.y, y).into_iter().flatten() {
            for horizontal in horizontal(from, x).into_iter().flatten() {
                let len = vertical.len() + horizontal.len();
                if len < least {
                    (least, best) = (len, Some([horizontal, vertical]));
                }
            }
        }
    }
    match best {
        Some(ways) => ways.into_iter().for_each(|way| way.write(out)),
        None => write_absolute(x, y, out),
    }
}

fn length_of_absolute(x: u16, y: u16) -> usize {
    let column = if x > 0 { 1 + digits(x + 1) } else { 0 };
    3 + column + if y > 0 { digits(y + 1) } else { 0 }
}

fn write_absolute(x: u16, y: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    if y > 0 {
        write_number(y + 1, out);
    }
    if x > 0 {
        out.push(b';');
        write_number(x + 1, out);
    }
    out.push(b'H');
}

/// The digits of a number that is not 0.
fn digits(number: u16) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Ways to change the row and keep the column.
fn vertical(from: u16, to: u16) -> [Option<Way>; 3] {
    let absolute = Some(Way::Control(to + 1, b'd'));
    match to.cmp(&from) {
        Ordering::Equal => [Some(Way::Stay), None, None],
        Ordering::Greater => {
            let down = [Way::Control(to - from, b'B'), Way::Repeat(b'\n', to - from)];
            [absolute, Some(down[0]), Some(down[1])]
        }
        Ordering::Less => [absolute, Some(Way::Control(from - to, b'A')), None],
    }
}

/// Ways to change the column and keep the row.
fn horizontal(from: Cursor, to: u16) -> [Option<Way>; 4] {
    let [near, nearer] = match to.cmp(&from.x) {
        _ if !from.exact => [None, None],
        Ordering::Greater => [Some(Way::Control(to - from.x, b'C')), None],
        Ordering::Equal => [Some(Way::Stay), None],
        Ordering::Less => {
            let back = from.x - to;
            [
                Some(Way::Control(back, b'D')),
                Some(Way::Repeat(b'\x08', back)),
            ]
        }
    };
    let absolute = Way::Control(to + 1, b'G');
    [Some(absolute), Some(Way::Return(to)), near, nearer]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(from: Option<(u16, u16)>, to: (u16, u16)) -> String {
        let mut out = Vec::new();
        move_to(
            from.map(|(x, y)| Cursor { x, y, exact: true }),
            to.0,
            to.1,
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn short_moves_are_short() {
        assert_eq!(bytes(None, (0, 0)), "\x1b[H");
        assert_eq!(bytes(None, (0, 4)), "\x1b[5H");
        assert_eq!(bytes(Some((5, 3)), (5, 3)), "");
        assert_eq!(bytes(Some((5, 3)), (5, 4)), "\n");
        assert_eq!(bytes(Some((5, 3)), (0, 4)), "\r\n");
        assert_eq!(bytes(Some((5, 3)), (4, 3)), "\x08");
        assert_eq!(bytes(Some((5, 3)), (6, 3)), "\x1b[C");
        assert_eq!(bytes(Some((5, 3)), (25, 3)), "\x1b[26G");
    }

    #[test]
    fn an_uncertain_column_is_left_by_absolute_moves_only() {
        for x in 0..80 {
            let mut out = Vec::new();
            move_to(
                Some(Cursor {
                    x: 40,
                    y: 2,
                    exact: false,
                }),
                x,
                3,
                &mut out,
            );
            let absolute = out.contains(&b'\r')
                || out.ends_with(b"H")
                || out.windows(1).any(|byte| byte == b"G");
            assert!(
                absolute || x == 40,
                "{x}: {:?}",
                String::from_utf8_lossy(&out)
            );
        }
    }

    proptest! {
        /// Whatever is chosen, a terminal ends up where it was sent, and never pays more than the absolute move.
        #[test]
        fn a_terminal_arrives(from in (0_u16..120, 0_u16..40), to in (0_u16..120, 0_u16..40)) {
            let mut terminal = vt100::Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 0);
            let there = bytes(None, from);
            terminal.process(there.as_bytes());
            let motion = bytes(Some(from), to);
            terminal.process(motion.as_bytes());
            prop_assert_eq!(terminal.screen().cursor_position(), (to.1, to.0));
            prop_assert!(motion.len() <= bytes(None, to).len());
        }
    }
}
