//! Orthonormal columns by Householder reflections, and the order of a diagonal.

use crate::lang::number::Number;
use std::{cell::Cell, cmp::Ordering};

/// Q of A = Q R, for a matrix of `rows` rows and not more `columns`.
///
/// The signs are those of LAPACK (`geqrf`, `orgqr`; Golub & Van Loan 2013, algorithm 5.2.1): each reflection takes the rest of
/// its column to the side that is opposite to its first number, and one of nothing but zeros is none. So a matrix with columns of
/// other signs has the same Q, but for the last column of a square one.
pub(super) fn orthonormal<T: Number>(
    a: &[Cell<T>],
    to: &[Cell<T>],
    (rows, columns): (usize, usize),
) {
    let (zero, one) = (T::constant(0.0), T::constant(1.0));
    let mut rest: Vec<T> = a.iter().map(Cell::get).collect();
    // Of each reflection 1 - factor v v', v from its diagonal on.
    let mut reflections: Vec<(T, Vec<T>)> = Vec::with_capacity(columns);
    for at in 0..columns {
        let first = rest[at * columns + at];
        let below = (at + 1..rows).map(|row| rest[row * columns + at]);
        let squares = below.clone().fold(zero, |sum, it| sum + it * it);
        if squares.real() == 0.0 {
            reflections.push((zero, Vec::new()));
            continue;
        }
        let norm = (first * first + squares).sqrt();
        let end = if first.real().is_sign_negative() {
            norm
        } else {
            -norm
        };
        let factor = (end - first) / end;
        let v: Vec<T> = std::iter::once(one)
            .chain(below.map(|it| it / (first - end)))
            .collect();
        reflect((factor, &v), &mut rest, at, (at, columns));
        reflections.push((factor, v));
    }
    let mut q = vec![zero; rows * columns];
    for at in 0..columns {
        q[at * columns + at] = one;
    }
    for (at, (factor, v)) in reflections.iter().enumerate().rev() {
        reflect((*factor, v), &mut q, at, (at, columns));
    }
    for (cell, value) in to.iter().zip(q) {
        cell.set(value);
    }
}

/// Puts (1 - factor v v') A in the place of A, for the columns from `first` on; v begins at row `row`.
fn reflect<T: Number>(
    (factor, v): (T, &[T]),
    a: &mut [T],
    row: usize,
    (first, columns): (usize, usize),
) {
    for column in first..columns {
        let place = |at: usize| (row + at) * columns + column;
        let entries = v.iter().enumerate();
        let sum = entries.fold(T::constant(0.0), |sum, (at, it)| sum + *it * a[place(at)]);
        let share = factor * sum;
        for (at, it) in v.iter().enumerate() {
            a[place(at)] = a[place(at)] - share * *it;
        }
    }
}

/// The permutation matrix P for which the diagonal of P' A P descends, of equals the first first; NaN counts as largest.
pub(super) fn descending<T: Number>(a: &[Cell<T>], to: &[Cell<T>], n: usize) {
    let diagonal: Vec<f64> = (0..n).map(|at| a[at * n + at].get().real()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|x, y| {
        let (x, y) = (diagonal[*x], diagonal[*y]);
        let by_nan = y.is_nan().cmp(&x.is_nan());
        by_nan.then_with(|| y.partial_cmp(&x).unwrap_or(Ordering::Equal))
    });
    for cell in to {
        cell.set(T::constant(0.0));
    }
    for (column, row) in order.into_iter().enumerate() {
        to[row * n + column].set(T::constant(1.0));
    }
}
