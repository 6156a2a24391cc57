//! A session that takes the place of another one on the same run.

use crate::{debugger::Control, debugger::Session, error::Result};

impl Session {
    /// Leads this session, on what the run of `old` is by now, to where that is: its commands are given again, and the journal
    /// goes on.
    ///
    /// # Errors
    /// A command that cannot be given any more; `old` is as it was then.
    pub fn succeed(&mut self, old: &mut Self, control: &mut Control) -> Result<()> {
        self.front_end.clone_from(&old.front_end);
        for command in old.commands() {
            self.apply(&command, control)?;
        }
        self.journal = std::mem::take(&mut old.journal);
        self.saved = std::mem::take(&mut old.saved);
        self.arrangement = std::mem::take(&mut old.arrangement);
        self.rights = old.rights;
        self.repeat = old.repeat.take();
        Ok(())
    }
}
