//! The panes of the screen, one file each: they read the app and write to a buffer.
//!
//! ```text
//!   header                                                       header.rs
//!   -- adam.rule ------------------- -- eigen -----------------  source.rs, eigen.rs, modes.rs
//!   -- contour ----------------- -- bias correction ----------   contour.rs, plots.rs
//!                                -- loss ---------------------
//!   what has just happened
//!   timeline                                                     timeline.rs
//!   caption of a walkthrough                                     caption.rs
//!   message, prompt, keys or how far a command has come          message.rs, running.rs
//! ```

mod caption;
mod chart;
mod contour;
mod eigen;
mod frame;
mod header;
mod lanes;
mod message;
mod modes;
mod pane_view;
mod plots;
mod popup;
mod running;
mod source;
mod tensors;
mod timeline;

use super::{
    app::{App, Message},
    panes::{Pane, for_each_pane},
    theme::Role,
};
use frame::{clip, put};
use pane_view::PaneView;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect, Size},
    widgets::{Clear, Widget},
};

macro_rules! views {
    ($( $(#[$doc:meta])* $name:ident($view:path) = $row:expr; )*) => {
        fn view_of(pane: Pane) -> PaneView {
            match pane { $( Pane::$name => $view, )* }
        }
    };
}

for_each_pane!(views);

/// Lets the app compute what a screen of this size shows.
pub fn prepare(app: &mut App, size: Size) {
    if app.waits_for_home() {
        app.lay_out(size, |app, pane| (view_of(pane).wants)(app));
        app.catch_up_without_minimum();
        return;
    }
    app.plan_plots();
    app.lay_out(size, |app, pane| (view_of(pane).wants)(app));
    app.catch_up();
    let places: Vec<(Pane, Rect)> = app.placed.panes().collect();
    for (pane, place) in places {
        (view_of(pane).prepare)(app, place);
    }
}

/// Draws the whole screen. Returns where the cursor is to be shown, if anywhere.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let placed = &app.placed;
    header::draw(app, placed.header, buf);
    header::tabs(app, placed.tabs, buf);
    for (pane, frame) in placed.panes() {
        (view_of(pane).draw)(app, frame, buf);
    }
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
    timeline::draw(app, placed.timeline, buf);
    chart::draw(app, area, buf);
    popup::draw(app, area, buf);
    if placed.message.is_empty() && (app.prompt.is_some() || app.message != Message::Hints) {
        // Nothing but the header's row: what is said has it to itself.
        Clear.render(placed.header, buf);
        return message::draw(app, placed.header, buf);
    }
    message::draw(app, placed.message, buf)
}

/// The lines of a pane as it stands on the screen, from its title down.
pub(super) fn text_of(app: &App, pane: Pane) -> Vec<String> {
    let place = app.placed.pane(pane);
    let mut buf = Buffer::empty(place);
    (view_of(pane).draw)(app, place, &mut buf);
    let row = |y| {
        let cells = place.columns().map(|column| buf[(column.x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    let mut rows: Vec<String> = place.rows().map(|place| row(place.y)).collect();
    rows.truncate(
        rows.iter()
            .rposition(|row| !row.is_empty())
            .map_or(0, |at| at + 1),
    );
    rows
}

/// The bar of the timeline, for a click.
pub(super) fn timeline_bar(app: &App) -> Option<Rect> {
    timeline::bar_of(app, app.placed.timeline)
}

pub(super) use chart::run_at;
pub(super) use frame::below;
pub use running::FrozenScreen;
pub(super) use timeline::iteration_at;

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
                prepare(&mut app, size);
                for (width, height) in (0..=60)
                    .step_by(3)
                    .flat_map(|x| (0..=20).map(move |y| (x, y)))
                {
                    let screen = Rect::new(0, 0, 66, 26);
                    let frame = Rect::new(3, 3, width, height);
                    for pane in Pane::all() {
                        let mut buf = Buffer::empty(screen);
                        (view_of(pane).draw)(&app, frame, &mut buf);
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
