//! A debugger whose programs are optimisers.
pub mod analysis;
pub mod cli;
pub mod debugger;
pub mod diff;
pub mod lang;
pub mod loss;
pub mod record;
pub mod rule;
pub mod runs;
pub mod scenario;
pub mod trace;
pub mod tui;
