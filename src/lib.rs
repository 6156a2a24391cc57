//! A debugger whose programs are optimisers: the update rule on the screen is the code that runs.
//!
//! ```
//! use eigenstep::{debugger::Control, lang::source::Source, scenario::Scenario};
//!
//! let scenario = Scenario::from_flags(&[("rule", "momentum"), ("set", "eta=0.175*eta_opt")])?;
//! let mut session = scenario.session()?;
//! let mut told = |command: &str| {
//!     let line = Source::new("<example>", command);
//!     let answer = session.execute(&line, &mut Control::default())?;
//!     Ok::<_, eigenstep::lang::error::Error>(answer.to_string())
//! };
//! assert_eq!(told("continue")?, "t = 136: loss <= 1e-6: momentum");
//! assert_eq!(told("print sign(alpha[2])")?, "sign(alpha[2]) = 1");
//! # Ok::<(), eigenstep::lang::error::Error>(())
//! ```
//!
//! # Map
//!
//! Each module may use those above it only; `tests/layers.rs` holds them to that.
//!
//! | module | has |
//! |---|---|
//! | [`error`] | errors with a code, a place in a text and the next thing to do |
//! | [`format`] | numbers as text |
//! | [`files`] | files, written as a whole or not at all |
//! | [`lang`] | the language of losses, rules and watches: from text to flat code that runs over slices |
//! | [`value`] | values of expressions |
//! | [`rule`] | update rules: read, checked, compiled; those that come along |
//! | [`loss`] | losses with their derivatives and minima; noise; fits to data |
//! | [`analysis`] | spectrum, the minimum in force, closed forms, stability of any rule |
//! | [`debugger`] | machines, lanes, stops, and the table of commands, with typed answers |
//! | [`scenario`] | what is debugged: from flags or TOML, and back |
//! | [`trace`] | runs as rows of numbers |
//! | [`runs`] | runs that were recorded elsewhere, read back |
//! | [`diff`] | such a run held against a rule, and why they part |
//! | [`tui`] | the screen: an app, and panes that only read it |
//! | [`record`] | walkthroughs, casts and pictures of that screen |
//! | [`cli`] | the command line: one file for each subcommand |
//!
//! # Conventions
//!
//! `w` is the vector of parameters and `w[1]` its first coordinate; `t` counts iterations that are done, and
//! the lines of the first one see `t = 1`. `lambda` are the eigenvalues of the Hessian in force, ascending,
//! and `alpha[i]` is the error along the i-th eigenvector. Everything is a function of the scenario and the
//! commands: no clock, no global randomness, the same bits every time.

pub mod analysis;
pub mod cli;
pub mod columns;
pub mod debugger;
pub mod diff;
pub mod error;
pub mod files;
pub mod format;
pub mod lang;
pub mod loss;
pub mod record;
pub mod rule;
pub mod runs;
pub mod scenario;
pub mod trace;
pub mod tui;
pub mod value;
