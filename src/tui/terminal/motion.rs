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

/// Appends to `out` the shortest bytes that bring the cursor from `from` (`None`: from anywhere) to `(x, y)`.
pub(super) fn move_to(from: Option<Cursor>, x: u16, y: u16, out: &mut Vec<u8>) {
    let mut best = absolute(x, y);
    if let Some(from) = from {
        if (from.x, from.y) == (x, y) {
            return;
        }
        for vertical in vertical(from.y, y) {
            for horizontal in horizontal(from, x) {
                if vertical.len() + horizontal.len() < best.len() {
                    best = [horizontal, vertical.clone()].concat();
                }
            }
        }
    }
    out.extend_from_slice(&best);
}

fn absolute(x: u16, y: u16) -> Vec<u8> {
    let mut bytes = b"\x1b[".to_vec();
    if y > 0 {
        write_number(y + 1, &mut bytes);
    }
    if x > 0 {
        bytes.push(b';');
        write_number(x + 1, &mut bytes);
    }
    bytes.push(b'H');
    bytes
}

/// `CSI count final`, where a count of one stays unwritten.
fn control(count: u16, last: u8) -> Vec<u8> {
    let mut bytes = b"\x1b[".to_vec();
    if count > 1 {
        write_number(count, &mut bytes);
    }
    bytes.push(last);
    bytes
}

/// Ways to change the row and keep the column.
fn vertical(from: u16, to: u16) -> Vec<Vec<u8>> {
    if from == to {
        return vec![Vec::new()];
    }
    let mut ways = vec![control(to + 1, b'd')];
    if to > from {
        ways.push(control(to - from, b'B'));
        ways.push(vec![b'\n'; usize::from(to - from)]);
    } else {
        ways.push(control(from - to, b'A'));
    }
    ways
}

/// Ways to change the column and keep the row.
fn horizontal(from: Cursor, to: u16) -> Vec<Vec<u8>> {
    let mut ways = vec![control(to + 1, b'G')];
    if to == 0 {
        ways.push(b"\r".to_vec());
    } else {
        ways.push([b"\r".to_vec(), control(to, b'C')].concat());
    }
    if from.exact {
        match to.cmp(&from.x) {
            Ordering::Greater => ways.push(control(to - from.x, b'C')),
            Ordering::Equal => ways.push(Vec::new()),
            Ordering::Less => {
                ways.push(control(from.x - to, b'D'));
                ways.push(vec![b'\x08'; usize::from(from.x - to)]);
            }
        }
    }
    ways
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
