//! Signals during a conversation: Ctrl-C ends the run under way; what ends the process saves the session first.

use super::PROMPT;
use crate::{
    cli::saved::{Keeper, Kept},
    debugger::Progress,
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// Heard in a thread of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupts {
    /// True while a command is executed.
    running: Arc<AtomicBool>,
    /// True once it is to end.
    stop: Arc<AtomicBool>,
}

impl Interrupts {
    /// Begins to listen. `typed` says whether somebody sits at a terminal: there Ctrl-C at the prompt only gives a
    /// new one.
    pub(super) fn listen(keeper: Keeper, typed: bool) -> io::Result<Self> {
        let interrupts = Self::default();
        let heard = interrupts.clone();
        let heeded = [SIGINT, SIGTERM, SIGHUP];
        // Whoever starts the program with `nohup` wants it to go on.
        let heeded = heeded
            .into_iter()
            .filter(|it| *it != SIGHUP || !is_ignored(*it));
        let mut signals = Signals::new(heeded)?;
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                for signal in signals.forever() {
                    if signal == SIGINT && heard.running.load(Ordering::Acquire) {
                        heard.stop.store(true, Ordering::Release);
                    } else if signal == SIGINT && typed {
                        // Past the buffer of standard output, whose lock the conversation holds.
                        let prompt = format!("\n{PROMPT}");
                        let _ = rustix::io::write(rustix::stdio::stdout(), prompt.as_bytes());
                    } else {
                        let kept = keeper.save();
                        if kept != Kept::Nothing {
                            // Nobody is left to complain to.
                            let _ = writeln!(io::stderr(), "{kept}");
                        }
                        process::exit(128 + signal);
                    }
                }
            })?;
        Ok(interrupts)
    }

    /// Does something that may take long; it is told to stop when Ctrl-C is pressed meanwhile.
    pub(super) fn during<R>(&self, act: impl FnOnce(&mut dyn FnMut(Progress) -> bool) -> R) -> R {
        self.stop.store(false, Ordering::Release);
        self.running.store(true, Ordering::Release);
        let result = act(&mut |_| !self.stop.load(Ordering::Acquire));
        self.running.store(false, Ordering::Release);
        result
    }
}

/// True if the process was started with the signal ignored; false where the system does not tell.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
