//! The lanes side by side.
//!
//! ```text
//!   - lanes  loss <= 1e-06  t ---- loss ----- |g| touched - since  grads theory -
//!   >*adam               137  5.48e-06  4.44e-01     116    137      -    165
//!    #momentum           137 ...
//! ```
//!
//! `touched` is the first t at which the loss was at most the tolerance, `theory` the one that was expected
//! where that is exact, `since` the t from which it has stayed there, `grads` how many gradients were taken.

use super::frame::{below, clip, heading as title, put};
use super::pane_view::PaneView;
use crate::{
    debugger::lanes::NamedLane,
    format::column::scientific,
    lang::number::is_absent,
    tui::{app::App, cells::cells, panes::Pane, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::fmt::Write;

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare,
    draw,
};

/// A column beside a lane's name, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LaneColumn {
    T,
    Loss,
    Norm,
    Touched,
    Evaluations,
    Theory,
    Since,
}

/// The place where columns are few, those that tell lanes apart: t is in the header as well.
const BY_NEED: [LaneColumn; 7] = [
    LaneColumn::Loss,
    LaneColumn::Since,
    LaneColumn::Touched,
    LaneColumn::Evaluations,
    LaneColumn::T,
    LaneColumn::Norm,
    LaneColumn::Theory,
];
const BY_PLACE: [LaneColumn; 7] = [
    LaneColumn::T,
    LaneColumn::Loss,
    LaneColumn::Norm,
    LaneColumn::Touched,
    LaneColumn::Since,
    LaneColumn::Evaluations,
    LaneColumn::Theory,
];

/// A mark for the lane in focus, the lane's glyph and a space.
const MARKS: u16 = 3;
/// A name that is longer is cut where columns need the room.
const NAME: u16 = 8;
const LONGEST_NAME: u16 = 16;

/// A row for each lane, and the title, with the names of the columns in it.
pub(super) fn wants(app: &App) -> u16 {
    u16::try_from(app.session.lanes().entries().len() + 1).unwrap_or(u16::MAX)
}

pub(super) fn prepare(app: &mut App, _: Rect) {
    app.look_for_convergence();
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let entries = app.session.lanes().entries();
    let rows = usize::from(area.height.saturating_sub(1)).max(1);
    let note = if entries.len() > rows {
        format!("{rows} of {}", entries.len())
    } else {
        format!("loss <= {}", app.session.latest_tolerance())
    };
    let (name, columns) = fitting(below(area).width);
    let names = columns.iter().map(|it| (it.name(app), it.width() + 1));
    let mut end = usize::from(MARKS) + name;
    let names: Vec<(usize, &str)> = names
        .map(|(text, width)| {
            end += width;
            (end - cells(text), text)
        })
        .collect();
    let free = names.first().map_or(end, |(x, _)| *x);
    let heading = format!("lanes  {note}");
    let heading = if cells(&heading) + 4 <= free {
        heading.as_str()
    } else {
        "lanes"
    };
    let inner = title(app, Pane::Lanes, area, heading, "", buf);
    let quiet = app.theme.style(Role::Quiet);
    for (x, text) in names {
        let x = u16::try_from(x - 1).unwrap_or(u16::MAX);
        let row = Rect {
            y: area.y,
            height: area.height.min(1),
            ..inner
        };
        put(buf, row, x, 0, &format!(" {text} "), quiet);
    }
    let letters = app.letters();
    // Where not all fit, those up to the one in focus are in sight.
    let first = (app.session.lanes().focus() + 1).saturating_sub(rows);
    for (y, (at, entry)) in (0..inner.height).zip(entries.iter().enumerate().skip(first)) {
        let is_focused = at == app.session.lanes().focus();
        let mark = if is_focused { glyphs.cursor } else { ' ' };
        let key = app.theme.style(Role::Key);
        put(buf, inner, 0, y, &mark.to_string(), key);
        let letter = letters[at];
        let path = app.theme.style(Role::Path(at));
        put(buf, inner, 1, y, &letter.to_string(), path);
        let mut row = format!("{:<name$}", clip(app, &entry.name, name));
        for column in &columns {
            let _ = write!(row, " {:>1$}", column.value(app, at, entry), column.width());
        }
        let role = if entry.is_halted() {
            Role::Warning
        } else {
            Role::Text
        };
        put(buf, inner, MARKS, y, &row, app.theme.style(role));
    }
}

/// The width of names, and the columns that fit beside them.
fn fitting(room: u16) -> (usize, Vec<LaneColumn>) {
    let mut left = usize::from(room.saturating_sub(MARKS + NAME));
    let fits = BY_NEED.iter().take_while(|column| {
        let width = column.width() + 1;
        let fits = width <= left;
        left -= if fits { width } else { 0 };
        fits
    });
    let shown: Vec<LaneColumn> = fits.copied().collect();
    let name = left.min(usize::from(LONGEST_NAME - NAME)) + usize::from(NAME);
    let placed = BY_PLACE.into_iter().filter(|it| shown.contains(it));
    (name, placed.collect())
}

impl LaneColumn {
    fn name(self, app: &App) -> &'static str {
        match self {
            Self::T => "t",
            Self::Loss => "loss",
            Self::Norm => app.charset.glyphs().norm_g,
            Self::Touched => "touched",
            Self::Evaluations => "grads",
            Self::Theory => "theory",
            Self::Since => "since",
        }
    }

    fn width(self) -> usize {
        match self {
            Self::T | Self::Touched => 7,
            Self::Loss | Self::Norm => 9,
            Self::Evaluations | Self::Theory | Self::Since => 6,
        }
    }

    /// The text in it for the lane `at`, which is `entry`.
    fn value(self, app: &App, at: usize, entry: &NamedLane) -> String {
        let machine = entry.lane.machine();
        let convergence = entry.lane.timeline().convergence_so_far();
        let count = |t: Option<u64>| t.map_or("-".to_owned(), |t| t.to_string());
        // What was not recorded is unknown, not a loss that is not a number.
        let known = |value: f64| {
            if is_absent(value) {
                "unknown".to_owned()
            } else {
                scientific(value, self.width())
            }
        };
        match self {
            Self::T => entry.lane.position().t.to_string(),
            Self::Loss => known(machine.loss()),
            Self::Norm => known(machine.gradient_norm()),
            Self::Touched => count(convergence.touched),
            Self::Evaluations => entry.gradient_evaluations().to_string(),
            Self::Theory => count(app.expected_at(at)),
            Self::Since if entry.is_halted() => "ended".to_owned(),
            Self::Since => count(convergence.since),
        }
    }
}
