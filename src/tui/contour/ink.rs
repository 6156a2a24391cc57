//! A canvas of cells that hold several dots each, for paths finer than characters.
//!
//! ```text
//!   Braille  1 4    blocks  1 2    ASCII  1     what falls into one cell is joined there: no lane
//!            2 5            4 8           2     takes away another's dots, only the colour is
//!            3 6                                that of who drew last
//!            7 8
//! ```

use super::cell::to_f64;
use super::dots::Dots;
use crate::tui::glyphs::Charset;

/// A cell of the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CanvasCell {
    /// A character of its own, instead of the dots.
    glyph: Option<char>,
    /// The index of the pen that drew here last.
    pen: Option<u8>,
}

/// A canvas of dots with a pen for each cell.
#[derive(Debug, Clone)]
pub(super) struct Ink {
    charset: Charset,
    columns: usize,
    dots: Dots,
    blots: Vec<CanvasCell>,
}

impl Ink {
    /// An empty canvas of `columns` by `rows` cells.
    pub fn new(charset: Charset, columns: usize, rows: usize) -> Self {
        Self {
            charset,
            columns,
            dots: Dots::new(columns, rows),
            blots: vec![CanvasCell::default(); columns * rows],
        }
    }

    /// Dots across and down a cell.
    pub fn grain(charset: Charset) -> [usize; 2] {
        match charset {
            Charset::Ascii => [1, 2],
            Charset::Unicode => [2, 2],
            Charset::Braille => [2, 4],
        }
    }

    /// Sets the dot at a place counted in cells, as on `Window::to_cells`; outside nothing happens.
    pub fn dot(&mut self, [x, y]: [f64; 2], pen: u8) {
        let [across, down] = Self::grain(self.charset);
        let (Some(x), Some(y)) = (index(x * to_f64(across)), index(y * to_f64(down))) else {
            return;
        };
        // Dots are kept as Braille has them; coarser grains use its first ones.
        let (column, row) = (x / across, y / down);
        if let Some(blot) = self.blot(column, row) {
            blot.pen = Some(pen);
            let (x, y) = (x % across, y % down);
            self.dots.set(2 * column + x, 4 * row + y);
        }
    }

    /// Writes a character into the cell at a place counted in cells.
    pub fn glyph(&mut self, [x, y]: [f64; 2], glyph: char, pen: u8) {
        if let (Some(column), Some(row)) = (index(x), index(y))
            && let Some(blot) = self.blot(column, row)
        {
            *blot = CanvasCell {
                glyph: Some(glyph),
                pen: Some(pen),
            };
        }
    }

    fn blot(&mut self, column: usize, row: usize) -> Option<&mut CanvasCell> {
        let inside = column < self.columns;
        self.blots
            .get_mut(row * self.columns + column)
            .filter(|_| inside)
    }

    /// The straight line between two places counted in cells, as dots.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], pen: u8) {
        let [across, down] = Self::grain(self.charset).map(to_f64);
        let steps = ((to[0] - from[0]).abs() * across).max((to[1] - from[1]).abs() * down);
        let steps = steps.ceil().clamp(1.0, 1e5);
        let mut i = 0.0;
        while i <= steps {
            let at = |k: usize| from[k] + i / steps * (to[k] - from[k]);
            self.dot([at(0), at(1)], pen);
            i += 1.0;
        }
    }

    /// Every cell that shows something: its place, its character and its pen.
    pub fn cells(&self) -> impl Iterator<Item = ([usize; 2], char, u8)> + '_ {
        let inked = self.blots.iter().enumerate();
        inked.filter_map(|(at, blot)| {
            let place = [at % self.columns, at / self.columns];
            let glyph = blot.glyph.or_else(|| self.dotted(place))?;
            Some((place, glyph, blot.pen?))
        })
    }

    /// The character that shows a cell's dots.
    fn dotted(&self, [column, row]: [usize; 2]) -> Option<char> {
        const BLOCKS: [char; 16] = [
            ' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█',
        ];
        const HEIGHTS: [char; 4] = [' ', '\'', '.', ':'];
        let braille = self.dots.glyph(column, row)?;
        let bits = usize::try_from(u32::from(braille) - 0x2800).unwrap_or(0);
        // Left column: bits 0 and 1; right column: bits 3 and 4.
        let (upper, lower) = (bits & 1 | bits >> 2 & 2, bits >> 1 & 1 | bits >> 3 & 2);
        match self.charset {
            Charset::Braille => Some(braille),
            Charset::Unicode => Some(BLOCKS[upper | lower << 2]),
            Charset::Ascii => Some(HEIGHTS[upper & 1 | (lower & 1) << 1]),
        }
    }
}

/// The whole part of a coordinate that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0..=1e6 by then"
)]
fn index(coordinate: f64) -> Option<usize> {
    (0.0..1e6)
        .contains(&coordinate)
        .then_some(coordinate as usize)
}
