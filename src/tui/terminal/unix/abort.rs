//! The abort of the process, as where memory runs out or a stack overflows: the terminal is restored before it.
//!
//! When the handler of SIGABRT returns, the process dies. Here it writes to two pipes. A thread waits behind the first
//! and restores the terminal; the second is full, so that the writing lasts until it has.

use super::super::tty::Tty;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use signal_hook::{consts::SIGABRT, low_level::pipe};
use std::{
    io::{self, PipeReader, Read, Write},
    process,
    sync::Arc,
    thread,
    time::Duration,
};

/// The longest time that the process lives on: the terminal may take no output.
const GRACE: Duration = Duration::from_millis(500);

/// Told where the message of the abort stood on the screen that is gone.
const LAST_WORDS: &[u8] = b"the program had to abort: it has run out of memory, or broken\n";

/// Restores the terminal before an abort from now on.
pub(super) fn restore(tty: &Arc<Tty>) -> io::Result<()> {
    let (mut first, mut second) = (heard()?, heard()?);
    let held = Arc::new(held()?);
    let (tty, also_held) = (Arc::clone(tty), Arc::clone(&held));
    let restore = move || {
        if first.read_exact(&mut [0]).is_ok() {
            tty.close();
            tty.abandon();
            // Neither the lock nor the memory of `eprintln!` can be relied on.
            let _ = rustix::io::write(rustix::stdio::stderr(), LAST_WORDS);
            die(&held);
        }
    };
    let give_up = move || {
        if second.read_exact(&mut [0]).is_ok() {
            thread::sleep(GRACE);
            die(&also_held);
        }
    };
    thread::Builder::new().name("abort".into()).spawn(restore)?;
    thread::Builder::new()
        .name("abort's end".into())
        .spawn(give_up)?;
    Ok(())
}

/// A pipe that a byte comes out of when the process aborts.
fn heard() -> io::Result<PipeReader> {
    let (reader, writer) = io::pipe()?;
    pipe::register(SIGABRT, writer)?;
    Ok(reader)
}

/// A full pipe that whoever aborts writes to, and waits.
fn held() -> io::Result<PipeReader> {
    let (reader, writer) = io::pipe()?;
    let mut filling = writer.try_clone()?;
    // From now on no end of it waits.
    pipe::register(SIGABRT, writer)?;
    let full = loop {
        if let Err(error) = filling.write(&[0; 1 << 12]) {
            break error;
        }
    };
    if full.kind() != io::ErrorKind::WouldBlock {
        return Err(full);
    }
    let flags = fcntl_getfl(&filling)?;
    fcntl_setfl(&filling, flags.difference(OFlags::NONBLOCK))?;
    Ok(reader)
}

/// Lets the process die.
fn die(mut held: &PipeReader) {
    // As much as makes room in a pipe.
    let _ = held.read(&mut [0; 1 << 13]);
    // A signal from outside would let it live on.
    thread::sleep(GRACE);
    process::abort();
}
