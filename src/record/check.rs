//! Plays a walk to nobody, for what it expects.

use super::{
    playback_target::{PlaybackEnd, PlaybackTarget},
    player::{Done, Player},
    screen::{self, Appearance},
    walk::{Action, Millis, Walk},
};
use crate::tui::app::App;
use std::{io, sync::Arc};

/// The count of a walk's expectations, all of which hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Conditions and texts on the screen.
    pub expectations: usize,
}

/// A stage that nobody sees.
struct HeadlessTarget;

impl PlaybackTarget for HeadlessTarget {
    fn types(&self) -> bool {
        true
    }

    fn frame(&mut self, _: &mut App, _: Millis) -> io::Result<()> {
        Ok(())
    }
}

/// Plays a walk from its first line to its last.
///
/// # Errors
/// The first line that cannot be done, or that expects what is not so.
pub fn check(walk: &Arc<Walk>) -> Result<Checked, PlaybackEnd> {
    let mut app = screen::open_walk(walk, Appearance::default())?;
    let mut player = Player::new(Arc::clone(walk));
    player.begin(&mut app);
    while player.advance(&mut app, &mut HeadlessTarget)? != Done::Finished {}
    let expects = |action: &Action| {
        matches!(
            action,
            Action::Expect(_) | Action::ExpectScreen(_) | Action::Ask(..)
        )
    };
    let expectations = walk
        .steps
        .iter()
        .filter(|step| expects(&step.action))
        .count();
    Ok(Checked { expectations })
}
