//! The debugger in a terminal.
pub mod terminal;
pub mod view;
