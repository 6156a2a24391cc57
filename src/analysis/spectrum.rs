//! Eigenvalues and eigenvectors of a Hessian, in one order and with one sign.

use crate::lang::matrix::{MAX_MATRIX, eigen::symmetric};
use nalgebra::DMatrix;

/// Beyond this many parameters no dense Hessian is decomposed (n = 200 takes about 8 ms).
pub const MAX_DENSE: usize = MAX_MATRIX;

/// Eigenvalues ascending; the largest component of each eigenvector is positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// `lambda[i]`, ascending.
    pub eigenvalues: Vec<f64>,
    basis: Basis,
}

#[derive(Debug, Clone, PartialEq)]
enum Basis {
    /// Column i is the eigenvector of `lambda[i]`.
    Dense(DMatrix<f64>),
    /// Eigenvector i is the unit vector along this axis.
    Axes(Vec<usize>),
}

impl Spectrum {
    /// Decomposes a symmetric matrix; `None` if it holds a number that is not finite.
    #[must_use]
    pub fn of(hessian: &DMatrix<f64>) -> Option<Self> {
        let (eigenvalues, vectors) = symmetric(hessian.clone())?;
        Some(Self {
            eigenvalues,
            basis: Basis::Dense(vectors),
        })
    }

    /// The spectrum of a diagonal matrix, of any size.
    #[must_use]
    pub fn of_diagonal(diagonal: &[f64]) -> Self {
        let mut axes: Vec<usize> = (0..diagonal.len()).collect();
        axes.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
        Self {
            eigenvalues: axes.iter().map(|at| diagonal[*at]).collect(),
            basis: Basis::Axes(axes),
        }
    }

    /// The number of eigenvalues.
    #[must_use]
    pub fn len(&self) -> usize {
        self.eigenvalues.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.eigenvalues.is_empty()
    }

    /// The component of `v` along eigenvector `at` (from 0).
    #[must_use]
    pub fn component(&self, at: usize, v: &[f64]) -> f64 {
        match &self.basis {
            Basis::Axes(axes) => v[axes[at]],
            Basis::Dense(vectors) => vectors.column(at).iter().zip(v).map(|(u, v)| u * v).sum(),
        }
    }

    /// Writes the component of `w - origin` along each eigenvector: the essay's alpha.
    pub fn components(&self, w: &[f64], origin: &[f64], alpha: &mut [f64]) {
        match &self.basis {
            Basis::Axes(axes) => {
                for (alpha, axis) in alpha.iter_mut().zip(axes) {
                    *alpha = w[*axis] - origin[*axis];
                }
            }
            Basis::Dense(vectors) => {
                for (alpha, column) in alpha.iter_mut().zip(vectors.column_iter()) {
                    let terms = column.iter().zip(w.iter().zip(origin));
                    *alpha = terms.map(|(u, (w, origin))| u * (w - origin)).sum();
                }
            }
        }
    }

    /// Eigenvector `at` (from 0).
    #[must_use]
    pub fn eigenvector(&self, at: usize) -> Vec<f64> {
        match &self.basis {
            Basis::Dense(vectors) => vectors.column(at).iter().copied().collect(),
            Basis::Axes(axes) => {
                let mut unit = vec![0.0; axes.len()];
                unit[axes[at]] = 1.0;
                unit
            }
        }
    }

    /// The smallest eigenvalue.
    #[must_use]
    pub fn smallest(&self) -> f64 {
        self.eigenvalues.first().copied().unwrap_or(f64::NAN)
    }

    /// The largest eigenvalue.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.eigenvalues.last().copied().unwrap_or(f64::NAN)
    }

    /// `kappa`, the condition number: the largest eigenvalue divided by the smallest.
    #[must_use]
    pub fn condition_number(&self) -> f64 {
        self.largest() / self.smallest()
    }
}
