//! The screen for whatever shows cells: a terminal, a recorder, a page in a browser.
//!
//! A host draws the app after everything that happens, and hands over keys ([`App::key`](super::app::App::key)) and
//! clicks; what comes back is to be executed.

use super::{
    app::{AfterKey, App},
    key::{MouseButton, MouseEvent, MouseEventKind},
    panes::Pane,
    view,
};
use crate::debugger::command::{Command, Located, TimePoint};
use ratatui::{Frame, layout::Position};

/// The text that [`AfterKey::Copy`] asks for, and a name for it: what lies over the panes, or else the pane in focus.
#[must_use]
pub fn copied(app: &App) -> (String, String) {
    if let Some(popup) = &app.popup {
        return (popup.title.clone(), popup.lines.join("\n"));
    }
    if let Some(chart) = app.chart() {
        return ("map".into(), chart.map.to_string());
    }
    let pane = app.look.focus;
    (pane.row().name.into(), view::text_of(app, pane).join("\n"))
}

/// Draws the app into a frame.
pub fn draw(app: &mut App, frame: &mut Frame) {
    let area = frame.area();
    view::prepare(app, area.as_size());
    if let Some(cursor) = view::draw(app, area, frame.buffer_mut()) {
        frame.set_cursor_position(cursor);
    }
}

/// A click on the timeline seeks; one on the contour tells w and the loss there, one on a map looks at a run.
pub fn click(app: &mut App, mouse: MouseEvent) -> AfterKey {
    if mouse.kind != MouseEventKind::Down(MouseButton::Left) {
        return AfterKey::Nothing;
    }
    let at = Position::new(mouse.column, mouse.row);
    if app.chart().is_some() {
        let screen = app.placed.header.union(app.placed.message);
        if let Some(run) = view::run_at(app, screen, at) {
            app.look_at_run(run);
        }
        return AfterKey::Nothing;
    }
    if app.placed.timeline.contains(at)
        && let Some(bar) = view::timeline_bar(app)
        && bar.contains(at)
    {
        let t = view::iteration_at(app, bar, mouse.column);
        let line = Located::default();
        return AfterKey::Execute(Command::Goto(TimePoint { t, line }).into());
    }
    let inner = view::below(app.placed.pane(Pane::Contour));
    if inner.contains(at) {
        app.tell_about(at, inner);
    }
    AfterKey::Nothing
}
