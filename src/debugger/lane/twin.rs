//! A lane's second machine, which looks at its past while the first one stays where it is.

use super::{Lane, Machine};

/// The machine and what else differs from its lane's.
pub(super) struct Twin {
    machine: Machine,
    /// The number of edits at or before its position.
    applied: usize,
    /// True if the run has changed since the twin was last used.
    outdated: bool,
}

impl Twin {
    /// The boundary where the lane is while this looks back; where this has been otherwise.
    pub fn present(&self) -> u64 {
        self.machine.position().t
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
            outdated: true,
        });
        std::mem::swap(&mut self.machine, &mut twin.machine);
        std::mem::swap(&mut self.applied, &mut twin.applied);
        self.looks_back = !self.looks_back;
        if self.looks_back && std::mem::take(&mut twin.outdated) {
            let beginning = self.timeline.beginning();
            if let Some(place) = self.timeline.place(beginning) {
                self.machine
                    .come_back(place.t, place.lasting, place.passing);
            }
            self.resume(beginning);
        }
    }

    /// After a change of the run: what the twin knows of it does not hold any more.
    pub(super) fn outdate_twin(&mut self) {
        if let Some(twin) = &mut self.twin {
            twin.outdated = true;
        }
    }
}
