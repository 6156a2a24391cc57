//! What a run is read from: a file, stdin, either of them compressed with gzip.

use crate::lang::error::{Error, Result};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Plain text that can be read again from any byte.
pub(super) struct Input {
    /// What errors call it.
    pub name: String,
    /// The text, at its beginning.
    pub file: File,
}

/// Opens the file at `path`; `-` is stdin.
///
/// Stdin and compressed files go to a nameless temporary file first.
pub(super) fn open(path: &str) -> Result<Input> {
    let name = if path == "-" { "<stdin>" } else { path };
    let file = match path {
        "-" => spool(io::stdin().lock()),
        _ => File::open(path).and_then(|file| {
            if file.metadata()?.is_dir() {
                return Err(io::Error::other("it is a folder"));
            }
            // A pipe can be read only once.
            if file.metadata()?.is_file() {
                Ok(file)
            } else {
                spool(file)
            }
        }),
    };
    let plain = file.and_then(unpack);
    let file = plain.map_err(|error| {
        Error::plain(format!("cannot read `{name}`: {error}"))
            .help("a run is a file of JSON lines or CSV, plain or gzip; `-` is stdin")
    })?;
    Ok(Input {
        name: name.to_owned(),
        file,
    })
}

fn unpack(mut file: File) -> io::Result<File> {
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head)?;
    file.rewind()?;
    if head == GZIP {
        spool(MultiGzDecoder::new(io::BufReader::new(file)))
    } else {
        Ok(file)
    }
}

fn spool(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
