//! Commands done by a session, each by the method that does it.

use super::{
    answer::{Answer, Missing, StopReport},
    command::{
        Assignment, BreakAt, Breakpoint, Command, CommandInfo, CommandTable, Effect, LaneCommand,
        Phrase, for_each_command,
    },
    control::Control,
    rights::Rights,
    session::Session,
    watch::ExpectedType,
};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

impl<E> CommandTable<E> {
    /// Does a command of the debugger; `help` tells of all commands of this table.
    ///
    /// # Errors
    /// As [`Session::apply`].
    pub fn apply(
        &self,
        session: &mut Session,
        command: &Command,
        control: &mut Control,
    ) -> Result<Answer> {
        match command {
            Command::Help(topic) => self.help(Some(session), topic.as_ref()).map(Answer::Text),
            other => session.apply(other, control),
        }
    }
}

macro_rules! handlers {
    ($($variant:ident $(($argument:ty))? = $info:tt
        does |$session:pat_param, $control:pat_param $(, $name:ident)?| $does:block
        $(answers $answer:ident($data:ty) $sentence:literal $about:literal)*;)*) => {
        fn dispatch(session: &mut Session, command: &Command, control: &mut Control) -> Result<Answer> {
            Ok(match command {
                $(Command::$variant $(($name))? => {
                    let ($session, $control) = (session, control);
                    $does
                })*
            })
        }
    };
}

for_each_command!(handlers);

impl Session {
    /// Does a command.
    ///
    /// # Errors
    /// The reason why it cannot be done, at its place where the command was read from a text; nothing has
    /// changed then.
    pub fn apply(&mut self, command: &Command, control: &mut Control) -> Result<Answer> {
        let info = command.info();
        self.check_rights(info)?;
        let answer = dispatch(self, command, control);
        self.lanes.refresh_minima();
        let answer = answer.map_err(|error| info.corrected(error))?;
        // What is left of a command that was taken up again is not what an empty line repeats.
        if info.repeats && control.done() == 0 {
            self.repeat = Some(command.clone());
        }
        Ok(answer)
    }

    /// Executes one line of the debugger's own commands; an empty one repeats the last stepping command.
    ///
    /// # Errors
    /// The mistake in the line, with its place in it; nothing has changed then.
    pub fn execute(&mut self, line: &Arc<Source>, control: &mut Control) -> Result<Answer> {
        let command = if line.text.trim().is_empty() {
            self.repeat.clone()
        } else {
            CommandTable::debugger().parse_debugger(line)?
        };
        match command {
            Some(command) => {
                let answer = self.apply(&command, control);
                answer.map_err(|error| error.located(line, whole(line)))
            }
            None => Ok(Answer::Nothing),
        }
    }

    /// Refuses a command that writes files where the text that it comes from may not.
    ///
    /// # Errors
    /// It may not; without a place.
    pub fn check_rights(&self, info: &CommandInfo) -> Result<()> {
        if info.effect != Effect::Writes || self.rights != Rights::NoWriting {
            return Ok(());
        }
        let message = format!("`{}` writes a file, and this text may not", info.name);
        Err(Error::plain(ErrorCode::NotAllowed, message)
            .help("files that you trust may: --allow-writes; or type the command yourself"))
    }

    fn make_break(&mut self, breakpoint: &Breakpoint, once: bool) -> Result<StopReport> {
        let mut options = breakpoint.options;
        options.once |= once;
        match &breakpoint.at {
            BreakAt::Condition(condition) => self.break_when(condition.clone(), options),
            BreakAt::Line { line, condition } => {
                self.break_line(line.clone(), condition.clone(), options)
            }
        }
    }

    fn print(&mut self, expression: &Phrase, control: &mut Control) -> Result<Answer> {
        let text = expression.text().trim().to_owned();
        let mut watch = self.compile(expression, ExpectedType::Any)?;
        Ok(match self.value(&mut watch, control) {
            Some(value) => {
                let is_missing = value.numbers().iter().any(|it| it.is_nan());
                if let Some(why) = self.unreadable(&watch).filter(|_| is_missing) {
                    let error = expression.error(format!("the row here cannot be read: {why}"));
                    let help =
                        "`back` goes to rows that can be, and `eigenstep open` reads the file anew";
                    return Err(error.coded(ErrorCode::CannotRead).help(help));
                }
                let unassigned = self.unassigned(&watch).filter(|_| is_missing);
                if let Some((name, line)) = unassigned {
                    let error = expression.error(format!("no line has assigned `{name}` yet"));
                    let help = format!("line {line} of the first iteration does: `step` runs it");
                    return Err(error.help(help));
                }
                let unknown = watch.no_value(&mut self.lanes);
                Answer::Printed {
                    text,
                    value,
                    unknown,
                }
            }
            None => Answer::Interrupted(Missing::Value),
        })
    }

    fn assign(
        &mut self,
        Assignment { name, value }: &Assignment,
        control: &mut Control,
    ) -> Result<Answer> {
        if self.is_option(name)? {
            return self
                .set_option(name.clone(), value.clone(), control)
                .map(Answer::OptionSet);
        }
        self.set(name.clone(), value.clone(), control)
            .map(Answer::Set)
    }

    fn do_lane(&mut self, command: &LaneCommand, control: &mut Control) -> Result<Answer> {
        Ok(match command {
            LaneCommand::List => Answer::Lanes(self.lane_table()),
            LaneCommand::Focus(name) => Answer::Focused(self.focus(name.clone())?),
            LaneCommand::Add(new) => {
                let name = new.name.as_ref().unwrap_or(&new.rule).text();
                let missing = || Answer::Interrupted(Missing::Lane(name.to_owned()));
                let added = self.add_lane(new, control)?;
                added.map_or_else(missing, Answer::Added)
            }
        })
    }
}

/// All that a line says.
fn whole(line: &Source) -> Span {
    let text = &line.text;
    let start = text.len() - text.trim_start().len();
    Span::new(start, text.trim_end().len().max(start))
}
