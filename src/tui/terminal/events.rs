//! The events of the main loop: keys, a new size, the return from the shell.
//!
//! Each source has a thread that sleeps until there is something to tell; all of them feed one channel. There is no
//! tick, so that a screen on which nothing happens costs nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};
use std::{io, thread};

use super::decoder::Decoder;
use super::device::Device;
use super::ending::{Ending, LastWill};
use super::tty::Tty;
use crate::tui::{
    key::{Input, KeyEvent, MouseEvent},
    theme::Background,
};

/// The delay of a new size for a newer one: a window that is dragged larger sends hundreds.
const RESIZE_PAUSE: Duration = Duration::from_millis(30);

/// Something the main loop has to answer, most often by drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed, or repeats. Ctrl-C and Ctrl-Z are keys like any other.
    Key(KeyEvent),
    /// Text was pasted (only with [`TerminalOptions::paste`](super::TerminalOptions::paste)).
    Paste(String),
    /// The mouse did something (only with [`TerminalOptions::mouse`](super::TerminalOptions::mouse)).
    Mouse(MouseEvent),
    /// The terminal has told what its ground is (only after [`Screen::ask_ground`](super::Screen::ask_ground)).
    Ground(Background),
    /// The terminal has a new size, in columns and rows. The next frame is a full one.
    Resize(u16, u16),
    /// The screen must be drawn again, for others may have drawn on it. The next frame is a full one.
    Redraw,
}

/// A message from a thread to the main loop.
#[derive(Debug)]
pub(super) enum ThreadMessage {
    Input(Input),
    Resized,
    #[cfg(unix)]
    Continued,
}

/// The receiving end of everything that happens.
///
/// As an iterator it waits for the next event and never ends. The loop of a debugger is
///
/// ```no_run
/// # use eigenstep::tui::terminal::{Event, TerminalOptions, Screen};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (mut screen, mut events) = Screen::open(TerminalOptions::default())?;
/// loop {
///     screen.draw(|frame| frame.render_widget("any key quits", frame.area()))?;
///     if events.batch().iter().any(|event| matches!(event, Event::Key(_))) {
///         return Ok(());
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Events {
    tty: Arc<Tty>,
    inbox: Receiver<ThreadMessage>,
    sender: Sender<ThreadMessage>,
    /// The time at which the new size is reported.
    resize_due: Option<Instant>,
    /// Events that came while another one was waited for.
    kept: VecDeque<Event>,
    /// The inputs that nobody has taken yet.
    pending: Arc<AtomicUsize>,
}

/// The sending ends for the threads that hear of signals.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(unix),
    expect(dead_code, reason = "a console tells of its size with the keys")
)]
pub(super) struct Notifier(Sender<ThreadMessage>);

#[cfg(unix)]
impl Notifier {
    pub(super) fn resized(&self) {
        // Without a receiver nobody wants to know; so it is below.
        let _ = self.0.send(ThreadMessage::Resized);
    }

    pub(super) fn continued(&self) {
        let _ = self.0.send(ThreadMessage::Continued);
    }
}

impl Events {
    pub(super) fn new(tty: Arc<Tty>) -> Self {
        let (sender, inbox) = mpsc::channel();
        Self {
            tty,
            inbox,
            sender,
            resize_due: None,
            kept: VecDeque::new(),
            pending: Arc::default(),
        }
    }

    /// Tells at any time whether a key is waiting to be answered.
    pub fn pending(&self) -> impl Fn() -> bool + 'static {
        let pending = Arc::clone(&self.pending);
        move || pending.load(Ordering::Relaxed) > 0
    }

    pub(super) fn notifier(&self) -> Notifier {
        Notifier(self.sender.clone())
    }

    /// Starts the thread that reads keys, which take `grace` to be known from sequences where they begin alike. It ends
    /// with the process.
    pub(super) fn read_keys(&self, will: Arc<LastWill>, grace: Duration) -> io::Result<()> {
        let (sender, tty) = (self.sender.clone(), Arc::clone(&self.tty));
        let pending = Arc::clone(&self.pending);
        let read = move || {
            let mut decoder = Decoder::new(grace);
            loop {
                let Ok(heard) = tty.device().listen(&mut decoder) else {
                    will.end(Ending::HangUp)
                };
                for message in heard {
                    if matches!(message, ThreadMessage::Input(_)) {
                        pending.fetch_add(1, Ordering::Relaxed);
                    }
                    if sender.send(message).is_err() {
                        return;
                    }
                }
            }
        };
        thread::Builder::new().name("keys".into()).spawn(read)?;
        Ok(())
    }

    /// Waits for the next event.
    pub fn wait(&mut self) -> Event {
        loop {
            if let Some(event) = self.next_before(None) {
                return event;
            }
        }
    }

    /// The events that have happened, without waiting; none if none has.
    pub fn drain(&mut self) -> Vec<Event> {
        let now = Instant::now();
        std::iter::from_fn(|| self.next_before(Some(now))).collect()
    }

    /// Waits for the next event and returns it with all that have happened since the last call. A main loop that
    /// answers a batch with one frame cannot fall behind a key that is held down.
    pub fn batch(&mut self) -> Vec<Event> {
        let mut batch = vec![self.wait()];
        batch.append(&mut self.drain());
        batch
    }

    /// The same, but without any where none has happened before `deadline`.
    pub fn batch_before(&mut self, deadline: Instant) -> Vec<Event> {
        let mut batch: Vec<Event> = self.next_before(Some(deadline)).into_iter().collect();
        if !batch.is_empty() {
            batch.append(&mut self.drain());
        }
        batch
    }

    /// The ground, if the terminal tells it before `deadline`; what else happens is kept for later.
    pub(super) fn ground_before(&mut self, deadline: Instant) -> Option<Background> {
        let mut others = VecDeque::new();
        let ground = loop {
            match self.next_before(Some(deadline)) {
                Some(Event::Ground(ground)) => break Some(ground),
                Some(other) => others.push_back(other),
                None => break None,
            }
        };
        self.kept = others;
        ground
    }

    /// The next event, or `None` if there is none before `deadline`.
    fn next_before(&mut self, deadline: Option<Instant>) -> Option<Event> {
        if let Some(event) = self.kept.pop_front() {
            return Some(event);
        }
        loop {
            let now = Instant::now();
            if self.resize_due.is_some_and(|due| due <= now) {
                self.resize_due = None;
                self.tty.mark_stale();
                let size = self.tty.size();
                return Some(Event::Resize(size.width, size.height));
            }
            let message = match self.resize_due.into_iter().chain(deadline).min() {
                Some(until) => self
                    .inbox
                    .recv_timeout(until.saturating_duration_since(now))
                    .ok(),
                // `sender` keeps the channel connected.
                None => self.inbox.recv().ok(),
            };
            match message {
                Some(message) => {
                    if let Some(event) = self.accept(message) {
                        return Some(event);
                    }
                }
                None if deadline.is_some_and(|deadline| deadline <= Instant::now()) => return None,
                None => {}
            }
        }
    }

    fn accept(&mut self, message: ThreadMessage) -> Option<Event> {
        if matches!(message, ThreadMessage::Input(_)) {
            self.pending.fetch_sub(1, Ordering::Relaxed);
        }
        match message {
            ThreadMessage::Input(Input::Key(key)) => Some(Event::Key(key)),
            ThreadMessage::Input(Input::Paste(text)) => Some(Event::Paste(text)),
            ThreadMessage::Input(Input::Mouse(mouse)) => Some(Event::Mouse(mouse)),
            ThreadMessage::Input(Input::Ground(ground)) => Some(Event::Ground(ground)),
            ThreadMessage::Resized => {
                self.resize_due
                    .get_or_insert_with(|| Instant::now() + RESIZE_PAUSE);
                None
            }
            #[cfg(unix)]
            ThreadMessage::Continued => {
                self.tty.mark_stale();
                Some(Event::Redraw)
            }
        }
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        Some(self.wait())
    }
}
