//! The memory of a lane: keyframes to start again from, tracks to plot, a path to draw.
//!
//! A keyframe holds all variables on a boundary, before the edits there. Between keyframes the run is
//! executed again, which is exact because everything is deterministic. When keyframes outgrow their
//! budget every second one is dropped, so a run of any length fits.

use super::{
    arrival::Arrival, machine::Machine, min_max_series::MinMaxSeries, tolerance::LossTolerance,
    trajectory::Trajectory,
};

/// Iterations between keyframes at the beginning of a run of few parameters.
const FIRST_INTERVAL: usize = 256;
/// Numbers that may be computed anew to get from a keyframe to a boundary at the beginning of a run.
const FIRST_STRETCH: usize = 1 << 18;
/// Most keyframes.
const MOST_FRAMES: usize = 4096;
/// Bytes that all keyframes of a lane may take (but two are always kept).
const BUDGET: usize = 64 << 20;

/// The memory of a lane.
#[derive(Debug, Clone)]
pub struct Timeline {
    frames: Vec<Keyframe>,
    interval: u64,
    most: usize,
    frontier: u64,
    /// The convergence of the run.
    convergence: ConvergenceTracker,
    arrival: Arrival,
    /// The loss at each boundary.
    pub loss: MinMaxSeries,
    /// The gradient's Euclidean norm at each boundary.
    pub gradient_norm: MinMaxSeries,
    /// The `w` at boundaries.
    pub path: Trajectory,
}

#[derive(Debug, Clone)]
struct Keyframe {
    t: u64,
    variables: Box<[f64]>,
    convergence: ConvergenceTracker,
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
            tolerance: arrival.tolerance(),
            touched: None,
            since: None,
        }
    }

    #[inline]
    fn see(&mut self, machine: &Machine, arrival: &mut Arrival) {
        if arrival.is_at(machine) {
            let t = machine.position().t;
            self.tolerance = arrival.tolerance();
            self.touched.get_or_insert(t);
            self.since.get_or_insert(t);
        } else {
            self.since = None;
        }
    }
}

/// The interval that a run of `n` parameters begins with, a power of 2.
fn first_interval(n: usize) -> u64 {
    let interval = (FIRST_STRETCH / n.max(1)).clamp(1, FIRST_INTERVAL);
    interval.next_power_of_two() as u64
}

impl Timeline {
    /// A timeline that begins where `machine` is.
    #[must_use]
    pub fn new(machine: &Machine, arrival: Arrival) -> Self {
        let t = machine.position().t;
        let size = size_of_val(&*machine.frame()).max(1);
        let mut timeline = Self {
            frames: Vec::new(),
            interval: first_interval(machine.w().len()),
            most: (BUDGET / size).clamp(2, MOST_FRAMES),
            frontier: t,
            convergence: ConvergenceTracker::new(&arrival),
            arrival,
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
        self.frames.first().map_or(0, |frame| frame.t)
    }

    /// The newest boundary that has been reached.
    #[must_use]
    pub fn frontier(&self) -> u64 {
        self.frontier
    }

    /// Takes note of a boundary that is reached for the first time.
    #[inline]
    pub fn record(&mut self, machine: &Machine) {
        let t = machine.position().t;
        self.frontier = t;
        self.convergence.see(machine, &mut self.arrival);
        self.loss.push(t, machine.loss());
        self.gradient_norm.push(t, machine.gradient_norm());
        self.path.push(t, machine.w(), machine.loss());
        if t.is_multiple_of(self.interval) || self.frames.is_empty() {
            self.keep(t, &machine.frame());
        }
    }

    #[cold]
    fn keep(&mut self, t: u64, frame: &[f64]) {
        let mut room = None;
        if self.frames.len() == self.most {
            self.interval *= 2;
            let (interval, first) = (self.interval, self.beginning());
            let stays = |it: &Keyframe| it.t.is_multiple_of(interval) || it.t == first;
            let frames = std::mem::take(&mut self.frames).into_iter();
            let dropped: Vec<Keyframe>;
            (self.frames, dropped) = frames.partition(stays);
            if !t.is_multiple_of(interval) {
                return;
            }
            room = dropped.into_iter().next().map(|it| it.variables);
        }
        let variables = match room {
            Some(mut room) => {
                room.copy_from_slice(frame);
                room
            }
            None => frame.into(),
        };
        self.frames.push(Keyframe {
            t,
            variables,
            convergence: self.convergence,
        });
    }

    /// The convergence of the run by the newest boundary.
    #[must_use]
    pub fn convergence(&self) -> ConvergenceTracker {
        self.convergence
    }

    /// The loss that counts as converged near where the run was found last.
    #[must_use]
    pub fn tolerance(&self) -> LossTolerance {
        self.arrival.tolerance()
    }

    /// True where the run has converged where `machine` is.
    #[inline]
    pub fn has_arrived(&mut self, machine: &Machine) -> bool {
        self.arrival.is_at(machine)
    }

    /// Changes what counts as converged; what was known of that is forgotten.
    pub fn set_arrival(&mut self, arrival: Arrival) {
        self.convergence = ConvergenceTracker::new(&arrival);
        self.arrival = arrival;
        for frame in &mut self.frames {
            frame.convergence = self.convergence;
        }
    }

    /// Takes note of an edit on the newest boundary.
    pub fn amend(&mut self, machine: &Machine) {
        self.convergence.see(machine, &mut self.arrival);
        self.loss.amend(machine.loss());
        self.gradient_norm.amend(machine.gradient_norm());
        self.path.amend(self.frontier, machine.w(), machine.loss());
    }

    /// The latest keyframe at or before `t`.
    #[must_use]
    pub fn frame(&self, t: u64) -> (u64, &[f64]) {
        let at = self.frames.partition_point(|frame| frame.t <= t);
        let frame = &self.frames[at.saturating_sub(1)];
        (frame.t, &frame.variables)
    }

    /// Forgets the last stretch of the run, from a keyframe at or before `t` on, and returns that.
    ///
    /// The keyframe is one where the tracks and the path have no span that reaches beyond it, so that
    /// running on from there leaves the same memory as a run that never went further.
    #[must_use]
    pub fn forget_after(&mut self, t: u64) -> (u64, Box<[f64]>) {
        let width = self.loss.width().max(self.path.width());
        let fits = |frame: &Keyframe| frame.t <= t && frame.t.is_multiple_of(width);
        // That of the beginning always fits.
        let at = self.frames.iter().rposition(fits).unwrap_or(0);
        let frame = self.frames[at].clone();
        self.frames.truncate(at);
        self.loss.truncate(frame.t);
        self.gradient_norm.truncate(frame.t);
        self.path.truncate(frame.t);
        self.frontier = frame.t;
        self.arrival.forget();
        self.convergence = ConvergenceTracker {
            tolerance: self.convergence.tolerance,
            ..frame.convergence
        };
        (frame.t, frame.variables)
    }
}
