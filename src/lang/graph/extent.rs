//! The shape of a value.

use std::fmt;

/// The length of a side of the matrix that a value has for each tensor, by the last two axes of that tensor; one axis is
/// one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// 1
    One,
    /// That of the axis before the last.
    Rows,
    /// That of the last axis.
    Columns,
    /// The shorter of the two.
    Shorter,
    /// The longer of the two.
    Longer,
}

impl Side {
    /// All of them; of those that agree for all tensors, the first names the side.
    pub const ALL: [Self; 5] = [
        Self::One,
        Self::Rows,
        Self::Columns,
        Self::Shorter,
        Self::Longer,
    ];

    /// The length, for a tensor of so many rows and columns.
    #[must_use]
    pub fn of(self, rows: usize, columns: usize) -> usize {
        match self {
            Self::One => 1,
            Self::Rows => rows,
            Self::Columns => columns,
            Self::Shorter => rows.min(columns),
            Self::Longer => rows.max(columns),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Rows => "rows",
            Self::Columns => "columns",
            Self::Shorter => "shorter side",
            Self::Longer => "longer side",
        }
    }
}

/// The size of a value: a scalar, a vector, a matrix, or a matrix for each tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// One number.
    Scalar,
    /// So many numbers.
    Vector(usize),
    /// So many rows and columns, stored row by row.
    Matrix(usize, usize),
    /// A matrix of these sides for each tensor, one after the other, so many numbers in all. What has the shape of the
    /// tensors themselves is a vector.
    Matrices(Side, Side, usize),
}

impl Extent {
    /// The count of numbers.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(len) | Self::Matrices(.., len) => len,
            Self::Matrix(rows, columns) => rows * columns,
        }
    }

    /// The same for whoever knows of no tensors: all numbers as one vector.
    #[must_use]
    pub fn flat(self) -> Self {
        match self {
            Self::Matrices(.., len) => Self::Vector(len),
            other => other,
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
            Self::Matrices(rows, columns, _) => {
                let (rows, columns) = (rows.name(), columns.name());
                write!(f, "a matrix of {rows} by {columns} for each tensor")
            }
        }
    }
}
