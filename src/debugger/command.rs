//! Commands as data: one enum, and one row each for the prompt, keys, scripts, help and the manual alike.
//!
//! ```text
//! text  -- CommandTable::parse -->  Command  -- Session::apply -->  Answer
//!       <--- Display ------
//! ```
//!
//! A line parses to a [`Command`], and a command prints as a line that parses to the same one. As JSON a
//! command is an object of its name and its arguments, or its name alone where it has none:
//!
//! ```
//! use eigenstep::debugger::command::{Command, CommandTable};
//! use eigenstep::error::Source;
//!
//! for (line, json) in [
//!     ("step 3", r#"{"step":3}"#),
//!     ("undo", r#""undo""#),
//!     ("goto 120 2", r#"{"goto":{"t":120,"line":2}}"#),
//!     ("break loss < 1e-6 once", r#"{"break":{"when":"loss < 1e-6","once":true}}"#),
//!     ("break line 2 if t > 3", r#"{"break":{"line":2,"if":"t > 3"}}"#),
//!     ("delete 1 4", r#"{"delete":[1,4]}"#),
//!     ("set eta=eta_opt/2", r#"{"set":{"name":"eta","value":"eta_opt/2"}}"#),
//!     ("lane add gd as slow set eta=0.01",
//!      r#"{"lane":{"add":{"rule":"gd","as":"slow","set":[{"name":"eta","value":"0.01"}]}}}"#),
//!     ("sweep eta=1e-4..1:log", r#"{"sweep":{"axes":[{"name":"eta","from":"1e-4","to":"1","log":true}]}}"#),
//! ] {
//!     let command = CommandTable::debugger().parse_command(&Source::new("<doc>", line))?;
//!     assert_eq!(serde_json::to_string(&command).unwrap(), json);
//!     assert_eq!(serde_json::from_str::<Command>(json).unwrap(), command);
//!     assert_eq!(command.to_string(), line);
//! }
//! # Ok::<(), eigenstep::error::Error>(())
//! ```

#[macro_use]
mod rows;

mod argument;
mod habits;
mod lane;
mod phrase;
mod plot;
mod reader;
mod row;
mod stops;
mod sweep;
mod table;
mod topic;

pub use argument::{Assignment, Destination, IgnoreHits, StopIds, TimePoint, Times};
pub use habits::{HABITS, Habit, Meaning};
pub use lane::{LaneCommand, NewLane};
pub use phrase::{Located, Name, Phrase};
pub(super) use plot::plot_text;
pub use plot::{PlotCommand, PlotCurve};
pub use reader::LineReader;
pub(crate) use reader::leading_count;
pub use row::{Argument, CommandInfo, CommandRow, Completes, Effect, MinimumUse};
pub(super) use rows::for_each_command;
pub use stops::{BreakAt, Breakpoint, StopOptions, Watchpoint};
pub use sweep::{COUNTS, SweepAxis, SweepCommand};
pub use table::{AnyCommand, CommandTable};
pub use topic::InfoTopic;

use crate::error::{Error, ErrorCode, Result};
use Completes as C;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The function that reads a variant: with its arguments, or without any.
macro_rules! reading {
    ($variant:ident) => {
        |_| Ok(Command::$variant)
    };
    ($variant:ident $argument:ty) => {
        |reader| <$argument as Argument>::read(reader).map(Command::$variant)
    };
}

/// Writes a variant's arguments to the end of the function around it, if it has any.
macro_rules! write_arguments {
    ($command:expr, $variant:ident) => {};
    ($command:expr, $variant:ident $argument:ty) => {
        if let Command::$variant(argument) = $command {
            return Argument::written(argument);
        }
    };
}

/// Tells of a variant's `!` to the end of the function around it, if it has arguments.
macro_rules! insists {
    ($command:expr, $variant:ident) => {};
    ($command:expr, $variant:ident $argument:ty) => {
        if let Command::$variant(argument) = $command {
            return Argument::insists(argument);
        }
    };
}

/// The same with more of it.
macro_rules! times {
    ($command:expr, $count:expr, $variant:ident) => {};
    ($command:expr, $count:expr, $variant:ident $argument:ty) => {
        if let Command::$variant(argument) = $command {
            return Argument::times(argument, $count).map(Command::$variant);
        }
    };
}

/// Tells whether the arguments ask where the minimum is to the end of the function around it, if there are any.
macro_rules! asks_minimum {
    ($command:expr, $variant:ident) => {};
    ($command:expr, $variant:ident $argument:ty) => {
        if let Command::$variant(argument) = $command {
            return Argument::asks_minimum(argument);
        }
    };
}

macro_rules! commands {
    ($($variant:ident $(($argument:ty))? = {
        $name:tt [$($alias:literal),*] $grammar:literal, $effect:ident, $minimum:ident, $completes:expr, $repeats:literal, $doc:tt
    } does |$($used:tt),+| $does:block $(answers $answer:ident($data:ty) $sentence:literal $about:literal)*;)*) => {
        /// A command, with everything that it is to be done with.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[expect(rustdoc::broken_intra_doc_links, reason = "`help` shows the same lines, with brackets as they are")]
        pub enum Command {
            $(
                #[doc = $doc]
                #[serde(rename = $name)]
                $variant $(($argument))?,
            )*
        }

        /// Every command, in the order in which help shows them.
        pub const COMMANDS: &[CommandRow<Command>] = &[$(CommandRow {
            info: CommandInfo {
                name: $name,
                aliases: &[$($alias),*],
                grammar: $grammar,
                doc: $doc,
                completes: $completes,
                repeats: $repeats,
                effect: Effect::$effect,
                minimum: MinimumUse::$minimum,
                forms: &[],
            },
            read: reading!($variant $($argument)?),
        }),*];

        impl Command {
            /// The name in full.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// The arguments as a line has them.
            fn arguments(&self) -> String {
                $(write_arguments!(self, $variant $($argument)?);)*
                String::new()
            }

            /// True where a `!` stands behind the name.
            fn insists(&self) -> bool {
                $(insists!(self, $variant $($argument)?);)*
                false
            }

            fn argument_asks_minimum(&self) -> bool {
                $(asks_minimum!(self, $variant $($argument)?);)*
                true
            }

            fn times(&self, count: u64) -> Option<Self> {
                $(times!(self, count, $variant $($argument)?);)*
                None
            }
        }
    };
}

for_each_command!(commands);

impl Command {
    /// The row of the table.
    #[must_use]
    pub fn info(&self) -> &'static CommandInfo {
        let mut rows = COMMANDS.iter();
        let row = rows.find(|row| row.info.name == self.name());
        // Every variant has its row: one macro makes both.
        &row.unwrap_or(&COMMANDS[0]).info
    }

    /// True where it may ask where the minimum is.
    #[must_use]
    pub fn asks_minimum(&self) -> bool {
        match self.info().minimum {
            MinimumUse::Unasked => false,
            MinimumUse::Asked => true,
            MinimumUse::ByArgument => self.argument_asks_minimum(),
        }
    }

    /// The command that a count before it asks for: 3 before `step 10` is `step 30`, 120 before `last` is
    /// `goto 120`.
    ///
    /// # Errors
    /// It takes no count.
    pub fn counted(&self, count: u64) -> Result<Self> {
        if matches!(self, Self::First | Self::Last) {
            let line = Located::default();
            return Ok(Self::Goto(TimePoint { t: count, line }));
        }
        self.times(count).ok_or_else(|| {
            let error = Error::plain(
                ErrorCode::Usage,
                format!("`{}` takes no count", self.name()),
            );
            error.help(self.info().usage())
        })
    }
}

/// The line that parses to the same command.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = self.arguments();
        let blank = if arguments.is_empty() { "" } else { " " };
        let bang = if self.insists() { "!" } else { "" };
        write!(f, "{}{bang}{blank}{arguments}", self.name())
    }
}
