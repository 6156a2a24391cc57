//! The panes of the screen, one file each: they read the app and write to a buffer.
//!
//! ```text
//!   header                                                       header.rs
//!   -- adam.rule ------------------- -- eigen -----------------  listing.rs, eigen.rs
//!   +- contour ----------------+ -- bias correction ----------   contour.rs, plots.rs
//!   |                          | -- loss ---------------------
//!   what has just happened
//!   timeline                                                     timeline.rs
//!   caption of a walkthrough                                     caption.rs
//!   message, prompt, keys or how far a command has come          message.rs, running.rs
//! ```

mod caption;
mod chart;
pub(super) mod contour;
pub(super) mod eigen;
mod header;
pub(super) mod lanes;
pub(super) mod listing;
mod message;
mod overlay;
pub(super) mod plots;
mod running;
mod timeline;

use super::{
    app::{App, Message},
    panes::Pane,
    theme::Role,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    widgets::{Block, Borders, Clear, Widget},
};

/// Draws the whole screen. Returns where the cursor is to be shown, if anywhere.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let placed = &app.placed;
    header::draw(app, placed.header, buf);
    header::tabs(app, placed.tabs, buf);
    for (pane, frame) in placed.panes() {
        (pane.row().draw)(app, frame, buf);
    }
    timeline::draw(app, placed.timeline, buf);
    if !placed.happened.is_empty() {
        let text = clip(app, &app.happened(), usize::from(placed.happened.width));
        put(
            buf,
            placed.happened,
            0,
            0,
            &text,
            app.theme.style(Role::Text),
        );
    }
    caption::draw(app, placed.caption, buf);
    chart::draw(app, area, buf);
    overlay::draw(app, area, buf);
    if placed.message.is_empty() && (app.prompt.is_some() || app.message != Message::Hints) {
        // Nothing but the header's row: what is said has it to itself.
        Clear.render(placed.header, buf);
        return message::draw(app, placed.header, buf);
    }
    message::draw(app, placed.message, buf)
}

/// The bar of the timeline, for a click.
pub(super) fn timeline_bar(app: &App) -> Option<Rect> {
    timeline::bar_of(app.placed.timeline)
}

pub(super) use chart::run_at;
pub use running::Still;
pub(super) use timeline::iteration_at;

/// The room inside a frame.
pub fn inner(frame: Rect) -> Rect {
    Block::new().borders(Borders::ALL).inner(frame)
}

/// Draws a pane's frame with its title at the left and a note at the right; returns the room inside.
fn frame(app: &App, pane: Pane, area: Rect, title: &str, note: &str, buf: &mut Buffer) -> Rect {
    let several = app.placed.class > super::layout::SizeClass::Single;
    let focused = several && app.look.focus == pane && app.look.maximised;
    let role = if focused {
        Role::FocusedTitle
    } else {
        Role::Title
    };
    border(app, area, buf);
    let room = usize::from(area.width).saturating_sub(4);
    let title = format!(" {title} ");
    put(
        buf,
        area,
        2,
        0,
        &clip(app, &title, room),
        app.theme.style(role),
    );
    let used = title.chars().count() + 2;
    let note_len = note.chars().count() + 2;
    if !note.is_empty() && used + note_len < room {
        let x = area
            .width
            .saturating_sub(u16::try_from(note_len).unwrap_or(0) + 2);
        put(
            buf,
            area,
            x,
            0,
            &format!(" {note} "),
            app.theme.style(Role::Quiet),
        );
    }
    inner(area)
}

/// Draws a pane's title as a thin rule, with a note at the right; returns the room below.
fn heading(app: &App, pane: Pane, area: Rect, title: &str, note: &str, buf: &mut Buffer) -> Rect {
    let several = app.placed.class > super::layout::SizeClass::Single;
    let role = if several && app.look.focus == pane && app.look.maximised {
        Role::FocusedTitle
    } else {
        Role::Title
    };
    // A blank divides it from what stands at its left.
    let indent = u16::from(area.x > 0).min(area.width);
    let below = Rect {
        x: area.x + indent,
        y: area.y + 1.min(area.height),
        width: area.width - indent,
        height: area.height.saturating_sub(1),
    };
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
    let used = title.chars().count() + 1;
    let note_len = note.chars().count() + 2;
    if !note.is_empty() && used + note_len < width {
        let x = u16::try_from(width - note_len - 1).unwrap_or(0);
        let note = format!(" {note} ");
        put(buf, row, x, 0, &note, app.theme.style(Role::Quiet));
    }
    below
}

/// Draws the line around a frame.
fn border(app: &App, frame: Rect, buf: &mut Buffer) {
    Block::new()
        .borders(Borders::ALL)
        .border_set(app.charset.border())
        .border_style(app.theme.style(Role::Border))
        .render(frame, buf);
}

/// Writes text into a row of `area`, clipped to it. Nothing of the style below shows through.
fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) {
    if y >= area.height || x >= area.width {
        return;
    }
    let room = usize::from(area.width - x);
    let style = Style::reset().patch(style);
    buf.set_stringn(area.x + x, area.y + y, text, room, style);
}

/// Text cut to `room` columns, with a mark where something is missing.
fn clip(app: &App, text: &str, room: usize) -> String {
    let count = text.chars().count();
    if count <= room {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(room.saturating_sub(1)).collect();
    if room > 0 {
        cut.push(app.charset.glyphs().ellipsis);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        debugger::{
            Control,
            command::{Command, Times},
        },
        scenario::Scenario,
        tui::{glyphs::Charset, keymap::Keymap, theme::Theme},
    };
    use ratatui::layout::Size;

    #[test]
    fn every_pane_draws_in_any_frame_and_nowhere_else() {
        let scenario = Scenario::from_flags(&[("rule", "adam"), ("rule", "momentum")]).unwrap();
        for charset in [Charset::Ascii, Charset::Braille] {
            let session = scenario.session().unwrap();
            let mut app = App::new(session, charset, Theme::default(), Keymap::default());
            let command = Command::Step(Times(30));
            app.execute(&command.into(), &mut Control::default());
            for size in [Size::new(80, 24), Size::new(120, 36)] {
                app.prepare(size);
                for (width, height) in (0..=60)
                    .step_by(3)
                    .flat_map(|x| (0..=20).map(move |y| (x, y)))
                {
                    let screen = Rect::new(0, 0, 66, 26);
                    let frame = Rect::new(3, 3, width, height);
                    for pane in Pane::all() {
                        let mut buf = Buffer::empty(screen);
                        (pane.row().draw)(&app, frame, &mut buf);
                        let outside = screen.positions().filter(|at| !frame.contains(*at));
                        for at in outside {
                            assert_eq!(buf[at].symbol(), " ", "{pane:?} {frame:?} wrote at {at}");
                        }
                    }
                }
            }
        }
    }
}
