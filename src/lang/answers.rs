//! What a program asks of its loss, and who answers.

use super::number::Number;
use std::ops::Range;

/// Answers the questions that a rule asks of its loss.
pub trait Answers<T> {
    /// The loss at `v`.
    fn value(&mut self, v: &[T]) -> T;
    /// Writes the gradient at `v`.
    fn gradient(&mut self, v: &[T], gradient: &mut [T]);
    /// Writes the Hessian at `v` times `d`.
    fn hessian_product(&mut self, v: &[T], d: &[T], product: &mut [T]);
    /// Writes the Hessian at `v`, row by row: one product for each axis unless there is a better way.
    fn hessian(&mut self, v: &[T], hessian: &mut [T])
    where
        T: Number,
    {
        let mut unit = vec![T::constant(0.0); v.len()];
        for (at, row) in hessian.chunks_mut(v.len().max(1)).enumerate() {
            unit[at] = T::constant(1.0);
            self.hessian_product(v, &unit, row);
            unit[at] = T::constant(0.0);
        }
    }
}

/// Comes before and after each block of elements in a walk through an arena.
pub trait AroundBlocks<T> {
    /// Before elements `block` are computed: what is fed of them goes to the places `fed`, where it has not been kept.
    fn before(&mut self, arena: &mut [T], block: Range<usize>, fed: Range<usize>);
    /// After elements `block` have been computed: what will be fed of them next goes to the places `fed`, where it is kept.
    fn after(&mut self, arena: &mut [T], block: Range<usize>, fed: Option<Range<usize>>);
}

/// For programs that ask nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoAnswers;

impl<T: Number> Answers<T> for NoAnswers {
    fn value(&mut self, _: &[T]) -> T {
        T::constant(f64::NAN)
    }
    fn gradient(&mut self, _: &[T], gradient: &mut [T]) {
        gradient.fill(T::constant(f64::NAN));
    }
    fn hessian_product(&mut self, _: &[T], _: &[T], product: &mut [T]) {
        product.fill(T::constant(f64::NAN));
    }
}
