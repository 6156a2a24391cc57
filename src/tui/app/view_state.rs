//! The look of a session: panes, cursors, scrolling.

use crate::{
    debugger::Session,
    tui::{
        panes::{Pane, Panes},
        size_class::SizeClass,
        view_command::{ViewCommand, add_if, way},
    },
};
use ratatui::layout::Size;

/// The state of the panes, besides the session itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewState {
    /// The panes on every screen.
    panes: Panes,
    /// The panes that no screen shows of itself.
    hidden: Panes,
    /// The pane that keys go to.
    pub focus: Pane,
    /// True if that pane has all the room.
    pub maximised: bool,
    /// The rows by which the eigenvalues are scrolled.
    pub scroll: usize,
    /// The column that tensors are ordered by; `None` for the order of the run.
    pub tensor_order: Option<String>,
    /// The line of the step that the source's cursor was moved to; `None` while it follows the run.
    cursor: Option<usize>,
    /// The plot that stands first in its pane.
    pub first_plot: usize,
    /// True if theory comes before bars, where there is no room for both.
    pub theory: bool,
    lanes: usize,
}

impl ViewState {
    pub(super) fn new(session: &Session) -> Self {
        let mut look = Self {
            panes: Panes::default(),
            hidden: Panes::of([]),
            focus: Pane::Contour,
            maximised: false,
            scroll: 0,
            tensor_order: None,
            cursor: None,
            first_plot: 0,
            theory: false,
            lanes: 1,
        };
        look.keep_in_step(session);
        look
    }

    /// The panes on a screen of this size: wide ones have more.
    pub(super) fn panes_at(&self, size: Size) -> Panes {
        let own = Panes::of_class(SizeClass::of(size));
        let shown =
            |pane: &Pane| self.panes.has(*pane) || own.has(*pane) && !self.hidden.has(*pane);
        Panes::of(Pane::all().filter(shown))
    }

    /// Shows these panes and no others.
    pub fn show_only(&mut self, panes: Panes) {
        self.panes = panes;
        self.hidden = Panes::of(Pane::all());
    }

    /// Shows these panes and no others, the first in focus; all, where there are none.
    pub fn begin_with(&mut self, panes: &[Pane]) {
        if let Some(first) = panes.first() {
            self.show_only(Panes::of(panes.iter().copied()));
            self.focus = *first;
        }
    }

    /// The pane that has all the room, at this size.
    pub(super) fn maximised_pane(&self, size: Size) -> Option<Pane> {
        let single = SizeClass::of(size) <= SizeClass::Single;
        (self.maximised || single).then_some(self.focus)
    }

    /// The line of the step (from 0) that the source's cursor is on: that about to run, unless it was moved.
    #[must_use]
    pub fn cursor(&self, session: &Session) -> usize {
        self.cursor
            .unwrap_or_else(|| session.lanes().focused().lane.position().line)
    }

    /// Follows the session: the lanes appear with the second one, and the cursor with the run.
    pub(super) fn keep_in_step(&mut self, session: &Session) {
        let lanes = session.lanes().entries().len();
        if (lanes > 1) != (self.lanes > 1) {
            self.panes = self.panes.with(Pane::Lanes, lanes > 1);
        }
        self.lanes = lanes;
        let steps = session.lanes().focused().compiled().lines.len();
        self.cursor = self.cursor.filter(|line| *line < steps);
    }

    pub(super) fn change(&mut self, command: &ViewCommand) {
        match command {
            ViewCommand::Pane(pane) => {
                self.panes = self.panes.with(*pane, true);
                self.focus = *pane;
            }
            ViewCommand::Hide(pane) => {
                self.panes = self.panes.with(*pane, false);
                self.hidden = self.hidden.with(*pane, true);
            }
            ViewCommand::Maximise(None) => self.maximised = !self.maximised,
            ViewCommand::Maximise(Some(pane)) => {
                self.focus = *pane;
                self.maximised = true;
            }
            ViewCommand::Scroll(by) => self.scroll = moved(self.scroll, *by, usize::MAX),
            ViewCommand::Theory => self.theory = !self.theory,
            ViewCommand::Curve => self.first_plot += 1,
            _ => {}
        }
    }

    /// Moves the source's cursor, starting from where it is shown.
    pub(super) fn move_cursor(&mut self, session: &Session, by: i64) {
        let lines = session.lanes().focused().compiled().lines.len();
        let from = self.cursor(session);
        self.cursor = Some(moved(from, by, lines.saturating_sub(1)));
    }

    /// Adds the commands that lead here from `before`.
    pub(super) fn since(&self, before: &Self, session: &Session, to: &mut Vec<ViewCommand>) {
        let mut before = before.clone();
        before.keep_in_step(session);
        let mut focus = before.focus;
        for pane in Pane::all() {
            if self.panes.has(pane) {
                if !before.panes.has(pane) {
                    to.push(ViewCommand::Pane(pane));
                    focus = pane;
                }
            } else {
                let was_shown = before.panes.has(pane) || !before.hidden.has(pane);
                add_if(
                    self.hidden.has(pane) && was_shown,
                    ViewCommand::Hide(pane),
                    to,
                );
            }
        }
        let mut is_maximised = before.maximised;
        if self.maximised {
            let has_changed = !is_maximised || focus != self.focus;
            add_if(has_changed, ViewCommand::Maximise(Some(self.focus)), to);
            is_maximised = true;
        } else if focus != self.focus && self.panes.has(self.focus) {
            to.push(ViewCommand::Pane(self.focus));
        } else if focus != self.focus {
            // It is not to be shown because of that.
            to.push(ViewCommand::Maximise(Some(self.focus)));
            is_maximised = true;
        }
        add_if(
            is_maximised != self.maximised,
            ViewCommand::Maximise(None),
            to,
        );
        to.extend(way(before.scroll, self.scroll).map(ViewCommand::Scroll));
        let order = ViewCommand::Tensors(self.tensor_order.clone());
        add_if(before.tensor_order != self.tensor_order, order, to);
        add_if(before.theory != self.theory, ViewCommand::Theory, to);
        let curves = before.first_plot..self.first_plot;
        to.extend(curves.map(|_| ViewCommand::Curve));
        if self.cursor.is_some() {
            let cursor = way(before.cursor(session), self.cursor(session));
            to.extend(cursor.map(ViewCommand::Cursor));
        }
    }

    /// Lets the source's cursor follow the run again.
    pub(super) fn release_cursor(&mut self) {
        self.cursor = None;
    }
}

fn moved(from: usize, by: i64, most: usize) -> usize {
    let size = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    let to = if by < 0 {
        from.saturating_sub(size)
    } else {
        from.saturating_add(size)
    };
    to.min(most)
}
