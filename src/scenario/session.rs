//! A scenario under the debugger: opened, its commands executed.

use super::{FLAGS, Flag, PlaceKey, Scenario, ValueForm, flag::FlagValue};
use crate::{
    debugger::{
        Control, Session,
        answer::{Answer, StopReason},
        command::{AnyCommand, CommandTable},
    },
    error::{Result, Source, Span},
    text::LazyText,
};
use std::sync::Arc;

impl Scenario {
    /// A session at t = 0, its commands not yet executed.
    ///
    /// # Errors
    /// As [`Scenario::open`].
    pub fn session(&self) -> Result<Session> {
        if self.is_bare() {
            return self.default_rule().session();
        }
        let setup = self.open()?;
        Session::near(
            &setup.minima,
            setup.landscape,
            setup.noise,
            setup.lanes,
            self.origin_text(),
        )
    }

    /// The scenario as a saved session has it: it can be read again from any folder.
    #[must_use]
    pub fn origin(&self) -> Self {
        let mut origin = self.clone();
        origin.commands.clear();
        for flag in FLAGS {
            origin.make_absolute(flag);
        }
        origin
    }

    /// The same as text.
    #[must_use]
    pub fn origin_text(&self) -> LazyText {
        let origin = self.origin();
        LazyText::new(move || origin.to_toml())
    }

    /// Paths of files from the root on.
    fn make_absolute(&mut self, flag: &Flag) {
        let absolute = |text: &mut String| {
            if let (true, Ok(path)) = ((flag.is_path)(text), std::path::absolute(&*text)) {
                *text = path.display().to_string();
            }
        };
        if flag.form == ValueForm::Rules {
            self.rules.iter_mut().for_each(absolute);
        } else if let Some(FlagValue::Text(mut text)) = (flag.slot)(self).get() {
            absolute(&mut text);
            (flag.slot_mut)(self).put(FlagValue::Text(text));
        }
    }

    /// Executes the scenario's commands in `session`, with the rights that it gives them, and hands each
    /// answer to `told`.
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
        let told = |text: &str, _: &_, answer: &_| told(text, answer);
        self.replay_with(
            &CommandTable::debugger(),
            session,
            control,
            told,
            |never| match *never {},
        )
    }

    /// The same with the commands of a front end, which are handed to `front_end`.
    ///
    /// # Errors
    /// As [`Scenario::replay`], and those of `front_end`.
    pub fn replay_with<E>(
        &self,
        table: &CommandTable<E>,
        session: &mut Session,
        control: &mut Control,
        mut told: impl FnMut(&str, &AnyCommand<E>, &Answer),
        mut front_end: impl FnMut(&E) -> Result<()>,
    ) -> Result<bool> {
        let rights = session.set_rights(self.rights);
        let replayed = self.replay_commands(table, session, control, &mut told, &mut front_end);
        session.set_rights(rights);
        replayed
    }

    fn replay_commands<E>(
        &self,
        table: &CommandTable<E>,
        session: &mut Session,
        control: &mut Control,
        told: &mut dyn FnMut(&str, &AnyCommand<E>, &Answer),
        front_end: &mut dyn FnMut(&E) -> Result<()>,
    ) -> Result<bool> {
        for (at, command) in self.commands.iter().enumerate() {
            let line = match self.places.find(&PlaceKey::Command(at)) {
                Some((source, span)) => within(source, span, command),
                None => Source::new(format!("<command {}>", at + 1), command.as_str()),
            };
            let start = line.text.len() - command.len();
            let span = Span::new(start, line.text.len());
            let Some((info, parsed)) = table.parse_row(&line, span)? else {
                continue;
            };
            let answer = match &parsed {
                AnyCommand::Debugger(command) => table.apply(session, command, control),
                AnyCommand::FrontEnd(parsed) => {
                    let allowed = session.check_rights(info);
                    let done = allowed.and_then(|()| front_end(parsed));
                    done.map(|()| {
                        session.arrange(command);
                        Answer::Nothing
                    })
                }
            };
            let answer = answer.map_err(|error| error.located(&line, span))?;
            told(command, &parsed, &answer);
            if !goes_on(&answer) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// True where more commands may follow this answer.
fn goes_on(answer: &Answer) -> bool {
    match answer {
        Answer::Quit => false,
        Answer::Stopped(stopped) => stopped.why != StopReason::Interrupted,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults;
    use std::fs;

    #[test]
    fn whatever_call_fails_a_saved_session_is_the_old_one_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("session.toml");
        let mut session = Scenario::default().session().unwrap();
        session.ask("step 12").unwrap();
        faults::each_call(|fault| {
            fs::write(&file, "rule = \"gd\"\n").unwrap();
            let saved = session.ask(&format!("save! {}", file.display()));
            let text = fs::read_to_string(&file).unwrap();
            match saved {
                Ok(_) => assert_eq!(text, session.to_text(), "{fault:?}"),
                Err(error) => {
                    assert_eq!(text, "rule = \"gd\"\n", "{fault:?}");
                    let told = error.to_string();
                    assert!(told.contains("nothing was saved"), "{told}");
                }
            }
        });
    }
}
