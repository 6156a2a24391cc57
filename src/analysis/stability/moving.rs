//! The derivative of an iteration among the numbers that move, at a boundary from which iterations go on as ever.

use super::{Blocks, Boundary, Direction, Jacobian, Known, Regime, Spectrum, modes};
use crate::{
    lang::graph::Extent,
    loss::Evaluator,
    rule::{StateRole, VariableKind},
};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// An iteration's derivative and which of the kept numbers move.
#[derive(Debug, Clone)]
pub(super) struct Moving {
    pub(super) jacobian: Jacobian,
    /// Places of the numbers that count as moving, `w` first.
    pub(super) places: Vec<usize>,
    /// Offsets of the variables of n numbers among those, `w` first.
    pub(super) vectors: Vec<usize>,
    /// What was found of the boundary that was asked about last.
    pub(super) recurring: Option<Arc<Recurring>>,
    pub(super) blocks: Option<Known<Arc<Blocks>>>,
}

impl Moving {
    /// All kept numbers but those in one of the roles `still`.
    pub(super) fn new(jacobian: Jacobian, still: &[StateRole]) -> Self {
        let (mut places, mut vectors) = (Vec::new(), Vec::new());
        let n = jacobian.compiled().dimension();
        for variable in &jacobian.compiled().variables {
            match variable.kind {
                VariableKind::Temporary => continue,
                VariableKind::State(Some(role)) if still.contains(&role) => continue,
                VariableKind::Parameters | VariableKind::State(_) => {}
            }
            if variable.extent == Extent::Vector(n) {
                vectors.push(places.len());
            }
            places.extend(variable.range.clone());
        }
        Self {
            jacobian,
            places,
            vectors,
            recurring: None,
            blocks: None,
        }
    }

    /// The derivative of the iteration after `at` among the moving numbers.
    pub(super) fn at(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        curvature: f64,
    ) -> DMatrix<f64> {
        let whole = self.jacobian.at(evaluator, at, curvature);
        let size = self.places.len();
        if size == whole.nrows() {
            return whole;
        }
        DMatrix::from_fn(size, size, |i, j| whole[(self.places[i], self.places[j])])
    }

    /// The boundary `at`, or one for which the coming iteration is like the one that follows, with `w` and
    /// moving states as they are: a rule may begin with a branch of its own, as one does that fills its
    /// buffer with the first gradient.
    pub(super) fn recurring(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
    ) -> Arc<Recurring> {
        if let Some(known) = self.known(at) {
            return known;
        }
        let there = self.at(evaluator, at, 1.0);
        let next = self.jacobian.next().to_vec();
        self.recurring_after(evaluator, at, there, next)
    }

    /// The same where the iteration has been looked at: its derivative is `there`, and it leads to `next`.
    pub(super) fn recurring_after(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        there: DMatrix<f64>,
        next: Vec<f64>,
    ) -> Arc<Recurring> {
        if let Some(known) = self.known(at) {
            return known;
        }
        let here = Recurring {
            asked: (at.t, at.settings.to_vec(), at.kept.to_vec()),
            t: at.t,
            kept: at.kept.to_vec(),
            there,
            next,
        };
        let found = Arc::new(self.recurring_from(evaluator, at, here));
        (self.recurring, self.blocks) = (Some(Arc::clone(&found)), None);
        found
    }

    fn known(&self, at: Boundary) -> Option<Arc<Recurring>> {
        let known = self.recurring.as_ref();
        known.filter(|it| it.was_found_for(at)).map(Arc::clone)
    }

    /// `here`, or one that follows.
    fn recurring_from(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        here: Recurring,
    ) -> Recurring {
        let mut now = here.clone();
        for _ in 0..START_UP {
            let mut kept = now.next.clone();
            for place in &self.places {
                kept[*place] = at.kept[*place];
            }
            let then = Boundary {
                t: now.t + 1,
                kept: &kept,
                ..at
            };
            let there = self.at(evaluator, then, 1.0);
            if there == now.there {
                return now;
            }
            now = Recurring {
                t: now.t + 1,
                kept,
                there,
                next: self.jacobian.next().to_vec(),
                ..now
            };
        }
        here
    }

    /// The parameters at `at`.
    pub(super) fn w<'a>(&self, at: Boundary<'a>) -> &'a [f64] {
        &at.kept[..self.jacobian.compiled().dimension()]
    }

    /// The moving ones of all kept numbers.
    pub(super) fn pick(&self, kept: &[f64]) -> Vec<f64> {
        self.places.iter().map(|place| kept[*place]).collect()
    }

    /// The iteration restricted to the span of an eigenvector u in `w` and in every state like it; its derivative is
    /// `jacobian`, and the Hessian at `w` the one given.
    pub(super) fn directions(
        &self,
        jacobian: &DMatrix<f64>,
        (spectrum, hessian): (&Spectrum, &DMatrix<f64>),
    ) -> Option<Vec<Direction>> {
        let eigenvalues = spectrum.eigenvalues.iter().enumerate();
        let largest = jacobian.amax();
        eigenvalues
            .map(|(at, lambda)| {
                let u = spectrum.eigenvector(at);
                let (block, left) = self.block(jacobian, &u);
                let decoupled = left <= 1e-9 * largest;
                let modes = modes(&observed(&block, 1))?;
                let u = DVector::from_vec(u);
                Some(Direction {
                    lambda: *lambda,
                    here: u.dot(&(hessian * &u)),
                    regime: Regime::of(modes.first().copied()),
                    modes,
                    decoupled,
                })
            })
            .collect()
    }

    /// The coordinates of `w` whose steps do not depend on the gradient's size, nor on any state; `None` where there are
    /// none.
    pub(super) fn stride(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: &Recurring,
        settings: &[f64],
    ) -> Option<Stride> {
        let n = self.jacobian.compiled().dimension();
        let step = |next: &[f64], from: &[f64]| -> Vec<f64> {
            next[..n].iter().zip(from).map(|(b, a)| b - a).collect()
        };
        let own = step(&at.next, &at.kept);
        let row = |of: &DMatrix<f64>, i: usize| of.row(i).iter().copied().collect::<Vec<f64>>();
        let is_alone = |i: usize| {
            let row = row(&at.there, i);
            let mut others = row.iter().enumerate().filter(|it| it.0 != i);
            // A coordinate that decays does so by a step that shrinks.
            let decays = (row[i] - 1.0) * at.kept[i];
            let size = at.kept[i].abs();
            others.all(|it| *it.1 == 0.0) && is_step(own[i] - decays, size)
        };
        let mut strides: Vec<bool> = (0..n).map(is_alone).collect();
        if !strides.contains(&true) {
            return None;
        }
        let flat = self.at(evaluator, at.boundary(settings), 0.0);
        for (i, strides) in strides.iter_mut().enumerate() {
            *strides &= row(&flat, i) == row(&at.there, i);
        }
        if !strides.contains(&true) {
            return None;
        }
        let then = Boundary {
            t: at.t + 1,
            settings,
            kept: &at.next,
        };
        self.at(evaluator, then, 1.0);
        let next = step(self.jacobian.next(), &at.next);
        let mut all = (0..n).filter(|i| strides[*i]);
        Some(Stride {
            turns: all.all(|i| own[i] * next[i] < 0.0),
            strides,
            own,
            next,
        })
    }

    /// The part of `jacobian` that maps errors along `u` to such errors, and the largest number that leads out of there.
    fn block(&self, jacobian: &DMatrix<f64>, u: &[f64]) -> (DMatrix<f64>, f64) {
        let count = self.vectors.len();
        let mut basis = DMatrix::zeros(self.places.len(), count);
        let mut image = DMatrix::zeros(self.places.len(), count);
        for (column, start) in self.vectors.iter().enumerate() {
            // An eigenvector of a diagonal Hessian is one axis.
            for (k, u) in u.iter().enumerate().filter(|it| *it.1 != 0.0) {
                basis[(start + k, column)] = *u;
                let mut image = image.column_mut(column);
                image.axpy(*u, &jacobian.column(start + k), 1.0);
            }
        }
        let block = basis.transpose() * &image;
        let left = (image - &basis * &block).amax();
        (block, left)
    }
}

/// Steps of `w` that do not depend on the gradient's size.
#[derive(Debug, Clone)]
pub(super) struct Stride {
    /// True for each coordinate that moves so.
    pub(super) strides: Vec<bool>,
    /// The step of this iteration and of the next, `[n]`.
    pub(super) own: Vec<f64>,
    pub(super) next: Vec<f64>,
    /// True if the next one takes all such steps back.
    pub(super) turns: bool,
}

impl Stride {
    /// The steps along the unit vector `u` in this iteration and in the next, if all of it moves so.
    pub(super) fn along(&self, u: &[f64]) -> Option<(f64, f64)> {
        let felt = u.iter().zip(&self.strides).filter(|(u, _)| u.abs() > 1e-9);
        let dot = |steps: &[f64]| u.iter().zip(steps).map(|(u, step)| u * step).sum();
        felt.clone()
            .all(|it| *it.1)
            .then(|| (dot(&self.own), dot(&self.next)))
    }
}

/// True if a number of this size moves by more than rounding.
fn is_step(step: f64, size: f64) -> bool {
    step.abs() > 1e-12 * (1.0 + size)
}

/// A boundary from which iterations go on as ever.
#[derive(Debug, Clone)]
pub(super) struct Recurring {
    /// The boundary for which it was found: t, settings and kept numbers.
    pub(super) asked: (u64, Vec<f64>, Vec<f64>),
    pub(super) t: u64,
    pub(super) kept: Vec<f64>,
    /// The derivative of the iteration after it, among the moving numbers.
    pub(super) there: DMatrix<f64>,
    /// `w` and the states after that iteration.
    pub(super) next: Vec<f64>,
}

impl Recurring {
    pub(super) fn was_found_for(&self, at: Boundary) -> bool {
        let (t, settings, kept) = &self.asked;
        *t == at.t && settings == at.settings && kept == at.kept
    }

    pub(super) fn boundary<'a>(&'a self, settings: &'a [f64]) -> Boundary<'a> {
        Boundary {
            t: self.t,
            settings,
            kept: &self.kept,
        }
    }
}

/// Iterations at most that a rule may begin with before it goes on as ever.
const START_UP: u64 = 2;

/// The part of `jacobian` that `w`, its first `n` numbers, feels sooner or later. A state that is kept but
/// not used, like the buffer of a momentum that is switched off, has modes of its own that say nothing.
pub(super) fn observed(jacobian: &DMatrix<f64>, n: usize) -> DMatrix<f64> {
    let felt = felt(jacobian, n);
    jacobian.select_rows(&felt).select_columns(&felt)
}

/// The numbers that `w` feels sooner or later, in their order.
pub(super) fn felt(jacobian: &DMatrix<f64>, n: usize) -> Vec<usize> {
    let mut felt: Vec<usize> = (0..n).collect();
    let mut at = 0;
    while let Some(row) = felt.get(at).copied() {
        let by = (n..jacobian.ncols()).filter(|column| jacobian[(row, *column)] != 0.0);
        let new: Vec<usize> = by.filter(|column| !felt.contains(column)).collect();
        felt.extend(new);
        at += 1;
    }
    felt.sort_unstable();
    felt
}
