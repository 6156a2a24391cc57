//! Signals during a conversation: Ctrl-C ends the run under way; what ends the process saves the session first.

use super::PROMPT;
use crate::{
    cli::{
        interrupt::write_unbuffered,
        saved::{Keeper, Kept},
    },
    debugger::Progress,
    signals::{self, HANG_UP, INTERRUPT, TERMINATE},
};
use std::{
    io::{self, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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
        let mut heeded = vec![INTERRUPT, TERMINATE];
        // Whoever starts the program with `nohup` wants it to go on.
        if !signals::is_ignored(HANG_UP) {
            heeded.push(HANG_UP);
        }
        signals::listen(&heeded, move |signal| {
            if signal == INTERRUPT && heard.running.load(Ordering::Acquire) {
                heard.stop.store(true, Ordering::Release);
            } else if signal == INTERRUPT && typed {
                // The conversation holds the lock of standard output.
                write_unbuffered(format!("\n{PROMPT}").as_bytes());
            } else {
                let kept = keeper.save();
                if kept != Kept::Nothing {
                    // Nobody is left to complain to.
                    let _ = writeln!(io::stderr(), "{kept}");
                }
                process::exit(signals::exit_code(signal));
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
