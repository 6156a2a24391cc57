//! The choice of level lines.
//!
//! Levels lie at round distances above the minimum, `1, 3, 10, ...` times a power of ten: linear levels would
//! leave the floor of a kappa = 100 valley empty. Two measures on the samples decide how many there are:
//!
//! - **resolved**: a level is drawn only where the region below it is on average a few samples thick,
//!   `thickness = 2 * area / length`, so that no two branches of a line fall into one cell;
//! - **ink**: the finest ladder is taken whose lines together cover no more than a given share of the cells.
//!
//! Where a window lies far from the minimum the loss hardly varies by a factor: there the levels are linear.

use super::cell::to_f64;
use super::grid::Grid;
use crate::format::label;

/// One level line.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelLine {
    /// The loss on the line.
    pub value: f64,
    /// The label: the loss, or, for a minimum other than 0, `+` and the height above it.
    pub label: String,
}

/// The resolution of a painter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolution {
    /// The least mean thickness, in samples, of the region below (and above) a level.
    pub thickness: f64,
    /// The weight of a vertical step in horizontal ones: 2 for cells that are twice as tall as wide, 1 for square
    /// dots.
    pub upright: isize,
    /// The greatest share of samples next to a line.
    pub ink: f64,
}

/// Ladders from fine to coarse: mantissas, how many decades apart they are repeated, and the share of the ink they may
/// use. The finest is a luxury: open pictures read better with a path on top.
const LADDERS: [(&[f64], i32, f64); 7] = [
    (&[1.0, 2.0, 5.0], 1, 0.65),
    (&[1.0, 3.0], 1, 1.0),
    (&[1.0], 1, 1.0),
    (&[1.0], 2, 1.0),
    (&[1.0], 5, 1.0),
    (&[1.0], 20, 1.0),
    (&[1.0], 100, 1.0),
];

/// The most levels of any picture: more could not be told apart.
const MOST: usize = 30;

/// Every mantissa that a ladder uses.
const MANTISSAS: [f64; 4] = [1.0, 2.0, 3.0, 5.0];

/// If less than this share of the window lies below a thirtieth of its greatest height, levels are linear.
const LOGARITHMIC_SHARE: f64 = 0.01;

/// Chooses the levels, lowest first, for a sampled loss whose minimum is `floor` (if known).
pub(crate) fn choose(grid: &Grid, floor: Option<f64>, resolution: Resolution) -> Vec<LevelLine> {
    let Some((low, high)) = grid.range() else {
        return Vec::new();
    };
    let floor = floor.filter(|f| f.is_finite()).map_or(low, |f| f.min(low));
    let (nearest, farthest) = (low - floor, high - floor);
    if !(farthest.is_finite() && farthest > 1e-12 * floor.abs() && high > low) {
        return Vec::new();
    }
    let finest = rungs(nearest.max(farthest * 1e-100), farthest);
    let thresholds: Vec<f64> = finest.iter().map(|r| floor + r.height()).collect();
    let measures = Measures::of(grid, &thresholds, resolution);
    let below = finest
        .iter()
        .rposition(|r| r.height() <= farthest / 30.0)
        .map_or(0, |i| measures.area[i]);
    if to_f64(below) < LOGARITHMIC_SHARE * to_f64(grid.len()) {
        return linear(grid, low, high, resolution);
    }
    let resolved: Vec<usize> = (0..finest.len())
        .filter(|&i| measures.resolved(i, resolution))
        .collect();
    let mut chosen = Vec::new();
    for (mantissas, every, share) in LADDERS {
        chosen.clear();
        chosen.extend(
            resolved
                .iter()
                .copied()
                .filter(|&i| finest[i].is_on(mantissas, every)),
        );
        if chosen.len() <= MOST && measures.ink(&chosen) <= share * resolution.ink {
            break;
        }
    }
    let sign = if floor == 0.0 { "" } else { "+" };
    chosen
        .into_iter()
        .map(|i| LevelLine {
            value: thresholds[i],
            label: format!("{sign}{}", label::height(finest[i].height())),
        })
        .collect()
}

/// A round height, `mantissa * 10^decade`.
#[derive(Debug, Clone, Copy)]
struct Rung {
    mantissa: f64,
    decade: i32,
}

impl Rung {
    fn height(self) -> f64 {
        // A decimal literal is the nearest f64; a product of powers may miss it by an ulp.
        format!("{}e{}", self.mantissa, self.decade)
            .parse()
            .unwrap_or(f64::MAX)
    }

    fn is_on(self, mantissas: &[f64], every: i32) -> bool {
        self.decade.rem_euclid(every) == 0 && mantissas.contains(&self.mantissa)
    }
}

/// All rungs between two heights.
fn rungs(low: f64, high: f64) -> Vec<Rung> {
    let decades = label::decade(low)..=label::decade(high);
    decades
        .flat_map(|decade| MANTISSAS.map(|mantissa| Rung { mantissa, decade }))
        .filter(|r| (low..=high).contains(&r.height()))
        .collect()
}

/// Levels a round step apart.
fn linear(grid: &Grid, low: f64, high: f64, resolution: Resolution) -> Vec<LevelLine> {
    let mut best = Vec::new();
    for lines in [24.0, 16.0, 11.0, 8.0, 5.0, 3.0, 2.0] {
        let step = round_step((high - low) / lines);
        let first = (low / step).ceil();
        let count = ((high / step).floor() - first).clamp(0.0, 99.0);
        let values: Vec<f64> = (0_i32..100)
            .map(f64::from)
            .take_while(|&i| i <= count)
            .map(|i| (first + i) * step)
            .collect();
        let measures = Measures::of(grid, &values, resolution);
        let resolved: Vec<usize> = (0..values.len())
            .filter(|&i| measures.resolved(i, resolution))
            .collect();
        best = resolved
            .iter()
            .map(|&i| LevelLine {
                value: values[i],
                label: label::multiple(values[i], step),
            })
            .collect();
        if measures.ink(&resolved) <= resolution.ink {
            break;
        }
    }
    best
}

/// The round number (1, 2 or 5 times a power of ten) next above a positive step.
pub(crate) fn round_step(step: f64) -> f64 {
    let power = 10_f64.powi(label::decade(step));
    let mantissa = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|m| m * power >= step * 0.999_999)
        .unwrap_or(10.0);
    mantissa * power
}

/// For each threshold: how many samples lie below it, and how many cells
/// its line passes (the pairs of neighbours on both sides of it, taken down its steeper direction only).
struct Measures {
    area: Vec<usize>,
    length: Vec<usize>,
    finite: usize,
}

impl Measures {
    fn of(grid: &Grid, thresholds: &[f64], resolution: Resolution) -> Self {
        let steps = grid.steps(thresholds);
        // Differences first, sums last: a pair that crosses levels a..b adds 1 at a and takes 1 at b.
        let mut area = vec![0_isize; thresholds.len() + 1];
        let mut length = vec![0_isize; thresholds.len() + 1];
        let mut finite = 0;
        for (i, &step) in steps.iter().enumerate() {
            let Some(step) = step.index() else { continue };
            finite += 1;
            area[step] += 1;
            let (right, down) = (grid.right_of(i), grid.below(i));
            let rise = |n: Option<usize>| n.map_or(0.0, |n| (grid.nth(n) - grid.nth(i)).abs());
            let flat = rise(down) >= rise(right);
            let (neighbour, weight) = if flat {
                (down, 1)
            } else {
                (right, resolution.upright)
            };
            if let Some(other) = neighbour.and_then(|n| steps[n].index()) {
                length[step.min(other)] += weight;
                length[step.max(other)] -= weight;
            }
        }
        Self {
            area: sums(&area),
            length: sums(&length),
            finite,
        }
    }

    fn resolved(&self, i: usize, resolution: Resolution) -> bool {
        let inside = self.area[i].min(self.finite.saturating_sub(self.area[i]));
        self.length[i] > 0 && 2.0 * to_f64(inside) >= resolution.thickness * to_f64(self.length[i])
    }

    fn ink(&self, chosen: &[usize]) -> f64 {
        to_f64(chosen.iter().map(|&i| self.length[i]).sum()) / to_f64(self.finite.max(1))
    }
}

fn sums(differences: &[isize]) -> Vec<usize> {
    differences
        .iter()
        .scan(0_isize, |sum, d| {
            *sum += d;
            Some(usize::try_from(*sum).unwrap_or(0))
        })
        .collect()
}
