//! A loss sampled on a regular grid, and the samples sorted into the steps between levels.

use super::cell::to_f64;

/// Samples in rows from the top, each row from the left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grid {
    columns: usize,
    values: Vec<f64>,
}

/// The number of levels at or below a sample; none where the loss is not finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LevelIndex(u16);

impl LevelIndex {
    const HOLE: Self = Self(u16::MAX);

    /// The count, or `None` where the loss is not finite.
    pub fn index(self) -> Option<usize> {
        (self != Self::HOLE).then_some(usize::from(self.0))
    }
}

impl Grid {
    /// Samples at so many places, none of which is known yet.
    pub fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            values: vec![f64::NAN; columns * rows],
        }
    }

    /// Writes the sample with this index.
    pub fn set(&mut self, i: usize, value: f64) {
        self.values[i] = value;
    }

    /// The number of rows.
    fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    /// True where the sample with this index is one of those that are `stride` apart, the last of a row and of a column
    /// among them.
    pub fn is_on(&self, i: usize, stride: usize) -> bool {
        let (column, row) = (i % self.columns, i / self.columns);
        let is_on = |at: usize, count: usize| at.is_multiple_of(stride) || at + 1 == count;
        is_on(column, self.columns) && is_on(row, self.rows())
    }

    /// The samples, those between the ones that are `stride` apart on straight lines between these.
    pub fn filled(&self, stride: usize) -> Self {
        let mut filled = self.clone();
        let (columns, rows) = (self.columns, self.rows());
        for row in (0..rows).filter(|row| self.is_on(row * columns, stride)) {
            fill(&mut filled.values, row * columns, 1, columns, stride);
        }
        for column in 0..columns {
            fill(&mut filled.values, column, columns, rows, stride);
        }
        filled
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The sample at a place.
    pub fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// The sample with this index.
    pub fn nth(&self, i: usize) -> f64 {
        self.values[i]
    }

    /// The index of a place, for [`Grid::steps`].
    pub fn index(&self, column: usize, row: usize) -> usize {
        row * self.columns + column
    }

    /// The neighbour to the right of a sample.
    pub fn right_of(&self, i: usize) -> Option<usize> {
        (!(i + 1).is_multiple_of(self.columns)).then_some(i + 1)
    }

    /// The neighbour below a sample.
    pub fn below(&self, i: usize) -> Option<usize> {
        (i + self.columns < self.values.len()).then_some(i + self.columns)
    }

    /// The least and greatest finite sample.
    pub fn range(&self) -> Option<(f64, f64)> {
        let finite = self.values.iter().copied().filter(|v| v.is_finite());
        finite.fold(None, |range, v| match range {
            None => Some((v, v)),
            Some((low, high)) => Some((v.min(low), v.max(high))),
        })
    }

    /// Every sample's step among ascending thresholds.
    pub fn steps(&self, thresholds: &[f64]) -> Vec<LevelIndex> {
        // A sample mostly lies in the step of the one before: two comparisons instead of a search.
        let mut last = 0;
        let mut step = |value: f64| {
            let above = last == 0 || thresholds[last - 1] <= value;
            let below = last == thresholds.len() || value < thresholds[last];
            if !(above && below) {
                last = thresholds.partition_point(|&t| t <= value);
            }
            u16::try_from(last).map_or(LevelIndex::HOLE, LevelIndex)
        };
        self.values
            .iter()
            .map(|&v| {
                if v.is_finite() {
                    step(v)
                } else {
                    LevelIndex::HOLE
                }
            })
            .collect()
    }
}

/// Fills every place between those `stride` apart among `count` values that lie `step` apart from `first` on.
fn fill(values: &mut [f64], first: usize, step: usize, count: usize, stride: usize) {
    for from in (0..count).step_by(stride) {
        let to = (from + stride).min(count - 1);
        let (low, high) = (values[first + from * step], values[first + to * step]);
        for at in from + 1..to {
            let share = to_f64(at - from) / to_f64(to - from);
            values[first + at * step] = low + share * (high - low);
        }
    }
}
