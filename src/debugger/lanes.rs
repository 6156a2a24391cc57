//! Several lanes in lockstep, on one loss.
//!
//! All lanes stand at equal t; only the lane in focus may stand between the lines of an iteration. A
//! lane that has diverged is halted: it stays where that happened, and moves again before it.

mod active_minimum;
mod burst;
mod claims;
mod curvature;
mod forecast_cache;
mod name;
mod named_lane;
mod not_finite;

pub(super) use burst::Rows;
pub use forecast_cache::{Forecast, ForecastCache};
pub use name::{check_name, free_name, identifier};
pub use named_lane::{Halt, HaltReason, NamedLane};
pub use not_finite::NotFinite;

use super::{
    control::{Control, Pace, stride},
    machine::{Columns, Detail, Position, WideRoom},
};
use crate::{
    error::{Error, ErrorCode, Result},
    loss::Landscape,
    rule::{Compiled, Tensor},
};
use std::{ops::Range, sync::Arc};

/// Most lanes at a time.
pub const MOST_LANES: usize = 8;

/// Iterations between two polls where vectors are long: as many as take so many numbers, within these.
const LONG_STRIDE: usize = 1 << 23;
const LONG_STRIDES: [usize; 2] = [4, 16];

/// The lanes of a session.
pub struct Lanes {
    /// All of them; never empty.
    pub(super) entries: Vec<NamedLane>,
    /// The one in focus: below the number of entries.
    pub(super) focus: usize,
    /// A run ends where some `abs(w[i])` reaches this.
    pub(super) bound: f64,
    /// Rows of data that each gradient is a mean over.
    rows: usize,
    /// What the lanes came by in their last burst; kept for its room.
    pub(super) columns: Vec<Columns>,
    /// Room for those that run side by side.
    side_by_side: WideRoom,
    /// The programs that lanes have had, each with the number of the first that is the same.
    programs: Vec<(Arc<Compiled>, usize)>,
    /// Named parts of the parameters.
    pub(super) tensors: Arc<[Tensor]>,
    /// For each of them the name of the lane whose rule steps it, where others do not.
    pub(super) owners: Vec<Option<String>>,
}

impl Lanes {
    /// Lanes at t = 0 on `landscape`, the first in focus.
    ///
    /// # Errors
    /// There is none.
    pub fn new(entries: Vec<NamedLane>, landscape: &Landscape) -> Result<Self> {
        if entries.is_empty() {
            let error = Error::plain(ErrorCode::Usage, "a session needs at least one lane");
            return Err(error.help("name a rule: `adam`"));
        }
        Ok(Self {
            entries,
            focus: 0,
            bound: landscape.bound,
            rows: landscape.loss.rows(),
            programs: Vec::new(),
            columns: Vec::new(),
            side_by_side: WideRoom::default(),
            tensors: Arc::default(),
            owners: Vec::new(),
        })
    }

    /// Named parts of the parameters; none where they have no names.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The coordinates that the rule of `lane` steps where other lanes step others, and then those.
    fn split(&self, lane: usize) -> [Vec<Range<usize>>; 2] {
        let name = &self.entries[lane].name;
        let tensors = self.tensors.iter().zip(&self.owners);
        let (own, others): (Vec<_>, Vec<_>) = tensors.partition(|it| it.1.as_ref() == Some(name));
        [own, others].map(|it| it.into_iter().map(|it| it.0.range.clone()).collect())
    }

    /// The coordinates from 0 to `n` that the rule of `lane` steps.
    #[must_use]
    pub fn own(&self, lane: usize, n: usize) -> Vec<Range<usize>> {
        let [own, _] = self.split(lane);
        if own.is_empty() {
            std::iter::once(0..n).collect()
        } else {
            own
        }
    }

    /// All coordinates from 0 to `n`, those first that the rule of `lane` steps.
    #[must_use]
    pub fn own_first(&self, lane: usize, n: usize) -> Vec<Range<usize>> {
        let [own, others] = self.split(lane);
        if own.is_empty() {
            std::iter::once(0..n).collect()
        } else {
            own.into_iter().chain(others).collect()
        }
    }

    /// All lanes, in the order of their numbers.
    #[must_use]
    #[inline]
    pub fn entries(&self) -> &[NamedLane] {
        &self.entries
    }

    /// The same, to be run one by one.
    pub fn entries_mut(&mut self) -> &mut [NamedLane] {
        &mut self.entries
    }

    /// The number of the lane in focus, from 0.
    #[must_use]
    #[inline]
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// A run ends where some `abs(w[i])` reaches this; infinite where only the numbers' end is one.
    #[must_use]
    pub fn bound(&self) -> f64 {
        self.bound
    }

    /// The lane in focus.
    #[must_use]
    pub fn focused(&self) -> &NamedLane {
        &self.entries[self.focus]
    }

    /// The lane in focus.
    pub fn focused_mut(&mut self) -> &mut NamedLane {
        &mut self.entries[self.focus]
    }

    /// The lane called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.name == name)
    }

    /// The place in time at which the session is: the position of the lane in focus, or the t of the lanes that go on.
    #[must_use]
    #[inline]
    pub fn position(&self) -> Position {
        let focus = self.focused().lane.position();
        let others = self.entries.iter().map(|entry| entry.lane.position().t);
        let furthest = others.fold(focus.t, u64::max);
        if furthest > focus.t {
            Position::at(furthest)
        } else {
            focus
        }
    }

    /// The newest boundary of any lane.
    #[must_use]
    pub fn frontier(&self) -> u64 {
        let frontiers = self.entries.iter().map(NamedLane::frontier);
        frontiers.max().unwrap_or(0)
    }

    /// The newest boundary that can be gone to without running a rule: the last row of recorded runs.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.recorded_until().unwrap_or(0).max(self.frontier())
    }

    /// The last iteration that a lane has a row of; `None` where one of them runs a rule.
    #[must_use]
    pub fn recorded_until(&self) -> Option<u64> {
        let mut recorded = self.entries.iter();
        recorded.try_fold(0, |last, entry| {
            Some(last.max(entry.lane.machine().recorded_until()?))
        })
    }

    /// True where no lane can go on.
    #[must_use]
    pub fn all_halted(&self) -> bool {
        self.entries.iter().all(NamedLane::is_halted)
    }

    /// True where no lane runs a rule of its own: all of them are where rows were recorded, and nowhere between.
    #[inline]
    fn are_recorded(&self) -> bool {
        self.entries.iter().all(|it| !it.lane.can_be_changed())
    }

    /// The boundary after `t`: the next one that has a row, where all lanes were recorded.
    #[inline]
    pub(super) fn after(&mut self, t: u64) -> u64 {
        if !self.are_recorded() {
            return t + 1;
        }
        let lanes = self.entries.iter_mut();
        let next = lanes.filter_map(|it| it.lane.machine_mut().row_after(t));
        next.min().unwrap_or(t + 1)
    }

    /// The boundary `t`, or the next one after it that has a row, where all lanes were recorded.
    pub(super) fn at_or_after(&mut self, t: u64) -> u64 {
        let mut lanes = self.entries.iter_mut();
        if lanes.any(|it| it.lane.machine_mut().has_boundary(t)) {
            t
        } else {
            self.after(t)
        }
    }

    /// The boundary that lies `count` boundaries before `t`, as far as there are so many.
    #[inline]
    pub fn before(&mut self, t: u64, count: u64) -> Option<u64> {
        if !self.are_recorded() {
            return t.checked_sub(count);
        }
        let mut at = t;
        for _ in 0..count {
            let until = at.checked_sub(1)?;
            let lanes = self.entries.iter_mut();
            let rows = lanes.filter_map(|it| it.lane.machine_mut().row_until(until));
            at = rows.max()?;
        }
        Some(at)
    }

    /// Every lane goes to the next boundary, or finishes the iteration that it has begun; halted ones stay.
    #[inline]
    pub fn iterate(&mut self) {
        let t = self.after(self.position().t);
        self.iterate_to(t);
    }

    fn iterate_to(&mut self, t: u64) {
        for entry in &mut self.entries {
            if entry.lane.position().t < t && !entry.is_halted() {
                entry.lane.iterate_towards(t);
            }
        }
    }

    /// The lane in focus takes one line; when that ends an iteration the others catch up.
    ///
    /// Where the lane in focus is halted, the others take one iteration.
    pub fn line(&mut self) {
        let next = self.after(self.position().t);
        let focused = self.focused_mut();
        let t = if focused.is_halted() {
            next
        } else if focused.lane.line_towards(next) {
            focused.lane.position().t
        } else {
            return;
        };
        self.iterate_to(t);
    }

    /// Looks for lanes whose run ends on the boundary where the session is; true if there is one.
    ///
    /// To be asked after each iteration: a lane that comes back to where its run ends counts again.
    #[inline]
    pub fn look_for_ends(&mut self, control: &mut Control) -> bool {
        let t = self.position().t;
        let bound = self.bound;
        let mut found = false;
        for entry in &mut self.entries {
            entry.look_for_end(bound, &mut |t| control.at(t));
            found |= entry.halt.as_ref().is_some_and(|halt| halt.t == t);
        }
        found
    }

    /// Iterations between two questions whether to go on.
    #[must_use]
    pub fn stride(&self) -> u64 {
        stride(self.focused().lane.machine().w().len(), self.rows)
    }

    /// The same where they run in bursts.
    #[must_use]
    pub fn burst_stride(&self) -> u64 {
        let machine = self.focused().lane.machine();
        let is_long = machine.takes_long_strides();
        let strides = LONG_STRIDE / machine.w().len().max(1);
        let [fewest, most] = LONG_STRIDES;
        let long = strides.clamp(fewest, most) as u64;
        self.stride().max(if is_long { long } else { 0 })
    }

    /// Takes all lanes to `target`: the one in focus to the line, the others to the boundary before it.
    ///
    /// Beyond what a lane has run already it runs, until it ends. Stops where `go_on` says no; the lanes
    /// are at equal t then too.
    pub fn seek(&mut self, target: Position, mut go_on: impl FnMut(u64) -> bool) -> bool {
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let line = if at == self.focus { target.line } else { 0 };
            let there = Position { line, ..target };
            if !entry.seek_known(there, &mut go_on) {
                let t = entry.lane.position().t;
                self.meet_before(t);
                return false;
            }
            entry.look_for_end(self.bound, &mut go_on);
        }
        if !self.catch_up(target.t, &mut go_on) {
            return false;
        }
        let focused = self.focused_mut();
        while focused.lane.position() < target && !focused.is_halted() {
            focused.lane.line();
        }
        true
    }

    /// Takes all lanes back to the latest boundary up to `t` that each of them comes to without running.
    fn meet_before(&mut self, mut t: u64) {
        loop {
            let at_hand = self.entries.iter().map(|entry| entry.at_hand(t));
            let least = at_hand.fold(t, u64::min);
            if least == t {
                break;
            }
            t = least;
        }
        for entry in &mut self.entries {
            entry.go_at_hand(t);
        }
    }

    /// Remembers where the lanes are, so that they come back at once; returns the place.
    pub fn drop_anchor(&mut self) -> Position {
        for entry in &mut self.entries {
            entry.lane.drop_anchor();
        }
        self.position()
    }

    /// Takes all lanes back to where they were when the [anchor](Self::drop_anchor) was dropped: a matter of one
    /// iteration, or of those since the last keyframe where none was dropped, as in a look at the past.
    pub fn return_to(&mut self, here: Position) {
        self.seek(here, |_| true);
    }

    /// Runs the lanes that are not at `t` yet, those behind first.
    fn catch_up(&mut self, t: u64, go_on: &mut dyn FnMut(u64) -> bool) -> bool {
        let (bound, stride) = (self.bound, self.burst_stride());
        let behind = |entry: &&NamedLane| entry.lane.position().t < t && !entry.is_halted();
        let least = |lanes: &Self| {
            let lanes = lanes.entries.iter().filter(behind);
            lanes.map(|entry| entry.lane.position().t).min()
        };
        let mut columns = std::mem::take(&mut self.columns);
        while let Some(from) = least(self) {
            // What runs end at is looked for at each boundary, where something is to be found.
            let room = self.burst_room().min(t - from).min(stride - from % stride);
            if room > 1 {
                let count = usize::try_from(room).unwrap_or(0);
                let rows = self.burst(count, Detail::default(), &mut columns);
                let kept = rows.first_end().unwrap_or(count);
                rows.keep(kept);
                let at = from + kept as u64;
                if at.is_multiple_of(stride) && at < t && !go_on(at) {
                    self.columns = columns;
                    self.meet_before(at);
                    return false;
                }
                if kept > 0 {
                    continue;
                }
            }
            for entry in &mut self.entries {
                if entry.lane.position().t == from && !entry.is_halted() {
                    entry.lane.iterate_towards(t);
                    entry.look_for_end(bound, go_on);
                }
            }
            let at = from + 1;
            if at.is_multiple_of(stride) && at < t && !go_on(at) {
                self.columns = columns;
                self.meet_before(at);
                return false;
            }
        }
        self.columns = columns;
        true
    }

    /// The boundary at which the lanes begin: 0 but for runs that were recorded elsewhere.
    #[must_use]
    pub fn beginning(&self) -> u64 {
        let begins = |entry: &NamedLane| entry.lane.timeline().beginning();
        self.entries.iter().map(begins).min().unwrap_or(0)
    }

    /// Recomputes the active minimum of each lane for its current `w`.
    pub fn refresh_minima(&mut self) {
        self.entries.iter_mut().for_each(NamedLane::refresh_minimum);
    }

    /// Shows the past of all lanes to `look`, while they stay where they are; `control` may end its walks there.
    pub fn in_the_past<T>(
        &mut self,
        control: &mut Control,
        look: impl FnOnce(&mut PastLanes<'_, '_>) -> T,
    ) -> T {
        self.entries.iter_mut().for_each(NamedLane::exchange);
        let seen = self.at_present(control, look);
        self.entries.iter_mut().for_each(NamedLane::exchange);
        seen
    }

    /// Shows all lanes to `look` where they are; it is to go nowhere else.
    pub fn at_present<T>(
        &mut self,
        control: &mut Control,
        look: impl FnOnce(&mut PastLanes<'_, '_>) -> T,
    ) -> T {
        look(&mut PastLanes {
            pace: Pace::new(self.stride()),
            lanes: self,
            control,
        })
    }
}

/// The past of lanes that stay where they are meanwhile.
pub struct PastLanes<'a, 'b> {
    pub(super) lanes: &'a mut Lanes,
    pub(super) control: &'a mut Control<'b>,
    pub(super) pace: Pace,
}

impl PastLanes<'_, '_> {
    /// A lane, where the look has come to.
    #[must_use]
    pub fn lane(&self, at: usize) -> &NamedLane {
        &self.lanes.entries[at]
    }
}
