//! Eight runs of a sweep side by side: one rule on one loss, each with settings of its own.

#[cfg(test)]
mod tests;

use crate::{
    debugger::machine::WideOracle,
    lang::wide::{LANES, Wide},
    loss::Evaluator,
    rule::Compiled,
};
use pulp::{Arch, Simd, WithSimd};
use std::sync::Arc;

/// Iterations between two looks at whether to go on.
const STRETCH: u64 = 64;

/// Runs side by side.
pub(super) struct WideRuns {
    compiled: Arc<Compiled>,
    arena: Vec<Wide>,
    evaluator: Box<dyn Evaluator>,
    loss: Wide,
    /// The losses at each t.
    losses: Vec<Wide>,
    /// For each run, the t at which it has left its bound or the numbers.
    ends: [Option<u64>; LANES],
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
            evaluator,
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
        let mut oracle = WideOracle(self.evaluator.as_mut());
        let program = &self.compiled.program;
        if program.has_few_numbers() {
            program.run_few_inline(&mut self.arena, &mut oracle);
        } else {
            program.run_long_inline(&mut self.arena, &mut oracle);
        }
        self.measure();
    }

    #[inline(always)]
    fn measure(&mut self) {
        let w = self.compiled.variables[0].range.clone();
        let places = [w, self.compiled.gradient.clone()];
        if let Ok([w, gradient]) = self.arena.get_disjoint_mut(places) {
            (self.loss, _) = WideOracle(self.evaluator.as_mut()).measure(w, gradient);
        }
    }

    /// Notes the loss at `t`, and which runs end there.
    #[inline(always)]
    fn look(&mut self, t: u64, bounds: Wide) {
        let kept = self.compiled.kept();
        let (w, states) = self.arena[..kept].split_at(self.compiled.dimension());
        // The bits of magnitudes are in the order of these, and those of NaN beyond them all.
        let largest = |numbers: &[Wide]| {
            let mut most = [0; LANES];
            for number in numbers {
                for (most, number) in most.iter_mut().zip(&number.0) {
                    *most = u64::max(*most, number.abs().to_bits());
                }
            }
            most
        };
        let (most, most_of_states) = (largest(w), largest(states));
        let mut is_in = [true; LANES];
        for (lane, is_in) in is_in.iter_mut().enumerate() {
            *is_in = self.loss.0[lane].is_finite()
                & (f64::from_bits(most[lane]) < bounds.0[lane])
                & (f64::from_bits(most_of_states[lane]) < f64::INFINITY);
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
