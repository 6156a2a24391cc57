//! Eight runs side by side: one rule on one loss, each with settings of its own.

use super::{BurstOrder, Columns, Machine, Position};
use crate::{
    lang::{
        eval::Answers,
        number::{Number, each},
        wide::{LANES, Wide},
    },
    loss::Evaluator,
    rule::Compiled,
};
use pulp::{Arch, Simd, WithSimd};
use std::{array::from_fn, ops::Range};

/// Answers the questions of a rule on several runs at once.
struct WideOracle<'a>(&'a mut dyn Evaluator);

impl WideOracle<'_> {
    /// Writes the gradients at `w`; returns the losses there and the gradients' norms.
    #[inline(always)]
    fn measure(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
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

    #[inline(always)]
    fn gradient(&mut self, v: &[Wide], gradient: &mut [Wide]) {
        self.measure(v, gradient);
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

/// What runs side by side came by: a row for each iteration.
#[derive(Debug, Default)]
pub struct WideRows {
    /// The losses and the gradients' norms.
    pub measured: Vec<(Wide, Wide)>,
    numbers: Vec<Wide>,
    width: usize,
}

impl WideRows {
    /// The noted numbers of each row.
    pub fn rows(&self) -> impl Iterator<Item = &[Wide]> {
        self.numbers.chunks_exact(self.width.max(1))
    }
}

/// Room for runs side by side, which is used again.
#[derive(Debug, Default)]
pub struct WideRoom {
    arena: Vec<Wide>,
    rows: WideRows,
}

/// Iterations of runs side by side, from a boundary.
pub struct WideStretch<'a> {
    /// The rule.
    pub compiled: &'a Compiled,
    /// The loss.
    pub evaluator: &'a mut dyn Evaluator,
    /// The numbers of the runs.
    pub arena: &'a mut [Wide],
    /// The iterations done.
    pub start: u64,
    /// Those to do.
    pub count: usize,
    /// The numbers of the arena that are noted of each.
    pub noted: [Range<usize>; 2],
}

impl WideStretch<'_> {
    /// Runs it with the instructions that the processor has.
    pub fn run(self, rows: &mut WideRows) {
        rows.width = self.noted.iter().map(ExactSizeIterator::len).sum();
        // Rows that were there before are overwritten.
        let nothing = Wide::constant(f64::NAN);
        rows.measured.resize(self.count, (nothing, nothing));
        rows.numbers.resize(self.count * rows.width, nothing);
        Arch::new().dispatch(NotedStretch(self, rows));
    }

    /// Writes loss and gradient of each run where they stand.
    pub fn measure(self) -> Wide {
        let Ok([w, gradient]) = self.arena.get_disjoint_mut(self.compiled.places()) else {
            return Wide([f64::NAN; LANES]);
        };
        WideOracle(self.evaluator).measure(w, gradient).0
    }
}

struct NotedStretch<'a, 'b>(WideStretch<'a>, &'b mut WideRows);

impl WithSimd for NotedStretch<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(stretch, rows) = self;
        let (compiled, arena) = (stretch.compiled, stretch.arena);
        let mut oracle = WideOracle(stretch.evaluator);
        let mut t = stretch.start;
        let width = rows.width.max(1);
        let noted = rows.numbers.chunks_exact_mut(width);
        for (measured, noted) in rows.measured.iter_mut().zip(noted) {
            t += 1;
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            let number = t as f64;
            arena[compiled.t] = Wide([number; LANES]);
            if compiled.program.has_few_numbers() {
                compiled.program.run_few_inline(arena, &mut oracle);
            } else {
                compiled.program.run_long_inline(arena, &mut oracle);
            }
            if let Ok([w, gradient]) = arena.get_disjoint_mut(compiled.places()) {
                *measured = oracle.measure(w, gradient);
            }
            let [first, second] = stretch.noted.clone();
            let (to_first, to_second) = noted.split_at_mut(first.len());
            copy(to_first, &arena[first]);
            copy(to_second, &arena[second]);
        }
    }
}

/// Copies one by one: most are few, for which calling a function to copy them takes longer.
#[inline(always)]
fn copy(to: &mut [Wide], from: &[Wide]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// A machine with the burst that it is to run, and where that is noted.
pub type BurstOf<'a> = (&'a mut Machine, BurstOrder, &'a mut Columns);

/// Iterations that run side by side before what they came by is noted in the columns of each: so few that it is at hand.
const STRETCH: usize = 32;

/// Notes what runs side by side came by, from row `.1` on, in the columns of each, with the instructions that the processor
/// has.
struct Parting<'a, 'b>(&'a WideRows, usize, &'a mut [BurstOf<'b>]);

impl WithSimd for Parting<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self(rows, first, bursts) = self;
        let (eights, _) = rows.numbers.as_chunks::<LANES>();
        for (lane, (_, _, columns)) in bursts.iter_mut().enumerate() {
            let measured = columns.loss[first..].iter_mut();
            let measured = measured.zip(&mut columns.gradient_norm[first..]);
            for ((loss, norm), wide) in measured.zip(&rows.measured) {
                (*loss, *norm) = (wide.0.0[lane], wide.1.0[lane]);
            }
            let (numbers, width) = columns.numbers_mut();
            for (part, eight) in numbers[first * width..].iter_mut().zip(eights) {
                *part = each(|at| eight[at].0[lane]);
            }
        }
    }
}

/// Sums up the columns of runs side by side, with the instructions that the processor has.
struct Summaries<'a, 'b>(&'a mut [BurstOf<'b>]);

impl WithSimd for Summaries<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (_, order, columns) in self.0 {
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
    pub fn burst_beside(bursts: &mut [BurstOf<'_>], room: &mut WideRoom) {
        let Some(first) = bursts.first() else { return };
        let (compiled, count) = (first.0.compiled.clone(), first.1.count);
        let used = compiled.program.size();
        let WideRoom { arena, rows } = room;
        arena.resize(first.0.arena.len() + LANES, Wide::constant(0.0));
        for lane in 0..LANES {
            // Lanes that are left over run along with the first.
            let (machine, ..) = bursts.get(lane).unwrap_or(&bursts[0]);
            Wide::put_lane(arena, lane, &machine.arena[..used]);
        }
        for (machine, order, columns) in &mut *bursts {
            columns.begin(machine, *order);
            machine.oracle.by_lines = false;
        }
        let start = bursts[0].0.position.t;
        for row in (0..count).step_by(STRETCH) {
            let (first, _, columns) = &mut bursts[0];
            WideStretch {
                compiled: &compiled,
                evaluator: first.oracle.evaluator.as_mut(),
                arena,
                start: start + row as u64,
                count: STRETCH.min(count - row),
                noted: columns.noted_places(compiled.gradient.start),
            }
            .run(rows);
            Arch::new().dispatch(Parting(rows, row, bursts));
        }
        Arch::new().dispatch(Summaries(bursts));
        let last = rows.measured.last();
        for (lane, (machine, ..)) in bursts.iter_mut().enumerate() {
            for (number, wide) in machine.arena.iter_mut().zip(&arena[..used]) {
                *number = wide.0[lane];
            }
            machine.position = Position::at(start + count as u64);
            if let Some((loss, norm)) = last {
                (machine.loss, machine.gradient_norm) = (loss.0[lane], norm.0[lane]);
            }
        }
    }
}
