//! Requests from outside that the process end, or stop what it is doing.
//!
//! Numbers are those of POSIX wherever the program runs, for exit codes are made of them: 128 + signal.

use std::io;

/// The connection or the terminal is gone (SIGHUP).
pub const HANG_UP: i32 = 1;
/// Ctrl-C (SIGINT).
pub const INTERRUPT: i32 = 2;
/// A polite request to end (SIGTERM).
pub const TERMINATE: i32 = 15;

/// The exit code of a process that ends because of `signal`, as shells count.
#[must_use]
pub fn exit_code(signal: i32) -> i32 {
    128 + signal
}

/// Calls `act` for each of `heeded` that comes from now on, in a thread of its own. A signal that the process was told
/// to ignore is heeded all the same.
///
/// # Errors
/// No handler can be set, or no thread be started.
#[cfg(unix)]
pub fn listen(heeded: &[i32], mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new(heeded)?;
    let listen = move || {
        for signal in signals.forever() {
            act(signal);
        }
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(listen)?;
    Ok(())
}

/// Calls `act` with [`INTERRUPT`] for Ctrl-C, Ctrl-Break and the closing of the console, in a thread of its own: there
/// is nothing else to tell apart.
///
/// # Errors
/// A handler has been set before, or none can be set.
#[cfg(windows)]
pub fn listen(_: &[i32], mut act: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(move || act(INTERRUPT)).map_err(io::Error::other)
}

/// Where there are no signals nothing comes.
///
/// # Errors
/// None.
#[cfg(not(any(unix, windows)))]
pub fn listen(_: &[i32], _: impl FnMut(i32) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// True if the process was started with `signal` ignored; false where the system does not tell.
#[must_use]
pub fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
