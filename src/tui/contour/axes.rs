//! Round numbers beside and below a contour, and the names of its axes.
//!
//! ```text
//!    w2 --.__            the numbers of y stand in a margin, each with a tick; the name is at the top
//!   1.0-|    '-.
//!   0.5-|     \
//!       0.0      0.5 w1  the numbers of x stand in a row below; the name is at the end
//! ```
//!
//! Nothing else is drawn there, so no path takes a number away.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Window;
use super::levels::round_step;
use crate::format::label;
use crate::tui::cells::cells;
use crate::tui::glyphs::Glyphs;
use crate::tui::plot::ValueScale;
use crate::tui::theme::{Role, Theme};

/// The least columns from one number of x to the next.
const COLUMNS_APART: f64 = 10.0;
/// The least rows from one number of y to the next.
const ROWS_APART: f64 = 5.0;
/// A room smaller than this has no margins.
const LEAST: [u16; 2] = [20, 4];
/// The widest numbers beside a contour; wider ones are left out.
const WIDEST: usize = 7;

/// The axes around a contour.
#[derive(Debug, Clone, Copy)]
pub struct Axes<'a> {
    /// The window that the contour shows.
    pub window: &'a Window,
    /// Names of the x and the y axis.
    pub names: [&'a str; 2],
    /// The values at the places of the window, on the x and the y axis.
    pub scales: [ValueScale; 2],
}

impl<'a> Axes<'a> {
    /// Those of a plane whose places are values.
    #[must_use]
    pub fn new(window: &'a Window, names: [&'a str; 2]) -> Self {
        Self {
            window,
            names,
            scales: [ValueScale::Linear; 2],
        }
    }
}

/// The part of `room` that is left for the contour itself; `scale` is that of y.
#[must_use]
pub fn plot(room: Rect, window: &Window, scale: ValueScale) -> Rect {
    if room.width < LEAST[0] || room.height < LEAST[1] {
        return room;
    }
    let labels = ticks(scale, window.y(), numbers(room.height - 1)).into_iter();
    let widths = labels.map(|tick| tick.1.len()).filter(|it| *it <= WIDEST);
    let margin = u16::try_from(widths.max().unwrap_or(2).max(2) + 1).unwrap_or(0);
    Rect {
        x: room.x + margin,
        width: room.width - margin,
        height: room.height - 1,
        ..room
    }
}

impl Axes<'_> {
    /// Paints ticks, numbers and names into `room`, around its [`plot`].
    pub fn paint(&self, room: Rect, plot: Rect, buf: &mut Buffer, theme: &Theme, glyphs: &Glyphs) {
        if plot == room || plot.is_empty() {
            return;
        }
        let style = theme.style(Role::Axis);
        let [x_name, y_name] = self.names;
        let margin = i64::from(plot.x - room.x);
        let mut write = |text: &str, at: [i64; 2]| super::write(buf, room, at, text, style);
        let length = |text: &str| i64::try_from(cells(text)).unwrap_or(0);
        let [left, top] = [self.window.x()[0], self.window.y()[1]];
        let below = i64::from(plot.height);
        let end = i64::from(room.width) - length(x_name);
        write(x_name, [end, below]);
        let mut free = 0;
        for (value, label) in ticks(
            self.scales[0],
            self.window.x(),
            f64::from(plot.width) / COLUMNS_APART,
        ) {
            let [column, _] = self.window.to_cells([value, top], plot);
            let from = margin + cell(column, plot.width) - (length(&label) - 1) / 2;
            if from >= free && from + length(&label) < end {
                write(&label, [from, below]);
                free = from + length(&label) + 1;
            }
        }
        let is_named = length(y_name) < margin;
        if is_named {
            write(y_name, [margin - 1 - length(y_name), 0]);
        }
        for (value, label) in ticks(self.scales[1], self.window.y(), numbers(plot.height)) {
            let [_, row] = self.window.to_cells([left, value], plot);
            let row = cell(row, plot.height);
            if length(&label) < margin && (row > 0 || !is_named) {
                write(&label, [margin - 1 - length(&label), row]);
                write(&glyphs.tick_right.to_string(), [margin - 1, row]);
            }
        }
    }
}

/// The numbers of y that so many rows have room for: two where there is more than one row.
fn numbers(rows: u16) -> f64 {
    (f64::from(rows) / ROWS_APART).max(2.0)
}

/// The cell of a coordinate; the far edge of the window belongs to the last one.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the area first")]
fn cell(coordinate: f64, length: u16) -> i64 {
    coordinate.clamp(0.0, f64::from(length.saturating_sub(1))) as i64
}

/// Multiples of a round step inside a span, about `count` of them, with their labels; decades are whole, or halves where
/// there are few.
fn ticks(scale: ValueScale, [low, high]: [f64; 2], count: f64) -> Vec<(f64, String)> {
    let rough = (high - low) / count.max(1.0);
    let step = match scale {
        ValueScale::Linear => round_step(rough),
        ValueScale::Log if high - low < 2.5 => 0.5,
        _ => rough.round().max(1.0),
    };
    let label = |height: f64| {
        if scale.has_decades() {
            label::half_decade(scale.value(height))
        } else {
            label::multiple(height, step)
        }
    };
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    (0_i32..64)
        .map(|i| first + f64::from(i))
        .take_while(|&i| i <= last)
        .map(|i| (i * step, label(i * step)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |span, count| {
            ticks(ValueScale::Linear, span, count)
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
        let decades = |scale, span, count| {
            let ticks = ticks(scale, span, count).into_iter();
            ticks.map(|t| t.1).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            decades(ValueScale::Log, [-3.2, 1.1], 9.0),
            "0.001 0.01 0.1 1 10"
        );
        assert_eq!(decades(ValueScale::Log, [-0.6, 0.6], 3.0), "0.3 1 3");
        let signed = ValueScale::SignedLog { threshold: 0.01 };
        assert_eq!(decades(signed, [-2.0, 2.0], 5.0), "-0.1 -0.01 0 0.01 0.1");
    }
}
