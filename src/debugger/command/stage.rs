//! Commands on recordings and tours, which only a screen can follow.

use super::Arguments;
use crate::{
    debugger::{
        answer::Answer,
        control::Control,
        session::Session,
        view_command::{Destination, TourCommand, ViewCommand},
    },
    files,
    lang::error::Result,
};

pub(super) fn record(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    arguments.some()?;
    Ok(Answer::View(ViewCommand::Record(match arguments.text() {
        "stop" => None,
        file => Some(Destination {
            path: files::expand(file),
            insists: arguments.insists(),
        }),
    })))
}

pub(super) fn tour(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    let words = arguments.words();
    let command = match words[..] {
        [] => TourCommand::List,
        [(_, "next")] => TourCommand::Next,
        [(_, "resume")] => TourCommand::Resume,
        [(_, "end")] => TourCommand::End,
        [(_, name)] => TourCommand::Begin(name.to_owned()),
        [_, (span, _), ..] => return Err(arguments.error(span, "one tour at a time")),
    };
    Ok(Answer::View(ViewCommand::Tour(command)))
}
