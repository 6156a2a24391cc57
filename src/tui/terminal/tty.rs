//! The terminal device: its modes, its size, and who may write to it.
//!
//! Three threads have a hand in it: the one that draws, the one that hears of signals, and whichever panics. They share
//! one [`Tty`]; a lock keeps frames and changes of mode apart, and once the process is ending no frame is written.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::{
    cursor::{Hide, Show},
    event::{DisableBracketedPaste, EnableBracketedPaste},
    queue,
    style::ResetColor,
    terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::layout::Size;

use super::device::{Device, Native};
use super::open_error::OpenError;

/// The sequence after a stop without warning, when the terminal may still show the alternate screen: unlike 1049 this
/// does not overwrite the shell's cursor position.
#[cfg(unix)]
const REENTER: &[u8] = b"\x1b[?47h\x1b[?25l";

/// Clicks, drags and the wheel, with coordinates beyond 223; not every movement, for which crossterm would ask as well.
const MOUSE_ON: &[u8] = b"\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l";

/// Alternate screen (the shell's is kept aside with its cursor), cursor hidden, and the reports that are asked for.
fn entering(options: TerminalOptions) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, Hide)?;
    bytes.extend(on(options)?);
    Ok(bytes)
}

/// No more reports, the end of a frame that may have been cut short, the pen put down, cursor shown, the shell's screen
/// and cursor.
fn leaving(options: TerminalOptions) -> io::Result<Vec<u8>> {
    let mut bytes = off(options)?;
    queue!(
        bytes,
        EndSynchronizedUpdate,
        ResetColor,
        Show,
        LeaveAlternateScreen
    )?;
    Ok(bytes)
}

/// Size where the terminal does not tell its own.
const FALLBACK_SIZE: Size = Size::new(80, 24);

/// The most columns, and the most rows, that are drawn.
const MOST_CELLS: u16 = 1000;

/// Things a terminal reports only on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Report clicks, drags and the wheel. The terminal's own select and copy then needs a modifier key.
    pub mouse: bool,
    /// Report pasted text as one [`Event::Paste`](super::Event::Paste) instead of keys.
    pub paste: bool,
    /// The wait after ESC for the rest of a sequence, before it is the key Esc: slow connections take more.
    pub escape_delay: Duration,
}

impl TerminalOptions {
    /// The delay after ESC unless the user says otherwise.
    pub const ESCAPE_DELAY: Duration = Duration::from_millis(50);
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self {
            mouse: false,
            paste: false,
            escape_delay: Self::ESCAPE_DELAY,
        }
    }
}

/// The owner of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The shell's: not entered yet, or left for good.
    Outside,
    /// Ours: raw mode, alternate screen.
    Inside,
    /// The shell's until the process is continued.
    #[cfg(unix)]
    Suspended,
}

#[derive(Debug)]
struct Modes {
    phase: Phase,
    options: TerminalOptions,
}

/// The terminal, shared by all threads.
#[derive(Debug)]
pub(super) struct Tty {
    device: Native,
    modes: Mutex<Modes>,
    /// True in raw mode; known without the lock, which a blocked write may hold.
    raw: AtomicBool,
    /// True if something else may have been drawn, so that the next frame must be a full one.
    stale: AtomicBool,
    /// True once the process is ending: no frame is written any more.
    closing: AtomicBool,
}

impl Tty {
    /// Finds the terminal. Writes nothing and changes nothing.
    pub(super) fn find() -> Result<Self, OpenError> {
        Ok(Self {
            device: Native::find()?,
            modes: Mutex::new(Modes {
                phase: Phase::Outside,
                options: TerminalOptions::default(),
            }),
            raw: AtomicBool::new(false),
            stale: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        })
    }

    /// The terminal as the system has it.
    pub(super) fn device(&self) -> &Native {
        &self.device
    }

    /// The size in cells, as the system knows it now.
    pub(super) fn size(&self) -> Size {
        match self.device.size() {
            Some((columns, rows)) if columns > 0 && rows > 0 => in_sight(columns, rows),
            _ => FALLBACK_SIZE,
        }
    }

    /// Takes the terminal over from the shell.
    pub(super) fn enter(&self, options: TerminalOptions) -> io::Result<()> {
        let mut modes = self.modes();
        self.set_raw()?;
        modes.phase = Phase::Inside;
        modes.options = options;
        self.mark_stale();
        self.write(&entering(options)?)?;
        self.device.report(options)
    }

    /// Gives the terminal back to the shell for good.
    pub(super) fn leave(&self) -> io::Result<()> {
        self.give_back(Phase::Outside).map(|_| ())
    }

    /// Restores the terminal because the process is ending. May block for as long as the terminal takes no output;
    /// the line discipline is restored before that.
    pub(super) fn abandon(&self) {
        // Nobody is left to be told of a failure. A process in the background would be stopped here, and the line
        // discipline is the shell's then.
        if self.is_raw() && self.device.in_foreground() {
            let _ = self.device.set_cooked();
        }
        let mut modes = self.modes();
        if modes.phase == Phase::Inside {
            modes.phase = Phase::Outside;
            let _ = leaving(modes.options).and_then(|bytes| self.write(&bytes));
        }
    }

    /// Turns reports on or off.
    pub(super) fn set_options(&self, change: impl FnOnce(&mut TerminalOptions)) -> io::Result<()> {
        let mut modes = self.modes();
        let before = modes.options;
        change(&mut modes.options);
        let now = modes.options;
        if before == now || modes.phase != Phase::Inside || self.is_closing() {
            return Ok(());
        }
        self.device.report(now)?;
        self.write(&[off(before)?, on(now)?].concat())
    }

    /// Asks for the next frame to be a full one.
    pub(super) fn mark_stale(&self) {
        self.stale.store(true, Ordering::Release);
    }

    /// True if a full frame is due; clears the flag.
    pub(super) fn take_stale(&self) -> bool {
        self.stale.swap(false, Ordering::AcqRel)
    }

    /// Says that the process is ending. Returns whether this thread is the first to say so.
    pub(super) fn close(&self) -> bool {
        !self.closing.swap(true, Ordering::AcqRel)
    }

    /// True once the process is ending.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// True while the terminal is in raw mode for us.
    pub(super) fn is_raw(&self) -> bool {
        self.raw.load(Ordering::Acquire)
    }

    fn give_back(&self, phase: Phase) -> io::Result<bool> {
        let mut modes = self.modes();
        let was_ours = modes.phase == Phase::Inside;
        if was_ours {
            modes.phase = phase;
            self.raw.store(false, Ordering::Release);
            // Both, even if one fails.
            let written = leaving(modes.options).and_then(|bytes| self.write(&bytes));
            self.device.set_cooked()?;
            written?;
        }
        Ok(was_ours)
    }

    fn set_raw(&self) -> io::Result<()> {
        self.device.set_raw()?;
        self.raw.store(true, Ordering::Release);
        Ok(())
    }

    fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.device.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn modes(&self) -> MutexGuard<'_, Modes> {
        self.modes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Job control.
#[cfg(unix)]
impl Tty {
    /// Gives the terminal back to the shell for now. False if it was the shell's already.
    pub(super) fn suspend(&self) -> io::Result<bool> {
        self.give_back(Phase::Suspended)
    }

    /// Takes the terminal back after [`Tty::suspend`].
    pub(super) fn resume(&self) -> io::Result<()> {
        let options = self.modes().options;
        self.enter(options)
    }

    /// Sets up the terminal again after a stop that came without warning (SIGSTOP). Returns whether it is ours to set
    /// up: it is not in the background, nor while suspended.
    pub(super) fn reenter(&self) -> io::Result<bool> {
        let modes = self.modes();
        if modes.phase != Phase::Inside || self.is_closing() || !self.device.in_foreground() {
            return Ok(false);
        }
        self.set_raw()?;
        self.mark_stale();
        self.write(&[REENTER, &on(modes.options)?].concat())?;
        Ok(true)
    }
}

/// Frames go to the terminal as long as it is ours, and nowhere else.
impl Write for &Tty {
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        let modes = self.modes();
        if modes.phase == Phase::Inside && !self.is_closing() {
            self.device.write(frame)
        } else {
            Ok(frame.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The part of a screen of this size that anybody sees: a terminal may claim to have 65535 by 65535 cells.
fn in_sight(columns: u16, rows: u16) -> Size {
    Size::new(columns.min(MOST_CELLS), rows.min(MOST_CELLS))
}

fn on(options: TerminalOptions) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if options.mouse {
        bytes.extend_from_slice(MOUSE_ON);
    }
    if options.paste {
        queue!(bytes, EnableBracketedPaste)?;
    }
    Ok(bytes)
}

fn off(options: TerminalOptions) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if options.paste {
        queue!(bytes, DisableBracketedPaste)?;
    }
    if options.mouse {
        bytes.extend_from_slice(MOUSE_OFF);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_nobody_sees_are_not_drawn() {
        for (claimed, drawn) in [
            ((80, 24), (80, 24)),
            ((1000, 1000), (1000, 1000)),
            ((65535, 1), (1000, 1)),
            ((65535, 65535), (1000, 1000)),
        ] {
            assert_eq!(in_sight(claimed.0, claimed.1), Size::from(drawn));
        }
    }
}
