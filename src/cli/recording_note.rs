//! The note in a journal on the run that its session is on: enough to open the run again, and to know whether it is the
//! same.
//!
//! ```toml
//! run = "/data/run.jsonl"
//! bytes = 48210
//! checksum = 2774101337
//! follow = false
//! lane = "adam"              # and the other flags for the reading of rows
//! ```

use super::diff::ReadingArgs;
use crate::{
    error::{Error, ErrorCode, Result, Source},
    files::{self, Input, ReadError},
};
use flate2::Crc;
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// The most bytes that a checksum is of: of a larger file, pieces spread over all of it.
const CHECKED: u64 = 64 << 20;
/// The number of those pieces.
const PIECES: u64 = 64;

/// A run in a file, with what it was when it was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RecordingNote {
    run: PathBuf,
    /// The size of the file.
    bytes: u64,
    /// The CRC-32 of them.
    checksum: u32,
    /// True if it is still written, and followed.
    #[serde(default)]
    pub follow: bool,
    /// The flags for the reading of its rows.
    #[serde(flatten)]
    pub reading: ReadingArgs,
}

impl RecordingNote {
    /// The note on the file called `run`.
    ///
    /// # Errors
    /// The reason why it could not be opened again.
    pub fn of(run: &str, reading: &ReadingArgs, follow: bool) -> Result<Self> {
        let refuse = |why| Err(Error::plain(ErrorCode::NotAvailable, why));
        if run == "-" {
            return refuse("its run came from stdin".to_owned());
        }
        let no = |error: &dyn std::fmt::Display| {
            let message = format!("cannot read `{run}` again: {error}");
            Error::plain(ErrorCode::CannotRead, message)
        };
        let path = std::path::absolute(run).map_err(|error| no(&error))?;
        let about = std::fs::metadata(&path).map_err(|error| no(&error))?;
        // To open a pipe would take it from who reads it.
        if !about.is_file() {
            return refuse(format!("`{run}` is no file, and can be read only once"));
        }
        let mut file = files::open(&path).map_err(|error| no(&error))?;
        let bytes = about.len();
        let checksum = checksum(&mut file, bytes).map_err(|error| no(&error))?;
        Ok(Self {
            run: path,
            bytes,
            checksum,
            follow,
            reading: reading.clone(),
        })
    }

    /// The lines of the note.
    ///
    /// # Errors
    /// The path is not UTF-8.
    pub fn to_text(&self) -> Result<String> {
        toml::to_string(self)
            .map_err(|error| Error::plain(ErrorCode::NotAvailable, error.to_string()))
    }

    /// Reads the note of a journal.
    ///
    /// # Errors
    /// A text that is none.
    pub fn read(note: &Source) -> Result<Self> {
        toml::from_str(&note.text).map_err(|error| {
            let message = format!(
                "`{}` does not say which run it is of: {}",
                note.name,
                error.message()
            );
            Error::plain(ErrorCode::Syntax, message).help("nothing of it can be resumed")
        })
    }

    /// The name of the file that the note of a journal is on, for a list.
    pub fn name_in(note: &Source) -> String {
        match Self::read(note) {
            Ok(it) => it.path(),
            Err(_) => "a recorded run".to_owned(),
        }
    }

    /// The path of the run.
    pub fn path(&self) -> String {
        self.run.display().to_string()
    }

    /// Refuses a file that is not what it was; it may have grown.
    ///
    /// # Errors
    /// It is gone, or another.
    pub fn check(&self) -> Result<()> {
        let path = self.path();
        let quoted = files::quoted(&path);
        let keep = "the session is kept for the time when the run is there again";
        let error = |message: String| {
            let anew = format!("`eigenstep open {quoted}` opens what is there now; {keep}");
            Error::plain(ErrorCode::CannotRead, message).help(anew)
        };
        let gone = |why: &ReadError| {
            let message = format!("the run of this session cannot be read: `{path}`: {why}");
            Error::plain(ErrorCode::CannotRead, message).help(keep)
        };
        let mut file = files::open(Path::new(&self.run)).map_err(|why| gone(&why))?;
        let now = file.metadata().map_err(|why| gone(&why.into()))?.len();
        if now < self.bytes {
            return Err(error(format!(
                "`{path}` has {now} bytes; it had {} in this session",
                self.bytes
            )));
        }
        let checksum = checksum(&mut file, self.bytes).map_err(|why| gone(&why.into()))?;
        if checksum != self.checksum {
            return Err(error(format!(
                "`{path}` has changed since this session was on it"
            )));
        }
        Ok(())
    }
}

/// The checksum of the first `bytes` of a file, or of pieces of them where they are many.
fn checksum(file: &mut Input, bytes: u64) -> io::Result<u32> {
    let (piece, step) = if bytes <= CHECKED {
        (bytes, bytes.max(1))
    } else {
        (CHECKED / PIECES, (bytes - CHECKED / PIECES) / (PIECES - 1))
    };
    let mut sum = Crc::new();
    let mut buffer = vec![0; 1 << 16];
    let mut at = 0;
    while at + piece <= bytes && piece > 0 {
        file.seek(SeekFrom::Start(at))?;
        let mut part = file.by_ref().take(piece);
        loop {
            match part.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => sum.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        at += step;
    }
    Ok(sum.sum())
}
