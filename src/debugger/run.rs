//! Running forward: to the next stop, or as far as one was asked to go.
//!
//! A run goes from boundary to boundary; at each, all stops see what has happened. It goes by lines only
//! where a line has a stop, or where lines were asked for.

mod burst;
mod run_log;

use super::{
    answer::{LaneEnd, PassedEdit, StopReason, Stopped},
    command::{Command, StopIds},
    control::Control,
    lane::LONGEST_BURST,
    lanes::NamedLane,
    machine::Position,
    session::Session,
    stop::{Hit, HitKind, Stop, StopKind},
    watch::{Interruptible, Watch},
};
use run_log::RunLog;

/// The end of a run.
#[derive(Debug)]
pub enum Goal {
    /// So many iterations.
    Iterations(u64),
    /// So many lines of the lane in focus.
    Lines(u64),
    /// To the next stop.
    Continue,
    /// To where this holds.
    Until(Box<Watch>),
}

/// Most iterations of the first burst of a run; each that is as long as it may be is followed by one that is twice as long.
const FIRST_BURST: u64 = 32;

/// Most iterations between two tries to begin a burst.
const LONGEST_REST: u64 = 31;

impl Goal {
    /// Takes off what was run of a goal that counts.
    fn count_down(&mut self, ran: u64) {
        if let Self::Iterations(wanted) | Self::Lines(wanted) = self {
            *wanted -= ran;
        }
    }
}

impl Session {
    /// Runs to the next stop, or to that after `count` of them.
    pub fn continue_run(&mut self, count: u64, control: &mut Control) -> Stopped {
        let mut gathered = RunLog::new(self.options.most_logs);
        let mut why = StopReason::Done;
        for _ in 0..count {
            why = self.run_on(Goal::Continue, control, &mut gathered);
            self.drop_stops(&std::mem::take(&mut gathered.spent));
            if !self.goes_on_after(&why) {
                break;
            }
        }
        self.stopped(why, gathered.logs.into(), gathered.dropped, control)
    }

    /// True where one more `continue` would find something else.
    pub(super) fn goes_on_after(&self, why: &StopReason) -> bool {
        match why {
            StopReason::Hits(_) | StopReason::Tolerance { .. } | StopReason::Edited(_) => true,
            StopReason::Ended(_) => !self.lanes.all_halted(),
            _ => false,
        }
    }

    /// Runs forward.
    pub fn run(&mut self, goal: Goal, control: &mut Control) -> Stopped {
        let mut gathered = RunLog::new(self.options.most_logs);
        let why = self.run_on(goal, control, &mut gathered);
        self.drop_stops(&gathered.spent);
        self.stopped(why, gathered.logs.into(), gathered.dropped, control)
    }

    fn run_on(
        &mut self,
        mut goal: Goal,
        control: &mut Control,
        gathered: &mut RunLog,
    ) -> StopReason {
        if self.lanes.all_halted() {
            return StopReason::NothingRuns;
        }
        if let (Goal::Lines(_), Some(end)) = (&goal, self.end_of_focus()) {
            return end;
        }
        let here = self.lanes.drop_anchor();
        if !self.settle_displays(here, control) || !self.ready(here, &mut goal, control) {
            self.lanes.return_to(here);
            return StopReason::Interrupted;
        }
        if here.line == 0 {
            self.arrive_displays(here.t);
        }
        let by_line = self.has_line_stops() || matches!(goal, Goal::Lines(_));
        let mut stride = self.stride(&goal);
        let mut arrived = match goal {
            Goal::Continue => self.arrivals(),
            _ => Vec::new(),
        };
        let mut left = here.line > 0;
        let in_bursts = self.burst_detail(&goal);
        if in_bursts.is_some() {
            stride = stride.max(self.lanes.burst_stride());
        }
        let mut done = 0;
        // Where something happens again and again, bursts are begun more and more rarely.
        let (mut rest, mut rests) = (0, 0);
        // Bursts grow as long as nothing happens: going back into a long one takes long.
        let mut reach = FIRST_BURST;
        loop {
            let mut most = stride - done % stride;
            match goal {
                Goal::Iterations(0) | Goal::Lines(0) => break,
                Goal::Iterations(wanted) => most = most.min(wanted),
                Goal::Lines(_) => {}
                Goal::Continue | Goal::Until(_) => {
                    let so_far = control.done() + done;
                    most = most.min(self.options.max_run.saturating_sub(so_far));
                }
            }
            let mut ran = 0;
            if let Some(detail) = in_bursts.filter(|_| rest == 0) {
                let most = most.min(reach);
                ran = self.burst(&mut goal, &mut arrived, detail, most, gathered);
                reach = if ran < most {
                    FIRST_BURST
                } else {
                    LONGEST_BURST.min(2 * reach)
                };
                rests = if ran > 0 {
                    0
                } else {
                    LONGEST_REST.min(2 * rests + 1)
                };
                rest = rests;
            } else {
                rest = rest.saturating_sub(1);
            }
            let why = if ran > 0 {
                goal.count_down(ran);
                None
            } else {
                ran = 1;
                if !std::mem::take(&mut left) {
                    self.leave(&mut goal);
                    self.leave_displays();
                }
                if by_line {
                    if let Some(why) = self.walk_lines(&mut goal, gathered) {
                        return why;
                    }
                } else {
                    self.lanes.iterate();
                }
                goal.count_down(1);
                self.arrive(&mut goal, &mut arrived, Some(gathered), control)
            };
            if let Some(why) = why {
                return why;
            }
            done += ran;
            let bounded = matches!(goal, Goal::Continue | Goal::Until(_));
            let in_all = control.done() + done;
            if bounded && in_all >= self.options.max_run {
                return StopReason::MaxRun(in_all);
            }
            // A run that is where it was to go has nothing left to interrupt.
            let is_there = matches!(goal, Goal::Iterations(0) | Goal::Lines(0));
            let is_due = done.is_multiple_of(stride) && !is_there;
            if is_due && !control.at(self.lanes.position().t) {
                return StopReason::Interrupted;
            }
        }
        StopReason::Done
    }

    /// Readies the displays of the whole history to follow a run from `here`, so that they need not look back over it
    /// when it ends; may leave the lanes anywhere. False where it was told to stop.
    fn settle_displays(&mut self, here: Position, control: &mut Control) -> bool {
        let t = here.t + u64::from(here.line > 0);
        let mut past = Interruptible::new(&mut self.lanes, control);
        let mut followed = self.displays.iter_mut().filter(|it| it.1.spans_all());
        followed.all(|(_, watch)| watch.settle(&mut past, t))
    }

    fn leave_displays(&mut self) {
        for (_, watch) in self.displays.iter_mut().filter(|it| it.1.spans_all()) {
            watch.leave(&mut self.lanes);
        }
    }

    fn arrive_displays(&mut self, t: u64) {
        for (_, watch) in self.displays.iter_mut().filter(|it| it.1.spans_all()) {
            watch.arrive(&mut self.lanes, t);
        }
    }

    /// The reason why the lane in focus cannot go on, if it cannot.
    fn end_of_focus(&self) -> Option<StopReason> {
        let entry = self.lanes.focused();
        let end = LaneEnd::of(entry).filter(|_| entry.is_halted())?;
        Some(StopReason::Ended(vec![end]))
    }

    /// Readies all stops for a run from `here`, and takes the lanes there; false where it was told to stop.
    pub(super) fn ready(&mut self, here: Position, goal: &mut Goal, control: &mut Control) -> bool {
        let mut past = Interruptible::new(&mut self.lanes, control);
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if !stop.settle(&mut past, here.t) {
                return false;
            }
        }
        if let Goal::Until(watch) = goal
            && !watch.settle(&mut past, here.t)
        {
            return false;
        }
        if !self.lanes.seek(Position::at(here.t), |t| control.at(t)) {
            return false;
        }
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            stop.begin(&mut self.lanes, here.t);
        }
        if let Goal::Until(watch) = goal {
            watch.arrive(&mut self.lanes, here.t);
        }
        if here.line > 0 {
            self.leave(goal);
            self.lanes.return_to(here);
        }
        true
    }

    /// Before the lanes leave a boundary.
    #[inline]
    pub(super) fn leave(&mut self, goal: &mut Goal) {
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if stop.watch().is_some_and(Watch::looks_back) {
                stop.leave(&mut self.lanes);
            }
        }
        if let Goal::Until(watch) = goal {
            watch.leave(&mut self.lanes);
        }
    }

    /// Iterations between two polls of the control in a run to `goal`: each, where what follows the run takes long.
    pub(super) fn stride(&self, goal: &Goal) -> u64 {
        let stops = self.stops.iter().filter(|stop| stop.enabled);
        let stops = stops.filter_map(Stop::watch);
        let displays = self.displays.iter().map(|(_, watch)| watch);
        let displays = displays.filter(|watch| watch.spans_all());
        let until = match goal {
            Goal::Until(watch) => Some(&**watch),
            _ => None,
        };
        let mut followed = stops.chain(displays).chain(until);
        if followed.any(|watch| watch.takes_long(&self.lanes.entries)) {
            1
        } else {
            self.lanes.stride()
        }
    }

    pub(super) fn has_line_stops(&self) -> bool {
        self.stops
            .iter()
            .any(|stop| stop.enabled && matches!(stop.kind, StopKind::Line { .. }))
    }

    /// Walks line by line to the next boundary, unless a line stop or the last line asked for comes first.
    fn walk_lines(&mut self, goal: &mut Goal, gathered: &mut RunLog) -> Option<StopReason> {
        loop {
            self.lanes.line();
            if self.lanes.position().line == 0 {
                return None;
            }
            let hits = self.line_hits(Some(gathered));
            if !hits.is_empty() {
                return Some(StopReason::Hits(hits));
            }
            if let Goal::Lines(wanted) = goal {
                *wanted -= 1;
                if *wanted == 0 {
                    return Some(StopReason::Done);
                }
            }
        }
    }

    /// The stops of the line that is about to run in the lane in focus; counted where a run gathers them.
    pub(super) fn line_hits(&mut self, mut gathered: Option<&mut RunLog>) -> Vec<Hit> {
        let focus = self.lanes.focus;
        if self.lanes.focused().is_halted() {
            return Vec::new();
        }
        let line = self.lanes.focused().lane.position().line;
        let mut hits = Vec::new();
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if stop.is_at_line(&mut self.lanes, focus, line)
                && gathered
                    .as_deref_mut()
                    .is_none_or(|gathered| gathered.count(stop))
            {
                hits.push(Hit {
                    id: stop.id,
                    what: HitKind::Line(line + 1),
                });
            }
        }
        hits
    }

    /// Lets everything see the boundary where the lanes are; why a run stops here, if it does.
    ///
    /// Hits are counted, and traces logged, where they are gathered: forward, that is.
    pub(super) fn arrive(
        &mut self,
        goal: &mut Goal,
        arrived: &mut [bool],
        mut gathered: Option<&mut RunLog>,
        control: &mut Control,
    ) -> Option<StopReason> {
        let t = self.lanes.position().t;
        let ended = self.lanes.look_for_ends(control);
        let touched = matches!(goal, Goal::Continue)
            .then(|| self.touched(arrived).or_else(|| self.edited(t)))
            .flatten();
        let mut hits = Vec::new();
        let mut by_line = false;
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if let Some(what) = stop.arrive(&mut self.lanes, t)
                && gathered
                    .as_deref_mut()
                    .is_none_or(|gathered| gathered.count(stop))
            {
                hits.push(Hit { id: stop.id, what });
            }
            match (&mut stop.kind, gathered.as_deref_mut()) {
                (StopKind::Line { .. }, _) => by_line = true,
                (StopKind::Trace(watch), Some(gathered)) => {
                    stop.hits += 1;
                    let unknown = watch.no_value(&mut self.lanes);
                    gathered.log(stop.id, t, (watch, unknown));
                }
                _ => {}
            }
        }
        if gathered.is_some() {
            self.arrive_displays(t);
        }
        if by_line {
            hits.extend(self.line_hits(gathered));
        }
        if let Goal::Until(watch) = goal {
            watch.arrive(&mut self.lanes, t);
            if watch.holds(&mut self.lanes) {
                return Some(StopReason::Until(watch.text().to_owned()));
            }
        }
        if !hits.is_empty() {
            return Some(StopReason::Hits(hits));
        }
        if ended {
            return Some(self.ends_at(t));
        }
        touched
    }

    /// The lanes that have converged where they are.
    pub(super) fn arrivals(&mut self) -> Vec<bool> {
        let entries = self.lanes.entries.iter_mut();
        entries.map(|entry| entry.lane.has_arrived()).collect()
    }

    /// The lanes that have just converged; `before` is brought up to date.
    #[inline]
    fn touched(&mut self, before: &mut [bool]) -> Option<StopReason> {
        let mut lanes = Vec::new();
        let mut tolerance = None;
        for (before, entry) in before.iter_mut().zip(&mut self.lanes.entries) {
            let now = entry.lane.has_arrived();
            if !std::mem::replace(before, now) && now {
                tolerance.get_or_insert(entry.lane.timeline().tolerance());
                lanes.push(entry.name.clone());
            }
        }
        let tolerance = tolerance?;
        Some(StopReason::Tolerance {
            lanes,
            tolerance: tolerance.above,
            floor: tolerance.floor,
        })
    }

    /// The edits at `t`, which a run comes by again.
    #[inline]
    fn edited(&self, t: u64) -> Option<StopReason> {
        let may_be = |entry: &NamedLane| {
            entry
                .lane
                .edits()
                .last()
                .is_some_and(|it| it.position.t >= t)
        };
        if !self.lanes.entries.iter().any(may_be) {
            return None;
        }
        let mut edited = Vec::new();
        for entry in &self.lanes.entries {
            let edits = entry.lane.edits().iter();
            for edit in edits.filter(|edit| edit.position == Position::at(t)) {
                edited.push(PassedEdit {
                    lane: entry.name.clone(),
                    name: edit.name(entry.compiled(), self.lanes.tensors()),
                    new: edit.values(entry.compiled()).1,
                });
            }
        }
        (!edited.is_empty()).then_some(StopReason::Edited(edited))
    }

    /// The lanes whose run ends at `t`.
    fn ends_at(&self, t: u64) -> StopReason {
        let entries = self.lanes.entries.iter();
        let ends = entries.filter_map(LaneEnd::of).filter(|end| end.t == t);
        StopReason::Ended(ends.collect())
    }

    /// Deletes stops that are spent.
    pub(super) fn drop_stops(&mut self, spent: &[u64]) {
        for id in spent {
            self.stops.retain(|stop| stop.id != *id);
            // A session that is opened again must not wait for them either.
            let id = StopIds::Those(vec![(*id).into()]);
            self.journal.add_anywhere(Command::Delete(id));
        }
    }
}
