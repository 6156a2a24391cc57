//! Fused instructions: several operations in one walk through their vectors.

use super::{
    slices::{map, map2, map2_then, map3},
    span,
};
use crate::lang::{
    number::Number,
    program::{Fused, Instruction, Operation, Slot},
};
use std::cell::Cell;

impl Fused {
    /// The function itself, on one number each, in the order of its operands.
    #[inline(always)]
    pub(super) fn of<T: Number>(self, [a, b, c, d]: [T; 4]) -> T {
        match self {
            Self::ScaledSum => a * b + c * d,
            Self::ScaledDifference => a * b - c * d,
            Self::ScaledSumOfSquare => a * b + c * (d * d),
            Self::AddScaled => a + b * c,
            Self::SubtractScaled => a - b * c,
            Self::SubtractScaledQuotient => a - b * c / d,
            Self::RootOfShifted => (a + b).sqrt(),
        }
    }
}

/// Runs a fused instruction on elements `start..start + len`.
#[inline(always)]
pub(super) fn fused<T: Number>(
    f: Fused,
    it: &Instruction,
    to: &[Cell<T>],
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    let scalar = |at: usize| cells[it.from[at].at as usize].get();
    let vector = |at: usize| span(cells, it.from[at], start, len);
    let none = T::constant(0.0);
    match f {
        Fused::ScaledSum | Fused::ScaledDifference | Fused::ScaledSumOfSquare => {
            let (a, b) = (scalar(0), scalar(2));
            let (x, y) = (vector(1), vector(3));
            match f {
                Fused::ScaledSum => map2(to, x, y, |x, y| Fused::ScaledSum.of([a, x, b, y])),
                Fused::ScaledDifference => {
                    map2(to, x, y, |x, y| Fused::ScaledDifference.of([a, x, b, y]));
                }
                _ => map2(to, x, y, |x, y| Fused::ScaledSumOfSquare.of([a, x, b, y])),
            }
        }
        Fused::AddScaled => {
            let a = scalar(1);
            map2(to, vector(0), vector(2), |x, y| {
                Fused::AddScaled.of([x, a, y, none])
            });
        }
        Fused::SubtractScaled => {
            let a = scalar(1);
            map2(to, vector(0), vector(2), |x, y| {
                Fused::SubtractScaled.of([x, a, y, none])
            });
        }
        Fused::SubtractScaledQuotient => {
            let a = scalar(1);
            map3(to, vector(0), vector(2), vector(3), |x, y, z| {
                Fused::SubtractScaledQuotient.of([x, a, y, z])
            });
        }
        Fused::RootOfShifted => {
            let a = scalar(1);
            map(to, vector(0), |x| {
                Fused::RootOfShifted.of([x, a, none, none])
            });
        }
    }
}

/// Runs `it`, a scaled sum, and `quotient`, which divides its result by a scalar, on elements
/// `start..start + len`.
#[inline(always)]
pub(in crate::lang) fn moment<T: Number>(
    it: &Instruction,
    quotient: &Instruction,
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    let scalar = |slot: Slot| cells[slot.at as usize].get();
    let (a, b, c) = (
        scalar(it.from[0]),
        scalar(it.from[2]),
        scalar(quotient.from[1]),
    );
    let x = span(cells, it.from[1], start, len);
    let y = span(cells, it.from[3], start, len);
    let to = span(cells, it.to, start, len);
    let also = span(cells, quotient.to, start, len);
    if it.operation == Operation::Fused(Fused::ScaledSum) {
        map2_then(
            to,
            also,
            x,
            y,
            |x, y| Fused::ScaledSum.of([a, x, b, y]),
            |m| m / c,
        );
    } else {
        map2_then(
            to,
            also,
            x,
            y,
            |x, y| Fused::ScaledSumOfSquare.of([a, x, b, y]),
            |m| m / c,
        );
    }
}
