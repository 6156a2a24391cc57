//! `eigenstep --plain`: a line-by-line prompt instead of a screen, for screen readers, logs and `script`.
//!
//! ```text
//!   adam on valley: t = 0, loss = 18.32, |g| = 60.01, w = [0, 0]
//!   (eigenstep) 12n
//!   t = 12, loss = 6.903, |g| = 36.72, w = [0.2343, 0.2328]
//!   (eigenstep) c
//!   loss <= 1e-6: adam; t = 116, loss = 6.912e-7, |g| = 0.006731, w = [0.799, 0.5999]
//! ```
//!
//! Lines come from stdin, be it a terminal, a file or a pipe, and what comes from no terminal is written out after
//! the prompt, so that a log reads as the conversation did. No escape sequence is written. Ctrl-C ends a run and
//! leaves the session; the end of the input leaves. A command that is wrong is answered with its error, and the
//! conversation goes on.

mod interrupt;
mod state;
pub(super) mod tour;

use super::{
    outcome::{ExitStatus, Failure},
    saved::{Keeper, Kept},
    waiting::ProgressTeller,
};
use crate::{
    debugger::{Control, Progress, Session, answer, command::AnyCommand},
    error::{Error, ErrorCode, Source, Span},
    signals,
    text::visible,
    tui::command::TABLE,
};
use interrupt::Interrupts;
use std::{
    io::{self, BufRead, IsTerminal, Write},
    process,
    sync::Arc,
};

/// The prompt before each command.
const PROMPT: &str = "(eigenstep) ";

/// Converses until the input ends or `quit` is given.
pub(super) fn run(
    session: &mut Session,
    keeper: &Keeper,
    out: &mut impl Write,
) -> Result<ExitStatus, Failure> {
    let typed = io::stdin().is_terminal();
    let interrupts = Interrupts::listen(keeper.clone(), typed)
        .map_err(|error| Failure::system("handle signals", &error))?;
    complain(keeper.begin(session, None));
    let done = converse(session, keeper, &interrupts, typed, out).map(|()| ExitStatus::Done);
    match &done {
        Err(Failure::Output(error)) if is_terminal_gone(error) => leave(keeper),
        // A reader that has read enough is no failure of the session.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(_) => {
            // What is wrong comes first, and the program ends with it.
            keeper.save();
            return done;
        }
        Ok(_) => {}
    }
    // A script that has come to its end leaves nothing to go on with.
    let kept = keeper.leave(typed && session.has_unsaved_changes());
    complain((kept != Kept::Nothing).then(|| format!("not saved: {kept}")));
    done
}

/// Says what becomes of the session where somebody may read it.
fn complain(said: Option<String>) {
    if let Some(said) = said.filter(|said| !said.is_empty()) {
        let _ = writeln!(io::stderr(), "{}", visible(&said));
    }
}

/// True where the terminal is gone, whether or not a signal says so too.
fn is_terminal_gone(error: &io::Error) -> bool {
    // EIO, as Linux, BSD and macOS number it.
    cfg!(unix) && error.raw_os_error() == Some(5)
}

/// Ends the program where its terminal is gone.
fn leave(keeper: &Keeper) -> ! {
    keeper.save();
    process::exit(signals::exit_code(signals::HANG_UP))
}

fn converse(
    session: &mut Session,
    keeper: &Keeper,
    interrupts: &Interrupts,
    typed: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let rule = &session.lanes().focused().name;
    let loss = &session.landscape().name;
    writeln!(out, "{rule} on {loss}: {}", state::of(session))?;
    let mut input = io::stdin().lock();
    let mut bytes = Vec::new();
    loop {
        out.write_all(PROMPT.as_bytes())?;
        out.flush()?;
        bytes.clear();
        match input.read_until(b'\n', &mut bytes) {
            Ok(0) => {
                writeln!(out)?;
                return Ok(out.flush()?);
            }
            Ok(_) => {}
            Err(error) if is_terminal_gone(&error) => leave(keeper),
            Err(error) => {
                let message = format!("cannot read standard input: {error}");
                return Err(Error::plain(ErrorCode::CannotRead, message).into());
            }
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim();
        if !typed {
            writeln!(out, "{}", visible(line))?;
            // In a file an empty line is only that: it does not step again.
            if line.is_empty() {
                continue;
            }
        }
        let source = Source::new("<prompt>", line);
        let mut teller = ProgressTeller::in_lines("running");
        let answer = interrupts.during(|go_on| {
            let mut go_on = |progress| {
                teller.hear(progress);
                if let Progress::At(t) = progress {
                    keeper.reach(t);
                }
                go_on(progress)
            };
            answer(session, &source, &mut go_on)
        });
        complain(keeper.follow(session, None));
        match answer {
            Ok(answer::Answer::Quit) => return Ok(out.flush()?),
            Ok(answer) => tell(session, &answer, out)?,
            Err(error) => writeln!(out, "{}", visible(&error.to_string()))?,
        }
    }
}

/// Does what a line says; an empty one repeats the last stepping command.
fn answer(
    session: &mut Session,
    line: &Arc<Source>,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<answer::Answer, Error> {
    let whole = Span::new(0, line.text.len());
    let command = match TABLE.parse(line)? {
        Some(AnyCommand::Debugger(command)) => Some(command),
        Some(AnyCommand::FrontEnd(command)) => {
            let name = command.info().name;
            let said = match name {
                "tour" => "`tour` needs a screen; `eigenstep tour NAME --plain` tells one in lines of text".to_owned(),
                _ => format!("`{name}` needs a screen; with --plain there is none"),
            };
            return Ok(answer::Answer::Text(said));
        }
        None if line.text.is_empty() => session.repeated().cloned(),
        None => None,
    };
    let Some(command) = command else {
        return Ok(answer::Answer::Nothing);
    };
    let answer = TABLE.apply(session, &command, &mut Control::asking(go_on));
    answer.map_err(|error| error.located(line, whole))
}

fn tell(session: &Session, answer: &answer::Answer, out: &mut impl Write) -> io::Result<()> {
    match answer {
        answer::Answer::Stopped(stopped) => writeln!(out, "{}", state::after(session, stopped)),
        other => {
            let text = other.to_string();
            if text.is_empty() {
                return Ok(());
            }
            writeln!(out, "{}", visible(text.trim_end()))
        }
    }
}
