//! A machine with its timeline and its log of edits.

mod twin;

use super::{
    arrival::Arrival,
    change::{Change, Edit},
    control::stride,
    machine::{BurstOrder, Columns, Detail, Machine, Position},
    precision::Precision,
    timeline::Timeline,
};
use crate::{
    error::Result,
    format::exact,
    loss::{Landscape, Loss, Noise},
    rule::Compiled,
};
use std::sync::Arc;
use twin::Twin;

/// One run that can be walked in both directions.
pub struct Lane {
    machine: Machine,
    timeline: Timeline,
    edits: Vec<Edit>,
    /// The number of edits that lie behind the machine's position or on it.
    applied: usize,
    settings: Vec<f64>,
    loss: Arc<dyn Loss>,
    /// Looks at the past while the machine stays; made when it is first wanted.
    twin: Option<Twin>,
    /// True where the twin stands in the machine's place.
    looks_back: bool,
}

/// Iterations before the place to which a lane goes back in which keyframes are left behind, and those between them.
const LEFT: [(u64, u64); 2] = [(64, 16), (16, 4)];

/// Most iterations of a burst.
pub const LONGEST_BURST: u64 = 256;

impl Lane {
    /// A lane at t = 0. `settings` has one value for each of the rule's settings.
    #[must_use]
    pub fn new(
        compiled: Arc<Compiled>,
        landscape: &Landscape,
        noise: Option<Noise>,
        settings: Vec<f64>,
    ) -> Self {
        let machine = Machine::new(
            compiled,
            &*landscape.loss,
            noise,
            &settings,
            &landscape.start,
        );
        Self {
            timeline: Timeline::new(&machine, Arrival::default()),
            machine,
            edits: Vec::new(),
            applied: 0,
            settings,
            loss: Arc::clone(&landscape.loss),
            twin: None,
            looks_back: false,
        }
    }

    /// The lane at t = 0 in this precision.
    ///
    /// # Errors
    /// As [`Machine::in_precision`].
    pub fn in_precision(mut self, precision: Precision) -> Result<Self> {
        self.machine = self.machine.in_precision(precision, &*self.loss)?;
        self.timeline = Timeline::new(&self.machine, Arrival::default());
        Ok(self)
    }

    /// The lane of a run that was recorded elsewhere, or of a rule that is led along it, on `loss`.
    #[must_use]
    pub fn recorded(machine: Machine, loss: Arc<dyn Loss>) -> Self {
        let settings = 0..machine.compiled().settings.len();
        Self {
            settings: settings.map(|at| machine.setting(at)).collect(),
            timeline: Timeline::new(&machine, Arrival::default()),
            machine,
            edits: Vec::new(),
            applied: 0,
            loss,
            twin: None,
            looks_back: false,
        }
    }

    /// The lane of a recorded run from the boundary `t` on, where its rows begin: nothing is walked before.
    #[must_use]
    pub fn from_row(mut self, t: u64) -> Self {
        let variables = self.machine.variables().to_vec();
        self.machine.restore(t, &variables);
        self.timeline = Timeline::new(&self.machine, Arrival::default());
        self
    }

    /// The lane as it is, to be looked at elsewhere.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            machine: self.machine.twin(&*self.loss),
            timeline: self.timeline.clone(),
            edits: self.edits.clone(),
            applied: self.applied,
            settings: self.settings.clone(),
            loss: Arc::clone(&self.loss),
            twin: None,
            looks_back: false,
        }
    }

    /// The rows of data that the loss is a mean over; 0 where it has none.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.loss.rows()
    }

    /// True where the run can be changed: not one that was recorded elsewhere.
    #[must_use]
    pub fn can_be_changed(&self) -> bool {
        !self.machine.is_recorded()
    }

    /// Takes note that the recorded run has got rows.
    pub(super) fn has_grown(&mut self) {
        self.machine.read_again();
        self.twin = None;
    }

    /// The machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The machine, to ask its loss something.
    pub fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// The rule and the places of its variables.
    #[must_use]
    pub fn compiled(&self) -> &Arc<Compiled> {
        self.machine.compiled()
    }

    /// The memory of the lane.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    #[cfg(test)]
    pub(super) fn timeline_mut(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// The edits, oldest first.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The settings at t = 0, before any edit.
    #[must_use]
    pub fn initial_settings(&self) -> &[f64] {
        &self.settings
    }

    /// The place in time at which the lane is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.machine.position()
    }

    /// The newest position: nothing has been run beyond it.
    #[must_use]
    pub fn is_newest(&self) -> bool {
        let position = self.position();
        position.t == self.timeline.frontier()
            && self
                .edits
                .last()
                .is_none_or(|edit| edit.position <= position)
    }

    /// Runs to the next boundary.
    #[inline]
    pub fn iterate(&mut self) {
        let position = self.machine.position();
        match self.edits.get(self.applied) {
            // An edit within this iteration: walk to it by lines.
            Some(edit) if edit.position.t == position.t => while !self.run_line() {},
            _ => {
                self.machine.iterate();
                self.arrive();
            }
        }
    }

    /// The iterations that a burst may take from here: to the next keyframe, where it does not note all numbers; 0 where
    /// each boundary is to be looked at.
    #[inline]
    pub fn burst_room(&self) -> u64 {
        let t = self.position().t;
        let is_free = t == self.timeline.frontier() && self.applied == self.edits.len();
        let sees_enough = self.machine.notes_numbers() || !self.timeline.looks_around();
        if is_free && !self.looks_back && sees_enough && self.machine.runs_in_bursts() {
            if self.machine.notes_numbers() {
                LONGEST_BURST
            } else {
                self.timeline.due().saturating_sub(t)
            }
        } else {
            0
        }
    }

    /// The order for a burst, of no more iterations than there is [room](Self::burst_room) for.
    pub(super) fn burst_order(&self, count: usize, bound: f64, detail: Detail) -> BurstOrder {
        BurstOrder {
            count,
            bound,
            detail,
            is_remembered: self.remembered(self.position().t).is_some(),
            gauge: self.timeline.path.gauge(),
        }
    }

    /// Goes back into that burst, to the boundary before row `row`.
    pub(super) fn go_back_into(&mut self, row: usize, bound: f64, columns: &mut Columns) {
        let start = columns.start();
        // That it is remembered is told of columns that lack it.
        let lasting = self.remembered(start).map(<[f64]>::to_vec);
        (self.machine).go_back_into(row, bound, lasting.as_deref(), columns);
    }

    /// W and the states at `t`, where they are remembered and worth it: what was edited since is not in them.
    fn remembered(&self, t: u64) -> Option<&[f64]> {
        let is_worth_it = self.machine.takes_long_strides() && self.edits.is_empty();
        is_worth_it.then(|| self.timeline.lasting_at(t)).flatten()
    }

    /// Takes note of the boundaries of the burst that its machine has just run.
    pub(super) fn record_burst(&mut self, columns: &Columns) {
        self.timeline.record_burst(columns, &self.machine);
    }

    /// Runs to the next boundary on the way to `t`, which lies ahead: that of the next row, where the run was recorded
    /// elsewhere.
    #[inline]
    pub fn iterate_towards(&mut self, t: u64) {
        if self.can_be_changed() {
            self.iterate();
        } else {
            self.machine.iterate_towards(t);
            self.arrive();
        }
    }

    /// Runs one line; true on the boundary.
    pub fn line(&mut self) -> bool {
        self.drop_anchor();
        self.run_line()
    }

    /// Runs one line, or goes on reading to the next row up to the boundary `t` where none leads there; true on the boundary.
    pub fn line_towards(&mut self, t: u64) -> bool {
        if self.position().line > 0 || !self.machine.only_reads() {
            return self.line();
        }
        self.drop_anchor();
        self.iterate_towards(t);
        true
    }

    /// The same, also where a keyframe was restored that does not have all variables.
    fn run_line(&mut self) -> bool {
        let boundary = self.machine.line();
        self.arrive();
        boundary
    }

    /// Notes a new boundary, then applies the edits made at this position.
    #[inline]
    fn arrive(&mut self) {
        let position = self.machine.position();
        let is_new = position.line == 0 && position.t > self.timeline.frontier();
        if is_new {
            self.timeline.record(&self.machine);
        }
        if self.applied < self.edits.len() {
            self.apply_edits(position, is_new);
        }
    }

    #[cold]
    fn apply_edits(&mut self, position: Position, is_new: bool) {
        let before = self.applied;
        while let Some(edit) = self.edits.get(self.applied)
            && edit.position == position
        {
            apply(&mut self.machine, &edit.change);
            self.applied += 1;
        }
        if is_new && self.applied > before {
            self.timeline.amend(&self.machine);
        }
    }

    /// Goes to `target`, forward or back; what lies beyond the newest position is run.
    ///
    /// `go_on` is polled on the way; once it returns false, the lane stays where it is.
    pub fn seek(&mut self, target: Position, mut go_on: impl FnMut(u64) -> bool) -> bool {
        self.rewind_towards(target);
        let stride = stride(self.machine.w().len(), self.loss.rows());
        let mut since = 0_u64;
        while self.position().t < target.t {
            self.iterate_towards(target.t);
            self.leave_frame(target.t);
            since += 1;
            if since.is_multiple_of(stride) && !go_on(self.position().t) {
                return false;
            }
        }
        while self.position() < target {
            self.line();
        }
        true
    }

    /// Remembers the boundary where it is, if it is on one, so that it comes back at once.
    ///
    /// Edits there are in what is remembered, and change nothing when they are applied once more. None is
    /// dropped where the twin looks at the past.
    pub fn drop_anchor(&mut self) {
        if self.position().line == 0 && !self.looks_back {
            self.timeline.anchor(&self.machine);
        }
    }

    /// Leaves a keyframe on the boundary that a walk to `t` has come to, where it is one of the last: whoever goes back
    /// goes on to do so, and will want the boundaries before.
    #[inline]
    fn leave_frame(&mut self, t: u64) {
        let here = self.position().t;
        let is_due = |(last, every): &(u64, u64)| t - here <= *last && here.is_multiple_of(*every);
        if here < self.timeline.frontier() && LEFT.iter().any(is_due) {
            let present = self.twin.as_ref().map_or(here, Twin::present);
            self.timeline.leave(&self.machine, present);
        }
    }

    /// Goes back to where it was when the [anchor](Self::drop_anchor) was dropped: a matter of one iteration, or of
    /// those since the last keyframe where none was dropped, as in a look at the past.
    pub fn return_to(&mut self, here: Position) {
        self.seek(here, |_| true);
    }

    /// The latest boundary up to `t` that it comes to without running, or by one iteration.
    pub fn at_hand(&self, t: u64) -> u64 {
        let here = self.position();
        let place = self.timeline.place(t);
        let remembered = place.map_or(0, |it| it.t + u64::from(it.passing.is_none()));
        if here <= Position::at(t) {
            remembered.max(here.t)
        } else {
            remembered
        }
    }

    /// Restores the best keyframe for `target`, unless running on from here is as good.
    fn rewind_towards(&mut self, target: Position) {
        let position = self.position();
        let Some(place) = self.timeline.place(target.t) else {
            return;
        };
        if target >= position && place.t <= position.t {
            return;
        }
        let t = place.t;
        self.machine.come_back(t, place.lasting, place.passing);
        self.resume(t);
    }

    /// Brings settings and edits to where they stood on the boundary `t`, whose variables are restored.
    fn resume(&mut self, t: u64) {
        let boundary = Position::at(t);
        for (at, value) in self.settings.iter().enumerate() {
            self.machine.set(at, *value);
        }
        // Variables in the keyframe have their edits in them; settings do not.
        self.applied = self.edits.partition_point(|edit| edit.position < boundary);
        for edit in &self.edits[..self.applied] {
            if let Change::Setting { setting, value } = edit.change {
                self.machine.set(setting, value);
            }
        }
        self.arrive();
    }

    /// Makes a change here. The position has to be the newest: elsewhere one forks first.
    pub fn edit(&mut self, change: Change) -> &Edit {
        self.outdate_twin();
        let position = self.position();
        let old = match &change {
            Change::Setting { setting, .. } => vec![self.machine.setting(*setting)],
            Change::State {
                variable,
                from,
                values,
            } => {
                let variable = &self.compiled().variables[*variable];
                self.machine.value(variable)[*from..*from + values.len()].to_vec()
            }
        };
        apply(&mut self.machine, &change);
        self.edits.push(Edit {
            position,
            change,
            old,
        });
        self.applied = self.edits.len();
        self.timeline.pin(position.t);
        if position.line == 0 {
            self.timeline.amend(&self.machine);
        }
        &self.edits[self.applied - 1]
    }

    /// True where the run has converged where it is.
    #[inline]
    pub fn has_arrived(&mut self) -> bool {
        self.timeline.has_arrived(&self.machine)
    }

    /// Changes what counts as converged, and runs again to find when that was reached.
    ///
    /// False where `go_on` said no: what lay beyond is forgotten then, and it is where it has come to.
    pub fn set_arrival(
        &mut self,
        arrival: Arrival,
        mut go_on: &mut dyn FnMut(u64) -> bool,
    ) -> bool {
        let position = self.position();
        let reached = self.timeline.frontier();
        self.timeline.set_arrival(arrival);
        self.begin_again_before(0);
        let is_whole = self.seek(Position::at(reached), &mut go_on);
        let newest = Position::at(self.timeline.frontier());
        let is_back = self.seek(position.min(newest), go_on);
        is_whole && is_back
    }

    /// Takes the last edit back and goes to where it was made, unless `go_on` says no on the way; what came after that
    /// is forgotten.
    pub fn undo(&mut self, go_on: &mut dyn FnMut(u64) -> bool) -> Option<Edit> {
        let edit = self.edits.pop()?;
        self.begin_again_before(edit.position.t);
        self.seek(edit.position, go_on);
        Some(edit)
    }

    /// Forgets what came after the boundary where it is, and may come to an earlier one by that.
    pub fn forget_beyond(&mut self) {
        self.begin_again_before(self.position().t);
    }

    /// Forgets what came after `t`, and goes back to the keyframe from which that is reached anew.
    fn begin_again_before(&mut self, t: u64) {
        self.outdate_twin();
        self.timeline.forget_after(t, &mut self.machine);
        let t = self.position().t;
        self.resume(t);
        if self.applied > 0 {
            self.timeline.amend(&self.machine);
        }
    }

    /// A lane at t = 0 with the settings and the edits of this one up to `position`, under a rule with the same
    /// variables that persist.
    ///
    /// # Errors
    /// It computes in a precision that this loss or this noise is not computed in.
    pub fn under(
        &self,
        compiled: &Arc<Compiled>,
        landscape: &Landscape,
        noise: Option<Noise>,
        position: Position,
    ) -> Result<Self> {
        let own = self.compiled();
        let settings = compiled.carried_over(own, &self.settings);
        let lane = Self::new(Arc::clone(compiled), landscape, noise, settings);
        let mut lane = lane.in_precision(self.machine.precision())?;
        let past = self.edits.partition_point(|edit| edit.position <= position);
        let settings = || compiled.settings.iter();
        let edits = self.edits[..past].iter().filter_map(|edit| {
            let mut edit = edit.clone();
            if let Change::Setting { setting, .. } = &mut edit.change {
                let name = &own.settings[*setting].name;
                *setting = settings().position(|it| it.name == *name)?;
            }
            Some(edit)
        });
        lane.edits = edits.collect();
        Ok(lane)
    }

    /// The value of setting `at` by `t`, as the schedule of a rule has it: what it was at the start, and each edit up to
    /// the boundary `until`.
    #[must_use]
    pub fn as_schedule(&self, at: usize, until: u64) -> String {
        let mut text = exact(self.settings[at]);
        for edit in &self.edits {
            if let Change::Setting { setting, value } = edit.change
                && setting == at
                && edit.position.t <= until
            {
                text = format!("where(t > {}, {}, {text})", edit.position.t, exact(value));
            }
        }
        text
    }

    /// A lane with the same past up to `position`, and nothing after it; none where `go_on` said no on the way there.
    ///
    /// # Errors
    /// It computes in a precision that this loss or this noise is not computed in.
    pub fn fork(
        &self,
        landscape: &Landscape,
        noise: Option<Noise>,
        position: Position,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Self>> {
        let mut fork = self.under(self.compiled(), landscape, noise, position)?;
        fork.timeline = self.timeline.clone();
        fork.begin_again_before(position.t);
        Ok(fork.seek(position, go_on).then_some(fork))
    }
}

fn apply(machine: &mut Machine, change: &Change) {
    match change {
        Change::Setting { setting, value } => machine.set(*setting, *value),
        Change::State {
            variable,
            from,
            values,
        } => machine.write(*variable, *from, values),
    }
}
