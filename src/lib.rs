//! A debugger whose programs are optimisers.
pub mod analysis;
pub mod debugger;
pub mod lang;
pub mod loss;
pub mod rule;
pub mod tui;
