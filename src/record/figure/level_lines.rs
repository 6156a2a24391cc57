//! Level lines of a function on a grid (marching squares), joined into as few lines as there are.

use std::collections::HashMap;

/// Values at the corners of a grid, row by row.
#[derive(Debug)]
pub struct ScalarField {
    /// Corners in a row.
    pub columns: usize,
    /// Rows of corners.
    pub rows: usize,
    /// The values.
    pub values: Vec<f64>,
}

/// A point in units of the grid: column and row.
pub type Point = (f64, f64);

/// An edge between two neighbouring corners, by the numbers of these.
type Edge = (usize, usize);

impl ScalarField {
    /// The lines on which the function has the value `level`.
    pub fn level_lines(&self, level: f64) -> Vec<Vec<Point>> {
        let mut next: HashMap<Edge, Vec<Edge>> = HashMap::new();
        let mut order: Vec<Edge> = Vec::new();
        for row in 0..self.rows.saturating_sub(1) {
            for column in 0..self.columns.saturating_sub(1) {
                for [from, to] in self.cell(column, row, level) {
                    for (from, to) in [(from, to), (to, from)] {
                        next.entry(from).or_default().push(to);
                        order.push(from);
                    }
                }
            }
        }
        let mut lines = Vec::new();
        // Open lines begin at an edge that one segment meets; then what is left are rings.
        for ends in [1, 2] {
            for start in &order {
                if next.get(start).is_some_and(|to| to.len() == ends) {
                    let line = follow(&mut next, *start);
                    lines.push(
                        line.iter()
                            .map(|edge| self.crossing(*edge, level))
                            .collect(),
                    );
                }
            }
        }
        lines
    }

    /// The segments within a cell, each from edge to edge.
    fn cell(&self, column: usize, row: usize, level: f64) -> Vec<[Edge; 2]> {
        let corner = row * self.columns + column;
        let corners = [
            corner,
            corner + 1,
            corner + self.columns + 1,
            corner + self.columns,
        ];
        if corners.iter().any(|at| !self.values[*at].is_finite()) {
            return Vec::new();
        }
        let above = |at: usize| self.values[at] >= level;
        let crossed: Vec<Edge> = (0..4)
            .map(|side| (corners[side], corners[(side + 1) % 4]))
            .filter(|(a, b)| above(*a) != above(*b))
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        match crossed[..] {
            [a, b] => vec![[a, b]],
            // A saddle: its middle decides which corners belong together.
            [a, b, c, d] => {
                let middle = corners.iter().map(|at| self.values[*at]).sum::<f64>() / 4.0;
                if (middle >= level) == above(corners[0]) {
                    vec![[a, b], [c, d]]
                } else {
                    vec![[d, a], [b, c]]
                }
            }
            _ => Vec::new(),
        }
    }

    /// The point at which the level crosses an edge.
    #[expect(clippy::cast_precision_loss, reason = "a grid of some hundreds")]
    fn crossing(&self, (a, b): Edge, level: f64) -> Point {
        let part = (level - self.values[a]) / (self.values[b] - self.values[a]);
        let place = |at: usize| ((at % self.columns) as f64, (at / self.columns) as f64);
        let ((ax, ay), (bx, by)) = (place(a), place(b));
        (ax + part * (bx - ax), ay + part * (by - ay))
    }
}

/// Takes the line that begins at `start` out of `next`.
fn follow(next: &mut HashMap<Edge, Vec<Edge>>, start: Edge) -> Vec<Edge> {
    let mut line = vec![start];
    let mut here = start;
    while let Some(to) = next.get_mut(&here).and_then(Vec::pop) {
        if let Some(back) = next.get_mut(&to)
            && let Some(at) = back.iter().position(|edge| *edge == here)
        {
            back.swap_remove(at);
        }
        line.push(to);
        here = to;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(size: usize, value: impl Fn(f64, f64) -> f64) -> ScalarField {
        let size = u16::try_from(size).unwrap();
        let values = (0..size)
            .flat_map(|y| (0..size).map(move |x| (f64::from(x), f64::from(y))))
            .map(|(x, y)| value(x, y))
            .collect();
        let size = usize::from(size);
        ScalarField {
            columns: size,
            rows: size,
            values,
        }
    }

    #[test]
    fn a_circle_is_one_ring_of_the_right_radius() {
        let grid = grid(41, |x, y| (x - 20.0).powi(2) + (y - 20.0).powi(2));
        let lines = grid.level_lines(100.0);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        for (x, y) in &lines[0] {
            let radius = (x - 20.0).hypot(y - 20.0);
            assert!((radius - 10.0).abs() < 0.02, "{radius}");
        }
    }

    #[test]
    fn a_plane_is_one_straight_line() {
        let lines = grid(11, |x, y| x + 0.0 * y).level_lines(4.5);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), 11);
        assert!(lines[0].iter().all(|(x, _)| *x == 4.5));
    }

    #[test]
    fn what_is_not_a_number_has_no_level() {
        assert!(grid(5, |_, _| f64::NAN).level_lines(1.0).is_empty());
    }
}
