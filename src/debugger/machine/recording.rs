//! Rows that were recorded elsewhere, under a machine: read one after the other, or led along by the lines of a rule.

use super::{Machine, Position};
use crate::{
    error::Result,
    lang::number::{ABSENT, is_absent},
    loss::Loss,
    rule::Compiled,
};
use std::sync::Arc;

/// Rows that a recorded run has got.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewRows {
    /// Their number.
    pub rows: usize,
    /// Names that no row had when the run was opened: what is recorded under them is not shown.
    pub unknown: Vec<String>,
}

/// Rows that were recorded elsewhere, in the place of a rule that makes them.
pub trait Recording: Send {
    /// The last iteration that has a row.
    fn last(&self) -> u64;

    /// The first iteration after `t` that has a row.
    fn next(&mut self, t: u64) -> Option<u64>;

    /// The last iteration up to `t` that has a row.
    fn until(&mut self, t: u64) -> Option<u64>;

    /// Takes in the rows that have been added since.
    ///
    /// # Errors
    /// The rows cannot be read any more, or what was added is no row: nothing is added any more.
    fn grow(&mut self) -> Result<NewRows> {
        Ok(NewRows::default())
    }

    /// True where losses were recorded.
    fn has_loss(&self) -> bool;

    /// True where parameters were recorded, at least in some row; a log of metrics has none.
    fn has_parameters(&self) -> bool {
        true
    }

    /// The same rows, to be read on their own.
    fn twin(&self) -> Box<dyn Recording>;

    /// Writes all variables as they stood after `t` iterations, and the gradient there; returns the loss.
    ///
    /// What was not recorded is [`ABSENT`]: all of it, where `t` has no row.
    ///
    /// # Errors
    /// The rows cannot be read any more.
    fn read(&mut self, t: u64, variables: &mut [f64], gradient: &mut [f64]) -> Result<f64>;

    /// The norm of the gradient in the row read last, beside its loss, where that is not the gradient that was read; none
    /// where it is.
    fn gradient_norm(&self) -> Option<f64> {
        None
    }

    /// Puts what was recorded after `t` iterations over the variables of a rule whose next iteration begins there.
    ///
    /// # Errors
    /// The rows cannot be read any more.
    fn lead(&mut self, _t: u64, _variables: &mut [f64]) -> Result<()> {
        Ok(())
    }
}

impl Machine {
    /// A machine at t = 0 that only reads `recording`, whose variables are those of `compiled`, a rule without
    /// lines. Loss and gradient are read too, unless `measures`.
    #[must_use]
    pub fn recorded(
        compiled: Arc<Compiled>,
        recording: Box<dyn Recording>,
        loss: &dyn Loss,
        measures: bool,
    ) -> Self {
        let start = vec![0.0; compiled.dimension()];
        let mut machine = Self::new(compiled, loss, None, &[], &start);
        machine.recording = Some(recording);
        machine.measures = measures;
        machine.measure();
        machine
    }

    /// A machine that runs the lines of `compiled` along `recording`, from iteration `first` on: each iteration begins
    /// with what was recorded, and uses the gradient that was recorded.
    ///
    /// Reading a row leaves the variables as the rule has them, but for those that no gradient moved.
    #[must_use]
    pub fn led(
        compiled: Arc<Compiled>,
        recording: Box<dyn Recording>,
        loss: &dyn Loss,
        settings: &[f64],
        first: u64,
    ) -> Self {
        let start = vec![0.0; compiled.dimension()];
        let mut machine = Self::new(compiled, loss, None, settings, &start);
        machine.recording = Some(recording);
        machine.measures = false;
        machine.read_at(first);
        machine
    }

    /// The last iteration of a run that was recorded elsewhere; `None` where a rule runs.
    #[must_use]
    pub fn recorded_until(&self) -> Option<u64> {
        self.recording.as_ref().map(|recording| recording.last())
    }

    /// True where the loss is known: that of the landscape, or a recorded one.
    #[must_use]
    pub fn has_loss(&self) -> bool {
        let recorded = self.recording.as_ref();
        self.measures || recorded.is_none_or(|recording| recording.has_loss())
    }

    /// True where there are parameters: a log of metrics has none.
    #[must_use]
    pub fn has_parameters(&self) -> bool {
        let recorded = self.recording.as_ref();
        recorded.is_none_or(|recording| recording.has_parameters())
    }

    /// True where a rule runs, or there is a row of iteration `t`.
    pub fn has_boundary(&mut self, t: u64) -> bool {
        let recording = self.recording.as_mut();
        recording.is_none_or(|recording| recording.until(t) == Some(t))
    }

    /// The first iteration after `t` that a recorded run has a row of.
    pub fn row_after(&mut self, t: u64) -> Option<u64> {
        self.recording.as_mut()?.next(t)
    }

    /// The last iteration up to `t` that a recorded run has a row of.
    pub fn row_until(&mut self, t: u64) -> Option<u64> {
        self.recording.as_mut()?.until(t)
    }

    /// True where what it shows was recorded elsewhere.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Takes in the rows that its recording has got since; none where a rule runs.
    ///
    /// # Errors
    /// See [`Recording::grow`].
    pub fn grow(&mut self) -> Result<NewRows> {
        match &mut self.recording {
            Some(recording) => recording.grow(),
            None => Ok(NewRows::default()),
        }
    }

    /// Reads the boundary where it is once more: the gradient there may have come with the row after it.
    pub fn read_again(&mut self) {
        if self.recording.is_some() && self.position.line == 0 {
            self.measure();
        }
    }

    /// The reason why the row of a recorded run could not be read here, if it could not.
    #[must_use]
    pub fn unreadable(&self) -> Option<&Arc<str>> {
        self.unreadable.as_ref()
    }

    /// Runs a whole iteration towards `t`, which lies ahead; a recorded run goes to its next row at once.
    pub fn iterate_towards(&mut self, t: u64) {
        if !self.only_reads() {
            self.iterate();
            return;
        }
        let from = self.position.t;
        let next = self.recording.as_mut().and_then(|it| it.next(from));
        self.read_at(next.map_or(t, |next| next.min(t)));
    }

    /// Goes to the boundary `t` by reading.
    pub(super) fn read_at(&mut self, t: u64) {
        self.position = Position::at(t);
        self.take_row();
        self.measure();
    }

    /// True where the next boundary is read and not led to by lines: there are none, or a row is missing there or here.
    pub(in crate::debugger) fn only_reads(&mut self) -> bool {
        let t = self.position.t;
        match &mut self.recording {
            None => false,
            Some(_) if self.compiled.lines.is_empty() => true,
            Some(recording) => {
                let is_here = t == 0 || recording.next(t - 1) == Some(t);
                !is_here || recording.next(t) != Some(t + 1)
            }
        }
    }

    /// Puts the row of the boundary where the machine is over the variables of the rule that it leads.
    #[cold]
    pub(super) fn take_row(&mut self) {
        let variables = self.compiled.program.variables();
        if let Some(recording) = &mut self.recording {
            let taken = recording.lead(self.position.t, &mut self.arena[variables]);
            self.unreadable = taken.err().map(|error| error.message().into());
        }
    }

    /// Reads the row of the boundary where the machine is.
    #[cold]
    pub(super) fn read(&mut self) {
        let places = [
            self.compiled.program.variables(),
            self.compiled.gradient.clone(),
        ];
        if let (Some(recording), Ok([variables, gradient])) =
            (&mut self.recording, self.arena.get_disjoint_mut(places))
        {
            let read = recording.read(self.position.t, variables, gradient);
            self.unreadable = read.as_ref().err().map(|error| error.message().into());
            self.loss = read.unwrap_or_else(|_| {
                variables.fill(ABSENT);
                gradient.fill(ABSENT);
                ABSENT
            });
            let own = recording.gradient_norm();
            self.gradient_norm = own.unwrap_or_else(|| known_norm(gradient));
        }
    }
}

/// The Euclidean norm of what is known of a gradient: tensors that are not stepped have none; [`ABSENT`] where none has.
#[must_use]
pub fn known_norm(gradient: &[f64]) -> f64 {
    let known = gradient.iter().filter(|g| !is_absent(**g));
    let (count, squares) = known.fold((0, 0.0), |(n, sum), g| (n + 1, sum + g * g));
    if count == 0 {
        ABSENT
    } else {
        f64::sqrt(squares)
    }
}
