//! The caption of a walkthrough, between the timeline and the last line.
//!
//! ```text
//!   -- Momentum: along the valley ----------------------------------- space goes on --
//!    Along the slow direction every gradient points the same way, so `m` adds up.
//! ```

use super::frame::{clip, put};
use crate::tui::{app::App, cells::cells, theme::Role};
use ratatui::{buffer::Buffer, layout::Rect};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let Some(caption) = &app.caption else {
        return;
    };
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width);
    let rule: String = std::iter::repeat_n(app.charset.glyphs().horizontal, width).collect();
    put(buf, area, 0, 0, &rule, app.theme.style(Role::Border));
    let note_len = cells(&caption.note) + 2;
    let room = width.saturating_sub(6);
    let beside = room.saturating_sub(note_len + 2);
    let (chapter, has_note) = match caption.heading.rsplit_once(": ") {
        _ if caption.note.is_empty() => (&caption.heading[..], false),
        _ if cells(&caption.heading) <= beside => (&caption.heading[..], true),
        // The title has been read; how to go on is not to be guessed.
        Some((_, chapter)) if cells(chapter) <= beside => (chapter, true),
        _ => (&caption.heading[..], false),
    };
    let heading = clip(app, chapter, room);
    if !heading.is_empty() {
        let heading = format!(" {heading} ");
        put(buf, area, 2, 0, &heading, app.theme.style(Role::Title));
    }
    if has_note {
        let x = u16::try_from(width - note_len - 2).unwrap_or(0);
        let note = format!(" {} ", caption.note);
        put(buf, area, x, 0, &note, app.theme.style(Role::Key));
    }
    let (text, code) = (app.theme.style(Role::Text), app.theme.style(Role::Key));
    let mut left = caption.shown;
    for (y, line) in (1..area.height).zip(caption.lines(area.width)) {
        let mut x = 1;
        for (grapheme, is_code) in &line {
            if left == 0 {
                return;
            }
            left -= 1;
            let style = if *is_code { code } else { text };
            put(buf, area, x, y, grapheme, style);
            x += u16::try_from(cells(grapheme)).unwrap_or(0);
        }
        // The blank or the break at which the text was broken.
        left = left.saturating_sub(1);
    }
}
