//! Limits that the system sets to what a process may write.

/// Makes a write beyond the largest file that the user may have an error like that of a full disk. By default the signal
/// that comes with it would end the program, in the middle of the write and with the terminal as it is.
pub(super) fn fail_instead_of_ending() {
    #[cfg(unix)]
    {
        use signal_hook::{consts::SIGXFSZ, flag};
        use std::sync::{Arc, atomic::AtomicBool};
        // The write fails whatever the flag says. Where no handler can be set, the default stays.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}
