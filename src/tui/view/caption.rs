//! The caption of a walkthrough, above the last line, with the timeline in its rule.
//!
//! ```text
//!   -- Momentum: along the valley -------- space goes on - t 0 ======o              100
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
    let rule_row = Rect {
        width: app.placed.timeline.x.saturating_sub(area.x + 1),
        ..area
    };
    let width = usize::from(rule_row.width);
    let rule: String = std::iter::repeat_n(app.charset.glyphs().horizontal, width).collect();
    put(buf, rule_row, 0, 0, &rule, app.theme.style(Role::Border));
    let room = width.saturating_sub(6);
    let note = clip(app, &caption.note, room);
    let note_len = if note.is_empty() { 0 } else { cells(&note) + 4 };
    let beside = room.saturating_sub(note_len);
    // The title has been read; how to go on is not to be guessed.
    let chapter = match caption.heading.rsplit_once(": ") {
        _ if cells(&caption.heading) <= beside => caption.heading.clone(),
        Some((_, chapter)) if cells(chapter) <= beside => chapter.to_owned(),
        _ if !note.is_empty() => String::new(),
        _ => clip(app, &caption.heading, beside),
    };
    if !chapter.is_empty() {
        let heading = format!(" {chapter} ");
        put(buf, rule_row, 2, 0, &heading, app.theme.style(Role::Title));
    }
    if !note.is_empty() {
        let x = u16::try_from((width + 2).saturating_sub(note_len)).unwrap_or(0);
        let note = format!(" {note} ");
        put(buf, rule_row, x, 0, &note, app.theme.style(Role::Key));
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
