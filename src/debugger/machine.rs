//! One rule on one loss: executes one line or one iteration. Or a run that was recorded elsewhere: reads
//! one row after the other, and has no lines; or with the lines of its rule, which begin each iteration where the run
//! was recorded to be.

mod beside;
mod burst;
mod largest;
mod oracle;
mod plane;
mod recording;
mod shadow;
mod walk;

use super::precision::Precision;
use crate::{
    error::{Error, ErrorCode, Result},
    lang::number::is_absent,
    loss::{Evaluator, Loss, Noise, Stochastic},
    rule::{Compiled, Variable},
};
pub use beside::{BurstOf, WideRoom, WideRows, WideStretch};
pub use burst::{BurstOrder, Columns, Detail, Gauge, Seen};
use oracle::LossOracle;
pub use recording::{NewRows, Recording, known_norm};
use shadow::{Shadow, ShadowedLoss, shadow};
use std::{borrow::Cow, ops::Range, sync::Arc};

/// A place in a run: after `t` iterations and `line` lines of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// Whole iterations done.
    pub t: u64,
    /// Lines done of iteration `t + 1`; 0 on the boundary.
    pub line: usize,
}

impl Position {
    /// The boundary after `t` iterations.
    #[must_use]
    pub fn at(t: u64) -> Self {
        Self { t, line: 0 }
    }
}

/// A rule at work.
pub struct Machine {
    compiled: Arc<Compiled>,
    arena: Vec<f64>,
    oracle: LossOracle,
    position: Position,
    loss: f64,
    gradient_norm: f64,
    recording: Option<Box<dyn Recording>>,
    /// The reason why the row where it is could not be read.
    unreadable: Option<Arc<str>>,
    /// True where loss and gradient are computed, not read.
    measures: bool,
    /// The run in numbers of its own, where it has some.
    shadow: Option<Box<dyn Shadow>>,
    /// The rows of data that each gradient is a mean over; 0 where there are none.
    rows: usize,
}

impl Machine {
    /// A machine at t = 0.
    #[must_use]
    pub fn new(
        compiled: Arc<Compiled>,
        loss: &dyn Loss,
        noise: Option<Noise>,
        settings: &[f64],
        start: &[f64],
    ) -> Self {
        let arena = compiled.arena(settings, start);
        let mut machine = Self {
            arena,
            oracle: LossOracle {
                exact: noise.map(|_| vec![0.0; start.len()]),
                evaluator: loss.evaluator(),
                stochastic: noise.map(|noise| Stochastic::new(noise, loss)),
                t: 0,
                call: 0,
                probes: Vec::new(),
                by_lines: false,
            },
            position: Position::default(),
            loss: f64::NAN,
            gradient_norm: f64::NAN,
            recording: None,
            unreadable: None,
            measures: true,
            shadow: None,
            rows: loss.rows(),
            compiled,
        };
        machine.measure();
        machine
    }

    /// A machine at the same place of the same run, that goes its own way from here. `loss` is this one's.
    #[must_use]
    pub fn twin(&self, loss: &dyn Loss) -> Self {
        let noise = self.noise();
        Self {
            compiled: Arc::clone(&self.compiled),
            arena: self.arena.clone(),
            oracle: LossOracle {
                evaluator: loss.evaluator(),
                stochastic: noise.map(|noise| Stochastic::new(noise, loss)),
                exact: self.oracle.exact.clone(),
                probes: Vec::new(),
                ..self.oracle
            },
            recording: self.recording.as_ref().map(|recording| recording.twin()),
            unreadable: self.unreadable.clone(),
            shadow: self.shadow.as_ref().map(|shadow| shadow.twin()),
            ..*self
        }
    }

    /// The same machine, at the same place, in this precision from here on.
    ///
    /// # Errors
    /// A loss on data, or a quadratic too large to be written out, which are computed in 64 bits only.
    pub fn in_precision(mut self, precision: Precision, loss: &dyn Loss) -> Result<Self> {
        if precision == Precision::Double {
            self.shadow = None;
            return Ok(self);
        }
        let Some(program) = loss.program() else {
            let what = if loss.is_quadratic() {
                "a quadratic with a full matrix of so many rows"
            } else {
                "a loss on data"
            };
            let message = format!("{what} is computed in 64 bits, not in `{precision}`");
            let error = Error::plain(ErrorCode::NotAvailable, message);
            return Err(error.help("leave --precision out, or f64; a lane is added in the precision of the lane in focus"));
        };
        let loss = ShadowedLoss {
            program,
            curvature: self
                .compiled
                .uses_curvature
                .then(|| loss.curvature())
                .flatten(),
            noise: self.noise(),
        };
        self.shadow = shadow(precision, &self.compiled, &loss, &self.arena);
        self.measure();
        Ok(self)
    }

    /// The numbers that it computes with.
    #[must_use]
    pub fn precision(&self) -> Precision {
        let shadow = self.shadow.as_ref();
        shadow.map_or(Precision::Double, |shadow| shadow.precision())
    }

    /// w and the states here: an iteration that begins with them leaves all variables as they were. All variables, where
    /// a run was recorded: its rows may leave some of them alone.
    ///
    /// What rounding to 64 bits took away follows behind the numbers, here as in [`passing`](Self::passing).
    #[must_use]
    pub fn lasting(&self) -> Cow<'_, [f64]> {
        self.stored(0..self.lasting_count())
    }

    /// The other variables here, which each iteration computes anew.
    #[must_use]
    pub fn passing(&self) -> Cow<'_, [f64]> {
        self.stored(self.lasting_count()..self.variables().len())
    }

    /// The number of variables that last: w and the states, which come first.
    #[must_use]
    pub fn lasting_count(&self) -> usize {
        match self.recording {
            Some(_) => self.variables().len(),
            None => self.compiled.kept(),
        }
    }

    fn stored(&self, part: Range<usize>) -> Cow<'_, [f64]> {
        let values = &self.variables()[part.clone()];
        match &self.shadow {
            None => Cow::Borrowed(values),
            Some(shadow) => {
                let mut stored = values.to_vec();
                shadow.limbs(part, &mut stored);
                Cow::Owned(stored)
            }
        }
    }

    /// Puts the variables numbered `from` on where they were [stored](Self::stored).
    fn put(&mut self, from: usize, count: usize, stored: &[f64]) {
        let start = self.compiled.program.variables().start + from;
        let (values, limbs) = stored.split_at(count);
        self.arena[start..start + count].copy_from_slice(values);
        if let Some(shadow) = &mut self.shadow {
            shadow.load(from, values, limbs);
        }
    }

    /// The noise on the gradients that the rule is given.
    #[must_use]
    pub fn noise(&self) -> Option<Noise> {
        self.oracle.stochastic.as_ref().map(Stochastic::noise)
    }

    /// The rule and the places of its variables.
    #[must_use]
    pub fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    /// The place in time at which the run is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The loss at the start of the iteration under way.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The exact gradient at the start of the iteration under way, `[n]`.
    #[must_use]
    pub fn gradient(&self) -> &[f64] {
        match &self.oracle.exact {
            Some(exact) => exact,
            None => &self.arena[self.compiled.gradient.clone()],
        }
    }

    /// The exact gradient's Euclidean norm at the start of the iteration under way.
    #[must_use]
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// The parameters, `[n]`.
    #[must_use]
    pub fn w(&self) -> &[f64] {
        &self.arena[self.compiled.variables[0].range.clone()]
    }

    /// True where loss, parameters and states are finite, and every `abs(w[i])` below `bound`.
    #[must_use]
    #[inline]
    pub fn is_finite_and_in_bounds(&self, bound: f64) -> bool {
        let states = &self.variables()[self.w().len()..self.compiled.kept()];
        // A NaN is not less than the bound either.
        self.loss().is_finite()
            && all(self.w(), |w| w.abs() < bound)
            && all(states, |value| value.is_finite())
    }

    /// The elements of `variable`.
    #[must_use]
    pub fn value(&self, variable: &Variable) -> &[f64] {
        &self.arena[variable.range.clone()]
    }

    /// All variables, one after the other.
    #[must_use]
    pub fn variables(&self) -> &[f64] {
        &self.arena[self.compiled.program.variables()]
    }

    /// The value of setting `at`.
    #[must_use]
    pub fn setting(&self, at: usize) -> f64 {
        self.arena[self.compiled.settings[at].at]
    }

    /// Gives setting `at` a value.
    pub fn set(&mut self, at: usize, value: f64) {
        let place = self.compiled.settings[at].at;
        self.arena[place] = value;
        self.compiled.program.refresh(&mut self.arena);
        if let Some(shadow) = &mut self.shadow {
            shadow.set(place, value);
        }
    }

    /// The points, `[n]` each, at which the iteration under way has evaluated gradients after the one at its start.
    #[must_use]
    pub fn probes(&self) -> &[Vec<f64>] {
        if self.position.line == 0 {
            &[]
        } else {
            &self.oracle.probes
        }
    }

    /// Overwrites elements of a variable, from element `from` on.
    pub fn write(&mut self, variable: usize, from: usize, values: &[f64]) {
        let start = self.compiled.variables[variable].range.start + from;
        self.arena[start..start + values.len()].copy_from_slice(values);
        if let Some(shadow) = &mut self.shadow {
            shadow.write(start..start + values.len(), values);
        }
        if self.position.line == 0 {
            self.measure();
        }
    }

    /// Puts the machine on the boundary after `t` iterations, with these variables.
    pub fn restore(&mut self, t: u64, variables: &[f64]) {
        self.put(0, variables.len(), variables);
        self.position = Position::at(t);
        self.measure();
    }

    /// Puts the machine on the boundary after `t` iterations with what was [`lasting`](Self::lasting) there, and
    /// [`passing`](Self::passing); without that the other variables are right from the next boundary on.
    pub fn come_back(&mut self, t: u64, lasting: &[f64], passing: Option<&[f64]>) {
        let (count, all) = (self.lasting_count(), self.variables().len());
        self.put(0, count, lasting);
        if let Some(passing) = passing {
            self.put(count, all - count, passing);
        }
        self.position = Position::at(t);
        self.measure();
    }

    /// Puts the machine back to t = 0, with these settings and there.
    pub fn restart(&mut self, settings: &[f64], start: &[f64]) {
        self.arena = self.compiled.arena(settings, start);
        self.position = Position::default();
        if let Some(shadow) = &mut self.shadow {
            for setting in &self.compiled.settings {
                shadow.set(setting.at, self.arena[setting.at]);
            }
            shadow.load(0, &self.arena[self.compiled.program.variables()], &[]);
        }
        self.measure();
    }

    /// Runs a whole iteration; the rest of it when it has begun.
    pub fn iterate(&mut self) {
        if self.position.line == 0 && self.only_reads() {
            self.read_at(self.position.t + 1);
        } else if self.position.line == 0 && self.shadow.is_none() {
            self.iterate_on_its_own();
        } else {
            while !self.line() {}
        }
    }

    /// Runs one line; true when it was the last of its iteration. A run without lines goes to its next row.
    pub fn line(&mut self) -> bool {
        if self.position.line == 0 && self.only_reads() {
            self.read_at(self.position.t + 1);
            return true;
        }
        if self.position.line == 0 {
            self.begin();
            self.oracle.by_lines = true;
            self.oracle.probes.clear();
        }
        let line = self.position.line;
        match &mut self.shadow {
            Some(shadow) => shadow.line(line, &mut self.arena),
            None => self
                .compiled
                .program
                .run_line(line, &mut self.arena, &mut self.oracle),
        }
        self.position.line += 1;
        let last = self.position.line == self.compiled.program.line_count();
        if last {
            self.end();
        }
        last
    }

    /// The loss and the gradient at `w` as it is now, also within an iteration.
    pub fn measure_now(&mut self, gradient: &mut [f64]) -> f64 {
        let w = &self.arena[self.compiled.variables[0].range.clone()];
        self.oracle.evaluator.value_and_gradient(w, gradient)
    }

    /// The loss at `w` as it is now, also within an iteration.
    pub fn value_now(&mut self) -> f64 {
        let w = &self.arena[self.compiled.variables[0].range.clone()];
        self.oracle.evaluator.value(w)
    }

    /// The loss's evaluator, for questions about other places.
    pub fn evaluator(&mut self) -> &mut dyn Evaluator {
        self.oracle.evaluator.as_mut()
    }

    #[inline(always)]
    fn begin(&mut self) {
        if self.recording.is_some() {
            self.take_row();
        }
        let t = self.position.t + 1;
        if let Some(shadow) = &mut self.shadow {
            self.arena[self.compiled.t] = as_number(t);
            shadow.begin(t, &mut self.arena);
            return;
        }
        self.oracle.begin(t, &self.compiled, &mut self.arena);
    }

    #[inline(always)]
    fn end(&mut self) {
        self.position = Position::at(self.position.t + 1);
        self.measure();
    }

    /// The operations that an iteration takes, as far as its data and its parameters tell.
    #[must_use]
    pub fn work(&self) -> usize {
        self.w().len().max(1).saturating_mul(self.rows.max(1))
    }

    /// Evaluates loss and gradient on the boundary.
    #[inline(always)]
    fn measure(&mut self) {
        if self.recording.is_some() {
            self.read();
            if !self.measures || self.w().iter().any(|w| is_absent(*w)) {
                return;
            }
        }
        if let Some(shadow) = &mut self.shadow {
            (self.loss, self.gradient_norm) = shadow.measure(&mut self.arena);
            if let Some(exact) = &mut self.oracle.exact {
                exact.copy_from_slice(&self.arena[self.compiled.gradient.clone()]);
            }
            return;
        }
        let oracle = &mut self.oracle;
        (self.loss, self.gradient_norm) = oracle.measure(&self.compiled, &mut self.arena, None);
    }
}

/// The number of an iteration, as rules read it.
#[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
fn as_number(t: u64) -> f64 {
    t as f64
}

/// True where all numbers pass; a stretch at a time, so that it takes less than reading them.
fn all(numbers: &[f64], passes: impl Fn(&f64) -> bool) -> bool {
    let mut stretches = numbers.chunks(64);
    stretches.all(|stretch| stretch.iter().fold(true, |all, it| all & passes(it)))
}
