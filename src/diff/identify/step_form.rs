//! The forms that the line of `w` may have: sums of directions, some of them divided.

pub(super) use crate::diff::finding::{DivisorShape, EpsScaling};

/// A direction, coordinate by coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum StepDirection {
    /// The gradient that went in.
    Gradient,
    /// A buffer after its update, and before it.
    After(usize),
    Before(usize),
    /// The sign of a buffer, of the gradient, of the two mixed.
    Sign(usize),
    SignGradient,
    SignMixed(usize, f64),
    /// From `w` to a buffer.
    Toward(usize),
    /// Two buffers multiplied.
    Product(usize, usize),
    /// `w` itself, and the same for every coordinate.
    Parameter,
    One,
}

/// The divisor of a step's direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Divisor {
    pub scale: usize,
    pub shape: DivisorShape,
    pub spread: EpsScaling,
    pub eps: f64,
    /// The decay of the second moment, whose correction scales eps.
    pub beta: f64,
}

/// Directions that an update is a sum of: the first are divided, the last are not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UpdateForm {
    pub divided: Vec<StepDirection>,
    pub divisor: Option<Divisor>,
    pub plain: Vec<StepDirection>,
}

impl UpdateForm {
    pub fn len(&self) -> usize {
        self.divided.len() + self.plain.len()
    }
}
