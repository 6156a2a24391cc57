//! Tensors: named parts of the parameters.

use std::ops::Range;

/// One of the arrays that make up `w`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The name; empty for a single tensor without one.
    pub name: String,
    /// Lengths along each axis.
    pub shape: Vec<usize>,
    /// The range of its coordinates within `w`, from 0.
    pub range: Range<usize>,
}
