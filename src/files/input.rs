//! Reading with a limit: no file, pipe or device may fill the memory.

use super::{FileSystem, disk::Disk};
use std::{
    fmt,
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The largest file of text: a rule, a walk, a configuration, a script.
pub const MOST_TEXT: u64 = 16 << 20;

/// The largest file of numbers that is read whole: a scenario, data.
pub const MOST_NUMBERS: u64 = 256 << 20;

/// The reason why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    /// A folder.
    Folder,
    /// A device, which may never end.
    Device,
    /// More bytes than this limit.
    TooLarge(u64),
    /// The system said no.
    Failed(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("it is a folder"),
            Self::Device => f.write_str("it is a device"),
            Self::TooLarge(most) => {
                write!(f, "it is larger than {} MiB, the limit here", most >> 20)
            }
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// A file that is read.
#[derive(Debug)]
pub struct Input(File);

impl Input {
    /// The metadata of the file.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn metadata(&self) -> io::Result<Metadata> {
        self.0.metadata()
    }
}

impl From<File> for Input {
    fn from(file: File) -> Self {
        Self(file)
    }
}

impl Read for Input {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        FileSystem.read(&mut self.0, to)
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Opens a file or a pipe.
///
/// # Errors
/// [`ReadError`], for a folder or a device too.
pub fn open(path: &Path) -> Result<Input, ReadError> {
    // Asked before it is opened: to open a device may do something.
    refuse_devices(&std::fs::metadata(path)?)?;
    let file = Input(FileSystem.open(path)?);
    refuse_devices(&file.metadata()?)?;
    Ok(file)
}

fn refuse_devices(found: &Metadata) -> Result<(), ReadError> {
    if found.is_dir() {
        return Err(ReadError::Folder);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = found.file_type();
        if kind.is_char_device() || kind.is_block_device() {
            return Err(ReadError::Device);
        }
    }
    Ok(())
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let file = open(path)?;
    if file.metadata()?.len() > most {
        return Err(ReadError::TooLarge(most));
    }
    read_from(file, most)
}

/// Reads to the end, unless that lies behind `most` bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read_from(from: impl Read, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(ReadError::TooLarge(most));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults::{self, Fault};

    #[test]
    fn nothing_is_read_beyond_its_limit() {
        assert_eq!(read_from(&b"1234"[..], 4).unwrap(), b"1234");
        assert!(matches!(
            read_from(&b"12345"[..], 4),
            Err(ReadError::TooLarge(4))
        ));
        assert!(matches!(
            read_from(io::repeat(0), 1000),
            Err(ReadError::TooLarge(1000))
        ));
    }

    #[test]
    fn the_limits_are_in_the_manual() {
        let page = include_str!("../../docs/terminal.md");
        for (what, most) in [("text", MOST_TEXT), ("tables of data", MOST_NUMBERS)] {
            let said = page.split(what).any(|rest| {
                let rest = rest.split_once("MiB").map_or("", |it| it.0);
                rest.trim_end().ends_with(&format!(" {}", most >> 20))
            });
            assert!(said, "{what}: {most}");
        }
    }

    #[test]
    fn a_file_is_read_as_it_is_or_an_error_is_told_whatever_call_fails() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "whole").unwrap();
        faults::each_call(|fault| match read(file.path(), MOST_TEXT) {
            Ok(bytes) => assert_eq!(bytes, b"whole"),
            Err(ReadError::Failed(_)) => assert_ne!(fault, Fault::Short),
            Err(error) => panic!("{fault:?}: {error}"),
        });
    }
}
