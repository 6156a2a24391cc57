//! The loss as level lines, with the paths of all lanes on top.
//!
//! ```text
//!   +- contour  w[1] w[2] -----------------------+
//!   | - - - - - 3 - - - - - - - - - - - - - - -  |
//!   |    ____.---o----.____                      |   + start   o now   x minimum
//!   |   /    ..*     x     \                     |
//!   +--- 0.0 --------- 0.5 --------- 1.0 --------+
//! ```

use super::frame;
use crate::{
    debugger::lanes::Entry,
    tui::{
        app::App,
        contour::{Axes, Overlay, Point, Track},
        layout::Pane,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Points of a path that are drawn as recent.
const RECENT: usize = 24;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let session = &app.session;
    let [x, y] = app.picture.axes();
    let title = if session.landscape.start.len() == 2 && x.starts_with('w') {
        "contour".to_owned()
    } else {
        format!("contour {x} {y}")
    };
    let legend = {
        let glyphs = app.charset.glyphs();
        format!(
            "start {} now {} min {}",
            glyphs.start, glyphs.now, glyphs.minimum
        )
    };
    let inner = frame(app, Pane::Contour, area, &title, &legend, buf);
    let (Some(field), Some(window)) = (app.field(), app.picture.window()) else {
        return;
    };
    field.paint(inner, buf, &app.theme);
    let glyphs = app.charset.glyphs();
    Axes { window }.paint(area, buf, &app.theme, glyphs);

    let points: Vec<Vec<Point>> = session
        .lanes
        .entries
        .iter()
        .map(|entry| path(app, entry))
        .collect();
    let tracks: Vec<Track> = points
        .iter()
        .enumerate()
        .map(|(lane, points)| Track {
            lane,
            points,
            recent: RECENT,
            selected: lane == session.lanes.focus,
        })
        .collect();
    let minima: Vec<Point> = session
        .landscape
        .loss
        .minima()
        .iter()
        .chain([&session.lanes.focused().reference.minimum])
        .filter(|_| session.lanes.focused().reference.eigenbasis().is_some())
        .map(|minimum| app.picture.point(session, minimum))
        .collect();
    Overlay {
        tracks: &tracks,
        start: Some(app.picture.point(session, &session.landscape.start)),
        minima: &minima,
        probes: &[],
    }
    .paint(window, inner, buf, &app.theme, glyphs);
}

/// The path of a lane up to where it is.
fn path(app: &App, entry: &Entry) -> Vec<Point> {
    let t = entry.lane.position().t;
    let machine = entry.lane.machine();
    let past = entry.lane.timeline().path.points();
    let past = past.take_while(|point| point.t < t);
    let mut points: Vec<Point> = past
        .map(|point| app.picture.point(&app.session, point.w))
        .collect();
    points.push(app.picture.point(&app.session, machine.w()));
    points
}
