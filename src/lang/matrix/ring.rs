//! Rings of past values: so many rows, the newest first; and random vectors.

use crate::lang::{graph::Extent, number::Number, random::Distribution};
use std::cell::Cell;

/// A ring: its rows, and what one of them is, a number or a vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ring {
    /// The number of values that it keeps.
    pub rows: usize,
    /// The extent of one of them.
    pub of: Extent,
}

impl Ring {
    /// The extent of the whole: a vector of numbers, or a matrix of which each vector is a row.
    #[must_use]
    pub fn extent(self) -> Extent {
        match self.of {
            Extent::Scalar => Extent::Vector(self.rows),
            of => Extent::Matrix(self.rows, of.len()),
        }
    }
}

/// All rows `value`.
pub(super) fn filled<T: Number>(value: &[Cell<T>], to: &[Cell<T>]) {
    for row in to.chunks(value.len().max(1)) {
        copy(value, row);
    }
}

/// `value` before the rows of `ring`, of which the last is gone.
pub(super) fn pushed<T: Number>(ring: &[Cell<T>], value: &[Cell<T>], to: &[Cell<T>]) {
    copy(value, to);
    copy(ring, &to[value.len()..]);
}

/// Row `which` of `ring`, from 1; NaN where there is none of this number.
pub(super) fn past<T: Number>(ring: &[Cell<T>], which: f64, to: &[Cell<T>]) {
    let mut rows = (1_u32..).zip(ring.chunks(to.len().max(1)));
    match rows.find(|(row, _)| f64::from(*row) == which) {
        Some((_, row)) => copy(row, to),
        None => to.iter().for_each(|it| it.set(T::constant(f64::NAN))),
    }
}

fn copy<T: Number>(from: &[Cell<T>], to: &[Cell<T>]) {
    for (from, to) in from.iter().zip(to) {
        to.set(from.get());
    }
}

/// Random numbers, one for each cell.
pub(super) fn random<T: Number>(
    of: Distribution,
    draw: u64,
    (seed, t): (f64, f64),
    to: &[Cell<T>],
) {
    for (at, cell) in (0..).zip(to) {
        cell.set(T::constant(of.number((seed, t), draw, at)));
    }
}
