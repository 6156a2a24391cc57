//! The interruption of long commands.

use crate::error::{Error, ErrorCode};

/// The progress of a long command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A run has reached this t.
    At(u64),
    /// So many of so many runs are done.
    Runs {
        /// Those that have ended.
        done: usize,
        /// All of them.
        of: usize,
    },
}

/// Polled with their progress during long commands; returning false interrupts them, for good.
///
/// The default interrupts nothing.
#[derive(Default)]
pub struct Control<'a> {
    go_on: Option<&'a mut dyn FnMut(Progress) -> bool>,
    /// The iterations that the command had run before it was taken up again.
    done: u64,
    heard: Option<Progress>,
    has_ended: bool,
}

impl<'a> Control<'a> {
    /// A control that polls `go_on`.
    #[must_use]
    pub fn asking(go_on: &'a mut dyn FnMut(Progress) -> bool) -> Self {
        Self {
            go_on: Some(go_on),
            ..Self::default()
        }
    }

    /// The same, for a command that has run so many iterations before.
    #[must_use]
    pub fn after(self, done: u64) -> Self {
        Self { done, ..self }
    }

    /// The iterations that the command had run before it was taken up again.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// True to go on after `progress`.
    pub fn hear(&mut self, progress: Progress) -> bool {
        self.heard = Some(progress);
        let go_on = self.go_on.as_mut().filter(|_| !self.has_ended);
        self.has_ended |= go_on.is_some_and(|go_on| !go_on(progress));
        !self.has_ended
    }

    /// True once the command has been interrupted.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// True to go on with no more progress than the last that was heard: within one piece of a long command, or in a search
    /// that cannot tell how much of it is left.
    pub fn goes_on(&mut self) -> bool {
        self.hear(self.heard.unwrap_or(Progress::Runs { done: 0, of: 1 }))
    }

    /// True to go on from t.
    pub fn at(&mut self, t: u64) -> bool {
        self.hear(Progress::At(t))
    }
}

/// The error of a command that was interrupted before it had changed anything.
#[must_use]
pub fn interrupted() -> Error {
    Error::plain(ErrorCode::Interrupted, "interrupted; nothing has changed")
}

/// Counts iterations from one poll of a [`Control`] to the next.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    stride: u64,
    left: u64,
}

impl Pace {
    /// A poll is due every `stride` iterations.
    #[must_use]
    pub fn new(stride: u64) -> Self {
        let stride = stride.max(1);
        Self {
            stride,
            left: stride,
        }
    }

    /// Counts an iteration; true where a poll is due after it.
    #[inline]
    pub fn is_due(&mut self) -> bool {
        self.left -= 1;
        let is_due = self.left == 0;
        if is_due {
            self.left = self.stride;
        }
        is_due
    }
}

/// Iterations between two polls: about 0.1 ms of work, for n parameters and a gradient over so many rows.
#[must_use]
pub fn stride(n: usize, rows: usize) -> u64 {
    (1024 / (n.max(1) * rows.max(1))).max(1) as u64
}
