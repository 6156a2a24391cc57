//! `eigenstep exec`: commands of the debugger, without a terminal.

use super::{
    flags::{RightsArgs, ScenarioArgs},
    interrupt::end_at,
    outcome::{ExitStatus, Failure},
    waiting::{self, ProgressTeller},
};
use crate::{
    debugger::{
        Control, Session,
        answer::{self, StopReason},
        command::{AnyCommand, Command},
    },
    error::{Error, ErrorCode, Source, Span},
    signals, text,
    tui::{
        app,
        command::{Line, ScreenCommand, TABLE, offer_options},
    },
};
use clap::Args;
use serde::Serialize;
use std::{
    fmt::Write as _,
    io::{self, BufRead, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Entries of `trace` that one answer may hold. Nobody scrolls here, so that none may be lost that fits
/// into memory: entries of one number take less than a gigabyte.
pub(super) const MOST_LOGS: usize = 10_000_000;

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 an `until` that never held or an interruption, 2 bad input.

Commands in a scenario file run silently first; if there are no others, they are the script.";

/// The part of `--help` on `--json`; the kinds are those of the enum of answers.
fn json_help() -> String {
    let mut text = "\
With --json the first line is {\"eigenstep\": 1, ...}, each other one
{\"command\": ..., \"answer\": {KIND: ...}}; --schema prints the JSON schema. Kinds:\n"
        .to_owned();
    for (kind, doc) in answer::kinds() {
        let _ = writeln!(text, "  {kind:<12} {doc}");
    }
    text + "\
Numbers that JSON lacks are \"NaN\", \"Infinity\", \"-Infinity\". Errors are also written as
{\"error\": {code, message, file, line, column, help}} on stdout."
}

/// Execute debugger commands and print their answers
#[derive(Debug, Args)]
#[command(
    after_help = AFTER_HELP,
    after_long_help = format!("{AFTER_HELP}\n\n{}", json_help())
)]
pub(super) struct ExecArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    executed: ExecutedArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Commands")]
struct ExecutedArgs {
    /// A file of commands, one per line, # before comments; - reads them from stdin
    #[arg(value_name = "SCRIPT", conflicts_with = "commands")]
    script: Option<String>,
    /// A command; repeat it for several
    #[arg(
        short = 'e',
        long = "execute",
        value_name = "CMD",
        allow_hyphen_values = true
    )]
    commands: Vec<String>,
    /// Write each answer as a JSON object
    #[arg(long)]
    json: bool,
    /// Print the JSON schema of what --json writes, and exit
    #[arg(long, conflicts_with_all = ["script", "commands", "json"])]
    schema: bool,
    #[command(flatten)]
    rights: RightsArgs,
}

/// Opens the scenario and executes the commands, until one is wrong.
pub(super) fn run(args: &ExecArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    if args.executed.schema {
        serde_json::to_writer_pretty(&mut *out, &answer::schema()).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(ExitStatus::Done);
    }
    if args.executed.json {
        write_object(out, &answer::AnswerHeader::default())?;
    }
    let result = execute(args, out);
    // Whoever reads objects finds what was wrong among them, as well as on stderr.
    if let (true, Err(Failure::Input(error))) = (args.executed.json, &result) {
        write_object(out, &ErrorLine { error })?;
    }
    result
}

/// Writes a command line that was refused as JSON, below the header.
pub(super) fn refuse(error: &Error, out: &mut impl Write) -> io::Result<()> {
    write_object(out, &answer::AnswerHeader::default())?;
    write_object(out, &ErrorLine { error })
}

fn execute(args: &ExecArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let mut flags = args.scenario.clone();
    let file = match (&args.executed.script, &args.executed.commands[..]) {
        (Some(file), _) => Some(file.clone()),
        (None, []) => flags.take_other_file(),
        (None, _) => None,
    };
    let mut scenario = flags.scenario()?;
    scenario.rights = args.executed.rights.rights();
    let nothing = file.is_none() && args.executed.commands.is_empty();
    if nothing && scenario.commands.is_empty() {
        let error = Error::plain(ErrorCode::Usage, "there is nothing to execute");
        return Err(error
            .help("add -e 'continue', a file of commands, or - for stdin")
            .into());
    }
    let mut session = waiting::opening_whole(&scenario)?;
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    end_at(&[signals::INTERRUPT], move || {
        told.store(true, Ordering::Relaxed);
    })?;
    offer_options(&mut session);
    session.keep_logs(MOST_LOGS);
    let mut executor = Executor {
        session,
        stop,
        json: args.executed.json,
        met: true,
        out,
    };
    let mut answers = Vec::new();
    let go_on = executor.with_control(|session, control| {
        let told = |text: &str, command: &Line, answer: &answer::Answer| {
            if nothing {
                answers.push((text.to_owned(), command.clone(), answer.clone()));
            }
        };
        scenario.replay_with(&TABLE, session, control, told, nothing_to_show)
    });
    for (text, command, answer) in answers {
        executor.tell(&text, &command, &answer)?;
    }
    if go_on? && executor.goes_on() {
        executor.all(file.as_deref(), &args.executed.commands)?;
    }
    Ok(if executor.met && executor.goes_on() {
        ExitStatus::Done
    } else {
        ExitStatus::No
    })
}

struct Executor<'a, W> {
    session: Session,
    /// Set by Ctrl-C.
    stop: Arc<AtomicBool>,
    json: bool,
    /// False once an `until` has ended without its condition.
    met: bool,
    out: &'a mut W,
}

impl<W: Write> Executor<'_, W> {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn with_control<R>(&mut self, act: impl FnOnce(&mut Session, &mut Control) -> R) -> R {
        let stop = Arc::clone(&self.stop);
        let mut teller = ProgressTeller::new("running");
        let mut go_on = |progress| {
            teller.hear(progress);
            !stop.load(Ordering::Relaxed)
        };
        let done = act(&mut self.session, &mut Control::asking(&mut go_on));
        teller.end();
        done
    }

    /// Executes the lines of `file`, or of stdin, or `commands`.
    fn all(&mut self, file: Option<&str>, commands: &[String]) -> Result<(), Failure> {
        match file {
            None => {
                for (at, command) in commands.iter().enumerate() {
                    if !self.line("-e", at, command)? {
                        break;
                    }
                }
            }
            Some("-") => {
                for (at, line) in io::stdin().lock().lines().enumerate() {
                    let line = line.map_err(|error| {
                        Error::plain(
                            ErrorCode::CannotRead,
                            format!("cannot read line {} of stdin: {error}", at + 1),
                        )
                    })?;
                    if !self.line("<stdin>", at, &line)? {
                        break;
                    }
                }
            }
            Some(file) => {
                let script = Source::read(Path::new(file))?;
                for (at, line) in script.text.lines().enumerate() {
                    if !self.line(file, at, line)? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Executes line `at` (from 0) of the text called `name`; whether to go on.
    fn line(&mut self, name: &str, at: usize, line: &str) -> Result<bool, Failure> {
        let command = line.trim();
        // In a script an empty line is only that: it does not step again.
        if command.is_empty() || command.starts_with('#') {
            return Ok(self.goes_on());
        }
        let source = Source::new(name, "\n".repeat(at) + line);
        let start = source.text.len() - line.trim_start().len();
        let place = Span::new(start, start + command.len());
        let Some(parsed) = TABLE.parse(&source)? else {
            return Ok(self.goes_on());
        };
        let answer =
            self.with_control(|session, control| without_screen(session, &parsed, control));
        let answer = answer.map_err(|error| error.located(&source, place))?;
        self.tell(command, &parsed, &answer)?;
        Ok(self.goes_on() && answer != answer::Answer::Quit)
    }

    fn tell(
        &mut self,
        command: &str,
        parsed: &Line,
        answer: &answer::Answer,
    ) -> Result<(), Failure> {
        self.met &= !is_until_in_vain(parsed, answer);
        if self.json {
            write_object(self.out, &Answered { command, answer })?;
        } else if let AnyCommand::FrontEnd(ScreenCommand::View(_)) = parsed {
            // Where this cannot be said, nothing is lost.
            let command = text::visible(command);
            let _ = writeln!(
                io::stderr(),
                "note: there is no screen that `{command}` could change"
            );
        } else if !answer.is_silent() {
            let answer = answer.to_string();
            writeln!(self.out, "{}", text::visible(&answer))?;
        }
        // Whoever reads along wants to see each answer when it is there.
        self.out.flush()?;
        Ok(())
    }
}

/// Does a command where there is no screen: arranging one has no effect then, but is refused where a screen would
/// refuse it.
///
/// # Errors
/// Those of the command; what acts by way of a screen, recordings and tours need one.
pub(super) fn without_screen(
    session: &mut Session,
    command: &Line,
    control: &mut Control,
) -> crate::error::Result<answer::Answer> {
    match command {
        AnyCommand::Debugger(command) => TABLE.apply(session, command, control),
        AnyCommand::FrontEnd(ScreenCommand::View(view)) if view.arranges() => {
            app::check_view(session, view).map(|()| answer::Answer::Nothing)
        }
        AnyCommand::FrontEnd(command) => nothing_to_show(command).map(|()| answer::Answer::Nothing),
    }
}

/// Does a command of the screen where there is none: arranging it has no effect.
///
/// # Errors
/// What acts by way of a screen, recordings and tours need one.
pub(super) fn nothing_to_show(command: &ScreenCommand) -> crate::error::Result<()> {
    match command {
        ScreenCommand::View(view) if view.arranges() => Ok(()),
        ScreenCommand::View(_) => Err(Error::plain(
            ErrorCode::NeedsScreen,
            "this acts on what stands on a screen, and there is none",
        )
        .help(
            "commands that need none: break line N, explain NAME, set NAME=EXPR, lane NAME, step",
        )),
        ScreenCommand::Record(_) | ScreenCommand::Tour(_) => {
            Err(Error::plain(ErrorCode::NeedsScreen, "this needs a screen")
                .help("`eigenstep` opens one; `eigenstep record` makes a cast without a terminal"))
        }
    }
}

/// Writes a line of JSON.
fn write_object(out: &mut impl Write, object: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, object)?;
    writeln!(out)
}

/// An error as JSON.
#[derive(Serialize)]
struct ErrorLine<'a> {
    error: &'a Error,
}

/// An answer as JSON, with the command that it answers.
#[derive(Serialize)]
struct Answered<'a> {
    command: &'a str,
    answer: &'a answer::Answer,
}

/// True where an `until` has ended without its condition.
fn is_until_in_vain(command: &Line, answer: &answer::Answer) -> bool {
    let answer::Answer::Stopped(stopped) = answer else {
        return false;
    };
    matches!(command, AnyCommand::Debugger(Command::Until(_)))
        && matches!(
            stopped.why,
            StopReason::MaxRun(_) | StopReason::Ended(_) | StopReason::NothingRuns
        )
}
