//! The ways a process ends that nobody asked its main loop about.
//!
//! A signal, a terminal that is gone, a panic in any thread: in each case the session is saved if it can be saved at
//! once, the terminal is restored as far as it still listens, and the process exits. None of it may wait: saving and
//! restoring run in threads of their own and are given little time ([`SAVING`], [`GRACE`]). A terminal that still listens is
//! told what became of the session, or the panic's message.

use std::io::Write;
use std::panic;
use std::process;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{fmt, io};

use super::device::Device;
use super::tty::Tty;
use crate::signals;

/// The longest time that restoring may take before the process exits without it.
const GRACE: Duration = Duration::from_millis(50);

/// The longest time that saving may take. It takes a millisecond or two; a session is worth waiting for where the
/// processor or the disk is busy.
const SAVING: Duration = Duration::from_millis(500);

/// The longest time, on a busy machine, that the process waits before exiting for what the user should see: the
/// restored screen, a panic's message.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The reason for which the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A signal from outside: SIGTERM, SIGINT, SIGHUP or another that asks for the end.
    Signal(i32),
    /// The terminal is gone: window closed, connection lost.
    HangUp,
    /// A thread panicked.
    Panic,
}

impl Ending {
    /// The exit code of the process: 128 + signal, as shells count, or 101 as after any panic.
    #[must_use]
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Signal(signal) => signals::exit_code(signal),
            Self::HangUp => signals::exit_code(signals::HANG_UP),
            Self::Panic => 101,
        }
    }
}

/// Done on the way out; returns a sentence for the user, or nothing.
type OnExit = Box<dyn FnOnce(Ending) -> String + Send>;

/// The duties at the end of the process, shared by all threads that may end it.
pub(super) struct LastWill {
    tty: Arc<Tty>,
    on_exit: Mutex<Option<OnExit>>,
}

impl fmt::Debug for LastWill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastWill")
            .field("tty", &self.tty)
            .finish_non_exhaustive()
    }
}

impl LastWill {
    pub(super) fn new(tty: Arc<Tty>) -> Self {
        Self {
            tty,
            on_exit: Mutex::new(None),
        }
    }

    /// Sets (or, with `None`, forgets) what is to be done besides restoring the terminal.
    pub(super) fn set_on_exit(&self, on_exit: Option<OnExit>) {
        *self.on_exit.lock().unwrap_or_else(PoisonError::into_inner) = on_exit;
    }

    /// Ends the process.
    pub(super) fn end(&self, ending: Ending) -> ! {
        if !self.tty.close() {
            wait_for_exit();
        }
        self.wind_up(ending);
        process::exit(ending.exit_code());
    }

    /// Saves and restores, both at once, for no longer than [`SAVING`] and [`GRACE`]; restoring may take longer where it waits for
    /// the processor and not for the terminal.
    fn wind_up(&self, ending: Ending) {
        let tty = Arc::clone(&self.tty);
        let restored = in_background("restore", move || tty.abandon());
        let on_exit = self.on_exit.try_lock().ok();
        let on_exit = on_exit.and_then(|mut on_exit| on_exit.take());
        let saved = on_exit.map(|on_exit| in_background("on exit", move || on_exit(ending)));

        let start = Instant::now();
        let left = |limit: Duration| limit.saturating_sub(start.elapsed());
        // Each ends early, with an error, if its thread could not be started or panicked.
        let said = saved.and_then(|saved| saved.recv_timeout(left(SAVING)).ok());
        if restored.recv_timeout(left(GRACE)) == Err(RecvTimeoutError::Timeout)
            && self.tty.device().takes_output()
        {
            let _ = restored.recv_timeout(left(LAST_WORDS));
        }
        let is_there = matches!(ending, Ending::Signal(signal) if signal != signals::HANG_UP);
        let listens = is_there && self.tty.device().takes_output();
        if let Some(said) = said.filter(|said| listens && !said.is_empty()) {
            let told = in_background("last words", move || {
                // Nobody is left to complain to.
                let _ = writeln!(io::stderr(), "{said}");
            });
            let _ = told.recv_timeout(LAST_WORDS);
        }
    }

    /// From now on a panic in any thread ends the process, its message readable on the restored screen. After the
    /// terminal has been left, panics are what they were before.
    pub(super) fn end_on_panic(self: &Arc<Self>) {
        let will = Arc::clone(self);
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !will.tty.is_raw() && !will.tty.is_closing() {
                return print(panic);
            }
            if !will.tty.close() {
                // The process is ending already; a panic while it does is not worth a word.
                wait_for_exit();
            }
            will.wind_up(Ending::Panic);
            let code = Ending::Panic.exit_code();
            // The message may have to go to a terminal that takes no more output.
            let _ = thread::Builder::new().spawn(move || {
                thread::sleep(LAST_WORDS);
                process::exit(code);
            });
            print(panic);
            process::exit(code);
        }));
    }
}

/// Does `work` in a thread of its own, which tells when it is done.
fn in_background<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Receiver<T> {
    let (done, finished) = mpsc::channel();
    let work = move || {
        // The other side may have given up.
        let _ = done.send(work());
    };
    // If the thread cannot be started, `done` is dropped, and that is told.
    let _ = thread::Builder::new().name(name.into()).spawn(work);
    finished
}

/// Waits while another thread ends the process.
pub(super) fn wait_for_exit() -> ! {
    loop {
        thread::park();
    }
}
