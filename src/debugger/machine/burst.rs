//! Many iterations at a time: the machine runs on from a boundary and notes what it comes by, so that whoever follows the
//! run looks at whole columns instead of at each boundary.
//!
//! Nothing is decided on the way. Where the columns show that something has happened, the machine goes back to where the
//! burst began and runs to just there.

use super::{Machine, Position, largest::Largest, plane::PlaneBurst};
use crate::{
    debugger::min_max_series::Bucket,
    lang::wide::Wide,
    loss::{Diagonal, DiagonalPair},
};
use pulp::{Arch, Simd, WithSimd};
use std::{array::from_fn, ops::Range};

/// Most variables of a machine that runs in bursts: with more of them an iteration costs more than what surrounds it.
const MOST_VARIABLES: usize = 64;

/// Numbers that are copied at a time.
const EIGHT: usize = 8;

/// Parameters from which on an iteration is worth it that the processor is asked for what it has.
const LONG: usize = 16;

/// A burst to run.
#[derive(Debug, Clone, Copy)]
pub struct BurstOrder {
    /// The iterations.
    pub count: usize,
    /// Numbers from here on are a reason to look whether the run has ended.
    pub bound: f64,
    /// What is noted besides w and the states.
    pub detail: Detail,
    /// True where w and the states at the beginning are remembered elsewhere.
    pub is_remembered: bool,
    /// Tells which places are noted, where they are too long to note them all.
    pub gauge: Gauge,
}

/// What a burst notes of each boundary besides w and the states.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// The other variables.
    pub variables: bool,
    /// The gradient.
    pub gradient: bool,
}

impl Detail {
    /// What either notes.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            variables: self.variables || other.variables,
            gradient: self.gradient || other.gradient,
        }
    }
}

/// Tells on the way which points a path will want to keep: the first of each span of 2^shift iterations, and those with a
/// higher loss than the last that it wanted in the same span.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gauge {
    shift: u32,
    last: Option<(u64, f64)>,
}

impl Gauge {
    /// For a path whose last point has this t and loss, if it has one.
    #[must_use]
    pub fn new(shift: u32, last: Option<(u64, f64)>) -> Self {
        Self { shift, last }
    }

    /// True if the next point, at `t`, is wanted.
    fn wants(&mut self, t: u64, loss: f64) -> bool {
        let is_wanted = self
            .last
            .is_none_or(|(last, highest)| last >> self.shift != t >> self.shift || loss > highest);
        if is_wanted {
            self.last = Some((t, loss));
        }
        is_wanted
    }
}

/// What a machine came by in a burst: one row for each boundary after that where it began.
#[derive(Debug, Default)]
pub struct Columns {
    /// The boundary at which it began, and w and the states there; none where they are remembered elsewhere.
    start: u64,
    lasting: Vec<f64>,
    /// The rows at which w was noted, where that is not done at all of them, and w there, `[n]` each.
    places: Vec<usize>,
    noted: Vec<f64>,
    gauge: Gauge,
    is_long: bool,
    /// The first row that is not finite or not in bounds, where w is not noted at all of them.
    first_wild: Option<usize>,
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
    has_all_lasting: bool,
    detail: Detail,
    /// The extremes of eights of the rows' numbers, where they have been asked for.
    extremes: Vec<Option<EightExtremes>>,
    /// The extremes of the gradient's norm; NaN is not among them.
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

    /// The boundary at which it began.
    pub fn start(&self) -> u64 {
        self.start
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

    /// W and the states of a row, where all numbers were noted.
    pub fn lasting(&self, row: usize) -> &[f64] {
        &self.row(row)[..self.kept]
    }

    /// True where there are no other variables.
    pub fn has_all_lasting(&self) -> bool {
        self.has_all_lasting
    }

    /// The parameters of a row, `[n]`; nothing where they were not noted.
    #[inline]
    pub fn w(&self, row: usize) -> &[f64] {
        if self.is_long {
            let place = self.places.binary_search(&row);
            return place.map_or(&[], |at| &self.noted[at * self.n..][..self.n]);
        }
        &self.row(row)[..self.n]
    }

    #[inline]
    fn row(&self, row: usize) -> &[f64] {
        self.numbers[row * self.width..(row + 1) * self.width].as_flattened()
    }

    /// The least and the largest of one number of the arena over all rows, where it was noted; none where one is NaN.
    pub fn extremes(&mut self, at: usize) -> Option<[f64; 2]> {
        let part = at / EIGHT;
        self.extremes.resize(self.width, None);
        let known = self.extremes[part].unwrap_or_else(|| {
            let eights = self.numbers[part..].iter().step_by(self.width.max(1));
            Arch::new().dispatch(Extremes(eights))
        });
        self.extremes[part] = Some(known);
        let at = at % EIGHT;
        known.are_numbers[at].then(|| [known.least[at], known.most[at]])
    }

    /// The same of an element of the gradient.
    pub fn gradient_extremes(&mut self, at: usize) -> Option<[f64; 2]> {
        self.extremes(self.before_gradient * EIGHT + at)
    }

    /// Writes numbers of the arena, from `at` on, at eight rows from `first` on; the last is repeated beyond the last.
    pub fn read_eight(&self, first: usize, at: usize, out: &mut [Wide]) {
        let last = self.count().saturating_sub(1);
        for lane in 0..EIGHT {
            let row = self.row((first + lane).min(last));
            for (out, number) in out.iter_mut().zip(&row[at..]) {
                out.0[lane] = *number;
            }
        }
    }

    /// The same of the gradient.
    pub fn read_eight_gradients(&self, first: usize, out: &mut [Wide]) {
        self.read_eight(first, self.before_gradient * EIGHT, out);
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
        if self.is_tame || self.is_long {
            return self.first_wild;
        }
        (0..self.count()).find(|&row| {
            let (w, states) = self.row(row)[..self.kept].split_at(self.n);
            let is_in = self.loss[row].is_finite()
                && w.iter().all(|w| w.abs() < bound)
                && states.iter().all(|state| state.is_finite());
            !is_in
        })
    }

    pub(super) fn begin(&mut self, machine: &Machine, order: BurstOrder) {
        let detail = order.detail;
        self.start = machine.position.t;
        self.lasting.clear();
        if !order.is_remembered {
            self.lasting.extend_from_slice(&machine.lasting());
        }
        self.places.clear();
        self.noted.clear();
        self.gauge = order.gauge;
        self.is_long = machine.takes_long_strides();
        self.first_wild = None;
        self.n = machine.w().len();
        self.kept = machine.lasting_count();
        self.has_all_lasting = self.kept == machine.variables().len();
        self.detail = detail;
        self.extremes.clear();
        let noted = if detail.variables {
            machine.variables().len()
        } else {
            self.kept
        };
        self.before_gradient = noted.div_ceil(EIGHT);
        self.width = self.before_gradient;
        if detail.gradient {
            self.width += self.n.div_ceil(EIGHT);
        }
        // Rows that were there before are overwritten.
        let rows = if self.is_long { 0 } else { order.count };
        self.loss.resize(rows, 0.0);
        self.gradient_norm.resize(rows, 0.0);
        self.numbers.resize(rows * self.width, [0.0; EIGHT]);
    }

    /// The rows, to be written: the loss, the gradient's norm, and the numbers.
    #[inline(always)]
    pub(super) fn rows_mut(
        &mut self,
    ) -> impl Iterator<Item = ((&mut f64, &mut f64), &mut [[f64; EIGHT]])> {
        let measured = self.loss.iter_mut().zip(&mut self.gradient_norm);
        measured.zip(self.numbers.chunks_exact_mut(self.width.max(1)))
    }

    /// The numbers of all rows, to be written, and those of a row in eights.
    pub(super) fn numbers_mut(&mut self) -> (&mut [[f64; EIGHT]], usize) {
        (&mut self.numbers, self.width)
    }

    /// The places of the arena whose numbers make up a row, where the gradient begins at `gradient`: in eights, so that
    /// others may follow each.
    pub(super) fn noted_places(&self, gradient: usize) -> [Range<usize>; 2] {
        let slopes = (self.width - self.before_gradient) * EIGHT;
        [0..self.before_gradient * EIGHT, gradient..gradient + slopes]
    }

    /// Notes a boundary of long vectors; `is_tame` where it is finite and in bounds.
    fn note_long(&mut self, machine: &Machine, gauge: &mut Gauge, is_tame: bool) {
        let row = self.loss.len();
        if !is_tame {
            self.first_wild.get_or_insert(row);
        }
        if gauge.wants(machine.position.t, machine.loss) {
            self.places.push(row);
            self.noted.extend_from_slice(machine.w());
        }
        self.loss.push(machine.loss);
        self.gradient_norm.push(machine.gradient_norm);
    }

    #[inline(always)]
    pub(super) fn summarise(&mut self, bound: f64) {
        self.gradient_norms = Bucket::of(&self.gradient_norm);
        if self.is_long {
            return;
        }
        let mut losses = Largest::default();
        losses.see(&self.loss);
        let mut is_tame = losses.is_below(f64::INFINITY);
        for part in 0..self.kept.div_ceil(EIGHT) {
            let limit = |k: usize| match part * EIGHT + k {
                at if at < self.n => bound,
                _ => f64::INFINITY,
            };
            let limits: [f64; EIGHT] = from_fn(limit);
            let mut numbers = Largest::default();
            numbers.see_eights(self.numbers.iter().skip(part).step_by(self.width.max(1)));
            // What follows the states in the last eight may be anything.
            let count = (self.kept - part * EIGHT).min(EIGHT);
            is_tame &= numbers.are_below(&limits[..count]);
        }
        self.is_tame = is_tame;
    }
}

/// The least and the largest of eight numbers over some rows, and whether they are numbers throughout.
#[derive(Debug, Clone, Copy)]
struct EightExtremes {
    least: [f64; EIGHT],
    most: [f64; EIGHT],
    are_numbers: [bool; EIGHT],
}

/// The extremes of eights, with the instructions that the processor has.
struct Extremes<I>(I);

impl<'a, I: Iterator<Item = &'a [f64; EIGHT]>> WithSimd for Extremes<I> {
    type Output = EightExtremes;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> EightExtremes {
        let (mut least, mut most) = ([f64::INFINITY; EIGHT], [f64::NEG_INFINITY; EIGHT]);
        let mut spoilt = [0.0; EIGHT];
        for eight in self.0 {
            for (k, number) in eight.iter().enumerate() {
                least[k] = if *number < least[k] {
                    *number
                } else {
                    least[k]
                };
                most[k] = if *number > most[k] { *number } else { most[k] };
                spoilt[k] = if number.is_nan() { 1.0 } else { spoilt[k] };
            }
        }
        EightExtremes {
            least,
            most,
            are_numbers: spoilt.map(|it| it == 0.0),
        }
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
        if self.columns.is_long {
            let mut gauge = self.columns.gauge;
            for left in (0..self.count).rev() {
                // What nobody looks at before the end is kept at the end alone.
                let is_tame = self.machine.walk(left == 0, self.bound);
                self.columns.note_long(self.machine, &mut gauge, is_tame);
            }
            self.columns.summarise(self.bound);
            return;
        }
        self.machine.run_noted(self.columns);
        self.columns.summarise(self.bound);
    }
}

/// Copies numbers, eight at a time: what follows the last of them may be copied with it.
#[inline(always)]
fn copy_eights(to: &mut [[f64; EIGHT]], from: &[f64]) {
    let (eights, rest) = from.as_chunks::<EIGHT>();
    // One by one: most are few, for which calling a function to copy them takes longer.
    for (at, to) in to.iter_mut().enumerate() {
        match eights.get(at) {
            Some(eight) => *to = *eight,
            None => to[..rest.len()].copy_from_slice(rest),
        }
    }
}

/// An iteration on long vectors, with the instructions that the processor has.
struct Iteration<'a>(&'a mut Machine);

impl WithSimd for Iteration<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let machine = self.0;
        if machine.walks() {
            machine.walk(true, f64::INFINITY);
            return;
        }
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
            && (self.notes_numbers() || self.walks())
    }

    /// True where a burst notes all numbers at each boundary.
    pub fn notes_numbers(&self) -> bool {
        self.compiled.program.variables().len() <= MOST_VARIABLES
            && self.arena.len() >= 2 * MOST_VARIABLES
    }

    /// True where its bursts are of long vectors, at whose boundaries the loss and the gradient's norm are noted.
    pub fn takes_long_strides(&self) -> bool {
        !self.notes_numbers() && self.walks()
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

    /// Runs a burst, and notes the boundaries in `columns`.
    pub fn burst(&mut self, order: BurstOrder, columns: &mut Columns) {
        columns.begin(self, order);
        self.oracle.by_lines = false;
        match self.plane() {
            Some(loss) => Arch::new().dispatch(PlaneBurst {
                machine: self,
                loss,
                bound: order.bound,
                columns,
            }),
            None => Arch::new().dispatch(Burst {
                machine: self,
                count: order.count,
                bound: order.bound,
                columns,
            }),
        }
    }

    /// The loss, where its bursts are [of the plane](PlaneBurst).
    fn plane(&self) -> Option<DiagonalPair> {
        let is_exact = self.oracle.stochastic.is_none();
        // What is noted is copied in pairs.
        let mut lasting = self.compiled.lasting().iter();
        let is_planar = is_exact
            && lasting.all(|it| it.range.len() == 2)
            && self.compiled.program.planar().is_some();
        let loss = self.oracle.evaluator.by_parts();
        loss.filter(|_| is_planar).and_then(Diagonal::pair)
    }

    /// Runs as many iterations as there are rows, and notes them, within the caller.
    #[inline(always)]
    fn run_noted(&mut self, columns: &mut Columns) {
        let before_gradient = columns.before_gradient;
        let parts = self.oracle.evaluator.by_parts().cloned();
        // Where things are is looked up once, and what comes of an iteration stays at hand until the last.
        let compiled = &*self.compiled;
        let (arena, oracle) = (&mut self.arena[..], &mut self.oracle);
        let mut t = self.position.t;
        for ((loss, norm), row) in columns.rows_mut() {
            t += 1;
            oracle.begin(t, compiled, arena);
            compiled.program.run_few_inline(arena, oracle);
            (*loss, *norm) = oracle.measure(compiled, arena, parts.as_ref());
            let (numbers, slopes) = row.split_at_mut(before_gradient);
            copy_eights(numbers, arena);
            if !slopes.is_empty() {
                let gradient = match &oracle.exact {
                    Some(exact) => exact,
                    None => &arena[compiled.gradient.start..],
                };
                copy_eights(slopes, gradient);
            }
        }
        self.position = Position::at(t);
        if let (Some(loss), Some(norm)) = (columns.loss.last(), columns.gradient_norm.last()) {
            (self.loss, self.gradient_norm) = (*loss, *norm);
        }
    }

    /// Goes back into the burst that it has run last, to the boundary before row `row`; `lasting` are w and the states at
    /// its beginning, where they are remembered elsewhere.
    pub fn go_back_into(
        &mut self,
        row: usize,
        bound: f64,
        lasting: Option<&[f64]>,
        columns: &mut Columns,
    ) {
        let own = std::mem::take(&mut columns.lasting);
        self.come_back(columns.start, lasting.unwrap_or(&own), None);
        let order = BurstOrder {
            count: row,
            bound,
            detail: columns.detail,
            is_remembered: lasting.is_some(),
            gauge: columns.gauge,
        };
        self.burst(order, columns);
    }
}
