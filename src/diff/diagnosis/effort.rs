//! How much a search has done: it ends after so much, whatever the rule and the run.

use std::cell::Cell;

/// Most multiplications, about: some seconds.
pub(super) const MOST: usize = 3_000_000_000;

/// What a search has done.
pub(in crate::diff) struct Effort {
    spent: Cell<usize>,
    most: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self::up_to(MOST)
    }
}

impl Effort {
    /// Nothing yet, of so many multiplications.
    pub fn up_to(most: usize) -> Self {
        Self {
            spent: Cell::new(0),
            most,
        }
    }

    /// Takes in so many multiplications.
    pub fn spend(&self, work: usize) {
        self.spent.set(self.spent.get().saturating_add(work));
    }

    /// What has been done so far.
    #[cfg(test)]
    pub fn spent(&self) -> usize {
        self.spent.get()
    }

    /// True once nothing more is to be tried.
    pub fn is_spent(&self) -> bool {
        self.spent.get() >= self.most
    }
}
