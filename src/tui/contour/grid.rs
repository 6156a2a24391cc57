//! A loss sampled on a regular grid, and the samples sorted into the steps between levels.

/// Samples in rows from the top, each row from the left.
#[derive(Debug, Clone)]
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
    /// Samples `f` at `columns` by `rows` places.
    pub fn sample(columns: usize, rows: usize, mut f: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            values.extend((0..columns).map(|column| f(column, row)));
        }
        Self { columns, values }
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
