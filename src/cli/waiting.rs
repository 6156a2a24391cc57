//! Words for whoever waits, on stderr where that is a terminal: what takes so long before there is anything to see.

use crate::{
    debugger::{Control, Progress, Session},
    error::Result,
    scenario::Scenario,
    text::visible,
    tui::terminal,
};
use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// The time after which somebody wonders.
const MOMENT: Duration = Duration::from_millis(500);

/// Opens a scenario; the minimum of a loss may take a while to find.
pub(super) fn opening<T>(scenario: &Scenario, open: impl FnOnce(&Scenario) -> T) -> T {
    let loss = scenario.loss.as_deref().unwrap_or("the loss");
    let what = format!("looking for the minimum of `{}`", loss.trim());
    doing(what, || open(scenario))
}

/// Opens a scenario without a screen, and finds the minimum near its start: what waits for it later could not be ended.
pub(super) fn opening_whole(scenario: &Scenario) -> Result<Session> {
    opening(scenario, |scenario| {
        let session = scenario.session()?;
        for entry in session.lanes().entries() {
            let _ = entry.minima().home();
        }
        Ok(session)
    })
}

/// Does something, and says `what` where that takes long.
pub(super) fn doing<T>(what: String, work: impl FnOnce() -> T) -> T {
    let (done, is_done) = mpsc::channel::<()>();
    if io::stderr().is_terminal() {
        let tell = move || {
            if is_done.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                tell(&what, "\n");
            }
        };
        // Where no thread can be started, nothing is told.
        let _ = thread::Builder::new().name("waiting".into()).spawn(tell);
    }
    let worked = work();
    drop(done);
    worked
}

/// Replays commands, and tells how far that has come. Keys that are pressed meanwhile were meant for this: where a screen
/// follows (`is_screen`), it does not get them.
pub(super) fn replaying<T>(is_screen: bool, replay: impl FnOnce(&mut Control) -> T) -> T {
    let mut teller = ProgressTeller::new("replaying");
    let mut go_on = |progress| {
        teller.hear(progress);
        true
    };
    let replayed = replay(&mut Control::asking(&mut go_on));
    if teller.end() && is_screen && io::stdin().is_terminal() {
        // A terminal that refuses this gives the keys to the screen.
        let _ = terminal::forget_keys();
    }
    replayed
}

/// A line on a terminal that says, now and then, how far something has come.
pub(super) struct ProgressTeller {
    what: &'static str,
    is_seen: bool,
    last: Instant,
    /// The time from one word to the next.
    pause: Duration,
    /// True where each word is a line of its own, and the next one waits for twice as long.
    in_lines: bool,
    told: bool,
}

impl ProgressTeller {
    /// Begins to measure the time that `what` takes.
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            what,
            is_seen: io::stderr().is_terminal(),
            last: Instant::now(),
            pause: MOMENT,
            in_lines: false,
            told: false,
        }
    }

    /// The same where nothing is written twice into a line: for whoever listens to each.
    pub(super) fn in_lines(what: &'static str) -> Self {
        Self {
            pause: 4 * MOMENT,
            in_lines: true,
            ..Self::new(what)
        }
    }

    /// Takes note of how far it has come.
    pub(super) fn hear(&mut self, progress: Progress) {
        if !self.is_seen || self.last.elapsed() < self.pause {
            return;
        }
        self.last = Instant::now();
        self.told = true;
        let what = match progress {
            Progress::At(t) => format!("{}, t = {t}", self.what),
            Progress::Runs { done, of } => format!("{}, {done} of {of} runs", self.what),
        };
        tell(&what, if self.in_lines { "\n" } else { "\r" });
        if self.in_lines {
            self.pause *= 2;
        }
    }

    /// Ends the line; true if there was one.
    pub(super) fn end(self) -> bool {
        if self.told && !self.in_lines {
            let _ = writeln!(io::stderr());
        }
        self.told
    }
}

fn tell(what: &str, end: &str) {
    // Nobody is left to complain to.
    let _ = write!(io::stderr(), "{}; Ctrl-C ends{end}", visible(what));
}
