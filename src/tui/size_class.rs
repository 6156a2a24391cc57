//! The classes that screens fall into by their size.

use ratatui::layout::Size;

/// The room on a screen, in classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SizeClass {
    /// Below 40x10: a summary in one line.
    Line,
    /// Below 60x16: one pane at a time, with tabs.
    Single,
    /// From 60x16: contour and source, and what else fits.
    Small,
    /// From 80x24.
    Compact,
    /// From 120x36.
    Normal,
    /// From 200x60.
    Wide,
}

impl SizeClass {
    /// The class of a terminal.
    #[must_use]
    pub fn of(size: Size) -> Self {
        let holds = |width, height| size.width >= width && size.height >= height;
        if holds(200, 60) {
            Self::Wide
        } else if holds(120, 36) {
            Self::Normal
        } else if holds(80, 24) {
            Self::Compact
        } else if holds(60, 16) {
            Self::Small
        } else if holds(40, 10) {
            Self::Single
        } else {
            Self::Line
        }
    }
}
