//! The value of an expression.

use crate::lang::graph::Extent;

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A truth value.
    Truth(bool),
    /// A number.
    Scalar(f64),
    /// A vector of numbers.
    Vector(Vec<f64>),
    /// A matrix of numbers, by its rows.
    Matrix(Vec<Vec<f64>>),
    /// A vector of truth values.
    Truths(Vec<bool>),
}

impl Value {
    /// The value of this extent with these elements, a matrix's row by row.
    #[must_use]
    pub fn of(extent: Extent, elements: &[f64]) -> Self {
        match extent {
            Extent::Scalar => Self::Scalar(elements.first().copied().unwrap_or(f64::NAN)),
            Extent::Vector(_) => Self::Vector(elements.to_vec()),
            Extent::Matrix(_, columns) => {
                let rows = elements.chunks(columns.max(1));
                Self::Matrix(rows.map(<[f64]>::to_vec).collect())
            }
        }
    }

    /// The truth value, or the truth values of all elements.
    #[must_use]
    pub fn of_truth(extent: Extent, elements: &[f64]) -> Self {
        match (extent, elements) {
            (Extent::Scalar, [holds]) => Self::Truth(*holds != 0.0),
            _ => Self::Truths(elements.iter().map(|it| *it != 0.0).collect()),
        }
    }

    /// How many numbers it has, and in which shape.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Truth(_) | Self::Scalar(_) => Extent::Scalar,
            Self::Vector(values) => Extent::Vector(values.len()),
            Self::Truths(values) => Extent::Vector(values.len()),
            Self::Matrix(rows) => Extent::Matrix(rows.len(), rows.first().map_or(0, Vec::len)),
        }
    }

    /// Its numbers, a matrix's row by row; a truth value is 1 or 0.
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        let number = |holds: &bool| f64::from(u8::from(*holds));
        match self {
            Self::Truth(holds) => vec![number(holds)],
            Self::Scalar(value) => vec![*value],
            Self::Vector(values) => values.clone(),
            Self::Truths(values) => values.iter().map(number).collect(),
            Self::Matrix(rows) => rows.concat(),
        }
    }
}
