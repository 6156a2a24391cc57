//! Functions of the whole history: they follow a run from its beginning, one boundary at a time.

use super::{Boundaries, MOST_NUMBERS, Past, Present, Watch};
use crate::{
    debugger::{lanes::NamedLane, machine::Detail},
    lang::{
        matrix::order,
        wide::{LANES, Wide},
    },
    value::is_same,
};
use std::collections::VecDeque;

/// The function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HistoryKind {
    /// True where a condition has held for so many iterations running.
    Settled(u64),
    /// The first t at which a condition holds; NaN while it never has.
    First,
    /// The last t at which a value changed; NaN while it never has.
    LastChange,
    /// The mean of a number over so many boundaries; over all there are where those are fewer.
    MeanOver(usize),
    /// The standard deviation of a number, likewise; NaN of a single value.
    StdOver(usize),
    /// The value that a share of the numbers lies below, likewise.
    QuantileOver(f64, usize),
}

impl HistoryKind {
    /// The number of boundaries that it counts, where they are the last ones.
    #[must_use]
    pub fn window(self) -> Option<usize> {
        match self {
            Self::MeanOver(count) | Self::StdOver(count) | Self::QuantileOver(_, count) => {
                Some(count)
            }
            Self::Settled(_) | Self::First | Self::LastChange => None,
        }
    }
}

/// A function of the history and what it has seen so far.
#[derive(Debug, Clone)]
pub struct History {
    kind: HistoryKind,
    watch: Box<Watch>,
    memory: Memory,
    burst: BurstAhead,
}

/// A burst as a function of the history sees it ahead.
#[derive(Debug, Clone, Default)]
struct BurstAhead {
    /// What the function follows at each row, one row after the other.
    followed: Vec<f64>,
    /// The value of the function at each row.
    values: Vec<f64>,
    /// What it remembers at the last.
    end: Memory,
}

/// What a function of the history remembers.
#[derive(Debug, Clone, Default)]
struct Memory {
    /// Boundaries up to here have been seen.
    seen: Option<u64>,
    held_for: u64,
    at: Option<u64>,
    last: Vec<f64>,
    /// The values at the newest boundaries, as far as they count.
    window: VecDeque<f64>,
}

impl History {
    /// A function that has seen nothing yet.
    #[must_use]
    pub fn new(kind: HistoryKind, watch: Watch) -> Self {
        Self {
            kind,
            watch: Box::new(watch),
            memory: Memory::default(),
            burst: BurstAhead::default(),
        }
    }

    /// The lane of what it follows.
    pub fn home(&self) -> Option<usize> {
        self.watch.home()
    }

    /// The lanes of what it follows.
    pub fn lanes(&self) -> Vec<usize> {
        self.watch.lanes()
    }

    /// The expression that it follows.
    pub fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// True if what it follows, or its window, takes longer than the iterations between two polls of a control.
    pub(super) fn takes_long(&self, lanes: &[NamedLane]) -> bool {
        let window = self.kind.window().unwrap_or(0);
        window > MOST_NUMBERS || self.watch.takes_long(lanes)
    }

    /// The boundaries that its value depends on, where they are the last ones.
    fn reach(&self) -> Option<u64> {
        match self.kind {
            HistoryKind::Settled(count) => Some(count),
            _ => self.kind.window().map(|count| count as u64),
        }
    }

    /// True where its value depends on the run from its beginning on.
    pub fn spans_all(&self) -> bool {
        matches!(self.kind, HistoryKind::First | HistoryKind::LastChange)
    }

    /// Sees all boundaries before iteration number `t` that its value depends on.
    ///
    /// False where it was told not to go on: it goes on from there when it is asked again.
    pub fn catch_up<P: Past + ?Sized>(&mut self, past: &mut P, t: u64) -> bool {
        let from = match self.memory.seen {
            Some(seen) if seen <= t => past.after(seen),
            _ => {
                self.forget();
                let reach = self.reach().map(|count| count.saturating_sub(1));
                let from = reach.and_then(|count| past.before(t, count));
                from.unwrap_or(0).max(past.beginning())
            }
        };
        if !self.watch.settle(past, from.min(t)) {
            return false;
        }
        let mut at = from;
        while at < t {
            if !past.go_to(at) {
                return false;
            }
            self.follow(past, at);
            self.watch.leave(past);
            if !past.go_on(at, &self.watch) {
                return false;
            }
            at = past.after(at);
        }
        true
    }

    /// Starts again, as if nothing had been seen.
    pub fn forget(&mut self) {
        self.memory = Memory::default();
    }

    /// Takes in the boundary `t`, where the lanes are; one that it knows already changes nothing.
    pub fn follow<P: Present + ?Sized>(&mut self, past: &mut P, t: u64) {
        let memory = &mut self.memory;
        if memory.seen.is_some_and(|seen| seen >= t) {
            return;
        }
        match self.kind {
            // Nothing changes it any more.
            HistoryKind::First if memory.at.is_some() => memory.seen = Some(t),
            HistoryKind::Settled(_) | HistoryKind::First => {
                let holds = self.watch.holds(past);
                memory.see(self.kind, t, &[f64::from(u8::from(holds))]);
            }
            _ => memory.see(self.kind, t, self.watch.evaluate(past)),
        }
    }

    /// The value after what it has seen.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.memory.value(self.kind)
    }

    /// What is read besides w, the states and the loss.
    pub(super) fn detail(&self, lanes: &[NamedLane]) -> Detail {
        self.watch.detail(lanes)
    }

    /// True where what it follows can be had of what a burst notes.
    pub(super) fn runs_in_bursts(&self, lanes: &[NamedLane]) -> bool {
        self.watch.runs_in_bursts(lanes)
    }

    /// Takes note of the boundary where a burst begins.
    pub(super) fn begin_burst<P: Present + ?Sized>(&mut self, past: &mut P) {
        self.burst.followed.clear();
        self.burst.values.clear();
        self.watch.begin_burst(past);
    }

    /// Sees all rows of a burst ahead, where it has not done so yet.
    pub(super) fn look_through(&mut self, rows: &mut impl Boundaries) {
        let count = rows.count();
        if self.burst.values.len() == count {
            return;
        }
        self.watch.look_through(rows);
        self.burst.end.clone_from(&self.memory);
        for first in (0..count).step_by(LANES) {
            let eight = self.watch.evaluate_rows(rows, first);
            for lane in 0..LANES.min(count - first) {
                let from = self.burst.followed.len();
                self.burst.followed.extend(Wide::lane(eight, lane));
                self.burst
                    .end
                    .see_next(self.kind, &self.burst.followed[from..]);
                self.burst.values.push(self.burst.end.value(self.kind));
            }
        }
    }

    /// Its value at a row of a burst that it has looked through.
    pub(super) fn value_at(&self, row: usize) -> f64 {
        self.burst.values.get(row).copied().unwrap_or(f64::NAN)
    }

    /// Goes on to a row of a burst.
    pub(super) fn pass(&mut self, rows: &mut impl Boundaries, row: usize) {
        self.look_through(rows);
        let count = rows.count();
        if row + 1 == count {
            std::mem::swap(&mut self.memory, &mut self.burst.end);
        } else {
            let width = self.burst.followed.len() / count.max(1);
            let rows = self.burst.followed.chunks_exact(width.max(1));
            for followed in rows.take(row + 1) {
                self.memory.see_next(self.kind, followed);
            }
        }
        self.watch.pass(rows, row);
    }
}

impl Memory {
    /// Takes in the next boundary.
    fn see_next(&mut self, kind: HistoryKind, value: &[f64]) {
        self.see(kind, self.seen.map_or(0, |seen| seen + 1), value);
    }

    /// Takes in the boundary `t`, where what is followed has this value.
    fn see(&mut self, kind: HistoryKind, t: u64, value: &[f64]) {
        match kind {
            HistoryKind::Settled(_) => {
                self.held_for = if value[0] == 0.0 {
                    0
                } else {
                    self.held_for + 1
                };
            }
            HistoryKind::First => {
                if self.at.is_none() && value[0] != 0.0 {
                    self.at = Some(t);
                }
            }
            HistoryKind::MeanOver(count)
            | HistoryKind::StdOver(count)
            | HistoryKind::QuantileOver(_, count) => {
                if self.window.len() == count {
                    self.window.pop_front();
                }
                self.window.push_back(value[0]);
            }
            HistoryKind::LastChange => {
                if self.seen.is_some() && !is_same(&self.last, value) {
                    self.at = Some(t);
                }
                self.last.clear();
                self.last.extend_from_slice(value);
            }
        }
        self.seen = Some(t);
    }

    fn value(&self, kind: HistoryKind) -> f64 {
        match kind {
            HistoryKind::Settled(count) => f64::from(u8::from(self.held_for >= count)),
            HistoryKind::MeanOver(_) => mean(self.window.iter().copied()),
            HistoryKind::QuantileOver(share, _) => {
                let mut sorted: Vec<f64> = self.window.iter().copied().collect();
                order::sort(&mut sorted);
                order::at_share(&sorted, share)
            }
            HistoryKind::StdOver(_) => {
                let middle = mean(self.window.iter().copied());
                let squares = self.window.iter().map(|value| {
                    let distance = value - middle;
                    distance * distance
                });
                #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
                let free = self.window.len() as f64 - 1.0;
                (squares.sum::<f64>() / free).sqrt()
            }
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            HistoryKind::First | HistoryKind::LastChange => self.at.map_or(f64::NAN, |t| t as f64),
        }
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let count = values.len() as f64;
    values.sum::<f64>() / count
}
