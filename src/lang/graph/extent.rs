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
    /// That of the first axis, of a matrix of the whole tensor.
    First,
    /// All other axes together, of a matrix of the whole tensor.
    Others,
    /// All elements, of a matrix of the whole tensor.
    All,
}

/// The lengths of a tensor that sides are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorSides {
    /// The axis before the last.
    pub rows: usize,
    /// The last axis.
    pub columns: usize,
    /// The first axis.
    pub first: usize,
    /// All elements.
    pub all: usize,
}

impl Side {
    /// All of them; of those that agree for all tensors, the first names the side.
    pub const ALL: [Self; 8] = [
        Self::One,
        Self::Rows,
        Self::Columns,
        Self::Shorter,
        Self::Longer,
        Self::First,
        Self::Others,
        Self::All,
    ];

    /// True for the side of one matrix that has all of a tensor, however many axes that has.
    #[must_use]
    pub fn is_of_whole(self) -> bool {
        matches!(self, Self::First | Self::Others | Self::All)
    }

    /// The length, for a tensor of these.
    #[must_use]
    pub fn of(self, tensor: TensorSides) -> usize {
        let (rows, columns) = (tensor.rows, tensor.columns);
        match self {
            Self::One => 1,
            Self::Rows => rows,
            Self::Columns => columns,
            Self::Shorter => rows.min(columns),
            Self::Longer => rows.max(columns),
            Self::First => tensor.first,
            Self::Others => tensor.all / tensor.first.max(1),
            Self::All => tensor.all,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Rows => "rows",
            Self::Columns => "columns",
            Self::Shorter => "shorter side",
            Self::Longer => "longer side",
            Self::First => "first axis",
            Self::Others => "other axes",
            Self::All => "all elements",
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
