//! Operations on whole matrices and vectors, on any number type.
//!
//! A matrix of r rows and c columns is r*c numbers, row by row. On dual numbers each operation carries
//! first derivatives: sums, products and `solve` because they are made of arithmetic (so that
//! d(A^-1 b) = A^-1 (db - dA x) comes out by itself), the [`eigen`] decomposition by perturbation. What depends on the
//! order of elements (`order`) is for watches, and has no derivatives.

pub mod eigen;
pub(crate) mod order;
mod orthogonal;
pub mod ring;
mod solve;

use super::{graph::Extent, number::Number, random::Distribution};
use ring::Ring;
use std::cell::Cell;

/// Most rows or columns of a matrix: beyond, an eigendecomposition takes longer than a key press should.
pub const MAX_MATRIX: usize = 200;

/// An operation, with the sizes of what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matrix {
    /// `A @ B`: an r x k matrix and a k x c one; vectors count as a column at the right, a row at the left.
    Product {
        /// r
        rows: usize,
        /// k
        inner: usize,
        /// c
        columns: usize,
        /// The extent of the result: a matrix, or a vector where an operand is one.
        extent: Extent,
    },
    /// `transpose(A)` of a matrix with so many rows and columns.
    Transpose(usize, usize),
    /// `outer(u, v)` of vectors with so many elements.
    Outer(usize, usize),
    /// `solve(A, b)` for n equations and this many right sides, 0 for a vector.
    Solve(usize, usize),
    /// `eigvecs(A)`: column i is the eigenvector of eigenvalue i.
    EigenVectors(usize),
    /// `eigvals(A)`, ascending.
    EigenValues(usize),
    /// `inv_sqrt(A)` of a symmetric A without negative eigenvalues.
    InverseRoot(usize),
    /// `qr(A)`: the orthonormal factor of a matrix with so many rows and columns.
    Orthonormal(usize, usize),
    /// `descending(A)`: the permutation by which the diagonal of A descends.
    Descending(usize),
    /// `eye(n)`
    Identity(usize),
    /// `diag(v)`: the matrix with v on its diagonal.
    FromDiagonal(usize),
    /// `diag(A)`: the diagonal of A.
    Diagonal(usize),
    /// The k largest of n elements, as n and k.
    Largest(usize, usize),
    /// The place, from 1, of the largest of n elements.
    PlaceOfLargest(usize),
    /// The quantile of n elements at a share, given by its bits.
    Quantile(usize, u64),
    /// `ring(m, v)`: v in all rows.
    Filled(Ring),
    /// `push(R, v)`: v before the rows of R, the last of which is gone.
    Pushed(Ring),
    /// `past(R, k)`: row k of R, from 1.
    Past(Ring),
    /// Random numbers of a seed and an iteration.
    Random {
        /// Their distribution.
        of: Distribution,
        /// The draw: another one has other numbers.
        draw: u64,
        /// One number, or the vector or matrix that they make up.
        extent: Extent,
    },
}

impl Matrix {
    /// The shape of the result.
    #[must_use]
    pub fn extent(self) -> Extent {
        match self {
            Self::Product { extent, .. } | Self::Random { extent, .. } => extent,
            Self::Filled(ring) | Self::Pushed(ring) => ring.extent(),
            Self::Past(ring) => ring.of,
            Self::Transpose(rows, columns) => Extent::Matrix(columns, rows),
            Self::Outer(rows, columns) | Self::Orthonormal(rows, columns) => {
                Extent::Matrix(rows, columns)
            }
            Self::Largest(_, k) => Extent::Vector(k),
            Self::PlaceOfLargest(_) | Self::Quantile(..) => Extent::Vector(1),
            Self::Solve(n, 0) | Self::EigenValues(n) | Self::Diagonal(n) => Extent::Vector(n),
            Self::Solve(n, columns) => Extent::Matrix(n, columns),
            Self::EigenVectors(n)
            | Self::InverseRoot(n)
            | Self::Descending(n)
            | Self::Identity(n)
            | Self::FromDiagonal(n) => Extent::Matrix(n, n),
        }
    }

    /// Numbers in the first and in the second operand.
    pub(super) fn lengths(self) -> (usize, usize) {
        match self {
            Self::Product {
                rows,
                inner,
                columns,
                ..
            } => (rows * inner, inner * columns),
            Self::Transpose(rows, columns) | Self::Orthonormal(rows, columns) => {
                (rows * columns, 0)
            }
            Self::Outer(rows, columns) => (rows, columns),
            Self::Solve(n, columns) => (n * n, n * columns.max(1)),
            Self::EigenVectors(n)
            | Self::EigenValues(n)
            | Self::InverseRoot(n)
            | Self::Descending(n)
            | Self::Diagonal(n) => (n * n, 0),
            Self::FromDiagonal(n)
            | Self::Largest(n, _)
            | Self::PlaceOfLargest(n)
            | Self::Quantile(n, _) => (n, 0),
            Self::Filled(ring) => (ring.of.len(), 0),
            Self::Pushed(ring) => (ring.extent().len(), ring.of.len()),
            Self::Past(ring) => (ring.extent().len(), 1),
            Self::Random { .. } => (1, 1),
            Self::Identity(_) => (0, 0),
        }
    }

    /// Multiplications that it takes, about.
    pub(super) fn work(self) -> usize {
        match self {
            Self::Product {
                rows,
                inner,
                columns,
                ..
            } => rows * inner * columns,
            Self::Solve(n, columns) => n * n * (n + columns),
            Self::Orthonormal(rows, columns) => 2 * rows * columns * columns,
            Self::EigenVectors(n) | Self::EigenValues(n) | Self::InverseRoot(n) => 10 * n * n * n,
            _ => self.extent().len() + self.lengths().0,
        }
    }

    /// Computes the result into `cells` at `to`, from operands at `a` and `b`; it overlaps neither.
    pub(super) fn run<T: Number>(self, cells: &[Cell<T>], a: usize, b: usize, to: usize) {
        let (a_len, b_len) = self.lengths();
        let a = &cells[a..a + a_len];
        let b = if b_len == 0 { a } else { &cells[b..b + b_len] };
        let to = &cells[to..to + self.extent().len()];
        let zero = T::constant(0.0);
        match self {
            Self::Product { inner, columns, .. } => product(a, b, to, inner, columns),
            Self::Transpose(rows, columns) => {
                for (k, cell) in to.iter().enumerate() {
                    cell.set(a[(k % rows) * columns + k / rows].get());
                }
            }
            Self::Outer(_, columns) => {
                for (k, cell) in to.iter().enumerate() {
                    cell.set(a[k / columns].get() * b[k % columns].get());
                }
            }
            Self::Solve(n, columns) => solve::solve(a, b, to, n, columns.max(1)),
            Self::EigenVectors(n) => eigen::vectors(a, to, n),
            Self::EigenValues(n) => eigen::values(a, to, n),
            Self::InverseRoot(n) => eigen::inverse_root(a, to, n),
            Self::Orthonormal(rows, columns) => orthogonal::orthonormal(a, to, (rows, columns)),
            Self::Descending(n) => orthogonal::descending(a, to, n),
            Self::Identity(n) => {
                for (k, cell) in to.iter().enumerate() {
                    cell.set(T::constant(f64::from(u8::from(k % (n + 1) == 0))));
                }
            }
            Self::FromDiagonal(n) => {
                for (k, cell) in to.iter().enumerate() {
                    let on = k % (n + 1) == 0;
                    cell.set(if on { a[k / (n + 1)].get() } else { zero });
                }
            }
            Self::Largest(..) => order::largest(a, to),
            Self::PlaceOfLargest(_) => order::place_of_largest(a, to),
            Self::Quantile(_, share) => order::quantile(a, f64::from_bits(share), to),
            Self::Filled(_) => ring::filled(a, to),
            Self::Pushed(_) => ring::pushed(a, b, to),
            Self::Past(_) => ring::past(a, b[0].get().real(), to),
            Self::Random { of, draw, .. } => {
                ring::random(of, draw, (a[0].get().real(), b[0].get().real()), to);
            }
            Self::Diagonal(n) => {
                for (k, cell) in to.iter().enumerate() {
                    cell.set(a[k * (n + 1)].get());
                }
            }
        }
    }
}

/// `to[i, j]` = sum over k of `a[i, k] b[k, j]`, in the order of k.
fn product<T: Number>(a: &[Cell<T>], b: &[Cell<T>], to: &[Cell<T>], inner: usize, columns: usize) {
    for (row, to) in a.chunks(inner.max(1)).zip(to.chunks(columns.max(1))) {
        for cell in to {
            cell.set(T::constant(0.0));
        }
        for (factor, b) in row.iter().zip(b.chunks(columns.max(1))) {
            let factor = factor.get();
            for (cell, b) in to.iter().zip(b) {
                cell.set(cell.get() + factor * b.get());
            }
        }
    }
}
