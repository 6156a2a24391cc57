//! Middleware between the terminal and the app: it sees every frame, and gets each key before the app does.
//!
//! Recordings and tours are middleware. They live above the screen, which knows only this.

use super::{
    app::App,
    key::KeyEvent,
    playback_command::{RecordCommand, TourCommand},
};
use crate::scenario::journal::TourPlace;
use ratatui::{buffer::Buffer, layout::Position};
use std::io;

/// A screen as it was drawn.
#[derive(Debug, Clone, Default)]
pub struct Screenshot {
    /// The cells.
    pub cells: Buffer,
    /// The cell of the cursor, if it is shown.
    pub cursor: Option<Position>,
}

/// The main loop, as far as middleware needs it while it plays.
pub struct ScreenAccess<'a> {
    /// Draws the app on the screen at once.
    pub draw: &'a mut dyn FnMut(&mut App) -> io::Result<Screenshot>,
    /// The keys that have been pressed since this was asked last.
    pub pressed: &'a mut dyn FnMut() -> PressedKeys,
}

/// Keys that were pressed while something played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PressedKeys {
    /// None.
    #[default]
    Nothing,
    /// Some: whoever pressed them cannot wait.
    Some,
    /// Among them one that ends a run, Esc or Ctrl-C.
    Interrupt,
}

/// A layer between the terminal and the app.
pub trait Middleware {
    /// Comes before a frame, and may change what it is about to show.
    fn before(&mut self, app: &mut App);

    /// Sees a frame.
    fn drawn(&mut self, picture: &Screenshot);

    /// Sees a key; true if it was for the middleware.
    ///
    /// # Errors
    /// If the terminal refuses what is drawn.
    fn key(&mut self, app: &mut App, key: KeyEvent, hand: &mut ScreenAccess) -> io::Result<bool>;

    /// The place of the tour that is under way in `app`.
    fn tour_place(&self, app: &App) -> Option<TourPlace>;

    /// Begins or ends a recording.
    fn record(&mut self, app: &mut App, command: &RecordCommand);

    /// Leads a tour.
    ///
    /// # Errors
    /// If the terminal refuses what is drawn.
    fn tour(
        &mut self,
        app: &mut App,
        command: &TourCommand,
        hand: &mut ScreenAccess,
    ) -> io::Result<()>;
}
