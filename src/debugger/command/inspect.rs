//! Commands that look and change nothing.

use super::Arguments;
use crate::{
    debugger::{
        answer::{Answer, Missing, Saved},
        control::Control,
        session::Session,
        view_command::ViewCommand,
        watch::Wanted,
    },
    files::{self, WriteError},
    lang::error::{ErrorCode, Result},
};

pub(super) fn print(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut watch = session.watch(arguments.line(), arguments.span(), Wanted::Any)?;
    let Some(value) = session.value_attended(&mut watch, control) else {
        return Ok(Answer::Interrupted(Missing::Value));
    };
    let text = watch.text().to_owned();
    Ok(Answer::Printed { text, value })
}

pub(super) fn list(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    Ok(Answer::Lines(session.listing()))
}

pub(super) fn save(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut entries = session.lanes.entries.iter();
    if let Some(entry) = entries.find(|entry| !entry.lane.can_be_changed()) {
        let message = format!(
            "`{}` was recorded elsewhere, and is in its own file",
            entry.name
        );
        return Err(arguments
            .error(arguments.span(), message)
            .help("`drop` it to save the other lanes"));
    }
    let path = files::expand(arguments.text());
    let existing = session.saved.existing(&path, arguments.insists());
    files::write(&path, session.to_text().as_bytes(), existing).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        let help = match error {
            WriteError::Exists => format!("`save! {}` replaces it", arguments.text()),
            _ => "nothing was saved; try another place".to_owned(),
        };
        arguments
            .error(arguments.span(), message)
            .coded(ErrorCode::CannotWrite)
            .help(help)
    })?;
    session.saved.add(&path);
    Ok(Answer::Saved(Saved {
        file: path.display().to_string(),
    }))
}

impl Session {
    /// The session as text: its scenario and the commands that lead to where it is.
    #[must_use]
    pub fn to_text(&self) -> String {
        let commands: Vec<String> = self
            .commands()
            .iter()
            .map(|command| format!("  {},\n", toml::Value::String(command.clone())))
            .collect();
        format!("commands = [\n{}]\n\n{}", commands.concat(), self.origin())
    }
}

pub(super) fn view(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    let words = arguments.words();
    let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    match ViewCommand::parse(&texts) {
        Ok(command) => Ok(Answer::View(command)),
        Err((at, message)) => {
            let span = words.get(at).map_or(arguments.span(), |(span, _)| *span);
            Err(arguments
                .error(span, message)
                .help("`help view` lists what it can do"))
        }
    }
}

pub(super) fn quit(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    arguments.none()?;
    Ok(Answer::Quit)
}
