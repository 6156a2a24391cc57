//! Tensors: named parts of the parameters.

use crate::{lang::graph::Extent, value::element_name};
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
    /// True where a recorded run has the tensor's Euclidean norm alone, as its one number.
    pub is_norm: bool,
}

impl Tensor {
    /// The name of what `vector` has of this tensor: `fc.weight` where the vector is `w`, else `m.fc.weight`.
    #[must_use]
    pub fn within(&self, vector: &str) -> String {
        match vector {
            "w" => self.name.clone(),
            vector => format!("{vector}.{}", self.name),
        }
    }

    /// The name of the element of `vector` at the coordinate `at`, which is one of this tensor: `fc.weight[2,1]`;
    /// `norm(fc.weight)` where that is all there is of it.
    #[must_use]
    pub fn element_name(&self, vector: &str, at: usize) -> String {
        let inside = index(&self.shape, at - self.range.start);
        let name = self.within(vector);
        if self.is_norm {
            return format!("norm({name})");
        }
        format!("{name}{inside}")
    }
}

/// The name of the elements `part` (from 0, row by row) of `name`, by the tensors that its coordinates lie in where these have
/// names: all, a tensor, one element, or a slice as `w[2..5]`.
#[must_use]
pub fn part_name(name: &str, extent: Extent, tensors: &[Tensor], part: Range<usize>) -> String {
    if part.len() == extent.len() {
        return name.to_owned();
    }
    let is_long = extent == Extent::Vector(tensors.last().map_or(0, |it| it.range.end));
    let mut named = tensors.iter().filter(|it| is_long && !it.name.is_empty());
    match named.find(|it| it.range.start <= part.start && part.end <= it.range.end) {
        Some(tensor) if tensor.range == part && !tensor.is_norm => tensor.within(name),
        Some(tensor) if part.len() == 1 => tensor.element_name(name, part.start),
        _ if part.len() == 1 => element_name(name, extent, part.start),
        _ => format!("{name}[{}..{}]", part.start + 1, part.end),
    }
}

/// The index of element `at` of an array, as `[2,1]`; empty for one number.
#[must_use]
pub fn index(shape: &[usize], at: usize) -> String {
    let mut rest = at;
    let mut places = Vec::new();
    for len in shape.iter().rev() {
        places.push((rest % (*len).max(1) + 1).to_string());
        rest /= (*len).max(1);
    }
    places.reverse();
    if places.is_empty() {
        String::new()
    } else {
        format!("[{}]", places.join(","))
    }
}
