//! Eigenvalues and eigenvectors of symmetric matrices, and their derivatives.
//!
//! What is decomposed is (A + A')/2, and NaN is the answer where A and A' differ by more than rounding: to
//! no other matrix do orthonormal eigenvectors belong. On dual numbers the decomposition is that of the
//! real part, V diag(l) V', and with B = V' A V the first-order perturbation is
//!
//! ```text
//! l_i  <- B_ii          v_i <- v_i + sum over j of v_j B_ji/(l_i - l_j)
//! f(A) <- V (F o B) V'  F_ij = (f(l_i) - f(l_j))/(l_i - l_j), or f'(l_i) where the two agree
//! ```
//! Where two eigenvalues agree (to 1e-12 of the largest) their eigenvectors have no derivative: any
//! rotation within their plane is as good, and none is taken. `f(A)` needs no such choice.

use crate::lang::number::Number;
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use std::cell::Cell;

/// Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns, in each of which the
/// largest component is positive. `None` if it holds a number that is not finite.
#[must_use]
pub fn symmetric(matrix: DMatrix<f64>) -> Option<(Vec<f64>, DMatrix<f64>)> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let n = matrix.nrows();
    if matrix.iter().all(|value| *value == 0.0) {
        return Some((vec![0.0; n], DMatrix::identity(n, n)));
    }
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
    let columns: Vec<DVector<f64>> = order
        .iter()
        .map(|at| {
            let column = eigen.eigenvectors.column(*at).into_owned();
            let largest = column.iter().copied().fold(0.0, larger);
            if largest < 0.0 { -column } else { column }
        })
        .collect();
    let values = order.iter().map(|at| eigen.eigenvalues[*at]).collect();
    let vectors = if columns.is_empty() {
        DMatrix::zeros(0, 0)
    } else {
        DMatrix::from_columns(&columns)
    };
    Some((values, vectors))
}

/// The one of larger magnitude, the first in a tie.
fn larger(a: f64, b: f64) -> f64 {
    // A tie up to rounding goes to the first, so that the sign does not depend on the last bit.
    if b.abs() > a.abs() * (1.0 + 1e-12) {
        b
    } else {
        a
    }
}

/// Eigenvalues this near to each other, as a share of the largest, count as equal.
const EQUAL: f64 = 1e-12;

/// [`inverse_root`] takes eigenvalues below this share of the largest for it.
const FLOOR: f64 = 1e-12;

/// Relative to the largest eigenvalue: smaller differences are rounding.
const ROUNDING: f64 = 1e-8;

/// The decomposition of the real part, and what the derivatives add to it.
struct Perturbed<T> {
    n: usize,
    values: Vec<f64>,
    vectors: DMatrix<f64>,
    /// V' A V less its real part, row by row: derivatives alone. Empty for plain numbers.
    shift: Vec<T>,
}

impl<T: Number> Perturbed<T> {
    /// `None` if A is not symmetric, or not finite.
    fn new(a: &[Cell<T>], n: usize) -> Option<Self> {
        let real = |i: usize, j: usize| a[i * n + j].get().real();
        let largest = a
            .iter()
            .fold(0.0, |most, it| it.get().real().abs().max(most));
        let apart = |i: usize, j: usize| (real(i, j) - real(j, i)).abs();
        if (0..n).any(|i| (0..i).any(|j| apart(i, j) > ROUNDING * largest)) {
            return None;
        }
        let half = T::constant(0.5);
        let entry = |i: usize, j: usize| (a[i * n + j].get() + a[j * n + i].get()) * half;
        let (values, vectors) = symmetric(DMatrix::from_fn(n, n, |i, j| entry(i, j).real()))?;
        let mut shift = Vec::new();
        if !T::IS_PLAIN {
            let zero = T::constant(0.0);
            let v = |i: usize, j: usize| T::constant(vectors[(i, j)]);
            let derivative = |value: T| value - T::constant(value.real());
            let sum = |term: &dyn Fn(usize) -> T| (0..n).fold(zero, |sum, k| sum + term(k));
            let mut half_way = Vec::with_capacity(n * n);
            for i in 0..n {
                for j in 0..n {
                    half_way.push(sum(&|k| derivative(entry(i, k)) * v(k, j)));
                }
            }
            for i in 0..n {
                for j in 0..n {
                    shift.push(sum(&|k| v(k, i) * half_way[k * n + j]));
                }
            }
        }
        Some(Self {
            n,
            values,
            vectors,
            shift,
        })
    }

    fn shift(&self, i: usize, j: usize) -> T {
        let found = self.shift.get(i * self.n + j).copied();
        found.unwrap_or(T::constant(0.0))
    }

    fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |most, it| it.abs().max(most))
    }
}

fn fill<T: Number>(to: &[Cell<T>], value: f64) {
    for cell in to {
        cell.set(T::constant(value));
    }
}

/// Eigenvalues, ascending; NaN where A is not symmetric or not finite.
pub(super) fn values<T: Number>(a: &[Cell<T>], to: &[Cell<T>], n: usize) {
    let Some(eigen) = Perturbed::new(a, n) else {
        fill(to, f64::NAN);
        return;
    };
    for (at, cell) in to.iter().enumerate() {
        cell.set(T::constant(eigen.values[at]) + eigen.shift(at, at));
    }
}

/// Eigenvectors as columns; NaN where A is not symmetric or not finite.
pub(super) fn vectors<T: Number>(a: &[Cell<T>], to: &[Cell<T>], n: usize) {
    let Some(eigen) = Perturbed::new(a, n) else {
        fill(to, f64::NAN);
        return;
    };
    let near = eigen.largest() * EQUAL;
    for row in 0..n {
        for i in 0..n {
            let mut entry = T::constant(eigen.vectors[(row, i)]);
            for j in (0..n).filter(|_| !T::IS_PLAIN) {
                let gap = eigen.values[i] - eigen.values[j];
                if gap.abs() > near {
                    let share = T::constant(eigen.vectors[(row, j)] / gap);
                    entry = entry + eigen.shift(j, i) * share;
                }
            }
            to[row * n + i].set(entry);
        }
    }
}

/// A^(-1/2) = V diag(1/sqrt(l)) V' of a symmetric A.
///
/// Eigenvalues below 1e-12 of the largest count as that, so that a direction without any size takes a
/// long step and not an infinite one; A = 0 gives 0. One that is negative by more than rounding has no real
/// root, and gives NaN.
pub(super) fn inverse_root<T: Number>(a: &[Cell<T>], to: &[Cell<T>], n: usize) {
    let Some(eigen) = Perturbed::new(a, n) else {
        fill(to, f64::NAN);
        return;
    };
    let largest = eigen.largest();
    if largest == 0.0 {
        fill(to, 0.0);
        return;
    }
    if eigen.values.iter().any(|l| *l < -ROUNDING * largest) {
        fill(to, f64::NAN);
        return;
    }
    let floor = largest * FLOOR;
    let roots: Vec<f64> = eigen
        .values
        .iter()
        .map(|l| 1.0 / l.max(floor).sqrt())
        .collect();
    // (f(a) - f(b))/(a - b) = -f(a) f(b) / (sqrt(a) + sqrt(b)), which does not cancel.
    let slope = |i: usize, j: usize| {
        let (x, y) = (eigen.values[i], eigen.values[j]);
        if x <= floor && y <= floor {
            0.0
        } else if x > floor && y > floor {
            -roots[i] * roots[j] / (x.sqrt() + y.sqrt())
        } else {
            (roots[i] - roots[j]) / (x - y)
        }
    };
    let v = |row: usize, at: usize| T::constant(eigen.vectors[(row, at)]);
    let zero = T::constant(0.0);
    let mut scaled = vec![zero; n * n];
    for i in 0..n {
        for column in 0..n {
            let mut sum = T::constant(roots[i]) * v(column, i);
            for j in (0..n).filter(|_| !T::IS_PLAIN) {
                sum = sum + T::constant(slope(i, j)) * eigen.shift(i, j) * v(column, j);
            }
            scaled[i * n + column] = sum;
        }
    }
    for row in 0..n {
        for column in 0..n {
            let terms = (0..n).map(|i| v(row, i) * scaled[i * n + column]);
            to[row * n + column].set(terms.fold(zero, |sum, term| sum + term));
        }
    }
}
