//! The loss as level lines, with the paths of all lanes on top.
//!
//! ```text
//!   - contour -------------- newest steps joined -
//!      w2 - - - - - 3 - - - - - - - - - - - - - -
//!     1.0-   ____.---@ -> step _____                  S start   @ now   x least   -> a vector of the rule
//!           /    ..'    x min       \
//!           0.0         0.5         1.0        w1
//! ```

use super::frame::{below, heading, put};
use super::pane_view::PaneView;
use crate::{
    debugger::lanes::NamedLane,
    tui::{
        app::App,
        contour::{Arrow, Axes, Overlay, Point, Trail, Visit, Window, plot},
        panes::Pane,
        plot::ValueScale,
        theme::Role,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants: |_| u16::MAX,
    prepare,
    draw,
};

/// The steps of a path that are joined at least, and brighter than those before.
const RECENT: usize = 12;
/// The steps by which the joined part grows before it is cut back: a tail that moved at every step would cost as much
/// as the head.
const GROWTH: usize = 6;

/// Computes the level lines.
pub(super) fn prepare(app: &mut App, place: Rect) {
    let inner = below(place);
    if !inner.is_empty() {
        app.prepare_contour(inner.as_size());
    }
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let session = &app.session;
    let [x, y] = app
        .picture
        .axes(app.session.lanes().tensors(), app.charset.glyphs().alpha);
    let n = session.landscape().start.len();
    let in_plane = app.picture.holds_minima(n);
    let title = match (n, in_plane) {
        _ if app.picture.is_beyond() => format!("{x} {y}: too many parameters for level lines"),
        _ if !session.landscape().loss.is_known() => {
            format!("{x} {y}: no level lines, the loss is not known")
        }
        (0..=2, _) => "contour".to_owned(),
        (_, true) => format!("contour {x} {y}"),
        (_, false) => format!("contour {x} {y} through w"),
    };
    let note = match app.picture.note() {
        note if note.is_empty() => "newest steps joined".to_owned(),
        note => note,
    };
    let inner = heading(app, Pane::Contour, area, &title, &note, buf);
    let Some(window) = app.picture.window() else {
        return;
    };
    let reference = session.lanes().focused().latest_reference();
    let known = in_plane && reference.eigenbasis().is_some();
    let plot = plot(inner, window, ValueScale::Linear);
    let window = &app.picture.fitted(plot, window);
    match app.field() {
        Some(field) => {
            if app.picture.is_shaded {
                field.shade(plot, buf, &app.theme);
            }
            field.paint(plot, buf, &app.theme);
        }
        None => graph(app, window, plot, buf),
    }
    let glyphs = app.charset.glyphs();
    let lanes = session.lanes();
    let visits: Vec<Vec<Visit>> = (lanes.entries().iter())
        .map(|entry| path(app, entry))
        .collect();
    let letters = app.letters();
    let trails: Vec<Trail> = (visits.iter().enumerate())
        .map(|(lane, own)| Trail {
            roles: [Role::Trail(lane), Role::Path(lane)],
            visits: own,
            ahead: &[],
            recent: RECENT + own.len() % GROWTH,
            selected: lane == lanes.focus(),
            letter: match letters.get(lane) {
                Some(letter) if visits.len() > 1 => *letter,
                _ => glyphs.newest,
            },
        })
        .collect();
    let mut minima = session.landscape().loss.minima();
    minima.push(reference.minimum.clone());
    minima.retain(|_| known);
    let mut minima: Vec<Point> = (minima.iter())
        .map(|minimum| app.picture.point(session, minimum))
        .collect();
    minima.dedup();
    let probes: Vec<Point> = (lanes.focused().lane.machine().probes().iter())
        .map(|probe| app.picture.point(session, probe))
        .collect();
    let here = app
        .picture
        .point(session, lanes.focused().lane.machine().w());
    let arrows: Vec<Arrow> = (app.picture.arrows().iter())
        .map(|(word, along, role)| Arrow {
            from: here,
            along: *along,
            word,
            role: *role,
        })
        .collect();
    // What is drawn on top, blanks included; nothing is in cells that let the ground through.
    let mut above = Buffer::empty(plot);
    above.content.iter_mut().for_each(|cell| {
        cell.set_symbol("");
    });
    Overlay {
        trails: &trails,
        start: Some(app.picture.point(session, &session.landscape().start)),
        minima: &minima,
        probes: &probes,
        arrows: &arrows,
    }
    .paint(window, plot, &mut above, &app.theme, app.charset);
    let names = [x.as_str(), y.as_str()];
    Axes::new(window, names).paint(inner, plot, buf, &app.theme, glyphs);
    if let Some(field) = app.field() {
        field.give_way(plot, &above, buf);
    }
    for cell in plot.positions() {
        if !above[cell].symbol().is_empty() {
            let shade = buf[cell].bg;
            buf[cell] = above[cell].clone();
            buf[cell].bg = shade;
        }
    }
}

/// The loss of one parameter as a graph.
fn graph(app: &App, window: &Window, inner: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let style = app.theme.style(Role::LevelLine);
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
            let y = depth as u16;
            // The curve has every row, so that it keeps to its own where a level line would go to the one above.
            let (glyph, raised) = glyphs.flat_stroke(depth.fract());
            let glyph = if raised {
                glyphs.flat_stroke(0.5).0
            } else {
                glyph
            };
            put(buf, inner, x, y, &glyph.to_string(), style);
        }
    }
}

/// The path of a lane up to where it is.
fn path(app: &App, entry: &NamedLane) -> Vec<Visit> {
    let lane = &entry.lane;
    let (t, within) = (lane.position().t, lane.position().line > 0);
    let past = lane.timeline().path.points();
    // Within an iteration w may have moved already, or not.
    let past = past.take_while(|point| point.t < t || within && point.t == t);
    let visit = |t: u64, w: &[f64]| {
        let at = app.picture.point(&app.session, w);
        Visit { t, at }
    };
    let mut visits: Vec<Visit> = past.map(|point| visit(point.t, point.w)).collect();
    visits.push(visit(t + u64::from(within), lane.machine().w()));
    visits
}
