//! Eight runs of a sweep side by side: one rule on one loss, each with settings of its own.

#[cfg(test)]
mod tests;

use crate::{
    debugger::machine::{WideRows, WideStretch},
    lang::wide::{LANES, Wide},
    loss::Evaluator,
    rule::Compiled,
};
use pulp::{Arch, Simd, WithSimd};
use std::sync::Arc;

/// Iterations between two looks at whether to go on.
const STRETCH: usize = 64;
/// Numbers that are kept of them, but for one iteration's.
const MOST_NUMBERS: usize = 4096;

/// Runs side by side.
pub(super) struct WideRuns {
    compiled: Arc<Compiled>,
    arena: Vec<Wide>,
    evaluator: Box<dyn Evaluator>,
    rows: WideRows,
    /// The losses at each t.
    losses: Vec<Wide>,
    /// For each run, the t at which it has left its bound or the numbers.
    ends: [Option<u64>; LANES],
}

/// Looks at the losses, w and the states of boundaries from `t` on, with the instructions that the processor has.
struct Looks<'a, I> {
    places: I,
    dimension: usize,
    bounds: Wide,
    t: u64,
    losses: &'a mut Vec<Wide>,
    ends: &'a mut [Option<u64>; LANES],
}

impl<'a, I: Iterator<Item = (Wide, &'a [Wide])>> WithSimd for Looks<'_, I> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (t, (loss, kept)) in (self.t..).zip(self.places) {
            let (w, states) = kept.split_at(self.dimension);
            let (most, most_of_states) = (largest(w), largest(states));
            let mut is_in = [true; LANES];
            for (lane, is_in) in is_in.iter_mut().enumerate() {
                *is_in = loss.0[lane].is_finite()
                    & (f64::from_bits(most[lane]) < self.bounds.0[lane])
                    & (f64::from_bits(most_of_states[lane]) < f64::INFINITY);
            }
            self.losses.push(loss);
            if is_in != [true; LANES] {
                for (end, is_in) in self.ends.iter_mut().zip(is_in) {
                    if !is_in && end.is_none() {
                        *end = Some(t);
                    }
                }
            }
        }
    }
}

/// The bits of the largest magnitudes: they are in the order of these, and those of NaN beyond them all.
#[inline(always)]
fn largest(numbers: &[Wide]) -> [u64; LANES] {
    let mut most = [0; LANES];
    for number in numbers {
        for (most, number) in most.iter_mut().zip(&number.0) {
            *most = u64::max(*most, number.abs().to_bits());
        }
    }
    most
}

impl WideRuns {
    /// Runs of `compiled` on the loss of `evaluator`; none where it has to be run one by one.
    pub fn new(compiled: &Arc<Compiled>, evaluator: Box<dyn Evaluator>) -> Option<Self> {
        compiled.program.runs_wide().then(|| Self {
            compiled: Arc::clone(compiled),
            arena: compiled.program.arena(),
            evaluator,
            rows: WideRows::default(),
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
        let kept = self.compiled.kept();
        let dimension = self.compiled.dimension();
        let loss = self.stretch(0, 0).measure();
        Arch::new().dispatch(Looks {
            places: std::iter::once((loss, &self.arena[..kept])),
            dimension,
            bounds,
            t: 0,
            losses: &mut self.losses,
            ends: &mut self.ends,
        });
        let most = (MOST_NUMBERS / kept.max(1)).clamp(1, STRETCH);
        let mut t = 0;
        while t < steps && self.ends.iter().any(Option::is_none) {
            if !goes_on(t) {
                return false;
            }
            let count = usize::try_from(steps - t).map_or(most, |left| left.min(most));
            let mut rows = std::mem::take(&mut self.rows);
            self.stretch(t, count).run(&mut rows);
            Arch::new().dispatch(Looks {
                places: rows.measured.iter().map(|it| it.0).zip(rows.rows()),
                dimension,
                bounds,
                t: t + 1,
                losses: &mut self.losses,
                ends: &mut self.ends,
            });
            self.rows = rows;
            t += count as u64;
        }
        true
    }

    fn stretch(&mut self, start: u64, count: usize) -> WideStretch<'_> {
        WideStretch {
            compiled: &self.compiled,
            evaluator: self.evaluator.as_mut(),
            arena: &mut self.arena,
            start,
            count,
            noted: [0..self.compiled.kept(), 0..0],
        }
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
}
