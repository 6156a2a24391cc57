//! The terminal: a screen to draw on, the events that come from it, and an end that leaves it as it was.
//!
//! This layer knows nothing of optimisers. It may use ratatui, crossterm (for modes), rustix, nix (for masks of
//! signals), signal-hook and vte. The main loop owns a [`Screen`] and its [`Events`]; around them stand four threads that sleep until
//! there is something to tell:
//!
//! ```text
//!   keys     reads bytes for the Decoder ---------------> Events: Key, Paste, Mouse
//!   signals  SIGWINCH (held back 30 ms) -----------------> Events: Resize
//!            SIGCONT: raw mode again --------------------> Events: Redraw
//!            SIGTERM, SIGINT, SIGQUIT, SIGHUP: save, restore, exit
//!   stop     SIGTSTP: restore, stop
//!   hang-up  terminal gone: save, exit
//! ```
//!
//! - Nothing is drawn but in answer to an event; a frame is one write, as short as the [`Painter`] can make it, and a
//!   frame without a change is no write at all.
//! - One thing is asked of the terminal, and only if nobody has said: what its ground is ([`Screen::ask_ground`]). The
//!   answer is waited for a moment; one that comes later is an event, and none is fine.
//! - Whatever ends the process ([`Ending`]), the session can be saved ([`Screen::on_exit`]) and the terminal is
//!   restored, within 100 ms; a terminal that takes no more output is not waited for.
//! - Colours are those of the cells drawn. `NO_COLOR` and the number of colours are the theme's business.

mod decoder;
mod ending;
mod events;
mod ground;
mod motion;
mod open_error;
mod painter;
mod pen;
mod stopping;
mod tty;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};
use rustix::process::{Signal, getpid, getsid, kill_current_process_group};

pub use self::decoder::Decoder;
pub use self::ending::Ending;
use self::ending::{LastWill, is_hang_up, wait_for_exit};
pub use self::events::{Event, Events};
pub use self::open_error::OpenError;
pub use self::painter::Painter;
use self::stopping::StopSignal;
pub use self::tty::TerminalOptions;
use self::tty::Tty;
use crate::tui::theme::Background;

/// The longest time until a process that is to be stopped is stopped, and until its thread for signals hears that it
/// goes on. While it is stopped this clock goes on, too.
const STOP_PAUSE: Duration = Duration::from_millis(30);

/// A full-screen terminal, restored when dropped.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Painter<Output>>,
    tty: Arc<Tty>,
    will: Arc<LastWill>,
    /// Told of each SIGCONT.
    continued: Receiver<()>,
    stop: StopSignal,
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
        let (continued_sender, continued) = mpsc::sync_channel(1);
        let stop = StopSignal::block()?;
        will.end_on_panic();
        will.end_on_signals(
            {
                let notifier = events.notifier();
                move || notifier.resized()
            },
            {
                let notifier = events.notifier();
                let tty = Arc::clone(&tty);
                move || {
                    // Full if nobody is suspending: then it tells nothing new.
                    let _ = continued_sender.try_send(());
                    if tty.reenter().unwrap_or(false) {
                        notifier.continued();
                    }
                }
            },
        )?;
        will.end_on_hang_up()?;
        let notifier = events.notifier();
        stop.heed(&tty, move || notifier.continued())?;
        let terminal = Terminal::new(Painter::new(Output(Arc::clone(&tty)), tty.size()))?;
        let screen = Self {
            terminal,
            tty,
            will: Arc::clone(&will),
            continued,
            stop,
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
    /// Returns `false`, and does nothing, if the process leads its session: nobody would be there to let it go on. In
    /// a process group without a shell above it the kernel ignores the stop; the screen then only flashes.
    ///
    /// # Errors
    ///
    /// If the terminal cannot be restored or taken over again.
    pub fn suspend(&self) -> io::Result<bool> {
        if getsid(None).is_ok_and(|session| session == getpid()) {
            return Ok(false);
        }
        self.unless_hung_up(self.tty.suspend().map(|_| ()))?;
        while !self.stop_and_go_on()? {}
        self.unless_hung_up(self.tty.resume())?;
        Ok(true)
    }

    /// Stops the process group. Returns, when it goes on, whether it does so in the foreground.
    fn stop_and_go_on(&self) -> io::Result<bool> {
        while self.continued.try_recv().is_ok() {}
        self.stop
            .with_default(|| Ok(kill_current_process_group(Signal::TSTP)?))?;
        // The stop may take effect a moment after the call, in another thread first. Then the first wait ends late and
        // the second one hears of SIGCONT.
        if self.continued.recv_timeout(STOP_PAUSE).is_err() {
            let _ = self.continued.recv_timeout(STOP_PAUSE);
        }
        if !self.tty.in_foreground() {
            // Before it is stopped again: a SIGTERM that came along must be heard first.
            thread::sleep(STOP_PAUSE);
        }
        if self.tty.is_closing() {
            wait_for_exit();
        }
        Ok(self.tty.in_foreground())
    }

    /// Passes `result` on unless it says that the terminal is gone: then the process ends here.
    fn unless_hung_up(&self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if is_hang_up(&error) => self.will.end(Ending::HangUp),
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
