//! Writing to a terminal or a pipe that somebody has told not to wait.

use std::io::{self, Write};

#[cfg(unix)]
use std::os::fd::AsFd;

/// A writer that waits where the system says "try again": another program on the same terminal can make it say so.
#[derive(Debug)]
pub struct Patient<W>(W);

impl<W> Patient<W> {
    /// A patient way to `out`.
    pub fn new(out: W) -> Self {
        Self(out)
    }
}

#[cfg(unix)]
impl<W: Write + AsFd> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(&self.0)?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        loop {
            match self.0.flush() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(&self.0)?,
                flushed => return flushed,
            }
        }
    }
}

/// Waits until `out` takes some bytes, or says why it takes none.
#[cfg(unix)]
fn wait(out: &impl AsFd) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let mut ends = [PollFd::new(out, PollFlags::OUT)];
    match poll(&mut ends, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::io::{FdFlags, fcntl_getfd};
    use std::{io::Read, thread};

    #[test]
    fn nothing_is_lost_where_the_reader_is_slow_and_the_writer_may_not_wait() {
        let (mut reader, writer) = io::pipe().unwrap();
        assert!(fcntl_getfd(&writer).unwrap().contains(FdFlags::CLOEXEC));
        rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
        let sent: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let writing = {
            let sent = sent.clone();
            thread::spawn(move || Patient::new(writer).write_all(&sent).unwrap())
        };
        let mut received = Vec::new();
        reader.read_to_end(&mut received).unwrap();
        writing.join().unwrap();
        assert!(sent == received);
    }
}
