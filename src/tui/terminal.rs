//! The terminal: a screen to draw on, the events that come from it, and an end that leaves it as it was.
//!
//! This layer knows nothing of optimisers. It may use ratatui, crossterm (for modes), vte, and, in `unix`, rustix, nix
//! (for masks of signals) and signal-hook. What systems do differently is behind one trait, `Device`, and beside it the
//! process among the `Jobs` of its shell; below is Unix. The main loop owns a [`Screen`] and its [`Events`]; around them stand six threads that sleep until
//! there is something to tell:
//!
//! ```text
//!   keys     reads bytes for the Decoder ---------------> Events: Key, Paste, Mouse
//!   signals  SIGWINCH (held back 30 ms) -----------------> Events: Resize
//!            SIGCONT: raw mode again --------------------> Events: Redraw
//!            SIGTERM and others that end a process ------> save, restore, exit
//!   stop     SIGTSTP: restore, stop
//!   hang-up  terminal gone: save, exit
//!   abort    (two) SIGABRT: restore, die
//! ```
//!
//! - Nothing is drawn but in answer to an event; a frame is one write, as short as the [`Painter`] can make it, and a
//!   frame without a change is no write at all.
//! - One thing is asked of the terminal, and only if nobody has said: what its ground is ([`Screen::ask_ground`]). The
//!   answer is waited for a moment; one that comes later is an event, and none is fine.
//! - Whatever ends the process ([`Ending`]), the session can be saved ([`Screen::on_exit`]) and the terminal is
//!   restored, within 100 ms; a terminal that takes no more output is not waited for.
//! - Colours are those of the cells drawn. `NO_COLOR` and the number of colours are the theme's business.

mod clipboard;
#[cfg(not(unix))]
mod console;
mod decoder;
mod device;
mod ending;
mod events;
mod ground;
mod motion;
mod open_error;
mod painter;
mod pen;
mod tty;
#[cfg(unix)]
mod unix;

use std::env;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

pub use self::clipboard::CopyOutcome;
pub use self::decoder::Decoder;
use self::device::{Device, Jobs, Native};
pub use self::ending::Ending;
use self::ending::LastWill;
pub use self::events::{Event, Events};
pub use self::open_error::OpenError;
pub use self::painter::Painter;
pub use self::tty::TerminalOptions;
use self::tty::Tty;
use crate::tui::theme::Background;

/// Drops the keys of the terminal that nobody has read.
///
/// # Errors
/// The terminal refuses it.
pub fn forget_keys() -> io::Result<()> {
    Native::forget_keys()
}

/// A full-screen terminal, restored when dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Painter<Output>>,
    tty: Arc<Tty>,
    will: Arc<LastWill>,
    jobs: Jobs,
}

impl Screen {
    /// Takes over the terminal: raw mode, alternate screen, no cursor, and `options`.
    ///
    /// From here on a panic in any thread ends the process (exit code 101) after the terminal has been restored.
    ///
    /// # Errors
    ///
    /// Refuses, before anything is written, where standard output is not a terminal, `TERM` is unset or `dumb`, or no
    /// keys can be read; and when called twice.
    pub fn open(options: TerminalOptions) -> Result<(Self, Events), OpenError> {
        static OPENED: AtomicBool = AtomicBool::new(false);
        let tty = Arc::new(Tty::find()?);
        if OPENED.swap(true, Ordering::AcqRel) {
            return Err(OpenError::OpenedBefore);
        }
        let will = Arc::new(LastWill::new(Arc::clone(&tty)));
        let events = Events::new(Arc::clone(&tty));
        will.end_on_panic();
        let jobs = Jobs::heed(&tty, &will, &events.notifier())?;
        let terminal = Terminal::new(Painter::new(Output(Arc::clone(&tty)), tty.size()))?;
        let screen = Self {
            terminal,
            tty,
            will: Arc::clone(&will),
            jobs,
        };
        screen.tty.enter(options)?;
        events.read_keys(will, options.escape_delay)?;
        Ok((screen, events))
    }

    /// Draws a frame: one write, or none if nothing changed.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the bytes. If it is gone, the process ends instead ([`Ending::HangUp`]).
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if self.tty.is_closing() {
            return Ok(());
        }
        let size = self.tty.size();
        self.terminal.backend_mut().set_size(size);
        if self.tty.take_stale() {
            self.terminal.resize(Rect::from(size))?;
        }
        let drawn = self.terminal.draw(render).map(|_| ());
        if drawn.is_err() {
            self.tty.mark_stale();
        }
        self.unless_hung_up(drawn)
    }

    /// Asks the terminal for its ground, and waits for the answer at most so long; events that come first are kept.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the bytes.
    pub fn ask_ground(
        &self,
        events: &mut Events,
        patience: Duration,
    ) -> io::Result<Option<Background>> {
        self.unless_hung_up((&*self.tty).write_all(ground::ASK))?;
        Ok(events.ground_before(Instant::now() + patience))
    }

    /// Asks the terminal to put `text` on its clipboard, unless it is known to refuse that.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the bytes.
    pub fn copy(&self, text: &str) -> io::Result<CopyOutcome> {
        let outcome = clipboard::outcome(text.len(), |name| env::var(name).ok());
        if !matches!(outcome, CopyOutcome::Refused(_)) {
            let request = clipboard::request(text);
            self.unless_hung_up((&*self.tty).write_all(request.as_bytes()))?;
        }
        Ok(outcome)
    }

    /// Makes the next frame a full one.
    pub fn redraw(&self) {
        self.tty.mark_stale();
    }

    /// Turns reports of clicks, drags and the wheel on or off.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the bytes.
    pub fn set_mouse(&self, on: bool) -> io::Result<()> {
        self.unless_hung_up(self.tty.set_options(|options| options.mouse = on))
    }

    /// Sets what is done, besides restoring the terminal, when the process ends by a signal, a lost terminal or a
    /// panic; not when the screen is dropped. It replaces what was set before. The sentence that it returns is written
    /// to stderr where the terminal still listens.
    ///
    /// It runs in a thread of its own while the others go on, and the process waits for it no longer than 500 ms: it
    /// should save what it can reach at once, and take locks by `try_lock` only.
    pub fn on_exit(&self, on_exit: impl FnOnce(Ending) -> String + Send + 'static) {
        self.will.set_on_exit(Some(Box::new(on_exit)));
    }

    /// Gives the terminal back to the shell and stops the process group, as Ctrl-Z does; returns when the process goes
    /// on in the foreground. The next frame is a full one.
    ///
    /// Returns `false`, and does nothing, if the process leads its session, or the system has no jobs: nobody would be
    /// there to let it go on. In
    /// a process group without a shell above it the kernel ignores the stop; the screen then only flashes.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be restored or taken over again.
    pub fn suspend(&self) -> io::Result<bool> {
        self.unless_hung_up(self.jobs.suspend(&self.tty))
    }

    /// Passes `result` on unless it says that the terminal is gone: then the process ends here.
    fn unless_hung_up<T>(&self, result: io::Result<T>) -> io::Result<T> {
        match result {
            Err(error) if Native::is_gone(&error) => self.will.end(Ending::HangUp),
            other => other,
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.tty.is_closing() {
            // Another thread is about to end the process, with an exit code that must not be lost to ours.
            thread::sleep(Duration::from_secs(1));
        }
        self.will.set_on_exit(None);
        // There is nobody to tell, and no terminal if it failed.
        let _ = self.tty.leave();
    }
}

/// The sink of frames.
#[derive(Debug)]
struct Output(Arc<Tty>);

impl Write for Output {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        (&*self.0).write(frame)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
