//! Commands done by a session, each by the method that does it.

use super::{
    answer::{Answer, Ignored, Missing, StopSelection},
    command::{
        Assignment, BreakAt, Breakpoint, Command, CommandInfo, CommandTable, Effect, LaneCommand,
        Phrase, StopIds,
    },
    control::Control,
    rights::Rights,
    session::Session,
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

impl Session {
    /// Does a command.
    ///
    /// # Errors
    /// The reason why it cannot be done, at its place where the command was read from a text; nothing has
    /// changed then.
    pub fn apply(&mut self, command: &Command, control: &mut Control) -> Result<Answer> {
        let info = command.info();
        self.check_rights(info)?;
        let answer = self.dispatch(command, control);
        self.lanes.refresh_minima();
        let answer = answer?;
        if info.repeats {
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

    fn dispatch(&mut self, command: &Command, control: &mut Control) -> Result<Answer> {
        Ok(match command {
            Command::Step(times) => Answer::Stopped(self.step(times.0, control)),
            Command::Back(times) => Answer::Stopped(self.back(times.0, control)),
            Command::StepLine(times) => Answer::Stopped(self.step_lines(times.0, control)),
            Command::BackLine(times) => Answer::Stopped(self.back_lines(times.0, control)),
            Command::Continue(times) => Answer::Stopped(self.continue_run(times.0, control)),
            Command::ReverseContinue(times) => {
                Answer::Stopped(self.reverse_continue(times.0, control))
            }
            Command::Until(condition) => {
                Answer::Stopped(self.run_until(condition.clone(), control)?)
            }
            Command::Goto(moment) => Answer::Stopped(self.goto(moment, control)?),
            Command::First => Answer::Stopped(self.first(control)),
            Command::Last => Answer::Stopped(self.last(control)),
            Command::Restart => Answer::Stopped(self.restart(control)),
            Command::Break(breakpoint) => self.make_break(breakpoint, false)?,
            Command::BreakOnce(breakpoint) => self.make_break(breakpoint, true)?,
            Command::Watch(watch) => {
                Answer::Stop(self.watch_value(watch.value.clone(), watch.options)?)
            }
            Command::Trace(value) => Answer::Stop(self.trace(value.clone())?),
            Command::Display(value) => Answer::Display(self.display(value.clone(), control)?),
            Command::Plot(curves) => Answer::Plot(self.plot(curves.clone())?),
            Command::Delete(ids) => self.delete(ids).map(|()| Answer::Deleted(selection(ids)))?,
            Command::Enable(ids) => self.enable(ids).map(|()| Answer::Enabled(selection(ids)))?,
            Command::Disable(ids) => self
                .disable(ids)
                .map(|()| Answer::Disabled(selection(ids)))?,
            Command::Ignore(ignored) => {
                self.ignore(ignored)?;
                let (id, hits) = (ignored.id.value, ignored.count);
                Answer::Ignored(Ignored { id, hits })
            }
            Command::Print(expression) => self.print(expression, control)?,
            Command::Explain(name) => Answer::Explained(self.explain_name(name.clone())?),
            Command::List => Answer::Lines(self.listing()),
            Command::Info(Some(topic)) => self.info(*topic, control),
            Command::Info(None) => Answer::Text(super::help::info_topics()),
            Command::Set(assignment) => self.assign(assignment, control)?,
            Command::Undo => Answer::Undone(self.undo(control)?),
            Command::Fork(name) => Answer::Forked(self.fork(name.clone())?),
            Command::Lane(command) => self.do_lane(command, control)?,
            Command::Drop(name) => Answer::Dropped(self.drop_lane(name.clone())?),
            Command::Sweep(sweep) => match self.sweep(sweep, control)? {
                Some(map) => Answer::Swept(Box::new(map)),
                None => Answer::Interrupted(Missing::Map),
            },
            Command::Save(to) => Answer::Saved(self.save(to)?),
            Command::Help(topic) => {
                Answer::Text(CommandTable::debugger().help(Some(self), topic.as_ref())?)
            }
            Command::Quit => Answer::Quit,
        })
    }

    fn make_break(&mut self, breakpoint: &Breakpoint, once: bool) -> Result<Answer> {
        let mut options = breakpoint.options;
        options.once |= once;
        let stop = match &breakpoint.at {
            BreakAt::Condition(condition) => self.break_when(condition.clone(), options),
            BreakAt::Line { line, condition } => {
                self.break_line(line.clone(), condition.clone(), options)
            }
        };
        stop.map(Answer::Stop)
    }

    fn print(&mut self, expression: &Phrase, control: &mut Control) -> Result<Answer> {
        let text = expression.text().trim().to_owned();
        Ok(match self.evaluate(expression.clone(), control)? {
            Some(value) => Answer::Printed { text, value },
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

fn selection(ids: &StopIds) -> StopSelection {
    StopSelection {
        ids: match ids {
            StopIds::All => None,
            StopIds::Those(ids) => Some(ids.iter().map(|id| id.value).collect()),
        },
    }
}

/// All that a line says.
fn whole(line: &Source) -> Span {
    let text = &line.text;
    let start = text.len() - text.trim_start().len();
    Span::new(start, text.trim_end().len().max(start))
}
