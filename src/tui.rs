//! The debugger in a terminal.

pub mod app;
pub mod bar;
pub mod cells;
pub mod command;
pub mod contour;
pub mod glyphs;
pub mod host;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod middleware;
pub mod panes;
pub mod playback_command;
pub mod plot;
pub mod prompt;
#[cfg(feature = "screen")]
pub mod run;
pub mod size_class;
#[cfg(feature = "screen")]
pub mod terminal;
pub mod theme;
pub mod tours;
pub mod view;
pub mod view_command;
