//! The lanes side by side.
//!
//! ```text
//!   +- lanes ---------------------------------------------------------+
//!   |   lane        t       loss        |g|  touched  theory   since   |
//!   | >*adam      137   5.48e-06   4.44e-01      116       -     165   |
//!   |  #momentum  137   ...                                            |
//!   +-----------------------------------------------------------------+
//! ```
//!
//! `touched` is the first t at which the loss was at most the tolerance, `theory` the one that was expected
//! where that is exact, `since` the t from which it has stayed there.

use super::{clip, frame, put};
use crate::tui::{app::App, layout::Pane, number::scientific, theme::Role};
use ratatui::{buffer::Buffer, layout::Rect};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let tolerance = app.session.options.tolerance;
    let inner = frame(
        app,
        Pane::Lanes,
        area,
        "lanes",
        &format!("loss <= {tolerance:e}"),
        buf,
    );
    let wide = inner.width >= 60;
    let middle = !wide && inner.width >= 50;
    // All lanes are at the same t, which the header says as well.
    let narrow = inner.width < 36;
    let name_width = if narrow {
        usize::from(inner.width.saturating_sub(20)).clamp(6, 16)
    } else {
        usize::from(inner.width / 5).clamp(6, 16)
    };
    let heading = if wide {
        format!(
            "   {:<name_width$} {:>7} {:>9} {:>9} {:>7} {:>7} {:>7}",
            "lane", "t", "loss", glyphs.norm_g, "touched", "theory", "since"
        )
    } else if middle {
        format!(
            "   {:<name_width$} {:>6} {:>9} {:>7} {:>6} {:>6}",
            "lane", "t", "loss", "touched", "theory", "since"
        )
    } else if narrow {
        format!("   {:<name_width$} {:>9} {:>6}", "lane", "loss", "since")
    } else {
        format!(
            "   {:<name_width$} {:>6} {:>9} {:>6}",
            "lane", "t", "loss", "since"
        )
    };
    put(buf, inner, 0, 0, &heading, app.theme.style(Role::Quiet));
    for (at, entry) in app.session.lanes.entries.iter().enumerate() {
        let y = u16::try_from(at + 1).unwrap_or(u16::MAX);
        let machine = entry.lane.machine();
        let convergence = entry.lane.timeline().convergence();
        let count = |t: Option<u64>| t.map_or("-".to_owned(), |t| t.to_string());
        let norm = machine.gradient().iter().map(|g| g * g).sum::<f64>().sqrt();
        let focused = at == app.session.lanes.focus;
        let mark = if focused { glyphs.cursor } else { ' ' };
        let glyph = glyphs.lanes[at % glyphs.lanes.len()];
        let style = app.theme.style(Role::Path(at));
        put(
            buf,
            inner,
            0,
            y,
            &mark.to_string(),
            app.theme.style(Role::Key),
        );
        put(buf, inner, 1, y, &glyph.to_string(), style);
        let t = entry.lane.position().t;
        let ended = entry.is_halted();
        let since = if ended {
            "ended".to_owned()
        } else {
            count(convergence.since)
        };
        let text = if wide {
            format!(
                "{:<name_width$} {t:>7} {} {} {:>7} {:>7} {since:>7}",
                clip(app, &entry.name, name_width),
                scientific(machine.loss(), 9),
                scientific(norm, 9),
                count(convergence.touched),
                count(app.expected_at(at))
            )
        } else if middle {
            format!(
                "{:<name_width$} {t:>6} {} {:>7} {:>6} {since:>6}",
                clip(app, &entry.name, name_width),
                scientific(machine.loss(), 9),
                count(convergence.touched),
                count(app.expected_at(at))
            )
        } else if narrow {
            format!(
                "{:<name_width$} {} {since:>6}",
                clip(app, &entry.name, name_width),
                scientific(machine.loss(), 9)
            )
        } else {
            format!(
                "{:<name_width$} {t:>6} {} {since:>6}",
                clip(app, &entry.name, name_width),
                scientific(machine.loss(), 9)
            )
        };
        let role = if ended { Role::Warning } else { Role::Text };
        put(buf, inner, 3, y, &text, app.theme.style(role));
    }
}
