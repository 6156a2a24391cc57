//! An iteration taken apart into small ones, one for each direction in which errors keep to themselves.
//!
//! Where a rule treats all parameters alike but for a scale P of each, its derivative has the blocks f I
//! and g P^-1 H, P H, ...: with w = P^-1/2 v and states scaled likewise all of them become f I and g K, where
//! K = P^-1/2 H P^-1/2 is symmetric. Along each eigenvector of K, whose eigenvalue is k, the iteration is the
//! small matrix F + k G. That holds for plain rules too, with P = I. The scales are read off the blocks, and
//! what was found is held against all of them, so that nothing has to be known of the rule.

use super::{Boundary, Curvature, Moving, is_neutral, modes, rounding};
use crate::{
    analysis::{Known, Spectrum, Unknown},
    loss::Evaluator,
};
use nalgebra::{DMatrix, DMatrixView, DVector};
use std::sync::Arc;

/// Relative tolerance for blocks that count as equal.
const SAME: f64 = 1e-9;

/// An iteration as one small matrix for each direction.
#[derive(Debug, Clone)]
pub(super) struct Decoupled {
    /// The eigenvalues of K, ascending: curvatures as the rule feels them.
    pub curvatures: Vec<f64>,
    /// F, of one row for each variable of n numbers.
    pub flat: DMatrix<f64>,
    /// G, likewise.
    pub slope: DMatrix<f64>,
}

impl Decoupled {
    /// The curvatures of directions along which something moves: those left out are explained by rounding, and errors
    /// there stay as they are.
    pub fn curved(&self) -> impl Iterator<Item = f64> {
        let sizes = self.curvatures.iter().map(|it| it.abs());
        let least = rounding(self.curvatures.len()) * sizes.fold(0.0, f64::max);
        let moves = move |it: &f64| {
            it.abs() > least || modes(&self.along(*it)).is_some_and(|modes| !is_neutral(&modes))
        };
        self.curvatures.iter().copied().filter(moves)
    }

    /// The iteration along a direction of this curvature.
    pub fn along(&self, curvature: f64) -> DMatrix<f64> {
        &self.flat + &self.slope * curvature
    }
}

/// The blocks of an iteration: its derivative is `flat + c*slope` for a Hessian of c times the one there is.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Without curvature.
    pub flat: DMatrix<f64>,
    /// With the Hessian as it is.
    pub there: DMatrix<f64>,
    pub slope: DMatrix<f64>,
    curvature: Arc<Curvature>,
    /// Offsets of the variables of n numbers, `w` first.
    starts: Vec<usize>,
    /// The small matrices, where the iteration is nothing but those.
    pub parts: Option<Decoupled>,
}

impl Moving {
    /// The blocks of the iteration after `at`, or of one like those that follow; kept until another boundary is asked
    /// about.
    ///
    /// # Errors
    /// Something in them is not finite.
    pub fn blocks(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        curvature: &Arc<Curvature>,
    ) -> Known<Arc<Blocks>> {
        let recurring = self.recurring(evaluator, at);
        if let Some(known) = &self.blocks {
            return known.clone();
        }
        let flat = self.at(evaluator, recurring.boundary(at.settings), 0.0);
        let blocks = Blocks::new(self, flat, &recurring.there, curvature).map(Arc::new);
        self.blocks = Some(blocks.clone());
        blocks
    }
}

impl Blocks {
    fn new(
        moving: &Moving,
        flat: DMatrix<f64>,
        there: &DMatrix<f64>,
        curvature: &Arc<Curvature>,
    ) -> Known<Self> {
        let is_finite = |it: &DMatrix<f64>| it.iter().all(|entry| entry.is_finite());
        if !is_finite(&flat) || !is_finite(there) {
            return Err(Unknown::NotFinite);
        }
        let mut blocks = Self {
            slope: there - &flat,
            flat,
            there: there.clone(),
            curvature: Arc::clone(curvature),
            starts: moving.vectors.clone(),
            parts: None,
        };
        blocks.parts = blocks.decouple();
        Ok(blocks)
    }

    /// The number of parameters.
    pub fn size(&self) -> usize {
        self.curvature.hessian.nrows()
    }

    fn decouple(&self) -> Option<Decoupled> {
        let hessian = &self.curvature.hessian;
        let (n, count) = (hessian.nrows(), self.starts.len());
        if n * count != self.flat.nrows() {
            return None;
        }
        let scales = self.scales()?;
        let own = &scales[0];
        let curved = DMatrix::from_fn(n, n, |i, j| own[i] * hessian[(i, j)] * own[j]);
        let identity = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
        let mut flat = DMatrix::zeros(count, count);
        let mut slope = DMatrix::zeros(count, count);
        for a in 0..count {
            for b in 0..count {
                let scaled = |of: &DMatrix<f64>, i: usize, j: usize| {
                    of[(self.starts[a] + i, self.starts[b] + j)] * scales[b][j] / scales[a][i]
                };
                flat[(a, b)] = multiple(n, |i, j| scaled(&self.flat, i, j), identity)?;
                slope[(a, b)] =
                    multiple(n, |i, j| scaled(&self.slope, i, j), |i, j| curved[(i, j)])?;
            }
        }
        Some(Decoupled {
            curvatures: Spectrum::of(&curved)?.eigenvalues,
            flat,
            slope,
        })
    }

    fn block<'a>(&self, of: &'a DMatrix<f64>, a: usize, b: usize) -> DMatrixView<'a, f64> {
        let n = self.curvature.hessian.nrows();
        of.view((self.starts[a], self.starts[b]), (n, n))
    }

    /// For each variable, what makes its blocks alike in all places: the roots of P^-1 for `w`.
    fn scales(&self) -> Option<Vec<DVector<f64>>> {
        let count = self.starts.len();
        let through = |b: usize| {
            let onward = diagonal(self.block(&self.flat, 0, b))?;
            Some(onward.component_mul(&self.rows_over_hessian(b)?))
        };
        let squares = self
            .rows_over_hessian(0)
            .or_else(|| (1..count).find_map(through))?;
        let one_sign = squares.iter().all(|it| *it > 0.0) || squares.iter().all(|it| *it < 0.0);
        if !one_sign {
            return None;
        }
        let own = squares.map(|it| it.abs().sqrt());
        let mut scales: Vec<Option<DVector<f64>>> = vec![None; count];
        scales[0] = Some(own.clone());
        for _ in 1..count {
            for b in 1..count {
                if scales[b].is_some() {
                    continue;
                }
                let found = (0..count).find_map(|a| {
                    let known = scales[a].as_ref()?;
                    let from =
                        diagonal(self.block(&self.flat, a, b)).map(|f| known.component_div(&f));
                    from.or_else(|| {
                        let to = diagonal(self.block(&self.flat, b, a))?;
                        Some(known.component_mul(&to))
                    })
                });
                scales[b] = found
                    .or_else(|| Some(self.rows_over_hessian(b)?.component_div(&own)))
                    .filter(|scale| scale.iter().all(|it| it.is_finite() && *it != 0.0));
            }
        }
        let of_w = |scale: Option<DVector<f64>>| scale.map_or_else(|| own.clone(), |it| it.abs());
        Some(scales.into_iter().map(of_w).collect())
    }

    /// d with slope = diag(d) H in the block from `w` to variable `b`; `None` where that is 0.
    fn rows_over_hessian(&self, b: usize) -> Option<DVector<f64>> {
        let block = self.block(&self.slope, b, 0);
        let (n, hessian) = (block.nrows(), &self.curvature.hessian);
        if block.amax() == 0.0 {
            return None;
        }
        let ratios: Vec<f64> = (0..n)
            .map(|i| {
                let at = (0..n).max_by(|a, b| {
                    let size = |j: usize| hessian[(i, j)].abs();
                    size(*a).total_cmp(&size(*b))
                });
                at.map_or(f64::NAN, |j| block[(i, j)] / hessian[(i, j)])
            })
            .collect();
        // A row without curvature has any scale.
        let some = ratios.iter().copied().find(|it| it.is_finite())?;
        let ratios = ratios.iter().map(|it| if it.is_nan() { some } else { *it });
        Some(DVector::from_iterator(n, ratios))
    }
}

/// The diagonal of a matrix that has nothing else, and no 0 on it.
fn diagonal(block: DMatrixView<f64>) -> Option<DVector<f64>> {
    let n = block.nrows();
    let is_bare = (0..n).all(|j| (0..n).all(|i| (block[(i, j)] == 0.0) != (i == j)));
    is_bare.then(|| block.diagonal())
}

/// x with `block` = x `of`, both of `n` rows and columns.
fn multiple(
    n: usize,
    block: impl Fn(usize, usize) -> f64,
    of: impl Fn(usize, usize) -> f64,
) -> Option<f64> {
    let places = || (0..n).flat_map(|j| (0..n).map(move |i| (i, j)));
    let most = |entry: &dyn Fn(usize, usize) -> f64| {
        let sizes = places().map(|(i, j)| entry(i, j).abs());
        sizes.fold(0.0, |most, size| if most >= size { most } else { size })
    };
    let size = |at: &(usize, usize)| of(at.0, at.1).abs();
    let (i, j) = places().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    if of(i, j) == 0.0 {
        return (most(&block) == 0.0).then_some(0.0);
    }
    let x = block(i, j) / of(i, j);
    let left = most(&|i, j| block(i, j) - of(i, j) * x);
    (left <= SAME * most(&block).max(f64::MIN_POSITIVE)).then_some(x)
}
