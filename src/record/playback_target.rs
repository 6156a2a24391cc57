//! The target that a walk is played to: receives its pictures, keys and chapters.

use super::walk::Millis;
use crate::{error::Error, tui::app::App};
use std::{fmt, io};

/// A target that a walk is played to.
pub trait PlaybackTarget {
    /// True if captions and commands are typed out; else they appear at once.
    fn types(&self) -> bool;

    /// True if expectations are checked.
    fn expects(&self) -> bool {
        true
    }

    /// True if somebody is there to answer questions; else they are answered at once.
    fn waits(&self) -> bool {
        false
    }

    /// True if somebody cannot wait: what plays is to come to its end at once.
    fn hurries(&mut self) -> bool {
        false
    }

    /// Asked during a long command: true to go on with it.
    fn goes_on(&mut self) -> bool {
        true
    }

    /// Draws the app as it is, and lets `pause` go by.
    ///
    /// # Errors
    /// If there is no drawing any more.
    fn frame(&mut self, app: &mut App, pause: Millis) -> io::Result<()>;

    /// The next picture is drawn in full, whatever was drawn before.
    ///
    /// # Errors
    /// As [`PlaybackTarget::frame`].
    fn anew(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A chapter begins.
    fn mark(&mut self, _chapter: &str) {}

    /// A key is pressed, for which a terminal sends `bytes`.
    fn press(&mut self, _bytes: &str) {}
}

/// The reason for which a walk ended before its last line.
#[derive(Debug)]
pub enum PlaybackEnd {
    /// A line that cannot be done.
    Broken(Error),
    /// Something that the walk expects is not so.
    Unmet(Error),
    /// The stage is gone.
    Target(io::Error),
}

impl From<Error> for PlaybackEnd {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<io::Error> for PlaybackEnd {
    fn from(error: io::Error) -> Self {
        Self::Target(error)
    }
}

impl fmt::Display for PlaybackEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) | Self::Unmet(error) => error.fmt(f),
            Self::Target(error) => error.fmt(f),
        }
    }
}
