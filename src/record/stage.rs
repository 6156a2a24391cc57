//! Where a walk is played: what becomes of its pictures, keys and chapters.

use super::walk::Millis;
use crate::{lang::error::Error, tui::app::App};
use std::{fmt, io};

/// Where a walk is played.
pub trait Stage {
    /// Whether captions and commands are typed out; else they are there at once.
    fn types(&self) -> bool;

    /// Whether what the walk expects is looked at.
    fn expects(&self) -> bool {
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
    /// As [`Stage::frame`].
    fn anew(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A chapter begins.
    fn mark(&mut self, _chapter: &str) {}

    /// A key is pressed, for which a terminal sends `bytes`.
    fn press(&mut self, _bytes: &str) {}
}

/// Why a walk came to an end before its last line.
#[derive(Debug)]
pub enum Fault {
    /// A line that cannot be done.
    Broken(Error),
    /// Something that the walk expects is not so.
    Unmet(Error),
    /// The stage is gone.
    Stage(io::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Stage(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) | Self::Unmet(error) => error.fmt(f),
            Self::Stage(error) => error.fmt(f),
        }
    }
}
