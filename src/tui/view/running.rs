//! The screen while a command runs: the picture from before it, and below that how far it has come.

use super::frame::put;
use crate::{
    debugger::Progress,
    tui::{layout::layout, panes::Panes},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::Span,
};

/// A screen that stands still while the session is busy.
///
/// The terminal may have another size by then than the picture was drawn for: as much of it is shown as fits.
#[derive(Debug)]
pub struct FrozenScreen<'a> {
    /// The picture from before the command.
    pub picture: &'a Buffer,
    /// The row of the picture that says what has just happened, which a run makes untrue.
    pub happened: Rect,
    /// The style of the progress.
    pub style: Style,
}

impl FrozenScreen<'_> {
    /// Draws it with the progress of the command in the row for messages, or in the only row there is.
    pub fn draw(&self, progress: Progress, area: Rect, buf: &mut Buffer) {
        for at in area.intersection(self.picture.area).positions() {
            if !self.happened.contains(at) {
                buf[at].clone_from(&self.picture[at]);
            }
        }
        self.cut_wide_characters(area, buf);
        let placed = layout(area.as_size(), Panes::default(), None, 0, &|_| 0);
        let row = if placed.message.is_empty() {
            placed.header
        } else {
            placed.message
        };
        let width = usize::from(row.width);
        let text = match progress {
            Progress::At(t) => format!("running, t = {t}; esc stops"),
            Progress::Runs { done, of } => bar(done, of, width),
        };
        put(buf, row, 0, 0, &format!("{text:<width$}"), self.style);
    }

    /// A character of two cells has no place in the last column.
    fn cut_wide_characters(&self, area: Rect, buf: &mut Buffer) {
        if area.width >= self.picture.area.width || area.width == 0 {
            return;
        }
        for y in area.top()..area.bottom() {
            let cell = &mut buf[Position::new(area.right() - 1, y)];
            if Span::raw(cell.symbol()).width() > 1 {
                cell.set_symbol(" ");
            }
        }
    }
}

/// A bar of what is done, as wide as there is room for.
fn bar(done: usize, of: usize, width: usize) -> String {
    let told = format!(" {done} of {of} runs; esc stops");
    let room = width.saturating_sub(told.len() + 2).min(40);
    let filled = room * done / of.max(1);
    format!("[{:.<room$}]{told}", "=".repeat(filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_of_any_size_shows_the_progress_and_what_fits_of_the_picture() {
        let mut picture = Buffer::empty(Rect::new(0, 0, 80, 24));
        picture.set_string(0, 0, "header", Style::default());
        picture.set_string(0, 23, "hints", Style::default());
        picture.set_string(78, 5, "\u{3042}", Style::default());
        picture.set_string(0, 21, "nothing has run yet", Style::default());
        let still = FrozenScreen {
            picture: &picture,
            happened: Rect::new(0, 21, 80, 1),
            style: Style::default(),
        };
        for (width, height) in (0..=90).flat_map(|x| (0..=30).map(move |y| (x, y))) {
            let area = Rect::new(0, 0, width, height);
            for progress in [Progress::At(7), Progress::Runs { done: 3, of: 4 }] {
                let mut buf = Buffer::empty(area);
                still.draw(progress, area, &mut buf);
                let rows: Vec<String> = (0..height)
                    .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
                    .collect();
                let Some(last) = rows.last() else { continue };
                if width >= 28 {
                    assert!(last.contains("esc stops"), "{area:?}: {last}");
                    assert!(height == 1 || rows[0].starts_with("header"));
                }
                assert!(!last.contains("hints"), "{area:?}: {last}");
                let untrue = rows.iter().any(|row| row.contains("nothing"));
                assert!(!untrue, "{area:?}: {rows:?}");
            }
        }
    }
}
