//! Eigenvalues and eigenvectors of a Hessian, in one order and with one sign.

use crate::lang::matrix::{MAX_MATRIX, eigen::symmetric};
use nalgebra::{DMatrix, DVector};

/// Beyond this many parameters no dense Hessian is decomposed (n = 200 takes about 8 ms).
pub const MAX_DENSE: usize = MAX_MATRIX;

/// The share of the largest eigenvalue that rounding explains in another, of a matrix of `n` rows or sums of `n` terms.
#[expect(clippy::cast_precision_loss, reason = "a few million at most")]
pub(super) fn rounding(n: usize) -> f64 {
    f64::EPSILON * n as f64
}

/// Eigenvalues ascending, unless it [follows](Spectrum::following) another; the largest component of each
/// eigenvector is positive.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// `lambda[i]`; ascending, see above.
    pub eigenvalues: Vec<f64>,
    basis: Basis,
    /// The smallest and the largest, for there may be a million.
    extremes: [f64; 2],
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
        Some(Self::new(eigenvalues, Basis::Dense(vectors)))
    }

    /// The spectrum of a diagonal matrix, of any size.
    #[must_use]
    pub fn of_diagonal(diagonal: &[f64]) -> Self {
        let mut axes: Vec<usize> = (0..diagonal.len()).collect();
        axes.sort_by(|a, b| diagonal[*a].total_cmp(&diagonal[*b]));
        let eigenvalues = axes.iter().map(|at| diagonal[*at]).collect();
        Self::new(eigenvalues, Basis::Axes(axes))
    }

    fn new(eigenvalues: Vec<f64>, basis: Basis) -> Self {
        let all = || eigenvalues.iter().copied();
        Self {
            extremes: [
                all().fold(f64::NAN, f64::min),
                all().fold(f64::NAN, f64::max),
            ],
            eigenvalues,
            basis,
        }
    }

    /// The same spectrum with its eigenvectors in the order and with the signs of those of `previous` that
    /// they overlap most, so that direction i stays direction i while the Hessian changes little. Where
    /// some eigenvector overlaps none by half or more, all keep their own order.
    #[must_use]
    pub fn following(self, previous: &Self) -> Self {
        let Basis::Dense(vectors) = &self.basis else {
            return self;
        };
        let n = self.len();
        if previous.len() != n {
            return self;
        }
        let mut overlaps = Vec::with_capacity(n * n);
        for old in 0..n {
            let u = previous.eigenvector(old);
            for new in 0..n {
                let overlap: f64 = vectors.column(new).iter().zip(&u).map(|(a, b)| a * b).sum();
                overlaps.push((overlap, old, new));
            }
        }
        // The clearest pairs first; in a tie the earlier ones.
        overlaps.sort_by(|a, b| {
            b.0.abs()
                .total_cmp(&a.0.abs())
                .then((a.1, a.2).cmp(&(b.1, b.2)))
        });
        let mut partner = vec![None; n];
        let mut taken = vec![false; n];
        for (overlap, old, new) in overlaps {
            if partner[old].is_none() && !taken[new] && overlap.abs() >= 0.5 {
                partner[old] = Some((new, overlap));
                taken[new] = true;
            }
        }
        let Some(partner) = partner.into_iter().collect::<Option<Vec<(usize, f64)>>>() else {
            return self;
        };
        let columns: Vec<DVector<f64>> = partner
            .iter()
            .map(|(new, overlap)| vectors.column(*new) * overlap.signum())
            .collect();
        let eigenvalues = partner.iter().map(|(new, _)| self.eigenvalues[*new]);
        let basis = if columns.is_empty() {
            self.basis
        } else {
            Basis::Dense(DMatrix::from_columns(&columns))
        };
        Self::new(eigenvalues.collect(), basis)
    }

    /// The number of eigenvalues.
    #[must_use]
    pub fn len(&self) -> usize {
        self.eigenvalues.len()
    }

    /// True if there are no eigenvalues.
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
        for (at, alpha) in alpha.iter_mut().enumerate() {
            *alpha = self.component_from(at, w, origin);
        }
    }

    /// The component of `w - origin` along eigenvector `at` (from 0).
    #[must_use]
    #[inline]
    pub fn component_from(&self, at: usize, w: &[f64], origin: &[f64]) -> f64 {
        match &self.basis {
            Basis::Axes(axes) => w[axes[at]] - origin[axes[at]],
            Basis::Dense(vectors) => {
                let terms = vectors.column(at);
                let terms = terms.iter().zip(w.iter().zip(origin));
                terms.map(|(u, (w, origin))| u * (w - origin)).sum()
            }
        }
    }

    /// The axis (from 0) that eigenvector `at` lies along, if all of them lie along axes.
    #[must_use]
    pub fn axis(&self, at: usize) -> Option<usize> {
        match &self.basis {
            Basis::Axes(axes) => axes.get(at).copied(),
            Basis::Dense(_) => None,
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
        self.extremes[0]
    }

    /// The largest eigenvalue.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.extremes[1]
    }

    /// Eigenvalues that rounding alone would explain, as a share of the largest: those of a matrix whose
    /// entries are sums of so many terms.
    #[must_use]
    pub fn rounding(&self, terms: usize) -> f64 {
        rounding(self.len().max(terms))
    }

    /// True where the loss curves downward along no direction.
    #[must_use]
    pub fn curves_upward(&self) -> bool {
        self.smallest() >= -self.rounding(0) * self.largest().abs()
    }

    /// The same with 0 for each eigenvalue whose magnitude is at most that of `least`, `[n]`.
    #[must_use]
    pub fn without(mut self, least: &[f64]) -> Self {
        for (eigenvalue, least) in self.eigenvalues.iter_mut().zip(least) {
            if eigenvalue.abs() <= *least {
                *eigenvalue = 0.0;
            }
        }
        Self::new(self.eigenvalues, self.basis)
    }
}
