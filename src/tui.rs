//! The debugger in a terminal.

pub mod bar;
pub mod contour;
pub mod glyphs;
pub mod layout;
pub mod number;
pub mod plot;
pub mod terminal;
pub mod theme;
pub mod view;
