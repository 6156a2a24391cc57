//! The panes, their numbers and the rows they need.

use serde::Serialize;

/// A pane with a frame of its own; its number is the key that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// The loss as level lines, with the paths.
    Contour,
    /// The rule's source beside its values.
    Source,
    /// The error along each eigenvector.
    Eigen,
    /// The loss over time.
    Loss,
    /// The lanes, side by side.
    Lanes,
}

impl Pane {
    /// Every pane, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Contour,
        Self::Source,
        Self::Eigen,
        Self::Loss,
        Self::Lanes,
    ];

    /// The key that shows it, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self.index() + 1
    }

    /// The pane with this number.
    #[must_use]
    pub fn from_number(number: usize) -> Option<Self> {
        Self::ALL.get(number.checked_sub(1)?).copied()
    }

    /// Its name on a tab.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contour => "contour",
            Self::Source => "source",
            Self::Eigen => "eigen",
            Self::Loss => "loss",
            Self::Lanes => "lanes",
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Contour => 0,
            Self::Source => 1,
            Self::Eigen => 2,
            Self::Loss => 3,
            Self::Lanes => 4,
        }
    }

    /// The rows it needs, frame included, and its share of what is left.
    pub(super) fn rows(self) -> (u16, u16) {
        match self {
            Self::Contour => (7, 5),
            Self::Source => (7, 4),
            Self::Loss => (5, 3),
            // A heading and two rows: the extreme eigenvalues, or the first two lanes.
            Self::Eigen => (5, 1),
            Self::Lanes => (5, 2),
        }
    }
}

/// A set of panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes(pub(super) [bool; 5]);

impl Default for Panes {
    /// All but the lanes, which appear with the second lane.
    fn default() -> Self {
        Self([true, true, true, true, false])
    }
}

impl Panes {
    /// The set of these panes.
    #[must_use]
    pub fn of(panes: &[Pane]) -> Self {
        let mut set = Self([false; 5]);
        for pane in panes {
            set.0[pane.index()] = true;
        }
        set
    }

    /// Whether the pane is in the set.
    #[must_use]
    pub fn has(self, pane: Pane) -> bool {
        self.0[pane.index()]
    }

    /// The set with a pane put in or taken out.
    #[must_use]
    pub fn with(mut self, pane: Pane, shown: bool) -> Self {
        self.0[pane.index()] = shown;
        self
    }

    /// Those of the panes that are in the set, in the order given.
    pub(super) fn among(self, panes: &[Pane]) -> Vec<Pane> {
        panes.iter().copied().filter(|&p| self.has(p)).collect()
    }
}
