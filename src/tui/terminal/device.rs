//! The seam between the terminal and the system below it.
//!
//! All that systems do differently is behind [`Device`], [`Jobs`](native::Jobs) and the module that has both: `unix` has
//! file descriptors, a line discipline, signals and job control; `console` has what crossterm offers everywhere else.

#[cfg(not(unix))]
use super::console as native;
#[cfg(unix)]
use super::unix as native;

use super::{decoder::Decoder, events::ThreadMessage, open_error::OpenError, tty::TerminalOptions};
use std::{fmt, io};

pub(super) use native::{Jobs, Native};

/// A terminal as the system has it: where bytes go, where keys come from, and in which mode.
pub(super) trait Device: fmt::Debug + Sized + Send + Sync + 'static {
    /// Finds the terminal of this process. Writes nothing and changes nothing.
    fn find() -> Result<Self, OpenError>;

    /// Drops the keys that nobody has read.
    fn forget_keys() -> io::Result<()>;

    /// The columns and rows, as the system knows them now.
    fn size(&self) -> Option<(u16, u16)>;

    /// Hands over keys one by one, unechoed, with Ctrl-C and Ctrl-Z among them.
    fn set_raw(&self) -> io::Result<()>;

    /// Gives back the mode that the shell left.
    fn set_cooked(&self) -> io::Result<()>;

    /// Asks for reports in a way that the sequences of [`Tty`](super::tty::Tty) do not, where the system has one.
    fn report(&self, _: TerminalOptions) -> io::Result<()> {
        Ok(())
    }

    /// True if this process is in the foreground of the terminal, or the terminal controls no jobs.
    fn in_foreground(&self) -> bool;

    /// True if the terminal takes output at this moment, so that writing a little does not block.
    fn takes_output(&self) -> bool;

    /// Writes some of `bytes`, and waits where the terminal takes none yet.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Waits for what the user does next; where that comes as bytes, `decoder` knows what they mean. An error is the end
    /// of the terminal.
    fn listen(&self, decoder: &mut Decoder) -> io::Result<Vec<ThreadMessage>>;

    /// True if `error` says that the terminal is gone.
    fn is_gone(error: &io::Error) -> bool;
}
