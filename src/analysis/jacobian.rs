//! The derivative of one whole iteration with respect to what it starts from, for any rule.
//!
//! The rule's own program runs on dual numbers, once for each number that it keeps (Griewank & Walther
//! 2008, section 3.1). Row i, column j of the result is d(number i after)/d(number j before); the
//! numbers are those of `w` and of the states, in the order of the rule's variables.

use super::dual::DualAnswers;
use crate::{error::Result, loss::Evaluator, rule::Compiled};
use nalgebra::{DMatrix, DVector};
use num_dual::Dual64;
use std::sync::Arc;

/// A boundary between two iterations.
#[derive(Debug, Clone, Copy)]
pub struct Boundary<'a> {
    /// Iterations done.
    pub t: u64,
    /// The settings in force, in the order of the rule.
    pub settings: &'a [f64],
    /// `w` and the states, one after the other; more may follow.
    pub kept: &'a [f64],
}

/// Differentiates iterations of one rule.
#[derive(Debug, Clone)]
pub struct Jacobian {
    compiled: Arc<Compiled>,
    arena: Vec<Dual64>,
    next: Vec<f64>,
}

impl Jacobian {
    /// For the rule as it is.
    #[must_use]
    pub fn new(compiled: Arc<Compiled>) -> Self {
        Self {
            arena: compiled.program.arena(),
            next: Vec::new(),
            compiled,
        }
    }

    /// For the rule with states in the role of a scale as constants.
    ///
    /// # Errors
    /// None for a rule that has been compiled once.
    pub fn with_scales_held(compiled: &Compiled) -> Result<Self> {
        Ok(Self::new(Arc::new(compiled.with_scales_held()?)))
    }

    /// The rule that is differentiated.
    #[must_use]
    pub fn compiled(&self) -> &Compiled {
        &self.compiled
    }

    /// `w` and the states after the iteration that was differentiated last.
    #[must_use]
    pub fn next(&self) -> &[f64] {
        &self.next
    }

    /// The derivative of the iteration that follows `at`, for a loss whose Hessian is `curvature` times
    /// that of `evaluator` (1: as it is).
    pub fn at(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        curvature: f64,
    ) -> DMatrix<f64> {
        let size = self.prepare(at);
        let (compiled, arena) = (&*self.compiled, &mut self.arena);
        let n = compiled.dimension();
        let w = &at.kept[..n];
        let (mut gradient, mut product) = (vec![0.0; n], vec![0.0; n]);
        if compiled.uses_gradient {
            evaluator.value_and_gradient(w, &mut gradient);
        }
        let mut unit = vec![0.0; n];
        let mut jacobian = DMatrix::zeros(size, size);
        for column in 0..size {
            load(arena, &at.kept[..size]);
            arena[column].eps = 1.0;
            if compiled.uses_gradient {
                product.fill(0.0);
                if let Some(place) = unit.get_mut(column) {
                    *place = 1.0;
                    evaluator.hessian_product(w, &unit, &mut product);
                    unit[column] = 0.0;
                }
                let places = arena[compiled.gradient.clone()].iter_mut();
                for ((place, g), h) in places.zip(&gradient).zip(&product) {
                    *place = Dual64::new(*g, curvature * h);
                }
            }
            let mut answers = DualAnswers::new(evaluator, curvature);
            compiled.program.run_all(arena, &mut answers);
            for (entry, value) in jacobian.column_mut(column).iter_mut().zip(&arena[..size]) {
                *entry = value.eps;
            }
        }
        self.next.clear();
        self.next.extend(arena[..size].iter().map(|value| value.re));
        jacobian
    }

    /// The derivative of the iteration that follows `at` with respect to the gradients that it is given:
    /// one matrix for each, `[kept, n]`. Where there is noise, this is what it does.
    pub fn responses(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Vec<DMatrix<f64>> {
        let size = self.prepare(at);
        let (compiled, arena) = (&*self.compiled, &mut self.arena);
        let n = compiled.dimension();
        let mut gradient = vec![0.0; n];
        evaluator.value_and_gradient(&at.kept[..n], &mut gradient);
        let mut run = |nudge: Option<(usize, usize)>| {
            load(arena, &at.kept[..size]);
            for (k, (place, g)) in arena[compiled.gradient.clone()]
                .iter_mut()
                .zip(&gradient)
                .enumerate()
            {
                let nudged = nudge == Some((0, k));
                *place = Dual64::new(*g, f64::from(u8::from(nudged)));
            }
            let mut answers = DualAnswers::new(evaluator, 1.0);
            answers.nudge = nudge;
            compiled.program.run_all(arena, &mut answers);
            let calls = answers.calls;
            let column: Vec<f64> = arena[..size].iter().map(|value| value.eps).collect();
            (calls, DVector::from_vec(column))
        };
        let (calls, _) = run(None);
        let first = usize::from(!compiled.uses_gradient);
        (first..calls)
            .map(|call| {
                let columns: Vec<_> = (0..n).map(|element| run(Some((call, element))).1).collect();
                DMatrix::from_columns(&columns)
            })
            .collect()
    }

    /// Puts settings and the iteration's number in place; says how many numbers the rule keeps.
    fn prepare(&mut self, at: Boundary) -> usize {
        let (compiled, arena) = (&*self.compiled, &mut self.arena);
        for (setting, value) in compiled.settings.iter().zip(at.settings) {
            arena[setting.at] = Dual64::from(*value);
        }
        compiled.program.refresh(arena);
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let t = (at.t + 1) as f64;
        arena[compiled.t] = Dual64::from(t);
        compiled.kept()
    }
}

/// Puts the kept numbers in place, without derivatives.
fn load(arena: &mut [Dual64], kept: &[f64]) {
    for (place, value) in arena.iter_mut().zip(kept) {
        *place = Dual64::from(*value);
    }
}
