//! The loss as level lines, with the paths of all lanes on top.
//!
//! ```text
//!   +- contour  w[1] w[2] -----------------------+
//!   | - - - - - 3 - - - - - - - - - - - - - - -  |
//!   |    ____.---o----.____                      |   + start   o now   x minimum
//!   |   /    ..*     x     \                     |
//!   +--- 0.0 --------- 0.5 --------- 1.0 --------+
//! ```

use super::{frame, put};
use crate::{
    debugger::lanes::Entry,
    tui::{
        app::App,
        contour::{Axes, Overlay, Point, Track, Window},
        layout::Pane,
        theme::{Height, Role},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Points of a path that are drawn as recent.
const RECENT: usize = 24;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let session = &app.session;
    let [x, y] = app.picture.axes();
    let in_plane = app.picture.holds_minima(session.landscape().start.len());
    let title = if session.landscape().start.len() == 2 && x.starts_with('w') {
        "contour".to_owned()
    } else if in_plane {
        format!("contour {x} {y}")
    } else {
        format!("contour {x} {y} through w")
    };
    let known = in_plane && session.lanes().focused().reference.eigenbasis().is_some();
    let legend = {
        let glyphs = app.charset.glyphs();
        let minimum = if known {
            format!(" min {}", glyphs.minimum)
        } else {
            String::new()
        };
        let room = usize::from(area.width).saturating_sub(title.len() + 10);
        let long = format!("start {} now {}{minimum}", glyphs.start, glyphs.now);
        if long.len() <= room {
            long
        } else {
            format!("now {}{minimum}", glyphs.now)
        }
    };
    let inner = frame(app, Pane::Contour, area, &title, &legend, buf);
    let Some(window) = app.picture.window() else {
        return;
    };
    match app.field() {
        Some(field) => field.paint(inner, buf, &app.theme),
        None => graph(app, window, inner, buf),
    }
    let glyphs = app.charset.glyphs();
    let points: Vec<Vec<Point>> = session
        .lanes()
        .entries()
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
            selected: lane == session.lanes().focus(),
        })
        .collect();
    let minima: Vec<Point> = session
        .landscape()
        .loss
        .minima()
        .iter()
        .chain([&session.lanes().focused().reference.minimum])
        .filter(|_| known)
        .map(|minimum| app.picture.point(session, minimum))
        .collect();
    let probes: Vec<Point> = (session.lanes().focused().lane.machine().probes().iter())
        .map(|probe| app.picture.point(session, probe))
        .collect();
    let mut above = Buffer::empty(inner);
    Overlay {
        tracks: &tracks,
        start: Some(app.picture.point(session, &session.landscape().start)),
        minima: &minima,
        probes: &probes,
    }
    .paint(window, inner, &mut above, &app.theme, glyphs);
    Axes { window }.paint(area, &above, buf, &app.theme, glyphs);
    for cell in inner.positions() {
        if above[cell].symbol() != " " {
            buf[cell] = above[cell].clone();
        }
    }
}

/// The loss of one parameter as a graph.
fn graph(app: &App, window: &Window, inner: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let style = app.theme.style(Role::Level(Height::Middle));
    let [low, high] = window.y();
    let row = |value: f64| {
        let depth = (high - value) / (high - low) * f64::from(inner.height);
        (value.is_finite() && (0.0..f64::from(inner.height)).contains(&depth)).then_some(depth)
    };
    for (x, value) in (0..inner.width).zip(app.picture.graph()) {
        if let Some(depth) = row(*value) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a row of the pane"
            )]
            let (y, third) = (depth as u16, (depth.fract() * 3.0) as usize);
            let glyph = [
                glyphs.stroke_high,
                glyphs.stroke_middle,
                glyphs.stroke_floor,
            ][third.min(2)];
            put(buf, inner, x, y, &glyph.to_string(), style);
        }
    }
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
