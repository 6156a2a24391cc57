//! The map of a sweep, over the panes.
//!
//! ```text
//!   +- momentum on valley: iterations until loss <= 1e-6 stays, within 1000 -+
//!   |    0.99 ..::--==++**##%%@@                                             |
//!   |  beta   ..::--==+[+]**##%%@@xxxxxx                                     |
//!   |       0 ..::--==++**##%%@@                                             |
//!   |         1e-4               eta (log)                                 1 |
//!   | @ to 80  # to 130 ...  blank: never  x: diverges                       |
//!   | eta = 0.0331, beta = 0.669: 76              enter opens it  esc closes |
//!   +------------------------------------------------------------------------+
//! ```

use super::frame::{border, clip, inner, put};
use crate::{
    debugger::sweep::{LEVELS, Outcome},
    format::short,
    tui::{
        app::{App, Chart},
        theme::{Height, Role},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Modifier,
    widgets::{Clear, Widget},
};

/// Columns of the labels at the left.
const LABELS: u16 = 9;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(chart) = app.chart() else {
        return;
    };
    let Some(frame) = frame(app, area) else {
        return;
    };
    Clear.render(frame, buf);
    border(app, frame, buf);
    let title = format!(" {} ", chart.map.heading());
    let room = usize::from(frame.width) - 4;
    put(
        buf,
        frame,
        2,
        0,
        &clip(app, &title, room),
        app.theme.style(Role::Title),
    );
    let inner = inner(frame);
    let map = cells_of(frame);
    cells(app, chart, map, buf);
    labels(app, chart, inner, map, buf);
    let (column, row) = chart.cursor;
    let value = chart.map.tell(chart.map.at(column, row));
    let told = format!("{}: {value}", chart.map.place(column, row));
    let last = inner.height - 1;
    let quiet = app.theme.style(Role::Quiet);
    let legend = clip(app, &chart.map.legend(), usize::from(inner.width) - 2);
    put(buf, inner, 1, last - 1, &legend, quiet);
    put(buf, inner, 1, last, &told, app.theme.style(Role::Title));
    let keys = "arrows move  enter opens  esc closes";
    let from = inner
        .width
        .saturating_sub(u16::try_from(keys.len()).unwrap_or(0) + 1);
    if usize::from(from) > told.len() + 2 {
        put(buf, inner, from, last, keys, quiet);
    }
}

/// The place where the map is: the header and the last line stay in sight. `None` where there is no room.
fn frame(app: &App, area: Rect) -> Option<Rect> {
    let bottom = app.placed.popup_bottom();
    let frame = Rect {
        x: area.x,
        y: area.y + 1,
        width: area.width,
        height: bottom.saturating_sub(1),
    };
    (frame.height >= 7 && frame.width >= 24).then_some(frame)
}

/// The place where its runs are.
fn cells_of(frame: Rect) -> Rect {
    let inner = inner(frame);
    Rect {
        x: inner.x + LABELS,
        width: inner.width - LABELS,
        height: inner.height - 3,
        ..inner
    }
}

/// The column and the row of the run under a cell of the screen `area`, for a click.
pub(in crate::tui) fn run_at(app: &App, area: Rect, at: Position) -> Option<(usize, usize)> {
    let chart = app.chart()?;
    let map = cells_of(frame(app, area)?);
    if !map.contains(at) {
        return None;
    }
    let (columns, rows) = chart.map.size();
    let (column, row) = chart.cursor;
    let (left, wide, across) = window(columns, map.width, column);
    let (low, high, up) = window(rows, map.height, row);
    let x = usize::from((at.x - map.x) / across);
    let y = usize::from((at.y - map.y) / up);
    (x < wide && y < high).then(|| (left + x, low + high - 1 - y))
}

/// The part of an axis that is in sight, and how many cells each of its values takes.
fn window(count: usize, room: u16, cursor: usize) -> (usize, usize, u16) {
    let room = usize::from(room.max(1));
    let shown = count.min(room);
    let from = cursor.saturating_sub(shown / 2).min(count - shown);
    let each = u16::try_from(room / shown.max(1)).unwrap_or(1);
    (from, shown, each)
}

fn cells(app: &App, chart: &Chart, area: Rect, buf: &mut Buffer) {
    let (columns, rows) = chart.map.size();
    let (column, row) = chart.cursor;
    let (left, wide, across) = window(columns, area.width, column);
    let (low, high, up) = window(rows, area.height, row);
    for y in 0..high {
        for x in 0..wide {
            let outcome = chart.map.at(left + x, low + y);
            let is_here = (left + x, low + y) == chart.cursor;
            let role = match outcome {
                it if chart.map.diverges(it) => Role::Hole,
                Outcome::Value(value) => Role::Level(match 3 * chart.map.level(value) / LEVELS {
                    0 => Height::Low,
                    1 => Height::Middle,
                    _ => Height::High,
                }),
                Outcome::Never => Role::Text,
                Outcome::Diverged | Outcome::Unknown => Role::Hole,
            };
            let mut style = app.theme.style(role);
            let mut glyph = chart.map.glyph(outcome);
            if is_here {
                style = app.theme.style(Role::Now);
                // A blank in reverse is told apart by colour only where there is some.
                if glyph == ' ' {
                    glyph = app.charset.glyphs().now;
                }
                style = style.add_modifier(Modifier::REVERSED);
            }
            let text = glyph.to_string().repeat(usize::from(across));
            let place = |at: usize, each: u16| u16::try_from(at).unwrap_or(0) * each;
            for line in 0..up {
                let above = place(high - 1 - y, up) + line;
                put(buf, area, place(x, across), above, &text, style);
            }
        }
    }
}

fn labels(app: &App, chart: &Chart, inner: Rect, area: Rect, buf: &mut Buffer) {
    let (columns, rows) = chart.map.size();
    let (column, row) = chart.cursor;
    let (left, wide, across) = window(columns, area.width, column);
    let (low, high, up) = window(rows, area.height, row);
    let style = app.theme.style(Role::Axis);
    let width = usize::from(LABELS) - 1;
    let log = |is_log: bool| if is_log { " (log)" } else { "" };
    let height = u16::try_from(high).unwrap_or(0) * up;
    if let Some(axis) = chart.map.axes.get(1) {
        let label = |value: f64| format!("{:>width$}", short(value));
        put(buf, inner, 0, 0, &label(axis.values[low + high - 1]), style);
        let bottom = height.saturating_sub(1);
        put(buf, inner, 0, bottom, &label(axis.values[low]), style);
        if height > 2 {
            let name = format!("{:>width$}", clip(app, &axis.name, width));
            put(buf, inner, 0, height / 2, &name, style);
        }
    }
    let axis = &chart.map.axes[0];
    // At the foot of the map, not of the room that it leaves.
    let row = height.min(area.height);
    let spread = u16::try_from(wide).unwrap_or(0) * across;
    let (first, last) = (
        short(axis.values[left]),
        short(axis.values[left + wide - 1]),
    );
    let name = format!("{}{}", axis.name, log(axis.log));
    let at = |end: u16, text: &str| end.saturating_sub(u16::try_from(text.len()).unwrap_or(0));
    put(buf, inner, LABELS, row, &first, style);
    put(
        buf,
        inner,
        LABELS + at(spread / 2, &name),
        row,
        &name,
        style,
    );
    put(buf, inner, LABELS + at(spread, &last), row, &last, style);
}
