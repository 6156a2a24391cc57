//! The commands that made a session what it is, for `save`.
//!
//! What `set` does depends on how far a lane has been run, and where the session is: so each command is kept
//! with both, and both are turned into jumps when the journal is written out.

use super::{
    command::{Command, TimePoint},
    machine::Position,
};

/// The commands of a session that changed it, in their order.
#[derive(Debug, Default)]
pub(super) struct Journal {
    notes: Vec<Note>,
    /// The furthest t since the last note.
    visited: u64,
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

    /// The commands that lead from the beginning to `here`, jumps included, and those that set `counts`,
    /// which no jump does.
    pub fn commands(&self, here: Position, counts: impl Iterator<Item = Command>) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut at = Position::default();
        for note in &self.notes {
            if let Some(place) = note.place {
                jump(&mut commands, at, place.furthest, place.before);
                at = place.after;
            }
            commands.push(note.command.clone());
        }
        jump(&mut commands, at, self.visited, here);
        commands.extend(counts);
        commands
    }
}

/// Jumps from `from` to `to`, by way of the furthest t where that lies beyond both.
fn jump(commands: &mut Vec<Command>, from: Position, furthest: u64, to: Position) {
    let mut at = from;
    if furthest > from.t.max(to.t) {
        at = Position::at(furthest);
        commands.push(goto(at));
    }
    if to != at {
        commands.push(goto(to));
    }
}

fn goto(to: Position) -> Command {
    Command::Goto(TimePoint {
        t: to.t,
        line: (to.line as u64).into(),
    })
}
