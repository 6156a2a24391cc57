//! What a long command asks on its way.

/// How far it has come.
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

/// Asked now and then during a long command whether to go on.
pub struct Control<'a> {
    /// Hears how far it has come; answers false to stop.
    pub go_on: &'a mut dyn FnMut(Progress) -> bool,
}

impl Control<'_> {
    /// Asks `go_on`.
    #[must_use]
    pub fn free(go_on: &mut dyn FnMut(Progress) -> bool) -> Control<'_> {
        Control { go_on }
    }

    /// Asks whether to go on from t.
    pub fn at(&mut self, t: u64) -> bool {
        (self.go_on)(Progress::At(t))
    }
}
