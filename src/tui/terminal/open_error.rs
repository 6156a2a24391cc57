//! The error of a screen that cannot be opened, with what to use instead.

use std::error::Error;
use std::{fmt, io};

/// The reason for which a screen could not be opened. Nothing has been written to the terminal.
#[derive(Debug)]
pub enum OpenError {
    /// Standard output is a pipe or a file.
    OutputIsNoTerminal,
    /// `TERM` is unset, empty or `dumb`: the terminal cannot move its cursor.
    DumbTerminal,
    /// Standard input is not a terminal and the process has no controlling terminal to read keys from.
    NoKeyboard(io::Error),
    /// The screen has been opened before. A process opens it once: the thread that reads keys cannot be stopped.
    OpenedBefore,
    /// The operating system refused something.
    System(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutputIsNoTerminal => {
                f.write_str("the screen needs a terminal, and standard output is not one")?;
            }
            Self::DumbTerminal => {
                f.write_str("the screen needs a terminal that can move its cursor, and TERM is unset or dumb")?;
            }
            Self::NoKeyboard(error) => {
                write!(
                    f,
                    "the screen needs a keyboard: standard input is not a terminal, and /dev/tty: {error}"
                )?;
            }
            Self::OpenedBefore => return f.write_str("the screen can be opened only once"),
            Self::System(error) => return write!(f, "the terminal could not be set up: {error}"),
        }
        f.write_str(
            "\nwithout one, use `eigenstep trace` for rows of numbers, `eigenstep exec` for any commands, \
             or `--plain` for a prompt without a screen",
        )
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NoKeyboard(error) | Self::System(error) => Some(error),
            Self::OutputIsNoTerminal | Self::DumbTerminal | Self::OpenedBefore => None,
        }
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}
