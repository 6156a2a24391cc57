//! Signals and job control: the ends that come from outside, Ctrl-Z, and `fg`.

use super::{
    super::{
        device::Device,
        ending::{Ending, LastWill, wait_for_exit},
        events::Notifier,
        tty::Tty,
    },
    abort,
    stopping::StopSignal,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::{Signal, getpid, getsid, kill_current_process_group},
};
use signal_hook::{
    consts::{
        SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM,
        SIGWINCH, SIGXCPU,
    },
    iterator::Signals,
};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

/// The longest time until a process that is to be stopped is stopped, and until its thread for signals hears that it
/// goes on. While it is stopped this clock goes on, too.
const STOP_PAUSE: Duration = Duration::from_millis(30);

/// Signals that end a process which does not heed them, and leave it the time to end well.
const ENDING: [i32; 10] = [
    SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGUSR1, SIGUSR2,
];

/// The process among the jobs of its shell.
#[derive(Debug)]
pub(in super::super) struct Jobs {
    /// Told of each SIGCONT.
    continued: Receiver<()>,
    stop: StopSignal,
}

impl Jobs {
    /// Heeds signals and the end of the terminal from now on, in threads of their own. Those that are started later do
    /// not hear of SIGTSTP.
    pub(in super::super) fn heed(
        tty: &Arc<Tty>,
        will: &Arc<LastWill>,
        notifier: &Notifier,
    ) -> io::Result<Self> {
        let (sender, continued) = mpsc::sync_channel(1);
        let stop = StopSignal::block()?;
        let on_continue = {
            let (tty, notifier) = (Arc::clone(tty), notifier.clone());
            move || {
                // Full if nobody is suspending: then it tells nothing new.
                let _ = sender.try_send(());
                if tty.reenter().unwrap_or(false) {
                    notifier.continued();
                }
            }
        };
        end_on_signals(will, notifier.clone(), on_continue)?;
        end_on_hang_up(tty, will)?;
        abort::restore(tty)?;
        let resumed = notifier.clone();
        stop.heed(tty, move || resumed.continued())?;
        Ok(Self { continued, stop })
    }

    /// Gives the terminal back to the shell and stops the process group; returns when it goes on in the foreground.
    /// `false`, and nothing is done, for the leader of a session, whom no shell could let go on.
    pub(in super::super) fn suspend(&self, tty: &Tty) -> io::Result<bool> {
        if getsid(None).is_ok_and(|session| session == getpid()) {
            return Ok(false);
        }
        tty.suspend()?;
        while !self.stop(tty)? {}
        tty.resume()?;
        Ok(true)
    }

    /// Stops the process group. Returns, when it goes on, whether it does so in the foreground.
    fn stop(&self, tty: &Tty) -> io::Result<bool> {
        while self.continued.try_recv().is_ok() {}
        self.stop
            .with_default(|| Ok(kill_current_process_group(Signal::TSTP)?))?;
        // The stop may take effect a moment after the call, in another thread first. Then the first wait ends late and
        // the second one hears of SIGCONT.
        if self.continued.recv_timeout(STOP_PAUSE).is_err() {
            let _ = self.continued.recv_timeout(STOP_PAUSE);
        }
        if !tty.device().in_foreground() {
            // Before it is stopped again: a SIGTERM that came along must be heard first.
            thread::sleep(STOP_PAUSE);
        }
        if tty.is_closing() {
            wait_for_exit();
        }
        Ok(tty.device().in_foreground())
    }
}

/// Hears of signals in a thread of its own. `continued` is called there.
fn end_on_signals(
    will: &Arc<LastWill>,
    notifier: Notifier,
    continued: impl Fn() + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new(ENDING.iter().chain(&[SIGCONT, SIGWINCH]))?;
    let will = Arc::clone(will);
    let listen = move || {
        for signal in signals.forever() {
            match signal {
                SIGWINCH => notifier.resized(),
                SIGCONT => continued(),
                _ => will.end(Ending::Signal(signal)),
            }
        }
    };
    thread::Builder::new()
        .name("signals".into())
        .spawn(listen)?;
    Ok(())
}

/// Watches for the end of the terminal in a thread of its own, which sleeps until then. SIGHUP does not reach a
/// process that is neither the leader of the session nor in the foreground.
fn end_on_hang_up(tty: &Arc<Tty>, will: &Arc<LastWill>) -> io::Result<()> {
    let (tty, will) = (Arc::clone(tty), Arc::clone(will));
    let watch = move || {
        let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
        loop {
            let ends = tty.device().ends();
            let mut ends = ends.map(|end| PollFd::from_borrowed_fd(end, PollFlags::empty()));
            match poll(&mut ends, None) {
                Ok(_) if ends.iter().any(|end| end.revents().intersects(gone)) => {
                    will.end(Ending::HangUp)
                }
                Ok(_) | Err(Errno::INTR) => {}
                // No watch can be kept: reading keys or drawing will notice, a little later.
                Err(_) => return,
            }
        }
    };
    thread::Builder::new().name("hang-up".into()).spawn(watch)?;
    Ok(())
}
