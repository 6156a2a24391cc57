//! The values that the last step changed: the last line within an iteration, the last iteration on a boundary.
//!
//! They depend on where the session is, not on how it came there: after ten iterations at once, or after a step back,
//! the same values are marked.

use super::frame_budget::FrameBudget;
use crate::debugger::{Lane, Position, Session};

/// Elements of each variable that are compared: beyond, a change is not marked.
const ELEMENTS: usize = 4096;

/// The values that differ from those before the last step.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    lane: String,
    edits: usize,
    /// The values where the session is, and those a step before, where they are known.
    here: Option<Values>,
    before: Option<Values>,
    /// True where the frame had no time to look up those before.
    is_cut: bool,
}

/// The values of a lane at a position.
#[derive(Debug, Clone)]
struct Values {
    at: Position,
    variables: Vec<Vec<f64>>,
    loss: f64,
}

impl Values {
    fn of(lane: &Lane) -> Self {
        let machine = lane.machine();
        let variables = machine.compiled().variables.iter();
        let first = |value: &[f64]| value[..value.len().min(ELEMENTS)].to_vec();
        Self {
            at: lane.position(),
            variables: variables
                .map(|variable| first(machine.value(variable)))
                .collect(),
            loss: machine.loss(),
        }
    }
}

impl Changes {
    /// Brings it up to where the session is.
    pub(super) fn follow(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        let entry = session.lanes().focused();
        let (at, edits) = (entry.lane.position(), entry.lane.edits().len());
        let (name, beginning) = (entry.name.clone(), entry.lane.timeline().beginning());
        let is_known = self.lane == name && self.edits == edits;
        if is_known && !self.is_cut && self.here.as_ref().is_some_and(|here| here.at == at) {
            return;
        }
        let source = if at.line > 0 {
            Some(Position {
                line: at.line - 1,
                ..at
            })
        } else {
            let t = session.boundary_before(at.t);
            t.filter(|t| *t >= beginning).map(Position::at)
        };
        let now = Values::of(&session.lanes().focused().lane);
        let last = self.here.take().filter(|_| is_known);
        self.is_cut = false;
        self.before = source.and_then(|source| match last {
            Some(last) if last.at == source => Some(last),
            _ => budget.spend(session, |session, control| {
                let before = session.focused_mut().lane.in_the_past(|lane| {
                    let is_there = lane.seek(source, |t| control.at(t));
                    is_there.then(|| Values::of(lane))
                });
                self.is_cut = control.has_ended();
                before
            }),
        });
        self.lane = name;
        self.edits = edits;
        self.here = Some(now);
    }

    /// True if the last step changed element `at` of variable `variable`.
    #[must_use]
    pub fn has(&self, variable: usize, at: usize) -> bool {
        let bits = |values: &Option<Values>| {
            let value = values.as_ref()?.variables.get(variable)?.get(at)?;
            Some(value.to_bits())
        };
        let (before, here) = (bits(&self.before), bits(&self.here));
        before.is_some() && before != here
    }

    /// The loss before and after the last step, where both are known.
    #[must_use]
    pub fn loss(&self) -> Option<[f64; 2]> {
        Some([self.before.as_ref()?.loss, self.here.as_ref()?.loss])
    }
}
