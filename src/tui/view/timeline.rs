//! The timeline: what has been run, where the session is, where something was changed.
//!
//! ```text
//!   t 0 ===================o-----!-----------             200   2 stops
//! ```

use super::frame::put;
use crate::{
    debugger::stop::StopKind,
    tui::{app::App, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let glyphs = app.charset.glyphs();
    let last = horizon(app);
    let Some(bar) = bar_of(app, area) else {
        return;
    };
    put(buf, area, 0, 0, "t 0", app.theme.style(Role::Quiet));
    let end = end(app);
    put(
        buf,
        area,
        bar.x - area.x + bar.width + 1,
        0,
        &end,
        app.theme.style(Role::Quiet),
    );

    let column = |t: u64| column(t, last, bar.width);
    let frontier = column(app.session.lanes().frontier());
    let here = column(app.session.position().t);
    for x in 0..bar.width {
        let (glyph, role) = if x <= here {
            (glyphs.time_past, Role::TimePast)
        } else if x <= frontier {
            (glyphs.time_ahead, Role::TimeAhead)
        } else {
            (' ', Role::Text)
        };
        put(buf, bar, x, 0, &glyph.to_string(), app.theme.style(role));
    }
    for edit in app.session.lanes().focused().lane.edits() {
        let x = column(edit.position.t);
        put(
            buf,
            bar,
            x,
            0,
            &glyphs.time_edit.to_string(),
            app.theme.style(Role::Edit),
        );
    }
    put(
        buf,
        bar,
        here,
        0,
        &glyphs.time_now.to_string(),
        app.theme.style(Role::TimeNow),
    );
}

/// The words behind the bar: the last iteration that it stands for, and the number of stops.
fn end(app: &App) -> String {
    let last = horizon(app);
    let stops = app.session.stops().iter();
    let stops = stops.filter(|stop| stop.enabled && !matches!(stop.kind, StopKind::Trace(_)));
    match stops.count() {
        0 => last.to_string(),
        1 => format!("{last}  1 stop"),
        count => format!("{last}  {count} stops"),
    }
}

/// The place of the bar itself.
pub(super) fn bar_of(app: &App, area: Rect) -> Option<Rect> {
    let around = u16::try_from(4 + 1 + end(app).len()).unwrap_or(u16::MAX);
    (area.width > around.saturating_add(8)).then(|| Rect {
        x: area.x + 4,
        width: area.width - around,
        height: 1,
        ..area
    })
}

/// The iteration at column `x` of the bar, for a click.
pub(in crate::tui) fn iteration_at(app: &App, bar: Rect, x: u16) -> u64 {
    let width = u64::from(bar.width.saturating_sub(1).max(1));
    let at = u64::from(x.saturating_sub(bar.x));
    let t = u128::from(horizon(app)) * u128::from(at) / u128::from(width);
    u64::try_from(t).unwrap_or(u64::MAX)
}

fn column(t: u64, last: u64, width: u16) -> u16 {
    let most = u128::from(width.saturating_sub(1));
    let x = u128::from(t) * most / u128::from(last.max(1));
    u16::try_from(x.min(most)).unwrap_or(0)
}

/// The last iteration that the timeline shows: that of a recording, or a round number, so that it stands still for a while.
fn horizon(app: &App) -> u64 {
    if let Some(last) = app.session.lanes().recorded_until() {
        return last;
    }
    let frontier = app.session.lanes().frontier();
    let mut decade: u64 = 100;
    loop {
        for round in [1, 2, 5] {
            let horizon = decade.saturating_mul(round);
            if horizon >= frontier {
                return horizon;
            }
        }
        decade = decade.saturating_mul(10);
    }
}
