//! Stops: where a run pauses, or what it logs on its way.

use super::{
    command::{Command, IgnoreHits},
    lanes::{NamedLane, Rows},
    watch::{Boundaries, Midway, Past, Present, Watch},
};
use crate::value::{Value, is_same};

/// A stop as the user made it.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The number, from 1, never used again.
    pub id: u64,
    /// The event that it waits for.
    pub kind: StopKind,
    /// True where it is heeded.
    pub enabled: bool,
    /// True where it is deleted when it is hit.
    pub once: bool,
    /// Hits that are still to be ignored.
    pub ignore: u64,
    /// Hits so far, ignored ones included.
    pub hits: u64,
    /// `ignore` and `hits` right after the commands that made the stop, before any run.
    pub given: Counts,
}

/// The counters of a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Hits that are still to be ignored.
    pub ignore: u64,
    /// Hits so far.
    pub hits: u64,
}

/// The event that a stop waits for.
#[derive(Debug, Clone)]
pub enum StopKind {
    /// A condition that becomes true.
    Break(RisingEdge),
    /// A line that is about to run.
    Line {
        /// The lane, by its number.
        lane: usize,
        /// The line of the step, from 1.
        line: usize,
        /// Only where this holds.
        condition: Option<Watch>,
    },
    /// A value that changes.
    Watch(ValueChange),
    /// A value that is logged at every boundary.
    Trace(Watch),
}

/// A condition, and whether it held at the boundary before.
#[derive(Debug, Clone)]
pub struct RisingEdge {
    /// The condition.
    pub watch: Watch,
    held: bool,
    /// Whether it holds at the end of a burst that was looked through without a hit.
    at_end: Option<bool>,
}

/// A value, and what it was at the boundary before.
#[derive(Debug, Clone)]
pub struct ValueChange {
    /// The value.
    pub watch: Watch,
    bits: Vec<f64>,
    last: Option<Value>,
}

/// A stop that has been hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The number.
    pub id: u64,
    /// The event.
    pub what: HitKind,
}

/// The event at a stop.
#[derive(Debug, Clone, PartialEq)]
pub enum HitKind {
    /// The condition with this text became true.
    Became(String),
    /// The value of this text changed.
    Changed {
        /// The expression.
        text: String,
        /// The value before.
        old: Value,
        /// The value now.
        new: Value,
    },
    /// This line of the step is about to run.
    Line(usize),
}

/// The place before a line of the step, which counts from 1.
fn midway(lane: usize, line: usize) -> Midway {
    Midway {
        lane,
        done: line.saturating_sub(1),
    }
}

impl RisingEdge {
    /// A condition of which nothing is known yet.
    #[must_use]
    pub fn new(watch: Watch) -> Self {
        Self {
            watch,
            held: false,
            at_end: None,
        }
    }
}

impl ValueChange {
    /// A value of which nothing is known yet.
    #[must_use]
    pub fn new(watch: Watch) -> Self {
        Self {
            watch,
            bits: Vec::new(),
            last: None,
        }
    }
}

impl Stop {
    /// The expression that it follows, if it has one.
    #[must_use]
    pub fn watch(&self) -> Option<&Watch> {
        match &self.kind {
            StopKind::Break(edge) => Some(&edge.watch),
            StopKind::Watch(change) => Some(&change.watch),
            StopKind::Trace(watch) => Some(watch),
            StopKind::Line { condition, .. } => condition.as_ref(),
        }
    }

    /// The same, to renumber or reset it.
    pub fn watch_mut(&mut self) -> Option<&mut Watch> {
        match &mut self.kind {
            StopKind::Break(edge) => Some(&mut edge.watch),
            StopKind::Watch(change) => Some(&mut change.watch),
            StopKind::Trace(watch) => Some(watch),
            StopKind::Line { condition, .. } => condition.as_mut(),
        }
    }

    /// Readies it for the boundary `t`, before a run begins; may leave the lanes anywhere.
    ///
    /// False where it was told not to go on.
    pub fn settle<P: Past + ?Sized>(&mut self, past: &mut P, t: u64) -> bool {
        self.watch_mut().is_none_or(|watch| watch.settle(past, t))
    }

    /// Takes note of the state at the boundary `t` where a run begins.
    pub fn begin<P: Present + ?Sized>(&mut self, past: &mut P, t: u64) {
        if let Some(watch) = self.watch_mut() {
            watch.arrive(past, t);
        }
        match &mut self.kind {
            StopKind::Break(edge) => edge.held = edge.watch.holds(past),
            StopKind::Watch(change) => {
                change.bits = change.watch.evaluate(past).to_vec();
                change.last = Some(change.watch.value());
            }
            StopKind::Line { .. } | StopKind::Trace(_) => {}
        }
    }

    /// Before the lanes leave a boundary.
    #[inline]
    pub fn leave<P: Present + ?Sized>(&mut self, past: &mut P) {
        if let Some(watch) = self.watch_mut() {
            watch.leave(past);
        }
    }

    /// After the lanes have come to the boundary `t`: whether something happened on the way.
    #[inline]
    pub fn arrive<P: Present + ?Sized>(&mut self, past: &mut P, t: u64) -> Option<HitKind> {
        match &mut self.kind {
            StopKind::Break(edge) => {
                edge.watch.arrive(past, t);
                let holds = edge.watch.holds(past);
                let became = holds && !edge.held;
                edge.held = holds;
                became.then(|| HitKind::Became(edge.watch.text().to_owned()))
            }
            StopKind::Watch(change) => {
                change.watch.arrive(past, t);
                let now = change.watch.evaluate(past);
                if is_same(now, &change.bits) {
                    return None;
                }
                change.bits.clear();
                change.bits.extend_from_slice(now);
                let new = change.watch.value();
                let old = change.last.replace(new.clone())?;
                Some(HitKind::Changed {
                    text: change.watch.text().to_owned(),
                    old,
                    new,
                })
            }
            StopKind::Line { condition, .. } => {
                if let Some(watch) = condition {
                    watch.arrive(past, t);
                }
                None
            }
            StopKind::Trace(watch) => {
                watch.arrive(past, t);
                watch.evaluate(past);
                None
            }
        }
    }

    /// True where what it waits for can be seen in what a burst notes.
    pub fn runs_in_bursts(&self, lanes: &[NamedLane]) -> bool {
        match &self.kind {
            StopKind::Break(edge) => edge.watch.runs_in_bursts(lanes),
            StopKind::Watch(change) => change.watch.runs_in_bursts(lanes),
            // One without a condition is hit in each iteration.
            StopKind::Line {
                lane,
                line,
                condition,
            } => {
                let place = midway(*lane, *line);
                let seen = |it: &Watch| it.runs_midway(place, lanes);
                condition.as_ref().is_some_and(seen)
            }
            StopKind::Trace(watch) => watch.runs_in_bursts(lanes),
        }
    }

    /// Takes note of the boundary where a burst begins.
    pub fn begin_burst<P: Present + ?Sized>(&mut self, past: &mut P) {
        match &mut self.kind {
            StopKind::Line {
                condition: Some(watch),
                line: 2..,
                ..
            } => watch.note_before(past),
            StopKind::Break(RisingEdge { watch, .. })
            | StopKind::Watch(ValueChange { watch, .. })
            | StopKind::Trace(watch) => watch.begin_burst(past),
            StopKind::Line { .. } => {}
        }
    }

    /// The first row of a burst at which something happens, or has to be seen on the spot; it still knows only what was before
    /// the burst.
    pub fn first_event(&mut self, rows: &mut Rows<'_>, focus: usize) -> Option<usize> {
        match &mut self.kind {
            StopKind::Break(edge) => {
                let rise = edge.watch.rises(rows, edge.held);
                edge.at_end = rise.err();
                rise.ok()
            }
            StopKind::Watch(change) => change.watch.changes(rows, &change.bits),
            StopKind::Line {
                lane,
                line,
                condition,
            } => {
                let place = midway(*lane, *line);
                let watch = condition.as_mut().filter(|_| *lane == focus)?;
                watch.first_midway(place, rows)
            }
            StopKind::Trace(watch) => watch.first_unknown(rows),
        }
    }

    /// Goes on to a row of a burst up to which nothing has happened.
    pub fn pass(&mut self, rows: &mut Rows<'_>, row: usize) {
        match &mut self.kind {
            StopKind::Break(edge) => {
                let at_end = edge.at_end.filter(|_| row + 1 == rows.count());
                edge.held = at_end.unwrap_or_else(|| edge.watch.holds_at(rows, row));
                edge.watch.pass(rows, row);
            }
            StopKind::Watch(change) => change.watch.pass(rows, row),
            StopKind::Trace(watch) => watch.pass(rows, row),
            StopKind::Line { .. } => {}
        }
    }

    /// True where its line is about to run where the lane in focus stands, `line` lines into an iteration.
    pub fn is_at_line<P: Present + ?Sized>(
        &mut self,
        past: &mut P,
        focus: usize,
        line: usize,
    ) -> bool {
        let StopKind::Line {
            lane,
            line: wanted,
            condition,
        } = &mut self.kind
        else {
            return false;
        };
        *lane == focus
            && *wanted == line + 1
            && (condition.as_mut()).is_none_or(|watch| watch.holds(past))
    }

    /// The counters as they are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            ignore: self.ignore,
            hits: self.hits,
        }
    }

    /// The command that sets what it counts, where that is not `before`.
    #[must_use]
    pub fn count_command(&self, before: Counts) -> Option<Command> {
        (self.counts() != before).then(|| {
            Command::Ignore(IgnoreHits {
                id: self.id.into(),
                count: self.ignore,
                hits: Some(self.hits),
            })
        })
    }

    /// Counts a hit; true when it is to be heeded.
    pub fn count(&mut self) -> bool {
        self.hits += 1;
        if self.ignore > 0 {
            self.ignore -= 1;
            return false;
        }
        true
    }
}
