//! Linear equations by elimination with row pivots (Golub & Van Loan 2013, algorithm 3.4.1).

use crate::lang::number::Number;
use std::cell::Cell;

/// Solves A X = B for n equations and `columns` right sides; a singular A gives NaN.
pub(super) fn solve<T: Number>(
    a: &[Cell<T>],
    b: &[Cell<T>],
    to: &[Cell<T>],
    n: usize,
    columns: usize,
) {
    let mut a: Vec<T> = a.iter().map(Cell::get).collect();
    let mut x: Vec<T> = b.iter().map(Cell::get).collect();
    let swap = |rows: &mut [T], width: usize, one: usize, other: usize| {
        for at in 0..width {
            rows.swap(one * width + at, other * width + at);
        }
    };
    for column in 0..n {
        let size = |row: usize| a[row * n + column].real().abs();
        let pivot = (column..n).fold(
            column,
            |best, row| {
                if size(row) > size(best) { row } else { best }
            },
        );
        if size(pivot) == 0.0 || !size(pivot).is_finite() {
            for cell in to {
                cell.set(T::constant(f64::NAN));
            }
            return;
        }
        swap(&mut a, n, column, pivot);
        swap(&mut x, columns, column, pivot);
        for row in column + 1..n {
            let factor = a[row * n + column] / a[column * n + column];
            for at in column..n {
                a[row * n + at] = a[row * n + at] - factor * a[column * n + at];
            }
            for at in 0..columns {
                x[row * columns + at] = x[row * columns + at] - factor * x[column * columns + at];
            }
        }
    }
    for row in (0..n).rev() {
        for at in 0..columns {
            let mut sum = x[row * columns + at];
            for known in row + 1..n {
                sum = sum - a[row * n + known] * x[known * columns + at];
            }
            x[row * columns + at] = sum / a[row * n + row];
        }
    }
    for (cell, x) in to.iter().zip(x) {
        cell.set(x);
    }
}
