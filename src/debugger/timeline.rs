//! The memory of a lane: keyframes to start again from, tracks to plot, a path to draw.
//!
//! Between keyframes the run is executed again, which is exact because everything is deterministic.

mod keyframes;

use super::{
    arrival::Arrival,
    machine::{Columns, Machine, Seen},
    min_max_series::{Bucket, MinMaxSeries},
    tolerance::LossTolerance,
    trajectory::{Point, Trajectory},
};
use keyframes::{Keyframe, Keyframes};
use std::{ops::Range, sync::Arc};

/// The memory of a lane.
#[derive(Debug, Clone)]
pub struct Timeline {
    frames: Keyframes,
    /// The boundary at which the next keyframe is due.
    due: u64,
    frontier: u64,
    /// The convergence of the run.
    convergence: ConvergenceTracker,
    arrival: Arrival,
    /// The newest boundaries, of which it is not told yet whether the run converges there: the minimum is not known.
    unseen: Vec<Unseen>,
    /// The loss at each boundary.
    pub loss: MinMaxSeries,
    /// The gradient's Euclidean norm at each boundary.
    pub gradient_norm: MinMaxSeries,
    /// The `w` at boundaries.
    pub path: Trajectory,
}

/// A boundary to start again from.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The iteration.
    pub t: u64,
    /// What a machine [lasts](Machine::lasting) by there.
    pub lasting: &'a [f64],
    /// The [other variables](Machine::passing) there, where they are remembered.
    pub passing: Option<&'a [f64]>,
}

/// What was known of a run before the boundary of a keyframe, and is known no more once the run has gone on.
#[derive(Debug, Clone)]
struct Memory {
    convergence: ConvergenceTracker,
    /// What the spans of that boundary held of the boundaries before it.
    loss: Bucket,
    gradient_norm: Bucket,
    /// The highest point before it that was surpassed by one after it in their span.
    highest: Option<Arc<Surpassed>>,
}

/// What is seen of a boundary, kept.
#[derive(Debug, Clone)]
struct Unseen {
    t: u64,
    loss: f64,
    gradient_norm: f64,
    w: Vec<f64>,
}

impl Unseen {
    fn seen(&self) -> Seen<'_> {
        Seen {
            t: self.t,
            w: &self.w,
            loss: self.loss,
            gradient_norm: self.gradient_norm,
        }
    }
}

/// Most numbers that are kept of boundaries until the minimum is known; a run that has more of them waits for it.
const MOST_UNSEEN: usize = 1 << 20;

#[derive(Debug)]
struct Surpassed {
    t: u64,
    w: Box<[f64]>,
    loss: f64,
}

/// The iteration at which the loss reached a tolerance, and that since which it has stayed below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConvergenceTracker {
    /// The loss to reach: above the minimum that the run was found near last.
    pub tolerance: LossTolerance,
    /// The first t at which the run had [converged](Arrival).
    pub touched: Option<u64>,
    /// The t from which it has been so up to the newest boundary.
    pub since: Option<u64>,
}

impl ConvergenceTracker {
    /// Nothing has been seen yet.
    fn new(arrival: &Arrival) -> Self {
        Self {
            tolerance: arrival.tolerance_so_far(),
            touched: None,
            since: None,
        }
    }

    #[inline]
    fn see(&mut self, seen: Seen<'_>, arrival: &mut Arrival) {
        if arrival.is_at(seen) {
            self.arrive(seen.t, arrival);
        } else {
            self.since = None;
        }
    }

    /// Takes note that the run has converged at `t`.
    #[inline]
    fn arrive(&mut self, t: u64, arrival: &Arrival) {
        self.tolerance = arrival.tolerance();
        self.touched.get_or_insert(t);
        self.since.get_or_insert(t);
    }
}

impl Timeline {
    /// A timeline that begins where `machine` is.
    #[must_use]
    pub fn new(machine: &Machine, arrival: Arrival) -> Self {
        let t = machine.position().t;
        let mut timeline = Self {
            frames: Keyframes::new(machine),
            due: t,
            frontier: t,
            convergence: ConvergenceTracker::new(&arrival),
            arrival,
            unseen: Vec::new(),
            loss: MinMaxSeries::default(),
            gradient_norm: MinMaxSeries::default(),
            path: Trajectory::new(machine.w().len()),
        };
        timeline.record(machine);
        timeline
    }

    /// The boundary at which the run begins: 0, or the first row of a run that was recorded elsewhere.
    #[must_use]
    pub fn beginning(&self) -> u64 {
        self.frames.beginning().unwrap_or(0)
    }

    /// The newest boundary that has been reached.
    #[must_use]
    pub fn frontier(&self) -> u64 {
        self.frontier
    }

    /// Takes note of a boundary that is reached for the first time.
    #[inline]
    pub fn record(&mut self, machine: &Machine) {
        self.record_at(machine.seen(), &mut |frames, memory| {
            frames.keep(machine, Some(memory), [machine.position().t; 2]);
        });
    }

    #[inline]
    fn record_at(&mut self, seen: Seen<'_>, keep: &mut dyn FnMut(&mut Keyframes, Memory)) {
        let t = seen.t;
        self.frontier = t;
        self.see(seen);
        if self.loss.is_full() {
            self.widen();
        }
        if t >= self.due {
            self.keep(t, keep);
        }
        self.loss.push(t, seen.loss);
        self.gradient_norm.push(t, seen.gradient_norm);
        let frames = &mut self.frames;
        (self.path).push_over(t, seen.w, seen.loss, &mut |point, by| {
            hand_down(frames, point, by);
        });
    }

    /// Notes whether the run converges at a boundary that is new to it, or what it takes to tell that later.
    #[inline]
    fn see(&mut self, seen: Seen<'_>) {
        if self.arrival.is_ready() && self.unseen.is_empty() {
            self.convergence.see(seen, &mut self.arrival);
        } else {
            self.see_later(seen);
        }
    }

    #[cold]
    fn see_later(&mut self, seen: Seen<'_>) {
        let room = MOST_UNSEEN / (seen.w.len() + 1);
        if !self.arrival.is_ready() && self.unseen.len() <= room {
            self.unseen.push(Unseen {
                t: seen.t,
                loss: seen.loss,
                gradient_norm: seen.gradient_norm,
                w: seen.w.to_vec(),
            });
            return;
        }
        self.catch_up();
        self.convergence.see(seen, &mut self.arrival);
    }

    /// Finds out about the boundaries that are not told of yet, which may take long.
    fn catch_up(&mut self) {
        let unseen = std::mem::take(&mut self.unseen);
        let mut unseen = unseen.iter();
        let Some(first) = unseen.as_slice().first() else {
            return;
        };
        self.convergence.tolerance = self.arrival.tolerance();
        // Keyframes know no more than what was known when they were kept.
        let (first, last) = (first.t, self.frontier);
        let mut frames: Vec<&mut Keyframe> = self.frames.between(first, last).collect();
        while let Some(frame) = frames.pop() {
            let before = unseen.as_slice().partition_point(|it| it.t <= frame.t);
            for boundary in unseen.by_ref().take(before) {
                self.convergence.see(boundary.seen(), &mut self.arrival);
            }
            if let Some(memory) = &mut frame.memory {
                memory.convergence = self.convergence;
            }
        }
        for boundary in unseen {
            self.convergence.see(boundary.seen(), &mut self.arrival);
        }
    }

    /// The boundary at which the next keyframe is due: a burst that does not note all numbers is to end there, or before.
    #[inline]
    pub fn due(&self) -> u64 {
        self.due
    }

    /// True where the place of a boundary, besides its loss and its gradient's norm, may tell whether the run has converged.
    #[inline]
    pub fn looks_around(&self) -> bool {
        self.arrival.looks_around()
    }

    /// What a machine [lasts](Machine::lasting) by at `t`, where a keyframe has it.
    pub fn lasting_at(&self, t: u64) -> Option<&[f64]> {
        self.frames.found(t).map(|frame| frame.place().lasting)
    }

    /// Takes note of the boundaries of a burst, all reached for the first time; `machine` is at the last of them.
    pub fn record_burst(&mut self, columns: &Columns, machine: &Machine) {
        let Some(last) = columns.count().checked_sub(1) else {
            return;
        };
        let mut row = 0;
        while row < last {
            let ahead = self.due.saturating_sub(columns.t(row));
            let ahead = usize::try_from(ahead).unwrap_or(usize::MAX);
            let end = row + ahead.min(last - row);
            if end > row {
                self.record_rows(columns, row..end);
                row = end;
            } else {
                self.record_at(columns.seen(row), &mut |frames, memory| {
                    let t = columns.t(row);
                    let place = Place {
                        t,
                        lasting: columns.lasting(row),
                        passing: columns.has_all_lasting().then_some(&[]),
                    };
                    frames.keep_place(place, Some(memory), [t; 2]);
                });
                row += 1;
            }
        }
        self.record(machine);
    }

    /// Takes note of boundaries of a burst at none of which a keyframe is due.
    fn record_rows(&mut self, columns: &Columns, rows: Range<usize>) {
        self.frontier = columns.t(rows.end - 1);
        let is_ready = self.arrival.is_ready() && self.unseen.is_empty();
        if is_ready && self.arrival.is_beyond(columns.gradient_norms.min) {
            self.arrival.pass();
            self.convergence.since = None;
        } else {
            let norms = &columns.gradient_norm[rows.clone()];
            let arrival = &mut self.arrival;
            let known = is_ready.then(|| arrival.is_at_all(&columns.loss[rows.clone()], norms));
            match known.flatten() {
                Some(true) => {
                    self.convergence
                        .arrive(columns.t(rows.start), &self.arrival);
                }
                Some(false) => self.convergence.since = None,
                None => rows.clone().for_each(|row| self.see(columns.seen(row))),
            }
        }
        // The spans of the tracks begin at keyframes: they are full at the beginning of these rows, or not before their end.
        if self.loss.is_full() {
            self.widen();
        }
        let first = columns.t(rows.start);
        self.loss.push_all(first, &columns.loss[rows.clone()]);
        self.gradient_norm
            .push_all(first, &columns.gradient_norm[rows.clone()]);
        let frames = &mut self.frames;
        self.path
            .push_rows(columns, rows, &mut |point, by| hand_down(frames, point, by));
    }

    /// The first row of a burst, before row `end`, at which the run converges and had not `before`; and whether it has
    /// converged at the last row that was looked at.
    pub fn first_arrival(
        &self,
        columns: &Columns,
        end: usize,
        before: bool,
    ) -> (Option<usize>, bool) {
        if self.arrival.is_beyond(columns.gradient_norms.min) {
            return (None, before && end == 0);
        }
        if end == 0 {
            return (None, before);
        }
        let mut arrival = self.arrival.clone();
        let known = arrival.is_at_all(&columns.loss[..end], &columns.gradient_norm[..end]);
        if let Some(is_now) = known {
            return ((is_now && !before).then_some(0), is_now);
        }
        let mut was = before;
        for row in 0..end {
            let is_now = arrival.is_at(columns.seen(row));
            if is_now && !was {
                return (Some(row), true);
            }
            was = is_now;
        }
        (None, was)
    }

    /// Keeps a keyframe where the run goes for the first time.
    #[cold]
    fn keep(&mut self, t: u64, keep: &mut dyn FnMut(&mut Keyframes, Memory)) {
        let memory = Memory {
            convergence: self.convergence,
            loss: self.loss.begun(t),
            gradient_norm: self.gradient_norm.begun(t),
            highest: None,
        };
        keep(&mut self.frames, memory);
        self.due = (t / self.frames.interval + 1) * self.frames.interval;
    }

    /// Makes the spans of the tracks twice as wide.
    #[cold]
    fn widen(&mut self) {
        for frame in self.frames.iter_mut() {
            if let Some(memory) = &mut frame.memory {
                memory.loss = self.loss.widened(frame.t, memory.loss);
                memory.gradient_norm = self.gradient_norm.widened(frame.t, memory.gradient_norm);
            }
        }
        self.loss.thin();
        self.gradient_norm.thin();
    }

    /// Leaves a keyframe where `machine` is on a boundary that it has come by before; `present` is where the lane is.
    pub fn leave(&mut self, machine: &Machine, present: u64) {
        let presents = [machine.position().t, present];
        self.frames.keep(machine, None, presents);
    }

    /// Leaves one that is come back to without running.
    pub fn anchor(&mut self, machine: &Machine) {
        self.frames.anchor(machine, [machine.position().t; 2]);
    }

    /// Keeps the way back to where an edit at `t` was made.
    pub fn pin(&mut self, t: u64) {
        self.frames.pin(t);
    }

    /// The convergence of the run by the newest boundary, which may take long to find out where nobody has before.
    #[must_use]
    pub fn convergence(&self) -> ConvergenceTracker {
        let mut convergence = self.convergence;
        if !self.unseen.is_empty() {
            convergence.tolerance = self.arrival.tolerance();
            let mut arrival = self.arrival.clone();
            for boundary in &self.unseen {
                convergence.see(boundary.seen(), &mut arrival);
            }
        }
        convergence
    }

    /// The same as far as it is known.
    #[must_use]
    pub fn convergence_so_far(&self) -> ConvergenceTracker {
        if self.arrival.is_ready() {
            self.convergence()
        } else {
            self.convergence
        }
    }

    /// The loss that counts as converged near where the run was found last.
    #[must_use]
    pub fn tolerance(&self) -> LossTolerance {
        self.arrival.tolerance()
    }

    /// True where the run has converged where `machine` is.
    #[inline]
    pub fn has_arrived(&mut self, machine: &Machine) -> bool {
        self.arrival.is_at(machine.seen())
    }

    /// Changes what counts as converged; what was known of that is forgotten.
    pub fn set_arrival(&mut self, arrival: Arrival) {
        self.convergence = ConvergenceTracker::new(&arrival);
        self.arrival = arrival;
        self.unseen.clear();
        for frame in self.frames.iter_mut() {
            if let Some(memory) = &mut frame.memory {
                memory.convergence = self.convergence;
            }
        }
    }

    /// Takes note of an edit on the newest boundary.
    pub fn amend(&mut self, machine: &Machine) {
        self.see(machine.seen());
        self.loss.amend(machine.loss());
        self.gradient_norm.amend(machine.gradient_norm());
        self.path.amend(self.frontier, machine.w(), machine.loss());
    }

    /// The latest keyframe from which a machine comes to `t` with all variables: at it, or before it.
    #[must_use]
    pub fn place(&self, t: u64) -> Option<Place<'_>> {
        self.frames.latest(t).map(Keyframe::place)
    }

    /// Forgets the last stretch of the run, from a keyframe before `t` on, or from its beginning, and takes `machine` there.
    ///
    /// Running on from there leaves the same memory as a run that never went further.
    pub fn forget_after(&mut self, t: u64, machine: &mut Machine) {
        let Some(frame) = self.frames.cut(t) else {
            return;
        };
        let at = frame.place();
        machine.come_back(at.t, at.lasting, at.passing);
        (self.frontier, self.due) = (at.t, at.t);
        self.unseen.retain(|boundary| boundary.t < at.t);
        self.arrival.forget();
        let Some(memory) = &frame.memory else { return };
        self.loss.truncate(at.t, memory.loss);
        self.gradient_norm.truncate(at.t, memory.gradient_norm);
        let highest = memory.highest.as_deref().map(|it| Point {
            t: it.t,
            w: &it.w,
            loss: it.loss,
        });
        self.path.truncate(at.t, highest);
        self.convergence = ConvergenceTracker {
            tolerance: self.convergence.tolerance,
            ..memory.convergence
        };
        self.record(machine);
    }
}

/// Gives a point that one at `by` has surpassed to the keyframes between the two, before which it is the highest.
fn hand_down(frames: &mut Keyframes, point: Point<'_>, by: u64) {
    let mut shared: Option<Arc<Surpassed>> = None;
    for frame in frames.between(point.t + 1, by) {
        let Some(memory) = &mut frame.memory else {
            continue;
        };
        let is_higher = |it: &Arc<Surpassed>| it.loss > point.loss;
        if !memory.highest.as_ref().is_some_and(is_higher) {
            let surpassed = shared.get_or_insert_with(|| {
                Arc::new(Surpassed {
                    t: point.t,
                    w: point.w.into(),
                    loss: point.loss,
                })
            });
            memory.highest = Some(Arc::clone(surpassed));
        }
    }
}
