//! Whoever goes along with a user of the debugger: sees every frame, and may take a key before the app.
//!
//! Recordings and tours are such companions. They live above the screen, which knows only this.

use super::app::App;
use crate::debugger::view_command::ViewCommand;
use crate::tui::key::KeyEvent;
use ratatui::{buffer::Buffer, layout::Position};
use std::io;

/// A screen as it was drawn.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// What the cells show.
    pub cells: Buffer,
    /// Where the cursor is, if it is shown.
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

    /// Does what `record ...` or `tour ...` asks for; other commands are not for companions.
    ///
    /// # Errors
    /// If the terminal refuses what is drawn.
    fn command(&mut self, app: &mut App, command: &ViewCommand, draw: &mut Draw) -> io::Result<()>;
}
