//! The map of a sweep over the panes: a cursor that looks at runs, and opens one.

use super::{AfterKey, App, Message};
use crate::{
    debugger::{
        command::{Command, LaneCommand, NewLane},
        sweep::Map,
    },
    tui::key::{KeyCode, KeyEvent},
};

/// A map that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The map.
    pub map: Map,
    /// The column and the row that the cursor is on.
    pub cursor: (usize, usize),
    /// True if it is on the screen.
    pub shown: bool,
}

impl Chart {
    /// A new map, the cursor on the best run.
    #[must_use]
    pub fn new(map: Map) -> Self {
        Self {
            cursor: map.best().unwrap_or((0, 0)),
            map,
            shown: true,
        }
    }
}

impl App {
    /// The map, while it is on the screen.
    #[must_use]
    pub fn chart(&self) -> Option<&Chart> {
        self.chart.as_ref().filter(|chart| chart.shown)
    }

    /// Shows the last map, or hides it.
    pub(super) fn toggle_chart(&mut self) {
        if let Some(chart) = &mut self.chart {
            chart.shown = !chart.shown;
        } else {
            let text = "there is no map yet: sweep eta=LO..HI:log makes one";
            self.message = Message::Said(text.into());
        }
    }

    /// Moves the map's cursor to a run.
    pub(in crate::tui) fn look_at_run(&mut self, run: (usize, usize)) {
        if let Some(chart) = &mut self.chart {
            chart.cursor = run;
        }
    }

    /// Takes a key while a map is on the screen; `None` leaves it to others.
    pub(super) fn chart_key(&mut self, key: KeyEvent) -> Option<AfterKey> {
        let copies = self.keymap.copies(key);
        let chart = self.chart.as_mut().filter(|chart| chart.shown)?;
        let (columns, rows) = chart.map.size();
        let (column, row) = &mut chart.cursor;
        match key.code {
            KeyCode::Left | KeyCode::Char('h') => *column = column.saturating_sub(1),
            KeyCode::Right | KeyCode::Char('l') => *column = (*column + 1).min(columns - 1),
            KeyCode::Down | KeyCode::Char('j') => *row = row.saturating_sub(1),
            KeyCode::Up | KeyCode::Char('k') => *row = (*row + 1).min(rows - 1),
            KeyCode::Enter => {
                let lane = NewLane::of_run(&chart.map, *column, *row);
                chart.shown = false;
                let command = Command::Lane(LaneCommand::Add(lane));
                return Some(AfterKey::Execute(command.into()));
            }
            KeyCode::Esc | KeyCode::Char('q') => chart.shown = false,
            KeyCode::Char(':') => return None,
            _ if copies => return None,
            _ => {
                chart.shown = false;
                return None;
            }
        }
        Some(AfterKey::Nothing)
    }
}
