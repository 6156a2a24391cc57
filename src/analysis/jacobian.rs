//! The derivative of one whole iteration with respect to what it starts from, for any rule.
//!
//! The rule's own program runs on dual numbers, once for each number that it keeps (Griewank & Walther
//! 2008, section 3.1). Row i, column j of the result is d(number i after)/d(number j before); the
//! numbers are those of `w` and of the states, in the order of the rule's variables. Where a rule treats each parameter by
//! itself, given its gradient, all columns of a variable come from one run (Curtis, Powell & Reid 1974).

use super::dual::DualAnswers;
use crate::{
    error::Result,
    lang::{eval::NoAnswers, graph::Extent},
    loss::Evaluator,
    rule::{Compiled, VariableKind},
};
use nalgebra::{DMatrix, DVector};
use num_dual::Dual64;
use std::{ops::Range, sync::Arc};

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
    gradient: Vec<f64>,
    /// The Hessian at the `w` that was asked about last.
    hessian: Option<(Vec<f64>, DMatrix<f64>)>,
    /// True where each parameter is moved by itself, given its gradient; kept variables are scalars or of n numbers.
    is_by_parameter: bool,
}

impl Jacobian {
    /// For the rule as it is.
    #[must_use]
    pub fn new(compiled: Arc<Compiled>) -> Self {
        let n = compiled.dimension();
        let kept = compiled.variables.iter();
        let mut kept = kept.filter(|it| it.kind != VariableKind::Temporary);
        let is_by_parameter = compiled.program.is_elementwise()
            && kept.all(|it| matches!(it.extent, Extent::Scalar) || it.extent == Extent::Vector(n));
        Self {
            is_by_parameter,
            arena: compiled.program.arena(),
            next: Vec::new(),
            gradient: Vec::new(),
            hessian: None,
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
        let n = self.compiled.dimension();
        let mut gradient = std::mem::take(&mut self.gradient);
        gradient.clear();
        gradient.resize(n, 0.0);
        if self.compiled.uses_gradient {
            evaluator.value_and_gradient(&at.kept[..n], &mut gradient);
        }
        let jacobian = if self.is_by_parameter {
            self.by_variable(evaluator, at, curvature, &gradient)
        } else {
            self.by_column(evaluator, at, curvature, &gradient)
        };
        self.gradient = gradient;
        let arena = &self.arena;
        self.next.clear();
        self.next.extend(arena[..size].iter().map(|value| value.re));
        jacobian
    }

    /// The derivative by one run for each number that is kept.
    fn by_column(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        curvature: f64,
        gradient: &[f64],
    ) -> DMatrix<f64> {
        let (compiled, arena) = (&*self.compiled, &mut self.arena);
        let (n, size) = (compiled.dimension(), compiled.kept());
        let (mut unit, mut product) = (vec![0.0; n], vec![0.0; n]);
        let mut jacobian = DMatrix::zeros(size, size);
        for column in 0..size {
            load(arena, &at.kept[..size]);
            arena[column].eps = 1.0;
            if compiled.uses_gradient {
                product.fill(0.0);
                if let Some(place) = unit.get_mut(column) {
                    *place = 1.0;
                    evaluator.hessian_product(&at.kept[..n], &unit, &mut product);
                    unit[column] = 0.0;
                }
                let places = arena[compiled.gradient.clone()].iter_mut();
                for ((place, g), h) in places.zip(gradient).zip(&product) {
                    *place = Dual64::new(*g, curvature * h);
                }
            }
            let mut answers = DualAnswers::new(evaluator, curvature);
            compiled.program.run_all(arena, &mut answers);
            for (entry, value) in jacobian.column_mut(column).iter_mut().zip(&arena[..size]) {
                *entry = value.eps;
            }
        }
        jacobian
    }

    /// The derivative by one run for each variable that is kept, and one for the gradient where the Hessian is not
    /// diagonal.
    fn by_variable(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        curvature: f64,
        gradient: &[f64],
    ) -> DMatrix<f64> {
        if self.compiled.uses_gradient {
            self.look(evaluator, &at.kept[..self.compiled.dimension()]);
        }
        let (compiled, arena) = (&*self.compiled, &mut self.arena);
        let (n, size) = (compiled.dimension(), compiled.kept());
        let hessian = self
            .hessian
            .as_ref()
            .filter(|_| compiled.uses_gradient)
            .map(|it| &it.1);
        let bend = |i: usize, j: usize| hessian.map_or(0.0, |it| it[(i, j)] * curvature);
        let run = |seeds: Range<usize>, slope: &dyn Fn(usize) -> f64, arena: &mut [Dual64]| {
            load(arena, &at.kept[..size]);
            arena[seeds].iter_mut().for_each(|it| it.eps = 1.0);
            let places = arena[compiled.gradient.clone()].iter_mut();
            for (i, (place, g)) in places.zip(gradient).enumerate() {
                *place = Dual64::new(*g, slope(i));
            }
            compiled.program.run_all(arena, &mut NoAnswers);
        };
        let mut jacobian = DMatrix::zeros(size, size);
        let kept = compiled.variables.iter().map(|it| it.range.clone());
        let kept = kept.take_while(|it| it.end <= size);
        for own in kept.clone() {
            let slope = |i: usize| if own.start == 0 { bend(i, i) } else { 0.0 };
            run(own.clone(), &slope, arena);
            for to in kept.clone() {
                for (i, row) in to.enumerate() {
                    let from = own.start + if own.len() == n { i } else { 0 };
                    jacobian[(row, from)] = arena[row].eps;
                }
            }
        }
        let is_diagonal = (0..n).all(|j| (0..n).all(|i| i == j || bend(i, j) == 0.0));
        if !is_diagonal {
            run(0..0, &|_| 1.0, arena);
            for to in kept {
                for (i, row) in to.enumerate() {
                    for j in (0..n).filter(|j| *j != i) {
                        jacobian[(row, j)] = arena[row].eps * bend(i, j);
                    }
                }
            }
        }
        jacobian
    }

    /// Has the Hessian at `w` at hand.
    fn look(&mut self, evaluator: &mut dyn Evaluator, w: &[f64]) {
        // To the bit: at a kink, 0 and -0 are different places.
        let is_there = |known: &[f64]| {
            let mut both = known.iter().zip(w);
            known.len() == w.len() && both.all(|(a, b)| a.to_bits() == b.to_bits())
        };
        match &mut self.hessian {
            Some((known, _)) if is_there(known) => {}
            Some((known, hessian)) => {
                known.clear();
                known.extend_from_slice(w);
                *hessian = evaluator.hessian(w);
            }
            None => self.hessian = Some((w.to_vec(), evaluator.hessian(w))),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{loss, rule};

    /// The derivatives of the iteration after one that begins with states which differ, on this loss.
    fn both(name: &str, text: &str) -> Option<[DMatrix<f64>; 2]> {
        let start: Vec<f64> = (0..5).map(|at| 0.5 + 0.3 * f64::from(at)).collect();
        let landscape = loss::landscape(text, Some(&start)).unwrap();
        let rule = rule::load(name).unwrap();
        let defaults: Vec<f64> = rule.params.iter().map(|it| it.default).collect();
        let compiled = Arc::new(rule.compile(start.len()).ok()?);
        let mut jacobian = Jacobian::new(Arc::clone(&compiled));
        let mut kept = start.clone();
        let states = start.len()..compiled.kept();
        kept.extend(states.map(|at| 0.1 + 0.01 * f64::from(u32::try_from(at).unwrap())));
        let mut evaluator = landscape.loss.evaluator();
        let mut gradient = vec![0.0; start.len()];
        evaluator.value_and_gradient(&start, &mut gradient);
        let at = Boundary {
            t: 7,
            settings: &defaults,
            kept: &kept,
        };
        jacobian.prepare(at);
        jacobian.is_by_parameter.then(|| {
            [
                jacobian.by_variable(&mut *evaluator, at, 0.7, &gradient),
                jacobian.by_column(&mut *evaluator, at, 0.7, &gradient),
            ]
        })
    }

    #[test]
    fn one_run_for_each_variable_tells_what_one_for_each_number_does() {
        let mut compared = 0;
        for name in rule::names() {
            let Some([joint, single]) = both(name, "sum(w^2*(1 + w))") else {
                continue;
            };
            compared += 1;
            assert!(joint.iter().any(|it| *it != 0.0), "{name}");
            assert_eq!(joint, single, "{name}: a diagonal Hessian changes no bit");
            let [joint, single] = both(name, "sum(w^2) + 0.3*sum(w)^2 + w[1]*w[3]^2").unwrap();
            let off = (&joint - &single).amax() / single.amax();
            assert!(off < 1e-14, "{name}: {off}");
        }
        assert!(
            compared > 8,
            "{compared} rules move each parameter by itself"
        );
    }
}
