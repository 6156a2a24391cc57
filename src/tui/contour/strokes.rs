//! Level lines drawn with characters that look like lines: `- _ / \ | ( )`, and their likes in Unicode.
//!
//! Each cell is sampled in the middle of its four edges:
//!
//! ```text
//!        T          a line flatter than the cell's diagonal is drawn where it passes between T and B,
//!      L + R        a steeper one where it passes between L and R.
//!        B
//! ```
//!
//! A flat line so passes exactly one cell of each column, a steep one exactly one cell of each row: lines are one
//! cell thick and hang together, except where a line turns within a cell. The four samples give the gradient, the gradient the tangent, and the place of the
//! crossing between T and B says how high in the cell a flat line lies.

use super::cell::{Cell, narrow, to_f64};
use super::grid::{Grid, LevelIndex};
use super::levels::{self, LevelLine, Resolution};
use crate::tui::glyphs::Glyphs;

/// Flatter than this (rows per column) a line is drawn by its height in the cell, steeper as a diagonal.
const GENTLE: f64 = 0.5;
/// Steeper than this, upright.
const UPRIGHT: f64 = 2.2;

/// The finer the heights of flat strokes, the closer lines may lie.
fn resolution(glyphs: &Glyphs) -> Resolution {
    Resolution {
        thickness: if glyphs.strokes.len() > 3 { 1.4 } else { 1.8 },
        upright: 2,
        ink: 0.45,
    }
}

/// The staggered samples of the cells.
#[derive(Debug, Clone)]
pub(super) struct Edges {
    /// T and B: `columns` by `rows + 1`.
    level: Grid,
    /// L and R: `columns + 1` by `rows`.
    upright: Grid,
}

/// Chooses the levels and draws their lines, a cell for each cell of the area.
pub(super) fn draw(
    edges: &Edges,
    floor: Option<f64>,
    across: (usize, usize),
    glyphs: &Glyphs,
) -> (Vec<LevelLine>, Vec<Cell>, Vec<u8>) {
    let levels = levels::choose(&edges.level, floor, resolution(glyphs));
    let (cells, heights) = edges.draw(&levels, across, glyphs);
    (levels, cells, heights)
}

impl Edges {
    /// Those of so many cells, none of which is known yet.
    pub fn new((columns, rows): (usize, usize)) -> Self {
        Self {
            level: Grid::new(columns, rows + 1),
            upright: Grid::new(columns + 1, rows),
        }
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.level.len() + self.upright.len()
    }

    /// True where a sample is one of those that are `stride` apart.
    pub fn is_on(&self, i: usize, stride: usize) -> bool {
        match i.checked_sub(self.level.len()) {
            None => self.level.is_on(i, stride),
            Some(i) => self.upright.is_on(i, stride),
        }
    }

    /// The place of a sample among `columns` cells in a row: cells from the left, cells from the top.
    pub fn place(&self, i: usize, columns: usize) -> [f64; 2] {
        match i.checked_sub(self.level.len()) {
            None => [to_f64(i % columns) + 0.5, to_f64(i / columns)],
            Some(i) => [to_f64(i % (columns + 1)), to_f64(i / (columns + 1)) + 0.5],
        }
    }

    /// Writes a sample.
    pub fn set(&mut self, i: usize, value: f64) {
        match i.checked_sub(self.level.len()) {
            None => self.level.set(i, value),
            Some(i) => self.upright.set(i, value),
        }
    }

    /// All samples, where those are known that are `stride` apart.
    pub fn filled(&self, stride: usize) -> Self {
        Self {
            level: self.level.filled(stride),
            upright: self.upright.filled(stride),
        }
    }

    fn draw(
        &self,
        levels: &[LevelLine],
        (columns, rows): (usize, usize),
        glyphs: &Glyphs,
    ) -> (Vec<Cell>, Vec<u8>) {
        let thresholds: Vec<f64> = levels.iter().map(|l| l.value).collect();
        let (level, upright) = (
            self.level.steps(&thresholds),
            self.upright.steps(&thresholds),
        );
        let mut cells = vec![Cell::Empty; columns * rows];
        let mut heights = vec![0; columns * rows];
        let mut steep_ones = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                let here = row * columns + column;
                let (above, below) = (
                    self.level.index(column, row),
                    self.level.index(column, row + 1),
                );
                let left = self.upright.index(column, row);
                let steps = [level[above], level[below], upright[left], upright[left + 1]]
                    .map(LevelIndex::index);
                let [Some(t), Some(b), Some(l), Some(r)] = steps else {
                    cells[here] = Cell::Hole;
                    continue;
                };
                heights[here] = narrow((t + b + l + r + 2) / 4);
                if t == b && l == r {
                    continue;
                }
                let (top, bottom) = (
                    self.level.value(column, row),
                    self.level.value(column, row + 1),
                );
                let across = self.upright.value(column + 1, row) - self.upright.value(column, row);
                let down = bottom - top;
                // Along the line: across * columns + down * rows = 0.
                if down.abs() >= across.abs() && t != b {
                    let step = usize::midpoint(t, b);
                    let depth = (thresholds[step.min(thresholds.len() - 1)] - top) / down;
                    let (glyph, raised) = flat(-across / down, depth, glyphs);
                    if raised && row > 0 {
                        if cells[here - columns] == Cell::Empty {
                            cells[here - columns] = Cell::Line {
                                level: narrow(step),
                                glyph,
                            };
                        }
                    } else {
                        cells[here] = Cell::Line {
                            level: narrow(step),
                            glyph,
                        };
                    }
                } else if across.abs() > down.abs() && l != r {
                    let glyph = steep(-across / down, glyphs);
                    steep_ones.push((here, across < 0.0));
                    cells[here] = Cell::Line {
                        level: narrow(usize::midpoint(l, r)),
                        glyph,
                    };
                }
            }
        }
        turn(&steep_ones, columns, &mut cells, glyphs);
        (cells, heights)
    }
}

/// Gives steep strokes between which a flat line turns back the form of a turn; each comes with whether the lower side is
/// to the right.
fn turn(steep: &[(usize, bool)], columns: usize, cells: &mut [Cell], glyphs: &Glyphs) {
    let is_flat = |glyph: char| glyphs.strokes.contains(&glyph);
    // A stroke of the level in the row that `at` is in, from `left` columns before it to `right` after.
    let stroke = |cells: &[Cell], at: Option<usize>, own: u8, [left, right]: [usize; 2]| {
        let at = at?;
        let near = (at.saturating_sub(left)..=at + right).filter(|it| it / columns == at / columns);
        let strokes = near
            .filter_map(|it| cells.get(it))
            .filter_map(|cell| match cell {
                Cell::Line { level, glyph } if *level == own => Some(*glyph),
                _ => None,
            });
        strokes.max_by_key(|glyph| !is_flat(*glyph))
    };
    for &(at, opens_right) in steep {
        let Cell::Line { level, glyph } = cells[at] else {
            continue;
        };
        let beside = [at.checked_sub(columns), Some(at + columns)];
        let goes_on = |rows: &[Cell], at| {
            stroke(rows, at, level, [1, 1]).is_some_and(|glyph| !is_flat(glyph))
        };
        if beside.into_iter().any(|it| goes_on(cells, it)) {
            continue;
        }
        // Beyond a turn there is nothing of the line; a slash may be a step of a line that goes on.
        let beyond = |at: Option<usize>| {
            if opens_right {
                at?.checked_sub(1)
            } else {
                Some(at? + 1)
            }
        };
        let reach = if opens_right { [1, 0] } else { [0, 1] };
        let mut rows = beside.into_iter().chain([Some(at)]).map(beyond);
        if glyph == glyphs.stroke_upright
            || rows.all(|it| stroke(cells, it, level, reach).is_none())
        {
            let glyph = glyphs.tips[usize::from(!opens_right)];
            cells[at] = Cell::Line { level, glyph };
        }
    }
}

/// The stroke of a line that descends `slope` rows per column and passes at `depth` (0 top, 1 bottom) of the cell's
/// middle; and whether it is the floor of the cell above.
fn flat(slope: f64, depth: f64, glyphs: &Glyphs) -> (char, bool) {
    let steepness = slope.abs();
    // A diagonal alone in its row is a slash; where it takes two cells of a row they are its two halves.
    if steepness > GENTLE && depth < steepness && depth > 1.0 - steepness {
        return (steep(slope, glyphs), false);
    }
    // Where no stroke is at the top of a cell, the floor of the cell above stands for it.
    glyphs.flat_stroke(depth)
}

/// The stroke of a line that descends `slope` rows per column, steeper than [`GENTLE`].
fn steep(slope: f64, glyphs: &Glyphs) -> char {
    if slope.abs() > UPRIGHT || !slope.is_finite() {
        glyphs.stroke_upright
    } else if slope > 0.0 {
        glyphs.stroke_falling
    } else {
        glyphs.stroke_rising
    }
}
