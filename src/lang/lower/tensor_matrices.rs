//! The matrices that a tensor consists of.

use crate::lang::graph::{Side, TensorSides};

/// The matrices of one tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TensorMatrices {
    /// Their number: the product of the axes before the last two.
    pub count: usize,
    /// The rows of each.
    pub rows: usize,
    /// The columns of each.
    pub columns: usize,
    /// The first axis of the tensor.
    pub first: usize,
    /// All elements of the tensor.
    pub all: usize,
}

impl TensorMatrices {
    /// Those of a tensor with these axes: the last two are rows and columns.
    pub fn of(shape: &[usize]) -> Self {
        let (rows, columns, others) = match shape {
            [others @ .., rows, columns] => (*rows, *columns, others),
            [columns] => (1, *columns, &[][..]),
            [] => (1, 1, &[][..]),
        };
        Self {
            count: others.iter().product(),
            rows,
            columns,
            first: shape.first().copied().unwrap_or(1),
            all: shape.iter().product(),
        }
    }

    /// The lengths of the tensor, where these are its own matrices.
    pub fn sides(&self) -> TensorSides {
        TensorSides {
            rows: self.rows,
            columns: self.columns,
            first: self.first,
            all: self.all,
        }
    }

    /// Those of a value that has matrices of these sides for the tensor.
    pub fn with_sides(self, rows: Side, columns: Side) -> Self {
        let own = self.sides();
        let is_whole = rows.is_of_whole() || columns.is_of_whole();
        Self {
            rows: rows.of(own),
            columns: columns.of(own),
            count: if is_whole { 1 } else { self.count },
            ..self
        }
    }

    /// The numbers in all of them.
    pub fn len(&self) -> usize {
        self.count * self.rows * self.columns
    }
}

/// The places at which the elements of each tensor begin, and the end of the last.
pub(crate) fn offsets(matrices: &[TensorMatrices]) -> Vec<u32> {
    let mut end = 0;
    let mut offsets = vec![0];
    for it in matrices {
        end += it.len();
        offsets.push(u32::try_from(end).unwrap_or(u32::MAX));
    }
    offsets
}
