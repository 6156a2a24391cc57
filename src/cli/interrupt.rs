//! Ctrl-C in commands that answer a program, or that write what they have found when they are done.

use crate::{
    error::{Error, ErrorCode, Result},
    signals,
    text::visible,
};
use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Calls `stop` at the first of these signals; a second one ends the process at once.
///
/// # Errors
/// No handler can be set.
pub(super) fn end_at(heeded: &[i32], stop: impl Fn() + Send + 'static) -> Result<()> {
    let mut was_told = false;
    let heard = signals::listen(heeded, move |signal| {
        if was_told {
            process::exit(signals::exit_code(signal));
        }
        was_told = true;
        stop();
    });
    heard.map_err(|error| Error::plain(ErrorCode::System, format!("cannot handle Ctrl-C: {error}")))
}

/// Does `work`. Ctrl-C meanwhile ends the process with exit code 130: `error` goes to stderr, and `told` to whatever
/// program reads standard output.
pub(super) fn ends_with<T>(error: &Error, told: Vec<u8>, work: impl FnOnce() -> T) -> T {
    let is_done = Arc::new(AtomicBool::new(false));
    let (error, heard) = (error.to_string(), Arc::clone(&is_done));
    // Where no signals can be handled, the default is to end at once.
    let _ = signals::listen(&[signals::INTERRUPT], move |signal| {
        // Once it is done, what was found is being written; nobody need wait for that either.
        if !heard.load(Ordering::Acquire) {
            write_unbuffered(&told);
            let _ = writeln!(io::stderr(), "{}", visible(&error));
        }
        process::exit(signals::exit_code(signal));
    });
    let worked = work();
    is_done.store(true, Ordering::Release);
    worked
}

/// Writes to standard output past its buffer, whose lock another thread may hold. Nobody is left to complain to.
pub(super) fn write_unbuffered(bytes: &[u8]) {
    #[cfg(unix)]
    let _ = rustix::io::write(rustix::stdio::stdout(), bytes);
    // Elsewhere there is no way past it; standard error is the same console.
    #[cfg(not(unix))]
    let _ = io::stderr().write_all(bytes);
}
