//! Commands that wait for the minimum near the start where it is looked for aside: in their order, while keys are answered.

use super::{App, Message};
use crate::{
    debugger::command::{AnyCommand, Command},
    tui::command::Line,
};

/// True where a command may ask where the minimum is.
fn asks_minimum(line: &Line) -> bool {
    match line {
        AnyCommand::Debugger(command) => command.asks_minimum(),
        AnyCommand::FrontEnd(command) => command.asks_minimum(),
    }
}

impl App {
    /// Puts a command off until the minimum is known, where it needs that or comes after one that does; false where it can be
    /// done at once.
    pub(in crate::tui) fn puts_off(&mut self, line: &Line) -> bool {
        let is_first = self.deferred.is_empty();
        let leaves = matches!(line, AnyCommand::Debugger(Command::Quit));
        let goes = leaves || is_first && !asks_minimum(line);
        if goes || !self.derived.waits_for_home(&self.session) {
            return false;
        }
        if is_first {
            let text = format!("`{line}` waits for the minimum, which is looked for; esc drops it");
            self.message = Message::Event(text);
        }
        self.deferred.push_back(line.clone());
        true
    }

    /// The next command that was put off, once it need not wait any longer.
    pub(in crate::tui) fn next_deferred(&mut self) -> Option<Line> {
        if self.deferred.is_empty() || self.derived.waits_for_home(&self.session) {
            return None;
        }
        self.message = Message::Hints;
        self.deferred.pop_front()
    }

    /// Drops what was put off; false where there was nothing.
    pub(in crate::tui) fn drop_deferred(&mut self) -> bool {
        let dropped = !self.deferred.is_empty();
        if dropped {
            self.deferred.clear();
            self.message = Message::Said("dropped; the minimum is still looked for".into());
        }
        dropped
    }
}
