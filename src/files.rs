//! Files: written as a whole or not at all, never over somebody else's unasked, and read within limits.
//!
//! Everything that this program keeps for its user goes through [`write()`], and everything that goes on and on through
//! a [`Stream`]. Both begin with a nameless draft in the folder of the file that is wanted; only when the draft is on the
//! disk does it take the name, and the mode, of the file. A full disk, a quota, a lost machine: the old file is whole.

mod disk;
mod draft;
#[cfg(test)]
pub(crate) mod faults;
mod input;
mod name;
mod patient;

pub use input::{Input, MOST_NUMBERS, MOST_TEXT, ReadError, open, read};
pub use name::{expand, quoted};
pub use patient::Patient;

use disk::Disk;
use draft::Draft;
use std::{
    collections::HashSet,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

#[cfg(not(test))]
use disk::System as FileSystem;
#[cfg(test)]
use faults::FaultyDisk as FileSystem;

/// The fate of a file that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Kept, and an error is returned.
    #[default]
    Kept,
    /// Replaced.
    Replaced,
}

/// The reason why a file was not written.
#[derive(Debug)]
pub enum WriteError {
    /// There is a file of that name already.
    Exists,
    /// There is something of that name that is no file: a folder, a device, a pipe.
    NoFile,
    /// The system said no.
    Failed(io::Error),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<WriteError> for io::Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Failed(error) => error,
            WriteError::Exists => Self::new(io::ErrorKind::AlreadyExists, error),
            WriteError::NoFile => Self::other(error),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("the file already exists"),
            Self::NoFile => f.write_str("it is not a regular file"),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Writes `bytes` as the file at `path`; the one that was there is untouched until the new one is whole.
///
/// Symbolic links are followed, and the mode of a file that is replaced is kept.
///
/// # Errors
/// [`WriteError`]; the old file is as it was, and no draft is left.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), WriteError> {
    draft::write(&FileSystem, path, bytes, existing)
}

/// A file that grows: what has been flushed is in it, however the program ends.
pub struct Stream(StreamState);

enum StreamState {
    Draft(Draft<'static, FileSystem>),
    Named(fs::File),
    /// The draft was lost.
    Failed,
}

impl Stream {
    /// Begins a file at `path`; it is there from the first flush on.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn begin(path: &Path, existing: Existing) -> Result<Self, WriteError> {
        Ok(Self(StreamState::Draft(Draft::begin(
            &FileSystem,
            path,
            existing,
        )?)))
    }
}

impl Stream {
    /// Tells other processes that it is being written, until it is dropped or this process ends.
    ///
    /// # Errors
    /// It has not been flushed yet, or the file system has no locks.
    pub fn lock(&self) -> io::Result<()> {
        match &self.0 {
            StreamState::Named(file) => Ok(file.try_lock()?),
            StreamState::Draft(_) | StreamState::Failed => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// True if another process is writing the file at `path`, and says so.
#[must_use]
pub fn is_locked(path: &Path) -> bool {
    let locked = fs::File::open(path).map(|file| file.try_lock_shared());
    matches!(locked, Ok(Err(fs::TryLockError::WouldBlock)))
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            StreamState::Draft(draft) => draft.write(bytes),
            StreamState::Named(file) => FileSystem.write(file, bytes),
            StreamState::Failed => Err(io::Error::other("it could not be begun")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0 = match std::mem::replace(&mut self.0, StreamState::Failed) {
            StreamState::Draft(draft) => StreamState::Named(draft.finish()?),
            other => other,
        };
        Ok(())
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// The files that one command has written in this session: those it may write again.
#[derive(Debug, Clone, Default)]
pub struct Written(HashSet<PathBuf>);

impl Written {
    /// The policy for the file at `path`; `insists` is true if the user wants it replaced.
    #[must_use]
    pub fn existing(&self, path: &Path, insists: bool) -> Existing {
        if insists || self.0.contains(&identity(path)) {
            Existing::Replaced
        } else {
            Existing::Kept
        }
    }

    /// Takes note that the file at `path` has been written.
    pub fn add(&mut self, path: &Path) {
        self.0.insert(identity(path));
    }
}

/// The path under which a file is known, whatever links lead to it.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
