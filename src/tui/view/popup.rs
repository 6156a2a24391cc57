//! A text over the panes: help, a long answer, an error with its caret.

use super::frame::{border, clip, inner, put};
use crate::tui::{
    app::{App, Popup},
    cells::cells,
    theme::Role,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Clear, Widget},
};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(popup) = &app.popup else {
        return;
    };
    let Some(frame) = place(app, popup, area) else {
        return;
    };
    Clear.render(frame, buf);
    let role = if popup.error {
        Role::Error
    } else {
        Role::Title
    };
    border(app, frame, buf);
    if !popup.title.is_empty() {
        put(
            buf,
            frame,
            2,
            0,
            &format!(" {} ", popup.title),
            app.theme.style(role),
        );
    }
    let inner = inner(frame);
    let most = popup.lines.len().saturating_sub(inner.height.into());
    let scroll = popup.scroll.min(most);
    let room = usize::from(inner.width.saturating_sub(2));
    let lines = popup
        .lines
        .iter()
        .skip(scroll)
        .take(usize::from(inner.height));
    for (y, line) in (0..).zip(lines) {
        put(
            buf,
            inner,
            1,
            y,
            &clip(app, line, room),
            app.theme.style(Role::Text),
        );
    }
    let glyphs = app.charset.glyphs();
    let below = popup.lines.len() > scroll + usize::from(inner.height);
    for (there, row, glyph) in [
        (scroll > 0, 1, glyphs.more[0]),
        (below, frame.height - 2, glyphs.more[1]),
    ] {
        if there {
            put(
                buf,
                frame,
                frame.width - 2,
                row,
                &glyph.to_string(),
                app.theme.style(Role::Key),
            );
        }
    }
}

/// The place where it stands: over the middle of the panes, as large as its text. `None` where there is no room.
fn place(app: &App, popup: &Popup, area: Rect) -> Option<Rect> {
    // The message line, a caption and, where there is room, the header stay in sight.
    let bottom = app.placed.popup_bottom();
    let top = u16::from(bottom > 6);
    let longest = popup
        .lines
        .iter()
        .map(|line| cells(line))
        .max()
        .unwrap_or(0);
    let wanted = u16::try_from(longest.max(cells(&popup.title) + 4) + 4).unwrap_or(u16::MAX);
    // What changes with every line that the cursor comes to keeps its frame.
    let width = if popup.follows {
        area.width
    } else {
        wanted.min(area.width)
    };
    let rows = u16::try_from(popup.lines.len() + 2).unwrap_or(u16::MAX);
    let height = rows.min(bottom.saturating_sub(top));
    if width < 8 || height < 3 {
        return None;
    }
    // An answer stands just above the line that it answers.
    Some(Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + bottom - height,
        width,
        height,
    })
}
