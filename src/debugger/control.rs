//! The interruption of long commands.

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

/// Polled with their progress during long commands; returning false interrupts them.
///
/// The default interrupts nothing.
#[derive(Default)]
pub struct Control<'a> {
    go_on: Option<&'a mut dyn FnMut(Progress) -> bool>,
    /// The iterations that the command had run before it was taken up again.
    done: u64,
}

impl<'a> Control<'a> {
    /// A control that polls `go_on`.
    #[must_use]
    pub fn asking(go_on: &'a mut dyn FnMut(Progress) -> bool) -> Self {
        Self {
            go_on: Some(go_on),
            done: 0,
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
        self.go_on.as_mut().is_none_or(|go_on| go_on(progress))
    }

    /// True to go on from t.
    pub fn at(&mut self, t: u64) -> bool {
        self.hear(Progress::At(t))
    }
}

/// Iterations between two polls: about 0.1 ms of work, for n parameters and a gradient over so many rows.
#[must_use]
pub fn stride(n: usize, rows: usize) -> u64 {
    (1024 / (n.max(1) * rows.max(1))).max(1) as u64
}
