//! The screen without a terminal: a session opened into an app, and an app drawn into cells.

use super::walk::Walk;
use crate::{
    debugger::{Control, Session},
    error::Result,
    scenario::Scenario,
    tui::{
        app::App,
        command::{TABLE, arrangement, offer_options},
        glyphs::Charset,
        keymap::Keymap,
        theme::{Background, ColourDepth, Theme},
        view,
        view_command::ViewCommand,
    },
};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Rect, Size},
    text::Span,
};

/// Characters and colours. The defaults ask neither the locale nor `NO_COLOR`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Appearance {
    /// The characters that may be drawn.
    pub charset: Charset,
    /// In which colours.
    pub theme: Theme,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            charset: Charset::Braille,
            theme: Theme::new(true, Background::Dark).with_depth(ColourDepth::Many),
        }
    }
}

/// A screen on a scenario, its commands executed.
///
/// # Errors
/// What is wrong with the scenario.
pub fn open(scenario: &Scenario, looks: Appearance) -> Result<App> {
    let mut session = scenario.session()?;
    let views = replay(scenario, &mut session, &mut Control::default())?.unwrap_or_default();
    let mut app = show(session, looks);
    app.arrange(&views)?;
    Ok(app)
}

/// A screen on a session.
pub fn show(session: Session, looks: Appearance) -> App {
    App::new(session, looks.charset, looks.theme, Keymap::default())
}

/// Executes the scenario's commands; those that arrange the screen are returned. `None` after `quit` or an interruption.
///
/// # Errors
/// The first command that is wrong, or that a scenario cannot have.
pub fn replay(
    scenario: &Scenario,
    session: &mut Session,
    control: &mut Control,
) -> Result<Option<Vec<ViewCommand>>> {
    offer_options(session);
    let mut views = Vec::new();
    let goes_on = scenario.replay_with(
        &TABLE,
        session,
        control,
        |_, _, _| {},
        |command| {
            views.push(arrangement(command)?);
            Ok(())
        },
    )?;
    Ok(goes_on.then_some(views))
}

/// A screen on the scenario of a walk.
///
/// # Errors
/// What is wrong with the scenario, at its place in the walk.
pub fn open_walk(walk: &Walk, looks: Appearance) -> Result<App> {
    let scenario = Scenario {
        rights: walk.rights,
        ..walk.scenario.clone()
    };
    open(&scenario, looks).map_err(|error| walk.locate(error))
}

/// Frames in a row that a picture waits for theory and level lines, while curves do not move.
const PATIENCE: u32 = 200;

/// Draws the app on a screen of `size`, its curves up to the run's end; also where its cursor is, if it is shown.
pub fn draw(app: &mut App, size: Size) -> (Buffer, Option<Position>) {
    let mut buffer = Buffer::empty(Rect::from(size));
    view::prepare(app, size);
    let mut left = PATIENCE;
    while app.is_behind() && left > 0 {
        let known = app.plots.reached();
        view::prepare(app, size);
        left = if app.plots.reached() == known {
            left - 1
        } else {
            PATIENCE
        };
    }
    let cursor = view::draw(app, buffer.area, &mut buffer);
    (buffer, cursor)
}

/// The rows of a screen as text, without blanks at their ends.
#[must_use]
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width);
    rows.map(|row| {
        let text: String = symbols(row).map(|(_, _, cell)| cell.symbol()).collect();
        text.trim_end().to_owned()
    })
    .collect()
}

/// The cells of a row that show a symbol: the column, the columns that the symbol takes, and the cell. One that a wide
/// symbol before it covers is left out.
pub(super) fn symbols(row: &[Cell]) -> impl Iterator<Item = (usize, usize, &Cell)> {
    let mut free = 0;
    row.iter().enumerate().filter_map(move |(x, cell)| {
        let width = Span::raw(cell.symbol()).width().max(1);
        let is_covered = x < free;
        if !is_covered {
            free = x + width;
        }
        (!is_covered).then_some((x, width, cell))
    })
}
