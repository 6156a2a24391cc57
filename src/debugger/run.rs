//! Running: forward to the next stop, back to the one before.

use super::{
    answer::{Log, Stopped, Why},
    machine::Position,
    session::Session,
    stop::{Hit, HitKind, StopKind},
    watch::Watch,
};

/// How far to run.
#[derive(Debug)]
pub enum Goal {
    /// So many iterations.
    Iterations(u64),
    /// To the next stop.
    Continue,
    /// To where this holds.
    Until(Box<Watch>),
}

/// Asked now and then during a run whether to go on.
pub struct Control<'a> {
    /// Gets the t that has been reached; answers false to stop.
    pub go_on: &'a mut dyn FnMut(u64) -> bool,
}

impl Control<'_> {
    /// Never stops a run.
    #[must_use]
    pub fn free(go_on: &mut dyn FnMut(u64) -> bool) -> Control<'_> {
        Control { go_on }
    }
}

/// Entries of `trace` that an answer holds.
const MOST_LOGS: usize = 1000;

/// What a run has gathered on its way.
#[derive(Default)]
struct Gathered {
    logs: std::collections::VecDeque<Log>,
    dropped: u64,
}

impl Session {
    /// Runs forward.
    pub fn run(&mut self, goal: Goal, control: &mut Control) -> Stopped {
        let mut gathered = Gathered::default();
        let why = self.run_on(goal, control, &mut gathered);
        self.drop_spent_stops();
        self.stopped(why, gathered.logs.into(), gathered.dropped)
    }

    fn run_on(&mut self, mut goal: Goal, control: &mut Control, gathered: &mut Gathered) -> Why {
        if self.lanes.all_halted() {
            return Why::NothingRuns;
        }
        let here = self.lanes.position();
        self.ready(here, &mut goal);
        let by_line = self.has_line_stops();
        let stride = self.lanes.stride();
        let mut losses = self.losses();
        let mut count = 0;
        let mut fresh = here.line > 0;
        loop {
            if let Goal::Iterations(wanted) = goal
                && count >= wanted
            {
                return Why::Done;
            }
            if !std::mem::take(&mut fresh) {
                self.leave(&mut goal);
            }
            if by_line {
                if let Some(hits) = self.walk_lines(here) {
                    return Why::Hits(hits);
                }
            } else {
                self.lanes.iterate();
            }
            count += 1;
            let t = self.lanes.position().t;
            let ended = self.lanes.look_for_ends();
            let hits = self.arrive(t, gathered);
            if ended {
                return self.ends_at(t);
            }
            if !hits.is_empty() {
                return Why::Hits(hits);
            }
            if let Goal::Until(watch) = &mut goal {
                watch.arrive(&mut self.lanes, t);
                if watch.evaluate(&mut self.lanes)[0] != 0.0 {
                    return Why::Until(watch.text().to_owned());
                }
            }
            if matches!(goal, Goal::Continue) {
                let touched = self.touched(&losses);
                if !touched.is_empty() {
                    return Why::Tolerance {
                        lanes: touched,
                        tolerance: self.options.tolerance,
                    };
                }
                self.note_losses(&mut losses);
            }
            let bounded = !matches!(goal, Goal::Iterations(_));
            if bounded && count >= self.options.max_run {
                return Why::MaxRun(count);
            }
            if count.is_multiple_of(stride) && !(control.go_on)(t) {
                return Why::Interrupted;
            }
        }
    }

    /// Readies all stops for a run from `here`.
    fn ready(&mut self, here: Position, goal: &mut Goal) {
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            stop.settle(&mut self.lanes, here.t);
        }
        if let Goal::Until(watch) = goal {
            watch.settle(&mut self.lanes, here.t);
        }
        self.lanes.seek(Position::at(here.t), |_| true);
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            stop.begin(&mut self.lanes, here.t);
        }
        if let Goal::Until(watch) = goal {
            watch.arrive(&mut self.lanes, here.t);
        }
        if here.line > 0 {
            self.leave(goal);
            self.lanes.seek(here, |_| true);
        }
    }

    #[inline]
    fn leave(&mut self, goal: &mut Goal) {
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            stop.leave(&mut self.lanes);
        }
        if let Goal::Until(watch) = goal {
            watch.leave(&mut self.lanes);
        }
    }

    fn has_line_stops(&self) -> bool {
        self.stops
            .iter()
            .any(|stop| stop.enabled && matches!(stop.kind, StopKind::Line { .. }))
    }

    /// Walks line by line to the next boundary, unless a line stop comes first.
    fn walk_lines(&mut self, started: Position) -> Option<Vec<Hit>> {
        loop {
            let here = self.lanes.position();
            if here != started {
                let hits = self.line_hits(here, true);
                if !hits.is_empty() {
                    return Some(hits);
                }
            }
            self.lanes.line();
            if self.lanes.position().line == 0 {
                return None;
            }
        }
    }

    /// The line stops at `here`.
    fn line_hits(&mut self, here: Position, count: bool) -> Vec<Hit> {
        let focus = self.lanes.focus;
        let mut hits = Vec::new();
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if stop.is_at_line(&mut self.lanes, focus, here.line) && (!count || stop.count()) {
                hits.push(Hit {
                    id: stop.id,
                    what: HitKind::Line(here.line + 1),
                });
            }
        }
        hits
    }

    /// Lets all stops see the boundary `t`; the hits that are to be heeded.
    #[inline]
    fn arrive(&mut self, t: u64, gathered: &mut Gathered) -> Vec<Hit> {
        let mut hits = Vec::new();
        for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
            if let Some(what) = stop.arrive(&mut self.lanes, t)
                && stop.count()
            {
                hits.push(Hit { id: stop.id, what });
            }
            if let StopKind::Trace(watch) = &stop.kind {
                stop.hits += 1;
                if gathered.logs.len() == MOST_LOGS {
                    gathered.logs.pop_front();
                    gathered.dropped += 1;
                }
                gathered.logs.push_back(Log {
                    id: stop.id,
                    t,
                    text: watch.text().to_owned(),
                    value: watch.value(),
                });
            }
        }
        hits
    }

    fn losses(&self) -> Vec<f64> {
        let entries = self.lanes.entries.iter();
        entries.map(|entry| entry.lane.machine().loss()).collect()
    }

    #[inline]
    fn note_losses(&self, losses: &mut [f64]) {
        for (loss, entry) in losses.iter_mut().zip(&self.lanes.entries) {
            *loss = entry.lane.machine().loss();
        }
    }

    /// The lanes whose loss has just come down to the tolerance.
    #[inline]
    fn touched(&self, before: &[f64]) -> Vec<String> {
        let tolerance = self.options.tolerance;
        let entries = self.lanes.entries.iter().zip(before);
        entries
            .filter(|(entry, before)| {
                **before > tolerance && entry.lane.machine().loss() <= tolerance
            })
            .map(|(entry, _)| entry.name.clone())
            .collect()
    }

    /// The lanes whose run ends at `t`.
    fn ends_at(&self, t: u64) -> Why {
        let entries = self.lanes.entries.iter();
        let ends = entries.filter_map(|entry| {
            let halt = entry.halt.as_ref().filter(|halt| halt.t == t)?;
            Some((entry.name.clone(), halt.why.clone()))
        });
        Why::Ended(ends.collect())
    }

    fn drop_spent_stops(&mut self) {
        self.stops
            .retain(|stop| !(stop.once && stop.hits > 0 && stop.ignore == 0));
    }

    /// Runs back to the nearest earlier hit of any stop, or of the tolerance.
    pub fn run_back(&mut self, control: &mut Control) -> Stopped {
        let here = self.lanes.position();
        let mut end = here;
        let mut size = 256;
        let why = loop {
            let from = end.t.saturating_sub(size);
            match self.last_hit(from, end, here) {
                Some((position, why)) => {
                    self.lanes.seek(position, |_| true);
                    break why;
                }
                None if from == 0 => {
                    self.lanes.seek(Position::default(), |_| true);
                    break Why::Beginning;
                }
                None if !(control.go_on)(from) => {
                    self.lanes.seek(here, |_| true);
                    break Why::Interrupted;
                }
                None => {
                    end = Position::at(from);
                    size = (size * 2).min(1 << 16);
                }
            }
        };
        self.stopped(why, Vec::new(), 0)
    }

    /// The last hit after the boundary `from` up to `end` that lies before `limit`.
    fn last_hit(&mut self, from: u64, end: Position, limit: Position) -> Option<(Position, Why)> {
        let mut goal = Goal::Continue;
        self.ready(Position::at(from), &mut goal);
        let by_line = self.has_line_stops();
        let mut losses = self.losses();
        let mut last = None;
        loop {
            let here = self.lanes.position();
            if here >= end && here >= limit {
                return last;
            }
            if by_line && here < limit {
                let hits = self.line_hits(here, false);
                // A boundary's own hits come before those of the line that is about to run.
                if !hits.is_empty() {
                    last = Some((here, Why::Hits(hits)));
                }
            }
            if here.line == 0 {
                if here >= end {
                    return last;
                }
                self.leave(&mut goal);
            }
            if by_line {
                self.lanes.line();
            } else {
                self.lanes.iterate();
            }
            let here = self.lanes.position();
            if here.line > 0 {
                continue;
            }
            let mut hits = Vec::new();
            for stop in self.stops.iter_mut().filter(|stop| stop.enabled) {
                if let Some(what) = stop.arrive(&mut self.lanes, here.t) {
                    hits.push(Hit { id: stop.id, what });
                }
            }
            let touched = self.touched(&losses);
            self.note_losses(&mut losses);
            if here >= limit || self.lanes.all_halted() && here.t < end.t {
                return last;
            }
            if !hits.is_empty() {
                last = Some((here, Why::Hits(hits)));
            } else if !touched.is_empty() {
                let tolerance = self.options.tolerance;
                let lanes = touched;
                last = Some((here, Why::Tolerance { lanes, tolerance }));
            }
        }
    }
}
