//! A loss over a piece of the plane, drawn as level lines, with paths on top.
//!
//! ```text
//!   w2  --.__                  3 --.__                 strokes   lines of characters by their tangent
//!    1-|     '-.   _.-- 0.3 --.       '-.              levels    which lines, by thickness and ink
//!      |  :.    \ /   x min   \         \             labels    written on the lines
//!  0.5-|    ':.  \'-.__    __.-'      /               axes      round numbers beside and below
//!      | S     ':@'-.  '--'      _.--'                trail     iterates as dots, joined where the path runs on
//!      0 ---------- 0.5 ------------- 1 ---- w1       ink       dots finer than cells
//! ```
//!
//! Window turns the plane into cells, overlay lays paths, arrows and marks over the ground. Computing and painting are
//! apart: a [`ContourField`] is made of [`Samples`] when loss, window, size or charset change ([`ContourField::shows`] says
//! whether one still holds) and painted in each frame; the [`Overlay`] is drawn afresh.

mod arrow;
pub mod axes;
mod cell;
pub mod dots;
mod grid;
mod ink;
mod labels;
pub mod levels;
pub mod overlay;
mod samples;
mod strokes;
mod trail;
pub mod window;

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Modifier;

pub use arrow::Arrow;
pub use axes::{Axes, plot};
use cell::Cell;
pub(crate) use cell::to_f64;
pub use levels::LevelLine;
pub use overlay::Overlay;
pub use samples::{COARSEST, Samples};
pub use trail::{Trail, Visit};
pub use window::{Point, Scaling, Window};

use crate::tui::cells::cells;
use crate::tui::glyphs::Charset;
use crate::tui::theme::{Role, Theme};

/// The level lines of a loss in one window, at one size, in one charset.
#[derive(Debug, Clone)]
pub struct ContourField {
    window: Window,
    size: Size,
    charset: Charset,
    levels: Vec<LevelLine>,
    cells: Vec<Cell>,
    /// For each cell, the number of levels below its middle.
    heights: Vec<u8>,
}

impl ContourField {
    /// Samples the loss and draws its level lines for an area of `size` cells.
    ///
    /// `minimum` is the loss at its minimum where that is known; otherwise the least sample stands for it. The window
    /// is drawn as it is: apply [`Window::fit`] first for equal units. `f` is called about twice a cell;
    /// it may answer NaN or infinity.
    #[cfg(test)]
    fn compute(
        f: impl FnMut(f64, f64) -> f64,
        minimum: Option<f64>,
        window: Window,
        size: Size,
        charset: Charset,
    ) -> Self {
        let mut samples = Samples::new(window, size, charset);
        samples.take(f, 1, usize::MAX);
        let field = samples.field(minimum);
        field.unwrap_or_else(|| unreachable!("all samples are taken"))
    }

    /// True if this is the picture of that window at that size; the caller knows if the loss has changed.
    #[must_use]
    pub fn shows(&self, window: &Window, size: Size, charset: Charset) -> bool {
        self.window == *window && self.size == size && self.charset == charset
    }

    /// The window drawn.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The levels drawn, lowest first.
    #[must_use]
    pub fn levels(&self) -> &[LevelLine] {
        &self.levels
    }

    /// Shades the part of `area` that lies in the buffer by the height of the loss, where the theme has shades.
    pub fn shade(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let rows = self.heights.chunks(usize::from(self.size.width).max(1));
        for (y, row) in (area.y..area.bottom()).zip(rows) {
            for (x, height) in (area.x..area.right()).zip(row) {
                if let (Some(shade), Some(cell)) = (
                    theme.shade(usize::from(*height), self.levels.len()),
                    buf.cell_mut((x, y)),
                ) {
                    cell.bg = shade;
                }
            }
        }
    }

    /// Paints the lines into the part of `area` that lies in the buffer.
    pub fn paint(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let glyphs = self.charset.glyphs();
        let seen = area.intersection(buf.area);
        for y in seen.top()..seen.bottom() {
            for x in seen.left()..seen.right() {
                let (column, row) = (usize::from(x - area.x), usize::from(y - area.y));
                if column >= usize::from(self.size.width) || row >= usize::from(self.size.height) {
                    continue;
                }
                let (glyph, style) = match self.cells[row * usize::from(self.size.width) + column] {
                    Cell::Empty => continue,
                    Cell::Hole if (column + 2 * row) % 4 != 0 => continue,
                    Cell::Hole => (glyphs.hole, theme.style(Role::Hole)),
                    Cell::Line { glyph, .. } => (glyph, theme.style(Role::LevelLine)),
                    Cell::Label { glyph } => (glyph, theme.style(Role::LevelLabel)),
                };
                buf[(x, y)].set_char(glyph).set_style(style);
            }
        }
    }

    /// Blanks the labels of which the picture on top would hide a part: half a number is another number.
    pub fn give_way(&self, area: Rect, above: &Buffer, buf: &mut Buffer) {
        let is_label = |cell: &Cell| matches!(cell, Cell::Label { .. });
        let rows = self.cells.chunks(usize::from(self.size.width).max(1));
        for (y, row) in (area.y..area.bottom()).zip(rows) {
            let mut x = area.x;
            for run in row.chunk_by(|a, b| is_label(a) == is_label(b)) {
                let end = x.saturating_add(u16::try_from(run.len()).unwrap_or(u16::MAX));
                let places = (x..end).map(|x| (x, y));
                let is_hidden =
                    |at: (u16, u16)| above.cell(at).is_some_and(|cell| !cell.symbol().is_empty());
                if is_label(&run[0]) && places.clone().any(is_hidden) {
                    for at in places {
                        if let Some(cell) = buf.cell_mut(at) {
                            cell.set_char(' ');
                        }
                    }
                }
                x = end;
            }
        }
    }
}

/// Sets one cell, if it lies in the area and in the buffer; forgets the style that was there.
fn put(
    buf: &mut Buffer,
    area: Rect,
    [column, row]: [i64; 2],
    glyph: char,
    style: ratatui::style::Style,
) {
    let inside = |v: i64, length: u16| u16::try_from(v).ok().filter(|&v| v < length);
    let (Some(column), Some(row)) = (inside(column, area.width), inside(row, area.height)) else {
        return;
    };
    let at = (area.x.saturating_add(column), area.y.saturating_add(row));
    if let Some(cell) = buf.cell_mut(at) {
        cell.modifier = Modifier::empty();
        cell.fg = ratatui::style::Color::Reset;
        cell.set_char(glyph).set_style(style);
    }
}

/// Writes a text from a cell on, as far as it lies in the area.
fn write(
    buf: &mut Buffer,
    area: Rect,
    [mut column, row]: [i64; 2],
    text: &str,
    style: ratatui::style::Style,
) {
    for glyph in text.chars() {
        put(buf, area, [column, row], glyph, style);
        let taken = cells(glyph.encode_utf8(&mut [0; 4]));
        column += i64::try_from(taken).unwrap_or(1);
    }
}

#[cfg(test)]
mod tests;
