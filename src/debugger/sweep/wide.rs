//! Eight runs of a sweep side by side: one rule on one loss, each with settings of its own.

#[cfg(test)]
mod tests;

use crate::{
    lang::{
        eval::Answers,
        wide::{LANES, Wide},
    },
    loss::Evaluator,
    rule::Compiled,
};
use pulp::{Arch, Simd, WithSimd};
use std::{array::from_fn, sync::Arc};

/// Iterations between two looks at whether to go on.
const STRETCH: u64 = 64;

/// Runs side by side.
pub(super) struct WideRuns {
    compiled: Arc<Compiled>,
    arena: Vec<Wide>,
    oracle: WideOracle,
    loss: Wide,
    /// The losses at each t.
    losses: Vec<Wide>,
    /// For each run, the t at which it has left its bound or the numbers.
    ends: [Option<u64>; LANES],
}

/// Answers the questions of the rule.
struct WideOracle(Box<dyn Evaluator>);

impl Answers<Wide> for WideOracle {
    fn value(&mut self, v: &[Wide]) -> Wide {
        Wide(from_fn(|lane| {
            let place: Vec<f64> = Wide::lane(v, lane).collect();
            self.0.value(&place)
        }))
    }

    fn gradient(&mut self, v: &[Wide], gradient: &mut [Wide]) {
        self.0.measure_wide(v, gradient);
    }

    fn hessian_product(&mut self, v: &[Wide], d: &[Wide], product: &mut [Wide]) {
        let mut one = vec![0.0; product.len()];
        for lane in 0..LANES {
            let place: Vec<f64> = Wide::lane(v, lane).collect();
            let along: Vec<f64> = Wide::lane(d, lane).collect();
            self.0.hessian_product(&place, &along, &mut one);
            Wide::put_lane(product, lane, &one);
        }
    }

    fn hessian(&mut self, v: &[Wide], hessian: &mut [Wide]) {
        for lane in 0..LANES {
            let place: Vec<f64> = Wide::lane(v, lane).collect();
            let one = self.0.hessian(&place);
            // Symmetric, so rows are columns.
            Wide::put_lane(hessian, lane, one.as_slice());
        }
    }
}

/// A stretch of iterations, with the instructions that the processor has.
struct WideStretch<'a> {
    runs: &'a mut WideRuns,
    first: u64,
    count: u64,
    bounds: Wide,
}

impl WithSimd for WideStretch<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for t in self.first..self.first + self.count {
            self.runs.iterate(t);
            self.runs.look(t, self.bounds);
        }
    }
}

impl WideRuns {
    /// Runs of `compiled` on the loss of `evaluator`; none where it has to be run one by one.
    pub fn new(compiled: &Arc<Compiled>, evaluator: Box<dyn Evaluator>) -> Option<Self> {
        compiled.program.runs_wide().then(|| Self {
            compiled: Arc::clone(compiled),
            arena: compiled.program.arena(),
            oracle: WideOracle(evaluator),
            loss: Wide([f64::NAN; LANES]),
            losses: Vec::new(),
            ends: [None; LANES],
        })
    }

    /// Runs `steps` iterations with the settings of each lane; false where `goes_on` says no. A run is ended by numbers from `far`
    /// times its start on.
    pub fn gather(
        &mut self,
        steps: u64,
        settings: &[Vec<f64>; LANES],
        start: &[f64],
        far: f64,
        goes_on: &mut dyn FnMut(u64) -> bool,
    ) -> bool {
        for (lane, settings) in settings.iter().enumerate() {
            let arena = self.compiled.arena(settings, start);
            Wide::put_lane(&mut self.arena, lane, &arena);
        }
        self.losses.clear();
        self.ends = [None; LANES];
        let size = start.iter().fold(1.0, |most: f64, w| most.max(w.abs()));
        let bounds = Wide([far * size; LANES]);
        self.measure();
        self.look(0, bounds);
        let mut t = 0;
        while t < steps && self.ends.iter().any(Option::is_none) {
            if !goes_on(t) {
                return false;
            }
            let count = STRETCH.min(steps - t);
            Arch::new().dispatch(WideStretch {
                runs: self,
                first: t + 1,
                count,
                bounds,
            });
            t += count;
        }
        true
    }

    /// The losses of one run up to its end, and its variables there; none where it has left.
    pub fn run(&self, lane: usize, losses: &mut Vec<f64>) -> Option<Vec<f64>> {
        losses.clear();
        let end = self.ends[lane].and_then(|t| usize::try_from(t).ok());
        let seen = &self.losses[..end.unwrap_or(self.losses.len())];
        losses.extend(Wide::lane(seen, lane));
        let variables = &self.arena[self.compiled.program.variables()];
        end.is_none().then(|| Wide::lane(variables, lane).collect())
    }

    #[inline(always)]
    fn iterate(&mut self, t: u64) {
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let number = t as f64;
        self.arena[self.compiled.t] = Wide([number; LANES]);
        let program = &self.compiled.program;
        if program.has_few_numbers() {
            program.run_few_inline(&mut self.arena, &mut self.oracle);
        } else {
            program.run_long_inline(&mut self.arena, &mut self.oracle);
        }
        self.measure();
    }

    #[inline(always)]
    fn measure(&mut self) {
        let w = self.compiled.variables[0].range.clone();
        let places = [w, self.compiled.gradient.clone()];
        if let Ok([w, gradient]) = self.arena.get_disjoint_mut(places) {
            (self.loss, _) = self.oracle.0.measure_wide(w, gradient);
        }
    }

    /// Notes the loss at `t`, and which runs end there.
    #[inline(always)]
    fn look(&mut self, t: u64, bounds: Wide) {
        let kept = self.compiled.kept();
        let (w, states) = self.arena[..kept].split_at(self.compiled.dimension());
        let mut is_in: [bool; LANES] = self.loss.0.map(f64::is_finite);
        for number in w {
            for ((is_in, number), bound) in is_in.iter_mut().zip(&number.0).zip(&bounds.0) {
                *is_in &= number.abs() < *bound;
            }
        }
        for number in states {
            for (is_in, number) in is_in.iter_mut().zip(&number.0) {
                *is_in &= number.is_finite();
            }
        }
        self.losses.push(self.loss);
        if is_in != [true; LANES] {
            for (end, is_in) in self.ends.iter_mut().zip(is_in) {
                if !is_in && end.is_none() {
                    *end = Some(t);
                }
            }
        }
    }
}
