//! Stops that come from outside: `kill -TSTP`, a job manager.
//!
//! SIGTSTP is blocked in the threads of the process, and a thread of its own waits for it: the terminal is given back
//! first, and then the signal does what it does by default. So the kernel decides whether there is a shell that could
//! let the process go on; where there is none, the screen only flashes.

use super::super::{device::Device, tty::Tty};
use nix::sys::signal::{SigSet, Signal, raise};
use std::{io, sync::Arc, thread};

/// SIGTSTP, blocked in this thread and those that it starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct StopSignal(SigSet);

impl StopSignal {
    /// Blocks it.
    pub(super) fn block() -> io::Result<Self> {
        let mut stop = SigSet::empty();
        stop.add(Signal::SIGTSTP);
        stop.thread_block()?;
        Ok(Self(stop))
    }

    /// Does something that makes the signal stop the process as it does by default, if it comes to this thread.
    pub(super) fn with_default<T>(self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.0.thread_unblock()?;
        let done = act();
        self.0.thread_block()?;
        done
    }

    /// Waits for the signal in a thread of its own. `resumed` is called there when the screen is ours again.
    pub(super) fn heed(
        self,
        tty: &Arc<Tty>,
        resumed: impl Fn() + Send + 'static,
    ) -> io::Result<()> {
        let tty = Arc::clone(tty);
        let listen = move || {
            while self.0.wait().is_ok() {
                // Whoever has given the terminal back already takes it again as well.
                let given_back = tty.suspend().unwrap_or(false);
                loop {
                    let stopped = self.with_default(|| Ok(raise(Signal::SIGTSTP)?));
                    if stopped.is_err() || tty.device().in_foreground() || tty.is_closing() {
                        break;
                    }
                }
                if given_back && tty.resume().is_ok() {
                    resumed();
                }
            }
        };
        thread::Builder::new().name("stop".into()).spawn(listen)?;
        Ok(())
    }
}
