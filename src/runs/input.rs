//! The input of a run: a file or stdin, plain or compressed with gzip.

use super::document;
use crate::{
    error::{Error, ErrorCode, Result},
    files::{self, Input, ReadError},
};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The magic number of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Plain text that can be read again from any byte.
pub(super) struct SeekableText {
    /// The name in errors.
    pub name: String,
    /// The text, at its beginning.
    pub file: Input,
}

/// Opens the file at `path`; `-` is stdin.
///
/// Stdin and compressed files go to a nameless temporary file first.
pub(super) fn open(path: &str) -> Result<SeekableText> {
    let name = if path == "-" { "<stdin>" } else { path };
    let file = match path {
        "-" => spool(io::stdin().lock()),
        _ => opened(path).and_then(|file| {
            // A pipe can be read only once.
            if file.metadata()?.is_file() {
                Ok(file)
            } else {
                spool(file)
            }
        }),
    };
    let plain = file.and_then(unpack).and_then(document::as_rows);
    let file = plain.map_err(|error| unreadable(name, &error))?;
    Ok(SeekableText {
        name: name.to_owned(),
        file,
    })
}

fn unreadable(name: &str, error: &io::Error) -> Error {
    let message = format!("cannot read `{name}`: {error}");
    Error::plain(ErrorCode::CannotRead, message).help(
        "a run is a file of JSON lines, CSV or the binary format, plain or gzip; `-` is stdin",
    )
}

/// A run that is still written: its text twice, to be read apart.
pub(super) struct GrowingText {
    /// The name in errors.
    pub name: String,
    /// The text, at its beginning.
    pub file: Input,
    /// The same text.
    pub again: Input,
}

/// Opens the file at `path`, to which rows are added; `-` is stdin, which goes to a temporary file as it comes, and so does a
/// pipe.
pub(super) fn open_growing(path: &str) -> Result<GrowingText> {
    let name = if path == "-" { "<stdin>" } else { path };
    let opened = match path {
        "-" => spool_on(io::stdin()),
        _ => opened(path).and_then(|file| {
            if file.metadata()?.is_file() {
                Ok((file, opened(path)?))
            } else {
                spool_on(file)
            }
        }),
    };
    let (mut file, again) = opened.map_err(|error| unreadable(name, &error))?;
    let mut head = Vec::new();
    let found = file.by_ref().take(2).read_to_end(&mut head);
    let found = found.and_then(|_| file.rewind());
    found.map_err(|error| unreadable(name, &error))?;
    if head == GZIP {
        let message = format!("`{name}` is compressed, and cannot be followed");
        return Err(Error::plain(ErrorCode::CannotRead, message).help(
            "JSON lines, CSV and the binary format can be, in a file, a pipe or on stdin: open - --follow",
        ));
    }
    Ok(GrowingText {
        name: name.to_owned(),
        file,
        again,
    })
}

/// Copies to a temporary file for as long as there is something to copy; returns it twice.
fn spool_on(mut from: impl Read + Send + 'static) -> io::Result<(Input, Input)> {
    let named = tempfile::NamedTempFile::new()?;
    let (file, again) = (named.reopen()?, named.reopen()?);
    let most = room(&file) / 2;
    let copy = move || {
        // What the disk has no room for is not followed; the file goes with the thread.
        let mut to = named;
        let _ = io::copy(&mut from.by_ref().take(most), &mut to);
    };
    std::thread::Builder::new()
        .name("stdin".into())
        .spawn(copy)?;
    Ok((file.into(), again.into()))
}

fn opened(path: &str) -> io::Result<Input> {
    files::open(Path::new(path)).map_err(|error| match error {
        ReadError::Failed(error) => error,
        refused => io::Error::other(refused),
    })
}

fn unpack(mut file: Input) -> io::Result<Input> {
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head)?;
    file.rewind()?;
    if head == GZIP {
        spool(UpToCut(MultiGzDecoder::new(io::BufReader::new(file))))
    } else {
        Ok(file)
    }
}

/// What there is of a file that was still being packed when its process ended.
struct UpToCut<R>(R);

impl<R: Read> Read for UpToCut<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.read(to) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }
}

/// Copies to a temporary file without a name, which may take half of the room that there is.
fn spool(from: impl Read) -> io::Result<Input> {
    let mut file = tempfile::tempfile()?;
    let most = room(&file) / 2;
    if io::copy(&mut from.take(most), &mut file)? == most {
        let message = format!(
            "there is more of it than the {} MiB that may go to a temporary file",
            most >> 20
        );
        return Err(io::Error::other(message));
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(file.into())
}

/// Bytes that are free where `file` is.
#[cfg(unix)]
fn room(file: &File) -> u64 {
    rustix::fs::fstatvfs(file).map_or(MOST_SPOOLED, |disk| {
        disk.f_bavail.saturating_mul(disk.f_frsize)
    })
}

#[cfg(not(unix))]
fn room(_: &File) -> u64 {
    MOST_SPOOLED
}

/// The room where the system does not tell.
const MOST_SPOOLED: u64 = 8 << 30;
