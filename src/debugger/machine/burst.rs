//! Many iterations at a time: the machine runs on from a boundary and notes what it comes by, so that whoever follows the
//! run looks at whole columns instead of at each boundary.
//!
//! Nothing is decided on the way. Where the columns show that something has happened, the machine goes back to where the
//! burst began and runs to just there.

use super::Machine;
use crate::debugger::min_max_series::Bucket;
use pulp::{Arch, Simd, WithSimd};
use std::array::from_fn;

/// Most variables of a machine that runs in bursts: with more of them an iteration costs more than what surrounds it.
const MOST_VARIABLES: usize = 64;

/// Numbers that are copied at a time.
const EIGHT: usize = 8;

/// Parameters from which on an iteration is worth it that the processor is asked for what it has.
const LONG: usize = 16;

/// What a machine came by in a burst: one row for each boundary after that where it began.
#[derive(Debug, Default)]
pub struct Columns {
    /// The boundary at which it began, and w and the states there.
    start: u64,
    lasting: Vec<f64>,
    /// The loss at each boundary.
    pub loss: Vec<f64>,
    /// The gradient's norm at each boundary.
    pub gradient_norm: Vec<f64>,
    /// The numbers of each boundary, row by row, in eights: those of the arena from its beginning on, as far as w and the
    /// states go; with detail as far as all variables, and then the gradient.
    numbers: Vec<[f64; EIGHT]>,
    /// Eights of a row, and those of them before the gradient.
    width: usize,
    before_gradient: usize,
    n: usize,
    kept: usize,
    has_detail: bool,
    /// The extremes of the columns; NaN is not among them.
    pub losses: Bucket,
    /// Those of the gradient's norm.
    pub gradient_norms: Bucket,
    /// True where all losses and states are finite, and all parameters below the bound that the burst was told.
    is_tame: bool,
}

/// A boundary that a run has come to.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The iterations done.
    pub t: u64,
    /// The parameters, `[n]`.
    pub w: &'a [f64],
    /// The loss.
    pub loss: f64,
    /// The gradient's Euclidean norm.
    pub gradient_norm: f64,
}

impl Columns {
    /// The number of rows.
    pub fn count(&self) -> usize {
        self.loss.len()
    }

    /// The boundary of a row.
    pub fn t(&self, row: usize) -> u64 {
        self.start + 1 + row as u64
    }

    /// A row.
    #[inline]
    pub fn seen(&self, row: usize) -> Seen<'_> {
        Seen {
            t: self.t(row),
            w: self.w(row),
            loss: self.loss[row],
            gradient_norm: self.gradient_norm[row],
        }
    }

    /// The parameters of a row, `[n]`.
    #[inline]
    pub fn w(&self, row: usize) -> &[f64] {
        &self.row(row)[..self.n]
    }

    #[inline]
    fn row(&self, row: usize) -> &[f64] {
        self.numbers[row * self.width..(row + 1) * self.width].as_flattened()
    }

    /// One number of the arena at all rows.
    pub fn column(&self, at: usize) -> impl Iterator<Item = f64> {
        let rows = self.numbers.chunks_exact(self.width.max(1));
        rows.map(move |row| row[at / EIGHT][at % EIGHT])
    }

    /// One element of the gradient at all rows, where it was noted.
    pub fn gradient_column(&self, at: usize) -> impl Iterator<Item = f64> {
        self.column(self.before_gradient * EIGHT + at)
    }

    /// The variables of a row, where they were noted in detail.
    #[inline]
    pub fn variables(&self, row: usize) -> &[f64] {
        &self.row(row)[..self.before_gradient * EIGHT]
    }

    /// The gradient of a row, `[n]`, where it was noted in detail.
    #[inline]
    pub fn gradient(&self, row: usize) -> &[f64] {
        &self.row(row)[self.before_gradient * EIGHT..][..self.n]
    }

    /// The first row that is not finite or not in bounds, as [`Machine::is_finite_and_in_bounds`] has it.
    pub fn first_end(&self, bound: f64) -> Option<usize> {
        if self.is_tame {
            return None;
        }
        (0..self.count()).find(|&row| {
            let (w, states) = self.row(row)[..self.kept].split_at(self.n);
            let is_in = self.loss[row].is_finite()
                && w.iter().all(|w| w.abs() < bound)
                && states.iter().all(|state| state.is_finite());
            !is_in
        })
    }

    fn begin(&mut self, machine: &Machine, detail: bool) {
        self.start = machine.position.t;
        self.lasting.clear();
        self.lasting.extend_from_slice(&machine.lasting());
        self.loss.clear();
        self.gradient_norm.clear();
        self.numbers.clear();
        self.n = machine.w().len();
        self.kept = self.lasting.len();
        self.has_detail = detail;
        let noted = if detail {
            machine.variables().len()
        } else {
            self.kept
        };
        self.before_gradient = noted.div_ceil(EIGHT);
        self.width = self.before_gradient;
        if detail {
            self.width += self.n.div_ceil(EIGHT);
        }
    }

    #[inline(always)]
    fn note(&mut self, machine: &Machine) {
        self.loss.push(machine.loss);
        self.gradient_norm.push(machine.gradient_norm);
        let (eights, _) = machine.arena.as_chunks::<EIGHT>();
        for eight in &eights[..self.before_gradient] {
            self.numbers.push(*eight);
        }
        if self.has_detail {
            for part in machine.gradient().chunks(EIGHT) {
                let mut eight = [0.0; EIGHT];
                eight[..part.len()].copy_from_slice(part);
                self.numbers.push(eight);
            }
        }
    }

    #[inline(always)]
    fn summarise(&mut self, bound: f64) {
        self.losses = Bucket::of(&self.loss);
        self.gradient_norms = Bucket::of(&self.gradient_norm);
        let mut is_tame = true;
        for loss in &self.loss {
            is_tame &= loss.is_finite();
        }
        for part in 0..self.kept.div_ceil(EIGHT) {
            let limit = |k: usize| match part * EIGHT + k {
                at if at < self.n => bound,
                _ => f64::INFINITY,
            };
            let limits: [f64; EIGHT] = from_fn(limit);
            let mut are_in = [true; EIGHT];
            for eight in self.numbers.iter().skip(part).step_by(self.width.max(1)) {
                for ((is_in, number), limit) in are_in.iter_mut().zip(eight).zip(&limits) {
                    *is_in &= number.abs() < *limit;
                }
            }
            // What follows the states in the last eight may be anything.
            let count = (self.kept - part * EIGHT).min(EIGHT);
            is_tame &= are_in[..count].iter().all(|it| *it);
        }
        self.is_tame = is_tame;
    }
}

/// A burst, with the instructions that the processor has.
struct Burst<'a> {
    machine: &'a mut Machine,
    count: usize,
    bound: f64,
    columns: &'a mut Columns,
}

impl WithSimd for Burst<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for _ in 0..self.count {
            let machine = &mut *self.machine;
            machine.begin();
            let program = &machine.compiled.program;
            program.run_few_inline(&mut machine.arena, &mut machine.oracle);
            machine.end();
            self.columns.note(self.machine);
        }
        self.columns.summarise(self.bound);
    }
}

/// An iteration on long vectors, with the instructions that the processor has.
struct Iteration<'a>(&'a mut Machine);

impl WithSimd for Iteration<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let machine = self.0;
        machine.begin();
        let program = &machine.compiled.program;
        program.run_long_inline(&mut machine.arena, &mut machine.oracle);
        machine.end();
    }
}

impl Machine {
    /// Runs an iteration from a boundary, where nothing was recorded and all is in 64 bits.
    #[inline]
    pub(super) fn iterate_on_its_own(&mut self) {
        self.oracle.by_lines = false;
        if self.compiled.dimension() < LONG {
            self.begin();
            let program = &self.compiled.program;
            program.run_all(&mut self.arena, &mut self.oracle);
            self.end();
        } else {
            Arch::new().dispatch(Iteration(self));
        }
    }

    /// True where it can run a burst: from a boundary, all by itself, in 64 bits.
    pub fn runs_in_bursts(&self) -> bool {
        self.position.line == 0
            && self.recording.is_none()
            && self.shadow.is_none()
            && self.compiled.program.variables().len() <= MOST_VARIABLES
            && self.arena.len() >= 2 * MOST_VARIABLES
    }

    /// Where it is, on a boundary.
    #[inline]
    pub fn seen(&self) -> Seen<'_> {
        Seen {
            t: self.position.t,
            w: self.w(),
            loss: self.loss,
            gradient_norm: self.gradient_norm,
        }
    }

    /// Runs `count` iterations, and notes the boundaries in `columns`: with `detail` all that can be read there. Numbers
    /// from `bound` on are no reason to end.
    pub fn burst(&mut self, count: usize, bound: f64, detail: bool, columns: &mut Columns) {
        columns.begin(self, detail);
        self.oracle.by_lines = false;
        Arch::new().dispatch(Burst {
            machine: self,
            count,
            bound,
            columns,
        });
    }

    /// Goes back into the burst that it has run last, to the boundary before row `row`.
    pub fn go_back_into(&mut self, row: usize, bound: f64, columns: &mut Columns) {
        let lasting = std::mem::take(&mut columns.lasting);
        self.come_back(columns.start, &lasting, None);
        columns.lasting = lasting;
        self.burst(row, bound, columns.has_detail, columns);
    }
}
