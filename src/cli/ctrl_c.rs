//! Ctrl-C while something is worked out that is written when it is done, and not before.

use crate::{error::Error, text::visible};
use signal_hook::{consts::SIGINT, iterator::Signals, low_level};
use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Does `work`. Ctrl-C meanwhile ends the process with exit code 130: `error` goes to stderr, and `told` to whatever
/// program reads standard output.
pub(super) fn ends_with<T>(error: &Error, told: Vec<u8>, work: impl FnOnce() -> T) -> T {
    let is_done = Arc::new(AtomicBool::new(false));
    // Where no signals can be handled, the default is to end at once.
    if let Ok(mut signals) = Signals::new([SIGINT]) {
        let (error, is_done) = (error.to_string(), Arc::clone(&is_done));
        let listen = move || {
            let _ = signals.forever().next();
            if is_done.load(Ordering::Acquire) {
                // What was found is being written; nobody need wait for that either.
                let _ = low_level::emulate_default_handler(SIGINT);
            } else {
                // Past the buffer of standard output, which the work has not touched.
                let _ = rustix::io::write(rustix::stdio::stdout(), &told);
                let _ = writeln!(io::stderr(), "{}", visible(&error));
            }
            process::exit(128 + SIGINT);
        };
        let _ = thread::Builder::new().name("ctrl-c".into()).spawn(listen);
    }
    let worked = work();
    is_done.store(true, Ordering::Release);
    worked
}
