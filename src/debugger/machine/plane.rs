//! Bursts of two parameters on a loss that is a sum over them: what one looks at most.
//!
//! They run in a function of their own, whose few values stay in registers.

use super::{Columns, LossOracle, Machine, Position, as_number};
use crate::{
    lang::eval::{Answers, PLACES, PlanarProgram},
    loss::DiagonalPair,
};
use pulp::{Simd, WithSimd};
use std::{cell::Cell, sync::Arc};

/// A burst of the plane, with the instructions that the processor has.
pub(super) struct PlaneBurst<'a> {
    pub machine: &'a mut Machine,
    pub loss: DiagonalPair,
    pub bound: f64,
    pub columns: &'a mut Columns,
}

impl WithSimd for PlaneBurst<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let machine = self.machine;
        let compiled = Arc::clone(&machine.compiled);
        if let (Some(program), Some(arena)) =
            (compiled.program.planar(), machine.arena.first_chunk_mut())
        {
            let [t, gradient] = [compiled.t, compiled.gradient.start];
            let mut oracle = PlaneOracle(&mut machine.oracle, self.loss);
            let start = machine.position.t;
            run(
                program,
                arena,
                &mut oracle,
                [t, gradient],
                start,
                self.columns,
            );
        }
        machine.position = Position::at(machine.position.t + self.columns.count() as u64);
        if let (Some(loss), Some(norm)) =
            (self.columns.loss.last(), self.columns.gradient_norm.last())
        {
            (machine.loss, machine.gradient_norm) = (*loss, *norm);
        }
        self.columns.summarise(self.bound);
    }
}

/// Runs as many iterations as there are rows, and notes them; `t` and the gradient are at these places.
#[inline(always)]
fn run(
    program: PlanarProgram<'_>,
    arena: &mut [f64; PLACES],
    oracle: &mut PlaneOracle<'_>,
    places: [usize; 2],
    start: u64,
    columns: &mut Columns,
) {
    // All places are of one byte, and none of these is beyond the arena.
    let [t_place, slope] = places.map(|at| usize::from(u8::try_from(at).unwrap_or(u8::MAX)));
    let [noted, _] = columns.noted_places(slope);
    let loss = oracle.1;
    let mut t = start;
    for ((value, norm), row) in columns.rows_mut() {
        t += 1;
        arena[t_place] = as_number(t);
        program.run(arena, oracle);
        let (gradient, measured) = loss.measure([arena[0], arena[1]]);
        [arena[slope], arena[slope + 1]] = gradient;
        (*value, *norm) = measured;
        let (numbers, slopes) = row.as_flattened_mut().split_at_mut(noted.len());
        let cells = Cell::from_mut(&mut arena[..]).as_slice_of_cells();
        copy_pairs(numbers, cells);
        copy_pairs(slopes, &cells[slope..]);
    }
}

/// Copies numbers, two at a time, as they were written: to read more of them at once would wait until they are in memory.
#[inline(always)]
fn copy_pairs(to: &mut [f64], from: &[Cell<f64>]) {
    let to = Cell::from_mut(to).as_slice_of_cells();
    for (to, from) in to.as_chunks::<2>().0.iter().zip(from.as_chunks::<2>().0) {
        let pair = [from[0].get(), from[1].get()];
        to[0].set(pair[0]);
        to[1].set(pair[1]);
    }
}

/// Answers the questions of a rule in the plane.
struct PlaneOracle<'a>(&'a mut LossOracle, DiagonalPair);

impl Answers<f64> for PlaneOracle<'_> {
    fn value(&mut self, v: &[f64]) -> f64 {
        self.0.value(v)
    }

    #[inline(always)]
    fn gradient(&mut self, v: &[f64], gradient: &mut [f64]) {
        if let (&[x, y], [g, h]) = (v, gradient) {
            [*g, *h] = self.1.measure([x, y]).0;
        }
    }

    fn hessian_product(&mut self, v: &[f64], d: &[f64], product: &mut [f64]) {
        self.0.hessian_product(v, d, product);
    }

    fn hessian(&mut self, v: &[f64], hessian: &mut [f64]) {
        self.0.hessian(v, hessian);
    }
}
