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
//! eigenstep completions SHELL     completions.rs  a script that completes command lines
//! eigenstep man [COMMAND]         man.rs        the manual page
//! ```
//!
//! Exit codes: 0 done, 1 the answer is no, 2 bad input, 130 interrupted by Ctrl-C. A reader that closes the pipe early ends the
//! program quietly with 0.

mod appearance;
mod check;
mod choice;
mod command_line;
mod completions;
mod config;
mod debug;
mod diff;
pub mod entries;
mod essay;
mod exec;
mod flags;
mod guess;
mod hook;
mod interrupt;
mod limits;
mod losses;
mod man;
mod open;
mod outcome;
mod output;
mod part_settings;
mod plain;
mod plot;
mod record;
mod recording_note;
mod rules;
mod saved;
mod serve;
mod snapshot;
mod stills;
mod sweep;
mod tour;
mod trace;
mod unknown_word;
mod waiting;
mod xdg;

pub use flags::ScenarioArgs;

use crate::{
    files::Patient,
    text::{self, Visible},
};
use command_line::{CommandLine, Subcommand};
use outcome::{ExitStatus, Failure};
use std::{
    env,
    ffi::OsString,
    io::{self, BufWriter, ErrorKind, Write},
    process::ExitCode,
};

/// Runs the program on the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    limits::fail_instead_of_ending();
    let mut out = BufWriter::with_capacity(1 << 16, Patient::new(io::stdout().lock()));
    let arguments: Vec<OsString> = env::args_os().collect();
    match completions::answer(&arguments, &mut out).and_then(|done| out.flush().map(|()| done)) {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(_) => return ExitCode::from(2),
    }
    let result = match guess::parse(&arguments) {
        guess::Parsed::Line(cli) => run(&cli, &mut out),
        guess::Parsed::Help(topic) => guess::help(&topic, &mut out),
        guess::Parsed::Wrong(error) => {
            let told = guess::tell_program(&arguments, &error, &mut out);
            told.map_err(Failure::from).and(Err(Failure::Input(error)))
        }
        guess::Parsed::Parser(error) if error.use_stderr() => {
            // Where there is nowhere left to complain, the exit code has to do.
            let _ = guess::tell_program(&arguments, &guess::coded(&error), &mut out)
                .and_then(|()| out.flush())
                .and_then(|()| error.print());
            return ExitCode::from(2);
        }
        guess::Parsed::Parser(help) => match write!(out, "{}", help.render()) {
            Ok(()) => Ok(ExitStatus::Done),
            Err(error) => Err(error.into()),
        },
    };
    let flushed = out.flush().map_err(Failure::from);
    match result.and_then(|answer| flushed.map(|()| answer)) {
        Ok(ExitStatus::Done) => ExitCode::SUCCESS,
        Ok(ExitStatus::No) => ExitCode::from(1),
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
fn run(cli: &CommandLine, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    match &cli.command {
        None => debug::run(&cli.scenario, &cli.screen, &cli.open, out),
        Some(Subcommand::Trace(args)) => trace::run(args, out),
        Some(Subcommand::Exec(args)) => exec::run(args, out),
        Some(Subcommand::Serve(args)) => serve::run(args, out),
        Some(Subcommand::Tour(args)) => tour::run(args, out),
        Some(Subcommand::Check(args)) => check::run(args, &mut Visible::new(out)),
        Some(Subcommand::Record(args)) => record::run(args, out),
        Some(Subcommand::Plot(args)) => plot::run(args, out),
        Some(Subcommand::Snapshot(args)) => snapshot::run(args, out),
        Some(Subcommand::Sweep(args)) => sweep::run(args, out),
        Some(Subcommand::Diff(args)) => diff::run(args, out),
        Some(Subcommand::Open(args)) => open::run(args, out),
        Some(Subcommand::Hook(args)) => hook::run(args, out),
        Some(Subcommand::Essay(args)) => essay::run(args, out),
        Some(Subcommand::Rules(args)) => rules::run(args, out),
        Some(Subcommand::Completions(args)) => completions::run(args, out),
        Some(Subcommand::Man(args)) => man::run(args, out),
        Some(Subcommand::Losses(args)) => losses::run(args, &mut Visible::new(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes what a full disk takes: the call number `at` fails, or writes one byte where it has no error.
    struct FullDisk {
        at: usize,
        error: Option<ErrorKind>,
        calls: usize,
        written: Vec<u8>,
    }

    impl FullDisk {
        fn new(at: usize, error: Option<ErrorKind>) -> Self {
            Self {
                at,
                error,
                calls: 0,
                written: Vec::new(),
            }
        }

        /// What was written, and how it ended.
        fn take(mut self, arguments: &[&str]) -> (Self, Result<ExitStatus, Failure>) {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let guess::Parsed::Line(cli) = guess::parse(&arguments) else {
                panic!("{arguments:?}");
            };
            // A buffer as small as can be: as many calls as there can be.
            let mut out = BufWriter::with_capacity(64, &mut self);
            let result = run(&cli, &mut out);
            let result = result.and_then(|status| Ok(out.flush().map(|()| status)?));
            drop(out.into_parts());
            (self, result)
        }
    }

    impl Write for FullDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            let mut len = bytes.len();
            if self.calls == self.at {
                match self.error {
                    Some(error) => return Err(error.into()),
                    None => len = 1,
                }
            }
            self.written.extend_from_slice(&bytes[..len]);
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whatever_call_fails_no_output_is_given_out_as_whole() {
        let trace = ["eigenstep", "trace", "--rule", "gd", "--steps", "3"];
        for arguments in [
            trace.to_vec(),
            [&trace[..], &["--format", "csv"]].concat(),
            vec!["eigenstep", "exec", "--json", "-e", "step", "-e", "print w"],
            vec!["eigenstep", "plot", "--rule", "gd", "--figure", "loss"],
            vec!["eigenstep", "rules", "adam"],
            vec!["eigenstep", "losses"],
        ] {
            let (whole, ended) = FullDisk::new(0, None).take(&arguments);
            assert!(ended.is_ok(), "{arguments:?}");
            for error in [
                Some(ErrorKind::StorageFull),
                Some(ErrorKind::WouldBlock),
                Some(ErrorKind::Other),
                Some(ErrorKind::Interrupted),
                None,
            ] {
                for at in 1..=whole.calls.min(40) {
                    let (disk, ended) = FullDisk::new(at, error).take(&arguments);
                    if matches!(error, None | Some(ErrorKind::Interrupted)) {
                        assert!(ended.is_ok(), "{arguments:?}");
                        assert!(disk.written == whole.written, "{arguments:?}: {error:?}");
                    } else {
                        let failed = matches!(ended, Err(Failure::Output(_)));
                        assert!(failed, "{arguments:?}: {error:?} at call {at}");
                        assert!(whole.written.starts_with(&disk.written));
                    }
                }
            }
        }
    }
}
