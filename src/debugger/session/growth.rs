//! Recorded runs that are still written.

use super::Session;
use crate::{debugger::NewRows, error::Result};

impl Session {
    /// Takes in the rows that recorded runs have got since they were last read, and lets runs be as long as they are.
    ///
    /// # Errors
    /// A file that cannot be read any more, or a line in it that is no row: nothing more is taken in from there.
    pub fn grow(&mut self) -> Result<NewRows> {
        let mut all = NewRows::default();
        let mut failed = Ok(());
        for entry in &mut self.lanes.entries {
            match entry.grow() {
                Ok(new) => {
                    all.rows = all.rows.max(new.rows);
                    all.unknown.extend(new.unknown);
                }
                Err(error) => failed = Err(error),
            }
        }
        if all.rows > 0 {
            let lanes = self.lanes.entries.iter_mut();
            lanes.for_each(|entry| entry.lane.has_grown());
        }
        self.allow_runs_of(self.options.max_run.max(self.lanes.last()));
        failed.map(|()| all)
    }
}
