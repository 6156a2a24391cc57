//! A companion sees every frame and gets each key before the app does.
//!
//! Recordings and tours are such companions. They live above the screen, which knows only this.

use super::app::App;
use crate::{
    debugger::command::{Argument, Destination, LineReader, Name, quote},
    error::Result,
    tui::key::KeyEvent,
};
use ratatui::{buffer::Buffer, layout::Position};
use serde::Serialize;
use std::io;

/// A screen as it was drawn.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// The cells.
    pub cells: Buffer,
    /// The cell of the cursor, if it is shown.
    pub cursor: Option<Position>,
}

/// Draws the app on the screen at once.
pub type Draw<'a> = dyn FnMut(&mut App) -> io::Result<Picture> + 'a;

/// Goes along.
pub trait Companion {
    /// Comes before a frame, and may change what it is about to show.
    fn before(&mut self, app: &mut App);

    /// Sees a frame.
    fn drawn(&mut self, picture: &Picture);

    /// Sees a key; true if it was for the companion.
    ///
    /// # Errors
    /// If the terminal refuses what is drawn.
    fn key(&mut self, app: &mut App, key: KeyEvent, draw: &mut Draw) -> io::Result<bool>;

    /// Begins or ends a recording.
    fn record(&mut self, app: &mut App, command: &RecordCommand);

    /// Leads a tour.
    ///
    /// # Errors
    /// If the terminal refuses what is drawn.
    fn tour(&mut self, app: &mut App, command: &TourCommand, draw: &mut Draw) -> io::Result<()>;
}

/// `FILE | stop`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordCommand {
    /// Ends the recording.
    Stop,
    /// Records the screen into this file from now on.
    Into(Destination),
}

/// `[NAME | next | resume | end]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TourCommand {
    /// Tells which there are.
    List,
    /// Begins this one; the session is put aside.
    Begin(Name),
    /// Goes on to the next caption.
    Next,
    /// Returns to where the tour was left.
    Resume,
    /// Ends it, and goes back to the session that was put aside.
    End,
}

/// The words of `tour` that are no tours.
pub(super) const TOUR_WORDS: [&str; 3] = ["end", "next", "resume"];

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
        for (word, command) in TOUR_WORDS
            .into_iter()
            .zip([Self::End, Self::Next, Self::Resume])
        {
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
            Self::End => "end".into(),
            Self::Next => "next".into(),
            Self::Resume => "resume".into(),
        }
    }
}
