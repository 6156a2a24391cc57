//! Bursts of several machines side by side: one rule on one loss, each with settings of its own.

use super::{BurstOrder, Columns, Machine, Position};
use crate::{
    lang::{
        eval::Answers,
        number::Number,
        wide::{LANES, Wide},
    },
    loss::Evaluator,
};
use pulp::{Arch, Simd, WithSimd};
use std::array::from_fn;

/// Answers the questions of a rule on several runs at once.
pub struct WideOracle<'a>(pub &'a mut dyn Evaluator);

impl WideOracle<'_> {
    /// Writes the gradients at `w`; returns the losses there and the gradients' norms.
    #[inline(always)]
    pub fn measure(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
        match self.0.by_parts() {
            // Within the caller, to be compiled for the processor that it is compiled for.
            Some(loss) => loss.measure_any(w, gradient),
            None => self.0.measure_wide(w, gradient),
        }
    }
}

impl Answers<Wide> for WideOracle<'_> {
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

/// A machine with the burst that it is to run, and where that is noted.
pub type BurstOf<'a> = (&'a mut Machine, BurstOrder, &'a mut Columns);

/// Such a burst, with the instructions that the processor has.
struct Beside<'a, 'b> {
    bursts: &'a mut [BurstOf<'b>],
    count: usize,
    arena: &'a mut [Wide],
}

impl WithSimd for Beside<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Some((first, others)) = self.bursts.split_first_mut() else {
            return;
        };
        let compiled = &*first.0.compiled;
        let start = first.0.position.t;
        let mut oracle = WideOracle(first.0.oracle.evaluator.as_mut());
        let places = [
            compiled.variables[0].range.clone(),
            compiled.gradient.clone(),
        ];
        let (mut loss, mut norm) = (Wide([f64::NAN; LANES]), Wide([f64::NAN; LANES]));
        let mut t = start;
        for _ in 0..self.count {
            t += 1;
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            let number = t as f64;
            self.arena[compiled.t] = Wide([number; LANES]);
            compiled.program.run_few_inline(self.arena, &mut oracle);
            if let Ok([w, gradient]) = self.arena.get_disjoint_mut(places.clone()) {
                (loss, norm) = oracle.measure(w, gradient);
            }
            let gradient = compiled.gradient.start;
            let columns =
                std::iter::once(&mut *first.2).chain(others.iter_mut().map(|it| &mut *it.2));
            for (lane, columns) in columns.enumerate() {
                let measured = [loss.0[lane], norm.0[lane]];
                columns.note_lane(lane, self.arena, measured, gradient);
            }
        }
        for (lane, (machine, order, columns)) in self.bursts.iter_mut().enumerate() {
            for (number, wide) in machine.arena.iter_mut().zip(&*self.arena) {
                *number = wide.0[lane];
            }
            machine.position = Position::at(t);
            (machine.loss, machine.gradient_norm) = (loss.0[lane], norm.0[lane]);
            columns.summarise(order.bound);
        }
    }
}

impl Machine {
    /// True where it may run a burst beside others under the same rule.
    #[must_use]
    pub fn runs_beside(&self) -> bool {
        self.notes_numbers()
            && self.oracle.stochastic.is_none()
            && self.compiled.program.has_few_numbers()
            && self.compiled.program.runs_wide()
    }

    /// Runs a burst of up to eight machines that [may](Self::runs_beside), all with as many iterations, the same program
    /// and the same loss, from the same boundary.
    pub fn burst_beside(bursts: &mut [BurstOf<'_>]) {
        let Some(first) = bursts.first() else { return };
        let count = first.1.count;
        let mut arena = vec![Wide::constant(0.0); first.0.arena.len()];
        for lane in 0..LANES {
            // Lanes that are left over run along with the first.
            let (machine, ..) = bursts.get(lane).unwrap_or(&bursts[0]);
            Wide::put_lane(&mut arena, lane, &machine.arena);
        }
        for (machine, order, columns) in &mut *bursts {
            columns.begin(machine, *order);
            machine.oracle.by_lines = false;
        }
        Arch::new().dispatch(Beside {
            bursts,
            count,
            arena: &mut arena,
        });
    }
}
