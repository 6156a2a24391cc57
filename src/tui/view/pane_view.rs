//! The functions that show a pane: what its file has to offer.

use crate::tui::app::App;
use ratatui::{buffer::Buffer, layout::Rect};

/// The functions that show a pane.
pub(in crate::tui) struct PaneView {
    /// The most rows that it has a use for, title included; 0 where it has nothing to show.
    pub wants: fn(&App) -> u16,
    /// Computes what it shows.
    pub prepare: fn(&mut App, Rect),
    /// Draws it.
    pub draw: fn(&App, Rect, &mut Buffer),
}
