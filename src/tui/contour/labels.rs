//! Labels written on the level lines.
//!
//! ```text
//!   ____-------- 0.3 --------____      a label interrupts its own line only, with a blank on each side
//! ```
//!
//! Labels stand near one upright line, right of the middle, so that they read as a ladder; a level whose line is too
//! short, or too crowded everywhere, stays without.

use super::cell::{Cell, to_f64};
use super::levels::LevelLine;

/// The position of the ladder of labels, as a share of the width.
const LADDER: f64 = 0.72;

/// A line of fewer cells than this many times its label keeps all of its cells.
const LEAST_LENGTH: usize = 4;

/// Writes the labels into the cells, `columns` in a row.
pub(super) fn place(levels: &[LevelLine], cells: &mut [Cell], columns: usize) {
    let mut lines = vec![Vec::new(); levels.len()];
    for (at, cell) in cells.iter().enumerate() {
        if let Cell::Line { level, .. } = *cell {
            lines[usize::from(level)].push(at);
        }
    }
    for ((index, level), line) in (0..).zip(levels).zip(lines) {
        let length = level.label.len() + 2;
        if line.len() < LEAST_LENGTH * level.label.len() {
            continue;
        }
        let best = line
            .into_iter()
            .filter(|at| at % columns > length / 2 && at % columns + length - length / 2 < columns)
            .map(|at| at - length / 2)
            .filter_map(|start| {
                Some((
                    cost(&cells[start..start + length], index, start, columns)?,
                    start,
                ))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, start)) = best {
            let text = [' '].into_iter().chain(level.label.chars()).chain([' ']);
            for (cell, glyph) in cells[start..].iter_mut().zip(text) {
                *cell = Cell::Label { glyph };
            }
        }
    }
}

/// The cost of a place: larger far from the ladder, or mostly beside the line. `None` if the label would hide
/// anything else.
fn cost(place: &[Cell], index: u8, start: usize, columns: usize) -> Option<f64> {
    let is_own = |c: &Cell| matches!(c, Cell::Line { level, .. } if *level == index);
    if !place.iter().all(|c| is_own(c) || *c == Cell::Empty) {
        return None;
    }
    let beside = place.iter().filter(|c| !is_own(c)).count();
    let middle = to_f64(start % columns) + 0.5 * to_f64(place.len());
    Some((middle - LADDER * to_f64(columns)).abs() + 2.0 * to_f64(beside))
}
