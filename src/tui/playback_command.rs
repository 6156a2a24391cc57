//! `record ...` and `tour ...`: the commands that the middleware of the screen follows.

use crate::{
    debugger::command::{Argument, Destination, LineReader, Name, Phrase},
    error::Result,
    lang::quote,
};
use serde::Serialize;

/// `FILE | stop`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordCommand {
    /// Ends the recording.
    Stop,
    /// Records the screen into this file from now on.
    Into(Destination),
}

/// `[NAME | next | back | answer EXPR | resume | end]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TourCommand {
    /// Tells which there are.
    List,
    /// Begins this one; the session is put aside.
    Begin(Name),
    /// Goes on to the next caption.
    Next,
    /// Goes back to the caption before.
    Back,
    /// Answers the question that it has put.
    Answer(Phrase),
    /// Returns to where the tour was left.
    Resume,
    /// Ends it, and goes back to the session that was put aside.
    End,
}

/// The words of `tour` that are no tours.
pub(super) const TOUR_WORDS: [&str; 5] = ["answer", "back", "end", "next", "resume"];

impl Argument for RecordCommand {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.left().text() == "stop" {
            reader.keyword("stop");
            return Ok(Self::Stop);
        }
        Destination::read(reader).map(Self::Into)
    }

    fn written(&self) -> String {
        match self {
            Self::Stop => "stop".into(),
            Self::Into(to) => quote::written(to.file.text(), |text| text != "stop"),
        }
    }

    fn insists(&self) -> bool {
        matches!(self, Self::Into(to) if to.replace)
    }
}

impl Argument for TourCommand {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.keyword("answer") {
            return reader.phrase().map(Self::Answer);
        }
        let words = TOUR_WORDS.into_iter().skip(1);
        for (word, command) in words.zip([Self::Back, Self::End, Self::Next, Self::Resume]) {
            if reader.keyword(word) {
                return Ok(command);
            }
        }
        Ok(reader.name()?.map_or(Self::List, Self::Begin))
    }

    fn written(&self) -> String {
        match self {
            Self::List => String::new(),
            Self::Begin(name) => quote::word(name.text(), &TOUR_WORDS),
            Self::Answer(phrase) => format!("answer {}", phrase.written()),
            Self::Back => "back".into(),
            Self::End => "end".into(),
            Self::Next => "next".into(),
            Self::Resume => "resume".into(),
        }
    }
}
