//! Headings, frames and text, clipped to their room.

use crate::tui::{
    app::App,
    cells::{cells, fitting},
    panes::Pane,
    size_class::SizeClass,
    theme::Role,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    widgets::{Block, Borders, Widget},
};

/// The room inside a frame.
pub(super) fn inner(frame: Rect) -> Rect {
    Block::new().borders(Borders::ALL).inner(frame)
}

/// The room below the title of a pane; a blank divides it from what stands at its left.
pub(in crate::tui) fn below(area: Rect) -> Rect {
    let indent = u16::from(area.x > 0).min(area.width);
    Rect {
        x: area.x + indent,
        y: area.y + 1.min(area.height),
        width: area.width - indent,
        height: area.height.saturating_sub(1),
    }
}

/// Draws a pane's title as a thin rule, with a note at the right; returns the room below.
pub(super) fn heading(
    app: &App,
    pane: Pane,
    area: Rect,
    title: &str,
    note: &str,
    buf: &mut Buffer,
) -> Rect {
    let several = app.placed.class > SizeClass::Single;
    let role = if several && app.look.focus == pane && app.look.maximised {
        Role::FocusedTitle
    } else {
        Role::Title
    };
    let below = below(area);
    let row = Rect {
        y: area.y,
        height: area.height.min(1),
        ..below
    };
    let width = usize::from(row.width);
    let rule: String = std::iter::repeat_n(app.charset.glyphs().horizontal, width).collect();
    put(buf, row, 0, 0, &rule, app.theme.style(Role::Border));
    let room = width.saturating_sub(3);
    let title = clip(app, &format!(" {title} "), room);
    put(buf, row, 1, 0, &title, app.theme.style(role));
    let used = cells(&title) + 1;
    let note_len = cells(note) + 2;
    if !note.is_empty() && used + note_len < width {
        let x = u16::try_from(width - note_len - 1).unwrap_or(0);
        let note = format!(" {note} ");
        put(buf, row, x, 0, &note, app.theme.style(Role::Quiet));
    }
    below
}

/// Draws the line around a frame.
pub(super) fn border(app: &App, frame: Rect, buf: &mut Buffer) {
    Block::new()
        .borders(Borders::ALL)
        .border_set(app.charset.border())
        .border_style(app.theme.style(Role::Border))
        .render(frame, buf);
}

/// Writes text into a row of `area`, clipped to it. Nothing of the style below shows through.
pub(super) fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) {
    if y >= area.height || x >= area.width {
        return;
    }
    let room = usize::from(area.width - x);
    let style = Style::reset().patch(style);
    buf.set_stringn(area.x + x, area.y + y, text, room, style);
}

/// Text cut to `room` cells, with a mark where something is missing.
pub(super) fn clip(app: &App, text: &str, room: usize) -> String {
    if cells(text) <= room {
        return text.to_owned();
    }
    let mut cut = fitting(text, room.saturating_sub(1)).to_owned();
    if room > 0 {
        cut.push(app.charset.glyphs().ellipsis);
    }
    cut
}
