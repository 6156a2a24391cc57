//! A debugger whose programs are optimisers.
pub mod tui;
