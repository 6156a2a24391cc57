//! The command line: which front end, on which scenario, and the exit code.
//!
//! ```text
//! eigenstep [SCENARIO | flags]    debug.rs      the debugger in the terminal
//! eigenstep trace                 trace.rs      a run as JSON lines or CSV
//! eigenstep exec                  exec.rs       commands of the debugger, without a terminal
//! eigenstep serve                 serve.rs      a dialogue for programs, as JSON lines
//! eigenstep tour [NAME]           tour.rs       a walk in the debugger
//! eigenstep check WALK...         check.rs      whether walks are still true
//! eigenstep record WALK           record.rs     a walk as an asciicast
//! eigenstep snapshot              snapshot.rs   one picture of the screen
//! eigenstep sweep                 sweep.rs      a map of how runs end, over settings
//! eigenstep diff                  diff.rs       a run recorded elsewhere against a rule, or against another
//! eigenstep open                  open.rs       the debugger on a run recorded elsewhere
//! eigenstep hook                  hook.rs       modules that record runs of PyTorch and optax
//! eigenstep plot                  plot.rs       the essay's figures of a run
//! eigenstep essay                 essay.rs      the essay's experiments, measured beside predicted
//! eigenstep rules [NAME]          rules.rs      the update rules
//! eigenstep losses [NAME]         losses.rs     the losses
//! ```
//!
//! Exit codes: 0 done, 1 the answer is no, 2 bad input. A reader that closes the pipe early ends the
//! program quietly with 0.

mod check;
mod choice;
mod config;
mod debug;
mod diff;
mod essay;
mod exec;
mod flags;
mod guess;
mod hook;
mod limits;
mod looks;
mod losses;
mod open;
mod output;
mod plain;
mod plot;
mod record;
mod rules;
mod saved;
mod serve;
mod snapshot;
mod stills;
mod sweep;
mod tour;
mod trace;
mod xdg;

use flags::RightsArgs;
pub use flags::ScenarioArgs;

use crate::{
    error::{Error, ErrorCode},
    files::Patient,
    text::{self, Visible},
};
use clap::{Parser, Subcommand};
use std::{
    env, fmt,
    io::{self, BufWriter, ErrorKind, Write},
    process::ExitCode,
};

/// The end of `--help`.
const AFTER_HELP: &str = "\
Without a command, the debugger opens in the terminal; with no flags either, as with
--rule adam --set eta=eta_opt on the essay's valley.

Examples:
  eigenstep                                             Adam in the essay's valley, step by step
  eigenstep tour                                        the tours: what there is to see, told in captions
  eigenstep --rule torch/adam --set lr=0.02 --loss rosenbrock
  eigenstep --rule gd --rule momentum --eigenvalues 1,50  two rules side by side
  eigenstep --loss 'x^4 + y^2' --start 1,1              a loss of one's own
  eigenstep exec --rule adam -e continue -e 'print w'   without a terminal
  eigenstep trace --rule adam --steps 100 > run.jsonl   rows for other programs
  eigenstep diff run.jsonl --against torch/adam         where a run leaves a rule, and why
  eigenstep help step                                   a word of the debugger explained

Exit codes: 0 done, 1 the answer is no, 2 bad input.";

/// A debugger whose programs are optimisers.
#[derive(Debug, Parser)]
#[command(
    name = "eigenstep",
    version,
    args_conflicts_with_subcommands = true,
    after_help = AFTER_HELP
)]
struct Cli {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    screen: debug::ScreenArgs,
    #[command(flatten)]
    open: debug::OpenArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Trace(Box<trace::TraceArgs>),
    Exec(Box<exec::ExecArgs>),
    Serve(Box<serve::ServeArgs>),
    Tour(tour::TourArgs),
    Check(check::CheckArgs),
    Record(record::RecordArgs),
    Snapshot(Box<snapshot::SnapshotArgs>),
    Sweep(Box<sweep::SweepArgs>),
    Diff(Box<diff::DiffArgs>),
    Open(Box<open::OpenRunArgs>),
    Hook(hook::HookArgs),
    Plot(Box<plot::PlotArgs>),
    Essay(essay::EssayArgs),
    Rules(rules::RulesArgs),
    Losses(losses::LossesArgs),
}

/// The outcome of a front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Done.
    Done,
    /// Done, and the answer is no.
    No,
}

/// The reason for which a front end gave up.
#[derive(Debug)]
enum Failure {
    /// Something in the flags, the files or the texts in them.
    Input(Error),
    /// Writing to stdout failed.
    Output(io::Error),
}

impl Failure {
    /// The system's refusal of something else than writing, which `what` names: "use the terminal".
    fn system(what: &str, error: &io::Error) -> Self {
        Self::Input(Error::plain(format!("cannot {what}: {error}")).coded(ErrorCode::System))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "{error}"),
            Self::Output(error) => write!(f, "error: cannot write: {error}"),
        }
    }
}

/// Runs the program on the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    limits::fail_instead_of_ending();
    let mut out = BufWriter::with_capacity(1 << 16, Patient::new(io::stdout().lock()));
    let result = match guess::parse(env::args_os().collect()) {
        guess::Parsed::Line(cli) => run(&cli, &mut out),
        guess::Parsed::Help(topic) => guess::help(&topic, &mut out),
        guess::Parsed::Wrong(error) => Err(error.into()),
        guess::Parsed::Parser(error) => match error.print().and_then(|()| io::stdout().flush()) {
            Ok(()) => return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
            Err(error) => Err(error.into()),
        },
    };
    let flushed = out.flush().map_err(Failure::from);
    match result.and_then(|answer| flushed.map(|()| answer)) {
        Ok(Answer::Done) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Where there is nowhere left to complain, the exit code has to do.
            let failure = failure.to_string();
            let _ = writeln!(io::stderr().lock(), "{}", text::visible(&failure));
            ExitCode::from(2)
        }
    }
}

/// Runs the front end that was asked for.
fn run(cli: &Cli, out: &mut impl Write) -> Result<Answer, Failure> {
    match &cli.command {
        None => debug::run(&cli.scenario, &cli.screen, &cli.open, out),
        Some(Command::Trace(args)) => trace::run(args, out),
        Some(Command::Exec(args)) => exec::run(args, out),
        Some(Command::Serve(args)) => serve::run(args, out),
        Some(Command::Tour(args)) => tour::run(args, out),
        Some(Command::Check(args)) => check::run(args, &mut Visible::new(out)),
        Some(Command::Record(args)) => record::run(args, out),
        Some(Command::Plot(args)) => plot::run(args, out),
        Some(Command::Snapshot(args)) => snapshot::run(args, out),
        Some(Command::Sweep(args)) => sweep::run(args, out),
        Some(Command::Diff(args)) => diff::run(args, out),
        Some(Command::Open(args)) => open::run(args, out),
        Some(Command::Hook(args)) => hook::run(args, out),
        Some(Command::Essay(args)) => essay::run(args, out),
        Some(Command::Rules(args)) => rules::run(args, out),
        Some(Command::Losses(args)) => losses::run(args, &mut Visible::new(out)),
    }
}
