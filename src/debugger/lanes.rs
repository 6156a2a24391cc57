//! Several lanes in lockstep, on one loss.
//!
//! All lanes stand at equal t; only the lane in focus may stand between the lines of an iteration. A
//! lane that has diverged is halted: it stays where that happened, and moves again before it.

use super::{
    lane::Lane,
    machine::Position,
    watch::{LaneNames, Names, Past, Quantity},
};
use crate::analysis::Reference;
use std::sync::Arc;

/// Most lanes at a time.
pub const MOST_LANES: usize = 8;

/// A lane with its name and what is known about its run.
pub struct Entry {
    /// What it is called: an identifier.
    pub name: String,
    /// The run.
    pub lane: Lane,
    /// The minimum that its errors are counted from.
    pub reference: Reference,
    /// Where and why it cannot go on.
    pub halt: Option<Halt>,
}

/// The end of a run that left the loss's bounds or the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Halt {
    /// The boundary at which it ended.
    pub t: u64,
    /// Why.
    pub why: HaltReason,
}

/// Why a lane cannot go on.
#[derive(Debug, Clone, PartialEq)]
pub enum HaltReason {
    /// Some value is NaN or infinite.
    NotFinite(NotFinite),
    /// A parameter has left the loss's bounds.
    OutOfBounds {
        /// Which one, from 1.
        coordinate: usize,
        /// Its value.
        value: f64,
        /// The bound on its magnitude.
        bound: f64,
    },
}

/// Where the first value that is not finite appeared.
#[derive(Debug, Clone, PartialEq)]
pub struct NotFinite {
    /// The iteration that made it.
    pub t: u64,
    /// The line of its step, from 1; `None` where the loss or its gradient did.
    pub line: Option<usize>,
    /// The variable (or `loss`, `grad`).
    pub variable: String,
    /// The element, from 1, of a vector.
    pub coordinate: Option<usize>,
    /// The value: NaN or an infinity.
    pub value: f64,
}

/// The lanes of a session.
pub struct Lanes {
    /// All of them; never empty.
    pub entries: Vec<Entry>,
    /// The one in focus.
    pub focus: usize,
    /// A run ends where some `abs(w[i])` reaches this.
    pub bound: f64,
}

impl Lanes {
    /// The lane in focus.
    #[must_use]
    pub fn focused(&self) -> &Entry {
        &self.entries[self.focus]
    }

    /// The lane in focus.
    pub fn focused_mut(&mut self) -> &mut Entry {
        &mut self.entries[self.focus]
    }

    /// The lane called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.name == name)
    }

    /// Where the session is: the position of the lane in focus, or the t of the lanes that go on.
    #[must_use]
    pub fn position(&self) -> Position {
        let furthest = self.entries.iter().map(|entry| entry.lane.position()).max();
        let focus = self.focused().lane.position();
        match furthest {
            Some(furthest) if furthest.t > focus.t => Position::at(furthest.t),
            _ => focus,
        }
    }

    /// The newest boundary of any lane.
    #[must_use]
    pub fn frontier(&self) -> u64 {
        let frontiers = self
            .entries
            .iter()
            .map(|entry| entry.lane.timeline().frontier());
        frontiers.max().unwrap_or(0)
    }

    /// Whether no lane can go on.
    #[must_use]
    pub fn all_halted(&self) -> bool {
        self.entries.iter().all(Entry::is_halted)
    }

    /// Every lane takes one iteration, or finishes the one that it has begun; halted ones stay.
    #[inline]
    pub fn iterate(&mut self) {
        let t = self.position().t + 1;
        for entry in &mut self.entries {
            if entry.lane.position().t < t && !entry.is_halted() {
                entry.lane.iterate();
            }
        }
    }

    /// The lane in focus takes one line; when that ends an iteration the others catch up.
    pub fn line(&mut self) {
        let entry = self.focused_mut();
        if entry.is_halted() || entry.lane.line() {
            let t = match entry.is_halted() {
                true => self.position().t + 1,
                false => entry.lane.position().t,
            };
            let focus = self.focus;
            for (at, entry) in self.entries.iter_mut().enumerate() {
                if at != focus && !entry.is_halted() && entry.lane.position().t < t {
                    entry.lane.iterate();
                }
            }
        }
    }

    /// Looks for lanes whose run ends here; true if one has been found just now.
    #[inline]
    pub fn look_for_ends(&mut self) -> bool {
        let bound = self.bound;
        let mut found = false;
        for entry in &mut self.entries {
            found |= entry.look_for_end(bound);
        }
        found
    }

    /// Iterations between two questions whether to go on: about 0.1 ms of work.
    #[must_use]
    pub fn stride(&self) -> u64 {
        let n = self.focused().lane.machine().w().len() as u64;
        (1024 / n.max(1)).max(1)
    }

    /// Takes all lanes to `target`: the one in focus to the line, the others to the boundary before it.
    ///
    /// Beyond what has been run already it runs, until no lane can go on. Stops where `go_on` says no;
    /// the lanes are at equal t then too.
    pub fn seek(&mut self, target: Position, mut go_on: impl FnMut(u64) -> bool) -> bool {
        let known = Position {
            t: target.t.min(self.frontier()),
            line: if target.t > self.frontier() {
                0
            } else {
                target.line
            },
        };
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let line = if at == self.focus { known.line } else { 0 };
            let aim = match entry.end_of_run() {
                Some(end) if end <= known.t => Position::at(end),
                _ => Position { line, ..known },
            };
            entry.lane.seek(aim, |_| true);
        }
        let stride = self.stride();
        self.look_for_ends();
        while self.position().t < target.t && !self.all_halted() {
            self.iterate();
            self.look_for_ends();
            let t = self.position().t;
            if t.is_multiple_of(stride) && !go_on(t) {
                return false;
            }
        }
        while self.position() < target && !self.focused().is_halted() {
            self.line();
        }
        true
    }

    /// The names that watches may use.
    #[must_use]
    pub fn names(&self) -> Names {
        let lanes = self.entries.iter().map(|entry| LaneNames {
            name: entry.name.clone(),
            compiled: Arc::clone(entry.lane.machine().compiled()),
            has_eigenbasis: entry.reference.eigenbasis().is_some(),
        });
        Names {
            lanes: lanes.collect(),
            focus: self.focus,
        }
    }
}

impl Past for Lanes {
    fn go_to(&mut self, t: u64) {
        self.seek(Position::at(t), |_| true);
    }

    #[inline]
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        let entry = &mut self.entries[lane];
        quantity.read(&mut entry.lane, &entry.reference, out);
    }
}

impl Entry {
    /// Whether the run has ended here.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.end_of_run()
            .is_some_and(|end| self.lane.position().t >= end)
    }

    fn end_of_run(&self) -> Option<u64> {
        self.halt.as_ref().map(|halt| halt.t)
    }

    /// Looks whether the run ends at the boundary where it is, and notes it.
    ///
    /// Returns true when that has been found just now.
    #[inline]
    pub fn look_for_end(&mut self, bound: f64) -> bool {
        if self.halt.is_some() {
            return false;
        }
        let machine = self.lane.machine();
        let finite = machine.loss().is_finite();
        if finite && !(bound.is_finite() && machine.w().iter().any(|w| w.abs() >= bound)) {
            return false;
        }
        self.note_end(bound, finite);
        true
    }

    #[cold]
    fn note_end(&mut self, bound: f64, finite: bool) {
        let t = self.lane.position().t;
        let why = if finite {
            let w = self.lane.machine().w();
            let at = w.iter().position(|w| w.abs() >= bound).unwrap_or(0);
            HaltReason::OutOfBounds {
                coordinate: at + 1,
                value: w[at],
                bound,
            }
        } else {
            HaltReason::NotFinite(self.find_not_finite(t))
        };
        self.halt = Some(Halt { t, why });
    }

    /// Walks back to the iteration that made the first value that is not finite, and through its lines.
    fn find_not_finite(&mut self, t: u64) -> NotFinite {
        let mut culprit = t;
        while culprit > 0 {
            self.lane.seek(Position::at(culprit - 1), |_| true);
            if self.not_finite().is_none() {
                break;
            }
            culprit -= 1;
        }
        let mut found = None;
        let lines = self.lane.machine().compiled().lines.len();
        for line in 1..=lines {
            if culprit == 0 {
                break;
            }
            let boundary = self.lane.line();
            if let Some((variable, coordinate, value)) = self.not_finite() {
                found = Some(NotFinite {
                    t: culprit,
                    line: Some(line),
                    variable,
                    coordinate,
                    value,
                });
                break;
            }
            if boundary {
                break;
            }
        }
        self.lane.seek(Position::at(t), |_| true);
        found.unwrap_or_else(|| {
            let machine = self.lane.machine();
            NotFinite {
                t: culprit,
                line: None,
                variable: "loss".into(),
                coordinate: None,
                value: machine.loss(),
            }
        })
    }

    /// The first variable here that is not finite. Temporaries have no value at t = 0.
    fn not_finite(&self) -> Option<(String, Option<usize>, f64)> {
        let machine = self.lane.machine();
        let position = self.lane.position();
        let lines = &machine.compiled().lines;
        let assigned = |variable: usize| {
            position.t > 0
                || lines[..position.line]
                    .iter()
                    .any(|line| line.variable == variable)
        };
        for (at, variable) in machine.compiled().variables.iter().enumerate() {
            if variable.kind == crate::rule::VariableKind::Temporary && !assigned(at) {
                continue;
            }
            let value = machine.value(variable);
            if let Some(element) = value.iter().position(|value| !value.is_finite()) {
                let coordinate = (value.len() > 1).then_some(element + 1);
                return Some((variable.name.clone(), coordinate, value[element]));
            }
        }
        None
    }
}
