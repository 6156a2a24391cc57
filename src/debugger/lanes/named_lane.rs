//! A lane among others: its name, the minimum it is measured against, and where its run ends.

use super::{
    active_minimum::ActiveMinimum,
    forecast_cache::ForecastCache,
    not_finite::{self, NotFinite},
};
use crate::{
    analysis::{Minima, Reference},
    debugger::{
        LossTolerance,
        arrival::Arrival,
        lane::Lane,
        machine::{NewRows, Position},
    },
    error::Result,
    rule::Compiled,
};
use std::sync::Arc;

/// A lane with its name and what is known about its run.
pub struct NamedLane {
    /// The name: an identifier.
    pub(crate) name: String,
    /// The run.
    pub(crate) lane: Lane,
    /// The minimum that its errors are counted from, where it was last [refreshed](NamedLane::refresh_minimum).
    minimum: ActiveMinimum,
    /// The end of its run, if that is known.
    pub(crate) halt: Option<Halt>,
    pub(super) forecasts: ForecastCache,
}

/// The end of a run that left the loss's bounds or the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Halt {
    /// The boundary at which it ended.
    pub t: u64,
    /// The reason.
    pub why: HaltReason,
}

impl Halt {
    /// True if it is at this boundary, and its reason has not been hunted down.
    fn is_open_at(&self, position: Position) -> bool {
        let HaltReason::NotFinite(found) = &self.why else {
            return false;
        };
        !found.is_first && position == Position::at(self.t)
    }
}

/// The reason why a lane cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub enum HaltReason {
    /// The run was recorded elsewhere, and this is its last row.
    RecordingEnds,
    /// The run was recorded elsewhere, and its rows cannot be read any more, for this reason.
    Unreadable(Arc<str>),
    /// Some value is NaN or infinite.
    NotFinite(NotFinite),
    /// A parameter has left the loss's bounds.
    OutOfBounds {
        /// The coordinate, from 1.
        coordinate: usize,
        /// The value.
        value: f64,
        /// The bound on its magnitude.
        bound: f64,
    },
}

impl NamedLane {
    /// A lane that has not run yet.
    #[must_use]
    pub fn new(name: String, lane: Lane, minima: Arc<Minima>) -> Self {
        let mut entry = Self {
            forecasts: ForecastCache::new(lane.compiled()),
            name,
            minimum: ActiveMinimum::new(minima, lane.machine().w()),
            lane,
            halt: None,
        };
        // Nothing has been run yet that would have to be looked through.
        entry.set_tolerance(LossTolerance::ABOVE, &mut |_| false);
        entry
    }

    /// The same for `lane`, which was forked off this one where it is.
    pub(in crate::debugger) fn forked(&self, name: String, lane: Lane) -> Self {
        let t = lane.position().t;
        let mut fork = Self {
            forecasts: ForecastCache::new(lane.compiled()),
            name,
            minimum: self.minimum.apart(),
            halt: self.halt.clone().filter(|halt| halt.t <= t),
            lane,
        };
        fork.refresh_minimum();
        fork
    }

    /// The lane as it is, to be looked at elsewhere while this one stays or goes on.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            name: self.name.clone(),
            lane: self.lane.apart(),
            minimum: self.minimum.apart(),
            halt: self.halt.clone(),
            forecasts: self.forecasts.clone(),
        }
    }

    /// Takes over what is known of a lane that was [apart](Self::apart) of this one: all of it is kept by the place that it
    /// was found for.
    pub fn learn_from(&mut self, apart: Self) {
        self.forecasts = apart.forecasts;
        self.minimum.learn_from(apart.minimum);
    }

    /// The name: an identifier, and no other lane's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The run.
    #[must_use]
    pub fn lane(&self) -> &Lane {
        &self.lane
    }

    /// The minimum that its errors are counted from; it may take a while where nobody has asked for it here.
    #[must_use]
    #[inline]
    pub fn reference(&self) -> &Reference {
        self.minimum.get()
    }

    /// True if that is known already.
    #[must_use]
    pub fn knows_reference(&self) -> bool {
        self.minimum.is_known()
    }

    /// That minimum as far as it is known: here, or at the last place where somebody has asked.
    #[must_use]
    pub fn latest_reference(&self) -> &Reference {
        self.minimum.latest()
    }

    /// The end of its run, if that is known.
    #[must_use]
    pub fn halt(&self) -> Option<&Halt> {
        self.halt.as_ref()
    }

    /// Lets losses up to `above` the minimum count as converged, and runs again; false where `go_on` said no on the
    /// way: what lay beyond is forgotten then.
    pub fn set_tolerance(&mut self, above: f64, go_on: &mut dyn FnMut(u64) -> bool) -> bool {
        let arrival = Arrival::new(above, Arc::clone(self.minima()));
        self.lane.set_arrival(arrival, go_on)
    }

    /// The rule and the places of its variables.
    #[must_use]
    pub fn compiled(&self) -> &Arc<Compiled> {
        self.lane.compiled()
    }

    /// The minima of the loss that it is on.
    #[must_use]
    pub fn minima(&self) -> &Arc<Minima> {
        self.minimum.minima()
    }

    /// Takes in the rows that its recording has got since; where there are some, it ends there no longer.
    ///
    /// # Errors
    /// See [`Recording::grow`](crate::debugger::Recording::grow).
    pub(in crate::debugger) fn grow(&mut self) -> Result<NewRows> {
        let new = self.lane.machine_mut().grow();
        let last = self.lane.machine().recorded_until();
        self.halt.take_if(|halt| {
            halt.why == HaltReason::RecordingEnds && last.is_some_and(|last| last > halt.t)
        });
        new
    }

    /// Lets the active minimum be that of the current `w`; a no-op when it cannot have changed.
    pub fn refresh_minimum(&mut self) {
        self.minimum.follow(self.lane.machine_mut());
    }

    /// Puts the lane's twin in its machine's place, or back, with the active minimum there.
    pub(super) fn exchange(&mut self) {
        self.lane.exchange();
        self.minimum.exchange();
    }

    /// True where the run has ended here.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.end_of_run()
            .is_some_and(|end| self.lane.position().t >= end)
    }

    /// True at the last row of a recorded run.
    #[must_use]
    pub fn is_at_last_row(&self) -> bool {
        let halt = self.halt.as_ref();
        self.is_halted() && halt.is_some_and(|it| it.why == HaltReason::RecordingEnds)
    }

    /// The boundary at which the run is known to end.
    fn end_of_run(&self) -> Option<u64> {
        self.halt.as_ref().map(|halt| halt.t)
    }

    /// The newest boundary that the run has reached and may stand on.
    #[must_use]
    pub fn frontier(&self) -> u64 {
        let reached = self.lane.timeline().frontier();
        self.end_of_run().map_or(reached, |end| end.min(reached))
    }

    /// Goes towards `target` as far as the run is known; false where `go_on` said no on the way: it stays there.
    pub(in crate::debugger) fn seek_known(
        &mut self,
        target: Position,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> bool {
        let known = self.frontier();
        let ends = self.end_of_run().is_some_and(|end| end <= target.t);
        let aim = if target.t > known || ends {
            Position::at(known.min(target.t))
        } else {
            target
        };
        self.lane.seek(aim, go_on)
    }

    /// The latest place up to `t` that it comes to without running; `t` where its run has ended by then.
    pub(in crate::debugger) fn at_hand(&self, t: u64) -> u64 {
        let wanted = self.end_of_run().map_or(t, |end| end.min(t));
        let at_hand = self.lane.at_hand(wanted);
        if at_hand < wanted { at_hand } else { t }
    }

    /// Goes to the boundary `t`, or to the end of its run before it, which is [at hand](Self::at_hand).
    pub(in crate::debugger) fn go_at_hand(&mut self, t: u64) {
        let wanted = self.end_of_run().map_or(t, |end| end.min(t));
        self.lane.return_to(Position::at(wanted));
    }

    /// Runs on to the boundary `t`, or to where the run ends.
    ///
    /// `go_on` is asked every `stride` iterations; false where it said no.
    pub(in crate::debugger) fn run_to(
        &mut self,
        t: u64,
        bound: f64,
        stride: u64,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> bool {
        while self.lane.position().t < t && !self.is_halted() {
            self.lane.iterate_towards(t);
            self.look_for_end(bound, go_on);
            let at = self.lane.position().t;
            if at.is_multiple_of(stride) && !go_on(at) {
                return false;
            }
        }
        true
    }

    /// Looks whether the run ends at the boundary where it is, and notes it.
    ///
    /// Where `go_on` says no to the hunt for the first number that is not finite, the next look here hunts for it anew.
    #[inline]
    pub fn look_for_end(&mut self, bound: f64, go_on: &mut dyn FnMut(u64) -> bool) {
        if let Some(halt) = &self.halt
            && !halt.is_open_at(self.lane.position())
        {
            return;
        }
        let machine = self.lane.machine();
        if let Some(last) = machine.recorded_until() {
            if let Some(why) = machine.unreadable() {
                let why = HaltReason::Unreadable(Arc::clone(why));
                let t = machine.position().t;
                self.halt = Some(Halt { t, why });
                return;
            }
            // What was recorded is shown to its end, whatever became of it.
            if machine.position().t < last {
                return;
            }
            let why = HaltReason::RecordingEnds;
            self.halt = Some(Halt { t: last, why });
            return;
        }
        if !machine.is_finite_and_in_bounds(bound) {
            self.note_end(bound, go_on);
        }
    }

    #[cold]
    fn note_end(&mut self, bound: f64, go_on: &mut dyn FnMut(u64) -> bool) {
        let machine = self.lane.machine();
        let t = machine.position().t;
        let w = machine.w();
        let finite = machine.loss().is_finite() && w.iter().all(|w| w.is_finite());
        let outside = w.iter().position(|w| w.abs() >= bound);
        let why = match outside {
            Some(at) if finite => HaltReason::OutOfBounds {
                coordinate: at + 1,
                value: w[at],
                bound,
            },
            _ => HaltReason::NotFinite(not_finite::hunt(&mut self.lane, go_on)),
        };
        self.halt = Some(Halt { t, why });
    }
}

impl NamedLane {
    /// The number of gradients that the rule has asked for by now.
    #[must_use]
    pub fn gradient_evaluations(&self) -> u64 {
        let compiled = self.compiled();
        let each = u64::from(compiled.uses_gradient) + compiled.further_gradients as u64;
        each * self.lane.position().t
    }
}
