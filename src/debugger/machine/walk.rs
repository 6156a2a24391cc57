//! Iterations on long vectors, each of them one walk: the gradient, all lines, the loss and the sizes of what lasts, block
//! by block.

use super::{Machine, Position, largest::Largest};
use crate::{
    lang::eval::AroundBlocks,
    loss::{Diagonal, PartialSums},
    rule::Variable,
};
use std::ops::Range;

/// What a walk does besides the lines.
struct Around<'a> {
    loss: &'a Diagonal,
    /// The parameters, then the states.
    lasting: &'a [Variable],
    sums: PartialSums,
    largest_w: Largest,
    largest_state: Largest,
}

impl AroundBlocks<f64> for Around<'_> {
    #[inline(always)]
    fn before(&mut self, arena: &mut [f64], block: Range<usize>, fed: Range<usize>) {
        let w = part(&self.lasting[0].range, &block);
        if let Ok([w, slope]) = arena.get_disjoint_mut([w, fed]) {
            self.loss.slope(block.start, w, slope);
        }
    }

    #[inline(always)]
    fn after(&mut self, arena: &mut [f64], block: Range<usize>, fed: Option<Range<usize>>) {
        let w = part(&self.lasting[0].range, &block);
        let (first, sums) = (block.start, &mut self.sums);
        // A copy of its own, which need not be in memory.
        let mut largest = self.largest_w;
        let see = |w: &[f64]| match w.first_chunk() {
            Some(eight) => largest.see_eights(std::iter::once(eight)),
            None => largest.see(w),
        };
        match fed {
            None => (self.loss).add_part::<f64, false>(first, &arena[w], &mut [], sums, see),
            Some(fed) => {
                if let Ok([w, gradient]) = arena.get_disjoint_mut([w, fed]) {
                    (self.loss).add_part::<f64, true>(first, w, gradient, sums, see);
                }
            }
        }
        self.largest_w = largest;
        for state in &self.lasting[1..] {
            if state.range.len() == self.loss.dimension() {
                self.largest_state.see(&arena[part(&state.range, &block)]);
            }
        }
    }
}

/// The elements `block` of what is there.
#[inline(always)]
fn part(range: &Range<usize>, block: &Range<usize>) -> Range<usize> {
    range.start + block.start..range.start + block.end
}

impl Machine {
    /// True where each iteration is one walk: all lines are element-wise, and the loss is a sum over parameters.
    #[inline]
    pub(super) fn walks(&self) -> bool {
        let n = self.compiled.dimension();
        self.compiled.program.is_walk(n)
            && self.recording.is_none()
            && self.shadow.is_none()
            && self.oracle.stochastic.is_none()
            && self.oracle.evaluator.by_parts().is_some()
    }

    /// Runs an iteration as [one walk](Self::walks) from a boundary, within the caller; returns whether all that lasts is
    /// finite then, and the parameters below `bound`. Where it does not `keep` them, the other variables and the gradient
    /// are to be taken for nothing until an iteration that does.
    #[inline(always)]
    pub(super) fn walk(&mut self, keep: bool, bound: f64) -> bool {
        self.begin();
        let compiled = &*self.compiled;
        let Some(loss) = self.oracle.evaluator.by_parts() else {
            return false;
        };
        let lasting = compiled.lasting();
        let gradient = compiled.gradient.start;
        let mut around = Around {
            loss,
            lasting,
            sums: PartialSums::new(),
            largest_w: Largest::default(),
            largest_state: Largest::default(),
        };
        compiled
            .program
            .run_walk(keep, gradient, &mut self.arena, &mut around);
        (self.loss, self.gradient_norm) = around.sums.measure();
        for state in lasting {
            if state.range.len() != compiled.dimension() {
                around.largest_state.see(&self.arena[state.range.clone()]);
            }
        }
        self.position = Position::at(self.position.t + 1);
        self.loss.is_finite()
            && around.largest_w.is_below(bound)
            && around.largest_state.is_below(f64::INFINITY)
    }
}
