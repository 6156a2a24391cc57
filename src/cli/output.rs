//! The output of front ends: a file, or standard output.

use super::outcome::{ExitStatus, Failure};
use crate::{
    error::{Error, ErrorCode},
    files::{self, Existing, WriteError},
    text::visible,
};
use clap::Args;
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// Writes the text of a file from anywhere to `out`, which is standard output: exactly, for programs; to a terminal, so
/// that it obeys nothing of it.
pub(super) fn write_source(text: &str, out: &mut impl Write) -> io::Result<()> {
    if io::stdout().is_terminal() {
        out.write_all(visible(text).as_bytes())
    } else {
        out.write_all(text.as_bytes())
    }
}

/// A file for what is made.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputArgs {
    /// The file to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    overwrite: bool,
}

impl OutputArgs {
    /// Refuses a file that is there already, before the work is done that goes into it.
    pub fn check(&self) -> Result<(), Failure> {
        match &self.output {
            Some(path) if !self.overwrite && path.is_file() => {
                Err(refusal(path, &WriteError::Exists))
            }
            _ => Ok(()),
        }
    }

    /// The one of `formats` that the file's name ends in; nothing where no file is given, or its name has no ending.
    pub fn is_one_of<T: Copy>(&self, formats: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let path = self.output.as_deref().filter(|path| !is_device(path));
        let Some(extension) = path.and_then(Path::extension) else {
            return Ok(None);
        };
        let extension = extension.to_string_lossy().to_lowercase();
        if let Some((_, format)) = formats.iter().find(|row| row.0 == extension) {
            return Ok(Some(*format));
        }
        let known: Vec<String> = formats.iter().map(|row| format!(".{}", row.0)).collect();
        let convert = match extension.as_str() {
            "png" | "pdf" | "jpg" | "jpeg" if formats.iter().any(|row| row.0 == "svg") => {
                "; other programs make it from an SVG: rsvg-convert, inkscape, cairosvg"
            }
            "gif" | "mp4" if formats.iter().any(|row| row.0 == "cast") => {
                "; other programs make it from a cast: agg NAME.cast NAME.gif"
            }
            _ => "",
        };
        let error = Error::plain(
            ErrorCode::InvalidValue,
            format!("nothing here writes `.{extension}`"),
        );
        Err(error
            .help(format!("endings: {}{convert}", known.join(", ")))
            .into())
    }

    /// True if a person's terminal takes what is written.
    pub fn is_terminal(&self) -> bool {
        self.output.is_none() && io::stdout().is_terminal()
    }

    /// Writes `bytes` there, or to `out` if no file is given.
    pub fn write(&self, bytes: &[u8], out: &mut impl Write) -> Result<ExitStatus, Failure> {
        let Some(path) = &self.output else {
            out.write_all(bytes)?;
            return Ok(ExitStatus::Done);
        };
        let existing = if self.overwrite {
            Existing::Replaced
        } else {
            Existing::Kept
        };
        let written = match files::write(path, bytes, existing) {
            // A pipe or a device takes bytes as they come.
            Err(WriteError::NoFile) if !path.is_dir() => {
                let device = File::options().write(true).open(path);
                let written = device.and_then(|mut device| device.write_all(bytes));
                written.map_err(WriteError::from)
            }
            written => written,
        };
        match written {
            Ok(()) => Ok(ExitStatus::Done),
            Err(error) => Err(refusal(path, &error)),
        }
    }
}

/// A pipe or a device, whose name says nothing.
fn is_device(path: &Path) -> bool {
    path.exists() && !path.is_file()
}

fn refusal(path: &Path, error: &WriteError) -> Failure {
    let told = Error::plain(
        ErrorCode::CannotWrite,
        format!("cannot write `{}`: {error}", path.display()),
    );
    Failure::Input(match error {
        WriteError::Exists => told.help("--overwrite replaces it"),
        _ => told.help("nothing was written; try another folder"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults;
    use std::fs;

    #[test]
    fn whatever_call_fails_a_picture_is_the_old_one_or_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figure.svg");
        let output = OutputArgs {
            output: Some(path.clone()),
            overwrite: true,
        };
        faults::each_call(|fault| {
            fs::write(&path, "old").unwrap();
            let written = output.write(b"<svg/>", &mut Vec::new());
            let text = fs::read_to_string(&path).unwrap();
            match written {
                Ok(_) => assert_eq!(text, "<svg/>", "{fault:?}"),
                Err(failure) => {
                    assert_eq!(text, "old", "{fault:?}");
                    let told = failure.to_string();
                    assert!(told.contains("nothing was written"), "{told}");
                }
            }
        });
    }
}
