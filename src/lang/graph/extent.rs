//! The shape of a value.

use std::fmt;

/// The size of a value: a scalar, a vector, or a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// One number.
    Scalar,
    /// So many numbers.
    Vector(usize),
    /// So many rows and columns, stored row by row.
    Matrix(usize, usize),
}

impl Extent {
    /// The count of numbers.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(len) => len,
            Self::Matrix(rows, columns) => rows * columns,
        }
    }

    /// True if it holds no number at all (a vector of length 0).
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar => f.write_str("a scalar"),
            Self::Vector(len) => write!(f, "a vector of {len}"),
            Self::Matrix(rows, columns) => write!(f, "a {rows}x{columns} matrix"),
        }
    }
}
