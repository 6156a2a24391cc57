//! `view ...`: a change of what is shown, and how.

mod text;

use super::panes::Pane;
use serde::Serialize;

/// A change of what is shown, and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewCommand {
    /// Magnify the contour by this factor (below 1: shrink).
    Zoom(f64),
    /// Move the contour's window by so many tenths of it.
    Pan(PanDirection, u64),
    /// Let a unit be as long on both axes, or let each axis fill its side.
    Aspect(Aspect),
    /// Shade the ground between level lines by its height, or no longer.
    Shade,
    /// Keep just the last so many steps in sight.
    Follow(u64),
    /// Draw with the next coarser characters, and from the coarsest on with the finest.
    Charset,
    /// Put the window back to follow the run.
    Fit,
    /// Show just this window: from and to, horizontally and vertically.
    Window([f64; 4]),
    /// Show the plane of these two coordinates (from 1).
    Plane(usize, usize, Through),
    /// Show the plane of these two eigenvectors (from 1).
    EigenPlane(usize, usize, Through),
    /// Show this pane and switch to it.
    Pane(Pane),
    /// Hide this pane.
    Hide(Pane),
    /// Give all room to one pane, or to all of them again.
    Maximise(Option<Pane>),
    /// Scroll the pane in focus by so many lines.
    Scroll(i64),
    /// Move the columns of the listing by so many elements.
    Columns(i64),
    /// Show the columns of the listing in this order.
    Sort(ColumnOrder),
    /// Order the tensors by this column, or as they are in the run.
    Tensors(Option<String>),
    /// Sum vectors up in the listing, or show their elements again.
    Summary,
    /// Set or clear a break at the cursor of the source pane.
    BreakHere,
    /// Move the cursor of the source pane.
    Cursor(i64),
    /// Write out the line under the cursor with its numbers.
    ExpandHere,
    /// Play the run, forward or back, or stop playing.
    Play(bool),
    /// Make the setting that was set last larger, or smaller.
    Nudge(bool),
    /// Turn to the lane so many further on.
    Lane(i64),
    /// Let the next plot of each pane stand first.
    Curve,
    /// Let what theory says of errors come before bars, or after them, where there is no room for both.
    Theory,
    /// Show the last map again, or hide it.
    Sweep,
    /// Show the keys.
    Keys,
    /// Copy what lies over the panes, or else the pane in focus, as text.
    Copy,
    /// Draw everything again.
    Redraw,
    /// Give the terminal back to the shell for a while.
    Suspend,
}

impl ViewCommand {
    /// True for a change of what is shown that leaves the session alone and asks nothing of a person.
    #[must_use]
    pub fn arranges(&self) -> bool {
        !matches!(
            self,
            Self::BreakHere
                | Self::ExpandHere
                | Self::Play(_)
                | Self::Nudge(_)
                | Self::Lane(_)
                | Self::Sweep
                | Self::Keys
                | Self::Copy
                | Self::Redraw
                | Self::Suspend
        )
    }
}

/// The way from one place to another, unless they are the same.
pub(super) fn way(from: usize, to: usize) -> Option<i64> {
    let [from, to] = [from, to].map(i64::try_from);
    let by = to.ok()?.checked_sub(from.ok()?)?;
    (by != 0).then_some(by)
}

/// Adds `command` where something has changed.
pub(super) fn add_if(has_changed: bool, command: ViewCommand, to: &mut Vec<ViewCommand>) {
    if has_changed {
        to.push(command);
    }
}

/// The elements in the columns of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnOrder {
    /// All, in the order of their indices.
    #[default]
    ByName,
    /// These, from 0.
    Only(Vec<usize>),
    /// All, the largest in size of this expression first.
    By(String),
}

/// The scaling of the contour's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Each axis fills its side: a valley's level lines close.
    #[default]
    Free,
    /// A unit is as long on both axes: angles and circles are true.
    Equal,
}

/// A direction on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PanDirection {
    /// Towards smaller first coordinates.
    Left,
    /// Towards larger ones.
    Right,
    /// Towards larger second coordinates.
    Up,
    /// Towards smaller ones.
    Down,
}

/// The place of a plane of more than two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// Through the active minimum.
    #[default]
    Minimum,
    /// Through `w`, and moving with it.
    Here,
}

/// The forms of `view`.
pub const USAGE: &[(&str, &str)] = &[
    ("zoom in|out|FACTOR", "magnify the contour"),
    (
        "pan left|right|up|down [N]",
        "move the contour's window by N tenths of it (1)",
    ),
    ("follow K", "keep just the last K steps in sight"),
    (
        "aspect free|equal",
        "scale each axis to fill, or both equally",
    ),
    (
        "shade",
        "shade the ground between level lines by height, or no longer; needs 256 colours",
    ),
    ("fit", "let the window follow the whole run again"),
    ("window X0 X1 Y0 Y1", "show just this window"),
    (
        "plane I J [through w]",
        "show the plane of two coordinates, through the minimum or through w",
    ),
    (
        "plane eigen I J [through w]",
        "show the plane of two eigenvectors",
    ),
    ("pane NAME", "show a pane, and switch to it"),
    ("hide NAME", "hide a pane"),
    ("max [NAME]", "give all room to one pane, or back"),
    ("scroll N", "scroll the eigenvalues and the tensors"),
    ("columns N", "move the columns of the listing by N elements"),
    (
        "sort name | EXPR",
        "order the columns by name, or by the size of a vector: step, m_hat/sqrt(s_hat)",
    ),
    ("only I J ...", "show just the elements with these indices"),
    (
        "tensors run | COLUMN",
        "order the tensors by a column, the largest first, or as they are in the run: view tensors |g|",
    ),
    (
        "summary",
        "summarise vectors by norm, quantiles and a histogram, or show their elements again",
    ),
    ("cursor N", "move the cursor of the source"),
    ("break", "set or clear a break at the cursor"),
    (
        "expand",
        "expand the line at the cursor, values substituted",
    ),
    (
        "play [back]",
        "play the run forward or back, `set speed` iterations a second; any key pauses",
    ),
    (
        "nudge up|down",
        "increase or decrease the setting that was set last, and rerun",
    ),
    ("lane N", "switch to the lane N further on"),
    ("curve", "rotate to each pane's next plot"),
    (
        "theory",
        "switch the eigen pane between theory and bars where only one fits",
    ),
    ("sweep", "show the last sweep's map again, or hide it"),
    ("keys", "show the keys"),
    (
        "copy",
        "copy the explained line, the map or the pane in focus as text, by way of the terminal",
    ),
    (
        "charset",
        "switch to coarser characters; after ASCII, back to Braille",
    ),
    ("redraw", "draw everything again"),
    ("suspend", "suspend to the shell"),
];

impl PanDirection {
    const ALL: [(&'static str, Self); 4] = [
        ("left", Self::Left),
        ("right", Self::Right),
        ("up", Self::Up),
        ("down", Self::Down),
    ];

    /// The steps right and up that one step this way is.
    #[must_use]
    pub fn steps(self) -> (f64, f64) {
        match self {
            Self::Left => (-1.0, 0.0),
            Self::Right => (1.0, 0.0),
            Self::Up => (0.0, 1.0),
            Self::Down => (0.0, -1.0),
        }
    }

    fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(_, direction)| *direction == self);
        row.map_or("", |(name, _)| *name)
    }
}
