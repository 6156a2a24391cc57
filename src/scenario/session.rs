//! A scenario under the debugger: opened, its commands executed.

use super::{Key, Scenario};
use crate::{
    debugger::{
        Control, Session,
        answer::{Answer, Why},
    },
    lang::{
        error::Result,
        source::{Source, Span},
    },
    loss, rule,
};
use std::sync::Arc;

impl Scenario {
    /// A session at t = 0, its commands not yet executed.
    ///
    /// # Errors
    /// As [`Scenario::open`].
    pub fn session(&self) -> Result<Session> {
        let setup = self.open()?;
        Session::new(
            setup.landscape,
            setup.noise,
            setup.lanes,
            self.origin().to_toml()?,
        )
    }

    /// The scenario as a saved session has it: it can be read again from any folder.
    fn origin(&self) -> Self {
        let mut origin = self.clone();
        origin.commands.clear();
        let rules = origin.rules.iter_mut().filter(|rule| rule::is_file(rule));
        let loss = origin.loss.iter_mut().filter(|loss| loss::is_file(loss));
        for file in rules.chain(loss).chain(&mut origin.data) {
            if let Ok(absolute) = std::path::absolute(&*file) {
                *file = absolute.display().to_string();
            }
        }
        origin
    }

    /// Executes the scenario's commands in `session`, with the rights that it gives them, and hands each answer to `told`.
    ///
    /// Returns whether to go on: not after `quit`, nor after an interruption.
    ///
    /// # Errors
    /// The first command that is wrong, at its place in the file.
    pub fn replay(
        &self,
        session: &mut Session,
        control: &mut Control,
        mut told: impl FnMut(&str, &Answer),
    ) -> Result<bool> {
        let rights = std::mem::replace(&mut session.rights, self.rights);
        let replayed = self.replay_commands(session, control, &mut told);
        session.rights = rights;
        replayed
    }

    fn replay_commands(
        &self,
        session: &mut Session,
        control: &mut Control,
        told: &mut dyn FnMut(&str, &Answer),
    ) -> Result<bool> {
        for (at, command) in self.commands.iter().enumerate() {
            if command.trim().is_empty() {
                continue;
            }
            let line = match self.places.find(&Key::Command(at)) {
                Some((source, span)) => within(source, span, command),
                None => Source::new(format!("<command {}>", at + 1), command.as_str()),
            };
            let answer = session.execute(&line, control)?;
            told(command, &answer);
            if !goes_on(&answer) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether more commands may follow this answer.
fn goes_on(answer: &Answer) -> bool {
    match answer {
        Answer::Quit => false,
        Answer::Stopped(stopped) => stopped.why != Why::Interrupted,
        _ => true,
    }
}

/// A command as a text of its own that has it at the same line and column as `source` has.
fn within(source: &Arc<Source>, span: Span, command: &str) -> Arc<Source> {
    let (line, column) = source.position(span.start);
    let mut text = "\n".repeat(line - 1);
    text.push_str(&" ".repeat(column - 1));
    text.push_str(command);
    Source::new(source.name.clone(), text)
}
