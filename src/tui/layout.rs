//! Where each pane stands, by the size of the terminal. All sizes are decided here and nowhere else.
//!
//! ```text
//!   header                                   one line, always
//!   +- 1 contour -----++- 2 source --------+
//!   |                 ||                   |  body: contour left (lanes below it),
//!   |                 |+- 3 eigen ---------+  the rest stacked on the right
//!   |                 ||                   |
//!   +- 5 lanes -------++- 4 loss ----------+
//!   |                 ||                   |
//!   +-----------------++-------------------+
//!   timeline                                 one line, two when wide
//!   caption                                  what a walkthrough says, while one is under way
//!   message                                  hints, the last answer, or the prompt
//! ```
//!
//! Below 60x16 there is one pane at a time, with a line of tabs under the header; below 40x10 the header and the
//! message; in one row the message takes the header's place while there is something to say.

mod pane;

use ratatui::layout::{Rect, Size};

pub use pane::{Pane, Panes};

/// How much room there is.
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

    /// The contour's share of the width in percent: the source needs about 46 columns for a line and two values.
    fn contour_percent(self) -> u32 {
        match self {
            Self::Wide => 60,
            Self::Normal => 42,
            _ => 40,
        }
    }
}

/// How many rows panes have a use for, frames not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Lines of the source, and of what the rule shows.
    pub source: u16,
    /// Eigenvalues.
    pub eigen: u16,
    /// Lanes.
    pub lanes: u16,
    /// What a walkthrough says, its rule included.
    pub caption: u16,
}

impl Content {
    /// The most rows that a pane has a use for, its frame and a heading included.
    fn rows(self, pane: Pane) -> u16 {
        match pane {
            Pane::Source => self.source.saturating_add(2),
            Pane::Eigen => self.eigen.saturating_add(3),
            Pane::Lanes => self.lanes.saturating_add(3),
            Pane::Contour | Pane::Loss => u16::MAX,
        }
    }
}

/// Where everything stands. A part that has no room has an empty `Rect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The class that was laid out.
    pub class: SizeClass,
    /// What is debugged, t, loss: one line.
    pub header: Rect,
    /// The tabs, where one pane is shown at a time.
    pub tabs: Rect,
    /// The timeline.
    pub timeline: Rect,
    /// Key hints, the last answer, or the prompt: one line.
    pub message: Rect,
    /// What a walkthrough says.
    pub caption: Rect,
    panes: [Rect; 5],
}

impl Placed {
    /// A pane's place, frame included; empty if it is not on the screen.
    #[must_use]
    pub fn pane(&self, pane: Pane) -> Rect {
        self.panes[pane.index()]
    }

    /// The pane under a cell, for a click.
    #[must_use]
    pub fn pane_at(&self, cell: ratatui::layout::Position) -> Option<Pane> {
        Pane::ALL.into_iter().find(|&p| self.pane(p).contains(cell))
    }
}

/// Lays the screen out. A maximised pane takes the whole body, whether or not it is among the visible ones; where
/// there is room for one pane only, that one is shown, else the first visible.
#[must_use]
pub fn layout(size: Size, visible: Panes, maximised: Option<Pane>, content: Content) -> Placed {
    let class = SizeClass::of(size);
    let mut left = Rect::new(0, 0, size.width, size.height);
    let mut placed = Placed {
        class,
        header: take_top(&mut left, 1),
        tabs: Rect::ZERO,
        timeline: Rect::ZERO,
        message: Rect::ZERO,
        caption: Rect::ZERO,
        panes: [Rect::ZERO; 5],
    };
    if class == SizeClass::Line {
        if size.height > 1 {
            placed.message = take_bottom(&mut left, 1);
        }
        return placed;
    }
    placed.message = take_bottom(&mut left, 1);
    placed.caption = take_bottom(&mut left, content.caption.min(size.height / 2));
    placed.timeline = take_bottom(&mut left, if class == SizeClass::Wide { 2 } else { 1 });
    if class == SizeClass::Single {
        placed.tabs = take_top(&mut left, 1);
    }
    let alone = match class {
        SizeClass::Single => maximised.or_else(|| visible.among(&Pane::ALL).first().copied()),
        _ => maximised,
    };
    if let Some(pane) = alone {
        placed.panes[pane.index()] = left;
    } else {
        body(left, class, visible, content, &mut placed.panes);
    }
    placed
}

/// Two columns, or one where the other would be empty.
fn body(area: Rect, class: SizeClass, visible: Panes, content: Content, panes: &mut [Rect; 5]) {
    let first = visible.among(&[Pane::Contour, Pane::Lanes]);
    let second = visible.among(&[Pane::Source, Pane::Eigen, Pane::Loss]);
    let width = match (first.is_empty(), second.is_empty()) {
        (true, _) => 0,
        (_, true) => area.width,
        _ => share(area.width, class.contour_percent(), 100),
    };
    stack(Rect { width, ..area }, &first, content, panes);
    stack(
        Rect {
            x: area.x + width,
            width: area.width - width,
            ..area
        },
        &second,
        content,
        panes,
    );
}

/// Stacks panes; the last ones give way where rows are short.
fn stack(area: Rect, wanted: &[Pane], content: Content, panes: &mut [Rect; 5]) {
    let needed = |panes: &[Pane]| panes.iter().map(|p| p.rows().0).sum::<u16>();
    let mut shown = wanted;
    while shown.len() > 1 && needed(shown) > area.height {
        shown = &shown[..shown.len() - 1];
    }
    let mut rows: Vec<u16> = shown.iter().map(|p| p.rows().0).collect();
    let mut spare = area.height.saturating_sub(needed(shown));
    // Share what is left by weight; what a pane has no use for goes round again.
    loop {
        let room = |i: usize| content.rows(shown[i]).saturating_sub(rows[i]);
        let hungry: Vec<usize> = (0..shown.len()).filter(|&i| room(i) > 0).collect();
        let weights: u32 = hungry.iter().map(|&i| u32::from(shown[i].rows().1)).sum();
        let given: Vec<u16> = hungry
            .iter()
            .map(|&i| share(spare, u32::from(shown[i].rows().1), weights).min(room(i)))
            .collect();
        let total: u16 = given.iter().sum();
        if total == 0 {
            break;
        }
        for (&i, given) in hungry.iter().zip(given) {
            rows[i] += given;
        }
        spare -= total;
    }
    let mut left = area;
    for (i, (pane, rows)) in shown.iter().zip(rows).enumerate() {
        let last = i + 1 == shown.len();
        let rows = if last { left.height } else { rows };
        panes[pane.index()] = take_top(&mut left, rows);
    }
}

/// `length * part / whole`, rounded down.
fn share(length: u16, part: u32, whole: u32) -> u16 {
    u16::try_from(u32::from(length) * part / whole.max(1))
        .unwrap_or(length)
        .min(length)
}

fn take_top(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    let taken = Rect {
        height: rows,
        ..*left
    };
    left.y += rows;
    left.height -= rows;
    taken
}

fn take_bottom(left: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(left.height);
    left.height -= rows;
    Rect {
        y: left.y + left.height,
        height: rows,
        ..*left
    }
}

#[cfg(test)]
mod tests;
