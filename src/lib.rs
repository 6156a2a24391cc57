//! A debugger whose programs are optimisers: the update rule on the screen is the code that runs.
//!
//! A [`Scenario`] says what is debugged: rules, their settings, a loss, a start. It opens as a [`Session`],
//! which executes commands and gives [`Answer`]s. Text is for people; an answer is data.
//!
//! ```
//! use eigenstep::{Answer, Scenario};
//!
//! let scenario = Scenario::from_flags(&[("rule", "momentum"), ("set", "eta=0.175*eta_opt")])?;
//! let mut session = scenario.session()?;
//! let Answer::Stopped(stopped) = session.ask("continue")? else { unreachable!() };
//! assert_eq!(stopped.t, 136);
//! assert_eq!(stopped.to_string(), "t = 136: loss <= 1e-6: momentum");
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! # A tour
//!
//! **Look into it.** Any expression over the run can be printed; buffers come with their shapes.
//!
//! ```
//! # use eigenstep::{Answer, Scenario, Value};
//! # let mut session = Scenario::from_flags(&[("rule", "adam"), ("set", "eta=eta_opt")])?.session()?;
//! session.ask("step 12")?;
//! let Answer::Printed { value, .. } = session.ask("print m_hat[1]/m[1]")? else { unreachable!() };
//! let Value::Scalar(correction) = value else { unreachable!() };
//! assert!((correction - 1.0 / (1.0 - 0.9_f64.powi(12))).abs() < 1e-12);
//! let table = session.variable_table();
//! let m = table.0.iter().find(|row| row.name == "m").unwrap();
//! assert_eq!((m.role.as_str(), &m.shape[..]), ("momentum", &[2][..]));
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Stop where something happens.** A break waits until a condition becomes true, and the way back finds it
//! again.
//!
//! ```
//! # use eigenstep::{Answer, Scenario, debugger::answer::StopReason};
//! # let mut session = Scenario::from_flags(&[("rule", "momentum")])?.session()?;
//! session.ask("break alpha[2] > 0")?;
//! let Answer::Stopped(there) = session.ask("continue")? else { unreachable!() };
//! assert!(matches!(there.why, StopReason::Hits(_)));
//! session.ask("step 10")?;
//! let Answer::Stopped(again) = session.ask("rcontinue")? else { unreachable!() };
//! assert_eq!(again.t, there.t);
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Ask where a number comes from.** The line that made it, with the values of its names to the last bit.
//!
//! ```
//! # use eigenstep::{Answer, Scenario, value::Value};
//! # let mut session = Scenario::from_flags(&[("rule", "gd"), ("set", "eta=0.01")])?.session()?;
//! session.ask("step")?;
//! let Answer::Explained(explanation) = session.ask("explain w[1]")? else { unreachable!() };
//! let element = &explanation.elements[0];
//! assert_eq!(element.formula, "w[1] - eta*g[1]");
//! assert_eq!(element.expression.short(), "0 - 0.01*(-0.8)");
//! assert_eq!(element.value, Value::Scalar(0.008));
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Change the past.** An edit in the past forks a lane from there; both run on side by side.
//!
//! ```
//! # use eigenstep::{Answer, Scenario};
//! # let mut session = Scenario::from_flags(&[("rule", "momentum")])?.session()?;
//! session.ask("step 50")?;
//! session.ask("goto 20")?;
//! let Answer::Set(set) = session.ask("set beta=0.5")? else { unreachable!() };
//! assert_eq!(set.forked_from.as_deref(), Some("momentum"));
//! session.ask("goto 200")?;
//! let lanes = session.lane_table();
//! assert_eq!(lanes.0.len(), 2);
//! assert_ne!(lanes.0[0].loss, lanes.0[1].loss);
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Leave text out of it.** A [`Command`] is data, too, and every command has its method.
//!
//! ```
//! # use eigenstep::{Answer, Command, Control, Scenario};
//! use eigenstep::debugger::command::{StopOptions, Times};
//!
//! # let mut session = Scenario::from_flags(&[("rule", "momentum")])?.session()?;
//! let control = &mut Control::default();
//! session.break_when("alpha[2] > 0", StopOptions::default())?;
//! let Answer::Stopped(stopped) = session.apply(&Command::Continue(Times(1)), control)? else { unreachable!() };
//! assert_eq!(session.lanes().position().t, stopped.t);
//! let fork = session.fork(Some("other".into()), control)?;
//! assert_eq!((fork.from.as_str(), fork.t), ("momentum", stopped.t));
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Be told what is wrong.** An [`Error`] has a code that stays, a place, and the next thing to do.
//!
//! ```
//! # use eigenstep::{ErrorCode, Scenario};
//! # let mut session = Scenario::from_flags(&[("rule", "gd")])?.session()?;
//! let error = session.ask("print los").unwrap_err();
//! assert_eq!(error.code(), ErrorCode::UnknownName);
//! assert_eq!(error.place(), Some(("<command>", 1, 7)));
//! assert_eq!(error.next_step(), Some("did you mean `loss`?"));
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! **Bring your own.** A rule is a text, from a file or from memory; a loss is a formula, a table of data, or
//! a type that implements [`Loss`] and [`Evaluator`]. `examples/` has three programs: one that drives a
//! session, one with a loss of its own, and one that writes rows from a training loop and finds its mistake.
//!
//! ```
//! # use eigenstep::{Answer, Scenario};
//! let flags = [("rule", "gd"), ("loss", "(x^2 - 1)^2 + y^2"), ("start", "0.1,1"), ("set", "eta=0.05")];
//! let mut session = Scenario::from_flags(&flags)?.session()?;
//! session.ask("step 200")?;
//! let Answer::Printed { value, .. } = session.ask("print abs(w[1] - 1) < 1e-6")? else { unreachable!() };
//! assert_eq!(value.to_string(), "true");
//! # Ok::<(), eigenstep::Error>(())
//! ```
//!
//! # Map
//!
//! Each module uses those above it, and small ones that are not listed: names of columns, the glossary, files and text
//! on their way in and out. `tests/layers.rs` holds them to that.
//!
//! | module | has |
//! |---|---|
//! | [`error`] | errors with a code, a place in a text and the next thing to do |
//! | [`mod@format`] | numbers as text |
//! | [`lang`] | the language of losses, rules and watches: from text to flat code that runs over slices |
//! | [`value`] | values of expressions |
//! | [`rule`] | update rules: read, checked, compiled; the bundled ones |
//! | [`loss`] | losses with their derivatives and minima; noise; fits to data |
//! | [`analysis`] | spectrum, the active minimum, closed forms, stability of any rule |
//! | [`debugger`] | machines, lanes, stops, and the table of commands, with typed answers |
//! | [`scenario`] | what is debugged: from flags or TOML, and back |
//! | [`trace`] | runs as rows of numbers |
//! | [`runs`] | runs that were recorded elsewhere, read back |
//! | [`diff`] | such a run compared with a rule, and why they differ |
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
#[cfg(feature = "screen")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod columns;
pub mod debugger;
pub mod diff;
pub mod error;
#[doc(hidden)]
pub mod files;
pub mod format;
#[doc(hidden)]
pub mod glossary;
pub mod lang;
pub mod loss;
#[cfg(feature = "screen")]
#[doc(hidden)]
pub mod record;
pub mod rule;
pub mod runs;
pub mod scenario;
#[cfg(feature = "screen")]
#[doc(hidden)]
pub mod signals;
#[doc(hidden)]
pub mod text;
pub mod trace;
#[doc(hidden)]
pub mod tui;
pub mod value;

pub use debugger::{Control, Lane, Session, answer::Answer, command::Command};
pub use error::{Error, ErrorCode, Result, Source, Span};
pub use loss::{Evaluator, Landscape, Loss};
pub use rule::{Compiled, Rule};
pub use scenario::Scenario;
pub use value::Value;
