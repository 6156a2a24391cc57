//! The commands that made a session what it is, for `save` and for the journal on disk.
//!
//! What `set` does depends on how far a lane has been run, and where the session is: so each command is kept
//! with both, and both are turned into jumps when the journal is written out.

use super::{
    command::{Command, TimePoint},
    machine::Position,
    stop::{Counts, Stop},
};
use std::{collections::HashMap, sync::Arc};

/// The commands of a session that changed it, in their order.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Tells it from the journal of any other session.
    token: Arc<()>,
    notes: Vec<Note>,
    /// The furthest t since the last note.
    visited: u64,
    /// The notes that are in a file of the user's.
    saved: usize,
}

/// The part of a journal that has been told, so that the next part can be told alone. It is of the first session that
/// is asked with it.
#[derive(Debug, Clone, Default)]
pub struct JournalMark {
    of: Option<Arc<()>>,
    notes: usize,
    /// The place to which what was told leads.
    at: Position,
    /// The furthest t to which it leads since the last note.
    furthest: u64,
    counts: HashMap<u64, Counts>,
}

#[derive(Debug)]
struct Note {
    command: Command,
    place: Option<NotePlace>,
}

/// The place in time at which a command was given.
#[derive(Debug, Clone, Copy)]
struct NotePlace {
    /// The furthest t since the command before.
    furthest: u64,
    before: Position,
    after: Position,
}

impl Journal {
    /// Takes note that the session has been at `t`.
    pub fn visit(&mut self, t: u64) {
        self.visited = self.visited.max(t);
    }

    /// Adds a command that was given at `before` and left the session at `after`.
    pub fn add(&mut self, command: Command, before: Position, after: Position) {
        let place = NotePlace {
            furthest: self.visited.max(before.t),
            before,
            after,
        };
        self.visited = 0;
        self.notes.push(Note {
            command,
            place: Some(place),
        });
    }

    /// Adds a command that does the same wherever it is given.
    pub fn add_anywhere(&mut self, command: Command) {
        self.notes.push(Note {
            command,
            place: None,
        });
    }

    /// The commands themselves, in their order.
    pub fn changes(&self) -> impl Iterator<Item = &Command> {
        self.notes.iter().map(|note| &note.command)
    }

    /// The changes that no file of the user's has.
    pub fn unsaved(&self) -> impl Iterator<Item = &Command> {
        self.notes[self.saved..].iter().map(|note| &note.command)
    }

    /// Takes note that a file of the user's has all of it.
    pub fn mark_saved(&mut self) {
        self.saved = self.notes.len();
    }

    /// The commands that lead from where `told` leads to `here`, jumps included, and those that set what `stops` count,
    /// which no jump does. None where `told` is of another session.
    pub fn commands_since(
        &self,
        told: &mut JournalMark,
        here: Position,
        stops: &[Stop],
    ) -> Option<Vec<Command>> {
        let of = told.of.get_or_insert_with(|| Arc::clone(&self.token));
        if !Arc::ptr_eq(of, &self.token) {
            return None;
        }
        let mut commands = Vec::new();
        for note in &self.notes[told.notes..] {
            if let Some(place) = note.place {
                told.jump(&mut commands, place.furthest, place.before);
                told.at = place.after;
                told.furthest = place.after.t;
            }
            commands.push(note.command.clone());
        }
        told.notes = self.notes.len();
        told.jump(&mut commands, self.visited, here);
        for stop in stops {
            let before = told.counts.get(&stop.id).copied();
            if let Some(command) = stop.count_command(before.unwrap_or(stop.given)) {
                told.counts.insert(stop.id, stop.counts());
                commands.push(command);
            }
        }
        Some(commands)
    }
}

impl PartialEq for JournalMark {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.of, &other.of) {
            (Some(of), Some(other)) => Arc::ptr_eq(of, other),
            (of, other) => of.is_none() && other.is_none(),
        };
        same && (self.notes, self.at, self.furthest) == (other.notes, other.at, other.furthest)
            && self.counts == other.counts
    }
}

impl JournalMark {
    /// Jumps to `to`, by way of the furthest t where that lies beyond it and has not been told.
    fn jump(&mut self, commands: &mut Vec<Command>, furthest: u64, to: Position) {
        if furthest > self.furthest.max(to.t) {
            self.at = Position::at(furthest);
            commands.push(goto(self.at));
        }
        if to != self.at {
            commands.push(goto(to));
        }
        self.at = to;
        self.furthest = self.furthest.max(furthest).max(to.t);
    }
}

fn goto(to: Position) -> Command {
    Command::Goto(TimePoint {
        t: to.t,
        line: (to.line as u64).into(),
    })
}
