//! Following a recorded run that is still written.

use super::{AfterKey, App, Message};
use crate::{
    debugger::{
        Control, NewRows, Position, Session,
        answer::{StopReason, Stopped},
        command::{Command, Times},
    },
    error::Result,
};
use std::{fmt::Write, time::Duration};

/// A run that gets rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Following {
    name: String,
    /// True until its end has been gone to for the first time.
    is_new: bool,
    /// Names that came in later rows.
    told: Vec<String>,
    /// True if these are shown.
    is_shown: bool,
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
            is_shown: false,
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
        if following.takes_note_of(&new) {
            // Once it is opened again, whoever was at its end is taken there.
            following.is_new |= goes;
            self.following = Some(following);
            return AfterKey::Reopen;
        }
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
            if let Some(later) = following.later() {
                let seen = if following.is_shown {
                    ""
                } else {
                    ", not shown: open the run again"
                };
                let _ = write!(said, "; {later} came later{seen}");
            }
            self.message = Message::Event(said);
        }
    }

    /// Shows the run as `opened`, which has names that came later; the place, stops and the look of the screen stay. Where that
    /// cannot be had, says so: all is as it was.
    pub fn reopened(&mut self, opened: Result<Session>) {
        let done = opened.and_then(|mut next| {
            next.succeed(&mut self.session, &mut Control::default())?;
            Ok(next)
        });
        let later = self.following.as_ref().and_then(Following::later);
        let later = later.unwrap_or_default();
        match done {
            Ok(next) => {
                self.show_instead(next);
                if let Some(following) = &mut self.following {
                    following.is_shown = true;
                }
                self.message = Message::Event(format!("{later} came later, shown from here on"));
            }
            Err(why) => {
                let why = why.message();
                let said = format!("{later} came later, open the run again to see it: {why}");
                self.message = Message::Event(said);
            }
        }
    }

    /// Puts another session in the place of the one that is shown.
    fn show_instead(&mut self, session: Session) {
        let mut next = Self::new(session, self.charset, self.theme, self.keymap.clone());
        let mut views = Vec::new();
        let (picture, columns) = (next.picture.look(), next.columns.look());
        self.picture.look().since(&picture, &mut views);
        self.columns.look().since(&columns, &mut views);
        next.look.clone_from(&self.look);
        for view in &views {
            // What there is no more is not to be shown.
            let _ = next.arrange(std::slice::from_ref(view));
        }
        next.following = self.following.take();
        next.history = std::mem::take(&mut self.history);
        next.opened = self.opened.clone();
        *self = next;
    }
}

impl Following {
    /// Takes note of why the run stands where it does.
    pub(super) fn note(&mut self, stopped: &Stopped) {
        let is_hit = matches!(stopped.why, StopReason::Hits(_));
        self.held = is_hit.then(|| stopped.position());
    }

    /// Takes note of names that came later; true where there are new ones.
    fn takes_note_of(&mut self, new: &NewRows) -> bool {
        let unknown = new.unknown.iter().filter(|it| !self.told.contains(it));
        let unknown: Vec<String> = unknown.cloned().collect();
        self.told.extend_from_slice(&unknown);
        self.is_shown &= unknown.is_empty();
        !unknown.is_empty()
    }

    /// The names that came later, in a few words.
    fn later(&self) -> Option<String> {
        let first = self.told.first()?;
        Some(match self.told.len() - 1 {
            0 => format!("`{first}`"),
            more => format!("`{first}` and {more} more"),
        })
    }
}
