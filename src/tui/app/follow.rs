//! Following a recorded run that is still written.

use super::{AfterKey, App, Message};
use crate::debugger::{
    NewRows, Position,
    answer::{StopReason, Stopped},
    command::{Command, Times},
};
use std::{fmt::Write, time::Duration};

/// A run that gets rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    name: String,
    /// True until its end has been gone to for the first time.
    is_new: bool,
    /// Names of later rows that have been told of.
    told: Vec<String>,
    /// The place of a break or watch that was hit last: from there nobody is taken along.
    held: Option<Position>,
}

impl App {
    /// The time after which a run that is followed is looked at again.
    pub const LOOK: Duration = Duration::from_millis(250);

    /// Follows the recorded run `name` from here on: whoever stands at its end goes on with it. It goes there first where
    /// the run `is_new`, and not one that somebody has been in the middle of.
    pub fn follow(&mut self, name: &str, is_new: bool) {
        self.following = Some(Following {
            name: if name == "-" { "stdin" } else { name }.to_owned(),
            is_new,
            told: Vec::new(),
            held: None,
        });
    }

    /// True while a run is followed.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.following.is_some()
    }

    /// Takes in the rows that the run has got, and says where to go.
    pub fn look_after_run(&mut self) -> AfterKey {
        // Whoever reads or types something is taken along, or told, when that is done.
        if self.prompt.is_some() || self.popup.is_some() || self.playing.is_some() {
            return AfterKey::Nothing;
        }
        let Some(mut following) = self.following.take() else {
            return AfterKey::Nothing;
        };
        let end = Position::at(self.session.lanes().last());
        let here = self.session.position();
        let is_held = following.held == Some(here);
        let was_at_end = following.is_new || (here == end && !is_held);
        let new = match self.session.grow() {
            Ok(new) => new,
            Err(error) => return AfterKey::Fail(error),
        };
        let goes = was_at_end && (new.rows > 0 || following.is_new);
        following.is_new &= !goes;
        if !goes && new.rows > 0 && !is_held {
            let last = self.session.lanes().last();
            let key = self.keymap.key_of("last");
            let key = key.unwrap_or_else(|| ":last".to_owned());
            let name = &following.name;
            let said = format!("{name} has rows up to t = {last}; {key} goes there and follows");
            self.message = Message::Event(said);
        }
        following.tell_of(&new, &mut self.message);
        self.following = Some(following);
        if goes {
            AfterKey::Execute(Command::Continue(Times(1)).into())
        } else {
            AfterKey::Nothing
        }
    }

    /// Says that the run is followed, where it has been gone along to its end.
    pub fn say_followed(&mut self) {
        let here = self.session.position();
        if let Some(following) = &self.following
            && following.held != Some(here)
            && here == Position::at(self.session.lanes().last())
        {
            let mut said = format!("following {}: t = {}", following.name, here.t);
            if let Some(first) = following.told.first() {
                let more = following.told.len() - 1;
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                let _ = write!(
                    said,
                    "; open it again to see `{first}`{more}, which came later"
                );
            }
            self.message = Message::Event(said);
        }
    }
}

impl Following {
    /// Takes note of why the run stands where it does.
    pub(super) fn note(&mut self, stopped: &Stopped) {
        let is_hit = matches!(stopped.why, StopReason::Hits(_));
        self.held = is_hit.then(|| stopped.position());
    }

    /// Tells once of each name that came later.
    fn tell_of(&mut self, new: &NewRows, message: &mut Message) {
        let unknown = new.unknown.iter().filter(|it| !self.told.contains(it));
        let unknown: Vec<String> = unknown.cloned().collect();
        if let Some(first) = unknown.first() {
            let said = format!("rows have `{first}` from here on; open the run again to see it");
            *message = Message::Event(said);
            self.told.extend(unknown);
        }
    }
}
