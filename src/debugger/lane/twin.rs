//! A lane's second machine, which looks at its past while the first one stays where it is.
//!
//! Where it walks it leaves frames behind, so that the last few boundaries are never run again: neither when
//! they are looked at, nor when the lane itself goes back to them.

use super::{Lane, Machine, Position};
use std::collections::VecDeque;

/// Most frames that a twin leaves behind.
const MOST: usize = 64;
/// Bytes that they may take (but two are always left).
const BUDGET: usize = 1 << 20;

/// The machine and what else differs from its lane's.
pub(super) struct Twin {
    machine: Machine,
    /// The number of edits at or before its position.
    applied: usize,
    /// Variables at boundaries that it passed, in the order of passing.
    frames: VecDeque<(u64, Box<[f64]>)>,
    /// True if the run has changed since the twin was last used.
    outdated: bool,
}

impl Twin {
    /// The latest frame at or before the boundary `t`.
    pub fn frame(&self, t: u64) -> Option<(u64, &[f64])> {
        let known = self.frames.iter().filter(|frame| frame.0 <= t);
        let (at, variables) = known.max_by_key(|frame| frame.0)?;
        (!self.outdated).then_some((*at, variables))
    }

    fn keep(&mut self, t: u64, variables: &[f64]) {
        if self.frames.iter().any(|frame| frame.0 == t) {
            return;
        }
        let most = (BUDGET / size_of_val(variables).max(1)).clamp(2, MOST);
        let oldest = (self.frames.len() >= most).then(|| self.frames.pop_front());
        // Room that is there already is cheaper than new room from the system, page by page.
        let frame = match oldest.flatten() {
            Some((_, mut frame)) => {
                frame.copy_from_slice(variables);
                frame
            }
            None => variables.into(),
        };
        self.frames.push_back((t, frame));
    }
}

impl Lane {
    /// Shows the lane to `look` with its twin in the machine's place: wherever that goes, the machine has stayed.
    /// No boundary beyond the newest one is to be gone to.
    pub fn in_the_past<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        if self.looks_back {
            let here = self.position();
            let seen = look(self);
            self.return_to(here);
            return seen;
        }
        self.exchange();
        let seen = look(self);
        self.exchange();
        seen
    }

    /// Puts the twin in the machine's place, or the machine back into its own.
    pub(in crate::debugger) fn exchange(&mut self) {
        let (machine, loss) = (&self.machine, &self.loss);
        let twin = self.twin.get_or_insert_with(|| Twin {
            machine: machine.twin(&**loss),
            applied: 0,
            frames: VecDeque::new(),
            outdated: true,
        });
        std::mem::swap(&mut self.machine, &mut twin.machine);
        std::mem::swap(&mut self.applied, &mut twin.applied);
        self.looks_back = !self.looks_back;
        if self.looks_back && std::mem::take(&mut twin.outdated) {
            twin.frames.clear();
            let (t, variables) = self.timeline.frame(0);
            self.machine.restore(t, variables);
            self.resume(t);
        }
    }

    /// After a change of the run: what the twin knows of it does not hold any more.
    pub(super) fn outdate_twin(&mut self) {
        self.anchors.clear();
        if let Some(twin) = &mut self.twin {
            twin.outdated = true;
        }
    }

    /// Leaves a frame on the boundary that a look back has come to.
    #[inline]
    pub(super) fn leave_frame(&mut self) {
        if !self.looks_back {
            return;
        }
        let Position { t, line } = self.position();
        if let Some(twin) = self.twin.as_mut().filter(|_| line == 0) {
            twin.keep(t, &self.machine.frame());
        }
    }
}
