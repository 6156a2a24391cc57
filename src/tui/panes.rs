//! The panes: one table, each row a pane with all that keys, commands, layout and help have to know of it.
//!
//! A new pane is a row here, and a file in [`view`](super::view) with the functions that the row names.

use super::size_class::SizeClass;

/// A row of the table.
pub struct PaneRow {
    /// The name on a tab, in commands and in files.
    pub name: &'static str,
    /// The key that shows it.
    pub key: &'static str,
    /// One line on the facts in it, for help.
    pub about: &'static str,
    /// The least screen that shows it unless somebody says otherwise, if any does.
    pub by_default: Option<SizeClass>,
    /// The rows it cannot do without, title included.
    pub least: u16,
    /// The share of the rows that are left; 0 for a pane that takes as many as it wants before others share.
    pub weight: u16,
    /// The band (from the top) and the column where it stands: in two columns, in bands, and in three columns.
    pub spots: [(u8, u8); 3],
}

macro_rules! panes {
    ($( $(#[$doc:meta])* $name:ident($view:path) = $row:expr; )*) => {
        /// A part of the screen with a title of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Pane { $( $(#[$doc])* $name, )* }

        /// Every pane with its row, in the order in which they stand where they share a column.
        pub const PANES: &[(Pane, PaneRow)] = &[ $( (Pane::$name, $row), )* ];
    };
}

/// Hands all rows to a macro.
macro_rules! for_each_pane {
    ($with:ident) => {
        $with! {
        /// The loss as level lines, with the paths.
        Contour(contour::VIEW) = PaneRow {
            name: "contour",
            key: "1",
            about: "level lines of the loss over two of the parameters, with the path of each lane",
            by_default: Some(SizeClass::Line),
            least: 7,
            weight: 5,
            spots: [(0, 0), (2, 0), (1, 0)],
        };
        /// The rule's source beside its values.
        Source(source::VIEW) = PaneRow {
            name: "source",
            key: "2",
            about: "the lines of the rule, each with the value that it gave last",
            by_default: Some(SizeClass::Line),
            least: 4,
            weight: 0,
            spots: [(0, 1), (1, 0), (1, 1)],
        };
        /// The error along each eigenvector.
        Eigen(eigen::VIEW) = PaneRow {
            name: "eigen",
            key: "3",
            about: "the error along each eigenvector of the Hessian, and the factor that an iteration multiplies it by",
            by_default: Some(SizeClass::Line),
            least: 3,
            weight: 0,
            spots: [(0, 1), (1, 1), (1, 2)],
        };
        /// The curves of the rule, and those that were asked for.
        Plot(plots::PLOT) = PaneRow {
            name: "plot",
            key: "6",
            about: "expressions over t: those of `plot`, and those that the rule declares",
            by_default: Some(SizeClass::Line),
            least: 5,
            weight: 7,
            spots: [(0, 1), (2, 1), (1, 1)],
        };
        /// Errors and losses over time.
        Loss(plots::LOSS) = PaneRow {
            name: "loss",
            key: "4",
            about: "the error along each eigenvector over t, and the loss of every lane",
            by_default: Some(SizeClass::Line),
            least: 5,
            weight: 4,
            spots: [(0, 1), (2, 1), (1, 2)],
        };
        /// The modes of an iteration in the complex plane.
        Modes(modes::VIEW) = PaneRow {
            name: "modes",
            key: "7",
            about: "the eigenvalues of the iteration beside the unit circle: inside it errors shrink, off the real axis they ring",
            by_default: Some(SizeClass::Wide),
            least: 9,
            weight: 5,
            spots: [(0, 0), (2, 0), (1, 0)],
        };
        /// The tensors of a run that was recorded.
        Tensors(tensors::VIEW) = PaneRow {
            name: "tensors",
            key: "8",
            about: "the tensors of the parameters: norms, relative steps, what is not finite",
            by_default: None,
            least: 4,
            weight: 3,
            spots: [(0, 0), (2, 0), (1, 0)],
        };
        /// The lanes, side by side.
        Lanes(lanes::VIEW) = PaneRow {
            name: "lanes",
            key: "5",
            about: "the runs side by side",
            by_default: None,
            least: 3,
            weight: 0,
            spots: [(0, 0), (0, 0), (0, 0)],
        };
        }
    };
}

pub(super) use for_each_pane;

for_each_pane!(panes);

impl Pane {
    /// Every pane, in the order of the table.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + Clone {
        PANES.iter().map(|(pane, _)| *pane)
    }

    /// Every pane, in the order of their keys.
    #[must_use]
    pub fn by_key() -> Vec<Self> {
        let mut panes: Vec<Self> = Self::all().collect();
        panes.sort_by_key(|pane| pane.row().key);
        panes
    }

    /// The row of the table.
    #[must_use]
    pub fn row(self) -> &'static PaneRow {
        &PANES[self as usize].1
    }

    /// The pane of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|pane| pane.row().name == name)
    }
}

/// A set of panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes(u32);

impl Default for Panes {
    /// Those that every screen shows unless somebody says otherwise.
    fn default() -> Self {
        Self::of_class(SizeClass::Line)
    }
}

impl Panes {
    /// The set of these panes.
    #[must_use]
    pub fn of(panes: impl IntoIterator<Item = Pane>) -> Self {
        let bits = panes.into_iter().map(|pane| 1 << pane as u32);
        Self(bits.fold(0, |set, bit| set | bit))
    }

    /// Those that a screen of this class shows unless somebody says otherwise.
    #[must_use]
    pub fn of_class(class: SizeClass) -> Self {
        Self::of(
            Pane::all().filter(|pane| pane.row().by_default.is_some_and(|least| least <= class)),
        )
    }

    /// True if the pane is in the set.
    #[must_use]
    pub fn has(self, pane: Pane) -> bool {
        self.0 & (1 << pane as u32) != 0
    }

    /// The set with a pane put in or taken out.
    #[must_use]
    pub fn with(self, pane: Pane, shown: bool) -> Self {
        let bit = 1 << pane as u32;
        Self(if shown { self.0 | bit } else { self.0 & !bit })
    }

    /// The panes in it, in the order of the table.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Pane> + Clone {
        Pane::all().filter(move |&pane| self.has(pane))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pane_is_found_by_its_name() {
        for (at, (pane, row)) in PANES.iter().enumerate() {
            assert_eq!(*pane as usize, at);
            assert_eq!(Pane::named(row.name), Some(*pane));
        }
    }
}
