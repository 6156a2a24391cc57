//! Braille dots, 2 by 4 a cell, and level lines drawn with them.
//!
//! ```text
//!   1 4      each dot is a sample; a line passes between two neighbours on both sides of its level, and the one
//!   2 5      nearer to it is set. As in `strokes`, a flat line is looked for between a dot and the one
//!   3 6      below, a steep one between a dot and the one to its right, which keeps lines one dot thin.
//!   7 8
//! ```

use super::grid::Grid;
use super::levels::{self, Level, Resolution};
use super::{Cell, Window, narrow, to_f64};

/// Dots across a cell.
pub const ACROSS: usize = 2;
/// Dots down a cell.
pub const DOWN: usize = 4;

const RESOLUTION: Resolution = Resolution {
    thickness: 5.0,
    upright: 1,
    ink: 0.14,
};

/// A line this near to the diagonal is looked for both ways: the slope is known a little off the line only.
const DIAGONAL: f64 = 0.8;

/// A canvas of dots.
#[derive(Debug, Clone)]
pub struct Dots {
    columns: usize,
    bits: Vec<u8>,
}

impl Dots {
    /// An empty canvas of `columns` by `rows` cells.
    #[must_use]
    pub fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            bits: vec![0; columns * rows],
        }
    }

    /// Sets the dot in column `x` and row `y` of dots; outside the canvas nothing happens.
    pub fn set(&mut self, x: usize, y: usize) {
        const BITS: [[u8; ACROSS]; DOWN] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (column, row) = (x / ACROSS, y / DOWN);
        if column < self.columns
            && let Some(bits) = self.bits.get_mut(row * self.columns + column)
        {
            *bits |= BITS[y % DOWN][x % ACROSS];
        }
    }

    /// The character of a cell; `None` where no dot is set.
    #[must_use]
    pub fn glyph(&self, column: usize, row: usize) -> Option<char> {
        let bits = *self
            .bits
            .get(row * self.columns + column)
            .filter(|&&b| b != 0)?;
        char::from_u32(0x2800 + u32::from(bits))
    }
}

/// Samples the loss at every dot, chooses the levels and draws their lines.
pub(super) fn contour(
    f: &mut impl FnMut(f64, f64) -> f64,
    minimum: Option<f64>,
    window: &Window,
    (columns, rows): (usize, usize),
) -> (Vec<Level>, Vec<Cell>) {
    let (across, down) = (columns * ACROSS, rows * DOWN);
    let grid = Grid::sample(across, down, |c, r| {
        let [x, y] = window.at(
            (to_f64(c) + 0.5) / to_f64(across),
            (to_f64(r) + 0.5) / to_f64(down),
        );
        f(x, y)
    });
    let levels = levels::choose(&grid, minimum, RESOLUTION);
    let thresholds: Vec<f64> = levels.iter().map(|l| l.value).collect();
    let steps = grid.steps(&thresholds);
    let mut dots = Dots::new(columns, rows);
    let mut cells = vec![Cell::Empty; columns * rows];
    for y in 0..down {
        for x in 0..across {
            let here = grid.index(x, y);
            let Some(step) = steps[here].index() else {
                cells[y / DOWN * columns + x / ACROSS] = Cell::Hole;
                continue;
            };
            let slope = [grid.right_of(here), grid.below(here)]
                .map(|n| n.map_or(0.0, |n| grid.nth(n) - grid.nth(here)));
            for (flat, neighbour) in [(false, grid.right_of(here)), (true, grid.below(here))] {
                let (along, aside) = (
                    slope[usize::from(flat)].abs(),
                    slope[usize::from(!flat)].abs(),
                );
                let other = neighbour
                    .and_then(|n| steps[n].index())
                    .filter(|&o| o != step);
                let Some(other) = other.filter(|_| along >= DIAGONAL * aside) else {
                    continue;
                };
                let level = usize::midpoint(step, other).min(thresholds.len() - 1);
                let nearer = (thresholds[level] - grid.nth(here)) / slope[usize::from(flat)] > 0.5;
                let (x, y) = (
                    x + usize::from(nearer && !flat),
                    y + usize::from(nearer && flat),
                );
                dots.set(x, y);
                let cell = &mut cells[y / DOWN * columns + x / ACROSS];
                let lowest = if let Cell::Line { level: drawn, .. } = *cell {
                    drawn
                } else {
                    u8::MAX
                };
                *cell = Cell::Line {
                    level: narrow(level).min(lowest),
                    glyph: ' ',
                };
            }
        }
    }
    for (i, cell) in cells.iter_mut().enumerate() {
        if let Cell::Line { glyph, .. } = cell {
            *glyph = dots.glyph(i % columns, i / columns).unwrap_or(' ');
        }
    }
    (levels, cells)
}
