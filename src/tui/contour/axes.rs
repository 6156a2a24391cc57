//! Round numbers along the edges of a contour.
//!
//! ```text
//!   | 1 --.__            the numbers of y stand inside, at the left edge, each behind a tick on the frame
//!   + 0.5    '-.
//!   |           \
//!   +--- 0 ------+ 0.5   the numbers of x interrupt the frame itself, and take no row
//! ```
//!
//! Where a path runs over a number inside, the number gives way as a whole: half of it would be another number.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::levels::{linear_label, round_step};
use super::{Window, put};
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::{Role, Theme};

/// The least columns from one number of x to the next.
const COLUMNS_APART: f64 = 10.0;
/// The least rows from one number of y to the next.
const ROWS_APART: f64 = 5.0;

/// The axes of a framed contour.
#[derive(Debug, Clone, Copy)]
pub struct Axes<'a> {
    /// The window that the contour shows.
    pub window: &'a Window,
}

impl Axes<'_> {
    /// Paints ticks and numbers onto a frame that has been drawn, and into the cells inside its left edge that are
    /// blank in `above`, which is drawn on top later.
    pub fn paint(
        &self,
        frame: Rect,
        above: &Buffer,
        buf: &mut Buffer,
        theme: &Theme,
        glyphs: &Glyphs,
    ) {
        if frame.width < 8 || frame.height < 5 {
            return;
        }
        let style = theme.style(Role::Axis);
        let inner = Rect::new(frame.x + 1, frame.y + 1, frame.width - 2, frame.height - 2);
        let [left, top] = [self.window.x()[0], self.window.y()[1]];
        let mut free = 0;
        for (value, label) in ticks(self.window.x(), f64::from(inner.width) / COLUMNS_APART) {
            let [column, _] = self.window.to_cells([value, top], inner);
            let text = format!(" {label} ");
            let length = i64::try_from(text.len()).unwrap_or(0);
            // The number's middle stands under its column of the contour, one right of the frame's corner.
            let from = cell(column, inner.width) + 1 - (length - 1) / 2;
            let from = from.min(i64::from(frame.width) - 1 - length).max(1);
            if from > free {
                for (glyph, x) in text.chars().zip(from..) {
                    put(buf, frame, [x, i64::from(frame.height) - 1], glyph, style);
                }
                free = from + length;
            }
        }
        for (value, label) in ticks(self.window.y(), f64::from(inner.height) / ROWS_APART) {
            let [_, row] = self.window.to_cells([left, value], inner);
            let row = cell(row, inner.height);
            if label.len() + 2 < usize::from(inner.width) / 2 {
                put(buf, frame, [0, row + 1], glyphs.tick_left, style);
                let is_free = (inner.x..)
                    .take(label.len() + 1)
                    .all(|x| is_blank(above, x, inner.y, row));
                if !is_free {
                    continue;
                }
                for (glyph, x) in label.chars().chain([' ']).zip(0..) {
                    put(buf, inner, [x, row], glyph, style);
                }
            }
        }
    }
}

/// Whether nothing is drawn in a row below `top`.
fn is_blank(above: &Buffer, x: u16, top: u16, row: i64) -> bool {
    let y = u16::try_from(row).unwrap_or(0).saturating_add(top);
    above.cell((x, y)).is_none_or(|cell| cell.symbol() == " ")
}

/// The cell of a coordinate; the far edge of the window belongs to the last one.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the area first")]
fn cell(coordinate: f64, length: u16) -> i64 {
    coordinate.clamp(0.0, f64::from(length.saturating_sub(1))) as i64
}

/// Multiples of a round step inside a span, about `count` of them, with their labels.
fn ticks([low, high]: [f64; 2], count: f64) -> Vec<(f64, String)> {
    let step = round_step((high - low) / count.max(1.0));
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    (0_i32..64)
        .map(|i| first + f64::from(i))
        .take_while(|&i| i <= last)
        .map(|i| (i * step, linear_label(i * step, step)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |span, count| {
            ticks(span, count)
                .into_iter()
                .map(|t| t.1)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(labels([0.0, 1.6], 4.0), "0.0 0.5 1.0 1.5");
        assert_eq!(labels([-2.0, 2.0], 5.0), "-2 -1 0 1 2");
        assert_eq!(labels([-5.0, 5.0], 2.0), "-5 0 5");
        assert_eq!(labels([0.3, 0.3001], 2.0), "0.30000 0.30005 0.30010");
        assert_eq!(labels([0.0, 3e8], 3.0), "0 1e8 2e8 3e8");
    }
}
