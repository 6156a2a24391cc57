//! The terminal of Unix: file descriptors, a line discipline, signals.

mod abort;
mod jobs;
mod stopping;

pub(super) use jobs::Jobs;

use super::{decoder::Decoder, device::Device, events::ThreadMessage, open_error::OpenError};
use crate::files::Patient;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::getpgrp,
    termios::{
        OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcgetwinsize,
        tcsetattr,
    },
};
use std::{
    env,
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::{Duration, Instant},
};

/// The two ends of a terminal device.
#[derive(Debug)]
pub(super) struct Native {
    input: OwnedFd,
    output: File,
    /// The line discipline the shell left, to be given back.
    cooked: Termios,
}

impl Native {
    /// Input and output, to watch for the end of the connection.
    fn ends(&self) -> [BorrowedFd<'_>; 2] {
        [self.input.as_fd(), self.output.as_fd()]
    }

    /// Waits for bytes from the keyboard and reads some of them into `bytes`; `None` if there are none in time. No bytes at
    /// all are the end of the terminal.
    fn read(&self, bytes: &mut [u8], patience: Option<Duration>) -> io::Result<Option<usize>> {
        let until = patience.map(|patience| Instant::now() + patience);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.map(|left| Timespec {
                tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            });
            let mut ends = [PollFd::new(&self.input, PollFlags::IN)];
            match poll(&mut ends, left.as_ref()) {
                Ok(0) => return Ok(None),
                // The terminal may be in a mode in which nothing is not waited for, or another reader was faster.
                Ok(_) => match rustix::io::read(&self.input, &mut *bytes) {
                    Err(Errno::AGAIN | Errno::INTR) => {}
                    read => return Ok(read.map(Some)?),
                },
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Device for Native {
    fn forget_keys() -> io::Result<()> {
        let stdin = rustix::stdio::stdin();
        Ok(tcflush(stdin, QueueSelector::IFlush)?)
    }

    fn find() -> Result<Self, OpenError> {
        let output = io::stdout();
        if !output.is_terminal() {
            return Err(OpenError::OutputIsNoTerminal);
        }
        if env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
            return Err(OpenError::DumbTerminal);
        }
        let input = io::stdin();
        let input = if input.is_terminal() {
            input.as_fd().try_clone_to_owned()?
        } else {
            File::options()
                .read(true)
                .write(true)
                .open("/dev/tty")
                .map_err(OpenError::NoKeyboard)?
                .into()
        };
        Ok(Self {
            cooked: tcgetattr(&input).map_err(io::Error::from)?,
            input,
            output: output.as_fd().try_clone_to_owned()?.into(),
        })
    }

    fn size(&self) -> Option<(u16, u16)> {
        let size = tcgetwinsize(&self.output).ok()?;
        Some((size.ws_col, size.ws_row))
    }

    fn set_raw(&self) -> io::Result<()> {
        let mut raw = self.cooked.clone();
        raw.make_raw();
        Ok(tcsetattr(&self.input, OptionalActions::Now, &raw)?)
    }

    fn set_cooked(&self) -> io::Result<()> {
        Ok(tcsetattr(&self.input, OptionalActions::Now, &self.cooked)?)
    }

    fn in_foreground(&self) -> bool {
        tcgetpgrp(&self.input).map_or(true, |foreground| foreground == getpgrp())
    }

    fn takes_output(&self) -> bool {
        let mut output = [PollFd::new(&self.output, PollFlags::OUT)];
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        poll(&mut output, Some(&at_once)).is_ok() && output[0].revents() == PollFlags::OUT
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Patient::new(&self.output).write(bytes)
    }

    fn listen(&self, decoder: &mut Decoder) -> io::Result<Vec<ThreadMessage>> {
        let mut bytes = [0; 4096];
        let inputs = match self.read(&mut bytes, decoder.patience())? {
            Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(count) => decoder.feed(&bytes[..count]),
            None => decoder.expire(),
        };
        Ok(inputs.into_iter().map(ThreadMessage::Input).collect())
    }

    fn is_gone(error: &io::Error) -> bool {
        let gone = [
            Errno::IO,
            Errno::NXIO,
            Errno::PIPE,
            Errno::BADF,
            Errno::NODEV,
        ];
        error
            .raw_os_error()
            .is_some_and(|code| gone.iter().any(|gone| gone.raw_os_error() == code))
    }
}
