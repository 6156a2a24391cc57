//! The debugger in a terminal.
pub mod glyphs;
pub mod number;
pub mod theme;
pub mod view;
