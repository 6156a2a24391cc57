//! The last line: the prompt, the last answer, or what the keys do.

use super::frame::{clip, put};
use crate::tui::{
    app::{App, Message},
    cells::{cells, fitting, fitting_end},
    keymap::label,
    size_class::SizeClass,
    theme::Role,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

/// The keys that are shown where there is nothing to say, the most useful first.
const HINTS: [&str; 10] = [
    "view keys",
    "quit",
    "step",
    "line",
    "back",
    "continue",
    "",
    "print ",
    "break ",
    "view expand",
];

/// Draws it; returns where the cursor of the prompt is.
pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    if app.prompt.is_some() {
        return prompt(app, area, buf);
    }
    let width = usize::from(area.width);
    if let Some(count) = app.count {
        let count = format!("{count}_ ");
        put(buf, area, 0, 0, &count, app.theme.style(Role::Prompt));
        let used = u16::try_from(count.len() + 1).unwrap_or(0).min(area.width);
        let rest = Rect {
            x: area.x + used,
            width: area.width - used,
            ..area
        };
        hints(app, rest, buf);
        return None;
    }
    // What is wrong stands once: in the box, with its place, where there is room for one.
    let is_told =
        app.popup.as_ref().is_some_and(|popup| popup.error) && app.placed.class > SizeClass::Line;
    let (text, role) = match &app.message {
        Message::Failed(_) if is_told => {
            hints(app, area, buf);
            return None;
        }
        Message::Hints => {
            hints(app, area, buf);
            return None;
        }
        Message::Said(text) => (text, Role::Text),
        Message::Event(text) => (text, Role::Warning),
        Message::Failed(text) => (text, Role::Error),
    };
    put(
        buf,
        area,
        0,
        0,
        &clip(app, text, width),
        app.theme.style(role),
    );
    None
}

fn hints(app: &App, area: Rect, buf: &mut Buffer) {
    let leads = app.caption.as_ref().is_some_and(|caption| caption.leads);
    let mut x = 0;
    for line in HINTS {
        let shown = match line {
            "step" if leads => Some(("space".to_owned(), "go on")),
            "back" if leads => Some(("backspace".to_owned(), "previous caption")),
            _ => app.keymap.key_of(line).zip(label(line)),
        };
        let Some((key, label)) = shown else {
            continue;
        };
        let used = u16::try_from(key.len() + label.len() + 3).unwrap_or(0);
        if x + used > area.width + 2 {
            return;
        }
        put(buf, area, x, 0, &key, app.theme.style(Role::Key));
        let after = x + u16::try_from(key.len()).unwrap_or(0) + 1;
        put(buf, area, after, 0, label, app.theme.style(Role::Quiet));
        x += used;
    }
}

fn prompt(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let prompt = app.prompt.as_ref()?;
    let style = app.theme.style(Role::Prompt);
    put(buf, area, 0, 0, ":", style);
    let room = usize::from(area.width.saturating_sub(2));
    // Scrolled so that the cursor is in sight.
    let before = fitting_end(&prompt.text()[..prompt.cursor()], room);
    let begin = prompt.cursor() - before.len();
    let shown = fitting(&prompt.text()[begin..], room);
    put(buf, area, 1, 0, shown, style);
    if let Message::Said(text) = &app.message {
        let used = cells(shown) + 4;
        let left = usize::from(area.width).saturating_sub(used);
        if left > 8 {
            let x = u16::try_from(used).unwrap_or(0);
            put(
                buf,
                area,
                x,
                0,
                &clip(app, text, left),
                app.theme.style(Role::Quiet),
            );
        }
    }
    let x = u16::try_from(1 + cells(before)).unwrap_or(0);
    Some(Position::new(
        area.x + x.min(area.width.saturating_sub(1)),
        area.y,
    ))
}
