//! The debugger in a terminal.
pub mod view;
